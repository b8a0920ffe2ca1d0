"""correspondance.xlsx: the columns that no dictionary knows, for a person to say in Excel what each one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from diagpacte.deliverables import french
from diagpacte.deliverables.correspondence_format import Column, Kind, Table, write_tables
from diagpacte.deliverables.correspondence_words import GUIDE, IN_UNITS, MEANINGS, UNIT_WORDS
from diagpacte.deliverables.sheet_content import BASES
from diagpacte.deliverables.sheet_context import sort_key
from diagpacte.tables import Headings
from diagpacte.vocabulary import ABSENCES, Indicator

Cells = Mapping[str, str]  # heading → text of one row; a heading that is not ours is a column someone added

TITLE = "Correspondance des colonnes reçues"
FREE_ROWS = 40  # rows of « Nouveaux indicateurs » ready to be filled
FEWEST_FREE = 10
NOT_OFFERED = ("grade",)  # a grade has its words in factors.csv, which this workbook cannot give
WITHOUT_BASE = "sans base"
STRONG, FAIR = 90, 80  # likeness of a proposition, 0 to 100
ALREADY_SAID, TO_CHECK = "déjà dit", "à vérifier"
NOT_STATED = "non dite"
GONE, FOUND_OUT = "n’est plus dans les fichiers", "reconnue depuis, ou absente de ce fichier"
ANSWERED = "lu selon cette réponse, ou absent de ce fichier"
SETTLED = frozenset({GONE, FOUND_OUT})  # rows kept for what was typed in them
LONGEST = 32_767  # characters of a cell

UNITS = (
    "% (0 à 100)", "part (0 à 1)", "nombre", "milliers", "millions", "k€", "degrés de 0 à 2", "degrés de 1 à 3",
)  # fmt: skip

COLUMNS = (
    Column("fichier", 20),
    Column("feuille", 12),
    Column("cellule", 8),
    Column("intitulé", 34),
    Column("sous", 16),
    Column("exemple 1", 11),
    Column("exemple 2", 11),
    Column("exemple 3", 11),
    Column("proposition", 30),
    Column("confiance", 12),
    Column("retenir comme", 32, Kind.CHOICE, "choix", free=True),
    Column("année", 8, Kind.YEAR),
    Column("unité", 15, Kind.CHOICE, UNITS),
    Column("garder", 8, Kind.CHOICE, ("oui", "non")),
    Column("pourquoi", 30),
)
FILES = (
    Column("fichier", 34),
    Column("contenu reconnu", 44),
    Column("dite par le fichier", 12),
    Column("géographie au 1er janvier", 14, Kind.WANTED_YEAR),
    Column("remarque", 44, Kind.TEXT),
)
MARKS = (
    Column("fichier", 34),
    Column("texte", 34),
    Column("nombre de cellules", 12),
    Column("première cellule", 30),
    Column("veut dire", 24, Kind.CHOICE, tuple(ABSENCES.values()), free=True),
)
INDICATORS = (
    Column("identifiant", 34, Kind.TEXT),
    Column("libellé", 44, Kind.TEXT),
    Column("unité", 36, Kind.CHOICE, "unites"),
    Column("base", 24, Kind.CHOICE, "bases"),
    Column("mini", 10, Kind.NUMBER),
    Column("maxi", 10, Kind.NUMBER),
    Column("source", 34, Kind.TEXT),
    Column("remarque", 34, Kind.TEXT),
)
DICTIONARY = (
    Column("choix", 66),
    Column("unité", 26),
    Column("base", 20),
    Column("rôle", 11),
    Column("définition", 70),
    Column("unités possibles", 44),
    Column("bases possibles", 24),
)
NOTES = {
    "Colonnes": "Une ligne par colonne non reconnue. Remplir les cases jaunes ; le reste vient des fichiers.",
    "Fichiers": "La géographie dit de quelle année sont les codes des communes et des EPCI. Case orange : à donner.",
    "Marques": (
        "Des textes à la place de valeurs : dire pourquoi il n’y a pas de valeur, ou de quel degré il s’agit. Un nombre "
        "mal écrit se corrige dans son fichier."
    ),
    "Nouveaux indicateurs": (
        "Pour ce que le dictionnaire n’a pas. Toujours de rôle « contexte » : montré, jamais compté comme un besoin."
    ),
    "Dictionnaire": "Ce qui peut être choisi dans « retenir comme ». Rien à remplir ici.",
}


@dataclass(frozen=True)
class AskedFile:
    """A file received: what it was recognised as, and the 1 January it says its codes belong to."""

    file: str
    content: str
    geo_vintage: int | None = None


@dataclass(frozen=True)
class AskedText:
    """A text that stands for values in a file: in how many cells, and the first, « EPCI!C7 »."""

    file: str
    text: str
    count: int
    cell: str


@dataclass(frozen=True)
class Content:
    """The rows of each sheet; `foreign` are sheets that someone added, as values, by name."""

    columns: Sequence[Cells] = ()
    files: Sequence[Cells] = ()
    indicators: Sequence[Cells] = ()
    foreign: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    marks: Sequence[Cells] = ()


def asked_columns(headings: Headings, indicators: Sequence[Indicator]) -> list[Cells]:
    """A row of « Colonnes » for each row of `headings`, nothing typed yet.

    What was said of another vintage of the file is the proposition, « déjà dit ». A proposition without
    confidence is one whose unit must be checked.
    """
    shown = {entry.indicator: choice_of(entry) for entry in indicators}
    units = {entry.indicator: IN_UNITS.get(entry.unit, entry.unit) for entry in indicators}
    return [_asked(row, shown, units) for row in headings.to_dict("records")]


def _asked(row: Mapping[Any, Any], shown: Mapping[str, str], units: Mapping[str, str]) -> Cells:
    said = row["meaning"]
    proposed = said or (row["proposed"] if isinstance(row["proposed"], str) else "")
    confidence = ALREADY_SAID if said else _confidence(row["confidence"], units.get(proposed, "")) if proposed else ""
    texts = {
        "fichier": row["source_id"],
        "feuille": row["sheet"],
        "cellule": row["cell"],
        "intitulé": row["heading"],
        "sous": row["theme"],
        **{f"exemple {place}": row[f"sample_{place}"] for place in (1, 2, 3)},
        "proposition": shown.get(proposed, proposed),
        "confiance": confidence,
        "pourquoi": row["reason"],
    }
    return {heading: _held(text) for heading, text in texts.items()}


def _confidence(likeness: int | None, unit: str) -> str:
    """« 93 – forte »; « à vérifier : en % » when nothing says that the column is in the unit of the proposition."""
    if likeness is None or french.is_missing(likeness):
        return f"{TO_CHECK} : {unit}"
    word = "forte" if likeness >= STRONG else "moyenne" if likeness >= FAIR else "faible"
    return f"{likeness} {french.EN_DASH} {word}"


def _held(text: str) -> str:
    """`text` as a cell can hold it, spaces trimmed."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return whole[:LONGEST].strip()


