"""Transposed tables: zones side by side, indicators one under another, each value with the cell of the file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.errors import Severity
from diagpacte.sources.files.workbook import Sheet
from diagpacte.sources.layout.headers import find_tables
from diagpacte.sources.layout.zone_codes import has_siren_key
from diagpacte.sources.turning import is_turned, turned
from workbook_builders import Rows, cell, faults, panorama, read, rules, values, write_csv, write_xlsx

ONE, TWO, THREE = "200000172", "200000438", "200000545"
CODES = ["CODGEO", ONE, TWO, THREE]
RATES: list[object] = ["TP6021", 8.9, 12.1, "s"]
MEDIANS: list[object] = ["MED21", 26980, 22110, 20500]
EXPECTED = {
    (f"EPCI:{ONE}", "poverty_rate_pct", 2021): 8.9, (f"EPCI:{TWO}", "poverty_rate_pct", 2021): 12.1,
    (f"EPCI:{THREE}", "poverty_rate_pct", 2021): "secret", (f"EPCI:{ONE}", "median_income_eur_year", 2021): 26980,
    (f"EPCI:{TWO}", "median_income_eur_year", 2021): 22110, (f"EPCI:{THREE}", "median_income_eur_year", 2021): 20500,
}  # fmt: skip


def sheet_of(rows: Rows) -> Sheet:
    width = max(map(len, rows))
    cells = np.full((len(rows), width), None, dtype=object)
    for number, row in enumerate(rows):
        cells[number, : len(row)] = row
    return Sheet("Feuil1", cells)


def written(folder: Path, *rows: list[object], **options: object) -> Path:
    return write_xlsx(folder / "transpose.xlsx", {"Tableau": [*rows]}, merged={}, **options)  # type: ignore[arg-type]


def test_a_transposed_table_gives_the_values_of_the_wide_one_with_the_cells_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, CODES, RATES, MEDIANS)  # type: ignore[arg-type]
    reading = read(path, geo_vintage=2025)
    assert reading.faults == []
    assert values(reading) == EXPECTED
    rate = cell(reading, f"EPCI:{TWO}", "TP6021")
    assert (rate["sheet"], rate["row"], rate["column"], rate["published_text"]) == ("Tableau", 2, "C", "12.1")


def test_titles_labels_names_units_totals_and_notes_stand_around_it(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ["Tableau de bord des EPCI"],
        ["Géographie au 01/01/2024"],
        [],
        ["Indicateur", "Code", "Unité", "CC Une", "CC Deux", "CA Trois", "Total"],
        ["", "CODGEO", "", ONE, TWO, THREE, "Total"],
        ["Taux de pauvreté", *RATES[:1], "%", *RATES[1:], 11],
        ["Médiane du niveau de vie", *MEDIANS[:1], "euros", *MEDIANS[1:], ""],
        [],
        ["Champ : ménages fiscaux."],
        ["Source : Insee, invention."],
    )
    reading = read(path)
    assert faults(reading) == []
    assert values(reading) == EXPECTED
    assert set(reading.observations["geo_vintage"]) == {2024}
    assert reading.source.title == "Tableau de bord des EPCI"
    assert reading.source.note.splitlines()[-2:] == ["Champ : ménages fiscaux.", "Source : Insee, invention."]
    rate = cell(reading, f"EPCI:{ONE}", "TP6021")
    assert (rate["row"], rate["column"]) == (6, "D")
    assert not [fault for fault in reading.faults if "Champ" in fault.found or "Tableau de bord" in fault.found]


def test_labels_alone_say_the_indicators_and_a_corner_need_not_say_code(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ["", "CC Une", "CC Deux"],
        ["Indicateur (2021)", ONE, TWO],
        ["Taux de pauvreté 2021", 8.9, 12.1],
        ["Niveau de vie médian 2021", 26980, 22110],
    )
    reading = read(path, geo_vintage=2025)
    assert reading.faults == []
    assert values(reading) == {key: value for key, value in EXPECTED.items() if not key[0].endswith(THREE)}


def test_the_corner_above_the_labels_is_no_indicator(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ["Indicateur", "Unité", "Source", "CC Une", "CC Deux"],
        ["Code SIREN", "", "", ONE, TWO],
        ["Taux de pauvreté 2021", "%", "Filosofi", 8.9, 12.1],
    )
    reading = read(path, geo_vintage=2025)
    assert (reading.faults, reading.headings["cell"].tolist()) == ([], [])
    assert list(values(reading).values()) == [8.9, 12.1]


def test_a_row_of_words_above_the_codes_is_asked_when_it_may_be_an_indicator(tmp_path: Path) -> None:
    path = written(tmp_path, ["Qualité de vie", "Bonne", "Mauvaise"], ["CODGEO", ONE, TWO], ["TP6021", 8.9, 12.1])
    assert read(path, geo_vintage=2025).headings["cell"].tolist() == ["A1"]


def test_a_text_file_is_turned_too_and_codes_without_their_zero_are_restored(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "transpose.csv", [["CODGEO", "1004", "01053", "2A004"], ["TP6021", 8.9, "12,5", "nd"]])
    reading = read(path, geo_vintage=2025)
    assert values(reading) == {
        ("COM:01004", "poverty_rate_pct", 2021): 8.9,
        ("COM:01053", "poverty_rate_pct", 2021): 12.5,
        ("COM:2A004", "poverty_rate_pct", 2021): "not_available",
    }


def test_the_row_that_names_each_zone_once_is_that_of_the_codes(tmp_path: Path) -> None:
    departments: list[object] = ["Code département", "74", "74", "38"]
    path = written(tmp_path, departments, ["Code EPCI", ONE, TWO, THREE], RATES, MEDIANS)
    assert values(read(path, geo_vintage=2025)) == EXPECTED


@pytest.mark.parametrize(
    "rows",
    [
        [["Indicateur", 2019, 2020, 2021], ["Taux de pauvreté", 8.9, 12.1, 13]],
        [["Code", 2019, 2020, 2021], ["TP60", 8.9, 12.1, 13]],
        [["CODGEO", 2019, 2020, 2021], ["TP60", 8.9, 12.1, 13]],
        [["", "CC Une", "CC Deux"], ["Ménages fiscaux", 11223, 17300], ["Médiane", 26980, 22110]],
        [["Code", 1, 2, 3], ["Profil", 8.9, 12.1, 13]],
        [["Code", 10, 20, 30], ["Tranche", 8.9, 12.1, 13]],
        [["EPCI", ONE, TWO]],
        [["EPCI", ONE, ONE], ["TP6021", 1, 2]],
        [["CODGEO", ONE], ["TP6021", 1]],
        [["Sommaire"], ["Champ : ménages."]],
    ],
    ids=["years", "years-headed", "years-codgeo", "values", "ranks", "tens", "no-values", "one-zone", "single", "text"],
)
def test_numbers_that_may_be_anything_else_are_never_taken_for_zones(rows: Rows) -> None:
    assert not is_turned(sheet_of(rows), rules().layout)


def test_a_sheet_with_a_wide_table_is_read_as_it_stands() -> None:
    for name, rows in panorama().items():
        tables = find_tables(sheet_of(rows), rules().layout)
        assert isinstance(tables, str) or not is_turned(sheet_of(rows), rules().layout), name


def test_a_fault_names_the_cell_of_the_file_and_an_unknown_row_is_told_once(tmp_path: Path) -> None:
    rows: Rows = [CODES, ["TP6021", 8.9, "beaucoup", 150], ["INCONNU21", 1, 2, 3], ["AUTRE21", 1, 2, 3]]  # type: ignore[list-item]
    reading = read(written(tmp_path, *rows), geo_vintage=2025)
    (blocking,) = faults(reading)
    assert (blocking.cell, blocking.cells) == ("C2", ("C2",))
    checks = sorted((fault.cell, fault.cells) for fault in faults(reading, Severity.CHECK))
    assert checks == [("A3", ("A3",)), ("A4", ("A4",)), ("D2", ("D2",))]
    assert [one.place for one in reading.skipped] == ["ligne 3", "ligne 4"]
    assert reading.headings["cell"].tolist() == ["A3", "A4"]


def test_errors_and_formulas_without_result_keep_their_cell(tmp_path: Path) -> None:
    path = written(tmp_path, CODES, ["TP6021", 8.9, "=NA()→#N/A", "=B2*2→"])  # type: ignore[arg-type]
    reading = read(path, geo_vintage=2025)
    assert cell(reading, f"EPCI:{TWO}", "TP6021")["availability"] == "not_available"
    assert {fault.cell for fault in reading.faults} == {"C2", "D2"}
    assert len(reading.observations) == 2


def test_the_facts_of_a_sheet_turn_with_its_cells() -> None:
    sheet = sheet_of([["a", "b", "c"], ["d", "e", "f"]])
    facts = sheet.facts
    facts.rows, facts.columns = 2, 3
    facts.merged, facts.errors, facts.uncached = [(1, 2, 1, 3)], {(2, 3): "#N/A"}, {(2, 1)}
    facts.hidden_rows, facts.hidden_columns = [2], [1, 3]
    there = turned(sheet)
    assert there.cells.tolist() == [["a", "d"], ["b", "e"], ["c", "f"]]
    assert (there.facts.rows, there.facts.columns) == (3, 2)
    assert there.facts.merged == [(2, 1, 3, 1)]
    assert there.facts.errors == {(3, 2): "#N/A"}
    assert there.facts.uncached == {(1, 2)}
    assert (there.facts.hidden_rows, there.facts.hidden_columns) == ([1, 3], [2])
    assert there.cell_name(3, 2) == "C2"
    assert sheet.facts.merged == [(1, 2, 1, 3)]


def test_percent_formats_that_differ_along_a_row_are_never_guessed(tmp_path: Path) -> None:
    rows: Rows = [["CODGEO", ONE, TWO], ["TP6021", 0.089, 0.121], ["MED21", 26980, 22110]]
    formats = {("Tableau", 2): "0.0%"}  # the first zone's column: its rate and its median alike
    reading = read(written(tmp_path, *rows, formats=formats), geo_vintage=2025)
    assert [fault.kind.value for fault in faults(reading)] == ["unités et bases"]
    whole = {("Tableau", column): "0.0%" for column in (2, 3)}
    assert values(read(written(tmp_path, *rows[:2], formats=whole), geo_vintage=2025)) == {
        (f"EPCI:{ONE}", "poverty_rate_pct", 2021): 8.9,
        (f"EPCI:{TWO}", "poverty_rate_pct", 2021): 12.1,
    }


def siren(number: int) -> str:
    """The nine digits whose last is the key of the others."""
    return next(f"{number}{key}" for key in range(10) if has_siren_key(f"{number}{key}"))


@settings(max_examples=25, deadline=None)
@given(
    zones=st.lists(st.integers(20000000, 24999999).map(siren), min_size=2, max_size=5, unique=True),
    numbers=st.lists(st.floats(1.5, 99, allow_nan=False).map(lambda value: round(value, 1)), min_size=10, max_size=10),
    title=st.booleans(),
)
def test_a_table_says_the_same_whichever_way_it_lies(
    zones: list[str], numbers: list[float], title: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("turned")
    wide: Rows = [["CODGEO", "TP6021", "TP6020"]]
    wide += [[zone, numbers[2 * place], numbers[2 * place + 1]] for place, zone in enumerate(zones)]
    across: Rows = [list(column) for column in zip(*wide, strict=True)]
    above: Rows = [["Taux de pauvreté des EPCI"], []] if title else []
    lying = read(write_csv(folder / "across.csv", [*above, *across]), geo_vintage=2025)
    standing = read(write_csv(folder / "wide.csv", [*above, *wide]), geo_vintage=2025)
    assert values(lying) == values(standing)
    assert lying.faults == standing.faults == []
