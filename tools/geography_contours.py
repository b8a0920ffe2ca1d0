"""Contours of the communes of 2026 as one clean coverage, its holes, and a point for every commune since 2019."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geography_inputs import CONTOURS_WHEEL, TODAY_WHEEL, Inputs
from geography_passage import LAST, links_between

CONTOURS_OF = 2024
# Legal projection of each territory, for lengths and areas in metres.
PROJECTIONS = {"": 2154, "971": 5490, "972": 5490, "973": 2972, "974": 2975, "976": 4471}
GAP_M = 10.0  # narrower gaps between communes are faults of digitisation; the narrowest water body is wider
GRID = 2.0**-16  # degrees, 1.7 m: a binary step leaves zero bytes that compress, a decimal one does not
POINT_DECIMALS = 5
LISTED_HOLE_KM2 = 1.0
FILLS_M2 = 1_000.0  # less is the rounding of a border


def commune_shapes(inputs: Inputs, events: pd.DataFrame) -> tuple[pd.Series, dict[str, object]]:
    """Communes of 2026 → polygon (degrees, on the grid), one valid coverage; and what the cleaning did.

    The communes of 2024, 15141 replaced by the communes déléguées that were restored from it in 2025, are cleaned
    then joined by INSEE's events: no commune absorbed since leaves a hole.
    """
    source, owner = _source_shapes(inputs, events)
    cleaned = pd.concat([_clean(source[_area(source.index) == area], crs) for area, crs in PROJECTIONS.items()])
    merged = cleaned.groupby(owner).agg(lambda parts: shapely.coverage_union_all(parts.to_numpy()))
    shapes = pd.Series(_to_grid(merged.to_numpy()), index=merged.index.rename("code"), dtype=object)
    if not (shapely.coverage_is_valid(shapes.to_numpy()) and shapely.is_valid(shapes.to_numpy()).all()):
        raise SystemExit("the contours are not a valid coverage on the grid")
    report = {
        "grid_degrees": GRID,
        "gap_width_m": GAP_M,
        "simplification_tolerance_m": 0,
        "vertices": int(shapely.get_num_coordinates(shapes.to_numpy()).sum()),
        "source_invalid_edges": int((~shapely.is_empty(shapely.coverage_invalid_edges(source.to_numpy()))).sum()),
        "source_holes": len(holes(source)),
        "holes": _decided(holes(shapes)),
    }
    return shapes, report


def _source_shapes(inputs: Inputs, events: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Contour of each part (commune of 2024, or commune déléguée restored since), and its commune of 2026."""
    shapes, deleguees = _shapes_of(inputs, "COM"), _shapes_of(inputs, "COMD")
    owner = {}
    for code, targets in links_between(events, shapes.index, CONTOURS_OF, LAST).items():
        if len(targets) == 1:
            owner[code] = next(iter(targets))
            continue
        shapes = pd.concat([shapes.drop(code), deleguees[sorted(targets)]])
        owner |= {target: target for target in targets}
    return shapes.sort_index(), pd.Series(owner)


def _shapes_of(inputs: Inputs, kind: str) -> pd.Series:
    table = inputs.wheel(CONTOURS_WHEEL, "communes")
    table = table[table["type"] == kind]
    return pd.Series(shapely.from_wkb(table["geometry"].map(bytes.fromhex)), index=table["code"], dtype=object)


def _area(codes: pd.Index) -> pd.Index:
    return codes.str[:3].where(codes.str.startswith("97"), "")


def _clean(shapes: pd.Series, crs: int) -> pd.Series:
    metric = _project(shapes.to_numpy(), 4326, crs)
    cleaned = shapely.coverage_clean(metric, gap_width=GAP_M)
    if shapely.is_empty(cleaned).any() or not shapely.coverage_is_valid(cleaned):
        raise SystemExit("the cleaning lost a commune or left an invalid coverage")
    return pd.Series(_project(cleaned, crs, 4326), index=shapes.index, dtype=object)


def _project(shapes: np.ndarray, source: int, target: int) -> np.ndarray:
    transformer = Transformer.from_crs(source, target, always_xy=True)
    return shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def _to_grid(shapes: np.ndarray) -> np.ndarray:
    return shapely.normalize(shapely.transform(shapes, lambda xy: np.round(xy / GRID) * GRID))


