"""Zip archives under limits: nothing an archive declares about itself is believed.

Sizes are those counted while inflating, names are never paths, and two members never share a name.
"""

from __future__ import annotations

import copy
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from diagpacte.sources.files.budget import MB
from diagpacte.sources.files.refusals import RefusedError, damaged, encrypted, hostile, oversized, shown
from diagpacte.sources.rules import ReadingLimits

PIECE = 1 << 18  # bytes read at a time
SMALL_PART = 10 * MB  # below, a high compression ratio is no danger
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two of the standard; others are not all read alike
UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|[\x00-\x1f\x7f]|^$")
END_OF_CENTRAL_DIRECTORY = struct.Struct("<4s4H2LH")
# What `zipfile` raises on spoiled bytes, besides its own error; OSError for a place before the beginning.
SPOILED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, UnicodeDecodeError, OverflowError,
    ValueError, RuntimeError, OSError,
)  # fmt: skip


@contextmanager
def opened(path: Path, limits: ReadingLimits, what: str = "partie") -> Iterator[zipfile.ZipFile]:
    """The archive of `path`, its table of contents within `limits`.

    `what` is the word for its members. Raises RefusedError.
    """
    check_size(path, limits)
    try:
        archive = zipfile.ZipFile(path)
    except SPOILED as error:
        raise damaged("archive zip incomplète, ou dont le contrôle est faux") from error
    with archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise encrypted(next(part.filename for part in parts if part.flag_bits & 1) if what != "partie" else "")
        _check_names(parts, what)
        _check_sizes(parts, limits, what)
        yield archive


def check_size(path: Path, limits: ReadingLimits) -> None:
    """Refuse a file that is too large to be read, before it is."""
    size = path.stat().st_size
    if size > limits.max_file_mb * MB:
        raise oversized(f"{size // MB} Mo", f"{limits.max_file_mb} Mo au plus", "max_file_mb")


def pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Generator[bytes, None, None]:
    """The bytes of `part`, a piece at a time; a RefusedError when they are not those announced."""
    # `zipfile` stops at the size announced; engines do not. A little more shows who lies.
    real = copy.copy(part)
    real.file_size = part.file_size + 2 * PIECE
    size = 0
    try:
        with archive.open(real) as stream:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > part.file_size:
                    raise _lying(part)
                yield piece
    except SPOILED as error:
        reason = f"« {shown(part.filename)} » : archive zip incomplète, ou dont le contrôle est faux"
        raise damaged(reason) from error
    if size != part.file_size:
        raise _lying(part)


def _lying(part: zipfile.ZipInfo) -> RefusedError:
    found = f"« {shown(part.filename)} » n’a pas, une fois décompressé, la taille que l’archive annonce"
    return hostile(found, f"{part.file_size} octets")


def is_plain(archive: zipfile.ZipFile, path: Path) -> bool:
    """Whether every reader of zip finds the same table of contents: one, at the very end, without comment."""
    with path.open("rb") as file:
        file.seek(-END_OF_CENTRAL_DIRECTORY.size, 2)
        mark, *numbers = END_OF_CENTRAL_DIRECTORY.unpack(file.read())
    disk, first_disk, here, count, size, offset, comment = numbers
    ends = offset + size + END_OF_CENTRAL_DIRECTORY.size == path.stat().st_size
    one_disk = (disk, first_disk, comment) == (0, 0, 0) and here == count == len(archive.infolist())
    return mark == b"PK\x05\x06" and one_disk and ends and offset == archive.start_dir


def _check_names(parts: Sequence[zipfile.ZipInfo], what: str) -> None:
    seen: set[str] = set()
    for part in parts:
        name = part.orig_filename
        if UNSAFE_NAME.search(name) or stat.S_ISLNK(part.external_attr >> 16):
            raise hostile(f"nom de {what} interdit : « {shown(name)} »", "des noms sans chemin absolu ni « .. »")
        if name.casefold() in seen:
            raise hostile(f"deux {what}s du même nom : « {shown(name)} »", "des noms différents")
        seen.add(name.casefold())


def _check_sizes(parts: Sequence[zipfile.ZipInfo], limits: ReadingLimits, what: str) -> None:
    most = ("max_parts", limits.max_parts) if what == "partie" else ("max_members", limits.max_members)
    if len(parts) > most[1]:
        raise oversized(f"{len(parts)} {what}s", f"{most[1]} au plus", most[0])
    total = sum(part.file_size for part in parts)
    if total > limits.max_unzipped_mb * MB:
        found, expected = f"{total // MB} Mo une fois décompressé", f"{limits.max_unzipped_mb} Mo au plus"
        largest = max(parts, key=lambda part: part.file_size).filename
        raise oversized(f"{found}, à commencer par « {shown(largest)} »", expected, "max_unzipped_mb")
    for part in parts:
        if part.compress_type not in METHODS:
            raise damaged(f"« {shown(part.filename)} » : compression que le format n’admet pas")
        ratio = part.file_size // max(part.compress_size, 1)
        if part.file_size > SMALL_PART and ratio > limits.max_ratio:
            found = f"« {shown(part.filename)} » compressé {ratio} fois"
            raise oversized(found, f"un rapport de {limits.max_ratio} au plus", "max_ratio")
