"""What the official schema lets through and a map cannot use: coordinates, commune codes, blanks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diagpacte.errors import Fault, Severity
from diagpacte.sources.offers.cells import DROPPED
from diagpacte.sources.offers.faults import offer_fault, quoted
from diagpacte.vocabulary import commune_code

# west, south, east, north in degrees WGS84, a little wider than the land
FRANCE = (
    (-5.3, 41.3, 9.7, 51.2),  # métropole et Corse
    (-61.9, 15.8, -60.9, 16.6),  # Guadeloupe
    (-61.3, 14.3, -60.7, 15.0),  # Martinique
    (-54.7, 2.0, -51.5, 5.9),  # Guyane
    (55.1, -21.5, 55.95, -20.8),  # La Réunion
    (44.9, -13.1, 45.4, -12.5),  # Mayotte
    (-56.6, 46.7, -56.0, 47.2),  # Saint-Pierre-et-Miquelon
    (-63.2, 17.8, -62.7, 18.2),  # Saint-Martin, Saint-Barthélemy
    (-178.3, -14.5, -176.0, -13.1),  # Wallis-et-Futuna
    (-154.8, -28.0, -134.4, -7.8),  # Polynésie française
    (163.5, -22.8, 168.2, -19.5),  # Nouvelle-Calédonie
)


def check_places(columns: dict[str, list[Any]], rows: Sequence[int], file: str) -> list[Fault]:
    """Empty, in `columns`, the coordinates and commune codes that cannot be true; return what was found.

    `longitude` and `latitude` become floats, NaN where nothing usable is published: both or neither.
    """
    return [*_check_coordinates(columns, rows, file), *_check_commune_codes(columns, rows, file)]


def in_france(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Whether each point is in a box of France, overseas included; False for NaN."""
    inside = np.zeros(len(lon), dtype=bool)
    for west, south, east, north in FRANCE:
        inside |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _check_coordinates(columns: dict[str, list[Any]], rows: Sequence[int], file: str) -> list[Fault]:
    published = {name: columns[name] for name in ("longitude", "latitude")}
    lon, lat = (np.array([_number(cell) for cell in cells], dtype=float) for cells in published.values())
    said = [np.array([cell is not None for cell in cells], dtype=bool) for cells in published.values()]
    number = np.isfinite(lon) & np.isfinite(lat)
    both, outside = said[0] & said[1], number & ~in_france(lon, lat)
    kinds = (
        (said[0] ^ said[1], "une seule des deux coordonnées"),
        (both & ~number, "coordonnée qui n’est pas un nombre (NaN ou infini)"),
        (outside, "point hors de France"),
    )
    faults = []
    for wrong, found in kinds:
        places = np.flatnonzero(wrong).tolist()
        if not places:
            continue
        first = places[0]
        example = (
            f" : longitude {_shown(published['longitude'][first])}, latitude {_shown(published['latitude'][first])}"
        )
        faults.append(
            offer_fault(
                file,
                found + example,
                [rows[place] for place in places],
                expected="degrés WGS84, en métropole ou outre-mer",
                remedy="point retiré, ligne gardée : elle sera placée à sa commune",
            )
        )
    usable = number & ~outside
    columns["longitude"] = np.where(usable, lon, np.nan).tolist()
    columns["latitude"] = np.where(usable, lat, np.nan).tolist()
    return faults


def _shown(cell: object) -> str:
    return "absente" if cell is None else quoted(cell)


def _number(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _check_commune_codes(columns: dict[str, list[Any]], rows: Sequence[int], file: str) -> list[Fault]:
    codes = columns["code_insee"]
    usable = {code: commune_code(code) for code in set(codes) if code is not None}
    wrong = [place for place, code in enumerate(codes) if code is not None and usable[code] is None]
    columns["code_insee"] = [usable.get(code) for code in codes]
    if not wrong:
        return []
    found = f"code_insee : {quoted(codes[wrong[0]])} n’est pas un code de commune"
    expected = "cinq chiffres, ou 2A et 2B suivis de trois chiffres"
    return [offer_fault(file, found, [rows[place] for place in wrong], expected=expected, remedy=DROPPED)]


def check_thematics(columns: dict[str, list[Any]], rows: Sequence[int], file: str) -> list[Fault]:
    """Services without a thematic: kept, but they answer no theme through it."""
    blank = [row for row, words in zip(rows, columns["thematiques"], strict=True) if not words]
    found = "aucune thématique : ce service ne répondra qu’aux thèmes rattachés à son réseau"
    fault = offer_fault(file, found, blank, remedy="à compléter chez le producteur", severity=Severity.INFORMATION)
    return [fault] if blank else []
