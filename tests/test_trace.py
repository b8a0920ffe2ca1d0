"""`trace`: every figure of the workbook has an id, and the id leads to the cell, the record or the packaged table."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell

import lineage_world as lw
import sheet_builders as build
from diagpacte.deliverables.sheet_content import figure_of
from diagpacte.errors import UsageError
from diagpacte.tables.walk import walk
from diagpacte.workflow import table, trace
from diagpacte.workflow.job import Job
from diagpacte.workflow.tracing import Asked, Shelf, shelf

NBSP = "\u00a0"
SMALL = 7  # households of a zone: under any threshold, from a source that is not public
CORRECTED_CELL, CORRECTED_TO = "E8", "25,5"
SETTINGS_PRINTED = {("Thèmes", "Portée (km)")}  # a number of configs/, with its origin beside it


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A département taken to its workbook: a small count that is withheld, a cell that a person corrected."""
    folder = tmp_path_factory.mktemp("trace") / "espace"
    files = lw.files()
    files[lw.OLDER] = lw.with_cell(files[lw.OLDER], "Figure", "C4", SMALL)
    lw.fill(folder, files, restricted=(lw.OLDER,))
    lw.correct(folder, files[lw.PANORAMA], "Facteurs_EPCI", CORRECTED_CELL, CORRECTED_TO)
    table(folder)
    return folder


@pytest.fixture(scope="module")
def shelved(space: Path) -> Shelf:
    return shelf(Job.open(space), space / "data" / "processed" / "47-lot-et-garonne")


@pytest.fixture(scope="module")
def workbook(space: Path) -> dict[str, build.ReadSheet]:
    (path,) = (space / "outputs").glob("*/tableaux/diagnostic.xlsx")
    return build.opened(path.read_bytes())


def patterns(sheets: dict[str, build.ReadSheet]) -> dict[tuple[str, str], str]:
    """(sheet, heading) → how its ids are written, as « Dictionnaire » says it."""
    return {
        (str(row["Feuille"].value), str(row["Colonne"].value)): str(row["Identifiant d’un chiffre"].value)
        for row in sheets["Dictionnaire"].rows
    }


def figures(sheets: dict[str, build.ReadSheet]) -> Iterator[tuple[str, str, Cell, str]]:
    """(sheet, heading, cell, id) of every number of the workbook; the id is empty where there is none."""
    written = patterns(sheets)
    for name, sheet in sheets.items():
        for row in sheet.rows:
            for heading, cell in row.items():
                if cell.data_type == "n" and not cell.is_date:
                    pattern = written[name, heading]
                    known = pattern != "sans objet" and "identifiant" in row
                    yield name, heading, cell, figure_of(pattern, str(row["identifiant"].value)) if known else ""


def found(one: Shelf, figure: str) -> tuple[Asked, int]:
    asked = Asked.parse(figure, [])
    return asked, one.tables.keys(asked.table, one.lineage.key(asked.table)).index(asked.key)


def test_every_number_of_the_workbook_has_an_id_that_holds_that_number(
    workbook: dict[str, build.ReadSheet], shelved: Shelf
) -> None:
    seen = 0
    for sheet, heading, cell, figure in figures(workbook):
        if (sheet, heading) in SETTINGS_PRINTED:
            continue
        assert figure, (sheet, heading)
        asked, row = found(shelved, figure)
        value = float(shelved.tables[asked.table][asked.column].iloc[row])
        printed = float(cell.value) / (100 if asked.column == "share_inside" else 1)
        assert printed == pytest.approx(value, abs=1e-9), (sheet, heading, figure)
        seen += 1
    assert seen > 1_000
    assert {name for name, *_ in figures(workbook)} >= {
        "Thèmes",
        "Besoins",
        "Couverture",
        "Offres",
        "Profils",
        "Qualité",
    }


def test_every_number_of_the_workbook_leads_somewhere(workbook: dict[str, build.ReadSheet], shelved: Shelf) -> None:
    """One figure of each column, to its end."""
    tried: set[tuple[str, str]] = set()
    for sheet, heading, _, figure in figures(workbook):
        if (sheet, heading) in SETTINGS_PRINTED or (sheet, heading) in tried:
            continue
        tried.add((sheet, heading))
        asked, row = found(shelved, figure)
        steps = walk(shelved.lineage, shelved.tables, asked.table, asked.column, np.array([row]))
        assert list(steps.ends()), figure
    assert len(tried) > 40


