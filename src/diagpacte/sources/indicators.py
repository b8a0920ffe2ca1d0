"""A panorama, or any wide table of indicators, as it was received → Observations that keep their cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.asking import Asking
from diagpacte.sources.assembly import assemble
from diagpacte.sources.corrections import Correction, corrected, marked, told
from diagpacte.sources.files.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.findings import Findings
from diagpacte.sources.layout.banner import SourceFacts, restriction, source_facts
from diagpacte.sources.layout.cells import CellReader
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.layout.periods import Sliced, by_period
from diagpacte.sources.layout.table_rows import Rows, Skipped, tell_rows_apart
from diagpacte.sources.layout.zone_codes import ZoneReader
from diagpacte.sources.layout.zone_labels import Labelled, label_faults
from diagpacte.sources.long.form import read_long
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.long.table import LongTable
from diagpacte.sources.meaning.block import Block, UnknownText, unknown_texts
from diagpacte.sources.meaning.blocks import read_block
from diagpacte.sources.meaning.choices import Choices, Meaning
from diagpacte.sources.meaning.chosen import with_roles
from diagpacte.sources.meaning.columns import ColumnReader, Dictionary, IndicatorColumn
from diagpacte.sources.meaning.grades import GradeReader
from diagpacte.sources.meaning.qualifiers import around as around_of
from diagpacte.sources.meaning.twins import foreign_words
from diagpacte.sources.meaning.variables import contradictions, read_variables
from diagpacte.sources.oddities import oddities
from diagpacte.sources.recognition import Recognition
from diagpacte.sources.rules import IndicatorLayout, MissingMark, ReadingLimits
from diagpacte.sources.said_geography import SaidGeography, texts_above
from diagpacte.sources.shapes import tables_of
from diagpacte.sources.turning import TurnedTable
from diagpacte.tables import TABLES, Headings, Observations
from diagpacte.vocabulary import Factor, Indicator, Nature, siren

ANY_PERIOD = (2000, "2000")  # to ask whether a heading is an indicator, whatever its year
OUR_LIST = "Relevé diagpacte"  # the sheet of faults of an annotated copy: no part of what was received


@dataclass(frozen=True)
class IndicatorRules:
    """What reading obeys, the same for every file of a workspace."""

    layout: IndicatorLayout
    long: LongRules  # tables with one line per zone and measure
    indicators: Sequence[Indicator]
    factors: Sequence[Factor]
    marks: Sequence[MissingMark]
    limits: ReadingLimits
    ept_codes: Collection[str]  # SIREN of the EPT, which nothing else tells from an EPCI's
    choices: Choices = field(default_factory=Choices)
    names: Callable[[Collection[str]], Mapping[str, Collection[str]]] = lambda _: {}  # all that zones bear or bore

    @cached_property
    def dictionary(self) -> Dictionary:
        return Dictionary(self.indicators)


@dataclass(frozen=True)
class IndicatorReading:
    """All that one file gave. `observations` keeps its contract even when a fault is blocking."""

    observations: Observations
    source: SourceFacts
    faults: list[Fault]
    skipped: list[Skipped]
    headings: Headings  # columns that no dictionary knows, those that a person chose included
    tables: int  # tables of zones found, read or not
    code_cells: Mapping[tuple[str, int], str]  # sheet and row of a zone → the cell of its code
    repeated: pd.DataFrame  # observations_superseded: cells that say again what another cell says
    unknown_texts: list[UnknownText] = field(default_factory=list)  # in place of values, for a person to explain
    waiting: Fault | None = None  # nothing is read until a person answers for its columns: what says so


def read_indicators(
    path: Path,
    source_id: str,
    rules: IndicatorRules,
    *,
    geo_vintage: int | None = None,
    nature: Nature | None = None,
    corrections: Sequence[Correction] = (),
) -> IndicatorReading:
    """Read the whole of `path` (.xlsx, .xls, .ods, .csv…), with every fault found.

    `geo_vintage` and `nature` are what the user declared: the file's own geography wins over the
    first, and a column is never more certain than the second. `corrections` are those of this file.
    Raises SourceError when the file is no readable table at all.
    """
    book, applied, refused = corrected(read_workbook(path, rules.limits), corrections)
    reading = _Reader(book, source_id, rules, geo_vintage, nature).reading()
    tables = [marked(table, applied) for table in (reading.observations, reading.repeated)]
    faults = [*refused, *reading.faults, *told(book.file, applied, tables)]
    return replace(reading, observations=Observations(tables[0]), repeated=tables[1], faults=faults)


class _Reader:
    """Reads the sheets of one workbook, gathering their blocks and what is said of them."""

    def __init__(
        self, book: Workbook, source_id: str, rules: IndicatorRules, geo_vintage: int | None, nature: Nature | None
    ) -> None:
        self.book, self.source_id, self.rules, self.layout = book, source_id, rules, rules.layout
        self.tables = {sheet.name: tables_of(sheet, self._layout_of(sheet), rules.long) for sheet in book.sheets}
        self.variables = read_variables(book.sheets, rules.layout)
        self.column_reader = ColumnReader(rules.dictionary, rules.layout, self.variables.lines, nature)
        said, meant = rules.choices.marks_of(book.file), rules.choices.degrees_of(book.file)
        grades = {one.grade_indicator: GradeReader(one, rules.marks, said, meant) for one in rules.factors}
        self.cell_readers = (CellReader(rules.marks, rules.layout.flags, said=said), grades)
        self.above = [text for sheet in book.sheets for text in texts_above(sheet, self.tables[sheet.name])]
        said_vintage = rules.choices.geography_of(book.file)
        declared = geo_vintage if said_vintage is None else said_vintage
        self.geography = SaidGeography(self.above, declared, rules.layout)
        self.findings = Findings(book.file)
        self.asking = Asking(source_id, rules.dictionary, self.findings)
        self.recognition = Recognition(book.file, rules.choices, self.asking)
        self.notes: list[str] = []
        self.blocks: list[Block] = []
        self.labelled: list[Labelled] = []
        self.code_cells: dict[tuple[str, int], str] = {}
        self.origins: dict[int, Table] = {}  # place of a block → where it comes from

    def _layout_of(self, sheet: Sheet) -> IndicatorLayout:
        """The layout, with what a person said of the columns of this sheet."""
        roles = (Meaning.CODE, Meaning.LABEL, Meaning.LEVEL, Meaning.DEPARTMENT)
        said = {role: self.rules.choices.headings_of(self.book.file, sheet.name, role) for role in roles}
        return with_roles(self.layout, said) if any(said.values()) else self.layout

    def reading(self) -> IndicatorReading:
        """Every sheet, then what only the whole of them can tell."""
        for sheet in self.book.sheets:
            self._read_sheet(sheet)
        faults, columns = self.findings.faults, [column for block in self.blocks for column in block.columns]
        described = {column.published_code: (column.indicator, column.year) for column in columns}
        faults += contradictions(self.book.file, self.variables, self.layout, described)
        found = assemble(self.book.file, self.source_id, self.blocks)
        faults += [*(fault for block in self.blocks for fault in block.faults), *found.faults]
        self.findings.skipped += found.skipped
        self.asking.add_twins(found.twins, self.blocks, self.origins)
        self._tell_labels()
        self._tell_unread_sheets()
        self._tell_restriction()
        return IndicatorReading(
            observations=found.observations,
            waiting=self.asking.tell_nothing_read() if found.observations.empty else None,
            source=self._source(columns),
            faults=faults,
            skipped=self.findings.skipped,
            headings=Headings(TABLES["headings"].frame(self.asking.rows)),
            tables=sum(len(tables) for tables in self.tables.values() if not isinstance(tables, str)),
            code_cells=self.code_cells,
            repeated=found.repeated,
            unknown_texts=unknown_texts(self.blocks),
        )

    def _read_sheet(self, sheet: Sheet) -> None:
        tables = self.tables[sheet.name]
        if self.variables.lines and sheet.name == self.variables.sheet:
            self.findings.skip(sheet.name, "", "description des colonnes")
        elif isinstance(tables, str):
            if sheet.name != OUR_LIST:
                self.findings.skip(sheet.name, "", tables)
        else:
            for table in tables:
                if isinstance(table, LongTable):
                    self._read_long(table)
                else:
                    self._read_table(table)

    def _read_table(self, table: Table) -> None:
        """The zones of a table, then its columns, then its values."""
        zones = self._zones(table)
        foreign = "Iris" if zones.iris else foreign_words(table, self.layout)
        if foreign:
            self.findings.skip(table.sheet.name, "", f"{foreign}, niveau qui n’est pas lu")
            return
        rows = tell_rows_apart(self.book.file, table, self.layout, zones)
        self.findings.skipped += rows.skipped
        self.notes += [*rows.notes, *(table.notes if isinstance(table, TurnedTable) else ())]
        sliced = by_period(self.book.file, table, rows, self._is_indicator)
        self.findings.skipped += sliced.skipped
        table = replace(table, headings=sliced.headings)
        columns = self._columns(table, rows, sliced)
        if sliced.slices and not any(columns):
            reason = self.asking.first_reason(table.sheet.name)
            self.findings.skip(table.sheet.name, "", reason or "aucun indicateur connu")
            return
        self.findings.faults += [*rows.faults, *sliced.faults]
        if rows.zones:
            self._read_values(table, rows, sliced, columns)
        else:
            self.findings.skip(table.sheet.name, "", "aucun code de zone lisible")

    def _zones(self, table: Table) -> ZoneReader:
        """The reader of the codes of a table, which its other codes and its levels help."""
        sheet, rows = table.sheet, range(table.first_row, table.last_row + 1)
        codes = [code for code in sheet.cells[table.first_row - 1 : table.last_row, table.code - 1] if code is not None]
        placed = [row for row in rows if not siren(sheet.cells[row - 1, table.code - 1])]  # « Métropole » is no EPCI
        levels = {sheet.text(row, table.level) for row in placed} if table.level else set()
        return ZoneReader(self.layout, self.rules.ept_codes, codes, sheet.name, levels, table.heading_of_codes)

    def _columns(self, table: Table, rows: Rows, sliced: Sliced) -> list[list[IndicatorColumn]]:
        """The indicators of each slice of a table."""
        around = around_of(table, rows, self.layout)
        reader = self.column_reader.within(around)
        columns = [self.recognition.columns(table, one, reader) for one in sliced.slices]
        if around.says_simulated(self.layout) and not self.variables.lines:
            found = "une note dit des valeurs simulées : toutes les colonnes sont tenues pour telles"
            remedy = "dire la nature de chaque colonne dans une feuille Variables"
            self.findings.fault(table.sheet.name, "", found, remedy=remedy)
        return columns

    def _read_values(self, table: Table, rows: Rows, sliced: Sliced, columns: list[list[IndicatorColumn]]) -> None:
        vintage = self.geography.of(table, rows.notes, self.findings)
        self.findings.faults += oddities(self.book.file, table, rows)
        self._keep_labels(table, rows)
        if vintage is None:
            return
        for one, known in zip(sliced.slices, columns, strict=True):
            block = read_block(self.book.file, table, one.rows, known, self.cell_readers, vintage)
            self.origins[len(self.blocks)] = table
            self.blocks.append(block)
            for place, problem in block.unscaled.items():
                self.asking.add_known(table, block.columns[place], problem)

    def _keep_labels(self, table: Table, rows: Rows) -> None:
        if not table.sheet.turned:
            cells = ((number, table.sheet.cell_name(number, table.code)) for number in rows.numbers)
            self.code_cells.update(((table.sheet.name, number), cell) for number, cell in cells)
        label, sheet = table.label, table.sheet
        if label:
            texts = [sheet.text(number, label) for number in rows.numbers]
            places = [sheet.place(number, label) for number in rows.numbers]
            self.labelled.append(Labelled(sheet.name, rows.zones, texts, places))

    def _read_long(self, table: LongTable) -> None:
        reading = read_long(
            self.book.file,
            table,
            self.rules.long,
            self.column_reader,
            self.cell_readers,
            self.rules.ept_codes,
            lambda notes: self.geography.of(table, notes, self.findings),
            self.rules.choices.of_measures(self.book.file, table.sheet.name, table.measures),
        )
        self.asking.add_measures(reading.asked)
        self.findings.faults += reading.faults
        self.findings.skipped += reading.skipped
        self.notes += reading.notes
        self.blocks += reading.blocks
        self.findings.faults += oddities(self.book.file, table.as_wide(), reading.rows)

    def _is_indicator(self, heading: Heading) -> bool:
        """Whether a heading is an indicator of some year."""
        return isinstance(self.column_reader.read_dated(heading, ANY_PERIOD, alone=True), IndicatorColumn)

    def _tell_labels(self) -> None:
        """Zones that do not bear the name their code says."""
        if self.labelled:
            zones = {zone for one in self.labelled for zone in one.zones}
            self.findings.faults += label_faults(self.book.file, self.labelled, self.rules.names(zones))

    def _tell_unread_sheets(self) -> None:
        for name, reason in self.book.unread:
            self.findings.skip(name, "", reason)
            self.findings.fault(name, "", reason, severity=Severity.INFORMATION, kind=FaultKind.FILE)

    def _tell_restriction(self) -> None:
        text = restriction(self.above, self.layout)
        if text:
            self.findings.fault("", "", f"« {text} »", remedy="demander au producteur ce qui peut être diffusé")

    def _source(self, columns: Sequence[IndicatorColumn]) -> SourceFacts:
        """What the file says of itself, and what `columns`, those read, say of it."""
        vintages = {block.geo_vintage for block in self.blocks} or self.geography.anywhere()
        return source_facts(
            self.above,
            self.notes,
            self.layout,
            years=[column.year for column in columns],
            nature=Nature.worst(column.nature for column in columns),
            rows=sum(len(block.rows.numbers) for block in self.blocks),
            geo_vintage=max(vintages, default=None),
        )
