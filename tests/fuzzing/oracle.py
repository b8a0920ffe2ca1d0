"""The judge of values: every observation compared with its cell, its heading and the code of its row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pandas as pd

from diagpacte.errors import Fault, FaultKind, Severity
from dictionaries import resolve, rows
from fuzzing.cells import Said, plain, said
from fuzzing.grids import COVERED, UNTOLD, Area, Grid, Grids, Place
from fuzzing.zones import wrong_zones

PERCENT_UNITS = ("pct", "pct_year")
UNITS = {"€": "eur", "e": "eur", "k": "km", "m": "min", "h": "count", "p": "pct"}  # by the first letter of a word
FAR = 1 << 20
IMPOSSIBLE = "valeur impossible"
VALUED = ("observed", "estimated", "imputed", "censored")


def wrong_values(observations: pd.DataFrame, grids: Grids, faults: Sequence[Fault]) -> Iterator[str]:
    """Every observation that its cell, its heading or the code of its row does not hold.

    Cells that `faults` refuse are not compared, nor those under a merge that they speak of.
    """
    for name, group in observations.groupby("sheet", sort=False):
        grid = grids.get(str(name))
        if grid is None:
            yield f"feuille « {name} » inconnue d’openpyxl ({', '.join(grids)})"
            continue
        records = [{**one, "at": (int(one["row"]), column_number(one["column"]))} for one in group.to_dict("records")]
        aside = [*_refused(faults, str(name)), *(grid.merged if _speaks_of_merges(faults, str(name)) else ())]
        records = [one for one in records if not any(inside(one["at"], area) for area in aside)]
        for one in records:
            found = [*_wrong_value(one, grid, grids), *_wrong_heading(one, grid, grids)]
            yield from (f"{name}!{one['column']}{one['row']} : {why}" for why in found)
        yield from (f"{name} : {why}" for why in (*_wrong_scales(records, grid), *wrong_zones(records, grid)))


def _refused(faults: Sequence[Fault], sheet: str) -> list[Area]:
    """The cells that a fault refuses; a doubt on the scale is one on the whole column (or row), whatever it names."""
    areas: list[Area] = []
    for fault in faults:
        if fault.sheet == sheet and (fault.severity is Severity.BLOCKING or "erreur de formule" in fault.found):
            named = [area_of(text) for text in fault.cells]
            areas += named
            if fault.kind is FaultKind.UNIT:
                areas += [(1, left, FAR, right) for _, left, _, right in named]
                areas += [(top, 1, bottom, FAR) for top, _, bottom, _ in named]
    return areas


def _speaks_of_merges(faults: Sequence[Fault], sheet: str) -> bool:
    return any(fault.sheet == sheet and "fusionnées" in fault.found for fault in faults)


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def area_of(text: str) -> Area:
    """« C7:C9 » → (7, 3, 9, 3)."""
    first, _, last = text.partition(":")
    (top, left), (bottom, right) = (
        (int(one.lstrip(LETTERS)), column_number(one.rstrip(DIGITS))) for one in (first, last or first)
    )
    return top, left, bottom, right


LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"


def inside(at: Place, area: Area) -> bool:
    return area[0] <= at[0] <= area[2] and area[1] <= at[1] <= area[3]


@cache
def unit_of(indicator: str) -> str:
    return next(row["unit"] for row in rows("indicators") if row["indicator"] == indicator)


@cache
def limits_of(indicator: str) -> tuple[float, float, str]:
    row = next(row for row in rows("indicators") if row["indicator"] == indicator)
    low, high = (float(row[name].replace(",", ".") or "nan") for name in ("low", "high"))
    return low, high, row["unit"]


def _wrong_value(one: dict[str, Any], grid: Grid, grids: Grids) -> Iterator[str]:
    cell, value, reason = grid.cells.get(one["at"]), one["value"], one["availability"]
    told = f"« {cell!r:.100} » lue {value} ({reason})"
    if cell is UNTOLD:
        return
    if cell is COVERED:
        yield f"sous une fusion, sans un mot, {told}"
        return
    there = said(cell, grade=unit_of(one["indicator"]) == "grade")
    stated = bool(grid.beside(one["at"], "conf_status") or grid.beside(one["at"], "obs_status"))  # of a long table
    if not there.readable:
        yield f"illisible, {told}"
    elif there.missing and (not math.isnan(value) or not (reason == there.missing or stated)):
        yield f"absence {there.missing}, {told}"
    elif not there.missing and math.isnan(value) and not stated and not _said_impossible(one, there, grid, grids):
        yield f"valeur perdue, {told}"
    elif not there.missing and not math.isnan(value):
        yield from (f"{why}, {told}" for why in _wrong_number(one, there, grid, grids))


def _said_impossible(one: dict[str, Any], there: Said, grid: Grid, grids: Grids) -> bool:
    """Whether a number is flagged as one that nothing could measure, and is: negative, or a share over 100."""
    bounds = [number for number in (there.number, there.lower, there.upper) if number is not None]
    low, high, unit = limits_of(one["indicator"])
    read = [factor * bound for factor in _factors(one, there, grid, grids) for bound in bounds]
    over = (unit, low, high) == ("pct", 0.0, 100.0) and any(number > 100 for number in read)
    return IMPOSSIBLE in one["flag"] and (over or (low >= 0 and any(number < 0 for number in read)))


def _wrong_number(one: dict[str, Any], there: Said, grid: Grid, grids: Grids) -> Iterator[str]:
    unit = unit_of(one["indicator"])
    bounds = [number for number in (there.number, there.lower, there.upper) if number is not None]
    if one["availability"] not in VALUED:
        yield "valeur sans droit d’être"
    if there.percent and unit not in PERCENT_UNITS:
        yield f"pourcentage pour une unité {unit}"
    if there.unit and not unit.startswith(UNITS[there.unit[0]]):
        yield f"« {there.unit} » pour une unité {unit}"
    if there.number is None and one["availability"] != "censored":
        yield "intervalle"
    if not any(_same(one["value"], factor * bound) for factor in _factors(one, there, grid, grids) for bound in bounds):
        yield "autre valeur"
    if there.flag not in one["flag"] or there.note not in one["flag"]:
        yield f"mention « {there.flag} » ou appel de note « {there.note} » perdus"


def _same(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= 1e-9 * max(1.0, abs(other))


def _factors(one: dict[str, Any], there: Said, grid: Grid, grids: Grids) -> list[float]:
    """By what the number of a cell may be multiplied to be the value."""
    at, power = one["at"], _power(one["at"], grid)
    if unit_of(one["indicator"]) not in PERCENT_UNITS or there.percent:
        return [power]
    if at in grid.percent or plain(one["published_code"]) in grids.fractions:
        return [100 * power]
    beside = any(row == at[0] or column == at[1] for row, column in grid.percent)
    return [power, 100 * power] if beside else [power]


def _power(at: Place, grid: Grid) -> float:
    text = grid.beside(at, "unit_mult")
    return 10.0 ** int(text) if text.lstrip("-").isdecimal() and len(text) <= 2 else 1.0


def _wrong_scales(records: list[dict[str, Any]], grid: Grid) -> Iterator[str]:
    """Numbers of one column and indicator are all multiplied by the same."""
    scales: dict[tuple[str, int, str], set[bool]] = {}
    for one in records:
        there = said(grid.cells.get(one["at"]), grade=unit_of(one["indicator"]) == "grade")
        if there.number and not there.percent and not math.isnan(one["value"]):
            same = _same(one["value"], there.number * _power(one["at"], grid))
            scales.setdefault((one["indicator"], one["year"], one["column"]), set()).add(same)
    yield from (f"deux échelles dans {key}" for key, found in scales.items() if len(found) > 1)


def _wrong_heading(one: dict[str, Any], grid: Grid, grids: Grids) -> Iterator[str]:
    """The published code must mean what it is read as, and stand above the cell, or left of it in a transposed table.

    Or the label that the sheet of variables gives to that code must.
    """
    (row, column), code = one["at"], one["published_code"]
    meant = resolve(code.strip().upper())
    if meant and not any(found.indicator == one["indicator"] and found.year in (None, one["year"]) for found in meant):
        yield f"« {code} » lu {one['indicator']} {one['year']}"
    over = [at for at in grid.cells if (at[1] == column and at[0] < row) or (at[0] == row and at[1] != column)]
    over += [area[:2] for area in grid.merged if area[1] <= column <= area[3] or area[0] <= row <= area[2]]
    texts, wanted = [plain(grid.text(*at)) for at in over], plain(code)
    if not any(wanted in text for text in texts) and not grids.labels(wanted) & set(filter(None, texts)):
        yield f"« {code} » n’est ni au-dessus ni à gauche"
