"""Tables whose rows say their date, or the part of a total that they hold: one slice a year, totals only."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.layout.table_rows import Rows, Skipped, named
from diagpacte.vocabulary import ZoneCode

# Headings of a date in the open data of the Cnaf, the Dares, the ANCT and Insee.
PERIOD_HEADINGS = frozenset({
    "date reference", "date de reference", "dtreffre", "dtref", "date", "annee", "an", "trimestre", "mois", "periode",
    "time_period", "millesime",
})  # fmt: skip
# Headings of what splits a population: a row that is not its total is never read, even alone.
DETAIL_HEADINGS = frozenset({"sexe", "sex", "tranche d'age", "tranche_d_age", "tranche d'ages", "age"})
TOTALS = frozenset({"total", "ensemble", "t", "_t", "tous", "toutes", "tout", "les deux sexes"})
PERIOD = re.compile(  # « 2023 », « 2023-12 », « 202312 », « 2023-12-01 », « 2024-T4 », « 31/12/2023 »
    r"(?:(?:\d{1,2}/)?(?P<month>\d{1,2})/)?(?P<year>(?:19|20)\d{2})"
    r"(?:-?[TQ]?(?P<part>\d{1,2})(?:-(?P<day>\d{1,2}))?(?:[T ].*)?)?",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[-−+]?[\d\s.,]*\d[\d\s.,]*%?")


@dataclass(frozen=True)
class Slice:
    """The rows that speak of one year; `said` is its year and period as printed, None when no column says it.

    `alone`: the table has rows of no other year.
    """

    said: tuple[int, str] | None
    rows: Rows
    alone: bool = True


@dataclass
class Sliced:
    """The slices of a table, and its headings without those of dates and details."""

    headings: tuple[Heading, ...]
    slices: list[Slice]
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def by_period(file: str, table: Table, rows: Rows, is_indicator: Callable[[Heading], bool]) -> Sliced:
    """The rows of `table` told apart by year, the details of a total left out and said.

    Of several dates of one year, the last is read. A date that cannot be read is a blocking fault. Rows that a
    column tells apart (« Type RSA ») and that no row sums up are not read, and it is said: to choose would be a guess.
    """
    return _Slicer(file, table, rows, is_indicator).sliced()


class _Slicer:
    def __init__(self, file: str, table: Table, rows: Rows, is_indicator: Callable[[Heading], bool]) -> None:
        self.file, self.table, self.rows = file, table, rows
        self.headings = [heading for heading in table.headings if not is_indicator(heading)]
        self.texts: dict[int, list[str]] = {}  # by column, filled when first asked: most columns never are
        self.skipped: list[Skipped] = []
        self.faults: list[Fault] = []

    def sliced(self) -> Sliced:
        period = next((heading for heading in self.headings if self._is_period(heading)), None)
        dates = self._column(period) if period else [""] * len(self.rows.zones)
        details = [heading for heading in self.headings if heading is not period and self._is_detail(heading)]
        kept = self._totals(details, range(len(dates)))
        others = self._splitting(dates, kept, {heading.column for heading in (period, *details) if heading})
        if others:
            kept = [] if self._lacks_total(others, kept) else self._totals(others, kept)
        aside = {heading.column for heading in (period, *details, *others) if heading}
        headings = tuple(heading for heading in self.table.headings if heading.column not in aside)
        slices = self._by_year(period, dates, kept) if kept else []
        return Sliced(headings, slices, self.skipped, self.faults)

    def _column(self, heading: Heading) -> list[str]:
        if heading.column not in self.texts:
            index = np.array(self.rows.numbers, dtype=np.intp) - 1
            self.texts[heading.column] = [_text(cell) for cell in self.table.sheet.cells[index, heading.column - 1]]
        return self.texts[heading.column]

    def _is_period(self, heading: Heading) -> bool:
        return _named(heading, PERIOD_HEADINGS) and any(map(PERIOD.fullmatch, set(self._column(heading))))

    def _is_detail(self, heading: Heading) -> bool:
        return _named(heading, DETAIL_HEADINGS) and any(self._column(heading))

    def _totals(self, details: Sequence[Heading], kept: Iterable[int]) -> list[int]:
        """The rows of `kept` that are a total of every detail; the others are listed by what they hold."""
        if not details:
            return list(kept)
        told: dict[str, list[int]] = defaultdict(list)
        columns = {heading.shown: self._column(heading) for heading in details}
        is_total = {text: normalised(text) in TOTALS for column in columns.values() for text in set(column)}
        totals = []
        for row in kept:
            parts = [f"{shown} = {column[row]}" for shown, column in columns.items() if not is_total[column[row]]]
            if parts:
                told[", ".join(parts)].append(row)
            else:
                totals.append(row)
        for part, rows in told.items():
            self._tell(f"détail d’un total ({part}) : seul le total est lu", rows, details[0])
        return totals

    def _splitting(self, dates: Sequence[str], kept: Sequence[int], aside: set[int]) -> list[Heading]:
        """The columns of words that tell apart several rows of one zone and date; none when they do not."""
        groups: dict[tuple[ZoneCode, str], list[int]] = defaultdict(list)
        for row in kept:
            groups[self.rows.zones[row], dates[row]].append(row)
        repeated = [group for group in groups.values() if len(group) > 1]
        if not repeated:
            return []
        worded = [
            heading
            for heading in self.headings
            if heading.column not in aside and not any(map(NUMBER.fullmatch, self._column(heading)))
        ]
        columns = {heading: self._column(heading) for heading in worded}
        split = [one for one in worded if any(len({columns[one][row] for row in group}) > 1 for group in repeated)]
        apart = all(
            len({tuple(columns[one][row] for one in split) for row in group}) == len(group) for group in repeated
        )
        return split if apart else []

    def _lacks_total(self, split: Sequence[Heading], kept: Sequence[int]) -> bool:
        """Whether a column splits rows without a total among them: no row of the table is read, and it is said."""
        lacking = False
        for heading in split:
            values = dict.fromkeys(self._column(heading)[row] for row in kept)
            if not TOTALS & {normalised(value) for value in values}:
                lacking = True
                shown = named([f"« {value} »" for value in values if value])
                found = (
                    f"lignes non lues : plusieurs pour une zone, que « {heading.shown} » distingue ({shown}) "
                    "sans ligne de total"
                )
                expected = "une ligne par zone et par date, ou une ligne « Total »"
                remedy = "demander le fichier sans ce détail, ou n’y laisser que les lignes qui doivent être lues"
                self.skipped.append(Skipped(self.table.sheet.name, "", found))
                self._fault(found, kept, heading, expected, remedy, Severity.CHECK, FaultKind.DOUBLE)
        return lacking

    def _by_year(self, period: Heading | None, dates: Sequence[str], kept: Sequence[int]) -> list[Slice]:
        if period is None:
            return [Slice(None, self._rows(kept))]
        found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        unreadable: dict[str, list[int]] = defaultdict(list)
        for row in kept:
            date = PERIOD.fullmatch(dates[row])
            if date is None:
                unreadable[dates[row]].append(row)
            else:
                found[int(date["year"])][dates[row]].append(row)
        for text, rows in unreadable.items():
            what = f"date illisible « {text} »" if text else "ligne de valeurs sans date"
            self._fault(
                what, rows, period, "une année, un mois ou un jour", "corriger la date dans le fichier d’origine"
            )
        slices = []
        for year, by_date in sorted(found.items()):
            *earlier, last = sorted(by_date, key=_order)
            for text in earlier:
                self._tell(f"{period.shown} {text} : la dernière de {year}, {last}, est lue", by_date[text], period)
            slices.append(Slice((year, last), self._rows(by_date[last]), len(found) == 1))
        return slices

    def _rows(self, kept: Sequence[int]) -> Rows:
        zones, numbers, departments = self.rows.zones, self.rows.numbers, self.rows.departments
        return Rows(
            [zones[row] for row in kept],
            [numbers[row] for row in kept],
            departments=[departments[row] for row in kept] if departments else [],
        )

    def _tell(self, found: str, rows: Sequence[int], heading: Heading) -> None:
        """Rows rightly left out, for whoever looks for them in the tables."""
        self.skipped.append(Skipped(self.table.sheet.name, _lines([self.rows.numbers[row] for row in rows]), found))
        self._fault(found, rows, heading, "", "rien à faire", Severity.INFORMATION)

    def _fault(
        self,
        found: str,
        rows: Sequence[int],
        heading: Heading,
        expected: str,
        remedy: str,
        severity: Severity = Severity.BLOCKING,
        kind: FaultKind = FaultKind.TABLE,
    ) -> None:
        places = [self.table.sheet.place(self.rows.numbers[row], heading.column) for row in rows]
        shown = named([cell_name(*place) for place in places])
        file, sheet = self.file, self.table.sheet.name
        self.faults.append(Fault(file, sheet, shown, found, expected, remedy, severity, kind, areas(places)))


def _named(heading: Heading, names: frozenset[str]) -> bool:
    return any(normalised(text) in names for text in heading.texts)


def _text(cell: object) -> str:
    """The text of a date or of a word; a date is « 2023-12-01 »."""
    return cell.isoformat()[:10] if isinstance(cell, dt.date) else cell_text(cell).strip()


def _order(text: str) -> tuple[int, int, str]:
    """Dates of one year in their order: « 2023-9 » before « 2023-12 »."""
    date = PERIOD.fullmatch(text)
    return (int(date["month"] or date["part"] or 0), int(date["day"] or 0), text) if date else (0, 0, text)


def _lines(numbers: Sequence[int]) -> str:
    return f"ligne{'s' if len(numbers) > 1 else ''} {named([str(number) for number in numbers])}"
