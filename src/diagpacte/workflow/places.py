"""Where the packaged geography meets a territory code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagpacte.vocabulary import FIRST_VINTAGE

if TYPE_CHECKING:
    from diagpacte.geography.rules import GeographyRules
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
