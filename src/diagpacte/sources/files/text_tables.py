"""Text files with columns, read a line at a time: UTF-8 with or without BOM, UTF-16 or Windows latin; `;`, tab or `,`."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from diagpacte.sources.files.budget import Budget
from diagpacte.sources.files.refusals import RefusedError, oversized

EXPECTED_TEXT = "un fichier texte à colonnes (.csv), une ligne par enregistrement"
SEPARATORS = ";\t,"
SAMPLE_LINES = 100
SAMPLE = 1 << 16  # characters in which the separator is looked for
LONGEST_LINE = 1_000_000  # characters
PIECE = 1 << 20
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_rows(path: Path, budget: Budget | None = None) -> Iterator[list[str]]:
    """The records of a text file; its lines are taken from `budget`. Raises RefusedError."""
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as stream:
        mark = separator(stream.read(SAMPLE))
        stream.seek(0)
        lines = _lines(iter(lambda: stream.readline(LONGEST_LINE), ""), budget)
        try:
            for rank, row in enumerate(csv.reader(lines, delimiter=mark, strict=False)):
                # « sep=; » is a line for Excel alone; it still counts as line 1.
                yield [] if rank == 0 and row and row[0].lower().startswith("sep=") else row
        except csv.Error as error:
            found = "texte à colonnes illisible : un texte sans fin, sans doute un guillemet jamais refermé"
            raise RefusedError(found, EXPECTED_TEXT, "vérifier les guillemets du fichier") from error


def _lines(lines: Iterator[str], budget: Budget | None) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) == LONGEST_LINE:
            found = f"une ligne de plus de {LONGEST_LINE} caractères, la ligne {number}"
            raise RefusedError(found, EXPECTED_TEXT, "vérifier que c’est bien un tableau, et l’exporter de nouveau")
        if budget:
            if number > budget.limits.max_rows:
                most = budget.limits.max_rows
                raise oversized(f"plus de {most} lignes", f"{most} lignes au plus", "max_rows")
            budget.take_memory(len(line))
        yield line


def encoding_of(path: Path) -> str:
    """UTF-16 when its mark says so, UTF-8 when all the bytes are, else that of French Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        piece = file.read(PIECE)
        if piece.startswith(UTF16):
            return "utf-16"
        try:
            while piece:
                decoder.decode(piece)
                piece = file.read(PIECE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def separator(text: str) -> str:
    """The first of `;`, tab and `,` that most lines hold: decimal commas must not pass for columns."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    counts = Counter(mark for line in lines for mark in SEPARATORS if mark in line)
    return next((mark for mark in SEPARATORS if counts[mark] > len(lines) / 2), ";")
