"""The sheets of a correspondance.xlsx as a person left them: rows of texts, by heading, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet, read_workbook
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.rules import ReadingLimits

HEADER_ROWS = 20  # a header below this row is not looked for

FILE, SHEET, CELL, HEADING, THEME = "fichier", "feuille", "cellule", "intitulé", "sous"
SAMPLES = ("exemple 1", "exemple 2", "exemple 3")
PROPOSAL, CONFIDENCE, WHY = "proposition", "confiance", "pourquoi"
MEANING, YEAR, UNIT, KEEP = "retenir comme", "année", "unité", "garder"
CONTENT, STATED, GEOGRAPHY, REMARK = "contenu reconnu", "dite par le fichier", "géographie au 1er janvier", "remarque"
NAME, LABEL, BASE, LOW, HIGH, SOURCE = "identifiant", "libellé", "base", "mini", "maxi", "source"
CHOICE, ROLE, DEFINITION = "choix", "rôle", "définition"
TEXT, COUNT, FIRST, SAYS = "texte", "nombre de cellules", "première cellule", "veut dire"


@dataclass(frozen=True)
class SheetSpec:
    """A sheet that is ours. `anchor`: the headings it is known by; `needed`: those it cannot be read without."""

    name: str
    anchor: tuple[str, ...]
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()
    optional: bool = False  # written only when there is something to ask in it

    @property
    def headings(self) -> tuple[str, ...]:
        return (*self.needed, *self.others)


COLUMNS = SheetSpec(
    "Colonnes",
    (FILE, HEADING, MEANING),
    (FILE, SHEET, HEADING, THEME, MEANING, YEAR, UNIT, KEEP),
    (CELL, *SAMPLES, PROPOSAL, CONFIDENCE, WHY),
)
FILES = SheetSpec("Fichiers", (FILE, GEOGRAPHY), (FILE, GEOGRAPHY), (CONTENT, STATED, REMARK))
INDICATORS = SheetSpec(
    "Nouveaux indicateurs", (NAME, LABEL, LOW), (NAME, LABEL, UNIT, BASE, LOW, HIGH, SOURCE), (REMARK,)
)
DICTIONARY = SheetSpec("Dictionnaire", (CHOICE, ROLE), (CHOICE, ROLE), (UNIT, BASE, DEFINITION))
MARKS = SheetSpec("Marques", (FILE, TEXT, SAYS), (FILE, TEXT, SAYS), (COUNT, FIRST), optional=True)
TYPED = (COLUMNS, FILES, INDICATORS, MARKS)
GUIDE = "Mode d’emploi"


@dataclass(frozen=True)
class SheetRow:
    """A row: the text under each heading, spaces trimmed; headings that are not ours keep their own words."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, heading: str) -> str:
        return self.cells.get(heading, "")

    def cell(self, heading: str) -> str:
        """« K7 »: where what stands under `heading` was read; the first cell of the row when the column is gone."""
        return cell_name(self.number, self.columns.get(heading, 1))


@dataclass(frozen=True)
class Filled:
    """All that a correspondance.xlsx holds; `foreign` are the sheets that someone added, as values.

    `faults` are those of its form: with one of them, what a person typed may have been missed.
    """

    columns: tuple[SheetRow, ...] = ()
    files: tuple[SheetRow, ...] = ()
    indicators: tuple[SheetRow, ...] = ()
    dictionary: tuple[SheetRow, ...] = ()
    foreign: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    marks: tuple[SheetRow, ...] = ()


def read_filled(path: Path, limits: ReadingLimits) -> Filled:
    """The rows of `path`, whatever their order; its sheets are known by name, else by their headings.

    Raises SourceError when it is no readable workbook.
    """
    book = read_workbook(path, limits)
    faults: list[Fault] = []
    taken: dict[str, str] = {}
    rows: dict[str, tuple[SheetRow, ...]] = {}
    for spec in (*TYPED, DICTIONARY):
        sheet, header = _find(book.sheets, spec, taken)
        if sheet is None:
            named = any(normalised(one.name) == normalised(spec.name) for one in book.sheets)
            if spec is not DICTIONARY and (named or not spec.optional):
                faults.append(_missing_sheet(path.name, spec))
            rows[spec.name] = ()
            continue
        taken[sheet.name] = spec.name
        columns = _columns(sheet, header, spec)
        faults += _missing_columns(path.name, sheet, header, spec, columns)
        rows[spec.name] = tuple(_rows(sheet, header, columns))
        if spec is not DICTIONARY:
            faults += _uncached(path.name, sheet, header, columns)
    foreign = {
        sheet.name: [list(cells) for cells in sheet.cells]
        for sheet in book.sheets
        if sheet.name not in taken and normalised(sheet.name) != normalised(GUIDE)
    }
    return Filled(
        rows[COLUMNS.name],
        rows[FILES.name],
        rows[INDICATORS.name],
        rows[DICTIONARY.name],
        foreign,
        tuple(faults),
        rows[MARKS.name],
    )


