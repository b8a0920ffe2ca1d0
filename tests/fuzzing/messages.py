"""What is said to people: in French, in one sentence, about the file they gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from diagpacte.errors import DiagpacteError, Fault

# Words of no French message: an exception of Python, or of an engine, passed on as it is.
ENGLISH = re.compile(
    r"(?i:\b(the|error|invalid|expected|unexpected|must|cannot|could|not|found|missing|unknown|traceback|exception|object|bytes)\b)"
    r"|\b(NoneType|None|nan|inf|False|True)\b|<class|0x[0-9a-f]{6}"
)
QUOTED = re.compile(r"«[^»]*»|\([^()]*\)")  # what the file itself says
LONGEST = 3_000
READING_CODES = (1, 4)


def english_in(text: str) -> str:
    """The first English word of `text` outside its quotations; « » when there is none."""
    found = ENGLISH.search(QUOTED.sub("", text))
    return found[0] if found else ""


def bad_message(fault: Fault, file: str) -> str:
    """What is wrong with a fault as a person reads it; « » when nothing is."""
    text = str(fault)
    english = english_in(f"{fault.found} {fault.expected} {fault.remedy}")
    control = next((letter for letter in text if unicodedata.category(letter) == "Cc"), "")
    if fault.file != file:
        return f"fichier « {fault.file} » au lieu de « {file} »"
    if not fault.found.strip():
        return f"rien de trouvé : {fault!r}"
    if english:
        return f"anglais « {english} » : {text}"
    if control:
        return f"caractère de contrôle U+{ord(control):04X} : {text!r}"
    return f"message de {len(text)} lettres : {text[:200]}…" if len(text) > LONGEST else ""


def bad_error(error: DiagpacteError, file: str) -> Iterator[str]:
    """What is wrong with an error that stops the reading of `file`."""
    if not error.faults:
        yield f"{type(error).__name__} sans faute"
    if error.exit_code not in READING_CODES:
        yield f"{type(error).__name__} : sortie {error.exit_code}"
    yield from filter(None, (bad_message(fault, file) for fault in error.faults))
