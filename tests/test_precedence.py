"""Two files, one figure: the last added stands, the other is kept aside, a difference is said."""

import pandas as pd

from diagpacte.sources.precedence import one_value_each
from diagpacte.tables import TABLES, Observations
from test_tables import observation


def reading(source: str, **changes: object) -> Observations:
    return Observations(TABLES["observations"].frame([observation(source_id=source, **changes)]))


def test_the_file_added_last_wins_and_the_difference_is_said() -> None:
    kept, aside, faults = one_value_each([reading("first.xlsx", value=12.5), reading("last.xlsx", value=13.0)])
    assert kept["value"].tolist() == [13.0]
    assert aside["source_id"].tolist() == ["first.xlsx"]
    assert [fault.file for fault in faults] == ["first.xlsx"]
    assert "F!E8" in faults[0].found


def test_the_same_value_twice_is_no_fault() -> None:
    kept, aside, faults = one_value_each([reading("a"), reading("b")])
    assert (len(kept), len(aside), faults) == (1, 1, [])


def test_a_secret_is_not_the_same_as_a_number_nor_as_another_reason() -> None:
    secret = reading("a", value=None, availability="secret")
    _, _, faults = one_value_each([secret, reading("b", value=None, availability="not_available")])
    assert len(faults) == 1
    _, _, faults = one_value_each([secret, reading("b", value=None, availability="secret")])
    assert faults == []


def test_no_file_gives_empty_tables() -> None:
    kept, aside, faults = one_value_each([])
    assert (len(kept), len(aside), faults) == (0, 0, [])
    pd.testing.assert_index_equal(kept.columns, aside.columns)
