"""What was read set beside what was known and what the tool wants: nothing typed is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from diagpacte.sources.saisie.entries import Known, label_of
from diagpacte.sources.saisie.lines import Forms, Line, Place, Waiting, Wanted, Why, by_place
from diagpacte.sources.saisie.tags import extended
from diagpacte.sources.saisie.texts import same


@dataclass(frozen=True)
class Ledger:
    """Every row of the workbook, and every text that waits for somebody."""

    lines: tuple[Line, ...] = ()
    waiting: tuple[Waiting, ...] = ()

    def at(self) -> dict[Place, Line]:
        return by_place(self.lines)


def remade(known: Known) -> list[Line]:
    """The rows of a workbook that is there no more, from what was known of it."""
    return [Line(*place, texts, label=known.labels.get(place, ""), loose=True) for place, texts in known.texts.items()]


def reconciled(
    lines: Sequence[Line], waiting: Sequence[Waiting], known: Known, wanted: Sequence[Wanted], forms: Forms
) -> Ledger:
    """The rows there must be: those typed, those of the tool; and all texts that have lost their cell."""
    wishes = {(one.subject, one.key): one for one in wanted}
    found = by_place(lines)
    missing = _missing(found, known, wishes)
    found = {place: _still_known(line, known.texts.get(place, {})) for place, line in found.items()}
    kept, gone = _wanted_only(found.values(), wishes, forms)
    held = [*waiting, *known.waiting, *missing, *gone]
    rows, held = _completed(kept, held, wishes)
    return Ledger(tuple(_labelled(line, wishes, forms) for line in rows), tuple(still_waiting(rows, held)))


def _missing(found: Mapping[Place, Line], known: Known, wishes: Mapping[Place, Wanted]) -> list[Waiting]:
    """Texts that were in place, and stand in the workbook no more."""
    lost = []
    for place, texts in known.texts.items():
        line = found.get(place)
        why = Why.EMPTIED if line else Why.DELETED
        if line is None and place not in wishes and not Line(*place).personal:
            why = Why.GONE
        lost += [
            Waiting(*place, name, text, why, known.labels.get(place, ""))
            for name, text in texts.items()
            if line is None or not (line.texts.get(name) or line.shown.get(name) or name in line.waiting)
        ]
    return lost


def _still_known(line: Line, texts: Mapping[str, str]) -> Line:
    """`line`, whose cells have held what is known of them; a formula without result stands for the last text known."""
    spoken = {name: texts[name] for name in line.waiting & texts.keys()}
    chains = {name: extended(line.chains.get(name, ()), text) for name, text in texts.items()}
    return replace(line, texts={**line.texts, **spoken}, chains={**line.chains, **chains})


def _wanted_only(
    lines: Iterable[Line], wishes: Mapping[Place, Wanted], forms: Forms
) -> tuple[list[Line], list[Waiting]]:
    """The lines of people and those the tool still wants; what was typed in the others."""
    kept, gone = [], []
    for line in lines:
        if line.personal or line.place in wishes or not forms.of(line.subject):
            kept.append(line)
        else:
            gone += [
                Waiting(*line.place, name, text, Why.GONE, line.label) for name, text in line.texts.items() if text
            ]
    return kept, gone


def _completed(
    kept: Sequence[Line], waiting: Sequence[Waiting], wishes: Mapping[Place, Wanted]
) -> tuple[list[Line], list[Waiting]]:
    """The rows that the tool wants and that are not there; one that comes back takes its texts again."""
    there = {line.place for line in kept}
    rows, held = [*kept], [*waiting]
    for place in wishes:
        if place not in there:
            back = {one.field: one.text for one in reversed(held) if one.place == place and one.why is Why.GONE}
            rows.append(Line(*place, back, loose=True))
    return rows, held


def _labelled(line: Line, wishes: Mapping[Place, Wanted], forms: Forms) -> Line:
    wish = wishes.get(line.place)
    return replace(line, label=forms.label(line.subject, wish.cells) if wish else label_of(forms, line))


def still_waiting(lines: Iterable[Line], waiting: Iterable[Waiting]) -> list[Waiting]:
    """`waiting`, each text once, without those that stand in their place."""
    at = by_place(lines)
    seen: dict[tuple[str, str, str, str], Waiting] = {}
    for one in waiting:
        line = at.get(one.place)
        if one.text and not (line and same(line.texts.get(one.field, ""), one.text)):
            seen.setdefault(one.identity, one)
    return list(seen.values())
