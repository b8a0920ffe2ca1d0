"""The degrees of fragility: their words, however they are typed, and what their digits say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import CellReader, Reading
from diagpacte.sources.meaning.typed_units import FROM_1
from diagpacte.sources.rules import MissingMark
from diagpacte.vocabulary import Availability, Factor

DIGITS = "degrés écrits en chiffres, sans 0 : de 0 à 2, ou de 1 à 3 ?"  # why a column is asked
COUNTED = frozenset("123")
DASH = re.compile(r"(?<=\w)\s*[-\u2010\u2011\u2013_]\s*(?=\w)")  # « Non-fragile »


class GradeReader(CellReader):
    """Reads the degrees of one factor, in words or in digits, the least fragile being `first`.

    `said` and `meant`: text, as texts are compared → why there is no value, or which degree it is, in the words
    of the factor. A word of the factor keeps its own meaning.
    """

    def __init__(
        self,
        factor: Factor,
        marks: Sequence[MissingMark],
        said: Mapping[str, Availability],
        meant: Mapping[str, str],
        *,
        first: int = 0,
    ) -> None:
        known = grade_words(factor)
        own = {word: value for word, value in known.items() if first == 0 or not word.isdigit()}
        counted = {str(first + rank): float(rank) for rank, _ in enumerate(factor.grade_labels) if first}
        more = {DASH.sub(" ", text): known[word] for text, word in meant.items() if word in known}
        super().__init__(marks, {}, {**more, **own, **counted}, said)
        self._again = (factor, marks, said, meant)

    def read(self, text: str) -> Reading | None:
        """What `text` says; None when it cannot be told."""
        return super().read(DASH.sub(" ", text))

    @cached_property
    def from_1(self) -> GradeReader:
        """The same, where 1 is the least fragile."""
        return GradeReader(*self._again, first=1)

    def of(self, unit: str) -> GradeReader:
        """The reader of a column whose digits are said to be in `unit`."""
        return self.from_1 if unit == FROM_1 else self


def grade_words(factor: Factor) -> dict[str, float]:
    """Every way of writing the grades of a factor → their rank, 0 the least fragile."""
    words = {normalised(label): float(rank) for rank, label in enumerate(factor.grade_labels)}
    for alias in filter(None, factor.grade_aliases.split("|")):
        word, _, label = alias.partition("=")
        words[normalised(word)] = words[normalised(label)]
    return words


def uncounted(texts: Sequence[str]) -> list[int]:
    """The places of the digits of a column of degrees, when they may go from 0 to 2 or from 1 to 3: none is a 0."""
    digits = [text.strip() for text in texts]
    return [] if "0" in digits else [place for place, digit in enumerate(digits) if digit in COUNTED]
