"""From how many units a count may be shown, by the source it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from diagpacte.disclosure.rules import Threshold
from diagpacte.vocabulary import Base

COUNTED = (Base.HOUSEHOLDS, Base.PERSONS, Base.FAMILIES, Base.RECIPIENTS)


@dataclass(frozen=True)
class Applied:
    """The threshold of one count, whether its zero may be told, and the rule in words."""

    threshold: int
    zero_told: bool
    words: str

    def small(self, value: float) -> bool:
        """Whether `value` may not be shown."""
        return 0 < value < self.threshold or (value == 0 and not self.zero_told)


def applied(rules: Sequence[Threshold], source: str, base: Base) -> Applied | None:
    """The rule for counts of `base` from `source` (producer, title and source of the indicator, in one text).

    The severest of those whose pattern is found; the rows without pattern when none is. None when no row speaks
    of this base.
    """
    mine = [rule for rule in rules if base in rule.bases]
    found = [rule for rule in mine if rule.pattern and re.search(rule.pattern, source)]
    found = found or [rule for rule in mine if not rule.pattern]
    if not found:
        return None
    severest = max(found, key=lambda rule: rule.threshold)
    words = f"{severest.label} ({severest.reference.rstrip('.')})" if severest.reference else severest.label
    return Applied(severest.threshold, all(rule.zero_told for rule in found), words)
