"""Contours of zones: the dissolve of today's communes by the composition of the vintage asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from diagpacte.geography.passage import links
from diagpacte.geography.rules import GeographyRules
from diagpacte.geography.zones import belongs, departments_of, short_name, zone_codes, zone_names
from diagpacte.tables import TABLES, Communes, Ground, Members, Passage, Zones
from diagpacte.vocabulary import LAST_VINTAGE, Territory

METROPOLITAN_CRS = 2154  # Lambert-93
OVERSEAS_CRS = {"971": 5490, "972": 5490, "973": 2972, "974": 2975, "976": 4471}

WIDEST, TALLEST = 1.75, 0.9  # width / height of the map frames that the ground must fill
MARGIN = 1.2  # beyond them: the padding of the page, and north turning from one projection to another


def metric_crs(territory: Territory) -> int:
    """EPSG code of the projection, in metres, in which `territory` is measured and drawn."""
    return OVERSEAS_CRS.get(territory.departments[0], METROPOLITAN_CRS)


def commune_shapes(communes: Communes, contours: pd.Series[Any], passage: Passage) -> pd.DataFrame:
    """Contour of each commune of today, with the commune of the vintage of `communes` that it stands for.

    Columns: home (code at that vintage), shape (EPSG:4326), indexed by today's code; `contours` is indexed
    likewise. A commune formed since from several stands for the most populated of them. A commune drawn
    inside another has no row.
    """
    population = communes.set_index("code")["population"]
    today = links(communes, LAST_VINTAGE, passage)
    today = today.assign(population=today["code_from"].map(population).fillna(-1))
    today = today.sort_values(["population", "code_from"], ascending=[False, True], kind="stable")
    homes = today.drop_duplicates("code_to").set_index("code_to")["code_from"]
    return pd.DataFrame({"home": homes.reindex(contours.index), "shape": contours}).dropna()


def with_contours(zones: Zones, members: Members, shapes: pd.DataFrame, approximate: pd.DataFrame) -> Zones:
    """`zones` with their contours, whole and inside the territory (WKB, EPSG:4326).

    `shapes` as from `commune_shapes`; `approximate` (code) the EPCI whose past ground cannot be cut exactly
    in the communes of today.
    """
    member = members.set_index("commune_code")
    ours = shapes[shapes["home"].isin(member.index)]
    zone, inside = (member.loc[ours["home"], name].to_numpy() for name in ("zone_code", "inside"))
    whole = dissolve(ours["shape"].to_numpy(), zone)
    parts = dissolve(ours["shape"].to_numpy()[inside], zone[inside])
    frame = zones.assign(
        contour_approximate=zones["code"].isin(approximate["code"]),
        geometry=shapely.to_wkb([whole.get(code) for code in zones["zone_code"]]),
        geometry_inside=shapely.to_wkb([parts.get(code) for code in zones["zone_code"]]),
    )
    return Zones(TABLES["zones"].frame(frame))


def ground(
    territory: Territory,
    zones: Zones,
    communes: Communes,
    intercommunalities: pd.DataFrame,
    departments: pd.DataFrame,
    shapes: pd.DataFrame,
    rules: GeographyRules | None = None,
) -> Ground:
    """What lies under and around a map: the outline of `territory`, the neighbouring EPCI and départements.

    `zones` have their contours; `communes` are all those of the vintage. Neighbours are cut to a frame wide
    enough for any page around the territory. A département holds all its ground outside the territory, that
    of straddling zones included; the Rhône and the Métropole de Lyon are two.
    """
    outline = shapely.coverage_union_all(shapely.from_wkb(zones["geometry_inside"].to_numpy()))
    frame = _frame(outline)
    west, south, east, north = frame.bounds
    left, bottom, right, top = shapely.bounds(shapes["shape"].to_numpy()).T
    near = shapes[(left < east) & (right > west) & (bottom < north) & (top > south)]
    home = communes.set_index("code", drop=False).loc[near["home"]]
    zone = zone_codes(Communes(home), rules).to_numpy()
    outside = ~belongs(territory.code, Communes(home)).to_numpy()
    foreign = outside & ~np.isin(zone, zones["zone_code"])
    shape = near["shape"].to_numpy()
    epci = _cut(dissolve(shape[foreign], zone[foreign]), frame)
    units = _cut(dissolve(shape[outside], departments_of(Communes(home)).to_numpy()[outside]), frame)
    epci_names = zone_names(home.assign(zone_code=zone).reset_index(drop=True), intercommunalities).map(short_name)
    unit_names = departments.set_index("code")["name"]
    rows = [
        ("territoire", territory.code, territory.name, outline),
        *(("departement", code, unit_names[code], shape) for code, shape in units.items()),
        *(("epci", code.partition(":")[2], epci_names[code], shape) for code, shape in epci.items()),
    ]
    table = pd.DataFrame(rows, columns=["kind", "code", "name", "geometry"])
    return Ground(TABLES["ground"].frame(table.assign(geometry=shapely.to_wkb(table["geometry"].to_numpy()))))


def dissolve(shapes: Any, keys: Any) -> dict[str, Any]:
    """One geometry per key, keys sorted, from `shapes` that are parts of one clean coverage."""
    groups = pd.Series(keys).groupby(keys, sort=True).indices
    return {str(key): shapely.coverage_union_all(shapes[rows]) for key, rows in groups.items()}


def _frame(outline: Any) -> Any:
    """The box, in degrees, that holds any page of an admitted shape around `outline`."""
    west, south, east, north = outline.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    narrowing = np.cos(np.radians(middle[1]))
    width, height = (east - west) * narrowing, north - south
    half = MARGIN / 2 * np.array([max(width, height * WIDEST) / narrowing, max(height, width / TALLEST)])
    return shapely.box(*(middle - half), *(middle + half))


def _cut(shapes: dict[str, Any], frame: Any) -> dict[str, Any]:
    """`shapes` inside `frame`, as areas only; what has none there is left out."""
    cut = {key: _areas(shapely.intersection(shape, frame)) for key, shape in shapes.items()}
    return {key: shape for key, shape in cut.items() if not shape.is_empty}


def _areas(shape: Any) -> Any:
    """The polygons of a geometry that may hold lines and points."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004 (an area)
