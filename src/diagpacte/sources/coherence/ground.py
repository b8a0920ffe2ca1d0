"""Which zone each commune of a 1 January is in, level by level: how zones are compared with those above them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagpacte.sources.coherence.grid import PARIS
from diagpacte.tables import Communes
from diagpacte.vocabulary import ZoneCode, ZoneKind, zone_code

METROPOLE_DE_LYON = "200046977"
OVERSEAS = "97"
NOWHERE = -1


@dataclass(frozen=True)
class Labels:
    """The zone of each commune at one level: position in `names`, NOWHERE when it is in none."""

    code: NDArray[np.intp]
    names: tuple[ZoneCode, ...]

    def where(self, communes: NDArray[np.bool_], other: Labels) -> Labels:
        """These, and those of `other` for `communes`."""
        moved = np.where(other.code == NOWHERE, NOWHERE, other.code + len(self.names))
        return Labels(np.where(communes, moved, self.code), self.names + other.names)

    def only(self, communes: NDArray[np.bool_]) -> Labels:
        return Labels(np.where(communes, self.code, NOWHERE), self.names)


@dataclass(frozen=True)
class Ground:
    """The communes of one 1 January by level, and the names of its zones."""

    commune: Labels
    epci: Labels
    ept: Labels  # NOWHERE outside Grand Paris, and everywhere before 2023
    department: Labels
    region: Labels
    population: NDArray[np.float64]  # 1 where it is not known: a commune still weighs something
    names: Mapping[str, str]  # zone_code → name, of EPCI and EPT

    def labels(self, level: str, particular: Collection[str]) -> Labels:
        """The zones of `level`. `particular`: the EPT, and the zones outside EPCI, that the figures name.

        Grand Paris is its EPT and Paris as soon as one EPT is named. Communes outside EPCI are those of their
        département when it is named, else of « HORS:FRM ».
        """
        everywhere = np.zeros(len(self.population), dtype=np.intp)
        return {
            ZoneKind.COMMUNE.value: lambda: self.commune,
            ZoneKind.EPCI.value: lambda: self._intercommunal(particular),
            ZoneKind.DEPARTMENT.value: lambda: self.department,
            ZoneKind.REGION.value: lambda: self.region,
            ZoneKind.METROPOLE.value: lambda: _alone(ZoneKind.METROPOLE, everywhere).only(~self.overseas),
            ZoneKind.FRANCE.value: lambda: _alone(ZoneKind.FRANCE, everywhere),
        }[level]()

    @cached_property
    def overseas(self) -> NDArray[np.bool_]:
        """The communes outside metropolitan France."""
        return self._in([code for code in self._departments if code.startswith(OVERSEAS)])

    def collectivity(self, code: str) -> Labels:
        """The communes of 69D, 69M, 6AE or 20R."""
        metropole = self.epci.code == self._position(self.epci, zone_code(ZoneKind.EPCI, METROPOLE_DE_LYON))
        communes = {
            "69M": metropole,
            "69D": self._in(["69"]) & ~metropole,
            "6AE": self._in(["67", "68"]),
            "20R": self._in(["2A", "2B"]),
        }[code]
        return Labels(np.where(communes, 0, NOWHERE), (zone_code(ZoneKind.COLLECTIVITY, code),))

    def people(self, labels: Labels, around: Labels) -> NDArray[np.float64]:
        """How many people each zone of `labels` (rows) shares with each zone of `around` (columns)."""
        width, some = len(around.names), (labels.code != NOWHERE) & (around.code != NOWHERE)
        pairs = labels.code[some] * width + around.code[some]
        shared = np.bincount(pairs, self.population[some], len(labels.names) * width)
        return shared.astype(np.float64).reshape(-1, width)

    @property
    def _departments(self) -> list[str]:
        return [name.partition(":")[2] for name in self.department.names]

    def _in(self, departments: Collection[str]) -> NDArray[np.bool_]:
        wanted = np.array([code in departments for code in self._departments], dtype=np.bool_)
        found: NDArray[np.bool_] = wanted[self.department.code]
        return found

    @staticmethod
    def _position(labels: Labels, name: str) -> int:
        return labels.names.index(ZoneCode(name)) if name in labels.names else len(labels.names)

    def _intercommunal(self, particular: Collection[str]) -> Labels:
        labels = self.epci
        if any(zone.startswith(f"{ZoneKind.EPT}:") for zone in particular):
            labels = labels.where(self.ept.code != NOWHERE, self.ept)
            paris = self.commune.code == self._position(self.commune, PARIS)
            labels = labels.where(paris, Labels(np.zeros(len(paris), dtype=np.intp), (ZoneCode(PARIS),)))
        outside = labels.code == NOWHERE
        own = [zone_code(ZoneKind.OUTSIDE_EPCI, code) for code in self._departments]
        labels = labels.where(outside, Labels(self.department.code, tuple(own)))
        unnamed = outside & ~np.array([zone in particular for zone in own])[self.department.code]
        whole = _alone(ZoneKind.OUTSIDE_EPCI, np.zeros(len(outside), dtype=np.intp), "FRM")
        return labels.where(unnamed, whole)


def _alone(kind: ZoneKind, code: NDArray[np.intp], name: str = "") -> Labels:
    return Labels(code, (zone_code(kind, name),))


def ground(communes: Communes, intercommunalities: pd.DataFrame) -> Ground:
    """The ground of one 1 January, from its communes and its EPCI and EPT (code, kind, name)."""
    zones = intercommunalities["kind"] + ":" + intercommunalities["code"]
    return Ground(
        commune=_labels(ZoneKind.COMMUNE, communes["code"]),
        epci=_labels(ZoneKind.EPCI, communes["epci"]),
        ept=_labels(ZoneKind.EPT, communes["ept"]),
        department=_labels(ZoneKind.DEPARTMENT, communes["department"]),
        region=_labels(ZoneKind.REGION, communes["region"]),
        population=communes["population"].fillna(1).clip(lower=1).to_numpy(dtype=np.float64),
        names=dict(zip(zones, intercommunalities["name"], strict=True)),
    )


def _labels(kind: ZoneKind, codes: pd.Series[Any]) -> Labels:
    position, distinct = pd.factorize(codes)
    return Labels(position, tuple(zone_code(kind, str(code)) for code in distinct))
