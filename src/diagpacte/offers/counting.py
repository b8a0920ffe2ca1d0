"""Which offers enter the counts, as long as duplicates are not handled: two lists are never summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from diagpacte.tables import RawOffers

NO_NETWORK = ""


def mark_counted(raw: RawOffers, datasets: Sequence[Sequence[str]]) -> RawOffers:
    """`raw` with `counted` and `excluded_because` decided; no row is lost.

    `datasets` are the source_ids read together, in the order of the manifest. The first one to count a
    structure, or a (source, network), keeps it; the rows of later ones that bring it again stay out of
    the counts and name that file. An offer without network stands for its source alone.
    """
    because = pd.Series("", index=raw.index, dtype="str")
    structures: dict[str, str] = {}
    lists: dict[tuple[str, str], str] = {}
    for dataset in datasets:
        rows = raw[raw["source_id"].isin(dataset)]
        pairs = [
            [(source, network) for network in networks] or [(source, NO_NETWORK)]
            for source, networks in zip(rows["offer_source"], rows["networks"], strict=True)
        ]
        reasons = [
            _reason(structure, of_offer, structures, lists)
            for structure, of_offer in zip(rows["structure_id"], pairs, strict=True)
        ]
        because.loc[rows.index] = pd.Series(reasons, rows.index, "str")
        for structure, of_offer, reason in zip(rows["structure_id"], pairs, reasons, strict=True):
            if not reason:
                structures[structure] = dataset[0]
                lists.update(dict.fromkeys(of_offer, dataset[0]))
    return RawOffers(raw.assign(counted=because == "", excluded_because=because))


def _reason(
    structure: str,
    pairs: Iterable[tuple[str, str]],
    structures: Mapping[str, str],
    lists: Mapping[tuple[str, str], str],
) -> str:
    """Why an offer stays out of the counts; empty when it enters them."""
    if structure in structures:
        return f"structure déjà lue dans «\u00a0{structures[structure]}\u00a0»"
    known = sorted(pair for pair in pairs if pair in lists)
    if not known:
        return ""
    source, network = known[0]
    about = f", réseau «\u00a0{network}\u00a0»," if network else ""
    return (
        f"source «\u00a0{source}\u00a0»{about} déjà lue dans «\u00a0{lists[known[0]]}\u00a0»\u00a0: "
        "sans dédoublonnage, deux listes d’une même source ne s’additionnent pas"
    )
