"""The panel of access: distance to the nearest listed offer, and the offers themselves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from diagpacte.deliverables.french import (
    NBSP,
    elided,
    enumerate_words,
    faithful_decimals,
    kilometres,
    number,
    percent,
    shortest,
)
from diagpacte.deliverables.map_offers import located_offers, offer_notes, point_groups, points_title
from diagpacte.deliverables.map_panels import (
    FEW_ZONES,
    Fill,
    Panel,
    Row,
    Swatch,
    all_known,
    is_simulated,
    missing_fill,
    missing_swatch,
    noun,
    out_of,
    theme_rows,
)
from diagpacte.deliverables.rules import MapContext
from diagpacte.deliverables.style import ACCESS, MOST_AT_A_PLACE
from diagpacte.tables import Published
from diagpacte.vocabulary import Availability, GapClass, Territory, Theme

LEAST_PERCENT = 0.05  # what would be written 0,0 %
NAMED = 3  # zones named in a title
KIND_WORDS = {
    GapClass.NOT_LISTED: f"Non recensé{NBSP}: aucune source d’offre chargée",
    GapClass.EDGE_NOT_COVERED: f"Bord non couvert{NBSP}: l’offre voisine est inconnue",
    GapClass.NOT_MEASURED: f"Non mesuré{NBSP}: distance sans moyenne",
}


def has_access(published: Published, theme: Theme) -> bool:
    """True when the theme has a distance in some zone."""
    coverage = published["coverage"]
    coverage = coverage[coverage["theme"].eq(theme.theme) & coverage["variant"].eq(0)]
    return bool(coverage["nearest_km"].notna().any())


def access_panel(
    published: Published, territory: Territory, theme: Theme, context: MapContext, zones: pd.DataFrame
) -> Panel:
    """The mean distance of each zone to the nearest offer, weighted by commune population, and the offers."""
    coverage = theme_rows(published, "coverage", theme, zones)
    coverage = coverage.assign(
        name=zones["short_name"].to_numpy(),
        counted=zones["counted"].to_numpy(),
        missing=pd.Series([_missing_kind(row) for row in coverage.to_dict("records")], coverage.index, dtype="object"),
    )
    records = coverage.reset_index().to_dict("records")
    fills = {row["zone_code"]: _fill(row, context) for row in records}
    values = {row["zone_code"]: _value(row, context.access_bounds_km) for row in records}
    offers = located_offers(published, theme)
    counted = coverage[coverage["counted"]]
    labels = class_labels(context)
    known = counted[counted["missing"].isna()]
    classes = [
        Swatch(Fill(ACCESS[len(labels)][index]), f"{labels[index]} ({int(known['access_class'].eq(index).sum())})")
        for index in reversed(range(len(labels)))
    ]
    kinds = [kind for kind in KIND_WORDS if coverage["missing"].eq(kind).any()]
    points = point_groups(offers, territory, context.offer_labels)
    return Panel(
        word="ACCÈS",
        heading="Distance à l’offre recensée la plus proche",
        legend_title="En km à vol d’oiseau, moyenne des communes pondérée par la population",
        fills=fills,
        values=values,
        rows=_rows(coverage, fills, values),
        counts_head="structures" if coverage["located_inside"].notna().all() else "",
        classes=tuple(classes),
        missing=tuple(
            missing_swatch(missing_fill(kind), KIND_WORDS[kind], int(counted["missing"].eq(kind).sum()))
            for kind in kinds
        ),
        references=_beyond(coverage) if len(coverage) == 1 else (),
        compared=(),
        points_title=points_title(offers, context.offer_labels),
        statements=_statements(counted, offers, theme, territory),
        reading=_reading(offers, theme, context, len(zones), doubtful=GapClass.EDGE_NOT_COVERED in kinds),
        simulated=is_simulated(offers["nature"]),
        values_written=len(zones) <= FEW_ZONES,
        points=points,
        figures=(f"coverage/{{}}|{theme.theme}|0/access_class", f"coverage/{{}}|{theme.theme}|0/nearest_km"),
    )


def _missing_kind(row: Mapping[Hashable, Any]) -> GapClass | None:
    """Why a zone has no class of distance; None when it has one."""
    if pd.isna(row["nearest_km"]):
        kind = row["nearest_availability"]
        listed = not pd.isna(kind) and kind != Availability.NOT_COVERED
        return GapClass.NOT_MEASURED if listed else GapClass.NOT_LISTED
    # A distance that a neighbour's unknown offer could bring back within reach decides nothing.
    doubtful = (row["nearest_km"] > row["reach_km"]) != (row["nearest_lower_km"] > row["reach_km"])
    return GapClass.EDGE_NOT_COVERED if doubtful else None


def _fill(row: Mapping[Hashable, Any], context: MapContext) -> Fill:
    if pd.notna(row["missing"]):
        return missing_fill(row["missing"])
    return Fill(ACCESS[len(context.access_bounds_km) + 1][int(row["access_class"])])


def _value(row: Mapping[Hashable, Any], bounds: tuple[float, ...]) -> str:
    """A distance, with the decimals that keep it in its class; « ≤ » where an unknown offer may be nearer."""
    if pd.notna(row["nearest_km"]):
        places = faithful_decimals(row["nearest_km"], bounds, above=(row["reach_km"],))
        distance = kilometres(row["nearest_km"], places)
    if row["missing"] == GapClass.EDGE_NOT_COVERED:
        return f"≤{NBSP}{distance}"
    if pd.isna(row["nearest_km"]):
        return str(row["missing"])
    return distance


def class_labels(context: MapContext) -> list[str]:
    """« moins de 5 km », « de 5 à moins de 10 km »… nearest first."""
    bounds = [shortest(bound) for bound in context.access_bounds_km]
    between = [f"de {a} à moins de {b}{NBSP}km" for a, b in pairwise(bounds)]
    return [f"moins de {bounds[0]}{NBSP}km", *between, f"{bounds[-1]}{NBSP}km ou plus"]


def _rows(coverage: pd.DataFrame, fills: dict[str, Fill], values: dict[str, str]) -> tuple[Row, ...]:
    """Zones farthest first; those without a distance after, by name."""
    sizes = (coverage["nearest_km"] / coverage["nearest_km"].max()).where(coverage["missing"].isna()).fillna(0)
    counts = ["" if pd.isna(count) else number(count) for count in coverage["located_inside"]]
    ordered = coverage.assign(key=-coverage["nearest_km"], size=sizes, counts=counts)
    ordered = ordered.sort_values(["key", "name"], na_position="last")
    return tuple(
        Row(str(code), name, values[str(code)], fills[str(code)], size, str(count))
        for code, name, size, count in ordered[["name", "size", "counts"]].itertuples(name=None)
    )


def _statements(coverage: pd.DataFrame, offers: pd.DataFrame, theme: Theme, territory: Territory) -> tuple[str, ...]:
    """Where the nearest offer is within the theme's reach, and where it is not (weak beyond it, not at it)."""
    kind = elided("de", theme.offer_noun)
    known = coverage[coverage["missing"].isna()]
    if not offers["inside"].any():
        return (f"aucune offre {kind} n’est recensée",)
    if known.empty:
        return (f"l’offre {kind} est recensée, mais aucune distance n’est sûre",)
    if len(coverage) == 1:
        return (f"l’offre {kind} est en moyenne à {kilometres(known['nearest_km'].iloc[0])}",)
    places = _places(known, len(coverage), theme, territory)
    return (*(f"l’offre {kind} est {place}" for place in places), f"l’offre est {places[-1]}")


