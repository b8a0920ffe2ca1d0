"""What a sheet says besides the values of its cells."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from diagpacte.sources.files.cell_names import Cell
from diagpacte.sources.files.number_formats import shown_instead

Area = tuple[int, int, int, int]  # first row, first column, last row, last column
Changes = list[tuple[int, str]]  # rows from which on the numbers of a column have another format
FIRST_ROWS = 1_000  # those of which the format of every number is kept; a transposed table has fewer
MANY_FORMATS = 50  # number formats kept of a column
CHANGE_BYTES, WORDED_BYTES = 96, 16


class Unread(NamedTuple):
    """A sheet, a part or a member of an archive that is not read, and why, in French."""

    name: str
    reason: str


class Worded(NamedTuple):
    """Cells of one column whose format shows the same words in place of their numbers."""

    rows: array[int]
    numbers: array[float]


class Readable(NamedTuple):
    """Which engines read a sheet as its XML says."""

    fast: bool  # one that knows neither CDATA, comments and « &#54; » inside a value, nor encodings, nor namespaces
    careful: bool  # one that counts the rows itself when they bear no number


@dataclass
class SheetFacts:
    """What the bytes of one sheet say; rows and columns count from 1.

    Of .xls, .xlsb and .ods: no `uncached`, and no `formats` but the percentages of .ods.
    """

    name: str
    hidden: bool = False
    rows: int = 0  # last row and last column with a filled cell, within the limits
    columns: int = 0
    outside: list[str] = field(default_factory=list)  # filled cells beyond the limits
    merged: list[Area] = field(default_factory=list)  # within the filled cells
    errors: dict[Cell, str] = field(default_factory=dict)  # « #N/A », « #DIV/0! »…
    uncached: set[Cell] = field(default_factory=set)  # formulas without a stored result
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    formats: dict[int, set[str]] = field(default_factory=dict)  # number formats of the numbers of a column
    changes: dict[int, Changes] = field(default_factory=dict)  # of these formats, by column, in the first rows
    words: dict[int, dict[str, Worded]] = field(default_factory=dict)  # column → words shown in place of numbers

    def clip(self) -> None:
        """Keep what concerns the filled cells: a merge of whole columns, a million hidden rows do not."""
        inside = (
            (top, left, min(bottom, self.rows), min(right, self.columns)) for top, left, bottom, right in self.merged
        )
        self.merged = [area for area in inside if area[0] <= area[2] and area[1] <= area[3] and area[:2] != area[2:]]
        self.hidden_rows = [row for row in self.hidden_rows if row <= self.rows]

    def note_format(self, row: int, column: int, code: str) -> int:
        """The numbers of `column` have the format `code` from `row` on, rows coming in order; the bytes it takes."""
        formats = self.formats.setdefault(column, set())
        if len(formats) < MANY_FORMATS:
            formats.add(code)
        if row > FIRST_ROWS:
            return 0
        changes = self.changes.setdefault(column, [])
        if changes and changes[-1][1] == code:
            return 0
        changes.append((row, code))
        return CHANGE_BYTES

    def note_shown(self, row: int, column: int, code: str, text: str) -> int:
        """A cell of the format `code` holds the number `text`; the bytes it takes when it shows words instead."""
        shown = shown_instead(code, text)
        if shown is None:
            return 0
        words, number = shown
        worded = self._worded(column, words)
        worded.rows.append(row)
        worded.numbers.append(number)
        return WORDED_BYTES

    def note_words(self, rows: Sequence[int], columns: Sequence[int], words: str, number: float) -> None:
        """The formats of these cells show `words` in place of the `number` of each; WORDED_BYTES are taken by each."""
        for column in columns:
            worded = self._worded(column, words)
            worded.rows.extend(rows)
            worded.numbers.extend(repeat(number, len(rows)))

    def _worded(self, column: int, words: str) -> Worded:
        by_words = self.words.setdefault(column, {})
        if words not in by_words:
            by_words[words] = Worded(array("L"), array("d"))
        return by_words[words]

    def formats_of(self, column: int, rows: Iterable[int]) -> set[str]:
        """The formats of the numbers in `rows` of a column; of all its numbers where `rows` go beyond the first."""
        formats = self.formats.get(column, set())
        numbers = list(rows)
        if len(formats) <= 1 or not numbers or max(numbers) > FIRST_ROWS:
            return formats if numbers else set()
        changes = self.changes.get(column, [])
        starts = [row for row, _ in changes]
        places = {bisect_right(starts, row) - 1 for row in numbers}
        return {changes[place][1] for place in places if place >= 0}
