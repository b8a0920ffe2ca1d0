"""Small files of offers in the official v1 schema: the valid case, of which a test changes one thing."""

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from diagpacte.settings import load_settings
from diagpacte.sources.manifest import describe, detect
from diagpacte.sources.offers.files import OfferReading, read_offers
from diagpacte.sources.offers.list_layout import ListLayout, list_layouts
from diagpacte.tables import TABLES, RawOffers
from workbook_builders import read as read_indicators

AS_OF = date(2026, 1, 1)
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
STEPS = "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives"
DIGITAL = "numerique--acquerir-un-equipement"

SERVICE: dict[str, Any] = {
    "source": "dora", "structure_id": "dora--a", "id": "dora--a-1", "nom": "Aide aux démarches",
    "description": "Aide aux démarches du quotidien.", "lien_source": None, "date_maj": "2025-06-30",
    "type": "accompagnement", "thematiques": [RIGHTS], "frais": "gratuit", "frais_precisions": None,
    "publics": ["tous-publics"], "publics_precisions": None, "conditions_acces": None, "commune": "Lille",
    "code_postal": "59000", "code_insee": "59350", "adresse": "1 place du Général-de-Gaulle",
    "complement_adresse": None, "longitude": 3.0573, "latitude": 50.6366, "telephone": None, "courriel": None,
    "modes_accueil": ["en-presentiel"], "zone_eligibilite": ["59"], "contact_nom_prenom": None,
    "lien_mobilisation": None, "modes_mobilisation": ["se-presenter"], "mobilisable_par": ["usagers"],
    "mobilisation_precisions": None, "volume_horaire_hebdomadaire": None, "nombre_semaines": None,
    "horaires_accueil": None, "score_qualite": 0.8,
}  # fmt: skip

STRUCTURE: dict[str, Any] = {
    "source": "dora", "id": "dora--a", "nom": "CCAS de Lille", "date_maj": "2025-06-30", "description": None,
    "lien_source": None, "siret": "26590001400015", "commune": "Lille", "code_postal": "59000",
    "code_insee": "59350", "adresse": "1 place du Général-de-Gaulle", "complement_adresse": None,
    "longitude": 3.0573, "latitude": 50.6366, "telephone": None, "courriel": None, "site_web": None,
    "horaires_accueil": None, "accessibilite_lieu": None, "reseaux_porteurs": ["ccas-cias"],
}  # fmt: skip
PLACE = {
    "id_fs": "1", "insee_dep": "59", "lib_fs": "France services de Lille", "adresse": "2 rue de Paris",
    "insee_com": "59350", "code_postal": "59000", "lib_com": "Lille", "latitude": "50.63", "longitude": "3.06",
    "mail": "", "telephone": "", "commentaire": "", "format_fs": "Fixe",
}  # fmt: skip


def service(**changes: Any) -> dict[str, Any]:
    return {**SERVICE, **changes}


def structure(**changes: Any) -> dict[str, Any]:
    return {**STRUCTURE, **changes}


def write(path: Path, records: Iterable[dict[str, Any]], sep: str = ",") -> Path:
    """`records` as the open-data exports write them; the format is the suffix of `path`."""
    records = list(records)
    if path.suffix == ".json":
        path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    elif path.suffix == ".parquet":
        pd.DataFrame(records).to_parquet(path)
    else:  # a list cell becomes its Python repr, as in the real CSV
        pd.DataFrame(records).to_csv(path, index=False, sep=sep)
    return path


@cache
def holds_indicators(path: Path) -> bool:
    """Whether the reader of indicators finds a table of zones in `path`."""
    return read_indicators(path).tables > 0


def layouts() -> dict[str, ListLayout]:
    """The plain lists delivered with diagpacte."""
    return list_layouts(load_settings(Path("no workspace")).layouts)


def read(*paths: Path, as_of: date = AS_OF) -> OfferReading:
    """`paths`, all in one folder, recorded in this order then read."""
    entries = [describe(path, detect(path, layouts(), holds_indicators)) for path in paths]
    return read_offers(paths[0].parent, entries, layouts(), as_of)


def said(reading: OfferReading) -> str:
    return "\n".join(str(fault) for fault in reading.faults).replace("\u00a0", " ").replace("\u202f", " ")


def offer(**changes: Any) -> dict[str, Any]:
    """One row of RawOffers: a located, counted service of a CCAS in Lille."""
    row = {
        "source_id": "s.json", "offer_source": "dora", "record": "service", "structure_id": "dora--a",
        "service_id": "dora--a-1", "name": "CCAS", "service_name": "Aide", "service_type": "accompagnement",
        "thematics": [RIGHTS], "networks": ["ccas-cias"], "publics": ["tous-publics"], "commune_code": "59350",
        "commune_name": "Lille", "postcode": "59000", "address": None, "lon": 3.06, "lat": 50.63, "siret": None,
        "eligibility_zones": [], "in_person": True, "remote": False, "updated_on": date(2025, 1, 1),
        "nature": "real", "counted": True, "excluded_because": "", "row": 1,
    } | changes  # fmt: skip
    return {"offer_id": f"{row['source_id']}/{row['service_id'] or row['structure_id']}", **row}


def offers(*rows: dict[str, Any]) -> RawOffers:
    return RawOffers(TABLES["raw_offers"].frame(list(rows)))


def bare(identifier: str, **changes: Any) -> dict[str, Any]:
    """A structure without service."""
    return offer(record="structure", structure_id=identifier, service_id=None, service_name=None, **changes)
