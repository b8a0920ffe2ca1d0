"""Spreadsheet mechanics: every value keeps its place, and what is no table is refused in French."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
import xlsxwriter

from diagpacte.errors import SourceError
from diagpacte.sources.files.cell_names import cell_name, column_letters, column_number
from diagpacte.sources.files.prescan import prescan
from diagpacte.sources.files.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.rules import ReadingLimits
from workbook_builders import edit_part, panorama, plain, write_csv, write_xlsx

LIMITS = ReadingLimits()
SHEET_1, SHEET_2 = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
NOT_A_TABLE = "un classeur (.xlsx, .xls, .xlsb, .ods) ou un fichier texte à colonnes (.csv)"


def read(path: Path, limits: ReadingLimits = LIMITS) -> Workbook:
    return read_workbook(path, limits)


def sheet(path: Path, name: str = "") -> Sheet:
    return next(one for one in read(path).sheets if not name or one.name == name)


def cells(one: Sheet) -> list[list[object]]:
    return [[None if cell == "" else cell for cell in row] for row in one.cells.tolist()]


def with_openpyxl(path: Path, change: Callable[[openpyxl.Workbook], object]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "petit.xlsx", panorama())


# --- places -----------------------------------------------------------------------------------


def test_every_value_keeps_its_row_and_column(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], [], ["", "", "C3"], ["", 4.5, "", "D4"]]
    one = sheet(write_xlsx(tmp_path / "a.xlsx", {"F": rows}))
    assert cells(one) == [[None] * 4, [None] * 4, [None, None, "C3", None], [None, 4.5, None, "D4"]]
    assert (one.text(3, 3), one.text(4, 2), one.text(1, 1), one.text(99, 99)) == ("C3", "4.5", "", "")


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16_384)])
def test_columns_have_letters(letters: str, number: int) -> None:
    assert (column_number(letters), column_letters(number)) == (number, letters)
    assert cell_name(7, number) == f"{letters}7"


def test_the_sheets_come_in_the_order_of_the_workbook_whatever_their_names(tmp_path: Path) -> None:
    names = ["Données & suite", "<b>", "L’île d'Yeu"]
    found = read(write_xlsx(tmp_path / "a.xlsx", {name: [[name]] for name in names}))
    assert [(one.name, one.text(1, 1)) for one in found.sheets] == [(name, name) for name in names]


def test_the_two_engines_give_the_same_cells(small: Path, tmp_path: Path) -> None:
    fast = {one.name: cells(one) for one in read(small).sheets}
    far = tmp_path / "loin.xlsx"
    far.write_bytes(small.read_bytes())
    # A cell beyond the limits leaves the sheet to the careful engine.
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    for number in range(1, 8):
        edit_part(far, f"xl/worksheets/sheet{number}.xml", lambda xml: xml.replace(b"</sheetData>", row))
    careful = read(far).sheets
    assert all(one.facts.outside == ["XFD1048576"] for one in careful)
    assert {one.name: cells(one) for one in careful} == fast


def test_the_extent_is_that_of_the_filled_cells_not_the_one_declared(small: Path) -> None:
    def lie(xml: bytes) -> bytes:
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml)

    before = {one.name: one.cells.shape for one in read(small).sheets}
    assert {one.name: one.cells.shape for one in read(edit_part(small, SHEET_2, lie)).sheets} == before


def test_cells_without_references_are_counted_from_the_left(small: Path) -> None:
    expected = cells(sheet(small, "Profils_EPCI"))
    bare = edit_part(small, SHEET_2, lambda xml: re.sub(rb'<(row|c) r="[A-Z]*\d+"', rb"<\1", xml))
    assert cells(sheet(bare, "Profils_EPCI"))[4:7] == expected[4:7]


def test_the_pre_scan_sees_what_an_independent_hand_sees(small: Path) -> None:
    with zipfile.ZipFile(small) as archive:
        root = ET.fromstring(archive.read(SHEET_2))
    filled = [cell.attrib["r"] for cell in root.iter() if cell.tag.endswith("}c") and len(cell)]
    facts = prescan(small, LIMITS)[1]
    assert facts.rows == max(int(re.sub("[A-Z]", "", name)) for name in filled)
    assert facts.columns == max(column_number(re.sub(r"\d", "", name)) for name in filled)


# --- what the engines hide --------------------------------------------------------------------


def test_an_error_cell_keeps_its_text(tmp_path: Path) -> None:
    one = sheet(write_xlsx(tmp_path / "a.xlsx", {"F": [["=NA()→#N/A", "=1/0→#DIV/0!", 3]]}))
    assert cells(one) == [["#N/A", "#DIV/0!", 3]]
    assert one.facts.errors == {(1, 1): "#N/A", (1, 2): "#DIV/0!"}


def test_a_formula_without_stored_result_is_told_from_a_blank(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"F": [["a", "b"], [1, 2]]})

    def add_formulas(book: openpyxl.Workbook) -> None:
        book["F"]["C2"], book["F"]["C1"] = "=A2/B2", None

    assert sheet(with_openpyxl(path, add_formulas)).facts.uncached == {(2, 3)}


def test_a_stored_result_and_an_empty_text_result_are_no_fault(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"F": [["=1+1→2", '=""→']]})
    typed = edit_part(path, SHEET_1, lambda xml: xml.replace(b'r="B1"', b'r="B1" t="str"'))
    assert sheet(typed).facts.uncached == set()


def test_merged_ranges_hidden_rows_columns_and_sheets_are_known(tmp_path: Path) -> None:
    def hide(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name("F").set_row(6, None, None, {"hidden": True})
        book.get_worksheet_by_name("F").set_column(3, 4, None, None, {"hidden": True})
        book.get_worksheet_by_name("G").hide()

    rows: list[list[object]] = [["", "", "", "x"]] * 8
    path = write_xlsx(tmp_path / "a.xlsx", {"F": rows, "G": [["y"]]}, merged={"F": {"A1:B2": "t"}}, after=hide)
    first, second = read(path).sheets
    assert first.facts.merged == [(1, 1, 2, 2)]
    assert (first.facts.hidden_rows, first.facts.hidden_columns) == ([7], [4, 5])
    assert (first.facts.hidden, second.facts.hidden) == (False, True)
    assert second.text(1, 1) == "y"


def test_the_number_formats_of_a_column_are_those_of_its_numbers(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"F": [["TX", "N"], [0.125, 3], ["s", 4]]}, formats={("F", 1): "0.0%"})
    assert sheet(path).facts.formats == {1: {"0.0%"}, 2: {""}}


def test_broken_colours_do_not_stop_the_reading(small: Path) -> None:
    expected = [cells(one) for one in read(small).sheets]
    broken = edit_part(
        small,
        "xl/styles.xml",
        lambda xml: xml.replace(
            b"<cellXfs", b'<!-- --><dxfs count="1"><dxf><font><color rgb="#000000"/></font></dxf></dxfs><cellXfs', 1
        ),
    )
    with pytest.raises(ValueError, match="stylesheet"):
        openpyxl.load_workbook(broken)
    assert [cells(one) for one in read(broken).sheets] == expected


def test_a_far_away_cell_is_told_and_does_not_abort_the_process(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"F": [["a", 1]]})
    one = sheet(with_openpyxl(path, lambda book: book["F"].__setitem__("XFD1048576", "x")))
    assert one.facts.outside == ["XFD1048576"]
    assert cells(one) == [["a", 1]]


def test_dates_stay_dates(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"F": [["x"]]})
    one = sheet(with_openpyxl(path, lambda book: book["F"].__setitem__("B1", dt.date(2023, 1, 1))))
    assert isinstance(one.cells[0, 1], dt.date)


# --- other formats ----------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_text_files_are_one_sheet_whatever_their_separator_and_encoding(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    rows: list[list[object]] = [["CODGEO", "LIBGEO"], ["01004", "Ambérieu-en-Bugey"], ["2A004", "Cœur"]]
    one = sheet(write_csv(tmp_path / "a.csv", rows, separator=separator, encoding=encoding))
    assert (one.name, cells(one)) == ("", rows)


def test_decimal_commas_do_not_pass_for_columns(tmp_path: Path) -> None:
    rows: list[list[object]] = [["CODGEO", "TP6021"], ["200000172", "8,9"], ["200000438", "7,9"]]
    assert cells(sheet(write_csv(tmp_path / "a.csv", rows))) == rows


def test_trailing_blank_columns_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A;B;;;;\n1;2;;;;\n", encoding="utf-8")
    assert cells(sheet(path)) == [["A", "B"], ["1", "2"]]


def test_an_ods_is_read_with_its_places(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    blank = '<table:table-cell table:number-columns-repeated="2"/>'
    cell = '<table:table-cell office:value-type="float" office:value="8.9"><text:p>8,9</text:p></table:table-cell>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="Feuille"><table:table-row>{blank}{cell}</table:table-row></table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    assert cells(sheet(path, "Feuille")) == [[None, None, 8.9]]


# --- refusals ---------------------------------------------------------------------------------


def refusal(path: Path, limits: ReadingLimits = LIMITS) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, limits)
    assert caught.value.exit_code == 4
    return plain(str(caught.value))


def message(text: str) -> str:
    return f"Source illisible :\n- {text}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.xlsx") == message(
        "absent.xlsx : fichier introuvable. → vérifier son nom et son dossier."
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "c’est un dossier" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n...", "un document PDF"),
        (b"\x89PNG\r\n\x1a\n", "une image PNG"),
        (b"\xef\xbb\xbf <!DOCTYPE HTML><html>", "une page web (HTML)"),
        (b'<?xml version="1.0"?><a/>', "un document XML"),
        (b'[{"id": 1}]', "du JSON"),
        (b"PAR1....", "une table Parquet"),
        (b"\x7fELF\0\0\0\1", "d’un format inconnu"),
    ],
)
def test_what_is_no_table_is_named_by_its_bytes_not_by_its_name(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "panorama.xlsx"
    path.write_bytes(content)
    assert refusal(path) == message(
        f"panorama.xlsx : ce n’est pas un tableau : le contenu est {what}, quel que soit le nom du fichier"
        f" ; attendu : {NOT_A_TABLE}. → demander le fichier d’origine à son producteur,"
        " ou en extraire le tableau dans un classeur."
    )


def test_an_empty_file_is_said_empty(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    assert refusal(tmp_path / "a.xlsx") == message(
        "a.xlsx : fichier vide (0 octet). → le télécharger ou le copier de nouveau."
    )


def test_an_encrypted_workbook_asks_for_its_password_to_be_removed(tmp_path: Path) -> None:
    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"))
    assert refusal(path) == message(
        "secret.xlsx : classeur chiffré par un mot de passe ; attendu : un classeur lisible sans mot de passe. → l’ouvrir"
        " dans Excel, retirer le mot de passe (Fichier, Informations, Protéger) et l’enregistrer."
    )


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_truncated_workbook_is_said_damaged(small: Path, share: float) -> None:
    raw = small.read_bytes()
    small.write_bytes(raw[: int(share * len(raw))])
    assert refusal(small) == message(
        "petit.xlsx : fichier tronqué ou abîmé (archive zip incomplète, ou dont le contrôle est faux) ;"
        " attendu : un classeur complet. → le télécharger ou le copier de nouveau."
    )


def test_an_archive_without_table_is_to_be_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("contours.shp", b"x")
    assert "archive zip sans aucun tableau, qui contient contours.shp" in refusal(tmp_path / "a.zip")
    assert "décompresser l’archive" in refusal(tmp_path / "a.zip")


def test_a_text_document_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", b"<w/>")
    assert "un document de traitement de texte" in refusal(tmp_path / "a.xlsx")


def test_a_zip_bomb_is_refused_by_its_size_before_it_is_unzipped(small: Path) -> None:
    bomb = edit_part(small, SHEET_1, lambda xml: xml + b" " * 30_000_000)
    found = refusal(bomb, ReadingLimits(max_unzipped_mb=20))
    assert "30 Mo une fois décompressé, à commencer par « xl/worksheets/sheet1.xml » ; attendu : 20 Mo au plus" in found
    assert "relever la limite « max_unzipped_mb » dans [reading] de diagpacte.toml" in found
    assert "« xl/worksheets/sheet1.xml » compressé" in refusal(bomb)


@pytest.mark.parametrize("part", [SHEET_2, "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/core.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_part_and_encoding(small: Path, part: str, encoding: str) -> None:
    def declare(xml: bytes) -> bytes:
        body = re.sub(r"^<\?xml.*?\?>", "", xml.decode())
        prolog = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "cc">]>'
        return (prolog + body).encode(encoding)

    assert "déclaration DOCTYPE ou entité XML interdite" in refusal(edit_part(small, part, declare))


def test_a_sheet_beyond_the_limits_is_refused_with_what_they_are(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"F": [[1, 2]] * 300})
    assert refusal(path, ReadingLimits(max_rows=100)) == message(
        "a.xlsx, feuille « F » : feuille démesurée : plus de 100 cellules jusqu’à A151 ; attendu : 100 lignes et 1000"
        " colonnes au plus. → supprimer ce qui est inutile, ou relever la limite « max_rows » et « max_columns » dans"
        " [reading] de diagpacte.toml."
    )
    assert "300 lignes × 2 colonnes ; attendu : 500 cellules au plus" in refusal(path, ReadingLimits(max_cells=500))
    csv = write_csv(tmp_path / "a.csv", [[1, 2]] * 300)
    assert "plus de 100 lignes" in refusal(csv, ReadingLimits(max_rows=100))
    assert "300 lignes × 2 colonnes" in refusal(csv, ReadingLimits(max_cells=500))


def test_malformed_xml_is_said_damaged(small: Path) -> None:
    broken = edit_part(small, SHEET_2, lambda xml: xml.replace(b"</sheetData>", b"", 1))
    assert "« xl/worksheets/sheet2.xml » : XML mal formé" in refusal(broken)


def test_a_genuine_file_that_openpyxl_refuses_is_read(shared_data: Path) -> None:
    path = shared_data / "panorama" / "insee_publies" / "TCRD_021.xlsx"
    with pytest.raises(KeyError):
        openpyxl.load_workbook(path)
    one = sheet(path, "DEP")
    assert [one.text(5, column) for column in (1, 2, 3)] == ["01", "Ain", "688626"]
