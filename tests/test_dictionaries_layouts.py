"""What the layouts of configs/layouts promise of real files."""

import csv
import re
from pathlib import Path

import pytest

from diagpacte.vocabulary import Availability, Base
from dictionaries import column, groups, layout, variables


def test_every_pattern_of_a_layout_compiles() -> None:
    said = layout("panorama_insee")
    for pattern in [*said["banner"].values(), *said["label_nature"].values()]:
        re.compile(str(pattern))
    re.compile(str(layout("france_services")["as_of"]["file_name"]))


def test_the_banner_of_insee_gives_geography_release_and_sources() -> None:
    banner = {name: str(pattern) for name, pattern in layout("panorama_insee")["banner"].items()}
    line = "Mise en ligne le 15/09/2025       Géographie au 01/01/2025"
    assert groups(banner["geo_vintage"], line)["year"] == "2025"
    assert groups(banner["geo_vintage"], "Géographie au 1er janvier 2023")["year"] == "2023"
    assert groups(banner["published_on"], line) == {"day": "15", "month": "09", "year": "2025"}
    sources = groups(banner["sources"], "@Insee       Source(s) : Insee, Code officiel géographique")
    assert sources["sources"] == "Insee, Code officiel géographique"
    assert re.search(banner["restricted"], "Données provisoires - diffusion restreinte aux services")


def test_levels_and_special_codes_name_zones() -> None:
    said = layout("panorama_insee")
    assert {said["levels"][level] for level in ("DEP", "REG", "FRANCE")} == {"DEP", "REG", "FRM"}
    assert said["zones"]["ZZZZZZZZZ"] == "HORS:FRM"
    assert (said["zones"]["F"], said["zones"]["FE"]) == ("FRM", "FRA")


def test_units_bases_and_polarities_of_the_layout_are_ours() -> None:
    said = layout("panorama_insee")
    assert set(said["variables_unit"].values()) - {"fraction"} == column("indicators", "unit")
    assert set(said["variables_base"].values()) <= {base.value for base in Base}
    assert set(said["variables_polarity"].values()) == {"high_worse", "low_worse"}
    assert set(said["variables_nature"].values()) == {"real", "derived", "estimated", "simulated"}
    assert said["variables_absent"] == ["absente"]
    assert set(said["flags"].values()) <= {availability.value for availability in Availability}


def test_simulated_headings_are_seen_without_the_variables_sheet() -> None:
    nature = {name: str(pattern) for name, pattern in layout("panorama_insee")["label_nature"].items()}
    assert re.search(nature["simulated"], "Ménages pauvres (valeurs simulées)")
    assert re.search(nature["estimated"], "Personnes pauvres (valeurs estimées)")
    assert not re.search(nature["simulated"], "Taux de pauvreté")


@pytest.mark.parametrize("name", ["panorama_pauvrete_ARA_2021_pourcentages_0_1", "panorama_pauvrete_IDF_2021_mgp"])
def test_the_words_of_every_variables_sheet_are_known(shared_data: Path, name: str) -> None:
    said = layout("panorama_insee")
    words = {
        "UNITE": {*said["variables_unit"]},
        "BASE": {*said["variables_base"]},
        "NATURE": {*said["variables_nature"], *said["variables_absent"]},
    }
    for row in variables(shared_data / "panorama" / f"{name}.xlsx").values():
        for field, known in words.items():
            assert row[field] in known | {""}, row


def test_the_list_of_france_services_reads_with_its_layout_and_no_personal_column(shared_data: Path) -> None:
    said = layout("france_services")
    path = shared_data / "offers" / "france_services" / "liste-fs-20240801.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=said["separator"]))
    wanted = {*said["columns"].values(), *said["drop"]["columns"], *said["detect"]["columns"]}
    assert wanted <= lines[0].keys()
    assert {line["format_fs"] for line in lines} == {*said["formats"]["fixed"], *said["formats"]["mobile"]}
    assert groups(said["as_of"]["file_name"], path.stem) == {"year": "2024", "month": "08", "day": "01"}


def test_the_layout_of_france_services_keeps_its_promises_without_the_file() -> None:
    said = layout("france_services")
    assert set(said["columns"].values()) & {"mail", "telephone", "commentaire"} == set()
    assert set(said["drop"]["columns"]) == {"mail", "telephone", "commentaire"}
    assert said["constants"]["source"] in column("offer_sources", "source")
    assert set(said["constants"]["networks"]) <= column("networks", "reseau")
    assert set(said["constants"]["thematics"]) <= column("thematic_labels", "thematique")
