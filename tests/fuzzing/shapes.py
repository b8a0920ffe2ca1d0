"""What happens to the shape of a sheet: rows and columns moved, doubled, dropped, inserted."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from fuzzing.values import TEXTS
from workbook_builders import Rows


def _row(random: Random, rows: Rows) -> int:
    return random.randrange(len(rows))


def _squared(rows: Rows) -> Rows:
    width = max(map(len, rows))
    return [[*line, *[None] * (width - len(line))] for line in rows]


def _shuffle(random: Random, rows: Rows) -> None:
    start = _row(random, rows)
    body = rows[start:]
    random.shuffle(body)
    rows[start:] = body


def _double(random: Random, rows: Rows) -> None:
    rows.insert(_row(random, rows), [*rows[_row(random, rows)]])


def _drop(random: Random, rows: Rows) -> None:
    del rows[_row(random, rows)]


def _swap(random: Random, rows: Rows) -> None:
    one, other = _row(random, rows), _row(random, rows)
    rows[one], rows[other] = rows[other], rows[one]


def _again_below(random: Random, rows: Rows) -> None:
    rows += [[*line] for line in rows[_row(random, rows) :]]


def _again_beside(random: Random, rows: Rows) -> None:
    start = random.randrange(max(map(len, rows)))
    rows[:] = [[*line, *line[start:]] for line in _squared(rows)]


def _turn(_: Random, rows: Rows) -> None:
    rows[:] = [list(line) for line in zip(*_squared(rows), strict=True)]


def _far_away(random: Random, rows: Rows) -> None:
    rows += [[] for _ in range(random.choice((1, 50, 300)))]
    rows.append([*[None] * random.choice((0, 30, 120)), random.choice(TEXTS)])


def _blank_row(random: Random, rows: Rows) -> None:
    rows.insert(_row(random, rows), [])


def _columns(change: Callable[[list[object], int, int], None]) -> Callable[[Random, Rows], None]:
    """Do `change` to every row that reaches two columns."""

    def change_all(random: Random, rows: Rows) -> None:
        width = max(map(len, rows))
        one, other = random.randrange(width), random.randrange(width)
        for line in rows:
            if max(one, other) < len(line):
                change(line, one, other)

    return change_all


def _drop_cell(line: list[object], one: int, _: int) -> None:
    del line[one]


def _swap_cells(line: list[object], one: int, other: int) -> None:
    line[one], line[other] = line[other], line[one]


SHAPES: dict[str, Callable[[Random, Rows], None]] = {
    "lignes mêlées": _shuffle,
    "ligne doublée": _double,
    "ligne ôtée": _drop,
    "ligne vide": _blank_row,
    "lignes échangées": _swap,
    "encore dessous": _again_below,
    "encore à droite": _again_beside,
    "tournée": _turn,
    "au loin": _far_away,
    "colonne vide": _columns(lambda line, one, _: line.insert(one, None)),
    "colonne ôtée": _columns(_drop_cell),
    "colonne doublée": _columns(lambda line, one, other: line.insert(other, line[one])),
    "colonnes échangées": _columns(_swap_cells),
}
