"""The unit of a column, when a person must say it: asked with words that name it, obeyed exactly, never a bare « oui ».

Every table is invented; the communes exist. The bounds and the values are worked out by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence_builders import HEADER, columns_of, fill, only_fault, short_job, texts
from diagpacte.deliverables.correspondence import UNITS, AskedFile
from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from diagpacte.sources.meaning.choices import Choice, Choices
from diagpacte.sources.meaning.grades import GradeReader, uncounted
from diagpacte.sources.meaning.multiples import half_step, mention, multiplied
from diagpacte.sources.meaning.possible import impossible
from diagpacte.sources.meaning.typed_units import NAMES, TYPED, fits
from diagpacte.sources.meaning.wording import factor_said
from diagpacte.workflow.correspondence import correspondence_path, read_answers, updated
from diagpacte.workflow.job import Job
from workbook_builders import Rows, plain, rules, values, write_csv

ZONES = ("97302", "97120", "97105")
POVERTY, POOR, INCOME = "poverty_rate_pct", "poor_households_count", "median_income_eur_year"
ALONE, JOBS = "lone_parent_households_pct", "grade_employment"
VACANT = "vacant_dwellings_pct"
OFFERED = (POVERTY, POOR, INCOME, ALONE, JOBS, VACANT)
DICTIONARY = rules().dictionary
Answered = Callable[..., IndicatorReading]


def table(*columns: tuple[object, ...]) -> Rows:
    """Communes; each column is its heading, then its cells from top to bottom."""
    codes = ("CODGEO", *ZONES[: len(columns[0]) - 1])
    return [list(row) for row in zip(codes, *columns, strict=True)]


def read_as(folder: Path, rows: Rows, *said: Choice, above: tuple[str, ...] = ()) -> IndicatorReading:
    """`rows` read under the lines `above`, a person having said `said` of its columns."""
    path = write_csv(folder / "a.csv", [*([line] for line in above), *rows])
    return read_indicators(path, "a", replace(rules(), choices=Choices(said)), geo_vintage=2025)


def answer(heading: str, meaning: str, unit: str = "", year: int | None = None) -> Choice:
    return Choice("a.csv", "", heading, "", meaning, year, unit)


def of(reading: IndicatorReading, indicator: str) -> list[Any]:
    """The values, or the reasons of their absence, in the order of the zones."""
    return [values(reading)[key] for key in values(reading) if key[1] == indicator]


def cell(reading: IndicatorReading, column: str) -> list[Any]:
    return list(reading.observations[column])


def reasons(reading: IndicatorReading) -> list[str]:
    return [plain(reason) for reason in reading.headings["reason"] if reason]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "espace"
    folder.mkdir()
    short = short_job(folder)
    few = [one for one in rules().indicators if one.indicator in OFFERED]  # the whole is slow to write
    return Job(short.space, short.settings.model_copy(update={"indicators": few}))


@pytest.fixture
def answered(job: Job, tmp_path: Path) -> Answered:
    """A table read, its questions written in Excel, answered row by row, and the table read again."""

    def read_again(rows: Rows, *typed: dict[str, object]) -> IndicatorReading:
        path = write_csv(tmp_path / "a.csv", rows)
        before = read_indicators(path, path.name, rules(), geo_vintage=2025)
        correspondence_path(job).parent.mkdir(parents=True, exist_ok=True)
        asked = updated(job, before.headings, [AskedFile(path.name, "tableau", 2025)])
        correspondence_path(job).write_bytes(asked or b"")
        fill(job, *typed)
        answers = read_answers(job)
        assert not answers.faults, [str(fault) for fault in answers.faults]
        return read_indicators(path, path.name, replace(rules(), choices=answers.choices), geo_vintage=2025)

    return read_again


# --- A proposition whose unit is not known ---------------------------------------------------------

COUNTS = table(("Familles monoparentales 2021", 12, 45), ("Logements vacants 2021", 30, 7), ("TP6021", 12.5, 30))


def test_a_bare_label_is_proposed_with_its_unit_and_never_as_certain(job: Job, answered: Answered) -> None:
    answered(COUNTS)
    first, second = texts(job)
    assert first["proposition"] == f"Familles monoparentales — {ALONE}"
    assert plain(str(first["confiance"])) == plain(str(second["confiance"])) == "à vérifier : en %"
    assert "rien ne dit si ce sont des nombres ou des taux" in str(first["pourquoi"])


def test_yes_down_the_column_makes_no_count_a_percentage(job: Job, answered: Answered, tmp_path: Path) -> None:
    answered(COUNTS)
    fill(job, {"garder": "oui"}, {"garder": "oui"})
    answers = read_answers(job)
    assert answers.choices.columns == ()
    for number, fault in enumerate(answers.faults, start=HEADER + 1):
        assert (fault.severity, fault.kind, fault.cells) == (Severity.BLOCKING, FaultKind.UNIT, (f"M{number}",))
        assert "« à vérifier : en % »" in plain(fault.found)
        assert "« retenir comme »" in fault.remedy
    assert len(answers.faults) == 2


def test_the_unit_said_with_yes_or_an_indicator_chosen_by_name_is_enough(answered: Answered) -> None:
    reading = answered(COUNTS, {"garder": "oui", "unité": "% (0 à 100)"}, {"retenir comme": VACANT})
    assert of(reading, ALONE) == [12, 45]
    assert of(reading, VACANT) == [30, 7]


def test_a_proposition_that_is_a_percentage_is_not_obeyed_as_a_count(job: Job, answered: Answered) -> None:
    answered(COUNTS)
    fill(job, {"garder": "oui", "unité": "nombre"}, {"garder": "non"})
    fault = only_fault(read_answers(job))
    assert (fault.cells, fault.kind) == (("M4",), FaultKind.UNIT)
    assert "« nombre » pour « Familles monoparentales »" in plain(fault.found)


# --- What may be typed ----------------------------------------------------------------------------


def test_every_unit_offered_is_understood_and_every_unit_understood_is_offered() -> None:
    assert [NAMES[plain_word] for plain_word in map(str.casefold, ["milliers", "k€", "nombre"])] == [
        "thousands",
        "thousands_eur",
        "count",
    ]
    assert [unit.shown for unit in TYPED.values()] == [*UNITS]


@pytest.mark.parametrize(
    ("unit", "indicator", "allowed"),
    [
        ("milliers", POOR, True), ("millions", POOR, True), ("k€", POOR, False), ("k€", INCOME, True),
        ("milliers", INCOME, True), ("milliers", POVERTY, False), ("% (0 à 100)", POOR, False), ("nombre", POOR, True),
        ("nombre", POVERTY, False), ("degrés de 1 à 3", JOBS, True), ("degrés de 1 à 3", POOR, False),
    ],
)  # fmt: skip
def test_a_unit_is_refused_for_an_indicator_that_it_cannot_be_of(
    job: Job, answered: Answered, unit: str, indicator: str, allowed: bool
) -> None:
    answered(table(("Inconnue 2021", 12, 45)))
    fill(job, {"retenir comme": indicator, "année": 2021, "unité": unit})
    faults = read_answers(job).faults
    assert (not faults) == allowed == fits(next(name for name in TYPED if TYPED[name].shown == unit), _unit(indicator))
    assert all(fault.cells == ("M4",) and "ou rien" in fault.expected for fault in faults)


def _unit(indicator: str) -> str:
    known = DICTIONARY.by_name(indicator)
    assert known is not None
    return known.unit


# --- Thousands ------------------------------------------------------------------------------------

THOUSANDS = "Ménages pauvres 2021 (en milliers)"


def test_thousands_are_multiplied_exactly_once_a_person_says_so(job: Job, answered: Answered) -> None:
    reading = answered(
        table((THOUSANDS, "3,451", "120,5"), ("TP6021", 12.5, 30)), {"garder": "oui", "unité": "milliers"}
    )
    (row,) = texts(job)
    assert plain(str(row["confiance"])) == "à vérifier : en nombre"
    assert of(reading, POOR) == [3451, 120_500]
    assert of(reading, POVERTY) == [12.5, 30]
    found = reading.observations[reading.observations["indicator"].eq(POOR)]
    assert [plain(flag) for flag in found["flag"]] == ["× 1 000"] * 2
    assert [*found["published_text"]] == ["3,451", "120,5"]
    assert [*found["column"] + found["row"].astype(str)] == ["B2", "B3"]
    assert not [fault for fault in reading.faults if fault.severity is Severity.BLOCKING]


def test_without_its_unit_the_answer_reads_no_thousand_as_a_unit(tmp_path: Path) -> None:
    for unit in ("", "count", "millions"):
        reading = read_as(tmp_path, table((THOUSANDS, "3,451", "120,5")), answer(THOUSANDS, POOR, unit))
        assert reading.observations.empty, unit
        assert "« en milliers »" in reasons(reading)[0]


def test_a_title_in_thousands_is_answered_for_each_column(tmp_path: Path) -> None:
    rows = table(("NBMENPAUV21", 3.451, 2), ("NBMENFISC21", 34_510, 20_000))
    said = [answer("NBMENPAUV21", POOR, "thousands"), answer("NBMENFISC21", "fiscal_households_count", "count")]
    reading = read_as(tmp_path, rows, *said, above=("Effectifs en milliers",))
    assert of(reading, POOR) == [3451, 2000]
    assert of(reading, "fiscal_households_count") == [34_510, 20_000]


def test_a_column_that_says_nothing_is_multiplied_when_a_person_says_so(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("NBMENPAUV21", 3.451, 2)), answer("NBMENPAUV21", POOR, "thousands"))
    assert of(reading, POOR) == [3451, 2000]


def test_the_bounds_of_a_multiplied_value_are_multiplied_and_a_rounding_is_said(tmp_path: Path) -> None:
    said = answer("NBMENPAUV21", POOR, "thousands")
    reading = read_as(tmp_path, table(("NBMENPAUV21", "120,5", "< 5", "nd")), said)
    assert cell(reading, "value")[:2] == [120_500, 5_000]
    assert cell(reading, "availability") == ["observed", "censored", "not_available"]
    assert cell(reading, "lower")[:2] == [120_450, 0]
    assert cell(reading, "upper")[:2] == [120_550, 5_000]
    exact = read_as(tmp_path, table(("NBMENPAUV21", "120,512", "7,001", "3")), said)
    assert cell(exact, "value") == [120_512, 7_001, 3_000]
    assert np.isnan(cell(exact, "lower")).all()


def test_a_unit_written_in_a_cell_contradicts_a_column_said_in_thousands(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("MED21", "21 780 €", "22")), answer("MED21", INCOME, "thousands_eur"))
    assert of(reading, INCOME) == [22_000]
    (fault,) = [fault for fault in reading.faults if fault.severity is Severity.BLOCKING]
    assert "« 21 780 € » illisible" in plain(fault.found)


def test_the_next_vintage_is_multiplied_as_the_first_was(tmp_path: Path) -> None:
    said = Choice("a 2021.csv", "", THOUSANDS, "", POOR, None, "thousands")
    path = write_csv(tmp_path / "a 2022.csv", table((THOUSANDS.replace("2021", "2022"), 3.451, 2)))
    reading = read_indicators(path, "a", replace(rules(), choices=Choices((said,))), geo_vintage=2025)
    assert values(reading)["COM:97302", POOR, 2022] == 3451


def test_what_was_said_to_be_in_thousands_is_asked_again_where_the_next_file_does_not_say_so(tmp_path: Path) -> None:
    """« envoi_09 » and « envoi_12 » may be two years of one file, or two files."""
    said = Choice("envoi_09.csv", "", "NBMENPAUV21", "", POOR, None, "thousands")
    path = write_csv(tmp_path / "envoi_12.csv", table(("NBMENPAUV21", 3451, 2000)))
    reading = read_indicators(path, "a", replace(rules(), choices=Choices((said,))), geo_vintage=2025)
    assert reading.observations.empty
    (reason,) = reasons(reading)
    assert reason.endswith("« milliers » pour envoi_09.csv")
    (row,) = reading.headings.to_dict("records")
    assert (row["proposed"], row["meaning"]) == (POOR, "")
    own = replace(said, file="envoi_12.csv", unit="count")
    again = read_indicators(path, "a", replace(rules(), choices=Choices((said, own))), geo_vintage=2025)
    assert of(again, POOR) == [3451, 2000]


@given(st.integers(0, 10**9), st.sampled_from([1_000, 1_000_000]))
def test_a_number_in_thousands_or_millions_finds_its_whole_number_again(whole: int, factor: int) -> None:
    written = np.array([whole / factor, np.nan])
    assert multiplied(written, factor)[0] == whole
    assert np.isnan(multiplied(written, factor)[1])
    assert half_step(written, factor) <= factor / 2


@pytest.mark.parametrize(
    ("written", "factor", "half"),
    [
        ([120.5, 3.0], 1_000, 50),
        ([120.0], 1_000, 500),
        ([3.451, 120.5], 1_000, 0),
        ([1.25], 1_000_000, 5_000),
        ([], 1_000, 500),
    ],
)
def test_what_a_rounding_leaves_unknown_is_half_of_its_last_decimal(
    written: list[float], factor: int, half: float
) -> None:
    assert half_step(np.array(written, dtype=np.float64), factor) == half


def test_the_words_of_a_multiple_say_its_factor() -> None:
    assert [factor_said(words) for words in ("en milliers", "k€", "en millions", "M€", "milliards", "pour 1 000", "")] == [
        1_000, 1_000, 1_000_000, 1_000_000, 1_000_000_000, 0, 0,
    ]  # fmt: skip
    assert plain(mention(1_000_000)) == "× 1 000 000"


# --- Degrees --------------------------------------------------------------------------------------

FACTOR = next(one for one in rules().factors if one.grade_indicator == JOBS)


def degrees(*cells: object) -> Rows:
    """The year of a grade is said by the line above."""
    return [["Millésime : 2022"], *table(("FRAG_EMPLOI", *cells))]


@pytest.mark.parametrize("word", ["Non-fragile", "NON FRAGILE", " non – fragile ", "Non\u2011fragile", "non_fragile"])
def test_a_hyphen_changes_no_degree(word: str) -> None:
    read = GradeReader(FACTOR, rules().marks, {}, {}).read(word)
    assert read is not None
    assert read.value == 0
    mark = GradeReader(FACTOR, rules().marks, {}, {}).read("-")
    assert mark is not None
    assert mark.value is None


@pytest.mark.parametrize("cells", [(1, 2, 1), (1, 2, 3), (1, 2, "Fragile")])
def test_digits_without_a_zero_are_asked_and_nothing_of_them_is_read(tmp_path: Path, cells: tuple[object, ...]) -> None:
    reading = read_as(tmp_path, degrees(*cells))
    assert of(reading, JOBS) == ([1] if "Fragile" in cells else [])
    assert reasons(reading) == ["degrés écrits en chiffres, sans 0 : de 0 à 2, ou de 1 à 3 ?"]
    assert not [fault for fault in reading.faults if "illisible" in fault.found]
    (told,) = [fault for fault in reading.faults if "de 0 à 2" in fault.found]
    assert (told.severity, "« Colonnes »" in told.remedy) == (Severity.CHECK, True)


def test_a_column_with_a_zero_counts_from_zero_and_asks_nothing(tmp_path: Path) -> None:
    reading = read_as(tmp_path, degrees(0, 2, 1))
    assert of(reading, JOBS) == [0, 2, 1]
    assert not reasons(reading)


@pytest.mark.parametrize(
    ("unit", "expected"), [("degrés de 1 à 3", [0, 1, 0]), ("degrés de 0 à 2", [1, 2, 1]), ("de 1 à 3", [0, 1, 0])]
)
def test_a_person_says_where_the_digits_begin(job: Job, answered: Answered, unit: str, expected: list[int]) -> None:
    reading = answered(degrees(1, 2, 1), {"garder": "oui", "unité": unit})
    (row,) = texts(job)
    assert plain(str(row["confiance"])) == "à vérifier : en degrés"
    assert row["proposition"].endswith(JOBS)  # type: ignore[union-attr]
    assert of(reading, JOBS) == expected
    assert not [fault for fault in reading.faults if fault.severity is Severity.BLOCKING]


def test_a_digit_out_of_the_degrees_that_were_said_is_illegible(tmp_path: Path) -> None:
    reading = read_as(tmp_path, degrees(1, 2, 3), answer("FRAG_EMPLOI", JOBS, "grade_0_2"))
    assert of(reading, JOBS) == [1, 2]
    assert any("« 3 » illisible" in plain(fault.found) for fault in reading.faults)
    assert of(read_as(tmp_path, degrees(1, 2, 3), answer("FRAG_EMPLOI", JOBS, "grade_1_3")), JOBS) == [0, 1, 2]


def test_digits_that_need_no_answer() -> None:
    assert uncounted(["1", "TF", "", " 2 "]) == [0, 3]
    assert uncounted(["1", "0", "2"]) == []
    assert uncounted(["45", "Fragile"]) == []  # no degree at all: illegible


# --- Values that cannot be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "never"),
    [
        (POOR, -1, True), (POOR, -999, True), (POOR, 10**9, False), (POVERTY, -0.5, True), (POVERTY, 100.1, True),
        (POVERTY, 100, False), (POVERTY, np.nan, False), (INCOME, -5, True), (INCOME, 200, False),
        ("employment_growth_pct_year", -25, False),
    ],
)  # fmt: skip
def test_only_the_bounds_of_the_dictionary_make_a_value_impossible(name: str, value: float, never: bool) -> None:
    indicator = DICTIONARY.by_name(name)
    assert indicator is not None
    assert impossible(indicator, np.array([value])).tolist() == [never]


def test_no_indicator_that_may_fall_below_zero_has_an_impossible_value() -> None:
    falling = [one for one in rules().indicators if one.low is not None and one.low < 0]
    assert falling
    assert not any(impossible(one, np.array([-1e9, 1e9, 0])).any() for one in falling)


def test_an_impossible_value_is_no_observation_and_is_named(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("NBMENPAUV21", -999, 120, -1), ("TP6021", 12.5, 108.9, 30)))
    assert of(reading, POOR) == ["not_available", 120, "not_available"]
    assert of(reading, POVERTY) == [12.5, "not_available", 30]
    gone = reading.observations[reading.observations["availability"].eq("not_available")]
    assert sorted(gone["published_text"]) == ["-1", "-999", "108,9"]
    assert {*gone["flag"]} == {"valeur impossible"}
    told = {fault.cell: (plain(fault.found), fault.severity, fault.kind) for fault in reading.faults}
    assert told == {
        "B2, B4": ("valeur impossible pour « Ménages pauvres » : -999, -1", Severity.CHECK, FaultKind.VALUE),
        "C3": ("valeur impossible pour « Taux de pauvreté » : 108,9", Severity.CHECK, FaultKind.VALUE),
    }
    assert all("n’est pas lue" in fault.remedy for fault in reading.faults)


def test_what_is_merely_outside_the_usual_is_read_and_told(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("MED21", 200, 21_000), ("EVEMP1520", -25, 1.5)))
    assert of(reading, INCOME) == [200, 21_000]
    assert of(reading, "employment_growth_pct_year") == [-25, 1.5]
    assert ["lue telle quelle" in fault.remedy for fault in reading.faults] == [True, True]


def test_a_code_of_absence_among_shares_from_0_to_1_does_not_settle_their_scale(tmp_path: Path) -> None:
    reading = read_as(tmp_path, table(("TP6021", 0.125, -999, 0.3)))
    assert any("pourcentages, ou parts de 0 à 1 ?" in plain(fault.found) for fault in reading.faults)
    followed = read_as(tmp_path, table(("TP6021", 0.125, -999, 0.3)), answer("TP6021", POVERTY, "fraction"))
    assert of(followed, POVERTY) == [12.5, "not_available", 30]


def test_the_list_of_units_fits_in_a_cell_of_a_spreadsheet(job: Job, answered: Answered) -> None:
    answered(COUNTS)
    sheet = openpyxl.load_workbook(correspondence_path(job))["Colonnes"]
    column = openpyxl.utils.get_column_letter(columns_of(sheet)["unité"])
    (rule,) = [one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{column}4")]
    assert str(rule.formula1).strip('"').split(",") == [*UNITS]
    assert len(str(rule.formula1)) <= 255


# --- The same, one line per zone and measure ------------------------------------------------------


def lines(measure: str, *cells: object, unit: str = "", **columns: str) -> Rows:
    """Lines of one measure, a unit beside each; `columns` are headings and texts added to all of them."""
    return [
        ["CODGEO", "AN", "VARIABLE", "UNITE", "VALEUR", *columns],
        *([zone, "2021", measure, unit, cell, *columns.values()] for zone, cell in zip(ZONES, cells, strict=False)),
    ]


def said_of(measure: str, meaning: str, unit: str = "") -> Choice:
    return Choice("a.csv", "", measure, "VARIABLE", meaning, None, unit)


@pytest.mark.parametrize(
    ("rows", "above", "why"),
    [
        (lines("Ménages pauvres (en milliers)", 3.451, 2), (), "« en milliers »"),
        (lines("NBMENPAUV21", 3.451, 2, unit="Milliers"), (), "« milliers »"),
        (lines("NBMENPAUV21", 3.451, 2), ("Effectifs en milliers",), "« en milliers »"),
        (lines("Familles monoparentales", 12, 45), (), "rien ne dit si ce sont des nombres ou des taux"),
        (lines("TP6021", 0.125, 0.3, unit="%"), (), "pourcentages, ou parts de 0 à 1 ?"),
    ],
)
def test_a_measure_whose_unit_is_not_sure_is_asked_and_not_read(
    tmp_path: Path, rows: Rows, above: tuple[str, ...], why: str
) -> None:
    reading = read_as(tmp_path, rows, above=above)
    refused = any(why in plain(fault.found) for fault in reading.faults if fault.severity is Severity.BLOCKING)
    assert reading.observations.empty or refused
    (row,) = reading.headings.to_dict("records")
    assert why in plain(row["reason"])
    assert row["proposed"] in (POOR, ALONE, POVERTY)


def test_a_measure_in_thousands_is_multiplied_once_a_person_says_so(tmp_path: Path) -> None:
    rows = lines("NBMENPAUV21", "3.451", "120.5", unit="Milliers")
    reading = read_as(tmp_path, rows, said_of("NBMENPAUV21", POOR, "thousands"))
    assert of(reading, POOR) == [3451, 120_500]
    assert {plain(flag) for flag in reading.observations["flag"]} == {"× 1 000"}
    assert read_as(tmp_path, rows, said_of("NBMENPAUV21", POOR)).observations.empty


def test_a_power_of_ten_in_a_column_is_never_multiplied_twice(tmp_path: Path) -> None:
    rows = lines("Ménages pauvres (en milliers)", "3.451", "2", unit="Nombre", UNIT_MULT="3")
    assert of(read_as(tmp_path, rows), POOR) == [3451, 2000]
    twice = read_as(tmp_path, rows, said_of("Ménages pauvres (en milliers)", POOR, "thousands"))
    assert twice.observations.empty
    assert any("déjà sa puissance de dix" in fault.found for fault in twice.faults)
