"""A theme's map of a territory, as a Figure: need and access side by side, or the one that exists.

Tables in, Figure out; `to_png` and `to_svg` give its bytes, the same for the same tables.
"""

from __future__ import annotations

import hashlib
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from diagpacte.deliverables.map_access import access_panel, has_access
from diagpacte.deliverables.map_ground import MapGround, prepare_ground
from diagpacte.deliverables.map_layout import Sheet, one_panel, one_zone, two_panels
from diagpacte.deliverables.map_need import has_need, need_panel
from diagpacte.deliverables.map_page import settings
from diagpacte.deliverables.map_panels import Panel
from diagpacte.deliverables.rules import MapContext
from diagpacte.tables import Published
from diagpacte.vocabulary import Territory, Theme

DPI = 300
SIGNED = {
    "needs": ["zone_code", "indicator", "year", "value", "class_rule", "class_index", "availability", "nature"],
    "coverage": ["zone_code", "nearest_km", "access_class", "nearest_availability", "gap_class"],
    "offers": ["structure_id", "offer_source", "responsable", "lon", "lat", "nature"],
}


def theme_map(
    published: Published, territory: Territory, theme: Theme, context: MapContext, ground: MapGround | None = None
) -> Figure:
    """The A4 page of one theme: two panels, one panel and its table, or words and points for a single zone.

    `ground` is `prepare_ground(published, context.epsg)`, made once for all the themes of a territory.
    Raises ValueError when the theme has neither a need nor a distance (see `has_map`).
    """
    ground = ground or prepare_ground(published, context.epsg)
    panels: list[Panel] = []
    if has_need(published, theme):
        panels.append(need_panel(published, territory, theme, context, ground.zones))
    if has_access(published, theme):
        panels.append(access_panel(published, territory, theme, context, ground.zones))
    if not panels:
        raise ValueError(f"nothing to draw for {theme.theme}")
    sheet = Sheet(published, territory, theme, context, ground, tuple(panels))
    with settings():
        if len(ground.zones) == 1:
            return one_zone(sheet)
        return two_panels(sheet) if len(panels) > 1 else one_panel(sheet)


def has_map(published: Published, theme: Theme) -> bool:
    """True when there is something to draw: an indicator with a value or a secret, or a distance."""
    return has_need(published, theme) or has_access(published, theme)


def signature(published: Published, theme: Theme) -> str:
    """A hash of what the map would draw, so that two themes with the same values and points make one map."""
    digest = hashlib.sha256()
    for table, columns in SIGNED.items():
        frame = published[table]
        frame = frame[frame["theme"].eq(theme.theme)]
        frame = frame[frame["variant"].eq(0)] if "variant" in frame.columns else frame
        if table == "offers":  # those of the zones: what is listed elsewhere in France makes no other map
            frame = frame[frame["commune_code"].isin(published["members"]["commune_code"])]
        rows = frame.sort_values(columns[0])[columns]
        digest.update(rows.to_csv(index=False, float_format="%.9g", lineterminator="\n").encode())
    return digest.hexdigest()


def to_png(figure: Figure) -> bytes:
    """The page at 300 dots an inch, without its alpha channel."""
    stream = io.BytesIO()
    with settings():
        figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    image.save(stream, "png", dpi=(DPI, DPI), compress_level=3)
    return stream.getvalue()


def to_svg(figure: Figure) -> bytes:
    """The page as vectors, letters as outlines."""
    stream = io.BytesIO()
    with settings():
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Language": "fr"})
    return stream.getvalue()
