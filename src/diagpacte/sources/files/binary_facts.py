"""What the records of a binary sheet (.xls, .xlsb) tell: the same facts, gathered the same way."""

from __future__ import annotations

import struct

from diagpacte.sources.files.budget import Budget
from diagpacte.sources.files.number_formats import words_instead
from diagpacte.sources.files.refusals import damaged, oversized
from diagpacte.sources.files.sheet_facts import WORDED_BYTES, SheetFacts
from diagpacte.sources.files.xml_parts import BookFacts

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip


class BinarySheet:
    """Fills the facts of one sheet from its records; rows and columns of the records count from 0."""

    def __init__(self, facts: SheetFacts, budget: Budget, book: BookFacts) -> None:
        self.facts, self.budget, self.book = facts, budget, book
        self.elements = self.texts = 0

    def cell(self, row: int, column: int) -> None:
        """A filled cell."""
        facts = self.facts
        if row >= facts.rows or column >= facts.columns:
            self.budget.check_cell(row + 1, column + 1, facts.name)
            facts.rows, facts.columns = max(facts.rows, row + 1), max(facts.columns, column + 1)

    def number(self, row: int, column: int, style: int, value: float) -> None:
        """The number of a filled cell, whose style may show words in its place."""
        code = self.book.formats[style] if style < len(self.book.formats) else ""
        if code and code in self.book.hiding:
            words = words_instead(code, value)
            if words is not None:
                self.facts.note_words([row + 1], [column + 1], words, value)
                self.text(WORDED_BYTES)

    def text(self, cost: int) -> None:
        """A cell that shows a text of this cost."""
        self.texts += cost
        if self.texts > 1 << 16:
            self.budget.take_memory(self.texts, self.facts.name)
            self.texts = 0

    def error(self, row: int, column: int, code: int) -> None:
        """A cell that holds an error."""
        self._count_element()
        self.facts.errors[row + 1, column + 1] = ERRORS.get(code, "#N/A")

    def merge(self, top: int, bottom: int, left: int, right: int) -> None:
        """A merged range."""
        self._count_element()
        self.facts.merged.append((top + 1, left + 1, bottom + 1, right + 1))

    def hide_row(self, row: int) -> None:
        """A hidden row."""
        if row < self.budget.limits.max_rows:
            self._count_element()
            self.facts.hidden_rows.append(row + 1)

    def hide_columns(self, first: int, last: int) -> None:
        """A range of hidden columns."""
        self._count_element()
        last = min(last, self.budget.limits.max_columns - 1)
        self.facts.hidden_columns = sorted({*self.facts.hidden_columns, *range(first + 1, last + 2)})

    def close(self) -> None:
        """All records are read."""
        self.budget.take_memory(self.texts, self.facts.name)
        self.facts.hidden_rows = sorted(set(self.facts.hidden_rows))
        self.facts.clip()
        self.budget.take_sheet(self.facts.rows, self.facts.columns, self.facts.name, held=2)

    def _count_element(self) -> None:
        self.elements += 1
        most = self.budget.limits.max_elements
        if self.elements > most:
            found = f"plus de {most} fusions, erreurs, lignes ou colonnes masquées"
            raise oversized(found, f"{most} au plus", "max_elements", self.facts.name)


def packed_number(packed: int) -> float:
    """A number in 30 bits: a whole one or the beginning of a real one, hundredths or not."""
    if packed & 2:
        value = float((packed >> 2) - ((packed >> 31) << 30))
    else:
        value = float(struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0])
    return value / 100 if packed & 1 else value


class RecordCount:
    """Counts records, so that an endless file is refused like one of endless tags."""

    def __init__(self, budget: Budget) -> None:
        self.most, self.count = budget.limits.max_tags, 0

    def one_more(self, sheet: str = "") -> None:
        self.count += 1
        if self.count > self.most:
            raise oversized(f"plus de {self.most} enregistrements", f"{self.most} au plus", "max_tags", sheet)


def broken_records(sheet: str = "") -> Exception:
    """The refusal of records that say more than their bytes hold."""
    return damaged("enregistrements incomplets", sheet)
