"""Which offer answers which theme: RawOffers → Offers, and what each source lists where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from diagpacte.offers.rules import Network, ThematicRow
from diagpacte.tables import TABLES, Offers, RawOffers, SourceCoverage
from diagpacte.vocabulary import Nature, Placement, department_of

EXCLUDED = "exclure"
CONFIDENCE = ("bonne", "moyenne", "faible", "")  # best first
PLACEMENTS = tuple(str(placement) for placement in Placement)  # best first
NATURES = tuple(str(nature) for nature in Nature)  # worst last
# Who answers for a structure of several networks: whoever runs the place first, a State label last
# (« France services », « conseillers numériques » are often put on another body's house).
RESPONSABLES = (
    "departement", "metropole", "epci", "commune_ccas", "securite_sociale", "association", "etat_operateur",
)  # fmt: skip
UNKNOWN_RESPONSABLE = "inconnu"
NO_CLAIM = "non déclaré"


def offers_by_theme(
    raw: RawOffers, placed: pd.DataFrame, thematics: Iterable[ThematicRow], networks: Iterable[Network]
) -> Offers:
    """The counted offers of `raw` by structure × theme: a structure counts once in each theme it serves.

    `placed` holds placement, commune_code, lon, lat on the index of `raw`. `services` are those whose own
    thematic or type answers the theme, or 1 when only the structure does (by its network, or listed
    without service); the point is the best placed of them. An excluded thematic gives no theme by
    itself; an excluded network takes the structure out of the theme. Row order is indifferent.
    """
    offers = raw.drop(columns=["commune_code", "lon", "lat"]).join(placed)
    served = (
        serving(raw[raw["counted"]], thematics)
        .join(offers, on="offer")
        .assign(
            remote_only=lambda row: row["remote"] & ~row["in_person"],
            updated_on=lambda row: pd.to_datetime(row["updated_on"]),
            nature=lambda row: row["nature"].map(NATURES.index),
            place_rank=lambda row: row["placement"].map(PLACEMENTS.index),
        )
    )
    key = ["structure_id", "theme"]
    served = served.sort_values([*key, "place_rank", "offer_id"], ignore_index=True)
    confidence = served.groupby(key)["confidence"].min()
    served = served[served["own"] | ~served.groupby(key)["own"].transform("any")]
    groups = served.groupby(key)
    best = served.drop_duplicates(key).set_index(key)
    rows = best[["source_id", "offer_source", "name", "networks", "placement", "commune_code", "lon", "lat"]].assign(
        services=groups["own"].sum().clip(lower=1),
        responsable=_responsables(best["networks"], networks),
        dispositif_id=None,
        remote_only=groups["remote_only"].all(),
        zones_declared=_zones_declared(served, key).reindex(best.index, fill_value=0),
        updated_on=_days(groups["updated_on"].max()),
        confidence=confidence.map(dict(enumerate(CONFIDENCE))),
        nature=groups["nature"].max().map(dict(enumerate(NATURES))),
    )
    return Offers(TABLES["offers"].frame(rows.reset_index()))


def source_coverage(raw: RawOffers, claims: Mapping[str, str]) -> SourceCoverage:
    """What each source of each file lists in each département, rows out of the counts included.

    The département is the one of the published commune code; an offer without it is not here.
    `claims` says what a file declares to cover, by source_id.
    """
    listed = raw[raw["commune_code"].notna()]
    listed = listed.assign(
        department=listed["commune_code"].map(department_of), updated_on=pd.to_datetime(listed["updated_on"])
    )
    groups = listed.groupby(["source_id", "offer_source", "department"])
    rows = pd.DataFrame(
        {
            "structures": groups["structure_id"].nunique(),
            "services": groups["service_id"].nunique(),
            "updated_from": _days(groups["updated_on"].min()),
            "updated_to": _days(groups["updated_on"].max()),
        }
    ).reset_index()
    claim = rows["source_id"].map(lambda source: claims.get(source) or NO_CLAIM)
    return SourceCoverage(TABLES["source_coverage"].frame(rows.assign(claim=claim)))


def serving(counted: pd.DataFrame, thematics: Iterable[ThematicRow]) -> pd.DataFrame:
    """One row per offer (its label in `counted`) and theme: rank of the best confidence, and `own`.

    `own` says that the offer itself answers the theme, by a thematic or its type, and not only its network.
    """
    rules = pd.DataFrame(
        [(row.theme, row.source, row.key_kind, row.key, row.publics, row.confidence) for row in thematics if row.key],
        columns=["theme", "source", "key_kind", "key", "publics", "confidence"],
    ).astype({"theme": "str", "source": "str", "key_kind": "str", "key": "str", "confidence": "str"})
    found = _keys(counted).merge(rules, on=["key_kind", "key"])
    found = found[_source_holds(found, counted) & _publics_hold(found, counted)]
    out = found["confidence"] == EXCLUDED
    found, excluded = found[~out], found[out]
    by_key, by_network = ["offer", "theme", "key_kind", "key"], ["offer", "theme"]
    found = found[~_among(found, excluded, by_key)]
    found = found[~_among(found, excluded[excluded["key_kind"] == "reseau"], by_network)]
    ranked = found.assign(confidence=found["confidence"].map(CONFIDENCE.index), own=found["key_kind"] != "reseau")
    return ranked.groupby(["offer", "theme"], as_index=False).agg({"confidence": "min", "own": "any"})


def _keys(offers: pd.DataFrame) -> pd.DataFrame:
    """All that an offer can be known by: its thematics, its networks, its type."""
    kinds = {
        "thematique": offers["thematics"].explode(),
        "reseau": offers["networks"].explode(),
        "type": offers["service_type"],
    }
    keys = [
        pd.DataFrame({"offer": keys.index, "key_kind": kind, "key": keys.to_numpy()}) for kind, keys in kinds.items()
    ]
    return pd.concat(keys).dropna().drop_duplicates().astype({"key": "str", "key_kind": "str"})


def _source_holds(found: pd.DataFrame, offers: pd.DataFrame) -> pd.Series[bool]:
    """`source` is exact, `*` for any, `!source` for any other."""
    wanted, source = found["source"], found["offer"].map(offers["offer_source"])
    other = wanted.str.startswith("!") & (wanted.str[1:] != source)
    return (wanted == "*") | (wanted == source) | other


def _publics_hold(found: pd.DataFrame, offers: pd.DataFrame) -> pd.Series[bool]:
    """A rule that names publics asks for one of them; « tous-publics » is none of them."""
    publics = found["offer"].map(offers["publics"])
    holds = [
        not wanted or not set(wanted).isdisjoint(said) for wanted, said in zip(found["publics"], publics, strict=True)
    ]
    return pd.Series(holds, index=found.index, dtype=bool)


def _among(rows: pd.DataFrame, others: pd.DataFrame, key: list[str]) -> pd.Series[bool]:
    inside = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(others[key]))
    return pd.Series(inside, index=rows.index, dtype=bool)


def _zones_declared(served: pd.DataFrame, key: list[str]) -> pd.Series[int]:
    return served[[*key, "eligibility_zones"]].explode("eligibility_zones").groupby(key)["eligibility_zones"].nunique()


def _days(moments: pd.Series[pd.Timestamp]) -> pd.Series[date]:
    return moments.dt.date.astype(object).where(moments.notna(), None)


def _responsables(networks: pd.Series[list[str]], known: Iterable[Network]) -> pd.Series[str]:
    """Of the bodies behind a structure's networks, the first in the order of RESPONSABLES."""
    answers = {network.reseau: network.responsable for network in known}
    ranks = {responsable: rank for rank, responsable in enumerate(RESPONSABLES)}

    def responsable(names: list[str]) -> str:
        bodies = {answers.get(name, UNKNOWN_RESPONSABLE) for name in names} & set(RESPONSABLES)
        return min(bodies, key=ranks.__getitem__, default=UNKNOWN_RESPONSABLE)

    return networks.map(responsable)
