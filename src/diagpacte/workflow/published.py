"""The tables of a territory, through the disclosure gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagpacte.tables import Published
    from diagpacte.vocabulary import Territory
    from diagpacte.workflow.job import Job

WORKSPACE_TABLES = ("observations", "offers", "raw_offers", "sources", "source_coverage", "faults")
TERRITORY_TABLES = ("zones", "members", "ground", "needs", "commune_access", "coverage", "coverage_sources", "variants")


def published_tables(
    job: Job, territory: Territory, names: tuple[str, ...] = (*WORKSPACE_TABLES, *TERRITORY_TABLES)
) -> Published:
    """What a deliverable of `territory` may use: every table, or those of `names`."""
    from diagpacte.disclosure.gate import publish

    common = [name for name in names if name in WORKSPACE_TABLES]
    own = [name for name in names if name in TERRITORY_TABLES]
    tables = {**job.read(*common), **job.read(*own, territory=territory)}
    return publish(tables, job.settings.deliverables.diffusion)
