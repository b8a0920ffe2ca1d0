"""The gate between computed tables and deliverables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from diagpacte.tables import TABLES, Published


def publish(tables: Mapping[str, pd.DataFrame], diffusion: str) -> Published:
    """The tables as they may be published for `diffusion` (« travail », « comite », « public »).

    Each table is checked against its contract, so that a value withheld at the source cannot
    stand beside its « secret ». Masking of the pipeline's own counts is the identity for now.
    Raises ContractError when a table breaks its contract.
    """
    return Published({name: TABLES[name].check(frame) for name, frame in tables.items()}, diffusion)
