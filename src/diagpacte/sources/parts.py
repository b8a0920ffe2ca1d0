"""EPCI that a table gives once per département: rows that say the same are one, parts are not read for the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import Cell, areas, cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.periods import TOTALS
from diagpacte.sources.layout.table_rows import Skipped, named
from diagpacte.sources.meaning.block import Block
from diagpacte.vocabulary import ZoneCode, ZoneKind

OF_COMMUNES = (f"{ZoneKind.EPCI}:", f"{ZoneKind.EPT}:")  # what several départements may share
FOUND = "donné par département : parts d’EPCI, non lues"


@dataclass(frozen=True)
class Whole:
    """Blocks without the rows of parts, and what was said of those."""

    blocks: list[Block]
    faults: list[Fault] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def without_parts(file: str, blocks: Sequence[Block]) -> Whole:
    """`blocks`, the rows kept no more that give an EPCI by département with other values for each.

    A row without département, or of their total, is the whole and stays. One fault to check per table.
    """
    whole = Whole([])
    for block in blocks:
        parts = _parts(block)
        if not parts:
            whole.blocks.append(block)
            continue
        rows = sorted(row for places in parts.values() for row in places)
        kept = block.kept.copy()
        kept[rows, :] = False
        whole.blocks.append(replace(block, kept=kept))
        whole.faults.append(_fault(file, block, parts, rows))
        numbers = named([str(block.rows.numbers[row]) for row in rows])
        place = f"{'colonnes' if block.turned else 'lignes'} {numbers}" if kept.any() else ""
        whole.skipped.append(Skipped(block.sheet, place, FOUND))
    return whole


def _parts(block: Block) -> dict[ZoneCode, list[int]]:
    """Zone → its rows, each of another département, that do not all say the same."""
    zones, departments = block.rows.zones, block.rows.departments
    if not departments or len(set(zones)) == len(zones):
        return {}
    found: dict[ZoneCode, list[int]] = {}
    for row, (zone, department) in enumerate(zip(zones, departments, strict=True)):
        if zone.startswith(OF_COMMUNES) and normalised(department) not in {"", *TOTALS}:
            found.setdefault(zone, []).append(row)
    return {
        zone: rows
        for zone, rows in found.items()
        if len(rows) > 1 and len({normalised(departments[row]) for row in rows}) == len(rows) and not _same(block, rows)
    }


def _same(block: Block, rows: Sequence[int]) -> bool:
    values, reasons = block.value[rows], block.availability[rows]
    equal = (values == values[0]) | (np.isnan(values) & np.isnan(values[0]))
    return bool(equal.all() and (reasons == reasons[0]).all())


def _fault(file: str, block: Block, zones: Iterable[ZoneCode], rows: Sequence[int]) -> Fault:
    places: list[Cell] = [(block.rows.numbers[row], column.column) for row in rows for column in block.columns]
    if block.turned:
        places = [(column, row) for row, column in places]
    return Fault(
        file,
        block.sheet,
        named([cell_name(*place) for place in places]),
        f"{FOUND} : {named([zone.partition(':')[2] for zone in zones])}",
        "une ligne par EPCI, pour l’EPCI entier",
        "demander les valeurs de l’EPCI entier, si aucun autre tableau ne les donne",
        Severity.CHECK,
        FaultKind.DOUBLE,
        areas(places),
    )
