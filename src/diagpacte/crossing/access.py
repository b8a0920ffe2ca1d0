"""Straight-line distance from each commune to the nearest listed offer of each theme."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import cKDTree

from diagpacte.crossing.rules import CrossingRules
from diagpacte.tables import TABLES, CommuneAccess, Communes, Members, Offers, SourceCoverage
from diagpacte.vocabulary import Availability, Placement

TIE_M = 0.001  # offers nearer to one another than the noise of a projection are equally near

Points = NDArray[np.float64]  # (n, 2), metres in the CRS of the territory


def commune_access(
    members: Members,
    offers: Offers,
    source_coverage: SourceCoverage,
    communes: Communes,
    epsg: int,
    rules: CrossingRules,
) -> CommuneAccess:
    """Distance (km, straight line) of every commune of `members` to the nearest offer, per theme listed here.

    A theme is listed here when a located offer of it stands in a zone of the territory or in the ring; then all
    of `offers` count, of every source, so that no distance is cut by a border. Offers at a distance only are
    nowhere. `communes` are those around, whose points stand for what no source covers: `nearest_lower_km` is the
    distance if each commune of a département where no source of the theme lists anything had an offer.
    Themes not listed here have no row. `epsg` is the metric CRS of the territory.
    """
    located = _located(offers)
    froms, to, around = project(members, epsg), project(located, epsg), project(communes, epsg)
    to_uncovered: dict[frozenset[str], NDArray[np.float64]] = {}
    frames = []
    for theme, here in offers_here(members, offers, epsg, rules).groupby("theme", sort=True):
        covered = covered_departments(source_coverage, here["offer_source"])
        if covered not in to_uncovered:
            to_uncovered[covered] = distances(froms, around[~communes["department"].isin(covered).to_numpy()])
        mine = located["theme"].eq(theme).to_numpy()
        nearest, structure = nearest_offer(froms, to[mine], located.loc[mine, "structure_id"])
        frames.append(_rows(members, str(theme), nearest, structure, to_uncovered[covered]))
    empty = TABLES["commune_access"].frame([])
    return CommuneAccess(TABLES["commune_access"].frame(pd.concat(frames, ignore_index=True)) if frames else empty)


def offers_here(members: Members, offers: Offers, epsg: int, rules: CrossingRules) -> Offers:
    """Located offers in a commune of `members`, or within `rules.ring_km` of the point of one of them."""
    located = _located(offers)
    inside = located["commune_code"].isin(members["commune_code"])
    away = distances(project(located, epsg), project(members, epsg))
    return Offers(located[inside | (away <= 1_000 * rules.ring_km)])


def covered_departments(source_coverage: SourceCoverage, sources: Iterable[str]) -> frozenset[str]:
    """Départements where at least one of `sources` lists a structure, of any theme."""
    rows = source_coverage[source_coverage["structures"].gt(0) & source_coverage["offer_source"].isin(set(sources))]
    return frozenset(rows["department"])


def project(places: pd.DataFrame, epsg: int) -> Points:
    """`lon` and `lat` (degrees, WGS 84) in metres of `epsg`; missing or out of its domain, a point is not finite."""
    x, y = _to_metres(epsg).transform(places["lon"].to_numpy("float64"), places["lat"].to_numpy("float64"))
    return np.column_stack([x, y])


@lru_cache
def _to_metres(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def distances(froms: Points, points: Points) -> NDArray[np.float64]:
    """Metres from each of `froms` to the nearest of `points`; infinite when there is none."""
    nearest = np.full(len(froms), np.inf)
    points, known = points[np.isfinite(points).all(axis=1)], np.isfinite(froms).all(axis=1)
    if len(points) and known.any():
        nearest[known] = cKDTree(points).query(froms[known])[0]
    return nearest


def nearest_offer(
    froms: Points, points: Points, structures: pd.Series[str]
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Metres from each of `froms` to the nearest of `points` and its structure, the smallest id of those equally near."""
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if not len(known):
        return np.full(len(froms), np.inf), np.full(len(froms), None)
    by_id = known[np.argsort(structures.to_numpy("object")[known], kind="stable")]
    # The first of each point is its smallest id: structures of one address are the ties that really happen.
    points, first = np.unique(points[by_id], axis=0, return_index=True)
    ids = structures.to_numpy("object")[by_id[first]]
    tree = cKDTree(points)
    two, at = tree.query(froms, k=2)
    nearest = ids[at[:, 0]]
    ties = np.flatnonzero(two[:, 1] - two[:, 0] <= TIE_M)
    for row, near in zip(ties, tree.query_ball_point(froms[ties], two[ties, 0] + TIE_M), strict=True):
        nearest[row] = min(ids[near])
    return two[:, 0], nearest


def _located(offers: Offers) -> Offers:
    """Offers that stand somewhere and receive there."""
    return Offers(offers[offers["placement"].ne(Placement.NONE) & ~offers["remote_only"]])


def _rows(
    members: Members,
    theme: str,
    nearest: NDArray[np.float64],
    structure: NDArray[np.object_],
    to_uncovered: NDArray[np.float64],
) -> pd.DataFrame:
    known = np.isfinite(nearest)
    kilometres = np.where(known, nearest / 1_000, np.nan)
    availability = np.where(known, Availability.OBSERVED.value, Availability.NOT_AVAILABLE.value)
    return members[["commune_code", "zone_code", "population", "inside"]].assign(
        theme=theme,
        nearest_km=kilometres,
        nearest_lower_km=np.minimum(kilometres, to_uncovered / 1_000),
        nearest_structure=structure,
        availability=availability,
        fca=np.nan,
        fca_availability=Availability.NOT_AVAILABLE.value,
    )
