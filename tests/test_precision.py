"""Roundings and floors become bounds, only where the producer says so and the column agrees."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.settings import load_settings
from diagpacte.sources.layout.censoring import Interval, censored
from diagpacte.sources.precision import with_precision
from diagpacte.sources.rules import Precision
from diagpacte.tables import TABLES, Observations
from diagpacte.vocabulary import ZoneKind
from dictionaries import CONFIGS, NBSP, rows
from workbook_builders import read

RATE, COUNT, INCOME = "poverty_rate_pct", "rsa_units_count", "median_income_eur_year"
RULES = load_settings(CONFIGS.parent / "no-workspace").precision
HEADER = "indicator;levels;rounded_to;floor;ceiling;lowest;highest;reason;reference;status"


def observations(*values: float | None, zone: str = "COM:59{:03}", **changes: Any) -> Observations:
    """One zone a value, at the level of `zone`; None is secret."""
    row = {
        "indicator": RATE, "year": 2021, "base": "personnes", "geo_vintage": 2023, "lower": None, "upper": None,
        "nature": "real", "flag": "", "published_code": "TP6021", "published_text": "", "period": "2021",
        "source_id": "filosofi", "sheet": "ENSEMBLE", "column": "D",
    }  # fmt: skip
    table = [
        {
            **row, "zone_code": zone.format(place), "value": value, "row": place,
            "availability": "secret" if value is None else "observed", **changes,
        }
        for place, value in enumerate(values, start=7)
    ]  # fmt: skip
    return Observations(TABLES["observations"].frame(table))


def bounds(table: pd.DataFrame) -> list[tuple[float | None, float | None, str]]:
    sides = table[["lower", "upper"]].astype(object).where(table[["lower", "upper"]].notna(), None)
    return list(zip(sides["lower"], sides["upper"], table["availability"], strict=True))


def precise(*values: float | None, **changes: Any) -> list[tuple[float | None, float | None, str]]:
    found = with_precision(observations(*values, **changes), RULES)
    TABLES["observations"].check(found)
    return bounds(found)


EPCI = "EPCI:200000{:03}"


def test_a_communal_rate_is_within_half_a_point_and_5_means_5_or_less() -> None:
    assert precise(5.0, 6.0, None) == [(0, 5.5, "censored"), (5.5, 6.5, "observed"), (None, None, "secret")]


def test_95_means_95_or_more() -> None:
    assert precise(95.0, 94.0) == [(94.5, 100, "censored"), (93.5, 94.5, "observed")]


def test_other_levels_are_rounded_to_the_tenth_and_floored_too() -> None:
    assert precise(5.0, 12.3, zone=EPCI) == [
        (0, pytest.approx(5.05), "censored"),
        (pytest.approx(12.25), pytest.approx(12.35), "observed"),
    ]
    assert precise(12.3, zone="EPT:200057{:03}") == [(pytest.approx(12.25), pytest.approx(12.35), "observed")]


def test_cnaf_counts_are_within_two_and_a_half_and_zero_is_no_true_zero() -> None:
    assert precise(0.0, 5.0, 120.0, indicator=COUNT, base="foyers", zone=EPCI) == [
        (0, 2.5, "observed"), (2.5, 7.5, "observed"), (117.5, 122.5, "observed"),
    ]  # fmt: skip


def test_no_bound_is_beyond_what_is_possible() -> None:
    shares = {"indicator": "profile_1_households_pct", "base": "menages", "zone": EPCI}
    assert precise(0.0, 100.0, **shares) == [(0, 0.05, "observed"), (99.95, 100, "observed")]


def test_an_income_is_within_five_euros() -> None:
    assert precise(21660.0, indicator=INCOME) == [(21655, 21665, "observed")]


def test_a_column_that_shows_lower_or_finer_values_does_not_follow_the_rule() -> None:
    untouched = (None, None, "observed")
    assert precise(5.0, 4.0) == [untouched] * 2
    assert precise(5.0, 6.4) == [untouched] * 2
    assert precise(5.0, 7.0, indicator=COUNT, base="foyers") == [untouched] * 2


def test_a_column_is_judged_by_source_year_and_level() -> None:
    lower = observations(4.0, source_id="other")
    older = observations(4.0, year=2020)
    finer = observations(6.4, zone=EPCI)
    table = Observations(pd.concat([observations(5.0), lower, older, finer], ignore_index=True))
    assert bounds(with_precision(table, RULES))[0] == (0, 5.5, "censored")


@pytest.mark.parametrize("changes", [
    {"nature": "derived"}, {"nature": "estimated"}, {"availability": "estimated"}, {"availability": "imputed"},
    {"indicator": "unemployment_rate_pct"}, {"lower": 1.0, "upper": 6.0},
])  # fmt: skip
def test_what_is_no_value_as_published_keeps_what_it_has(changes: dict[str, Any]) -> None:
    before = observations(5.0, **changes)
    pd.testing.assert_frame_equal(with_precision(before, RULES), before)


def test_a_simulated_file_follows_the_conventions_it_imitates() -> None:
    assert precise(5.0, nature="simulated")[0] == (0, 5.5, "censored")


def test_without_rules_or_rows_nothing_happens() -> None:
    pd.testing.assert_frame_equal(with_precision(observations(5.0), []), observations(5.0))
    assert with_precision(observations(), RULES).empty


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), min_size=1, max_size=20))
def test_bounds_hold_whatever_truth_was_so_printed_and_twice_is_once(truths: list[tuple[int, bool]]) -> None:
    # A truth in hundredths of a point: floored, then rounded to the point (communes) or to the tenth (EPCI).
    hidden = pd.Series([hundredths / 100 for hundredths, _ in truths])
    step = pd.Series([1.0 if commune else 0.1 for _, commune in truths])
    shown = ((hidden.clip(5, 95) / step + 1e-9).add(0.5) // 1 * step).round(1)
    zones = [f"{'COM:59' if commune else 'EPCI:200000'}{place:03}" for place, (_, commune) in enumerate(truths)]
    before = Observations(observations(*shown).assign(zone_code=pd.Series(zones, dtype="str")))
    after = with_precision(before, RULES)
    pd.testing.assert_series_equal(after["value"], before["value"])
    assert (after["lower"] <= hidden + 1e-6).all()
    assert (after["upper"] >= hidden - 1e-6).all()
    pd.testing.assert_frame_equal(with_precision(after, RULES), after)


def test_the_communes_of_a_genuine_file_at_5_are_told_from_those_that_are_at_6(shared_data: Path) -> None:
    reading = read(shared_data / "panorama" / "insee_publies" / "FILO2019_DISP_Pauvres_COM.xlsx")
    found = with_precision(reading.observations, RULES)
    rates = found[found["indicator"].eq(RATE)]
    assert rates["availability"].value_counts().to_dict() == {"observed": 4_164, "censored": 159}
    assert rates.loc[rates["value"].eq(5), "availability"].eq("censored").all()
    assert rates["lower"].notna().all()


def test_the_epci_of_the_national_panorama_at_5_are_censored_too(shared_data: Path) -> None:
    # Insee floors at every level: 17 EPCI stand at exactly 5.0 in 2019, none below, 4 at 5.1.
    reading = read(shared_data / "panorama" / "panorama_pauvrete_reel_2021.xlsx")
    found = with_precision(reading.observations, RULES)
    counted = found[found["availability"].eq("censored")].groupby(["indicator", "year"]).size()
    assert counted.to_dict() == {(RATE, 2019): 17, (RATE, 2021): 18}
    pd.testing.assert_series_equal(found["value"], reading.observations["value"])


# --- the dictionary ---


def test_the_dictionary_is_written_as_french_excel_reads_it() -> None:
    raw = (CONFIGS / "precision.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + HEADER.encode() + b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    raw.decode("utf-8-sig").encode("cp1252")
    for row in rows("precision"):
        text = row["reason"] + row["reference"]
        assert not re.search(r"(?<![\u00a0\d])[:;!?%»](?=\s|$)", text), text
        assert "'" not in text


def test_a_rule_says_something_once_a_level_and_where_it_comes_from() -> None:
    spoken = [(rule.indicator, level) for rule in RULES for level in rule.levels]
    assert len(spoken) == len({*spoken})
    for rule in RULES:
        assert rule.rounded_to or rule.floor is not None or rule.ceiling is not None
        assert rule.reason
        assert rule.reference
        assert (rule.status == "vérifié") == ("Seuils" in rule.reference)


def test_every_published_rate_of_poverty_has_its_rule_at_every_level() -> None:
    rates = {row["indicator"] for row in rows("indicators") if row["indicator"].startswith("poverty_rate_")}
    spoken = {(rule.indicator, level) for rule in RULES for level in rule.levels}
    assert {(rate, level) for rate in rates for level in ZoneKind} <= spoken


def test_every_count_that_its_note_says_rounded_to_5_has_its_rule() -> None:
    rounded = {row["indicator"] for row in rows("indicators") if re.search("arrondis? à 5 par", row["note"])}
    assert rounded == {rule.indicator for rule in RULES if rule.rounded_to == 5}


# --- texts that say an interval ---


@pytest.mark.parametrize(("text", "lower", "upper"), [
    ("< 5", None, 5), ("<5", None, 5), ("<\u202f5", None, 5), ("≤ 5", None, 5), ("<= 5", None, 5),
    ("moins de 5", None, 5), ("Moins de 5 %", None, 5), ("5 ou moins", None, 5), ("au plus 5", None, 5),
    ("inférieur à 11", None, 11), ("jusqu’à 5", None, 5), ("< 0,5", None, 0.5), ("< 1\u202f000", None, 1000),
    ("> 95", 95, None), ("≥ 95", 95, None), ("95 ou plus", 95, None), ("plus de 1 200", 1200, None),
    ("1-4", 1, 4), ("1–4", 1, 4), ("1 à 4", 1, 4), ("de 1 à 4", 1, 4), ("entre 1 et 4", 1, 4),
    ("de 5 à moins de 10", 5, 10), ("1 200 à 1 500", 1200, 1500), (f"1{NBSP}à{NBSP}4", 1, 4),
])  # fmt: skip
def test_a_text_that_says_where_a_value_lies_is_an_interval(
    text: str, lower: float | None, upper: float | None
) -> None:
    assert censored(text) == (lower, upper)
    assert censored(f"  {text} ") == (lower, upper)


@pytest.mark.parametrize(
    "text",
    ["", "5", "-5", "12,5", "s", "nd", "<", "5-", "4-1", "4-4", "01/2023", "2019-2021", "1-4-7", "< cinq", "<5>"],
)
def test_what_says_no_interval_is_left_alone(text: str) -> None:
    assert censored(text) is None


def test_a_table_keeps_the_bound_that_is_printed() -> None:
    assert Interval(None, 5).stand_in == 5
    assert Interval(1, 4).stand_in == 4
    assert Interval(95, None).stand_in == 95


def test_a_rule_of_a_workspace_replaces_the_one_of_the_same_indicator_and_levels() -> None:
    mine = Precision(
        indicator=RATE, levels=(ZoneKind.COMMUNE,), rounded_to=None, floor=10, ceiling=None, lowest=0, highest=100,
        reason="x", reference="y", status="à valider",
    )  # fmt: skip
    found = with_precision(observations(10.0, 12.0), [*RULES, mine])
    assert bounds(found) == [(0, 10, "censored"), (None, None, "observed")]
