"""Faults quote values: what they say of a count that is not public must not reach a deliverable.

A fault may quote any zone of a file, one that no deliverable shows included: its numbers go, not its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from diagpacte.errors import FaultKind

SCRUBBED = "relevé sur des effectifs d’une source non publique ; le détail est dans data/processed/qualite.csv"
CELL = re.compile(r"\b([A-Z]{1,3})\d+\b")
LETTERS = re.compile(r"colonne ([A-Z]{1,3})\b")
# Faults of files, tables, codes, columns and origin quote headings and codes, no value.
QUOTING = (FaultKind.VALUE, FaultKind.UNIT, FaultKind.CORRECTION, FaultKind.OTHER)
CROSSING = (FaultKind.SECRET, FaultKind.DOUBLE, FaultKind.COHERENCE)  # they quote other rows, or another file
WORDS = ("found", "expected", "remedy")


@dataclass(frozen=True)
class Quotations:
    """Where counts stand: `counts` are their indicators, `ours` those of sources that are not public, or masked."""

    counts: frozenset[str]
    ours: frozenset[str]
    private_files: frozenset[str]
    columns: Mapping[tuple[str, str, str], frozenset[str]]  # file, sheet, column → its indicators

    @classmethod
    def of(
        cls,
        observations: pd.DataFrame,
        files: Mapping[str, str],
        private: Collection[str],
        counts: Collection[str],
        masked: Collection[str],
    ) -> Quotations:
        """`files`: source_id → file; `private`: the sources that are not public; `masked`: indicators of masks."""
        rows = observations[["source_id", "sheet", "column", "indicator"]].drop_duplicates()
        rows = rows.assign(file=rows["source_id"].map(files).fillna(rows["source_id"]))
        own = rows.loc[rows["source_id"].isin(private) & rows["indicator"].isin(counts), "indicator"]
        columns = {
            (str(file), str(sheet), str(column)): frozenset(group)
            for (file, sheet, column), group in rows.groupby(["file", "sheet", "column"])["indicator"]
        }
        named = frozenset(files.get(source, source) for source in private)
        return cls(frozenset(counts) | frozenset(masked), frozenset(own) | frozenset(masked), named, columns)

    def taken_out_of(self, faults: pd.DataFrame) -> pd.DataFrame:
        """`faults`, those that may quote such a count without any number in their words."""
        if faults.empty or not self.counts:
            return faults
        quoting = pd.Series(map(self._quotes, faults.to_dict("records")), index=faults.index, dtype=bool)
        changes = {}
        for words in WORDS:
            numbered = quoting & faults[words].str.contains(r"\d", regex=True)
            changes[words] = faults[words].mask(numbered, SCRUBBED if words == "found" else "")
        return faults.assign(**changes)

    def _quotes(self, fault: Mapping[Any, Any]) -> bool:
        if fault["kind"] not in (*QUOTING, *CROSSING):
            return False
        found = self._indicators(fault)
        if fault["file"] in self.private_files:
            return not found or bool(found & self.counts)
        if any(file in fault[words] for file in self.private_files for words in WORDS):
            return True
        return fault["kind"] in CROSSING and bool(self.ours) and (not found or bool(found & self.ours))

    def _indicators(self, fault: Mapping[Any, Any]) -> frozenset[str]:
        """The indicators of the columns that the fault names; none when it names no column that was read."""
        letters = {*CELL.findall(fault["cell"]), *LETTERS.findall(fault["cell"])}
        places = ((fault["file"], fault["sheet"], column) for column in letters)
        return frozenset().union(*(self.columns.get(place, frozenset()) for place in places))
