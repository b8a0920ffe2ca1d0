"""The observations of one geography as a rectangle, zones × columns: how coherence is judged in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, cell_name, column_number
from diagpacte.sources.layout.table_rows import named
from diagpacte.sources.meaning.blocks import french
from diagpacte.vocabulary import ZoneKind

ABSENT = -1  # a zone without an observation for that column
SHOWN_DECIMALS = 2
PARIS = "COM:75056"
PARTICULAR = (f"{ZoneKind.EPT}:", f"{ZoneKind.OUTSIDE_EPCI}:")

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


class Column(NamedTuple):
    """One indicator of one year, in its base."""

    indicator: str
    year: int
    base: str


@dataclass(frozen=True)
class Grid:
    """Observations that share a geography, each zone and column once.

    `place[zone, column]` is the position of the observation in `rows`, ABSENT when there is none; `value` is
    NaN where it has none. `low` and `high` are the bounds of a rounded or censored value (infinite where one
    is not told), else the value.
    """

    rows: pd.DataFrame
    files: Mapping[str, str]  # source_id → file
    vintage: int
    zones: NDArray[np.object_]
    levels: NDArray[np.object_]  # of each zone; EPT, and Paris alone among them, are of the level EPCI
    columns: tuple[Column, ...]
    place: Places
    value: Numbers
    low: Numbers
    high: Numbers

    @cached_property
    def years(self) -> Mapping[str, list[int]]:
        """The years of each indicator, rising."""
        found: dict[str, list[int]] = {}
        for column in sorted(self.columns):
            found.setdefault(column.indicator, []).append(column.year)
        return found

    def column(self, indicator: str, year: int) -> int | None:
        """Position of the column of an indicator in a year; None when the file has none."""
        return next((i for i, one in enumerate(self.columns) if (one.indicator, one.year) == (indicator, year)), None)

    @cached_property
    def position(self) -> Mapping[str, int]:
        return {str(zone): position for position, zone in enumerate(self.zones)}

    @cached_property
    def particular(self) -> frozenset[str]:
        """The EPT, and the zones outside EPCI: they change what an EPCI-level zone is."""
        return frozenset(zone for zone in self.position if zone.startswith(PARTICULAR))

    def zone_positions(self, codes: Iterable[str]) -> NDArray[np.intp]:
        """Position of each code among the zones, -1 when it is not there."""
        return np.array([self.position.get(code, ABSENT) for code in codes], dtype=np.intp)

    def by_sheet(self, zones: NDArray[np.intp], columns: Sequence[int]) -> Iterator[tuple[NDArray[np.intp], Places]]:
        """Zones that have one of `columns`, sheet of the first of them by sheet, with their observations."""
        found = self.place[np.ix_(zones, np.asarray(columns, dtype=np.intp))]
        told = (found != ABSENT).any(axis=1)
        zones, found = zones[told], found[told]
        if not len(zones):
            return
        first = found[np.arange(len(found)), (found != ABSENT).argmax(axis=1)]
        sheets, names = pd.factorize(self.rows["sheet"].iloc[first])
        for number in range(len(names)):
            here = found[sheets == number]
            yield zones[sheets == number], here[here != ABSENT]

    def fault(
        self,
        places: Sequence[int] | Places,
        found: str,
        expected: str,
        remedy: str,
        kind: FaultKind = FaultKind.COHERENCE,
        severity: Severity = Severity.CHECK,
    ) -> Fault:
        """The fault of these observations; cells of the first one's sheet."""
        rows = self.rows[["source_id", "sheet", "row", "column"]].iloc[np.asarray(places, dtype=np.intp)]
        file, sheet = str(rows["source_id"].iloc[0]), str(rows["sheet"].iloc[0])
        here = rows[rows["source_id"].eq(file) & rows["sheet"].eq(sheet)].drop_duplicates(["row", "column"])
        letters, distinct = pd.factorize(here["column"])
        numbers = np.array([column_number(str(one)) for one in distinct], dtype=np.intp)[letters]
        cells = list(zip(here["row"].tolist(), numbers.tolist(), strict=True))
        names = named([cell_name(*cell) for cell in cells])
        return Fault(self.files.get(file, file), sheet, names, found, expected, remedy, severity, kind, areas(cells))


