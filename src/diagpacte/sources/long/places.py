"""Which zone each line of a long table is about; every line that is about none of ours is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.code_columns import foreign_level
from diagpacte.sources.layout.table_rows import Skipped, named
from diagpacte.sources.layout.zone_codes import ARRONDISSEMENT, ZoneReader
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.long.table import PREFIXED, LongTable
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import SIREN_PATTERN, ZoneCode, ZoneKind, code_text, zone_code

AMONG_EPCI = (ZoneKind.EPCI, ZoneKind.EPT)
PARIS = zone_code(ZoneKind.COMMUNE, "75056")
EXPECTED_CODE = "9 chiffres (EPCI, EPT), 5 caractères (commune) ou un code connu"
REMEDY_CODE = "corriger le code dans le fichier d’origine, la colonne au format Texte"


@dataclass
class Places:
    """The zones of a table: the distinct ones, and which of them each line is about (-1: none)."""

    zones: list[ZoneCode]
    line: NDArray[np.intp]
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Unread:
    """Why lines are about no zone of ours; a `fault` when a person must look."""

    reason: str
    fault: tuple[str, str, Severity] | None = None  # expected, remedy, severity


def places(
    file: str,
    table: LongTable,
    rules: LongRules,
    layout: IndicatorLayout,
    ept_codes: Collection[str],
    wanted: NDArray[np.bool_],
) -> Places:
    """The zone of each line of `wanted`. Each distinct code and level is looked at once."""
    code, level = table.texts(table.columns.get("code")), table.texts(table.columns.get("level"))
    reader = _PlaceReader(rules, layout, ept_codes, code.distinct, table)
    pairs = code.place * len(level.distinct) + level.place
    kinds, line = np.unique(pairs, return_inverse=True)
    found = [reader.zone(*divmod_texts(pair, code.distinct, level.distinct)) for pair in kinds.tolist()]
    zones = [zone for zone in found if isinstance(zone, str)]
    position = np.full(len(found), -1, dtype=np.intp)
    position[[isinstance(zone, str) for zone in found]] = np.arange(len(zones))
    read = Places(zones, np.where(wanted, position[line], -1))
    _tell(file, table, found, np.where(wanted, line, -1), read)
    return read


def divmod_texts(pair: int, codes: list[str], levels: list[str]) -> tuple[str, str]:
    """The code and the level that `pair` stands for."""
    code, level = divmod(pair, len(levels))
    return codes[code], levels[level]


class _PlaceReader:
    """Reads one code and its level, which the code may carry before it."""

    def __init__(
        self,
        rules: LongRules,
        layout: IndicatorLayout,
        ept_codes: Collection[str],
        codes: list[str],
        table: LongTable,
    ) -> None:
        self.layout, self.words = layout, dict[str, str]()
        self.levels = {normalised(word): prefix for word, prefix in rules.levels.items()}
        self.unread = {normalised(word): label for word, label in rules.unread_levels.items()}
        self.france = {normalised(code): ZoneCode(zone) for code, zone in rules.france.items()}
        self.known = " ou ".join(rules.levels)
        said = layout.model_copy(update={"levels": {**layout.levels, **rules.levels}})
        bare = (prefixed["code"] if (prefixed := PREFIXED.match(code)) else code for code in codes)
        self.zones = ZoneReader(said, ept_codes, [code for code in bare if code], table.sheet.name)
        self.iris = "level" not in table.columns and self.zones.iris

    def zone(self, code: str, level: str) -> ZoneCode | _Unread:
        prefixed = PREFIXED.match(code)
        if prefixed:
            if level and self.levels.get(normalised(level)) != self.levels.get(normalised(prefixed["level"])):
                reason = f"« {code} » n’est pas du niveau « {level} »"
                return _Unread(reason, ("un seul niveau par ligne", REMEDY_CODE, Severity.BLOCKING))
            code, level = prefixed["code"], level or prefixed["level"]
        if level:
            return self._with_level(code, level)
        other = foreign_level(code, self.layout)
        if other or (self.iris and SIREN_PATTERN.match(code_text(code, 0))):
            return _Unread(other.removeprefix(" : ") or "Iris, niveau qui n’est pas lu")
        return self.zones.zone(code) or self._unreadable(code, "")

    def _with_level(self, code: str, level: str) -> ZoneCode | _Unread:
        word = self.words[level] if level in self.words else self.words.setdefault(level, normalised(level))
        if word in self.unread:
            return _Unread(f"niveau « {level} » : {self.unread[word]}")
        prefix = self.levels.get(word)
        if prefix is None:
            remedy = "l’ajouter à [levels] ou [unread_levels] de indicators_long.toml ; ces lignes ne sont pas lues"
            return _Unread(f"niveau géographique inconnu « {level} »", (self.known, remedy, Severity.CHECK))
        if prefix in (ZoneKind.FRANCE, ZoneKind.METROPOLE):
            zone = self.france.get(normalised(code))
            return zone or _Unread(f"« {code} » (niveau « {level} ») : aucun de nos ensembles de la France")
        zone = self.zones.zone(code, level)
        # Among EPCI a table may hold Paris, which is in none; any other commune is a level badly written.
        if zone and (prefix not in AMONG_EPCI or not zone.startswith(f"{ZoneKind.COMMUNE}:") or zone == PARIS):
            return zone
        return self._unreadable(code, level)

    def _unreadable(self, code: str, level: str) -> _Unread:
        if ARRONDISSEMENT.match(code_text(code, 5)):
            return _Unread("arrondissements municipaux, parts d’une commune")
        if not level and self.zones.ambiguous(code):
            remedy = "ajouter une colonne GEO_OBJECT (DEP ou REG) ; la ligne n’est pas lue"
            found = f"« {code} » est un département et une région"
            return _Unread(found, ("un niveau géographique", remedy, Severity.CHECK))
        found = f"code illisible « {code} »" if code else "ligne de valeurs sans code"
        return _Unread(found, (EXPECTED_CODE, REMEDY_CODE, Severity.BLOCKING))


def _tell(file: str, table: LongTable, found: list[ZoneCode | _Unread], line: NDArray[np.intp], read: Places) -> None:
    """List what is not read: how many lines for each reason, and a fault where a person must look."""
    counts = np.bincount(line[line >= 0], minlength=len(found))
    reasons: Counter[_Unread] = Counter()
    for place, zone in enumerate(found):
        if isinstance(zone, _Unread) and counts[place]:
            reasons[zone] += int(counts[place])
    for unread, count in reasons.items():
        if unread.fault is None or unread.fault[2] is Severity.CHECK:
            read.skipped.append(Skipped(table.sheet.name, lines(count), unread.reason))
        if unread.fault is not None:
            same = [place for place, zone in enumerate(found) if zone == unread]
            read.faults.append(_fault(file, table, unread, np.flatnonzero(np.isin(line, same)).tolist()))


def _fault(file: str, table: LongTable, unread: _Unread, of: list[int]) -> Fault:
    expected, remedy, severity = unread.fault or ("", "", Severity.CHECK)
    cells = [table.sheet.place(table.first_row + line, table.zone) for line in of]
    shown = named([cell_name(*cell) for cell in cells])
    return Fault(file, table.sheet.name, shown, unread.reason, expected, remedy, severity, FaultKind.ZONE, areas(cells))


def lines(count: int) -> str:
    """« 1 ligne », « 12 345 lignes »."""
    return f"{count:,} ligne{'s'[: count > 1]}".replace(",", "\u202f")
