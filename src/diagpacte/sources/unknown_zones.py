"""Codes of zones that no geography knows, with the nearest that it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd
from rapidfuzz import fuzz, process

from diagpacte.errors import Fault, FaultKind
from diagpacte.sources.files.cell_names import areas, column_number
from diagpacte.sources.layout.table_rows import NAMED_CELLS, named
from diagpacte.tables import Observations

UNCHECKED = {"HORS", "FRM", "FRA"}  # levels whose codes are ours
CodeCells = Mapping[tuple[str, int], str]  # sheet and row of a zone → the cell of its code


def unknown_zones(
    observations: Observations, known_codes: Collection[str], file: str, code_cells: CodeCells
) -> list[Fault]:
    """One blocking fault per zone whose code is not in `known_codes`, with its cells and the nearest codes.

    `code_cells`: where the code of a row is unknown, the cells of its values are named.
    Only levels that `known_codes` holds, among EPCI, EPT, COM, DEP and REG, are checked.
    """
    codes = observations["zone_code"]
    unknown = [code for code in codes.unique() if code not in known_codes]
    levels = {_level(code) for code in known_codes} - UNCHECKED if unknown else set()
    suspect = [code for code in unknown if _level(code) in levels]
    ordered = sorted(known_codes) if suspect else []
    groups = observations[codes.isin(suspect)].groupby("zone_code")
    return [_fault(file, str(code), rows, ordered, code_cells) for code, rows in groups]


def _level(code: str) -> str:
    return code.partition(":")[0]


def _fault(file: str, code: str, rows: pd.DataFrame, known: Sequence[str], code_cells: CodeCells) -> Fault:
    """The fault of one zone, `rows` being its observations: it names the first sheet where the zone stands."""
    level, _, bare = code.partition(":")
    sheet = rows["sheet"].iloc[0]
    others = [f"« {name} »" for name in rows["sheet"].unique() if name != sheet]
    here = rows[rows["sheet"] == sheet]
    numbers = sorted(here["row"].unique())
    found = f"le code {bare} n’existe pas (niveau {level}, géographie {rows['geo_vintage'].iloc[0]})"
    return Fault(
        file,
        sheet,
        f"ligne{'s' if len(numbers) > 1 else ''} {named([str(number) for number in numbers])}",
        found + (f" ; aussi dans {named(others)}" if others else ""),
        f"un code de cette géographie ; les plus proches : {', '.join(_nearest(code, known))}",
        "corriger le code, ou déclarer l’année de sa géographie",
        kind=FaultKind.ZONE,
        cells=tuple(code_cells[sheet, row] for row in numbers if (sheet, row) in code_cells)
        or areas((row, column_number(letters)) for row, letters in zip(here["row"], here["column"], strict=True)),
    )


def _nearest(code: str, known: Sequence[str]) -> list[str]:
    """The codes of the same level that look most like `code`, without their level."""
    same_level = [one for one in known if _level(one) == _level(code)]
    near = [one.partition(":")[2] for one, _, _ in process.extract(code, same_level, scorer=fuzz.ratio)]
    return near[:NAMED_CELLS]
