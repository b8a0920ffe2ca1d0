"""A sheet of paper in millimetres: one figure, one axes over the whole page, and what is drawn on it."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from diagpacte.deliverables.map_text import Style
from diagpacte.deliverables.style import INK, MM, PAGE, WHITE

# Whatever a machine's matplotlibrc says, a page is drawn with these over matplotlib's own defaults.
SETTINGS = {
    "svg.hashsalt": "diagpacte",
    "svg.fonttype": "path",
    "text.hinting": "no_hinting",
    "path.simplify": False,
    "savefig.dpi": 300,
    "figure.dpi": 100,
}


MACHINE = ("backend", "interactive", "toolbar", "webagg")


def settings() -> Any:
    """A context in which only matplotlib's defaults and SETTINGS hold."""
    defaults: dict[Any, Any] = {
        name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if not name.startswith(MACHINE)
    }
    return mpl.rc_context(defaults | SETTINGS)


class Page:
    """A page: coordinates in millimetres from its lower left corner."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(PAGE[0] / 25.4, PAGE[1] / 25.4), facecolor=WHITE)
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, PAGE[0]), ylim=(0, PAGE[1]))
        self.axes.set_axis_off()
        self.clip: Rectangle | None = None
        self.shift: Any = self.axes.transData

    def inside(self, left: float, bottom: float, width: float, height: float) -> None:
        """From here on shapes are cut to this frame, and counted from its lower left corner."""
        self.clip = Rectangle((left, bottom), width, height, transform=self.axes.transData)
        self.shift = Affine2D().translate(left, bottom) + self.axes.transData

    def anywhere(self) -> None:
        """From here on shapes are placed on the page."""
        self.clip, self.shift = None, self.axes.transData

    def add(self, artist: Any, layer: float, name: str = "") -> Any:
        """Put an artist on the page at a layer, cut to the frame in use."""
        artist.set_zorder(layer)
        if name:
            artist.set_gid(name)
        self.axes.add_artist(artist)
        artist.set_clip_on(self.clip is not None)
        if self.clip is not None:
            artist.set_clip_path(self.clip)
        return artist

    def area(self, path: Path, colour: str, layer: float, alpha: float = 1.0) -> None:
        """Fill a path."""
        if np.size(path.vertices):
            patch = PathPatch(path, facecolor=colour, edgecolor="none", alpha=alpha, linewidth=0, transform=self.shift)
            self.add(patch, layer)

    def line(self, path: Path, colour: str, points: float, layer: float, join: str = "round") -> None:
        """Follow a path with a stroke of `points`."""
        if np.size(path.vertices):
            patch = PathPatch(path, fill=False, edgecolor=colour, linewidth=points, joinstyle=join, capstyle="round",
                              transform=self.shift)  # fmt: skip
            self.add(patch, layer)

    def rule(self, x0: float, y0: float, x1: float, y1: float, colour: str, points: float, layer: float = 9) -> None:
        """One straight stroke."""
        self.add(
            LineCollection([[(x0, y0), (x1, y1)]], colors=[colour], linewidths=points, transform=self.shift), layer
        )

    def box(
        self, left: float, bottom: float, width: float, height: float, fill: str | None = None, edge: str | None = None,
        points: float = 0.5, layer: float = 9, alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """A rectangle."""
        patch = Rectangle((left, bottom), width, height, facecolor=fill or "none", edgecolor=edge or "none", alpha=alpha,
                          linewidth=points if edge else 0, joinstyle="miter", transform=self.shift)  # fmt: skip
        self.add(patch, layer)

    def symbols(
        self, x: Any, y: Any, areas: Any, marker: str, fill: str, edge: str, points: float, layer: float, name: str = ""
    ) -> None:
        """One marker at each place; `areas` in square points."""
        found = self.axes.scatter(x, y, s=areas, marker=marker, facecolors=fill, edgecolors=edge, linewidths=points)
        found.remove()
        found.set_offset_transform(self.shift)
        self.add(found, layer, name)

    def text(
        self, x: float, y: float, text: str, style: Style, colour: str = INK, align: str = "left", layer: float = 10,
        halo: str = "", halo_points: float = 1.7, name: str = "",
    ) -> Text:  # fmt: skip
        """One line of text on its baseline."""
        artist = Text(x, y, text, color=colour, fontproperties=style.properties(text), ha=align, va="baseline",
                      parse_math=False, transform=self.shift)  # fmt: skip
        if halo:
            artist.set_path_effects([withStroke(linewidth=halo_points, foreground=halo)])
        artist.set_figure(self.figure)
        clip, self.clip = self.clip, None  # text is placed whole, never cut
        self.add(artist, layer, name)
        self.clip = clip
        return artist


def baseline(top: float, style: Style) -> float:
    """Baseline of a line whose top is at `top`."""
    return top - style.size * 0.80 / MM
