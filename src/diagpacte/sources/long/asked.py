"""The measures of a long table that a person must say more of, as the table Headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.long.measures import Kind, Unknown
from diagpacte.sources.long.table import LongTable
from diagpacte.sources.meaning.choices import Choice
from diagpacte.sources.meaning.columns import Dictionary, IndicatorColumn
from diagpacte.sources.meaning.unread import SAMPLE_CHARACTERS, SAMPLES, doubtful

CERTAIN = 100  # likeness of a measure that is known
Said = dict[str, tuple[str, str]]  # measure → why it is asked, and the indicator that it is known to be, else « »


def to_ask(kinds: Sequence[Kind], columns: Sequence[IndicatorColumn | Unknown], choices: Mapping[str, Choice]) -> Said:
    """The measures of `kinds` to ask: those that nothing describes, and those that a person chose (no reason).

    A measure that is only given by category is not asked: an answer could not say which category it is about.
    """
    found: Said = {}
    for kind, column in zip(kinds, columns, strict=True):
        known, why = (column.known, column.reason) if isinstance(column, Unknown) else ("", "")
        if normalised(kind.measure) in choices:
            found.setdefault(kind.measure, (why if known else "", ""))
        elif isinstance(column, Unknown) and column.measure and not kind.split:
            found.setdefault(kind.measure, (why if known else "mesure inconnue", known))
    return found


def measure_rows(
    table: LongTable,
    asked: Said,
    choices: Mapping[str, Choice],
    dictionary: Dictionary,
    filled: NDArray[np.bool_],
) -> list[dict[str, Any]]:
    """One row of Headings, its source left out, for each measure of `asked`, at its first line that is `filled`."""
    measure, value = table.columns["measure"], table.columns["value"]
    texts, values = table.texts(measure), table.cells(value)
    rows = []
    for name, (reason, indicator) in asked.items():
        lines = np.flatnonzero((texts.place == texts.distinct.index(name)) & filled)
        if not len(lines):
            continue
        cells = (cell_text(cell).strip() for cell in values[lines[: 100 * SAMPLES]])
        samples = [*[text[:SAMPLE_CHARACTERS] for text in cells if text][:SAMPLES], *[""] * SAMPLES]
        ranked, choice = dictionary.ranked([name]), choices.get(normalised(name))
        best = (indicator, CERTAIN) if indicator else (ranked[0][0].indicator, ranked[0][2]) if ranked else (None, None)
        cell = table.sheet.cell_name(table.first_row + int(lines[0]), measure)
        rows.append({
            "sheet": table.sheet.name,
            "column": cell.rstrip("0123456789"),
            "cell": cell,
            "heading": name,
            "theme": table.measures,
            **{f"sample_{place}": samples[place - 1] for place in range(1, SAMPLES + 1)},
            "reason": reason,
            "proposed": best[0],
            "confidence": None if doubtful(reason) else best[1],
            "meaning": choice.meaning if choice else "",
            "year": choice.year if choice else None,
            "unit": choice.unit if choice else "",
        })  # fmt: skip
    return rows
