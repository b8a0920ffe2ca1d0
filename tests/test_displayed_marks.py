"""Cells that show words where they store a number: a secret is never read as the 0 that lies under it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from diagpacte.errors import Fault, FaultKind, Severity, SourceError
from diagpacte.sources.corrections import Corrected, Correction
from diagpacte.sources.files.sheet_facts import SheetFacts
from diagpacte.sources.files.workbook import read_workbook
from diagpacte.sources.indicators import IndicatorReading
from diagpacte.sources.rules import ReadingLimits
from other_formats import write_ods
from workbook_builders import Rows, cell, edit_part, faults, plain, read, values, write_xlsx

ONE, TWO, THREE, FOUR = "200000172", "200000438", "200000545", "200000628"
ZONES = (ONE, TWO, THREE, FOUR)
POOR, RATE = "NBMENPAUV21", "TP6021"


def book(path: Path, columns: Mapping[str, list[object]], formats: Mapping[str, str]) -> Path:
    """Codes in column A, names in B, then `columns` from C on, data from row 3; `formats` by cell."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "2021"
    sheet.append(["Géographie au 01/01/2025"])
    sheet.append(["CODGEO", "LIBGEO", *columns])
    for place, zone in enumerate(ZONES):
        sheet.append([zone, "CC", *(cells[place] for cells in columns.values())])
    for name, code in formats.items():
        sheet[name].number_format = code
    made.save(path)
    return path


def read_book(folder: Path, columns: Mapping[str, list[object]], formats: Mapping[str, str]) -> IndicatorReading:
    return read(book(folder / "a.xlsx", columns, formats))


def said(reading: IndicatorReading) -> list[Fault]:
    """The faults about what cells show."""
    words = ("affiché", "invisibles")
    return [fault for fault in reading.faults if any(word in fault.found for word in words)]


def of(reading: IndicatorReading, code: str) -> list[float | str]:
    by_zone = {zone: known for (zone, _, _), known in values(reading).items()}
    assert set(reading.observations["published_code"]) == {code}
    return [by_zone[f"EPCI:{zone}"] for zone in ZONES]


def all_of(column: str, code: str) -> dict[str, str]:
    return {f"{column}{row}": code for row in range(3, 7)}


def test_zeros_that_show_s_are_secrets_told_once_with_their_cells(tmp_path: Path) -> None:
    reading = read_book(tmp_path, {POOR: [0, 120, 0, 130]}, all_of("C", '0;-0;"s"'))
    assert of(reading, POOR) == ["secret", 120, "secret", 130]
    (fault,) = said(reading)
    assert plain(fault.found) == "affiché « s », contient 0"
    assert (fault.severity, fault.kind, fault.cell, fault.cells) == (
        Severity.CHECK, FaultKind.SECRET, "C3, C5", ("C3", "C5"),
    )  # fmt: skip
    assert cell(reading, f"EPCI:{ONE}", POOR)["published_text"] == "s"


def test_one_fault_for_all_the_columns_of_a_table(tmp_path: Path) -> None:
    formats = all_of("C", '0;-0;"s"') | all_of("D", '0.0;-0.0;"nd"')
    reading = read_book(tmp_path, {POOR: [0, 1, 2, 3], RATE: [10.5, 0, 0, 11.5]}, formats)
    (fault,) = said(reading)
    assert fault.cells == ("C3", "D4:D5")
    assert plain(fault.found) == "affiché « s », contient 0 ; affiché « nd », contient 0"
    assert cell(reading, f"EPCI:{TWO}", RATE)["availability"] == "not_available"


@pytest.mark.parametrize(
    ("code", "read_as"),
    [
        ('[<11]"s";0', ["secret", "secret", 11, 120]),
        ('"nd"', ["not_available"] * 4),
        ('[=0]"-";0', [0, 7, 11, 120]),
        ('#,##0;-#,##0;"-"', [0, 7, 11, 120]),
        ('[<11]"-";0', ["not_available", "not_available", 11, 120]),
        ("0;-0;\\s", ["secret", 7, 11, 120]),
        ('0;-0;"///"', ["not_applicable", 7, 11, 120]),
        (";;;", [0, 7, 11, 120]),
        ('0;-0;"néant"', [0, 7, 11, 120]),
        ('0;-0;"0"', [0, 7, 11, 120]),
    ],
)
def test_a_cell_is_the_mark_it_shows_and_else_its_number(tmp_path: Path, code: str, read_as: list[object]) -> None:
    reading = read_book(tmp_path, {POOR: [0, 7, 11, 120]}, all_of("C", code))
    assert of(reading, POOR) == read_as
    assert faults(reading) == []


