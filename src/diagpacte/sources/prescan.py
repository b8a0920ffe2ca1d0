"""One pass over the XML of an .xlsx before any engine opens it: is it safe, and what would an engine hide?

Engines differ in what they lose: one blanks error cells and aborts the process on a far-away cell,
the other has no merged ranges; both show a formula without stored result as blank.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from diagpacte.errors import Fault, SourceError
from diagpacte.sources.cell_names import Cell, cell_name, column_number
from diagpacte.sources.rules import ReadingLimits
from diagpacte.sources.sniffing import encrypted

CHUNK = 1 << 20
SMALL_PART = 10_000_000  # bytes; below, a high compression ratio is no danger
BUILT_IN_PERCENT = {"9": "0%", "10": "0.00%"}
DIGITS = "0123456789"

Area = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass
class SheetFacts:
    """What the XML of one sheet says; rows and columns count from 1."""

    name: str
    hidden: bool = False
    rows: int = 0  # last row and last column with a filled cell, within the limits
    columns: int = 0
    outside: list[str] = field(default_factory=list)  # filled cells beyond the limits
    merged: list[Area] = field(default_factory=list)
    errors: dict[Cell, str] = field(default_factory=dict)  # « #N/A », « #DIV/0! »…
    uncached: set[Cell] = field(default_factory=set)  # formulas without a stored result
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    formats: dict[int, set[str]] = field(default_factory=dict)  # number formats of the numbers of a column


def prescan(path: Path, limits: ReadingLimits) -> list[SheetFacts]:
    """The facts of every worksheet of `path`, in the order of the workbook.

    Raises SourceError when the archive is damaged, encrypted or beyond `limits`, or its XML hostile.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(path, archive, limits)
            sheets = _worksheets(archive)
            scanned = {part for _, _, part in sheets}
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")) and name not in scanned:
                    _refuse_doctype(archive, name)
            formats = _number_formats(archive)
            return [_scan(archive, part, SheetFacts(name, hidden), formats, limits) for name, hidden, part in sheets]
    except (DefusedXmlException, _DoctypeError) as error:
        raise SourceError(
            Fault(
                path.name,
                found="déclaration DOCTYPE ou entité XML interdite",
                expected="un classeur tel qu’Excel ou LibreOffice l’enregistre",
                remedy="ne pas ouvrir ce fichier ; le redemander à son producteur",
            )
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise damaged(path, "archive zip incomplète, ou dont le contrôle est faux") from error
    except (expat.ExpatError, ParseError, KeyError, ValueError) as error:
        raise damaged(path, "XML mal formé, ou partie absente") from error


def damaged(path: Path, reason: str) -> SourceError:
    """The error of a file whose bytes are truncated or spoiled."""
    return SourceError(
        Fault(
            path.name,
            found=f"fichier tronqué ou abîmé ({reason})",
            expected="un classeur complet",
            remedy="le télécharger ou le copier de nouveau",
        )
    )


class _DoctypeError(Exception):
    """A part declares a document type."""


def _check_sizes(path: Path, archive: zipfile.ZipFile, limits: ReadingLimits) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted(path)
    total = sum(part.file_size for part in parts)
    if total > limits.max_unzipped_mb * 1_000_000:
        raise _bomb(path, f"{total // 1_000_000} Mo une fois décompressé", f"{limits.max_unzipped_mb} Mo au plus")
    for part in parts:
        if part.file_size > SMALL_PART and part.file_size > limits.max_ratio * max(part.compress_size, 1):
            ratio = part.file_size // max(part.compress_size, 1)
            raise _bomb(
                path, f"« {part.filename} » compressé {ratio} fois", f"un rapport de {limits.max_ratio} au plus"
            )


def _bomb(path: Path, found: str, expected: str) -> SourceError:
    return SourceError(
        Fault(
            path.name,
            found=f"archive démesurée : {found}",
            expected=expected,
            remedy="vérifier d’où vient ce fichier ; s’il est sûr, relever la limite dans [reading] de diagpacte.toml",
        )
    )


def _refuse_doctype(archive: zipfile.ZipFile, name: str) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    # What is malformed after its prolog is the affair of the engine, if it ever reads this part.
    with archive.open(name) as part, suppress(expat.ExpatError):
        _feed(parser, part)


def _refuse(*_: object) -> None:
    raise _DoctypeError


def _feed(parser: expat.XMLParserType, part: IO[bytes]) -> None:
    while chunk := part.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _worksheets(archive: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """Name, hidden or not, and part of each worksheet."""
    root = _relations(archive, "_rels/.rels", "")
    book = {kind.rpartition("/")[2]: target for kind, target in root.values()}["officeDocument"]
    folder, file = posixpath.split(book)
    relations = _relations(archive, f"{folder}/_rels/{file}.rels", folder)
    found = []
    for element in fromstring(archive.read(book), forbid_dtd=True).iter():
        if _local(element.tag) == "sheet":
            kind, part = relations[{_local(name): value for name, value in element.attrib.items()}["id"]]
            if kind.endswith("/worksheet"):
                found.append((element.attrib["name"], element.attrib.get("state", "visible") != "visible", part))
    if len({name for name, _, _ in found}) < len(found):
        raise ValueError("deux feuilles du même nom")
    return found


def _relations(archive: zipfile.ZipFile, name: str, folder: str) -> dict[str, tuple[str, str]]:
    found = {}
    for element in fromstring(archive.read(name), forbid_dtd=True):
        target = element.attrib["Target"]
        place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[element.attrib["Id"]] = (element.attrib["Type"], place)
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _number_formats(archive: zipfile.ZipFile) -> list[str]:
    """The number format of each cell style, in the order of the styles part."""
    name = next((part for part in archive.namelist() if part.endswith("/styles.xml")), None)
    if name is None:
        return []
    root = fromstring(archive.read(name), forbid_dtd=True)
    codes = dict(BUILT_IN_PERCENT)
    for element in root.iter():
        if _local(element.tag) == "numFmt":
            codes[element.attrib["numFmtId"]] = element.attrib.get("formatCode", "")
    styles = next((element for element in root if _local(element.tag) == "cellXfs"), ())
    return [codes.get(style.attrib.get("numFmtId", "0"), "") for style in styles]


def _scan(
    archive: zipfile.ZipFile, name: str, facts: SheetFacts, formats: list[str], limits: ReadingLimits
) -> SheetFacts:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    scan = _SheetScan(parser, facts, limits)
    parser.StartElementHandler = scan.start
    with archive.open(name) as part:
        _feed(parser, part)
    scan.close_cell()
    for column, style in scan.styles:
        place = int(style or 0)
        facts.formats.setdefault(column, set()).add(formats[place] if place < len(formats) else "")
    return facts


class _ColumnNumbers(dict[str, int]):
    """Column numbers by letters, each computed once."""

    def __missing__(self, letters: str) -> int:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise ValueError(f"référence de cellule « {letters} »")
        self[letters] = column_number(letters)
        return self[letters]


class _LocalNames(dict[str, str]):
    """Tags without their prefix: an engine may ignore namespaces, so the guard does too."""

    def __missing__(self, tag: str) -> str:
        self[tag] = tag.rpartition(":")[2]
        return self[tag]


class _SheetScan:
    """Fills the facts of one sheet. `start` is called millions of times: it calls nothing it can avoid."""

    def __init__(self, parser: expat.XMLParserType, facts: SheetFacts, limits: ReadingLimits) -> None:
        self.parser, self.facts, self.limits = parser, facts, limits
        self.names, self.numbers = _LocalNames(), _ColumnNumbers()
        self.row, self.row_text, self.column, self.widest = 0, "0", 0, 0
        self.style: str | None = None
        self.styles: set[tuple[int, str | None]] = set()  # column and style of every number
        self.fresh_row = self.number = self.string = self.error = self.formula = False
        self.text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self.names[tag]
        if name == "v":
            if self.fresh_row or self.column > self.widest:
                self._extend()
            if self.number:
                self.styles.add((self.column, self.style))
            if self.formula or self.error:
                self.parser.CharacterDataHandler = self._characters
        elif name == "c":
            if self.formula or self.error:
                self.close_cell()
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                letters = reference.rstrip(DIGITS)
                if reference[len(letters) :] != self.row_text:
                    self._row(reference[len(letters) :])
                self.column = self.numbers[letters]
            kind, self.style = attributes.get("t"), attributes.get("s")
            self.number = kind is None or kind == "n"
            if not self.number:
                self.string, self.error = kind == "str", kind == "e"
        else:
            self._rare(name, attributes)

    def _rare(self, name: str, attributes: dict[str, str]) -> None:
        hidden = attributes.get("hidden") in ("1", "true")
        if name == "row":
            self._row(attributes.get("r", str(self.row + 1)))
            if hidden:
                self.facts.hidden_rows.append(self.row)
        elif name == "is":
            self._extend()
        elif name == "f":
            self.formula = True
            self._extend()
        elif name == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            self.facts.merged.append((*_parse(first), *_parse(last or first)))
        elif name == "col" and hidden:
            last_column = min(int(attributes["max"]), self.limits.max_columns)
            self.facts.hidden_columns.extend(range(int(attributes["min"]), last_column + 1))

    def _row(self, number: str) -> None:
        self.close_cell()
        self.row, self.row_text, self.column, self.fresh_row = int(number), number, 0, True

    def _extend(self) -> None:
        """A filled cell farther than those before, or the first of its row."""
        if self.row > self.limits.max_rows or self.column > self.limits.max_columns:
            if cell_name(self.row, self.column) not in self.facts.outside[-1:]:
                self.facts.outside.append(cell_name(self.row, self.column))
            return
        self.fresh_row = False
        self.widest = self.facts.columns = max(self.widest, self.column)
        self.facts.rows = max(self.facts.rows, self.row)

    def _characters(self, text: str) -> None:
        self.text += text

    def close_cell(self) -> None:
        """Judge the cell just left, when it holds a formula or an error."""
        if self.error:
            self.facts.errors[self.row, self.column] = self.text.strip() or "#N/A"
        elif self.formula and not self.text.strip() and (self.number or not self.string):
            self.facts.uncached.add((self.row, self.column))
        self.formula = self.error = False
        self.text = ""
        self.parser.CharacterDataHandler = None


def _parse(reference: str) -> Cell:
    letters = reference.replace("$", "").rstrip(DIGITS)
    return int(reference.replace("$", "")[len(letters) :]), column_number(letters)
