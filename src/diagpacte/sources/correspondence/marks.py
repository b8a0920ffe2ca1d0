"""The rows of « Marques » → why the cells that hold a text have no value, or which degree they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.correspondence import rows
from diagpacte.sources.correspondence.rows import SheetRow
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import CellReader
from diagpacte.sources.rules import MissingMark
from diagpacte.vocabulary import ABSENCES, Availability, Factor

Text = tuple[str, str]  # file and text, as they are written


@dataclass
class SaidMarks:
    """What a person said of texts, and what cannot be obeyed."""

    absences: dict[Text, Availability] = field(default_factory=dict)
    degrees: dict[Text, str] = field(default_factory=dict)  # the words of the degree, as texts are compared
    faults: list[Fault] = field(default_factory=list)


def said_marks(
    file: str, typed: Iterable[SheetRow], marks: Sequence[MissingMark] = (), factors: Sequence[Factor] = ()
) -> SaidMarks:
    """What the rows of « Marques » say; a row without answer says nothing.

    The words of the list, and every mark and every word of `marks`, say why there is no value; the words of the
    degrees of `factors`, which degree there is. A text that is a number stays one: that it was said to be a mark is
    a fault to check.
    """
    said, known = SaidMarks(), _known(marks, factors)
    places: dict[Text, SheetRow] = {}
    meanings: dict[Text, Availability | str] = {}
    for row in filter(lambda row: row[rows.SAYS], typed):
        meaning = known.get(normalised(row[rows.SAYS]))
        fault = _refused(file, row, meaning, factors)
        if fault or meaning is None:
            said.faults += [fault] if fault else []
            continue
        first = places.setdefault((normalised(row[rows.FILE]), normalised(row[rows.TEXT])), row)
        key = (first[rows.FILE], first[rows.TEXT])
        if meanings.setdefault(key, meaning) != meaning:
            found = f"deux réponses pour le texte « {row[rows.TEXT]} » : {first[rows.SAYS]} et {row[rows.SAYS]}"
            said.faults.append(_fault(file, [first, row], rows.SAYS, found, "une seule réponse", "garder la bonne"))
        elif CellReader((), {}).read(row[rows.TEXT]):
            said.faults.append(_already_read(file, row))
    said.absences = {key: one for key, one in meanings.items() if isinstance(one, Availability)}
    said.degrees = {key: one for key, one in meanings.items() if not isinstance(one, Availability)}
    return said


def _known(marks: Sequence[MissingMark], factors: Sequence[Factor]) -> Mapping[str, Availability | str]:
    """Word that may be typed → why there is no value, or the degree; the words of the list come first."""
    degrees = {normalised(label): normalised(label) for factor in factors for label in factor.grade_labels}
    by_mark = {normalised(word): mark.availability for mark in marks for word in (mark.label, mark.mark)}
    listed = {normalised(words): reason for reason, words in ABSENCES.items()}
    return {**by_mark, **degrees, **listed}


def _refused(file: str, row: SheetRow, meaning: Availability | str | None, factors: Sequence[Factor]) -> Fault | None:
    """Why a row cannot be obeyed."""
    if meaning is None:
        words = dict.fromkeys([*ABSENCES.values(), *(label for factor in factors for label in factor.grade_labels)])
        found = f"« {row[rows.SAYS]} » pour le texte « {row[rows.TEXT]} »"
        expected = f"un mot de la liste : {', '.join(words)}"
        return _fault(file, [row], rows.SAYS, found, expected, "choisir dans la liste déroulante")
    missing = next((heading for heading in (rows.FILE, rows.TEXT) if not row[heading]), None)
    if missing:
        found, expected = f"réponse sans « {missing} »", "le fichier et le texte dont il s’agit"
        return _fault(file, [row], missing, found, expected, "compléter la ligne")
    return None


def _already_read(file: str, row: SheetRow) -> Fault:
    found = f"« {row[rows.TEXT]} » se lit déjà sans cette réponse"
    expected = "un texte qui n’est ni un nombre, ni une erreur de formule"
    remedy = "vérifier ; là où il est lisible, ce texte garde son sens"
    return _fault(file, [row], rows.TEXT, found, expected, remedy, Severity.CHECK)


def _fault(
    file: str,
    places: Sequence[SheetRow],
    heading: str,
    found: str,
    expected: str,
    remedy: str,
    severity: Severity = Severity.BLOCKING,
) -> Fault:
    cells = tuple(row.cell(heading) for row in places)
    shown = " et ".join(cells)
    return Fault(file, places[0].sheet, shown, found, expected, remedy, severity, FaultKind.VALUE, cells)
