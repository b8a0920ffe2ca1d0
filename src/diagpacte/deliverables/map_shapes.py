"""Geometries as matplotlib paths, and the patterns that fill what has no value."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.path import Path

from diagpacte.deliverables.style import PATTERN_STEP, Pattern

ANGLES = {
    Pattern.OBLIQUE: (45.0,),
    Pattern.INVERSE: (135.0,),
    Pattern.LATTICE: (45.0, 135.0),
    Pattern.HORIZONTAL: (0.0,),
    Pattern.VERTICAL: (90.0,),
    Pattern.DOTS: (),
    Pattern.BLANK: (),
}


def area_path(*shapes: Any) -> Path:
    """One path that fills the polygons of `shapes`, holes left empty."""
    rings = shapely.get_rings(shapely.orient_polygons(_parts(shapes, 2)))
    return _path(rings, closed=True)


def edges(*shapes: Any) -> Any:
    """The boundaries of polygons that share edges, each edge once."""
    return shapely.line_merge(shapely.union_all(shapely.boundary(_parts(shapes, 2))))


def line_path(*shapes: Any) -> Path:
    """One path that follows the boundaries of polygons, or the lines themselves."""
    areas, lines = _parts(shapes, 2), _parts(shapes, 1)
    return _path(np.concatenate([shapely.get_rings(areas), lines]), closed=False)


def _parts(shapes: tuple[Any, ...], dimension: int) -> Any:
    parts = shapely.get_parts(np.array(shapes, dtype=object))
    parts = shapely.get_parts(parts)  # a collection may hold multipolygons
    return parts[(shapely.get_dimensions(parts) == dimension) & ~shapely.is_empty(parts)]


def _path(lines: Any, *, closed: bool) -> Path:
    points, owner = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    first = np.diff(owner, prepend=-1) != 0
    codes[first] = Path.MOVETO
    if closed:
        codes[np.roll(first, -1)] = Path.CLOSEPOLY
    return Path(points, codes)


def strokes(shape: Any, pattern: Pattern, step: float = PATTERN_STEP) -> Any:
    """The lines of `pattern` inside `shape`, `step` millimetres apart; they run on from shape to shape."""
    if shapely.is_empty(shape) or not ANGLES[pattern]:
        return shapely.GeometryCollection()
    west, south, east, north = shapely.bounds(shape)
    corners = np.array([(west, south), (west, north), (east, south), (east, north)])
    lines = [line for angle in ANGLES[pattern] for line in _parallels(corners, np.radians(angle), step)]
    return shapely.intersection(shapely.multilinestrings(lines), shape)


def _parallels(corners: Any, angle: float, step: float) -> Any:
    """Parallel lines at `angle` that cover the box of `corners`, at multiples of `step` from the origin."""
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    reach, offset = corners @ along, corners @ across
    ranks = np.arange(np.ceil(offset.min() / step), np.floor(offset.max() / step) + 1) * step
    ends = np.array([reach.min() - 1, reach.max() + 1])
    return ranks[:, None, None] * across + ends[None, :, None] * along


def dots(shape: Any, step: float = PATTERN_STEP) -> Any:
    """Centres of staggered dots inside `shape`, an array of (x, y)."""
    if shapely.is_empty(shape):
        return np.empty((0, 2))
    west, south, east, north = shapely.bounds(shape)
    half = step / 2
    columns = np.arange(np.floor(west / half), np.ceil(east / half) + 1)
    rows = np.arange(np.floor(south / half), np.ceil(north / half) + 1)
    grid = np.array([(c, r) for r in rows for c in columns if (c + r) % 2 == 0]) * half
    shapely.prepare(shape)
    return grid[shapely.contains_xy(shape, *grid.T)]
