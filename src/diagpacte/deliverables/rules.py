"""Rules of deliverables."""

from __future__ import annotations

from pydantic import BaseModel, Field


class DeliverableRules(BaseModel, frozen=True, extra="forbid"):
    """How pages are stamped."""

    diffusion: str = Field(
        "comite", pattern="^(travail|comite|public)$", description="À qui la page peut être montrée."
    )
