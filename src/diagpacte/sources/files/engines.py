"""The engines that read the cells of an .xlsx, and which of them may be trusted with a sheet."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import python_calamine
from numpy.typing import NDArray

from diagpacte.sources.files.apart_reader import Row, rows_from_a1
from diagpacte.sources.files.refusals import SAVE_AGAIN, damaged
from diagpacte.sources.files.sheet_facts import Readable, SheetFacts

Cells = NDArray[np.object_]


class Engine(Protocol):
    """Gives the rows of a sheet from A1 on, and lets the file go."""

    def rows(self, facts: SheetFacts) -> Iterable[Row]: ...

    def close(self) -> None: ...


def read_sheet(engines: tuple[Engine, Engine], facts: SheetFacts, readable: Readable) -> Cells:
    """The cells of a sheet, by the first of the fast and the careful engine that reads it as its XML says."""
    usable = [engine for engine, may in zip(engines, readable, strict=True) if may]
    refusal: Exception | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what an engine misses, a style, an extension, is nothing we read
        for engine in usable:
            try:
                return filled(engine.rows(facts), facts)
            except Exception as error:  # engines raise whatever a spoiled file makes them raise
                refusal = error
    raise damaged("contenu que rien ne sait lire", facts.name, SAVE_AGAIN) from refusal


def filled(rows: Iterable[Row], facts: SheetFacts) -> Cells:
    """The rectangle of the facts, holding `rows`; ValueError when they hold something beyond it."""
    cells = np.full((facts.rows, facts.columns), None, dtype=object)
    for number, row in enumerate(rows):
        beyond = row if number >= facts.rows else row[facts.columns :]
        if beyond and any(cell not in (None, "") for cell in beyond):
            raise ValueError("cells beyond those of the XML")
        if number < facts.rows:
            cells[number, : len(row)] = row[: facts.columns]
    for (row_number, column), text in facts.errors.items():
        cells[row_number - 1, column - 1] = text
    return cells


class FastEngine:
    """Calamine. It blanks error cells, and a far-away cell makes it abort the whole process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._book: python_calamine.CalamineWorkbook | None = None

    def rows(self, facts: SheetFacts) -> Iterable[Row]:
        try:
            self._book = self._book or python_calamine.CalamineWorkbook.from_path(self.path)
            rows = rows_from_a1(self._book.get_sheet_by_name(facts.name))
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # a Rust panic derives from BaseException
                raise ValueError(str(error)) from error
            raise
        return rows

    def close(self) -> None:
        if self._book is not None:
            self._book.close()


class CarefulEngine:
    """Openpyxl. It stops at the extent it is told, and refuses some genuine files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._book: Any = None

    def rows(self, facts: SheetFacts) -> Iterable[Row]:
        import openpyxl  # noqa: PLC0415 (slow to load, seldom needed)

        if self._book is None:
            self._book = openpyxl.load_workbook(self.path, read_only=True, data_only=True, keep_links=False)
        sheet = next(sheet for sheet in self._book.worksheets if sheet.title == facts.name)
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=facts.rows, max_col=facts.columns, values_only=True)
        # Not a row more: what comes after the rows would be parsed too.
        return ([_as_fast(cell) for cell in row] for row in islice(rows, facts.rows))

    def close(self) -> None:
        if self._book is not None:
            self._book.close()


def _as_fast(cell: Any) -> Any:
    """A value as the fast engine gives it: control characters read, a date without time as a date."""
    if isinstance(cell, str) and "_x" in cell:
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    return cell
