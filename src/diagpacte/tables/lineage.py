"""What each column of a table is made of: the rows of other tables that it reads, and where the reading ends.

Every room declares the columns it makes, in its own `lineage.py`; `Lineage` gathers them, `walk` follows them.
A declaration says what a column *reads*, however little it uses of it: what is outside never changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.errors import ContractError
from diagpacte.tables.registry import TABLES

GROUPED = 50_000  # rows above which a table is searched rather than sorted out once
Positions = NDArray[np.intp]  # rows of a table, from 0, rising


class Role(StrEnum):
    """What a column is to a reader."""

    FIGURE = "chiffre"
    LABEL = "libellé"
    KEY = "clé"
    TO_COME = "à venir"  # a column that only later work fills


class Place(StrEnum):
    """Where a walk ends; the values are those of the JSON."""

    CELL = "cellule"  # of a sheet
    RECORD = "enregistrement"  # of a file of offers
    FILE = "fichier"  # the whole of it
    REFERENCE = "référentiel"  # packaged with diagpacte
    SETTING = "réglage"  # of configs/
    TYPED = "saisie"  # of data/saisies


class Tables:
    """Tables by name, each made once, with what is looked up in them."""

    def __init__(self, makers: Mapping[str, Callable[[Tables], pd.DataFrame]]) -> None:
        self._makers = makers
        self._made: dict[str, Any] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._makers

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.once(name, lambda: self._makers[name](self).reset_index(drop=True))
        return frame

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made the first time only."""
        if what not in self._made:
            self._made[what] = make()
        return self._made[what]

    def column(self, name: str, column: str) -> list[Any]:
        """A column as plain values."""
        values: list[Any] = self.once(f"{name}\0{column}\0valeurs", self[name][column].tolist)
        return values

    def find(self, name: str, columns: Sequence[str], wanted: Iterable[tuple[Any, ...]]) -> Positions:
        """The rows of a table whose `columns` are one of `wanted`; a missing value is equal to none."""
        sought = set(wanted)
        if len(self[name]) <= GROUPED:
            return joined(self.groups(name, columns).get(values) for values in sought)
        frame = self[name][list(columns)]
        parts = zip(frame.columns, zip(*sought, strict=True), strict=True) if sought else ()
        near = np.logical_and.reduce([frame[column].isin(values).to_numpy(bool) for column, values in parts])
        rows = np.flatnonzero(near) if sought else np.empty(0, dtype=np.intp)
        exact = [values in sought for values in frame.iloc[rows].itertuples(index=False, name=None)]
        return np.asarray(rows[np.array(exact, dtype=bool)], dtype=np.intp)

    def groups(self, name: str, columns: Sequence[str]) -> dict[tuple[Any, ...], Positions]:
        """The rows of a table by what stands in `columns`."""

        def make() -> dict[tuple[Any, ...], Positions]:
            found = self[name].groupby(list(columns), sort=False, dropna=True).indices
            return {(key if isinstance(key, tuple) else (key,)): np.asarray(rows) for key, rows in found.items()}

        groups: dict[tuple[Any, ...], Positions] = self.once(f"{name}\0{'|'.join(columns)}", make)
        return groups

    def keys(self, name: str, key: Sequence[str]) -> list[str]:
        """The key of each row as ids write it."""

        def make() -> list[str]:
            columns = [[str(value) for value in self.column(name, part)] for part in key]
            return ["|".join(parts) for parts in zip(*columns, strict=True)]

        keys: list[str] = self.once(f"{name}\0clés", make)
        return keys


Select = Callable[[pd.DataFrame, Tables], Positions]  # (our rows, all tables) → their rows


