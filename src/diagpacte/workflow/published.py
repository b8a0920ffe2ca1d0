"""The tables of a territory, through the disclosure gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagpacte.vocabulary import ZoneKind
from diagpacte.workflow.crossing import CROSSED_FROM, crossed, reference_zone
from diagpacte.workflow.disclosing import settled_sources
from diagpacte.workflow.job import Job
from diagpacte.workspace import Missing

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.tables import Masks, Published
    from diagpacte.vocabulary import Territory

WORKSPACE_TABLES = ("observations", "offers", "raw_offers", "sources", "source_coverage", "faults")
TERRITORY_TABLES = ("zones", "members", "ground", "needs", "commune_access", "coverage", "coverage_sources", "variants")
GROUND_TABLES = ("zones", "members")
NOT_PUBLIC = "source non publique, laissée hors de cette version publique"


def published_tables(
    job: Job,
    territory: Territory,
    names: tuple[str, ...] = (*WORKSPACE_TABLES, *TERRITORY_TABLES),
    masks: Masks | None = None,
) -> Published:
    """What a deliverable of `territory` may use: every table, or those of `names`.

    What stands on a source that its diffusion leaves out is computed again without it. `masks` are those of the
    territory unless others are given.
    """
    from diagpacte.disclosure.counts import is_count
    from diagpacte.disclosure.gate import left_out, publish

    common = [name for name in names if name in WORKSPACE_TABLES and name != "sources"]
    own = [name for name in names if name in TERRITORY_TABLES]
    masks = job.read("masks", territory=territory)["masks"] if masks is None else masks
    tables = {**job.read(*common), **job.read(*own, territory=territory), "sources": settled_sources(job)}
    if left_out(tables, job.diffusion):
        again = _crossed_again(job, territory)
        tables |= {name: again[name] for name in own if name in again}
    references = {"reference_territory": reference_zone(territory) or "", "reference_france": str(ZoneKind.METROPOLE)}
    counts = [entry.indicator for entry in job.settings.indicators if is_count(entry)]
    return publish(tables, job.diffusion, masks, references, counts)


def readable(job: Job, *names: str) -> dict[str, Any]:
    """Tables of the workspace as `job.diffusion` lets them be read, before anything is computed from them."""
    from diagpacte.disclosure.gate import readable_tables

    return readable_tables({**job.read(*names), "sources": settled_sources(job)}, job.diffusion)


def not_public(published: Published) -> list[Missing]:
    """The sources received that this version leaves out, with the reason."""
    return [Missing(what=f"Fichier {file}", why=NOT_PUBLIC) for file in published.left_out.values()]


def _crossed_again(job: Job, territory: Territory) -> dict[str, pd.DataFrame]:
    ground = job.read(*GROUND_TABLES, territory=territory)
    return crossed(job, territory, ground, readable(job, *CROSSED_FROM))
