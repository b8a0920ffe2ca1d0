"""Whatever cannot be told from a file can be answered in correspondance.xlsx alone, and the answer is obeyed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from correspondence_builders import fill, short_job, texts
from diagpacte.deliverables.correspondence import AskedFile
from diagpacte.errors import Fault, Severity, SourceError
from diagpacte.sources.indicators import IndicatorReading, read_indicators
from diagpacte.sources.manifest import MANIFEST, read_manifest
from diagpacte.sources.meaning.choices import Choice, Choices
from diagpacte.workflow import correspondence
from diagpacte.workflow.correspondence import ask, correspondence_path, read_answers, updated
from diagpacte.workflow.indicator_tables import IndicatorFile, read_files
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.job import Job
from diagpacte.workflow.scaffold import add, init
from long_builders import line, long_file
from workbook_builders import Rows, rules, values, write_csv, write_xlsx

ONE, TWO = "200040715", "200018166"
BLOCKING = Severity.BLOCKING
Typed = dict[str, object]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "espace"
    folder.mkdir()
    return short_job(folder)


@pytest.fixture
def answered(job: Job) -> Callable[..., IndicatorReading]:
    """A file read, its questions written in Excel, answered row by row, and the file read again."""

    def read_again(path: Path, *typed: Typed) -> IndicatorReading:
        before = read_indicators(path, path.name, rules(), geo_vintage=2025)
        asked = [AskedFile(path.name, "panorama", 2025)]
        correspondence_path(job).parent.mkdir(parents=True, exist_ok=True)
        correspondence_path(job).write_bytes(updated(job, before.headings, asked) or b"")
        fill(job, *typed)
        answers = read_answers(job)
        assert not answers.faults, [str(fault) for fault in answers.faults]
        after = read_indicators(path, path.name, replace(rules(), choices=answers.choices), geo_vintage=2025)
        again = updated(job, after.headings, asked)
        if again:  # a question that the answer to another one settled is gone
            correspondence_path(job).write_bytes(again)
        assert updated(job, after.headings, asked) is None
        return after

    return read_again


def blocking(faults: list[Fault]) -> list[str]:
    return [f"{fault.found} → {fault.remedy}" for fault in faults if fault.severity is BLOCKING]


def rates(folder: Path, *of: float, name: str = "caf.csv") -> Path:
    zones = (ONE, TWO, "200000172")[: len(of)]
    return write_csv(
        folder / name, [["CODGEO", "TP6021"], *([zone, rate] for zone, rate in zip(zones, of, strict=True))]
    )


@pytest.mark.parametrize(("unit", "expected"), [("% (0 à 100)", 0.5), ("part (0 à 1)", 50)])
def test_the_scale_of_a_known_column_is_asked_and_obeyed(
    job: Job, tmp_path: Path, answered: Callable[..., IndicatorReading], unit: str, expected: float
) -> None:
    path = rates(tmp_path, 0.5, 0.25)
    (told,) = blocking(read_indicators(path, path.name, rules(), geo_vintage=2025).faults)
    assert "correspondance.xlsx" in told
    reading = answered(path, {"garder": "oui", "unité": unit})
    (row,) = texts(job)
    assert row["intitulé"] == "TP6021"
    assert row["proposition"] == "Taux de pauvreté — poverty_rate_pct"
    assert row["confiance"] == "100 – forte"
    assert "au plus 1" in str(row["pourquoi"])
    assert values(reading)[f"EPCI:{ONE}", "poverty_rate_pct", 2021] == expected
    assert not blocking(reading.faults)


def test_a_column_that_mixes_percent_formats_is_read_as_a_person_says(
    tmp_path: Path, answered: Callable[..., IndicatorReading]
) -> None:
    sheet: Rows = [["CODGEO", "TP6021"], [ONE, 10], [TWO, 0.2]]

    def show_in_percent(book: Any) -> None:
        book.get_worksheet_by_name("EPCI").write(2, 1, 0.2, book.add_format({"num_format": "0%"}))

    path = write_xlsx(tmp_path / "caf.xlsx", {"EPCI": sheet}, merged={}, after=show_in_percent)
    assert blocking(read_indicators(path, path.name, rules(), geo_vintage=2025).faults)
    reading = answered(path, {"garder": "oui", "unité": "% (0 à 100)"})
    assert values(reading)[f"EPCI:{ONE}", "poverty_rate_pct", 2021] == 10
    (fault,) = reading.faults
    assert (fault.severity, fault.cell) == (Severity.CHECK, "B3")


def two_sheets(folder: Path) -> Path:
    """Two sheets that give one figure twice, otherwise."""
    return write_xlsx(
        folder / "caf.xlsx",
        {
            "EPCI": [["CODGEO", "TP6021"], [ONE, 10], [TWO, 20]],
            "Brouillon": [["CODGEO", "TP6021"], [ONE, 11], [TWO, 20]],
        },
        merged={},
    )


def test_of_two_columns_of_one_figure_a_person_says_which_is_not_read(
    job: Job, tmp_path: Path, answered: Callable[..., IndicatorReading]
) -> None:
    path = two_sheets(tmp_path)
    (told,) = blocking(read_indicators(path, path.name, rules(), geo_vintage=2025).faults)
    assert "« garder » : non" in told
    reading = answered(path, {}, {"garder": "non"})
    assert [(row["feuille"], row["garder"]) for row in texts(job)] == [("Brouillon", "non")]
    assert values(reading)[f"EPCI:{ONE}", "poverty_rate_pct", 2021] == 10
    assert not reading.faults


def test_both_columns_of_one_figure_are_asked_with_the_sheet_of_the_other(tmp_path: Path) -> None:
    path = two_sheets(tmp_path)
    asked = read_indicators(path, path.name, rules(), geo_vintage=2025).headings
    assert [*asked["sheet"]] == ["EPCI", "Brouillon"]
    assert "« Brouillon »" in asked["reason"].iloc[0]
    assert "« EPCI »" in asked["reason"].iloc[1]


def test_a_zone_given_twice_in_one_column_asks_nothing_of_the_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "caf.csv", [["CODGEO", "TP6021"], [ONE, 10], [ONE, 12]])
    reading = read_indicators(path, path.name, rules(), geo_vintage=2025)
    assert reading.headings.empty
    assert "code de zone" in blocking(reading.faults)[0]


def test_a_file_of_which_nothing_is_wanted_blocks_nothing(
    tmp_path: Path, answered: Callable[..., IndicatorReading]
) -> None:
    path = write_csv(tmp_path / "caf.csv", [["CODGEO", "Places"], [ONE, 12], [TWO, 30]])
    assert blocking(read_indicators(path, path.name, rules(), geo_vintage=2025).faults)
    (fault,) = answered(path, {"garder": "non"}).faults
    assert fault.severity is Severity.INFORMATION


def test_a_file_that_waits_for_answers_blocks_no_other(job: Job, tmp_path: Path) -> None:
    unknown = write_csv(tmp_path / "caf.csv", [["CODGEO", "Places"], [ONE, 12], [TWO, 30]])
    files = [IndicatorFile(path, path.name, 2025) for path in (unknown, rates(tmp_path, 10, 20, name="insee.csv"))]
    (alone,) = (one for one in read_files(job.settings, files[:1]).faults if "aucune valeur lue" in one.found)
    (beside,) = (one for one in read_files(job.settings, files).faults if "aucune valeur lue" in one.found)
    assert (alone.severity, beside.severity) == (BLOCKING, Severity.CHECK)


def test_the_answers_of_a_file_are_those_of_its_annotated_copy(tmp_path: Path) -> None:
    said = Choices(
        (Choice("Caf 2023.xlsx", "EPCI", "Part", "", "poverty_rate_pct", 2022, "pct"),), {"Caf 2023.xlsx": 2025}
    )
    table: Rows = [["CODGEO", "Part"], [ONE, 0.5], [TWO, 0.25]]
    path = write_xlsx(tmp_path / "annoté-Caf 2023.xlsx", {"EPCI": table, "Relevé diagpacte": [["Cellule"]]}, merged={})
    reading = read_indicators(path, path.name, replace(rules(), choices=said))
    assert values(reading)[f"EPCI:{ONE}", "poverty_rate_pct", 2022] == 0.5
    assert not reading.faults
    nothing = read_indicators(path, path.name, rules()).faults[-1]
    assert "aucune valeur lue" in nothing.found
    assert "Relevé" not in nothing.found


def test_an_unknown_measure_is_asked_and_read_as_it_is_said(
    job: Job, tmp_path: Path, answered: Callable[..., IndicatorReading]
) -> None:
    path = long_file(tmp_path, line(), line(FILOSOFI_MEASURE="TX_X", TIME_PERIOD="2022"), line(FILOSOFI_MEASURE="TX_Y"))
    reading = answered(path, {"retenir comme": "neet_rate_pct"}, {"garder": "non"})
    (first, second) = texts(job)
    assert [first[name] for name in ("cellule", "intitulé", "sous", "exemple 1")] == [
        "A3",
        "TX_X",
        "FILOSOFI_MEASURE",
        "12.5",
    ]
    assert (second["intitulé"], second["garder"]) == ("TX_Y", "non")
    assert values(reading) == {
        ("EPCI:200000172", "poverty_rate_pct", 2023): 12.5,
        ("EPCI:200000172", "neet_rate_pct", 2022): 12.5,
    }
    assert not reading.faults


def test_the_decimal_point_of_a_long_table_is_never_taken_for_thousands(tmp_path: Path) -> None:
    path = long_file(tmp_path, line(FILOSOFI_MEASURE="NUM_HH", UNIT_MEASURE="HH", UNIT_MULT="3", OBS_VALUE="85.658"))
    reading = read_indicators(path, path.name, rules(), geo_vintage=2025)
    assert [*values(reading).values()] == [85_658]
    assert not blocking(reading.faults)


def test_a_heading_that_is_a_year_is_shown_as_it_is_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "caf.xlsx", {"EPCI": [["CODGEO", 2019], [ONE, 5], [TWO, 7]]}, merged={})
    assert [*read_indicators(path, path.name, rules(), geo_vintage=2025).headings["heading"]] == ["2019"]


def test_a_second_file_of_a_name_says_how_to_replace_the_first(tmp_path: Path) -> None:
    space = tmp_path / "espace"
    init(space, "74", "2025-01-01")
    add(space, [rates(tmp_path, 10, 20)])
    with pytest.raises(SourceError, match="supprimer l’ancien de data/raw"):
        add(space, [rates(tmp_path, 10, 30)])


# --- « De nouvelles questions » is said when there is one -----------------------------------------

NEW_QUESTIONS = "de nouvelles questions y sont écrites"


def told_by_ingest(root: Path) -> list[str]:
    """What the quality report of an ingest says of correspondance.xlsx."""
    ingest(root)
    table = pd.read_csv(root / "data" / "processed" / "qualite.csv", sep=";", encoding="utf-8-sig", dtype=str)
    return [text for row in table.to_numpy().tolist() for text in map(str, row) if text == NEW_QUESTIONS]


def test_new_questions_are_told_when_there_are_some_and_only_then(tmp_path: Path) -> None:
    root = tmp_path / "espace"
    init(root, "74", "2025-01-01")
    above: Rows = [["Géographie au 01/01/2025"]]
    rows: Rows = [["CODGEO", "LIBGEO", "TP6021", "Places"], [ONE, "Une", 12.5, 7], [TWO, "Deux", 9.5, 8]]
    add(root, [write_xlsx(tmp_path / "caf.xlsx", {"EPCI": above + rows}, merged={})])
    job = Job.open(root)
    assert not told_by_ingest(root)  # `add` asked already
    asked = correspondence_path(job).read_bytes()
    fill(job, {"exemple 1": "12"})  # not as the file has it: the workbook is written again
    (root / "configs" / "diagpacte.toml").touch()
    assert not told_by_ingest(root)
    assert texts(job)[0]["exemple 1"] == "7"
    fill(job, {"garder": "non", "exemple 1": "12"})  # answered: nothing more to ask
    assert not told_by_ingest(root)
    correspondence_path(job).unlink()
    assert told_by_ingest(root) == [NEW_QUESTIONS]
    assert len(correspondence_path(job).read_bytes()) == len(asked)


def test_a_workbook_open_elsewhere_stops_nothing_when_there_is_nothing_new_to_ask(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "autre"
    init(root, "74", "2025-01-01")
    add(root, [write_csv(tmp_path / "caf.csv", [["CODGEO", "Places"], [ONE, 12], [TWO, 30]])])
    job = Job.open(root)
    fill(job, {"exemple 1": "13"})

    def is_open(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(correspondence, "atomic_write", is_open)
    path = job.space.raw / "caf.csv"
    reading = read_indicators(path, path.name, rules())
    entry = read_manifest(job.space.raw / MANIFEST)["caf.csv"]
    assert ask(job, [(entry, reading)], {"caf.csv"}) is None
    correspondence_path(job).unlink()
    with pytest.raises(PermissionError):
        ask(job, [(entry, reading)], {"caf.csv"})
