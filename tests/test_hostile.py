"""Files made to harm or to deceive: each ends in its true cells or in a French refusal that names the part.

No test waits or mocks: what would exhaust memory is read by a process of its own, whose peak is measured.
"""

import datetime as dt
import json
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.errors import FaultKind, SourceError
from diagpacte.sources.files.cell_names import cell_name
from diagpacte.sources.files.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.rules import ReadingLimits
from hostile_builders import (
    SHEET,
    SHEET_NS,
    Parts,
    container,
    ods,
    ods_cell,
    row,
    with_lying_size,
    xls,
    xls_number,
    xls_record,
    xls_shared,
    xlsb,
    xlsb_cell,
    xlsb_row,
    xlsx,
    zipped,
)
from workbook_builders import plain

LIMITS = ReadingLimits()
ONE = '<c r="A1"><v>1</v></c>'
DATE_STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
MEMORY_MB = 500


def read(path: Path, limits: ReadingLimits = LIMITS) -> Workbook:
    return read_workbook(path, limits)


def sheet(folder: Path, parts: Parts) -> Sheet:
    return read(zipped(folder / "a.xlsx", parts)).sheets[0]


def cells(folder: Path, parts: Parts) -> list[list[object]]:
    return [[None if cell == "" else cell for cell in line] for line in sheet(folder, parts).cells.tolist()]


def refused(path: Path, limits: ReadingLimits = LIMITS) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, limits)
    assert caught.value.exit_code == 4
    assert {fault.kind for fault in caught.value.faults} == {FaultKind.FILE}
    assert all(fault.remedy for fault in caught.value.faults)
    return plain(str(caught.value))


def refusal(folder: Path, parts: Parts, limits: ReadingLimits = LIMITS, name: str = "a.xlsx") -> str:
    return refused(zipped(folder / name, parts), limits)


# --- archives that lie ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [SHEET, "xl/media/image1.png", "docProps/app.xml"])
def test_a_part_larger_than_it_announces_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    parts = {**xlsx(row(ONE)), name: b"<a>" + b" " * 30_000_000}
    path = with_lying_size(zipped(tmp_path / "a.xlsx", parts), name, 2_000)
    assert f"« {name} » n’a pas, une fois décompressé, la taille que l’archive annonce" in refused(path)


def test_a_part_smaller_than_it_announces_is_refused_by_its_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {**xlsx(row(ONE)), "xl/x.bin": b"x" * 500})
    raw = path.read_bytes()
    size = struct.pack("<L", 500)
    place = raw.rfind(b"xl/x.bin") - 46 + 24
    assert raw[place : place + 4] == size
    path.write_bytes(raw[:place] + struct.pack("<L", 501) + raw[place + 4 :])
    assert "« xl/x.bin » n’a pas, une fois décompressé, la taille" in refused(path)


@pytest.mark.parametrize("lost", [1, 107, 300])
def test_a_workbook_that_lost_bytes_in_its_middle_is_said_damaged(tmp_path: Path, lost: int) -> None:
    path = zipped(tmp_path / "a.xlsx", xlsx(row(ONE)))
    raw = path.read_bytes()
    path.write_bytes(raw[:600] + raw[600 + lost :])
    assert "archive zip incomplète, ou dont le contrôle est faux" in refused(path)


