"""Sheets that account for the others: dictionary, sources, what they claim to cover, quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagpacte.deliverables import french
from diagpacte.deliverables import sheet_content as content
from diagpacte.deliverables.sheet_content import ID_COLUMN, Cell, Column, Sheet, described, records, text, word
from diagpacte.deliverables.sheet_context import View
from diagpacte.deliverables.sheet_profiles import ROLES
from diagpacte.deliverables.sheet_views import fault_groups
from diagpacte.tables import TABLES, figure_id
from diagpacte.vocabulary import Availability, Indicator, Nature

KINDS = {
    "panorama": "panorama de la pauvreté",
    "offre_services": "offre : services",
    "offre_structures": "offre : structures",
    "offre_liste": "offre : liste",
}
CLAIM_KEY = TABLES["source_coverage"].key
AVAILABILITY_KEY = ["indicator", "base", "year"]

DICTIONARY = (
    Column("Feuille", "Feuille où se trouve la colonne ; « Indicateurs » pour un indicateur", width=(10, 18)),
    Column("Colonne", "En-tête de la colonne, ou nom de l’indicateur", width=(16, 44)),
    Column("Définition", "Ce que la colonne contient", width=(20, 60)),
    Column("Unité", "Unité des valeurs", width=(8, 20)),
    Column("Base", "Population à laquelle un taux ou un nombre se rapporte", width=(8, 14)),
    Column("Source", "Producteur de la donnée", width=(12, 36)),
    Column("Millésime", "Période des valeurs présentes", width=(9, 16)),
    Column("Rôle", "Ce à quoi l’indicateur peut servir", width=(10, 24)),
    Column(
        "Identifiant d’un chiffre",
        "Comment s’écrit l’identifiant d’un chiffre de la colonne, pour remonter à son fichier : {clé} est ce qui est "
        "entre les deux barres de la colonne masquée « identifiant », {1} et {2} ses première et deuxième parties",
        width=(16, 46),
    ),
)


def dictionary_sheet(view: View, sheets: Sequence[Sheet]) -> Sheet:
    """A row per column of every sheet, then a row per indicator read or cited."""
    sheet = Sheet(
        "Dictionnaire", "Dictionnaire", "Dictionnaire des colonnes et des indicateurs", DICTIONARY, (), frozen=2
    )
    rows = [_column_row(one.name, column) for one in [*sheets, sheet] for column in one.columns]
    cited = {line.indicator for line in view.context.needs if line.indicator and line.theme in view.themes}
    known = cited | set(view.observed["indicator"])
    rows += [_indicator_row(view, entry) for entry in view.context.indicators if entry.indicator in known]
    notes = ("« sans objet » : la colonne n’a pas d’unité, de base, de source ou de millésime propre.",)
    return Sheet(sheet.name, sheet.table, sheet.title, DICTIONARY, rows, notes, frozen=2)


def _column_row(name: str, column: Column) -> list[Cell]:
    told = (column.unit, column.base, column.source, column.vintage, column.role, column.figure)
    return [Cell(name), text(column.heading), text(column.definition), *(text(part, "sans objet") for part in told)]


def _indicator_row(view: View, entry: Indicator) -> list[Cell]:
    periods = view.observed.loc[view.observed["indicator"] == entry.indicator, "period"].unique()
    definition = f"{entry.label_long}. {entry.note}" if entry.note else entry.label_long
    return [
        Cell("Indicateurs"),
        text(entry.label),
        text(definition),
        text(content.unit_words(entry.unit)),
        content.base(entry.base),
        text(entry.source),
        text(f"{french.NBSP}; ".join(sorted(map(str, periods))), "absent des fichiers"),
        Cell(ROLES[entry.role]),
        word("sans objet"),
    ]


def sources_sheet(view: View) -> Sheet:
    """A row per file received."""
    columns = [
        described("sources", "file", "Fichier", (16, 40)),
        described("sources", "title", "Titre", (16, 40)),
        Column("Type", "Panorama de la pauvreté, ou offre : services, structures, liste", width=(10, 20)),
        described("sources", "producer", "Producteur", (12, 28)),
        described("sources", "licence", "Licence", (12, 20)),
        described("sources", "vintage", "Millésime", (9, 16)),
        described("sources", "geo_vintage", "Géographie au 1er janvier", (10, 11)),
        described("sources", "published_on", "Mise en ligne", (10, 11)),
        described("sources", "nature", "Nature", (7, 12)),
        described("sources", "rows", "Lignes lues", (8, 10)),
        described("sources", "size", "Taille (octets)", (9, 12)),
        described("sources", "sha256", "Empreinte SHA-256", (20, 34)),
        described("sources", "note", "Remarques du producteur", (12, 50)),
        ID_COLUMN,
    ]
    rows = [
        [
            text(row["file"]),
            text(row["title"]),
            text(KINDS.get(row["kind"], row["kind"])),
            text(row["producer"]),
            text(row["licence"]),
            text(row["vintage"]),
            year(row["geo_vintage"]),
            content.moment(row["published_on"]),
            content.nature(row["nature"]),
            content.number(row["rows"]),
            content.number(row["size"]),
            text(row["sha256"]),
            text(row["note"], "sans objet"),
            Cell(content.clean(figure_id("sources", (row["source_id"],), "rows"))),
        ]
        for row in records(view.table("sources").sort_values(["kind", "file"]))
    ]
    return Sheet("Sources", "Sources", "Fichiers reçus", columns, rows, frozen=1, empty="Aucun fichier reçu.")


def year(value: object) -> Cell:
    """A year, without thousands separator; text, since it is never summed."""
    return text(None if content.is_absent(value) else int(float(str(value))))


def claims_sheet(view: View) -> Sheet:
    """What each source of offers says it covers, by département."""
    columns = [
        Column("Fichier", "Fichier de data/raw", width=(16, 40)),
        described("source_coverage", "offer_source", "Source", (12, 40)),
        described("source_coverage", "department", "Département", (10, 12)),
        described("source_coverage", "structures", "Structures recensées", (10, 12)),
        described("source_coverage", "services", "Services recensés", (10, 12)),
        described("source_coverage", "updated_from", "Plus ancienne mise à jour", (10, 12)),
        described("source_coverage", "updated_to", "Plus récente mise à jour", (10, 12)),
        described("source_coverage", "claim", "Couverture déclarée", (14, 50)),
        ID_COLUMN,
    ]
    table = view.table("source_coverage")
    members = view.table("members")
    near = table[table["department"].isin(members["department"])]
    rows = [
        [
            text(view.file_label(row["source_id"])),
            text(view.source_label(row["offer_source"], short=False)),
            content.code(row["department"]),
            content.number(row["structures"]),
            content.number(row["services"]),
            content.moment(row["updated_from"]),
            content.moment(row["updated_to"]),
            text(row["claim"], "non déclaré"),
            Cell(content.clean(figure_id("source_coverage", [row[part] for part in CLAIM_KEY], "structures"))),
        ]
        for row in records(near.sort_values(["source_id", "offer_source", "department"]))
    ]
    notes = ("Départements des zones du territoire. « Aucune recensée » ne veut pas dire « aucune n’existe ».",)
    title = "Ce que recense chaque source de l’offre"
    return Sheet(
        "Sources de l’offre", "Sources_offre", title, columns, rows, notes, frozen=2, empty="Aucune offre reçue."
    )


def quality_sheet(view: View) -> Sheet:
    """Faults of the files, those alike on one row with how many there are."""
    columns = [
        described("faults", "severity", "Gravité", (10, 12)),
        described("faults", "file", "Fichier", (14, 40)),
        described("faults", "sheet", "Feuille", (10, 20)),
        Column("Nombre", "Nombre de défauts semblables", width=(7, 12), figure="fault_groups/{clé}/count"),
        described("faults", "cell", "Première cellule", (8, 14)),
        described("faults", "found", "Trouvé (premier cas)", (20, 50)),
        described("faults", "expected", "Attendu", (12, 40)),
        described("faults", "remedy", "Que faire", (16, 50)),
        ID_COLUMN,
    ]
    columns = [replace(column, figure=column.figure.replace("faults/", "fault_groups/")) for column in columns]
    rows = [
        [
            text(row["severity"]),
            text(row["file"]),
            text(row["sheet"], "sans objet"),
            content.number(row["count"]),
            text(row["cell"], "sans objet"),
            text(row["found"]),
            text(row["expected"], "sans objet"),
            text(row["remedy"], "sans objet"),
            Cell(figure_id("fault_groups", (row["group"],), "count")),
        ]
        for row in records(fault_groups(view.table("faults")))
    ]
    title = "Qualité : défauts relevés dans les fichiers"
    return Sheet("Qualité", "Qualite", title, columns, rows, frozen=2, empty="Aucun défaut relevé.")


def availability_sheet(view: View) -> Sheet:
    """How many zones have each kind of value, by indicator and year."""
    kinds = list(Availability)
    columns = [
        Column("Indicateur", "Nom de l’indicateur", width=(20, 50)),
        Column("Base", "Base de l’indicateur", width=(9, 20)),
        Column("Année", "Dernière année de la période", width=(7, 12)),
        Column("Nature", "La plus éloignée du réel parmi les valeurs", width=(7, 12)),
        *(
            Column(
                content.AVAILABILITIES[kind],
                f"Zones dont la valeur est dans ce cas : « {content.AVAILABILITIES[kind].lower()} »",
                "zones",
                width=(9, 12),
                figure=f"availability_counts/{{clé}}/{kind}",
            )
            for kind in kinds
        ),
        ID_COLUMN,
    ]
    natures = view.observed.groupby(AVAILABILITY_KEY)["nature"].agg(Nature.worst)
    order = {entry.indicator: rank for rank, entry in enumerate(view.context.indicators)}
    rows = []
    for row in sorted(view.availabilities, key=lambda row: (order.get(row["indicator"], len(order)), row["indicator"])):
        entry, key = view.indicators.get(row["indicator"]), tuple(row[part] for part in AVAILABILITY_KEY)
        rows.append(
            [
                text(entry.label if entry else row["indicator"]),
                content.base(row["base"]),
                year(row["year"]),
                content.nature(natures[key]),
                *(content.number(row[str(kind)]) for kind in kinds),
                Cell(figure_id("availability_counts", key, str(Availability.OBSERVED))),
            ]
        )
    title = "Disponibilité des valeurs dans les zones du territoire"
    return Sheet("Disponibilité", "Disponibilite", title, columns, rows, frozen=1, empty="Aucune valeur reçue.")
