"""A secret that a subtraction would tell is reported with its cell, and never computed."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.settings import load_settings
from diagpacte.sources.coherence.secrecy import perimeters, profile_shares, revealed_secrets
from diagpacte.tables import TABLES, Observations
from dictionaries import CONFIGS
from small_country import make_communes
from workbook_builders import read

SETTINGS = load_settings(CONFIGS.parent / "no-workspace")
SHARES = profile_shares(SETTINGS.profiles)
FILES = {"panorama": "panorama.xlsx"}
A, B, C = (f"EPCI:20000000{i}" for i in (1, 2, 3))
COUNT = "poor_households_count"
WHOLES = {"DEP:59": (A, B, C)}


def observation(
    zone: str, indicator: str, value: float | None, row: int, column: str, **changes: Any
) -> dict[str, Any]:
    """An observation; `value` None is « secret »."""
    return {
        "zone_code": zone, "indicator": indicator, "year": 2021, "base": "menages", "geo_vintage": 2025,
        "value": value, "lower": None, "upper": None, "availability": "secret" if value is None else "observed",
        "nature": "real", "flag": "", "published_code": "", "published_text": "", "period": "2021",
        "source_id": "panorama", "sheet": "Profils_EPCI", "row": row, "column": column,
    } | changes  # fmt: skip


def shares(*values: float | None, zone: str = A, row: int = 7, **changes: Any) -> list[dict[str, Any]]:
    """The shares of the profiles of one zone, in columns J to O."""
    return [
        observation(zone, indicator, value, row, column, **changes)
        for indicator, value, column in zip(SHARES[0].indicators, values, "JKLMNO", strict=False)
    ]


def counts(**values: float | None) -> list[dict[str, Any]]:
    """A count of each zone, down column H."""
    zones = {"dep": "DEP:59", "a": A, "b": B, "c": C}
    return [
        observation(zones[name], COUNT, value, row, "H") for row, (name, value) in enumerate(values.items(), start=7)
    ]


def told(*rows: dict[str, Any], wholes: dict[str, tuple[str, ...]] | None = None) -> list[Fault]:
    table = Observations(TABLES["observations"].frame(list(rows)))
    before = table.copy()
    found = revealed_secrets(table, SHARES, FILES, {COUNT}, WHOLES if wholes is None else wholes)
    pd.testing.assert_frame_equal(table, before)
    return found


def test_one_secret_share_among_six_is_reported_with_its_cell() -> None:
    (fault,) = told(*shares(30.1, 15, None, 11, 21, 11))
    assert (fault.file, fault.sheet, fault.cell, fault.cells) == ("panorama.xlsx", "Profils_EPCI", "L7", ("L7",))
    assert (fault.severity, fault.kind) == (Severity.CHECK, FaultKind.SECRET)
    assert A in fault.found
    assert "11,9" not in str(fault)
    assert "11.9" not in str(fault)


def test_two_secret_shares_hide_one_another_unless_nothing_is_left_for_them() -> None:
    assert told(*shares(30, 15, None, 11, 21, None)) == []
    (fault,) = told(*shares(42, 26, None, 11, 21.1, None))
    assert fault.cells == ("L7", "O7")
    assert fault.found.startswith("secrets qui se déduisent")


def test_a_row_without_secret_or_without_all_its_shares_tells_nothing() -> None:
    assert told(*shares(30, 15, 12, 11, 21, 11)) == []
    assert told(*shares(30, 15, None, 11, 21)) == []
    unknown = shares(30, 15, None, 11, 21, None)
    unknown[-1]["availability"] = "not_available"
    assert told(*unknown) == []


def test_every_row_of_a_sheet_is_in_one_fault_and_each_year_stands_alone() -> None:
    rows = [*shares(30, 15, None, 11, 21, 11), *shares(None, 15, 12, 11, 21, 11, zone=B, row=8)]
    (fault,) = told(*rows)
    assert fault.cells == ("J8", "L7")
    split = shares(30, 15, None, 11, 21, 11)
    split[0]["year"] = 2020
    assert told(*split) == []


def test_a_count_that_a_published_total_gives_away_is_reported() -> None:
    (fault,) = told(*counts(dep=1_000, a=600, b=None, c=150))
    assert fault.cells == ("H9",)
    assert "250" not in str(fault)
    assert told(*counts(dep=1_000, a=600, b=None, c=None)) == []
    assert told(*counts(dep=None, a=600, b=None, c=150)) == []
    assert told(*counts(a=600, b=None, c=150)) == []


def test_a_zone_missing_from_the_file_keeps_the_secret_of_another() -> None:
    assert told(*counts(dep=1_000, a=600, b=None)) == []


def test_several_secret_counts_are_told_when_the_total_is_already_reached() -> None:
    (fault,) = told(*counts(dep=750, a=750, b=None, c=None))
    assert fault.cells == ("H9:H10",)


def test_a_rate_is_never_subtracted() -> None:
    rows = [row | {"indicator": "poverty_rate_pct"} for row in counts(dep=15, a=12, b=None, c=18)]
    assert told(*rows) == []


def test_perimeters_are_exact_and_a_straddled_department_has_none() -> None:
    found = perimeters(make_communes())
    # EPCI 2 straddles 59 and 62; Grand Paris straddles 75, 91, 92 and 94.
    assert found["DEP:29"] == ("EPCI:200000004", "HORS:29")
    assert found["DEP:69"] == ("EPCI:200000006", "EPCI:200046977")
    assert not {"DEP:59", "DEP:62", "DEP:75", "DEP:91"} & set(found)
    assert "DEP:974" in found["REG:00"]
    assert "DEP:974" in found


def test_the_row_made_to_give_a_secret_away_is_found_and_it_alone(shared_data: Path) -> None:
    folder = shared_data / "panorama"
    additive = {row.indicator for row in SETTINGS.indicators if row.kind == "count"}
    name = "panorama_pauvrete_ARA_2021_sans_ligne_codes.xlsx"
    found = revealed_secrets(read(folder / name).observations, SHARES, FILES, additive)
    assert [(fault.sheet, fault.cells) for fault in found] == [("Profils_EPCI", ("L35",)), ("Profils_EPCI", ("R35",))]
    assert all("EPCI:200040798" in fault.found for fault in found)
    clean = read(folder / "panorama_pauvrete_ARA_2021.xlsx").observations
    assert revealed_secrets(clean, SHARES, FILES, additive) == []


@pytest.mark.parametrize("base", [0, 1])
def test_shares_are_those_of_the_dictionary_of_profiles(base: int) -> None:
    assert len(SHARES[base].indicators) == len(SETTINGS.profiles) == 6
