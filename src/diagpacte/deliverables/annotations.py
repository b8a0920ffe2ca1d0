"""A copy of a received workbook with its faults in place: cells coloured and commented, and a summary sheet.

The copy is made by openpyxl, which drops what it does not know; a workbook that would lose something is refused.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from copy import copy
from itertools import islice
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color

from diagpacte.deliverables.annotation_list import AUTHOR, FILLS, INK, SHEET, Subject, book_bytes, shortened, write_list
from diagpacte.deliverables.fault_words import Area, cell_count, expected_and_nearest, rectangles, worst_first
from diagpacte.deliverables.french import NBSP, capital, counted
from diagpacte.deliverables.sheet_content import clean
from diagpacte.errors import Fault, Severity

Place = tuple[str, int, int]  # sheet, row, column

LARGEST = 40_000_000  # bytes of its sheets once unzipped: beyond, a copy would not fit in memory
KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core|custom)\.xml|docProps/thumbnail\.\w+|customXml/.*|.*/"
    r"|xl/(workbook|styles|sharedStrings|calcChain)\.xml|xl/_rels/.*|xl/theme/[^/]*|xl/printerSettings/[^/]*"
    r"|xl/worksheets/[^/]+\.xml|xl/worksheets/_rels/[^/]*|xl/tables/[^/]*|xl/comments[^/]*\.xml|xl/comments/[^/]*"
    r"|xl/drawings/[^/]*\.vml"
)
LOST = (
    (r"xl/vba|xl/macrosheets", "des macros"),
    (r"xl/externalLinks", "des liens vers d’autres classeurs"),
    (r"xl/pivot", "des tableaux croisés"),
    (r"xl/chart", "des graphiques"),
    (r"xl/media", "des images"),
    (r"xl/threadedComments|xl/persons", "des fils de discussion"),
    (r"xl/(ctrlProps|activeX|embeddings)|customUI", "des boutons ou des objets"),
    (r"xl/(connections|queryTables|model)", "des liaisons avec des données externes"),
    (r"xl/(drawings|diagrams)", "des dessins"),
    (r"_xmlsignatures", "une signature électronique"),
)
LOST_IN_SHEETS = re.compile(rb"<(?:\w+:)?(?P<tag>f|extLst|AlternateContent|controls|oleObjects)[\s/>]")
HARMLESS = re.compile("no default style|no stylesheet")  # warnings that announce no loss
MOST_COLOURED = 20_000  # cells of one fault
MOST_COMMENTED = 200  # cells of one fault: beyond, only the first of each range
MOST_COMMENTS = 2_000  # of a workbook
LONGEST_COMMENT, SHOWN_RANGES = 1_500, 12
COMMENT_CHARACTERS, COMMENT_WIDTH, COMMENT_LINE, TALLEST_COMMENT = 50, 360, 18, 460  # a line; pixels
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
NOTE = (
    "Les cellules en cause sont colorées dans ce classeur, et un commentaire y dit pourquoi ; un clic dans la colonne "
    "« Aller à » y mène. Les valeurs sont celles du fichier reçu."
)


class CopyRefusedError(Exception):
    """The workbook cannot be copied without losing something; the message says what, as a sentence."""


def annotated_copy(original: bytes, subject: Subject) -> bytes:
    """The workbook `original` with the faults of `subject` in place, the same bytes each time.

    Raises CopyRefusedError when it is no workbook that can be copied whole.
    """
    _refuse_losses(original)
    book = _opened(original)
    _forget_earlier(book)
    _annotate(book, subject.faults)
    summary = book.create_sheet(SHEET)
    write_list(summary, subject, NOTE, linked=True)
    book.active = summary
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is summary
    return book_bytes(book, subject.as_of, dated=_has_creation_date(original))


def _annotate(book: Any, faults: Sequence[Fault]) -> None:
    comments = 0
    for (name, row, column), told in _by_cell(book, faults).items():
        cell = book[name].cell(row, column)
        _colour(cell, told[0][0].severity)
        said = [fault for fault, commented in told if commented]
        if said and comments < MOST_COMMENTS:
            _comment(cell, said)
            comments += 1


def _refuse_losses(original: bytes) -> None:
    """Refuse what openpyxl would drop, by the parts of the archive and by the elements of its sheets."""
    try:
        with zipfile.ZipFile(io.BytesIO(original)) as archive:
            parts = [part.filename for part in archive.infolist()]
            if "xl/workbook.xml" not in parts:
                raise CopyRefusedError("ce n’est pas un classeur .xlsx")
            unknown = [name for name in parts if not KEPT.fullmatch(name)]
            drawn = any(name.endswith(".vml") for name in parts) and not any("comments" in name for name in parts)
            if unknown or drawn:
                raise CopyRefusedError(f"le classeur contient {_lost(unknown)}, que la copie perdrait")
            sheets = [part for part in archive.infolist() if re.fullmatch(r"xl/worksheets/[^/]+", part.filename)]
            if sum(part.file_size for part in sheets) > LARGEST:
                raise CopyRefusedError("le classeur est trop grand pour être recopié")
            for part in sheets:
                _refuse_elements(archive.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise CopyRefusedError("ce n’est pas un classeur .xlsx") from error


def _lost(parts: Sequence[str]) -> str:
    words = dict.fromkeys(words for pattern, words in LOST for name in parts if re.match(pattern, name))
    return ", ".join(words) or (f"une partie inconnue ({clean(parts[0])[:80]})" if parts else "des dessins")


def _refuse_elements(sheet: bytes) -> None:
    if b"\0" in sheet[:100]:
        raise CopyRefusedError("le classeur est écrit dans un encodage que la copie ne garderait pas")
    found = LOST_IN_SHEETS.search(sheet)
    if found and found["tag"] == b"f":
        raise CopyRefusedError("le classeur contient des formules, dont la copie perdrait les résultats")
    if found:
        raise CopyRefusedError("une feuille contient des réglages récents d’Excel, que la copie perdrait")


def _opened(original: bytes) -> Any:
    """The workbook in full. What openpyxl warns about is lost: the workbook is refused."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            book = openpyxl.load_workbook(io.BytesIO(original), rich_text=True)
        except Exception as error:  # openpyxl raises whatever a spoiled style makes it raise
            raise CopyRefusedError("ses mises en forme sont abîmées : Excel l’ouvre, d’autres outils non") from error
    if any(not HARMLESS.search(str(warning.message)) for warning in told):
        raise CopyRefusedError("le classeur contient des réglages que la copie perdrait")
    return book


