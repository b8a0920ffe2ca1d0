"""What was found in received files, and the same told to a machine (docs/validation.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagpacte.deliverables.fault_words import range_name, rectangles, severity_counts, worst_first
from diagpacte.errors import DataError, Fault, Severity

FORMAT, FORMAT_VERSION = "diagpacte-validate", 1


@dataclass(frozen=True)
class Written:
    """What --annotate made of a file: a copy or a list; `why` it is no copy, or why nothing was written."""

    path: Path | None
    is_copy: bool = False
    why: str = ""


@dataclass(frozen=True)
class NotRead:
    """Something that stands in the file and was not read, with the reason, in French."""

    sheet: str
    place: str
    reason: str


@dataclass(frozen=True)
class FileReport:
    """One file examined. `kind` is « » when the file is nothing known, `label` the same in French.

    `read` counts what was read, by what it is.
    """

    path: Path
    sha256: str
    kind: str
    label: str
    read: Mapping[str, int]
    faults: Sequence[Fault]
    skipped: Sequence[NotRead] = ()
    written: Written | None = None


def is_blocked(reports: Iterable[FileReport]) -> bool:
    """Whether a file has a blocking fault."""
    return any(fault.severity is Severity.BLOCKING for report in reports for fault in report.faults)


def as_json(reports: Sequence[FileReport]) -> str:
    """The document of docs/validation.md; the same reports give the same text."""
    document = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "exit_code": DataError.exit_code if is_blocked(reports) else 0,
        "counts": counts_of(fault for report in reports for fault in report.faults),
        "files": [_file(report) for report in reports],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def counts_of(faults: Iterable[Fault]) -> dict[str, int]:
    return {str(severity): count for severity, count in severity_counts(faults).items()}


def _file(report: FileReport) -> dict[str, Any]:
    written = report.written
    return {
        "file": report.path.name,
        "path": report.path.as_posix(),
        "sha256": report.sha256,
        "kind": report.kind or None,
        "read": dict(report.read),
        "counts": counts_of(report.faults),
        "faults": [_fault(fault) for fault in worst_first(report.faults)],
        "skipped": [{"sheet": one.sheet, "place": one.place, "reason": one.reason} for one in report.skipped],
        "annotated": written
        and {
            "path": written.path.as_posix() if written.path else None,
            "copy": written.is_copy,
            "why": written.why or None,
        },
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "severity": str(fault.severity),
        "kind": str(fault.kind),
        "sheet": fault.sheet,
        "cells": [range_name(area) for area in rectangles(fault.cells)],
        "place": fault.cell,
        "found": fault.found,
        "expected": fault.expected,
        "remedy": fault.remedy,
    }
