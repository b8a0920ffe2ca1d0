"""Rules of deliverables, and what a page is told beside the tables."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, Field

from diagpacte.vocabulary import Indicator


class DeliverableRules(BaseModel, frozen=True, extra="forbid"):
    """How pages are stamped."""

    diffusion: str = Field(
        "comite", pattern="^(travail|comite|public)$", description="À qui la page peut être montrée."
    )


class MapContext(BaseModel, frozen=True, extra="forbid"):
    """What a theme's map prints that its tables do not hold."""

    epsg: int = Field(description="Projection métrique de la carte (2154 en métropole).")
    indicator: Indicator | None = Field(None, description="Entrée du dictionnaire de l’indicateur de besoin.")
    need_bounds: tuple[float, ...] = Field((), description="Bornes nationales imprimées ; vide pour un degré.")
    strong_from_class: int = Field(2, ge=1, description="Classe nationale citée par le titre : besoin fort.")
    need_bounds_note: str = Field("", description="D’où viennent ces bornes, en une phrase sans point.")
    access_bounds_km: tuple[float, ...] = Field((5, 10, 20), description="Norme de distance imprimée (km).")
    offer_labels: Mapping[str, str] = Field(default_factory=dict, description="Nom court de chaque source d’offre.")
    geography_source: str = Field("IGN Admin Express", description="D’où viennent les contours.")
