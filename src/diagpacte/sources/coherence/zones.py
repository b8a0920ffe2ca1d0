"""Zones that a file should hold and does not, that it holds for nothing, or that are of another 1 January."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.coherence.grid import ABSENT, Grid, zone_name
from diagpacte.sources.coherence.ground import Ground, Labels
from diagpacte.sources.coherence.rules import CoherenceRules
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE, Availability, ZoneKind

NAMED = 8  # zones named in a sentence; the others are counted
FEWEST_COLUMNS = 3  # below, an absence is only a cell among others, and its reason is in the table
WITHHELD = (Availability.SECRET, Availability.NOT_APPLICABLE, Availability.NOT_SIGNIFICANT)
WITHIN = {  # collectivité → the départements that it stands for, in part for Lyon
    "CTCD:20R": ("DEP:2A", "DEP:2B"),
    "CTCD:69D": ("DEP:69",),
    "CTCD:69M": ("DEP:69",),
    "CTCD:6AE": ("DEP:67", "DEP:68"),
}
VINTAGES = range(FIRST_VINTAGE, LAST_VINTAGE + 1)
CHECKED_LEVELS = (ZoneKind.EPCI, ZoneKind.EPT, ZoneKind.COMMUNE, ZoneKind.DEPARTMENT, ZoneKind.REGION)


def missing_zones(grid: Grid, ground: Ground, rules: CoherenceRules) -> Iterator[Fault]:
    """EPCI and départements that a sheet lacks although it holds most of those around them.

    Around an EPCI: the EPCI whose people live mostly in the same département; around a département: its
    region. A regional file is so never asked for the other regions, nor for an EPCI that is partly in one.
    Communes are not asked for: producers leave out the smallest ones.
    """
    epci, department, region = (
        ground.labels(level, grid.particular) for level in (ZoneKind.EPCI, ZoneKind.DEPARTMENT, ZoneKind.REGION)
    )
    around = ((epci, ground.people(epci, department)), (department, ground.people(department, region)))
    lacking: dict[tuple[str, ...], list[str]] = {}
    for sheet, held in _sheets(grid):
        for labels, people in around:
            absent = _absent(labels, people, set(grid.zones[held]), rules)
            if absent:
                lacking.setdefault(absent, []).append(sheet)
    for absent, sheets in lacking.items():
        yield _missing(grid, absent, sheets, ground)


def _sheets(grid: Grid) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each sheet, and which zones of the grid it holds."""
    sheets, names = pd.factorize(grid.rows["sheet"])
    there = grid.place != ABSENT
    zone, _ = np.nonzero(there)
    held = np.zeros((len(names), len(grid.zones)), dtype=np.bool_)
    held[sheets[grid.place[there]], zone] = True
    for number, name in enumerate(names):
        yield str(name), held[number]


def _absent(labels: Labels, people: NDArray[np.float64], held: set[str], rules: CoherenceRules) -> tuple[str, ...]:
    """The zones of `labels` not among `held`, where most of the others are; `people`: of each zone in each place."""
    held = held.union(*(WITHIN.get(zone, ()) for zone in held))
    there = np.array([name in held for name in labels.names], dtype=np.bool_)
    real = people.any(axis=1)
    real &= ~np.array([name.startswith(f"{ZoneKind.OUTSIDE_EPCI}:") for name in labels.names])
    main = people.argmax(axis=1)
    total, found = (np.bincount(main, weights, people.shape[1]) for weights in (real, real & there))
    asked = 100 * found > rules.expected_pct * total
    elsewhere = ((people > 0) & ~asked).any(axis=1)
    return tuple(sorted(labels.names[i] for i in np.flatnonzero(real & ~there & ~elsewhere)))


def _missing(grid: Grid, absent: tuple[str, ...], sheets: list[str], ground: Ground) -> Fault:
    count = len(absent)
    words = {"EPCI": "EPCI", "EPT": "EPT", "DEP": "département" + "s"[: count > 1], "COM": "commune"}
    kinds = " ou ".join(dict.fromkeys(words[zone.partition(":")[0]] for zone in absent))
    others = f" (de même dans {', '.join(f'« {sheet} »' for sheet in sheets[1:])})" if len(sheets) > 1 else ""
    place = int(np.flatnonzero(grid.rows["sheet"].eq(sheets[0]).to_numpy())[0])
    return Fault(
        grid.files.get(str(grid.rows["source_id"].iloc[place]), str(grid.rows["source_id"].iloc[place])),
        sheets[0],
        found=f"{count} {kinds} de la géographie {grid.vintage} sans aucune ligne, alors que leurs voisins en ont : "
        f"{_list(absent, ground.names)}{others}",
        expected="une ligne par zone, fût-elle sans valeur",
        remedy="demander leurs lignes au producteur, ou vérifier l’année de la géographie ; sans elles, leur besoin "
        "n’est pas mesuré",
        severity=Severity.CHECK,
        kind=FaultKind.ZONE,
    )


