"""The values of a panorama: what cannot be told is never read, and every fault names its cell."""

from pathlib import Path
from typing import Any

import pytest

from diagpacte.errors import Severity, SourceError
from diagpacte.vocabulary import Nature
from workbook_builders import (
    EPCI,
    EPT,
    KEYS,
    Rows,
    Sheets,
    cell,
    edit_part,
    faults,
    made,
    panorama,
    plain,
    read,
    values,
    write_csv,
    write_xlsx,
)

FILE = "panorama.xlsx"


# --- values -----------------------------------------------------------------------------------


def test_percentages_stored_from_0_to_1_are_the_same_figures(tmp_path: Path) -> None:
    expected = values(made(tmp_path))

    def divide(sheets: Sheets) -> None:
        for row in sheets["Profils_EPCI"][6:10]:
            row[5] = row[5] / 100 if isinstance(row[5], float) else row[5]

    shown = made(tmp_path, divide, formats={("Profils_EPCI", 6): '0.0\\ "%"%'})
    assert values(shown) == expected
    assert cell(shown, f"EPCI:{EPCI}", "TP6021")["published_text"] == repr(8.9 / 100)

    def divide_and_say(sheets: Sheets) -> None:
        divide(sheets)
        for row in sheets["References"][6:9]:
            row[5] = float(str(row[5])) / 100
        next(line for line in sheets["Variables"] if line and line[0] == "TP6021")[2] = "part (0 à 1)"

    assert values(made(tmp_path, divide_and_say)) == expected


def test_a_percent_sign_that_is_only_written_is_no_scale(tmp_path: Path) -> None:
    assert values(made(tmp_path, formats={("Profils_EPCI", 6): '0.0" %"'})) == values(made(tmp_path))


def test_percentages_that_may_be_either_are_refused(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "LOGVAC22", "RESSEC22"], [EPCI, "0,7", 0], [EPT, "0,9", 0]]
    (fault,) = faults(read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025))
    assert plain(str(fault)) == (
        "a.csv, cellule B2, B3 : « LOGVAC22 » : toutes les valeurs sont au plus 1 : pourcentages, ou parts de 0 à 1 ?"
        " ; attendu : une seule échelle pour la colonne. → donner son unité dans la feuille"
        " « Colonnes » de data/saisies/correspondance.xlsx."
    )


def test_percentages_written_with_their_sign_are_no_doubt(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "LOGVAC22"], [EPCI, "0,7 %"], [EPT, "0,9 %"]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert (reading.faults, list(reading.observations["value"])) == ([], [0.7, 0.9])


def test_a_scale_that_a_value_contradicts_is_refused_with_its_cell(tmp_path: Path) -> None:
    (fault,) = faults(made(tmp_path, formats={("Profils_EPCI", 6): "0.0%"}))
    assert fault.cell == "F7"
    assert (
        plain(fault.found)
        == "« TP6021 · Taux de pauvreté » : le format « % » de la colonne contredit cette valeur (8,9)"
    )


def test_flags_are_kept_and_e_is_an_estimate(tmp_path: Path) -> None:
    def flag(sheets: Sheets) -> None:
        sheets["Profils_EPCI"][6][5], sheets["Profils_EPCI"][7][5] = "8,9 (p)", "12,1 e"

    reading = made(tmp_path, flag)
    provisional, estimate = (cell(reading, zone, "TP6021") for zone in (f"EPCI:{EPCI}", f"EPT:{EPT}"))
    assert (provisional["value"], provisional["flag"], provisional["availability"]) == (8.9, "(p)", "observed")
    assert (estimate["value"], estimate["availability"], estimate["nature"]) == (12.1, "estimated", "estimated")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("environ 9", "« environ 9 » illisible pour « Taux de pauvreté »"),
        (True, "« True » illisible pour « Taux de pauvreté »"),
        ("12.345,6", "« 12.345,6 » illisible pour « Taux de pauvreté »"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_cell_and_no_value(tmp_path: Path, value: object, found: str) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].__setitem__(5, value))
    (fault,) = faults(reading)
    assert (fault.sheet, fault.cell, plain(fault.found)) == ("Profils_EPCI", "F7", found)
    assert (f"EPCI:{EPCI}", "poverty_rate_pct", 2021) not in values(reading)


