"""A valid small place for the crossing, drawn in kilometres; each test changes one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import shapely
from pyproj import Transformer

from diagpacte.tables import TABLES, Communes, Members, Needs, Offers, SourceCoverage, Zones
from diagpacte.vocabulary import Theme

EPSG = 2154
ORIGIN = (700_000.0, 6_600_000.0)  # metres, in the middle of Lambert-93
THEME, OTHER = "A2.eloignes_emploi", "A3.expulsions"
SOURCE = "france-travail"
VINTAGE = 2025
TO_DEGREES = Transformer.from_crs(EPSG, 4326, always_xy=True)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a point at x km east and y km north of the origin."""
    lon, lat = TO_DEGREES.transform(ORIGIN[0] + 1_000 * x, ORIGIN[1] + 1_000 * y)
    return lon, lat


def epci(number: int = 1) -> str:
    return f"EPCI:{200_000_000 + number}"


def member(code: str, x: float, y: float = 0, population: int | None = 100, **changes: Any) -> dict[str, Any]:
    lon, lat = degrees(x, y)
    return {
        "zone_code": epci(), "commune_code": code, "geo_vintage": VINTAGE, "name": code, "department": code[:2],
        "inside": True, "population": population, "lon": lon, "lat": lat,
    } | changes  # fmt: skip


def offer(key: str, x: float | None = 0, y: float = 0, **changes: Any) -> dict[str, Any]:
    lon, lat = (None, None) if x is None else degrees(x, y)
    return {
        "structure_id": key, "theme": THEME, "source_id": "offres", "offer_source": SOURCE, "name": key, "services": 1,
        "networks": [], "responsable": "etat_operateur", "dispositif_id": None,
        "placement": "non_localise" if x is None else "coordonnees", "commune_code": None if x is None else "01001",
        "lon": lon, "lat": lat, "remote_only": False, "zones_declared": 0, "updated_on": None, "confidence": "moyenne",
        "nature": "real",
    } | changes  # fmt: skip


def covered(department: str, source: str = SOURCE, structures: int = 5) -> dict[str, Any]:
    return {
        "source_id": "offres", "offer_source": source, "department": department, "structures": structures,
        "services": structures, "updated_from": None, "updated_to": None, "claim": "non déclaré",
    }  # fmt: skip


def need(zone: str, *, strong: bool | None = True, **changes: Any) -> dict[str, Any]:
    """A need classed by national bounds; `strong` None is a theme without indicator."""
    missing = strong is None
    return {
        "zone_code": zone, "theme": THEME, "variant": 0, "lower": None, "upper": None, "indicator": None if missing else "unemployment_rate_pct",
        "confidence": "moyenne", "year": 2022, "period": "2022", "base": "personnes", "value": None if missing else 12.0,
        "unit": "pct", "availability": "not_available" if missing else "observed", "nature": "real",
        "class_rule": "aucune" if missing else "bornes_nationales",
        "class_index": None if missing else 2 if strong else 0, "class_count": None if missing else 4,
        "class_label": "" if missing else "de 12 à moins de 16\u00a0%" if strong else "moins de 8\u00a0%",
        "strong": strong, "rank": None, "ranked": None, "reference_territory": None, "reference_france": None,
        "people": None, "people_availability": "not_available", "score": None, "score_availability": "not_available",
        "observation": "", "source_id": "panorama", "reason": "non mesuré\u00a0: rien ne le dit" if missing else "",
    } | changes  # fmt: skip


def zone(code: str, population: int | None, **changes: Any) -> dict[str, Any]:
    """A square of 100 km around the origin, unless its `geometry` is given."""
    kind, _, bare = code.partition(":")
    square = shapely.to_wkb(shapely.box(*degrees(-50, -50), *degrees(50, 50)))
    return {
        "zone_code": code, "geo_vintage": VINTAGE, "kind": kind, "code": bare, "name": bare, "short_name": bare,
        "departments": ["01"], "communes": 1, "population": population, "population_inside": population,
        "population_year": 2023, "share_inside": 1.0, "contour_approximate": False, "geometry": square,
        "geometry_inside": square,
    } | changes  # fmt: skip


def theme(**changes: Any) -> Theme:
    fields: dict[str, Any] = {
        "theme": THEME, "list": "departement", "axis": 2, "order": 7, "label": "Accompagnement vers l’emploi",
        "question": "Quelles actions ?", "target_population": "personnes éloignées de l’emploi", "reach_km": 10.0,
        "reach_source": "norme de travail, à valider", "offer_noun": "accompagnement vers l’emploi",
        "need_phrase": "l’éloignement de l’emploi",
    }  # fmt: skip
    return Theme(**fields | changes)


def members(*rows: Mapping[str, Any]) -> Members:
    return Members(TABLES["members"].frame(list(rows)))


def offers(*rows: Mapping[str, Any]) -> Offers:
    return Offers(TABLES["offers"].frame(list(rows)))


def sources(*rows: Mapping[str, Any]) -> SourceCoverage:
    return SourceCoverage(TABLES["source_coverage"].frame(list(rows)))


def needs(*rows: Mapping[str, Any]) -> Needs:
    return Needs(TABLES["needs"].frame(list(rows)))


def zones(*rows: Mapping[str, Any]) -> Zones:
    return Zones(TABLES["zones"].frame(list(rows)))


def zones_of(members: Members) -> Zones:
    """The zones that `members` make, each as wide as the place; population unknown where one commune's is."""
    people = members.groupby("zone_code")["population"].sum(skipna=False)
    return zones(*(zone(str(code), None if pd.isna(total) else int(total)) for code, total in people.items()))


def communes(rows: Iterable[tuple[str, float, float]]) -> Communes:
    """Communes around: code, x and y in km."""
    return Communes(
        TABLES["communes"].frame(
            [
                {
                    "code": code, "geo_vintage": VINTAGE, "name": code, "department": code[:2], "region": "84",
                    "epci": None, "ept": None, "population": 100, "population_year": 2023,
                    "lon": degrees(x, y)[0], "lat": degrees(x, y)[1],
                }
                for code, x, y in rows
            ]
        )
    )  # fmt: skip
