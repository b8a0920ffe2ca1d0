"""sources.toml: what each raw file is, and whether it still is what was received."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from diagpacte.errors import ConfigurationError, Severity, SourceError
from diagpacte.sources.manifest import (
    MANIFEST,
    UNKNOWN,
    Detected,
    ManifestEntry,
    SourceKind,
    describe,
    detect,
    manifest_bytes,
    manifest_faults,
    read_manifest,
    sources_table,
    to_complete,
)
from diagpacte.sources.offers.list_layout import list_layouts
from diagpacte.vocabulary import Nature
from offer_builders import PLACE, holds_indicators, layouts, service, structure, write
from workbook_builders import panorama, write_xlsx


def entry(**changes: Any) -> ManifestEntry:
    facts = {"file": "s.json", "kind": SourceKind.SERVICES, "sha256": "a" * 64, "size": 12}
    return ManifestEntry(**(facts | changes))


def workbook(path: Path, *headings: str) -> Path:
    book = Workbook()
    book.active.append(list(headings))
    book.save(path)
    return path


# The file itself


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
entries = st.builds(
    entry,
    file=texts,
    title=texts,
    producer=texts,
    licence=st.just(UNKNOWN) | texts,
    vintage=st.sampled_from(["01", "2024-08", "03/2024"]),
    nature=st.none() | st.sampled_from([nature for nature in Nature if nature is not Nature.UNDECLARED]),
    geo_vintage=st.none() | st.integers(2019, 2026),
    published_on=st.none() | st.dates(),
)


@given(st.lists(entries, unique_by=lambda item: item.file, max_size=4))
def test_whatever_is_written_is_read_back_in_the_same_order(
    tmp_path_factory: Any, written: list[ManifestEntry]
) -> None:
    path = tmp_path_factory.mktemp("manifest") / MANIFEST
    path.write_bytes(manifest_bytes(written))
    assert list(read_manifest(path).values()) == written
    assert path.read_bytes() == manifest_bytes(read_manifest(path).values())


def test_the_file_speaks_french_and_keeps_codes_as_text() -> None:
    lines = manifest_bytes([entry(vintage="01", producer="ANCT", published_on=date(2024, 8, 1))]).decode().splitlines()
    assert lines[2] == '["s.json"]'
    assert 'contenu = "offre_services"' in lines
    assert 'millesime = "01"' in lines
    assert 'licence = "à renseigner"' in lines
    assert 'nature = "à renseigner"' in lines
    assert "mise_en_ligne = 2024-08-01" in lines
    assert "taille = 12" in lines


def test_what_a_person_completes_is_read(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST
    text = manifest_bytes([entry()]).decode()
    text = text.replace('nature = "à renseigner"', 'nature = "simulée"')
    path.write_text(text.replace('geographie = "à renseigner"', "geographie = 2025"), encoding="utf-8-sig")
    (read,) = read_manifest(path).values()
    assert (read.nature, read.geo_vintage, read.producer) == (Nature.SIMULATED, 2025, UNKNOWN)


def test_no_manifest_is_an_empty_one(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / MANIFEST) == {}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ('nature = "à renseigner"', 'nature = "vraie"', "nature : « vraie »"),
        ('licence = "à renseigner"', 'license = "MIT"', "license : mot inconnu"),
        ('sha256 = "', "sha256 = ", "TOML illisible"),
        ("taille = 12\n", "", "taille : absent"),
    ],
    ids=["nature", "word", "toml", "missing"],
)
def test_a_manifest_badly_completed_says_where(tmp_path: Path, before: str, after: str, found: str) -> None:
    path = tmp_path / MANIFEST
    path.write_text(manifest_bytes([entry()]).decode().replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_manifest(path)
    assert found in str(caught.value).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'["a"]\ntaille = 1 2\n', "ligne 2 : TOML illisible, colonne 12"),
        (b'["a"]\ntitre = """x', "TOML illisible, interrompu"),
        ('["é"]\n'.encode("cp1252"), "le fichier n’est pas en UTF-8"),
    ],
    ids=["line", "end", "encoding"],
)
def test_a_manifest_that_is_no_toml_is_refused_in_french(tmp_path: Path, data: bytes, found: str) -> None:
    (tmp_path / MANIFEST).write_bytes(data)
    with pytest.raises(ConfigurationError) as caught:
        read_manifest(tmp_path / MANIFEST)
    message = str(caught.value).replace("\u00a0", " ")
    assert found in message
    assert not {"expected", "document", "invalid", "codec"} & set(message.lower().split())


