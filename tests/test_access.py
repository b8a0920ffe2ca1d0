"""Distances: exact, of every source, indifferent to row order, and honest about what no source covers."""

import math
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crossing_builders as make
from diagpacte.crossing.access import commune_access, nearest_offer, offers_here
from diagpacte.crossing.rules import CrossingRules
from diagpacte.tables import CommuneAccess, Communes, Members, Offers, SourceCoverage

RULES = CrossingRules()
COVERED = make.sources(make.covered("01"))
AROUND = make.communes([("01001", 0, 0), ("01002", 8, 0), ("01003", 0, 20)])
THREE = make.members(make.member("01001", 0), make.member("01002", 8), make.member("01003", 0, 20))


def access(
    members: Members = THREE,
    offers: Offers | None = None,
    sources: SourceCoverage = COVERED,
    around: Communes = AROUND,
    rules: CrossingRules = RULES,
) -> CommuneAccess:
    found = make.offers(make.offer("a")) if offers is None else offers
    return commune_access(members, found, sources, around, make.EPSG, rules)


def column(table: pd.DataFrame, name: str = "nearest_km") -> dict[str, float]:
    return dict(zip(table["commune_code"], table[name], strict=True))


def test_the_nearest_offer_is_measured_in_a_straight_line_from_the_point_of_each_commune() -> None:
    table = access(offers=make.offers(make.offer("a", 5, 0), make.offer("b", 0, 32)))
    assert column(table) == pytest.approx({"01001": 5, "01002": 3, "01003": 12}, abs=1e-6)
    assert dict(zip(table["commune_code"], table["nearest_structure"], strict=True)) == {
        "01001": "a", "01002": "a", "01003": "b",
    }  # fmt: skip
    assert set(table["availability"]) == {"observed"}
    assert set(table["fca_availability"]) == {"not_available"}


def test_offers_of_all_sources_count_wherever_they_are_once_the_theme_is_listed_here() -> None:
    far = make.offer("loin", 0, 60, offer_source="soliguide", commune_code="02001")
    north = make.members(make.member("01001", 0), make.member("01003", 0, 40))
    table = access(north, make.offers(make.offer("a"), far))
    assert column(table) == pytest.approx({"01001": 0, "01003": 20}, abs=1e-6)


@pytest.mark.parametrize(("x", "listed"), [(-29.9, True), (-30.1, False)], ids=["in the ring", "beyond it"])
def test_a_theme_is_listed_by_an_offer_of_the_ring_and_not_beyond(x: float, listed: bool) -> None:
    table = access(offers=make.offers(make.offer("a", x, commune_code="02001")))
    assert len(table) == (3 if listed else 0)


def test_an_offer_in_a_commune_of_the_zones_is_here_even_when_its_point_is_far_from_it() -> None:
    assert len(offers_here(THREE, make.offers(make.offer("a", 200, commune_code="01002")), make.EPSG, RULES)) == 1


@pytest.mark.parametrize(
    "nowhere",
    [make.offer("n", 1, remote_only=True), make.offer("n", None)],
    ids=["at a distance only", "not located"],
)
def test_what_stands_nowhere_gives_no_distance(nowhere: dict[str, object]) -> None:
    assert access(offers=make.offers(nowhere)).empty
    table = access(offers=make.offers(nowhere, make.offer("a", 5)))
    assert set(table["nearest_structure"]) == {"a"}


def test_an_offer_known_by_its_commune_counts_at_the_point_of_the_commune() -> None:
    assert column(access(offers=make.offers(make.offer("a", 8, placement="commune"))))["01002"] == pytest.approx(
        0, abs=1e-6
    )


def test_equally_near_offers_give_the_smallest_id() -> None:
    around = [
        make.offer("c", 3),
        make.offer("b", -3),
        make.offer("a", 0, 3),
        make.offer("d", -3),
        make.offer("e", 3.00001),
    ]
    for _ in range(10):
        random.shuffle(around)
        assert access(make.members(make.member("01001", 0)), make.offers(*around))["nearest_structure"].tolist() == [
            "a"
        ]


def test_a_neighbour_that_no_source_covers_shortens_the_least_distance_to_its_nearest_commune() -> None:
    around = make.communes([("01001", 0, 0), ("01003", 0, 20), ("02001", 0, 26), ("02002", 0, 90)])
    table = access(offers=make.offers(make.offer("a", 0, -2)), around=around)
    assert column(table) == pytest.approx({"01001": 2, "01002": math.hypot(8, 2), "01003": 22}, abs=1e-6)
    assert column(table, "nearest_lower_km") == pytest.approx(
        {"01001": 2, "01002": math.hypot(8, 2), "01003": 6}, abs=1e-6
    )
    both = access(
        offers=make.offers(make.offer("a", 0, -2)),
        around=around,
        sources=make.sources(make.covered("01"), make.covered("02")),
    )
    assert column(both, "nearest_lower_km") == pytest.approx(column(both))


