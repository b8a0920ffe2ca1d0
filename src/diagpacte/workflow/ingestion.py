"""`ingest`: from the files of data/raw to checked tables, and all that was found on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diagpacte.errors import DataError, Fault, FaultKind, Severity, SourceError, raise_blocking
from diagpacte.vocabulary import Nature
from diagpacte.workflow.correspondence import CORRESPONDENCE, ask, read_answers
from diagpacte.workflow.indicator_tables import (
    IndicatorFile,
    IndicatorTables,
    corrections_of,
    of_kind,
    of_one_geography,
    read_files,
)
from diagpacte.workflow.job import MANIFEST, Done, Job, table_files
from diagpacte.workflow.places import place_offers
from diagpacte.workflow.saisie import typed_entries

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.sources.correspondence.answers import Correspondence
    from diagpacte.sources.indicators import IndicatorReading
    from diagpacte.sources.manifest import ManifestEntry

QUALITY_FILE = "qualite.csv"
SHOWN_FAULTS = 12


def ingest(directory: Path, *, strict: bool = False) -> Done:
    """Read and check every file received.

    Raises DataError with every blocking fault (with `strict`, every fault to check too) and writes
    nothing then; SourceError when a file cannot be read at all.
    """
    job = Job.open(directory)
    with job.space.lock():
        return ingest_job(job, strict=strict)


def ingest_job(job: Job, *, strict: bool = False) -> Done:
    """`ingest` once the workspace is held; nothing is read again when nothing changed."""
    key = job.ingest_key()
    if not strict and job.space.up_to_date(job.space.processed, "ingest", key):
        return Done(notes=("Tables à jour.",))
    tables, faults = _read_everything(job)
    if strict:
        kept = [fault for fault in faults if fault.severity is not Severity.INFORMATION]
        if kept:
            raise DataError(*kept)
    files = table_files(job.space.processed, tables)
    files[job.space.processed / QUALITY_FILE] = _quality(faults)
    # The reading may have written questions in data/saisies.
    paths = job.deliver("ingest", job.ingest_key(), job.received(), files)
    return Done(tuple(paths), _summary(tables, faults), "diagpacte map, puis diagpacte table")


def _read_everything(job: Job) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    from diagpacte.sources import manifest

    entries = manifest.read_manifest(job.space.raw / MANIFEST)
    integrity = manifest.manifest_faults(job.space.raw, entries)
    raise_blocking(integrity, SourceError)
    if not entries:
        remedy = "ajouter un panorama et des exports de l’offre : « diagpacte add FICHIER... »"
        raise SourceError(Fault("data/raw", found="aucun fichier à lire", remedy=remedy))
    answers = read_answers(job)
    files, refused = _indicator_files(job, entries.values())
    indicators = read_files(job.settings, files, answers)
    offers = _read_offers(job, list(entries.values()))
    asked = _asked(job, answers, indicators, entries)
    told = [_told(entry, indicators.readings.get(entry.source_id)) for entry in entries.values()]
    origin = of_kind([*integrity, *manifest.to_complete(told), *asked], FaultKind.ORIGIN)
    typed = [*answers.faults, *refused]
    raise_blocking([*origin, *typed, *indicators.faults, *offers.faults])
    tables, moved = of_one_geography(indicators, job.settings)
    faults = [*origin, *typed, *indicators.faults, *moved, *offers.faults]
    raise_blocking(faults)
    rows = {**offers.rows, **{name: reading.source.rows for name, reading in indicators.readings.items()}}
    notes = {name: reading.source.note for name, reading in indicators.readings.items()}
    tables |= {**offers.tables, "sources": manifest.sources_table(told, rows, notes)}
    tables["faults"] = _fault_table(faults)
    return tables, faults


def _asked(
    job: Job, answers: Correspondence, indicators: IndicatorTables, entries: Mapping[str, ManifestEntry]
) -> list[Fault]:
    """correspondance.xlsx brought up to date with what this reading could not tell; nothing when its own faults forbid."""
    read = [(entry, indicators.readings[name]) for name, entry in entries.items() if name in indicators.readings]
    if any(fault.severity is Severity.BLOCKING for fault in answers.faults):
        return []
    try:
        written = ask(job, read, {*entries})
    except OSError:
        found = "ouvert dans un autre programme : de nouvelles questions n’ont pas pu y être écrites"
        return [Fault(CORRESPONDENCE, found=found, remedy="le fermer, puis relancer", severity=Severity.CHECK)]
    if written is None:
        return []
    found = "de nouvelles questions y sont écrites"
    return [Fault(written.name, found=found, remedy="le compléter dans Excel, puis relancer", severity=Severity.CHECK)]


def _indicator_files(job: Job, entries: Iterable[ManifestEntry]) -> tuple[list[IndicatorFile], list[Fault]]:
    """The files of indicators with the corrections typed for each, and why lines of corrections are refused."""
    mine = [entry for entry in entries if entry.kind == "panorama"]
    corrections, refused = corrections_of(
        job.space.saisies, {entry.source_id: entry.sha256 for entry in mine}, typed_entries(job)
    )
    files = [
        IndicatorFile(
            job.space.raw / entry.file,
            entry.source_id,
            entry.geo_vintage,
            entry.nature,
            corrections.get(entry.source_id, ()),
        )
        for entry in mine
    ]
    return files, refused


@dataclass(frozen=True)
class _Offers:
    """What the files of the offer gave."""

    tables: dict[str, pd.DataFrame]
    faults: Sequence[Fault]
    rows: Mapping[str, int]


def _read_offers(job: Job, entries: Sequence[ManifestEntry]) -> _Offers:
    from diagpacte.offers.counting import mark_counted
    from diagpacte.offers.themes import offers_by_theme, source_coverage
    from diagpacte.sources.offers.files import read_offers
    from diagpacte.sources.offers.list_layout import list_layouts

    settings = job.settings
    reading = read_offers(job.space.raw, entries, list_layouts(settings.layouts), settings.as_of)
    raw = mark_counted(reading.raw, reading.datasets)
    placed = place_offers(raw, settings.geography.vintage)
    tables = {
        "raw_offers": raw,
        "offers": offers_by_theme(raw, placed.table, settings.thematics, settings.networks),
        "source_coverage": source_coverage(raw, reading.claims),
    }
    return _Offers(tables, of_kind([*reading.faults, *placed.faults], FaultKind.OFFER), reading.rows)


def _told(entry: ManifestEntry, reading: IndicatorReading | None) -> ManifestEntry:
    """The entry completed by what its own columns say of their nature."""
    if reading is None:
        return entry
    nature = Nature.worst(nature for nature in (entry.nature, reading.source.nature) if nature is not None)
    return entry.model_copy(update={"nature": nature, "geo_vintage": reading.source.geo_vintage})


def _fault_table(faults: Sequence[Fault]) -> pd.DataFrame:
    from diagpacte.tables import TABLES

    return TABLES["faults"].frame(
        [{name: value for name, value in asdict(fault).items() if name != "cells"} for fault in faults]
    )


def _quality(faults: Sequence[Fault]) -> bytes:
    """Every fault as a CSV that French Excel opens: worst first, then by file and place."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(["gravité", "sujet", "fichier", "feuille", "cellule", "trouvé", "attendu", "que faire"])
    order = list(Severity)
    for fault in sorted(faults, key=lambda one: (order.index(one.severity), one)):
        cells = [
            fault.severity,
            fault.kind,
            fault.file,
            fault.sheet,
            fault.cell,
            fault.found,
            fault.expected,
            fault.remedy,
        ]
        writer.writerow([_inert(str(cell)) for cell in cells])
    return stream.getvalue().encode("utf-8-sig")


def _inert(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _summary(tables: Mapping[str, pd.DataFrame], faults: Sequence[Fault]) -> tuple[str, ...]:
    from diagpacte.deliverables.french import counted

    kept, observations = tables["raw_offers"]["counted"], tables["observations"]
    read = f"{counted(len(tables['sources']), 'fichier')} : {counted(len(observations), 'valeur')}"
    places = f"{counted(observations['zone_code'].nunique(), 'zone')}, {counted(int(kept.sum()), 'offre')}"
    notes = [f"{read} sur {places} ; {counted(int((~kept).sum()), 'offre')} hors des décomptes."]
    shown = sorted(fault for fault in faults if fault.severity is Severity.CHECK)
    notes += [f"à vérifier : {fault}" for fault in shown[:SHOWN_FAULTS]]
    if len(shown) > SHOWN_FAULTS:
        notes.append(f"… et {len(shown) - SHOWN_FAULTS} autres remarques, toutes dans {QUALITY_FILE}.")
    return tuple(notes)
