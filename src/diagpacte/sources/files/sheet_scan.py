"""One pass over the XML of a worksheet: its extent, and what the engines would hide or read differently."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator

from diagpacte.sources.files.budget import Budget, text_cost
from diagpacte.sources.files.cell_names import Cell, cell_name, column_letters, column_number
from diagpacte.sources.files.known_rows import Form, KnownRows
from diagpacte.sources.files.leaves import refuse_elements_in_values
from diagpacte.sources.files.refusals import SAVE_AGAIN, RefusedError, damaged, oversized, shown
from diagpacte.sources.files.shared_texts import ENOUGH, RICH_TEXT
from diagpacte.sources.files.sheet_end import CutAtTheEnd
from diagpacte.sources.files.sheet_facts import FIRST_ROWS, Readable, SheetFacts
from diagpacte.sources.files.xml_guard import Guarded, LocalNames
from diagpacte.sources.files.xml_parts import BookFacts

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
FEW = 100  # stray cells beyond the limits: some add-ins leave one; more make a sheet too large
LONGEST_ERROR = 32  # « #GETTING_DATA »
KEPT_COSTS = 50_000  # costs of shared texts kept by the text of their number
NO_STYLE = ""  # of a column without number so far
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
ROW_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
FLAG = ("1", "true")
CELL_TAGS = {"row", "c", "v", "f", "is", "t"}


def scan_sheet(
    pieces: Callable[[], Generator[bytes, None, None]], facts: SheetFacts, part: str, book: BookFacts, budget: Budget
) -> Readable:
    """Fill `facts` from the XML of a sheet, which `pieces` gives, and take its cells and texts from `budget`.

    Raises RefusedError, naming the part or the cell, for what is malformed, hostile or beyond the limits.
    """
    guarded = Guarded(part, budget.limits, budget.limits.max_tags, "max_tags", facts.name)
    scan = _SheetScan(guarded, facts, book, budget)
    guarded.parser.StartElementHandler = scan.start
    cut = CutAtTheEnd(pieces(), scan.end_rows)
    guarded.parse(KnownRows(cut.pieces(), scan).pieces())
    scan.leave_row()
    if scan.second_look:
        refuse_elements_in_values(pieces(), part, budget.limits, facts.name)
    facts.clip()
    budget.take_memory(scan.texts, facts.name)
    budget.take_sheet(facts.rows, facts.columns, facts.name)
    return Readable(
        guarded.plain and guarded.whole and not (cut.refers or scan.odd) and len(scan.names.prefixes) <= 1,
        scan.numbered,
    )


class _SheetScan:
    """Fills the facts of one sheet. `start` is called millions of times: it calls nothing it can avoid."""

    __slots__ = (
        "book", "budget", "codes", "column", "columns", "cut", "elements", "ended", "facts", "filled", "format", "formula",
        "guarded", "hear", "hidden_columns", "hiding", "inline", "kind", "last_styles", "limits", "listen", "names", "number", "numbered",
        "odd", "parser", "part", "reach", "row", "row_given", "row_text", "said", "second_look", "style",
        "taken", "text_costs", "texts",
    )  # fmt: skip

    def __init__(self, guarded: Guarded, facts: SheetFacts, book: BookFacts, budget: Budget) -> None:
        self.guarded, self.parser, self.part, self.facts = guarded, guarded.parser, guarded.part, facts
        self.book, self.budget, self.limits = book, budget, budget.limits
        self.names, self.columns, self.text_costs = LocalNames(CELL_TAGS), dict[str, int](), dict[str, int]()
        self.row = self.cut = 0
        self.row_text, self.row_given, self.numbered = "", False, True
        self.column = self.filled = 0  # in this row: the last cell met, the last with a value
        self.reach = 0  # columns known to be filled; 0 in a row beyond the limits
        self.number = self.listen = self.formula = False
        self.kind: str | None = None
        self.style: str | None = None
        self.last_styles: list[str | None] = [NO_STYLE] * (LAST_COLUMN + 1)
        self.codes: dict[str | None, str] = {}  # style → number format
        self.hiding, self.format = book.hiding, ""  # formats that show words; that of this cell, when it may
        self.taken: tuple[Form, object] | None = None  # the last row taken, while no other came after it
        self.hidden_columns: set[int] = set()
        self.said: list[str] = []
        self.hear = self.said.append
        self.elements = self.texts = 0
        self.inline = 0  # column of the last cell of the row with a text of its own, negative once in its text
        self.ended = self.odd = self.second_look = False

    def end_rows(self) -> None:
        """The rows are over: what follows is no text of their last cell."""
        self.leave_row()
        self.ended = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: C901, PLR0912 (as flat as it is fast)
        if tag == "v":
            column = self.column
            if column <= self.filled:
                raise self._misplaced("deux valeurs dans")
            self.filled = column
            if column > self.reach:
                self._extend()
            if self.number and self.last_styles[column] != self.style:
                self._note_style()
            if self.listen:
                self.parser.CharacterDataHandler = self.hear
        elif tag == "c":
            if self.listen:
                self._close_cell()
            reference = attributes.get("r")
            if reference is None:
                column = self.column + 1
            elif reference.endswith(self.row_text):
                column = self.columns.get(reference[: self.cut]) or self._place(reference)
            else:
                column = self._place(reference)
            if column <= self.column:
                raise self._misplaced("cellules dans le désordre, à")
            self.column = column
            self.style = attributes.get("s")
            kind = attributes.get("t")
            self.number = kind is None or kind == "n"
            if not self.number:
                self.kind, self.listen = kind, True
        else:
            self._rare(tag, attributes)

    def _rare(self, tag: str, attributes: dict[str, str]) -> None:
        name = self.names[tag]
        if name == "row":
            self._enter_row(attributes.get("r"))
            if attributes.get("hidden") in FLAG and self.row <= self.limits.max_rows:
                self.facts.hidden_rows.append(self.row)
        elif name == "f":
            if self.formula:
                raise self._misplaced("deux formules dans")
            self.formula = self.listen = True
            self.parser.CharacterDataHandler = None
            self._extend()
        elif name in ("v", "c"):
            self.start(name, attributes)  # it had a prefix
        elif name == "is":
            if self.column <= self.filled:
                raise self._misplaced("deux valeurs dans")
            self.filled = self.inline = self.column
            self._extend()
            self.parser.CharacterDataHandler = self.hear
        elif name == "t":
            self._own_text()
        else:
            self._other(name, attributes)

    def _own_text(self) -> None:
        if self.inline == self.column:
            self.inline = -self.column
        elif not self.ended:  # one more run, or a text where there should be none
            self.second_look = True
            self.odd = self.odd or self.inline != -self.column
            self.texts += text_cost("".join(self.said))
            self.said.clear()

    def _other(self, name: str, attributes: dict[str, str]) -> None:
        self._count_element()
        if self.row and not self.ended:  # something else than cells among the rows
            self.second_look = True
            self.odd = self.odd or name not in RICH_TEXT or abs(self.inline) != self.column
        if self.listen and name not in RICH_TEXT:
            self._close_cell()  # what follows the rows, a footer, a list of choices, is no text of the last cell
        if name == "mergeCell":
            first, _, last = attributes["ref"].replace("$", "").partition(":")
            self.facts.merged.append((*self._cell(first), *self._cell(last or first)))
        elif name == "col" and attributes.get("hidden") in FLAG:
            last_column = min(int(attributes["max"]), self.limits.max_columns)
            self.hidden_columns.update(range(max(int(attributes["min"]), 1), last_column + 1))
            self.facts.hidden_columns = sorted(self.hidden_columns)
        elif name == "sheetData" and (self.row or self.column):
            raise damaged(f"« {self.part} » : des lignes hors du tableau", self.facts.name, SAVE_AGAIN)

    def _count_element(self) -> None:
        self.elements += 1
        most = self.limits.max_elements
        if self.elements > most:
            found = f"« {self.part} » : plus de {most} fusions, liens, formats, erreurs ou formules sans résultat"
            raise oversized(found, f"{most} au plus", "max_elements", self.facts.name)

    def _place(self, reference: str) -> int:
        """The column of a cell; a row without number takes that of its first cell."""
        row, column = self._cell(reference)
        if row != self.row:
            if self.row_given or self.column or row < self.row:
                raise self._misplaced(f"la cellule {shown(reference)} dans une autre ligne, après")
            self.numbered = False
            self._set_row(row)
        self.columns[column_letters(column)] = column
        return column

    def _cell(self, reference: str) -> Cell:
        match = REFERENCE.fullmatch(reference)
        if match is None or int(match[2]) > LAST_ROW or column_number(match[1]) > LAST_COLUMN:
            raise damaged(f"« {self.part} » : référence de cellule « {shown(reference)} »", self.facts.name, SAVE_AGAIN)
        return int(match[2]), column_number(match[1])

    def _enter_row(self, number: str | None) -> None:
        self.leave_row()
        if self.ended:
            raise damaged(f"« {self.part} » : des lignes après la fin du tableau", self.facts.name, SAVE_AGAIN)
        self.row_given = number is not None
        row = self.row + 1 if number is None else int(number) if ROW_NUMBER.fullmatch(number) else 0
        if not 0 < row <= LAST_ROW:
            raise damaged(f"« {self.part} » : ligne « {shown(number or str(row))} »", self.facts.name, SAVE_AGAIN)
        if row <= self.row:
            raise self._misplaced(f"lignes dans le désordre : {row} après")
        self._set_row(row)
        self.taken = None

    def _set_row(self, row: int) -> None:
        self.row, self.row_text = row, str(row)
        self.cut = -len(self.row_text)
        self.column = self.filled = self.inline = 0
        self.reach = self.facts.columns if row <= self.limits.max_rows else 0

    def leave_row(self) -> None:
        """What remains to be said of the row just ended."""
        if self.listen:
            self._close_cell()
        if self.filled and self.row <= self.limits.max_rows:
            self.facts.rows = self.row
        if self.texts > ENOUGH:
            self.budget.take_memory(self.texts, self.facts.name)
            self.texts = 0

    def take(self, form: Form, match: re.Match[bytes]) -> bool:
        """Note a row of a known form in place of the parser, to which it is left when anything in it is unusual."""
        row, styles = int(match[1]), match.group(*form.styles)
        if not self.row < row <= self.limits.max_rows or form.last > self.facts.columns:
            return False
        names = [match[group].decode() or None for group in form.styles] if self.taken != (form, styles) else []
        if any(self.book.format(name) in self.book.hiding for name in set(names)):
            return False
        self.leave_row()
        self._set_row(row)
        self.row_given = True
        self.guarded.tags += form.tags
        for group in form.texts:
            index = match[group].decode()
            self.texts += self.text_costs.get(index) or self._shared_cost(index)
        for self.column, self.style in zip(form.numbers, names, strict=False):
            if self.last_styles[self.column] != self.style:
                self._note_style()
        self.column = self.filled = form.last
        self.taken = form, styles
        return True

    def _extend(self) -> None:
        """A filled cell farther than those before."""
        if not self.row:
            raise self._misplaced("une cellule hors de toute ligne, avant")
        if self.row <= self.limits.max_rows and self.column <= self.limits.max_columns:
            self.reach = self.facts.columns = max(self.facts.columns, self.column)
            self.facts.rows = self.row
            return
        name, outside = cell_name(self.row, self.column), self.facts.outside
        if name not in outside[-1:]:
            outside.append(name)
        if len(outside) > FEW:
            found = f"plus de {FEW} cellules jusqu’à {name}"
            expected = f"{self.limits.max_rows} lignes et {self.limits.max_columns} colonnes au plus"
            raise oversized(found, expected, "max_rows » et « max_columns", self.facts.name)

    def _note_style(self) -> None:
        """A number whose style is not that of the number above it, or may show words in its place."""
        column, code = self.column, self.codes.get(self.style)
        if code is None:
            code = self.book.format(self.style)
            if len(self.codes) < KEPT_COSTS:
                self.codes[self.style] = code
        if code in self.hiding:
            self.last_styles[column] = NO_STYLE  # so that every such number comes here
            self.format, self.listen = code, True
        else:
            self.last_styles[column] = self.style
        known = self.row > FIRST_ROWS and code in self.facts.formats.get(column, ())
        if not known and self.row <= self.limits.max_rows and column <= self.limits.max_columns:
            self.texts += self.facts.note_format(self.row, column, code)

    def _close_cell(self) -> None:
        """Judge the cell just left, when it holds a text, a formula or an error."""
        self.listen = False
        self.parser.CharacterDataHandler = None
        if self.kind == "s" and self.said and not (self.number or self.formula):  # most texts
            index = "".join(self.said)
            self.texts += self.text_costs.get(index) or self._shared_cost(index)
        else:
            self._judge("".join(self.said).strip())
            self.formula, self.format = False, ""
        self.said.clear()

    def _judge(self, text: str) -> None:
        valued = self.filled == self.column
        inside = self.row <= self.limits.max_rows and self.column <= self.limits.max_columns
        if self.number or self.kind == "b":
            if self.format and inside:
                self.texts += self.facts.note_shown(self.row, self.column, self.format, text)
        elif self.kind == "e":
            if inside and valued:
                self._count_element()
                self.facts.errors[self.row, self.column] = sys.intern(text[:LONGEST_ERROR]) or "#N/A"
        elif self.kind == "s":
            self.texts += self._shared_cost(text) if text else 0
        else:
            self.texts += text_cost(text)
        if self.formula and not text and inside and (self.number or self.kind not in ("str", "e")):
            self._count_element()
            self.facts.uncached.add((self.row, self.column))

    def _shared_cost(self, index: str) -> int:
        try:
            place = int(index)
            cost = self.book.text_costs[place] if place >= 0 else None
        except (ValueError, IndexError):
            cost = None
        if cost is None:
            here = cell_name(self.row, self.column)
            raise damaged(f"cellule {here} : texte partagé n° {shown(index)} inexistant", self.facts.name)
        if not (index.isascii() and index.isdigit()):
            self.odd = True  # « 12 » between spaces is the first text to the fast engine
        elif len(self.text_costs) < KEPT_COSTS:
            self.text_costs[index] = cost
        return cost

    def _misplaced(self, what: str) -> RefusedError:
        where = cell_name(self.row, max(self.column, 1))
        return damaged(f"« {self.part} » : {what} {where}", self.facts.name, SAVE_AGAIN)
