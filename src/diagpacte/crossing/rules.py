"""Rules of crossing: what is near, what is weak."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CrossingRules(BaseModel, frozen=True, extra="forbid"):
    """Distances and classes of access."""

    ring_km: float = Field(30, gt=0, description="Largeur de la couronne dont les offres sont comptées (km).")
    access_bounds_km: tuple[float, ...] = Field(
        (5, 10, 20), description="Bornes des classes de distance, norme imprimée sur la carte (km)."
    )
