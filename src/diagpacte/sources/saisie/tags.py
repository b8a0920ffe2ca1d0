"""What the workbook keeps of each row in its hidden column: its label, and all that was written of each cell.

A row's fields each have a chain of fingerprints, oldest first: every text that stood in the cell when the
workbook was written. Of two copies of a cell, the one whose text is in the chain of the other is the older.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from diagpacte.sources.saisie.texts import FINGERPRINT, fingerprint

Chain = tuple[str, ...]
PERSONAL = re.compile(rf"p_[0-9a-f]{{{FINGERPRINT}}}(_[1-9]\d*)?")  # the key of a row that a person added
STAMP = re.compile(rf"[0-9a-f]{{{FINGERPRINT}}}")
NONE = "-" * FINGERPRINT  # in a chain: the cell was empty
LONGEST = 30_000  # characters that a cell may give to it


@dataclass(frozen=True)
class Tag:
    """`label`: fingerprint of the words by which people knew the row at the last writing; « » when nothing is known."""

    label: str = ""
    chains: Mapping[str, Chain] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)  # of a row of « À régler »: what it speaks of


def read_tag(text: str) -> Tag:
    """The tag in a cell; an empty one when what stands there is none of ours."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return Tag()
    if not isinstance(content, dict):
        return Tag()
    chains, about = content.get("t"), content.get("s")
    return Tag(
        str(content.get("l", "")),
        {str(name): _chain(str(stamps)) for name, stamps in chains.items()} if isinstance(chains, dict) else {},
        {str(name): str(word) for name, word in about.items()} if isinstance(about, dict) else {},
    )


def _chain(stamps: str) -> Chain:
    return tuple("" if one == NONE else one for one in stamps.split(" ") if one == NONE or STAMP.fullmatch(one))


def tag_text(tag: Tag) -> str:
    """`tag` as a cell keeps it; of chains too long for a cell, the oldest texts are forgotten."""
    kept = {name: chain for name, chain in sorted(tag.chains.items()) if chain}
    while True:
        chains = {name: " ".join(one or NONE for one in chain) for name, chain in kept.items()}
        parts = {"l": tag.label, "t": chains, "s": dict(sorted(tag.about.items()))}
        text = json.dumps({name: part for name, part in parts.items() if part}, ensure_ascii=False, sort_keys=True)
        if len(text) <= LONGEST or not any(len(chain) > 1 for chain in kept.values()):
            return text
        kept = {name: chain[-max(1, len(chain) // 2) :] for name, chain in kept.items()}


def extended(chain: Chain, text: str) -> Chain:
    """`chain` once `text` has been written; an empty cell of which nothing was known stays so."""
    stamp = fingerprint(text)
    return chain if (chain[-1] if chain else "") == stamp else (*chain, stamp)


def joined(newer: Chain, older: Chain) -> Chain:
    """`newer`, knowing also all that `older` knew."""
    known = set(newer)
    return (*(one for one in older if one not in known), *newer)


def is_personal(key: str) -> bool:
    """Whether `key` is that of a row that a person added."""
    return PERSONAL.fullmatch(key) is not None
