"""The values of one table, read column by column, every fault with its cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.layout.cells import AVAILABILITIES, OBSERVED, CellReader, ColumnValues
from diagpacte.sources.layout.headers import Table
from diagpacte.sources.layout.table_rows import Rows, named
from diagpacte.sources.meaning.block import Block
from diagpacte.sources.meaning.columns import IndicatorColumn
from diagpacte.sources.meaning.displayed import DisplayedCells, as_displayed, displayed
from diagpacte.sources.meaning.grades import GradeReader
from diagpacte.sources.meaning.multiples import half_step, mention, multiplied
from diagpacte.sources.meaning.possible import IMPOSSIBLE, impossible, negative
from diagpacte.sources.meaning.refusals import SAY_UNIT, ColumnCells
from diagpacte.sources.meaning.scaling import DECIMALS, is_percent, scale_of
from diagpacte.sources.meaning.variables import PERCENT_UNITS
from diagpacte.vocabulary import Availability, Indicator

GRADE = "grade"  # unit of the degrees of fragility
NOT_AVAILABLE = AVAILABILITIES.index(Availability.NOT_AVAILABLE)


def french(value: float) -> str:
    """12.5 → « 12,5 »; an open bound is « … »."""
    return f"{value:.12g}".replace(".", ",") if np.isfinite(value) else "…"


def read_block(
    file: str,
    table: Table,
    rows: Rows,
    columns: list[IndicatorColumn],
    readers: tuple[CellReader, Mapping[str, GradeReader]],
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
    shown = DisplayedCells()
    for place, column in enumerate(columns):
        degrees = grades.get(column.indicator.indicator) if column.indicator.unit == GRADE else None
        reader = degrees.of(column.stated_unit) if degrees else numbers
        words = displayed(table.sheet, rows.numbers, column.column)
        read = reader.column(as_displayed(table.sheet.cells[index, column.column - 1], words, reader))
        shown.add({one: table.sheet.place(rows.numbers[one], column.column) for one in words}, words, read)
        _ColumnFiller(file, table, block, place).fill(read)
    block.faults += shown.faults(file, block.sheet)
    return block


def _low(indicator: Indicator) -> float:
    return -np.inf if indicator.low is None else indicator.low


def _high(indicator: Indicator) -> float:
    return np.inf if indicator.high is None else indicator.high


class _ColumnFiller(ColumnCells):
    """Puts one column into its block, and judges it."""

    def fill(self, read: ColumnValues) -> None:
        block, place = self.block, self.place
        self.refuse_unreadable(read)
        block.raw[:, place] = np.where(read.number, read.value, np.nan)
        block.text[:, place] = read.text
        block.availability[:, place] = read.availability
        block.flags.update({(row, place): flag for row, flag in read.flags.items()})
        block.value[:, place], factor = self._scaled(read)
        for row, ends in read.intervals.items():
            scale = 1 if read.percent[row] else factor
            lower, upper = (np.nan if end is None else scale * end for end in ends)
            low = self.column.indicator.low
            lower = low if np.isnan(lower) and low is not None else lower
            block.intervals[row, place] = (lower, upper)
        if self.factor != 1:
            self._say_multiplied(read)
        self._refuse_impossible()
        self._judge(read)

    def _say_multiplied(self, read: ColumnValues) -> None:
        """The flag of each multiplied value, and what the decimals that were written leave unknown."""
        half = half_step(read.value, self.factor)
        for row in np.flatnonzero(np.isfinite(read.value)).tolist():
            at = (row, self.place)
            self.block.flags[at] = " ".join(filter(None, (self.block.flags.get(at), mention(self.factor))))
            if half:
                value = self.block.value[at]
                self.block.intervals.setdefault(at, (value - half, value + half))

    def _refuse_impossible(self) -> None:
        """A negative count or a share over 100 is no observation: not available, and told."""
        indicator, values = self.column.indicator, self.block.value[:, self.place]
        rows = np.flatnonzero(impossible(indicator, values)).tolist()
        if not rows:
            return
        named_values = named(list(dict.fromkeys(french(values[row]) for row in rows)))
        found = f"valeur impossible pour « {indicator.label} » : {named_values}"
        bounds = f"de {french(_low(indicator))} à {french(_high(indicator))}"
        remedy = (
            "demander la valeur au producteur, ou la corriger dans data/saisies/corrections.csv ; elle n’est pas lue"
        )
        self.fault(rows, found, bounds, remedy)
        self.block.value[rows, self.place] = np.nan
        self.block.availability[rows, self.place] = NOT_AVAILABLE
        for row in rows:
            self.block.flags[row, self.place] = IMPOSSIBLE
            self.block.intervals.pop((row, self.place), None)

    def _scaled(self, read: ColumnValues) -> tuple[NDArray[np.float64], float]:
        """The values in the unit of the indicator, and by what they were multiplied."""
        if self.factor != 1:
            return multiplied(read.value, self.factor), self.factor
        # -999 says nothing of the scale of a share
        plain = np.where(read.percent | negative(self.column.indicator, read.value), np.nan, read.value)
        numbers = np.array(self.block.rows.numbers)[read.number]
        formats = self.table.sheet.facts.formats_of(self.column.column, numbers.tolist())
        if self.column.unit_typed and self.column.stated_unit in PERCENT_UNITS:
            self._tell_shown_otherwise(plain, formats)
            return read.value, 1
        scale = scale_of(
            self.column.indicator, plain, self.column.stated_unit, formats, to_check=self.column.unit_to_check
        )
        if scale.problem:
            rows = np.flatnonzero(np.isfinite(plain)).tolist() if scale.place is None else [scale.place]
            value = "" if scale.place is None else f" ({french(plain[scale.place])})"
            self.block.unscaled[self.place] = scale.problem
            self.fault(
                rows,
                f"« {self.column.shown} » : {scale.problem}{value}",
                "une seule échelle pour la colonne",
                self._way_out() + ("" if scale.place is None else ", ou corriger la cellule"),
                Severity.BLOCKING,
                FaultKind.UNIT,
            )
        if scale.factor == 1:
            return read.value, 1
        return np.where(read.percent, read.value, np.round(scale.factor * read.value, DECIMALS)), scale.factor

    def _tell_shown_otherwise(self, plain: NDArray[np.float64], formats: Collection[str]) -> None:
        """What a person said of a unit is followed; the numbers that Excel may show a hundred times larger are told."""
        small = np.flatnonzero(np.abs(plain) <= 1).tolist()
        if small and any(map(is_percent, formats)):
            found = f"« {self.column.shown} » dite « % (0 à 100) », mais des cellules de la colonne ont le format « % »"
            remedy = "vérifier ces valeurs ; elles sont lues telles qu’enregistrées"
            self.fault(small, found, "une seule échelle pour la colonne", remedy, kind=FaultKind.UNIT)

    def _way_out(self) -> str:
        """What a person can do of a scale that cannot be told."""
        if self.column.indicator.unit in PERCENT_UNITS:
            return SAY_UNIT
        return "la laisser de côté (« garder » : non) dans la feuille « Colonnes » de data/saisies/correspondance.xlsx"

    def _judge(self, read: ColumnValues) -> None:
        indicator, values = self.column.indicator, self.block.value[:, self.place]
        low, high = _low(indicator), _high(indicator)
        outside = np.flatnonzero((values < low) | (values > high)).tolist()
        if outside:
            found = f"{french(values[outside[0]])} hors bornes pour « {indicator.label} »"
            bounds = f"de {french(low)} à {french(high)}"
            self.fault(outside, found, bounds, "vérifier la valeur ; elle est lue telle quelle")
        if read.notes:
            found = f"appel de note après la valeur : « {self.text(read.notes[0])} »"
            self.fault(read.notes, found, "", "lire la note ; la valeur est lue, et la mention gardée")
        if read.errors:
            found = f"erreur de formule « {self.text(read.errors[0])} »"
            self.fault(read.errors, found, "une valeur", "corriger la formule ; lue « non disponible »")
        valued = np.flatnonzero(np.isfinite(values)).tolist()
        if self.column.absent and valued:
            found = f"« {self.column.shown} » a des valeurs, mais la feuille Variables la dit absente"
            remedy = "demander au producteur laquelle des deux feuilles est juste"
            self.fault(valued, found, "aucune valeur", remedy, Severity.BLOCKING)
