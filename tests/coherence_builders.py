"""Observations made by hand, in the small country of squares; and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from diagpacte.errors import Fault
from diagpacte.sources.coherence.checking import Known, coherence
from diagpacte.sources.coherence.ground import Ground, ground
from diagpacte.sources.coherence.outliers import NationalCuts
from diagpacte.sources.coherence.rules import CoherenceCheck, CoherenceRules
from diagpacte.sources.files.cell_names import column_letters
from diagpacte.tables import TABLES, Observations
from diagpacte.vocabulary import Indicator, Profile
from small_country import make_communes, make_intercommunalities

FILE = "panorama.xlsx"
REGIONS = {"59": "32", "62": "32", "29": "53", "69": "84", "2A": "94", "2B": "94", "67": "44", "68": "44", "974": "04"}
SECRET, EMPTY = "secret", "empty"
Values = Mapping[str, float | str | tuple[float, float, float] | None]  # a tuple: value, lower, upper


def indicator(name: str, kind: str = "rate", unit: str = "pct", **more: Any) -> Indicator:
    fields: dict[str, Any] = {
        "indicator": name, "published_codes": (name.upper(),), "label": name, "label_long": name, "role": "contexte",
        "unit": unit, "base": "personnes", "polarity": "", "low": 0.0, "high": None, "kind": kind, "source": "",
        "theme_factor": "", "note": "",
    }  # fmt: skip
    return Indicator(**{**fields, **more})


def count(name: str) -> Indicator:
    return indicator(name, "count", "count")


def profile(number: int) -> Profile:
    return Profile(
        profile=f"P{number}", label="", label_short="", definition="", indicator_households=f"p{number}_households",
        indicator_persons=f"p{number}_persons", reference_households_pct=None, source="",
    )  # fmt: skip


def observed(rows: Mapping[str, Values], *, year: int = 2021, **more: Any) -> Observations:
    """`rows`: zone → indicator → value, reason of absence, or nothing at all (None: no observation).

    A zone is a line from 7 on, an indicator a column from D on; « indicator@2019 » says its year.
    """
    columns = list(dict.fromkeys(name for values in rows.values() for name in values))
    frame = []
    for line, (zone, values) in enumerate(rows.items(), start=7):
        for name, value in values.items():
            if value is None:
                continue
            known, _, said = name.partition("@")
            number, lower, upper = value if isinstance(value, tuple) else (value, None, None)
            frame.append(
                {
                    "zone_code": zone, "indicator": known, "year": int(said or year), "base": "personnes",
                    "geo_vintage": 2025, "value": None if isinstance(number, str) else number, "lower": lower,
                    "upper": upper, "availability": number if isinstance(number, str) else "observed", "nature": "real",
                    "flag": "", "published_code": known, "published_text": str(number), "period": str(year),
                    "source_id": FILE, "sheet": "EPCI", "row": line, "column": column_letters(columns.index(name) + 4),
                    **more,
                }
            )  # fmt: skip
    return Observations(TABLES["observations"].frame(frame))


def small_ground(**regions: str) -> Ground:
    communes = make_communes()
    named = {**REGIONS, **regions}
    communes = communes.assign(region=[named.get(code, "11") for code in communes["department"]])
    return ground(communes, make_intercommunalities(communes))


def said(
    readings: Observations | Sequence[Observations],
    indicators: Sequence[Indicator],
    *,
    checks: Sequence[CoherenceCheck] = (),
    profiles: Sequence[Profile] = (),
    national: Mapping[str, Sequence[NationalCuts]] | None = None,
    rules: CoherenceRules | None = None,
    known_zones: Any = None,
    grounds: Mapping[int, Ground] | None = None,
) -> list[Fault]:
    """Every fault of these readings, one value each kept (the last wins)."""
    several = [readings] if isinstance(readings, pd.DataFrame) else list(readings)
    everything = pd.concat(several, ignore_index=True)
    kept = everything[~everything.duplicated(list(TABLES["observations"].key), keep="last")].reset_index(drop=True)
    known = Known(indicators, profiles, checks, national or {}, rules or CoherenceRules())
    files = {source: source for source in everything["source_id"].unique()}
    grounds = {2025: small_ground()} if grounds is None else grounds
    return coherence([Observations(one) for one in several], Observations(kept), files, known, grounds, known_zones)
