"""Counts for the tests of disclosure: one indicator, one year, values by zone; sources public or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from diagpacte.disclosure.counts import counts
from diagpacte.disclosure.masks import decide
from diagpacte.errors import Fault
from diagpacte.settings import Settings, load_settings
from diagpacte.tables import TABLES, Masks, Sources

RESTRICTED, OPEN = "caf_confidentiel.csv", "data_caf_fr.csv"
INDICATOR, BASE, YEAR, VINTAGE = "rsa_units_count", "foyers", 2024, 2025
Row = dict[str, Any]


@cache
def settings() -> Settings:
    return load_settings(Path(__file__).parent / "no-workspace-here")


def source(source_id: str, **changes: Any) -> Row:
    return {
        "source_id": source_id, "file": source_id, "title": "Foyers allocataires", "kind": "panorama",
        "producer": "Caf du Nord", "licence": "à renseigner", "vintage": "2024", "geo_vintage": VINTAGE,
        "published_on": None, "nature": "real", "diffusion": "restreinte", "sha256": "0" * 64, "size": 1, "rows": 1,
        "note": "",
    } | changes  # fmt: skip


def sources(*rows: Row) -> Sources:
    given = rows or (source(RESTRICTED), source(OPEN, diffusion="publique"))
    return Sources(TABLES["sources"].frame(list(given)))


def observation(zone: str, value: float | None, **changes: Any) -> Row:
    return {
        "zone_code": zone, "indicator": INDICATOR, "year": YEAR, "base": BASE, "geo_vintage": VINTAGE, "value": value,
        "lower": None, "upper": None, "availability": "secret" if value is None else "observed", "nature": "real",
        "flag": "", "published_code": "INDFOY_RSA", "published_text": "s" if value is None else f"{value:g}",
        "period": "2024", "source_id": RESTRICTED, "sheet": "", "row": 2, "column": "D",
    } | changes  # fmt: skip


def observations(rows: Iterable[Row]) -> pd.DataFrame:
    return TABLES["observations_superseded"].frame([row | {"row": place} for place, row in enumerate(rows, 2)])


def key(zone: str, vintage: int = VINTAGE) -> str:
    return f"{zone}|{INDICATOR}|{YEAR}|{BASE}|{vintage}"


def withheld(
    shown: Iterable[Row],
    ground: Mapping[tuple[str, int], frozenset[int]],
    published: Iterable[Row] = (),
    derived: Iterable[str] = (),
    of: Sources | None = None,
) -> tuple[Masks, list[Fault]]:
    """The masks of counts, decided as the workspace does it."""
    known = settings()
    found = counts(
        observations(shown),
        observations(published),
        set(derived),
        sources() if of is None else of,
        known.indicators,
        known.disclosure_thresholds,
    )
    return decide(found, ground)


def kinds(masks: Masks) -> dict[str, str]:
    """Zone → primaire or complementaire."""
    return {row["key"].partition("|")[0]: row["kind"] for row in masks.to_dict("records")}
