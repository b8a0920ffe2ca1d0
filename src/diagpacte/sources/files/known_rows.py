"""Rows that differ from one already parsed by their number, values and styles alone: told from their bytes.

A sheet of millions of cells has a handful of such forms. Each becomes one pattern, which tells as much
of a row as the parser would: the parser is spared it.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing
from typing import NamedTuple, Protocol

from diagpacte.sources.files.cell_names import column_number

NUMBER, STYLE, VALUE = rb"[1-9][0-9]{0,6}", rb"[0-9]{1,5}", rb"[-+.0-9eE]{1,40}"
ROW = re.compile(
    rb'\s*<row r="(' + NUMBER + rb')"((?: (?:spans|ht|s|customFormat|customHeight|x14ac:dyDescent)="[0-9:.]*")*)>'
    rb'((?:<c r="[A-Z]{1,3}'
    + NUMBER
    + rb'"(?: s="'
    + STYLE
    + rb'")?(?: t="[sn]")?(?:/>|><v>'
    + VALUE
    + rb"</v></c>))+)"
    rb"</row>"
)
CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(' + NUMBER + rb')"( s="' + STYLE + rb'")?( t="[sn]")?(/>|><v>)(?:' + VALUE + rb"</v></c>)?"
)
BEGIN, END = b"<row ", b"</row>"
FORMS = 8  # tried, the last met first
PATIENCE = 200  # rows of no known form, one after another, after which no more are looked for
LONGEST = 1 << 16  # bytes kept back until a row ends: depth is judged by the piece


class Form(NamedTuple):
    """A row as every row of the same form is written."""

    pattern: re.Pattern[bytes]
    numbers: tuple[int, ...]  # columns of its numbers
    styles: tuple[int, ...]  # groups of their styles, empty where they have none
    texts: tuple[int, ...]  # groups of the numbers of its shared texts
    last: int  # column of its last filled cell
    tags: int


class Taker(Protocol):
    """What is told of the rows, by the parser or in its place."""

    row: int

    def take(self, form: Form, match: re.Match[bytes]) -> bool: ...


class KnownRows:
    """Gives the pieces of a sheet without the rows that `taker` takes; a row is known only once the parser agreed."""

    def __init__(self, pieces: Generator[bytes, None, None], taker: Taker) -> None:
        self.source, self.taker = pieces, taker
        self.forms: list[Form] = []
        self.follows = False  # what comes next stands right after a row that the parser, or `taker`, knows
        self.missed = 0

    def pieces(self) -> Generator[bytes, None, None]:
        rest = b""
        with closing(self.source):
            for piece in self.source:
                if self.missed > PATIENCE:
                    yield rest + piece
                    rest = b""
                    continue
                data, start = rest + piece, 0
                while (end := data.find(END, start) + len(END)) >= len(END):
                    if not (self.follows and self._taken(data, start, end)):
                        before = self.taker.row
                        yield data[start:end]
                        self._learn(data[max(data.rfind(BEGIN, start, end), start) : end], before)
                    start = end
                rest = data[start:]
                if len(rest) > LONGEST or b"sheetData" in rest:  # the end of the rows is told before what follows
                    yield rest
                    rest, self.follows = b"", False
        if rest:
            yield rest

    def _taken(self, data: bytes, start: int, end: int) -> bool:
        for place, form in enumerate(self.forms):
            match = form.pattern.fullmatch(data, start, end)
            if match:
                if place:
                    self.forms.insert(0, self.forms.pop(place))
                self.missed = 0
                return self.taker.take(form, match)
        return False

    def _learn(self, row: bytes, before: int) -> None:
        """The form of a row that the parser just had, if it is the next one to it too."""
        self.missed += 1
        match = ROW.fullmatch(row)
        self.follows = match is not None and before < self.taker.row == int(match[1])
        if match and self.follows and not any(form.pattern.fullmatch(row) for form in self.forms):
            form = _form(match)
            self.forms = [form, *self.forms[: FORMS - 1]] if form else self.forms


def _form(row: re.Match[bytes]) -> Form | None:
    """The form of a row of plain cells; None where a cell says to be of another row."""
    number, group = row[1], 1
    pattern = [rb'\s*<row r="(' + NUMBER + rb')"' + re.escape(row[2]) + b">"]
    numbers, styles, texts, last = list[int](), list[int](), list[int](), 0
    for letters, row_number, style, kind, opening in CELL.findall(row[3]):
        if row_number != number:
            return None
        column, filled, shared = column_number(letters.decode()), opening != b"/>", kind == b' t="s"'
        group += 1
        pattern.append(
            rb'<c r="' + letters + rb'\1"' + (rb' s="(' + STYLE + rb')"' if style else b"()") + kind + opening
        )
        if filled and not shared:
            numbers.append(column)
            styles.append(group)
            pattern.append(VALUE + b"</v></c>")
        elif filled:
            group += 1
            texts.append(group)
            pattern.append(rb"([0-9]{1,7})</v></c>")
        last = column if filled else last
    pattern.append(END)
    tags = row[0].count(b"<")
    return Form(re.compile(b"".join(pattern)), tuple(numbers), tuple(styles), tuple(texts), last, tags)
