"""A fault says file, sheet, cell, what was found, what was expected, what to do; an error says them all."""

import inspect

import pytest

from diagpacte import errors
from diagpacte.errors import DataError, DiagpacteError, Fault, Severity, raise_blocking

FAULT = Fault("panorama.xlsx", "Facteurs_EPCI", "E12", "« 125 »", "un pourcentage de 0 à 100", "corriger la cellule")


def test_a_fault_reads_as_a_sentence() -> None:
    assert str(FAULT) == (
        "panorama.xlsx, feuille « Facteurs_EPCI », cellule E12 : « 125 » ; attendu : un pourcentage de 0 à 100. → corriger la cellule."
    )
    assert str(Fault("a.xlsx", found="fichier absent")) == "a.xlsx : fichier absent."


def test_blocking_faults_are_raised_together_and_others_are_not() -> None:
    check = Fault("b.xlsx", found="colonne inconnue", severity=Severity.CHECK)
    with pytest.raises(DataError) as caught:
        raise_blocking([FAULT, check, Fault("c.xlsx", found="code inconnu")])
    assert [fault.file for fault in caught.value.faults] == ["panorama.xlsx", "c.xlsx"]
    raise_blocking([check])


def test_exit_codes_are_those_of_the_command_line() -> None:
    codes = {
        name: kind.exit_code
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, DiagpacteError) and kind is not DiagpacteError
    }
    assert codes == {
        "DataError": 1, "UsageError": 2, "TerritoryError": 2, "ConfigurationError": 3, "SourceError": 4, "VintageError": 4,
        "DeliverableError": 5, "LockError": 5, "TerritoriesError": 6,
    }  # fmt: skip
