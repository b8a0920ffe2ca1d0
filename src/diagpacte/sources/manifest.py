"""data/raw/sources.toml: what each file received is, where it comes from, and its SHA-256.

A person may complete what is « à renseigner »; nobody but `add` writes the rest.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError, field_validator

from diagpacte.errors import ConfigurationError, Fault, Severity, SourceError, broken_toml
from diagpacte.sources.files.sniffing import sniff
from diagpacte.sources.offers.faults import offer_fault, quoted
from diagpacte.sources.offers.list_layout import ListLayout
from diagpacte.sources.offers.records import FileFormat, file_format, headings, not_a_table
from diagpacte.tables import TABLES, Sources
from diagpacte.vocabulary import Nature

MANIFEST = "sources.toml"
UNKNOWN = "à renseigner"
NATURES = {"réelle": Nature.REAL, "dérivée": Nature.DERIVED, "estimée": Nature.ESTIMATED, "simulée": Nature.SIMULATED}
DIFFUSIONS = ("publique", "restreinte", UNKNOWN)
HEADER = "# Fichiers de data/raw, tels que reçus. Compléter ce qui est « à renseigner » ; laisser le reste.\n"


class SourceKind(StrEnum):
    """What a file of data/raw holds."""

    PANORAMA = "panorama"
    SERVICES = "offre_services"
    STRUCTURES = "offre_structures"
    LIST = "offre_liste"


class Detected(BaseModel, frozen=True):
    """What the content of a file says it is; facts that it does not tell are « à renseigner »."""

    kind: SourceKind
    layout: str = ""  # of a plain list: the name of its file in configs/layouts
    title: str = UNKNOWN
    producer: str = UNKNOWN
    licence: str = UNKNOWN
    vintage: str = UNKNOWN
    published_on: date | None = None


class ManifestEntry(Detected, frozen=True, extra="forbid"):
    """One file of data/raw. `nature`, `geo_vintage` and `published_on` are None when unknown.

    `diffusion` is what a person said of who may see its values; empty, its licence and its banner tell.
    """

    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    nature: Nature | None = None
    geo_vintage: int | None = None
    diffusion: str = Field("", pattern=f"^({'|'.join(DIFFUSIONS)}|)$")

    @field_validator("nature", "geo_vintage", "published_on", mode="before")
    @classmethod
    def _known_or_none(cls, value: object) -> object:
        return None if value == UNKNOWN else NATURES.get(value, value) if isinstance(value, str) else value

    @property
    def source_id(self) -> str:
        return self.file

    def keeping(self, before: ManifestEntry | None, said: Collection[str]) -> ManifestEntry:
        """The same, with what `before`, perhaps completed by a person, knew of this content; `said` anew wins."""
        if before is None or before.sha256 != self.sha256:
            return self
        words = {"title", "producer", "licence", "vintage", "nature", "geo_vintage", "published_on", "diffusion"}
        words = words.difference(said)
        known = {name: getattr(before, name) for name in words if getattr(before, name) not in (UNKNOWN, None, "")}
        return self.model_copy(update=known)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The words of sources.toml still to be filled in; a panorama tells the nature of its columns itself."""
        wanted = ["title", "producer", "licence", "vintage"]
        wanted += [] if self.kind is SourceKind.PANORAMA else ["nature"]
        return tuple(WORDS[name] for name in wanted if getattr(self, name) in (UNKNOWN, None))


WORDS = {
    "kind": "contenu", "layout": "presentation", "title": "titre", "producer": "producteur", "licence": "licence",
    "vintage": "millesime", "published_on": "mise_en_ligne", "nature": "nature", "geo_vintage": "geographie",
    "diffusion": "diffusion", "size": "taille", "sha256": "sha256",
}  # fmt: skip
EXPECTED = {
    "kind": ", ".join(SourceKind),
    "nature": ", ".join(NATURES),
    "geo_vintage": "une année (2025)",
    "diffusion": ", ".join(DIFFUSIONS),
    "published_on": "une date (2025-09-15)",
}


def describe(
    path: Path,
    detected: Detected,
    nature: Nature | None = None,
    producer: str = "",
    licence: str = "",
    vintage: str = "",
) -> ManifestEntry:
    """The entry of `path`: what its content says, then what the person said; SHA-256 and size measured."""
    said = {name: text for name, text in (("producer", producer), ("licence", licence), ("vintage", vintage)) if text}
    facts = {**detected.model_dump(), **said}
    return ManifestEntry(**facts, file=path.name, sha256=_sha256(path), size=path.stat().st_size, nature=nature)


