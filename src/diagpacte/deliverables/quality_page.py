"""`qualite/qualite.html`: what the diagnosis stands on, and what is not in it, as one page to open or print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from diagpacte.deliverables import french, style
from diagpacte.deliverables.quality_template import PAGE, STYLE, Grid, Item, Page, Section
from diagpacte.deliverables.sheet_content import AVAILABILITIES, BASES, clean, is_absent, records
from diagpacte.deliverables.sheet_context import SheetContext, View
from diagpacte.deliverables.sheet_references import CLAIM_KEY, KINDS
from diagpacte.deliverables.sheet_views import SEVERITIES, fault_groups
from diagpacte.errors import FaultKind
from diagpacte.tables import Published, figure_id
from diagpacte.vocabulary import Availability, Base, Nature, Territory

SHORT_HASH = 12
MOST_FAULTS = 200  # rows of the page; all of them are in qualite.csv
UNKNOWN = "à renseigner"
NOTHING = "–"
WAY_BACK = (
    "Tout chiffre des cartes, du classeur et de cette page a un identifiant. « diagpacte trace IDENTIFIANT » dit de quel "
    "fichier, de quelle feuille et de quelle cellule il vient, et par quels calculs."
)


def quality_page(
    published: Published, territory: Territory, context: SheetContext, not_crossed: Mapping[str, str]
) -> bytes:
    """The page of `territory`, the same bytes for the same tables and context.

    `published` is what the workbook takes; `not_crossed` the themes that nothing measures nor lists, with the reason.
    """
    view = View(published, territory, context)
    page = Page(
        title=french.typography(f"Qualité des données : {clean(territory.name)}"),
        stamp=french.typography(style.DIFFUSION[published.diffusion]),
        banner=view.simulated_sides,
        lines=[*_head(view), french.typography(WAY_BACK)],
        sections=[
            _sources(view),
            _geography(view),
            _availability(view),
            _withheld_or_absent(view, not_crossed),
            _corrections(view),
            _faults(view),
        ],
    )
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    html = environment.from_string(PAGE).render(page=page, style=Markup(STYLE))  # noqa: S704  (ours, constant)
    return html.encode("utf-8")


def _head(view: View) -> Iterator[str]:
    yield french.typography(
        f"Diagnostic arrêté au {french.day(view.context.as_of)} ; {french.counted(len(view.zones), 'zone')}, géographie au "
        f"1er janvier {view.territory.geo_vintage}. Calcul : diagpacte {clean(view.context.version)}."
    )
    if view.simulated_sides:
        yield french.typography(
            "Une partie des valeurs est simulée et ne décrit aucun territoire réel : italique sur fond mauve."
        )


def _sources(view: View) -> Section:
    headings = (
        "Fichier",
        "Titre",
        "Contenu",
        "Producteur",
        "Millésime",
        "Licence",
        "Nature",
        "Lignes lues",
        "Empreinte SHA-256",
    )
    rows = [_source(row) for row in records(view.table("sources").sort_values(["kind", "file"]))]
    files = Grid("Fichiers reçus, tels que lus", headings, rows, "Aucun fichier reçu.")
    claims = view.table("source_coverage")
    near = claims[claims["department"].isin(view.table("members")["department"])]
    near = near.sort_values(["offer_source", "department", "source_id"])
    offers = Grid(
        "Ce que recense chaque source de l’offre, dans les départements des zones",
        ("Source", "Département", "Fichier", "Structures", "Services", "Dernière mise à jour", "Couverture déclarée"),
        [_claim(view, row) for row in records(near)],
        "Aucune offre reçue pour ces départements.",
    )
    note = "« Aucune offre recensée » ne veut pas dire « aucune offre n’existe »."
    return Section("sources", "Sources utilisées", [french.typography(note)], [files, offers])


def _source(row: Mapping[str, Any]) -> list[Item]:
    nature = Nature(row["nature"])
    look = "simulated" if nature is Nature.SIMULATED else ""
    return [
        Item(clean(row["file"]), look=look),
        _text(row["title"]),
        _text(french.typography(KINDS.get(row["kind"], row["kind"]))),
        _text(row["producer"]),
        _text(row["vintage"]),
        _text(row["licence"]),
        Item(nature.label, look=look),
        _number(row["rows"], figure_id("sources", (row["source_id"],), "rows")),
        Item(str(row["sha256"])[:SHORT_HASH], title=str(row["sha256"])),
    ]


def _claim(view: View, row: Mapping[str, Any]) -> list[Item]:
    key = [row[part] for part in CLAIM_KEY]
    day = row["updated_to"]
    return [
        Item(clean(view.source_label(row["offer_source"], short=False))),
        _text(row["department"]),
        _text(view.file_label(row["source_id"])),
        _number(row["structures"], figure_id("source_coverage", key, "structures")),
        _number(row["services"], figure_id("source_coverage", key, "services")),
        _text("non renseignée" if is_absent(day) else french.day(day)),
        _text(row["claim"]),
    ]


def _geography(view: View) -> Section:
    zones = list(view.zones.values())
    years = sorted({int(row["population_year"]) for row in zones if not is_absent(row["population_year"])})
    observed = view.observed["geo_vintage"].unique()
    lines = [
        f"Zones et cartes : géographie au 1er janvier {view.territory.geo_vintage}.",
        f"Valeurs lues ramenées à la géographie au 1er janvier {_enumerated(observed)}."
        if len(observed)
        else "Aucune valeur lue.",
        f"Population municipale : {_enumerated(years)}." if years else "Population municipale inconnue.",
    ]
    rows = [
        [
            Item(clean(row["file"])),
            _text(_vintage(row)),
            _text(row["vintage"]),
        ]
        for row in records(view.table("sources").sort_values(["kind", "file"]))
    ]
    files = Grid(
        "Géographie et millésime de chaque fichier", ("Fichier", "Géographie", "Millésime"), rows, "Aucun fichier reçu."
    )
    apart = [
        [
            Item(clean(row["name"])),
            _number(
                100 * row["share_inside"], figure_id("zones", (row["zone_code"], row["geo_vintage"]), "share_inside"), 1
            ),
            Item("contour approché" if row["contour_approximate"] else "contour exact"),
        ]
        for row in zones
        if row["share_inside"] < 1 or row["contour_approximate"]
    ]
    straddling = Grid(
        "Zones à cheval ou de contour approché",
        ("Zone", "Part de la population dans le territoire (%)", "Contour"),
        apart,
        "Aucune zone à cheval, aucun contour approché.",
    )
    return Section(
        "geographie", "Géographie et millésimes", [french.typography(line) for line in lines], [files, straddling]
    )


def _vintage(row: Mapping[str, Any]) -> str:
    """The geography of a file; an export of offers has none: its communes are of any year."""
    if not is_absent(row["geo_vintage"]):
        return f"1er janvier {int(row['geo_vintage'])}"
    return UNKNOWN if row["kind"] == "panorama" else "sans objet"


def _availability(view: View) -> Section:
    """One row per indicator, one column per kind of value that some zone has."""
    shown = [kind for kind in Availability if any(row[str(kind)] for row in view.availabilities)]
    order = {entry.indicator: rank for rank, entry in enumerate(view.context.indicators)}
    rows = []
    for row in sorted(view.availabilities, key=lambda one: (order.get(one["indicator"], len(order)), one["indicator"])):
        entry = view.indicators.get(row["indicator"])
        key = (row["indicator"], row["base"], row["year"])
        counts = [_number(row[str(kind)], figure_id("availability_counts", key, str(kind))) for kind in shown]
        label = clean(entry.label if entry else row["indicator"])
        rows.append([Item(label), _text(BASES[Base(row["base"])] or "sans objet"), _text(str(row["year"])), *counts])
    headings = ("Indicateur", "Base", "Année", *(AVAILABILITIES[kind] for kind in shown))
    grid = Grid("Nombre de zones par cas", headings, rows, "Aucune valeur reçue pour ces zones.")
    note = "Une valeur absente n’est pas un zéro ; un secret n’est jamais recalculé."
    return Section("disponibilite", "Disponibilité des valeurs", [french.typography(note)], [grid])


def _withheld_or_absent(view: View, not_crossed: Mapping[str, str]) -> Section:
    """What was asked and is not there, each with its reason; the same reason is told once for all it explains."""
    absent = {**not_crossed, **view.context.not_delivered}
    reasons: dict[str, list[str]] = {}
    for what, why in absent.items():
        reasons.setdefault(why, []).append(view.theme_label(what) if what in view.themes else what)
    rows = [
        [Item(french.typography(clean(" ; ".join(sorted(names))))), Item(french.typography(clean(why)))]
        for why, names in sorted(reasons.items(), key=lambda one: -len(one[1]))
    ]
    asked = clean(view.context.asked) or french.counted(len(view.themes), "thème")
    line = f"Demandé : {asked}. {french.counted(len(view.context.maps), 'carte livrée', 'cartes livrées')}."
    grid = Grid("Demandé et non livré", ("Quoi", "Pourquoi"), rows, "Tout ce qui était demandé est livré.")
    return Section("non-livre", "Ce qui n’est pas livré, et pourquoi", [french.typography(line)], [grid])


def _corrections(view: View) -> Section:
    faults = view.table("faults")
    made = faults[faults["kind"].eq(str(FaultKind.CORRECTION))].sort_values(["file", "sheet", "cell"], kind="stable")
    rows = [
        [Item(clean(row["file"])), _text(row["sheet"]), _text(row["cell"]), _text(row["found"]), _text(row["remedy"])]
        for row in records(made)
    ]
    headings = ("Fichier", "Feuille", "Cellule", "Correction", "Suite")
    grid = Grid("Cellules corrigées par une personne", headings, rows, "Aucune cellule n’a été corrigée.")
    return Section("corrections", "Corrections appliquées", ["Les fichiers reçus ne sont jamais modifiés."], [grid])


def _faults(view: View) -> Section:
    faults = view.table("faults")
    counts = {name: int(faults["severity"].eq(name).sum()) for name in SEVERITIES}
    groups = records(fault_groups(faults))
    shown = [row for row in groups if row["severity"] != SEVERITIES[-1]][:MOST_FAULTS]
    summary = Grid(
        "Nombre de remarques par gravité",
        ("Gravité", "Nombre"),
        [[Item(name), Item(french.number(count), look="n")] for name, count in counts.items()],
        "",
    )
    rows = [
        [
            Item(clean(row["severity"])),
            _text(row["file"]),
            _text(row["sheet"]),
            _text(row["cell"]),
            _number(row["count"], figure_id("fault_groups", (row["group"],), "count")),
            _text(row["found"]),
            _text(row["expected"]),
            _text(row["remedy"]),
        ]
        for row in shown
    ]
    headings = ("Gravité", "Fichier", "Feuille", "Première cellule", "Nombre", "Trouvé", "Attendu", "Que faire")
    grid = Grid("Remarques à vérifier, les semblables réunies", headings, rows, "Aucune remarque à vérifier.")
    rest = len(groups) - len(shown)
    more = (
        f" {french.counted(rest, 'autre ligne', 'autres lignes')}, dont les informations, dans « qualite.csv »."
        if rest
        else ""
    )
    line = f"La liste entière est dans la feuille « Qualité » du classeur.{more}"
    return Section("remarques", "Remarques sur les fichiers", [french.typography(line)], [summary, grid])


def _text(value: Any) -> Item:
    words = "" if is_absent(value) else clean(value)
    return Item(words) if words else Item(NOTHING, look="none")


def _number(value: Any, figure: str, decimals: int = 0) -> Item:
    return Item(french.number(float(value), decimals), clean(figure), look="n")


def _enumerated(years: Any) -> str:
    return french.enumerate_words([str(int(year)) for year in sorted(years)])
