"""Spreadsheets, without a word about what they hold: any file → sheets of cells that keep their place.

`cells[row - 1, column - 1]` is the cell as the engine gives it: str, float, int, bool, date, or blank
(None or empty text). Error cells hold their text (« #N/A »); formulas without a stored result are
blank and listed in the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagpacte.errors import Fault, SourceError
from diagpacte.sources.files.apart import read_apart
from diagpacte.sources.files.apart_reader import Row
from diagpacte.sources.files.archives import check_size
from diagpacte.sources.files.budget import Budget
from diagpacte.sources.files.cell_names import Cell, cell_name
from diagpacte.sources.files.engines import CarefulEngine, Cells, FastEngine, filled, read_sheet
from diagpacte.sources.files.members import Member, unpacked
from diagpacte.sources.files.ods_scan import scan_ods
from diagpacte.sources.files.prescan import Scan, scan_workbook
from diagpacte.sources.files.refusals import SAVE_AGAIN, damaged, hostile, refusals, shown
from diagpacte.sources.files.sheet_facts import SheetFacts, Unread
from diagpacte.sources.files.sniffing import FileKind, sniff
from diagpacte.sources.files.text_tables import text_rows
from diagpacte.sources.files.xls_scan import scan_xls
from diagpacte.sources.files.xlsb_scan import scan_xlsb
from diagpacte.sources.rules import ReadingLimits

__all__ = ["Cells", "Sheet", "Workbook", "read_workbook"]

SCANS: Mapping[FileKind, Callable[[Path, ReadingLimits, Budget], Scan]] = {
    FileKind.XLS: scan_xls,
    FileKind.XLSB: scan_xlsb,
    FileKind.ODS: scan_ods,
}


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells from A1 on, and what the engines do not tell.

    `turned`: rows and columns, here and in the facts, are the columns and rows of the file.
    """

    name: str
    cells: Cells
    facts: SheetFacts = field(default_factory=lambda: SheetFacts(""))
    turned: bool = False

    def place(self, row: int, column: int) -> Cell:
        """Row and column in the file of what stands here in `row` and `column`, all from 1."""
        return (column, row) if self.turned else (row, column)

    def cell_name(self, row: int, column: int) -> str:
        """« C7 », as the file names it."""
        return cell_name(*self.place(row, column))

    def text(self, row: int, column: int) -> str:
        """The cell in row and column (from 1) as text, spaces trimmed; « » when blank or outside."""
        if not (0 < row <= self.cells.shape[0] and 0 < column <= self.cells.shape[1]):
            return ""
        value = self.cells[row - 1, column - 1]
        whole = isinstance(value, float) and value.is_integer()  # the heading 2019 is no « 2019.0 »
        return "" if value is None else str(int(value) if whole else value).strip()


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file, in their order; a text file is one sheet without a name.

    `unread`: sheets, parts or members left aside, each with its reason, in French.
    """

    file: str
    sheets: tuple[Sheet, ...]
    unread: tuple[Unread, ...] = ()


def read_workbook(path: Path, limits: ReadingLimits) -> Workbook:
    """Every sheet of `path`: .xlsx, .xlsm, .xls, .xlsb, .ods, text (`;`, tab or `,`), or a zip of them.

    A sheet of a zip is named « membre.xlsx › ENSEMBLE », a text « membre.csv ». Raises SourceError, in
    French, for what is no table, is encrypted, damaged, hostile or beyond `limits`, naming the part.
    """
    kind, budget = sniff(path), Budget(limits)
    if kind is FileKind.ARCHIVE:
        return _read_members(path, budget)
    with refusals(path):
        sheets, unread = _read_file(path, kind, budget)
    return Workbook(path.name, tuple(sheets), tuple(unread))


def _read_members(path: Path, budget: Budget) -> Workbook:
    sheets: list[Sheet] = []
    with unpacked(path, budget.limits) as members:
        unread = list(members.unread)
        for member in members.tables:
            try:
                with refusals(member.path):
                    read, left = _read_file(member.path, _member_kind(member), budget)
            except SourceError as error:
                raise SourceError(*(_of_member(fault, path, member) for fault in error.faults)) from error
            sheets += [replace(sheet, name=_inside(member, sheet.name)) for sheet in read]
            unread += [Unread(_inside(member, name), reason) for name, reason in left]
    return Workbook(path.name, tuple(sheets), tuple(unread))


def _inside(member: Member, name: str) -> str:
    return f"{member.name} › {name}" if name else member.name


def _member_kind(member: Member) -> FileKind:
    kind = sniff(member.path)
    if kind is FileKind.ARCHIVE:
        raise hostile("une archive dans l’archive", "des classeurs ou des CSV")
    return kind


def _of_member(fault: Fault, path: Path, member: Member) -> Fault:
    """The fault of a member as one of the archive it is in."""
    if fault.sheet:
        return replace(fault, file=path.name, sheet=_inside(member, fault.sheet))
    return replace(fault, file=path.name, found=f"membre « {member.name} » : {fault.found}")


def _read_file(path: Path, kind: FileKind, budget: Budget) -> tuple[list[Sheet], list[Unread]]:
    if kind is FileKind.TEXT:
        return [_read_text(path, budget)], []
    if kind is FileKind.XLSX:
        scan = scan_workbook(path, budget.limits, budget)
        with closing(FastEngine(path)) as fast, closing(CarefulEngine(path)) as careful:
            cells = [
                read_sheet((fast, careful), facts, readable)
                for facts, readable in zip(scan.sheets, scan.readable, strict=True)
            ]
    else:
        scan = SCANS[kind](path, budget.limits, budget)
        apart = read_apart(path, scan.sheets, budget.limits.max_seconds)
        with closing(apart):
            cells = [_filled(rows, facts) for rows, facts in zip(apart, scan.sheets, strict=False)]
    sheets = [Sheet(shown(facts.name), rows, facts) for facts, rows in zip(scan.sheets, cells, strict=True)]
    return sheets, scan.unread


def _filled(rows: Iterable[Row], facts: SheetFacts) -> Cells:
    try:
        return filled(rows, facts)
    except ValueError as error:
        raise damaged("contenu que rien ne sait lire", facts.name, SAVE_AGAIN) from error


def _read_text(path: Path, budget: Budget) -> Sheet:
    check_size(path, budget.limits)
    rows: list[list[str]] = []
    width = 0
    for row in text_rows(path, budget):
        rows.append(row)
        if len(row) > width:
            width = max(width, _last_filled(row))
            budget.check_cell(1, width, "")
    facts = SheetFacts("", rows=len(rows), columns=width)
    budget.take_sheet(facts.rows, facts.columns, "")
    return Sheet("", filled(rows, facts), facts)


def _last_filled(row: Sequence[str]) -> int:
    """Number of the last cell of `row` that holds something."""
    return next((number for number in range(len(row), 0, -1) if row[number - 1]), 0)
