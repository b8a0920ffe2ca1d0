"""A colleague's copy of the workbook brought into ours: cell by cell, the newer text wins, two new ones both stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from diagpacte.sources.saisie.lines import Line, Place, Waiting, Wanted, Why
from diagpacte.sources.saisie.reconcile import Ledger, still_waiting
from diagpacte.sources.saisie.tags import Chain, extended, joined
from diagpacte.sources.saisie.texts import fingerprint, same


def merged(
    mine: Ledger, theirs: Sequence[Line], their_waiting: Sequence[Waiting], wanted: Sequence[Wanted], file: str
) -> Ledger:
    """`mine` with what `theirs` adds or changes; `file` is the name of the copy.

    A row that we deleted does not come back: its texts wait, as ours do. A row they deleted stays.
    """
    lines, waiting = mine.at(), [*mine.waiting]
    wishes = {(one.subject, one.key) for one in wanted}
    deleted = {one.place for one in waiting if one.why in (Why.DELETED, Why.GONE)}
    for their in theirs:
        line = lines.get(their.place)
        if line is None and (their.place in deleted or not (their.personal or their.place in wishes)):
            why = Why.DELETED if their.personal else Why.GONE
            waiting += [
                Waiting(*their.place, name, text, why, their.label, file) for name, text in their.texts.items() if text
            ]
        elif line is None:
            lines[their.place] = replace(their, number=0, shown={}, waiting=frozenset(), loose=True)
        else:
            lines[line.place], lost = _cells(line, their, file)
            waiting += lost
    waiting += [one for one in their_waiting if not _known(one, lines)]
    for place in wishes - lines.keys():
        lines[place] = Line(*place, loose=True)
    return Ledger(tuple(lines.values()), tuple(still_waiting(lines.values(), waiting)))


def _known(waiting: Waiting, lines: Mapping[Place, Line]) -> bool:
    """Whether our row has already known, and left, a text that waits at theirs."""
    line = lines.get(waiting.place)
    return line is not None and fingerprint(waiting.text) in line.chains.get(waiting.field, ())


def _cells(line: Line, their: Line, file: str) -> tuple[Line, list[Waiting]]:
    """Our row with what theirs has newer, and the texts that wait for somebody to choose."""
    texts, chains, waiting = dict(line.texts), dict(line.chains), []
    for name in sorted({*line.texts, *their.texts, *line.chains, *their.chains} - line.waiting - their.waiting):
        ours, other = line.texts.get(name, ""), their.texts.get(name, "")
        here, there = line.chains.get(name, ()), their.chains.get(name, ())
        if same(ours, other):
            continue
        newer = _newer(_told(here, ours), _told(there, other))
        if newer is None:
            waiting.append(Waiting(*line.place, name, other, Why.OTHER, line.label, file))
            continue
        if newer:
            chains[name] = joined(_told(there, other), _told(here, ours))
            texts[name] = other
            if not other:
                waiting.append(Waiting(*line.place, name, ours, Why.EMPTIED, line.label, file))
    return replace(line, texts={name: text for name, text in texts.items() if text}, chains=chains), waiting


def _told(chain: Chain, text: str) -> Chain:
    """All that is known to have stood in a cell, what stands there now last; an empty cell is where all begin."""
    return extended(chain, text) or ("",)


def _newer(ours: Chain, theirs: Chain) -> bool | None:
    """Whether theirs comes after ours; None when each has a text of its own.

    A text that stands in the history of the other is the older one; each in the other's, the longer history wins.
    """
    seen_there = ours[-1] in theirs[:-1] or ours[-1] == ""
    seen_here = theirs[-1] in ours[:-1] or theirs[-1] == ""
    if seen_there and seen_here:
        return len(theirs) > len(ours) if len(theirs) != len(ours) else None
    if seen_there or seen_here:
        return seen_there
    return None
