"""Percentages stored from 0 to 1 or from 0 to 100: told apart by what the file says, never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagpacte.sources.meaning.variables import FRACTION, PERCENT_UNITS
from diagpacte.vocabulary import Indicator

AT_MOST = {"pct": 1, "pct_year": 0.1}  # unit → what percentages in a whole column seldom all stay under
DECIMALS = 10  # 0.0865 × 100 is 8.649999999999999 until it is rounded


@dataclass(frozen=True)
class Scale:
    """By what the numbers of a column are multiplied; `problem` says why they cannot be read.

    `place` is the position of the number that contradicts, when there is one.
    """

    factor: float = 1.0
    problem: str = ""
    place: int | None = None


def scale_of(
    indicator: Indicator,
    values: NDArray[np.float64],
    stated_unit: str,
    number_formats: Collection[str],
    *,
    to_check: bool = False,
) -> Scale:
    """The scale of a column whose numbers, those written with « % » apart, are `values` (NaN: none).

    A unit stated as a fraction, or numbers shown with a percent format, are fractions, and must be
    possible once multiplied. When nothing is said, or « % » by a heading that may stand over shares (`to_check`),
    numbers that are all at most 1 (0.1 for a change a year) could be either.
    """
    shown = [is_percent(code) for code in number_formats]
    if indicator.unit not in PERCENT_UNITS:
        return _no_percentage(indicator, values) if any(shown) else Scale()
    if stated_unit == FRACTION or (shown and all(shown)):
        said = "l’unité « part (0 à 1) »" if stated_unit == FRACTION else "le format « % » de la colonne"
        place = _first_outside(indicator, 100 * values)
        return Scale(100.0) if place is None else Scale(problem=f"{said} contredit cette valeur", place=place)
    if any(shown):
        return Scale(problem="certaines cellules ont un format « % », d’autres non")
    if stated_unit and not to_check:
        return Scale()
    return _unstated(indicator, values, stated_unit)


def _no_percentage(indicator: Indicator, values: NDArray[np.float64]) -> Scale:
    """Numbers shown with « % » whose unit is none: « 58 % » for 58 places per 100 children is stored 0.58."""
    if _first_outside(indicator, 100 * values) is not None:
        return Scale()  # a Gini index shown in percent: it can only be what is stored
    return Scale(problem=f"le format « % » des cellules ne va pas avec l’unité de l’indicateur ({indicator.unit})")


def _unstated(indicator: Indicator, values: NDArray[np.float64], stated_unit: str) -> Scale:
    numbers, most = np.abs(values[np.isfinite(values)]), AT_MOST[indicator.unit]
    if not numbers.any() or numbers.max() > most:
        return Scale()
    if _first_outside(indicator, 100 * values) is not None:
        return Scale()
    if _first_outside(indicator, values) is not None:
        return Scale(100.0)
    said = "le fichier dit « % », mais " if stated_unit else ""
    limit = f"{most:g}".replace(".", ",")
    return Scale(problem=f"{said}toutes les valeurs sont au plus {limit} : pourcentages, ou parts de 0 à 1 ?")


def is_percent(code: str) -> bool:
    """Whether a number format shows a percentage, its quoted and escaped texts put aside."""
    return "%" in re.sub(r'"[^"]*"|\\.', "", code)


def _first_outside(indicator: Indicator, values: NDArray[np.float64]) -> int | None:
    low = -np.inf if indicator.low is None else indicator.low
    high = np.inf if indicator.high is None else indicator.high
    outside = np.flatnonzero((values < low - 1e-9) | (values > high + 1e-9))
    return int(outside[0]) if len(outside) else None
