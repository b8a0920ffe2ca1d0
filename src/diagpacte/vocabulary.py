"""The words of the trade as types: codes, closed lists, and the entries of the dictionaries.

Light on purpose (no pandas): settings and the start of every command import it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NewType

from pydantic import BaseModel, Field

CommuneCode = NewType("CommuneCode", str)  # « 01004 », « 2A004 », « 97411 »
ZoneCode = NewType("ZoneCode", str)  # carries its level: « EPCI:200040715 », « HORS:29 »
TerritoryCode = NewType("TerritoryCode", str)  # « 38 », « 69M », « 20R », « 200093201 »
ThemeId = NewType("ThemeId", str)  # « A2.eloignes_emploi »
IndicatorId = NewType("IndicatorId", str)  # « unemployment_rate_pct »

FIRST_VINTAGE, LAST_VINTAGE = 2019, 2026


class ZoneKind(StrEnum):
    """Level of a zone; levels of one sum never mix."""

    EPCI = "EPCI"
    EPT = "EPT"
    COMMUNE = "COM"
    DEPARTMENT = "DEP"
    REGION = "REG"
    FRANCE = "FRA"
    METROPOLE = "FRM"  # France métropolitaine
    COLLECTIVITY = "CTCD"  # that is no département: 69D, 69M, 6AE, 20R
    OUTSIDE_EPCI = "HORS"  # communes hors EPCI, per département; « HORS:FRM » when given together


class Availability(StrEnum):
    """Why a value is there, or is not. No operation turns one of the missing ones into 0."""

    OBSERVED = "observed"
    ESTIMATED = "estimated"
    IMPUTED = "imputed"
    CENSORED = "censored"
    SECRET = "secret"
    NOT_SIGNIFICANT = "not_significant"
    NOT_AVAILABLE = "not_available"
    NOT_APPLICABLE = "not_applicable"
    NOT_COVERED = "not_covered"
    EMPTY = "empty"


VALUED = (Availability.OBSERVED, Availability.ESTIMATED, Availability.IMPUTED, Availability.CENSORED)
ABSENCES = {  # why a cell holds no value, in the words that people choose from
    Availability.SECRET: "secret statistique",
    Availability.NOT_SIGNIFICANT: "non significatif",
    Availability.NOT_AVAILABLE: "non disponible",
    Availability.NOT_APPLICABLE: "sans objet",
    Availability.EMPTY: "cellule vide",
}


class Nature(StrEnum):
    """What a value is; the worst of its ingredients wins, in this order."""

    REAL = "real"  # as published
    DERIVED = "derived"  # computed from published values by the file's author
    UNDECLARED = "undeclared"  # nobody said: never taken for real
    ESTIMATED = "estimated"
    SIMULATED = "simulated"

    @property
    def label(self) -> str:
        return NATURE_LABELS[self]

    @classmethod
    def worst(cls, natures: Iterable[str]) -> Nature:
        """The least certain of `natures`; real when there is none."""
        return max(map(cls, natures), key=list(cls).index, default=cls.REAL)


NATURE_LABELS = {
    Nature.REAL: "réel",
    Nature.DERIVED: "dérivé",
    Nature.UNDECLARED: "nature à renseigner",
    Nature.ESTIMATED: "estimé",
    Nature.SIMULATED: "simulé",
}


class Role(StrEnum):
    """What an indicator may be used for (an indicator of offer never enters a need)."""

    NEED = "besoin"
    OFFER = "offre"
    CONTEXT = "contexte"


class Base(StrEnum):
    """Whom a rate or a count is about; shares of two bases never mix."""

    HOUSEHOLDS = "menages"
    PERSONS = "personnes"
    JOBS = "emplois"
    DWELLINGS = "logements"
    MAIN_RESIDENCES = "residences_principales"
    INCOME = "revenus"
    FAMILIES = "familles"
    RECIPIENTS = "foyers"  # foyers allocataires : neither households nor persons
    NONE = ""


class NeedRule(StrEnum):
    """How the class of a need was decided; printed beside it."""

    PANORAMA_GRADE = "grade_panorama"
    NATIONAL_BOUNDS = "bornes_nationales"
    RANK_ONLY = "rang_seul"
    NONE = "aucune"


class GapClass(StrEnum):
    """The closed list of what a zone × theme can be; the values are printed."""

    STRONG_WEAK = "besoin fort, accès faible"
    STRONG_SUFFICIENT = "besoin fort, accès suffisant"
    MODERATE_WEAK = "besoin modéré, accès faible"
    MODERATE_SUFFICIENT = "besoin modéré, accès suffisant"
    NOT_MEASURED = "non mesuré"
    NOT_LISTED = "non recensé"
    EDGE_NOT_COVERED = "bord non couvert"


class Placement(StrEnum):
    """How the point of an offer is known, best first."""

    COORDINATES = "coordonnees"
    COMMUNE = "commune"
    NONE = "non_localise"


class Entry(BaseModel, frozen=True, extra="forbid"):
    """A row of a dictionary of configs/."""


class Indicator(Entry):
    """A canonical indicator (indicators.csv).

    `published_codes` are stems with {yy}, {yy1}, {yyyy}, or headings in words, with a space.
    """

    indicator: str
    published_codes: tuple[str, ...]
    label: str
    label_long: str
    role: Role
    unit: str
    base: Base
    polarity: str = Field(pattern="^(high_worse|low_worse|)$")
    low: float | None
    high: float | None
    kind: str
    source: str
    theme_factor: str
    note: str


class Profile(Entry):
    """One of the profiles of poor households (profiles.csv)."""

    profile: str
    label: str
    label_short: str
    definition: str
    indicator_households: str
    indicator_persons: str
    reference_households_pct: float | None
    source: str


class Factor(Entry):
    """An aggravating factor of the panorama, and the indicator behind its grade (factors.csv)."""

    factor: str
    label: str
    grade_indicator: str
    graded_on: str
    core: bool
    grade_labels: tuple[str, ...]
    grade_aliases: str
    note: str


class Theme(Entry):
    """A question of annexe 1 (themes.csv)."""

    theme: str = Field(pattern=r"^[A-Z]\w*(\.\w+)+$")  # it names files
    list: str = Field(pattern="^(departement|metropole|outre_mer)$")
    axis: int = Field(ge=1, le=4)
    order: int
    label: str
    question: str
    target_population: str
    reach_km: float = Field(gt=0, allow_inf_nan=False)
    reach_source: str
    offer_noun: str
    need_phrase: str


class EntryField(Entry):
    """A column of the workbook that people type in (saisie.csv), of the sheet of its subject.

    `choices`: words, or the name of a list (« @themes »); of a field that the tool fills, its rows.
    `names_row`: the row is known to people by what stands there.
    """

    subject: str = Field(pattern="^[a-z_]+$")
    sheet: str
    field: str = Field(pattern="^[a-z0-9_]+$")
    heading: str
    help: str
    kind: str = Field(pattern="^(texte|long|choix|nombre|date|code|oui_non)$")
    choices: tuple[str, ...]
    owner: str = Field(pattern="^(outil|personne)$")
    names_row: bool
    width: int = Field(gt=0, le=120)


COMMUNE_PATTERN = re.compile(r"^(\d{5}|2[AB]\d{3})\Z", re.ASCII)
SIREN_PATTERN = re.compile(r"^\d{9}\Z", re.ASCII)
DEPARTMENT_PATTERN = re.compile(r"^(\d{2}|2[AB]|97[1-6])\Z", re.ASCII)
# With the powers of a département, on the ground of none: their codes are Insee’s CTCD.
COLLECTIVITIES = frozenset({"20R", "69D", "69M", "6AE"})


CODE_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]")
WHOLE_FLOAT = re.compile(r"^(\d+)\.0+$")


def code_text(value: object, width: int) -> str:
    """A code as text: « 1004 », 1004 or 1004.0 → « 01004 » (width 5); « 2a004 » → « 2A004 ».

    Spaces of any kind are dropped. Only one lost zero is restored: « 84 » is no commune.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if not text.isalnum():  # most codes are: two patterns for each of millions of cells would cost seconds
        text = WHOLE_FLOAT.sub(r"\1", CODE_SPACES.sub("", text))
    text = text.upper()
    return text.zfill(width) if len(text) == width - 1 and text.isascii() and text.isdigit() else text


