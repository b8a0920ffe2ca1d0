"""Numbers, words and typography as a French reader expects them."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagpacte.deliverables import french
from diagpacte.vocabulary import VALUED, Availability


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (1243, 0, "1\u00a0243"),
        (1234567.5, 1, "1\u00a0234\u00a0567,5"),
        (12.9, 1, "12,9"),
        (8, 1, "8,0"),
        (-3.04, 1, "\u22123,0"),
        (-0.04, 1, "0,0"),
        (2.675, 2, "2,68"),
        (0.5, 0, "1"),
        (-0.5, 0, "\u22121"),
    ],
    ids=str,
)
def test_numbers_are_written_the_french_way(value: float, decimals: int, text: str) -> None:
    assert french.number(value, decimals) == text


@pytest.mark.parametrize("missing", [float("nan"), float("inf"), None], ids=str)
def test_a_missing_value_is_never_written_as_a_number(missing: float) -> None:
    with pytest.raises(ValueError, match="missing"):
        french.number(missing)


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_a_written_number_reads_back_within_half_a_unit(value: float, decimals: int) -> None:
    text = french.number(value, decimals)
    back = float(text.replace("\u00a0", "").replace("\u2212", "-").replace(",", "."))
    assert abs(back - value) <= 0.5 * 10.0**-decimals + 1e-6
    assert re.fullmatch(r"\u2212?\d{1,3}(\u00a0\d{3})*(,\d+)?", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (french.percent(12.9), "12,9\u00a0%"),
        (french.shortest(8.0), "8"),
        (french.shortest(12.5), "12,5"),
        (french.shortest(1500), "1\u00a0500"),
        (french.kilometres(3.44), "3,4\u00a0km"),
        (french.kilometres(0.0), "0,0\u00a0km"),
        (french.kilometres(0.03), "moins de\u00a00,1\u00a0km"),
        (french.quantity(21340, "eur_year"), "21\u00a0340\u00a0€"),
        (french.quantity(0.82, "ratio"), "0,8"),
        (french.quantity(0.03, "km"), "moins de\u00a00,1\u00a0km"),
        (french.with_unit("12", "pct"), "12\u00a0%"),
        (french.ordinal(1), "1er"),
        (french.ordinal(1, feminine=True), "1re"),
        (french.ordinal(3), "3e"),
        (french.day(date(2025, 1, 1)), "1er\u00a0janvier\u00a02025"),
        (french.day(date(2024, 8, 5)), "5\u00a0août\u00a02024"),
        (french.month(date(2024, 8, 5)), "août\u00a02024"),
        (french.enumerate_words([]), ""),
        (french.enumerate_words(["A"]), "A"),
        (french.enumerate_words(["A", "B", "C"]), "A, B et C"),
        (french.counted(1, "commune"), "1\u00a0commune"),
        (french.counted(0, "commune"), "0\u00a0commune"),
        (french.counted(1243, "commune"), "1\u00a0243\u00a0communes"),
        (french.counted(2, "EPCI", "EPCI"), "2\u00a0EPCI"),
        (french.elided("de", "Amiens"), "d’Amiens"),
        (french.elided("de", "Hauts-de-Seine"), "de Hauts-de-Seine"),
        (french.elided("de", "Hérault"), "d’Hérault"),
        (french.elided("que", "aucun"), "qu’aucun"),
        (french.elided("de", "Lille"), "de Lille"),
        (french.capital("œuvre"), "Œuvre"),
    ],
)
def test_words_around_numbers_agree(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Coeur d'Ostrevent", "Cœur d’Ostrevent"),
        ("Oeuf - Noeux", "Œuf – Nœux"),
        ("Boeschepe", "Boeschepe"),
        (
            "12% : « oui » ; 10 000 habitants !",
            "12\u00a0%\u00a0: «\u00a0oui\u00a0»\u00a0; 10\u00a0000 habitants\u00a0!",
        ),
        ("1\u202f243", "1\u00a0243"),
        ("Val-d'Oise", "Val-d’Oise"),
    ],
)
def test_typography_is_restored_once_and_for_all(raw: str, clean: str) -> None:
    assert french.typography(raw) == clean
    assert french.typography(clean) == clean


def test_each_missing_kind_has_its_words_and_no_number() -> None:
    for kind in Availability:
        text = french.value_text(None, "pct", kind)
        assert not re.search(r"\d", text)
        if kind not in VALUED:
            assert text == french.MISSING_SHORT[kind]
    assert french.MISSING_SHORT.keys() == french.MISSING_LONG.keys() == set(Availability) - set(VALUED)


def test_values_that_are_not_measured_say_so() -> None:
    assert french.value_text(12.9, "pct", "observed") == "12,9\u00a0%"
    assert french.value_text(12.9, "pct", "estimated") == "12,9\u00a0%\u00a0(e)"
    assert french.value_text(12.9, "pct", "imputed") == "12,9\u00a0%\u00a0(i)"
    assert french.value_text(5, "count", "censored", (0, 5)) == "≤\u00a05"
    assert french.value_text(5.0, "pct", "censored", (0, 5.05)) == "≤\u00a05\u00a0%"
    assert french.value_text(95.0, "pct", "censored", (94.95, 100)) == "≥\u00a095\u00a0%"
    assert french.value_text(4, "count", "censored", (1, 4)) == "1\u00a0à\u00a04"
    assert french.value_text(0.0, "pct", "observed") == "0\u00a0%"
