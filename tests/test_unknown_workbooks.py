"""Workbooks that the reader was never shown, as a producer sends them, with the truth of every cell beside them.

Each is added, answered for in correspondance.xlsx where a person must, and read. Three promises: an observation is
the truth of its cell, a true cell is an observation, and a column that is not read is asked for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from correspondence_builders import columns_of
from diagpacte.errors import Severity
from diagpacte.store import read as read_table
from diagpacte.workflow.correspondence import correspondence_path, read_answers
from diagpacte.workflow.indicator_tables import IndicatorFile, IndicatorTables, read_files
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.job import Job
from diagpacte.workflow.scaffold import add, init
from quirk_builders import epci_codes

GEOGRAPHY = "Géographie au 01/01/2025"
RATE, JOBLESS, POOR = "poverty_rate_pct", "unemployment_rate_pct", "poor_households_count"
Cells = list[list[Any]]
Truth = tuple[str, str, int, float | str]  # zone, indicator, year, value or reason of its absence
Answer = tuple[str, int | None, str]  # retenir comme, année, unité


@dataclass
class Workbook:
    """What a producer sent, and what is true of it. Cells are « feuille!C5 »."""

    rows: Cells
    sheet: str = "Tab"
    merged: tuple[str, ...] = ()
    formats: dict[str, str] = field(default_factory=dict)  # cell → number format
    variables: Cells = field(default_factory=list)
    truth: dict[str, Truth] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)  # headings that are not read
    answers: dict[str, Answer] = field(default_factory=dict)  # cell of the heading → what a person types
    nature: str = ""  # of every value, when it matters

    def save(self, path: Path) -> Path:
        book = openpyxl.Workbook()
        for name, rows in {self.sheet: self.rows, **({"Variables": self.variables} if self.variables else {})}.items():
            sheet = book.create_sheet(name)
            for number, cells in enumerate(rows, start=1):
                for column, value in enumerate(cells, start=1):
                    sheet.cell(number, column, value)
        for area in self.merged:
            book[self.sheet].merge_cells(area)
        for cell, code in self.formats.items():
            book[self.sheet][cell].number_format = code
        del book["Sheet"]
        book.save(path)
        return path

    def column(self, letter: str, first: int, zones: list[str], indicator: str, year: int, values: list[Any]) -> None:
        """The truth of a column from row `first` down."""
        for row, (zone, value) in enumerate(zip(zones, values, strict=True), start=first):
            self.truth[f"{letter}{row}"] = (f"EPCI:{zone}" if zone.isdigit() else zone, indicator, year, value)


WORKBOOKS: dict[str, Callable[[list[str]], Workbook]] = {}
LACKING: dict[str, str] = {}  # workbook → what the reader still lacks


def sent(name: str, lacks: str = "") -> Callable[[Callable[[list[str]], Workbook]], Callable[[list[str]], Workbook]]:
    def declare(make: Callable[[list[str]], Workbook]) -> Callable[[list[str]], Workbook]:
        WORKBOOKS[name] = make
        LACKING.update({name: lacks} if lacks else {})
        return make

    return declare


@sent("three header rows, years merged over labels, a region above and départements between")
def three_header_rows(zones: list[str]) -> Workbook:
    book = Workbook(
        [
            ["Panorama de la pauvreté en région"], ["Périmètre des EPCI au 1er janvier 2025"], [],
            ["SIREN\nde l'EPCI", "Nom", "Pauvreté monétaire", None, None],
            [None, None, "2020", "2021", None],
            [None, None, "Taux de\npauvreté (%)", "Taux de\npauvreté (%)", "Ménages\npauvres"],
            [None, "Bretagne", 11, 11.2, 180000],
            [zones[0], "CC Une", 8.5, "s", 1200], [zones[1], "CC Deux", 10.5, 9.5, "nd"],
            [None, "Côtes-d'Armor", 12, 12.5, 40000],
            [zones[2], "CC Trois", 13.5, 12.5, 900],
            ["Source : Insee, Filosofi", None, None, 2021, None],
        ],
        merged=("A4:A6", "B4:B6", "C4:E4", "D5:E5"),
    )  # fmt: skip
    for letter, year, indicator in (("C", 2020, RATE), ("D", 2021, RATE), ("E", 2021, POOR)):
        for row, zone in ((8, zones[0]), (9, zones[1]), (11, zones[2])):
            value: Any = book.rows[row - 1]["ABCDE".index(letter)]
            said = {"s": "secret", "nd": "not_available"}.get(value, value)
            book.truth[f"{letter}{row}"] = (f"EPCI:{zone}", indicator, year, said)
    return book


@sent("a super-header that changes the sense of a label")
def evolution_and_rank(zones: list[str]) -> Workbook:
    rows: Cells = [
        [GEOGRAPHY], [None, None, "Niveau 2021", "Évolution 2015-2021", "Rang régional 2021", "Femmes 2021"],
        ["CODGEO", "LIBGEO", *["Taux de pauvreté"] * 4],
    ]  # fmt: skip
    book = Workbook(rows + [[zone, "CC", 10.5 + place, 0.5, place, 12.5] for place, zone in enumerate(zones)])
    book.column("C", 4, zones, RATE, 2021, [10.5 + place for place in range(len(zones))])
    book.asked = {"D3", "E3", "F3"}
    return book


@sent("the shares of households beside those of persons, under the same labels")
def households_and_persons(zones: list[str]) -> Workbook:
    rows: Cells = [
        ["Données 2021"], [GEOGRAPHY], [None, None, "En % des ménages pauvres", None, "En % des personnes pauvres", None],
        ["CODGEO", "LIBGEO", *["Retraités", "Moins de 30 ans sans emploi"] * 2],
    ]  # fmt: skip
    book = Workbook(rows + [[zone, "CC", 31.5, 11.5, 22.5, 8.5] for zone in zones], merged=("C3:D3", "E3:F3"))
    for letter, number, base, value in (("C", 1, "households", 31.5), ("D", 3, "households", 11.5),
                                        ("E", 1, "persons", 22.5), ("F", 3, "persons", 8.5)):  # fmt: skip
        indicator = f"profile_{number}_{base}_pct"
        book.answers[f"{letter}4"] = (indicator, 2021, "")
        book.column(letter, 5, zones, indicator, 2021, [value] * len(zones))
    return book


@sent("a simulated column, told by the sheet that describes it, named by a person")
def simulated(zones: list[str]) -> Workbook:
    book = Workbook([["Modèle"], [GEOGRAPHY], ["CODGEO", "LIBGEO", "ZPAUV"], *([zone, "CC", 0.125] for zone in zones)])
    book.variables = [
        ["VAR_ID", "VAR_LIB", "UNITE", "MILLESIME", "NATURE"],
        ["ZPAUV", "Pauvreté modélisée", "part (0 à 1)", "2021", "simulée"],
    ]
    book.answers["C3"] = (RATE, 2021, "")
    book.column("C", 4, zones, RATE, 2021, [12.5] * len(zones))
    book.nature = "simulated"
    return book


@sent("bassins de vie, whose codes are those of communes")
def living_areas(_: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["Code", "Libellé du bassin de vie", "TP6021"]]
    towns = [["29019", "Brest", 13.5], ["29151", "Morlaix", 12.5], ["29232", "Quimper", 11.5]]
    return Workbook(rows + towns, sheet="Bassins de vie 2022")


@sent("every level of Insee in one table, and a métropole that is no France")
def levels(zones: list[str]) -> Workbook:
    rows: Cells = [
        [GEOGRAPHY], ["NIVGEO", "CODGEO", "LIBGEO", "TP6021"], ["ZE2020", "5301", "Brest", 13.5],
        ["BV2022", "29019", "Brest", 14.5], ["ARR", "291", "Brest", 12.5], ["Département", "29", "Finistère", 10.5],
        ["Région", "53", "Bretagne", 10.25], ["Métropole", zones[0], "Métropole Une", 12.25],
        ["EPCI", zones[1], "CC Deux", 9.5], ["Commune", "29232", "Quimper", 15],
    ]  # fmt: skip
    book = Workbook(rows)
    told = {6: "DEP:29", 7: "REG:53", 8: f"EPCI:{zones[0]}", 9: f"EPCI:{zones[1]}", 10: "COM:29232"}
    for row, zone in told.items():
        book.truth[f"D{row}"] = (zone, RATE, 2021, rows[row - 1][3])
    return book


@sent("numbers as a service types them: units, calls of note, narrow spaces, decimal commas")
def typed_by_hand(zones: list[str]) -> Workbook:
    rows: Cells = [
        [GEOGRAPHY], ["SIREN EPCI", "Nom", "Médiane du niveau de vie 2021", "Taux de pauvreté 2021", "Ménages pauvres 2021"]
    ]  # fmt: skip
    cells = [
        ["20\u202f280 €", "8,5\u00a0%", "1\u202f234"],
        ["21 780 €", "10,5 %", "90 (1)"],
        ["22\u00a0000 €", "12 %", "< 11"],
    ]
    book = Workbook(rows + [[zone, "CC", *typed] for zone, typed in zip(zones, cells, strict=True)])
    book.column("C", 3, zones, "median_income_eur_year", 2021, [20280, 21780, 22000])
    book.column("D", 3, zones, RATE, 2021, [8.5, 10.5, 12])
    book.column("E", 3, zones, POOR, 2021, [1234, 90, "censored"])
    return book


@sent("parts from 0 to 1 under a heading that says %")
def parts_under_percent(zones: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["CODGEO", "LIBGEO", "Taux de pauvreté 2021 (%)", "TP6020"]]
    book = Workbook(rows + [[zone, "CC", 0.125, 12.5] for zone in zones])
    book.answers["C2"] = (RATE, None, "part (0 à 1)")
    book.column("C", 3, zones, RATE, 2021, [12.5] * len(zones))
    book.column("D", 3, zones, RATE, 2020, [12.5] * len(zones))
    return book


@sent("counts in thousands, said under the heading")
def thousands(zones: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["CODGEO", "LIBGEO", "NBMENFISC21", "TP6021"], [None, None, "en milliers", "en %"]]
    book = Workbook(rows + [[zone, "CC", 3.451, 12.5] for zone in zones])
    book.answers["C2"] = ("fiscal_households_count", None, "milliers")
    book.column("C", 4, zones, "fiscal_households_count", 2021, [3451] * len(zones))
    book.column("D", 4, zones, RATE, 2021, [12.5] * len(zones))
    return book


@sent("a filtered export: every row says Femmes")
def filtered(zones: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["CODGEO", "LIBGEO", "Public", "Taux de chômage des 15-64 ans 2021"]]
    book = Workbook(rows + [[zone, "CC", "Femmes", 12.5] for zone in zones])
    book.asked = {"C2", "D2"}
    return book


@sent("the year of the codes, of the euros or of the pact is not that of the figures")
def years(zones: list[str]) -> Workbook:
    heads = ["Chômage RP 2021 (géographie 2025)", "Revenu médian 2020 (euros constants 2023)", "Taux de pauvreté"]
    rows: Cells = [["Pacte des solidarités 2024"], [GEOGRAPHY], ["CODGEO", "LIBGEO", *heads]]
    book = Workbook(rows + [[zone, "CC", 9.5, 21000, 12.5] for zone in zones], sheet="EPCI_geo2025")
    book.answers = {"C3": (JOBLESS, None, ""), "D3": ("median_income_eur_year", None, "")}
    book.column("C", 4, zones, JOBLESS, 2021, [9.5] * len(zones))
    book.column("D", 4, zones, "median_income_eur_year", 2020, [21000] * len(zones))
    book.asked = {"E3"}
    return book


@sent("two tables side by side, headed otherwise")
def side_by_side(zones: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["CODGEO", "LIBGEO", "TP6021", None, "Code commune", "Commune", "NBMENPAUV21"]]
    towns = ["29019", "29151", "29233"]
    book = Workbook(rows + [[zone, "CC", 12.5, None, town, "V", 900] for zone, town in zip(zones, towns, strict=True)])
    book.column("C", 3, zones, RATE, 2021, [12.5] * len(zones))
    book.column("G", 3, [f"COM:{town}" for town in towns], POOR, 2021, [900] * len(zones))
    return book


@sent("a zero whose format shows « s »")
def shown_secret(zones: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["CODGEO", "LIBGEO", "NBMENPAUV21"]]
    book = Workbook(rows + [[zone, "CC", value] for zone, value in zip(zones, [0, 120, 130], strict=True)])
    book.formats = {f"C{row}": '0;-0;"s"' for row in range(3, 6)}
    book.column("C", 3, zones, POOR, 2021, ["secret", 120, 130])
    return book


@sent("a series of years headed by years alone, beside the code of the région")
def series(_: list[str]) -> Workbook:
    towns = [("53", "22"), ("53", "29"), ("84", "01"), ("94", "2A")]
    heads: list[Any] = ["Code région", "Région", "Code dép", "Département", 2021, 2022]
    rows: Cells = [["Foyers allocataires du RSA au 31 décembre"], [GEOGRAPHY], heads]
    book = Workbook(rows + [[region, "R", code, "D", 900, "NR"] for region, code in towns])
    book.answers = {"E3": ("rsa_units_count", None, ""), "F3": ("rsa_units_count", None, "")}
    for row, (_region, code) in enumerate(towns, start=4):
        book.truth |= {f"E{row}": (f"DEP:{code}", "rsa_units_count", 2021, 900)}
        book.truth |= {f"F{row}": (f"DEP:{code}", "rsa_units_count", 2022, "not_available")}
    return book


@sent("counts under labels that the dictionary has for percentages")
def counts(zones: list[str]) -> Workbook:
    heads = ["Familles monoparentales 2021", "Logements vacants 2021", "Population municipale 2021"]
    book = Workbook([[GEOGRAPHY], ["CODGEO", "LIBGEO", *heads], *([zone, "CC", 45, 30, 900] for zone in zones)])
    book.column("E", 3, zones, "population_count", 2021, [900] * len(zones))
    book.asked = {"C2", "D2"}
    return book


@sent("degrees from 1 to 3, of which a small territory shows two")
def degrees(zones: list[str]) -> Workbook:
    rows: Cells = [[GEOGRAPHY], ["CODGEO", "LIBGEO", "FRAG_EMPLOI", "FRAG_FAMILLE"]]
    given = [[1, "TF"], [2, "Non-fragile"], [1, "fragile "]]
    book = Workbook(rows + [[zone, "CC", *said] for zone, said in zip(zones, given, strict=True)], sheet="2021")
    book.answers["C2"] = ("grade_employment", None, "degrés de 1 à 3")
    book.column("C", 3, zones, "grade_employment", 2021, [0, 1, 0])
    book.column("D", 3, zones, "grade_family", 2021, [2, 0, 1])
    return book


@dataclass
class Read:
    """One workbook and what was read of it, alone."""

    book: Workbook
    file: str
    tables: IndicatorTables = field(repr=False)
    unasked: list[str]  # cells that a person wanted to answer for, and could not

    def found(self) -> dict[str, Truth]:
        """Cell → what the table says of it."""
        found: dict[str, Truth] = {}
        for one in self.rows("observations"):
            valued = one["availability"] in ("observed", "estimated")
            value = one["value"] if valued else one["availability"]
            found[f"{one['column']}{one['row']}"] = (one["zone_code"], one["indicator"], one["year"], value)
        return found

    def rows(self, table: str) -> list[dict[Any, Any]]:
        """What a table says of this file."""
        whole = getattr(self.tables, table)
        return whole[whole["source_id"].eq(self.file)].to_dict("records")  # type: ignore[no-any-return]

    def blocking(self) -> list[str]:
        faults = self.tables.faults
        return [str(one) for one in faults if one.file == self.file and one.severity is Severity.BLOCKING]


def epci_by_three() -> Iterator[list[str]]:
    codes = epci_codes()
    while True:
        yield [next(codes) for _ in range(3)]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, dict[str, Read]]:
    """Every workbook added, answered for and read."""
    root = tmp_path_factory.mktemp("inconnus") / "espace"
    init(root, "29", "2026-01-01")
    pool = epci_by_three()
    books = {name: make(next(pool)) for name, make in WORKBOOKS.items()}
    files = {name: f"envoi_{number:02}.xlsx" for name, number in zip(books, count(1), strict=False)}
    add(root, [book.save(root.parent / files[name]) for name, book in books.items()])
    job = Job.open(root)
    left = answer(job, {files[name]: book.answers for name, book in books.items()})
    said = read_answers(job)
    assert not said.faults, [str(fault) for fault in said.faults]
    given = [IndicatorFile(root / "data" / "raw" / file, file) for file in files.values()]
    tables = read_files(job.settings, given, said)
    return job, {name: Read(books[name], file, tables, left[file]) for name, file in files.items()}


def answer(job: Job, answers: dict[str, dict[str, Answer]]) -> dict[str, list[str]]:
    """What a person types in correspondance.xlsx, beside the headings; by file, the answers that nothing asks for."""
    book = openpyxl.load_workbook(correspondence_path(job))
    sheet = book["Colonnes"]
    places = columns_of(sheet)
    left = {file: dict(cells) for file, cells in answers.items()}
    for row in range(4, sheet.max_row + 1):
        file, cell = (str(sheet.cell(row, places[name]).value) for name in ("fichier", "cellule"))
        typed = left.get(file, {}).pop(cell, ())
        for name, value in zip(("retenir comme", "année", "unité"), typed, strict=False):
            sheet.cell(row, places[name]).value = value or None
    book.save(correspondence_path(job))
    return {file: list(cells) for file, cells in left.items()}


def cases() -> list[Any]:
    """Every workbook; those that lack something are expected to fail, until they do not."""
    marks = {name: [pytest.mark.xfail(strict=True, reason=why)] for name, why in LACKING.items()}
    return [pytest.param(name, id=name, marks=marks.get(name, [])) for name in WORKBOOKS]


@pytest.mark.parametrize("name", cases())
def test_what_is_read_is_true_and_what_is_true_is_read_or_asked(name: str, space: tuple[Job, dict[str, Read]]) -> None:
    """Zone, indicator, year, value and reason of every cell; the headings left unread; nothing that blocks."""
    read = space[1][name]
    asked = {one["cell"] for one in read.rows("headings") if one["reason"]}
    names = {f"{letter}{row}" for letter in "BF" for row in range(1, 9)} - read.book.asked  # may be asked for as well
    assert read.found() == read.book.truth
    assert not read.unasked
    assert asked - names == read.book.asked
    assert not [words for words in read.blocking() if read.book.truth or "aucune valeur lue" not in words]
    if read.book.nature:
        assert {one["nature"] for one in read.rows("observations")} == {read.book.nature}


def test_the_whole_workspace_is_ingested_with_one_file_filled_by_hand(
    space: tuple[Job, dict[str, Read]], tmp_path: Path
) -> None:
    """Nothing of sources.toml, of configs nor of a workbook received was touched."""
    job, read = space
    given = [one for name, one in read.items() if one.book.truth and name not in LACKING]
    root = tmp_path / "espace"
    init(root, "29", "2026-01-01")
    shutil.copy(correspondence_path(job), root / "data" / "saisies")
    add(root, [job.space.raw / one.file for one in given])
    ingest(root)
    table = read_table(root / "data" / "processed" / "observations.parquet")
    assert table["source_id"].value_counts().to_dict() == {one.file: len(one.book.truth) for one in given}


def test_an_answer_follows_its_file_from_year_to_year_and_no_other_file(tmp_path: Path) -> None:
    """The year stands in the super-header; another producer's file has the very same headings."""
    zones = next(epci_by_three())

    def table(year: int, name: str) -> Path:
        heads: Cells = [
            ["Tableau"], [GEOGRAPHY], [None, None, f"Précarité {year}", None, None],
            ["CODGEO", "LIBGEO", "Taux", "Part", "Effectif"],
        ]  # fmt: skip
        book = Workbook(heads + [[zone, "CC", 12.5, 8.5, 900] for zone in zones], merged=("C3:E3",))
        return book.save(tmp_path / name)

    root = tmp_path / "espace"
    init(root, "29", "2026-01-01")
    add(root, [table(2021, "caf_2021.xlsx")])
    job = Job.open(root)
    said: dict[str, Answer] = {"C4": (RATE, None, ""), "D4": ("neet_rate_pct", None, ""), "E4": (POOR, None, "")}
    answer(job, {"caf_2021.xlsx": said})
    add(root, [table(2022, "caf_2022.xlsx"), table(2022, "jeunes_2022.xlsx")])
    read = read_files(
        job.settings, [IndicatorFile(path, path.name) for path in job.space.raw.glob("*.xlsx")], read_answers(job)
    )
    found = {
        name: sorted({*rows["indicator"] + " " + rows["year"].astype(str)})
        for name, rows in read.observations.groupby("source_id")
    }
    assert found == {
        f"caf_{year}.xlsx": [f"{name} {year}" for name in ("neet_rate_pct", POOR, RATE)] for year in (2021, 2022)
    }