def test_a_number_that_a_secret_covers_is_said_nowhere(tmp_path: Path) -> None:
    reading = read_book(tmp_path, {POOR: [7361, 120, 11, 12]}, {"C3": '"s"'})
    assert not [fault for fault in reading.faults if "7361" in str(fault) or "7 361" in plain(str(fault))]
    assert not (reading.observations.astype("str") == "7361").to_numpy().any()
    assert [plain(fault.found) for fault in said(reading)] == ["affiché « s », contient un nombre"]


def test_a_bound_that_is_shown_is_a_censored_value(tmp_path: Path) -> None:
    reading = read_book(tmp_path, {POOR: [7, 120, 11, 12]}, all_of("C", '[<11]"< 11";0'))
    first = cell(reading, f"EPCI:{ONE}", POOR)
    assert (first["availability"], first["upper"], first["published_text"]) == ("censored", 11, "< 11")
    assert [plain(fault.found) for fault in said(reading)] == ["affiché « < 11 », contient un nombre"]


def test_words_that_are_no_mark_leave_the_number_and_say_what_is_shown(tmp_path: Path) -> None:
    reading = read_book(tmp_path, {POOR: [0, 120, 130, 140]}, {"C3": '0;-0;"néant"', "C5": '"environ"'})
    assert of(reading, POOR) == [0, 120, 130, 140]
    (fault,) = said(reading)
    assert plain(fault.found) == "affiché « néant », contient 0 ; affiché « environ », contient 130"
    assert (fault.severity, fault.cells) == (Severity.CHECK, ("C3", "C5"))


def test_invisible_numbers_are_read_and_told_as_an_information(tmp_path: Path) -> None:
    reading = read_book(tmp_path, {POOR: [0, 120, 0, 140]}, all_of("C", "0;-0;;@") | {"C4": ";;;"})
    assert of(reading, POOR) == [0, 120, 0, 140]
    (fault,) = said(reading)
    assert fault.found == "cellules rendues invisibles par leur format"
    assert (fault.severity, fault.cells) == (Severity.INFORMATION, ("C3:C5",))


def test_nothing_is_said_of_cells_that_are_not_read(tmp_path: Path) -> None:
    formats = all_of("C", "0") | all_of("D", '0;-0;"s"')
    reading = read_book(tmp_path, {POOR: [1, 2, 3, 4], "INCONNU21": [0, 0, 0, 0]}, formats)
    assert said(reading) == []


def test_a_correction_wins_over_what_a_cell_shows(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {POOR: [0, 120, 130, 140]}, {"C3": '"s"'})
    typed = Correction(1, "0" * 12, "2021", 3, 3, Corrected.VALUE, "0", "110", "vu au rapport", date(2026, 1, 1))
    reading = read(path, corrections=[typed])
    assert of(reading, POOR) == [110, 120, 130, 140]
    assert said(reading) == []


def test_a_degree_that_is_shown_is_that_degree(tmp_path: Path) -> None:
    shown = all_of("C", '[=0]"Très fragile";[=1]"Fragile";"Non fragile"')
    reading = read_book(tmp_path, {"FRAG_EMPLOI": [0, 1, 2, 0]}, shown)
    assert of(reading, "FRAG_EMPLOI") == [2, 1, 0, 2]
    assert [fault.cells for fault in said(reading)] == [("C3:C6",)]


def test_a_secret_shown_in_a_transposed_table_is_one_too(tmp_path: Path) -> None:
    rows: Rows = [["CODGEO", ONE, TWO, THREE], [POOR, 0, 120, 130], [RATE, 0.125, 0.25, 0]]
    path = write_xlsx(tmp_path / "t.xlsx", {"Tab": rows}, merged={})
    made = openpyxl.load_workbook(path)
    for column in "BCD":
        made["Tab"][f"{column}2"].number_format = '0;-0;"s"'
        made["Tab"][f"{column}3"].number_format = '0.0%;-0.0%;"nd"'
    made.save(path)
    reading = read(path, geo_vintage=2025)
    assert faults(reading) == []
    assert list(values(reading).values()) == ["secret", 12.5, 120, 25, 130, "not_available"]
    assert [fault.cells for fault in said(reading)] == [("B2", "D3")]


