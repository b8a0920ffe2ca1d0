"""Losses in silence: numbers under a known heading, on a row with a good code, neither read nor spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.indicators import IndicatorReading
from diagpacte.sources.layout.table_rows import Skipped
from dictionaries import resolve
from fuzzing.cells import said
from fuzzing.grids import Grid, Grids, Place
from fuzzing.oracle import area_of, column_number, inside

HEADER_ROWS = 40
GOOD_CODE = re.compile(r"20000[0-9]{4}|[013-8][0-9]{4}|2[AB][0-9]{3}")
# Words of faults that put aside a whole row or column, which they name by its date, its detail or its heading.
ASIDE = (
    "est lue",
    "seul le total",
    "date illisible",
    "sans date",
    "plusieurs lignes pour une zone",
    "échelle",
    "hors de",
)
Expected = tuple[Place, Place, Place]  # a cell, its code, its heading


def silent_losses(reading: IndicatorReading, grids: Grids) -> Iterator[str]:
    """Every number that should be an observation, is none, and of which no fault nor reason speaks."""
    refused = any(fault.severity is Severity.BLOCKING and not fault.sheet for fault in reading.faults)
    if refused and "" not in grids:
        return
    read = reading.observations
    taken = set(zip(read["sheet"], read["row"], map(column_number, read["column"]), strict=True))
    for name, grid in grids.items():
        for at, code, head in [*_expected(grid)] or [_turned(one) for one in _expected(grid.turned())]:
            if (name, *at) not in taken and not _told(reading, name, (at, code, head)):
                words = f"code {grid.cells[code]!r}, intitulé {grid.cells[head]!r}"
                yield f"{name}!{_cell(at)} « {grid.cells[at]!r} » ni lue ni dite ({words})"


def _turned(one: Expected) -> Expected:
    return one[0][::-1], one[1][::-1], one[2][::-1]


def _expected(grid: Grid) -> Iterator[Expected]:
    """Each cell that holds a number, in a table headed CODGEO and, in the same row, published codes with their year."""
    heads = [at for at in grid.cells if at[0] <= HEADER_ROWS and grid.text(*at).upper() == "CODGEO"]
    last = max((row for row, _ in grid.cells), default=0)
    for row, column in heads:
        end = min((head[0] - 2 for head in heads if head[1] == column and head[0] > row), default=last)
        right = min((head[1] for head in heads if head[0] == row and head[1] > column), default=1 << 20)
        for head in [at for at in grid.cells if at[0] == row and column < at[1] < right and _is_dated(grid.text(*at))]:
            for line in range(row + 1, end + 1):
                at, code = (line, head[1]), (line, column)
                if GOOD_CODE.fullmatch(grid.text(*code)) and said(grid.cells.get(at)).number is not None:
                    yield at, code, head


def _is_dated(text: str) -> bool:
    meant = resolve(text.upper()) if text.isascii() else []
    return len(meant) == 1 and meant[0].year is not None


def _cell(at: Place) -> str:
    letters, number = "", at[1]
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{at[0]}"


def _told(reading: IndicatorReading, sheet: str, one: Expected) -> bool:
    faults, skipped = reading.faults, reading.skipped
    return any(_fault_tells(fault, sheet, one) for fault in faults) or any(
        _reason_tells(why, sheet, one) for why in skipped
    )


def _fault_tells(fault: Fault, sheet: str, one: Expected) -> bool:
    if fault.kind is FaultKind.DOUBLE:  # of two values the first is named
        return fault.sheet in (sheet, "") or f"« {sheet} »" in fault.found
    if fault.sheet != sheet or fault.severity is Severity.BLOCKING:  # nothing is kept of a file that is refused
        return fault.sheet == sheet
    areas, at = [area_of(text) for text in fault.cells], one[0]
    if any(inside(place, area) for place in one for area in areas):
        return True
    aside = any(words in fault.found for words in ASIDE)
    return aside and any(area[0] <= at[0] <= area[2] or area[1] <= at[1] <= area[3] for area in areas)


def _reason_tells(why: Skipped, sheet: str, one: Expected) -> bool:
    if why.sheet != sheet:
        return False
    named = set(re.findall(r"[A-Z]+[0-9]+|[A-Z]+|[0-9]+", why.place))
    at, head = one[0], one[2]
    return (
        not why.place
        or "autre" in why.place
        or bool(named & {_cell(at), _cell(head), str(at[0]), _cell((1, at[1]))[:-1]})
    )
