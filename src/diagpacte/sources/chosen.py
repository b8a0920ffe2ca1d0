"""A column read as a person said it should be: which indicator, of which year, in which unit."""

from __future__ import annotations

from diagpacte.sources.cells import normalised
from diagpacte.sources.choices import Choice, Meaning, undated
from diagpacte.sources.columns import YEAR, ColumnReader, IndicatorColumn, full_year
from diagpacte.sources.headers import Heading
from diagpacte.sources.rules import IndicatorLayout

SAID_UNREAD = "colonne laissée de côté par la correspondance"


def chosen_column(file: str, heading: Heading, choice: Choice, reader: ColumnReader) -> IndicatorColumn | str:
    """The indicator of `heading`, or why it has none, in French."""
    if choice.meaning in tuple(Meaning):
        return SAID_UNREAD if choice.meaning == Meaning.UNREAD else f"colonne dite « {choice.meaning} »"
    indicator = reader.dictionary.by_name(choice.meaning)
    if indicator is None:
        return f"indicateur inconnu « {choice.meaning} », dit dans la correspondance"
    year = _year(file, heading, choice)
    if year is None:
        return f"colonne retenue ({indicator.label}) mais sans millésime pour ce fichier"
    code = next((text for text in reversed(heading.texts) if text), heading.shown)
    return IndicatorColumn(
        column=heading.column,
        indicator=indicator,
        published_code=code,
        shown=heading.shown,
        year=year,
        period=str(year),
        nature=reader.nature(None, heading),
        stated_unit=choice.unit,
        absent=False,
    )


def _year(file: str, heading: Heading, choice: Choice) -> int | None:
    """What the person typed holds for their file alone; in another vintage the heading must say it."""
    if choice.file == file and normalised(choice.heading) == normalised(heading.shown) and choice.year:
        return choice.year
    years = [year for text in heading.texts for year in YEAR.findall(text)]
    if years:
        return int(years[-1])
    codes = [text for text in heading.texts if text and undated(text).endswith("{yy}")]
    return full_year(codes[-1].strip()[-2:]) if codes else None


def with_roles(layout: IndicatorLayout, said: dict[Meaning, list[str]]) -> IndicatorLayout:
    """The layout of a sheet in which a person named the columns of codes, labels, levels or départements."""
    headings = layout.headings
    return layout.model_copy(
        update={
            "headings": headings.model_copy(
                update={
                    "code": (*said.get(Meaning.CODE, ()), *headings.code),
                    "label": (*said.get(Meaning.LABEL, ()), *headings.label),
                    "level": (*said.get(Meaning.LEVEL, ()), *headings.level),
                    "other": (*said.get(Meaning.DEPARTMENT, ()), *headings.other),
                }
            )
        }
    )
