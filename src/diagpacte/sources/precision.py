"""How finely a producer prints its values: roundings and floors, as bounds beside what the cell says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.sources.rules import Precision
from diagpacte.tables import Observations
from diagpacte.vocabulary import Availability, Nature

AS_PUBLISHED = (Nature.REAL, Nature.UNDECLARED, Nature.SIMULATED)  # a simulated file imitates a published one
LEVEL_LETTERS = 3  # enough to tell the levels apart in a zone code
GRAIN = 1e-6  # of a step: what floating point adds to a multiple
NO_RULE = -1

Floats = NDArray[np.float64]


def with_precision(observations: Observations, rules: Sequence[Precision]) -> Observations:
    """`observations` with the bounds and the censoring of `rules`; no value changes, twice is once.

    Only values observed as published get bounds, and only where they have none yet. A column that shows values
    finer than its rule, or beyond its floor or ceiling, does not follow that rule, and is left as it is.
    """
    which = _rule_of(observations, rules)
    bare = observations["lower"].isna() & observations["upper"].isna() & observations["value"].notna()
    observed = observations["availability"].eq(Availability.OBSERVED) & observations["nature"].isin(AS_PUBLISHED)
    at = np.flatnonzero((bare & observed).to_numpy() & (which != NO_RULE))
    if not len(at):
        return observations
    found = _Printed(observations[["source_id", "year", "value"]].iloc[at], which[at], rules)
    lower, upper = (observations[side].to_numpy(dtype=np.float64, copy=True) for side in ("lower", "upper"))
    lower[at], upper[at] = found.lower, found.upper
    censored = np.zeros(len(observations), dtype=np.bool_)
    censored[at] = found.censored
    availability = observations["availability"].mask(censored, str(Availability.CENSORED))
    return Observations(observations.assign(lower=lower, upper=upper, availability=availability))


def _rule_of(observations: Observations, rules: Sequence[Precision]) -> NDArray[np.intp]:
    """The place in `rules` of the one that speaks of each row: its indicator, its level."""
    indicator, indicators = pd.factorize(observations["indicator"])
    level, levels = pd.factorize(observations["zone_code"].str[:LEVEL_LETTERS])
    table = np.full((len(indicators) + 1, len(levels) + 1), NO_RULE, dtype=np.intp)
    for place, rule in enumerate(rules):
        here = [kind[:LEVEL_LETTERS] for kind in rule.levels]
        table[np.ix_(indicators == rule.indicator, levels.isin(here))] = place
    return np.asarray(table[indicator, level], dtype=np.intp)


class _Printed:
    """The bounds of values that have a rule."""

    def __init__(self, rows: pd.DataFrame, which: NDArray[np.intp], rules: Sequence[Precision]) -> None:
        value = rows["value"].to_numpy(dtype=np.float64)
        step, floor, ceiling, lowest, highest = (
            _column([getattr(rule, name) for rule in rules])[which]
            for name in ("rounded_to", "floor", "ceiling", "lowest", "highest")
        )
        half = np.nan_to_num(step) / 2
        floored, ceiled = np.isclose(value, floor), np.isclose(value, ceiling)
        times = value / step
        finer = np.abs(times - np.round(times)) > GRAIN
        beyond = (~floored & (value < floor)) | (~ceiled & (value > ceiling))
        followed = ~_same_column(rows, which, finer | beyond)
        self.censored = followed & (floored | ceiled)
        told = followed & (self.censored | (half > 0))
        lower = np.where(floored, lowest, np.fmax(value - half, lowest))
        upper = np.where(ceiled, highest, np.fmin(value + half, highest))
        self.lower, self.upper = np.where(told, lower, np.nan), np.where(told, upper, np.nan)


def _column(numbers: Sequence[float | None]) -> Floats:
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)


def _same_column(rows: pd.DataFrame, which: NDArray[np.intp], wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a row shares its source, its year and its rule with one that is `wrong`."""
    source, year = pd.factorize(rows["source_id"])[0], rows["year"].to_numpy()
    column = (source * (1 + np.ptp(year)) + year - year.min()) * (1 + which.max()) + which
    place, names = pd.factorize(column)
    return np.asarray(np.bincount(place[wrong], minlength=len(names)) > 0, dtype=np.bool_)[place]
