"""`trace`: from a figure of a deliverable back to the cell, the record or the packaged table it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagpacte import __version__
from diagpacte.errors import Fault, UsageError
from diagpacte.workflow.crossing import reference_zone
from diagpacte.workflow.disclosing import never_told, set_aside, settled_sources
from diagpacte.workflow.job import MASKS, Job, Said
from diagpacte.workflow.places import resolve
from diagpacte.workflow.published import WORKSPACE_TABLES, published_tables
from diagpacte.workflow.validation import FORMATS

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.deliverables.trace_report import Trace
    from diagpacte.deliverables.trace_words import Words
    from diagpacte.tables.lineage import Lineage, Tables
    from diagpacte.vocabulary import Territory

NEAREST = 3
ALIKE = 75  # rapidfuzz score, 0-100, from which an id is proposed
SHAPE = "table/clé/colonne, par exemple needs/EPCI:200040715|A2.eloignes_emploi|0/value"


def trace(directory: Path, figure: str, form: str = "text") -> Said:
    """All that the figure of id `figure` stands on, as text or JSON; one account for each territory that has it.

    Reads the tables of the last run, as they are: nothing is computed again. An id may begin with the folder of
    a territory (« 38-isere/needs/… »). Raises UsageError for a word that is not understood, naming the nearest ids.
    """
    from diagpacte.deliverables.trace_report import as_json
    from diagpacte.deliverables.trace_words import as_text

    job = Job.open(directory)
    if form not in FORMATS:
        raise UsageError(
            Fault("--format", found=f"« {form} »", expected=" ou ".join(FORMATS), remedy="corriger ce mot")
        )
    asked = Asked.parse(figure, [folder.name for folder in _folders(job)])
    traces, words = _traces(job, asked)
    notes = _remarks(job)
    if form == "json":
        return Said(as_json(asked.figure, __version__, traces, notes), 0, ())
    return Said("\n\n".join(as_text(one, words[one.territory]) for one in traces), 0, tuple(notes))


@dataclass(frozen=True)
class Asked:
    """An id taken apart; `territory` is the folder named before it, if any."""

    territory: str
    table: str
    key: str
    column: str

    @classmethod
    def parse(cls, figure: str, territories: list[str]) -> Asked:
        first, _, rest = figure.strip().partition("/")
        territory, first, rest = (first, *rest.partition("/")[::2]) if first in territories else ("", first, rest)
        key, _, column = rest.rpartition("/")
        if not (first and key and column):
            found = f"« {figure} » n’est pas l’identifiant d’un chiffre"
            remedy = "le copier de la colonne masquée « identifiant » d’une feuille du classeur"
            raise UsageError(Fault("trace", found=found, expected=SHAPE, remedy=remedy))
        return cls(territory, first, key, column)

    @property
    def figure(self) -> str:
        return f"{self.table}/{self.key}/{self.column}"


@dataclass(frozen=True)
class Shelf:
    """The tables of one territory, or of the workspace alone, and what is declared of them."""

    name: str
    tables: Tables
    lineage: Lineage


def _folders(job: Job) -> list[Path]:
    return sorted(path.parent for path in job.space.processed.glob("*/needs.parquet"))


def _traces(job: Job, asked: Asked) -> tuple[list[Trace], dict[str, Words]]:
    """The traces of a figure, and the words of the places they name."""
    from diagpacte.deliverables.trace_report import Reporter
    from diagpacte.tables.walk import walk

    if not _there(job, "observations"):
        remedy = "lancer « diagpacte run », qui les calcule"
        raise UsageError(Fault("trace", found="aucune table n’est encore calculée dans ce dossier", remedy=remedy))
    folders = [folder for folder in _folders(job) if asked.territory in ("", folder.name)]
    shelves = [shelf(job, folder) for folder in folders] or [shelf(job, None)]
    references = provenance()
    traces: dict[str, Trace] = {}
    for one in shelves:
        row = _row(one, asked)
        if row is None:
            continue
        steps = walk(one.lineage, one.tables, asked.table, asked.column, row)
        told = Reporter(one.lineage, one.tables, references, one.name).trace(steps)
        traces[one.name] = told
    if not traces:
        raise UsageError(_unknown(shelves, asked))
    if asked.table in (*WORKSPACE_TABLES, *OTHERS):  # the same in every territory
        traces = dict(list(traces.items())[:1])
    return list(traces.values()), {one.name: _words(job, one.tables) for one in shelves if one.name in traces}


# What `published_tables` does not give: values set aside, cells of sums, what people typed.
OTHERS = ("observations_superseded", "observation_cells", "headings", "entries")


def shelf(job: Job, folder: Path | None) -> Shelf:
    """The tables as the deliverables of the territory kept in `folder` show them; without it, those of the workspace.

    What its last run withheld, or left out for its audience, is not in them: no trace can tell it.
    """
    from diagpacte.disclosure.gate import publish

    withheld, more = never_told(job), {**job.read(*_there(job, *OTHERS)), "sources": settled_sources(job)}
    if "observations_superseded" in more:
        more["observations_superseded"] = set_aside(job, more["observations_superseded"])
    if folder is None:
        tables = {**job.read(*_there(job, *WORKSPACE_TABLES)), **more}
        return stocked(job, None, _kept({**publish(tables, job.diffusion, withheld).tables, "masks": withheld}))
    if not (folder / MASKS).is_file():
        found, remedy = "ce qui peut être montré n’est pas encore décidé", "lancer « diagpacte run »"
        raise UsageError(Fault(folder.name, found=found, remedy=remedy))
    place = resolve(job.settings.geography, folder.name.partition("-")[0])
    audience = job.shown_to(job.space.record(job.space.outputs_of(place)).diffusion)
    published = published_tables(audience, place, masks=withheld)
    others = publish(more, published.diffusion, withheld).tables
    return stocked(job, place, _kept({**others, **published.tables, "masks": withheld}))


def _there(job: Job, *names: str) -> list[str]:
    """Those of these tables that the workspace has."""
    return [name for name in names if (job.space.processed / f"{name}.parquet").is_file()]


def _kept(frames: Mapping[str, pd.DataFrame]) -> dict[str, Callable[[Tables], pd.DataFrame]]:
    return {name: lambda _, frame=frame: frame for name, frame in frames.items()}  # type: ignore[misc]


def stocked(job: Job, place: Territory | None, makers: Mapping[str, Callable[[Tables], pd.DataFrame]]) -> Shelf:
    """The tables that `makers` give, those made of them, and what is declared of all."""
    from diagpacte.deliverables.lineage import workbook_views
    from diagpacte.sources import reference
    from diagpacte.tables.lineage import Tables

    more: dict[str, Callable[[Tables], pd.DataFrame]] = {}
    if place is not None:
        vintage = place.geo_vintage
        more["communes"] = lambda _: reference.communes(vintage)
        views = workbook_views(job.settings.factors, job.settings.indicators)
        more |= {name: view.make for name, view in views.items()}
    return Shelf(place.folder if place else "", Tables({**makers, **more}), declared(job, place))


def declared(job: Job, place: Territory | None) -> Lineage:
    """Every room's declarations, for one territory; for none, those of the workspace hold all the same."""
    from diagpacte.crossing.lineage import lineage as crossed
    from diagpacte.crossing.near import Near
    from diagpacte.deliverables.lineage import lineage as viewed
    from diagpacte.deliverables.lineage import workbook_views
    from diagpacte.geography.contours import METROPOLITAN_CRS, metric_crs
    from diagpacte.geography.lineage import lineage as placed
    from diagpacte.needs.lineage import lineage as needed
    from diagpacte.needs.scores import Dictionaries
    from diagpacte.offers.lineage import lineage as offered
    from diagpacte.sources.lineage import lineage as received
    from diagpacte.tables.lineage import Lineage

    settings = job.settings
    dictionaries = Dictionaries(settings.needs, settings.indicators, settings.factors, settings.breaks, settings.need)
    themes = frozenset(theme.theme for theme in job.themes(place)) if place else frozenset()
    near = Near(metric_crs(place) if place else METROPOLITAN_CRS, settings.crossing, themes)
    return Lineage(
        [
            *received(settings.precision),
            *placed(),
            *offered(settings.thematics),
            *needed(dictionaries, reference_zone(place) if place else None),
            *crossed(near),
            *viewed(),
        ],
        workbook_views(settings.factors, settings.indicators),
    )


