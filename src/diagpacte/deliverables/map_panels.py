"""What a panel shows: a fill for each zone, its legend, its points, and the sentence it proves."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from diagpacte.deliverables.french import plural
from diagpacte.deliverables.style import PATTERNS, WHITE, Pattern
from diagpacte.tables import Published
from diagpacte.vocabulary import Availability, GapClass, Nature, Territory, Theme

STRUCTURES = "Structures recensées"
FEW_ZONES = 7  # up to this many, values are written under the names


@dataclass(frozen=True)
class Fill:
    """A flat colour, or a pattern on white."""

    colour: str = WHITE
    pattern: Pattern | None = None
    stroke: str = ""


@dataclass(frozen=True)
class Swatch:
    """An entry of the legend."""

    fill: Fill
    text: str
    veiled: bool = False


@dataclass(frozen=True)
class Points:
    """Offers of one source or one responsable: a symbol a place, its area the number of structures there."""

    label: str
    marker: str
    colour: str
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    structures: tuple[int, ...]
    outside: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the table of values."""

    zone_code: str
    name: str
    value: str
    fill: Fill
    size: float = 0.0  # of its bar, 0 to 1
    count: str = ""  # structures in the territory, when one source only lists them


@dataclass(frozen=True)
class Panel:
    """One map of a page. `statements` say the same thing, longest first."""

    word: str
    heading: str
    legend_title: str
    fills: dict[str, Fill]
    values: dict[str, str]
    rows: tuple[Row, ...]
    classes: tuple[Swatch, ...]
    missing: tuple[Swatch, ...]
    references: tuple[str, ...]
    statements: tuple[str, ...]
    compared: tuple[tuple[str, float, str], ...]  # name, value and its text: a zone and its references
    reading: tuple[str, ...]
    simulated: bool
    values_written: bool
    points: tuple[Points, ...] = ()
    points_title: str = STRUCTURES
    counts_head: str = ""  # heading of the counts of its rows; empty when they have none
    figures: tuple[str, str] = ("", "")  # ids of the class and of the value of zone `{}`: what they come from


def theme_rows(published: Published, table: str, theme: Theme, zones: pd.DataFrame) -> pd.DataFrame:
    """The rows of `table` for a theme, reference variant, one for each of `zones` (rows without one are missing)."""
    frame = published[table]
    frame = frame[frame["theme"].eq(theme.theme) & frame["variant"].eq(0)].set_index("zone_code")
    return frame.reindex(zones["zone_code"])


def missing_fill(kind: Availability | GapClass) -> Fill:
    """How a kind of missing value is drawn."""
    pattern, stroke = PATTERNS[kind]
    return Fill(WHITE, pattern, stroke)


def is_simulated(natures: pd.Series[str]) -> bool:
    """True when any of the natures is simulated."""
    return bool(natures.eq(Nature.SIMULATED).any())


def noun(territory: Territory, count: float) -> str:
    """« EPCI », « commune » or « communes », « zones » when there are several kinds."""
    return plural(count, "commune") if territory.zone_noun == "commune" else territory.zone_noun


def subject(count: int, known: int, total: int, territory: Territory, verb: tuple[str, str, str]) -> str:
    """« 12 EPCI sur 17 ont », « un EPCI sur les 14 mesurés a », « les 17 EPCI ont », « aucun EPCI n’a ».

    Of `total` zones, `known` have a value; `verb` is its negative, singular and plural.
    """
    word = noun(territory, 2)
    if count == 0:
        return f"aucun {word} {verb[0]}" if known == total else f"aucun des {known} {word} mesurés {verb[0]}"
    if count == known:
        return f"{all_known(known, total, territory)} {verb[2] if known > 1 else verb[1]}"
    among = out_of(known, total)
    return f"{count} {word} {among} {verb[2]}" if count > 1 else f"un {word} {among} {verb[1]}"


def all_known(known: int, total: int, territory: Territory) -> str:
    """« les 17 EPCI », « les 14 EPCI mesurés », « le seul EPCI mesuré »."""
    if known == 1:
        return f"le seul {noun(territory, 1)} mesuré"
    return f"les {known} {noun(territory, 2)}{'' if known == total else ' mesurés'}"


def out_of(known: int, total: int) -> str:
    """« sur 17 », or « sur les 14 mesurés » when three have no value."""
    return f"sur {total}" if known == total else f"sur les {known} mesurés"


def home(territory: Territory) -> str:
    """« du département », « de la collectivité », « de la métropole »."""
    return {
        "departement": "du département",
        "collectivite": "de la collectivité",
        "metropole": "de la métropole",
    }[territory.kind]


def missing_swatch(fill: Fill, word: str, zones: int) -> Swatch:
    """The entry of a kind of missing value; without a number when only zones that are not counted have it."""
    return Swatch(fill, f"{word} ({zones})" if zones else word)
