"""When several files give the same figure: one stands, the others are kept aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.tables import TABLES, Observations

SHOWN = 5


def one_value_each(readings: Sequence[Observations]) -> tuple[Observations, pd.DataFrame, list[Fault]]:
    """(observations, observations_superseded, faults) of readings in the order their files were added.

    The file added last wins. A figure given twice with another value is a fault to check, one per pair of
    files, naming the first cells.
    """
    table = TABLES["observations"]
    key = list(table.key)
    everything = pd.concat(readings, ignore_index=True) if readings else table.frame([])
    beaten = everything.duplicated(key, keep="last")
    kept, superseded = everything[~beaten], everything[beaten]
    pairs = superseded.merge(kept, on=key, suffixes=("", "_kept"))
    differ = ~(
        np.isclose(pairs["value"], pairs["value_kept"], equal_nan=True)
        & (pairs["availability"] == pairs["availability_kept"])
    )
    faults = [
        Fault(
            str(loser),
            found=f"{_differ(len(rows))} de {winner}, dont " + ", ".join(_cells(rows)),
            remedy=f"garder l’un des deux fichiers ; à défaut {winner}, ajouté en dernier, fait foi",
            severity=Severity.CHECK,
            kind=FaultKind.DOUBLE,
        )
        for (loser, winner), rows in pairs[differ].groupby(["source_id", "source_id_kept"], sort=True)
    ]
    return (
        Observations(table.frame(kept)),
        TABLES["observations_superseded"].frame(superseded),
        faults,
    )


def _differ(count: int) -> str:
    return f"{count} valeurs diffèrent de celles" if count > 1 else "une valeur diffère de celle"


def _cells(rows: pd.DataFrame) -> list[str]:
    first = rows.head(SHOWN)
    return [
        f"{sheet}!{column}{row}"
        for sheet, column, row in zip(first["sheet"], first["column"], first["row"], strict=True)
    ]
