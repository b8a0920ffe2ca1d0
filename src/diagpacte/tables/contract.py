"""How a table is declared and checked: a row model that documents, a check by column."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel, Field

from diagpacte.errors import ContractError

ZONE = r"^(FRA|FRM|(EPCI|EPT):\d{9}|COM:(\d{5}|2[AB]\d{3})|DEP:(\d{2}|2[AB]|97\d)|REG:\d{2}|CTCD:(20R|69D|69M|6AE)|HORS:(\d{2}|2[AB]|97\d|FRM))$"
COMMUNE = r"^(\d{5}|2[AB]\d{3})$"


class Row(BaseModel, frozen=True, extra="forbid"):
    """One row; a field's description is French (it is printed), its unit is in `unit`."""


def col(description: str, unit: str = "", **rules: Any) -> Any:
    """A column: its French description, its unit, its bounds (`ge`, `le`) or `pattern`."""
    return Field(description=description, json_schema_extra={"unit": unit}, **rules)


@dataclass(frozen=True)
class Column:
    """How a column is stored and checked."""

    kind: type
    nullable: bool
    description: str
    unit: str
    low: float | None = None
    high: float | None = None
    above: float | None = None
    pattern: str | None = None

    @property
    def dtype(self) -> str:
        if self.kind is int:
            return "Int64" if self.nullable else "int64"
        if self.kind is bool:
            return "boolean" if self.nullable else "bool"
        if self.kind is float:
            return "float64"
        return "str" if issubclass(self.kind, str) else "object"


def _column(info: Any) -> Column:
    annotation, nullable = info.annotation, False
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(kind for kind in get_args(annotation) if kind is not type(None))
        nullable = True
    rules: dict[str, Any] = {}
    for rule in info.metadata:
        for ours, theirs in (("low", "ge"), ("high", "le"), ("above", "gt"), ("pattern", "pattern")):
            if getattr(rule, theirs, None) is not None:
                rules[ours] = getattr(rule, theirs)
    return Column(
        kind=get_origin(annotation) or annotation,
        nullable=nullable,
        description=info.description or "",
        unit=(info.json_schema_extra or {}).get("unit", ""),
        **rules,
    )


Rule = tuple[str, Callable[[pd.DataFrame], "pd.Series[bool]"]]


@dataclass(frozen=True)
class Table:
    """A table's name, purpose and key; `row` is None as long as nothing fills it."""

    name: str
    purpose: str
    key: tuple[str, ...]
    row: type[Row] | None = None
    rules: tuple[Rule, ...] = ()
    geometry: tuple[str, ...] = field(default=())

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        if self.row is None:
            raise ContractError(f"la table {self.name} n’est remplie par aucune étape")
        return {name: _column(info) for name, info in self.row.model_fields.items()}

    def frame(self, rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """`rows` with exactly the declared columns, in order, with their types, then checked.

        Raises ContractError when a column is missing or unknown, or when the check fails.
        """
        if isinstance(rows, pd.DataFrame):
            frame = rows
        else:
            frame = pd.DataFrame(list(rows), columns=None if rows else list(self.columns))
        if set(frame.columns) != set(self.columns):
            missing, unknown = set(self.columns) - set(frame.columns), set(frame.columns) - set(self.columns)
            raise ContractError(f"{self.name} : colonnes absentes {sorted(missing)}, inconnues {sorted(unknown)}")
        typed = {name: frame[name].astype(column.dtype) for name, column in self.columns.items()}  # type: ignore[call-overload]
        return self.check(pd.DataFrame(typed).reset_index(drop=True))

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` itself when it keeps the contract; else ContractError with every breach."""
        breaches = [breach for name, column in self.columns.items() for breach in _breaches(frame[name], column)]
        if self.key and frame.duplicated(list(self.key)).any():
            example = frame.loc[frame.duplicated(list(self.key)), list(self.key)].iloc[0].tolist()
            breaches.append(f"clé {self.key} répétée, par exemple {example}")
        breaches += [text for text, holds in self.rules if not bool(holds(frame).all())]
        if breaches:
            raise ContractError(f"{self.name} : " + " ; ".join(breaches))
        return frame


def _breaches(values: pd.Series[Any], column: Column) -> list[str]:
    name, found = values.name, values.dropna()
    breaches = []
    if not column.nullable and len(found) < len(values):
        breaches.append(f"{name} : {len(values) - len(found)} valeurs manquantes")
    if issubclass(column.kind, StrEnum):
        unknown = set(found.unique()) - {str(item) for item in column.kind}
        if unknown:
            breaches.append(f"{name} : valeurs hors liste {sorted(unknown)}")
    if column.pattern is not None:
        distinct = pd.Series(found.unique(), dtype="str")
        wrong = distinct[~distinct.str.match(column.pattern)]
        if len(wrong):
            breaches.append(f"{name} : « {wrong.iloc[0]} » ne suit pas {column.pattern}")
    outside = pd.Series(False, index=found.index)
    if column.low is not None:
        outside |= found < column.low
    if column.high is not None:
        outside |= found > column.high
    if column.above is not None:
        outside |= found <= column.above
    if outside.any():
        breaches.append(f"{name} : {found[outside].iloc[0]} hors bornes")
    return breaches
