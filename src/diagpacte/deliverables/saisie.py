"""saisie.xlsx made, or brought up to date in place: what people added to it, colours, notes, sheets, stays as it is."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation

from diagpacte.deliverables import french, saisie_look
from diagpacte.deliverables.saisie_guide import Line, write_guide
from diagpacte.deliverables.saisie_package import finished, stored_results
from diagpacte.deliverables.saisie_texts import put
from diagpacte.errors import DeliverableError, Fault

LISTS, GUIDE = "Listes", "Lisez-moi"
CODES_ROW, HEADER_ROW = 3, 4
FREE_ROWS, FEWEST_FREE = 40, 10  # rows ready to be typed in
MOST_FROZEN = 64  # characters kept in view
LAST_ROW = 2_000  # down to which drop-down lists go
AUTHOR = "diagpacte"
HIDDEN, TOOL, PERSON = "cachee", "outil", "personne"


@dataclass(frozen=True)
class SheetColumn:
    """A column. `code`: what its hidden cell says; `place`: its number in the workbook, 0 when it is to be added.

    `words`: the name of the list it is chosen from.
    """

    field: str
    code: str
    heading: str
    help: str = ""
    kind: str = "texte"
    words: str = ""
    owner: str = PERSON
    names: bool = False  # the row is known by it
    width: int = 20
    place: int = 0


@dataclass(frozen=True)
class SheetRow:
    """Texts to write in the row `number`, by field; « » empties. `fresh`: it takes the looks of its kind."""

    number: int
    cells: Mapping[str, str]
    tool: bool = False
    fresh: bool = False


@dataclass(frozen=True)
class SheetEdit:
    """What to do to a sheet; `present` is its name in the workbook, « » when it is to be made."""

    name: str
    note: str
    columns: Sequence[SheetColumn]
    present: str = ""
    header: int = HEADER_ROW
    rows: Sequence[SheetRow] = ()
    cleared: Sequence[int] = ()
    last_row: int = HEADER_ROW
    growing: bool = True  # people add rows to it
    calls: bool = False  # somebody is waited for: its tab says so


@dataclass(frozen=True)
class Content:
    """All the sheets, the words of the lists by name, the fingerprint of the dictionary, the guide."""

    sheets: Sequence[SheetEdit]
    lists: Mapping[str, Sequence[str]]
    form: str
    guide: Sequence[Line]
    title: str = "Saisie"
    renewed: bool = True  # the dictionary, or a list, has changed since the last writing


def saisie_bytes(present: bytes | None, content: Content, as_of: date) -> bytes:
    """The workbook: the same bytes for the same arguments. Only cells that `content` names are written."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is said elsewhere
        book = _opened(present) if present else openpyxl.Workbook()
        results = stored_results(present, book) if present else {}
        if not present:
            book.remove(book.worksheets[0])
        _guide(book, content)
        pages = [
            _sheet(book, edit, min(place, len(book.worksheets))) for place, edit in enumerate(content.sheets, start=1)
        ]
        places = _lists(book, content)
        for page, edit in zip(pages, content.sheets, strict=True):
            _choices(page, edit, places)
        book.properties.title = book.properties.title or content.title
        if not present:
            book.properties.creator, book.properties.language = AUTHOR, "fr-FR"
        buffer = io.BytesIO()
        book.save(buffer)
        formulas = {sheet.title: _formulas(sheet, results.get(sheet.title, {})) for sheet in book.worksheets}
    return finished(buffer.getvalue(), list(formulas.values()), as_of)


def _opened(present: bytes) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(present), rich_text=True)
    except Exception as error:  # the library raises whatever an odd style makes it raise
        found = "ce classeur peut être lu, mais pas mis à jour ; rien n’a été écrit, rien n’est perdu"
        remedy = "l’ouvrir dans Excel, l’enregistrer au format .xlsx à la même place, puis relancer"
        raise DeliverableError(Fault("saisie.xlsx", found=found, remedy=remedy)) from error


def _formulas(sheet: Any, results: Mapping[str, object]) -> dict[str, object]:
    """The stored results of the formulas that still stand in `sheet`, by cell."""
    return {place: value for place, value in results.items() if sheet[place].data_type == "f"}


def _guide(book: Any, content: Content) -> None:
    if GUIDE not in book.sheetnames:
        write_guide(book.create_sheet(GUIDE, 0), content.title, content.guide, fresh=True)
    elif content.renewed:
        write_guide(book[GUIDE], content.title, content.guide, fresh=False)


def _sheet(book: Any, edit: SheetEdit, place: int) -> Any:
    sheet = book[edit.present] if edit.present else book.create_sheet(edit.name, place)
    columns = _placed(edit, sheet)
    if not edit.present:
        shown = [column.width for column in columns.values() if column.owner != HIDDEN]
        saisie_look.dress_sheet(sheet, edit.name, edit.note, HEADER_ROW, _frozen(columns))
        saisie_look.dress_page(sheet, shown, HEADER_ROW, _frozen(columns))
    there = {column.field for column in edit.columns if column.place}
    for column in columns.values():
        if column.field not in there:
            _heading(sheet, edit, column)
        _help(sheet.cell(edit.header, column.place), column)
    for number in edit.cleared:
        for cell in sheet[number]:
            cell.value = None
    for row in edit.rows:
        _row(sheet, row, columns)
    saisie_look.fit_rows(sheet, edit.header)
    _free_rows(sheet, edit, columns)
    _filter(sheet, edit, columns)
    sheet.sheet_properties.tabColor = saisie_look.CALLING if edit.calls else None
    return sheet


