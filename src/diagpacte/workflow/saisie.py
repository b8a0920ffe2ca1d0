"""`saisie`: the workbook that people type in, harvested before anything is written, brought up to date, merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diagpacte.errors import DeliverableError, Fault, Severity, SourceError
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.saisie_passage import Asked, Outcome, passage
from diagpacte.workflow.saisie_rows import choice_lists, territories, territory_codes, wanted_rows
from diagpacte.workspace import atomic_write, file_hash, step_key

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.sources.saisie.entries import Known

SAISIE, OLD = "saisie.xlsx", "anciennes"
STEP, ENTRIES = "saisie", "entries"
SHOWN = 12  # remarks printed


def saisie(directory: Path, merge: Path | None = None) -> Done:
    """Make the workbook, or bring it up to date; with `merge`, bring in a colleague's copy.

    Raises SourceError when one of the two cannot be read, or is none; DeliverableError when the workbook is
    open in another program: nothing is changed then.
    """
    job = Job.open(directory)
    with job.space.lock():
        return saisie_job(job, merge=merge)


def saisie_job(job: Job, codes: Sequence[str] = (), merge: Path | None = None) -> Done:
    """`saisie` once the workspace is held; `codes` are territories asked for beside those already known."""
    if merge is None and saisie_up_to_date(job, codes):
        return Done(notes=("Saisies à jour.",))
    path, asked = saisie_path(job), _asked(job, codes)
    known, remarks = _known(job)
    before = file_hash(path) if path.is_file() else ""
    outcome = passage(path, known, asked, merge)
    notes: list[str] = []
    paths: tuple[Path, ...] = ()
    if merge is not None:
        _keep(job, merge)
    if outcome.data is not None:
        try:
            notes, paths = _write(job, outcome.data, before), (path,)
        except DeliverableError:
            if outcome.urgent:
                raise  # otherwise the workbook lacks nothing that a person would see
    _deliver(job, codes, outcome.table)
    notes += [*_summary(outcome), *_said([*remarks, *outcome.faults])]
    return Done(paths, tuple(notes), f"remplir {job.space.relative(path)}")


def saisie_path(job: Job) -> Path:
    return job.space.saisies / SAISIE


def saisie_up_to_date(job: Job, codes: Sequence[str] = ()) -> bool:
    """Whether the workbook there is the one last harvested, for the same territories; no heavy library."""
    return saisie_path(job).is_file() and job.space.up_to_date(job.space.processed, STEP, _key(job, codes))


def _key(job: Job, codes: Sequence[str]) -> str:
    return step_key(
        STEP, job.space.hash_inputs([saisie_path(job)]), job.rules, territories=",".join(territory_codes(job, codes))
    )


def _deliver(job: Job, codes: Sequence[str], table: pd.DataFrame) -> None:
    from diagpacte import store

    files = {job.space.processed / f"{ENTRIES}.parquet": store.to_bytes(ENTRIES, table)}
    job.deliver(STEP, _key(job, codes), job.space.hash_inputs([saisie_path(job)]), files)


def typed_entries(job: Job) -> pd.DataFrame | None:
    """The table Entries, harvested again when the workbook changed or went since; None when there never was one."""
    from diagpacte import store

    path, table = saisie_path(job), job.space.processed / f"{ENTRIES}.parquet"
    if not path.is_file() and not table.is_file():
        return None
    step = job.space.record(job.space.processed).steps.get(STEP)
    there = job.space.hash_inputs([path]) if path.is_file() else {}
    if step is None or step.inputs != there or not table.is_file():
        saisie_job(job)
    try:
        return store.read(table)
    except SourceError:  # of another version: the workbook is the original
        table.unlink()
        saisie_job(job)
        return store.read(table)


def _asked(job: Job, codes: Sequence[str]) -> Asked:
    from diagpacte.sources.saisie.lines import Forms
    from diagpacte.sources.saisie.settling import DECISIONS, FIELDS, SETTLING

    settings, places = job.settings, territories(job, codes)
    lists = {**choice_lists(job, places), f"{SETTLING}.decision": DECISIONS}
    return Asked(Forms((*settings.saisie, *FIELDS)), wanted_rows(job, places), lists, settings.reading, settings.as_of)


def _write(job: Job, data: bytes, before: str) -> list[str]:
    """Keep the workbook as it was, then write it; what its rewriting loses is said. `before`: the hash of what was read."""
    from diagpacte.deliverables.saisie_package import losses

    path, notes = saisie_path(job), []
    _refuse_if_open(path)
    if before:
        if file_hash(path) != before:
            raise DeliverableError(_changed(path))
        lost, kept = losses(path.read_bytes()), _keep(job, path)
        if lost:
            notes.append(
                f"à vérifier : ce que la mise à jour de {SAISIE} ne reprend pas, ou pas en entier : {', '.join(lost)} ; "
                f"l’ancien classeur est {job.space.relative(kept)}."
            )
    try:
        atomic_write(path, data)
    except PermissionError as error:
        raise DeliverableError(_held(path.name)) from error
    return notes


def _keep(job: Job, path: Path) -> Path:
    """A copy of `path` among the old workbooks, named after what it holds."""
    kept = job.space.saisies / OLD / f"{Path(SAISIE).stem}-{file_hash(path)[:12]}.xlsx"
    if not kept.is_file():
        atomic_write(kept, path.read_bytes())
    return kept


def _known(job: Job) -> tuple[Known, tuple[Fault, ...]]:
    """What the last passage knew; nothing, and a remark, when its table cannot be read any more."""
    from diagpacte import store
    from diagpacte.sources.saisie.entries import Known, known

    path = job.space.processed / f"{ENTRIES}.parquet"
    if not path.is_file():
        return Known(), ()
    try:
        return known(store.read(path)), ()
    except SourceError as error:
        return Known(), tuple(replace(fault, severity=Severity.CHECK) for fault in error.faults)


def _refuse_if_open(path: Path) -> None:
    """What Excel and LibreOffice leave beside a file held open: on some systems it can be replaced under them."""
    marks = (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#"))
    for mark in marks:
        if mark.exists():
            remedy = f"le fermer, puis relancer ; s’il n’est ouvert nulle part, supprimer {mark.name}"
            raise DeliverableError(replace(_held(path.name), remedy=remedy))


def _held(name: str) -> Fault:
    return Fault(
        name,
        found="ouvert dans un autre programme : rien n’a été écrit, rien n’est perdu",
        remedy=f"fermer {name} dans Excel, puis relancer",
    )


def _changed(path: Path) -> Fault:
    return Fault(path.name, found="enregistré par quelqu’un pendant la lecture : rien n’a été écrit", remedy="relancer")


def _summary(outcome: Outcome) -> list[str]:
    from diagpacte.deliverables.french import counted
    from diagpacte.sources.saisie.lines import Why

    typed = sum(len(line.texts) for line in outcome.ledger.lines)
    words = [counted(typed, "texte saisi", "textes saisis")]
    words += [
        f"{counted(count, 'ligne')} de {which}"
        for count, which in ((outcome.added, "plus"), (outcome.cleared, "moins"))
        if count
    ]
    notes = [f"{SAISIE} : {', '.join(words)}."]
    waiting = sum(one.why is not Why.EMPTIED for one in outcome.ledger.waiting)
    if waiting:
        notes.append(f"à vérifier : {counted(waiting, 'texte')} dans la feuille « À régler » de {SAISIE}.")
    if outcome.foreign:
        names = ", ".join(f"« {name} »" for name in outcome.foreign)
        notes.append(f"Feuilles ajoutées par des personnes, gardées telles quelles : {names}.")
    return notes


def _said(faults: Sequence[Fault]) -> list[str]:
    shown = sorted(set(faults), key=lambda fault: (fault.severity is Severity.INFORMATION, fault))
    notes = [f"{fault.severity} : {fault}" for fault in shown[:SHOWN]]
    if len(shown) > SHOWN:
        notes.append(f"… et {len(shown) - SHOWN} autres remarques.")
    return notes
