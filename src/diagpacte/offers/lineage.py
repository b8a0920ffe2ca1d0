"""Where an offer by theme comes from: the records of its structure that serve the theme."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from diagpacte.offers.rules import ThematicRow
from diagpacte.offers.themes import serving
from diagpacte.tables.lineage import Link, Origin, Place, Positions, Reads, Role, Select, Tables
from diagpacte.vocabulary import department_of

RECORD = ("structure_id", "networks")  # a column of each way in which a record is published
KEY = ("structure_id", "theme")
THEMATICS, NETWORKS = (Origin(Place.SETTING, f"configs/{name}.csv") for name in ("thematics", "networks"))


def lineage(thematics: Sequence[ThematicRow]) -> list[Reads]:
    """What the offers by theme, and the account of each source, read."""
    of_theme = _of_theme(thematics)
    served = (
        Link("raw_offers", RECORD, select=of_theme),
        Link("raw_offers", ("counted",), select=of_theme, condition=True),
    )
    place = Origin(Place.REFERENCE, "points.parquet")
    counts, told = ("structures", "services"), ("updated_from", "updated_to", "claim")
    listed = (Link("raw_offers", RECORD, select=_of_department),)
    key = ("source_id", "offer_source", "department")
    return [
        Reads(
            "offers",
            ("services", "confidence"),
            "Services de la structure dont la thématique ou le type répond au thème ; 1 quand seul son réseau y répond",
            served,
            (THEMATICS,),
        ),
        Reads(
            "offers",
            ("placement", "commune_code", "lon", "lat", "remote_only", "zones_declared"),
            "Lieu de l’enregistrement le mieux placé : ses coordonnées, sinon le point de sa commune",
            served,
            (place,),
        ),
        Reads("offers", ("responsable",), "Responsable du réseau porteur de la structure", served, (NETWORKS,)),
        Reads("offers", (*KEY, "offer_source"), "Structure qui répond au thème", served, (THEMATICS,), Role.KEY),
        Reads("offers", ("name", "networks", "source_id", "dispositif_id", "updated_on", "nature"),
              "Dit par les enregistrements de la structure", served, (), Role.LABEL),
        Reads("source_coverage", counts, "Structures et services distincts que le fichier recense", listed),
        Reads("source_coverage", (*told, *key), "Dit par les enregistrements du fichier", listed, (), Role.LABEL),
    ]  # fmt: skip


def _of_theme(thematics: Sequence[ThematicRow]) -> Select:
    def select(rows: pd.DataFrame, tables: Tables) -> Positions:
        """The counted records of these structures that serve these themes."""
        wanted = {*zip(rows["structure_id"], rows["theme"], strict=True)}
        near = tables.find("raw_offers", ("structure_id",), {(structure,) for structure, _ in wanted})
        found = tables.once(f"serving\0{near.tobytes()!r}", lambda: _served(tables, near, thematics))
        kept = [pair in wanted for pair in zip(found["structure_id"], found["theme"], strict=True)]
        rows_of: Positions = found.loc[kept, "offer"].unique().astype("intp")
        return np.sort(rows_of)

    return select


def _served(tables: Tables, near: Positions, thematics: Sequence[ThematicRow]) -> pd.DataFrame:
    raw = tables["raw_offers"].iloc[near]
    found = serving(raw[raw["counted"]], thematics)
    return found.assign(structure_id=found["offer"].map(raw["structure_id"]))


def _of_department(rows: pd.DataFrame, tables: Tables) -> Positions:
    """The records of a source of a file in a département, by the commune they publish."""
    columns = ("source_id", "offer_source")
    near = tables.find("raw_offers", columns, zip(*(rows[name] for name in columns), strict=True))
    raw = tables["raw_offers"].iloc[near]
    department = raw["commune_code"].map(department_of, na_action="ignore")
    wanted = {*zip(*(rows[name] for name in (*columns, "department")), strict=True)}
    kept = [place in wanted for place in zip(raw["source_id"], raw["offer_source"], department, strict=True)]
    return near[kept]