@pytest.mark.parametrize(
    "elsewhere",
    [make.covered("02", structures=0), make.covered("02", source="soliguide")],
    ids=["a source that lists nothing there", "a source that does not list the theme here"],
)
def test_only_a_source_of_the_theme_that_lists_something_covers_a_departement(elsewhere: dict[str, object]) -> None:
    around = make.communes([("01003", 0, 20), ("02001", 0, 26)])
    table = access(
        make.members(make.member("01003", 0, 20)), sources=make.sources(make.covered("01"), elsewhere), around=around
    )
    assert column(table, "nearest_lower_km") == pytest.approx({"01003": 6}, abs=1e-6)


def test_a_commune_of_a_departement_that_no_source_covers_may_have_an_offer_of_its_own() -> None:
    ring_only = make.offers(make.offer("a", -10, commune_code="02001"))
    table = access(offers=ring_only, sources=make.sources(make.covered("02")))
    assert column(table, "nearest_lower_km") == pytest.approx({"01001": 0, "01002": 0, "01003": 0}, abs=1e-6)
    assert column(table)["01001"] == pytest.approx(10, abs=1e-6)


def test_offers_out_of_the_projection_do_not_disturb_and_an_island_is_measured_in_its_own() -> None:
    reunion = make.offer("r", commune_code="97411") | {"lon": 55.45, "lat": -20.88}
    assert column(access(offers=make.offers(make.offer("a"), reunion))) == pytest.approx(column(access()))
    north = make.members(make.member("97411", 0, zone_code="EPCI:249740119") | {"lon": 55.45, "lat": -20.79})
    table = commune_access(north, make.offers(make.offer("a"), reunion), COVERED, AROUND, 2975, RULES)
    # 0.09 degree of latitude at 21° south: 110.68 km a degree (WGS 84), scale 0.9996 to 1 of the UTM zone.
    assert column(table) == pytest.approx({"97411": 0.09 * 110.68}, rel=1e-3)


def test_no_offer_at_all_gives_an_empty_table() -> None:
    assert access(offers=make.offers()).empty


# Few places on purpose: two offers equally near are common.
PLACES = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=12)
Place = tuple[int, int]


def nearest(homes: list[Place], places: list[Place], names: list[str]) -> list[tuple[float, str]]:
    metres, structures = nearest_offer(
        np.array(homes, float) * 1_000, np.array(places, float) * 1_000, pd.Series(names, dtype="str")
    )
    return list(zip(metres / 1_000, structures, strict=True))


def by_hand(home: Place, places: list[Place], names: list[str]) -> tuple[float, str]:
    """Every pair, in plain Python."""
    pairs = [(math.dist(home, place), name) for place, name in zip(places, names, strict=True)]
    least = min(distance for distance, _ in pairs)
    return least, min(name for distance, name in pairs if distance - least < 1e-6)


@given(homes=PLACES, places=PLACES, data=st.data())
def test_distances_agree_with_every_pair_computed_one_by_one(
    homes: list[Place], places: list[Place], data: st.DataObject
) -> None:
    names = data.draw(st.permutations([f"o{i:02}" for i in range(len(places))]))
    for found, home in zip(nearest(homes, places, names), homes, strict=True):
        distance, structure = by_hand(home, places, names)
        assert found[0] == pytest.approx(distance, abs=1e-9)
        assert found[1] == structure


@given(homes=PLACES, places=PLACES, more=st.tuples(st.integers(-4, 4), st.integers(-4, 4)))
def test_one_more_offer_never_lengthens_a_distance(homes: list[Place], places: list[Place], more: Place) -> None:
    names = [f"o{i:02}" for i in range(len(places) + 1)]
    before, after = nearest(homes, places, names[:-1]), nearest(homes, [*places, more], names)
    assert all(late[0] <= early[0] for early, late in zip(before, after, strict=True))


@settings(max_examples=10, deadline=None)
@given(homes=PLACES, places=PLACES, order=st.randoms(use_true_random=False))
def test_row_order_is_indifferent(homes: list[Place], places: list[Place], order: random.Random) -> None:
    rows = [make.member(f"01{i:03}", x, y) for i, (x, y) in enumerate(homes)]
    placed = [make.offer(f"o{i:02}", x, y, commune_code="01000") for i, (x, y) in enumerate(places)]
    table = access(make.members(*rows), make.offers(*placed))
    order.shuffle(rows)
    order.shuffle(placed)
    shuffled = access(make.members(*rows), make.offers(*placed)).sort_values("commune_code", ignore_index=True)
    pd.testing.assert_frame_equal(shuffled, table)


@pytest.mark.parametrize(
    "bounds",
    [(), (20, 5, 10), (5, 5), (0, 5), (-5, 10), (5, math.nan), (5, math.inf), (1, 2, 3, 4, 5)],
    ids=["none", "falling", "twice", "zero", "negative", "nan", "infinite", "too many"],
)
def test_classes_of_distance_need_rising_bounds(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="distances croissantes"):
        CrossingRules(access_bounds_km=bounds)
    with pytest.raises(ValueError, match="finite"):
        CrossingRules(ring_km=math.inf)
