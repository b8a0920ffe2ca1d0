"""Quirks of units, years and what Excel did to a cell, from the file to the table."""

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from diagpacte.errors import FaultKind
from quirk_builders import BANNER, BLOCKING, CHECK, CODES, KEYS, SAID, File, Quirks, column
from workbook_builders import Rows, edit_part

quirk, apart = Quirks(), Quirks()  # what another process reads is read once


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unites")


# --- Q22: percentages ---------------------------------------------------------------------------


@quirk("Q22 percentages as numbers", zones=3)
def percent_numbers(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {12.5: 12.5, 8.65: 8.65, "s": "secret"})


@quirk("Q22 percentages as text with their sign", zones=4)
def percent_texts(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {"12,5 %": 12.5, "8,65%": 8.65, "0,7\u00a0%": 0.7, "s": "secret"})


@quirk("Q22 percentages as numbers shown with a percent format", zones=4)
def percent_format(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {0.125: 12.5, 0.0865: 8.65, 0.007: 0.7, "s": "secret"}, formats={("Feuil1", 3): "0.0%"})  # fmt: skip


@quirk("Q22 negative percentages shown with a percent format", zones=2)
def negative_percent_format(file: File, *zones: str) -> None:
    column(file, zones, "PIMPOT21", {-0.148: -14.8, -0.031: -3.1}, formats={("Feuil1", 3): "0.0%"})


@quirk("Q22 texts with their sign among numbers shown with a percent format", zones=2)
def percent_mixed(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {"12,5 %": 12.5, 0.08: 8}, formats={("Feuil1", 3): "0.0%"})


@quirk("Q22 percentages that may be either are refused", zones=3)
def percent_ambiguous(file: File, a: str, b: str, c: str) -> None:
    file.csv([SAID, ["CODGEO", "TP6021"], [a, "0,125"], [b, "0,08"], [c, "s"]])
    file.says(BLOCKING, "B3, B4", "toutes les valeurs sont au plus 1 : pourcentages, ou parts de 0 à 1 ?")


@apart("Q22 the same in an .ods, whose format is not told", zones=2)
def percent_ambiguous_ods(file: File, a: str, b: str) -> None:
    file.ods([SAID, ["CODGEO", "TP6021"], [a, 0.125], [b, 0.08]])
    file.says(BLOCKING, "B3, B4", "toutes les valeurs sont au plus 1 : pourcentages, ou parts de 0 à 1 ?")


@quirk("Q22 a percent format that a value contradicts is refused", zones=2)
def percent_contradiction(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC", 0.125], [b, "CC", 8]], formats={("Feuil1", 3): "0.0%"})
    file.says(BLOCKING, "C7", "le format « % » de la colonne contredit cette valeur (8)")


@quirk("Q22 a percent format on some cells only is refused", zones=2)
def percent_half(file: File, a: str, b: str) -> None:
    def shown(book: Any) -> None:
        book.get_worksheet_by_name("Feuil1").write(5, 2, 0.125, book.add_format({"num_format": "0.0%"}))

    file.xlsx([*BANNER, CODES, [a, "CC", 0.125], [b, "CC", 0.08]], after=shown)
    file.says(BLOCKING, "C6, C7", "certaines cellules ont un format « % », d’autres non")


@quirk("Q22 a percent format on what is no percentage is refused", zones=2)
def percent_of_no_percentage(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, [*KEYS, "COUVPE21"], [a, "CC", 0.58], [b, "CC", 1.02]], formats={("Feuil1", 3): "0%"})
    file.says(BLOCKING, "C6, C7", "le format « % » des cellules ne va pas avec l’unité de l’indicateur")


@quirk("Q22 an index shown in percent that can only be what is stored", zones=2)
def gini_in_percent(file: File, *zones: str) -> None:
    column(file, zones, "GI21", {0.29: 0.29, 0.31: 0.31}, formats={("Feuil1", 3): "0.0%"})


# --- Q23: years ---------------------------------------------------------------------------------


@quirk("Q23 several years and grammars of codes in one sheet", zones=0)
def several_years(file: File) -> None:
    codes = {
        "P22_POP": 158000, "TP6019": 18.5, "TP6021": 19.5, "TP6022": 19.9, "MED21": 22000, "D121": 11500, "D921": 38000,
        "TP60AGE121": 25, "AGE1TP6019": 24, "SUPBAC2_22": 45, "PARTFS10_24": 3.2, "TXMORTA1318": 7.9, "EVEMP1622": -0.2, "tp60_18": None,
    }  # fmt: skip
    file.xlsx([*BANNER, ["CODGEO", *codes], ["38185", *(0 if value is None else value for value in codes.values())]])
    file.gives(**{f"{letter}6": ("COM:38185", code, value)
                  for letter, (code, value) in zip("BCDEFGHIJKLMN", codes.items(), strict=False) if value is not None})  # fmt: skip
    file.says(CHECK, "O5", "colonne inconnue : « tp60_18 »")