def _places(known: pd.DataFrame, total: int, theme: Theme, territory: Territory) -> tuple[str, ...]:
    """« partout à 10 km ou moins en moyenne », « à plus de 10 km en moyenne dans 2 EPCI (A et B) »…"""
    weak = known[known["nearest_km"] > known["reach_km"]].sort_values("nearest_km", ascending=False)
    reach, kind = f"{shortest(theme.reach_km)}{NBSP}km", noun(territory, 2)
    if len(weak) == len(known) == total:
        return (f"partout à plus de{NBSP}{reach} en moyenne",)
    if weak.empty:
        return (
            f"partout à {reach} ou moins en moyenne"
            if len(known) == total
            else f"à {reach} ou moins en moyenne dans {all_known(len(known), total, territory)}",
        )
    if len(weak) == len(known):
        return (f"à plus de{NBSP}{reach} en moyenne dans {all_known(len(known), total, territory)}",)
    start = f"à plus de{NBSP}{reach} en moyenne dans {'un' if len(weak) == 1 else len(weak)} {kind}"
    named = [f"{start} ({enumerate_words(list(weak['name']))})"] if len(weak) <= NAMED else []
    return (*named, f"{start} {out_of(len(known), total)}")


def _beyond(coverage: pd.DataFrame) -> tuple[str, ...]:
    """How many live beyond the reach."""
    row = coverage.iloc[0]
    share, reach = row["beyond_reach_pct"], f"{shortest(row['reach_km'])}{NBSP}km"
    if pd.isna(share):
        return ()
    if share == 0:
        return (f"Toute la population est à {reach} ou moins",)
    return (
        f"{percent(share) if share >= LEAST_PERCENT else f'moins de {percent(0.1)}'} de la population à plus de {reach}",
    )


def _reading(offers: pd.DataFrame, theme: Theme, context: MapContext, zones: int, *, doubtful: bool) -> tuple[str, ...]:
    bounds = enumerate_words([shortest(bound) for bound in context.access_bounds_km])
    notes = [f"bornes de distance fixes ({bounds}{NBSP}km)"] if zones > 1 else []
    notes += [
        f"portée retenue pour ce thème{NBSP}: {shortest(theme.reach_km)}{NBSP}km ({theme.reach_source})",
    ]
    if doubtful:
        notes.append("bord non couvert\u00a0: distance au plus (≤), une offre voisine inconnue peut être plus près")
    stacked = offers[offers["located"]].groupby(["offer_source", "lon", "lat"]).size()
    if len(stacked) and stacked.max() > 1:
        cap = f", au plus {MOST_AT_A_PLACE}" if stacked.max() > MOST_AT_A_PLACE else ""
        notes.append(f"surface du symbole{NBSP}: nombre de structures au même lieu{cap}")
    return (*notes, *offer_notes(offers))
