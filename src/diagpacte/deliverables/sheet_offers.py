"""Sheets of the offer: coverage by zone and theme, counts by source, structures one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from diagpacte.deliverables import french, style
from diagpacte.deliverables import sheet_content as content
from diagpacte.deliverables.sheet_content import (
    ID_COLUMN,
    Cell,
    Column,
    Kind,
    Look,
    Row,
    Sheet,
    described,
    records,
    text,
    word,
)
from diagpacte.deliverables.sheet_context import (
    THEME_COLUMNS,
    ZONE_COLUMNS,
    View,
    class_words,
    theme_cells,
    zone_cells,
)
from diagpacte.tables import figure_id
from diagpacte.vocabulary import Availability, GapClass, Nature, Placement

PLACEMENTS = {
    Placement.COORDINATES: "coordonnées publiées",
    Placement.COMMUNE: "à la commune",
    Placement.NONE: "non localisée",
}
RESPONSABLES = {name: label for name, (label, _) in style.RESPONSABLES.items()}
KEY_KINDS = {"thematique": "thématique", "reseau": "réseau"}
NOT_SUMMED = "Une même structure peut figurer dans plusieurs sources : les colonnes par source ne s’additionnent pas."
MAY_EXIST = "Une offre non recensée peut exister."


def coverage_sheet(view: View) -> Sheet:
    """A row per zone and theme: gap, distance, and structures counted by source, side by side."""
    sources = sorted(view.counts["offer_source"].unique())
    natures = view.coverage["nature"]
    offered = [_offer_nature(view, row["offer_sources"]) for row in records(view.coverage)]
    columns = [
        *ZONE_COLUMNS,
        *THEME_COLUMNS,
        described("coverage", "gap_class", "Écart", (14, 18)).tagged(natures),
        described("coverage", "gap_reason", "Pourquoi", (14, 46)),
        described("coverage", "nearest_km", "Distance moyenne (km)", (9, 10)).tagged(offered),
        described("coverage", "access_class", "Classe de distance", (11, 14)).tagged(offered),
        described("coverage", "nearest_lower_km", "Distance plancher (km)", (9, 10)).tagged(offered),
        described("coverage", "reach_km", "Portée (km)", (7, 8)),
        described("coverage", "beyond_reach_pct", "Population au-delà de la portée (%)", (10, 11)).tagged(offered),
        described("coverage", "access_weak", "Accès faible", (7, 8)),
        *(_source_column(view, str(source)) for source in sources),
        described("coverage", "nature", "Nature", (7, 12)),
        ID_COLUMN,
    ]
    counted = {(row["zone_code"], row["theme"], row["offer_source"]): row["structures"] for row in records(view.counts)}
    rows = [_coverage_row(view, row, sources, counted) for row in records(view.coverage)]
    title = "Couverture par zone et par thème"
    distances = "Distances à vol d’oiseau, moyenne des communes pondérée par la population."
    notes = (NOT_SUMMED, f"{MAY_EXIST} {distances}")
    return Sheet("Couverture", "Couverture", title, columns, rows, notes, frozen=3)


def _source_column(view: View, source: str) -> Column:
    column = Column(
        f"Structures : {view.source_label(source)}",
        "Structures situées dans la zone, selon cette seule source",
        "structures",
        source=view.source_label(source, short=False),
        role="offre",
        width=(10, 14),
        figure=f"coverage_sources/{{1}}|{{2}}|{source}/structures",
    )
    return column.tagged([view.source_natures.get(source, Nature.UNDECLARED)])


def _coverage_row(
    view: View, row: Row, sources: Sequence[str], counted: dict[tuple[str, str, str], object]
) -> list[Cell]:
    zone, theme, nature, reach = row["zone_code"], row["theme"], row["nature"], row["reach_km"]
    absent, simulated = _no_distance(row), _offer_nature(view, row["offer_sources"]) is Nature.SIMULATED
    bounds = (*view.context.access_bounds_km, reach, math.nextafter(reach, math.inf))  # at its reach, not beyond
    distance, lower = (
        content.number(row[name], "km", simulated=simulated, absent=absent, bounds=bounds)
        for name in ("nearest_km", "nearest_lower_km")
    )
    undecided = word(GapClass.EDGE_NOT_COVERED.value) if _is_doubtful(row) else None
    return [
        *zone_cells(view, zone),
        *theme_cells(view, theme),
        gap_cell(row),
        text(row["gap_reason"]),
        distance,
        undecided or access_cell(view, row, absent, simulated=simulated),
        lower,
        content.number(reach, "km"),
        content.number(row["beyond_reach_pct"], "pct", simulated=simulated, absent=absent),
        undecided or content.yes_no(row["access_weak"], absent),
        *(_count_cell(view, row, counted.get((zone, theme, source)), source) for source in sources),
        content.nature(nature),
        Cell(content.clean(figure_id("coverage", (zone, theme, row["variant"]), "gap_class"))),
    ]


def _offer_nature(view: View, sources: Iterable[str]) -> Nature:
    """Worst nature of the offers behind a distance: the need of the theme is no part of it."""
    return Nature.worst(view.source_natures.get(source, Nature.UNDECLARED) for source in sources)


def _no_distance(row: Row) -> Cell:
    """Why a zone has no distance: nobody lists the offer, or its mean cannot be made."""
    return content.missing(Availability.NOT_AVAILABLE) if len(row["offer_sources"]) else word(content.NOT_LISTED)


def _is_doubtful(row: Row) -> bool:
    """True when an unknown offer of a neighbour could bring the zone back within reach."""
    near, lower = row["nearest_km"], row["nearest_lower_km"]
    known = not content.is_absent(near) and not content.is_absent(lower)
    return known and (near > row["reach_km"]) != (lower > row["reach_km"])


def _count_cell(view: View, row: Row, structures: object, source: str) -> Cell:
    """What one source lists there; without count, it does not cover the zone, or does not list the theme."""
    simulated = view.source_natures.get(source) is Nature.SIMULATED
    kind = Availability.NOT_COVERED
    absent = content.missing(kind) if source in row["offer_sources"] else word(content.NOT_LISTED)
    return content.number(structures, simulated=simulated, absent=absent)


def gap_cell(row: Row) -> Cell:
    gap = GapClass(row["gap_class"])
    fill = content.GAP_FILLS.get(gap, "")
    simulated = row["nature"] == Nature.SIMULATED
    return Cell(gap.value, Look(Kind.TEXT, simulated=simulated, fill=fill)) if fill else word(gap.value)


def access_cell(view: View, row: Row, absent: Cell, *, simulated: bool) -> Cell:
    """The class of distance in words on its colour."""
    if content.is_absent(row["access_class"]):
        return absent
    words, index = class_words(view.context.access_bounds_km, "km"), int(row["access_class"])
    fill = content.ramp("access", index, len(words))
    return Cell(words[index], Look(Kind.TEXT, simulated=simulated, fill=fill))


def counts_sheet(view: View) -> Sheet:
    """A row per zone, theme and source; nothing adds two sources."""
    natures = [view.source_natures.get(str(source), Nature.UNDECLARED) for source in view.counts["offer_source"]]
    names = {
        "structures": "Structures",
        "structures_inside": "Dont dans le territoire",
        "services": "Services",
        "points": "Points distincts",
        "not_located": "Sans coordonnées",
    }
    rate = described("coverage_sources", "offers_per_10000_inhabitants", "Structures pour 10 000 habitants", (9, 12))
    columns = [
        *ZONE_COLUMNS,
        *THEME_COLUMNS,
        described("coverage_sources", "offer_source", "Source", (12, 34)),
        *(described("coverage_sources", name, label, (9, 12)).tagged(natures) for name, label in names.items()),
        rate.tagged(natures),
        Column("Nature", "La plus éloignée du réel parmi les offres de la source", width=(7, 12)),
        ID_COLUMN,
    ]
    rows = [_counts_row(view, row, list(names)) for row in records(view.counts)]
    notes = (f"{NOT_SUMMED} {MAY_EXIST}",)
    title = "Décomptes de l’offre par zone, thème et source"
    return Sheet("Décomptes", "Decomptes", title, columns, rows, notes, frozen=3, empty="Aucune offre recensée.")


def _counts_row(view: View, row: Row, names: Sequence[str]) -> list[Cell]:
    zone, theme, source = row["zone_code"], row["theme"], row["offer_source"]
    nature = view.source_natures.get(source, Nature.UNDECLARED)
    simulated = nature is Nature.SIMULATED
    rate = "offers_per_10000_inhabitants"
    unknown = content.is_absent(view.zones[zone]["population"])
    unrated = content.missing(Availability.NOT_AVAILABLE if unknown else Availability.NOT_COVERED)
    return [
        *zone_cells(view, zone),
        *theme_cells(view, theme),
        text(view.source_label(source)),
        *(content.number(row[name], simulated=simulated) for name in names),
        content.number(row[rate], "pour 10 000 habitants", simulated=simulated, absent=unrated),
        content.nature(nature),
        Cell(content.clean(figure_id("coverage_sources", (zone, theme, source), "structures"))),
    ]


def offers_sheet(view: View) -> Sheet:
    """A row per structure and theme of the territory, with bodies and functions only."""
    natures = view.offers["nature"]
    columns = [
        described("offers", "name", "Structure", (18, 40)).tagged(natures),
        *THEME_COLUMNS,
        described("offers", "offer_source", "Source", (12, 26)),
        Column("Code commune", "Code Insee de la commune, en texte", width=(8, 9)),
        Column("Commune", "Nom de la commune", width=(12, 26)),
        Column("Zone", "Zone de la commune", width=(12, 30)),
        described("offers", "services", "Services", (8, 9)),
        described("offers", "networks", "Réseaux porteurs", (12, 26)),
        described("offers", "responsable", "Responsable", (12, 20)),
        described("offers", "placement", "Localisation", (10, 14)),
        described("offers", "remote_only", "À distance seulement", (9, 10)),
        described("offers", "zones_declared", "Codes d’éligibilité déclarés", (10, 11)),
        described("offers", "updated_on", "Mise à jour", (10, 11)),
        described("offers", "confidence", "Confiance", (9, 10)),
        described("offers", "nature", "Nature", (7, 12)),
        described("offers", "structure_id", "Identifiant de la structure", (12, 30)),
        ID_COLUMN,
    ]
    rows = [_offer_row(view, row) for row in records(view.offers)]
    ring = french.shortest(view.context.ring_km)
    several = "une structure peut figurer dans plusieurs sources"
    notes = (
        f"Une ligne par structure et par thème, selon chaque source ; {several}. {MAY_EXIST}",
        f"Les offres à {ring} km ou moins autour du territoire comptent dans les distances, sans figurer ici.",
    )
    title = "Offres recensées dans le territoire"
    return Sheet("Offres", "Offres", title, columns, rows, notes, frozen=1, empty="Aucune offre recensée.")


def _offer_row(view: View, row: Row) -> list[Cell]:
    simulated = row["nature"] == Nature.SIMULATED
    declared = row["zones_declared"]
    return [
        text(row["name"]),
        *theme_cells(view, row["theme"]),
        text(view.source_label(row["offer_source"])),
        content.code(row["commune_code"]),
        text(row["commune"]),
        text(view.zones[row["zone"]]["name"]),
        content.number(row["services"], simulated=simulated),
        content.listed([view.context.key_labels.get(str(name), str(name)) for name in row["networks"]]),
        text(RESPONSABLES.get(row["responsable"], row["responsable"])),
        Cell(PLACEMENTS[Placement(row["placement"])]),
        content.yes_no(row["remote_only"], word(content.UNKNOWN)),
        content.number(declared) if declared else word("inconnue"),
        content.moment(row["updated_on"]),
        text(row["confidence"], "sans objet"),
        content.nature(row["nature"]),
        text(row["structure_id"]),
        Cell(content.clean(figure_id("offers", (row["structure_id"], row["theme"]), "services"))),
    ]


def matches_sheet(view: View) -> Sheet:
    """A row per rule that counts, or refuses, a published category as the offer of a theme."""
    columns = [
        *THEME_COLUMNS,
        Column("Source", "Source à laquelle la règle s’applique", width=(12, 30)),
        Column("Type de clé", "Thématique publiée, réseau porteur ou type de structure", width=(10, 12)),
        Column("Catégorie publiée", "Nom de la thématique, du réseau ou du type", width=(16, 40)),
        Column("Publics", "Publics exigés, quand la règle en exige", width=(10, 20)),
        Column("Confiance", "Confiance dans le rattachement ; « exclure » : jamais comptée", width=(9, 10)),
        Column("Pourquoi", "Raison de la règle", width=(16, 60)),
    ]
    lines = [line for theme in view.themes for line in view.context.thematics if line.theme == theme]
    rows = [
        [
            *theme_cells(view, line.theme),
            text(_source_words(view, line.source), "sans objet"),
            text(KEY_KINDS.get(line.key_kind, line.key_kind), "sans objet"),
            text(view.context.key_labels.get(line.key, line.key), content.NOT_LISTED),
            content.listed(line.publics, "sans objet"),
            text(line.confidence, "sans objet"),
            text(line.why, "sans objet"),
        ]
        for line in lines
    ]
    title = "Correspondances : ce qui compte comme offre de chaque thème"
    return Sheet("Correspondances", "Correspondances", title, columns, rows, frozen=2, empty="Aucune correspondance.")


def _source_words(view: View, source: str) -> str:
    if source == "*":
        return "toutes"
    return f"toutes sauf {view.source_label(source[1:])}" if source.startswith("!") else view.source_label(source)
