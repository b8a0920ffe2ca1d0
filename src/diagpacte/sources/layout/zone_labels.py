"""Labels of zones: never a key, but two names for one code, or the name of another zone, betray a row gone astray."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import Cell, areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.table_rows import named
from diagpacte.vocabulary import ZoneCode

ALIKE = 75  # likeness (0-100) from which two labels are one name: typing errors, a word more or less
FORMS = frozenset(
    "cc ca cu ept met metropole communaute communes commune agglomeration agglo urbaine etablissement public"  # noqa: SIM905
    " territorial de d du des la le les l et".split()
)
ABBREVIATED = {"st": "saint", "ste": "sainte", "s": "sur"}

Names = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Labelled:
    """The labels of one table, a row each: zone, label (« » when blank), and its cell in the file."""

    sheet: str
    zones: Sequence[ZoneCode]
    labels: Sequence[str]
    cells: Sequence[Cell]


@dataclass(frozen=True)
class _Doubt:
    """One label that is not the name of its zone, and why."""

    cell: Cell
    why: str


def label_faults(file: str, tables: Sequence[Labelled], names: Names) -> list[Fault]:
    """One fault to check per sheet that holds such labels, with their cells.

    `names`: every name that each zone bore over the packaged vintages; a zone that is not there is only
    compared with itself. Case, accents, apostrophes, the form (« CC », « Communauté de communes ») and the
    articles of a label do not count.
    """
    known = _Known(names)
    before: dict[ZoneCode, tuple[str, str]] = {}  # zone → its first label, and where
    faults = []
    for table in tables:
        doubts = list(_doubts(table, known, before))
        if doubts:
            faults.append(
                Fault(
                    file,
                    table.sheet,
                    named([cell_name(*doubt.cell) for doubt in doubts]),
                    doubts[0].why,
                    "le libellé de la zone que dit le code",
                    "vérifier que codes et libellés n’ont pas été triés l’un sans l’autre ; le code fait foi",
                    Severity.CHECK,
                    FaultKind.ZONE,
                    areas(doubt.cell for doubt in doubts),
                )
            )
    return faults


def _doubts(table: Labelled, known: _Known, before: dict[ZoneCode, tuple[str, str]]) -> Iterator[_Doubt]:
    for zone, label, cell in zip(table.zones, table.labels, table.cells, strict=True):
        if not label:
            continue
        first, place = before.setdefault(zone, (label, f"{cell_name(*cell)} de la feuille « {table.sheet} »"))
        if label in known.names.get(zone, ()):
            continue
        other = known.other_bearer(zone, label)
        code = zone.partition(":")[2]
        if other:
            yield _Doubt(cell, f"« {label} » est le nom de {other.partition(':')[2]}, non de {code}")
        elif label != first and not alike(label, first):
            yield _Doubt(cell, f"« {label} » pour {code}, dit « {first} » en {place}")


class _Known:
    """The names of zones, and who bears each."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.bearers: dict[tuple[str, str], str] | None = None  # level and bare name → a zone; made when needed

    def other_bearer(self, zone: ZoneCode, label: str) -> str | None:
        """Another zone of the same level that bears this name, when `zone` bears none like it."""
        own = self.names.get(zone)
        if not own or any(alike(label, name) for name in own):
            return None
        if self.bearers is None:
            self.bearers = {
                (_level(other), bare_name(name)): other for other, names in self.names.items() for name in names
            }
        return self.bearers.get((_level(zone), bare_name(label)))


def _level(zone: str) -> str:
    return zone.partition(":")[0]


def bare_name(label: str) -> str:
    """« Communauté de communes de l’Oisans » → « oisans »; the whole label when only its form is left."""
    words = [ABBREVIATED.get(word, word) for word in re.findall(r"[^\W_]+", normalised(label))]
    return " ".join([word for word in words if word not in FORMS] or words)


def alike(one: str, other: str) -> bool:
    """Whether two labels may be the same name."""
    first, second = bare_name(one), bare_name(other)
    return first == second or fuzz.token_set_ratio(first, second) >= ALIKE
