"""The shared texts of an .xls, whose characters run over from one record to the next."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from diagpacte.sources.files.budget import TEXT_BYTES

WIDE, EXTENDED, RICH = 0x01, 0x04, 0x08


def text_costs(records: Sequence[bytes]) -> list[int]:
    """The cost of each text of the table that starts in the first record and goes on in the others.

    Raises struct.error or IndexError when the records hold less than they say.
    """
    reader = _Reader(records)
    (count,) = struct.unpack("<L", reader.take(8)[4:])
    costs = []
    for _ in range(count):
        length, options = struct.unpack("<HB", reader.take(3))
        runs = struct.unpack("<H", reader.take(2))[0] if options & RICH else 0
        extension = struct.unpack("<L", reader.take(4))[0] if options & EXTENDED else 0
        costs.append(TEXT_BYTES + 4 * length)
        reader.skip_text(length, wide=bool(options & WIDE))
        reader.skip(4 * runs + extension)
    return costs


class _Reader:
    """Goes through records as if they were one, but for the option byte where a text is cut."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self.records, self.rank, self.place = records, 0, 0

    def take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            piece = self.records[self.rank][self.place : self.place + size - len(taken)]
            taken += piece
            self.place += len(piece)
            if len(taken) < size:
                self._next()
        return taken

    def skip(self, size: int) -> None:
        while size:
            step = min(size, len(self.records[self.rank]) - self.place)
            self.place += step
            size -= step
            if size:
                self._next()

    def skip_text(self, length: int, *, wide: bool) -> None:
        while length:
            width = 2 if wide else 1
            step = min(length, (len(self.records[self.rank]) - self.place) // width)
            self.place += step * width
            length -= step
            if length:
                self._next()
                wide = bool(self.records[self.rank][0] & WIDE)
                self.place = 1

    def _next(self) -> None:
        self.rank, self.place = self.rank + 1, 0
        if self.rank >= len(self.records):
            raise IndexError
