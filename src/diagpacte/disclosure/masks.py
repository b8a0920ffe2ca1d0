"""The masks of the whole workspace: every count withheld, in all the territories at once, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from diagpacte.disclosure.counts import FIGURE
from diagpacte.disclosure.protection import Group, Protection, protect
from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.tables import TABLES, Masks
from diagpacte.vocabulary import VALUED

Zone = tuple[str, int]  # zone_code, geo_vintage
PRIMARY = "effectif sous le seuil de la source"
COMPLEMENTARY = "sa publication permettrait de retrouver, par soustraction, un effectif retenu ou trop petit"
SHOWN_ZONES = 5


def decide(counts: pd.DataFrame, ground: Mapping[Zone, frozenset[int]]) -> tuple[Masks, list[Fault]]:
    """The masks of `counts` (see `counts.counts`), and a fault when what producers published tells one all the same.

    `ground` gives the pieces of ground, any numbers, that each zone of a vintage is made of; a zone it does not
    know is a ground of its own.
    """
    rows: list[dict[str, object]] = []
    told: list[str] = []
    concerned = counts[counts.groupby(FIGURE)["ours"].transform("any")] if len(counts) else counts
    atoms = _Atoms(ground)
    for _, group in concerned.groupby(FIGURE, sort=True):
        found = protect(_group(group, atoms))
        rows += _rows(group, found)
        told += [str(group["zone_code"].iloc[place]) for place in sorted(found.told_by_others)]
    return Masks(TABLES["masks"].frame(rows)), [_told_by_others(told)] if told else []


class _Atoms:
    """The finest pieces that zones cut each other into."""

    def __init__(self, ground: Mapping[Zone, frozenset[int]]) -> None:
        self._ground = ground
        self.of = cache(self._of)

    def _of(self, zones: tuple[Zone, ...]) -> csr_array:
        """Zones × atoms: 1 where the zone holds the atom. Pieces that are in the same zones are one atom."""
        holders: dict[object, list[int]] = {}
        for row, zone in enumerate(zones):
            for piece in self._ground.get(zone, (zone,)):
                holders.setdefault(piece, []).append(row)
        atoms = list(dict.fromkeys(tuple(rows) for _, rows in sorted(holders.items(), key=lambda item: item[1])))
        rows = np.array([row for atom in atoms for row in atom], dtype=np.intp)
        columns = np.repeat(np.arange(len(atoms)), [len(atom) for atom in atoms])
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(zones), len(atoms)))


def _group(rows: pd.DataFrame, atoms: _Atoms) -> Group:
    value = rows["value"].to_numpy(dtype=np.float64)
    lower, upper = (rows[side].to_numpy(dtype=np.float64) for side in ("lower", "upper"))
    censored = rows["availability"].eq("censored").to_numpy()
    valued = rows["availability"].isin(VALUED).to_numpy()
    low = np.where(np.isnan(lower), np.where(censored, 0.0, value), lower)
    high = np.where(np.isnan(upper), np.where(censored, np.inf, value), upper)
    return Group(
        holds=atoms.of(tuple(zip(rows["zone_code"], rows["geo_vintage"].astype(int), strict=True))),
        value=value,
        low=np.where(valued, np.maximum(low, 0.0), 0.0),
        high=np.where(valued, high, np.inf),
        ours=rows["ours"].to_numpy(dtype=np.bool_),
        small=rows["small"].to_numpy(dtype=np.bool_),
        threshold=rows["threshold"].to_numpy(dtype=np.float64),
        zero_told=rows["zero_told"].to_numpy(dtype=np.bool_),
    )


def _rows(group: pd.DataFrame, found: Protection) -> Iterator[dict[str, object]]:
    kinds = ((found.primary, "primaire", PRIMARY), (found.complementary, "complementaire", COMPLEMENTARY))
    for places, kind, reason in kinds:
        for row in group.iloc[sorted(places)].to_dict("records"):
            yield {
                "table": "observations", "key": row["key"], "column": "value", "kind": kind,
                "threshold": row["threshold"], "rule": row["rule"], "reason": reason,
            }  # fmt: skip


def _told_by_others(zones: list[str]) -> Fault:
    named = sorted(set(zones))
    more = f" et {len(named) - SHOWN_ZONES} autres" if len(named) > SHOWN_ZONES else ""
    return Fault(
        "diffusion",
        found=f"petits effectifs que disent déjà les seules valeurs publiées par les producteurs : "
        f"{', '.join(named[:SHOWN_ZONES])}{more}",
        expected="des valeurs publiées dont aucune soustraction ne donne un petit effectif",
        remedy="le signaler au producteur ; diagpacte les retient, mais ne peut rien à ce qui est déjà publié",
        severity=Severity.CHECK,
        kind=FaultKind.SECRET,
    )
