"""The texts that the cells of a workbook share: what each costs, and whether all engines number and read them alike."""

from __future__ import annotations

from array import array

from diagpacte.sources.files.budget import Budget, text_cost
from diagpacte.sources.files.refusals import SAVE_AGAIN, damaged, shown
from diagpacte.sources.files.xml_guard import Guarded, local

# What stands inside a text, be it shared or that of one cell, besides `t`.
RICH_TEXT = frozenset(
    {
        "r", "rPr", "rPh", "phoneticPr", "b", "i", "u", "sz", "color", "rFont", "family", "scheme", "vertAlign",
        "charset", "strike", "outline", "shadow",
    }
)  # fmt: skip
RUNS = ("r", "rPh")
ENOUGH = 1 << 16  # bytes of texts gathered before the budget is asked


class SharedTexts:
    """Fills `costs` as `guarded` is parsed. `plain`: no element strays where one engine reads on and another stops."""

    def __init__(self, guarded: Guarded, budget: Budget) -> None:
        self.part, self.budget = guarded.part, budget
        self.costs: array[int] = array("L")
        self.plain = True
        self.said: list[str] = []
        self.open_text = self.open_piece = False
        self.taken = 0
        self.cost = self.spare = 0  # of this text: its cost so far, pieces that may still come
        guarded.parser.StartElementHandler = self.start
        guarded.parser.EndElementHandler = self.end
        guarded.parser.CharacterDataHandler = self.said.append

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.open_piece:  # one engine reads on after it, another stops there
            found = f"« {self.part} » : une balise « {shown(local(tag))} » dans un texte partagé"
            raise damaged(found, remedy=SAVE_AGAIN)
        if tag == "t":
            self.spare -= 1
            if self.spare < 0:
                self.plain = False
            self.said.clear()
            self.open_piece = True
        elif tag == "si":
            if self.open_text:  # engines would number the following texts differently
                raise damaged(f"« {self.part} » : texte partagé dans un autre", remedy=SAVE_AGAIN)
            self.open_text, self.cost, self.spare = True, 0, 1
        elif ":" in tag:
            self.start(local(tag), attributes)
        elif tag in RUNS:
            self.spare += 1
        elif tag not in RICH_TEXT and tag != "sst":
            self.plain = False

    def end(self, tag: str) -> None:
        if tag == "t":
            cost = text_cost("".join(self.said))
            self.cost += cost
            self.taken += cost
            if self.taken > ENOUGH:
                self.take()
            self.said.clear()
            self.open_piece = False
        elif tag == "si":
            self.costs.append(self.cost)
            self.open_text = False
        elif ":" in tag:
            self.end(local(tag))

    def take(self) -> None:
        """Ask the budget for the texts met since it was last asked."""
        self.budget.take_memory(self.taken)
        self.taken = 0
