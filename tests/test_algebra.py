"""No operation makes a number of what is missing, nor tells a secret; bounds always hold the truth."""

import math
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.algebra import SHORT, difference, given_away, mean, ratio, share, total, truth_table
from diagpacte.vocabulary import VALUED, Availability

DOCS = Path(__file__).parents[1] / "docs" / "valeurs_manquantes.md"
MISSING = [kind for kind in Availability if kind not in VALUED]
LEAST = -1e-7  # what floating point may take from a bound


class Hidden(NamedTuple):
    """A quantity as published, and the truth its producer knows; None when there is none."""

    truth: float | None
    value: float | None
    lower: float | None
    upper: float | None
    availability: Availability


def quantity(
    value: float | None, availability: str = "observed", lower: float | None = None, upper: float | None = None
) -> Hidden:
    return Hidden(value, value, lower, upper, Availability(availability))


def frame(*rows: Hidden, index: "list[object] | None" = None) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=list(Hidden._fields), index=index)
    return table.astype({"value": float, "lower": float, "upper": float, "availability": "str"})


def one(table: pd.DataFrame) -> tuple[float | None, float | None, float | None, str]:
    """The only row, with None for what is not a number."""
    ((value, lower, upper, availability),) = table[["value", "lower", "upper", "availability"]].to_numpy().tolist()
    numbers = [None if math.isnan(side) else side for side in (value, lower, upper)]
    return numbers[0], numbers[1], numbers[2], availability


def summed(*rows: Hidden) -> tuple[float | None, float | None, float | None, str]:
    return one(total(frame(*rows), pd.Series(["all"] * len(rows))))


def shared(part: Hidden, whole: Hidden) -> tuple[float | None, float | None, float | None, str]:
    return one(share(frame(part), frame(whole)))


EXACT = st.integers(0, 60).map(lambda n: Hidden(n, n, None, None, Availability.OBSERVED))
ROUNDED = st.integers(0, 60).map(
    lambda n: Hidden(n, r := 5 * round(n / 5), max(0, r - 2.5), r + 2.5, Availability.OBSERVED)
)
FLOORED = st.integers(0, 5).map(lambda n: Hidden(n, 5, 0, 5, Availability.CENSORED))
BELOW = st.integers(-40, 5).map(lambda n: Hidden(n, 5, None, 5, Availability.CENSORED))
CEILED = st.integers(95, 400).map(lambda n: Hidden(n, 95, 95, None, Availability.CENSORED))
GUESSED = st.tuples(st.integers(0, 60), st.sampled_from([Availability.ESTIMATED, Availability.IMPUTED])).map(
    lambda both: Hidden(both[0], both[0], None, None, both[1])
)
KNOWN = st.one_of(EXACT, ROUNDED, FLOORED, CEILED, GUESSED)
UNKNOWN = st.sampled_from(MISSING).map(lambda kind: Hidden(None, None, None, None, kind))
ANY = st.one_of(KNOWN, KNOWN, UNKNOWN)
SIGNED = st.one_of(ANY, BELOW)  # where a quantity may be negative


def holds(table: pd.DataFrame, truth: float) -> bool:
    """Whether the bounds of the only row hold `truth`; without bounds, the value is the truth."""
    value, lower, upper, availability = one(table)
    if lower is None and upper is None and availability != Availability.CENSORED:
        return value == pytest.approx(truth)
    low, high = (-math.inf if lower is None else lower), (math.inf if upper is None else upper)
    return truth - low >= LEAST * max(1, abs(truth)) and high - truth >= LEAST * max(1, abs(truth))


def together(table: pd.DataFrame) -> pd.Series:
    return pd.Series("all", index=table.index)


# --- the truth tables ---


