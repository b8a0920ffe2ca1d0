"""What a person who looks at a sheet would not see, or would see otherwise than it is stored."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.layout.headers import Table
from diagpacte.sources.layout.table_rows import Rows, named
from diagpacte.sources.shapes import column_name, row_name


def oddities(file: str, table: Table, rows: Rows) -> list[Fault]:
    """The faults of `table`, whose zones stand on `rows`: hidden, merged, guessed by content, lost far away."""
    return [*_hidden(file, table, rows), *_merged(file, table, rows), *_by_content(file, table), *_far(file, table)]


def _hidden(file: str, table: Table, rows: Rows) -> Iterator[Fault]:
    facts, columns = table.sheet.facts, _columns(table)
    hidden = ["toute la feuille"] if facts.hidden else []
    hidden += [row_name(table.sheet, row) for row in facts.hidden_rows if _between(rows.numbers, row, row)]
    hidden += [column_name(table.sheet, column) for column in facts.hidden_columns if column in columns]
    if hidden:
        remedy = "vérifier que ce qui est masqué doit compter : il est lu"
        yield _fault(file, table, "", f"masqué : {named(hidden)}", remedy, Severity.INFORMATION)


def _merged(file: str, table: Table, rows: Rows) -> Iterator[Fault]:
    merged = [
        table.sheet.cell_name(top, left)
        for top, left, bottom, right in table.sheet.facts.merged
        if _between(rows.numbers, top, bottom) and _between(_columns(table), left, right)
    ]
    if merged:
        remedy = "séparer les cellules, et répéter la valeur si elle vaut pour toutes"
        yield _fault(file, table, named(merged), "cellules fusionnées : Excel ne montre que la première", remedy)


def _by_content(file: str, table: Table) -> Iterator[Fault]:
    if table.by_content:
        place = (table.first_row - 1, table.code)
        said = table.sheet.text(*place)
        why = f"« {said} » n’est pas un intitulé connu" if said else "rien ne la nomme"
        found = f"colonne prise pour celle des codes de zones d’après son contenu : {why}"
        yield _fault(file, table, table.sheet.cell_name(*place), found, "vérifier", Severity.INFORMATION)


def _far(file: str, table: Table) -> Iterator[Fault]:
    if table.sheet.facts.outside:
        found, remedy = "cellules perdues loin du tableau", "les effacer ; elles ne sont pas lues"
        yield _fault(file, table, named(table.sheet.facts.outside), found, remedy)


def _columns(table: Table) -> list[int]:
    return [heading.column for heading in table.headings]


def _between(ordered: Sequence[int], first: int, last: int) -> bool:
    """Whether a number of `ordered` is from `first` to `last`."""
    return bisect_left(ordered, first) < bisect_right(ordered, last)


def _fault(file: str, table: Table, cell: str, found: str, remedy: str, severity: Severity = Severity.CHECK) -> Fault:
    return Fault(file, table.sheet.name, cell, found, "", remedy, severity, FaultKind.TABLE)
