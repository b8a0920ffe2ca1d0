"""Rows told from their bytes: the same facts, the same refusal, as when the parser has every one of them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diagpacte.sources.files import known_rows
from diagpacte.sources.files.budget import Budget
from diagpacte.sources.files.refusals import RefusedError
from diagpacte.sources.files.sheet_facts import SheetFacts
from diagpacte.sources.files.sheet_scan import scan_sheet
from diagpacte.sources.files.xml_parts import BookFacts
from diagpacte.sources.rules import ReadingLimits

BOOK = BookFacts(formats=("General", "0.0", "0%", '0;-0;"s"'), text_costs=(70, 90, 110))
HEAD, TAIL = '<?xml version="1.0"?><worksheet xmlns="m"><sheetData>', "</sheetData></worksheet>"
ODD_CELLS = (
    '<c r="{c}{r}" t="str"><f>A1</f><v>x</v></c>', '<c r="{c}{r}"><f>A1</f></c>', '<c r="{c}{r}" t="e"><v>#N/A</v></c>',
    '<c r="{c}{r}" t="inlineStr"><is><t>b</t></is></c>', '<c r="{c}{r}"><v><!-- --></v></c>', '<c r="{c}9"><v>1</v></c>',
    '<c r="{c}{r}" t="s"><v>99</v></c>', '<c t="s" r="{c}{r}"><v>1</v></c>', '<c r="{c}{r}" t="b"><v>1</v></c>',
    '<c r="{c}{r}" s="1" s="2"><v>1</v></c>', '<c r="{c}{r}" s="99"><v>1</v></c>', '<c r="{c}{r}"><v>1</v><v>2</v></c>',
    '<c r="{c}{r}"><v> s="1"</v></c>', "<c/>", '<c r="{c}"><v>1</v></c>', "</row>", "<x>", "&amp;",
)  # fmt: skip
ODD_ROWS = (
    "<!-- {row} -->", "<![CDATA[{row}]]>", "{row}{row}", "</sheetData>{row}", '<row hidden="1" r="{n}"/>', "<row>{cells}</row>",
    "<!-- </row>{row} -->", "\n {row}\n", "<x:row r=\"{n}\"/>", "&#54;", '<row r="{n}"><!-- </row>{row} --></row>',
)  # fmt: skip


def sheet_of(*parts: int | str) -> bytes:
    rows = (f'<row r="{one}"><c r="A{one}"><v>1</v></c></row>' if isinstance(one, int) else one for one in parts)
    return (HEAD + "".join(rows) + TAIL).encode()


def cells(row: int, draw: st.DrawFn, plain: bool) -> str:
    parts = []
    for column in "ABC":
        style = draw(st.sampled_from(("", ' s="1"', ' s="2"', ' s="3"'))) if not plain else ' s="1"'
        kind = draw(st.sampled_from(("n", "n", "n", "s", "blank", "")))
        value = draw(st.integers(0, 2)) if kind == "s" else draw(st.sampled_from(("1", "-2.5", "1E+5", ".", "0")))
        if kind in ("n", "s"):
            parts.append(
                f'<c r="{column}{row}"{style}{chr(32) + "t=" + chr(34) + "s" + chr(34) if kind == "s" else ""}><v>{value}</v></c>'
            )
        elif kind == "blank":
            parts.append(f'<c r="{column}{row}"{style}/>')
    if not plain and draw(st.integers(0, 9)) == 0:
        parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(ODD_CELLS)).format(c="D", r=row))
    return "".join(parts)


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    row, text = 0, []
    for _ in range(draw(st.integers(1, 12))):
        row += draw(st.sampled_from((1, 1, 1, 1, 2, 0, 98)))
        inner = cells(row, draw, draw(st.booleans()))
        written = f'<row r="{row}" spans="1:3">{inner}</row>'
        odd = draw(st.sampled_from(("", "", "", "", *ODD_ROWS)))
        text.append(odd.format(row=written, n=row, cells=inner) if odd else written)
    return (HEAD + "".join(text) + TAIL).encode()


def told(sheet: bytes, size: int) -> Any:
    """All that the scan tells of a sheet given in pieces of `size` bytes."""

    def pieces() -> Generator[bytes, None, None]:
        yield from (sheet[place : place + size] for place in range(0, len(sheet), size))

    facts, budget = SheetFacts("F"), Budget(ReadingLimits(max_rows=100))
    try:
        readable = scan_sheet(pieces, facts, "part", BOOK, budget)
    except RefusedError as refusal:
        return str(refusal)
    return asdict(facts), readable, budget.memory, budget.cells


@pytest.fixture(scope="module")
def parser_only() -> Any:
    def scan(sheet: bytes, size: int) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(known_rows, "PATIENCE", -1)
            return told(sheet, size)

    return scan


@settings(max_examples=600)
@given(sheets(), st.sampled_from((40, 300, 100_000)))
@example(sheet_of(1, "<!--", 2, "-->", '<row r="2"/>'), 9)
@example(sheet_of(1, 2, "<!--", 3, 4, "-->", 3), 300)
@example(sheet_of(1, 2, "<!--", 2, 3, "-->", 3), 300)
def test_known_rows_tell_what_the_parser_tells(parser_only: Any, sheet: bytes, size: int) -> None:
    assert told(sheet, size) == parser_only(sheet, size)


def test_most_rows_of_a_plain_sheet_are_told_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row % 3}</v></c><c r="B{row}" s="1"><v>{row}.5</v></c></row>'
        for row in range(1, 101)
    )
    given_to_parser: list[bytes] = []
    real = known_rows.KnownRows.pieces

    def listened(rows: known_rows.KnownRows) -> Generator[bytes, None, None]:
        for piece in real(rows):
            given_to_parser.append(piece)
            yield piece

    monkeypatch.setattr(known_rows.KnownRows, "pieces", listened)
    facts = told((HEAD + rows + TAIL).encode(), 1_000)[0]
    assert (facts["rows"], facts["columns"], facts["formats"]) == (100, 2, {2: {"0.0"}})
    assert sum(piece.count(b"<row") for piece in given_to_parser) <= 2
