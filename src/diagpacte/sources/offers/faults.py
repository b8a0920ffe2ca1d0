"""What was found in a file of offers, said once per kind, with its count and its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagpacte.errors import Fault, FaultKind, Severity

SHOWN_ROWS = 5
SHOWN_CHARACTERS = 60
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def offer_fault(
    file: str,
    found: str,
    rows: Sequence[int] = (),
    *,
    expected: str = "",
    remedy: str = "",
    severity: Severity = Severity.CHECK,
) -> Fault:
    """One fault for all the `rows` of `file` that share it; their number ends the sentence."""
    text = f"{found} ({count(len(rows), 'ligne')})" if len(rows) > 1 else found
    typeset = (_typeset(text), _typeset(expected), _typeset(remedy))
    return Fault(file, "", row_list(rows), *typeset, severity, FaultKind.OFFER)


def row_list(rows: Sequence[int]) -> str:
    """« ligne 3 », « lignes 3 et 4 », « lignes 3, 4, 8, 9, 12 et 40 autres »."""
    if not rows:
        return ""
    if len(rows) == 1:
        return f"ligne {rows[0]}"
    shown = [str(row) for row in sorted(rows)[:SHOWN_ROWS]]
    hidden = len(rows) - len(shown)
    last = count(hidden, "autre") if hidden else shown.pop()
    return f"lignes {', '.join(shown)} et {last}"


def count(number: int, noun: str) -> str:
    """« 1 ligne », « 1 204 lignes » (regular plurals)."""
    figure = f"{number:,}".replace(",", "\u202f")
    return f"{figure} {noun}s" if number > 1 else f"{figure} {noun}"


def quoted(value: object) -> str:
    """A published value between guillemets, harmless and short."""
    text = plain_text(value, SHOWN_CHARACTERS + 1)
    return f"« {text[: SHOWN_CHARACTERS - 1]}… »" if len(text) > SHOWN_CHARACTERS else f"« {text} »"


def plain_text(value: object, limit: int) -> str:
    """Published text without what could break a sheet, a page or a line, cut to `limit` characters."""
    text = str(value)
    if not text.isprintable():
        text = CONTROLS.sub(" ", text).encode("utf-8", "replace").decode("utf-8")
    return " ".join(text.split())[:limit].rstrip()


def _typeset(text: str) -> str:
    return re.sub(r" (?=[:;!?%»])|(?<=«) ", "\u00a0", text)
