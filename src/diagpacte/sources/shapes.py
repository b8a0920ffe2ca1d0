"""The tables of a sheet, whatever their shape: long, wide, or transposed."""

from __future__ import annotations

from diagpacte.sources.files.cell_names import column_letters
from diagpacte.sources.files.workbook import Sheet
from diagpacte.sources.layout.headers import Table, find_tables
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.long.table import LongTable, find_long
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.sources.turning import turned_tables


def tables_of(sheet: Sheet, layout: IndicatorLayout, rules: LongRules) -> list[Table | LongTable] | str:
    """The tables of `sheet`, or why there is none.

    A long table also has a column of codes, so it is looked for first; a transposed one only where nothing
    else is found.
    """
    long = find_long(sheet, rules)
    if long is not None:
        return [long]
    wide = find_tables(sheet, layout)
    return [*(turned_tables(sheet, layout) or ())] or wide if isinstance(wide, str) else [*wide]


def row_name(sheet: Sheet, row: int) -> str:
    """« ligne 7 », as the file names it: « colonne G » of a turned sheet."""
    return f"colonne {column_letters(row)}" if sheet.turned else f"ligne {row}"


def column_name(sheet: Sheet, column: int) -> str:
    """« colonne C », as the file names it: « ligne 3 » of a turned sheet."""
    return f"ligne {column}" if sheet.turned else f"colonne {column_letters(column)}"
