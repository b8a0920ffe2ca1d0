"""The words around a map: its title, its subtitle, how to read it, where it comes from, who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pandas as pd

from diagpacte.deliverables import style
from diagpacte.deliverables.french import NBSP, bound, capital, enumerate_words, month, typography
from diagpacte.deliverables.map_offers import located_offers
from diagpacte.deliverables.map_panels import Panel, home, noun
from diagpacte.deliverables.map_text import Style, balanced, shortened, width, wrap
from diagpacte.deliverables.rules import MapContext
from diagpacte.tables import Published
from diagpacte.vocabulary import Nature, NeedRule, Territory, Theme, ZoneKind

TITLE = Style("semibold", style.TITLE)
SUBTITLE = Style("regular", style.SUBTITLE)
TITLE_LINES = 2


def title_lines(territory: Territory, panels: Sequence[Panel], room: float) -> list[str]:
    """What is true of this place, in two lines: the fullest wording that fits."""
    ways = product(*(panel.statements for panel in panels))
    wordings = [bound(f"{capital(territory.in_place)}, " + f"{NBSP}; ".join(way)) for way in ways]
    for cut in (_halves, balanced):  # a line for each half reads best
        for text in wordings:
            if len(lines := cut(text, TITLE, room)) <= TITLE_LINES:
                return lines
    lines = balanced(wordings[-1], TITLE, room)
    return [*lines[: TITLE_LINES - 1], shortened(" ".join(lines[TITLE_LINES - 1 :]), TITLE, room)]


def _halves(text: str, face: Style, room: float) -> list[str]:
    """One line, else one for each side of the semicolon; in three lines or more when these do not fit."""
    if width(text, face) <= room or f"{NBSP}; " not in text:
        return balanced(text, face, room)
    return [line for part in text.replace(f"{NBSP}; ", f"{NBSP};\n").split("\n") for line in wrap(part, face, room)]


def subtitle(theme: Theme, panels: Sequence[Panel], context: MapContext, room: float) -> str:
    """The theme, then what is measured: indicator, population, unit, year."""
    need = next((panel for panel in panels if panel.word == "BESOIN"), None)
    start = f"Thème «{NBSP}{theme.label}{NBSP}»"
    if need is None or context.indicator is None:
        measured = [f"{panels[0].heading.lower()}, {panels[0].legend_title[:1].lower()}{panels[0].legend_title[1:]}"]
    else:
        unit = need.legend_title[:1].lower() + need.legend_title[1:]
        entry = context.indicator
        measured = [
            f"{entry.label_long[:1].lower()}{entry.label_long[1:]}, {unit}",
            f"{entry.label[:1].lower()}{entry.label[1:]}, {unit}",
        ]
    for words in measured:
        text = typography(f"{start} – {words}")
        if width(text, SUBTITLE) <= room:
            return text
    return shortened(typography(f"{start} – {measured[-1]}"), SUBTITLE, room)


def tags(panels: Sequence[Panel], diffusion: str) -> list[tuple[str, bool]]:
    """The stamps of the page, and whether each is white on black: simulated values first, then who may see it."""
    simulated = [panel.word for panel in panels if panel.simulated]
    sides = {"BESOIN": "besoin", "ACCÈS": "offre"}
    stamps = []
    if simulated:
        side = f" ({sides[simulated[0]]})" if len(simulated) == 1 else ""
        stamps.append((f"VALEURS SIMULÉES{side}", True))
    return [*stamps, (style.DIFFUSION[diffusion], False)]


def notes(
    published: Published,
    territory: Territory,
    theme: Theme,
    context: MapContext,
    panels: Sequence[Panel],
    zones: pd.DataFrame,
    numbered: Sequence[str],
    omitted: Sequence[str],
) -> list[str]:
    """Paragraphs under the rule, in order: reading, what may be missing, names, sources."""
    paragraphs = [_reading(published, territory, theme, panels, zones)]
    if numbered:
        paragraphs.append(f"Zones désignées par un numéro{NBSP}: {', '.join(numbered)}.")
    if omitted:
        paragraphs.append(f"Noms non portés faute de place{NBSP}: {', '.join(omitted)}.")
    paragraphs.append(_sources(published, territory, theme, context, panels))
    return [typography(paragraph) for paragraph in paragraphs]


def _reading(
    published: Published, territory: Territory, theme: Theme, panels: Sequence[Panel], zones: pd.DataFrame
) -> str:
    pieces = ["plus foncé, plus défavorable"] if any(panel.classes for panel in panels) and len(zones) > 1 else []
    pieces += [piece for panel in panels for piece in panel.reading]
    sentences = [f"Lecture{NBSP}: {f'{NBSP}; '.join(pieces)}."] if pieces else []
    islands = zones[zones["kind"].eq(ZoneKind.OUTSIDE_EPCI)]["short_name"]
    if len(islands):
        sentences.append(f"Hors EPCI, non compté{NBSP}: {enumerate_words(list(islands))}.")
    apart = zones[~zones["counted"] & zones["share_inside"].lt(1)]["short_name"]
    if len(apart):
        sentences.append(
            f"Non compté{'s' if len(apart) > 1 else ''}{NBSP}: {enumerate_words(list(apart))} "
            f"(moins de 1{NBSP}% de {'leur' if len(apart) > 1 else 'sa'} population dans {_here(territory)})."
        )
    if zones["contour_approximate"].any():
        names = list(zones.loc[zones["contour_approximate"], "short_name"])
        sentences.append(f"Contour approché{NBSP}: {enumerate_words(names)}.")
    if any(panel.word == "ACCÈS" for panel in panels):
        sentences.append("Une offre non recensée peut exister.")
    if len(panels) == 1:
        sentences.append(_absent(published, theme, panels[0]))
    return " ".join(sentences)


def _absent(published: Published, theme: Theme, panel: Panel) -> str:
    """Why the other map is not there."""
    if panel.word == "BESOIN":
        return "Accès non cartographié\u00a0: aucune source chargée ne recense d’offre de ce thème ici."
    needs = published["needs"]
    reasons = needs.loc[needs["theme"].eq(theme.theme) & needs["reason"].ne(""), "reason"]
    why = reasons.mode().iloc[0] if len(reasons) else "non mesuré"
    return f"Besoin {why[:1].lower()}{why[1:].rstrip('.')}."


def _here(territory: Territory) -> str:
    return home(territory).replace("du ", "le ").replace("de la ", "la ")


def _sources(
    published: Published, territory: Territory, theme: Theme, context: MapContext, panels: Sequence[Panel]
) -> str:
    words = {panel.word for panel in panels}
    sources = published["sources"].sort_values("source_id")
    found: list[str] = []
    if "BESOIN" in words:
        needs = published["needs"]
        needs = needs[needs["theme"].eq(theme.theme) & needs["variant"].eq(0) & needs["source_id"].ne("")]
        found += [_need_source(rows, sources, context) for _, rows in needs.groupby("source_id", sort=True)]
    if "ACCÈS" in words:
        offers = located_offers(published, theme)
        found += [_offer_source(str(key), rows, context) for key, rows in offers.groupby("offer_source", sort=True)]
    kinds = noun(territory, 2)
    geography = f"Géographie{NBSP}: {kinds} au 01/01/{territory.geo_vintage}, {context.geography_source}"
    return f"Sources{NBSP}: {f'{NBSP}; '.join(found)}. {geography}. Traitement{NBSP}: diagpacte."


def _need_source(needs: pd.DataFrame, sources: pd.DataFrame, context: MapContext) -> str:
    """« Insee, recensement de la population, 2022 (réel) »; a simulated value only has its file, not a producer."""
    nature = Nature.worst(needs["nature"])
    period = ", ".join(sorted({str(period) for period in needs["period"] if period}))
    if nature is Nature.SIMULATED or context.indicator is None:
        file = sources.loc[sources["source_id"].eq(needs["source_id"].iloc[0]), "file"].iloc[0]
        named = f"fichier {file}"
    else:
        named = context.indicator.source
    grades = " et degrés du panorama" if needs["class_rule"].eq(NeedRule.PANORAMA_GRADE).any() else ""
    return f"{', '.join(filter(None, (named, period)))}{grades} ({nature.label})"


def _offer_source(key: str, offers: pd.DataFrame, context: MapContext) -> str:
    dates = offers["updated_on"].dropna()
    updated = f", {month(dates.max())}" if len(dates) else ""
    return f"{context.offer_labels.get(key, key)}{updated} ({Nature.worst(offers['nature']).label})"
