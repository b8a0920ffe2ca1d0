"""From sheets to the bytes of a workbook: formats, widths, tables, print set-up. XlsxWriter lives here only."""

from __future__ import annotations

import io
import math
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import xlsxwriter

from diagpacte.deliverables import sheet_readme, style
from diagpacte.deliverables.sheet_content import Cell, Column, Kind, Look, Sheet
from diagpacte.deliverables.sheet_readme import Line, Readme

FONT = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
HEADING_FILL, RULE, MISSING_INK, MISSING_FILL, SIMULATED_FILL = "#1F3A5F", "#D0D0D0", "#595959", "#F2F2F2", "#EFE6F5"
A4 = 9
MARGIN = 0.4  # inches
PAGE_CHARACTERS = 145  # of the default font, on a landscape A4 at 100 %
COLUMN_PADDING = 0.72  # characters that a spreadsheet adds to each column
MOST_SCALE, SPLIT_SCALE, LEAST_SCALE = 75, 55, 42  # %: over the first paper is wasted, under the last no one reads
ONE_PAGE = 1.08  # room asked before a scale is set by hand: other programs measure columns a little wider
LINE, PADDING = 13.0, 3.0  # points: a line of text, and what surrounds them
INDENT = 2  # characters of a column that its cells leave bare
# Widths of Calibri's letters in digits of its default 11 points, which column widths are counted in.
NARROW, WIDE = frozenset(" \u00a0iljtfrI.,:;!'’()-"), frozenset("mwMWQO@%«»–…—Œœ&")
SMALLER = 10 / 11 * 1.04  # size of the cells over the default's, and a margin for other renderers
NOTE_CHARACTERS = (110, 150)
README_WIDTHS = (26, 112)
TEXT_ONLY = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
LANGUAGE = b"<dc:language>fr-FR</dc:language></cp:coreProperties>"


@dataclass(frozen=True)
class Page:
    """What every printed page carries."""

    title: str
    sources: str
    diffusion: str
    as_of: date


def write_workbook(first: Readme, sheets: Sequence[Sheet], page: Page) -> bytes:
    """The workbook; its only date is `page.as_of`."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXT_ONLY) as book:
        created = datetime(page.as_of.year, page.as_of.month, page.as_of.day)  # noqa: DTZ001 — a date, not a moment
        book.set_properties({"title": page.title, "author": "diagpacte", "comments": page.sources, "created": created})
        book.set_size(2400, 1400)
        writer = _Writer(book, page)
        writer.readme(first)
        for sheet in sheets:
            writer.sheet(sheet)
    return _in_french(buffer.getvalue())


def _in_french(archive: bytes) -> bytes:
    """The same workbook, its properties saying its language, which XlsxWriter cannot."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                content = content.replace(b"</cp:coreProperties>", LANGUAGE)
            target.writestr(info, content)
    return out.getvalue()


