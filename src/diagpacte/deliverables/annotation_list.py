"""The list of the faults of one file as a sheet: the summary of an annotated copy, or a workbook of its own.

Text from the file is stored as text, never as a formula; a link only ever leads to a cell of the same workbook.
"""

from __future__ import annotations

import io
import re
import textwrap
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter

from diagpacte.deliverables.fault_words import (
    Area,
    cell_count,
    expected_and_nearest,
    place,
    range_name,
    rectangles,
    severities_text,
    worst_first,
)
from diagpacte.deliverables.french import capital, counted
from diagpacte.deliverables.sheet_content import clean
from diagpacte.errors import Fault, Severity

SHEET = "Relevé diagpacte"
AUTHOR = "diagpacte"
FILLS = {Severity.BLOCKING: "F2A49A", Severity.CHECK: "FFE08A", Severity.INFORMATION: "DCEBF7"}  # darker is worse
INK, LINK, HEADING, RULE = "1A1A1A", "0B4F8A", "1F3A5F", "D0D0D0"
# Column A is a margin: what stands alone in a first column may be taken for the title of the file.
COLUMNS = (
    ("Gravité", 12), ("Sujet", 15), ("Feuille", 18), ("Aller à", 9), ("Cellules", 22), ("Trouvé", 46), ("Attendu", 36), ("Que faire", 46),
)  # fmt: skip
FIRST = 2  # column of the first heading
MARGIN, LINK_COLUMN = 2.0, FIRST + 3
NOTE_CHARACTERS = 190
LONGEST_PLACE = 300  # characters; the JSON of « validate » holds every cell
LINE, PADDING, TALLEST = 12.5, 5.0, 400.0  # points
CHARACTERS = 1.3  # of text in a unit of column width, with a margin for other programs
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what a spreadsheet would decode
PLAIN_WORD = re.compile(r"[^\W\d_]+[\s’-]")
FIXED = (1980, 1, 1, 0, 0, 0)  # time of every part of the archive


@dataclass(frozen=True)
class Subject:
    """What a list is about: the file, its SHA-256, its faults, and the only date that is written."""

    file: str
    sha256: str
    faults: Sequence[Fault]
    as_of: date


