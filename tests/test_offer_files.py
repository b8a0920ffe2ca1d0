"""The offer, from its files to RawOffers: nothing lost in silence, nothing personal kept."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from data_inclusion.schema import v1
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pydantic import ValidationError

from diagpacte.errors import Severity
from diagpacte.sources.offers.records import Records
from diagpacte.sources.offers.schema import conform
from offer_builders import AS_OF, DIGITAL, PLACE, RIGHTS, read, said, service, structure, write

FORMATS = ("json", "csv", "parquet")


def one(path: Path, **changes: Any) -> Any:
    """The only row read from a services file of one service."""
    return read(write(path, [service(**changes)])).raw.iloc[0]


# Formats


def content(raw: pd.DataFrame, first_row: int) -> pd.DataFrame:
    """RawOffers without what names the file."""
    rows = raw.assign(row=raw["row"] - first_row).drop(columns=["offer_id", "source_id"])
    return rows.sort_values(["structure_id", "service_id"], ignore_index=True)


def test_the_three_formats_of_an_export_give_the_same_offers(tmp_path: Path) -> None:
    services = [
        service(),
        service(id="dora--b-1", structure_id="dora--b", thematiques=[DIGITAL, RIGHTS], longitude=None, latitude=None),
        service(id="dora--b-2", structure_id="dora--b", thematiques=[], publics=None, zone_eligibilite=None),
    ]
    structures = [structure(), structure(id="dora--b", nom="Mission", siret=None), structure(id="dora--c")]
    contents = []
    for suffix in FORMATS:
        files = write(tmp_path / f"s.{suffix}", services), write(tmp_path / f"t.{suffix}", structures)
        contents.append(content(read(*files).raw, first_row=2 if suffix == "csv" else 1))
    assert len(contents[0]) == 4
    assert_frame_equal(contents[0], contents[1])
    assert_frame_equal(contents[0], contents[2])


def test_the_three_formats_of_the_real_export_give_the_same_offers(shared_data: Path) -> None:
    folder, contents = shared_data / "offers", []
    for suffix in FORMATS:
        reading = read(*(folder / f"{name}-inclusion-2024-08.{suffix}" for name in ("services", "structures")))
        assert said(reading) == ""
        contents.append(content(reading.raw, first_row=2 if suffix == "csv" else 1))
    assert contents[0]["record"].value_counts().to_dict() == {"service": 8_586, "structure": 767}
    assert_frame_equal(contents[0], contents[1])
    assert_frame_equal(contents[0], contents[2])


def test_a_line_is_the_one_a_spreadsheet_shows(tmp_path: Path) -> None:
    two = [service(), service(id="dora--a-2")]
    assert read(write(tmp_path / "s.csv", two)).raw["row"].tolist() == [2, 3]
    assert read(write(tmp_path / "s.json", two)).raw["row"].tolist() == [1, 2]


def test_an_export_saved_again_by_a_french_spreadsheet_is_read_and_said(tmp_path: Path) -> None:
    frame = pd.DataFrame([service(code_insee="1053", longitude="5,2", latitude="46,2", nom="Été")])
    path = tmp_path / "s.csv"
    path.write_bytes(frame.to_csv(index=False, sep=";").encode("cp1252"))
    reading = read(path)
    row = reading.raw.iloc[0]
    assert (row["service_name"], row["commune_code"], row["lon"], row["lat"]) == ("Été", "01053", 5.2, 46.2)
    assert "colonnes séparées par point-virgule" in said(reading)
    assert "cp1252" in said(reading)
    assert "zéro initial perdu, par exemple « 1053 » lu « 01053 »" in said(reading)


# Joining services and structures


def test_a_service_carries_the_name_networks_and_siret_of_its_structure(tmp_path: Path) -> None:
    row = read(write(tmp_path / "s.json", [service()]), write(tmp_path / "t.json", [structure()])).raw.iloc[0]
    assert (row["name"], row["service_name"]) == ("CCAS de Lille", "Aide aux démarches")
    assert (row["networks"], row["siret"]) == (["ccas-cias"], "26590001400015")
    assert (row["record"], row["offer_id"]) == ("service", "s.json/dora--a-1")


def test_a_structure_without_any_service_stays_as_a_structure(tmp_path: Path) -> None:
    files = write(tmp_path / "s.json", [service()]), write(tmp_path / "t.json", [structure(), structure(id="dora--z")])
    reading = read(*files)
    assert reading.raw[["record", "structure_id"]].to_numpy().tolist() == [
        ["service", "dora--a"],
        ["structure", "dora--z"],
    ]
    assert reading.raw["service_id"].isna().tolist() == [False, True]
    assert reading.datasets == (("s.json", "t.json"),)
    assert reading.rows == {"s.json": 1, "t.json": 2}


def test_services_alone_are_named_by_their_structure_identifier_and_said(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "s.json", [service()]))
    assert reading.raw["name"].tolist() == ["dora--a"]
    assert "services lus sans leurs structures" in said(reading)


def test_a_service_whose_structure_is_not_in_the_file_is_kept_and_said(tmp_path: Path) -> None:
    files = (
        write(tmp_path / "s.json", [service(), service(id="dora--b-1", structure_id="dora--b")]),
        write(tmp_path / "t.json", [structure()]),
    )
    reading = read(*files)
    assert reading.raw["name"].tolist() == ["CCAS de Lille", "dora--b"]
    assert "ligne 2 : service dont la structure n’est pas dans t.json" in said(reading)


def test_each_services_file_meets_the_structures_of_its_own_export(tmp_path: Path) -> None:
    old = write(tmp_path / "s1.json", [service()]), write(tmp_path / "t1.json", [structure(nom="Ancien nom")])
    new_ids = {"structure_id": "dora--n", "id": "dora--n-1"}
    new = write(tmp_path / "s2.json", [service(**new_ids)]), write(tmp_path / "t2.json", [structure(id="dora--n")])
    reading = read(new[1], old[0], new[0], old[1])
    assert set(reading.datasets) == {("s1.json", "t1.json"), ("s2.json", "t2.json")}
    assert reading.raw.set_index("structure_id")["name"].to_dict() == {
        "dora--a": "Ancien nom",
        "dora--n": "CCAS de Lille",
    }


# The official schema, and what it lets through


def test_an_unknown_thematic_is_one_message_with_the_nearest_known_one(tmp_path: Path) -> None:
    words = ["numerique--acquerir-un-equipment", DIGITAL]
    reading = read(write(tmp_path / "s.json", [service(thematiques=words), service(id="dora--a-2", thematiques=words)]))
    assert reading.raw["thematics"].tolist() == [[DIGITAL], [DIGITAL]]
    about = [fault for fault in reading.faults if "thematiques" in fault.found]
    assert len(about) == 1
    assert about[0].severity is Severity.CHECK
    message = str(about[0]).replace("\u00a0", " ")
    assert "lignes 1 et 2 : thematiques : valeur inconnue « numerique--acquerir-un-equipment »" in message
    assert "le plus proche connu : « numerique--acquerir-un-equipement »" in message


def test_spaces_and_capitals_do_not_make_a_thematic_unknown(tmp_path: Path) -> None:
    assert one(tmp_path / "s.json", thematiques=[" Numerique--acquerir-un equipement"])["thematics"] == [DIGITAL]


@pytest.mark.parametrize(
    ("change", "column", "left"),
    [
        ({"type": "conseil"}, "service_type", None),
        ({"publics": ["tous-publics", "femmes"]}, "publics", []),
        ({"publics": ["martiens", "femmes"]}, "publics", ["femmes"]),
        ({"zone_eligibilite": ["FR", "59", "200093201"]}, "eligibility_zones", ["200093201", "59"]),
        ({"code_postal": "59 0000"}, "postcode", None),
        ({"code_insee": "ABCDE"}, "commune_code", None),
        ({"date_maj": "1999-12-31"}, "updated_on", None),
        ({"date_maj": "hier"}, "updated_on", None),
        ({"thematiques": "numerique"}, "thematics", []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_field_is_dropped_and_said_and_its_row_kept(
    tmp_path: Path, change: dict[str, Any], column: str, left: Any
) -> None:
    reading = read(write(tmp_path / "s.json", [service(**change)]))
    found = reading.raw[column].tolist()
    assert found == [left] if left is not None else pd.isna(found[0])
    assert any(next(iter(change)) in fault.found and fault.severity is Severity.CHECK for fault in reading.faults)


def test_the_only_clock_is_the_day_of_the_diagnosis(tmp_path: Path) -> None:
    path = write(tmp_path / "s.json", [service(date_maj="2098-05-04")])
    early, late = read(path, as_of=date(2098, 5, 3)), read(path, as_of=date(2098, 5, 4))
    assert early.raw["updated_on"].isna().all()
    assert "date_maj : non conforme, par exemple « 2098-05-04 »" in said(early)
    assert late.raw["updated_on"].tolist() == [date(2098, 5, 4)]
    assert "date_maj" not in said(late)


def test_a_coordinate_alone_says_that_the_other_is_absent(tmp_path: Path) -> None:
    assert "longitude « 3.05 », latitude absente" in said(
        read(write(tmp_path / "s.json", [service(longitude=3.05, latitude=None)]))
    )


@pytest.mark.parametrize(
    ("lon", "lat", "found"),
    [
        (float("nan"), 50.6, "coordonnée qui n’est pas un nombre"),
        (3.05, None, "une seule des deux coordonnées"),
        (0.0, 0.0, "point hors de France"),
        (50.63, 3.05, "point hors de France"),
        (200.0, 50.6, "point hors de France"),
        (-74.0, 40.7, "point hors de France"),
    ],
    ids=["nan", "half", "zero", "swapped", "200 degrees", "New York"],
)
def test_a_point_that_cannot_be_true_is_dropped_and_said(tmp_path: Path, lon: Any, lat: Any, found: str) -> None:
    reading = read(write(tmp_path / "s.json", [service(longitude=lon, latitude=lat)]))
    assert reading.raw[["lon", "lat"]].isna().all(axis=None)
    assert found in said(reading)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(2.35, 48.85), (9.45, 42.7), (-61.53, 16.24), (-61.07, 14.61), (-52.33, 4.94), (55.45, -20.88), (45.23, -12.78)],
    ids=["Paris", "Bastia", "Pointe-à-Pitre", "Fort-de-France", "Cayenne", "Saint-Denis", "Mamoudzou"],
)
def test_overseas_is_in_france(tmp_path: Path, lon: float, lat: float) -> None:
    row = one(tmp_path / "s.json", longitude=lon, latitude=lat)
    assert (row["lon"], row["lat"]) == (lon, lat)


def test_a_service_without_thematic_is_kept_and_counted_in_a_message(tmp_path: Path) -> None:
    services = [service(thematiques=[]), service(id="dora--a-2", thematiques=None), service(id="dora--a-3")]
    reading = read(write(tmp_path / "s.json", services))
    assert reading.raw["thematics"].tolist() == [[], [], [RIGHTS]]
    assert "lignes 1 et 2 : aucune thématique" in said(reading)


def test_only_a_row_without_identity_or_already_read_is_refused_and_the_count_holds(tmp_path: Path) -> None:
    services = [
        service(),
        service(id=None),
        service(),
        service(id="dora--a-2", structure_id=""),
        service(id="dora--a-3"),
    ]
    reading = read(write(tmp_path / "s.json", services))
    assert reading.raw["service_id"].tolist() == ["dora--a-1", "dora--a-3"]
    assert "lignes 2 et 4 : ligne sans identifiant" in said(reading)
    assert "ligne 3 : identifiant déjà lu plus haut" in said(reading)
    assert reading.rows["s.json"] == 5 == 2 + 2 + 1


def test_codes_typed_as_numbers_find_their_zero_again(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "s.json", [service(code_insee=1053, code_postal=1000.0)]))
    assert reading.raw[["commune_code", "postcode"]].to_numpy().tolist() == [["01053", "01000"]]
    assert "code_insee : zéro initial perdu, par exemple « 1053 » lu « 01053 »" in said(reading)


def test_a_misspelt_column_is_reported_with_the_one_it_leaves_missing(tmp_path: Path) -> None:
    misspelt = {("thematique" if name == "thematiques" else name): value for name, value in service().items()}
    reading = read(write(tmp_path / "s.json", [misspelt]))
    assert "colonnes inconnues : « thematique »" in said(reading)
    assert "colonnes absentes : « thematiques »" in said(reading)


def test_modes_of_reception_say_in_person_and_remote(tmp_path: Path) -> None:
    modes: list[Any] = [None, ["a-distance"], ["en-presentiel"], ["a-distance", "en-presentiel"]]
    services = [service(id=f"dora--{i}", modes_accueil=mode) for i, mode in enumerate(modes)]
    raw = read(write(tmp_path / "s.json", services)).raw
    assert raw["in_person"].tolist() == [True, False, True, True]
    assert raw["remote"].tolist() == [False, True, False, True]


SUSPECT: dict[str, st.SearchStrategy[Any]] = {
    "nom": st.sampled_from(["ok !", "ab", "x" * 151, None, 12]),
    "date_maj": st.dates(date(1990, 1, 1), date(2025, 12, 31)).map(str) | st.sampled_from(["", "31/12/2024", None]),
    "siret": st.sampled_from(["26590001400015", "2659000140001", "ABC", None]),
    "code_postal": st.sampled_from(["59000", "5900", "590000", None]),
    "frais": st.sampled_from(["gratuit", "payant", "cher", None]),
    "publics": st.lists(st.sampled_from(["tous-publics", "femmes", "martiens"]), max_size=2, unique=True),
    "thematiques": st.lists(st.sampled_from([RIGHTS, DIGITAL, "numerique"]), max_size=2, unique=True),
    "courriel": st.sampled_from([None, "a@b.fr", "a@b"]),
    "lien_source": st.sampled_from([None, "https://exemple.fr", "exemple"]),
    "longitude": st.sampled_from([3.05, "3.05", "est", None]),
    "nombre_semaines": st.sampled_from([None, 3, 0, 1.5]),
}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.fixed_dictionaries({}, optional=SUSPECT))
def test_whatever_the_official_model_refuses_is_said_and_whatever_it_accepts_is_not(change: dict[str, Any]) -> None:
    record = service(**{name: value for name, value in change.items() if name != "siret"})
    refused = set()
    try:
        v1.Service.model_validate(record)
    except ValidationError as error:
        refused = {str(detail["loc"][0]) for detail in error.errors()}
    conformed = conform(Records({name: [value] for name, value in record.items()}, 1), "service", "f.json", AS_OF)
    named = {fault.found.partition("\u00a0:")[0] for fault in conformed.faults}
    assert refused <= named
    assert named <= refused
    assert len(conformed.rows) == 1


# What is never kept


def test_no_personal_datum_nor_free_text_reaches_the_table_or_the_messages(tmp_path: Path) -> None:
    personal = {
        "telephone": "SECRET-06 11 22 33 44",
        "courriel": "SECRET-marie.durand",
        "contact_nom_prenom": "SECRET Marie Durand",
        "description": "SECRET",
        "horaires_accueil": "SECRET horaires",
        "conditions_acces": "SECRET",
    }
    files = (
        write(tmp_path / "s.json", [service(**personal)]),
        write(tmp_path / "t.json", [structure(**{name: personal[name] for name in ("telephone", "courriel")})]),
        write(
            tmp_path / "liste-fs-20240801.csv",
            [{**PLACE, "mail": "SECRET", "telephone": "SECRET", "commentaire": "SECRET"}],
        ),
    )
    reading = read(*files)
    assert len(reading.raw) == 2
    assert "SECRET" not in reading.raw.to_json()
    assert "SECRET" not in said(reading)
    assert "courriel : non conforme" in said(reading)


def test_hostile_text_stays_text_and_loses_what_could_break_a_page(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://exemple.fr";"ici")'
    hostile = {"adresse": f"{formula}\u202e\x07\n rue", "commune": "<script>alert(1)</script>"}
    files = (
        write(tmp_path / "s.json", [service(nom="x" * 1_000_000, **hostile)]),
        write(tmp_path / "t.json", [structure(nom=formula)]),
    )
    row = read(*files).raw.iloc[0]
    assert row["name"] == formula
    assert one(tmp_path / "u.json", id="dora--\x07\u202e1")["service_id"] == "dora-- 1"
    assert row["address"] == f"{formula} rue"
    assert row["commune_name"] == "<script>alert(1)</script>"
    assert row["service_name"] == "x" * 150


def test_a_date_never_depends_on_the_day_of_the_run(tmp_path: Path) -> None:
    """Two readings at two days of diagnosis differ only by dates between them."""
    path = write(tmp_path / "s.json", [service(date_maj=str(AS_OF - timedelta(days=1)))])
    first, second = (read(path, as_of=day).raw for day in (AS_OF, AS_OF + timedelta(days=365)))
    assert_frame_equal(first, second)