def test_a_bomb_that_tells_its_size_is_refused_before_it_is_unzipped(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.xlsx", {**xlsx(row(ONE)), "xl/media/a.bin": bytes(40_000_000)}, level=9)
    found = refused(bomb, ReadingLimits(max_unzipped_mb=30))
    assert "fichier démesuré : 40 Mo une fois décompressé, à commencer par « xl/media/a.bin »" in found
    assert re.search(r"« xl/media/a.bin » compressé \d+ fois ; attendu : un rapport de 300 au plus", refused(bomb))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", [SHEET, SHEET.upper()])
def test_two_parts_of_the_same_name_are_refused_whatever_their_case(tmp_path: Path, twin: str) -> None:
    path = zipped(tmp_path / "a.xlsx", xlsx(row(ONE)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(twin, xlsx(row('<c r="A1"><v>2</v></c>'))[SHEET])
    assert f"deux parties du même nom : « {twin} »" in refused(path)


@pytest.mark.parametrize("name", ["/xl/a.xml", "../a.xml", "xl/../../a.xml", "C:/a.xml", "xl\\a.xml", "xl/a\x07.xml"])
def test_a_part_whose_name_is_a_path_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert "nom de partie interdit" in refusal(tmp_path, {**xlsx(row(ONE)), name: b"<a/>"})


def test_a_second_table_of_contents_is_believed_by_no_engine(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", xlsx(row(ONE)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"PK\x05\x06" + bytes(18)
    assert "archive zip sans aucun tableau, qui contient rien" in refused(path)
    with zipfile.ZipFile(zipped(path, xlsx(row(ONE))), "a") as archive:
        archive.comment = b"PK"
    assert read(path).sheets[0].cells.tolist() == [[1]]


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    many = {**xlsx(row(ONE)), **{f"xl/a{number}.bin": b"" for number in range(60)}}
    assert "65 parties ; attendu : 50 au plus" in refusal(tmp_path, many, ReadingLimits(max_parts=50))


def test_bytes_before_an_archive_do_not_make_it_a_text(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", xlsx(row(ONE)))
    path.write_bytes(b"\xff\xfe" + path.read_bytes())  # the mark of a text in UTF-16
    assert "des octets étrangers le précèdent" in refused(path)


# --- hostile XML ------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;">]>'


def declared(encoding: str, xml: bytes) -> bytes:
    body = re.sub(r"^<\?xml.*?\?>", "", xml.decode())
    bom = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe", "utf-8-sig": b""}.get(encoding, b"")
    name = {"utf-8-sig": "utf-8", "utf-16-be": "utf-16", "utf-16-le": "utf-16"}.get(encoding, encoding)
    return bom + f"<?xml version='1.0' encoding='{name}' standalone='yes'?>\n<!-- -->{LAUGHS}{body}".encode(encoding)


FULL = xlsx(row('<c r="A1" t="s"><v>0</v></c>'), texts="<si><t>a</t></si>", styles=DATE_STYLES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "iso-8859-1", "cp1252"])
def test_entities_are_refused_in_every_part_and_encoding(tmp_path: Path, encoding: str) -> None:
    for name, xml in {**FULL, "xl/theme/theme1.xml": b"<a/>", "custom/item.data": b"<a/>"}.items():
        found = refusal(tmp_path, {**FULL, name: declared(encoding, xml)})
        assert f"« {name} » : déclaration DOCTYPE ou entité XML interdite" in found


def test_utf_7_hides_nothing(tmp_path: Path) -> None:
    xml = f'<?xml version="1.0" encoding="utf-7"?>{LAUGHS}<worksheet xmlns="{SHEET_NS}"/>'
    tricked = b'<?xml version="1.0" encoding="utf-7"?>' + xml.encode("utf-7")
    assert f"« {SHEET} » : XML mal formé" in refusal(tmp_path, {**FULL, SHEET: tricked})


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "cp1252", "utf-8-sig"])
def test_a_sheet_in_another_encoding_gives_its_true_letters(tmp_path: Path, encoding: str) -> None:
    # « Ã© » in latin letters is the bytes of « é » in UTF-8: the engine that knows UTF-8 alone would not notice.
    text = row('<c r="A1" t="inlineStr"><is><t>Ã©</t></is></c>')
    xml = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><worksheet xmlns="{SHEET_NS}"><sheetData>{text}'
    assert cells(tmp_path, {**xlsx(""), SHEET: f"{xml}</sheetData></worksheet>".encode(encoding)}) == [["Ã©"]]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (row("<x>" * 300_000 + "</x>" * 300_000), "plus de 1000 balises les unes dans les autres"),
        ("".join(f'<row r="{n}">{"<c>" * 150}' for n in range(1, 1500)) + ("</c>" * 150 + "</row>") * 1499, "plus de 1000"),
        (row(f'<c r="A1" x="{"a" * 3_000_000}"><v>1</v></c>'), "une balise ou un texte de"),
        (row(f'<c r="A1"><v>{"1" * 3_000_000}</v></c>'), "une balise ou un texte de"),
        (row(f"<!--{'a' * 3_000_000}-->"), "une balise ou un texte de"),
        (row("".join(f"<x{n}/>" for n in range(6_000))), "plus de 5000 noms de balises différents"),
        ("".join(f'<row r="{n}" x{n}="1"/>' for n in range(1, 6_001)), "plus de 5000 noms de balises différents"),
        ("<x/>" * 1_000_001, "plus de 200000 fusions, liens, formats"),
    ],
    ids=["deep", "deep-cells", "attribute", "value", "comment", "tag-names", "attribute-names", "tags"],
)  # fmt: skip
def test_monstrous_xml_is_refused_by_its_part(tmp_path: Path, rows: str, found: str) -> None:
    limits = ReadingLimits(max_elements=10_000_000) if "<x>" in rows else LIMITS
    text = refusal(tmp_path, xlsx(rows), limits)
    assert f"« {SHEET} » : {found}" in text


def test_endless_tags_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"<row>{'<c/>' * 1_000}</row>" for _ in range(600))
    assert f"« {SHEET} » : plus de 500000 balises" in refusal(tmp_path, xlsx(rows), ReadingLimits(max_tags=500_000))


