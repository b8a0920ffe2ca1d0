"""A plain list of places, read by its layout: one structure per row, of a single source."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from diagpacte.errors import Fault, Severity
from diagpacte.sources.offers.cells import open_cells
from diagpacte.sources.offers.faults import offer_fault, quoted
from diagpacte.sources.offers.list_layout import ListLayout
from diagpacte.sources.offers.records import Records, read_records
from diagpacte.sources.offers.schema import Conformed, identified

OFFICIAL = {
    "id": "id",
    "name": "nom",
    "address": "adresse",
    "commune_code": "code_insee",
    "commune_name": "commune",
    "postcode": "code_postal",
    "lat": "latitude",
    "lon": "longitude",
    "siret": "siret",
    "service_type": "type_publie",  # the list's own words, not the official type of service
}


def read_list(path: Path, layout: ListLayout) -> Conformed:
    """The rows of `path` under the names of the official schema, those without identifier refused.

    The date of every row is the one in the file's name. Raises SourceError for what cannot be read.
    """
    records = read_records(path, layout.separator)
    size, day = records.size, layout.as_of.read(path.name)
    columns: dict[str, list[Any]] = {
        OFFICIAL[ours]: _texts(records.columns[theirs])
        for ours, theirs in layout.columns.items()
        if theirs in records.columns
    }
    absent = {name: [None] * size for name in OFFICIAL.values() if name not in columns}
    said = layout.constants
    columns |= absent | {
        "source": [said.source] * size,
        "reseaux_porteurs": [list(said.networks)] * size,
        "thematiques": [list(said.thematics)] * size,
        "publics": [list(said.publics)] * size,
        "date_maj": [day] * size,
    }
    faults = _remarks(records, columns, layout, path.name)
    columns, found = open_cells(Records(columns, size, records.first_row, records.text_only), path.name)
    kept, refusals = identified(columns, records.first_row, ("source", "id"), path.name)
    columns = {name: [cells[i] for i in kept] for name, cells in columns.items()}
    columns["id"] = [f"{said.source}--{identifier}" for identifier in columns["id"]]
    columns["type"] = columns.pop("type_publie")
    rows = [records.first_row + i for i in kept]
    return Conformed(columns, rows, [*records.faults, *faults, *found, *refusals], size)


def _texts(cells: list[Any]) -> list[Any]:
    return [cell if cell is None or isinstance(cell, (str, int, float)) else str(cell) for cell in cells]


def _remarks(records: Records, columns: dict[str, list[Any]], layout: ListLayout, file: str) -> list[Fault]:
    """What a reader of the list must know: no date, rounds, formats and columns nobody has told of."""
    remarks = []
    if columns["date_maj"][:1] == [None]:
        remedy = "redonner au fichier son nom d’origine, qui porte la date"
        remarks.append(offer_fault(file, "la date de la liste n’est pas dans le nom du fichier", remedy=remedy))
    if absent := [name for name in layout.columns.values() if name not in records.columns]:
        found = f"colonnes absentes : {', '.join(quoted(name) for name in absent)}"
        remedy = "reprendre la liste complète ; sans elles, l’information est tenue pour inconnue"
        remarks.append(offer_fault(file, found, expected="les colonnes de " + layout.name, remedy=remedy))
    known = {*layout.columns.values(), *layout.detect.columns, *layout.drop.columns}
    if unread := [name for name in records.columns if name not in known]:
        found = f"colonnes non reprises : {', '.join(quoted(name) for name in unread)}"
        remarks.append(offer_fault(file, found, severity=Severity.INFORMATION))
    return [*remarks, *_format_remarks(columns["type_publie"], records.first_row, layout, file)]


def _format_remarks(cells: list[Any], first_row: int, layout: ListLayout, file: str) -> list[Fault]:
    """Places that go round, and formats that the layout does not know; their points are kept."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, cell in enumerate(cells, first_row):
        if cell is not None and cell not in layout.formats.fixed:
            rows[str(cell)].append(row)
    remarks = []
    for name in sorted(rows) if layout.formats.fixed else ():
        going_round = name in layout.formats.mobile
        meaning = "le service circule, son point est celui de sa base" if going_round else "format inconnu"
        found = f"{layout.columns['service_type']} {quoted(name)} : {meaning}"
        severity = Severity.INFORMATION if going_round else Severity.CHECK
        remarks.append(offer_fault(file, found, rows[name], remedy="point gardé tel quel", severity=severity))
    return remarks
