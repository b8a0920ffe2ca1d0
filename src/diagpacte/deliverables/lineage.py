"""What the small tables of the workbook are made of (see `sheet_views`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from diagpacte.deliverables import sheet_views as views
from diagpacte.deliverables.sheet_content import AVAILABILITIES
from diagpacte.tables import TABLES
from diagpacte.tables.lineage import Link, Origin, Place, Positions, Reads, Role, Tables, View
from diagpacte.vocabulary import Availability, Factor, Indicator

READ = ("value", "availability", "period")  # a column of each way in which an observation is read
SEEN = ("value", "lower", "upper", "availability", "nature", "period")


def workbook_views(factors: Sequence[Factor], indicators: Sequence[Indicator]) -> dict[str, View]:
    """The tables that only the workbook has, by name."""
    observed = {name: column.description for name, column in TABLES["observations"].columns.items()}
    kinds = {str(kind): f"Zones, cas « {AVAILABILITIES[kind].lower()} »" for kind in Availability}

    def latest(tables: Tables) -> pd.DataFrame:
        return views.latest_observations(tables["observations"], tables["zones"]["zone_code"])

    def by_factor(tables: Tables) -> pd.DataFrame:
        found = tables["latest_observations"]
        return views.factor_values(found, tables["zones"]["zone_code"], factors, indicators)

    return {
        view.name: view
        for view in (
            View("latest_observations", "dernière valeur de chaque zone", views.LATEST_KEY, observed, latest),
            View(
                "factors",
                "facteurs aggravants par zone",
                views.FACTOR_KEY,
                {
                    "zone_code": "Zone", "factor": "Facteur aggravant", "grade": "Degré publié par le panorama",
                    "value": "Valeur de l’indicateur derrière le degré", "grade_indicator": "Indicateur du degré",
                    "grade_base": "Base du degré", "graded_on": "Indicateur derrière le degré",
                    "graded_base": "Base de cet indicateur",
                },
                by_factor,
            ),
            View(
                "theme_counts",
                "zones de chaque thème mesuré",
                ("theme",),
                {
                    "theme": "Thème", "valued": "Zones dont la valeur est publiée",
                    "secret": "Zones dont la valeur est sous secret statistique",
                    "without_value": "Zones sans valeur, hors secret",
                },
                lambda tables: views.theme_counts(tables["needs"]),
            ),
            View(
                "availability_counts",
                "disponibilité de chaque indicateur",
                ("indicator", "base", "year"),
                {"indicator": "Indicateur", "base": "Base", "year": "Année", **kinds},
                lambda tables: views.availability_counts(tables["latest_observations"]),
            ),
            View(
                "fault_groups",
                "défauts semblables",
                ("group",),
                {
                    "group": "Numéro d’ordre dans la feuille « Qualité »", "count": "Nombre de défauts semblables",
                    **{name: TABLES["faults"].columns[name].description for name in (*views.ALIKE, "cell", "found")},
                },
                lambda tables: views.fault_groups(tables["faults"]),
            ),
        )
    }  # fmt: skip


def lineage() -> list[Reads]:
    """What those tables read."""
    own = Link("observations", READ, on={name: name for name in TABLES["observations"].key})
    others = tuple(name for name in TABLES["observations"].columns if name not in (*SEEN, *views.LATEST_KEY))
    counted = tuple(str(kind) for kind in Availability)
    sides = {"grade": ("grade_indicator", "grade_base"), "value": ("graded_on", "graded_base")}
    factors = Origin(Place.SETTING, "configs/factors.csv")
    return [
        Reads("latest_observations", SEEN, "Valeur publiée la plus récente de la zone", (own,)),
        Reads("latest_observations", (*views.LATEST_KEY, *others), "Dit par l’observation", (own,), (), Role.KEY),
        *(
            Reads("factors", (name,), operation,
                  (Link("latest_observations", ("value", "availability"),
                        on={"zone_code": "zone_code", "indicator": sides[name][0], "base": sides[name][1]}),), (factors,))
            for name, operation in (
                ("grade", "Degré publié par le panorama pour ce facteur"),
                ("value", "Valeur publiée de l’indicateur dont le degré est tiré"),
            )
        ),
        Reads("factors", (*views.FACTOR_KEY, *sides["grade"], *sides["value"]), "Facteur du dictionnaire", (), (factors,),
              Role.KEY),
        Reads("theme_counts", ("valued", "secret", "without_value"), "Nombre de zones du territoire dans ce cas",
              (Link("needs", ("availability",), on={"theme": "theme"}),)),
        Reads("theme_counts", ("theme",), "Thème mesuré", (), (), Role.KEY),
        Reads("availability_counts", counted, "Nombre de zones du territoire dans ce cas",
              (Link("latest_observations", ("availability",),
                    on={name: name for name in ("indicator", "base", "year")}),)),
        Reads("availability_counts", ("indicator", "base", "year"), "Indicateur reçu", (), (), Role.KEY),
        Reads("fault_groups", ("count", "group", *views.ALIKE, "cell", "found"), "Défauts dont la remarque est la même",
              (Link("faults", ("found",), select=_alike),)),
    ]  # fmt: skip


def _alike(rows: pd.DataFrame, tables: Tables) -> Positions:
    """The faults of a group."""
    wanted = {*rows[views.ALIKE].itertuples(index=False, name=None)}
    faults = tables["faults"][views.ALIKE].itertuples(index=False, name=None)
    return np.flatnonzero([fault in wanted for fault in faults]).astype(np.intp)