# --- cells that are nowhere, or twice ---------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    ["ZZZZ9", "A0", "A99999999999", "XFE1", "A1048577", "a1", "$A$1", "A01", "1", "A", "", "A-1", "É1", "A١"],
)
def test_a_reference_that_names_no_cell_is_quoted(tmp_path: Path, reference: str) -> None:
    found = refusal(tmp_path, xlsx(row(f'<c r="{reference}"><v>1</v></c>')))
    assert f"« {SHEET} » : référence de cellule « {reference} »" in found
    assert "feuille « F »" in found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (row('<c r="B1"><v>2</v></c>' + ONE), "cellules dans le désordre, à B1"),
        (row(ONE + ONE), "cellules dans le désordre, à A1"),
        (row('<c r="A1"><v>1</v><v>2</v></c>'), "deux valeurs dans A1"),
        (row('<c r="A1"><v>1</v><is><t>a</t></is></c>'), "deux valeurs dans A1"),
        (row('<c r="A3"><v>1</v></c>', 3) + row(ONE), "lignes dans le désordre : 1 après A3"),
        (row(ONE) + row('<c r="B1"><v>1</v></c>'), "lignes dans le désordre : 1 après A1"),
        (row('<c r="A5"><v>1</v></c>'), "la cellule A5 dans une autre ligne, après A1"),
        ("<c><v>1</v></c>", "une cellule hors de toute ligne"),
        (f"</sheetData><sheetData>{row(ONE)}", "des lignes après la fin du tableau"),
    ],
)
def test_cells_out_of_order_or_written_twice_are_refused(tmp_path: Path, rows: str, found: str) -> None:
    assert f"« {SHEET} » : {found}" in refusal(tmp_path, xlsx(rows))


def test_rows_outside_the_table_are_refused(tmp_path: Path) -> None:
    assert "des lignes après la fin du tableau" in refusal(tmp_path, xlsx(row(ONE), after=f"<x>{row('', 2)}</x>"))
    assert "des lignes hors du tableau" in refusal(tmp_path, xlsx(row("", 2), before=row(ONE)))


def test_rows_that_bear_no_number_take_that_of_their_cells(tmp_path: Path) -> None:
    rows = '<row><c r="B3"><v>1</v></c><c r="C3"><v>2</v></c></row><row><c r="A5"><v>3</v></c></row>'
    assert cells(tmp_path, xlsx(rows)) == [[None] * 3] * 2 + [[None, 1, 2], [None] * 3, [3, None, None]]


def test_what_dresses_a_sheet_after_its_rows_is_no_text_of_its_last_cell(tmp_path: Path) -> None:
    dressed = (
        '<dataValidations><dataValidation sqref="A1"><formula1>"oui,non"</formula1></dataValidation></dataValidations>'
        "<headerFooter><oddFooter>&amp;L&amp;8&amp;P / &amp;N</oddFooter></headerFooter>"
    )
    parts = xlsx(row('<c r="A1" t="s"><v>0</v></c>'), texts="<si><t>a</t></si>", after=dressed)
    assert cells(tmp_path, parts) == [["a"]]
    assert sheet(tmp_path, xlsx(row("<c><f>1</f></c>"), after=dressed)).facts.uncached == {(1, 1)}
    utf16 = {**parts, SHEET: parts[SHEET].decode().replace("UTF-8", "UTF-16").encode("utf-16")}
    assert cells(tmp_path, utf16) == [["a"]]


def test_a_far_away_error_or_formula_does_not_stop_the_reading(tmp_path: Path) -> None:
    for far in ('<c r="XFD1048576" t="e"><v>#N/A</v></c>', '<c r="XFD1048576"><f>A1</f></c>'):
        found = sheet(tmp_path, xlsx(row(ONE) + row(far, 1_048_576)))
        assert (found.cells.tolist(), found.facts.outside) == ([[1]], ["XFD1048576"])
        assert not found.facts.errors | dict.fromkeys(found.facts.uncached)


def test_a_million_styled_rows_without_value_are_no_extent(tmp_path: Path) -> None:
    rows = row(ONE) + "".join(
        f'<row r="{n}" s="1" hidden="1"><c r="XFD{n}" s="1"/></row>' for n in range(9_000, 29_000)
    )
    found = sheet(tmp_path, xlsx(rows + '<row r="1048576"><c r="XFD1048576" s="1"/></row>', styles=DATE_STYLES))
    assert found.cells.tolist() == [[1]]
    assert found.facts.hidden_rows == []