def _list(zones: Collection[str], names: Mapping[str, str]) -> str:
    said = [zone_name(zone, names) for zone in zones]
    rest = len(said) - NAMED
    return ", ".join(said[:NAMED]) + (f" et {rest} autre{'s'[: rest > 1]}" if rest > 0 else "")


def empty_zones(grid: Grid) -> Iterator[Fault]:
    """Zones without one value where others of their level have several. An information when all is withheld.

    Communes outside any EPCI are put aside: most producers have nothing to say of four islands.
    """
    held, known = grid.place != ABSENT, np.isfinite(grid.value)
    withheld = np.zeros(len(grid.zones), dtype=np.bool_)
    empty = np.zeros(len(grid.zones), dtype=np.bool_)
    for level in set(grid.levels) - {ZoneKind.OUTSIDE_EPCI.value}:
        mine = grid.levels == level
        asked = known[mine].any(axis=0)
        if asked.sum() >= FEWEST_COLUMNS:
            empty |= mine & held[:, asked].any(axis=1) & ~known.any(axis=1)
    if not empty.any():
        return
    stated = np.isin(grid.rows["availability"].to_numpy(), WITHHELD)
    for zone in np.flatnonzero(empty):
        withheld[zone] = stated[grid.place[zone][held[zone]]].all()
    for severity, zones in ((Severity.CHECK, empty & ~withheld), (Severity.INFORMATION, empty & withheld)):
        yield from _empty(grid, np.flatnonzero(zones), severity)


def _empty(grid: Grid, zones: NDArray[np.intp], severity: Severity) -> Iterator[Fault]:
    for level in dict.fromkeys(grid.levels[zones]):
        mine = zones[grid.levels[zones] == level]
        for here, places in grid.by_sheet(mine, range(len(grid.columns))):
            found = f"{len(here)} zone{'s'[: len(here) > 1]} sans aucune valeur : {_list(list(grid.zones[here]), {})}"
            remedy = "rien à faire si le producteur les dit secrètes ou sans objet ; sinon lui demander leurs valeurs"
            yield grid.fault(places, found, "au moins une valeur par ligne", remedy, FaultKind.ZONE, severity)


def other_vintage(grid: Grid, known: Callable[[int], Collection[str]]) -> Iterator[Fault]:
    """When codes do not exist on the 1 January of the file: the year when most of its codes do.

    `known(year)` are the zones of a 1 January. Nothing is said when every code exists, nor when no other
    packaged year knows more of them.
    """
    asked = [str(zone) for zone in grid.zones if str(zone).partition(":")[0] in CHECKED_LEVELS]
    if grid.vintage not in VINTAGES or not asked:
        return
    own = known(grid.vintage)
    levels = {zone.partition(":")[0] for zone in own}  # EPT before 2023 are refused, not of another year
    unknown = [zone for zone in asked if zone not in own and zone.partition(":")[0] in levels]
    if not unknown:
        return
    counts = {year: len(set(asked).difference(known(year))) for year in VINTAGES}
    fewest = min(counts.values())
    years = [year for year, count in sorted(counts.items()) if count == fewest]
    if fewest >= len(unknown):
        return
    zones = grid.zone_positions(unknown)
    for here, places in grid.by_sheet(zones, range(len(grid.columns))):
        said = f"au 1er janvier {' ou '.join(str(year) for year in years)}"
        rest = "tous existent" if not fewest else f"il n’en manque que {fewest}"
        found = (
            f"{len(here)} code{'s'[: len(here) > 1]} inconnu{'s'[: len(here) > 1]} au 1er janvier {grid.vintage} "
            f"({_list(list(grid.zones[here]), {})}) ; {said}, {rest}"
        )
        remedy = (
            f"si le fichier est de cette géographie, l’écrire pour lui dans data/raw/sources.toml (« {years[-1]} »)"
        )
        yield grid.fault(places, found, "des codes d’une seule géographie", remedy, FaultKind.ZONE)
