"""Values that stand alone: far from all the others of their column, or from France when the file is too small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind
from diagpacte.sources.coherence.grid import Grid, Numbers, shown
from diagpacte.sources.coherence.ground import Ground
from diagpacte.sources.coherence.rules import CoherenceRules
from diagpacte.vocabulary import Indicator, ZoneKind

UNJUDGED = ("count", "grade")  # kinds: the size of a zone says nothing; a degree is one of three
LEAST_GAP = 0.25  # of the spread between quartiles: « 0,1 then 0,3 » is no gap in a column that goes up to 80
PER_CENT = 100
SLIPS = (10, PER_CENT, 1_000)
USUAL = (0.05, 0.95)  # quantiles between which a slip is recognised
REMEDY = "comparer avec la publication ; la valeur est lue telle quelle, la corriger dans data/saisies/corrections.csv"
LEVELS = {"EPCI": "EPCI", "COM": "communes", "DEP": "départements", "CTCD": "collectivités", "REG": "régions"}


@dataclass(frozen=True)
class NationalCuts:
    """Cut-points of an indicator over the zones of France, in a year: first quartile, third, and the far tail.

    `worst_first` is False when they rise with the value.
    """

    year: int
    cuts: tuple[float, float, float]

    @property
    def rising(self) -> bool:
        return self.cuts[0] < self.cuts[-1]

    def far(self, rules: CoherenceRules) -> tuple[float, float]:
        """Below the first and above the second, no zone of France is known to be."""
        if self.rising:
            return self.cuts[0] / rules.national_low, self.cuts[-1] * rules.national_high
        return self.cuts[-1] / rules.national_high, self.cuts[0] * rules.national_low


def outliers(
    grid: Grid,
    ground: Ground | None,
    indicators: Mapping[str, Indicator],
    national: Mapping[str, Sequence[NationalCuts]],
    rules: CoherenceRules,
) -> Iterator[Fault]:
    """One fault per column and level with isolated values. Counts and degrees are not judged."""
    metropole = ~_overseas(grid, ground)
    for column, named in enumerate(grid.columns):
        indicator = indicators.get(named.indicator)
        if indicator is None or indicator.kind in UNJUDGED or indicator.unit in UNJUDGED:
            continue
        known = np.isfinite(grid.value[:, column])
        small = np.zeros(len(grid.zones), dtype=np.bool_)
        for level in LEVELS:
            mine = known & (grid.levels == level)
            if mine.sum() >= rules.outlier_zones:
                zones = np.flatnonzero(mine)
                found = zones[isolated(grid.value[zones, column], rules)]
                yield from _told(grid, column, indicator, found, zones, level, national)
            else:
                small |= mine
        yield from _far_from_france(grid, column, indicator, small & metropole, national, rules)


def isolated(values: Numbers, rules: CoherenceRules) -> NDArray[np.bool_]:
    """Which values a gap cuts off from the median: they, and all that lie beyond them.

    A gap is a ratio between neighbours when all values have one sign (zeros apart), else a difference counted
    in spreads between quartiles. `values` has no NaN.
    """
    if (values >= 0).all() or (values <= 0).all():
        found = np.zeros(len(values), dtype=np.bool_)
        some = values != 0
        found[some] = _cut_off(np.abs(values[some]), rules.outlier_ratio, 0.0, LEAST_GAP)
        return found
    return _cut_off(values, 0.0, rules.outlier_spreads, 0.0)


def _cut_off(values: Numbers, ratio: float, spreads: float, least: float) -> NDArray[np.bool_]:
    if len(values) < 2:  # noqa: PLR2004 (one value has no neighbour)
        return np.zeros(len(values), dtype=np.bool_)
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    spread = float(np.subtract(*np.quantile(ranked, (0.75, 0.25))))
    gaps = np.diff(ranked)
    wide = (gaps >= least * spread) & (gaps > 0)
    wide &= ranked[1:] >= ratio * ranked[:-1] if ratio else gaps >= spreads * spread
    middle = len(ranked) // 2
    above = np.flatnonzero(wide[middle:])
    below = np.flatnonzero(wide[:middle])
    found = np.zeros(len(values), dtype=np.bool_)
    if len(above):
        found[order[middle + above[0] + 1 :]] = True
    if len(below):
        found[order[: below[-1] + 1]] = True
    return found


def _told(
    grid: Grid,
    column: int,
    indicator: Indicator,
    found: NDArray[np.intp],
    zones: NDArray[np.intp],
    level: str,
    national: Mapping[str, Sequence[NationalCuts]],
) -> Iterator[Fault]:
    values = grid.value[:, column]
    others = values[np.setdiff1d(zones, found)]
    for here, places in grid.by_sheet(found, [column]):
        worst = here[np.argsort(-np.abs(values[here] - np.median(others)), kind="stable")]
        expected = f"comme les {len(others)} autres {LEVELS[level]}, de {shown(others.min())} à {shown(others.max())}"
        low, high = np.quantile(others, USUAL)
        slip = _slip(values[here], low, high, indicator)
        found_text = f"{_what(grid, column, indicator)} : {_values(values[worst])}{slip}"
        yield grid.fault(
            places, found_text, expected + _france(grid, column, indicator, national), REMEDY, FaultKind.COHERENCE
        )


def _far_from_france(
    grid: Grid,
    column: int,
    indicator: Indicator,
    zones: NDArray[np.bool_],
    national: Mapping[str, Sequence[NationalCuts]],
    rules: CoherenceRules,
) -> Iterator[Fault]:
    cuts = _nearest(national.get(indicator.indicator, ()), grid.columns[column].year)
    if cuts is None or not zones.any():
        return
    values = grid.value[:, column]
    least, most = cuts.far(rules)
    with np.errstate(invalid="ignore"):
        found = np.flatnonzero(zones & (((values < least) & (values != 0)) | (values > most)))
    for here, places in grid.by_sheet(found, [column]):
        slip = _slip(values[here], min(cuts.cuts) / 2, max(cuts.cuts) * 2, indicator)
        text = f"{_what(grid, column, indicator)} : {_values(values[here])}{slip}"
        expected = f"plus de {shown(least)}, moins de {shown(most)}{_france(grid, column, indicator, national)}"
        yield grid.fault(places, text, expected, REMEDY, FaultKind.COHERENCE)


def _overseas(grid: Grid, ground: Ground | None) -> NDArray[np.bool_]:
    """Zones outside metropolitan France, which the national cut-points do not describe."""
    found = np.zeros(len(grid.zones), dtype=np.bool_)
    for level in LEVELS:
        if ground is not None and (grid.levels == level).any():
            if level == ZoneKind.COLLECTIVITY:
                continue  # none is overseas
            labels = ground.labels(level, grid.particular)
            names = np.unique(labels.code[ground.overseas])
            places = grid.zone_positions(labels.names[i] for i in names)
            found[places[places >= 0]] = True
    return found


def _what(grid: Grid, column: int, indicator: Indicator) -> str:
    return f"« {indicator.label} » en {grid.columns[column].year}"


def _values(values: Numbers) -> str:
    first = " ; ".join(shown(value) for value in values[:3])
    rest = len(values) - 3
    return first + (f" et {rest} autre{'s'[: rest > 1]}" if rest > 0 else "")


def _slip(values: Numbers, low: float, high: float, indicator: Indicator) -> str:
    """« , 100 fois plus petit que les autres : … ? » when one factor, and one only, brings all values in the range."""
    said = []
    for factor in SLIPS:
        if ((values * factor >= low) & (values * factor <= high)).all():
            part = factor == PER_CENT and indicator.unit == "pct"
            guess = "pourcentage écrit en part (0 à 1)" if part else "virgule déplacée ou autre unité"
            said.append(f", {factor} fois plus petit que les autres : {guess} ?")
        if ((values / factor >= low) & (values / factor <= high)).all():
            said.append(f", {factor} fois plus grand que les autres : virgule oubliée ou autre unité ?")
    return said[0] if len(said) == 1 else ""


def _france(grid: Grid, column: int, indicator: Indicator, national: Mapping[str, Sequence[NationalCuts]]) -> str:
    """« ; France : 4,1 ; la moitié des EPCI de France : de 8 à 12 (2022) », what is known of it."""
    said = ""
    for zone in grid.zone_positions([ZoneKind.METROPOLE.value, ZoneKind.FRANCE.value]):
        if zone >= 0 and np.isfinite(grid.value[zone, column]):
            said += f" ; {'France métropolitaine' if str(grid.zones[zone]) == ZoneKind.METROPOLE else 'France'} : "
            said += shown(grid.value[zone, column])
            break
    cuts = _nearest(national.get(indicator.indicator, ()), grid.columns[column].year)
    if cuts is not None:
        low, high = sorted(cuts.cuts[:2])
        said += f" ; la moitié des EPCI de France de {shown(low)} à {shown(high)} en {cuts.year}"
    return said


def _nearest(cuts: Sequence[NationalCuts], year: int) -> NationalCuts | None:
    return min(cuts, key=lambda one: (abs(one.year - year), one.year), default=None)
