"""Why a file is not read, told where the path is not known; whoever opened the file turns it into an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagpacte.errors import Fault, FaultKind, SourceError

COPY_AGAIN = "le télécharger ou le copier de nouveau"
SAVE_AGAIN = "l’ouvrir dans Excel ou LibreOffice, l’enregistrer sous un autre nom, et donner la copie"
TRIM = "supprimer ce qui est inutile, ou relever la limite « {limit} » dans [reading] de diagpacte.toml"
LONGEST_SHOWN = 100  # letters of a name in a message
RAISE_LIMIT = (
    "vérifier d’où vient ce fichier ; s’il est sûr, relever la limite « {limit} » dans [reading] de diagpacte.toml"
)


class RefusedError(Exception):
    """What makes a file unreadable: found, expected and remedy in French; `sheet` when it is one."""

    def __init__(self, found: str, expected: str = "", remedy: str = "", sheet: str = "") -> None:
        super().__init__(found)
        self.found, self.expected, self.remedy, self.sheet = found, expected, remedy, sheet

    def error(self, file: str) -> SourceError:
        """The error of `file`."""
        return SourceError(Fault(file, self.sheet, "", self.found, self.expected, self.remedy, kind=FaultKind.FILE))


def damaged(reason: str, sheet: str = "", remedy: str = COPY_AGAIN) -> RefusedError:
    """The refusal of a file whose bytes are truncated or spoiled."""
    return RefusedError(f"fichier tronqué ou abîmé ({reason})", "un classeur complet", remedy, sheet)


def oversized(found: str, expected: str, limit: str, sheet: str = "") -> RefusedError:
    """The refusal of what asks for more than the setting `limit` allows."""
    if sheet:
        return RefusedError(f"feuille démesurée : {found}", expected, TRIM.format(limit=limit), sheet)
    return RefusedError(f"fichier démesuré : {found}", expected, RAISE_LIMIT.format(limit=limit))


def hostile(found: str, expected: str = "un classeur tel qu’Excel ou LibreOffice l’enregistre") -> RefusedError:
    """The refusal of what no spreadsheet program writes."""
    return RefusedError(found, expected, "ne pas ouvrir ce fichier ; le redemander à son producteur")


def encrypted(member: str = "") -> RefusedError:
    """The refusal of a workbook behind a password, or of an archive of which one member is."""
    if member:
        found = f"« {shown(member)} » est chiffré par un mot de passe"
        return RefusedError(found, "une archive sans mot de passe", "la décompresser, et donner les fichiers eux-mêmes")
    return RefusedError(
        "classeur chiffré par un mot de passe",
        "un classeur lisible sans mot de passe",
        "l’ouvrir dans Excel, retirer le mot de passe (Fichier, Informations, Protéger) et l’enregistrer",
    )


def shown(name: str) -> str:
    """A name from outside on one line, cut when it is endless."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn a RefusedError of what is done inside into the SourceError of `path`."""
    try:
        yield
    except RefusedError as refusal:
        raise refusal.error(path.name) from refusal
