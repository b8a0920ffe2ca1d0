"""Which values of the workspace are counts that disclosure control is about, and what each obeys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import pandas as pd

from diagpacte.disclosure.rules import Threshold
from diagpacte.disclosure.standing import private
from diagpacte.disclosure.thresholds import COUNTED, Applied, applied
from diagpacte.tables import TABLES, Sources
from diagpacte.vocabulary import VALUED, Availability, Base, Indicator

KEY = list(TABLES["observations"].key)
FIGURE = ["indicator", "year", "base"]


def keys(rows: pd.DataFrame) -> pd.Series[str]:
    """The key of each observation as Masks writes it: « EPCI:200093201|rsa_units_count|2022|foyers|2025 »."""
    key, *others = (rows[part].astype("str") for part in KEY)
    for part in others:
        key = key + "|" + part
    return key


def is_count(entry: Indicator) -> bool:
    """Whether an indicator counts persons, households, families or foyers."""
    return entry.unit == "count" and entry.base in COUNTED


def counts(
    shown: pd.DataFrame,
    published: pd.DataFrame,
    derived: Collection[str],
    sources: Sources,
    indicators: Sequence[Indicator],
    rules: Sequence[Threshold],
) -> pd.DataFrame:
    """The counts of persons, households, families and foyers, in the order of their keys, with what they obey.

    `shown` are the observations that a deliverable may show, `published` those of public sources, shown or not;
    `derived` the keys of those that diagpacte added up itself. Columns of Observations, then key, ours (may be
    withheld: not public, or derived), small (may not be shown), threshold, zero_told, rule. A value that a
    producer has published, be it in another file, is not ours. A missing value other than a secret is left out.
    """
    known = {entry.indicator: entry for entry in indicators if is_count(entry)}
    everything = pd.concat([shown.assign(shown=True), published.assign(shown=False)], ignore_index=True)
    rows = everything[everything["indicator"].isin(known) & everything["base"].isin([str(base) for base in COUNTED])]
    rows = rows[rows["availability"].isin([*VALUED, Availability.SECRET])]
    rows = rows.assign(key=keys(rows), public=~rows["source_id"].isin(private(sources)))
    told = rows.loc[rows["public"] & rows["value"].notna(), ["key", "value"]].drop_duplicates()
    rows = rows.sort_values(["shown", "source_id"], ascending=[False, True], kind="stable")
    rows = rows.drop_duplicates(["key", "value", "availability"])
    twice = pd.MultiIndex.from_frame(rows[["key", "value"]]).isin(pd.MultiIndex.from_frame(told))
    added = rows["key"].isin(set(derived))
    words = _words(sources)

    @cache
    def rule(source: str, indicator: str, base: str) -> Applied | None:
        return applied(rules, f"{words.get(source, '')} {known[indicator].source}", Base(base))

    found = [rule(*one) for one in zip(rows["source_id"], rows["indicator"], rows["base"], strict=True)]
    rows = rows.assign(
        ours=rows["shown"] & (added | ~(rows["public"] | twice)),
        threshold=[one.threshold if one else 0 for one in found],
        zero_told=[one is None or one.zero_told for one in found],
        rule=[one.words if one else "" for one in found],
        small=[one is not None and one.small(value) for one, value in zip(found, rows["value"], strict=True)],
    )
    return rows[rows["threshold"].gt(0)].sort_values(["key", "source_id"], kind="stable", ignore_index=True)


def _words(sources: Sources) -> dict[str, str]:
    """What each source says of itself, where the pattern of a rule is looked for."""
    text = sources["producer"].astype(str) + " " + sources["title"].astype(str)
    return dict(zip(sources["source_id"], text, strict=True))