def test_q23_each_column_has_its_year_and_its_period(folder: Path) -> None:
    table = quirk.outcome("Q23 several years and grammars of codes in one sheet", folder).observations
    found = {row.published_code: (row.indicator, row.year, row.period) for row in table.itertuples()}
    rate = "poverty_rate_pct"
    assert (found["TP6019"], found["TP6021"]) == ((rate, 2019, "2019"), (rate, 2021, "2021"))
    assert found["TP6022"] == (rate, 2022, "2022")
    assert found["P22_POP"] == ("population_count", 2022, "2022")
    assert found["TP60AGE121"] == ("poverty_rate_age_under_30_pct", 2021, "2021")
    assert found["AGE1TP6019"] == ("poverty_rate_age_under_30_pct", 2019, "2019")
    assert found["D121"] == ("income_decile1_eur_year", 2021, "2021")
    assert found["SUPBAC2_22"] == ("above_bac2_graduates_pct", 2022, "2022")
    assert found["PARTFS10_24"] == ("beyond_10km_france_services_pct", 2024, "2024")
    assert found["TXMORTA1318"] == ("mortality_rate_per_mille", 2018, "2013-2018")
    assert found["EVEMP1622"] == ("employment_growth_pct_year", 2022, "2016-2022")


@quirk("Q23 a code without year is told, not read", zones=1)
def no_year(file: File, a: str) -> None:
    file.xlsx([*BANNER, [*CODES, "RD", "TP60"], [a, "CC", 12.5, 3.1, 14]])
    file.gives(C6=(a, "TP6021", 12.5))
    file.says(CHECK, "D5", "colonne reconnue (Rapport interdécile D9/D1) mais sans millésime")
    file.says(CHECK, "E5", "colonne inconnue : « TP60 »")


# --- Q32, Q38: what Excel did -------------------------------------------------------------------


@quirk("Q32 a formula without its result is a fault at its cell, with its result a value", zones=2)
def formulas(file: File, a: str, b: str) -> None:
    path = file.xlsx([*BANNER, CODES, [a, "CC", "=600/4800*100→12.5"], [b, "CC", 8]])
    edit_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>8</v>", b"<f>B7/C7</f>"))
    file.says(BLOCKING, "C7", "formule sans résultat enregistré")


@quirk("Q32 formulas with their results", zones=2)
def formulas_with_results(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {"=600/4800*100→12.5": 12.5, '=IF(1<11,"s",9)→s': "secret"})


@quirk("Q32 a code that is a formula without its result", zones=1)
def code_formula(file: File, a: str) -> None:
    path = file.xlsx([*BANNER, CODES, [a, "CC", 12.5], [999, "CC", 8]])
    edit_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>999</v>", b"<f>A6+1</f>"))
    file.says(BLOCKING, "A7", "formule sans résultat enregistré")


