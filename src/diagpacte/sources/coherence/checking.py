"""Coherence after reading: what the figures received say against one another. Nothing is changed, nothing blocks.

Doubles are told by assembly (within a file) and precedence (between files), and not again here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diagpacte.errors import Fault
from diagpacte.sources.coherence.checks import checks, profile_checks
from diagpacte.sources.coherence.grid import Grid, grids
from diagpacte.sources.coherence.ground import Ground
from diagpacte.sources.coherence.levels import levels
from diagpacte.sources.coherence.outliers import NationalCuts, outliers
from diagpacte.sources.coherence.rules import CoherenceCheck, CoherenceRules
from diagpacte.sources.coherence.zones import empty_zones, missing_zones, other_vintage
from diagpacte.tables import Observations
from diagpacte.vocabulary import Indicator, Profile


@dataclass(frozen=True)
class Known:
    """What figures are judged with. `grounds` by 1 January; without the one of a file, its zones are not judged."""

    indicators: Sequence[Indicator]
    profiles: Sequence[Profile] = ()
    checks: Sequence[CoherenceCheck] = ()
    national: Mapping[str, Sequence[NationalCuts]] = field(default_factory=dict)  # by indicator
    rules: CoherenceRules = CoherenceRules()  # noqa: RUF009 (frozen)


def coherence(
    readings: Sequence[Observations],
    kept: Observations,
    files: Mapping[str, str],
    known: Known,
    grounds: Mapping[int, Ground],
    zones_of: Callable[[int], Collection[str]] | None = None,
) -> list[Fault]:
    """Every disagreement between figures, in the order of `readings` (one per file), then across files.

    `kept` are the observations of all of them, one per key; `files` is source_id → file; `zones_of(year)` the
    codes of a 1 January, asked only when a file holds a code that its own does not know.
    """
    named = {indicator.indicator: indicator for indicator in known.indicators}
    asked = [*profile_checks(known.profiles, known.rules), *known.checks]
    faults: list[Fault] = []
    together = list(grids(kept, files))
    for table in [together] if len(readings) == 1 else (grids(reading, files) for reading in readings):
        for grid in table:
            ground = grounds.get(grid.vintage)
            faults += checks(grid, asked, named)
            faults += outliers(grid, ground, named, known.national, known.rules)
            faults += _zones(grid, known, ground, zones_of)
    for grid in together:
        if grid.vintage in grounds:
            faults += levels(grid, grounds[grid.vintage], named, known.rules)
    return faults


def _zones(
    grid: Grid, known: Known, ground: Ground | None, zones_of: Callable[[int], Collection[str]] | None
) -> Iterator[Fault]:
    yield from empty_zones(grid)
    if ground is not None:
        yield from missing_zones(grid, ground, known.rules)
    if zones_of is not None:
        yield from other_vintage(grid, zones_of)
