"""The names of a panel: zones by size on the page, then the départements around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from diagpacte.deliverables import style
from diagpacte.deliverables.map_draw import scale_box, write_label
from diagpacte.deliverables.map_ground import LEAST_SHARE, MapFrame
from diagpacte.deliverables.map_labels import (
    Board,
    Box,
    Label,
    Labels,
    Region,
    Wanted,
    box_of,
    integral,
    place_labels,
    put,
    region,
)
from diagpacte.deliverables.map_page import Page
from diagpacte.deliverables.map_panels import Panel
from diagpacte.deliverables.style import Pattern

SURE = (0.97,)
LEAST_GROUND = 20.0  # square mm of a neighbour that is named


@dataclass(frozen=True)
class Names:
    """Everything written on a map, where it goes, and the scale bar."""

    zones: Labels
    departments: tuple[Label, ...]
    scale: Box
    kilometres: float

    @property
    def boxes(self) -> list[Box]:
        return [box_of(label, "bold" if label.number else "medium") for label in self.zones.placed.values()]


def place_names(
    frame: MapFrame, panel: Panel, points: Sequence[tuple[float, float]], beside: Labels | None = None
) -> Names:
    """Names of `panel`, never over `points` (mm). `beside` are those of the panel at its left: it names the zones."""
    board = Board(frame.width, frame.height, points)
    scale, kilometres = scale_box(frame)
    board.take(scale)
    zones = Labels()
    if len(frame.zones) > 1:
        wanted = [Wanted(code, name, _written(panel, code)) for code, name in largest_first(frame)]
        whole = lambda: integral(board.mask(shapely.union_all([*frame.inside, *frame.outside])))  # noqa: E731
        grounds = frame.remember("whole", whole)
        regions = frame.remember("zones", lambda: zone_regions(frame, board))
        zones = place_labels(board, wanted, regions, grounds, beside.numbers if beside else None)
    departments = frame.remember("names", lambda: department_regions(frame, board))
    around = [put(board, Wanted(name, name, face="italic", sizes=(style.NEIGHBOUR_NAME,)), where, SURE)
              for name, where in departments]  # fmt: skip
    return Names(zones, tuple(label for label in around if label), scale, kilometres)


def _written(panel: Panel, code: str) -> str:
    """What is written under a name: every value of a small territory; everywhere a true zero and « – »."""
    fill = panel.fills[code]
    bare = fill.pattern is Pattern.BLANK or fill.colour == style.TRUE_ZERO
    return panel.values[code] if panel.values_written or bare else ""


def largest_first(frame: MapFrame) -> list[tuple[str, str]]:
    """Code and name of the zones, by their area on the page."""
    order = np.lexsort((frame.zones["zone_code"], -shapely.area(frame.inside)))
    return [(frame.zones["zone_code"].iloc[i], frame.zones["short_name"].iloc[i]) for i in order]


def zone_regions(frame: MapFrame, board: Board) -> dict[str, Region]:
    """Where each zone's name may go: in the territory; beyond it for a zone hardly inside."""
    edge = shapely.box(0, 0, frame.width, frame.height)
    found = {}
    for zone, inside, outside in zip(frame.zones.to_dict("records"), frame.inside, frame.outside, strict=True):
        beyond = shapely.intersection(outside, edge)
        hardly = zone["share_inside"] < LEAST_SHARE and shapely.area(beyond) > 0
        found[zone["zone_code"]] = region(board, beyond if hardly else inside)
    return found


def department_regions(frame: MapFrame, board: Board) -> list[tuple[str, Region]]:
    """The ground of each neighbouring département that is seen, largest first."""
    seen = shapely.intersection(frame.departments, shapely.box(0, 0, frame.width, frame.height))
    seen = shapely.difference(seen, shapely.union_all(frame.outside))
    order = np.argsort(-shapely.area(seen), kind="stable")
    large = [i for i in order if shapely.area(seen[i]) > LEAST_GROUND]
    return [(frame.department_names[i], region(board, _areas(seen[i]))) for i in large]


def _areas(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004


def draw_department_names(page: Page, names: Names, prefix: str) -> None:
    """Neighbours in grey italic: an aid, never information."""
    for label in names.departments:
        write_label(page, label, "italic", style.PALE, style.NEIGHBOUR, f"{prefix}-{label.key}")
