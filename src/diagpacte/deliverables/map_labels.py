"""Where names go: largest zones first, never one over another, never over a point.

The frame is a board of small cells; the share of a box that lies in a zone, the boxes already there and the
points it would hide are sums over rectangles, read from integral images.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import shapely

from diagpacte.deliverables.french import NBSP
from diagpacte.deliverables.map_text import Style, width
from diagpacte.deliverables.style import LABEL_SIZES

CELL = 0.4  # mm
SPREAD = 3  # cells between two candidates: 1.2 mm
MARGIN = 0.5  # mm between two boxes
PADDING = 0.5  # mm of a box around its text
POINT_RADIUS = 0.9  # mm
ASKED_INSIDE = (0.97, 0.80, 0.66)
NUMBER_INSIDE = 0.45
LONG_NAME = 36  # letters on a line beside a map
LONGEST_LEADER = 0.17  # of the frame's width
SMALL_WORDS = re.compile(r"\b(d[eu]|des|la|les?|et|en|sur|sous|aux?|à) ", re.IGNORECASE)

Box = tuple[float, float, float, float]  # left, bottom, right, top in mm


@dataclass(frozen=True)
class Label:
    """A name in place: its lines, centred on (x, y); `leader` is where the zone it speaks of is."""

    key: str
    lines: tuple[str, ...]
    x: float
    y: float
    size: float
    share: float
    value: str = ""
    leader: tuple[float, float] | None = None
    number: int = 0


@dataclass
class Labels:
    """What could be placed, what is told by a number, what found no room."""

    placed: dict[str, Label] = field(default_factory=dict)
    omitted: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> dict[str, int]:
        return {key: label.number for key, label in self.placed.items() if label.number}


@dataclass(frozen=True)
class Wanted:
    """A name to place: the text, what is written under it, and the face of the name."""

    key: str
    name: str
    value: str = ""
    face: str = "medium"
    sizes: tuple[float, ...] = LABEL_SIZES


class Board:
    """The cells of a frame: what is taken, what is covered by points."""

    def __init__(self, width_mm: float, height_mm: float, points: Sequence[tuple[float, float]] = ()) -> None:
        self.shape = (int(height_mm / CELL), int(width_mm / CELL))
        self.size = (width_mm, height_mm)
        self.taken = np.zeros(self.shape, dtype=bool)
        hidden = np.zeros(self.shape, dtype=bool)
        for x, y in points:
            hidden[self.cells((x - POINT_RADIUS, y - POINT_RADIUS, x + POINT_RADIUS, y + POINT_RADIUS))] = True
        self.points = integral(hidden)
        self._taken: Any = None

    def cells(self, box: Box) -> tuple[slice, slice]:
        """The cells that a box meets, cut to the frame."""
        left, bottom, right, top = np.array(box) / CELL
        return (
            slice(max(int(np.floor(bottom)), 0), max(int(np.ceil(top)), 0)),
            slice(max(int(np.floor(left)), 0), max(int(np.ceil(right)), 0)),
        )

    def take(self, box: Box, margin: float = MARGIN) -> None:
        """Nothing else may come within `margin` millimetres of `box`."""
        left, bottom, right, top = box
        self.taken[self.cells((left - margin, bottom - margin, right + margin, top + margin))] = True
        self._taken = None

    def occupied(self) -> Any:
        """Integral image of what is taken."""
        if self._taken is None:
            self._taken = integral(self.taken)
        return self._taken

    def along(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[Any, Any]:
        """The cells of a segment, rows and columns."""
        steps = np.linspace(0, 1, 120)[:, None]
        rows, columns = ((np.array(start) * (1 - steps) + np.array(end) * steps) / CELL).astype(int).T[::-1]
        return rows.clip(0, self.shape[0] - 1), columns.clip(0, self.shape[1] - 1)

    def crosses(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """True when the segment passes through something taken."""
        return bool(self.taken[self.along(start, end)].any())

    def take_line(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """No name may be written over the segment."""
        self.taken[self.along(start, end)] = True
        self._taken = None

    def mask(self, shape: Any) -> Any:
        """Cells whose centre is in `shape`."""
        cells = np.zeros(self.shape, dtype=bool)
        if shapely.is_empty(shape):
            return cells
        rows, columns = self.cells(tuple(shapely.bounds(shape)))
        y, x = np.meshgrid(*(np.arange(n)[s] * CELL + CELL / 2 for n, s in zip(self.shape, (rows, columns), strict=True)),
                           indexing="ij")  # fmt: skip
        shapely.prepare(shape)
        cells[rows, columns] = shapely.contains_xy(shape, x, y)
        return cells


def integral(cells: Any) -> Any:
    """Sums of `cells` below and left of each corner."""
    return np.pad(cells.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def sums(image: Any, rows: Any, columns: Any, height: int, width_cells: int) -> Any:
    """Sum over the rectangles whose lower left cell is (rows, columns)."""
    top, right = rows + height, columns + width_cells
    return image[top, right] - image[rows, right] - image[top, columns] + image[rows, columns]


def breaks(name: str) -> list[tuple[str, ...]]:
    """The best ways to write `name` on one, two, three… lines: at spaces, after a dash or a hyphen."""
    bound = SMALL_WORDS.sub(lambda found: found.group(0)[:-1] + NBSP, name)
    pieces = re.findall(r"[^ -]+(?:-| –)? ?|[ -]", bound)
    ways = []
    for lines in range(1, min(len(pieces), 4) + 1):
        cuts = [
            tuple("".join(pieces[a:b]).strip() for a, b in zip((0, *at), (*at, len(pieces)), strict=True))
            for at in combinations(range(1, len(pieces)), lines - 1)
        ]
        ways.append(min(cuts, key=_unevenness))
    return ways


def _unevenness(way: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """The longest line, a line cut at a hyphen counting two letters more."""
    return max(map(len, way)) + 2 * sum(line.endswith("-") for line in way[:-1]), way


@dataclass(frozen=True)
class Region:
    """Where a name may go: the cells of its zone, and its heart."""

    cells: Any  # candidates, (row, column)
    image: Any  # integral of the zone
    pole: tuple[float, float]
    radius: float  # mm from the heart to the nearest edge

    @property
    def anchors(self) -> list[tuple[float, float]]:
        """Where a line to the name may start: the heart, then eight points well inside around it."""
        turns = np.arange(8) * np.pi / 4
        x, y = (self.pole[axis] + 0.6 * self.radius * turn(turns) for axis, turn in enumerate((np.cos, np.sin)))
        return [self.pole, *zip(x.tolist(), y.tolist(), strict=True)]


def region(board: Board, shape: Any) -> Region:
    """The cells of `shape` on `board`, thinned to one in 1.2 mm when there are many."""
    cells = board.mask(shape)
    thin = np.zeros_like(cells)
    thin[::SPREAD, ::SPREAD] = True
    some = cells & thin
    candidates = np.argwhere(some if some.sum() > 40 else cells)  # noqa: PLR2004
    pole, radius = heart(shape)
    middle = np.array([[int(pole[1] / CELL), int(pole[0] / CELL)]])
    return Region(np.concatenate([middle, candidates]), integral(cells), pole, radius)


def heart(shape: Any) -> tuple[tuple[float, float], float]:
    """The point of `shape` farthest from its edge, and that distance."""
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    circle = shapely.maximum_inscribed_circle(largest, tolerance=0.2)
    x, y = shapely.get_coordinates(circle)[0]
    return (float(x), float(y)), float(shapely.length(circle))


def box_size(lines: Sequence[str], value: str, face: str, size: float) -> tuple[float, float]:
    """Width and height of a label, in millimetres."""
    name, bold = Style(face, size), Style("bold", size)
    widest = max([width(line, name) for line in lines] + ([width(value, bold)] if value else []))
    return widest + PADDING, (len(lines) + bool(value)) * name.line + PADDING / 2


def box_of(label: Label, face: str = "medium") -> Box:
    """The box of a label in place."""
    wide, high = box_size(label.lines, label.value, face, label.size)
    return label.x - wide / 2, label.y - high / 2, label.x + wide / 2, label.y + high / 2


def put(board: Board, wanted: Wanted, where: Region, asked: Iterable[float] = ASKED_INSIDE) -> Label | None:
    """The best place for a name in its zone, taken on the board; None when there is none."""
    ways = breaks(wanted.name)
    scored: dict[float, list[Any]] = {
        size: [_weigh(board, wanted, where, way, size) for way in ways] for size in wanted.sizes
    }
    for inside in asked:
        for size in wanted.sizes:
            found = [best for weighed in scored[size] if (best := _best(weighed, inside))]
            if found:
                label = min(found, key=lambda pair: pair[0])[1]
                board.take(box_of(label, wanted.face))
                return label
    return None


def _weigh(board: Board, wanted: Wanted, where: Region, way: tuple[str, ...], size: float) -> Any:
    """For each candidate: is it free, its share in the zone, its distance to the heart."""
    wide, high = box_size(way, wanted.value, wanted.face, size)
    across, up = int(np.ceil(wide / CELL)), int(np.ceil(high / CELL))
    rows, columns = where.cells[:, 0] - up // 2, where.cells[:, 1] - across // 2
    fits = (rows >= 1) & (columns >= 1) & (rows + up < board.shape[0]) & (columns + across < board.shape[1])
    rows, columns = rows[fits], columns[fits]
    share = sums(where.image, rows, columns, up, across) / (up * across)
    free = (sums(board.occupied(), rows, columns, up, across) == 0) & (
        sums(board.points, rows, columns, up, across) == 0
    )
    x, y = (columns + across / 2) * CELL, (rows + up / 2) * CELL
    far = np.hypot(x - where.pole[0], y - where.pole[1])
    return wanted, way, size, free, share, far, x, y


def _best(weighed: Any, inside: float) -> tuple[Any, Label] | None:
    wanted, way, size, free, share, far, x, y = weighed
    fit = np.flatnonzero(free & (share >= inside))
    if not len(fit):
        return None
    outside = np.round((1 - share[fit]) / 0.03)  # 3 % more or less does not show
    order = np.lexsort((far[fit], outside))
    i = fit[order[0]]
    label = Label(wanted.key, way, float(x[i]), float(y[i]), size, float(share[i]), wanted.value)
    return (outside[order[0]], float(far[i]) + 2 * len(way)), label


def put_outside(
    board: Board, wanted: Wanted, pole: tuple[float, float], ground: Any, leaders: list[Any]
) -> Label | None:
    """A place beyond the territory, tied to the zone by a line that crosses no name and no other line.

    `ground` is the integral of the whole territory; `leaders` grows by the new line.
    """
    ways = breaks(wanted.name)
    way, size = ways[min(len(ways) - 1, len(wanted.name) // LONG_NAME)], wanted.sizes[-1]
    wide, high = box_size(way, wanted.value, wanted.face, size)
    across, up = int(np.ceil(wide / CELL)), int(np.ceil(high / CELL))
    rows, columns = (axis.ravel() for axis in np.mgrid[1 : board.shape[0] - up : 3, 1 : board.shape[1] - across : 3])
    free = sum(sums(image, rows, columns, up, across) for image in (ground, board.occupied(), board.points)) == 0
    left, bottom = columns[free] * CELL, rows[free] * CELL
    x, y = np.clip(pole[0], left, left + wide), np.clip(pole[1], bottom, bottom + high)
    far = np.hypot(x - pole[0], y - pole[1])
    near = np.flatnonzero(far <= LONGEST_LEADER * board.size[0])
    for i in near[np.argsort(far[near], kind="stable")]:
        line = shapely.LineString([pole, (x[i], y[i])])
        if not board.crosses(pole, (float(x[i]), float(y[i]))) and not any(line.crosses(other) for other in leaders):
            label = Label(wanted.key, way, float(left[i] + wide / 2), float(bottom[i] + high / 2), size, 0.0,
                          wanted.value, leader=pole)  # fmt: skip
            leaders.append(line)
            board.take(box_of(label, wanted.face))
            board.take_line(pole, (float(x[i]), float(y[i])))
            return label
    return None


def place_labels(
    board: Board,
    wanted: Sequence[Wanted],
    regions: dict[str, Region],
    ground: Any,
    numbers: dict[str, int] | None = None,
) -> Labels:
    """Names of zones, given largest first: inside, else beyond the border with a line, else a number, else omitted.

    `numbers` are those of the panel beside it, where the names are: only these may be numbered again.
    """
    labels, leaders = Labels(), list[Any]()
    left = []
    for want in wanted:
        label = put(board, want, regions[want.key])
        if label:
            labels.placed[want.key] = label
        else:
            left.append(want)
    for want in list(left):
        anchors = regions[want.key].anchors
        label = next((found for at in anchors if (found := put_outside(board, want, at, ground, leaders))), None)
        if label:
            labels.placed[want.key] = label
            left.remove(want)
    for want in sorted(left, key=lambda w: w.name):
        if numbers is not None and want.key not in numbers:
            continue
        number = len(labels.numbers) + 1 if numbers is None else numbers[want.key]
        short = Wanted(want.key, f"n°{NBSP}{number}", want.value, "bold", want.sizes[-1:])
        label = put(board, short, regions[want.key], (NUMBER_INSIDE,))
        if label:
            labels.placed[want.key] = replace(label, number=number)
        else:
            labels.omitted.append(want.key)
    return labels
