"""Small published tables for the maps: a grid territory made by hand, each case changing one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import shapely
from matplotlib.figure import Figure
from matplotlib.text import Text

from diagpacte.deliverables.map_page import settings
from diagpacte.deliverables.rules import MapContext
from diagpacte.deliverables.style import PAGE
from diagpacte.disclosure.gate import publish
from diagpacte.tables import TABLES, Published
from diagpacte.vocabulary import Base, Indicator, Role, Territory, TerritoryCode, Theme

THEME = "A2.eloignes_emploi"
WEST, SOUTH, STEP = 3.0, 48.0, 0.1  # degrees: squares of about 7 by 11 km
VINTAGE = 2025


def square(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Geometry:
    x, y = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(x, y, x + width * STEP, y + height * STEP)


def territory(**changes: Any) -> Territory:
    fields: dict[str, Any] = {
        "code": TerritoryCode("77"), "kind": "departement", "name": "Damier", "in_place": "dans le Damier",
        "of_place": "du Damier", "slug": "damier", "departments": ("77",), "geo_vintage": VINTAGE,
        "theme_lists": ("departement",), "zone_noun": "EPCI",
    }  # fmt: skip
    return Territory(**fields | changes)


def theme(**changes: Any) -> Theme:
    fields: dict[str, Any] = {
        "theme": THEME, "list": "departement", "axis": 2, "order": 7, "label": "Accompagnement vers l’emploi",
        "question": "Quelles actions ?", "target_population": "personnes éloignées de l’emploi", "reach_km": 10.0,
        "reach_source": "norme de travail, à valider", "offer_noun": "accompagnement vers l’emploi",
        "need_phrase": "l’éloignement de l’emploi",
    }  # fmt: skip
    return Theme(**fields | changes)


def indicator(**changes: Any) -> Indicator:
    fields: dict[str, Any] = {
        "indicator": "unemployment_rate_pct", "published_codes": ("TXCHOM{yy}",),
        "label": "Taux de chômage des 15-64 ans",
        "label_long": "Chômeurs de 15 à 64 ans au sens du recensement, rapportés aux actifs du même âge",
        "role": Role.NEED, "unit": "pct", "base": Base.PERSONS, "polarity": "high_worse", "low": 0.0, "high": 100.0,
        "kind": "rate", "source": "Insee, recensement", "theme_factor": "emploi", "note": "",
    }  # fmt: skip
    return Indicator(**fields | changes)


def context(**changes: Any) -> MapContext:
    fields: dict[str, Any] = {
        "epsg": 2154,
        "indicator": indicator(),
        "need_bounds": (8.0, 12.0, 16.0),
        "need_bounds_note": "1er quartile, 3e quartile et 95e centile des 1\u00a0243 EPCI et EPT de métropole, arrondis",
        "offer_labels": {"france-services": "France services", "france-travail": "France Travail"},
    }
    return MapContext(**fields | changes)


def zone(
    code: str, name: str, shape: shapely.Geometry, inside: shapely.Geometry | None = None, **changes: Any
) -> dict[str, Any]:
    kind, _, bare = code.partition(":")
    within = shape if inside is None else inside
    share = within.area / shape.area
    return {
        "zone_code": code, "geo_vintage": VINTAGE, "kind": kind, "code": bare, "name": name, "short_name": name,
        "departments": ["77"], "communes": 1, "population": 10_000, "population_inside": round(10_000 * share),
        "population_year": 2023, "share_inside": share, "contour_approximate": False,
        "geometry": shapely.to_wkb(shape), "geometry_inside": shapely.to_wkb(within),
    } | changes  # fmt: skip


def need(code: str, value: float | None, class_index: int | None, **changes: Any) -> dict[str, Any]:
    """A national class by default; `value` None is « secret »."""
    missing = value is None
    return {
        "zone_code": code, "theme": THEME, "variant": 0, "lower": None, "upper": None, "indicator": "unemployment_rate_pct", "confidence": "moyenne",
        "year": 2022, "period": "2022", "base": Base.PERSONS, "value": value, "unit": "pct",
        "availability": "secret" if missing else "observed", "nature": "real",
        "class_rule": "bornes_nationales", "class_index": class_index, "class_count": None if class_index is None else 4,
        "class_label": "", "strong": None if class_index is None else class_index >= 2, "rank": None, "ranked": None,
        "reference_territory": 14.9, "reference_france": 11.3, "people": None,
        "people_availability": "not_available", "score": None, "score_availability": "not_available",
        "observation": "", "source_id": "panorama", "reason": "",
    } | changes  # fmt: skip


def coverage(code: str, nearest_km: float | None, access_class: int | None, **changes: Any) -> dict[str, Any]:
    missing = nearest_km is None
    return {
        "zone_code": code, "theme": THEME, "variant": 0, "offer_sources": ["france-travail"], "located": 1,
        "located_inside": 1, "services": 1, "located_availability": "observed", "declared": None,
        "declared_availability": "not_available", "remote": None, "remote_availability": "not_available",
        "offers_per_10000_inhabitants": 1.0, "reach_km": 10.0, "nearest_km": nearest_km, "nearest_lower_km": nearest_km,
        "nearest_availability": "not_covered" if missing else "observed", "beyond_reach_pct": None, "fca": None,
        "fca_availability": "not_available", "access_class": access_class,
        "access_weak": None if missing else nearest_km > 10, "gap_class": "non recensé" if missing else "non mesuré",
        "gap_reason": "", "nature": "real",
    } | changes  # fmt: skip


def offer(key: str, lon: float | None, lat: float | None, **changes: Any) -> dict[str, Any]:
    return {
        "structure_id": key, "theme": THEME, "source_id": "offres", "offer_source": "france-travail", "name": key,
        "services": 1, "networks": [], "responsable": "etat_operateur", "dispositif_id": None,
        "placement": "coordonnees", "commune_code": "77001", "lon": lon, "lat": lat, "remote_only": False,
        "zones_declared": 0, "updated_on": date(2024, 8, 5), "confidence": "moyenne", "nature": "simulated",
    } | changes  # fmt: skip


def source(source_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "source_id": source_id, "file": f"{source_id}.xlsx", "title": "", "kind": "panorama", "producer": "Insee",
        "licence": "Licence Ouverte 2.0", "vintage": "recensement 2022", "geo_vintage": VINTAGE, "published_on": None,
        "nature": "real", "diffusion": "publique", "sha256": "0" * 64, "size": 1, "rows": 1, "note": "",
    } | changes  # fmt: skip


def ground(kind: str, code: str, name: str, shape: shapely.Geometry) -> dict[str, Any]:
    return {"kind": kind, "code": code, "name": name, "geometry": shapely.to_wkb(shape)}


def member(zone_code: str, commune: str, *, inside: bool = True) -> dict[str, Any]:
    return {
        "zone_code": zone_code, "commune_code": commune, "geo_vintage": VINTAGE, "name": commune, "department": "77",
        "inside": inside, "population": 100, "lon": WEST, "lat": SOUTH,
    }  # fmt: skip


def epci(number: int) -> str:
    return f"EPCI:{200_000_000 + number}"


def published(diffusion: str = "comite", **tables: Iterable[Mapping[str, Any]]) -> Published:
    """The tables of a map, absent ones empty."""
    names = ("zones", "ground", "members", "needs", "coverage", "offers", "sources")
    return publish({name: TABLES[name].frame(list(tables.get(name, ()))) for name in names}, diffusion)


NAMES = (
    "Plaine de l’Ouest", "Val d’Azur", "Cœur de Damier", "Hautes Terres", "Pays de Mormal", "Rives du Nord",
    "Boucles de l’Oule", "Monts et Vallées", "Grand Est du Damier", "Communauté urbaine du Sud", "Bocage", "Marches",
)  # fmt: skip


def grid(columns: int = 4, rows: int = 3) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Zones and ground of a chequered territory; the last zone straddles the east border by half."""
    zones = []
    for number in range(columns * rows):
        column, row = number % columns, number // columns
        last = number == columns * rows - 1
        shape = square(column, row, width=2 if last else 1)
        zones.append(zone(epci(number), NAMES[number % len(NAMES)], shape, square(column, row) if last else None))
    outline = square(0, 0, columns, rows)
    frame = square(-columns, -rows, 3 * columns, 3 * rows)
    straddling = square(columns, rows - 1)
    neighbour = frame.difference(outline)
    west = neighbour.intersection(square(-columns, -rows, columns, 3 * rows))
    shapes = [
        ground("territoire", "77", "Damier", outline),
        ground("departement", "01", "Couchant", west),
        ground("departement", "02", "Levant", neighbour.difference(west)),
        ground("epci", "300000001", "Ailleurs", west),
        ground("epci", "300000002", "Là-bas", neighbour.difference(west).difference(straddling)),
    ]
    return zones, shapes


