"""The cells of an offer, opened: codes as text, lists as lists, words of the official closed lists.

A word outside its list is dropped, its row kept, and said with the nearest known one.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from data_inclusion.schema import v1
from data_inclusion.schema.v1.modes_mobilisation import ModeMobilisation, PersonneMobilisatrice
from rapidfuzz import fuzz, process

from diagpacte.errors import Fault, Severity
from diagpacte.sources.offers.faults import offer_fault, plain_text, quoted
from diagpacte.sources.offers.records import Records
from diagpacte.vocabulary import COMMUNE_PATTERN, SIREN_PATTERN, code_text

MANY_WORDS = 200  # unknown words said one by one
NEAR = 70  # least likeness (0-100) of a known word worth naming
CODES = {"code_insee": 5, "code_postal": 5, "siret": 14}
IDENTITIES = ("source", "id", "structure_id")
IDENTITY_LENGTH = 200  # characters
COORDINATES = ("longitude", "latitude")
DROPPED = "valeur retirée, ligne gardée ; à corriger chez le producteur"
WORDS = {
    field: frozenset(str(word.value) for word in words)
    for field, words in (
        ("type", v1.TypeService),
        ("frais", v1.Frais),
        ("thematiques", v1.Thematique),
        ("publics", v1.Public),
        ("modes_accueil", v1.ModeAccueil),
        ("modes_mobilisation", ModeMobilisation),
        ("mobilisable_par", PersonneMobilisatrice),
        ("reseaux_porteurs", v1.ReseauPorteur),
    )
}
SINGLE_WORDS = ("type", "frais")
LISTS = (*(field for field in WORDS if field not in SINGLE_WORDS), "zone_eligibilite")
# département, overseas collectivity, country, or the whole of France
WIDE_ZONE = re.compile(r"\d{2}|2[AB]|9[78]\d|99[0-5]\d{2}|france")


def open_cells(records: Records, file: str) -> tuple[dict[str, list[Any]], list[Fault]]:
    """The columns of `records`, those of the official schema opened, and what was found on the way.

    Codes are text with their lost zero; a list that loses all its words is None, one published empty
    stays so; NaN is None, except in coordinates.
    """
    columns, faults = dict(records.columns), list(records.faults)
    for field, cells in columns.items():
        if field in COORDINATES:
            columns[field] = [_point_decimal(cell) for cell in cells] if records.text_only else cells
            continue
        opened = [None if cell != cell else cell for cell in cells]  # noqa: PLR0124 (NaN is not itself)
        if field in CODES:
            opened, said = _codes(opened, field, file, records.first_row)
            faults += said
        elif field in IDENTITIES:
            opened = [plain_text(cell, IDENTITY_LENGTH) if isinstance(cell, (str, int)) else cell for cell in opened]
        elif field in LISTS or field in SINGLE_WORDS:
            if records.text_only and field in LISTS:
                lists = {text: _list_in(text) for text in {cell for cell in opened if isinstance(cell, str)}}
                opened = [lists[cell] if isinstance(cell, str) else cell for cell in opened]
            opened, said = _words(opened, field, file, records.first_row)
            faults += said
        columns[field] = opened
    return columns, faults


def is_eligibility_zone(value: object) -> bool:
    """Whether `value` can be a commune, an EPCI, a département, a country or « france »."""
    return isinstance(value, str) and bool(
        COMMUNE_PATTERN.match(value) or SIREN_PATTERN.match(value) or WIDE_ZONE.fullmatch(value)
    )


def _point_decimal(cell: Any) -> Any:
    return cell.replace(",", ".") if isinstance(cell, str) else cell


def _codes(cells: list[Any], field: str, file: str, first_row: int) -> tuple[list[Any], list[Fault]]:
    """Codes as text with their lost zero; what is neither text nor number is left to the schema."""
    width = CODES[field]
    texts = {cell: code_text(cell, width) for cell in {c for c in cells if isinstance(c, (str, int, float))}}
    lost = {cell for cell, text in texts.items() if text.startswith("0") and not str(cell).strip().startswith("0")}
    rows = [row for row, cell in enumerate(cells, first_row) if isinstance(cell, (str, int, float)) and cell in lost]
    faults = []
    if rows:
        example = cells[rows[0] - first_row]
        found = f"{field} : zéro initial perdu, par exemple {quoted(example)} lu {quoted(texts[example])}"
        faults.append(offer_fault(file, found, rows, remedy="rien à faire", severity=Severity.INFORMATION))
    return [texts.get(cell, cell) if isinstance(cell, (str, int, float)) else cell for cell in cells], faults


def _list_in(text: str) -> object:
    """The list that a CSV cell spells as Python does; the text itself when it spells none."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return list(value) if isinstance(value, (list, tuple, set)) else text


