"""Spreadsheets, without a word about what they hold: any file → sheets of cells that keep their place.

`cells[row - 1, column - 1]` is the cell as the engine gives it: str, float, int, bool, date, or blank
(None or empty text). Error cells hold their text (« #N/A »); formulas without a stored result are
blank and listed in the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import python_calamine
from numpy.typing import NDArray

from diagpacte.errors import Fault, SourceError
from diagpacte.sources.cell_names import Cell, cell_name
from diagpacte.sources.prescan import SheetFacts, damaged, prescan
from diagpacte.sources.rules import ReadingLimits
from diagpacte.sources.sniffing import FileKind, encrypted, read_text_table, sniff

FEW = 100  # stray cells beyond the limits: some add-ins leave one; more make a sheet too large
Rows = Sequence[Sequence[Any]]
Cells = NDArray[np.object_]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells from A1 on, and what the engines do not tell.

    `turned`: rows and columns, here and in the facts, are the columns and rows of the file.
    """

    name: str
    cells: Cells
    facts: SheetFacts = field(default_factory=lambda: SheetFacts(""))
    turned: bool = False

    def place(self, row: int, column: int) -> Cell:
        """Row and column in the file of what stands here in `row` and `column`, all from 1."""
        return (column, row) if self.turned else (row, column)

    def cell_name(self, row: int, column: int) -> str:
        """« C7 », as the file names it."""
        return cell_name(*self.place(row, column))

    def text(self, row: int, column: int) -> str:
        """The cell in row and column (from 1) as text, spaces trimmed; « » when blank or outside."""
        if not (0 < row <= self.cells.shape[0] and 0 < column <= self.cells.shape[1]):
            return ""
        value = self.cells[row - 1, column - 1]
        return "" if value is None else str(value).strip()


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file, in their order; a text file is one sheet without a name."""

    file: str
    sheets: tuple[Sheet, ...]


def read_workbook(path: Path, limits: ReadingLimits) -> Workbook:
    """Every sheet of `path`: .xlsx, .xlsm, .xls, .xlsb, .ods, or text (`;`, tab or `,`).

    Raises SourceError, in French, for what is no table, is encrypted, damaged or beyond `limits`.
    """
    kind = sniff(path)
    if kind is FileKind.XLSX:
        sheets = _read_xlsx(path, limits)
    elif kind is FileKind.OTHER_WORKBOOK:
        sheets = _read_apart(path, limits)
    else:
        sheets = [_sheet(path, SheetFacts(""), read_text_table(path), limits)]
    return Workbook(path.name, tuple(sheets))


def _sheet(path: Path, facts: SheetFacts, rows: Rows, limits: ReadingLimits) -> Sheet:
    """The rows as a rectangle that reaches the extent of `facts`; trailing blank columns are cut."""
    width = max((_filled(row) for row in rows), default=0)
    height, width = max(len(rows), facts.rows), max(width, facts.columns)
    if height > limits.max_rows or width > limits.max_columns or height * width > limits.max_cells:
        raise _too_large(path, facts.name, f"{height} lignes × {width} colonnes", limits)
    cells = np.full((height, width), None, dtype=object)
    if rows and width:
        cells[: len(rows)] = [
            row if len(row) == width else [*row[:width], *[None] * (width - len(row))] for row in rows
        ]
    for (row, column), text in facts.errors.items():
        cells[row - 1, column - 1] = text
    return Sheet(facts.name, cells, facts)


def _filled(row: Sequence[Any]) -> int:
    """Number of the last column of `row` that is not blank."""
    width = len(row)
    while width and row[width - 1] in (None, ""):
        width -= 1
    return width


def _too_large(path: Path, sheet: str, found: str, limits: ReadingLimits) -> SourceError:
    return SourceError(
        Fault(
            path.name,
            sheet,
            found=f"feuille démesurée : {found}",
            expected=f"{limits.max_rows} lignes, {limits.max_columns} colonnes et {limits.max_cells} cellules au plus",
            remedy="supprimer les lignes et colonnes inutiles, ou relever la limite dans [reading] de diagpacte.toml",
        )
    )


class _Calamine:
    """The fast engine. It blanks error cells, and a far-away cell makes it abort the whole process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def book(self) -> python_calamine.CalamineWorkbook:
        return python_calamine.CalamineWorkbook.from_path(self.path)

    def rows(self, facts: SheetFacts) -> Rows:
        try:
            return self.book.get_sheet_by_name(facts.name).to_python(skip_empty_area=False)
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # a Rust panic derives from BaseException
                raise ValueError(str(error)) from error
            raise


class _OpenPyxl:
    """The careful engine: it stops at the extent it is told. It refuses some genuine files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def book(self) -> Any:
        import openpyxl  # noqa: PLC0415 (slow to load, seldom needed)

        return openpyxl.load_workbook(self.path, read_only=True, data_only=True, keep_links=False)

    def rows(self, facts: SheetFacts) -> Rows:
        if not facts.rows:
            return []
        sheet = self.book[facts.name]
        sheet.reset_dimensions()
        return list(sheet.iter_rows(max_row=facts.rows, max_col=facts.columns, values_only=True))


def _read_xlsx(path: Path, limits: ReadingLimits) -> list[Sheet]:
    engines = (_Calamine(path), _OpenPyxl(path))
    sheets = []
    for facts in prescan(path, limits):
        if len(facts.outside) > FEW:
            raise _too_large(path, facts.name, f"{len(facts.outside)} cellules jusqu’à {facts.outside[-1]}", limits)
        if facts.rows * facts.columns > limits.max_cells:
            raise _too_large(path, facts.name, f"{facts.rows} lignes × {facts.columns} colonnes", limits)
        usable = engines[1:] if facts.outside else engines
        sheets.append(_sheet(path, facts, _first_that_reads(path, facts, [engine.rows for engine in usable]), limits))
    return sheets


def _first_that_reads(path: Path, facts: SheetFacts, engines: Sequence[Callable[[SheetFacts], Rows]]) -> Rows:
    refusal: Exception | None = None
    for rows in engines:
        try:
            return rows(facts)
        except Exception as error:  # engines raise whatever a spoiled file makes them raise
            refusal = error
    raise damaged(path, f"feuille « {facts.name} » illisible") from refusal


def _read_apart(path: Path, limits: ReadingLimits) -> list[Sheet]:
    """Formats that no pre-scan guards: read in another process, which may abort without harm."""
    import multiprocessing  # noqa: PLC0415 (seldom needed)
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            found = pool.submit(_read_all, path).result()
    except python_calamine.PasswordError as error:
        raise encrypted(path) from error
    except (python_calamine.CalamineError, BrokenProcessPool, OSError) as error:
        raise damaged(path, "contenu illisible") from error
    return [_sheet(path, facts, rows, limits) for facts, rows in found]


def _read_all(path: Path) -> list[tuple[SheetFacts, Rows]]:
    book = python_calamine.CalamineWorkbook.from_path(path)
    found: list[tuple[SheetFacts, Rows]] = []
    for about in book.sheets_metadata:
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        facts = SheetFacts(about.name, hidden=about.visible is not python_calamine.SheetVisibleEnum.Visible)
        merged = sheet.merged_cell_ranges or []
        facts.merged = [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in merged]
        found.append((facts, sheet.to_python(skip_empty_area=False)))
    return found
