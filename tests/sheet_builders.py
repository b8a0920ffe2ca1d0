"""Published tables for the workbook: a département invented whole, that a test changes in one thing.

Values follow from the rank of the zone and of the theme, so that a test can say them again.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell

from diagpacte.deliverables.sheets import SheetContext, diagnostic_workbook
from diagpacte.disclosure.gate import publish
from diagpacte.settings import Settings, load_settings
from diagpacte.tables import TABLES, Published, figure_id
from diagpacte.vocabulary import GapClass, Territory, TerritoryCode, Theme

Row = dict[str, Any]

VINTAGE = 2025
AS_OF = date(2025, 1, 15)
SOURCES = ("france-services", "mediation-numerique", "france-travail")
PANORAMA, SERVICES = "panorama.xlsx", "services.json"
NAMES = (
    "CA Maubeuge Val de Sambre",
    "CC Pévèle-Carembault",
    "CU d’Alençon et des communes rurales associées de la plaine et du bocage",
    "Métropole Européenne de Lille",
    "CC du Cœur de l’Avesnois",
    "CA de l’Étang de Berre et des rivages de la Méditerranée occidentale réunis",
    "CC du Pays de Mormal",
)
LABELS = ("moins de 8\u00a0%", "de 8 à moins de 12\u00a0%", "de 12 à moins de 16\u00a0%", "16\u00a0% ou plus")
NOTHING = {"availability": "not_available", "nature": "real"}


@cache
def settings() -> Settings:
    """The project's own dictionaries."""
    return load_settings(Path(__file__).parent / "no-workspace-here")


def themes(name: str = "departement") -> tuple[Theme, ...]:
    return tuple(theme for theme in settings().themes if theme.list == name)


def leading() -> dict[str, str]:
    """Theme → indicator of its first trusted need."""
    found: dict[str, str] = {}
    for line in settings().needs:
        if line.role == "besoin" and line.confidence in settings().need.measured_from:
            found.setdefault(line.theme, line.indicator)
    return found


def territory(**changes: Any) -> Territory:
    fields: Row = {
        "code": TerritoryCode("59"), "kind": "departement", "name": "Nord", "in_place": "dans le Nord",
        "of_place": "du Nord", "slug": "nord", "departments": ("59",), "geo_vintage": VINTAGE,
        "theme_lists": ("departement",), "zone_noun": "EPCI",
    }  # fmt: skip
    return Territory(**fields | changes)


def context(**changes: Any) -> SheetContext:
    known = settings()
    labels = {row.thematique: row.label for row in known.thematic_labels} | {
        row.reseau: row.label for row in known.networks
    }
    shown = changes.get("themes", themes())
    measured = leading()
    fields: Row = {
        "as_of": AS_OF, "version": "0.1.0", "themes": shown, "indicators": known.indicators,
        "profiles": known.profiles, "factors": known.factors, "needs": known.needs, "bounds": known.breaks,
        "thematics": known.thematics, "key_labels": labels, "offer_sources": known.offer_sources,
        "asked": "tous les thèmes du département",
        "maps": {theme.theme: f"cartes/{theme.theme}.png" for theme in shown if theme.theme in measured},
        "not_delivered": {
            theme.theme: "besoin non mesuré et offre non recensée" for theme in shown if theme.theme not in measured
        },
    }  # fmt: skip
    return SheetContext(**fields | changes)


def epci(rank: int) -> str:
    return f"EPCI:{200_000_000 + rank}"


def zone(code: str, name: str, **changes: Any) -> Row:
    kind, _, bare = code.partition(":")
    return {
        "zone_code": code, "geo_vintage": VINTAGE, "kind": kind, "code": bare, "name": name, "short_name": name,
        "departments": ["59"], "communes": 1, "population": 10_000, "population_inside": 10_000,
        "population_year": 2023, "share_inside": 1.0, "contour_approximate": False, "geometry": b"",
        "geometry_inside": b"",
    } | changes  # fmt: skip


def member(zone_code: str, commune: str, **changes: Any) -> Row:
    return {
        "zone_code": zone_code, "commune_code": commune, "geo_vintage": VINTAGE, "name": f"Commune {commune}",
        "department": "59", "inside": True, "population": 10_000, "lon": 3.0, "lat": 50.0,
    } | changes  # fmt: skip


