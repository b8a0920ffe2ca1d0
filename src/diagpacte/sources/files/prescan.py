"""One pass over the XML of an .xlsx before any engine opens it: is it safe, and what would an engine hide?

Engines differ in what they lose: one blanks error cells, cuts a value at a comment and aborts the process
on a far-away cell; the other has no merged ranges and misplaces cells of rows without a number; both show
a formula without stored result as blank. Values of macros, links and embedded files are never fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from diagpacte.sources.files.archives import PIECE, is_plain, opened
from diagpacte.sources.files.budget import Budget
from diagpacte.sources.files.refusals import SAVE_AGAIN, damaged, hostile, refusals, shown
from diagpacte.sources.files.sheet_facts import Readable, SheetFacts, Unread
from diagpacte.sources.files.sheet_scan import scan_sheet
from diagpacte.sources.files.xml_guard import BLANK, KB, refused_doctype
from diagpacte.sources.files.xml_parts import BookFacts, Package, Relation, SheetEntry
from diagpacte.sources.rules import ReadingLimits

__all__ = ["Scan", "SheetFacts", "extras", "inspect_the_rest", "prescan", "scan_workbook"]

LONGEST_NAME = 255  # letters of the name of a sheet; Excel stops at 31
# Where the fast engine looks, whatever the relations of the workbook say.
USUAL_BOOK, USUAL_TEXTS, USUAL_STYLES = "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"
USUAL_PARTS = {part.casefold() for part in (USUAL_BOOK, USUAL_TEXTS, USUAL_STYLES)}
HEAVY_PART = 50_000  # tags; the careful engine makes an object of each
NOT_TABLES = {
    "chartsheet": "feuille de graphique",
    "dialogsheet": "feuille de dialogue",
    "xlMacrosheet": "feuille de macros : ni lue ni exécutée",
    "xlIntlMacrosheet": "feuille de macros : ni lue ni exécutée",
}
EXTRAS = (
    ("vbaProject.bin", "macros : ni lues ni exécutées"),
    ("xl/externalLinks/externalLink", "lien vers un autre classeur : non suivi, la valeur enregistrée est lue"),
    ("xl/connections.xml", "connexions à des données : non suivies, la valeur enregistrée est lue"),
    ("xl/embeddings/", "fichier incorporé : non ouvert"),
    ("xl/activeX/", "contrôle ActiveX : non ouvert"),
)


@dataclass
class Scan:
    """What is known of a workbook before an engine opens it."""

    sheets: list[SheetFacts] = field(default_factory=list)
    readable: list[Readable] = field(default_factory=list)  # sheet by sheet
    unread: list[Unread] = field(default_factory=list)


def prescan(path: Path, limits: ReadingLimits) -> list[SheetFacts]:
    """The facts of every worksheet of `path`, in the order of the workbook.

    Raises SourceError when the archive is damaged, encrypted or beyond `limits`, or its XML hostile.
    """
    with refusals(path):
        return scan_workbook(path, limits, Budget(limits)).sheets


def scan_workbook(path: Path, limits: ReadingLimits, budget: Budget) -> Scan:
    """All that is known of the .xlsx `path`, its cells and texts taken from `budget`; raises RefusedError."""
    with opened(path, limits) as archive:
        package = Package(archive, limits)
        book = package.book()
        relations = package.relations(book)
        entries = package.sheets(book, relations)
        _check_sheets(entries)
        texts = _place(relations, package, "sharedStrings", USUAL_TEXTS)
        styles = _place(relations, package, "styles", USUAL_STYLES)
        known = BookFacts(package.formats(styles) if styles else (), package.text_costs(texts, budget) if texts else ())
        usual = [book.casefold(), *(part.casefold() for part in (texts, styles) if part)]
        fast = package.plain and is_plain(archive, path) and set(usual) <= USUAL_PARTS
        scan = Scan()
        for entry in entries:
            if entry.relation.kind == "worksheet":
                _scan_sheet(scan, package, entry, known, budget, fast=fast)
            else:
                reason = NOT_TABLES.get(entry.relation.kind, "ce n’est pas une feuille de calcul")
                scan.unread.append(Unread(shown(entry.name), reason))
        careful = inspect_the_rest(package)
        scan.readable = [one._replace(careful=one.careful and careful) for one in scan.readable]
        scan.unread += extras(archive.namelist())
        return scan


def _scan_sheet(
    scan: Scan, package: Package, entry: SheetEntry, known: BookFacts, budget: Budget, *, fast: bool
) -> None:
    facts, part, target = SheetFacts(entry.name, entry.hidden), entry.relation.part, entry.relation.target
    readable = scan_sheet(lambda: package.pieces(part), facts, part, known, budget)
    # The fast engine takes « xl/… » for the whole path, and finds nothing behind dots.
    usual_target = not target.startswith("xl/") and "./" not in target
    scan.sheets.append(facts)
    scan.readable.append(readable._replace(fast=readable.fast and fast and usual_target and not facts.outside))


def _check_sheets(entries: Sequence[SheetEntry]) -> None:
    names, parts = set[str](), set[str]()
    for entry in entries:
        name, part = entry.name, entry.relation.part.casefold()
        if name in names or part in parts:
            raise damaged(f"deux feuilles du même nom ou de la même partie : « {shown(name)} »", remedy=SAVE_AGAIN)
        if not name.strip() or len(name) > LONGEST_NAME:
            raise damaged(f"nom de feuille vide ou de {len(name)} lettres : « {shown(name)} »", remedy=SAVE_AGAIN)
        names.add(name)
        parts.add(part)


def _place(relations: Mapping[str, Relation], package: Package, kind: str, usual: str) -> str:
    """The part the workbook names for `kind`, or the usual one; « » when there is none."""
    named = [relation.part for relation in relations.values() if relation.kind == kind]
    return next((part for part in (*named, usual) if part in package), "")


def inspect_the_rest(package: Package) -> bool:
    """Refuse a document type in any part, and sizes that lie. Whether the careful engine may parse the rest."""
    tags = 0
    for name, part in package.parts.items():
        if name in package.read:
            continue
        prolog: _Prolog | None = None
        with closing(package.pieces(name)) as pieces:
            for rank, piece in enumerate(pieces):
                if rank == 0 and (name.endswith((".xml", ".rels")) or piece.lstrip(BLANK).startswith(b"<")):
                    prolog = _Prolog(part.filename, package.limits)
                if prolog:
                    prolog.feed(piece)
                if name.startswith(("[content_types]", "docprops/")):
                    tags += piece.count(b"<")
    return max(tags, package.heaviest) < HEAVY_PART


class _Prolog:
    """Parses an XML part up to its first element: a document type stands nowhere else."""

    def __init__(self, part: str, limits: ReadingLimits) -> None:
        self.part, self.most = part, limits.max_tag_kb * KB
        self.parser: expat.XMLParserType | None = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._stop
        self.fed = 0

    def feed(self, piece: bytes) -> None:
        if self.parser is None:
            return
        # What is malformed after its prolog is the affair of the engine, if it ever reads this part.
        with suppress(expat.ExpatError, ValueError, LookupError):
            try:
                self.parser.Parse(piece, False)
            except _RootReachedError:
                self.parser = None
        self.fed += len(piece)
        if self.parser and self.fed > self.most + PIECE:
            raise hostile(f"« {shown(self.part)} » : {self.fed // KB} Ko avant la première balise")

    def _refuse(self, *_: object) -> None:
        raise refused_doctype(self.part)

    def _stop(self, *_: object) -> None:
        raise _RootReachedError


class _RootReachedError(Exception):
    """The prolog is over."""


def extras(names: Iterable[str]) -> Iterator[Unread]:
    """What a workbook may carry besides its sheets, and is left alone."""
    for name in names:
        for mark, reason in EXTRAS:
            if name.startswith(mark) or name.endswith(f"/{mark}"):
                yield Unread(shown(name), reason)
