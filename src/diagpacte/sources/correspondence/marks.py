"""The rows of « Marques » → why the cells that hold a text have no value."""

from __future__ import annotations

from collections.abc import Iterable

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.correspondence import rows
from diagpacte.sources.correspondence.rows import SheetRow
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import CellReader
from diagpacte.vocabulary import ABSENCES, Availability

REASONS = {normalised(words): reason for reason, words in ABSENCES.items()}
Marks = dict[tuple[str, str], Availability]  # file and text, as they are written


def said_marks(file: str, typed: Iterable[SheetRow]) -> tuple[Marks, list[Fault]]:
    """What a person said of texts, and what cannot be obeyed; a row without answer says nothing.

    A text that is a number stays one: that it was said to be a mark is a fault to check.
    """
    marks: Marks = {}
    places: dict[tuple[str, str], SheetRow] = {}
    faults: list[Fault] = []
    for row in typed:
        if not row[rows.SAYS]:
            continue
        reason = REASONS.get(normalised(row[rows.SAYS]))
        if reason is None:
            expected = f"un mot de la liste : {', '.join(ABSENCES.values())}"
            found = f"« {row[rows.SAYS]} » pour le texte « {row[rows.TEXT]} »"
            faults.append(_fault(file, [row], rows.SAYS, found, expected, "choisir dans la liste déroulante"))
            continue
        missing = next((heading for heading in (rows.FILE, rows.TEXT) if not row[heading]), None)
        if missing:
            found, expected = f"réponse sans « {missing} »", "le fichier et le texte dont il s’agit"
            faults.append(_fault(file, [row], missing, found, expected, "compléter la ligne"))
            continue
        first = places.setdefault((normalised(row[rows.FILE]), normalised(row[rows.TEXT])), row)
        said = marks.setdefault((first[rows.FILE], first[rows.TEXT]), reason)
        if said is not reason:
            found = f"deux réponses pour le texte « {row[rows.TEXT]} » : {ABSENCES[said]} et {ABSENCES[reason]}"
            faults.append(_fault(file, [first, row], rows.SAYS, found, "une seule réponse", "garder la bonne"))
        elif CellReader((), {}).read(row[rows.TEXT]):
            found = f"« {row[rows.TEXT]} » se lit déjà sans cette réponse"
            expected = "un texte qui n’est ni un nombre, ni une erreur de formule"
            remedy = "vérifier ; là où il est lisible, ce texte garde son sens"
            faults.append(_fault(file, [row], rows.TEXT, found, expected, remedy, Severity.CHECK))
    return marks, faults


def _fault(
    file: str,
    places: list[SheetRow],
    heading: str,
    found: str,
    expected: str,
    remedy: str,
    severity: Severity = Severity.BLOCKING,
) -> Fault:
    cells = tuple(row.cell(heading) for row in places)
    shown = " et ".join(cells)
    return Fault(file, places[0].sheet, shown, found, expected, remedy, severity, FaultKind.VALUE, cells)
