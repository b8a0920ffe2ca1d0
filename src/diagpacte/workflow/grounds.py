"""The ground of zones of any vintage, in the same pieces: what two zones share can then be told."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE, ZoneKind

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.tables import Communes

Zone = tuple[str, int]  # zone_code, geo_vintage
OVERSEAS = "97"


def grounds(zones: Iterable[Zone]) -> dict[Zone, frozenset[int]]:
    """The pieces of ground, numbered, of each zone that the packaged geography knows at its vintage.

    A piece is what stayed together of a commune through all the vintages of `zones`.
    """
    wanted = sorted({(code, vintage) for code, vintage in zones if FIRST_VINTAGE <= vintage <= LAST_VINTAGE})
    vintages = sorted({vintage for _, vintage in wanted})
    if not vintages:
        return {}
    pieces = _pieces(tuple(vintages))
    found: dict[Zone, frozenset[int]] = {}
    for vintage in vintages:
        piece_of = pieces.groupby(vintage).indices  # commune → its pieces
        for code in (code for code, of in wanted if of == vintage):
            mine = [int(piece) for commune in communes_of(code, vintage) for piece in piece_of.get(commune, ())]
            if mine:
                found[code, vintage] = frozenset(mine)
    return found


@cache
def _pieces(vintages: tuple[int, ...]) -> pd.DataFrame:
    """A row per piece, a column per vintage: the commune it is in."""
    import pandas as pd

    from diagpacte.geography.passage import links
    from diagpacte.sources import reference

    first, *others = vintages
    pieces = pd.DataFrame({first: reference.communes(first)["code"]})
    before = first
    for vintage in others:
        step = links(reference.communes(before), vintage, reference.passage())
        step = step.rename(columns={"code_from": before, "code_to": vintage})
        pieces = pieces.merge(step[[before, vintage]], on=before)
        before = vintage
    return pieces.sort_values([*pieces.columns], ignore_index=True)


def communes_of(zone: str, vintage: int) -> list[str]:
    """The communes of a zone on 1 January `vintage`; none when it is unknown."""
    from diagpacte.geography.zones import belongs

    kind, _, code = zone.partition(":")
    communes = _communes(vintage)
    if kind == ZoneKind.COMMUNE:
        return [code]
    if kind == ZoneKind.COLLECTIVITY:
        return communes.loc[belongs(code, communes), "code"].tolist()
    if zone in (ZoneKind.FRANCE, ZoneKind.METROPOLE, f"{ZoneKind.OUTSIDE_EPCI}:{ZoneKind.METROPOLE}"):
        there = (
            communes["code"].notna() if zone == ZoneKind.FRANCE else ~communes["department"].str.startswith(OVERSEAS)
        )
        there = there & communes["epci"].isna() if kind == ZoneKind.OUTSIDE_EPCI else there
        return communes.loc[there, "code"].tolist()
    return _by_level(vintage).get(zone, [])


@cache
def _by_level(vintage: int) -> dict[str, list[str]]:
    """Zone → its communes, for the levels written in the table of communes."""
    communes = _communes(vintage)
    outside = communes["department"].where(communes["epci"].isna())
    levels = {
        ZoneKind.EPCI: communes["epci"],
        ZoneKind.EPT: communes["ept"],
        ZoneKind.DEPARTMENT: communes["department"],
        ZoneKind.REGION: communes["region"],
        ZoneKind.OUTSIDE_EPCI: outside,
    }
    return {
        f"{kind}:{code}": rows.tolist()
        for kind, codes in levels.items()
        for code, rows in communes.groupby(codes)["code"]
    }


@cache
def _communes(vintage: int) -> Communes:
    from diagpacte.sources import reference

    return reference.communes(vintage)
