"""What reading one file finds to say: its faults, and what is left out with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.layout.table_rows import Skipped


@dataclass
class Findings:
    """Gathered while `file` is read, in the order of the reading."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, sheet: str, place: str, reason: str) -> None:
        """What is left out: a whole sheet when `place` is blank, the whole file when `sheet` is too."""
        self.skipped.append(Skipped(sheet, place, reason))

    def fault(
        self,
        sheet: str,
        cell: str,
        found: str,
        expected: str = "",
        remedy: str = "",
        severity: Severity = Severity.CHECK,
        kind: FaultKind = FaultKind.TABLE,
        cells: tuple[str, ...] = (),
    ) -> Fault:
        """A fault of `file`, gathered and given back; to check unless something else is said."""
        fault = Fault(self.file, sheet, cell, found, expected, remedy, severity, kind, cells)
        self.faults.append(fault)
        return fault