def _placed(edit: SheetEdit, sheet: Any) -> dict[str, SheetColumn]:
    """The columns by field, those to be added at the right of all that is there."""
    free = sheet.max_column + 1 if edit.present else 1
    placed = {}
    for column in edit.columns:
        place, free = (column.place, free) if column.place else (free, free + 1)
        placed[column.field] = SheetColumn(**{**column.__dict__, "place": place})
    return placed


def _frozen(columns: Mapping[str, SheetColumn]) -> int:
    """How many columns stay in view: the hidden ones, and those that name the row as far as they leave room to type."""
    kept, width = 0, 0
    for place, column in enumerate(columns.values(), start=1):
        width += 0 if column.owner == HIDDEN else column.width
        if column.owner == HIDDEN or (column.names and (width <= MOST_FROZEN or not kept)):
            kept = place
    return max(kept, sum(column.owner == HIDDEN for column in columns.values()) + 1)


def _heading(sheet: Any, edit: SheetEdit, column: SheetColumn) -> None:
    code, heading = sheet.cell(edit.header - 1, column.place), sheet.cell(edit.header, column.place)
    put(code, column.code)
    if heading.value is None:
        put(heading, column.heading)
    saisie_look.dress_column(sheet, column.place, column.width, column.kind, column.owner)
    saisie_look.dress_heading(heading, column.owner)


def _help(cell: Any, column: SheetColumn) -> None:
    """The help of a heading; a note that somebody wrote there stays."""
    if not column.help or (cell.comment and not cell.comment.text.startswith(saisie_look.HELP)):
        return
    text = saisie_look.HELP + french.typography(column.help)
    height, width = saisie_look.note_size(text)
    cell.comment = Comment(text, AUTHOR, height=height, width=width)


def _row(sheet: Any, row: SheetRow, columns: Mapping[str, SheetColumn]) -> None:
    for name, column in columns.items():
        cell = sheet.cell(row.number, column.place)
        if row.fresh:
            locked = column.owner == HIDDEN or (column.owner == TOOL and row.tool)
            saisie_look.dress_cell(cell, column.kind, column.owner if row.tool else PERSON, locked=locked and row.tool)
        if name in row.cells:
            put(cell, row.cells[name], column.kind)
    told = {columns[name].place: text for name, text in row.cells.items() if name in columns}
    saisie_look.heighten(sheet, row.number, told)


def _free_rows(sheet: Any, edit: SheetEdit, columns: Mapping[str, SheetColumn]) -> None:
    """Rows ready to be typed in, below those that hold something; one that has its looks keeps them."""
    if not edit.growing:
        return
    used = max([edit.last_row, edit.header, *(row.number for row in edit.rows)])
    for number in range(used + 1, used + 1 + (FEWEST_FREE if edit.present or edit.rows else FREE_ROWS)):
        for column in columns.values():
            cell = sheet.cell(number, column.place)
            if cell.value is None and not cell.has_style:
                saisie_look.dress_cell(cell, column.kind, PERSON, locked=False)


def _filter(sheet: Any, edit: SheetEdit, columns: Mapping[str, SheetColumn]) -> None:
    """The filter reaches every column and row, hidden ones too: what is sorted is sorted whole."""
    bottom = max(sheet.max_row, edit.header + 1)
    right = max([column.place for column in columns.values()] + [sheet.max_column])
    if not edit.present:
        sheet.auto_filter.ref = f"A{edit.header}:{get_column_letter(right)}{bottom}"
    elif sheet.auto_filter.ref:
        left, top, last, _ = range_boundaries(sheet.auto_filter.ref)
        right = max(last or right, right)
        sheet.auto_filter.ref = f"{get_column_letter(left or 1)}{top or edit.header}:{get_column_letter(right)}{bottom}"


def _lists(book: Any, content: Content) -> dict[str, str]:
    """The sheet of lists written anew; returns the range of each."""
    if LISTS in book.sheetnames:
        sheet = book[LISTS]
        sheet.delete_cols(1, sheet.max_column)
    else:
        sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    put(sheet.cell(1, 1), f"forme {content.form}")
    places = {}
    for column, (name, words) in enumerate(sorted(content.lists.items()), start=2):
        put(sheet.cell(1, column), name)
        for row, word in enumerate(words, start=2):
            put(sheet.cell(row, column), word)
        letter = get_column_letter(column)
        if words:
            places[name] = f"{LISTS}!${letter}$2:${letter}${len(words) + 1}"
    return places


def _choices(sheet: Any, edit: SheetEdit, places: Mapping[str, str]) -> None:
    """The drop-down lists; those that somebody made stay."""
    kept = [one for one in sheet.data_validations.dataValidation if LISTS not in str(one.formula1)]
    sheet.data_validations.dataValidation = [*kept, *_validations(_placed(edit, sheet), edit, places)]


def _validations(
    columns: Mapping[str, SheetColumn], edit: SheetEdit, places: Mapping[str, str]
) -> Iterator[DataValidation]:
    for column in columns.values():
        if column.words in places:
            rule = DataValidation(type="list", formula1=places[column.words], allow_blank=True, errorStyle="warning")
            rule.errorTitle = column.heading[:32]
            rule.error = "Ce texte n’est pas dans la liste déroulante. Le garder tout de même ?"
            letter = get_column_letter(column.place)
            rule.add(f"{letter}{edit.header + 1}:{letter}{LAST_ROW}")
            yield rule
