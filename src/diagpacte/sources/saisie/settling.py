"""The sheet « À régler »: the texts that have lost their place, what somebody decided of each, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from diagpacte.errors import Fault, Severity
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.saisie.harvest import TypedRow, TypedSheet
from diagpacte.sources.saisie.lines import Forms, Line, Place, Waiting, Why
from diagpacte.sources.saisie.reconcile import Ledger, still_waiting
from diagpacte.sources.saisie.tags import Tag, extended, joined
from diagpacte.sources.saisie.texts import fingerprint, same
from diagpacte.vocabulary import EntryField

SETTLING, SHEET = "a_regler", "À régler"
LONGEST = 32_767  # characters of a cell


class Decision(StrEnum):
    """What can be done of a text that waits."""

    TAKE = "reprendre"
    KEEP_OTHER = "garder l’autre"
    BOTH = "garder les deux"
    DROP = "abandonner"


DECISIONS = tuple(map(str, Decision))


def _field(name: str, heading: str, width: int, *, typed: str = "", helped: str = "") -> EntryField:
    return EntryField(
        subject=SETTLING,
        sheet=SHEET,
        field=name,
        heading=heading,
        help=helped,
        kind=typed or "long",
        choices=DECISIONS if typed == "choix" else (),
        owner="personne" if typed else "outil",
        names_row=False,
        width=width,
    )


FIELDS = (
    _field("sujet", "feuille", 18, helped="La feuille où ce texte se trouvait."),
    _field("ligne", "ligne", 34, helped="La ligne, telle qu’elle se nommait."),
    _field("champ", "colonne", 18, helped="La colonne."),
    _field("texte", "texte qui attend", 50, helped="Le texte saisi, qui n’est plus, ou pas encore, à sa place."),
    _field("en_place", "texte en place", 40, helped="Ce que la cellule contient en ce moment."),
    _field("pourquoi", "pourquoi", 28, helped="Pourquoi il n’est pas à sa place, et de quel classeur il vient."),
    _field(
        "decision",
        "décision",
        18,
        typed="choix",
        helped=(
            "reprendre : le remettre à sa place. garder l’autre : laisser le texte en place. garder les deux : l’un sous "
            "l’autre. abandonner : le retirer d’ici. Appliqué par le prochain « diagpacte saisie » ou « diagpacte run »."
        ),
    ),
    _field(
        "destination",
        "ligne où le mettre",
        34,
        typed="texte",
        helped="Seulement si sa ligne a disparu : le nom d’une autre ligne de la même feuille, tel qu’il y est écrit.",
    ),
)


@dataclass(frozen=True)
class Decided:
    """A row of « À régler »: the text that waits, what was typed beside it."""

    waiting: Waiting
    number: int = 0
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def decision(self) -> str:
        return self.typed.get("decision", "")


def read_settling(sheet: TypedSheet | None) -> list[Decided]:
    """The rows of the sheet that can be told; a row that people typed there themselves is none."""
    rows = sheet.rows if sheet else ()
    free = [row.tag for row in rows if row.tag.about]
    decided = []
    for row in sorted(rows, key=lambda one: not _own_words(one)):
        tag = row.tag if row.tag in free and _own_words(row) else _tag_of(row, free)
        if tag is not None and row.texts.get("texte"):
            free.remove(tag)
            typed = {name: text for name, text in row.texts.items() if name not in OURS}
            decided.append(Decided(_waiting(row, tag), row.number, typed))
    return sorted(decided, key=lambda one: one.number)


OURS = frozenset(one.field for one in FIELDS if one.owner == "outil")


def _own_words(row: TypedRow) -> bool:
    return row.tag.about.get("x") == fingerprint(row.texts.get("texte", ""))


def _tag_of(row: TypedRow, free: Sequence[Tag]) -> Tag | None:
    """The tag whose text is that of the row (the sheet was sorted without its hidden columns), else its own."""
    stamp = fingerprint(row.texts.get("texte", ""))
    alike = [tag for tag in free if tag.about.get("x") == stamp]
    return alike[0] if len(alike) == 1 else row.tag if row.tag in free else None


def _waiting(row: TypedRow, tag: Tag) -> Waiting:
    about = tag.about
    why = next((one for one in Why if one.name == about.get("w")), Why.OTHER)
    return Waiting(
        about.get("t", ""),
        about.get("k", ""),
        about.get("f", ""),
        row.texts["texte"],
        why,
        row.texts.get("ligne", ""),
        about.get("o", ""),
    )


def tag_of(waiting: Waiting) -> Tag:
    """What the hidden column of « À régler » keeps of a text."""
    about = {
        "t": waiting.subject,
        "k": waiting.key,
        "f": waiting.field,
        "w": waiting.why.name,
        "o": waiting.origin,
        "x": fingerprint(waiting.text),
    }
    return Tag(about={name: word for name, word in about.items() if word})


def settled(ledger: Ledger, decided: Sequence[Decided], forms: Forms, file: str) -> tuple[Ledger, list[Fault]]:
    """`ledger` once the decisions are applied; a decision that cannot be is told, and its text waits on."""
    lines = ledger.at()
    done: set[tuple[str, str, str, str]] = set()
    taken: set[tuple[str, str, str]] = set()
    faults = []
    for one in decided:
        if not one.decision:
            continue
        refusal = _apply(one, lines, forms, taken)
        if refusal:
            faults.append(_refused(file, one, refusal))
        else:
            done.add(one.waiting.identity)
    waiting = [one for one in ledger.waiting if one.identity not in done]
    return Ledger(tuple(lines.values()), tuple(still_waiting(lines.values(), waiting))), faults


def _apply(one: Decided, lines: dict[Place, Line], forms: Forms, taken: set[tuple[str, str, str]]) -> str:
    """Apply a decision to `lines`; why it cannot be, else « »."""
    words = {normalised(decision): decision for decision in Decision}
    decision = words.get(normalised(one.decision))
    waiting = one.waiting
    if decision is None:
        return f"décision « {one.decision} » inconnue : {', '.join(Decision)}"
    if decision in (Decision.DROP, Decision.KEEP_OTHER):
        if line := lines.get(waiting.place):
            lines[line.place] = _superseded(line, waiting)
        return ""
    line, refusal = _target(one, lines)
    return refusal if line is None else _put_back(one, line, decision, lines, forms, taken)


def _put_back(
    one: Decided,
    line: Line,
    decision: Decision,
    lines: dict[Place, Line],
    forms: Forms,
    taken: set[tuple[str, str, str]],
) -> str:
    """The text of `one` in `line`, in place of the one there or below it; why it cannot be, else « »."""
    waiting = one.waiting
    place, now = (*line.place, waiting.field), line.texts.get(waiting.field, "")
    replaces = decision is Decision.TAKE and waiting.why is Why.OTHER and not one.typed.get("destination")
    text = waiting.text if replaces or not now or same(now, waiting.text) else f"{now}\n{waiting.text}"
    if replaces and place in taken:
        return "un autre texte a déjà été repris dans cette cellule"
    if len(text) > LONGEST:
        return "les deux textes ensemble ne tiennent pas dans une cellule"
    if waiting.field in forms.ours(line.subject) and not line.personal:
        return "cette colonne est remplie par diagpacte"
    taken.add(place)
    chains = {**line.chains, waiting.field: extended(line.chains.get(waiting.field, ()), now)}
    known = _superseded(replace(line, chains=chains), waiting)
    lines[line.place] = replace(known, texts={**line.texts, waiting.field: text})
    return ""


def _superseded(line: Line, waiting: Waiting) -> Line:
    """`line`, whose cell has known the text of `waiting`: a colleague's copy that still holds it is the older one."""
    chain = line.chains.get(waiting.field, ())
    now = extended(chain, line.texts.get(waiting.field, ""))
    known = joined(now, (fingerprint(waiting.text),)) if chain or now else (fingerprint(waiting.text), "")
    return replace(line, chains={**line.chains, waiting.field: known})


