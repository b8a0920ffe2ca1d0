"""Contours of zones are the dissolve of communes, whole, without gap or overlap."""

import math
from typing import Any

import pandas as pd
import pytest
import shapely

from diagpacte.errors import ContractError
from diagpacte.geography.contours import commune_shapes, ground, metric_crs, with_contours
from diagpacte.geography.territory import resolve
from diagpacte.geography.zones import zones
from diagpacte.tables import Communes, Ground, Members, Passage, Zones
from small_country import (
    make_communes,
    make_contours,
    make_departments,
    make_intercommunalities,
    make_lookup,
    make_passage,
)

NONE_APPROXIMATE = pd.DataFrame({"code": pd.Series([], dtype="str")})
NO_CHANGE = make_passage()


def drawn(
    code: str,
    communes: Communes | None = None,
    contours: "pd.Series[Any] | None" = None,
    passage: Passage = NO_CHANGE,
    approximate: pd.DataFrame = NONE_APPROXIMATE,
) -> tuple[Zones, Members, Ground]:
    """Zones, members and ground of a territory of the small country."""
    communes = make_communes() if communes is None else communes
    territory, epci = resolve(code, make_lookup(communes)), make_intercommunalities(communes)
    shapes = commune_shapes(communes, make_contours(communes) if contours is None else contours, passage)
    bare, members = zones(territory, communes, epci)
    full = with_contours(bare, members, shapes, approximate)
    return full, members, ground(territory, full, communes, epci, make_departments(), shapes)


def shape_of(zones: Zones, code: str, column: str = "geometry") -> Any:
    return shapely.from_wkb(zones.set_index("zone_code").loc[code, column])


def square(x: int, y: int) -> Any:
    return shapely.box(*(round(value, 6) for value in (3 + x / 10, 50 + y / 10, 3.1 + x / 10, 50.1 + y / 10)))


def same(one: Any, other: Any) -> bool:
    return bool(shapely.area(shapely.symmetric_difference(one, other)) < 1e-9)


def test_a_zone_is_drawn_whole_and_its_part_inside_apart() -> None:
    found, _, _ = drawn("59")
    assert same(shape_of(found, "EPCI:200000002"), square(2, 0).union(square(3, 0)))
    assert same(shape_of(found, "EPCI:200000002", "geometry_inside"), square(2, 0))
    assert same(shape_of(found, "EPCI:200000001", "geometry_inside"), square(0, 0).union(square(1, 0)))


def test_islands_are_one_shape_of_several_parts() -> None:
    islands = shape_of(drawn("29")[0], "HORS:29")
    assert (islands.geom_type, len(islands.geoms)) == ("MultiPolygon", 2)


def test_a_commune_drawn_inside_another_is_lost_nowhere() -> None:
    communes = make_communes()
    contours = make_contours(communes)
    contours["59001"] = contours["59001"].union(contours["59002"])
    contours["59002"] = None
    found, members, _ = drawn("59", communes, contours)
    assert same(shape_of(found, "EPCI:200000001"), square(0, 0).union(square(1, 0)))
    assert members["commune_code"].tolist() == ["59001", "59002", "59003", "62001"]


BEFORE = """
59001 Amont  200000001 - 60 0 0
59002 Aval   200000002 - 40 1 0
59003 Bourg  200000001 - 30 2 0
59004 Coteau 200000002 - 10 3 0
59005 Dune   200000003 - 7 4 0
"""
# 59002 goes into 59001, of another EPCI; 59005 is cut in two.
TODAY = pd.Series(
    {
        "59001": square(0, 0).union(square(1, 0)),
        "59003": square(2, 0),
        "59004": square(3, 0),
        "59005": square(4, 0),
        "59006": square(5, 0),
    }
)
SINCE = make_passage(
    ("59001", 2025, "59001", "fusion", 1.0),
    ("59002", 2025, "59001", "fusion", 1.0),
    ("59005", 2025, "59005", "scission", 0.5),
    ("59005", 2025, "59006", "scission", 0.5),
)


def test_a_past_zone_is_drawn_with_the_communes_its_own_have_become() -> None:
    found, _, _ = drawn("59", make_communes(BEFORE), TODAY, SINCE, pd.DataFrame({"code": ["200000001", "200000002"]}))
    assert same(shape_of(found, "EPCI:200000003"), square(4, 0).union(square(5, 0)))
    assert found.set_index("code")["contour_approximate"].to_dict() == {
        "200000001": True, "200000002": True, "200000003": False,
    }  # fmt: skip


def test_a_commune_formed_of_two_epci_goes_with_the_more_populated() -> None:
    first = drawn("59", make_communes(BEFORE), TODAY, SINCE)[0]
    assert same(shape_of(first, "EPCI:200000002"), square(3, 0))
    other = drawn("59", make_communes(BEFORE.replace(" 40 ", " 61 ")), TODAY, SINCE)[0]
    assert same(shape_of(other, "EPCI:200000001"), square(2, 0))


def test_a_zone_without_any_shape_is_an_error_not_a_hole() -> None:
    contours = make_contours(make_communes()).drop("59003")
    with pytest.raises(ContractError, match="geometry"):
        drawn("59", contours=contours)


def named(ground: Ground, kind: str) -> dict[str, str]:
    rows = ground[ground["kind"].eq(kind)]
    return dict(zip(rows["code"], rows["name"], strict=True))


def test_the_ground_holds_the_territory_its_neighbours_and_nothing_far() -> None:
    _, _, found = drawn("59")
    assert named(found, "territoire") == {"59": "Nord"}
    assert named(found, "departement") == {"62": "Pas-de-Calais"}
    assert "200000002" not in named(found, "epci")  # one of the territory's own zones
    outline = shapely.from_wkb(found.loc[found["kind"].eq("territoire"), "geometry"].iloc[0])
    assert same(outline, shapely.box(3, 50, 3.3, 50.1))


def test_the_rest_of_its_departement_lies_around_an_epci() -> None:
    _, _, found = drawn("200000001")
    assert named(found, "departement")["59"] == "Nord"
    assert named(found, "epci")["200000002"] == "Cœur d’Artois"
    rest = shapely.from_wkb(found.set_index(["kind", "code"]).loc[("departement", "59"), "geometry"])
    assert same(rest, rest.intersection(square(2, 0)))


def test_the_metropole_of_lyon_is_a_neighbour_of_the_rhone() -> None:
    assert named(drawn("69D")[2], "departement")["69M"] == "Métropole de Lyon"
    assert named(drawn("69M")[2], "departement")["69D"] == "Rhône"


def test_the_neighbours_of_paris_are_ept() -> None:
    neighbours = named(drawn("75")[2], "epci")
    assert neighbours["200057990"] == "Boucle Nord de Seine"
    assert "200054781" not in neighbours


def test_neighbours_are_areas_inside_a_frame_that_any_page_needs() -> None:
    _, _, found = drawn("62")
    shapes = shapely.from_wkb(found["geometry"].to_numpy())
    assert {shape.geom_type for shape in shapes} <= {"Polygon", "MultiPolygon"}
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)
    west, _, east, _ = shapely.total_bounds(shapes)
    # The territory is 0.2° high at 50.1° north; the widest page is 1.75 times as wide as high, plus 20 %.
    assert east - west == pytest.approx(0.2 * 1.75 * 1.2 / math.cos(math.radians(50.1)))


@pytest.mark.parametrize(("code", "crs"), [("59", 2154), ("20R", 2154), ("69M", 2154), ("974", 2975)])
def test_distances_are_measured_in_the_projection_of_the_place(code: str, crs: int) -> None:
    assert metric_crs(resolve(code, make_lookup())) == crs
