"""Needs: an honest class or none, the rule that gave it, and a reason wherever there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crossing_builders as make
from diagpacte.errors import ConfigurationError
from diagpacte.needs.rules import NationalBounds, NeedIndicator, NeedRules
from diagpacte.needs.scores import Dictionaries, needs
from diagpacte.settings import load_settings
from diagpacte.tables import TABLES, Needs, Observations
from diagpacte.vocabulary import Base, Factor, Indicator, Nature, Role

ROOT = Path(__file__).parents[1]
A, B, C = (make.epci(i) for i in (1, 2, 3))
ZONES = make.zones(*(make.zone(code, 100) for code in (A, B, C)))
UNEMPLOYMENT, GRADE = "unemployment_rate_pct", "grade_employment"
LABELS = ("Non fragile", "Fragile", "Très fragile")


def indicator(name: str = UNEMPLOYMENT, **changes: Any) -> Indicator:
    fields: dict[str, Any] = {
        "indicator": name, "published_codes": (), "label": name, "label_long": "", "role": Role.NEED, "unit": "pct",
        "base": Base.PERSONS, "polarity": "high_worse", "low": 0.0, "high": 100.0, "kind": "rate", "source": "",
        "theme_factor": "", "note": "",
    }  # fmt: skip
    return Indicator(**fields | changes)


def need_row(name: str = UNEMPLOYMENT, **changes: Any) -> NeedIndicator:
    fields: dict[str, Any] = {
        "theme": make.THEME, "indicator": name, "weight": 1, "role": "besoin", "confidence": "moyenne",
        "grade_factor": "", "why": "pourquoi",
    }  # fmt: skip
    return NeedIndicator(**fields | changes)


def factor(**changes: Any) -> Factor:
    fields: dict[str, Any] = {
        "factor": "emploi", "label": "Emploi", "grade_indicator": GRADE, "graded_on": UNEMPLOYMENT, "core": True,
        "grade_labels": LABELS, "grade_aliases": "", "note": "",
    }  # fmt: skip
    return Factor(**fields | changes)


def bounds(**changes: Any) -> NationalBounds:
    fields: dict[str, Any] = {
        "indicator": UNEMPLOYMENT, "year": 2022, "bounds": (8.0, 12.0, 16.0), "exact": (8.0, 12.0, 16.0),
        "zones": 1_243, "moved_pct": 0.0, "nature": Nature.REAL, "source_sha256": "", "source": "Insee",
    }  # fmt: skip
    return NationalBounds(**fields | changes)


def value(zone: str, number: float | None, **changes: Any) -> dict[str, Any]:
    """An observation; `number` None is « secret »."""
    return {
        "zone_code": zone, "indicator": UNEMPLOYMENT, "year": 2022, "base": "personnes", "geo_vintage": 2025,
        "value": number, "lower": None, "upper": None, "availability": "secret" if number is None else "observed",
        "nature": "real", "flag": "", "published_code": "TXCHOM22", "published_text": "", "period": "2022",
        "source_id": "panorama", "sheet": "Facteurs_EPCI", "row": 8, "column": "E",
    } | changes  # fmt: skip


def grade(zone: str, degree: float | None) -> dict[str, Any]:
    return value(zone, degree, indicator=GRADE, base="", year=2024, nature="derived", published_code="FRAG_EMPLOI")


def dictionaries(
    rows: Sequence[NeedIndicator] = (need_row(),),
    entries: Sequence[Indicator] = (indicator(),),
    factors: Sequence[Factor] = (factor(),),
    breaks: Sequence[NationalBounds] = (bounds(),),
    rules: NeedRules | None = None,
) -> Dictionaries:
    return Dictionaries(rows, entries, factors, breaks, rules or NeedRules())


def read(*values: dict[str, Any], reference_zone: str | None = None, **changes: Any) -> Needs:
    observations = Observations(TABLES["observations"].frame(list(values)))
    return needs(observations, ZONES, [make.theme()], dictionaries(**changes), reference_zone)


THREE = (value(A, 7.99), value(B, 12.0), value(C, 16.5))


def test_national_bounds_class_each_zone_and_say_so() -> None:
    table = read(*THREE)
    assert table["zone_code"].tolist() == [A, B, C]
    assert set(table["class_rule"]) == {"bornes_nationales"}
    assert table["class_index"].tolist() == [0, 2, 3]
    assert set(table["class_count"]) == {4}
    assert table["class_label"].tolist() == ["moins de 8\u00a0%", "de 12 à moins de 16\u00a0%", "16\u00a0% ou plus"]
    assert table["strong"].tolist() == [False, True, True]
    assert set(table["reason"]) == {""}


def test_a_need_is_strong_from_the_class_that_the_rules_say() -> None:
    assert read(*THREE, rules=NeedRules(strong_from_class=3))["strong"].tolist() == [False, False, True]


def test_the_rank_gives_one_to_the_most_unfavourable_and_the_mean_to_ties() -> None:
    assert read(*THREE)["rank"].tolist() == [3, 2, 1]
    tied = read(value(A, 10), value(B, 12), value(C, 12))
    assert tied["rank"].tolist() == [3, 1.5, 1.5]
    assert set(tied["ranked"]) == {3}


def test_where_low_is_worse_classes_and_ranks_are_read_downwards() -> None:
    table = read(
        *THREE, entries=[indicator(polarity="low_worse")], breaks=[bounds(bounds=(16, 12, 8), exact=(16, 12, 8))]
    )
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["class_index"].tolist() == [3, 1, 0]
    assert table["class_label"].tolist() == ["moins de 8\u00a0%", "de 12 à moins de 16\u00a0%", "16\u00a0% ou plus"]


def test_the_grade_of_the_panorama_comes_before_national_bounds() -> None:
    grades = (grade(A, 0), grade(B, 1), grade(C, 2))
    table = read(*THREE, *grades, rows=[need_row(grade_factor="emploi")])
    assert set(table["class_rule"]) == {"grade_panorama"}
    assert table["class_index"].tolist() == [0, 1, 2]
    assert set(table["class_count"]) == {3}
    assert table["class_label"].tolist() == list(LABELS)
    assert table["strong"].tolist() == [False, True, True]
    assert set(table["nature"]) == {"derived"}
    harder = read(*THREE, *grades, rows=[need_row(grade_factor="emploi")], rules=NeedRules(strong_from_grade=2))
    assert harder["strong"].tolist() == [False, False, True]


@pytest.mark.parametrize(
    "factors",
    [[factor(graded_on="below_baccalaureate_pct")], [factor(graded_on="")], []],
    ids=["on another indicator", "on none", "unknown"],
)
def test_a_grade_that_does_not_stand_on_the_indicator_of_the_need_is_none(factors: list[Factor]) -> None:
    grades = (grade(A, 2), grade(B, 2), grade(C, 2))
    table = read(*THREE, *grades, rows=[need_row(grade_factor="emploi")], factors=factors)
    assert set(table["class_rule"]) == {"bornes_nationales"}


def test_one_theme_has_one_scale_so_that_a_missing_grade_sends_all_zones_to_the_bounds() -> None:
    rows = [need_row(grade_factor="emploi")]
    table = read(*THREE, grade(A, 0), grade(B, 1), grade(C, None), rows=rows)
    assert set(table["class_rule"]) == {"bornes_nationales"}
    without = read(*THREE, grade(A, 0), grade(B, 1), grade(C, None), rows=rows, breaks=[])
    assert without["class_rule"].tolist() == ["grade_panorama", "grade_panorama", "rang_seul"]
    assert without["reason"].tolist()[2] == "rang seul\u00a0: degré non publié pour cette zone"


def test_without_grade_nor_bounds_there_is_a_rank_only() -> None:
    table = read(*THREE, breaks=[bounds(year=2021)])
    assert set(table["class_rule"]) == {"rang_seul"}
    assert table["rank"].tolist() == [3, 2, 1]
    assert table[["class_index", "class_count", "strong"]].isna().all(axis=None)
    assert table["reason"].str.startswith("rang seul").all()


def test_a_secret_keeps_its_name_and_has_neither_class_nor_rank() -> None:
    table = read(value(A, 9), value(B, None), value(C, 17), grade(A, 1), grade(B, 2), grade(C, 2),
                 rows=[need_row(grade_factor="emploi")])  # fmt: skip
    secret = table.iloc[1]
    assert secret["availability"] == "secret"
    assert secret["reason"] == "non mesuré\u00a0: secret statistique"
    assert secret["class_rule"] == "aucune"
    assert secret[["value", "class_index", "strong", "rank", "ranked"]].isna().all()
    assert table["ranked"].tolist()[::2] == [2, 2]
    assert table["class_rule"].tolist()[::2] == ["grade_panorama"] * 2


def test_a_zone_without_row_is_not_covered_and_never_zero() -> None:
    table = read(value(A, 9), value(B, 12))
    assert table["availability"].tolist() == ["observed", "observed", "not_covered"]
    assert pd.isna(table["value"].iloc[2])
    assert table["reason"].iloc[2] == "non mesuré\u00a0: zone hors du champ des fichiers reçus"


def test_an_indicator_of_no_file_is_not_available() -> None:
    table = read(value(A, 9, indicator="autre_pct"))
    assert set(table["availability"]) == {"not_available"}
    assert set(table["indicator"]) == {UNEMPLOYMENT}
    assert set(table["reason"]) == {f"non mesuré\u00a0: «\u00a0{UNEMPLOYMENT}\u00a0», absent des fichiers reçus"}


def test_a_theme_without_indicator_says_why() -> None:
    table = read(*THREE, rows=[need_row("", role="", confidence="", why="non mesuré\u00a0: rien dans le panorama")])
    assert table[["indicator", "value", "class_index", "strong", "rank"]].isna().all(axis=None)
    assert set(table["availability"]) == {"not_available"}
    assert set(table["class_rule"]) == {"aucune"}
    assert set(table["reason"]) == {"non mesuré\u00a0: rien dans le panorama"}
    assert set(read(*THREE, rows=[])["reason"]) == {"non mesuré\u00a0: aucun indicateur dans needs.csv"}


@pytest.mark.parametrize(
    "weak", [need_row(confidence="faible"), need_row(role="contexte")], ids=["a weak proxy", "context"]
)
def test_a_weak_proxy_or_a_context_never_gives_a_class(weak: NeedIndicator) -> None:
    table = read(*THREE, rows=[weak])
    assert table[["indicator", "value", "class_index", "strong"]].isna().all(axis=None)
    assert set(table["reason"]) == {"non mesuré\u00a0: contexte seulement. pourquoi"}


def test_the_indicator_of_most_weight_leads() -> None:
    entries = [indicator(), indicator("neet_rate_pct")]
    rows = [need_row(), need_row("neet_rate_pct", weight=2)]
    table = read(value(A, 9), value(A, 30, indicator="neet_rate_pct"), rows=rows, entries=entries)
    assert set(table["indicator"]) == {"neet_rate_pct"}


def test_the_latest_year_at_the_vintage_of_the_zones_is_read() -> None:
    rows = (value(A, 9, year=2021), value(A, 10), value(A, 11, geo_vintage=2023, year=2024))
    table = read(*rows)
    assert table["value"].tolist()[0] == 10
    assert table["year"].tolist()[0] == 2022
    assert table["observation"].iloc[0] == f"observations/{A}|{UNEMPLOYMENT}|2022|personnes|2025/value"


def test_shares_of_another_base_are_not_read() -> None:
    assert set(read(value(A, 9, base="menages"))["availability"]) == {"not_covered"}


def test_references_are_the_published_rows_of_the_same_year() -> None:
    rows = (*THREE, value("DEP:59", 14.9), value("FRM", 11.31), value("REG:59", 99.0), value("FRA", 98.0))
    table = read(*rows, reference_zone="DEP:59")
    assert set(table["reference_territory"]) == {14.9}
    assert set(table["reference_france"]) == {11.31}
    assert read(*rows)["reference_territory"].isna().all()
    older = read(*THREE, value("DEP:59", 14.9, year=2021), reference_zone="DEP:59")
    assert older["reference_territory"].isna().all()


def test_people_are_never_made_from_a_rate_and_the_score_is_not_available() -> None:
    table = read(*THREE)
    assert table[["people", "score"]].isna().all(axis=None)
    assert set(table["people_availability"]) == set(table["score_availability"]) == {"not_available"}


@pytest.mark.parametrize(
    ("value_nature", "bounds_nature", "nature"),
    [("real", "real", "real"), ("real", "derived", "derived"), ("simulated", "real", "simulated"),
     ("simulated", "simulated", "simulated")],
)  # fmt: skip
def test_the_nature_is_that_of_the_worst_ingredient(value_nature: str, bounds_nature: str, nature: str) -> None:
    table = read(value(A, 9, nature=value_nature), breaks=[bounds(nature=Nature(bounds_nature))])
    assert table["nature"].iloc[0] == nature


def test_simulated_bounds_never_class_a_value_that_is_not_simulated() -> None:
    rows = (value(A, 9, nature="real"), value(B, 9, nature="simulated"))
    table = read(*rows, breaks=[bounds(nature=Nature.SIMULATED)]).set_index("zone_code")
    assert table["class_rule"].to_dict() == {A: "rang_seul", B: "bornes_nationales", C: "aucune"}
    assert table.loc[A, "nature"] == "real"


def test_every_misplaced_indicator_is_refused_at_once() -> None:
    entries = [indicator(), indicator("gp_access", role=Role.OFFER), indicator("rent", role=Role.CONTEXT),
               indicator("mute", polarity="")]  # fmt: skip
    rows = [need_row("gp_access"), need_row("gp_access", role="contexte"), need_row("rent"), need_row("mute"),
            need_row("rent", role="contexte")]  # fmt: skip
    with pytest.raises(ConfigurationError) as caught:
        dictionaries(rows, entries, breaks=[bounds(bounds=(16, 12, 8))])
    found = [fault.found for fault in caught.value.faults]
    assert len(found) == 5
    assert sum("indicateur d’offre" in text for text in found) == 2
    assert found[-1].startswith("bornes de « unemployment_rate_pct » (2022)")


def test_row_order_is_indifferent() -> None:
    pd.testing.assert_frame_equal(read(*THREE), read(*THREE[::-1]))


def test_the_dictionaries_of_the_project_agree_with_one_another() -> None:
    settings = load_settings(ROOT)
    found = Dictionaries(settings.needs, settings.indicators, settings.factors, settings.breaks, settings.need)
    assert found.leading("A2.eloignes_emploi") is not None
    assert found.leading("A4.alimentation") is None
    graded = {row.theme for row in settings.needs if found.grade_indicator(row)}
    assert graded >= {"A2.eloignes_emploi", "A2.monoparentales"}
    for theme in settings.themes:
        if found.leading(theme.theme) is None:
            assert found.why_not_measured(theme.theme)


def censored(zone: str, number: float, lower: float | None, upper: float | None) -> dict[str, Any]:
    return value(zone, number, availability="censored", lower=lower, upper=upper)


def test_a_censored_value_has_a_class_only_when_all_it_may_be_is_in_one() -> None:
    table = read(censored(A, 5.0, 0.0, 5.5), censored(B, 9.0, None, 9.0), censored(C, 16.0, 16.0, None))
    assert table["class_index"].fillna(-1).tolist() == [0, -1, 3]
    assert table["class_rule"].tolist() == ["bornes_nationales", "rang_seul", "bornes_nationales"]
    assert table["strong"].isna().tolist() == [False, True, False]
    assert "à cheval sur deux classes" in table["reason"][1]
    assert set(table["availability"]) == {"censored"}
    assert table["value"].tolist() == [5, 9, 16]
