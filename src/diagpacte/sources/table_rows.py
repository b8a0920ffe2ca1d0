"""The rows of a table told apart: zones, notes, units, totals, and codes that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.cell_names import areas, cell_name
from diagpacte.sources.cells import cell_text, normalised
from diagpacte.sources.headers import Table
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.sources.zone_codes import ARRONDISSEMENT, ZoneReader
from diagpacte.vocabulary import ZoneCode, code_text

NAMED_CELLS = 3  # cells named in a fault; the others are counted
BEGINS_LIKE_A_NUMBER = re.compile(r"'?[-−+]?\d")
Problem = tuple[str, str, Severity]  # found, expected, severity


@dataclass(frozen=True)
class Skipped:
    """Something that stands in the file and is no observation, with the reason, in French."""

    sheet: str
    place: str
    reason: str


@dataclass
class Rows:
    """The rows of a table."""

    zones: list[ZoneCode] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # row in the sheet of each zone
    notes: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def named(cells: Sequence[str]) -> str:
    """« C7, C9, C12 et 4 autres »."""
    rest = len(cells) - NAMED_CELLS
    return ", ".join(cells[:NAMED_CELLS]) + (f" et {rest} autre{'s' if rest > 1 else ''}" if rest > 0 else "")


def tell_rows_apart(file: str, table: Table, layout: IndicatorLayout, zones: ZoneReader) -> Rows:
    """Every row below the header: its zone, or where it belongs, or a fault that names its code cell."""
    rows = Rows()
    problems: dict[Problem, list[int]] = {}
    arrondissements: list[str] = []
    for number in range(table.first_row, table.last_row + 1):
        code = table.sheet.cells[number - 1, table.code - 1]
        level = table.sheet.text(number, table.level) if table.level else ""
        department = table.sheet.text(number, table.department) if table.department else ""
        zone = zones.zone(code, level, department)
        if zone is not None:
            rows.zones.append(zone)
            rows.numbers.append(number)
        elif ARRONDISSEMENT.match(code_text(code, 5)):
            arrondissements.append(str(number))
        elif not _explained(table, layout, number, rows):
            problem = _problem(cell_text(code).strip(), level, layout, zones)
            problems.setdefault(problem, []).append(number)
    if arrondissements:
        reason = "arrondissements municipaux, parts d’une commune : ils ne sont pas lus"
        rows.skipped.append(Skipped(table.sheet.name, f"lignes {named(arrondissements)}", reason))
    for (found, expected, severity), numbers in problems.items():
        places = [table.sheet.place(number, table.code) for number in numbers]
        cells = [cell_name(*place) for place in places]
        remedy = "corriger le code dans le fichier d’origine, la colonne au format Texte"
        if severity is Severity.CHECK:
            remedy = "ajouter une colonne GEO_NIV (DEP ou REG) ; la ligne n’est pas lue"
            rows.skipped.append(Skipped(table.sheet.name, named(cells), found))
        fault = Fault(
            file, table.sheet.name, named(cells), found, expected, remedy, severity, FaultKind.ZONE, areas(places)
        )
        rows.faults.append(fault)
    return rows


def _explained(table: Table, layout: IndicatorLayout, number: int, rows: Rows) -> bool:
    """File a row without zone: blank, note, units under the header, or total; False when it is none of them."""
    sheet = table.sheet
    texts = [text for text in (sheet.text(number, column) for column in table.columns) if text]
    data = [sheet.text(number, heading.column) for heading in table.headings]
    with_number = any(BEGINS_LIKE_A_NUMBER.match(text) for text in data)
    begins = normalised(texts[0]) if texts else ""
    if not texts:
        return True
    if not any(data) or (not with_number and begins.startswith(_prefixes(layout))):
        rows.notes.append(" ".join(texts))
    elif not rows.zones and not with_number:
        rows.skipped.append(Skipped(sheet.name, f"ligne {number}", "unités, sous l’en-tête"))
    elif begins.partition(" ")[0] in {normalised(word) for word in layout.totals}:
        rows.skipped.append(Skipped(sheet.name, f"ligne {number}", f"total sans périmètre : « {texts[0]} »"))
    else:
        return False
    return True


def _prefixes(layout: IndicatorLayout) -> tuple[str, ...]:
    return tuple(normalised(prefix) for prefix in layout.footers.prefixes)


def _problem(code: str, level: str, layout: IndicatorLayout, zones: ZoneReader) -> Problem:
    if level and normalised(level) not in zones.levels:
        return f"niveau géographique inconnu « {level} »", " ou ".join(layout.levels), Severity.BLOCKING
    if not level and zones.ambiguous(code):
        return f"« {code} » est un département et une région", "un niveau géographique", Severity.CHECK
    found = f"code illisible « {code} »" if code else "ligne de valeurs sans code"
    return found, "9 chiffres (EPCI, EPT), 5 caractères (commune) ou un code connu", Severity.BLOCKING
