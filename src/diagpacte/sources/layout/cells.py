"""What stands in a cell: a number as French files write it, a reason of absence, a grade, or nothing readable."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagpacte.sources.files.texts import SPACES, normalised
from diagpacte.sources.files.workbook import Cells
from diagpacte.sources.layout.censoring import censored
from diagpacte.sources.rules import MissingMark
from diagpacte.vocabulary import Availability

AVAILABILITIES = tuple(Availability)
NUMBERS = frozenset((float, int))  # a bool is no number
OBSERVED = AVAILABILITIES.index(Availability.OBSERVED)

# What Excel and LibreOffice show, in English and in French, for a formula that failed; « ! » may follow a space.
ERRORS = frozenset(
    "#N/A #N/D #DIV/0! #REF! #VALUE! #NAME? #NUM! #NULL! #VALEUR! #NOM? #NOMBRE! #NUL! #GETTING_DATA #SPILL! #CALC!"  # noqa: SIM905
    " #PROPAGATION! #FIELD! #CHAMP!".split()
)
LIBREOFFICE_ERROR = re.compile(r"Err:\d{3}")
# Sign, digits in groups of three or not, one decimal mark, power of ten, « % », mention.
NUMBER = re.compile(
    rf"^(?P<sign>[+-]?)(?P<whole>\d{{1,3}}(?:[{SPACES}]\d{{3}})+|\d*)(?:[.,](?P<decimals>\d+))?(?P<power>[eE][+-]?\d+)?"
    rf"[{SPACES}]*(?P<percent>%?)[{SPACES}]*(?P<unit>€|euros?|km|min\.?|minutes?|hab\.?|habitants?|pts?\.?|points?)?"
    rf"[{SPACES}]*(?P<flag>\([A-Za-z]{{1,2}}\)|[A-Za-z])?[{SPACES}]*(?P<note>\(\d{{1,2}}\)|\*{{1,3}}|[¹²³⁴⁵]{{1,2}})?$",
    re.ASCII,
)
NOTE = re.compile(r"[\d*¹²³⁴⁵]")
SIGN = re.compile(rf"^'?([+−–-])[{SPACES}]*(?=[\d.,])")  # « − 14,8 »
GROUP = re.compile(
    r"[1-9]\d{0,2}", re.ASCII
)  # before three decimals, « 1,234 »: a thousand and more, or little over one


class Reading(NamedTuple):
    """What one text says; `value` is None exactly when `availability` says why."""

    value: float | None
    availability: Availability
    flag: str = ""
    percent: bool = False
    interval: tuple[float | None, float | None] | None = None  # between what a censored value lies
    unit: str = ""  # written after the number
    thousands: bool = False  # « 1,234 »: its mark may separate thousands


@dataclass
class ColumnValues:
    """The cells of one column, in order. `value` is NaN where there is no number."""

    value: NDArray[np.float64]
    availability: NDArray[np.int8]  # position in AVAILABILITIES
    text: Cells  # the text of the cell; None where the cell is a number
    number: NDArray[np.bool_]  # the cell is a number
    percent: NDArray[np.bool_]  # written with « % »
    flags: dict[int, str] = field(default_factory=dict)
    intervals: dict[int, tuple[float | None, float | None]] = field(default_factory=dict)  # of censored values
    unreadable: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    units: dict[int, str] = field(default_factory=dict)
    notes: list[int] = field(default_factory=list)  # a call of note after the number
    thousands: list[int] = field(default_factory=list)  # « 1,234 »: read 1.234, may be 1234


class CellReader:
    """Reads texts, each distinct one once.

    With `words` (grades: normalised word → value) only those words, and the marks, are readable.
    `said` (normalised text → why there is no value) is for this file alone: it wins over a mark, never over a value.
    """

    def __init__(
        self,
        marks: Sequence[MissingMark],
        flags: Mapping[str, Availability],
        words: Mapping[str, float] | None = None,
        said: Mapping[str, Availability] | None = None,
    ) -> None:
        self.marks = {normalised(mark.mark): mark.availability for mark in marks}
        self.flags, self.words, self.said = flags, words, said or {}
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
        if is_error(stripped):
            return Reading(None, Availability.NOT_AVAILABLE)
        mark = self.marks.get(normalised(stripped))
        if mark is not None:
            return Reading(None, self.said.get(normalised(stripped), mark))
        if self.words is not None:
            value = self.words.get(normalised(stripped))
            read = None if value is None else Reading(value, Availability.OBSERVED)
        else:
            read = self._number(stripped) or _censored(stripped)
        reason = None if read else self.said.get(normalised(stripped))
        return read if reason is None else Reading(None, reason)

    def _number(self, text: str) -> Reading | None:
        plain = SIGN.sub(lambda sign: "+" if sign[1] == "+" else "-", text).removeprefix("'")
        found = NUMBER.match(plain)
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
        thousands = bool(GROUP.fullmatch(whole)) and len(found["decimals"] or "") == 3 and not found["power"]  # noqa: PLR2004
        said = self.flags.get(letter, Availability.OBSERVED)
        flag = " ".join(filter(None, (flag, found["note"])))
        return Reading(value, said, flag, bool(found["percent"]), unit=found["unit"] or "", thousands=thousands)

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
            if reading.interval:
                column.intervals[place] = reading.interval
            if reading.unit:
                column.units[place] = reading.unit
            if NOTE.search(reading.flag):
                column.notes.append(place)
            if reading.thousands:
                column.thousands.append(place)
            if reading.flag:
                column.flags[place] = reading.flag
        elif is_error(text):
            column.errors.append(place)


def is_error(text: str) -> bool:
    """Whether `text` is what a spreadsheet shows for a formula that failed."""
    bare = re.sub(f"[{SPACES}]", "", text)
    return bare.upper() in ERRORS or bool(LIBREOFFICE_ERROR.fullmatch(bare))


def _censored(text: str) -> Reading | None:
    """« < 5 »: the bound that is printed stands for the value, which lies somewhere in the interval."""
    interval = censored(text)
    if interval is None:
        return None
    return Reading(
        interval.stand_in, Availability.CENSORED, percent="%" in text, interval=(interval.lower, interval.upper)
    )


def cell_text(cell: object) -> str:
    """The text of a cell, as it is kept: « 2 » for 2.0, « 01/02/2023 » for a day, « » for a blank."""
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
