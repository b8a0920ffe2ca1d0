"""The simulated values of the demonstration: invented, under the constraints of public figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

SEED = 20231215
SECRET_HOUSEHOLDS = 30  # a share is withheld when it stands on fewer poor households
PEOPLE_PER_POOR_HOUSEHOLD = np.array([1.31, 2.70, 1.30, 1.95, 2.15, 2.65])
NATIONAL_SHARES = np.array([27.0, 18.0, 11.0, 10.0, 17.0, 17.0])  # Insee Première n° 1968
PROFILE_LABELS = (
    "retraités",
    "en emploi à faibles revenus d'activité",
    "de moins de 30 ans, sans emploi",
    "30 ans ou plus, sans emploi, propriétaires",
    "30 ans ou plus, sans emploi, locataires du parc privé",
    "30 ans ou plus, sans emploi, locataires du parc social",
)


@dataclass(frozen=True)
class Factor:
    """A simulated factor column: national value, spread, weight of the town, of poverty, bounds."""

    code: str
    label: str
    theme: str
    unit: str
    base: str
    polarity: str
    mean: float
    spread: float
    town: float
    poverty: float
    low: float
    high: float
    grade: str = ""


HIGH, LOW = "haut = défavorable", "bas = défavorable"
FACTORS = (
    Factor("TXCHOM22", "Taux de chômage (recensement) des 15-64 ans", "Insertion professionnelle et marché du travail",
           "%", "personnes", HIGH, 11.3, 2.9, 0.3, 0.8, 4, 26, "EMPLOI"),
    Factor("INFBAC22", "Part de non-scolarisés de niveau inférieur au bac", "Niveau de formation initiale",
           "%", "personnes", HIGH, 48.6, 7.0, -0.7, 0.5, 18, 72, "FORMATION"),
    Factor("MONOP22", "Part des familles monoparentales", "Situations familiales",
           "%", "ménages", HIGH, 9.8, 2.0, 0.6, 0.5, 4, 18, "FAMILLE"),
    Factor("P75P22", "Part des 75 ans ou plus", "Situations familiales",
           "%", "personnes", HIGH, 10.5, 2.4, -0.6, 0.1, 4, 22),
    Factor("SUROCC22", "Part de résidences principales suroccupées", "Logement",
           "%", "résidences principales", HIGH, 6.5, 4.5, 0.8, 0.4, 0.8, 32, "LOGEMENT"),
    Factor("CONCEMP22", "Indice de concentration de l'emploi", "Mobilité",
           "indice", "emplois", LOW, 88.0, 25.0, 0.7, 0.0, 28, 190, "MOBILITE"),
    Factor("APLMG21", "Accessibilité potentielle localisée aux médecins généralistes", "Accès aux soins",
           "consultations/an/hab.", "personnes", LOW, 3.4, 0.8, 0.4, -0.2, 1, 6, "SOINS"),
    Factor("DPEFG24", "Part de logements diagnostiqués F ou G", "Énergie (thème complémentaire)",
           "%", "logements", HIGH, 13.5, 6.0, -0.7, 0.3, 2, 45),
)  # fmt: skip
COUNTS = (
    ("NBMENFISC21", "Ménages fiscaux", "nombre", "ménages"),
    ("NBPERSMENFISC21", "Personnes", "nombre", "personnes"),
    ("MED21", "Médiane du niveau de vie", "euros par an", "personnes"),
    ("TP6021", "Taux de pauvreté", "%", "personnes"),
    ("NBMENPAUV21", "Ménages pauvres", "nombre", "ménages"),
    ("NBPERSPAUV21", "Personnes pauvres", "nombre", "personnes"),
)


def simulate(zones: pd.DataFrame) -> pd.DataFrame:
    """Correlated columns: towns are poorer and younger, the countryside older and longer to cross."""
    rng = np.random.default_rng(SEED)
    n = len(zones)
    town = _standard(np.log(zones["population"].to_numpy(dtype=float)))
    poverty = _standard(0.35 * town + rng.normal(size=n))
    out = zones.copy()
    out["NBPERSMENFISC21"] = (zones["population"] * 0.97).round().astype("int64")
    out["NBMENFISC21"] = (out["NBPERSMENFISC21"] / (2.35 - 0.12 * town)).round().astype("int64")
    out["TP6021"] = np.clip(12.8 + 3.2 * poverty, 5, 45).round(1)
    out["MED21"] = ((23_400 - 1_500 * poverty + 400 * rng.normal(size=n)) / 10).round() * 10
    shares = _shares(town, poverty, rng)
    out["NBPERSPAUV21"] = (out["NBPERSMENFISC21"] * out["TP6021"] / 100).round().astype("int64")
    size = shares @ PEOPLE_PER_POOR_HOUSEHOLD / 100
    out["NBMENPAUV21"] = (out["NBPERSPAUV21"] / size).round().astype("int64")
    persons = 100 * shares * PEOPLE_PER_POOR_HOUSEHOLD / (shares @ PEOPLE_PER_POOR_HOUSEHOLD)[:, None]
    for profile in range(6):
        out[f"P{profile + 1}_MEN21"] = shares[:, profile]
        out[f"P{profile + 1}_PERS21"] = persons[:, profile].round(1)
    for factor in FACTORS:
        noise = rng.normal(size=n)
        raw = factor.mean + factor.spread * (factor.town * town + factor.poverty * poverty + 0.5 * noise)
        out[factor.code] = np.clip(raw, factor.low, factor.high).round(2)
    out["P23_POP"] = zones["population"].astype("int64")
    return out


def _standard(values: Array) -> Array:
    spread = float(values.std()) or 1.0
    standard: Array = (values - values.mean()) / spread
    return standard


def _shares(town: Array, poverty: Array, rng: np.random.Generator) -> Array:
    """Six shares summing to 100 at one decimal, drawn around the national ones."""
    pull = np.column_stack([-0.25 * town, -0.10 * poverty, 0.25 * town, -0.35 * town, 0.10 * poverty, 0.35 * town])
    weights = NATIONAL_SHARES * np.exp(pull + 0.10 * rng.normal(size=pull.shape))
    shares = (100 * weights / weights.sum(axis=1, keepdims=True)).round(1)
    shares[:, 0] = (shares[:, 0] + 100 - shares.sum(axis=1)).round(1)
    rounded: Array = shares
    return rounded


def masked_shares(values: pd.DataFrame) -> dict[str, list[object]]:
    """The profile columns with « s » on small shares, and a second « s » wherever one would stand alone."""
    shares = values[[f"P{p}_MEN21" for p in range(1, 7)]].to_numpy()
    households = shares * values["NBMENPAUV21"].to_numpy()[:, None] / 100
    hidden = households < SECRET_HOUSEHOLDS
    for row in np.flatnonzero(hidden.sum(axis=1) == 1):
        hidden[row, np.where(hidden[row], np.inf, households[row]).argmin()] = True
    return {
        f"P{p}_{base}21": [
            "s" if secret else float(value)
            for secret, value in zip(hidden[:, p - 1], values[f"P{p}_{base}21"], strict=True)
        ]
        for base in ("MEN", "PERS")
        for p in range(1, 7)
    }
