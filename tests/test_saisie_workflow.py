"""`saisie` in a workspace: made, harvested, merged; the old workbook kept, an open one left alone, corrections obeyed."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from diagpacte.errors import DataError, DeliverableError, SourceError
from diagpacte.store import read
from diagpacte.workflow import add, ingest, init, saisie
from diagpacte.workflow.job import Job
from diagpacte.workflow.saisie import saisie_job, typed_entries
from diagpacte.workspace import Workspace
from saisie_builders import Grid

THEME = "Décrochage scolaire au collège"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("saisie") / "espace"
    init(root, "90", "2026-01-01")
    saisie(root)
    return root


@pytest.fixture
def space(made: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(made, tmp_path / "espace")))


def book(space: Workspace) -> Path:
    return space.saisies / "saisie.xlsx"


def fill(path: Path, sheet: str, row: str, **texts: object) -> None:
    """`row`: a text that stands in it; « » is a new row. Headings as keywords, « _ » for a space."""

    def typed(pages: openpyxl.Workbook) -> None:
        grid = Grid(pages[sheet])
        number = grid.row_of(row) if row else grid.free()
        for heading, text in texts.items():
            grid.sheet.cell(number, grid.column(heading)).value = text  # type: ignore[assignment]

    change(path, typed)


def change(path: Path, edit: Callable[[openpyxl.Workbook], None]) -> None:
    pages = openpyxl.load_workbook(path)
    edit(pages)
    pages.save(path)


def through_libreoffice(path: Path) -> None:
    """Opened and saved again by LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice absent")
    folder = path.parent / "lo"
    profile = f"-env:UserInstallation={(path.parents[2] / 'profil').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    shutil.move(folder / path.name, path)
    folder.rmdir()


def values(space: Workspace) -> dict[tuple[str, str], list[str]]:
    table = typed_entries(Job.open(space.root))
    assert table is not None
    found: dict[tuple[str, str], list[str]] = {}
    for row in table[table["row"].gt(0)].itertuples():
        found.setdefault((str(row.table), str(row.field)), []).append(str(row.value))
    return {place: sorted(texts) for place, texts in found.items()}


def test_the_workbook_asks_for_what_the_framing_note_asks(space: Workspace) -> None:
    pages = openpyxl.load_workbook(book(space))
    assert [page.title for page in pages if page.sheet_state == "visible"] == [
        "Lisez-moi", "Thèmes", "Dispositifs", "Coordination", "Schémas et sources", "Critères", "Décisions",
        "Fiches actions", "Offres manquantes", "Doublons refusés", "Corrections", "Commentaires", "À régler",
    ]  # fmt: skip
    rows = {
        name: len(Grid(pages[name]).rows()) for name in ("Thèmes", "Coordination", "Critères", "Schémas et sources")
    }
    assert rows == {"Thèmes": 24, "Coordination": 24, "Critères": 24, "Schémas et sources": 18}
    assert [row["zone"] for row in Grid(pages["Commentaires"]).rows()] == [
        "CA Grand Belfort",
        "CC des Vosges du Sud",
        "CC du Sud Territoire",
    ]
    page, grid = pages["Thèmes"], Grid(pages["Thèmes"])
    assert page.protection.sheet
    assert not page.protection.password
    row = grid.row_of(THEME)
    locked = {
        heading: page.cell(row, grid.column(heading)).protection.locked for heading in ("thème", "retenu", "motif")
    }
    assert locked == {"thème": True, "retenu": False, "motif": False}
    assert page.cell(900, grid.column("motif")).protection.locked is not page.column_dimensions["H"].protection.locked
    assert page.cell(grid.header, grid.column("retenu")).comment.text.startswith(
        "Aide : oui\u00a0: le thème est retenu"
    )


def test_a_second_passage_touches_no_file(space: Workspace) -> None:
    before = {path: path.read_bytes() for path in space.root.rglob("*") if path.is_file()}
    assert saisie(space.root).paths == ()
    assert {path: path.read_bytes() for path in space.root.rglob("*") if path.is_file()} == before


