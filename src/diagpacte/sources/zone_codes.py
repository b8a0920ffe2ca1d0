"""Which place a row is about: a code as text, its level never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from diagpacte.sources.cells import normalised
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import (
    COMMUNE_PATTERN,
    DEPARTMENT_PATTERN,
    SIREN_PATTERN,
    ZoneCode,
    ZoneKind,
    code_text,
    commune_code,
    zone_code,
)

# Since 2016. Every one of them is also the code of a département: alone, « 84 » is two places.
REGIONS = frozenset({
    "01", "02", "03", "04", "06", "11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93", "94",
})  # fmt: skip
AMONG_EPCI = tuple(f"{kind}:" for kind in (ZoneKind.EPCI, ZoneKind.EPT, ZoneKind.COMMUNE, ZoneKind.OUTSIDE_EPCI))
# Paris, Lyon, Marseille: part of a commune that stands in the same table.
ARRONDISSEMENT = re.compile(r"^(751(0[1-9]|1\d|20)|6938[1-9]|132(0[1-9]|1[0-6]))$")
SHORT_DIGITS = 3


class ZoneReader:
    """Reads the code cells of one table.

    `codes` are all its code cells: a lost zero is restored, and a short code is given a level, only
    when the column as a whole says which. `sheet` may say it too, when its name is a level.
    """

    def __init__(
        self, layout: IndicatorLayout, ept_codes: Collection[str], codes: Iterable[object], sheet: str
    ) -> None:
        self.ept_codes = ept_codes
        self.levels = {normalised(word): prefix for word, prefix in layout.levels.items()}
        self.texts = {code: code_text(code, 0) for code in codes}
        self.alone = {word.upper(): ZoneCode(zone) for word, zone in layout.zones.items()}
        metropole = zone_code(ZoneKind.METROPOLE, "")
        if any(self.alone.get(text) == metropole for text in {*self.texts.values()} - {*layout.zones_beside}):
            self.alone |= {word: ZoneCode(zone) for word, zone in layout.zones_beside.items()}
        texts = [text for text in self.texts.values() if text and text not in self.alone]
        communes = [text for text in texts if commune_code(text)]
        short = [text for text in texts if len(text) <= SHORT_DIGITS and DEPARTMENT_PATTERN.match(code_text(text, 2))]
        self.communes_dominate = 2 * len(communes) > len(texts)
        self.short_dominate = 2 * len(short) > len(texts)
        self.short_kind = self._short_kind({code_text(text, 2) for text in short}, sheet)

    def _short_kind(self, codes: set[str], sheet: str) -> ZoneKind | None:
        """The level of the short codes of a table made of them; None when nothing says it."""
        if not self.short_dominate:
            return None
        if codes - REGIONS:
            return ZoneKind.DEPARTMENT
        named = self.levels.get(normalised(sheet))
        return ZoneKind(named) if named in (ZoneKind.DEPARTMENT, ZoneKind.REGION) else None

    def zone(self, code: object, level: str = "", department: str = "") -> ZoneCode | None:
        """The zone of a row; None when its code, or its level, is none we know."""
        if level:
            return self._with_level(code, level, department)
        text = self.texts.get(code, "")
        if text in self.alone:
            return _outside(self.alone[text], department)
        if SIREN_PATTERN.match(text):
            return zone_code(ZoneKind.EPT if text in self.ept_codes else ZoneKind.EPCI, text)
        if COMMUNE_PATTERN.match(text):
            return None if ARRONDISSEMENT.match(text) else zone_code(ZoneKind.COMMUNE, text)
        commune = commune_code(text) if self.communes_dominate else None
        return zone_code(ZoneKind.COMMUNE, commune) if commune else self._short(text)

    def ambiguous(self, code: object) -> bool:
        """Whether `code` is both a département and a région, and nothing says which."""
        return code_text(code, 2 if self.short_dominate else 0) in REGIONS and self.short_kind is None

    def _short(self, text: str) -> ZoneCode | None:
        padded = code_text(text, 2) if self.short_dominate else text
        if not DEPARTMENT_PATTERN.match(padded):
            return None
        if self.short_kind is not None:
            return zone_code(self.short_kind, padded)
        return None if padded in REGIONS else zone_code(ZoneKind.DEPARTMENT, padded)

    def _with_level(self, code: object, level: str, department: str) -> ZoneCode | None:
        prefix = self.levels.get(normalised(level))
        if prefix is None:
            return None
        kind = ZoneKind(prefix)
        if kind in (ZoneKind.FRANCE, ZoneKind.METROPOLE):
            return zone_code(kind, "")
        if kind in (ZoneKind.EPCI, ZoneKind.EPT):  # Paris, and the communes hors EPCI, stand among them
            zone = self.zone(code, "", department)
            return zone if zone and zone.startswith(AMONG_EPCI) else None
        text = code_text(code, 5 if kind is ZoneKind.COMMUNE else 2)
        known = {
            ZoneKind.COMMUNE: COMMUNE_PATTERN.match(text) and not ARRONDISSEMENT.match(text),
            ZoneKind.DEPARTMENT: DEPARTMENT_PATTERN.match(text),
            ZoneKind.REGION: text in REGIONS,
        }
        return zone_code(kind, text) if known.get(kind) else None


def _outside(zone: ZoneCode, department: str) -> ZoneCode:
    """« HORS:FRM » becomes « HORS:29 » when the row says its département."""
    code = code_text(department, 2)
    if zone.startswith(ZoneKind.OUTSIDE_EPCI.value) and DEPARTMENT_PATTERN.match(code):
        return zone_code(ZoneKind.OUTSIDE_EPCI, code)
    return zone