def test_ten_thousand_merges_and_giant_ones_are_cut_to_what_is_filled(tmp_path: Path) -> None:
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 10_001)) + '<mergeCell ref="$A$1:XFD1048576"/>'
    rows = "".join(row(f'<c r="A{n}"><v>{n}</v></c><c r="C{n}"><v>0</v></c>', n) for n in range(1, 4))
    found = sheet(tmp_path, xlsx(rows, after=f"<mergeCells>{merges}</mergeCells>"))
    assert found.facts.merged == [(1, 1, 1, 2), (2, 1, 2, 2), (3, 1, 3, 2), (1, 1, 3, 3)]


def test_too_many_merges_formulas_or_errors_are_refused(tmp_path: Path) -> None:
    limits = ReadingLimits(max_elements=100)
    merges = "<mergeCells>{}</mergeCells>".format('<mergeCell ref="A1:B1"/>' * 101)
    for parts in (
        xlsx(row(ONE), after=merges),
        xlsx(row("<c><f>1</f></c>" * 101)),
        xlsx(row('<c t="e"><v>#N/A</v></c>' * 101)),
    ):
        assert "plus de 100 fusions, liens, formats, erreurs ou formules sans résultat" in refusal(
            tmp_path, parts, limits
        )


# --- texts ------------------------------------------------------------------------------------


def test_a_long_text_shown_by_many_cells_is_counted_in_each(tmp_path: Path) -> None:
    rows = "".join(row('<c t="s"><v>0</v></c>' * 100, n) for n in range(1, 101))
    found = refusal(tmp_path, xlsx(rows, texts=f"<si><t>{'a' * 32_000}</t></si>"))
    assert "feuille « F » : feuille démesurée : il faudrait plus de 430 Mo de mémoire" in found
    assert len(read(zipped(tmp_path / "b.xlsx", xlsx(rows, texts="<si><t>a</t></si>"))).sheets[0].cells) == 100


@pytest.mark.parametrize("index", ["1", "-1", "99999999999999999999", "x", "1.0"])
def test_a_text_that_is_not_in_the_table_is_refused_with_its_cell(tmp_path: Path, index: str) -> None:
    parts = xlsx(row(f'<c r="B1" t="s"><v>{index}</v></c>'), texts="<si><t>a</t></si>")
    assert f"cellule B1 : texte partagé n° {index} inexistant" in refusal(tmp_path, parts)


@pytest.mark.parametrize("index", [" 1 ", "\n1\n", "١"])
def test_the_number_of_a_text_is_read_whatever_surrounds_it(tmp_path: Path, index: str) -> None:
    parts = xlsx(row(f'<c t="s"><v>{index}</v></c>'), texts="<si><t>a</t></si><si><t>b</t></si>")
    assert cells(tmp_path, parts) == [["b"]]


@pytest.mark.parametrize(
    "text",
    ["<t>Zone 7</t><x>9</x>", "<t>9</t><t>Zone 7</t>"],
)
def test_an_element_that_strays_in_a_shared_text_adds_nothing_to_it(tmp_path: Path, text: str) -> None:
    assert cells(tmp_path, xlsx(row('<c t="s"><v>0</v></c>'), texts=f"<si>{text}</si>")) == [["Zone 7"]]


def test_a_shared_text_inside_another_is_refused(tmp_path: Path) -> None:
    parts = xlsx(row('<c t="s"><v>1</v></c>'), texts="<si><t>a</t><si><t>b</t></si></si><si><t>c</t></si>")
    assert "« xl/sharedStrings.xml » : texte partagé dans un autre" in refusal(tmp_path, parts)


def test_a_text_of_endless_runs_is_counted_as_it_comes(tmp_path: Path) -> None:
    runs = f"<r><t>{'a' * 10_000}</t></r>" * 300
    limits = ReadingLimits(max_memory_mb=5)
    inline = row("".join(f"<c t='inlineStr'><is>{runs}</is></c>" for _ in range(2)))
    for parts in (xlsx(row(ONE), texts=f"<si>{runs}</si>"), xlsx(inline)):
        assert "il faudrait plus de 5 Mo de mémoire" in refusal(tmp_path, parts, limits)


def test_a_text_without_any_table_of_texts_is_refused_with_its_cell(tmp_path: Path) -> None:
    assert "cellule A1 : texte partagé n° 0 inexistant" in refusal(tmp_path, xlsx(row('<c r="A1" t="s"><v>0</v></c>')))


