"""Labels of zones: what betrays a row gone astray, and what is only another way of writing."""

import pytest

from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.layout.zone_labels import Labelled, alike, bare_name, label_faults
from diagpacte.vocabulary import ZoneCode
from workbook_builders import plain

NAMES = {
    "EPCI:200018166": {"CC Le Grésivaudan", "CC du Pays du Grésivaudan"},
    "EPCI:243800604": {"CA Porte de l'Isère (CAPI)"},
    "EPCI:200040111": {"CC Coeur de Chartreuse"},
    "COM:01001": {"L'Abergement-Clémenciat"},
    "COM:10003": {"Aix-Villemaur-Pâlis"},
}


def said(*tables: Labelled) -> list[tuple[str, str, str]]:
    faults = label_faults("a.xlsx", tables, NAMES)
    assert {(fault.severity, fault.kind) for fault in faults} <= {(Severity.CHECK, FaultKind.ZONE)}
    return [(fault.sheet, fault.cell, plain(fault.found)) for fault in faults]


def table(sheet: str, **labels: str) -> Labelled:
    codes = [ZoneCode(code.replace("_", ":")) for code in labels]
    return Labelled(sheet, codes, list(labels.values()), [(row, 2) for row in range(7, 7 + len(labels))])


@pytest.mark.parametrize(
    "label",
    ["CC Le Grésivaudan", "LE GRESIVAUDAN", "Communauté de communes du pays du Grésivaudan ", "CC Le Gresivaudan", ""],
)
def test_another_way_of_writing_a_name_is_silent(label: str) -> None:
    assert said(table("Profils", EPCI_200018166=label)) == []


def test_the_name_of_another_zone_is_told_with_both_codes() -> None:
    found = table("Profils", EPCI_243800604="CC Cœur de Chartreuse", EPCI_200040111="CA Porte de l’Isère (CAPI)")
    assert said(found) == [
        ("Profils", "B7, B8", "« CC Cœur de Chartreuse » est le nom de 200040111, non de 243800604"),
    ]


def test_a_canton_taken_for_a_commune_is_told() -> None:
    assert said(table("", COM_01001="Aix-Villemaur-Pâlis")) == [
        ("", "B7", "« Aix-Villemaur-Pâlis » est le nom de 10003, non de 01001"),
    ]


def test_a_name_nobody_bears_is_no_doubt_until_the_file_says_two() -> None:
    once = table("Profils", EPCI_200000172="Une communauté")
    assert said(once) == []
    assert said(once, table("Facteurs", EPCI_200000172="Tout autre chose")) == [
        (
            "Facteurs",
            "B7",
            "« Tout autre chose » pour 200000172, dit « Une communauté » en B7 de la feuille « Profils »",
        ),
    ]


def test_a_renamed_zone_bears_both_its_names() -> None:
    assert said(table("Un", EPCI_200018166="CC du Pays du Grésivaudan"), table("Deux", EPCI_200018166="CC Le Grésivaudan")) == []  # fmt: skip


def test_only_the_form_of_a_zone_is_left_out_of_its_name() -> None:
    assert bare_name("Communauté de communes de l’Abergement-Clémenciat") == "abergement clemenciat"
    assert bare_name("CC de L' Abergement - Clémenciat") == "abergement clemenciat"
    assert bare_name("Métropole") == "metropole"
    assert alike("St-Gildas-des-Bois", "Saint Gildas des Bois")
    assert not alike("CC du Haut Allier", "CC du Bas Chablais")
