"""Files of indicators → checked tables: each file read and judged, then all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from diagpacte.errors import ConfigurationError, Fault, FaultKind, SourceError
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE
from diagpacte.workflow.places import zone_codes

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.settings import Settings
    from diagpacte.sources.indicators import IndicatorReading, IndicatorRules
    from diagpacte.tables import Observations
    from diagpacte.vocabulary import Nature

INDICATOR_LAYOUT = "panorama_insee"


@dataclass(frozen=True)
class IndicatorFile:
    """A file to read; `geo_vintage` and `nature` are what a person declared of it."""

    path: Path
    source_id: str
    geo_vintage: int | None = None
    nature: Nature | None = None


@dataclass(frozen=True)
class IndicatorTables:
    """What the files gave, as published: no geography is changed yet."""

    readings: dict[str, IndicatorReading]  # by source_id
    observations: Observations  # one value each
    superseded: pd.DataFrame
    headings: pd.DataFrame
    faults: list[Fault]


def read_files(settings: Settings, files: Sequence[IndicatorFile]) -> IndicatorTables:
    """Every file read, every fault found; a file that cannot be read at all is a fault among others."""
    import pandas as pd

    from diagpacte.sources.indicators import read_indicators
    from diagpacte.sources.precedence import one_value_each
    from diagpacte.tables import TABLES

    rules = indicator_rules(settings)
    readings: dict[str, IndicatorReading] = {}
    faults: list[Fault] = []
    for file in files:
        try:
            reading = read_indicators(
                file.path, file.source_id, rules, geo_vintage=file.geo_vintage, nature=file.nature
            )
        except SourceError as error:
            faults += of_kind(error.faults, FaultKind.FILE)
            continue
        readings[file.source_id] = reading
        faults += [*reading.faults, *_unknown_zones(reading.observations, file.path.name)]
    observations, superseded, doubles = one_value_each([reading.observations for reading in readings.values()])
    headings = [TABLES["headings"].frame([]), *(reading.headings for reading in readings.values())]
    return IndicatorTables(
        readings,
        observations,
        superseded,
        TABLES["headings"].frame(pd.concat([frame for frame in headings if len(frame)] or headings[:1])),
        [*faults, *doubles],
    )


def of_one_geography(read: IndicatorTables, vintage: int) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """(tables, faults): the observations on the geography of `vintage`, and those that gave way or could not follow."""
    import pandas as pd

    from diagpacte.geography.passage import to_vintage
    from diagpacte.sources import reference
    from diagpacte.tables import TABLES

    kept, superseded, faults = read.observations, read.superseded, []
    vintages = {*kept["geo_vintage"].astype(int)} | {vintage}
    if vintages != {vintage}:
        packaged = [year for year in sorted(vintages) if FIRST_VINTAGE <= year <= LAST_VINTAGE]
        converted, faults = to_vintage(kept, vintage, reference.communes(*packaged), reference.passage())
        cells = ["source_id", "sheet", "row", "column"]
        left = kept.merge(converted[cells], on=cells, how="left", indicator=True)["_merge"].eq("left_only").to_numpy()
        superseded = TABLES["observations_superseded"].frame(pd.concat([superseded, kept[left]], ignore_index=True))
        kept = converted
    return {"observations": kept, "observations_superseded": superseded, "headings": read.headings}, faults


def of_kind(faults: Iterable[Fault], kind: FaultKind) -> list[Fault]:
    """`faults`, those that say nothing of their kind being of `kind`."""
    return [replace(fault, kind=kind) if fault.kind is FaultKind.OTHER else fault for fault in faults]


def indicator_rules(settings: Settings) -> IndicatorRules:
    """What reading an indicator workbook obeys. ConfigurationError when the layout is malformed."""
    from diagpacte.sources.indicators import IndicatorRules
    from diagpacte.sources.reference import intercommunalities
    from diagpacte.sources.rules import IndicatorLayout

    known = intercommunalities(LAST_VINTAGE)  # a file of 2025 names its EPT whatever the year it is brought to
    try:
        layout = IndicatorLayout.model_validate(settings.layouts[INDICATOR_LAYOUT])
    except KeyError:
        faults = [
            Fault(f"layouts/{INDICATOR_LAYOUT}.toml", found="présentation absente", remedy="reprendre celle livrée")
        ]
        raise ConfigurationError(*faults) from None
    except ValidationError as error:
        raise ConfigurationError(
            *(
                Fault(
                    f"layouts/{INDICATOR_LAYOUT}.toml",
                    cell=f"« {'.'.join(str(part) for part in detail['loc'])} »",
                    found="réglage absent, inconnu ou mal formé",
                    remedy="reprendre la forme de la présentation livrée",
                )
                for detail in error.errors()
            )
        ) from error
    return IndicatorRules(
        layout=layout,
        indicators=settings.indicators,
        factors=settings.factors,
        marks=settings.missing_marks,
        limits=settings.reading,
        ept_codes=frozenset(known.loc[known["kind"].eq("EPT"), "code"]),
    )


def _unknown_zones(observations: Observations, file: str) -> list[Fault]:
    """Blocking faults for codes that do not exist on the 1 January the file speaks of."""
    from diagpacte.sources.indicators import unknown_zones
    from diagpacte.tables import Observations

    faults = []
    for vintage in sorted({*observations["geo_vintage"].astype(int)}):
        if FIRST_VINTAGE <= vintage <= LAST_VINTAGE:  # others are refused, named, by the passage
            rows = Observations(observations[observations["geo_vintage"].eq(vintage)])
            faults += unknown_zones(rows, zone_codes(vintage), file)
    return faults
