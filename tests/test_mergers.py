"""Zones that became one: their counts add up with their reasons, and lead to every cell."""

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.geography.mergers import merged_counts
from diagpacte.geography.passage import to_vintage
from diagpacte.tables import TABLES, Communes, ObservationCells, Observations
from small_country import make_communes, make_passage

# EPCI 1 and 2 become 9; EPCI 3 absorbs 4 and keeps its code; 5 gives one commune of two to 6; 7 stays.
BEFORE = """
59001 Amont   200000001 - 60 0 0
59002 Aval    200000002 - 40 1 0
59003 Bourg   200000003 - 30 2 0
59004 Coteau  200000004 - 10 3 0
59005 Dune    200000005 - 50 4 0
59006 Écluse  200000005 - 20 5 0
59007 Ferme   200000006 - 15 6 0
59008 Gué     200000007 - 10 7 0
59009 Halte   200000007 - 10 8 0
"""
AFTER = """
59001 Amont   200000009 - 60 0 0
59002 Aval    200000009 - 40 1 0
59003 Bourg   200000003 - 30 2 0
59004 Coteau  200000003 - 10 3 0
59005 Dune    200000005 - 50 4 0
59006 Écluse  200000006 - 20 5 0
59007 Ferme   200000006 - 15 6 0
59008 Gué     200000007 - 20 7 0
"""
PASSAGE = make_passage(("59008", 2024, "59008", "fusion", 1.0), ("59009", 2024, "59008", "fusion", 1.0))
COUNTRY = Communes(pd.concat([make_communes(BEFORE, 2024), make_communes(AFTER, 2025)], ignore_index=True))
COUNT, RATE = "rsa_units_count", "unemployment_rate_pct"
ROW = {
    "indicator": COUNT, "year": 2022, "base": "foyers", "geo_vintage": 2024, "lower": None, "upper": None,
    "nature": "real", "flag": "", "published_code": "RSA", "period": "2022", "source_id": "caf", "sheet": "EPCI",
    "column": "C",
}  # fmt: skip
REASONS = {"s": "secret", "nd": "not_available", "": "empty"}


def observations(vintage: int = 2024, first: int = 7, **zones: float | str) -> Observations:
    """A count of each EPCI (`e1` …), down column C; a text is a mark."""
    rows = [
        ROW | {
            "zone_code": f"EPCI:20000000{name[1:]}", "geo_vintage": vintage, "row": row,
            "value": None if isinstance(value, str) else value, "published_text": str(value),
            "availability": REASONS[value] if isinstance(value, str) else "observed",
        }
        for row, (name, value) in enumerate(zones.items(), start=first)
    ]  # fmt: skip
    return Observations(TABLES["observations"].frame(rows))


def merged(table: Observations, vintage: int = 2025) -> tuple[Observations, ObservationCells]:
    return merged_counts(table, vintage, COUNTRY, PASSAGE, {COUNT})


