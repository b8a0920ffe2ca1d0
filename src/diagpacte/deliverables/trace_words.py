"""The way back of one figure, in French, for a person: what it is, how it is made, where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagpacte.deliverables import french
from diagpacte.deliverables.fault_words import cell_count, range_name, rectangles
from diagpacte.deliverables.sheet_content import AVAILABILITIES, BASES
from diagpacte.deliverables.sheet_needs import RULES
from diagpacte.deliverables.trace_report import PlaceLine, StepLine, Trace
from diagpacte.tables import TABLES
from diagpacte.tables.lineage import Place
from diagpacte.vocabulary import Availability, Base, Nature, NeedRule

SPACED = re.compile(r" ([:;»])")  # the rest of a line may quote a file, as it is written
FEW = 3  # rows, cells or records named before « et 57 autres »
WIDE = 8
SHORT_HASH = 12
NOTHING = "aucune valeur"
LABELS = {
    "availability": "Disponibilité", "nature": "Nature", "indicator": "Indicateur", "base": "Base", "period": "Période",
    "year": "Année", "class_rule": "Règle de la classe", "variant": "Variante", "confidence": "Confiance",
    "reason": "Remarque", "gap_reason": "Pourquoi", "flag": "Mention", "placement": "Localisation",
    "offer_source": "Source d’offre", "people_availability": "Disponibilité des personnes", "zone_code": "Zone",
    "theme": "Thème", "commune_code": "Commune", "factor": "Facteur", "structure_id": "Structure", "source_id": "Fichier",
    "department": "Département", "group": "Ligne de la feuille Qualité", "geo_vintage": "Géographie au 1er janvier",
    "offer_id": "Enregistrement",
}  # fmt: skip
TITLES = {"source_id", "geo_vintage", "unit"}  # told elsewhere, or in the value
PLACES = {
    Place.FILE: "fichier entier", Place.REFERENCE: "référentiel livré avec diagpacte", Place.SETTING: "réglage",
    Place.TYPED: "saisie",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What codes are called: zones, themes, indicators with their units."""

    zones: Mapping[str, str] = field(default_factory=dict)
    themes: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # label, unit

    def part(self, name: str, value: Any) -> str:
        """A part of a key, or a fact, as a person reads it."""
        text = "" if value is None else str(value)
        readers: dict[str, Callable[[str], str]] = {
            "zone_code": lambda code: self._named(self.zones.get(code, ""), code),
            "theme": lambda code: self._named(self.themes.get(code, ""), code),
            "indicator": lambda code: self._named(self.indicators.get(code, ("", ""))[0], code),
            "availability": lambda kind: AVAILABILITIES[Availability(kind)].lower(),
            "people_availability": lambda kind: AVAILABILITIES[Availability(kind)].lower(),
            "nature": lambda kind: Nature(kind).label,
            "class_rule": lambda rule: RULES[NeedRule(rule)],
            "base": lambda kind: BASES[Base(kind)] or "sans objet",
            "variant": lambda number: "référence" if number == "0" else f"n°{french.NBSP}{number}",
        }
        return readers.get(name, str)(text)

    def _named(self, label: str, code: str) -> str:
        return f"{label} ({code})" if label else code

    def value(self, table: str, column: str, value: Any, unit: str = "") -> str:
        """A value with its unit, as exact as it is kept, or why there is none."""
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, (int, float)):
            shown = french.shortest(float(value))
            declared = TABLES[table].columns[column].unit if table in TABLES and column in TABLES[table].columns else ""
            if unit in french.UNITS and column in UNIT_OF_INDICATOR:
                return french.with_unit(shown, unit)
            return f"{shown}{french.NBSP}{declared}" if declared else shown
        if isinstance(value, (list, tuple)):
            return " ; ".join(map(str, value)) or NOTHING
        return self.part(column, value) or NOTHING


UNIT_OF_INDICATOR = ("value", "lower", "upper", "reference_territory", "reference_france", "grade")


