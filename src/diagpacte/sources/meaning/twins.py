"""Tables and columns that look like what they are not: another level of zones, a second column of the same name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.headers import Table
from diagpacte.sources.layout.table_rows import Rows
from diagpacte.sources.meaning.columns import IndicatorColumn
from diagpacte.sources.rules import IndicatorLayout

TWICE = "une autre colonne de ce tableau a le même indicateur et la même année, avec d’autres valeurs"


def foreign_words(table: Table, layout: IndicatorLayout) -> str:
    """The level that is not read of which the headings of codes or labels, or the whole name of the sheet, speak."""
    headings = [table.heading_of_codes, table.heading_of_labels]
    for words, level in layout.foreign_words.items():
        shape = re.compile(rf"\b(?:{normalised(words)})(?!\w)")
        begins = shape.match(normalised(table.sheet.name))
        if begins or any(shape.search(normalised(heading)) for heading in headings):
            return level
    return ""


def told_apart(table: Table, rows: Rows, columns: Sequence[IndicatorColumn | str]) -> list[IndicatorColumn | str]:
    """`columns`, those left out that give one figure twice, otherwise, when words alone named one of them."""
    same: dict[tuple[str, int], list[IndicatorColumn]] = {}
    for column in columns:
        if isinstance(column, IndicatorColumn):
            same.setdefault((column.indicator.indicator, column.year), []).append(column)
    index = np.array(rows.numbers, dtype=np.intp) - 1
    doubtful = {
        column.column
        for group in same.values()
        if len(group) > 1 and any(column.by_label for column in group) and _differ(table, index, group)
        for column in group
    }
    return [
        TWICE if isinstance(column, IndicatorColumn) and column.column in doubtful else column for column in columns
    ]


def _differ(table: Table, index: np.ndarray, group: Sequence[IndicatorColumn]) -> bool:
    first, *others = (table.sheet.cells[index, column.column - 1].tolist() for column in group)
    return any(first != other for other in others)
