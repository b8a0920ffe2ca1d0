"""One passage over saisie.xlsx: harvested, set beside what was known, settled, merged, planned, written in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from diagpacte.errors import DeliverableError, Fault, Severity, SourceError
from diagpacte.workflow.saisie_plan import planned

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.sources.rules import ReadingLimits
    from diagpacte.sources.saisie.entries import Known
    from diagpacte.sources.saisie.harvest import Harvest
    from diagpacte.sources.saisie.lines import Forms, Line, Wanted
    from diagpacte.sources.saisie.reconcile import Ledger
    from diagpacte.sources.saisie.settling import Decided

Headings = dict[str, dict[str, str]]  # subject → field → heading of the columns that people added


@dataclass(frozen=True)
class Asked:
    """What the workbook must hold: the fields, the rows of the tool, the words of the lists."""

    forms: Forms
    wanted: Sequence[Wanted]
    lists: Mapping[str, Sequence[str]]
    limits: ReadingLimits
    as_of: date


@dataclass(frozen=True)
class Outcome:
    """`data` is None when the workbook already says it all; `table` is Entries, as the workbook stands afterwards.

    `urgent`: without this writing, something would be missing in it; else it only notes what was typed.
    """

    data: bytes | None
    ledger: Ledger
    table: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    foreign: tuple[str, ...] = ()
    added: int = 0
    cleared: int = 0
    urgent: bool = False


def passage(path: Path, known: Known, asked: Asked, copy: Path | None = None) -> Outcome:
    """What becomes of the workbook in `path`, which may not be there; nothing is written on disk.

    `copy` is a colleague's, to be merged. Raises SourceError when one of them cannot be read, or is none.
    """
    from diagpacte.deliverables.saisie import saisie_bytes
    from diagpacte.sources.saisie.harvest import Harvest, harvest

    fields = asked.forms.fields
    present = path.read_bytes() if path.is_file() else None
    found = harvest(path, fields, asked.limits) if present is not None else Harvest(path.name)
    ledger, decided, faults = _ledger(found, known, asked, there=present is not None)
    own: Headings = {subject: dict(sheet.own) for subject, sheet in found.sheets.items()}
    if copy is not None:
        ledger, told = _merged(ledger, copy, asked, own)
        faults += told
    plan = planned(found, ledger, decided, asked.wanted, asked.forms, asked.lists, own)
    if not (plan.changed or plan.late):
        return Outcome(None, ledger, _entries(found, ledger, asked), (*found.faults, *faults), found.foreign)
    data = saisie_bytes(present, plan.content, asked.as_of)
    table = _entries(_read_again(data, path.name, ledger, asked), ledger, asked)
    return Outcome(data, ledger, table, (*found.faults, *faults), found.foreign, plan.added, plan.cleared, plan.changed)


def _ledger(found: Harvest, known: Known, asked: Asked, *, there: bool) -> tuple[Ledger, list[Decided], list[Fault]]:
    """The rows there must be, the decisions read, and what had to be told."""
    from diagpacte.sources.saisie.reconcile import reconciled, remade
    from diagpacte.sources.saisie.settling import settled

    lines, faults = _lines(found, asked) if there else (remade(known), [])
    decided = _decisions(found)
    ledger = reconciled(lines, [one.waiting for one in decided], known, asked.wanted, asked.forms)
    ledger, refused = settled(ledger, decided, asked.forms, found.file)
    return ledger, decided, [*faults, *refused]


def _lines(found: Harvest, asked: Asked) -> tuple[list[Line], list[Fault]]:
    from diagpacte.sources.saisie.identity import all_identified
    from diagpacte.sources.saisie.settling import SETTLING

    sheets = [sheet for subject, sheet in found.sheets.items() if subject != SETTLING]
    return all_identified(found.file, sheets, asked.wanted, asked.forms)


def _decisions(found: Harvest) -> list[Decided]:
    from diagpacte.sources.saisie.settling import SETTLING, read_settling

    return read_settling(found.sheets.get(SETTLING))


def _merged(ledger: Ledger, copy: Path, asked: Asked, own: Headings) -> tuple[Ledger, list[Fault]]:
    """`ledger` with what a colleague's copy adds, and what had to be told of it; the columns it adds go to `own`."""
    from diagpacte.sources.saisie.harvest import harvest
    from diagpacte.sources.saisie.merging import merged

    if not copy.is_file():
        raise SourceError(Fault(copy.name, found="fichier introuvable", remedy="vérifier son nom et son dossier"))
    theirs = harvest(copy, asked.forms.fields, asked.limits)
    lines, faults = _lines(theirs, asked)
    waiting = [one.waiting for one in _decisions(theirs)]
    for subject, sheet in theirs.sheets.items():
        own[subject] = {**sheet.own, **own.get(subject, {})}
    told = [*theirs.faults, *faults, *(_sheet_left(copy.name, name) for name in theirs.foreign)]
    return merged(ledger, lines, waiting, asked.wanted, copy.name), told


def _sheet_left(file: str, name: str) -> Fault:
    return Fault(
        file,
        name,
        found="feuille ajoutée par une personne : elle n’est pas reprise dans saisie.xlsx",
        remedy="la copier dans saisie.xlsx si elle doit y être",
        severity=Severity.CHECK,
    )


def _read_again(data: bytes, name: str, ledger: Ledger, asked: Asked) -> Harvest:
    """The workbook about to be written, as it will be read. DeliverableError if a text is not in it.

    What a person typed is worth a second reading: the workbook on disk is only replaced by one that holds it all.
    """
    from diagpacte.sources.saisie.harvest import harvest

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        written = harvest(path, asked.forms.fields, asked.limits)
    lost = _lost(written, ledger, asked)
    if lost:
        raise DeliverableError(*(_would_be_lost(name, one) for one in lost))
    return written


def _lost(written: Harvest, ledger: Ledger, asked: Asked) -> list[str]:
    """The texts of `ledger` that are not in the workbook `written`."""
    from diagpacte.sources.saisie.lines import Line, by_place
    from diagpacte.sources.saisie.texts import same

    lines, kept = by_place(_lines(written, asked)[0]), {one.waiting.identity for one in _decisions(written)}
    lost = [
        f"{line.label} : « {text} »"
        for line in ledger.lines
        for field, text in line.texts.items()
        if field not in line.waiting and not same(lines.get(line.place, Line("", "")).texts.get(field, ""), text)
    ]
    return lost + [f"{one.label} : « {one.text} »" for one in ledger.waiting if one.identity not in kept]


def _would_be_lost(name: str, text: str) -> Fault:
    return Fault(
        name,
        found=f"la mise à jour aurait perdu un texte, {text} ; rien n’a été écrit",
        remedy="garder ce classeur et signaler ce défaut de diagpacte",
    )


def _entries(written: Harvest, ledger: Ledger, asked: Asked) -> pd.DataFrame:
    """The table Entries, its rows and columns being those of the workbook as written."""
    from diagpacte.sources.saisie.entries import entries_table
    from diagpacte.sources.saisie.lines import by_place

    again = by_place(_lines(written, asked)[0])
    lines = [
        replace(line, number=again[line.place].number, chains=again[line.place].chains) if line.place in again else line
        for line in ledger.lines
    ]
    return entries_table(lines, ledger.waiting, written.sheets, written.file)
