"""The rows of the workbook once it is settled which row each is; the texts that wait for somebody to settle them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from diagpacte.sources.saisie.tags import Chain, is_personal
from diagpacte.sources.saisie.texts import comparable, fingerprint
from diagpacte.vocabulary import EntryField

TOOL = "outil"
OWN = "autre_"  # begins the field of a column that somebody added
SEPARATOR = " – "

Place = tuple[str, str]  # subject and key of a row


@dataclass(frozen=True)
class Wanted:
    """A row that the tool wants: what it writes in its own cells, by field."""

    subject: str
    key: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """A row. `texts`: what people typed in it; `shown`: what stands in the cells of the tool.

    `number` is 0 when it is not in the workbook yet; `waiting` are cells whose text is not known (formulas
    without result); `loose`: what the workbook keeps hidden of this row has to be written.
    """

    subject: str
    key: str
    texts: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    chains: Mapping[str, Chain] = field(default_factory=dict)
    number: int = 0
    label: str = ""
    waiting: frozenset[str] = frozenset()
    loose: bool = False

    @property
    def place(self) -> Place:
        return self.subject, self.key

    @property
    def personal(self) -> bool:
        return is_personal(self.key)


class Why(StrEnum):
    """Why a text is not in place; the values are printed."""

    GONE = "la ligne n’est plus proposée"
    DELETED = "la ligne a été supprimée"
    EMPTIED = "la cellule a été vidée"
    OTHER = "un autre texte est en place"


ORPHANS = (Why.GONE, Why.DELETED)


@dataclass(frozen=True)
class Waiting:
    """A text that is not in place. `origin`: the workbook it comes from, when it is a colleague's."""

    subject: str
    key: str
    field: str
    text: str
    why: Why
    label: str = ""
    origin: str = ""

    @property
    def place(self) -> Place:
        return self.subject, self.key

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Two of the same identity are one."""
        return self.subject, self.key, self.field, comparable(self.text)

    @property
    def row_key(self) -> str:
        """Its key in the sheet « À régler »."""
        return "r_" + fingerprint("\x1f".join(self.identity))


@dataclass(frozen=True)
class Forms:
    """The dictionary of fields, asked subject by subject."""

    fields: Sequence[EntryField]

    def of(self, subject: str) -> list[EntryField]:
        return [one for one in self.fields if one.subject == subject]

    def ours(self, subject: str) -> set[str]:
        """The fields that the tool fills, in its own rows."""
        return {one.field for one in self.of(subject) if one.owner == TOOL}

    def heading(self, subject: str, name: str) -> str:
        """The heading of a field; of a column that somebody added, what its field keeps of it."""
        return next((one.heading for one in self.of(subject) if one.field == name), name.removeprefix(OWN))

    def label(self, subject: str, texts: Mapping[str, str]) -> str:
        """How people know a row: « Nord – Parentalité »; the beginning of what it holds when it has no name."""
        named = [texts.get(one.field, "") for one in self.of(subject) if one.names_row]
        return SEPARATOR.join(re.sub(r"[ \t\n]+", " ", text).strip() for text in named if text)


def by_place(lines: Iterable[Line]) -> dict[Place, Line]:
    return {line.place: line for line in lines}
