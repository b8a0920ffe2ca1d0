"""Tables with one line per zone and measure: each value with its cell, each line left out counted."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.settings import default_configs, load_settings
from diagpacte.sources.indicators import IndicatorReading
from diagpacte.sources.long.rules import LongRules
from diagpacte.vocabulary import Availability, Nature
from long_builders import COMMUNE, EPCI, as_sheet, line, long_file, read_lines
from workbook_builders import EPT, PARIS, cell, made, plain, read, rules, values, write_csv, write_xlsx

REAL = "panorama/insee_publies/POP_FILOSOFI_AGE.csv"
RATE = "poverty_rate_pct"


def only(reading: IndicatorReading) -> Any:
    assert len(reading.observations) == 1
    return reading.observations.iloc[0]


def of_severity(reading: IndicatorReading, severity: Severity) -> list[Fault]:
    return [fault for fault in reading.faults if fault.severity is severity]


def skipped(reading: IndicatorReading) -> list[tuple[str, str]]:
    return [(one.place.replace("\u202f", " "), one.reason) for one in reading.skipped]


# --- what is read -----------------------------------------------------------------------------


def test_a_line_gives_its_value_with_the_cell_of_the_value(tmp_path: Path) -> None:
    reading = read_lines(tmp_path, line(), line(FILOSOFI_MEASURE="MED_SL", UNIT_MEASURE="EUR_YR", OBS_VALUE="21340"))
    assert reading.faults == []
    assert skipped(reading) == []
    assert cell(reading, f"EPCI:{EPCI}", "PR_MD60").to_dict() == {
        "zone_code": "EPCI:200000172",
        "indicator": "poverty_rate_pct",
        "year": 2023,
        "base": "personnes",
        "geo_vintage": 2025,
        "value": 12.5,
        "lower": pytest.approx(float("nan"), nan_ok=True),
        "upper": pytest.approx(float("nan"), nan_ok=True),
        "availability": "observed",
        "nature": "undeclared",
        "flag": "",
        "published_code": "PR_MD60",
        "published_text": "12.5",
        "period": "2023",
        "source_id": "panorama",
        "sheet": "",
        "row": 2,
        "column": "I",
    }
    median = cell(reading, f"EPCI:{EPCI}", "MED_SL")
    assert (median["indicator"], median["value"], median["row"]) == ("median_income_eur_year", 21340, 3)


def test_the_wide_name_and_the_long_name_of_a_rate_are_one_indicator(tmp_path: Path) -> None:
    wide = cell(made(tmp_path), "EPCI:200000172", "TP6021")
    long = only(read_lines(tmp_path, line()))
    assert wide["indicator"] == long["indicator"] == RATE
    assert (wide["year"], long["year"]) == (2021, 2023)
    assert wide["base"] == long["base"]


def test_each_published_measure_of_filosofi_has_its_indicator_and_its_unit(tmp_path: Path) -> None:
    expected = {
        "MED_SL": ("median_income_eur_year", "EUR_YR", 20000), "D1_SL": ("income_decile1_eur_year", "EUR_YR", 12000),
        "Q1_SL": ("income_quartile1_eur_year", "EUR_YR", 15000), "Q3_SL": ("income_quartile3_eur_year", "EUR_YR", 28000),
        "D9_SL": ("income_decile9_eur_year", "EUR_YR", 39000), "IR_D9_D1_SL": ("interdecile_ratio", "NR", 3.4),
        "GI_SL": ("gini_index", "NR", 0.289), "NUM_HH": ("fiscal_households_count", "HH", 5000),
        "NUM_PER": ("fiscal_persons_count", "PS", 11000), "S_HH_TAX": ("taxed_households_pct", "PT", 50),
        "S_EI_DI": ("activity_income_share_pct", "PT", 71.2), "S_EI_DI_SAL": ("wage_income_share_pct", "PT", 63),
        "S_EI_DI_UNE": ("unemployment_benefits_income_share_pct", "PT", 2.9),
        "S_EI_DI_N_SAL": ("self_employment_income_share_pct", "PT", 5.3),
        "S_RET_PEN_DI": ("pensions_income_share_pct", "PT", 29), "S_INC_ASS_DI": ("property_income_share_pct", "PT", 9),
        "S_SOC_BEN_DI": ("social_benefits_income_share_pct", "PT", 6),
        "S_SOC_BEN_DI_FAM_BEN": ("family_benefits_income_share_pct", "PT", 2),
        "S_SOC_BEN_DI_MIN_SOC": ("minimum_benefits_income_share_pct", "PT", 2.2),
        "S_SOC_BEN_DI_HOU_BEN": ("housing_benefits_income_share_pct", "PT", 1.8),
        "S_DIR_TAX_DI": ("taxes_income_share_pct", "PT", -14.8),
    }  # fmt: skip
    lines = [
        line(FILOSOFI_MEASURE=measure, UNIT_MEASURE=unit, OBS_VALUE=str(value))
        for measure, (_, unit, value) in expected.items()
    ]
    reading = read_lines(tmp_path, *lines)
    assert reading.faults == []
    table = reading.observations
    read_as = zip(table["published_code"], table["indicator"], table["value"], strict=True)
    assert sorted(read_as) == sorted((measure, name, value) for measure, (name, _, value) in expected.items())


def test_zones_come_with_their_level_whatever_it_is(tmp_path: Path) -> None:
    places = [
        ("EPCI", EPCI), ("EPCI", EPT), ("EPCI", PARIS), ("EPCI", "ZZZZZZZZZ"), ("COM", COMMUNE), ("COM", "2A004"), ("COM", "1004"),
        ("DEP", "84"), ("REG", "84"), ("DEP", "1"), ("FRANCE", "FM"), ("FRANCE", "F"),
    ]  # fmt: skip
    lines = [
        line(GEO_OBJECT=level, GEO=code, TIME_PERIOD=str(2000 + year)) for year, (level, code) in enumerate(places)
    ]
    found = read_lines(tmp_path, *lines)
    assert found.observations.sort_values("year")["zone_code"].tolist() == [
        "EPCI:200000172", "EPT:200057966", "COM:75056", "HORS:FRM", "COM:01004", "COM:2A004", "COM:01004",
        "DEP:84", "REG:84", "DEP:01", "FRM", "FRA",
    ]  # fmt: skip


def test_a_code_may_carry_its_level_and_the_year_of_its_geography(tmp_path: Path) -> None:
    lines = [
        {name: text for name, text in line(GEO=code).items() if name != "GEO_OBJECT"}
        for code in (f"2023-EPCI-{EPCI}", f"2023-COM-{COMMUNE}", "2023-DEP-84", "2023-FRANCE-FM")
    ]
    reading = read(long_file(tmp_path, *lines, columns=tuple(lines[0])))
    assert reading.faults == []
    assert reading.observations["zone_code"].tolist() == ["EPCI:200000172", "COM:01004", "DEP:84", "FRM"]
    assert set(reading.observations["geo_vintage"]) == {2023}
    assert reading.source.geo_vintage == 2023


def test_codes_of_two_geographies_in_one_file_are_refused(tmp_path: Path) -> None:
    lines = [line(GEO=f"2023-EPCI-{EPCI}"), line(GEO=f"2025-EPCI-{EPCI}", TIME_PERIOD="2021")]
    reading = read(long_file(tmp_path, *lines))
    assert reading.observations.empty
    assert [fault.found for fault in of_severity(reading, Severity.BLOCKING)] == ["deux géographies : 2023 et 2025"]


def test_a_code_whose_level_contradicts_the_line_is_a_fault(tmp_path: Path) -> None:
    reading = read_lines(tmp_path, line(), line(GEO="COM-01004", GEO_OBJECT="EPCI"))
    (fault,) = of_severity(reading, Severity.BLOCKING)
    assert (fault.cell, fault.found) == ("B3", "« COM-01004 » n’est pas du niveau « EPCI »")
    assert len(reading.observations) == 1


def test_without_a_geography_nothing_is_read_and_the_file_is_said_to_lack_it(tmp_path: Path) -> None:
    reading = read(long_file(tmp_path, line()))
    assert reading.observations.empty
    assert "géographie non dite" in of_severity(reading, Severity.BLOCKING)[0].found


def test_a_workbook_is_read_as_a_text_file_is_and_a_title_may_stand_above(tmp_path: Path) -> None:
    rows = as_sheet(line(), line(GEO="200000438", OBS_VALUE="7,5"))
    sheets = {"DATA": [["Filosofi"], ["Géographie au 01/01/2024"], *rows, [], ["Source : Insee, invention."]]}
    reading = read(write_xlsx(tmp_path / "long.xlsx", sheets, merged={}))
    assert reading.faults == []
    assert values(reading) == {("EPCI:200000172", RATE, 2023): 12.5, ("EPCI:200000438", RATE, 2023): 7.5}
    assert reading.observations["row"].tolist() == [4, 5]
    assert set(reading.observations["geo_vintage"]) == {2024}
    assert reading.source.title == "Filosofi"
    assert reading.source.note == "Source : Insee, invention."


def test_a_plain_long_table_names_its_variables_by_wide_codes_with_or_without_their_year(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["codgeo", "libgeo", "an", "variable", "valeur"],
        [EPCI, "CC Une", 2021, "TP6021", 8.9],
        [EPCI, "CC Une", 2020, "TP60", 9.1],
        [EPCI, "CC Une", 2022, "Taux de chômage des 15-64 ans", 8.5],
        [EPCI, "CC Une", 2020, "TP6021", 8.8],
    ]
    reading = read(write_csv(tmp_path / "long.csv", rows), geo_vintage=2025)
    assert values(reading) == {
        ("EPCI:200000172", RATE, 2021): 8.9,
        ("EPCI:200000172", RATE, 2020): 9.1,
        ("EPCI:200000172", "unemployment_rate_pct", 2022): 8.5,
    }
    (fault,) = reading.faults
    assert (fault.cell, fault.severity, plain(fault.found)) == (
        "D5", Severity.CHECK, "« TP6021 » sur des lignes de 2020 : 1 ligne",
    )  # fmt: skip


def test_of_several_periods_of_a_year_the_year_itself_or_the_last_is_read(tmp_path: Path) -> None:
    periods = {"2021-T2": 1, "2021-T4": 2, "2021-T3": 3, "2022-12": 4, "2022": 5, "2018-2020": 6}
    lines = [line(TIME_PERIOD=period, OBS_VALUE=str(10 + value)) for period, value in periods.items()]
    reading = read_lines(tmp_path, *lines)
    assert {year: value for (_, _, year), value in values(reading).items()} == {2021: 12, 2022: 15, 2020: 16}
    assert len(skipped(reading)) == 3
    assert ("1 ligne", "période 2021-T3, suivie d’une autre de la même année, qui est lue") in skipped(reading)


def test_the_declared_nature_is_that_of_the_values_and_a_label_may_say_worse(tmp_path: Path) -> None:
    path = long_file(tmp_path, line(), line(FILOSOFI_MEASURE="Taux de chômage des 15-64 ans (valeurs simulées)"))
    reading = read(path, geo_vintage=2025, nature=Nature.REAL)
    assert reading.observations["nature"].tolist() == ["real", "simulated"]


# --- what the columns beside the value say ----------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected", "flag"),
    [
        ({"CONF_STATUS": "C", "OBS_VALUE": ""}, Availability.SECRET, ""),
        ({"CONF_STATUS": "N", "OBS_VALUE": ""}, Availability.SECRET, ""),
        ({"CONF_STATUS": "C", "OBS_STATUS": "O", "OBS_VALUE": ""}, Availability.SECRET, ""),
        ({"CONF_STATUS": "F", "OBS_STATUS": "Q", "OBS_VALUE": ""}, Availability.SECRET, ""),
        ({"OBS_STATUS": "M", "OBS_VALUE": ""}, Availability.NOT_APPLICABLE, ""),
        ({"OBS_STATUS": "L", "OBS_VALUE": ""}, Availability.NOT_AVAILABLE, ""),
        ({"OBS_STATUS": "O", "OBS_VALUE": ""}, Availability.NOT_AVAILABLE, ""),
        ({"OBS_STATUS": "N", "OBS_VALUE": ""}, Availability.NOT_SIGNIFICANT, ""),
        ({"OBS_VALUE": ""}, Availability.EMPTY, ""),
        ({"OBS_VALUE": "s"}, Availability.SECRET, ""),
        ({"OBS_STATUS": "P", "OBS_VALUE": "nd"}, Availability.NOT_AVAILABLE, ""),
        ({"OBS_STATUS": "P"}, Availability.OBSERVED, "p"),
        ({"OBS_STATUS": "E"}, Availability.ESTIMATED, "e"),
        ({"OBS_STATUS": "I"}, Availability.IMPUTED, "i"),
        ({"OBS_STATUS": "B"}, Availability.OBSERVED, "rupture"),
        ({"OBS_STATUS": "", "CONF_STATUS": ""}, Availability.OBSERVED, ""),
        ({"OBS_STATUS": "P", "OBS_VALUE": "12,5 (e)"}, Availability.ESTIMATED, "(e)"),
    ],
)
def test_a_status_explains_an_absence_or_marks_a_value(
    tmp_path: Path, said: dict[str, str], expected: Availability, flag: str
) -> None:
    reading = read_lines(tmp_path, line(**said))
    assert reading.faults == []
    value = only(reading)
    assert (value["availability"], value["flag"]) == (expected, flag)
    assert (value["value"] == 12.5) == (expected in ("observed", "estimated", "imputed"))


@pytest.mark.parametrize(
    ("said", "expected", "kind"),
    [
        ({"CONF_STATUS": "C"}, Availability.SECRET, FaultKind.SECRET),
        ({"OBS_STATUS": "M"}, Availability.NOT_APPLICABLE, FaultKind.VALUE),
    ],
)
def test_a_value_that_its_status_withholds_is_neither_read_nor_repeated(
    tmp_path: Path, said: dict[str, str], expected: Availability, kind: FaultKind
) -> None:
    reading = read_lines(tmp_path, line(OBS_VALUE="13.7", **said), line(TIME_PERIOD="2021"))
    withheld = reading.observations[reading.observations["year"] == 2023].iloc[0]
    assert (withheld["availability"], withheld["published_text"]) == (expected, "")
    assert np.isnan(withheld["value"])
    (fault,) = reading.faults
    assert (fault.severity, fault.kind, fault.cells) == (Severity.CHECK, kind, ("I2",))
    assert "13" not in str(fault)


def test_a_number_that_a_status_withholds_in_a_workbook_is_not_repeated_either(tmp_path: Path) -> None:
    rows = as_sheet(line(CONF_STATUS="C"))
    rows[1][-1] = 13.7
    path = write_xlsx(tmp_path / "long.xlsx", {"DATA": rows}, merged={})
    value = only(read(path, geo_vintage=2025))
    assert (value["availability"], value["published_text"]) == ("secret", "")


def test_a_status_that_no_rule_names_leaves_its_values_unread_and_is_a_fault(tmp_path: Path) -> None:
    reading = read_lines(
        tmp_path, line(), line(TIME_PERIOD="2021", CONF_STATUS="X"), line(TIME_PERIOD="2020", CONF_STATUS="X")
    )
    assert reading.observations["year"].tolist() == [2023]
    (fault,) = of_severity(reading, Severity.BLOCKING)
    assert (fault.found, fault.cells) == ("statut de confidentialité inconnu « X »", ("E3:E4",))


def test_a_power_of_ten_multiplies_the_value_and_leaves_its_text(tmp_path: Path) -> None:
    lines = [
        line(FILOSOFI_MEASURE="NUM_PER", UNIT_MEASURE="PS", UNIT_MULT=power, TIME_PERIOD=year, OBS_VALUE=text)
        for power, year, text in (("3", "2023", "27,91"), ("Milliers", "2022", "27.9"), ("0", "2021", "27905"))
    ]
    table = read_lines(tmp_path, *lines).observations.sort_values("year")
    assert table["value"].tolist() == [27905, 27900, 27910]
    assert table["published_text"].tolist() == ["27905", "27.9", "27,91"]
    unknown = read_lines(tmp_path, line(), line(TIME_PERIOD="2021", UNIT_MULT="douzaines"))
    assert unknown.observations["year"].tolist() == [2023]
    assert of_severity(unknown, Severity.BLOCKING)[0].found == "puissance de dix inconnue « douzaines »"


def test_a_stated_percentage_is_read_as_such_however_small(tmp_path: Path) -> None:
    small = line(OBS_VALUE="0.8")
    assert only(read_lines(tmp_path, small))["value"] == 0.8
    unsaid = read_lines(tmp_path, {**small, "UNIT_MEASURE": ""})
    assert "parts de 0 à 1" in of_severity(unsaid, Severity.BLOCKING)[0].found


def test_an_unknown_unit_is_told_and_a_contrary_one_refused(tmp_path: Path) -> None:
    unknown = read_lines(tmp_path, line(UNIT_MEASURE="XYZ"))
    assert only(unknown)["value"] == 12.5
    assert [(fault.cell, plain(fault.found)) for fault in unknown.faults] == [
        ("D2", "unité inconnue « XYZ » : 1 ligne")
    ]
    contrary = read_lines(tmp_path, line(UNIT_MEASURE="EUR_YR"), line(TIME_PERIOD="2021"))
    assert contrary.observations["year"].tolist() == [2021]
    (fault,) = of_severity(contrary, Severity.BLOCKING)
    assert fault.kind is FaultKind.UNIT
    assert "« PR_MD60 » en « EUR_YR »" in fault.found


def test_an_unreadable_value_is_a_fault_with_its_cell(tmp_path: Path) -> None:
    reading = read_lines(tmp_path, line(), line(TIME_PERIOD="2021", OBS_VALUE="beaucoup"))
    (fault,) = of_severity(reading, Severity.BLOCKING)
    assert (fault.cells, "« beaucoup »" in fault.found) == (("I3",), True)
    assert reading.observations["year"].tolist() == [2023]


# --- what is left out -------------------------------------------------------------------------


def test_levels_that_are_none_of_ours_are_counted_not_read(tmp_path: Path) -> None:
    others = [
        *(line(GEO_OBJECT="ZE2020", GEO=f"00{number:02d}") for number in range(12)),
        line(GEO_OBJECT="ARM", GEO="75101"),
        line(GEO_OBJECT="COM", GEO="75101"),
        line(GEO_OBJECT="FRANCE", GEO="FHM"),
    ]
    reading = read_lines(tmp_path, line(), *others)
    assert reading.faults == []
    assert len(reading.observations) == 1
    assert sorted(skipped(reading)) == [
        ("1 ligne", "arrondissements municipaux, parts d’une commune"),
        ("1 ligne", "niveau « ARM » : arrondissements municipaux, parts d’une commune"),
        ("1 ligne", "« FHM » (niveau « FRANCE ») : aucun de nos ensembles de la France"),
        ("12 lignes", "niveau « ZE2020 » : zones d’emploi"),
    ]


def test_an_unknown_level_and_an_unreadable_code_are_faults_with_their_cells(tmp_path: Path) -> None:
    lines = [
        line(),
        line(GEO_OBJECT="PAYS_LOCAL"),
        line(GEO="20000017"),
        line(GEO=""),
        line(GEO="20000017", TIME_PERIOD="2021"),
    ]
    reading = read_lines(tmp_path, *lines)
    assert sorted(((fault.severity, fault.cells) for fault in reading.faults), key=lambda one: one[1]) == [
        (Severity.CHECK, ("B3",)),
        (Severity.BLOCKING, ("B4", "B6")),
        (Severity.BLOCKING, ("B5",)),
    ]
    assert skipped(reading) == [("1 ligne", "niveau géographique inconnu « PAYS_LOCAL »")]


def test_quarters_are_not_taken_for_epci_where_no_level_is_said(tmp_path: Path) -> None:
    iris = ("010040101", "010040102", "010040201", "010330101")
    rows: list[list[object]] = [["GEO", "an", "variable", "valeur"], *([code, 2021, "TP60", 9.1] for code in iris)]
    reading = read(write_csv(tmp_path / "long.csv", rows), geo_vintage=2025)
    assert reading.observations.empty
    assert skipped(reading) == [("4 lignes", "Iris, niveau qui n’est pas lu")]


def test_an_unknown_measure_is_one_fault_with_the_nearest_however_many_lines_it_has(tmp_path: Path) -> None:
    zones = ("200000172", "200000438", "200000545")
    lines = [line(GEO=zone, FILOSOFI_MEASURE=measure) for zone in zones for measure in ("PR_MD6O", "PR_MD60", "XX_YY")]
    reading = read_lines(tmp_path, *lines)
    assert len(reading.observations) == 3
    near, far = sorted(reading.faults, key=lambda fault: fault.cell)
    assert (near.cell, near.kind, near.severity) == ("A2", FaultKind.COLUMN, Severity.CHECK)
    assert plain(near.found) == "mesure inconnue : « PR_MD6O » : 3 lignes"
    assert near.expected.startswith("par exemple PR_MD60")
    assert (far.cell, far.expected) == ("A4", "une mesure de indicators_long.toml")
    assert ("3 lignes", "mesure inconnue : « XX_YY »") in skipped(reading)


def test_only_totals_of_a_breakdown_are_read_unless_the_dictionary_names_the_category(tmp_path: Path) -> None:
    ages = {"_T": "12.5", "Y_LT30": "19", "Y_GE75": "9", "Y30T54": "11"}
    lines = [
        *(line(AGE_RF=age, SEX="_T", OBS_VALUE=value) for age, value in ages.items()),
        line(AGE_RF="_T", SEX="F", OBS_VALUE="13"),
        line(AGE_RF="Y_LT30", SEX="F", OBS_VALUE="20"),
        line(AGE_RF="Y_LT30", SEX="_T", FILOSOFI_MEASURE="MED_SL", UNIT_MEASURE="EUR_YR", OBS_VALUE="19000"),
    ]
    reading = read_lines(tmp_path, *lines)
    (fault,) = reading.faults
    assert (fault.severity, fault.kind, fault.cell) == (Severity.INFORMATION, FaultKind.COLUMN, "J5")
    assert plain(fault.found) == (
        "4 lignes non lues : ventilation non décrite, par « AGE_RF » (Y30T54, Y_LT30), par « SEX » (F), "
        "par « AGE_RF » et « SEX » (Y_LT30 × F)"
    )
    table = reading.observations
    assert dict(zip(table["published_code"], zip(table["indicator"], table["value"], strict=True), strict=True)) == {
        "PR_MD60": ("poverty_rate_pct", 12.5),
        "PR_MD60 (AGE_RF = Y_LT30)": ("poverty_rate_age_under_30_pct", 19),
        "PR_MD60 (AGE_RF = Y_GE75)": ("poverty_rate_age_75_or_over_pct", 9),
    }
    assert sorted(skipped(reading)) == [
        ("1 ligne", "ventilation non décrite, par « AGE_RF » et « SEX » (Y_LT30 × F)"),
        ("1 ligne", "ventilation non décrite, par « SEX » (F)"),
        ("2 lignes", "ventilation non décrite, par « AGE_RF » (Y30T54, Y_LT30)"),
    ]


def test_the_age_of_persons_is_not_the_age_of_the_household_s_referent(tmp_path: Path) -> None:
    reading = read_lines(tmp_path, line(AGE_GP="Y_LT30"), line(AGE_GP="_T", OBS_VALUE="10"))
    assert only(reading)["value"] == 10


def test_every_line_is_read_or_counted_once(tmp_path: Path) -> None:
    lines = [
        line(), line(GEO_OBJECT="ZE2020", FILOSOFI_MEASURE="XX"), line(FILOSOFI_MEASURE="XX"), line(GEO_OBJECT="ZE2020"),
        line(AGE="Y15", GEO_OBJECT="ZE2020"), line(GEO_OBJECT="IRIS"),
    ]  # fmt: skip
    reading = read_lines(tmp_path, *lines)
    counted = sum(int(place.split()[0]) for place, _ in skipped(reading))
    assert len(reading.observations) + counted == len(lines)


def test_two_lines_for_one_value_are_one_or_a_fault(tmp_path: Path) -> None:
    same = read_lines(tmp_path, line(), line())
    assert [fault.severity for fault in same.faults] == [Severity.INFORMATION]
    assert only(same)["row"] == 2
    other = read_lines(tmp_path, line(), line(OBS_VALUE="13"))
    (fault,) = of_severity(other, Severity.BLOCKING)
    assert (fault.kind, fault.cell) == (FaultKind.DOUBLE, "I2")
    assert "mais « 13 » en I3" in fault.found


def test_names_of_places_are_never_taken_for_codes(tmp_path: Path) -> None:
    named = [
        {
            "Géographie" if name == "GEO" else name: "Massy" if name == "GEO" else text
            for name, text in line(GEO_OBJECT="COM").items()
        }
    ]
    reading = read(long_file(tmp_path, *named, columns=tuple(named[0])), geo_vintage=2025)
    assert reading.observations.empty
    (fault,) = reading.faults
    assert (fault.severity, fault.kind, fault.cells) == (Severity.BLOCKING, FaultKind.ZONE, ("B2",))


def test_a_wide_table_with_a_column_of_codes_is_no_long_table(tmp_path: Path) -> None:
    rows: list[list[object]] = [["CODGEO", "LIBGEO", "TP6021", "Valeur"], [EPCI, "CC Une", 8.9, 3]]
    reading = read(write_csv(tmp_path / "wide.csv", rows), geo_vintage=2025)
    assert values(reading) == {("EPCI:200000172", RATE, 2021): 8.9}


# --- laws -------------------------------------------------------------------------------------

LINES = st.lists(
    st.fixed_dictionaries({
        "FILOSOFI_MEASURE": st.sampled_from(["PR_MD60", "MED_SL", "XX"]),
        "GEO": st.sampled_from([EPCI, "200000438", "01004", "FM", ""]),
        "GEO_OBJECT": st.sampled_from(["EPCI", "COM", "FRANCE", "ZE2020"]),
        "UNIT_MEASURE": st.sampled_from(["", "PT"]),
        "CONF_STATUS": st.sampled_from(["F", "C", ""]),
        "OBS_STATUS": st.sampled_from(["A", "E", "M"]),
        "UNIT_MULT": st.sampled_from(["0", ""]),
        "TIME_PERIOD": st.sampled_from(["2021", "2023"]),
        "OBS_VALUE": st.sampled_from(["", "12.5", "13", "s", "20000"]),
        "SEX": st.sampled_from(["_T", "F"]),
    }),
    min_size=1,
    max_size=12,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(lines=LINES)
def test_a_value_is_that_of_its_own_line(lines: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Line by line, the slow way: what may be read of each, whatever stands beside it."""
    reading = read_lines(tmp_path_factory.mktemp("long"), *lines)
    for found in reading.observations.to_dict("records"):
        said = lines[found["row"] - 2]
        assert said["SEX"] == "_T"
        assert (said["FILOSOFI_MEASURE"], str(found["year"])) == (found["published_code"], said["TIME_PERIOD"])
        assert found["zone_code"] in (said["GEO_OBJECT"] + ":" + said["GEO"], "FRM")
        missing = {"C": "secret"}.get(said["CONF_STATUS"]) or {"M": "not_applicable"}.get(said["OBS_STATUS"])
        marks = {"": "empty", "s": "secret"}
        if missing or said["OBS_VALUE"] in marks:
            assert found["availability"] == (missing or marks[said["OBS_VALUE"]])
            assert np.isnan(found["value"])
        elif said["OBS_VALUE"] == "20000" and said["FILOSOFI_MEASURE"] == "PR_MD60":
            assert (found["availability"], found["flag"]) == ("not_available", "valeur impossible")
        else:
            assert found["value"] == float(said["OBS_VALUE"])
            assert found["availability"] == ("estimated" if said["OBS_STATUS"] == "E" else "observed")


