"""Rules of reading: layouts of workbooks and lists, marks of missing values."""

from __future__ import annotations

from pydantic import BaseModel, Field

from diagpacte.vocabulary import Availability, Base, Entry, Nature


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
    max_cells: int = Field(10_000_000, gt=0, description="Nombre maximal de cellules d’une feuille, vides comprises.")


class Headings(BaseModel, frozen=True, extra="forbid"):
    """Headings of the columns that are no indicator, compared without case, accent nor extra space."""

    code: tuple[str, ...]
    label: tuple[str, ...]
    level: tuple[str, ...]
    other: tuple[str, ...]
    department_half: tuple[str, ...]  # a commune code in two columns: its département,
    commune_half: tuple[str, ...]  # and its three last characters
    code_words: tuple[str, ...]  # words of a heading that may stand above codes, unless it has one of the next
    no_code_words: tuple[str, ...]


class Banner(BaseModel, frozen=True, extra="forbid"):
    """Regular expressions searched above the table; their named groups are what is kept."""

    geo_vintage: str  # group year
    published_on: str  # groups day, month, year
    sources: str  # group sources
    restricted: str


class Footers(BaseModel, frozen=True, extra="forbid"):
    """How a note under a table begins."""

    prefixes: tuple[str, ...]


class VariableHeadings(BaseModel, frozen=True, extra="forbid"):
    """Headings of the sheet that describes the columns of the others."""

    code: str
    label: str
    label_long: str
    source: str
    unit: str
    period: str
    base: str
    theme: str
    polarity: str
    nature: str


class IndicatorLayout(BaseModel, frozen=True, extra="forbid"):
    """How the tables of indicators of one producer are laid out (configs/layouts)."""

    name: str
    kind: str
    headings: Headings
    levels: dict[str, str]  # word of the level column → prefix of the zone code
    foreign: dict[str, str]  # regular expression of the codes of a level that is not read → its name
    zones: dict[str, str]  # code that names its zone alone → zone code
    zones_beside: dict[str, str]  # the same, where another code of the table already is the métropole
    totals: tuple[str, ...]  # words in place of a code, for a total whose perimeter is not said
    banner: Banner
    footers: Footers
    variables: VariableHeadings
    variables_nature: dict[str, Nature]
    variables_absent: tuple[str, ...]  # words of the nature column: the column holds no value
    variables_polarity: dict[str, str]
    variables_base: dict[str, Base]
    variables_unit: dict[str, str]  # word of the unit column → unit of the dictionary, or « fraction »
    label_nature: dict[Nature, str]  # regular expression searched in a heading
    flags: dict[str, Availability]  # letter after a value → what it makes of the value
