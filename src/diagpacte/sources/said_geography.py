"""The geography of a table: in its codes, above it, below it, else anywhere above in the file, else declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagpacte.errors import Severity
from diagpacte.sources.files.workbook import Sheet
from diagpacte.sources.findings import Findings
from diagpacte.sources.layout.banner import geo_vintages
from diagpacte.sources.layout.headers import HEADER_ROWS, Table
from diagpacte.sources.long.table import LongTable
from diagpacte.sources.rules import IndicatorLayout

SAY_IT = "écrire l’année dans la feuille « Fichiers » de data/saisies/correspondance.xlsx"


@dataclass(frozen=True)
class SaidGeography:
    """What a file says of the year of its codes: the texts `above` its tables, and what was `declared` of it."""

    above: Sequence[str]
    declared: int | None
    layout: IndicatorLayout

    def anywhere(self) -> set[int]:
        """The years said above the tables of the file."""
        return geo_vintages(self.above, self.layout)

    def of(self, table: Table | LongTable, notes: Sequence[str], findings: Findings) -> int | None:
        """The 1 January that the codes of `table` belong to; None, and a blocking fault, when nothing says one year."""
        coded = {*table.geo_vintages} if isinstance(table, LongTable) else set()
        places = (geo_vintages(texts, self.layout) for texts in (table.above, notes, self.above))
        said, sheet = coded or next(filter(None, places), set()), table.sheet.name
        if len(said) > 1:
            found = f"deux géographies : {' et '.join(str(year) for year in sorted(said))}"
            findings.fault(sheet, "", found, "une seule", "séparer les tableaux", Severity.BLOCKING)
            return None
        vintage = next(iter(said), self.declared)
        if vintage is None:
            found = "géographie non dite : de quelle année sont les codes des zones ?"
            expected = "« Géographie au 01/01/2025 » au-dessus du tableau"
            findings.fault(sheet, "", found, expected, SAY_IT, Severity.BLOCKING)
        elif self.declared not in (None, vintage) and self.declared not in self.anywhere():
            found = f"géographie au 01/01/{vintage}, {self.declared} déclaré"
            findings.fault(sheet, "", found, remedy="corriger la déclaration")
        return vintage


def texts_above(sheet: Sheet, tables: Sequence[Table | LongTable] | str) -> list[str]:
    """The texts above the tables of a sheet, or at its top when it has none."""
    if not isinstance(tables, str):
        return [text for table in tables for text in table.above]
    alone = [cells[0] for cells in sheet.cells[:HEADER_ROWS] if len(cells) and not any(cells[1:])]
    return [text.strip() for text in alone if isinstance(text, str) and text.strip()]