@pytest.mark.parametrize("both", [False, True])
def test_a_truth_table_has_every_pair_and_neither_order_nor_repetition_nor_grouping_matters(both: bool) -> None:
    table = truth_table(both=both)
    assert set(table) == set(product(Availability, repeat=2))
    for left, right in table:
        assert table[left, right] == table[right, left]
        assert table[left, left] == left
    for a, b, c in product(Availability, repeat=3):
        assert table[table[a, b], c] == table[a, table[b, c]]


@pytest.mark.parametrize("both", [False, True])
def test_a_secret_wins_over_all_and_only_what_is_known_makes_a_number(both: bool) -> None:
    for (left, right), result in truth_table(both=both).items():
        assert (result is Availability.SECRET) == (Availability.SECRET in (left, right))
        dropped = {Availability.NOT_APPLICABLE} if not both else set()
        assert (result in VALUED) == (
            {left, right} <= {*VALUED} | dropped and not {left, right} <= {Availability.NOT_APPLICABLE}
        )


@pytest.mark.parametrize("both", [False, True])
def test_the_page_prints_the_table_the_code_obeys(both: bool) -> None:
    table = truth_table(both=both)
    lines = ["|  | " + " | ".join(SHORT) + " |"]
    for left in SHORT:
        results = (
            next(word for word, kind in SHORT.items() if kind is table[SHORT[left], SHORT[right]]) for right in SHORT
        )
        lines.append(f"| **{left}** | " + " | ".join(results) + " |")
    page = DOCS.read_text(encoding="utf-8")
    assert [line for line in lines if line not in page] == []


# --- sums ---


def test_a_true_zero_counts_and_what_has_no_object_drops_out() -> None:
    assert summed(quantity(12), quantity(0), quantity(None, "not_applicable")) == (12, None, None, "observed")
    assert summed(quantity(None, "not_applicable"), quantity(None, "not_applicable")) == (
        None, None, None, "not_applicable",
    )  # fmt: skip


@pytest.mark.parametrize("reason", ["empty", "not_available", "not_covered", "not_significant"])
def test_an_unknown_part_leaves_the_sum_not_available_unless_all_have_that_reason(reason: str) -> None:
    assert summed(quantity(12), quantity(None, reason)) == (None, None, None, "not_available")
    assert summed(quantity(None, reason), quantity(None, reason)) == (None, None, None, reason)


def test_a_secret_part_makes_a_secret_sum_without_any_bound() -> None:
    assert summed(quantity(12), quantity(None, "secret"), quantity(None, "empty")) == (None, None, None, "secret")


def test_roundings_add_up_cell_by_cell() -> None:
    # Cnaf: 10 and 25 rounded to 5, ± 2.5 each; an exact 3 beside.
    rounded = [quantity(10, lower=7.5, upper=12.5), quantity(25, lower=22.5, upper=27.5)]
    assert summed(*rounded, quantity(3)) == (38, 33, 43, "observed")


def test_a_censored_part_makes_an_interval_and_an_estimate_taints() -> None:
    assert summed(quantity(5, "censored", 0, 5), quantity(20)) == (25, 20, 25, "censored")
    assert summed(quantity(95, "censored", 95), quantity(20)) == (115, 115, None, "censored")
    assert summed(quantity(5, "censored", None, 5), quantity(20)) == (25, None, 25, "censored")
    assert summed(quantity(7, "estimated"), quantity(20)) == (27, None, None, "estimated")


def test_each_group_has_its_own_sum() -> None:
    parts = frame(quantity(1), quantity(2), quantity(None, "secret"), quantity(4))
    found = total(parts, pd.Series(["b", "a", "c", "b"]))
    assert found.index.tolist() == ["a", "b", "c"]
    assert found["value"].tolist()[:2] == [2, 5]
    assert found["availability"].tolist() == ["observed", "observed", "secret"]


