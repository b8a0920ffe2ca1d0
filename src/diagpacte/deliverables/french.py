"""French numbers, words and typography, shared by every deliverable.

Spaces that must not break are U+00A0: the font of the maps lacks U+202F. Numbers are rounded half
away from zero on their decimal writing, as Excel shows them, so that a map and a workbook agree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from diagpacte.vocabulary import VALUED, Availability

NBSP = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
APOSTROPHE = "\u2019"

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
# A mute h elides (« d’Hénin »); these h and these vowels do not (« de Hauts-de-Seine », « de onze »).
ASPIRATED = ("haut", "hague", "hainaut", "halle", "hameau", "havre", "haye", "hem", "huit", "onz", "oui", "yaourt")
# Units of the dictionary of indicators: how they are printed after a value, with how many decimals.
UNITS = {
    "pct": ("%", 1),
    "pct_year": ("% par an", 1),
    "per_mille": ("‰", 1),
    "count": ("", 0),
    "km": ("km", 1),
    "min": ("min", 0),
    "eur_year": ("€", 0),
    "eur_m2": ("€/m²", 0),
    "index": ("", 1),
    "ratio": ("", 1),
    "grade": ("", 0),
    "places_per_100": ("places pour 100 enfants", 1),
    "consultations_year": ("consultations par an", 1),
}

MISSING_SHORT = {
    Availability.SECRET: "secret",
    Availability.NOT_AVAILABLE: f"n.{NBSP}d.",
    Availability.EMPTY: f"n.{NBSP}d.",
    Availability.NOT_COVERED: "non couvert",
    Availability.NOT_SIGNIFICANT: f"n.{NBSP}s.",
    Availability.NOT_APPLICABLE: EN_DASH,
}
MISSING_LONG = {
    Availability.SECRET: "Secret statistique",
    Availability.NOT_AVAILABLE: "Donnée non disponible",
    Availability.EMPTY: "Donnée non disponible",
    Availability.NOT_COVERED: "Non couvert par la source",
    Availability.NOT_SIGNIFICANT: "Non significatif",
    Availability.NOT_APPLICABLE: "Sans objet",
}
WHOLE = 100  # per cent


def is_missing(value: float | None) -> bool:
    """True for None, NaN and pandas' NA."""
    return value is None or value != value or str(value) == "<NA>"  # noqa: PLR0124 — NaN alone differs from itself


def number(value: float, decimals: int = 0) -> str:
    """« 1 243 », « 12,9 », « −3,0 »; a missing value has no number (ValueError)."""
    if is_missing(value) or not math.isfinite(value):
        raise ValueError("a missing value is never written as a number")
    rounded = round_half_up(value, decimals)
    text = f"{abs(rounded):,f}".replace(",", NBSP).replace(".", ",")
    return f"{MINUS}{text}" if rounded < 0 else text


