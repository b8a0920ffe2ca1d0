"""Which indicator each kind of line of a long table is: its measure, its categories, its year and its unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.headers import Heading
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.long.table import LongTable, dated
from diagpacte.sources.meaning.choices import Choice, Meaning
from diagpacte.sources.meaning.chosen import SAID_UNREAD
from diagpacte.sources.meaning.columns import NEAR_ENOUGH, NEAREST, ColumnReader, IndicatorColumn, Match
from diagpacte.sources.meaning.qualifiers import MULTIPLIED, Around, contrary, times
from diagpacte.sources.meaning.typed_units import TYPED, factor_of, fits
from diagpacte.vocabulary import Indicator

NOT_DESCRIBED = "ventilation non décrite"
UNSTATED = "grade"  # a unit that no file states


@dataclass(frozen=True)
class Kind:
    """What lines have in common: their words, as printed. `split`: heading and category, totals left out."""

    measure: str
    period: str
    unit: str
    split: tuple[tuple[str, str], ...]

    @property
    def code(self) -> str:
        """« PR_MD60 », « PR_MD60 (AGE_RF = Y_LT30) »."""
        if not self.split:
            return self.measure
        return f"{self.measure} ({', '.join(f'{heading} = {word}' for heading, word in self.split)})"


@dataclass(frozen=True)
class Unknown:
    """Why lines of a kind are no indicator, the same for all that share it; a fault when it has a severity.

    `measure`: one that a person must say more of, else « ». `split`: the headings of the categories that nothing describes.
    """

    reason: str
    severity: Severity | None = None
    about: FaultKind = FaultKind.COLUMN
    measure: str = ""
    split: tuple[str, ...] = ()
    known: str = ""  # the indicator that the measure is, its unit being left to say


class MeasureReader:
    """Reads the kinds of line of one table."""

    def __init__(self, table: LongTable, rules: LongRules, reader: ColumnReader, choices: Mapping[str, Choice]) -> None:
        self.column, self.choices = table.columns["value"], choices
        self.reader = reader.within(Around(table.sheet.name, table.above))
        self.powers = "multiplier" in table.columns  # a column says by what the values are multiplied
        self.described = {
            (normalised(name), frozenset(measure.where.items())): measure.indicator
            for measure in rules.measures
            for name in measure.names
        }
        self.names = {normalised(name): name for measure in rules.measures for name in measure.names}
        self.dimensions = {
            normalised(heading): name for name, dimension in rules.dimensions.items() for heading in dimension.headings
        }
        self.categories = {
            (name, normalised(word)): category
            for name, dimension in rules.dimensions.items()
            for category, words in dimension.categories.items()
            for word in words
        }
        self.units = {normalised(word): units for word, units in rules.units.items()}

    def read(self, kind: Kind) -> IndicatorColumn | Unknown:
        """The indicator of `kind`, its column being the one of values; or why it has none, in French."""
        when = dated(kind.period)
        if kind.period and when is None:
            return Unknown(f"période illisible « {kind.period} »", Severity.BLOCKING, FaultKind.TABLE)
        if not kind.measure:
            return Unknown("ligne de valeurs sans mesure", Severity.BLOCKING)
        year = when[0] if when else None
        match = self._match(kind, year)
        if isinstance(match, Unknown):
            return match
        if match.year is not None and year not in (None, match.year):
            return Unknown(f"« {kind.measure} » sur des lignes de {kind.period}", Severity.CHECK)
        if match.year is None and year is None:
            return Unknown(f"« {kind.measure} » reconnue ({match.indicator.label}) mais sans millésime", Severity.CHECK)
        return self._column(kind, match, year or match.year or 0)

    def read_all(self, kinds: Sequence[Kind]) -> list[IndicatorColumn | Unknown]:
        """The same for all the kinds of a table; of several periods of one year, the last alone is read."""
        found = [self.read(kind) for kind in kinds]
        dates: dict[tuple[object, ...], list[tuple[tuple[int, int], int]]] = defaultdict(list)
        for place, (kind, column) in enumerate(zip(kinds, found, strict=True)):
            when = dated(kind.period)
            if when and isinstance(column, IndicatorColumn):
                dates[kind.measure, kind.unit, kind.split, column.year].append((when[1], place))
        for of_one_year in dates.values():
            last, _ = max(of_one_year)
            for order, place in of_one_year:
                if order < last:
                    reason = f"période {kinds[place].period}, suivie d’une autre de la même année, qui est lue"
                    found[place] = Unknown(reason)
        return found

    def nearest(self, measure: str) -> list[str]:
        """The measures and published codes that look most like an unknown one."""
        close = process.extractOne(normalised(measure), [*self.names], scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
        named = [self.names[close[0]]] if close else []
        return [*named, *self.reader.dictionary.nearest([measure])][:NEAREST]

    def knows_unit(self, unit: str) -> bool:
        return not unit or normalised(unit) in self.units

    def _match(self, kind: Kind, year: int | None) -> Match | Unknown:
        """The one indicator of a measure and its categories; what a person said of the measure wins."""
        known, choice = self._known(kind, year), self.choices.get(normalised(kind.measure))
        if choice is None:
            return known
        if choice.meaning in tuple(Meaning):
            unread = choice.meaning == Meaning.UNREAD
            return Unknown(SAID_UNREAD if unread else f"mesure dite « {choice.meaning} »")
        indicator = self.reader.dictionary.by_name(choice.meaning)
        same = isinstance(known, Match) and known.indicator.indicator == choice.meaning
        if indicator is None or same or (kind.split and isinstance(known, Match)):
            return known
        return _not_described(kind) if kind.split else Match(indicator, None if year else choice.year)

    def _known(self, kind: Kind, year: int | None) -> Match | Unknown:
        """The same by our names first, then by the dictionary."""
        indicator = self._described(kind)
        if indicator is not None:
            return Match(indicator)
        if normalised(kind.measure) in self.names:
            return _not_described(kind)
        matches = self._in_dictionary(kind.measure, year)
        if len(matches) > 1:
            labels = " ou ".join(f"« {match.indicator.label} »" for match in matches)
            return Unknown(f"« {kind.measure} » peut être {labels}", Severity.CHECK)
        if not matches:
            return Unknown(f"mesure inconnue : « {kind.measure} »", Severity.CHECK, measure=kind.measure)
        return _not_described(kind) if kind.split else matches[0]

    def _described(self, kind: Kind) -> Indicator | None:
        where = set()
        for heading, word in kind.split:
            name = self.dimensions.get(normalised(heading), "")
            where.add((name, self.categories.get((name, normalised(word)), "")))
        indicator = self.described.get((normalised(kind.measure), frozenset(where)))
        return self.reader.dictionary.by_name(indicator) if indicator else None

    def _in_dictionary(self, measure: str, year: int | None) -> Sequence[Match]:
        """By its published code, then by the same without its year (« TP60 » in lines of 2021), then by its label."""
        dictionary = self.reader.dictionary
        found = dictionary.by_code(measure)
        if not found and year is not None:
            found = dictionary.by_code(f"{measure}{year % 100:02d}")
        return found or dictionary.by_label(measure)

    def _column(self, kind: Kind, match: Match, year: int) -> IndicatorColumn | Unknown:
        indicator, agreeing = match.indicator, self.units.get(normalised(kind.unit))
        if agreeing is not None and indicator.unit not in (*agreeing, UNSTATED):
            found = f"« {kind.code} » en « {kind.unit} », mais « {indicator.label} » est en « {indicator.unit} »"
            return Unknown(found, Severity.BLOCKING, FaultKind.UNIT)
        choice = self.choices.get(normalised(kind.measure))
        typed = choice.unit if choice and fits(choice.unit, indicator.unit) else ""
        reason = self._contrary(kind, match, typed)
        if reason:
            asked = "" if kind.split else kind.measure
            return Unknown(reason, Severity.CHECK, FaultKind.UNIT, asked, known=indicator.indicator)
        return IndicatorColumn(
            column=self.column,
            indicator=indicator,
            published_code=kind.code,
            shown=kind.code,
            year=year,
            period=kind.period or match.period or str(year),
            nature=self.reader.nature(None, Heading(self.column, (kind.measure,), "")),
            stated_unit=typed or ("" if agreeing is None else indicator.unit),
            absent=False,
            unit_typed=bool(typed),
            unit_to_check=not typed,
        )

    def _contrary(self, kind: Kind, match: Match, typed: str) -> str:
        """Why a measure is not to be read as its name says, in French; « » when nothing says otherwise."""
        indicator, heading = match.indicator, Heading(self.column, (kind.measure,), kind.unit)
        if self.powers and factor_of(typed) != 1:
            return f"« {kind.measure} » dite « {TYPED[typed].shown} », mais une colonne donne déjà sa puissance de dix"
        if normalised(kind.measure) in self.choices:
            return "" if self.powers else times(heading, indicator, self.reader.around, typed)
        by_label = self._described(kind) is None and match in self.reader.dictionary.by_label(kind.measure)
        found = contrary(heading, (indicator, by_label), self.reader.layout, self.reader.around)
        return "" if self.powers and MULTIPLIED in found else found


def _not_described(kind: Kind) -> Unknown:
    if not kind.split:
        return Unknown(f"« {kind.measure} » n’est décrite que par catégorie", Severity.CHECK)
    headings = tuple(heading for heading, _ in kind.split)
    return Unknown(f"{NOT_DESCRIBED}, par {' et '.join(f'« {heading} »' for heading in headings)}", split=headings)
