"""Need per zone and theme: one leading indicator, its value, its class and the rule that gave it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from diagpacte.errors import ConfigurationError, Fault
from diagpacte.needs.bounds import NBSP, bounds_in_use, class_index, class_labels
from diagpacte.needs.rules import NationalBounds, NeedIndicator, NeedRules
from diagpacte.tables import TABLES, Needs, Observations, Zones, figure_id
from diagpacte.vocabulary import VALUED, Availability, Base, Factor, Indicator, Nature, NeedRule, Role, Theme, ZoneKind

NOT_MEASURED = f"non mesuré{NBSP}:"
NO_FILE = f"{NOT_MEASURED} «{NBSP}{{label}}{NBSP}», absent des fichiers reçus"
NO_ROW = f"{NOT_MEASURED} zone hors du champ des fichiers reçus"
NO_BOUNDS = f"rang seul{NBSP}: pas de bornes nationales pour cet indicateur et cette année"
NO_GRADE = f"rang seul{NBSP}: degré non publié pour cette zone"
BETWEEN_CLASSES = f"rang seul{NBSP}: valeur connue par ses bornes, à cheval sur deux classes"
WITHOUT_VALUE = {
    Availability.SECRET: "secret statistique",
    Availability.NOT_SIGNIFICANT: "valeur non significative",
    Availability.NOT_APPLICABLE: "sans objet",
    Availability.EMPTY: "cellule vide",
}
UNFILLED: dict[str, Any] = {  # columns of later work, and people: no count shares base and concept with these rates
    "variant": 0,
    "lower": None,
    "upper": None,
    "people": None,
    "people_availability": Availability.NOT_AVAILABLE,
    "score": None,
    "score_availability": Availability.NOT_AVAILABLE,
}


@dataclass(frozen=True)
class Dictionaries:
    """What configs/ says of needs; its contradictions are refused at once (ConfigurationError)."""

    needs: Sequence[NeedIndicator]
    indicators: Sequence[Indicator]
    factors: Sequence[Factor]
    bounds: Sequence[NationalBounds]  # rows of breaks.csv
    rules: NeedRules

    def __post_init__(self) -> None:
        faults = [*self._wrong_needs(), *self._wrong_bounds()]
        if faults:
            raise ConfigurationError(*faults)

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        return {entry.indicator: entry for entry in self.indicators}

    @cached_property
    def factor(self) -> dict[str, Factor]:
        return {entry.factor: entry for entry in self.factors}

    def leading(self, theme: str) -> NeedIndicator | None:
        """The row that classes `theme`: of role besoin, trusted enough, of most weight, the first of equals."""
        rows = [
            row for row in self.needs if row.theme == theme and row.indicator and row.role == Role.NEED
            and row.confidence in self.rules.measured_from
        ]  # fmt: skip
        return max(rows, key=lambda row: row.weight, default=None)

    def why_not_measured(self, theme: str) -> str:
        """The reason needs.csv gives; a theme that only has context says so."""
        rows = [row for row in self.needs if row.theme == theme]
        if not rows:
            return f"{NOT_MEASURED} aucun indicateur dans needs.csv"
        context = next((row for row in rows if row.indicator), None)
        return rows[0].why if context is None else f"{NOT_MEASURED} contexte seulement. {context.why}"

    def grade_indicator(self, row: NeedIndicator) -> str:
        """The grade of the panorama that stands on the same indicator as `row`; empty when there is none."""
        factor = self.factor.get(row.grade_factor)
        return factor.grade_indicator if factor is not None and factor.graded_on == row.indicator else ""

    def _wrong_needs(self) -> Iterator[Fault]:
        for row in self.needs:
            entry = self.indicator.get(row.indicator)
            if entry is None:
                continue
            if entry.role is Role.OFFER:
                found = f"« {row.indicator} », indicateur d’offre, sert de besoin au thème {row.theme}"
                yield Fault("needs.csv", found=found, expected="un indicateur de besoin", remedy="retirer cette ligne")
            elif row.role == Role.NEED and (entry.role is not Role.NEED or not entry.polarity):
                found = f"« {row.indicator} » ne dit pas un besoin (thème {row.theme})"
                expected = "un indicateur de rôle besoin, avec sa polarité"
                yield Fault("needs.csv", found=found, expected=expected, remedy="en faire un élément de contexte")

    def _wrong_bounds(self) -> Iterator[Fault]:
        for row in self.bounds:
            entry = self.indicator.get(row.indicator)
            rising = row.bounds[0] < row.bounds[-1]
            if entry is not None and entry.polarity and rising != (entry.polarity == "high_worse"):
                found = f"bornes de « {row.indicator} » ({row.year}) dans le sens contraire de sa polarité"
                expected = "de la moins à la plus défavorable"
                yield Fault("breaks.csv", found=found, expected=expected, remedy="inverser les trois bornes")


def needs(
    observations: Observations,
    zones: Zones,
    themes: Sequence[Theme],
    dictionaries: Dictionaries,
    reference_zone: str | None = None,
) -> Needs:
    """One row per zone × theme of `themes`, variant 0.

    `observations` may hold every zone of the files received: national bounds are looked for there. A zone is
    read at the vintage of `zones`, in the latest year its territory has. `reference_zone` is the published row
    of the territory (DEP: or REG:). People are not given: no count shares base and concept with these rates.
    """
    rows: list[dict[str, Any]] = []
    for theme in themes:
        lead = dictionaries.leading(theme.theme)
        if lead is None:
            rows += _not_measured(theme, zones, dictionaries)
        else:
            rows += _Reading(observations, zones, lead, dictionaries).rows(reference_zone)
    return Needs(TABLES["needs"].frame(rows))


def _not_measured(theme: Theme, zones: Zones, dictionaries: Dictionaries) -> Iterator[dict[str, Any]]:
    for zone in zones["zone_code"]:
        yield UNFILLED | _no_value(Availability.NOT_AVAILABLE, dictionaries.why_not_measured(theme.theme)) | {
            "zone_code": zone, "theme": theme.theme, "indicator": None, "confidence": "", "base": Base.NONE, "unit": "",
            "reference_territory": None, "reference_france": None,
        }  # fmt: skip


def _no_value(availability: Availability, reason: str) -> dict[str, Any]:
    return {
        "year": None, "period": "", "value": None, "availability": availability, "nature": Nature.REAL,
        "observation": "", "source_id": "", "rank": None, "ranked": None, "reason": reason, **_no_class(NeedRule.NONE),
    }  # fmt: skip


def _no_class(rule: NeedRule) -> dict[str, Any]:
    return {"class_rule": rule, "class_index": None, "class_count": None, "class_label": "", "strong": None}


def _ends(observation: Mapping[Any, Any]) -> tuple[float, float]:
    """Between what a value lies: itself, or its bounds when it is censored."""
    if observation["availability"] != Availability.CENSORED:
        return observation["value"], observation["value"]
    lower, upper = observation["lower"], observation["upper"]
    return (-math.inf if pd.isna(lower) else lower), (math.inf if pd.isna(upper) else upper)


class _Reading:
    """One leading indicator over the zones of the territory."""

    def __init__(
        self, observations: Observations, zones: Zones, lead: NeedIndicator, dictionaries: Dictionaries
    ) -> None:
        self.observations, self.zones, self.lead, self.dictionaries = observations, zones, lead, dictionaries
        self.indicator = dictionaries.indicator[lead.indicator]
        self.values = self._of_zones(lead.indicator, self.indicator.base)
        self.grades = self._of_zones(dictionaries.grade_indicator(lead), Base.NONE)
        self.year = int(self.values["year"].iloc[0]) if len(self.values) else None
        self.known = bool(observations["indicator"].eq(lead.indicator).any())
        self.bounds = self._bounds()
        measured = self.values.loc[self.values["value"].notna(), "value"]
        self.ranks = measured.rank(ascending=self.indicator.polarity == "low_worse")
        # One scale a theme: grades where every measured zone has one, or where nothing else can class.
        graded = measured.index.isin(self.grades.index[self.grades["value"].notna()])
        self.by_grade = bool(graded.any()) and (bool(graded.all()) or self.bounds is None)

    def rows(self, reference_zone: str | None) -> Iterator[dict[str, Any]]:
        common: dict[str, Any] = {
            "theme": self.lead.theme, "indicator": self.lead.indicator, "confidence": self.lead.confidence,
            "base": self.indicator.base, "unit": self.indicator.unit,
            "reference_territory": self._reference(reference_zone),
            "reference_france": self._reference(ZoneKind.METROPOLE.value),
        }  # fmt: skip
        found = {str(row["zone_code"]): row for row in self.values.to_dict("records")}
        for zone in self.zones["zone_code"]:
            yield UNFILLED | common | {"zone_code": zone} | self._row(zone, found.get(zone))

    def _row(self, zone: str, observation: Mapping[Any, Any] | None) -> dict[str, Any]:
        if observation is None:
            if self.known:
                return _no_value(Availability.NOT_COVERED, NO_ROW)
            return _no_value(Availability.NOT_AVAILABLE, NO_FILE.format(label=self.indicator.label))
        availability = Availability(observation["availability"])
        key = [observation[part] for part in TABLES["observations"].key]
        told = {
            "year": self.year, "period": observation["period"], "nature": Nature(observation["nature"]),
            "observation": figure_id("observations", key, "value"), "source_id": observation["source_id"],
        }  # fmt: skip
        if availability not in VALUED:
            reason = WITHOUT_VALUE.get(availability, "donnée non disponible")
            return _no_value(availability, f"{NOT_MEASURED} {reason}") | told
        value = observation["value"]
        ranked = {"value": value, "availability": availability, "rank": self.ranks[zone], "ranked": len(self.ranks)}
        if availability is Availability.CENSORED:
            ranked |= {"lower": observation["lower"], "upper": observation["upper"]}
        return told | ranked | self._class(zone, _ends(observation), told["nature"])

    def _class(self, zone: str, ends: tuple[float, float], nature: Nature) -> dict[str, Any]:
        """Class of a value that lies between `ends`, by the rule of its theme, and the worst nature behind it."""
        rules = self.dictionaries.rules
        if self.by_grade:
            grade = self.grades["value"].get(zone)
            if grade is None or pd.isna(grade):
                return _no_class(NeedRule.RANK_ONLY) | {"reason": NO_GRADE}
            labels = self.dictionaries.factor[self.lead.grade_factor].grade_labels
            rule, strong_from, scale = (
                NeedRule.PANORAMA_GRADE,
                rules.strong_from_grade,
                Nature(self.grades["nature"][zone]),
            )
            index = int(grade)
        elif self.bounds is not None and (self.bounds.nature is not Nature.SIMULATED or nature is Nature.SIMULATED):
            labels = class_labels(self.bounds.bounds, self.indicator.unit)
            rule, strong_from, scale = NeedRule.NATIONAL_BOUNDS, rules.strong_from_class, self.bounds.nature
            index, last = class_index(ends, self.bounds.bounds).tolist()
            if index != last:
                return _no_class(NeedRule.RANK_ONLY) | {"reason": BETWEEN_CLASSES}
        else:
            return _no_class(NeedRule.RANK_ONLY) | {"reason": NO_BOUNDS}
        return {
            "class_rule": rule, "class_index": index, "class_count": len(labels), "class_label": labels[index],
            "strong": index >= strong_from, "reason": "", "nature": max(nature, scale, key=list(Nature).index),
        }  # fmt: skip

    def _of_zones(self, indicator: str, base: Base) -> pd.DataFrame:
        """Observations of the zones at their vintage, in the latest year they have, by zone."""
        everything = self.observations
        rows = everything[everything["indicator"].eq(indicator) & everything["base"].eq(base)]
        here = rows["zone_code"].isin(self.zones["zone_code"]) & rows["geo_vintage"].isin(self.zones["geo_vintage"])
        rows = rows[here]
        return rows[rows["year"].eq(rows["year"].max())].set_index("zone_code", drop=False)

    def _bounds(self) -> NationalBounds | None:
        if self.year is None:
            return None
        return bounds_in_use(
            self.observations, self.indicator, self.year, self.dictionaries.bounds, self.dictionaries.rules
        )

    def _reference(self, zone: str | None) -> float | None:
        """Published value of a whole territory, same indicator, base and year; None when there is none."""
        rows = self.observations
        mine = rows["zone_code"].eq(zone or "") & rows["indicator"].eq(self.lead.indicator)
        values = rows.loc[
            mine & rows["base"].eq(self.indicator.base) & rows["year"].eq(self.year or 0), "value"
        ].dropna()
        return float(values.iloc[0]) if len(values) else None
