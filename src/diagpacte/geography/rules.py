"""Rules of geography."""

from __future__ import annotations

from pydantic import BaseModel, Field


class GeographyRules(BaseModel, frozen=True, extra="forbid"):
    """Which geography the tables are brought to."""

    vintage: int = Field(2025, ge=2019, le=2026, description="Géographie au 1er janvier des zones et des cartes.")
    zones_apart: tuple[str, ...] = Field(
        ("200054781",), description="EPCI trop grands pour une ligne : remplacés par leurs EPT (et Paris)."
    )
