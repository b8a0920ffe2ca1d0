"""What a sheet is before any spreadsheet: typed cells, described columns, words for what is missing.

A cell is a number, a date or a text, never blank: what is missing is a word in grey. Text from outside
is cleaned here, once; the writer then stores it as text, never as a formula or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

import pandas as pd

from diagpacte.deliverables import french, style
from diagpacte.tables import TABLES
from diagpacte.vocabulary import VALUED, Availability, Base, GapClass, Nature

Row = Mapping[str, Any]

LONGEST_TEXT = 1_000  # a cell holds 32,767 characters; nobody reads them
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+")

PLACEHOLDER = re.compile(r"\{(clé|1|2)\}")
FORMULA_STARTS = ("=", "+", "-", "@")

UNKNOWN = "non renseigné"
UNDECLARED = "à renseigner"
NOT_MEASURED = "non mesuré"
NOT_LISTED = "non recensé"
NO_CLASS = "sans classe"
MISSING = {**french.MISSING_SHORT, Availability.NOT_APPLICABLE: "sans objet"}
AVAILABILITIES = {
    **french.MISSING_LONG,
    Availability.OBSERVED: "Observée",
    Availability.ESTIMATED: "Estimée",
    Availability.IMPUTED: "Imputée",
    Availability.CENSORED: "Censurée",
    Availability.EMPTY: "Cellule vide",
}
MARKS = {Availability.ESTIMATED: "(e)", Availability.IMPUTED: "(i)"}
BASES = {
    Base.HOUSEHOLDS: "ménages",
    Base.PERSONS: "personnes",
    Base.JOBS: "emplois",
    Base.DWELLINGS: "logements",
    Base.MAIN_RESIDENCES: "résidences principales",
    Base.RECIPIENTS: "foyers allocataires",
    Base.INCOME: "revenus",
    Base.FAMILIES: "familles",
    Base.NONE: "",
}
UNIT_NAMES = {"count": "nombre", "index": "indice", "ratio": "rapport", "grade": "degré"}  # bare after a value
RAMPS = {"need": style.NEED, "access": style.ACCESS}
GAP_FILLS = {
    GapClass.STRONG_WEAK: "#7A1F0B",
    GapClass.STRONG_SUFFICIENT: "#F2A65A",
    GapClass.MODERATE_WEAK: "#4F86B5",
    GapClass.MODERATE_SUFFICIENT: "#E3EDF4",
}


class Kind(StrEnum):
    """How a cell is stored and aligned."""

    TEXT = "text"
    CODE = "code"  # digits that are text
    NUMBER = "number"
    DATE = "date"
    MISSING = "missing"


@dataclass(frozen=True)
class Look:
    """How a cell is drawn; cells of one look share one format."""

    kind: Kind = Kind.TEXT
    number_format: str = ""
    simulated: bool = False
    fill: str = ""
    quoted: bool = False  # a text that would become a formula if someone retyped it


@dataclass(frozen=True)
class Cell:
    """What a cell holds and how it looks."""

    value: str | float | date
    look: Look = Look()


@dataclass(frozen=True)
class Column:
    """A column and what the dictionary says of it; `width` bounds it, in characters.

    `figure` is how the id of a cell is written: `{clé}` stands for the key of the row, the middle of its
    « identifiant », `{1}` and `{2}` for its first and second part.
    """

    heading: str
    definition: str
    unit: str = ""
    base: str = ""
    source: str = ""
    vintage: str = ""
    role: str = ""
    width: tuple[int, int] = (6, 24)
    hidden: bool = False
    joined: bool = False  # printed on the page of the column before
    figure: str = ""

    def tagged(self, natures: Iterable[str]) -> Column:
        """The same, its heading saying whether its values are simulated."""
        simulated = [nature == Nature.SIMULATED for nature in natures]
        if not any(simulated):
            return self
        tag = "(simulé)" if all(simulated) else "(en partie simulé)"
        return replace(self, heading=f"{self.heading} {tag}")


@dataclass(frozen=True)
class Sheet:
    """One table: its title in A1, notes under it, one row of headings, rows. `table` is its Excel name."""

    name: str
    table: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    frozen: int = 0
    empty: str = "Aucune ligne."
    banner: str = ""  # « VALEURS SIMULÉES », when anything in it is


def described(table: str, column: str, heading: str, width: tuple[int, int] = (6, 24), *, source: str = "") -> Column:
    """A column that prints a column of the contract: its definition and unit are the contract's.

    Its figures are those of the row that the « identifiant » of each line names.
    """
    declared = TABLES[table].columns[column]
    pattern = f"{table}/{{clé}}/{column}"
    return Column(heading, declared.description, unit=declared.unit, source=source, width=width, figure=pattern)


ID_COLUMN = Column(
    "identifiant", "Identifiant du chiffre principal de la ligne : table/clé/colonne ; colonne masquée", hidden=True
)


def figure_of(pattern: str, identifier: str) -> str:
    """The id of a cell, from the pattern of its column and the « identifiant » of its row."""
    key = identifier.partition("/")[2].rpartition("/")[0]
    first, _, rest = key.partition("|")
    parts = {"clé": key, "1": first, "2": rest.partition("|")[0]}
    return PLACEHOLDER.sub(lambda found: parts[found[1]], pattern)


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows of a table, by column."""
    return frame.to_dict("records")  # type: ignore[return-value]


def is_absent(value: object) -> bool:
    """True for None, NaN, NA and empty text."""
    return value is None or (isinstance(value, str) and not value.strip()) or bool(pd.isna(value))  # type: ignore[call-overload]


