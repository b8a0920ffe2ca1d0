"""A row of years under a header, one to each column: « 2021 | 2021 | 2022 »."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from diagpacte.sources.files.texts import normalised

# « 2021 », « en 2021 », « (2015-2020) », « au 31/12/2021 »; no number of the next decades, which would be a count.
YEARS = re.compile(
    r"\(?(?:(?:en|au|fin|annees?|millesimes?) )?(?:\d{1,2}/\d{1,2}/)?(?:19[6-9]\d|20[0-2]\d)"
    r"(?:\s?[-–/]\s?(?:(?:19|20)\d{2}|\d{2}))?\)?"
)
HEADED = frozenset({"annee", "annees", "millesime", "millesimes", "date", "dates", "periode", "periodes"})
DATED = re.compile(r"(?:19|20)\d{2}|^\S*\d{2}$")  # a heading that says its year already: « Taux 2021 », « TP6021 »


def years_under(row: Sequence[str], code: int, stacks: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """Column → its year, when `row`, of these texts and just below a header, holds nothing else; empty otherwise.

    `code`: the column of codes. `stacks`: the texts above, by column that may be an indicator; where they say a
    year, the row is one of values.
    """
    texts = {column: text for column, text in enumerate(row, start=1) if text and normalised(text) not in HEADED}
    if code in texts or not texts or not texts.keys() <= stacks.keys():
        return {}
    if not all(YEARS.fullmatch(normalised(text)) for text in texts.values()):
        return {}
    dated = any(DATED.search(text) for column in texts for text in stacks[column])
    return {} if dated or not all(any(stacks[column]) for column in texts) else texts