def damier(
    needs: Sequence[Mapping[str, Any]] | None = None,
    access: Sequence[Mapping[str, Any]] | None = None,
    diffusion: str = "comite",
    **tables: Iterable[Mapping[str, Any]],
) -> Published:
    """A territory of twelve squares with every class of need and access, and nine offers."""
    zones, shapes = grid()
    values = [5.0, 9.0, 13.0, 17.0]
    distances = [1.0, 6.0, 12.0, 25.0]
    if needs is None:
        needs = [need(z["zone_code"], values[i % 4] + i / 10, i % 4) for i, z in enumerate(zones)]
    if access is None:
        access = [coverage(z["zone_code"], distances[i % 4] + i / 10, i % 4) for i, z in enumerate(zones)]
    points = [
        offer(f"o{i}", WEST + (0.5 + i % 3) * STEP, SOUTH + (0.3 + i // 3) * STEP, services=1 + i) for i in range(9)
    ]
    outside = [offer("dehors", WEST - STEP, SOUTH + STEP, offer_source="france-travail")]
    usual: dict[str, Any] = {
        "zones": zones,
        "ground": shapes,
        "members": [member(z["zone_code"], f"77{i:03}") for i, z in enumerate(zones)],
        "needs": needs,
        "coverage": access,
        "offers": points + outside,
        "sources": [source("panorama"), source("offres", kind="offre_services", producer="Plateforme de l’inclusion",
                                               vintage="août 2024", nature="simulated")],
    }  # fmt: skip
    return published(diffusion, **(usual | tables))


Box = tuple[float, float, float, float]


def texts(figure: Figure) -> list[Text]:
    """Every line written on a page."""
    return [text for text in figure.axes[0].texts if text.get_text().strip()]


def text_boxes(figure: Figure) -> list[tuple[str, Box]]:
    """Each line of a page and its box in millimetres, as the renderer measures it: left, bottom, right, top."""
    with settings():
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts(figure)]
    scale = 25.4 / figure.dpi
    return [(line, (box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale)) for line, box in boxes]


def clashes(figure: Figure, slack: float = 0.3) -> list[str]:
    """Lines that leave the page, and pairs of lines that meet by more than `slack` millimetres; none is right."""
    boxes = text_boxes(figure)
    wide, high = PAGE
    found = [
        f"hors de la page : {text}" for text, (a, b, c, d) in boxes if a < 5 or b < 5 or c > wide - 5 or d > high - 5
    ]
    for i, (one, (a, b, c, d)) in enumerate(boxes):
        for two, (e, f, g, h) in boxes[i + 1 :]:
            if min(c, g) - max(a, e) > slack and min(d, h) - max(b, f) > slack:
                found.append(f"« {one} » sur « {two} »")
    return found


def hidden_points(figure: Figure) -> list[str]:
    """Zone names written over the centre of a symbol of an offer; none is right."""
    axes = figure.axes[0]
    places = [
        tuple(map(float, artist.get_offset_transform().transform(offset)))
        for artist in axes.collections
        if str(artist.get_gid() or "").startswith(("accès-", "besoin-"))
        for offset in artist.get_offsets()
    ]
    with settings():
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        names = [
            (t, t.get_window_extent(renderer))
            for t in texts(figure)
            if str(t.get_gid() or "").startswith(("nom-", "needs/", "coverage/"))
        ]
    return [t.get_text() for t, box in names for x, y in places if box.contains(x, y)]


def said(figure: Figure) -> str:
    """All the words of a page, in one text."""
    return " ".join(text.get_text() for text in texts(figure)).replace("\u00a0", " ")
