"""Sheets of needs: one row per zone, then one per zone and theme; what each theme measures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from diagpacte.deliverables import french
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
from diagpacte.deliverables.sheet_context import THEME_COLUMNS, ZONE_COLUMNS, View, theme_cells, zone_cells
from diagpacte.tables import figure_id
from diagpacte.vocabulary import VALUED, Availability, Base, Nature, NeedRule

CONFIDENCES = {"simulee": "simulée", "": "sans objet"}
RULES = {
    NeedRule.PANORAMA_GRADE: "degré de fragilité du panorama",
    NeedRule.NATIONAL_BOUNDS: "bornes nationales",
    NeedRule.RANK_ONLY: "rang seul, sans classe",
    NeedRule.NONE: "aucune classe",
}


def themes_sheet(view: View) -> Sheet:
    """A row per theme asked: its question, what measures it, what is counted as its offer, its map."""
    columns = [
        *THEME_COLUMNS,
        Column("Code du thème", "Code du thème dans les fichiers et les cartes", width=(10, 16)),
        Column("Question de l’annexe 1", "Question du document de cadrage, mot pour mot", width=(20, 34)),
        Column("Public visé", "Public que la question désigne", width=(12, 16)),
        Column("Mesure du besoin", "mesuré, contexte seulement ou non mesuré", width=(10, 12)),
        Column("Indicateur de besoin", "Indicateur retenu pour le thème", width=(14, 18)),
        Column("Confiance", "Confiance dans l’indicateur pour ce thème", width=(9, 10)),
        Column("Ce que dit l’indicateur", "Portée et limites de l’indicateur pour ce thème", width=(16, 26)),
        _zones_counted("Zones avec une valeur", "Zones dont la valeur est publiée", "valued"),
        _zones_counted("Zones sous secret", "Zones dont la valeur est sous secret statistique", "secret"),
        _zones_counted("Zones sans valeur", "Zones sans valeur, hors secret", "without_value"),
        Column("Offre comptée", "Offre du thème ; ses règles sont dans « Correspondances »", width=(14, 22)),
        Column("Sources de l’offre", "Sources qui recensent cette offre ici ou dans la couronne", width=(12, 18)),
        Column("Portée (km)", "Distance au-delà de laquelle l’accès est dit faible", "km", width=(7, 12)),
        Column("Origine de la portée", "D’où vient la portée", width=(12, 14)),
        Column("Carte", "Fichier de la carte du thème", width=(12, 18)),
        Column("Pourquoi pas de carte", "Raison pour laquelle la carte n’est pas livrée", width=(12, 30)),
        ID_COLUMN,
    ]
    rows = [_theme_row(view, theme) for theme in view.themes]
    return Sheet("Thèmes", "Themes", "Thèmes de l’annexe 1 et ce qui les mesure", columns, rows, frozen=2)


def _zones_counted(heading: str, definition: str, column: str) -> Column:
    return Column(heading, definition, "zones", width=(8, 9), figure=f"theme_counts/{{clé}}/{column}")


def _theme_row(view: View, theme: str) -> list[Cell]:
    entry, needs = view.themes[theme], view.measured.get(theme)
    sources = view.coverage.loc[view.coverage["theme"] == theme, "offer_sources"]
    named = sorted({view.source_label(str(source)) for row in sources for source in row})
    return [
        *theme_cells(view, theme),
        Cell(theme),
        text(entry.question),
        text(entry.target_population),
        *(_unmeasured(view, theme) if needs is None else _measure(view, theme, needs)),
        text(_offer_words(view, theme), content.NOT_LISTED),
        content.listed(named, content.NOT_LISTED),
        content.number(entry.reach_km, "km"),
        text(entry.reach_source),
        text(view.context.maps.get(theme), "non livrée"),
        text(view.context.not_delivered.get(theme), "sans objet" if theme in view.context.maps else content.UNKNOWN),
        Cell(figure_id("theme_counts", (theme,), "valued")),
    ]


def _measure(view: View, theme: str, needs: pd.DataFrame) -> list[Cell]:
    """What measures the theme, and how many zones have a value, a secret, neither."""
    name = str(needs["indicator"].dropna().iloc[0])
    why = [line.why for line in view.context.needs if (line.theme, line.indicator) == (theme, name)]
    counts = view.counted[theme]
    return [
        Cell("mesuré"),
        text(indicator_label(view, name)),
        text(confidence(needs["confidence"].iloc[0]), "sans objet"),
        text(" ".join(why), "sans objet"),
        *(content.number(counts[kind]) for kind in ("valued", "secret", "without_value")),
    ]


def _unmeasured(view: View, theme: str) -> list[Cell]:
    """Why the theme has no need, and the indicator that is only context, if any."""
    context = [line.indicator for line in view.context.needs if line.theme == theme and line.indicator]
    reasons = view.needs.loc[view.needs["theme"] == theme, "reason"].unique()
    nothing = word("sans objet")
    return [
        word("contexte seulement" if context else content.NOT_MEASURED),
        text("; ".join(indicator_label(view, name) for name in context), content.NOT_MEASURED),
        nothing,
        text(" ".join(str(reason) for reason in reasons), content.NOT_MEASURED),
        nothing,
        nothing,
        nothing,
    ]


def _offer_words(view: View, theme: str) -> str:
    """What the theme's offer is and how many keys are counted for it; why nothing is, when nothing is."""
    lines = [line for line in view.context.thematics if line.theme == theme]
    keys = {(line.key_kind, line.key) for line in lines if line.key and line.confidence != "exclure"}
    if keys:
        return f"{view.themes[theme].offer_noun} ({french.counted(len(keys), 'correspondance')})"
    return " ".join(dict.fromkeys(line.why for line in lines if not line.key))


