"""Rules of crossing: what is near, what is weak."""

from __future__ import annotations

from itertools import pairwise
from math import inf

from pydantic import BaseModel, Field, field_validator

MOST_BOUNDS = 4  # five classes, as many as a map shows


class CrossingRules(BaseModel, frozen=True, extra="forbid"):
    """Distances and classes of access."""

    ring_km: float = Field(
        30, gt=0, allow_inf_nan=False, description="Largeur de la couronne dont les offres sont comptées (km)."
    )
    access_bounds_km: tuple[float, ...] = Field(
        (5, 10, 20), description="Bornes des classes de distance, norme imprimée sur la carte (km)."
    )

    @field_validator("access_bounds_km")
    @classmethod
    def _rising(cls, bounds: tuple[float, ...]) -> tuple[float, ...]:
        rising = all(low < high for low, high in pairwise((0, *bounds, inf)))
        if not 1 <= len(bounds) <= MOST_BOUNDS or not rising:
            raise ValueError(f"de une à {MOST_BOUNDS} distances croissantes, plus grandes que 0")
        return bounds
