"""`validate`: every fault of every file given, told to a person or to a machine; nothing is ingested."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diagpacte.errors import DataError, DeliverableError, Fault, FaultKind, SourceError, UsageError
from diagpacte.settings import SETTINGS_FILE, default_configs, load_settings
from diagpacte.workflow.annotating import annotate_files
from diagpacte.workflow.correspondence import read_answers
from diagpacte.workflow.indicator_tables import IndicatorFile, of_kind, read_files, recognised
from diagpacte.workflow.job import MANIFEST, Job, Said
from diagpacte.workflow.places import place_offers
from diagpacte.workflow.scaffold import KINDS
from diagpacte.workspace import Workspace, file_hash

if TYPE_CHECKING:
    from diagpacte.deliverables.fault_report import FileReport, NotRead
    from diagpacte.settings import Settings
    from diagpacte.sources.correspondence.answers import Correspondence
    from diagpacte.sources.manifest import ManifestEntry

FORMATS = ("text", "json")
NOT_RECOGNISED = "fichier non reconnu"
SETTINGS = "fichier de l’espace de travail"  # one that a fault names, beside those given


def validate(
    directory: Path, files: Sequence[Path], *, annotate: Path | None = None, form: str = "text", width: int = 96
) -> Said:
    """Examine `files` by the settings of `directory`, and say every fault as text or JSON.

    With `annotate`, write there a copy of each faulty workbook with its faults in place, or a list of
    them; nothing else is written. Raises UsageError when a file is missing or a word is not understood.
    """
    from diagpacte.deliverables.fault_page import as_text
    from diagpacte.deliverables.fault_report import as_json, is_blocked

    _check_words(files, annotate, form)
    is_workspace = (directory / "configs" / SETTINGS_FILE).is_file()
    settings = load_settings(directory if is_workspace else default_configs().parent)
    answers = read_answers(Job(Workspace(directory), settings)) if is_workspace else None
    reports = examine(settings, list(dict.fromkeys(files)), _declared(directory), answers)
    refused: list[Fault] = []
    if annotate:
        reports, refused = annotate_files(reports, annotate, settings)
    text = as_json(reports) if form == "json" else as_text(reports, width)
    code = DeliverableError.exit_code if refused else 0
    notes = (str(DeliverableError(*refused)),) if refused else ()
    return Said(text, DataError.exit_code if is_blocked(reports) else code, notes)


def _check_words(files: Sequence[Path], annotate: Path | None, form: str) -> None:
    faults = [
        Fault(path.name or str(path), found=found, remedy="vérifier le chemin du fichier")
        for path, found in ((path, _no_file(path)) for path in files)
        if found
    ]
    if form not in FORMATS:
        faults.append(Fault("--format", found=f"« {form} »", expected=" ou ".join(FORMATS), remedy="corriger ce mot"))
    if annotate and annotate.exists() and not annotate.is_dir():
        faults.append(Fault("--annotate", found=f"« {annotate.name} » est un fichier", remedy="donner un dossier"))
    if annotate and (annotate / MANIFEST).exists():
        found = "ce dossier garde les fichiers tels que reçus"
        faults.append(Fault("--annotate", found=found, remedy="donner un autre dossier"))
    if faults:
        raise UsageError(*faults)


def _no_file(path: Path) -> str:
    if path.is_file():
        return ""
    return "c’est un dossier" if path.is_dir() else "fichier introuvable"


def _declared(directory: Path) -> dict[str, ManifestEntry]:
    """What the workspace knows of the files it received, by SHA-256."""
    from diagpacte.sources import manifest

    known = manifest.read_manifest(directory / "data" / "raw" / MANIFEST)
    return {entry.sha256: entry for entry in known.values()}


def examine(
    settings: Settings,
    paths: Sequence[Path],
    declared: Mapping[str, ManifestEntry],
    answers: Correspondence | None = None,
) -> list[FileReport]:
    """What each of `paths` is, what was read of it and every fault, in their order.

    `declared`: by SHA-256, what a person said of a file received; `answers`, of its columns. A file that cannot be read is a fault of
    its own; the others are read all the same.
    """
    reports: dict[Path, FileReport] = {}
    for batch in _batches(paths):
        reports |= _Batch(settings, batch, declared, answers).reports()
    return [*(reports[path] for path in paths), *(one for path, one in reports.items() if path not in paths)]


def _batches(paths: Sequence[Path]) -> list[list[Path]]:
    """The files read together: all of them, unless two bear one name, which is what a fault is told by."""
    batches: list[list[Path]] = []
    for path in paths:
        free = next((batch for batch in batches if path.name not in {other.name for other in batch}), None)
        if free is None:
            batches.append(free := [])
        free.append(path)
    return batches


class _Batch:
    """Files of distinct names, examined as `ingest` would read them."""

    def __init__(
        self,
        settings: Settings,
        paths: Sequence[Path],
        declared: Mapping[str, ManifestEntry],
        answers: Correspondence | None,
    ) -> None:
        self.settings, self.paths, self.declared, self.answers = settings, paths, declared, answers
        self.entries: dict[str, ManifestEntry] = {}  # by name
        self.hashes: dict[str, str] = {}
        self.faults: dict[str, list[Fault]] = {path.name: [] for path in paths}
        self.read: dict[str, dict[str, int]] = {}
        self.skipped: dict[str, list[NotRead]] = {}

    def reports(self) -> dict[Path, FileReport]:
        for path in self.paths:
            self._recognise(path)
        self._read_indicators()
        self._read_offers()
        from diagpacte.deliverables.fault_report import FileReport

        others = [name for name in self.faults if name not in {path.name for path in self.paths}]
        told = {Path(name): FileReport(Path(name), "", "", SETTINGS, {}, self.faults[name]) for name in others}
        return {path: self._report(path) for path in self.paths} | told

    def _report(self, path: Path) -> FileReport:
        from diagpacte.deliverables.fault_report import FileReport

        name, entry = path.name, self.entries.get(path.name)
        kind = str(entry.kind) if entry else ""
        return FileReport(
            path,
            self.hashes.get(name, ""),
            kind,
            KINDS.get(kind, NOT_RECOGNISED),
            self.read.get(name, {}),
            self.faults[name],
            self.skipped.get(name, ()),
        )

    def _recognise(self, path: Path) -> None:
        """What a file is: by its content, and by what a person declared of this very content."""
        from diagpacte.sources.manifest import describe

        try:
            entry = describe(path, recognised(self.settings, path, self.answers)[0])
            self.entries[path.name] = entry.keeping(self.declared.get(entry.sha256), ())
            self.hashes[path.name] = entry.sha256
        except SourceError as error:
            self.faults[path.name] += [replace(fault, kind=FaultKind.FILE) for fault in error.faults]
            with suppress(OSError):
                self.hashes[path.name] = file_hash(path)

    def _of_kind(self, *, panorama: bool) -> list[tuple[Path, ManifestEntry]]:
        known = [(path, self.entries[path.name]) for path in self.paths if path.name in self.entries]
        return [(path, entry) for path, entry in known if (entry.kind == "panorama") is panorama]

    def _read_indicators(self) -> None:
        from diagpacte.deliverables.fault_report import NotRead

        files = [
            IndicatorFile(path, path.name, entry.geo_vintage, entry.nature)
            for path, entry in self._of_kind(panorama=True)
        ]
        tables = read_files(self.settings, files, self.answers)
        self._tell(tables.faults)
        for name, reading in tables.readings.items():
            table = reading.observations
            self.skipped[name] = [NotRead(one.sheet, one.place, one.reason) for one in reading.skipped]
            self.read[name] = {
                "zones": table["zone_code"].nunique(),
                "indicators": table["indicator"].nunique(),
                "cells": len(table),
                "without_value": int(table["value"].isna().sum()),
                "unread_headings": sum(one.place.startswith("colonne ") for one in reading.skipped),
            }

    def _read_offers(self) -> None:
        from diagpacte.sources.offers.files import read_offers
        from diagpacte.sources.offers.list_layout import list_layouts

        files = self._of_kind(panorama=False)
        if not files:
            return
        folder, entries = _one_folder(files)
        settings = self.settings
        reading = read_offers(folder, entries, list_layouts(settings.layouts), settings.as_of)
        names = {entry.source_id: Path(entry.file).name for entry in entries}
        offers = reading.raw["source_id"].map(names).value_counts()
        for source_id, records in reading.rows.items():
            self.read[names[source_id]] = {"records": records, "offers": int(offers.get(names[source_id], 0))}
        self._tell(replace(fault, file=names.get(fault.file, fault.file)) for fault in reading.faults)
        placed = place_offers(reading.raw, settings.geography.vintage)
        self._tell(replace(fault, file=names[fault.file]) for fault in of_kind(placed.faults, FaultKind.OFFER))

    def _tell(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.faults.setdefault(fault.file, []).append(fault)


def _one_folder(files: Sequence[tuple[Path, ManifestEntry]]) -> tuple[Path, list[ManifestEntry]]:
    """A folder that holds them all, each entry naming its file from there."""
    paths = [path.absolute() for path, _ in files]
    try:
        folder = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # files on several drives have none: their whole paths do
        folder = Path()
    named = zip(paths, (entry for _, entry in files), strict=True)
    return folder, [entry.model_copy(update={"file": path.relative_to(folder).as_posix()}) for path, entry in named]
