"""The packaged contours: one clean coverage of every commune of 2026, without slivers, holes or losses."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from reference_data_frames import FOLDER, communes_of, contours, import_tools, table

import_tools()
from geography_contours import GRID, department_holes, holes  # noqa: E402
from geography_passage import links_between, sources_of  # noqa: E402

EQUAL_AREA = 6933
WITHOUT_SHAPE_ELSEWHERE = ["12218", "14581", "15031", "15035", "15047", "15171", "49126", "69114"]


def epci_of(vintage: int) -> gpd.GeoSeries:
    """EPCI of `vintage`: dissolve of today's communes by the EPCI of the first commune each comes from."""
    epci = communes_of(vintage)["epci"]
    sources = sources_of(links_between(table("movements"), epci.index, vintage, 2026))
    zone = pd.Series({today: epci[codes[0]] for today, codes in sources.items()})
    shapes = contours()
    dissolved = shapes.groupby(zone.reindex(shapes.index)).agg(lambda part: shapely.coverage_union_all(part.to_numpy()))
    return gpd.GeoSeries(dissolved.to_numpy(), index=dissolved.index, crs=4326)


def is_inside(points: pd.DataFrame, shapes: object) -> np.ndarray:
    """Point by point, within two steps of the grid."""
    return np.asarray(shapely.dwithin(shapes, shapely.points(points["lon"], points["lat"]), 2 * GRID))


def test_every_commune_of_2026_has_a_contour():
    shapes = contours()
    assert set(shapes.index) == set(communes_of(2026).index)
    assert shapes.index.is_unique
    assert not shapes.is_empty.any()
    assert set(shapes.geom_type) == {"Polygon", "MultiPolygon"}


def test_the_contours_are_one_valid_coverage_on_their_grid():
    shapes = contours().to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    steps = shapely.get_coordinates(shapes) / GRID
    assert (steps == np.round(steps)).all()


@pytest.mark.parametrize("code", WITHOUT_SHAPE_ELSEWHERE)
def test_a_commune_without_shape_in_the_latest_wheel_has_its_own(code):
    shape = contours()[[code]].to_crs(EQUAL_AREA)
    assert shape.area.iloc[0] > 3e6
    assert is_inside(table("points").set_index("code").loc[[code]], contours()[code]).all()


def test_the_commune_split_in_2025_is_shared_between_its_five_parts():
    parts = contours()[["15031", "15035", "15047", "15141", "15171"]]
    assert shapely.coverage_is_valid(parts.to_numpy())
    whole = shapely.coverage_union_all(parts.to_numpy())
    assert whole.geom_type == "Polygon"
    assert parts.to_crs(2154).area.sum() == pytest.approx(gpd.GeoSeries([whole], crs=4326).to_crs(2154).area.iloc[0])


@pytest.mark.parametrize("code", ["93066", "59006", "79307", "22241"])
def test_a_commune_that_absorbed_others_in_2025_covers_them(code):
    """The absorbed communes leave holes in the contours of the latest wheel."""
    absorbed = table("passage").query("vintage_from == 2024 and code_to == @code")["code_from"]
    points = table("points").set_index("code").loc[absorbed]
    assert len(points) > 1
    assert is_inside(points, contours()[code]).all()


def test_every_past_epci_dissolves_to_valid_polygons():
    for vintage, count in ((2019, 1_259), (2022, 1_255), (2026, 1_253)):
        zones = epci_of(vintage)
        assert len(zones) == count
        assert zones.is_valid.all()


def test_the_coverage_has_one_land_hole_and_no_sliver():
    """Llívia is Spanish; the five others are water. Narrow gaps between communes are gone."""
    found = holes(contours())
    assert len(found) == 6
    assert found["area_km2"].round(3).tolist() == [12.978, 0.096, 0.046, 0.032, 0.021, 0.016]
    assert (found["lon"].iloc[0], found["lat"].iloc[0]) == pytest.approx((1.974, 42.473), abs=0.01)


def test_holes_of_departments_are_enclaves_of_their_neighbours_or_llivia():
    """Over 1 km²: Valréas in Drôme, two of Hautes-Pyrénées in Pyrénées-Atlantiques, Moeuvres in Pas-de-Calais…"""
    found = department_holes(contours(), communes_of(2026)["department"])
    assert [(hole["department"], hole["communes"]) for hole in found] == [
        ("02", ["60658"]),
        ("26", ["84053", "84097", "84138", "84150"]),
        ("55", ["54412"]),
        ("60", ["02232", "60320", "60658"]),
        ("62", ["59097", "59176", "59405"]),
        ("64", ["65185", "65292"]),
        ("64", ["65160", "65422", "65476"]),
        ("66", []),
    ]
    record = json.loads((FOLDER / "provenance.json").read_text(encoding="utf-8"))
    assert record["contours"]["department_holes"] == found


