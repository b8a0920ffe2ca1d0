"""The number format of each cell, and what it says of percentages, whichever way a table lies."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from diagpacte.errors import FaultKind
from diagpacte.sources.files.sheet_facts import FIRST_ROWS
from diagpacte.sources.files.workbook import Sheet, read_workbook
from diagpacte.sources.rules import ReadingLimits
from diagpacte.sources.turning import turned
from other_formats import write_ods
from workbook_builders import Rows, edit_part, faults, read, values

ONE, TWO, THREE = "200000172", "200000438", "200000545"
RATE, JOBLESS, MEDIAN = "poverty_rate_pct", "unemployment_rate_pct", "median_income_eur_year"
CODES = ["0.0%", "0.00%", "#,##0.000", '0;-0;"s"', '0.0%;-0.0%;"s"', "General"]
SEED = 7


def book(path: Path, rows: Rows, formats: Mapping[str, str]) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for area, code in formats.items():
        cells = sheet[area]
        for line in cells if isinstance(cells, tuple) else ((cells,),):
            for cell in line:
                cell.number_format = code
    made.save(path)
    return path


def sheet_of(path: Path) -> Sheet:
    return read_workbook(path, ReadingLimits()).sheets[0]


def row_of(reading_values: Mapping[tuple[str, str, int], float | str], indicator: str) -> list[float | str]:
    return [value for (_, name, _), value in reading_values.items() if name == indicator]


def test_every_number_has_the_format_that_openpyxl_finds_in_its_cell(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    rows: Rows = [[chance.choice([0, 1.5, 12, "s", None]) for _ in range(6)] for _ in range(40)]
    formats = {f"{column}{row}": chance.choice(CODES[: 1 + row % 6]) for column in "ABCDEF" for row in range(1, 41)}
    path = book(tmp_path / "a.xlsx", rows, formats)
    seen = openpyxl.load_workbook(path).worksheets[0]
    known = {
        (cell.row, cell.column): {"" if cell.number_format == "General" else cell.number_format}
        for line in seen.iter_rows()
        for cell in line
        if isinstance(cell.value, int | float)
    }
    sheet = sheet_of(path)
    there = turned(sheet)
    assert len(known) > 100
    assert {place: sheet.facts.formats_of(place[1], [place[0]]) for place in known} == known
    assert {place: there.facts.formats_of(place[0], [place[1]]) for place in known} == known
    for row in range(1, 41):
        in_row = [formats for (line, _), formats in known.items() if line == row]
        assert there.facts.formats.get(row, set()) == set().union(*in_row)


@pytest.fixture
def transposed() -> Rows:
    """Rows 2 and 3 are plain, 4 and 5 are shares from 0 to 1, one of them secret, 6 is plain again."""
    return [
        ["CODGEO", ONE, TWO, THREE],
        ["TP6021", 8.5, 9.5, 12.5],
        ["MED21", 21000, "s", 23000],
        ["TXCHOM20", 0.085, "s", 0.125],
        ["TXCHOM21", 0.075, 0.09, "nd"],
        ["TP6020", 9.5, 10.5, 13.5],
    ]


def test_rows_of_shares_among_rows_of_percentages_are_each_read_in_their_scale(
    tmp_path: Path, transposed: Rows
) -> None:
    reading = read(book(tmp_path / "t.xlsx", transposed, {"B4:D5": "0.0%", "B3:D3": "#,##0"}), geo_vintage=2025)
    assert reading.faults == []
    found = values(reading)
    assert row_of(found, RATE) == [8.5, 9.5, 9.5, 10.5, 12.5, 13.5]
    assert row_of(found, MEDIAN) == [21000, "secret", 23000]
    assert row_of(found, JOBLESS) == [8.5, 7.5, "secret", 9, 12.5, "not_available"]


def test_numbers_left_of_the_zones_say_nothing_of_the_scale_of_a_row(tmp_path: Path, transposed: Rows) -> None:
    heads = ["Année", None, 2021, 2021, 2020, 2021, 2020]
    rows: Rows = [[year, *row] for year, row in zip(heads[1:], transposed, strict=True)]
    reading = read(book(tmp_path / "t.xlsx", rows, {"C4:E5": "0.0%"}), geo_vintage=2025)
    assert reading.faults == []
    assert row_of(values(reading), JOBLESS) == [8.5, 7.5, "secret", 9, 12.5, "not_available"]


def test_a_row_that_mixes_both_is_refused_and_the_others_are_read(tmp_path: Path, transposed: Rows) -> None:
    transposed[1][2] = 0.125  # one zone's column is in percent, among plain ones
    reading = read(book(tmp_path / "t.xlsx", transposed, {"B4:D5": "0.0%", "C2": "0.0%"}), geo_vintage=2025)
    (refused,) = faults(reading)
    assert (refused.kind, refused.cells) == (FaultKind.UNIT, ("B2", "C2", "D2"))
    assert "certaines cellules ont un format « % »" in refused.found.replace("\u00a0", " ")
    assert row_of(values(reading), JOBLESS) == [8.5, 7.5, "secret", 9, 12.5, "not_available"]


def test_a_column_in_percent_is_refused_in_every_row_it_crosses(tmp_path: Path) -> None:
    rows: Rows = [["CODGEO", ONE, TWO, THREE], ["TP6021", 8.5, 0.125, 9.5], ["TXCHOM21", 7.5, 0.09, 10.5]]
    reading = read(book(tmp_path / "t.xlsx", rows, {"C2:C3": "0.0%"}), geo_vintage=2025)
    assert [(fault.kind, fault.cell) for fault in faults(reading)] == [
        (FaultKind.UNIT, "B2, C2, D2"), (FaultKind.UNIT, "B3, C3, D3"),
    ]  # fmt: skip


def test_far_below_the_first_rows_a_percentage_anywhere_is_a_doubt(tmp_path: Path) -> None:
    rows: Rows = [["CODGEO", ONE, TWO, THREE], ["TXCHOM21", 7.5, 8.5, 9.5], *([None] for _ in range(FIRST_ROWS))]
    rows.append(["TP6021", 0.085, 0.095, 0.125])
    last = len(rows)
    reading = read(book(tmp_path / "t.xlsx", rows, {f"B{last}:D{last}": "0.0%"}), geo_vintage=2025)
    assert row_of(values(reading), JOBLESS) == [7.5, 8.5, 9.5]
    assert [fault.cell for fault in faults(reading)] == [f"B{last}, C{last}, D{last}"]


def test_the_percentages_of_an_ods_are_known_by_row_as_well(tmp_path: Path, transposed: Rows) -> None:
    shares = [value for row in transposed[3:5] for value in row[1:] if isinstance(value, float)]

    def in_percent(xml: bytes) -> bytes:
        for value in shares:
            plain = f'office:value-type="float" office:value="{value}"'.encode()
            assert plain in xml
            xml = xml.replace(plain, plain.replace(b"float", b"percentage"))
        return xml

    path = edit_part(write_ods(tmp_path / "t.ods", transposed), "content.xml", in_percent)
    reading = read(path, geo_vintage=2025)
    assert faults(reading) == []
    assert row_of(values(reading), JOBLESS) == [8.5, 7.5, "secret", 9, 12.5, "not_available"]
    assert row_of(values(reading), RATE) == [8.5, 9.5, 9.5, 10.5, 12.5, 13.5]


def test_a_number_in_the_header_of_a_column_of_shares_is_no_value_of_another_scale(tmp_path: Path) -> None:
    rows: Rows = [["Géographie au 01/01/2025"], [None, 2021], ["CODGEO", "TP6021"]]
    rows += [[ONE, 0.085], [TWO, 0.095], [THREE, "s"], ["Moyenne", 9.1]]
    reading = read(book(tmp_path / "w.xlsx", rows, {"B4:B6": "0.0%"}))
    assert faults(reading) == []
    assert row_of(values(reading), RATE) == [8.5, 9.5, "secret"]
