"""One pass over the content of an .ods before any engine opens it: a few bytes may repeat a row a million times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

from diagpacte.sources.files.archives import opened
from diagpacte.sources.files.budget import TEXT_BYTES, Budget, text_cost
from diagpacte.sources.files.cell_names import Cell
from diagpacte.sources.files.number_formats import DASHES
from diagpacte.sources.files.prescan import Scan, inspect_the_rest
from diagpacte.sources.files.refusals import SAVE_AGAIN, damaged, encrypted, oversized, shown
from diagpacte.sources.files.sheet_facts import WORDED_BYTES, SheetFacts, Unread
from diagpacte.sources.files.xml_guard import Guarded
from diagpacte.sources.files.xml_parts import Package
from diagpacte.sources.rules import ReadingLimits

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
PERCENT = "0%"  # what a number typed as a percentage is shown with
FOREVER = 10**7  # no sheet has so many rows or columns
BOUNDS = ("<", ">", "≤", "≥")
HIDDEN = ("collapse", "filter")
CELLS = ("table:table-cell", "table:covered-table-cell")
NUMBERS = ("float", "percentage", "currency")
LONGEST_ERROR = 32
EXTRAS = (("Basic/", "macros : ni lues ni exécutées"), ("Scripts/", "macros : ni lues ni exécutées"))


def scan_ods(path: Path, limits: ReadingLimits, budget: Budget) -> Scan:
    """What is known of the sheets of an .ods, which the engine holds twice; raises RefusedError."""
    with opened(path, limits) as archive:
        package = Package(archive, limits)
        if MANIFEST in package:
            _refuse_encryption(package)
        content = _Content(package, budget)
        inspect_the_rest(package)
        names = archive.namelist()
        unread = [Unread(shown(name), why) for name in names for mark, why in EXTRAS if name.startswith(mark)]
        return Scan(content.sheets, unread=unread)


def _refuse_encryption(package: Package) -> None:
    def see(name: str, _attributes: dict[str, str]) -> None:
        if name == "encryption-data":
            raise encrypted()

    package.elements(MANIFEST, see)


class _Content:
    """Reads the content of the workbook: where each filled cell is, once rows and columns are repeated.

    Names are compared with their usual prefixes, as the engine does.
    """

    def __init__(self, package: Package, budget: Budget) -> None:
        self.budget, self.limits = budget, budget.limits
        self.sheets: list[SheetFacts] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.depth = 0  # tables in tables; those inside a cell are the affair of that cell
        self.row, self.rows, self.column, self.columns = 1, 0, 1, 0  # first of the current ones, and how many
        self.cell: dict[str, str] | None = None
        self.text, self.length = "", 0  # the beginning of the text of the cell, and its cost
        self.shows = self.noted = False  # the cell has a text, even an empty one; a comment of it is being read
        self.elements = 0
        guarded = Guarded(CONTENT, self.limits, self.limits.max_tags, "max_tags")
        guarded.parser.StartElementHandler = self.start
        guarded.parser.EndElementHandler = self.end
        guarded.parser.CharacterDataHandler = self.characters
        guarded.parse(package.pieces(CONTENT))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in CELLS and self.depth == 1:
            self.column += self.columns
            self.columns = _count(attributes.get("table:number-columns-repeated", "1"))
            self.cell, self.text, self.length, self.shows = attributes, "", 0, False
        elif tag == "text:p":
            self.shows = self.shows or not self.noted
        elif tag == "office:annotation":
            self.noted = True
        elif tag == "text:s":
            self.length += _count(attributes.get("text:c", "1"))
        elif tag == "table:table-row" and self.depth == 1:
            self._enter_row(attributes)
        elif tag == "table:table-column" and self.depth == 1:
            self._enter_columns(attributes)
        elif tag == "table:table":
            self._enter_table(attributes)
        elif tag == "style:style":
            self.style = attributes.get("style:name", "")
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden_styles.add(self.style)

    def end(self, tag: str) -> None:
        if tag in CELLS and self.depth == 1 and self.cell is not None:
            self._leave_cell(self.sheets[-1], self.cell)
            self.cell = None
        elif tag == "office:annotation":
            self.noted = False
        elif tag == "table:table":
            self.depth -= 1
            if not self.depth:
                facts = self.sheets[-1]
                facts.clip()
                self.budget.take_sheet(facts.rows, facts.columns, facts.name, held=2)

    def characters(self, text: str) -> None:
        if self.cell is not None:
            self.length += len(text) if text.isascii() else text_cost(text) - TEXT_BYTES
            if len(self.text) < LONGEST_ERROR and not self.noted:
                self.text += text[:LONGEST_ERROR]

    def _enter_table(self, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > 1:
            return
        name = attributes.get("table:name", "")
        if not name.strip() or name in {facts.name for facts in self.sheets}:
            raise damaged(f"deux feuilles du même nom, ou feuille sans nom : « {shown(name)} »", remedy=SAVE_AGAIN)
        self._count_elements(1)
        self.sheets.append(SheetFacts(name, attributes.get("table:style-name", "") in self.hidden_styles))
        self.row, self.rows, self.column, self.columns = 1, 0, 1, 0

    def _enter_columns(self, attributes: dict[str, str]) -> None:
        self.column += self.columns
        self.columns = _count(attributes.get("table:number-columns-repeated", "1"))
        if attributes.get("table:visibility") in HIDDEN:
            last = min(self.column + self.columns - 1, self.limits.max_columns)
            self.sheets[-1].hidden_columns += range(self.column, last + 1)

    def _enter_row(self, attributes: dict[str, str]) -> None:
        self.row += self.rows
        self.rows = _count(attributes.get("table:number-rows-repeated", "1"))
        self.column, self.columns = 1, 0
        if attributes.get("table:visibility") in HIDDEN:
            last = min(self.row + self.rows - 1, self.limits.max_rows)
            self.sheets[-1].hidden_rows += range(self.row, last + 1)

    def _leave_cell(self, facts: SheetFacts, cell: dict[str, str]) -> None:
        kind, formula = cell.get("office:value-type", ""), cell.get("table:formula", "")
        shown_text = cell.get("office:string-value", "")
        is_error = cell.get("calcext:value-type") == "error" or (formula and self.text.startswith("#"))
        if not (is_error or formula or shown_text or (kind and kind != "string") or (kind and self.length)):
            return
        last_row, last_column = self.row + self.rows - 1, self.column + self.columns - 1
        self.budget.check_cell(last_row, last_column, facts.name)
        facts.rows, facts.columns = max(facts.rows, last_row), max(facts.columns, last_column)
        size = self.rows * self.columns
        cost = text_cost(shown_text) + text_cost(formula)
        if kind == "string":
            cost += TEXT_BYTES + 2 * self.length
        self.budget.take_memory(size * cost, facts.name)
        if is_error:
            self._count_elements(size)
            facts.errors.update(dict.fromkeys(self._cells(), self.text.strip() or "#N/A"))
        elif not kind:
            self._count_elements(size)
            facts.uncached.update(self._cells())
        elif kind in NUMBERS:
            self._note_number(facts, PERCENT if kind == "percentage" else "", cell.get("office:value", ""))
        down, right = (_count(cell.get(f"table:number-{what}-spanned", "1")) for what in ("rows", "columns"))
        if down > 1 or right > 1:
            self._count_elements(1)
            facts.merged.append((self.row, self.column, self.row + down - 1, self.column + right - 1))

    def _note_number(self, facts: SheetFacts, code: str, value: str) -> None:
        """How a number is shown: its text stands beside it, words in its place having no digit, or « < 11 »."""
        columns = range(self.column, self.column + self.columns)
        taken = sum(facts.note_format(self.row, column, code) for column in columns)
        words = self.text.strip()
        if self.shows and (words.startswith(BOUNDS) or not any(map(str.isnumeric, words))):
            with suppress(ValueError):
                number = float(value)
                self.budget.take_memory(WORDED_BYTES * self.rows * self.columns, facts.name)
                if number or words not in DASHES:  # a dash over a zero is how accounts show it
                    facts.note_words(range(self.row, self.row + self.rows), columns, words, number)
        self.budget.take_memory(taken, facts.name)

    def _cells(self) -> Iterator[Cell]:
        return product(range(self.row, self.row + self.rows), range(self.column, self.column + self.columns))

    def _count_elements(self, size: int) -> None:
        self.elements += size
        most = self.limits.max_elements
        if self.elements > most:
            found = f"plus de {most} fusions, erreurs ou formules sans résultat"
            raise oversized(found, f"{most} au plus", "max_elements", self.sheets[-1].name if self.sheets else "")


def _count(number: str) -> int:
    if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= FOREVER):
        raise damaged(f"« {CONTENT} » : répétition « {shown(number)} »")
    return int(number[:9])
