"""What a person must say of the columns of one file, or said: the rows of Headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.assembly import Place
from diagpacte.sources.findings import Findings
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.layout.table_rows import Skipped
from diagpacte.sources.meaning.block import Block
from diagpacte.sources.meaning.choices import Choice, Meaning
from diagpacte.sources.meaning.columns import UNKNOWN, Dictionary, IndicatorColumn
from diagpacte.sources.meaning.unread import doubtful, heading_row, misleading
from diagpacte.sources.shapes import column_name

CERTAIN = 100  # likeness of a column that its own code or label names
NAMED_REASONS = 3  # sheets named when a file gives nothing
SAY_IT = "dire ce qu’elle contient dans data/saisies/correspondance.xlsx, ou ne rien faire : elle n’est pas lue"
SAY_UNIT = "dire son unité (« unité ») dans data/saisies/correspondance.xlsx, ou ne rien faire : elle n’est pas lue"


class Asking:
    """The columns of one file that no dictionary knows, those that a person chose, and those not known well enough."""

    def __init__(self, source_id: str, dictionary: Dictionary, findings: Findings) -> None:
        self.source_id, self.dictionary, self.findings = source_id, dictionary, findings
        self.rows: list[dict[str, Any]] = []

    @property
    def waits(self) -> bool:
        """Whether a column waits for an answer."""
        return any(row["reason"] and not row["meaning"] for row in self.rows)

    def first_reason(self, sheet: str) -> str:
        """Why a column that is no stranger is not read in `sheet`; « » when all of them are unknown."""
        known = (row["reason"] for row in self.rows if row["sheet"] == sheet and row["reason"] != UNKNOWN)
        return next(known, "")

    def add(self, table: Table, heading: Heading, reason: str, choice: Choice | None) -> None:
        """A column that is not read, for `reason`, or that is read as `choice` says."""
        self.rows.append(heading_row(self.source_id, table, heading, reason, choice, self.dictionary))

    def add_measures(self, rows: Iterable[dict[str, Any]]) -> None:
        """The measures of a long table, as rows of Headings without their source."""
        self.rows += [{"source_id": self.source_id, **row} for row in rows]

    def tell_unread(self, table: Table, heading: Heading, why: str) -> None:
        """The fault of a column that is not read, with what it looks like."""
        asked = [] if misleading(why) else [text for text in heading.texts if text]
        nearest = self.dictionary.nearest(asked)
        theme = f" (sous « {heading.theme} »)" if heading.theme else ""
        cell = table.sheet.cell_name(table.first_row - 1, heading.column)
        self.findings.fault(
            table.sheet.name,
            cell,
            f"{why} : « {heading.shown} »{theme}",
            f"par exemple {' ; '.join(nearest)}" if nearest else "un code de configs/indicators.csv",
            SAY_UNIT if doubtful(why) else SAY_IT,
            kind=FaultKind.COLUMN,
            cells=(cell,),
        )
        place = column_name(table.sheet, heading.column)
        self.findings.skip(table.sheet.name, place, f"{why} : « {heading.shown} »")

    def add_known(self, table: Table, column: IndicatorColumn, reason: str) -> None:
        """A column that is known, but that a person must say more of; the answer already given is kept."""
        heading = next(one for one in table.headings if one.column == column.column)
        row = heading_row(self.source_id, table, heading, reason, None, self.dictionary)
        place = (row["sheet"], row["cell"])
        there = next((one for one in self.rows if (one["sheet"], one["cell"]) == place), None)
        if there is not None:
            there["reason"] = there["reason"] or reason
        else:
            confidence = None if doubtful(reason) else CERTAIN
            self.rows.append(row | {"proposed": column.indicator.indicator, "confidence": confidence})

    def add_twins(
        self, twins: Sequence[tuple[Place, Place]], blocks: Sequence[Block], origins: dict[int, Table]
    ) -> None:
        """Pairs of columns that give one figure otherwise; `origins`: place of a block → the table it comes from."""
        for pair in twins:
            for (number, place), (other, _) in (pair, pair[::-1]):
                if number in origins:
                    here, there = blocks[number].sheet, blocks[other].sheet
                    where = f"dans la feuille « {there} »" if there != here else "dans la feuille"
                    reason = f"les mêmes chiffres, avec d’autres valeurs, {where}"
                    self.add_known(origins[number], blocks[number].columns[place], reason)

    def tell_nothing_read(self) -> Fault | None:
        """What says that a file gives no value, unless another fault says why; given back when it waits for answers."""
        if any(fault.severity is Severity.BLOCKING for fault in self.findings.faults):
            return None
        found = f"aucune valeur lue ({' ; '.join(_reasons(self.findings.skipped))})"
        if self.rows and all(row["meaning"] == Meaning.UNREAD for row in self.rows):
            remedy = "rien à faire : toutes ses colonnes sont dites « ne pas lire »"
            self.findings.fault("", "", found, remedy=remedy, severity=Severity.INFORMATION)
            return None
        remedy = "dire ce que contiennent ses colonnes dans data/saisies/correspondance.xlsx, ou retirer ce fichier"
        if not self.rows:
            remedy = "compléter configs/indicators.csv, ou retirer ce fichier"
        expected = "une colonne de codes de zones, et un indicateur de configs/indicators.csv"
        left_out = any(fault.kind is FaultKind.DOUBLE for fault in self.findings.faults)  # rows not read, and told
        if left_out:
            expected, remedy = "une ligne par zone", "demander le fichier sans ce détail, ou retirer ce fichier"
        fault = self.findings.fault("", "", found, expected, remedy, Severity.BLOCKING)
        return fault if self.waits or left_out else None


def _reasons(skipped: Iterable[Skipped]) -> list[str]:
    """Why whole sheets, or the whole file, are not read: the first reasons, each once."""
    whole = [one for one in skipped if not one.place]
    return [*dict.fromkeys(f"{one.sheet} : {one.reason}" if one.sheet else one.reason for one in whole)][:NAMED_REASONS]
