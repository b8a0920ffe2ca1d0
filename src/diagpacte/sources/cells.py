"""What stands in a cell: a number as French files write it, a reason of absence, a grade, or nothing readable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagpacte.sources.rules import MissingMark
from diagpacte.sources.workbook import Cells
from diagpacte.vocabulary import Availability

AVAILABILITIES = tuple(Availability)
NUMBERS = frozenset((float, int))  # a bool is no number
OBSERVED = AVAILABILITIES.index(Availability.OBSERVED)

ERRORS = frozenset(
    "#N/A #DIV/0! #REF! #VALUE! #NAME? #NUM! #NULL! #VALEUR! #NOM? #NOMBRE! #NUL! #GETTING_DATA".split()  # noqa: SIM905
)
SPACES = " \u00a0\u202f\u2009"
# Sign, digits in groups of three or not, one decimal mark, power of ten, « % », mention.
NUMBER = re.compile(
    rf"^(?P<sign>[+-]?)(?P<whole>\d{{1,3}}(?:[{SPACES}]\d{{3}})+|\d*)(?:[.,](?P<decimals>\d+))?(?P<power>[eE][+-]?\d+)?"
    rf"[{SPACES}]*(?P<percent>%?)[{SPACES}]*(?P<flag>\([A-Za-z]\)|[A-Za-z])?$",
    re.ASCII,
)


class Reading(NamedTuple):
    """What one text says; `value` is None exactly when `availability` says why."""

    value: float | None
    availability: Availability
    flag: str = ""
    percent: bool = False


@dataclass
class ColumnValues:
    """The cells of one column, in order. `value` is NaN where there is no number."""

    value: NDArray[np.float64]
    availability: NDArray[np.int8]  # position in AVAILABILITIES
    text: Cells  # the text of the cell; None where the cell is a number
    number: NDArray[np.bool_]  # the cell is a number
    percent: NDArray[np.bool_]  # written with « % »
    flags: dict[int, str] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)


def normalised(text: str) -> str:
    """`text` without case, accents, typographic apostrophes nor extra spaces: how headings are compared."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).casefold().split())


class CellReader:
    """Reads texts, each distinct one once.

    With `words` (grades: normalised word → value) only those words, and the marks, are readable.
    """

    def __init__(
        self,
        marks: Sequence[MissingMark],
        flags: Mapping[str, Availability],
        words: Mapping[str, float] | None = None,
    ) -> None:
        self.marks = {mark.mark.strip().casefold(): mark.availability for mark in marks}
        self.flags, self.words = flags, words
        self.known: dict[str, Reading | None] = {}

    def read(self, text: str) -> Reading | None:
        """What `text` says; None when it cannot be told."""
        if text not in self.known:
            self.known[text] = self._read(text)
        return self.known[text]

    def _read(self, text: str) -> Reading | None:
        stripped = text.strip(SPACES + "\t\r\n")
        if not stripped:
            return Reading(None, Availability.EMPTY)
        if stripped in ERRORS:
            return Reading(None, Availability.NOT_AVAILABLE)
        mark = self.marks.get(stripped.casefold())
        if mark is not None:
            return Reading(None, mark)
        if self.words is not None:
            value = self.words.get(normalised(stripped))
            return None if value is None else Reading(value, Availability.OBSERVED)
        return self._number(stripped)

    def _number(self, text: str) -> Reading | None:
        found = NUMBER.match(re.sub("^'?[−–](?=\\d)", "-", text).removeprefix("'"))
        if found is None or not (found["whole"] or found["decimals"]):
            return None
        flag = found["flag"] or ""
        letter = flag.strip("()").casefold()
        if letter and letter not in self.flags:
            return None
        whole = re.sub(f"[{SPACES}]", "", found["whole"])
        value = float(f"{found['sign']}{whole or 0}.{found['decimals'] or 0}{found['power'] or ''}")
        if not np.isfinite(value):
            return None
        return Reading(value, self.flags.get(letter, Availability.OBSERVED), flag, bool(found["percent"]))

    def column(self, cells: Cells) -> ColumnValues:
        """Every cell of one column; what cannot be read is listed by position, without value."""
        count = len(cells)
        number = np.fromiter(map(NUMBERS.__contains__, map(type, cells)), np.bool_, count)
        column = ColumnValues(
            value=np.full(count, np.nan),
            availability=np.full(count, OBSERVED, dtype=np.int8),
            text=np.full(count, None, dtype=object),
            number=number,
            percent=np.zeros(count, dtype=np.bool_),
        )
        if self.words is None:
            column.value[number] = cells[number].astype(np.float64)
            column.unreadable += np.flatnonzero(number & ~np.isfinite(column.value)).tolist()
        else:
            number[:] = False
        for place in np.flatnonzero(~number).tolist():
            self._place(cells[place], place, column)
        return column

    def _place(self, cell: object, place: int, column: ColumnValues) -> None:
        text = cell_text(cell)
        column.text[place] = text
        reading = self.read(text) if cell is None or isinstance(cell, str) or self.words is not None else None
        if reading is None:
            column.unreadable.append(place)
            return
        column.availability[place] = AVAILABILITIES.index(reading.availability)
        if reading.value is not None:
            column.value[place] = reading.value
            column.percent[place] = reading.percent
            if reading.flag:
                column.flags[place] = reading.flag
        elif text in ERRORS:
            column.errors.append(place)


def cell_text(cell: object) -> str:
    """The text of a cell, as it is kept: « 2 » for 2.0, « » for a blank."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