def test_the_same_workspace_gives_the_same_bytes(space: Workspace, tmp_path: Path) -> None:
    init(tmp_path / "autre", "90", "2026-01-01")
    saisie(tmp_path / "autre")
    assert (tmp_path / "autre" / "data" / "saisies" / "saisie.xlsx").read_bytes() == book(space).read_bytes()


def test_before_a_writing_the_old_workbook_is_kept_under_its_hash(space: Workspace) -> None:
    fill(book(space), "Dispositifs", "", dispositif="Mob’Belfort")
    before = book(space).read_bytes()
    done = saisie(space.root)
    assert done.paths == (book(space),)
    kept = space.saisies / "anciennes" / f"saisie-{hashlib.sha256(before).hexdigest()[:12]}.xlsx"
    assert kept.read_bytes() == before
    assert done.notes[0] == "saisie.xlsx : 1\u00a0texte saisi."


@pytest.mark.parametrize("mark", ["~$saisie.xlsx", ".~lock.saisie.xlsx#"])
def test_a_workbook_open_elsewhere_is_left_alone_and_nothing_is_lost(space: Workspace, mark: str) -> None:
    fill(book(space), "Dispositifs", "", dispositif="Mob’Belfort")
    before = book(space).read_bytes()
    (space.saisies / mark).touch()
    with pytest.raises(DeliverableError) as refused:
        saisie(space.root)
    (fault,) = refused.value.faults
    assert refused.value.exit_code == 5
    assert (fault.file, fault.found) == (
        "saisie.xlsx",
        "ouvert dans un autre programme : rien n’a été écrit, rien n’est perdu",
    )
    assert book(space).read_bytes() == before
    (space.saisies / mark).unlink()
    saisie(space.root)
    assert values(space)["dispositifs", "nom"] == ["Mob’Belfort"]


def test_a_workbook_open_elsewhere_that_only_has_texts_to_note_is_read_all_the_same(space: Workspace) -> None:
    fill(book(space), "Thèmes", THEME, motif="de Belfort")
    before = book(space).read_bytes()
    (space.saisies / "~$saisie.xlsx").touch()
    saisie(space.root)
    assert values(space) == {("themes", "motif"): ["de Belfort"]}
    assert book(space).read_bytes() == before


