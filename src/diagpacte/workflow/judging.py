"""What the figures received say against one another: secrets that would be given away, and what does not hold together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from diagpacte.errors import Fault
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE, Nature
from diagpacte.workflow.places import zone_codes

if TYPE_CHECKING:
    from diagpacte.settings import Settings
    from diagpacte.sources.coherence.ground import Ground
    from diagpacte.tables import Observations


def judged(
    settings: Settings, readings: Sequence[Observations], kept: Observations, files: Mapping[str, str]
) -> list[Fault]:
    """Every disagreement found; nothing is changed. `kept`: one value each of all `readings`; `files`: source_id → file."""
    return [*_revealed(settings, kept, files), *_incoherent(settings, readings, kept, files)]


def additive(settings: Settings) -> set[str]:
    """The indicators whose values add up over zones: counts of a base."""
    return {entry.indicator for entry in settings.indicators if entry.kind == "count" and entry.base}


def _vintages(observations: Observations) -> list[int]:
    return sorted({*observations["geo_vintage"].astype(int)})


def _packaged(vintage: int) -> bool:
    return FIRST_VINTAGE <= vintage <= LAST_VINTAGE


def _revealed(settings: Settings, kept: Observations, files: Mapping[str, str]) -> list[Fault]:
    """Secrets that a subtraction would give away, geography by geography."""
    from diagpacte.sources import reference
    from diagpacte.sources.coherence.secrecy import perimeters, profile_shares, revealed_secrets
    from diagpacte.tables import Observations

    faults, shares = [], profile_shares(settings.profiles)
    for vintage in _vintages(kept):
        rows = Observations(kept[kept["geo_vintage"].eq(vintage)])
        wholes = perimeters(reference.communes(vintage)) if _packaged(vintage) else {}
        faults += revealed_secrets(rows, shares, files, additive(settings), wholes)
    return faults


def _incoherent(
    settings: Settings, readings: Sequence[Observations], kept: Observations, files: Mapping[str, str]
) -> list[Fault]:
    from diagpacte.sources.coherence.checking import Known, coherence
    from diagpacte.sources.coherence.outliers import NationalCuts

    national: dict[str, list[NationalCuts]] = {}
    for row in settings.breaks:
        if row.nature == Nature.SIMULATED:
            continue
        national.setdefault(row.indicator, []).append(NationalCuts(row.year, row.exact))
    known = Known(settings.indicators, settings.profiles, settings.coherence_checks, national, settings.coherence)
    grounds = {vintage: _ground(vintage) for vintage in _vintages(kept) if _packaged(vintage)}
    return coherence([one for one in readings if len(one)], kept, files, known, grounds, zone_codes)


@cache
def _ground(vintage: int) -> Ground:
    from diagpacte.sources import reference
    from diagpacte.sources.coherence.ground import ground

    return ground(reference.communes(vintage), reference.intercommunalities(vintage))
