"""The way back of one figure, as data: its facts, the steps it stands on, the places they lead to.

`docs/trace.md` documents the JSON; nothing here shows what disclosure control withholds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from diagpacte.deliverables.sheet_content import is_absent
from diagpacte.tables import figure_id
from diagpacte.tables.lineage import Lineage, Origin, Place, Role, Tables
from diagpacte.tables.walk import Step, Walk

Where = tuple[str, str, str]  # kind, source or name, sheet
CORRECTED = "corrigé"


@dataclass(frozen=True)
class StepLine:
    """Rows of one table made by one operation; `values` follow `ids`, one list a row, one value a column of `columns`."""

    step: str
    table: str
    columns: Sequence[str]
    operation: str
    condition: bool
    ids: Sequence[str]
    values: Sequence[Sequence[Any]]
    reads: Sequence[str]


@dataclass(frozen=True)
class PlaceLine:
    """Somewhere a figure comes from: cells of a sheet, records or the whole of a file, a packaged table, a setting."""

    kind: str
    name: str
    condition: bool
    sha256: str = ""
    source: Mapping[str, Any] | None = None
    sheet: str = ""
    cells: Sequence[Mapping[str, Any]] = ()
    records: Sequence[Any] = ()


@dataclass(frozen=True)
class Trace:
    """A figure of one territory (of none for the tables of the workspace) and its way back."""

    figure: str
    territory: str
    table: str
    column: str
    key: Mapping[str, Any]
    description: str
    value: Any
    withheld: Mapping[str, str]
    facts: Mapping[str, Any]
    steps: Sequence[StepLine]
    places: Sequence[PlaceLine]


def as_json(figure: str, version: str, traces: Sequence[Trace], notes: Sequence[str]) -> str:
    """Every trace of a figure; one for each territory where it stands."""
    told = {"figure": figure, "diagpacte": version, "notes": list(notes), "traces": [asdict(one) for one in traces]}
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


@dataclass(frozen=True)
class Reporter:
    """What turns a walk into a trace: the tables it was made on, what is withheld, what is known of packaged tables."""

    lineage: Lineage
    tables: Tables
    references: Mapping[str, Mapping[str, Any]]  # packaged file → its provenance
    territory: str

    def trace(self, walk: Walk) -> Trace:
        """The trace of a walk that started from one row."""
        first = walk.first
        table, column = first.reads.table, first.columns[0]
        row = self.tables[table].iloc[int(first.rows[0])].to_dict()
        (figure,) = self._ids(first, [column])
        key = self.lineage.key(table)
        return Trace(
            figure=figure,
            territory=self.territory,
            table=table,
            column=column,
            key={name: plain(row[name]) for name in key},
            description=self.lineage.description(table, column),
            value=plain(row[column]),
            withheld=self._withheld(walk),
            facts={name: plain(row[name]) for name in self._telling(table, row)},
            steps=[self._line(step) for step in walk.steps.values()],
            places=sorted(self._places(walk), key=lambda place: (place.condition, ORDER.index(place.kind))),
        )

    def _telling(self, table: str, row: Mapping[Any, Any]) -> Iterator[str]:
        """Columns of the row that say what kind of figure it is."""
        for name in FACTS:
            if name in row and not is_absent(row[name]) and name not in self.lineage.key(table):
                yield name

    def _ids(self, step: Step, columns: Sequence[str]) -> list[str]:
        table = step.reads.table
        keys = self.tables.keys(table, self.lineage.key(table)) if self.lineage.key(table) else None
        return [
            figure_id(table, [keys[place] if keys else place + 1], column) for place in step.rows for column in columns
        ]

    def _withheld(self, walk: Walk) -> Mapping[str, str]:
        """The values below that disclosure control withholds: id → why. They are in no table that a trace is made on."""
        if "masks" not in self.tables or self.tables["masks"].empty:
            return {}
        masks = self.tables["masks"]
        names = masks["table"] + "/" + masks["key"] + "/" + masks["column"]
        reasons = dict(zip(names, masks["reason"] + " (" + masks["rule"] + ")", strict=True))
        ids = (one for step in walk.steps.values() for one in self._ids(step, step.columns))
        return {one: reasons[one] for one in ids if one in reasons}

    def _line(self, step: Step) -> StepLine:
        reads = step.reads
        shown = reads.role is Role.FIGURE
        frame = (
            self.tables[reads.table].iloc[step.rows][step.columns]
            if shown
            else pd.DataFrame(index=range(len(step.rows)))
        )
        values = [[plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]
        return StepLine(
            step=step.name,
            table=reads.table,
            columns=step.columns,
            operation=reads.operation,
            condition=step.condition,
            ids=self._ids(step, step.columns[:1]),
            values=values if shown else [],
            reads=step.below,
        )

    def _places(self, walk: Walk) -> Iterator[PlaceLine]:
        """The places of a walk; what a figure is made of is not told again among what only decides."""
        found: dict[bool, dict[Where, dict[Any, Any]]] = {False: {}, True: {}}
        for step, origin in walk.ends():
            for place, entries in self._end(step, origin):
                found[step.condition].setdefault(place, {}).update(entries)
        made, decided = found[False], found[True]
        for place, entries in made.items():
            yield self._place(*place, entries, condition=False)
        for place, entries in decided.items():
            others = {entry: told for entry, told in entries.items() if entry not in made.get(place, {})}
            if others or place not in made:
                yield self._place(*place, others, condition=True)

    def _end(self, step: Step, origin: Origin) -> Iterator[tuple[Where, dict[Any, Any]]]:
        """(kind, source or name, sheet) of each place of an end, and what is cited there."""
        rows = self.tables[step.reads.table].iloc[step.rows]
        for name, wanted in origin.only.items():
            rows = rows[rows[name].astype("str").isin(list(wanted))]
        if rows.empty:
            return
        if origin.place in (Place.REFERENCE, Place.SETTING, Place.TYPED):
            yield (origin.place, origin.name, ""), {}
        elif origin.place is Place.FILE:
            for source in rows[origin.source].unique() if origin.source else self.tables["sources"]["source_id"]:
                yield (origin.place, str(source), ""), {}
        elif origin.place is Place.RECORD:
            yield from self._records(rows, origin)
        else:
            for (source, sheet), cells in rows.groupby(["source_id", "sheet"], sort=True):
                cited = [_cell(row) for row in cells.to_dict("records")]
                yield (origin.place, str(source), str(sheet)), {cell["cell"]: cell for cell in cited}

    def _records(self, rows: pd.DataFrame, origin: Origin) -> Iterator[tuple[Where, dict[Any, Any]]]:
        if origin.kinds:
            sources = self.tables["sources"]
            known = sources.loc[sources["kind"].isin(origin.kinds), "source_id"]
            records = {plain(record): None for record in rows[origin.record]}
            yield from (((origin.place, str(source), ""), records) for source in known)
        else:
            for source, group in rows.groupby(origin.source, sort=True):
                yield (origin.place, str(source), ""), {plain(record): None for record in group[origin.record]}

    def _place(self, kind: str, name: str, sheet: str, entries: Mapping[Any, Any], *, condition: bool) -> PlaceLine:
        if kind in (Place.REFERENCE, Place.SETTING, Place.TYPED):
            known = self.references.get(name, {})
            return PlaceLine(str(kind), name, condition, str(known.get("sha256", "")), known or None)
        source = self._source(name)
        numbers = sorted(entry for entry in entries if isinstance(entry, int))
        records = (
            [*numbers, *sorted(entry for entry in entries if isinstance(entry, str))] if kind == Place.RECORD else []
        )
        cells = list(entries.values()) if kind == Place.CELL else []
        told = {field: plain(source[field]) for field in SOURCE_FACTS if field in source}
        return PlaceLine(
            str(kind),
            str(source.get("file", name)),
            condition,
            str(source.get("sha256", "")),
            told,
            sheet,
            cells,
            records,
        )

    def _source(self, source_id: str) -> dict[Any, Any]:
        sources = self.tables["sources"]
        rows = sources[sources["source_id"].eq(source_id)].to_dict("records")
        return rows[0] if rows else {}


FACTS = (
    "availability", "nature", "indicator", "unit", "base", "period", "year", "class_rule",
    "variant", "confidence", "reason", "gap_reason", "flag", "placement", "offer_source", "source_id", "geo_vintage",
)  # fmt: skip
SOURCE_FACTS = ("source_id", "title", "producer", "licence", "vintage", "nature")
ORDER = [str(place) for place in (Place.CELL, Place.RECORD, Place.FILE, Place.REFERENCE, Place.TYPED, Place.SETTING)]


def _cell(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A cell, the text it holds, the zone it speaks of, and whether a person corrected it."""
    cell = {"cell": f"{row['column']}{row['row']}", "text": str(row["published_text"])}
    cell["zone"] = str(row.get("published_zone", row["zone_code"]))
    if CORRECTED in str(row.get("flag", "")):
        cell["correction"] = str(row["flag"])
    return cell


def plain(value: Any) -> Any:
    """A value as JSON has it: None when missing, a date in letters, lists of text; geometries are not told."""
    if isinstance(value, (list, np.ndarray)):
        return [str(item) for item in value]
    if isinstance(value, bytes):
        return f"{len(value)} octets"
    if value is None or bool(pd.isna(value)):
        return None
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
