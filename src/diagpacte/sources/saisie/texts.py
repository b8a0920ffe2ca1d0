"""The texts of the workbook that people type in: as a cell holds them, and how two of them are compared."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata

FINGERPRINT = 12  # characters of a hash kept in the workbook
NEWLINES = re.compile("\r\n?|[\u2028\u2029\x85\x0b\x0c]")


def held(cell: object) -> str:
    """What a cell holds, as a person typed it: « 12,5 », « 12/03/2026 », « oui »; « » for a blank.

    The newlines of every system are one.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, dt.datetime) and cell.time() != dt.time():
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}".replace(".", ",")  # noqa: PLR2004
    return plain(str(cell))


def plain(text: str) -> str:
    """`text` with one kind of newline; nothing when there is nothing but spaces."""
    lines = NEWLINES.sub("\n", text)
    return lines if lines.strip() else ""


def fingerprint(text: str) -> str:
    """The hash of a text, without regard to spaces at its ends and to how accents are composed; « » of nothing."""
    bare = comparable(text)
    return hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest()[:FINGERPRINT] if bare else ""


def comparable(text: str) -> str:
    return unicodedata.normalize("NFC", plain(text)).strip()


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, but for spaces at their ends and composed accents."""
    return comparable(one) == comparable(other)
