"""The crossing: counts never added, means on one perimeter, zeros that are true, gaps of a closed list."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import crossing_builders as make
from diagpacte.crossing.access import commune_access
from diagpacte.crossing.coverage import coverage
from diagpacte.crossing.gaps import gap, kilometres
from diagpacte.crossing.rules import CrossingRules
from diagpacte.tables import (
    TABLES,
    CommuneAccess,
    Communes,
    Coverage,
    CoverageSources,
    Members,
    Needs,
    Offers,
    SourceCoverage,
    Zones,
)

RULES = CrossingRules()
PANORAMA = "panorama/panorama_pauvrete_reel_2021.xlsx"
ONE = make.epci(1)
AROUND = make.communes([("01001", 0, 0), ("01002", 8, 0), ("01003", 0, 20)])
# At 5, 3 and 12 km of TWO_OFFERS: (100 × 5 + 300 × 3 + 600 × 12) / 1,000 = 8.6 km, 60 % beyond 10 km.
THREE = make.members(make.member("01001", 0), make.member("01002", 8, 0, 300), make.member("01003", 0, 20, 600))
TWO_OFFERS = make.offers(make.offer("a", 5, services=2), make.offer("b", 0, 32, commune_code="01003"))


def cross(
    members: Members = THREE,
    offers: Offers = TWO_OFFERS,
    needs: Needs | None = None,
    sources: SourceCoverage | None = None,
    around: Communes = AROUND,
    zones: Zones | None = None,
    reach_km: float = 10,
) -> tuple[Coverage, CoverageSources]:
    covered = make.sources(make.covered("01")) if sources is None else sources
    strong = make.needs(*(make.need(str(code)) for code in members["zone_code"].unique())) if needs is None else needs
    theme = make.theme(reach_km=reach_km)
    found = commune_access(members, offers, covered, around, make.EPSG, RULES)
    places = make.zones_of(members) if zones is None else zones
    return coverage(strong, offers, members, places, found, covered, [theme], make.EPSG, RULES)


def only(table: pd.DataFrame) -> dict[str, Any]:
    assert len(table) == 1
    return {str(name): value for name, value in table.iloc[0].items()}


def test_the_distance_of_a_zone_is_the_mean_of_its_communes_weighted_by_their_population() -> None:
    row = only(cross()[0])
    assert row["nearest_km"] == pytest.approx(8.6, abs=1e-6)
    assert row["beyond_reach_pct"] == pytest.approx(60)
    assert row["nearest_lower_km"] == pytest.approx(8.6, abs=1e-6)
    assert (row["access_class"], row["access_weak"], row["nearest_availability"]) == (1, False, "observed")


def test_the_perimeter_is_the_whole_zone_even_where_it_leaves_the_territory() -> None:
    straddling = make.members(*THREE.to_dict("records")[:2], make.member("01003", 0, 20, 600, inside=False))
    row = only(cross(straddling)[0])
    assert row["nearest_km"] == pytest.approx(8.6, abs=1e-6)
    assert (row["located"], row["located_inside"]) == (2, 1)


def test_one_source_gives_a_count_and_a_rate() -> None:
    table, by_source = cross()
    row = only(table)
    assert (row["located"], row["located_inside"], row["services"], row["located_availability"]) == (
        2,
        2,
        3,
        "observed",
    )
    assert row["offers_per_10000_inhabitants"] == pytest.approx(20)
    assert row["offer_sources"] == [make.SOURCE]
    counts = only(by_source)
    assert (counts["structures"], counts["points"], counts["not_located"]) == (2, 2, 0)


def test_two_sources_are_counted_apart_and_never_added() -> None:
    both = make.offers(make.offer("a", 5), make.offer("b", 5, offer_source="soliguide", placement="commune"))
    table, by_source = cross(offers=both, sources=make.sources(make.covered("01"), make.covered("01", "soliguide")))
    row = only(table)
    assert row["offer_sources"] == ["france-travail", "soliguide"]
    assert pd.isna(row["located"])
    assert pd.isna(row["services"])
    assert pd.isna(row["offers_per_10000_inhabitants"])
    assert row["located_availability"] == "not_available"
    assert by_source.set_index("offer_source")["structures"].to_dict() == {"france-travail": 1, "soliguide": 1}
    assert by_source.set_index("offer_source")["not_located"].to_dict() == {"france-travail": 0, "soliguide": 1}
    assert row["nearest_km"] == pytest.approx((100 * 5 + 300 * 3 + 600 * (5**2 + 20**2) ** 0.5) / 1_000, abs=1e-6)


def test_structures_of_one_address_are_one_point() -> None:
    _, by_source = cross(offers=make.offers(make.offer("a"), make.offer("b"), make.offer("c", 1)))
    assert (only(by_source)["structures"], only(by_source)["points"]) == (3, 2)


TWO_ZONES = make.members(make.member("01001", 0), make.member("01002", 8, 0, 300, zone_code=make.epci(2)))


def test_a_zone_without_offer_has_a_true_zero_where_the_source_looks() -> None:
    table, _ = cross(TWO_ZONES, make.offers(make.offer("a")))
    assert table["located"].tolist() == [1, 0]
    assert table["offers_per_10000_inhabitants"].tolist() == [100, 0]
    assert set(table["located_availability"]) == {"observed"}


def test_a_zone_of_a_departement_where_the_source_lists_nothing_has_no_zero() -> None:
    members = make.members(make.member("01001", 0), make.member("02001", 8, zone_code=make.epci(2)))
    table, by_source = cross(members, make.offers(make.offer("a")))
    assert table["located_availability"].tolist() == ["observed", "not_covered"]
    assert table["located"].isna().tolist() == [False, True]
    assert by_source["zone_code"].tolist() == [ONE]


def test_a_zero_is_true_when_the_source_looks_at_the_part_inside_the_territory() -> None:
    straddling = [
        make.member("01002", 8, zone_code=make.epci(2)),
        make.member("02001", 9, zone_code=make.epci(2), inside=False),
    ]
    table, _ = cross(make.members(make.member("01001", 0), *straddling), make.offers(make.offer("a")))
    assert table["located"].tolist() == [1, 0]
    assert table["offers_per_10000_inhabitants"].isna().tolist() == [False, True]


def test_a_rate_needs_the_source_to_look_on_both_sides_of_a_straddling_zone() -> None:
    members = make.members(make.member("01001", 0), make.member("02001", 8, inside=False))
    table, by_source = cross(members, make.offers(make.offer("a")))
    assert only(table)["located"] == 1
    assert pd.isna(only(table)["offers_per_10000_inhabitants"])
    assert pd.isna(only(by_source)["offers_per_10000_inhabitants"])


def test_a_zone_of_unknown_population_has_a_count_and_no_rate() -> None:
    row = only(cross(make.members(make.member("01001", 0), make.member("01002", 8, 0, None)))[0])
    assert row["located"] == 1
    assert pd.isna(row["offers_per_10000_inhabitants"])


def test_an_offer_known_by_its_point_alone_is_counted_in_the_zone_it_stands_in() -> None:
    halves = [make.degrees(x, -50) + make.degrees(x + 50, 50) for x in (-50, 0)]
    shapes = [shapely.to_wkb(shapely.box(*half)) for half in halves]
    zones = make.zones(
        *(make.zone(make.epci(i + 1), 100, geometry=shape, geometry_inside=shape) for i, shape in enumerate(shapes))
    )
    table, _ = cross(TWO_ZONES, make.offers(make.offer("a", -5, commune_code=None)), zones=zones)
    assert table["located"].tolist() == [1, 0]
    assert table["located_inside"].tolist() == [1, 0]


def test_offers_at_a_distance_are_not_located() -> None:
    table, _ = cross(offers=make.offers(make.offer("a", 5), make.offer("b", 5, remote_only=True)))
    assert only(table)["located"] == 1
    assert only(table)["remote_availability"] == "not_available"


def test_a_theme_that_no_source_lists_here_is_not_covered() -> None:
    row = only(cross(offers=make.offers(make.offer("a", 500, commune_code="99999")))[0])
    assert row["gap_class"] == "non recensé"
    assert (row["located_availability"], row["nearest_availability"]) == ("not_covered", "not_covered")
    assert row["offer_sources"] == []
    for name in ("located", "nearest_km", "nearest_lower_km", "beyond_reach_pct", "access_class", "access_weak"):
        assert pd.isna(row[name]), name


def test_no_offer_at_all_is_not_covered_either() -> None:
    table, by_source = cross(offers=make.offers())
    assert only(table)["gap_class"] == "non recensé"
    assert by_source.empty


def test_communes_of_unknown_population_are_said_and_weigh_nothing() -> None:
    members = make.members(*THREE.to_dict("records")[:2], make.member("01003", 0, 20, None))
    row = only(cross(members)[0])
    assert row["nearest_km"] == pytest.approx((100 * 5 + 300 * 3) / 400, abs=1e-6)
    assert row["beyond_reach_pct"] == 0
    assert row["gap_reason"].endswith("1\u00a0commune de population inconnue hors de la moyenne")


@pytest.mark.parametrize("population", [None, 0], ids=["unknown", "no inhabitant"])
def test_a_zone_without_known_inhabitant_has_no_mean(population: int | None) -> None:
    row = only(cross(make.members(make.member("01001", 0, 0, population)))[0])
    assert pd.isna(row["nearest_km"])
    assert row["nearest_availability"] == "not_available"
    assert row["gap_class"] == "non mesuré"
    assert "population des communes inconnue" in row["gap_reason"]


@pytest.mark.parametrize(
    ("strong", "reach_km", "gap_class"),
    [
        (True, 5, "besoin fort, accès faible"),
        (True, 10, "besoin fort, accès suffisant"),
        (False, 5, "besoin modéré, accès faible"),
        (False, 10, "besoin modéré, accès suffisant"),
        (None, 5, "non mesuré"),
    ],
)
def test_the_gap_crosses_a_strong_need_with_an_access_beyond_the_reach(
    strong: bool | None, reach_km: float, gap_class: str
) -> None:
    row = only(cross(needs=make.needs(make.need(ONE, strong=strong)), reach_km=reach_km)[0])
    assert row["gap_class"] == gap_class
    assert row["access_weak"] == (reach_km < 8.6)


def test_at_the_reach_an_access_is_sufficient() -> None:
    distances = {"nearest_km": 10.0, "nearest_lower_km": 10.0, "reach_km": 10.0}
    found, reason = gap({"strong": True, "class_label": "Fragile", "need_reason": "", "listed": True, **distances})
    assert found == "besoin fort, accès suffisant"
    assert reason == (
        "besoin fort (Fragile)\u00a0; offre recensée la plus proche à 10\u00a0km en moyenne, dans la portée (10\u00a0km)"
    )


def test_a_theme_neither_measured_nor_listed_says_both() -> None:
    row = only(cross(offers=make.offers(), needs=make.needs(make.need(ONE, strong=None)))[0])
    assert row["gap_class"] == "non mesuré"
    assert row["gap_reason"].startswith(
        "non mesuré\u00a0: rien ne le dit\u00a0; non recensé\u00a0: aucune source chargée"
    )


NEIGHBOUR = make.communes([("01001", 0, 0), ("01002", 8, 0), ("01003", 0, 20), ("02001", 0, 23)])


def test_an_edge_that_no_source_covers_is_said_only_when_it_could_change_the_class() -> None:
    # Commune 3 at 20 km of a, perhaps at 3: (100 × 0 + 300 × 8 + 600 × 20) / 1,000 = 14.4 km, perhaps 4.2.
    one = make.offers(make.offer("a"))
    row = only(cross(offers=one, around=NEIGHBOUR)[0])
    assert row["nearest_km"] == pytest.approx(14.4, abs=1e-6)
    assert row["nearest_lower_km"] == pytest.approx(4.2, abs=1e-6)
    assert row["gap_class"] == "bord non couvert"
    assert "14,4\u00a0km en moyenne, mais peut-être à 4,2\u00a0km" in row["gap_reason"]
    for reach_km, gap_class in ((3, "besoin fort, accès faible"), (15, "besoin fort, accès suffisant")):
        assert only(cross(offers=one, around=NEIGHBOUR, reach_km=reach_km)[0])["gap_class"] == gap_class
    covered = make.sources(make.covered("01"), make.covered("02"))
    assert only(cross(offers=one, around=NEIGHBOUR, sources=covered)[0])["gap_class"] == "besoin fort, accès faible"


def test_offers_seen_from_a_departement_that_no_source_covers_give_no_class() -> None:
    row = only(
        cross(offers=make.offers(make.offer("a", -15, commune_code="02001")), sources=make.sources(make.covered("02")))[
            0
        ]
    )
    assert row["gap_class"] == "bord non couvert"
    assert row["located_availability"] == "not_covered"


@pytest.mark.parametrize(("kilometres_away", "access_class"), [(4.9, 0), (5, 1), (9.9, 1), (10, 2), (20, 3), (80, 3)])
def test_access_classes_take_their_lower_bound_in(kilometres_away: float, access_class: int) -> None:
    here, offers, covered = (
        make.members(make.member("01001", 0)),
        make.offers(make.offer("a")),
        make.sources(make.covered("01")),
    )
    found = commune_access(here, offers, covered, AROUND, make.EPSG, RULES)
    exactly = CommuneAccess(found.assign(nearest_km=float(kilometres_away)))
    zones, needs = make.zones_of(here), make.needs(make.need(ONE))
    table, _ = coverage(needs, offers, here, zones, exactly, covered, [make.theme()], make.EPSG, RULES)
    assert only(table)["access_class"] == access_class


@pytest.mark.parametrize(
    ("need_nature", "offer_nature", "nature"),
    [("real", "real", "real"), ("derived", "real", "derived"), ("real", "simulated", "simulated"),
     ("simulated", "estimated", "simulated")],
)  # fmt: skip
def test_the_worst_nature_wins(need_nature: str, offer_nature: str, nature: str) -> None:
    needs = make.needs(make.need(ONE, nature=need_nature))
    offers = make.offers(make.offer("a"), make.offer("b", 5, nature=offer_nature))
    assert only(cross(needs=needs, offers=offers)[0])["nature"] == nature


def test_the_nearest_offer_counts_in_the_nature_even_from_beyond_the_ring() -> None:
    members = make.members(make.member("01001", 0), make.member("01003", 0, 80))
    offers = make.offers(make.offer("a", 0, -25), make.offer("far", 0, 115, commune_code="02001", nature="simulated"))
    assert only(cross(members, offers)[0])["nature"] == "simulated"


def test_every_row_of_needs_has_its_row_and_what_later_work_fills_is_not_available() -> None:
    needs = make.needs(make.need(ONE), make.need(make.epci(2)))
    table, _ = cross(TWO_ZONES, make.offers(make.offer("a")), needs)
    assert table["zone_code"].tolist() == [ONE, make.epci(2)]
    for name in ("declared", "remote", "fca"):
        assert table[name].isna().all()
        assert set(table[f"{name}_availability"]) == {"not_available"}


def test_a_printed_distance_does_not_contradict_its_side_of_the_reach() -> None:
    assert kilometres(10.04, 10) == "10,04\u00a0km"
    assert kilometres(9.96, 10) == "10,0\u00a0km"
    assert kilometres(12.34, 10) == "12,3\u00a0km"


FIXED = ("Fixe", "Fixe_antenne(s)", "Multisites")


def test_the_distance_to_a_france_services_is_the_one_of_the_real_panorama(shared_data: Path) -> None:
    """All the EPCI of métropole at once, against a column that another hand computed on a sphere, town hall to site."""
    towns = pd.read_csv(
        shared_data / "geo" / "communes_2025_points.csv", dtype={"code": "str", "dep": "str", "epci": "str"}
    )
    halls = {axis: towns[f"mairie_{axis}"].fillna(towns[axis]) for axis in ("lon", "lat")}
    towns = towns.assign(**halls)[towns["dep"].str.len().eq(2) & towns["epci"].notna() & halls["lon"].notna()]
    towns = towns.reset_index(drop=True)
    usual = make.member("01001", 0)
    members = Members(TABLES["members"].frame(pd.DataFrame([usual] * len(towns)).assign(
        zone_code="EPCI:" + towns["epci"], commune_code=towns["code"], department=towns["dep"],
        population=towns["population"], lon=towns["lon"], lat=towns["lat"],
    )))  # fmt: skip
    sites = pd.read_csv(shared_data / "offers" / "france_services" / "liste-fs-20240801.csv", dtype={"id_fs": "str"})
    sites = sites[sites["format_fs"].isin(FIXED)].reset_index(drop=True)
    offers = Offers(TABLES["offers"].frame(pd.DataFrame([make.offer("a")] * len(sites)).assign(
        structure_id=sites["id_fs"], commune_code=None, lon=sites["longitude"], lat=sites["latitude"]
    )))  # fmt: skip
    needs = make.needs(*(make.need(zone) for zone in members["zone_code"].unique()))
    every = make.sources(*(make.covered(department) for department in members["department"].unique()))
    around = make.communes([("01001", 0, 0)])
    table, _ = cross(members, offers, needs, every, around)
    with closing(load_workbook(shared_data / PANORAMA, read_only=True)) as book:
        rows = list(book["Facteurs_EPCI"].iter_rows(values_only=True))
    header = next(row for row in rows if row[0] == "CODGEO")
    kilometres_at, beyond_at = header.index("DISTFS24"), header.index("PARTFS10_24")
    told = {f"EPCI:{row[0]}": (row[kilometres_at], row[beyond_at]) for row in rows if len(str(row[0])) == 9}
    compared = table[table["zone_code"].isin(told)]
    assert len(compared) == 1_231
    theirs = compared["zone_code"].map(lambda zone: told[zone][0]).astype("float64")
    assert (compared["nearest_km"] - theirs).abs().le(0.11 + 0.006 * theirs).all()
    shares = compared["zone_code"].map(lambda zone: told[zone][1]).astype("float64")
    assert (compared["beyond_reach_pct"] - shares).abs().le(0.11).mean() > 0.98


@settings(max_examples=10, deadline=None)
@given(populations=st.lists(st.integers(1, 5_000), min_size=3, max_size=3), factor=st.integers(2, 50))
def test_twice_the_people_everywhere_changes_no_mean_and_no_class(populations: list[int], factor: int) -> None:
    def measured(times: int) -> dict[str, Any]:
        rows = [
            {**row, "population": people * times}
            for row, people in zip(THREE.to_dict("records"), populations, strict=True)
        ]
        return only(cross(make.members(*rows))[0])

    once, more = measured(1), measured(factor)
    for name in ("nearest_km", "nearest_lower_km", "beyond_reach_pct"):
        assert more[name] == pytest.approx(once[name])
    assert more["gap_class"] == once["gap_class"]
    assert more["offers_per_10000_inhabitants"] == pytest.approx(once["offers_per_10000_inhabitants"] / factor)