def _words(cells: list[Any], field: str, file: str, first_row: int) -> tuple[list[Any], list[Fault]]:
    """Each cell with its known words only, lists sorted; what was dropped is said by word.

    Cells repeat themselves: each distinct one is read once, and equal cells share one list.
    """
    single = field in SINGLE_WORDS
    shape: type = str if single else list
    keys = [tuple(_values(cell, single)) for cell in cells]
    words = {key: [_word(value, field) for value in key] for key in set(keys)}
    read: dict[Any, Any] = {key: sorted(set(filter(None, found))) or None for key, found in words.items()}
    if single:
        read = {key: found and found[0] for key, found in read.items()}
    opened = [[] if cell == [] else read[key] for key, cell in zip(keys, cells, strict=True)]
    shapeless = [row for row, cell in enumerate(cells, first_row) if cell is not None and not isinstance(cell, shape)]
    unknown: dict[str, list[int]] = defaultdict(list)
    faulty = {key for key, found in words.items() if None in found}
    for row, key in enumerate(keys, first_row):
        if key in faulty:
            for value, word in zip(key, words[key], strict=True):
                if word is None:
                    unknown[value].append(row)
    return opened, list(_word_faults(field, file, unknown, shapeless))


def _values(cell: Any, single: bool) -> list[str]:
    if single:
        return [cell] if isinstance(cell, str) else []
    return [str(value) for value in cell] if isinstance(cell, list) else []


def _word(value: str, field: str) -> str | None:
    """The word of the closed list that `value` is, spaces and capitals apart; None when it is none."""
    if field == "zone_eligibilite":
        zone = value.strip().lower() if value.strip().lower() == "france" else code_text(value, 0)
        return zone if is_eligibility_zone(zone) else None
    plain = re.sub(r"[\s_]+", "-", value.strip().lower())
    return plain if plain in WORDS[field] else None


def _word_faults(field: str, file: str, unknown: dict[str, list[int]], shapeless: list[int]) -> Iterator[Fault]:
    if shapeless:
        found = f"{field} : la cellule ne porte pas une liste" if field in LISTS else f"{field} : valeur illisible"
        expected = "une liste, par exemple ['a', 'b']" if field in LISTS else "un mot du vocabulaire officiel"
        yield offer_fault(file, found, shapeless, expected=expected, remedy=DROPPED)
    ordered = sorted(unknown.items(), key=lambda item: (-len(item[1]), item[0]))
    known = sorted(WORDS.get(field, ()))
    for value, rows in ordered[:MANY_WORDS]:
        near = process.extractOne(value[:200], known, scorer=fuzz.ratio, score_cutoff=NEAR)
        hint = f" ; le plus proche connu : {quoted(near[0])}" if near else ""
        expected = "un code de commune, d’EPCI, de département ou de pays" if not known else "le vocabulaire v1" + hint
        yield offer_fault(file, f"{field} : valeur inconnue {quoted(value)}", rows, expected=expected, remedy=DROPPED)
    if hidden := ordered[MANY_WORDS:]:
        rows = sorted({row for _, found_rows in hidden for row in found_rows})
        yield offer_fault(file, f"{field} : {len(hidden)} autres valeurs inconnues", rows, remedy=DROPPED)