def confidence(value: object) -> str:
    return CONFIDENCES.get(str(value), str(value))


def indicator_label(view: View, name: str) -> str:
    entry = view.indicators.get(name)
    return entry.label if entry else name


def wide_sheet(view: View) -> Sheet:
    """A row per zone, two columns per measured theme: the value, and its class or rank."""
    columns = [
        *ZONE_COLUMNS,
        described("zones", "population", "Population", (10, 11)),
        Column("Part de la population dans le territoire (%)", "Part des habitants dans le territoire", "%",
               figure="zones/{clé}/share_inside"),
    ]  # fmt: skip
    for theme, measured in view.measured.items():
        columns += _theme_columns(view, theme, measured)
    columns += [Column("Nature", "La plus éloignée du réel parmi les valeurs de la ligne", width=(7, 12)), ID_COLUMN]
    by_zone = {theme: {row["zone_code"]: row for row in records(needs)} for theme, needs in view.measured.items()}
    rows = [_zone_row(view, zone, by_zone) for zone in view.zones]
    absent = len(view.themes) - len(view.measured)
    note = (
        "Tous les thèmes demandés sont mesurés."
        if not absent
        else f"{french.counted(absent, 'thème')} sans mesure du besoin, donc sans colonne : voir la feuille « Thèmes »."
    )
    title = "Besoins par zone et par thème mesuré"
    notes = ("Valeurs publiées et leur classe ; références et règles dans la feuille « Besoins détaillés ».", note)
    return Sheet("Besoins", "Besoins", title, columns, rows, notes, frozen=3)


def _theme_columns(view: View, theme: str, rows: pd.DataFrame) -> list[Column]:
    label, first = view.theme_label(theme), rows[rows["indicator"].notna()].iloc[0]
    unit, indicator = content.unit_words(str(first["unit"])), indicator_label(view, str(first["indicator"]))
    period = "" if content.is_absent(first["period"]) else f", {first['period']}"
    shared = {"width": (12, 24), "role": "besoin", "vintage": str(first["period"] or "")}
    value = Column(
        f"{label} : {indicator} ({unit}){period}",
        f"{_definition(view, str(first['indicator']))}, pour le thème {theme}",
        unit,
        content.BASES[Base(str(first["base"]))],
        str(first["source_id"]),
        figure=f"needs/{{1}}|{theme}|0/value",
        **shared,  # type: ignore[arg-type]
    )
    kind = "rang" if (rows["class_rule"] == NeedRule.RANK_ONLY).any() else "classe"
    natures = rows.loc[rows["indicator"].notna(), "nature"]
    rule = Column(
        f"{label} : {kind}",
        f"{french.capital(kind)} du besoin pour le thème {theme}",
        joined=True,
        figure=f"needs/{{1}}|{theme}|0/{'rank' if kind == 'rang' else 'class_label'}",
        **shared,  # type: ignore[arg-type]
    )
    return [value.tagged(natures), rule.tagged(natures)]


def _definition(view: View, name: str) -> str:
    entry = view.indicators.get(name)
    return entry.label_long if entry else name


def _zone_row(view: View, zone: str, by_zone: dict[str, dict[str, Row]]) -> list[Cell]:
    row = view.zones[zone]
    share = row["share_inside"]
    cells = [
        *zone_cells(view, zone),
        content.number(row["population"]),
        content.number(None if content.is_absent(share) else 100 * share, "pct"),
    ]
    natures = []
    for needs in by_zone.values():
        need = needs.get(zone)
        if need is None or content.is_absent(need["indicator"]):
            cells += [word(content.NOT_MEASURED), word(content.NO_CLASS)]
            continue
        natures.append(need["nature"])
        ranked = need["class_rule"] == NeedRule.RANK_ONLY
        cells += [value_cell(view, need), rank_cell(need) if ranked else class_cell(need)]
    key = (zone, row["geo_vintage"])
    return [*cells, content.nature(Nature.worst(natures)), Cell(figure_id("zones", key, "population"))]


