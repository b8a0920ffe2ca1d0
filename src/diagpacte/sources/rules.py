"""Rules of reading: layouts of workbooks and lists, marks of missing values."""

from __future__ import annotations

from pydantic import BaseModel, Field

from diagpacte.vocabulary import Availability, Entry


class MissingMark(Entry):
    """What a mark in a cell means (missing_marks.csv)."""

    mark: str
    availability: Availability
    label: str


class ReadingLimits(BaseModel, frozen=True, extra="forbid"):
    """What is refused before any engine opens the file."""

    max_unzipped_mb: int = Field(1_000, gt=0, description="Taille décompressée maximale d’un classeur (Mo).")
    max_ratio: int = Field(300, gt=0, description="Rapport maximal entre taille décompressée et compressée.")
    max_rows: int = Field(200_000, gt=0, description="Nombre maximal de lignes d’une feuille.")
    max_columns: int = Field(1_000, gt=0, description="Nombre maximal de colonnes d’une feuille.")
