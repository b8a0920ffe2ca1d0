"""The tables of a territory, through the disclosure gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagpacte.tables import Published
    from diagpacte.vocabulary import Territory
    from diagpacte.workflow.job import Job

WORKSPACE_TABLES = ("observations", "offers", "raw_offers", "sources", "source_coverage", "faults")
TERRITORY_TABLES = ("zones", "members", "ground", "needs", "commune_access", "coverage", "coverage_sources", "variants")


def published_tables(job: Job, territory: Territory) -> Published:
    """Everything a deliverable of `territory` may use."""
    from diagpacte.disclosure.gate import publish

    tables = {**job.read(*WORKSPACE_TABLES), **job.read(*TERRITORY_TABLES, territory=territory)}
    return publish(tables, job.settings.deliverables.diffusion)
