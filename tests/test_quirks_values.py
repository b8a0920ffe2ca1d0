"""Quirks of values (what stands in a cell: a number, or why there is none), from the file to the table.

What libraries do by themselves and must not: « N/A » and « NA » made one blank (Q17), a column of codes of two types
(Q8, Q12), a number format lost (Q22), a merged value in its first cell only (Q4), a blank that is a formula (Q32),
hidden rows told from no other (Q33).
"""

import csv
from pathlib import Path

import pytest

from diagpacte.settings import default_configs
from quirk_builders import BANNER, BLOCKING, CHECK, CODES, KEYS, SAID, File, Quirks, column
from workbook_builders import Rows

quirk = Quirks()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("valeurs")


# --- Q17: absence has its reason ----------------------------------------------------------------

LISTED = {
    "s": "secret", "c": "secret", "ns": "not_significant", "nd": "not_available", "n.d.": "not_available",
    "N/A": "not_available", "NA": "not_available", "...": "not_available", "…": "not_available", "-": "not_available",
    "so": "not_applicable", "///": "not_applicable", "": "empty",
}  # fmt: skip
OTHERWISE = {
    "S": "secret", " s ": "secret", "s\u00a0": "secret", "Secret\u00a0statistique": "secret", "CONFIDENTIEL": "secret",
    "N.S.": "not_significant", "Non  significatif": "not_significant", "n.d": None, "ND": "not_available",
    "n/a": "not_available", "donnee non disponible": "not_available", "—": "not_available", "–": "not_available",
    "nan": "not_available", "NULL": "not_available", ".": "not_available", "S.O.": "not_applicable",
    "Sans objet": "not_applicable", " \u202f ": "empty",
}  # fmt: skip


@quirk("Q17 every mark of absence, and what it means", zones=len(LISTED))
def marks(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {**LISTED})


@quirk("Q17 the same in a text file", zones=len(LISTED))
def marks_in_text(file: File, *zones: str) -> None:
    file.csv([SAID, ["CODGEO", "NBMENPAUV21"], *([zone, mark] for zone, mark in zip(zones, LISTED, strict=True))])
    for row, (zone, reason) in enumerate(zip(zones, LISTED.values(), strict=True), start=3):
        file.gives(**{f"B{row}": (zone, "NBMENPAUV21", reason)})


@quirk("Q17 marks in capitals, with spaces, in full", zones=len(OTHERWISE) - 1)
def marks_otherwise(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {mark: reason for mark, reason in OTHERWISE.items() if reason})


