"""A panorama, or any wide table of indicators, as it was received → Observations that keep their cell."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.assembly import assemble
from diagpacte.sources.banner import SourceFacts, geo_vintages, restriction, source_facts
from diagpacte.sources.blocks import Block, read_block
from diagpacte.sources.cell_names import areas, cell_name, column_letters, column_number
from diagpacte.sources.cells import CellReader, cell_text, normalised
from diagpacte.sources.choices import Choices, Meaning
from diagpacte.sources.chosen import SAID_UNREAD, chosen_column, with_roles
from diagpacte.sources.columns import ColumnReader, Dictionary, IndicatorColumn
from diagpacte.sources.headers import HEADER_ROWS, Heading, Table, find_tables
from diagpacte.sources.rules import IndicatorLayout, MissingMark, ReadingLimits
from diagpacte.sources.table_rows import BEGINS_LIKE_A_NUMBER, NAMED_CELLS, Rows, Skipped, named, tell_rows_apart
from diagpacte.sources.unread import heading_row
from diagpacte.sources.variables import contradictions, read_variables
from diagpacte.sources.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.zone_codes import ZoneReader
from diagpacte.tables import TABLES, Headings, Observations
from diagpacte.vocabulary import Factor, Indicator, Nature

NAMED_REASONS = 3  # sheets named when a file gives nothing


@dataclass(frozen=True)
class IndicatorRules:
    """What reading obeys, the same for every file of a workspace."""

    layout: IndicatorLayout
    indicators: Sequence[Indicator]
    factors: Sequence[Factor]
    marks: Sequence[MissingMark]
    limits: ReadingLimits
    ept_codes: Collection[str]  # SIREN of the EPT, which nothing else tells from an EPCI's
    choices: Choices = field(default_factory=Choices)


@dataclass(frozen=True)
class IndicatorReading:
    """All that one file gave. `observations` keeps its contract even when a fault is blocking."""

    observations: Observations
    source: SourceFacts
    faults: list[Fault]
    skipped: list[Skipped]
    headings: Headings  # columns that no dictionary knows, those that a person chose included


def read_indicators(
    path: Path,
    source_id: str,
    rules: IndicatorRules,
    *,
    geo_vintage: int | None = None,
    nature: Nature | None = None,
) -> IndicatorReading:
    """Read the whole of `path` (.xlsx, .xls, .ods, .csv…), with every fault found.

    `geo_vintage` and `nature` are what the user declared: the file's own geography wins over the
    first, and a column is never more certain than the second. Raises SourceError when the file is
    no readable table at all.
    """
    return _Reader(read_workbook(path, rules.limits), source_id, rules, geo_vintage, nature).reading()


class _Reader:
    """Reads the sheets of one workbook, gathering their blocks and their faults."""

    def __init__(
        self, book: Workbook, source_id: str, rules: IndicatorRules, geo_vintage: int | None, nature: Nature | None
    ) -> None:
        self.book, self.source_id, self.rules, self.layout = book, source_id, rules, rules.layout
        self.tables = {sheet.name: find_tables(sheet, self._layout_of(sheet)) for sheet in book.sheets}
        self.variables = read_variables(book.sheets, rules.layout)
        self.dictionary = Dictionary(rules.indicators)
        self.column_reader = ColumnReader(self.dictionary, rules.layout, self.variables.lines, nature)
        self.cell_readers = (
            CellReader(rules.marks, rules.layout.flags),
            {factor.grade_indicator: CellReader(rules.marks, {}, grade_words(factor)) for factor in rules.factors},
        )
        self.above = [text for sheet in book.sheets for text in self._above(sheet)]
        self.declared_vintage = rules.choices.geographies.get(book.file, geo_vintage)
        self.faults: list[Fault] = []
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self.blocks: list[Block] = []
        self.headings: list[dict[str, Any]] = []

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
            if self.variables.lines and sheet.name == self.variables.sheet:
                self._skip(sheet.name, "", "description des colonnes")
            elif isinstance(tables, str):
                self._skip(sheet.name, "", tables)
            else:
                for table in tables:
                    self._read_table(table)
        columns = [column for block in self.blocks for column in block.columns]
        described = {column.published_code: (column.indicator, column.year) for column in columns}
        self.faults += contradictions(self.book.file, self.variables, self.layout, described)
        observations, doubles = assemble(self.book.file, self.source_id, self.blocks)
        self.faults += [*(fault for block in self.blocks for fault in block.faults), *doubles]
        self._tell_restriction()
        if observations.empty:
            self._tell_nothing_read()
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
        return IndicatorReading(observations, source, self.faults, self.skipped, headings)

    def _read_table(self, table: Table) -> None:
        sheet = table.sheet
        codes = sheet.cells[table.first_row - 1 : table.last_row, table.code - 1]
        zones = ZoneReader(self.layout, self.rules.ept_codes, [code for code in codes if code is not None], sheet.name)
        rows = tell_rows_apart(self.book.file, table, self.layout, zones)
        self.skipped += rows.skipped
        self.notes += rows.notes
        columns = self._columns(table)
        if not columns:
            self._skip(sheet.name, "", "aucun indicateur connu")
            return
        self.faults += rows.faults
        if not rows.zones:
            self._skip(sheet.name, "", "aucun code de zone lisible")
        else:
            vintage = self._vintage(table)
            self._tell_oddities(table, rows)
            if vintage is not None:
                self.blocks.append(read_block(self.book.file, table, rows, columns, self.cell_readers, vintage))

    def _columns(self, table: Table) -> list[IndicatorColumn]:
        """The indicators of a table; every other column that holds something is a fault to check."""
        found = []
        shown = [(heading.shown, heading.theme) for heading in table.headings]
        choices = self.rules.choices.of_table(self.book.file, table.sheet.name, shown)
        for heading, choice in zip(table.headings, choices, strict=True):
            if choice:
                column = chosen_column(self.book.file, heading, choice, self.column_reader)
            else:
                column = self.column_reader.read(heading)
            if isinstance(column, IndicatorColumn):
                found.append(column)
            elif not self._holds_something(table, heading):
                continue
            elif column != SAID_UNREAD:
                self._tell_unread(table, heading, column)
            if choice or isinstance(column, str):
                reason = column if isinstance(column, str) else ""
                row = heading_row(self.source_id, table, heading, reason, choice, self.dictionary)
                self.headings.append(row)
        return found

    def _holds_something(self, table: Table, heading: Heading) -> bool:
        """Whether a column is more than blank, or labels that nothing heads."""
        below = table.sheet.cells[table.first_row - 1 : table.last_row, heading.column - 1]
        return any(heading.texts) or any(BEGINS_LIKE_A_NUMBER.match(cell_text(cell)) for cell in below)

    def _vintage(self, table: Table) -> int | None:
        """The geography of a table: said above it, else anywhere in the file, else declared."""
        said = geo_vintages(table.above, self.layout) or geo_vintages(self.above, self.layout)
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
                "écrire « geographie = 2025 », ou l’année juste, pour ce fichier dans data/raw/sources.toml",
                Severity.BLOCKING,
            )
        elif declared not in (None, vintage):
            self._fault(
                sheet, "", f"géographie au 01/01/{vintage}, {declared} déclaré", remedy="corriger la déclaration"
            )
        return vintage

    def _tell_unread(self, table: Table, heading: Heading, why: str) -> None:
        nearest = self.dictionary.nearest(text for text in heading.texts if text)
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
        self._skip(table.sheet.name, f"colonne {column_letters(heading.column)}", f"{why} : « {heading.shown} »")

    def _tell_oddities(self, table: Table, rows: Rows) -> None:
        """What a person who looks at the sheet would not see, or would see otherwise than it is stored."""
        facts, sheet, data = table.sheet.facts, table.sheet.name, rows.numbers
        columns = [heading.column for heading in table.headings]
        hidden = [f"ligne {row}" for row in facts.hidden_rows if _between(data, row, row)]
        hidden += [f"colonne {column_letters(column)}" for column in facts.hidden_columns if column in columns]
        if facts.hidden:
            hidden = ["toute la feuille", *hidden]
        if hidden:
            remedy = "vérifier que ce qui est masqué doit compter : il est lu"
            self._fault(sheet, "", f"masqué : {named(hidden)}", remedy=remedy, severity=Severity.INFORMATION)
        merged = [
            cell_name(top, left)
            for top, left, bottom, right in facts.merged
            if _between(data, top, bottom) and _between(columns, left, right)
        ]
        if merged:
            remedy = "séparer les cellules, et répéter la valeur si elle vaut pour toutes"
            self._fault(sheet, named(merged), "cellules fusionnées : seule la première a une valeur", "", remedy)
        if table.by_content:
            heading = table.sheet.cell_name(table.first_row - 1, table.code)
            found = "colonne prise pour celle des codes de zones d’après son contenu : rien ne la nomme"
            self._fault(sheet, heading, found, remedy="vérifier", severity=Severity.INFORMATION)
        if facts.outside:
            remedy = "les effacer ; elles ne sont pas lues"
            self._fault(sheet, named(facts.outside), "cellules perdues loin du tableau", remedy=remedy)

    def _tell_restriction(self) -> None:
        text = restriction(self.above, self.layout)
        if text:
            self._fault("", "", f"« {text} »", remedy="demander au producteur ce qui peut être diffusé")

    def _tell_nothing_read(self) -> None:
        if not any(fault.severity is Severity.BLOCKING for fault in self.faults):
            whole = [one for one in self.skipped if not one.place]
            reasons = dict.fromkeys(f"{one.sheet} : {one.reason}" if one.sheet else one.reason for one in whole)
            self._fault(
                "",
                "",
                f"aucune valeur lue ({' ; '.join([*reasons][:NAMED_REASONS])})",
                "une colonne de codes de zones, et un indicateur de configs/indicators.csv",
                "compléter configs/indicators.csv, ou retirer ce fichier",
                Severity.BLOCKING,
            )

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


def unknown_zones(observations: Observations, known_codes: Collection[str], file: str) -> list[Fault]:
    """One blocking fault per zone whose code is not in `known_codes`, with its cells and the nearest codes.

    Only levels that `known_codes` holds, among EPCI, EPT, COM, DEP and REG, are checked.
    """
    levels = {code.partition(":")[0] for code in known_codes} - {"HORS", "FRM", "FRA"}
    codes = observations["zone_code"]
    suspect = [code for code in codes.unique() if code not in known_codes and code.partition(":")[0] in levels]
    faults, ordered = [], sorted(known_codes)
    for code, rows in observations[codes.isin(suspect)].groupby("zone_code"):
        level, _, bare = str(code).partition(":")
        same_level = [known for known in ordered if known.startswith(f"{level}:")]
        near = [known.partition(":")[2] for known, _, _ in process.extract(str(code), same_level, scorer=fuzz.ratio)]
        sheet = rows["sheet"].iloc[0]
        others = [f"« {name} »" for name in rows["sheet"].unique() if name != sheet]
        lines = [str(line) for line in sorted(rows.loc[rows["sheet"] == sheet, "row"].unique())]
        found = f"le code {bare} n’existe pas (niveau {level}, géographie {rows['geo_vintage'].iloc[0]})"
        here = rows[rows["sheet"] == sheet]
        faults.append(
            Fault(
                file,
                sheet,
                f"ligne{'s' if len(lines) > 1 else ''} {named(lines)}",
                found + (f" ; aussi dans {named(others)}" if others else ""),
                f"un code de cette géographie ; les plus proches : {', '.join(near[:NAMED_CELLS])}",
                "corriger le code, ou déclarer l’année de sa géographie",
                kind=FaultKind.ZONE,
                cells=areas(
                    (row, column_number(letters)) for row, letters in zip(here["row"], here["column"], strict=True)
                ),
            )
        )
    return faults