def test_a_value_out_of_bounds_is_read_and_told(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].__setitem__(4, 312))
    (fault,) = reading.faults
    assert plain(str(fault)) == (
        "panorama.xlsx, feuille « Profils_EPCI », cellule E7 : 312 hors bornes pour « Niveau de vie médian » ; attendu :"
        " de 5000 à 100000. → vérifier la valeur ; elle est lue telle quelle."
    )
    assert (fault.severity, cell(reading, f"EPCI:{EPCI}", "MED21")["value"]) == (Severity.CHECK, 312)


def test_an_error_of_formula_is_not_available_and_told(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].__setitem__(5, "=1/0→#DIV/0!"))
    one = cell(reading, f"EPCI:{EPCI}", "TP6021")
    assert (one["availability"], one["published_text"]) == ("not_available", "#DIV/0!")
    assert [(fault.cell, plain(fault.found)) for fault in reading.faults] == [("F7", "erreur de formule « #DIV/0! »")]


def test_a_formula_without_result_is_a_fault_never_a_blank(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / FILE, panorama())
    edit_part(
        path,
        "xl/worksheets/sheet2.xml",
        lambda xml: xml.replace(b'<c r="F7"><v>8.9</v></c>', b'<c r="F7"><f>1+1</f></c>'),
    )
    reading = read(path)
    assert [plain(str(fault)) for fault in reading.faults] == [
        (
            "panorama.xlsx, feuille « Profils_EPCI », cellule F7 : formule sans résultat enregistré ; attendu : une valeur."
            " → ouvrir le classeur dans Excel, l’enregistrer, puis relancer."
        )
    ]
    assert (f"EPCI:{EPCI}", "poverty_rate_pct", 2021) not in values(reading)


def test_values_in_a_column_said_absent_are_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(made(tmp_path, lambda sheets: sheets["Facteurs_EPCI"][7].__setitem__(7, 3.1)))
    assert (
        plain(fault.found)
        == "« APLMG21 · Accessibilité aux médecins » a des valeurs, mais la feuille Variables la dit absente"
    )


# --- columns ----------------------------------------------------------------------------------


def test_an_unknown_column_is_told_once_with_what_it_looks_like(tmp_path: Path) -> None:
    def add_column(sheets: Sheets) -> None:
        sheets["Profils_EPCI"][4].append("Taux de pauvrete bis")
        sheets["Profils_EPCI"][5].append("TP6O21")
        sheets["Profils_EPCI"][6].append(3)

    reading = made(tmp_path, add_column)
    (fault,) = reading.faults
    assert (fault.severity, fault.cell) == (Severity.CHECK, "I6")
    assert plain(fault.found) == "colonne inconnue : « TP6O21 · Taux de pauvrete bis »"
    assert "TP60{yy} (Taux de pauvreté)" in fault.expected
    assert ("Profils_EPCI", "colonne I") in {(one.sheet, one.place) for one in reading.skipped}


