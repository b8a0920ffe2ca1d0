"""docs/saisie.md says what diagpacte does: its tables and its example are recomputed."""

import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from diagpacte.settings import load_settings
from diagpacte.sources.saisie.settling import DECISIONS
from diagpacte.workflow import init, saisie
from saisie_builders import Grid

GUIDE = (Path(__file__).parents[1] / "docs" / "saisie.md").read_text(encoding="utf-8")
SHEET, THEME = "Thèmes", "Décrochage scolaire au collège"


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first heading is `heading`."""
    lines = GUIDE.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guide") / "isere"
    init(folder, "38", "2026-01-01")
    saisie(folder)
    return folder


def test_the_sheets_are_those_of_the_workbook_with_their_rows(root: Path) -> None:
    pages = openpyxl.load_workbook(root / "data" / "saisies" / "saisie.xlsx")
    shown = [page for page in pages if page.sheet_state == "visible" and page.title != "Lisez-moi"]
    assert [[page.title, str(len(Grid(page).rows()))] for page in shown] == [
        [row[0], row[2]] for row in table("feuille")
    ]


def test_the_decisions_are_those_of_the_drop_down_list() -> None:
    assert tuple(row[0] for row in table("décision")) == DECISIONS


def test_the_levels_of_coordination_are_printed_as_they_are_offered(tmp_path: Path) -> None:
    (level,) = [one for one in load_settings(tmp_path).saisie if (one.subject, one.field) == ("coordination", "niveau")]
    assert " ; ".join(level.choices) in GUIDE


def test_the_example_of_two_people_comes_out_as_told(root: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(root, tmp_path / "isere"))
    book, copy = mine / "data" / "saisies" / "saisie.xlsx", tmp_path / "claire.xlsx"
    rows = table("case")
    write(book, {heading: before for heading, before, *_ in rows})
    saisie(mine)
    shutil.copy(book, copy)
    write(book, {heading: ours for heading, _, ours, *_ in rows})
    write(copy, {heading: theirs for heading, _, _, theirs, _ in rows})
    done = saisie(mine, copy)
    grid = Grid(openpyxl.load_workbook(book)[SHEET])
    after = grid.visible(grid.row_of(THEME))
    assert {heading: after.get(heading, "(vide)") for heading, *_ in rows} == {row[0]: row[-1] for row in rows}
    (told,) = re.findall(r"diagpacte dit « (.*?) », où", GUIDE)
    assert any(told in note.replace("\u00a0", " ") for note in done.notes)
    (waits,) = Grid(openpyxl.load_workbook(book)["À régler"]).rows()
    line = GUIDE[GUIDE.index("où l’on lit :") :].splitlines()[0]
    assert line == (
        f"où l’on lit : feuille {waits['feuille']}, colonne {waits['colonne']}, texte qui attend « {waits['texte qui attend']} », "
        f"texte en place « {waits['texte en place']} », pourquoi « {waits['pourquoi']} »."
    )


def write(book: Path, texts: dict[str, str]) -> None:
    pages = openpyxl.load_workbook(book)
    grid = Grid(pages[SHEET])
    for heading, text in texts.items():
        grid.sheet.cell(grid.row_of(THEME), grid.column(heading)).value = None if text == "(vide)" else text
    pages.save(book)
