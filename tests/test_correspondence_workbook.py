"""correspondance.xlsx as it is written: nothing typed is ever lost, nothing from a file is ever run."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from correspondence_builders import (
    CAF,
    DEFAULTS,
    HEADER,
    NEW,
    UNEMPLOYMENT,
    WORDS,
    Edit,
    ask,
    columns_of,
    drop_down_words,
    edit,
    fill,
    heading,
    headings,
    only_fault,
    said,
    short_job,
    sorted_and_widened,
    texts,
)
from diagpacte.deliverables import correspondence as written
from diagpacte.deliverables import correspondence_format
from diagpacte.deliverables.correspondence import UNITS, AskedFile
from diagpacte.deliverables.correspondence_words import MEANINGS, UNIT_WORDS
from diagpacte.errors import DataError, Severity, SourceError
from diagpacte.sources.correspondence import rows
from diagpacte.sources.correspondence.answers import Correspondence
from diagpacte.vocabulary import Base
from diagpacte.workflow.correspondence import correspondence_path, read_answers, updated
from diagpacte.workflow.job import Job
from diagpacte.workspace import Workspace


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return short_job(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> Job:
    """A workspace with the whole dictionary."""
    return Job(Workspace(tmp_path), DEFAULTS)


@pytest.mark.parametrize(
    ("change", "sheet", "found"),
    [
        (lambda book: book.remove(book["Colonnes"]), "Colonnes", "feuille absente"),
        (lambda book: book.remove(book["Fichiers"]), "Fichiers", "feuille absente"),
        (lambda book: book.remove(book["Nouveaux indicateurs"]), "Nouveaux indicateurs", "feuille absente"),
        (lambda book: book["Colonnes"].delete_rows(HEADER), "Colonnes", "feuille absente"),
        (lambda book: book["Colonnes"].delete_cols(columns_of(book["Colonnes"])["année"]), "Colonnes", "« année »"),
    ],
)
def test_a_sheet_or_a_column_that_is_gone_is_said_and_nothing_is_written_over(
    job: Job, change: Edit, sheet: str, found: str
) -> None:
    ask(job, heading("C"), heading("D"))
    edit(job, change)
    fault = only_fault(read_answers(job))
    assert (fault.sheet, fault.severity) == (sheet, Severity.BLOCKING)
    assert found in fault.found
    with pytest.raises(DataError, match=sheet):
        ask(job, heading("C"), heading("E"))


def test_a_workbook_that_cannot_be_read_is_never_written_over(job: Job) -> None:
    ask(job, heading())
    correspondence_path(job).write_bytes(correspondence_path(job).read_bytes()[:900])
    with pytest.raises(SourceError, match="correspondance"):
        ask(job, heading("D"))


def test_nothing_is_written_when_there_is_nothing_to_ask(job: Job) -> None:
    assert not ask(job, files=[AskedFile("panorama.xlsx", "panorama", 2025)])
    assert not ask(job, heading(reason="", meaning="poverty_rate_pct"))
    assert not correspondence_path(job).exists()
    assert read_answers(job) == Correspondence()
    assert ask(job, files=[AskedFile("apl.xlsx", "panorama")])  # a geography that no one said is a question


def test_a_workbook_that_already_says_it_all_is_left_alone(job: Job) -> None:
    ask(job, heading("C"), heading("D"))
    fill(job, {"garder": "oui", "année": 2022})
    edit(job, sorted_and_widened)
    assert not ask(job, heading("C", reason="", meaning="unemployment_rate_pct", year=2022), heading("D"))
    assert not ask(job, heading("C"), heading("D"))


def test_what_was_typed_stays_when_new_questions_come(job: Job) -> None:
    ask(job, heading("C"), heading("D"))
    typed: dict[str, object] = {"retenir comme": "xyz, à voir avec la CAF", "année": "2022 ?", "garder": "oui"}
    fill(job, {}, typed)
    fill(job, {"remarque": "reçu par courriel"}, sheet="Fichiers")
    assert ask(job, heading("C"), heading("D", cell="F6", column="F", proposed="poverty_rate_pct"), heading("E"))
    kept = texts(job)
    assert [row["cellule"] for row in kept] == ["C6", "F6", "E6"]
    assert {name: kept[1][name] for name in typed} == typed
    assert kept[1]["proposition"] == UNEMPLOYMENT  # the one that « oui » was said to
    assert texts(job, "Fichiers")[0]["remarque"] == "reçu par courriel"


def test_an_answer_outlives_its_file_and_comes_back_with_it(job: Job) -> None:
    ask(job, heading("C"), heading("D"))
    fill(job, {"garder": "oui", "année": 2022})
    fill(job, {"géographie au 1er janvier": 2023}, sheet="Fichiers")
    before = said(job)
    ask(job, heading("C", source_id="autre.xlsx"))
    assert said(job) == before
    assert [(row["fichier"], row["pourquoi"]) for row in texts(job)] == [
        ("autre.xlsx", "colonne inconnue"),
        (CAF, "n’est plus dans les fichiers"),  # the row in which nobody typed is gone
    ]
    assert read_answers(job).choices.geographies == {CAF: 2023}
    ask(job, heading("C"), heading("D"), heading("C", source_id="autre.xlsx"))
    assert said(job) == before
    assert {row["pourquoi"] for row in texts(job)} == {"colonne inconnue"}


def test_an_answer_that_made_its_column_known_stays(job: Job) -> None:
    ask(job, heading("C"), heading("D"))
    fill(job, {"retenir comme": "code de la zone"})
    ask(job, heading("D"))
    assert said(job) == [("COLC · Colonne C", "code de la zone", None, "")]
    assert [row["pourquoi"] for row in texts(job)] == ["colonne inconnue", "reconnue depuis, ou absente de ce fichier"]


def test_files_not_looked_at_keep_their_rows_as_they_are(job: Job) -> None:
    ask(job, heading("C"), heading("D"))
    fill(job, {}, {"garder": "oui"})
    before = texts(job)
    ask(job, heading("C", source_id="autre.xlsx"), others=[CAF])
    assert [row for row in texts(job) if row["fichier"] == CAF] == before
    assert [row["fichier"] for row in texts(job, "Fichiers")] == ["autre.xlsx", CAF]


def test_what_was_said_of_another_vintage_is_shown_not_typed(job: Job) -> None:
    ask(job, heading(source_id="caf_2024.xlsx", meaning="poverty_rate_pct", proposed=None, confidence=None))
    (row,) = texts(job)
    assert (row["proposition"], row["confiance"]) == ("Taux de pauvreté — poverty_rate_pct", "déjà dit")
    assert not [row[name] for name in ("retenir comme", "année", "unité", "garder") if row[name]]


def test_columns_and_sheets_that_someone_added_stay(job: Job) -> None:
    ask(job, heading("C"), heading("D"))

    def change(book: Any) -> None:
        sheet = book["Colonnes"]
        sheet.cell(HEADER, 20).value = "Avis de Paul"
        sheet.cell(HEADER + 2, 20).value = "-> demander"
        sheet.cell(HEADER, 21).value = "Avis de Zoé"
        book.create_sheet("Mes notes").append(["appeler la CAF", 12.5, True])
        book.copy_worksheet(sheet)

    edit(job, change)
    assert ask(job, heading("C"), heading("D"), heading("E"))
    assert [row["Avis de Paul"] for row in texts(job)] == [None, "-> demander", None]
    assert "Avis de Zoé" in texts(job)[0]
    book = openpyxl.load_workbook(correspondence_path(job))
    assert [cell.value for cell in book["Mes notes"][1]] == ["appeler la CAF", 12.5, True]
    assert book.sheetnames[:5] == ["Mode d’emploi", "Colonnes", "Fichiers", "Nouveaux indicateurs", "Dictionnaire"]
    assert "Colonnes Copy" in book.sheetnames
    assert not ask(job, heading("C"), heading("D"), heading("E"))


def test_every_unit_and_base_offered_is_understood(whole: Job) -> None:
    ask(whole, heading())
    book = openpyxl.load_workbook(correspondence_path(whole))
    places = columns_of(book["Dictionnaire"])
    lists = {
        name: [cell.value for cell in book["Dictionnaire"][chr(64 + places[name])][HEADER:] if cell.value]
        for name in ("unités possibles", "bases possibles")
    }
    units, bases = lists["unités possibles"], lists["bases possibles"]
    typed: list[dict[str, object]] = [
        {
            "unité": unit,
            "identifiant": f"thing_{unit.split(' — ')[-1]}",
            "libellé": f"Chose en {unit}",
            "base": "sans base",
        }
        for unit in units
    ]
    typed += [
        NEW | {"base": base, "identifiant": f"thing{n}_count", "libellé": f"Chose {n}"} for n, base in enumerate(bases)
    ]
    fill(whole, *typed, sheet="Nouveaux indicateurs")
    answers = read_answers(whole)
    assert answers.faults == ()
    assert {added.unit for added in answers.new_indicators} == {entry.unit for entry in DEFAULTS.indicators} - {"grade"}
    assert {added.base for added in answers.new_indicators} == set(Base)


def test_both_rooms_call_sheets_and_columns_by_the_same_words() -> None:
    for spec, columns in (
        (rows.COLUMNS, written.COLUMNS),
        (rows.FILES, written.FILES),
        (rows.INDICATORS, written.INDICATORS),
        (rows.MARKS, written.MARKS),
    ):
        assert {*spec.headings} == {column.heading for column in columns}
        assert spec.name in written.NOTES
    assert {*rows.DICTIONARY.headings} <= {column.heading for column in written.DICTIONARY}
    assert correspondence_format.GUIDE_SHEET == rows.GUIDE
    assert MEANINGS.keys() == {*WORDS}
    assert {entry.unit for entry in DEFAULTS.indicators} <= UNIT_WORDS.keys()


def test_the_drop_down_list_holds_every_word_and_indicator_once(whole: Job) -> None:
    ask(whole, heading())
    words = drop_down_words(correspondence_path(whole))
    assert words[: len(WORDS)] == WORDS
    assert len(words) == len(set(words)) == len(WORDS) + len(DEFAULTS.indicators)
    for word in words:
        ids = [entry.indicator for entry in DEFAULTS.indicators if word.endswith(f"— {entry.indicator}")]
        assert ids or word in WORDS


def test_lists_follow_every_row_in_a_form_that_all_spreadsheets_read(job: Job) -> None:
    ask(job, *(heading(letters) for letters in ("C", "D", "E")))
    book = openpyxl.load_workbook(correspondence_path(job))
    rules = {
        str(rule.sqref): (rule.type, rule.formula1, rule.errorStyle)
        for rule in book["Colonnes"].data_validations.dataValidation
    }
    assert rules == {
        "K4:K6": ("list", "choix", "warning"),
        "L4:L6": ("whole", "1960", None),
        "M4:M6": ("list", f'"{",".join(UNITS)}"', None),
        "N4:N6": ("list", '"oui,non"', None),
    }
    lists = [
        rule.formula1
        for sheet in book.worksheets
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    ]
    assert {formula for formula in lists if not formula.startswith('"')} == set(book.defined_names)
    assert all(len(formula) <= 255 for formula in lists)
    assert book["Colonnes"].freeze_panes == "E4"
    assert book["Colonnes"].auto_filter.ref == "A3:O6"


def test_no_text_of_a_file_becomes_a_formula_or_a_link(job: Job) -> None:
    hostile = '=HYPERLINK("http://x","y")'
    ask(
        job,
        heading(sample_1=hostile, sample_2="http://x", sample_3="+1", heading="=1+1", theme="@SUM(A1)", reason="-2"),
        files=[AskedFile(CAF, "=1+1")],
    )
    with zipfile.ZipFile(correspondence_path(job)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    with_formula = [name for name, text in parts.items() if re.search(r"<f[ >]", text)]
    assert with_formula == ["xl/worksheets/sheet5.xml"]  # Dictionnaire: the rows fed by « Nouveaux indicateurs »
    assert not any("<hyperlink" in text for text in parts.values())
    sheet = openpyxl.load_workbook(correspondence_path(job))["Colonnes"]
    row = {name: sheet.cell(HEADER + 1, column) for name, column in columns_of(sheet).items()}
    assert (row["exemple 1"].value, row["exemple 1"].data_type) == (hostile, "s")
    assert row["exemple 1"].quotePrefix  # stays a text when it is retyped


def test_the_same_questions_give_the_same_bytes(job: Job) -> None:
    asked = headings(heading("C"), heading("D"))
    files = [AskedFile(CAF, "panorama")]
    assert updated(job, asked, files) == updated(job, asked, files)
