"""What people do to the cells, headings, codes and looks of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

from fuzzing.drafts import COMMUNES, Draft
from fuzzing.shapes import SHAPES
from fuzzing.values import CODES, HEADINGS, NAMES, NUMBERS, TEXTS
from workbook_builders import Rows

TOP = 8  # rows in which headings stand
FORMATS = ("0%", "0.0%", "0.00", "dd/mm/yyyy", "@", '0.0" %"', "# ##0", "[h]:mm", '"%"0', "General")
WAYS: dict[str, Callable[[Any], object]] = {  # what may happen to every number of a column
    "texte français": lambda cell: f"{cell:,.1f}".replace(",", "\u202f").replace(".", ","),
    "texte": str,
    "%": lambda cell: f"{cell} %",
    "part": lambda cell: cell / 100,
    "mention": lambda cell: f"{cell} (p)",
    "mille": lambda cell: cell * 1000,
    "opposé": lambda cell: -cell,
    "entier": int,
    "nul": lambda _: 0,
}


def change_cell(random: Random, at: Draft) -> str:
    """One cell, anywhere in a sheet, numbers first."""
    name, rows = _sheet(random, at)
    numbers = [(row, column) for row, column in _filled(rows) if isinstance(rows[row][column], int | float)]
    row, column = random.choice(numbers if numbers and random.random() < 0.8 else _filled(rows))
    value = random.choice(NUMBERS) if random.random() < 0.35 else random.choice(TEXTS)
    rows[row][column] = _fit(at, value)
    return f"cellule {name}!{row + 1},{column + 1} = {value!r:.60}"


def change_column(random: Random, at: Draft) -> str:
    """Every number of a column, the same way."""
    name, rows = _sheet(random, at)
    column, way = random.choice(_filled(rows))[1], random.choice(list(WAYS))
    for cells in rows:
        if column < len(cells) and isinstance(cells[column], int | float):
            cells[column] = WAYS[way](cells[column])
    if way == "part" and random.random() < 0.6:
        at.formats[name, column + 1] = "0.0%"
    return f"colonne {name}!{column + 1} : {way}"


def change_heading(random: Random, at: Draft) -> str:
    """One text of the first rows: its case, its accents, its year, another heading, or another place."""
    name, rows = _sheet(random, at)
    texts = [(row, column) for row, column in _filled(rows[:TOP]) if isinstance(rows[row][column], str)]
    row, column = random.choice(texts or _filled(rows))
    old = rows[row][column]
    if isinstance(old, str) and random.random() < 0.4:
        new: object = random.choice(_rewordings(old))
    elif random.random() < 0.3:
        other = random.choice(_filled(rows[:TOP]) or [(row, column)])
        new, rows[other[0]][other[1]] = rows[other[0]][other[1]], old  # swapped
    else:
        new = random.choice(HEADINGS)
    rows[row][column] = _fit(at, new)
    return f"intitulé {name}!{row + 1},{column + 1} {old!r:.40} → {new!r:.60}"


def _rewordings(text: str) -> tuple[str, ...]:
    return (
        text.lower(), text.upper(), f" {text}\u00a0", f"{text}21", text[:-2], f"{text[:-2]}19", text.replace("e", "é"), text[::-1], f"{text}\n",
        f"{text} (p)", text + text,
    )  # fmt: skip


def change_code(random: Random, at: Draft) -> str:
    """One code: its zero, its type, its spaces, a wrong digit, another code, or that of another row."""
    name, rows = _sheet(random, at)
    places = [(row, column) for row, column in _filled(rows) if _is_code(rows[row][column])]
    row, column = random.choice(places or _filled(rows))
    old = rows[row][column]
    new = random.choice(_recodings(random, str(old))) if random.random() < 0.45 else random.choice(CODES)
    if random.random() < 0.15:
        again = random.choice(places or _filled(rows))
        new = rows[again[0]][again[1]]
    rows[row][column] = _fit(at, new)
    return f"code {name}!{row + 1},{column + 1} {old!r:.20} → {new!r:.40}"


def _recodings(random: Random, code: str) -> tuple[object, ...]:
    numbers: tuple[object, ...] = (int(code), float(code)) if code.isascii() and code.isdigit() else (code.lower(),)
    return (
        *numbers, code.lstrip("0"), f"{code[:3]} {code[3:6]} {code[6:]}", code[:-1] + str(random.randrange(10)), code[:-1], code + "0", code[::-1],
        f"{code} ", f"\u00a0{code}",
    )  # fmt: skip


def change_shape(random: Random, at: Draft) -> str:
    """Rows and columns moved, doubled, dropped, inserted."""
    name, rows = _sheet(random, at)
    way = random.choice(list(SHAPES))
    SHAPES[way](random, rows)
    return f"forme {name} : {way}"


def change_look(random: Random, at: Draft) -> str:
    """Formats, what is hidden or merged, and the sheets themselves; the encoding and the separator of a text."""
    name, rows = _sheet(random, at)
    if at.kind == "csv":
        at.encoding, at.separator = random.choice(("cp1252", "utf-8", "utf-8-sig", "utf-16")), random.choice(";;\t,")
        return f"texte {at.encoding} {at.separator!r}"
    row, column = random.choice(_filled(rows))
    way = random.choice(("format", "ligne masquée", "colonne masquée", "fusion", "feuille", "feuille"))
    if way == "format":
        at.formats[name, column + 1] = random.choice(FORMATS)
    elif way == "ligne masquée":
        at.hidden_rows.append((name, row))
    elif way == "colonne masquée":
        at.hidden_columns.append((name, column))
    elif way == "fusion":
        last = (row + random.choice((0, 0, 1, 3)), column + random.choice((1, 1, 2)))
        text = rows[row][column]
        area = f"{_letters(column)}{row + 1}:{_letters(last[1])}{last[0] + 1}"
        at.merged[name] = {area: text if isinstance(text, str) else "12,5"}
    else:
        way += f" {_change_sheet(random, at, name)}"
    return f"habillage {name} : {way} {row + 1},{column + 1}"


def _change_sheet(random: Random, at: Draft, name: str) -> str:
    """A sheet renamed, doubled or dropped."""
    way, new = random.choice(("nommée", "nommée", "doublée", "ôtée")), random.choice(NAMES)
    taken = new.casefold() in {one.casefold() for one in at.sheets}
    if way == "ôtée" and len(at.sheets) > 1:
        del at.sheets[name]
    elif way == "doublée" and not taken:
        at.sheets = {**at.sheets, new: [[*line] for line in at.sheets[name]]}
    elif not taken:
        at.sheets = {new if one == name else one: lines for one, lines in at.sheets.items()}
    at.keep_known_sheets()
    return f"{way} {new!r}"


BY_PEOPLE: tuple[tuple[int, Callable[[Random, Draft], str]], ...] = (  # weight, what they do
    (30, change_cell),
    (8, change_column),
    (18, change_heading),
    (18, change_code),
    (14, change_shape),
    (12, change_look),
)


def _sheet(random: Random, at: Draft) -> tuple[str, Rows]:
    """A sheet that holds something, those of values first."""
    filled = {name: rows for name, rows in at.sheets.items() if _filled(rows)}
    if not filled:
        next(iter(at.sheets.values()))[:] = [["CODGEO"]]
        return _sheet(random, at)
    weights = [1 + sum(isinstance(cell, int | float) for row in rows for cell in row) for rows in filled.values()]
    name = random.choices(list(filled), weights)[0]
    return name, filled[name]


def _filled(rows: Rows) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if cell is not None and cell != ""
    ]


def _is_code(cell: object) -> bool:
    return cell in COMMUNES or (isinstance(cell, str) and cell.isalnum() and (cell[0].isdigit() or cell == "ZZZZZZZZZ"))


def _fit(at: Draft, value: object) -> object:
    """`value` as the writer of this kind of file can hold it."""
    if at.kind == "xls" and (isinstance(value, bool | dt.date) or (isinstance(value, int) and abs(value) > 1e15)):
        return str(value)
    if at.kind in ("xls", "ods", "csv") and isinstance(value, str) and value.startswith("=") and "→" in value:
        return value.partition("→")[2]
    if at.kind in ("xls", "ods") and isinstance(value, str):
        return "".join(letter for letter in value if letter.isprintable())[:200]
    return value


def _letters(column: int) -> str:
    return chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)
