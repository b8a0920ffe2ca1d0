"""Corrections typed in corrections.csv: what they change, what they leave, and why one is refused."""

import datetime as dt
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.corrections import same
from diagpacte.sources.corrections_file import by_source, read_corrections
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from diagpacte.sources.layout.cells import cell_text
from diagpacte.tables import TABLES
from workbook_builders import EPCI, cell, faults, panorama, plain, read, rules, values, write_csv, write_xlsx

NEW_YEAR = dt.datetime.fromisoformat("2023-01-01")
HEADER = "empreinte_source;cle;champ;ancien;nouveau;motif;date"
# The rates of poverty are in column F of Profils_EPCI, from line 7 on: 8,9 for the EPCI.
RATE = "Profils_EPCI!F7;valeur;8,9;9,8;chiffres inversés, d’après la publication;12/03/2026"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "panorama.xlsx", panorama())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def typed(folder: Path, *lines: str, encoding: str = "utf-8-sig", header: str = HEADER) -> Path:
    """corrections.csv as French Excel saves it."""
    file = folder / "corrections.csv"
    file.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
    return file


def through(path: Path, *lines: str) -> IndicatorReading:
    """What is read of `path` with these lines, each without its digest."""
    corrections, refused = read_corrections(typed(path.parent, *(f"{digest(path)[:12]};{line}" for line in lines)))
    mine, unknown = by_source(corrections, {path.name: digest(path)})
    reading = read_indicators(path, path.name, rules(), corrections=mine.get(path.name, []))
    return replace(reading, faults=[*refused, *unknown, *reading.faults])


def refusals(reading: IndicatorReading) -> list[str]:
    return [plain(f"{fault.cell} : {fault.found}") for fault in faults(reading) if fault.kind is FaultKind.CORRECTION]


def test_a_corrected_value_is_read_flagged_and_keeps_its_cell_its_text_and_its_nature(path: Path) -> None:
    before = path.read_bytes()
    one, other = (
        cell(through(path, RATE), f"EPCI:{EPCI}", "TP6021", "Profils_EPCI"),
        cell(read(path), f"EPCI:{EPCI}", "TP6021", "Profils_EPCI"),
    )
    assert (one["value"], one["flag"], one["published_text"]) == (9.8, "corrigé", "8.9")
    kept = ["sheet", "row", "column", "nature", "availability", "period", "indicator", "year"]
    assert one[kept].tolist() == other[kept].tolist()
    assert path.read_bytes() == before


def test_nothing_else_changes(path: Path) -> None:
    before, after = values(read(path)), values(through(path, RATE))
    assert {key for key in before if before[key] != after[key]} == {(f"EPCI:{EPCI}", "poverty_rate_pct", 2021)}
    assert before.keys() == after.keys()


def test_a_correction_made_is_listed_with_old_new_reason_and_day(path: Path) -> None:
    (fault,) = [fault for fault in through(path, RATE).faults if fault.kind is FaultKind.CORRECTION]
    assert (fault.severity, fault.file, fault.sheet, fault.cells) == (
        Severity.INFORMATION,
        "panorama.xlsx",
        "Profils_EPCI",
        ("F7",),
    )
    assert fault.found == "« 8,9 » lu « 9,8 » (valeur) : chiffres inversés, d’après la publication"
    assert fault.remedy == "rien à faire : correction du 12/03/2026, ligne 2 de corrections.csv"


def test_a_value_may_become_a_mark_of_absence_and_a_mark_a_value(path: Path) -> None:
    reading = through(
        path,
        "Profils_EPCI!F7;valeur;8,9;s;secret oublié;2026-03-12",
        "Profils_EPCI!H7;valeur;s;24,5;publiée depuis;2026-03-12",
    )
    hidden, shown = (cell(reading, f"EPCI:{EPCI}", code, "Profils_EPCI") for code in ("TP6021", "P1_MEN21"))
    assert (hidden["availability"], hidden["value"] == hidden["value"]) == ("secret", False)
    assert (shown["availability"], shown["value"], shown["published_text"]) == ("observed", 24.5, "s")


