"""A text that is no value: what a person says of it in the sheet « Marques » is obeyed, and never lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correspondence_builders import (
    CAF,
    DEFAULTS,
    HEADER,
    SHORT,
    WORDS,
    ask,
    columns_of,
    edit,
    fill,
    heading,
    only_fault,
    short_job,
    texts,
)
from diagpacte.deliverables.correspondence import AskedText, Content, asked_marks, correspondence_bytes
from diagpacte.errors import DataError, FaultKind, Severity
from diagpacte.settings import load_settings
from diagpacte.sources.correspondence.answers import read_correspondence
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from diagpacte.sources.meaning.block import UnknownText
from diagpacte.sources.meaning.choices import Choices
from diagpacte.sources.rules import ReadingLimits
from diagpacte.store import read
from diagpacte.vocabulary import ABSENCES, VALUED, Availability
from diagpacte.workflow.correspondence import correspondence_path, read_answers
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.job import Job
from diagpacte.workflow.scaffold import add, init
from diagpacte.workspace import Workspace
from long_builders import line, long_file
from workbook_builders import Rows, faults, plain, rules, values, write_xlsx

MARKS = "Marques"
DEGREES = ["Non fragile", "Fragile", "Très fragile"]
X, STARS = AskedText(CAF, "x", 12, "EPCI!C7"), AskedText(CAF, "* (1)", 1, "EPCI!D9")
POVERTY, INCOME = "poverty_rate_pct", "median_income_eur_year"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return short_job(tmp_path)


def said(job: Job) -> dict[tuple[str, str], Availability]:
    answers = read_answers(job)
    assert not answers.faults, [str(fault) for fault in answers.faults]
    return dict(answers.choices.marks)


# --- What is written, and what is read back ---


def test_what_a_person_says_of_a_text_is_read_back(job: Job) -> None:
    assert ask(job, unread=[X, STARS])
    assert texts(job, MARKS) == [
        {"fichier": CAF, "texte": "x", "nombre de cellules": "12", "première cellule": "EPCI!C7", "veut dire": None},
        {"fichier": CAF, "texte": "* (1)", "nombre de cellules": "1", "première cellule": "EPCI!D9", "veut dire": None},
    ]
    assert said(job) == {}
    fill(job, {"veut dire": "secret statistique"}, {"veut dire": " Sans Objet"}, sheet=MARKS)
    assert said(job) == {(CAF, "x"): Availability.SECRET, (CAF, "* (1)"): Availability.NOT_APPLICABLE}


def test_every_reason_offered_is_understood_and_none_is_a_value(job: Job) -> None:
    ask(job, unread=[AskedText(CAF, f"z{n}", 1, "EPCI!C7") for n in range(len(ABSENCES) + len(DEGREES))])
    sheet = openpyxl.load_workbook(correspondence_path(job))[MARKS]
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.type, rule.errorStyle) == ("E4:E11", "list", "warning")
    offered = str(rule.formula1).strip('"').split(",")
    fill(job, *({"veut dire": word} for word in offered), sheet=MARKS)
    assert [*said(job).values()] == [*ABSENCES]
    assert [*read_answers(job).choices.degrees.values()] == [normalised(word) for word in DEGREES]
    assert not {*ABSENCES} & {*VALUED}
    assert {*ABSENCES} == {mark.availability for mark in DEFAULTS.missing_marks}


def test_the_sheet_is_there_only_when_a_text_is_asked(job: Job) -> None:
    ask(job, heading())
    assert MARKS not in openpyxl.load_workbook(correspondence_path(job)).sheetnames
    assert ask(job, heading(), unread=[X])
    assert openpyxl.load_workbook(correspondence_path(job)).sheetnames[3] == MARKS
    assert not ask(job, heading(), unread=[X])


def test_every_mark_of_the_trade_and_its_words_say_why_there_is_no_value(job: Job) -> None:
    marks = [mark for mark in DEFAULTS.missing_marks if mark.mark]
    typed = [(word, mark.availability) for mark in marks for word in dict.fromkeys((mark.mark, mark.label))]
    ask(job, unread=[AskedText(CAF, f"z{n}", 1, "EPCI!C7") for n in range(len(typed))])
    fill(job, *({"veut dire": word} for word, _ in typed), sheet=MARKS)
    found = said(job)
    assert [found[CAF, f"z{n}"] for n in range(len(typed))] == [reason for _, reason in typed]
    assert {"secret", "s", "nd", "confidentiel"} <= {word for word, _ in typed}


def test_a_text_that_a_person_says_is_a_degree_is_read_as_one(tmp_path: Path) -> None:
    rows: Rows = [
        ["Millésime : 2022"],
        ["Géographie au 01/01/2025"],
        ["CODGEO", "LIBGEO", "FRAG_EMPLOI", "TP6021"],
        ["200040715", "Une", "Fort", 12],
        ["200018166", "Deux", "peu-fragile", "fort"],
        ["200011773", "Trois", "TF", 14.5],
    ]
    path = write_xlsx(tmp_path / CAF, {"EPCI": rows}, merged={})
    degrees = {(CAF, "Fort"): "tres fragile", (CAF, "Peu fragile"): "fragile", (CAF, "TF"): "non fragile"}
    found = read_indicators(path, CAF, replace(rules(), choices=Choices(degrees=degrees)))
    grades = {zone: value for (zone, name, _), value in values(found).items() if name != POVERTY}
    assert grades == {"EPCI:200040715": 2, "EPCI:200018166": 1, "EPCI:200011773": 2}  # « TF » keeps its sense
    assert [(fault.cell, plain(fault.found)) for fault in faults(found)] == [
        ("D5", "« fort » illisible pour « Taux de pauvreté »")  # a degree is no rate
    ]


def test_a_degree_and_an_absence_for_one_text_are_two_answers(job: Job) -> None:
    ask(job, unread=[X])
    again = {"fichier": CAF, "texte": "X", "veut dire": "Fragile"}
    fill(job, {"veut dire": "sans objet"}, again, sheet=MARKS)
    fault = only_fault(read_answers(job))
    assert fault.cells == ("E4", "E5")
    assert "sans objet et Fragile" in fault.found


REFUSED: list[tuple[dict[str, object], str, str, str]] = [
    ({"veut dire": "secret médical"}, "E", "« secret médical » pour le texte « z0 »", "secret statistique, non"),
    ({"veut dire": "0"}, "E", "« 0 »", "cellule vide"),
    ({"veut dire": "sans objet", "texte": None}, "B", "réponse sans « texte »", "compléter"),
    ({"veut dire": "sans objet", "fichier": None}, "A", "réponse sans « fichier »", "compléter"),
]


def test_an_answer_that_is_no_word_of_the_list_is_said_with_its_cell(job: Job) -> None:
    ask(job, unread=[AskedText(CAF, f"z{n}", 1, "EPCI!C7") for n in range(len(REFUSED))])
    fill(job, *(typed for typed, _, _, _ in REFUSED), sheet=MARKS)
    answers = read_answers(job)
    for number, ((_, column, found, hint), fault) in enumerate(
        zip(REFUSED, answers.faults, strict=True), start=HEADER + 1
    ):
        cell = f"{column}{number}"
        assert (fault.file, fault.sheet, fault.cell, fault.cells) == ("correspondance.xlsx", MARKS, cell, (cell,))
        assert (fault.severity, fault.kind) == (Severity.BLOCKING, FaultKind.VALUE)
        assert found in fault.found
        assert hint in fault.expected + fault.remedy
    assert answers.choices.marks == {}


def test_two_answers_for_one_text_are_refused_with_both_cells(job: Job) -> None:
    ask(job, unread=[X])
    again = {"fichier": "CAF_2023.xlsx", "texte": "X"}
    fill(job, {"veut dire": "sans objet"}, again | {"veut dire": "secret statistique"}, sheet=MARKS)
    assert only_fault(read_answers(job)).cells == ("E4", "E5")
    fill(job, {"veut dire": "sans objet"}, again | {"veut dire": "sans objet"}, sheet=MARKS)
    assert said(job) == {(CAF, "x"): Availability.NOT_APPLICABLE}


def test_a_number_said_to_be_a_mark_is_to_check(job: Job) -> None:
    ask(job, unread=[X])
    fill(job, {"texte": 0, "veut dire": "secret statistique"}, sheet=MARKS)
    fault = only_fault(read_answers(job))
    assert (fault.severity, fault.cells) == (Severity.CHECK, ("B4",))


def test_a_sheet_without_its_headings_is_said_and_nothing_is_written_over(job: Job) -> None:
    ask(job, unread=[X])

    def change(book: Any) -> None:
        book[MARKS].cell(HEADER, columns_of(book[MARKS])["veut dire"]).value = "sens"

    edit(job, change)
    assert only_fault(read_answers(job)).sheet == MARKS
    with pytest.raises(DataError, match=MARKS):
        ask(job, unread=[X, STARS])


# --- What was typed is kept ---


def test_what_was_typed_stays_when_new_texts_come(job: Job) -> None:
    ask(job, unread=[X])
    fill(job, {"veut dire": "à voir avec la Caf"}, sheet=MARKS)
    edit(job, lambda book: book[MARKS].cell(HEADER, 6, "avis de Paul"))
    edit(job, lambda book: book[MARKS].cell(HEADER + 1, 6, "secret ?"))
    assert ask(job, unread=[STARS, replace(X, text="X", count=14, cell="COM!C8")])
    first, second = texts(job, MARKS)
    assert first["texte"] == "* (1)"
    assert second == {
        "fichier": CAF, "texte": "X", "nombre de cellules": "14", "première cellule": "COM!C8",
        "veut dire": "à voir avec la Caf", "avis de Paul": "secret ?",
    }  # fmt: skip


def test_a_column_that_someone_added_elsewhere_may_bear_a_heading_of_ours(job: Job) -> None:
    ask(job, heading("C"), unread=[X])
    edit(job, lambda book: book["Colonnes"].cell(HEADER, 16, "texte"))
    edit(job, lambda book: book["Colonnes"].cell(HEADER + 1, 16, "à relire"))
    assert ask(job, heading("C"), heading("D"), unread=[X])
    assert [row["texte"] for row in texts(job)] == ["à relire", None]


def test_an_answer_outlives_its_question_and_its_file(job: Job) -> None:
    ask(job, heading(), unread=[X, STARS])
    fill(job, {"veut dire": "secret statistique"}, sheet=MARKS)
    before = said(job)
    ask(job, heading(), unread=[])  # read again: « x » is a secret now, and « * (1) » was corrected
    assert [(row["texte"], row["première cellule"]) for row in texts(job, MARKS)] == [
        ("x", "lu selon cette réponse, ou absent de ce fichier")
    ]
    assert not ask(job, heading(), unread=[])
    ask(job, heading(source_id="autre.xlsx"), unread=[AskedText("autre.xlsx", "x", 1, "A!B2")], others=[CAF])
    assert [row["fichier"] for row in texts(job, MARKS)] == ["autre.xlsx", CAF]
    ask(job, heading(source_id="autre.xlsx"))
    (row,) = texts(job, MARKS)
    assert (row["fichier"], row["première cellule"]) == (CAF, "n’est plus dans les fichiers")
    assert said(job) == before


# --- What it does to the values ---


def sheet(*lines: list[object]) -> Rows:
    return [["Géographie au 01/01/2025"], ["CODGEO", "LIBGEO", "Taux de pauvreté 2021", "MED21"], *lines]


def reading(
    folder: Path,
    rows: Rows,
    marks: dict[tuple[str, str], Availability] | None = None,
    others: dict[str, Rows] | None = None,
) -> IndicatorReading:
    path = write_xlsx(folder / CAF, {"EPCI": rows} | (others or {}), merged={})
    return read_indicators(path, CAF, replace(rules(), choices=Choices(marks=marks or {})))


SHEET = sheet(["200040715", "Une", "x", 21000], ["200018166", "Deux", 14.5, "X"], ["200011773", "Trois", "x", "12 34"])


def test_a_text_that_cannot_be_read_is_counted_with_its_first_cell(tmp_path: Path) -> None:
    found = reading(tmp_path, SHEET)
    assert found.unknown_texts == [UnknownText("x", 3, "EPCI!C3"), UnknownText("12 34", 1, "EPCI!D5")]
    assert [(fault.cell, plain(fault.found)) for fault in faults(found)] == [
        ("C3, C5", "« x » illisible pour « Taux de pauvreté »"),
        ("D4, D5", "« X », « 12 34 » illisibles pour « Niveau de vie médian »"),
    ]
    assert all("« Marques » de data/saisies/correspondance.xlsx" in fault.remedy for fault in faults(found))


def test_a_text_that_was_said_becomes_a_missing_value_with_its_reason(tmp_path: Path) -> None:
    marks = {(CAF, "x"): Availability.SECRET, (CAF, "12 34"): Availability.NOT_AVAILABLE}
    found = reading(tmp_path, SHEET, marks)
    assert not faults(found)
    assert found.unknown_texts == []
    known = {(zone, name): value for (zone, name, _), value in values(found).items()}
    assert known == {
        ("EPCI:200040715", POVERTY): "secret",
        ("EPCI:200018166", POVERTY): 14.5,
        ("EPCI:200011773", POVERTY): "secret",
        ("EPCI:200040715", INCOME): 21000,
        ("EPCI:200018166", INCOME): "secret",
        ("EPCI:200011773", INCOME): "not_available",
    }


def test_a_value_is_never_taken_for_a_mark_and_a_known_mark_may_be_said_otherwise(tmp_path: Path) -> None:
    marks = {(CAF, text): Availability.SECRET for text in ("14,5", "14.5", "0", "-", "< 5")}
    lines = [["200040715", "Une", "14,5", "-"], ["200018166", "Deux", 0, 21000], ["200011773", "Trois", "< 5", "ns"]]
    found = values(reading(tmp_path, sheet(*lines), marks))
    assert [*found.values()].count("secret") == 1
    assert found["EPCI:200040715", INCOME, 2021] == "secret"
    assert found["EPCI:200011773", INCOME, 2021] == "not_significant"
    assert found["EPCI:200040715", POVERTY, 2021] == 14.5
    assert found["EPCI:200018166", POVERTY, 2021] == 0


def test_a_text_in_a_column_of_grades_is_asked_and_said_like_another(tmp_path: Path) -> None:
    rows: Rows = [
        ["Géographie au 01/01/2025"],
        ["CODGEO", "LIBGEO", "FRAG_EMPLOI", "TP6021"],  # the year of a grade is in the sheet of variables
        ["200040715", "Une", "Assez fragile", 12],
        ["200018166", "Deux", "Fragile", "assez  fragile"],
        ["200011773", "Trois", 3, 14.5],
    ]
    variables: Rows = [["VAR_ID", "VAR_LIB", "MILLESIME"], ["FRAG_EMPLOI", "Insertion professionnelle", "2022-2024"]]
    found = reading(tmp_path, rows, others={"Variables": variables})
    assert found.unknown_texts == [UnknownText("Assez fragile", 2, "EPCI!C3")]  # 3 is no text
    marks = {(CAF, "Assez fragile"): Availability.NOT_AVAILABLE, (CAF, "Fragile"): Availability.SECRET}
    rows[-1][2] = "Non fragile"
    again = reading(tmp_path, rows, marks, {"Variables": variables})
    assert not faults(again)
    grades = {zone: value for (zone, name, _), value in values(again).items() if name != POVERTY}
    assert grades == {"EPCI:200040715": "not_available", "EPCI:200018166": 1, "EPCI:200011773": 0}


def test_a_text_in_a_long_table_is_asked_and_said_like_another(tmp_path: Path) -> None:
    path = long_file(tmp_path, line(OBS_VALUE="x"), line(GEO="200018166"), line(GEO="200040715", CONF_STATUS="C"))
    before = read_indicators(path, CAF, rules(), geo_vintage=2025)
    assert [(one.text, one.count, one.cell) for one in before.unknown_texts] == [("x", 1, "I2")]
    said = replace(rules(), choices=Choices(marks={(path.name, "x"): Availability.NOT_APPLICABLE}))
    found = read_indicators(path, CAF, said, geo_vintage=2025)
    assert not faults(found)
    assert [*values(found).values()] == ["not_applicable", 12.5, "secret"]


SECRET, ABSENT = Availability.SECRET, Availability.NOT_AVAILABLE


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({("caf_2022.xlsx", "X"): SECRET}, {"x": SECRET}),
        ({("CAF_2022.xls", "x"): SECRET, ("caf_2021.xlsx", "x"): SECRET}, {"x": SECRET}),
        ({("caf_2022.xlsx", "x"): SECRET, ("caf_2021.xlsx", "x"): ABSENT}, {}),
        ({("caf_2022.xlsx", "x"): SECRET, (CAF, "x"): ABSENT, ("caf_2021.xlsx", "x"): SECRET}, {"x": ABSENT}),
        ({("msa_2023.xlsx", "x"): SECRET}, {}),
    ],
)
def test_an_answer_holds_for_its_file_and_its_vintages(
    marks: dict[tuple[str, str], Availability], expected: dict[str, Availability]
) -> None:
    assert Choices(marks=marks).marks_of(CAF) == expected
    assert Choices(marks=marks).merged([]).marks == marks


# --- From the file received to the table ---

UNREADABLE = "« x » illisible pour « Taux de pauvreté »"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    init(tmp_path / "espace", "38", "2026-01-01")
    return Workspace(tmp_path / "espace")


def received(space: Workspace, name: str, *lines: list[object]) -> Path:
    return write_xlsx(space.root.parent / name, {"EPCI": sheet(*lines)}, merged={})


def test_a_text_goes_from_add_to_the_table_by_way_of_the_person_and_comes_back_next_year(space: Workspace) -> None:
    words = {"producer": "Caf", "licence": "LO 2.0", "vintage": "2021"}
    first = received(space, CAF, ["200040715", "Une", "x", 21000], ["200018166", "Deux", 14.5, 20000])
    done = add(space.root, [first], **words)
    assert done.next_step == "compléter correspondance.xlsx, puis diagpacte ingest"
    with pytest.raises(DataError) as refused:
        ingest(space.root)
    (fault,) = refused.value.faults
    assert (fault.file, fault.sheet, fault.cell, plain(fault.found)) == (CAF, "EPCI", "C3", UNREADABLE)
    assert "« Marques » de data/saisies/correspondance.xlsx" in fault.remedy
    job = Job(space, load_settings(space.root))
    (row,) = texts(job, MARKS)
    assert (row["texte"], row["nombre de cellules"], row["première cellule"]) == ("x", "1", "EPCI!C3")
    fill(job, {"veut dire": "secret statistique"}, sheet=MARKS)
    ingest(space.root)
    table = read(space.processed / "observations.parquet")
    secret = table[table["value"].isna()]
    assert secret[["zone_code", "indicator", "availability", "row", "column"]].to_numpy().tolist() == [
        ["EPCI:200040715", POVERTY, "secret", 3, "C"]
    ]
    assert len(table) == 4
    second = received(space, "caf_2024.xlsx", ["200040715", "Une", 12.5, "x"], ["200018166", "Deux", "y", 20100])
    add(space.root, [second], **words)
    assert [(row["fichier"], row["texte"]) for row in texts(job, MARKS)] == [("caf_2024.xlsx", "y"), (CAF, "x")]


@given(
    asked=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=40).map(
            str.strip
        ),
        min_size=1,
        max_size=20,
        unique_by=normalised,
    ).filter(lambda found: all(map(normalised, found))),
    reasons=st.lists(st.sampled_from([*ABSENCES]), min_size=20, max_size=20),
)
@settings(max_examples=25, deadline=None)
def test_any_text_goes_out_and_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, asked: list[str], reasons: list[Availability]
) -> None:
    cells = [
        {**row, "veut dire": ABSENCES[reason]}
        for row, reason in zip(asked_marks([AskedText(CAF, text, 1, "A!B2") for text in asked]), reasons, strict=False)
    ]
    path = tmp_path_factory.getbasetemp() / "any" / "marques.xlsx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(correspondence_bytes(Content(marks=cells), SHORT, WORDS, DEFAULTS.as_of))
    answers = read_correspondence(path, SHORT, ReadingLimits())
    wanted = {(CAF, text): reason for text, reason in zip(asked, reasons, strict=False)}
    assert answers.choices.marks == wanted
    assert all(fault.severity is Severity.CHECK for fault in answers.faults)  # texts that are numbers