@dataclass(frozen=True)
class Link:
    """The rows of `table` that a row reads, in `columns`.

    `on`: their column → ours, equal; `select` instead, where equality does not say it. `condition`: they decide
    that the figure is there or by which rule it is made, its amount does not come from them.
    """

    table: str
    columns: tuple[str, ...]
    on: Mapping[str, str] = field(default_factory=dict)
    select: Select | None = None
    condition: bool = False

    def rows(self, table: str, ours: Positions, tables: Tables) -> Positions:
        """The rows of `self.table` that the rows `ours` of `table` read; none when there is no such table."""
        if self.table not in tables:
            return np.empty(0, dtype=np.intp)

        def make() -> Positions:
            if self.select is not None:
                return self.select(tables[table].iloc[ours], tables)
            columns = [tables.column(table, column) for column in self.on.values()]
            wanted = [tuple(column[row] for column in columns) for row in ours.tolist()]
            return tables.find(self.table, list(self.on), wanted)

        found: Positions = tables.once(f"{id(self)}\0{table}\0{ours.tobytes()!r}", make)
        return found


@dataclass(frozen=True)
class Origin:
    """Where the reading ends: `name` is the packaged table or the file of configs/.

    `source`: our column that names the source; empty, every source received. `kinds`: only sources of these kinds,
    whatever our column says. `record`: our column that names the record there. `only`: our rows concerned, by what
    stands in a column.
    """

    place: Place
    name: str = ""
    source: str = ""
    kinds: tuple[str, ...] = ()
    record: str = ""
    only: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reads:
    """How `columns` of `table` are made: one operation in French, what it reads, where it ends."""

    table: str
    columns: tuple[str, ...]
    operation: str
    links: tuple[Link, ...] = ()
    origins: tuple[Origin, ...] = ()
    role: Role = Role.FIGURE

    @property
    def name(self) -> str:
        return f"{self.table}/{self.columns[0]}"


@dataclass(frozen=True)
class View:
    """A table that a deliverable makes of others, on no disk: its key, and French descriptions of its columns."""

    name: str
    purpose: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    make: Callable[[Tables], pd.DataFrame]


@dataclass(frozen=True)
class Lineage:
    """Every declaration, by table and column. Raises ContractError when two speak of one column, or none of what is read."""

    declared: Sequence[Reads]
    views: Mapping[str, View] = field(default_factory=dict)

    def __post_init__(self) -> None:
        spoken = [(reads.table, column) for reads in self.declared for column in reads.columns]
        twice = sorted({place for place in spoken if spoken.count(place) > 1})
        unknown = sorted({place for place in spoken if place[1] not in self.columns(place[0])})
        read = {(link.table, name) for reads in self.declared for link in reads.links for name in link.columns}
        silent = sorted(read - set(spoken))
        if twice or unknown or silent:
            raise ContractError(f"filiation : deux fois {twice}, inconnues {unknown}, lues sans être dites {silent}")

    def columns(self, table: str) -> Sequence[str]:
        if table in self.views:
            view = self.views[table]
            return [*view.key, *(name for name in view.columns if name not in view.key)]
        return list(TABLES[table].columns)

    def key(self, table: str) -> tuple[str, ...]:
        return self.views[table].key if table in self.views else TABLES[table].key

    def description(self, table: str, column: str) -> str:
        """What the column is, in French."""
        if table in self.views:
            return self.views[table].columns.get(column, column)
        return TABLES[table].columns[column].description

    def tables(self) -> list[str]:
        return list(dict.fromkeys(reads.table for reads in self.declared))

    @cached_property
    def by_column(self) -> dict[tuple[str, str], Reads]:
        return {(reads.table, column): reads for reads in self.declared for column in reads.columns}

    @cached_property
    def order(self) -> list[Reads]:
        """Declarations so that each comes before all it reads; ContractError when they turn in a circle."""
        done: dict[str, bool] = {}
        order: list[Reads] = []

        def visit(reads: Reads, above: tuple[str, ...]) -> None:
            if reads.name in above:
                raise ContractError(f"filiation circulaire : {' → '.join([*above, reads.name])}")
            if reads.name not in done:
                for link in reads.links:
                    for column in link.columns:
                        visit(self.by_column[link.table, column], (*above, reads.name))
                done[reads.name] = True
                order.append(reads)

        for reads in self.declared:
            visit(reads, ())
        return order[::-1]


def joined(found: Iterable[Positions | None]) -> Positions:
    """All these rows, each once, rising."""
    parts = [rows for rows in found if rows is not None and len(rows)]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.intp)
