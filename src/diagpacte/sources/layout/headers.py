"""Where the tables of a sheet begin and end: found by what stands there, never by position nor name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet
from diagpacte.sources.layout.code_columns import (
    ROWS_LOOKED_AT,
    CodeColumn,
    code_column,
    codes_of,
    foreign_level,
    holds_codes,
    like_a_code,
)
from diagpacte.sources.layout.several_codes import other_code_columns, rival_codes
from diagpacte.sources.layout.year_rows import YEARS, years_under
from diagpacte.sources.rules import IndicatorLayout

NO_TABLE = "pas de tableau : aucun en-tête de codes de zones"
HEADER_ROWS = 40  # a header below this row is not looked for
DEPARTMENT = re.compile(r"(?:\b|_|num|cod)dep")  # « Département siège », « CODE_DEP », « numdep »
Texts = list[list[str]]


@dataclass(frozen=True)
class Heading:
    """The heading of a column: its texts from top to bottom, and the merged theme above."""

    column: int
    texts: tuple[str, ...]
    theme: str

    @property
    def shown(self) -> str:
        """How a message names the column: its code, then its label, then its year."""
        texts = [text for text in reversed(self.texts) if text]
        texts.sort(key=lambda text: bool(YEARS.fullmatch(normalised(text))))
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
    label: int | None  # names of the zones: printed, never joined on
    headings: tuple[Heading, ...]  # columns that may be indicators
    first_row: int
    last_row: int
    columns: range
    above: tuple[str, ...]  # texts of the rows above the header
    by_content: bool = False
    heading_of_codes: str = ""
    heading_of_labels: str = ""
    rival: int = 0  # another column of codes as distinct as `code`; 0 when there is none
    beside: tuple[int, ...] = ()  # another column of codes, and those on its right: of which zones is not sure


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
    reason = ""
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
        below = range(code.last + 1, code.last + 1 + ROWS_LOOKED_AT)
        levels = (foreign_level(sheet.text(place, code.column), layout) for place in below)
        reason += next(filter(None, levels), "")
    spoken = next((level for row in texts for text in row if (level := codes_of(text, layout))), "")
    return reason or (f"codes de {spoken}, niveau qui n’est pas lu" if spoken else NO_TABLE)


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
    """One table, or several when other codes of zones stand to the right, for columns of their own.

    The same heading of codes again is enough; under another heading, the columns that nothing sets apart from
    those on the left are left aside.
    """
    width = sheet.cells.shape[1]
    named = normalised(texts[code.last - top][code.column - 1])
    again = [
        column
        for column in range(code.column + 1, width + 1)
        if named and normalised(texts[code.last - top][column - 1]) == named
    ]
    starts = [column for column in again if holds_codes(sheet, replace(code, column=column, joined=None))]
    others = (
        [] if starts or code.joined is not None else other_code_columns(sheet, layout, texts[code.last - top], code)
    )
    starts += [one.column for one in others if one.apart]
    doubtful = min((one.column for one in others if not one.apart), default=width + 1)
    starts = [column for column in starts if column < doubtful]
    ends = [*(column - 1 for column in starts), width]
    lefts = [1, *starts]
    return [
        _table(sheet, layout, texts, top, replace(code, column=column), range(left, min(end + 1, doubtful)), doubtful)
        for column, left, end in zip([code.column, *starts], lefts, ends, strict=True)
    ]


def _table(
    sheet: Sheet, layout: IndicatorLayout, texts: Texts, top: int, code: CodeColumn, columns: range, doubtful: int
) -> Table:
    first, last = _with_labels(texts, top, code)
    over = texts[first - top - 1] if first > top else []
    theme_row = over if over and _is_theme_row(over, code.column) else []
    names_of = layout.headings
    level_names = {normalised(text) for text in names_of.level}
    other_names = {normalised(text) for text in (*names_of.code, *names_of.label, *names_of.other)}
    label_names = {normalised(text) for text in names_of.label}
    level = department = None
    headings: list[Heading] = []
    labels: list[int] = []
    for column in columns:
        stack = tuple(texts[row - top][column - 1] for row in range(first, last + 1))
        names = {normalised(text) for text in stack}
        if column in (code.column, code.department):
            continue
        if names & level_names:
            level = column
        elif normalised(next((text for text in reversed(stack) if text), "")) in other_names:
            if department is None and any(map(DEPARTMENT.search, names)):
                department = column
            if names & label_names:
                labels.append(column)
        else:
            headings.append(Heading(column, stack, theme_row[column - 1] if theme_row else ""))
    years = _years(texts[last - top + 1 :], code.column, columns, headings)
    headings = [replace(one, texts=(*one.texts, *filter(None, [years.get(one.column)]))) for one in headings]
    # Of « Nom département » and « Nom EPCI », the one that stands nearest to the codes, rather on their right.
    label = min(labels, key=lambda column: (abs(column - code.column), -column), default=None)
    named = (code.column, label) if label else (code.column,)
    above = tuple(text for row in texts[: first - top] for text in dict.fromkeys(row) if text)
    said = [" ".join(texts[row - top][place - 1] for row in range(first, last + 1)) for place in named]
    return Table(
        sheet,
        code.column,
        level,
        department,
        label,
        tuple(headings),
        last + 1 + bool(years),
        sheet.cells.shape[0],
        columns,
        above,
        code.by_content,
        heading_of_codes=said[0],
        heading_of_labels="".join(said[1:]),
        rival=0 if code.joined is not None else rival_codes(sheet, layout, texts[code.last - top], code, columns),
        beside=tuple(range(doubtful, sheet.cells.shape[1] + 1)) if columns.stop == doubtful else (),
    )


def _with_labels(texts: Texts, top: int, code: CodeColumn) -> tuple[int, int]:
    """First and last row of a header, with the row of labels above when its code heading is worded in an unknown way."""
    first, last = code.first, code.last
    if first == last and first > top:
        above, here = texts[first - top - 1], texts[first - top]
        filled = sum(bool(text) for text in above)
        label = above[code.column - 1]
        if label and not like_a_code(label) and filled > 1 and 2 * filled >= sum(bool(text) for text in here):
            return first - 1, last
    return first, last


def _years(below: Texts, code: int, columns: range, headings: list[Heading]) -> dict[int, str]:
    """Column → its year, when the first row `below` a header gives one to each column; empty otherwise."""
    row = [text if column in columns else "" for column, text in enumerate(below[0], start=1)] if below else []
    return years_under(row, code, {heading.column: heading.texts for heading in headings})


def _is_theme_row(texts: list[str], code: int) -> bool:
    return not texts[code - 1] and any(texts)


def _next_header(table: Table, layout: IndicatorLayout) -> int:
    """The last row before another header in the column of codes; the last of the sheet when there is none."""
    aliases = {normalised(alias) for alias in layout.headings.code}
    height: int = table.sheet.cells.shape[0]
    for row in _words(table):
        if normalised(table.sheet.text(row, table.code)) in aliases:
            return row - 2 if _labels(table, row - 1) else row - 1
    return height


def _labels(table: Table, row: int) -> bool:
    """Whether `row`, just above another header, is its row of labels and not the last row of this table."""
    label = table.sheet.text(row, table.code)
    worded = sum(isinstance(cell, str) and bool(cell) for cell in table.sheet.cells[row - 1])
    return row > table.first_row and worded > 1 and bool(label) and not like_a_code(label)


def _words(table: Table) -> Iterator[int]:
    """Rows below the header whose code cell is a word: cheap to tell, for tables of many rows."""
    column = table.sheet.cells[table.first_row :, table.code - 1]
    for row, cell in enumerate(column.tolist(), start=table.first_row + 1):
        if isinstance(cell, str) and cell[:1].isalpha() and len(cell) > 2:  # noqa: PLR2004 (« 2A », « F »)
            yield row
