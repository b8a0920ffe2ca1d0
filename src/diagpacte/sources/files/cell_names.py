"""Names of cells and ranges, as people read them in a spreadsheet; rows and columns count from 1."""

from __future__ import annotations

from collections.abc import Iterable

Cell = tuple[int, int]  # row and column


def column_number(letters: str) -> int:
    """« A » → 1, « AA » → 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → « A », 27 → « AA »."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """(7, 3) → « C7 »."""
    return f"{column_letters(column)}{row}"


def areas(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Every one of `cells`, the runs down a column as ranges: « C7:C9 », « C12 »."""
    runs: list[tuple[Cell, Cell]] = []
    for row, column in sorted(set(cells), key=lambda cell: (cell[1], cell[0])):
        if runs and runs[-1][1] == (row - 1, column):
            runs[-1] = (runs[-1][0], (row, column))
        else:
            runs.append(((row, column), (row, column)))
    return tuple(cell_name(*first) + (f":{cell_name(*last)}" if last != first else "") for first, last in runs)
