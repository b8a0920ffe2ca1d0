"""Which place a row is about: a code as text, its level never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.code_columns import bare_code, has_siren_key
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import (
    COLLECTIVITIES,
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
FEW = 3  # codes from which a column is judged as a whole


class ZoneReader:
    """Reads the code cells of one table.

    `codes` are all its code cells: a lost zero is restored, and a short code is given a level, only
    when the column as a whole says which. `sheet` may say it too, when its name is a level, and `heading`, that of the
    codes, « Code région ». `levels`: the words of the level column, those of the rows with a SIREN aside.
    """

    def __init__(
        self,
        layout: IndicatorLayout,
        ept_codes: Collection[str],
        codes: Collection[object],
        sheet: str,
        levels: Collection[str] = (),
        heading: str = "",
    ) -> None:
        self.ept_codes = ept_codes
        self.levels = {normalised(word): prefix for word, prefix in layout.levels.items()}
        if any(
            self.levels.get(normalised(word)) == ZoneKind.METROPOLE.value
            for word in levels
            if normalised(word) not in self._beside(layout)
        ):
            self.levels |= self._beside(layout)
        self.texts = {code: bare_code(code) for code in codes}
        self.headed = _level_said(heading, layout)
        self.alone = {code_text(word, 0): ZoneCode(zone) for word, zone in layout.zones.items()}
        metropole = zone_code(ZoneKind.METROPOLE, "")
        if any(self.alone.get(text) == metropole for text in {*self.texts.values()} - {*layout.zones_beside}):
            self.alone |= {word: ZoneCode(zone) for word, zone in layout.zones_beside.items()}
        texts = [text for text in self.texts.values() if text and text not in self.alone]
        self.four_characters = _are_cantons(codes)
        communes = [] if self.four_characters else [text for text in texts if commune_code(text)]
        short = [text for text in texts if len(text) <= SHORT_DIGITS and DEPARTMENT_PATTERN.match(code_text(text, 2))]
        self.communes_dominate = 2 * len(communes) > len(texts)
        self.short_dominate = 2 * len(short) > len(texts)
        self.short_kind = self._short_kind({code_text(text, 2) for text in short}, sheet)

    @staticmethod
    def _beside(layout: IndicatorLayout) -> dict[str, str]:
        return {normalised(word): prefix for word, prefix in layout.levels_beside.items()}

    def _short_kind(self, codes: set[str], sheet: str) -> ZoneKind | None:
        """The level of the short codes of a table made of them; None when nothing says it."""
        if not self.short_dominate:
            return None
        if self.headed is ZoneKind.REGION and codes - REGIONS:
            return None  # the régions of before 2016: their codes are those of départements
        if codes - REGIONS:
            return ZoneKind.DEPARTMENT
        named = self.headed or self.levels.get(normalised(sheet))
        return ZoneKind(named) if named in (ZoneKind.DEPARTMENT, ZoneKind.REGION) else None

    def zone(self, code: object, level: str = "", department: str = "") -> ZoneCode | None:
        """The zone of a row; None when its code, or its level, is none we know."""
        text = self.texts.get(code, "")
        if text in COLLECTIVITIES:
            return zone_code(ZoneKind.COLLECTIVITY, text)
        if level:
            return self._with_level(code, level, department)
        if text in self.alone:
            return _outside(self.alone[text], department)
        if SIREN_PATTERN.match(text):
            return zone_code(ZoneKind.EPT if text in self.ept_codes else ZoneKind.EPCI, text)
        if COMMUNE_PATTERN.match(text):
            return None if ARRONDISSEMENT.match(text) else zone_code(ZoneKind.COMMUNE, text)
        commune = commune_code(text) if self.communes_dominate else None
        return zone_code(ZoneKind.COMMUNE, commune) if commune else self._short(text)

    @property
    def iris(self) -> bool:
        """Whether its nine digits are Iris and not SIREN, which carry a key."""
        nine = [text for text in self.texts.values() if SIREN_PATTERN.match(text)]
        return len(nine) >= FEW and 2 * sum(map(has_siren_key, nine)) < len(nine)

    def ambiguous(self, code: object) -> bool:
        """Whether `code` is both a département and a région, and nothing says which."""
        return code_text(code, 2 if self.short_dominate else 0) in REGIONS and self.short_kind is None

    def _short(self, text: str) -> ZoneCode | None:
        padded = code_text(text, 2) if self.short_dominate else text
        if not DEPARTMENT_PATTERN.match(padded):
            return None
        if self.short_kind is not None:
            return zone_code(self.short_kind, padded)
        return None if padded in REGIONS or self.headed is ZoneKind.REGION else zone_code(ZoneKind.DEPARTMENT, padded)

    def _with_level(self, code: object, level: str, department: str) -> ZoneCode | None:
        prefix = self.levels.get(normalised(level))
        if prefix is None:
            return None
        kind = ZoneKind(prefix)
        siren = SIREN_PATTERN.match(self.texts.get(code, ""))
        if siren and kind is ZoneKind.METROPOLE:
            kind = ZoneKind.EPCI  # « Métropole », the EPCI of that kind
        if kind in (ZoneKind.FRANCE, ZoneKind.METROPOLE):
            return None if siren else zone_code(kind, "")
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


def _level_said(heading: str, layout: IndicatorLayout) -> ZoneKind | None:
    """The level of which the heading of the codes speaks, « Code région »; None when it says none, or two."""
    words = set(re.split(r"[\W_]+", normalised(heading)))
    said = {ZoneKind(level) for word, level in layout.code_levels.items() if normalised(word) in words}
    return said.pop() if len(said) == 1 else None


def _are_cantons(codes: Collection[object]) -> bool:
    """Whether every code is a text of four digits: cantons, or communes that lost their zero as text."""
    texts = {code.strip() for code in codes if isinstance(code, str) and code.strip()}
    four = {text for text in texts if len(text) == 4 and text.isdigit()}  # noqa: PLR2004
    return len(four) >= FEW and 2 * len(four) > len(texts) and any(text.startswith("0") for text in four)


def _outside(zone: ZoneCode, department: str) -> ZoneCode:
    """« HORS:FRM » becomes « HORS:29 » when the row says its département."""
    code = code_text(department, 2)
    if zone.startswith(ZoneKind.OUTSIDE_EPCI.value) and DEPARTMENT_PATTERN.match(code):
        return zone_code(ZoneKind.OUTSIDE_EPCI, code)
    return zone
