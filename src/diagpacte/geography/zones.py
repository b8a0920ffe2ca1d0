"""Which zones a territory is made of: membership by commune, never by the seat of an EPCI."""

from __future__ import annotations

import re

import pandas as pd

from diagpacte.errors import Fault, VintageError
from diagpacte.geography.rules import GeographyRules
from diagpacte.tables import TABLES, Communes, Members, Zones
from diagpacte.vocabulary import Territory, ZoneKind, siren, zone_code

PARIS, LYON = "75056", "200046977"
FIRST_EPT_VINTAGE = 2023
GROUPINGS = {"20R": ("2A", "2B"), "6AE": ("67", "68")}  # collectivités that are whole départements

# « CC », « Communauté d’agglomération »… and the article that joins it to the name proper.
KIND_OF_EPCI = re.compile(
    r"^(?:(?i:c[acu]|communauté (?:de communes|d’agglomération|urbaine)) )+(?:du |des |de la |de l’|de |d’)?"
)
ACRONYM = re.compile(r"\s*\([^()]*\)$")


def belongs(code: str, communes: Communes) -> pd.Series[bool]:
    """Which of `communes` are of the territory `code`."""
    department, epci = communes["department"], communes["epci"]
    if code == "69M":
        return epci.eq(LYON)
    if code == "69D":
        return department.eq("69") & epci.ne(LYON)
    if code in GROUPINGS:
        return department.isin(GROUPINGS[code])
    return epci.eq(code) if siren(code) else department.eq(code)


def departments_of(communes: Communes) -> pd.Series[str]:
    """Département or collectivité of each commune: those of 69 are in 69D or 69M."""
    return communes["department"].mask(belongs("69D", communes), "69D").mask(belongs("69M", communes), "69M")


def zone_codes(communes: Communes, rules: GeographyRules | None = None) -> pd.Series[str]:
    """Zone of each commune: EPCI; EPT, or Paris alone, in an EPCI kept apart; else HORS of its département.

    A commune of an EPCI kept apart whose EPT is unknown (before 2023) stays in that EPCI.
    """
    apart = communes["epci"].isin((rules or GeographyRules()).zones_apart)
    zones = f"{ZoneKind.EPCI}:" + communes["epci"]
    zones = zones.where(communes["epci"].notna(), f"{ZoneKind.OUTSIDE_EPCI}:" + communes["department"])
    zones = zones.where(~(apart & communes["ept"].notna()), f"{ZoneKind.EPT}:" + communes["ept"])
    return zones.where(~(apart & communes["code"].eq(PARIS)), zone_code(ZoneKind.COMMUNE, PARIS))


def zones(
    territory: Territory,
    communes: Communes,
    intercommunalities: pd.DataFrame,
    rules: GeographyRules | None = None,
) -> tuple[Zones, Members]:
    """The zones that `territory` touches, whole, and all their communes.

    `communes` and `intercommunalities` (code, name) are those of the territory's vintage. Populations are
    missing where one of their communes has none. Contours are empty and not said approximate until
    `with_contours`. Raises VintageError when the vintages differ.
    """
    if set(communes["geo_vintage"]) != {territory.geo_vintage}:
        raise VintageError(
            Fault(
                f"territoire {territory.code}",
                found=f"communes d’un autre millésime que {territory.geo_vintage}",
                remedy="lire les communes du millésime du territoire",
            )
        )
    placed = communes.assign(zone_code=zone_codes(communes, rules), inside=belongs(territory.code, communes))
    placed = placed[placed["zone_code"].isin(placed.loc[placed["inside"], "zone_code"].unique())]
    placed = placed.sort_values(["zone_code", "code"])
    members = placed.assign(commune_code=placed["code"])[list(TABLES["members"].columns)]
    return (
        Zones(TABLES["zones"].frame(_summary(placed, intercommunalities))),
        Members(TABLES["members"].frame(members)),
    )


def _summary(placed: pd.DataFrame, intercommunalities: pd.DataFrame) -> pd.DataFrame:
    grouped = placed.groupby("zone_code", sort=True)
    population = grouped["population"].sum(skipna=False)
    inside = placed[placed["inside"]].groupby("zone_code")["population"].sum(skipna=False)
    kind_code = population.index.to_series().str.split(":", expand=True)
    names = zone_names(placed, intercommunalities)
    frame = pd.DataFrame(
        {
            "geo_vintage": grouped["geo_vintage"].first(),
            "kind": kind_code[0],
            "code": kind_code[1],
            "name": names,
            "short_name": names.map(short_name),
            "departments": grouped["department"].agg(lambda codes: sorted(set(codes))),
            "communes": grouped.size(),
            "population": population,
            "population_inside": inside,
            "population_year": grouped["population_year"].agg(_one_year),
            "share_inside": _share_inside(placed),
            "contour_approximate": False,
            "geometry": b"",
            "geometry_inside": b"",
        }
    )
    return frame.reset_index(names="zone_code")


def _one_year(years: pd.Series[int]) -> object:
    """The year of a population, missing when communes are counted in different years."""
    return years.iloc[0] if years.eq(years.iloc[0]).all() else pd.NA


def _share_inside(placed: pd.DataFrame) -> pd.Series[float]:
    """Part of each zone's known population in the territory; of its communes where nobody is counted."""
    by_zone = placed["zone_code"]
    known = placed["population"].astype("float64").fillna(0)
    part = known.where(placed["inside"], 0).groupby(by_zone).sum() / known.groupby(by_zone).sum()
    return part.fillna(placed["inside"].groupby(by_zone).mean())


def zone_names(placed: pd.DataFrame, intercommunalities: pd.DataFrame) -> pd.Series[str]:
    """Published name of each zone; the communes themselves for Paris and the islands hors EPCI."""
    published = intercommunalities.set_index("code")["name"]
    names = {}
    for zone, communes in placed.groupby("zone_code")["name"]:
        kind, _, code = str(zone).partition(":")
        together = ", ".join(communes)
        if kind == ZoneKind.OUTSIDE_EPCI:
            names[zone] = f"Hors EPCI\u00a0: {together}"
        else:
            names[zone] = together if kind == ZoneKind.COMMUNE else published[code]
    return pd.Series(names, dtype="str").map(typographic)


def typographic(name: str) -> str:
    """« L'Abergement-Clémenciat » → « L’Abergement-Clémenciat », « Coeur » → « Cœur », one space at a time."""
    return re.sub(" +", " ", re.sub(r"([CcSs])oeur", r"\1œur", name.replace("'", "’"))).strip()


def short_name(name: str) -> str:
    """« CC du Pays de Craon » → « Pays de Craon »; « CA CIVIS (Communauté…) » → « CIVIS »."""
    short = ACRONYM.sub("", KIND_OF_EPCI.sub("", typographic(name)).removeprefix("Hors EPCI\u00a0: "))
    return short[0].upper() + short[1:]
