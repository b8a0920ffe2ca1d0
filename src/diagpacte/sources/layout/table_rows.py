"""The rows of a table told apart: zones, notes, units, totals, and codes that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.layout.headers import Table
from diagpacte.sources.layout.zone_codes import ARRONDISSEMENT, ZoneReader
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import ZoneCode, ZoneKind, code_text

NAMED_CELLS = 3  # cells named in a fault; the others are counted
BEGINS_LIKE_A_NUMBER = re.compile(r"'?[-−+]?\d")
WORDED = re.compile(r"[^\W\d_]{3}")  # « 12 EPCI sur 21 », not « 12AB »
CALL_OF_NOTE = re.compile(r"(\(\w{1,3}\)|\(\*+\)|\*+)\s")
# « 29 - Finistère », « Région Bretagne », « Département du Finistère », « Bretagne (53) »
AROUND_A_NAME = re.compile(
    r"^(?:\d[\dab]\d?\s*[-–:]?\s*)?(?:(?:region|departement)\s+(?:de la |de l'|du |des |de |d')?)?|\s*\([^)]*\)$"
)


class Problem(NamedTuple):
    """Why a code gives no zone."""

    found: str
    expected: str
    remedy: str
    severity: Severity = Severity.BLOCKING


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
    departments: list[str] = field(default_factory=list)  # what the table says of each zone, « » for nothing; or empty


def named(cells: Sequence[str]) -> str:
    """« C7, C9, C12 et 4 autres »."""
    rest = len(cells) - NAMED_CELLS
    return ", ".join(cells[:NAMED_CELLS]) + (f" et {rest} autre{'s' if rest > 1 else ''}" if rest > 0 else "")


def tell_rows_apart(file: str, table: Table, layout: IndicatorLayout, zones: ZoneReader) -> Rows:
    """Every row below the header: its zone, or where it belongs, or a fault that names its code cell."""
    rows = Rows()
    lost: list[int] = []
    left_out: dict[str, list[int]] = {}
    unread_levels: dict[str, list[int]] = {}
    placeless = {normalised(word) for word in layout.nowhere}
    for number in range(table.first_row, table.last_row + 1):
        code = table.sheet.cells[number - 1, table.code - 1]
        level = table.sheet.text(number, table.level) if table.level else ""
        department = table.sheet.text(number, table.department) if table.department else ""
        nowhere = isinstance(code, str) and normalised(code) in placeless  # « 99 » would be a département
        # « France métropolitaine » alone in the column of levels is a title, and no row of France.
        title = code in (None, "") and not any(table.sheet.text(number, one.column) for one in table.headings)
        zone = None if nowhere or title else zones.zone(code, level, department)
        if zone is not None:
            rows.zones.append(zone)
            rows.numbers.append(number)
            if table.department:
                rows.departments.append(department)
            continue
        reason = _left_out(table, number, placeless)
        if reason:
            left_out.setdefault(reason, []).append(number)
        elif not _explained(file, table, layout, number, rows):
            if level and normalised(level) not in zones.levels:
                unread_levels.setdefault(level, []).append(number)
            else:
                lost.append(number)
    problems = _problems(table, layout, zones, rows, lost, left_out)
    if unread_levels:
        problems[_of_levels(unread_levels)] = sorted(chain.from_iterable(unread_levels.values()))
    for reason, numbers in left_out.items():
        _tell(file, table, numbers, reason, rows)
    rows.faults += [*_of_other_codes(file, table, rows), *_of_rival_codes(file, table)]
    for problem, numbers in problems.items():
        _tell_problem(file, table, problem, numbers, rows)
    return rows


def _problems(
    table: Table,
    layout: IndicatorLayout,
    zones: ZoneReader,
    rows: Rows,
    lost: Sequence[int],
    left_out: dict[str, list[int]],
) -> dict[Problem, list[int]]:
    """Why each of the `lost` rows gives no zone, once the zones are known; notes and summaries are filed where they go."""
    problems: dict[Problem, list[int]] = {}
    for number in lost:
        if _is_note(table, layout, number, rows):
            rows.notes.append(" ".join(_texts(table, number)))
        elif summary := _summary(table, layout, number, rows):
            left_out.setdefault(f"ligne de résumé, sans code : « {summary} »", []).append(number)
        else:
            problem = _milder_below(_problem(table, number, zones), table, number, rows)
            problems.setdefault(problem, []).append(number)
    return problems


def _tell_problem(file: str, table: Table, problem: Problem, numbers: Sequence[int], rows: Rows) -> None:
    found, expected, remedy, severity = problem
    places = [table.sheet.place(number, table.code) for number in numbers]
    cells = named([cell_name(*place) for place in places])
    if severity is Severity.CHECK:
        rows.skipped.append(Skipped(table.sheet.name, cells, found))
    kinds = (severity, FaultKind.ZONE, areas(places))
    rows.faults.append(Fault(file, table.sheet.name, cells, found, expected, remedy, *kinds))


def _left_out(table: Table, number: int, placeless: Collection[str]) -> str:
    """Why a row without zone is rightly left out, whatever its values; « » when nothing says so."""
    if ARRONDISSEMENT.match(code_text(table.sheet.cells[number - 1, table.code - 1], 5)):
        return "arrondissements municipaux, parts d’une commune : ils ne sont pas lus"
    if any(normalised(table.sheet.text(number, column)) in placeless for column in table.columns):
        return "population que sa source ne place dans aucune zone"
    return ""


def _explained(file: str, table: Table, layout: IndicatorLayout, number: int, rows: Rows) -> bool:
    """File a row without zone: blank, note, units under the header, or total; False when it is none of them."""
    sheet = table.sheet
    texts = _texts(table, number)
    data = [sheet.text(number, heading.column) for heading in table.headings]
    with_number = any(BEGINS_LIKE_A_NUMBER.match(text) for text in data)
    begins = normalised(texts[0]) if texts else ""
    totals = {normalised(word) for word in layout.totals}
    # The first text of a row may be its date: the code says the total too.
    worded = (text for text in (*texts[:1], sheet.text(number, table.code)) if text)
    summed = next((text for text in worded if normalised(text).partition(" ")[0] in totals), "")
    if not texts:
        return True
    if not any(data) or (not with_number and begins.startswith(_prefixes(layout))):
        rows.notes.append(" ".join(texts))
    elif not rows.zones and not with_number:
        rows.skipped.append(Skipped(sheet.name, f"ligne {number}", "unités, sous l’en-tête"))
    elif summed:
        _tell(file, table, [number], f"ligne de total ou de résumé, sans périmètre : « {summed} »", rows)
    else:
        return False
    return True


def _tell(file: str, table: Table, numbers: Sequence[int], found: str, rows: Rows) -> None:
    """Rows that are no zone and are rightly left out: said, for whoever looks for them in the tables."""
    places = [table.sheet.place(number, table.code) for number in numbers]
    cells = named([cell_name(*place) for place in places])
    rows.skipped.append(Skipped(table.sheet.name, cells, found))
    kinds = (Severity.INFORMATION, FaultKind.ZONE, areas(places))
    rows.faults.append(Fault(file, table.sheet.name, cells, found, "", "rien à faire", *kinds))


def _prefixes(layout: IndicatorLayout) -> tuple[str, ...]:
    return tuple(normalised(prefix) for prefix in layout.footers.prefixes)


NO_CODE = "ligne de valeurs sans code"
RETYPE = "corriger le code dans le fichier d’origine, la colonne au format Texte"
UNCACHED = Problem(
    "formule sans résultat enregistré", "un code", "ouvrir le classeur dans Excel, l’enregistrer, puis relancer"
)

UNNAMED = Problem(
    "ligne de valeurs sans code ni libellé",
    "9 chiffres (EPCI, EPT), 5 caractères (commune) ou un code connu",
    "écrire le code si c’est une zone ; la ligne n’est pas lue",
    Severity.CHECK,
)


def _texts(table: Table, number: int) -> list[str]:
    return [text for text in (table.sheet.text(number, column) for column in table.columns) if text]


def _is_note(table: Table, layout: IndicatorLayout, number: int, rows: Rows) -> bool:
    """Whether a row begins as a note does, whatever figures stand beside: « Source : Cnam, 2023 », « * secret » below."""
    begins = normalised(next(iter(_texts(table, number)), ""))
    below = number > max(rows.numbers, default=0)
    words = "|".join(re.escape(prefix) for prefix in _prefixes(layout) if prefix.isalpha())
    worded = re.match(rf"(?:{words})s?(?:\(s\))?(?: [^:]{{1,25}})? ?:", begins)
    marked = begins.startswith(tuple(prefix for prefix in _prefixes(layout) if not prefix.isalpha()))
    return bool(worded or (below and (marked or CALL_OF_NOTE.match(begins))))


def _summary(table: Table, layout: IndicatorLayout, number: int, rows: Rows) -> str:
    """The région or département whose name a row without code bears, where none of that level is read; « » else."""
    code = table.sheet.text(number, table.code)
    label = table.sheet.text(number, table.label) if table.label else ""
    if code and (label or not WORDED.search(code)):
        return ""  # a zone with its label: its code is wrong
    name = next((text for text in _texts(table, number) if WORDED.search(text)), "")
    bare = AROUND_A_NAME.sub("", normalised(name))
    read = {zone.partition(":")[0] for zone in rows.zones}
    levels = {ZoneKind.REGION: layout.regions, ZoneKind.DEPARTMENT: layout.departments}
    known = {level for level, names in levels.items() if bare in {normalised(one) for one in names}}
    return name if known and not known & read and read else ""


def _milder_below(problem: Problem, table: Table, number: int, rows: Rows) -> Problem:
    """`problem`, only to check under the last zone when the row has no code but words: a summary, and no lost zone."""
    code = table.sheet.text(number, table.code)
    label = table.sheet.text(number, table.label) if table.label else ""
    below = number > max(rows.numbers, default=number)
    wordy = problem.found.startswith(NO_CODE) or (problem.remedy == RETYPE and not label and WORDED.search(code))
    return problem._replace(remedy=UNNAMED.remedy, severity=Severity.CHECK) if below and wordy else problem


def _of_other_codes(file: str, table: Table, rows: Rows) -> list[Fault]:
    """The columns right of a second column of codes, of which zones being said by nothing: not read."""
    if not table.beside:
        return []
    sheet, heading = table.sheet, table.first_row - 1
    places = [sheet.place(heading, column) for column in table.beside if sheet.text(heading, column)]
    cells = named([cell_name(*place) for place in places])
    found = f"deux colonnes de codes de zones : {sheet.cell_name(heading, table.code)} et {cell_name(*places[0])}"
    rows.skipped.append(Skipped(sheet.name, cells, found))
    remedy = "laisser une colonne vide entre les deux tableaux ; les colonnes de droite ne sont pas lues"
    kinds = (Severity.CHECK, FaultKind.ZONE, areas(places))
    return [Fault(file, sheet.name, cells, found, "une colonne de codes par tableau", remedy, *kinds)]


def _of_rival_codes(file: str, table: Table) -> list[Fault]:
    """Two columns of distinct codes, either of which may be the zones of the rows."""
    if not table.rival:
        return []
    sheet, heading = table.sheet, table.first_row - 1
    place = sheet.place(heading, table.rival)
    chosen, other = (
        sheet.text(heading, column) or sheet.text(heading - 1, column) for column in (table.code, table.rival)
    )  # a row of years may stand under both
    found = f"deux colonnes de codes distincts : « {chosen} » et « {other} »"
    remedy = f"vérifier que les valeurs sont celles des zones de « {chosen} » ; elles sont lues ainsi"
    kinds = (Severity.CHECK, FaultKind.ZONE, areas([place]))
    return [Fault(file, sheet.name, cell_name(*place), found, "une colonne de codes par tableau", remedy, *kinds)]


def _of_levels(levels: Mapping[str, Sequence[int]]) -> Problem:
    words = " ; ".join(
        f"« {word} » ({len(numbers)} ligne{'s'[: len(numbers) > 1]})" for word, numbers in levels.items()
    )
    remedy = "rien à faire si ces zones n’intéressent pas le diagnostic"
    return Problem(f"niveaux géographiques qui ne sont pas lus : {words}", "", remedy, Severity.CHECK)


def _problem(table: Table, number: int, zones: ZoneReader) -> Problem:
    code = cell_text(table.sheet.cells[number - 1, table.code - 1]).strip()
    if table.sheet.place(number, table.code) in table.sheet.facts.uncached:
        return UNCACHED
    level = table.sheet.text(number, table.level) if table.level else ""
    if not level and zones.ambiguous(code):
        remedy = "ajouter une colonne GEO_NIV (DEP ou REG) ; la ligne n’est pas lue"
        return Problem(f"« {code} » est un département et une région", "un niveau géographique", remedy, Severity.CHECK)
    if zones.four_characters:
        remedy = "demander le fichier par commune ou par EPCI, ou rendre leur zéro aux codes"
        found = "codes de quatre chiffres : cantons, niveau qui n’est pas lu, ou communes qui ont perdu leur zéro"
        return Problem(found, "cinq caractères (commune)", remedy)
    texts = _texts(table, number)
    if not code and all(map(BEGINS_LIKE_A_NUMBER.match, texts)):
        return UNNAMED  # a total that nobody named, or people placed nowhere: no zone in either case
    name = next((text for text in texts if not BEGINS_LIKE_A_NUMBER.match(text)), "")
    found = f"code illisible « {code} »" if code else f"{NO_CODE} : « {name} »"
    return Problem(found, "9 chiffres (EPCI, EPT), 5 caractères (commune) ou un code connu", RETYPE)
