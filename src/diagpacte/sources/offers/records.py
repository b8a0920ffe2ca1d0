"""From a file of offers to its records as published; the format is told by the content, not the name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import from_json

from diagpacte.errors import Fault, Severity, SourceError
from diagpacte.sources.offers.faults import offer_fault

SEPARATORS = ",;\t"
HEAD_BYTES = 1 << 20
BOM = b"\xef\xbb\xbf"


class FileFormat(StrEnum):
    """What a file is inside; the values are printed."""

    CSV = "CSV"
    JSON = "JSON"
    PARQUET = "Parquet"
    WORKBOOK = "classeur"
    WEB_PAGE = "page web"
    PDF = "PDF"


SIGNATURES = (
    (b"PK\x03\x04", FileFormat.WORKBOOK),
    (b"\xd0\xcf\x11\xe0", FileFormat.WORKBOOK),
    (b"PAR1", FileFormat.PARQUET),
    (b"%PDF", FileFormat.PDF),
    (b"<", FileFormat.WEB_PAGE),
    (b"[", FileFormat.JSON),
    (b"{", FileFormat.JSON),
)


@dataclass(frozen=True)
class Records:
    """The records of a file, by column: one list per published heading, None where nothing is published.

    Record i stands on row `first_row` + i: a spreadsheet's line in a CSV (its headings are line 1),
    the rank of the record elsewhere. `text_only` says that numbers and lists are still text (CSV).
    """

    columns: dict[str, list[Any]]
    size: int
    first_row: int = 1
    text_only: bool = False
    faults: tuple[Fault, ...] = ()


def file_format(path: Path) -> FileFormat:
    """What `path` is inside. Raises SourceError when it is absent, empty or cannot be opened."""
    start = _head(path, 512).removeprefix(BOM).lstrip()
    if not start:
        raise SourceError(Fault(path.name, found="fichier vide", remedy="le télécharger de nouveau"))
    return next((kind for signature, kind in SIGNATURES if start.startswith(signature)), FileFormat.CSV)


def headings(path: Path) -> tuple[str, ...]:
    """The column names of a CSV, JSON or Parquet file; none for another format.

    Raises SourceError as `read_records` does.
    """
    kind = file_format(path)
    if kind is FileFormat.PARQUET:
        return tuple(_parquet(path, pq.read_schema).names)
    if kind is FileFormat.CSV:
        first = next(iter(_decode(_head(path, HEAD_BYTES))[0].splitlines()), "").replace("\0", "")
        return tuple(next(csv.reader([first], delimiter=_separator(first)), ()))
    if kind is FileFormat.JSON:
        text = _decode(_head(path, HEAD_BYTES))[0].lstrip().removeprefix("[").lstrip()
        try:
            record, _ = json.JSONDecoder().raw_decode(text)
        except json.JSONDecodeError:  # broken, empty, or a first record longer than what was read
            return _names(_read_json(path))
        return tuple(record) if isinstance(record, dict) else ()
    return ()


def read_records(path: Path, separator: str = ",") -> Records:
    """Every record of a CSV, JSON or Parquet file.

    A CSV is read with the separator that its headings show; one that is not `separator` is said.
    Raises SourceError, in French, for what cannot be read.
    """
    kind = file_format(path)
    if kind is FileFormat.CSV:
        return _read_csv(path, separator)
    if kind is FileFormat.JSON:
        records = _read_json(path)
        return Records({name: [record.get(name) for record in records] for name in _names(records)}, len(records))
    if kind is FileFormat.PARQUET:
        data = _parquet(path, pq.read_table)
        return Records({name: data[name].to_pylist() for name in data.column_names}, data.num_rows)
    raise SourceError(not_a_table(path, kind))


def not_a_table(path: Path, kind: FileFormat) -> Fault:
    """The fault of a file whose content is no table of offers."""
    found = f"le contenu est « {kind} », pas une liste d’offres"
    remedy = "donner l’export CSV, JSON ou Parquet"
    if kind is FileFormat.WEB_PAGE:
        found = "c’est une page web, pas des données (page de connexion ou d’erreur enregistrée sous ce nom)"
        remedy = "télécharger de nouveau le fichier depuis le site du producteur"
    return offer_fault(path.name, found, expected="CSV, JSON ou Parquet", remedy=remedy, severity=Severity.BLOCKING)


def _head(path: Path, size: int) -> bytes:
    if path.is_dir():
        raise SourceError(Fault(path.name, found="c’est un dossier", remedy="désigner le fichier lui-même"))
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except FileNotFoundError as error:
        fault = Fault(path.name, found="fichier introuvable", remedy="vérifier le chemin et le nom")
        raise SourceError(fault) from error
    except OSError as error:
        fault = Fault(path.name, found="le fichier ne s’ouvre pas", remedy="le fermer dans tout autre programme")
        raise SourceError(fault) from error


def _decode(data: bytes) -> tuple[str, bool]:
    """Text and whether it was UTF-8; a cut in the middle of a character is ignored."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="ignore"), False
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and len(data) == HEAD_BYTES:
            return data[: error.start].decode("utf-8-sig"), True
        return data.decode("cp1252", errors="replace"), False


