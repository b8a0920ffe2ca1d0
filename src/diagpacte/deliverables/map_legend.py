"""Legends: in columns under a panel, or down a column beside it, followed by the table of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from diagpacte.deliverables import style
from diagpacte.deliverables.french import NBSP
from diagpacte.deliverables.map_draw import draw_pattern, draw_veil
from diagpacte.deliverables.map_page import Page, baseline
from diagpacte.deliverables.map_panels import STRUCTURES, Fill, Panel, Points, Row, Swatch
from diagpacte.deliverables.map_shapes import area_path
from diagpacte.deliverables.map_text import Style, balanced, shortened, widest, width, wrap
from diagpacte.deliverables.style import LEGEND_ROW, SWATCH

TEXT = Style("regular", style.LEGEND)
SMALL = Style("regular", style.NOTE)
HEAD = Style("semibold", style.LEGEND_TITLE)
BOLD = Style("semibold", style.LEGEND)
GAP = 6.0  # mm between two columns
INDENT = SWATCH[0] + 1.8
STRONG = Style("semibold", style.NOTE)
TABLE_ROW, CHIP = 3.75, (2.6, 2.4)
CHIP_STEP = 0.9  # mm between the strokes of a pattern in a chip
MOST_ROWS = 25
TWO_TABLES = 110.0  # mm of a column that holds two tables


@dataclass(frozen=True)
class Entry:
    """A line of a legend: a swatch, a symbol or bare words."""

    text: str
    swatch: Swatch | None = None
    points: Points | None = None
    style: Style = TEXT

    @property
    def indent(self) -> float:
        return INDENT if self.swatch else 4.0 if self.points else 0.0

    @property
    def width(self) -> float:
        return self.indent + width(self.text, self.style)


def blocks(panel: Panel, veil: Swatch | None) -> list[list[Entry]]:
    """Classes; what has no value; points; references. Empty blocks are left out."""
    swatches = [*panel.missing, *([veil] if veil else [])]
    groups = [
        [Entry(swatch.text, swatch) for swatch in panel.classes],
        [Entry(swatch.text, swatch) for swatch in swatches],
        [*_told(panel), *(Entry(group.label, points=group) for group in panel.points)],
        [Entry(text) for text in panel.references],
    ]
    return [group for group in groups if group]


def _told(panel: Panel) -> list[Entry]:
    """The source of the symbols, when they tell its bodies apart."""
    return [Entry(panel.points_title, style=BOLD)] if panel.points and panel.points_title != STRUCTURES else []


def columns(groups: list[list[Entry]], room: float) -> list[list[Entry]]:
    """The blocks side by side, each beginning a column, in as few rows as `room` allows."""
    for rows in range(4, 30):
        found = [group[start : start + rows] for group in groups for start in range(0, len(group), rows)]
        # A short block goes under another rather than beside it when there is no room.
        while len(found) > 1 and _total(found) > room:
            joined = next((i for i in range(len(found) - 1, 0, -1) if len(found[i]) + len(found[i - 1]) < rows), None)
            if joined is None:
                break
            found[joined - 1 : joined + 1] = [[*found[joined - 1], *found[joined]]]
        if _total(found) <= room:
            return found
    return [[entry for group in groups for entry in group]]


def _total(found: list[list[Entry]]) -> float:
    return sum(max(entry.width for entry in column) for column in found) + GAP * (len(found) - 1)


def legend_height(found: list[list[Entry]]) -> float:
    """Height of a legend in columns, with its title."""
    return 4.6 + max(len(column) for column in found) * LEGEND_ROW


def draw_legend(
    page: Page, left: float, top: float, room: float, title: str, aside: str, found: list[list[Entry]]
) -> None:
    """A legend in columns under a panel, spread over its width; `aside` is said after the title."""
    page.text(left, baseline(top, HEAD), title, HEAD)
    if aside and width(title, HEAD) + 3 + width(aside, SMALL) <= room:
        page.text(left + room, baseline(top, HEAD), aside, SMALL, style.SOFT, "right")
    spare = min(10.0, (room - _total(found)) / max(len(found) - 1, 1))
    for column in found:
        y = top - 4.6
        for entry in column:
            draw_entry(page, left, y, entry)
            y -= LEGEND_ROW
        left += max(entry.width for entry in column) + GAP + spare


def draw_entry(page: Page, left: float, top: float, entry: Entry) -> None:
    """One line of a legend, `top` its upper edge."""
    middle = top - LEGEND_ROW / 2
    if entry.swatch:
        draw_swatch(page, left, middle - SWATCH[1] / 2, *SWATCH, entry.swatch.fill, veiled=entry.swatch.veiled)
    if entry.points:
        draw_symbol(page, left + 1.4, middle, entry.points)
    page.text(left + entry.indent, middle - entry.style.size * 0.26 / style.MM, entry.text, entry.style)


def draw_swatch(
    page: Page, left: float, bottom: float, wide: float, high: float, fill: Fill, *, veiled: bool = False
) -> None:
    """A chip of colour or pattern, edged."""
    shape = shapely.box(left, bottom, left + wide, bottom + high)
    page.area(area_path(shape), fill.colour, 9)
    if fill.pattern:
        draw_pattern(page, shape, fill, 9.1, CHIP_STEP if wide < SWATCH[0] else style.PATTERN_STEP)
    if veiled:
        draw_veil(page, shape, fill, 9.1)
    page.box(left, bottom, wide, high, edge=style.ZONE_LIMIT, points=0.45, layer=9.2)


def draw_symbol(page: Page, x: float, y: float, group: Points) -> None:
    """The symbol of a group of points, for one structure."""
    if group.outside:
        page.symbols([x], [y], style.OUTSIDE_AREA, "o", style.WHITE, style.OUTSIDE_EDGE, 0.6, 9.1)
    else:
        page.symbols([x], [y], style.POINT_AREA, group.marker, group.colour, style.INK, style.POINT_EDGE, 9.1)


def draw_column(
    page: Page, left: float, top: float, room: float, panel: Panel, veil: Swatch | None, counted: str, numbers: Sequence[str]
) -> float:  # fmt: skip
    """The legend down a column, wrapped to `room`; returns where it ends."""
    for text, face, colour in ((panel.heading, HEAD, style.INK), (panel.legend_title, SMALL, style.SOFT)):
        for line in wrap(text, face, room):
            page.text(left, baseline(top, face), line, face, colour)
            top -= face.line
    top -= 1.0
    for heading, group in _titled(panel, veil):
        if heading:
            page.text(left, baseline(top, BOLD), heading, BOLD)
            top -= LEGEND_ROW
        for entry in group:
            top = _wrapped(page, left, top, room, entry)
        top -= 1.6
    for line in wrap(counted, SMALL, room):
        page.text(left, baseline(top, SMALL), line, SMALL, style.SOFT)
        top -= SMALL.line
    if numbers:
        top -= 1.6
        page.text(left, baseline(top, BOLD), f"Désignés par un numéro{NBSP}:", BOLD)
        top -= LEGEND_ROW
        for line in numbers:
            page.text(left, baseline(top, SMALL), shortened(line, SMALL, room), SMALL, style.SOFT)
            top -= SMALL.line
    return top


def _titled(panel: Panel, veil: Swatch | None) -> list[tuple[str, list[Entry]]]:
    classes = [Entry(swatch.text, swatch) for swatch in panel.classes]
    missing = [Entry(swatch.text, swatch) for swatch in panel.missing]
    points = [Entry(group.label, points=group) for group in panel.points]
    others = [Entry(veil.text, veil)] if veil else []
    references = [Entry(text) for text in panel.references]
    groups = [("", classes), ("Sans valeur publiable" if panel.word == "BESOIN" else "Pas de classe", missing), ("", others),
              (panel.points_title, points), ("", references)]  # fmt: skip
    return [(heading, group) for heading, group in groups if group]


def _wrapped(page: Page, left: float, top: float, room: float, entry: Entry) -> float:
    """An entry whose words may take several lines."""
    lines = balanced(entry.text, entry.style, room - entry.indent)
    draw_entry(page, left, top, Entry(lines[0], entry.swatch, entry.points, entry.style))
    for line in lines[1:]:
        top -= entry.style.line
        page.text(left + entry.indent, top - LEGEND_ROW / 2 - entry.style.size * 0.26 / style.MM, line, entry.style)
    return top - LEGEND_ROW


def draw_table(
    page: Page, left: float, top: float, bottom: float, room: float, panel: Panel, head: str, bars: bool
) -> None:
    """The values, worst first, with the chip of each zone; in two columns beyond 25 rows when `room` allows.

    Nothing when they do not all fit above `bottom`.
    """
    parts = 2 if len(panel.rows) > MOST_ROWS and room > TWO_TABLES else 1
    rows = -(-len(panel.rows) // parts)
    if rows > MOST_ROWS or top - TABLE_ROW * (rows + 1) < bottom:
        return
    wide = (room - (parts - 1) * GAP) / parts
    for part in range(parts):
        shown = panel.rows[part * rows : (part + 1) * rows]
        _draw_rows(page, left + part * (wide + GAP), top, wide, panel, shown, head, bars and parts == 1)


def _draw_rows(
    page: Page, left: float, top: float, room: float, panel: Panel, rows: Sequence[Row], head: str, bars: bool
) -> None:  # fmt: skip
    """One column of the table."""
    cells = {"distance" if panel.word == "ACCÈS" else "valeur": [row.value for row in rows]}
    counts = {panel.counts_head: [row.count for row in rows]} if panel.counts_head else {}
    taken = {title: max(widest(said, SMALL), width(title, STRONG)) + 2.5 for title, said in (cells | counts).items()}
    if counts and widest([row.name for row in rows], SMALL) <= room - 4 - sum(taken.values()):
        cells |= counts  # names are worth more than counts
    rights, names = {}, room - 4
    for title in cells:
        rights[title] = left + 4 + names
        names -= taken[title]
    page.text(left, baseline(top, STRONG), head, STRONG)
    for title, right in rights.items():
        page.text(right, baseline(top, STRONG), title, STRONG, align="right")
    named = min(names, widest([row.name for row in panel.rows], SMALL) + 2)
    for rank, row in enumerate(rows):
        y = top - TABLE_ROW * (rank + 1)
        draw_swatch(page, left, y - 2.7, *CHIP, row.fill)
        page.text(left + 4, baseline(y, SMALL), shortened(row.name, SMALL, names), SMALL, style.SOFT)
        if bars and row.size > 0:
            page.box(left + 4 + named, y - 2.6, (names - named) * row.size, 2.2, row.fill.colour, style.ZONE_LIMIT, 0.3)
        for title, right in rights.items():
            page.text(right, baseline(y, SMALL), cells[title][rank], SMALL, style.SOFT, "right")
