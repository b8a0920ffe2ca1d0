"""What the words around a column make of it: its year, its scale, multiples, and restrictions of whom it counts.

Every table is invented; the communes exist. What is not read must say why, and never be read otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diagpacte.errors import FaultKind
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from diagpacte.sources.meaning.choices import Choice, Choices
from diagpacte.sources.meaning.columns import Dictionary
from diagpacte.sources.meaning.wording import data_years, multiple, said_period
from workbook_builders import Rows, plain, read, rules, values, write_csv, write_xlsx

ZONES = ("97302", "97120")
POVERTY, POOR, JOBLESS = "poverty_rate_pct", "poor_households_count", "unemployment_rate_pct"
RATE = "Taux de chômage des 15-64 ans 2021"


def table(*columns: tuple[object, ...]) -> Rows:
    """Two communes; each column is its heading, then its cells from top to bottom."""
    codes = ("CODGEO", *[""] * (len(columns[0]) - 1 - len(ZONES)), *ZONES)
    return [list(row) for row in zip(codes, *columns, strict=True)]


def read_as(path: Path, rows: Rows, *answers: Choice) -> IndicatorReading:
    """`rows` read, a person having said `answers` of them."""
    return read_indicators(
        write_csv(path / "a.csv", rows), "a", replace(rules(), choices=Choices(answers)), geo_vintage=2025
    )


def answer(heading: str, meaning: str, unit: str = "", year: int | None = None) -> Choice:
    return Choice("a.csv", "", heading, "", meaning, year, unit)


def reasons(reading: IndicatorReading) -> list[str]:
    return [plain(reason) for reason in reading.headings["reason"] if reason]


def years(reading: IndicatorReading) -> set[int]:
    return set(reading.observations["year"])


# --- years ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "year"),
    [
        ("Chômage RP 2021 (géographie 2024)", 2021),
        ("Chômage 2020 (euros constants 2023)", 2020),
        ("Chômage 2019, mise à jour 2024", 2019),
        ("Chômage 2021 en géographie 2024", 2021),
        ("Chômage en 2021 (publié en 2024)", 2021),
        ("Chômage 2021, COG 2024", 2021),
        ("Chômage 2021, périmètre au 01/01/2024", 2021),
    ],
)
def test_a_column_that_a_person_named_is_of_the_year_of_its_figures(tmp_path: Path, heading: str, year: int) -> None:
    reading = read_as(tmp_path, table((heading, 10.5, 12)), answer(heading, JOBLESS))
    assert values(reading) == {("COM:97302", JOBLESS, year): 10.5, ("COM:97120", JOBLESS, year): 12}


def test_of_two_years_none_is_chosen_unless_a_person_does_or_the_indicator_is_of_a_period(tmp_path: Path) -> None:
    rows, heading = table(("Chômage 2015-2021", 10.5, 12)), "Chômage 2015-2021"
    asked = read_as(tmp_path, rows, answer(heading, JOBLESS))
    assert asked.observations.empty
    assert [text for text in reasons(asked) if text.endswith("mais sans millésime : deux années, 2015 et 2021")]
    assert years(read_as(tmp_path, rows, answer(heading, JOBLESS, year=2021))) == {2021}
    growth = read_as(tmp_path, rows, answer(heading, "employment_growth_pct_year"))
    assert growth.observations[["year", "period"]].drop_duplicates().to_numpy().tolist() == [[2021, "2015-2021"]]


def test_the_year_of_another_thing_alone_dates_nothing() -> None:
    assert data_years("NEET en géographie 2024") == []
    assert data_years("Revenu médian (euros constants 2023)") == []
    assert data_years("Base de comparaison", "2021") == ["2021"]


@pytest.mark.parametrize(
    ("sheet", "title", "year"),
    [
        ("Tab", "Pacte des solidarités 2024", None),
        ("Tab", "Panorama 2024", None),
        ("Tab", "Pacte des solidarités - juin 2024", None),
        ("EPCI_geo2024", "", None),
        ("EPCI2024", "", None),
        ("MAJ juin 2024", "", None),
        ("COM 2024", "", None),
        ("COM données 2021", "", 2021),
        ("2021", "", 2021),
        ("Tab", "Pauvreté en 2021", 2021),
        ("Tab", "Diagnostic, données 2021", 2021),
        ("Tab", "Allocataires au 31/12/2021", 2021),
        ("Tab", "Population au 1ᵉʳ janvier 2021", 2021),
        ("Tab", "Filosofi 2021", 2021),
        ("Tab", "Fichier localisé - Année 2021", 2021),
    ],
)
def test_only_a_year_written_as_that_of_figures_dates_a_table(sheet: str, title: str, year: int | None) -> None:
    assert said_period(sheet, [title]) == (year and (year, str(year)))


def test_a_code_that_bears_its_year_needs_none_from_the_person_who_answers(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("TP6021", 0.1, 0.2)), answer("TP6021", POVERTY, "fraction"))
    assert values(reading) == {("COM:97302", POVERTY, 2021): 10, ("COM:97120", POVERTY, 2021): 20}


def test_a_year_above_a_label_is_no_unknown_code(tmp_path: Path) -> None:
    rows: Rows = [["", "2020", "2021"], ["CODGEO", "Taux de pauvreté (%)", "Taux de pauvreté (%)"]]
    rows += [["97302", 40, 41], ["97120", 30, 31.5]]
    assert values(read(write_csv(tmp_path / "a.csv", rows), geo_vintage=2025)) == {
        ("COM:97302", POVERTY, 2020): 40, ("COM:97120", POVERTY, 2020): 30,
        ("COM:97302", POVERTY, 2021): 41, ("COM:97120", POVERTY, 2021): 31.5,
    }  # fmt: skip


# --- scale ----------------------------------------------------------------------------------------

EITHER = "pourcentages, ou parts de 0 à 1 ?"


def test_percent_said_by_a_heading_over_shares_is_asked(tmp_path: Path) -> None:
    heading = "Taux de pauvreté 2021 (%)"
    rows = table((heading, 0.1, 0.2))
    asked = [plain(fault.found) for fault in read_as(tmp_path, rows).faults]
    assert f"« {heading} » : le fichier dit « % », mais toutes les valeurs sont au plus 1 : {EITHER}" in asked
    followed = read_as(tmp_path, rows, answer(heading, POVERTY, "pct"))
    assert values(followed) == {("COM:97302", POVERTY, 2021): 0.1, ("COM:97120", POVERTY, 2021): 0.2}
    assert not any(EITHER in plain(fault.found) for fault in followed.faults)


def test_percent_said_by_the_sheet_variables_over_shares_is_asked(tmp_path: Path) -> None:
    sheets = {
        "Tab": table(("TP6021", 0.1, 0.2)),
        "Variables": [["VAR_ID", "VAR_LIB", "UNITE"], ["TP6021", "Taux", "%"]],
    }
    reading = read(write_xlsx(tmp_path / "a.xlsx", sheets), geo_vintage=2025)
    assert any(EITHER in plain(fault.found) for fault in reading.faults)


def test_a_small_percentage_among_larger_ones_is_not_asked(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("Taux de pauvreté 2021 (en %)", 0.7, 20)))
    assert values(reading) == {("COM:97302", POVERTY, 2021): 0.7, ("COM:97120", POVERTY, 2021): 20}
    assert not any(EITHER in plain(fault.found) for fault in reading.faults)


def test_a_change_a_year_of_at_most_a_tenth_is_asked(tmp_path: Path) -> None:
    asked = read_as(tmp_path, table(("EVEMP1520", -0.012, 0.004)))
    assert any(f"au plus 0,1 : {EITHER}" in plain(fault.found) for fault in asked.faults)
    plainly = read_as(tmp_path, table(("EVEMP1520", -0.12, 0.4)))
    assert not any(EITHER in plain(fault.found) for fault in plainly.faults)


# --- multiples ------------------------------------------------------------------------------------


def test_thousands_said_under_a_code_are_never_read_as_units(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("NBMENPAUV21", "en milliers", 3.451, 2), ("TP6021", "en %", 40, 30)))
    assert set(reading.observations["indicator"]) == {POVERTY}
    assert reasons(reading) == [
        "colonne reconnue (Ménages pauvres), mais « en milliers » dit que ses nombres sont à multiplier"
    ]


def test_thousands_said_by_a_heading_are_refused_even_when_a_person_named_the_column(tmp_path: Path) -> None:
    heading = "Ménages en difficulté 2021 (en milliers)"
    reading = read_as(tmp_path, table((heading, 3.4, 2.5)), answer(heading, POOR))
    assert reading.observations.empty
    assert "« en milliers »" in reasons(reading)[0]


def test_thousands_said_by_the_title_hold_for_counts_alone(tmp_path: Path) -> None:
    rows: Rows = [
        ["Effectifs en milliers"],
        *table(("NBMENPAUV21", 3.451, 2), ("TP6021", 40, 30), ("MED21", 9000, 9500)),
    ]
    reading = read_as(tmp_path, rows)
    assert set(reading.observations["indicator"]) == {POVERTY, "median_income_eur_year"}


@pytest.mark.parametrize(
    ("text", "unit", "found"),
    [
        ("Revenus (k€)", "eur_year", "k€"), ("En millions d’euros", "eur_year", "en millions"), ("M€", "eur_year", "m€"),
        ("Taux pour 1 000 habitants", "pct", "pour 1 000"), ("Taux pour 1 000 habitants", "per_mille", ""),
        ("€ / mois", "eur_year", "/ mois"), ("Revenu mensuel", "eur_year", "mensuel"), ("Effectif mensuel", "count", ""),
        ("Places pour 100 enfants", "places_per_100", ""), ("Familles", "count", ""), ("euros/m²", "eur_m2", ""),
    ],
)  # fmt: skip
def test_multiples_are_known_by_their_words(text: str, unit: str, found: str) -> None:
    assert multiple(text, unit) == found


def test_no_label_of_the_dictionary_is_a_multiple_of_its_own_unit() -> None:
    known = Dictionary(rules().indicators).names.values()
    assert [one.label for one in known if multiple(f"{one.label} {one.label_long}", one.unit)] == []


def test_a_unit_under_a_heading_that_contradicts_the_indicator_is_refused(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("NBMENPAUV21", "%", 12, 14), ("TP6021", "(%)", 40, 30)))
    assert set(reading.observations["indicator"]) == {POVERTY}
    assert reasons(reading) == ["unité de l’intitulé contraire à celle de « Ménages pauvres »"]


def test_a_unit_under_a_heading_settles_a_scale(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("TP6021", "part (0 à 1)", 0.4, 0.3)))
    assert values(reading) == {("COM:97302", POVERTY, 2021): 40, ("COM:97120", POVERTY, 2021): 30}


# --- restrictions ---------------------------------------------------------------------------------


def test_a_column_that_says_women_on_every_row_changes_the_others(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("Public", "Femmes", "Femmes"), (RATE, 12.1, 13), ("TP6021", 40, 30)))
    assert reading.observations.empty
    assert "toutes les lignes disent « Femmes », qui en change le sens" in reasons(reading)[1]


def test_a_column_of_words_that_differ_or_restrict_nothing_changes_nothing(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("Avis", "Femmes", "Hommes"), ("État", "validé", "validé"), (RATE, 12.1, 13)))
    assert set(reading.observations["indicator"]) == {JOBLESS}


def test_words_under_a_heading_change_it_as_those_in_it_do(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table((RATE, "(femmes)", 12.1, 13)))
    assert reading.observations.empty
    assert reasons(reading)[0].endswith("mais « (femmes) » en change le sens")


def test_nothing_is_proposed_for_a_column_whose_sense_is_changed(tmp_path: Path) -> None:
    reading = read_as(
        tmp_path, table(("Taux de pauvreté 2021", "(femmes)", 12.1, 13), ("Taux de pauvrete x", "", 1, 2))
    )
    assert reading.headings["proposed"].isna().tolist() == [True, False]
    told = [fault.expected for fault in reading.faults if fault.kind is FaultKind.COLUMN and "(femmes)" in fault.found]
    assert told == ["un code de configs/indicators.csv"]
