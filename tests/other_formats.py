"""Spreadsheets that no library at hand writes: .ods and .xls, one sheet « Feuille » each."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from workbook_builders import Rows


def write_ods(path: Path, rows: Rows) -> Path:
    """`rows` as LibreOffice stores them: numbers with their value, texts as text."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )

    def cell(value: object) -> str:
        if value in ("", None):
            return "<table:table-cell/>"
        kind = f'float" office:value="{value}' if isinstance(value, int | float) else "string"
        return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="Feuille">{lines}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def write_xls(path: Path, rows: Rows) -> Path:
    """`rows` as one sheet of an Excel 97 file: the « Workbook » stream of an OLE container."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def cell(row: int, column: int, value: object) -> bytes:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, int | float):
            return record(0x203, place + struct.pack("<d", value))
        text = str(value)
        return record(0x204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))

    begins, ends = struct.pack("<HH", 0x600, 5), record(0x0A, b"")
    sheet = record(0x809, struct.pack("<HH", 0x600, 0x10) + bytes(12)) + b"".join(
        cell(row, column, value)
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value not in ("", None)
    )
    head = record(0x809, begins + bytes(12))
    name = record(0x85, struct.pack("<IHBB", len(head) + 8 + 4 + 7 + 4, 0, 7, 0) + b"Feuille")
    stream = head + name + ends + sheet + ends
    path.write_bytes(_ole(stream.ljust(4096, b"\0")))
    return path


def _ole(stream: bytes) -> bytes:
    """One stream in a compound file of 512-byte sectors: sector 0 the chains, 1 the directory, 2… the stream."""
    sectors = -(-len(stream) // 512)
    chains = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    assert len(chains) <= 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * 4 * 108

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le") if name else b""
        links = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    directory += 2 * entry("", 0, 0xFFFFFFFF, 0, 0)
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(512, b"\xff")
    return header + table + directory + stream.ljust(512 * sectors, b"\0")
