"""The table Entries: made of the lines and of the texts that wait; read back as what was known the last time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from diagpacte.sources.saisie.harvest import TypedSheet
from diagpacte.sources.saisie.lines import ORPHANS, Forms, Line, Place, Waiting, Why, by_place
from diagpacte.tables import TABLES

IN_PLACE, ORPHAN, UNSETTLED = "en_place", "orpheline", "a_departager"
SAYS = " : "  # between where a text comes from, and the text


@dataclass(frozen=True)
class Known:
    """What the table said: the texts in place and the label of each row, the texts that waited."""

    texts: Mapping[Place, Mapping[str, str]] = field(default_factory=dict)
    labels: Mapping[Place, str] = field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()


def entries_table(
    lines: Sequence[Line], waiting: Sequence[Waiting], sheets: Mapping[str, TypedSheet], file: str
) -> pd.DataFrame:
    """A row for each cell that holds a text, and for each that a waiting text speaks of.

    The value is the text in place; of a row that is gone, the first of its texts. `others` are all the texts
    that wait, each after the words that say where it comes from.
    """
    waits: dict[tuple[str, str, str], list[Waiting]] = defaultdict(list)
    for one in waiting:
        waits[(*one.place, one.field)].append(one)
    here = {(*line.place, name): line for line in lines for name in line.texts}
    at = by_place(lines)
    for (subject, key, name), texts in waits.items():
        here.setdefault((subject, key, name), at.get((subject, key)) or Line(subject, key, label=texts[0].label))
    rows = [_row(line, place[2], waits.get(place, []), sheets.get(line.subject), file) for place, line in here.items()]
    rows.sort(key=lambda row: (row["table"], row["key"], row["field"]))
    return TABLES["entries"].frame(rows)


def _row(line: Line, name: str, waiting: Sequence[Waiting], sheet: TypedSheet | None, file: str) -> dict[str, Any]:
    text, chain = line.texts.get(name, ""), line.chains.get(name, ())
    orphans = [one for one in waiting if one.why in ORPHANS]
    unsettled = any(one.why is Why.OTHER for one in waiting) or (text and orphans)
    state = UNSETTLED if unsettled else ORPHAN if orphans else IN_PLACE
    return {
        "table": line.subject,
        "key": line.key,
        "field": name,
        "value": text or (orphans[0].text if state == ORPHAN else ""),
        "others": [f"{_origin(one)}{SAYS}{one.text}" for one in waiting],
        "state": state,
        "reason": "" if state == IN_PLACE else waiting[0].why,
        "label": line.label,
        "file": file,
        "sheet": sheet.name if sheet else "",
        "row": line.number,
        "column": sheet.letters(name) if sheet and line.number else "",
        "base": chain[-1] if chain else "",
    }


def _origin(waiting: Waiting) -> str:
    origin = waiting.origin.replace(SAYS, " - ")
    if waiting.why is Why.OTHER:
        return origin or waiting.why
    return f"{waiting.why} ({origin})" if origin else waiting.why


def known(entries: pd.DataFrame) -> Known:
    """What the table `entries` says."""
    texts: dict[Place, dict[str, str]] = defaultdict(dict)
    labels: dict[Place, str] = {}
    waiting: list[Waiting] = []
    for row in entries.to_dict("records"):
        place = (row["table"], row["key"])
        labels.setdefault(place, row["label"])
        if row["state"] != ORPHAN and row["value"]:
            texts[place][row["field"]] = row["value"]
        waiting += [_waiting(place, row["field"], other, row["label"]) for other in row["others"]]
    return Known(dict(texts), labels, tuple(waiting))


def _waiting(place: Place, name: str, other: str, label: str) -> Waiting:
    said, _, text = other.partition(SAYS)
    why = next((one for one in Why if said == one or said.startswith(f"{one} (")), Why.OTHER)
    origin = said.removeprefix(why).removeprefix(" (").removesuffix(")") if said.startswith(why) else said
    return Waiting(*place, name, text, why, label, origin)


def label_of(forms: Forms, line: Line) -> str:
    """How people know the row."""
    return forms.label(line.subject, {**line.shown, **line.texts}) or line.label
