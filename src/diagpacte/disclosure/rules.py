"""Rules of disclosure: which licences open a source to all, and from how many units a count may be shown."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, field_validator

from diagpacte.vocabulary import Base, Entry


class DisclosureRules(BaseModel, frozen=True, extra="forbid"):
    """What makes a source public when nobody said so."""

    open_licences: tuple[str, ...] = Field(
        (), description="Licences qui rendent une source publique, telles qu’écrites dans sources.toml."
    )


class Threshold(Entry):
    """A row of disclosure_thresholds.csv: what counts of `bases` from the sources of `pattern` may be shown.

    `pattern` is looked for in the producer and the title of the file and in the source of the indicator; the
    row whose pattern is empty holds for the sources that no other row speaks of. A count from 1 to `threshold`
    less one is withheld; a zero too unless `zero_told`.
    """

    rule: str = Field(min_length=1)
    pattern: str
    bases: tuple[Base, ...] = Field(min_length=1)
    threshold: int = Field(ge=1)
    zero_told: bool
    label: str = Field(min_length=1)
    reference: str
    status: str

    @field_validator("pattern")
    @classmethod
    def _an_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error:
            raise ValueError("un motif (expression régulière) bien formé") from None
        return value