def list_workbook(subject: Subject, why: str) -> bytes:
    """The faults alone, as a workbook; `why` the file itself is not annotated, as a sentence."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 — a new workbook has a sheet
    sheet.title = SHEET
    write_list(sheet, subject, why, linked=False)
    book.properties = DocumentProperties(creator=AUTHOR, title=f"{SHEET} : {clean(subject.file)}")
    return book_bytes(book, subject.as_of, dated=False)


def write_list(sheet: Any, subject: Subject, note: str, *, linked: bool) -> None:
    """Fill the blank `sheet`; with `linked`, each fault leads to its first cell in the same workbook."""
    for column, width in enumerate((MARGIN, *(width for _, width in COLUMNS)), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions[get_column_letter(LINK_COLUMN)].hidden = not linked
    top = _head(sheet, subject, note)
    for offset, (heading, _) in enumerate(COLUMNS):
        cell = _write(sheet, top, FIRST + offset, heading)
        cell.font = Font(name="Calibri", size=10, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=HEADING)
        cell.alignment = Alignment(vertical="center")
    sheet.row_dimensions[top].height = 20
    faults = worst_first(subject.faults)
    for row, fault in enumerate(faults, start=top + 1):
        _fault_row(sheet, row, fault, linked=linked)
    last = range_name((top, FIRST, top + len(faults), FIRST + len(COLUMNS) - 1))
    sheet.auto_filter.ref = last
    sheet.freeze_panes = f"A{top + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = HEADING
    _page(sheet, top)


def _head(sheet: Any, subject: Subject, note: str) -> int:
    """Write what stands over the table; returns the row of its headings."""
    counts = capital(severities_text(subject.faults))
    lines = [
        f"{clean(subject.file)} (empreinte SHA-256 : {subject.sha256[:12]}…)",
        f"{counts}. Seul ce qui est bloquant arrête la lecture du fichier.",
        note,
    ]
    title = _write(sheet, 1, FIRST, SHEET)
    title.font = Font(name="Calibri", size=14, bold=True, color=INK)
    sheet.row_dimensions[1].height = 24
    wrapped = [part for line in lines for part in textwrap.wrap(line, NOTE_CHARACTERS)]
    for row, line in enumerate(wrapped, start=2):
        _write(sheet, row, FIRST, line)
    return len(wrapped) + 3


def _fault_row(sheet: Any, row: int, fault: Fault, *, linked: bool) -> None:
    expected, nearest = expected_and_nearest(fault)
    areas = rectangles(fault.cells)
    texts = (
        fault.severity,
        fault.kind,
        f"« {fault.sheet} »" if fault.sheet else "",
        range_name(areas[0]) if linked and areas else "",
        shortened(areas) if areas else place(fault),
        _sentence(fault.found),
        "\n".join(_sentence(text) for text in (expected, nearest) if text),
        _sentence(fault.remedy),
    )
    height = 1
    rule = Border(bottom=Side("thin", color=RULE))
    for offset, (text, (_, width)) in enumerate(zip(texts, COLUMNS, strict=True)):
        cell = _write(sheet, row, FIRST + offset, text)
        cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), rule
        height = max(height, sum(_lines(line, width) for line in str(cell.value or "").split("\n")))
    sheet.cell(row, FIRST).fill = PatternFill("solid", fgColor=FILLS[fault.severity])
    sheet.row_dimensions[row].height = min(PADDING + LINE * height, TALLEST)
    if linked and areas:
        cell = sheet.cell(row, LINK_COLUMN)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=_location(fault.sheet, areas[0]))
        cell.font = Font(name="Calibri", size=10, underline="single", color=LINK)


def _sentence(text: str) -> str:
    """Capital and full stop: no text of a file stands alone in its cell, where it could pass for a heading or a code."""
    words = clean(text)
    words = capital(words) if PLAIN_WORD.match(words) else words  # never the name of a field
    return words + ("" if not text or text.endswith((".", "?", "!", "…")) else ".")


def shortened(areas: Sequence[Area]) -> str:
    """« C7:C9, C12 »; when endless, « C7:C9, C12… et 480 autres cellules »."""
    shown = ""
    for rank, area in enumerate(areas):
        longer = f"{shown}, {range_name(area)}" if shown else range_name(area)
        if len(longer) > LONGEST_PLACE:
            return f"{shown}… et {counted(cell_count(areas[rank:]), 'autre cellule', 'autres cellules')}"
        shown = longer
    return shown


def _location(sheet: str, area: Area) -> str:
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!{range_name(area)}"


def _write(sheet: Any, row: int, column: int, text: str) -> Any:
    """A text that nothing can make a formula, lines kept, all else that could break a sheet gone."""
    cell = sheet.cell(row, column)
    lines = "\n".join(clean(line) for line in text.split("\n"))
    if lines:
        cell.value = ESCAPE.sub("_x005F_", lines)
        cell.data_type = "s"
    cell.font = Font(name="Calibri", size=10, color=INK)
    return cell


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column, words kept whole."""
    return max(1, len(textwrap.wrap(text, int(width * CHARACTERS))))


def _page(sheet: Any, heading: int) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{heading}:{heading}"
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.4 if side != "bottom" else 0.7)
    sheet.oddFooter.right.text, sheet.oddFooter.right.size = "Page &P sur &N", 8


def book_bytes(book: Any, as_of: date, *, dated: bool) -> bytes:
    """The workbook, the same bytes for the same content; `dated` when it says itself when it was created."""
    moment = datetime.combine(as_of, time())
    book.properties.modified, book.properties.lastModifiedBy = moment, AUTHOR
    if not dated:
        book.properties.created = moment
    written, final = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).write_data()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(final, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, FIXED)
            part.compress_type, part.external_attr, part.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            target.writestr(part, source.read(name))
    return final.getvalue()
