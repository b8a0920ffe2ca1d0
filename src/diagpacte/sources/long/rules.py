"""How tables with one line per zone and measure are read (configs/layouts/indicators_long.toml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator

from diagpacte.vocabulary import Availability


class LongHeadings(BaseModel, frozen=True, extra="forbid"):
    """Headings of each role, in order of preference, compared as all headings are.

    A column under none of them splits the measures (age, sex…): a dimension.
    """

    code: tuple[str, ...]
    label: tuple[str, ...]
    level: tuple[str, ...]
    measure: tuple[str, ...]
    measure_pattern: str = Field(description="Expression régulière de tout autre intitulé de mesure.")
    value: tuple[str, ...]
    period: tuple[str, ...]
    unit: tuple[str, ...]
    multiplier: tuple[str, ...]
    confidentiality: tuple[str, ...]
    status: tuple[str, ...]
    other: tuple[str, ...]

    @field_validator("measure_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"expression régulière illisible : {error}") from None
        return pattern


class Status(BaseModel, frozen=True, extra="forbid"):
    """What a word of a status column makes of the value, and the mention kept beside it."""

    availability: Availability
    flag: str = ""


class Dimension(BaseModel, frozen=True, extra="forbid"):
    """A dimension whose categories have a name of ours, each with the words files use for it."""

    headings: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]


class Measure(BaseModel, frozen=True, extra="forbid"):
    """An indicator, the names of its measure, and the categories that single it out; all else is total."""

    indicator: str
    names: tuple[str, ...]
    where: Mapping[str, str] = {}


class LongRules(BaseModel, frozen=True, extra="forbid"):
    """How the long tables of one family of producers are laid out."""

    name: str
    kind: str
    headings: LongHeadings
    totals: tuple[str, ...]  # words of a dimension that do not split
    levels: Mapping[str, str]  # word of the level column → prefix of the zone code
    unread_levels: Mapping[str, str]  # word of the level column → what these places are
    france: Mapping[str, str]  # code of the level FRANCE → zone code
    units: Mapping[str, tuple[str, ...]]  # word of the unit column → units of the dictionary it agrees with
    multipliers: Mapping[str, int]  # word → power of ten
    confidentiality: Mapping[str, Status]
    status: Mapping[str, Status]
    dimensions: Mapping[str, Dimension]
    measures: tuple[Measure, ...]

    @model_validator(mode="after")
    def _categories_exist(self) -> Self:
        for measure in self.measures:
            for dimension, category in measure.where.items():
                if dimension not in self.dimensions or category not in self.dimensions[dimension].categories:
                    raise ValueError(f"« {dimension} = {category} » de « {measure.indicator} » n’est pas décrit")
        return self
