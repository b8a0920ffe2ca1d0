"""The values of the lines of a long table, with what the columns beside them state: status and power of ten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Cells
from diagpacte.sources.layout.cells import AVAILABILITIES, OBSERVED, CellReader, ColumnValues, cell_text
from diagpacte.sources.layout.table_rows import named
from diagpacte.sources.long.rules import LongRules, Status
from diagpacte.sources.long.table import LongTable, Texts
from diagpacte.sources.meaning.displayed import as_displayed, displayed
from diagpacte.sources.meaning.scaling import DECIMALS
from diagpacte.vocabulary import VALUED, Availability

Lines = NDArray[np.intp]
PLAIN = Status(availability=Availability.OBSERVED)
WITHOUT_VALUE = np.array([availability not in VALUED for availability in AVAILABILITIES])
WORDS = {"confidentiality": "statut de confidentialité", "status": "statut", "multiplier": "puissance de dix"}


@dataclass
class Stated:
    """What the columns of status and power say of each line of a table."""

    availability: NDArray[np.int8]  # position in AVAILABILITIES; OBSERVED where nothing is said
    flag: Cells
    power: NDArray[np.intp]
    unknown: NDArray[np.bool_]  # a word that no rule names


class StatedCells(CellReader):
    """The cells of some lines, read already: their status may say more than they do."""

    def __init__(self, values: ColumnValues) -> None:
        super().__init__((), {})
        self.values = values

    def column(self, cells: Cells) -> ColumnValues:  # noqa: ARG002 (the cells that `values` are of)
        return self.values


class ValueReader:
    """Reads the values of the lines of one table. `read`: the lines that hold a value of ours."""

    def __init__(self, file: str, table: LongTable, rules: LongRules, read: NDArray[np.bool_]) -> None:
        self.file, self.table, self.read = file, table, read
        self.faults: list[Fault] = []
        self.stated = self._stated(rules)
        self.contradictory: list[Lines] = []

    def _stated(self, rules: LongRules) -> Stated:
        """The status that explains an absence wins over the other: a secret is one whatever else is said."""
        secret = self._words("confidentiality", rules.confidentiality)
        status = self._words("status", rules.status)
        powers = {normalised(word): power for word, power in rules.multipliers.items()}
        power = self._texts("multiplier")
        known = [_power(text, powers) for text in power.distinct]
        self._tell_unknown("multiplier", power, [number is None for number in known], rules.multipliers)
        first, first_flag, unknown = secret
        second, second_flag, unknown_too = status
        return Stated(
            availability=np.where(first == OBSERVED, second, first),
            flag=np.where(first_flag == "", second_flag, first_flag),
            power=np.array([number or 0 for number in known], dtype=np.intp)[power.place],
            unknown=unknown | unknown_too | np.array([number is None for number in known])[power.place],
        )

    def _texts(self, role: str) -> Texts:
        return self.table.texts(self.table.columns.get(role))

    def _words(self, role: str, words: Mapping[str, Status]) -> tuple[NDArray[np.int8], Cells, NDArray[np.bool_]]:
        """Availability, flag, and whether no rule names the word, of each line."""
        texts, plain = self._texts(role), {normalised(word): status for word, status in words.items()}
        found = [plain.get(normalised(text)) if text else PLAIN for text in texts.distinct]
        unknown = [status is None for status in found]
        self._tell_unknown(role, texts, unknown, words)
        known = [status or PLAIN for status in found]
        availability = np.array([AVAILABILITIES.index(status.availability) for status in known], dtype=np.int8)
        flags = np.array([status.flag for status in known], dtype=object)
        return availability[texts.place], flags[texts.place], np.array(unknown)[texts.place]

    def _tell_unknown(self, role: str, texts: Texts, unknown: list[bool], words: Iterable[str]) -> None:
        for place in np.flatnonzero(unknown).tolist():
            of = np.flatnonzero((texts.place == place) & self.read)
            if len(of):
                self._fault(
                    of,
                    self.table.columns[role],
                    f"{WORDS[role]} inconnu{'e'[: role == 'multiplier']} « {texts.distinct[place]} »",
                    " ou ".join(f"« {word} »" for word in list(words)[:4]),
                    f"demander au producteur ce que dit ce mot, puis l’ajouter à [{role}] de indicators_long.toml",
                    Severity.BLOCKING,
                    FaultKind.VALUE,
                )

    def values(self, lines: Lines, reader: CellReader) -> ColumnValues:
        """The cells of values of `lines`, in their order, with what is stated beside them."""
        column = self.table.columns["value"]
        shown = displayed(self.table.sheet, (self.table.first_row + lines).tolist(), column)
        cells = as_displayed(self.table.cells(column)[lines], shown, reader)
        values = read_distinct(reader, cells)
        # An export of data writes « 85.658 » with a decimal point, and never parts thousands by one.
        values.thousands = [place for place in values.thousands if "." not in cell_text(cells[place])]
        _scale(values, cells, self.stated.power[lines])
        self._apply_status(values, lines)
        return values

    def _apply_status(self, values: ColumnValues, lines: Lines) -> None:
        stated, flags = self.stated.availability[lines], self.stated.flag[lines]
        absent = WITHOUT_VALUE[stated]
        written = absent & np.isfinite(values.value)
        if written.any():
            self.contradictory.append(lines[written])
        softer = ~absent & (stated != OBSERVED) & (values.availability == OBSERVED)
        values.availability[absent | softer] = stated[absent | softer]
        values.value[absent], values.percent[absent] = np.nan, False
        # What a status withholds is not repeated, not even as the text of its cell.
        hidden = absent & (values.number | written)
        values.text[hidden], values.number[hidden] = "", False
        values.unreadable = [place for place in values.unreadable if not absent[place]]
        values.errors = [place for place in values.errors if not absent[place]]
        values.thousands = [place for place in values.thousands if not absent[place]]
        valued = np.isfinite(values.value)
        mentions = {place: str(flags[place]) for place in np.flatnonzero((flags != "") & valued).tolist()}
        values.flags = {place: flag for place, flag in {**mentions, **values.flags}.items() if valued[place]}

    def tell_contradictions(self) -> None:
        """A fault for all the values that a status withholds, and one for those it says are missing."""
        if not self.contradictory:
            return
        of = np.sort(np.concatenate(self.contradictory))
        secret = self.stated.availability[of] == AVAILABILITIES.index(Availability.SECRET)
        for lines, kind, remedy in (
            (of[secret], FaultKind.SECRET, "demander au producteur si elle est diffusable ; elle n’est pas lue"),
            (of[~secret], FaultKind.VALUE, "demander au producteur lequel des deux est juste ; elle n’est pas lue"),
        ):
            if len(lines):
                found = "valeur écrite, mais le statut de sa ligne dit qu’il n’y en a pas"
                self._fault(lines, self.table.columns["value"], found, "une cellule vide", remedy, Severity.CHECK, kind)

    def _fault(
        self, lines: Lines, column: int, found: str, expected: str, remedy: str, severity: Severity, kind: FaultKind
    ) -> None:
        cells = [self.table.sheet.place(self.table.first_row + line, column) for line in lines.tolist()]
        shown = named([cell_name(*cell) for cell in cells])
        self.faults.append(
            Fault(self.file, self.table.sheet.name, shown, found, expected, remedy, severity, kind, areas(cells))
        )


def read_distinct(reader: CellReader, cells: Cells) -> ColumnValues:
    """What `reader` reads in `cells`, each distinct one read once."""
    if bool in set(map(type, cells)):
        return reader.column(cells)  # to pandas, True is 1
    place, kinds = pd.factorize(cells, use_na_sentinel=True)
    distinct = np.full(len(kinds) + 1, None, dtype=object)  # the last one is the blank cell
    distinct[: len(kinds)] = kinds
    place = np.where(place < 0, len(kinds), place)
    read = reader.column(distinct)
    spread = ColumnValues(
        value=read.value[place],
        availability=read.availability[place],
        text=read.text[place],
        number=read.number[place],
        percent=read.percent[place],
        unreadable=np.flatnonzero(np.isin(place, read.unreadable)).tolist(),
        errors=np.flatnonzero(np.isin(place, read.errors)).tolist(),
        thousands=np.flatnonzero(np.isin(place, read.thousands)).tolist(),
    )
    for kind, flag in read.flags.items():
        spread.flags.update(dict.fromkeys(np.flatnonzero(place == kind).tolist(), flag))
    return spread


def _power(text: str, powers: Mapping[str, int]) -> int | None:
    """« 3 », « Milliers » → 3; nothing → 0; None when the word is unknown."""
    if not text:
        return 0
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and len(digits) == 1 else powers.get(normalised(text))


def _scale(values: ColumnValues, cells: Cells, power: NDArray[np.intp]) -> None:
    """Numbers in thousands become whole; the text of the cell stays what it is."""
    scaled = (power != 0) & np.isfinite(values.value)
    if scaled.any():
        values.value[scaled] = np.round(values.value[scaled] * 10.0 ** power[scaled], DECIMALS)
        values.text[scaled] = [cell_text(cell) for cell in cells[scaled]]
        values.number[scaled] = False
