"""Communes, EPCI, EPT, arrondissements and postcodes of 1 January 2019 to 2026."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geography_inputs import NPM_OF_VINTAGE, TODAY_WHEEL, Inputs
from geography_names import COLLECTIVITIES, IN_DEPARTMENT, IN_REGION, of_place
from geography_passage import FIRST, LAST, links_between, sources_of

NO_EPCI = frozenset({"22016", "29083", "29155", "85113"})  # Bréhat, Sein, Ouessant, Yeu
EPT_FROM = 2023
# Year of the population municipale in communes.json, from the INSEE page each README cites; Mayotte is always 2017.
# With it, the totals without Mayotte are INSEE's: 66,988,403 (2019), 67,162,154 (2020), 67,760,573 (2022)…
POPULATION_YEAR = {2019: 2016, 2021: 2019, 2022: 2020, 2024: 2022, 2025: 2023, 2026: 2023}
MAYOTTE_CENSUS = 2017
# 3.1.1 repeats the populations of 2022's communes, so mergers of 2023 lose people there; its epci.json has the
# populations of 2020 (DGCL, in force on 1 January 2023) in the right communes.
DGCL_YEAR = {2023: 2020}

NATURES = {"METRO": "ME", "MET69": "METLYON"}
LYON = "200046977"
LONG_NATURES = {"Communauté de communes": "CC", "Communauté d'agglomération": "CA", "Communauté urbaine": "CU"}


def communes(inputs: Inputs, events: pd.DataFrame) -> pd.DataFrame:
    """One row per commune and vintage; EPCI null for the four islands, EPT null before 2023 and outside Grand Paris."""
    regions = {record["code"]: record["region"] for record in inputs.npm(NPM_OF_VINTAGE[LAST], "departements")}
    frames = {year: _vintage(inputs, year) for year in range(FIRST, LAST + 1)}
    _check_2020(frames[2020], frames[2019], events)
    in_2016 = frames[2019].set_index("code")
    for year in (2019, 2020):
        frames[year] = _population_from_2021(frames[year], frames[2021].set_index("code"), in_2016, events)
    frame = pd.concat(frames.values()).sort_values(["code", "geo_vintage"])
    frame["department"] = frame["code"].str[:2].where(~frame["code"].str.startswith("97"), frame["code"].str[:3])
    frame["region"] = frame["department"].map(regions)
    frame["population"] = frame["population"].astype("Int32")
    frame["population_year"] = frame["population_year"].astype("Int16")
    columns = ["code", "geo_vintage", "name", "department", "region", "epci", "ept", "population", "population_year"]
    return frame[columns].reset_index(drop=True)


def _vintage(inputs: Inputs, year: int) -> pd.DataFrame:
    version = NPM_OF_VINTAGE[year]
    frame = pd.DataFrame(_of_kind(inputs, version, "commune-actuelle"))
    frame = frame.rename(columns={"nom": "name"}).set_index("code")
    members = _members(inputs, year)
    frame = frame.assign(geo_vintage=year, epci=members["zone"])
    frame["ept"] = _of_zones(inputs.npm(version, "ept"))["zone"] if year >= EPT_FROM else pd.NA
    if year in DGCL_YEAR:
        frame["population"] = members["population"].combine_first(frame["population"])
    if year == 2020:  # only its EPCI, and the names of their communes, are of 2020
        frame = frame.reindex(members.index.union(sorted(NO_EPCI))).assign(geo_vintage=year, epci=members["zone"])
        frame["name"] = members["name"].combine_first(frame["name"])
    frame["population_year"] = DGCL_YEAR.get(year, POPULATION_YEAR.get(year))
    frame.loc[frame.index.str.startswith("976"), "population_year"] = MAYOTTE_CENSUS
    frame["population_year"] = frame["population_year"].where(frame["population"].notna())
    outside = set(frame.index[frame["epci"].isna()])
    if outside != NO_EPCI or set(members.index) - set(frame.index):
        raise SystemExit(f"{year}: communes outside any EPCI {sorted(outside)}")
    return frame[["geo_vintage", "name", "epci", "ept", "population", "population_year"]].reset_index(names="code")


def _of_kind(inputs: Inputs, version: str, kind: str) -> list[dict[str, Any]]:
    """The records of communes.json of that type, without the overseas collectivities (975, 977, 978, 98x)."""
    records = inputs.npm(version, "communes")
    return [r for r in records if r["type"] == kind and not r["code"].startswith(("975", "977", "978", "98"))]


def _members(inputs: Inputs, year: int) -> pd.DataFrame:
    """Commune → EPCI of that year, with the commune's name and, from 2021, DGCL's population."""
    if year != LAST:
        return _of_zones(inputs.npm(NPM_OF_VINTAGE[year], "epci"))
    table = inputs.wheel(TODAY_WHEEL, "communes")
    table = table[(table["type"] == "COM") & table["epci_id"].notna()].set_index("code")
    zones = inputs.wheel(TODAY_WHEEL, "epci").set_index("id")["code"]
    return pd.DataFrame({"zone": table["epci_id"].map(zones), "name": table["nom"]})


def _of_zones(zones: list[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        {"code": m["code"], "zone": zone["code"], "name": m["nom"], "population": m.get("populationMunicipale")}
        for zone in zones
        for m in zone["membres"]
    ]
    return pd.DataFrame(rows).set_index("code", verify_integrity=True)


def _check_2020(found: pd.DataFrame, before: pd.DataFrame, events: pd.DataFrame) -> None:
    """The communes of 2020, known by their EPCI, held against INSEE's events applied to those of 2019."""
    expected = set(sources_of(links_between(events, before["code"], 2019, 2020)))
    if set(found["code"]) != expected:
        raise SystemExit(f"2020: {sorted(set(found['code']) ^ expected)} differ from INSEE's events")


