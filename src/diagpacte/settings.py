"""Settings: the sum of the rooms' rules and dictionaries, read once for a workspace.

Defaults live in the project's configs/ (in the wheel: diagpacte/configs). A workspace's own
configs/ wins: section by section in diagpacte.toml, row by row (by key) in the dictionaries.
No heavy import here: a command with nothing to do must stay fast.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from diagpacte.crossing.rules import CrossingRules
from diagpacte.deliverables.rules import DeliverableRules
from diagpacte.disclosure.rules import DisclosureRules, Threshold
from diagpacte.errors import ConfigurationError, Fault, broken_toml
from diagpacte.geography.rules import GeographyRules
from diagpacte.needs.rules import NationalBounds, NeedIndicator, NeedRules
from diagpacte.offers.rules import Network, OfferSource, Thematic, ThematicRow
from diagpacte.sources.coherence.rules import CoherenceCheck, CoherenceRules
from diagpacte.sources.rules import MissingMark, Precision, ReadingLimits
from diagpacte.vocabulary import Entry, EntryField, Factor, Indicator, Profile, Role, Theme

SETTINGS_FILE = "diagpacte.toml"

EntryType = TypeVar("EntryType", bound=Entry)

DICTIONARIES: Mapping[str, tuple[type[Entry], tuple[str, ...]]] = {
    "indicators": (Indicator, ("indicator",)),
    "profiles": (Profile, ("profile",)),
    "factors": (Factor, ("factor",)),
    "themes": (Theme, ("theme",)),
    "needs": (NeedIndicator, ("theme", "indicator")),
    "breaks": (NationalBounds, ("indicator", "year")),
    "thematics": (ThematicRow, ("theme", "source", "key_kind", "key")),
    "thematic_labels": (Thematic, ("thematique",)),
    "networks": (Network, ("reseau",)),
    "offer_sources": (OfferSource, ("source",)),
    "missing_marks": (MissingMark, ("mark",)),
    "coherence_checks": (CoherenceCheck, ("check",)),
    "precision": (Precision, ("indicator", "levels")),
    "saisie": (EntryField, ("subject", "field")),
    "disclosure_thresholds": (Threshold, ("rule",)),
}

TRUE_WORDS = {"oui", "vrai", "true", "1"}


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Everything a run obeys; `digest` changes when any of it does."""

    territory: str = ""
    as_of: date
    geography: GeographyRules = GeographyRules()
    reading: ReadingLimits = ReadingLimits()
    coherence: CoherenceRules = CoherenceRules()
    need: NeedRules = NeedRules()
    crossing: CrossingRules = CrossingRules()
    deliverables: DeliverableRules = DeliverableRules()
    disclosure: DisclosureRules = DisclosureRules()
    show: tuple[str, ...] = ()  # themes shown in place of the territory's own list

    indicators: tuple[Indicator, ...]
    profiles: tuple[Profile, ...]
    factors: tuple[Factor, ...]
    themes: tuple[Theme, ...]
    needs: tuple[NeedIndicator, ...]
    breaks: tuple[NationalBounds, ...]
    thematics: tuple[ThematicRow, ...]
    thematic_labels: tuple[Thematic, ...]
    networks: tuple[Network, ...]
    offer_sources: tuple[OfferSource, ...]
    missing_marks: tuple[MissingMark, ...]
    coherence_checks: tuple[CoherenceCheck, ...]
    precision: tuple[Precision, ...]
    saisie: tuple[EntryField, ...]
    disclosure_thresholds: tuple[Threshold, ...]
    layouts: dict[str, dict[str, Any]]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def default_configs() -> Path:
    """The folder of defaults: inside the package when installed, beside src/ in a checkout.

    Raises ConfigurationError when neither is there.
    """
    package = Path(__file__).parent
    for folder in (package / "configs", package.parents[1] / "configs"):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise ConfigurationError(Fault("configs", found="dossier des réglages introuvable", remedy="réinstaller diagpacte"))


