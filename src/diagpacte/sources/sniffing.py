"""What a file is, from its bytes and never from its name."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from enum import Enum, auto
from pathlib import Path

from diagpacte.errors import Fault, SourceError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXPECTED = "un classeur (.xlsx, .xls, .xlsb, .ods) ou un fichier texte à colonnes (.csv)"
FOREIGN = (
    (b"%PDF", "un document PDF"),
    (b"\x89PNG", "une image PNG"),
    (b"\xff\xd8\xff", "une image JPEG"),
    (b"GIF8", "une image GIF"),
    (b"\x1f\x8b", "une archive gzip"),
    (b"7z\xbc\xaf", "une archive 7z"),
    (b"Rar!", "une archive RAR"),
    (b"PAR1", "une table Parquet"),
    (b"SQLite format 3", "une base SQLite"),
    (b"{\\rtf", "un document RTF"),
)
MARKUP = ((b"<!doctype html", "une page web (HTML)"), (b"<html", "une page web (HTML)"), (b"<?xml", "un document XML"))
SEPARATORS = ";\t,"
SAMPLE_LINES = 100


class FileKind(Enum):
    """How a file is read."""

    XLSX = auto()
    OTHER_WORKBOOK = auto()  # .xls, .xlsb, .ods
    TEXT = auto()


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
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path)
    if head.startswith(OLE):
        return _ole_kind(path)
    foreign = _foreign(head)
    if foreign:
        raise _foreign_error(path, foreign)
    return FileKind.TEXT


def _unreadable(path: Path, found: str, expected: str = "", remedy: str = "") -> SourceError:
    return SourceError(Fault(path.name, found=found, expected=expected, remedy=remedy))


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
            kind = archive.read("mimetype").decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return FileKind.XLSX
    if "spreadsheet" in kind or any(name.endswith("workbook.bin") for name in names):
        return FileKind.OTHER_WORKBOOK
    if any(name.endswith("workbook.xml") for name in names):
        return FileKind.XLSX
    if any(name.startswith("word/") for name in names) or "opendocument.text" in kind:
        raise _foreign_error(path, "un document de traitement de texte")
    if any(name.startswith("ppt/") for name in names) or "opendocument.presentation" in kind:
        raise _foreign_error(path, "une présentation")
    raise _unreadable(
        path,
        f"archive zip, qui contient {', '.join(names[:3])}",
        EXPECTED,
        "décompresser l’archive et désigner le classeur qu’elle contient",
    )


def _ole_kind(path: Path) -> FileKind:
    """An .xls, unless the container only holds an encrypted .xlsx or another Office document."""
    raw = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in raw:
        raise encrypted(path)
    if "Workbook".encode("utf-16-le") in raw or "Book".encode("utf-16-le") in raw:
        return FileKind.OTHER_WORKBOOK
    raise _foreign_error(path, "un ancien document Office qui n’est pas un classeur")


def encrypted(path: Path) -> SourceError:
    """The error of a workbook behind a password."""
    return _unreadable(
        path,
        "classeur chiffré par un mot de passe",
        "un classeur lisible sans mot de passe",
        "l’ouvrir dans Excel, retirer le mot de passe (Fichier, Informations, Protéger) et l’enregistrer",
    )


def read_text_table(path: Path) -> list[list[str]]:
    """The records of a text file: UTF-8 with or without BOM, UTF-16 or Windows latin; `;`, tab or `,`."""
    raw = path.read_bytes()
    text = _decode(raw)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), strict=False))
    except csv.Error as error:
        raise _unreadable(
            path, f"texte à colonnes illisible ({error})", EXPECTED, "vérifier les guillemets du fichier"
        ) from error
    if rows and rows[0] and rows[0][0].lower().startswith("sep="):
        rows[0] = []  # a line for Excel alone; it still counts as line 1
    return rows


def _decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def separator(text: str) -> str:
    """The first of `;`, tab and `,` that most lines hold: decimal commas must not pass for columns."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    counts = Counter(mark for line in lines for mark in SEPARATORS if mark in line)
    return next((mark for mark in SEPARATORS if counts[mark] > len(lines) / 2), ";")