def test_an_id_survives_rows_sorted_and_columns_moved_and_deleted(
    space: Path, shelved: Shelf, workbook: dict[str, build.ReadSheet]
) -> None:
    """What a person does in a spreadsheet leaves the id of a row in its row, and that of a column in the dictionary."""
    sheet = workbook["Besoins détaillés"]
    kept = [heading for heading in reversed(sheet.headings) if heading not in ("Unité", "Rang")]
    rows = sorted(sheet.rows, key=lambda row: str(row["Zone"].value))
    moved = build.ReadSheet(sheet.title, sheet.notes, kept, [{name: row[name] for name in kept} for row in rows])
    for _, _, cell, figure in figures({"Besoins détaillés": moved, "Dictionnaire": workbook["Dictionnaire"]}):
        asked, row = found(shelved, figure)
        assert cell.value == pytest.approx(shelved.tables[asked.table][asked.column].iloc[row])


def a_need(one: Shelf, indicator: str = "unemployment_rate_pct", place: int = 1) -> dict[Any, Any]:
    needs = one.tables["needs"]
    rows = needs[needs["indicator"].eq(indicator) & needs["value"].notna()]
    return rows.iloc[place].to_dict()


def id_of(need: dict[Any, Any], column: str = "value") -> str:
    return f"needs/{need['zone_code']}|{need['theme']}|0/{column}"


def test_a_value_leads_to_its_file_its_sheet_its_cell_and_the_text_that_stands_there(
    space: Path, shelved: Shelf
) -> None:
    need = a_need(shelved)
    said = trace(space, id_of(need))
    observations = shelved.tables["observations"]
    (row,) = observations[
        observations["zone_code"].eq(need["zone_code"]) & observations["indicator"].eq(need["indicator"])
    ].to_dict("records")
    cell = f"{row['column']}{row['row']}"
    content = (space / "data" / "raw" / lw.PANORAMA).read_bytes()
    printed = load_workbook(io.BytesIO(content))[row["sheet"]][cell].value
    for words in (
        lw.PANORAMA, f"SHA-256 {lw.sha(content)}", f"«{NBSP}{row['sheet']}{NBSP}», cellule {cell}",
        f"{cell} : «{NBSP}{printed}{NBSP}»", "Nature : simulé", "Règle de la classe : degré de fragilité du panorama",
    ):  # fmt: skip
        assert words.replace(" :", f"{NBSP}:") in said.text.replace(" :", f"{NBSP}:"), words
    assert (said.exit_code, said.notes) == (0, ())


def test_a_wide_fan_is_told_in_few_lines_and_whole_in_json(space: Path, shelved: Shelf) -> None:
    figure = id_of(a_need(shelved), "rank")
    said, told = trace(space, figure), json.loads(trace(space, figure, "json").text)
    assert len(said.text.splitlines()) < 50
    assert "12 × needs/…/value" in said.text
    (one,) = told["traces"]
    values = next(step for step in one["steps"] if step["step"] == "needs/value")
    assert len(values["ids"]) == len(values["values"]) == 12
    made = [place for place in one["places"] if not place["condition"] and place["kind"] == "cellule"]
    assert sum(len(place["cells"]) for place in made) == 12
    assert {place["sha256"] for place in made} == {lw.sha((space / "data" / "raw" / lw.PANORAMA).read_bytes())}


def test_the_steps_of_the_json_name_one_another(space: Path, workbook: dict[str, build.ReadSheet]) -> None:
    figure = next(figure for sheet, heading, _, figure in figures(workbook) if heading.startswith("Distance moyenne"))
    (one,) = json.loads(trace(space, figure, "json").text)["traces"]
    names = [step["step"] for step in one["steps"]]
    assert len(set(names)) == len(names)
    assert all(names.index(below) > names.index(step["step"]) for step in one["steps"] for below in step["reads"])
    assert {place["kind"] for place in one["places"]} >= {"enregistrement", "référentiel", "réglage"}
    records = [place for place in one["places"] if place["name"] == lw.SERVICES and not place["condition"]]
    services = json.loads((space / "data" / "raw" / lw.SERVICES).read_bytes())
    structures = {services[row - 1]["structure_id"] for place in records for row in place["records"]}
    nearest = {one for step in one["steps"] if step["step"] == "offers/placement" for one in step["ids"]}
    assert structures
    assert all(any(structure in figure for figure in nearest) for structure in structures)


