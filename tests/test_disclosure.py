"""What is withheld, worked out by hand: small counts, and those that subtractions would tell."""

import pandas as pd
import pytest

import disclosure_builders as make
from diagpacte.disclosure.counts import keys
from diagpacte.disclosure.rules import DisclosureRules, Threshold
from diagpacte.disclosure.standing import settled, to_say
from diagpacte.disclosure.thresholds import applied
from diagpacte.tables import TABLES, Faults
from diagpacte.vocabulary import Base
from diagpacte.workflow.grounds import grounds
from disclosure_builders import OPEN, VINTAGE, kinds, observation, source, sources, withheld

NORD, LILLE, FLANDRE, STRADDLING = "DEP:59", "EPCI:200093201", "EPCI:200040947", "EPCI:245900758"
A, B, C, WHOLE = "EPCI:200000001", "EPCI:200000002", "EPCI:200000003", "DEP:01"
THREE = {  # an invented département of three EPCI, each a piece of ground
    (A, VINTAGE): frozenset({1}),
    (B, VINTAGE): frozenset({2}),
    (C, VINTAGE): frozenset({3}),
    (WHOLE, VINTAGE): frozenset({1, 2, 3}),
}


def three(a: float | None, b: float | None, c: float | None, whole: float | None) -> dict[str, str]:
    rows = [observation(zone, value) for zone, value in ((A, a), (B, b), (C, c), (WHOLE, whole))]
    return kinds(withheld(rows, THREE)[0])


# --- thresholds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "threshold"),
    [
        ("DDETS du Nord Insee-DGFiP-Cnaf-Cnav-CCMSA, Filosofi", 11),  # fiscal, and Cnaf: the severest
        ("Caf du Nord", 5),
        ("MSA Nord-Pas de Calais", 5),
        ("France Travail", 5),
        ("Association Untel", 11),  # nobody's rule: the severest known
    ],
)
def test_a_source_has_the_threshold_of_its_producer(words: str, threshold: int) -> None:
    found = applied(make.settings().disclosure_thresholds, words, Base.HOUSEHOLDS)
    assert found is not None
    assert found.threshold == threshold


def test_dwellings_and_jobs_are_no_persons() -> None:
    assert applied(make.settings().disclosure_thresholds, "Caf du Nord", Base.DWELLINGS) is None


def test_a_zero_is_told_only_where_the_rule_says_so() -> None:
    rule = {
        "rule": "r",
        "pattern": "",
        "bases": ("foyers",),
        "threshold": 5,
        "label": "l",
        "reference": "",
        "status": "",
    }
    for zero_told in (True, False):
        found = applied([Threshold(**rule, zero_told=zero_told)], "", Base.RECIPIENTS)  # type: ignore[arg-type]
        assert found is not None
        assert [found.small(value) for value in (0, 1, 4, 5)] == [not zero_told, True, True, False]


# --- public or not ---------------------------------------------------------------------------------------------------


def standing(banner: bool = False, **changes: str) -> str:
    told = {"file": "f.xlsx", "remedy": "demander au producteur ce qui peut être diffusé"}
    row = {"severity": "à vérifier", "kind": "tableau", "sheet": "", "cell": "", "found": "", "expected": ""} | told
    faults = Faults(TABLES["faults"].frame([row] if banner else []))
    given = sources(source("f.xlsx", **{"diffusion": "à renseigner"} | changes))
    return str(settled(given, faults, make.settings().disclosure)["diffusion"].iloc[0])


def test_an_open_licence_makes_a_source_public() -> None:
    assert standing(licence="licence ouverte  2.0") == "publique"


@pytest.mark.parametrize("licence", ["à renseigner", "Licence Ouverte, sauf les effectifs", "convention Caf", ""])
def test_what_nobody_said_is_never_public(licence: str) -> None:
    assert standing(licence=licence) == "à renseigner"


def test_a_banner_restricts_even_under_an_open_licence() -> None:
    assert standing(banner=True, licence="Licence Ouverte 2.0") == "restreinte"


def test_a_person_has_the_last_word() -> None:
    assert standing(banner=True, diffusion="publique") == "publique"
    assert standing(licence="Licence Ouverte 2.0", diffusion="restreinte") == "restreinte"


def test_unknown_standings_are_told_once_for_all_with_what_to_do() -> None:
    given = sources(
        source("b.csv", diffusion="à renseigner"), source("a.csv", diffusion="à renseigner"), source("c.csv")
    )
    [fault] = to_say(settled(given, Faults(TABLES["faults"].frame([])), DisclosureRules()))
    assert "a.csv, b.csv" in fault.found
    assert 'diffusion = "publique"' in fault.remedy


# --- one small count -------------------------------------------------------------------------------------------------


def test_a_small_count_goes_and_a_second_one_with_it_or_the_total_would_tell() -> None:
    assert three(400, 97, 3, 500) == {C: "primaire", B: "complementaire"}  # 97: the smallest that hides the 3


def test_without_a_total_nothing_else_need_go() -> None:
    assert kinds(withheld([observation(A, 400), observation(C, 3)], THREE)[0]) == {C: "primaire"}


def test_zeros_and_values_at_the_threshold_are_shown() -> None:
    assert three(400, 5, 0, 405) == {}


def test_two_small_counts_hide_each_other_only_if_there_is_room_between_them() -> None:
    assert three(400, 4, 4, 408) == {B: "primaire", C: "primaire"}  # each is between 0 and 8
    assert three(400, 2, 2, 404) == {B: "primaire", C: "primaire", A: "complementaire"}  # 0 to 4 would tell too much