def with_dates(path: Path, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book["Feuil1"][place] = value
    book.save(path)


@quirk("Q38 a number that Excel made a date is a fault at its cell", zones=3)
def dates(file: File, a: str, b: str, c: str) -> None:
    path = file.xlsx([*BANNER, CODES, [a, "CC", 12.5], [b, "CC", 0], [c, "CC", 0]])
    with_dates(path, C7=dt.date(2023, 1, 1), C8=dt.time(12, 30))
    file.says(BLOCKING, "C7, C8", "« 01/01/2023 », « 12:30:00 » illisibles pour « Taux de pauvreté »")


@quirk("Q38 the same in a text file", zones=2)
def dates_in_text(file: File, a: str, b: str) -> None:
    file.csv([SAID, ["CODGEO", "TP6021"], [a, "01/2023"], [b, "janv-23"]])
    file.says(BLOCKING, "B3, B4", "« 01/2023 », « janv-23 » illisibles pour « Taux de pauvreté »")


@quirk("Q38 a heading that Excel made a date is told", zones=1)
def date_in_a_heading(file: File, a: str) -> None:
    path = file.xlsx([*BANNER, [*CODES, "x"], [a, "CC", 12.5, 9]])
    with_dates(path, D5=dt.date(2023, 1, 1))
    file.gives(C6=(a, "TP6021", 12.5))
    file.says(CHECK, "D5", "colonne inconnue : « 2023-01-01")


@quirk("Q38 a code that Excel made a date is a fault at its cell", zones=1)
def date_in_a_code(file: File, a: str) -> None:
    path = file.xlsx([*BANNER, CODES, [a, "CC", 12.5], ["x", "CC", 9]])
    with_dates(path, A7=dt.date(2023, 1, 1))
    file.says(BLOCKING, "A7", "code illisible « 01/01/2023 »")


# --- Q34, Q35: roundings ------------------------------------------------------------------------

SHARES = [f"P{place}_MEN21" for place in range(1, 7)]


@quirk("Q34 six shares whose sum is 99.9 or 100.1 are a rounding", zones=2)
def rounded_shares(file: File, a: str, b: str) -> None:
    low, high = [30.1, 19.9, 10, 10, 15, 14.9], [30.1, 19.9, 10.1, 10, 15, 15]
    file.xlsx([*BANNER, ["CODGEO", *SHARES], [a, *low], [b, *high]])
    for row, zone, shares in ((6, a, low), (7, b, high)):
        file.gives(**{f"{letter}{row}": (zone, code, share) for letter, code, share in zip("BCDEFG", SHARES, shares, strict=True)})  # fmt: skip


@quirk("Q34 six shares whose sum is far from 100 are read and told", zones=1)
def shares_far_off(file: File, a: str) -> None:
    shares = [30.1, 19.9, 10, 10, 5, 5]
    file.xlsx([*BANNER, ["CODGEO", *SHARES], [a, *shares]])
    file.gives(**{f"{letter}6": (a, code, share) for letter, code, share in zip("BCDEFG", SHARES, shares, strict=True)})


def test_q34_a_sum_of_shares_far_from_100_is_told_and_a_rounding_is_not(folder: Path) -> None:
    def told(name: str) -> list[str]:
        faults = quirk.outcome(name, folder).faults
        return [fault.cell for fault in faults if fault.kind is FaultKind.COHERENCE]

    assert told("Q34 six shares whose sum is far from 100 are read and told") != []
    assert told("Q34 six shares whose sum is 99.9 or 100.1 are a rounding") == []


ROUNDED = {"ISERE": ("200040715", 9120), "GRESIVAUDAN": ("200018166", 10), "CHARTREUSE": ("200040111", 0)}


@quirk("Q35 counts that the Cnaf rounds to 5 are kept as published", zones=0)
def rounded_counts(file: File) -> None:
    head: list[object] = ["Date référence", "Numéro EPCI", "Nom EPCI", "Nombre foyers RSA"]
    file.csv([head, *(["2022-12", code, name, count] for name, (code, count) in ROUNDED.items()), ["2022-12", "200040459", "", "< 5"]])  # fmt: skip
    file.declares(2025)
    for row, (code, count) in enumerate([*ROUNDED.values(), ("200040459", 5)], start=2):
        file.gives(**{f"D{row}": (code, "Nombre foyers RSA", count)})


def test_q35_a_count_rounded_to_5_lies_within_two_and_a_half(folder: Path) -> None:
    table = quirk.outcome("Q35 counts that the Cnaf rounds to 5 are kept as published", folder).observations
    bounds = dict(zip(table["row"], zip(table["lower"], table["upper"], strict=True), strict=True))
    assert (bounds[2], bounds[3], bounds[4]) == ((9117.5, 9122.5), (7.5, 12.5), (0, 2.5))
    assert (bounds[5][1], table.set_index("row")["availability"][5]) == (5, "censored")


# --- Q40: grades --------------------------------------------------------------------------------

WORDS: dict[object, float | str] = {
    "Non fragile": 0, "NF": 0, 0: 0, "Fragile": 1, "fragile ": 1, "F": 1, "1": 1, "Très fragile": 2, "très fragile ": 2,
    "TRES FRAGILE": 2, "Très\u00a0fragile": 2, "TF": 2, "2": 2, 2: 2, "so": "not_applicable", "": "empty",
}  # fmt: skip


@quirk("Q40 every way of writing a grade", zones=len(WORDS))
def grades(file: File, *zones: str) -> None:
    variables: Rows = [["VAR_ID", "VAR_LIB", "MILLESIME"], ["FRAG_EMPLOI", "Insertion professionnelle", "2022-2024"]]
    rows: Rows = [*BANNER, [*KEYS, "FRAG_EMPLOI"], *([zone, "CC", word] for zone, word in zip(zones, WORDS, strict=True))]  # fmt: skip
    file.xlsx({"Fragilite": rows, "Variables": variables})
    file.gives("Fragilite", **{f"C{row}": (zone, "FRAG_EMPLOI", grade)
                               for row, (zone, grade) in enumerate(zip(zones, WORDS.values(), strict=True), start=6)})  # fmt: skip


@quirk("Q40 a grade that is none is asked", zones=3)
def no_grade(file: File, a: str, b: str, c: str) -> None:
    variables: Rows = [["VAR_ID", "VAR_LIB", "MILLESIME"], ["FRAG_EMPLOI", "Insertion professionnelle", "2022-2024"]]
    rows: Rows = [[a, "CC", "Assez fragile"], [b, "CC", 3], [c, "CC", "1,5"]]
    file.xlsx({"Fragilite": [*BANNER, [*KEYS, "FRAG_EMPLOI"], *rows], "Variables": variables})
    file.says(BLOCKING, "C6, C8", "« Assez fragile », « 1,5 » illisibles")


@pytest.mark.parametrize("name", quirk.cases)
def test_quirk(name: str, folder: Path) -> None:
    outcome = quirk.outcome(name, folder)
    assert outcome.found() == outcome.file.wanted()


@pytest.mark.parametrize("name", apart.cases)
def test_quirk_of_another_format(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    outcome = apart.outcome(name, tmp_path_factory.mktemp("autres"))
    assert outcome.found() == outcome.file.wanted()
