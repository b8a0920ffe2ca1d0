"""A workbook that people type in: input cells coloured, drop-down lists, the rest grey; nothing is locked."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from diagpacte.deliverables import french, style
from diagpacte.deliverables.correspondence_words import Line
from diagpacte.deliverables.sheet_format import FONT, HEADING_FILL, INDENT, LINE, PADDING, RULE, TEXT_ONLY, lines_of

GUIDE_SHEET = "Mode d’emploi"
INPUT_FILL, WANTED_FILL, FIXED_FILL, TYPED_HEADING = "#FFF8D9", "#F8C07A", "#F4F4F4", "#8A5A00"
FIRST_ROW = 3  # of the table, from 0: title, note, headings
HIGHEST = 160  # points: a heading of a thousand characters is read in its cell, not in a row that fills the screen
GUIDE_WIDTHS = (26, 112)
ADDED_WIDTH = 24
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?")
FIRST_YEAR, LAST_YEAR = 1960, 2100
FAR = 1e12
SHEET_NAME, FORBIDDEN = 31, re.compile(r"[\[\]:*?/\\]")  # what Excel accepts as the name of a sheet
A4 = 9
NOT_LISTED = {
    "retenir comme": "Ce texte n’est pas dans la liste. Un identifiant ou un libellé exact convient aussi.",
    "veut dire": "Ce mot n’est pas dans la liste. Une marque d’absence (« s », « nd »…) convient aussi.",
}


class Kind(StrEnum):
    """What a cell is for."""

    FIXED = "fixed"  # comes from the files; not typed
    TEXT = "text"
    CHOICE = "choice"  # from a list
    YEAR = "year"
    WANTED_YEAR = "wanted year"  # stands out until it is given, where the column before says that it is not known
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """A column. `choices`: the words of its list, or the name of a range of « Dictionnaire »."""

    heading: str
    width: int
    kind: Kind = Kind.FIXED
    choices: tuple[str, ...] | str = ()
    free: bool = False  # other words may be typed, which a list cannot hold


@dataclass(frozen=True)
class Table:
    """A sheet. `rows`: at least so many are ready to be typed in; rows marked in `muted` are set apart in grey.

    `lists` fill columns of their own; `fed` are the last cells of the first column, each the label and the
    name of a row of the sheet « Nouveaux indicateurs », which a formula follows.
    """

    name: str
    note: str
    columns: Sequence[Column]
    cells: Sequence[Mapping[str, str]]
    frozen: int = 0
    filtered: bool = False
    rows: int = 0
    muted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fed: Sequence[str] = ()
    ranges: Mapping[str, str] = field(default_factory=dict)  # name of a range → heading of its column

    @property
    def last_row(self) -> int:
        longest = max((len(words) for words in self.lists.values()), default=0)
        return FIRST_ROW + max(len(self.cells) + len(self.fed), self.rows, longest, 1) - 1


def write_tables(
    title: str,
    guide: Sequence[Line],
    tables: Sequence[Table],
    foreign: Mapping[str, Sequence[Sequence[Any]]],
    as_of: date,
) -> bytes:
    """The workbook; its only date is `as_of`. `foreign` sheets follow, as values."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXT_ONLY) as book:
        created = datetime(as_of.year, as_of.month, as_of.day)  # noqa: DTZ001 — a date, not a moment
        book.set_properties({"title": title, "author": "diagpacte", "created": created})
        book.set_size(2400, 1400)
        writer = _Writer(book, title)
        writer.guide(guide)
        for table in tables:
            writer.table(_widened(table))
        for name, rows in foreign.items():
            writer.foreign(name, rows)
    return buffer.getvalue()


def _widened(table: Table) -> Table:
    """`table` with the columns that someone added, at its right."""
    known = {column.heading for column in table.columns}
    added = dict.fromkeys(heading for row in table.cells for heading in row if heading not in known)
    return replace(table, columns=[*table.columns, *(Column(name, ADDED_WIDTH, Kind.TEXT) for name in added)])