def test_a_small_whole_takes_its_parts_with_it() -> None:
    assert three(3, 0, 0, 3) == {A: "primaire", WHOLE: "primaire"}


def test_a_secret_of_the_producer_is_protected_like_ours() -> None:
    assert three(400, 97, None, 500) == {B: "complementaire"}


def test_nothing_is_withheld_of_a_public_source() -> None:
    rows = [observation(zone, value, source_id=OPEN) for zone, value in ((A, 400), (C, 3), (WHOLE, 500))]
    assert kinds(withheld(rows, THREE)[0]) == {}


def test_a_value_that_a_producer_published_elsewhere_is_not_withheld() -> None:
    rows = [observation(A, 400), observation(C, 3)]
    assert kinds(withheld(rows, THREE, published=[observation(C, 3, source_id=OPEN)])[0]) == {}


def test_a_rate_a_count_of_dwellings_or_of_themes_is_no_concern() -> None:
    others = [
        ("poverty_rate_pct", "personnes"),
        ("vacant_dwellings_count", "logements"),
        ("very_fragile_themes_count", ""),
    ]
    for indicator, base in others:
        assert kinds(withheld([observation(A, 3, indicator=indicator, base=base)], THREE)[0]) == {}


def test_a_sum_that_diagpacte_made_of_public_counts_obeys_the_threshold_too() -> None:
    rows = [observation(A, 9, indicator="fiscal_households_count", base="menages", source_id=OPEN)]
    [mask] = withheld(rows, THREE, derived=keys(make.observations(rows)))[0].to_dict("records")
    assert (mask["kind"], mask["threshold"]) == ("primaire", 11)
    assert "11 ménages" in mask["rule"]


def test_what_producers_published_tells_is_said_once_and_nothing_more_is_withheld() -> None:
    public = [observation(zone, value, source_id=OPEN) for zone, value in ((A, 400), (B, 97), (WHOLE, 500))]
    masks, faults = withheld([observation(C, 3)], THREE, published=public)
    assert kinds(masks) == {C: "primaire"}
    assert len(faults) == 1
    assert C in faults[0].found
    assert "3" not in faults[0].found.replace(C, "")


def test_figures_that_disagree_still_protect_the_small_one() -> None:
    assert three(400, 97, 3, 480) == {C: "primaire", B: "complementaire"}


def test_a_mask_never_says_the_value_it_hides() -> None:
    masks, _ = withheld([observation(A, 400), observation(B, 4217), observation(C, 3), observation(WHOLE, 4620)], THREE)
    assert len(masks) == 2
    text = masks[["rule", "reason"]].to_csv()
    assert not {"400", "4217", "4620"} & set(text.replace(",", " ").split())


# --- the same ground in several territories --------------------------------------------------------------------------


def test_a_departement_less_its_metropole_is_not_told() -> None:
    ground = grounds([(NORD, VINTAGE), (LILLE, VINTAGE)])
    rows = [observation(NORD, 60_003), observation(LILLE, 60_000)]
    assert kinds(withheld(rows, ground)[0]) == {LILLE: "complementaire"}
    assert kinds(withheld([observation(NORD, 60_003), observation(LILLE, 60_003)], ground)[0]) == {}  # nobody elsewhere
    assert kinds(withheld([observation(NORD, 60_005), observation(LILLE, 60_000)], ground)[0]) == {}


def test_the_part_of_a_straddling_epci_in_a_departement_is_not_told() -> None:
    communes = grounds([(STRADDLING, VINTAGE), (NORD, VINTAGE), ("DEP:62", VINTAGE)])
    shared = communes[STRADDLING, VINTAGE]
    assert shared & communes[NORD, VINTAGE]
    assert shared & communes["DEP:62", VINTAGE]
    rest = {("EPCI:900000001", VINTAGE): communes[NORD, VINTAGE] - shared}  # all the other EPCI of the Nord, as one
    rows = [observation(NORD, 10_002), observation("EPCI:900000001", 10_000), observation(STRADDLING, 800)]
    assert kinds(withheld(rows, communes | rest)[0]) == {"EPCI:900000001": "complementaire"}
    rows[0] = observation(NORD, 10_300)  # 300 of the 800 live in the Nord: neither part is small
    assert kinds(withheld(rows, communes | rest)[0]) == {}
    rows[0] = observation(NORD, 10_798)  # 798 of them: the 2 of the Pas-de-Calais are told
    assert set(kinds(withheld(rows, communes | rest)[0])) <= {"EPCI:900000001", STRADDLING}
    assert kinds(withheld(rows, communes | rest)[0])


def test_two_perimeters_that_differ_by_one_commune_do_not_tell_that_commune() -> None:
    """In 2023 Emmerin-like moves: commune 59192 was of 245901152 in 2023, of 200042190 in 2022 and 2024."""
    epci = "EPCI:200042190"
    ground = grounds([(epci, 2023), (epci, 2024)])
    assert len(ground[epci, 2024] - ground[epci, 2023]) == 1
    rows = [observation(epci, 900, geo_vintage=2023), observation(epci, 903, geo_vintage=2024)]
    assert list(withheld(rows, ground)[0]["key"]) == [make.key(epci, 2023)]
    rows = [observation(epci, 900, geo_vintage=2023), observation(epci, 925, geo_vintage=2024)]
    assert not len(withheld(rows, ground)[0])


def test_the_order_of_the_rows_is_indifferent() -> None:
    rows = [observation(zone, value) for zone, value in ((A, 97), (B, 97), (C, 3), (WHOLE, 197))]
    found = [withheld(order, THREE)[0] for order in (rows, rows[::-1])]
    pd.testing.assert_frame_equal(found[0], found[1])
