"""From RawOffers to Offers: what counts, where it is, which theme it answers."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from diagpacte.offers.counting import mark_counted
from diagpacte.offers.placement import Placed, place
from diagpacte.offers.rules import Network, ThematicRow
from diagpacte.offers.themes import offers_by_theme, source_coverage
from diagpacte.settings import load_settings
from diagpacte.tables import TABLES, Communes, Offers, RawOffers
from offer_builders import DIGITAL, RIGHTS, STEPS, bare, offer, offers, read

COMMUNES = {"59350": (3.05, 50.63), "13055": (5.4, 43.3), "01033": (5.8, 46.1), "59999": (None, None)}
PARENTS = {"13201": "13055"}
SUCCESSORS = {"01205": "01033", "01206": "99999"}


def communes() -> Communes:
    rows = [
        {
            "code": code,
            "geo_vintage": 2025,
            "name": code,
            "department": code[:2],
            "region": "32",
            "lon": lon,
            "lat": lat,
        }
        | dict.fromkeys(("epci", "ept", "population", "population_year"))
        for code, (lon, lat) in COMMUNES.items()
    ]
    return Communes(TABLES["communes"].frame(rows))


def placed(raw: RawOffers) -> Placed:
    return place(raw, communes(), SUCCESSORS, PARENTS)


def rule(theme: str, key: str = RIGHTS, **changes: Any) -> ThematicRow:
    facts: dict[str, Any] = {"source": "*", "key_kind": "thematique", "publics": (), "confidence": "bonne", "why": ""}
    return ThematicRow(theme=theme, key=key, **(facts | changes))


NETWORKS = [
    Network(reseau="ccas-cias", label="CCAS", responsable="commune_ccas"),
    Network(reseau="france-service", label="France services", responsable="etat_operateur"),
    Network(reseau="mjc", label="MJC", responsable="association"),
    Network(reseau="aidants-connect", label="Aidants Connect", responsable="inconnu"),
]


def by_theme(raw: RawOffers, *rules: ThematicRow) -> Offers:
    return offers_by_theme(raw, placed(raw).table, rules, NETWORKS)


def pairs(table: Offers) -> set[tuple[str, str]]:
    return set(zip(table["structure_id"], table["theme"], strict=True))


# Where an offer is


@pytest.mark.parametrize(
    ("change", "placement", "commune", "lon"),
    [
        ({}, "coordonnees", "59350", 3.06),
        ({"lon": None, "lat": None}, "commune", "59350", 3.05),
        ({"commune_code": None}, "coordonnees", None, 3.06),
        ({"commune_code": None, "lon": None, "lat": None}, "non_localise", None, None),
        ({"commune_code": "13201", "lon": None, "lat": None}, "commune", "13055", 5.4),
        ({"commune_code": "01205", "lon": None, "lat": None}, "commune", "01033", 5.8),
        ({"commune_code": "01206", "lon": None, "lat": None}, "non_localise", None, None),
        ({"commune_code": "97801"}, "coordonnees", None, 3.06),
        ({"commune_code": "59999", "lon": None, "lat": None}, "non_localise", "59999", None),
    ],
    ids=[
        "point", "commune", "point alone", "nothing", "arrondissement", "old code", "successor unknown",
        "code unknown", "commune without point",
    ],
)  # fmt: skip
def test_an_offer_is_placed_by_its_point_else_by_its_commune_else_nowhere(
    change: dict[str, Any], placement: str, commune: str | None, lon: float | None
) -> None:
    row = placed(offers(offer(**change))).table.iloc[0]
    assert row["placement"] == placement
    assert (None if pd.isna(row["commune_code"]) else row["commune_code"]) == commune
    assert (None if pd.isna(row["lon"]) else row["lon"]) == lon


def test_what_cannot_be_placed_is_counted_and_listed() -> None:
    nowhere = {"commune_code": None, "lon": None, "lat": None}
    rows = [offer(service_id=f"dora--{i}", row=i, **nowhere) for i in (4, 9)]
    faults = placed(offers(*rows, offer(service_id="dora--x", commune_code="97801", row=7))).faults
    texts = sorted(str(fault).replace("\u00a0", " ") for fault in faults)
    assert [text.partition(". →")[0] for text in texts] == [
        "s.json, ligne 7 : code commune « 97801 » inconnu de la géographie de référence (1 offre)",
        "s.json, lignes 4, 9 : sans coordonnées ni commune connue, donc non localisé : 2 offres",
    ]


# Which theme an offer answers


def test_a_structure_counts_once_per_theme_with_its_services_for_it() -> None:
    raw = offers(
        offer(thematics=[RIGHTS, STEPS]),
        offer(service_id="dora--a-2", thematics=[RIGHTS]),
        offer(service_id="dora--a-3", thematics=[DIGITAL]),
    )
    table = by_theme(raw, rule("T1"), rule("T1", STEPS), rule("T2", DIGITAL))
    assert table[["theme", "services"]].to_numpy().tolist() == [["T1", 2], ["T2", 1]]


def test_a_source_may_be_exact_any_or_any_but_one() -> None:
    raw = offers(offer(), offer(structure_id="m--1", service_id="m--1-1", offer_source="mednum"))
    table = by_theme(raw, rule("ANY"), rule("NOT", source="!mednum"), rule("ONLY", source="mednum"))
    assert pairs(table) == {("dora--a", "ANY"), ("m--1", "ANY"), ("dora--a", "NOT"), ("m--1", "ONLY")}


def test_a_network_or_a_type_is_a_key_too() -> None:
    raw = offers(offer(thematics=[]), bare("dora--b", thematics=[], networks=["mjc"], service_type="Bus"))
    table = by_theme(
        raw,
        rule("N", "ccas-cias", key_kind="reseau"),
        rule("M", "mjc", key_kind="reseau"),
        rule("B", "Bus", key_kind="type"),
    )
    assert pairs(table) == {("dora--a", "N"), ("dora--b", "M"), ("dora--b", "B")}
    assert table["services"].tolist() == [1, 1, 1]


def test_a_network_gives_the_theme_but_not_its_other_services() -> None:
    raw = offers(offer(), offer(service_id="dora--a-2", thematics=[DIGITAL], updated_on=date(2025, 9, 9)))
    both = by_theme(raw, rule("T", confidence="faible"), rule("T", "ccas-cias", key_kind="reseau", confidence="bonne"))
    assert both[["services", "confidence"]].to_numpy().tolist() == [[1, "bonne"]]
    assert both["updated_on"].tolist() == [date(2025, 1, 1)]
    alone = by_theme(raw, rule("T", "ccas-cias", key_kind="reseau"))
    assert alone[["services", "updated_on"]].to_numpy().tolist() == [[1, date(2025, 9, 9)]]


def test_a_rule_that_names_publics_asks_for_one_of_them() -> None:
    publics = [["femmes"], ["familles", "jeunes"], ["tous-publics"], []]
    raw = offers(*[offer(structure_id=f"d--{i}", service_id=f"d--{i}", publics=who) for i, who in enumerate(publics)])
    assert pairs(by_theme(raw, rule("T", publics=("femmes", "familles")))) == {("d--0", "T"), ("d--1", "T")}


def test_an_excluded_thematic_gives_no_theme_but_another_one_may() -> None:
    raw = offers(offer(), offer(structure_id="d--b", service_id="d--b-1", thematics=[RIGHTS, STEPS]))
    table = by_theme(raw, rule("T"), rule("T", STEPS), rule("T", source="dora", confidence="exclure"))
    assert pairs(table) == {("d--b", "T")}


def test_an_excluded_network_takes_the_structure_out_of_the_theme() -> None:
    raw = offers(offer(networks=["ccas-cias", "mjc"]), offer(structure_id="d--b", service_id="d--b-1"))
    table = by_theme(raw, rule("T"), rule("U"), rule("T", "mjc", key_kind="reseau", confidence="exclure"))
    assert pairs(table) == {("d--b", "T"), ("d--b", "U"), ("dora--a", "U")}


def test_a_theme_without_key_and_an_offer_left_out_of_the_counts_give_nothing() -> None:
    raw = offers(offer(), offer(structure_id="d--b", service_id="d--b-1", counted=False, excluded_because="déjà lue"))
    table = by_theme(raw, rule("T"), rule("EMPTY", "", source="", key_kind="", confidence=""))
    assert pairs(table) == {("dora--a", "T")}
    assert by_theme(offers(), rule("T")).empty
    assert by_theme(raw).empty


@pytest.mark.parametrize(
    ("networks", "responsable"),
    [
        (["ccas-cias", "france-service"], "commune_ccas"),
        (["france-service", "mjc"], "association"),
        (["aidants-connect", "france-service"], "etat_operateur"),
        (["aidants-connect"], "inconnu"),
        (["unheard-of"], "inconnu"),
        ([], "inconnu"),
    ],
    ids=str,
)
def test_who_answers_is_the_body_nearest_to_the_ground(networks: list[str], responsable: str) -> None:
    assert by_theme(offers(offer(networks=networks)), rule("T"))["responsable"].tolist() == [responsable]


def test_several_services_give_the_best_point_latest_date_worst_nature_and_their_zones() -> None:
    raw = offers(
        offer(lon=None, lat=None, nature="simulated", eligibility_zones=["59"], in_person=False, remote=True),
        offer(service_id="dora--a-2", updated_on=date(2025, 6, 1), eligibility_zones=["59", "62"]),
        offer(service_id="dora--a-3", updated_on=None, lon=3.07, in_person=False, remote=True),
    )
    row = by_theme(raw, rule("T")).iloc[0]
    assert (row["placement"], row["lon"], row["services"]) == ("coordonnees", 3.06, 3)
    assert (row["updated_on"], row["nature"], row["zones_declared"]) == (date(2025, 6, 1), "simulated", 2)
    assert not row["remote_only"]
    assert by_theme(offers(offer(in_person=False, remote=True)), rule("T"))["remote_only"].tolist() == [True]


rows = st.lists(
    st.builds(
        offer,
        structure_id=st.sampled_from(["d--a", "d--b", "d--c"]),
        service_id=st.uuids().map(str),
        thematics=st.lists(st.sampled_from([RIGHTS, STEPS, DIGITAL]), unique=True),
        lon=st.none() | st.sampled_from([3.06, 3.07]),
        commune_code=st.sampled_from([None, "59350", "01033"]),
        updated_on=st.none() | st.dates(date(2020, 1, 1), date(2025, 1, 1)),
        nature=st.sampled_from(["real", "derived", "estimated", "simulated"]),
    ),
    max_size=8,
)
RULES = [
    rule("T1", confidence="moyenne"),
    rule("T1", STEPS),
    rule("T1", "ccas-cias", key_kind="reseau", confidence="faible"),
    rule("T2", DIGITAL, publics=("tous-publics",)),
    rule("T3"),
    rule("T3", DIGITAL, confidence="exclure"),
]


@settings(deadline=None, max_examples=30)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_rules_is_indifferent(listed: list[dict[str, Any]], random: Any) -> None:
    expected = by_theme(offers(*listed), *RULES)
    shuffled, rules = list(listed), list(RULES)
    random.shuffle(shuffled)
    random.shuffle(rules)
    assert_frame_equal(by_theme(offers(*shuffled), *rules), expected)


@settings(deadline=None, max_examples=30)
@given(rows)
def test_themes_are_what_a_reader_with_a_pencil_finds(listed: list[dict[str, Any]]) -> None:
    """A slow second hand: service by service, rule by rule."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in listed:
        for one in RULES:
            own = one.key_kind == "thematique" and one.key in row["thematics"]
            if one.confidence == "exclure" or not (own or one.key_kind == "reseau"):
                continue
            if not one.publics or set(one.publics) & set(row["publics"]):
                found.setdefault((row["structure_id"], one.theme), set()).update({row["service_id"]} if own else set())
    table = by_theme(offers(*listed), *RULES)
    services = {pair: max(len(names), 1) for pair, names in found.items()}
    assert table.set_index(["structure_id", "theme"])["services"].to_dict() == services