# --- values as written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><v>3<!-- -->4</v></c>', 34),
        ('<c r="A1"><v><![CDATA[5]]></v></c>', 5),
        ('<c r="A1"><v>&#54;</v></c>', 6),
        ('<c r="A1" t="str"><v>a<![CDATA[<b>]]>c</v></c>', "a<b>c"),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="d"><v>2023-01-01</v></c>', dt.date(2023, 1, 1)),
        ('<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>', " a "),
        ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t>b</t></r></is></c>', "ab"),
        ('<c r="A1" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c>', "東京"),
        ('<c r="A1" t="e"><v>#SPILL!</v></c>', "#SPILL!"),
        ('<c r="A1"><v>-0</v></c>', 0),
        ('<c r="A1"><v>1E3</v></c>', 1_000),
        ('<c r="A1"><v>1e400</v></c>', float("inf")),
    ],
)  # fmt: skip
def test_a_value_is_the_one_the_xml_holds(tmp_path: Path, cell: str, value: object) -> None:
    assert cells(tmp_path, xlsx(row(cell))) == [[value]]


def test_an_empty_shared_text_does_not_shift_the_others(tmp_path: Path) -> None:
    rows = row("".join(f'<c t="s"><v>{n}</v></c>' for n in range(4)))
    texts = "<si><t>a</t></si><si/><si><t></t></si><si><r><t>b</t></r><rPh><t>x</t></rPh></si>"
    assert cells(tmp_path, xlsx(rows, texts=texts)) == [["a", None, None, "b"]]


def test_what_an_engine_misses_is_not_printed(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    far = row(ONE) + row('<c r="XFD1048576"><v>1</v></c>', 1_048_576)
    assert cells(tmp_path, xlsx(far)) == [[1]]  # by the engine that would miss a style sheet
    assert list(recwarn) == []


def test_the_dates_of_old_macs_count_from_1904(tmp_path: Path) -> None:
    dated = row('<c r="A1" s="1"><v>1</v></c>')
    assert cells(tmp_path, xlsx(dated, styles=DATE_STYLES)) == [[dt.date(1900, 1, 1)]]
    old = xlsx(dated, styles=DATE_STYLES, book='<workbookPr date1904="1"/>')
    assert cells(tmp_path, old) == [[dt.date(1904, 1, 2)]]


def test_a_number_before_all_dates_is_no_number_of_ours(tmp_path: Path) -> None:
    ((value,),) = cells(tmp_path, xlsx(row('<c r="A1" s="1"><v>-1</v></c>'), styles=DATE_STYLES))
    assert not isinstance(value, int | float)


def test_strict_workbooks_are_read(tmp_path: Path) -> None:
    assert cells(tmp_path, xlsx(row(ONE), strict=True)) == [[1]]


def test_prefixed_tags_are_cells_and_those_of_another_vocabulary_are_not(tmp_path: Path) -> None:
    def prefixed(xml: bytes) -> bytes:
        return re.sub(rb"<(/?)(?!\?)", rb"<\1x:", xml).replace(b"xmlns=", b"xmlns:x=")

    assert cells(tmp_path, {**xlsx(""), SHEET: prefixed(xlsx(row(ONE))[SHEET])}) == [[1]]
    foreign = ONE + '<y:c xmlns:y="urn:y" r="B1"><y:v>5</y:v></y:c>'
    assert cells(tmp_path, xlsx(row(foreign))) == [[1, None]]


def test_thousands_of_styles_are_read_and_a_missing_one_is_no_format(tmp_path: Path) -> None:
    plain_styles = '<xf numFmtId="0"/>' * 30_000
    styles = f'<cellXfs>{plain_styles}<xf numFmtId="10"/></cellXfs>'
    found = sheet(tmp_path, xlsx(row('<c s="30000"><v>0.5</v></c><c s="99999999"><v>1</v></c>'), styles=styles))
    assert found.facts.formats == {1: {"0.00%"}, 2: {""}}


NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False, width=32))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 9)), st.one_of(NUMBERS, TEXTS), min_size=1, max_size=12)
)
def test_any_cells_are_those_of_a_full_reading(
    tmp_path_factory: pytest.TempPathFactory, values: dict[tuple[int, int], float | str]
) -> None:
    def told(lines: Iterable[Iterable[object]]) -> list[list[object]]:
        # A text of spaces alone is blank to one engine.
        return [[(cell.strip() if isinstance(cell, str) else cell) or None for cell in line] for line in lines]

    def written(place: tuple[int, int], value: float | str) -> str:
        if isinstance(value, str):
            return f'<c r="{cell_name(*place)}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f'<c r="{cell_name(*place)}"><v>{value!r}</v></c>'

    rows = "".join(
        row("".join(written(place, value) for place, value in sorted(values.items()) if place[0] == number), number)
        for number in range(1, 10)
    )
    path = zipped(tmp_path_factory.mktemp("any") / "a.xlsx", xlsx(rows))
    oracle = openpyxl.load_workbook(path).worksheets[0]
    found = read(path).sheets[0].cells
    assert found.shape == (oracle.max_row, oracle.max_column)
    assert told(found.tolist()) == told(oracle.iter_rows(values_only=True))