# Against the folder


def test_a_file_changed_gone_or_never_recorded_is_said(tmp_path: Path) -> None:
    kept, changed, gone = (write(tmp_path / name, [service()]) for name in ("k.json", "c.json", "g.json"))
    recorded = {path.name: describe(path, detect(path, {}, holds_indicators)) for path in (kept, changed, gone)}
    assert manifest_faults(tmp_path, recorded) == []
    write(changed, [service(nom="Autre nom")])
    gone.unlink()
    write(tmp_path / "n.json", [service()])
    for furniture in (".gitkeep", "~$k.xlsx", "Thumbs.db", MANIFEST):
        (tmp_path / furniture).write_bytes(b"")
    faults = {fault.file: (fault.found, fault.severity) for fault in manifest_faults(tmp_path, recorded)}
    assert faults == {
        "c.json": ("le contenu a changé depuis son enregistrement (empreinte SHA-256 différente)", Severity.BLOCKING),
        "g.json": ("fichier enregistré mais disparu de data/raw", Severity.BLOCKING),
        "n.json": ("présent dans data/raw mais absent de sources.toml", Severity.CHECK),
    }


def test_what_is_unknown_is_asked_for_file_by_file() -> None:
    full = entry(title="t", producer="p", licence="l", vintage="v", nature=Nature.REAL)
    faults = to_complete([entry(file="a.json", title="t", vintage="v"), full])
    assert [(fault.file, fault.found) for fault in faults] == [("a.json", "à renseigner : producteur, licence, nature")]


def test_the_person_who_adds_a_file_wins_over_its_layout(tmp_path: Path) -> None:
    path = write(tmp_path / "liste-fs-20240801.csv", [PLACE])
    found = detect(path, layouts(), holds_indicators)
    described = describe(path, found, nature=Nature.REAL, producer="DDETS", vintage="août 2024")
    assert (found.producer, described.producer) == ("ANCT", "DDETS")
    assert (described.licence, described.vintage) == ("Licence Ouverte 2.0", "août 2024")
    assert described.size == path.stat().st_size
    assert described.unknown == ()


def test_the_table_of_sources_carries_the_manifest_and_the_lines_read() -> None:
    table = sources_table([entry(nature=Nature.SIMULATED), entry(file="b.csv")], {"s.json": 7}, {"b.csv": "Champ : 59"})
    assert table[["source_id", "rows", "nature", "note", "producer"]].to_numpy().tolist() == [
        ["s.json", 7, "simulated", "", UNKNOWN],
        ["b.csv", 0, "undeclared", "Champ : 59", UNKNOWN],
    ]


# What a file is


@pytest.mark.parametrize("suffix", ["json", "csv", "parquet"])
def test_services_and_structures_are_told_apart_by_their_columns(tmp_path: Path, suffix: str) -> None:
    services = write(tmp_path / f"export-2025-12-01.{suffix}", [service()])
    structures = write(tmp_path / f"export.{suffix}", [structure()])
    assert detect(services, layouts(), holds_indicators).kind is SourceKind.SERVICES
    assert detect(services, layouts(), holds_indicators).vintage == "2025-12-01"
    assert detect(structures, layouts(), holds_indicators).kind is SourceKind.STRUCTURES


def test_a_name_says_nothing_of_a_content(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [service()])
    assert detect(shutil.move(path, tmp_path / "panorama.xlsx"), {}, holds_indicators).kind is SourceKind.SERVICES


def test_a_plain_list_is_known_by_its_layout(tmp_path: Path) -> None:
    found = detect(write(tmp_path / "liste-fs-20240801.csv", [PLACE]), layouts(), holds_indicators)
    assert (found.kind, found.layout, found.vintage) == (SourceKind.LIST, "france_services", "01/08/2024")
    assert found.published_on == date(2024, 8, 1)


