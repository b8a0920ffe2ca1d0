"""Offer located in each zone, distance weighted by population, and the gap with the need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from diagpacte.crossing.access import covered_departments, offers_here
from diagpacte.crossing.gaps import NBSP, gap
from diagpacte.crossing.rules import CrossingRules
from diagpacte.tables import (
    TABLES,
    CommuneAccess,
    Coverage,
    CoverageSources,
    Members,
    Needs,
    Offers,
    SourceCoverage,
    Zones,
)
from diagpacte.vocabulary import Availability, GapClass, Nature, Placement, Theme

OBSERVED, NOT_AVAILABLE, NOT_COVERED = (
    Availability.OBSERVED.value, Availability.NOT_AVAILABLE.value, Availability.NOT_COVERED.value,
)  # fmt: skip
KEY = ["zone_code", "theme"]


def coverage(
    needs: Needs,
    offers: Offers,
    members: Members,
    zones: Zones,
    access: CommuneAccess,
    source_coverage: SourceCoverage,
    themes: Sequence[Theme],
    epsg: int,
    rules: CrossingRules,
) -> tuple[Coverage, CoverageSources]:
    """One row per row of `needs`, and the count of each source for the themes shown.

    Structures are counted where they stand: by commune, else by point. A count is given when one source only lists the theme
    here (sources are never added): 0 when that source lists structures in the départements of the zone, not
    covered otherwise. Distances come from `access`.
    """
    here = offers_here(members, offers, epsg, rules)
    reach = {theme.theme: theme.reach_km for theme in themes}
    by_source = _counts(here[here["theme"].isin(reach)], members, zones, source_coverage)
    frame = (
        needs[[*KEY, "variant", "strong", "class_label", "reason", "nature"]]
        .merge(_listing(here, offers, access), on="theme", how="left")
        .merge(_alone(by_source, here), on=KEY, how="left")
        .merge(_distances(access, reach), on=KEY, how="left")
    )
    frame["reach_km"] = frame["theme"].map(reach)
    frame["listed"] = frame["offer_sources"].notna()
    return Coverage(TABLES["coverage"].frame(_classed(frame, rules))), by_source


def _listing(here: Offers, offers: Offers, access: CommuneAccess) -> pd.DataFrame:
    """Per theme listed here: its sources, and the natures of the offers that stand here or are the nearest."""
    nearest = access[["theme", "nearest_structure"]].dropna().drop_duplicates()
    beyond = nearest.merge(offers, left_on=["theme", "nearest_structure"], right_on=["theme", "structure_id"])
    used = pd.concat([here[["theme", "nature"]], beyond[["theme", "nature"]]])
    grouped = here.groupby("theme", sort=True)["offer_source"]
    listing = grouped.agg(lambda sources: sorted(set(sources))).to_frame("offer_sources")
    return listing.assign(offers_nature=used.groupby("theme")["nature"].agg(_worst)).reset_index()


def _counts(here: pd.DataFrame, members: Members, zones: Zones, source_coverage: SourceCoverage) -> CoverageSources:
    """Structures of each source in each zone; 0 where the source covers it, no row where it does not.

    A source covers a zone when it lists structures in every département of its part inside the territory, and
    has a rate there when it does in every département of the zone, whose whole population is the denominator.
    """
    placed = in_zones(here, members, zones)
    point = placed.groupby(["lon", "lat"]).ngroup()
    counted = (
        placed.assign(point=point.where(point >= 0), apart=placed["placement"].eq(Placement.COMMUNE))
        .groupby([*KEY, "offer_source"], as_index=False)
        .agg(
            structures=("structure_id", "size"),
            structures_inside=("inside", "sum"),
            services=("services", "sum"),
            points=("point", "nunique"),
            not_located=("apart", "sum"),
        )
    )
    pairs = here[["theme", "offer_source"]].drop_duplicates().sort_values(["theme", "offer_source"])
    rows = (
        zones[["zone_code", "population"]]
        .merge(pairs, how="cross")
        .merge(counted, on=[*KEY, "offer_source"], how="left")
    )
    covered = {source: covered_departments(source_coverage, [source]) for source in pairs["offer_source"].unique()}
    inside = members[members["inside"]].groupby("zone_code")["department"].agg(frozenset)
    whole = members.groupby("zone_code")["department"].agg(frozenset)
    places = list(zip(rows["zone_code"], rows["offer_source"], strict=True))
    kept = rows["structures"].notna() | np.array([inside[zone] <= covered[source] for zone, source in places], bool)
    rated = np.array([whole[zone] <= covered[source] for zone, source in places], bool)
    counts = ["structures", "structures_inside", "services", "points", "not_located"]
    rows[counts] = rows[counts].fillna(0)
    people = rows["population"].astype("float64")
    rows["offers_per_10000_inhabitants"] = (10_000 * rows["structures"] / people).where(rated & (people > 0))
    return CoverageSources(TABLES["coverage_sources"].frame(rows[kept].drop(columns="population")))


def in_zones(here: pd.DataFrame, members: Members, zones: Zones) -> pd.DataFrame:
    """Offers of `here` that stand in a zone, with `zone_code` and `inside`: by their commune, else by their point."""
    by_commune = here.merge(members[["commune_code", "zone_code", "inside"]], on="commune_code")
    adrift = here[here["commune_code"].isna()]
    drawn = zones[zones["geometry"].str.len().gt(0)]
    points = shapely.points(adrift["lon"].to_numpy("float64"), adrift["lat"].to_numpy("float64"))
    offer, zone = shapely.STRtree(shapely.from_wkb(drawn["geometry"])).query(points, predicate="intersects")
    part = shapely.from_wkb(drawn["geometry_inside"].iloc[zone])
    by_point = adrift.iloc[offer].assign(
        zone_code=drawn["zone_code"].to_numpy()[zone], inside=shapely.intersects(part, points[offer])
    )
    by_point = by_point.drop_duplicates(["structure_id", "theme"])  # a point on a limit stands in one zone
    placed: pd.DataFrame = pd.concat([by_commune, by_point], ignore_index=True)
    return placed


def _alone(by_source: CoverageSources, here: Offers) -> pd.DataFrame:
    """Counts of the themes that one source only lists here: those of several sources are never added."""
    sources = here.groupby("theme")["offer_source"].nunique()
    rows = by_source[by_source["theme"].map(sources).eq(1)]
    return rows[[*KEY, "services", "offers_per_10000_inhabitants"]].assign(
        located=rows["structures"], located_inside=rows["structures_inside"]
    )


def _distances(access: CommuneAccess, reach: dict[str, float]) -> pd.DataFrame:
    """Means over all the communes of each zone, weighted by population, and the share beyond the reach (%).

    A commune of unknown population weighs on neither side of the fraction; `unknown` counts them.
    """
    people = access["population"].astype("float64").where(access["nearest_km"].notna())
    beyond = access["nearest_km"] > access["theme"].map(reach).astype("float64")
    parts = access[KEY].assign(
        people=people,
        nearest=people * access["nearest_km"],
        lower=people * access["nearest_lower_km"],
        beyond=people.where(beyond, 0),
        unknown=access["population"].isna(),
    )
    sums = parts.groupby(KEY, as_index=False).sum()
    known = sums["people"].where(sums["people"] > 0)
    return sums[[*KEY, "unknown"]].assign(
        nearest_km=sums["nearest"] / known,
        nearest_lower_km=sums["lower"] / known,
        beyond_reach_pct=100 * sums["beyond"] / known,
    )


def _classed(frame: pd.DataFrame, rules: CrossingRules) -> pd.DataFrame:
    """`frame` with its classes, reasons and availabilities; columns of later work not available."""
    listed, near = frame["listed"], frame["nearest_km"]
    several = frame["offer_sources"].str.len().gt(1)
    gaps = [_gap(row) for row in frame.to_dict("records")]
    classed = frame.assign(
        offer_sources=frame["offer_sources"].where(listed, pd.Series([[]] * len(frame), index=frame.index)),
        located_availability=np.select([several, frame["located"].notna()], [NOT_AVAILABLE, OBSERVED], NOT_COVERED),
        nearest_availability=np.select([near.notna(), listed], [OBSERVED, NOT_AVAILABLE], NOT_COVERED),
        access_class=pd.Series(np.searchsorted(rules.access_bounds_km, near, side="right"), dtype="Int64").where(near.notna()),
        access_weak=(near > frame["reach_km"]).astype("boolean").where(near.notna()),
        gap_class=[found.value for found, _ in gaps],
        gap_reason=[reason for _, reason in gaps],
        nature=[_worst(pair) for pair in zip(frame["nature"], frame["offers_nature"], strict=True)],
        declared=None, remote=None, fca=np.nan,
        declared_availability=NOT_AVAILABLE, remote_availability=NOT_AVAILABLE, fca_availability=NOT_AVAILABLE,
    )  # fmt: skip
    return classed[list(TABLES["coverage"].columns)]


def _gap(row: dict[Any, Any]) -> tuple[GapClass, str]:
    """Gap of one row, with the communes that its mean leaves out."""
    found, reason = gap(row | {"need_reason": row["reason"]})
    unknown = 0 if pd.isna(row["unknown"]) else int(row["unknown"])
    if unknown and not pd.isna(row["nearest_km"]):
        several = "s" if unknown > 1 else ""
        reason += f"{NBSP}; {unknown}{NBSP}commune{several} de population inconnue hors de la moyenne"
    return found, reason


def _worst(natures: Iterable[Any]) -> str:
    """The least real of `natures`, missing ones apart."""
    return max((str(nature) for nature in natures if not pd.isna(nature)), key=[*map(str, Nature)].index)
