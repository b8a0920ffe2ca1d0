"""Which indicator a column holds, of which year and nature: its code first, its label else, never its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from diagpacte.sources.cells import normalised
from diagpacte.sources.headers import Heading
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.sources.variables import Variable
from diagpacte.vocabulary import Indicator, Nature

NEAREST, NEAR_ENOUGH = 3, 70  # suggestions for an unknown column, and their least likeness (0-100)
LAST_CENTURY = 60  # « 68 » is 1968, « 21 » is 2021
YEAR = re.compile(r"(?<!\d)(?:19[6-9]|20)\d{2}(?!\d)")
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


class Dictionary:
    """The dictionary of indicators, by published code and by label."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.stems: list[tuple[re.Pattern[str], Indicator]] = []
        self.labels: dict[str, list[Indicator]] = {}
        self.choices: dict[str, tuple[str, Indicator]] = {}
        self.names: dict[str, Indicator] = {}
        for indicator in indicators:
            self.names[indicator.indicator] = indicator
            for stem in indicator.published_codes:
                self.stems.append((_pattern(stem), indicator))
                self.choices[normalised(re.sub(r"\{.*?\}", "", stem))] = (stem, indicator)
            for label in {normalised(indicator.label), normalised(indicator.label_long)}:
                self.labels.setdefault(label, []).append(indicator)
                self.choices[label] = (indicator.published_codes[0] if indicator.published_codes else "", indicator)

    def by_code(self, code: str) -> list[Match]:
        """Every indicator whose published code `code` may be; more than one is an ambiguity."""
        found = {}
        for pattern, indicator in self.stems:
            years = pattern.match(code.strip().upper())
            if years:
                found[indicator.indicator] = _match(indicator, years.groupdict())
        return list(found.values())

    def by_label(self, label: str) -> list[Match]:
        """Every indicator with this label, if need be without its year, then without its parenthesis."""
        undated = YEAR.sub("", label)
        tried = (label, undated, re.sub(r"\([^()]*\)", "", undated))
        found = next((self.labels[bare] for bare in map(normalised, tried) if bare in self.labels), [])
        years = YEAR.findall(label)
        year = int(years[-1]) if years else None
        return [Match(indicator, year, str(year) if year else "") for indicator in found]

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
    return not re.search(r"\s", text) and (text.isupper() or bool(re.search(r"[\d_]", text)))


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

    def read(self, heading: Heading) -> IndicatorColumn | str:
        """The indicator of a column, or why it has none, in French."""
        code, matches = self._matches(heading)
        if not matches:
            return "colonne inconnue"
        if len(matches) > 1:
            names = " ou ".join(f"« {match.indicator.label} »" for match in matches)
            return f"colonne qui peut être {names}"
        match, variable = matches[0], self.variables.get(code.upper())
        year, period = self._period(match, variable, heading)
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
            stated_unit=self.units.get(normalised(variable.unit), "") if variable else "",
            absent=variable is not None and normalised(variable.nature) in self.absent,
        )

    def _matches(self, heading: Heading) -> tuple[str, Sequence[Match]]:
        """The published code of a column and what it may be: by code, by the workbook's label, by ours."""
        texts = [text for text in reversed(heading.texts) if text]
        for text in texts:
            matches = self.dictionary.by_code(text)
            if matches:
                return text, matches
        if any(_looks_like_code(text) for text in texts):
            return "", []  # a label never overrules a code that we do not know
        for text in texts:
            described = self.by_label.get(normalised(text), [])
            if len(described) == 1:
                return described[0].code, self.dictionary.by_code(described[0].code)
        for text in texts:
            matches = self.dictionary.by_label(text)
            if matches:
                return text, matches
        return "", []

    def _period(self, match: Match, variable: Variable | None, heading: Heading) -> tuple[int | None, str]:
        """Year and period: the code's year wins, the workbook's words are kept as printed."""
        stated = variable.period if variable else ""
        years = YEAR.findall(stated) or [year for text in heading.texts for year in YEAR.findall(text)]
        if match.year is None:
            return (int(years[-1]), stated or "-".join(years)) if years else (None, "")
        return match.year, stated if str(match.year) in stated else match.period

    def nature(self, variable: Variable | None, heading: Heading) -> Nature:
        """The worst of what the workbook states and what the user declared; labels speak when it is silent."""
        stated = self.natures.get(normalised(variable.nature)) if variable else None
        if stated is None:
            texts = (*heading.texts, variable.label if variable else "")
            said = [
                nature
                for nature, pattern in self.layout.label_nature.items()
                if any(re.search(pattern, text, re.IGNORECASE) for text in texts)
            ]
            stated = Nature.worst(said) if said else None
        known = [nature for nature in (stated, self.declared) if nature is not None]
        return Nature.worst(known) if known else Nature.UNDECLARED
