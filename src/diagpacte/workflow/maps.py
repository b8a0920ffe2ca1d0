"""`map`: the maps of one territory, one per theme."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from diagpacte.errors import Fault, UsageError
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.plan import plan_maps
from diagpacte.workflow.published import not_public, published_tables, readable

if TYPE_CHECKING:
    from diagpacte.deliverables.map_ground import MapGround
    from diagpacte.deliverables.rules import MapContext
    from diagpacte.needs.rules import NationalBounds
    from diagpacte.tables import Published
    from diagpacte.vocabulary import Territory, Theme

MAP_TABLES = ("zones", "members", "ground", "needs", "coverage", "offers", "sources")
IN_PROCESS = 3  # maps drawn here: fewer do not pay for other processes


def maps_job(job: Job, territory: Territory, asked: tuple[str, ...] = (), artists: Executor | None = None) -> Done:
    """`map` once the territory is crossed; nothing is drawn again when nothing changed.

    `artists` are processes already there to draw; else it calls its own.
    """
    from diagpacte.deliverables.french import counted

    home = job.space.outputs_of(territory)
    inputs = job.crossed(territory)
    key = job.step_key("map", inputs, territory.code)
    shown = job.themes(territory)
    check_asked(asked, shown, territory)
    if not asked and job.space.up_to_date(home, "map", key):
        return Done(notes=(f"Cartes à jour : {territory.name}.",))
    published = published_tables(job, territory, MAP_TABLES)
    drawn, missing = plan_maps(published, shown)
    missing += not_public(published)
    wanted = [theme for theme in drawn if not asked or theme.theme in asked]
    reasons = {absent.what: absent.why for absent in missing}
    notes = [f"{theme} : pas de carte, {reasons[theme]}." for theme in asked if theme in reasons]
    files = _draw(job, published, territory, wanted, artists)
    if asked:
        return Done(tuple(job.deliver_some("map", files, territory)), tuple(notes), f"diagpacte table {territory.code}")
    paths = job.deliver("map", key, inputs, files, territory, missing)
    note = f"{territory.name} : {counted(len(wanted), 'carte')} ; {counted(len(shown) - len(wanted), 'thème')} sans carte, chacun expliqué dans le classeur."
    return Done(tuple(paths), (note,), f"diagpacte table {territory.code}")


def check_asked(asked: tuple[str, ...], shown: tuple[Theme, ...], territory: Territory) -> None:
    known = [theme.theme for theme in shown]
    faults = [
        Fault(
            "--theme",
            found=f"« {theme} » n’est pas un thème montré pour {territory.name}",
            expected=", ".join(known),
            remedy="corriger ce nom",
        )
        for theme in asked
        if theme not in known
    ]
    if faults:
        raise UsageError(*faults)


def _draw(
    job: Job, published: Published, territory: Territory, themes: list[Theme], artists: Executor | None
) -> dict[Path, bytes]:
    """PNG and SVG of each theme; several at a time, the same bytes whatever the number of processes."""
    folder = job.space.outputs_of(territory) / "cartes"
    given = pickle.dumps((published, territory))  # once for all the themes, and read once by each process
    tasks = [(given, theme, map_context(job, published, territory, theme)) for theme in themes]
    with nullcontext(artists) if artists else artists_of(job, len(tasks)) as drawing:
        pictures = list((drawing.map if drawing else map)(_pictures, tasks))
    files: dict[Path, bytes] = {}
    for theme, (png, svg) in zip(themes, pictures, strict=True):
        files[folder / f"{theme.theme}.png"] = png
        files[folder / f"{theme.theme}.svg"] = svg
    return files


def artists_of(job: Job, maps: int) -> AbstractContextManager[Executor | None]:
    """Processes that draw `maps` maps; none when there are too few to pay for them.

    Spawned on every system: a fork would copy the threads of the libraries.
    """
    if maps <= IN_PROCESS:
        return nullcontext()
    workers = min(job.workers, maps)
    artists = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_follow_parent)
    for _ in range(workers):
        artists.submit(_load)
    return artists


def _load() -> None:
    """Load the drawing libraries while the first process still computes."""
    import diagpacte.deliverables.maps  # noqa: F401


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _pictures(task: tuple[bytes, Theme, MapContext]) -> tuple[bytes, bytes]:
    from diagpacte.deliverables.maps import theme_map, to_png, to_svg

    given, theme, context = task
    published, territory, ground = _given(given, context.epsg)
    figure = theme_map(published, territory, theme, context, ground)
    return to_png(figure), to_svg(figure)


@lru_cache(maxsize=1)
def _given(given: bytes, epsg: int) -> tuple[Published, Territory, MapGround]:
    """Tables, territory, and its ground prepared for all its themes."""
    from diagpacte.deliverables.map_ground import prepare_ground

    published, territory = pickle.loads(given)  # noqa: S301  (written by this very program, a moment ago)
    return published, territory, prepare_ground(published, epsg)


def map_context(job: Job, published: Published, territory: Territory, theme: Theme) -> MapContext:
    """What the map of `theme` prints that the tables do not hold."""
    from diagpacte.deliverables.rules import MapContext
    from diagpacte.geography.contours import metric_crs
    from diagpacte.needs.bounds import bounds_in_use

    settings = job.settings
    need = published["needs"]
    need = need[need["theme"].eq(theme.theme) & need["indicator"].notna() & need["year"].notna()]
    indicators = {entry.indicator: entry for entry in settings.indicators}
    indicator = indicators[str(need["indicator"].iloc[0])] if len(need) else None
    bounds = None
    if indicator is not None and need["class_rule"].eq("bornes_nationales").any():
        observations = readable(job, "observations")["observations"]
        bounds = bounds_in_use(observations, indicator, int(need["year"].iloc[0]), settings.breaks, settings.need)
    return MapContext(
        epsg=metric_crs(territory),
        indicator=indicator,
        need_bounds=bounds.bounds if bounds else (),
        need_bounds_note=_bounds_note(bounds) if bounds else "",
        strong_from_class=settings.need.strong_from_class,
        access_bounds_km=settings.crossing.access_bounds_km,
        offer_labels={line.source: line.label_short for line in settings.offer_sources},
    )


def _bounds_note(bounds: NationalBounds) -> str:
    """Where the printed bounds come from, from the least to the most unfavourable."""
    from diagpacte.deliverables.french import number

    rising = bounds.bounds[0] < bounds.bounds[-1]
    ranks = "1er quartile, 3e quartile et 95e centile" if rising else "3e quartile, 1er quartile et 5e centile"
    return f"{ranks} de {number(bounds.zones, 0)} EPCI et EPT de métropole, arrondis"
