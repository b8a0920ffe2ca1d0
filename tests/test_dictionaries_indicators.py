"""What indicators.csv promises of a published code, and of the real panorama."""

import csv
import re
from pathlib import Path

import openpyxl
import pytest

from diagpacte.vocabulary import Base
from dictionaries import STEMS, Vintage, by_key, layout, number, resolve, rows, variables

UNIT_SUFFIX = {
    "pct": "_pct", "count": "_count", "eur_year": "_eur_year", "eur_m2": "_eur_m2", "km": "_km", "min": "_min",
    "ratio": "_ratio", "index": "_index", "per_mille": "_per_mille", "consultations_year": "_consultations_year",
    "pct_year": "_pct_year", "places_per_100": "_places_per_100",
}  # fmt: skip
KINDS = {"rate", "share", "count", "median", "index", "grade", "distance"}


def test_every_indicator_is_fully_described() -> None:
    for row in rows("indicators"):
        assert row["role"] in ("besoin", "offre", "contexte")
        assert row["base"] in {base.value for base in Base}
        assert row["polarity"] in ("", "high_worse", "low_worse")
        assert row["kind"] in KINDS
        assert row["published_codes"]
        assert row["label"]
        assert row["label_long"]
        assert row["source"]
        assert len(row["label"]) <= 66
        assert number(row["low"]) < number(row["high"])
        if row["role"] == "besoin":
            assert row["polarity"], row["indicator"]


def test_a_name_carries_its_unit() -> None:
    for row in rows("indicators"):
        if row["unit"] == "grade":
            assert row["indicator"].startswith("grade_")
            assert (row["kind"], row["low"], row["high"]) == ("grade", "0", "2")
        elif row["unit"] != "index" or row["indicator"].endswith("_index"):
            assert row["indicator"].endswith(UNIT_SUFFIX[row["unit"]]), row["indicator"]
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["indicator"])


def test_percentages_stay_between_0_and_100_unless_a_negative_is_legal() -> None:
    wider = set()
    for row in rows("indicators"):
        if row["unit"] == "pct" and (row["low"], row["high"]) != ("0", "100"):
            wider.add(row["indicator"])
            assert row["base"] == "revenus"  # components of income: taxes are negative, the others make up for it
    assert wider == {
        "activity_income_share_pct", "wage_income_share_pct", "self_employment_income_share_pct",
        "property_income_share_pct", "taxes_income_share_pct",
    }  # fmt: skip


def test_measures_of_offer_are_offers() -> None:
    codes = {
        "COUVPE21",
        "APLMG21",
        "TPVC21",
        "PARTPVC7_21",
        "DISTFS24",
        "PARTFS10_24",
        "HLM22",
        "FRAG_SERVICES",
        "FRAG_SOINS",
        "P22_RP_LOCHLMV",
        "APL aux médecins généralistes",
        "APL aux médecins généralistes de 65 ans et moins",
        "APL aux médecins généralistes de 62 ans et moins",
        "APL aux médecins généralistes de 60 ans et moins",
    }
    found = {resolve(code)[0].indicator for code in codes}
    assert {row["indicator"] for row in rows("indicators") if row["role"] == "offre"} == found


@pytest.mark.parametrize(
    ("code", "indicator", "year", "period"),
    [
        ("TP6019", "poverty_rate_pct", 2019, "2019"),
        ("TP6021", "poverty_rate_pct", 2021, "2021"),
        ("P23_POP", "population_count", 2023, "2023"),
        ("SUPBAC2_22", "above_bac2_graduates_pct", 2022, "2022"),
        ("EVEMP1622", "employment_growth_pct_year", 2022, "2016-2022"),
        ("TXMORTA1318", "mortality_rate_per_mille", 2018, "2013-2018"),
        ("PARTFS10_24", "beyond_10km_france_services_pct", 2024, "2024"),
        ("VAC2ANS24", "long_term_vacant_dwellings_pct", 2024, "2024"),
        ("P1_MEN21", "profile_1_households_pct", 2021, "2021"),
        ("P6_PERS21", "profile_6_persons_pct", 2021, "2021"),
        ("MED19", "median_income_eur_year", 2019, "2019"),
        ("Q219", "median_income_eur_year", 2019, "2019"),
        ("D921", "income_decile9_eur_year", 2021, "2021"),
        ("RD21", "interdecile_ratio", 2021, "2021"),
        ("RD", "interdecile_ratio", None, ""),
        ("TP60AGE121", "poverty_rate_age_under_30_pct", 2021, "2021"),
        ("AGE1TP6019", "poverty_rate_age_under_30_pct", 2019, "2019"),
        ("TYM5TP6019", "poverty_rate_lone_parents_pct", 2019, "2019"),
        ("PIMP21", "taxed_households_pct", 2021, "2021"),
        ("PIMPOT21", "taxes_income_share_pct", 2021, "2021"),
        ("NBPERSMENFISC20", "fiscal_persons_count", 2020, "2020"),
        ("TXMORTA9499", "mortality_rate_per_mille", 1999, "1994-1999"),
        ("PARTPVC7_21", "beyond_7min_everyday_services_pct", 2021, "2021"),
        ("FRAG_EMPLOI", "grade_employment", None, ""),
        ("NB_TF", "very_fragile_themes_count", None, ""),
        ("P22_CHOM1564", "unemployed_15_64_count", 2022, "2022"),
        ("P99_RP", "main_residences_count", 1999, "1999"),
        ("C22_MENFAMMONO", "lone_parent_households_sample_count", 2022, "2022"),
        ("C22_RP_SUROCC_ACC", "overcrowded_severe_dwellings_sample_count", 2022, "2022"),
        ("INDFOY_RSA", "rsa_units_count", None, ""),
        ("Nombre foyers RSA", "rsa_units_count", None, ""),
        ("Nombre personnes NDUR", "recipient_persons_count", None, ""),
        ("TX_CHOM1564", "unemployment_rate_pct", None, ""),
        ("TXCOUV_EPCI", "childcare_places_per_100", None, ""),
        ("PTOT22", "total_population_count", 2022, "2022"),
    ],
)
def test_a_published_code_reads_as_one_indicator_and_its_year(
    code: str, indicator: str, year: int | None, period: str
) -> None:
    assert resolve(code) == [Vintage(indicator, year, period)]


