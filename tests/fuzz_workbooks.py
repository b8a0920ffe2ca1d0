"""One mutated file by seed, read, and judged: a table, a French error, or a failure of ours."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from diagpacte.errors import ContractError, DiagpacteError, Fault, Severity
from fuzzing.archives import change_archive, change_bytes
from fuzzing.commands import annotated, through_commands
from fuzzing.drafts import Draft, draft
from fuzzing.grids import grids_of
from fuzzing.losses import silent_losses
from fuzzing.markup import change_xml
from fuzzing.messages import bad_error, bad_message
from fuzzing.oracle import wrong_values
from fuzzing.people import BY_PEOPLE
from workbook_builders import read

MOST_MUTATIONS = 4
COMMANDS_EVERY = 40  # seeds that also go through init, add and ingest
GEOGRAPHY = 2025


@dataclass
class Case:
    """A mutated file."""

    seed: int
    draft: Draft
    path: Path
    mutations: list[str]
    as_drafted: bool  # nothing happened to its bytes


@dataclass
class Outcome:
    """What became of a case: « tableau », « erreur 4 »…, and every failure of ours."""

    seed: int
    ending: str
    failures: list[str] = field(default_factory=list)
    judged: bool = False  # compared with what openpyxl, or the draft, holds
    commands: str = ""  # the last of init, add and ingest, and its exit code, when they were typed


def make_case(seed: int, folder: Path) -> Case:
    """The file of `seed`, written in `folder`: the same bytes each time."""
    random = Random(seed)
    at = draft(random)
    on_grid = [random.random() < 0.62 for _ in range(random.randint(1, MOST_MUTATIONS))]
    said = []
    for _ in filter(None, on_grid):
        change = random.choices([one for _, one in BY_PEOPLE], [weight for weight, _ in BY_PEOPLE])[0]
        said.append(change(random, at))
    path = at.write(folder)
    data = path.read_bytes()
    zipped = at.kind in ("xlsx", "ods", "zip")
    for _ in range(on_grid.count(False)):
        change = random.choices((change_xml, change_archive, change_bytes), (70, 15, 15))[0] if zipped else change_bytes
        data, told = change(random, data)
        said.append(told)
    path.write_bytes(data)
    return Case(seed, at, path, [f"{at.base}.{at.kind}", *said], all(on_grid))


def run_case(seed: int, folder: Path) -> Outcome:
    """Make the case of `seed`, read it and judge what comes of it."""
    return judged(make_case(seed, folder), folder)


def judged(case: Case, folder: Path) -> Outcome:
    """What comes of a case; an exception, a warning are failures like the others."""
    outcome = Outcome(case.seed, "exception")
    try:
        with heard() as told:
            _judge(case, outcome, folder)
    except Exception:
        outcome.failures.append(f"exception : {_last_lines()}")
    outcome.failures += [f"avertissement : {text}" for text in told]
    outcome.failures = [f"{one} — {' | '.join(case.mutations)}" for one in outcome.failures]
    return outcome


def _judge(case: Case, outcome: Outcome, folder: Path) -> None:
    """Read the file alone, then, for some, as the commands do."""
    file, grids, faults = case.path.name, None, list[Fault]()
    try:
        reading = read(case.path, geo_vintage=GEOGRAPHY)
    except ContractError:
        raise
    except DiagpacteError as error:
        outcome.ending = f"erreur {error.exit_code}"
        outcome.failures += bad_error(error, file)
    else:
        faults = reading.faults
        blocking = any(fault.severity is Severity.BLOCKING for fault in faults)
        outcome.ending = "erreur 1" if blocking else "tableau"
        outcome.failures += filter(None, (bad_message(fault, file) for fault in faults))
        grids = grids_of(case.path, case.draft, as_drafted=case.as_drafted)
        if grids is not None:
            outcome.judged = True
            outcome.failures += wrong_values(reading.observations, grids, faults)
            outcome.failures += silent_losses(reading, grids)
    if case.seed % COMMANDS_EVERY == 0:
        judge = (lambda table: wrong_values(table, grids, faults)) if grids is not None else (lambda _: ())
        outcome.commands, wrong = through_commands(case.path, outcome.ending, judge, folder)
        outcome.failures += [*wrong, *annotated(case.path, outcome.ending, folder, GEOGRAPHY)]


@contextmanager
def heard() -> Iterator[list[str]]:
    """The warnings given inside, which a user would see."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield told
    told += [
        f"{one.category.__name__} : {one.message} ({one.filename.rpartition('/')[2]}:{one.lineno})" for one in caught
    ]


def _last_lines() -> str:
    kind, error, trace = sys.exc_info()
    last = traceback.extract_tb(trace)[-3:]
    where = " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(last))
    return f"{kind.__name__ if kind else ''} {error!s:.300} ({where})"