def value_cell(view: View, need: Row) -> Cell:
    bounds, ends = view.bounds_of(need), (need["lower"], need["upper"])
    limits = bounds.bounds if bounds else ()
    return content.figure(need["value"], need["unit"], need["availability"], need["nature"], ends, limits)


def rank_cell(need: Row) -> Cell:
    return content.rank(need["rank"], need["ranked"], need["nature"])


def class_cell(need: Row) -> Cell:
    """The class in words on its colour; without class, why."""
    if content.is_absent(need["class_index"]):
        kind = Availability(need["availability"])
        return content.missing(kind) if kind not in VALUED else word(content.NO_CLASS)
    fill = content.ramp("need", int(need["class_index"]), need["class_count"])
    simulated = need["nature"] == Nature.SIMULATED
    return Cell(content.clean(need["class_label"]), Look(Kind.TEXT, simulated=simulated, fill=fill))


def detail_sheet(view: View) -> Sheet:
    """A row per zone and measured theme."""
    needs = view.needs[view.needs["theme"].isin(list(view.measured))]
    columns = _detail_columns(needs)
    rows = [_detail_row(view, row) for row in records(needs)]
    title = "Besoins détaillés par zone et par thème mesuré"
    notes = ("L’unité est dans sa colonne : la colonne « Valeur » ne se somme pas et ne se moyenne pas.",)
    empty = "Aucun thème n’est mesuré par les fichiers reçus : voir la feuille « Thèmes »."
    return Sheet("Besoins détaillés", "Besoins_detailles", title, columns, rows, notes, frozen=3, empty=empty)


def _detail_columns(needs: pd.DataFrame) -> Sequence[Column]:
    natures = needs["nature"]
    return [
        *ZONE_COLUMNS,
        *THEME_COLUMNS,
        Column("Indicateur", "Nom de l’indicateur de besoin", width=(14, 22)),
        described("needs", "value", "Valeur", (8, 10)).tagged(natures),
        described("needs", "unit", "Unité", (6, 9)),
        described("needs", "period", "Période", (8, 10)),
        described("needs", "base", "Base", (8, 12)),
        described("needs", "availability", "Disponibilité", (10, 14)),
        described("needs", "nature", "Nature", (7, 12)),
        described("needs", "class_label", "Classe", (12, 17)).tagged(natures),
        described("needs", "class_rule", "Règle de la classe", (14, 18)),
        described("needs", "strong", "Besoin fort", (7, 8)),
        described("needs", "rank", "Rang", (7, 9)),
        described("needs", "reference_territory", "Référence du territoire", (10, 11)),
        described("needs", "reference_france", "Référence France métro.", (10, 11)),
        described("needs", "people", "Personnes concernées", (10, 12)),
        described("needs", "confidence", "Confiance", (9, 10)),
        described("needs", "source_id", "Fichier", (10, 18)),
        described("needs", "reason", "Remarque", (12, 20)),
        ID_COLUMN,
    ]


def _detail_row(view: View, row: Row) -> list[Cell]:
    zone, theme, unit = row["zone_code"], row["theme"], row["unit"]
    key = (zone, theme, row["variant"])
    return [
        *zone_cells(view, zone),
        *theme_cells(view, theme),
        text(indicator_label(view, row["indicator"])),
        value_cell(view, row),
        text(content.unit_words(unit)),
        text(row["period"] if not content.is_absent(row["period"]) else row["year"]),
        content.base(row["base"]),
        Cell(content.AVAILABILITIES[Availability(row["availability"])]),
        content.nature(row["nature"]),
        class_cell(row),
        text(rule_words(view, row)),
        content.yes_no(row["strong"], word(content.NO_CLASS)),
        rank_cell(row),
        content.number(row["reference_territory"], unit),
        content.number(row["reference_france"], unit),
        content.figure(row["people"], "count", row["people_availability"], row["nature"]),
        text(confidence(row["confidence"]), "sans objet"),
        text(view.file_label(row["source_id"])),
        text(row["reason"], "sans objet"),
        Cell(content.clean(figure_id("needs", key, "value"))),
    ]


def rule_words(view: View, row: Row) -> str:
    """The rule that gave the class, with its bounds: « bornes nationales 8 ; 12 ; 16 (1 254 zones) »."""
    rule, line = NeedRule(row["class_rule"]), view.bounds_of(row)
    if line is None:
        return RULES[rule]
    bounds = f"{french.NBSP}; ".join(french.shortest(bound) for bound in line.bounds)
    return f"{RULES[rule]} {bounds} ({french.counted(line.zones, 'zone')})"
