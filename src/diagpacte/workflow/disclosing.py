"""What is withheld, decided once for all the territories of the workspace, whichever is being delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagpacte.vocabulary import ZoneKind
from diagpacte.workflow.crossing import reference_of
from diagpacte.workflow.job import MASKS, Done, Job, table_files
from diagpacte.workspace import RUN_FILE, RunRecord

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.errors import Fault
    from diagpacte.tables import Masks, Sources

NEVER_TOLD = "la publier pourrait faire connaître un trop petit effectif"
ZONE_TABLES = ("zones.parquet", "members.parquet")


@dataclass(frozen=True)
class Crossed:
    """A territory that was crossed in this workspace: its code, its tables and what run.json says of it."""

    code: str
    tables: Path
    record: RunRecord

    @property
    def quoted(self) -> set[str]:
        """Zones that its deliverables quote besides its own."""
        return {str(ZoneKind.METROPOLE), reference_of(self.code) or str(ZoneKind.METROPOLE)}


def crossed_territories(job: Job) -> list[Crossed]:
    """Every territory whose zones are at hand, in the order of their folders."""
    found = []
    for path in sorted(job.space.outputs.glob(f"*/{RUN_FILE}")):
        record, tables = job.space.record(path.parent), job.space.processed / path.parent.name
        if record.territory and "cross" in record.steps and all((tables / name).is_file() for name in ZONE_TABLES):
            found.append(Crossed(record.territory, tables, record))
    return found


def disclose_key(job: Job, territories: Sequence[Crossed]) -> tuple[str, dict[str, str]]:
    """The key of the step and its inputs: the values, and the zones of every territory."""
    zones = {
        path: digest
        for one in territories
        for path, digest in one.record.steps["cross"].outputs.items()
        if path.endswith(ZONE_TABLES)
    }
    inputs = {**job.ingested(), **zones}
    return job.step_key("disclose", inputs, " ".join(one.code for one in territories)), inputs


def disclose_job(job: Job) -> Done:
    """Decide the masks once territories are crossed; nothing is decided again when nothing changed."""
    from diagpacte.disclosure.standing import to_say

    territories = crossed_territories(job)
    key, inputs = disclose_key(job, territories)
    if job.space.up_to_date(job.space.processed, "disclose", key):
        return Done()
    zones = {one.code: _zones(one) for one in territories}
    masks, faults = _decide(job, territories, zones)
    files = table_files(job.space.processed, {"masks": masks})
    for one in territories:
        mine = {*zones[one.code]["zone_code"], *one.quoted}
        files |= table_files(one.tables, {"masks": masks[masks["key"].str.split("|").str[0].isin(mine)]})
    before = job.space.record(job.space.processed).steps.get("disclose")
    same = before is not None and before.inputs.items() >= job.ingested().items()
    paths = job.deliver("disclose", key, inputs, files)
    said = [] if same else to_say(settled_sources(job))  # once for the files received, whatever is crossed after
    return Done(tuple(paths), tuple(f"à vérifier : {fault}" for fault in [*said, *faults]))


def settled_sources(job: Job) -> Sources:
    """The sources, each public or not."""
    from diagpacte.disclosure.standing import settled
    from diagpacte.tables import Faults, Sources

    read = job.read("sources", "faults")
    return settled(Sources(read["sources"]), Faults(read["faults"]), job.settings.disclosure)


def _zones(one: Crossed) -> pd.DataFrame:
    from diagpacte import store

    return store.read(one.tables / ZONE_TABLES[0])[["zone_code", "geo_vintage"]]


def _decide(job: Job, territories: Sequence[Crossed], zones: dict[str, pd.DataFrame]) -> tuple[Masks, list[Fault]]:
    from diagpacte.disclosure.counts import counts, keys
    from diagpacte.disclosure.masks import decide
    from diagpacte.disclosure.standing import private
    from diagpacte.workflow.grounds import grounds

    sources = settled_sources(job)
    read = job.read("observations", "observations_superseded", "observation_cells")
    shown = _shown(read, territories, zones)
    published = _published(read, shown, private(sources))
    derived = set(keys(read["observation_cells"]))
    rules = job.settings.disclosure_thresholds
    found = counts(shown, published, derived, sources, job.settings.indicators, rules)
    places = set(zip(found["zone_code"], found["geo_vintage"].astype(int), strict=True)) if found["ours"].any() else ()
    return decide(found, grounds(places))


def _shown(read: dict[str, Any], territories: Sequence[Crossed], zones: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The observations that a deliverable may show: those of the zones of each territory, and of what it quotes.

    A territory last crossed on another geography shows the values of that geography until it is crossed again.
    """
    import pandas as pd

    from diagpacte.disclosure.counts import keys

    kept, left = read["observations"], read["observations_superseded"]
    quoted = set().union(*(one.quoted for one in territories))
    wanted = pd.concat([*zones.values(), pd.DataFrame({"zone_code": [], "geo_vintage": []})]).drop_duplicates()
    here = pd.MultiIndex.from_frame(wanted)
    now = kept[kept["zone_code"].isin(quoted | set(wanted["zone_code"]))]
    before = left[pd.MultiIndex.from_frame(left[["zone_code", "geo_vintage"]]).isin(here)]
    before = before[~keys(before).isin(set(keys(now))) & ~before["geo_vintage"].isin(set(kept["geo_vintage"]))]
    shown: pd.DataFrame = pd.concat([now, before], ignore_index=True)
    return shown


