"""A correspondance.xlsx as diagpacte writes it and as a person fills it, in a workspace of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from diagpacte.deliverables.correspondence import AskedFile, AskedText, choice_of
from diagpacte.errors import Fault
from diagpacte.settings import default_configs, load_settings
from diagpacte.sources.correspondence.answers import Correspondence
from diagpacte.sources.meaning.choices import Meaning
from diagpacte.tables import TABLES, Headings
from diagpacte.workflow.correspondence import correspondence_path, read_answers, updated
from diagpacte.workflow.job import Job
from diagpacte.workspace import Workspace

DEFAULTS = load_settings(default_configs().parent / "no-workspace")
KNOWN = ("unemployment_rate_pct", "poverty_rate_pct", "neet_rate_pct", "population_count", "median_income_eur_year")
# A short dictionary: writing the whole one in every test would be slow, and prove nothing more.
SHORT = tuple(entry for entry in DEFAULTS.indicators if entry.indicator in KNOWN)
WORDS = [str(word) for word in Meaning]
CAF, HEADER = "caf_2023.xlsx", 3
UNEMPLOYMENT = next(choice_of(entry) for entry in SHORT if entry.indicator == "unemployment_rate_pct")
Edit = Callable[[Any], object]


def heading(column: str = "C", /, **changed: Any) -> dict[str, Any]:
    """A column that no dictionary knows, with one thing changed."""
    row = {
        "source_id": CAF, "sheet": "EPCI", "column": column, "cell": f"{column}6", "heading": f"COL{column} · Colonne {column}",
        "theme": "", "sample_1": "01004", "sample_2": "12 345,6", "sample_3": "s", "reason": "colonne inconnue",
        "proposed": "unemployment_rate_pct", "confidence": 93, "meaning": "", "year": None, "unit": "",
    }  # fmt: skip
    return row | changed


def columns(count: int) -> list[dict[str, Any]]:
    """So many columns, with headings of their own."""
    return [heading(letters) for letters in "CDEFGHIJKLMNOPQRSTUVWXYZ"[:count]]


def headings(*asked: dict[str, Any]) -> Headings:
    return Headings(TABLES["headings"].frame(list(asked)))


def ask(
    job: Job,
    *asked: dict[str, Any],
    files: Sequence[AskedFile] = (),
    others: Sequence[str] = (),
    unread: Sequence[AskedText] = (),
) -> bool:
    """Bring the workbook up to date, as a command would; whether it was written."""
    named = {row["source_id"] for row in asked}
    looked = [*files, *(AskedFile(file, "panorama", 2023) for file in sorted(named - {one.file for one in files}))]
    data = updated(job, headings(*asked), looked, others, unread)
    if data is not None:
        correspondence_path(job).parent.mkdir(parents=True, exist_ok=True)
        correspondence_path(job).write_bytes(data)
    return data is not None


def edit(job: Job, change: Edit) -> None:
    """What a person does in Excel: the workbook opened, changed, saved by another program."""
    book = openpyxl.load_workbook(correspondence_path(job))
    change(book)
    book.save(correspondence_path(job))


def columns_of(sheet: Any) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[HEADER] if cell.value}


def fill(job: Job, *typed: Mapping[str, object], sheet: str = "Colonnes") -> None:
    """Type in the rows of a sheet, from the first."""

    def change(book: Any) -> None:
        places = columns_of(book[sheet])
        for number, cells in enumerate(typed, start=HEADER + 1):
            for name, value in cells.items():
                book[sheet].cell(number, places[name]).value = value

    edit(job, change)


def texts(job: Job, sheet: str = "Colonnes") -> list[dict[str, object]]:
    """The rows of a sheet that hold something, by heading."""
    book = openpyxl.load_workbook(correspondence_path(job))
    places = columns_of(book[sheet])
    found = [
        {name: book[sheet].cell(number, column).value for name, column in places.items()}
        for number in range(HEADER + 1, book[sheet].max_row + 1)
    ]
    return [cells for cells in found if any(cells.values())]


def said(job: Job) -> list[tuple[str, str, int | None, str]]:
    """Heading, meaning, year and unit of every choice read back."""
    answers = read_answers(job)
    assert not answers.faults, [str(fault) for fault in answers.faults]
    return [(one.heading, one.meaning, one.year, one.unit) for one in answers.choices.columns]


def only_fault(answers: Correspondence) -> Fault:
    (fault,) = answers.faults
    return fault


def sorted_and_widened(book: Any) -> None:
    """The rows in the reverse order, one hidden, a column made wider."""
    sheet = book["Colonnes"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows(HEADER + 1)]
    for number, cells in enumerate(reversed(values), start=HEADER + 1):
        for column, value in enumerate(cells, start=1):
            sheet.cell(number, column).value = value
    sheet.column_dimensions["D"].width = 80
    sheet.row_dimensions[HEADER + 2].hidden = True


NEW: dict[str, object] = {
    "identifiant": "bus_stops_count",
    "libellé": "Arrêts de bus",
    "unité": "nombre — count",
    "base": "sans base",
    "mini": 0,
    "maxi": "1 000,5",
    "source": "Région",
}


def drop_down_words(path: Path) -> list[str]:
    """The words stored in the cells of the list « choix »."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Dictionnaire"]
    return [str(cell.value) for cell in sheet["A"][HEADER:] if cell.value]


def short_job(folder: Path) -> Job:
    """A workspace with the short dictionary."""
    return Job(Workspace(folder), DEFAULTS.model_copy(update={"indicators": SHORT}))
