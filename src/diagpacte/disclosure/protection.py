"""Which counts of one group are withheld so that no small one is told, alone or by subtraction.

A group is one indicator, one base, one year, over all the territories of the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_array

from diagpacte.disclosure.attack import NOISE, Attacker, Bounds, Flags, Floats, Places, atoms_of

Masks: TypeAlias = frozenset[int]


@dataclass(frozen=True)
class Group:
    """Figures in a fixed order: arrays of one place per figure, and the atoms that each holds.

    `value` is NaN for a secret of the producer; a figure lies from `low` to `high`. Only those `ours` may be
    withheld: the others a producer has published. `threshold` is what each is shown from.
    """

    holds: csr_array  # figures × atoms: 1 where the zone of the figure has the atom
    value: Floats
    low: Floats
    high: Floats
    ours: Flags
    small: Flags  # may not be shown, whatever the others are
    threshold: Floats
    zero_told: Flags

    @cached_property
    def secret(self) -> Flags:
        return np.isnan(self.value)

    @cached_property
    def sizes(self) -> Floats:
        """What each atom is protected from: the highest threshold of the figures of ours that hold it, 0 for none."""
        return self._most(np.where(self.ours, self.threshold, 0.0))

    @cached_property
    def zeros(self) -> Flags:
        """Whether a zero may be told of each atom."""
        return np.asarray(self._most(np.where(self.ours & ~self.zero_told, 1.0, 0.0)) == 0, dtype=np.bool_)

    def _most(self, of_figures: Floats) -> Floats:
        """The highest of `of_figures` among the figures that hold each atom."""
        found = np.zeros(self.holds.shape[1])
        figure, atom = self.holds.nonzero()
        np.maximum.at(found, atom, of_figures[figure])
        return found


@dataclass(frozen=True)
class Protection:
    """The places of the figures withheld, and of those that what producers published tells all the same."""

    primary: Masks
    complementary: Masks
    told_by_others: Masks


def protect(group: Group) -> Protection:
    """The counts of `group` to withhold.

    Small counts first; then, as long as a figure withheld or an atom is bounded too closely by what is shown,
    the smallest figure of ours that has a part in it; at last those that prove needless are given back.
    """
    return _Search(group).found()


class _Search:
    """One group being protected; targets are figures withheld (≥ 0) and atoms (-1 - atom)."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.primary = group.small & group.ours & ~group.secret
        self.hidden = group.secret | self.primary
        self.hopeless: set[int] = set()
        self.attacker = self._attacker()

    def found(self) -> Protection:
        if not self.group.ours.any():
            return Protection(frozenset(), frozenset(), frozenset())
        while self._withhold_more():
            pass
        self._give_back()
        withheld = self.hidden & ~self.group.secret
        told = {target for target in self.hopeless if target >= 0 and withheld[target]}
        return Protection(_places(self.primary), _places(withheld & ~self.primary), frozenset(told))

    def _attacker(self) -> Attacker:
        return Attacker(self.group.holds, self.group.low, self.group.high, ~self.hidden)

    def _targets(self) -> list[int]:
        """What must be protected, figures first; an atom that a figure shown is exactly is no secret."""
        atoms = [int(atom) for atom in np.flatnonzero(self.group.sizes > 0) if not self.attacker.is_fixed(int(atom))]
        return [*map(int, np.flatnonzero(self.hidden)), *(-1 - atom for atom in atoms)]

    def _withhold_more(self) -> bool:
        """One look at every target, withholding what tells it; whether anything was withheld."""
        more = False
        for target in self._targets():
            while target not in self.hopeless:
                bounds = self._bounds(target)
                if not self._exposed(target, bounds):
                    break
                choice = self._choice(bounds)
                if choice is None:
                    self.hopeless.add(target)
                    break
                self.hidden[choice], more = True, True
                self.attacker = self._attacker()
        return more

    def _choice(self, bounds: Bounds) -> int | None:
        """The smallest of the figures of ours that tell these bounds, a true zero last."""
        told_by = [figure for figure in sorted(bounds.told_by) if self.group.ours[figure]]
        value = self.group.value
        return min(told_by, key=lambda figure: (value[figure] == 0, value[figure], figure), default=None)

    def _bounds(self, target: int) -> Bounds:
        return self.attacker.bounds(self._atoms(target))

    def _atoms(self, target: int) -> Places:
        return atoms_of(self.group.holds, target) if target >= 0 else np.array([-1 - target], dtype=np.intp)

    def _exposed(self, target: int, bounds: Bounds) -> bool:
        """A figure withheld is exposed by bounds closer than its threshold; an atom, by a small upper bound."""
        if target >= 0:
            return bounds.width < float(self.group.threshold[target]) - NOISE
        atom = -1 - target
        nobody = bounds.high <= NOISE and self.group.zeros[atom]
        return bool(bounds.high < self.group.sizes[atom] - NOISE and not nobody)

    def _give_back(self) -> None:
        """Show again, the largest first, every figure that can be without exposing anything."""
        withheld = np.flatnonzero(self.hidden & ~self.group.secret & ~self.primary)
        for figure in sorted(withheld.tolist(), key=lambda place: (-self.group.value[place], place)):
            near = self.attacker.together(atoms_of(self.group.holds, figure))
            before = self.attacker
            self.hidden[figure] = False
            self.attacker = self._attacker()
            targets = [target for target in self._targets() if near[self._atoms(target)].any()]
            if any(self._exposed(one, self._bounds(one)) for one in targets if one not in self.hopeless):
                self.hidden[figure] = True
                self.attacker = before


def _places(flags: Flags) -> Masks:
    return frozenset(map(int, np.flatnonzero(flags)))
