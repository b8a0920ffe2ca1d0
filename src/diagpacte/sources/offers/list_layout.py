"""How a plain list of places is read: configs/layouts/*.toml of kind « offre_liste »."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from diagpacte.errors import ConfigurationError, Fault

LIST_KIND = "offre_liste"

ListField = Literal[
    "id", "name", "address", "commune_code", "commune_name", "postcode", "lat", "lon", "service_type", "siret"
]


class Part(BaseModel, frozen=True, extra="forbid"):
    """A table of the TOML."""


class ListDate(Part):
    """The date of the list, written in the name of its file (groups year, month, day)."""

    file_name: str

    @field_validator("file_name")
    @classmethod
    def _names_a_day(cls, pattern: str) -> str:
        try:
            groups = set(re.compile(pattern).groupindex)
        except re.error as error:
            raise ValueError(f"« {pattern} » n’est pas une expression régulière") from error
        if {"year", "month", "day"} - groups:
            raise ValueError("les groupes year, month et day sont attendus")
        return pattern

    def read(self, name: str) -> date | None:
        """The day in `name`; None when it is not there, or no day."""
        found = re.search(self.file_name, name)
        try:
            return date(*(int(found[part]) for part in ("year", "month", "day"))) if found else None
        except ValueError:
            return None


class ListDetection(Part):
    """The headings that tell this list from any other."""

    columns: tuple[str, ...] = Field(min_length=1)


class ListConstants(Part):
    """What the list does not say place by place."""

    source: str = Field(min_length=1)
    networks: tuple[str, ...] = ()
    thematics: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()
    in_person: bool = True
    remote: bool = False
    claim: str = ""


class ListFormats(Part):
    """Values of `service_type`: a fixed place, or a round whose point is its base."""

    fixed: tuple[str, ...] = ()
    mobile: tuple[str, ...] = ()


class ListDrop(Part):
    """Columns never read: personal data, or free text that may hold some."""

    columns: tuple[str, ...] = ()


class ListLayout(Part):
    """One list: one row per place, which becomes a structure of a single source."""

    name: str
    kind: Literal["offre_liste"]
    title: str
    producer: str
    licence: str
    separator: str = Field(",", pattern="^[,;\t]$")
    as_of: ListDate
    detect: ListDetection
    columns: Mapping[ListField, str]
    constants: ListConstants
    formats: ListFormats = ListFormats()
    drop: ListDrop = ListDrop()

    @field_validator("columns")
    @classmethod
    def _identity_is_read(cls, columns: Mapping[ListField, str]) -> Mapping[ListField, str]:
        if missing := {"id", "name"} - set(columns):
            raise ValueError(f"colonnes obligatoires absentes : {', '.join(sorted(missing))}")
        return columns

    @model_validator(mode="after")
    def _dropped_is_not_read(self) -> Self:
        if both := set(self.drop.columns) & set(self.columns.values()):
            raise ValueError(f"colonnes à la fois lues et écartées : {', '.join(sorted(both))}")
        return self


def list_layouts(layouts: Mapping[str, Mapping[str, Any]]) -> dict[str, ListLayout]:
    """The plain-list layouts among those of the settings; raises ConfigurationError with every fault."""
    read, faults = {}, []
    for name, layout in layouts.items():
        if layout.get("kind") != LIST_KIND:
            continue
        try:
            read[name] = ListLayout.model_validate(layout)
        except ValidationError as error:
            faults += [
                Fault(
                    f"layouts/{name}.toml",
                    cell=f"« {'.'.join(str(part) for part in detail['loc'])} »",
                    found=_found(detail),
                    remedy="reprendre la forme de layouts/france_services.toml",
                )
                for detail in error.errors()
            ]
    if faults:
        raise ConfigurationError(*faults)
    return read


def _found(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":  # one of ours, in French
        return str(detail["ctx"]["error"])
    words = {"missing": "réglage absent", "extra_forbidden": "réglage inconnu"}
    return words.get(detail["type"], f"« {detail['input']} » ne convient pas")