def holes(shapes: pd.Series) -> pd.DataFrame:
    """What lies inside the outline of each territory without being in any commune: area_km2, lon, lat, largest first."""
    rows = []
    for area, crs in PROJECTIONS.items():
        parts = _project(shapes[_area(shapes.index) == area].to_numpy(), 4326, crs)
        join = shapely.coverage_union_all if shapely.coverage_is_valid(parts) else shapely.union_all
        for hole in (shapely.Polygon(ring) for part in shapely.get_parts(join(parts)) for ring in part.interiors):
            place = _project(np.array([hole.point_on_surface()]), crs, 4326)[0]
            rows.append((hole.area / 1e6, place.x, place.y))
    frame = pd.DataFrame(rows, columns=["area_km2", "lon", "lat"])
    return frame.sort_values("area_km2", ascending=False).reset_index(drop=True)


def _decided(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Every hole left: above 1 km² only Llívia is, an enclave of Spain; the others are water."""
    return [
        {
            "area_km2": round(row.area_km2, 3),
            "lon": round(row.lon, 4),
            "lat": round(row.lat, 4),
            "decision": "Llívia (Espagne), laissée" if row.area_km2 > LISTED_HOLE_KM2 else "eau, laissée",
        }
        for row in frame.itertuples()
    ]


def department_holes(shapes: pd.Series, departments: pd.Series) -> list[dict[str, object]]:
    """Holes over 1 km² in a dissolved département of métropole, and the communes of others that fill them."""
    here = shapes[_area(shapes.index) == ""]
    metric = pd.Series(_project(here.to_numpy(), 4326, PROJECTIONS[""]), index=here.index, dtype=object)
    tree = shapely.STRtree(metric.to_numpy())
    found = []
    for department, parts in metric.groupby(departments.reindex(metric.index)):
        for part in shapely.get_parts(shapely.coverage_union_all(parts.to_numpy())):
            for hole in (shapely.Polygon(ring) for ring in part.interiors):
                if hole.area / 1e6 > LISTED_HOLE_KM2:
                    near = metric.iloc[np.sort(tree.query(hole, "intersects"))]
                    filled = near.index[shapely.area(shapely.intersection(near.to_numpy(), hole)) > FILLS_M2]
                    row = {"department": department, "area_km2": round(hole.area / 1e6, 3), "communes": list(filled)}
                    found.append(
                        row
                        | {
                            "decision": "enclave, laissée à qui elle est"
                            if len(filled)
                            else "Llívia (Espagne), laissée"
                        }
                    )
    return found


def points(inputs: Inputs, shapes: pd.Series, communes: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """One point per commune of any vintage: its town hall when it stands inside its contour, else an interior point.

    A commune of the past without a contour of its own gets the point of the commune that holds it now.
    """
    own = shapes.reindex(sorted(set(communes["code"])))
    past = pd.concat([_shapes_of(inputs, kind) for kind in ("COM", "COMD", "COMA")])
    past = past[~past.index.duplicated() & ~past.index.isin(shapes.index)]
    own = own.combine_first(past.reindex(own.index))
    halls = _town_halls(inputs)
    rows = {}
    for code, shape in own.dropna().items():
        hall = halls.get(str(code))
        if hall is not None and shapely.contains(shape, hall):
            rows[str(code)] = (hall, "chef-lieu")
        else:
            rows[str(code)] = (_interior(shape), "interieur")
    for code in own.index[own.isna()]:
        last = communes.loc[communes["code"] == code, "geo_vintage"].max()
        (successor,) = links_between(events, [code], int(last), LAST)[code]
        rows[str(code)] = (rows[successor][0], "successeur")
    frame = pd.DataFrame(
        [(code, round(p.x, POINT_DECIMALS), round(p.y, POINT_DECIMALS), kind) for code, (p, kind) in rows.items()],
        columns=["code", "lon", "lat", "point_kind"],
    )
    return frame.sort_values("code").reset_index(drop=True)


def _interior(shape: shapely.Geometry) -> shapely.Point:
    """The centroid of the largest part, or a point on it when the centroid falls outside."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    centroid: shapely.Point = largest.centroid
    return centroid if largest.contains(centroid) else largest.point_on_surface()


def _town_halls(inputs: Inputs) -> Mapping[str, shapely.Point]:
    """Town hall of each commune, and of the communes déléguées and associées that bear no commune's code."""
    table = inputs.wheel(TODAY_WHEEL, "communes")
    table = table[table["type"].isin(["COM", "COMD", "COMA"]) & table["mairie_localisation"].notna()]
    table = table.sort_values("type", key=lambda kinds: kinds != "COM", kind="stable").drop_duplicates("code")
    found = pd.Series(shapely.from_wkb(table["mairie_localisation"].map(bytes.fromhex)), index=table["code"])
    return dict(found[~shapely.is_empty(found.to_numpy())].items())
