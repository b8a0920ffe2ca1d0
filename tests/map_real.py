"""Real places for the maps: contours, panorama and offers of the shared files, joined the short way.

A second, independent hand: it uses none of the rooms, so that a map can be looked at before they exist.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from python_calamine import CalamineWorkbook
from scipy.spatial import cKDTree

import map_builders as make
from diagpacte.deliverables.rules import MapContext
from diagpacte.tables import Published
from diagpacte.vocabulary import Territory, TerritoryCode, Theme

WORDS = {
    "59": ("Nord", "dans le Nord", "du Nord"),
    "92": ("Hauts-de-Seine", "dans les Hauts-de-Seine", "des Hauts-de-Seine"),
    "48": ("Lozère", "en Lozère", "de la Lozère"),
    "20R": ("Corse", "en Corse", "de la Corse"),
    "974": ("La Réunion", "à La Réunion", "de La Réunion"),
    "976": ("Mayotte", "à Mayotte", "de Mayotte"),
    "69M": ("Métropole de Lyon", "dans la Métropole de Lyon", "de la Métropole de Lyon"),
    "200093201": ("Métropole Européenne de Lille", "dans la Métropole Européenne de Lille", "de la Métropole Européenne de Lille"),
    "29": ("Finistère", "dans le Finistère", "du Finistère"),
    "35": ("Ille-et-Vilaine", "en Ille-et-Vilaine", "d’Ille-et-Vilaine"),
    "62": ("Pas-de-Calais", "dans le Pas-de-Calais", "du Pas-de-Calais"),
    "75": ("Paris", "à Paris", "de Paris"),
    "90": ("Territoire de Belfort", "dans le Territoire de Belfort", "du Territoire de Belfort"),
    "13": ("Bouches-du-Rhône", "dans les Bouches-du-Rhône", "des Bouches-du-Rhône"),
    "33": ("Gironde", "en Gironde", "de la Gironde"),
    "38": ("Isère", "en Isère", "de l’Isère"),
    "6AE": ("Alsace", "en Alsace", "d’Alsace"),
    "2B": ("Haute-Corse", "en Haute-Corse", "de la Haute-Corse"),
}  # fmt: skip
CRS = {"974": 2975, "976": 4471}
THEMES = {
    "A2.eloignes_emploi": ("TXCHOM22", "FRAG_EMPLOI", ("france-travail", "mission-locale"), {}),
    "A3.accueil_proximite": (None, None, ("france-services",),
                             {"label": "Accueil social de proximité", "offer_noun": "accueil social de proximité"}),
    "A2.freins_illettrisme": (None, None, ("mediation-numerique", "france-services"),
                              {"label": "Freins à l’emploi : langue et numérique",
                               "offer_noun": "apprentissage du français et du numérique"}),
    "A3.isolement_pa": ("P75P22", None, (),
                        {"label": "Isolement des personnes âgées précaires", "reach_km": 5.0,
                         "offer_noun": "lutte contre l’isolement des personnes âgées"}),
}  # fmt: skip
BOUNDS = {"TXCHOM22": (8.0, 12.0, 16.0), "P75P22": (9.0, 13.0, 16.0)}
RESPONSABLES = {
    "france-travail": "etat_operateur",
    "mission-locale": "association",
    "france-services": "etat_operateur",
}


@cache
def communes(shared: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_parquet(shared / "geo" / "communes_2025.parquet")
    epts = {m["code"]: e["code"] for e in json.loads((shared / "cog" / "ept.json").read_text()) for m in e["membres"]}
    names = {e["code"]: e["nom"] for e in json.loads((shared / "cog" / "ept.json").read_text())}
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty].copy()
    ept = frame["code"].map(epts)
    zone = np.where(frame["epci_2025"].notna(), "EPCI:" + frame["epci_2025"].fillna(""), "HORS:" + frame["dep"])
    zone = np.where(ept.notna(), "EPT:" + ept.fillna(""), zone)
    frame["zone"] = np.where(frame["code"].eq("75056"), "COM:75056", zone)
    frame["zone_name"] = ept.map(names).fillna(frame["libepci_2025"]).where(frame["code"].ne("75056"), "Paris")
    points = pd.read_csv(shared / "geo" / "communes_2025_points.csv", dtype={"code": str}).set_index("code")
    frame["lon"], frame["lat"] = (frame["code"].map(points[axis]) for axis in ("lon", "lat"))
    frame["department"] = frame["dep"].mask(frame["dep"].eq("69") & frame["epci_2025"].eq("200046977"), "69M")
    return frame.reset_index(drop=True)


def belongs(code: str, frame: gpd.GeoDataFrame) -> pd.Series:
    if code == "69M":
        return frame["epci_2025"].eq("200046977")
    if code in ("20R", "6AE"):
        return frame["dep"].isin({"20R": ("2A", "2B"), "6AE": ("67", "68")}[code])
    return frame["epci_2025"].eq(code) if len(code) == 9 else frame["dep"].eq(code)


def short(name: str) -> str:
    bare = re.sub(r"^(C[ACU] |CC |Métropole (?=d[eu] |du ))(d[ue]s? (la |l')?|d'|l')?", "", str(name))
    bare = re.sub(r"\s*\([^()]*\)$", "", bare).replace("'", "’").replace("oeu", "œu")
    return bare[0].upper() + bare[1:]


def dissolve(frame: gpd.GeoDataFrame, key: str) -> dict[str, Any]:
    return {str(k): shapely.union_all(group.geometry.values) for k, group in frame.groupby(key, sort=True)}


@cache
def panorama(shared: Path) -> dict[str, dict[str, Any]]:
    book = CalamineWorkbook.from_path(shared / "panorama" / "panorama_pauvrete_reel_2021.xlsx")
    found: dict[str, dict[str, Any]] = {}
    for sheet in ("Facteurs_EPCI", "Fragilite_EPCI", "References"):
        rows = book.get_sheet_by_name(sheet).to_python()
        head = next(row for row in rows if "CODGEO" in row)
        for row in rows[rows.index(head) + 1 :]:
            record = dict(zip(head, row, strict=False))
            level = str(record.get("GEO_NIV", ""))
            found.setdefault(f"{level}{record['CODGEO']}", {}).update(record)
    return found


def needs(shared: Path, code: str, theme: str, zones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    column, grade, _, _ = THEMES[theme]
    if column is None or code.startswith("97"):
        return []
    values = panorama(shared)
    reference = values.get(f"DEP{code}", {}).get(column)
    france = values.get("FRANCEF", values.get("FRF", values.get("F", {}))).get(column)
    rows = []
    for zone in zones:
        found = values.get(zone["code"], {})
        value = found.get(column, "nd")
        number = float(value) if isinstance(value, int | float) else None
        index = None if number is None else int(np.searchsorted(BOUNDS[column], number, side="right"))
        change: dict[str, Any] = {}
        if grade:
            labels = ["Non fragile", "Fragile", "Très fragile"]
            index = labels.index(found[grade]) if found.get(grade) in labels else None
            change = {"class_rule": "grade_panorama", "class_count": 3, "strong": index is not None and index >= 1,
                      "class_label": "" if index is None else labels[index]}  # fmt: skip
        missing = {"s": "secret", "nd": "not_available", "so": "not_applicable"}.get(str(value), "not_available")
        rows.append(
            make.need(zone["zone_code"], number, index, theme=theme, availability="observed" if number is not None else missing,
                      indicator=column, reference_territory=reference if isinstance(reference, float) else None,
                      reference_france=france if isinstance(france, float) else None, **change)
        )  # fmt: skip
    return rows


@cache
def structures(shared: Path) -> pd.DataFrame:
    frame = pd.read_parquet(shared / "offers" / "structures-inclusion-2024-08.parquet")
    frame = frame[frame["longitude"].notna()]
    keep = pd.to_datetime(frame["date_maj"]).dt.date
    return frame.assign(updated=keep)


def offers(shared: Path, theme: str, box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    west, south, east, north = box
    frame = structures(shared)
    near = frame[frame["longitude"].between(west, east) & frame["latitude"].between(south, north)]
    near = near[near["source"].isin(THEMES[theme][2])]
    return [
        make.offer(row.id, row.longitude, row.latitude, theme=theme, offer_source=row.source, commune_code=None,
                   responsable=RESPONSABLES.get(row.source, "inconnu"), updated_on=date(2024, 8, 5))
        for row in near.itertuples()
    ]  # fmt: skip


def metres(lon: Any, lat: Any, middle: float) -> np.ndarray:
    return np.column_stack([np.asarray(lon) * 111_320 * np.cos(np.radians(middle)), np.asarray(lat) * 110_574])


def access(
    theme: str, inside: gpd.GeoDataFrame, points: list[dict[str, Any]], zones: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if not points:
        return []
    middle = float(inside["lat"].mean())
    tree = cKDTree(metres([p["lon"] for p in points], [p["lat"] for p in points], middle))
    nearest = tree.query(metres(inside["lon"].ffill(), inside["lat"].ffill(), middle))[0] / 1000
    reach = make.theme(**THEMES[theme][3]).reach_km
    rows = []
    for zone in zones:
        here = inside["zone"].eq(zone["zone_code"]).to_numpy()
        km = float(np.average(nearest[here], weights=inside.loc[here, "population"].fillna(0) + 1e-9))
        rows.append(
            make.coverage(zone["zone_code"], km, int(np.searchsorted((5, 10, 20), km, side="right")), theme=theme,
                          access_weak=km > reach, reach_km=reach, located=None, located_inside=None,
                          located_availability="not_available")
        )  # fmt: skip
    return rows


def place(shared: Path, code: str) -> tuple[Territory, list[dict[str, Any]], list[dict[str, Any]], gpd.GeoDataFrame]:
    frame = communes(shared)
    mine = belongs(code, frame)
    touched = frame[frame["zone"].isin(frame.loc[mine, "zone"].unique())]
    whole, within = dissolve(touched, "zone"), dissolve(frame[mine], "zone")
    zones = []
    for key, group in touched.groupby("zone", sort=True):
        people = group["population"].sum()
        here = group.loc[belongs(code, group), "population"].sum()
        zones.append(
            make.zone(str(key), str(group["zone_name"].iloc[0]), whole[str(key)], within[str(key)],
                      short_name=short(group["zone_name"].iloc[0]) if not str(key).startswith("HORS") else ", ".join(group["nom"]),
                      communes=len(group), departments=sorted(group["dep"].unique()), population=int(people), population_inside=int(here), share_inside=here / people)
        )  # fmt: skip
    outline = shapely.union_all(list(within.values()))
    west, south, east, north = outline.bounds
    reach = max((east - west) * 0.9, north - south) * 0.8
    box = shapely.box(*outline.centroid.buffer(reach * 1.9, quad_segs=1).bounds)
    near = frame[~mine & frame.intersects(box)]
    foreign = near[~near["zone"].isin(within)]
    shapes = [make.ground("territoire", code, WORDS[code][0], outline)]
    libdep = gpd.read_file(shared / "geo" / "departements_2025_simplifie.geojson").set_index("dep")["libdep"]
    for kind, key, part in (("departement", "department", near), ("epci", "zone", foreign)):
        for found, shape in dissolve(part, key).items():
            cut = shapely.intersection(shape, box)
            polygons = shapely.get_parts(cut)
            polygons = polygons[shapely.get_dimensions(polygons) == 2]
            if len(polygons):
                name = {"69M": "Métropole de Lyon", "69": "Rhône"}.get(found, libdep.get(found, found)).replace(
                    "'", "’"
                )
                shapes.append(
                    make.ground(kind, found.partition(":")[2] or found, name, shapely.multipolygons(polygons))
                )
    kinds = {zone["kind"] for zone in zones}
    noun = " et ".join(kind for kind in ("EPCI", "EPT") if kind in kinds) or "commune"
    name, in_place, of_place = WORDS[code]
    kind = (
        "metropole"
        if code == "69M" or len(code) == 9
        else "collectivite"
        if len(code) == 3 and not code.isdigit()
        else "departement"
    )
    departments = tuple(sorted(frame.loc[mine, "dep"].unique()))
    found = make.territory(code=TerritoryCode(code), kind=kind, name=name, in_place=in_place, of_place=of_place,
                           slug="x", departments=departments, zone_noun=noun)  # fmt: skip
    return found, zones, shapes, frame[mine]


@cache
def real(
    shared: Path, code: str, theme: str, diffusion: str = "comite"
) -> tuple[Published, Territory, Theme, MapContext]:
    """The published tables of one territory and one theme, ready to be drawn."""
    territory, zones, shapes, inside = _place(shared, code)
    box = shapely.from_wkb(zones[0]["geometry"]).bounds
    for zone in zones:
        bounds = shapely.from_wkb(zone["geometry"]).bounds
        box = (min(box[0], bounds[0]), min(box[1], bounds[1]), max(box[2], bounds[2]), max(box[3], bounds[3]))
    points = offers(shared, theme, (box[0] - 0.35, box[1] - 0.25, box[2] + 0.35, box[3] + 0.25))
    tables = {
        "zones": zones, "ground": shapes, "needs": needs(shared, code, theme, zones), "offers": points,
        "coverage": access(theme, inside, points, zones),
        "sources": [make.source("panorama", producer="Insee"),
                    make.source("offres", kind="offre_structures", producer="Plateforme de l’inclusion",
                                vintage="août 2024", nature="simulated")],
    }  # fmt: skip
    column, grade, _, changes = THEMES[theme]
    labels = {"mediation-numerique": "Médiation numérique", "mission-locale": "Missions locales"}
    entry = make.indicator() if column == "TXCHOM22" else make.indicator(
        indicator="aged_75_or_over_pct", label="Personnes de 75 ans ou plus", kind="share", theme_factor="famille",
        label_long="Part des personnes de 75 ans ou plus dans la population") if column else None  # fmt: skip
    context = make.context(
        epsg=CRS.get(code, 2154), indicator=entry, need_bounds=() if grade or not column else BOUNDS[column],
        offer_labels=make.context().offer_labels | labels,
    )  # fmt: skip
    return make.published(diffusion, **tables), territory, make.theme(theme=theme, **changes), context


_place = cache(place)
