"""XML parts read by expat under guard: no document type, no endless tag, no bottomless nesting.

Counting is done on bytes, a piece at a time, so that it costs nothing beside the parsing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from contextlib import closing
from xml.parsers import expat

from diagpacte.sources.files.refusals import RefusedError, damaged, hostile, oversized, shown
from diagpacte.sources.rules import ReadingLimits

KB = 1_000
MAX_NAMES = 5_000  # different names of tags and attributes; expat keeps them all
UNPROVEN_DEPTH = 100_000  # tags that may not be closed yet, before every closing tag is counted
UTF16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
ENGINE_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii"}
BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"

Start = Callable[[str, dict[str, str]], object]


class Guarded:
    """One XML part being parsed.

    `plain`: in an encoding that every engine reads; `whole`: no comment nor CDATA may cut a value in two.
    """

    def __init__(self, part: str, limits: ReadingLimits, max_tags: int, limit_name: str, sheet: str = "") -> None:
        self.part, self.limits, self.sheet = shown(part), limits, sheet
        self.max_tags, self.limit_name = max_tags, limit_name
        self.names: dict[str, str] = {}
        self.parser = expat.ParserCreate(intern=self.names)
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.XmlDeclHandler = self._declared
        self.parser.CommentHandler = self.parser.ProcessingInstructionHandler = self._interrupted
        self.parser.StartCdataSectionHandler = self._interrupted
        self.plain = self.whole = True
        self.fed = self.tags = self.unclosed = self.untagged = 0
        self.closed: list[str] | None = None
        self.per_closing_tag = 2  # it is a tag, and closes another
        self.marks = (b"<", b"</")

    def parse(self, pieces: Generator[bytes, None, None]) -> None:
        """Parse the whole part, and let it go; a RefusedError says what is wrong with it."""
        try:
            with closing(pieces):
                for piece in pieces:
                    self._count(piece)
                    self.parser.Parse(piece, False)
                    self._check()
            self.parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, KeyError, LookupError) as error:
            raise damaged(f"« {self.part} » : XML mal formé", self.sheet) from error

    def _count(self, piece: bytes) -> None:
        if not self.fed:
            encoding = next((name for start, name in UTF16 if piece.startswith(start)), "")
            if encoding:
                self.plain = False
                self.marks = "<".encode(encoding), "</".encode(encoding)
        tag, end = self.marks
        tags = piece.count(tag)
        self.fed += len(piece)
        self.tags += tags
        self.unclosed += tags - self.per_closing_tag * piece.count(end)
        self.untagged = 0 if tags else self.untagged + len(piece)

    def _check(self) -> None:
        limits = self.limits
        longest = max(self.fed - self.parser.CurrentByteIndex, self.untagged)
        if longest > limits.max_tag_kb * KB + (1 << 18):
            raise self._oversized(
                f"une balise ou un texte de {longest // KB} Ko", limits.max_tag_kb, "Ko", "max_tag_kb"
            )
        if self.tags > self.max_tags:
            raise self._oversized(f"plus de {self.max_tags} balises", self.max_tags, "balises", self.limit_name)
        if len(self.names) > MAX_NAMES:
            raise hostile(f"« {self.part} » : plus de {MAX_NAMES} noms de balises différents")
        if self.closed is not None:
            self.unclosed -= len(self.closed)
            self.closed.clear()
            if self.unclosed > limits.max_depth:
                found = f"plus de {limits.max_depth} balises les unes dans les autres"
                raise self._oversized(found, limits.max_depth, "niveaux", "max_depth")
        elif self.unclosed > UNPROVEN_DEPTH:
            self._count_closing_tags()

    def _count_closing_tags(self) -> None:
        """From here on, know the depth: the bytes alone do not tell `<c/>` from `<c>`."""
        self.closed, self.unclosed = [], 0
        note, told = self.closed.append, self.parser.EndElementHandler
        self.parser.EndElementHandler = (lambda tag: (note(tag), told(tag))) if told else note
        self.per_closing_tag = 1  # what it closes is told by the handler

    def _oversized(self, found: str, most: int, unit: str, limit: str) -> RefusedError:
        return oversized(f"« {self.part} » : {found}", f"{most} {unit} au plus", limit, self.sheet)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.plain = self.plain and (encoding is None or encoding.lower() in ENGINE_ENCODINGS)

    def _interrupted(self, *_: object) -> None:
        self.whole = False

    def _refuse_doctype(self, *_: object) -> None:
        raise refused_doctype(self.part)


def refused_doctype(part: str) -> RefusedError:
    """The refusal of a part that declares a document type, hence entities."""
    return hostile(f"« {shown(part)} » : déclaration DOCTYPE ou entité XML interdite")


def local(tag: str) -> str:
    """A tag or attribute without its prefix."""
    return tag.rpartition(":")[2]


class LocalNames(dict[str, str]):
    """Tags without their prefix: an engine may ignore namespaces, so the guard does too."""

    def __init__(self, watched: Collection[str]) -> None:
        super().__init__()
        self.watched = watched
        self.prefixes: set[str] = set()  # of the watched tags

    def __missing__(self, tag: str) -> str:
        prefix, _, name = tag.rpartition(":")
        if name in self.watched:
            self.prefixes.add(prefix)
        self[tag] = name
        return name