def test_a_corrected_cell_says_so(space: Path, shelved: Shelf) -> None:
    observations = shelved.tables["observations"]
    row = observations[observations["flag"].str.contains("corrigé")].iloc[0]
    key = "|".join(str(row[part]) for part in shelved.lineage.key("observations"))
    said = trace(space, f"observations/{key}/value")
    assert "25,5" in said.text.splitlines()[1]
    assert "corrigé (data/saisies)" in said.text
    assert f"«{NBSP}{row['published_text']}{NBSP}»" in said.text


def test_a_withheld_figure_is_traced_without_its_value_nor_its_text(space: Path, shelved: Shelf) -> None:
    masks = shelved.tables["masks"]
    assert len(masks)
    hidden = {str(SMALL)}
    for key in masks["key"].iloc[:1]:
        for form in ("text", "json"):
            said = trace(space, f"observations/{key}/value", form).text
            assert lw.OLDER in said
            assert "SHA-256" in said or "sha256" in said
            if form == "json":
                (one,) = json.loads(said)["traces"]
                assert one["value"] is None
                assert one["withheld"]
                texts = {cell["text"] for place in one["places"] for cell in place["cells"]}
                assert not hidden & texts
                assert all(
                    value is None
                    for step in one["steps"]
                    for row in step["values"]
                    for value in row
                    if isinstance(value, (int, float))
                )
            else:
                assert "Retenu par le contrôle de diffusion" in said
                assert f"«{NBSP}{SMALL}{NBSP}»" not in said


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("needs/EPCI:200096957|A2.eloignes_emploi|0/value", "needs/EPCI:200096956|A2.eloignes_emploi|0/value ; "),
        ("need/EPCI:200096956|A2.eloignes_emploi|0/value", "table « need » inconnue ; attendu : needs. →"),
        ("needs/EPCI:200096956|A2.eloignes_emploi|0/valeur", "n’a pas de colonne « valeur »"),
        ("n’importe quoi", "n’est pas l’identifiant d’un chiffre"),
        ("", "n’est pas l’identifiant d’un chiffre"),
        ("needs//value", "n’est pas l’identifiant d’un chiffre"),
        ("../../etc/passwd/value", "inconnue"),
    ],
)
def test_an_unknown_id_is_refused_with_the_nearest(space: Path, figure: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        trace(space, figure)
    assert words in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_workspace_that_was_not_run_says_what_to_do(tmp_path: Path) -> None:
    lw.fill(tmp_path / "vide", {})
    with pytest.raises(UsageError, match="diagpacte run"):
        trace(tmp_path / "vide", "needs/EPCI:200096956|A2.eloignes_emploi|0/value")


def test_what_changed_since_is_said(space: Path, shelved: Shelf) -> None:
    settings = space / "configs" / "diagpacte.toml"
    before = settings.read_text("utf-8")
    try:
        settings.write_text(before.replace("ring_km = 25", "ring_km = 26"), "utf-8")
        (note,) = trace(space, id_of(a_need(shelved))).notes
        assert "ont changé depuis le dernier calcul" in note
    finally:
        settings.write_text(before, "utf-8")


@pytest.mark.long
def test_a_zone_of_two_territories_is_traced_in_each_or_in_the_one_that_is_named(space: Path, shelved: Shelf) -> None:
    """Its rank is not the same in both; its observation is told once."""
    zones = shelved.tables["zones"]
    straddling = str(zones.loc[zones["share_inside"] < 1, "zone_code"].iloc[0])
    other = next(code for code in zones.set_index("zone_code").loc[straddling, "departments"] if code != "47")
    table(space, other)
    need = next(
        row
        for row in shelved.tables["needs"].to_dict("records")
        if row["zone_code"] == straddling and row["value"] == row["value"]
    )
    told = json.loads(trace(space, id_of(need, "rank"), "json").text)["traces"]
    assert [one["territory"].partition("-")[0] for one in told] == sorted(["47", other])
    folder = told[0]["territory"]
    (named,) = json.loads(trace(space, f"{folder}/{id_of(need, 'rank')}", "json").text)["traces"]
    assert named == told[0]
    assert len(json.loads(trace(space, need["observation"], "json").text)["traces"]) == 1
