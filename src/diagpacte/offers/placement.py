"""Where an offer is, and how well that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from diagpacte.errors import Fault, Severity
from diagpacte.tables import Communes, RawOffers
from diagpacte.vocabulary import Placement

SHOWN_ROWS = 5


@dataclass(frozen=True)
class Placed:
    """`table`: placement, commune_code, lon, lat of each offer, on the index of RawOffers."""

    table: pd.DataFrame
    faults: tuple[Fault, ...]


def place(raw: RawOffers, communes: Communes, successors: Mapping[str, str], parents: Mapping[str, str]) -> Placed:
    """The point of each offer: its coordinates, else the point of its commune, else none.

    `communes` is one vintage, the reference; `successors` brings a code of another vintage to it,
    `parents` an arrondissement of Paris, Lyon or Marseille to its commune. A code that leads to no
    commune of the reference becomes missing and is said. Coordinates are those of RawOffers, in France
    by construction; an offer known by its point alone keeps no commune (the nearest is not its own).
    """
    known = communes.set_index("code")
    published = raw["commune_code"]
    code = published.where(published.isin(known.index), published.map(parents).fillna(published.map(successors)))
    code = code.where(code.isin(known.index)).astype("str")
    has_point = raw["lon"].notna() & raw["lat"].notna()
    lon = raw["lon"].where(has_point, code.map(known["lon"]))
    lat = raw["lat"].where(has_point, code.map(known["lat"]))
    placement = pd.Series(Placement.NONE.value, index=raw.index, dtype="str")
    placement[lon.notna() & lat.notna()] = Placement.COMMUNE.value
    placement[has_point] = Placement.COORDINATES.value
    table = pd.DataFrame({"placement": placement, "commune_code": code, "lon": lon, "lat": lat})
    return Placed(table, (*_unknown_codes(raw, published.notna() & code.isna()), *_not_located(raw, placement)))


def _unknown_codes(raw: RawOffers, unknown: pd.Series[bool]) -> list[Fault]:
    return [
        Fault(
            str(file),
            cell=_lines(rows["row"]),
            found=f"code commune «\u00a0{code}\u00a0» inconnu de la géographie de référence ({_offers(rows)})",
            remedy="code retiré ; l’offre n’est rattachée à aucune commune",
            severity=Severity.CHECK,
        )
        for (file, code), rows in raw[unknown].groupby(["source_id", "commune_code"])
    ]


def _not_located(raw: RawOffers, placement: pd.Series[str]) -> list[Fault]:
    return [
        Fault(
            str(file),
            cell=_lines(rows["row"]),
            found=f"sans coordonnées ni commune connue, donc non localisé\u00a0: {_offers(rows)}",
            remedy="compté à part, absent des cartes ; à compléter chez le producteur",
            severity=Severity.CHECK,
        )
        for file, rows in raw[placement == Placement.NONE.value].groupby("source_id")
    ]


def _offers(rows: pd.DataFrame) -> str:
    return "1 offre" if len(rows) == 1 else f"{len(rows)} offres"


def _lines(rows: pd.Series[int]) -> str:
    shown = ", ".join(str(row) for row in sorted(rows)[:SHOWN_ROWS])
    hidden = "…" if len(rows) > SHOWN_ROWS else ""
    return f"{'ligne' if len(rows) == 1 else 'lignes'} {shown}{hidden}"
