"""The annotated copy: the same data as the file received, every fault in its place, nothing dangerous, nothing lost."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from diagpacte.deliverables.annotation_list import FILLS, SHEET, Subject, list_workbook
from diagpacte.deliverables.annotations import CopyRefusedError, annotated_copy
from diagpacte.deliverables.style import lightness
from diagpacte.errors import Fault, FaultKind, Severity
from workbook_builders import edit_part, panorama, read, write_xlsx

DAY = date(2026, 1, 1)
DATA = "Facteurs_EPCI"
HOSTILE = '=HYPERLINK("http://exemple.invalid","x")'


def fault(*cells: str, sheet: str = DATA, severity: Severity = Severity.CHECK, **texts: str) -> Fault:
    words = {"found": "trouvé", "expected": "attendu", "remedy": "corriger"} | texts
    return Fault("panorama.xlsx", sheet, "", **words, severity=severity, kind=FaultKind.VALUE, cells=cells)


def subject(*faults: Fault) -> Subject:
    return Subject("panorama.xlsx", "0" * 64, faults, DAY)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "panorama.xlsx", panorama())


def copied(original: Path, *faults: Fault) -> Any:
    return openpyxl.load_workbook(io.BytesIO(annotated_copy(original.read_bytes(), subject(*faults))))


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[-6:]


def same_reading(original: Path, content: bytes, folder: Path) -> bool:
    copy = folder / "copie.xlsx"
    copy.write_bytes(content)
    first, second = (read(path, geo_vintage=2025) for path in (original, copy))
    assert not first.observations.empty
    return first.observations.equals(second.observations) and first.source == second.source


EVERYWHERE = [
    fault("A7", "C6:F30", "D5", severity=Severity.BLOCKING),
    fault("B2", "H8:J9", sheet="Profils_EPCI"),
    fault("A6", sheet="Variables", severity=Severity.INFORMATION),
    fault("A1", sheet="Sommaire"),
    fault("Z900", sheet="References", found="une cellule vide, loin du tableau"),
    fault(sheet="Fragilite_EPCI", found="toute la feuille"),
    fault(sheet="", found="tout le fichier : Géographie au 01/01/2019"),
]
NAMES = (
    "panorama_pauvrete_ARA_2021",
    "panorama_pauvrete_ARA_2021_codes_numeriques",
    "panorama_pauvrete_ARA_2021_entete_ligne8",
    "panorama_pauvrete_ARA_2021_pourcentages_0_1",
    "panorama_pauvrete_ARA_2021_sans_ligne_codes",
    "panorama_pauvrete_IDF_2021_ept",
    "panorama_pauvrete_IDF_2021_mgp",
    "panorama_pauvrete_reel_2021",
)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_annotated_copy_of_a_real_panorama_reads_as_the_panorama(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    path = shared_data / "panorama" / f"{name}.xlsx"
    assert same_reading(path, annotated_copy(path.read_bytes(), subject(*EVERYWHERE)), tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("panorama_pauvrete_ARA_2021_styles_casses", "mises en forme"),
        ("insee_publies/TCRD_021", "mises en forme"),
        ("insee_publies/FILO2019_DISP_Pauvres_COM", "des dessins"),
    ],
)
def test_the_other_real_workbooks_are_not_copied(shared_data: Path, name: str, said: str) -> None:
    with pytest.raises(CopyRefusedError, match=said):
        annotated_copy((shared_data / "panorama" / f"{name}.xlsx").read_bytes(), subject(fault("A1")))


def test_the_copy_holds_every_cell_of_the_original_and_its_formats(original: Path) -> None:
    before = openpyxl.load_workbook(original)
    after = copied(original, *EVERYWHERE)
    assert after.sheetnames == [*before.sheetnames, SHEET]
    for sheet in before.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            twin = after[sheet.title][cell.coordinate]
            assert (twin.value, twin.data_type, twin.number_format) == (cell.value, cell.data_type, cell.number_format)
        assert sheet.merged_cells.ranges == after[sheet.title].merged_cells.ranges


def test_each_faulty_cell_is_coloured_and_says_why_in_words(original: Path) -> None:
    book = copied(
        original, fault("E8:E9", severity=Severity.BLOCKING, found="« douze » illisible", expected="un nombre")
    )
    for cell in (book[DATA]["E8"], book[DATA]["E9"]):
        assert colour(cell) == FILLS[Severity.BLOCKING]
        assert cell.comment.text.splitlines() == [
            SHEET,
            "BLOQUANT – valeurs",
            "Trouvé\u00a0: « douze » illisible",
            "Attendu\u00a0: un nombre",
            "Que faire\u00a0: corriger",
            "Même constat pour 2\u00a0cellules\u00a0: E8:E9",
        ]
    assert book[DATA]["E10"].comment is None
    assert colour(book[DATA]["E10"]) not in FILLS.values()


def test_several_faults_of_a_cell_are_one_comment_worst_first_in_the_worst_colour(original: Path) -> None:
    faults = [
        fault("E8", severity=Severity.INFORMATION, found="un"),
        fault("E8", severity=Severity.BLOCKING, found="deux"),
        fault("D8:E8", found="trois"),
    ]
    book = copied(original, *faults)
    said = re.findall(r"Trouvé\u00a0: (\w+)", book[DATA]["E8"].comment.text)
    assert said == ["deux", "trois", "un"]
    assert colour(book[DATA]["E8"]) == FILLS[Severity.BLOCKING]
    assert colour(book[DATA]["D8"]) == FILLS[Severity.CHECK]


def test_the_colours_of_severities_are_told_apart_in_grey() -> None:
    blocking, check, information = (lightness(f"#{FILLS[severity]}") for severity in Severity)
    assert blocking + 8 < check
    assert check + 2 < information


def test_a_white_heading_stays_readable_on_its_new_ground(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("S").write("A1", "X", book.add_format({"font_color": "#FFFFFF", "bg_color": "#1F3A5F"}))
    cell = copied(path, fault("A1", sheet="S"))["S"]["A1"]
    assert str(cell.font.color.rgb)[-6:] == "1A1A1A"


def test_a_long_range_is_coloured_whole_and_commented_once(original: Path) -> None:
    book = copied(original, fault("F1001:F2000"))
    column = [book[DATA].cell(row, 6) for row in range(1001, 2001)]
    assert {colour(cell) for cell in column} == {FILLS[Severity.CHECK]}
    assert [cell.coordinate for cell in column if cell.comment] == ["F1001"]
    assert "1\u00a0000\u00a0cellules" in column[0].comment.text


def test_five_hundred_scattered_cells_are_each_commented(original: Path) -> None:
    cells = [f"F{row}" for row in range(1001, 2001, 2)]
    book = copied(original, fault(*cells))
    assert sum(1 for row in book[DATA].iter_rows() for cell in row if cell.comment) == 500
    listed = rows_of_summary(book)[0][4].value
    assert re.search(r"… et \d+\u00a0autres cellules$", listed)
    assert len(listed) < 400


def test_a_cell_inside_a_merged_range_is_shown_by_its_first_cell(original: Path) -> None:
    cell = copied(original, fault("F5"))[DATA]["E5"]
    assert colour(cell) == FILLS[Severity.CHECK]
    assert "trouvé" in cell.comment.text


def test_a_comment_that_was_there_is_kept_above_ours(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "p.xlsx",
        panorama(),
        after=lambda book: book.get_worksheet_by_name(DATA).write_comment("E8", "vu avec la CAF", {"author": "Anne"}),
    )
    comment = copied(path, fault("E8"))[DATA]["E8"].comment
    assert comment.text.startswith("vu avec la CAF\n\n")
    assert comment.text.endswith("Que faire\u00a0: corriger")


def rows_of_summary(book: Any) -> list[list[Any]]:
    sheet = book[SHEET]
    top = next(row for row in range(1, 20) if sheet.cell(row, 2).value == "Gravité")
    return [[sheet.cell(row, column) for column in range(2, 10)] for row in range(top + 1, sheet.max_row + 1)]


def test_the_summary_lists_every_fault_and_leads_to_its_cell(tmp_path: Path) -> None:
    sheets = panorama()
    sheets["L'Oise"] = [["x"]]
    path = write_xlsx(tmp_path / "p.xlsx", sheets)
    book = copied(path, *EVERYWHERE, fault("B3:B4", sheet="L'Oise"))
    rows = rows_of_summary(book)
    assert [str(row[0].value) for row in rows] == ["bloquant", *["à vérifier"] * 6, "information"]
    links = {row[2].value: row[3].hyperlink.location for row in rows if row[3].hyperlink}
    assert links[f"« {DATA} »"] == f"'{DATA}'!D5"
    assert links["« L'Oise »"] == "'L''Oise'!B3:B4"
    assert all(not row[3].hyperlink.target for row in rows if row[3].hyperlink)
    assert [row[5].value for row in rows if not row[3].hyperlink] == [
        "Toute la feuille.",
        "Tout le fichier : Géographie au 01/01/2019.",
    ]
    assert book.active.title == SHEET


def test_the_summary_is_no_table_even_when_its_texts_look_like_one(original: Path, tmp_path: Path) -> None:
    faults = [fault(sheet="CODGEO", found="CODGEO", expected="TP6021", remedy="CODGEO")]
    faults += [fault(sheet="200000172", found="200000172", expected="12,5", remedy="200000172")] * 5
    assert same_reading(original, annotated_copy(original.read_bytes(), subject(*faults)), tmp_path)


@pytest.mark.parametrize("hostile", [HOSTILE, "+1+1", "@SUM(A1)", "a\x1b[31m\x00\u202e", "_x000D_", "x" * 40_000])
def test_text_from_a_file_stays_text(original: Path, hostile: str) -> None:
    bad = fault("E8", found=hostile, expected=hostile, remedy=hostile)
    for content in (annotated_copy(original.read_bytes(), subject(bad)), list_workbook(subject(bad), hostile)):
        for book in (openpyxl.load_workbook(io.BytesIO(content)),):
            cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
            assert not [cell for cell in cells if cell.data_type == "f"]
            assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert not [name for name in archive.namelist() if b"\x1b" in archive.read(name)]
            assert not [name for name in archive.namelist() if b'TargetMode="External"' in archive.read(name)]


def test_the_same_file_and_faults_give_the_same_bytes_and_no_clock(original: Path) -> None:
    first, second = (annotated_copy(original.read_bytes(), subject(*EVERYWHERE)) for _ in range(2))
    assert first == second
    assert list_workbook(subject(*EVERYWHERE), "x") == list_workbook(subject(*EVERYWHERE), "x")
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-01-01T00:00:00Z</dcterms:modified>" in archive.read("docProps/core.xml")


def test_annotating_a_copy_again_forgets_what_the_first_one_said(original: Path, tmp_path: Path) -> None:
    first = tmp_path / "annoté.xlsx"
    first.write_bytes(annotated_copy(original.read_bytes(), subject(fault("E8", "D8"), fault("A7"))))
    book = copied(first, fault("A7", found="encore"))
    assert book.sheetnames.count(SHEET) == 1
    assert len(rows_of_summary(book)) == 1
    assert (book[DATA]["E8"].comment, colour(book[DATA]["E8"])) == (None, "000000")
    assert book[DATA]["A7"].comment.text.count("BLOQUANT") + book[DATA]["A7"].comment.text.count("VÉRIFIER") == 1


def chart(book: xlsxwriter.Workbook) -> None:
    made = book.add_chart({"type": "line"})
    made.add_series({"values": f"={DATA}!$D$8:$D$9"})
    book.get_worksheet_by_name(DATA).insert_chart("J1", made)


def data_bars(book: xlsxwriter.Workbook) -> None:
    book.get_worksheet_by_name(DATA).conditional_format("D8:D9", {"type": "data_bar", "data_bar_2010": True})


def text_box(book: xlsxwriter.Workbook) -> None:
    book.get_worksheet_by_name(DATA).insert_textbox("J1", "à lire")


def formula(book: xlsxwriter.Workbook) -> None:
    book.get_worksheet_by_name("Documentation").write_formula("A30", "=1+1", None, 2)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        pytest.param(chart, "des graphiques", id="a chart"),
        pytest.param(text_box, "des dessins", id="a text box"),
        pytest.param(data_bars, "réglages récents", id="data bars of 2010"),
        pytest.param(formula, "des formules", id="a formula in any sheet"),
    ],
)
def test_what_a_copy_would_lose_is_refused_by_name(
    tmp_path: Path, added: Callable[[xlsxwriter.Workbook], None], said: str
) -> None:
    path = write_xlsx(tmp_path / "p.xlsx", panorama(), after=added)
    with pytest.raises(CopyRefusedError, match=said):
        annotated_copy(path.read_bytes(), subject(fault("E8")))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/vbaProject.bin", "des macros"),
        ("xl/externalLinks/externalLink1.xml", "des liens vers d’autres classeurs"),
        ("xl/pivotTables/pivotTable1.xml", "des tableaux croisés"),
        ("xl/media/image1.png", "des images"),
        ("xl/threadedComments/threadedComment1.xml", "des fils de discussion"),
        ("xl/nouveau.xml", r"une partie inconnue \(xl/nouveau.xml\)"),
    ],
)
def test_a_part_that_a_copy_would_drop_is_refused_by_name(original: Path, part: str, said: str) -> None:
    with zipfile.ZipFile(original, "a") as archive:
        archive.writestr(part, "x")
    with pytest.raises(CopyRefusedError, match=said):
        annotated_copy(original.read_bytes(), subject(fault("E8")))


def test_what_openpyxl_warns_it_drops_is_refused(original: Path) -> None:
    def impossible_date(sheet: bytes) -> bytes:
        return re.sub(rb"<v>28561</v>", b"<v>99999999999</v>", sheet)

    path = write_xlsx(original.with_name("d.xlsx"), panorama(), formats={(DATA, 4): "dd/mm/yyyy"})
    edit_part(path, "xl/worksheets/sheet3.xml", impossible_date)
    with pytest.raises(CopyRefusedError, match="réglages"):
        annotated_copy(path.read_bytes(), subject(fault("E8")))


@pytest.mark.parametrize("content", [b"", b"CODGEO;TP6021\n", b"PK\x03\x04 spoiled"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(CopyRefusedError, match="classeur"):
        annotated_copy(content, subject(fault("A1")))
