"""Corrections that a person typed: cells changed once the file is open, before anything is read of it.

A cell of code or of heading can be corrected as well as a value: what is wrong in it keeps any observation
from being read. The file itself is never written to. An observation whose cell was corrected says so in its
flag, and keeps the text of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import cell_name, column_letters
from diagpacte.sources.files.sheet_facts import SheetFacts
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet, Workbook
from diagpacte.sources.layout.cells import CellReader, Reading, cell_text

CORRECTIONS_FILE = "corrections.csv"
NAMED = 5  # files or sheets named in a sentence
CORRECTED = "corrigé"


class Corrected(StrEnum):
    """What a corrected cell is; the values are typed by people."""

    VALUE = "valeur"
    CODE = "code de la zone"
    HEADING = "intitulé"
    OTHER = "autre cellule"


FLAGS = {Corrected.VALUE: CORRECTED, Corrected.CODE: f"zone {CORRECTED}e", Corrected.HEADING: f"intitulé {CORRECTED}"}


@dataclass(frozen=True)
class Correction:
    """A line of corrections.csv, or of the sheet « Corrections » of saisie.xlsx (`file`, `typed_in`).

    `source` is the beginning of a SHA-256; `sheet` is « » for a text file.
    """

    line: int
    source: str
    sheet: str
    row: int
    column: int
    field: Corrected
    old: str
    new: str
    reason: str
    day: date
    file: str = CORRECTIONS_FILE
    typed_in: str = ""  # the sheet, of a workbook

    @property
    def cell(self) -> str:
        return cell_name(self.row, self.column)

    @property
    def key(self) -> str:
        """« Profils_EPCI!F12 », as it is typed."""
        return f"{self.sheet}!{self.cell}" if self.sheet else self.cell

    def refused(self, found: str, expected: str, remedy: str) -> Fault:
        """Its blocking fault."""
        return refused(self.line, found, expected, remedy, self.file, self.typed_in)


@dataclass(frozen=True)
class Applied:
    """A correction that was made: in which sheet, and the text that the file holds."""

    correction: Correction
    sheet: str
    text: str


def refused(line: int, found: str, expected: str, remedy: str, file: str = CORRECTIONS_FILE, sheet: str = "") -> Fault:
    """The blocking fault of a line of corrections."""
    return Fault(file, sheet, f"ligne {line}", found, expected, remedy, Severity.BLOCKING, FaultKind.CORRECTION)


def corrected(book: Workbook, corrections: Sequence[Correction]) -> tuple[Workbook, list[Applied], list[Fault]]:
    """`book` with its cells corrected, what was done, and a blocking fault for each correction refused.

    Refused: a sheet or cell that is not there, and a cell that does not hold `old` as the file writes it or as
    a French spreadsheet shows it (« 12,5 » for 12.4999, « 12,5 % » for 0.125).
    """
    cells: dict[str, NDArray[np.object_]] = {}
    applied: list[Applied] = []
    faults: list[Fault] = []
    for correction in corrections:
        sheet = _sheet(book, correction.sheet)
        refusal = _refusal(book, sheet, correction)
        if sheet is None or refusal is not None:
            faults += [refusal] if refusal else []
            continue
        mine = cells.setdefault(sheet.name, sheet.cells.copy())
        place = (correction.row - 1, correction.column - 1)
        applied.append(Applied(correction, sheet.name, cell_text(mine[place])))
        mine[place] = correction.new
    done = {(one.sheet, one.correction.row, one.correction.column) for one in applied}
    sheets = tuple(
        replace(sheet, cells=cells[sheet.name], facts=_facts(sheet, done)) if sheet.name in cells else sheet
        for sheet in book.sheets
    )
    return replace(book, sheets=sheets), applied, faults


def _facts(sheet: Sheet, done: set[tuple[str, int, int]]) -> SheetFacts:
    """The facts of a sheet, a corrected cell being no formula without result any more."""
    uncached = {cell for cell in sheet.facts.uncached if (sheet.name, *cell) not in done}
    return replace(sheet.facts, uncached=uncached)


def _sheet(book: Workbook, name: str) -> Sheet | None:
    """The sheet of that name, else of the same name in other letters; without a name, the only sheet."""
    if not name and len(book.sheets) == 1:
        return book.sheets[0]
    exact = [sheet for sheet in book.sheets if sheet.name == name]
    alike = exact or [sheet for sheet in book.sheets if normalised(sheet.name) == normalised(name)]
    return alike[0] if len(alike) == 1 else None


def _refusal(book: Workbook, sheet: Sheet | None, correction: Correction) -> Fault | None:
    if sheet is None:
        names = ", ".join(f"« {one.name} »" for one in book.sheets[:NAMED])
        found = f"{book.file} n’a pas de feuille « {correction.sheet} »"
        if not correction.sheet:
            found = f"{correction.cell} de {book.file} : la clé ne dit pas de quelle feuille"
        return correction.refused(found, names, "reprendre le nom de la feuille dans qualite.csv")
    height, width = sheet.cells.shape
    if correction.row > height or correction.column > width:
        found = f"{correction.key} est hors du tableau de {book.file}"
        last = cell_name(height, width) if height and width else "aucune cellule"
        return correction.refused(found, f"une cellule jusqu’à {last}", "vérifier la cellule")
    cell = sheet.cells[correction.row - 1, correction.column - 1]
    if not same(cell, correction.old):
        text = cell_text(cell)
        found = f"{correction.key} de {book.file} contient « {_shown(text)} »" if text else f"{correction.key} est vide"
        remedy = "vérifier la cellule ; si elle est la bonne, écrire dans ancien ce qu’elle contient"
        return correction.refused(found, f"« {correction.old} », l’ancienne valeur écrite", remedy)
    return None


def same(cell: object, typed: str) -> bool:
    """Whether `typed` is what stands in `cell`: its text, its number rounded as typed, or its day."""
    text = cell_text(cell)
    if normalised(text) == normalised(typed):
        return True
    if isinstance(cell, date):
        shown = f"{cell.day:02d}/{cell.month:02d}/{cell.year}"
        midnight = not isinstance(cell, datetime) or (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return midnight and typed in (shown, f"{cell.year}-{cell.month:02d}-{cell.day:02d}")
    held, wanted = _number(text), _number(typed)
    if held is None or wanted is None or held.flag != wanted.flag:
        return False
    value = held.value or 0.0
    if wanted.percent and not held.percent:
        value *= 100
    decimals = re.search(r"[.,](\d+)", typed)
    half = 0.5 * 10.0 ** -(len(decimals[1]) if decimals else 0)
    return abs(value - (wanted.value or 0.0)) <= half * (1 + 1e-9)


def _number(text: str) -> Reading | None:
    found = CellReader([], {}).read(text)
    return found if found is not None and found.value is not None else None


def marked(observations: pd.DataFrame, applied: Sequence[Applied]) -> pd.DataFrame:
    """`observations` (or those given twice) with the flags of their corrections, and the texts of the file."""
    if not applied:
        return observations
    flags, texts = (observations[name].to_numpy(dtype=object, copy=True) for name in ("flag", "published_text"))
    for one in applied:
        touched = _touched(observations, one)
        if one.correction.field in FLAGS:
            mention = FLAGS[one.correction.field]
            flags[touched] = [f"{flag} {mention}".strip() for flag in flags[touched]]
        if one.correction.field is Corrected.VALUE:
            texts[touched] = one.text
    columns = {"flag": flags, "published_text": texts}
    return observations.assign(
        **{name: pd.Series(column, observations.index, "str") for name, column in columns.items()}
    )


def told(file: str, applied: Sequence[Applied], tables: Sequence[pd.DataFrame]) -> list[Fault]:
    """Each correction made, as an information; blocking when no observation of `tables` comes from its cell.

    « autre cellule » is never asked for an observation.
    """
    return [
        _made(file, one)
        if one.correction.field not in FLAGS or any(_touched(table, one).any() for table in tables)
        else _untouched(file, one.correction)
        for one in applied
    ]


def _touched(observations: pd.DataFrame, one: Applied) -> NDArray[np.bool_]:
    """The observations that a corrected cell holds, names or heads."""
    correction = one.correction
    in_sheet = observations["sheet"].eq(one.sheet).to_numpy(dtype=np.bool_)
    in_row = observations["row"].eq(correction.row).to_numpy(dtype=np.bool_)
    in_column = observations["column"].eq(column_letters(correction.column)).to_numpy(dtype=np.bool_)
    if correction.field is Corrected.VALUE:
        return in_sheet & in_row & in_column
    # A code stands in the row of its values, a heading in their column; conversely in a transposed table.
    return in_sheet & (in_row | in_column)


def _untouched(file: str, correction: Correction) -> Fault:
    return correction.refused(
        f"{correction.key} de {file} : aucune valeur lue ne vient de cette cellule ({correction.field})",
        "une cellule de valeur, de code ou d’intitulé d’un tableau lu",
        f"vérifier la cellule, ou écrire « {Corrected.OTHER} » dans champ",
    )


def _shown(text: str) -> str:
    """The text of a cell in a sentence: a decimal point becomes a comma."""
    return re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", text)


def _made(file: str, one: Applied) -> Fault:
    correction = one.correction
    day = f"{correction.day.day:02d}/{correction.day.month:02d}/{correction.day.year}"
    return Fault(
        file,
        one.sheet,
        correction.cell,
        f"« {_shown(one.text)} » lu « {correction.new} » ({correction.field}) : {correction.reason}",
        "",
        f"rien à faire : correction du {day}, ligne {correction.line} de {correction.file}",
        Severity.INFORMATION,
        FaultKind.CORRECTION,
        (correction.cell,),
    )