def _has_creation_date(original: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        name = "docProps/core.xml"
        return name in archive.namelist() and b"created" in archive.read(name)


def _forget_earlier(book: Any) -> None:
    """Take out what an earlier copy left: its summary, its comments, its colours."""
    if SHEET not in book.sheetnames or book[SHEET].cell(1, 2).value != SHEET:
        return
    book.remove(book[SHEET])
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[-6:] in FILLS.values():
                cell.fill = PatternFill()
            if not isinstance(cell, MergedCell) and cell.comment and SHEET in cell.comment.text:
                kept = cell.comment.text.partition(SHEET)[0].strip()
                cell.comment = Comment(kept, cell.comment.author) if kept else None


def _by_cell(book: Any, faults: Sequence[Fault]) -> dict[Place, list[tuple[Fault, bool]]]:
    """Each faulty cell with its faults, worst first, and whether its comment says them."""
    told: dict[Place, list[tuple[Fault, bool]]] = {}
    for fault in worst_first(faults):
        areas = [area for area in rectangles(fault.cells) if area[2] <= MAX_ROW and area[3] <= MAX_COLUMN]
        if fault.sheet not in book.sheetnames:
            continue
        everywhere = cell_count(areas) <= MOST_COMMENTED
        for row, column, first in islice(_cells(areas), MOST_COLOURED):
            place = _shown(book[fault.sheet], row, column)
            told.setdefault(place, []).append((fault, everywhere or first))
    return told


def _cells(areas: Sequence[Area]) -> Iterator[tuple[int, int, bool]]:
    """Row and column of each cell, and whether it is the first of its range."""
    for top, left, bottom, right in areas:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                yield row, column, (row, column) == (top, left)


def _shown(sheet: Any, row: int, column: int) -> Place:
    """The cell that shows what stands in this one: itself, or the first of a merged range."""
    if isinstance(sheet.cell(row, column), MergedCell):
        for area in sheet.merged_cells.ranges:
            if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
                return sheet.title, area.min_row, area.min_col
    return sheet.title, row, column


def _colour(cell: Any, severity: Severity) -> None:
    """A light ground for the severity; the text is made dark, since a heading may be white."""
    cell.fill = PatternFill("solid", fgColor=FILLS[severity])
    font = copy(cell.font)
    font.color = Color(rgb=f"FF{INK}")
    cell.font = font


def _comment(cell: Any, faults: Sequence[Fault]) -> None:
    """One comment for all the faults of a cell, after what a person may have written there."""
    parts = [SHEET, *(_said(fault) for fault in dict.fromkeys(faults))]
    text = "\n\n".join(parts).replace(f"{SHEET}\n\n", f"{SHEET}\n", 1)
    if len(text) > LONGEST_COMMENT:
        text = f"{text[:LONGEST_COMMENT].rstrip()}… (suite dans la feuille « {SHEET} »)"
    before = cell.comment
    if before:
        text = f"{before.text.strip()}\n\n{text}"
    lines = sum(max(1, -(-len(line) // COMMENT_CHARACTERS)) for line in text.split("\n"))
    height = min(COMMENT_LINE * (lines + 1), TALLEST_COMMENT)
    cell.comment = Comment(text, before.author if before else AUTHOR, height, COMMENT_WIDTH)


def _said(fault: Fault) -> str:
    """« BLOQUANT – valeurs », then what was found, expected, and is to be done, a line each."""
    expected, nearest = expected_and_nearest(fault)
    areas = rectangles(fault.cells)
    lines = [
        f"{fault.severity.upper()} – {fault.kind}",
        f"Trouvé{NBSP}: {clean(fault.found)}",
        f"Attendu{NBSP}: {clean(expected)}" if expected else "",
        capital(clean(nearest)),
        f"Que faire{NBSP}: {clean(fault.remedy)}" if fault.remedy else "",
        _alike(areas) if cell_count(areas) > 1 else "",
    ]
    return "\n".join(line for line in lines if line)


def _alike(areas: Sequence[Area]) -> str:
    """« Même constat pour 3 cellules : E8:E9, E15 »."""
    more = "…" if len(areas) > SHOWN_RANGES else ""
    return f"Même constat pour {counted(cell_count(areas), 'cellule')}{NBSP}: {shortened(areas[:SHOWN_RANGES])}{more}"
