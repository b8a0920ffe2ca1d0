"""Blocks of values → the table Observations: one row per zone and indicator, doubles told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, column_letters, column_number
from diagpacte.sources.layout.cells import AVAILABILITIES, OBSERVED
from diagpacte.sources.layout.table_rows import Skipped, named
from diagpacte.sources.meaning.block import Block
from diagpacte.sources.parts import without_parts
from diagpacte.tables import TABLES, Observations
from diagpacte.vocabulary import Availability, Nature, ZoneCode

NATURES = tuple(Nature)
SAY_WHICH = (
    "dire laquelle ne pas lire (« garder » : non) dans la feuille « Colonnes » de data/saisies/correspondance.xlsx, "
    "ou corriger la valeur ou le code de zone"
)
ESTIMATED = AVAILABILITIES.index(Availability.ESTIMATED)
KEY = list(TABLES["observations"].key)
Place = tuple[int, int]  # of a block, and of a column in it


@dataclass(frozen=True)
class Assembled:
    """`repeated` are observations_superseded: the second of two cells for one key, a fault telling where they differ.

    `twins`: two columns that give one figure otherwise, each as the place of its block and its place there.
    """

    observations: Observations
    repeated: pd.DataFrame
    faults: list[Fault] = field(default_factory=list)
    twins: list[tuple[Place, Place]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)  # rows that give parts of a zone


def assemble(file: str, source_id: str, blocks: Sequence[Block]) -> Assembled:
    """The observations of `blocks`, one for each key; rows that give an EPCI in parts are none."""
    table, aside = TABLES["observations"], TABLES["observations_superseded"]
    if not blocks:
        return Assembled(Observations(table.frame([])), aside.frame([]))
    if not _may_repeat(blocks):
        frame = pd.concat([_frame(block, source_id) for block in blocks], ignore_index=True)
        return Assembled(Observations(table.frame(frame)), aside.frame([]))
    whole = without_parts(file, blocks)
    blocks = whole.blocks
    frame = pd.concat([_frame(block, source_id) for block in blocks], ignore_index=True)
    twice = frame.duplicated(KEY, keep=False)
    places, numbers = _numbered(blocks)
    pairs = _pairs(frame[twice].assign(place=numbers[twice.to_numpy()]))
    two = pairs.loc[~pairs["same"], ["place", "place_again"]].drop_duplicates()
    twins = [(places[one], places[other]) for one, other in two.itertuples(index=False)]
    twins = [pair for pair in twins if _apart(blocks, pair)]
    again = frame.duplicated(KEY)
    return Assembled(
        Observations(table.frame(frame[~again])),
        aside.frame(frame[again]),
        [*whole.faults, *_double_faults(file, pairs)],
        twins,
        whole.skipped,
    )


def _numbered(blocks: Sequence[Block]) -> tuple[list[Place], NDArray[np.intp]]:
    """Every column of `blocks`, and which of them each cell that is kept stands in, in the order of `_frame`."""
    places: list[Place] = []
    numbers = []
    for number, block in enumerate(blocks):
        height, width = block.value.shape
        numbers.append((np.tile(np.arange(width), height) + len(places))[block.kept.ravel()])
        places += [(number, column) for column in range(width)]
    return places, np.concatenate(numbers)


def _apart(blocks: Sequence[Block], pair: tuple[Place, Place]) -> bool:
    """Whether two columns are not the same one of a sheet, whose rows say a zone twice."""
    one, other = ((blocks[block].sheet, blocks[block].columns[column].column) for block, column in pair)
    return one != other


def _may_repeat(blocks: Sequence[Block]) -> bool:
    """Whether a key can stand twice: looking costs more than reading when there are millions of cells."""
    seen: list[tuple[set[ZoneCode], set[tuple[str, int]]]] = []
    for block in blocks:
        zones, columns = set(block.rows.zones), {(column.indicator.indicator, column.year) for column in block.columns}
        if len(zones) < len(block.rows.zones) or len(columns) < len(block.columns):
            return True
        if any(zones & others and columns & known for others, known in seen):
            return True
        seen.append((zones, columns))
    return False


def _frame(block: Block, source_id: str) -> pd.DataFrame:
    """One row per cell kept, in the order of the sheet. A number becomes its shortest exact text."""
    height, width = block.value.shape
    kept = block.kept.ravel()
    row = np.repeat(np.arange(height), width)[kept]
    column = np.tile(np.arange(width), height)[kept]
    columns = block.columns
    nature, availability = _certainty(block)
    flags = np.full(block.value.shape, "", dtype=object)
    for place, flag in block.flags.items():
        flags[place] = flag
    lower, upper = (np.full(block.value.shape, np.nan) for _ in range(2))
    for place, ends in block.intervals.items():
        lower[place], upper[place] = ends
    once = np.zeros(len(row), dtype=np.intp)
    raw = block.raw.ravel()[kept]
    texts = pc.coalesce(
        pc.cast(pa.array(raw, mask=np.isnan(raw)), pa.string()),
        pa.array(block.text.ravel()[kept], type=pa.string()),
        pa.scalar(""),
    )
    return pd.DataFrame({
        "zone_code": _spread(block.rows.zones, row),
        "indicator": _spread([column.indicator.indicator for column in columns], column),
        "year": np.array([column.year for column in columns], dtype=np.int64)[column],
        "base": _spread([str(column.indicator.base) for column in columns], column),
        "geo_vintage": block.geo_vintage,
        "value": block.value.ravel()[kept],
        "lower": lower.ravel()[kept],
        "upper": upper.ravel()[kept],
        "availability": _spread([str(item) for item in AVAILABILITIES], availability.ravel()[kept]),
        "nature": _spread([str(item) for item in NATURES], nature.ravel()[kept]),
        "flag": pd.Series(flags.ravel()[kept], dtype="str"),
        "published_code": _spread([column.published_code for column in columns], column),
        "published_text": _text(texts),
        "period": _spread([column.period for column in columns], column),
        "source_id": _spread([source_id], once),
        "sheet": _spread([block.sheet], once),
        **_cell_places(block, row, column),
    })  # fmt: skip


def _cell_places(block: Block, row: NDArray[np.intp], column: NDArray[np.intp]) -> dict[str, object]:
    """Row and column letters, in the file, of each value."""
    numbers, places = block.rows.numbers, [one.column for one in block.columns]
    if block.turned:
        numbers, places, row, column = places, numbers, column, row
    letters = _spread([column_letters(place) for place in places], column)
    return {"row": np.array(numbers, dtype=np.int64)[row], "column": letters}


def _certainty(block: Block) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Nature and availability of each cell: a column of estimates, or a cell flagged « e », is both."""
    estimated = NATURES.index(Nature.ESTIMATED)
    nature = np.broadcast_to(
        np.array([NATURES.index(column.nature) for column in block.columns], dtype=np.int8), block.value.shape
    )
    availability = np.where((nature == estimated) & (block.availability == OBSERVED), ESTIMATED, block.availability)
    return np.where(availability == ESTIMATED, np.maximum(nature, estimated), nature), availability