# What a source lists


def test_coverage_counts_each_source_of_each_file_by_departement() -> None:
    raw = offers(
        offer(),
        offer(service_id="dora--a-2", updated_on=date(2024, 2, 3)),
        offer(structure_id="m--1", service_id="m--1-1", offer_source="mednum", commune_code="13201"),
        offer(structure_id="x", service_id="x-1", commune_code=None),
        bare("f--1", source_id="fs.csv", offer_source="fs", commune_code="2A004", updated_on=None, counted=False),
    )
    table = source_coverage(raw, {"fs.csv": "toutes"})
    columns = ["source_id", "offer_source", "department", "structures", "services", "claim"]
    assert table[columns].to_numpy().tolist() == [
        ["fs.csv", "fs", "2A", 1, 0, "toutes"],
        ["s.json", "dora", "59", 1, 2, "non déclaré"],
        ["s.json", "mednum", "13", 1, 1, "non déclaré"],
    ]
    assert table["updated_from"].tolist()[1:] == [date(2024, 2, 3), date(2025, 1, 1)]
    assert table["updated_to"].tolist()[1:] == [date(2025, 1, 1), date(2025, 1, 1)]
    assert pd.isna(table["updated_from"].iloc[0])


# The real files, on the département du Nord


@pytest.fixture(scope="module")
def real(shared_data: Path) -> RawOffers:
    folder = shared_data / "offers"
    exports = [folder / f"{name}-inclusion-2024-08.parquet" for name in ("services", "structures")]
    readings = read(*exports), read(folder / "france_services" / "liste-fs-20240801.csv")
    raw = pd.concat([reading.raw for reading in readings], ignore_index=True)
    return mark_counted(RawOffers(raw), [*readings[0].datasets, *readings[1].datasets])


