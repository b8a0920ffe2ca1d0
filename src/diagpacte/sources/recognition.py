"""Which columns of a table are read, as what, and what is told and asked of the others."""

from __future__ import annotations

from dataclasses import replace

from diagpacte.sources.asking import Asking
from diagpacte.sources.layout.cells import cell_text
from diagpacte.sources.layout.headers import Heading, Table
from diagpacte.sources.layout.periods import Slice
from diagpacte.sources.layout.table_rows import BEGINS_LIKE_A_NUMBER
from diagpacte.sources.meaning.choices import Choice, Choices
from diagpacte.sources.meaning.chosen import SAID_ELSEWHERE, SAID_UNREAD, chosen_column
from diagpacte.sources.meaning.columns import ColumnReader, IndicatorColumn
from diagpacte.sources.meaning.twins import told_apart
from diagpacte.sources.meaning.wording import said_period

Column = IndicatorColumn | str  # what a column is, or why it is not read


class Recognition:
    """The columns of the tables of `file`: each is told once, whatever the number of its years."""

    def __init__(self, file: str, choices: Choices, asking: Asking) -> None:
        self.file, self.choices, self.asking = file, choices, asking
        self.told: set[tuple[str, int, int]] = set()  # sheet, first row, column

    def columns(self, table: Table, rows: Slice, reader: ColumnReader) -> list[IndicatorColumn]:
        """The indicators of `rows` of a table; every other column that holds something is told, to check."""
        shown = [(heading.shown, heading.theme) for heading in table.headings]
        choices = self.choices.of_table(self.file, table.sheet.name, shown)
        read = [
            self._read(table, heading, choice, rows, reader)
            for heading, choice in zip(table.headings, choices, strict=True)
        ]
        read = told_apart(table, rows.rows, read)
        for heading, choice, column in zip(table.headings, choices, read, strict=True):
            self._tell(table, heading, choice, column if isinstance(column, str) else "")
        return [column for column in read if isinstance(column, IndicatorColumn)]

    def _read(self, table: Table, heading: Heading, choice: Choice | None, rows: Slice, reader: ColumnReader) -> Column:
        place = said_period(table.sheet.name, table.above)
        own = reader.read_dated(heading, rows.said, alone=rows.alone) if rows.said else reader.read(heading, place)
        if not choice:
            return own
        where, said = (self.file, table.sheet.name), (rows.said, place)
        return _confirmed(own, choice, chosen_column(where, heading, choice, reader, said))

    def _tell(self, table: Table, heading: Heading, choice: Choice | None, why: str) -> None:
        """A column that is not read, for `why`, or that a person chose: a row of Headings, and its fault."""
        key = (table.sheet.name, table.first_row, heading.column)
        if key in self.told or not (choice or why) or (why and not _holds_something(table, heading)):
            return
        self.told.add(key)
        if why and why != SAID_UNREAD:
            self.asking.tell_unread(table, heading, why)
        self.asking.add(table, heading, why, None if SAID_ELSEWHERE in why else choice)


def _confirmed(own: Column, choice: Choice, chosen: Column) -> Column:
    """The column as it is known by itself when a person says the same of it; only its unit is then theirs."""
    agree = isinstance(own, IndicatorColumn) and own.indicator.indicator == choice.meaning
    if isinstance(chosen, str) and SAID_ELSEWHERE in chosen:
        return chosen
    if not isinstance(own, IndicatorColumn) or not agree or choice.year not in (None, own.year):
        return chosen
    if not choice.unit:
        return own
    return replace(own, stated_unit=choice.unit, unit_typed=True, unit_to_check=False)


def _holds_something(table: Table, heading: Heading) -> bool:
    """Whether a column is more than blank, or labels that nothing heads."""
    below = table.sheet.cells[table.first_row - 1 : table.last_row, heading.column - 1]
    return any(heading.texts) or any(BEGINS_LIKE_A_NUMBER.match(cell_text(cell)) for cell in below)
