"""The quality page of one territory, beside its maps and its workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.published import not_public, published_tables
from diagpacte.workflow.workbook import sheet_context

if TYPE_CHECKING:
    from diagpacte.vocabulary import Territory

STEP = "quality"


def quality_job(job: Job, territory: Territory) -> Done:
    """The page, once the territory is crossed; nothing is written again when nothing changed."""
    from diagpacte.deliverables.quality_page import quality_page

    home = job.space.outputs_of(territory)
    inputs = job.crossed(territory)
    key = job.step_key(STEP, inputs, territory.code)
    if job.space.up_to_date(home, STEP, key):
        return Done(notes=(f"Page de qualité à jour : {territory.name}.",))
    published = published_tables(job, territory)
    crossed = job.space.record(home).steps.get("cross")
    nothing = {absent.what: absent.why for absent in crossed.not_delivered} if crossed else {}
    data = quality_page(published, territory, sheet_context(job, published, territory), nothing)
    paths = job.deliver(STEP, key, inputs, {home / "qualite" / "qualite.html": data}, territory, not_public(published))
    return Done(tuple(paths))
