"""Quirks of rows (years under the labels, parts without total, files of EPT of long ago), from the file to the table."""

from pathlib import Path

import pytest

from quirk_builders import BANNER, BLOCKING, CHECK, CODES, INFORMATION, KEYS, File, Quirks, outcomes
from workbook_builders import ALL_EPT, Rows, plain

quirk = Quirks()
WITHOUT_TOTAL = "lignes non lues : plusieurs pour une zone, que « Tranche » distingue (« - de 30 », « 30 et + ») sans ligne de total"  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lignes")


# --- a row of years, under the header -----------------------------------------------------------

YEARS: dict[str, list[object]] = {
    "numbers": ["", "", 2020, 2021, 2021],
    "texts, the row named": ["", "Année", "2020", "(2021)", "au 31/12/2021"],
}
for how, years in YEARS.items():

    @quirk(f"a year under each label ({how}), then units")
    def years_under_labels(file: File, a: str, b: str, years: list[object] = years) -> None:
        labels: list[object] = ["Code", "Nom", "Taux de pauvreté", "Taux de pauvreté", "Ménages pauvres"]
        themes: list[object] = ["", "", "Pauvreté", "", ""]
        units: list[object] = ["", "", "%", "%", "nb"]
        file.xlsx([*BANNER, themes, labels, years, units, [a, "CC Une", 12.5, 11, 500], [b, "CC Deux", 8, "s", 400]])
        for row, zone, first, second, count in ((9, a, 12.5, 11, 500), (10, b, 8, "secret", 400)):
            file.gives(**{f"C{row}": (zone, "Taux de pauvreté", first), f"D{row}": (zone, "Taux de pauvreté", second)})
            file.gives(**{f"E{row}": (zone, "Ménages pauvres", count)})


@quirk("a year under each label of a transposed table, in a column of its own")
def years_beside_labels(file: File, a: str, b: str) -> None:
    head: Rows = [["Indicateur", "Année", "CC Une", "CC Deux"], ["Code SIREN", "", a, b]]
    file.xlsx([*BANNER, *head, ["Taux de pauvreté", 2021, 12.5, 8], ["Ménages pauvres", 2020, 500, "s"]])
    file.gives(C7=(a, "Taux de pauvreté", 12.5), D7=(b, "Taux de pauvreté", 8))
    file.gives(C8=(a, "Ménages pauvres", 500), D8=(b, "Ménages pauvres", "secret"))


@quirk("a total without code under the header is no row of years")
def no_years(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, [*KEYS, "NBMENPAUV21"], ["", "", 2021], [a, "CC Une", 1521], [b, "CC Deux", 500]])
    file.gives(C7=(a, "NBMENPAUV21", 1521), C8=(b, "NBMENPAUV21", 500))
    file.says(CHECK, "A6", "ligne de valeurs sans code ni libellé")


# --- rows that are parts ------------------------------------------------------------------------


def by_age(*zones: str) -> Rows:
    counts = (("- de 30", 100), ("30 et +", 345))
    return [[*KEYS, "Tranche", "NBMENPAUV21"], *([zone, "", age, count] for zone in zones for age, count in counts)]


@quirk("rows that a column tells apart without a total: that table is not read, the others are")
def parts_without_total(file: File, a: str, b: str) -> None:
    below: Rows = [CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8]]
    beside: Rows = [[*KEYS, "MED21"], [a, "CC Une", 21000], [b, "CC Deux", "s"]]
    file.xlsx({"Ages": [*BANNER, *by_age(a, b), [], *below], "Revenus": [*BANNER, *beside]})
    file.gives("Ages", C12=(a, "TP6021", 12.5), C13=(b, "TP6021", 8))
    file.gives("Revenus", C6=(a, "MED21", 21000), C7=(b, "MED21", "secret"))
    file.says(CHECK, "C6, C7, C8 et 1 autre", WITHOUT_TOTAL)


