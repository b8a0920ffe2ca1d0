"""Cells that show words where they store a number: a mark of absence is read as what it shows, and all are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import Cell, areas, cell_name
from diagpacte.sources.files.workbook import Cells, Sheet
from diagpacte.sources.layout.cells import AVAILABILITIES, CellReader, ColumnValues
from diagpacte.sources.layout.table_rows import named
from diagpacte.vocabulary import Availability

WITHHELD = [AVAILABILITIES.index(reason) for reason in (Availability.SECRET, Availability.CENSORED)]
SHOWN_PAIRS = 3  # pairs of words and numbers quoted in a fault
SAY_IT = (
    "vérifier : le nombre est lu ; si ce qui est affiché dit une absence, l’écrire dans la cellule, ou le dire dans la"
    " feuille « Marques » de data/saisies/correspondance.xlsx"
)


class Displayed(NamedTuple):
    """The words that a cell shows, « » when it shows nothing, and the number that it stores."""

    words: str
    number: float


def displayed(sheet: Sheet, rows: Sequence[int], column: int) -> dict[int, Displayed]:
    """Place among `rows` → what the cell of `column` shows, where it shows words in place of its number."""
    found: dict[int, Displayed] = {}
    by_words = sheet.facts.words.get(column)
    if by_words:
        places = {row: place for place, row in enumerate(rows)}
        for words, worded in by_words.items():
            for row, number in zip(*worded, strict=True):
                place = places.get(row)
                # A cell that a person corrected holds a text.
                if place is not None and not isinstance(sheet.cells[row - 1, column - 1], str):
                    found[place] = Displayed(words, number)
    return found


def as_displayed(cells: Cells, shown: Mapping[int, Displayed], reader: CellReader) -> Cells:
    """`cells` with the words that are shown in place of their numbers, where they say why there is no value.

    Likewise those that say between what it lies, « < 11 », and in a column of grades those that name a degree.
    """
    said = {place: one.words for place, one in shown.items() if one.words and _tells(one.words, reader)}
    if not said:
        return cells
    changed = cells.copy()
    for place, words in said.items():
        changed[place] = words
    return changed


def _tells(words: str, reader: CellReader) -> bool:
    reading = reader.read(words)
    if reading is None:
        return False
    return reading.value is None or reading.availability is Availability.CENSORED or reader.words is not None


@dataclass
class DisplayedCells:
    """The cells of one table that show words, and how they were read."""

    read_so: list[tuple[Cell, Displayed, int]] = field(default_factory=list)  # with their availability
    read_stored: list[tuple[Cell, Displayed]] = field(default_factory=list)
    invisible: list[Cell] = field(default_factory=list)

    def add(self, places: Mapping[int, Cell], shown: Mapping[int, Displayed], read: ColumnValues) -> None:
        """The cells of a column: `places` and `shown` by place among those that were `read`."""
        for place, one in shown.items():
            if read.text[place] == one.words and one.words:
                self.read_so.append((places[place], one, int(read.availability[place])))
            elif read.number[place] and not one.words:
                self.invisible.append(places[place])
            elif read.number[place] and not _same(one):
                self.read_stored.append((places[place], one))

    def faults(self, file: str, sheet: str) -> list[Fault]:
        """What a person who looks at the table must know: one fault for each way of reading."""
        found: list[Fault] = []
        if self.read_so:
            secret = any(availability in WITHHELD for _, _, availability in self.read_so)
            pairs = [_pair(one, withheld=availability in WITHHELD) for _, one, availability in self.read_so]
            remedy = "vérifier : ces cellules sont lues comme ce qu’elles affichent"
            kinds = Severity.CHECK, FaultKind.SECRET if secret else FaultKind.VALUE
            found.append(_fault(file, sheet, [cell for cell, *_ in self.read_so], _listed(pairs), remedy, *kinds))
        if self.read_stored:
            pairs = [_pair(one, withheld=False) for _, one in self.read_stored]
            kinds = Severity.CHECK, FaultKind.VALUE
            found.append(_fault(file, sheet, [cell for cell, _ in self.read_stored], _listed(pairs), SAY_IT, *kinds))
        if self.invisible:
            words = "cellules rendues invisibles par leur format"
            remedy = "vérifier qu’elles doivent compter : leur nombre est lu"
            kinds = Severity.INFORMATION, FaultKind.VALUE
            found.append(_fault(file, sheet, self.invisible, words, remedy, *kinds))
        return found


def _same(one: Displayed) -> bool:
    """Whether the words are the number itself: « 0 » over 0."""
    reading = CellReader((), {}).read(one.words)
    return reading is not None and reading.value == one.number


def _pair(one: Displayed, *, withheld: bool) -> str:
    """« affiché « s », contient 0 »; a number that a secret covers is not repeated."""
    number = "un nombre" if withheld and one.number else f"{one.number:.12g}".replace(".", ",")
    return f"affiché « {one.words} », contient {number}"


def _listed(pairs: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(pairs))
    rest = " ; et d’autres" if len(distinct) > SHOWN_PAIRS else ""
    return " ; ".join(distinct[:SHOWN_PAIRS]) + rest


def _fault(
    file: str, sheet: str, cells: Sequence[Cell], found: str, remedy: str, severity: Severity, kind: FaultKind
) -> Fault:
    ordered = sorted(cells)
    shown = named([cell_name(*cell) for cell in ordered])
    return Fault(file, sheet, shown, found, "", remedy, severity, kind, areas(ordered))
