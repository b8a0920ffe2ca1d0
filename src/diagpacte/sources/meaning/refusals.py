"""Cells of a column of values that cannot be read: each is told, and none is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import SPACES, normalised
from diagpacte.sources.layout.cells import ColumnValues, cell_text
from diagpacte.sources.layout.headers import Table
from diagpacte.sources.layout.table_rows import named
from diagpacte.sources.meaning.grades import DIGITS, uncounted
from diagpacte.sources.meaning.typed_units import GRADE, factor_of
from diagpacte.sources.meaning.variables import PERCENT_UNITS

if TYPE_CHECKING:
    from diagpacte.sources.meaning.block import Block

WRITTEN_UNITS = {
    "€": ("eur_year", "eur_m2"), "euro": ("eur_year", "eur_m2"), "km": ("km",), "min": ("min",), "hab": ("count",),
    "p": ("pct", "pct_year"),
}  # fmt: skip
WHOLE_UNITS = ("count", "eur_year")
SAY_IT = "dire ce que ce texte veut dire dans la feuille « Marques » de data/saisies/correspondance.xlsx"
SAY_UNIT = "donner son unité dans la feuille « Colonnes » de data/saisies/correspondance.xlsx"


def units_of(word: str) -> tuple[str, ...]:
    """The units of the dictionary that a word after a number may be."""
    return next((units for start, units in WRITTEN_UNITS.items() if word.casefold().startswith(start)), ())


class ColumnCells:
    """The cells of one column of a block, and the faults that they have. Rows are places in the block."""

    def __init__(self, file: str, table: Table, block: Block, place: int) -> None:
        self.file, self.table, self.block, self.place = file, table, block, place
        self.column = block.columns[place]
        self.factor = factor_of(self.column.stated_unit) if self.column.unit_typed else 1

    def refuse_unreadable(self, read: ColumnValues) -> None:
        """What is neither a number, nor a degree, nor a mark of absence; numbers that may be two things."""
        digits = self._uncounted(read)
        self._refuse_texts(read, digits)
        self._refuse_digits(digits)
        self._refuse_thousands(read)
        if self.table.sheet.facts.uncached:
            self._refuse_uncached()

    def _refuse_texts(self, read: ColumnValues, digits: Iterable[int]) -> None:
        indicator = self.column.indicator
        texts = [row for row in read.unreadable if isinstance(self._cell(row), str) and row not in digits]
        for row in texts:
            cell = self.table.sheet.cell_name(self.block.rows.numbers[row], self.column.column)
            self.block.unknown.append((self.text(row).strip(SPACES + "\t\r\n"), cell))
        rows = {*read.unreadable, *(row for row, word in read.units.items() if not self._is_in(word))} - {*digits}
        if indicator.unit not in PERCENT_UNITS:
            rows |= {*np.flatnonzero(read.percent).tolist()}
        if rows:
            said = self._quoted(texts or sorted(rows))
            found = f"{named(said)} illisible{'s'[: len(said) > 1]} pour « {indicator.label} »"
            expected = "un degré de fragilité" if indicator.unit == GRADE else "un nombre, ou une marque d’absence"
            remedy = f"{SAY_IT}, ou corriger la cellule" if texts else "corriger la cellule"
            self._refuse(sorted(rows), found, expected, remedy)

    def _is_in(self, word: str) -> bool:
        """Whether the unit `word`, written after a number, is that of the column, which nothing multiplies."""
        return self.column.indicator.unit in units_of(word) and self.factor == 1

    def _quoted(self, rows: Iterable[int]) -> list[str]:
        """The texts of `rows` between quotation marks, each once, however its case and spaces vary."""
        texts: dict[str, str] = {}
        for row in rows:
            texts.setdefault(normalised(self.text(row)), f"« {self.text(row)} »")
        return [*texts.values()]

    def _uncounted(self, read: ColumnValues) -> list[int]:
        """The digits of a column of degrees whose first is not known."""
        if self.column.indicator.unit != GRADE or self.column.unit_typed:
            return []
        return uncounted([cell_text(text) for text in read.text])

    def _refuse_digits(self, rows: list[int]) -> None:
        """Grades written 1 and 2, without a 0 beside them, may go from 0 to 2 or from 1 to 3: none is guessed."""
        if rows:
            self.block.unscaled[self.place] = DIGITS
            self._refuse(rows, f"« {self.text(rows[0])} » : {DIGITS}", "les mots des degrés", SAY_UNIT, Severity.CHECK)

    def _refuse_thousands(self, read: ColumnValues) -> None:
        """« 1,234 » households may be 1234 of them; « 3,451 » thousand cannot."""
        whole = self.column.indicator.unit in WHOLE_UNITS and self.factor == 1
        if whole and read.thousands and not self._decimal_marks(read):
            found = f"« {self.text(read.thousands[0])} » : le point ou la virgule sépare-t-il des milliers ?"
            expected = "un nombre entier, sans séparateur ou avec une espace"
            self._refuse(read.thousands, found, expected, "écrire la valeur sans séparateur")

    def _decimal_marks(self, read: ColumnValues) -> bool:
        """Whether other cells of the column show that the mark is the decimal one: « 13.4 », « 0,25 »."""
        marks = {mark for row in read.thousands for mark in ".," if mark in self.text(row)}
        texts = (text for text in read.text if isinstance(text, str))
        shown = {mark for text in texts for mark in ".," if re.search(rf"\d[{mark}](\d{{1,2}}|\d{{4,}})(?!\d)", text)}
        return marks <= shown

    def _refuse_uncached(self) -> None:
        uncached, column = self.table.sheet.facts.uncached, self.column.column
        rows = [row for row, number in enumerate(self.block.rows.numbers) if (number, column) in uncached]
        if rows:
            found = "formule sans résultat enregistré"
            remedy = "ouvrir le classeur dans Excel, l’enregistrer, puis relancer"
            self._refuse(rows, found, "une valeur", remedy)

    def _refuse(
        self, rows: Sequence[int], found: str, expected: str, remedy: str, severity: Severity = Severity.BLOCKING
    ) -> None:
        self.fault(rows, found, expected, remedy, severity)
        self.block.kept[rows, self.place] = False

    def fault(
        self,
        rows: Sequence[int],
        found: str,
        expected: str,
        remedy: str,
        severity: Severity = Severity.CHECK,
        kind: FaultKind = FaultKind.VALUE,
    ) -> None:
        """One fault for all of `rows`, which are named."""
        places = [self.table.sheet.place(self.block.rows.numbers[row], self.column.column) for row in rows]
        shown = named([cell_name(*place) for place in places])
        self.block.faults.append(
            Fault(self.file, self.block.sheet, shown, found, expected, remedy, severity, kind, areas(places))
        )

    def text(self, row: int) -> str:
        """What stands in the cell, as it is quoted."""
        return cell_text(self._cell(row))

    def _cell(self, row: int) -> object:
        return self.table.sheet.cells[self.block.rows.numbers[row] - 1, self.column.column - 1]
