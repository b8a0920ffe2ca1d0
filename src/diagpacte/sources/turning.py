"""Transposed tables (zones side by side, indicators one under another), turned to be read as any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diagpacte.sources.files.sheet_facts import FIRST_ROWS, SheetFacts
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Cells, Sheet
from diagpacte.sources.layout.cells import NUMBERS
from diagpacte.sources.layout.headers import HEADER_ROWS, Table, find_tables
from diagpacte.sources.layout.table_rows import WORDED
from diagpacte.sources.meaning.wording import YEAR
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import COMMUNE_PATTERN, DEPARTMENT_PATTERN, SIREN_PATTERN, code_text

FEWEST_ZONES = 2
LEFT_COLUMNS = 6  # labels, codes and units of the indicators stand left of the zones
EPCI_BEGINS = "2"
LOST_ZERO = (1, 4)  # « 1 » for « 01 », « 1004 » for « 01004 »
CORNERS = ("indicateur", "intitule", "libelle", "nom", "variable")  # what stands left of names, above the labels
VAGUE = ("code",)  # headings that stand above codes of other things as well


@dataclass(frozen=True)
class CodeRow:
    """The row of codes of a transposed table: codes from column `first` on, the heading of the row left of them."""

    row: int
    heading: int
    first: int


@dataclass(frozen=True)
class TurnedTable(Table):
    """A table of a turned sheet, with the notes that stood below it."""

    notes: tuple[str, ...] = ()


def is_turned(sheet: Sheet, layout: IndicatorLayout) -> bool:
    """Whether a sheet without any wide table holds a transposed one: a row of codes above rows of values."""
    return _code_row(sheet, layout) is not None


def turned(sheet: Sheet) -> Sheet:
    """`sheet` with its rows as columns. Names of cells, and observations, still say where the file has them."""
    facts = sheet.facts
    there = replace(
        facts,
        rows=facts.columns,
        columns=facts.rows,
        merged=[(left, top, right, bottom) for top, left, bottom, right in facts.merged],
        errors={(column, row): text for (row, column), text in facts.errors.items()},
        uncached={(column, row) for row, column in facts.uncached},
        hidden_rows=facts.hidden_columns,
        hidden_columns=facts.hidden_rows,
        formats={},
        changes={},
        words={},
    )
    _turn_formats(sheet, there)
    for column, by_words in facts.words.items():
        for words, worded in by_words.items():
            for row, number in zip(*worded, strict=True):
                there.note_words([column], [row], words, number)
    return replace(sheet, cells=sheet.cells.T.copy(), facts=there, turned=not sheet.turned)


def _turn_formats(sheet: Sheet, there: SheetFacts) -> None:
    """The number formats of each row of `sheet`; beyond the first rows it may have any of the sheet."""
    for column, changes in sorted(sheet.facts.changes.items()):
        cells = sheet.cells[:FIRST_ROWS, column - 1]
        ends = [row for row, _ in changes[1:]]
        for (first, code), end in zip(changes, [*ends, len(cells) + 1], strict=True):
            for row in range(first, end):
                if type(cells[row - 1]) in NUMBERS:
                    there.note_format(column, row, code)
    beyond = range(FIRST_ROWS + 1, sheet.cells.shape[0] + 1)
    there.formats.update(dict.fromkeys(beyond, set().union(*sheet.facts.formats.values())))


def turned_tables(sheet: Sheet, layout: IndicatorLayout) -> list[TurnedTable] | None:
    """The tables of a transposed sheet, as wide ones; None when it is not transposed.

    The title above the codes goes to `above` of the tables, and the notes below to `notes`: turned with
    the rest, they would be columns.
    """
    codes = _code_row(sheet, layout)
    if codes is None:
        return None
    above = _alone(sheet, codes, range(1, codes.row))
    below = _alone(sheet, codes, range(codes.row + 1, sheet.cells.shape[0] + 1))
    cells, aside = sheet.cells.copy(), {row for row, _ in (*above, *below)}
    for row in aside:
        cells[row - 1, :] = None
    _name_headings(cells, sheet, layout, codes)
    merged = [area for area in sheet.facts.merged if area[0] not in aside]
    facts = replace(sheet.facts, merged=merged)
    tables = find_tables(turned(replace(sheet, cells=cells, facts=facts)), layout)
    if isinstance(tables, str):
        return None
    said, notes = tuple(text for _, text in above), tuple(text for _, text in below)
    return [TurnedTable(**{**vars(table), "above": (*said, *table.above)}, notes=notes) for table in tables]


def _code_row(sheet: Sheet, layout: IndicatorLayout) -> CodeRow | None:
    """The row of codes: of several (the EPCI, and the département of each), the one that names each zone once."""
    aliases = {normalised(alias): rank for rank, alias in reversed(list(enumerate(layout.headings.code)))}
    found: list[tuple[bool, int, CodeRow]] = []
    for row in range(1, min(HEADER_ROWS, sheet.cells.shape[0]) + 1):
        for column in _headings_of(sheet, row):
            heading = normalised(sheet.text(row, column))
            codes = [cell for cell in sheet.cells[row - 1, column:] if cell not in (None, "")]
            texts = _codes_among(codes, layout, heading if heading in aliases else "")
            if texts and _has_values(sheet, row, column + 1):
                repeated = len(set(texts)) < len(texts)
                found.append((repeated, aliases.get(heading, len(aliases)), CodeRow(row, column, column + 1)))
    return min(found, key=lambda one: (one[:2], one[2].row, one[2].heading))[2] if found else None


def _headings_of(sheet: Sheet, row: int) -> Iterator[int]:
    """The columns that may head a row of codes: any on the left that holds no code itself."""
    for column in range(1, min(LEFT_COLUMNS, sheet.cells.shape[1]) + 1):
        if sheet.text(row, column)[:1].isdigit():
            return
        yield column


def _codes_among(cells: Sequence[object], layout: IndicatorLayout, heading: str) -> list[str]:
    """The codes of zones when `cells` are that, a total or two aside; none when they may be anything else.

    « 2021 » may be a year, « 10 » a rank and « 21660 » euros: where the heading does not say that they are
    codes, only codes that no number looks like count.
    """
    texts = [code_text(cell, 0) for cell in cells]
    alone = {zone.upper() for zone in layout.zones}
    codes = [text for text in texts if text in alone or _is_code(text)]
    sure = [text for text in codes if text in alone or _is_only_a_code(text)]
    if len(set(codes)) < FEWEST_ZONES or 2 * len(codes) <= len(texts):
        return []
    if len(sure) == len(codes) or (heading and sure) or (heading not in ("", *VAGUE) and not _years(codes)):
        return codes
    return []


def _is_code(text: str) -> bool:
    return any(pattern.match(text) for pattern in (SIREN_PATTERN, COMMUNE_PATTERN, DEPARTMENT_PATTERN)) or (
        text.isdigit() and len(text) in LOST_ZERO
    )


def _is_only_a_code(text: str) -> bool:
    """Nine digits as EPCI have, Corsica, or a zero that no number begins with."""
    siren = SIREN_PATTERN.match(text) and text.startswith(EPCI_BEGINS)
    return bool(siren) or (_is_code(text) and (not text.isdigit() or text.startswith("0")))


def _years(texts: Sequence[str]) -> bool:
    return any(YEAR.fullmatch(text) for text in texts)


def _has_values(sheet: Sheet, row: int, first: int) -> bool:
    """Whether a row below holds something under the codes, and a heading left of them."""
    return any(
        any(cell not in (None, "") for cell in sheet.cells[below, first - 1 :])
        and any(sheet.text(below + 1, column) for column in range(1, first))
        for below in range(row, sheet.cells.shape[0])
    )


def _alone(sheet: Sheet, codes: CodeRow, rows: range) -> list[tuple[int, str]]:
    """The rows of texts with nothing in the columns of zones: titles and notes."""
    found = []
    for row in rows:
        left = [sheet.text(row, column) for column in range(1, codes.first)]
        right = [sheet.text(row, column) for column in range(codes.first, sheet.cells.shape[1] + 1)]
        if any(left) and not any(right):
            found.append((row, " ".join(text for text in left if text)))
    return found


def _name_headings(cells: Cells, sheet: Sheet, layout: IndicatorLayout, codes: CodeRow) -> None:
    """Head the row of codes, and a row of names beside it, where the file heads them in no known way."""
    aliases = {normalised(alias) for alias in layout.headings.code}
    for column in range(max(1, codes.heading - 1), codes.first):  # a header has two rows at most
        if normalised(sheet.text(codes.row, column)) not in aliases:
            cells[codes.row - 1, column - 1] = layout.headings.code[0]
    for row in (codes.row - 1, codes.row + 1):
        headed = any(sheet.text(row, column) for column in range(1, codes.first))
        beside = [text for column in range(codes.first, sheet.cells.shape[1] + 1) if (text := sheet.text(row, column))]
        corner = normalised(sheet.text(row, codes.heading)).startswith(CORNERS) if row > 0 else False
        named = not headed or (corner and row < codes.row and _are_names(beside))
        if row > 0 and beside and named and not any(text[:1].isdigit() for text in beside):
            cells[row - 1, codes.heading - 1] = layout.headings.label[0]


def _are_names(texts: Sequence[str]) -> bool:
    """Words that never come twice, as many as there may be zones."""
    return len(texts) >= FEWEST_ZONES and len({*texts}) == len(texts) and all(map(WORDED.search, texts))
