"""The heart of `trace`: change one cell of a received file, and only figures that trace to it change."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lineage_world as lw
from diagpacte.errors import DataError
from diagpacte.tables import TABLES
from diagpacte.tables.lineage import Place, Positions, Role
from diagpacte.tables.walk import Walk
from lineage_world import Maker, World

MOST = 10  # figures of one column that are traced one by one in the short test
Figure = tuple[str, int, str]  # table, row, column


@dataclass(frozen=True)
class Touched:
    """The one thing that changed: a cell of a sheet, or the record of a structure or service."""

    source: str
    sheet: str = ""
    cell: str = ""
    row: int = 0
    structure: str = ""

    def rows(self, world: World, table: str) -> Positions:
        """Rows of a table of what was read that come straight from it."""
        frame = world.frames[table]
        if table == "raw_offers":
            own = frame["source_id"].eq(self.source) & frame["row"].eq(self.row)
            told = frame["structure_id"].eq(self.structure) & (self.source == lw.STRUCTURES)
            return np.flatnonzero(own | told)
        cells = frame["column"] + frame["row"].astype("str")
        return np.flatnonzero(frame["source_id"].eq(self.source) & frame["sheet"].eq(self.sheet) & cells.eq(self.cell))


class Reach:
    """Whether a figure of a world leads to what was touched."""

    def __init__(self, world: World, touched: Touched) -> None:
        self.world, self.touched = world, touched
        tables = ("observations", "observations_superseded", "observation_cells", "raw_offers")
        self.ends = {table: {*touched.rows(world, table).tolist()} for table in tables}

    def __call__(self, figure: Figure) -> bool:
        table, row, column = figure
        return self.leads(self.world.walk(table, column, row))

    def leads(self, walk: Walk) -> bool:
        return any(
            (origin.place is Place.FILE and (not origin.source or self._is_of(step.reads.table, step.rows)))
            or (
                origin.place in (Place.CELL, Place.RECORD)
                and not self.ends[step.reads.table].isdisjoint(step.rows.tolist())
            )
            for step, origin in walk.ends()
        )

    def _is_of(self, table: str, rows: Positions) -> bool:
        return bool(self.world.frames[table]["source_id"].iloc[rows].eq(self.touched.source).any())


def same(a: Any, b: Any) -> bool:
    if isinstance(a, (list, np.ndarray)) or isinstance(b, (list, np.ndarray)):
        return list(a) == list(b)
    if a is pd.NA or b is pd.NA:
        return a is b
    return bool(a == b) or (a != a and b != b)  # noqa: PLR0124


def changes(before: World, after: World) -> Iterator[tuple[Figure | None, Figure | None]]:
    """Every figure of every table that is not the same: its place in each of the two worlds."""
    lineage = before.shelf.lineage
    for table in lineage.tables():
        key = list(lineage.key(table))
        if table not in before.shelf.tables or not key:
            continue
        told = [name for name in lineage.columns(table) if lineage.by_column[table, name].role is not Role.TO_COME]
        columns = [name for name in told if name not in key]
        yield from _differences(table, columns, *(_placed(world, table, key) for world in (before, after)))


def _placed(world: World, table: str, key: list[str]) -> tuple[dict[str, int], pd.DataFrame]:
    frame = world.shelf.tables[table]
    return dict(zip(world.shelf.tables.keys(table, key), range(len(frame)), strict=True)), frame


def _differences(
    table: str, columns: list[str], old: tuple[dict[str, int], pd.DataFrame], new: tuple[dict[str, int], pd.DataFrame]
) -> Iterator[tuple[Figure | None, Figure | None]]:
    (before, a), (after, b) = old, new
    for column in columns:
        yield from (((table, before[name], column), None) for name in before if name not in after)
        yield from ((None, (table, after[name], column)) for name in after if name not in before)
        shared = [(place, after[name]) for name, place in before.items() if name in after]
        left, right = a[column].to_numpy(object), b[column].to_numpy(object)
        for i, j in shared:
            if left[i] is not right[j] and not same(left[i], right[j]):
                yield (table, i, column), (table, j, column)


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    with pytest.MonkeyPatch.context() as patch:
        yield Maker(tmp_path_factory.mktemp("filiation") / "espace", patch)


@pytest.fixture(scope="module")
def base(maker: Maker) -> World:
    return maker.world()


def untraced(
    maker: Maker, base: World, touched: Touched, data: bytes, most: int = 0, see: Callable[[World], World] = lambda w: w
) -> tuple[int, list[str]]:
    """How many figures changed, and those of them that do not lead to what was touched, in either world.

    Of each column, `most` figures are traced, all when 0; `see` is what is made of each world before.
    """
    before, after = see(base), see(maker.world(touched.source, data))
    reaches = Reach(before, touched), Reach(after, touched)
    found: dict[tuple[str, str], list[tuple[Figure | None, Figure | None]]] = {}
    for pair in changes(before, after):
        table, _, column = pair[0] or pair[1] or ("", 0, "")
        found.setdefault((table, column), []).append(pair)
    lost = []
    for (table, column), pairs in found.items():
        kept = random.Random(0).sample(pairs, most) if most and len(pairs) > most else pairs
        both = [[reach(one) for reach, one in zip(reaches, pair, strict=True) if one is not None] for pair in kept]
        lost += [f"{table}/{pair}/{column}" for pair, leads in zip(kept, both, strict=True) if not any(leads)]
    return sum(map(len, found.values())), lost


def change_cell(maker: Maker, row: Mapping[Any, Any], value: Any) -> tuple[Touched, bytes]:
    """The cell of an observation (or of a part of one), changed."""
    cell = f"{row['column']}{row['row']}"
    touched = Touched(str(row["source_id"]), sheet=str(row["sheet"]), cell=cell)
    return touched, lw.with_cell(maker.files[touched.source], touched.sheet, cell, value)


def change_record(maker: Maker, file: str, row: int, **fields: Any) -> tuple[Touched, bytes]:
    record = json.loads(maker.files[file])[row - 1]
    structure = record["id"] if file != lw.SERVICES else ""
    return Touched(file, row=row, structure=structure), lw.with_record(maker.files[file], row, **fields)


def observed(world: World, indicator: str, *, ours: bool = True, rank: int = 0) -> Mapping[Any, Any]:
    """The observation of one of the EPCI of the département, or of another."""
    table = world.frames["observations"]
    inside = table["zone_code"].isin(world.frames["zones"]["zone_code"])
    rows = table[table["indicator"].eq(indicator) & table["zone_code"].str.startswith("EPCI:") & inside.eq(ours)]
    return rows.iloc[rank].to_dict()


def a_value(world: World, maker: Maker) -> tuple[Touched, bytes]:
    return change_cell(maker, observed(world, "profile_3_households_pct"), 25.5)


def a_value_become_secret(world: World, maker: Maker) -> tuple[Touched, bytes]:
    return change_cell(maker, observed(world, "unemployment_rate_pct", rank=2), "s")


def a_grade_withdrawn(world: World, maker: Maker) -> tuple[Touched, bytes]:
    """The theme loses its scale of grades: every zone of it changes class."""
    return change_cell(maker, observed(world, "grade_employment"), "nd")


def a_zone_elsewhere_behind_national_bounds(world: World, maker: Maker) -> tuple[Touched, bytes]:
    return change_cell(maker, observed(world, "aged_75_or_over_pct", ours=False, rank=3), 25.5)


def the_published_value_of_the_departement(world: World, maker: Maker) -> tuple[Touched, bytes]:
    table = world.frames["observations"]
    rows = table[table["zone_code"].eq("DEP:47") & table["indicator"].eq("unemployment_rate_pct")]
    return change_cell(maker, rows.iloc[0].to_dict(), 3.2)


def a_part_of_a_merged_zone(world: World, maker: Maker) -> tuple[Touched, bytes]:
    return change_cell(maker, world.frames["observation_cells"].iloc[1].to_dict(), 9_999)


def an_offer_moved(world: World, maker: Maker) -> tuple[Touched, bytes]:
    """Distances of neighbours change, on both sides of the border."""
    longitude = next(r for r in json.loads(maker.files[lw.SERVICES]) if r["longitude"])["longitude"]
    return change_record(maker, lw.SERVICES, 1, longitude=longitude + 0.2)


def an_offer_of_another_theme(world: World, maker: Maker) -> tuple[Touched, bytes]:
    leaf = "numerique--maitriser-les-fondamentaux-du-numerique"
    return change_record(maker, lw.SERVICES, 2, thematiques=[leaf])


def a_network_of_a_structure(world: World, maker: Maker) -> tuple[Touched, bytes]:
    return change_record(maker, lw.STRUCTURES, 1, reseaux_porteurs=["mission-locale"])


def a_source_of_the_second_list(world: World, maker: Maker) -> tuple[Touched, bytes]:
    """What was set aside, since the first list had it, is counted."""
    return change_record(maker, lw.OTHERS, 2, source="dora2")


CHANGES = (
    a_value, a_value_become_secret, a_grade_withdrawn, a_zone_elsewhere_behind_national_bounds,
    the_published_value_of_the_departement, a_part_of_a_merged_zone, an_offer_moved, an_offer_of_another_theme,
    a_network_of_a_structure, a_source_of_the_second_list,
)  # fmt: skip
FAST = (a_grade_withdrawn, a_zone_elsewhere_behind_national_bounds, a_part_of_a_merged_zone, an_offer_moved)


@pytest.mark.parametrize(
    "change",
    [pytest.param(one, marks=() if one in FAST else pytest.mark.long) for one in CHANGES],
    ids=lambda one: one.__name__,
)
def test_every_figure_that_changes_leads_to_the_only_thing_that_changed(
    maker: Maker, base: World, change: Callable[[World, Maker], tuple[Touched, bytes]]
) -> None:
    changed, lost = untraced(maker, base, *change(base, maker), most=MOST)
    assert changed
    assert not lost


VALUES = (0, 1.04, 12.34567, 31.7, 99.9, "s", "nd", "so", None, "Non fragile", "Très fragile")


def at_random(world: World, maker: Maker, rng: random.Random) -> tuple[Touched, bytes]:
    """Any cell of the panorama or field of a record, changed in some way."""
    if rng.random() < 0.5:
        row = world.frames["observations"].iloc[rng.randrange(len(world.frames["observations"]))]
        return change_cell(maker, row.to_dict(), rng.choice(VALUES))
    file = rng.choice([lw.SERVICES, lw.STRUCTURES, lw.OTHERS])
    records = json.loads(maker.files[file])
    other = rng.choice(records)
    fields = rng.choice([
        {"longitude": 0.2 + rng.random(), "latitude": 44.1 + rng.random() / 2}, {"longitude": None, "latitude": None},
        {"code_insee": other["code_insee"]}, {"thematiques": other.get("thematiques")}, {"nom": "Autre nom"},
        {"modes_accueil": ["a-distance"]}, {"reseaux_porteurs": other.get("reseaux_porteurs")}, {"publics": ["jeunes"]},
        {"date_maj": "2024-01-01"}, {"source": "dora2"},
    ])  # fmt: skip
    return change_record(maker, file, rng.randrange(len(records)) + 1, **fields)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(60))
def test_whatever_changes_leads_to_what_was_touched(maker: Maker, base: World, seed: int) -> None:
    try:
        _, lost = untraced(maker, base, *at_random(base, maker, random.Random(seed)))
    except DataError:  # a file that is refused changes no deliverable
        return
    assert not lost


@pytest.mark.long
def test_a_forgotten_reading_is_found_out(maker: Maker, base: World) -> None:
    """The property sees: had it forgotten what a rank reads, ranks would change that lead nowhere."""

    def short_sighted(world: World) -> World:
        declared = [
            replace(reads, links=()) if reads.name == "needs/rank" else reads for reads in world.shelf.lineage.declared
        ]
        return replace(world, shelf=replace(world.shelf, lineage=replace(world.shelf.lineage, declared=declared)))

    _, lost = untraced(maker, base, *a_value(base, maker), most=MOST, see=short_sighted)
    assert lost
    assert {name.rpartition("/")[2] for name in lost} == {"rank"}


def test_the_value_of_a_need_is_made_of_one_cell(base: World) -> None:
    """And not of what decides its class, its rank or its availability."""
    needs = base.frames["needs"]
    for row in np.flatnonzero(needs["value"].notna()):
        walk = base.walk("needs", "value", int(row))
        cells = [step for step, origin in walk.ends() if origin.place is Place.CELL and not step.condition]
        (place,) = {place for step in cells for place in step.rows.tolist()}
        observation = base.frames["observations"].iloc[place]
        assert f"{needs['observation'].iloc[row]}".startswith(f"observations/{observation['zone_code']}|")


def test_every_printed_column_of_every_table_is_declared(base: World) -> None:
    """A figure without lineage, a column nobody speaks of: neither is possible."""
    lineage = base.shelf.lineage
    declared = {(reads.table, column) for reads in lineage.declared for column in reads.columns}
    filled = {(name, column) for name, table in TABLES.items() if table.row for column in table.columns}
    views = {(name, column) for name in lineage.views for column in lineage.columns(name)}
    assert declared == filled | views


def test_every_figure_that_is_computed_ends_somewhere(base: World) -> None:
    """A declared figure reads something or ends somewhere; only what is to come does neither."""
    for reads in base.shelf.lineage.declared:
        nothing = not reads.links and not reads.origins
        assert nothing <= (reads.role is not Role.FIGURE), reads.name
