"""A folder of outputs is for one audience, and stands on the masks of the day: what no longer is leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagpacte.errors import TerritoryError
from diagpacte.workflow.crossing import cross_job
from diagpacte.workflow.disclosing import Crossed, crossed_territories, disclose_job
from diagpacte.workflow.job import MASKS, TABLE_STEPS, Done, Job
from diagpacte.workspace import StepRecord

UNKNOWN = "à vérifier : le territoire {code} n’existe plus dans la géographie choisie ; retirer ses livrables, qui disent d’anciennes valeurs."

if TYPE_CHECKING:
    from diagpacte.vocabulary import Territory


def withdraw(job: Job, territory: Territory) -> Done:
    """Remove from the outputs of `territory` what was made for another diffusion, before anything is written.

    Only files that diagpacte wrote, and that nobody touched since, are removed.
    """
    home = job.space.outputs_of(territory)
    record = job.space.record(home)
    if record.diffusion in ("", job.diffusion):
        return Done()
    gone = [path for step in record.steps for path in removed(job, territory, step)]
    if not gone:
        return Done()
    note = (
        f"{territory.name} : {len(gone)} fichiers de la diffusion « {record.diffusion} » retirés, un dossier n’en a "
        f"qu’une ; « diagpacte run {territory.code} --diffusion {job.diffusion} » refait ce qui manque."
    )
    return Done(notes=(note,))


def removed(job: Job, territory: Territory, step: str) -> list[str]:
    """The files of a deliverable, now removed; none for a step that makes tables, or writes elsewhere."""
    home = job.space.outputs_of(territory)
    files = list(job.space.record(home).steps[step].outputs)
    if step in TABLE_STEPS or not all((job.space.root / path).is_relative_to(home) for path in files):
        return []
    job.space.deliver(home, step, StepRecord(key=""), {}, job.about(territory, job.diffusion))
    return [path for path in files if not (job.space.root / path).is_file()]


def decide_together(job: Job, *places: Territory) -> Done:
    """Decide what is withheld, once `places` are crossed; the other territories that it changes are crossed again first,
    so that all are of one day.
    """
    done = disclose_job(job)
    codes = [str(place.code) for place in places]
    while again := [one for one in others_to_rewrite(job, *codes) if one.code not in codes]:
        codes += [one.code for one in again]
        for one in again:
            place = found_again(job, one)
            done += cross_job(job, place) if place else Done(notes=(UNKNOWN.format(code=one.code),))
        done += disclose_job(job)
    return Done(done.paths, done.notes)


def others_to_rewrite(job: Job, *codes: str) -> list[Crossed]:
    """The other territories whose deliverables stand on masks that have changed since."""
    return [one for one in crossed_territories(job) if one.code not in codes and outdated(job, one)]


def outdated(job: Job, one: Crossed) -> list[str]:
    """The deliverables of a territory whose masks are no longer those they were made with, or that failed."""
    now, found = job.masked(one.record), []
    for step, done in one.record.steps.items():
        before = {path: digest for path, digest in done.inputs.items() if path.endswith(f"/{MASKS}")}
        failed = not done.key and before != done.inputs
        if step not in TABLE_STEPS and done.outputs and (before != now or failed):
            found.append(step)
    return found


def found_again(job: Job, one: Crossed) -> Territory | None:
    """The territory, when it still is one on the geography of today."""
    from diagpacte.workflow.places import resolve

    try:
        return resolve(job.settings.geography, one.code)
    except TerritoryError:
        return None