def grids(observations: pd.DataFrame, files: Mapping[str, str]) -> Iterator[Grid]:
    """One grid per geography of `observations`, whose key is unique."""
    vintages = observations["geo_vintage"].to_numpy()
    for vintage in np.unique(vintages):
        rows = observations if (vintages == vintage).all() else observations[vintages == vintage]
        yield _grid(rows, files, int(vintage))


def _grid(rows: pd.DataFrame, files: Mapping[str, str], vintage: int) -> Grid:
    zone, zones = _coded(rows["zone_code"])
    column, columns = _columns(rows)
    shape = (len(zones), len(columns))
    place = np.full(shape, ABSENT, dtype=np.int64)
    place[zone, column] = np.arange(len(rows))
    value = _spread(rows["value"], zone, column, shape)
    low, high = _bounds(rows, value, zone, column)
    return Grid(rows, files, vintage, zones, _levels(zones), columns, place, value, low, high)


def _coded(values: pd.Series[Any]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    codes, distinct = pd.factorize(values)
    return codes, np.asarray(distinct, dtype=object)


def _columns(rows: pd.DataFrame) -> tuple[NDArray[np.intp], tuple[Column, ...]]:
    """Position of the column of each row, and the columns in the order of their first row."""
    indicator, indicators = _coded(rows["indicator"])
    base, bases = _coded(rows["base"])
    year, years = pd.factorize(rows["year"])
    key, keys = pd.factorize((indicator * len(bases) + base) * len(years) + year)
    columns = tuple(
        Column(
            str(indicators[one // len(years) // len(bases)]),
            int(years[one % len(years)]),
            str(bases[one // len(years) % len(bases)]),
        )
        for one in keys.tolist()
    )
    return key, columns


def _spread(
    values: pd.Series[Any], zone: NDArray[np.intp], column: NDArray[np.intp], shape: tuple[int, int]
) -> Numbers:
    spread = np.full(shape, np.nan)
    spread[zone, column] = values.to_numpy(dtype=np.float64)
    return spread


def _bounds(
    rows: pd.DataFrame, value: Numbers, zone: NDArray[np.intp], column: NDArray[np.intp]
) -> tuple[Numbers, Numbers]:
    """The bounds where they are told, the values elsewhere; a value with one bound only is unknown on the other side."""
    if rows["lower"].isna().all() and rows["upper"].isna().all():
        return value, value
    shape = (value.shape[0], value.shape[1])
    low, high = (_spread(rows[name], zone, column, shape) for name in ("lower", "upper"))
    exact, valued = np.isnan(low) & np.isnan(high), np.isfinite(value)
    low = np.where(exact, value, np.where(np.isnan(low) & valued, -np.inf, low))
    return low, np.where(exact, value, np.where(np.isnan(high) & valued, np.inf, high))


def _levels(zones: NDArray[np.object_]) -> NDArray[np.object_]:
    levels = np.array([str(zone).partition(":")[0] for zone in zones], dtype=object)
    levels[levels == str(ZoneKind.EPT)] = str(ZoneKind.EPCI)
    communes = levels == str(ZoneKind.COMMUNE)
    if communes.sum() == 1 and (levels == str(ZoneKind.EPCI)).any():
        levels[communes & (zones == PARIS)] = str(ZoneKind.EPCI)
    return levels


def shown(value: float | np.floating[Any]) -> str:
    """« 97,3 », « 109 439 »: a number in a sentence."""
    rounded = round(float(value), SHOWN_DECIMALS)
    if not float(rounded).is_integer() or abs(rounded) < 10_000:  # noqa: PLR2004 (four digits are read at once)
        return french(rounded)
    return f"{int(rounded):,}".replace(",", "\u00a0")


def zone_name(zone: str, names: Mapping[str, str] | None = None) -> str:
    """« EPCI 200000172 (CC Faucigny-Glières) »; « France métropolitaine »."""
    alone = {ZoneKind.FRANCE.value: "France", ZoneKind.METROPOLE.value: "France métropolitaine"}
    level, _, code = zone.partition(":")
    name = (names or {}).get(zone, "")
    return alone.get(zone, f"{level} {code}") + (f" ({name})" if name else "")