class _Writer:
    """One workbook being written, and its formats, each made once."""

    def __init__(self, book: Any, title: str) -> None:
        self.book, self.title = book, title
        self.formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def format(self, **properties: object) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(FONT | properties)
        return self.formats[key]

    def guide(self, lines: Sequence[Line]) -> None:
        sheet = self.book.add_worksheet(GUIDE_SHEET)
        sheet.hide_gridlines(2)
        for column, width in enumerate(GUIDE_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, self.title, self.format(bold=True, font_size=14, valign="vcenter"))
        sheet.set_row(0, 22)
        for row, (label, text) in enumerate(lines, start=1):
            words = french.typography(text)
            heading = {"font_size": 12, "bottom": 1, "valign": "bottom"} if not text else {"text_wrap": True}
            sheet.write_string(row, 0, french.typography(label), self.format(bold=True, **heading))
            if text:
                sheet.write_string(row, 1, words, self.format(text_wrap=True))
            else:
                sheet.write_blank(row, 1, None, self.format(**heading))
            sheet.set_row(row, LINE * lines_of(words, GUIDE_WIDTHS[1] - INDENT) + PADDING if text else 24)
        self._page(sheet, pages=1)

    def table(self, table: Table) -> None:
        """Title, note, one row of headings, then the rows; the lists of the columns work on all of them."""
        sheet = self.book.add_worksheet(table.name)
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width)
        sheet.write_string(0, 0, table.name, self.format(bold=True, font_size=14, valign="vcenter"))
        sheet.set_row(0, 22)
        sheet.write_string(1, 0, french.typography(table.note), self.format(font_color=style.SOFT))
        self._headings(sheet, table)
        for place in range(table.last_row - FIRST_ROW + 1):
            self._row(sheet, table, place)
        self._lists(sheet, table)
        for place, column in enumerate(table.columns):
            self._validate(sheet, table, place, column)
        sheet.freeze_panes(FIRST_ROW, table.frozen)
        if table.filtered:
            sheet.autofilter(FIRST_ROW - 1, 0, table.last_row, len(table.columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, table.last_row, len(table.columns))})
        sheet.repeat_rows(FIRST_ROW - 1)
        self._page(sheet)

    def _page(self, sheet: Any, pages: int = 0) -> None:
        """Landscape A4, one page wide and, when it is given, so many `pages` high."""
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L&8&A&R&8&P / &N", {"margin": 0.3})
        sheet.fit_to_pages(1, pages)

    def _headings(self, sheet: Any, table: Table) -> None:
        for place, column in enumerate(table.columns):
            fill = HEADING_FILL if column.kind is Kind.FIXED else TYPED_HEADING
            made = self.format(
                bold=True,
                font_color=style.WHITE,
                bg_color=fill,
                text_wrap=True,
                valign="vcenter",
                indent=1,
                border=1,
                border_color=RULE,
            )
            sheet.write_string(FIRST_ROW - 1, place, column.heading, made)
        # the button of the filter hides the end of a heading
        lines = max(lines_of(column.heading, max(column.width / 1.1 - INDENT - 1, 1)) for column in table.columns)
        sheet.set_row(FIRST_ROW - 1, LINE * lines + PADDING)

    def _row(self, sheet: Any, table: Table, place: int) -> None:
        row = FIRST_ROW + place
        cells = table.cells[place] if place < len(table.cells) else {}
        muted = any(cells.get(heading) in words for heading, words in table.muted.items())
        texts = [cells.get(column.heading, "") for column in table.columns]
        for column, text in enumerate(texts):
            made = self.format(**_look(table.columns[column].kind, muted=muted))
            if not text:
                sheet.write_blank(row, column, None, made)
            elif table.columns[column].kind in (Kind.YEAR, Kind.WANTED_YEAR, Kind.NUMBER) and NUMBER.fullmatch(text):
                sheet.write_number(row, column, float(text), made)
            else:
                sheet.write_string(row, column, text, made)
        lines = max(
            sum(lines_of(part, column.width - INDENT) for part in text.split("\n"))
            for column, text in zip(table.columns, texts, strict=True)
        )
        sheet.set_row(row, min(LINE * lines + PADDING, HIGHEST))

    def _lists(self, sheet: Any, table: Table) -> None:
        """The words of drop-down lists, and the names under which cells call them."""
        places = {column.heading: place for place, column in enumerate(table.columns)}
        fixed = self.format(**_look(Kind.FIXED))
        for heading, words in table.lists.items():
            for place, word in enumerate(words):
                sheet.write_string(FIRST_ROW + place, places[heading], word, fixed)
        first = FIRST_ROW + len(table.cells)
        last = FIRST_ROW + len(table.fed) - 1
        for place, text in enumerate(table.fed):
            name, label = (f"INDEX('Nouveaux indicateurs'!{_column(n, last)},{place + 1})" for n in (0, 1))
            sheet.write_formula(first + place, 0, f'=IF({name}="","",{label}&" — "&{name})', fixed, text)
        for name, heading in table.ranges.items():
            self.book.define_name(name, self._range(table, places[heading], len(table.lists.get(heading, ()))))

    def _range(self, table: Table, column: int, count: int) -> str:
        """The cells of a list; with formulas at its end, only those that hold something."""
        if count:
            return f"='{table.name}'!{xl_range_abs(FIRST_ROW, column, FIRST_ROW + count - 1, column)}"
        whole = f"'{table.name}'!{_column(column, FIRST_ROW + len(table.cells) + len(table.fed) - 1)}"
        start = f"'{table.name}'!{xl_rowcol_to_cell(FIRST_ROW, column, row_abs=True, col_abs=True)}"
        return f'=OFFSET({start},0,0,MAX(1,COUNTIF({whole},"?*")),1)'

    def _validate(self, sheet: Any, table: Table, place: int, column: Column) -> None:
        area = (FIRST_ROW, place, table.last_row, place)
        if column.kind is Kind.CHOICE:
            words = column.choices
            source = f"={words}" if isinstance(words, str) else list(words)
            message = NOT_LISTED.get(column.heading, "Choisir dans la liste déroulante, ou laisser vide.")
            kind = "warning" if column.free else "stop"
            self._add(sheet, area, column, {"validate": "list", "source": source, "error_type": kind}, message)
        elif column.kind in (Kind.YEAR, Kind.WANTED_YEAR):
            rule = {"validate": "integer", "criteria": "between", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
            self._add(sheet, area, column, rule, "Une année entière, par exemple 2023, ou rien.")
        elif column.kind is Kind.NUMBER:
            rule = {"validate": "decimal", "criteria": "between", "minimum": -FAR, "maximum": FAR}
            self._add(sheet, area, column, rule, "Un nombre, ou rien.")
        if column.kind is Kind.WANTED_YEAR:
            here, before = (xl_rowcol_to_cell(FIRST_ROW, one, col_abs=True) for one in (place, place - 1))
            criteria = f'=AND({here}="",{before}="non dite")'
            wanted = self.book.add_format({"bg_color": WANTED_FILL})
            sheet.conditional_format(*area, {"type": "formula", "criteria": criteria, "format": wanted})

    def _add(
        self, sheet: Any, area: tuple[int, int, int, int], column: Column, rule: dict[str, object], message: str
    ) -> None:
        options = {"ignore_blank": True, "error_title": column.heading, "error_message": message, **rule}
        if sheet.data_validation(*area, options):
            raise ValueError(f"validation of {column.heading} refused by the spreadsheet library")

    def foreign(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        """A sheet that someone added: its values, without its colours."""
        taken = {sheet.get_name().casefold() for sheet in self.book.worksheets()}
        base = FORBIDDEN.sub("_", name).strip("'")[:SHEET_NAME] or "feuille"
        free = next(
            one
            for n in range(1, len(taken) + 2)
            if (one := base if n == 1 else f"{base[:26]} ({n})").casefold() not in taken
        )
        sheet = self.book.add_worksheet(free)
        day = self.format(num_format="dd/mm/yyyy")
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, bool):
                    sheet.write_boolean(row, column, value)
                elif isinstance(value, int | float):
                    sheet.write_number(row, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                elif value is not None and value != "":
                    sheet.write_string(row, column, str(value))


def _column(column: int, last: int) -> str:
    return str(xl_range_abs(FIRST_ROW, column, last, column))


def _look(kind: Kind, *, muted: bool = False) -> dict[str, object]:
    made: dict[str, object] = {"border": 1, "border_color": RULE, "text_wrap": True, "align": "left", "indent": 1}
    if kind is Kind.FIXED:
        made |= {"bg_color": FIXED_FILL, "num_format": "@", "quote_prefix": True}
    else:
        made |= {"bg_color": INPUT_FILL}
    if kind is Kind.TEXT:
        made |= {"num_format": "@"}
    if muted:
        made |= {"font_color": style.PALE, "italic": True}
    return made
