"""The first sheet: what the workbook is, how to read it, what is not in it and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from diagpacte.deliverables import french, style
from diagpacte.deliverables import sheet_content as content
from diagpacte.deliverables.sheet_content import Row, Sheet, clean
from diagpacte.deliverables.sheet_context import View, class_words
from diagpacte.deliverables.sheet_offers import MAY_EXIST
from diagpacte.vocabulary import GapClass, Nature, NeedRule, Placement, ZoneKind

NAME = "Lisez-moi"
PURPOSE = (
    "Besoins et offre par zone et par thème, pour préparer le pacte local des solidarités. Chaque chiffre garde sa "
    "source, son millésime, son unité et sa nature."
)


@dataclass(frozen=True)
class Line:
    """A line of the first sheet; a heading has no text; `link` is the sheet it leads to.

    A `verbatim` text holds file names, which typography must not retouch.
    """

    label: str
    text: str = ""
    link: str = ""
    verbatim: bool = False

    def typeset(self) -> Line:
        text = self.text if self.verbatim else french.typography(self.text)
        return Line(french.typography(self.label), text, self.link)


@dataclass(frozen=True)
class Readme:
    title: str
    stamp: str
    banner: str
    lines: Sequence[Line]


def readme(view: View, sheets: Sequence[Sheet]) -> Readme:
    """The first sheet, for the `sheets` that follow it."""
    lines = [
        *_identity(view),
        Line("Contenu"),
        *(Line(sheet.name, f"{clean(sheet.title)} ({_size(sheet)})", sheet.name) for sheet in sheets),
        Line("Comment lire"),
        *_reading(view),
        Line("Ce qui manque, et pourquoi"),
        *_missing_words(),
        *_delivery(view),
        Line("Ce que l’offre compte"),
        *_offer(view),
        Line("Zones"),
        *_zones(view),
    ]
    title = f"Diagnostic du pacte local des solidarités : {clean(view.territory.name)}"
    stamp = style.DIFFUSION[view.published.diffusion]
    return Readme(
        french.typography(title), french.typography(stamp), view.simulated_sides, [line.typeset() for line in lines]
    )


def _size(sheet: Sheet) -> str:
    return french.counted(len(sheet.rows), "ligne") if sheet.rows else "aucune ligne"


def _identity(view: View) -> list[Line]:
    territory, zones = view.territory, len(view.zones)
    noun = territory.zone_noun if {row["kind"] for row in view.zones.values()} == {territory.zone_noun} else "zone"
    counted = french.counted(zones, noun, noun if noun.isupper() else "")
    lines = [
        Line("Ce classeur", PURPOSE),
        Line("Territoire", f"{clean(territory.name)} : {counted}, géographie au 1er janvier {territory.geo_vintage}."),
        Line("Date", f"Diagnostic arrêté au {french.day(view.context.as_of)}."),
        Line("Auteur du calcul", f"diagpacte {clean(view.context.version)}."),
    ]
    if view.simulated_sides:
        lines[3:3] = _simulated(view)
    return [*lines, *_undeclared(view), *_not_public(view)]


def _simulated(view: View) -> list[Line]:
    sources = view.table("sources")
    files = sorted(clean(file) for file in sources.loc[sources["nature"] == Nature.SIMULATED, "file"])
    needs = view.needs.loc[view.needs["nature"] == Nature.SIMULATED, "theme"].unique()
    seen = view.observed.loc[view.observed["nature"] == Nature.SIMULATED, "indicator"].nunique()
    offers = [view.source_label(name) for name, kind in view.source_natures.items() if kind is Nature.SIMULATED]
    parts = ["Elles ne décrivent aucun territoire réel : italique sur fond mauve, « (simulé) » dans l’en-tête."]
    if seen:
        on = f", dont dépend la mesure de {french.counted(len(needs), 'thème')}" if len(needs) else ""
        count = french.counted(seen, "indicateur simulé", "indicateurs simulés")
        parts.append(f"Besoin : {count} en tout ou partie{on}.")
    if offers:
        parts.append(f"Offre : {french.enumerate_words([clean(name) for name in offers])}.")
    lines = [Line("Valeurs simulées", " ".join(parts))]
    return [*lines, Line("Fichiers simulés", french.enumerate_words(files), verbatim=True)] if files else lines


def _undeclared(view: View) -> Iterable[Line]:
    sources = view.table("sources")
    files = sorted(clean(file) for file in sources.loc[sources["nature"] == Nature.UNDECLARED, "file"])
    if files:
        label = f"Nature {content.UNDECLARED}"
        yield Line(label, f"{french.enumerate_words(files)}{french.NBSP}: jamais pris pour réel.", verbatim=True)


def _not_public(view: View) -> Iterable[Line]:
    """The files whose values are here and would not be in a public version."""
    sources = view.table("sources")
    files = sorted(clean(file) for file in sources.loc[sources["diffusion"].ne("publique"), "file"])
    if files and view.published.diffusion != "public":
        text = f"{french.enumerate_words(files)}{french.NBSP}: absents d’une version publique de ce classeur."
        yield Line("Sources non publiques", text, verbatim=True)


def _reading(view: View) -> list[Line]:
    rules = set(view.needs["class_rule"])
    lines = []
    if NeedRule.PANORAMA_GRADE in rules:
        lines.append(
            Line("Degré du panorama", "La classe du besoin est le degré publié : non fragile, fragile, très fragile.")
        )
    if NeedRule.NATIONAL_BOUNDS in rules:
        text = (
            "Quatre classes, séparées par des bornes nationales : premier quartile, troisième quartile et 95e centile "
            "des zones du même fichier, arrondis (rangés du moins au plus défavorable). Les mêmes sur toutes les "
            "cartes ; imprimées dans « Règle de la classe »."
        )
        lines.append(Line("Bornes nationales", text))
    if NeedRule.RANK_ONLY in rules:
        lines.append(Line("Rang seul", "Sans degré ni bornes nationales : un rang parmi les zones, aucune classe."))
    bounds = french.enumerate_words(class_words(view.context.access_bounds_km, "km"), "ou")
    return [
        *lines,
        Line("Rang", "1 = la zone la plus défavorable parmi celles dont la valeur est publiée."),
        Line("Distance", f"Distance à vol d’oiseau à l’offre recensée la plus proche : {bounds} (norme de travail)."),
        Line("Accès faible", "Distance moyenne au-delà de la portée du thème (feuille « Thèmes »)."),
        Line("Écart", f"{french.capital(' ; '.join(gap.value for gap in GapClass))}."),
        Line(
            "(e), (i), (c)", "Valeur estimée, imputée, censurée. « < 0,1 » : valeur non nulle qui s’arrondirait à zéro."
        ),
        Line(
            "Remonter au fichier",
            "Chaque ligne garde, dans une colonne masquée, l’identifiant de son chiffre principal ; « Dictionnaire » dit comment s’écrit "
            "celui des autres chiffres. « diagpacte trace IDENTIFIANT » dit le fichier, la feuille et la cellule.",
        ),
    ]


def _missing_words() -> list[Line]:
    meanings = {
        "secret": "Valeur cachée par le producteur, ou retenue pour qu’aucun petit effectif ne se déduise des autres ; "
        "jamais recalculée, jamais remplacée par 0.",
        "n. d.": "Donnée non disponible dans les fichiers reçus.",
        "n. s.": "Valeur non significative.",
        "non couvert": "La source ne couvre pas cette zone.",
        "sans objet": "La question ne se pose pas pour cette ligne.",
        content.NOT_MEASURED: "Aucun indicateur de besoin pour ce thème : ni valeur, ni classe.",
        content.NOT_LISTED: "Aucune source chargée ne recense cette offre ici ; elle peut exister.",
        content.UNKNOWN: "Le fichier ne le dit pas.",
        "0": "Zéro mesuré : une valeur, pas une absence.",
    }
    return [Line(word, meaning) for word, meaning in meanings.items()]


def _delivery(view: View) -> list[Line]:
    context = view.context
    done = (
        french.counted(len(context.maps), "carte livrée", "cartes livrées") if context.maps else "aucune carte livrée"
    )
    asked = clean(context.asked) or french.counted(len(view.themes), "thème")
    lines = [Line("Demandé", f"{french.capital(asked)} : {done}.")]
    for reason, names in _grouped(context.not_delivered).items():
        labels = [clean(view.theme_label(name)) if name in view.themes else clean(name) for name in names]
        lines.append(Line("Non livré", f"{' ; '.join(labels)} – {clean(reason)}."))
    later = [
        label
        for column, label in (("declared", "zones d’éligibilité déclarées"), ("remote", "offres à distance"))
        if len(view.coverage) and not view.coverage[column].notna().any()
    ]
    if later:
        lines.append(Line("Pas encore calculé", f"{french.capital(french.enumerate_words(later))}."))
    return lines


def _grouped(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        groups.setdefault(reason, []).append(name)
    return groups


def _offer(view: View) -> list[Line]:
    sources = sorted(view.counts["offer_source"].unique())
    lines = [Line("Offre non recensée", MAY_EXIST)]
    if len(sources) > 1:
        names = french.enumerate_words([clean(view.source_label(str(source))) for source in sources])
        text = f"{names} : chacune a sa colonne, car une même structure peut figurer dans plusieurs d’entre elles."
        lines.append(Line("Sources non additionnées", text))
    raw = view.table("raw_offers")
    left_out = raw[~raw["counted"]]
    for (source, reason), rows in left_out.groupby(["source_id", "excluded_because"]):
        count = french.counted(len(rows), "ligne laissée", "lignes laissées")
        file, why = clean(view.file_label(str(source))), french.typography(clean(reason))
        text = f"{file}{french.NBSP}: {count} hors des décomptes ({why})."
        lines.append(Line("Hors des décomptes", text, verbatim=True))
    return [*lines, *_unplaced(view.table("offers"))]


def _unplaced(offers: pd.DataFrame) -> Iterable[Line]:
    lost = offers.loc[offers["placement"] == Placement.NONE, "structure_id"].nunique()
    if lost:
        count = french.counted(lost, "structure des fichiers reçus", "structures des fichiers reçus")
        yield Line("Non localisées", f"{count}, sans coordonnées ni commune connue : ni comptées, ni listées.")


def _zones(view: View) -> list[Line]:
    rows = list(view.zones.values())
    straddling = [row for row in rows if row["share_inside"] < 1]
    outside = [row for row in rows if row["kind"] == ZoneKind.OUTSIDE_EPCI]
    approximate = [row for row in rows if row["contour_approximate"]]
    lines = [
        Line(
            "À cheval",
            f"{clean(row['name'])} : {_share(row)} de sa population dans le territoire ; valeurs de l’EPCI entier.",
        )
        for row in straddling
    ]
    lines += [Line("Hors EPCI", f"{clean(row['name'])} : comptée à part, jamais ajoutée à un EPCI.") for row in outside]
    if approximate:
        names = french.enumerate_words([clean(row["name"]) for row in approximate])
        lines.append(Line("Contour approché", f"{names} : composition passée non reconstituable exactement."))
    return lines or [Line("Zones entières", "Aucune zone à cheval, hors EPCI ou de contour approché.")]


def _share(row: Row) -> str:
    """« 45,2 % », « moins de 0,1 % », never « 0,0 % » nor « 100,0 % » for a part of a zone."""
    share = 100 * row["share_inside"]
    if share < 0.05:  # noqa: PLR2004
        return f"moins de {french.percent(0.1)}" if share else french.percent(0)
    return f"plus de {french.percent(99.9)}" if share >= 99.95 else french.percent(share)  # noqa: PLR2004
