"""Taking values out of tables: each table that holds or quotes one loses it, with a reason that does not tell it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from diagpacte.disclosure.counts import keys
from diagpacte.disclosure.quotations import Quotations
from diagpacte.disclosure.standing import private
from diagpacte.tables import Masks, Sources, figure_id
from diagpacte.vocabulary import Availability, GapClass, NeedRule

NBSP = "\u00a0"
MASKED = f"non mesuré{NBSP}: valeur retenue, car la publier pourrait faire connaître un trop petit effectif"
LEFT_OUT = f"non mesuré{NBSP}: source non publique, laissée hors de la version publique"
CELL = ["source_id", "sheet", "row", "column"]
BY_SOURCE = (  # tables whose rows go with their source: what a file holds, and that it is there, are its own
    "sources", "headings", "observations", "observations_superseded", "observation_cells", "source_coverage", "raw_offers", "offers",
)  # fmt: skip


@dataclass(frozen=True)
class Withheld:
    """The observations masked (by key), the sources left out (source_id → file), the columns of needs that quote a
    whole territory (→ its zone), the indicators that are counts.
    """

    masked: frozenset[str]
    left_out: Mapping[str, str]
    references: Mapping[str, str]
    counts: Collection[str]

    @classmethod
    def of(
        cls,
        masks: Masks | None,
        left_out: Mapping[str, str],
        references: Mapping[str, str] | None = None,
        counts: Collection[str] = (),
    ) -> Withheld:
        masked = frozenset() if masks is None else frozenset(masks.loc[masks["table"].eq("observations"), "key"])
        return cls(masked, left_out, references or {}, counts)

    def taken_out_of(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """`tables` without what is withheld; those that hold none of it are returned as they are."""
        if not self.masked and not self.left_out:
            return {name: self._faults(one, tables) if name == "faults" else one for name, one in tables.items()}
        shown = {name: self._without(name, frame, tables) for name, frame in tables.items()}
        if "coverage" in shown and "needs" in shown:
            shown["coverage"] = self._coverage(shown["coverage"], shown["needs"])
        return shown

    def _without(self, name: str, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        if name in BY_SOURCE:
            frame = frame[~frame["source_id"].isin(self.left_out)]
        if name in ("observations", "observations_superseded"):
            return self._observations(frame, tables.get("observation_cells"))
        if name == "observation_cells":
            return self._cells(frame)
        if name == "needs":
            return self._needs(frame)
        if name == "faults":
            return self._faults(frame, tables)
        return frame

    def _observations(self, rows: pd.DataFrame, cells: pd.DataFrame | None) -> pd.DataFrame:
        """Values masked, and the parts that a masked sum is made of."""
        masked = keys(rows).isin(self.masked)
        if cells is not None:
            parts = pd.MultiIndex.from_frame(cells.loc[keys(cells).isin(self.masked), CELL])
            masked |= pd.MultiIndex.from_frame(rows[CELL]).isin(parts)
        return rows.assign(
            **{side: rows[side].mask(masked) for side in ("value", "lower", "upper")},
            availability=rows["availability"].mask(masked, str(Availability.SECRET)),
            published_text=rows["published_text"].mask(masked, ""),
        )

    def _cells(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(published_text=rows["published_text"].mask(keys(rows).isin(self.masked), ""))

    def _needs(self, needs: pd.DataFrame) -> pd.DataFrame:
        """Needs whose value is withheld have none, nor class, rank, or people; the others are ranked without them."""
        ids = {figure_id("observations", [key], "value") for key in self.masked}
        masked, left_out = needs["observation"].isin(ids), needs["source_id"].isin(self.left_out)
        gone = masked | left_out
        missing = needs["availability"].mask(masked, str(Availability.SECRET))
        missing = missing.mask(left_out, str(Availability.NOT_AVAILABLE))
        empty = ["value", "lower", "upper", "class_index", "class_count", "strong", "people", "rank", "ranked"]
        changed = needs.assign(
            **{column: needs[column].mask(gone) for column in empty},
            availability=missing,
            people_availability=needs["people_availability"].mask(gone, missing),
            class_rule=needs["class_rule"].mask(gone, str(NeedRule.NONE)),
            class_label=needs["class_label"].mask(gone, ""),
            reason=needs["reason"].mask(masked, MASKED).mask(left_out, LEFT_OUT),
            **{column: self._reference(needs, column, zone) for column, zone in self.references.items()},
        )
        return _ranked_again(changed)

    def _reference(self, needs: pd.DataFrame, column: str, zone: str) -> pd.Series[float]:
        """The value of a whole territory, but where it is masked."""
        mine = (key.split("|") for key in self.masked)
        told = {(indicator, year, base) for code, indicator, year, base, _ in mine if code == zone}
        asked = zip(needs["indicator"], needs["year"].astype(str), needs["base"], strict=True)
        return needs[column].mask(pd.Series([one in told for one in asked], index=needs.index, dtype=bool))

    def _coverage(self, coverage: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
        """Gaps that stood on a need withheld are not measured."""
        gone = needs[needs["reason"].isin([MASKED, LEFT_OUT])].set_index(["zone_code", "theme", "variant"])["reason"]
        reason = pd.Series(
            gone.reindex(pd.MultiIndex.from_frame(coverage[["zone_code", "theme", "variant"]])).to_numpy(),
            index=coverage.index,
            dtype="object",
        )
        there = reason.notna()
        return coverage.assign(
            gap_class=coverage["gap_class"].mask(there, str(GapClass.NOT_MEASURED)),
            gap_reason=coverage["gap_reason"].mask(there, reason),
        )

    def _faults(self, faults: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Faults of the sources left out go; those that may quote a count that is not public quote no number."""
        kept = faults[~faults["file"].isin(set(self.left_out.values()))]
        if "sources" not in tables or "observations" not in tables:
            return kept
        sources = Sources(tables["sources"])
        files = dict(zip(sources["source_id"], sources["file"], strict=True))
        masked = {key.split("|")[1] for key in self.masked}
        quotations = Quotations.of(tables["observations"], files, private(sources), self.counts, masked)
        return quotations.taken_out_of(kept)


def _ranked_again(needs: pd.DataFrame) -> pd.DataFrame:
    """Ranks of the values that are left, among themselves: the place of one withheld is not told."""
    groups = needs.groupby(["theme", "variant"])["rank"]
    count = groups.transform("count")
    return needs.assign(
        rank=groups.rank(),
        ranked=needs["ranked"].mask(needs["rank"].notna(), count.astype("Int64")),
    )
