"""What a file may still ask for: cells and memory, over all its sheets.

Memory is reckoned from what engines were seen to take: so much for any cell, so much more for a text,
which both the engine and the result hold at the same time.
"""

from __future__ import annotations

import sys

from diagpacte.sources.files.cell_names import cell_name
from diagpacte.sources.files.refusals import oversized
from diagpacte.sources.rules import ReadingLimits

MB = 1_000_000
CELL_BYTES, TEXT_BYTES = 70, 64
EMPTY = sys.getsizeof("")


def text_cost(text: str) -> int:
    """Bytes that one more cell takes to hold `text`."""
    return TEXT_BYTES + 2 * (sys.getsizeof(text) - EMPTY) if text else 0


class Budget:
    """Counts what the sheets of one file take, and refuses what is beyond the limits."""

    def __init__(self, limits: ReadingLimits) -> None:
        self.limits = limits
        self.cells = self.memory = 0

    def check_cell(self, row: int, column: int, sheet: str) -> None:
        """Refuse a filled cell beyond the limits, where the engine cannot leave it aside."""
        limits = self.limits
        if row > limits.max_rows or column > limits.max_columns:
            expected = f"{limits.max_rows} lignes et {limits.max_columns} colonnes au plus"
            found = f"la cellule {cell_name(row, column)} est remplie"
            raise oversized(found, expected, "max_rows » et « max_columns", sheet)

    def take_sheet(self, rows: int, columns: int, sheet: str, held: int = 1) -> None:
        """A sheet of `rows` × `columns`, blanks included, which the engine holds `held` times."""
        limits, shape = self.limits, f"{rows} lignes × {columns} colonnes"
        if rows > limits.max_rows:
            raise oversized(shape, f"{limits.max_rows} lignes au plus", "max_rows", sheet)
        if columns > limits.max_columns:
            raise oversized(shape, f"{limits.max_columns} colonnes au plus", "max_columns", sheet)
        self.cells += held * rows * columns
        if self.cells > limits.max_cells:
            found = shape if self.cells == held * rows * columns else f"{shape}, en plus de celles d’avant"
            raise oversized(found, f"{limits.max_cells // held} cellules au plus", "max_cells", sheet)

        self.take_memory(CELL_BYTES * held * rows * columns, sheet)

    def take_memory(self, size: int, sheet: str = "") -> None:
        """`size` bytes more; a text takes them in every cell that shows it."""
        self.memory += size
        most = self.limits.max_memory_mb
        if self.memory > most * MB:
            found = f"il faudrait plus de {most} Mo de mémoire, un texte comptant dans chaque cellule qui le porte"
            raise oversized(found, f"{most} Mo au plus", "max_memory_mb", sheet)
