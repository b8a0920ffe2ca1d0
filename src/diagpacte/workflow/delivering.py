"""The deliverables of a territory: all of them, its maps or its workbook alone, and those of others that this changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path

from diagpacte.vocabulary import Territory
from diagpacte.workflow.crossing import cross_job
from diagpacte.workflow.ingestion import ingest_job
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.maps import check_asked, maps_job
from diagpacte.workflow.places import resolve
from diagpacte.workflow.quality import quality_job
from diagpacte.workflow.withdrawing import decide_together, found_again, others_to_rewrite, outdated, removed, withdraw
from diagpacte.workflow.workbook import workbook_job

# Each deliverable of a territory, by its step: what `run` makes, and what is written again when masks change.
DELIVERIES: Mapping[str, Callable[[Job, Territory], Done]] = {
    "map": maps_job,
    "table": workbook_job,
    "quality": quality_job,
}


def map_themes(directory: Path, territory: str = "", themes: tuple[str, ...] = (), *, diffusion: str = "") -> Done:
    """Draw the maps, after bringing the tables up to date; `themes` restricts to some, `diffusion` says for whom.

    Raises UsageError for a theme that the territory does not show, or a diffusion that is none.
    """
    job = Job.open(directory, diffusion)
    with job.space.lock():
        place = resolve(job.settings.geography, job.territory_code(territory))
        check_asked(themes, job.themes(place), place)
        return _ready(job, place) + maps_job(job, place, themes) + rewrite_others(job, place)


def table(directory: Path, territory: str = "", *, diffusion: str = "") -> Done:
    """Write the workbook, after bringing the tables up to date; `diffusion` says for whom."""
    job = Job.open(directory, diffusion)
    with job.space.lock():
        place = resolve(job.settings.geography, job.territory_code(territory))
        return _ready(job, place) + workbook_job(job, place) + rewrite_others(job, place)


def _ready(job: Job, place: Territory) -> Done:
    """All that a deliverable stands on, and nothing left of another audience."""
    done = ingest_job(job) + cross_job(job, place) + decide_together(job, place)
    return done + withdraw(job, place)


def deliver_territory(job: Job, place: Territory, artists: Executor | None = None) -> Done:
    """All the deliverables of one territory, once it is crossed and what is withheld is decided."""
    done = maps_job(job, place, artists=artists)
    for step, deliver in DELIVERIES.items():
        done += deliver(job, place) if step != "map" else Done()
    return done + Done(next_step=f"ouvrir {job.space.relative(job.space.outputs_of(place))}")


def rewrite_others(job: Job, *places: Territory) -> Done:
    """Write again, for its own audience, each deliverable of the other territories that what was decided changes."""
    done = Done()
    for one in others_to_rewrite(job, *(place.code for place in places)):
        place = found_again(job, one)
        if place:
            done += Done(notes=(f"{place.name} : ce qui est retenu a changé, ses livrables sont récrits.",))
            own = job.shown_to(one.record.diffusion)
            for step in outdated(job, one):
                if step in DELIVERIES:
                    done += DELIVERIES[step](own, place)
                else:  # nothing here knows how to write it again: it may not stay as it is
                    removed(own, place, step)
    return Done(done.paths, done.notes)
