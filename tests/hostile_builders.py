"""The smallest .xlsx, .ods and .xlsb by hand, part by part, so that a test may spoil any of them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_NS = "http://schemas.openxmlformats.org/package/2006"
STRICT_NS = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE_NS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = "xl/worksheets/sheet1.xml"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODS_NAMES = ("office", "table", "text", "style")

Parts = dict[str, bytes]


def xlsx(
    rows: str,
    *,
    texts: str | None = None,
    styles: str | None = None,
    after: str = "",
    before: str = "",
    book: str = "",
    name: str = "F",
    strict: bool = False,
) -> Parts:
    """A workbook of one sheet whose `<sheetData>` holds `rows`; `texts` are `<si>`, `styles` inside the style sheet."""
    space, office = (STRICT_NS, STRICT_OFFICE_NS) if strict else (SHEET_NS, OFFICE_NS)
    others = {"sharedStrings": texts, "styles": styles}
    present = {kind: inner for kind, inner in others.items() if inner is not None}
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{CONTENT_TYPE}.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), *((k, k) for k in present))
    )
    links = "".join(f'<Relationship Id="{kind}" Type="{office}/{kind}" Target="{kind}.xml"/>' for kind in present)
    made = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE_NS}/content-types"><Default Extension="rels" ContentType="'
        f'application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE_NS}/relationships"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{office}">{book}<sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="s1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE_NS}/relationships">'
        f'<Relationship Id="s1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>{links}</Relationships>',
        SHEET: f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{space}">{before}<sheetData>{rows}'
        f"</sheetData>{after}</worksheet>",
    }
    if texts is not None:
        made["xl/sharedStrings.xml"] = f'<sst xmlns="{space}">{texts}</sst>'
    if styles is not None:
        made["xl/styles.xml"] = f'<styleSheet xmlns="{space}">{styles}</styleSheet>'
    return {part: text.encode() for part, text in made.items()}


def row(cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{cells}</row>'


def ods(rows: str, *, styles: str = "", attributes: str = 'table:name="F"') -> Parts:
    """An .ods of one table."""
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ODS_NAMES)
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    return {
        "mimetype": ODS_TYPE.encode(),
        "META-INF/manifest.xml": b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        "content.xml": (
            f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
            f"<office:spreadsheet><table:table {attributes}>{rows}</table:table></office:spreadsheet></office:body>"
            "</office:document-content>"
        ).encode(),
    }


def ods_cell(value: float | str, attributes: str = "", kind: str = "") -> str:
    kind = kind or ("string" if isinstance(value, str) else "float")
    number = "" if isinstance(value, str) else f' office:value="{value}"'
    text = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="{kind}"{number} {attributes}>{text}</table:table-cell>'


def record(number: int, content: bytes = b"") -> bytes:
    """A record of an .xlsb."""
    return _by_seven_bits(number) + _by_seven_bits(len(content)) + content


def _by_seven_bits(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + _by_seven_bits(number >> 7)


def wide(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def xlsb_cell(column: int, number: int, value: bytes) -> bytes:
    return record(number, struct.pack("<LL", column, 0) + value)


def xlsb_row(number: int, cells: bytes, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<LLHBBBL", number, 0, 300, 0, 0x10 if hidden else 0, 0, 0)) + cells


def xlsb(
    rows: bytes, *, texts: tuple[str, ...] = (), after: bytes = b"", before: bytes = b"", hidden: bool = False
) -> Parts:
    """An .xlsb of one sheet « F »."""
    relation = '<Relationship Id="{}" Type="' + OFFICE_NS + '/{}" Target="{}"/>'

    def links(*lines: tuple[str, str, str]) -> bytes:
        inner = "".join(relation.format(*line) for line in lines)
        return f'<Relationships xmlns="{PACKAGE_NS}/relationships">{inner}</Relationships>'.encode()

    listed = record(156, struct.pack("<LL", int(hidden), 1) + wide("s1") + wide("F"))
    extent = record(148, struct.pack("<4L", 0, 0, 0, 0))
    sheet = b"".join([record(129), extent, before, record(145), rows, record(146), after, record(130)])
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE_NS}/content-types"><Default Extension="bin" ContentType="'
        'application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'.encode(),
        "_rels/.rels": links(("r1", "officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": links(
            ("s1", "worksheet", "worksheets/sheet1.bin"), ("t1", "sharedStrings", "sharedStrings.bin")
        ),
        "xl/workbook.bin": record(131) + record(143) + listed + record(144) + record(132),
        "xl/worksheets/sheet1.bin": sheet,
        "xl/sharedStrings.bin": record(159, struct.pack("<LL", len(texts), len(texts)))
        + b"".join(record(19, b"\0" + wide(text)) for text in texts) + record(160),
    }  # fmt: skip


def zipped(path: Path, parts: Mapping[str, bytes], level: int = 1) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def with_lying_size(path: Path, name: str, announced: int) -> Path:
    """`path`, whose member `name` now announces only the size and the checksum of its first bytes."""
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo(name)
        with archive.open(part) as stream:
            checksum = zlib.crc32(stream.read(announced))
        local, central = part.header_offset, raw.find(b"PK\x01\x02", archive.start_dir)
    while raw[central + 46 : central + 46 + len(name)] != name.encode():
        central = raw.find(b"PK\x01\x02", central + 4)
    for place, crc_offset, size_offset in ((local, 14, 22), (central, 16, 24)):
        struct.pack_into("<L", raw, place + crc_offset, checksum)
        struct.pack_into("<L", raw, place + size_offset, announced)
    path.write_bytes(raw)
    return path


def xls_record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<2H", number, len(content)) + content


def xls(cells: bytes, *, texts: tuple[str, ...] = (), hidden: bool = False, encrypted: bool = False) -> bytes:
    """An .xls of one sheet « F », in its container."""
    shared = struct.pack("<2L", len(texts), len(texts))
    shared += b"".join(struct.pack("<HB", len(text), 1) + text.encode("utf-16-le") for text in texts)
    start = xls_record(0x0809, struct.pack("<2H", 0x0600, 0x0005) + bytes(12))
    password = xls_record(0x002F, bytes(6)) if encrypted else b""
    sheet_size = len(xls_record(0x0085, bytes(9)))
    place = len(start) + len(password) + sheet_size + len(_continued(shared)) + 4
    listed = xls_record(0x0085, struct.pack("<LBBBB", place, int(hidden), 0, 1, 0) + b"F")
    book = start + password + listed + _continued(shared) + xls_record(0x000A)
    sheet = xls_record(0x0809, struct.pack("<2H", 0x0600, 0x0010) + bytes(12)) + cells + xls_record(0x000A)
    return container(book + sheet)


def _continued(shared: bytes) -> bytes:
    """The shared texts in one record; a test that needs more cuts them itself."""
    return xls_record(0x00FC, shared)


def xls_number(row: int, column: int, value: float) -> bytes:
    return xls_record(0x0203, struct.pack("<3Hd", row, column, 0, value))


def xls_shared(row: int, column: int, text: int) -> bytes:
    return xls_record(0x00FD, struct.pack("<3HL", row, column, 0, text))


def xls_error(row: int, column: int, code: int) -> bytes:
    return xls_record(0x0205, struct.pack("<3H2B", row, column, 0, code, 1))


def container(stream: bytes) -> bytes:
    """The OLE container of a workbook stream: sectors of 512 bytes, the allocation table after them."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    used = len(stream) // 512
    tables = 1
    while tables * 128 < used + tables + 1:
        tables += 1
    directory = used
    numbers = [*range(1, used), 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFD] * tables]
    numbers += [0xFFFFFFFF] * (tables * 128 - len(numbers))
    first_tables = [used + 1 + rank for rank in range(tables)] + [0xFFFFFFFF] * (109 - tables)
    header = struct.pack(
        "<8s16s6H10L109L", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, tables,
        directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, *first_tables,
    )  # fmt: skip

    def entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        links = struct.pack("<3L", 0xFFFFFFFF, 0xFFFFFFFF, child)
        return raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1) + links + bytes(36) + struct.pack(
            "<3L", start, size, 0
        )  # fmt: skip

    entries = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + entry("Workbook", 2, 0, len(stream))
    return header + stream + entries.ljust(512, b"\0") + struct.pack(f"<{tables * 128}L", *numbers)
