"""What people said of columns that no dictionary knows: kept for the file, and for its next vintages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from diagpacte.sources.cells import normalised

ANY_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
LAST_DIGITS = re.compile(r"(?<=[a-z_])\d{2}$")  # « txchom22 », « part_22 »


class Meaning(StrEnum):
    """What a column is when it is no indicator; the values are typed by people."""

    CODE = "code de la zone"
    LABEL = "libellé de la zone"
    LEVEL = "niveau géographique"
    DEPARTMENT = "département"
    UNREAD = "ne pas lire"


@dataclass(frozen=True)
class Choice:
    """One column of one file, and what a person said of it.

    `meaning` is an indicator of the dictionary or a Meaning; `year` None when the heading says it;
    `unit` is « pct », « fraction » or « », for a percentage that could be read two ways.
    """

    file: str
    sheet: str
    heading: str
    theme: str
    meaning: str
    year: int | None = None
    unit: str = ""


def undated(text: str) -> str:
    """`text` as headings are compared, its year left out: the same for every vintage of a file."""
    plain = normalised(text)
    without = ANY_YEAR.sub("{yyyy}", plain)
    return " · ".join(LAST_DIGITS.sub("{yy}", part) for part in without.split(" · "))


@dataclass(frozen=True)
class Choices:
    """All that was said: of columns, and of the 1 January whose codes a file carries."""

    columns: tuple[Choice, ...] = ()
    geographies: Mapping[str, int] = field(default_factory=dict)  # file → year

    def of_table(self, file: str, sheet: str, headings: Sequence[tuple[str, str]]) -> list[Choice | None]:
        """For each (heading, theme) of a table, what was said of it.

        A choice holds for the file and sheet it was made for, whatever their years; and for another
        file when every column it was made beside stands in this table too.
        """
        asked = [(undated(heading), normalised(theme)) for heading, theme in headings]
        found: dict[tuple[str, str], Choice] = {}
        for place, group in self._tables().items():
            keys = {(undated(choice.heading), normalised(choice.theme)): choice for choice in group}
            same = place == (undated(file), undated(sheet))
            if same or set(keys) <= set(asked):
                found = {**found, **keys} if same else {**keys, **found}
        return [found.get(key) for key in asked]

    def _tables(self) -> dict[tuple[str, str], list[Choice]]:
        tables: dict[tuple[str, str], list[Choice]] = {}
        for choice in self.columns:
            tables.setdefault((undated(choice.file), undated(choice.sheet)), []).append(choice)
        return tables

    def headings_of(self, file: str, sheet: str, meaning: Meaning) -> list[str]:
        """The headings that a person said are `meaning` in this sheet, whatever its vintage."""
        place = (undated(file), undated(sheet))
        return [choice.heading for choice in self._tables().get(place, []) if choice.meaning == meaning]

    def merged(self, others: Iterable[Choice]) -> Choices:
        """These, and `others` after them."""
        return Choices((*self.columns, *others), self.geographies)
