"""Zones against the published row of the level above them: counts that add up, rates within those of their zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault
from diagpacte.sources.coherence.grid import Grid, Numbers, shown, zone_name
from diagpacte.sources.coherence.ground import NOWHERE, Ground, Labels
from diagpacte.sources.coherence.rules import CoherenceRules
from diagpacte.vocabulary import Indicator, ZoneKind

COUNT = "count"
BETWEEN = ("rate", "share", "median", "distance")  # kinds whose value for a whole is between those of its parts
FINER = {  # level → the levels its zones may be made of, nearest first
    ZoneKind.EPCI.value: (ZoneKind.COMMUNE,),
    ZoneKind.DEPARTMENT.value: (ZoneKind.EPCI, ZoneKind.COMMUNE),  # and a collectivité
    ZoneKind.REGION.value: (ZoneKind.DEPARTMENT, ZoneKind.EPCI, ZoneKind.COMMUNE),
    ZoneKind.METROPOLE.value: (ZoneKind.REGION, ZoneKind.DEPARTMENT, ZoneKind.EPCI),
    ZoneKind.FRANCE.value: (ZoneKind.REGION, ZoneKind.DEPARTMENT, ZoneKind.EPCI),
}
PLURALS = {"COM": "communes", "EPCI": "EPCI", "DEP": "départements", "REG": "régions"}
REMEDY = "chercher dans le fichier la zone absente ou la valeur fausse ; rien n’est corrigé"
MOST_STRADDLING = 0.1  # of the people: beyond, the part of a straddling zone may pull a rate anywhere
ROUNDING = 0.1  # a rate printed to one decimal


def levels(grid: Grid, ground: Ground, indicators: Mapping[str, Indicator], rules: CoherenceRules) -> Iterator[Fault]:
    """One fault per level and column that does not agree with the zones below it.

    A zone over several of the level above (straddling) is in no sum: it only widens what is possible. A part
    without value leaves only « its known parts are already more than the whole »; it leaves a rate unjudged,
    as straddling zones do where many people live in them.
    """
    for level, wholes in _wholes(grid, ground):
        done: set[int] = set()
        for finer in FINER[level]:
            columns = [column for column in _columns(grid, wholes, finer) if column not in done]
            if columns:
                parts = _parts(grid, ground, ground.labels(finer, grid.particular), wholes)
                done |= set(columns)
                for column in columns:
                    yield from _judge(_Asked(grid, parts, finer.value, column, rules), indicators)


def _wholes(grid: Grid, ground: Ground) -> Iterator[tuple[str, Labels]]:
    """The levels there are zones of, with their communes; a collectivité is a whole of its own."""
    for level in FINER:
        if (grid.levels == level).any():
            yield level, ground.labels(level, grid.particular)
    for zone in grid.zones[grid.levels == ZoneKind.COLLECTIVITY.value]:
        yield ZoneKind.DEPARTMENT.value, ground.collectivity(str(zone).partition(":")[2])


def _columns(grid: Grid, wholes: Labels, finer: ZoneKind) -> list[int]:
    """Columns with a value at both levels."""
    known = np.isfinite(grid.value)
    positions = grid.zone_positions(wholes.names)
    above, below = known[positions[positions >= 0]], known[grid.levels == finer.value]
    return np.flatnonzero(above.any(axis=0) & below.any(axis=0)).tolist() if len(above) and len(below) else []


@dataclass(frozen=True)
class _Parts:
    """Pairs of a zone and the whole it lies in; positions in the grid, -1 for a zone that is not in it."""

    part: NDArray[np.intp]
    whole: NDArray[np.intp]
    inside: NDArray[np.bool_]  # the zone lies in no other whole
    straddling: NDArray[np.float64]  # share of the people of each zone of the grid who live in a straddling part


def _parts(grid: Grid, ground: Ground, parts: Labels, wholes: Labels) -> _Parts:
    some = parts.code != NOWHERE
    width = len(wholes.names) + 1  # the last: outside all of them
    keys, position = np.unique(
        parts.code[some] * width + np.where(wholes.code[some] == NOWHERE, width - 1, wholes.code[some]),
        return_inverse=True,
    )
    people = np.bincount(position, ground.population[some], minlength=len(keys))
    part, whole = np.divmod(keys, width)
    inside = np.bincount(part)[part] == 1
    there = whole < width - 1
    whole_place, part_place = (
        grid.zone_positions(wholes.names)[whole[there]],
        grid.zone_positions(parts.names)[part[there]],
    )
    kept = whole_place >= 0
    part_place, whole_place = part_place[kept], whole_place[kept]
    inside, people = inside[there][kept], people[there][kept]
    total, over = (np.bincount(whole_place, people * among, len(grid.zones)) for among in (1.0, ~inside))
    share = np.divide(over, total, out=np.zeros_like(total), where=total > 0)
    return _Parts(part_place, whole_place, inside, share)


@dataclass(frozen=True)
class _Asked:
    """One column of one level to compare with the level below."""

    grid: Grid
    parts: _Parts
    finer: str
    column: int
    rules: CoherenceRules

    def of_parts(self, values: Numbers) -> Numbers:
        """The values of the parts, NaN where the grid has no such zone."""
        found: Numbers = np.where(self.parts.part >= 0, values[self.parts.part, self.column], np.nan)
        return found

    def folded(self, how: np.ufunc, values: Numbers, start: float) -> Numbers:
        """`values` of the parts folded into their wholes, by zone of the grid."""
        result = np.full(len(self.grid.zones), start)
        how.at(result, self.parts.whole, values)
        return result


def _judge(asked: _Asked, indicators: Mapping[str, Indicator]) -> Iterator[Fault]:
    indicator = indicators.get(asked.grid.columns[asked.column].indicator)
    if indicator is None:
        return
    if indicator.kind == COUNT and (indicator.low or 0) >= 0:
        yield from _sums(asked, indicator)
    elif indicator.kind in BETWEEN:
        yield from _means(asked, indicator)


def _sums(asked: _Asked, indicator: Indicator) -> Iterator[Fault]:
    low, high = asked.of_parts(asked.grid.low), asked.of_parts(asked.grid.high)
    known, inside = np.isfinite(low), asked.parts.inside
    least = asked.folded(np.add, np.where(known & inside, low, 0.0), 0.0)
    most = asked.folded(np.add, np.where(known, high, np.inf), 0.0)
    judged = asked.folded(np.maximum, np.where(known, 1.0, 0.0), 0.0) > 0
    own_low, own_high = asked.grid.low[:, asked.column], asked.grid.high[:, asked.column]
    tolerance = asked.rules.sums_tolerance_pct / 100
    above = judged & (least > own_high * (1 + tolerance))
    below = judged & (most < own_low * (1 - tolerance))
    sums = np.where(above, least, most)
    yield from _told(
        asked,
        above | below,
        lambda zone: (
            f"somme des {PLURALS[asked.finer]} {shown(sums[zone])}"
            + (" au moins" if above[zone] and not np.isfinite(most[zone]) else "")
            + f", ligne publiée {shown(own_low[zone])} ({_gap(sums[zone], own_low[zone])})"
        ),
        indicator,
        f"{shown(asked.rules.sums_tolerance_pct)} % d’écart au plus, zones à cheval laissées de côté",
    )


def _gap(found: float, wanted: float) -> str:
    if not wanted:
        return "au lieu de zéro"
    return f"{'+' if found > wanted else '−'}{shown(round(abs(100 * (found / wanted - 1)), 1))} %"


def _between(low: float, high: float) -> str:
    return shown(low) if low == high else f"de {shown(low)} à {shown(high)}"


def _means(asked: _Asked, indicator: Indicator) -> Iterator[Fault]:
    low, high = asked.of_parts(asked.grid.low), asked.of_parts(asked.grid.high)
    lowest = asked.folded(np.minimum, np.where(np.isfinite(low), low, -np.inf), np.inf)
    highest = asked.folded(np.maximum, np.where(np.isfinite(high), high, np.inf), -np.inf)
    own_low, own_high = asked.grid.low[:, asked.column], asked.grid.high[:, asked.column]
    slack = np.abs(own_low) * asked.rules.means_tolerance_pct / 100 + (ROUNDING if indicator.unit == "pct" else 0)
    some = np.isfinite(lowest) & np.isfinite(highest) & (asked.parts.straddling <= MOST_STRADDLING)
    outside = some & ((own_high < lowest - slack) | (own_low > highest + slack))
    yield from _told(
        asked,
        outside,
        lambda zone: (
            f"ligne publiée {shown(own_low[zone])}, hors des valeurs de ses {PLURALS[asked.finer]} "
            f"({_between(lowest[zone], highest[zone])})"
        ),
        indicator,
        "une valeur entre la plus petite et la plus grande de ses zones",
    )


def _told(
    asked: _Asked, broken: NDArray[np.bool_], said: Callable[[int], str], indicator: Indicator, expected: str
) -> Iterator[Fault]:
    grid = asked.grid
    label = f"{indicator.label} en {grid.columns[asked.column].year}"
    for zones, places in grid.by_sheet(np.flatnonzero(broken), [asked.column]):
        zone, rest = int(zones[0]), len(zones) - 1
        more = f" ; et {rest} autre{'s'[: rest > 1]} ligne{'s'[: rest > 1]}" if rest else ""
        found = f"{label}, {zone_name(str(grid.zones[zone]))} : {said(zone)}{more}"
        yield grid.fault(places, found, expected, REMEDY)
