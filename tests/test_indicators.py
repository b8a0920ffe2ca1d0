"""A panorama as it is received: its zones, headers and codes are found, each value with its cell."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from diagpacte.errors import Severity
from diagpacte.sources.unknown_zones import unknown_zones
from diagpacte.tables import Observations
from diagpacte.vocabulary import Nature
from workbook_builders import (
    EPCI,
    EPT,
    NOTES,
    OUTSIDE,
    PARIS,
    Rows,
    Sheets,
    cell,
    faults,
    made,
    plain,
    read,
    values,
    write_csv,
)

FILE = "panorama.xlsx"
ZONES = {f"EPCI:{EPCI}", f"EPT:{EPT}", f"COM:{PARIS}", "HORS:FRM"}


# --- the right workbook -----------------------------------------------------------------------


def test_a_right_panorama_gives_every_value_with_its_cell_and_no_fault(tmp_path: Path) -> None:
    reading = made(tmp_path)
    assert reading.faults == []
    assert len(reading.observations) == 4 * (5 + 5 + 2) + 3 * 3
    rate = cell(reading, f"EPCI:{EPCI}", "TP6021")
    assert rate.to_dict() == {
        "zone_code": "EPCI:200000172",
        "indicator": "poverty_rate_pct",
        "year": 2021,
        "base": "personnes",
        "geo_vintage": 2025,
        "value": 8.9,
        "lower": pytest.approx(float("nan"), nan_ok=True),
        "upper": pytest.approx(float("nan"), nan_ok=True),
        "availability": "observed",
        "nature": "real",
        "flag": "",
        "published_code": "TP6021",
        "published_text": "8.9",
        "period": "2021",
        "source_id": "panorama",
        "sheet": "Profils_EPCI",
        "row": 7,
        "column": "F",
    }


def test_zones_carry_their_level(tmp_path: Path) -> None:
    found = set(made(tmp_path).observations["zone_code"])
    assert found == ZONES | {"DEP:84", "REG:84", "FRM"}


def test_the_communes_outside_any_epci_are_those_of_their_departement_when_the_row_says_it(tmp_path: Path) -> None:
    def say_finistere(sheets: Sheets) -> None:
        for name in ("Profils_EPCI", "Facteurs_EPCI", "Fragilite_EPCI"):
            next(row for row in sheets[name] if row and row[0] == OUTSIDE)[2] = "29"

    assert "HORS:29" in set(made(tmp_path, say_finistere).observations["zone_code"])


def test_absences_keep_their_reason(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].__setitem__(5, None))
    assert cell(reading, f"EPCI:{EPCI}", "P1_MEN21")["availability"] == "secret"
    assert cell(reading, "HORS:FRM", "TP6021", "Profils_EPCI")["availability"] == "not_available"
    assert cell(reading, "HORS:FRM", "P1_MEN21")["availability"] == "not_applicable"
    assert cell(reading, f"EPCI:{EPCI}", "TP6021")["availability"] == "empty"
    assert reading.observations["value"].isna().sum() == 16


def test_a_grade_is_a_rank_and_keeps_its_word(tmp_path: Path) -> None:
    grade = cell(made(tmp_path), f"COM:{PARIS}", "FRAG_EMPLOI")
    assert (grade["value"], grade["published_text"], grade["year"], grade["period"]) == (
        2,
        "Très fragile",
        2024,
        "2022-2024",
    )


def test_each_column_has_its_own_year_and_period(tmp_path: Path) -> None:
    reading = made(tmp_path)
    found = {row.published_code: (row.indicator, row.year, row.period) for row in reading.observations.itertuples()}
    assert found["EVEMP1622"] == ("employment_growth_pct_year", 2022, "2016-2022")
    assert found["SUPBAC2_22"] == ("above_bac2_graduates_pct", 2022, "2022")
    assert found["P23_POP"] == ("population_count", 2023, "2023")
    assert found["NBMENFISC19"] == ("fiscal_households_count", 2019, "2019")


def test_each_column_has_the_nature_the_workbook_says(tmp_path: Path) -> None:
    found = made(tmp_path).observations.groupby("published_code")["nature"].agg(set).to_dict()
    assert {code: one for code, (one,) in ((code, tuple(kinds)) for code, kinds in found.items())} == {
        "NBMENFISC19": "real", "MED21": "real", "TP6021": "real", "NBPERSPAUV21": "estimated", "P1_MEN21": "simulated",
        "P23_POP": "real", "TXCHOM22": "real", "EVEMP1622": "real", "SUPBAC2_22": "derived", "APLMG21": "undeclared",
        "FRAG_EMPLOI": "derived", "NB_TF": "derived",
    }  # fmt: skip


def test_an_estimated_column_is_estimated_in_every_value(tmp_path: Path) -> None:
    assert cell(made(tmp_path), f"EPCI:{EPCI}", "NBPERSPAUV21")["availability"] == "estimated"
    assert cell(made(tmp_path), "HORS:FRM", "NBPERSPAUV21")["availability"] == "not_applicable"


def test_the_source_tells_itself(tmp_path: Path) -> None:
    source = made(tmp_path).source
    assert source.title == "Panorama de la pauvreté - Sommaire"
    assert source.producer == "Insee, Filosofi 2021"
    assert (source.geo_vintage, source.published_on) == (2025, dt.date(2025, 9, 15))
    assert (source.vintage, source.nature, source.rows) == ("2019 à 2024", Nature.SIMULATED, 15)
    assert source.note.splitlines() == [str(note[0]) for note in NOTES]


def test_what_is_not_read_says_why(tmp_path: Path) -> None:
    assert {(one.sheet, one.reason) for one in made(tmp_path).skipped} == {
        ("Sommaire", "pas de tableau : aucun en-tête de codes de zones"),
        ("Variables", "description des colonnes"),
        ("Documentation", "pas de tableau : aucun en-tête de codes de zones"),
    }


# --- headers ----------------------------------------------------------------------------------


def test_the_header_is_found_wherever_it_stands(tmp_path: Path) -> None:
    expected = values(made(tmp_path))
    for added in (1, 3, 5):

        def push(sheets: Sheets, added: int = added) -> None:
            for name in ("Profils_EPCI", "Facteurs_EPCI", "Fragilite_EPCI", "References"):
                sheets[name][4:4] = [["Avertissement"], *([] for _ in range(added - 1))]

        assert values(made(tmp_path, push, merged={})) == expected


def test_names_and_order_of_the_sheets_do_not_matter(tmp_path: Path) -> None:
    expected = values(made(tmp_path))

    def rename(sheets: Sheets) -> None:
        renamed = {f"Feuil{place}": rows for place, rows in enumerate(reversed(sheets.values()))}
        sheets.clear()
        sheets.update(renamed)

    assert values(made(tmp_path, rename, merged={})) == expected


def test_without_a_row_of_codes_the_labels_of_the_workbook_lead_to_them(tmp_path: Path) -> None:
    def drop_codes(sheets: Sheets) -> None:
        for name in ("Profils_EPCI", "Facteurs_EPCI", "Fragilite_EPCI", "References"):
            sheets[name] = [row for row in sheets[name] if not row or row[0] not in ("CODGEO", "GEO_NIV")]

    assert values(made(tmp_path, drop_codes)) == values(made(tmp_path))


def test_with_labels_alone_and_nothing_to_describe_them_the_dictionary_is_asked(tmp_path: Path) -> None:
    table: Rows = [
        ["Code géographique", "Taux de pauvreté 2021", "Ménages pauvres (valeurs simulées) 2021"],
        [EPCI, "8,9", 12],
    ]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert values(reading) == {
        (f"EPCI:{EPCI}", "poverty_rate_pct", 2021): 8.9,
        (f"EPCI:{EPCI}", "poor_households_count", 2021): 12,
    }
    assert set(reading.observations["nature"]) == {"undeclared", "simulated"}


def test_a_label_never_overrules_a_code_that_is_unknown(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][5].__setitem__(5, "TP5021"))
    assert f"EPCI:{EPCI}" not in set(
        reading.observations.loc[reading.observations["indicator"] == "poverty_rate_pct", "zone_code"]
    )


def test_codes_alone_are_enough(tmp_path: Path) -> None:
    def drop_labels(sheets: Sheets) -> None:
        for name in ("Profils_EPCI", "Facteurs_EPCI", "Fragilite_EPCI", "References"):
            sheets[name] = [
                row for row in sheets[name] if not row or row[0] not in ("Code géographique", "Niveau géographique")
            ]

    assert values(made(tmp_path, drop_labels, merged={})) == values(made(tmp_path))


def test_units_under_the_header_and_blank_rows_are_no_zone(tmp_path: Path) -> None:
    def add_rows(sheets: Sheets) -> None:
        sheets["Profils_EPCI"][6:6] = [["", "", "", "En nombre", "En euros", "En %"]]
        sheets["Profils_EPCI"][8:8] = [[], ["", ""]]

    reading = made(tmp_path, add_rows)
    assert values(reading) == values(made(tmp_path))
    assert ("Profils_EPCI", "ligne 7", "unités, sous l’en-tête") in {
        (one.sheet, one.place, one.reason) for one in reading.skipped
    }


def test_one_cell_may_be_merged_over_both_header_rows(tmp_path: Path) -> None:
    merged = {"Facteurs_EPCI": {"E5:F5": "Emploi"}, "Profils_EPCI": {"A5:A6": "CODGEO"}}
    assert values(made(tmp_path, merged=merged)) == values(made(tmp_path))


# --- codes ------------------------------------------------------------------------------------


def test_codes_typed_as_numbers_find_their_zeros_again(tmp_path: Path) -> None:
    def as_numbers(sheets: Sheets) -> None:
        for rows in sheets.values():
            for row in rows:
                row[:] = [int(value) if isinstance(value, str) and value.isdigit() else value for value in row]
        sheets["References"][6][1] = 1

    found = set(made(tmp_path, as_numbers).observations["zone_code"])
    assert found == ZONES | {"DEP:01", "REG:84", "FRM"}


def test_a_commune_code_that_lost_its_zero_is_restored_in_a_table_of_communes(tmp_path: Path) -> None:
    table: Rows = [["codgeo", "TP6021"], [1004, "17,0"], ["01005", 12], ["2A004", "s"], ["97411", "38"]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2023)
    assert list(reading.observations["zone_code"]) == ["COM:01004", "COM:01005", "COM:2A004", "COM:97411"]


def test_a_short_number_among_epci_is_no_commune(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].__setitem__(0, 1004))
    (fault,) = faults(reading)
    assert (fault.sheet, fault.cell, plain(fault.found)) == ("Profils_EPCI", "A7", "code illisible « 1004 »")


@pytest.mark.parametrize("code", ["2,00055E+13", "20000017", "CC Une", "200 000"])
def test_a_code_that_cannot_be_read_is_never_guessed(tmp_path: Path, code: str) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].__setitem__(0, code))
    assert [plain(str(fault)) for fault in faults(reading)] == [
        (
            f"panorama.xlsx, feuille « Profils_EPCI », cellule A7 : code illisible « {code} » ; attendu : 9 chiffres (EPCI, EPT),"
            " 5 caractères (commune) ou un code connu. → corriger le code dans le fichier d’origine, la colonne au format Texte."
        )
    ]


def test_a_table_of_departements_is_not_one_of_regions(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "TP6021"], ["01", 10.8], ["2A", 18], ["84", 19.5], ["974", 36]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2023)
    assert list(reading.observations["zone_code"]) == ["DEP:01", "DEP:2A", "DEP:84", "DEP:974"]


def test_a_bare_84_is_two_places_and_is_asked(tmp_path: Path) -> None:
    total: list[object] = ["84", "", "", 1, 22000, 13.3]
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"].insert(10, total))
    (fault,) = reading.faults
    assert (fault.severity, fault.cell, plain(fault.found)) == (
        Severity.CHECK,
        "A11",
        "« 84 » est un département et une région",
    )


def test_totals_go_to_their_own_level_or_are_said_unread(tmp_path: Path) -> None:
    def add_totals(sheets: Sheets) -> None:
        del sheets["References"]
        sheets["Profils_EPCI"][10:10] = [
            ["38", "Isère", "", 1, 24270, 11.8],
            ["FE", "France entière", "", 2, 22000, 15.1],
            ["Total", "", "", 3, 23000, 14.9],
        ]

    reading = made(tmp_path, add_totals)
    assert set(reading.observations["zone_code"]) == ZONES | {"DEP:38", "FRA"}
    said = [(fault.severity, fault.cell, plain(fault.found)) for fault in reading.faults]
    assert said == [(Severity.INFORMATION, "A13", "ligne de total ou de résumé, sans périmètre : « Total »")]


def test_an_unknown_level_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["References"][6].__setitem__(0, "CANTON"))
    (fault,) = faults(reading, Severity.CHECK)
    assert (fault.cell, plain(fault.found)) == (
        "B7",
        "niveaux géographiques qui ne sont pas lus : « CANTON » (1 ligne)",
    )
    assert "REG:84" in set(reading.observations["zone_code"])


def test_values_without_a_code_are_a_fault_even_when_the_label_looks_like_a_note(tmp_path: Path) -> None:
    def lose_code(sheets: Sheets) -> None:
        sheets["Profils_EPCI"][6][:2] = ["", "Champ-sur-Drac"]

    (fault,) = faults(made(tmp_path, lose_code))
    assert (fault.cell, plain(fault.found)) == ("A7", "ligne de valeurs sans code : « Champ-sur-Drac »")


def test_codes_that_do_not_exist_are_listed_with_the_nearest_ones() -> None:
    observations = Observations(
        pd.DataFrame({
            "zone_code": ["EPCI:200000127", "EPCI:200000127", "EPCI:200000438", "FRM", "HORS:FRM"],
            "sheet": ["Profils", "Facteurs", "Profils", "Profils", "Profils"],
            "row": [7, 8, 9, 10, 11],
            "column": ["D", "E", "D", "D", "D"],
            "geo_vintage": [2025] * 5,
        })
    )  # fmt: skip
    found = unknown_zones(observations, {"EPCI:200000172", "EPCI:200000438", "EPCI:243900015", "HORS:29"}, FILE, {})
    assert [(fault.sheet, fault.cell, fault.severity) for fault in found] == [("Profils", "ligne 7", Severity.BLOCKING)]
    assert plain(found[0].found) == (
        "le code 200000127 n’existe pas (niveau EPCI, géographie 2025) ; aussi dans « Facteurs »"
    )
    assert "200000172" in found[0].expected


def test_a_line_above_a_table_of_two_columns_is_no_row_of_labels(tmp_path: Path) -> None:
    table: Rows = [["Géographie au 01/01/2023"], ["CODGEO", "TP6021"], [EPCI, "8,9"]]
    assert list(read(write_csv(tmp_path / "a.csv", table)).observations["geo_vintage"]) == [2023]


def test_labels_above_codes_are_kept_even_when_the_key_is_worded_otherwise(tmp_path: Path) -> None:
    table: Rows = [["Code de l’EPCI", "Pauvreté"], ["CODGEO", "TP5021"], [EPCI, "8,9"]]
    (fault, _) = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2023).faults
    assert plain(fault.found) == "colonne inconnue : « TP5021 · Pauvreté »"


def test_a_level_column_tells_places_that_share_a_code(tmp_path: Path) -> None:
    table: Rows = [
        ["GEO_NIV", "CODGEO", "TP6021"],
        ["COM", 1004, 17],
        ["EPCI", EPCI, 8.9],
        ["EPCI", PARIS, 15.6],
        ["EPCI", EPT, 12.1],
        ["EPCI", OUTSIDE, "nd"],
        ["DEP", 1, 10.8],
        ["Reg", 1, 30],
        ["France", "", 14.9],
    ]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2023)
    assert list(reading.observations["zone_code"]) == [
        "COM:01004", f"EPCI:{EPCI}", f"COM:{PARIS}", f"EPT:{EPT}", "HORS:FRM", "DEP:01", "REG:01", "FRM",
    ]  # fmt: skip
    assert reading.faults == []


def test_arrondissements_of_paris_lyon_and_marseille_are_no_communes(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "TP6021"], ["75056", 15.6], ["75101", 16], ["69381", 15], ["13216", 30], ["13055", 26]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2023)
    assert list(reading.observations["zone_code"]) == ["COM:75056", "COM:13055"]
    assert [(one.place, one.reason) for one in reading.skipped] == [
        ("A3, A4, A5", "arrondissements municipaux, parts d’une commune : ils ne sont pas lus")
    ]