def at(table: Observations, zone: str, vintage: int = 2025) -> Any:
    found = table[table["zone_code"].eq(zone) & table["geo_vintage"].eq(vintage)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_sum_of_merged_zones_leads_to_all_its_cells() -> None:
    found, cells = merged(observations(e1=120, e2=85, e3=30, e4=15))
    nine, three = at(found, "EPCI:200000009"), at(found, "EPCI:200000003")
    assert (nine["value"], nine["published_text"], nine["column"], nine["row"]) == (205, "120 + 85", "C", 7)
    assert three["value"] == 45
    assert len(found) == 2
    led = cells[cells["zone_code"].eq("EPCI:200000009")]
    assert list(zip(led["published_zone"], led["sheet"], led["column"], led["row"], strict=True)) == [
        ("EPCI:200000001", "EPCI", "C", 7),
        ("EPCI:200000002", "EPCI", "C", 8),
    ]
    assert set(cells["published_vintage"]) == {2024}
    assert set(cells["geo_vintage"]) == {2025}


def test_a_secret_part_makes_a_secret_sum_and_roundings_add_up() -> None:
    found, cells = merged(observations(e1=120, e2="s"))
    assert (at(found, "EPCI:200000009")["availability"], len(cells)) == ("secret", 2)
    assert pd.isna(at(found, "EPCI:200000009")["value"])
    rounded = observations(e1=120, e2=85)
    rounded = Observations(rounded.assign(lower=rounded["value"] - 2.5, upper=rounded["value"] + 2.5))
    nine = at(merged(rounded)[0], "EPCI:200000009")
    assert (nine["value"], nine["lower"], nine["upper"]) == (205, 200, 210)


def test_the_worst_nature_and_every_mention_are_kept() -> None:
    parts = observations(e1=120, e2=85)
    parts["nature"], parts["flag"] = ["estimated", "real"], ["(e)", "(p)"]
    parts["availability"] = ["estimated", "observed"]
    nine = at(merged(Observations(parts))[0], "EPCI:200000009")
    assert (nine["nature"], nine["availability"], nine["flag"]) == ("estimated", "estimated", "(e) (p)")


def test_what_is_not_a_whole_merger_of_counts_is_left_as_it_came() -> None:
    for table in (
        observations(e1=120, e3=30),  # a part is missing from the file
        observations(e5=50, e6=20),  # 5 was cut
        observations(e7=20),  # nothing changed
        Observations(observations(e1=12.5, e2=8).assign(indicator=RATE)),  # a rate is not added
        observations(2025, e9=205),  # already there
    ):
        found, cells = merged(table)
        pd.testing.assert_frame_equal(found, table)
        assert cells.empty


def test_a_value_published_on_the_geography_asked_wins_and_parts_stay_to_be_named() -> None:
    both = Observations(pd.concat([observations(e1=120, e2=85), observations(2025, e9=200)], ignore_index=True))
    found, cells = merged(both)
    pd.testing.assert_frame_equal(found, both)
    assert cells.empty
    _, faults = to_vintage(found, 2025, COUNTRY, PASSAGE)
    assert "EPCI:200000001, EPCI:200000002" in faults[0].found


def test_the_sums_pass_through_the_change_of_geography_and_nothing_is_refused() -> None:
    found, _ = merged(observations(e1=120, e2=85, e7=20))
    converted, faults = to_vintage(found, 2025, COUNTRY, PASSAGE)
    assert converted.set_index("zone_code")["value"].to_dict() == {"EPCI:200000007": 20, "EPCI:200000009": 205}
    assert faults == []


def test_communes_that_merge_add_up_and_the_way_back_joins_what_was_split() -> None:
    communes = observations(e8=12, e9=8)
    communes["zone_code"] = ["COM:59008", "COM:59009"]
    assert at(merged(Observations(communes))[0], "COM:59008")["value"] == 20
    split = make_passage(("59008", 2024, "59008", "scission", 0.5), ("59008", 2024, "59009", "scission", 0.5))
    country = Communes(pd.concat([make_communes(AFTER, 2024), make_communes(BEFORE, 2025)], ignore_index=True))
    back, _ = merged_counts(Observations(communes.assign(geo_vintage=2025)), 2024, country, split, {COUNT})
    assert at(back, "COM:59008", 2024)["value"] == 20


def test_a_vintage_that_is_not_packaged_is_left_to_be_refused() -> None:
    old = observations(2017, e1=1, e2=2)
    pd.testing.assert_frame_equal(merged(old)[0], old)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=4, max_size=4), st.permutations(range(4)))
def test_no_count_is_lost_and_the_order_of_rows_is_indifferent(values: list[int], order: list[int]) -> None:
    table = observations(**dict(zip(("e1", "e2", "e3", "e4"), values, strict=True)))
    found, cells = merged(table)
    assert found["value"].sum() == sum(values)
    shuffled, others = merged(Observations(table.iloc[order].reset_index(drop=True)))
    pd.testing.assert_frame_equal(shuffled, found)
    pd.testing.assert_frame_equal(others, cells)
