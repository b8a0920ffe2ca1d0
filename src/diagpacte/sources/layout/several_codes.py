"""A second column of codes in one table: the zone of other columns, an attribute of its rows, or a doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet
from diagpacte.sources.layout.code_columns import (
    FEWEST,
    HALF,
    LONGEST_SHORT,
    MOSTLY,
    CodeColumn,
    bare_code,
    has_siren_key,
    holds_codes,
    like_a_code,
    only_codes,
)
from diagpacte.sources.rules import IndicatorLayout

CODE_WORDS = frozenset({"code", "codes", "siren", "insee"})


@dataclass(frozen=True)
class OtherCodes:
    """Another column of codes, a row each; `apart`: something says that what stands on its right is another table."""

    column: int
    apart: bool


def other_code_columns(sheet: Sheet, layout: IndicatorLayout, texts: list[str], code: CodeColumn) -> list[OtherCodes]:
    """The columns of distinct codes right of some indicator and left of another, `texts` being the heading above.

    The EPCI of communes repeat, and what repeats is an attribute. Distinct codes may be those of a table beside:
    a blank column, the same heading on both sides or rows of only one of them tell it; else nothing does.
    """
    found: list[OtherCodes] = []
    last = code.column
    for column in range(code.column + 1, len(texts) + 1):
        one = replace(code, column=column, joined=None, by_content=False)
        left, right = range(last + 1, column), range(column + 1, len(texts) + 1)
        if not (_are_indicators(left, texts, layout) and _are_indicators(right, texts, layout)):
            continue
        if _heads_codes(sheet, layout, texts[column - 1], one) and _are_others(sheet, code, one):
            found.append(OtherCodes(column, _apart(sheet, layout, texts, code, column, left)))
            last = column
    return found


def rival_codes(sheet: Sheet, layout: IndicatorLayout, texts: list[str], code: CodeColumn, columns: range) -> int:
    """The column, among `columns`, of communes or EPCI as distinct as the codes chosen; 0 when there is none."""
    aliases = {normalised(alias) for alias in layout.headings.code}
    for column in columns:
        one = replace(code, column=column, joined=None, by_content=False)
        if column == code.column or normalised(texts[column - 1]) not in aliases or not holds_codes(sheet, one):
            continue
        if len(_codes(sheet, one)) >= FEWEST and _are_others(sheet, code, one):
            long = [text for text in _codes(sheet, one) if len(text) > LONGEST_SHORT]
            if len(long) >= HALF * len(_codes(sheet, one)):
                return column
    return 0


def _are_indicators(columns: range, texts: list[str], layout: IndicatorLayout) -> bool:
    """Whether one of `columns` may be an indicator: headed, by what is no code nor name of zones."""
    return any(texts[column - 1] and normalised(texts[column - 1]) not in _known(layout) for column in columns)


def _known(layout: IndicatorLayout) -> set[str]:
    names = layout.headings
    return {normalised(text) for text in (*names.code, *names.label, *names.level, *names.other)}


def _heads_codes(sheet: Sheet, layout: IndicatorLayout, heading: str, code: CodeColumn) -> bool:
    """A heading of codes above codes; or nothing but SIREN, or codes that some word announces."""
    if normalised(heading) in {normalised(alias) for alias in layout.headings.code}:
        return holds_codes(sheet, code)
    words = set(re.split(r"[\W_]+", normalised(heading)))
    if not only_codes(sheet, code.last, code.column, headed=False):
        return False
    return bool(words & CODE_WORDS) or all(has_siren_key(text) for text in _codes(sheet, code))


def _codes(sheet: Sheet, code: CodeColumn) -> list[str]:
    texts = (bare_code(cell) for cell in sheet.cells[code.last :, code.column - 1] if cell not in (None, ""))
    return [text for text in texts if like_a_code(text)]


def _are_others(sheet: Sheet, code: CodeColumn, other: CodeColumn) -> bool:
    """Whether `other` holds distinct codes, and not those of `code` again."""
    mine, others = _codes(sheet, code), _codes(sheet, other)
    if len(others) < min(FEWEST, len(mine)) or len(set(others)) < MOSTLY * len(others):
        return False
    rows = sheet.cells[code.last :, [code.column - 1, other.column - 1]].tolist()
    return sum(bare_code(one) == bare_code(two) for one, two in rows if two not in (None, "")) < HALF * len(others)


def _apart(sheet: Sheet, layout: IndicatorLayout, texts: list[str], code: CodeColumn, column: int, left: range) -> bool:
    blank = not texts[column - 2] and all(cell in (None, "") for cell in sheet.cells[code.last :, column - 2])
    known = _known(layout)
    before = {normalised(texts[place - 1]) for place in left} - known - {""}
    after = {normalised(text) for text in texts[column:]}
    rows = sheet.cells[code.last :, [code.column - 1, column - 1]].tolist()
    alone = any(one in (None, "") and like_a_code(str(two or "")) for one, two in rows)
    return blank or bool(before & after) or alone
