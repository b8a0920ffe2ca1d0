"""EPCI given once per département: their parts are never read as the whole, and equal rows are one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from workbook_builders import Rows, plain, rules, write_csv, write_xlsx

A, B = "242900314", "242900074"
HEAD: list[object] = ["DEP", "CODGEO", "LIBGEO", "TP6021", "NBMENPAUV21"]
SAID: Rows = [["Titre"], ["Géographie au 01/01/2025"]]
PARTS: Rows = [["35", A, "CC", 10, 500], ["56", A, "CC", 12, 200]]


def read(folder: Path, *rows: list[object], **others: Rows) -> IndicatorReading:
    sheets = {"Tab": [*SAID, *rows], **{name: [*SAID, *table] for name, table in others.items()}}
    return read_indicators(write_xlsx(folder / "t.xlsx", sheets, merged={}), "t", rules())


def found(reading: IndicatorReading) -> dict[tuple[str, str], float]:
    table = reading.observations
    return dict(zip(zip(table["zone_code"], table["published_code"], strict=True), table["value"], strict=True))


def parts(reading: IndicatorReading) -> list[tuple[str, tuple[str, ...]]]:
    told = [fault for fault in reading.faults if "parts d’EPCI" in fault.found]
    assert {(fault.severity, fault.kind) for fault in told} <= {(Severity.CHECK, FaultKind.DOUBLE)}
    return [(plain(fault.found).rpartition(" : ")[2], fault.cells) for fault in told]


def blocking(reading: IndicatorReading) -> list[str]:
    return [fault.found for fault in reading.faults if fault.severity is Severity.BLOCKING]


def test_the_whole_of_another_sheet_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path, HEAD, *PARTS, Entiers=[["CODGEO", "TP6021"], [A, 11]])
    assert found(reading) == {(f"EPCI:{A}", "TP6021"): 11}
    assert parts(reading) == [(A, ("D4:D5", "E4:E5"))]
    assert blocking(reading) == []


def test_a_rate_that_two_parts_share_by_chance_is_not_that_of_the_whole(tmp_path: Path) -> None:
    reading = read(tmp_path, HEAD, ["35", A, "CC", 10, 500], ["56", A, "CC", 10, 200], ["35", B, "CC", 9, 40])
    assert found(reading) == {(f"EPCI:{B}", "TP6021"): 9, (f"EPCI:{B}", "NBMENPAUV21"): 40}


def test_other_columns_than_indicators_do_not_make_parts(tmp_path: Path) -> None:
    rows: Rows = [["35", A, "CC", 11, 700, 3], ["56", A, "CC", 11, 700, 9]]
    reading = read(tmp_path, [*HEAD, "Communes dans le département"], *rows)
    assert found(reading) == {(f"EPCI:{A}", "TP6021"): 11, (f"EPCI:{A}", "NBMENPAUV21"): 700}
    assert parts(reading) == []


def test_each_year_of_a_dated_table_is_looked_at_alone(tmp_path: Path) -> None:
    rows: Rows = [
        ["35", A, 2020, 10],
        ["56", A, 2020, 10],
        ["35", A, 2021, 11],
        ["56", A, 2021, 12],
        ["35", B, 2021, 9],
    ]
    reading = read(tmp_path, ["Département", "CODGEO", "Année", "Taux de pauvreté"], *rows)
    table = reading.observations
    assert sorted(zip(table["zone_code"], table["year"], table["value"], strict=True)) == [
        (f"EPCI:{B}", 2021, 9), (f"EPCI:{A}", 2020, 10),
    ]  # fmt: skip
    assert parts(reading) == [(A, ("D6:D7",))]


def test_parts_side_by_side_in_a_transposed_table(tmp_path: Path) -> None:
    rows: Rows = [["Département", "35", "56", "29"], ["CODGEO", A, A, B], ["TP6021", 10, 12, 11]]
    reading = read(tmp_path, *rows)
    assert found(reading) == {(f"EPCI:{B}", "TP6021"): 11}
    assert parts(reading) == [(A, ("B5", "C5"))]


@pytest.mark.parametrize("departments", [("35", "35"), ("35", None), (None, None)])
def test_rows_of_one_departement_or_of_none_are_doubles_that_block(tmp_path: Path, departments: tuple[object]) -> None:
    rows: Rows = [[department, A, "CC", value] for department, value in zip(departments, (10, 12), strict=True)]
    reading = read(tmp_path, HEAD[:4], *rows)
    assert blocking(reading) == [f"« 10 » pour TP6021 de EPCI:{A}, mais « 12 » en D5"]


def test_a_commune_is_in_one_departement(tmp_path: Path) -> None:
    reading = read(tmp_path, HEAD[:4], ["29", "29019", "Brest", 10], ["35", "29019", "Brest", 12])
    assert parts(reading) == []
    assert len(blocking(reading)) == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([A, B, "242900553", "242900645"]),
        st.dictionaries(st.sampled_from(["29", "35", "56", ""]), st.integers(20, 23), min_size=1),
        min_size=2,
    )
)
def test_what_is_read_of_an_epci_is_what_it_says_alone(tmp_path: Path, said: dict[str, dict[str, int]]) -> None:
    """One value: it. Departements that agree: it. Departements that differ: the row without one, if they are two."""
    rows: Rows = [[dep, epci, value] for epci, by_dep in said.items() for dep, value in by_dep.items()]
    table: Rows = [["Géographie au 01/01/2025"], ["DEP", "CODGEO", "TP6021"], *rows]
    reading = read_indicators(write_csv(tmp_path / "t.csv", table), "t", rules())
    expected, blocked = {}, 0
    for epci, by_dep in said.items():
        whole, of_parts = by_dep.get(""), [value for dep, value in by_dep.items() if dep]
        in_parts = len({*of_parts}) > 1
        told = ({*of_parts} if not in_parts else set()) | ({whole} if whole is not None else set())
        blocked += len(told) > 1
        if told:
            expected[f"EPCI:{epci}", "TP6021"] = next(iter(told)) if len(told) == 1 else None
    values = found(reading)
    assert values.keys() == expected.keys()
    assert all(values[key] == value for key, value in expected.items() if value is not None)
    assert bool(blocked) == any("pour TP6021" in words for words in blocking(reading))
