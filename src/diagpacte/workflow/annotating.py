"""`validate --annotate`: each faulty file as a copy with its faults in place, or as a list of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from diagpacte.errors import DiagpacteError, Fault, system_refusal
from diagpacte.workflow.indicator_tables import indicator_rules
from diagpacte.workspace import atomic_write

if TYPE_CHECKING:
    from diagpacte.deliverables.annotation_list import Subject
    from diagpacte.deliverables.fault_report import FileReport, Written
    from diagpacte.settings import Settings
    from diagpacte.sources.indicators import IndicatorReading

COPY, LIST = "annoté-", "relevé-"
FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
LONGEST_NAME = 120
ZIP = b"PK"  # how every .xlsx begins


def annotate_files(
    reports: Sequence[FileReport], folder: Path, settings: Settings
) -> tuple[list[FileReport], list[Fault]]:
    """(reports saying what was written for each, faults of what could not be).

    A file of `folder` that differs from what would be written may be a person's: it is left, and said.
    """
    from diagpacte.deliverables.fault_report import Written

    taken: set[str] = set()
    done, refused = [], []
    for report in reports:
        if not report.faults or not report.sha256:
            done.append(report)
            continue
        content, written = _made(report, folder, settings)
        path = _free_name(written.path or folder, report.sha256, taken)
        taken.add(path.name.casefold())
        fault = _put(path, content)
        if fault:
            refused.append(fault)
            written = Written(None, why=f"{path.name} : {fault.found}")
        else:
            written = replace(written, path=path)
        done.append(replace(report, written=written))
    return done, refused


def _put(path: Path, content: bytes) -> Fault | None:
    """Write the file; a fault when another content is there, or when the system refuses."""
    try:
        if not path.is_file():
            atomic_write(path, content)
        elif path.read_bytes() != content:
            found = "un autre fichier de ce nom est déjà là, peut-être retouché"
            return Fault(path.name, found=found, remedy="le renommer, ou donner un autre dossier à --annotate")
    except OSError as error:
        return system_refusal(error).faults[0]
    return None


def _made(report: FileReport, folder: Path, settings: Settings) -> tuple[bytes, Written]:
    """The bytes to write, where, and whether they are a copy."""
    from diagpacte.deliverables.annotation_list import Subject, list_workbook
    from diagpacte.deliverables.annotations import CopyRefusedError
    from diagpacte.deliverables.fault_report import Written

    subject = Subject(report.path.name, report.sha256, report.faults, settings.as_of)
    try:
        content = _copied(report, subject, settings)
    except CopyRefusedError as error:
        why = str(error)
        note = f"Seulement la liste des fautes, sans copie du fichier : {why}."
        return list_workbook(subject, note), Written(folder / _file_name(LIST, report.path), why=why)
    return content, Written(folder / _file_name(COPY, report.path), is_copy=True)


def _copied(report: FileReport, subject: Subject, settings: Settings) -> bytes:
    """The annotated copy, known to read as the original does; CopyRefusedError when there is none."""
    from diagpacte.deliverables.annotations import CopyRefusedError, annotated_copy

    original = report.path.read_bytes()
    if not original.startswith(ZIP):
        raise CopyRefusedError("ce n’est pas un classeur .xlsx")
    if report.kind != "panorama" or "cells" not in report.read:
        raise CopyRefusedError("le fichier n’a pas été lu comme un tableau d’indicateurs")
    content = annotated_copy(original, subject)
    if not _reads_alike(report.path, content, settings):
        raise CopyRefusedError("une copie n’aurait pas été lue exactement comme le fichier reçu")
    return content


def _reads_alike(original: Path, content: bytes, settings: Settings) -> bool:
    """Whether the copy gives the same observations and says the same of itself."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copie.xlsx"
        copy.write_bytes(content)
        try:
            first, second = (_reading(path, settings) for path in (original, copy))
        except DiagpacteError:
            return False
    return first.observations.equals(second.observations) and first.source == second.source


def _reading(path: Path, settings: Settings) -> IndicatorReading:
    from diagpacte.sources.indicators import read_indicators

    # A geography said nowhere would let nothing be read, on either side.
    return read_indicators(path, "", indicator_rules(settings), geo_vintage=settings.geography.vintage)


def _file_name(prefix: str, path: Path) -> str:
    """« annoté-panorama.xlsx », « relevé-profils.csv.xlsx »: a name that any system takes."""
    stem = path.stem if path.suffix.lower() == ".xlsx" else path.name
    return f"{prefix}{FORBIDDEN.sub('_', stem)[:LONGEST_NAME].rstrip(' .')}.xlsx"


def _free_name(path: Path, sha256: str, taken: set[str]) -> Path:
    """`path`, with the beginning of the hash when another file of this run already bears its name."""
    return path.with_name(f"{path.stem}-{sha256[:8]}.xlsx") if path.name.casefold() in taken else path