def test_an_unknown_column_says_the_theme_above_it(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Facteurs_EPCI"][6].__setitem__(4, "ZZZ99"))
    assert plain(reading.faults[0].found).endswith("(sous « Emploi »)")


def test_a_column_without_heading_is_told_when_it_holds_something(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"][6].extend(["", 0]))
    assert [(fault.cell, plain(fault.found)) for fault in reading.faults] == [
        ("J6", "colonne inconnue : « sans intitulé »")
    ]


def test_a_column_without_year_is_not_read_but_told(tmp_path: Path) -> None:
    table: Rows = [["CODGEO", "FRAG_EMPLOI", "TP6021"], [EPCI, "Fragile", 8.9]]
    reading = read(write_csv(tmp_path / "a.csv", table), geo_vintage=2025)
    assert [plain(fault.found) for fault in reading.faults] == [
        "colonne reconnue (Degré de fragilité : insertion professionnelle) mais sans millésime : « FRAG_EMPLOI »"
    ]


@pytest.mark.parametrize(
    ("place", "word", "found", "severity"),
    [
        (2, "km", "TP6021 : unité « km »", Severity.CHECK),
        (3, "2020", "TP6021 : millésime « 2020 »", Severity.CHECK),
        (4, "ménages", "TP6021 : base « ménages »", Severity.BLOCKING),
        (4, "logements", "TP6021 : base « logements »", Severity.CHECK),
        (5, "bas = défavorable", "TP6021 : polarité « bas = défavorable »", Severity.CHECK),
        (6, "devinée", "TP6021 : nature « devinée »", Severity.CHECK),
    ],
)
def test_a_workbook_that_contradicts_the_dictionary_is_told(
    tmp_path: Path, place: int, word: str, found: str, severity: Severity
) -> None:
    def contradict(sheets: Sheets) -> None:
        next(line for line in sheets["Variables"] if line and line[0] == "TP6021")[place] = word

    (fault,) = made(tmp_path, contradict).faults
    assert (fault.sheet, fault.cell, plain(fault.found), fault.severity) == (
        "Variables",
        f"{'ABCDEFG'[place]}9",
        found,
        severity,
    )


def test_labels_say_the_nature_when_the_variables_are_missing(tmp_path: Path) -> None:
    def forget(sheets: Sheets) -> None:
        del sheets["Variables"], sheets["Fragilite_EPCI"]

    reading = made(tmp_path, forget)
    assert reading.faults == []
    assert cell(reading, f"EPT:{EPT}", "P1_MEN21")["nature"] == "simulated"
    assert cell(reading, f"EPT:{EPT}", "NBPERSPAUV21")["nature"] == "estimated"


def test_what_the_user_declared_simulated_is_never_real(tmp_path: Path) -> None:
    assert set(made(tmp_path, nature=Nature.SIMULATED).observations["nature"]) == {"simulated"}


# --- doubles ----------------------------------------------------------------------------------


def test_a_value_given_twice_is_one_and_said(tmp_path: Path) -> None:
    reading = made(tmp_path, lambda sheets: sheets["Profils_EPCI"].insert(7, list(sheets["Profils_EPCI"][6])))
    assert values(reading) == values(made(tmp_path))
    (fault,) = reading.faults
    assert (fault.severity, plain(fault.found)) == (Severity.INFORMATION, "5 valeurs données deux fois, identiques")


def test_two_values_for_one_key_are_a_fault_that_names_both_cells(tmp_path: Path) -> None:
    def repeat(sheets: Sheets) -> None:
        row = list(sheets["Profils_EPCI"][6])
        row[5] = 9.1
        sheets["Profils_EPCI"].insert(7, row)

    reading = made(tmp_path, repeat)
    assert [plain(str(fault)) for fault in faults(reading)] == [
        (
            "panorama.xlsx, feuille « Profils_EPCI », cellule F7 : « 8,9 » pour TP6021 de EPCI:200000172, mais « 9,1 » en F8 ;"
            " attendu : une seule valeur par zone, indicateur et année. → garder la bonne valeur, ou le bon code de zone."
        )
    ]
    assert cell(reading, f"EPCI:{EPCI}", "TP6021")["value"] == 8.9


@pytest.mark.parametrize(("others", "said"), [(1, "1 autre valeur."), (2, "2 autres valeurs.")])
def test_two_sheets_that_disagree_are_told_by_column(tmp_path: Path, others: int, said: str) -> None:
    def copy(sheets: Sheets) -> None:
        rows = sheets["Profils_EPCI"]
        sheets["Copie"] = [*rows[:4], [*KEYS, "TP6021"], *([*row[:3], 50] for row in rows[6 : 7 + others])]

    (fault,) = faults(made(tmp_path, copy))
    assert (fault.sheet, fault.cell) == ("Profils_EPCI", "F7")
    assert f"mais « 50 » en D6 de la feuille « Copie » ; de même pour {said}" in plain(f"{fault.found}.")


# --- geography, and nothing at all ------------------------------------------------------------


def test_a_table_without_geography_is_refused_until_it_is_declared(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["CODGEO", "TP6021"], [EPCI, "8,9"]])
    reading = read(path)
    assert [plain(str(fault)) for fault in reading.faults] == [
        (
            "a.csv : géographie non dite : de quelle année sont les codes des zones ? ; attendu : « Géographie au 01/01/2025 »"
            " au-dessus du tableau. → écrire l’année dans la feuille « Fichiers » de data/saisies/correspondance.xlsx."
        )
    ]
    assert reading.observations.empty
    assert list(read(path, geo_vintage=2023).observations["geo_vintage"]) == [2023]


def test_the_geography_of_the_file_wins_over_the_declared_one_and_says_so(tmp_path: Path) -> None:
    reading = made(tmp_path, geo_vintage=2023)
    assert set(reading.observations["geo_vintage"]) == {2025}
    assert {plain(fault.found) for fault in reading.faults} == {"géographie au 01/01/2025, 2023 déclaré"}


def test_a_restriction_of_use_is_told(tmp_path: Path) -> None:
    reading = made(
        tmp_path, lambda sheets: sheets["Profils_EPCI"].insert(2, ["Données provisoires - diffusion restreinte"])
    )
    assert [plain(fault.found) for fault in reading.faults] == ["« Données provisoires - diffusion restreinte »"]


def test_what_is_hidden_is_read_and_told(tmp_path: Path) -> None:
    def hide(book: Any) -> None:
        book.get_worksheet_by_name("Profils_EPCI").set_row(6, None, None, {"hidden": True})
        book.get_worksheet_by_name("Facteurs_EPCI").set_column(4, 4, None, None, {"hidden": True})
        book.get_worksheet_by_name("Fragilite_EPCI").hide()

    reading = made(tmp_path, after=hide)
    assert values(reading) == values(made(tmp_path))
    assert {(fault.sheet, plain(fault.found), fault.severity) for fault in reading.faults} == {
        ("Profils_EPCI", "masqué : ligne 7", Severity.INFORMATION),
        ("Facteurs_EPCI", "masqué : colonne E", Severity.INFORMATION),
        ("Fragilite_EPCI", "masqué : toute la feuille", Severity.INFORMATION),
    }


def test_merged_values_are_told(tmp_path: Path) -> None:
    reading = made(tmp_path, merged={"Profils_EPCI": {"F7:F8": "8,9"}})
    assert [(fault.cell, plain(fault.found)) for fault in reading.faults] == [
        ("F7", "cellules fusionnées : Excel ne montre que la première")
    ]


def test_a_file_that_gives_nothing_says_why(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "qpv.csv", [["CODGEO", "LIBGEO", "TP60"], ["QP001001", "Terre des fleurs", "40,9"]])
    assert [plain(str(fault)) for fault in read(path).faults] == [
        (
            "qpv.csv : aucune valeur lue (pas de code de zone sous « CODGEO » (« QP001001 ») : quartiers prioritaires de l"
            "a ville (QPV), niveau qui n’est pas lu) ; attendu : une colonne de codes de zones, et un indicateur de configs/indicators.csv. → compléter configs/indicators.csv, ou retirer ce fichier."
        )
    ]


def test_a_file_that_is_no_table_stops_the_reading(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"%PDF-1.7")
    with pytest.raises(SourceError, match="un document PDF"):
        read(tmp_path / FILE)
