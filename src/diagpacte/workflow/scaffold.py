"""`init` makes a workspace; `add` copies what was received into it and says what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from diagpacte.errors import DiagpacteError, Fault, SourceError, UsageError
from diagpacte.settings import SETTINGS_FILE, load_settings
from diagpacte.workflow.correspondence import ask, read_answers
from diagpacte.workflow.job import MANIFEST, Done, Job
from diagpacte.workflow.places import resolve
from diagpacte.workspace import Workspace, atomic_write, file_hash

if TYPE_CHECKING:
    from diagpacte.sources.correspondence.answers import Correspondence
    from diagpacte.sources.indicators import IndicatorReading
    from diagpacte.sources.manifest import ManifestEntry
    from diagpacte.vocabulary import Nature

KINDS = {
    "panorama": "panorama ou tableau d’indicateurs par zone",
    "offre_services": "services de l’offre (data.inclusion)",
    "offre_structures": "structures de l’offre (data.inclusion)",
    "offre_liste": "liste de lieux",
}
SAME_NAME = "pour le remplacer, supprimer l’ancien de data/raw, puis l’ajouter de nouveau ; pour garder les deux, renommer le nouveau"

CONFIGURATION = """\
# Réglages de cet espace de travail ; ce qui n'est pas écrit ici suit les réglages livrés avec diagpacte.

territory = "{territory}"{pad} # {name}
as_of = {as_of}     # date du diagnostic : la seule date lue par les calculs

# Les dictionnaires (thèmes, besoins, thématiques, indicateurs…) se complètent par des fichiers CSV
# posés dans ce dossier : une ligne de même clé remplace la ligne livrée.
"""

MAKEFILE = """\
# Les mêmes étapes que la ligne de commande, pour un dépôt partagé et pour cron.
.PHONY: tout cartes classeur
tout:
\tdiagpacte run
cartes:
\tdiagpacte map
classeur:
\tdiagpacte table
"""


def init(directory: Path, territory: str, as_of: str) -> Done:
    """Make the folders and configs of a workspace for `territory`.

    Raises UsageError when `directory` already is a workspace, or `as_of` is no date; TerritoryError when
    the territory does not exist (nothing is made).
    """
    space = Workspace(directory)
    if (space.configs / SETTINGS_FILE).exists():
        raise UsageError(
            Fault(
                directory.name,
                found="ce dossier est déjà un espace de travail",
                remedy="choisir un autre dossier, ou le compléter par « diagpacte add »",
            )
        )
    try:
        date.fromisoformat(as_of)
    except ValueError:
        raise UsageError(
            Fault("--as-of", found=f"« {as_of} » n’est pas une date", expected="AAAA-MM-JJ", remedy="corriger la date")
        ) from None
    place = resolve(load_settings(space.root).geography, territory)
    text = CONFIGURATION.format(
        territory=place.code, name=place.name, as_of=as_of, pad=" " * max(0, 10 - len(place.code))
    )
    for folder in (space.raw, space.saisies, space.outputs):
        folder.mkdir(parents=True, exist_ok=True)
    written = [space.configs / SETTINGS_FILE, space.root / "Makefile"]
    for path, content in zip(written, (text, MAKEFILE), strict=True):
        if not path.exists():
            atomic_write(path, content.encode())
    return Done(
        tuple(written),
        (f"Espace de travail prêt : {place.name} ({place.code}).",),
        f"diagpacte -C {directory} add FICHIER...",
    )


def add(
    directory: Path, files: list[Path], *, nature: str = "", producer: str = "", licence: str = "", vintage: str = ""
) -> Done:
    """Copy `files` into data/raw and record what each is, with its SHA-256; a file already there is said.

    Raises SourceError for files that are missing or nothing known, UsageError for a nature that is no word
    or a name already taken by another content; nothing is copied then.
    """
    from diagpacte.sources import manifest

    job = Job.open(directory)
    if nature and nature not in manifest.NATURES:
        found = f"« {nature} » n’est pas une nature"
        raise UsageError(Fault("--nature", found=found, expected=", ".join(manifest.NATURES), remedy="corriger ce mot"))
    with job.space.lock():
        known, answers = manifest.read_manifest(job.space.raw / MANIFEST), read_answers(job)
        received: list[_Received] = []
        faults: list[Fault] = []
        words = {"nature": nature, "producer": producer, "licence": licence, "vintage": vintage}
        said = {name for name, word in words.items() if word}
        for path in files:
            try:
                one = _describe(job, path, answers, manifest.NATURES.get(nature), producer, licence, vintage)
                _check_name(job, path, one.entry)
                received.append(replace(one, entry=one.entry.keeping(known.get(path.name), said)))
            except DiagpacteError as error:
                faults += error.faults
        if faults:
            raise SourceError(*faults)
        return _record(job, known, received)


@dataclass(frozen=True)
class _Received:
    """A file to add: where it is, what it is, and what was read of it when it holds indicators."""

    path: Path
    entry: ManifestEntry
    reading: IndicatorReading | None


def _describe(
    job: Job, path: Path, answers: Correspondence, nature: Nature | None, producer: str, licence: str, vintage: str
) -> _Received:
    """What `path` is, by its content; a panorama tells its own title, producer, geography and years."""
    from diagpacte.sources import manifest
    from diagpacte.workflow.indicator_tables import recognised

    if not path.is_file():
        found = "c’est un dossier" if path.is_dir() else "fichier introuvable"
        raise SourceError(Fault(path.name, found=found, remedy="vérifier le chemin du fichier"))
    detected, reading = recognised(job.settings, path, answers)
    entry = manifest.describe(path, detected, nature, producer, licence, vintage)
    if reading is None:
        return _Received(path, entry, None)
    facts = reading.source
    told = {
        "title": facts.title,
        "producer": producer or facts.producer,
        "vintage": vintage or facts.vintage,
        "geo_vintage": facts.geo_vintage,
        "published_on": facts.published_on,
    }
    return _Received(path, entry.model_copy(update={name: value for name, value in told.items() if value}), reading)


def _check_name(job: Job, path: Path, entry: ManifestEntry) -> None:
    there = job.space.raw / path.name
    if there.is_file() and file_hash(there) != entry.sha256:
        found = "un autre fichier de ce nom est déjà dans data/raw"
        raise UsageError(Fault(path.name, found=found, remedy=SAME_NAME))


def _record(job: Job, known: dict[str, ManifestEntry], received: list[_Received]) -> Done:
    from diagpacte.sources import manifest

    written, notes = [], []
    for path, entry in ((one.path, one.entry) for one in received):
        there = job.space.raw / path.name
        if not there.is_file():
            atomic_write(there, path.read_bytes())
            written.append(there)
        unknown = f" ; {manifest.UNKNOWN} : {', '.join(entry.unknown)}" if entry.unknown else ""
        notes.append(f"{path.name} : {KINDS[entry.kind]}{unknown}")
    everything = {**known, **{one.entry.file: one.entry for one in received}}
    listing = job.space.raw / MANIFEST
    atomic_write(listing, manifest.manifest_bytes(everything.values()))
    asked = ask(job, [(one.entry, one.reading) for one in received if one.reading], {*everything})
    if asked:
        notes.append(f"{asked.name} : à compléter dans Excel, pour ce que diagpacte ne connaît pas")
        written.append(asked)
    step = f"compléter {asked.name}, puis diagpacte ingest" if asked else "diagpacte ingest"
    return Done((*written, listing), tuple(notes), step)
