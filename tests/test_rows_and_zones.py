"""Rows without code, levels, and columns of codes: each zone is the right one, and what is no zone is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from diagpacte.errors import Severity
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from workbook_builders import Rows, plain, rules, write_xlsx

A, B, C, D = "242900314", "242900074", "242900553", "242900645"
EPCI = [A, B, C, D]
KEYS: list[object] = ["CODGEO", "LIBGEO"]


def read(folder: Path, *rows: list[object], merged: Mapping[str, str] | None = None) -> IndicatorReading:
    path = write_xlsx(
        folder / "t.xlsx", {"Tab": [["Titre"], ["Géographie au 01/01/2025"], *rows]}, merged={"Tab": merged or {}}
    )
    return read_indicators(path, "t", rules())


def given(reading: IndicatorReading, code: str = "TP6021") -> dict[str, float]:
    table = reading.observations
    table = table[table["published_code"].eq(code)]
    return dict(zip(table["zone_code"], table["value"], strict=True))


def told(reading: IndicatorReading, severity: Severity) -> list[tuple[str, str]]:
    return [(fault.cell, plain(fault.found)) for fault in reading.faults if fault.severity is severity]


def of_epci(*values: float) -> dict[str, float]:
    return {f"EPCI:{code}": value for code, value in zip(EPCI, values, strict=False)}


COMMUNES = ["29019", "29232", "29103", "29151"]


def side_by_side(heading: str, *, blank: bool, label: str = "NBMENPAUV21") -> Rows:
    gap: list[object] = [None] if blank else []
    header = [*KEYS, "TP6021", *gap, heading, "Commune", label]
    lines = zip(EPCI, COMMUNES, range(4), strict=True)
    return [header, *([epci, "CC", 10 + i, *gap, commune, "Commune", 30 + i] for epci, commune, i in lines)]


@pytest.mark.parametrize("heading", ["Code commune", "Commune (code INSEE)"])
def test_codes_of_communes_beside_those_of_epci_have_their_own_values(tmp_path: Path, heading: str) -> None:
    reading = read(tmp_path, *side_by_side(heading, blank=True))
    assert given(reading) == of_epci(10, 11, 12, 13)
    assert given(reading, "NBMENPAUV21") == {f"COM:{code}": 30 + i for i, code in enumerate(COMMUNES)}


def test_one_heading_on_both_sides_is_two_tables(tmp_path: Path) -> None:
    reading = read(tmp_path, *side_by_side("Code commune", blank=False, label="TP6021"))
    assert given(reading) == of_epci(10, 11, 12, 13) | {f"COM:{code}": 30 + i for i, code in enumerate(COMMUNES)}


def test_what_nothing_sets_apart_is_not_read_and_is_said(tmp_path: Path) -> None:
    reading = read(tmp_path, *side_by_side("Code commune", blank=False))
    assert given(reading) == of_epci(10, 11, 12, 13)
    assert given(reading, "NBMENPAUV21") == {}
    assert told(reading, Severity.CHECK) == [("D3, E3, F3", "deux colonnes de codes de zones : A3 et D3")]


def test_the_epci_of_communes_is_an_attribute(tmp_path: Path) -> None:
    lines = zip(COMMUNES, [A, A, A, B], range(4), strict=True)
    rows = [[code, "Commune", 10 + i, epci, 30 + i] for code, epci, i in lines]
    reading = read(tmp_path, [*KEYS, "TP6021", "EPCI", "NBMENPAUV21"], *rows)
    assert given(reading, "NBMENPAUV21") == {f"COM:{code}": 30 + i for i, code in enumerate(COMMUNES)}
    assert told(reading, Severity.CHECK) == []


@pytest.mark.parametrize("level", ["Métropole", "CA", "CC", "CU", "Communauté urbaine", "EPCI-FP"])
def test_a_siren_is_an_epci_whatever_its_kind_is_called(tmp_path: Path, level: str) -> None:
    rows: Rows = [["FRANCE", "", "France", 14.9], [level, A, "Brest métropole", 10], ["EPCI", B, "CC", 11]]
    reading = read(tmp_path, ["GEO_NIV", *KEYS, "TP6021"], *rows)
    assert given(reading) == {"FRM": 14.9, f"EPCI:{A}": 10, f"EPCI:{B}": 11}


def test_summaries_without_code_are_said_wherever_they_stand(tmp_path: Path) -> None:
    rows: Rows = [
        [None, "Bretagne", 11], [A, "CC", 10], [None, "29 - Finistère", 11.5], [B, "CC", 11], ["Bretagne", None, 11],
        [None, "Sous-total Ouest", 3], [None, "Département du Finistère (29)", 4], ["12 EPCI sur 21", "", 3],
    ]  # fmt: skip
    reading = read(tmp_path, [*KEYS, "TP6021"], *rows)
    assert given(reading) == of_epci(10, 11)
    assert told(reading, Severity.BLOCKING) == []
    assert told(reading, Severity.CHECK) == [("A11", "code illisible « 12 EPCI sur 21 »")]
    said = {cell for cell, _ in told(reading, Severity.INFORMATION)}
    assert {"A4", "A6", "A8", "A9", "A10"} <= {part for cell in said for part in cell.split(", ")}


def test_an_epci_that_lost_its_code_still_blocks(tmp_path: Path) -> None:
    rows: Rows = [[A, "CC", 10], [None, "Brest métropole", 11], [B, "CC", 11]]
    reading = read(tmp_path, [*KEYS, "TP6021"], *rows)
    assert told(reading, Severity.BLOCKING) == [("A5", "ligne de valeurs sans code : « Brest métropole »")]


def test_a_departement_that_lost_its_code_among_departements_blocks(tmp_path: Path) -> None:
    rows: Rows = [["22", "Côtes-d’Armor", 10], [None, "Finistère", 11], ["35", "Ille-et-Vilaine", 11]]
    reading = read(tmp_path, [*KEYS, "TP6021"], *rows)
    assert told(reading, Severity.BLOCKING) == [("A5", "ligne de valeurs sans code : « Finistère »")]


@pytest.mark.parametrize(
    "note", ["Source : Cnam, SNDS, 2023", "Note de lecture : 12 EPCI", "(1) EPCI de Brest", "* secret"]
)
def test_a_note_is_a_note_whatever_figure_stands_beside(tmp_path: Path, note: str) -> None:
    reading = read(tmp_path, [*KEYS, "TP6021"], [A, "CC", 10], [B, "CC", 11], [note, None, 2023])
    assert given(reading) == of_epci(10, 11)
    assert told(reading, Severity.BLOCKING) == told(reading, Severity.CHECK) == []


def test_the_codes_of_departements_are_preferred_to_those_of_their_region(tmp_path: Path) -> None:
    rows: Rows = [
        [53, "Bretagne", 22, 10.5],
        [53, "Bretagne", 29, 10.9],
        [53, "Bretagne", 35, 10.1],
        [84, "ARA", 1, 9.9],
    ]
    reading = read(tmp_path, ["Code région", "Région", "Code dép", "TP6021"], *rows)
    assert given(reading) == {"DEP:22": 10.5, "DEP:29": 10.9, "DEP:35": 10.1, "DEP:01": 9.9}


def test_the_heading_says_the_level_of_short_codes(tmp_path: Path) -> None:
    rows: Rows = [[53, 10.5], [84, 12.7], [11, 15], ["01", 30]]
    assert given(read(tmp_path, ["Code région", "TP6021"], *rows)) == {"REG:53": 10.5, "REG:84": 12.7, "REG:11": 15, "REG:01": 30}  # fmt: skip
    assert given(read(tmp_path, ["Code département", "TP6021"], *rows)) == {"DEP:53": 10.5, "DEP:84": 12.7, "DEP:11": 15, "DEP:01": 30}  # fmt: skip


def test_regions_of_before_2016_are_no_departements(tmp_path: Path) -> None:
    reading = read(tmp_path, ["Code région", "TP6021"], [82, 10], [53, 11], [26, 12])
    assert given(reading) == {}


def test_a_heading_of_codes_merged_over_three_rows_keeps_the_first(tmp_path: Path) -> None:
    rows: Rows = [
        ["SIREN de l’EPCI", "Nom", "Emploi (RP 2020)", None], [None, None, "Taux de chômage des 15-64 ans", "x"],
        [None, None, "%", "y"], [A, "CC", 10, 1], [B, "CC", 11, 2], [C, "CC", 12, 3],
    ]  # fmt: skip
    reading = read(tmp_path, *rows, merged={"A3:A5": "SIREN de l’EPCI", "B3:B5": "Nom", "C3:D3": "Emploi (RP 2020)"})
    assert set(reading.observations["year"]) == {2020}
    assert sorted(reading.observations["value"]) == [10, 11, 12]


def test_words_before_a_siren_are_not_its_digits(tmp_path: Path) -> None:
    rows: Rows = [[f"EPCI {A}", "CC", 10], [f"’{B}", "CC", 11], [f"N°{C}", "CC", 12], [D, "CC", 13]]
    assert given(read(tmp_path, [*KEYS, "TP6021"], *rows)) == of_epci(10, 11, 12, 13)


def test_two_columns_of_distinct_codes_are_said(tmp_path: Path) -> None:
    lines = zip(EPCI, COMMUNES, range(4), strict=True)
    rows: Rows = [[epci, "CC", commune, "Commune", 10 + i] for epci, commune, i in lines]
    reading = read(tmp_path, ["EPCI", "Nom EPCI", "Code INSEE", "Commune", "TP6021"], *rows)
    assert told(reading, Severity.CHECK) == [("C3", "deux colonnes de codes distincts : « EPCI » et « Code INSEE »")]
