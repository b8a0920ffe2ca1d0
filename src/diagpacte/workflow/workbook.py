"""`table`: the workbook of one territory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagpacte import __version__
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.plan import plan_maps
from diagpacte.workflow.published import not_public, published_tables

if TYPE_CHECKING:
    from diagpacte.deliverables.sheet_context import SheetContext
    from diagpacte.tables import Published
    from diagpacte.vocabulary import Territory

LIST_NAMES = {"departement": "des départements", "metropole": "des métropoles", "outre_mer": "de l’Outre-mer"}


def workbook_job(job: Job, territory: Territory) -> Done:
    """`table` once the territory is crossed; nothing is written again when nothing changed."""
    from diagpacte.deliverables.sheets import diagnostic_workbook

    home = job.space.outputs_of(territory)
    inputs = job.crossed(territory)
    key = job.step_key("table", inputs, territory.code)
    if job.space.up_to_date(home, "table", key):
        return Done(notes=(f"Classeur à jour : {territory.name}.",))
    published = published_tables(job, territory)
    data = diagnostic_workbook(published, territory, sheet_context(job, published, territory))
    files = {home / "tableaux" / "diagnostic.xlsx": data}
    paths = job.deliver("table", key, inputs, files, territory, not_public(published))
    return Done(tuple(paths), (), f"ouvrir {job.space.relative(paths[0])}")


def sheet_context(job: Job, published: Published, territory: Territory) -> SheetContext:
    """Dictionaries, rules and the account of what was asked."""
    from diagpacte.deliverables.sheet_context import SheetContext

    settings, themes = job.settings, job.themes(territory)
    drawn, missing = plan_maps(published, themes)
    labels = {entry.thematique: entry.label for entry in settings.thematic_labels}
    lists = " et ".join(LIST_NAMES[name] for name in dict.fromkeys(theme.list for theme in themes))
    return SheetContext(
        as_of=settings.as_of,
        version=__version__,
        themes=themes,
        indicators=settings.indicators,
        profiles=settings.profiles,
        factors=settings.factors,
        needs=settings.needs,
        bounds=settings.breaks,
        thematics=settings.thematics,
        key_labels={**labels, **{entry.reseau: entry.label for entry in settings.networks}},
        offer_sources=settings.offer_sources,
        access_bounds_km=settings.crossing.access_bounds_km,
        ring_km=settings.crossing.ring_km,
        asked=f"les {len(themes)} thèmes de l’annexe 1, liste {lists}",
        maps={theme.theme: f"cartes/{theme.theme}.png" for theme in drawn},
        not_delivered={absent.what: absent.why for absent in [*missing, *not_public(published)]},
    )
