"""Where the packaged geography meets a territory code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE

A_FEW_COMMUNES = 20
VINTAGES = range(FIRST_VINTAGE, LAST_VINTAGE + 1)

if TYPE_CHECKING:
    from diagpacte.geography.rules import GeographyRules
    from diagpacte.offers.placement import Placed
    from diagpacte.tables import RawOffers
    from diagpacte.vocabulary import Territory


def resolve(rules: GeographyRules, code: str) -> Territory:
    """The territory `code` names at the vintage of `rules`; TerritoryError when it names none."""
    from diagpacte.geography import territory
    from diagpacte.sources import reference

    lookup = territory.Lookup(
        reference.communes(rules.vintage),
        reference.intercommunalities(rules.vintage),
        reference.departments(),
        reference.postcodes(),
    )
    return territory.resolve(code, lookup, rules)


@cache
def zone_codes(vintage: int) -> frozenset[str]:
    """Every zone that exists on 1 January `vintage`: EPCI, EPT, communes, départements, régions."""
    from diagpacte.sources import reference

    communes, grouped = reference.communes(vintage), reference.intercommunalities(vintage)
    return frozenset(
        [
            *(grouped["kind"] + ":" + grouped["code"]),
            *("COM:" + communes["code"]),
            *("DEP:" + communes["department"].unique().astype("str")),
            *("REG:" + communes["region"].unique().astype("str")),
        ]
    )


def zone_names(zones: Collection[str]) -> dict[str, set[str]]:
    """Every name that each of `zones`, EPCI, EPT, commune or département, bore over the packaged vintages.

    Paris among EPCI, or a handful of communes, is not worth the names of 35,000.
    """
    kinds = Counter(zone.partition(":")[0] for zone in zones)
    named = [_names(kind) for kind, count in kinds.items() if kind != "COM" or count >= A_FEW_COMMUNES]
    return {zone: known[zone] for known in named for zone in known.keys() & set(zones)}


@cache
def _names(kind: str) -> dict[str, set[str]]:
    from diagpacte.sources import reference

    if kind == "DEP":
        given = [reference.departments()]
    elif kind == "COM":
        given = [reference.commune_names()]
    else:
        given = [frame[frame["kind"].eq(kind)] for frame in map(reference.intercommunalities, VINTAGES)]
    names: dict[str, set[str]] = {}
    for frame in given:
        for code, name in zip(frame["code"].tolist(), frame["name"].tolist(), strict=True):
            names.setdefault(f"{kind}:{code}", set()).add(name)
    return names


def place_offers(raw: RawOffers, vintage: int) -> Placed:
    """Where each offer stands, on the communes of 1 January `vintage`."""
    from diagpacte.offers.placement import place
    from diagpacte.sources import reference

    arrondissements = reference.arrondissements()
    parents = dict(zip(arrondissements["code"], arrondissements["parent"], strict=True))
    return place(raw, reference.communes(vintage), successors(vintage), parents)


def successors(vintage: int) -> dict[str, str]:
    """Commune codes of earlier years → the one commune of `vintage` that each became part of."""
    from diagpacte.sources import reference

    passage = reference.passage()
    became: dict[str, str] = {}
    for year in range(vintage - 1, FIRST_VINTAGE - 1, -1):
        step = passage[passage["vintage_from"].eq(year) & passage["vintage_to"].eq(year + 1)]
        whole = step[~step["code_from"].duplicated(keep=False)]
        became |= {old: became.get(new, new) for old, new in zip(whole["code_from"], whole["code_to"], strict=True)}
    return became
