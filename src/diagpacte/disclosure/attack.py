"""What a reader of the figures shown can tell of one that is not: its bounds, by linear programming.

Zones are sums of atoms, the finest pieces of ground that the figures of one group cut; an atom is never negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]
Flags: TypeAlias = NDArray[np.bool_]

NOISE = 1e-3  # of a count: what the solver leaves of a difference of two large ones
ROOM = 1e-6  # left to the solver around figures that had to give way
PRICE = 1e-7  # under which a constraint has no part in a bound
INFEASIBLE, UNBOUNDED = 2, 3


@dataclass(frozen=True)
class Bounds:
    """Between what a sum of atoms lies, and the figures that say so."""

    low: float
    high: float
    told_by: frozenset[int]

    @property
    def width(self) -> float:
        return self.high - self.low


class Attacker:
    """One who knows the `low` and `high` of each figure `shown`, and which atoms each figure `holds`.

    `holds`: figures × atoms, 1 where the zone of the figure has the atom.
    """

    def __init__(self, holds: csr_array, low: Floats, high: Floats, shown: Flags) -> None:
        self._holds = holds
        self._fixed, self._fixer = _fixed(holds, low, high, shown)
        free = np.isnan(self._fixed)
        constant = holds @ np.where(free, 0.0, self._fixed)
        rows = np.flatnonzero(shown & (holds @ free.astype(np.float64) > 0))
        self._part_of, self._parts = _parts(holds, free, rows, low - constant, high - constant)

    def bounds(self, atoms: Places) -> Bounds:
        """Bounds of the sum of `atoms`."""
        known = ~np.isnan(self._fixed[atoms])
        low = high = float(self._fixed[atoms[known]].sum())
        told = {int(self._fixer[atom]) for atom in atoms[known]}
        for place in np.unique(self._part_of[atoms[~known]]):
            if place < 0:
                return Bounds(low, np.inf, frozenset())  # nothing shown holds one of them
            part = self._parts[place]
            least, most, figures = part.extremes(frozenset(atoms[~known & (self._part_of[atoms] == place)].tolist()))
            low, high = low + least, high + most
            told |= figures | {int(self._fixer[atom]) for atom in self._settled_in(figures)}
        return Bounds(low, high, frozenset(told))

    def together(self, atoms: Places) -> Flags:
        """Which atoms are bounded together with some of `atoms`, those included."""
        here = np.zeros(len(self._fixed), dtype=np.bool_)
        here[atoms] = True
        parts = np.unique(self._part_of[atoms])
        return here | np.isin(self._part_of, parts[parts >= 0])

    def is_fixed(self, atom: int) -> bool:
        """Whether one figure shown is exactly this atom."""
        return not np.isnan(self._fixed[atom])

    def _settled_in(self, figures: set[int]) -> Places:
        """Atoms, known by themselves, that were taken off these figures."""
        atoms = np.unique(np.concatenate([np.zeros(0, np.intp), *(atoms_of(self._holds, one) for one in figures)]))
        return np.asarray(atoms[~np.isnan(self._fixed[atoms])], dtype=np.intp)


def atoms_of(holds: csr_array, figure: int) -> Places:
    """The atoms of one figure."""
    return np.sort(holds.indices[holds.indptr[figure] : holds.indptr[figure + 1]]).astype(np.intp)


def _fixed(holds: csr_array, low: Floats, high: Floats, shown: Flags) -> tuple[Floats, Places]:
    """The value of each atom that a figure shown gives exactly, and that figure; NaN where there is none."""
    value, figure = np.full(holds.shape[1], np.nan), np.full(holds.shape[1], -1, dtype=np.intp)
    disputed = np.zeros(holds.shape[1], dtype=np.bool_)
    for row in np.flatnonzero(shown & (np.diff(holds.indptr) == 1) & (low == high)):
        atom = int(holds.indices[holds.indptr[row]])
        disputed[atom] |= figure[atom] >= 0 and value[atom] != low[row]
        value[atom], figure[atom] = low[row], row
    return np.where(disputed, np.nan, value), np.where(disputed, -1, figure)


def _parts(holds: csr_array, free: Flags, rows: Places, low: Floats, high: Floats) -> tuple[Places, list[_Part]]:
    """The part of each free atom, -1 for none, and the parts: what no figure shown ties together."""
    part_of = np.full(holds.shape[1], -1, dtype=np.intp)
    atoms = np.flatnonzero(free)
    ties = holds[rows][:, atoms]
    if not ties.nnz:
        return part_of, []
    _, label = connected_components(block_array([[None, ties], [ties.T, None]]), directed=False)
    of_row, of_atom = label[: len(rows)], label[len(rows) :]
    parts: list[_Part] = []
    for name in np.unique(of_row):
        figures, mine = np.flatnonzero(of_row == name), np.flatnonzero(of_atom == name)
        part_of[atoms[mine]] = len(parts)
        held, which = ties[figures][:, mine].toarray(), rows[figures]
        parts.append(_Part(atoms[mine], which, held, low[which], high[which]))
    return part_of, parts


class _Part:
    """Atoms tied together by figures: `low` ≤ figures ≤ `high`, once what is known by itself is taken off."""

    def __init__(self, atoms: Places, figures: Places, holds: Floats, low: Floats, high: Floats) -> None:
        self._atoms, self._figures = atoms, figures
        self._holds, self._low, self._high = holds, low, high
        self._known: dict[frozenset[int], tuple[float, float, set[int]]] = {}

    def extremes(self, atoms: frozenset[int]) -> tuple[float, float, set[int]]:
        """The least and the most that the sum of `atoms` can be, and the figures that bound it."""
        if atoms not in self._known:
            aim = np.isin(self._atoms, list(atoms)).astype(np.float64)
            least, under = self._least(aim)
            most, over = self._least(-aim)
            self._known[atoms] = (least, -most, under | over)
        return self._known[atoms]

    def _least(self, aim: Floats) -> tuple[float, set[int]]:
        slack: float | Floats = 0.0
        found = self._solve(aim, slack)
        if found.status == INFEASIBLE:  # the figures disagree: as little as it takes for them to agree
            found = self._solve(aim, self._slack + ROOM)
        if found.status == UNBOUNDED:
            return -np.inf, set()
        if found.status != 0:
            raise RuntimeError(f"the solver found no bound: {found.message}")
        price = np.concatenate([found.eqlin.marginals, found.ineqlin.marginals])
        return float(found.fun), {int(self._figures[row]) for row in self._order[np.abs(price) > PRICE]}

    def _solve(self, aim: Floats, slack: float | Floats) -> Any:
        low, high = self._low - slack, self._high + slack
        same, over, under = low == high, (low < high) & np.isfinite(high), (low < high) & np.isfinite(low)
        self._order = np.concatenate([np.flatnonzero(rows) for rows in (same, over, under)])
        return linprog(
            aim,
            A_eq=self._holds[same],
            b_eq=low[same],
            A_ub=np.vstack([self._holds[over], -self._holds[under]]),
            b_ub=np.concatenate([high[over], -low[under]]),
            method="highs",
        )

    @cached_property
    def _slack(self) -> Floats:
        """By how much each figure must give way for all to hold together, the least in all."""
        figures, atoms = self._holds.shape
        give, over, under = np.eye(figures), np.isfinite(self._high), np.isfinite(self._low)
        found = linprog(
            np.concatenate([np.zeros(atoms), np.ones(figures)]),
            A_ub=np.block([[self._holds[over], -give[over]], [-self._holds[under], -give[under]]]),
            b_ub=np.concatenate([self._high[over], -self._low[under]]),
            method="highs",
        )
        if found.status != 0:
            raise RuntimeError(f"the solver found no agreement: {found.message}")
        return np.asarray(np.maximum(found.x[atoms:], 0.0), dtype=np.float64)