class _Writer:
    """One workbook being written, and its formats, each made once."""

    def __init__(self, book: Any, page: Page) -> None:
        self.book, self.page = book, page
        self.formats: dict[Look, Any] = {}
        self.title = book.add_format(FONT | {"bold": True, "font_size": 14, "valign": "vcenter"})
        self.note = book.add_format(FONT | {"font_color": style.SOFT})
        self.banner = book.add_format(FONT | {"bold": True, "font_color": style.WHITE, "bg_color": style.INK})
        self.heading = book.add_format(
            FONT
            | {
                "bold": True,
                "font_color": style.WHITE,
                "bg_color": HEADING_FILL,
                "text_wrap": True,
                "valign": "vcenter",
            }
            | {"border": 1, "border_color": RULE}
        )

    def format(self, look: Look) -> Any:
        if look not in self.formats:
            self.formats[look] = self.book.add_format(_properties(look))
        return self.formats[look]

    def sheet(self, sheet: Sheet) -> None:
        """Title in A1, notes, then the table: headings in one row, no merged cell."""
        target = self.book.add_worksheet(sheet.name)
        widths = [_width(column, [row[i] for row in sheet.rows]) for i, column in enumerate(sheet.columns)]
        for i, column in enumerate(sheet.columns):
            target.set_column(i, i, widths[i], None, {"hidden": column.hidden})
        shown = [0 if column.hidden else width for column, width in zip(sheet.columns, widths, strict=True)]
        top = self._head(target, sheet, sum(shown))
        self._page(target, sheet.banner)
        if sheet.rows:
            self._table(target, sheet, top, shown)
            target.repeat_rows(top)
            target.freeze_panes(top + 1, sheet.frozen)
            _fit(target, blocks(sheet.columns, shown, sheet.frozen), sheet.frozen)

    def _head(self, target: Any, sheet: Sheet, width: int) -> int:
        """Write what stands over the table; returns its row of headings."""
        target.write_string(0, 0, sheet.title, self.title)
        target.set_row(0, 22)
        row = 1
        if sheet.banner:
            self._spread(target, row, sheet.banner, self.banner)
            row += 1
        notes = [*sheet.notes, *([] if sheet.rows else [sheet.empty])]
        low, high = NOTE_CHARACTERS
        for line in [part for note in notes for part in textwrap.wrap(note, max(low, min(width, high)))]:
            target.write_string(row, 0, line, self.note)
            row += 1
        return row

    def _spread(self, target: Any, row: int, text: str, made: Any, columns: int = 4) -> None:
        """A text that runs over the empty cells beside it, which take its colours."""
        target.write_string(row, 0, text, made)
        for column in range(1, columns):
            target.write_blank(row, column, None, made)

    def _table(self, target: Any, sheet: Sheet, top: int, widths: Sequence[int]) -> None:
        last, right = top + len(sheet.rows), len(sheet.columns) - 1
        headings = [{"header": column.heading, "header_format": self.heading} for column in sheet.columns]
        options = {"name": sheet.table, "columns": headings, "style": None, "title": sheet.title}
        if target.add_table(top, 0, last, right, options):
            raise ValueError(f"table {sheet.table} refused by the spreadsheet library")
        target.set_row(
            top, _height([column.heading for column in sheet.columns], [int(width / 1.1) for width in widths])
        )
        for i, cells in enumerate(sheet.rows, start=top + 1):
            target.set_row(i, _height([_shown(cell) for cell in cells], widths))
            for j, cell in enumerate(cells):
                self._cell(target, i, j, cell)
        target.ignore_errors({"number_stored_as_text": _range(top + 1, last, right)})

    def _cell(self, target: Any, row: int, column: int, cell: Cell) -> None:
        made, value = self.format(cell.look), cell.value
        if isinstance(value, str):
            target.write_string(row, column, value, made)
        elif isinstance(value, date):
            target.write_datetime(row, column, value, made)
        else:
            target.write_number(row, column, value, made)

    def _page(self, target: Any, banner: str) -> None:
        """Landscape A4; diffusion, simulation and sheet name at the head; sources and page number at the foot."""
        target.set_landscape()
        target.set_paper(A4)
        target.set_margins(left=MARGIN, right=MARGIN, top=0.6, bottom=0.6)
        fixed = {"margin": 0.3, "scale_with_doc": False}
        stamp = _footer(" – ".join(filter(None, [self.page.diffusion, banner])))
        target.set_header(f"&L&8{stamp}&R&8{_footer(self.page.title)} – &A", fixed)
        target.set_footer(f"&L&8{_footer(self.page.sources)}&R&8&P / &N", fixed)

    def readme(self, first: Readme) -> None:
        """The first sheet: a label and a text a line, links to the others."""
        target = self.book.add_worksheet(sheet_readme.NAME)
        for column, width in enumerate(README_WIDTHS):
            target.set_column(column, column, width)
        target.write_string(0, 0, first.title, self.title)
        target.set_row(0, 22)
        target.write_string(1, 0, first.stamp, self.book.add_format(FONT | {"bold": True}))
        row = 2
        if first.banner:
            self._spread(target, row, first.banner, self.banner, columns=1)
            row += 1
        for line in first.lines:
            row = self._line(target, row, line)
        self._page(target, first.banner)
        target.fit_to_pages(1, 0)
        target.hide_gridlines(2)

    def _line(self, target: Any, row: int, line: Line) -> int:
        label = self.book.add_format(FONT | {"bold": True, "text_wrap": True})
        if not line.text:
            heading = self.book.add_format(FONT | {"bold": True, "font_size": 12, "bottom": 1, "valign": "bottom"})
            target.set_row(row, 24)
            self._spread(target, row, line.label, heading, columns=len(README_WIDTHS))
            return row + 1
        if line.link:
            linked = self.book.add_format(FONT | {"font_color": "#0B4F8A", "underline": 1})
            target.write_url(row, 0, f"internal:'{line.link}'!A1", linked, line.label)
        else:
            target.write_string(row, 0, line.label, label)
        target.write_string(row, 1, line.text, self.book.add_format(FONT | {"text_wrap": True}))
        target.set_row(row, _height([line.label, line.text], README_WIDTHS))
        return row + 1