@quirk("rows that a column tells apart without a total, and nothing else in the file: no value, and why")
def nothing_but_parts(file: File, a: str, b: str) -> None:
    file.xlsx({"Ages": [*BANNER, *by_age(a, b)]})
    file.says(CHECK, "C6, C7, C8 et 1 autre", WITHOUT_TOTAL)
    file.says(CHECK, "", f"aucune valeur lue (Ages : {WITHOUT_TOTAL})")


@quirk("a code of Corsica in place of a value is no interval, « 1 à 4 » is one", zones=2)
def corsica_for_a_value(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, [*KEYS, "NBMENPAUV21"], [a, "CC Une", "2A004"], [b, "CC Deux", "1 à 4"]])
    file.says(BLOCKING, "C6", "« 2A004 » illisible")


@quirk("a long table with categories that nothing describes: how many lines of which is said")
def categories_left_out(file: File, a: str, b: str) -> None:
    head: list[object] = ["FILOSOFI_MEASURE", "GEO", "GEO_OBJECT", "AGE", "SEX", "TIME_PERIOD", "OBS_VALUE"]
    parts = [("_T", "_T", 12.5), ("Y_LT30", "_T", 19), ("Y30T39", "_T", 14), ("_T", "F", 13)]
    file.csv([head, *(["PR_MD60", zone, "EPCI", age, sex, 2023, rate] for zone in (a, b) for age, sex, rate in parts)])
    file.declares(2025)
    file.gives(G2=(a, "PR_MD60", 12.5), G6=(b, "PR_MD60", 12.5))
    found = "6 lignes non lues : ventilation non décrite, par « AGE » (Y_LT30, Y30T39), par « SEX » (F)"
    file.says(INFORMATION, "D3", found)


@pytest.mark.parametrize("name", quirk.cases)
def test_quirk(name: str, folder: Path) -> None:
    outcome = quirk.outcome(name, folder)
    assert outcome.found() == outcome.file.wanted()


# --- EPT of before 2023, whose composition is not packaged --------------------------------------


def test_ept_of_2021_are_refused_with_the_reason_and_all_the_rest_is_read(tmp_path: Path) -> None:
    """One file holds nothing else; a second also holds Paris and the Grand Paris; a third is of today."""
    alone, beside, today = (File(tmp_path, name) for name in ("seuls", "avec_paris", "recent"))
    ept, said = sorted(ALL_EPT), ["Géographie au 01/01/2021"]
    others: Rows = [["75056", "Paris", 15.5], ["200054781", "Métropole du Grand Paris", 17.5]]
    alone.xlsx([said, [*KEYS, "TP6018"], *([code, "EPT", 17] for code in ept)])
    beside.xlsx([said, [*KEYS, "TP6019"], [ept[0], "EPT", 28.5], *others])
    today.xlsx([*BANNER, [*KEYS, "TP6021"], [ept[0], "EPT", 28], *others])
    beside.gives(C4=("COM:75056", "TP6019", 15.5), C5=("200054781", "TP6019", 17.5))
    today.gives(C6=(f"EPT:{ept[0]}", "TP6021", 28), C7=("COM:75056", "TP6021", 15.5), C8=("200054781", "TP6021", 17.5))
    found = outcomes(tmp_path, [alone, beside, today])
    assert [one.error for one in found] == [None] * 3
    for one, codes in zip(found, (ept, ept[:1], []), strict=True):
        assert [line for line in one.found() if " : " in line and " = " in line] == one.file.wanted()
        why = "zones de 2021 non reprises dans la géographie de 2025 (composition des EPT non fournie avant 2023) : "
        told = [plain(fault.found) for fault in one.faults if "non reprises" in fault.found]
        assert told == ([why + ", ".join(f"EPT:{code}" for code in codes)] if codes else [])


def test_a_workspace_of_nothing_but_ept_of_2021_has_no_value_and_says_why(tmp_path: Path) -> None:
    file = File(tmp_path, "seuls")
    file.xlsx([["Géographie au 01/01/2021"], [*KEYS, "TP6018"], ["200057867", "EPT", 17]])
    (outcome,) = outcomes(tmp_path, [file])
    assert outcome.error is None
    assert outcome.observations.empty
    assert any("composition des EPT non fournie avant 2023" in fault.found for fault in outcome.faults)
