"""Zones that became one: their counts add up, and the sum leads to every cell it is made of."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from diagpacte.algebra import QUANTITY, total
from diagpacte.geography.passage import NO_ZONE, meetings, of_vintage
from diagpacte.tables import TABLES, Communes, ObservationCells, Observations, Passage
from diagpacte.vocabulary import Nature

KEY = list(TABLES["observations"].key)
FIGURE = ["indicator", "year", "base"]


def merged_counts(
    observations: Observations, vintage: int, communes: Communes, passage: Passage, additive: Collection[str]
) -> tuple[Observations, ObservationCells]:
    """`observations` where the counts of whole zones that make one zone of `vintage` are their sum; and its cells.

    Only `additive` indicators are summed, and only where each of the zones has its row for the same year and base;
    a value published on `vintage` wins, then the latest. The sum keeps the cell of its first part; its text is the
    texts joined by « + ». A secret part makes a secret sum. All other rows are returned as they came. `communes`
    holds every packaged vintage met; a vintage it does not hold is left alone.
    """
    taken: pd.DataFrame = observations.loc[observations["geo_vintage"].eq(vintage), KEY]
    sums, used, cells = [], pd.Index([]), []
    known = {*communes["geo_vintage"].astype(int)} - {vintage}
    for other in sorted({*observations["geo_vintage"].astype(int)} & known, reverse=True):
        whole_of = _whole_of(of_vintage(communes, other), of_vintage(communes, vintage), passage)
        parts = _parts(observations, other, vintage, whole_of, additive)
        parts = parts[~pd.MultiIndex.from_frame(parts[KEY]).isin(pd.MultiIndex.from_frame(taken))]
        if len(parts):
            sums.append(_sums(parts, list(observations.columns)))
            taken = pd.concat([taken, sums[-1][KEY]])
            used = used.append(parts.index)
            cells.append(parts[list(TABLES["observation_cells"].columns)])
    table = TABLES["observation_cells"]
    if not sums:
        return observations, ObservationCells(table.frame([]))
    frame = pd.concat([observations.drop(index=used), *sums], ignore_index=True)
    return (
        Observations(TABLES["observations"].frame(frame)),
        ObservationCells(table.frame(pd.concat(cells, ignore_index=True))),
    )


def _whole_of(before: Communes, after: Communes, passage: Passage) -> dict[str, str]:
    """Zones of `before` that lie whole in a zone of `after` made only of such zones, two or more → that zone."""
    found: dict[str, str] = {}
    for meeting in meetings(before, after, passage):
        cut = meeting.duplicated("zone", keep=False) | meeting["zone"].eq(NO_ZONE) | meeting["becomes"].eq(NO_ZONE)
        refused = meeting.loc[cut, "becomes"]
        several = meeting.duplicated("becomes", keep=False) & ~meeting["becomes"].isin(refused)
        found |= dict(zip(meeting.loc[several, "zone"], meeting.loc[several, "becomes"], strict=True))
    return found


def _parts(
    observations: Observations, other: int, vintage: int, whole_of: dict[str, str], additive: Collection[str]
) -> pd.DataFrame:
    """The rows of `other` to be summed, `zone_code` and `geo_vintage` being those of the sum, in order of zone."""
    rows = observations[observations["geo_vintage"].eq(other) & observations["indicator"].isin(additive)]
    rows = rows[rows["zone_code"].isin(whole_of)].sort_values("zone_code", kind="stable")
    parts = rows.assign(
        published_zone=rows["zone_code"],
        published_vintage=other,
        zone_code=rows["zone_code"].map(whole_of),
        geo_vintage=vintage,
    )
    wanted = pd.Series(whole_of).value_counts()
    present = parts.groupby(["zone_code", *FIGURE])["published_zone"].transform("size")
    return parts[present.eq(parts["zone_code"].map(wanted))]


def _sums(parts: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """One row per sum: numbers by the algebra, the rest from the first part, texts joined, the worst nature."""
    groups = parts.groupby(KEY, sort=True)
    first = groups.first().drop(columns=list(QUANTITY))
    texts = groups["published_text"].agg(" + ".join)
    flags = groups["flag"].agg(lambda marks: " ".join(dict.fromkeys(mark for mark in marks if mark)))
    nature = groups["nature"].agg(lambda natures: str(Nature.worst(natures)))
    told = first.assign(published_text=texts, flag=flags, nature=nature)
    return told.join(total(parts, KEY)).reset_index()[columns]
