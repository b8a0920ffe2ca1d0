"""What every command starts from: the workspace, its settings, and what is already up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagpacte import __version__
from diagpacte.errors import ConfigurationError, Fault, TerritoryError, UsageError
from diagpacte.settings import SETTINGS_FILE, Settings, load_settings
from diagpacte.vocabulary import Theme
from diagpacte.workspace import RUN_FILE, Missing, RunRecord, StepRecord, Workspace, step_key

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.vocabulary import Territory

MANIFEST = "sources.toml"
MASKS = "masks.parquet"
DIFFUSIONS = ("travail", "comite", "public")
TABLE_STEPS = ("ingest", "cross", "disclose")


@dataclass(frozen=True)
class Done:
    """What a command leaves to say: the files written, remarks, the next command."""

    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    next_step: str = ""

    def __add__(self, other: Done) -> Done:
        return Done(self.paths + other.paths, self.notes + other.notes, other.next_step or self.next_step)


@dataclass(frozen=True)
class Said:
    """What a command that answers has to say, and the exit code of the process."""

    text: str
    exit_code: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A workspace and the settings it obeys."""

    space: Workspace
    settings: Settings
    workers: int = 2

    @classmethod
    def open(cls, directory: Path, diffusion: str = "") -> Job:
        """`diffusion` replaces, for this command, the one of diagpacte.toml.

        Raises ConfigurationError when `directory` is no workspace, UsageError when `diffusion` is no word of it.
        """
        space = Workspace(directory)
        if not (space.configs / SETTINGS_FILE).is_file():
            raise ConfigurationError(
                Fault(
                    directory.resolve().name,
                    found="ce dossier n’est pas un espace de travail diagpacte",
                    expected=f"un fichier configs/{SETTINGS_FILE}",
                    remedy="lancer « diagpacte init DOSSIER --territory CODE », ou indiquer le bon dossier par -C",
                )
            )
        return cls(space, load_settings(space.root)).shown_to(diffusion)

    def territory_code(self, asked: str) -> str:
        """The territory asked for, else the one of diagpacte.toml."""
        code = asked or self.settings.territory
        if not code:
            raise TerritoryError(
                Fault(
                    SETTINGS_FILE,
                    found="aucun territoire n’est indiqué",
                    remedy='écrire territory = "38" dans configs/diagpacte.toml, ou le nommer dans la commande',
                )
            )
        return code

    def received(self) -> dict[str, str]:
        """The files of data/raw and data/saisies, by hash; not what Excel leaves beside a file held open."""
        folders = (self.space.raw, self.space.saisies)
        files = [path for folder in folders for path in folder.glob("*") if not path.name.startswith((".", "~$"))]
        return self.space.hash_inputs([path for path in files if path.is_file()])

    @property
    def diffusion(self) -> str:
        """Who the deliverables are for: « travail », « comite » or « public »."""
        return self.settings.deliverables.diffusion

    def shown_to(self, diffusion: str) -> Job:
        """The same workspace, for another audience; the same when none is said."""
        return replace(self, settings=_shown_to(self.settings, diffusion)) if diffusion else self

    @cached_property
    def rules(self) -> str:
        """One hash of all the settings but the diffusion, which changes no table."""
        return _shown_to(self.settings, DIFFUSIONS[0]).digest

    def ingest_key(self) -> str:
        return step_key("ingest", self.received(), self.rules)

    def ingested(self) -> dict[str, str]:
        """The tables of the last ingest, by hash."""
        step = self.space.record(self.space.processed).steps.get("ingest")
        return dict(step.outputs) if step else {}

    def crossed(self, territory: Territory) -> dict[str, str]:
        """The tables a deliverable of `territory` stands on, by hash: what was read, crossed, and withheld."""
        return self.crossed_inputs(self.space.record(self.space.outputs_of(territory)))

    def crossed_inputs(self, record: RunRecord) -> dict[str, str]:
        step = record.steps.get("cross")
        return {**self.ingested(), **(step.outputs if step else {}), **self.masked(record)}

    def masked(self, record: RunRecord) -> dict[str, str]:
        """The masks of a territory, by hash; nothing before they are decided."""
        decided = self.space.record(self.space.processed).steps.get("disclose")
        crossed = record.steps.get("cross")
        folders = {path.rpartition("/")[0] for path in crossed.outputs} if crossed else set()
        mine = {f"{folder}/{MASKS}" for folder in folders}
        return {path: digest for path, digest in (decided.outputs if decided else {}).items() if path in mine}

    def step_key(self, step: str, inputs: Mapping[str, str], territory: str) -> str:
        """A key of its own for each diffusion, but for the steps that make no deliverable."""
        more = {} if step in TABLE_STEPS else {"diffusion": self.diffusion}
        return step_key(step, inputs, self.rules, territory=territory, **more)

    def home_of(self, code: str) -> Path | None:
        """The outputs folder an earlier run made for territory `code`, without asking geography."""
        for record in sorted(self.space.outputs.glob(f"*/{RUN_FILE}")):
            if self.space.record(record.parent).territory == code:
                return record.parent
        return None

    def about(self, territory: Territory | None = None, diffusion: str = "") -> dict[str, str]:
        return {
            "version": __version__,
            "territory": territory.code if territory else "",
            "as_of": self.settings.as_of.isoformat(),
            "diffusion": diffusion,
        }

    def themes(self, territory: Territory) -> tuple[Theme, ...]:
        """Themes shown for `territory`, in the order of annexe 1."""
        shown = [
            theme
            for theme in self.settings.themes
            if (theme.theme in self.settings.show if self.settings.show else theme.list in territory.theme_lists)
        ]
        return tuple(sorted(shown, key=lambda theme: (theme.list, theme.axis, theme.order)))

    def read(self, *names: str, territory: Territory | None = None) -> dict[str, Any]:
        """Tables of the workspace, or of one territory, checked."""
        from diagpacte import store

        folder = self.space.tables_of(territory) if territory else self.space.processed
        return {name: store.read(folder / f"{name}.parquet") for name in names}

    def deliver_some(self, step: str, files: Mapping[Path, bytes], territory: Territory) -> list[Path]:
        """Write a part of what `step` makes, without saying that the step is done."""
        home = self.space.outputs_of(territory)
        record = self.space.record(home)
        before = record.steps.get(step) or StepRecord(key="")
        before = before.model_copy(update={"inputs": {**before.inputs, **self.masked(record)}})
        return self.space.deliver(home, step, before, files, self.about(territory, self.diffusion), partial=True)

    def deliver(
        self,
        step: str,
        key: str,
        inputs: Mapping[str, str],
        files: Mapping[Path, bytes],
        territory: Territory | None = None,
        missing: Iterable[Missing] = (),
    ) -> list[Path]:
        home = self.space.outputs_of(territory) if territory else self.space.processed
        record = StepRecord(key=key, inputs=dict(inputs), not_delivered=tuple(missing))
        # A step that makes no deliverable leaves what run.json says of those that are there.
        diffusion = self.space.record(home).diffusion if step in TABLE_STEPS else self.diffusion
        return self.space.deliver(home, step, record, files, self.about(territory, diffusion))


def _shown_to(settings: Settings, diffusion: str) -> Settings:
    """`settings` with another diffusion."""
    if diffusion not in DIFFUSIONS:
        found = f"« {diffusion} » n’est pas une diffusion"
        raise UsageError(Fault("--diffusion", found=found, expected=", ".join(DIFFUSIONS), remedy="corriger ce mot"))
    pages = settings.deliverables.model_copy(update={"diffusion": diffusion})
    return settings.model_copy(update={"deliverables": pages})


def table_files(folder: Path, tables: Mapping[str, pd.DataFrame]) -> dict[Path, bytes]:
    """The Parquet bytes of `tables`, by path."""
    from diagpacte import store

    return {folder / f"{name}.parquet": store.to_bytes(name, frame) for name, frame in tables.items()}
