"""saisie.xlsx as a person left it: every typed text with its sheet, row and column.

A sheet, a column and a row are known by what the workbook keeps hidden (the row of codes, the column of keys);
where that is gone, by their visible words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diagpacte.errors import Fault, FaultKind, Severity, SourceError
from diagpacte.sources.files.cell_names import cell_name, column_letters
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet, Workbook, read_workbook
from diagpacte.sources.rules import ReadingLimits
from diagpacte.sources.saisie.lines import OWN
from diagpacte.sources.saisie.tags import Tag, read_tag
from diagpacte.sources.saisie.texts import held
from diagpacte.vocabulary import EntryField

HEADER_ROWS = 20  # the row of codes is not looked for below
KEY, TAG = "@cle", "@suivi"  # no field bears such a name
MARK = re.compile(r"cle\|([a-z_]+)")  # first of the row of codes: the subject of the sheet
LISTS, GUIDE, FORM = "Listes", "Lisez-moi", re.compile(r"forme ([0-9a-f]{12})")
KNOWN_BY = 2  # headings that make a sheet ours when its codes are gone


@dataclass(frozen=True)
class TypedRow:
    """A row: its number, its hidden key and tag, what stands in each column by field.

    `waiting` are fields whose formula has no stored result, or an error.
    """

    number: int
    key: str
    tag: Tag
    texts: Mapping[str, str]
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TypedSheet:
    """A sheet of ours. `columns`: field → number; `own`: field → heading, of the columns that people added."""

    subject: str
    name: str
    header: int
    columns: Mapping[str, int]
    own: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[TypedRow, ...] = ()
    last_row: int = 0  # the last where anything stands

    def cell(self, row: int, name: str) -> str:
        return cell_name(row, self.columns.get(name, 1))

    def letters(self, name: str) -> str:
        return column_letters(self.columns[name]) if name in self.columns else ""


@dataclass(frozen=True)
class Harvest:
    """All that a workbook holds; `form` is the fingerprint of the dictionary it was made with."""

    file: str = ""
    sheets: Mapping[str, TypedSheet] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()  # sheets that people added
    form: str = ""
    faults: tuple[Fault, ...] = ()


def harvest(path: Path, fields: Sequence[EntryField], limits: ReadingLimits) -> Harvest:
    """Every text of `path`. SourceError when it cannot be read, is hostile, or is no copy of saisie.xlsx."""
    book = read_workbook(path, limits)
    found = [(sheet, *_recognised(sheet, fields)) for sheet in book.sheets]
    if not any(subject and codes for _, subject, codes, _ in found):
        raise SourceError(_foreign_file(path.name))
    sheets: dict[str, TypedSheet] = {}
    faults: list[Fault] = []
    foreign: list[str] = []
    for sheet, subject, codes, header in found:
        if subject and subject not in sheets:
            sheets[subject], wrong = _read(path.name, sheet, subject, codes or header, header, fields)
            faults += wrong
        elif sheet.name not in (LISTS, GUIDE):
            foreign.append(sheet.name)
            if subject:
                faults.append(_twin(path.name, sheet.name, sheets[subject].name))
    return Harvest(path.name, sheets, tuple(foreign), _form(book), tuple(faults))


def _form(book: Workbook) -> str:
    texts = (sheet.text(1, 1) for sheet in book.sheets if sheet.name == LISTS)
    return next((found[1] for text in texts if (found := FORM.fullmatch(text))), "")


def _recognised(sheet: Sheet, fields: Sequence[EntryField]) -> tuple[str, int, int]:
    """(subject, row of codes or 0, row of headings) of a sheet; « » when it is none of ours."""
    height, width = sheet.cells.shape
    rows = range(1, min(HEADER_ROWS, height) + 1)
    for row in rows:
        for column in range(1, width + 1):
            if found := MARK.fullmatch(sheet.text(row, column)):
                return found[1], row, row + 1
    names = {normalised(one.sheet): one.subject for one in fields}
    subject = names.get(normalised(sheet.name), "")
    ours = {normalised(one.heading) for one in fields if one.subject == subject}
    for row in rows if subject else ():
        if len({normalised(sheet.text(row, column)) for column in range(1, width + 1)} & ours) >= min(
            KNOWN_BY, len(ours)
        ):
            return subject, 0, row
    return "", 0, 0


def _read(
    file: str, sheet: Sheet, subject: str, codes: int, header: int, fields: Sequence[EntryField]
) -> tuple[TypedSheet, list[Fault]]:
    columns, own = _columns(sheet, codes, header, [one for one in fields if one.subject == subject])
    rows = tuple(_rows(sheet, header, columns))
    last = max((row.number for row in rows), default=header)
    typed = TypedSheet(subject, sheet.name, header, columns, own, rows, last)
    return typed, [_uncached(file, typed, row.number, name) for row in rows for name in sorted(row.waiting)]


def _columns(
    sheet: Sheet, codes: int, header: int, fields: Sequence[EntryField]
) -> tuple[dict[str, int], dict[str, str]]:
    """Field → column, by its code, else by its heading; then field → heading of the columns that are not ours."""
    headings = {normalised(one.heading): one.field for one in fields}
    known = {one.field for one in fields} | {KEY, TAG}
    columns: dict[str, int] = {}
    rest: list[int] = []
    for column in range(1, sheet.cells.shape[1] + 1):
        code = sheet.text(codes, column) if codes != header else ""
        name = KEY if MARK.fullmatch(code) else code
        if name in known and name not in columns:
            columns[name] = column
        else:
            rest.append(column)
    own: dict[str, str] = {}
    for column in rest:
        heading = sheet.text(header, column)
        name = headings.get(normalised(heading), "")
        if name and name not in columns:
            columns[name] = column
        elif heading or any(map(held, sheet.cells[header:, column - 1])):
            name = _own_field(heading, column, columns)
            columns[name], own[name] = column, heading
    return columns, own


def _own_field(heading: str, column: int, taken: Mapping[str, int]) -> str:
    """« autre_reference » of the column « Référence »: the same in the workbook of a colleague."""
    bare = re.sub(r"[^a-z0-9]+", "_", normalised(heading)).strip("_") or f"colonne_{column_letters(column).lower()}"
    name, number = OWN + bare, 2
    while name in taken:
        name, number = f"{OWN}{bare}_{number}", number + 1
    return name


def _rows(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[TypedRow]:
    unknown = {*sheet.facts.uncached, *sheet.facts.errors}
    for number in range(header + 1, sheet.cells.shape[0] + 1):
        waiting = frozenset(name for name, column in columns.items() if (number, column) in unknown)
        texts = {
            name: held(sheet.cells[number - 1, column - 1]) for name, column in columns.items() if name not in waiting
        }
        key, tag = texts.pop(KEY, "").strip(), read_tag(texts.pop(TAG, ""))
        kept = {name: text for name, text in texts.items() if text}
        if key or kept or waiting:
            yield TypedRow(number, key, tag, kept, waiting - {KEY, TAG})


def _uncached(file: str, sheet: TypedSheet, row: int, name: str) -> Fault:
    cell = sheet.cell(row, name)
    return Fault(
        file,
        sheet.name,
        cell,
        found="formule sans résultat enregistré, ou en erreur",
        expected="un texte ou un nombre",
        remedy="vérifier la formule, enregistrer dans Excel, puis relancer ; en attendant, le dernier texte connu vaut",
        severity=Severity.CHECK,
        kind=FaultKind.OTHER,
        cells=(cell,),
    )


def _twin(file: str, name: str, first: str) -> Fault:
    return Fault(
        file,
        name,
        found=f"copie de la feuille « {first} », laissée de côté",
        expected="une seule feuille par sujet",
        remedy="recopier dans l’autre ce qui n’est qu’ici, puis supprimer cette copie",
        severity=Severity.CHECK,
    )


def _foreign_file(file: str) -> Fault:
    return Fault(
        file,
        found="ce classeur n’est pas une copie de saisie.xlsx",
        expected="un classeur fait par « diagpacte saisie », puis rempli",
        remedy="vérifier que c’est le bon fichier ; la ligne masquée sous le titre de chaque feuille le fait reconnaître",
        kind=FaultKind.FILE,
    )
