"""National cut-points of an indicator, rounded for print, and the classes they make.

Bounds are written from the least to the most unfavourable: rising when high is worse, falling when low is
worse. In both, the lower bound of a class is in it and the upper one out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from diagpacte.needs.rules import NationalBounds, NeedRules
from diagpacte.tables import Observations
from diagpacte.vocabulary import Indicator, Nature, ZoneKind, zone_code

NBSP = "\u00a0"
GRAND_PARIS = zone_code(ZoneKind.EPCI, "200054781")  # counted by its EPT and Paris
PARIS = zone_code(ZoneKind.COMMUNE, "75056")
QUANTILES = {"high_worse": (0.25, 0.75, 0.95), "low_worse": (0.75, 0.25, 0.05)}
FINEST = 6  # powers of ten under the largest bound
UNITS = {"pct": "%", "min": "min"}  # the others are written bare

Bounds = tuple[float, float, float]


def bounds_in_use(
    observations: Observations, indicator: Indicator, year: int, packaged: Iterable[NationalBounds], rules: NeedRules
) -> NationalBounds | None:
    """The row of breaks.csv for this indicator and year, else the bounds of a national sheet at hand, else None.

    Bounds of simulated values never class values that are not: such a row is passed over.
    """
    rows = _rows(observations, indicator, year)
    simulated = rows["nature"].eq(Nature.SIMULATED).any()
    for row in packaged:
        if (row.indicator, row.year) == (indicator.indicator, year) and (simulated or row.nature != Nature.SIMULATED):
            return row
    return national_bounds(observations, indicator, year, rules)


def national_bounds(
    observations: Observations, indicator: Indicator, year: int, rules: NeedRules, sha256: str = "", source: str = ""
) -> NationalBounds | None:
    """Cut-points over the EPCI, EPT and Paris of one sheet (Grand Paris out, missing values out).

    Quantiles are linear between ranks. None when no sheet has `rules.national_zones` zones with a value, or when
    the cut-points are not three different numbers.
    """
    rows = _rows(observations, indicator, year)
    zones = rows["zone_code"]
    national = zones.str.startswith((f"{ZoneKind.EPCI}:", f"{ZoneKind.EPT}:")) | zones.eq(PARIS)
    rows = rows[national & zones.ne(GRAND_PARIS) & rows["value"].notna()]
    sheets = rows.groupby(["source_id", "sheet", "geo_vintage"], sort=True)
    if rows.empty or sheets.size().max() < rules.national_zones:
        return None
    sheet = sheets.get_group(sheets.size().idxmax())
    found = cut_points(sheet["value"].to_numpy(), indicator.polarity, rules.moved_pct)
    if found is None:
        return None
    bounds, exact, moved_pct = found
    return NationalBounds(
        indicator=indicator.indicator,
        year=year,
        bounds=bounds,
        exact=exact,
        zones=len(sheet),
        moved_pct=moved_pct,
        nature=max(map(Nature, sheet["nature"].unique()), key=list(Nature).index),
        source_sha256=sha256,
        source=source or f"{sheet['source_id'].iloc[0]}, feuille «{NBSP}{sheet['sheet'].iloc[0]}{NBSP}»",
    )


def cut_points(
    values: NDArray[np.float64], polarity: str, most_moved_pct: float
) -> tuple[Bounds, Bounds, float] | None:
    """Rounded bounds, exact ones, and the share of `values` (%) whose class the rounding changes.

    The step is the coarsest of 1, 2, 5 × 10ⁿ that moves no more than `most_moved_pct`; None when no step
    keeps three different bounds.
    """
    exact = tuple(float(bound) for bound in np.quantile(values, QUANTILES[polarity]))
    if len(set(exact)) < len(exact):
        return None
    classes = class_index(values, exact)
    for step, digits in _steps(max(abs(bound) for bound in exact)):
        bounds = tuple(round(round(bound / step) * step, digits) for bound in exact)
        moved_pct = 100 * float(np.mean(class_index(values, bounds) != classes))
        if len(set(bounds)) == len(bounds) and moved_pct <= most_moved_pct:
            return bounds, exact, moved_pct  # type: ignore[return-value]  # three quantiles, three bounds
    return None


def _steps(largest: float) -> Iterator[tuple[float, int]]:
    """5, 2, 1 × 10ⁿ from the order of `largest` down, each with the decimals it is written with."""
    top = int(np.floor(np.log10(largest)))
    for power in range(top, top - FINEST, -1):
        for mantissa in (5, 2, 1):
            yield mantissa * 10.0**power, max(0, -power)


def class_index(values: ArrayLike, bounds: Sequence[float]) -> NDArray[np.int64]:
    """Class of each value, 0 the least unfavourable. A missing value has no class: ValueError."""
    numbers, cuts = np.asarray(values, dtype="float64"), np.asarray(bounds)
    if np.isnan(numbers).any():
        raise ValueError("a missing value has no class")
    beyond = numbers[..., None] >= cuts if cuts[0] < cuts[-1] else numbers[..., None] < cuts
    return np.asarray(beyond.sum(axis=-1), dtype="int64")


def class_labels(bounds: Sequence[float], unit: str) -> tuple[str, ...]:
    """Classes in words, 0 first: « moins de 8 % », « de 8 à moins de 12 % », « 16 % ou plus »."""
    shown = [_number(bound) for bound in sorted(bounds)]
    last = f"{NBSP}{UNITS[unit]}" if unit in UNITS else ""
    middle = [f"de {low} à moins de {high}{last}" for low, high in pairwise(shown)]
    labels = (f"moins de {shown[0]}{last}", *middle, f"{shown[-1]}{last} ou plus")
    return labels if bounds[0] < bounds[-1] else labels[::-1]


def _rows(observations: Observations, indicator: Indicator, year: int) -> pd.DataFrame:
    """Observations of one indicator in its own base, one year."""
    mine = observations["indicator"].eq(indicator.indicator) & observations["base"].eq(indicator.base)
    return observations[mine & observations["year"].eq(year)]


def _number(value: float) -> str:
    """« 8 », « 16,5 », « 1 500 »."""
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace(",", NBSP).replace(".", ",")
