"""What a number format shows of a number: its digits, or words that stand in their place (« s » over a 0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

NUMBERS = 3  # sections of numbers; a fourth is for texts
LONGEST_CODE = 255  # letters that Excel takes
LITTLE = 1e-9  # a number that only a section for zero alone does not take
DASHES = frozenset("-−–—")
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<any>General|AM/PM|A/P|[0ymdhsegb@])|(?P<some>[#?])|(?P<end>;)|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d*)?(?:E[+-]?\d+)?)", re.IGNORECASE)
ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
CURRENCY = re.compile(r"\$([^-]*)")
OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}


class Digits(IntEnum):
    """Whether a section shows something of the number it is given."""

    NEVER = 0
    BUT_OF_ZERO = 1  # « # » and « ? » leave a zero out
    ALWAYS = 2


@dataclass
class Section:
    """One of the parts between « ; » of a number format."""

    words: str = ""
    digits: Digits = Digits.NEVER
    condition: tuple[str, float] | None = None
    of_texts: bool = False

    def holds(self, number: float, operator: str) -> bool:
        """Whether its condition, by default `operator` and zero, is true of `number`."""
        said, limit = self.condition or (operator, 0.0)
        return bool(OPERATORS[said](number, limit))


@lru_cache(maxsize=10_000)  # a column holds the same numbers many times
def shown_instead(code: str, text: str) -> tuple[str, float] | None:
    """The words that `code` shows in place of the number written `text`, and the number; None when it shows it."""
    try:
        number = float(text)
    except ValueError:  # what is no number is the affair of the engine
        return None
    words = words_instead(code, number)
    return None if words is None else (words, number)


def words_instead(code: str, number: float) -> str | None:
    """The words that the format `code` shows in place of `number`, « » when it hides it; None when it shows it.

    A dash over a zero, where it is no dash over other numbers, is how accounts show a zero: None.
    """
    sections = _sections(code)
    place = _chosen(sections, number)
    if place is None or sections[place].digits > (Digits.NEVER if number else Digits.BUT_OF_ZERO):
        return None
    words = sections[place].words.strip()
    zero_alone = sections[place].digits is Digits.BUT_OF_ZERO or _chosen(sections, LITTLE) != place
    return None if number == 0 and zero_alone and words in DASHES else words


def may_hide(code: str) -> bool:
    """Whether `code` shows words in place of some numbers, dashes over zeros apart."""
    sections = _sections(code)
    for place, section in enumerate(sections):
        takes_zero, takes_others = _chosen(sections, 0) == place, not _only_zero(sections, place)
        dash = section.words.strip() in DASHES
        if section.digits is Digits.NEVER and (takes_others or not dash):
            return True
        if section.digits is Digits.BUT_OF_ZERO and takes_zero and not dash:
            return True
    return False


def _only_zero(sections: tuple[Section, ...], place: int) -> bool:
    return _chosen(sections, 0) == place and place not in (_chosen(sections, LITTLE), _chosen(sections, -LITTLE))


@lru_cache(maxsize=1_000)
def _sections(code: str) -> tuple[Section, ...]:
    """The sections of `code` that numbers may take; none when it is no format that a spreadsheet understands."""
    if not code or len(code) > LONGEST_CODE:
        return ()
    found = [Section()]
    for token in TOKEN.finditer(code):
        if token["end"]:
            found.append(Section())
        else:
            _add(found[-1], token)
    if len(found) > NUMBERS + 1:
        return ()
    texts = len(found) > NUMBERS or (len(found) > 1 and found[-1].of_texts)
    return tuple(found[:-1] if texts else found)


def _add(section: Section, token: re.Match[str]) -> None:
    kind, text = token.lastgroup, token[0]
    if kind == "any":
        section.digits = Digits.ALWAYS
        section.of_texts = section.of_texts or text == "@"
    elif kind == "some":
        section.digits = max(section.digits, Digits.BUT_OF_ZERO)
    elif kind == "bracket":
        _add_bracket(section, token["bracket"])
    elif kind in ("quoted", "escaped"):
        section.words += token[kind]
    elif kind == "width":
        section.words += " "
    elif kind == "plain" and section.digits is not Digits.NEVER and text in ".,%/":
        section.digits = Digits.ALWAYS if text == "/" else section.digits  # a fraction shows its zero
    elif kind == "plain":
        section.words += text


def _add_bracket(section: Section, text: str) -> None:
    """A condition, a duration, a currency; colours and languages show nothing."""
    condition, currency = CONDITION.fullmatch(text), CURRENCY.match(text)
    if condition:
        section.condition = condition[1], float(condition[2])
    elif ELAPSED.fullmatch(text):
        section.digits = Digits.ALWAYS
    elif currency:
        section.words += currency[1]


def _chosen(sections: tuple[Section, ...], number: float) -> int | None:
    """Which of `sections` shows `number`; None when it is shown as if there were none, or as « ### ».

    Without conditions: the positive, the negative, the zero; zero goes with the positive when there are two.
    """
    if len(sections) == 1:
        return 0 if sections[0].condition is None or sections[0].holds(number, "=") else None
    if not sections:
        return None
    last = len(sections) - 1
    if sections[0].holds(number, ">" if last > 1 else ">="):
        return 0
    if last > 1:
        return 1 if sections[1].holds(number, "<") else last
    return 1 if sections[1].condition is None or sections[1].holds(number, "<") else None
