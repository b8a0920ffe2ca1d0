"""How a fault is said, whatever shows it: its cells in few ranges, what it may have meant, how many there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple

from diagpacte.deliverables.french import NBSP, counted, enumerate_words
from diagpacte.errors import Fault, FaultKind, Severity

Area = tuple[int, int, int, int]  # first row, first column, last row, last column, from 1

RANGE = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}(?::[A-Z]{1,3}[1-9]\d{0,6})?")
NEAREST = re.compile(r"(?:(?P<expected>.*?) ; )?(?:par exemple|les plus proches :) (?P<nearest>.+)", re.DOTALL)
CODES = re.compile(r"\w+(?:, \w+)+")
YEAR = re.compile(r"\{y+\d?\}")  # where a published code holds its year


def worst_first(faults: Iterable[Fault]) -> list[Fault]:
    """By severity, then by kind, then in the order of the file."""
    severities, kinds = list(Severity), list(FaultKind)
    return sorted(faults, key=lambda fault: (severities.index(fault.severity), kinds.index(fault.kind)))


def severity_counts(faults: Iterable[Fault]) -> dict[Severity, int]:
    """How many faults of each severity, worst first, zero included."""
    found = Counter(fault.severity for fault in faults)
    return {severity: found[severity] for severity in Severity}


def severities_text(faults: Iterable[Fault]) -> str:
    """« 1 bloquant, 3 à vérifier et 1 information »; « aucune faute »."""
    several = {Severity.BLOCKING: "bloquants", Severity.CHECK: "à vérifier", Severity.INFORMATION: "informations"}
    found = [counted(count, kind, several[kind]) for kind, count in severity_counts(faults).items() if count]
    return enumerate_words(found) or "aucune faute"


def expected_and_nearest(fault: Fault) -> tuple[str, str]:
    """What was expected, and what the person may have meant; each « » when the fault says nothing of it."""
    found = NEAREST.fullmatch(fault.expected)
    if not found:
        return fault.expected, ""
    nearest, coded = YEAR.sub("AA", found["nearest"]), ""
    if nearest != found["nearest"]:
        coded = " (AA : l’année)"
    last = re.sub(r", (?=\w+$)" if CODES.fullmatch(nearest) else r" ; (?=[^;]+$)", " ou ", nearest)
    return found["expected"] or "", f"vouliez-vous dire {last}{NBSP}?{coded}"


def rectangles(cells: Iterable[str]) -> list[Area]:
    """The ranges `cells` (« C7:C9 ») in reading order, those side by side made one; what is no range is left out."""
    corners = [text.partition(":") for text in cells if RANGE.fullmatch(text)]
    areas = {(*coordinate_to_tuple(first), *coordinate_to_tuple(last or first)) for first, _, last in corners}
    merged: list[Area] = []
    for top, left, bottom, right in sorted(areas, key=lambda area: (area[0], area[2], area[1])):
        before = merged[-1] if merged else (0, 0, 0, 0)
        if (before[0], before[2]) == (top, bottom) and left <= before[3] + 1:
            merged[-1] = (top, before[1], bottom, max(right, before[3]))
        else:
            merged.append((top, left, bottom, right))
    return sorted(merged)


def range_name(area: Area) -> str:
    """« C7:D9 », or « C7 » for one cell."""
    top, left, bottom, right = area
    first, last = f"{get_column_letter(left)}{top}", f"{get_column_letter(right)}{bottom}"
    return first if first == last else f"{first}:{last}"


def cell_count(areas: Iterable[Area]) -> int:
    """How many cells the areas hold."""
    return sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in areas)


def place(fault: Fault) -> str:
    """All the cells of a fault in few ranges, else its place in words; « » for a whole sheet or file."""
    return ", ".join(map(range_name, rectangles(fault.cells))) or fault.cell
