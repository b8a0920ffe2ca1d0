"""Where things are on disk: folders, whole files, the lock, step keys and the run record.

Nothing here knows what a file holds. No POSIX-only call: the lock is SQLite's, which the operating
system releases when a process dies, on every system.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from diagpacte import __version__
from diagpacte.errors import DeliverableError, Fault, LockError
from diagpacte.vocabulary import Territory

RUN_FILE = "run.json"
JOURNAL = ".en-cours.json"
LOCK = ".diagpacte.lock"
TEMPORARY = ".diagpacte-tmp"
LIBRARIES = (
    "data-inclusion-schema",
    "fontpkg-fira-sans-condensed",
    "geopandas",
    "jinja2",
    "matplotlib",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "pyproj",
    "python-calamine",
    "rapidfuzz",
    "scipy",
    "shapely",
    "xlsxwriter",
)


class Missing(BaseModel, frozen=True):
    """Something asked for and not delivered, with the reason, in French."""

    what: str
    why: str


class StepRecord(BaseModel, frozen=True):
    """What a step read and wrote, by hash; paths are relative to the workspace."""

    key: str
    inputs: dict[str, str] = Field(default_factory=dict)
    outputs: dict[str, str] = Field(default_factory=dict)
    not_delivered: tuple[Missing, ...] = ()


class RunRecord(BaseModel, frozen=True):
    """run.json: no clock, no absolute path."""

    version: str = __version__
    territory: str = ""
    as_of: str = ""
    diffusion: str = ""
    libraries: dict[str, str] = Field(default_factory=dict)
    steps: dict[str, StepRecord] = Field(default_factory=dict)

    def hashes(self) -> dict[str, str]:
        return {path: digest for step in self.steps.values() for path, digest in step.outputs.items()}


class Workspace:
    """The folders of a workspace (DESIGN §4)."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.configs = self.root / "configs"
        self.raw = self.root / "data" / "raw"
        self.saisies = self.root / "data" / "saisies"
        self.processed = self.root / "data" / "processed"
        self.outputs = self.root / "outputs"

    def tables_of(self, territory: Territory) -> Path:
        return self.processed / territory.folder

    def outputs_of(self, territory: Territory) -> Path:
        return self.outputs / territory.folder

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def hash_inputs(self, paths: Mapping[str, Path] | list[Path]) -> dict[str, str]:
        """Relative path → SHA-256 of each file."""
        files = list(paths.values()) if isinstance(paths, Mapping) else paths
        return {self.relative(path): file_hash(path) for path in sorted(files)}

    def record(self, home: Path) -> RunRecord:
        """The run record kept in `home`; an empty one when there is none, or none that can be read."""
        try:
            return RunRecord.model_validate_json((home / RUN_FILE).read_bytes())
        except (FileNotFoundError, ValidationError):
            return RunRecord()

    def up_to_date(self, home: Path, step: str, key: str) -> bool:
        """Whether `step` ran with this very key and its outputs are still what it wrote."""
        done = self.record(home).steps.get(step)
        return (
            done is not None
            and done.key == key
            and all(
                (self.root / path).is_file() and file_hash(self.root / path) == digest
                for path, digest in done.outputs.items()
            )
        )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace; LockError when another process does."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / LOCK).open("ab").close()  # a folder that cannot be written says so as any other file does
        connection = sqlite3.connect(self.root / LOCK, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise LockError(
                Fault(
                    self.root.name,
                    found="un autre diagpacte travaille déjà dans ce dossier",
                    remedy="attendre qu’il ait fini, puis relancer",
                )
            ) from error
        try:
            yield
        finally:
            connection.close()

    def deliver(
        self,
        home: Path,
        step: str,
        record: StepRecord,
        files: Mapping[Path, bytes],
        about: Mapping[str, str],
        *,
        partial: bool = False,
    ) -> list[Path]:
        """Write `files` whole, then run.json in `home` with their hashes; return the paths.

        A file that the record does not explain is a person's: it is left, and said. A file that
        cannot be replaced (held open in Excel) is left, and said; all the others are written.
        Outputs of an earlier run of this step that are no longer made are removed, unless `partial`.
        Raises DeliverableError, once, after the rest is done.
        """
        done = self.record(home)
        known, announced = done.hashes(), self._journal(home)
        pending = {self.relative(path): _digest(data) for path, data in files.items()}
        faults = [fault for path in files if (fault := self._persons_file(path, known, pending, *announced))]
        kept = {fault.file for fault in faults}
        home.mkdir(parents=True, exist_ok=True)
        atomic_write(home / JOURNAL, _json([*announced, pending]))
        for path, data in files.items():
            name = self.relative(path)
            if path.name in kept:
                pending.pop(name)
                continue
            try:
                atomic_write(path, data)
            except OSError as error:
                faults.append(_write_fault(path, error))
                pending.pop(name)
                if name in known:  # what stands there is still ours
                    pending[name] = known[name]
        if partial:
            pending = {**record.outputs, **pending}
        else:
            self._remove_stale(done.steps.get(step), pending, {self.relative(path) for path in files})
        key = record.key if not faults else ""  # a step that left a file behind is not up to date
        steps = {**done.steps, step: record.model_copy(update={"key": key, "outputs": dict(sorted(pending.items()))})}
        new = RunRecord(**about, libraries=library_versions(), steps=dict(sorted(steps.items())))
        atomic_write(home / RUN_FILE, _json(new.model_dump(mode="json")))
        (home / JOURNAL).unlink(missing_ok=True)
        if faults:
            raise DeliverableError(*faults)
        return list(files)

    def _journal(self, home: Path) -> list[dict[str, str]]:
        """What interrupted deliveries had announced, beside what run.json knows: those files are ours too."""
        try:
            announced: list[dict[str, str]] = json.loads((home / JOURNAL).read_bytes())
        except (FileNotFoundError, ValueError):
            return []
        return announced

    def _persons_file(self, path: Path, *explained: Mapping[str, str]) -> Fault | None:
        """A fault when `path` is a deliverable that none of the records in `explained` explains."""
        if not path.is_file() or not path.is_relative_to(self.outputs):  # tables are ours alone
            return None
        name = self.relative(path)
        if file_hash(path) in {hashes.get(name) for hashes in explained}:
            return None
        return Fault(
            path.name,
            found="ce fichier n’est pas, ou plus, celui que diagpacte a écrit",
            remedy="le renommer ou le déplacer pour le garder, puis relancer",
        )

    def _remove_stale(self, before: StepRecord | None, written: Mapping[str, str], asked: set[str]) -> None:
        for name, digest in (before.outputs if before else {}).items():
            path = self.root / name
            if name not in written and name not in asked and path.is_file() and file_hash(path) == digest:
                path.unlink()


def atomic_write(path: Path, data: bytes) -> None:
    """Write `data` under a temporary name in the same folder, flush it to the disk, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}-{os.getpid()}-{path.name}")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_fault(path: Path, error: OSError) -> Fault:
    if isinstance(error, PermissionError):
        excel = path.suffix in (".xlsx", ".csv")
        return Fault(
            path.name,
            found="le fichier est ouvert dans un autre programme, ou protégé en écriture",
            remedy=f"fermez {path.name} dans Excel, puis relancez" if excel else f"fermez {path.name}, puis relancez",
        )
    return Fault(
        path.name, found=f"écriture impossible ({error.strerror})", remedy="libérer de la place ou changer de dossier"
    )


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@cache
def code_digest() -> str:
    """One hash of diagpacte's own code and packaged data."""
    package = Path(__file__).parent
    total = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".parquet", ".json", ".toml", ".csv"):
            total.update(f"{path.relative_to(package).as_posix()}\0{file_hash(path)}\n".encode())
    return total.hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """Versions that can change a figure or a byte of a deliverable."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}}


def step_key(step: str, inputs: Mapping[str, str], rules: str, **more: str) -> str:
    """What `step` depends on, as one hash: inputs, rules, code and library versions, never a date."""
    parts = {
        "step": step,
        "inputs": dict(inputs),
        "rules": rules,
        "code": code_digest(),
        "libraries": library_versions(),
        **more,
    }
    return _digest(_json(parts))
