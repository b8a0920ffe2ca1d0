"""The way in of the offer: every file of offers of the manifest → RawOffers.

A services file of data.inclusion is joined to its structures file; a structure without any service
stays as a structure; a plain list gives a structure per row. Whatever is dropped is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from diagpacte.errors import Fault, SourceError
from diagpacte.sources.manifest import ManifestEntry, SourceKind
from diagpacte.sources.offers.checks import check_places, check_thematics
from diagpacte.sources.offers.faults import offer_fault
from diagpacte.sources.offers.list_layout import ListLayout
from diagpacte.sources.offers.plain_lists import read_list
from diagpacte.sources.offers.records import read_records
from diagpacte.sources.offers.rows import offer_frame, service_rows, structure_rows
from diagpacte.sources.offers.schema import Conformed, conform
from diagpacte.tables import TABLES, RawOffers
from diagpacte.vocabulary import Nature


@dataclass(frozen=True)
class OfferReading:
    """What the files of offers hold.

    `datasets` are the source_ids read together (a services file and its structures), in the order of
    the manifest; `rows` the records met in each file, kept or not; `claims` what a list says it covers.
    """

    raw: RawOffers
    datasets: tuple[tuple[str, ...], ...]
    rows: Mapping[str, int]
    claims: Mapping[str, str]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _File:
    entry: ManifestEntry
    read: Conformed

    @property
    def structures(self) -> set[str]:
        """The structures it speaks of."""
        return set(self.read.columns["structure_id" if self.entry.kind is SourceKind.SERVICES else "id"])


def read_offers(
    folder: Path, entries: Sequence[ManifestEntry], layouts: Mapping[str, ListLayout], as_of: date
) -> OfferReading:
    """Every file of offers among `entries`, from `folder`, held against the official schema at `as_of`.

    A file that cannot be read is a blocking fault; the others are read all the same.
    """
    files: list[_File] = []
    faults: list[Fault] = []
    for entry in entries:
        if entry.kind is SourceKind.PANORAMA:
            continue
        try:
            files.append(_File(entry, _read(folder / entry.file, entry, layouts, as_of)))
            faults += files[-1].read.faults
        except SourceError as error:
            faults += error.faults
    datasets = _datasets(files)
    frames = []
    for dataset in datasets:
        frames += _frames(dataset, layouts)
        faults += _joining_faults(dataset)
    raw = TABLES["raw_offers"].frame(pd.concat(frames) if frames else [])
    return OfferReading(
        raw=RawOffers(raw),
        datasets=tuple(tuple(file.entry.source_id for file in dataset) for dataset in datasets),
        rows={file.entry.source_id: file.read.met for file in files},
        claims={
            file.entry.source_id: layouts[file.entry.layout].constants.claim
            for file in files
            if file.entry.kind is SourceKind.LIST
        },
        faults=tuple(faults),
    )


def _read(path: Path, entry: ManifestEntry, layouts: Mapping[str, ListLayout], as_of: date) -> Conformed:
    if entry.kind is SourceKind.LIST:
        if entry.layout not in layouts:
            found = f"présentation « {entry.layout} » introuvable dans configs/layouts/"
            raise SourceError(Fault(path.name, found=found, remedy="remettre ce fichier de réglage"))
        read = read_list(path, layouts[entry.layout])
    else:
        record = "service" if entry.kind is SourceKind.SERVICES else "structure"
        read = conform(read_records(path), record, path.name, as_of)
    checked = check_places(read.columns, read.rows, path.name)
    if entry.kind is SourceKind.SERVICES:
        checked += check_thematics(read.columns, read.rows, path.name)
    return replace(read, faults=[*read.faults, *checked])


def _datasets(files: Sequence[_File]) -> list[tuple[_File, ...]]:
    """Each services file with the structures file that knows most of its structures; the others alone."""
    free = [file for file in files if file.entry.kind is SourceKind.STRUCTURES]
    partners: dict[str, _File] = {}
    for services in (file for file in files if file.entry.kind is SourceKind.SERVICES):
        shared = {file.entry.file: len(services.structures & file.structures) for file in free}
        best = max(free, key=lambda file: shared[file.entry.file], default=None)
        if best is not None and shared[best.entry.file]:
            partners[services.entry.file] = best
            free.remove(best)
    alone = [file for file in files if file.entry.kind is not SourceKind.STRUCTURES or file in free]
    order = {file.entry.file: rank for rank, file in enumerate(files)}
    datasets = [(file, partners[file.entry.file]) if file.entry.file in partners else (file,) for file in alone]
    return sorted(datasets, key=lambda dataset: min(order[file.entry.file] for file in dataset))


def _frames(dataset: tuple[_File, ...], layouts: Mapping[str, ListLayout]) -> list[pd.DataFrame]:
    first, *others = dataset
    if first.entry.kind is SourceKind.LIST:
        said = layouts[first.entry.layout].constants
        rows = structure_rows(first.read.columns, in_person=said.in_person, remote=said.remote)
        return [_frame(first, rows, first.read.rows)]
    if first.entry.kind is SourceKind.STRUCTURES:
        return [_frame(first, structure_rows(first.read.columns), first.read.rows)]
    structures = others[0] if others else None
    frames = [
        _frame(
            first, service_rows(first.read.columns, structures.read.columns if structures else None), first.read.rows
        )
    ]
    if structures is not None:
        served = first.structures
        bare = [i for i, structure in enumerate(structures.read.columns["id"]) if structure not in served]
        columns = {name: [cells[i] for i in bare] for name, cells in structures.read.columns.items()}
        frames.append(_frame(structures, structure_rows(columns), [structures.read.rows[i] for i in bare]))
    return frames


def _frame(file: _File, columns: dict[str, list[Any]], rows: Sequence[int]) -> pd.DataFrame:
    return offer_frame(columns, rows, file.entry.source_id, file.entry.nature or Nature.UNDECLARED)


def _joining_faults(dataset: tuple[_File, ...]) -> list[Fault]:
    """Services whose structure nothing loaded describes: kept, named by the structure's identifier."""
    services = dataset[0]
    if services.entry.kind is not SourceKind.SERVICES:
        return []
    remedy = "ajouter le fichier des structures du même export"
    if len(dataset) == 1:
        found = "services lus sans leurs structures : noms, réseaux porteurs et SIRET inconnus"
        return [offer_fault(services.entry.file, found, remedy=remedy)]
    described = dataset[1].structures
    cells = services.read.columns["structure_id"]
    orphans = [row for row, cell in zip(services.read.rows, cells, strict=True) if cell not in described]
    found = f"service dont la structure n’est pas dans {dataset[1].entry.file}"
    return [offer_fault(services.entry.file, found, orphans, remedy=remedy)] if orphans else []
