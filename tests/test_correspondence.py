"""What a person says of a column in Excel is obeyed, or said with its cell; never guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correspondence_builders import (
    CAF,
    DEFAULTS,
    HEADER,
    NEW,
    SHORT,
    UNEMPLOYMENT,
    WORDS,
    Edit,
    ask,
    columns,
    columns_of,
    drop_down_words,
    edit,
    fill,
    heading,
    only_fault,
    said,
    short_job,
    sorted_and_widened,
    texts,
)
from diagpacte.deliverables.correspondence import AskedFile, Content, correspondence_bytes
from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.correspondence.answers import read_correspondence
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.indicators import read_indicators
from diagpacte.sources.meaning.choices import Choice, Meaning
from diagpacte.sources.meaning.typed_units import TYPED, fits
from diagpacte.sources.rules import ReadingLimits
from diagpacte.vocabulary import Role
from diagpacte.workflow.correspondence import correspondence_path, read_answers, updated
from diagpacte.workflow.job import Job
from diagpacte.workspace import Workspace
from workbook_builders import rules, values, write_xlsx


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return short_job(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> Job:
    """A workspace with the whole dictionary."""
    return Job(Workspace(tmp_path), DEFAULTS)


def test_what_a_person_fills_in_excel_is_read_back(job: Job) -> None:
    assert ask(job, heading("C"), heading("D"), heading("E"), heading("F"), files=[AskedFile(CAF, "panorama")])
    fill(
        job,
        {"retenir comme": "Taux de pauvreté — poverty_rate_pct", "année": 2022, "unité": "part (0 à 1)"},
        {"garder": "Oui "},
        {"retenir comme": " Code de la zone"},
        {"garder": "non"},
    )
    fill(job, {"géographie au 1er janvier": 2023}, sheet="Fichiers")
    assert said(job) == [
        ("COLC · Colonne C", "poverty_rate_pct", 2022, "fraction"),
        ("COLD · Colonne D", "unemployment_rate_pct", None, ""),
        ("COLE · Colonne E", "code de la zone", None, ""),
        ("COLF · Colonne F", "ne pas lire", None, ""),
    ]
    assert read_answers(job).choices.geographies == {CAF: 2023}
    first = read_answers(job).choices.columns[0]
    assert (first.file, first.sheet, first.theme) == (CAF, "EPCI", "")


def test_an_answer_makes_its_column_values(job: Job) -> None:
    sheet = [
        ["Géographie au 01/01/2025"],
        ["CODGEO", "LIBGEO", "Foyers en impayé 2023", "Part aidée", "Observations"],
        ["200040715", "Une", 120, 0.25, "a"],
        ["200018166", "Deux", 45, "s", "b"],
    ]
    path = write_xlsx(job.space.root / CAF, {"EPCI": sheet}, merged={})
    before = read_indicators(path, CAF, rules())
    correspondence_path(job).parent.mkdir(parents=True)
    correspondence_path(job).write_bytes(updated(job, before.headings, [AskedFile(CAF, "panorama", 2025)]) or b"")
    assert [row["intitulé"] for row in texts(job)] == ["Foyers en impayé 2023", "Part aidée", "Observations"]
    fill(
        job,
        {"retenir comme": "unpaid_rent_count"},
        {"retenir comme": "neet_rate_pct", "année": 2022, "unité": "part (0 à 1)"},
        {"garder": "non"},
    )
    unpaid = {"identifiant": "unpaid_rent_count", "libellé": "Foyers en impayé", "base": "foyers", "maxi": None}
    fill(job, NEW | unpaid, sheet="Nouveaux indicateurs")
    answers = read_answers(job)
    known = (*rules().indicators, *answers.new_indicators)
    reading = read_indicators(path, CAF, replace(rules(), indicators=known, choices=answers.choices))
    assert values(reading) == {
        ("EPCI:200040715", "unpaid_rent_count", 2023): 120,
        ("EPCI:200018166", "unpaid_rent_count", 2023): 45,
        ("EPCI:200040715", "neet_rate_pct", 2022): 25,
        ("EPCI:200018166", "neet_rate_pct", 2022): "secret",
    }
    assert not reading.faults
    assert updated(job, reading.headings, [AskedFile(CAF, "panorama", 2025)]) is None


def test_a_proposition_alone_is_never_obeyed(job: Job) -> None:
    ask(job, heading(confidence=100))
    assert (said(job), read_answers(job).new_indicators) == ([], ())
    (row,) = texts(job)
    assert (row["proposition"], row["confiance"]) == (UNEMPLOYMENT, "100 – forte")


# One workbook for all: each row is a column of the file, answered in its own way.
UNDERSTOOD: list[tuple[dict[str, object], str]] = [
    ({"retenir comme": "poverty_rate_pct"}, "poverty_rate_pct"),
    ({"retenir comme": "TAUX DE PAUVRETE"}, "poverty_rate_pct"),
    ({"retenir comme": "Taux de pauvreté - poverty_rate_pct"}, "poverty_rate_pct"),
    ({"retenir comme": "un vieux libellé — poverty_rate_pct"}, "poverty_rate_pct"),
    ({"retenir comme": "departement"}, "département"),
    ({"retenir comme": "Taux de pauvreté", "garder": "oui"}, "poverty_rate_pct"),
    ({"retenir comme": "ne pas lire", "garder": "non"}, "ne pas lire"),
    ({"garder": True}, "unemployment_rate_pct"),
    ({"garder": "NON"}, "ne pas lire"),
]


def test_each_way_of_answering_is_understood(job: Job) -> None:
    ask(job, *columns(len(UNDERSTOOD)))
    fill(job, *(typed for typed, _ in UNDERSTOOD))
    assert [one[1] for one in said(job)] == [meaning for _, meaning in UNDERSTOOD]


def test_a_year_is_read_however_it_was_typed(job: Job) -> None:
    years = [2023, 2023.0, "2023", " 2023 ", "2023,0"]
    ask(job, *columns(len(years)))
    fill(job, *({"garder": "oui", "année": year} for year in years))
    assert [one[2] for one in said(job)] == [2023] * len(years)


REFUSED: list[tuple[dict[str, object], str, str, str]] = [
    ({"retenir comme": "Taux de povreté"}, "K", "« Taux de povreté »", "« Taux de pauvreté — poverty_rate_pct »"),
    ({"retenir comme": "Taux de chômage des 15-64 ans — poverty_rate_pct"}, "K", "ni un indicateur", ""),
    ({"garder": "peut-être"}, "N", "« peut-être »", "oui, non"),
    ({"garder": "non", "retenir comme": "Taux de pauvreté"}, "N", "« garder » dit non", "une seule"),
    ({"garder": "oui", "proposition": None}, "N", "rien n’est proposé", "« retenir comme »"),
    ({"année": 2023}, "L", "rien ne dit ce que la colonne contient", "« garder » : oui"),
    ({"garder": "oui", "année": "l’an dernier"}, "L", "n’est pas une année", "2100"),
    ({"garder": "oui", "année": 2023.5}, "L", "« 2023.5 »", ""),
    ({"garder": "oui", "année": 1812}, "L", "« 1812 »", "1960"),
    ({"garder": "oui", "unité": "euros"}, "M", "unité « euros »", "« part (0 à 1) »"),
    ({"retenir comme": "population_count", "unité": "% (0 à 100)"}, "M", "dont l’unité est « nombre »", "« milliers »"),
    ({"garder": "oui", "confiance": "à vérifier : en %"}, "M", "« à vérifier : en % »", "« unité »"),
    ({"retenir comme": "Taux de pauvreté", "intitulé": None}, "D", "réponse sans « intitulé »", ""),
]


def test_every_answer_that_cannot_be_obeyed_is_said_at_once_with_its_cell(job: Job) -> None:
    ask(job, *columns(len(REFUSED)), files=[AskedFile(CAF, "panorama")])
    fill(job, *(typed for typed, _, _, _ in REFUSED))
    fill(job, {"géographie au 1er janvier": "?"}, sheet="Fichiers")
    answers = read_answers(job)
    *faults, geography = answers.faults
    assert (geography.sheet, geography.cells) == ("Fichiers", ("D4",))
    for number, ((_, column, found, hint), fault) in enumerate(zip(REFUSED, faults, strict=True), start=HEADER + 1):
        cell = f"{column}{number}"
        assert (fault.file, fault.sheet, fault.cell, fault.cells) == ("correspondance.xlsx", "Colonnes", cell, (cell,))
        assert fault.severity is Severity.BLOCKING
        assert fault.kind is (FaultKind.UNIT if column == "M" else FaultKind.COLUMN)
        assert found in fault.found
        assert hint in fault.expected + fault.remedy
    assert answers.choices.geographies == {}


def test_a_year_that_the_heading_contradicts_is_to_check(job: Job) -> None:
    ask(job, heading("C", heading="Taux 2022"), heading("D", heading="Évolution 2016-2022"))
    fill(job, {"garder": "oui", "année": 2021}, {"garder": "oui", "année": 2022})
    fault = only_fault(read_answers(job))
    assert (fault.severity, fault.cell) == (Severity.CHECK, "L4")
    assert "2021" in fault.found
    assert "2022" in fault.found


@pytest.mark.parametrize("second", [{"retenir comme": "Taux de pauvreté"}, {}])
def test_two_answers_for_one_heading_are_refused_with_both_cells(job: Job, second: dict[str, object]) -> None:
    ask(job, heading("C", heading="Part"), heading("D", heading="Part"), heading("E", heading="Part", theme="Jeunes"))
    fill(job, {"retenir comme": "neet_rate_pct"}, second, {"garder": "non"})
    fault = only_fault(read_answers(job))
    assert (fault.cell, fault.cells, fault.severity) == ("K4 et K5", ("K4", "K5"), Severity.BLOCKING)


def test_the_same_answer_twice_is_one_choice(job: Job) -> None:
    ask(job, heading("C", heading="Part"), heading("D", heading="Part"))
    fill(job, {"garder": "non"}, {"garder": "non"})
    assert len(said(job)) == 1


def test_one_column_of_codes_for_a_sheet(job: Job) -> None:
    ask(job, heading("C"), heading("D"), heading("E", sheet="COM"))
    fill(job, *3 * [{"retenir comme": "code de la zone"}])
    assert only_fault(read_answers(job)).cells == ("K4", "K5")


def test_two_geographies_for_one_file_are_refused_with_both_cells(job: Job) -> None:
    ask(job, heading())
    fill(
        job, {"géographie au 1er janvier": 2023}, {"fichier": CAF, "géographie au 1er janvier": 2024}, sheet="Fichiers"
    )
    assert only_fault(read_answers(job)).cells == ("D4", "D5")


def _renamed(book: Any) -> None:
    book["Colonnes"].title = "mes colonnes"
    del book["Mode d’emploi"]


def _other_columns(book: Any) -> None:
    sheet = book["Colonnes"]
    sheet.insert_cols(1)
    sheet.cell(HEADER, 1).value = "avis de Paul"
    for name in ("exemple 1", "cellule", "pourquoi", "confiance"):
        sheet.delete_cols(columns_of(sheet)[name])
    sheet.insert_rows(1)


def _deleted_row(book: Any) -> None:
    book["Colonnes"].delete_rows(HEADER + 3)


@pytest.mark.parametrize("change", [sorted_and_widened, _renamed, _other_columns, _deleted_row])
def test_what_people_do_to_a_workbook_changes_no_answer(job: Job, change: Edit) -> None:
    ask(job, heading("C"), heading("D"), heading("E"))
    fill(job, {"garder": "oui", "année": 2022}, {"retenir comme": "ne pas lire"})
    before = sorted(said(job))
    edit(job, change)
    assert sorted(said(job)) == before
    assert len(before) == 2


def test_a_formula_that_was_never_computed_is_said_not_taken_for_a_blank(job: Job) -> None:
    ask(job, heading())
    fill(job, {"retenir comme": '="Taux de "&"pauvreté"'})
    assert only_fault(read_answers(job)).cells == ("K4",)


def test_an_indicator_that_a_person_added_can_be_chosen_and_is_context(job: Job) -> None:
    ask(job, heading())
    fill(job, {"retenir comme": "arrêts de bus"})
    fill(job, NEW, sheet="Nouveaux indicateurs")
    (added,) = read_answers(job).new_indicators
    assert (added.indicator, added.label, added.unit, added.base) == ("bus_stops_count", "Arrêts de bus", "count", "")
    assert (added.role, added.low, added.high, added.source) == (Role.CONTEXT, 0, 1000.5, "Région")
    assert [one[1] for one in said(job)] == ["bus_stops_count"]
    ask(job, heading("C"), heading("D"))
    assert {name: texts(job, "Nouveaux indicateurs")[0][name] for name in NEW} == NEW
    assert "Arrêts de bus — bus_stops_count" in drop_down_words(correspondence_path(job))


# What is typed, and the unit and base that it says.
IN_FRENCH: list[tuple[str, str, str, str]] = [
    ("nombre", "count", "foyers allocataires", "foyers"),
    ("Kilomètres", "km", "Résidences principales", "residences_principales"),
    ("pourcentage, de 0 à 100", "pct", "personnes", "personnes"),
    ("nombre — count", "count", "ménages — menages", "menages"),
    ("count", "count", "residences_principales", "residences_principales"),
]


def test_units_and_bases_are_understood_by_their_french_words_alone(whole: Job) -> None:
    ask(whole, heading())
    typed = [
        {"identifiant": f"thing{n}_{unit}", "libellé": f"Chose {n}", "unité": said_unit, "base": said_base}
        for n, (said_unit, unit, said_base, _) in enumerate(IN_FRENCH)
    ]
    fill(whole, *typed, sheet="Nouveaux indicateurs")
    answers = read_answers(whole)
    assert answers.faults == ()
    assert [(one.unit, one.base) for one in answers.new_indicators] == [(unit, base) for _, unit, _, base in IN_FRENCH]


NOT_WHOLE: list[tuple[dict[str, object], str, str, FaultKind]] = [
    ({"identifiant": None}, "A", "identifiant absent", FaultKind.COLUMN),
    ({"identifiant": "Arrêts de bus"}, "A", "identifiant « Arrêts de bus »", FaultKind.COLUMN),
    ({"identifiant": "bus_stops"}, "A", "sans son unité", FaultKind.UNIT),
    ({"libellé": None}, "B", "libellé absent", FaultKind.COLUMN),
    ({"libellé": "taux de pauvreté"}, "B", "déjà celui de poverty_rate_pct", FaultKind.COLUMN),
    ({"unité": "douzaines"}, "C", "unité « douzaines »", FaultKind.UNIT),
    ({"unité": "degré de fragilité — grade", "identifiant": "bus_grade"}, "C", "grade", FaultKind.UNIT),
    ({"base": None}, "D", "base absente", FaultKind.UNIT),
    ({"base": "voyageurs"}, "D", "base « voyageurs »", FaultKind.UNIT),
    ({"mini": "peu"}, "E", "« peu »", FaultKind.COLUMN),
    ({"mini": 5, "maxi": 5}, "F", "maxi 5, mini 5", FaultKind.COLUMN),
    ({"identifiant": "population_count"}, "A", "déjà au dictionnaire, avec l’unité count", FaultKind.COLUMN),
]


def test_new_indicators_that_are_not_whole_are_refused_each_with_its_cell(job: Job) -> None:
    ask(job, heading())
    fill(job, *(NEW | typed for typed, _, _, _ in NOT_WHOLE), sheet="Nouveaux indicateurs")
    answers = read_answers(job)
    for number, ((_, column, found, kind), fault) in enumerate(
        zip(NOT_WHOLE, answers.faults, strict=True), start=HEADER + 1
    ):
        cell = (f"{column}{number}",)
        assert (fault.sheet, fault.cells, fault.kind) == ("Nouveaux indicateurs", cell, kind)
        assert fault.severity is Severity.BLOCKING
        assert found in fault.found
    assert not answers.new_indicators


def test_a_new_indicator_once_in_the_dictionary_is_only_said_to_be_there(job: Job) -> None:
    ask(job, heading())
    known = {"identifiant": "population_count", "libellé": "Habitants", "base": "personnes"}
    fill(job, NEW | known, sheet="Nouveaux indicateurs")
    assert only_fault(read_answers(job)).severity is Severity.INFORMATION


def test_one_identifier_for_two_new_indicators_is_refused_with_both_cells(job: Job) -> None:
    ask(job, heading())
    fill(job, NEW, NEW, NEW | {"libellé": "Autre chose"}, sheet="Nouveaux indicateurs")
    answers = read_answers(job)
    fault = only_fault(answers)
    assert (fault.cells, fault.kind) == (("A4", "A6"), FaultKind.DOUBLE)
    assert [one.label for one in answers.new_indicators] == ["Arrêts de bus"]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=40)
ODD = st.sampled_from(
    ["=1+1", "'q", '"', "a;b", "a\nb", "a\r\nb", "é — x_pct", "😀", "007", "_x0041_", "&<>", "#N/A", "2023", "x" * 400]
)
TEXT = st.tuples(st.one_of(CELL, ODD), ODD).map("".join).map(str.strip)
NAMES = st.sampled_from([*WORDS, *(entry.indicator for entry in SHORT if entry.unit == "pct")])


@given(
    asked=st.lists(
        st.tuples(
            TEXT,
            CELL.map(str.strip),
            NAMES,
            st.none() | st.integers(1960, 2100),
            st.sampled_from(["", *TYPED]),
        ),
        min_size=1,
        max_size=25,
        unique_by=lambda one: normalised(one[0]),
    )
)
@settings(max_examples=25, deadline=None)
def test_any_heading_goes_out_and_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[str, str, str, int | None, str]]
) -> None:
    single = {Meaning.CODE, Meaning.LEVEL}
    of = {entry.indicator: entry.unit for entry in SHORT}
    chosen = [
        Choice(
            "f.xlsx",
            f"s{place}" if name in single else "",
            text,
            theme,
            name,
            year,
            unit if name not in of or fits(unit, of[name]) else "",
        )
        for place, (text, theme, name, year, unit) in enumerate(asked)
    ]
    shown = {name: unit.shown for name, unit in TYPED.items()} | {"": ""}
    cells = [
        {
            "fichier": one.file, "feuille": one.sheet, "intitulé": one.heading, "sous": one.theme,
            "retenir comme": one.meaning, "année": str(one.year or ""), "unité": shown[one.unit],
        }
        for one in chosen
    ]  # fmt: skip
    path = tmp_path_factory.getbasetemp() / "any" / "correspondance.xlsx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(correspondence_bytes(Content(columns=cells), SHORT, WORDS, DEFAULTS.as_of))
    answers = read_correspondence(path, SHORT, ReadingLimits())
    assert answers.choices.columns == tuple(chosen)
    assert all(fault.severity is Severity.CHECK for fault in answers.faults)  # years that headings contradict