# --- workbooks whose parts deceive ------------------------------------------------------------


def relinked(parts: Parts, target: str, mode: str = "") -> Parts:
    rels = "xl/_rels/workbook.xml.rels"
    return {**parts, rels: parts[rels].replace(b'Target="worksheets/sheet1.xml"', f'Target="{target}" {mode}'.encode())}


@pytest.mark.parametrize(
    "target", ["/xl/worksheets/sheet1.xml", "./worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml"]
)
def test_a_relation_may_be_absolute_or_dotted(tmp_path: Path, target: str) -> None:
    assert cells(tmp_path, relinked(xlsx(row(ONE)), target)) == [[1]]


def test_a_decoy_where_an_engine_looks_first_is_not_read(tmp_path: Path) -> None:
    true, decoy = xlsx(row(ONE)), xlsx(row('<c r="A1"><v>666</v></c>'))
    # « xl/x.xml » is relative: it is xl/xl/x.xml, which the fast engine takes for xl/x.xml.
    parts = relinked(
        {**true, "xl/xl/worksheets/sheet1.xml": true[SHEET], SHEET: decoy[SHEET]}, "xl/worksheets/sheet1.xml"
    )
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(b"/xl/worksheets", b"/xl/xl/worksheets")
    assert cells(tmp_path, parts) == [[1]]


@pytest.mark.parametrize("target", ["http://exemple.fr/a.xml", "file:///etc/passwd"])
def test_a_sheet_outside_the_workbook_is_never_fetched(tmp_path: Path, target: str) -> None:
    found = refusal(tmp_path, relinked(xlsx(row(ONE)), target, 'TargetMode="External"'))
    assert f"la feuille « F » est hors du classeur : {target}" in found


def test_an_absent_part_is_named(tmp_path: Path) -> None:
    assert "partie absente : « etc/passwd »" in refusal(tmp_path, relinked(xlsx(row(ONE)), "../../../etc/passwd"))


def test_macros_links_and_embedded_files_are_left_alone_and_said(tmp_path: Path) -> None:
    extras = {
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0",
        "xl/externalLinks/externalLink1.xml": b"<a/>",
        "xl/embeddings/a.xlsx": b"PK\x03\x04",
        "xl/connections.xml": b"<a/>",
    }
    book = read(zipped(tmp_path / "a.xlsm", {**xlsx(row(ONE)), **extras}))
    assert book.sheets[0].cells.tolist() == [[1]]
    assert {name: reason.partition(" :")[0] for name, reason in book.unread} == {
        "xl/vbaProject.bin": "macros",
        "xl/externalLinks/externalLink1.xml": "lien vers un autre classeur",
        "xl/embeddings/a.xlsx": "fichier incorporé",
        "xl/connections.xml": "connexions à des données",
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b!'c'", "a/b!'c'"),
        ("une&#10;deux&#9;trois", "une deux trois"),
        ("&#x202E;envers", "envers"),
        ("x" * 31, "x" * 31),
        ("&lt;b&gt; &quot;", '<b> "'),
    ],
)  # fmt: skip
def test_the_name_of_a_sheet_is_one_line_of_text(tmp_path: Path, name: str, shown: str) -> None:
    assert sheet(tmp_path, xlsx(row(ONE), name=name)).name == shown


@pytest.mark.parametrize("name", ["", " ", "x" * 256])
def test_a_sheet_without_name_or_with_an_endless_one_is_refused(tmp_path: Path, name: str) -> None:
    assert "nom de feuille vide ou de" in refusal(tmp_path, xlsx(row(ONE), name=name))


def two_sheets(first: str, second: str, part: str = "sheet2.xml") -> Parts:
    parts = xlsx(row(ONE), name=first)
    book, rels = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    more = f'<sheet name="{second}" sheetId="2" r:id="s2"/></sheets>'
    link = parts[rels].decode().partition("<Relationship ")[2].partition("/>")[0]
    link = f"<Relationship {link.replace('sheet1.xml', part).replace('s1', 's2')}/></Relationships>"
    return {
        **parts,
        book: parts[book].replace(b"</sheets>", more.encode()),
        rels: parts[rels].replace(b"</Relationships>", link.encode()),
        "xl/worksheets/sheet2.xml": xlsx(row('<c r="A1"><v>2</v></c>'))[SHEET],
    }


def test_names_that_differ_by_their_case_are_two_sheets(tmp_path: Path) -> None:
    book = read(zipped(tmp_path / "a.xlsx", two_sheets("com", "COM")))
    assert [(one.name, one.cells.tolist()) for one in book.sheets] == [("com", [[1]]), ("COM", [[2]])]


