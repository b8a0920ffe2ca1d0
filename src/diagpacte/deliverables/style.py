"""How a map looks: palettes, type, lines and patterns, each number with its reason.

Sizes are in millimetres on the printed page, strokes and type in points. Darker always means worse.
"""

from __future__ import annotations

from enum import StrEnum

from diagpacte.vocabulary import Availability, GapClass

MM = 72 / 25.4  # points in a millimetre
PAGE = (297.0, 210.0)
MARGIN = 10.0

# Ramps chosen by lightness first: steps of 16 L* or more, the order holds in a photocopy.
NEED = {
    3: ("#FEEBC8", "#CF6D27", "#5C220A"),
    4: ("#FEEBC8", "#F3A85C", "#C9611F", "#6E2A0C"),
    5: ("#FEEBC8", "#F8C07A", "#E48A3C", "#B4521A", "#64260B"),
}
ACCESS = {
    3: ("#E3EFF7", "#4C8ABF", "#0F3561"),
    4: ("#E3EFF7", "#9CC5E3", "#4A88BC", "#123F73"),
    5: ("#DFECF5", "#A9CCE4", "#6AA0CC", "#2F6CA6", "#0F3560"),
}
PLAIN = "#F6F4F0"  # a zone without class: one ground for all
TRUE_ZERO = "#FFFDF5"

INK, SOFT, PALE = "#1A1A1A", "#3A3A3A", "#6E6E6E"
WHITE = "#FFFFFF"
NEIGHBOUR = "#DEDEDE"
ZONE_LIMIT = "#4D4D4D"
FRAME = "#9A9A9A"
DARK_BELOW = 48.0  # L* under which text on a fill is white

TITLE, PANEL_TITLE, SUBTITLE = 14.0, 9.5, 9.0
LEGEND_TITLE, LEGEND = 8.5, 7.5
LABEL_SIZES = (7.5, 6.5)
NEIGHBOUR_NAME, NOTE, TAG = 7.0, 7.0, 8.0
NOTE_LINE = 3.1  # mm
HALO = 1.7

LEGEND_ROW = 4.2  # mm
SWATCH = (6.0, 3.2)
PATTERN_STROKE = 0.6
PATTERN_STEP = 2.0  # mm between strokes, measured across them
VEIL_STEP, VEIL_STROKE, VEIL_WHITE = 1.5, 1.0, 0.6
PALE_ABOVE, VEIL_ON_PALE = 88.0, "#CFCFCF"  # L* above which white stripes would not show
SIMPLIFY = 0.07  # mm of paper


class Pattern(StrEnum):
    """Marks on white that differ by direction, never by density or colour alone."""

    OBLIQUE = "oblique"
    INVERSE = "oblique inverse"
    LATTICE = "croisillons"
    DOTS = "points"
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"
    BLANK = "blanc"


DARK_STROKE, LIGHT_STROKE = "#6B6B6B", "#8A8A8A"
PATTERNS = {
    Availability.SECRET: (Pattern.OBLIQUE, DARK_STROKE),
    Availability.NOT_AVAILABLE: (Pattern.DOTS, DARK_STROKE),
    Availability.EMPTY: (Pattern.DOTS, DARK_STROKE),
    Availability.NOT_COVERED: (Pattern.LATTICE, LIGHT_STROKE),
    Availability.NOT_SIGNIFICANT: (Pattern.INVERSE, LIGHT_STROKE),
    Availability.NOT_APPLICABLE: (Pattern.BLANK, LIGHT_STROKE),
    GapClass.NOT_MEASURED: (Pattern.HORIZONTAL, LIGHT_STROKE),
    GapClass.NOT_LISTED: (Pattern.DOTS, DARK_STROKE),
    GapClass.EDGE_NOT_COVERED: (Pattern.VERTICAL, DARK_STROKE),
}

# Shape first, colour second; in this order when points are told apart by source.
SYMBOLS = (
    ("o", "#0F3F86"), ("P", "#56A3A6"), ("s", "#F2C14E"), ("^", "#C8553D"), ("D", "#FFFFFF"), ("X", "#6E6E6E"),
)  # fmt: skip
RESPONSABLES = {
    "etat_operateur": ("État et opérateurs", 0),
    "departement": ("Département", 1),
    "commune_ccas": ("Communes, EPCI et CCAS", 2),
    "epci": ("Communes, EPCI et CCAS", 2),
    "metropole": ("Communes, EPCI et CCAS", 2),
    "association": ("Associations", 3),
    "securite_sociale": ("Sécurité sociale", 4),
    "inconnu": ("Responsable non renseigné", 5),
}
POINT_AREA = 16.0  # square points for one structure
POINT_EDGE = 0.6  # over a white one 1.1 wider
OUTSIDE_AREA, OUTSIDE_EDGE = 9.0, "#7A7A7A"
MOST_AT_A_PLACE = 6  # a larger symbol would hide its neighbours
CROWDED = ((80, 16.0), (250, 9.0), (700, 5.0))  # more points than this on a panel: smaller ones
CROWDED_AREA = 3.0

DIFFUSION = {
    "travail": "Document de travail",
    "comite": "Diffusion restreinte – comité de suivi",
    "public": "Diffusion publique",
}


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of « #RRGGBB », 0 to 1."""
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def lightness(colour: str) -> float:
    """CIELAB L* of an sRGB colour, 0 black to 100 white (CIE 1976; IEC 61966-2-1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]  # noqa: PLR2004
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * luminance ** (1 / 3) - 16 if luminance > (6 / 29) ** 3 else luminance * (29 / 3) ** 3


def ink_on(fill: str) -> str:
    """Colour of the text written on `fill`."""
    return WHITE if lightness(fill) < DARK_BELOW else INK
