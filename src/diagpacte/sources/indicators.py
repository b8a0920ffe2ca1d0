"""A panorama, or any wide table of indicators, as it was received → Observations that keep their cell."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from rapidfuzz import fuzz, process

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.assembly import assemble
from diagpacte.sources.corrections import Correction, corrected, marked, told
from diagpacte.sources.files.cell_names import areas, column_number
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.layout.banner import SourceFacts, geo_vintages, restriction, source_facts
from diagpacte.sources.layout.cells import CellReader, cell_text
from diagpacte.sources.layout.headers import HEADER_ROWS, Heading, Table
from diagpacte.sources.layout.periods import Slice, by_period
from diagpacte.sources.layout.table_rows import BEGINS_LIKE_A_NUMBER, NAMED_CELLS, Rows, Skipped, named, tell_rows_apart
from diagpacte.sources.layout.zone_codes import ZoneReader
from diagpacte.sources.layout.zone_labels import Labelled, label_faults
from diagpacte.sources.long.form import read_long
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.long.table import LongTable
from diagpacte.sources.meaning.blocks import Block, UnknownText, read_block, unknown_texts
from diagpacte.sources.meaning.choices import Choice, Choices, Meaning
from diagpacte.sources.meaning.chosen import SAID_UNREAD, chosen_column, with_roles
from diagpacte.sources.meaning.columns import UNKNOWN, ColumnReader, Dictionary, IndicatorColumn
from diagpacte.sources.meaning.qualifiers import around as around_of
from diagpacte.sources.meaning.twins import foreign_words, told_apart
from diagpacte.sources.meaning.unread import heading_row, misleading
from diagpacte.sources.meaning.variables import contradictions, read_variables
from diagpacte.sources.meaning.wording import said_period
from diagpacte.sources.rules import IndicatorLayout, MissingMark, ReadingLimits
from diagpacte.sources.shapes import column_name, row_name, tables_of
from diagpacte.sources.turning import TurnedTable
from diagpacte.tables import TABLES, Headings, Observations
from diagpacte.vocabulary import Factor, Indicator, Nature, siren

CERTAIN = 100  # likeness of a column that its own code or label names
ANY_PERIOD = (2000, "2000")  # to ask whether a heading is an indicator, whatever its year
OUR_LIST = "Relevé diagpacte"  # the sheet of faults of an annotated copy: no part of what was received
NAMED_REASONS = 3  # sheets named when a file gives nothing


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
    """Reads the sheets of one workbook, gathering their blocks and their faults."""

    def __init__(
        self, book: Workbook, source_id: str, rules: IndicatorRules, geo_vintage: int | None, nature: Nature | None
    ) -> None:
        self.book, self.source_id, self.rules, self.layout = book, source_id, rules, rules.layout
        self.tables = {sheet.name: tables_of(sheet, self._layout_of(sheet), rules.long) for sheet in book.sheets}
        self.variables = read_variables(book.sheets, rules.layout)
        self.dictionary = rules.dictionary
        self.column_reader = ColumnReader(self.dictionary, rules.layout, self.variables.lines, nature)
        said = rules.choices.marks_of(book.file)
        grades = {one.grade_indicator: CellReader(rules.marks, {}, grade_words(one), said) for one in rules.factors}
        self.cell_readers = (CellReader(rules.marks, rules.layout.flags, said=said), grades)
        self.above = [text for sheet in book.sheets for text in self._above(sheet)]
        said_vintage = rules.choices.geography_of(book.file)
        self.declared_vintage = geo_vintage if said_vintage is None else said_vintage
        self.faults: list[Fault] = []
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self.blocks: list[Block] = []
        self.headings: list[dict[str, Any]] = []
        self.labelled: list[Labelled] = []
        self.code_cells: dict[tuple[str, int], str] = {}
        self.told: set[tuple[str, int, int]] = set()  # already said: sheet, first row, column, why
        self.origins: dict[int, Table] = {}  # place of a block → where it comes from

    def _layout_of(self, sheet: Sheet) -> IndicatorLayout:
        """The layout, with what a person said of the columns of this sheet."""
        roles = (Meaning.CODE, Meaning.LABEL, Meaning.LEVEL, Meaning.DEPARTMENT)
        said = {role: self.rules.choices.headings_of(self.book.file, sheet.name, role) for role in roles}
        return with_roles(self.layout, said) if any(said.values()) else self.layout

    def _above(self, sheet: Sheet) -> Sequence[str]:
        """The texts above the table of a sheet, or at its top when it has none."""
        tables = self.tables[sheet.name]
        if not isinstance(tables, str):
            return [text for table in tables for text in table.above]
        alone = [cells[0] for cells in sheet.cells[:HEADER_ROWS] if len(cells) and not any(cells[1:])]
        return [text.strip() for text in alone if isinstance(text, str) and text.strip()]

    def reading(self) -> IndicatorReading:
        for sheet in self.book.sheets:
            tables = self.tables[sheet.name]
            if sheet.name == OUR_LIST and isinstance(tables, str):
                continue
            if self.variables.lines and sheet.name == self.variables.sheet:
                self._skip(sheet.name, "", "description des colonnes")
            elif isinstance(tables, str):
                self._skip(sheet.name, "", tables)
            else:
                for table in tables:
                    if isinstance(table, LongTable):
                        self._read_long(table)
                    else:
                        self._read_table(table)
        columns = [column for block in self.blocks for column in block.columns]
        described = {column.published_code: (column.indicator, column.year) for column in columns}
        self.faults += contradictions(self.book.file, self.variables, self.layout, described)
        found = assemble(self.book.file, self.source_id, self.blocks)
        self.faults += [*(fault for block in self.blocks for fault in block.faults), *found.faults]
        self._ask_of_twins(found.twins)
        if self.labelled:
            zones = {zone for one in self.labelled for zone in one.zones}
            self.faults += label_faults(self.book.file, self.labelled, self.rules.names(zones))
        for name, reason in self.book.unread:
            self._skip(name, "", reason)
            self._fault(name, "", reason, severity=Severity.INFORMATION, kind=FaultKind.FILE)
        self._tell_restriction()
        nothing = self._nothing_read() if found.observations.empty else None
        source = source_facts(
            self.above,
            self.notes,
            self.layout,
            years=[column.year for column in columns],
            nature=Nature.worst(column.nature for column in columns),
            rows=sum(len(block.rows.numbers) for block in self.blocks),
            geo_vintage=max(
                {block.geo_vintage for block in self.blocks} or geo_vintages(self.above, self.layout), default=None
            ),
        )
        headings = Headings(TABLES["headings"].frame(self.headings))
        tables_found = sum(len(tables) for tables in self.tables.values() if not isinstance(tables, str))
        return IndicatorReading(
            found.observations,
            source,
            self.faults,
            self.skipped,
            headings,
            tables_found,
            self.code_cells,
            found.repeated,
            unknown_texts(self.blocks),
            nothing if self._asks() else None,
        )

    def _read_table(self, table: Table) -> None:
        sheet = table.sheet
        codes = sheet.cells[table.first_row - 1 : table.last_row, table.code - 1]
        known = [code for code in codes if code is not None]
        rows_of = range(table.first_row, table.last_row + 1)
        placed = [row for row in rows_of if not siren(sheet.cells[row - 1, table.code - 1])]  # « Métropole » is no EPCI
        levels = {sheet.text(row, table.level) for row in placed} if table.level else set()
        zones = ZoneReader(self.layout, self.rules.ept_codes, known, sheet.name, levels, table.heading_of_codes)
        foreign = "Iris" if zones.iris else foreign_words(table, self.layout)
        if foreign:
            self._skip(sheet.name, "", f"{foreign}, niveau qui n’est pas lu")
            return
        rows = tell_rows_apart(self.book.file, table, self.layout, zones)
        self.skipped += rows.skipped
        self.notes += [*rows.notes, *(table.notes if isinstance(table, TurnedTable) else ())]
        sliced = by_period(self.book.file, table, rows, self._is_indicator)
        table = replace(table, headings=sliced.headings)
        self.skipped += sliced.skipped
        around = around_of(table, rows, self.layout)
        reader = self.column_reader.within(around)
        columns = [self._columns(table, one, reader) for one in sliced.slices]
        if around.says_simulated(self.layout) and not self.variables.lines:
            found = "une note dit des valeurs simulées : toutes les colonnes sont tenues pour telles"
            self._fault(sheet.name, "", found, remedy="dire la nature de chaque colonne dans une feuille Variables")
        if sliced.slices and not any(columns):
            known = [row["reason"] for row in self.headings if row["sheet"] == sheet.name and row["reason"] != UNKNOWN]
            self._skip(sheet.name, "", known[0] if known else "aucun indicateur connu")
            return
        self.faults += [*rows.faults, *sliced.faults]
        if not rows.zones:
            self._skip(sheet.name, "", "aucun code de zone lisible")
        else:
            vintage = self._vintage(table, rows.notes)
            self._tell_oddities(table, rows)
            self._keep_labels(table, rows)
            if vintage is not None:
                for one, known in zip(sliced.slices, columns, strict=True):
                    block = read_block(self.book.file, table, one.rows, known, self.cell_readers, vintage)
                    self.origins[len(self.blocks)] = table
                    self.blocks.append(block)
                    for place, problem in block.unscaled.items():
                        self._ask_of(table, block.columns[place], problem)

    def _ask_of(self, table: Table, column: IndicatorColumn, reason: str) -> None:
        """A row of Headings for a column that is known, but that a person must say more of; its answer is kept."""
        heading = next(one for one in table.headings if one.column == column.column)
        row = heading_row(self.source_id, table, heading, reason, None, self.dictionary)
        there = next((one for one in self.headings if _same_place(one, row)), None)
        if there is not None:
            there["reason"] = there["reason"] or reason
        else:
            self.headings.append(row | {"proposed": column.indicator.indicator, "confidence": CERTAIN})

    def _ask_of_twins(self, twins: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        for pair in twins:
            for (number, place), (other, _) in (pair, pair[::-1]):
                if number in self.origins:
                    column, sheet = self.blocks[number].columns[place], self.blocks[other].sheet
                    where = f"dans la feuille « {sheet} »" if sheet != self.blocks[number].sheet else "dans la feuille"
                    self._ask_of(self.origins[number], column, f"les mêmes chiffres, avec d’autres valeurs, {where}")

    def _asks(self) -> bool:
        """Whether a column waits for an answer."""
        return any(row["reason"] and not row["meaning"] for row in self.headings)

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
            lambda notes: self._vintage(table, notes),
            self.rules.choices.of_measures(self.book.file, table.sheet.name, table.measures),
        )
        self.headings += [{"source_id": self.source_id, **row} for row in reading.asked]
        self.faults += reading.faults
        self.skipped += reading.skipped
        self.notes += reading.notes
        self.blocks += reading.blocks
        self._tell_oddities(table.as_wide(), reading.rows)

    def _is_indicator(self, heading: Heading) -> bool:
        """Whether a heading is an indicator of some year."""
        return isinstance(self.column_reader.read_dated(heading, ANY_PERIOD, alone=True), IndicatorColumn)

    def _columns(self, table: Table, rows: Slice, reader: ColumnReader) -> list[IndicatorColumn]:
        """The indicators of `rows` of a table; every other column that holds something is told once, to check."""
        found = []
        place = said_period(table.sheet.name, table.above)
        shown = [(heading.shown, heading.theme) for heading in table.headings]
        choices = self.rules.choices.of_table(self.book.file, table.sheet.name, shown)
        read: list[IndicatorColumn | str] = []
        for heading, choice in zip(table.headings, choices, strict=True):
            if choice:
                where, said = (self.book.file, table.sheet.name), (rows.said, place)
                column = chosen_column(where, heading, choice, reader, said)
                column = self._confirmed(heading, choice, column, rows, reader, place)
            elif rows.said:
                column = reader.read_dated(heading, rows.said, alone=rows.alone)
            else:
                column = reader.read(heading, place)
            read.append(column)
        read = told_apart(table, rows.rows, read)
        for heading, choice, column in zip(table.headings, choices, read, strict=True):
            if isinstance(column, IndicatorColumn):
                found.append(column)
            why = column if isinstance(column, str) else ""
            key = (table.sheet.name, table.first_row, heading.column)
            if key in self.told or (why and not self._holds_something(table, heading)):
                continue
            if choice or why:
                self.told.add(key)
            if why and why != SAID_UNREAD:
                self._tell_unread(table, heading, why)
            if choice or why:
                self.headings.append(heading_row(self.source_id, table, heading, why, choice, self.dictionary))
        return found

    def _confirmed(
        self,
        heading: Heading,
        choice: Choice,
        chosen: IndicatorColumn | str,
        rows: Slice,
        reader: ColumnReader,
        place: tuple[int, str] | None,
    ) -> IndicatorColumn | str:
        """The column as it is known by itself when a person says the same of it; only its unit is then theirs."""
        own = reader.read_dated(heading, rows.said, alone=rows.alone) if rows.said else reader.read(heading, place)
        agree = isinstance(own, IndicatorColumn) and own.indicator.indicator == choice.meaning
        if not isinstance(own, IndicatorColumn) or not agree or choice.year not in (None, own.year):
            return chosen
        if not choice.unit:
            return own
        return replace(own, stated_unit=choice.unit, unit_typed=True, unit_to_check=False)

    def _holds_something(self, table: Table, heading: Heading) -> bool:
        """Whether a column is more than blank, or labels that nothing heads."""
        below = table.sheet.cells[table.first_row - 1 : table.last_row, heading.column - 1]
        return any(heading.texts) or any(BEGINS_LIKE_A_NUMBER.match(cell_text(cell)) for cell in below)

    def _vintage(self, table: Table | LongTable, notes: Sequence[str]) -> int | None:
        """The geography of a table: in its codes, above it, below it, else anywhere above in the file, else declared."""
        places = (geo_vintages(texts, self.layout) for texts in (table.above, notes, self.above))
        coded = {*table.geo_vintages} if isinstance(table, LongTable) else set()
        said = coded or next(filter(None, places), set())
        sheet, declared = table.sheet.name, self.declared_vintage
        if len(said) > 1:
            years = " et ".join(str(year) for year in sorted(said))
            self._fault(
                sheet, "", f"deux géographies : {years}", "une seule", "séparer les tableaux", Severity.BLOCKING
            )
            return None
        vintage = next(iter(said), declared)
        if vintage is None:
            self._fault(
                sheet,
                "",
                "géographie non dite : de quelle année sont les codes des zones ?",
                "« Géographie au 01/01/2025 » au-dessus du tableau",
                "écrire l’année dans la feuille « Fichiers » de data/saisies/correspondance.xlsx",
                Severity.BLOCKING,
            )
        elif declared not in (None, vintage) and declared not in geo_vintages(self.above, self.layout):
            self._fault(
                sheet, "", f"géographie au 01/01/{vintage}, {declared} déclaré", remedy="corriger la déclaration"
            )
        return vintage

    def _tell_unread(self, table: Table, heading: Heading, why: str) -> None:
        asked = [] if misleading(why) else [text for text in heading.texts if text]
        nearest = self.dictionary.nearest(asked)
        theme = f" (sous « {heading.theme} »)" if heading.theme else ""
        self._fault(
            table.sheet.name,
            table.sheet.cell_name(table.first_row - 1, heading.column),
            f"{why} : « {heading.shown} »{theme}",
            f"par exemple {' ; '.join(nearest)}" if nearest else "un code de configs/indicators.csv",
            "dire ce qu’elle contient dans data/saisies/correspondance.xlsx, ou ne rien faire : elle n’est pas lue",
            kind=FaultKind.COLUMN,
            cells=(table.sheet.cell_name(table.first_row - 1, heading.column),),
        )
        self._skip(table.sheet.name, column_name(table.sheet, heading.column), f"{why} : « {heading.shown} »")

    def _tell_oddities(self, table: Table, rows: Rows) -> None:
        """What a person who looks at the sheet would not see, or would see otherwise than it is stored."""
        facts, sheet, data = table.sheet.facts, table.sheet.name, rows.numbers
        columns = [heading.column for heading in table.headings]
        hidden = [row_name(table.sheet, row) for row in facts.hidden_rows if _between(data, row, row)]
        hidden += [column_name(table.sheet, column) for column in facts.hidden_columns if column in columns]
        if facts.hidden:
            hidden = ["toute la feuille", *hidden]
        if hidden:
            remedy = "vérifier que ce qui est masqué doit compter : il est lu"
            self._fault(sheet, "", f"masqué : {named(hidden)}", remedy=remedy, severity=Severity.INFORMATION)
        merged = [
            table.sheet.cell_name(top, left)
            for top, left, bottom, right in facts.merged
            if _between(data, top, bottom) and _between(columns, left, right)
        ]
        if merged:
            remedy = "séparer les cellules, et répéter la valeur si elle vaut pour toutes"
            found = "cellules fusionnées : Excel ne montre que la première"
            self._fault(sheet, named(merged), found, "", remedy)
        if table.by_content:
            heading = table.sheet.cell_name(table.first_row - 1, table.code)
            said = table.sheet.text(table.first_row - 1, table.code)
            why = f"« {said} » n’est pas un intitulé connu" if said else "rien ne la nomme"
            found = f"colonne prise pour celle des codes de zones d’après son contenu : {why}"
            self._fault(sheet, heading, found, remedy="vérifier", severity=Severity.INFORMATION)
        if facts.outside:
            remedy = "les effacer ; elles ne sont pas lues"
            self._fault(sheet, named(facts.outside), "cellules perdues loin du tableau", remedy=remedy)

    def _tell_restriction(self) -> None:
        text = restriction(self.above, self.layout)
        if text:
            self._fault("", "", f"« {text} »", remedy="demander au producteur ce qui peut être diffusé")

    def _nothing_read(self) -> Fault | None:
        """The fault, told, of a file that gives no value and has no other that says why."""
        if any(fault.severity is Severity.BLOCKING for fault in self.faults):
            return None
        whole = [one for one in self.skipped if not one.place]
        reasons = dict.fromkeys(f"{one.sheet} : {one.reason}" if one.sheet else one.reason for one in whole)
        found = f"aucune valeur lue ({' ; '.join([*reasons][:NAMED_REASONS])})"
        if self.headings and all(row["meaning"] == Meaning.UNREAD for row in self.headings):
            remedy = "rien à faire : toutes ses colonnes sont dites « ne pas lire »"
            self._fault("", "", found, remedy=remedy, severity=Severity.INFORMATION)
            return None
        self._fault(
            "",
            "",
            found,
            "une colonne de codes de zones, et un indicateur de configs/indicators.csv",
            "dire ce que contiennent ses colonnes dans data/saisies/correspondance.xlsx, ou retirer ce fichier"
            if self.headings
            else "compléter configs/indicators.csv, ou retirer ce fichier",
            Severity.BLOCKING,
        )
        return self.faults[-1]

    def _skip(self, sheet: str, place: str, reason: str) -> None:
        self.skipped.append(Skipped(sheet, place, reason))

    def _fault(
        self,
        sheet: str,
        cell: str,
        found: str,
        expected: str = "",
        remedy: str = "",
        severity: Severity = Severity.CHECK,
        kind: FaultKind = FaultKind.TABLE,
        cells: tuple[str, ...] = (),
    ) -> None:
        self.faults.append(Fault(self.book.file, sheet, cell, found, expected, remedy, severity, kind, cells))


def _same_place(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["sheet"], one["cell"]) == (other["sheet"], other["cell"])


def _between(ordered: Sequence[int], first: int, last: int) -> bool:
    """Whether a number of `ordered` is from `first` to `last`."""
    return bisect_left(ordered, first) < bisect_right(ordered, last)


def grade_words(factor: Factor) -> dict[str, float]:
    """Every way of writing the grades of a factor → their rank, 0 the least fragile."""
    words = {normalised(label): float(rank) for rank, label in enumerate(factor.grade_labels)}
    for alias in filter(None, factor.grade_aliases.split("|")):
        word, _, label = alias.partition("=")
        words[normalised(word)] = words[normalised(label)]
    return words


def unknown_zones(
    observations: Observations, known_codes: Collection[str], file: str, code_cells: Mapping[tuple[str, int], str]
) -> list[Fault]:
    """One blocking fault per zone whose code is not in `known_codes`, with its cells and the nearest codes.

    `code_cells`: sheet and row → cell of the code; where it is unknown, the cells of the values are named.

    Only levels that `known_codes` holds, among EPCI, EPT, COM, DEP and REG, are checked.
    """
    codes = observations["zone_code"]
    unknown = [code for code in codes.unique() if code not in known_codes]
    levels = {code.partition(":")[0] for code in known_codes} - {"HORS", "FRM", "FRA"} if unknown else set()
    suspect = [code for code in unknown if code.partition(":")[0] in levels]
    faults, ordered = [], sorted(known_codes) if suspect else []
    for code, rows in observations[codes.isin(suspect)].groupby("zone_code"):
        level, _, bare = str(code).partition(":")
        same_level = [known for known in ordered if known.startswith(f"{level}:")]
        near = [known.partition(":")[2] for known, _, _ in process.extract(str(code), same_level, scorer=fuzz.ratio)]
        sheet = rows["sheet"].iloc[0]
        others = [f"« {name} »" for name in rows["sheet"].unique() if name != sheet]
        lines = [str(line) for line in sorted(rows.loc[rows["sheet"] == sheet, "row"].unique())]
        found = f"le code {bare} n’existe pas (niveau {level}, géographie {rows['geo_vintage'].iloc[0]})"
        here = rows[rows["sheet"] == sheet]
        codes_here = [code_cells[sheet, row] for row in sorted(here["row"].unique()) if (sheet, row) in code_cells]
        faults.append(
            Fault(
                file,
                sheet,
                f"ligne{'s' if len(lines) > 1 else ''} {named(lines)}",
                found + (f" ; aussi dans {named(others)}" if others else ""),
                f"un code de cette géographie ; les plus proches : {', '.join(near[:NAMED_CELLS])}",
                "corriger le code, ou déclarer l’année de sa géographie",
                kind=FaultKind.ZONE,
                cells=tuple(codes_here)
                or areas(
                    (row, column_number(letters)) for row, letters in zip(here["row"], here["column"], strict=True)
                ),
            )
        )
    return faults
