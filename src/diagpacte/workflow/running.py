"""`run`: everything that is not up to date, for one territory or several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagpacte.errors import DiagpacteError, Fault, TerritoriesError
from diagpacte.vocabulary import Territory
from diagpacte.workflow.crossing import cross_job
from diagpacte.workflow.delivering import DELIVERIES, deliver_territory, rewrite_others
from diagpacte.workflow.disclosing import crossed_territories, disclose_key
from diagpacte.workflow.ingestion import ingest_job
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.maps import artists_of
from diagpacte.workflow.places import resolve
from diagpacte.workflow.saisie import saisie_job, saisie_up_to_date
from diagpacte.workflow.withdrawing import decide_together, others_to_rewrite, withdraw

STEPS = ("cross", *DELIVERIES)


def run(directory: Path, territories: tuple[str, ...] = (), *, diffusion: str = "") -> Done:
    """Do what is not up to date; `diffusion` says for whom. With one territory its error is raised; with several,
    each failure stops only its own and TerritoriesError names them at the end.

    Every territory is crossed before any is delivered: what is withheld is decided for all of them together.
    """
    job = Job.open(directory, diffusion)
    codes = territories or (job.territory_code(""),)
    with job.space.lock():
        if saisie_up_to_date(job, codes) and all(nothing_to_do(job, code) for code in codes):
            return Done(notes=("Tout est à jour : rien à faire.",))
        if len(codes) == 1:
            resolve(job.settings.geography, codes[0])  # a wrong code is said before the files are read
        done = saisie_job(job, codes) + ingest_job(job)
        failed: list[Fault] = []
        places: list[Territory] = []
        with artists_of(job, len(job.settings.themes)) as artists:
            for code in codes:
                with _told(code, failed, alone=len(codes) == 1):
                    place = resolve(job.settings.geography, code)
                    done += cross_job(job, place)
                    places.append(place)
            done += decide_together(job, *places)
            for place in places:
                with _told(place.code, failed, alone=len(codes) == 1):
                    done += withdraw(job, place) + deliver_territory(job, place, artists)
            done += rewrite_others(job, *places)
    if failed:
        raise TerritoriesError(*failed)
    return done


@contextmanager
def _told(code: str, failed: list[Fault], *, alone: bool) -> Iterator[None]:
    """Keep the faults of one territory of several for the end; those of the only one are raised at once."""
    try:
        yield
    except DiagpacteError as error:
        if alone:
            raise
        failed += [Fault(f"territoire {code}", found=str(fault).rstrip(".")) for fault in error.faults]


def nothing_to_do(job: Job, code: str) -> bool:
    """Whether every step of `code` is up to date, found without loading any heavy library."""
    if not job.space.up_to_date(job.space.processed, "ingest", job.ingest_key()):
        return False
    home = job.home_of(code)
    if home is None:
        return False
    record, territories = job.space.record(home), crossed_territories(job)
    if not job.space.up_to_date(job.space.processed, "disclose", disclose_key(job, territories)[0]):
        return False
    if others_to_rewrite(job, code):
        return False
    inputs = {"cross": job.ingested(), **dict.fromkeys(DELIVERIES, job.crossed_inputs(record))}
    return all(job.space.up_to_date(home, step, job.step_key(step, inputs[step], code)) for step in STEPS)
