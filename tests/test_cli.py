"""The command line as a person types it: exit codes, messages in French, paths out, nothing heavy for --help."""

import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from diagpacte import __version__


def diagpacte(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "diagpacte.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    done = diagpacte("init", tmp_path / "w", "--territory", "48", "--as-of", "2026-01-01")
    assert done.returncode == 0, done.stderr
    return tmp_path / "w"


def test_the_version_comes_from_one_place() -> None:
    assert diagpacte("--version").stdout.strip() == f"diagpacte {__version__}"


COMMANDS = ["init", "add", "validate", "ingest", "cross", "map", "table", "saisie", "run", "trace", "demo"]


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\nfrom diagpacte.cli import app\ntry:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "assert not {'pandas', 'numpy', 'geopandas', 'matplotlib', 'scipy', 'pyarrow'} & set(sys.modules), sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    commands = re.findall(r"^  ([a-z]+)  ", done.stdout, re.MULTILINE)
    assert commands == COMMANDS


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_french_throughout(command: str) -> None:
    text = diagpacte(*command.split(), "--help").stdout
    assert text.startswith("Usage : ")
    assert not re.search(r"Options:|Commands|Arguments:|Show this|default|required|\bTEXT\b|PATH|<", text)


def test_init_makes_a_workspace_and_says_what_is_next(workspace: Path) -> None:
    assert (workspace / "data" / "raw").is_dir()
    text = (workspace / "configs" / "diagpacte.toml").read_text(encoding="utf-8")
    assert 'territory = "48"' in text
    assert "as_of = 2026-01-01" in text


def test_init_leaves_a_workspace_that_is_there(workspace: Path) -> None:
    before = (workspace / "configs" / "diagpacte.toml").read_bytes()
    done = diagpacte("init", workspace, "--territory", "59")
    assert (done.returncode, "déjà un espace de travail" in done.stderr) == (2, True)
    assert (workspace / "configs" / "diagpacte.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param(
            ("init", "X", "--territory", "69"), 2, "demander 69D (Rhône) ou 69M", id="a code that is two places"
        ),
        pytest.param(("init", "X", "--territory", "isère"), 2, "essayer 38 (Isère)", id="a name in place of a code"),
        pytest.param(
            ("init", "X", "--territory", "48", "--as-of", "hier"), 2, "n’est pas une date", id="a date that is none"
        ),
        pytest.param(("ingest",), 3, "n’est pas un espace de travail", id="no workspace here"),
        pytest.param(("inconnu",), 2, "mot incompris « inconnu »", id="a command that does not exist"),
        pytest.param(("add",), 2, "il manque FICHIER", id="a missing word"),
        pytest.param(
            ("run", "--vite"), 2, "option inconnue ou incomplète « --vite »", id="an option that does not exist"
        ),
    ],
)
def test_a_word_that_cannot_be_understood_has_its_exit_code(
    tmp_path: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    done = diagpacte(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_ingest_of_nothing_says_what_to_add(workspace: Path) -> None:
    done = diagpacte("-C", workspace, "ingest")
    assert done.returncode == 4
    assert "diagpacte add FICHIER" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("panorama.xlsx", b"%PDF-1.7 rest", "PDF", id="a pdf under another name"),
        pytest.param("liste.csv", b"nom;ville\nAccueil;Mende\n", "colonnes inconnues", id="a list nobody described"),
        pytest.param("services.json", b"<!doctype html><html></html>", "page web", id="a web page saved as json"),
    ],
)
def test_a_file_that_is_nothing_known_is_not_added(workspace: Path, name: str, content: bytes, message: str) -> None:
    (workspace.parent / name).write_bytes(content)
    done = diagpacte("-C", workspace, "add", workspace.parent / name)
    assert done.returncode == 4
    assert name in done.stderr
    assert message in done.stderr
    assert list((workspace / "data" / "raw").iterdir()) == []


def test_a_file_that_is_missing_is_said_and_the_others_are_not_half_added(workspace: Path) -> None:
    done = diagpacte("-C", workspace, "add", workspace.parent / "absent.xlsx")
    assert done.returncode == 4
    assert "absent.xlsx : fichier introuvable" in done.stderr
    assert list((workspace / "data" / "raw").iterdir()) == []


def panorama(path: Path, codes: tuple[str, ...], headings: tuple[str, ...]) -> Path:
    """A small panorama in the INSEE layout: banner, labels, codes, data."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Facteurs_EPCI"
    for line in (
        "Panorama",
        "Lozère",
        "Mise en ligne le 15/09/2025       Géographie au 01/01/2025",
        "@Insee       Source(s) : Insee",
    ):
        sheet.append([line])
    sheet.append(["Code géographique", "Libellé géographique", *headings])
    sheet.append(["CODGEO", "LIBGEO", *headings])
    for code in codes:
        sheet.append([code, "EPCI", *(12.5 for _ in headings)])
    book.save(path)
    return path


def test_a_code_that_does_not_exist_stops_the_reading_and_touches_nothing(workspace: Path) -> None:
    file = panorama(workspace.parent / "p.xlsx", ("200069151", "999999999"), ("TXCHOM22",))
    assert diagpacte("-C", workspace, "add", file, "--nature", "réelle").returncode == 0
    done = diagpacte("-C", workspace, "run")
    assert done.returncode == 1
    assert "p.xlsx, feuille « Facteurs_EPCI », ligne 8 : le code" in done.stderr
    assert "999999999 n’existe pas" in done.stderr
    assert "les plus proches" in done.stderr
    assert [path.name for path in (workspace / "data" / "processed").glob("*.parquet")] == ["entries.parquet"]
    assert list((workspace / "outputs").iterdir()) == []


def test_an_unknown_column_is_said_with_its_cell_and_refused_when_strict(workspace: Path) -> None:
    file = panorama(workspace.parent / "p.xlsx", ("200069151",), ("TXCHOM22", "TXCHOMAGE22"))
    assert diagpacte("-C", workspace, "add", file, "--nature", "réelle", "--licence", "LO 2.0").returncode == 0
    strict = diagpacte("-C", workspace, "ingest", "--strict")
    assert strict.returncode == 1
    assert not (workspace / "data" / "processed").exists()
    done = diagpacte("-C", workspace, "ingest")
    assert done.returncode == 0
    for said in (strict.stderr, done.stderr):
        assert "feuille « Facteurs_EPCI », cellule D6" in said
        assert "TXCHOMAGE22" in said
        assert "TXCHOM" in said.partition("par exemple")[2]
