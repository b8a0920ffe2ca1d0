"""What the figures of one row owe one another: shares that sum to 100, parts not above their whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault
from diagpacte.sources.coherence.grid import Grid, Numbers, shown, zone_name
from diagpacte.sources.coherence.rules import CheckKind, CoherenceCheck, CoherenceRules
from diagpacte.vocabulary import Indicator, Profile

HALF_UNIT = 0.5  # rounding error of a share printed without decimals
SLACK = 1e-9  # sums of decimals are never exact
PERCENT = "pct"
REMEDY = "vérifier ces cellules auprès du producteur ; les valeurs sont lues telles quelles"


def profile_checks(profiles: Sequence[Profile], rules: CoherenceRules) -> list[CoherenceCheck]:
    """The shares of profiles sum to 100, once among households and once among persons."""
    tolerance = rules.shares_tolerance_pts
    members = {
        "ménages": tuple(profile.indicator_households for profile in profiles),
        "personnes": tuple(profile.indicator_persons for profile in profiles),
    }
    return [
        CoherenceCheck(
            check=f"profils_{base}",
            kind=CheckKind.SUM,
            parts=parts,
            whole="",
            low=100 - tolerance,
            high=100 + tolerance,
            same_year=True,
            label=f"somme des {len(parts)} profils ({base})",
            note="",
        )
        for base, parts in members.items()
        if len(parts) > 1
    ]


def checks(grid: Grid, asked: Sequence[CoherenceCheck], indicators: Mapping[str, Indicator]) -> Iterator[Fault]:
    """One fault per check and year that some rows break; a row with a missing part is only judged « too high »."""
    for check in asked:
        for year in sorted({year for part in check.parts for year in grid.years.get(part, ())}):
            judged = _judged(grid, check, year, indicators)
            if judged is not None:
                yield from _told(grid, check, judged)


@dataclass(frozen=True)
class _Judged:
    """One check in one year: the columns it reads, and the zones that break it."""

    columns: list[int]
    whole: int | None
    year: int
    broken: NDArray[np.bool_]


def _judged(grid: Grid, check: CoherenceCheck, year: int, indicators: Mapping[str, Indicator]) -> _Judged | None:
    found = [grid.column(part, year) for part in check.parts]
    columns = [column for column in found if column is not None]
    whole = _whole(grid, check, year)
    if check.whole and whole is None:
        return None
    low, high = _bounds(grid, columns, indicators)
    complete = len(columns) == len(found)
    known = np.isfinite(low) & complete
    if any((indicators[part].low or 0) < 0 for part in check.parts if part in indicators):
        some = known.all(axis=1)  # a missing part may be negative: then nothing is known of the sum
    else:
        some = np.isfinite(low).any(axis=1)
    low, high = np.nansum(low, axis=1), np.where(known.all(axis=1), np.nansum(high, axis=1), np.inf)
    if whole is not None:
        low, high = _against(check, low, high, grid.low[:, whole], grid.high[:, whole])
    above = low > (np.inf if check.high is None else check.high) + SLACK
    below = high < (-np.inf if check.low is None else check.low) - SLACK
    return _Judged(columns, whole, year, some & (above | below))


def _whole(grid: Grid, check: CoherenceCheck, year: int) -> int | None:
    """Column of the whole: of the same year, or of the nearest one when that will do."""
    years = grid.years.get(check.whole, [])
    if not years or (check.same_year and year not in years):
        return None
    return grid.column(check.whole, min(years, key=lambda one: (abs(one - year), one)))


def _bounds(grid: Grid, columns: list[int], indicators: Mapping[str, Indicator]) -> tuple[Numbers, Numbers]:
    """Bounds of each part; shares all printed without decimals may be half a point away."""
    low, high = grid.low[:, columns], grid.high[:, columns]
    values = grid.value[:, columns]
    of_shares = all(
        indicators[name].unit == PERCENT
        for name in (grid.columns[column].indicator for column in columns)
        if name in indicators
    )
    numbers = values[np.isfinite(values)]
    if of_shares and len(numbers) and (numbers == np.round(numbers)).all():
        untold = low == high  # else the file says its own rounding
        return low - HALF_UNIT * untold, high + HALF_UNIT * untold
    return low, high


def _against(
    check: CoherenceCheck, low: Numbers, high: Numbers, least: Numbers, most: Numbers
) -> tuple[Numbers, Numbers]:
    """Difference from the whole, or ratio to it, at the least and at the most; unknown bounds are infinite."""
    unknown = ~np.isfinite(least)
    if check.kind is CheckKind.RATIO:
        nothing = np.where(
            low > 0, np.inf, -np.inf
        )  # something over nothing is too much; nothing over nothing, unknown
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = np.where(most > 0, low / most, nothing), np.where(least > 0, high / least, np.inf)
    else:
        low, high = low - most, high - least
    return np.where(unknown, -np.inf, low), np.where(unknown, np.inf, high)


def _told(grid: Grid, check: CoherenceCheck, judged: _Judged) -> Iterator[Fault]:
    columns = judged.columns + ([] if judged.whole is None else [judged.whole])
    for zones, places in grid.by_sheet(np.flatnonzero(judged.broken), columns):
        yield grid.fault(places, _found(grid, check, judged, zones), _expected(grid, check, judged), REMEDY)


def _found(grid: Grid, check: CoherenceCheck, judged: _Judged, zones: NDArray[np.intp]) -> str:
    """« somme des 6 profils (ménages) en 2021 : 97,2 pour EPCI 200000172, et 2 autres lignes »."""
    zone, rest = int(zones[0]), len(zones) - 1
    more = f", et {rest} autre{'s'[: rest > 1]} ligne{'s'[: rest > 1]}" if rest else ""
    amount = _amount(grid, check, judged, zone)
    return f"{check.label} en {judged.year} : {amount} pour {zone_name(str(grid.zones[zone]))}{more}"


def _amount(grid: Grid, check: CoherenceCheck, judged: _Judged, zone: int) -> str:
    """What is compared, as printed; « au moins » when a part is missing."""
    parts = grid.value[zone, judged.columns]
    said = "" if np.isfinite(parts).all() and len(judged.columns) == len(check.parts) else "au moins "
    total = float(np.nansum(parts))
    if judged.whole is None:
        return said + shown(total)
    whole = float(grid.value[zone, judged.whole])
    if check.kind is CheckKind.DIFFERENCE:
        return said + shown(total - whole)
    return said + shown(total / whole) if whole else f"{shown(total)} sur un tout nul"


def _expected(grid: Grid, check: CoherenceCheck, judged: _Judged) -> str:
    low, high = check.low, check.high
    if low is not None and high is not None:
        bounds = f"de {shown(low)} à {shown(high)}"
    else:
        bounds = f"{shown(high)} au plus" if high is not None else f"{shown(low or 0)} au moins"
    year = judged.year if judged.whole is None else grid.columns[judged.whole].year
    return bounds + (f" (l’autre terme est de {year})" if year != judged.year else "")
