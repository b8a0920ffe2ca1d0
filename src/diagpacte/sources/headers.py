"""Where the tables of a sheet begin and end: found by what stands there, never by position nor name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagpacte.sources.cells import normalised
from diagpacte.sources.code_columns import CodeColumn, code_column, foreign_level, holds_codes
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.sources.workbook import Sheet

HEADER_ROWS = 40  # a header below this row is not looked for
Texts = list[list[str]]


@dataclass(frozen=True)
class Heading:
    """The heading of a column: its texts from top to bottom, and the merged theme above."""

    column: int
    texts: tuple[str, ...]
    theme: str

    @property
    def shown(self) -> str:
        """How a message names the column: its code, then its label."""
        texts = [text for text in reversed(self.texts) if text]
        return " · ".join(dict.fromkeys(texts)) or "sans intitulé"


@dataclass(frozen=True)
class Table:
    """A table of a sheet; columns and rows count from 1.

    `first_row` to `last_row` are below its header; `columns` are its own, beside those of another table.
    `by_content`: nothing heads the column of codes, only what stands in it.
    """

    sheet: Sheet
    code: int
    level: int | None
    department: int | None
    headings: tuple[Heading, ...]  # columns that may be indicators
    first_row: int
    last_row: int
    columns: range
    above: tuple[str, ...]  # texts of the rows above the header
    by_content: bool = False


def find_tables(sheet: Sheet, layout: IndicatorLayout) -> list[Table] | str:
    """The tables of `sheet`, from top to bottom and left to right; or why there is none."""
    found: list[Table] = []
    top = 1
    while True:
        tables = _first_tables(sheet, layout, top)
        if isinstance(tables, str):
            return found or tables
        end = _next_header(tables[0], layout)
        found += [replace(table, last_row=end) for table in tables]
        if end == sheet.cells.shape[0]:
            return found
        top = end + 1


def _first_tables(sheet: Sheet, layout: IndicatorLayout, top: int) -> list[Table] | str:
    """The table under the first header at or below row `top`, and those beside it."""
    reason = "pas de tableau : aucun en-tête de codes de zones"
    texts = _top_texts(sheet, top)
    for row in range(top, top + min(HEADER_ROWS, len(texts))):
        code = code_column(sheet, layout, texts[row - top], row)
        if code is None:
            continue
        if holds_codes(sheet, code):
            joined = replace(sheet, cells=code.joined) if code.joined is not None else sheet
            return _side_by_side(joined, layout, texts, top, code)
        told = sheet.text(code.last + 1, code.column)
        reason = f"pas de code de zone sous « {texts[row - top][code.column - 1]} »" + (
            f" (« {told} »)" if told else ""
        )
        reason += foreign_level(told, layout)
    return reason


def _top_texts(sheet: Sheet, top: int) -> Texts:
    """The texts of the first rows from `top` on, a merged range holding its text in every cell."""
    height, width = min(HEADER_ROWS + 1, sheet.cells.shape[0] - top + 1), sheet.cells.shape[1]
    texts = [[sheet.text(row, column) for column in range(1, width + 1)] for row in range(top, top + height)]
    for first, left, bottom, right in sheet.facts.merged:
        if top <= first < top + height and left <= width:
            for row in range(first, min(bottom, top + height - 1) + 1):
                for column in range(left, min(right, width) + 1):
                    texts[row - top][column - 1] = texts[first - top][left - 1]
    return texts


def _side_by_side(sheet: Sheet, layout: IndicatorLayout, texts: Texts, top: int, code: CodeColumn) -> list[Table]:
    """One table, or several when the heading of its codes stands again to the right, above codes."""
    width = sheet.cells.shape[1]
    named = normalised(texts[code.last - top][code.column - 1])
    again = [
        column
        for column in range(code.column + 1, width + 1)
        if named and normalised(texts[code.last - top][column - 1]) == named
    ]
    starts = [column for column in again if holds_codes(sheet, replace(code, column=column, joined=None))]
    ends = [*(column - 1 for column in starts), width]
    lefts = [1, *starts]
    return [
        _table(sheet, layout, texts, top, replace(code, column=column), range(left, end + 1))
        for column, left, end in zip([code.column, *starts], lefts, ends, strict=True)
    ]


def _table(sheet: Sheet, layout: IndicatorLayout, texts: Texts, top: int, code: CodeColumn, columns: range) -> Table:
    first, last = _with_labels(texts, top, code)
    over = texts[first - top - 1] if first > top else []
    theme_row = over if over and _is_theme_row(over, code.column) else []
    names_of = layout.headings
    level_names = {normalised(text) for text in names_of.level}
    other_names = {normalised(text) for text in (*names_of.code, *names_of.label, *names_of.other)}
    level = department = None
    headings = []
    for column in columns:
        stack = tuple(texts[row - top][column - 1] for row in range(first, last + 1))
        names = {normalised(text) for text in stack}
        if column in (code.column, code.department):
            continue
        if names & level_names:
            level = column
        elif names & other_names:
            if department is None and any(name.startswith("dep") for name in names):
                department = column
        else:
            headings.append(Heading(column, stack, theme_row[column - 1] if theme_row else ""))
    above = tuple(text for row in texts[: first - top] for text in dict.fromkeys(row) if text)
    return Table(
        sheet,
        code.column,
        level,
        department,
        tuple(headings),
        last + 1,
        sheet.cells.shape[0],
        columns,
        above,
        code.by_content,
    )


def _with_labels(texts: Texts, top: int, code: CodeColumn) -> tuple[int, int]:
    """First and last row of a header, with the row of labels above when its code heading is worded in an unknown way."""
    first, last = code.first, code.last
    if first == last and first > top:
        above, here = texts[first - top - 1], texts[first - top]
        filled = sum(bool(text) for text in above)
        if above[code.column - 1] and filled > 1 and 2 * filled >= sum(bool(text) for text in here):
            return first - 1, last
    return first, last


def _is_theme_row(texts: list[str], code: int) -> bool:
    return not texts[code - 1] and any(texts)


def _next_header(table: Table, layout: IndicatorLayout) -> int:
    """The last row before another header in the column of codes; the last of the sheet when there is none."""
    aliases = {normalised(alias) for alias in layout.headings.code}
    height: int = table.sheet.cells.shape[0]
    for row in _words(table):
        if normalised(table.sheet.text(row, table.code)) in aliases:
            worded = sum(isinstance(cell, str) and bool(cell) for cell in table.sheet.cells[row - 2])
            return row - 2 if worded > 1 and row - 2 >= table.first_row else row - 1
    return height


def _words(table: Table) -> Iterator[int]:
    """Rows below the header whose code cell is a word: cheap to tell, for tables of many rows."""
    column = table.sheet.cells[table.first_row :, table.code - 1]
    for row, cell in enumerate(column.tolist(), start=table.first_row + 1):
        if isinstance(cell, str) and cell[:1].isalpha() and len(cell) > 2:  # noqa: PLR2004 (« 2A », « F »)
            yield row
