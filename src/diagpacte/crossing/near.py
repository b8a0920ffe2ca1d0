"""What lies around a territory, found again row by row: the offers that its access and its counts stood on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from diagpacte.crossing.access import distances, offers_here, project
from diagpacte.crossing.coverage import in_zones
from diagpacte.crossing.rules import CrossingRules
from diagpacte.tables import Communes, Members, Offers, Zones
from diagpacte.tables.lineage import Positions, Tables

DEPARTMENT = ("offer_source", "department")


@dataclass(frozen=True)
class Near:
    """The crossing of one territory: its metric CRS, its rules, the themes it shows."""

    epsg: int
    rules: CrossingRules
    themes: frozenset[str]

    def here(self, tables: Tables) -> pd.DataFrame:
        """Located offers in the territory or its ring, each in its place in the table."""

        def make() -> Offers:
            return offers_here(Members(tables["members"]), Offers(tables["offers"]), self.epsg, self.rules)

        found: pd.DataFrame = tables.once("offers here", make)
        return found

    def listed(self, rows: pd.DataFrame, tables: Tables) -> Positions:
        """The offers here of the themes of `rows`."""
        found = self.here(tables)
        return np.asarray(found.index[found["theme"].isin(set(rows["theme"]))], dtype=np.intp)

    def in_zone(self, rows: pd.DataFrame, tables: Tables) -> Positions:
        """The offers of each source and theme of `rows` that stand in its zone."""
        key = ["zone_code", "theme", "offer_source"]

        def make() -> dict[tuple[str, ...], Positions]:
            here = self.here(tables).reset_index(names="place")
            here = here[here["theme"].isin(self.themes)]
            placed = in_zones(here, Members(tables["members"]), Zones(tables["zones"])).reset_index(drop=True)
            groups = placed.groupby(key)["place"].unique()
            return {tuple(name): places.astype(np.intp) for name, places in zip(groups.index, groups, strict=True)}

        placed = tables.once("offers in zones", make)
        found = [placed[name] for name in rows[key].itertuples(index=False, name=None) if name in placed]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.intp)

    def nearest_of_theme(self, rows: pd.DataFrame, tables: Tables) -> Positions:
        """The offers that are the nearest of some commune of the territory."""
        access = tables["commune_access"]
        pairs = access.loc[access["theme"].isin(set(rows["theme"])), ["nearest_structure", "theme"]].dropna()
        return tables.find("offers", ("structure_id", "theme"), pairs.itertuples(index=False, name=None))

    def covered(self, rows: pd.DataFrame, tables: Tables) -> Positions:
        """What the sources of a theme list in the départements nearer than the nearest offer of a commune of `rows`."""
        near = tables.once("départements near", lambda: self._departments(tables))
        sources = self.here(tables).groupby("theme")["offer_source"].unique()
        wanted: set[tuple[str, str]] = set()
        for commune, theme, nearest in rows[["commune_code", "theme", "nearest_km"]].itertuples(index=False, name=None):
            around = near[commune]
            within = around.index[around <= (np.inf if pd.isna(nearest) else nearest)]
            wanted |= {(source, name) for source in sources[theme] for name in within}
        return tables.find("source_coverage", DEPARTMENT, wanted)

    def _departments(self, tables: Tables) -> dict[str, pd.Series[float]]:
        """Kilometres from each commune of the territory to the nearest commune of each département."""
        members, communes = tables["members"], tables["communes"]
        froms = project(members, self.epsg)
        kilometres = {
            str(name): distances(froms, project(Communes(around), self.epsg)) / 1_000
            for name, around in communes.groupby("department")
        }
        frame = pd.DataFrame(kilometres, index=members["commune_code"])
        return {str(commune): row[np.isfinite(row)] for commune, row in frame.iterrows()}

    def covering(self, rows: pd.DataFrame, tables: Tables) -> Positions:
        """What a source lists in the départements of the part of a zone inside the territory."""
        return self._covering(rows, tables, inside=True)

    def covering_whole(self, rows: pd.DataFrame, tables: Tables) -> Positions:
        """What a source lists in every département of a zone."""
        return self._covering(rows, tables, inside=False)

    def _covering(self, rows: pd.DataFrame, tables: Tables, *, inside: bool) -> Positions:
        members = tables["members"]
        members = members[members["inside"]] if inside else members
        places = members[["zone_code", "department"]].drop_duplicates()
        wanted = rows[["zone_code", "offer_source"]].merge(places, on="zone_code")[list(DEPARTMENT)]
        return tables.find("source_coverage", DEPARTMENT, wanted.itertuples(index=False, name=None))
