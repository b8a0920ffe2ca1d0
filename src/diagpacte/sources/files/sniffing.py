"""What a file is, from its bytes and never from its name."""

from __future__ import annotations

import struct
import zipfile
import zlib
from enum import Enum, auto
from pathlib import Path

from diagpacte.errors import Fault, FaultKind, SourceError
from diagpacte.sources.files.refusals import encrypted, refusals, shown
from diagpacte.sources.files.text_tables import text_rows

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXPECTED = "un classeur (.xlsx, .xls, .xlsb, .ods) ou un fichier texte à colonnes (.csv)"
FOREIGN = (
    (b"%PDF", "un document PDF"),
    (b"\x89PNG", "une image PNG"),
    (b"\xff\xd8\xff", "une image JPEG"),
    (b"GIF8", "une image GIF"),
    (b"PK\x05\x06", "une archive zip vide"),
    (b"\x1f\x8b", "une archive gzip"),
    (b"7z\xbc\xaf", "une archive 7z"),
    (b"Rar!", "une archive RAR"),
    (b"PAR1", "une table Parquet"),
    (b"SQLite format 3", "une base SQLite"),
    (b"{\\rtf", "un document RTF"),
)
MARKUP = ((b"<!doctype html", "une page web (HTML)"), (b"<html", "une page web (HTML)"), (b"<?xml", "un document XML"))
UNREADABLE_ZIP = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error,
    OverflowError,
)  # fmt: skip


class FileKind(Enum):
    """How a file is read."""

    XLSX = auto()
    XLSB = auto()
    XLS = auto()
    ODS = auto()
    ARCHIVE = auto()  # a zip that holds tables
    TEXT = auto()


TABLES = tuple((end, FileKind.ARCHIVE) for end in (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv"))


def sniff(path: Path) -> FileKind:
    """The kind of `path`; SourceError when it is absent, locked, empty, or no table at all."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError as error:
        raise _unreadable(path, "fichier introuvable", remedy="vérifier son nom et son dossier") from error
    except IsADirectoryError as error:
        raise _unreadable(path, "c’est un dossier", remedy="désigner le fichier lui-même") from error
    except OSError as error:
        raise _unreadable(
            path,
            f"fichier impossible à ouvrir ({error.strerror})",
            remedy="le fermer dans Excel, ou vérifier ses droits",
        ) from error
    if not head:
        raise _unreadable(path, "fichier vide (0 octet)", remedy="le télécharger ou le copier de nouveau")
    if head.startswith(ZIP):
        return _zip_kind(path)
    if head.startswith(OLE):
        return _ole_kind(path)
    foreign = _foreign(head)
    if foreign:
        raise _foreign_error(path, foreign)
    return FileKind.TEXT


def _unreadable(path: Path, found: str, expected: str = "", remedy: str = "") -> SourceError:
    return SourceError(Fault(path.name, found=found, expected=expected, remedy=remedy, kind=FaultKind.FILE))


def _foreign_error(path: Path, what: str) -> SourceError:
    return _unreadable(
        path,
        f"ce n’est pas un tableau : le contenu est {what}, quel que soit le nom du fichier",
        EXPECTED,
        "demander le fichier d’origine à son producteur, ou en extraire le tableau dans un classeur",
    )


def _foreign(head: bytes) -> str:
    for mark, what in FOREIGN:
        if head.startswith(mark):
            return what
    if ZIP in head:
        return "une archive ou un classeur abîmé : des octets étrangers le précèdent"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, what in MARKUP:
        if text.startswith(mark):
            return what
    if text[:1] in (b"{", b"["):
        return "du JSON"
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "" if utf16 or b"\0" not in head else "d’un format inconnu"


def _zip_kind(path: Path) -> FileKind:
    """Which of the many formats that are zip archives; a truncated one is left to the reader of .xlsx."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = _mimetype(archive) if "mimetype" in names else ""
    except UNREADABLE_ZIP:
        return FileKind.XLSX
    if "spreadsheet" in kind:
        return FileKind.ODS
    for end, found in (("workbook.bin", FileKind.XLSB), ("workbook.xml", FileKind.XLSX), *TABLES):
        if any(name.lower().endswith(end) for name in names):
            return found
    if any(name.startswith("word/") for name in names) or "opendocument.text" in kind:
        raise _foreign_error(path, "un document de traitement de texte")
    if any(name.startswith("ppt/") for name in names) or "opendocument.presentation" in kind:
        raise _foreign_error(path, "une présentation")
    raise _unreadable(
        path,
        f"archive zip sans aucun tableau, qui contient {', '.join(map(shown, names[:3])) or 'rien'}",
        EXPECTED,
        "décompresser l’archive et désigner le classeur qu’elle contient",
    )


def _mimetype(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as part:
        return part.read(100).decode("ascii", "replace")


def _ole_kind(path: Path) -> FileKind:
    """An .xls, unless the container only holds an encrypted .xlsx or another Office document."""
    raw = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in raw:
        raise encrypted().error(path.name)
    if "Workbook".encode("utf-16-le") in raw or "Book".encode("utf-16-le") in raw:
        return FileKind.XLS
    raise _foreign_error(path, "un ancien document Office qui n’est pas un classeur, ou un .xls tronqué")


def read_text_table(path: Path) -> list[list[str]]:
    """The records of a text file: UTF-8 with or without BOM, UTF-16 or Windows latin; `;`, tab or `,`."""
    with refusals(path):
        return list(text_rows(path))
