"""Rules of coherence: what the figures of a file owe one another, and from when a value is out of line."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field

from diagpacte.vocabulary import Entry


class CheckKind(StrEnum):
    """What is compared with the bounds of a check; the values are those of coherence_checks.csv."""

    SUM = "somme"  # parts added together
    DIFFERENCE = "ecart"  # parts added together, less the whole
    RATIO = "rapport"  # parts added together, over the whole


class CoherenceCheck(Entry):
    """A row of coherence_checks.csv: `low` ≤ what `kind` says of `parts` and `whole` ≤ `high`, each open when empty.

    Without `same_year`, the parts of a year are compared with the whole of the nearest year.
    """

    check: str
    kind: CheckKind
    parts: tuple[str, ...] = Field(min_length=1)
    whole: str
    low: float | None
    high: float | None
    same_year: bool
    label: str
    note: str


class CoherenceRules(BaseModel, frozen=True, extra="forbid"):
    """From when two figures disagree, and a value is out of line. Defaults leave real published files in peace."""

    shares_tolerance_pts: float = Field(
        0.6, ge=0, description="Écart à 100 admis pour une somme de parts arrondies au dixième (points)."
    )
    sums_tolerance_pct: float = Field(
        1.0,
        ge=0,
        description="Écart admis entre la somme des zones et la ligne du niveau au-dessus (%) ; les comptes réels de "
        "l’Insee en sont à 0,04 %, les estimés à 0,9 %.",
    )
    means_tolerance_pct: float = Field(
        1.0, ge=0, description="Dépassement admis d’un taux au-delà de ceux de ses zones, dû aux arrondis (%)."
    )
    outlier_zones: int = Field(
        50, ge=12, description="Nombre de zones à partir duquel un tableau juge lui-même ses valeurs."
    )
    outlier_ratio: float = Field(
        3.0,
        gt=1,
        description="Une valeur est isolée quand elle vaut autant de fois sa voisine ; dans les panoramas réels deux "
        "valeurs voisines ne sont jamais à plus de 1,9 fois l’une de l’autre.",
    )
    outlier_spreads: float = Field(
        5.0,
        gt=0,
        description="Pour un indicateur qui change de signe : isolée quand l’écart à sa voisine atteint autant "
        "d’écarts interquartiles ; 2,1 au plus dans les panoramas réels.",
    )
    national_high: float = Field(
        4.0, gt=1, description="Trop peu de zones : hors de France à autant de fois la borne nationale la plus haute."
    )
    national_low: float = Field(
        8.0, gt=1, description="Trop peu de zones : hors de France à autant de fois moins que la borne la plus basse."
    )
    expected_pct: float = Field(
        50.0,
        ge=0,
        lt=100,
        description="Un département est attendu en entier quand le fichier a plus de cette part de ses EPCI (%).",
    )
