"""Which indicator a column holds, of which year and nature: its code first, its label else, never its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.headers import Heading
from diagpacte.sources.meaning.qualifiers import Around, contrary, over_years
from diagpacte.sources.meaning.variables import PERCENT_UNITS, Variable
from diagpacte.sources.meaning.wording import bare, data_years, only_dates, said_units, years_in
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import Indicator, Nature

UNKNOWN = "colonne inconnue"
NEAREST, NEAR_ENOUGH = 3, 70  # suggestions for an unknown column, and their least likeness (0-100)
LAST_CENTURY = 60  # « 68 » is 1968, « 21 » is 2021
PLACEHOLDERS = {
    "{yy}": r"(?P<yy>\d{2})",
    "{yy1}": r"(?P<yy1>\d{2})",
    "{yy2}": r"(?P<yy2>\d{2})",
    "{yyyy}": r"(?P<yyyy>\d{4})",
}


@dataclass(frozen=True)
class Match:
    """An indicator found by a published code; `year` is None when the code carries none."""

    indicator: Indicator
    year: int | None = None
    period: str = ""


@dataclass(frozen=True)
class IndicatorColumn:
    """A column that is an indicator. `stated_unit` is the unit of the dictionary, « fraction », or « »."""

    column: int
    indicator: Indicator
    published_code: str
    shown: str
    year: int
    period: str
    nature: Nature
    stated_unit: str
    absent: bool  # the workbook says that the column holds no value
    by_label: bool = False  # recognised by its words alone
    unit_typed: bool = False  # `stated_unit` is what a person said of it
    unit_to_check: bool = False  # « % » is said by the file, which may hold shares all the same


class Dictionary:
    """The dictionary of indicators, by published code and by label.

    A published code with a space in it is a heading in words, as much a label as ours.
    """

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.stems: list[tuple[re.Pattern[str], Indicator]] = []
        self.labels: dict[str, list[Indicator]] = {}
        self.choices: dict[str, tuple[str, Indicator]] = {}
        self.names: dict[str, Indicator] = {}
        for indicator in indicators:
            self.names[indicator.indicator] = indicator
            codes = [code for code in indicator.published_codes if " " not in code]
            words = [heading for heading in indicator.published_codes if " " in heading]
            for stem in codes:
                self.stems.append((_pattern(stem), indicator))
                self.choices[normalised(re.sub(r"\{.*?\}", "", stem))] = (stem, indicator)
            shown = (codes or words or [""])[0]
            for label in dict.fromkeys(bare(text) for text in (indicator.label, indicator.label_long, *words) if text):
                self.labels.setdefault(label, []).append(indicator)
                self.choices[label] = (shown, indicator)

    def by_code(self, code: str) -> list[Match]:
        """Every indicator whose published code `code` may be; more than one is an ambiguity."""
        found = {}
        for pattern, indicator in self.stems:
            years = pattern.match(code.strip().upper())
            if years:
                found[indicator.indicator] = _match(indicator, years.groupdict())
        return list(found.values())

    def by_label(self, label: str) -> list[Match]:
        """Every indicator with this label, whatever year, unit and nature are written beside it."""
        years = data_years(label)
        year, period = (int(years[-1]), "-".join(years)) if years else (None, "")
        found, units = self.labels.get(bare(label), []), said_units(label)
        allowed = [indicator for indicator in found if indicator.unit in units] if units else []
        return [Match(indicator, year, period) for indicator in allowed or found]

    def by_name(self, name: str) -> Indicator | None:
        """The indicator with this canonical name."""
        return self.names.get(name)

    def nearest(self, texts: Iterable[str]) -> list[str]:
        """The indicators that look most like a heading, as « TP60{yy} (Taux de pauvreté) »."""
        return [f"{stem} ({indicator.label})" for indicator, stem, _ in self.ranked(texts)]

    def ranked(self, texts: Iterable[str]) -> list[tuple[Indicator, str, int]]:
        """The same, best first: indicator, published stem, likeness from 0 to 100."""
        scores: dict[tuple[str, str], float] = {}
        for text in texts:
            bare = normalised(re.sub(r"_?\d{2,4}$", "", text.strip()))
            for choice, score, _ in process.extract(
                bare, self.choices.keys(), scorer=fuzz.ratio, limit=NEAREST, score_cutoff=NEAR_ENOUGH
            ):
                stem, indicator = self.choices[choice]
                key = (indicator.indicator, stem)
                scores[key] = max(score, scores.get(key, 0))
        best = sorted(scores, key=lambda key: (-scores[key], key))[:NEAREST]
        return [(self.names[name], stem, round(scores[name, stem])) for name, stem in best]


def _looks_like_code(text: str) -> bool:
    """« TP6021 », « tp60_21 », « RSA »: one word with a digit, an underscore, or capitals only."""
    return not re.search(r"\s", text) and not only_dates(text) and (text.isupper() or bool(re.search(r"[\d_]", text)))


def _looks_like_word(text: str) -> bool:
    """« txchom », « MED », « P1_MEN »: a code that its year may complete."""
    return bool(re.fullmatch(r"\s*[A-Za-z]\w*\s*", text))


def _pattern(stem: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", stem)
    return re.compile("".join(PLACEHOLDERS.get(part, re.escape(part.upper())) for part in parts) + r"\Z")


def _match(indicator: Indicator, years: Mapping[str, str]) -> Match:
    if "yyyy" in years:
        return Match(indicator, int(years["yyyy"]), years["yyyy"])
    if "yy2" in years:
        first, last = full_year(years["yy1"]), full_year(years["yy2"])
        return Match(indicator, last, f"{first}-{last}")
    if "yy" in years:
        year = full_year(years["yy"])
        return Match(indicator, year, str(year))
    return Match(indicator)


def full_year(two_digits: str) -> int:
    """« 21 » → 2021, « 68 » → 1968."""
    return int(two_digits) + (1900 if int(two_digits) >= LAST_CENTURY else 2000)


class ColumnReader:
    """Recognises the columns of one workbook."""

    def __init__(
        self,
        dictionary: Dictionary,
        layout: IndicatorLayout,
        variables: Mapping[str, Variable],
        declared: Nature | None,
    ) -> None:
        self.dictionary, self.layout, self.variables, self.declared = dictionary, layout, variables, declared
        self.by_label: dict[str, list[Variable]] = {}
        for variable in variables.values():
            self.by_label.setdefault(normalised(variable.label), []).append(variable)
        self.units = {normalised(word): unit for word, unit in layout.variables_unit.items()}
        self.natures = {normalised(word): nature for word, nature in layout.variables_nature.items()}
        self.absent = {normalised(word) for word in layout.variables_absent}
        self.around = Around()

    def within(self, around: Around) -> ColumnReader:
        """The same, for a table with these words around it."""
        reader = copy(self)
        reader.around = around
        return reader

    def read(self, heading: Heading, said: tuple[int, str] | None = None) -> IndicatorColumn | str:
        """The indicator of a column, or why it has none, in French.

        `said`: year and period that the place of the table says (its rows, its sheet, its title); they
        serve a column that neither its heading nor the workbook's description dates.
        """
        code, matches, by_label = self._matches(heading)
        if not matches:
            return UNKNOWN
        if len(matches) > 1:
            names = " ou ".join(f"« {match.indicator.label} »" for match in matches)
            return f"colonne qui peut être {names}"
        match, variable = matches[0], self.variables.get(code.upper())
        otherwise = contrary(heading, (match.indicator, by_label), self.layout, self.around)
        if otherwise:
            return otherwise
        year, period = self._period(match, variable, heading)
        if year is None and said is not None:
            year, period = said
        if year is None:
            return f"colonne reconnue ({match.indicator.label}) mais sans millésime"
        return IndicatorColumn(
            column=heading.column,
            indicator=match.indicator,
            published_code=code,
            shown=heading.shown,
            year=year,
            period=period,
            nature=self.nature(variable, heading),
            stated_unit=self.unit(variable, heading),
            absent=self.is_absent(variable),
            by_label=by_label,
            unit_to_check=True,
        )

    def read_dated(self, heading: Heading, said: tuple[int, str], *, alone: bool) -> IndicatorColumn | str:
        """The indicator of a column on the rows of one year, `said`, or why it has none, in French.

        « txchom » on rows of 2021 is read as « TXCHOM21 » is. A column of another year is read there only
        when the table has rows of no other year (`alone`).
        """
        year, period = said
        found = self.read(heading, said)
        if isinstance(found, IndicatorColumn):
            fits = alone or found.year == year
            return found if fits else f"colonne de {found.year} dans des lignes de {year}"
        texts = tuple(f"{text.strip()}{year % 100:02d}" if _looks_like_word(text) else "" for text in heading.texts)
        dated = self.read(Heading(heading.column, texts, heading.theme))
        if not isinstance(dated, IndicatorColumn) or dated.year != year:
            return found
        code = dated.published_code[:-2]
        return replace(dated, published_code=code, shown=heading.shown, period=period)

    def variable_of(self, heading: Heading) -> Variable | None:
        """What the workbook's description says of a column, found by its code."""
        return next(filter(None, (self.variables.get(text.upper()) for text in heading.texts if text)), None)

    def is_absent(self, variable: Variable | None) -> bool:
        """Whether the workbook says that a column holds no value."""
        return variable is not None and normalised(variable.nature) in self.absent

    def _matches(self, heading: Heading) -> tuple[str, Sequence[Match], bool]:
        """The published code of a column, what it may be, and whether only our label says so.

        By code first, then by the workbook's label, then by ours.
        """
        texts = [text for text in reversed(heading.texts) if text]
        for text in texts:
            matches = self.dictionary.by_code(text)
            if matches:
                return text, matches, False
        if any(_looks_like_code(text) for text in texts):
            return "", [], False  # a label never overrules a code that we do not know
        for text in texts:
            described = self.by_label.get(normalised(text), [])
            if len(described) == 1:
                return described[0].code, self.dictionary.by_code(described[0].code), False
        for text in texts:
            matches = self.dictionary.by_label(text)
            if matches:
                return " ".join(text.split()), matches, True
        return "", [], False

    def unit(self, variable: Variable | None, heading: Heading) -> str:
        """The unit that the workbook's description states, else that written under the heading or in it; « » for none."""
        if variable and variable.unit:
            return self.units.get(normalised(variable.unit), "")
        under = self.around.under.get(heading.column, "")
        if normalised(under) in self.units:
            return self.units[normalised(under)]
        texts = (*heading.texts, under)
        return PERCENT_UNITS[0] if any(PERCENT_UNITS[0] in said_units(text) for text in texts) else ""

    def _period(self, match: Match, variable: Variable | None, heading: Heading) -> tuple[int | None, str]:
        """Year and period: the code's year wins, the workbook's words are kept as printed."""
        stated = variable.period if variable else ""
        years = years_in(stated) or data_years(*heading.texts) or data_years(heading.theme)
        if match.year is None and len(years) > 1 and not (stated or over_years(match.indicator)):
            return None, ""
        if match.year is None:
            return (int(years[-1]), stated or "-".join(years)) if years else (None, "")
        return match.year, stated if str(match.year) in stated else match.period

    def nature(self, variable: Variable | None, heading: Heading) -> Nature:
        """The worst of what the workbook states and what the user declared; labels speak when it is silent."""
        stated = self.natures.get(normalised(variable.nature)) if variable else None
        if stated is None:
            around = () if self.variables else (self.around.sheet, *self.around.above)
            texts = (*heading.texts, heading.theme, variable.label if variable else "", *around)
            said = [
                nature
                for nature, pattern in self.layout.label_nature.items()
                if any(re.search(pattern, text, re.IGNORECASE) for text in texts)
            ]
            if not self.variables and self.around.says_simulated(self.layout):
                said.append(Nature.SIMULATED)
            stated = Nature.worst(said) if said else None
        known = [nature for nature in (stated, self.declared) if nature is not None]
        return Nature.worst(known) if known else Nature.UNDECLARED