def _find(sheets: Sequence[Sheet], spec: SheetSpec, taken: Mapping[str, str]) -> tuple[Sheet | None, int]:
    """The sheet of `spec` and the row of its headings: the one of its name first."""
    free = [sheet for sheet in sheets if sheet.name not in taken]
    for sheet in sorted(free, key=lambda one: normalised(one.name) != normalised(spec.name)):
        for row in range(1, min(HEADER_ROWS, sheet.cells.shape[0]) + 1):
            texts = {normalised(sheet.text(row, column)) for column in range(1, sheet.cells.shape[1] + 1)}
            if texts >= {normalised(heading) for heading in spec.anchor}:
                return sheet, row
    return None, 0


def _columns(sheet: Sheet, header: int, spec: SheetSpec) -> dict[str, int]:
    """Heading → column. A second column of the same heading, or of one that is not ours, keeps its words and place."""
    ours = {normalised(heading): heading for heading in spec.headings}
    found: dict[str, int] = {}
    for column in range(1, sheet.cells.shape[1] + 1):
        text = sheet.text(header, column)
        heading = ours.get(normalised(text), text)
        if not text and not any(map(_text, sheet.cells[header:, column - 1])):
            continue
        if heading in found or not heading:
            heading = f"{text or 'sans titre'} ({column})"
        found[heading] = column
    return found


def _rows(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[SheetRow]:
    for number in range(header + 1, sheet.cells.shape[0] + 1):
        texts = {name: _text(sheet.cells[number - 1, column - 1]) for name, column in columns.items()}
        cells = {name: text for name, text in texts.items() if text}
        if cells:
            yield SheetRow(sheet.name, number, cells, columns)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    return cell_text(cell).strip()


def _missing_sheet(file: str, spec: SheetSpec) -> Fault:
    return Fault(
        file,
        spec.name,
        found="feuille absente, ou sans sa ligne d’intitulés",
        expected=f"une ligne avec « {' », « '.join(spec.anchor)} »",
        remedy="remettre cette feuille, ou ranger ce classeur ailleurs : diagpacte en refera un",
        kind=FaultKind.COLUMN,
    )


def _missing_columns(
    file: str, sheet: Sheet, header: int, spec: SheetSpec, columns: Mapping[str, int]
) -> Iterator[Fault]:
    for heading in spec.needed:
        if heading not in columns:
            yield Fault(
                file,
                sheet.name,
                f"ligne {header}",
                found=f"colonne absente « {heading} »",
                expected=", ".join(spec.needed),
                remedy="remettre cette colonne ; diagpacte la lit par son intitulé",
                kind=FaultKind.COLUMN,
            )


def _uncached(file: str, sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[Fault]:
    for row, column in sorted(sheet.facts.uncached):
        if row > header and column in columns.values():
            cell = cell_name(row, column)
            yield Fault(
                file,
                sheet.name,
                cell,
                found="formule sans résultat enregistré",
                expected="un texte ou un nombre",
                remedy="ouvrir le classeur dans Excel, l’enregistrer, puis relancer",
                severity=Severity.BLOCKING,
                kind=FaultKind.COLUMN,
                cells=(cell,),
            )


class Told:
    """What reads the rows of one file, gathering what cannot be obeyed."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def _fault(
        self,
        row: SheetRow,
        heading: str,
        found: str,
        expected: str,
        remedy: str,
        *,
        severity: Severity = Severity.BLOCKING,
        kind: FaultKind = FaultKind.COLUMN,
    ) -> None:
        cell = row.cell(heading)
        self.faults.append(Fault(self.file, row.sheet, cell, found, expected, remedy, severity, kind, (cell,)))
