"""What figures say against one another: every promise on figures answered by hand, then on the real panoramas."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coherence_builders import EMPTY, FILE, SECRET, count, indicator, observed, profile, said, small_ground
from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.settings import default_configs, load_settings
from diagpacte.sources import reference
from diagpacte.sources.coherence.checking import Known, coherence
from diagpacte.sources.coherence.ground import Ground, ground
from diagpacte.sources.coherence.outliers import NationalCuts, isolated
from diagpacte.sources.coherence.rules import CheckKind, CoherenceCheck, CoherenceRules
from diagpacte.tables import Observations
from diagpacte.workflow.places import zone_codes
from workbook_builders import plain, read

AMONT, STRADDLING, DUNES, BREST, LYON, MONTS = (
    "EPCI:200000001", "EPCI:200000002", "EPCI:200000003", "EPCI:200000004", "EPCI:200046977", "EPCI:200000006",
)  # fmt: skip
SIX = [profile(number) for number in range(1, 7)]
SHARES = [indicator(f"p{number}_{base}", "share") for number in range(1, 7) for base in ("households", "persons")]
HOUSEHOLDS = [f"p{number}_households" for number in range(1, 7)]
PEOPLE, RATE = count("people"), indicator("poverty")


def texts(faults: list[Fault]) -> list[str]:
    return [plain(fault.found) for fault in faults]


def shares(*values: float | str) -> dict[str, float | str]:
    return dict(zip(HOUSEHOLDS, values, strict=True))


# Shares that sum to 100.


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ((27, 18, 11, 10, 17, 17.0), False),
        ((26.6, 18.2, 11.1, 10.1, 17.2, 17.3), False),  # 100,5
        ((26.6, 18.2, 11.1, 10.1, 17.2, 16.2), False),  # 99,4
        ((26.6, 18.2, 11.1, 10.1, 17.2, 17.5), True),  # 100,7
        ((26.6, 18.2, 11.1, 10.1, 17.2, 14.0), True),  # 97,2
        ((26.6, 18.2, SECRET, 10.1, 17.2, SECRET), False),  # 72,1 and two secrets
        ((46.6, 38.2, SECRET, 10.1, 17.2, SECRET), True),  # 112,1 already
    ],
)
def test_six_shares_sum_to_100_and_a_secret_leaves_only_what_is_too_much(
    values: tuple[float | str, ...], broken: bool
) -> None:
    table = observed({AMONT: shares(*values), DUNES: shares(26.6, 18.2, 11.1, 10.1, 17.2, 16.8)})
    found = [fault for fault in said(table, SHARES, profiles=SIX) if "somme" in fault.found]
    assert [fault.cell for fault in found] == (["D7, E7, F7 et 3 autres"] if broken else [])
    assert all(fault.severity is Severity.CHECK and fault.kind is FaultKind.COHERENCE for fault in found)


def test_a_broken_sum_names_its_file_its_zone_and_all_its_cells() -> None:
    low = shares(26.6, 18.2, 11.1, 10.1, 17.2, 14.0)
    (fault,) = said(observed({AMONT: low, DUNES: low}), SHARES, profiles=SIX)
    assert (fault.file, fault.sheet) == (FILE, "EPCI")
    assert fault.cells == ("D7:D8", "E7:E8", "F7:F8", "G7:G8", "H7:H8", "I7:I8")
    assert plain(fault.found) == "somme des 6 profils (ménages) en 2021 : 97,2 pour EPCI 200000001, et 1 autre ligne"
    assert fault.expected == "de 99,4 à 100,6"


def test_shares_printed_without_decimals_may_be_half_a_point_away_each() -> None:
    assert said(observed({AMONT: shares(27, 18, 11, 10, 17, 19)}), SHARES, profiles=SIX) == []  # 102 ± 3
    assert len(said(observed({AMONT: shares(27, 18, 11, 10, 17, 21)}), SHARES, profiles=SIX)) == 1


def test_a_file_with_some_profiles_only_is_not_asked_for_100() -> None:
    assert said(observed({AMONT: {"p1_households": 26.6, "p2_households": 18.2}}), SHARES, profiles=SIX) == []


# Parts and wholes, as data.


def check(kind: str, parts: str, whole: str = "", low: float | None = None, high: float | None = None, **more: object):
    fields = {"check": "un", "same_year": True, "label": "poids", "note": ""} | more
    return CoherenceCheck(kind=CheckKind(kind), parts=tuple(parts.split()), whole=whole, low=low, high=high, **fields)


def test_a_part_is_not_above_its_whole_and_an_equal_one_is_right() -> None:
    poor = count("poor")
    table = observed({AMONT: {"poor": 120, "people": 100}, DUNES: {"poor": 100, "people": 100}})
    (fault,) = said(table, [poor, PEOPLE], checks=[check("rapport", "poor", "people", 0, 1)])
    assert plain(fault.found) == "poids en 2021 : 1,2 pour EPCI 200000001"
    assert fault.cells == ("D7", "E7")


def test_a_part_without_people_is_no_division_by_zero() -> None:
    rows = {AMONT: {"poor": 0, "people": 0}, DUNES: {"poor": 3, "people": 0}, BREST: {"poor": 5, "people": SECRET}}
    (fault,) = said(observed(rows), [count("poor"), PEOPLE], checks=[check("rapport", "poor", "people", 0, 1)])
    assert fault.cells == ("D8", "E8")


def test_poor_persons_by_poor_household_are_at_least_one_and_at_most_eight() -> None:
    asked = [check("rapport", "persons", "households", 1, 8)]
    rows = {AMONT: (90, 100), DUNES: (200, 100), BREST: (810, 100), LYON: (800, 100)}
    table = observed({zone: {"persons": pair[0], "households": pair[1]} for zone, pair in rows.items()})
    (fault,) = said(table, [count("persons"), count("households")], checks=asked)
    assert fault.cells == ("D7", "D9", "E7", "E9")


def test_another_year_of_the_whole_will_do_only_when_the_check_says_so() -> None:
    table = observed({AMONT: {"poor@2021": 120, "people@2019": 100, "people@2013": 1000}})
    indicators = [count("poor"), PEOPLE]
    assert said(table, indicators, checks=[check("rapport", "poor", "people", 0, 1)]) == []
    (fault,) = said(table, indicators, checks=[check("rapport", "poor", "people", 0, 1, same_year=False)])
    assert fault.expected == "de 0 à 1 (l’autre terme est de 2019)"


def test_components_equal_their_total_and_a_negative_one_missing_leaves_nothing_to_say() -> None:
    indicators = [indicator("wages"), indicator("taxes", low=-100.0), indicator("income")]
    asked = [check("ecart", "wages taxes", "income", -0.3, 0.3)]
    rows = {
        AMONT: {"wages": 80.0, "taxes": -14.8, "income": 65.2},
        DUNES: {"wages": 80.0, "taxes": -14.8, "income": 66.2},
        BREST: {"wages": 80.0, "taxes": SECRET, "income": 65.2},
    }
    (fault,) = said(observed(rows), indicators, checks=asked)
    assert fault.cells == ("D8", "E8", "F8")


def test_a_rounded_count_is_wrong_only_beyond_its_rounding() -> None:
    asked = [check("rapport", "poor", "people", 0, 1)]
    within = observed({AMONT: {"poor": (105, 102.5, 107.5), "people": (100, 97.5, 102.5)}})
    beyond = observed({AMONT: {"poor": (105, 103.0, 107.5), "people": (100, 97.5, 102.5)}})
    assert said(within, [count("poor"), PEOPLE], checks=asked) == []
    assert len(said(beyond, [count("poor"), PEOPLE], checks=asked)) == 1


def test_a_censored_part_is_known_on_one_side_only() -> None:
    rows = {AMONT: {"poor": (30, None, 30), "people": (20, None, None)}, DUNES: {"poor": (30, 25, None), "people": 20}}
    (fault,) = said(observed(rows), [count("poor"), PEOPLE], checks=[check("rapport", "poor", "people", 0, 1)])
    assert fault.cells == ("D8", "E8")  # « 30 au plus » may be 20, « 25 au moins » may not
    assert against({BREST: (200, None, 200), "HORS:29": 50, "DEP:29": 100}) == []
    assert len(against({BREST: (200, 200, None), "HORS:29": 50, "DEP:29": 100})) == 1


@settings(max_examples=25)
@given(st.lists(st.floats(0.1, 50), min_size=6, max_size=6))
def test_six_shares_of_any_whole_rounded_to_a_tenth_break_nothing(weights: list[float]) -> None:
    rounded = [round(100 * weight / sum(weights), 1) for weight in weights]
    assert not [f for f in said(observed({AMONT: shares(*rounded)}), SHARES, profiles=SIX) if "somme" in f.found]


# Zones against the row of the level above. 59: AMONT, and 300 of 400 people of STRADDLING; 62: the rest and DUNES.


def against(rows: dict[str, float | str], one=PEOPLE, **options):
    table = observed({zone: {one.indicator: value} for zone, value in rows.items()})
    return [f for f in said(table, [one], **options) if f.kind is FaultKind.COHERENCE]


def test_epci_of_a_departement_without_straddling_add_up_to_its_row() -> None:
    outside = {"HORS:29": 50}
    assert against({BREST: 200, **outside, "DEP:29": 250}) == []
    assert against({BREST: 200, **outside, "DEP:29": 252}) == []  # 0,8 %
    (fault,) = against({BREST: 200, **outside, "DEP:29": 260})
    assert plain(fault.found) == "people en 2021, DEP 29 : somme des EPCI 250, ligne publiée 260 (−3,8 %)"
    assert fault.cells == ("D9",)


def test_a_straddling_epci_is_left_out_and_only_bounds_the_row() -> None:
    parts = {AMONT: 1000, STRADDLING: 400}
    for row, broken in ((1000, False), (1300, False), (1400, False), (980, True), (1420, True)):
        assert bool(against({**parts, "DEP:59": row})) is broken, row


@pytest.mark.parametrize("reason", [SECRET, EMPTY, "not_available"])
def test_a_missing_part_is_never_taken_for_zero(reason: str) -> None:
    assert against({BREST: 200, "HORS:29": reason, "DEP:29": 250}) == []
    (fault,) = against({BREST: 300, "HORS:29": reason, "DEP:29": 250})
    assert "somme des EPCI 300 au moins" in plain(fault.found)
    assert against({BREST: 200, "DEP:29": 250}) == []  # the islands have no row at all
    assert against({BREST: 200, "HORS:29": 50, "DEP:29": reason}) == []


def test_communes_outside_any_epci_given_together_are_of_no_single_departement() -> None:
    islands = {2025: _many({"29": ["200000001", None], "85": ["200000002", None]})}
    parts = {"EPCI:200000001": 200, "HORS:FRM": 60}
    for row, broken in ((200, False), (250, False), (260, False), (300, True), (180, True)):
        assert bool(against({**parts, "DEP:29": row}, grounds=islands)) is broken, row


def test_levels_with_one_code_are_not_one_place() -> None:
    rows = {LYON: 900, MONTS: 100, "DEP:69": 1000, "REG:84": 1000}
    assert against(rows) == []
    assert len(against({**rows, "REG:84": 2000})) == 1
    assert [plain(f.found).split(",")[1] for f in against({**rows, "REG:84": 2000})] == [
        " REG 84 : somme des départements 1000"
    ]


@pytest.mark.parametrize(
    ("code", "parts", "total"),
    [
        ("CTCD:69M", {LYON: 900}, 900),
        ("CTCD:69D", {MONTS: 100}, 100),
        ("CTCD:6AE", {"EPCI:200000009": 110, "EPCI:200000010": 120}, 230),
        ("CTCD:20R", {"EPCI:200000007": 40, "EPCI:200000008": 50}, 90),
    ],
)
def test_a_collectivite_is_its_own_communes(code: str, parts: dict[str, float], total: float) -> None:
    elsewhere = {"EPCI:200000011": 130.0}
    assert against({**parts, **elsewhere, code: total}) == []
    (fault,) = against({**parts, **elsewhere, code: total * 2})
    assert code.replace(":", " ") in plain(fault.found)


def test_grand_paris_counts_by_its_ept_and_paris_or_as_one_epci_never_both() -> None:
    ept = {"EPT:200057990": 90, "EPT:200058014": 90, "COM:75056": 2000}
    assert against({**ept, "DEP:92": 90}) == []
    assert against({**ept, "EPCI:200054781": 2180, "DEP:92": 90}) == []
    assert len(against({**ept, "DEP:92": 100})) == 1
    assert len(against({**ept, "DEP:75": 2100})) == 1
    assert against({"EPCI:200054781": 2180, "DEP:92": 90, "DEP:75": 2000}) == []  # over several départements
    assert len(against({"EPCI:200054781": 2180, "DEP:92": 9000})) == 1  # more than the whole of Grand Paris


def test_rounded_parts_widen_what_is_possible_by_their_own_rounding() -> None:
    table = {BREST: (200, 180.0, 220.0), "HORS:29": (50, 45.0, 55.0)}
    assert against({**table, "DEP:29": 270}) == []
    assert len(against({**table, "DEP:29": 285})) == 1


def test_a_rate_of_a_departement_is_between_those_of_its_epci() -> None:
    rows = {BREST: 10.0, "HORS:29": 14.0}
    assert against({**rows, "DEP:29": 10.4}, RATE) == []
    (fault,) = against({**rows, "DEP:29": 15.0}, RATE)
    assert "ligne publiée 15, hors des valeurs de ses EPCI (de 10 à 14)" in plain(fault.found)
    assert against({BREST: 10.0, "HORS:29": SECRET, "DEP:29": 15.0}, RATE) == []


def test_a_rate_is_not_judged_where_straddling_zones_are_many_people() -> None:
    assert against({AMONT: 10.0, STRADDLING: 12.0, "DEP:59": 25.0}, RATE) == []  # 300 of 1,300 people


def test_a_ratio_of_deciles_of_a_whole_may_be_outside_those_of_its_parts() -> None:
    ratio = indicator("ratio", "index", "ratio")
    assert against({BREST: 2.5, "HORS:29": 2.7, "DEP:29": 3.4}, ratio) == []


def test_the_row_of_another_file_is_compared_too_and_the_fault_is_its_own() -> None:
    parts = observed({BREST: {"people": 200}, "HORS:29": {"people": 50}}, source_id="epci.csv")
    whole = observed({"DEP:29": {"people": 300}}, source_id="departements.csv")
    (fault,) = [f for f in said([parts, whole], [PEOPLE]) if f.kind is FaultKind.COHERENCE]
    assert (fault.file, fault.cell) == ("departements.csv", "D7")


def test_two_regions_of_one_panorama_do_not_tell_twice_what_they_share() -> None:
    one = observed({BREST: {"people": 200}, "HORS:29": {"people": 50}, "DEP:29": {"people": 300}}, source_id="a.xlsx")
    other = observed({BREST: {"people": 200}, "HORS:29": {"people": 50}, "DEP:29": {"people": 300}}, source_id="b.xlsx")
    assert [f.file for f in said([one, other], [PEOPLE]) if f.kind is FaultKind.COHERENCE] == ["b.xlsx"]


# Zones.


def test_an_epci_is_missing_where_most_of_its_departement_is_there_and_only_there() -> None:
    three = {"200000001": "59", "200000002": "59", "200000003": "62"}
    held = {f"EPCI:{code}": {"people": 1} for code in three}
    assert said(observed(held), [PEOPLE]) == []  # 29, 69… are not there at all: another region's file
    alone = {"EPCI:200000009": {"people": 1}}
    assert said(observed(alone), [PEOPLE]) == []  # 67 is whole, 68 is another département


def _many(departments: dict[str, list[str | None]]) -> Ground:
    rows = [
        (f"{dep}{number:03d}", epci, dep) for dep, list_ in departments.items() for number, epci in enumerate(list_, 1)
    ]
    communes = pd.DataFrame(rows, columns=["code", "epci", "department"]).assign(ept=None, region="32", population=100)
    grouped = pd.DataFrame({"kind": "EPCI", "code": communes["epci"].dropna().unique(), "name": "Au Nom"})
    return ground(communes, grouped)  # type: ignore[arg-type]


def test_an_epci_partly_in_a_departement_that_the_file_leaves_out_is_not_asked_for() -> None:
    both = "200000009"
    codes = {"59": ["200000001", "200000002", both], "62": [both, "200000003", "200000004"]}
    north = {f"EPCI:{code}": {"people": 1} for code in ("200000001", "200000002")}
    whole = north | {f"EPCI:{code}": {"people": 1} for code in ("200000003", "200000004")}
    assert said(observed(north), [PEOPLE], grounds={2025: _many(codes)}) == []
    assert "EPCI 200000009" in said(observed(whole), [PEOPLE], grounds={2025: _many(codes)})[0].found


def test_a_missing_epci_is_named_once_with_the_sheets_that_lack_it() -> None:
    codes = {dep: [f"2{dep}00000{i}" for i in range(5)] for dep in ("59", "62")}
    rows = {f"EPCI:{code}": {"people": 1} for code in (*codes["59"][:4], *codes["62"][:2])}
    tables = [observed(rows, sheet=sheet) for sheet in ("Profils", "Facteurs")]
    tables[1] = Observations(tables[1].assign(indicator="poverty"))
    both = Observations(pd.concat(tables, ignore_index=True))
    (fault,) = said(both, [PEOPLE, RATE], grounds={2025: _many(codes)})
    assert plain(fault.found) == (
        "1 EPCI de la géographie 2025 sans aucune ligne, alors que leurs voisins en ont : "
        "EPCI 259000004 (Au Nom) (de même dans « Facteurs »)"
    )
    assert (fault.sheet, fault.kind, fault.severity) == ("Profils", FaultKind.ZONE, Severity.CHECK)


def test_a_departement_is_missing_among_those_of_its_region_unless_a_collectivite_stands_for_it() -> None:
    here = {2025: small_ground(**{"59": "44", "62": "44", "67": "44", "68": "44"})}  # one region of four
    three = {f"DEP:{code}": {"people": 1} for code in ("59", "62", "67")}
    assert "1 département de la géographie 2025" in plain(said(observed(three), [PEOPLE], grounds=here)[0].found)
    alsace = {f"{code}": {"people": 1} for code in ("DEP:59", "DEP:62", "CTCD:6AE")}
    assert said(observed(alsace), [PEOPLE], grounds=here) == []


def test_a_zone_without_a_value_where_others_have_several_is_said_and_secrets_are_only_an_information() -> None:
    rows = {
        AMONT: {"people": 1, "poverty": SECRET, "jobs": 3.0, "homes": 4.0},
        DUNES: {"people": "not_available", "poverty": EMPTY, "jobs": EMPTY, "homes": SECRET},
        BREST: {"people": SECRET, "poverty": SECRET, "jobs": SECRET, "homes": "not_applicable"},
        "HORS:29": {"people": EMPTY, "poverty": EMPTY, "jobs": EMPTY, "homes": EMPTY},
    }
    indicators = [PEOPLE, RATE, indicator("jobs"), indicator("homes")]
    assert [(f.severity, f.cells, plain(f.found)) for f in said(observed(rows), indicators)] == [
        (Severity.CHECK, ("D8", "E8", "F8", "G8"), "1 zone sans aucune valeur : EPCI 200000003"),
        (Severity.INFORMATION, ("D9", "E9", "F9", "G9"), "1 zone sans aucune valeur : EPCI 200000004"),
    ]
    one_column = {zone: {"people": values["people"]} for zone, values in rows.items()}
    assert said(observed(one_column), indicators) == []


def test_codes_of_another_1_january_are_told_with_the_year_that_knows_them() -> None:
    known = {year: {AMONT, DUNES} | ({BREST} if year <= 2021 else set()) for year in range(2019, 2027)}
    table = observed({zone: {"people": 1} for zone in (AMONT, DUNES, BREST)})
    (fault,) = said(table, [PEOPLE], known_zones=known.__getitem__)
    assert plain(fault.found) == (
        "1 code inconnu au 1er janvier 2025 (EPCI 200000004) ; au 1er janvier 2019 ou 2020 ou 2021, tous existent"
    )
    assert said(observed({AMONT: {"people": 1}}), [PEOPLE], known_zones=known.__getitem__) == []
    nowhere = observed({AMONT: {"people": 1}, MONTS: {"people": 1}})
    assert said(nowhere, [PEOPLE], known_zones=known.__getitem__) == []  # no year does better: not a vintage


# Values that stand alone.


def column(values: dict[str, float], national=None, one=RATE, rest: float = 12.0, zones: int = 80, **options):
    codes = [f"EPCI:2{number:08d}" for number in range(zones)]
    spread = {code: {one.indicator: rest + number % 9 - 4} for number, code in enumerate(codes)}
    changed = {codes[int(place)]: {one.indicator: value} for place, value in values.items()}
    return said(
        observed({**spread, **changed}), [one], national=national, grounds=options.pop("grounds", {}), **options
    )


def test_a_column_without_gap_says_nothing() -> None:
    assert column({}) == []
    assert column({"3": 20.0, "4": 35.0}) == []  # high, with a step of less than three times


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.12, "100 fois plus petit que les autres : pourcentage écrit en part (0 à 1) ?"),
        (1.2, "10 fois plus petit que les autres : virgule déplacée ou autre unité ?"),
        (1200, "100 fois plus grand que les autres : virgule oubliée ou autre unité ?"),
        (120, "10 fois plus grand que les autres : virgule oubliée ou autre unité ?"),
        (70, ""),
    ],
)
def test_a_value_far_from_all_the_others_is_said_and_a_slip_of_the_comma_is_named(value: float, words: str) -> None:
    (fault,) = column({"7": value})
    assert (fault.cell, fault.kind, fault.severity) == ("D14", FaultKind.COHERENCE, Severity.CHECK)
    shown = f"{value:g}".replace(".", ",")
    assert plain(fault.found) == f"« poverty » en 2021 : {shown}" + (f", {words}" if words else "")
    assert fault.expected == "comme les 79 autres EPCI, de 8 à 16"


def test_several_values_in_another_unit_are_all_named() -> None:
    (fault,) = column({str(place): 0.12 for place in range(20)})
    assert fault.cells == ("D7:D26",)


def test_france_and_the_national_bounds_are_given_beside() -> None:
    cuts = {"poverty": [NationalCuts(2021, (10, 16.5, 21.5))]}
    codes = {f"EPCI:2{number:08d}": {"poverty": 8.0 + number % 9} for number in range(80)}
    table = observed({**codes, "EPCI:200000007": {"poverty": 0.12}, "FRM": {"poverty": 14.9}})
    (fault,) = said(table, [RATE], national=cuts, grounds={})
    assert fault.expected == (
        "comme les 79 autres EPCI, de 8 à 16 ; France métropolitaine : 14,9 ; "
        "la moitié des EPCI de France de 10 à 16,5 en 2021"
    )


def test_a_small_file_is_judged_by_the_national_bounds() -> None:
    cuts = {"poverty": [NationalCuts(2021, (10, 16.5, 21.5))]}
    assert column({"3": 5.0, "4": 36.2}, cuts, zones=12) == []
    (fault,) = column({"3": 0.12}, cuts, zones=12)
    assert "pourcentage écrit en part (0 à 1) ?" in plain(fault.found)
    (fault,) = column({"3": 99.0}, cuts, zones=12)
    assert fault.expected.startswith("plus de 1,25, moins de 86")


def test_falling_bounds_are_read_the_other_way() -> None:
    cuts = {"jobs": [NationalCuts(2022, (100, 60, 42))]}
    one = indicator("jobs", "index", "index")
    assert column({"3": 22.7, "4": 183.6}, cuts, one, rest=80, zones=12) == []
    assert len(column({"3": 8.0}, cuts, one, rest=80, zones=12)) == 1


def test_overseas_is_not_judged_by_metropolitan_bounds() -> None:
    cuts = {"poverty": [NationalCuts(2021, (10, 16.5, 21.5))]}
    reunion, north = observed({"EPCI:200000011": {"poverty": 90.0}}), observed({AMONT: {"poverty": 90.0}})
    assert said(reunion, [RATE], national=cuts) == []
    assert len(said(north, [RATE], national=cuts)) == 1


def test_counts_and_degrees_are_not_judged_by_their_size() -> None:
    assert column({"7": 12_000_000}, one=PEOPLE) == []
    assert column({"7": 2.0}, one=indicator("grade", "grade", "grade"), rest=4.0) == []


def test_an_indicator_that_changes_sign_is_judged_by_differences() -> None:
    growth = indicator("growth", "rate", "pct_year", low=-100.0)
    assert column({"7": 4.9}, one=growth, rest=0.0) == []
    assert len(column({"7": 60.0}, one=growth, rest=0.0)) == 1


@given(st.lists(st.floats(1, 2.9), min_size=50, max_size=200))
def test_no_value_within_the_ratio_of_all_the_others_is_isolated(values: list[float]) -> None:
    assert not isolated(np.array(values), CoherenceRules()).any()


@given(st.lists(st.floats(5, 14.9), min_size=50, max_size=120), st.floats(1e-3, 1.6), st.integers(0, 49))
def test_one_value_far_below_is_found_wherever_it_stands(values: list[float], low: float, place: int) -> None:
    changed = np.array(values)
    changed[place] = low
    found = np.flatnonzero(isolated(changed, CoherenceRules()))
    spread = np.subtract(*np.quantile(changed, (0.75, 0.25)))
    expected = [place] if np.sort(changed)[1] - low >= 0.25 * spread else []
    assert found.tolist() == expected


# The dictionary, and the real files.


@cache
def known() -> Known:
    settings = load_settings(default_configs().parent / "no-workspace")
    national: dict[str, list[NationalCuts]] = {}
    for row in settings.breaks:
        if row.nature != "simulated":
            national.setdefault(row.indicator, []).append(NationalCuts(row.year, row.bounds))
    return Known(settings.indicators, settings.profiles, settings.coherence_checks, national)


def test_every_check_names_indicators_of_the_dictionary_and_can_be_broken() -> None:
    names = {one.indicator for one in known().indicators}
    for row in known().checks:
        assert {*row.parts, *filter(None, [row.whole])} <= names, row.check
        assert (row.kind is CheckKind.SUM) is (row.whole == ""), row.check
        assert row.low is not None or row.high is not None, row.check
        assert row.label, row.check


FRANCE_SERVICES = (
    "à vérifier · Facteurs_EPCI!AC67 AC315 AC466 AC1040 AC1068 · "
    "« Distance à la France services la plus proche » en 2024 : 174,8 ; 87,9 ; 82,6 et 2 autres"
)
PARIS_HOUSES = (
    "à vérifier · References!{} · Prix médian des maisons en 2024, DEP 75 : "
    "ligne publiée 13 587, hors des valeurs de ses EPCI (12 244)"
)
# File, geography, what is said of it. Nothing else is, and nothing blocks.
REAL = [
    ("panorama_pauvrete_reel_2021.xlsx", 2025, [FRANCE_SERVICES, PARIS_HOUSES.format("AQ82")]),
    ("panorama_pauvrete_IDF_2021_ept.xlsx", 2025, [PARIS_HOUSES.format("AQ7")]),
    ("panorama_pauvrete_IDF_2021_mgp.xlsx", 2025, []),
    ("panorama_pauvrete_ARA_2021.xlsx", 2025, []),
    ("panorama_pauvrete_ARA_2021_profils.csv", 2025, []),
    ("panorama_pauvrete_ARA_2021_facteurs.csv", 2025, []),
    ("insee_publies/FILO2019_DISP_Pauvres_COM.xlsx", 2020, []),
    ("insee_publies/FILO2019_DISP_EPCI.csv", 2020, []),
    ("insee_publies/FILO2018_DISP_EPCI.csv", 2019, []),
    ("insee_publies/FILO2019_DISP_DEP.csv", 2020, []),
    ("insee_publies/FILO2018_DISP_DEP.csv", 2019, []),
]


@cache
def france(vintage: int) -> Ground:
    return ground(reference.communes(vintage), reference.intercommunalities(vintage))


@cache
def real(path: Path, vintage: int) -> Observations:
    return read(path, geo_vintage=vintage if path.suffix == ".csv" else None).observations


def judged(table: Observations, vintage: int) -> list[Fault]:
    return coherence([table], table, {"panorama": "panorama"}, known(), {vintage: france(vintage)}, zone_codes)


@pytest.mark.parametrize(("file", "vintage", "wanted"), REAL, ids=[line[0] for line in REAL])
def test_real_files_are_told_only_what_deserves_a_look(
    shared_data: Path, file: str, vintage: int, wanted: list[str]
) -> None:
    found = judged(real(shared_data / "panorama" / file, vintage), vintage)
    assert [f"{f.severity} · {f.sheet}!{' '.join(f.cells)} · {plain(f.found)}" for f in found] == wanted


def test_epci_and_departements_of_two_filosofi_files_agree(shared_data: Path) -> None:
    folder = shared_data / "panorama" / "insee_publies"
    tables = [
        Observations(real(folder / f"FILO2019_DISP_{level}.csv", 2020).assign(source_id=level))
        for level in ("EPCI", "DEP")
    ]
    kept = Observations(pd.concat(tables, ignore_index=True))
    assert coherence(tables, kept, {}, known(), {2020: france(2020)}) == []


def _spoiled(table: Observations, zone: str, code: str, factor: float) -> Observations:
    here = table["zone_code"].eq(zone) & table["published_code"].eq(code)
    assert here.sum() == 1
    return Observations(table.assign(value=table["value"].where(~here, table["value"] * factor)))


@pytest.mark.parametrize(
    ("zone", "code", "factor", "words"),
    [
        ("EPCI:200000172", "TP6021", 0.01, "100 fois plus petit"),
        ("EPCI:200000172", "TXCHOM22", 0.01, "100 fois plus petit"),
        ("EPCI:200000172", "MED21", 10, "10 fois plus grand"),
        ("EPCI:200000172", "P1_MEN21", 2, "somme des 6 profils"),
        ("EPCI:200000172", "NBPERSPAUV21", 10, "personnes pauvres par ménage pauvre"),
        ("EPCI:200000172", "NBPERSMENFISC19", 0.1, "personnes par ménage fiscal"),
        ("DEP:09", "P23_POP", 1.1, "DEP 09 : somme des EPCI 155 722"),
        ("DEP:38", "TP6021", 5, "DEP 38 : ligne publiée"),
        ("REG:84", "P23_POP", 2, "REG 84 : somme des départements"),
    ],
)
def test_a_slip_planted_in_the_national_panorama_is_found(
    shared_data: Path, zone: str, code: str, factor: float, words: str
) -> None:
    table = real(shared_data / "panorama" / "panorama_pauvrete_reel_2021.xlsx", 2025)
    before, after = judged(table, 2025), judged(_spoiled(table, zone, code, factor), 2025)
    new = [plain(f.found) for f in after if f not in before]
    assert any(words in text for text in new), new
    assert len(new) <= 4, new


def test_one_lost_row_of_the_national_panorama_is_named(shared_data: Path) -> None:
    table = real(shared_data / "panorama" / "panorama_pauvrete_reel_2021.xlsx", 2025)
    lost = Observations(table[table["zone_code"].ne("EPCI:200000172")].reset_index(drop=True))
    found = [plain(f.found) for f in judged(lost, 2025)]
    assert [text for text in found if re.search(r"1 EPCI .* EPCI 200000172 \(CC Faucigny", text)]


def test_a_panorama_of_2020_said_to_be_of_2025_is_told_so(shared_data: Path) -> None:
    table = real(shared_data / "panorama" / "insee_publies" / "FILO2019_DISP_EPCI.csv", 2020)
    said_2025 = Observations(table.assign(geo_vintage=2025))
    found = [plain(f.found) for f in judged(said_2025, 2025) if f.kind is FaultKind.ZONE]
    assert [text for text in found if "au 1er janvier 2020, tous existent" in text]
