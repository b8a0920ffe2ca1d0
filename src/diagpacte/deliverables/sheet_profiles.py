"""Sheets read from observations: the six profiles of poor households, and the aggravating factors."""

from __future__ import annotations

from collections.abc import Sequence

from diagpacte.deliverables import french
from diagpacte.deliverables import sheet_content as content
from diagpacte.deliverables.sheet_content import ID_COLUMN, Cell, Column, Kind, Look, Row, Sheet, text, word
from diagpacte.deliverables.sheet_context import ZONE_COLUMNS, View, zone_cells
from diagpacte.tables import figure_id
from diagpacte.vocabulary import VALUED, Availability, Factor, Indicator, Nature, Role

ROLES = {
    Role.NEED: "besoin",
    Role.OFFER: "offre : n’entre dans aucun besoin",
    Role.CONTEXT: "contexte : ne donne aucune classe",
}


def observed_cell(row: Row | None, unit: str) -> Cell:
    """The latest observation, or « n. d. » where the files have none."""
    if row is None:
        return content.missing(Availability.NOT_AVAILABLE)
    return content.figure(row["value"], unit, row["availability"], row["nature"], (row["lower"], row["upper"]))


def latest_id(zone: str, indicator: Indicator) -> str:
    """The id of the latest value of a zone, whatever its year."""
    return figure_id("latest_observations", (zone, indicator.indicator, indicator.base), "value")


def profiles_sheet(view: View) -> list[Sheet]:
    """A row per zone: shares among poor households, then among poor persons; no sheet without profiles."""
    names = [profile.indicator_households for profile in view.context.profiles]
    names += [profile.indicator_persons for profile in view.context.profiles]
    shares = [view.indicators[name] for name in names if name in set(view.observed["indicator"])]
    if not shares:
        return []
    columns = [*ZONE_COLUMNS, *(_share_column(view, share) for share in shares)]
    columns += [Column("Nature", "La plus éloignée du réel parmi les valeurs de la ligne", width=(7, 12)), ID_COLUMN]
    rows = [_profile_row(view, zone, shares) for zone in view.zones]
    notes = (
        "Les parts en ménages et les parts en personnes n’ont pas le même total : elles ne se comparent pas.",
        "Une part sous secret n’est jamais recalculée par différence.",
    )
    return [Sheet("Profils", "Profils", "Profils des ménages pauvres", columns, rows, notes, frozen=3)]


def _share_column(view: View, share: Indicator) -> Column:
    rows = view.observed[view.observed["indicator"] == share.indicator]
    years = " et ".join(str(year) for year in sorted(rows["year"].unique()))
    heading = f"{share.label} ({content.unit_words(share.unit)}), {years}"
    base = content.BASES[share.base]
    column = Column(
        heading, share.label_long, "%", base, share.source, years, ROLES[share.role], width=(11, 16),
        figure=latest_id("{1}", share),
    )  # fmt: skip
    return column.tagged(rows["nature"])


def _profile_row(view: View, zone: str, shares: Sequence[Indicator]) -> list[Cell]:
    rows = [view.cells.get((zone, share.indicator)) for share in shares]
    found = [row for row in rows if row is not None]
    cells = [observed_cell(row, share.unit) for row, share in zip(rows, shares, strict=True)]
    nature = content.nature(Nature.worst(row["nature"] for row in found))
    return [*zone_cells(view, zone), *cells, nature, Cell(latest_id(zone, shares[0]))]


def factors_sheet(view: View) -> list[Sheet]:
    """A row per zone and factor: its grade, and the indicator behind it; no sheet without any."""
    seen = set(view.observed["indicator"])
    kept = [factor for factor in view.context.factors if {factor.grade_indicator, factor.graded_on} & seen]
    if not kept:
        return []
    absent = [factor.label for factor in view.context.factors if factor not in kept]
    natures = view.observed.loc[view.observed["indicator"].isin([f.graded_on for f in kept]), "nature"]
    grades = view.observed.loc[view.observed["indicator"].isin([f.grade_indicator for f in kept]), "nature"]
    columns = [
        *ZONE_COLUMNS,
        Column("Facteur", "Facteur potentiellement aggravant de la pauvreté", width=(16, 30)),
        Column("Degré", "Degré publié par le panorama, par comparaison nationale", width=(12, 14),
               figure="factors/{clé}/grade").tagged(grades),
        Column("Indicateur derrière le degré", "Indicateur dont le degré est tiré", width=(16, 32)),
        Column("Valeur", "Valeur de cet indicateur, dans l’unité de la ligne", width=(8, 10),
               figure="factors/{clé}/value").tagged(natures),
        Column("Unité", "Unité de l’indicateur", width=(6, 14)),
        Column("Base", "Base de l’indicateur", width=(8, 12)),
        Column("Période", "Période telle qu’imprimée", width=(8, 10)),
        Column("Rôle", "Ce à quoi l’indicateur peut servir", width=(10, 22)),
        Column("Nature", "La plus éloignée du réel parmi les valeurs de la ligne", width=(7, 12)),
        Column("Remarque", "Portée et limites du degré", width=(16, 40)),
        ID_COLUMN,
    ]  # fmt: skip
    rows = [_factor_row(view, zone, factor) for zone in view.zones for factor in kept]
    notes = [f"Absents des fichiers reçus : {french.enumerate_words(absent)}."] if absent else []
    title = "Facteurs potentiellement aggravants : degrés et indicateurs"
    return [Sheet("Facteurs", "Facteurs", title, columns, rows, notes, frozen=3)]


def _factor_row(view: View, zone: str, factor: Factor) -> list[Cell]:
    grade, behind = view.cells.get((zone, factor.grade_indicator)), view.cells.get((zone, factor.graded_on))
    entry = view.indicators.get(factor.graded_on)
    used = entry or view.indicators.get(factor.grade_indicator)
    found = [row for row in (grade, behind) if row is not None]
    return [
        *zone_cells(view, zone),
        text(factor.label),
        grade_cell(grade, factor) if factor.grade_indicator else word("sans degré"),
        text(entry.label if entry else "", "non précisé"),
        observed_cell(behind, entry.unit) if entry else word("sans objet"),
        text(content.unit_words(entry.unit) if entry else "", "sans objet"),
        content.base(entry.base) if entry else word("sans objet"),
        text(behind["period"] if behind is not None else "", "sans objet"),
        text(ROLES[used.role] if used else ""),
        content.nature(Nature.worst(row["nature"] for row in found)),
        text(factor.note, "sans objet"),
        Cell(figure_id("factors", (zone, factor.factor), "value")),
    ]


def grade_cell(grade: Row | None, factor: Factor) -> Cell:
    """« fragile » on its colour, or why there is no grade."""
    if grade is None:
        return content.missing(Availability.NOT_AVAILABLE)
    kind = Availability(grade["availability"])
    if kind not in VALUED:
        return content.missing(kind)
    degree = int(grade["value"])
    fill = content.ramp("need", degree, len(factor.grade_labels))
    look = Look(Kind.TEXT, simulated=grade["nature"] == Nature.SIMULATED, fill=fill)
    return Cell(factor.grade_labels[degree], look)