@settings(max_examples=40, deadline=None)
@given(st.lists(SIGNED, min_size=1, max_size=6))
def test_a_sum_holds_the_truth_or_no_number_at_all(rows: list[Hidden]) -> None:
    table = frame(*rows)
    found = total(table, together(table))
    expected = rows[0].availability
    for row in rows[1:]:
        expected = truth_table()[expected, row.availability]
    assert found["availability"].iloc[0] == expected
    if expected in VALUED:
        assert holds(found, sum(row.truth for row in rows if row.truth is not None))
    else:
        assert found[["value", "lower", "upper"]].isna().all(axis=None)


@settings(max_examples=30, deadline=None)
@given(st.lists(SIGNED, min_size=2, max_size=6), st.randoms(use_true_random=False), st.data())
def test_neither_the_order_of_the_parts_nor_how_they_are_grouped_matters(
    rows: list[Hidden], random: object, data: st.DataObject
) -> None:
    table = frame(*rows)
    whole = one(total(table, together(table)))
    shuffled = frame(*data.draw(st.permutations(rows)))
    assert one(total(shuffled, together(shuffled))) == whole
    first = pd.Series(data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows))))
    partial = total(table, first)
    assert one(total(partial, together(partial))) == whole


@settings(max_examples=30, deadline=None)
@given(st.lists(KNOWN, min_size=1, max_size=5), st.integers(0, 4), st.integers(1, 9))
def test_more_in_a_part_is_more_in_the_sum(rows: list[Hidden], place: int, more: int) -> None:
    table = frame(*rows)
    raised = table.copy()
    raised.loc[place % len(rows), ["value", "lower", "upper"]] += more
    before, after = total(table, together(table)), total(raised, together(raised))
    sides = ["value", "lower", "upper"]
    assert ((after[sides] - before[sides]).fillna(more) == more).all(axis=None)


# --- differences, shares ---


def test_errors_add_up_in_a_difference() -> None:
    found = difference(frame(quantity(40, lower=37.5, upper=42.5)), frame(quantity(25, lower=22.5, upper=27.5)))
    assert one(found) == (15, 10, 20, "observed")


def test_a_published_total_minus_parts_with_one_secret_is_refused() -> None:
    parts = frame(quantity(30), quantity(None, "secret"), quantity(20))
    assert one(difference(frame(quantity(100), index=["all"]), total(parts, pd.Series(["all"] * 3)))) == (
        None, None, None, "secret",
    )  # fmt: skip


def test_a_true_zero_below_leaves_a_share_without_object_and_a_rounded_zero_not_available() -> None:
    assert shared(quantity(0), quantity(0))[3] == "not_applicable"
    assert shared(quantity(0, lower=0, upper=2.5), quantity(0, lower=0, upper=2.5))[3] == "not_available"


def test_a_share_is_bounded_by_its_four_corners_and_by_100() -> None:
    # 10 ± 2.5 out of 40 ± 2.5: from 7.5 / 42.5 to 12.5 / 37.5.
    part, whole = quantity(10, lower=7.5, upper=12.5), quantity(40, lower=37.5, upper=42.5)
    value, lower, upper, availability = shared(part, whole)
    assert (value, availability) == (25, "observed")
    assert (lower, upper) == pytest.approx((750 / 42.5, 1250 / 37.5))
    assert shared(quantity(5, "censored", 0, 5), quantity(4, lower=2.5, upper=7.5)) == (100, 0, 100, "censored")


def test_a_part_larger_than_its_whole_gives_no_share() -> None:
    assert shared(quantity(30), quantity(20)) == (None, None, None, "not_available")
    assert one(ratio(frame(quantity(30)), frame(quantity(20)))) == (1.5, None, None, "observed")


def test_a_ratio_on_a_censored_count_has_no_upper_bound_when_the_count_may_be_zero() -> None:
    assert one(ratio(frame(quantity(10)), frame(quantity(5, "censored", 0, 5)))) == (2, 2, None, "censored")
    assert one(ratio(frame(quantity(10)), frame(quantity(5, lower=0, upper=10)))) == (2, 1, None, "censored")


def test_nothing_is_counted_on_a_negative_number() -> None:
    with pytest.raises(ValueError, match="never negative"):
        ratio(frame(quantity(1)), frame(quantity(-1)))


