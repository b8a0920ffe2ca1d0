"""Rules of reading: layouts of workbooks and lists, marks of missing values."""

from __future__ import annotations

from pydantic import BaseModel, Field

from diagpacte.vocabulary import Availability, Base, Entry, Nature, ZoneKind


class MissingMark(Entry):
    """What a mark in a cell means (missing_marks.csv)."""

    mark: str
    availability: Availability
    label: str


class Precision(Entry):
    """A row of precision.csv: how the values of an indicator are printed at some levels.

    A value equal to `floor` means « that or less », one equal to `ceiling` « that or more »; `lowest` and
    `highest` are the ends of what is possible.
    """

    indicator: str
    levels: tuple[ZoneKind, ...]
    rounded_to: float | None = Field(gt=0)
    floor: float | None
    ceiling: float | None
    lowest: float | None
    highest: float | None
    reason: str
    reference: str
    status: str = Field(pattern="^(vérifié|à valider)$")


class ReadingLimits(BaseModel, frozen=True, extra="forbid"):
    """What is refused before any engine opens a file; within all of them, reading stays under 500 MB of memory."""

    max_file_mb: int = Field(200, gt=0, description="Taille maximale d’un fichier reçu (Mo).")
    max_unzipped_mb: int = Field(500, gt=0, description="Taille décompressée maximale d’un classeur (Mo).")
    max_ratio: int = Field(300, gt=0, description="Rapport maximal entre taille décompressée et compressée.")
    max_parts: int = Field(5_000, gt=0, description="Nombre maximal de parties d’un classeur.")
    max_members: int = Field(200, gt=0, description="Nombre maximal de fichiers d’une archive zip.")
    max_rows: int = Field(200_000, gt=0, description="Nombre maximal de lignes d’une feuille.")
    max_columns: int = Field(1_000, gt=0, description="Nombre maximal de colonnes d’une feuille.")
    max_cells: int = Field(5_000_000, gt=0, description="Nombre maximal de cellules d’un fichier, vides comprises.")
    max_memory_mb: int = Field(
        430, gt=0, description="Mémoire maximale pour lire un fichier (Mo), estimée d’après ses cellules et ses textes."
    )
    max_tags: int = Field(30_000_000, gt=0, description="Nombre maximal de balises XML d’une feuille.")
    max_elements: int = Field(
        200_000, gt=0, description="Nombre maximal de fusions, liens, formats, formules sans résultat… d’une feuille."
    )
    max_tag_kb: int = Field(1_000, gt=0, description="Taille maximale d’une balise XML (Ko).")
    max_depth: int = Field(1_000, gt=0, description="Nombre maximal de balises XML les unes dans les autres.")
    max_seconds: int = Field(120, gt=0, description="Temps maximal de lecture d’un .xls, .xlsb ou .ods (secondes).")


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

    geo_vintage: str  # group year, or another that holds one
    published_on: str  # groups day, month, year
    sources: str  # group sources
    restricted: str


class Qualifiers(BaseModel, frozen=True, extra="forbid"):
    """Regular expressions of words that change what a known label means, where the indicator does not bear them."""

    above: tuple[str, ...]  # in the heading, in what stands above it, in the name of the sheet
    over: tuple[str, ...]  # the same, but a sheet may bear their name: in the heading or in what stands above it
    title: tuple[str, ...]  # in the title of the table


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
    code_levels: dict[str, str]  # word of the heading of the codes → level of the short ones
    regions: tuple[str, ...]  # their names: rows of theirs without code are summaries of the zones of a table
    departments: tuple[str, ...]
    levels_beside: dict[str, str]  # the same, where another row already is the métropole
    qualifiers: Qualifiers
    foreign_words: dict[str, str]  # regular expression of a heading, or name of a sheet → level that is not read
    foreign: dict[str, str]  # regular expression of the codes of a level that is not read → its name
    zones: dict[str, str]  # code that names its zone alone → zone code
    zones_beside: dict[str, str]  # the same, where another code of the table already is the métropole
    totals: tuple[str, ...]  # words in place of a code, for a total whose perimeter is not said
    nowhere: tuple[str, ...]  # words in place of a code or a label, for people whom the source places nowhere
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
