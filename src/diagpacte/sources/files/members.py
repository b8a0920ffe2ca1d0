"""What an archive of tables holds, as insee.fr serves them: each table copied aside under a name of ours."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from diagpacte.sources.files.archives import opened, pieces
from diagpacte.sources.files.refusals import hostile, refusals, shown
from diagpacte.sources.files.sheet_facts import Unread
from diagpacte.sources.rules import ReadingLimits

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv")
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz")
# A CSV that describes the columns of the others.
DESCRIPTION = re.compile(
    r"(^|[^a-z])(meta(data|donn[eé]es)?|varmod|dictionnaire|documentation|lisez[-_ ]?moi)([^a-z]|$)"
)


@dataclass(frozen=True)
class Member:
    """A table of an archive: its name there, and its copy."""

    name: str
    path: Path


@dataclass(frozen=True)
class Members:
    """The tables of an archive, in its order, and what is not read."""

    tables: list[Member] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


@contextmanager
def unpacked(path: Path, limits: ReadingLimits) -> Iterator[Members]:
    """Copies of the tables of the zip `path`, for as long as the block lasts.

    Raises SourceError naming the member for an archive inside the archive, an encrypted or unsafe
    member, two of the same name, or anything beyond `limits`, counted while it inflates.
    """
    with refusals(path), opened(path, limits, "membre") as archive, tempfile.TemporaryDirectory() as folder:
        found = Members()
        for rank, part in enumerate(archive.infolist()):
            reason = _why_unread(part)
            if part.is_dir():
                continue
            if reason:
                found.unread.append(Unread(shown(part.filename), reason))
            else:
                # Our name, but for what Windows and engines tell the kind by.
                copy = Path(folder) / f"{rank}{PurePosixPath(part.filename).suffix.lower()}"
                _copy(archive, part, copy)
                found.tables.append(Member(shown(part.filename), copy))
        yield found


def _copy(archive: zipfile.ZipFile, part: zipfile.ZipInfo, copy: Path) -> None:
    with copy.open("wb") as file:
        for piece in pieces(archive, part):
            file.write(piece)


def _why_unread(part: zipfile.ZipInfo) -> str:
    """Why a member is no table to read, « » when it is one. A RefusedError for an archive."""
    name = PurePosixPath(part.filename)
    suffix = name.suffix.lower()
    if suffix in ARCHIVES:
        raise hostile(f"une archive dans l’archive : « {shown(part.filename)} »", "des classeurs ou des CSV")
    if name.name.startswith((".", "~$")) or "__MACOSX" in name.parts:
        return "fichier du système"
    if suffix in TEXTS and DESCRIPTION.search(name.stem.lower()):
        return "description des données, pas des données"
    if suffix not in (*WORKBOOKS, *TEXTS):
        return "ni classeur ni CSV"
    return ""
