"""The ground of a territory's maps: projected once, then simplified and cut for each size of frame.

All maps of a territory keep one scale for a kind of frame, so that pages can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from diagpacte.deliverables.french import typography
from diagpacte.deliverables.style import SIMPLIFY
from diagpacte.tables import Published
from diagpacte.vocabulary import ZoneKind

PADDING = 0.035  # of the frame, on each side of the territory
LEAST_PART = 0.06  # square mm: an islet smaller than this is a blot
LEAST_SHARE = 0.01  # a zone with less of its people inside is drawn but never counted
TALL = 0.75  # width / height under which a territory is tall


@dataclass(frozen=True, eq=False)
class MapGround:
    """Projected shapes of a territory, in metres; `zones` keeps the order of the arrays."""

    zones: pd.DataFrame  # zone_code, name, kind, share_inside, counted
    inside: Any  # part of each zone in the territory
    outside: Any  # the rest of it; empty when there is none
    neighbours: Any  # EPCI around
    departments: Any  # ground of the départements around
    department_names: tuple[str, ...]
    epsg: int
    frames: dict[tuple[float, float, float], MapFrame] = field(default_factory=dict, repr=False)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the part of the zones inside the territory."""
        boxes = shapely.bounds(self.inside)
        return (*np.nanmin(boxes[:, :2], axis=0), *np.nanmax(boxes[:, 2:], axis=0))

    @property
    def tall(self) -> bool:
        """True when the territory is much higher than it is wide."""
        west, south, east, north = self.bounds
        return (east - west) / (north - south) < TALL

    def frame(self, width: float, height: float, least_height: float) -> MapFrame:
        """The territory in a frame of `width` × `height` mm, at the scale of the least high of its frames."""
        west, south, east, north = self.bounds
        free = 1 - 2 * PADDING
        scale = max((east - west) / width, (north - south) / min(height, least_height)) / free
        key = (width, height, scale)
        if key not in self.frames:
            self.frames[key] = _frame(self, *key)
        return self.frames[key]

    @cached_property
    def project(self) -> Transformer:
        """From degrees to metres."""
        return Transformer.from_crs(4326, self.epsg, always_xy=True)

    def simplified(self, scale: float) -> list[Any]:
        """Inside, outside and neighbours, simplified together at `scale` metres a millimetre."""
        if scale not in self._simplified:
            sizes = np.cumsum([len(self.inside), len(self.outside)])
            together = np.concatenate([self.inside, self.outside, self.neighbours])
            self._simplified[scale] = np.split(shapely.coverage_simplify(together, SIMPLIFY * scale), sizes)
        return self._simplified[scale]

    @cached_property
    def _simplified(self) -> dict[float, list[Any]]:
        return {}


@dataclass(frozen=True, eq=False)
class MapFrame:
    """The ground in millimetres from the lower left corner of a frame."""

    width: float
    height: float
    scale: float  # metres of ground in a millimetre of paper
    origin: tuple[float, float]  # metres, of the lower left corner
    zones: pd.DataFrame
    inside: Any
    outside: Any
    neighbours: Any
    departments: Any
    department_names: tuple[str, ...]
    inner_limits: Any  # between the départements of the territory itself
    memory: dict[str, Any] = field(default_factory=dict, repr=False)  # what its maps compute once

    @cached_property
    def outline(self) -> Any:
        """The territory."""
        return shapely.union_all(self.inside)

    def remember(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for this frame."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]

    def place(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Millimetres of points given in metres."""
        return (np.asarray(x) - self.origin[0]) / self.scale, (np.asarray(y) - self.origin[1]) / self.scale


def prepare_ground(published: Published, epsg: int) -> MapGround:
    """Project the zones and their surroundings into `epsg` (metres), as one clean coverage."""
    zones, ground = published["zones"].sort_values("zone_code", ignore_index=True), published["ground"]
    whole, inside = (shapely.from_wkb(zones[name].to_numpy()) for name in ("geometry", "geometry_inside"))
    outside = np.where(zones["geometry"].eq(zones["geometry_inside"]), shapely.Polygon(), whole)
    cut = shapely.is_empty(outside)
    outside[~cut] = shapely.difference(whole[~cut], inside[~cut])
    parts = [inside, outside, _shapes(ground, "epci"), _shapes(ground, "departement")]
    transform = Transformer.from_crs(4326, epsg, always_xy=True).transform
    inside, outside, neighbours, departments = (
        shapely.transform(part, lambda xy: np.column_stack(transform(*xy.T))) for part in parts
    )
    inside, outside, neighbours = _clean(inside, outside, neighbours)
    (departments,) = _clean(departments)
    counted = zones["share_inside"].ge(LEAST_SHARE) & zones["kind"].ne(ZoneKind.OUTSIDE_EPCI)
    keep = ["zone_code", "short_name", "kind", "share_inside", "departments", "contour_approximate"]
    names = ground.loc[ground["kind"].eq("departement")].sort_values("code")["name"]
    return MapGround(
        zones=zones[keep].assign(counted=counted, short_name=zones["short_name"].map(typography)),
        inside=inside,
        outside=outside,
        neighbours=neighbours,
        departments=departments,
        department_names=tuple(map(typography, names)),
        epsg=epsg,
    )


def _shapes(ground: pd.DataFrame, kind: str) -> Any:
    return shapely.from_wkb(ground[ground["kind"].eq(kind)].sort_values("code")["geometry"].to_numpy())


def _clean(*groups: Any) -> list[Any]:
    """The groups as parts of one coverage whose shared edges are the same."""
    together = np.concatenate(groups)
    if not shapely.coverage_is_valid(together):
        together = shapely.coverage_clean(together)
    return np.split(together, np.cumsum([len(group) for group in groups[:-1]]))


def _frame(ground: MapGround, width: float, height: float, scale: float) -> MapFrame:
    west, south, east, north = ground.bounds
    left, bottom = (west + east - width * scale) / 2, (south + north - height * scale) / 2

    def on_paper(shapes: Any) -> Any:
        moved = shapely.transform(shapes, lambda xy: (xy - (left, bottom)) / scale)
        return shapely.clip_by_rect(moved, -2, -2, width + 2, height + 2)

    inside, outside, neighbours = map(on_paper, ground.simplified(scale))
    departments = on_paper(shapely.coverage_simplify(ground.departments, SIMPLIFY * scale))
    inside = np.array([without_islets(shape) for shape in inside], dtype=object)
    return MapFrame(
        width,
        height,
        scale,
        (left, bottom),
        ground.zones,
        inside,
        outside,
        neighbours,
        departments,
        ground.department_names,
        _inner_limits(ground.zones, inside),
    )


def without_islets(shape: Any) -> Any:
    """`shape` without the parts too small to be seen, its largest part always kept."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 (areas)
    areas = shapely.area(parts)
    kept = parts[(areas >= LEAST_PART) | (areas == areas.max(initial=0))]
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _inner_limits(zones: pd.DataFrame, inside: Any) -> Any:
    """Lines between zones of one département and those of another, both in the territory."""
    first = zones["departments"].map(lambda codes: codes[0] if len(codes) == 1 else "").to_numpy()
    unions = [shapely.union_all(inside[first == code]) for code in sorted(set(first) - {""})]
    pairs = [(a, b) for i, a in enumerate(unions) for b in unions[i + 1 :]]
    shared = [shapely.intersection(shapely.boundary(a), shapely.boundary(b)) for a, b in pairs]
    return shapely.union_all(shared) if shared else shapely.GeometryCollection()