def test_the_nord_has_1138_services_of_1075_structures(real: RawOffers) -> None:
    """Services whose published commune code begins with 59; « points » is coordinates to 1e-4 degree.

    The 24 other structures of the Nord publish no service. 947 points, and 22 services without any.
    """
    nord = real[real["counted"] & real["commune_code"].str.startswith("59")]
    services = nord[nord["record"] == "service"]
    assert (len(services), services["structure_id"].nunique()) == (1_138, 1_075)
    assert nord["structure_id"].nunique() == 1_099
    assert len(services[["lon", "lat"]].dropna().round(4).drop_duplicates()) == 947
    assert services["lon"].isna().sum() == 22
    assert services["thematics"].explode().nunique() == 16


def test_the_52_france_services_of_the_nord_stand_in_two_files_and_count_once(real: RawOffers) -> None:
    france_services = real[real["networks"].map(lambda networks: "france-service" in networks)]
    nord = france_services[
        (france_services["offer_source"] == "france-services") & france_services["commune_code"].str.startswith("59")
    ]
    by_file = nord.groupby("source_id")["structure_id"].nunique().to_dict()
    assert by_file == {"liste-fs-20240801.csv": 52, "services-inclusion-2024-08.parquet": 52}
    assert nord[nord["counted"]]["structure_id"].nunique() == 52
    assert not real.loc[real["source_id"] == "liste-fs-20240801.csv", "counted"].any()
    assert len(real) == 8_586 + 767 + 2_845


def test_the_nord_lists_what_the_domain_notes_counted(real: RawOffers, tmp_path: Path) -> None:
    dictionaries = load_settings(tmp_path)
    nord = RawOffers(real[real["commune_code"].str.startswith("59")])
    places = pd.DataFrame({"placement": "commune"}, index=nord.index).join(nord[["commune_code", "lon", "lat"]])
    table = offers_by_theme(nord, places, dictionaries.thematics, dictionaries.networks)
    services = table.groupby(["theme", "offer_source"])["services"].sum()
    assert services["A3.accueil_proximite", "france-services"] == 52
    assert services["A3.non_recours", "france-services"] == 52
    assert services["A2.freins_illettrisme"].sum() == 978
    assert services["A2.eloignes_emploi", "france-travail"] == 78
    assert "mediation-numerique" not in services["A2.eloignes_emploi"].index
    assert "A2.freins_sante" not in services.index
