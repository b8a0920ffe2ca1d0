"""Mutated files: a sample of those of `make fuzz`, and proofs that their judge can find fault."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from diagpacte.errors import Fault, SourceError
from diagpacte.sources.indicators import IndicatorReading
from fuzz_workbooks import Case, judged, make_case
from fuzzing.cells import NOTHING, Said, said
from fuzzing.drafts import Draft
from fuzzing.grids import Grids, grids_of
from fuzzing.losses import silent_losses
from fuzzing.messages import bad_error, bad_message
from fuzzing.oracle import wrong_values
from fuzzing.runner import run_seeds
from fuzzing.zones import says_zone
from workbook_builders import made, panorama

SAMPLE = range(80)


def test_a_sample_of_mutated_files_ends_in_tables_or_in_french_errors() -> None:
    outcomes = list(run_seeds(SAMPLE))
    assert [failure for outcome in outcomes for failure in outcome.failures] == []
    assert [outcome.seed for outcome in outcomes] == [*SAMPLE]
    assert {outcome.ending for outcome in outcomes} == {"tableau", "erreur 1", "erreur 4"}
    assert sum(outcome.judged for outcome in outcomes) >= len(SAMPLE) / 2
    assert [outcome.commands for outcome in outcomes if outcome.commands]


def test_a_seed_is_the_same_file_every_time(tmp_path: Path) -> None:
    for seed in range(100, 130):
        first, again = make_case(seed, tmp_path), make_case(seed, tmp_path)
        data = first.path.read_bytes()
        assert make_case(seed, tmp_path).path.read_bytes() == data
        assert first.mutations == again.mutations
        assert len(first.mutations) in range(2, 6)


# --- the judge ----------------------------------------------------------------------------------


@pytest.fixture
def right(tmp_path: Path) -> tuple[IndicatorReading, Grids]:
    reading = made(tmp_path)
    grids = grids_of(tmp_path / "panorama.xlsx", Draft("panorama", "xlsx", panorama()), as_drafted=True)
    assert grids is not None
    assert [*wrong_values(reading.observations, grids, ()), *silent_losses(reading, grids)] == []
    return reading, grids


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("value", 8.8, "autre valeur"),
        ("value", 890.0, "autre valeur"),
        ("value", float("nan"), "valeur perdue"),
        ("row", 8, "autre valeur"),
        ("zone_code", "EPCI:200000438", "zones qu’aucune colonne ne dit"),
        ("zone_code", "COM:75056", "zones qu’aucune colonne ne dit"),
        ("indicator", "median_income_eur_year", "lu median_income_eur_year"),
        ("year", 2020, "lu poverty_rate_pct 2020"),
        ("published_code", "TP6020", "ni au-dessus ni à gauche"),
        ("availability", "secret", "valeur sans droit d’être"),
        ("sheet", "Profils", "inconnue d’openpyxl"),
    ],
)
def test_a_value_that_its_cell_does_not_hold_is_found(
    column: str, value: object, words: str, right: tuple[IndicatorReading, Grids]
) -> None:
    reading, grids = right
    table = reading.observations.astype({column: object})
    rate = (table["zone_code"] == "EPCI:200000172") & (table["published_code"] == "TP6021")
    assert rate.sum() == 1
    table.loc[rate, column] = value
    found = list(wrong_values(table, grids, ()))
    assert any(words in one for one in found), found


def test_a_secret_given_a_value_or_another_reason_is_found(right: tuple[IndicatorReading, Grids]) -> None:
    reading, grids = right
    for column, value in (("value", 0.0), ("availability", "empty")):
        table = reading.observations.copy()
        table.loc[table["availability"] == "secret", column] = value
        assert any("absence secret" in one for one in wrong_values(table, grids, ()))


def test_a_number_that_nobody_speaks_of_is_found(right: tuple[IndicatorReading, Grids]) -> None:
    reading, grids = right
    short = reading.observations[reading.observations["published_code"] != "MED21"]
    lost = list(silent_losses(_with(reading, short), grids))
    assert [one.partition(" ")[0] for one in lost] == ["Profils_EPCI!E7", "Profils_EPCI!E9", "References!E7"][
        : len(lost)
    ]
    assert lost
    told = Fault("panorama.xlsx", "Profils_EPCI", "E7", "illisible", cells=("E7:E9",))
    assert not [one for one in silent_losses(_with(reading, short, told), grids) if one.startswith("Profils")]


def _with(reading: IndicatorReading, observations: pd.DataFrame, *faults: Fault) -> IndicatorReading:
    return type(reading)(**{**vars(reading), "observations": observations, "faults": [*faults]})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("could not convert string to float", "anglais"),
        ("valeur None", "anglais"),
        ("", "rien de trouvé"),
        ("« \x1b[31m » illisible", "caractère de contrôle"),
        ("x" * 4000, "message de"),
        ("« could not » illisible pour « Taux »", ""),
    ],
)
def test_a_message_nobody_can_act_on_is_found(found: str, words: str) -> None:
    class Bare(Fault):  # as if errors.py cleaned nothing
        def __post_init__(self) -> None: ...

    told = bad_message(Bare("a.xlsx", found=found), "a.xlsx")
    assert told.startswith(words)
    assert bool(told) == bool(words)
    assert [*bad_error(SourceError(), "a.xlsx")] == ["SourceError sans faute"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (12.5, Said(12.5)), ("12,5", Said(12.5)), ("1 234,5", Said(1234.5)), ("1\u202f234", Said(1234.0)), ("−14,8", Said(-14.8)),
        ("12,5 (p)", Said(12.5, flag="(p)")), ("12,5 e", Said(12.5, flag="e")), ("12 %", Said(12.0, percent=True)), ("'12", Said(12.0)),
        ("1e5", Said(1e5)), ("-0", Said(-0.0)), ("< 5", Said(upper=5.0)), ("95 ou plus", Said(lower=95.0)), ("1-4", Said(lower=1.0, upper=4.0)),
        ("s", Said(missing="secret")), ("///", Said(missing="not_applicable")), (None, Said(missing="empty")), ("#DIV/0 !", Said(missing="not_available")),
        ("1e400", NOTHING), ("12 34", NOTHING), ("1 2345", NOTHING), ("0x1F", NOTHING), ("١٢", NOTHING), ("１２", NOTHING), ("½", NOTHING),
        ("21 660 €", Said(21660.0, unit="€")), ("12 hab. (p)", Said(12.0, flag="(p)", unit="hab.")), ("12,5 (1)", Said(12.5, note="(1)")),
        (True, NOTHING), (float("inf"), NOTHING), ("12,5 (x)", NOTHING), ("4-1", NOTHING), ("", Said(missing="empty")),
    ],
)  # fmt: skip
def test_the_judge_reads_cells_by_its_own_rules(cell: object, expected: Said) -> None:
    assert said(cell) == expected


@pytest.mark.parametrize(
    ("cell", "zone", "answer"),
    [
        ("01004", "COM:01004", True), (1004.0, "COM:01004", True), ("1004", "COM:01004", True), ("1005", "COM:01004", False),
        ("200 000 172", "EPCI:200000172", True), (200000172, "EPCI:200000172", True), ("200057966", "EPCI:200057966", False),
        ("200057966", "EPT:200057966", True), ("2a004", "COM:2A004", True), (2, "DEP:02", True), ("84", "DEP:84", True), ("84", "COM:00084", False),
        ("ZZZZZZZZZ", "HORS:FRM", True), ("F", "FRM", True), (None, "DEP:84", False), (True, "DEP:01", False), ("٢٠٠٠٠٠١٧٢", "EPCI:200000172", False),
    ],
)  # fmt: skip
def test_the_judge_knows_codes_by_its_own_rules(cell: object, zone: str, answer: bool) -> None:
    assert says_zone(cell, zone) is answer


def test_a_process_that_dies_of_a_seed_is_told_and_the_next_seeds_are_run(tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        textwrap.dedent("""\
            import json, os, sys
            for seed in range(int(sys.argv[1]), int(sys.argv[2])):
                if seed == 2:
                    os._exit(9)
                print(json.dumps({"seed": seed, "ending": "tableau"}), flush=True)
        """)
    )
    found = [(outcome.seed, outcome.ending) for outcome in run_seeds(range(5), worker=(sys.executable, str(worker)))]
    assert found == [(0, "tableau"), (1, "tableau"), (2, "mort du processus"), (3, "tableau"), (4, "tableau")]


def test_an_exception_is_told_with_its_place(tmp_path: Path) -> None:
    at = Draft("communes", "csv", {"": [["CODGEO", "TP6021"], ["01004", 12.5]]})
    case = Case(1, at, at.write(tmp_path), ["rien"], True)
    assert judged(case, tmp_path).failures == []
    at.separator = "beaucoup trop"  # what csv.reader refuses
    (failure,) = judged(case, tmp_path).failures
    assert failure.startswith("exception : TypeError")
    assert "grids.py" in failure
    assert failure.endswith("rien")
