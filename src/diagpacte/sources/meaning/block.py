"""The values of one table, once read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Cells
from diagpacte.sources.layout.table_rows import Rows
from diagpacte.sources.meaning.columns import IndicatorColumn


@dataclass(frozen=True)
class UnknownText:
    """A text that stands for values and says neither a number nor why there is none."""

    text: str
    count: int  # cells that hold it
    cell: str  # the first of them, « EPCI!C7 »; « C7 » in a file without sheets


@dataclass
class Block:
    """The values of one table: rows are zones, columns are indicators."""

    sheet: str
    turned: bool
    geo_vintage: int
    rows: Rows
    columns: list[IndicatorColumn]
    value: NDArray[np.float64]  # in the unit of the indicator; NaN where there is none
    raw: NDArray[np.float64]  # the number of the cell; NaN where the cell is a text
    text: Cells  # the text of the cell; None where it is a number
    availability: NDArray[np.int8]  # position in AVAILABILITIES
    kept: NDArray[np.bool_]  # False where the cell cannot be read
    flags: dict[tuple[int, int], str] = field(default_factory=dict)
    intervals: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)  # NaN: no end said
    unknown: list[tuple[str, str]] = field(default_factory=list)  # texts that nothing can read, and their cells
    unscaled: dict[int, str] = field(default_factory=dict)  # columns whose unit a person must say, and why
    faults: list[Fault] = field(default_factory=list)


def unknown_texts(blocks: Iterable[Block]) -> list[UnknownText]:
    """The texts of one file that could not be read, each once, however its case and spaces vary."""
    cells: dict[str, list[tuple[str, str]]] = {}
    for block in blocks:
        for text, cell in block.unknown:
            cells.setdefault(normalised(text), []).append((text, f"{block.sheet}!{cell}" if block.sheet else cell))
    return [UnknownText(same[0][0], len(same), same[0][1]) for same in cells.values()]
