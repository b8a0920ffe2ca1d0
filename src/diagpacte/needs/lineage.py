"""Where a need comes from: the observation of its zone, its grade, the zones it is ranked with, national bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from diagpacte.needs.bounds import GRAND_PARIS, PARIS
from diagpacte.needs.scores import Dictionaries
from diagpacte.tables import TABLES
from diagpacte.tables.lineage import Link, Origin, Place, Positions, Reads, Role, Select, Tables, joined
from diagpacte.vocabulary import Base, Nature, NeedRule, ZoneKind

OBSERVED = ("value", "availability")  # a column of each way in which an observation is read
KEY = TABLES["observations"].key
SETTINGS = tuple(
    Origin(Place.SETTING, f"configs/{name}")
    for name in ("needs.csv", "indicators.csv", "factors.csv", "diagpacte.toml")
)
BREAKS = Origin(Place.SETTING, "configs/breaks.csv", only={"class_rule": (str(NeedRule.NATIONAL_BOUNDS),)})


def lineage(dictionaries: Dictionaries, reference_zone: str | None) -> list[Reads]:
    """What needs read; `reference_zone` is the published row of the territory."""
    own = Link("observations", OBSERVED, select=_observation)
    same_theme = {"theme": "theme", "variant": "variant"}
    to_come = ("people", "people_availability", "score", "score_availability")
    return [
        Reads("needs", ("value",), "Valeur publiée de l’indicateur du thème, dans la dernière année que ses zones ont",
              (own,)),
        Reads("needs", ("availability", "lower", "upper"), "Disponibilité de cette valeur, et ses bornes", (own,)),
        Reads("needs", ("nature",), "La moins réelle de la valeur et de ce qui la classe",
              (own, *_class_links(dictionaries)), (), Role.LABEL),
        Reads("needs", ("year", "period", "observation", "source_id"), "Dit par l’observation", (own,), (), Role.LABEL),
        Reads("needs", ("class_index", "class_count", "class_label", "class_rule", "strong", "reason"),
              "Classe : le degré du panorama, sinon les bornes nationales, sinon aucune ; une seule règle par thème",
              (own, *_class_links(dictionaries)), (*SETTINGS, BREAKS)),
        Reads("needs", ("rank", "ranked"), "Rang de la valeur parmi celles des zones du territoire",
              (Link("needs", ("value", "availability"), on=same_theme),)),
        Reads("needs", ("reference_territory", "reference_france"),
              "Valeur publiée du territoire, de la France métropolitaine, pour la même année",
              (Link("observations", ("value",), select=_references(reference_zone)),)),
        Reads("needs", to_come, "Pas encore calculé", (), (), Role.TO_COME),
        Reads("needs", ("zone_code", "theme", "variant", "indicator", "confidence", "base", "unit"),
              "Indicateur retenu pour le thème", (), SETTINGS[:2], Role.KEY),
    ]  # fmt: skip


def _observation(rows: pd.DataFrame, tables: Tables) -> Positions:
    """The observation that a need names."""
    places = tables.once("places of observations", lambda: _places(tables))
    return np.unique(np.array([places[name] for name in rows["observation"] if name in places], dtype=np.intp))


def _places(tables: Tables) -> dict[str, int]:
    return {f"observations/{key}/value": place for place, key in enumerate(tables.keys("observations", KEY))}


def _class_links(dictionaries: Dictionaries) -> tuple[Link, ...]:
    """What a class reads beyond its own value: its grade, the scale of the theme, the bounds when they are computed."""

    def grades(rows: pd.DataFrame, tables: Tables) -> Positions:
        return joined(_grades(tables, dictionaries, theme) for theme in sorted(set(rows["theme"])))

    def own_grade(rows: pd.DataFrame, tables: Tables) -> Positions:
        mine = grades(rows, tables)
        return mine[tables["observations"]["zone_code"].iloc[mine].isin(rows["zone_code"]).to_numpy(bool)]

    def national(*, used: bool) -> Select:
        def select(rows: pd.DataFrame, tables: Tables) -> Positions:
            asked = rows[rows["class_rule"].eq(NeedRule.NATIONAL_BOUNDS) == used]
            asked = asked[["indicator", "base", "year"]].dropna().drop_duplicates()
            return joined(_national(tables, dictionaries, *map(str, row)) for row in asked.itertuples(index=False))

        return select

    return (
        Link("observations", ("value",), select=own_grade),
        Link("observations", ("value",), select=national(used=True)),
        Link("observations", OBSERVED, select=grades, condition=True),
        Link("needs", ("value", "availability"), on={"theme": "theme", "variant": "variant"}, condition=True),
        Link("observations", ("value",), select=national(used=False), condition=True),
    )


def _grades(tables: Tables, dictionaries: Dictionaries, theme: str) -> Positions:
    """The grades of the zones of the territory behind the classes of a theme, at their vintage."""
    lead = dictionaries.leading(theme)
    grade = dictionaries.grade_indicator(lead) if lead is not None else ""

    def make() -> Positions:
        rows = tables.find("observations", ("indicator", "base"), [(grade, str(Base.NONE))])
        found, zones = tables["observations"].iloc[rows], tables["zones"]
        here = found["zone_code"].isin(zones["zone_code"]) & found["geo_vintage"].isin(zones["geo_vintage"])
        return rows[here.to_numpy(bool)]

    found: Positions = tables.once(f"grades\0{grade}", make)
    return found


def _national(tables: Tables, dictionaries: Dictionaries, indicator: str, base: str, year: str) -> Positions:
    """The values that national bounds are computed from; none when breaks.csv gives them, or when they are too few."""

    def make() -> Positions:
        rows = tables.find("observations", ("indicator", "base", "year"), [(indicator, base, int(year))])
        found = tables["observations"].iloc[rows]
        simulated = found["nature"].eq(Nature.SIMULATED).any()
        for line in dictionaries.bounds:
            if (line.indicator, line.year) == (indicator, int(year)) and (simulated or line.nature != Nature.SIMULATED):
                return rows[:0]
        zones = found["zone_code"]
        national = zones.str.startswith((f"{ZoneKind.EPCI}:", f"{ZoneKind.EPT}:")) | zones.eq(PARIS)
        rows = rows[(national & zones.ne(GRAND_PARIS)).to_numpy(bool)]
        return rows if len(rows) >= dictionaries.rules.national_zones else rows[:0]

    found: Positions = tables.once(f"national\0{indicator}\0{base}\0{year}", make)
    return found


def _references(zone: str | None) -> Select:
    """The published rows of the territory and of France for the indicator and year of a need."""
    places = [place for place in (zone, ZoneKind.METROPOLE.value) if place]

    def select(rows: pd.DataFrame, tables: Tables) -> Positions:
        needs = tables["needs"].iloc[tables.find("needs", ("theme",), zip(rows["theme"]))]
        asked = needs[["indicator", "base", "year"]].dropna().drop_duplicates().itertuples(index=False)
        wanted = [(place, name, base, int(year)) for name, base, year in asked for place in places]
        return tables.find("observations", ("zone_code", "indicator", "base", "year"), wanted)

    return select
