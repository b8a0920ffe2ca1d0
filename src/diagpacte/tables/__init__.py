"""THE CONTRACT: what every table holds, declared as a row model and checked by column.

A table that is filled declares every column; one that only later work fills declares its key and
its purpose, and writing it fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NewType

import pandas as pd

from diagpacte.tables.contract import Column, Row, Table
from diagpacte.tables.registry import TABLES

__all__ = ["TABLES", "Column", "Row", "Table"]

SCHEMA_VERSION = 1

Communes = NewType("Communes", pd.DataFrame)
Zones = NewType("Zones", pd.DataFrame)
Members = NewType("Members", pd.DataFrame)
Ground = NewType("Ground", pd.DataFrame)
Passage = NewType("Passage", pd.DataFrame)
Sources = NewType("Sources", pd.DataFrame)
ObservationCells = NewType("ObservationCells", pd.DataFrame)
Headings = NewType("Headings", pd.DataFrame)
SourceCoverage = NewType("SourceCoverage", pd.DataFrame)
Observations = NewType("Observations", pd.DataFrame)
Needs = NewType("Needs", pd.DataFrame)
RawOffers = NewType("RawOffers", pd.DataFrame)
Offers = NewType("Offers", pd.DataFrame)
CommuneAccess = NewType("CommuneAccess", pd.DataFrame)
Coverage = NewType("Coverage", pd.DataFrame)
CoverageSources = NewType("CoverageSources", pd.DataFrame)
Variants = NewType("Variants", pd.DataFrame)
Faults = NewType("Faults", pd.DataFrame)
Entries = NewType("Entries", pd.DataFrame)  # what people typed
Masks = NewType("Masks", pd.DataFrame)  # what is withheld, for the whole workspace


def figure_id(table: str, key: Sequence[object], column: str) -> str:
    """The id of one figure: `table/key parts joined by |/column`."""
    return f"{table}/{'|'.join(str(part) for part in key)}/{column}"


@dataclass(frozen=True)
class Published:
    """Tables that disclosure control has let through: the only thing a deliverable accepts.

    Built by `disclosure.publish` alone.
    """

    tables: Mapping[str, pd.DataFrame]
    diffusion: str
    left_out: Mapping[str, str] = field(default_factory=dict)  # sources that this diffusion leaves out: id → file

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]
