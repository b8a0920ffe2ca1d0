"""`cross`: zones, needs, access and gaps of one territory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagpacte.vocabulary import COLLECTIVITIES, siren
from diagpacte.workflow.ingestion import ingest_job
from diagpacte.workflow.job import Done, Job, table_files
from diagpacte.workflow.places import resolve
from diagpacte.workspace import Missing

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.vocabulary import Territory

CROSSED_FROM = ("observations", "offers", "source_coverage")


def cross(directory: Path, territory: str = "") -> Done:
    """Cross needs and offer, after bringing the tables up to date."""
    job = Job.open(directory)
    with job.space.lock():
        place = resolve(job.settings.geography, job.territory_code(territory))
        return ingest_job(job) + cross_job(job, place)


def cross_job(job: Job, territory: Territory) -> Done:
    """`cross` once the tables are up to date; nothing is computed again when nothing changed."""
    from diagpacte.deliverables.french import counted

    inputs = job.ingested()
    key = job.step_key("cross", inputs, territory.code)
    if job.space.up_to_date(job.space.outputs_of(territory), "cross", key):
        return Done(notes=(f"Croisement à jour : {territory.name}.",))
    tables = _cross(job, territory)
    files = table_files(job.space.tables_of(territory), tables)
    paths = job.deliver("cross", key, inputs, files, territory, _missing(tables))
    zones, coverage = tables["zones"], tables["coverage"]
    shown = coverage["theme"].nunique()
    note = f"{territory.name} : {counted(len(zones), 'zone')}, {counted(shown, 'thème')} croisés."
    return Done(tuple(paths), (note,), f"diagpacte map {territory.code}")


def _cross(job: Job, territory: Territory) -> dict[str, pd.DataFrame]:
    tables = places(job, territory)
    return tables | crossed(job, territory, tables, job.read(*CROSSED_FROM))


def crossed(
    job: Job, territory: Territory, tables: Mapping[str, Any], read: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Needs, access and gaps over the zones and members of `tables`, from what was `read` (CROSSED_FROM)."""
    from diagpacte.crossing.access import commune_access
    from diagpacte.crossing.coverage import coverage
    from diagpacte.geography.contours import metric_crs
    from diagpacte.needs.scores import Dictionaries, needs
    from diagpacte.sources import reference
    from diagpacte.tables import TABLES

    settings = job.settings
    themes, epsg = job.themes(territory), metric_crs(territory)
    dictionaries = Dictionaries(settings.needs, settings.indicators, settings.factors, settings.breaks, settings.need)
    wanted = needs(read["observations"], tables["zones"], themes, dictionaries, reference_zone(territory))
    access = commune_access(
        tables["members"],
        read["offers"],
        read["source_coverage"],
        reference.communes(territory.geo_vintage),
        epsg,
        settings.crossing,
    )
    crossed, by_source = coverage(
        wanted,
        read["offers"],
        tables["members"],
        tables["zones"],
        access,
        read["source_coverage"],
        themes,
        epsg,
        settings.crossing,
    )
    shown = access["theme"].isin([theme.theme for theme in themes])
    return {
        "needs": wanted,
        "commune_access": access[shown],
        "coverage": crossed,
        "coverage_sources": by_source,
        "variants": TABLES["variants"].frame([{"variant": 0, "label": "référence", "parameters": "{}"}]),
    }


def places(job: Job, territory: Territory) -> dict[str, Any]:
    """zones, members and ground of `territory`, with their contours."""
    from diagpacte.geography import contours, zones
    from diagpacte.sources import reference

    rules, vintage = job.settings.geography, territory.geo_vintage
    communes, epci = reference.communes(vintage), reference.intercommunalities(vintage)
    found, members = zones.zones(territory, communes, epci, rules)
    shapes = contours.commune_shapes(communes, reference.contours(), reference.passage())
    drawn = contours.with_contours(found, members, shapes, reference.approximate_zones(vintage))
    ground = contours.ground(territory, drawn, communes, epci, reference.departments(), shapes, rules)
    return {"zones": drawn, "members": members, "ground": ground}


def reference_zone(territory: Territory) -> str | None:
    """The published row that speaks of the whole territory: its département, or région for Corse; else None."""
    return reference_of(territory.code)


def reference_of(code: str) -> str | None:
    """The reference zone of the territory of that code."""
    if code in COLLECTIVITIES or siren(code):
        return {"20R": "REG:94"}.get(code)
    return f"DEP:{code}"


def _missing(tables: dict[str, pd.DataFrame]) -> list[Missing]:
    """Themes that nothing measures and nothing lists, with the reason."""
    coverage = tables["coverage"]
    empty = coverage[coverage["nearest_km"].isna()].merge(
        tables["needs"][["zone_code", "theme", "value"]], on=["zone_code", "theme"]
    )
    nothing = empty[empty["value"].isna()].groupby("theme")["gap_reason"].agg(["first", "size"])
    zones = len(tables["zones"])
    return [
        Missing(what=str(theme), why=str(row["first"])) for theme, row in nothing.iterrows() if row["size"] == zones
    ]
