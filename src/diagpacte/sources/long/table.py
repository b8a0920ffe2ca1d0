"""Where a table with one line per zone and measure begins, and what each of its columns is for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Cells, Sheet
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.layout.code_columns import MOSTLY
from diagpacte.sources.layout.headers import HEADER_ROWS, Heading, Table
from diagpacte.sources.layout.periods import PERIOD
from diagpacte.sources.long.rules import LongRules
from diagpacte.vocabulary import COMMUNE_PATTERN, DEPARTMENT_PATTERN, SIREN_PATTERN, code_text

ROLES = ("measure", "value", "code", "label", "level", "period", "unit", "multiplier", "confidentiality", "status")
# « 2025-EPCI-200000172 », as the portal's interface writes its codes, with or without the year.
PREFIXED = re.compile(r"^(?:(?P<year>\d{4})-)?(?P<level>[A-Z][A-Z0-9]*)-(?P<code>\d\w*|F[A-Z]{0,2}|Z+)$")
YEARS = re.compile(r"(?:19|20)\d{2}\s*[-–/]\s*(?P<last>(?:19|20)\d{2})")  # « 2018-2023 »
WHOLE_YEAR = 99  # after the last day of it: the figure of a year is preferred to that of a part


@dataclass(frozen=True)
class Texts:
    """The cells of one column: each distinct text once, and which of them each line holds."""

    distinct: list[str]
    place: NDArray[np.intp]

    def of(self, line: int) -> str:
        return self.distinct[int(self.place[line])]


@dataclass(frozen=True)
class LongTable:
    """A long table of a sheet; columns and rows count from 1, lines from 0 below the header."""

    sheet: Sheet
    header: int
    columns: Mapping[str, int]  # role → column
    dimensions: Mapping[int, str]  # column → heading
    above: tuple[str, ...]  # texts of the rows above the header
    geo_vintages: frozenset[int] = field(default_factory=frozenset)  # years before the codes: « 2025-COM-75056 »
    known: dict[int, Texts] = field(default_factory=dict, repr=False, compare=False)  # columns already looked at

    @property
    def first_row(self) -> int:
        return self.header + 1

    @property
    def measures(self) -> str:
        """What heads the measures."""
        return self.sheet.text(self.header, self.columns["measure"])

    @property
    def zone(self) -> int:
        """The column that says which place a line is about: by a code, else only by a name."""
        return self.columns.get("code", self.columns.get("label", 0))

    def cells(self, column: int) -> Cells:
        return self.sheet.cells[self.header :, column - 1]

    def as_wide(self) -> Table:
        """The same, for what looks at any table: all its columns are headings."""
        height, width = self.sheet.cells.shape
        return Table(
            sheet=self.sheet,
            code=self.zone,
            level=None,
            department=None,
            label=self.columns.get("label"),
            headings=tuple(
                Heading(column, (self.sheet.text(self.header, column),), "") for column in range(1, width + 1)
            ),
            first_row=self.first_row,
            last_row=height,
            columns=range(1, width + 1),
            above=self.above,
        )

    def texts(self, column: int | None) -> Texts:
        """The texts of a column, without the spaces around them; « » everywhere when there is none."""
        if column is None:
            return Texts([""], np.zeros(self.sheet.cells.shape[0] - self.header, dtype=np.intp))
        if column not in self.known:
            self.known[column] = distinct_texts(self.cells(column))
        return self.known[column]


def distinct_texts(cells: Cells) -> Texts:
    """Each distinct cell becomes text once: the columns of a long table repeat a few words."""
    place, kinds = pd.factorize(cells, use_na_sentinel=True)
    texts = [cell_text(cell).strip() for cell in kinds]
    if (place < 0).any():
        place = np.where(place < 0, len(texts), place)
        texts.append("")
    return Texts(texts, place.astype(np.intp))


def find_long(sheet: Sheet, rules: LongRules) -> LongTable | None:
    """The long table of `sheet`: a row that heads a measure, a value and a place; None when there is none."""
    pattern = re.compile(rules.headings.measure_pattern)
    names = {role: [normalised(alias) for alias in getattr(rules.headings, role)] for role in ROLES}
    found = None
    for row in range(1, min(HEADER_ROWS, sheet.cells.shape[0]) + 1):
        texts = [normalised(sheet.text(row, column)) for column in range(1, sheet.cells.shape[1] + 1)]
        columns = {role: column for role in ROLES if (column := _column(texts, names[role]))}
        if "measure" not in columns and (column := _matching(texts, pattern)):
            columns["measure"] = column
        if {"measure", "value"} <= columns.keys() and columns.keys() & {"code", "label"}:
            found = row, columns
        elif found:
            break  # a second row of headings may name the columns by their codes; never a third
    return _table(sheet, rules, *found) if found else None


def _column(texts: Sequence[str], aliases: Sequence[str]) -> int:
    """The column of the preferred alias; 0 when none stands there."""
    return next((texts.index(alias) + 1 for alias in aliases if alias in texts), 0)


def _matching(texts: Sequence[str], pattern: re.Pattern[str]) -> int:
    return next((column for column, text in enumerate(texts, start=1) if pattern.fullmatch(text)), 0)


def _table(sheet: Sheet, rules: LongRules, header: int, columns: dict[str, int]) -> LongTable:
    if "code" not in columns and _holds_codes(sheet.cells[header:, columns["label"] - 1]):
        columns["code"] = columns.pop("label")
    named = {normalised(alias) for role in (*ROLES, "other") for alias in getattr(rules.headings, role)}
    cells = sheet.cells[header:]
    dimensions = {}
    for column in range(1, sheet.cells.shape[1] + 1):
        heading = sheet.text(header, column)
        filled = heading or any(cell not in (None, "") for cell in cells[:, column - 1])
        if column not in columns.values() and normalised(heading) not in named and filled:
            dimensions[column] = heading or "sans intitulé"
    above = tuple(
        text
        for row in range(1, header)
        for text in dict.fromkeys(sheet.text(row, column) for column in range(1, sheet.cells.shape[1] + 1))
        if text
    )
    table = LongTable(sheet, header, columns, dimensions, above)
    places = (PREFIXED.match(text) for text in table.texts(table.zone).distinct)
    years = frozenset(int(place["year"]) for place in places if place and place["year"])
    return replace(table, geo_vintages=years)


def _holds_codes(cells: Cells) -> bool:
    """Whether a column of places names them by codes alone."""
    texts = [text for text in distinct_texts(cells).distinct if text]
    patterns = (SIREN_PATTERN, COMMUNE_PATTERN, DEPARTMENT_PATTERN)
    coded = sum(
        bool(PREFIXED.match(text)) or any(pattern.match(code_text(text, 0)) for pattern in patterns) for text in texts
    )
    return bool(texts) and coded >= MOSTLY * len(texts)


def dated(period: str) -> tuple[int, tuple[int, int]] | None:
    """The year of a period, and where it stands in that year; None when it is no period.

    « 2018-2023 » is of 2023; « 2024-T3 » comes before « 2024-T4 », and both before « 2024 ».
    """
    years = YEARS.fullmatch(period)
    if years:
        return int(years["last"]), (WHOLE_YEAR, 0)
    found = PERIOD.fullmatch(period)
    if not found:
        return None
    part = found["month"] or found["part"]
    return int(found["year"]), (int(part) if part else WHOLE_YEAR, int(found["day"] or 0))
