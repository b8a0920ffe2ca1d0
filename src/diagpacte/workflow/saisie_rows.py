"""The rows that the tool wants in saisie.xlsx, and the words of its drop-down lists: themes, zones, schémas, bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagpacte.errors import TerritoryError
from diagpacte.workflow.places import resolve
from diagpacte.workspace import RUN_FILE

if TYPE_CHECKING:
    from diagpacte.sources.saisie.lines import Wanted
    from diagpacte.vocabulary import Territory, Theme
    from diagpacte.workflow.job import Job

BY_THEME = ("themes", "coordination", "criteres")
REGISTERS, REGISTER = "registres", "registre"
COMMENTS = "commentaires"
LISTS = {"metropole": " (métropoles)", "outre_mer": " (Outre-mer)"}  # questions of several lists bear one label
BODIES = {
    "departement": "département",
    "commune_ccas": "commune ou CCAS",
    "etat_operateur": "État ou opérateur",
    "securite_sociale": "sécurité sociale",
    "association": "association",
    "inconnu": "non connu",
}


def territory_codes(job: Job, codes: Sequence[str] = ()) -> list[str]:
    """The codes of `territories`, some of which may name none."""
    made = {job.space.record(path.parent).territory for path in job.space.outputs.glob(f"*/{RUN_FILE}")}
    return sorted({job.settings.territory, *made, *codes} - {""})


def territories(job: Job, codes: Sequence[str] = ()) -> list[Territory]:
    """Those of diagpacte.toml, of the outputs already made and of `codes`; a code that names none is left to others."""
    found = []
    for code in territory_codes(job, codes):
        try:
            found.append(resolve(job.settings.geography, code))
        except TerritoryError:
            continue
    return found


def theme_words(theme: Theme) -> str:
    """A theme as the workbook shows it: no two bear the same words."""
    return theme.label + LISTS.get(theme.list, "")


def territory_words(territory: Territory) -> str:
    return f"{territory.name} ({territory.code})"


def wanted_rows(job: Job, places: Sequence[Territory]) -> list[Wanted]:
    """The rows of the tool, in the order of the sheets."""
    from diagpacte.sources.saisie.lines import Wanted

    themes = {place.code: job.themes(place) for place in places}
    rows = [
        Wanted(
            subject,
            f"{place.code}|{theme.theme}",
            {
                "territoire": territory_words(place),
                "axe": str(theme.axis),
                "theme": theme_words(theme),
                **({"question": theme.question} if subject == "themes" else {}),
            },
        )
        for subject in BY_THEME
        for place in places
        for theme in themes[place.code]
    ]
    names = next((one.choices for one in job.settings.saisie if (one.subject, one.field) == (REGISTERS, REGISTER)), ())
    rows += [
        Wanted(REGISTERS, f"{place.code}|{_slug(name)}", {"territoire": territory_words(place), REGISTER: name})
        for place in places
        for name in names
    ]
    return [*rows, *_zones(job, places)]


def _zones(job: Job, places: Sequence[Territory]) -> list[Wanted]:
    from diagpacte.geography.zones import zones
    from diagpacte.sources import reference
    from diagpacte.sources.saisie.lines import Wanted

    names: dict[str, str] = {}
    held: dict[str, list[str]] = {}
    for place in places:
        vintage = place.geo_vintage
        communes, grouped = reference.communes(vintage), reference.intercommunalities(vintage)
        found, _ = zones(place, communes, grouped, job.settings.geography)
        for code, name in zip(found["zone_code"].tolist(), found["name"].tolist(), strict=True):
            names.setdefault(code, name)
            held.setdefault(code, []).append(territory_words(place))
    return [
        Wanted(COMMENTS, code, {"zone": code, "nom": name, "territoires": ", ".join(held[code])})
        for code, name in names.items()
    ]


def _slug(name: str) -> str:
    from diagpacte.sources.files.texts import normalised

    return re.sub(r"[^a-z0-9]+", "_", normalised(name)).strip("_")


def choice_lists(job: Job, places: Sequence[Territory]) -> dict[str, tuple[str, ...]]:
    """The words of each drop-down list, by its name."""
    fields = [one for one in job.settings.saisie if one.kind in ("choix", "oui_non") and one.choices]
    shown = dict.fromkeys(theme_words(theme) for place in places for theme in job.themes(place))
    bodies = [BODIES.get(entry.responsable, "") for entry in job.settings.networks]
    named = {
        "themes": tuple(shown),
        "territoires": tuple(map(territory_words, places)),
        "responsables": tuple(words for words in BODIES.values() if words in bodies),
    }
    own = {f"{one.subject}.{one.field}": one.choices for one in fields if not one.choices[0].startswith("@")}
    return {**named, **own}