def read_manifest(path: Path) -> dict[str, ManifestEntry]:
    """File name → entry, in the order of `path`; empty when there is no such file.

    Raises ConfigurationError with every fault of the file.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(broken_toml(path.name, error)) from error
    entries: dict[str, ManifestEntry] = {}
    faults: list[Fault] = []
    ours = {word: name for name, word in WORDS.items()}
    for file, table in tables.items():
        try:
            facts = {ours.get(word, word): value for word, value in table.items()}
            entries[file] = ManifestEntry(file=file, **facts)
        except (ValidationError, AttributeError) as error:
            faults += _entry_faults(path.name, file, error)
    if faults:
        raise ConfigurationError(*faults)
    return entries


def _entry_faults(manifest: str, file: str, error: Exception) -> Iterable[Fault]:
    if not isinstance(error, ValidationError):
        yield Fault(manifest, cell=f"« {file} »", found="ce n’est pas une table", remedy="supprimer cette ligne")
        return
    for detail in error.errors():
        name = str(detail["loc"][0])
        found = {"missing": "absent", "extra_forbidden": "mot inconnu"}.get(detail["type"], quoted(detail["input"]))
        yield Fault(
            manifest,
            cell=f"« {file} »",
            found=f"{WORDS.get(name, name)} : {found}",
            expected=EXPECTED.get(name, ""),
            remedy="corriger, ou supprimer cette table et relancer « diagpacte add » sur ce fichier",
        )


def manifest_bytes(entries: Iterable[ManifestEntry]) -> bytes:
    """sources.toml: one table per file, in the order given; the same entries give the same bytes."""
    natures = {nature: word for word, nature in NATURES.items()}
    tables = [HEADER]
    for entry in entries:
        values = {name: getattr(entry, name) for name in WORDS}
        values["nature"] = natures.get(values["nature"], UNKNOWN)
        lines = [f"{word} = {_toml(values[name])}" for name, word in WORDS.items() if values[name] != ""]
        tables.append("\n".join([f"[{_toml(entry.file)}]", *lines, ""]))
    return "\n".join(tables).encode()


def _toml(value: object) -> str:
    """Numbers and days bare, what is unknown as « à renseigner », all else as quoted text."""
    if isinstance(value, (int, date)):
        return str(value)
    return json.dumps(UNKNOWN if value is None else str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def manifest_faults(folder: Path, entries: Mapping[str, ManifestEntry]) -> list[Fault]:
    """What in `folder` no longer is, or never was, what the manifest says."""
    present = {path.name: path for path in sorted(folder.glob("*")) if path.is_file() and not _is_furniture(path.name)}
    faults = [
        Fault(
            name,
            found="fichier enregistré mais disparu de data/raw",
            remedy=f"le remettre, ou retirer sa table de {MANIFEST}",
        )
        for name in entries
        if name not in present
    ]
    for name, path in present.items():
        if name not in entries:
            found, remedy = f"présent dans data/raw mais absent de {MANIFEST}", f"lancer « diagpacte add {name} »"
            faults.append(Fault(name, found=found, remedy=remedy, severity=Severity.CHECK))
        elif _sha256(path) != entries[name].sha256:
            found = "le contenu a changé depuis son enregistrement (empreinte SHA-256 différente)"
            faults.append(Fault(name, found=found, remedy="remettre le fichier reçu, ou relancer « diagpacte add »"))
    return faults


def to_complete(entries: Iterable[ManifestEntry]) -> list[Fault]:
    """What a person still has to write in sources.toml, file by file."""
    return [
        Fault(
            entry.file,
            found=f"{UNKNOWN} : {', '.join(entry.unknown)}",
            remedy=f"compléter data/raw/{MANIFEST}",
            severity=Severity.CHECK,
        )
        for entry in entries
        if entry.unknown
    ]


def sources_table(entries: Iterable[ManifestEntry], rows: Mapping[str, int], notes: Mapping[str, str]) -> Sources:
    """The table Sources; `rows` and `notes` by source_id. A source whose nature nobody said is undeclared."""
    records = [
        {
            **entry.model_dump(exclude={"layout"}),
            "source_id": entry.source_id,
            "kind": entry.kind.value,
            "nature": (entry.nature or Nature.UNDECLARED).value,
            "diffusion": entry.diffusion or UNKNOWN,
            "rows": rows.get(entry.source_id, 0),
            "note": notes.get(entry.source_id, ""),
        }
        for entry in entries
    ]
    return Sources(TABLES["sources"].frame(records))


def _is_furniture(name: str) -> bool:
    """Files that systems and office suites leave in a folder."""
    return name.startswith((".", "~$")) or name in (MANIFEST, "Thumbs.db", "desktop.ini")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


SERVICE_HEADINGS = {"source", "structure_id", "id", "nom"}
STRUCTURE_HEADINGS = {"source", "id", "nom", "date_maj"}
OLD_HEADINGS = {"_di_surrogate_id", "presentation_resume", "zone_diffusion_type", "typologie", "profils"}  # v0, 2023
SHOWN_HEADINGS = 6


def detect(path: Path, layouts: Mapping[str, ListLayout], is_panorama: Callable[[Path], bool]) -> Detected:
    """What `path` is, by its content; `is_panorama` tells a table of indicators by zone, and is asked last.

    Raises SourceError, in French, when it cannot be read or is nothing known.
    """
    if _is_furniture(path.name):
        remedy = "le renommer s’il porte des données, puis l’ajouter"
        raise SourceError(Fault(path.name, found="nom de fichier caché, temporaire ou réservé", remedy=remedy))
    kind = file_format(path)
    if kind in (FileFormat.PDF, FileFormat.WEB_PAGE):
        raise SourceError(not_a_table(path, kind))
    if kind is FileFormat.WORKBOOK:
        sniff(path)  # an encrypted workbook, a text document or an archive say what they are
    found = headings(path)
    if {*SERVICE_HEADINGS, *STRUCTURE_HEADINGS} & set(found) and OLD_HEADINGS & set(found):
        remedy = "donner l’export au format v1 (depuis septembre 2025)"
        raise SourceError(
            offer_fault(path.name, "format v0 (2023) : lecture à venir", remedy=remedy, severity=Severity.BLOCKING)
        )
    for name, layout in layouts.items():
        if set(layout.detect.columns) <= set(found):
            return _detected_list(path, name, layout)
    if set(found) >= SERVICE_HEADINGS:
        return _detected_export(path, SourceKind.SERVICES, "Services de l’inclusion (schéma data.inclusion v1)")
    if set(found) >= STRUCTURE_HEADINGS:
        return _detected_export(path, SourceKind.STRUCTURES, "Structures de l’inclusion (schéma data.inclusion v1)")
    if kind in (FileFormat.WORKBOOK, FileFormat.CSV) and is_panorama(path):
        return Detected(kind=SourceKind.PANORAMA)
    raise SourceError(_unknown(path, kind, found, layouts))


def _detected_list(path: Path, name: str, layout: ListLayout) -> Detected:
    day = layout.as_of.read(path.name)
    return Detected(
        kind=SourceKind.LIST,
        layout=name,
        title=layout.title,
        producer=layout.producer,
        licence=layout.licence,
        vintage=f"{day:%d/%m/%Y}" if day else UNKNOWN,
        published_on=day,
    )


def _detected_export(path: Path, kind: SourceKind, title: str) -> Detected:
    dated = re.search(r"\d{4}-\d{2}(-\d{2})?", path.stem)  # services-inclusion-2024-08-05.csv
    return Detected(kind=kind, title=title, vintage=dated[0] if dated else UNKNOWN)


def _unknown(path: Path, kind: FileFormat, found: tuple[str, ...], layouts: Mapping[str, ListLayout]) -> Fault:
    named = [heading for heading in found if heading.strip()]
    shown = ", ".join(quoted(heading) for heading in named[:SHOWN_HEADINGS])
    what = f"{kind} non reconnu" if kind is not FileFormat.JSON else "JSON sans aucun enregistrement"
    if kind is FileFormat.WORKBOOK:
        what = "classeur sans tableau d’indicateurs par zone : aucune colonne de codes géographiques"
    elif kind is FileFormat.CSV and len(found) == 1 and shown:
        what = f"une seule colonne, {shown} : séparateur autre que virgule, point-virgule ou tabulation"
    elif shown:
        what = f"colonnes inconnues, à commencer par {shown}"
    lists = "".join(f", {quoted(layout.name)}" for layout in layouts.values())
    return offer_fault(
        path.name,
        what,
        expected=f"un tableau avec une colonne de codes INSEE ou SIREN (un nom de zone ne suffit pas), ou une liste de l’offre : "
        f"data.inclusion v1{lists}",
        remedy="pour un tableau de chiffres, demander les codes des zones à qui l’a fait ; pour une liste, la décrire dans "
        "configs/layouts/",
        severity=Severity.BLOCKING,
    )
