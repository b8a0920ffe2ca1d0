"""The columns that no dictionary knows, as the table Headings: what a person needs to say what each holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from diagpacte.sources.files.cell_names import column_letters
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.meaning.choices import Choice
from diagpacte.sources.meaning.columns import Dictionary
from diagpacte.sources.meaning.qualifiers import CHANGED, MULTIPLIED, other_base
from diagpacte.sources.meaning.twins import TWICE

SAMPLES = 3
SAMPLE_CHARACTERS = 60


def misleading(reason: str) -> bool:
    """Whether a column is left out although recognised, for `reason`: to propose what it resembles would mislead."""
    return any(words in reason for words in (CHANGED, MULTIPLIED, TWICE))


def heading_row(
    source_id: str, table: Table, heading: Heading, reason: str, choice: Choice | None, dictionary: Dictionary
) -> dict[str, Any]:
    """One row of Headings. `reason` is « » for a column that `choice` makes an indicator."""
    row, column = table.sheet.place(table.first_row - 1, heading.column)
    ranked = dictionary.ranked(text for text in heading.texts if text)
    nearest = [] if misleading(reason) else [one for one in ranked if not other_base(heading, one[0])]
    best = nearest[0] if nearest else None
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
        "proposed": best[0].indicator if best else None,
        "confidence": best[2] if best else None,
        "meaning": choice.meaning if choice else "",
        "year": choice.year if choice else None,
        "unit": choice.unit if choice else "",
    }


def _samples(table: Table, column: int) -> list[str]:
    """The first values of a column that are not blank, as text."""
    texts = filter(None, (text.strip() for text in _texts(table, column)))
    return [text[:SAMPLE_CHARACTERS] for _, text in zip(range(SAMPLES), texts, strict=False)]


def _texts(table: Table, column: int) -> Iterator[str]:
    cells: Iterable[object] = table.sheet.cells[table.first_row - 1 : table.last_row, column - 1]
    return (cell_text(cell) for cell in cells)
