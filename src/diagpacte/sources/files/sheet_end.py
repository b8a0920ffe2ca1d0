"""The bytes of a worksheet cut where its rows end: an engine stops there, another does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import closing

END_OF_ROWS = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>|<(?:[\w.-]+:)?sheetData[^<>]*/>")
LONGEST_END = 64  # bytes of such a tag


class CutAtTheEnd:
    """Gives the pieces of a sheet, with a call to `ended` once those of the rows are consumed.

    `refers`: a character is written by its number (« &#54; ») among the rows, where an engine drops it.
    """

    def __init__(self, pieces: Generator[bytes, None, None], ended: Callable[[], None]) -> None:
        self.source, self.ended = pieces, ended
        self.refers = False

    def pieces(self) -> Generator[bytes, None, None]:
        kept = b""  # the end of a piece, where half the tag may be
        with closing(self.source):
            for piece in self.source:
                data = kept + piece
                end = _end_of_rows(data)
                if end:
                    self.refers |= b"&#" in data[:end]
                    yield data[:end]
                    self.ended()
                    kept = data[end:]
                    break
                self.refers |= b"&#" in data
                ready = len(data) - LONGEST_END if len(data) > 2 * LONGEST_END else 0
                if ready:
                    yield data[:ready]
                kept = data[ready:]
            if kept:
                yield kept
            yield from self.source


def _end_of_rows(data: bytes) -> int:
    """The place after the tag that ends the rows, 0 without it. The word alone is found far faster than the tag."""
    place = data.find(b"sheetData")
    while place >= 0:
        end = END_OF_ROWS.search(data, max(place - LONGEST_END, 0), place + LONGEST_END)
        if end:
            return end.end()
        place = data.find(b"sheetData", place + 1)
    return 0