@pytest.mark.parametrize(
    "code", ["TP60", "TP602", "TP60A21", "XTP6021", "tp6021", "CODGEO", "LIBGEO", "DEP", "P1_MEN", ""]
)
def test_what_is_no_code_of_the_dictionary_resolves_to_nothing(code: str) -> None:
    assert resolve(code) == []


def test_no_code_can_be_read_two_ways() -> None:
    for stem, indicator in STEMS:
        assert not re.sub(r"\{yy\}|\{yy1\}\{yy2\}", "", stem).count("{"), stem
        for years in (("13", "18"), ("19", "21"), ("60", "60")):
            code = stem.replace("{yy}", years[1]).replace("{yy1}", years[0]).replace("{yy2}", years[1])
            assert [found.indicator for found in resolve(code)] == [indicator], code


def test_a_count_has_a_base_and_no_polarity() -> None:
    for row in rows("indicators"):
        if row["unit"] == "count" and row["indicator"] != "very_fragile_themes_count":
            assert (row["kind"], row["polarity"], row["low"]) == ("count", "", "0"), row["indicator"]
            assert row["base"], row["indicator"]
            assert row["role"] != "besoin", row["indicator"]


def test_counts_of_the_cnaf_say_their_rounding_and_whom_they_count() -> None:
    for row in rows("indicators"):
        if row["source"].startswith("Cnaf, fichiers"):
            assert "arrondi à 5" in row["note"]
            assert row["base"] == ("personnes" if "persons" in row["indicator"] else "foyers")


@pytest.fixture(scope="module")
def panorama(shared_data: Path) -> Path:
    return shared_data / "panorama" / "panorama_pauvrete_reel_2021.xlsx"


def test_every_column_of_the_real_panorama_is_one_indicator_with_its_period(panorama: Path) -> None:
    described = variables(panorama)
    codes = described.keys() - {"CODGEO", "LIBGEO", "DEP", "GEO_NIV"}
    assert len(codes) == 59
    for code in codes:
        (found,) = resolve(code)
        if found.period:
            assert found.period == described[code]["MILLESIME"], code


def test_the_dictionary_says_of_a_column_what_the_real_panorama_says(panorama: Path) -> None:
    ours, said = by_key("indicators"), layout("panorama_insee")
    for code, theirs in variables(panorama).items():
        for found in resolve(code):
            row = ours[found.indicator]
            assert row["unit"] == said["variables_unit"][theirs["UNITE"]], code
            if theirs["BASE"]:
                assert row["base"] == said["variables_base"][theirs["BASE"]], code
            if theirs["POLARITE"]:
                assert row["polarity"] == said["variables_polarity"][theirs["POLARITE"]], code
            if theirs["THEME"] not in ("", "revenus", "profils"):
                assert row["theme_factor"] == theirs["THEME"], code
            assert theirs["NATURE"] in {*said["variables_nature"], *said["variables_absent"]}, code


def test_no_value_of_the_real_panorama_leaves_its_bounds(panorama: Path) -> None:
    ours = by_key("indicators")
    book = openpyxl.load_workbook(panorama, read_only=True)
    checked = 0
    for sheet in ("Profils_EPCI", "Facteurs_EPCI", "References"):
        lines = list(book[sheet].iter_rows(values_only=True))
        start = next(i for i, line in enumerate(lines) if "CODGEO" in line)
        for index, code in enumerate(lines[start]):
            for found in resolve(str(code)):
                row = ours[found.indicator]
                values = [value for line in lines[start + 1 :] if isinstance(value := line[index], int | float)]
                assert all(number(row["low"]) <= value <= number(row["high"]) for value in values), code
                checked += len(values)
    book.close()
    assert checked > 60_000


@pytest.mark.parametrize("year", ["2018", "2019"])
def test_the_income_files_of_insee_speak_the_same_codes_within_bounds(shared_data: Path, year: str) -> None:
    path = shared_data / "panorama" / "insee_publies" / f"FILO{year}_DISP_EPCI.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    found = {code: readings for code in lines[0] if (readings := resolve(code))}
    assert len(found) == 20  # NBMEN, NBPERS, Q1 Q2 Q3, D1 D9, RD, GI and eleven components of income
    ours = by_key("indicators")
    for code, (reading,) in found.items():
        assert reading.year == int(year) or code == "RD"
        row = ours[reading.indicator]
        values = [number(line[code]) for line in lines if line[code]]
        assert all(number(row["low"]) <= value <= number(row["high"]) for value in values), code
