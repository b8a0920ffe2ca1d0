"""Which offers enter the counts, as long as duplicates are not handled: two lists are never summed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from diagpacte.tables import RawOffers

NO_NETWORK = ""


def mark_counted(raw: RawOffers, datasets: Sequence[Sequence[str]]) -> RawOffers:
    """`raw` with `counted` and `excluded_because` decided; no row is lost.

    `datasets` are the source_ids read together, in the order of the manifest: the first one to bring a
    structure, or a (source, network), is counted; the rows of later ones that bring it again are not,
    and name its file. An offer without network stands for its source alone.
    """
    rank = {source: place for place, dataset in enumerate(datasets) for source in dataset}
    offers = pd.DataFrame(
        {
            "rank": raw["source_id"].map(rank).astype("int64"),
            "file": raw["source_id"],
            "structure": raw["structure_id"],
            "source": raw["offer_source"],
            "network": raw["networks"].map(lambda networks: networks or [NO_NETWORK]),
        }
    )
    pairs = offers.explode("network").sort_values(["source", "network"], kind="stable")
    twice = _brought_before(pairs, ["source", "network"])
    repeated = twice.groupby(level=0).first()  # the first network, in alphabetical order, says it
    same = _brought_before(offers, ["structure"])
    reasons = [
        pd.Series([f"structure déjà lue dans «\u00a0{file}\u00a0»" for file in same["file_first"]], same.index, "str"),
        pd.Series([_same_source(*row) for row in repeated.itertuples(index=False)], repeated.index, "str"),
    ]
    because = reasons[0].reindex(raw.index).fillna(reasons[1].reindex(raw.index)).fillna("")
    return RawOffers(raw.assign(counted=because == "", excluded_because=because))


def _brought_before(offers: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The rows of `offers` whose `key` an earlier dataset brings, with `file_first` that brings it."""
    first = offers.sort_values(["rank", "file"], kind="stable").drop_duplicates(key)[[*key, "rank", "file"]]
    found = offers.reset_index().merge(first, on=key, suffixes=("", "_first")).set_index("index")
    return found.loc[found["rank_first"] < found["rank"], [*key, "file_first"]]


def _same_source(source: str, network: str, file: str) -> str:
    about = f", réseau «\u00a0{network}\u00a0»," if network else ""
    return (
        f"source «\u00a0{source}\u00a0»{about} déjà lue dans «\u00a0{file}\u00a0»\u00a0: "
        "sans dédoublonnage, deux listes d’une même source ne s’additionnent pas"
    )
