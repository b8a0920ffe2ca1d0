"""What a cell says, read a second time: slow, a letter at a time, sharing nothing with the reader it judges."""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from dictionaries import CONFIGS

MISSING_WORDS = {  # the marks that everybody writes; configs/missing_marks.csv adds the others
    "": "empty",
    **dict.fromkeys(("s", "c"), "secret"),
    "ns": "not_significant",
    **dict.fromkeys(("nd", "n.d.", "n/a", "...", "…", "-"), "not_available"),
    **dict.fromkeys(("so", "///"), "not_applicable"),
}
FLAGS = {"p": "observed", "e": "estimated", "r": "observed", "d": "observed", "sd": "observed", "b": "observed"}
FAILED = ("#N/A", "#N/D", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#VALEUR!", "#NOM?", "#NOMBRE!",
          "#NUL!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#PROPAGATION!", "#FIELD!", "#CHAMP!")  # fmt: skip
UNIT_WORDS = (  # the longest first
    "habitants", "habitant", "hab.", "hab", "minutes", "minute", "min.", "min", "points", "point", "pts.", "pts", "pt.", "pt", "euros", "euro", "€", "km",
)  # fmt: skip
MINUS, PLUS = "-−–", "+"


@dataclass(frozen=True)
class Said:
    """What a cell says: a number, an interval, a reason of absence, or (nothing set) nothing readable."""

    number: float | None = None
    lower: float | None = None
    upper: float | None = None
    missing: str = ""
    flag: str = ""
    percent: bool = False
    unit: str = ""  # written after the number: « € », « km »…
    note: str = ""  # « (1) », « * », « ¹ »: a call for a note below the table

    @property
    def readable(self) -> bool:
        return bool(self.missing) or not (self.number is self.lower is self.upper is None)


NOTHING = Said()


def blank(letter: str) -> bool:
    """Spaces of every width, tabs, ends of line, and the marks of no width that copies leave."""
    return unicodedata.category(letter) in ("Zs", "Zl", "Zp") or letter in "\t\r\n\x0b\x0c\u200b\ufeff"


def trimmed(text: str) -> str:
    while text and blank(text[0]):
        text = text[1:]
    while text and blank(text[-1]):
        text = text[:-1]
    return text


