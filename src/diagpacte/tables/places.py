"""Where things are: communes, zones, their members, the ground of a map, passages between vintages."""

from __future__ import annotations

from diagpacte.tables.contract import COMMUNE, ZONE, Row, col
from diagpacte.vocabulary import ZoneKind


class Commune(Row):
    code: str = col("Code commune", pattern=COMMUNE)
    geo_vintage: int = col("Géographie au 1er janvier", ge=2019, le=2026)
    name: str = col("Nom de la commune")
    department: str = col("Département")
    region: str = col("Région")
    epci: str | None = col("EPCI (SIREN) ; vide pour les îles hors EPCI")
    ept: str | None = col("EPT de la Métropole du Grand Paris (2023 et après)")
    population: int | None = col("Population municipale", "habitants", ge=0)
    population_year: int | None = col("Année de la population")
    lon: float | None = col("Longitude du point de la commune", "degrés WGS84")
    lat: float | None = col("Latitude du point de la commune", "degrés WGS84")


class Zone(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    geo_vintage: int = col("Géographie au 1er janvier")
    kind: ZoneKind = col("Niveau de la zone")
    code: str = col("Code sans le niveau")
    name: str = col("Nom publié")
    short_name: str = col("Nom court, sans CC, CA, CU")
    departments: list[str] = col("Départements que la zone touche")
    communes: int = col("Nombre de communes", ge=1)
    population: int | None = col("Population municipale de la zone entière", "habitants")
    population_inside: int | None = col("Population de sa partie dans le territoire", "habitants")
    population_year: int | None = col("Année de la population")
    share_inside: float = col("Part de la population dans le territoire", "part 0-1", ge=0, le=1)
    contour_approximate: bool = col("Contour approché (composition passée non reconstituable)")
    geometry: bytes = col("Contour entier, WKB EPSG:4326")
    geometry_inside: bytes = col("Contour de la partie dans le territoire, WKB EPSG:4326")


class Member(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    commune_code: str = col("Commune", pattern=COMMUNE)
    geo_vintage: int = col("Géographie au 1er janvier")
    name: str = col("Nom de la commune")
    department: str = col("Département")
    inside: bool = col("La commune est dans le territoire")
    population: int | None = col("Population municipale", "habitants", ge=0)
    lon: float = col("Longitude du point de la commune", "degrés WGS84")
    lat: float = col("Latitude du point de la commune", "degrés WGS84")


class GroundShape(Row):
    kind: str = col("territoire, departement ou epci", pattern="^(territoire|departement|epci)$")
    code: str = col("Code")
    name: str = col("Nom")
    geometry: bytes = col("Contour, WKB EPSG:4326")


class PassageRow(Row):
    code_from: str = col("Commune avant", pattern=COMMUNE)
    vintage_from: int = col("Millésime avant")
    code_to: str = col("Commune après", pattern=COMMUNE)
    vintage_to: int = col("Millésime après")
    kind: str = col("fusion, scission, changement de code ou identité")
    ratio: float = col("Part de la population de la commune avant", "part 0-1", gt=0, le=1)
    ratio_source: str = col("D’où vient la part")
