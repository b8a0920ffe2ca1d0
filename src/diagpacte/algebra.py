"""Missing with a reason, through arithmetic: what a sum, a share, a mean or a difference makes of it.

A *quantity* is a row of a frame with the columns `value`, `lower`, `upper` and `availability`. Without bounds
a value is exact, unless it is censored: then the bound that is not given is unknown. The two tables below say
what two availabilities give together; every operation obeys them, and docs/valeurs_manquantes.md prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.vocabulary import VALUED, Availability

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int8]
Places: TypeAlias = NDArray[np.intp]
By: TypeAlias = Any  # what pandas groups by: a column, several, or a Series of keys

QUANTITY = ("value", "lower", "upper", "availability")
AVAILABILITIES = tuple(Availability)
PLACE = {availability: place for place, availability in enumerate(AVAILABILITIES)}
NOISE = 1e-9  # what floating point leaves of a zero
BEYOND = 1e100  # a weight without upper bound

SHORT = {
    "obs": Availability.OBSERVED,
    "est": Availability.ESTIMATED,
    "imp": Availability.IMPUTED,
    "cen": Availability.CENSORED,
    "so": Availability.NOT_APPLICABLE,
    "vide": Availability.EMPTY,
    "nd": Availability.NOT_AVAILABLE,
    "nc": Availability.NOT_COVERED,
    "ns": Availability.NOT_SIGNIFICANT,
    "s": Availability.SECRET,
}

# Sums and means: a part without object drops out, an unknown part leaves the whole unknown.
TOGETHER = """
     obs  est  imp  cen  so   vide nd   nc   ns   s