def test_the_percent_format_of_a_column_that_hides_its_zeros_is_still_one(tmp_path: Path) -> None:
    reading = read_book(tmp_path, {RATE: [0.125, 0, 0.25, 0.5]}, all_of("C", '0.0%;-0.0%;"s"'))
    assert of(reading, RATE) == [12.5, "secret", 25, 50]
    assert faults(reading) == []


def test_an_ods_says_what_its_cells_show_beside_their_number(tmp_path: Path) -> None:
    rows: Rows = [["Géographie au 01/01/2025"], ["CODGEO", "LIBGEO", POOR]]
    rows += [[zone, "CC", number] for zone, number in zip(ZONES, [61, 62, 63, 64], strict=True)]
    shows = {b"61": b"s", b"62": b"-", b"63": b"< 11"}
    stored = {b"61": b"0", b"62": b"0", b"63": b"7"}

    def show(xml: bytes) -> bytes:
        for number, words in shows.items():
            note = b"<office:annotation><text:p>vu, 12</text:p></office:annotation>"
            before = b'office:value="' + number + b'"><text:p>' + number + b"</text:p>"
            after = b'office:value="' + stored[number] + b'">' + note + b"<text:p>" + words.replace(b"<", b"&lt;")
            assert before in xml
            xml = xml.replace(before, after + b"</text:p>")
        return xml

    reading = read(edit_part(write_ods(tmp_path / "a.ods", rows), "content.xml", show))
    assert [str(known) for known in of(reading, POOR)[:2]] == ["secret", "0.0"]
    assert cell(reading, f"EPCI:{THREE}", POOR)["availability"] == "censored"
    assert [fault.cells for fault in said(reading)] == [("C3", "C5")]


# --- the pre-scan -----------------------------------------------------------------------------


def facts_of(path: Path) -> SheetFacts:
    return read_workbook(path, ReadingLimits()).sheets[0].facts


def shown_in(facts: SheetFacts) -> dict[tuple[int, int], tuple[str, float]]:
    """Row and column → words and number."""
    return {
        (row, column): (words, number)
        for column, by_words in facts.words.items()
        for words, worded in by_words.items()
        for row, number in zip(*worded, strict=True)
    }


def test_the_cells_that_show_words_are_known_among_others_of_any_style(tmp_path: Path) -> None:
    formats = {"C3": '0;-0;"s"', "C4": "0.0%", "C5": '0;-0;"s"', "C6": "0.0%", "D4": ";;;", "D5": '0;-0;"s"'}
    facts = facts_of(book(tmp_path / "a.xlsx", {"X": [0, 0, 5, 0], "Y": [1, 2, "s", 0]}, formats))
    assert shown_in(facts) == {(3, 3): ("s", 0), (4, 4): ("", 2)}
    assert [facts.formats_of(3, [row]) for row in range(3, 7)] == [{'0;-0;"s"'}, {"0.0%"}, {'0;-0;"s"'}, {"0.0%"}]
    assert facts.formats_of(3, range(3, 7)) == facts.formats[3] == {'0;-0;"s"', "0.0%"}


def test_a_formula_shows_words_in_place_of_its_result_and_none_without_it(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"X": [0, 5, 0, 0]}, all_of("C", '0;-0;"s"'))

    def formulas(xml: bytes) -> bytes:
        with_result = xml.replace(b"<v>5</v>", b"<f>1-1</f><v>0</v>")
        return with_result.replace(b'<c r="C6" s="1" t="n"><v>0</v>', b'<c r="C6" s="1"><f>A1</f><v></v>')

    facts = facts_of(edit_part(path, "xl/worksheets/sheet1.xml", formulas))
    assert set(shown_in(facts)) == {(3, 3), (4, 3), (5, 3)}
    assert facts.uncached == {(6, 3)}


def test_what_the_cells_show_counts_in_the_memory_of_a_file(tmp_path: Path) -> None:
    rows: Rows = [[0] * 100 for _ in range(270)]
    hidden = {("F", column): '0;-0;"s"' for column in range(1, 101)}
    limits = ReadingLimits(max_memory_mb=2)  # the cells alone take 1.9
    read_workbook(write_xlsx(tmp_path / "a.xlsx", {"F": rows}), limits)
    with pytest.raises(SourceError, match="mémoire"):
        read_workbook(write_xlsx(tmp_path / "b.xlsx", {"F": rows}, formats=hidden), limits)