def _spread(values: Sequence[str], places: NDArray[np.integer]) -> pd.Series[str]:
    """`values` at `places`, as a column of text."""
    return _text(pa.array(list(values), type=pa.string()).take(pa.array(places)))


def _text(values: pa.Array) -> pd.Series[str]:
    return pd.Series(pd.array(values, dtype="str"))


def _pairs(double: pd.DataFrame) -> pd.DataFrame:
    """Each cell that repeats a key beside the first of it, and whether they say the `same`."""
    pairs = double.drop_duplicates(KEY).merge(double[double.duplicated(KEY)], on=KEY, suffixes=("", "_again"))
    same_value = (pairs["value"] == pairs["value_again"]) | (pairs["value"].isna() & pairs["value_again"].isna())
    return pairs.assign(same=same_value & (pairs["availability"] == pairs["availability_again"]))


def _double_faults(file: str, pairs: pd.DataFrame) -> list[Fault]:
    """An information per pair of sheets for equal values; else blocking, per pair of rows or of columns."""
    same, faults = pairs["same"], []
    for (sheet, again), group in pairs[same].groupby(["sheet", "sheet_again"]):
        place = f", de nouveau dans la feuille « {again} »" if again != sheet else ""
        several = (
            f"{len(group)} valeurs données deux fois, identiques" if len(group) > 1 else "une valeur donnée deux fois"
        )
        found = several + place
        faults.append(
            Fault(
                file,
                str(sheet),
                _cells(group),
                found,
                remedy="rien à faire",
                severity=Severity.INFORMATION,
                kind=FaultKind.DOUBLE,
                cells=_areas(group),
            )
        )
    by_row, by_column = (
        pairs[~same].groupby(["sheet", "sheet_again", place, f"{place}_again"]) for place in ("row", "column")
    )
    faults += [_difference(file, group) for _, group in min(by_row, by_column, key=len)]
    return faults


def _cells(pairs: pd.DataFrame) -> str:
    return named([f"{column}{row}" for column, row in zip(pairs["column"], pairs["row"], strict=True)])


def _areas(pairs: pd.DataFrame) -> tuple[str, ...]:
    """Every cell of the pairs that stands in their first sheet."""
    again = pairs[pairs["sheet"] == pairs["sheet_again"]]
    places = [
        *zip(pairs["row"], pairs["column"], strict=True),
        *zip(again["row_again"], again["column_again"], strict=True),
    ]
    return areas((row, column_number(letters)) for row, letters in places)


def _difference(file: str, pairs: pd.DataFrame) -> Fault:
    one = pairs.iloc[0]
    two = one["sheet"] != one["sheet_again"] or one["place"] != one["place_again"]
    more = len(pairs) - 1
    others = f" ; de même pour {more} autre{'s'[: more > 1]} valeur{'s'[: more > 1]}" if more else ""
    place = f"{one['column_again']}{one['row_again']}"
    if one["sheet_again"] != one["sheet"]:
        place += f" de la feuille « {one['sheet_again']} »"
    return Fault(
        file,
        one["sheet"],
        f"{one['column']}{one['row']}",
        found=(
            f"« {_shown(one['published_text'])} » pour {one['published_code']} de {one['zone_code']}, "
            f"mais « {_shown(one['published_text_again'])} » en {place}{others}"
        ),
        expected="une seule valeur par zone, indicateur et année",
        remedy=SAY_WHICH if two else "garder la bonne valeur, ou le bon code de zone",
        kind=FaultKind.DOUBLE,
        cells=_areas(pairs),
    )


def _shown(text: str) -> str:
    """The text of a cell in a sentence: a decimal point becomes a comma."""
    return re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", text)