def commune_code(value: object) -> CommuneCode | None:
    """The commune code in `value`, leading zero restored; None when it is no commune code."""
    text = code_text(value, 5)
    return CommuneCode(text) if COMMUNE_PATTERN.match(text) else None


def siren(value: object) -> str | None:
    """The nine digits in `value`; None when there are not nine (« 2,00055E+13 » is not guessed)."""
    text = code_text(value, 0)
    return text if SIREN_PATTERN.match(text) else None


def zone_code(kind: ZoneKind, code: str) -> ZoneCode:
    """« EPCI:200040715 »; France and métropole carry no code."""
    return ZoneCode(kind.value if kind in (ZoneKind.FRANCE, ZoneKind.METROPOLE) else f"{kind.value}:{code}")


def department_of(commune: str) -> str:
    """Département of a commune code: three characters overseas, two elsewhere."""
    return commune[:3] if commune.startswith("97") else commune[:2]


class Territory(Entry):
    """What a run is about: its name in sentences, its départements, the lists of themes shown."""

    code: TerritoryCode
    kind: str = Field(pattern="^(departement|collectivite|metropole)$")
    name: str  # « Nord »
    in_place: str  # « dans le Nord »
    of_place: str  # « du Nord »
    slug: str  # « nord »: the folder is <code>-<slug>
    departments: tuple[str, ...]
    geo_vintage: int
    theme_lists: tuple[str, ...]
    zone_noun: str  # « EPCI », « EPT »: how its zones are counted in sentences

    @property
    def folder(self) -> str:
        return f"{self.code}-{self.slug}"
