"""The real files, for every awkward kind of territory, by the commands a person types."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from diagpacte import store
from journey import OTHER_PLACE, diagpacte, hashes, must, real_files

# territory: its zones at 1 January 2025, counted by hand from the composition tables
ZONES = {"59": 17, "38": 18, "92": 4, "20R": 19, "69M": 1, "200093201": 1, "974": 5}
NAMES = {
    "59": "59-nord", "38": "38-isere", "92": "92-hauts-de-seine", "20R": "20R-corse", "69M": "69M-metropole-de-lyon",
    "200093201": "200093201-metropole-europeenne-de-lille", "974": "974-la-reunion",
}  # fmt: skip


def prepare(folder: Path, shared: Path, **environment: str) -> Path:
    must("init", folder, "--territory", "59", "--as-of", "2026-01-01", **environment)
    panorama, services, structures, france_services = real_files(shared)
    must("-C", folder, "add", panorama, **environment)
    must("-C", folder, "add", services, structures, "--nature", "simulée", **environment)
    must("-C", folder, "add", france_services, "--nature", "réelle", **environment)
    return folder


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = prepare(tmp_path_factory.mktemp("territoires") / "w", shared_data)
    must("-C", folder, "ingest")
    must("-C", folder, "map")
    must("-C", folder, "table")
    must("-C", folder, "run", *ZONES)
    return folder


def table(space: Path, code: str, name: str) -> pd.DataFrame:
    return store.read(space / "data" / "processed" / NAMES[code] / f"{name}.parquet")


def outputs(space: Path, code: str) -> Path:
    return space / "outputs" / NAMES[code]


@pytest.mark.parametrize("code", ZONES)
def test_a_territory_has_its_zones_its_maps_and_its_workbook(space: Path, code: str) -> None:
    assert len(table(space, code, "zones")) == ZONES[code]
    assert (outputs(space, code) / "tableaux" / "diagnostic.xlsx").stat().st_size > 10_000
    assert list((outputs(space, code) / "cartes").glob("*.png"))


@pytest.mark.parametrize("code", ZONES)
def test_every_theme_is_drawn_or_explained_and_no_two_maps_are_the_same(space: Path, code: str) -> None:
    record = json.loads((outputs(space, code) / "run.json").read_text(encoding="utf-8"))
    pictures = sorted((outputs(space, code) / "cartes").glob("*.png"))
    missing = {absent["what"]: absent["why"] for absent in record["steps"]["map"]["not_delivered"]}
    themes = set(table(space, code, "coverage")["theme"])
    assert {path.stem for path in pictures} | set(missing) == themes
    assert all(missing.values())
    shown = {path.stem: what_is_drawn(space, code, path.stem) for path in pictures}
    assert len(set(shown.values())) == len(shown), shown


def what_is_drawn(space: Path, code: str, theme: str) -> tuple[str, ...]:
    """Values of need and distances of a theme, zone by zone: what its map shows."""
    needs, coverage = table(space, code, "needs"), table(space, code, "coverage")
    values = needs[needs["theme"].eq(theme)].sort_values("zone_code")["value"]
    distances = coverage[coverage["theme"].eq(theme)].sort_values("zone_code")["nearest_km"]
    return (*(f"{value:.6f}" for value in values), *(f"{distance:.6f}" for distance in distances))


@pytest.mark.parametrize("code", ZONES)
def test_a_territory_holds_its_own_codes_and_no_others(space: Path, code: str) -> None:
    zones = set(table(space, code, "zones")["zone_code"])
    for name in ("needs", "coverage", "coverage_sources", "members"):
        assert set(table(space, code, name)["zone_code"]) <= zones


def test_unemployment_of_the_north_falls_in_the_national_classes_counted_by_hand(space: Path) -> None:
    needs = table(space, "59", "needs")
    rates = needs.loc[needs["theme"].eq("A2.eloignes_emploi"), "value"]
    counts = pd.cut(rates, [0, 8, 12, 16, 100], right=False).value_counts(sort=False).tolist()
    assert counts == [1, 4, 3, 9]


def test_la_reunion_without_a_row_in_the_panorama_invents_nothing(space: Path) -> None:
    needs, coverage = table(space, "974", "needs"), table(space, "974", "coverage")
    assert needs["value"].isna().all()
    assert needs["class_index"].isna().all()
    assert set(needs["availability"]) <= {"not_covered", "not_available"}
    assert set(coverage["gap_class"]) == {"non mesuré"}
    assert coverage["nearest_km"].notna().any()  # its offers are real all the same
    book = openpyxl.load_workbook(outputs(space, "974") / "tableaux" / "diagnostic.xlsx", read_only=True)
    text = " ".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell)
    assert "hors du champ" in text or "non mesuré" in text
    assert "O.emploi" in {path.stem for path in (outputs(space, "974") / "cartes").glob("*.png")}


def test_the_france_services_list_is_loaded_twice_and_counted_once(space: Path) -> None:
    raw = store.read(space / "data" / "processed" / "raw_offers.parquet")
    mine = raw[raw["source_id"].eq("liste-fs-20240801.csv")]
    assert len(mine) > 2_800
    assert not mine["counted"].any()
    assert mine["excluded_because"].str.contains("déjà lue dans").all()
    counts = table(space, "59", "coverage_sources")
    here = counts[counts["theme"].eq("A3.accueil_proximite") & counts["offer_source"].eq("france-services")]
    assert here["structures_inside"].sum() == 52


def test_sources_are_never_summed(space: Path) -> None:
    coverage, counts = table(space, "59", "coverage"), table(space, "59", "coverage_sources")
    several = coverage[coverage["offer_sources"].map(len).gt(1)]
    assert len(several)
    assert several["located"].isna().all()
    assert several["offers_per_10000_inhabitants"].isna().all()
    assert counts.groupby(["zone_code", "theme"]).size().max() > 1


@pytest.mark.long
def test_the_north_run_elsewhere_gives_the_same_bytes(space: Path, shared_data: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path / "ailleurs", shared_data, **OTHER_PLACE)
    must("-C", folder, "run", **OTHER_PLACE)
    assert hashes(folder / "outputs" / NAMES["59"]) == hashes(outputs(space, "59"))


def test_a_second_run_does_nothing(space: Path) -> None:
    done = must("-C", space, "run", *ZONES)
    assert "rien à faire" in done.stderr
    assert done.stdout == ""


def test_one_territory_that_fails_stops_only_itself(space: Path) -> None:
    done = diagpacte("-C", space, "run", "59", "977")
    assert done.returncode == 6
    assert "territoire 977" in done.stderr
