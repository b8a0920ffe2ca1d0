"""A column read as a person said it should be: which indicator, of which year, in which unit."""

from __future__ import annotations

from collections.abc import Sequence

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.headers import Heading
from diagpacte.sources.meaning.choices import Choice, Meaning, plain_file, undated
from diagpacte.sources.meaning.columns import ColumnReader, IndicatorColumn, full_year
from diagpacte.sources.meaning.qualifiers import other_base, over_years, times
from diagpacte.sources.meaning.typed_units import TYPED, factor_of
from diagpacte.sources.meaning.variables import Variable
from diagpacte.sources.meaning.wording import data_years, years_in
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import Indicator

SAID_UNREAD = "colonne laissée de côté par la correspondance"
SAID_ELSEWHERE = "mais rien ne dit ici ce qui a été dit"  # of another vintage: asked again


Period = tuple[int, str]  # year, and as printed


def chosen_column(
    place: tuple[str, str], heading: Heading, choice: Choice, reader: ColumnReader, said: Sequence[Period | None]
) -> IndicatorColumn | str:
    """The indicator of `heading` in `place`, file and sheet, or why it has none, in French.

    `said`: the period that its rows say, which wins over all else, and the one that its place says, which
    gives way to what a person typed and to the heading.
    """
    if choice.meaning in tuple(Meaning):
        return SAID_UNREAD if choice.meaning == Meaning.UNREAD else f"colonne dite « {choice.meaning} »"
    indicator = reader.dictionary.by_name(choice.meaning)
    if indicator is None:
        return f"indicateur inconnu « {choice.meaning} », dit dans la correspondance"
    of_rows, of_place = said
    variable = reader.variable_of(heading)
    years = data_years(*heading.texts) or data_years(heading.theme)
    period = of_rows or _typed(place, heading, choice) or _coded(heading, reader) or _worded(years, indicator)
    period = period or _stated(variable)
    if period is None and len(years) > 1:
        return f"colonne retenue ({indicator.label}) mais sans millésime : deux années, {' et '.join(years)}"
    period = period or of_place
    base = other_base(heading, indicator)
    if period is None or base:
        why = (
            f", mais son intitulé dit « {base} » : les bases ne se mêlent pas"
            if base
            else " mais sans millésime pour ce fichier"
        )
        return f"colonne retenue ({indicator.label}){why}"
    if multiplied := _multiplied(place[0], heading, choice, indicator, reader):
        return multiplied
    code = next((text for text in reversed(heading.texts) if text), heading.shown)
    return IndicatorColumn(
        column=heading.column,
        indicator=indicator,
        published_code=code,
        shown=heading.shown,
        year=period[0],
        period=period[1],
        nature=reader.nature(variable, heading),
        stated_unit=choice.unit or reader.unit(variable, heading),
        absent=reader.is_absent(variable),
        by_label=True,
        unit_typed=bool(choice.unit),
        unit_to_check=not choice.unit,
    )


def _multiplied(file: str, heading: Heading, choice: Choice, indicator: Indicator, reader: ColumnReader) -> str:
    """Why the numbers of a column cannot be multiplied, or not, as a person said; « » when they can.

    What was said of another file is followed where this one says it too.
    """
    elsewhere = factor_of(choice.unit) != 1 and plain_file(choice.file) != plain_file(file)
    if elsewhere and not times(heading, indicator, reader.around):
        return (
            f"colonne retenue ({indicator.label}), {SAID_ELSEWHERE} « {TYPED[choice.unit].shown} » pour {choice.file}"
        )
    return times(heading, indicator, reader.around, choice.unit)


def _typed(place: tuple[str, str], heading: Heading, choice: Choice) -> Period | None:
    """What the person typed holds for their sheet alone; in another vintage the heading must say it."""
    same = (plain_file(choice.file), normalised(choice.sheet)) == (plain_file(place[0]), normalised(place[1]))
    if same and normalised(choice.heading) == normalised(heading.shown) and choice.year:
        return choice.year, str(choice.year)
    return None


def _worded(years: Sequence[str], indicator: Indicator) -> Period | None:
    """The year that a heading says; of two, the last, for an indicator of a period alone."""
    if len(years) == 1 or (years and over_years(indicator)):
        return int(years[-1]), "-".join(years)
    return None


def _coded(heading: Heading, reader: ColumnReader) -> Period | None:
    """The year of a published code, else the last two digits of a word that looks like one."""
    texts = [text for text in heading.texts if text]
    known = {(one.year, one.period) for text in texts for one in reader.dictionary.by_code(text) if one.year}
    if len(known) == 1:
        year, period = known.pop()
        return (year, period) if year else None
    if data_years(*texts, heading.theme):
        return None
    codes = [text for text in heading.texts if text and undated(text).endswith("{yy}")]
    if not codes:
        return None
    year = full_year(codes[-1].strip()[-2:])
    return year, str(year)


def _stated(variable: Variable | None) -> Period | None:
    years = years_in(variable.period) if variable else []
    return (int(years[-1]), variable.period) if variable and years else None


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
