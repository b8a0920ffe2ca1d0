"""From one 1 January to another: what becomes of communes, and of the zones made of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from diagpacte.errors import Fault, Severity, VintageError
from diagpacte.geography.zones import FIRST_EPT_VINTAGE
from diagpacte.tables import TABLES, Communes, Observations, Passage
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE, ZoneKind

# Their ground is the same at every packaged vintage: since 2019 no commune changed département.
FIXED = (ZoneKind.DEPARTMENT, ZoneKind.COLLECTIVITY, ZoneKind.REGION, ZoneKind.FRANCE, ZoneKind.METROPOLE)
NO_ZONE = "–"
CHANGED, UNKNOWN = "périmètre modifié", "code inconnu à cette date"
NO_EPT = f"composition des EPT non fournie avant {FIRST_EPT_VINTAGE}"
REPEATED = "valeur déjà donnée par un autre millésime"


def links(communes: Communes, vintage_to: int, passage: Passage) -> pd.DataFrame:
    """What each of `communes` becomes at a later vintage: code_from, code_to, ratio.

    `ratio` is the share of the population of code_from that lives in code_to (0-1); the shares of one
    commune add up to 1. A commune that `passage` does not name keeps its code.
    """
    chain = pd.DataFrame({"code_from": communes["code"], "code_to": communes["code"], "ratio": 1.0})
    for vintage in range(_vintage(communes), vintage_to):
        now = passage["vintage_from"].eq(vintage) & passage["vintage_to"].eq(vintage + 1)
        step = passage.loc[now, ["code_from", "code_to", "ratio"]].set_axis(["code_to", "next", "part"], axis=1)
        chain = chain.merge(step, on="code_to", how="left")
        chain["code_to"] = chain["next"].fillna(chain["code_to"])
        chain["ratio"] *= chain["part"].fillna(1.0)
        chain = chain[["code_from", "code_to", "ratio"]]
    return chain.groupby(["code_from", "code_to"], sort=True)[["ratio"]].sum().reset_index()


def to_vintage(
    observations: Observations, vintage: int, communes: Communes, passage: Passage
) -> tuple[Observations, list[Fault]]:
    """`observations` as of the geography of `vintage`, and one fault for each kind of refusal.

    A zone is relabelled where its ground is the same at both vintages, whatever its code; départements,
    régions and France always are. The others are dropped and named. A value published on `vintage` wins
    over a converted one, then the latest. `communes` holds every vintage met. Raises VintageError when it
    does not, or when nothing is left and not for want of the composition of EPT: no person can mend that.
    """
    origin, published = observations["geo_vintage"], observations["zone_code"]
    _check_vintages(observations, vintage, communes)
    placed = observations.assign(geo_vintage=vintage, origin=origin, published=published, reason="")
    for other in sorted({*origin} - {vintage}):
        here = origin.eq(other) & ~published.str.partition(":")[0].isin(FIXED)
        same, known = _same_ground(of_vintage(communes, other), of_vintage(communes, vintage), passage)
        placed.loc[here, "reason"] = [_reason(code, other, same, known) for code in published[here]]
        placed.loc[here, "zone_code"] = published[here].map(same).fillna(published[here])
    latest = origin.where(origin.ne(vintage), LAST_VINTAGE + 1).sort_values(ascending=False, kind="stable").index
    kept = placed.loc[latest].loc[lambda rows: rows["reason"].eq("")]
    placed.loc[kept.index[kept.duplicated(list(TABLES["observations"].key))], "reason"] = REPEATED
    faults = _refusals(placed, vintage)
    converted = placed.loc[placed["reason"].eq(""), list(observations.columns)]
    if faults and converted.empty and not placed["reason"].eq(NO_EPT).any():
        raise VintageError(*faults)
    return Observations(TABLES["observations"].frame(converted)), faults


def carry(
    counts: pd.Series[int], communes_from: Communes, communes_to: Communes, passage: Passage
) -> tuple[pd.Series[int], list[Fault]]:
    """Counts by commune brought to a later vintage, and one fault naming every commune whose count is lost.

    `counts` is indexed by commune code, whole numbers; a commune formed from one whose count is missing has
    none. A split count is shared by `ratio` and rounded by largest remainders. Without fault, the sum is the
    same to the unit.
    """
    chain = links(communes_from, _vintage(communes_to), passage)
    chain = chain[chain["code_from"].isin(counts.index) & chain["code_to"].isin(communes_to["code"])]
    chain = chain.assign(piece=_pieces(chain["code_from"].map(counts.astype("Int64")), chain))
    carried = chain.groupby("code_to")["piece"].sum(skipna=False)
    arrived = chain[chain["code_to"].map(carried).notna()].groupby("code_from")["piece"].sum()
    known = counts.dropna()
    lost = known[known.ne(arrived.reindex(known.index, fill_value=0))]
    fault = Fault(
        f"passage de {_vintage(communes_from)} à {_vintage(communes_to)}",
        found=f"effectifs perdus en tout ou partie : {', '.join(sorted(lost.index))}",
        expected="la même somme avant et après",
        remedy="compléter la table de passage ou l’effectif manquant",
        severity=Severity.CHECK,
    )
    return carried, [fault] if len(lost) else []


def _pieces(count: pd.Series[int], chain: pd.DataFrame) -> pd.Series[int]:
    """Whole parts of each count by `ratio`, the units left going to the largest remainders, then by code."""
    exact = count * chain["ratio"]
    whole = exact // 1
    by_commune = chain["code_from"]
    left = count - whole.groupby(by_commune).transform("sum")
    turn = (exact - whole).groupby(by_commune).rank(method="first", ascending=False)
    pieces: pd.Series[int] = (whole + (turn <= left)).astype("Int64")
    return pieces


def _vintage(communes: Communes) -> int:
    return int(communes["geo_vintage"].iloc[0])


def of_vintage(communes: Communes, vintage: int) -> Communes:
    """The communes of one 1 January."""
    return Communes(communes[communes["geo_vintage"].eq(vintage)])


def _check_vintages(observations: Observations, vintage: int, communes: Communes) -> None:
    met = observations[["source_id", "geo_vintage"]].drop_duplicates().itertuples(index=False)
    wanted = {(str(source), int(of)) for source, of in met} | {("diagpacte.toml", vintage)}
    known = {*communes["geo_vintage"]}
    faults = [
        Fault(
            file,
            found=f"géographie au 1er janvier {of} : composition des zones inconnue à cette date",
            expected=f"un millésime de {FIRST_VINTAGE} à {LAST_VINTAGE}",
            remedy="demander le tableau dans une de ces géographies",
        )
        for file, of in sorted(wanted)
        if of not in known
    ]
    if faults:
        raise VintageError(*faults)


def _levels(communes: Communes) -> pd.DataFrame:
    """The zone of each commune on every level whose ground may change, indexed by commune code."""
    department, outside = communes["department"], communes["epci"].isna()
    frame = pd.DataFrame(
        {
            "code": communes["code"],
            "epci": (f"{ZoneKind.EPCI}:" + communes["epci"]).fillna(f"{ZoneKind.OUTSIDE_EPCI}:" + department),
            "ept": (f"{ZoneKind.EPT}:" + communes["ept"]).fillna(NO_ZONE),
            "commune": f"{ZoneKind.COMMUNE}:" + communes["code"],
            "outside": np.where(
                outside & ~department.str.startswith("97"), f"{ZoneKind.OUTSIDE_EPCI}:{ZoneKind.METROPOLE}", NO_ZONE
            ),
        }
    )
    return frame.set_index("code")


def meetings(before: Communes, after: Communes, passage: Passage) -> Iterator[pd.DataFrame]:
    """Level by level, every pair of a zone of `before` and a zone of `after` that share ground: columns zone, becomes.

    Ground in no zone of the level is NO_ZONE. `after` may be the earlier of the two.
    """
    backward = _vintage(before) > _vintage(after)
    early, late = (after, before) if backward else (before, after)
    pairs = links(early, _vintage(late), passage)
    levels_early, levels_late = _levels(early), _levels(late)
    sides = ["becomes", "zone"] if backward else ["zone", "becomes"]
    for level in levels_early:
        of_early = pairs["code_from"].map(levels_early[level])
        of_late = pairs["code_to"].map(levels_late[level]).fillna(NO_ZONE)
        yield pd.DataFrame(dict(zip(sides, (of_early, of_late), strict=True))).drop_duplicates()


def _same_ground(before: Communes, after: Communes, passage: Passage) -> tuple[dict[str, str], set[str]]:
    """Zones of `before` that are exactly one zone of `after`, with its code there; and all those of `before`."""
    same: dict[str, str] = {}
    known: set[str] = set()
    for meeting in meetings(before, after, passage):
        alone = meeting[~meeting.duplicated("zone", keep=False) & ~meeting.duplicated("becomes", keep=False)]
        same |= dict(zip(alone["zone"], alone["becomes"], strict=True))
        known |= {*meeting["zone"]}
    return {code: other for code, other in same.items() if NO_ZONE not in (code, other)}, known


def _reason(code: str, vintage: int, same: dict[str, str], known: set[str]) -> str:
    """Why a zone of `vintage` is not relabelled; nothing when it is."""
    if code in same:
        return ""
    if code in known:
        return CHANGED
    return NO_EPT if code.startswith(ZoneKind.EPT) and vintage < FIRST_EPT_VINTAGE else UNKNOWN


def _refusals(placed: pd.DataFrame, vintage: int) -> list[Fault]:
    """One fault per source, vintage and reason, naming its zones."""
    refused = placed[placed["reason"].ne("")]
    return [
        Fault(
            str(source),
            found=f"zones de {origin} non reprises dans la géographie de {vintage} ({reason}) : "
            + ", ".join(sorted(rows["published"].unique())),
            remedy=f"demander ce tableau dans la géographie au 1er janvier {vintage}",
            severity=Severity.CHECK,
        )
        for (source, origin, reason), rows in refused.groupby(["source_id", "origin", "reason"], sort=True)
    ]