def clean(value: object) -> str:
    """`value` on one line, without control, direction or broken characters, cut with « … » when endless."""
    return _clean(str(value))


@lru_cache(maxsize=20_000)
def _clean(value: str) -> str:
    words = " ".join(CONTROL.sub(" ", value).strip(" ").split(" "))
    return words if len(words) <= LONGEST_TEXT else words[: LONGEST_TEXT - 1].rstrip() + "…"


def text(value: object, missing: str = UNKNOWN, *, fill: str = "") -> Cell:
    """A text, or the word for its absence."""
    words = "" if is_absent(value) else clean(value)
    return Cell(words, Look(fill=fill, quoted=words.startswith(FORMULA_STARTS))) if words else word(missing)


def code(value: object) -> Cell:
    """A code, kept as text."""
    return word(UNKNOWN) if is_absent(value) else Cell(clean(value), Look(Kind.CODE))


def word(value: str) -> Cell:
    """Why nothing stands here."""
    return Cell(value, Look(Kind.MISSING))


def missing(availability: Availability | str) -> Cell:
    """The word of a missing value, and « n. d. » for one said present but absent."""
    return word(MISSING.get(Availability(availability), MISSING[Availability.NOT_AVAILABLE]))


def unit_words(unit: str) -> str:
    """The unit in French, from the dictionary's code; a unit already in words stays."""
    return UNIT_NAMES.get(unit) or french.UNITS.get(unit, (unit, 1))[0]


def number_format(value: float, unit: str, mark: str = "", bounds: Iterable[float] = ()) -> str:
    """Excel's format for a value of `unit`, with the decimals it takes not to contradict its class.

    A value that would round to nought without being it shows « < 0,1 ».
    """
    least = french.UNITS.get(unit, (unit, 1))[1]
    decimals = french.faithful_decimals(value, bounds, least)
    if decimals == least == 1 and 0 < value < 0.05:  # noqa: PLR2004
        return '"< 0,1"'
    return "#,##0" + ("." + "0" * decimals if decimals else "") + (f'" {mark}"' if mark else "")


def figure(
    value: Any,
    unit: str,
    availability: Availability | str,
    nature: str = Nature.REAL,
    ends: tuple[Any, Any] = (None, None),
    bounds: Iterable[float] = (),
) -> Cell:
    """A measured value as a number, with « (e) », « (i) » or « (c) » in its format; else why there is none.

    A censored value is the text « ≤ 5 », from the `ends` it lies between: it is no number.
    """
    kind = Availability(availability)
    simulated = nature == Nature.SIMULATED
    if kind not in VALUED:
        return missing(kind)
    if kind is Availability.CENSORED:
        return Cell(french.censored_text(value, unit, *ends), Look(Kind.TEXT, simulated=simulated))
    if is_absent(value):
        return missing(Availability.NOT_AVAILABLE)
    amount = float(str(value))
    shown = number_format(amount, unit, MARKS.get(kind, ""), bounds)
    return Cell(amount, Look(Kind.NUMBER, shown, simulated))


def number(
    value: object,
    unit: str = "count",
    *,
    simulated: bool = False,
    absent: Cell | None = None,
    bounds: Iterable[float] = (),
) -> Cell:
    """A plain number of `unit`; `absent` (« n. d. ») where there is none."""
    if is_absent(value):
        return absent or missing(Availability.NOT_AVAILABLE)
    nature = Nature.SIMULATED if simulated else Nature.REAL
    return figure(value, unit, Availability.OBSERVED, nature, bounds=bounds)


def rank(value: object, ranked: object, nature: str) -> Cell:
    """A rank that sorts as a number and reads « 3 / 17 »."""
    if is_absent(value) or is_absent(ranked):
        return word("sans rang")
    place = float(str(value))
    shown = "0" if place.is_integer() else "0.0"
    return Cell(place, Look(Kind.NUMBER, f'{shown}" / {int(float(str(ranked)))}"', nature == Nature.SIMULATED))


def moment(value: object) -> Cell:
    """A day, or « non renseigné »."""
    if is_absent(value):
        return word(UNKNOWN)
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return Cell(date(day.year, day.month, day.day), Look(Kind.DATE, "dd/mm/yyyy"))


def yes_no(value: object, absent: Cell) -> Cell:
    """« oui », « non », or why it is not known."""
    return absent if is_absent(value) else Cell("oui" if value else "non")


def base(value: object) -> Cell:
    """« ménages », « personnes »… or « sans objet »."""
    return text(BASES[Base(str(value))], "sans objet")


def nature(value: object) -> Cell:
    """« réel », « dérivé », « estimé », « simulé »; « à renseigner » when nobody said."""
    kind = Nature(str(value))
    if kind is Nature.UNDECLARED:
        return word(UNDECLARED)
    return Cell(kind.label, Look(simulated=kind is Nature.SIMULATED))


def ramp(family: str, index: int, count: object) -> str:
    """Fill of class `index` of `count`, as on the maps; none for a number of classes that no map draws."""
    colours = () if is_absent(count) else RAMPS[family].get(int(str(count)), ())
    return colours[index] if index < len(colours) else ""


def listed(values: Iterable[object] | None, absent: str = UNKNOWN) -> Cell:
    """A list as « a ; b »."""
    items = [] if values is None or isinstance(values, float) else [str(item) for item in values]
    return text(f"{french.NBSP}; ".join(items), absent)
