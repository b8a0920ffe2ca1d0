"""What the workbook must explain, and the published tables seen the way its sheets read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import pandas as pd
import shapely

from diagpacte.deliverables import french
from diagpacte.deliverables.sheet_content import Cell, Column, Row, code, records, text
from diagpacte.deliverables.sheet_views import availability_counts, latest_observations, theme_counts
from diagpacte.tables import Published
from diagpacte.vocabulary import Factor, Indicator, Nature, NeedRule, Profile, Territory, Theme, ZoneKind

LEVELS = {
    ZoneKind.EPCI: "EPCI",
    ZoneKind.EPT: "EPT",
    ZoneKind.COMMUNE: "commune",
    ZoneKind.DEPARTMENT: "département",
    ZoneKind.REGION: "région",
    ZoneKind.COLLECTIVITY: "collectivité",
    ZoneKind.FRANCE: "France",
    ZoneKind.METROPOLE: "France métropolitaine",
    ZoneKind.OUTSIDE_EPCI: "hors EPCI",
}

LISTS = {"departement": "département", "metropole": "métropole", "outre_mer": "outre-mer"}


class NeedLine(Protocol):
    """A row of needs.csv."""

    @property
    def theme(self) -> str: ...
    @property
    def indicator(self) -> str: ...
    @property
    def why(self) -> str: ...


class BoundsLine(Protocol):
    """A row of breaks.csv."""

    @property
    def indicator(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def bounds(self) -> Sequence[float]: ...
    @property
    def zones(self) -> int: ...


class ThematicLine(Protocol):
    """A row of thematics.csv."""

    @property
    def theme(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def key_kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def publics(self) -> Sequence[str]: ...
    @property
    def confidence(self) -> str: ...
    @property
    def why(self) -> str: ...


class OfferSourceLine(Protocol):
    """A row of offer_sources.csv."""

    @property
    def source(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def label_short(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class SheetContext:
    """Dictionaries, rules and the account of what was asked: all that the tables do not say of themselves."""

    as_of: date
    version: str
    themes: Sequence[Theme]  # those asked, in order
    indicators: Sequence[Indicator] = ()
    profiles: Sequence[Profile] = ()
    factors: Sequence[Factor] = ()
    needs: Sequence[NeedLine] = ()
    bounds: Sequence[BoundsLine] = ()
    thematics: Sequence[ThematicLine] = ()
    key_labels: Mapping[str, str] = field(default_factory=dict)  # thématique or réseau → its label
    offer_sources: Sequence[OfferSourceLine] = ()
    access_bounds_km: Sequence[float] = (5, 10, 20)
    ring_km: float = 30
    asked: str = ""  # in French: « tous les thèmes du département »
    maps: Mapping[str, str] = field(default_factory=dict)  # theme → file delivered
    not_delivered: Mapping[str, str] = field(default_factory=dict)  # theme or other thing → why, in French


@dataclass(frozen=True)
class View:
    """Published tables with names, labels and order at hand."""

    published: Published
    territory: Territory
    context: SheetContext

    def table(self, name: str) -> pd.DataFrame:
        return self.published[name]

    @cached_property
    def zones(self) -> dict[str, Row]:
        """Zones by code, in the order of their names."""
        rows = {row["zone_code"]: row for row in records(self.table("zones"))}
        return dict(sorted(rows.items(), key=lambda item: (sort_key(item[1]["name"]), item[0])))

    @cached_property
    def themes(self) -> dict[str, Theme]:
        return {theme.theme: theme for theme in self.context.themes}

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        return {entry.indicator: entry for entry in self.context.indicators}

    @cached_property
    def needs(self) -> pd.DataFrame:
        """Reference variant, in the order of zones then themes."""
        return self.ordered(self.table("needs"))

    @cached_property
    def coverage(self) -> pd.DataFrame:
        return self.ordered(self.table("coverage"))

    @cached_property
    def counts(self) -> pd.DataFrame:
        return self.ordered(self.table("coverage_sources").sort_values("offer_source"))

    @cached_property
    def offers(self) -> pd.DataFrame:
        """Offers of the territory and themes, by name: `zone` and `commune` are missing where unknown.

        An offer is placed by its commune, else by its point in the part of a zone inside the territory.
        """
        members, offers = self.table("members"), self.table("offers")
        inside = members[members["inside"]].set_index("commune_code")
        adrift = offers["commune_code"].isna() & offers["lon"].notna() & offers["lat"].notna()
        zone = offers["commune_code"].map(inside["zone_code"]).astype("object")
        zone[adrift] = self._zones_at(offers.loc[adrift, ["lon", "lat"]])
        found = offers.assign(zone=zone, commune=offers["commune_code"].map(inside["name"]))
        found = found[found["zone"].notna() & found["theme"].isin(list(self.themes))]
        order = found["name"].map(sort_key)
        return found.assign(order=order).sort_values(["order", "structure_id", "theme"], ignore_index=True)

    def _zones_at(self, points: pd.DataFrame) -> list[str | None]:
        """The zone under each point of the territory; None outside it."""
        drawn = self.table("zones").sort_values("zone_code")
        drawn = drawn[drawn["geometry_inside"].str.len().gt(0)]
        tree = shapely.STRtree(shapely.from_wkb(drawn["geometry_inside"].to_numpy()))
        found: list[str | None] = [None] * len(points)
        hits = tree.query(shapely.points(points.to_numpy(dtype="float64")), predicate="intersects")
        for point, zone in zip(*hits[:, ::-1], strict=True):  # the first zone of a point on a limit is kept
            found[point] = drawn["zone_code"].iloc[zone]
        return found

    @cached_property
    def source_natures(self) -> dict[str, Nature]:
        """Worst nature of each source that lists an offer in the territory or its ring."""
        here = {source for sources in self.coverage["offer_sources"] for source in sources}
        offers = self.table("offers")
        offers = offers[offers["offer_source"].isin(here)]
        return {str(source): Nature.worst(rows.unique()) for source, rows in offers.groupby("offer_source")["nature"]}

    @cached_property
    def observed(self) -> pd.DataFrame:
        """Observations of the territory's zones, the latest of each indicator and base."""
        return latest_observations(self.table("observations"), self.zones)

    @cached_property
    def cells(self) -> dict[tuple[str, str], Row]:
        """Latest observation by zone and indicator, on the base that the dictionary gives it."""
        bases = {name: str(entry.base) for name, entry in self.indicators.items()}
        return {
            (row["zone_code"], row["indicator"]): row
            for row in records(self.observed)
            if row["base"] == bases.get(row["indicator"], row["base"])
        }

    @cached_property
    def counted(self) -> dict[str, Row]:
        """By theme, how many zones have a value, a secret, neither."""
        return {row["theme"]: row for row in records(theme_counts(self.needs))}

    @cached_property
    def availabilities(self) -> list[Row]:
        """How many zones have each kind of value, by indicator, base and year."""
        return records(availability_counts(self.observed))

    def ordered(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of the zones and themes of the workbook, reference variant, in its order."""
        kept = frame[frame["zone_code"].isin(list(self.zones)) & frame["theme"].isin(list(self.themes))]
        if "variant" in kept:
            kept = kept[kept["variant"] == 0]
        ranks = {name: rank for rank, name in enumerate([*self.zones, *self.themes])}
        by = [kept["zone_code"].map(ranks), kept["theme"].map(ranks)]
        return kept.assign(z=by[0], t=by[1]).sort_values(["z", "t"], kind="stable", ignore_index=True)

    def theme_label(self, theme: str) -> str:
        """The short label, with its list where two lists shown have a theme of that name."""
        entry = self.themes[theme]
        same = [other for other in self.themes.values() if other.label == entry.label]
        return entry.label if len(same) == 1 else f"{entry.label} ({LISTS[entry.list]})"

    def bounds_of(self, need: Row) -> BoundsLine | None:
        """The national bounds that gave the class of a need; None for another rule."""
        lines = self.context.bounds if need["class_rule"] == NeedRule.NATIONAL_BOUNDS else ()
        found = (line for line in lines if (line.indicator, line.year) == (need["indicator"], need["year"]))
        return next(found, None)

    def source_label(self, source: str, *, short: bool = True) -> str:
        """The name of an offer source, its id where no dictionary names it."""
        for line in self.context.offer_sources:
            if line.source == source:
                return line.label_short if short else line.label
        return source

    def file_label(self, source_id: str) -> str:
        """The file of a source, its id when the file is not recorded."""
        return self.files.get(source_id, source_id)

    @cached_property
    def files(self) -> dict[str, str]:
        sources = self.table("sources")
        return dict(zip(sources["source_id"], sources["file"], strict=True))

    @cached_property
    def measured(self) -> dict[str, pd.DataFrame]:
        """Needs of each theme with an indicator read for one zone at least, be it a secret; in order."""
        read = self.needs[self.needs["indicator"].notna() & self.needs["observation"].ne("")]
        names = set(read["theme"])
        return {theme: self.needs[self.needs["theme"] == theme] for theme in self.themes if theme in names}

    @cached_property
    def simulated_sides(self) -> str:
        """« VALEURS SIMULÉES », with the side when there is one; empty when nothing is simulated."""
        need = (self.needs["nature"] == Nature.SIMULATED).any() or (self.observed["nature"] == Nature.SIMULATED).any()
        offer = Nature.SIMULATED in self.source_natures.values()
        sides = [side for side, there in (("besoin", need), ("offre", offer)) if there]
        return "" if not sides else "VALEURS SIMULÉES" + (f" ({sides[0]})" if len(sides) == 1 else "")


def sort_key(name: str) -> str:
    """Order of a French reader: neither case nor accent."""
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


ZONE_COLUMNS = (
    Column("Code", "Code officiel de la zone, en texte : SIREN de l’EPCI ou de l’EPT, code Insee", width=(9, 11)),
    Column("Niveau", "Niveau géographique de la zone ; deux niveaux ne s’additionnent pas", width=(7, 12)),
    Column("Zone", "Nom publié de la zone", width=(14, 26)),
)
THEME_COLUMNS = (
    Column("Axe", "Axe du pacte local des solidarités", width=(5, 6)),
    Column("Thème", "Thème de l’annexe 1 du document de cadrage, en bref", width=(14, 24)),
)


def zone_cells(view: View, zone: str) -> list[Cell]:
    row = view.zones[zone]
    return [code(row["code"]), Cell(LEVELS[ZoneKind(row["kind"])]), text(row["name"])]


def theme_cells(view: View, theme: str) -> list[Cell]:
    return [Cell(str(view.themes[theme].axis)), text(view.theme_label(theme))]


def class_words(bounds: Sequence[float], unit: str) -> list[str]:
    """« moins de 5 km », « de 5 à moins de 10 km », « 20 km ou plus »."""
    shown = [french.shortest(bound) for bound in bounds]
    last = f"{french.NBSP}{unit}"
    middle = [f"de {low} à moins de {high}{last}" for low, high in pairwise(shown)]
    return [f"moins de {shown[0]}{last}", *middle, f"{shown[-1]}{last} ou plus"]