def round_half_up(value: float, decimals: int) -> Decimal:
    """Half away from zero, on the decimal writing of `value`."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def shortest(value: float) -> str:
    """A bound as it is printed, with no useless zero: « 8 », « 12,5 », « 1 500 »."""
    text = f"{value:.6f}".rstrip("0")
    return number(value, len(text.partition(".")[2]))


def percent(value: float, decimals: int = 1) -> str:
    """« 12,9 % » from 12.9 (never from a share of 1)."""
    return f"{number(value, decimals)}{NBSP}%"


def kilometres(value: float, decimals: int = 1) -> str:
    """« 3,4 km »; what would round to nought without being it is « moins de 0,1 km »."""
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"moins de{NBSP}{number(least, decimals)}{NBSP}km"
    return f"{number(value, decimals)}{NBSP}km"


def quantity(value: float, unit: str, decimals: int | None = None) -> str:
    """A value with its unit (of the dictionary): « 12,9 % », « 3,4 km », « 21 340 € », « 0,8 »."""
    places = UNITS[unit][1] if decimals is None else decimals
    if unit == "km":
        return kilometres(value, places)
    return with_unit(number(value, places), unit)


def with_unit(text: str, unit: str) -> str:
    """A number already written, and the words of its unit: « 12 % », « 5 km »."""
    words = UNITS[unit][0]
    return f"{text}{NBSP}{words}" if words else text


def faithful_decimals(value: float, bounds: Iterable[float], least: int = 1, above: Iterable[float] = ()) -> int:
    """The fewest decimals, from `least` on, that keep `value` on its side of every bound once written.

    8.96 in the class « moins de 9 % » is « 8,96 », not « 9,0 ». A bound belongs to the class above it, one of
    `above` to what is below: 10.03 « au-delà de 10 km » is « 10,03 ».
    """
    cuts, limits = list(bounds), list(above)
    for places in range(least, least + 4):
        written = float(round_half_up(value, places))
        inside = all((written >= cut) == (value >= cut) for cut in cuts)
        if inside and all((written > limit) == (value > limit) for limit in limits):
            return places
    return least + 4


def value_text(
    value: float | None,
    unit: str,
    availability: Availability | str,
    ends: tuple[float | None, float | None] = (None, None),
    bounds: Iterable[float] = (),
) -> str:
    """The words of one cell: a value with its mark, « ≤ 5 » when censored, or why there is none.

    `ends`: between what a censored value lies.

    The value gets the decimals it takes not to contradict its class, given the `bounds` of the classes.
    """
    kind = Availability(availability)
    if kind not in VALUED:
        return MISSING_SHORT[kind]
    if kind is Availability.CENSORED:
        return censored_text(value, unit, *ends)
    if value is None or is_missing(value):
        return MISSING_SHORT[Availability.NOT_AVAILABLE]
    mark = {Availability.ESTIMATED: f"{NBSP}(e)", Availability.IMPUTED: f"{NBSP}(i)"}.get(kind, "")
    places = faithful_decimals(value, bounds, UNITS[unit][1]) if value else 0  # a true zero is « 0 % »
    return quantity(value, unit, places) + mark


def censored_text(value: float | None, unit: str, lower: float | None, upper: float | None) -> str:
    """« ≤ 5 % », « ≥ 95 % », « 1 à 4 »: the bound that is printed, or both when neither end is that of the possible."""
    low, high = (None if bound is None or is_missing(bound) else bound for bound in (lower, upper))
    if low is not None and low > 0 and high is not None and not (unit == "pct" and high >= WHOLE):
        return f"{shortest(low)}{NBSP}à{NBSP}{quantity(high, unit, 0)}"
    printed = high if value is None or is_missing(value) else value
    if printed is None:
        return MISSING_SHORT[Availability.NOT_AVAILABLE]
    sign = "≤" if low is None or low <= 0 else "≥"
    return f"{sign}{NBSP}{quantity(printed, unit, 0 if float(printed).is_integer() else 1)}"


def ordinal(rank: int, *, feminine: bool = False) -> str:
    """« 1er », « 1re », « 2e »."""
    return f"{rank}{('re' if feminine else 'er') if rank == 1 else 'e'}"


def day(moment: date) -> str:
    """« 1er janvier 2025 », spaces that do not break."""
    return f"{ordinal(1) if moment.day == 1 else moment.day}{NBSP}{MONTHS[moment.month - 1]}{NBSP}{moment.year}"


def month(moment: date) -> str:
    """« août 2024 »."""
    return f"{MONTHS[moment.month - 1]}{NBSP}{moment.year}"


def enumerate_words(items: Sequence[str], last: str = "et") -> str:
    """« A », « A et B », « A, B et C »."""
    return ", ".join(items[:-1]) + f" {last} {items[-1]}" if len(items) > 1 else "".join(items)


def plural(count: float, singular: str, several: str = "") -> str:
    """The noun agreed with its count; French is plural from 2 on, singular at 0 and 1,9."""
    return singular if abs(count) < 2 else several or f"{singular}s"  # noqa: PLR2004


def counted(count: int, singular: str, several: str = "") -> str:
    """« 1 commune », « 1 243 communes »; a word that does not change is given twice."""
    return f"{number(count)}{NBSP}{plural(count, singular, several)}"


def elides(word: str) -> bool:
    """True when « de », « le », « que » lose their vowel before `word`."""
    bare = word.lstrip(f"«{NBSP} ").lower()
    return bool(re.match("[aeiouyhàâäéèêëîïôöùûüœæ]", bare)) and not bare.startswith(ASPIRATED)


def elided(small: str, word: str) -> str:
    """« d’Amiens », « de Lille », « l’Oise », « qu’aucun »; `small` is « de », « le », « la », « que »…"""
    return f"{small[:-1]}{APOSTROPHE}{word}" if elides(word) else f"{small} {word}"


def capital(text: str) -> str:
    """First letter upper, the rest untouched."""
    return text[:1].upper() + text[1:]


def bound(text: str) -> str:
    """A number and the word after it kept on one line: « 15-64 ans », « 12 EPCI »."""
    return re.sub(r"(?<=\d) (?=[^\W\d])", NBSP, text)


def protected(text: str) -> str:
    """Thousands kept together: « pour 10 000 habitants » with a no-break space in the number."""
    return re.sub(r"(?<=\d) (?=\d{3}\b)", NBSP, text)


def typography(text: str) -> str:
    """`text` with French signs: ’, « », no-break spaces before : ; ! ? %, … and œ restored. Idempotent."""
    text = text.replace("'", APOSTROPHE).replace("\u202f", NBSP).replace("...", "…")
    text = re.sub(r"(?<=\S) - (?=\S)", f" {EN_DASH} ", text)
    text = text.replace("oeu", "œu").replace("Oeu", "Œu").replace("OEU", "ŒU")
    text = re.sub(r" +([:;!?%»€])", rf"{NBSP}\1", text)
    text = re.sub(r"(?<=\d)%", f"{NBSP}%", text)
    return protected(re.sub(r"« +", f"«{NBSP}", text))
