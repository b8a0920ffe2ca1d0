"""Text on a page: the fonts of the package, the width of a line before it is drawn, its wrapping.

The font is Fira Sans Condensed of `fontpkg_fira_sans_condensed`, loaded by path, so that no font of the machine
takes its place; a text with a letter it lacks is set in matplotlib's DejaVu Sans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

from diagpacte.deliverables.style import MM

PACKAGE = "fontpkg_fira_sans_condensed"
FACES = {"regular": "Regular", "medium": "Medium", "semibold": "SemiBold", "bold": "Bold", "italic": "Italic"}
SPARE = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
LEADING = 1.16
MEASURED_AT = 100.0  # points


@dataclass(frozen=True)
class Style:
    """A face of FACES and a size in points."""

    face: str
    size: float

    @property
    def line(self) -> float:
        """Height of a line, in millimetres."""
        return self.size * LEADING / MM

    def properties(self, text: str) -> FontProperties:
        """The font that holds every letter of `text`."""
        return _properties(font_path(self.face) if known(text, self.face) else SPARE, self.size)


def font_path(face: str) -> Path:
    """The file of a face."""
    return Path(str(files(PACKAGE))) / "files" / f"FiraSansCondensed-{FACES[face]}.ttf"


@cache
def letters(face: str) -> frozenset[str]:
    """The characters that a face draws."""
    return frozenset(map(chr, get_font(str(font_path(face))).get_charmap()))


def known(text: str, face: str) -> bool:
    """True when the face draws every character of `text`."""
    return letters(face).issuperset(text)


@cache
def _properties(path: Path, size: float) -> FontProperties:
    return FontProperties(fname=str(path), size=size)


@lru_cache(maxsize=20_000)
def _word_width(word: str, face: str) -> float:
    font = Style(face, MEASURED_AT).properties(word)
    return float(text_to_path.get_text_width_height_descent(word, font, False)[0])


def width(text: str, style: Style) -> float:
    """Width of one line, in millimetres: its words, each measured once in a run, and its spaces."""
    words = text.split(" ")
    points = sum(_word_width(word, style.face) for word in words) + (len(words) - 1) * _word_width(" ", style.face)
    return points * style.size / MEASURED_AT / MM


def wrap(text: str, style: Style, room: float) -> list[str]:
    """`text` in lines of at most `room` millimetres, broken at ordinary spaces; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width(f"{lines[-1]} {word}", style) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def balanced(text: str, style: Style, room: float) -> list[str]:
    """As few lines as `wrap`, as even as they can be, so that no word is left alone."""
    lines = wrap(text, style, room)
    narrow = room
    while len(lines) > 1:
        narrow -= 1.0
        tighter = wrap(text, style, narrow)
        if len(tighter) > len(lines) or any(width(line, style) > narrow for line in tighter):
            break
        lines = tighter
    return lines


def shortened(text: str, style: Style, room: float) -> str:
    """`text`, or as much of it as `room` holds, cut at a word and ended by « … »."""
    if width(text, style) <= room:
        return text
    words = text.split(" ")
    while len(words) > 1 and width(" ".join(words) + "…", style) > room:
        words.pop()
    return " ".join(words).rstrip(" ,;:–") + "…"


def widest(texts: Sequence[str], style: Style) -> float:
    """Width of the widest of `texts`, 0 for none."""
    return max((width(text, style) for text in texts), default=0.0)
