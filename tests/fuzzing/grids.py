"""What a file holds, as somebody else reads it: openpyxl in full, or the draft it was written from."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles.numbers import is_date_format

from fuzzing.archives import unzipped, zipped
from fuzzing.cells import plain
from fuzzing.drafts import Draft, csv_cell

Place = tuple[int, int]
Area = tuple[int, int, int, int]  # first row, first column, last row, last column
UNTOLD = object()  # a number too large for the date it is shown as: openpyxl does not say it
COVERED = object()  # under a merge: openpyxl forgets it
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
USUAL = ("[Content_Types].xml", "xl/sharedStrings.xml", "docProps/app.xml", "docProps/core.xml")
FAR_MERGE = re.compile(rb'mergeCell [^>]*:[^"]*([A-Z]{3}|[0-9]{4})')
FRACTION = "part (0 à 1)"


@dataclass
class Grid:
    """One sheet; rows and columns count from 1."""

    cells: dict[Place, Any] = field(default_factory=dict)
    percent: set[Place] = field(default_factory=set)  # cells shown with a « % » format
    merged: list[Area] = field(default_factory=list)

    def text(self, row: int, column: int) -> str:
        cell = self.cells.get((row, column))
        return "" if cell in (None, COVERED, UNTOLD) else str(cell).strip()

    def turned(self) -> Grid:
        """The same with its rows as columns."""
        return Grid(
            {(column, row): cell for (row, column), cell in self.cells.items()},
            {(column, row) for row, column in self.percent},
            [(left, top, right, bottom) for top, left, bottom, right in self.merged],
        )

    def header(self, *names: str) -> Place | None:
        """Where one of `names` stands."""
        return next((at for at, cell in self.cells.items() if isinstance(cell, str) and plain(cell) in names), None)

    def beside(self, at: Place, *names: str) -> str:
        """The text under one of `names` in the row of a cell."""
        head = self.header(*names)
        return self.text(at[0], head[1]) if head and head[0] < at[0] else ""


class Grids(dict[str, Grid]):
    """The sheets of a file, by the name that observations give them."""

    @cached_property
    def fractions(self) -> set[str]:
        """The texts on the lines that say « part (0 à 1) »."""
        return {text for line in self._lines(plain(FRACTION)) for text in line}

    def labels(self, code: str) -> set[str]:
        """The texts beside a code in a sheet of variables."""
        return {text for line in self._lines(code) for text in line if "var_id" in self._texts}

    @cached_property
    def _rows(self) -> list[set[str]]:
        found: dict[tuple[str, int], set[str]] = {}
        for name, grid in self.items():
            for (row, _), cell in grid.cells.items():
                found.setdefault((name, row), set()).add(plain(str(cell)))
        return [*found.values()]

    @cached_property
    def _texts(self) -> set[str]:
        return set[str]().union(*self._rows)

    def _lines(self, text: str) -> list[set[str]]:
        return [line for line in self._rows if text in line]


def grids_of(path: Path, at: Draft, *, as_drafted: bool) -> Grids | None:
    """What `path` holds; None when nobody else can tell. `as_drafted`: nothing happened to its bytes."""
    if at.kind in ("ods", "xls"):
        return Grids(Feuille=_grid_of_rows(next(iter(at.sheets.values())))) if as_drafted else None
    if at.kind == "csv":
        return Grids(
            {
                "": _grid_of_rows(
                    [*csv.reader(io.StringIO(_decoded(path.read_bytes()), newline=""), delimiter=at.separator)]
                )
            }
        )
    try:
        if at.kind == "zip":
            with zipfile.ZipFile(path) as archive:
                members = {name: archive.read(name) for name in archive.namelist() if name.lower().endswith(".xlsx")}
            found = [(f"{member} › {name}", grid) for member, data in members.items() for name, grid in _loaded(data)]
        else:
            found = _loaded(path.read_bytes())
    except Exception:  # openpyxl raises whatever a spoiled file makes it raise
        return None
    return Grids({_on_one_line(name): grid for name, grid in found}) if found else None


def _on_one_line(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _grid_of_rows(rows: Sequence[Sequence[object]]) -> Grid:
    return Grid({
        (row, column): csv_cell(cell) if isinstance(cell, bool) else cell
        for row, line in enumerate(rows, 1) for column, cell in enumerate(line, 1) if cell is not None and cell != ""
    })  # fmt: skip


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _loaded(data: bytes) -> list[tuple[str, Grid]]:
    data = _as_usual(data)
    if any(FAR_MERGE.search(part) for part in unzipped(data).values()):
        raise ValueError("openpyxl makes an object of each cell of a merge")
    with warnings.catch_warnings(), contextlib.redirect_stdout(None):  # it prints
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return [(sheet.title, _grid_of_sheet(sheet)) for sheet in book.worksheets]


def _grid_of_sheet(sheet: Any) -> Grid:
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    areas = [(area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges]
    covered = {
        (row, column): COVERED
        for top, left, bottom, right in areas
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    return Grid(
        {(cell.row, cell.column): _held(cell) for cell in cells} | covered,
        {(cell.row, cell.column) for cell in cells if "%" in re.sub(r'"[^"]*"|\\.', "", cell.number_format)},
        areas,
    )


def _held(cell: Any) -> object:
    """The value of a cell; « _x000D_ » is how a workbook writes a control character."""
    value = cell.value
    if value == "#VALUE!" and is_date_format(cell.number_format):
        return UNTOLD
    if isinstance(value, str):
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), value)
    return value


def _as_usual(data: bytes) -> bytes:
    """`data`, its parts under the names and in the one namespace that openpyxl sees: of others it sees no cell."""
    names = {one.casefold(): one for one in USUAL}
    parts = unzipped(data)
    usual = {names.get(name.casefold(), name.casefold()): content for name, content in parts.items()}
    for name, content in usual.items():
        root = re.search(rb"<(worksheet|sst|styleSheet)\b[^>]*>", content)
        if root and MAIN[7:-1] not in root[0]:
            tag = re.sub(rb' xmlns="[^"]*"', b"", root[0]).replace(root[1], root[1] + b" " + MAIN, 1)
            usual[name] = content.replace(root[0], tag, 1)
    return zipped(usual) if usual != parts else data
