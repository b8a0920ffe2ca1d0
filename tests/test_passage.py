"""Two geographies meet only where the ground is the same, and no count is lost on the way."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.errors import Severity, VintageError
from diagpacte.geography.passage import carry, links, to_vintage
from diagpacte.tables import TABLES, Communes, Observations
from small_country import make_communes, make_passage

# EPCI 1 merges two of its communes; 2 gives 59004 to 3; 4 only changes code to 5; 59009 is cut in two.
BEFORE = """
59001 Amont   200000001 - 60 0 0
59002 Aval    200000001 - 40 1 0
59003 Bourg   200000002 - 30 2 0
59004 Coteau  200000002 - 10 3 0
59005 Dune    200000003 - 50 4 0
59006 Écluse  200000004 - 20 5 0
59007 Ferme   200000006 - 15 6 0
59009 Gué     200000007 - 101 7 0
59010 Île     -         - 5 9 0
92001 Hauteur 200054781 200057990 90 0 9
"""
AFTER = """
59001 Amont   200000001 - 100 0 0
59003 Bourg   200000002 - 30 2 0
59004 Coteau  200000003 - 10 3 0
59005 Dune    200000003 - 50 4 0
59006 Écluse  200000005 - 20 5 0
59008 Ferme   200000006 - 15 6 0
59009 Gué     200000007 - 65 7 0
59011 Halte   200000007 - 36 8 0
59010 Île     -         - 5 9 0
92001 Hauteur 200054781 200057990 90 0 9
"""
PASSAGE = make_passage(
    ("59001", 2024, "59001", "fusion", 1.0),
    ("59002", 2024, "59001", "fusion", 1.0),
    ("59007", 2024, "59008", "changement de code", 1.0),
    ("59009", 2024, "59009", "scission", 0.645),
    ("59009", 2024, "59011", "scission", 0.355),
)
KEPT_2024_TO_2025 = {
    "EPCI:200000001": "EPCI:200000001",
    "EPCI:200000004": "EPCI:200000005",
    "EPCI:200000006": "EPCI:200000006",
    "EPCI:200000007": "EPCI:200000007",
    "EPCI:200054781": "EPCI:200054781",
    "EPT:200057990": "EPT:200057990",
    "COM:59003": "COM:59003",
    "COM:59007": "COM:59008",
    "HORS:59": "HORS:59",
    "HORS:FRM": "HORS:FRM",
    "DEP:59": "DEP:59",
    "REG:32": "REG:32",
    "FRA": "FRA",
    "FRM": "FRM",
}
CHANGED_2024_TO_2025 = ["COM:59001", "COM:59002", "COM:59009", "EPCI:200000002", "EPCI:200000003"]


def both(before: str = BEFORE, after: str = AFTER, first: int = 2024) -> Communes:
    return Communes(pd.concat([make_communes(before, first), make_communes(after, first + 1)], ignore_index=True))


def observations(*zones: str, vintage: int = 2024, **changes: object) -> Observations:
    row = {
        "indicator": "unemployment_rate_pct", "year": 2022, "base": "personnes", "geo_vintage": vintage,
        "value": 12.5, "lower": None, "upper": None, "availability": "observed", "nature": "real", "flag": "",
        "published_code": "TXCHOM22", "published_text": "12,5", "period": "2022", "source_id": "panorama",
        "sheet": "Facteurs_EPCI", "column": "E",
    }  # fmt: skip
    rows = [{"zone_code": zone, **row, "row": number, **changes} for number, zone in enumerate(zones, start=8)]
    return Observations(TABLES["observations"].frame(rows))


def together(*tables: Observations) -> Observations:
    return Observations(pd.concat(tables, ignore_index=True))


def test_a_zone_is_relabelled_where_its_ground_is_the_same_and_refused_elsewhere() -> None:
    asked = observations(*KEPT_2024_TO_2025, *CHANGED_2024_TO_2025)
    found, faults = to_vintage(asked, 2025, both(), PASSAGE)
    assert found["zone_code"].tolist() == list(KEPT_2024_TO_2025.values())
    assert set(found["geo_vintage"]) == {2025}
    assert found["row"].tolist() == list(range(8, 8 + len(found)))
    (fault,) = faults
    assert fault.severity is Severity.CHECK
    assert fault.file == "panorama"
    assert fault.found.endswith("(périmètre modifié) : " + ", ".join(CHANGED_2024_TO_2025))


def test_the_way_back_is_the_same_way() -> None:
    back = {code: zone for zone, code in KEPT_2024_TO_2025.items()}
    found, faults = to_vintage(observations(*back, "COM:59011", vintage=2025), 2024, both(), PASSAGE)
    assert found["zone_code"].tolist() == list(back.values())
    assert [fault.found.rpartition(" : ")[2] for fault in faults] == ["COM:59011"]


def test_nothing_changes_at_its_own_vintage() -> None:
    asked = observations("EPCI:200000002", "EPCI:200000099", vintage=2025)
    found, faults = to_vintage(asked, 2025, both(), PASSAGE)
    pd.testing.assert_frame_equal(found, asked)
    assert faults == []


def test_a_code_unknown_at_its_vintage_is_another_refusal() -> None:
    _, faults = to_vintage(observations("DEP:59", "EPCI:200000099", "EPCI:200000002"), 2025, both(), PASSAGE)
    assert [(fault.found.partition("(")[2].partition(")")[0]) for fault in faults] == [
        "code inconnu à cette date",
        "périmètre modifié",
    ]


def test_ept_before_their_first_packaged_year_are_refused_with_the_reason() -> None:
    old = BEFORE.replace("200057990", "-")
    _, faults = to_vintage(
        observations("DEP:92", "EPT:200057990", vintage=2022), 2023, both(old, BEFORE, 2022), PASSAGE
    )
    assert "(composition des EPT non fournie avant 2023) : EPT:200057990" in faults[0].found


def test_a_table_of_nothing_but_ept_of_before_2023_stops_nothing_else() -> None:
    old = BEFORE.replace("200057990", "-")
    found, (fault,) = to_vintage(observations("EPT:200057990", vintage=2022), 2023, both(old, BEFORE, 2022), PASSAGE)
    assert found.empty
    assert fault.severity is Severity.CHECK
    assert fault.found.endswith("(composition des EPT non fournie avant 2023) : EPT:200057990")


def test_a_value_of_the_vintage_asked_wins_then_the_latest_and_the_loser_is_named() -> None:
    country = Communes(pd.concat([make_communes(BEFORE, 2023), both()], ignore_index=True))
    native = observations("EPCI:200000001", vintage=2025, value=1.0)
    newer = observations("EPCI:200000001", "EPCI:200000006", vintage=2024, value=2.0)
    older = observations("EPCI:200000006", vintage=2023, value=3.0)
    found, faults = to_vintage(together(older, newer, native), 2025, country, PASSAGE)
    assert found.set_index("zone_code")["value"].to_dict() == {"EPCI:200000001": 1.0, "EPCI:200000006": 2.0}
    assert len(faults) == 2
    assert all("déjà donnée" in fault.found for fault in faults)


def test_when_nothing_can_be_converted_the_reader_is_told_which_zones() -> None:
    with pytest.raises(VintageError, match="EPCI:200000002, EPCI:200000003"):
        to_vintage(observations("EPCI:200000003", "EPCI:200000002"), 2025, both(), PASSAGE)


@pytest.mark.parametrize(("of", "to"), [(2017, 2025), (2024, 2030)])
def test_a_vintage_that_is_not_packaged_is_refused(of: int, to: int) -> None:
    with pytest.raises(VintageError, match="de 2019 à 2026") as caught:
        to_vintage(observations("DEP:59", vintage=of), to, both(), PASSAGE)
    source = observations("DEP:59")["source_id"].iloc[0]
    assert [fault.file for fault in caught.value.faults] == [source if of < to == 2025 else "diagpacte.toml"]


def test_an_empty_table_stays_empty() -> None:
    found, faults = to_vintage(observations(), 2025, both(), PASSAGE)
    assert found.empty
    assert faults == []


def test_links_follow_several_years_through_a_split_and_a_merger() -> None:
    passage = make_passage(
        ("59001", 2023, "59001", "scission", 0.75),
        ("59001", 2023, "59002", "scission", 0.25),
        ("59002", 2024, "59003", "fusion", 1.0),
        ("59003", 2024, "59003", "fusion", 1.0),
    )
    communes = make_communes("59001 A 200000001 - 8 0 0\n59003 B 200000001 - 5 1 0", 2023)
    assert links(communes, 2025, passage).to_dict("records") == [
        {"code_from": "59001", "code_to": "59001", "ratio": 0.75},
        {"code_from": "59001", "code_to": "59003", "ratio": 0.25},
        {"code_from": "59003", "code_to": "59003", "ratio": 1.0},
    ]


def counts(communes: Communes) -> "pd.Series[int]":
    return communes.set_index("code")["population"]


def test_counts_are_carried_to_the_unit() -> None:
    before, after = make_communes(BEFORE, 2024), make_communes(AFTER, 2025)
    carried, faults = carry(counts(before), before, after, PASSAGE)
    # 101 × 0.645 = 65.145 and 101 × 0.355 = 35.855: the unit left goes to the larger remainder.
    assert carried.to_dict() == counts(after).to_dict()
    assert faults == []


def test_every_commune_whose_count_is_lost_is_named() -> None:
    before, after = make_communes(BEFORE, 2024), make_communes(AFTER, 2025)
    incomplete = make_passage(("59001", 2024, "59001", "fusion", 1.0), ("59009", 2024, "59009", "scission", 0.6))
    carried, (fault,) = carry(counts(before), before, after, incomplete)
    assert fault.found.endswith(" : 59002, 59007, 59009")
    assert carried["59001"] == 60


def test_a_commune_formed_from_an_unknown_count_has_none_and_the_known_part_is_named() -> None:
    before, after = make_communes(BEFORE, 2024), make_communes(AFTER, 2025)
    known = counts(before).copy()
    known["59002"] = pd.NA
    carried, (fault,) = carry(known, before, after, PASSAGE)
    assert pd.isna(carried["59001"])
    assert fault.found.endswith(" : 59001")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 10_000), min_size=10, max_size=10), st.floats(0.001, 0.999))
def test_no_split_loses_a_unit(values: list[int], share: float) -> None:
    before, after = make_communes(BEFORE, 2024), make_communes(AFTER, 2025)
    passage = PASSAGE.copy()
    passage.loc[passage["kind"].eq("scission"), "ratio"] = [share, 1 - share]
    carried, faults = carry(pd.Series(values, before["code"]), before, after, type(PASSAGE)(passage))
    assert faults == []
    assert carried.sum() == sum(values)
    assert (carried >= 0).all()
