"""Tables with one line per zone and measure, as the new portal of Insee exports them → blocks of values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import CellReader
from diagpacte.sources.layout.table_rows import Rows, Skipped, named
from diagpacte.sources.long.asked import Said, measure_rows, to_ask
from diagpacte.sources.long.measures import NOT_DESCRIBED, Kind, MeasureReader, Unknown
from diagpacte.sources.long.places import Places, lines, places
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.long.table import LongTable, Texts
from diagpacte.sources.long.values import StatedCells, ValueReader
from diagpacte.sources.meaning.block import Block
from diagpacte.sources.meaning.blocks import GRADE, read_block
from diagpacte.sources.meaning.choices import Choice
from diagpacte.sources.meaning.columns import ColumnReader, IndicatorColumn
from diagpacte.sources.meaning.grades import GradeReader

Readers = tuple[CellReader, Mapping[str, GradeReader]]


@dataclass
class LongReading:
    """What a long table gave: a block per indicator, year and unit, and what is not read, counted.

    `rows` are the lines that are read, in their order.
    """

    rows: Rows = field(default_factory=Rows)
    blocks: list[Block] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)  # rows of Headings, their source left out


def read_long(
    file: str,
    table: LongTable,
    rules: LongRules,
    column_reader: ColumnReader,
    readers: Readers,
    ept_codes: Collection[str],
    geo_vintage: Callable[[list[str]], int | None],
    choices: Mapping[str, Choice],
) -> LongReading:
    """The values of `table`, each with the cell it stands in. `readers`: as for `read_block`.

    `geo_vintage` says of which year the codes are, given the notes of the table; without one no value is read.
    `choices`: what a person said of measures.
    """
    reading = LongReading()
    if "code" not in table.columns:
        reading.faults.append(_only_names(file, table))
        return reading
    filled = _filled(table, reading)
    kinds, kind_of = _kinds(table, rules)
    measures = MeasureReader(table, rules, column_reader, choices)
    columns = measures.read_all(kinds)
    asked = to_ask(kinds, columns, choices)
    known = np.array([isinstance(column, IndicatorColumn) for column in columns], dtype=np.bool_)
    _tell_unknown(file, table, measures, kinds, columns, np.where(filled, kind_of, -1), reading)
    wanted = filled & known[kind_of]
    found = places(file, table, rules, column_reader.layout, ept_codes, wanted)
    reading.faults += found.faults
    reading.skipped += found.skipped
    read = found.line >= 0
    _tell_units(file, table, measures, read, reading)
    reading.rows = _rows(table, found, np.flatnonzero(read))
    reading.asked = measure_rows(table, asked, choices, column_reader.dictionary, filled)
    vintage = geo_vintage(reading.notes)
    if vintage is None:
        return reading
    values = ValueReader(file, table, rules, read)
    doubtful: Said = {}
    for kind, of in _lines_by_kind(kind_of, read):
        column = columns[kind]
        if isinstance(column, IndicatorColumn):  # no other kind has lines that are read
            block = _block(file, table, column, of, found, values, readers, vintage)
            reading.blocks.append(block)
            for problem in block.unscaled.values():
                doubtful.setdefault(kinds[kind].measure, (problem, column.indicator.indicator))
    reading.asked = measure_rows(table, asked | doubtful, choices, column_reader.dictionary, filled)
    values.tell_contradictions()
    reading.faults += values.faults
    return reading


def _only_names(file: str, table: LongTable) -> Fault:
    count = table.sheet.cells.shape[0] - table.header
    cells = [(row, table.zone) for row in range(table.first_row, table.first_row + count)]
    heading = table.sheet.text(table.header, table.zone)
    return Fault(
        file,
        table.sheet.name,
        cell_name(table.header, table.zone),
        f"« {heading} » donne des noms de territoires, et aucune colonne leurs codes : {lines(count)} non lues",
        "une colonne de codes (GEO ou CODGEO)",
        "redemander l’export avec les codes, ou ajouter une colonne CODGEO : un nom ne désigne pas un territoire",
        Severity.BLOCKING,
        FaultKind.ZONE,
        areas(cells),
    )


def _filled(table: LongTable, reading: LongReading) -> NDArray[np.bool_]:
    """The lines that hold a value, or a measure of some place; the texts of the others are notes."""
    holds = {}
    for role in ("code", "measure", "value"):
        texts = table.texts(table.columns[role])
        holds[role] = np.array([bool(text) for text in texts.distinct])[texts.place]
    filled: NDArray[np.bool_] = holds["value"] | (holds["code"] & holds["measure"])
    for line in np.flatnonzero(~filled).tolist():
        row = table.first_row + line
        texts_of = (table.sheet.text(row, column) for column in range(1, table.sheet.cells.shape[1] + 1))
        note = " ".join(text for text in texts_of if text)
        if note:
            reading.notes.append(note)
    return filled


def _kinds(table: LongTable, rules: LongRules) -> tuple[list[Kind], NDArray[np.intp]]:
    """Every kind of line, and which of them each line is."""
    totals = {"", *(normalised(word) for word in rules.totals)}
    split = [_without_totals(table.texts(column), totals) for column in table.dimensions]
    said = [table.texts(table.columns.get(role)) for role in ("measure", "period", "unit")]
    kind_of, firsts = np.zeros(table.sheet.cells.shape[0] - table.header, dtype=np.intp), np.zeros(0, dtype=np.intp)
    for texts in (*said, *split):
        _, firsts, kind_of = np.unique(
            kind_of * len(texts.distinct) + texts.place, return_index=True, return_inverse=True
        )
    order = np.argsort(firsts)  # kinds in the order of the file
    kinds = []
    for line in firsts[order].tolist():
        measure, period, unit = (texts.of(line) for texts in said)
        words = zip(table.dimensions.values(), (texts.of(line) for texts in split), strict=True)
        kinds.append(Kind(measure, period, unit, tuple((heading, word) for heading, word in words if word)))
    return kinds, np.argsort(order)[kind_of]


def _without_totals(texts: Texts, totals: Collection[str]) -> Texts:
    """The texts of a dimension, « » where it does not split."""
    return Texts(["" if normalised(text) in totals else text for text in texts.distinct], texts.place)


def _lines_by_kind(kind_of: NDArray[np.intp], read: NDArray[np.bool_]) -> list[tuple[int, NDArray[np.intp]]]:
    """Each kind that is read, with its lines in their order."""
    of = np.flatnonzero(read)
    order = np.argsort(kind_of[of], kind="stable")
    kinds, starts = np.unique(kind_of[of][order], return_index=True)
    return list(zip(kinds.tolist(), np.split(of[order], starts[1:]), strict=True)) if len(of) else []


def _block(
    file: str,
    table: LongTable,
    column: IndicatorColumn,
    of: NDArray[np.intp],
    found: Places,
    values: ValueReader,
    readers: Readers,
    geo_vintage: int,
) -> Block:
    numbers, grades = readers
    degrees = grades.get(column.indicator.indicator) if column.indicator.unit == GRADE else None
    reader = degrees.of(column.stated_unit) if degrees else numbers
    stated = StatedCells(values.values(of, reader))
    block = read_block(file, table.as_wide(), _rows(table, found, of), [column], (stated, {}), geo_vintage)
    block.kept[values.stated.unknown[of], 0] = False
    return block


def _rows(table: LongTable, found: Places, of: NDArray[np.intp]) -> Rows:
    zones = np.array(found.zones, dtype=object)[found.line[of]].tolist()
    return Rows(zones=zones, numbers=(of + table.first_row).tolist())


def _tell_unknown(
    file: str,
    table: LongTable,
    measures: MeasureReader,
    kinds: Sequence[Kind],
    columns: Sequence[IndicatorColumn | Unknown],
    kind_of: NDArray[np.intp],
    reading: LongReading,
) -> None:
    """The lines that are no indicator: how many for each reason, and a fault where a person must look."""
    counts = np.bincount(kind_of[kind_of >= 0], minlength=len(kinds))
    same: dict[Unknown, list[int]] = defaultdict(list)
    for place, column in enumerate(columns):
        if isinstance(column, Unknown) and counts[place]:
            same[column].append(place)
    _tell_not_described(file, table, kinds, {one: of for one, of in same.items() if one.split}, kind_of, reading)
    for unknown, of in same.items():
        detail = _categories(kinds, of) if unknown.severity is None else ""
        count = lines(int(counts[of].sum()))
        reading.skipped.append(Skipped(table.sheet.name, count, unknown.reason + detail))
        if unknown.severity is not None:
            first = int(np.flatnonzero(np.isin(kind_of, of))[0])
            cell = table.sheet.cell_name(table.first_row + first, table.columns["measure"])
            expected, remedy = _advice(measures, unknown)
            found = f"{unknown.reason} : {count}"
            reading.faults.append(
                Fault(file, table.sheet.name, cell, found, expected, remedy, unknown.severity, unknown.about, (cell,))
            )


def _categories(kinds: Sequence[Kind], of: Sequence[int]) -> str:
    """« (Y_LT30, Y30T39) », the categories of some kinds of line; « » when they have none."""
    words = [" × ".join(word for _, word in kinds[place].split) for place in of]
    return f" ({named(list(dict.fromkeys(words)))})" if any(words) else ""


def _tell_not_described(
    file: str,
    table: LongTable,
    kinds: Sequence[Kind],
    same: Mapping[Unknown, Sequence[int]],
    kind_of: NDArray[np.intp],
    reading: LongReading,
) -> None:
    """One information for all the lines of categories that nothing describes: the categories, and how many lines."""
    if not same:
        return
    of = np.flatnonzero(np.isin(kind_of, [place for places in same.values() for place in places]))
    parts = [unknown.reason.removeprefix(f"{NOT_DESCRIBED}, ") + _categories(kinds, of) for unknown, of in same.items()]
    heading, _ = kinds[int(kind_of[of[0]])].split[0]
    column = next(column for column, text in table.dimensions.items() if text == heading)
    cell = table.sheet.cell_name(table.first_row + int(of[0]), column)
    found = f"{lines(len(of))} non lue{'s'[: len(of) > 1]} : {NOT_DESCRIBED}, {named(parts)}"
    remedy = "rien à faire ; pour les lire, décrire ces catégories dans configs/layouts/indicators_long.toml"
    kinds_of = (Severity.INFORMATION, FaultKind.COLUMN, (cell,))
    reading.faults.append(Fault(file, table.sheet.name, cell, found, "", remedy, *kinds_of))


def _advice(measures: MeasureReader, unknown: Unknown) -> tuple[str, str]:
    """What was expected, and what to do."""
    if unknown.measure:
        nearest = measures.nearest(unknown.measure)
        expected = f"par exemple {' ; '.join(nearest)}" if nearest else "une mesure de indicators_long.toml"
        return (
            expected,
            "dire ce qu’elle est dans data/saisies/correspondance.xlsx, ou ne rien faire : elle n’est pas lue",
        )
    if unknown.about is FaultKind.UNIT:
        return "l’unité du dictionnaire", "vérifier l’unité dans le fichier, ou dans configs/indicators.csv"
    return "", "corriger le fichier, ou configs/layouts/indicators_long.toml ; ces lignes ne sont pas lues"


def _tell_units(
    file: str, table: LongTable, measures: MeasureReader, read: NDArray[np.bool_], reading: LongReading
) -> None:
    """Units that no rule names: the values are read, their scale being judged by their range alone."""
    if "unit" not in table.columns:
        return
    units = table.texts(table.columns["unit"])
    for place, unit in enumerate(units.distinct):
        first = np.flatnonzero((units.place == place) & read)
        if len(first) and not measures.knows_unit(unit):
            cell = table.sheet.cell_name(table.first_row + int(first[0]), table.columns["unit"])
            found = f"unité inconnue « {unit} » : {lines(len(first))}"
            remedy = "vérifier que les valeurs sont dans l’unité du dictionnaire, et l’ajouter à [units]"
            reading.faults.append(
                Fault(
                    file,
                    table.sheet.name,
                    cell,
                    found,
                    "une unité de indicators_long.toml",
                    remedy,
                    Severity.CHECK,
                    FaultKind.UNIT,
                    (cell,),
                )
            )
