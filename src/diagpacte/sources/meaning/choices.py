"""What people said of columns that no dictionary knows: kept for the file, and for its next vintages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from diagpacte.sources.files.texts import SPACES, normalised
from diagpacte.vocabulary import Availability

ANY_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
ANNOTATED = "annote-"  # begins the name of the copy in which a file was mended
SECOND_EXTENSION = re.compile(r"(\.(?:xlsm|xlsb|xls|ods))\.xlsx$")
EXTENSION = re.compile(r"\.(?:xlsx?|xlsm|xlsb|ods|csv|txt|tsv|zip)$")
LAST_DIGITS = re.compile(r"(?<=[a-z_])\d{2}$")  # « txchom22 », « part_22 »


Meant = TypeVar("Meant", bound=str)  # why there is no value, or which degree there is


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
    `unit` is a name of `typed_units.TYPED`, or « » when nobody said it.
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
    plain = EXTENSION.sub("", normalised(text))
    without = ANY_YEAR.sub("{yyyy}", plain)
    return " · ".join(LAST_DIGITS.sub("{yy}", part) for part in without.split(" · "))


def plain_file(file: str) -> str:
    """The name of `file` as answers are kept for it: its annotated copy is the same file, mended."""
    name = normalised(file)
    return SECOND_EXTENSION.sub(r"\1", name.removeprefix(ANNOTATED).strip()) if name.startswith(ANNOTATED) else name


def _vintages(file: str) -> str:
    """What all the vintages of a file have in common."""
    return undated(plain_file(file))


def _key(choice: Choice) -> tuple[str, str]:
    return undated(choice.heading), undated(choice.theme)


def _agreed(choices: Iterable[Choice]) -> dict[tuple[str, str], Choice]:
    """Heading and theme → the last choice made of them, where all say the same."""
    said: dict[tuple[str, str], list[Choice]] = {}
    for choice in choices:
        said.setdefault(_key(choice), []).append(choice)
    return {key: group[-1] for key, group in said.items() if len({(one.meaning, one.unit) for one in group}) == 1}


def _of_file(file: str, said: Mapping[tuple[str, str], Meant]) -> dict[str, Meant]:
    """Text → what was said of it in this very file, else in its other vintages, where they all agree."""
    texts: dict[str, dict[str, Meant]] = {}
    for (named, text), meant in said.items():
        if _vintages(named) == _vintages(file):
            texts.setdefault(normalised(text.strip(SPACES)), {})[plain_file(named)] = meant
    here = plain_file(file)
    found: dict[str, Meant] = {}
    for text, of_files in texts.items():
        meanings = {of_files[here]} if here in of_files else {*of_files.values()}
        if len(meanings) == 1:
            found[text] = meanings.pop()
    return found


@dataclass(frozen=True)
class Choices:
    """All that was said: of columns, of the 1 January whose codes a file carries, of texts that are no value."""

    columns: tuple[Choice, ...] = ()
    geographies: Mapping[str, int] = field(default_factory=dict)  # file → year
    marks: Mapping[tuple[str, str], Availability] = field(default_factory=dict)  # file and text → why no value
    degrees: Mapping[tuple[str, str], str] = field(default_factory=dict)  # file and text → words of a degree

    def of_table(self, file: str, sheet: str, headings: Sequence[tuple[str, str]]) -> list[Choice | None]:
        """For each (heading, theme) of a table, what was said of it.

        What was said of this very file and sheet comes first; then what was said of them in other years, where
        all these answers agree, since two that differ say nothing of a third. A file of another name follows
        nothing: three headings as plain as « Effectif » are no reason.
        """
        here = (plain_file(file), normalised(sheet))
        exact = {
            (normalised(choice.heading), normalised(choice.theme)): choice
            for choice in self.columns
            if (plain_file(choice.file), normalised(choice.sheet)) == here
        }
        asked = [(undated(heading), undated(theme)) for heading, theme in headings]
        found = _agreed(self._tables().get((_vintages(file), undated(sheet)), []))
        dated = [(normalised(heading), normalised(theme)) for heading, theme in headings]
        return [exact.get(words) or found.get(key) for words, key in zip(dated, asked, strict=True)]

    def _tables(self) -> dict[tuple[str, str], list[Choice]]:
        tables: dict[tuple[str, str], list[Choice]] = {}
        for choice in self.columns:
            tables.setdefault((_vintages(choice.file), undated(choice.sheet)), []).append(choice)
        return tables

    def headings_of(self, file: str, sheet: str, meaning: Meaning) -> list[str]:
        """The texts that head what a person said is `meaning` in this sheet, whatever its vintage."""
        place = (_vintages(file), undated(sheet))
        said = [choice.heading for choice in self._tables().get(place, []) if choice.meaning == meaning]
        return [text for heading in said for text in heading.split(" · ")]

    def of_measures(self, file: str, sheet: str, theme: str) -> dict[str, Choice]:
        """Measure of a long table, as texts are compared → what was said of it; `theme` heads the measures.

        As for the columns of a table, except that a year is no part of a measure: « PR_MD40 » is not « PR_MD60 ».
        """
        said: dict[str, dict[str, Choice]] = {}
        for choice in self._tables().get((_vintages(file), undated(sheet)), []):
            if normalised(choice.theme) == normalised(theme):
                said.setdefault(normalised(choice.heading), {})[plain_file(choice.file)] = choice
        here, found = plain_file(file), {}
        for measure, of in said.items():
            if here in of:
                found[measure] = of[here]
            elif len({(choice.meaning, choice.unit) for choice in of.values()}) == 1:
                found[measure] = replace(next(iter(of.values())), year=None)
        return found

    def geography_of(self, file: str) -> int | None:
        """The 1 January whose codes `file` carries; None when nobody said it."""
        said = {plain_file(named): year for named, year in self.geographies.items()}
        return self.geographies.get(file, said.get(plain_file(file)))

    def marks_of(self, file: str) -> dict[str, Availability]:
        """Text, as texts are compared → why there is no value, in every sheet of `file`."""
        return _of_file(file, self.marks)

    def degrees_of(self, file: str) -> dict[str, str]:
        """Text, as texts are compared → the degree that it is, in the columns of degrees of `file`."""
        return _of_file(file, self.degrees)

    def merged(self, others: Iterable[Choice]) -> Choices:
        """These, and `others` after them."""
        return replace(self, columns=(*self.columns, *others))
