"""Values that cannot be: a negative count, a share over 100. What is merely unusual is not here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagpacte.vocabulary import Indicator

WHOLE = 100.0
GRAIN = 1e-9  # what floating point adds to a sum of shares
IMPOSSIBLE = "valeur impossible"  # flag of a cell that is read as not available


def impossible(indicator: Indicator, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of `values`, in the unit of `indicator`, nothing could measure; NaN never is.

    The bounds of the dictionary decide: below 0 where it allows nothing below, over 100 for a share from 0 to
    100. An evolution, whose lowest value is negative, is never impossible.
    """
    return negative(indicator, values) | _over_the_whole(indicator, values)


def negative(indicator: Indicator, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of `values` are below 0 where the dictionary allows nothing below, whatever their scale."""
    if indicator.low is None or indicator.low < 0:
        return np.zeros(values.shape, dtype=np.bool_)
    return np.asarray(values < -GRAIN)


def _over_the_whole(indicator: Indicator, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    if (indicator.unit, indicator.low, indicator.high) != ("pct", 0, WHOLE):
        return np.zeros(values.shape, dtype=np.bool_)
    return np.asarray(values > WHOLE + GRAIN)
