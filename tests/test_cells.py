"""What a cell says: French numbers, reasons of absence, grades; what cannot be told is never a number."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.layout.cells import AVAILABILITIES, CellReader, Reading
from diagpacte.sources.meaning.grades import grade_words
from diagpacte.vocabulary import Availability
from workbook_builders import rules

READER = CellReader(rules().marks, rules().layout.flags)
SPACES = [" ", "\u00a0", "\u202f", "\u2009"]


def observed(value: float, flag: str = "", *, percent: bool = False) -> Reading:
    return Reading(value, Availability.OBSERVED, flag, percent)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12,5", observed(12.5)),
        ("12.5", observed(12.5)),
        ("'12.5", observed(12.5)),
        (" 12 345,6 ", observed(12345.6)),
        ("12\u00a0345", observed(12345)),
        ("1\u202f234\u202f567", observed(1234567)),
        ("\u221214,8", observed(-14.8)),
        ("-14,8", observed(-14.8)),
        ("+0,41", observed(0.41)),
        (",5", observed(0.5)),
        ("0", observed(0)),
        ("1,5E-05", observed(1.5e-05)),
        ("12,5 %", observed(12.5, percent=True)),
        ("12,5\u00a0%", observed(12.5, percent=True)),
        ("12,5 (p)", observed(12.5, "(p)")),
        ("12,5 r", observed(12.5, "r")),
        ("12,5 % (p)", observed(12.5, "(p)", percent=True)),
        ("12,5 e", Reading(12.5, Availability.ESTIMATED, "e")),
        ("12,5 (E)", Reading(12.5, Availability.ESTIMATED, "(E)")),
    ],
)
def test_a_number_written_in_french_is_that_number(text: str, expected: Reading) -> None:
    assert READER.read(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("s", Availability.SECRET),
        ("S", Availability.SECRET),
        ("c", Availability.SECRET),
        ("ns", Availability.NOT_SIGNIFICANT),
        ("nd", Availability.NOT_AVAILABLE),
        ("n.d.", Availability.NOT_AVAILABLE),
        ("N/A", Availability.NOT_AVAILABLE),
        ("…", Availability.NOT_AVAILABLE),
        ("-", Availability.NOT_AVAILABLE),
        ("#N/A", Availability.NOT_AVAILABLE),
        ("#DIV/0!", Availability.NOT_AVAILABLE),
        ("so", Availability.NOT_APPLICABLE),
        ("///", Availability.NOT_APPLICABLE),
        ("", Availability.EMPTY),
        (" \u00a0", Availability.EMPTY),
    ],
)
def test_an_absence_has_its_reason_and_no_value(text: str, reason: Availability) -> None:
    assert READER.read(text) == Reading(None, reason)


@pytest.mark.parametrize(
    "text",
    ["abc", "12,5 (z)", "1.234,5", "1,2,3", "12 34", "12,5,", "1e999", "01/2023", "12 h", "%", "s12", "½", "١٢", "--5"],
)
def test_what_cannot_be_told_is_no_number(text: str) -> None:
    assert READER.read(text) is None


@given(
    st.integers(-(10**12), 10**12),
    st.integers(0, 4),
    st.sampled_from(["", *SPACES]),
    st.sampled_from([",", "."]),
    st.sampled_from(["-", "\u2212"]),
    st.sampled_from(["", " (p)", "r"]),
)
def test_every_number_written_in_a_french_way_is_read_back(
    digits: int, decimals: int, space: str, mark: str, minus: str, flag: str
) -> None:
    value = digits / 10**decimals
    text = f"{abs(digits) / 10**decimals:,.{decimals}f}".replace(",", "T").replace(".", mark).replace("T", space)
    reading = READER.read((minus if digits < 0 else "") + text + flag)
    assert reading is not None
    assert reading.value == pytest.approx(value, rel=1e-15, abs=0)
    assert reading.flag == flag.strip()


@given(st.text(max_size=12))
def test_no_text_makes_the_reader_fail_or_gives_a_number_without_a_digit(text: str) -> None:
    reading = READER.read(text)
    if reading is not None and reading.value is not None:
        assert any(letter in "0123456789" for letter in text)


def test_a_column_keeps_each_cell_at_its_place() -> None:
    cells = np.array(
        [8.9, "s", None, "12,5 (p)", True, "x", 3, dt.date(2023, 1, 1), "#REF!", float("nan")], dtype=object
    )
    column = READER.column(cells)
    assert column.value[[0, 3, 6]].tolist() == [8.9, 12.5, 3]
    assert np.isfinite(column.value).sum() == 3
    assert [AVAILABILITIES[place] for place in column.availability[[1, 2, 8]]] == [
        Availability.SECRET,
        Availability.EMPTY,
        Availability.NOT_AVAILABLE,
    ]
    assert (column.flags, column.unreadable, column.errors) == ({3: "(p)"}, [9, 4, 5, 7], [8])
    assert column.text[[0, 1, 2, 3]].tolist() == [None, "s", "", "12,5 (p)"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Non fragile", 0),
        ("Fragile", 1),
        ("très fragile ", 2),
        ("TRES FRAGILE", 2),
        ("TF", 2),
        ("2", 2),
        (2.0, 2),
        (0, 0),
    ],
)
def test_a_grade_is_its_rank_however_it_is_written(cell: object, value: float) -> None:
    factor = next(factor for factor in rules().factors if factor.factor == "emploi")
    column = CellReader(rules().marks, {}, grade_words(factor)).column(np.array([cell], dtype=object))
    assert column.value.tolist() == [value]


@pytest.mark.parametrize("cell", ["assez fragile", 3, 0.5, True, "12,5"])
def test_what_is_no_grade_is_unreadable(cell: object) -> None:
    factor = next(factor for factor in rules().factors if factor.factor == "emploi")
    column = CellReader(rules().marks, {}, grade_words(factor)).column(np.array([cell], dtype=object))
    assert column.unreadable == [0]
    assert np.isnan(column.value).all()


def test_headings_are_compared_without_case_accents_nor_typography() -> None:
    assert normalised("  Taux  d’Emploi des Œuvres\u00a0") == normalised("taux d'emploi des oeuvres")
