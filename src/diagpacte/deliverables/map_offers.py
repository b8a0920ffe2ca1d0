"""Offers as points: which are in the territory, how they are told apart, how many stand in one place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from diagpacte.deliverables.french import NBSP, counted, number
from diagpacte.deliverables.map_panels import STRUCTURES, Points, home
from diagpacte.deliverables.style import RESPONSABLES, SYMBOLS, WHITE
from diagpacte.tables import Published
from diagpacte.vocabulary import Placement, Territory, Theme

SAME_PLACE = 4  # decimals of a degree: about ten metres


def located_offers(published: Published, theme: Theme) -> pd.DataFrame:
    """The structures of a theme that receive people, with `inside` (the territory) and `located` (on the map).

    Those of the sources that count here: a file that lists nothing near is no part of the map.
    """
    offers = published["offers"]
    offers = offers[offers["theme"].eq(theme.theme) & ~offers["remote_only"]].sort_values("structure_id")
    ground = published["ground"]
    outline = shapely.from_wkb(ground.loc[ground["kind"].eq("territoire"), "geometry"].iloc[0])
    shapely.prepare(outline)
    located = offers["lon"].notna() & offers["lat"].notna()
    inside = np.zeros(len(offers), dtype=bool)
    inside[located] = shapely.contains_xy(outline, *offers.loc[located, ["lon", "lat"]].to_numpy(dtype=float).T)
    members = published["members"]
    ours = offers["commune_code"].isin(members.loc[members["inside"], "commune_code"])
    offers = offers.assign(located=located, inside=ours.where(offers["commune_code"].notna(), inside))
    coverage = published["coverage"]
    listed = coverage.loc[coverage["theme"].eq(theme.theme), "offer_sources"]
    return offers[offers["inside"] | offers["offer_source"].isin({source for near in listed for source in near})]


def point_groups(offers: pd.DataFrame, territory: Territory, labels: Mapping[str, str]) -> tuple[Points, ...]:
    """Symbols of the offers: by source when several, else by responsable when known, else one kind.

    Each label ends with the number of structures in the territory. Offers beyond it are white discs.
    """
    inside = offers[offers["inside"]]
    if by_responsable(inside):
        told = inside["responsable"].map(lambda body: RESPONSABLES[body][0])
        symbols = {label: SYMBOLS[rank] for label, rank in RESPONSABLES.values()}
    else:
        told = inside["offer_source"].map(lambda source: labels.get(source, source))
        ranked = told.value_counts().sort_index().sort_values(ascending=False, kind="stable").index
        symbols = {label: SYMBOLS[min(rank, len(SYMBOLS) - 1)] for rank, label in enumerate(ranked)}
    groups = [
        _points(chosen, f"{label} ({number(len(chosen))})", symbols[str(label)])
        for label, chosen in sorted(inside.groupby(told, sort=True), key=lambda group: -len(group[1]))
    ]  # the rarest last, drawn over the others
    beyond = offers[~offers["inside"] & offers["located"]]
    if len(beyond):
        groups.append(_points(beyond, f"hors {home(territory)}", ("o", WHITE), outside=True))
    return tuple(groups)


def by_responsable(inside: pd.DataFrame) -> bool:
    """True when a single source lists offers of several kinds of bodies."""
    return len(set(inside["offer_source"])) == 1 and len(set(inside["responsable"])) > 1


def points_title(offers: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """Heading of the symbols; it names the source when they tell the bodies apart."""
    inside = offers[offers["inside"]]
    if not by_responsable(inside):
        return STRUCTURES
    source = inside["offer_source"].iloc[0]
    return f"{labels.get(source, source)}, par responsable"


def _points(offers: pd.DataFrame, label: str, symbol: tuple[str, str], *, outside: bool = False) -> Points:
    located = offers[offers["located"]]
    places = located.assign(lon=located["lon"].round(SAME_PLACE), lat=located["lat"].round(SAME_PLACE))
    counts = places.groupby(["lon", "lat"], sort=True).size()
    lon, lat = (tuple(map(float, counts.index.get_level_values(axis))) for axis in ("lon", "lat"))
    return Points(label, *symbol, lon, lat, tuple(map(int, counts)), outside)


def offer_notes(offers: pd.DataFrame) -> tuple[str, ...]:
    """What the symbols do not show."""
    inside = offers[offers["inside"]]
    notes = []
    if len(set(inside["offer_source"])) > 1:
        notes.append(f"les sources se recoupent{NBSP}: leurs nombres ne s’additionnent pas")
    at_commune = int((inside["placement"].eq(Placement.COMMUNE) & inside["located"]).sum())
    if at_commune:
        notes.append(
            f"{counted(at_commune, 'structure')} sans adresse au point de {'leur' if at_commune > 1 else 'sa'} commune"
        )
    unseen = int((~inside["located"]).sum())
    if unseen:
        notes.append(f"{counted(unseen, 'structure')} sans lieu connu, non dessinée{'s' if unseen > 1 else ''}")
    return tuple(notes)
