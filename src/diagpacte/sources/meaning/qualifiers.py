"""Words around a known label that change what it means: « Évolution 2015-2021 » above « Taux de pauvreté »."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.layout.table_rows import BEGINS_LIKE_A_NUMBER, Rows
from diagpacte.sources.meaning.typed_units import PLAIN, factor_of
from diagpacte.sources.meaning.wording import bare, data_years, factor_said, multiple, said_units
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import Base, Indicator, Nature

CHANGED = "en change le sens"  # such a column is asked about, and nothing is proposed for it
MULTIPLIED = "dit que ses nombres sont à multiplier"
MEASURE_UNSAID = "rien ne dit si ce sont des nombres ou des taux"
RELATIVE = ("pct", "pct_year", "per_mille", "index", "ratio")
MEASURE = re.compile(
    r"\b(?:taux|parts?|pourcentages?|proportions?|indices?|ratios?|rapport|pour (?:100|cent|mille|1 ?000))(?!\w)|[%‰]"
)
SAYS_ALL = re.compile(r"\b(?:effectifs?|nombres?|populations?|donnees|valeurs|chiffres|montants?)\b[^.;]{0,40}\ben m")
FEWEST_ROWS = 2  # on one row, every column says the same everywhere


@dataclass(frozen=True)
class Around:
    """What stands around the columns of a table: the name of its sheet, the lines above it, the notes below.

    `under`: column → the words under its heading; `restrictions`: words that every row repeats.
    """

    sheet: str = ""
    above: Sequence[str] = ()
    notes: Sequence[str] = ()
    under: Mapping[int, str] = field(default_factory=dict)
    restrictions: Sequence[str] = ()

    def says_simulated(self, layout: IndicatorLayout) -> bool:
        """Whether a note says that values are simulated: all of them are then held so, none being named apart."""
        pattern = layout.label_nature.get(Nature.SIMULATED, "(?!)")
        return any(re.search(pattern, text, re.IGNORECASE) for text in self.notes)


def around(table: Table, rows: Rows, layout: IndicatorLayout) -> Around:
    """What stands around `table`, `rows` being those of its zones."""
    return Around(
        table.sheet.name, table.above, rows.notes, _under(table, rows), tuple(_restrictions(table, rows, layout))
    )


def contrary(heading: Heading, match: tuple[Indicator, bool], layout: IndicatorLayout, said: Around) -> str:
    """Why a recognised column is not what its code or its label says, in French; « » when nothing says otherwise.

    `match`: its indicator, and whether its label alone names it: a published code is not changed by a title.
    """
    indicator, by_label = match
    under = said.under.get(heading.column, "")
    units = [units for text in (*heading.texts, under, f"({under})") if (units := said_units(text))]
    if not all(indicator.unit in allowed for allowed in units):
        return f"unité de l’intitulé contraire à celle de « {indicator.label} »"
    reason = times(heading, indicator, said)
    if reason:
        return reason
    if by_label and _measure_unsaid(heading, indicator, under):
        return f"colonne reconnue ({indicator.label}), mais {MEASURE_UNSAID}"
    own = _own(indicator)
    changed = qualifier(heading, indicator, layout, said) if by_label else ""
    if changed:
        return f"colonne reconnue ({indicator.label}), mais « {changed} » {CHANGED}"
    everywhere = _first(said.restrictions, layout.qualifiers.above, own)
    if everywhere:
        return f"colonne reconnue ({indicator.label}), mais toutes les lignes disent « {everywhere} », qui {CHANGED}"
    return ""


def _measure_unsaid(heading: Heading, indicator: Indicator, under: str) -> bool:
    """Whether a label such as « Ménages sans voiture » could head a count as well as a share: no word says which."""
    if any(bare(text) == bare(indicator.label_long) for text in heading.texts):
        return False
    said = MEASURE.search(normalised(" ".join((*heading.texts, heading.theme, under)))) is not None
    return not said if indicator.unit in RELATIVE else said and indicator.unit == "count"


def times(heading: Heading, indicator: Indicator, said: Around, typed: str = "") -> str:
    """Why the numbers of a column are not to be read as they are: « en milliers » is written there; « » else.

    `typed`: the unit that a person said of it. It answers when it multiplies as these words do; « nombre » answers
    words that stand over the whole table, not those of the column itself.
    """
    near = [*heading.texts, heading.theme, said.under.get(heading.column, "")]
    for text in (*near, *_far(indicator, said)):
        words = multiple(text, indicator.unit)
        if words and words not in _own(indicator) and not _answered(words, typed, near=text in near):
            return f"colonne reconnue ({indicator.label}), mais « {words} » {MULTIPLIED}"
    return ""


def _far(indicator: Indicator, said: Around) -> list[str]:
    """What stands over the whole table, where it may speak of the numbers of `indicator`: not of shares."""
    counted = indicator.unit == "count"
    if not counted and not indicator.unit.startswith("eur"):
        return []
    notes = [text for text in said.notes if SAYS_ALL.search(normalised(text))]
    return [text for text in (said.sheet, *said.above, *notes) if counted or "effectif" not in normalised(text)]


def _answered(words: str, typed: str, *, near: bool) -> bool:
    """Whether the unit that a person typed says of a column what `words` say."""
    if typed == PLAIN:
        return not near
    return factor_of(typed) == factor_said(words)


def qualifier(heading: Heading, indicator: Indicator, layout: IndicatorLayout, said: Around) -> str:
    """The words that make of a column recognised by its label something else; « » when there are none.

    Words that the labels of the indicator bear themselves change nothing.
    """
    words, own = layout.qualifiers, _own(indicator)
    under = said.under.get(heading.column, "")
    near = [text for text in (*heading.texts, heading.theme, under, said.sheet) if text]
    if len(data_years(*heading.texts, heading.theme)) > 1 and not over_years(indicator):
        return " · ".join(dict.fromkeys(text for text in near if data_years(text)))
    return (
        _first(near, words.above, own)
        or _first([*heading.texts, heading.theme, under], words.over, own)
        or _first(said.above[:1], words.title, own)
    )


def other_base(heading: Heading, indicator: Indicator) -> str:
    """« personnes » when a heading speaks of persons alone and the indicator of households, or conversely; else « »."""
    said = normalised(" ".join((*heading.texts, heading.theme)))
    persons, households = ("personne" in said), ("menage" in said)
    if persons and not households and indicator.base is Base.HOUSEHOLDS:
        return "personnes"
    return "ménages" if households and not persons and indicator.base is Base.PERSONS else ""


def over_years(indicator: Indicator) -> bool:
    """Whether an indicator is of a period: « 2015-2020 »."""
    return any("{yy1}" in code for code in indicator.published_codes)


def _own(indicator: Indicator) -> str:
    return normalised(f"{indicator.label} {indicator.label_long} {' '.join(indicator.published_codes)}")


def _under(table: Table, rows: Rows) -> dict[int, str]:
    """Column → what the rows of words between the header and the first zone say of it: « (en %) », « (femmes) »."""
    found: dict[int, list[str]] = {}
    for number in range(table.first_row, rows.numbers[0] if rows.numbers else table.first_row):
        texts = {heading.column: table.sheet.text(number, heading.column) for heading in table.headings}
        if not any(map(BEGINS_LIKE_A_NUMBER.match, texts.values())):
            for column, text in texts.items():
                found.setdefault(column, []).extend([text] if text else [])
    return {column: " ".join(texts) for column, texts in found.items() if texts}


def _restrictions(table: Table, rows: Rows, layout: IndicatorLayout) -> Iterator[str]:
    """The words that a column repeats on every row, where they may change what the others mean: « Femmes »."""
    if len(rows.numbers) < FEWEST_ROWS:
        return
    for heading in table.headings:
        text = table.sheet.text(rows.numbers[0], heading.column)
        if (
            text
            and _first([text], layout.qualifiers.above, "")
            and all(table.sheet.text(number, heading.column) == text for number in rows.numbers)
        ):
            yield text


def _first(texts: Iterable[str], patterns: Iterable[str], own: str) -> str:
    """The first of `texts` with a word of `patterns` that is not among the `own` words of the indicator."""
    shapes = [re.compile(rf"\b(?:{normalised(pattern)})(?!\w)") for pattern in patterns]
    for text in texts:
        found = (match[0] for shape in shapes for match in shape.finditer(normalised(text)))
        if any(not re.search(rf"\b{re.escape(word)}(?!\w)", own) for word in found):
            return text
    return ""
