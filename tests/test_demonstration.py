"""The demonstration, from nothing to maps and workbook: runs anywhere, simulated and said so everywhere."""

import json
from pathlib import Path

import pandas as pd
import pytest

from diagpacte import store
from diagpacte.settings import load_settings
from diagpacte.tables import TABLES
from journey import OTHER_PLACE, diagpacte, hashes, must


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("démonstration avec espaces") / "d"
    must("demo", folder)
    return folder


@pytest.fixture(scope="module")
def home(demo: Path) -> Path:
    return demo / "outputs" / "38-isere"


def table(demo: Path, name: str) -> pd.DataFrame:
    folder = demo / "data" / "processed"
    own = folder / "38-isere" / f"{name}.parquet"
    return store.read(own if own.exists() else folder / f"{name}.parquet")


def test_the_demonstration_says_where_things_are_and_what_is_to_come(demo: Path) -> None:
    done = must("demo", demo)
    for what in ("cartes : ", "classeur : ", "tables : ", "à venir : ", "étape suivante : "):
        assert what in done.stderr


def test_a_second_run_does_nothing(demo: Path) -> None:
    before = hashes(demo)
    done = must("-C", demo, "run")
    assert "rien à faire" in done.stderr
    assert done.stdout == ""
    assert hashes(demo) == before


def test_another_time_zone_and_locale_give_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    must("demo", tmp_path / "d", **OTHER_PLACE)
    assert hashes(tmp_path / "d") == hashes(demo)


def test_every_theme_is_drawn_or_explained(demo: Path, home: Path) -> None:
    record = json.loads((home / "run.json").read_text(encoding="utf-8"))
    drawn = {path.stem for path in (home / "cartes").glob("*.png")}
    missing = {absent["what"]: absent["why"] for absent in record["steps"]["map"]["not_delivered"]}
    asked = {theme.theme for theme in load_settings(demo).themes if theme.list == "departement"}
    assert drawn | set(missing) == asked
    assert not drawn & set(missing)
    assert all(missing.values())
    assert {path.stem for path in (home / "cartes").glob("*.svg")} == drawn


def test_the_run_record_explains_every_output_and_tells_neither_clock_nor_place(demo: Path, home: Path) -> None:
    text = (home / "run.json").read_text(encoding="utf-8")
    record = json.loads(text)
    explained = {name: digest for step in record["steps"].values() for name, digest in step["outputs"].items()}
    there = {f"outputs/38-isere/{name}": digest for name, digest in hashes(home).items() if name != "run.json"}
    assert there.items() <= explained.items()
    assert str(demo) not in text
    assert record["as_of"] == "2026-01-01"


def test_everything_built_on_simulated_values_says_so(demo: Path) -> None:
    assert set(table(demo, "sources")["nature"]) == {"simulated"}
    assert set(table(demo, "observations")["nature"]) == {"simulated"}
    assert set(table(demo, "offers")["nature"]) == {"simulated"}
    needs = table(demo, "needs")
    assert set(needs.loc[needs["value"].notna(), "nature"]) == {"simulated"}
    coverage = table(demo, "coverage")
    assert set(coverage.loc[coverage["nearest_km"].notna(), "nature"]) == {"simulated"}


def test_the_simulated_panorama_holds_the_awkward_cases_it_promises(demo: Path) -> None:
    observations = table(demo, "observations")
    reasons = observations.groupby("availability").size()
    assert {"secret", "not_available", "not_applicable"} <= set(reasons.index)
    shares = observations[observations["indicator"].str.fullmatch(r"profile_\d_households_pct")]
    secrets = shares[shares["availability"].eq("secret")].groupby("zone_code").size()
    assert secrets.min() >= 2  # one « s » alone would be read by subtraction
    whole = (
        shares.groupby("zone_code").filter(lambda rows: rows["value"].notna().all()).groupby("zone_code")["value"].sum()
    )
    assert whole.between(99.7, 100.3).all()
    assert observations["zone_code"].eq("HORS:FRM").any()


def test_the_simulated_offers_serve_every_thematic(demo: Path) -> None:
    served = set(table(demo, "raw_offers")["thematics"].explode().dropna())
    assert served == {entry.thematique for entry in load_settings(demo).thematic_labels}
    assert table(demo, "raw_offers")["name"].str.contains("ficti").all()


def test_tables_on_disk_keep_their_contract(demo: Path) -> None:
    for path in sorted((demo / "data" / "processed").rglob("*.parquet")):
        frame = store.read(path)
        assert list(frame.columns) == list(TABLES[path.stem].columns)


def test_a_map_of_one_theme_can_be_asked_for(demo: Path, home: Path) -> None:
    before = hashes(home)
    done = must("-C", demo, "map", "--theme", "A2.eloignes_emploi")
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "A2.eloignes_emploi.png",
        "A2.eloignes_emploi.svg",
    ]
    assert hashes(home) == before


def test_a_theme_that_is_not_shown_is_refused_with_those_that_are(demo: Path) -> None:
    done = diagpacte("-C", demo, "map", "--theme", "M2.freins")
    assert done.returncode == 2
    assert "A2.eloignes_emploi" in done.stderr


def test_a_raw_file_that_changed_is_refused_and_nothing_moves(demo: Path, tmp_path: Path) -> None:
    raw = demo / "data" / "raw" / "structures-inclusion-2025-12.json"
    content, before = raw.read_bytes(), hashes(demo / "outputs")
    try:
        raw.write_bytes(content + b"\n")
        done = diagpacte("-C", demo, "run")
        assert done.returncode == 4
        assert "le contenu a changé" in done.stderr
        assert hashes(demo / "outputs") == before
    finally:
        raw.write_bytes(content)
