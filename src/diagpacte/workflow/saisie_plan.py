"""From the rows there must be to the cells to write: what stands already is not written again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagpacte.deliverables.saisie import Content, SheetColumn, SheetEdit
    from diagpacte.sources.saisie.harvest import Harvest, TypedRow, TypedSheet
    from diagpacte.sources.saisie.lines import Forms, Line, Place, Wanted
    from diagpacte.sources.saisie.reconcile import Ledger
    from diagpacte.sources.saisie.settling import Decided
    from diagpacte.vocabulary import EntryField

HEADER = 4
TITLE = "Saisie"
NOTES = {
    "themes": "Une ligne par thème de l’annexe 1. Dire s’il est retenu, quand et pourquoi ; puis ce qu’il faut en lire.",
    "dispositifs": "Le tableau synthétique : une ligne par dispositif et par thème. Des organismes, jamais des personnes.",
    "coordination": (
        "Niveau 0 : aucune coordination connue. 1 : échanges ponctuels. 2 : instance régulière. 3 : instance régulière, "
        "objectifs et moyens communs."
    ),
    "registres": "Les schémas de l’annexe 2, puis, dans les lignes vides, toute autre source lue pour le diagnostic.",
    "criteres": "Les quatre critères du document de cadrage, par thème. Un critère sans réponse reste sans note.",
    "decisions": "Ce que le comité de suivi a fait de chaque piste, séance par séance. Ne pas effacer une décision passée.",
    "fiches": "Une ligne par fiche action. Les cases vides y seront dites manquantes.",
    "offres_manquantes": "Les structures que les fichiers reçus ne recensent pas.",
    "doublons_refuses": "Deux structures que tout rapproche, et qui sont bien deux.",
    "corrections": "Une cellule d’un fichier reçu à lire autrement ; le fichier n’est pas modifié. Voir docs/corrections.md.",
    "commentaires": "Ce que les chiffres ne disent pas d’une zone.",
    "a_regler": "Des textes qui ont perdu leur place : choisir une décision, enregistrer, relancer. Vide : rien à faire.",
}


@dataclass(frozen=True)
class Plan:
    """What to write. `changed`: something has to be; `late`: the workbook does not know yet all that was typed in it.

    `added` and `cleared` count rows.
    """

    content: Content
    changed: bool
    late: bool
    added: int
    cleared: int


def planned(
    found: Harvest,
    ledger: Ledger,
    decided: Sequence[Decided],
    wanted: Sequence[Wanted],
    forms: Forms,
    lists: Mapping[str, Sequence[str]],
    own: Mapping[str, Mapping[str, str]],
) -> Plan:
    """`own`: subject → field → heading of the columns that people added, here or in a copy."""
    from diagpacte.deliverables.saisie import Content
    from diagpacte.deliverables.saisie_guide import GUIDE
    from diagpacte.sources.saisie.settling import SETTLING

    wishes = {(one.subject, one.key): one for one in wanted}
    subjects = list(dict.fromkeys(one.subject for one in forms.fields))
    sheets = [
        _sheet(subject, found.sheets.get(subject), ledger, wishes, forms, own.get(subject, {}))
        for subject in subjects
        if subject != SETTLING
    ]
    sheets.append(_settling(found.sheets.get(SETTLING), ledger, decided, forms))
    form = form_of(forms.fields, lists, GUIDE)
    changed = found.form != form or any(one.changed for one in sheets)
    content = Content([one.edit for one in sheets], lists, form, GUIDE, TITLE, renewed=found.form != form)
    added = sum(row.fresh for one in sheets[:-1] for row in one.edit.rows)
    return Plan(
        content, changed, any(map(_late, ledger.lines)), added, sum(len(one.edit.cleared) for one in sheets[:-1])
    )


def form_of(fields: Sequence[EntryField], lists: Mapping[str, Sequence[str]], guide: Sequence[tuple[str, str]]) -> str:
    """The fingerprint of all that gives the workbook its form."""
    told = [[one.model_dump() for one in fields], {name: [*words] for name, words in lists.items()}, [*guide], NOTES]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Planned:
    edit: SheetEdit
    changed: bool


def _columns(subject: str, sheet: TypedSheet | None, forms: Forms, own: Mapping[str, str]) -> list[SheetColumn]:
    from diagpacte.deliverables.saisie import SheetColumn
    from diagpacte.sources.saisie.harvest import KEY, TAG

    places = sheet.columns if sheet else {}
    hidden = [
        SheetColumn(KEY, f"cle|{subject}", "clé", owner="cachee", width=6),
        SheetColumn(TAG, TAG, "suivi", owner="cachee", width=6),
    ]
    ours = [
        SheetColumn(
            one.field,
            one.field,
            one.heading,
            one.help,
            one.kind,
            _words(one),
            owner=one.owner,
            names=one.names_row,
            width=one.width,
        )
        for one in forms.of(subject)
    ]
    added = [SheetColumn(name, "", heading, kind="long", width=30) for name, heading in own.items()]
    return [replace(column, place=places.get(column.field, 0)) for column in [*hidden, *ours, *added]]


def _words(one: EntryField) -> str:
    if one.kind not in ("choix", "oui_non") or not one.choices:
        return ""
    return one.choices[0].removeprefix("@") if one.choices[0].startswith("@") else f"{one.subject}.{one.field}"


def _sheet(
    subject: str,
    sheet: TypedSheet | None,
    ledger: Ledger,
    wishes: Mapping[Place, Wanted],
    forms: Forms,
    own: Mapping[str, str],
) -> _Planned:
    from diagpacte.deliverables.saisie import SheetEdit, SheetRow

    mine = [line for line in ledger.lines if line.subject == subject]
    used = {name for line in mine for name in line.texts} | (set(own) & set(sheet.columns if sheet else ()))
    known = {one.field for one in forms.of(subject)}
    columns = _columns(
        subject, sheet, forms, {name: own.get(name, forms.heading(subject, name)) for name in sorted(used - known)}
    )
    before = {row.number: row for row in sheet.rows} if sheet else {}
    free = (sheet.last_row if sheet else HEADER) + 1
    rows, changed = [], False
    for line in sorted(mine, key=lambda one: (one.number == 0, one.number)):
        wish = wishes.get(line.place)
        fresh = line.number == 0
        number, free = (free, free + 1) if fresh else (line.number, free)
        cells = _cells(line, before.get(line.number), wish)
        changed |= fresh or line.loose or bool(cells)
        rows.append(SheetRow(number, {**cells, **_hidden(line)}, tool=wish is not None, fresh=fresh))
    cleared = sorted(before.keys() - {line.number for line in mine})
    changed |= sheet is None or bool(cleared) or any(not column.place for column in columns)
    growing = not any(wish.subject == subject for wish in wishes.values()) or subject == "registres"
    edit = SheetEdit(
        forms.of(subject)[0].sheet,
        NOTES.get(subject, ""),
        columns,
        sheet.name if sheet else "",
        sheet.header if sheet else HEADER,
        rows,
        cleared,
        max([free - 1, *(sheet.last_row for _ in (sheet,) if sheet)]) if sheet else free - 1,
        growing,
    )
    return _Planned(edit, changed)


def _cells(line: Line, row: TypedRow | None, wish: Wanted | None) -> dict[str, str]:
    """The texts of a row that the workbook does not hold yet."""
    there = row.texts if row else {}
    typed = {name: line.texts.get(name, "") for name in {*line.texts, *(there.keys() - line.shown.keys())}}
    cells = {**typed, **(wish.cells if wish else {})}
    return {
        name: text for name, text in cells.items() if text != there.get(name, "") and not (row and name in row.waiting)
    }


def _late(line: Line) -> bool:
    """Whether a text of `line` has never been noted in its hidden cell: a later merge could not tell who changed it."""
    return line.chains != _chains(line)


def _chains(line: Line) -> dict[str, tuple[str, ...]]:
    """The chains of `line` once its texts are written."""
    from diagpacte.sources.saisie.tags import extended

    names = {*line.texts, *line.chains} - line.waiting
    told = {name: extended(line.chains.get(name, ()), line.texts.get(name, "")) for name in names}
    return {**line.chains, **{name: chain for name, chain in told.items() if chain}}


def _hidden(line: Line) -> dict[str, str]:
    """The key and the tag of a row."""
    from diagpacte.sources.saisie.harvest import KEY, TAG
    from diagpacte.sources.saisie.tags import Tag, tag_text
    from diagpacte.sources.saisie.texts import fingerprint

    return {KEY: line.key, TAG: tag_text(Tag(fingerprint(line.label), _chains(line)))}


def _settling(sheet: TypedSheet | None, ledger: Ledger, decided: Sequence[Decided], forms: Forms) -> _Planned:
    """« À régler », packed from its first row; rows that people typed there come after ours."""
    from diagpacte.deliverables.saisie import SheetEdit, SheetRow
    from diagpacte.sources.saisie.harvest import KEY, TAG
    from diagpacte.sources.saisie.settling import SETTLING, SHEET, in_order, settling_texts, tag_of
    from diagpacte.sources.saisie.tags import tag_text

    at, typed = ledger.at(), {one.waiting.identity: one for one in decided}
    header = sheet.header if sheet else HEADER
    rows: list[dict[str, str]] = []
    for one in in_order(ledger.waiting):
        told = typed.get(one.identity)
        shown = settling_texts(one, at, forms)
        hidden = {KEY: one.row_key, TAG: tag_text(tag_of(one))}
        rows.append({**shown, **(told.typed if told else {}), **hidden})
    before = list(sheet.rows) if sheet else []
    ours = {one.number for one in decided}
    rows += [dict(row.texts) for row in before if row.number not in ours]
    same = _multiset(rows) == _multiset([{**row.texts, KEY: row.key} for row in before])
    columns = _columns(SETTLING, sheet, forms, {} if sheet is None else sheet.own)
    changed = sheet is None or not same or any(not column.place for column in columns)
    names = [column.field for column in columns]
    written = [
        SheetRow(number, {name: cells.get(name, "") for name in names}, tool=KEY in cells, fresh=True)
        for number, cells in enumerate(rows, start=header + 1)
    ]
    gone = [row.number for row in before] if changed else []
    calls = bool(ledger.waiting) and any(one.why.name != "EMPTIED" for one in ledger.waiting)
    edit = SheetEdit(
        SHEET,
        NOTES[SETTLING],
        columns,
        sheet.name if sheet else "",
        header,
        written if changed else (),
        gone,
        max([header + len(rows), sheet.last_row if sheet else 0]),
        growing=False,
        calls=calls,
    )
    return _Planned(edit, changed)


def _multiset(rows: Sequence[Mapping[str, str]]) -> list[list[tuple[str, str]]]:
    from diagpacte.sources.saisie.harvest import TAG

    return sorted(sorted((name, text) for name, text in cells.items() if text and name != TAG) for cells in rows)
