"""A second look at a sheet that holds something odd: no element may stand inside a value or a text of a cell.

Engines disagree there: one reads what follows the element, another what comes before it, or nothing.
"""

from __future__ import annotations

from collections.abc import Generator

from diagpacte.sources.files.refusals import SAVE_AGAIN, damaged, shown
from diagpacte.sources.files.xml_guard import Guarded, local
from diagpacte.sources.rules import ReadingLimits

LEAVES = ("v", "t")


def refuse_elements_in_values(
    pieces: Generator[bytes, None, None], part: str, limits: ReadingLimits, sheet: str
) -> None:
    """Raise RefusedError, naming the cell, when an element stands inside a value among the rows of a worksheet."""
    guarded = Guarded(part, limits, limits.max_tags, "max_tags", sheet)
    leaves = _Leaves(part, sheet)
    guarded.parser.StartElementHandler = leaves.start
    guarded.parser.EndElementHandler = leaves.end
    guarded.parse(pieces)


class _Leaves:
    def __init__(self, part: str, sheet: str) -> None:
        self.part, self.sheet = part, sheet
        self.inside = self.over = False
        self.cell = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if self.inside and not self.over:
            where = f"cellule {shown(self.cell)}" if self.cell else f"« {self.part} »"
            raise damaged(f"{where} : une balise « {shown(name)} » dans sa valeur", self.sheet, SAVE_AGAIN)
        self.inside = name in LEAVES
        if name == "c":
            self.cell = attributes.get("r", "")

    def end(self, tag: str) -> None:
        self.inside = False
        self.over = self.over or local(tag) == "sheetData"