def test_two_sheets_of_one_name_or_one_part_are_refused(tmp_path: Path) -> None:
    assert "deux feuilles du même nom ou de la même partie : « F »" in refusal(tmp_path, two_sheets("F", "F"))
    assert "deux feuilles du même nom ou de la même partie : « G »" in refusal(
        tmp_path, two_sheets("F", "G", "sheet1.xml")
    )


# --- .ods, .xlsb, .xls ------------------------------------------------------------------------


def test_a_few_bytes_of_an_ods_that_repeat_cells_forever_are_refused(tmp_path: Path) -> None:
    def of(row_attributes: str, cell: str) -> str:
        return refusal(tmp_path, ods(f"<table:table-row {row_attributes}>{cell}</table:table-row>"), name="a.ods")

    wide = ods_cell(1, 'table:number-columns-repeated="16384"')
    spaced = ods_cell("a").replace("<text:p>", '<text:p><text:s text:c="9999999"/>')
    assert "la cellule A1048576 est remplie" in of('table:number-rows-repeated="1048576"', ods_cell(1))
    assert "la cellule XFD1 est remplie" in of("", wide)
    assert "il faudrait plus de 430 Mo de mémoire" in of('table:number-rows-repeated="150000"', ods_cell("a" * 2_000))
    assert "il faudrait plus de 430 Mo de mémoire" in of("", spaced * 30)


@pytest.mark.parametrize("number", ["-1", "0", "99999999999999999999", "x", ""])
def test_a_repetition_that_is_no_number_is_refused(tmp_path: Path, number: str) -> None:
    parts = ods(f'<table:table-row table:number-rows-repeated="{number}">{ods_cell(1)}</table:table-row>')
    assert f"« content.xml » : répétition « {number} »" in refusal(tmp_path, parts, name="a.ods")