def as_text(trace: Trace, words: Words) -> str:
    """One trace in a few lines: wide fans are told by their number and their first rows."""
    lines = [trace.figure, *_head(trace, words)]
    lines += ["", "Comment il est fait", *_tree(trace, words)]
    made = [place for place in trace.places if not place.condition and place.kind not in SETTLED]
    files = {
        (place.kind, place.name): [one for one in made if (one.kind, one.name) == (place.kind, place.name)]
        for place in made
    }
    lines += ["", "D’où il vient", *(line for places in files.values() for line in _file(places))]
    if not made:
        lines.append("  nulle part : aucun fichier reçu n’entre dans ce chiffre")
    settled = [place for place in trace.places if place.kind in SETTLED]
    lines += _listed("Réglages et référentiels", [_settled(place) for place in settled])
    decided = [place for place in trace.places if place.condition and place.kind not in SETTLED]
    lines += _listed("Décide aussi, sans entrer dans le montant", [_decided(place) for place in decided])
    return SPACED.sub(rf"{french.NBSP}\1", "\n".join(lines))


SETTLED = (str(Place.REFERENCE), str(Place.SETTING), str(Place.TYPED))


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in dict.fromkeys(lines))] if lines else []


def _head(trace: Trace, words: Words) -> Iterator[str]:
    """What it is, its value, and what kind of figure it is."""
    unit = str(trace.facts.get("unit") or words.indicators.get(str(trace.key.get("indicator")), ("", ""))[1])
    said = words.value(trace.table, trace.column, trace.value, unit)
    yield f"{trace.description} : {said}"
    if trace.territory:
        yield f"  Territoire : {trace.territory}"
    for name, value in trace.key.items():
        yield f"  {LABELS.get(name, name)} : {words.part(name, value)}"
    for name, value in trace.facts.items():
        if name not in TITLES:
            yield f"  {LABELS.get(name, name)} : {words.part(name, value)}"
    for reason in dict.fromkeys(trace.withheld.values()):
        yield f"  Retenu par le contrôle de diffusion, et dit nulle part : {reason}"


def _tree(trace: Trace, words: Words) -> Iterator[str]:
    """Each step under the one that reads it; what only decides is left to the last section."""
    steps = {step.step: step for step in trace.steps}
    told: set[str] = set()

    def branch(step: StepLine, depth: int) -> Iterator[str]:
        indent = "  " * (depth + 1)
        if step.step in told:
            yield f"{indent}→ {_rows(step, words)} (voir plus haut)"
            return
        told.add(step.step)
        yield f"{indent}→ {_rows(step, words)}"
        yield f"{indent}  {step.operation}"
        below = [steps[name] for name in step.reads if not steps[name].condition]
        rows = {(one.table, tuple(_keys(one))): one for one in reversed(below)}  # two columns of one row are one line
        for one in below:
            if rows[one.table, tuple(_keys(one))] is one:
                yield from branch(one, depth + 1)

    yield from branch(trace.steps[0], 0)


def _keys(step: StepLine) -> list[str]:
    return [figure.partition("/")[2].rpartition("/")[0] for figure in step.ids]


def _rows(step: StepLine, words: Words) -> str:
    """The id of one row; for several, how many, and the first ones by what tells them apart."""
    count = len(step.ids)
    if count == 1:
        return f"{step.ids[0]}{_value(step, 0, words)}"
    parts = [key.split("|") for key in _keys(step)]
    apart = [place for place in range(len(parts[0])) if len({key[place] for key in parts if len(key) > place}) > 1]
    shown = [
        "|".join(words.zones.get(key[place], key[place]) for place in apart if place < len(key)) for key in parts[:FEW]
    ]
    names = [f"{name}{_value(step, row, words)}" for row, name in enumerate(shown)]
    more = f" et {french.number(count - FEW)} autres" if count > FEW else ""
    return f"{french.number(count)} × {step.table}/…/{step.columns[0]} : {' ; '.join(names)}{more}"


def _value(step: StepLine, row: int, words: Words) -> str:
    """« = 12,3 »; of several rows, numbers only: their words would tell nothing of one another."""
    if not step.values or (len(step.ids) > 1 and not isinstance(step.values[row][0], (int, float))):
        return ""
    return f" = {words.value(step.table, step.columns[0], step.values[row][0])}"


def _file(places: Sequence[PlaceLine]) -> Iterator[str]:
    """A file with its hash, and each place in it."""
    yield f"  {places[0].name}{_about(places[0])}"
    if places[0].sha256:
        yield f"    SHA-256 {places[0].sha256}"
    for place in places:
        yield from _place(place)