def _row(one: Shelf, asked: Asked) -> Any:
    """The row of the figure, as an array of one place; None where this territory has none."""
    import numpy as np

    if asked.table not in one.tables or (asked.table, asked.column) not in one.lineage.by_column:
        return None
    keys = _keys(one, asked.table)
    wanted = asked.key if asked.key in keys else " ".join(asked.key.split())
    found = [place for place, key in enumerate(keys) if key == wanted or " ".join(key.split()) == wanted]
    return np.array(found[:1], dtype=np.intp) if found else None


def _keys(one: Shelf, table: str) -> list[str]:
    """The keys of a table; rows of one that has none are numbered from 1."""
    key = one.lineage.key(table)
    return one.tables.keys(table, key) if key else [str(row + 1) for row in range(len(one.tables[table]))]


def _unknown(shelves: list[Shelf], asked: Asked) -> Fault:
    """Why nothing has this id, and what to ask instead."""
    from rapidfuzz import process

    first = shelves[0]
    known = [name for name in first.lineage.tables() if any(name in one.tables for one in shelves)]

    def near(word: str, choices: list[str]) -> str:
        found = process.extract(word, choices, limit=NEAREST, score_cutoff=ALIKE)
        return ", ".join(text for text, *_ in found)

    if asked.table not in known:
        found, expected = f"table « {asked.table} » inconnue", near(asked.table, known) or ", ".join(known)
    elif asked.column not in first.lineage.columns(asked.table):
        columns = list(first.lineage.columns(asked.table))
        found = f"la table {asked.table} n’a pas de colonne « {asked.column} »"
        expected = near(asked.column, columns) or ", ".join(columns)
    else:
        keys = [key for one in shelves if asked.table in one.tables for key in _keys(one, asked.table)]
        found = f"la table {asked.table} n’a pas de ligne « {asked.key} »"
        nearest = process.extract(asked.key, list(dict.fromkeys(keys)), limit=NEAREST, score_cutoff=ALIKE)
        expected = " ; ".join(f"{asked.table}/{key}/{asked.column}" for key, *_ in nearest)
    remedy = "reprendre l’identifiant dans le livrable" + (", ou l’un de ceux-ci" if expected else "")
    return Fault(f"« {asked.figure} »", found=found, expected=expected, remedy=remedy)