def test_a_code_that_kept_a_row_from_being_read_is_corrected_in_its_cell(tmp_path: Path) -> None:
    sheets = panorama()
    sheets["Profils_EPCI"][6][0] = "2,00000E+08"
    path = write_xlsx(tmp_path / "panorama.xlsx", sheets)
    assert faults(read(path))
    reading = through(path, f"Profils_EPCI!A7;code de la zone;2,00000E+08;{EPCI};code abîmé par Excel;12/03/2026")
    assert faults(reading) == []
    row = reading.observations[reading.observations["sheet"].eq("Profils_EPCI") & reading.observations["row"].eq(7)]
    assert {*row["zone_code"]} == {f"EPCI:{EPCI}"}
    assert {*row["flag"]} == {"zone corrigée"}
    assert {*reading.observations.loc[reading.observations["row"].ne(7), "flag"]} == {""}


def test_a_heading_is_corrected_in_its_cell(tmp_path: Path) -> None:
    sheets = panorama()
    sheets["Profils_EPCI"][5][5] = "TP602l"
    path = write_xlsx(tmp_path / "panorama.xlsx", sheets)
    reading = through(path, "Profils_EPCI!F6;intitulé;TP602l;TP6021;l pour 1;12/03/2026")
    rates = reading.observations[
        reading.observations["sheet"].eq("Profils_EPCI") & reading.observations["column"].eq("F")
    ]
    assert {*rates["indicator"]} == {"poverty_rate_pct"}
    assert {*rates["flag"]} == {"intitulé corrigé"}


def test_a_formula_without_result_is_given_one(tmp_path: Path) -> None:
    sheets = panorama()
    sheets["Profils_EPCI"][6][5] = "=1/2→"
    path = write_xlsx(tmp_path / "panorama.xlsx", sheets)
    assert faults(read(path))
    reading = through(path, "Profils_EPCI!F7;;;8,9;formule jamais calculée;12/03/2026")
    assert faults(reading) == []
    assert cell(reading, f"EPCI:{EPCI}", "TP6021", "Profils_EPCI")["value"] == 8.9


def test_a_share_shown_as_a_percentage_is_corrected_as_it_is_shown_and_never_by_a_hundred(tmp_path: Path) -> None:
    sheets = panorama()
    for row in sheets["Profils_EPCI"][6:9]:
        row[5] = float(row[5]) / 100  # type: ignore[arg-type]
    del sheets["Variables"]
    path = write_xlsx(tmp_path / "panorama.xlsx", sheets, formats={("Profils_EPCI", 6): "0.0%"})
    key = f"EPCI:{EPCI}", "poverty_rate_pct", 2021
    for new in ("9,8 %", "0,098"):
        assert values(through(path, f"Profils_EPCI!F7;valeur;8,9 %;{new};m;12/03/2026"))[key] == 9.8
    contradicted = faults(through(path, "Profils_EPCI!F7;valeur;8,9 %;9,8;m;12/03/2026"))
    assert [fault.kind for fault in contradicted] == [FaultKind.UNIT]


def test_the_second_cell_of_a_double_may_be_corrected_to_say_what_the_first_says(tmp_path: Path) -> None:
    sheets = panorama()
    sheets["Profils_EPCI"].insert(10, [*sheets["Profils_EPCI"][6][:5], 9.8, *sheets["Profils_EPCI"][6][6:]])
    path = write_xlsx(tmp_path / "panorama.xlsx", sheets)
    assert [fault.kind for fault in faults(read(path))] == [FaultKind.DOUBLE]
    reading = through(path, "Profils_EPCI!F11;valeur;9,8;8,9;ligne recopiée;12/03/2026")
    assert faults(reading) == []
    again = reading.repeated[reading.repeated["row"].eq(11) & reading.repeated["column"].eq("F")]
    assert (again["flag"].tolist(), again["published_text"].tolist()) == (["corrigé"], ["9.8"])


def test_another_cell_is_corrected_without_touching_a_value(path: Path) -> None:
    line = "Variables!C9;autre cellule;%;% ;espace;12/03/2026"
    assert refusals(through(path, line))  # identical but for a space: typed texts are trimmed
    reading = through(path, "Profils_EPCI!A2;autre cellule;France métropolitaine;Métropole;titre;12/03/2026")
    assert refusals(reading) == []
    assert {*reading.observations["flag"]} == {""}