def observation(zone_code: str, indicator: str, value: float | None, **changes: Any) -> Row:
    entry = next(entry for entry in settings().indicators if entry.indicator == indicator)
    return {
        "zone_code": zone_code, "indicator": indicator, "year": 2022, "base": entry.base, "geo_vintage": VINTAGE,
        "value": value, "lower": None, "upper": None, "availability": "secret" if value is None else "observed",
        "nature": "real", "flag": "", "published_code": "X", "published_text": "s" if value is None else str(value),
        "period": "2022", "source_id": PANORAMA, "sheet": "Facteurs_EPCI", "row": 1, "column": "A",
    } | changes  # fmt: skip


def need(zone_code: str, theme: str, indicator: str, value: float | None, **changes: Any) -> Row:
    """A national class; `value` None is « secret »."""
    entry = next(entry for entry in settings().indicators if entry.indicator == indicator)
    index = None if value is None else min(3, int(value // 4))
    key = (zone_code, indicator, 2022, entry.base, VINTAGE)
    return {
        "zone_code": zone_code, "theme": theme, "variant": 0, "lower": None, "upper": None, "indicator": indicator, "confidence": "moyenne",
        "year": 2022, "period": "2022", "base": entry.base, "value": value, "unit": entry.unit,
        "availability": "secret" if value is None else "observed", "nature": "real",
        "class_rule": "aucune" if value is None else "bornes_nationales", "class_index": index,
        "class_count": None if index is None else 4, "class_label": "" if index is None else LABELS[index],
        "strong": None if index is None else index >= 2, "rank": None if value is None else 3.0,
        "ranked": None if value is None else 17, "reference_territory": 14.9, "reference_france": 11.3,
        "people": None, "people_availability": "not_available", "score": None, "score_availability": "not_available",
        "observation": figure_id("observations", key, "value"), "source_id": PANORAMA,
        "reason": "non mesuré : secret statistique" if value is None else "",
    } | changes  # fmt: skip


def unmeasured(zone_code: str, theme: str) -> Row:
    return need(zone_code, theme, "unemployment_rate_pct", None) | {
        "indicator": None, "confidence": "", "base": "", "unit": "", "year": None, "period": "", "observation": "",
        "availability": "not_available", "reference_territory": None, "reference_france": None, "source_id": "",
        "reason": "non mesuré : le panorama n’en dit rien",
    }  # fmt: skip


def coverage(zone_code: str, theme: str, nearest_km: float | None, **changes: Any) -> Row:
    """Distance of a theme; None is an offer nobody lists."""
    listed = nearest_km is not None
    distance = nearest_km or 0.0
    return {
        "zone_code": zone_code, "theme": theme, "variant": 0, "offer_sources": list(SOURCES) if listed else [],
        "located": None, "located_inside": None, "services": None, "located_availability": "not_available",
        "declared": None, "declared_availability": "not_available", "remote": None,
        "remote_availability": "not_available", "offers_per_10000_inhabitants": None, "reach_km": 10.0,
        "nearest_km": nearest_km, "nearest_lower_km": nearest_km,
        "nearest_availability": "observed" if listed else "not_available",
        "beyond_reach_pct": min(100.0, distance * 4) if listed else None, "fca": None,
        "fca_availability": "not_available",
        "access_class": sum(distance >= bound for bound in (5, 10, 20)) if listed else None,
        "access_weak": distance >= 10 if listed else None,
        "gap_class": GapClass.STRONG_WEAK if listed else GapClass.NOT_LISTED,
        "gap_reason": "classe nationale 2 sur 4 et distance moyenne au-delà de la portée" if listed else "aucune source",
        "nature": "real",
    } | changes  # fmt: skip


def count(zone_code: str, theme: str, source: str, structures: int) -> Row:
    return {
        "zone_code": zone_code, "theme": theme, "offer_source": source, "structures": structures,
        "structures_inside": structures, "services": structures * 2, "points": structures, "not_located": 0,
        "offers_per_10000_inhabitants": float(structures),
    }  # fmt: skip


def offer(structure: str, theme: str, commune: str | None, **changes: Any) -> Row:
    return {
        "structure_id": structure, "theme": theme, "source_id": SERVICES, "offer_source": SOURCES[0],
        "name": f"Structure {structure}", "services": 2, "networks": ["france-travail"],
        "responsable": "etat_operateur", "dispositif_id": None, "placement": "coordonnees", "commune_code": commune,
        "lon": 3.0, "lat": 50.0, "remote_only": False, "zones_declared": 0, "updated_on": date(2024, 8, 5),
        "confidence": "moyenne", "nature": "real",
    } | changes  # fmt: skip


def raw_offer(offer_id: str, **changes: Any) -> Row:
    return {
        "offer_id": offer_id, "source_id": SERVICES, "offer_source": SOURCES[0], "record": "service",
        "structure_id": "s", "service_id": offer_id, "name": "Structure", "service_name": None, "service_type": None,
        "thematics": [], "networks": [], "publics": [], "commune_code": "59001", "commune_name": "Lille",
        "postcode": "59000", "address": "12 rue Secrète", "lon": 3.0, "lat": 50.0, "siret": None,
        "eligibility_zones": [], "in_person": True, "remote": False, "updated_on": None, "nature": "real",
        "counted": True, "excluded_because": "", "row": 1,
    } | changes  # fmt: skip


def source(source_id: str, **changes: Any) -> Row:
    return {
        "source_id": source_id, "file": source_id, "title": "Panorama de la pauvreté", "kind": "panorama",
        "producer": "Insee", "licence": "Licence Ouverte 2.0", "vintage": "2021 et 2022", "geo_vintage": VINTAGE,
        "published_on": date(2024, 9, 1), "nature": "real", "diffusion": "publique", "sha256": "0a" * 32, "size": 123_456, "rows": 1_255,
        "note": "",
    } | changes  # fmt: skip


def claim(offer_source: str, **changes: Any) -> Row:
    return {
        "source_id": SERVICES, "offer_source": offer_source, "department": "59", "structures": 52, "services": 104,
        "updated_from": date(2023, 1, 1), "updated_to": date(2024, 8, 5), "claim": "non déclaré",
    } | changes  # fmt: skip


def fault(**changes: Any) -> Row:
    return {
        "severity": "à vérifier", "kind": "valeurs", "file": PANORAMA, "sheet": "Facteurs_EPCI", "cell": "D12",
        "found": "« 12,4* »", "expected": "un nombre", "remedy": "vérifier la cellule",
    } | changes  # fmt: skip


def value_of(zone_rank: int, theme_rank: int) -> float | None:
    """Every fifth value is a secret, the first of the first theme a true zero."""
    if (zone_rank + theme_rank) % 5 == 4:
        return None
    return 0.0 if zone_rank == theme_rank == 0 else 1.25 + zone_rank + 0.5 * theme_rank


def department(
    zones: int = 17, *, all_secret: bool = False, themes_shown: tuple[Theme, ...] = ()
) -> dict[str, list[Row]]:
    """Every table of a département of `zones` EPCI: three sources of offers, needs, profiles, secrets, a fault."""
    shown = themes_shown or themes()
    codes = [epci(rank) for rank in range(zones)]
    indicators = leading()
    tables: dict[str, list[Row]] = {name: [] for name in TABLE_NAMES}
    for rank, code in enumerate(codes):
        name = NAMES[rank % len(NAMES)] + ("" if rank < len(NAMES) else f" {rank}")
        tables["zones"].append(zone(code, name, population=10_000 + rank))
        tables["members"].append(member(code, f"59{rank + 1:03}"))
        for order, theme in enumerate(shown):
            value = None if all_secret else value_of(rank, order)
            measure = indicators.get(theme.theme)
            row = unmeasured(code, theme.theme) if measure is None else need(code, theme.theme, measure, value)
            tables["needs"].append(row)
            listed = order % 3 != 2
            tables["coverage"].append(coverage(code, theme.theme, (rank * 1.7 + order) % 27 if listed else None))
            if listed:
                tables["coverage_sources"] += [
                    count(code, theme.theme, name, (rank + 3 * place) % 7) for place, name in enumerate(SOURCES)
                ]
                tables["offers"].append(
                    offer(
                        f"{SOURCES[order % 3]}--{rank}",
                        theme.theme,
                        f"59{rank + 1:03}",
                        offer_source=SOURCES[order % 3],
                    )
                )
        tables["observations"] += observations(code, rank, all_secret=all_secret)
    tables["sources"] = [
        source(PANORAMA),
        source(SERVICES, kind="offre_services", producer="Plateforme de l’inclusion"),
    ]
    tables["source_coverage"] = [claim(name) for name in SOURCES]
    tables["raw_offers"] = [raw_offer("a"), raw_offer("b", counted=False, excluded_because="source déjà chargée")]
    tables["faults"] = [fault(), fault(cell="D14", found="« 13* »"), fault(severity="bloquant", remedy="corriger")]
    return tables


def observations(code: str, rank: int, *, all_secret: bool = False) -> list[Row]:
    """The six profiles in both bases (simulated), every indicator behind a need, and the grades of employment."""
    known = settings()
    rows = []
    for order, profile in enumerate(known.profiles):
        hidden = all_secret or (rank % 4 == 3 and order < 2)
        for name, shift in ((profile.indicator_households, 0), (profile.indicator_persons, 3)):
            value = None if hidden else 10.0 + order + shift
            rows.append(observation(code, name, value, nature="simulated"))
    for name in dict.fromkeys(leading().values()):
        if name not in {row["indicator"] for row in rows}:
            rows.append(observation(code, name, None if all_secret else 5.0 + rank))
    grade = None if all_secret else float(rank % 3)
    rows.append(observation(code, "grade_employment", grade, nature="derived"))
    return rows


TABLE_NAMES = (
    "zones", "members", "needs", "coverage", "coverage_sources", "commune_access", "offers", "raw_offers",
    "observations", "sources", "source_coverage", "faults",
)  # fmt: skip


def workbook(
    tables: Mapping[str, Iterable[Row]], about: Territory | None = None, diffusion: str = "comite", **changes: Any
) -> bytes:
    """The workbook of `tables`; `changes` are those of its context."""
    return diagnostic_workbook(published(diffusion, **tables), about or territory(), context(**changes))


@dataclass(frozen=True)
class ReadSheet:
    """A sheet as a reader opens it: title, lines over the table, rows by heading."""

    title: str
    notes: list[str]
    headings: list[str]
    rows: list[dict[str, Cell]]


def opened(content: bytes) -> dict[str, ReadSheet]:
    """Every sheet but the first, read by openpyxl: the table is where the sheet says it is."""
    found = {}
    for sheet in load_workbook(io.BytesIO(content)).worksheets[1:]:
        table = next(iter(sheet.tables.values()), None)
        top = sheet[table.ref][0][0].row if table else sheet.max_row + 1
        notes = [str(row[0].value) for row in sheet.iter_rows(min_row=2, max_row=top - 1)]
        cells = list(sheet[table.ref]) if table else []
        headings = [str(cell.value) for cell in cells[0]] if cells else []
        rows = [dict(zip(headings, line, strict=True)) for line in cells[1:]]
        found[sheet.title] = ReadSheet(str(sheet["A1"].value), notes, headings, rows)
    return found


def first_sheet(content: bytes) -> list[tuple[str, str]]:
    """Lines of « Lisez-moi »."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [(str(row[0].value or ""), str(row[1].value or "")) for row in sheet.iter_rows(max_col=2)]


@cache
def full() -> tuple[dict[str, list[Row]], bytes, dict[str, ReadSheet]]:
    """A département of seventeen zones, its workbook, its sheets read back."""
    tables = department()
    made = workbook(tables)
    return tables, made, opened(made)


def parts(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def published(diffusion: str = "comite", **tables: Iterable[Mapping[str, Any]]) -> Published:
    """The tables given, the others empty, through the gate."""
    return publish({name: TABLES[name].frame(list(tables.get(name, ()))) for name in TABLE_NAMES}, diffusion)