def _properties(look: Look) -> Mapping[str, object]:
    made: dict[str, object] = {**FONT, "border": 1, "border_color": RULE, "align": "left", "indent": 1}
    if look.kind in (Kind.TEXT, Kind.MISSING):
        made |= {"text_wrap": True, "quote_prefix": look.quoted}
    if look.kind is Kind.CODE:
        made |= {"num_format": "@"}
    if look.kind in (Kind.NUMBER, Kind.DATE):
        made |= {"num_format": look.number_format, "align": "right"}
    if look.kind is Kind.MISSING:
        made |= {"font_color": MISSING_INK, "bg_color": MISSING_FILL}
    if look.simulated:
        made |= {"italic": True, "bg_color": SIMULATED_FILL}
    if look.fill:
        made |= {"bg_color": look.fill, "font_color": style.ink_on(look.fill)}
    return made


def _width(column: Column, cells: Sequence[Cell]) -> int:
    """Characters that the content and the longest word of the heading want, within the column's bounds."""
    low, high = column.width
    content = max((breadth(_shown(cell)) for cell in cells), default=0)
    word = 1.1 * max(map(breadth, column.heading.split(" ")))  # 1.1: headings are bold
    return math.ceil(max(low, word + INDENT, min(content + INDENT, high)))


@lru_cache(maxsize=20_000)
def breadth(text: str) -> float:
    """Width of a line of text in the units of column widths, rather over than under."""
    letters = (0.55 if c in NARROW else 1.6 if c in WIDE else 1.15 if c.isupper() else 0.98 for c in text)
    return SMALLER * sum(letters)


@lru_cache(maxsize=20_000)
def lines_of(text: str, width: float) -> int:
    """Lines that `text` takes in a column of `width`, broken at spaces, a longer word broken anywhere."""
    lines, used = 1, 0.0
    for word in text.split(" "):
        wanted = breadth(word)
        if used and used + breadth(" ") + wanted <= width:
            used += breadth(" ") + wanted
            continue
        lines += bool(used) + int(wanted // width)
        used = wanted % width
    return lines


def _height(texts: Sequence[str], widths: Sequence[int]) -> float:
    """Points of a row whose cells hold `texts`, each wrapped in its width; a hidden column has none."""
    lines = [lines_of(text, width - INDENT) for text, width in zip(texts, widths, strict=True) if width > INDENT]
    return LINE * max(lines, default=1) + PADDING


def _shown(cell: Cell) -> str:
    if isinstance(cell.value, str):
        return cell.value
    return "00/00/0000" if isinstance(cell.value, date) else f"{cell.value:,.1f}"


def _fit(target: Any, widths: Sequence[tuple[int, float]], frozen: int) -> None:
    """One page wide where it can be read; else several, each repeating the first columns."""
    scale = PAGE_CHARACTERS * 100 / sum(width for _, width in widths)
    if scale >= MOST_SCALE * ONE_PAGE:
        target.set_print_scale(MOST_SCALE)
    elif scale >= LEAST_SCALE:
        target.fit_to_pages(1, 0)
    else:
        target.set_print_scale(SPLIT_SCALE)
        target.repeat_columns(0, frozen - 1)
        target.set_v_pagebreaks(breaks(widths, PAGE_CHARACTERS * 100 / (SPLIT_SCALE * ONE_PAGE)))


def blocks(columns: Sequence[Column], widths: Sequence[int], frozen: int) -> list[tuple[int, float]]:
    """First column and width of what one page must hold together; the frozen columns are the first block."""
    printed = [width + COLUMN_PADDING if width else 0 for width in widths]
    found = [(0, sum(printed[:frozen]))]
    for i in range(frozen, len(columns)):
        if columns[i].joined or not printed[i]:
            first, width = found.pop()
            found.append((first, width + printed[i]))
        else:
            found.append((i, printed[i]))
    return found


def breaks(widths: Sequence[tuple[int, float]], room: float) -> list[int]:
    """Columns that start a page, each page of `room` repeating the first of the blocks."""
    (_, fixed), *others = widths
    found, used = [], fixed
    for first, width in others:
        if used + width > room and used > fixed:
            found.append(first)
            used = fixed
        used += width
    return found


def _range(first: int, last: int, right: int) -> str:
    return str(xlsxwriter.utility.xl_range(first, 0, last, right))


def _footer(text: str) -> str:
    return text.replace("&", "&&")
