"""Quirks of files (what is empty, several tables, formats, hidden parts, other shapes), from the file to the table."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from quirk_builders import BANNER, BLOCKING, CHECK, CODES, INFORMATION, File, Quirks, table
from workbook_builders import Rows, edit_part

quirk, apart = Quirks(), Quirks()  # what another process reads is read once


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fichiers")


# --- Q27: what is empty, and two tables in a sheet ----------------------------------------------


@quirk("Q27 blank rows, spaces in cells, a blank first column and a blank one between")
def blanks(file: File, a: str, b: str) -> None:
    rows: Rows = [
        *(["", *row] for row in BANNER),
        [],
        ["", "CODGEO", "LIBGEO", "", "TP6021"],
        ["", a, "CC Une", " ", 12.5],
        [],
        [" ", "\u00a0", "", "", "  "],
        ["", b, "CC Deux", "", 8],
        [],
        [],
    ]
    file.xlsx(rows)
    file.gives(E7=(a, "TP6021", 12.5), E10=(b, "TP6021", 8))


@quirk("Q27 two tables side by side are both read", zones=4)
def side_by_side(file: File, a: str, b: str, c: str, d: str) -> None:
    rows: Rows = [
        *BANNER,
        [*CODES, "", *CODES[:2], "MED21"],
        [a, "CC Une", 12.5, "", c, "CC Trois", 21000],
        [b, "CC Deux", 8, "", d, "CC Quatre", "s"],
    ]
    file.xlsx(rows)
    file.gives(C6=(a, "TP6021", 12.5), C7=(b, "TP6021", 8), G6=(c, "MED21", 21000), G7=(d, "MED21", "secret"))


@quirk("Q27 two tables one under the other are both read", zones=4)
def one_under_the_other(file: File, a: str, b: str, c: str, d: str) -> None:
    second: Rows = [[], ["Niveau de vie"], [*CODES[:2], "MED21"], [c, "CC Trois", 21000], [d, "CC Quatre", "s"]]
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8], *second])
    file.gives(C6=(a, "TP6021", 12.5), C7=(b, "TP6021", 8), C11=(c, "MED21", 21000), C12=(d, "MED21", "secret"))


@quirk("Q27 the header said again at the top of each printed page", zones=4)
def header_repeated(file: File, a: str, b: str, c: str, d: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "Une", 12.5], [b, "Deux", 8], CODES, [c, "Trois", 9], [d, "Quatre", 11]])
    file.gives(C6=(a, "TP6021", 12.5), C7=(b, "TP6021", 8), C9=(c, "TP6021", 9), C10=(d, "TP6021", 11))


# --- Q29, Q30: which file -----------------------------------------------------------------------


@quirk("Q29 a colour that openpyxl refuses")
def broken_styles(file: File, a: str, b: str) -> None:
    dxf = b'<dxfs count="1"><dxf><font><color rgb="#000000"/></font></dxf></dxfs><cellXfs'
    path = file.xlsx(table([a, "CC Une", 12.5], [b, "CC Deux", 8]))
    edit_part(path, "xl/styles.xml", lambda xml: xml.replace(b"<cellXfs", dxf, 1))
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))


ACCENTED: list[object] = ["Code géographique", "Libellé géographique", "Taux de pauvreté (2021)"]

for name, options in {
    "semicolons, latin-1": {"encoding": "cp1252"},
    "semicolons, UTF-8 with BOM": {"encoding": "utf-8-sig"},
    "semicolons, UTF-8": {"encoding": "utf-8"},
    "tabs, UTF-8": {"separator": "\t", "encoding": "utf-8"},
    "tabs, UTF-16, the Unicode text of Excel": {"separator": "\t", "encoding": "utf-16"},
    "tabs, latin-1": {"separator": "\t", "encoding": "cp1252"},
    "old Macintosh": {"encoding": "mac_roman"},
}.items():

    @quirk(f"Q30 text : {name}")
    def text_file(file: File, a: str, b: str, options: dict[str, str] = options) -> None:
        file.csv([["Géographie au 01/01/2025", "", ""], ACCENTED, [a, "Île-d’Une", 12.5], [b, "Deux", 8.0]], **options)
        if options["encoding"] == "mac_roman":  # of another age: refused, rather than read with wrong letters
            file.says(CHECK, "", "aucune valeur lue")  # other files of the workspace give values
            for cell in ("B2", "C2"):
                file.says(CHECK, cell, "colonne inconnue")
            return
        file.gives(C3=(a, ACCENTED[2], 12.5), C4=(b, ACCENTED[2], 8))


@quirk("Q30 text : commas, decimal points and quotes")
def commas(file: File, a: str, b: str) -> None:
    lines = [
        '"Géographie au 01/01/2025","",""',
        '"Code géographique","Libellé géographique","Taux de pauvreté (2021)"',
        f'"{a}","CC ""Une"", et Deux","12.5"',
        f'"{b}","CC Deux\nsur deux lignes","8"',
    ]
    file.path = file.folder / f"{file.stem}.csv"
    file.path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    file.gives(C3=(a, ACCENTED[2], 12.5), C4=(b, ACCENTED[2], 8))


@apart("Q30 an .ods")
def ods(file: File, a: str, b: str) -> None:
    file.ods(table([a, "CC Une", 12.5], [b, "CC Deux", "s"]))
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", "secret"))


@apart("Q30 an .xls of Excel 97")
def xls(file: File, a: str, b: str) -> None:
    file.xls(table([float(a), "CC Une", 12.5], [b, "CC Deux", "s"]))
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", "secret"))


@quirk("Q30 a workbook in a zip")
def zipped(file: File, a: str, b: str) -> None:
    book = file.xlsx(table([a, "CC Une", 12.5], [b, "CC Deux", 8]))
    file.path = book.with_suffix(".zip")
    with zipfile.ZipFile(file.path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(book, "dossier/FILO2021.xlsx")
        archive.writestr("lisezmoi.txt", "Données Filosofi 2021")
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))
    file.says(INFORMATION, "", "ni classeur ni CSV")


@quirk("Q30 the wrong extension")
def wrong_extension(file: File, a: str, b: str) -> None:
    book = file.xlsx(table([a, "CC Une", 12.5], [b, "CC Deux", 8]))
    file.path = book.rename(book.with_suffix(".csv"))
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))


# --- Q33: what is hidden ------------------------------------------------------------------------


@quirk("Q33 hidden rows, columns and sheets, and a filter", zones=3)
def hidden(file: File, a: str, b: str, c: str) -> None:
    def hide(book: Any) -> None:
        sheet = book.get_worksheet_by_name("Filtrée")
        sheet.autofilter(5, 0, 7, 2)
        sheet.set_row(7, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        book.get_worksheet_by_name("Cachée").hide()

    shown = table([a, "CC Une", 12.5], [b, "CC Deux", 8])
    file.xlsx({"Filtrée": shown, "Cachée": table([c, "CC Trois", 9])}, after=hide)
    file.gives("Filtrée", C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))
    file.gives("Cachée", C7=(c, "TP6021", 9))
    file.says(INFORMATION, "", "masqué : ligne 8, colonne C")
    file.says(INFORMATION, "", "masqué : toute la feuille")


@quirk("a sheet dressed as people do")
def dressed(file: File, a: str, b: str) -> None:
    def dress(book: Any) -> None:
        sheet = book.get_worksheet_by_name("Feuil1")
        sheet.set_header("&LPanorama&R&D")
        sheet.set_footer("&L&8&A&R&8&P / &N")
        sheet.freeze_panes(6, 2)
        sheet.data_validation("C7:C8", {"validate": "list", "source": ["s", "nd"], "input_message": "s = secret"})
        sheet.conditional_format("C7:C8", {"type": "cell", "criteria": ">", "value": 10, "format": book.add_format()})
        sheet.write_comment("C7", "Valeur à confirmer : 99,9 ?")
        sheet.insert_textbox("E2", "Lecture : 12,5 %")
        sheet.add_table("A6:C8", {"columns": [{"header": str(code)} for code in CODES]})
        book.define_name("Taux", "=Feuil1!$C$7:$C$8")

    file.xlsx(table([a, "CC Une", 12.5], [b, "CC Deux", "s"]), after=dress)
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", "secret"))


# --- transposed, long, and the shapes of other producers ----------------------------------------


@quirk("zones in columns, indicators in rows", zones=3)
def transposed(file: File, a: str, b: str, c: str) -> None:
    rows: Rows = [
        *BANNER,
        ["CODGEO", a, b, c],
        ["LIBGEO", "CC Une", "CC Deux", "CC Trois"],
        ["TP6021", 12.5, 8, "s"],
        ["MED21", 21000, 24500, "nd"],
    ]
    file.xlsx(rows)
    file.gives(B7=(a, "TP6021", 12.5), C7=(b, "TP6021", 8), D7=(c, "TP6021", "secret"))
    file.gives(B8=(a, "MED21", 21000), C8=(b, "MED21", 24500), D8=(c, "MED21", "not_available"))


@quirk("the long form of Filosofi 2023")
def sdmx(file: File, a: str, b: str) -> None:
    head = ["GEO", "GEO_OBJECT", "FILOSOFI_MEASURE", "UNIT_MEASURE", "UNIT_MULT", "CONF_STATUS", "OBS_STATUS", "TIME_PERIOD", "OBS_VALUE"]  # fmt: skip
    rows: Rows = [
        head,
        [a, "EPCI", "PR_MD60", "PT", "0", "F", "A", "2023", "12.5"],
        [a, "EPCI", "MED_SL", "EUR_YR", "0", "F", "A", "2023", "21000"],
        [b, "EPCI", "PR_MD60", "PT", "0", "C", "A", "2023", ""],
        [b, "EPCI", "MED_SL", "EUR_YR", "0", "F", "A", "2023", "24500"],
    ]
    file.csv(rows, encoding="utf-8-sig")
    file.declares(2025)
    file.gives(I2=(a, "PR_MD60", 12.5), I3=(a, "MED_SL", 21000), I4=(b, "PR_MD60", "secret"), I5=(b, "MED_SL", 24500))


@quirk("an empty workbook", zones=0)
def empty_workbook(file: File) -> None:
    file.xlsx({"Feuil1": [], "Feuil2": []})
    file.says(BLOCKING, "", "classeur sans tableau d’indicateurs par zone")


@pytest.mark.parametrize("name", quirk.cases)
def test_quirk(name: str, folder: Path) -> None:
    outcome = quirk.outcome(name, folder)
    assert outcome.found() == outcome.file.wanted()


@pytest.mark.parametrize("name", apart.cases)
def test_quirk_of_another_format(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    outcome = apart.outcome(name, tmp_path_factory.mktemp("autres"))
    assert outcome.found() == outcome.file.wanted()
