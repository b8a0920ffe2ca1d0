"""How saisie.xlsx looks: cells to fill pale yellow, those of the tool grey and locked, protection without password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.page import PageMargins

from diagpacte.deliverables import french, style
from diagpacte.deliverables.correspondence_format import FIXED_FILL, INPUT_FILL, TYPED_HEADING
from diagpacte.deliverables.sheet_format import HEADING_FILL, INDENT, LINE, PADDING, RULE, lines_of

CALLING = "C9611F"  # the tab of « À régler » when somebody is waited for
HELP = "Aide : "  # begins the notes that are ours
NOTE_WIDTH, NOTE_CHARACTERS = 300, 48
ONE_PAGE, SCALE = 270, 60  # characters that one page can show; percentage of a sheet on several
HEADING_HEIGHT, HIGHEST = 30, 400  # points
FORMATS = {"nombre": "General", "date": "dd/mm/yyyy"}
PERSON, TOOL, HIDDEN = "personne", "outil", "cachee"


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour.removeprefix("#"))


def _font(**options: Any) -> Font:
    return Font(name="Calibri", size=options.pop("size", 10), **options)


SIDE = Side(style="thin", color=RULE.removeprefix("#"))
BORDER = Border(left=SIDE, right=SIDE, top=SIDE, bottom=SIDE)


def dress_sheet(sheet: Any, title: str, note: str, header: int, frozen: int) -> None:
    """Title, note, protection; the row of codes is hidden."""
    sheet["C1"].value, sheet["C1"].font = title, _font(size=14, bold=True)
    sheet["C2"].value, sheet["C2"].font = french.typography(note), _font(color=style.SOFT.removeprefix("#"))
    sheet.row_dimensions[1].height = 22
    sheet.row_dimensions[header - 1].hidden = True
    sheet.freeze_panes = sheet.cell(header + 1, frozen + 1)
    protection = sheet.protection
    protection.sheet = True
    for allowed in (
        "formatCells", "formatColumns", "formatRows", "insertColumns", "insertRows", "insertHyperlinks",
        "deleteColumns", "deleteRows", "sort", "autoFilter", "objects", "scenarios",
    ):  # fmt: skip
        setattr(protection, allowed, False)  # what is locked is what is True
    sheet.sheet_view.zoomScale = 90


def dress_page(sheet: Any, widths: Sequence[int], header: int, frozen: int) -> None:
    """Landscape A4; a sheet too wide to be read on one page is printed on several, each with the names of the rows."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.print_title_rows = f"{header}:{header}"
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"
    if sum(widths) <= ONE_PAGE:
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    else:
        sheet.page_setup.scale = SCALE
        sheet.print_title_cols = f"A:{get_column_letter(frozen)}"
    sheet.row_dimensions[header].height = HEADING_HEIGHT


class _Fitted(RowDimension):
    """A row whose height follows what is typed in it: Excel fits it again at each change."""

    @property
    def customHeight(self) -> bool:  # noqa: N802 — the name of the format
        return False


def fit_rows(sheet: Any, header: int) -> None:
    """Let the heights of the rows of the table follow their content; the library would freeze them."""
    for number, row in list(sheet.row_dimensions.items()):
        if number > header and row.ht is not None:
            sheet.row_dimensions[number] = _fitted(sheet, row)


def _fitted(sheet: Any, row: RowDimension) -> RowDimension:
    kept = {name: getattr(row, name) for name in ("hidden", "outlineLevel", "collapsed", "thickBot", "thickTop")}
    fitted = _Fitted(sheet, index=row.index, ht=row.ht, **kept)
    fitted._style = row._style  # type: ignore[attr-defined]
    return fitted


def heighten(sheet: Any, number: int, texts: Mapping[int, str]) -> None:
    """Make row `number` high enough for `texts`, by column."""
    widths = {place: sheet.column_dimensions[get_column_letter(place)] for place in texts}
    lines = [
        sum(lines_of(part, max((widths[place].width or 13) - INDENT, 4)) for part in text.split("\n"))
        for place, text in texts.items()
        if text and not widths[place].hidden
    ]
    wanted = min(LINE * max(lines, default=1) + PADDING, HIGHEST)
    if wanted > (sheet.row_dimensions[number].ht or LINE + PADDING):
        sheet.row_dimensions[number].height = wanted


def dress_column(sheet: Any, place: int, width: int, kind: str, owner: str) -> None:
    """Width; every cell below, to the last row of the sheet, can be typed in."""
    column = sheet.column_dimensions[get_column_letter(place)]
    column.width, column.hidden = width, owner == HIDDEN
    column.protection = Protection(locked=False)
    column.alignment = Alignment(wrap_text=True, vertical="top")
    column.number_format = FORMATS.get(kind, "@")
    column.font = _font()


def dress_heading(cell: Any, owner: str) -> None:
    cell.font = _font(bold=True, color="FFFFFF")
    cell.fill = _fill(TYPED_HEADING if owner == PERSON else HEADING_FILL)
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="left", indent=1)
    cell.border, cell.protection = BORDER, Protection(locked=True)


def dress_cell(cell: Any, kind: str, owner: str, *, locked: bool) -> None:
    """A cell to fill, or one of the tool."""
    cell.font = _font()
    cell.fill = _fill(INPUT_FILL if owner == PERSON else FIXED_FILL)
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left", indent=1)
    cell.border, cell.protection = BORDER, Protection(locked=locked)
    cell.number_format = FORMATS.get(kind, "@")


def note_size(text: str) -> tuple[int, int]:
    """Height and width of a note, in points."""
    lines = sum(lines_of(part, NOTE_CHARACTERS) for part in text.split("\n"))
    return int(LINE * (lines + 1) + 8), NOTE_WIDTH
