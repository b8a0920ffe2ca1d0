"""Gap between need and access: one word of a closed list, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from diagpacte.vocabulary import GapClass

NBSP = "\u00a0"
NOT_LISTED = f"non recensé{NBSP}: aucune source chargée ne situe d’offre de ce thème dans le territoire ni autour"
ON_THE_SPOT_KM = 0.05  # what one decimal prints « 0,0 km »
CLASSES = {
    (True, True): GapClass.STRONG_WEAK,
    (True, False): GapClass.STRONG_SUFFICIENT,
    (False, True): GapClass.MODERATE_WEAK,
    (False, False): GapClass.MODERATE_SUFFICIENT,
}


def gap(row: Mapping[Any, Any]) -> tuple[GapClass, str]:
    """Class of one zone × theme and its reason.

    `row` holds the need (strong, class_label, need_reason), whether the theme is listed, and the distances
    (nearest_km, nearest_lower_km, reach_km) in km. Access is weak beyond the reach, not at it.
    """
    if pd.isna(row["strong"]):
        reason = row["need_reason"] or "besoin sans classe"
        return GapClass.NOT_MEASURED, reason if row["listed"] else f"{reason.rstrip('.')}{NBSP}; {NOT_LISTED}"
    if not row["listed"]:
        return GapClass.NOT_LISTED, NOT_LISTED
    nearest, lower, reach = row["nearest_km"], row["nearest_lower_km"], row["reach_km"]
    if pd.isna(nearest):
        return GapClass.NOT_MEASURED, f"non mesuré{NBSP}: distance sans moyenne, population des communes inconnue"
    distance = f"offre recensée la plus proche à {kilometres(nearest, reach)} en moyenne"
    if (nearest > reach) != (lower > reach):
        perhaps = f"à {kilometres(lower, reach)}" if lower >= ON_THE_SPOT_KM else "sur place"
        return GapClass.EDGE_NOT_COVERED, (
            f"{distance}, mais peut-être {perhaps}{NBSP}: aucune source de ce thème ne couvre un des départements "
            f"proches{NBSP}; portée{NBSP}: {kilometres(reach, reach)}"
        )
    weak = nearest > reach
    need = f"{'besoin fort' if row['strong'] else 'besoin modéré'} ({row['class_label']})"
    where = f"{'au-delà de' if weak else 'dans'} la portée ({kilometres(reach, reach)})"
    return CLASSES[bool(row["strong"]), weak], f"{need}{NBSP}; {distance}, {where}"


def kilometres(distance: float, reach: float) -> str:
    """« 12,3 km », with as many decimals as it takes not to contradict on which side of `reach` it is."""
    decimals = next((d for d in (1, 2, 3) if (round(distance, d) > reach) == (distance > reach)), 6)
    text = f"{distance:.{decimals}f}" if distance != reach else f"{reach:.6f}".rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}{NBSP}km"