@settings(max_examples=25, deadline=None)
@given(SIGNED, ANY)
def test_a_difference_and_a_share_hold_the_truth_or_no_number(left: Hidden, right: Hidden) -> None:
    expected = truth_table(both=True)[left.availability, right.availability]
    found = difference(frame(left), frame(right))
    assert found["availability"].iloc[0] == expected
    parted = share(frame(left), frame(right))
    if left.truth is None or right.truth is None:
        assert parted["availability"].iloc[0] == expected
        assert pd.concat([found, parted])[["value", "lower", "upper"]].isna().all(axis=None)
        return
    assert holds(found, left.truth - right.truth)
    if 0 <= left.truth <= right.truth and right.truth and right.value:
        assert holds(parted, 100 * left.truth / right.truth)
    shares = parted[["value", "lower", "upper"]].fillna(0)
    assert ((shares >= 0) & (shares <= 100)).all(axis=None)


# --- means ---


def averaged(*pairs: tuple[Hidden, Hidden]) -> tuple[float | None, float | None, float | None, str]:
    rates, weights = (frame(*side) for side in zip(*pairs, strict=True))
    return one(mean(rates, weights, together(rates)))


def test_a_mean_is_weighted_and_each_weight_must_be_known() -> None:
    # (10 × 300 + 20 × 100) / 400
    rates = (quantity(10), quantity(300)), (quantity(20), quantity(100))
    assert averaged(*rates) == (12.5, None, None, "observed")
    assert averaged(*rates, (quantity(5), quantity(None, "empty")))[3] == "not_available"
    assert averaged(*rates, (quantity(5), quantity(None, "secret")))[3] == "secret"


def test_nobody_weighs_nothing_and_a_mean_over_nobody_has_no_object() -> None:
    nobody = (quantity(None, "empty"), quantity(0))
    assert averaged((quantity(10), quantity(300)), nobody) == (10, None, None, "observed")
    assert averaged(nobody, nobody)[3] == "not_applicable"
    assert averaged((quantity(10), quantity(300)), (quantity(None, "secret"), quantity(0)))[3] == "secret"
    rounded = (quantity(10), quantity(0, lower=0, upper=2.5))
    assert averaged(rounded)[3] == "not_available"


def test_a_mean_with_unsure_weights_is_bounded_by_its_extreme_weighings() -> None:
    # 10 % and 20 % of 10 ± 2.5 people each: from 17.5 / … with (12.5, 7.5) to (7.5, 12.5).
    unsure = quantity(10, lower=7.5, upper=12.5)
    value, lower, upper, _ = averaged((quantity(10), unsure), (quantity(20), unsure))
    assert value == 15
    assert (lower, upper) == pytest.approx(((10 * 12.5 + 20 * 7.5) / 20, (10 * 7.5 + 20 * 12.5) / 20))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SIGNED, ANY), min_size=1, max_size=5))
def test_a_mean_holds_the_truth_or_no_number(pairs: list[tuple[Hidden, Hidden]]) -> None:
    value, *bounds, availability = averaged(*pairs)
    secret = any(Availability.SECRET in (rate.availability, weight.availability) for rate, weight in pairs)
    assert (availability == Availability.SECRET) == secret
    if availability not in VALUED:
        assert (value, bounds) == (None, [None, None])
        return
    known = [(rate.truth, weight.truth) for rate, weight in pairs if rate.truth is not None and weight.truth]
    people = sum(weight for _, weight in known)
    if people:
        rates, weights = (frame(*side) for side in zip(*pairs, strict=True))
        found = mean(rates, weights, together(rates))
        assert holds(found, sum(rate * weight for rate, weight in known) / people)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(KNOWN, st.one_of(EXACT, ROUNDED)), min_size=1, max_size=4))
