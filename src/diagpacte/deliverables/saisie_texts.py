"""A text into a cell: never a formula, numbers and days as such where the column is made for them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:,\d{1,10})?")
DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
ACTIVE = ("=", "+", "-", "@", "\t")
NOT_WRITTEN = "\ufffd"


def put(cell: Any, text: str, kind: str = "texte") -> None:
    """Write `text`; « » empties the cell, whose looks stay."""
    if not text:
        cell.value = None
        return
    if kind == "nombre" and NUMBER.fullmatch(text):
        cell.value = float(text.replace(",", ".")) if "," in text else int(text)
        return
    if kind == "date" and (day := _day(text)):
        shown = cell.number_format
        cell.value = day
        cell.number_format = "dd/mm/yyyy" if shown in ("General", "@") else shown
        return
    cell.value = escaped(text)
    cell.data_type = "s"
    if text.startswith(ACTIVE):
        cell.quotePrefix = True


def _day(text: str) -> datetime | None:
    found = DAY.fullmatch(text)
    try:
        return datetime(int(found[3]), int(found[2]), int(found[1])) if found else None  # noqa: DTZ001 — a date
    except ValueError:
        return None


def escaped(text: str) -> str:
    """`text` as the format keeps what XML cannot: « _x0007_ » for a control character."""
    bare = ESCAPED.sub("_x005F_", text)
    return CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_" if ord(found[0]) < ord(" ") else NOT_WRITTEN, bare)
