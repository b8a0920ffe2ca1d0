"""Any table of indicators: Cnaf, Drees, Dares, census, « statistiques locales », read by the same way as a panorama.

Builders are in table_builders.py; every expected value is copied here by hand from the figure it stands for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import table_builders as make
from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.indicators import IndicatorReading
from workbook_builders import Rows, cell, faults, plain, read, values, write_csv

MARKS = {"not_available", "secret", "empty"}


def only(reading: IndicatorReading, indicator: str) -> dict[tuple[str, int], Any]:
    """Zone and year → value, or why there is none, of one indicator."""
    return {(zone, year): value for (zone, name, year), value in values(reading).items() if name == indicator}


def told(reading: IndicatorReading) -> list[tuple[str, str]]:
    """Cell and text of every fault to check or blocking."""
    return [(one.cell, plain(one.found)) for one in reading.faults if one.severity is not Severity.INFORMATION]


# --- Cnaf ---------------------------------------------------------------------------------------


def test_counts_of_the_cnaf_are_read_for_every_commune_and_year(tmp_path: Path) -> None:
    reading = read(make.caf_communes(tmp_path / "caf.csv"), geo_vintage=2025)
    assert only(reading, "rsa_units_count") == {
        ("COM:97120", 2023): 1890, ("COM:97302", 2023): 4405, ("COM:97356", 2023): 20, ("COM:97611", 2023): 1085,
        ("COM:97209", 2023): 6710, ("COM:38185", 2023): 5995,
        ("COM:97120", 2024): 1835, ("COM:97302", 2024): 4390, ("COM:97356", 2024): 20, ("COM:97611", 2024): 1120,
        ("COM:97209", 2024): 6545, ("COM:38185", 2024): 5940,
    }  # fmt: skip
    assert len(reading.observations) == 2 * 6 * 6


def test_a_small_count_left_blank_is_empty_and_a_nought_is_a_nought(tmp_path: Path) -> None:
    reading = read(make.caf_communes(tmp_path / "caf.csv"), geo_vintage=2025)
    assert only(reading, "activity_bonus_units_count")[("COM:97356", 2024)] == "empty"
    assert only(reading, "housing_aid_units_count")[("COM:97356", 2024)] == 0
    assert only(reading, "rsa_persons_count")[("COM:97356", 2023)] == "empty"
    assert only(reading, "rsa_persons_count")[("COM:97356", 2024)] == 95


def test_households_persons_and_recipients_are_three_bases(tmp_path: Path) -> None:
    found = read(make.caf_communes(tmp_path / "caf.csv"), geo_vintage=2025).observations
    bases = found.groupby("indicator")["base"].agg(set).to_dict()
    assert bases == {
        "recipient_units_count": {"foyers"}, "recipient_persons_count": {"personnes"}, "rsa_units_count": {"foyers"},
        "rsa_persons_count": {"personnes"}, "activity_bonus_units_count": {"foyers"}, "housing_aid_units_count": {"foyers"},
    }  # fmt: skip


def test_a_value_of_a_dated_row_keeps_its_cell_its_period_and_its_heading(tmp_path: Path) -> None:
    found = read(make.caf_communes(tmp_path / "caf.csv"), geo_vintage=2025).observations
    one = found[found["zone_code"].eq("COM:97611") & found["indicator"].eq("rsa_units_count") & found["year"].eq(2024)]
    assert one.iloc[0][["row", "column", "period", "published_code", "published_text", "nature"]].to_dict() == {
        "row": 12, "column": "G", "period": "2024-12", "published_code": "Nombre foyers RSA", "published_text": "1120",
        "nature": "undeclared",
    }  # fmt: skip


def test_what_is_not_read_of_the_cnaf_is_said_once(tmp_path: Path) -> None:
    reading = read(make.caf_communes(tmp_path / "caf.csv"), geo_vintage=2025)
    assert told(reading) == [
        ("F1", "colonne inconnue : « Montant total NDUR »"),
        ("B16", "ligne de valeurs sans code ni libellé"),
    ]
    assert {(one.place, one.reason) for one in reading.skipped} == {
        ("B8, B15", "arrondissements municipaux, parts d’une commune : ils ne sont pas lus"),
        ("colonne F", "colonne inconnue : « Montant total NDUR »"),
        ("B16", "ligne de valeurs sans code ni libellé"),
    }


def test_technical_names_are_the_same_indicators_by_epci(tmp_path: Path) -> None:
    reading = read(make.caf_epci(tmp_path / "caf.csv"), geo_vintage=2025)
    assert told(reading) == []
    assert only(reading, "recipient_units_count") == {
        ("EPCI:200018653", 2024): 17930, ("EPCI:249730045", 2024): 23815, ("EPCI:200050532", 2024): 2190,
        ("EPCI:249740119", 2024): 52610, ("EPCI:200040715", 2024): 91515,
    }  # fmt: skip
    assert only(reading, "disability_aid_units_count")[("EPCI:200050532", 2024)] == "empty"


def test_of_several_months_the_last_of_the_year_is_read_and_the_others_are_said(tmp_path: Path) -> None:
    reading = read(make.caf_departments(tmp_path / "caf.csv"), geo_vintage=2025)
    assert only(reading, "rsa_units_count") == {
        ("DEP:971", 2024): 37945, ("DEP:973", 2024): 21940, ("DEP:976", 2024): 6180, ("DEP:38", 2024): 17450,
    }  # fmt: skip
    assert only(reading, "lone_parent_support_units_count")[("DEP:976", 2024)] == 0
    assert ("lignes 2, 3", "Date référence 2024-11 : la dernière de 2024, 2024-12, est lue") in {
        (one.place, one.reason) for one in reading.skipped
    }


def test_rows_that_no_row_sums_up_are_refused_with_their_cells(tmp_path: Path) -> None:
    reading = read(make.caf_rsa_types(tmp_path / "rsa.csv"), geo_vintage=2025)
    (fault,) = [one for one in faults(reading, Severity.CHECK) if one.kind is FaultKind.DOUBLE]
    assert (fault.cells, plain(fault.found)) == (
        ("D2:D5",),
        "lignes non lues : plusieurs pour une zone, que « Type RSA » distingue (« RSA non majoré », « RSA majoré ») sans ligne de total",
    )
    assert reading.observations.empty


def test_places_for_children_are_an_offer_read_year_by_year(tmp_path: Path) -> None:
    reading = read(make.childcare_epci(tmp_path / "places.csv"), geo_vintage=2025)
    assert only(reading, "childcare_places_per_100") == {
        ("EPCI:249730045", 2022): 18.4, ("EPCI:249730045", 2023): 19.1, ("EPCI:200018653", 2023): 62.5,
    }  # fmt: skip


# --- Drees ----------------------------------------------------------------------------------------


def test_long_headings_of_the_drees_are_read_with_the_year_of_their_sheet(tmp_path: Path) -> None:
    reading = read(make.drees_apl(tmp_path / "apl.xlsx"))
    assert told(reading) == []
    assert only(reading, "gp_accessibility_consultations_year") == {
        ("COM:97302", 2022): 2.114, ("COM:97411", 2022): 4.401,
        ("COM:38185", 2023): 3.902, ("COM:97120", 2023): 4.018, ("COM:97302", 2023): 2.032, ("COM:97356", 2023): 0,
        ("COM:97411", 2023): 4.355,
    }  # fmt: skip
    assert only(reading, "gp_65_or_under_accessibility_consultations_year")[("COM:97302", 2023)] == 1.84
    assert set(reading.observations["geo_vintage"]) == {2023}


def test_a_year_in_a_heading_wins_over_that_of_the_sheet(tmp_path: Path) -> None:
    reading = read(make.drees_apl(tmp_path / "apl.xlsx"))
    assert only(reading, "gp_standardised_population_count") == {
        ("COM:97302", 2020): 56120.5, ("COM:97411", 2020): 141877.25,
        ("COM:38185", 2021): 158890.1, ("COM:97120", 2021): 14890.3, ("COM:97302", 2021): 57001.4,
        ("COM:97356", 2021): 1502.6, ("COM:97411", 2021): 142300.75,
    }  # fmt: skip
    assert only(reading, "total_population_count")[("COM:38185", 2021)] == 158198


def test_units_total_and_arrondissements_of_the_drees_are_no_zone(tmp_path: Path) -> None:
    reading = read(make.drees_apl(tmp_path / "apl.xlsx"))
    assert {("APL 2022", "ligne 10"), ("APL 2023", "ligne 10"), ("APL 2023", "A17"), ("APL 2023", "A12")} <= {
        (one.sheet, one.place) for one in reading.skipped
    }
    assert "Source : Drees." in reading.source.note
    assert not any(zone.startswith("COM:976") for zone in reading.observations["zone_code"])  # nothing is made up


# --- Dares ----------------------------------------------------------------------------------------


def test_job_seekers_are_the_total_of_sexes_and_ages_never_a_part(tmp_path: Path) -> None:
    reading = read(make.dares_job_seekers(tmp_path / "defm.csv"), geo_vintage=2024)
    assert only(reading, "job_seekers_count") == {
        ("COM:97302", 2023): 7445, ("COM:97302", 2024): 7520, ("COM:97611", 2024): 9130, ("COM:38185", 2024): 14395,
    }  # fmt: skip
    assert faults(reading) == []
    assert "ligne de total ou de résumé, sans périmètre : « Total »" in {plain(one.reason) for one in reading.skipped}
    parts = [one for one in reading.skipped if one.reason.startswith("détail d’un total")]
    assert [(one.place, plain(one.reason)) for one in parts] == [
        ("lignes 3, 9, 12 et 1 autre", "détail d’un total (Sexe = Hommes) : seul le total est lu"),
        ("lignes 4, 10, 13 et 1 autre", "détail d’un total (Sexe = Femmes) : seul le total est lu"),
        ("ligne 6", "détail d’un total (Tranche d'âge = Moins de 25 ans) : seul le total est lu"),
        ("ligne 7", "détail d’un total (Tranche d'âge = De 25 à 49 ans) : seul le total est lu"),
        ("ligne 8", "détail d’un total (Tranche d'âge = 50 ans et plus) : seul le total est lu"),
    ]


def test_a_table_of_women_alone_is_never_read_as_everybody(tmp_path: Path) -> None:
    table: Rows = [["codgeo", "libgeo", "an", "sexe", "tx_chom1564"], ["97302", "Cayenne", 2021, "F", "23,9"]]
    reading = read(write_csv(tmp_path / "chomage.csv", table), geo_vintage=2023)
    assert reading.observations.empty
    assert next(plain(one.reason) for one in reading.skipped) == "détail d’un total (sexe = F) : seul le total est lu"


def test_a_rate_by_sex_and_year_is_read_where_it_is_of_both(tmp_path: Path) -> None:
    table: Rows = [
        ["codgeo", "libgeo", "an", "sexe", "tx_chom1564"],
        *(["97302", "Cayenne", year, sex, rate] for year, sex, rate in (
            (2015, "F", "27,8"), (2015, "H", "21,0"), (2015, "T", "24,5"), (2021, "T", "21,7"), (2021, "F", "23,9"))),
    ]  # fmt: skip
    reading = read(write_csv(tmp_path / "chomage.csv", table), geo_vintage=2023)
    assert only(reading, "unemployment_rate_pct") == {("COM:97302", 2015): 24.5, ("COM:97302", 2021): 21.7}


# --- census and « statistiques locales » -------------------------------------------------------------


def test_two_censuses_and_two_processings_stand_apart_in_one_sheet(tmp_path: Path) -> None:
    reading = read(make.census(tmp_path / "rp.xlsx"))
    assert reading.faults == []
    assert only(reading, "unemployed_15_64_count") == {
        ("COM:97120", 2022): 1690.2, ("COM:97302", 2022): 5980.4, ("COM:97611", 2022): 6611.75,
        ("COM:38185", 2022): 9870, ("COM:97356", 2022): 155,
        ("COM:97120", 2016): 2105.6, ("COM:97302", 2016): 6200.3, ("COM:97611", 2016): "empty",
        ("COM:38185", 2016): 10455, ("COM:97356", 2016): 120,
    }  # fmt: skip
    assert only(reading, "labour_force_15_64_count")[("COM:97611", 2022)] == 20415.5
    assert only(reading, "labour_force_15_64_sample_count")[("COM:97611", 2022)] == 20390
    assert cell(reading, "COM:97302", "C22_MENFAMMONO")["base"] == "menages"
    assert cell(reading, "COM:97302", "P22_RP_VOIT1P")["base"] == "residences_principales"


def test_no_rate_is_made_of_the_counts_of_a_census(tmp_path: Path) -> None:
    found = read(make.census(tmp_path / "rp.xlsx")).observations
    assert found["indicator"].str.endswith("_count").all()


def test_published_rates_are_read_for_epci_and_ept_alike(tmp_path: Path) -> None:
    reading = read(make.local_statistics(tmp_path / "local.csv"))
    assert reading.faults == []
    rates = only(reading, "unemployment_rate_pct")
    assert len(rates) == 19
    assert (rates[("EPCI:249730037", 2022)], rates[("EPCI:200060465", 2022)], rates[("EPT:200057867", 2022)]) == (
        36.8, 41.2, 18.2,
    )  # fmt: skip
    assert only(reading, "employment_rate_pct")[("EPCI:200018653", 2022)] == 50.3
    assert only(reading, "population_count")[("EPCI:200040715", 2022)] == 451100
    assert set(reading.observations["geo_vintage"]) == {2025}


def test_absences_in_words_keep_their_reason(tmp_path: Path) -> None:
    reading = read(make.local_statistics(tmp_path / "local.csv"))
    poverty = only(reading, "poverty_rate_pct")
    assert {zone for (zone, _), value in poverty.items() if value not in MARKS} == {
        "EPCI:249740119", "EPCI:249720061", "EPCI:200040715", "EPT:200057867",
    }  # fmt: skip
    assert poverty[("EPCI:200060457", 2021)] == "not_available"
    assert only(reading, "lone_parent_families_pct")[("EPCI:249730052", 2022)] == "secret"


def test_a_share_of_families_is_not_the_share_of_households_of_the_panorama(tmp_path: Path) -> None:
    found = read(make.local_statistics(tmp_path / "local.csv")).observations
    assert "lone_parent_households_pct" not in set(found["indicator"])
    assert set(found.loc[found["indicator"].eq("lone_parent_families_pct"), "base"]) == {"familles"}


def test_the_rate_of_the_ilo_is_not_that_of_the_census(tmp_path: Path) -> None:
    table: Rows = [
        ["Code", "Libellé", "Taux de chômage annuel moyen 2023"],
        ["971", "Guadeloupe", 18.6],
        ["38", "Isère", 5.8],
    ]
    reading = read(write_csv(tmp_path / "bit.csv", table), geo_vintage=2025)
    assert values(reading) == {
        ("DEP:971", "ilo_unemployment_rate_pct", 2023): 18.6, ("DEP:38", "ilo_unemployment_rate_pct", 2023): 5.8,
    }  # fmt: skip


# --- headings that contradict their indicator -----------------------------------------------------


def test_a_unit_in_a_heading_chooses_between_a_count_and_a_share(tmp_path: Path) -> None:
    table: Rows = [
        ["CODGEO", "Logements vacants (en nombre) 2022", "Logements vacants (en %) 2022"],
        ["97302", 3120, 9.5],
        ["97120", 4110, 0.4],
    ]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert told(reading) == [
        (
            "B1",
            "unité de l’intitulé contraire à celle de « Logements vacants » : « Logements vacants (en nombre) 2022 »",
        )
    ]
    assert values(reading) == {
        ("COM:97302", "vacant_dwellings_pct", 2022): 9.5, ("COM:97120", "vacant_dwellings_pct", 2022): 0.4,
    }  # fmt: skip


def test_a_share_under_the_name_of_a_count_is_not_read(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "Foyers allocataires (en %) 2023", "TP6021"], ["97302", 41.5, 30]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert set(reading.observations["indicator"]) == {"poverty_rate_pct"}
    assert [text for _, text in told(reading)] == [
        "unité de l’intitulé contraire à celle de « Foyers allocataires » : « Foyers allocataires (en %) 2023 »"
    ]


def test_a_code_without_its_year_takes_that_of_its_rows(tmp_path: Path) -> None:
    table: Rows = [["codgeo", "annee", "tp60", "med"], ["97411", 2019, "36,1", 16390], ["97411", 2021, "35,4", 17410]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert values(reading) == {
        ("COM:97411", "poverty_rate_pct", 2019): 36.1, ("COM:97411", "poverty_rate_pct", 2021): 35.4,
        ("COM:97411", "median_income_eur_year", 2019): 16390, ("COM:97411", "median_income_eur_year", 2021): 17410,
    }  # fmt: skip
    assert set(reading.observations["published_code"]) == {"tp60", "med"}


def test_a_column_of_one_year_is_not_read_on_rows_of_another(tmp_path: Path) -> None:
    table: Rows = [["codgeo", "annee", "TP6019"], ["97411", 2019, "36,1"], ["97411", 2021, "35,4"]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert values(reading) == {("COM:97411", "poverty_rate_pct", 2019): 36.1}
    assert told(reading) == [("C1", "colonne de 2019 dans des lignes de 2021 : « TP6019 »")]


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        (("2023-9", "2023-12"), "2023-12"),
        (("31/12/2023", "30/11/2023"), "31/12/2023"),
        (("202312", "202306"), "202312"),
        (("2023-T1", "2023-T4"), "2023-T4"),
        (("2023-12-31", "2023-12-01"), "2023-12-31"),
    ],
)
def test_the_last_date_of_a_year_is_found_however_dates_are_written(
    tmp_path: Path, dates: tuple[str, str], kept: str
) -> None:
    table: Rows = [["Date référence", "Code", "Nombre foyers RSA"], *([date, "97302", 10] for date in dates)]
    found = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025).observations
    assert (found["period"].tolist(), found["year"].tolist()) == ([kept], [2023])


def test_a_date_that_cannot_be_read_is_refused_with_its_cell(tmp_path: Path) -> None:
    table: Rows = [
        ["Date référence", "Code", "Nombre foyers RSA"],
        ["2023-12", "97302", 10],
        ["déc. 23", "97611", 15],
        ["", "97120", 20],
    ]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert [(fault.cell, plain(fault.found)) for fault in faults(reading)] == [
        ("A3", "date illisible « déc. 23 »"),
        ("A4", "ligne de valeurs sans date"),
    ]
    assert only(reading, "rsa_units_count") == {("COM:97302", 2023): 10}


def test_rows_left_out_are_said_as_information_with_their_cells(tmp_path: Path) -> None:
    reading = read(make.caf_departments(tmp_path / "caf.csv"), geo_vintage=2025)
    information = [one for one in reading.faults if one.severity is Severity.INFORMATION]
    assert [(one.cells, plain(one.found)) for one in information] == [
        (("B8:B9",), "population que sa source ne place dans aucune zone"),
        (("A2:A3",), "Date référence 2024-11 : la dernière de 2024, 2024-12, est lue"),
    ]


def test_a_total_is_found_among_details_that_no_list_knows(tmp_path: Path) -> None:
    table: Rows = [
        ["Code", "Date référence", "Type de RSA", "Nombre foyers RSA"],
        ["97302", "2024-12", "Majoré", 680],
        ["97302", "2024-12", "Total", 4390],
        ["97302", "2024-12", "Non majoré", 3710],
        ["97611", "2024-12", "Total", 1120],
    ]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert values(reading) == {
        ("COM:97302", "rsa_units_count", 2024): 4390,
        ("COM:97611", "rsa_units_count", 2024): 1120,
    }
    assert {plain(one.reason) for one in reading.skipped} == {
        "détail d’un total (Type de RSA = Majoré) : seul le total est lu",
        "détail d’un total (Type de RSA = Non majoré) : seul le total est lu",
    }


def test_a_zone_given_twice_with_other_words_beside_it_is_still_a_double(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "Source", "TP6021"], ["97411", "fichier A", 35.4], ["97411", "fichier A", 35.9]]
    (fault,) = faults(read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025))
    assert plain(fault.found) == "« 35,4 » pour TP6021 de COM:97411, mais « 35,9 » en C3"


def test_a_column_of_its_own_year_is_read_in_a_table_of_one_date(tmp_path: Path) -> None:
    table: Rows = [["annee", "CODGEO", "TP6021", "P22_POP", "rd"], [2024, "97411", 35.4, 154765, 3.9]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert values(reading) == {
        ("COM:97411", "poverty_rate_pct", 2021): 35.4, ("COM:97411", "population_count", 2022): 154765,
        ("COM:97411", "interdecile_ratio", 2024): 3.9,
    }  # fmt: skip


def test_dates_and_details_do_not_change_with_the_order_of_rows(tmp_path: Path) -> None:
    head, *rows = [list(line) for line in (make.CAF_COMMUNES, *make.CAF_COMMUNE_ROWS)]
    forth = read(write_csv(tmp_path / "a.csv", [head, *rows], encoding="utf-8-sig"), geo_vintage=2025)
    back = read(write_csv(tmp_path / "b.csv", [head, *rows[::-1]], encoding="utf-8-sig"), geo_vintage=2025)
    assert values(forth) == values(back)
