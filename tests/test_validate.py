"""`diagpacte validate`: every fault of every file, told once, to a person and to a machine; nothing else written."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagpacte import workflow
from diagpacte.deliverables.fault_page import as_text
from diagpacte.deliverables.fault_report import FileReport, as_json
from diagpacte.deliverables.fault_words import expected_and_nearest, range_name, rectangles
from diagpacte.errors import Fault, Severity, UsageError
from diagpacte.settings import load_settings
from diagpacte.workflow.job import Said
from diagpacte.workflow.validation import examine
from diagpacte.workspace import file_hash
from offer_builders import service, structure
from offer_builders import write as write_offers
from workbook_builders import EPCI, EPT, Sheets, faults, panorama, plain, read, write_xlsx

DATA = "Facteurs_EPCI"
DOCUMENT = Path(__file__).parents[1] / "docs" / "validation.md"


def said(folder: Path, *files: Path, **options: Any) -> Said:
    return workflow.validate(folder, files, **options)


def document(folder: Path, *files: Path, **options: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(said(folder, *files, form="json", **options).text)
    return told


def broken(sheets: Sheets) -> Sheets:
    """An unknown column, an unreadable value, a value out of bounds, a code that does not exist, the same twice."""
    rows = sheets[DATA]
    rows[5][5], rows[6][5] = "Taux de chômage des personnes", "TXCHOMAGE22"
    rows[7][4], rows[8][4] = "douze", "12?"
    rows[8][3] = -5
    rows[9][0] = "999999999"
    return sheets


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recus")


@pytest.fixture(scope="module")
def clean(folder: Path) -> Path:
    return write_xlsx(folder / "propre.xlsx", panorama())


@pytest.fixture(scope="module")
def wrong(folder: Path) -> Path:
    return write_xlsx(folder / "faux.xlsx", broken(panorama()))


@pytest.fixture(scope="module")
def reports(folder: Path, wrong: Path, clean: Path) -> list[FileReport]:
    return examine(load_settings(folder), [wrong, clean], {})


def doubtful(folder: Path) -> Path:
    """A file with something to check and nothing blocking."""
    sheets = panorama()
    sheets[DATA][8][3] = -5
    return write_xlsx(folder / "douteux.xlsx", sheets)


def test_a_file_without_fault_is_told_for_what_it_is(clean: Path, tmp_path: Path) -> None:
    told = said(tmp_path, clean)
    assert told.exit_code == 0
    text = plain(told.text)
    assert "Panorama ou tableau d’indicateurs par zone : 7 zones × 12 indicateurs" in text
    assert "tous les intitulés sont lus. Aucune faute" in text
    assert "Variables : description des colonnes" in text
    assert "diagpacte add FICHIER" in text


def test_only_a_blocking_fault_fails(clean: Path, wrong: Path, tmp_path: Path) -> None:
    told = said(tmp_path, doubtful(tmp_path))
    assert (told.exit_code, "rien de bloquant" in told.text) == (0, True)
    assert said(tmp_path, clean, wrong).exit_code == 1


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        pytest.param("p.xlsx", b"%PDF-1.7", "PDF", id="another format"),
        pytest.param("p.xlsx", b"PK\x03\x04 spoiled", "", id="a spoiled workbook"),
        pytest.param("p.csv", b"", "vide", id="an empty file"),
        pytest.param("p.csv", b"nom;ville\nAccueil;Mende\n", "colonnes inconnues", id="a table of nothing known"),
    ],
)
def test_a_file_that_is_no_table_is_a_fault_of_its_own_and_the_others_are_examined(
    tmp_path: Path, wrong: Path, name: str, content: bytes, found: str
) -> None:
    (tmp_path / name).write_bytes(content)
    told = document(tmp_path, tmp_path / name, wrong)
    first, second = told["files"]
    assert told["exit_code"] == 1
    assert (first["kind"], first["read"]) == (None, {})
    assert [(one["severity"], one["kind"]) for one in first["faults"]] == [("bloquant", "fichier")]
    assert found in first["faults"][0]["found"]
    assert second["kind"] == "panorama"
    assert len(second["faults"]) > 3


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        pytest.param(["absent.xlsx"], {}, "absent.xlsx : fichier introuvable", id="a missing file"),
        pytest.param(["propre.xlsx", "."], {}, "c’est un dossier", id="a folder"),
        pytest.param(["propre.xlsx"], {"form": "xml"}, "text ou json", id="an unknown format"),
        pytest.param(["propre.xlsx"], {"annotate": "propre.xlsx"}, "est un fichier", id="a file to annotate into"),
        pytest.param(["propre.xlsx"], {"annotate": "recu"}, "tels que reçus", id="the folder of files received"),
    ],
)
def test_a_word_that_cannot_be_understood_stops_before_anything(
    tmp_path: Path, files: list[str], options: dict[str, str], message: str
) -> None:
    (tmp_path / "propre.xlsx").write_bytes(b"")
    (tmp_path / "recu").mkdir()
    (tmp_path / "recu" / "sources.toml").write_text("")
    words = {name: tmp_path / word if name == "annotate" else word for name, word in options.items()}
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=re.escape(message)):
        said(tmp_path, *(tmp_path / name for name in files), **words)
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_written_and_the_files_are_untouched(tmp_path: Path) -> None:
    wrong = write_xlsx(tmp_path / "faux.xlsx", broken(panorama()))
    before = {path: file_hash(path) for path in tmp_path.rglob("*") if path.is_file()}
    said(tmp_path, wrong)
    assert {path: file_hash(path) for path in tmp_path.rglob("*") if path.is_file()} == before
    said(tmp_path, wrong, annotate=tmp_path)
    after = {path: file_hash(path) for path in tmp_path.rglob("*") if path.is_file()}
    assert after.items() >= before.items()
    assert {path.name for path in after.keys() - before.keys()} == {"annoté-faux.xlsx"}


def expanded(ranges: list[str]) -> set[tuple[int, int]]:
    """The cells of A1 ranges, by an oracle of its own."""
    cells = set()
    for text in ranges:
        first, _, last = text.partition(":")
        corners = [re.fullmatch(r"([A-Z]+)(\d+)", corner) for corner in (first, last or first)]
        (left, top), (right, bottom) = [(ord(c[1]) - 64, int(c[2])) for c in corners if c]
        cells |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
    return cells


def test_every_fault_of_the_reader_is_told_with_all_its_cells(wrong: Path, reports: list[FileReport]) -> None:
    told = json.loads(as_json(reports))["files"][0]["faults"]
    of_reader = read(wrong).faults
    assert len(of_reader) == 3
    for fault in of_reader:
        (twin,) = [one for one in told if (one["sheet"], one["found"]) == (fault.sheet, fault.found)]
        assert expanded(twin["cells"]) == expanded(list(fault.cells))
        assert (twin["expected"], twin["remedy"]) == (fault.expected, fault.remedy)
        assert (twin["severity"], twin["kind"], twin["place"]) == (fault.severity, fault.kind, fault.cell)
    (other,) = [one for one in told if "n’existe pas" in one["found"]]
    assert "999999999" in other["found"]


def test_the_page_goes_from_what_blocks_to_what_informs_and_says_it_all(reports: list[FileReport]) -> None:
    text = plain(as_text(reports, 96))
    headings = re.findall(r"^  (BLOQUANT|À VÉRIFIER|INFORMATION) · ", text, re.MULTILINE)
    assert headings == sorted(headings, key=["BLOQUANT", "À VÉRIFIER", "INFORMATION"].index)
    one_line = " ".join(text.split())
    for words in (
        "feuille « Facteurs_EPCI »",
        "E8:E9 « douze », « 12? » illisibles pour « Taux de chômage des 15-64 ans »",
        "vouliez-vous dire TXCHOMAA (Taux de chômage des 15-64 ans)",
        "le code 999999999 n’existe pas",
        "D9 valeur impossible pour",
        "→ dire ce que ce texte veut dire dans la feuille « Marques »",
    ):
        assert words in one_line
    assert re.search(r"^faux\.xlsx +\d+ +\d+ +\d+$", text, re.MULTILINE)


@pytest.mark.parametrize("width", [10, 80, 96, 400])
def test_no_line_is_longer_than_a_page(reports: list[FileReport], width: int) -> None:
    long_name = replace(reports[0], path=Path(f"{'un nom de fichier ' * 8}.xlsx"))
    lines = as_text([*reports, long_name], width).splitlines()
    assert max(map(len, lines)) <= max(72, min(width, 100))


def test_the_same_found_in_many_sheets_is_said_once(tmp_path: Path) -> None:
    sheets = panorama()
    for name in (DATA, "Profils_EPCI"):
        sheets[name].insert(8, ["12AB", "Une", "", 1, 2, 3])
    text = plain(said(tmp_path, write_xlsx(tmp_path / "p.xlsx", sheets)).text)
    assert text.count("code illisible « 12AB »") == 1
    assert f"{DATA} · A9" in text
    assert "Profils_EPCI · A9" in text


def test_text_from_a_file_never_drives_the_terminal(tmp_path: Path) -> None:
    content = "CODGEO;TP60\x1b[31m21;\u202etxet\nGéographie au 01/01/2025\n200000172;\x1b]0;x\x07;1\n"
    path = tmp_path / "p.csv"
    path.write_bytes(content.encode())
    text = said(tmp_path, path).text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


def test_the_json_is_the_documented_one_and_the_same_each_time(
    folder: Path, wrong: Path, clean: Path, reports: list[FileReport]
) -> None:
    text = said(folder, wrong, clean, form="json").text
    assert text == as_json(reports)
    told = json.loads(text)
    assert (told["format"], told["version"]) == ("diagpacte-validate", 1)
    for counts in (told["counts"], told["files"][0]["counts"]):
        assert list(counts) == [str(severity) for severity in Severity]
    assert sum(told["counts"].values()) == sum(len(file["faults"]) for file in told["files"])
    assert [file["file"] for file in told["files"]] == ["faux.xlsx", "propre.xlsx"]
    assert told["files"][0]["sha256"] == file_hash(wrong)
    documented = set(re.findall(r"`(\w+)`", DOCUMENT.read_text(encoding="utf-8")))
    file, fault = told["files"][0], told["files"][0]["faults"][0]
    assert {*told, *file, *file["read"], *fault, *file["skipped"][0]} <= documented


def test_the_settings_of_the_workspace_apply(tmp_path: Path, wrong: Path) -> None:
    workflow.init(tmp_path / "w", "74", "2026-01-01")
    own = tmp_path / "w" / "configs" / "missing_marks.csv"
    own.write_text("mark;availability;label\ndouze;not_available;douze\n12?;not_available;douze\n", encoding="utf-8")
    assert "douze" in said(tmp_path, wrong).text
    assert "douze" not in said(tmp_path / "w", wrong).text


def test_what_was_declared_of_a_file_received_holds_for_the_same_content(tmp_path: Path) -> None:
    path = tmp_path / "taux.csv"
    path.write_text("CODGEO;TP6021\n200000172;12,5\n", encoding="utf-8")
    assert said(tmp_path, path).exit_code == 1  # no geography is said anywhere
    workflow.init(tmp_path / "w", "74", "2026-01-01")
    workflow.add(tmp_path / "w", [path])
    manifest = tmp_path / "w" / "data" / "raw" / "sources.toml"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("geographie")]
    manifest.write_text("\n".join([*kept, "geographie = 2025"]), encoding="utf-8")
    told = said(tmp_path / "w", path)
    assert (told.exit_code, "1 zone × 1 indicateur" in plain(told.text)) == (0, True)


def test_two_files_of_one_name_keep_their_faults_apart(tmp_path: Path, wrong: Path) -> None:
    (tmp_path / "autre").mkdir()
    twin = write_xlsx(tmp_path / "autre" / wrong.name, panorama())
    first, second = document(tmp_path, twin, wrong)["files"]
    assert (len(first["faults"]), len(second["faults"]) > 3) == (0, True)


def test_a_file_given_twice_is_told_once(tmp_path: Path, wrong: Path) -> None:
    assert len(document(tmp_path, wrong, wrong)["files"]) == 1


def test_a_services_file_meets_its_structures_wherever_they_are(tmp_path: Path) -> None:
    for name in ("un", "deux"):
        (tmp_path / name).mkdir()
    services = write_offers(tmp_path / "un" / "services.csv", [service()])
    structures = write_offers(tmp_path / "deux" / "structures.csv", [structure()])
    alone, both = document(tmp_path, services), document(tmp_path, services, structures)
    assert any("sans leurs structures" in one["found"] for one in alone["files"][0]["faults"])
    assert not any("sans leurs structures" in one["found"] for one in both["files"][0]["faults"])
    assert [file["kind"] for file in both["files"]] == ["offre_services", "offre_structures"]
    assert both["files"][0]["read"] == {"records": 1, "offers": 1}


def test_figures_given_by_two_files_with_other_values_are_told(tmp_path: Path, clean: Path) -> None:
    sheets = panorama()
    sheets[DATA][7][3] = 1
    other = write_xlsx(tmp_path / "autre.xlsx", sheets)
    found = [fault for file in document(tmp_path, clean, other)["files"] for fault in file["faults"]]
    assert [fault["kind"] for fault in found] == ["doubles"]


# What --annotate writes.


def test_a_faulty_workbook_gets_a_copy_that_reads_the_same(tmp_path: Path, wrong: Path, clean: Path) -> None:
    told = document(tmp_path, wrong, clean, annotate=tmp_path / "a")
    written = told["files"][0]["annotated"]
    copy = tmp_path / "a" / "annoté-faux.xlsx"
    assert written == {"path": copy.as_posix(), "copy": True, "why": None}
    assert told["files"][1]["annotated"] is None
    assert list((tmp_path / "a").iterdir()) == [copy]
    assert read(copy).observations.equals(read(wrong).observations)
    assert faults(read(copy)) == [
        Fault(copy.name, *(getattr(one, name) for name in Fault.__slots__[1:])) for one in faults(read(wrong))
    ]


def test_what_cannot_be_copied_gets_a_list_that_says_why(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "p.xlsx",
        broken(panorama()),
        after=lambda book: book.get_worksheet_by_name("Sommaire").write_formula("A20", "=1+1", None, 2),
    )
    text = tmp_path / "p.csv"
    text.write_text("CODGEO;TP6021\n999;12,5\n", encoding="utf-8")
    told = document(tmp_path, path, text, annotate=tmp_path / "a")
    assert [file["annotated"]["copy"] for file in told["files"]] == [False, False]
    assert "des formules" in told["files"][0]["annotated"]["why"]
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"relevé-p.xlsx", "relevé-p.csv.xlsx"}


def test_a_copy_that_would_read_otherwise_is_not_kept(tmp_path: Path) -> None:
    """openpyxl forgets the values under a merged range, which the reader reads."""

    def merge_over_codes(book: Any) -> None:
        sheet = book.get_worksheet_by_name("Profils_EPCI")
        sheet.merge_range("A7:A8", EPCI)
        sheet.write_string("A8", EPT)

    path = write_xlsx(tmp_path / "p.xlsx", broken(panorama()), after=merge_over_codes)
    written = document(tmp_path, path, annotate=tmp_path / "a")["files"][0]["annotated"]
    assert (written["copy"], "lue exactement" in written["why"]) == (False, True)


def test_a_file_of_the_folder_that_may_be_a_persons_is_left(tmp_path: Path, wrong: Path) -> None:
    folder = tmp_path / "a"
    said(tmp_path, wrong, annotate=folder)
    copy = folder / "annoté-faux.xlsx"
    first = copy.read_bytes()
    assert said(tmp_path, wrong, annotate=folder).notes == ()  # the same again is no conflict
    copy.write_bytes(first + b" ")
    told = said(tmp_path, wrong, annotate=folder)
    assert told.exit_code == 1
    assert "annoté-faux.xlsx" in told.notes[0]
    assert "Rien n’est écrit" in told.text
    assert copy.read_bytes() == first + b" "


def test_a_copy_that_was_refused_fails_when_nothing_else_does(tmp_path: Path) -> None:
    path, folder = doubtful(tmp_path), tmp_path / "a"
    folder.mkdir()
    (folder / "annoté-douteux.xlsx").write_bytes(b"")
    assert said(tmp_path, path, annotate=folder).exit_code == 5


def test_two_files_of_one_name_get_two_copies(tmp_path: Path, wrong: Path) -> None:
    (tmp_path / "autre").mkdir()
    sheets = broken(panorama())
    sheets[DATA][9][3] = -1
    twin = write_xlsx(tmp_path / "autre" / wrong.name, sheets)
    told = document(tmp_path, wrong, twin, annotate=tmp_path / "a")
    paths = [file["annotated"]["path"] for file in told["files"]]
    assert len(set(paths)) == 2
    assert all(Path(path).is_file() for path in paths)


def test_the_command_speaks_utf8_on_stdout_and_exits_with_the_verdict(tmp_path: Path, wrong: Path) -> None:
    words = ["-C", tmp_path, "validate", wrong, "--format", "json"]
    command = [sys.executable, "-m", "diagpacte.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout.decode("utf-8"))["exit_code"] == 1


# How a fault is worded.

CELLS = st.sets(st.tuples(st.integers(1, 12), st.integers(1, 8)), max_size=40)


@given(CELLS)
def test_ranges_hold_the_same_cells_each_once(cells: set[tuple[int, int]]) -> None:
    areas = rectangles(f"{chr(64 + column)}{row}" for row, column in cells)
    names = [range_name(area) for area in areas]
    found = [cell for name in names for cell in expanded([name])]
    assert len(found) == len(cells)
    assert set(found) == cells
    assert len(names) <= len(cells)


def test_a_block_is_one_range_and_what_is_no_range_is_left_out() -> None:
    assert [range_name(area) for area in rectangles(["D8", "E8", "F8"])] == ["D8:F8"]
    assert [range_name(area) for area in rectangles(["C7:C9", "D7:D9", "F7"])] == ["C7:D9", "F7"]
    assert rectangles(["ligne 3", "A0", "7", ""]) == []


@pytest.mark.parametrize(
    ("expected", "left", "meant"),
    [
        ("un nombre", "un nombre", ""),
        ("", "", ""),
        ("par exemple TP60{yy} (Taux)", "", "vouliez-vous dire TP60AA (Taux) ? (AA : l’année)"),
        ("par exemple A (a, b) ; B (c, d)", "", "vouliez-vous dire A (a, b) ou B (c, d) ?"),
        ("un code ; les plus proches : 1, 2, 3", "un code", "vouliez-vous dire 1, 2 ou 3 ?"),
        ("une liste, par exemple ['a', 'b']", "une liste, par exemple ['a', 'b']", ""),
    ],
)
def test_what_may_have_been_meant_is_told_apart_from_what_was_expected(expected: str, left: str, meant: str) -> None:
    found = expected_and_nearest(Fault("f", expected=expected))
    assert (found[0], plain(found[1])) == (left, meant)