def test_a_text_file_is_corrected_by_its_cells_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "profils.csv", [["CODGEO", "TP6021"], [EPCI, 8.9], ["200000438", 12.5]])
    with_vintage = [["Géographie au 01/01/2025"], ["CODGEO", "TP6021"], [EPCI, 8.9], ["200000438", 12.5]]
    write_csv(path, with_vintage)
    reading = through(path, "B4;valeur;12,5;13,5;faute de frappe;12/03/2026")
    assert values(reading)["EPCI:200000438", "poverty_rate_pct", 2021] == 13.5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Profils_EPCI!F7;valeur;8,8;9,8;m;12/03/2026", "ligne 2 : Profils_EPCI!F7 de panorama.xlsx contient « 8,9 »"),
        ("Profils_EPCI!F7;valeur;;9,8;m;12/03/2026", "ligne 2 : Profils_EPCI!F7 de panorama.xlsx contient « 8,9 »"),
        ("Profils_EPCI!F5000;valeur;8,9;9,8;m;12/03/2026", "ligne 2 : Profils_EPCI!F5000 est hors du tableau de panorama.xlsx"),
        ("Profil!F7;valeur;8,9;9,8;m;12/03/2026", "ligne 2 : panorama.xlsx n’a pas de feuille « Profil »"),
        ("F7;valeur;8,9;9,8;m;12/03/2026", "ligne 2 : F7 de panorama.xlsx : la clé ne dit pas de quelle feuille"),
        ("Profils_EPCI!F7;valeur;8,9;9,8;;12/03/2026", "ligne 2 : motif est vide"),
        ("Profils_EPCI!F7;valeur;8,9;9,8;m;", "ligne 2 : date est vide"),
        ("Profils_EPCI!F7;valeur;8,9;9,8;m;31/02/2026", "ligne 2 : date « 31/02/2026 »"),
        ("Profils_EPCI!F7;valeur;8,9;9,8;m;hier", "ligne 2 : date « hier »"),
        ("Profils_EPCI!F7;valeur;8,9;;m;12/03/2026", "ligne 2 : nouveau est vide"),
        ("Profils_EPCI!F7;valeur;8,9;8,9;m;12/03/2026", "ligne 2 : ancien et nouveau sont identiques"),
        ("Profils_EPCI!F7:F9;valeur;8,9;9,8;m;12/03/2026", "ligne 2 : cle « Profils_EPCI!F7:F9 »"),
        ("EPCI 200000172;valeur;8,9;9,8;m;12/03/2026", "ligne 2 : cle « EPCI 200000172 »"),
        ("Profils_EPCI!F7;taux;8,9;9,8;m;12/03/2026", "ligne 2 : champ « taux »"),
        ("Profils_EPCI!A2;valeur;France métropolitaine;9,8;m;12/03/2026", "ligne 2 : Profils_EPCI!A2 de panorama.xlsx : aucune valeur lue ne vient de cette cellule (valeur)"),
    ],
)  # fmt: skip
def test_a_correction_is_refused_with_its_line_and_the_value_stands(path: Path, line: str, said: str) -> None:
    reading = through(path, line)
    assert refusals(reading) == [said]
    assert values(reading)[f"EPCI:{EPCI}", "poverty_rate_pct", 2021] == 8.9


def test_every_fault_of_every_line_is_told_at_once(path: Path) -> None:
    reading = through(
        path,
        "Profils_EPCI;taux;8,9;;;",
        "Profils_EPCI!F7;valeur;0;9,8;m;12/03/2026",
        "Profil!F7;valeur;8,9;9,8;m;12/03/2026",
    )
    assert [text.partition(" :")[0] for text in refusals(reading)] == [*["ligne 2"] * 5, "ligne 3", "ligne 4"]


def test_one_cell_corrected_in_two_ways_is_refused_and_twice_alike_is_one(path: Path) -> None:
    assert refusals(through(path, RATE, RATE)) == []
    found = through(path, RATE, RATE.replace("9,8", "9,7").replace("Profils_EPCI!F7", "profils_epci!$F$7"))
    assert refusals(found) == ["ligne 3 : profils_epci!F7 : « 9,7 », mais « 9,8 » ligne 2"]


