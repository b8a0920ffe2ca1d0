"""Where things stand on the page: two panels, one panel and its column, or one zone in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from matplotlib.figure import Figure

from diagpacte.deliverables import style
from diagpacte.deliverables.french import NBSP, elided
from diagpacte.deliverables.map_draw import (
    draw_ground,
    draw_labels,
    draw_points,
    draw_scale,
    draw_zones,
)
from diagpacte.deliverables.map_ground import MapFrame, MapGround
from diagpacte.deliverables.map_labels import Labels
from diagpacte.deliverables.map_legend import (
    Entry,
    blocks,
    columns,
    draw_column,
    draw_entry,
    draw_legend,
    draw_table,
    legend_height,
)
from diagpacte.deliverables.map_names import Names, draw_department_names, place_names
from diagpacte.deliverables.map_page import Page, baseline
from diagpacte.deliverables.map_panels import Fill, Panel, Swatch, home, noun
from diagpacte.deliverables.map_text import Style, shortened, widest, width, wrap
from diagpacte.deliverables.map_words import SUBTITLE, TITLE, notes, subtitle, tags, title_lines
from diagpacte.deliverables.rules import MapContext
from diagpacte.deliverables.style import MARGIN, NOTE_LINE, PAGE
from diagpacte.tables import Published
from diagpacte.vocabulary import Territory, Theme

ROOM = PAGE[0] - 2 * MARGIN
TWO = (136.0, 122.0)  # width of a frame, and the height its scale is made for
ONE, ONE_TALL = (213.0, 154.0), (150.0, 154.0)
HIGHEST = 1.045  # times that height: beyond, the ground may not fill the frame
PANEL_GAP = 5.0
MOST_BESIDE = 12  # numbered names listed beside the map; more go to the notes
TAG_HEIGHT, TAG_GAP = 6.0, 2.0
NOTE = Style("regular", style.NOTE)
PANEL_TITLE = Style("semibold", style.PANEL_TITLE)
HEADING = Style("regular", style.PANEL_TITLE)
FIGURE = Style("semibold", 22)


@dataclass(frozen=True)
class Sheet:
    """What a page is made of."""

    published: Published
    territory: Territory
    theme: Theme
    context: MapContext
    ground: MapGround
    panels: tuple[Panel, ...]

    @property
    def counted(self) -> str:
        """What the numbers in brackets are."""
        return f"(n){NBSP}: nombre {elided('de', noun(self.territory, 2))}"

    def veil(self, frame: MapFrame) -> Swatch | None:
        """The legend of what is drawn beyond the border, when there is some in the frame."""
        edge = shapely.box(0, 0, frame.width, frame.height)
        if shapely.area(shapely.intersection(frame.outside, edge)).sum() < 1:
            return None
        one = noun(self.territory, 1).split(" ")[0]
        colour = self.panels[0].classes[0].fill.colour if self.panels[0].classes else style.ZONE_LIMIT
        return Swatch(
            Fill(colour), f"Partie {elided('de', one).replace('d’', 'de l’')} hors {home(self.territory)}", veiled=True
        )

    def listed(self, labels: Labels) -> tuple[list[str], list[str]]:
        """« n° 4 Baud Communauté »…, and the names that found no place at all."""
        names = dict(zip(self.ground.zones["zone_code"], self.ground.zones["short_name"], strict=True))
        numbers = sorted((number, names[code]) for code, number in labels.numbers.items())
        return [f"n°{NBSP}{number}{NBSP}{name}" for number, name in numbers], sorted(
            names[code] for code in labels.omitted
        )

    def notes(self, labels: Labels, *, numbers: bool = True) -> list[str]:
        """The lines under the rule."""
        numbered, omitted = self.listed(labels)
        paragraphs = notes(
            self.published, self.territory, self.theme, self.context, self.panels, self.ground.zones,
            numbered if numbers else [], omitted,
        )  # fmt: skip
        return [line for paragraph in paragraphs for line in wrap(paragraph, NOTE, ROOM)]


def draw_head(page: Page, sheet: Sheet) -> float:
    """Tags, title and subtitle; returns the height left free below."""
    right = PAGE[0] - MARGIN
    tag = Style("semibold", style.TAG)
    top = PAGE[1] - 9.0
    for text, black in reversed(tags(sheet.panels, sheet.published.diffusion)):
        wide = width(text, tag) + 5
        page.box(right - wide, top - TAG_HEIGHT, wide, TAG_HEIGHT, style.INK if black else style.WHITE, style.INK, 0.8)
        colour = style.WHITE if black else style.INK
        page.text(right - wide / 2, top - 4.05, text, tag, colour, "center")
        right -= wide + TAG_GAP
    for line in title_lines(sheet.territory, sheet.panels, right - 4 - MARGIN):
        page.text(MARGIN, baseline(top, TITLE), line, TITLE)
        top -= 6.0
    top -= 0.6
    page.text(
        MARGIN, baseline(top, SUBTITLE), subtitle(sheet.theme, sheet.panels, sheet.context, ROOM), SUBTITLE, style.SOFT
    )
    return top - 4.6


def draw_notes(page: Page, lines: list[str]) -> float:
    """Notes from the bottom of the page, a rule above them; returns the height of the rule."""
    top = notes_top(lines)
    page.rule(MARGIN, top, PAGE[0] - MARGIN, top, style.FRAME, 0.5)
    y = top - 1.6
    for line in lines:
        page.text(MARGIN, baseline(y, NOTE), line, NOTE, style.SOFT)
        y -= NOTE_LINE
    return top


def notes_top(lines: list[str]) -> float:
    """Height of the rule above the notes."""
    return MARGIN + len(lines) * NOTE_LINE + 1.6


def places(sheet: Sheet, frame: MapFrame, panel: Panel) -> list[tuple[float, float]]:
    """Millimetres of the symbols of a panel."""
    project = sheet.ground.project.transform
    found = [np.column_stack(frame.place(*project(group.lon, group.lat))) for group in panel.points]
    return [(float(x), float(y)) for group in found for x, y in group]


def seen(sheet: Sheet, panel: Panel, frame: MapFrame) -> Panel:
    """`panel` with only the points that stand in the frame."""
    kept = []
    for group in panel.points:
        x, y = frame.place(*sheet.ground.project.transform(group.lon, group.lat))
        within = np.flatnonzero((x > 1) & (x < frame.width - 1) & (y > 1) & (y < frame.height - 1))
        if len(within) or not group.outside:
            lon, lat = (tuple(axis[i] for i in within) for axis in (group.lon, group.lat))
            kept.append(replace(group, lon=lon, lat=lat, structures=tuple(group.structures[i] for i in within)))
    return replace(panel, points=tuple(kept))


def draw_map(page: Page, sheet: Sheet, frame: MapFrame, panel: Panel, names: Names, left: float, bottom: float) -> None:
    """One map in its frame."""
    name = panel.word.lower()
    page.inside(left, bottom, frame.width, frame.height)
    draw_ground(page, frame)
    draw_zones(page, frame, panel, names.boxes)
    draw_points(page, frame, panel.points, sheet.ground.project.transform, name)
    draw_labels(page, names.zones, panel, f"nom-{name}")
    draw_department_names(page, names, f"voisin-{name}")
    draw_scale(page, frame, names.scale, names.kilometres, name)
    page.anywhere()
    page.box(left, bottom, frame.width, frame.height, edge=style.FRAME, points=0.5, layer=8)


def two_panels(sheet: Sheet) -> Figure:
    """Need at left, access at right, one extent."""
    page = Page()
    top = draw_head(page, sheet) - 1.0
    wide = TWO[0]
    frame_top = top - 5.2
    least = sheet.ground.frame(wide, TWO[1], TWO[1])
    panels = [seen(sheet, panel, least) for panel in sheet.panels]
    veil = sheet.veil(least)
    legends = [columns(blocks(panel, veil if i == 0 else None), wide) for i, panel in enumerate(panels)]
    lines = sheet.notes(Labels())
    while True:
        legend_top = notes_top(lines) + 2.5 + max(map(legend_height, legends))
        height = min(float(np.floor(frame_top - legend_top - 2.5)), TWO[1] * HIGHEST)
        frame = sheet.ground.frame(wide, height, TWO[1])
        first = place_names(frame, panels[0], places(sheet, frame, panels[0]))
        second = place_names(frame, panels[1], places(sheet, frame, panels[1]), first.zones)
        said = sheet.notes(first.zones)
        if len(said) <= len(lines):
            break
        lines = said
    draw_notes(page, said)
    for i, (panel, names) in enumerate(zip(panels, (first, second), strict=True)):
        left = MARGIN + i * (wide + PANEL_GAP)
        page.text(left, baseline(top, PANEL_TITLE), panel.word, PANEL_TITLE)
        page.text(left + width(panel.word, PANEL_TITLE) + 2.2, baseline(top, HEADING), panel.heading, HEADING)
        draw_map(page, sheet, frame, panel, names, left, frame_top - height)
        aside = sheet.counted if i == 0 else ""
        draw_legend(page, left, frame_top - height - 2.5, wide, panel.legend_title, aside, legends[i])
    return page.figure


def one_panel(sheet: Sheet) -> Figure:
    """One map, its legend and its values beside it."""
    page = Page()
    frame_top = draw_head(page, sheet) - 1.0
    wide, least = ONE_TALL if sheet.ground.tall else ONE
    panel = seen(sheet, sheet.panels[0], sheet.ground.frame(wide, least, least))
    gap = 6.0 if sheet.ground.tall else 4.0
    left = MARGIN + wide + gap
    room = PAGE[0] - MARGIN - left
    lines = sheet.notes(Labels())
    while True:
        height = min(float(np.floor(frame_top - notes_top(lines) - 3)), least * HIGHEST)
        frame = sheet.ground.frame(wide, height, least)
        names = place_names(frame, panel, places(sheet, frame, panel))
        numbered = sheet.listed(names.zones)[0]
        beside = len(numbered) <= MOST_BESIDE and widest(numbered, NOTE) <= room
        said = sheet.notes(names.zones, numbers=not beside)
        if len(said) <= len(lines):
            break
        lines = said
    draw_notes(page, said)
    draw_map(page, sheet, frame, panel, names, MARGIN, frame_top - height)
    end = draw_column(page, left, frame_top, room, panel, sheet.veil(frame), sheet.counted, numbered if beside else [])
    draw_table(page, left, end - 3, frame_top - height, room, panel, noun(sheet.territory, 2), bars=sheet.ground.tall)
    return page.figure


def one_zone(sheet: Sheet) -> Figure:
    """A single zone: its values in words, its offers on one plain ground."""
    page = Page()
    frame_top = draw_head(page, sheet) - 1.0
    wide, least = ONE
    lines = sheet.notes(Labels())
    height = min(float(np.floor(frame_top - notes_top(lines) - 3)), least * HIGHEST)
    frame = sheet.ground.frame(wide, height, least)
    code = sheet.ground.zones["zone_code"].iloc[0]
    plain = replace(seen(sheet, sheet.panels[-1], frame), fills={code: Fill(style.PLAIN)})
    draw_notes(page, lines)
    names = place_names(frame, plain, places(sheet, frame, plain))
    draw_map(page, sheet, frame, plain, names, MARGIN, frame_top - height)
    left = MARGIN + wide + 4.0
    draw_words(page, (*sheet.panels[:-1], plain), left, frame_top, PAGE[0] - MARGIN - left, code)
    return page.figure


def draw_bars(page: Page, panel: Panel, fill: str, left: float, top: float, room: float) -> float:
    """The zone, in the colour of its class, and what it is compared with, as bars from zero; returns where they end."""
    small = Style("regular", style.LEGEND)
    most = max((value for _, value, _ in panel.compared), default=0)
    for rank, (name, value, text) in enumerate(panel.compared if most > 0 else ()):
        long = (room - 14) * max(value, 0) / most
        page.text(left, baseline(top, small), shortened(name, small, room), small, style.SOFT)
        page.box(left, top - 7.2, long, 3.2, fill if rank == 0 else style.NEIGHBOUR, style.ZONE_LIMIT, 0.3)
        page.text(left + long + 1.5, baseline(top - 4.2, small), text, small)
        top -= 9.2
    return top


def draw_words(page: Page, panels: Sequence[Panel], left: float, top: float, room: float, code: str) -> None:
    """Each measure as a figure with what it is and what it is compared with, then the offers."""
    small = Style("regular", style.LEGEND)
    for panel in panels:
        for line in wrap(panel.heading, PANEL_TITLE, room):
            page.text(left, baseline(top, PANEL_TITLE), line, PANEL_TITLE)
            top -= PANEL_TITLE.line
        top -= 1.5
        page.text(left, baseline(top, FIGURE), panel.values[code], FIGURE)
        top -= FIGURE.line + 0.5
        for text in (panel.legend_title, *panel.references):
            for line in wrap(text, small, room):
                page.text(left, baseline(top, small), line, small, style.SOFT)
                top -= 3.6
        top = draw_bars(page, panel, panel.fills[code].colour, left, top - 1.5, room) - 5
        if panel.points:
            page.text(left, baseline(top, PANEL_TITLE), panel.points_title, PANEL_TITLE)
            top -= 5.2
        for group in panel.points:
            draw_entry(page, left, top, Entry(group.label, points=group))
            top -= style.LEGEND_ROW
