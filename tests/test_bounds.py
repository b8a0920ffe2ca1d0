"""National cut-points: exact, rounded without moving many zones, and read in the unfavourable direction."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from diagpacte.needs.bounds import (
    bounds_in_use,
    class_index,
    class_labels,
    cut_points,
    national_bounds,
)
from diagpacte.needs.rules import NationalBounds, NeedRules
from diagpacte.settings import load_settings
from diagpacte.tables import TABLES, Observations
from diagpacte.vocabulary import Base, Indicator, Nature, Role

ROOT = Path(__file__).parents[1]
HUNDRED = NeedRules(national_zones=100)
PANORAMA = "panorama/panorama_pauvrete_reel_2021.xlsx"


def indicator(**changes: Any) -> Indicator:
    fields: dict[str, Any] = {
        "indicator": "unemployment_rate_pct", "published_codes": ("TXCHOM{yy}",), "label": "Taux de chômage",
        "label_long": "", "role": Role.NEED, "unit": "pct", "base": Base.PERSONS, "polarity": "high_worse",
        "low": 0.0, "high": 100.0, "kind": "rate", "source": "", "theme_factor": "", "note": "",
    }  # fmt: skip
    return Indicator(**fields | changes)


def packaged(**changes: Any) -> NationalBounds:
    fields: dict[str, Any] = {
        "indicator": "unemployment_rate_pct", "year": 2022, "bounds": (8.0, 12.0, 16.0), "exact": (8.03, 11.86, 15.538),
        "zones": 1_243, "moved_pct": 1.6, "nature": Nature.REAL, "source_sha256": "0" * 64, "source": "Insee",
    }  # fmt: skip
    return NationalBounds(**fields | changes)


def sheet(values: Sequence[float | None], **changes: Any) -> pd.DataFrame:
    """One value per EPCI, from EPCI:200000001 on; None is « not available »."""
    rows = [
        {
            "zone_code": f"EPCI:{200_000_001 + i}", "indicator": "unemployment_rate_pct", "year": 2022,
            "base": "personnes", "geo_vintage": 2025, "value": value, "lower": None, "upper": None,
            "availability": "not_available" if value is None else "observed", "nature": "real", "flag": "",
            "published_code": "TXCHOM22", "published_text": "", "period": "2022", "source_id": "panorama",
            "sheet": "Facteurs_EPCI", "row": i + 8, "column": "E",
        } | changes
        for i, value in enumerate(values)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def observations(*frames: pd.DataFrame) -> Observations:
    return Observations(TABLES["observations"].frame(pd.concat(frames, ignore_index=True)))


def hundred(first: float = 0) -> list[float | None]:
    return [first + i for i in range(101)]


def test_bounds_are_the_quartiles_and_the_95th_centile() -> None:
    found = national_bounds(observations(sheet(hundred())), indicator(), 2022, HUNDRED)
    assert found is not None
    assert (found.exact, found.bounds, found.zones) == ((25, 75, 95), (25, 75, 95), 101)
    assert found.source == "panorama, feuille «\u00a0Facteurs_EPCI\u00a0»"


def test_bounds_fall_when_low_is_worse() -> None:
    found = national_bounds(observations(sheet(hundred())), indicator(polarity="low_worse"), 2022, HUNDRED)
    assert found is not None
    assert found.exact == (75, 25, 5)
    assert class_index([80, 75, 74.9, 25, 24.9, 5, 4.9], found.bounds).tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_the_grand_paris_counts_by_its_ept_and_paris() -> None:
    extra = [
        sheet([1_000.0], zone_code="EPCI:200054781"),
        sheet([2_000.0], zone_code="DEP:75"),
        sheet([3_000.0], zone_code="HORS:FRM"),
        sheet([101.0], zone_code="EPT:200057867"),
        sheet([102.0], zone_code="COM:75056"),
        sheet([None], zone_code="EPCI:299999999"),
    ]
    found = national_bounds(observations(sheet(hundred()), *extra), indicator(), 2022, HUNDRED)
    assert found is not None
    assert found.zones == 103
    assert found.exact == pytest.approx((25.5, 76.5, 96.9))


def test_a_regional_sheet_gives_no_national_bounds() -> None:
    regional = observations(sheet(hundred()[:99]), sheet(hundred()[:50], sheet="Autre", geo_vintage=2024))
    assert national_bounds(regional, indicator(), 2022, HUNDRED) is None
    assert national_bounds(regional, indicator(), 2021, NeedRules(national_zones=12)) is None


def test_values_of_another_base_or_year_do_not_enter() -> None:
    others = sheet([1_000.0] * 50, base="menages"), sheet([1_000.0] * 50, year=2021)
    found = national_bounds(observations(sheet(hundred()), *others), indicator(), 2022, HUNDRED)
    assert found is not None
    assert found.exact == (25, 75, 95)


def test_the_worst_nature_of_the_sheet_is_said() -> None:
    mixed = sheet(hundred()).assign(nature=["real"] * 100 + ["simulated"])
    found = national_bounds(observations(mixed), indicator(), 2022, HUNDRED)
    assert found is not None
    assert found.nature is Nature.SIMULATED


def test_a_column_of_one_value_has_no_bounds() -> None:
    assert national_bounds(observations(sheet([7.0] * 200)), indicator(), 2022, HUNDRED) is None


@pytest.mark.parametrize(
    ("most_moved_pct", "bounds", "moved"),
    [(6, (25, 75, 95), 57), (3, (26, 76, 96), 27), (1, (27, 77, 97), 3), (0, (26.9, 76.9, 96.9), 0)],
    ids=["by fives", "by twos", "by ones", "by tenths"],
)
def test_the_step_is_the_coarsest_that_moves_few_zones(
    most_moved_pct: float, bounds: tuple[float, float, float], moved: int
) -> None:
    values = np.arange(19, 1_020) / 10  # 1.9 to 101.9 by tenths: 26.9, 76.9, 96.9; ten zones a unit
    found = cut_points(values, "high_worse", most_moved_pct)
    assert found is not None
    assert found[0] == bounds
    assert found[1] == pytest.approx((26.9, 76.9, 96.9))
    assert found[2] == pytest.approx(100 * moved / 1_001)


def oracle(values: Sequence[float], cuts: Sequence[float]) -> list[int]:
    """Class of each value in plain Python: the bounds it has reached."""
    return [sum(value >= cut for cut in cuts) for value in values]


@given(st.lists(st.integers(0, 10_000), min_size=12, max_size=80), st.sampled_from(["high_worse", "low_worse"]))
def test_rounding_moves_no_more_than_it_says_and_keeps_three_bounds(drawn: list[int], polarity: str) -> None:
    values = np.array(drawn) / 100
    found = cut_points(values, polarity, 2.0)
    ordered = sorted(np.quantile(values, [0.25, 0.75, 0.95] if polarity == "high_worse" else [0.05, 0.25, 0.75]))
    if found is None:
        assert len(set(ordered)) < 3
        return
    bounds, exact, moved_pct = found
    assert sorted(exact) == pytest.approx(ordered)
    assert (list(bounds) == sorted(bounds)) == (polarity == "high_worse")
    assert len(set(bounds)) == 3
    # Counted with rising bounds both ways: only whether a value is reached matters.
    moved = [
        a != b
        for a, b in zip(
            oracle(drawn_values(values), sorted(exact)), oracle(drawn_values(values), sorted(bounds)), strict=True
        )
    ]
    assert 100 * sum(moved) / len(moved) == pytest.approx(moved_pct)
    assert moved_pct <= 2


def drawn_values(values: np.ndarray) -> list[float]:
    return [float(value) for value in values]


def test_a_missing_value_has_no_class() -> None:
    with pytest.raises(ValueError, match="no class"):
        class_index([1.0, float("nan")], (8, 12, 16))


def test_the_lower_bound_is_in_and_the_upper_one_out() -> None:
    assert class_index([7.99, 8, 11.99, 12, 15.99, 16], (8, 12, 16)).tolist() == [0, 1, 1, 2, 2, 3]


def test_classes_in_words() -> None:
    assert class_labels((8, 12, 16), "pct") == (
        "moins de 8\u00a0%", "de 8 à moins de 12\u00a0%", "de 12 à moins de 16\u00a0%", "16\u00a0% ou plus",
    )  # fmt: skip
    assert class_labels((100, 60.5, 42), "index") == (
        "100 ou plus", "de 60,5 à moins de 100", "de 42 à moins de 60,5", "moins de 42",
    )  # fmt: skip
    assert class_labels((1_500, 2_000, 2_500.5), "min")[-1] == "2\u00a0500,5\u00a0min ou plus"


def test_the_packaged_row_comes_first_then_the_sheet_at_hand_then_nothing() -> None:
    national, regional = observations(sheet(hundred())), observations(sheet(hundred()[:50]))
    row, older = packaged(), packaged(year=2021)
    assert bounds_in_use(national, indicator(), 2022, [older, row], HUNDRED) is row
    own = bounds_in_use(national, indicator(), 2022, [older], HUNDRED)
    assert own is not None
    assert own.bounds == (25, 75, 95)
    assert bounds_in_use(regional, indicator(), 2022, [older], HUNDRED) is None


def test_bounds_of_simulated_values_class_simulated_values_only() -> None:
    row = packaged(nature=Nature.SIMULATED)
    assert bounds_in_use(observations(sheet(hundred()[:50])), indicator(), 2022, [row], HUNDRED) is None
    simulated = observations(sheet(hundred()[:50], nature="simulated"))
    assert bounds_in_use(simulated, indicator(), 2022, [row], HUNDRED) is row


@pytest.mark.parametrize("bounds", [(8, 8, 16), (8, 16, 12), (8, float("nan"), 16)], ids=["equal", "mixed", "empty"])
def test_bounds_out_of_order_are_refused(bounds: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="trois bornes"):
        packaged(bounds=bounds)


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_breaks", ROOT / "tools" / "build_breaks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_breaks_are_written_as_french_excel_saves_them_and_read_back_the_same(tmp_path: Path) -> None:
    rows = [packaged(), packaged(indicator="employment_rate_pct", bounds=(72, 65.5, 60.5), moved_pct=1.77)]
    text = tool().to_csv(rows)
    assert text.startswith(b"\xef\xbb\xbfindicator;year;bound_1;")
    assert b";72;65,5;60,5;" in text
    assert text.count(b"\r\n") == text.count(b"\n") == 3
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "breaks.csv").write_bytes(text)
    read = {(row.indicator, row.year): row for row in load_settings(tmp_path).breaks}
    assert [read[row.indicator, row.year] for row in rows] == rows


def test_the_tool_reads_a_workbook_in_the_insee_layout(tmp_path: Path) -> None:
    book = Workbook()
    del book["Sheet"]
    names, told = ("VAR_ID", "SOURCE", "NATURE"), ("TXCHOM22", "Insee, recensement", "réelle")
    zones = [(f"{200_000_001 + i}", float(i)) for i in range(101)]
    apart = [("200054781", 999.0), ("75056", "s"), ("ZZZZZZZZZ", 999.0)]
    table = [
        ("Géographie au 01/01/2025",),
        (),
        ("Code", "Taux"),
        ("CODGEO", "TXCHOM22"),
        *zones,
        *apart,
        ("Champ : tout",),
    ]
    for name, rows in (("Variables", [("Variables",), names, told]), ("Facteurs_EPCI", table)):
        made = book.create_sheet(name)
        for row in rows:
            made.append(row)
    book.save(tmp_path / "panorama.xlsx")
    (row,) = tool().breaks(tmp_path / "panorama.xlsx", [indicator(), indicator(role=Role.OFFER)], HUNDRED)
    assert (row.indicator, row.year, row.exact, row.zones, row.nature) == (
        "unemployment_rate_pct", 2022, (25, 75, 95), 101, Nature.REAL,
    )  # fmt: skip
    assert row.source == "Insee, recensement ; EPCI, EPT et Paris, géographie au 01/01/2025, classeur panorama.xlsx"


def test_every_packaged_row_follows_the_polarity_and_the_bounds_of_its_indicator() -> None:
    settings = load_settings(ROOT)
    entries = {entry.indicator: entry for entry in settings.indicators}
    assert settings.breaks
    for row in settings.breaks:
        entry = entries[row.indicator]
        assert entry.role is Role.NEED
        assert (row.bounds[0] < row.bounds[2]) == (entry.polarity == "high_worse")
        assert all(
            entry.low <= bound <= entry.high for bound in row.bounds if entry.low is not None and entry.high is not None
        )
        assert row.zones >= settings.need.national_zones
        assert row.moved_pct <= settings.need.moved_pct


def column(shared_data: Path, sheet_name: str, code: str) -> dict[str, float]:
    """One column of the panorama by CODGEO, the short way: what is no number is left out."""
    with closing(load_workbook(shared_data / PANORAMA, read_only=True, data_only=True)) as book:
        rows = list(book[sheet_name].iter_rows(values_only=True))
    header = next(row for row in rows if row[0] == "CODGEO")
    at = header.index(code)
    return {str(row[0]): float(row[at]) for row in rows if len(row) > at and isinstance(row[at], int | float)}


def test_unemployment_of_the_real_panorama_has_round_bounds_and_the_nord_its_classes(shared_data: Path) -> None:
    values = column(shared_data, "Facteurs_EPCI", "TXCHOM22")
    assert len(values) == 1_243
    found = cut_points(np.array(list(values.values())), "high_worse", 2.0)
    assert found is not None
    assert np.round(found[1], 1).tolist() == [8.0, 11.9, 15.5]
    assert (found[0], round(found[2], 1)) == ((8, 12, 16), 1.6)
    with (shared_data / "geo" / "communes_2025_points.csv").open(encoding="utf-8") as stream:
        nord = {row["epci"] for row in csv.DictReader(stream) if row["dep"] == "59"}
    counts = np.bincount(class_index([values[epci] for epci in sorted(nord)], found[0]))
    assert (len(nord), counts.tolist()) == (17, [1, 4, 3, 9])


def test_the_packaged_breaks_are_what_the_tool_makes_of_the_real_panorama(shared_data: Path) -> None:
    settings = load_settings(ROOT)
    made = tool().to_csv(tool().breaks(shared_data / PANORAMA, settings.indicators, settings.need))
    packaged_rows = list(
        csv.reader(io.StringIO((ROOT / "configs" / "breaks.csv").read_text("utf-8-sig")), delimiter=";")
    )
    assert list(csv.reader(io.StringIO(made.decode("utf-8-sig")), delimiter=";")) == packaged_rows
