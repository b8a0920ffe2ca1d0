"""What a number format shows of a number: which section it takes, and when words stand in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagpacte.sources.files.number_formats import may_hide, words_instead

ACCOUNTS = '_-* #,##0 _€_-;-* #,##0 _€_-;_-* "{}"?? _€_-;_-@_-'


@pytest.mark.parametrize(
    ("code", "number", "words"),
    [
        # three sections: positive, negative, zero
        ('0.0;-0.0;"s"', 0, "s"),
        ('0.0;-0.0;"s"', 7, None),
        ('0.0;-0.0;"s"', -7, None),
        ('0.0%;-0.0%;"s"', 0, "s"),
        ('General;-General;"so"', 0, "so"),
        ("0;-0;\\n\\d", 0, "nd"),
        ("0;-0;...", 0, "..."),
        ('0;-0; "n.d." ', 0, "n.d."),
        # one section: every number
        ('"nd"', 0, "nd"),
        ('"nd"', -3.5, "nd"),
        ('0"s"', 0, None),
        ("[Red]\\s", 12, "s"),
        ("@", 12, None),
        ("", 0, None),
        ("General", 0, None),
        # two: zero goes with the positive
        ('0;"s"', 0, None),
        ('0;"s"', -1, "s"),
        ('"s";0', 0, "s"),
        # a text section is none of numbers
        ('0;"s"@', -1, None),
        ('0;-0;@"s"', 0, None),
        ('0;-0;"s";@', 0, "s"),
        # conditions
        ('[<11]"s";0', 7, "s"),
        ('[<11]"s";0', 11, None),
        ('[<11]"s";0', -1, "s"),
        ('[=0]"s";0', 0, "s"),
        ('[=0]"s";0', 0.1, None),
        ('[>=11]0;"s"', 10.9, "s"),
        ('[>=11]0;"s"', 11, None),
        ('[<>0]0;"s"', 0, "s"),
        ('[<=5]"s"', 5, "s"),
        ('[<=5]"s"', 6, None),
        ('[<11]"s";[>=100]"z";0', 150, "z"),
        ('[<11]"s";[>=100]"z";0', 50, None),
        ('[>100]0;"s";"z"', 50, "z"),  # the second section, without condition, is for what is below zero
        ('[>100]0;"s";"z"', -50, "s"),
        ('[Red][<1.5E1]"s";[Blue]0', 14, "s"),
        # invisible
        (";;;", 12, ""),
        ("0;-0;", 0, ""),
        ("0;-0;;@", 0, ""),
        ('0;-0;" "', 0, ""),
        ("0;;", -4, ""),
        ("#,###", 0, ""),
        ("#,###", 5, None),
        ("# ?/?", 0, None),
        # a dash over a zero alone is how accounts show it; over other numbers it covers them
        ('#,##0;-#,##0;"-"', 0, None),
        ('[=0]"-";0', 0, None),
        ("0;-0;–", 0, None),
        (ACCOUNTS.format("-"), 0, None),
        (ACCOUNTS.format("s"), 0, "s"),
        ('[<11]"-";0', 7, "-"),
        ('[<11]"-";0', 0, "-"),
        ('"-"', 7, "-"),
        # dates and durations show the number
        ("dd/mm/yyyy", 0, None),
        ("[h]:mm", 0, None),
        ("0;-0;s", 0, None),  # seconds
        # no format that a spreadsheet understands
        ('0;0;0;0;"s"', 0, None),
        ('"' + 300 * "s" + '"', 0, None),
    ],
)
def test_the_section_of_a_number_shows_it_or_words(code: str, number: float, words: str | None) -> None:
    assert words_instead(code, number) == words


def test_a_semicolon_in_a_quotation_ends_no_section() -> None:
    assert words_instead('0;-0;"s;t"', 0) == "s;t"
    assert words_instead("0;-0;a\\;c", 0) == "a;c"


@pytest.mark.parametrize(
    "code", ["General", "0.0", "#,##0 €", '0.0" %"', "0.00E+00", "dd/mm/yyyy", '#,##0;[Red]-#,##0;"-"', ACCOUNTS.format("-")]
)  # fmt: skip
def test_ordinary_formats_are_not_looked_at_cell_by_cell(code: str) -> None:
    assert not may_hide(code)


PIECES = st.sampled_from(
    ["0", "#", "?", ".", ",", "%", ";", ";", ";", '"s"', '"-"', "-", "\\n", "_-", "* ", "[Red]", "[<11]", "[=0]", "[>=-2]",
     "[h]", "[$€-40C]", "@", "General", "d", "/", " ", '"'],
)  # fmt: skip


@given(st.lists(PIECES, max_size=10).map("".join), st.floats(-1e6, 1e6) | st.integers(-3, 12).map(float))
def test_a_format_that_is_passed_over_shows_every_number(code: str, number: float) -> None:
    if not may_hide(code):
        assert words_instead(code, number) is None


@given(st.text(max_size=30), st.floats(allow_nan=True, allow_infinity=True))
def test_no_format_makes_the_reading_fail(code: str, number: float) -> None:
    words = words_instead(code, number)
    assert words is None or words == words.strip()