def _place(place: PlaceLine) -> Iterator[str]:
    if place.cells:
        yield f"    {_cells(place)}"
        for cell in sorted(place.cells, key=_order)[:FEW]:
            text = f"«{french.NBSP}{cell['text']}{french.NBSP}»" if cell["text"] else "texte retenu ou vide"
            corrected = f", {cell['correction']} (data/saisies)" if "correction" in cell else ""
            yield f"      {cell['cell']} : {text}, {cell['zone']}{corrected}"
        if len(place.cells) > FEW:
            yield f"      … et {french.number(len(place.cells) - FEW)} autres"
    elif place.records:
        yield f"    {_records(place.records)}"
    else:
        yield f"    {PLACES[Place(place.kind)]}"


def _about(place: PlaceLine) -> str:
    """« (Insee, 2022, réel) »."""
    source = place.source or {}
    nature = Nature(source["nature"]).label if source.get("nature") else ""
    told = [str(part) for part in (source.get("producer"), source.get("vintage"), nature) if part]
    return f" ({', '.join(told)})" if told else ""


def _cells(place: PlaceLine) -> str:
    """« feuille « Facteurs_EPCI », cellule F12 », « …, 60 cellules : F6:F65 »."""
    areas = rectangles(_by_column(str(cell["cell"]) for cell in place.cells))
    names = ", ".join(map(range_name, areas[:WIDE])) + ("…" if len(areas) > WIDE else "")
    count = cell_count(areas)
    sheet = f"feuille «{french.NBSP}{place.sheet}{french.NBSP}», " if place.sheet else ""
    return f"{sheet}cellule {names}" if count == 1 else f"{sheet}{french.counted(count, 'cellule')} : {names}"


def _order(cell: Mapping[str, Any]) -> tuple[int, str, int]:
    """Down a column, then the next."""
    letters = str(cell["cell"]).rstrip("0123456789")
    return len(letters), letters, int(str(cell["cell"])[len(letters) :])


def _by_column(cells: Iterator[str]) -> list[str]:
    """Cells of one column that follow one another, as ranges."""
    columns: dict[str, list[int]] = {}
    for cell in cells:
        letters = cell.rstrip("0123456789")
        columns.setdefault(letters, []).append(int(cell[len(letters) :]))
    return [f"{letters}{a}:{letters}{b}" for letters, rows in columns.items() for a, b in _runs(sorted(rows))]


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of whole numbers that follow one another."""
    start = last = None
    for number in numbers:
        if start is None or last is None or number != last + 1:
            if start is not None and last is not None:
                yield start, last
            start = number
        last = number
    if start is not None and last is not None:
        yield start, last


def _records(records: Sequence[Any]) -> str:
    """« ligne 12 », « 44 lignes : 12, 15-18… », and structures by their identifiers."""
    numbers = [record for record in records if isinstance(record, int)]
    ids = [f"«{french.NBSP}{record}{french.NBSP}»" for record in records if isinstance(record, str)]
    runs = [str(first) if first == last else f"{first}-{last}" for first, last in _runs(numbers)]
    told = (("ligne", len(numbers), runs), ("enregistrement", len(ids), ids))
    return " ; ".join(_counted(kind, count, names) for kind, count, names in told if count)


def _counted(kind: str, count: int, names: Sequence[str]) -> str:
    if count == 1:
        return f"{kind} {names[0]}"
    return f"{french.counted(count, kind)} : {', '.join(names[:WIDE])}{'…' if len(names) > WIDE else ''}"


def _settled(place: PlaceLine) -> str:
    vintage = (place.source or {}).get("vintage", "")
    producers = ", ".join((place.source or {}).get("producers", ()))
    about = ", ".join(part for part in (producers, str(vintage)) if part)
    return f"{place.name} : {PLACES[Place(place.kind)]}{f' ({about})' if about else ''}"


def _decided(place: PlaceLine) -> str:
    if place.cells:
        return f"{place.name}, {_cells(place)}"
    return f"{place.name}, {_records(place.records)}" if place.records else f"{place.name}, fichier entier"
