"""Texts as files write them: the spaces they use, and how two wordings are compared."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SPACES = " \u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u200b\u202f\ufeff"


@lru_cache(maxsize=1 << 14)
def normalised(text: str) -> str:
    """`text` without case, accents, typographic apostrophes nor extra spaces: how headings are compared."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).casefold().split())