def asked_files(files: Sequence[AskedFile]) -> list[Cells]:
    """A row of « Fichiers » for each file."""
    return [
        {
            "fichier": _held(one.file),
            "contenu reconnu": one.content,
            "dite par le fichier": str(one.geo_vintage) if one.geo_vintage else NOT_STATED,
        }
        for one in files
    ]


def asked_marks(texts: Sequence[AskedText]) -> list[Cells]:
    """A row of « Marques » for each text."""
    return [
        {
            "fichier": _held(one.file),
            "texte": _held(one.text),
            "nombre de cellules": str(one.count),
            "première cellule": _held(one.cell),
        }
        for one in texts
    ]


def shown_words() -> dict[str, str]:
    """« nombre » → « count »: the words under which units and bases are offered."""
    return {words: str(name) for names in (UNIT_WORDS, BASES) for name, words in names.items() if name}


def choice_of(indicator: Indicator) -> str:
    """« Taux de pauvreté — poverty_rate_pct »: how the drop-down list writes an indicator."""
    return f"{indicator.label} — {indicator.indicator}"


def dictionary_rows(indicators: Sequence[Indicator], words: Sequence[str]) -> list[Cells]:
    """The rows of « Dictionnaire »: the `words` for what is no indicator, then every indicator by its label."""
    ordered = sorted(indicators, key=lambda entry: (sort_key(entry.label), entry.indicator))
    return [
        *({"choix": word, "rôle": "repère", "définition": MEANINGS.get(word, "")} for word in words),
        *(
            {
                "choix": choice_of(entry),
                "unité": UNIT_WORDS.get(entry.unit, entry.unit),
                "base": BASES[entry.base],
                "rôle": str(entry.role),
                "définition": entry.label_long,
            }
            for entry in ordered
        ),
    ]


def correspondence_bytes(
    content: Content, indicators: Sequence[Indicator], words: Sequence[str], as_of: date, degrees: Sequence[str] = ()
) -> bytes:
    """The workbook: the same bytes for the same arguments.

    `words` are those for what is no indicator; `degrees`, those that a text of « Marques » may be.
    """
    free = max(FREE_ROWS, len(content.indicators) + FEWEST_FREE)
    fed = [_fed(row) for row in content.indicators]
    units = sorted({entry.unit for entry in indicators} - {*NOT_OFFERED})
    lists = {
        "unités possibles": [f"{UNIT_WORDS[unit]} — {unit}" if unit in UNIT_WORDS else unit for unit in units],
        "bases possibles": [f"{words} — {base}" if base else WITHOUT_BASE for base, words in BASES.items()],
    }
    ranges = {"choix": "choix", "unites": "unités possibles", "bases": "bases possibles"}
    tables = [
        _table("Colonnes", COLUMNS, content.columns, frozen=4, filtered=True, muted={"pourquoi": SETTLED}),
        _table("Fichiers", FILES, content.files, frozen=1, filtered=True, muted={"contenu reconnu": SETTLED}),
        *([_marks(content.marks, degrees)] if content.marks else []),
        _table("Nouveaux indicateurs", INDICATORS, content.indicators, rows=free),
        _table(
            "Dictionnaire",
            DICTIONARY,
            dictionary_rows(indicators, words),
            frozen=1,
            lists=lists,
            fed=[*fed, *[""] * (free - len(fed))],
            ranges=ranges,
        ),
    ]
    return write_tables(TITLE, GUIDE, tables, content.foreign, as_of)


def _table(name: str, columns: Sequence[Column], cells: Sequence[Cells], **options: Any) -> Table:
    return Table(name, NOTES[name], columns, cells, **options)


def _marks(cells: Sequence[Cells], degrees: Sequence[str]) -> Table:
    *fixed, says = MARKS
    columns = [*fixed, replace(says, choices=(*says.choices, *degrees))]
    return _table("Marques", columns, cells, frozen=2, filtered=True, muted={"première cellule": frozenset({GONE})})


def _fed(row: Cells) -> str:
    """What a row of « Nouveaux indicateurs » adds to the drop-down list."""
    return f"{row.get('libellé', '')} — {row['identifiant']}" if row.get("identifiant") else ""