def _separator(first_line: str) -> str:
    return max(SEPARATORS, key=lambda mark: len(next(csv.reader([first_line], delimiter=mark), ())))


def _read_csv(path: Path, expected: str) -> Records:
    text, is_utf8 = _decode(path.read_bytes())
    separator = _separator(text.partition("\n")[0])
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype=object,
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SourceError(_broken_csv(path, str(error))) from error
    if not isinstance(table.index, pd.RangeIndex):  # pandas took the cells in excess for an index
        raise SourceError(_broken_csv(path, "more cells in line 2,"))
    columns = {str(name): cells.where(cells.notna(), None).tolist() for name, cells in table.items()}
    remarks = tuple(_csv_remarks(path, separator, expected, is_utf8))
    return Records(columns, len(table), first_row=2, text_only=True, faults=remarks)


def _csv_remarks(path: Path, separator: str, expected: str, is_utf8: bool) -> Iterator[Fault]:
    names = {",": "virgule", ";": "point-virgule", "\t": "tabulation"}
    remedy = "préférer l’export d’origine, non réenregistré par un tableur"
    if separator != expected:
        found = f"colonnes séparées par {names[separator]} : le fichier est lu ainsi"
        yield offer_fault(path.name, found, expected=names.get(expected, expected), remedy=remedy)
    if not is_utf8:
        found = "accents codés à la façon de Windows (cp1252) : le fichier est lu ainsi"
        yield offer_fault(path.name, found, expected="UTF-8", remedy=remedy)


def _broken_csv(path: Path, message: str) -> Fault:
    place = message.partition(" in line ")[2].partition(",")[0]
    return offer_fault(
        path.name,
        "plus de cellules que d’en-têtes" if place else "CSV illisible",
        [int(place)] if place.isdigit() else (),
        expected="autant de cellules que d’en-têtes à chaque ligne",
        remedy="télécharger de nouveau l’export, ou corriger cette ligne",
        severity=Severity.BLOCKING,
    )


def _read_json(path: Path) -> list[dict[str, Any]]:
    try:
        records = from_json(path.read_bytes().removeprefix(BOM))
    except ValueError as error:
        raise SourceError(_broken_json(path, str(error))) from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise SourceError(
            offer_fault(
                path.name,
                "le JSON n’est pas une liste d’enregistrements",
                expected="une liste [ {…}, {…} ]",
                remedy="donner le fichier complet de l’export",
                severity=Severity.BLOCKING,
            )
        )
    return records


def _names(records: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for record in records for name in record))


def _broken_json(path: Path, message: str) -> Fault:
    place = re.search(r"line (\d+) column (\d+)", message)
    return offer_fault(
        path.name,
        "JSON interrompu ou mal formé" + (f", caractère {place[2]}" if place else ""),
        [int(place[1])] if place else (),
        remedy="télécharger de nouveau le fichier",
        severity=Severity.BLOCKING,
    )


def _parquet(path: Path, read: Callable[[Path], Any]) -> Any:
    try:
        return read(path)
    except (OSError, pa.ArrowException) as error:
        fault = Fault(path.name, found="Parquet illisible ou interrompu", remedy="télécharger de nouveau le fichier")
        raise SourceError(fault) from error
