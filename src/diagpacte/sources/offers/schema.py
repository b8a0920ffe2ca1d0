"""Records held against the official models of data.inclusion (v1), with `as_of` for their clock.

A value that breaks them is dropped and its row kept; only a row without identity, or that repeats
one, is refused. Each kind of breach is one fault, with its count and its lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from data_inclusion.schema import v1
from pydantic import BaseModel, TypeAdapter, ValidationError, ValidationInfo, field_validator

from diagpacte.errors import Fault, Severity
from diagpacte.sources.offers.cells import DROPPED, open_cells
from diagpacte.sources.offers.faults import offer_fault, quoted
from diagpacte.sources.offers.records import Records

CHUNK = 5_000  # rows validated at once: bounds the memory of the official models
BEYOND_THE_MODEL = {"score_qualite"}  # written by the open-data export beside the model's fields
# what diagpacte keeps; the rest is checked, then forgotten (descriptions and contacts above all)
KEPT = {
    "source", "structure_id", "id", "nom", "date_maj", "type", "thematiques", "publics", "commune", "code_postal",
    "code_insee", "adresse", "longitude", "latitude", "modes_accueil", "zone_eligibilite", "siret", "reseaux_porteurs",
}  # fmt: skip
EXAMPLES = {"code_insee", "code_postal", "siret", "date_maj", "longitude", "latitude"}  # fields worth quoting
SCHEMA = "une valeur conforme au schéma officiel v1"
EXPECTED = {
    "date_maj": "une date AAAA-MM-JJ, de 2000 à la date du diagnostic",
    "code_insee": "cinq caractères",
    "code_postal": "cinq chiffres",
    "siret": "quatorze chiffres",
    "publics": "« tous-publics » seul, ou d’autres publics",
    "nom": "de 3 à 150 caractères",
}
MEANINGS = {
    "missing": "absent",
    "string_type": "n’est pas un texte",
    "string_too_short": "trop court",
    "string_too_long": "trop long",
    "string_pattern_mismatch": "n’a pas la forme prévue",
    "float_parsing": "n’est pas un nombre",
    "float_type": "n’est pas un nombre",
    "too_short": "liste vide",
    "url_parsing": "n’est pas une adresse web",
    "url_scheme": "n’est pas une adresse web",
}  # any other refusal of the official models: « non conforme »


def _date_within(_model: type[BaseModel], value: date, info: ValidationInfo) -> date:
    """The official bounds, the day of the diagnosis in place of the day of the run."""
    if not date(2000, 1, 1) <= value <= (info.context or {})["as_of"]:
        raise ValueError
    return value


class _Service(v1.Service):  # type: ignore[misc]
    date_maj_valide = field_validator("date_maj")(classmethod(_date_within))


class _Structure(v1.Structure):  # type: ignore[misc]
    date_maj_valide = field_validator("date_maj")(classmethod(_date_within))


MODELS: dict[str, type[BaseModel]] = {"service": _Service, "structure": _Structure}
IDENTITY = {"service": ("source", "structure_id", "id"), "structure": ("source", "id")}
KEPT_NAME = ("trop court", "trop long")  # such a name is still a name

Breaches = dict[tuple[str, str], list[int]]  # (field, meaning) → ranks of the records


@dataclass(frozen=True)
class Conformed:
    """The columns kept of the records kept, `rows` their places in the file; `met` counts all records."""

    columns: dict[str, list[Any]]
    rows: list[int]
    faults: list[Fault]
    met: int


def conform(records: Records, record: str, file: str, as_of: date) -> Conformed:
    """`records` (« service » or « structure ») as the official v1 schema lets them through.

    Every column that diagpacte keeps is present, None where nothing valid is published.
    """
    columns, faults = open_cells(records, file)
    size, first_row = records.size, records.first_row
    del records  # its lists, one per cell, would slow the validation down as long as they live
    wanted = KEPT & set(MODELS[record].model_fields)
    faults += _heading_faults(columns, wanted, MODELS[record], file)
    breaches = _breaches(columns, size, MODELS[record], as_of)
    faults += _breach_faults(columns, breaches, first_row, file)
    for (field, meaning), places in breaches.items():
        if field in wanted and not (field == "nom" and meaning in KEPT_NAME):
            columns[field] = _emptied(columns[field], places)
    columns |= {name: [None] * size for name in IDENTITY[record] if name not in columns}
    kept, refusals = identified(columns, first_row, IDENTITY[record], file)
    return Conformed(
        {name: [columns[name][i] for i in kept] if name in columns else [None] * len(kept) for name in wanted},
        [first_row + i for i in kept],
        [*faults, *refusals],
        size,
    )


def _heading_faults(columns: dict[str, list[Any]], wanted: set[str], model: type[BaseModel], file: str) -> list[Fault]:
    faults = []
    if unknown := [name for name in columns if name not in model.model_fields and name not in BEYOND_THE_MODEL]:
        found = f"colonnes inconnues : {', '.join(quoted(name) for name in unknown)}"
        remedy = "vérifier leur orthographe ; elles ne sont pas lues"
        faults.append(offer_fault(file, found, expected="les colonnes du schéma v1", remedy=remedy))
    if absent := sorted(wanted - set(columns)):
        found = f"colonnes absentes : {', '.join(quoted(name) for name in absent)}"
        remedy = "reprendre l’export complet ; sans elles, l’information est tenue pour inconnue"
        faults.append(offer_fault(file, found, expected="les colonnes du schéma v1", remedy=remedy))
    return faults


def _breaches(columns: dict[str, list[Any]], size: int, model: type[BaseModel], as_of: date) -> Breaches:
    """Which records break which field, and how, in the eyes of the official model."""
    adapter = TypeAdapter(list[model])  # type: ignore[valid-type]
    names = [name for name in columns if name in model.model_fields]
    breaches: Breaches = defaultdict(list)
    for start in range(0, size, CHUNK):
        cells = zip(*(columns[name][start : start + CHUNK] for name in names), strict=True)
        try:
            adapter.validate_python([dict(zip(names, row, strict=True)) for row in cells], context={"as_of": as_of})
        except ValidationError as error:
            for field, meaning, place in _first_refusals(error, names):
                breaches[field, meaning].append(start + place)
    return breaches


def _first_refusals(error: ValidationError, names: list[str]) -> Iterator[tuple[str, str, int]]:
    """The first refusal of each field of each record; a column absent from the file is said elsewhere."""
    seen = set()
    for detail in error.errors(include_url=False, include_context=False):
        place, field = detail["loc"][0], str(detail["loc"][1])
        if field in names and (place, field) not in seen:
            seen.add((place, field))
            meaning = "absent" if detail["input"] is None else MEANINGS.get(detail["type"], "non conforme")
            yield field, meaning, int(place)


def _breach_faults(columns: dict[str, list[Any]], breaches: Breaches, first_row: int, file: str) -> Iterator[Fault]:
    for (field, meaning), places in sorted(breaches.items()):
        found = f"{field} : {meaning}"
        if field in EXAMPLES and meaning != "absent":
            found += f", par exemple {quoted(columns[field][places[0]])}"
        severity = Severity.CHECK if field in KEPT else Severity.INFORMATION
        remedy = DROPPED if field in KEPT else "champ non repris par diagpacte"
        if field == "nom" and meaning in KEPT_NAME:
            remedy = "nom gardé tel quel, coupé à 150 caractères ; à corriger chez le producteur"
        if field in ("source", "id", "structure_id"):
            remedy = "ligne écartée : sans identifiant, elle ne peut être suivie"
        rows = [first_row + place for place in places]
        yield offer_fault(file, found, rows, expected=EXPECTED.get(field, SCHEMA), remedy=remedy, severity=severity)


def _emptied(cells: list[Any], places: list[int]) -> list[Any]:
    emptied = list(cells)
    for place in places:
        emptied[place] = None
    return emptied


def identified(
    columns: dict[str, list[Any]], first_row: int, identity: tuple[str, ...], file: str
) -> tuple[list[int], list[Fault]]:
    """Ranks of the records with a whole identity met for the first time; the others are refused."""
    nameless, repeated, kept = [], [], []
    seen: set[str] = set()
    for place, parts in enumerate(zip(*(columns[name] for name in identity), strict=True)):  # the id comes last
        if not all(parts):
            nameless.append(first_row + place)
        elif parts[-1] in seen:
            repeated.append(first_row + place)
        else:
            seen.add(parts[-1])
            kept.append(place)
    faults = []
    if nameless:
        found = f"ligne sans identifiant ({', '.join(identity)})"
        faults.append(offer_fault(file, found, nameless, remedy="ligne écartée ; à corriger chez le producteur"))
    if repeated:
        remedy = "seule la première ligne est gardée"
        faults.append(offer_fault(file, "identifiant déjà lu plus haut", repeated, remedy=remedy))
    return kept, faults
