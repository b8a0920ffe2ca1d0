"""The units that a person may say of a column, and what each makes of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.meaning.variables import FRACTION, PERCENT_UNITS

PLAIN, THOUSANDS, MILLIONS, THOUSANDS_OF_EUROS = "count", "thousands", "millions", "thousands_eur"
FROM_0, FROM_1 = "grade_0_2", "grade_1_3"  # how the digits of degrees are counted
GRADE = "grade"
EUROS = ("eur_year", "eur_m2")


@dataclass(frozen=True)
class TypedUnit:
    """A unit as the list of correspondance.xlsx offers it, and the units of the dictionary that it may be said of."""

    shown: str
    of: tuple[str, ...]
    factor: int = 1  # by which the numbers of the column are multiplied
    words: tuple[str, ...] = ()  # other ways of typing it


TYPED: Mapping[str, TypedUnit] = {
    "pct": TypedUnit("% (0 à 100)", PERCENT_UNITS, words=("%", "pct")),
    FRACTION: TypedUnit("part (0 à 1)", PERCENT_UNITS, words=("part", FRACTION)),
    PLAIN: TypedUnit("nombre", ("count",), words=("nombres", "en nombre", "effectif", "unités")),
    THOUSANDS: TypedUnit("milliers", ("count", *EUROS), 1_000, ("en milliers", "millier")),
    MILLIONS: TypedUnit("millions", ("count", *EUROS), 1_000_000, ("en millions", "million")),
    THOUSANDS_OF_EUROS: TypedUnit("k€", EUROS, 1_000, ("en k€", "k €", "milliers d’euros", "en milliers d’euros")),
    FROM_0: TypedUnit("degrés de 0 à 2", (GRADE,), words=("de 0 à 2", "0 à 2")),
    FROM_1: TypedUnit("degrés de 1 à 3", (GRADE,), words=("de 1 à 3", "1 à 3")),
}
NAMES = {normalised(word): name for name, unit in TYPED.items() for word in (unit.shown, *unit.words)}


def fits(name: str, unit: str) -> bool:
    """Whether the typed unit `name` may be said of an indicator whose unit is `unit`; « » says nothing."""
    return not name or unit in TYPED[name].of


def factor_of(name: str) -> int:
    """By what numbers in the typed unit `name` are multiplied to be in that of the dictionary, percentages apart."""
    return TYPED[name].factor if name in TYPED else 1
