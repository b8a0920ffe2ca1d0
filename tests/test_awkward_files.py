"""What goes wrong on a real desk: interrupted writes, files added twice, other vintages, refusals of the system."""

import subprocess
import sys
from pathlib import Path

import pytest

from diagpacte import workspace
from diagpacte.store import read
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.scaffold import add, init
from diagpacte.workspace import StepRecord, Workspace
from offer_builders import PLACE, write

HEADINGS = """Géographie au 01/01/2025;;
;;
Code géographique;Libellé géographique;Profil 1 (valeurs simulées)
CODGEO;LIBGEO;P1_MEN21
"""


def panorama(folder: Path, *rows: str) -> Path:
    path = folder / "panorama.csv"
    path.write_text(HEADINGS + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_a_delivery_interrupted_twice_never_takes_its_files_for_a_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = Workspace(tmp_path)
    home = space.outputs / "38-isere"
    files = [home / "a.txt", home / "b.txt"]
    write_whole = workspace.atomic_write

    def deliver(content: str, stop_at: Path | None = None) -> None:
        def dying(path: Path, data: bytes) -> None:
            if path == stop_at:
                raise KeyboardInterrupt
            write_whole(path, data)

        monkeypatch.setattr(workspace, "atomic_write", dying)
        space.deliver(home, "map", StepRecord(key=content), {path: content.encode() for path in files}, {})

    deliver("one")
    for content, stop_at in (("two", files[1]), ("three", files[0])):
        with pytest.raises(KeyboardInterrupt):
            deliver(content, stop_at)
    assert [path.read_text() for path in files] == ["two", "one"]
    deliver("four")
    assert [path.read_text() for path in files] == ["four", "four"]


def test_what_a_person_completed_survives_a_second_add(tmp_path: Path) -> None:
    init(tmp_path / "w", "59", "2026-01-01")
    received = [write(tmp_path / "liste-fs-20240801.csv", [PLACE])]
    add(tmp_path / "w", received, nature="réelle", vintage="août 2024")
    manifest = tmp_path / "w" / "data" / "raw" / "sources.toml"
    before = manifest.read_bytes()
    add(tmp_path / "w", received)
    assert manifest.read_bytes() == before
    add(tmp_path / "w", received, vintage="2024")
    assert 'millesime = "2024"' in manifest.read_text(encoding="utf-8")


def test_a_file_declared_real_whose_columns_are_simulated_is_a_simulated_source(tmp_path: Path) -> None:
    init(tmp_path / "w", "38", "2026-01-01")
    add(tmp_path / "w", [panorama(tmp_path, "200040715;Grenoble;12,5")], nature="réelle")
    ingest(tmp_path / "w")
    processed = Workspace(tmp_path / "w").processed
    assert set(read(processed / "observations.parquet")["nature"]) == {"simulated"}
    assert read(processed / "sources.parquet")["nature"].tolist() == ["simulated"]


def test_an_ept_of_2025_is_an_ept_whatever_the_geography_asked_for(tmp_path: Path) -> None:
    init(tmp_path / "w", "38", "2026-01-01")
    settings = tmp_path / "w" / "configs" / "diagpacte.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "[geography]\nvintage = 2022\n", encoding="utf-8")
    add(tmp_path / "w", [panorama(tmp_path, "200040715;Grenoble;12,5", "200057966;Vallée Sud;9")])
    ingest(tmp_path / "w")
    processed = Workspace(tmp_path / "w").processed
    assert read(processed / "observations.parquet")["zone_code"].tolist() == ["EPCI:200040715"]
    assert read(processed / "faults.parquet")["found"].str.contains("EPT:200057966").any()


def test_a_refusal_of_the_system_is_a_french_message_and_never_a_traceback(tmp_path: Path) -> None:
    init(tmp_path / "w", "38", "2026-01-01")
    add(tmp_path / "w", [panorama(tmp_path, "200040715;Grenoble;12,5")])
    (tmp_path / "w" / "outputs").rmdir()
    (tmp_path / "w" / "outputs").write_text("")
    command = [sys.executable, "-m", "diagpacte.cli", "-C", str(tmp_path / "w"), "cross"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert "un fichier tient la place d’un dossier" in done.stderr
