"""What a sheet says besides the values of its cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from diagpacte.sources.files.cell_names import Cell

Area = tuple[int, int, int, int]  # first row, first column, last row, last column


class Unread(NamedTuple):
    """A sheet, a part or a member of an archive that is not read, and why, in French."""

    name: str
    reason: str


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

    def clip(self) -> None:
        """Keep what concerns the filled cells: a merge of whole columns, a million hidden rows do not."""
        inside = (
            (top, left, min(bottom, self.rows), min(right, self.columns)) for top, left, bottom, right in self.merged
        )
        self.merged = [area for area in inside if area[0] <= area[2] and area[1] <= area[3] and area[:2] != area[2:]]
        self.hidden_rows = [row for row in self.hidden_rows if row <= self.rows]
