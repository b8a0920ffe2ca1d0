"""Where distances, counts and gaps come from: offers near, communes and their people, what sources cover, needs."""

from __future__ import annotations

import pandas as pd

from diagpacte.crossing.near import Near
from diagpacte.tables.lineage import Link, Origin, Place, Positions, Reads, Role, Tables

PLACED = ("placement", "structure_id")  # a column of each way in which an offer is read
KEY = ("zone_code", "theme")
SAME = {name: name for name in KEY}
RULES = Origin(Place.SETTING, "configs/diagpacte.toml")
THEMES = Origin(Place.SETTING, "configs/themes.csv")
POINTS = Origin(Place.REFERENCE, "points.parquet")


def lineage(near: Near) -> list[Reads]:
    """What access, coverage and its counts read, in the territory that `near` looks around."""
    return [*_access(near), *_counts(near), *_coverage(near)]


def _access(near: Near) -> list[Reads]:
    key = ("commune_code", "theme")
    here = Link("offers", PLACED, select=near.listed, condition=True)
    commune = {"commune_code": "commune_code"}
    return [
        Reads("commune_access", ("nearest_km", "nearest_structure", "availability"),
              "Distance à vol d’oiseau du point de la commune à l’offre la plus proche, si le thème est recensé ici",
              (Link("offers", PLACED, on={"structure_id": "nearest_structure", "theme": "theme"}),
               Link("members", ("lon",), on=commune), here), (RULES,)),
        Reads("commune_access", ("nearest_lower_km",),
              "La même, ou la distance à la commune la plus proche d’un département qu’aucune source du thème ne recense",
              (Link("commune_access", ("nearest_km",), on={name: name for name in key}),
               Link("members", ("lon",), on=commune),
               Link("source_coverage", ("structures", "department"), select=near.covered, condition=True), here),
              (RULES, POINTS)),
        Reads("commune_access", ("population", "inside", "zone_code"), "Dit par la commune",
              (Link("members", ("population", "inside"), on=commune), here), (), Role.LABEL),
        Reads("commune_access", key, "Commune de la zone, thème recensé ici", (here,), (RULES,), Role.KEY),
        Reads("commune_access", ("fca", "fca_availability"), "Pas encore calculé", (), (), Role.TO_COME),
    ]  # fmt: skip


def _counts(near: Near) -> list[Reads]:
    counted = (
        Link("offers", (*PLACED, "services"), select=near.in_zone),
        Link("members", ("inside",), on={"zone_code": "zone_code"}),
        Link("source_coverage", ("structures", "department"), select=near.covering, condition=True),
        Link("raw_offers", ("counted",), on={"offer_source": "offer_source"}, condition=True),
    )
    return [
        Reads("coverage_sources", ("structures", "structures_inside", "services", "points", "not_located"),
              "Structures de la source situées dans la zone, par leur commune, sinon par leur point", counted, (RULES,)),
        Reads("coverage_sources", ("offers_per_10000_inhabitants",),
              "10 000 × structures ÷ population de la zone, quand la source recense tous ses départements",
              (Link("coverage_sources", ("structures",), on={**SAME, "offer_source": "offer_source"}),
               Link("zones", ("population",), on={"zone_code": "zone_code"}),
               Link("source_coverage", ("structures", "department"), select=near.covering_whole, condition=True))),
        Reads("coverage_sources", (*KEY, "offer_source"), "Source qui recense le thème ici", counted, (RULES,), Role.KEY),
    ]  # fmt: skip


def _coverage(near: Near) -> list[Reads]:
    here = Link("offers", ("offer_source", *PLACED), select=near.listed, condition=True)
    set_aside = Link("raw_offers", ("counted",), select=_set_aside, condition=True)
    alone = tuple(Link("coverage_sources", (name,), on=SAME) for name in ("structures", "offers_per_10000_inhabitants"))
    access = Link("commune_access", ("nearest_km", "population"), on=SAME)
    lower = Link("commune_access", ("nearest_lower_km",), on=SAME)
    mean = Link("coverage", ("nearest_km",), on={**SAME, "variant": "variant"})
    floor = Link("coverage", ("nearest_lower_km",), on={**SAME, "variant": "variant"})
    need = Link("needs", ("strong", "availability"), on={**SAME, "variant": "variant"})
    sources = Link("coverage", ("offer_sources",), on={**SAME, "variant": "variant"})
    located = ("located", "located_inside", "services", "offers_per_10000_inhabitants", "located_availability")
    to_come = ("declared", "declared_availability", "remote", "remote_availability", "fca", "fca_availability")
    return [
        Reads("coverage", ("offer_sources",), "Sources qui recensent ce thème dans le territoire ou dans sa couronne",
              (here, set_aside), (RULES,)),
        Reads("coverage", located, "Décompte de la seule source qui recense le thème ici ; plusieurs ne s’additionnent pas",
              (*alone, sources)),
        Reads("coverage", ("nearest_km", "nearest_availability"),
              "Moyenne des distances des communes de la zone, pondérée par leur population", (access, sources)),
        Reads("coverage", ("nearest_lower_km",),
              "La même moyenne, si les départements voisins non couverts avaient une offre à leur bord",
              (lower, access, sources)),
        Reads("coverage", ("beyond_reach_pct",), "Part de la population dont la commune est au-delà de la portée du thème",
              (access, sources), (THEMES,)),
        Reads("coverage", ("access_class", "access_weak"),
              "Classe de la distance moyenne, et comparaison à la portée du thème", (mean,), (RULES, THEMES)),
        Reads("coverage", ("gap_class", "gap_reason"),
              "Besoin fort ou modéré, croisé avec la distance moyenne et la portée du thème",
              (need, mean, floor, sources), (THEMES,)),
        Reads("coverage", ("reach_km",), "Portée du thème, norme de travail", (), (THEMES,)),
        Reads("coverage", ("nature",), "La moins réelle du besoin et des offres qui comptent",
              (Link("needs", ("nature",), on={**SAME, "variant": "variant"}),
               Link("offers", ("nature",), select=near.listed),
               Link("offers", ("nature",), select=near.nearest_of_theme)), (), Role.LABEL),
        Reads("coverage", to_come, "Pas encore calculé", (), (), Role.TO_COME),
        Reads("coverage", (*KEY, "variant"), "Zone et thème demandés", (), (THEMES,), Role.KEY),
    ]  # fmt: skip


def _set_aside(rows: pd.DataFrame, tables: Tables) -> Positions:
    """The records out of the counts: one of them could have made a source list a theme here."""
    return tables.find("raw_offers", ("counted",), [(False,)] if len(rows) else [])
