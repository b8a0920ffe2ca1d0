"""Where the table of a sheet begins: found by what stands there, never by position nor name."""

from __future__ import annotations

from dataclasses import dataclass

from diagpacte.sources.cells import normalised
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.sources.workbook import Sheet
from diagpacte.vocabulary import code_text

HEADER_ROWS = 12  # a header below this row is not looked for
ROWS_LOOKED_AT = 10  # below a header, for a first code


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
    """A table of a sheet; columns and rows count from 1."""

    sheet: Sheet
    code: int
    level: int | None
    department: int | None
    headings: tuple[Heading, ...]  # columns that may be indicators
    first_row: int  # first row below the header
    above: tuple[str, ...]  # texts of the rows above the header


def find_table(sheet: Sheet, layout: IndicatorLayout) -> Table | str:
    """The table of `sheet`: a row with a code heading, above rows that hold codes; or why there is none."""
    reason = "pas de tableau : aucun en-tête de codes de zones"
    texts = _top_texts(sheet)
    aliases = [normalised(alias) for alias in layout.headings.code]
    for row in range(1, min(HEADER_ROWS, len(texts)) + 1):
        column = _code_column(texts[row - 1], aliases)
        if column is None:
            continue
        last = row
        if row < len(texts) and normalised(texts[row][column - 1]) in aliases:
            last = row + 1
        if any(_looks_like_code(sheet, place, column) for place in range(last + 1, last + 1 + ROWS_LOOKED_AT)):
            return _table(sheet, layout, texts, (row, last), column)
        reason = f"pas de code de zone sous « {texts[row - 1][column - 1]} »"
        if sheet.text(last + 1, column):
            reason += f" (« {sheet.text(last + 1, column)} »)"
    return reason


def _top_texts(sheet: Sheet) -> list[list[str]]:
    """The texts of the first rows, a merged range holding its text in every cell."""
    height = min(HEADER_ROWS + 1, sheet.cells.shape[0])
    texts = [[sheet.text(row, column) for column in range(1, sheet.cells.shape[1] + 1)] for row in range(1, height + 1)]
    for top, left, bottom, right in sheet.facts.merged:
        if top <= height and left <= sheet.cells.shape[1]:
            for row in range(top, min(bottom, height) + 1):
                for column in range(left, min(right, sheet.cells.shape[1]) + 1):
                    texts[row - 1][column - 1] = texts[top - 1][left - 1]
    return texts


def _code_column(texts: list[str], aliases: list[str]) -> int | None:
    """The column of the preferred code heading (« CODGEO » before « EPCI »)."""
    found = {normalised(text): column for column, text in reversed(list(enumerate(texts, start=1)))}
    return next((found[alias] for alias in aliases if alias in found), None)


def _looks_like_code(sheet: Sheet, row: int, column: int) -> bool:
    text = code_text(sheet.text(row, column), 0)
    return bool(text) and text.isalnum() and len(text) <= 9 and (text[0].isdigit() or set(text) == {"Z"})  # noqa: PLR2004


def _table(sheet: Sheet, layout: IndicatorLayout, texts: list[list[str]], header: tuple[int, int], code: int) -> Table:
    first, last = _with_labels(texts, header, code)
    theme_row = texts[first - 2] if first > 1 and _is_theme_row(texts[first - 2], code) else []
    names_of = layout.headings
    level_names = {normalised(text) for text in names_of.level}
    other_names = {normalised(text) for text in (*names_of.code, *names_of.label, *names_of.other)}
    level = department = None
    headings = []
    for column in range(1, sheet.cells.shape[1] + 1):
        stack = tuple(texts[row - 1][column - 1] for row in range(first, last + 1))
        names = {normalised(text) for text in stack}
        if column == code:
            continue
        if names & level_names:
            level = column
        elif names & other_names:
            if department is None and any(name.startswith("dep") for name in names):
                department = column
        else:
            headings.append(Heading(column, stack, theme_row[column - 1] if theme_row else ""))
    above = tuple(text for row in texts[: first - 1] for text in dict.fromkeys(row) if text)
    return Table(sheet, code, level, department, tuple(headings), last + 1, above)


def _with_labels(texts: list[list[str]], header: tuple[int, int], code: int) -> tuple[int, int]:
    """The header with the row of labels above it, when its code heading is worded in an unknown way."""
    first, last = header
    if first == last and first > 1:
        above, here = texts[first - 2], texts[first - 1]
        filled = sum(bool(text) for text in above)
        if above[code - 1] and filled > 1 and 2 * filled >= sum(bool(text) for text in here):
            return first - 1, last
    return first, last


def _is_theme_row(texts: list[str], code: int) -> bool:
    return not texts[code - 1] and any(texts)
