"""What can go wrong, in the reader's words, each with its exit code.

A fault is data (file, place, what was found, what was expected, what to do); an error gathers the
faults of one step and is raised once. Nothing here prints.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LONG_QUOTATION = re.compile(r"«([^«»]{80})[^«»]{3,}»")


class Severity(StrEnum):
    """How much a fault matters; the values are printed."""

    BLOCKING = "bloquant"
    CHECK = "à vérifier"
    INFORMATION = "information"


class FaultKind(StrEnum):
    """What a fault is about: how a report groups them; the values are printed."""

    FILE = "fichier"
    TABLE = "tableau"
    ZONE = "codes de zones"
    COLUMN = "colonnes"
    VALUE = "valeurs"
    UNIT = "unités et bases"
    SECRET = "secret"
    DOUBLE = "doubles"
    COHERENCE = "cohérence"
    CORRECTION = "corrections"
    ORIGIN = "provenance"
    OFFER = "offre"
    OTHER = "divers"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing found in one place, and what to do about it. All texts are French.

    `cell` is the place as a sentence names it, « C7, C9, C12 et 4 autres »; `cells` are all of them, as
    ranges (« C7:C9 »), when they are cells of a sheet.
    """

    file: str
    sheet: str = ""
    cell: str = ""
    found: str = ""
    expected: str = ""
    remedy: str = ""
    severity: Severity = Severity.BLOCKING
    kind: FaultKind = FaultKind.OTHER
    cells: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("cell", "found", "expected", "remedy"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    def __str__(self) -> str:
        place = self.file
        if self.sheet:
            place += f", feuille « {self.sheet} »"
        if self.cell:
            place += f", {self.cell}" if self.cell.startswith(("ligne", "colonne", "«")) else f", cellule {self.cell}"
        text = f"{place} : {self.found}"
        if self.expected:
            text += f" ; attendu : {self.expected}"
        return f"{text}. → {self.remedy}." if self.remedy else f"{text}."


def printable(text: str) -> str:
    """`text` for a person to read: what a file quotes is cut, and cannot move a cursor nor turn a sentence round."""
    shown = LONG_QUOTATION.sub(r"«\1… »", text)
    return "".join(map(_harmless, shown)) if not shown.isprintable() else shown


def _harmless(letter: str) -> str:
    if letter.isspace():
        return " " if letter in "\t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029" else letter
    return "\ufffd" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter


class DiagpacteError(Exception):
    """Base of all errors meant for the user; `exit_code` is the process's."""

    exit_code = 1
    title = "Erreur"

    def __init__(self, *faults: Fault) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"- {fault}" for fault in self.faults))

    def __str__(self) -> str:
        return f"{self.title}\n{super().__str__()}"


class DataError(DiagpacteError):
    """The data received hold blocking faults."""

    exit_code = 1
    title = "Les données reçues comportent des erreurs bloquantes :"


class UsageError(DiagpacteError):
    """A word of the command line cannot be understood."""

    exit_code = 2
    title = "Commande incomprise :"


class TerritoryError(UsageError):
    """The territory asked for does not exist, or is two things."""

    title = "Territoire inconnu ou ambigu :"


class ConfigurationError(DiagpacteError):
    """A file of configs/ is missing, malformed or contradicts another."""

    exit_code = 3
    title = "Configuration à corriger :"


class SourceError(DiagpacteError):
    """A source cannot be read at all."""

    exit_code = 4
    title = "Source illisible :"


class VintageError(SourceError):
    """Two geographies meet and no passage joins them."""

    title = "Millésimes géographiques incompatibles :"


class DeliverableError(DiagpacteError):
    """A deliverable cannot be written."""

    exit_code = 5
    title = "Livrable non écrit :"


class LockError(DeliverableError):
    """Another run holds the workspace."""

    title = "Espace de travail occupé :"


class TerritoriesError(DiagpacteError):
    """Some of the territories asked for failed; the others are delivered."""

    exit_code = 6
    title = "Certains territoires ont échoué :"


class ContractError(Exception):
    """A table breaks its own contract: a defect of diagpacte, never of the data."""


def system_refusal(error: OSError) -> DiagpacteError:
    """What the operating system refused, in French: reading and writing meet here when no step said better."""
    name = str(error.filename or "fichier").replace("\\", "/").rpartition("/")[2]
    refusals: tuple[tuple[type[OSError], str], ...] = (
        (PermissionError, "accès refusé : ouvert dans un autre programme, ou protégé"),
        (FileNotFoundError, "fichier ou dossier introuvable"),
        (IsADirectoryError, "un dossier tient la place d’un fichier"),
        (NotADirectoryError, "un fichier tient la place d’un dossier"),
        (FileExistsError, "un fichier tient la place d’un dossier"),
    )
    found = next((text for kind, text in refusals if isinstance(error, kind)), f"refus du système, n° {error.errno}")
    remedy = "fermer ce fichier ailleurs, vérifier les droits, le chemin et la place sur le disque, puis relancer"
    return DeliverableError(Fault(name, found=found, remedy=remedy))


def broken_toml(file: str, error: ValueError) -> Fault:
    """The fault of a file that is no TOML, with its line when the reader tells it."""
    if isinstance(error, UnicodeDecodeError):
        remedy = "l’enregistrer en UTF-8 (Bloc-notes : Enregistrer sous, Encodage)"
        return Fault(file, found="le fichier n’est pas en UTF-8", remedy=remedy)
    place = re.search(r"at line (\d+), column (\d+)", str(error))
    found = f"TOML illisible, colonne {place[2]}" if place else "TOML illisible, interrompu"
    return Fault(file, cell=f"ligne {place[1]}" if place else "", found=found, remedy="corriger cette ligne")


def raise_blocking(faults: Iterable[Fault], error: type[DiagpacteError] = DataError) -> None:
    """Raise `error` once, with every blocking fault, when there is one."""
    blocking = [fault for fault in faults if fault.severity is Severity.BLOCKING]
    if blocking:
        raise error(*blocking)
