"""The other containers of tables: archives of workbooks, .ods, .xlsb, .xls. Same cells, same places, same refusals."""

import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from diagpacte.errors import FaultKind, SourceError
from diagpacte.sources.files.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.rules import ReadingLimits
from hostile_builders import (
    ods,
    ods_cell,
    record,
    row,
    with_lying_size,
    xls,
    xls_error,
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


def read(path: Path, limits: ReadingLimits = LIMITS) -> Workbook:
    return read_workbook(path, limits)


def cells(sheet: Sheet) -> list[list[object]]:
    return [[None if cell == "" else cell for cell in line] for line in sheet.cells.tolist()]


def refused(path: Path, limits: ReadingLimits = LIMITS) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, limits)
    assert (caught.value.exit_code, {fault.kind for fault in caught.value.faults}) == (4, {FaultKind.FILE})
    return plain(str(caught.value))


def packed(path: Path, parts: Mapping[str, bytes] | bytes) -> bytes:
    """The bytes of a member."""
    return parts if isinstance(parts, bytes) else zipped(path.with_suffix(".part"), parts).read_bytes()


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    def make(**members: Mapping[str, bytes] | bytes) -> Path:
        path = tmp_path / "insee.zip"
        return zipped(path, {name: packed(path, parts) for name, parts in members.items()})

    return make


# --- archives of tables -----------------------------------------------------------------------


def test_an_archive_gives_the_sheets_of_all_its_tables_under_the_name_of_each(archive: Callable[..., Path]) -> None:
    book = read(archive(**{
        "FILO2021.xlsx": xlsx(row(ONE), name="ENSEMBLE"),
        "sous-dossier/base.ods": ods(f"<table:table-row>{ods_cell(2)}</table:table-row>"),
        "base_data.csv": "CODGEO;TP\r\n01004;3,5\r\n".encode("cp1252"),
        "ancien.xls": xls(xls_number(0, 0, 4)),
        "binaire.xlsb": xlsb(xlsb_row(0, xlsb_cell(0, 5, struct.pack("<d", 5)))),
    }))  # fmt: skip
    assert (book.file, book.unread) == ("insee.zip", ())
    assert {sheet.name: cells(sheet) for sheet in book.sheets} == {
        "FILO2021.xlsx › ENSEMBLE": [[1]],
        "sous-dossier/base.ods › F": [[2]],
        "base_data.csv": [["CODGEO", "TP"], ["01004", "3,5"]],
        "ancien.xls › F": [[4]],
        "binaire.xlsb › F": [[5]],
    }


def test_what_is_not_read_of_an_archive_is_listed_with_its_reason(archive: Callable[..., Path]) -> None:
    book = read(archive(**{
        "data.csv": b"a;b\n1;2\n", "DS_FILOSOFI_metadata.csv": b"a;b\n", "meta_base.csv": b"a;b\n",
        "Varmod_RP2021.csv": b"a;b\n", "lisez-moi.pdf": b"%PDF", "__MACOSX/._data.csv": b"x", "vide/": b"",
        "metallurgie.csv": b"a;b\n",
    }))  # fmt: skip
    assert [sheet.name for sheet in book.sheets] == ["data.csv", "metallurgie.csv"]
    description = "description des données, pas des données"
    assert dict(book.unread) == {
        "DS_FILOSOFI_metadata.csv": description, "meta_base.csv": description, "Varmod_RP2021.csv": description,
        "lisez-moi.pdf": "ni classeur ni CSV", "__MACOSX/._data.csv": "fichier du système",
    }  # fmt: skip


def test_what_a_workbook_of_an_archive_leaves_aside_is_said_with_its_member(archive: Callable[..., Path]) -> None:
    book = read(archive(**{"a.xlsm": {**xlsx(row(ONE)), "xl/vbaProject.bin": b"x"}}))
    assert dict(book.unread) == {"a.xlsm › xl/vbaProject.bin": "macros : ni lues ni exécutées"}


@pytest.mark.parametrize("name", ["b.zip", "b.7z", "dossier/B.ZIP", "b.tar.gz"])
def test_an_archive_in_an_archive_is_refused_by_its_name(archive: Callable[..., Path], name: str) -> None:
    found = refused(archive(**{"a.csv": b"a;b\n", name: {"c.csv": b"a;b\n"}}))
    assert f"insee.zip : une archive dans l’archive : « {name} »" in found


def test_an_archive_that_calls_itself_a_workbook_is_refused_too(archive: Callable[..., Path]) -> None:
    found = refused(archive(**{"a.xlsx": {"c.csv": b"a;b\n"}}))
    assert "insee.zip : membre « a.xlsx » : une archive dans l’archive" in found