def _target(one: Decided, lines: Mapping[Place, Line]) -> tuple[Line | None, str]:
    """The row where a text goes, or why there is none."""
    waiting, destination = one.waiting, one.typed.get("destination", "")
    if destination:
        alike = [
            line
            for line in lines.values()
            if line.subject == waiting.subject and normalised(line.label) == normalised(destination)
        ]
        if len(alike) == 1:
            return alike[0], ""
        return None, f"« {destination} » est le nom de {len(alike) or 'aucune'} ligne(s) de cette feuille"
    line = lines.get(waiting.place)
    if line is None and Line(*waiting.place).personal:
        return Line(*waiting.place, label=waiting.label, loose=True), ""
    if line is None:
        return None, "sa ligne a disparu : écrire dans « ligne où le mettre » le nom d’une autre ligne"
    return line, ""


def _refused(file: str, one: Decided, refusal: str) -> Fault:
    return Fault(file, SHEET, f"ligne {one.number}", refusal, remedy="corriger la décision", severity=Severity.CHECK)


def settling_texts(waiting: Waiting, lines: Mapping[Place, Line], forms: Forms) -> dict[str, str]:
    """What the tool writes of a text in « À régler »."""
    sheet = next((one.sheet for one in forms.of(waiting.subject)), waiting.subject)
    line = lines.get(waiting.place)
    origin = f" ({waiting.origin})" if waiting.origin else ""
    return {
        "sujet": sheet,
        "ligne": waiting.label or waiting.key,
        "champ": forms.heading(waiting.subject, waiting.field),
        "texte": waiting.text,
        "en_place": line.texts.get(waiting.field, "") if line else "",
        "pourquoi": f"{waiting.why}{origin}",
    }


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Those that must be settled first; then what was emptied, which may stay there."""
    order = [Why.OTHER, Why.GONE, Why.DELETED, Why.EMPTIED]
    return sorted(waiting, key=lambda one: (order.index(one.why), one.subject, one.label, one.field, one.text))
