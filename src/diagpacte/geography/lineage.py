"""Where places come from: the reference packaged with diagpacte, and sums over the communes of a zone."""

from __future__ import annotations

from diagpacte.tables import TABLES
from diagpacte.tables.lineage import Link, Origin, Place, Reads, Role

VINTAGE = Origin(Place.SETTING, "configs/diagpacte.toml")


def lineage() -> list[Reads]:
    """What zones, communes and the ground of maps read."""
    return [*_places(), *_zones(), *_variants()]


def _packaged(*names: str) -> tuple[Origin, ...]:
    return tuple(Origin(Place.REFERENCE, f"{name}.parquet") for name in names)


def _places() -> list[Reads]:
    members, ground = tuple(TABLES["members"].columns), tuple(TABLES["ground"].columns)
    point = ("lon", "lat")
    others = tuple(name for name in members if name not in (*point, "population"))
    return [
        Reads(
            "members", ("population",), "Population municipale publiée de la commune", (), _packaged("communes")
        ),
        Reads("members", point, "Point de la commune (chef-lieu, sinon intérieur)", (), _packaged("points")),
        Reads("members", others, "Commune et zone du référentiel, au millésime demandé", (),
              (*_packaged("communes", "intercommunalities"), VINTAGE), Role.LABEL),
        Reads("ground", ground, "Contours réunis du référentiel", (),
              _packaged("contours", "passage", "departments"), Role.LABEL),
        Reads("communes", tuple(TABLES["communes"].columns), "Commune du référentiel", (),
              _packaged("communes", "points"), Role.LABEL),
        Reads("passage", tuple(TABLES["passage"].columns), "Passage entre deux millésimes du référentiel", (),
              _packaged("passage"), Role.LABEL),
    ]  # fmt: skip


def _zones() -> list[Reads]:
    of_zone = {"zone_code": "zone_code"}
    return [
        Reads(
            "zones",
            ("population", "population_inside", "share_inside", "communes", "population_year"),
            "Somme des communes de la zone (toutes, ou celles du territoire) ; manquante si une commune n’en a pas",
            (Link("members", ("population", "inside"), on=of_zone),),
        ),
        Reads(
            "zones",
            ("geometry", "geometry_inside", "contour_approximate"),
            "Contours des communes d’aujourd’hui, réunis par la composition du millésime demandé",
            (Link("members", ("commune_code",), on=of_zone),),
            _packaged("contours", "passage", "approximate_zones"),
            Role.LABEL,
        ),
        Reads(
            "zones",
            ("zone_code", "geo_vintage", "kind", "code", "name", "short_name", "departments"),
            "Zone du référentiel, au millésime demandé",
            (Link("members", ("commune_code",), on=of_zone),),
            (*_packaged("intercommunalities"), VINTAGE),
            Role.LABEL,
        ),
    ]


def _variants() -> list[Reads]:
    return [Reads("variants", tuple(TABLES["variants"].columns), "Variante déclarée par diagpacte", (), (), Role.LABEL)]
