"""Simulated offers in the official data.inclusion v1 schema, as the bytes of two JSON files.

Every thematic is covered; some offers lack coordinates, some are remote, some declare no zone.
Nothing here is a real structure: names are numbered and say « fictif ».
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

SEED = 20231216
PEOPLE_PER_STRUCTURE = 6_000
UNLOCATED, REMOTE, NO_ZONE, DEPARTMENT_WIDE = 0.04, 0.05, 0.4, 0.4  # shares of the offers
UPDATED = ("2025-02-03", "2025-06-17", "2025-09-01", "2025-11-20")
# source → (network, how a structure is named, share of the structures)
SOURCES = {
    "france-services": ("france-service", "Espace fictif de services", 0.14),
    "mediation-numerique": ("conseillers-numeriques", "Lieu fictif de médiation numérique", 0.22),
    "france-travail": ("france-travail", "Agence fictive pour l’emploi", 0.08),
    "mission-locale": ("mission-locale", "Antenne fictive de mission locale", 0.06),
    "dora": ("ccas-cias", "Accueil social fictif", 0.50),
}
OWN_CATEGORIES = {
    "france-services": ("difficultes-administratives-ou-juridiques",),
    "mediation-numerique": ("numerique",),
    "france-travail": ("trouver-un-emploi", "choisir-un-metier", "preparer-sa-candidature", "souvrir-a-linternational"),
    "mission-locale": ("se-former", "choisir-un-metier"),
}
PUBLICS = ("tous-publics", "familles", "femmes", "seniors", "jeunes", "demandeurs-emploi")


def simulated_offers(communes: pd.DataFrame, thematics: tuple[str, ...], department: str) -> tuple[bytes, bytes]:
    """(services, structures) as JSON bytes, about one structure per 6,000 inhabitants.

    `communes` has one row per commune of the département and its ring: code, name, postcode,
    population (> 0), lon, lat. `thematics` are the leaves of the official vocabulary, all served.
    """
    rng = np.random.default_rng(SEED)
    communes = communes.sort_values("code", ignore_index=True)
    structures = [
        _structure(number, communes, rng)
        for number in range(1, int(communes["population"].sum() / PEOPLE_PER_STRUCTURE) + 1)
    ]
    services = [
        _service(structure, thematic, rng, department)
        for structure, leaves in zip(structures, _leaves(structures, thematics, rng), strict=True)
        for thematic in leaves
    ]
    return _json(services), _json(structures)


def _structure(number: int, communes: pd.DataFrame, rng: np.random.Generator) -> dict[str, Any]:
    weights = communes["population"].to_numpy(dtype=float) ** 0.8
    commune = communes.iloc[int(rng.choice(len(communes), p=weights / weights.sum()))]
    source = str(rng.choice(list(SOURCES), p=[share for *_, share in SOURCES.values()]))
    network, name, _ = SOURCES[source]
    located = rng.random() > UNLOCATED
    lon, lat = commune["lon"] + rng.normal(scale=0.006), commune["lat"] + rng.normal(scale=0.004)
    return {
        "source": source,
        "id": f"{source}--demo-{number:04d}",
        "nom": f"{name} n° {number}",
        "date_maj": str(rng.choice(UPDATED)),
        "description": "Structure fictive de la démonstration.",
        "siret": None,
        "commune": commune["name"],
        "code_postal": commune["postcode"],
        "code_insee": commune["code"],
        "adresse": f"{int(rng.integers(1, 90))} rue de l’Exemple",
        "longitude": round(float(lon), 6) if located else None,
        "latitude": round(float(lat), 6) if located else None,
        "reseaux_porteurs": [network],
    }


def _leaves(structures: list[dict[str, Any]], thematics: tuple[str, ...], rng: np.random.Generator) -> list[list[str]]:
    """Thematics of each structure: those of its source's trade, else any; then none left unserved."""
    chosen: list[list[str]] = []
    for structure in structures:
        own = OWN_CATEGORIES.get(structure["source"])
        choices = [leaf for leaf in thematics if own is None or leaf.split("--")[0] in own]
        count = min(len(choices), int(rng.integers(1, 4)))
        chosen.append(sorted(rng.choice(choices, size=count, replace=False).tolist()))
    general = [at for at, structure in enumerate(structures) if structure["source"] == "dora"]
    served = {leaf for leaves in chosen for leaf in leaves}
    for at, leaf in enumerate(sorted(set(thematics) - served)):
        chosen[general[at % len(general)]].append(leaf)
    return chosen


def _service(structure: dict[str, Any], thematic: str, rng: np.random.Generator, department: str) -> dict[str, Any]:
    draw, public = rng.random(), str(rng.choice(PUBLICS))
    return {
        **{name: structure[name] for name in ("source", "date_maj", "commune", "code_postal", "code_insee", "adresse")},
        "structure_id": structure["id"],
        "id": f"{structure['id']}-{thematic.split('--')[1]}",
        "nom": f"Service fictif : {thematic.split('--')[1].replace('-', ' ')}"[:150],
        "description": "Service fictif de la démonstration.",
        "type": "accompagnement",
        "thematiques": [thematic],
        "frais": "gratuit",
        "publics": [public],
        "longitude": structure["longitude"],
        "latitude": structure["latitude"],
        "modes_accueil": ["a-distance"] if draw < REMOTE else ["en-presentiel"],
        "zone_eligibilite": None
        if draw < NO_ZONE
        else [department if draw < NO_ZONE + DEPARTMENT_WIDE else structure["code_insee"]],
    }


def _json(records: list[dict[str, Any]]) -> bytes:
    return json.dumps(records, ensure_ascii=False, indent=1).encode()
