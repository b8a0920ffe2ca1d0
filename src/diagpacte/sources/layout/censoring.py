"""Cells that say where a value lies instead of what it is: « < 5 », « moins de 5 », « 1 à 4 », « 95 ou plus »."""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from diagpacte.sources.files.texts import SPACES, normalised

NUMBER = rf"(\d{{1,3}}(?:[{SPACES}]\d{{3}})+|\d+)(?:[.,](\d+))?"
UNIT = rf"[{SPACES}]*%?"
WORDS_BELOW = r"<=?|≤|moins de|inferieure? a|inf\.? a|au plus|au maximum|jusqu'a"
WORDS_ABOVE = r">=?|≥|plus de|superieure? a|sup\.? a|au moins|au minimum"
BELOW = re.compile(rf"(?:{WORDS_BELOW})\s*{NUMBER}{UNIT}|{NUMBER}{UNIT}\s*(?:ou|et) moins")
ABOVE = re.compile(rf"(?:{WORDS_ABOVE})\s*{NUMBER}{UNIT}|{NUMBER}{UNIT}\s*(?:ou|et) plus")
# « 2A004 » is a commune of Corsica: the words stand apart.
BETWEEN = re.compile(rf"(?:entre|de)?\s*{NUMBER}{UNIT}(?:\s*[-–]\s*|\s+(?:a|et)\s+)(?:moins de)?\s*{NUMBER}{UNIT}")
PERIOD = re.compile(r"(?:(?:19|20)\d{2}|\d{1,2})\s*[-–]\s*(?:19|20)\d{2}")


class Interval(NamedTuple):
    """Where a value lies, bounds included; None on the side that is not said. One bound at least is."""

    lower: float | None
    upper: float | None

    @property
    def stand_in(self) -> float:
        """The number a table keeps for the value: the upper bound, as Insee prints 5 for « 5 or less »; else the lower."""
        return cast("float", self.lower if self.upper is None else self.upper)


def censored(text: str) -> Interval | None:
    """The interval a cell says, in the unit of the cell; None when it says none.

    « 1-4 » is one when its first number is the smaller, and « 2019-2021 » is a period. A « % » is accepted and
    left to the caller, as beside a plain number.
    """
    said = normalised(text).strip(SPACES)
    below, above, between = (shape.fullmatch(said) for shape in (BELOW, ABOVE, BETWEEN))
    if below:
        return Interval(None, _numbers(below.groups())[0])
    if above:
        return Interval(_numbers(above.groups())[0], None)
    if between and not PERIOD.fullmatch(said):
        low, high = _numbers(between.groups())
        return Interval(low, high) if low < high else None
    return None


def _numbers(groups: tuple[str | None, ...]) -> list[float]:
    """The numbers of a match, from the pairs of their whole part and decimals."""
    pairs = zip(groups[::2], groups[1::2], strict=True)
    return [float(f"{re.sub(f'[{SPACES}]', '', whole)}.{decimals or 0}") for whole, decimals in pairs if whole]
