"""Files of indicators → checked tables: each file read and judged, then all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from diagpacte.errors import ConfigurationError, Fault, FaultKind, Severity, SourceError
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE
from diagpacte.workflow.judging import additive, judged
from diagpacte.workflow.places import zone_codes, zone_names

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.settings import Settings
    from diagpacte.sources.corrections import Correction
    from diagpacte.sources.correspondence.answers import Correspondence
    from diagpacte.sources.indicators import IndicatorReading, IndicatorRules
    from diagpacte.sources.manifest import Detected
    from diagpacte.tables import Headings, Observations
    from diagpacte.vocabulary import Nature

INDICATOR_LAYOUT, LONG_LAYOUT = "panorama_insee", "indicators_long"
Layout = TypeVar("Layout", bound=BaseModel)
CELL = ["source_id", "sheet", "row", "column"]  # what leads back to a figure


@dataclass(frozen=True)
class IndicatorFile:
    """A file to read; `geo_vintage` and `nature` are what a person declared of it, `corrections` of its cells."""

    path: Path
    source_id: str
    geo_vintage: int | None = None
    nature: Nature | None = None
    corrections: Sequence[Correction] = ()


@dataclass(frozen=True)
class IndicatorTables:
    """What the files gave, as published: no geography is changed yet."""

    readings: dict[str, IndicatorReading]  # by source_id
    observations: Observations  # one value each
    superseded: pd.DataFrame
    headings: pd.DataFrame
    faults: list[Fault]


def read_files(
    settings: Settings, files: Sequence[IndicatorFile], answers: Correspondence | None = None
) -> IndicatorTables:
    """Every file read, every fault found; a file that cannot be read at all is a fault among others.

    `answers`: what people said of columns that no dictionary knows.
    """
    import pandas as pd

    from diagpacte.sources.indicators import read_indicators
    from diagpacte.sources.precedence import one_value_each
    from diagpacte.sources.precision import with_precision
    from diagpacte.tables import TABLES

    rules = indicator_rules(settings, answers)
    readings: dict[str, IndicatorReading] = {}
    faults: list[Fault] = []
    for file in files:
        try:
            reading = read_indicators(
                file.path,
                file.source_id,
                rules,
                geo_vintage=file.geo_vintage,
                nature=file.nature,
                corrections=file.corrections,
            )
        except SourceError as error:
            faults += of_kind(error.faults, FaultKind.FILE)
            continue
        readings[file.source_id] = reading
        faults += [*reading.faults, *_unknown_zones(reading, file.path.name)]
    faults = _waiting_faults(faults, list(readings.values()))
    observations, beaten, doubles = one_value_each([reading.observations for reading in readings.values()])
    superseded = pd.concat([beaten, *(reading.repeated for reading in readings.values() if len(reading.repeated))])
    observations = with_precision(observations, settings.precision)
    names = {file.source_id: file.path.name for file in files}
    faults += [
        *doubles,
        *judged(settings, [reading.observations for reading in readings.values()], observations, names),
    ]
    superseded = TABLES["observations_superseded"].frame(superseded)
    return IndicatorTables(readings, observations, superseded, all_headings(list(readings.values())), faults)


def _waiting_faults(faults: Sequence[Fault], readings: Sequence[IndicatorReading]) -> list[Fault]:
    """`faults`, a file that only waits for answers being to check as long as another one gives values."""
    if all(reading.observations.empty for reading in readings):
        return [*faults]
    waiting = {reading.waiting for reading in readings if reading.waiting}
    return [replace(fault, severity=Severity.CHECK) if fault in waiting else fault for fault in faults]


def all_headings(readings: Sequence[IndicatorReading]) -> Headings:
    """The columns of all of `readings` that no dictionary knows."""
    import pandas as pd

    from diagpacte.tables import TABLES, Headings

    found = [reading.headings for reading in readings if len(reading.headings)]
    return Headings(TABLES["headings"].frame(pd.concat(found, ignore_index=True) if found else []))


def corrections_of(
    folder: Path, digests: Mapping[str, str], entries: pd.DataFrame | None = None
) -> tuple[dict[str, list[Correction]], list[Fault]]:
    """What data/saisies (`folder`) corrects in each source, and why lines are refused; `digests`: source_id → SHA-256.

    `entries`: what was typed in saisie.xlsx, whose sheet « Corrections » counts as well as corrections.csv.
    """
    from diagpacte.sources.corrections import CORRECTIONS_FILE
    from diagpacte.sources.corrections_file import by_source, read_corrections

    corrections, refused = read_corrections(folder / CORRECTIONS_FILE)
    typed, refused_there = ([], []) if entries is None else _typed_corrections(entries)
    mine, unknown = by_source([*corrections, *typed], digests)
    return mine, [*refused, *refused_there, *unknown]


def _typed_corrections(entries: pd.DataFrame) -> tuple[list[Correction], list[Fault]]:
    """The corrections of saisie.xlsx; rows that are no longer in it correct nothing."""
    from diagpacte.sources.corrections_file import typed_corrections

    mine = entries[entries["table"].eq("corrections") & entries["row"].gt(0) & entries["value"].ne("")]
    lines: dict[int, dict[str, str]] = {}
    for row, field, value in zip(mine["row"], mine["field"], mine["value"], strict=True):
        lines.setdefault(int(row), {})[field] = value
    place = mine[["file", "sheet"]].iloc[0].tolist() if lines else ["", ""]
    return typed_corrections(lines, *place)


def of_one_geography(read: IndicatorTables, settings: Settings) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """(tables, faults): the observations on the geography of `settings`, and those that gave way or could not follow.

    Counts of whole zones that became one are added; every cell they come from is in observation_cells.
    """
    import pandas as pd

    from diagpacte.geography.mergers import merged_counts
    from diagpacte.geography.passage import to_vintage
    from diagpacte.sources import reference
    from diagpacte.tables import TABLES

    kept, superseded, vintage = read.observations, read.superseded, settings.geography.vintage
    cells = TABLES["observation_cells"].frame([])
    faults: list[Fault] = []
    vintages = {*kept["geo_vintage"].astype(int)} | {vintage}
    if vintages != {vintage}:
        packaged = [year for year in sorted(vintages) if FIRST_VINTAGE <= year <= LAST_VINTAGE]
        ground = (reference.communes(*packaged), reference.passage())
        summed, cells = merged_counts(kept, vintage, *ground, additive(settings))
        converted, faults = to_vintage(summed, vintage, *ground)
        stayed = pd.concat([converted[CELL], cells[CELL]]).drop_duplicates()
        left = kept.merge(stayed, on=CELL, how="left", indicator=True)["_merge"].eq("left_only").to_numpy()
        superseded = TABLES["observations_superseded"].frame(pd.concat([superseded, kept[left]], ignore_index=True))
        kept = converted
    tables = {"observations": kept, "observations_superseded": superseded, "observation_cells": cells}
    return tables | {"headings": read.headings}, faults


def recognised(
    settings: Settings, path: Path, answers: Correspondence | None = None
) -> tuple[Detected, IndicatorReading | None]:
    """What `path` is, with what was read of it when it holds indicators.

    Raises SourceError when it cannot be read, or is nothing known.
    """
    from diagpacte.sources.indicators import read_indicators
    from diagpacte.sources.layout.headers import NO_TABLE
    from diagpacte.sources.manifest import detect
    from diagpacte.sources.offers.list_layout import list_layouts

    readings: list[IndicatorReading] = []

    def holds_indicators(file: Path) -> bool:
        reading = read_indicators(file, file.name, indicator_rules(settings, answers))
        readings.append(reading)
        return reading.tables > 0

    try:
        detected = detect(path, list_layouts(settings.layouts), holds_indicators)
    except SourceError:
        reasons = {one.reason for reading in readings for one in reading.skipped if not one.place}
        if readings and reasons != {NO_TABLE}:  # the reader saw what stands there: its words are better
            raise SourceError(*of_kind(readings[0].faults, FaultKind.FILE)) from None
        raise
    return detected, readings[0] if readings else None


def of_kind(faults: Iterable[Fault], kind: FaultKind) -> list[Fault]:
    """`faults`, those that say nothing of their kind being of `kind`."""
    return [replace(fault, kind=kind) if fault.kind is FaultKind.OTHER else fault for fault in faults]


def indicator_rules(settings: Settings, answers: Correspondence | None = None) -> IndicatorRules:
    """What reading an indicator workbook obeys. ConfigurationError when the layout is malformed."""
    from diagpacte.sources.indicators import IndicatorRules
    from diagpacte.sources.long.rules import LongRules
    from diagpacte.sources.meaning.choices import Choices
    from diagpacte.sources.reference import intercommunalities
    from diagpacte.sources.rules import IndicatorLayout

    known = intercommunalities(LAST_VINTAGE)  # a file of 2025 names its EPT whatever the year it is brought to
    return IndicatorRules(
        layout=_layout(settings, INDICATOR_LAYOUT, IndicatorLayout),
        long=_layout(settings, LONG_LAYOUT, LongRules),
        indicators=(*settings.indicators, *(answers.new_indicators if answers else ())),
        factors=settings.factors,
        marks=settings.missing_marks,
        limits=settings.reading,
        ept_codes=frozenset(known.loc[known["kind"].eq("EPT"), "code"]),
        choices=answers.choices if answers else Choices(),
        names=zone_names,
    )


def _layout(settings: Settings, name: str, model: type[Layout]) -> Layout:
    """A layout of the settings; ConfigurationError with every fault when it is absent or malformed."""
    try:
        return model.model_validate(settings.layouts[name])
    except KeyError:
        fault = Fault(f"layouts/{name}.toml", found="présentation absente", remedy="reprendre celle livrée")
        raise ConfigurationError(fault) from None
    except ValidationError as error:
        raise ConfigurationError(
            *(
                Fault(
                    f"layouts/{name}.toml",
                    cell=f"« {'.'.join(str(part) for part in detail['loc'])} »",
                    found="réglage absent, inconnu ou mal formé",
                    remedy="reprendre la forme de la présentation livrée",
                )
                for detail in error.errors()
            )
        ) from error


def _unknown_zones(reading: IndicatorReading, file: str) -> list[Fault]:
    """Blocking faults for codes that do not exist on the 1 January the file speaks of."""
    from diagpacte.sources.unknown_zones import unknown_zones
    from diagpacte.tables import Observations

    faults, observations = [], reading.observations
    for vintage in sorted({*observations["geo_vintage"].astype(int)}):
        if FIRST_VINTAGE <= vintage <= LAST_VINTAGE:  # others are refused, named, by the passage
            rows = Observations(observations[observations["geo_vintage"].eq(vintage)])
            faults += unknown_zones(rows, zone_codes(vintage), file, reading.code_cells)
    return faults