def test_a_workbook_with_zone_codes_is_a_panorama_and_another_is_not(tmp_path: Path) -> None:
    assert detect(write_xlsx(tmp_path / "p.xlsx", panorama()), {}, holds_indicators) == Detected(
        kind=SourceKind.PANORAMA
    )
    other = workbook(tmp_path / "o.xlsx", "Nom", "Prix")
    with pytest.raises(SourceError, match="aucune colonne de codes géographiques"):
        detect(other, layouts(), holds_indicators)
    assert detect(other, layouts(), lambda _: True).kind is SourceKind.PANORAMA


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_sheet_saved_as_csv_with_its_title_above_is_a_panorama(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "Géographie au 01/01/2025;;\n;;\nCODGEO;LIBGEO;TP6021\n200040715;Grenoble;12,5\n", encoding=encoding
    )
    assert detect(path, layouts(), holds_indicators).kind is SourceKind.PANORAMA


@pytest.mark.parametrize("name", [".caché.csv", "~$p.xlsx", "Thumbs.db"])
def test_a_name_that_ingest_would_not_see_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "liste-fs-20240801.csv", [PLACE]).rename(tmp_path / name)
    with pytest.raises(SourceError, match="le renommer"):
        detect(path, layouts(), holds_indicators)


def test_an_export_without_any_record_says_so(tmp_path: Path) -> None:
    (tmp_path / "services.json").write_text("[]")
    with pytest.raises(SourceError, match="aucun enregistrement"):
        detect(tmp_path / "services.json", layouts(), holds_indicators)


@pytest.mark.parametrize("old", ["_di_surrogate_id", "presentation_resume", "zone_diffusion_type"])
def test_the_format_of_2023_is_recognised_and_refused_for_now(tmp_path: Path, old: str) -> None:
    with pytest.raises(SourceError, match="format v0"):
        detect(write(tmp_path / "s.csv", [service(**{old: "x"})]), layouts(), holds_indicators)


def test_an_unknown_list_says_what_was_found_and_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        detect(write(tmp_path / "l.csv", [{"Nom": "a", "Ville": "b"}]), layouts(), holds_indicators)
    message = str(caught.value).replace("\u00a0", " ")
    assert "colonnes inconnues, à commencer par « Nom », « Ville »" in message
    assert "« Liste des France services (ANCT) »" in message


@pytest.mark.long
def test_every_real_file_is_recognised_or_refused_in_french(shared_data: Path) -> None:
    kinds: dict[str, str] = {}
    for path in sorted((shared_data / "offers").rglob("*.*")):
        try:
            kinds[path.name] = detect(path, layouts(), holds_indicators).kind
        except SourceError as error:
            (fault,) = error.faults
            assert fault.remedy
            kinds[path.name] = "v0" if "format v0" in fault.found.replace("\u00a0", " ") else ""
    known = {name: kind for name, kind in kinds.items() if kind}
    assert known == {
        **{f"services-inclusion-2024-08.{suffix}": "offre_services" for suffix in ("json", "csv", "parquet")},
        **{f"structures-inclusion-2024-08.{suffix}": "offre_structures" for suffix in ("json", "csv", "parquet")},
        **{
            f"{name}-inclusion-2023-10-23_v0_59.{s}": "v0"
            for name in ("services", "structures")
            for s in ("json", "csv")
        },
        "liste-fs-20240801.csv": "offre_liste",
    }


@pytest.mark.long
def test_every_real_panorama_is_recognised(shared_data: Path) -> None:
    files = sorted((shared_data / "panorama").glob("*.*"))
    assert len(files) > 9
    assert {detect(path, layouts(), holds_indicators).kind for path in files} == {SourceKind.PANORAMA}


# Layouts


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"columns": {"name": "lib_fs"}}, "columns"),
        ({"drop": {"columns": ["lib_fs"]}}, "lues et écartées"),
        ({"colour": "bleu"}, "réglage inconnu"),
        ({"as_of": {"file_name": "liste"}}, "as_of"),
        ({"as_of": {"file_name": "liste-(?P<year>.*"}}, "n’est pas une expression régulière"),
    ],
    ids=["no id", "dropped yet read", "unknown word", "no day", "broken pattern"],
)
def test_a_layout_that_contradicts_itself_is_refused(change: dict[str, Any], found: str) -> None:
    good = layouts()["france_services"].model_dump()
    with pytest.raises(ConfigurationError) as caught:
        list_layouts({"mine": {**good, **change}, "panorama_insee": {"kind": "panorama"}})
    assert found in str(caught.value)
    assert "layouts/mine.toml" in str(caught.value)
