"""What a file says of itself above and below its tables: title, producer, dates, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import Nature


@dataclass(frozen=True)
class SourceFacts:
    """What the file says of itself, for the table Sources; « » or None where it is silent."""

    title: str
    producer: str
    geo_vintage: int | None
    published_on: date | None
    vintage: str  # years of its columns: « 2018 à 2025 »
    nature: Nature  # the least certain of its columns
    rows: int
    note: str  # footers, a line each


def geo_vintages(texts: Iterable[str], layout: IndicatorLayout) -> set[int]:
    """The years of « Géographie au 01/01/2025 » in `texts`."""
    pattern = re.compile(layout.banner.geo_vintage, re.IGNORECASE)
    return {int(next(filter(None, found.groups()))) for text in texts for found in pattern.finditer(text)}


def restriction(texts: Iterable[str], layout: IndicatorLayout) -> str:
    """The first text that restricts the use of the file; « » when none does."""
    return next((text for text in texts if re.search(layout.banner.restricted, text, re.IGNORECASE)), "")


def source_facts(
    texts: Sequence[str],
    notes: Iterable[str],
    layout: IndicatorLayout,
    *,
    years: Iterable[int],
    nature: Nature,
    rows: int,
    geo_vintage: int | None,
) -> SourceFacts:
    """The facts in `texts`, the lines above the tables in their order, and `notes`, those below."""
    published = next(filter(None, (re.search(layout.banner.published_on, text) for text in texts)), None)
    producer = next(filter(None, (re.search(layout.banner.sources, text) for text in texts)), None)
    ordered = sorted(set(years))
    return SourceFacts(
        title=texts[0] if texts else "",
        producer=producer["sources"].strip() if producer else "",
        geo_vintage=geo_vintage,
        published_on=_date(published) if published else None,
        vintage=" à ".join(str(year) for year in dict.fromkeys((ordered[0], ordered[-1]))) if ordered else "",
        nature=nature,
        rows=rows,
        note="\n".join(dict.fromkeys(notes)),
    )


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