@pytest.mark.parametrize("name", ["/etc/a.csv", "../a.csv", "x/../../a.csv", "C:\\a.csv", "x\\a.csv", "a\n.csv"])
def test_a_member_whose_name_is_a_path_elsewhere_is_refused(archive: Callable[..., Path], name: str) -> None:
    assert "insee.zip : nom de membre interdit" in refused(archive(**{"a.csv": b"a;b\n", name: b"a;b\n"}))


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("lien.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(link, "/etc/passwd")
    assert "nom de membre interdit : « lien.csv »" in refused(tmp_path / "a.zip")


def test_two_members_of_the_same_name_are_refused_whatever_their_case(archive: Callable[..., Path]) -> None:
    found = refused(archive(**{"a.csv": b"a;b\n", "A.CSV": b"a;b\n"}))
    assert "deux membres du même nom : « A.CSV »" in found


def test_an_encrypted_member_is_refused_by_its_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": b"a;b\n", "secret.csv": b"a;b\n"})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.rfind(mark) + offset] |= 1
    path.write_bytes(raw)
    assert "« secret.csv » est chiffré par un mot de passe" in refused(path)


def test_too_many_members_are_refused(archive: Callable[..., Path]) -> None:
    many = archive(**{f"{number}.csv": b"a;b\n" for number in range(21)})
    assert "21 membres ; attendu : 20 au plus" in refused(many, ReadingLimits(max_members=20))


def test_a_member_larger_than_it_announces_is_refused_by_its_name(archive: Callable[..., Path]) -> None:
    path = with_lying_size(archive(**{"a.csv": b"a;b\n" * 10_000_000}), "a.csv", 1_000)
    assert (
        "« a.csv » n’a pas, une fois décompressé, la taille que l’archive annonce ; attendu : 1000 octets"
        in refused(path)
    )


def test_a_member_that_cannot_be_read_is_named_with_its_sheet(archive: Callable[..., Path]) -> None:
    twice = xlsx(row('<c r="A1"><v>1</v><v>2</v></c>'), name="ENSEMBLE")
    assert "insee.zip, feuille « a.xlsx › ENSEMBLE » : fichier tronqué ou abîmé" in refused(
        archive(**{"a.xlsx": twice})
    )
    liar = archive(**{"a.xlsx": b"%PDF-1.7"})
    assert "insee.zip : membre « a.xlsx » : ce n’est pas un tableau : le contenu est un document PDF" in refused(liar)


def test_the_limits_are_those_of_the_whole_archive(archive: Callable[..., Path]) -> None:
    path = archive(**{f"{number}.csv": b"a;b\n" * 50 for number in range(3)})
    assert len(read(path, ReadingLimits(max_cells=300)).sheets) == 3
    found = refused(path, ReadingLimits(max_cells=299))
    assert "membre « 2.csv »" in found
    assert "299 cellules au plus" in found


def test_nothing_is_left_of_the_copies(
    archive: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "temporaire"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    read(archive(**{"a.csv": b"a;b\n", "a.xlsx": xlsx(row(ONE))}))
    refused(archive(**{"a.csv": b"a;b\n", "b.xlsx": b"%PDF"}))
    assert list(aside.iterdir()) == []


# --- what each format tells -------------------------------------------------------------------


def test_an_ods_tells_its_percentages_errors_merges_and_what_is_hidden(tmp_path: Path) -> None:
    hidden = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    error = (
        '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
        "<text:p>#N/D</text:p></table:table-cell>"
    )
    spanned = ods_cell("a", 'table:number-columns-spanned="2"')
    columns = '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
    rows = (
        f"{columns}<table:table-row>{ods_cell(0.125, kind='percentage')}{ods_cell(3)}{error}</table:table-row>"
        '<table:table-row table:visibility="filter" table:number-rows-repeated="2"/>'
        f"<table:table-row>{spanned}<table:covered-table-cell/>"
        '<table:table-cell table:formula="of:=1+1"/></table:table-row>'
    )
    parts = ods(rows, styles=hidden, attributes='table:name="F" table:style-name="h"')
    (sheet,) = read(zipped(tmp_path / "a.ods", parts)).sheets
    assert cells(sheet) == [[0.125, 3, "#N/D"], [None] * 3, [None] * 3, ["a", None, None]]
    facts = sheet.facts
    assert (facts.hidden, facts.hidden_rows, facts.hidden_columns) == (True, [2, 3], [2, 3])
    assert (facts.merged, facts.errors, facts.uncached) == ([(4, 1, 4, 2)], {(1, 3): "#N/D"}, {(4, 3)})
    assert facts.formats == {1: {"0%"}, 2: {""}}


def test_the_cells_of_an_ods_that_are_repeated_are_all_there(tmp_path: Path) -> None:
    thrice = ods_cell(7, 'table:number-columns-repeated="3"')
    forever = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    rows = (
        f'<table:table-row table:number-rows-repeated="2">{thrice}'
        f'<table:table-cell table:number-columns-repeated="16000"/></table:table-row>{forever}'
    )
    assert cells(read(zipped(tmp_path / "a.ods", ods(rows))).sheets[0]) == [[7, 7, 7], [7, 7, 7]]


def test_an_xlsb_tells_its_errors_merges_and_what_is_hidden(tmp_path: Path) -> None:
    formula_error = xlsb_cell(2, 11, b"\x07" + bytes(20))
    rows = xlsb_row(1, xlsb_cell(0, 7, struct.pack("<L", 1)) + xlsb_cell(1, 3, b"\x2a") + formula_error, hidden=True)
    columns = record(60, struct.pack("<4LH", 1, 2, 9, 0, 1))
    merged = record(176, struct.pack("<4L", 1, 1, 0, 2))
    parts = xlsb(rows, texts=("a", "œ"), before=columns, after=merged, hidden=True)
    (sheet,) = read(zipped(tmp_path / "a.xlsb", parts)).sheets
    assert cells(sheet) == [[None] * 3, ["œ", "#N/A", "#DIV/0!"]]
    facts = sheet.facts
    assert (facts.hidden, facts.hidden_rows, facts.hidden_columns, facts.merged) == (True, [2], [2, 3], [(2, 1, 2, 3)])


def test_an_xls_tells_its_errors_merges_and_what_is_hidden(tmp_path: Path) -> None:
    made = (
        xls_record(0x007D, struct.pack("<5H", 1, 2, 9, 0, 1) + bytes(2))
        + xls_record(0x0208, struct.pack("<8H", 1, 0, 3, 255, 0, 0, 0x20, 0))
        + xls_shared(1, 0, 1) + xls_error(1, 1, 0x2A) + xls_number(1, 2, 2.5)
        + xls_record(0x00E5, struct.pack("<5H", 1, 1, 1, 0, 2))
    )  # fmt: skip
    (tmp_path / "a.xls").write_bytes(xls(made, texts=("a", "œ"), hidden=True))
    (sheet,) = read(tmp_path / "a.xls").sheets
    assert cells(sheet) == [[None] * 3, ["œ", "#N/A", 2.5]]
    facts = sheet.facts
    assert (facts.hidden, facts.hidden_rows, facts.hidden_columns, facts.merged) == (True, [2], [2, 3], [(2, 1, 2, 3)])


# --- the same workbook, saved by LibreOffice --------------------------------------------------


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One workbook in .xlsx, .xls and .ods; skipped where LibreOffice is not installed."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice absent")
    folder = tmp_path_factory.mktemp("twins")
    made = {"xlsx": folder / "t.xlsx"}
    with xlsxwriter.Workbook(made["xlsx"]) as book:
        percent, day = (book.add_format({"num_format": code}) for code in ("0.0%", "dd/mm/yyyy"))
        sheet, other = book.add_worksheet("Données d’Île"), book.add_worksheet("Cachée")
        other.hide()
        other.write(1, 1, "x")
        sheet.write_row(0, 0, ["CODGEO", "Libellé", "Taux", "Date", "Erreur", "Formule"])
        sheet.write_row(1, 0, ["01004", "Ambérieu-en-Bugey"])
        sheet.write(1, 2, 0.125, percent)
        sheet.write_datetime(1, 3, date(2023, 1, 1), day)
        sheet.write_formula(1, 4, "=NA()", None, "#N/A")
        sheet.write_formula(1, 5, "=1+1", None, 2)
        sheet.write_row(2, 0, ["2A004", "œ" * 300, -8.9])
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")
        sheet.write_row(3, 0, ["masquée", "", 12_345_678.25])
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_column(3, 3, None, None, {"hidden": True})
        sheet.merge_range("A6:B7", "fusion")
    for kind in ("xls", "ods"):
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(made["xlsx"])]
        subprocess.run(command, capture_output=True, check=True)
        made[kind] = folder / f"t.{kind}"
    return made


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_twin_saved_by_libreoffice_has_the_same_cells_and_facts(twins: dict[str, Path], kind: str) -> None:
    expected, found = read(twins["xlsx"]), read(twins[kind])
    for one, other in zip(expected.sheets, found.sheets, strict=True):
        assert (other.name, cells(other)) == (one.name, cells(one))
        for fact in ("hidden", "rows", "columns", "merged", "errors", "hidden_rows", "hidden_columns"):
            assert getattr(other.facts, fact) == getattr(one.facts, fact)
    percents = found.sheets[0].facts.formats.get(3, set())
    assert ("0%" in percents) == (kind == "ods")  # an .xls keeps its formats to itself


@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_truncated_twin_is_refused(twins: dict[str, Path], tmp_path: Path, kind: str, share: float) -> None:
    raw = twins[kind].read_bytes()
    (tmp_path / f"a.{kind}").write_bytes(raw[: int(share * len(raw))])
    assert "tronqué" in refused(tmp_path / f"a.{kind}")
