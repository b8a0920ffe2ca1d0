"""`run`: everything that is not up to date, for one territory or several."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

from diagpacte.errors import DiagpacteError, Fault, TerritoriesError
from diagpacte.workflow.crossing import cross_job
from diagpacte.workflow.ingestion import ingest_job
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.maps import artists_of, maps_job
from diagpacte.workflow.places import resolve
from diagpacte.workflow.workbook import workbook_job

STEPS = ("cross", "map", "table")


def run(directory: Path, territories: tuple[str, ...] = ()) -> Done:
    """Do what is not up to date. With one territory its error is raised; with several, each failure stops
    only its own and TerritoriesError names them at the end.
    """
    job = Job.open(directory)
    codes = territories or (job.territory_code(""),)
    with job.space.lock():
        if all(nothing_to_do(job, code) for code in codes):
            return Done(notes=("Tout est à jour : rien à faire.",))
        if len(codes) == 1:
            resolve(job.settings.geography, codes[0])  # a wrong code is said before the files are read
        done, failed = ingest_job(job), []
        with artists_of(job, len(job.settings.themes)) as artists:
            for code in codes:
                try:
                    done += run_territory(job, code, artists)
                except DiagpacteError as error:
                    if len(codes) == 1:
                        raise
                    failed += [Fault(f"territoire {code}", found=str(fault).rstrip(".")) for fault in error.faults]
    if failed:
        raise TerritoriesError(*failed)
    return done


def run_territory(job: Job, code: str, artists: Executor | None = None) -> Done:
    """cross, map and table of one territory, the tables being up to date."""
    place = resolve(job.settings.geography, code)
    done = cross_job(job, place) + maps_job(job, place, artists=artists) + workbook_job(job, place)
    home = job.space.outputs_of(place)
    return done + Done(next_step=f"ouvrir {job.space.relative(home)}")


def nothing_to_do(job: Job, code: str) -> bool:
    """Whether every step of `code` is up to date, found without loading any heavy library."""
    if not job.space.up_to_date(job.space.processed, "ingest", job.ingest_key()):
        return False
    home = job.home_of(code)
    if home is None:
        return False
    record = job.space.record(home)
    inputs = {"cross": job.ingested(), **dict.fromkeys(("map", "table"), job.crossed_inputs(record))}
    return all(job.space.up_to_date(home, step, job.step_key(step, inputs[step], code)) for step in STEPS)