obs  obs  est  imp  cen  obs  nd   nd   nd   nd   s
est  est  est  imp  cen  est  nd   nd   nd   nd   s
imp  imp  imp  imp  cen  imp  nd   nd   nd   nd   s
cen  cen  cen  cen  cen  cen  nd   nd   nd   nd   s
so   obs  est  imp  cen  so   vide nd   nc   ns   s
vide nd   nd   nd   nd   vide vide nd   nd   nd   s
nd   nd   nd   nd   nd   nd   nd   nd   nd   nd   s
nc   nd   nd   nd   nd   nc   nd   nd   nc   nd   s
ns   nd   nd   nd   nd   ns   nd   nd   nd   ns   s
s    s    s    s    s    s    s    s    s    s    s
"""

# Differences and shares need both sides: the same table, but for its row and its column « so ».
BOTH_SO = "so   so   so   so   so   nd   nd   nd   nd   s"

Truth: TypeAlias = Mapping[tuple[Availability, Availability], Availability]


@cache
def truth_table(*, both: bool = False) -> Truth:
    """What each pair of availabilities gives: in a sum or a mean, or (`both`) in a difference or a share."""
    head, *lines = (line.split() for line in TOGETHER.strip().splitlines())
    table = {(row, column): result for row, *results in lines for column, result in zip(head, results, strict=True)}
    if both:
        for other, result in zip(head, BOTH_SO.split(), strict=True):
            table["so", other] = table[other, "so"] = result
    return {(SHORT[row], SHORT[column]): SHORT[result] for (row, column), result in table.items()}


def total(parts: pd.DataFrame, by: By) -> pd.DataFrame:
    """The sum of the quantities of each group, indexed by group; bounds add up.

    A secret part makes a secret sum, without bound: the sum of the others, beside a published total, would give
    the secret away. A true zero counts; a part without object drops out, unless all parts are.
    """
    code, keys = _groups(parts, by)
    read = _read(parts)
    return _frame(*_sums(read, code, len(keys)), _join_by(read.availability, code, len(keys)), keys)


def difference(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """`left` − `right`, row by row of one index; the errors add up."""
    one, other = _aligned(left, right)
    return _frame(
        one.value - other.value,
        one.lower - other.upper,
        one.upper - other.lower,
        _pairs(both=True)[one.availability, other.availability],
        left.index,
    )


def ratio(top: pd.DataFrame, bottom: pd.DataFrame, scale: float = 1.0) -> pd.DataFrame:
    """`scale` × `top` / `bottom`, row by row of one index; the bounds are those of the four corners.

    `bottom` counts something: it is never negative. Zero leaves the ratio without object; a zero that is only
    rounded or censored leaves it not available.
    """
    one, other = _aligned(top, bottom)
    if (other.value < 0).any():
        raise ValueError("what a ratio is counted on is never negative")
    low, high = np.maximum(other.lower, 0.0), np.maximum(other.upper, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = scale * one.value / other.value
        lower = _corner(scale * one.lower, np.where(one.lower >= 0, high, low))
        upper = _corner(scale * one.upper, np.where(one.upper >= 0, low, high))
    availability = _pairs(both=True)[one.availability, other.availability]
    counted = one.valued & other.valued
    availability[counted & (other.value == 0)] = PLACE[Availability.NOT_AVAILABLE]
    availability[counted & (high == 0)] = PLACE[Availability.NOT_APPLICABLE]
    return _frame(value, lower, upper, availability, top.index)


def share(part: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """`part` in % of the `whole` that holds it, row by row of one index: from 0 to 100.

    Not available where the part is larger than the whole beyond their bounds: they do not speak of one thing.
    """
    found = _read(ratio(part, whole, 100.0))
    availability = found.availability.copy()
    availability[(found.lower > 100.0 + NOISE) | (found.upper < -NOISE)] = PLACE[Availability.NOT_AVAILABLE]
    value, lower, upper = (np.clip(side, 0.0, 100.0) for side in (found.value, found.lower, found.upper))
    return _frame(value, lower, upper, availability, part.index)


def mean(parts: pd.DataFrame, weights: pd.DataFrame, by: By) -> pd.DataFrame:
    """The mean of the quantities of each group, weighted by `weights` of the same index, indexed by group.

    Every weight must be known: an unknown one leaves the mean unknown, a secret one leaves it secret. A part
    whose weight is a true zero drops out, secret ones excepted; with nobody left the mean has no object.
    """
    code, keys = _groups(parts, by)
    read, weight = _aligned(parts, weights)
    joined = _pairs(both=True)[read.availability, weight.availability]
    nobody = weight.valued & (weight.lower == 0) & (weight.upper == 0)
    secret = joined == PLACE[Availability.SECRET]
    joined = np.where(nobody & ~secret, PLACE[Availability.NOT_APPLICABLE], joined).astype(np.int8)
    counts, number = _VALUED[joined], len(keys)
    code_in, read_in, weight_in = code[counts], read.only(counts), weight.only(counts)
    people = _sum_by(weight_in.value, code_in, number)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _sum_by(weight_in.value * read_in.value, code_in, number) / people
    upper = _highest_mean(read_in.upper, weight_in, code_in, number)
    lower = -_highest_mean(-read_in.lower, weight_in, code_in, number)
    exact = _sum_by((read_in.inexact | weight_in.inexact).astype(np.float64), code_in, number) == 0
    availability = _join_by(joined, code, number)
    availability[_VALUED[availability] & ~np.isfinite(value)] = PLACE[Availability.NOT_AVAILABLE]
    lower, upper = np.fmin(lower, value), np.fmax(upper, value)  # no rounding error leaves the value outside
    return _frame(value, np.where(exact, value, lower), np.where(exact, value, upper), availability, keys)


def given_away(whole: pd.DataFrame, parts: pd.DataFrame, by: By, slack: float = 0.0) -> pd.Series[bool]:
    """Whether subtracting the published parts from `whole` (indexed by group) would tell a secret part.

    True where one part alone is unknown and secret; and where several are, but nothing is left for them, up to
    `slack` and the roundings: parts are never negative, so each is zero. Nothing is computed of the secret.
    """
    code, keys = _groups(parts, by)
    read, number = _read(parts), len(keys)
    secret = np.bincount(code[read.availability == PLACE[Availability.SECRET]], minlength=number)
    without_object = read.availability == PLACE[Availability.NOT_APPLICABLE]
    unknown = np.bincount(code[~read.valued & ~without_object], minlength=number)
    value, lower, upper = _sums(read, code, number)
    known = _read(whole.reindex(keys).fillna({"availability": Availability.NOT_AVAILABLE}))
    room = (known.upper - lower) - (known.lower - upper)
    left = known.value - value - slack - np.where(np.isfinite(room), room / 2, 0.0)
    told = known.valued & (secret > 0) & ((unknown == 1) | (left <= NOISE))
    return pd.Series(told, index=keys)


@dataclass(frozen=True)
class _Quantities:
    """The columns of a frame as arrays; bounds are never NaN where there is a value."""

    value: Floats
    lower: Floats
    upper: Floats
    availability: Codes

    @property
    def valued(self) -> NDArray[np.bool_]:
        return np.asarray(_VALUED[self.availability], dtype=np.bool_)

    @property
    def inexact(self) -> NDArray[np.bool_]:
        return np.asarray((self.lower != self.value) | (self.upper != self.value), dtype=np.bool_)

    def only(self, where: NDArray[np.bool_]) -> _Quantities:
        return _Quantities(self.value[where], self.lower[where], self.upper[where], self.availability[where])


_VALUED = np.array([availability in VALUED for availability in AVAILABILITIES])
_SO = PLACE[Availability.NOT_APPLICABLE]


def _read(frame: pd.DataFrame) -> _Quantities:
    value, lower, upper = (frame[side].to_numpy(dtype=np.float64) for side in QUANTITY[:3])
    availability = pd.Index(AVAILABILITIES).get_indexer(pd.Index(frame["availability"])).astype(np.int8)
    if (availability < 0).any() or (np.isnan(value) == _VALUED[availability]).any():
        raise ValueError("a value stands exactly where its availability says there is one")
    censored = availability == PLACE[Availability.CENSORED]
    return _Quantities(
        value,
        np.where(np.isnan(lower), np.where(censored, -np.inf, value), lower),
        np.where(np.isnan(upper), np.where(censored, np.inf, value), upper),
        availability,
    )


def _frame(value: Floats, lower: Floats, upper: Floats, availability: Codes, index: pd.Index) -> pd.DataFrame:
    """A frame of quantities: no number where there is no value, no bounds where it is exact."""
    valued = _VALUED[availability]
    value, lower, upper = (np.where(valued, side, np.nan) for side in (value, lower, upper))
    open_ended = valued & ~(np.isfinite(lower) & np.isfinite(upper))
    availability = np.where(open_ended, PLACE[Availability.CENSORED], availability)
    exact = (lower == value) & (upper == value) & (availability != PLACE[Availability.CENSORED])
    lower, upper = (np.where(exact | ~np.isfinite(side), np.nan, side) for side in (lower, upper))
    return pd.DataFrame(dict(zip(QUANTITY, (value, lower, upper, _names(availability)), strict=True)), index=index)


def _names(availability: NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    return pd.array([str(name) for name in AVAILABILITIES], dtype="str").take(availability)


def _groups(parts: pd.DataFrame, by: By) -> tuple[Places, pd.Index]:
    """The group of each row, and the keys of the groups in order."""
    groups = parts.groupby(by, sort=True, dropna=False)
    return groups.ngroup().to_numpy().astype(np.intp), groups.size().index


def _aligned(left: pd.DataFrame, right: pd.DataFrame) -> tuple[_Quantities, _Quantities]:
    if not left.index.equals(right.index):
        raise ValueError("two frames of quantities meet on one index")
    return _read(left), _read(right)


@cache
def _pairs(*, both: bool = False) -> Codes:
    """A truth table by places: [left, right] → result."""
    table = truth_table(both=both)
    return np.array([[PLACE[table[left, right]] for right in AVAILABILITIES] for left in AVAILABILITIES], dtype=np.int8)


@cache
def _sets() -> Codes:
    """What each set of availabilities, as bits, gives together. Order and repetition are indifferent."""
    pairs = _pairs()
    present = ([place for place in range(len(AVAILABILITIES)) if bits >> place & 1] for bits in range(1 << len(pairs)))
    return np.array(
        [reduce(lambda one, other: pairs[one, other], places or [_SO]) for places in present], dtype=np.int8
    )


def _join_by(availability: Codes, code: Places, number: int) -> Codes:
    bits = np.zeros(number, dtype=np.intp)
    for place in range(len(AVAILABILITIES)):
        bits |= (np.bincount(code[availability == place], minlength=number) > 0).astype(np.intp) << place
    return _sets()[bits]


def _sum_by(values: Floats, code: Places, number: int) -> Floats:
    return np.bincount(code, weights=values, minlength=number).astype(np.float64)


def _sums(read: _Quantities, code: Places, number: int) -> tuple[Floats, Floats, Floats]:
    """Sums of the values, lower and upper bounds of each group; what has no value adds nothing."""
    value, lower, upper = (np.where(read.valued, side, 0.0) for side in (read.value, read.lower, read.upper))
    return _sum_by(value, code, number), _sum_by(lower, code, number), _sum_by(upper, code, number)


def _corner(top: Floats, bottom: Floats) -> Floats:
    """`top` / `bottom`; nothing over anything is nothing."""
    return np.asarray(np.where(top == 0, 0.0, top / bottom), dtype=np.float64)


def _highest_mean(values: Floats, weight: _Quantities, code: Places, number: int) -> Floats:
    """The highest mean of `values` by group when each weight may be anywhere between its bounds.

    It is reached with the low weights under some rank of the values and the high ones from there: every rank
    is tried.
    """
    finite = np.where(np.isfinite(values), values, 0.0)
    order = np.lexsort((finite, code))
    group, ranked = code[order], finite[order]
    low, high = (np.clip(side[order], 0.0, BEYOND) for side in (weight.lower, weight.upper))
    under = pd.DataFrame({"people": low, "sum": low * ranked})
    above = pd.DataFrame({"people": high, "sum": high * ranked})[::-1]
    tried = under.groupby(group).cumsum() - under + above.groupby(group[::-1]).cumsum()[::-1]
    highest = np.full(number, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.fmax.at(highest, group, (tried["sum"] / tried["people"]).to_numpy())
    highest[code[np.isinf(values)]] = np.inf
    return highest
