"""A plain list read by its layout, and files that cannot be read at all."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from diagpacte.errors import Severity, SourceError
from diagpacte.sources.manifest import SourceKind, describe, detect
from diagpacte.sources.offers.files import read_offers
from offer_builders import AS_OF, PLACE, RIGHTS, STEPS, holds_indicators, layouts, read, said, service, structure, write

# A plain list by its layout


def test_a_plain_list_gives_a_structure_per_row_with_what_the_layout_says(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "liste-fs-20240801.csv", [PLACE]))
    row = reading.raw.iloc[0]
    assert (row["record"], row["structure_id"], row["offer_source"]) == (
        "structure",
        "france-services--1",
        "france-services",
    )
    assert (row["networks"], row["thematics"]) == (["france-service"], sorted([RIGHTS, STEPS]))
    assert (row["name"], row["commune_code"], row["lon"]) == ("France services de Lille", "59350", 3.06)
    assert row["updated_on"] == date(2024, 8, 1)
    assert reading.claims == {"liste-fs-20240801.csv": "toutes les France services labellisées de France"}
    assert not {"mail", "telephone", "commentaire"} & set(reading.raw.columns)


def test_a_place_that_goes_round_keeps_its_point_and_is_said(tmp_path: Path) -> None:
    places = [
        PLACE,
        {**PLACE, "id_fs": "2", "format_fs": "Bus_équivalent"},
        {**PLACE, "id_fs": "3", "format_fs": "Péniche"},
    ]
    reading = read(write(tmp_path / "liste-fs-20240801.csv", places))
    assert reading.raw["in_person"].all()
    assert reading.raw["lon"].notna().all()
    assert reading.raw["service_type"].tolist() == ["Fixe", "Bus_équivalent", "Péniche"]
    assert "ligne 3 : format_fs « Bus_équivalent » : le service circule" in said(reading)
    assert "ligne 4 : format_fs « Péniche » : format inconnu" in said(reading)


def test_a_list_that_lost_a_column_is_read_without_it_and_says_so(tmp_path: Path) -> None:
    place = {name: value for name, value in PLACE.items() if name != "latitude"}
    reading = read(write(tmp_path / "liste-fs-20240801.csv", [place]))
    assert reading.raw[["lon", "lat"]].isna().all(axis=None)
    assert "colonnes absentes : « latitude »" in said(reading)


def test_a_list_renamed_has_no_date_and_says_so(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "liste.csv", [PLACE]))
    assert reading.raw["updated_on"].isna().all()
    assert "la date de la liste n’est pas dans le nom du fichier" in said(reading)


def test_the_real_list_of_france_services_is_read_whole(shared_data: Path) -> None:
    reading = read(shared_data / "offers" / "france_services" / "liste-fs-20240801.csv")
    assert len(reading.raw) == 2_845
    assert reading.raw[["lon", "lat", "commune_code", "updated_on"]].notna().all(axis=None)
    assert "(134 lignes)" in said(reading)
    assert "(29 lignes)" in said(reading)
    assert not [fault for fault in reading.faults if fault.severity is not Severity.INFORMATION]


# Files that cannot be read


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("absent.json", None, "fichier introuvable"),
        ("vide.csv", b"", "fichier vide"),
        (
            "services.json",
            b"\n<!DOCTYPE html><html><body>Connexion</body></html>",
            "c’est une page web, pas des données",
        ),
        ("services.json", b'[{"source": "dora", "id": "a"', "JSON interrompu ou mal formé"),
        ("services.json", b'{"items": []}', "colonnes inconnues, à commencer par « items »"),
        (
            "services.csv",
            b"source|structure_id|id|nom\n",
            "une seule colonne, « source|structure_id|id|nom » : séparateur autre que virgule",
        ),
        ("services.parquet", b"PAR1 et rien d'autre", "Parquet illisible"),
        ("services.csv", b"%PDF-1.7", "le contenu est « PDF »"),
    ],
    ids=["absent", "empty", "web page", "cut json", "api page", "separator", "cut parquet", "pdf"],
)
def test_a_file_that_cannot_be_read_gets_one_french_message(
    tmp_path: Path, name: str, data: bytes | None, found: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        detect(path, layouts(), holds_indicators)
    (fault,) = caught.value.faults
    assert found in str(fault).replace("\u00a0", " ")
    assert name in str(fault)
    assert fault.remedy
    assert caught.value.exit_code == 4


def test_a_csv_line_with_too_many_cells_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", [service(), service(id="dora--a-2")])
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(["x"] * 40) + "\n")
    reading = read(path)
    assert reading.raw.empty
    assert "ligne 4 : plus de cellules que d’en-têtes" in said(reading)
    assert [fault.severity for fault in reading.faults] == [Severity.BLOCKING]


def test_a_list_cell_that_spells_no_list_is_said(tmp_path: Path) -> None:
    frame = pd.DataFrame([service()]).assign(thematiques="{numerique--acquerir-un-equipement}")
    path = tmp_path / "s.csv"
    frame.to_csv(path, index=False)
    reading = read(path)
    assert reading.raw["thematics"].tolist() == [[]]
    assert "thematiques : la cellule ne porte pas une liste" in said(reading)


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "s.json", [service()]), write(tmp_path / "t.parquet", [structure()])
    entries = [describe(path, detect(path, {}, holds_indicators)) for path in (good, bad)]
    bad.unlink()
    reading = read_offers(tmp_path, entries, {}, AS_OF)
    assert len(reading.raw) == 1
    assert "t.parquet : fichier introuvable" in said(reading)


def test_a_file_that_the_manifest_takes_for_another_is_refused_row_by_row(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", [structure()])
    entry = describe(path, detect(path, {}, holds_indicators)).model_copy(update={"kind": SourceKind.SERVICES})
    reading = read_offers(tmp_path, [entry], {}, AS_OF)
    assert reading.raw.empty
    assert "ligne 1 : ligne sans identifiant (source, structure_id, id)" in said(reading)


def test_no_file_of_offers_gives_an_empty_table(tmp_path: Path) -> None:
    assert read_offers(tmp_path, [], {}, AS_OF).raw.empty