def _population_from_2021(
    frame: pd.DataFrame, in_2021: pd.DataFrame, in_2016: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    """`frame` with the populations of 2019 published in the communes of 2021, added up where one was split since.

    0.5.1 gives those of 2016 in the communes of 2018: mergers of 1 January 2019 lose people there. It serves only
    for the communes merged between the vintage and 2021, whose own population of 2019 was never published.
    """
    columns = ["population", "population_year"]
    frame = frame.set_index("code")
    links = links_between(events, frame.index, int(frame["geo_vintage"].iloc[0]), 2021)
    sources = sources_of(links)
    whole = pd.Series({part: code for code, parts in links.items() for part in parts if sources[part] == [code]})
    known = in_2021.loc[whole.index, columns].groupby(whole.to_numpy()).agg({"population": "sum", columns[1]: "first"})
    frame[columns] = known.reindex(frame.index).combine_first(in_2016[columns].reindex(frame.index))
    return frame.reset_index()


def intercommunalities(inputs: Inputs) -> pd.DataFrame:
    """EPCI of every vintage and EPT from 2023, with the published name and the legal nature."""
    rows = []
    for year in range(FIRST, LAST + 1):
        version = NPM_OF_VINTAGE[year]
        zones = _epci_of_today(inputs) if year == LAST else inputs.npm(version, "epci")
        rows += [(z["code"], year, "EPCI", z["nom"], NATURES.get(z["type"], z["type"])) for z in zones]
        if year >= EPT_FROM:
            rows += [(z["code"], year, "EPT", z["nom"], "EPT") for z in inputs.npm(version, "ept")]
    frame = pd.DataFrame(rows, columns=["code", "geo_vintage", "kind", "name", "nature"])
    return frame.sort_values(["code", "geo_vintage"]).reset_index(drop=True)


def _epci_of_today(inputs: Inputs) -> list[dict[str, str]]:
    table = inputs.wheel(TODAY_WHEEL, "epci")
    natures = table["type"].mask(table["code"] == LYON, "METLYON")
    rows = zip(table["code"], table["nom"], natures, strict=True)
    return [{"code": code, "nom": _short(name), "type": nature} for code, name, nature in rows]


def _short(name: str) -> str:
    """« Communauté de communes du Trièves » → « CC du Trièves », as in the other vintages."""
    for long, short in LONG_NATURES.items():
        name = name.replace(long, short)
    return name


def departments(inputs: Inputs) -> pd.DataFrame:
    """The 101 départements, their région, and how they are said."""
    return _places(inputs, "departements", IN_DEPARTMENT)[["code", "name", "region", "in_place", "of_place"]]


def regions(inputs: Inputs) -> pd.DataFrame:
    """The 18 régions and how they are said."""
    return _places(inputs, "regions", IN_REGION)[["code", "name", "in_place", "of_place"]]


def _places(inputs: Inputs, name: str, in_place: Mapping[str, str]) -> pd.DataFrame:
    records = pd.DataFrame(inputs.npm(NPM_OF_VINTAGE[LAST], name))
    frame = records[records["code"].isin(list(in_place))].rename(columns={"nom": "name"}).sort_values("code")
    frame["in_place"] = frame["code"].map(dict(in_place))
    frame["of_place"] = [of_place(name, tncc) for name, tncc in zip(frame["name"], frame["typeLiaison"], strict=True)]
    return frame.reset_index(drop=True)


def collectivities() -> pd.DataFrame:
    """Collectivities that are neither a département nor an EPCI alone; `departments` are those they are made from."""
    return pd.DataFrame(COLLECTIVITIES, columns=["code", "name", "region", "departments", "in_place", "of_place"])


def postcodes(inputs: Inputs) -> pd.DataFrame:
    """Postcodes of the communes of 2026."""
    records = _of_kind(inputs, NPM_OF_VINTAGE[LAST], "commune-actuelle")
    rows = [(r["code"], postcode) for r in records for postcode in r["codesPostaux"]]
    return pd.DataFrame(rows, columns=["code", "postcode"]).sort_values(["code", "postcode"]).reset_index(drop=True)


def arrondissements(inputs: Inputs) -> pd.DataFrame:
    """The 45 municipal arrondissements of Paris, Lyon and Marseille."""
    records = _of_kind(inputs, NPM_OF_VINTAGE[LAST], "arrondissement-municipal")
    year = POPULATION_YEAR[LAST]
    rows = [(r["code"], r["commune"], r["nom"], r["codesPostaux"], r["population"], year) for r in records]
    columns = ["code", "parent", "name", "postcodes", "population", "population_year"]
    return pd.DataFrame(rows, columns=columns).sort_values("code").reset_index(drop=True)