def plain(text: str) -> str:
    """Without case, accents, nor the width of its letters and spaces."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).casefold().split())


def said(cell: object, *, grade: bool = False) -> Said:
    """What `cell`, as openpyxl gives it, says; `grade`: in a column of degrees of fragility."""
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        return NOTHING
    if isinstance(cell, int | float):
        if grade:
            return _word(str(int(cell)) if float(cell).is_integer() else str(cell))
        value = float(cell)
        return Said(value) if abs(value) != float("inf") and value == value else NOTHING  # noqa: PLR0124 (not NaN)
    text = trimmed("" if cell is None else str(cell))
    mark = missing_words().get(plain(text))
    if mark:
        return Said(missing=mark)
    squeezed = "".join(letter for letter in text if not blank(letter)).upper()
    if squeezed in FAILED or (squeezed.startswith("ERR:") and squeezed[4:].isdigit()):
        return Said(missing="not_available")
    return _word(text) if grade else _number(text) or _interval(text) or NOTHING


def _word(text: str) -> Said:
    rank = grades().get(plain(text))
    return NOTHING if rank is None else Said(float(rank))


def _number(text: str) -> Said | None:
    """Apostrophe, sign, digits in threes or not, one decimal mark, power, « % », unit, mention, note: in this order."""
    rest = text.removeprefix("'")
    sign = ""
    if rest[:1] and rest[0] in MINUS + PLUS:
        sign, rest = "-" if rest[0] in MINUS else "", trimmed(rest[1:])
    whole, rest = _digits_in_threes(rest)
    decimals = ""
    if rest[:1] in (".", ",") and rest[1:2].isascii() and rest[1:2].isdigit():
        decimals, rest = _digits(rest[1:])
    if not whole and not decimals:
        return None
    power = re.match(r"[eE][+-]?[0-9]+", rest)
    if power:
        rest = rest[power.end() :]
    rest = trimmed(rest)
    percent = rest.startswith("%")
    rest = trimmed(rest[percent:])
    unit = next((word for word in UNIT_WORDS if rest.startswith(word)), "")
    rest = trimmed(rest.removeprefix(unit))
    note = re.search(r"(\([0-9]{1,2}\)|[*]{1,3}|[¹²³⁴⁵]{1,2})$", rest)
    flag = trimmed(rest[: note.start()] if note else rest)
    letters = flag[1:-1] if flag.startswith("(") and flag.endswith(")") else flag
    if (flag and letters.casefold() not in FLAGS) or (len(letters) > 1 and letters == flag):
        return None
    value = float(Decimal(f"{sign}{whole or 0}.{decimals or 0}{power[0] if power else ''}"))
    if abs(value) == float("inf"):
        return None
    return Said(value, flag=flag, percent=percent, unit=unit, note=note[0] if note else "")


def _digits(text: str) -> tuple[str, str]:
    end = 0
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return text[:end], text[end:]


def _digits_in_threes(text: str) -> tuple[str, str]:
    """« 1 234,5 » → « 1234 », « ,5 »; « 12 34 » is two numbers, hence none: « 12 », « 34 »."""
    whole, rest = _digits(text)
    if 1 <= len(whole) <= 3:
        while rest[:1] and blank(rest[0]):
            group, after = _digits(trimmed(rest))
            if len(group) != 3:
                break
            whole, rest = whole + group, after
    return whole, rest


def _interval(text: str) -> Said | None:
    """« < 5 », « moins de 5 », « 5 ou moins », « 1 à 4 », « 95 et plus »: bounds, in the unit of the cell."""
    words = plain(text)
    for before in (
        "<=",
        "≤",
        "<",
        "moins de",
        "inferieure a",
        "inferieur a",
        "inf. a",
        "inf a",
        "au plus",
        "au maximum",
        "jusqu'a",
    ):
        if words.startswith(before):
            return _bound(words.removeprefix(before), upper=True)
    for before in (
        ">=",
        "≥",
        ">",
        "plus de",
        "superieure a",
        "superieur a",
        "sup. a",
        "sup a",
        "au moins",
        "au minimum",
    ):
        if words.startswith(before):
            return _bound(words.removeprefix(before), upper=False)
    for after, upper in (("ou moins", True), ("et moins", True), ("ou plus", False), ("et plus", False)):
        if words.endswith(after):
            return _bound(words.removesuffix(after), upper=upper)
    words = words.removeprefix("entre ").removeprefix("de ")
    for between in ("-", "–", " a ", " et "):
        first, found, last = words.partition(between)
        low, high = _number(trimmed(first)), _number(trimmed(last).removeprefix("moins de "))
        if found and low and high and not (low.flag or high.flag) and (low.number or 0) < (high.number or 0):
            return Said(lower=low.number, upper=high.number, percent=low.percent or high.percent)
    return None


def _bound(text: str, *, upper: bool) -> Said | None:
    found = _number(trimmed(text))
    if found is None or found.flag:
        return None
    return Said(**{"upper" if upper else "lower": found.number}, percent=found.percent)


@cache
def missing_words() -> dict[str, str]:
    with (CONFIGS / "missing_marks.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {plain(row["mark"]): row["availability"] for row in csv.DictReader(file, delimiter=";")}
    return {**listed, **{plain(word): reason for word, reason in MISSING_WORDS.items()}}


@cache
def grades() -> dict[str, int]:
    """« tres fragile », « tf », « 2 » → 2."""
    found = {"non fragile": 0, "fragile": 1, "tres fragile": 2}
    with (CONFIGS / "factors.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            for alias in filter(None, row["grade_aliases"].split("|")):
                word, _, label = alias.partition("=")
                found[plain(word)] = found[plain(label)]
    return found
