"""Whether the zone of an observation is that of its row, by the code that stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fuzzing.cells import blank, plain
from fuzzing.grids import COVERED, Grid
from workbook_builders import ALL_EPT

ZoneAt = tuple[int, str]  # a row, and the zone read there
FRANCE = {
    "FRM": {"F", "FM", "M", "METRO", "METROPOLE", "FRANCE", "FRANCEMETROPOLITAINE"},
    "FRA": {"F", "FE", "FR", "FRANCE", "FRANCEENTIERE"},
}
SHAPES = {
    "EPCI": r"[0-9]{9}",
    "EPT": r"[0-9]{9}",
    "COM": r"[0-9]{5}|2[AB][0-9]{3}",
    "DEP": r"[0-9]{2}|2[AB]|97[0-9]",
    "REG": r"[0-9]{2}",
    "CTCD": r"20R|69[DM]|6AE",
}
LOST_ZERO = ("COM", "DEP", "REG")


def wrong_zones(records: list[dict[str, Any]], grid: Grid) -> Iterator[str]:
    """The codes of a column of values stand in one column (or one row, when transposed), each in its row."""
    standing = _orphans([(one["at"], one["zone_code"]) for one in records], grid)
    lying = standing and _orphans([(one["at"][::-1], one["zone_code"]) for one in records], grid.turned())
    if standing and lying:
        column, zones = standing[0]
        alone = [zone for zone in zones if not _row_says(*zone, grid)]
        yield f"colonne {column} : zones qu’aucune colonne ne dit, {(alone or zones)[:3]}"


def _orphans(places: list[tuple[tuple[int, int], str]], grid: Grid) -> list[tuple[int, list[ZoneAt]]]:
    """The columns of values whose zones no one column says."""
    by_column: dict[int, list[ZoneAt]] = {}
    for (row, column), zone in places:
        by_column.setdefault(column, []).append((row, zone))
    return [(column, zones) for column, zones in by_column.items() if not _one_column_says(zones, grid)]


def _one_column_says(zones: list[ZoneAt], grid: Grid) -> bool:
    # France may have a level and no code.
    own = [(row, zone) for row, zone in zones if zone not in FRANCE or not _row_says(row, zone, grid)]
    columns = range(1, 1 + max((column for _, column in grid.cells), default=0))
    whole = any(all(says_zone(grid.cells.get((row, column)), zone) for row, zone in own) for column in columns)
    halved = grid.header("code departement", "coddep") is not None
    return whole or (halved and all(_halves_say(row, zone, grid) or _row_says(row, zone, grid) for row, zone in zones))


def _row_says(row: int, zone: str, grid: Grid) -> bool:
    return any(says_zone(cell, zone) for (line, _), cell in grid.cells.items() if line == row)


def _halves_say(row: int, zone: str, grid: Grid) -> bool:
    texts = [plain(str(cell)).upper() for (line, _), cell in grid.cells.items() if line == row]
    return any(zone == f"COM:{one.zfill(2)}{other.zfill(3)}" for one in texts for other in texts)


def says_zone(cell: object, zone: str) -> bool:
    """Whether `cell`, a code as files write it, is that of `zone`."""
    level, _, code = zone.partition(":")
    if cell is COVERED:
        return True
    if cell is None or isinstance(cell, bool):
        return False
    text = _code(cell)
    if level in FRANCE:
        return "".join(plain(text).split()).upper() in FRANCE[level]
    if level == "HORS":
        return text == "ZZZZZZZZZ" and (code == "FRM" or re.fullmatch(SHAPES["DEP"], code) is not None)
    if not re.fullmatch(SHAPES[level], code) or (level in ("EPCI", "EPT") and (code in ALL_EPT) != (level == "EPT")):
        return False
    return text == code or (level in LOST_ZERO and code.startswith("0") and text == code[1:])


def _code(cell: object) -> str:
    """« 1004 » for 1004.0 and « 1004.0 », « 200000172 » for « 200 000 172 », « 2A004 » for « 2a004 »."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "".join(letter for letter in str(cell) if not blank(letter)).upper().removeprefix("'")
    return re.sub(r"^([0-9]+)\.0+$", r"\1", text)