def test_a_file_that_windows_does_not_let_go_is_a_french_message(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(book(space), "Dispositifs", "", dispositif="Mob’Belfort")
    replace = Path.replace

    def held(path: Path, target: Path) -> Path:
        if Path(target).name == "saisie.xlsx":
            raise PermissionError(13, "held", str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(DeliverableError, match=r"fermer saisie\.xlsx dans Excel, puis relancer"):
        saisie(space.root)
    monkeypatch.undo()
    saisie(space.root)
    assert values(space)["dispositifs", "nom"] == ["Mob’Belfort"]


def test_a_copy_that_is_none_is_refused_and_nothing_changes(space: Workspace, tmp_path: Path) -> None:
    before = book(space).read_bytes()
    other, text = tmp_path / "autre.xlsx", tmp_path / "texte.xlsx"
    openpyxl.Workbook().save(other)
    text.write_text("bonjour", encoding="utf-8")
    for path in (other, text, tmp_path / "absent.xlsx"):
        with pytest.raises(SourceError) as refused:
            saisie(space.root, path)
        assert refused.value.exit_code == 4
        assert refused.value.faults[0].file == path.name
    assert book(space).read_bytes() == before


def test_a_saisie_that_is_no_more_one_is_refused_and_left(space: Workspace) -> None:
    openpyxl.Workbook().save(book(space))
    before = book(space).read_bytes()
    with pytest.raises(SourceError, match=r"n’est pas une copie de saisie\.xlsx"):
        saisie(space.root)
    assert book(space).read_bytes() == before


def test_a_merge_keeps_the_copy_and_says_what_waits(space: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "claire.xlsx"
    shutil.copy(book(space), copy)
    fill(copy, "Thèmes", THEME, motif="d’après elle", retenu="oui")
    fill(book(space), "Thèmes", THEME, motif="d’après moi")
    done = saisie(space.root, copy)
    assert "à vérifier : 1 texte dans la feuille « À régler » de saisie.xlsx." in [
        note.replace("\u00a0", " ") for note in done.notes
    ]
    assert (space.saisies / "anciennes" / f"saisie-{hashlib.sha256(copy.read_bytes()).hexdigest()[:12]}.xlsx").is_file()
    assert values(space) == {("themes", "motif"): ["d’après moi"], ("themes", "retenu"): ["oui"]}
    before = book(space).read_bytes()
    saisie(space.root, copy)
    assert book(space).read_bytes() == before


def test_what_a_rewriting_loses_is_said_and_the_old_workbook_named(space: Workspace) -> None:
    def draw(pages: openpyxl.Workbook) -> None:
        chart = openpyxl.chart.BarChart()
        chart.add_data(openpyxl.chart.Reference(pages["Thèmes"], min_col=4, min_row=4, max_row=8))
        pages.create_sheet("Mes graphiques").add_chart(chart, "B2")

    change(book(space), draw)
    fill(book(space), "Dispositifs", "", dispositif="Mob’Belfort")
    assert any(
        "graphiques ; l’ancien classeur est data/saisies/anciennes/saisie-" in note for note in saisie(space.root).notes
    )


def test_a_territory_asked_for_adds_its_rows_and_takes_none_away(space: Workspace) -> None:
    fill(book(space), "Thèmes", THEME, motif="de Belfort")
    saisie_job(Job.open(space.root), ("70",))
    zones = Grid(openpyxl.load_workbook(book(space))["Commentaires"]).rows()
    assert {"CA Grand Belfort", "CA de Vesoul"} <= {row["zone"] for row in zones}
    assert values(space) == {("themes", "motif"): ["de Belfort"]}


@pytest.mark.parametrize("moved", [False, pytest.param(True, marks=pytest.mark.long)])
def test_libreoffice_keeps_every_text_and_its_row(space: Workspace, moved: bool) -> None:
    texts = ["é « œ » ’\nà la ligne", "un_x000D_\ndeux", "=1+1 en texte", " entouré ", "01004", "x" * 2_000]
    themes = [row["thème"] for row in Grid(openpyxl.load_workbook(book(space))["Thèmes"]).rows()]
    for theme, text in zip(themes, texts, strict=False):
        fill(book(space), "Thèmes", theme, motif=text)
    change(
        book(space),
        lambda pages: setattr(
            next(c for row in pages["Thèmes"].iter_rows() for c in row if c.value == texts[2]), "data_type", "s"
        ),
    )
    fill(book(space), "Dispositifs", "", dispositif="Mob’Belfort")
    fill(book(space), "Décisions", "", **{"piste d’action": "P1"}, date="12/03/2026")
    fill(book(space), "Fiches actions", "", action="A1", **{"État 2026 (€)": "=10*2+0.5"})
    saisie(space.root)
    before = values(space)
    if moved:
        move_about(book(space))
    through_libreoffice(book(space))
    saisie(space.root)
    table = typed_entries(Job.open(space.root))
    assert table is not None
    assert values(space) == {**before, ("fiches", "etat_2026"): ["20,5"]}
    assert set(table["state"]) == {"en_place"}
    motifs = table[table["table"].eq("themes")].set_index("label")["value"]
    assert motifs[f"Territoire de Belfort (90) – {themes[0]}"] == "é « œ » ’\nà la ligne"
    assert motifs[f"Territoire de Belfort (90) – {themes[1]}"] == "un\ndeux"
    saisie_job(Job.open(space.root), ("70",))  # written again by the tool: the result of the formula stays
    assert values(space)["fiches", "etat_2026"] == ["20,5"]
    page = openpyxl.load_workbook(book(space))["Thèmes"]
    grid = Grid(page)
    assert page.protection.sheet
    assert page.row_dimensions[grid.header - 1].hidden
    assert page.column_dimensions["A"].hidden
    assert page.cell(grid.header, grid.column("retenu")).comment is not None
    assert any("Listes!" in str(rule.formula1) for rule in page.data_validations.dataValidation)


def put_text(cell: Any, value: object) -> None:
    """As a person pastes it: a text that begins with « = » stays one."""
    cell.value = value
    cell.data_type = "s" if isinstance(value, str) else cell.data_type


def move_about(path: Path) -> None:
    """Rows sorted backwards without their hidden columns, a column moved, a filter on, a heading renamed."""

    def edit(pages: openpyxl.Workbook) -> None:
        grid = Grid(pages["Thèmes"])
        page, rows = grid.sheet, grid.filled()
        before = [[page.cell(row, column).value for column in range(3, page.max_column + 1)] for row in rows]
        for row, cells in zip(rows, reversed(before), strict=True):
            for column, value in enumerate(cells, start=3):
                put_text(page.cell(row, column), value)
        page.cell(grid.header, grid.column("motif")).value = "Motif retenu"
        for row in range(3, page.max_row + 1):
            one, other = page.cell(row, 8), page.cell(row, 10)
            values = one.value, other.value
            put_text(one, values[1])
            put_text(other, values[0])
        page.auto_filter.add_filter_column(3, ["1"])
        page.row_dimensions[rows[5]].hidden = True

    change(path, edit)


# --- Corrections: one path for the sheet and for corrections.csv ---

RATE = "EPCI:200069052"


def received(space: Workspace, tmp_path: Path) -> str:
    """A table whose rate for Grand Belfort is 15,5; returns the beginning of its SHA-256."""
    path = tmp_path / "taux.csv"
    lines = [
        "Géographie au 01/01/2025",
        "Code EPCI;Libellé;Taux de pauvreté 2021 (%)",
        "200069052;CA Grand Belfort;15,5",
        "200069060;CC des Vosges du Sud;8",
    ]
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    add(space.root, [path], nature="réelle", producer="Insee", licence="LO 2.0", vintage="2021")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def rate(space: Workspace) -> float:
    table = read(space.processed / "observations.parquet")
    return float(table.loc[table["zone_code"].eq(RATE), "value"].iloc[0])


def test_a_correction_typed_in_its_sheet_is_read_and_one_also_in_corrections_csv_is_one(
    space: Workspace, tmp_path: Path
) -> None:
    digest = received(space, tmp_path)
    fill(
        book(space), "Corrections", "", empreinte_source=digest, cle="C3", ancien="15,5", nouveau="14,5",
        motif="chiffres inversés", date="12/03/2026",
    )  # fmt: skip
    ingest(space.root)
    assert rate(space) == 14.5
    faults = read(space.processed / "faults.parquet")
    (remedy,) = faults.loc[faults["kind"].eq("corrections"), "remedy"]
    assert remedy == "rien à faire : correction du 12/03/2026, ligne 5 de saisie.xlsx"
    heading = "empreinte_source;cle;champ;ancien;nouveau;motif;date"
    (space.saisies / "corrections.csv").write_text(
        f"{heading}\n{digest};C3;valeur;15,5;14,5;chiffres inversés;12/03/2026\n", "utf-8-sig"
    )
    ingest(space.root)
    assert rate(space) == 14.5
    book(space).unlink()
    ingest(space.root)
    assert values(space)["corrections", "nouveau"] == ["14,5"], "a workbook deleted is made again, corrections and all"


def test_a_correction_of_the_sheet_that_cannot_be_made_names_the_sheet_and_its_line(
    space: Workspace, tmp_path: Path
) -> None:
    digest = received(space, tmp_path)
    fill(
        book(space),
        "Corrections",
        "",
        empreinte_source=digest,
        cle="C3",
        ancien="99",
        nouveau="14,5",
        motif="m",
        date="12/03/2026",
    )
    with pytest.raises(DataError) as refused:
        ingest(space.root)
    (fault,) = refused.value.faults
    assert (fault.file, fault.sheet, fault.cell) == ("saisie.xlsx", "Corrections", "ligne 5")
    assert "C3 de taux.csv contient « 15,5 »" in fault.found.replace("\u00a0", " ")
