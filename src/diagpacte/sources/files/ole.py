"""The container of an .xls: the one stream that is the workbook, out of the sectors it is scattered in."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER = struct.Struct("<8s16s6H10L")  # mark, identifier, versions…, first sectors…
ENTRY = 128  # bytes of an entry of the directory
STREAM = 2  # kind of an entry
SECTOR_SHIFTS, MINI_SECTOR = (9, 12), 64  # sizes of sectors, as powers of two, and of those of small streams
LAST_SECTOR = 0xFFFFFFFA  # above, a number is no sector: end of chain, free…
NAMES = ("Workbook", "Book")


def workbook_stream(data: bytes) -> bytes:
    """The bytes of the stream « Workbook » (or « Book », before 1997) of a container.

    Raises ValueError when the container is malformed or holds none.
    """
    try:
        return _Container(data).stream(NAMES)
    except (struct.error, IndexError) as error:
        raise ValueError("container cut short") from error


class _Container:
    def __init__(self, data: bytes) -> None:
        fields = HEADER.unpack_from(data)
        if fields[0] != MARK:
            raise ValueError("no container")
        _, _, _, _, _, shift, mini_shift, _ = fields[:8]
        _, _, _, directory, _, self.smallest, mini_table, _, table_list, _ = fields[8:]
        if shift not in SECTOR_SHIFTS or 1 << mini_shift != MINI_SECTOR:
            raise ValueError("unknown size of sectors")
        self.data, self.size = data, 1 << shift
        self.table = self._numbers(self._table_sectors(table_list))
        self.directory = b"".join(map(self._sector, self._chain(directory, self.table)))
        self.mini_table = self._numbers(self._chain(mini_table, self.table))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.data):
            raise ValueError("sector beyond the end")
        return self.data[start : start + self.size].ljust(self.size, b"\0")

    def _numbers(self, sectors: Iterator[int]) -> tuple[int, ...]:
        raw = b"".join(map(self._sector, sectors))
        return struct.unpack(f"<{len(raw) // 4}L", raw)

    def _table_sectors(self, following: int) -> Iterator[int]:
        """The sectors of the allocation table: 109 in the header, the others in a chain of lists."""
        yield from (number for number in struct.unpack_from("<109L", self.data, 76) if number < LAST_SECTOR)
        seen = 0
        while following < LAST_SECTOR:
            numbers = struct.unpack(f"<{self.size // 4}L", self._sector(following))
            yield from (number for number in numbers[:-1] if number < LAST_SECTOR)
            following, seen = numbers[-1], seen + 1
            if seen * self.size > len(self.data):
                raise ValueError("endless list of sectors")

    def _chain(self, number: int, table: tuple[int, ...]) -> Iterator[int]:
        for _ in range(len(table) + 1):
            if number >= LAST_SECTOR:
                return
            yield number
            number = table[number]
        raise ValueError("endless chain of sectors")

    def stream(self, names: tuple[str, ...]) -> bytes:
        entries = [self.directory[place : place + ENTRY] for place in range(0, len(self.directory), ENTRY)]
        root_start = struct.unpack_from("<L", entries[0], 116)[0]
        found = {self._name(entry): entry for entry in entries if entry[66] == STREAM}
        entry = next((found[name] for name in names if name in found), None)
        if entry is None:
            raise ValueError("no workbook in the container")
        start, size = struct.unpack_from("<2L", entry, 116)
        if size >= self.smallest:
            return b"".join(map(self._sector, self._chain(start, self.table)))[:size]
        mini = b"".join(map(self._sector, self._chain(root_start, self.table)))
        parts = (
            mini[number * MINI_SECTOR : (number + 1) * MINI_SECTOR] for number in self._chain(start, self.mini_table)
        )
        return b"".join(parts)[:size]

    @staticmethod
    def _name(entry: bytes) -> str:
        size = struct.unpack_from("<H", entry, 64)[0]
        return entry[: max(min(size, 64) - 2, 0)].decode("utf-16-le", "replace")
