"""Numbers that a person said to be in thousands or in millions: multiplied exactly, with what their rounding leaves."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def multiplied(values: Floats, factor: int) -> Floats:
    """`values` × `factor`, each the nearest number to the exact product: 3.451 thousand is 3451. NaN stays NaN."""
    return np.array([float(Decimal(repr(value)) * factor) for value in values.tolist()], dtype=np.float64)


def half_step(values: Floats, factor: int) -> float:
    """Half of what one more in the last decimal of `values` is worth once multiplied; 0 from one unit down.

    « 120,5 » thousand is known to a hundred: between 120,450 and 120,550. The value of the column with most
    decimals says how all are printed, for Excel stores 120.0 as 120.
    """
    written = [Decimal(repr(value)).normalize().as_tuple().exponent for value in values[np.isfinite(values)].tolist()]
    step = factor * Decimal(10) ** min((0, *(one for one in written if isinstance(one, int))))
    return float(step / 2) if step > 1 else 0.0


def mention(factor: int) -> str:
    """The flag of a multiplied value: « × 1 000 »."""
    return f"× {factor:,}".replace(",", "\u00a0")
