"""The workbook as a thing: set up to be read, filtered, printed; inert, French, the same bytes twice."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

import sheet_builders as build
from diagpacte.deliverables import sheet_content as content
from diagpacte.deliverables import sheet_format
from diagpacte.deliverables.sheets import distinct
from diagpacte.vocabulary import Availability, Nature, NeedRule, Placement

NBSP = "\u00a0"


def test_the_contents_lead_to_every_sheet() -> None:
    book = load_workbook(io.BytesIO(build.full()[1]))
    first = book.worksheets[0]
    targets = [cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink]
    assert [target.split("!")[0].strip("'") for target in targets] == book.sheetnames[1:]
    assert first["A1"].value == f"Diagnostic du pacte local des solidarités{NBSP}: Nord"
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_each_sheet_is_set_up_to_be_read_filtered_and_printed() -> None:
    book = load_workbook(io.BytesIO(build.full()[1]))
    names = set()
    for sheet in book.worksheets[1:]:
        (table,) = sheet.tables.values()
        names.add(table.displayName)
        top = sheet[table.ref][0][0].row
        assert table.autoFilter is not None
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is not None
        assert int(re.sub(r"\D", "", sheet.freeze_panes)) == top + 1
        assert sheet.print_title_rows == f"${top}:${top}"
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert "Diffusion restreinte" in sheet.oddHeader.left.text
        assert sheet.oddFooter.left.text.startswith(f"Sources{NBSP}: ")
        assert sheet["A1"].value
        assert len({str(cell.value).casefold() for cell in sheet[table.ref][0]}) == len(sheet[table.ref][0])
        for letter, column in sheet.column_dimensions.items():
            heading = sheet[f"{letter}{top}"].value
            assert column.hidden == (heading == "identifiant")
    assert len(names) == len(book.sheetnames) - 1
    assert (book.properties.language, str(book.properties.created)) == ("fr-FR", "2025-01-15 00:00:00")


def test_codes_are_text_and_keep_their_zeros() -> None:
    tables = build.department(zones=1)
    tables["zones"] = [build.zone("COM:01004", "Ambérieu-en-Bugey")]
    tables["members"] = [build.member("COM:01004", "01004", department="01")]
    tables["source_coverage"] = [build.claim("france-services", department="01")]
    for name in ("needs", "coverage", "coverage_sources", "observations"):
        for row in tables[name]:
            row["zone_code"] = "COM:01004"
    for offer in tables["offers"]:
        offer["commune_code"] = "01004"
    sheets = build.opened(build.workbook(tables))
    cells = [
        sheets[name].rows[0]["Code"] for name in ("Besoins", "Besoins détaillés", "Couverture", "Décomptes", "Profils")
    ]
    for cell in [*cells, sheets["Offres"].rows[0]["Code commune"]]:
        assert (cell.value, cell.data_type, cell.number_format) == ("01004", "s", "@")
    assert sheets["Sources de l’offre"].rows[0]["Département"].value == "01"


HOSTILE = (
    '=HYPERLINK("http://mal.example","clic")', "+cmd|' /C calc'!A0", "@SUM(1+1)", "-2+3", "http://mal.example/x",
    "internal:Sheet!A1", "ligne\r\nsuivante\x00\x1b[31m", "\u202egnp.exe", "\ud800seul", "_x0041_", "x" * 40_000,
    "&L&\"Arial\"&D", "<b>gras</b>", "\ufeff\u2028",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_from_outside_is_inert(text: str) -> None:
    tables = build.department(zones=1, themes_shown=build.themes()[:2])
    readable = text.encode("utf-8", "ignore").decode()
    tables["zones"][0]["name"] = tables["offers"][0]["name"] = tables["faults"][0]["found"] = readable
    tables["sources"][0] |= {"producer": readable, "title": readable, "note": readable}
    tables["offers"][0] |= {"offer_source": readable, "structure_id": readable, "networks": [readable]}
    tables["coverage_sources"][0]["offer_source"] = readable
    made = build.workbook(tables, asked=readable, not_delivered={readable: readable})
    files = build.parts(made)
    assert not any(b"<f>" in body or b"<f " in body for name, body in files.items() if "worksheets/sheet" in name)
    assert not any(b'TargetMode="External"' in body for body in files.values())
    names = {str(row["Structure"].value) for row in build.opened(made)["Offres"].rows}
    kept = content.clean(text) or "non renseigné"
    assert kept in names
    assert len(kept) <= content.LONGEST_TEXT


@given(st.text(max_size=60))
def test_cleaning_keeps_one_printable_line_and_is_done_once(text: str) -> None:
    cleaned = content.clean(text)
    assert content.clean(cleaned) == cleaned
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", cleaned)
    cleaned.encode("utf-8")


ENGLISH = re.compile(
    r"\b(the|and|of|is|are|was|not|with|from|for|by|no|yes|true|false|nan|none|null|unknown|missing|value|values|"
    r"need|needs|offer|offers|coverage|zone_code|theme|year|rank|class|source_id|file|sheet|cell|row|column|"
    r"observed|estimated|imputed|censored|empty|real|derived|simulated|households|persons|count|pct|km2|high|low|"
    r"weak|strong|nearest|reach|beyond|page|date|title|name)\b",
    re.IGNORECASE,
)
FRENCH_TOO = {"page", "date", "zones"}


def test_no_word_is_english_and_no_machine_word_is_left() -> None:
    machine = {
        str(item)
        for kind in (Availability, Nature, NeedRule, Placement)
        for item in kind
        if str(item) not in ("secret", "commune", "aucune")
    }
    book = load_workbook(io.BytesIO(build.full()[1]))
    for sheet in book.worksheets:
        for cells in sheet.iter_cols():
            if any(cell.value == "identifiant" for cell in cells):
                continue
            for cell in cells:
                words = re.sub(r"\S*[._/-]{1,2}\S*|SHA-256", " ", str(cell.value or ""))
                found = {word.lower() for word in ENGLISH.findall(words)} - FRENCH_TOO
                assert not found, (sheet.title, cell.coordinate, cell.value)
                assert str(cell.value) not in machine, (sheet.title, cell.coordinate, cell.value)


def test_headings_and_notes_follow_french_typography() -> None:
    _, made, sheets = build.full()
    ours = [text for pair in build.first_sheet(made) for text in pair]
    for sheet in sheets.values():
        ours += [sheet.title, *sheet.notes, *sheet.headings]
    for text in ours:
        assert "'" not in text
        assert not re.search(r"(?<!\u00a0)[:;!?%»](?!\w)", text.replace("(%)", "")), text


SCRIPT = """
import hashlib, sheet_builders as build
print(hashlib.sha256(build.workbook(build.department(zones=3))).hexdigest())
"""


def hashes(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.long
def test_two_processes_in_two_places_write_the_same_bytes() -> None:
    here = hashes(TZ="Europe/Paris", LANG="fr_FR.UTF-8", PYTHONHASHSEED="1")
    there = hashes(TZ="Pacific/Tahiti", LANG="C", LC_ALL="C", PYTHONHASHSEED="2")
    assert here == there
    assert here.strip() == hashlib.sha256(build.workbook(build.department(zones=3))).hexdigest()


def test_the_order_of_the_rows_of_a_table_changes_nothing() -> None:
    tables = build.department(zones=2)
    turned = {name: rows[::-1] if name != "faults" else rows for name, rows in tables.items()}
    assert build.workbook(tables) == build.workbook(turned)


def test_two_lists_of_themes_shown_together_keep_their_columns_apart() -> None:
    shown = build.themes() + build.themes("metropole")
    tables = build.department(zones=2, themes_shown=shown)
    sheets = build.opened(
        build.workbook(tables, about=build.territory(code="69M", name="Métropole de Lyon"), themes=shown)
    )
    labels = [str(row["Thème"].value) for row in sheets["Thèmes"].rows]
    assert len(set(labels)) == len(labels) == 38
    assert len({name.casefold() for name in sheets["Besoins"].headings}) == len(sheets["Besoins"].headings)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=40), st.integers(61, 200))
def test_no_printed_page_is_wider_than_the_paper(widths: list[int], more: int) -> None:
    blocks = [(i, float(width)) for i, width in enumerate(widths)]
    room = widths[0] + more
    starts = [1, *sheet_format.breaks(blocks, room), len(widths)]
    for first, after in pairwise(starts):
        assert sum(widths[first:after]) + widths[0] <= room
    assert starts == sorted(set(starts))


def test_the_two_columns_of_a_theme_are_printed_on_one_page() -> None:
    columns = [content.Column("a", ""), content.Column("b", ""), content.Column("c", "", joined=True)]
    blocks = sheet_format.blocks(columns, [10, 20, 30], frozen=1)
    assert [(first, round(width)) for first, width in blocks] == [(0, 11), (1, 51)]


@given(st.text("abcdef éî ", max_size=200), st.integers(4, 60))
def test_a_wider_column_never_needs_more_lines(text: str, width: int) -> None:
    assert sheet_format.lines_of(text, width) >= sheet_format.lines_of(text, width + 40) >= 1


def test_two_headings_alike_are_told_apart() -> None:
    columns = distinct([content.Column("Source", ""), content.Column("SOURCE", ""), content.Column("Autre", "")])
    assert [column.heading for column in columns] == ["Source", "SOURCE (2)", "Autre"]


@pytest.mark.skipif(not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice or poppler absent")
def test_a_spreadsheet_program_opens_it_and_no_number_is_too_wide(tmp_path: Path) -> None:
    path = tmp_path / "diagnostic.xlsx"
    path.write_bytes(build.workbook(build.department(zones=2)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True)
    printed = subprocess.run(
        ["pdftotext", str(path.with_suffix(".pdf")), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "###" not in printed
    assert "#NOM" not in printed
    for name in load_workbook(path, read_only=True).sheetnames:
        assert f"Nord – {name}" in printed.replace(NBSP, " ")
