"""The gate between computed tables and deliverables: nothing goes through that may not be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from diagpacte.disclosure.standing import private
from diagpacte.disclosure.withholding import Withheld
from diagpacte.tables import TABLES, Masks, Published, Sources


def publish(
    tables: Mapping[str, pd.DataFrame],
    diffusion: str,
    masks: Masks | None = None,
    references: Mapping[str, str] | None = None,
    counts: Collection[str] = (),
) -> Published:
    """The tables as they may be published for `diffusion` (« travail », « comite », « public »).

    The values of `masks` are taken out of every table that holds or quotes them; for « public », those of every
    source that is not public too (`sources` must be settled). `references`: the column of needs that quotes a
    whole territory → its zone; `counts`: the indicators that count people, which faults about a source that is not
    public must not quote. Each table is then checked against its contract, so that no value can stand beside
    its « secret ». Raises ContractError when one breaks it.
    """
    gone = left_out(tables, diffusion)
    shown = Withheld.of(masks, gone, references, counts).taken_out_of(tables)
    return Published({name: TABLES[name].check(frame) for name, frame in shown.items()}, diffusion, gone)


def readable_tables(tables: Mapping[str, pd.DataFrame], diffusion: str) -> dict[str, pd.DataFrame]:
    """`tables` without the sources that `diffusion` leaves out: what may be computed from for that version."""
    return Withheld.of(None, left_out(tables, diffusion)).taken_out_of(tables)


def left_out(tables: Mapping[str, pd.DataFrame], diffusion: str) -> dict[str, str]:
    """The sources that `diffusion` leaves out: source_id → file."""
    if diffusion != "public" or "sources" not in tables:
        return {}
    sources = Sources(tables["sources"])
    rows = sources[sources["source_id"].isin(private(sources))].sort_values("source_id")
    return dict(zip(rows["source_id"], rows["file"], strict=True))
