"""Which row is which: hidden keys set against visible labels, so that no text is taken for that of another row.

A sheet may have been sorted without its hidden columns, a row copied, or typed anew. A key is believed when
the label beside it is the one it was written with; else the label decides where it is the only one; else the
row is taken for a new one. What was not plain is told.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.saisie.harvest import TypedRow, TypedSheet
from diagpacte.sources.saisie.lines import Forms, Line, Wanted
from diagpacte.sources.saisie.tags import Tag, is_personal
from diagpacte.sources.saisie.texts import FINGERPRINT, comparable, fingerprint


@dataclass
class _Row:
    """A row being identified: `key` is decided when it is not None; « » is a new row."""

    typed: TypedRow
    label: str
    key: str | None = None
    tag: Tag = field(default_factory=Tag)


def identified(
    file: str, sheet: TypedSheet, wanted: Mapping[str, Wanted], forms: Forms
) -> tuple[list[Line], list[Fault]]:
    """The lines of `sheet`, and what had to be decided; `wanted`: the rows of the tool, by key.

    A row of which nothing is left but hidden cells, or the tool's own, is no line: it was deleted.
    """
    rows = [_Row(row, forms.label(sheet.subject, row.texts)) for row in sheet.rows]
    rows = [row for row in rows if row.typed.texts or row.typed.waiting]
    labels = _labels(rows, wanted, forms, sheet.subject)
    _believe(rows, labels)
    moved = _by_label(rows, labels)
    faults = [_told_moved(file, sheet, row) for row in moved]
    known = set().union(*labels.values()) if labels else set()
    for row in rows:
        if row.key is None:
            faults += _decide(file, sheet, row, {one.key for one in rows}, known)
    _new_keys(rows, sheet.subject)
    lines = [_line(row, sheet, forms) for row in rows]
    return lines, [*faults, *_column_moved(file, sheet, rows, forms)]


def _labels(rows: Iterable[_Row], wanted: Mapping[str, Wanted], forms: Forms, subject: str) -> dict[str, set[str]]:
    """The labels, as fingerprints, under which each key may be met: the one last written, the one to write."""
    labels: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.typed.key:
            labels[row.typed.key].add(row.typed.tag.label)
    for key, one in wanted.items():
        labels[key].add(fingerprint(forms.label(subject, one.cells)))
    return labels


def _believe(rows: Sequence[_Row], labels: Mapping[str, set[str]]) -> None:
    """Rows whose label is that of their key; of several with one key, the one that changed least."""
    same: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.typed.key and fingerprint(row.label) in labels[row.typed.key]:
            same[row.typed.key].append(row)
    for key, group in same.items():
        first = max(group, key=lambda row: (_unchanged(row.typed), -row.typed.number))
        first.key, first.tag = key, first.typed.tag
        for row in group:
            if row is not first:
                row.key = ""  # a copy


def _unchanged(row: TypedRow) -> int:
    """Cells that hold what was last written in them."""
    return sum(fingerprint(row.texts.get(name, "")) == chain[-1] for name, chain in row.tag.chains.items() if chain)


def _by_label(rows: Sequence[_Row], labels: Mapping[str, set[str]]) -> list[_Row]:
    """Rows that find, by their label, the one key that is free and has it; returns them."""
    taken = {row.key for row in rows if row.key}
    tags = {row.typed.key: row.typed.tag for row in rows if row.typed.key}
    free: dict[str, list[str]] = defaultdict(list)
    for key, names in labels.items():
        if key not in taken:
            for name in names - {""}:
                free[name].append(key)
    lost: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.key is None:
            lost[fingerprint(row.label)].append(row)
    moved = []
    for name, group in lost.items():
        keys = free.get(name, [])
        if len(keys) == len(group) == 1:
            (row,), (key,) = group, keys
            row.key, row.tag = key, tags.get(key, Tag())
            moved.append(row)
    return [row for row in moved if row.typed.key != row.key]


def _decide(file: str, sheet: TypedSheet, row: _Row, taken: Collection[str | None], known: set[str]) -> list[Fault]:
    """A row that neither its key nor its label told: renamed by a person, or taken for a new one."""
    key = row.typed.key
    if not key or key in taken:
        row.key = ""  # typed anew, or a copy that was renamed
        return []
    meant_elsewhere = fingerprint(row.label) in known
    if is_personal(key) or not meant_elsewhere:
        row.key, row.tag = key, row.typed.tag
        if is_personal(key) or not row.label:
            return []
        found = f"libellé de la ligne changé en « {row.label} » : il sera remis"
        return [_fault(file, sheet, row, found, "pour une ligne nouvelle, écrire dans une ligne vide")]
    row.key = ""
    found = f"« {row.label} » n’est pas la ligne que sa clé cachée désigne : prise pour une ligne nouvelle"
    remedy = (
        "vérifier où ce texte doit être, et le recopier dans la bonne ligne ; trier toute la feuille, jamais une partie"
    )
    return [_fault(file, sheet, row, found, remedy)]


def _new_keys(rows: Sequence[_Row], subject: str) -> None:
    """The keys of new rows come from what they hold: two people who type the same row give it the same key."""
    taken = {row.key for row in rows if row.key}
    for row in rows:
        if row.key:
            continue
        base = content_key(subject, row.typed.texts)
        key, number = base, 2
        while key in taken:
            key, number = f"{base}_{number}", number + 1
        row.key = key
        taken.add(key)


def content_key(subject: str, texts: Mapping[str, str]) -> str:
    """« p_1f… »: the same for the same texts."""
    told = "\x1e".join(f"{name}\x1f{comparable(text)}" for name, text in sorted(texts.items()) if text)
    digest = hashlib.sha256(f"{subject}\x1e{told}".encode("utf-8", "replace")).hexdigest()
    return f"p_{digest[:FINGERPRINT]}"


def _line(row: _Row, sheet: TypedSheet, forms: Forms) -> Line:
    key = row.key or ""
    ours = set() if is_personal(key) else forms.ours(sheet.subject)
    texts = row.typed.texts
    return Line(
        sheet.subject,
        key,
        {name: text for name, text in texts.items() if name not in ours},
        {name: text for name, text in texts.items() if name in ours},
        row.tag.chains,
        row.typed.number,
        row.label,
        row.typed.waiting,
        loose=row.typed.key != key or row.typed.tag != row.tag,
    )


def _column_moved(file: str, sheet: TypedSheet, rows: Sequence[_Row], forms: Forms) -> list[Fault]:
    """Columns whose texts went to other rows, as when one column alone is sorted."""
    faults = []
    for name in sorted({name for row in rows for name in row.tag.chains}):
        stamps = [((row.tag.chains.get(name) or ("",))[-1], fingerprint(row.typed.texts.get(name, ""))) for row in rows]
        changed = [(before, now) for before, now in stamps if before != now]
        if len(changed) > 1 and sorted(before for before, _ in changed) == sorted(now for _, now in changed):
            found = f"colonne « {forms.heading(sheet.subject, name)} » : {len(changed)} textes ont changé de ligne entre eux"
            remedy = (
                "si la colonne a été triée seule, reprendre le classeur de data/saisies/anciennes ; sinon, rien à faire"
            )
            faults.append(replace(_fault(file, sheet, None, found, remedy), cell=f"colonne {sheet.letters(name)}"))
    return faults


def _told_moved(file: str, sheet: TypedSheet, row: _Row) -> Fault:
    found = f"« {row.label} » avait perdu sa clé cachée, ou en portait une autre : retrouvée par son libellé"
    remedy = "rien à faire ; trier toute la feuille, jamais une partie de ses colonnes"
    return replace(_fault(file, sheet, row, found, remedy), severity=Severity.INFORMATION)


def _fault(file: str, sheet: TypedSheet, row: _Row | None, found: str, remedy: str) -> Fault:
    place = f"ligne {row.typed.number}" if row else ""
    return Fault(file, sheet.name, place, found, remedy=remedy, severity=Severity.CHECK, kind=FaultKind.OTHER)


def all_identified(
    file: str, sheets: Iterable[TypedSheet], wanted: Sequence[Wanted], forms: Forms
) -> tuple[list[Line], list[Fault]]:
    """The lines of all `sheets`."""
    lines: list[Line] = []
    faults: list[Fault] = []
    for sheet in sheets:
        mine = {one.key: one for one in wanted if one.subject == sheet.subject}
        found, told = identified(file, sheet, mine, forms)
        lines += found
        faults += told
    return lines, faults