# --- the real file ----------------------------------------------------------------------------


def test_the_real_labelled_file_has_no_codes_and_says_so_once(shared_data: Path) -> None:
    reading = read(shared_data / REAL, geo_vintage=2024)
    assert reading.observations.empty
    (fault,) = reading.faults
    assert (fault.severity, fault.cell, fault.cells) == (Severity.BLOCKING, "A1", ("A2:A393",))
    assert "CODGEO" in fault.remedy
    assert "392 lignes non lues" in plain(fault.found)


def test_the_real_labelled_file_with_a_column_of_codes_gives_every_value_the_dictionary_names(
    shared_data: Path, tmp_path: Path
) -> None:
    """What a person does of it in a spreadsheet: one column more. Its labels and statuses are those of Insee."""
    with (shared_data / REAL).open(encoding="utf-8-sig", newline="") as file:
        published = list(csv.DictReader(file, delimiter=";"))
    names = sorted({row["Géographie"] for row in published if row["Niveau Géo"] == "Commune"})
    codes = {name: f"91{number:03d}" for number, name in enumerate(names, start=1)}
    lines = [{"CODGEO": codes.get(row["Géographie"], "200056232"), **row} for row in published]
    reading = read(long_file(tmp_path, *lines, columns=tuple(lines[0])), geo_vintage=2024)
    ages = {
        "Total": "poverty_rate_pct", "Moins de 30 ans": "poverty_rate_age_under_30_pct",
        "De 30 à 39 ans": "poverty_rate_age_30_39_pct", "De 40 à 49 ans": "poverty_rate_age_40_49_pct",
        "De 50 à 59 ans": "poverty_rate_age_50_59_pct", "De 60 à 74 ans": "poverty_rate_age_60_74_pct",
        "75 ans ou plus": "poverty_rate_age_75_or_over_pct",
    }  # fmt: skip
    expected: dict[tuple[str, str, int], float | str] = {}
    for row in published:
        age, median = row["Tranche d'âge du référent fiscal"], row["Mesures filosofi"].startswith("Niveau de vie")
        if median and age != "Total":
            continue
        code = codes.get(row["Géographie"])
        zone = f"COM:{code}" if code else "EPCI:200056232"
        secret = row["Statut de confidentialité"] == "Confidentiel (secret statistique)"
        key = (zone, "median_income_eur_year" if median else ages[age], 2021)
        expected[key] = "secret" if secret else float(row["Valeur"].replace(",", "."))
    assert len(expected) == 28 * 8
    assert values(reading) == expected
    assert [(fault.severity, fault.cell, fault.found.partition(" :")[0]) for fault in reading.faults] == [
        (Severity.INFORMATION, "D3", "168 lignes non lues")
    ]
    assert skipped(reading) == [
        (
            "168 lignes",
            "ventilation non décrite, par « Tranche d'âge du référent fiscal » (De 40 à 49 ans, De 60 à 74 ans, 75 ans ou plus et 3 autres)",
        )
    ]


# --- the rules --------------------------------------------------------------------------------


def test_every_measure_of_the_rules_is_an_indicator_of_the_dictionary_and_no_unit_is_foreign() -> None:
    settings_read = load_settings(default_configs().parent / "no-workspace")
    known = {indicator.indicator: indicator for indicator in settings_read.indicators}
    said = rules().long
    assert {measure.indicator for measure in said.measures} <= set(known)
    assert {unit for units in said.units.values() for unit in units} <= {one.unit for one in settings_read.indicators}


def test_a_category_that_no_dimension_describes_is_refused() -> None:
    raw = load_settings(default_configs().parent / "no-workspace").layouts["indicators_long"]
    wrong = {**raw, "measures": [{"indicator": RATE, "names": ["X"], "where": {"age_referent": "none"}}]}
    with pytest.raises(ValidationError, match="n’est pas décrit"):
        LongRules.model_validate(wrong)
    with pytest.raises(ValidationError, match="expression régulière illisible"):
        LongRules.model_validate({**raw, "headings": {**raw["headings"], "measure_pattern": "("}})
