"""The small XML parts of a workbook: relations, list of sheets, styles, shared texts."""

from __future__ import annotations

import posixpath
import zipfile
from array import array
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cached_property

from diagpacte.sources.files.archives import pieces
from diagpacte.sources.files.budget import Budget
from diagpacte.sources.files.number_formats import may_hide
from diagpacte.sources.files.refusals import damaged, hostile, shown
from diagpacte.sources.files.shared_texts import SharedTexts
from diagpacte.sources.files.xml_guard import Guarded, local
from diagpacte.sources.rules import ReadingLimits

BUILT_IN_PERCENT = {"9": "0%", "10": "0.00%"}


@dataclass(frozen=True)
class BookFacts:
    """What the cells of every sheet refer to: number formats by style, cost of each shared text."""

    formats: Sequence[str] = ()
    text_costs: Sequence[int] = ()

    def format(self, style: str | None) -> str:
        """The number format of the style of a cell; « » when nothing says it."""
        place = int(style or 0)
        return self.formats[place] if 0 <= place < len(self.formats) else ""

    @cached_property
    def hiding(self) -> frozenset[str]:
        """The number formats that show words in place of some numbers."""
        return frozenset(filter(may_hide, set(self.formats)))


@dataclass(frozen=True)
class Relation:
    """Where a part points. `target` as written, `part` the place in the archive, « » when outside."""

    kind: str  # last word of its type: « worksheet », « sharedStrings »…
    target: str
    part: str


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook lists it."""

    name: str
    hidden: bool
    relation: Relation


class Package:
    """The parts of a workbook, each read once, under guard."""

    def __init__(self, archive: zipfile.ZipFile, limits: ReadingLimits) -> None:
        self.archive, self.limits = archive, limits
        self.parts = {part.filename.casefold(): part for part in archive.infolist()}
        self.read: set[str] = set()  # names, without case, of the parts read so far
        self.plain = True  # every engine reads those alike
        self.heaviest = 0  # tags of the largest of the small parts

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self.parts

    def pieces(self, name: str) -> Generator[bytes, None, None]:
        """The bytes of a part; names differ by more than their case."""
        if name not in self:
            raise damaged(f"partie absente : « {shown(name)} »")
        self.read.add(name.casefold())
        return pieces(self.archive, self.parts[name.casefold()])

    def elements(self, name: str, see: Callable[[str, dict[str, str]], object]) -> None:
        """Call `see` with the local name and the attributes, by local name, of each element of a small part."""
        guarded = Guarded(name, self.limits, self.limits.max_elements, "max_elements")

        def start(tag: str, attributes: dict[str, str]) -> None:
            see(local(tag), {local(key): value for key, value in attributes.items()})

        guarded.parser.StartElementHandler = start
        guarded.parse(self.pieces(name))
        self.plain = self.plain and guarded.plain
        self.heaviest = max(self.heaviest, guarded.tags)

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of a part, or of the whole archive (« »), by identifier."""
        folder, file = posixpath.split(part)
        found: dict[str, Relation] = {}

        def see(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship":
                target = attributes["Target"]
                outside = attributes.get("TargetMode", "").lower() == "external"
                place = "" if outside else posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[attributes["Id"]] = Relation(attributes["Type"].rpartition("/")[2], target, place)

        self.elements(posixpath.join(folder, "_rels", f"{file}.rels"), see)
        return found

    def book(self) -> str:
        """The part that lists the sheets."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.part
        raise damaged("aucune relation ne mène au classeur")

    def sheets(self, book: str, relations: dict[str, Relation]) -> list[SheetEntry]:
        """The sheets of all kinds, in the order of the workbook."""
        found: list[SheetEntry] = []

        def see(name: str, attributes: dict[str, str]) -> None:
            if name != "sheet":
                return
            title, relation = attributes["name"], relations.get(attributes["id"])
            if relation is None:
                raise damaged(f"la feuille « {shown(title)} » ne mène à aucune partie")
            if not relation.part:
                raise hostile(f"la feuille « {shown(title)} » est hors du classeur : {shown(relation.target)}")
            found.append(SheetEntry(title, attributes.get("state", "visible") != "visible", relation))

        self.elements(book, see)
        return found

    def formats(self, name: str) -> list[str]:
        """The number format of each cell style, in the order of the styles part."""
        codes, styles = dict(BUILT_IN_PERCENT), list[str]()
        within = ""

        def see(name: str, attributes: dict[str, str]) -> None:
            nonlocal within
            if name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
                within = name
            elif name == "numFmt" and within != "dxfs":
                codes[attributes["numFmtId"]] = attributes.get("formatCode", "")
            elif name == "xf" and within == "cellXfs":
                styles.append(attributes.get("numFmtId", "0"))

        self.elements(name, see)
        return [codes.get(number, "") for number in styles]

    def text_costs(self, name: str, budget: Budget) -> array[int]:
        """The cost of each shared text, which the budget pays once."""
        guarded = Guarded(name, self.limits, self.limits.max_tags, "max_tags")
        texts = SharedTexts(guarded, budget)
        guarded.parse(self.pieces(name))
        texts.take()
        self.plain = self.plain and guarded.plain and guarded.whole and texts.plain
        return texts.costs
