"""Guadeloupe, Guyane, Mayotte: no panorama covers them; tables of indicators and a list of places give a diagnosis."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import table_builders as make
from diagpacte import workflow
from diagpacte.store import read
from workbook_builders import plain

NAMES = {"971": "guadeloupe", "973": "guyane", "976": "mayotte"}
ZONES = {
    "971": {"200018653", "200041507", "200044691", "249710047", "249710062", "249710070"},
    "973": {"200027548", "249730037", "249730045", "249730052"},
    "976": {"200050532", "200059871", "200060457", "200060465", "200060473"},
}
THEMES = {
    "O.sante", "O.illettrisme_decrochage", "O.accueil_petite_enfance", "O.parentalite", "O.acces_droits",
    "O.alimentation_enfants", "O.emploi",
}  # fmt: skip
UNDATED = (
    "caf_communes.csv",
    "caf_epci.csv",
    "caf_departements.csv",
    "places.csv",
)  # files that do not say their geography


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of Guyane with every table, ingested and crossed for the three départements."""
    received, space = tmp_path_factory.mktemp("reçus"), tmp_path_factory.mktemp("espace") / "outre-mer"
    workflow.init(space, "973", "2025-03-01")
    files = [
        make.local_statistics(received / "statistiques_locales.csv"),
        make.local_statistics(received / "statistiques_locales_dep.csv", make.LOCAL_DEPARTMENTS),
        make.caf_communes(received / "caf_communes.csv"),
        make.caf_epci(received / "caf_epci.csv"),
        make.caf_departments(received / "caf_departements.csv"),
        make.childcare_epci(received / "places.csv"),
        make.census(received / "rp.xlsx"),
        make.france_services(received / "liste-fs-20240801.csv"),
    ]
    workflow.add(space, files, nature="réelle", producer="invention", licence="aucune", vintage="2022 à 2024")
    say_geography(space / "data" / "raw" / "sources.toml")
    for code in NAMES:
        workflow.cross(space, code)
    return space


def say_geography(manifest: Path) -> None:
    """Write « geographie = 2025 » for the files that do not say theirs, as a person would."""
    tables = re.split(r"(?m)^(?=\[)", manifest.read_text(encoding="utf-8"))
    told = [
        re.sub(r'geographie = "à renseigner"', "geographie = 2025", one)
        if any(name in one for name in UNDATED)
        else one
        for one in tables
    ]
    manifest.write_text("".join(told), encoding="utf-8")


def crossed(space: Path, code: str, name: str) -> pd.DataFrame:
    return read(space / "data" / "processed" / f"{code}-{NAMES[code]}" / f"{name}.parquet")


@pytest.mark.parametrize("code", NAMES)
def test_every_zone_meets_every_theme_of_the_overseas_list(space: Path, code: str) -> None:
    zones = {f"EPCI:{siren}" for siren in ZONES[code]}
    assert set(crossed(space, code, "zones")["zone_code"]) == zones
    for name in ("needs", "coverage"):
        table = crossed(space, code, name)
        assert set(zip(table["zone_code"], table["theme"], strict=True)) == {
            (zone, theme) for zone in zones for theme in THEMES
        }
        assert len(table) == len(zones) * len(THEMES)


RATES = {  # « Taux de chômage des 15 à 64 ans 2022 » of table_builders.LOCAL_EPCI, and its rank
    "971": {"200044691": (27.9, 1), "249710047": (27.2, 2), "200018653": (25.1, 3), "249710062": (23.8, 4),
            "200041507": (22.4, 5), "249710070": (21.7, 6)},
    "973": {"249730037": (36.8, 1), "249730052": (33.5, 2), "249730045": (20.7, 3), "200027548": (19.6, 4)},
    "976": {"200060465": (41.2, 1), "200060473": (38.0, 2), "200059871": (37.4, 3), "200060457": (28.6, 4),
            "200050532": (22.9, 5)},
}  # fmt: skip


@pytest.mark.parametrize(("code", "departement"), [("971", 24.2), ("973", 27.4), ("976", 34.1)])
def test_unemployment_is_classed_by_the_national_bounds_and_ranked_within_the_departement(
    space: Path, code: str, departement: float
) -> None:
    needs = crossed(space, code, "needs").query("theme == 'O.emploi'").set_index("zone_code")
    found = {zone.removeprefix("EPCI:"): (row["value"], row["rank"]) for zone, row in needs.iterrows()}
    assert found == RATES[code]
    assert set(needs["class_rule"]) == {"bornes_nationales"}
    assert set(needs["class_label"]) == {"16\u00a0% ou plus"}  # bounds of 2022: 8, 12, 16
    assert needs["strong"].all()
    assert set(needs["reference_territory"]) == {departement}
    assert set(needs["source_id"]) == {"statistiques_locales.csv"}
    assert set(needs["nature"]) == {"real"}


@pytest.mark.parametrize("code", NAMES)
def test_what_has_no_lawful_measure_is_not_measured_and_says_why(space: Path, code: str) -> None:
    needs = crossed(space, code, "needs")
    others = needs[needs["theme"].ne("O.emploi")]
    assert others[["value", "class_index", "strong", "rank"]].isna().all(axis=None)
    assert others["reason"].str.startswith("non mesuré\u00a0: ").all()
    reasons = {row.theme: plain(row.reason) for row in others.itertuples()}
    assert "accessibilité aux médecins est une offre" in reasons["O.sante"]
    assert reasons["O.acces_droits"].startswith("non mesuré : contexte seulement. Taux de pauvreté")


def test_neither_counts_nor_offers_ever_class_a_need(space: Path) -> None:
    for code in NAMES:
        assert set(crossed(space, code, "needs")["indicator"].dropna()) == {"unemployment_rate_pct"}
    observations = read(space / "data" / "processed" / "observations.parquet")
    assert {"rsa_units_count", "childcare_places_per_100", "unemployed_15_64_count"} <= set(observations["indicator"])


@pytest.mark.parametrize("code", NAMES)
def test_the_offer_listed_there_is_found_and_what_is_not_listed_is_not_said_absent(space: Path, code: str) -> None:
    coverage = crossed(space, code, "coverage").set_index(["zone_code", "theme"])
    places = {"971": {"200018653", "249710070"}, "973": {"249730045"}, "976": {"200060457"}}[code]
    listed = coverage.xs("O.acces_droits", level="theme")["located"]
    assert {zone.removeprefix("EPCI:") for zone in listed.index[listed.gt(0)]} == places
    assert set(coverage.xs("O.emploi", level="theme")["gap_class"]) == {"non recensé"}
    assert set(coverage.xs("O.acces_droits", level="theme")["gap_class"]) == {"non mesuré"}


def test_ingest_keeps_every_level_and_every_absence(space: Path) -> None:
    found = read(space / "data" / "processed" / "observations.parquet")
    keyed = found.set_index(["zone_code", "indicator", "year"])
    assert keyed.loc[("EPCI:249730045", "rsa_units_count", 2024), "value"] == 7305
    assert keyed.loc[("DEP:976", "rsa_units_count", 2024), "value"] == 6180
    assert keyed.loc[("COM:97611", "rsa_units_count", 2023), "value"] == 1085
    assert keyed.loc[("EPT:200057867", "unemployment_rate_pct", 2022), "value"] == 18.2
    assert keyed.loc[("EPCI:200060457", "poverty_rate_pct", 2021), "availability"] == "not_available"
    assert keyed.loc[("EPCI:200050532", "disability_aid_units_count", 2024), "availability"] == "empty"
    assert set(found["geo_vintage"]) == {2025}
