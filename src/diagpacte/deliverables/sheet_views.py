"""Small tables that the workbook makes of the published ones: the latest value of each zone, and counts.

Each is a table like the others, with a key, so that what it counts has an id and can be traced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from diagpacte.vocabulary import VALUED, Availability, Factor, Indicator

SEVERITIES = ("bloquant", "à vérifier", "information")
ALIKE = ["severity", "file", "sheet", "expected", "remedy"]  # faults told on one row
LATEST_KEY = ("zone_code", "indicator", "base")
FACTOR_KEY = ("zone_code", "factor")
OBSERVED = ["value", "lower", "upper", "availability", "nature", "period"]


def latest_observations(observations: pd.DataFrame, zones: Iterable[str]) -> pd.DataFrame:
    """The observations of `zones` in the latest year of each zone, indicator and base."""
    found = observations[observations["zone_code"].isin(list(zones))]
    found = found.sort_values(["year", "geo_vintage"], kind="stable")
    return found.drop_duplicates(list(LATEST_KEY), keep="last")


def factor_values(
    latest: pd.DataFrame, zones: Iterable[str], factors: Sequence[Factor], indicators: Iterable[Indicator]
) -> pd.DataFrame:
    """A row per zone and factor: its grade, and the value of the indicator behind it; missing where not observed.

    `grade_indicator` and `graded_on`, with their bases, say which they are; both may be empty.
    """
    bases = {entry.indicator: str(entry.base) for entry in indicators}
    rows = [
        (zone, factor.factor, factor.grade_indicator, "", factor.graded_on, bases.get(factor.graded_on, ""))
        for zone in zones
        for factor in factors
    ]
    names = [*FACTOR_KEY, "grade_indicator", "grade_base", "graded_on", "graded_base"]
    frame = pd.DataFrame(rows, columns=names, dtype="str")
    values = latest[[*LATEST_KEY, "value"]]
    for side, base, name in (("grade_indicator", "grade_base", "grade"), ("graded_on", "graded_base", "value")):
        theirs = values.set_axis(["zone_code", side, base, name], axis=1)
        frame = frame.merge(theirs, on=["zone_code", side, base], how="left")
    return frame


def theme_counts(needs: pd.DataFrame) -> pd.DataFrame:
    """Per theme with an indicator read somewhere: zones with a value, under secrecy, with neither."""
    rows = needs[needs["variant"].eq(0)]
    read = rows.loc[rows["indicator"].notna() & rows["observation"].ne(""), "theme"]
    groups = rows[rows["theme"].isin(read)].groupby("theme", sort=True)["availability"]
    counts = pd.DataFrame(
        {
            "valued": groups.agg(lambda kinds: kinds.isin([str(kind) for kind in VALUED]).sum()),
            "secret": groups.agg(lambda kinds: kinds.eq(str(Availability.SECRET)).sum()),
            "zones": groups.size(),
        }
    ).astype("int64")
    counts["without_value"] = counts["zones"] - counts["valued"] - counts["secret"]
    return counts.drop(columns="zones").reset_index()


def availability_counts(latest: pd.DataFrame) -> pd.DataFrame:
    """Per indicator, base and year: how many zones have each kind of value, a column a kind."""
    key = ["indicator", "base", "year"]
    kinds = {str(kind): latest["availability"].eq(str(kind)) for kind in Availability}
    return latest[key].assign(**kinds).groupby(key).sum().astype("int64").reset_index()


def fault_groups(faults: pd.DataFrame) -> pd.DataFrame:
    """Faults alike on one row, worst first: how many, the first place and words; `group` counts them from 1."""
    alike = faults.groupby(ALIKE, sort=False, dropna=False)
    groups = alike.agg(count=("found", "size"), cell=("cell", "first"), found=("found", "first")).reset_index()
    ranks = {name: rank for rank, name in enumerate(SEVERITIES)}
    order = ["rank", "file", "sheet", "remedy", "expected"]
    groups = groups.assign(rank=groups["severity"].map(ranks)).sort_values(order, kind="stable", ignore_index=True)
    return groups.drop(columns="rank").assign(group=range(1, len(groups) + 1))
