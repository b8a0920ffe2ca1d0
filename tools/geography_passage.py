"""From INSEE's commune events to the passage between two vintages, with the population that goes each way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

FIRST, LAST = 2019, 2026
RENAMED = "10"  # a change of name moves no border

Links = dict[str, frozenset[str]]  # every commune before → what it became


def commune_events(movements: pd.DataFrame) -> pd.DataFrame:
    """The events between communes after 1 January 2019, columns as published, oldest first."""
    between_communes = (movements["TYPECOM_AV"] == "COM") & (movements["TYPECOM_AP"] == "COM")
    kept = movements[between_communes & (movements["DATE_EFF"] > f"{FIRST}-01-01")]
    return kept.sort_values(["DATE_EFF", "COM_AV", "COM_AP", "MOD"]).reset_index(drop=True)


def links_between(events: pd.DataFrame, codes: Iterable[str], first: int, last: int) -> Links:
    """What `codes`, the communes of 1 January `first`, became by 1 January `last`, event date after event date."""
    dates = events["DATE_EFF"]
    between = (dates > f"{first}-01-01") & (dates <= f"{last}-01-01") & (events["MOD"] != RENAMED)
    links = {code: frozenset({code}) for code in codes}
    touched = sorted(links.keys() & set(events.loc[between, "COM_AV"]))
    for _, at_date in events[between].groupby("DATE_EFF"):
        step = {str(code): frozenset(rows["COM_AP"]) for code, rows in at_date.groupby("COM_AV")}
        for code in touched:
            links[code] = frozenset().union(*(step.get(target, frozenset({target})) for target in links[code]))
    return links


def sources_of(links: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """Every commune after → the communes it comes from, sorted."""
    sources: dict[str, list[str]] = {}
    for code in sorted(links):
        for target in links[code]:
            sources.setdefault(target, []).append(code)
    return sources


def passage(events: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """One row per pair of communes whose extent or code changed between consecutive vintages.

    `ratio` is the share of the population of `code_from` that goes to `code_to`: 1 unless it was split, else from
    the populations published after the split. A commune that absorbs others keeps a row to itself (fusion).
    """
    rows = []
    for year in range(FIRST, LAST):
        before = communes.loc[communes["geo_vintage"] == year, "code"]
        after = communes[communes["geo_vintage"] == year + 1].set_index("code")
        links = links_between(events, before, year, year + 1)
        sources = sources_of(links)
        for code, targets in links.items():
            rows += [
                {"code_from": code, "vintage_from": year, "code_to": target, "vintage_to": year + 1} | pair
                for target, pair in _pairs(code, sorted(targets), sources, after).items()
            ]
    columns = ["code_from", "vintage_from", "code_to", "vintage_to", "kind", "ratio", "ratio_source"]
    return (
        pd.DataFrame(rows, columns=columns).sort_values(["vintage_from", "code_from", "code_to"]).reset_index(drop=True)
    )


def _pairs(
    code: str, targets: list[str], sources: Mapping[str, list[str]], after: pd.DataFrame
) -> dict[str, dict[str, object]]:
    if len(targets) == 1:
        merged = len(sources[targets[0]]) > 1
        if targets == [code] and not merged:
            return {}
        kind = "fusion" if merged else "changement de code"
        return {targets[0]: {"kind": kind, "ratio": 1.0, "ratio_source": ""}}
    parts = after.loc[targets]
    vintage, year = parts["geo_vintage"].iloc[0], parts["population_year"].iloc[0]
    source = f"population municipale {year} des communes au 1er janvier {vintage}"
    shares = parts["population"].astype("float64") / float(parts["population"].sum())
    return {
        str(target): {"kind": "scission", "ratio": share, "ratio_source": source} for target, share in shares.items()
    }


def approximate_zones(events: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """The past EPCI and EPT whose contour today's communes cannot give: a commune of today mixes two of them."""
    rows = set()
    for year in range(FIRST, LAST):
        past = communes[communes["geo_vintage"] == year].set_index("code")
        sources = sources_of(links_between(events, past.index, year, LAST))
        for kind in ("epci", "ept"):
            zone_of = past[kind].fillna("")
            for target, codes in sources.items():
                zones = {zone_of[code] for code in codes} - {""}
                if len(zones) > 1:
                    rows |= {(kind.upper(), zone, year, target) for zone in zones}
    return pd.DataFrame(sorted(rows), columns=["kind", "code", "geo_vintage", "mixed_commune"])