def load_settings(workspace: Path) -> Settings:
    """The settings of `workspace`; raises ConfigurationError with every fault found."""
    own, defaults = workspace / "configs", default_configs()
    faults: list[Fault] = []
    values: dict[str, Any] = _merge(_toml(defaults / SETTINGS_FILE, faults), _toml(own / SETTINGS_FILE, faults))
    for name, (model, key) in DICTIONARIES.items():
        merged: dict[tuple[object, ...], Entry] = {}
        for folder in (defaults, own):
            for entry in _read_dictionary(folder / f"{name}.csv", model, faults):
                merged[tuple(getattr(entry, part) for part in key)] = entry
        values[name] = tuple(merged.values())
    values["layouts"] = {
        path.stem: _toml(path, faults)
        for folder in (defaults, own)
        for path in sorted((folder / "layouts").glob("*.toml"))
    }
    if faults:
        raise ConfigurationError(*faults)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(*_toml_faults(error)) from error
    _check_references(settings)
    return settings


def _toml(path: Path, faults: list[Fault]) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(broken_toml(path.name, error))
        return {}


def _merge(defaults: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for name, value in own.items():
        inner = merged.get(name)
        merged[name] = {**inner, **value} if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def _toml_faults(error: ValidationError) -> Iterable[Fault]:
    for detail in error.errors():
        place = ".".join(str(part) for part in detail["loc"])
        if detail["type"] == "extra_forbidden":
            yield Fault(SETTINGS_FILE, found=f"réglage inconnu « {place} »", remedy="vérifier son nom dans configs/")
        elif detail["type"] == "missing":
            yield Fault(SETTINGS_FILE, found=f"réglage absent « {place} »", remedy="l’ajouter")
        else:
            found = f"« {place} » vaut « {detail['input']} »"
            yield Fault(SETTINGS_FILE, found=found, expected=_expected(detail), remedy="corriger la valeur")


EXPECTED = {
    "greater_than": "plus de {gt}",
    "greater_than_equal": "{ge} ou plus",
    "less_than": "moins de {lt}",
    "less_than_equal": "{le} ou moins",
    "enum": "l’un de ces mots : {expected}",
    "string_pattern_mismatch": "un mot de la forme {pattern}",
    "value_error": "{error}",
}


def _expected(detail: ErrorDetails) -> str:
    """What was expected, in French, from the kind of a validation error."""
    kind = detail["type"]
    if kind in EXPECTED:
        return EXPECTED[kind].format(**detail.get("ctx", {}))
    for word, expected in (
        ("date", "une date (2026-01-31)"),
        ("int", "un nombre entier"),
        ("float", "un nombre"),
        ("bool", "oui ou non"),
    ):
        if kind.startswith(word):
            return expected
    return "un texte" if kind.startswith("string") else "une valeur de la bonne forme"


def _read_dictionary(path: Path, model: type[EntryType], faults: list[Fault]) -> list[EntryType]:
    """The rows of a dictionary, as French Excel may have saved it (BOM or cp1252, « ; », « , » decimal)."""
    if not path.is_file():
        return []
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    wanted, found = _csv_columns(model), list(reader.fieldnames or [])
    missing = [name for name in wanted if name not in found]
    if missing:
        faults.append(
            Fault(
                path.name,
                cell="ligne 1",
                found=f"colonnes absentes : {', '.join(missing)}",
                expected=";".join(wanted),
                remedy="remettre l’en-tête d’origine, séparé par des points-virgules",
            )
        )
        return []
    entries = []
    for line, row in enumerate(_rows(reader, path.name, faults), start=2):
        if not any((value or "").strip() for value in row.values() if isinstance(value, str)):
            continue
        try:
            entries.append(_entry(model, row))
        except (ValidationError, ValueError) as error:
            faults.append(_row_fault(path.name, line, error))
    return entries


def _rows(reader: csv.DictReader[str], file: str, faults: list[Fault]) -> Iterator[dict[str, str]]:
    """The rows that can be read; a broken one ends them, and is said."""
    try:
        yield from reader
    except csv.Error:
        faults.append(
            Fault(file, cell=f"ligne {reader.line_num}", found="ligne illisible", remedy="vérifier ses guillemets")
        )


def _csv_columns(model: type[Entry]) -> list[str]:
    columns: list[str] = []
    for name, info in model.model_fields.items():
        length = _fixed_length(info.annotation)
        columns += [f"{name.removesuffix('s')}_{i}" for i in range(1, length + 1)] if length else [name]
    return columns


def _fixed_length(annotation: Any) -> int:
    """Number of columns of a fixed-length tuple of numbers (bounds → bound_1, bound_2, bound_3)."""
    parts = get_args(annotation)
    return len(parts) if get_origin(annotation) is tuple and Ellipsis not in parts else 0


def _entry(model: type[EntryType], row: Mapping[str, str]) -> EntryType:
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        length = _fixed_length(info.annotation)
        if length:
            stem = name.removesuffix("s")
            values[name] = tuple(_number(row[f"{stem}_{i}"]) for i in range(1, length + 1))
        else:
            values[name] = _cell((row[name] or "").strip(), info.annotation)
    return model(**values)


def _cell(text: str, annotation: Any) -> Any:
    if get_origin(annotation) is tuple:
        return tuple(part.strip() for part in text.split("|") if part.strip())
    kinds = get_args(annotation) or (annotation,)
    if float in kinds or int in kinds:
        return None if not text and type(None) in kinds else _number(text)
    return text.casefold() in TRUE_WORDS if bool in kinds else text


def _number(text: str) -> float:
    try:
        return float(text.strip().replace("\u00a0", "").replace("\u202f", "").replace(",", ".") or "nan")
    except ValueError:
        raise ValueError(f"« {text.strip()} » n’est pas un nombre") from None


def _row_fault(file: str, line: int, error: ValueError) -> Fault:
    if isinstance(error, ValidationError):
        detail = error.errors()[0]
        found = f"{'.'.join(str(part) for part in detail['loc'])} = « {detail['input']} »"
        return Fault(
            file, cell=f"ligne {line}", found=found, expected=_expected(detail), remedy="corriger cette cellule"
        )
    return Fault(file, cell=f"ligne {line}", found=str(error), expected="un nombre", remedy="corriger cette cellule")


def _check_references(settings: Settings) -> None:
    """Every code a dictionary cites exists in the dictionary it cites, and no offer enters a need."""
    indicators = {entry.indicator: entry for entry in settings.indicators}
    themes = {entry.theme for entry in settings.themes}
    factors = {entry.factor for entry in settings.factors}
    cited: list[tuple[str, str, Sequence[str], Iterable[str]]] = [
        ("needs.csv", "thème", [row.theme for row in settings.needs], themes),
        ("needs.csv", "indicateur", [row.indicator for row in settings.needs if row.indicator], indicators),
        ("needs.csv", "facteur", [row.grade_factor for row in settings.needs if row.grade_factor], factors),
        ("thematics.csv", "thème", [row.theme for row in settings.thematics], themes),
        ("breaks.csv", "indicateur", [row.indicator for row in settings.breaks], indicators),
        ("precision.csv", "indicateur", [row.indicator for row in settings.precision], indicators),
        ("factors.csv", "indicateur", [row.graded_on for row in settings.factors if row.graded_on], indicators),
        (SETTINGS_FILE, "thème à montrer (show)", settings.show, themes),
    ]
    faults = [
        Fault(file, found=f"{what} inconnu « {code} »", remedy="corriger le code ou l’ajouter à son dictionnaire")
        for file, what, codes, known in cited
        for code in sorted(set(codes) - set(known))
    ]
    faults += [
        Fault(
            "needs.csv",
            found=f"« {row.indicator} », indicateur d’offre, sert de besoin au thème {row.theme}",
            expected="un indicateur de besoin ou de contexte",
            remedy="retirer cette ligne",
        )
        for row in settings.needs
        if row.indicator in indicators and indicators[row.indicator].role is Role.OFFER
    ]
    if faults:
        raise ConfigurationError(*faults)
