"""Which column of a sheet holds the codes of zones: headed so, or holding nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Cells, Sheet
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import COMMUNE_PATTERN, DEPARTMENT_PATTERN, SIREN_PATTERN, code_text

ROWS_LOOKED_AT = 10  # below a header, for a first code
FIRST_COLUMNS = 10  # a column of codes without heading stands among the first
MOSTLY, HALF = 0.9, 0.5
FEWEST = 3  # codes, when nothing heads them
LONGEST_CODE, LONGEST_SHORT = 9, 3  # a département or région has three characters at most
# « 'EPCI 242900314 »: what people type before nine digits.
NINE_DIGITS = frozenset({"siren", "epci", "ept", "numepci"})  # words of a heading whose codes have nine
BEFORE_SIREN = re.compile(r"^(?:['’`:.-]|N[°O]|SIREN|EPCI|EPT)+(\d{9})$")


@dataclass(frozen=True)
class CodeColumn:
    """A column of codes and the rows of its header; `joined` are the cells of the sheet, once a code in two columns is one."""

    column: int
    first: int
    last: int
    by_content: bool = False
    aliases: frozenset[str] = frozenset()
    department: int | None = None
    joined: Cells | None = None


def code_column(sheet: Sheet, layout: IndicatorLayout, texts: list[str], row: int) -> CodeColumn | None:
    """The column of codes when `row`, of these `texts`, is a header; None when it is not one."""
    joined = _in_two_columns(sheet, layout, texts, row)
    if joined:
        return joined
    aliases = [normalised(alias) for alias in layout.headings.code]
    found = _headed(texts, aliases)
    if found:
        last = row + 1 if normalised(sheet.text(row + 1, found[0])) in aliases else row
        columns = [
            CodeColumn(column, row, max(last, _merged_down_to(sheet, row, column)), aliases=frozenset(aliases))
            for column in found
        ]
        columns = [column for column in columns if holds_codes(sheet, column)] or columns
        distinct = next((column for column in columns if _mostly_distinct(sheet, column)), None)
        chosen = distinct or max(
            columns, key=lambda column: len(set(_texts(sheet.cells[column.last :, column.column - 1])))
        )
        return _named_below(sheet, layout, chosen) or chosen
    return _by_content(sheet, layout, texts, row)


def holds_codes(sheet: Sheet, code: CodeColumn) -> bool:
    """Whether a code stands just below the header."""
    if code.joined is not None:
        return True
    below = range(code.last + 1, code.last + 1 + ROWS_LOOKED_AT)
    first = next((row for row in below if like_a_code(sheet.text(row, code.column))), None)
    if _of_other_lengths(sheet, code):
        return False
    # « EPCI » alone in a banner, above « CODGEO »: the heading is the last one above the codes.
    return first is not None and not any(
        normalised(sheet.text(row, code.column)) in code.aliases for row in range(code.last + 1, first)
    )


def _of_other_lengths(sheet: Sheet, code: CodeColumn) -> bool:
    """Whether a heading announces SIREN above numbers of four digits or more that are none: euros, under « SIREN »."""
    above = (sheet.text(row, code.column) for row in range(code.last, code.first - 1, -1))
    words = set(re.split(r"[\W_]+", normalised(next(filter(None, above), ""))))
    if not words & NINE_DIGITS or words & {"commune", "communes"}:
        return False
    long = False
    for cell in sheet.cells[code.last :, code.column - 1].tolist():
        text = bare_code(cell)
        if SIREN_PATTERN.match(text) or set(text) == {"Z"}:
            return False
        long = long or (like_a_code(text) and len(text) > LONGEST_SHORT)
    return long


def _named_below(sheet: Sheet, layout: IndicatorLayout, chosen: CodeColumn) -> CodeColumn | None:
    """The column of codes that the next row names, where `chosen` is headed by a label and holds another heading below."""
    below = chosen.last + 1
    if chosen.first != chosen.last or below > sheet.cells.shape[0] or like_a_code(sheet.text(below, chosen.column)):
        return None
    aliases = [normalised(alias) for alias in layout.headings.code]
    texts = [sheet.text(below, column) for column in range(1, sheet.cells.shape[1] + 1)]
    columns = (CodeColumn(column, below, below, aliases=chosen.aliases) for column in _headed(texts, aliases))
    return next((one for one in columns if one.column != chosen.column and holds_codes(sheet, one)), None)


def foreign_level(code: str, layout: IndicatorLayout) -> str:
    """« : quartiers prioritaires… » when `code` is one of a level that is not read; « » else."""
    return next((f" : {level}" for pattern, level in layout.foreign.items() if re.fullmatch(pattern, code)), "")


def codes_of(heading: str, layout: IndicatorLayout) -> str:
    """The level that is not read whose codes a heading announces, « Code canton »; « » when it announces none."""
    text = normalised(heading)
    if "code" not in text:
        return ""
    shapes = (
        (re.compile(rf"\bcodes?\b.*\b(?:{normalised(words)})(?!\w)"), level)
        for words, level in layout.foreign_words.items()
    )
    return next((level for shape, level in shapes if shape.search(text)), "")


def like_a_code(text: str) -> bool:
    """Whether `text` may be the code of a zone, of any level."""
    text = bare_code(text)
    return bool(text) and text.isalnum() and len(text) <= LONGEST_CODE and (text[0].isdigit() or set(text) == {"Z"})


def bare_code(code: object) -> str:
    """`code` as text, without the words typed before a SIREN that bears its key: « EPCI 242900314 » → « 242900314 »."""
    text = code_text(code, 0)
    worded = BEFORE_SIREN.match(text)
    return worded[1] if worded and has_siren_key(worded[1]) else text


def has_siren_key(code: str) -> bool:
    """Whether the last of the nine digits is the key of the others (Luhn), as in every SIREN."""
    if not SIREN_PATTERN.match(code):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in code[-2::-2])
    return (sum(doubled) + sum(map(int, code[-1::-2]))) % 10 == 0


def _headed(texts: list[str], aliases: list[str]) -> list[int]:
    """The columns with a code heading, the preferred one first (« CODGEO » before « EPCI »)."""
    found = {normalised(text): column for column, text in reversed(list(enumerate(texts, start=1)))}
    return [found[alias] for alias in aliases if alias in found]


def _mostly_distinct(sheet: Sheet, code: CodeColumn) -> bool:
    """Whether its codes name a row each: the EPCI of communes repeat, their own codes do not."""
    below = [text for text in _texts(sheet.cells[code.last :, code.column - 1]) if text]
    return len(set(below)) >= (HALF if all(map(has_siren_key, below)) else MOSTLY) * len(below)


def _texts(cells: Iterable[object]) -> Iterator[str]:
    return ("" if cell is None else code_text(cell, 0) for cell in cells)


def _in_two_columns(sheet: Sheet, layout: IndicatorLayout, texts: list[str], row: int) -> CodeColumn | None:
    """« Code département » beside « Code commune »: the halves of a commune code, joined."""
    halves = _headed(texts, [normalised(text) for text in layout.headings.department_half])
    others = _headed(texts, [normalised(text) for text in layout.headings.commune_half])
    if not halves or not others:
        return None
    department, commune = halves[0], others[0]
    cells = sheet.cells.copy()
    pairs = zip(_texts(cells[row:, department - 1]), _texts(cells[row:, commune - 1]), strict=True)
    joined = [_joined(*pair) for pair in pairs]
    if not any(joined):
        return None
    cells[row:, commune - 1] = [
        code if code else cell for code, cell in zip(joined, cells[row:, commune - 1], strict=True)
    ]
    return CodeColumn(commune, row, row, department=department, joined=cells)


def _joined(department: str, commune: str) -> str:
    """« 01 », « 4 » → « 01004 »; overseas « 971 », « 101 » → « 97101 »; « » when they are no halves."""
    department = department.zfill(2)
    if COMMUNE_PATTERN.match(commune) and commune.startswith(department):
        return commune  # written whole
    if not DEPARTMENT_PATTERN.match(department) or not commune.isdigit() or len(commune) > 3:  # noqa: PLR2004
        return ""
    if len(department) == 2:  # noqa: PLR2004
        return department + commune.zfill(3)
    whole = commune.zfill(2)
    if len(whole) == 2:  # noqa: PLR2004
        return department + whole
    return department[:2] + whole if whole[0] == department[2] else ""


def _by_content(sheet: Sheet, layout: IndicatorLayout, texts: list[str], row: int) -> CodeColumn | None:
    """A column that holds codes of zones and nothing else, whose heading does not say otherwise."""
    if sum(bool(text) for text in texts) < 2:  # noqa: PLR2004 (a title is no header)
        return None
    for column, text in enumerate(texts[:FIRST_COLUMNS], start=1):
        last = _merged_down_to(sheet, row, column)
        if _may_head_codes(normalised(text), layout) and only_codes(sheet, last, column, headed=bool(text)):
            return CodeColumn(column, row, last, by_content=True)
    return None


def _merged_down_to(sheet: Sheet, row: int, column: int) -> int:
    """The last row of the merged range that covers a cell of the header; `row` itself when none does."""
    return max(
        (bottom for top, left, bottom, right in sheet.facts.merged if top <= row <= bottom and left <= column <= right),
        default=row,
    )


def _may_head_codes(heading: str, layout: IndicatorLayout) -> bool:
    words = set(re.split(r"[\W_]+", heading))
    if words & {normalised(word) for word in layout.headings.no_code_words}:
        return False
    return not heading or bool(words & {normalised(word) for word in layout.headings.code_words})


def only_codes(sheet: Sheet, row: int, column: int, *, headed: bool) -> bool:
    """Whether what stands below is codes: nine digits, or codes typed as text, a row each."""
    first = sheet.text(row + 1, column) or sheet.text(row + 2, column)
    if not _strict(first):
        return False
    cells = [cell for cell in sheet.cells[row:, column - 1].tolist() if cell not in (None, "")]
    found = [cell for cell in cells if _strict(cell)]
    enough = found and (len(found) >= FEWEST or headed)
    keyed = all(has_siren_key(code_text(cell, 0)) for cell in found)  # an EPCI stands once per département
    return bool(
        enough
        and len(found) >= MOSTLY * (len(cells) - FEWEST)  # notes and totals below
        and len({code_text(cell, 0) for cell in found}) >= (HALF if keyed else MOSTLY) * len(found)
    )


def _strict(cell: object) -> bool:
    text = code_text(cell, 0)
    if SIREN_PATTERN.match(text) or set(text) == {"Z"}:
        return True
    return isinstance(cell, str) and bool(COMMUNE_PATTERN.match(text) or DEPARTMENT_PATTERN.match(text))
