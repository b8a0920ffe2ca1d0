"""The values of one table, read column by column, every fault with its cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import SPACES, normalised
from diagpacte.sources.files.workbook import Cells
from diagpacte.sources.layout.cells import OBSERVED, CellReader, ColumnValues, cell_text
from diagpacte.sources.layout.headers import Table
from diagpacte.sources.layout.table_rows import Rows, named
from diagpacte.sources.meaning.columns import IndicatorColumn
from diagpacte.sources.meaning.scaling import DECIMALS, is_percent, scale_of
from diagpacte.sources.meaning.variables import PERCENT_UNITS

GRADE = "grade"  # unit of the degrees of fragility
WRITTEN_UNITS = {
    "€": ("eur_year", "eur_m2"), "euro": ("eur_year", "eur_m2"), "km": ("km",), "min": ("min",), "hab": ("count",),
    "p": ("pct", "pct_year"),
}  # fmt: skip
WHOLE_UNITS = ("count", "eur_year")
SAY_IT = "dire ce que ce texte veut dire dans la feuille « Marques » de data/saisies/correspondance.xlsx"
SAY_UNIT = "donner son unité dans la feuille « Colonnes » de data/saisies/correspondance.xlsx"


@dataclass(frozen=True)
class UnknownText:
    """A text that stands for values and says neither a number nor why there is none."""

    text: str
    count: int  # cells that hold it
    cell: str  # the first of them, « EPCI!C7 »; « C7 » in a file without sheets


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
    intervals: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)  # NaN: no end said
    unknown: list[tuple[str, str]] = field(default_factory=list)  # texts that nothing can read, and their cells
    unscaled: dict[int, str] = field(default_factory=dict)  # columns whose unit a person must say, and why
    faults: list[Fault] = field(default_factory=list)


def unknown_texts(blocks: Iterable[Block]) -> list[UnknownText]:
    """The texts of one file that could not be read, each once, however its case and spaces vary."""
    cells: dict[str, list[tuple[str, str]]] = {}
    for block in blocks:
        for text, cell in block.unknown:
            cells.setdefault(normalised(text), []).append((text, f"{block.sheet}!{cell}" if block.sheet else cell))
    return [UnknownText(same[0][0], len(same), same[0][1]) for same in cells.values()]


def units_of(word: str) -> tuple[str, ...]:
    """The units of the dictionary that a word after a number may be."""
    return next((units for start, units in WRITTEN_UNITS.items() if word.casefold().startswith(start)), ())


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
        block.value[:, place], factor = self._scaled(read)
        for row, ends in read.intervals.items():
            scale = 1 if read.percent[row] else factor
            lower, upper = (np.nan if end is None else scale * end for end in ends)
            low = self.column.indicator.low
            lower = low if np.isnan(lower) and low is not None else lower
            block.intervals[row, place] = (lower, upper)
        self._judge(read)

    def _refuse_unreadable(self, read: ColumnValues) -> None:
        indicator = self.column.indicator
        rows = read.unreadable
        texts = [row for row in rows if isinstance(self._cell(row), str)]
        rows = sorted({*rows, *(row for row, word in read.units.items() if indicator.unit not in units_of(word))})
        if indicator.unit not in PERCENT_UNITS:
            rows = sorted({*rows, *np.flatnonzero(read.percent).tolist()})
        if rows:
            found = f"« {self._text((texts or rows)[0])} » illisible pour « {indicator.label} »"
            expected = "un degré de fragilité" if indicator.unit == GRADE else "un nombre, ou une marque d’absence"
            remedy = f"{SAY_IT}, ou corriger la cellule" if texts else "corriger la cellule"
            self._fault(rows, found, expected, remedy, Severity.BLOCKING)
            self.block.kept[rows, self.place] = False
        for row in texts:
            cell = self.table.sheet.cell_name(self.block.rows.numbers[row], self.column.column)
            self.block.unknown.append((self._text(row).strip(SPACES + "\t\r\n"), cell))
        if indicator.unit == GRADE:
            self._refuse_digits(read)
        if indicator.unit in WHOLE_UNITS and read.thousands and not self._decimal_marks(read):
            found = f"« {self._text(read.thousands[0])} » : le point ou la virgule sépare-t-il des milliers ?"
            expected, remedy = (
                "un nombre entier, sans séparateur ou avec une espace",
                "écrire la valeur sans séparateur",
            )
            self._fault(read.thousands, found, expected, remedy, Severity.BLOCKING)
            self.block.kept[read.thousands, self.place] = False

    def _refuse_digits(self, read: ColumnValues) -> None:
        """Grades written 1 and 2, without a 0 beside them, may go from 0 to 2 or from 1 to 3: none is guessed."""
        texts = [cell_text(text) for text in read.text]
        rows = [row for row, text in enumerate(texts) if text.strip().isdigit()]
        if rows and not any(texts[row].strip() == "0" for row in rows):
            found = f"« {self._text(rows[0])} » : des degrés de 0 à 2, ou de 1 à 3 ?"
            self._fault(rows, found, "les mots des degrés", "écrire les degrés en mots ; ces cellules ne sont pas lues")
            self.block.kept[rows, self.place] = False

    def _decimal_marks(self, read: ColumnValues) -> bool:
        """Whether other cells of the column show that the mark is the decimal one: « 13.4 », « 0,25 »."""
        marks = {mark for row in read.thousands for mark in ".," if mark in self._text(row)}
        texts = (text for text in read.text if isinstance(text, str))
        shown = {mark for text in texts for mark in ".," if re.search(rf"\d[{mark}](\d{{1,2}}|\d{{4,}})(?!\d)", text)}
        return marks <= shown

    def _refuse_uncached(self) -> None:
        uncached, column = self.table.sheet.facts.uncached, self.column.column
        rows = [row for row, number in enumerate(self.block.rows.numbers) if (number, column) in uncached]
        if rows:
            found = "formule sans résultat enregistré"
            remedy = "ouvrir le classeur dans Excel, l’enregistrer, puis relancer"
            self._fault(rows, found, "une valeur", remedy, Severity.BLOCKING)
            self.block.kept[rows, self.place] = False

    def _scaled(self, read: ColumnValues) -> tuple[NDArray[np.float64], float]:
        """The values in the unit of the indicator, and by what they were multiplied."""
        plain = np.where(read.percent, np.nan, read.value)
        formats = self.table.sheet.facts.formats.get(self.column.column, set())
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
            self._fault(
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
            self._fault(small, found, "une seule échelle pour la colonne", remedy, kind=FaultKind.UNIT)

    def _way_out(self) -> str:
        """What a person can do of a scale that cannot be told."""
        if self.column.indicator.unit in PERCENT_UNITS:
            return SAY_UNIT
        return "la laisser de côté (« garder » : non) dans la feuille « Colonnes » de data/saisies/correspondance.xlsx"

    def _judge(self, read: ColumnValues) -> None:
        indicator, values = self.column.indicator, self.block.value[:, self.place]
        low = -np.inf if indicator.low is None else indicator.low
        high = np.inf if indicator.high is None else indicator.high
        outside = np.flatnonzero((values < low) | (values > high)).tolist()
        if outside:
            found = f"{french(values[outside[0]])} hors bornes pour « {indicator.label} »"
            bounds = f"de {french(low)} à {french(high)}"
            self._fault(outside, found, bounds, "vérifier la valeur ; elle est lue telle quelle")
        if read.notes:
            found = f"appel de note après la valeur : « {self._text(read.notes[0])} »"
            self._fault(read.notes, found, "", "lire la note ; la valeur est lue, et la mention gardée")
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
        return cell_text(self._cell(row))

    def _cell(self, row: int) -> object:
        return self.table.sheet.cells[self.block.rows.numbers[row] - 1, self.column.column - 1]