def never_told(job: Job) -> Masks:
    """What no answer of diagpacte may tell: the masks of every territory, and every count that is not public of a zone
    that no deliverable shows, since nobody decided of it. All for one reason: which are small is not told either.
    """
    from diagpacte.disclosure.counts import keys
    from diagpacte.tables import TABLES, Masks

    decided = (job.space.processed / MASKS).is_file()
    masked = set(job.read("masks")["masks"]["key"]) if decided else set()
    territories = crossed_territories(job) if decided else []
    shown = set().union(*(one.quoted | set(_zones(one)["zone_code"]) for one in territories))
    observations = job.read("observations")["observations"]
    masked |= set(keys(observations[_private_counts(job, observations) & ~observations["zone_code"].isin(shown)]))
    told = {"table": "observations", "column": "value", "kind": "complementaire", "threshold": 1}
    told |= {"rule": "contrôle de diffusion", "reason": NEVER_TOLD}
    return Masks(TABLES["masks"].frame([told | {"key": key} for key in sorted(masked)]))


def set_aside(job: Job, superseded: pd.DataFrame) -> pd.DataFrame:
    """Values that another source replaced, without the counts that are not public: no mask was decided of them."""
    return superseded[~_private_counts(job, superseded)]


def _private_counts(job: Job, rows: pd.DataFrame) -> pd.Series[bool]:
    from diagpacte.disclosure.counts import is_count
    from diagpacte.disclosure.standing import private

    counted = {entry.indicator for entry in job.settings.indicators if is_count(entry)}
    return rows["source_id"].isin(private(settled_sources(job))) & rows["indicator"].isin(counted)


def _published(read: dict[str, Any], shown: pd.DataFrame, private: frozenset[str]) -> pd.DataFrame:
    """What producers have published of the same counts as those of `shown` that are not public."""
    import pandas as pd

    from diagpacte.disclosure.counts import FIGURE

    everything = pd.concat([read["observations"], read["observations_superseded"]], ignore_index=True)
    ours = pd.MultiIndex.from_frame(shown.loc[shown["source_id"].isin(private), FIGURE].drop_duplicates())
    public = everything[~everything["source_id"].isin(private)]
    of_same: pd.DataFrame = public[pd.MultiIndex.from_frame(public[FIGURE]).isin(ours)]
    return of_same
