"""Where what was read comes from: cells of sheets, records of files of offers, whole files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from diagpacte.sources.rules import Precision
from diagpacte.tables import TABLES
from diagpacte.tables.lineage import Link, Origin, Place, Positions, Reads, Role, Select, Tables

KEY = TABLES["observations"].key
COLUMN = ("source_id", "indicator", "year")
READ_OF_CELLS = ("observations", "observations_superseded", "observation_cells")
OF_STRUCTURE = ("name", "networks", "siret")  # what a service is told by the file of structures
SET_ASIDE = ("counted", "excluded_because")

CELL = Origin(Place.CELL, source="source_id")
FILE = Origin(Place.FILE, source="source_id")
EVERY_FILE = Origin(Place.FILE)
RECORD = Origin(Place.RECORD, source="source_id", record="row")
STRUCTURE = Origin(Place.RECORD, kinds=("offre_structures",), record="structure_id", only={"record": ("service",)})
MANIFEST = Origin(Place.SETTING, "data/raw/sources.toml")


def lineage(precision: Sequence[Precision]) -> list[Reads]:
    """What the tables of the workspace read; `precision` says which indicators are judged by their whole column."""
    judged = frozenset(rule.indicator for rule in precision)
    return [
        *_observations(judged),
        *_of_cells(),
        *_offers(),
        *_accounts(),
    ]


def _observations(judged: frozenset[str]) -> Iterator[Reads]:
    columns = _same_column(judged)
    whole = tuple(Link(name, ("published_text",), select=select, condition=True) for name, select in columns.items())
    rule = Origin(Place.SETTING, "configs/precision.csv", only={"indicator": judged})
    for table in ("observations", "observations_superseded"):
        merged = table == "observations"
        parts = (Link("observation_cells", ("published_text",), on={name: name for name in KEY}),) if merged else ()
        yield Reads(
            table,
            ("value", "published_text", "flag"),
            "Valeur lue dans la cellule du fichier reçu"
            + (" ; pour des zones réunies depuis, somme de leurs cellules" if merged else ""),
            parts,
            (CELL,),
        )
        yield Reads(
            table,
            ("availability", "lower", "upper"),
            "Dit par la cellule et, quand toute sa colonne suit la règle d’arrondi ou de plancher de son indicateur, "
            "par cette règle",
            (*parts, *whole),
            (CELL, rule),
        )
        told = ("published_code", "period", "nature", "source_id", "sheet", "row", "column")
        yield Reads(table, told, "Dit par la cellule, son intitulé ou son fichier", parts, (CELL,), Role.LABEL)
        yield Reads(table, KEY, "Zone, indicateur, année et base de la cellule", parts, (CELL,), Role.KEY)


def _same_column(judged: frozenset[str]) -> dict[str, Select]:
    """By table, the other values of the column of a cell, or of each part of a sum, when a rule judges it whole."""

    def of(table: str) -> Select:
        def select(rows: pd.DataFrame, tables: Tables) -> Positions:
            mine = rows[rows["indicator"].isin(judged)]
            parts = tables["observation_cells"].iloc[
                tables.find("observation_cells", KEY, zip(*(mine[name].tolist() for name in KEY), strict=True))
            ]
            columns = pd.concat([mine[list(COLUMN)], parts[list(COLUMN)]]).drop_duplicates()
            return tables.find(table, COLUMN, columns.itertuples(index=False, name=None))

        return select

    return {table: of(table) for table in READ_OF_CELLS}


def _of_cells() -> Iterator[Reads]:
    columns = TABLES["observation_cells"].columns
    yield Reads("observation_cells", ("published_text",), "Cellule d’une zone réunie depuis à d’autres", (), (CELL,))
    others = tuple(name for name in columns if name != "published_text")
    yield Reads("observation_cells", others, "Place de la cellule, et zone qu’elle dit", (), (CELL,), Role.KEY)
    headings = tuple(TABLES["headings"].columns)
    yield Reads("headings", headings, "Colonne sans indicateur connu, telle que publiée", (), (FILE,), Role.LABEL)


def _offers() -> Iterator[Reads]:
    published = tuple(name for name in TABLES["raw_offers"].columns if name not in (*OF_STRUCTURE, *SET_ASIDE))
    yield Reads("raw_offers", published, "Publié dans l’enregistrement", (), (RECORD,))
    yield Reads(
        "raw_offers",
        OF_STRUCTURE,
        "Publié dans l’enregistrement ; pour un service, par la structure qu’il nomme, dans le fichier des structures",
        (),
        (RECORD, STRUCTURE),
    )
    yield Reads(
        "raw_offers",
        SET_ASIDE,
        "Compté, sauf si un fichier d’offre ajouté avant recense déjà cette structure, ou ce réseau de cette source",
        (
            Link("raw_offers", ("structure_id", "networks"), select=_earlier_files, condition=True),
            Link("raw_offers", ("structure_id", "networks"), on={"offer_id": "offer_id"}),
        ),
    )


def _earlier_files(rows: pd.DataFrame, tables: Tables) -> Positions:
    """The records of the files that stand before those of `rows`; they are in the order of the files."""
    if rows.empty:
        return np.empty(0, dtype=np.intp)
    first = tables["raw_offers"]["source_id"].drop_duplicates()
    starts = dict(zip(first, first.index, strict=True))
    return np.arange(max(starts[source] for source in rows["source_id"].unique()), dtype=np.intp)


def _accounts() -> Iterator[Reads]:
    """The tables that tell of files as wholes."""
    measured = ("rows", "sha256", "size")
    yield Reads("sources", measured, "Compté ou calculé sur le fichier entier", (), (FILE,))
    told = tuple(name for name in TABLES["sources"].columns if name not in measured)
    yield Reads("sources", told, "Lu en tête du fichier, ou déclaré à son ajout", (), (FILE, MANIFEST), Role.LABEL)
    faults = tuple(TABLES["faults"].columns)
    operation = "Relevé en contrôlant les fichiers reçus, un par un puis ensemble"
    yield Reads("faults", faults, operation, (), (EVERY_FILE, Origin(Place.TYPED, "data/saisies")), Role.LABEL)
    for table, where in (("entries", "data/saisies/saisie.xlsx"), ("masks", "")):
        columns = tuple(TABLES[table].columns)
        typed = (Origin(Place.TYPED, where),) if where else (EVERY_FILE,)
        said = "Saisi par une personne" if where else "Décidé par le contrôle de diffusion, sur toutes les tables"
        yield Reads(table, columns, said, (), typed, Role.LABEL)
