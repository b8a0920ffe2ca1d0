"""Secrets that a subtraction would tell: reported to whoever received the file, never computed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from diagpacte.algebra import given_away
from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import areas, column_number
from diagpacte.sources.layout.table_rows import named
from diagpacte.tables import TABLES, Communes, Observations
from diagpacte.vocabulary import Availability, Profile, ZoneKind

KEY = list(TABLES["observations"].key)
ROUNDING = 0.05  # of a share printed to one decimal
OVERSEAS = "97"
EXPECTED = "au moins deux valeurs secrètes quand les autres et leur total sont publiés"
REMEDY = "ne pas diffuser ces cellules et le signaler au producteur ; rien n’est calculé à partir d’elles"


@dataclass(frozen=True)
class Shares:
    """Indicators of one zone that share out 100."""

    label: str  # « les parts des six profils, en ménages »
    indicators: tuple[str, ...]


def profile_shares(profiles: Sequence[Profile]) -> list[Shares]:
    """The shares of the profiles of poor households: in households, in persons."""
    return [
        Shares("les parts des profils, en ménages", tuple(profile.indicator_households for profile in profiles)),
        Shares("les parts des profils, en personnes", tuple(profile.indicator_persons for profile in profiles)),
    ]


def perimeters(communes: Communes) -> dict[str, tuple[str, ...]]:
    """Zones that are exactly the union of others → those others: département, région, France métropolitaine.

    A département with a straddling EPCI is none: subtracting from it tells nothing. `communes` are those of one
    1 January.
    """
    department = f"{ZoneKind.DEPARTMENT}:" + communes["department"]
    epci = (f"{ZoneKind.EPCI}:" + communes["epci"]).fillna(f"{ZoneKind.OUTSIDE_EPCI}:" + communes["department"])
    region = f"{ZoneKind.REGION}:" + communes["region"]
    country = pd.Series(str(ZoneKind.METROPOLE), communes.index).mask(communes["department"].str.startswith(OVERSEAS))
    found: dict[str, tuple[str, ...]] = {}
    for part, whole in ((epci, department), (department, region), (region, country)):
        pairs = pd.DataFrame({"part": part, "whole": whole}).dropna().drop_duplicates()
        straddled = pairs.loc[pairs["part"].duplicated(keep=False), "whole"]
        for name, parts in pairs[~pairs["whole"].isin(straddled)].groupby("whole")["part"]:
            found[str(name)] = tuple(sorted(parts))
    return found


def revealed_secrets(
    observations: Observations,
    shares: Sequence[Shares],
    files: Mapping[str, str],
    additive: Collection[str] = (),
    wholes: Mapping[str, Collection[str]] | None = None,
) -> list[Fault]:
    """One fault per sheet and reason, with every cell whose secret the published values give away.

    `files` is source_id → file. Shares are looked at zone by zone; the `additive` indicators (counts) also from
    zone to zone, in the perimeters `wholes` (zone → the parts it is exactly made of).
    """
    return [*_in_shares(observations, shares, files), *_in_zones(observations, files, additive, wholes or {})]


def _in_shares(observations: Observations, shares: Sequence[Shares], files: Mapping[str, str]) -> Iterator[Fault]:
    by = ["source_id", "zone_code", "year", "geo_vintage"]
    for group in shares:
        rows = observations[observations["indicator"].isin(group.indicators)]
        rows = rows[rows.groupby(by)["value"].transform("size").eq(len(group.indicators))]
        hundred = _hundreds(rows, by)
        told = given_away(hundred, rows, by, ROUNDING * len(group.indicators))
        alone = f"secret qui se déduit : seul de sa ligne, dans {group.label}, dont la somme fait 100"
        several = f"secrets qui se déduisent : les autres cellules, dans {group.label}, font déjà 100"
        yield from _faults(_secrets(rows, by, told), files, alone, several)


def _in_zones(
    observations: Observations,
    files: Mapping[str, str],
    additive: Collection[str],
    wholes: Mapping[str, Collection[str]],
) -> Iterator[Fault]:
    whole_of = {part: whole for whole, parts in wholes.items() for part in parts}
    counts = observations[observations["indicator"].isin(additive)]
    rows = counts.assign(whole=counts["zone_code"].map(whole_of)).dropna(subset=["whole"])
    by = ["whole", *KEY[1:]]
    complete = rows.groupby(by)["value"].transform("size").eq(rows["whole"].map({w: len(p) for w, p in wholes.items()}))
    rows = rows[complete]
    published = counts[counts["zone_code"].isin(wholes)].rename(columns={"zone_code": "whole"}).set_index(by)
    told = given_away(published, rows, by)
    alone = "secret qui se déduit : seul de son territoire, dont le total et les autres zones sont publiés"
    several = "secrets qui se déduisent : les autres zones font déjà le total publié de leur territoire"
    yield from _faults(_secrets(rows, by, told), files, alone, several)


def _hundreds(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    index = rows.groupby(by, sort=True).size().index
    return pd.DataFrame(
        {"value": 100.0, "lower": float("nan"), "upper": float("nan"), "availability": str(Availability.OBSERVED)},
        index=index,
    )


def _secrets(rows: pd.DataFrame, by: list[str], told: pd.Series[bool]) -> pd.DataFrame:
    """The secret rows of the groups that are told, each with how many secrets its group has."""
    secret = rows[rows["availability"].eq(Availability.SECRET)]
    secret = secret[told.reindex(pd.MultiIndex.from_frame(secret[by])).to_numpy(dtype=bool)]
    return secret.assign(secrets=secret.groupby(by)["row"].transform("size"))


def _faults(secrets: pd.DataFrame, files: Mapping[str, str], alone: str, several: str) -> Iterator[Fault]:
    places = secrets.assign(several=secrets["secrets"].gt(1)).groupby(["source_id", "sheet", "several"], sort=True)
    for (source, sheet, more), rows in places:
        cells = [f"{column}{row}" for column, row in zip(rows["column"], rows["row"], strict=True)]
        zones = named([str(zone) for zone in rows["zone_code"].unique()])
        yield Fault(
            files.get(str(source), str(source)),
            str(sheet),
            named(cells),
            f"{several if more else alone} ({zones})",
            EXPECTED,
            REMEDY,
            Severity.CHECK,
            FaultKind.SECRET,
            areas((row, column_number(letters)) for row, letters in zip(rows["row"], rows["column"], strict=True)),
        )
