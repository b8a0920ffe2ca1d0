"""What every command starts from: the workspace, its settings, and what is already up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagpacte import __version__
from diagpacte.errors import ConfigurationError, Fault, TerritoryError
from diagpacte.settings import SETTINGS_FILE, Settings, load_settings
from diagpacte.vocabulary import Theme
from diagpacte.workspace import RUN_FILE, Missing, RunRecord, StepRecord, Workspace, step_key

if TYPE_CHECKING:
    import pandas as pd

    from diagpacte.vocabulary import Territory

MANIFEST = "sources.toml"


@dataclass(frozen=True)
class Done:
    """What a command leaves to say: the files written, remarks, the next command."""

    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    next_step: str = ""

    def __add__(self, other: Done) -> Done:
        return Done(self.paths + other.paths, self.notes + other.notes, other.next_step or self.next_step)


@dataclass(frozen=True)
class Job:
    """A workspace and the settings it obeys."""

    space: Workspace
    settings: Settings
    workers: int = 2

    @classmethod
    def open(cls, directory: Path) -> Job:
        """Raises ConfigurationError when `directory` is no workspace."""
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
        return cls(space, load_settings(space.root))

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

    def ingest_key(self) -> str:
        return step_key("ingest", self.received(), self.settings.digest)

    def ingested(self) -> dict[str, str]:
        """The tables of the last ingest, by hash."""
        step = self.space.record(self.space.processed).steps.get("ingest")
        return dict(step.outputs) if step else {}

    def crossed(self, territory: Territory) -> dict[str, str]:
        """The tables a deliverable of `territory` stands on, by hash."""
        return self.crossed_inputs(self.space.record(self.space.outputs_of(territory)))

    def crossed_inputs(self, record: RunRecord) -> dict[str, str]:
        step = record.steps.get("cross")
        return {**self.ingested(), **(step.outputs if step else {})}

    def step_key(self, step: str, inputs: Mapping[str, str], territory: str) -> str:
        return step_key(step, inputs, self.settings.digest, territory=territory)

    def home_of(self, code: str) -> Path | None:
        """The outputs folder an earlier run made for territory `code`, without asking geography."""
        for record in sorted(self.space.outputs.glob(f"*/{RUN_FILE}")):
            if self.space.record(record.parent).territory == code:
                return record.parent
        return None

    def about(self, territory: Territory | None = None) -> dict[str, str]:
        return {
            "version": __version__,
            "territory": territory.code if territory else "",
            "as_of": self.settings.as_of.isoformat(),
            "diffusion": self.settings.deliverables.diffusion,
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
        before = self.space.record(home).steps.get(step) or StepRecord(key="")
        return self.space.deliver(home, step, before, files, self.about(territory), partial=True)

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
        return self.space.deliver(home, step, record, files, self.about(territory))


def table_files(folder: Path, tables: Mapping[str, pd.DataFrame]) -> dict[Path, bytes]:
    """The Parquet bytes of `tables`, by path."""
    from diagpacte import store

    return {folder / f"{name}.parquet": store.to_bytes(name, frame) for name, frame in tables.items()}
