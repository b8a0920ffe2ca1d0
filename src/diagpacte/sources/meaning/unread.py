"""The columns that no dictionary knows, as the table Headings: what a person needs to say what each holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from diagpacte.sources.files.cell_names import column_letters
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.meaning.choices import Choice
from diagpacte.sources.meaning.chosen import SAID_ELSEWHERE
from diagpacte.sources.meaning.columns import Dictionary
from diagpacte.sources.meaning.grades import DIGITS
from diagpacte.sources.meaning.qualifiers import CHANGED, MEASURE_UNSAID, MULTIPLIED, other_base
from diagpacte.sources.meaning.twins import TWICE
from diagpacte.vocabulary import Indicator

SAMPLES = 3
SAMPLE_CHARACTERS = 60


def misleading(reason: str) -> bool:
    """Whether a column is left out although recognised, for `reason`: to propose what it resembles would mislead."""
    return any(words in reason for words in (CHANGED, TWICE))


def doubtful(reason: str) -> bool:
    """Whether a column is left out, for `reason`, because its unit is not known: what it resembles is to be checked."""
    return any(words in reason for words in (MEASURE_UNSAID, MULTIPLIED, DIGITS, SAID_ELSEWHERE))


def heading_row(
    source_id: str, table: Table, heading: Heading, reason: str, choice: Choice | None, dictionary: Dictionary
) -> dict[str, Any]:
    """One row of Headings. `reason` is « » for a column that `choice` makes an indicator.

    A proposition whose unit is not known has no confidence, however alike the words are.
    """
    row, column = table.sheet.place(table.first_row - 1, heading.column)
    proposed, confidence = _proposed(heading, reason, dictionary)
    samples = [*_samples(table, heading.column), *[""] * SAMPLES]
    return {
        "source_id": source_id,
        "sheet": table.sheet.name,
        "column": column_letters(column),
        "cell": f"{column_letters(column)}{row}",
        "heading": heading.shown,
        "theme": heading.theme,
        **{f"sample_{place}": samples[place - 1] for place in range(1, SAMPLES + 1)},
        "reason": reason,
        "proposed": proposed,
        "confidence": confidence,
        "meaning": choice.meaning if choice else "",
        "year": choice.year if choice else None,
        "unit": choice.unit if choice else "",
    }


def _proposed(heading: Heading, reason: str, dictionary: Dictionary) -> tuple[str | None, int | None]:
    """The indicator to propose for a column, and its likeness from 0 to 100; no likeness when its unit is to check."""
    if doubtful(reason):
        return next((one.indicator for one in _known(heading, dictionary)), None), None
    ranked = [] if misleading(reason) else dictionary.ranked(text for text in heading.texts if text)
    alike = ((one.indicator, likeness) for one, _, likeness in ranked if not other_base(heading, one))
    return next(alike, (None, None))


def _known(heading: Heading, dictionary: Dictionary) -> list[Indicator]:
    """The one indicator whose code or label a heading is; none when it may be several."""
    texts = [text for text in heading.texts if text]
    found = {one.indicator.indicator: one.indicator for text in texts for one in dictionary.by_code(text)}
    found = found or {one.indicator.indicator: one.indicator for text in texts for one in dictionary.by_label(text)}
    return [*found.values()] if len(found) == 1 else []


def _samples(table: Table, column: int) -> list[str]:
    """The first values of a column that are not blank, as text."""
    texts = filter(None, (text.strip() for text in _texts(table, column)))
    return [text[:SAMPLE_CHARACTERS] for _, text in zip(range(SAMPLES), texts, strict=False)]


def _texts(table: Table, column: int) -> Iterator[str]:
    cells: Iterable[object] = table.sheet.cells[table.first_row - 1 : table.last_row, column - 1]
    return (cell_text(cell) for cell in cells)
