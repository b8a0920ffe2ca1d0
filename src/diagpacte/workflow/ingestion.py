"""`ingest`: from the files of data/raw to checked tables, and all that was found on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from diagpacte.errors import ConfigurationError, DataError, Fault, Severity, SourceError, raise_blocking
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE, Nature
from diagpacte.workflow.job import MANIFEST, Done, Job, table_files
from diagpacte.workflow.places import successors, zone_codes

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.settings import Settings
    from diagpacte.sources.indicators import IndicatorReading, IndicatorRules
    from diagpacte.sources.manifest import ManifestEntry
    from diagpacte.tables import Observations

QUALITY_FILE = "qualite.csv"
INDICATOR_LAYOUT = "panorama_insee"
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
    paths = job.deliver("ingest", key, job.raw_inputs(), files)
    return Done(tuple(paths), _summary(tables, faults), "diagpacte map, puis diagpacte table")


def _read_everything(job: Job) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    from diagpacte.sources import manifest

    entries = manifest.read_manifest(job.space.raw / MANIFEST)
    integrity = manifest.manifest_faults(job.space.raw, entries)
    raise_blocking(integrity, SourceError)
    if not entries:
        remedy = "ajouter un panorama et des exports de l’offre : « diagpacte add FICHIER... »"
        raise SourceError(Fault("data/raw", found="aucun fichier à lire", remedy=remedy))
    panoramas = _read_panoramas(
        job, [entry for entry in entries.values() if entry.kind is manifest.SourceKind.PANORAMA]
    )
    offers = _read_offers(job, list(entries.values()))
    told = [_told(entry, panoramas.readings.get(entry.source_id)) for entry in entries.values()]
    faults = [*integrity, *manifest.to_complete(told), *panoramas.faults, *offers.faults]
    raise_blocking(faults)
    rows = {**offers.rows, **{name: reading.source.rows for name, reading in panoramas.readings.items()}}
    notes = {name: reading.source.note for name, reading in panoramas.readings.items()}
    tables = {**panoramas.tables, **offers.tables, "sources": manifest.sources_table(told, rows, notes)}
    tables["faults"] = _fault_table(faults)
    return tables, faults


@dataclass(frozen=True)
class _Part:
    """What one kind of file gave."""

    tables: dict[str, pd.DataFrame]
    faults: Sequence[Fault]
    rows: Mapping[str, int]
    readings: Mapping[str, IndicatorReading]


def _read_panoramas(job: Job, entries: Sequence[ManifestEntry]) -> _Part:
    from diagpacte.geography.passage import to_vintage
    from diagpacte.sources import reference
    from diagpacte.sources.indicators import read_indicators
    from diagpacte.sources.precedence import one_value_each

    rules, vintage = indicator_rules(job.settings), job.settings.geography.vintage
    readings: dict[str, IndicatorReading] = {}
    faults: list[Fault] = []
    for entry in entries:
        path = job.space.raw / entry.file
        try:
            reading = read_indicators(path, entry.source_id, rules, geo_vintage=entry.geo_vintage, nature=entry.nature)
        except SourceError as error:
            faults += error.faults
            continue
        readings[entry.source_id] = reading
        faults += [*reading.faults, *_unknown_zones(reading.observations, entry.file)]
    kept, superseded, doubles = one_value_each([reading.observations for reading in readings.values()])
    faults += doubles
    vintages = {*kept["geo_vintage"].astype(int)} | {vintage}
    if vintages != {vintage}:
        packaged = [year for year in sorted(vintages) if FIRST_VINTAGE <= year <= LAST_VINTAGE]
        kept, refused = to_vintage(kept, vintage, reference.communes(*packaged), reference.passage())
        faults += refused
    return _Part({"observations": kept, "observations_superseded": superseded}, faults, {}, readings)


def indicator_rules(settings: Settings) -> IndicatorRules:
    """What reading an indicator workbook obeys. ConfigurationError when the layout is malformed."""
    from diagpacte.sources.indicators import IndicatorRules
    from diagpacte.sources.reference import intercommunalities
    from diagpacte.sources.rules import IndicatorLayout

    known = intercommunalities(LAST_VINTAGE)  # a file of 2025 names its EPT whatever the year it is brought to
    try:
        layout = IndicatorLayout.model_validate(settings.layouts[INDICATOR_LAYOUT])
    except KeyError:
        faults = [
            Fault(f"layouts/{INDICATOR_LAYOUT}.toml", found="présentation absente", remedy="reprendre celle livrée")
        ]
        raise ConfigurationError(*faults) from None
    except ValidationError as error:
        raise ConfigurationError(
            *(
                Fault(
                    f"layouts/{INDICATOR_LAYOUT}.toml",
                    cell=f"« {'.'.join(str(part) for part in detail['loc'])} »",
                    found="réglage absent, inconnu ou mal formé",
                    remedy="reprendre la forme de la présentation livrée",
                )
                for detail in error.errors()
            )
        ) from error
    return IndicatorRules(
        layout=layout,
        indicators=settings.indicators,
        factors=settings.factors,
        marks=settings.missing_marks,
        limits=settings.reading,
        ept_codes=frozenset(known.loc[known["kind"].eq("EPT"), "code"]),
    )


def _unknown_zones(observations: Observations, file: str) -> list[Fault]:
    """Blocking faults for codes that do not exist on the 1 January the file speaks of."""
    from diagpacte.sources.indicators import unknown_zones
    from diagpacte.tables import Observations

    faults = []
    for vintage in sorted({*observations["geo_vintage"].astype(int)}):
        if FIRST_VINTAGE <= vintage <= LAST_VINTAGE:  # others are refused, named, by the passage
            rows = Observations(observations[observations["geo_vintage"].eq(vintage)])
            faults += unknown_zones(rows, zone_codes(vintage), file)
    return faults


def _read_offers(job: Job, entries: Sequence[ManifestEntry]) -> _Part:
    from diagpacte.offers.counting import mark_counted
    from diagpacte.offers.placement import place
    from diagpacte.offers.themes import offers_by_theme, source_coverage
    from diagpacte.sources import reference
    from diagpacte.sources.list_layout import list_layouts
    from diagpacte.sources.offer_files import read_offers

    settings = job.settings
    reading = read_offers(job.space.raw, entries, list_layouts(settings.layouts), settings.as_of)
    raw = mark_counted(reading.raw, reading.datasets)
    communes = reference.communes(settings.geography.vintage)
    arrondissements = reference.arrondissements()
    parents = dict(zip(arrondissements["code"], arrondissements["parent"], strict=True))
    placed = place(raw, communes, successors(settings.geography.vintage), parents)
    tables = {
        "raw_offers": raw,
        "offers": offers_by_theme(raw, placed.table, settings.thematics, settings.networks),
        "source_coverage": source_coverage(raw, reading.claims),
    }
    return _Part(tables, [*reading.faults, *placed.faults], reading.rows, {})


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
