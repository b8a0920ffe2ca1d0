"""Rules of needs: which indicator speaks for which theme, and what is strong."""

from __future__ import annotations

from pydantic import BaseModel, Field, field_validator

from diagpacte.vocabulary import Entry, Nature


class NeedIndicator(Entry):
    """A row of needs.csv; an empty `indicator` means the theme has none, and `why` says so."""

    theme: str
    indicator: str
    weight: float
    role: str = Field(pattern="^(besoin|contexte|)$")
    confidence: str = Field(pattern="^(forte|moyenne|faible|simulee|)$")
    grade_factor: str
    why: str


class NationalBounds(Entry):
    """A row of breaks.csv: cut-points of an indicator over the zones of a national sheet.

    `bounds` are written from the least to the most unfavourable, so that classes rise with disadvantage:
    Q1, Q3, P95 rising when high is worse; Q3, Q1, P5 falling when low is worse. They are rounded for print;
    `exact` are the unrounded ones, `zones` how many zones with a value they stand on.
    """

    indicator: str
    year: int
    bounds: tuple[float, float, float]
    exact: tuple[float, float, float]
    zones: int
    moved_pct: float = Field(description="Part des zones qui changent de classe par l’arrondi (%).")
    nature: Nature
    source_sha256: str
    source: str

    @field_validator("bounds")
    @classmethod
    def _ordered(cls, bounds: tuple[float, float, float]) -> tuple[float, float, float]:
        first, middle, last = bounds
        if not (first < middle < last or first > middle > last):
            raise ValueError("trois bornes différentes, de la moins à la plus défavorable")
        return bounds


class NeedRules(BaseModel, frozen=True, extra="forbid"):
    """From which class on a need is strong."""

    strong_from_class: int = Field(
        2, ge=1, le=3, description="Besoin fort à partir de cette classe nationale (2 = Q3)."
    )
    strong_from_grade: int = Field(1, ge=1, le=2, description="Besoin fort à partir de ce degré (1 = fragile).")
    measured_from: tuple[str, ...] = Field(
        ("forte", "moyenne", "simulee"),
        description="Confiances qui donnent une classe ; les autres restent du contexte.",
    )
    national_zones: int = Field(
        1_000, ge=12, description="Nombre de zones avec une valeur à partir duquel une feuille est nationale."
    )
    moved_pct: float = Field(2.0, ge=0, description="Part des zones que l’arrondi des bornes peut déplacer (%).")
