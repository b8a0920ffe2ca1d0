"""The palettes, measured again from their hex lists: lightness, differences, colour-blindness, photocopy."""

import math
from itertools import combinations, pairwise

import pytest

from diagpacte.deliverables import style

# Machado, Oliveira and Fernandes 2009, severity 1, applied to linear RGB.
BLINDNESS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deut": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "prot": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "trit": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
RAMPS = {
    f"{name}{n}": ramp for name, ramps in (("need", style.NEED), ("access", style.ACCESS)) for n, ramp in ramps.items()
}
# Published beside the palettes: L* of each class, then the least difference of neighbours under each vision.
PROMISED = {
    "need3": ((94, 56, 22), (31, 28, 29, 30)),
    "access3": ((94, 56, 22), (30, 28, 30, 30)),
    "need4": ((94, 75, 53, 27), (20, 16, 19, 18)),
    "access4": ((94, 78, 55, 27), (14, 15, 13, 16)),
    "need5": ((94, 81, 66, 47, 24), (14, 11, 13, 14)),
    "access5": ((93, 80, 64, 44, 22), (11, 11, 10, 12)),
}

Lab = tuple[float, float, float]


def lab(colour: str, vision: str = "normal") -> Lab:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in style.channels(colour)]
    seen = [min(max(sum(m * c for m, c in zip(row, linear, strict=True)), 0), 1) for row in BLINDNESS[vision]]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(m * c for m, c in zip(row, seen, strict=True)) for row in matrix]
    fx, fy, fz = (
        t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29
        for t in (v / w for v, w in zip(xyz, (0.9505, 1.0, 1.089), strict=True))
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def ciede2000(one: Lab, two: Lab) -> float:
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = math.hypot(a1 * (1 + g), b1), math.hypot(a2 * (1 + g), b2)
    h1 = math.degrees(math.atan2(b1, a1 * (1 + g))) % 360 if c1 else 0.0
    h2 = math.degrees(math.atan2(b2, a2 * (1 + g))) % 360 if c2 else 0.0
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    if c1 * c2 and h2 - h1 == 180:
        turn = 180.0
    dl, dc, dh = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    if not c1 * c2:
        hm = h1 + h2
    elif abs(h1 - h2) <= 180:
        hm = (h1 + h2) / 2
    else:
        hm = (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    cos = lambda degrees: math.cos(math.radians(degrees))  # noqa: E731
    t = 1 - 0.17 * cos(hm - 30) + 0.24 * cos(2 * hm) + 0.32 * cos(3 * hm + 6) - 0.20 * cos(4 * hm - 63)
    rotation = (
        -2 * math.sqrt(cm**7 / (cm**7 + 25**7)) * math.sin(math.radians(60 * math.exp(-(((hm - 275) / 25) ** 2))))
    )
    sl = 1 + 0.015 * (lm - 50) ** 2 / math.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * dc / sc * dh / sh)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
    ids=str,
)
def test_the_measure_of_difference_gives_the_published_pairs(one: Lab, two: Lab, expected: float) -> None:
    assert ciede2000(one, two) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", PROMISED)
def test_ramps_are_as_dark_and_as_far_apart_as_promised(name: str) -> None:
    lightness, least = PROMISED[name]
    assert [round(lab(colour)[0]) for colour in RAMPS[name]] == list(lightness)
    for vision, promised in zip(BLINDNESS, least, strict=True):
        found = min(ciede2000(lab(a, vision), lab(b, vision)) for a, b in pairwise(RAMPS[name]))
        assert found == pytest.approx(promised, abs=0.8)
        assert found >= 9.5


@pytest.mark.parametrize("name", PROMISED)
def test_darker_is_always_worse_even_photocopied(name: str) -> None:
    steps = [lab(a)[0] - lab(b)[0] for a, b in pairwise(RAMPS[name])]
    assert min(steps) >= (12 if name.endswith("5") else 16)
    assert [style.lightness(c) for c in RAMPS[name]] == sorted((style.lightness(c) for c in RAMPS[name]), reverse=True)


@pytest.mark.parametrize("name", ["need3", "access3"])
def test_three_classes_keep_a_contrast_of_three_to_one(name: str) -> None:
    def luminance(colour: str) -> float:
        level = lab(colour)[0]
        return ((level + 16) / 116) ** 3

    for light, dark in pairwise(RAMPS[name]):
        assert (luminance(light) + 0.05) / (luminance(dark) + 0.05) >= 3


def test_symbols_are_told_apart_by_shape_first_then_by_colour() -> None:
    assert len({shape for shape, _ in style.SYMBOLS}) == len(style.SYMBOLS)
    for vision in BLINDNESS:
        found = min(ciede2000(lab(a, vision), lab(b, vision)) for (_, a), (_, b) in combinations(style.SYMBOLS, 2))
        assert found >= 16


def test_lightness_is_that_of_cielab() -> None:
    assert style.lightness("#FFFFFF") == pytest.approx(100)
    assert style.lightness("#000000") == pytest.approx(0)
    assert style.lightness("#DEDEDE") == pytest.approx(lab("#DEDEDE")[0], abs=0.05)


def test_text_on_a_dark_class_is_white() -> None:
    assert [style.ink_on(colour) for colour in style.NEED[4]] == [style.INK] * 3 + [style.WHITE]
    assert [style.ink_on(colour) for colour in style.ACCESS[4]] == [style.INK] * 3 + [style.WHITE]


def test_missing_kinds_of_one_panel_differ_by_their_marks() -> None:
    need = {
        style.PATTERNS[kind][0]
        for kind in ("secret", "not_available", "not_covered", "not_significant", "not_applicable")
    }
    access = {style.PATTERNS[kind][0] for kind in ("non mesuré", "non recensé", "bord non couvert")}
    assert len(need) == 5
    assert len(access) == 3
