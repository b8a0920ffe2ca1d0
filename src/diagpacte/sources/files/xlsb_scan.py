"""One pass over the records of an .xlsb before any engine opens it: extent, errors, merges, what is hidden."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from diagpacte.sources.files.archives import opened
from diagpacte.sources.files.binary_facts import BinarySheet, RecordCount, broken_records, packed_number
from diagpacte.sources.files.budget import TEXT_BYTES, Budget, text_cost
from diagpacte.sources.files.prescan import Scan, extras, inspect_the_rest
from diagpacte.sources.files.refusals import damaged, hostile, oversized, shown
from diagpacte.sources.files.sheet_facts import SheetFacts, Unread
from diagpacte.sources.files.xml_guard import KB
from diagpacte.sources.files.xml_parts import BookFacts, Package
from diagpacte.sources.rules import ReadingLimits

BOOK, TEXTS, STYLES = "xl/workbook.bin", "xl/sharedStrings.bin", "xl/styles.bin"  # where the engine looks
# Numbers of records.
ROW, BLANK, PACKED_NUMBER, ERROR, NUMBER, TEXT, SHARED, FORMULA_TEXT, FORMULA_NUMBER, FORMULA_ERROR, LAST_CELL = (
    0, 1, 2, 3, 5, 6, 7, 8, 9, 11, 11,
)  # fmt: skip
FORMAT, STYLE, STYLES_OF_CELLS, END_OF_STYLES = 44, 47, 617, 618
SHARED_TEXT, COLUMNS, SHEET, MERGE = 19, 60, 156, 176
ROW_HIDDEN, COLUMN_HIDDEN = 0x10, 0x01
MORE = 0x80  # in a byte of a number: another byte follows
STYLE_BITS = 0xFFFFFF
CELL_VALUE = 8  # bytes before the value of a cell: column, style
Record = tuple[int, memoryview]
Records = Generator[Record, None, None]


def scan_xlsb(path: Path, limits: ReadingLimits, budget: Budget) -> Scan:
    """What is known of the sheets of an .xlsb, which the engine holds twice; raises RefusedError."""
    with opened(path, limits) as archive:
        package = Package(archive, limits)
        count = RecordCount(budget)
        relations = package.relations(BOOK)
        known = BookFacts(_formats(package, budget, count), _text_costs(package, budget, count))
        scan = Scan(unread=list(extras(archive.namelist())))
        for name, hidden, identifier in _sheets(package, count):
            relation = relations.get(identifier)
            if relation is None or not relation.part:
                raise hostile(f"la feuille « {shown(name)} » est hors du classeur")
            if relation.kind != "worksheet":
                scan.unread.append(Unread(shown(name), "ce n’est pas une feuille de calcul"))
                continue
            sheet = BinarySheet(SheetFacts(name, hidden), budget, known)
            with closing(_records(package, relation.part, count, name)) as records:
                _scan_sheet(records, sheet)
            scan.sheets.append(sheet.facts)
        inspect_the_rest(package)
        return scan


def _records(package: Package, part: str, count: RecordCount, sheet: str = "") -> Records:
    """Number and content of each record of a part, read a piece at a time."""
    most, rest = package.limits.max_tag_kb * KB, b""
    with closing(package.pieces(part)) as pieces:
        for piece in pieces:
            data, place = memoryview(rest + piece), 0
            while (header := _header(data, place)) and header[2] <= len(data):
                number, start, place = header
                count.one_more(sheet)
                yield number, data[start:place]
            rest = bytes(data[place:])
            if len(rest) > most:
                raise oversized(f"« {part} » : un enregistrement", f"{most // KB} Ko au plus", "max_tag_kb", sheet)
    if rest:
        raise broken_records(sheet)


def _header(data: memoryview, place: int) -> tuple[int, int, int] | None:
    """Number, start and end of the record at `place`; None when the bytes stop before its content."""
    try:
        number, place = _variable(data, place, 2)
        size, place = _variable(data, place, 4)
    except IndexError:
        return None
    return number, place, place + size


def _variable(data: memoryview, place: int, most: int) -> tuple[int, int]:
    """A number of at most `most` bytes of seven bits, and the place after it."""
    value = 0
    for rank in range(most):
        byte = data[place + rank]
        value |= (byte & ~MORE) << 7 * rank
        if byte < MORE:
            break
    return value, place + rank + 1


def _sheets(package: Package, count: RecordCount) -> list[tuple[str, bool, str]]:
    """Name, hidden or not, and relation of each sheet."""
    found: dict[str, tuple[str, bool, str]] = {}
    with closing(_records(package, BOOK, count)) as records:
        for number, record in records:
            if number == SHEET:
                try:
                    identifier, after = _wide_text(record, 8)
                    name, _ = _wide_text(record, after)
                except struct.error as error:
                    raise broken_records() from error
                if not name.strip() or name in found:
                    raise damaged(f"deux feuilles du même nom, ou feuille sans nom : « {shown(name)} »")
                found[name] = name, any(record[:4]), identifier
    return list(found.values())


def _wide_text(record: memoryview, place: int) -> tuple[str, int]:
    size = 2 * struct.unpack_from("<L", record, place)[0]
    end = place + 4 + size
    if end > len(record):
        raise struct.error
    return bytes(record[place + 4 : end]).decode("utf-16-le", "replace"), end


def _text_costs(package: Package, budget: Budget, count: RecordCount) -> array[int]:
    costs: array[int] = array("L")
    if TEXTS not in package:
        return costs
    with closing(_records(package, TEXTS, count)) as records:
        for number, record in records:
            if number == SHARED_TEXT:
                costs.append(TEXT_BYTES + 2 * len(record))
                budget.take_memory(costs[-1])
    return costs


def _formats(package: Package, budget: Budget, count: RecordCount) -> list[str]:
    """The number format of each style of the cells."""
    codes, styles, within = dict[int, str](), list[int](), False
    if STYLES not in package:
        return []
    try:
        with closing(_records(package, STYLES, count)) as records:
            for number, record in records:
                if number == FORMAT:
                    code, _ = _wide_text(record, 2)
                    budget.take_memory(text_cost(code))
                    codes[struct.unpack_from("<H", record)[0]] = code
                elif number in (STYLES_OF_CELLS, END_OF_STYLES):
                    within = number == STYLES_OF_CELLS
                elif number == STYLE and within:
                    styles.append(struct.unpack_from("<H", record, 2)[0])
    except struct.error as error:
        raise broken_records() from error
    return [codes.get(style, "") for style in styles]


def _scan_sheet(records: Records, sheet: BinarySheet) -> None:
    row = 0
    try:
        for number, record in records:
            if number == ROW:
                row = struct.unpack_from("<L", record)[0]
                if record[11] & ROW_HIDDEN:
                    sheet.hide_row(row)
            elif BLANK < number <= LAST_CELL:
                _see_cell(number, row, record, sheet)
            elif number == COLUMNS and record[16] & COLUMN_HIDDEN:
                sheet.hide_columns(*struct.unpack_from("<2L", record))
            elif number == MERGE:
                sheet.merge(*struct.unpack_from("<4L", record))
    except (struct.error, IndexError) as error:
        raise broken_records(sheet.facts.name) from error
    sheet.close()


def _see_cell(number: int, row: int, record: memoryview, sheet: BinarySheet) -> None:
    column, style = struct.unpack_from("<2L", record)
    sheet.cell(row, column)
    if number == PACKED_NUMBER:
        sheet.number(row, column, style & STYLE_BITS, packed_number(*struct.unpack_from("<L", record, CELL_VALUE)))
    elif number in (NUMBER, FORMULA_NUMBER):
        sheet.number(row, column, style & STYLE_BITS, *struct.unpack_from("<d", record, CELL_VALUE))
    elif number == SHARED:
        sheet.text(sheet.book.text_costs[struct.unpack_from("<L", record, CELL_VALUE)[0]])
    elif number in (TEXT, FORMULA_TEXT):
        sheet.text(TEXT_BYTES + 2 * len(record))
    elif number in (ERROR, FORMULA_ERROR):
        sheet.error(row, column, record[CELL_VALUE])