@pytest.mark.long
def test_there_are_fewer_faults_than_in_the_latest_wheel(shared_data):
    """That wheel: 202 invalid edges, 130 holes of which 51 over 1 km², where communes absorbed in 2025 are missing."""
    other = gpd.read_parquet(shared_data / "geo" / "communes_2025.parquet").set_index("code").geometry.dropna()
    edges = shapely.coverage_invalid_edges(other.to_numpy())
    theirs = holes(other)
    assert (~shapely.is_empty(edges)).sum() == 202
    assert ((theirs["area_km2"] > 1).sum(), len(theirs)) == (51, 130)
    ours = holes(contours())
    assert ((ours["area_km2"] > 1).sum(), len(ours)) == (1, 6)


def test_epci_of_2025_are_those_of_the_independent_copy(shared_data):
    """Ours hold theirs; what they lack is the communes absorbed in 2025 (up to 26 % of Entre Doubs et Loue)."""
    other = gpd.read_file(shared_data / "geo" / "epci_2025.geojson").set_index("epci").geometry
    theirs = other.to_crs(EQUAL_AREA).make_valid().sort_index()
    ours = epci_of(2025).to_crs(EQUAL_AREA).sort_index()
    assert list(ours.index) == list(theirs.index)
    missing = theirs.difference(ours).area / theirs.area
    added = ours.difference(theirs).area / theirs.area
    assert missing.max() < 0.000_5
    assert (missing + added).median() == pytest.approx(0.000_12, abs=0.000_02)
    assert added.max() == pytest.approx(0.266, abs=0.001)
    merged = table("passage").query("vintage_from == 2024 and kind == 'fusion' and code_from != code_to")
    concerned = set(communes_of(2025).loc[merged["code_to"], "epci"])
    assert set(added[added > 0.001].index) <= concerned
    assert added.idxmax() == "242500320"


# ---- points


def test_every_commune_since_2019_has_a_point():
    points = table("points")
    assert set(points["code"]) == set(table("communes")["code"])
    assert points["code"].is_unique
    assert points["point_kind"].value_counts().to_dict() == {"chef-lieu": 32_899, "interieur": 2_077, "successeur": 7}


def test_the_point_of_a_commune_is_inside_it():
    points = table("points").set_index("code").reindex(contours().index)
    assert is_inside(points, contours().to_numpy()).all()


def test_the_point_of_a_past_commune_is_inside_its_successor():
    past = table("points").set_index("code").drop(contours().index)
    last = table("communes").groupby("code")["geo_vintage"].max()
    today = [links_between(table("movements"), [code], int(last[code]), 2026)[code] for code in past.index]
    assert all(len(codes) == 1 for codes in today)
    assert is_inside(past, contours()[[next(iter(codes)) for codes in today]].to_numpy()).all()


def test_points_are_near_those_of_the_independent_copy(shared_data):
    other = pd.read_csv(shared_data / "geo" / "communes_2025_points.csv", dtype={"code": str}).set_index("code")
    ours = table("points").set_index("code").reindex(other.index)
    away = np.hypot(ours["lon"] - other["mairie_lon"], ours["lat"] - other["mairie_lat"])
    halls = ours["point_kind"] == "chef-lieu"
    assert away[halls].max() < 2e-5


# ---- the search for holes, on squares


def make_squares(*corners: tuple[float, float]) -> pd.Series:
    """Squares of 0.01° (about 0.8 km²) in métropole, by their south-west corner."""
    shapes = [shapely.box(2 + x * 0.01, 46 + y * 0.01, 2 + (x + 1) * 0.01, 46 + (y + 1) * 0.01) for x, y in corners]
    return pd.Series(shapes, index=[f"{n:05}" for n in range(len(shapes))], dtype=object)


def test_a_missing_commune_is_a_hole_and_a_bite_in_the_border_is_not():
    ring = [(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    found = holes(make_squares(*ring))
    assert len(found) == 1
    assert found["area_km2"].iloc[0] == pytest.approx(0.86, abs=0.01)
    assert holes(make_squares(*(corner for corner in ring if corner != (0, 1)))).empty


def test_an_enclave_is_listed_with_its_communes():
    """Four squares on a side, a bit over 13 km²; the four in the middle are another département's."""
    corners = [(x, y) for x in range(4) for y in range(4)]
    shapes = make_squares(*corners)
    middle = [code for code, (x, y) in zip(shapes.index, corners, strict=True) if {x, y} <= {1, 2}]
    departments = pd.Series("01", index=shapes.index).mask(shapes.index.isin(middle), "02")
    (found,) = department_holes(shapes, departments)
    assert (found["department"], found["communes"]) == ("01", middle)
    assert department_holes(shapes, departments.mask(departments == "02", "01")) == []
