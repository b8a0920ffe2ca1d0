"""From checked columns to rows of RawOffers. No contact and no description has a column there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from diagpacte.sources.offers.faults import plain_text
from diagpacte.vocabulary import Nature

NAME_LENGTH, ADDRESS_LENGTH, CODE_LENGTH = 150, 300, 14  # characters kept (150 is the official limit of a name)
Columns = Mapping[str, list[Any]]


def service_rows(services: Columns, structures: Columns | None) -> dict[str, list[Any]]:
    """Services with the name, networks and SIRET of their structure.

    A structure that is not in `structures` is named by its identifier.
    """
    known: dict[str, int] = {}
    if structures is not None:
        known = {structure: place for place, structure in enumerate(structures["id"])}
    places = [known.get(structure) for structure in services["structure_id"]]

    def of_structure(field: str) -> list[Any]:
        cells = structures[field] if structures is not None else []
        return [None if place is None else cells[place] for place in places]

    return {
        **_place_and_date(services),
        "record": ["service"] * len(places),
        "structure_id": services["structure_id"],
        "service_id": services["id"],
        "name": _names(of_structure("nom"), services["structure_id"]),
        "service_name": _texts(services["nom"], NAME_LENGTH),
        "service_type": services["type"],
        "thematics": _lists(services["thematiques"]),
        "networks": _lists(of_structure("reseaux_porteurs")),
        "publics": _lists(services["publics"]),
        "siret": of_structure("siret"),
        "eligibility_zones": _lists(services["zone_eligibilite"]),
        "in_person": [not modes or "en-presentiel" in modes for modes in services["modes_accueil"]],
        "remote": ["a-distance" in (modes or ()) for modes in services["modes_accueil"]],
    }


def structure_rows(structures: Columns, *, in_person: bool = True, remote: bool = False) -> dict[str, list[Any]]:
    """Structures that publish no service: their networks (and a list's thematics) are all they say."""
    size = len(structures["id"])
    nothing: list[Any] = [None] * size
    return {
        **_place_and_date(structures),
        "record": ["structure"] * size,
        "structure_id": structures["id"],
        "service_id": nothing,
        "name": _names(structures["nom"], structures["id"]),
        "service_name": nothing,
        "service_type": _texts(structures.get("type", nothing), NAME_LENGTH),
        "thematics": _lists(structures.get("thematiques", nothing)),
        "networks": _lists(structures["reseaux_porteurs"]),
        "publics": _lists(structures.get("publics", nothing)),
        "siret": _texts(structures["siret"], CODE_LENGTH),
        "eligibility_zones": _lists(nothing),
        "in_person": [in_person] * size,
        "remote": [remote] * size,
    }


def offer_frame(columns: dict[str, list[Any]], rows: Sequence[int], source_id: str, nature: Nature) -> pd.DataFrame:
    """The columns of RawOffers for one file; `offer_id` is the file and the identifier in it."""
    identifiers = [
        service or structure for service, structure in zip(columns["service_id"], columns["structure_id"], strict=True)
    ]
    frame = pd.DataFrame(
        {**columns, "offer_id": [f"{source_id}/{identifier}" for identifier in identifiers], "row": list(rows)}
    )
    return frame.assign(source_id=source_id, nature=nature.value, counted=True, excluded_because="")


def _place_and_date(columns: Columns) -> dict[str, list[Any]]:
    return {
        "offer_source": columns["source"],
        "commune_code": columns["code_insee"],
        "commune_name": _texts(columns["commune"], NAME_LENGTH),
        "postcode": _texts(columns["code_postal"], CODE_LENGTH),
        "address": _texts(columns["adresse"], ADDRESS_LENGTH),
        "lon": columns["longitude"],
        "lat": columns["latitude"],
        "updated_on": _days(columns["date_maj"]),
    }


def _names(names: list[Any], identifiers: list[str]) -> list[str]:
    return [name or identifier for name, identifier in zip(_texts(names, NAME_LENGTH), identifiers, strict=True)]


def _texts(cells: list[Any], limit: int) -> list[str | None]:
    clean = {cell: plain_text(cell, limit) or None for cell in set(cells) if cell is not None}
    return [clean.get(cell) for cell in cells]


def _lists(cells: list[Any]) -> list[list[str]]:
    return [cell if cell is not None else [] for cell in cells]


def _days(cells: list[Any]) -> list[date | None]:
    """Days as the schema let them through: a date, or a text that begins with AAAA-MM-JJ."""
    days = {cell: cell if type(cell) is date else _day(cell) for cell in set(cells) if cell is not None}
    return [days.get(cell) for cell in cells]


def _day(cell: object) -> date | None:
    try:
        return date.fromisoformat(str(cell)[:10])
    except ValueError:
        return None
