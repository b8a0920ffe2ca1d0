"""An attacker who knows nothing of diagpacte bounds what is withheld, over simulated countries.

Countries have EPCI that straddle départements, régions, a nation, a métropole that is a territory too, two
perimeters that differ by a commune or more, sources public or not, secrets of the producer and rounded values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from disclosure_builders import OPEN, RESTRICTED, VINTAGE, Row, key, observation, withheld

THRESHOLD = 5  # of the Caf, whose counts they are
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Country:
    """How many people live in each commune, and what is published of which zone."""

    people: tuple[int, ...]
    zones: dict[tuple[str, int], frozenset[int]]
    rows: tuple[Row, ...]  # shown by deliverables when nothing is withheld
    published: tuple[Row, ...]

    def true(self, row: Row) -> int:
        return sum(self.people[commune] for commune in self.zones[row["zone_code"], row["geo_vintage"]])


def interval(
    rows: list[tuple[frozenset[int], float, float]], target: frozenset[int], communes: int
) -> tuple[float, float]:
    """The least and the most that `target` can hold, communes being the unknowns: nothing is cut nor taken off."""
    held = np.array([[commune in zone for commune in range(communes)] for zone, _, _ in rows], dtype=float)
    held = held.reshape(len(rows), communes)
    limits = np.concatenate([[high for _, _, high in rows], [-low for _, low, _ in rows]])
    aim = np.array([commune in target for commune in range(communes)], dtype=float)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * aim, A_ub=np.vstack([held, -held]), b_ub=limits, method="highs-ipm")
        ends.append(sign * np.inf * -1 if found.status == 3 else sign * found.fun)
    return ends[0], ends[1]


def known(country: Country, rows: list[Row]) -> list[tuple[frozenset[int], float, float]]:
    """What the rows with a value say: the zone, and between what its count lies."""
    return [
        (
            country.zones[row["zone_code"], row["geo_vintage"]],
            row["value"] if row["lower"] is None else row["lower"],
            row["value"] if row["upper"] is None else row["upper"],
        )
        for row in rows
        if row["value"] is not None
    ]


def zones_of(draw: st.DrawFn, size: int) -> dict[tuple[str, int], frozenset[int]]:
    """The nation, EPCI and départements drawn apart (they straddle each other), some EPCI as they were the year before."""
    communes = range(size)
    zones = {("FRM", VINTAGE): frozenset(communes)}
    for level, count in (("EPCI:20000000", 4), ("DEP:0", 3)):
        names = draw(st.lists(st.integers(1, count), min_size=size, max_size=size))
        zones |= {(f"{level}{name}", VINTAGE): frozenset(c for c in communes if names[c] == name) for name in {*names}}
    moved = draw(st.sets(st.sampled_from(communes), max_size=2))
    for (code, vintage), members in sorted(zones.items()):
        before = members ^ moved
        if code.startswith("EPCI") and moved and before and draw(st.booleans()):
            zones[code, vintage - 1] = before
    return zones


@st.composite
def countries(draw: st.DrawFn) -> Country:
    size = draw(st.integers(3, 9))
    people = tuple(draw(st.lists(st.sampled_from((0, 0, 1, 2, 3, 4, 6, 9, 30, 200)), min_size=size, max_size=size)))
    zones = zones_of(draw, size)
    rows, published = [], []
    for code, vintage in sorted(zones):
        value = sum(people[commune] for commune in zones[code, vintage])
        near = 5.0 * round(value / 5)
        row = observation(code, float(value), geo_vintage=vintage)
        kinds = {
            "ours": row,
            "public": row | {"source_id": OPEN},
            "secret": row | {"value": None, "availability": "secret"},
            "rounded": row | {"value": near, "lower": max(near - 2.5, 0.0), "upper": near + 2.5},
        }
        kind = draw(st.sampled_from(("ours", "ours", "ours", "public", "elsewhere", "secret", "rounded", "absent")))
        rows += [kinds[kind]] if kind in kinds else []
        published += [kinds["public"]] if kind == "elsewhere" else []
    return Country(people, zones, tuple(rows), tuple(published))


def protected(country: Country) -> tuple[list[Row], list[Row], bool]:
    """Rows still shown, rows withheld, and whether what producers published was said to tell one of them."""
    masks, faults = withheld(country.rows, country.zones, country.published)
    gone = set(masks["key"])
    shown = [row for row in country.rows if key(row["zone_code"], row["geo_vintage"]) not in gone]
    return shown, [row for row in country.rows if row not in shown], bool(faults)


@settings(max_examples=50)
@given(countries())
def test_no_value_withheld_is_bounded_more_closely_than_its_threshold(country: Country) -> None:
    check_values(country)


def check_values(country: Country) -> None:
    shown, gone, said = protected(country)
    size = len(country.people)
    public = [row for row in (*shown, *country.published) if row["source_id"] == OPEN]
    for row in gone:
        target = country.zones[row["zone_code"], row["geo_vintage"]]
        low, high = interval(known(country, [*shown, *country.published]), target, size)
        assert low - TOLERANCE <= country.true(row) <= high + TOLERANCE
        if high - low < THRESHOLD - TOLERANCE:
            low, high = interval(known(country, public), target, size)
            assert high - low < THRESHOLD, "told by figures of ours"
            assert said


@settings(max_examples=50)
@given(countries())
def test_no_piece_of_ground_shows_a_small_count_by_subtraction(country: Country) -> None:
    check_pieces(country)


def check_pieces(country: Country) -> None:
    shown, _, _ = protected(country)
    size = len(country.people)
    ours = [
        country.zones[row["zone_code"], row["geo_vintage"]] for row in country.rows if row["source_id"] == RESTRICTED
    ]
    public = [row for row in (*shown, *country.published) if row["source_id"] == OPEN]
    for commune in sorted(frozenset().union(*ours)):
        # The finest piece around the commune: what no zone of any row separates from it.
        zones = [country.zones[row["zone_code"], row["geo_vintage"]] for row in (*country.rows, *country.published)]
        piece = frozenset(other for other in range(size) if all((other in zone) == (commune in zone) for zone in zones))
        _, high = interval(known(country, [*shown, *country.published]), piece, size)
        if TOLERANCE < high < THRESHOLD - TOLERANCE:
            _, high = interval(known(country, public), piece, size)
            assert high < THRESHOLD, "told by figures of ours"


@settings(max_examples=30)
@given(countries())
def test_nothing_public_nor_missing_is_withheld_and_small_counts_always_are(country: Country) -> None:
    shown, gone, _ = protected(country)
    assert all(row["source_id"] == RESTRICTED and row["value"] is not None for row in gone)
    elsewhere = {(row["zone_code"], row["geo_vintage"], row["value"]) for row in country.published}
    small = [row for row in shown if row["source_id"] == RESTRICTED and row["value"] and row["value"] < THRESHOLD]
    assert all((row["zone_code"], row["geo_vintage"], row["value"]) in elsewhere for row in small)


@pytest.mark.long
@settings(max_examples=500)
@given(countries())
def test_no_country_of_a_large_number_is_told(country: Country) -> None:
    check_values(country)
    check_pieces(country)


def test_the_attacker_of_these_tests_does_find_what_subtractions_tell() -> None:
    whole, part = frozenset({0, 1, 2}), frozenset({0, 1})
    assert interval([(whole, 100, 100), (part, 97, 97)], frozenset({2}), 3) == pytest.approx((3, 3))
    assert interval([(whole, 100, 100)], part, 3) == pytest.approx((0, 100))
    assert interval([], part, 3)[1] == np.inf
