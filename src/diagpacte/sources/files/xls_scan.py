"""One pass over the records of an .xls before any engine opens it: extent, errors, merges, what is hidden."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagpacte.sources.files.archives import check_size
from diagpacte.sources.files.binary_facts import BinarySheet, RecordCount, broken_records, packed_number
from diagpacte.sources.files.budget import TEXT_BYTES, Budget
from diagpacte.sources.files.ole import workbook_stream
from diagpacte.sources.files.prescan import Scan
from diagpacte.sources.files.refusals import damaged, encrypted, shown
from diagpacte.sources.files.sheet_facts import SheetFacts, Unread
from diagpacte.sources.files.xls_texts import text_costs
from diagpacte.sources.files.xml_parts import BookFacts
from diagpacte.sources.rules import ReadingLimits

# Numbers of records.
STARTS = (0x0009, 0x0209, 0x0409, 0x0809)
END, SHEET, PASSWORD, SHARED_TEXTS, CONTINUED = 0x000A, 0x0085, 0x002F, 0x00FC, 0x003C
FORMAT, STYLE = 0x041E, 0x00E0
ROW, COLUMNS, MERGES, MANY_NUMBERS = 0x0208, 0x007D, 0x00E5, 0x00BD
NUMBER, PACKED_NUMBER, SHARED, ERROR, FORMULA, FORMULA_TEXT = 0x0203, 0x027E, 0x00FD, 0x0205, 0x0006, 0x0207
TEXTS = (0x0204, 0x00D6)
CELLS = (NUMBER, PACKED_NUMBER, *TEXTS, SHARED, ERROR, FORMULA)
ROW_HIDDEN, COLUMN_HIDDEN = 0x20, 0x01
NO_NUMBER, RESULT_IS_ERROR = b"\xff\xff", 2  # what stands in place of the result of a formula
WORKSHEET = 0
MACROS = "_VBA_PROJECT_CUR".encode("utf-16-le")  # a folder of the container
VERSION_1997 = b"\x00\x06"  # first field of the first record
Record = tuple[int, int, bytes]  # place, number, content


@dataclass(frozen=True)
class _Listed:
    name: str
    place: int
    hidden: bool
    kind: int


def scan_xls(path: Path, limits: ReadingLimits, budget: Budget) -> Scan:
    """What is known of the sheets of an .xls, which the engine holds twice; raises RefusedError."""
    check_size(path, limits)
    raw = path.read_bytes()
    try:
        stream = workbook_stream(raw)
    except ValueError as error:
        raise damaged("conteneur .xls incomplet") from error
    count, scan = RecordCount(budget), Scan()
    if MACROS in raw:
        scan.unread.append(Unread("_VBA_PROJECT_CUR", "macros : ni lues ni exécutées"))
    del raw
    listed, book = _globals(stream, budget, count)
    for one in listed:
        if one.kind != WORKSHEET:
            scan.unread.append(Unread(shown(one.name), "ce n’est pas une feuille de calcul"))
            continue
        sheet = BinarySheet(SheetFacts(one.name, one.hidden), budget, book)
        try:
            _scan_sheet(_records(stream, one.place, count, one.name), sheet)
        except (struct.error, IndexError) as error:
            raise broken_records(one.name) from error
        scan.sheets.append(sheet.facts)
    return scan


def _records(stream: bytes, place: int, count: RecordCount, sheet: str = "") -> Iterator[Record]:
    """The records of a substream, without those of the charts inside it."""
    depth = 0
    while place + 4 <= len(stream):
        number, size = struct.unpack_from("<2H", stream, place)
        if place + 4 + size > len(stream):
            raise broken_records(sheet)
        count.one_more(sheet)
        depth += (number in STARTS) - (number == END)
        if depth <= 1:
            yield place, number, stream[place + 4 : place + 4 + size]
        if depth <= 0:
            return
        place += 4 + size
    raise broken_records(sheet)


def _globals(stream: bytes, budget: Budget, count: RecordCount) -> tuple[list[_Listed], BookFacts]:
    """The sheets of the workbook, the cost of each of its shared texts and the number format of each of its styles."""
    listed: list[_Listed] = []
    costs: list[int] = []
    shared: list[bytes] = []
    codes, styles = dict[int, str](), list[int]()
    since_1997 = stream[4:6] == VERSION_1997
    try:
        for _, number, record in _records(stream, 0, count):
            if number == PASSWORD:
                raise encrypted()
            if number == SHEET:
                listed.append(_sheet(record, since_1997=since_1997))
            elif number == FORMAT:
                codes[struct.unpack_from("<H", record)[0]] = _format(record, since_1997=since_1997)
            elif number == STYLE:
                styles.append(struct.unpack_from("<H", record, 2)[0])
            elif number == SHARED_TEXTS or (number == CONTINUED and shared):
                shared.append(record)
            elif shared and not costs:
                costs = text_costs(shared)
                budget.take_memory(sum(costs))
    except (struct.error, IndexError) as error:
        raise broken_records() from error
    return listed, BookFacts([codes.get(style, "") for style in styles], costs)


def _format(record: bytes, *, since_1997: bool) -> str:
    if not since_1997:
        return record[3 : 3 + record[2]].decode("cp1252", "replace")
    size, wide = struct.unpack_from("<HB", record, 2)
    return (
        record[5 : 5 + 2 * size].decode("utf-16-le", "replace") if wide & 1 else record[5 : 5 + size].decode("latin-1")
    )


def _sheet(record: bytes, *, since_1997: bool) -> _Listed:
    place, state, kind, size = struct.unpack_from("<L3B", record)
    raw = record[8:] if since_1997 else record[7:]
    wide = since_1997 and record[7] & 1
    name = raw[: 2 * size].decode("utf-16-le", "replace") if wide else raw[:size].decode("cp1252", "replace")
    return _Listed(name, place, state & 3 != 0, kind)


def _scan_sheet(records: Iterator[Record], sheet: BinarySheet) -> None:
    for _, number, record in records:
        if number in CELLS:
            _see_cell(number, record, sheet)
        elif number == FORMULA_TEXT:
            sheet.text(TEXT_BYTES + 2 * len(record))
        elif number == MANY_NUMBERS:
            row, first = struct.unpack_from("<2H", record)
            many = (len(record) - 6) // 6
            sheet.cell(row, first + many - 1)
            for place in range(many if sheet.book.hiding else 0):
                style, packed = struct.unpack_from("<HL", record, 4 + 6 * place)
                sheet.number(row, first + place, style, packed_number(packed))
        elif number == ROW and record[12] & ROW_HIDDEN:
            sheet.hide_row(struct.unpack_from("<H", record)[0])
        elif number == COLUMNS and record[8] & COLUMN_HIDDEN:
            sheet.hide_columns(*struct.unpack_from("<2H", record))
        elif number == MERGES:
            for place in range(struct.unpack_from("<H", record)[0]):
                sheet.merge(*struct.unpack_from("<4H", record, 2 + 8 * place))
    sheet.close()


def _see_cell(number: int, record: bytes, sheet: BinarySheet) -> None:
    row, column, style = struct.unpack_from("<3H", record)
    sheet.cell(row, column)
    if number == NUMBER:
        sheet.number(row, column, style, *struct.unpack_from("<d", record, 6))
    elif number == PACKED_NUMBER:
        sheet.number(row, column, style, packed_number(*struct.unpack_from("<L", record, 6)))
    elif number == SHARED:
        sheet.text(sheet.book.text_costs[struct.unpack_from("<L", record, 6)[0]])
    elif number in TEXTS:
        sheet.text(TEXT_BYTES + 2 * len(record))
    elif number == ERROR and record[7]:
        sheet.error(row, column, record[6])
    elif number == FORMULA and record[12:14] != NO_NUMBER:
        sheet.number(row, column, style, *struct.unpack_from("<d", record, 6))
    elif number == FORMULA and record[6] == RESULT_IS_ERROR:
        sheet.error(row, column, record[8])
