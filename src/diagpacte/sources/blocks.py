"""The values of one table, read column by column, every fault with its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.cell_names import areas, cell_name
from diagpacte.sources.cells import OBSERVED, CellReader, ColumnValues, cell_text
from diagpacte.sources.columns import IndicatorColumn
from diagpacte.sources.headers import Table
from diagpacte.sources.scaling import DECIMALS, scale_of
from diagpacte.sources.table_rows import Rows, named
from diagpacte.sources.variables import PERCENT_UNITS
from diagpacte.sources.workbook import Cells

GRADE = "grade"  # unit of the degrees of fragility


@dataclass
class Block:
    """The values of one table: rows are zones, columns are indicators."""

    sheet: str
    turned: bool
    geo_vintage: int
    rows: Rows
    columns: list[IndicatorColumn]
    value: NDArray[np.float64]  # in the unit of the indicator; NaN where there is none
    raw: NDArray[np.float64]  # the number of the cell; NaN where the cell is a text
    text: Cells  # the text of the cell; None where it is a number
    availability: NDArray[np.int8]  # position in AVAILABILITIES
    kept: NDArray[np.bool_]  # False where the cell cannot be read
    flags: dict[tuple[int, int], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def french(value: float) -> str:
    """12.5 → « 12,5 »; an open bound is « … »."""
    return f"{value:.12g}".replace(".", ",") if np.isfinite(value) else "…"


def read_block(
    file: str,
    table: Table,
    rows: Rows,
    columns: list[IndicatorColumn],
    readers: tuple[CellReader, Mapping[str, CellReader]],
    geo_vintage: int,
) -> Block:
    """The values of `columns` on the data rows. `readers`: of numbers, and of each grade by indicator."""
    index = np.array(rows.numbers, dtype=np.intp) - 1
    shape = (len(index), len(columns))
    block = Block(
        sheet=table.sheet.name,
        turned=table.sheet.turned,
        geo_vintage=geo_vintage,
        rows=rows,
        columns=columns,
        value=np.full(shape, np.nan),
        raw=np.full(shape, np.nan),
        text=np.full(shape, None, dtype=object),
        availability=np.full(shape, OBSERVED, dtype=np.int8),
        kept=np.ones(shape, dtype=np.bool_),
    )
    numbers, grades = readers
    for place, column in enumerate(columns):
        reader = grades.get(column.indicator.indicator, numbers) if column.indicator.unit == GRADE else numbers
        read = reader.column(table.sheet.cells[index, column.column - 1])
        _ColumnFiller(file, table, block, place).fill(read)
    return block


class _ColumnFiller:
    """Puts one column into its block, and judges it."""

    def __init__(self, file: str, table: Table, block: Block, place: int) -> None:
        self.file, self.table, self.block, self.place = file, table, block, place
        self.column = block.columns[place]

    def fill(self, read: ColumnValues) -> None:
        block, place = self.block, self.place
        self._refuse_unreadable(read)
        if self.table.sheet.facts.uncached:
            self._refuse_uncached()
        block.raw[:, place] = np.where(read.number, read.value, np.nan)
        block.text[:, place] = read.text
        block.availability[:, place] = read.availability
        block.flags.update({(row, place): flag for row, flag in read.flags.items()})
        block.value[:, place] = self._scaled(read)
        self._judge(read)

    def _refuse_unreadable(self, read: ColumnValues) -> None:
        indicator = self.column.indicator
        rows = read.unreadable
        if indicator.unit not in PERCENT_UNITS:
            rows = sorted({*rows, *np.flatnonzero(read.percent).tolist()})
        if rows:
            found = f"« {self._text(rows[0])} » illisible pour « {indicator.label} »"
            expected = "un degré de fragilité" if indicator.unit == GRADE else "un nombre, ou une marque d’absence"
            remedy = "corriger la cellule, ou ajouter la marque à configs/missing_marks.csv"
            self._fault(rows, found, expected, remedy, Severity.BLOCKING)
            self.block.kept[rows, self.place] = False

    def _refuse_uncached(self) -> None:
        uncached, column = self.table.sheet.facts.uncached, self.column.column
        rows = [row for row, number in enumerate(self.block.rows.numbers) if (number, column) in uncached]
        if rows:
            found = "formule sans résultat enregistré"
            remedy = "ouvrir le classeur dans Excel, l’enregistrer, puis relancer"
            self._fault(rows, found, "une valeur", remedy, Severity.BLOCKING)
            self.block.kept[rows, self.place] = False

    def _scaled(self, read: ColumnValues) -> NDArray[np.float64]:
        plain = np.where(read.percent, np.nan, read.value)
        formats = self.table.sheet.facts.formats.get(self.column.column, set())
        scale = scale_of(self.column.indicator, plain, self.column.stated_unit, formats)
        if scale.problem:
            rows = np.flatnonzero(np.isfinite(plain)).tolist() if scale.place is None else [scale.place]
            value = "" if scale.place is None else f" ({french(plain[scale.place])})"
            self._fault(
                rows,
                f"« {self.column.shown} » : {scale.problem}{value}",
                "une seule échelle pour la colonne",
                "écrire l’unité, « % » ou « part (0 à 1) », dans la feuille Variables, ou « % » dans les cellules",
                Severity.BLOCKING,
                FaultKind.UNIT,
            )
        if scale.factor == 1:
            return read.value
        return np.where(read.percent, read.value, np.round(scale.factor * read.value, DECIMALS))

    def _judge(self, read: ColumnValues) -> None:
        indicator, values = self.column.indicator, self.block.value[:, self.place]
        low = -np.inf if indicator.low is None else indicator.low
        high = np.inf if indicator.high is None else indicator.high
        outside = np.flatnonzero((values < low) | (values > high)).tolist()
        if outside:
            found = f"{french(values[outside[0]])} hors bornes pour « {indicator.label} »"
            bounds = f"de {french(low)} à {french(high)}"
            self._fault(outside, found, bounds, "vérifier la valeur ; elle est lue telle quelle")
        if read.errors:
            found = f"erreur de formule « {self._text(read.errors[0])} »"
            self._fault(read.errors, found, "une valeur", "corriger la formule ; lue « non disponible »")
        valued = np.flatnonzero(np.isfinite(values)).tolist()
        if self.column.absent and valued:
            found = f"« {self.column.shown} » a des valeurs, mais la feuille Variables la dit absente"
            remedy = "demander au producteur laquelle des deux feuilles est juste"
            self._fault(valued, found, "aucune valeur", remedy, Severity.BLOCKING)

    def _fault(
        self,
        rows: Sequence[int],
        found: str,
        expected: str,
        remedy: str,
        severity: Severity = Severity.CHECK,
        kind: FaultKind = FaultKind.VALUE,
    ) -> None:
        places = [self.table.sheet.place(self.block.rows.numbers[row], self.column.column) for row in rows]
        shown = named([cell_name(*place) for place in places])
        self.block.faults.append(
            Fault(self.file, self.block.sheet, shown, found, expected, remedy, severity, kind, areas(places))
        )

    def _text(self, row: int) -> str:
        cell = self.table.sheet.cells[self.block.rows.numbers[row] - 1, self.column.column - 1]
        return cell_text(cell)