def test_the_bounds_of_a_mean_are_those_of_the_slow_way(pairs: list[tuple[Hidden, Hidden]]) -> None:
    value, lower, upper, availability = averaged(*pairs)
    if availability not in VALUED:
        return

    def sides(one: Hidden) -> tuple[float, float]:
        censored = one.availability is Availability.CENSORED
        low = one.lower if one.lower is not None else (-math.inf if censored else one.value)
        high = one.upper if one.upper is not None else (math.inf if censored else one.value)
        return low, high  # type: ignore[return-value]

    weighings = [w for w in product(*({*sides(weight)} for _, weight in pairs)) if sum(w)]
    for place, found in enumerate((lower, upper)):
        bounds = [sides(rate)[place] for rate, _ in pairs]
        tried = [
            sum(w * b for w, b in zip(weighing, bounds, strict=True) if w) / sum(weighing) for weighing in weighings
        ]
        slow = max(tried) if place else min(tried)
        expected = None if math.isinf(slow) else pytest.approx(slow, abs=1e-9)
        if found is None and availability != Availability.CENSORED:
            expected = None
            assert value == pytest.approx(slow, abs=1e-9)
        assert found == expected


def test_an_unbounded_weight_weighs_all_there_is() -> None:
    endless = quantity(95, "censored", 95)
    value, lower, upper, _ = averaged((quantity(20), endless), (quantity(10), quantity(5)))
    assert (value, lower, upper) == pytest.approx((19.5, 19.5, 20))


# --- what a subtraction would tell ---


def told(whole: Hidden, *parts: Hidden, slack: float = 0.0) -> bool:
    found = given_away(frame(whole, index=["all"]), frame(*parts), pd.Series(["all"] * len(parts)), slack)
    return bool(found["all"])


SECRET = quantity(None, "secret")


def test_one_secret_alone_is_given_away_and_two_are_not() -> None:
    assert told(quantity(100), quantity(60), quantity(30), SECRET)
    assert not told(quantity(100), quantity(60), SECRET, SECRET)
    assert not told(quantity(100), quantity(60), SECRET, quantity(None, "not_available"))
    assert not told(quantity(None, "not_available"), quantity(60), SECRET)
    assert not told(quantity(100), quantity(60), quantity(40))


def test_a_part_without_object_does_not_hide_a_secret() -> None:
    assert told(quantity(100), quantity(60), SECRET, quantity(None, "not_applicable"))


def test_several_secrets_are_given_away_when_nothing_is_left_for_them() -> None:
    assert told(quantity(100), quantity(60), quantity(40), SECRET, SECRET)
    assert not told(quantity(100), quantity(60), quantity(39.8), SECRET, SECRET)
    assert told(quantity(100), quantity(60), quantity(39.8), SECRET, SECRET, slack=0.3)
    rounded = quantity(40, lower=39.95, upper=40.05)
    assert told(quantity(100.04), quantity(60), rounded, SECRET, SECRET)


def test_a_total_that_is_not_published_gives_nothing_away() -> None:
    nothing = frame(quantity(1), index=["other"])
    assert not given_away(nothing, frame(SECRET), pd.Series(["all"]))["all"]


# --- the contract ---


def test_a_number_without_availability_is_refused() -> None:
    with pytest.raises(ValueError, match="exactly where"):
        summed(quantity(3, "secret"))
    with pytest.raises(ValueError, match="exactly where"):
        summed(quantity(None, "observed"))


def test_two_frames_meet_on_one_index() -> None:
    with pytest.raises(ValueError, match="one index"):
        difference(frame(quantity(1), index=["a"]), frame(quantity(1), index=["b"]))


def test_a_hundred_thousand_parts_are_summed_as_columns() -> None:
    number = np.arange(100_000)
    parts = pd.DataFrame({"value": number % 7.0, "lower": np.nan, "upper": np.nan, "availability": "observed"})
    found = total(parts, pd.Series(number // 10))
    assert len(found) == 10_000
    assert found["value"].sum() == (number % 7).sum()