@pytest.mark.parametrize("part", ["content.xml", "META-INF/manifest.xml", "styles.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_part_of_an_ods(tmp_path: Path, part: str, encoding: str) -> None:
    parts = {**ods("<table:table-row/>"), "styles.xml": b"<a/>"}
    found = refusal(tmp_path, {**parts, part: declared(encoding, parts[part])}, name="a.ods")
    assert f"« {part} » : déclaration DOCTYPE" in found


def test_an_encrypted_ods_asks_for_its_password_to_be_removed(tmp_path: Path) -> None:
    manifest = b'<m:manifest xmlns:m="a"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    parts = {**ods("<table:table-row/>"), "META-INF/manifest.xml": manifest}
    assert "classeur chiffré par un mot de passe" in refusal(tmp_path, parts, name="a.ods")


def test_a_far_cell_of_an_xlsb_is_refused_before_the_engine_makes_room_for_it(tmp_path: Path) -> None:
    number = struct.pack("<d", 1)
    far = xlsb(xlsb_row(1_048_575, xlsb_cell(16_383, 5, number)))
    assert "la cellule XFD1048576 est remplie" in refusal(tmp_path, far, name="a.xlsb")
    corner = xlsb(xlsb_row(0, xlsb_cell(999, 5, number)) + xlsb_row(150_000, xlsb_cell(0, 5, number)))
    assert "150001 lignes × 1000 colonnes ; attendu : 2500000 cellules au plus" in refusal(
        tmp_path, corner, name="a.xlsb"
    )


def test_the_texts_of_an_xlsb_are_counted_in_each_cell(tmp_path: Path) -> None:
    rows = b"".join(xlsb_row(n, b"".join(xlsb_cell(c, 7, bytes(4)) for c in range(100))) for n in range(80))
    assert "il faudrait plus de 430 Mo de mémoire" in refusal(
        tmp_path, xlsb(rows, texts=("a" * 16_000,)), name="a.xlsb"
    )


def test_broken_records_of_an_xlsb_are_refused(tmp_path: Path) -> None:
    parts = xlsb(xlsb_row(0, xlsb_cell(0, 7, struct.pack("<L", 9))))
    assert "enregistrements incomplets" in refusal(tmp_path, parts, name="a.xlsb")
    cut = {**parts, "xl/worksheets/sheet1.bin": parts["xl/worksheets/sheet1.bin"][:-1]}
    assert "enregistrements incomplets" in refusal(tmp_path, cut, name="a.xlsb")


@pytest.mark.parametrize(
    ("cells_of_sheet", "texts", "found"),
    [
        (xls_number(65_535, 255, 1), (), "65536 lignes × 256 colonnes ; attendu : 2500000 cellules au plus"),
        (b"".join(xls_shared(n, 0, 0) for n in range(30_000)), ("a" * 4_000,), "il faudrait plus de 430 Mo de mémoire"),
        (xls_shared(0, 0, 3), ("a",), "enregistrements incomplets"),
        (xls_record(0x00E5, b"\xff\xff"), (), "enregistrements incomplets"),
    ],
    ids=["far", "texts", "absent-text", "cut"],
)
def test_a_hostile_xls_is_refused(tmp_path: Path, cells_of_sheet: bytes, texts: tuple[str, ...], found: str) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(xls(cells_of_sheet, texts=texts))
    assert found in refused(path)


def test_an_encrypted_xls_asks_for_its_password_to_be_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(xls(xls_number(0, 0, 1), encrypted=True))
    assert "classeur chiffré par un mot de passe" in refused(path)


def test_an_endless_chain_of_sectors_is_refused(tmp_path: Path) -> None:
    raw = bytearray(xls(xls_number(0, 0, 1)))
    struct.pack_into("<L", raw, len(raw) - 512, 0)  # the first sector now follows itself
    (tmp_path / "a.xls").write_bytes(raw)
    assert "conteneur .xls incomplet" in refused(tmp_path / "a.xls")


def test_a_container_of_something_else_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(
        container(b"").replace("Workbook".encode("utf-16-le"), "Document".encode("utf-16-le"))
    )
    assert "un ancien document Office qui n’est pas un classeur" in refused(tmp_path / "a.xls")


# --- text -------------------------------------------------------------------------------------


def test_a_line_or_a_quote_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("CODGEO;TP\n" + "a" * 2_000_000, encoding="utf-8")
    assert "une ligne de plus de 1000000 caractères, la ligne 2" in refused(path)
    path.write_text('CODGEO;TP\n"01004;3\n' + "01005;4\n" * 30_000, encoding="utf-8")
    assert "sans doute un guillemet jamais refermé" in refused(path)


def test_a_file_too_large_to_be_read_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n" * 300_000)
    assert "fichier démesuré : 1 Mo ; attendu : 1 Mo au plus" in refused(path, ReadingLimits(max_file_mb=1))


# --- memory -----------------------------------------------------------------------------------

READ_ALL = """
import json, re, sys
from pathlib import Path
from diagpacte.errors import SourceError
from diagpacte.sources.rules import ReadingLimits
from diagpacte.sources.files.workbook import read_workbook
if __name__ == "__main__":
    found = {}
    for name in sys.argv[1:]:
        try:
            found[Path(name).stem] = str(read_workbook(Path(name), ReadingLimits()).sheets[0].cells.shape)
        except SourceError as error:
            found[Path(name).stem] = str(error)
    peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
    print(json.dumps({"peak_mb": int(peak[1]) // 1024, "found": found}))
"""


def heavy(folder: Path) -> dict[str, Path]:
    """Small files that would be enormous in memory, as they say or as they do not."""
    text = f"<si><t>{'a' * 32_000}</t></si>"
    many = "".join(row('<c t="s"><v>0</v></c>' * 900, n) for n in range(1, 300))
    merged = "<mergeCells>{}</mergeCells>".format('<mergeCell ref="A1:XFD1048576"/>' * 100_000)
    made: dict[str, Parts] = {
        "texts": xlsx(many, texts=text),
        "merges": xlsx(row(ONE), after=merged),
        "far": xlsx(row(ONE) + row('<c r="ALL200000"><v>1</v></c>', 200_000)),
        "nested": xlsx("<row>" * 600_000),
        "styles": xlsx(row(ONE), styles=f"<cellXfs>{'<xf/>' * 300_000}</cellXfs>"),
    }
    files = {name: zipped(folder / f"{name}.xlsx", parts) for name, parts in made.items()}
    liar = zipped(folder / "liar.xlsx", {**xlsx(row(ONE)), SHEET: xlsx(row(ONE))[SHEET] + b" " * 100_000_000})
    files["liar"] = with_lying_size(liar, SHEET, 10_000)
    return files


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of a process is read in /proc")
def test_memory_stays_under_500_mb_whatever_the_file_says(tmp_path: Path) -> None:
    files = heavy(tmp_path)
    command = [sys.executable, "-c", READ_ALL, *map(str, files.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["peak_mb"] < MEMORY_MB
    expected: dict[str, Callable[[str], bool]] = {
        "texts": lambda found: "il faudrait plus de 430 Mo de mémoire" in found,
        "merges": lambda found: found == "(1, 1)",
        "far": lambda found: "200000 lignes × 1000 colonnes" in found,
        "nested": lambda found: "balises les unes dans les autres" in found,
        "styles": lambda found: "plus de 200000 balises" in found,
        "liar": lambda found: "la taille que l’archive annonce" in found,
    }
    assert {name: expected[name](plain(found)) for name, found in report["found"].items()} == dict.fromkeys(
        expected, True
    )
