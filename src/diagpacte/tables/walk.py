"""From one figure back to where it comes from, through every declaration on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from diagpacte.tables.lineage import Lineage, Origin, Positions, Reads, Tables


@dataclass
class Step:
    """Rows of a table that a figure stands on, in some columns made by one operation.

    A `condition` only decides that the figure is there, or by which rule: its amount does not come from these rows.
    `below` names the steps it reads.
    """

    reads: Reads
    condition: bool
    rows: Positions
    columns: list[str]
    below: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return name_of(self.reads, condition=self.condition)


@dataclass(frozen=True)
class Walk:
    """Every step of a figure, the figure's own first, each before those it reads."""

    steps: dict[str, Step]

    @property
    def first(self) -> Step:
        return next(iter(self.steps.values()))

    def ends(self) -> Iterator[tuple[Step, Origin]]:
        """Where the walk ends, nearest the figure first."""
        for step in self.steps.values():
            for origin in step.reads.origins:
                yield step, origin


def name_of(reads: Reads, *, condition: bool) -> str:
    """« needs/value », « needs/value (condition) »."""
    return f"{reads.name} (condition)" if condition else reads.name


def walk(lineage: Lineage, tables: Tables, table: str, column: str, rows: Positions) -> Walk:
    """All that `column` stands on in `rows` of `table`.

    Rows are gathered for each operation: what one figure reads by two ways is there once, and not among the
    conditions when its amount comes from it.
    """
    start = lineage.by_column[table, column]
    found = {start.name: Step(start, False, rows, [column])}
    walked: dict[str, Step] = {}
    for reads in lineage.order:
        for condition in (False, True):
            step = found.get(name_of(reads, condition=condition))
            main = walked.get(reads.name)
            if step is not None and condition and main is not None and set(step.columns) <= set(main.columns):
                step.rows = np.setdiff1d(step.rows, main.rows, assume_unique=True)
            if step is not None and len(step.rows):
                walked[step.name] = step
                _read(lineage, tables, found, step)
    for step in walked.values():
        step.below = [name for name in step.below if name in walked]
    return Walk(walked)


def _read(lineage: Lineage, tables: Tables, found: dict[str, Step], step: Step) -> None:
    """Add to `found` what a step reads."""
    for link in step.reads.links:
        theirs = link.rows(step.reads.table, step.rows, tables)
        for column in link.columns if len(theirs) else ():
            reads, condition = lineage.by_column[link.table, column], link.condition or step.condition
            name = name_of(reads, condition=condition)
            below = found.setdefault(name, Step(reads, condition, theirs, []))
            below.rows = theirs if below.rows is theirs else np.union1d(below.rows, theirs)
            below.columns += [] if column in below.columns else [column]
            step.below += [] if name in step.below else [name]
