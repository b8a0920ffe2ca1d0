"""Cells of .xls and .xlsb whose format shows words in place of their number."""

import struct
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from diagpacte.sources.files.binary_facts import packed_number
from diagpacte.sources.files.sheet_facts import SheetFacts
from diagpacte.sources.files.workbook import read_workbook
from diagpacte.sources.rules import ReadingLimits
from hostile_builders import container, record, wide, xls_record, xlsb, xlsb_row, zipped
from workbook_builders import cell, plain, read

CODE = '0;-0;"s"'
HIDING, BARE = 1, 0  # styles
WHOLE, HUNDREDTHS = 2, 1  # flags of packed numbers


def packed(value: int, flags: int) -> int:
    return (value << 2 & 0xFFFFFFFF) | flags


def words_of(facts: SheetFacts) -> set[tuple[int, int, str, float]]:
    return {
        (row, column, words, number)
        for column, by_words in facts.words.items()
        for words, worded in by_words.items()
        for row, number in zip(*worded, strict=True)
    }


def xls_of(path: Path, cells: bytes, *, wide_code: bool) -> Path:
    """An .xls of one sheet « F » with two styles: plain, and `CODE`."""
    text = CODE.encode("utf-16-le" if wide_code else "latin-1")
    code = xls_record(0x041E, struct.pack("<HHB", 164, len(CODE), wide_code) + text)
    styles = b"".join(xls_record(0x00E0, struct.pack("<2H", 0, number) + bytes(16)) for number in (0, 164))
    start = xls_record(0x0809, struct.pack("<2H", 0x0600, 0x0005) + bytes(12)) + code + styles
    listed_size = len(xls_record(0x0085, bytes(9)))
    listed = xls_record(0x0085, struct.pack("<LBBBB", len(start) + listed_size + 4, 0, 0, 1, 0) + b"F")
    sheet = xls_record(0x0809, struct.pack("<2H", 0x0600, 0x0010) + bytes(12)) + cells + xls_record(0x000A)
    path.write_bytes(container(start + listed + xls_record(0x000A) + sheet))
    return path


def test_an_xls_says_what_its_cells_show(tmp_path: Path) -> None:
    def at(row: int, column: int, style: int = HIDING) -> bytes:
        return struct.pack("<3H", row, column, style)

    many = struct.pack("<2H", 3, 0) + b"".join(
        struct.pack("<HL", style, packed(0, WHOLE)) for style in (HIDING, BARE, HIDING)
    )
    cells = b"".join(
        [
            xls_record(0x0203, at(0, 0) + struct.pack("<d", 0)),
            xls_record(0x0203, at(0, 1) + struct.pack("<d", 7.5)),
            xls_record(0x0203, at(0, 2, BARE) + struct.pack("<d", 0)),
            xls_record(0x027E, at(1, 0) + struct.pack("<L", packed(0, WHOLE))),
            xls_record(0x027E, at(1, 1) + struct.pack("<L", packed(250, WHOLE | HUNDREDTHS))),
            xls_record(0x0006, at(2, 0) + struct.pack("<d", 0) + bytes(8)),
            xls_record(0x0006, at(2, 1) + b"\2\0\x2a\0\0\0\xff\xff" + bytes(8)),
            xls_record(0x00BD, many + struct.pack("<H", 2)),
        ]
    )
    for wide_code in (True, False):
        sheet = read_workbook(xls_of(tmp_path / "a.xls", cells, wide_code=wide_code), ReadingLimits()).sheets[0]
        assert words_of(sheet.facts) == {(row, 1, "s", 0) for row in (1, 2, 3, 4)} | {(4, 3, "s", 0)}
        assert (sheet.cells[1, 1], sheet.facts.errors) == (2.5, {(3, 2): "#N/A"})


def test_a_secret_of_an_xls_is_never_read_as_the_zero_under_it(tmp_path: Path) -> None:
    texts = [["CODGEO", "NBMENPAUV21"], ["200000172", 0.0], ["200000438", 120.0]]
    cells = b""
    for row, values in enumerate(texts):
        for column, value in enumerate(values):
            place = struct.pack("<3H", row, column, HIDING)
            if isinstance(value, str):
                cells += xls_record(0x0204, place + struct.pack("<HB", len(value), 0) + value.encode())
            else:
                cells += xls_record(0x0203, place + struct.pack("<d", value))
    reading = read(xls_of(tmp_path / "a.xls", cells, wide_code=False), geo_vintage=2025)
    assert cell(reading, "EPCI:200000172", "NBMENPAUV21")["availability"] == "secret"
    assert cell(reading, "EPCI:200000438", "NBMENPAUV21")["value"] == 120
    assert "affiché « s », contient 0" in [plain(fault.found) for fault in reading.faults]


def test_an_xlsb_says_what_its_cells_show(tmp_path: Path) -> None:
    def at(column: int, style: int) -> bytes:
        return struct.pack("<LL", column, style | 1 << 24)  # the bits above are no part of the style

    style = struct.pack("<2H", 0, 164) + bytes(12)
    styles = b"".join(
        [
            record(615, struct.pack("<L", 1)), record(44, struct.pack("<H", 164) + wide(CODE)), record(616),
            record(626, struct.pack("<L", 1)), record(47, style), record(627),  # a style of styles
            record(617, struct.pack("<L", 2)), record(47, bytes(16)), record(47, style), record(618),
        ]
    )  # fmt: skip
    cells = b"".join(
        [
            record(2, at(0, HIDING) + struct.pack("<L", packed(0, WHOLE))),
            record(5, at(1, HIDING) + struct.pack("<d", 0)),
            record(5, at(2, BARE) + struct.pack("<d", 0)),
            record(9, at(3, HIDING) + struct.pack("<d", 0) + bytes(6)),
            record(5, at(4, HIDING) + struct.pack("<d", 3.5)),
        ]
    )
    parts = xlsb(xlsb_row(0, cells)) | {"xl/styles.bin": record(278) + styles + record(279)}
    facts = read_workbook(zipped(tmp_path / "a.xlsb", parts), ReadingLimits()).sheets[0].facts
    assert words_of(facts) == {(1, column, "s", 0) for column in (1, 2, 4)}


@given(st.integers(-(2**29), 2**29 - 1), st.booleans())
def test_a_whole_number_is_unpacked(value: int, hundredths: bool) -> None:
    found = packed_number(packed(value, WHOLE | (HUNDREDTHS if hundredths else 0)))
    assert found == (value / 100 if hundredths else value)


@given(st.integers(-(10**4), 10**4), st.integers(0, 8))
def test_a_real_number_is_unpacked(whole: int, halvings: int) -> None:
    value = whole / 2**halvings  # exact in the 20 bits of fraction that are kept
    raw = struct.unpack("<Q", struct.pack("<d", value))[0]
    assert raw & 0x3_FFFF_FFFF == 0
    assert packed_number(raw >> 32) == value