def test_a_digest_must_be_of_one_file_and_long_enough(tmp_path: Path) -> None:
    digests = {"a.xlsx": "ab" * 32, "b.xlsx": "ab" * 31 + "cd", "copie.xlsx": "ab" * 32, "c.xlsx": "12" * 32}
    line = "F7;valeur;8,9;9,8;m;12/03/2026"
    written = [f"{text};{line}" for text in ("12" * 6, "AB" * 32, "ab" * 6, "cd" * 32, "ab" * 5, "1,2E+11")]
    corrections, faults = read_corrections(typed(tmp_path, *written))
    assert [fault.cell for fault in faults] == ["ligne 6", "ligne 7"]
    mine, unknown = by_source(corrections, digests)
    assert {source: [one.line for one in found] for source, found in mine.items()} == {
        "c.xlsx": [2], "a.xlsx": [3], "copie.xlsx": [3],
    }  # fmt: skip
    assert [(fault.cell, fault.severity) for fault in unknown] == [
        ("ligne 4", Severity.BLOCKING), ("ligne 5", Severity.BLOCKING),
    ]  # fmt: skip
    assert "celle de 3 fichiers" in plain(unknown[0].found)
    assert "celle d’aucun fichier" in plain(unknown[1].found)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_the_file_is_read_as_excel_saves_it_and_its_lines_are_those_of_excel(tmp_path: Path, encoding: str) -> None:
    line = 'ABCDEF123456;Feuil1!B4;Valeur;1 234,5;1 234,6;"première ligne\nà la virgule";1/3/2026'
    file = typed(tmp_path, line.replace("B4", "B3"), "", line, encoding=encoding, header=HEADER.upper())
    corrections, faults = read_corrections(file)
    assert faults == []
    assert [(one.line, one.cell, one.day) for one in corrections] == [
        (2, "B3", dt.date(2026, 3, 1)), (4, "B4", dt.date(2026, 3, 1)),
    ]  # fmt: skip
    assert corrections[0].reason == "première ligne\nà la virgule"
    assert corrections[0].source == "abcdef123456"


def test_no_file_is_no_correction_and_a_heading_missing_is_said(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "corrections.csv") == ([], [])
    found = read_corrections(typed(tmp_path, header="cle;ancien;nouveau"))
    assert found[0] == []
    assert [plain(fault.found) for fault in found[1]] == ["colonnes absentes : empreinte_source, champ, motif, date"]


@pytest.mark.parametrize(
    ("held", "text", "right"),
    [
        (8.9, "8,9", True), (8.9, "8.9", True), (8.9, "8,90", True), (8.9, "8,8", False), (12.4999999, "12,5", True),
        (12.44, "12,5", False), (0.125, "12,5 %", True), (0.125, "0,125", True), (0.125, "12,5", False),
        ("12,5 %", "12,5 %", True), (1234567.0, "1 234 567", True), (-14.8, "−14,8", True), (-14.8, "14,8", False),
        ("s", "S", True), ("s", "", False), (None, "", True), ("", "", True), (0.0, "", False), (None, "0", False),
        ("12,5 (p)", "12,5 (p)", True), ("12,5 (p)", "12,5", False), ("01004", "1004", True),
        (NEW_YEAR, "01/01/2023", True), (dt.date(2023, 1, 1), "2023-01-01", True),
        (NEW_YEAR, "02/01/2023", False), ("Très fragile", "très fragile", True), (12.0, "12", True),
    ],
)  # fmt: skip
def test_the_old_value_is_the_text_of_the_cell_or_what_a_french_spreadsheet_shows(
    held: object, text: str, right: bool
) -> None:
    assert same(held, text) is right


@given(st.floats(-1e6, 1e6, allow_nan=False), st.integers(0, 6))
def test_any_number_is_recognised_as_it_is_shown_and_no_other_at_that_precision(value: float, decimals: int) -> None:
    shown = f"{value:.{decimals}f}".replace(".", ",")
    assert same(value, shown)
    assert same(value, cell_text(value))
    step = 10.0**-decimals
    assert not same(value + 2 * step, shown)


def test_a_real_panorama_changes_in_one_cell_only(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "panorama" / "panorama_pauvrete_ARA_2021.xlsx"
    before = read(path)
    one = before.observations[before.observations["published_code"].eq("TP6021")].iloc[0]
    place = f"{one['sheet']}!{one['column']}{one['row']}"
    line = f"{digest(path)};{place};;{one['published_text']};0,1;essai;2026-01-01"
    corrections, _ = read_corrections(typed(tmp_path, line))
    reading = read_indicators(path, "panorama", rules(), corrections=corrections)
    table = TABLES["observations"].check(reading.observations)
    assert faults(reading) == []
    differ = (table != before.observations) & ~(table.isna() & before.observations.isna())
    assert differ.sum().sum() == 2
    assert differ.loc[:, ["value", "flag"]].any(axis=1).sum() == 1