def _words(job: Job, tables: Tables) -> Words:
    """What zones, themes and indicators are called."""
    from diagpacte.deliverables.trace_words import Words

    named = [tables["zones"]] if "zones" in tables else []
    return Words(
        zones={code: name for zones in named for code, name in zip(zones["zone_code"], zones["name"], strict=True)},
        themes={theme.theme: theme.label for theme in job.settings.themes},
        indicators={entry.indicator: (entry.label, entry.unit) for entry in job.settings.indicators},
    )


def provenance() -> Mapping[str, Mapping[str, Any]]:
    """Where each packaged table comes from, by its file."""
    from diagpacte.sources.reference import FOLDER

    told: dict[str, Mapping[str, Any]] = json.loads(FOLDER.joinpath("provenance.json").read_text("utf-8"))["outputs"]
    return told


def _remarks(job: Job) -> list[str]:
    """What a person must know before trusting the account: files that changed since."""
    return list(_changed(job))


def _changed(job: Job) -> Iterator[str]:
    if not job.space.up_to_date(job.space.processed, "ingest", job.ingest_key()):
        yield (
            "Les fichiers reçus, les saisies, les réglages ou diagpacte ont changé depuis le dernier calcul : la trace "
            "dit ce calcul-là. « diagpacte run » le refait."
        )
