"""A panel on the page: ground, zones, limits, points, names, scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path

from diagpacte.deliverables import style
from diagpacte.deliverables.map_ground import MapFrame
from diagpacte.deliverables.map_labels import Box, Label, Labels, box_of
from diagpacte.deliverables.map_page import Page
from diagpacte.deliverables.map_panels import Fill, Panel, Points
from diagpacte.deliverables.map_shapes import area_path, dots, edges, line_path, strokes
from diagpacte.deliverables.map_text import Style
from diagpacte.deliverables.style import MM, Pattern

DOT = 0.28  # of the step: how wide a dot is
CLOT = 1_000.0  # metres in a millimetre beyond which a cased coast is a blot
SCALE_HEIGHT = 6.6
NICE = (0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200)


def draw_ground(page: Page, frame: MapFrame) -> None:
    """Neighbours in flat grey, with their limits in white."""
    page.area(area_path(*frame.departments), style.NEIGHBOUR, 1)
    page.line(frame.remember("neighbours", lambda: line_path(edges(*frame.neighbours))), style.WHITE, 0.45, 1.1)
    page.line(frame.remember("departments", lambda: line_path(edges(*frame.departments))), style.WHITE, 1.5, 1.2)


def draw_zones(page: Page, frame: MapFrame, panel: Panel, boxes: list[Box]) -> None:
    """Each zone whole in its fill, under the id of its class; what lies outside the territory veiled; limits over all."""
    hidden = shapely.union_all([shapely.box(*box) for box in boxes])
    groups: dict[Fill, list[Any]] = {}
    for code, inside, outside in zip(frame.zones["zone_code"], frame.inside, frame.outside, strict=True):
        groups.setdefault(panel.fills[code], []).extend([inside, outside])
        _draw_zone(page, area_path(inside, outside), panel.fills[code].colour, panel.figures[0].format(code))
    for fill, shapes in groups.items():
        if fill.pattern:
            draw_pattern(page, shapely.difference(shapely.union_all(shapes), hidden), fill, 2.1)
        draw_veil(page, shapely.union_all(shapes[1::2]), fill, 2.2)
    veil = [shape for shape in frame.outside if not shapely.is_empty(shape)]
    limits = frame.remember("limits", lambda: line_path(edges(*frame.inside, *veil)))
    page.line(limits, style.WHITE, 1.2, 3)
    page.line(limits, style.ZONE_LIMIT, 0.45, 3.1)
    if not shapely.is_empty(frame.inner_limits):
        page.line(line_path(frame.inner_limits), style.WHITE, 2.2, 3.2)
        page.line(line_path(frame.inner_limits), style.ZONE_LIMIT, 1.0, 3.3)
    outline = line_path(frame.outline)
    if frame.scale <= CLOT or not _ragged(frame):
        page.line(outline, style.WHITE, 2.6, 3.4)
        page.line(outline, style.INK, 1.2, 3.5)
    else:
        page.line(outline, style.INK, 0.6, 3.5)


def _draw_zone(page: Page, path: Path, colour: str, name: str) -> None:
    if np.size(path.vertices):
        page.add(PathPatch(path, facecolor=colour, edgecolor="none", linewidth=0, transform=page.shift), 2, name)


def _ragged(frame: MapFrame) -> bool:
    """True for a coast whose outline is long for its ground: casing it would blot it."""
    outline = frame.outline
    return float(shapely.length(outline) / (2 * np.sqrt(np.pi * shapely.area(outline)))) > 4  # noqa: PLR2004


def draw_pattern(page: Page, shape: Any, fill: Fill, layer: float, step: float = style.PATTERN_STEP) -> None:
    """The strokes or dots of a missing kind, `step` millimetres apart."""
    if fill.pattern is Pattern.DOTS:
        x, y = dots(shape, step).T
        page.symbols(x, y, (DOT * step * MM) ** 2, "o", fill.stroke, "none", 0, layer)
    elif fill.pattern:
        page.line(line_path(strokes(shape, fill.pattern, step)), fill.stroke, style.PATTERN_STROKE, layer)


def draw_veil(page: Page, shape: Any, fill: Fill, layer: float) -> None:
    """White at 60 % and stripes: the same zone, beyond the border. Stripes are white, grey where white is lost."""
    if shapely.is_empty(shape):
        return
    colour = style.WHITE if style.lightness(fill.colour) < style.PALE_ABOVE else style.VEIL_ON_PALE
    page.area(area_path(shape), style.WHITE, layer, alpha=style.VEIL_WHITE)
    stripes = strokes(shape, Pattern.OBLIQUE, style.VEIL_STEP)
    page.line(line_path(stripes), colour, style.VEIL_STROKE, layer + 0.01)


def draw_points(page: Page, frame: MapFrame, points: tuple[Points, ...], project: Any, name: str) -> None:
    """Offers: those beyond the border first, as white discs; then each group in its symbol, all cased before."""
    area = point_area(sum(len(group.lon) for group in points if not group.outside))
    edge = style.POINT_EDGE * min(1.0, area / style.POINT_AREA + 0.3)
    for group in points:
        x, y = frame.place(*project(group.lon, group.lat))
        if group.outside:
            page.symbols(x, y, style.OUTSIDE_AREA, "o", style.WHITE, style.OUTSIDE_EDGE, 0.6, 4)
            continue
        areas = area * np.minimum(group.structures, style.MOST_AT_A_PLACE)
        page.symbols(x, y, areas, group.marker, style.WHITE, style.WHITE, edge + 1.1, 4.1)
        page.symbols(x, y, areas, group.marker, group.colour, style.INK, edge, 4.2, f"{name}-{group.label}")


def point_area(places: int) -> float:
    """Square points of a symbol for one structure: smaller when there are many."""
    return next((area for most, area in style.CROWDED if places <= most), style.CROWDED_AREA)


def draw_labels(page: Page, labels: Labels, panel: Panel, name: str, faces: str = "medium") -> None:
    """Names, white on dark fills; values under them in bold; a line to the zone for those outside it."""
    for label in labels.placed.values():
        fill = panel.fills[label.key]
        dark = style.lightness(fill.colour) < style.DARK_BELOW and label.share >= 0.88 and not fill.pattern  # noqa: PLR2004
        colour, halo = (style.WHITE, fill.colour) if dark else (style.INK, style.WHITE)
        if label.leader:
            _leader(page, label)
        face = "bold" if label.number else faces
        write_label(page, label, face, colour, halo, f"{name}-{label.key}", panel.figures[1].format(label.key))


def write_label(page: Page, label: Label, face: str, colour: str, halo: str, name: str, figure: str = "") -> None:
    """The lines of a label, centred; the last is the value of the zone, under the id of that `figure`."""
    lines = [(line, face) for line in label.lines] + ([(label.value, "bold")] if label.value else [])
    pitch = Style(face, label.size).line
    top = label.y + len(lines) * pitch / 2
    for row, (line, weight) in enumerate(lines):
        y = top - (row + 0.5) * pitch - label.size * 0.26 / MM
        known = figure if label.value and row == len(label.lines) else f"{name}-{row}"
        page.text(
            label.x, y, line, Style(weight, label.size), colour, "center", 6, halo, style.HALO, known or f"{name}-{row}"
        )


def _leader(page: Page, label: Label) -> None:
    assert label.leader is not None  # noqa: S101 — asked by draw_labels
    left, bottom, right, top = box_of(label)
    x, y = label.leader
    end = (min(max(x, left), right), min(max(y, bottom), top))
    page.rule(x, y, *end, style.WHITE, 1.6, 5)
    page.rule(x, y, *end, style.INK, 0.5, 5.1)
    page.add(Circle((x, y), 0.45, facecolor=style.INK, edgecolor=style.WHITE, linewidth=0.4, transform=page.shift), 5.2)


def scale_box(frame: MapFrame) -> tuple[Box, float]:
    """Where the scale bar goes, the corner that meets least of the zones, and its length in km."""
    kilometres = max(k for k in NICE if k * 1000 / frame.scale <= 0.24 * frame.width or k == NICE[0])
    wide = kilometres * 1000 / frame.scale + 12
    margin = 1.0
    right, top = frame.width - wide - margin, frame.height - SCALE_HEIGHT - margin
    corners = [(right, margin), (margin, margin), (right, top), (margin, top)]
    areas = shapely.union_all(frame.inside)
    free = [
        shapely.area(shapely.intersection(areas, shapely.box(x, y, x + wide, y + SCALE_HEIGHT))) for x, y in corners
    ]
    x, y = corners[int(np.argmin(free))]
    return (x, y, x + wide, y + SCALE_HEIGHT), kilometres


def draw_scale(page: Page, frame: MapFrame, box: Box, kilometres: float, name: str) -> None:
    """Scale bar and north."""
    left, bottom, right, top = box
    page.box(left, bottom, right - left, top - bottom, style.WHITE, alpha=0.85, layer=7)
    long = kilometres * 1000 / frame.scale
    x, y = left + 2, bottom + 1.6
    page.line(Path([(x, y + 1), (x, y), (x + long, y), (x + long, y + 1)]), style.INK, 0.9, 7.1, join="miter")
    text = f"{kilometres:g}".replace(".", ",") + "\u00a0km"
    page.text(
        x + long / 2, y + 1.5, text, Style("regular", style.LEGEND), align="center", layer=7.2, name=f"{name}-echelle"
    )
    middle = right - 3.4
    arrow = [(middle, top - 0.7), (middle + 1.15, top - 3.7), (middle, top - 3.0), (middle - 1.15, top - 3.7)]
    page.area(Path([*arrow, arrow[0]], [1, 2, 2, 2, 79]), style.INK, 7.1)
    north = Style("regular", 6.5)
    page.text(middle, bottom + 0.7, "N", north, align="center", layer=7.2, name=f"{name}-nord")