def packaged_marks() -> dict[str, str]:
    with (default_configs() / "missing_marks.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["mark"]: row["availability"] for row in csv.DictReader(file, delimiter=";")}


@quirk("Q17 every line of missing_marks.csv", zones=len(packaged_marks()))
def configured_marks(file: File, *zones: str) -> None:
    column(file, zones, "MED21", {**packaged_marks()})


@quirk("Q17 a zero is a zero, and an unknown mark is asked", zones=3)
def zero_and_unknown(file: File, a: str, b: str, c: str) -> None:
    file.xlsx([*BANNER, [*CODES, "NBMENPAUV21"], [a, "CC", 0, "0"], [b, "CC", "*", "x"], [c, "CC", "< 5 ?", 12]])
    file.says(BLOCKING, "C7, C8", "« * », « < 5 ? » illisibles pour « Taux de pauvreté »")
    file.says(BLOCKING, "D7", "« x » illisible pour « Ménages pauvres »")


@quirk("Q17 true zeros stay zeros", zones=3)
def zeros(file: File, *zones: str) -> None:
    column(file, zones, "LOGVAC21", {0: 0, "0,0": 0, "12": 12})


@quirk("Q17 errors of formulas, in English, in French, of LibreOffice", zones=6)
def errors(file: File, *zones: str) -> None:
    wrong = ["=NA()→#N/A", "#DIV/0!", "#VALEUR!", "#REF !", "Err:502", "#N/D"]
    column(file, zones, "TP6021", dict.fromkeys(wrong, "not_available"))
    file.says(CHECK, "C6, C7, C8 et 3 autres", "erreur de formule « #N/A »")


@quirk("Q17 a column too narrow when the sheet was saved as text", zones=2)
def too_narrow(file: File, a: str, b: str) -> None:
    file.csv([SAID, ["CODGEO", "NBMENPAUV21"], [a, "######"], [b, "1200"]])
    file.says(BLOCKING, "B3", "« ###### » illisible")


# --- Q18 to Q21, Q31, Q37: numbers --------------------------------------------------------------


@quirk("Q18 mentions beside values", zones=6)
def mentions(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {"12,5 (p)": 12.5, "12,5 e": 12.5, "8r": 8, "12,5(P)": 12.5, "9,1 % (e)": 9.1, 7: 7})
    file.flags(C6="(p)", C7="e", C8="r", C9="(P)", C10="(e)")


def test_q18_an_estimate_is_no_observation(folder: Path) -> None:
    table = quirk.outcome("Q18 mentions beside values", folder).observations.sort_values("row")
    assert table["availability"].tolist() == ["observed", "estimated", "observed", "observed", "estimated", "observed"]
    assert table["nature"].eq("estimated").tolist() == table["availability"].eq("estimated").tolist()


@quirk("Q18 a mention nobody knows is asked", zones=2)
def unknown_mention(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC", "12,5 (z)"], [b, "CC", "12,5 k"]])
    file.says(BLOCKING, "C6, C7", "« 12,5 (z) », « 12,5 k » illisibles")


@quirk("Q18 calls of notes beside values", zones=4)
def calls_of_notes(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {"12,5 (1)": 12.5, "12,5*": 12.5, "8¹": 8, "9,1 (p) (2)": 9.1})
    file.flags(C6="(1)", C7="*", C8="¹", C9="(p) (2)")
    file.says(CHECK, "C6, C7, C8 et 1 autre", "appel de note après la valeur : « 12,5 (1) »")


@quirk("Q19 decimal commas as text, among numbers", zones=4)
def commas(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {"17,0": 17, 8.9: 8.9, ",5": 0.5, "12.25": 12.25})


@quirk("Q19 a base of Insee: no label, decimal commas, secrets in the sub-rates only", zones=0)
def base_cc(file: File) -> None:
    head: list[object] = ["CODGEO", "NBMENFISC21", "NBPERSMENFISC21", "MED21", "PIMP21", "TP6021", "TP60AGE121", "TP60TOL121", "PACT21", "PIMPOT21", "D121", "D921", "RD21"]  # fmt: skip
    row: list[object] = ["01004", 6855, 15092, 21660, "50,0", "17,0", "s", "5,0", "72,3", "-14,8", 11000, 36000, "3,3"]
    file.csv([head, row], encoding="utf-8")
    file.declares(2023)
    values = [6855, 15092, 21660, 50, 17, "secret", 5, 72.3, -14.8, 11000, 36000, 3.3]
    file.gives(**{
        f"{letter}2": ("COM:01004", str(code), value)
        for letter, code, value in zip("BCDEFGHIJKLM", head[1:], values, strict=True)
    })  # fmt: skip


THOUSANDS = (" ", "\u00a0", "\u202f", "\u2009", "\u2007")


@quirk("Q20 every space between thousands", zones=len(THOUSANDS) + 1)
def thousands(file: File, *zones: str) -> None:
    column(file, zones, "NBMENFISC21", {**{f"1{space}234{space}567": 1234567 for space in THOUSANDS}, "12\u202f345": 12345})  # fmt: skip


@quirk("Q20 thousands and decimals", zones=2)
def thousands_and_decimals(file: File, *zones: str) -> None:
    column(file, zones, "MED21", {"21 660,5": 21660.5, "\u202f21\u202f660 ": 21660})


@quirk("Q20 a space that parts no thousands is asked", zones=2)
def odd_spaces(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, [*KEYS, "NBMENFISC21"], [a, "CC", "12 34"], [b, "CC", "1 2345"]])
    file.says(BLOCKING, "C6, C7", "« 12 34 », « 1 2345 » illisibles")


@quirk("Q20 a dot or comma that may part thousands is asked where numbers are whole", zones=3)
def ambiguous_thousands(file: File, a: str, b: str, c: str) -> None:
    head: list[object] = [*KEYS, "NBMENPAUV21", "MED21", "TP6021"]
    rows: Rows = [
        [a, "CC", "1.234", "21.660", "12.345"],
        [b, "CC", "1,234 (p)", "21660", "8,125"],
        [c, "CC", 812, "s", 9],
    ]
    file.xlsx([*BANNER, head, *rows])
    file.says(BLOCKING, "C6, C7", "« 1.234 »")
    file.says(BLOCKING, "D6", "« 21.660 »")


@quirk("Q21 every minus sign", zones=6)
def minus(file: File, *zones: str) -> None:
    cells = {
        "\u221214,8": -14.8,
        "-14,8": -14.8,
        "–14,8": -14.8,
        "- 14,8": -14.8,
        "\u2212\u00a00,3": -0.3,
        "+ 0,4": 0.4,
    }
    column(file, zones, "PIMPOT21", cells)


@quirk("Q31 numbers stored as text", zones=4)
def numbers_as_text(file: File, *zones: str) -> None:
    column(file, zones, "MED21", {"'21660": 21660, "21660.0": 21660, " 21 660": 21660, 21660: 21660})


@quirk("Q37 float noise is kept as it is", zones=2)
def float_noise(file: File, *zones: str) -> None:
    column(file, zones, "TP6021", {12.499999999: 12.499999999, 100 / 3: 33.33333333333334})


@pytest.mark.parametrize("name", quirk.cases)
def test_quirk(name: str, folder: Path) -> None:
    outcome = quirk.outcome(name, folder)
    assert outcome.found() == outcome.file.wanted()
