"""Headings in words: what is put aside and what never is; the year that a place says."""

import pytest

from diagpacte.sources.meaning.columns import Dictionary
from diagpacte.sources.meaning.wording import bare, said_period, said_units
from workbook_builders import rules


@pytest.mark.parametrize(
    "heading",
    [
        "Taux de pauvreté",
        "TAUX DE PAUVRETE  ",
        "Taux de\npauvreté",
        "Taux de_x000D_\npauvreté",
        "Taux de pauvreté 2021",
        "Taux de pauvreté en 2021, en %",
        "Taux de pauvreté (en %)",
        "Taux de pauvreté (%) 2021",
        "Taux de pauvreté en % (2021)",
        "Taux de pauvreté au 31/12/2021",
        "Taux de pauvreté au 1er janvier 2021",
        "Taux de pauvreté fin décembre 2021",
        "Taux de pauvreté, entre 2016 et 2021",
        "Taux de pauvreté (valeurs simulées) 2021",
    ],
)
def test_year_unit_and_typography_are_put_aside(heading: str) -> None:
    assert bare(heading) == "taux de pauvrete"


@pytest.mark.parametrize(
    ("heading", "kept"),
    [
        ("Taux de pauvreté (seuil à 50 %) 2021", "taux de pauvrete (seuil a 50 %)"),
        ("Taux de chômage (recensement) des 15-64 ans", "taux de chomage (recensement) des 15-64 ans"),
        ("Taux de chômage des 15 à 64 ans 2022", "taux de chomage des 15 a 64 ans"),
        ("Part des pers. âgées de 75 ans ou + 2022", "part des pers. agees de 75 ans ou +"),
        ("Taux d'activité par tranche d'âge 2022_x000d_\nEnsemble", "taux d'activite par tranche d'age ensemble"),
        ("Population standardisée 2021 pour la médecine générale", "population standardisee pour la medecine generale"),
    ],
)
def test_what_changes_the_meaning_of_a_heading_stays(heading: str, kept: str) -> None:
    assert bare(heading) == kept


def test_another_threshold_of_poverty_is_never_read_as_ours() -> None:
    assert Dictionary(rules().indicators).by_label("Taux de pauvreté (seuil à 50 %) 2021") == []


@pytest.mark.parametrize(
    ("heading", "units"),
    [
        ("Logements vacants (en nombre)", ("count",)),
        ("Taux de pauvreté en 2021, en %", ("pct", "pct_year", "places_per_100")),
        ("Médiane du niveau de vie, en euros", ("eur_year", "eur_m2")),
        ("Personnes en nombre suffisant", ()),
        ("Part de personnes sous 60 % de la médiane", ()),
    ],
)
def test_the_unit_of_a_heading_is_understood_where_it_is_written_as_one(heading: str, units: tuple[str, ...]) -> None:
    assert said_units(heading) == units


def test_no_heading_of_the_dictionary_is_two_indicators() -> None:
    labels = Dictionary(rules().indicators).labels
    assert {label: [one.indicator for one in found] for label, found in labels.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("sheet", "above", "said"),
    [
        ("APL 2023", ["Indicateur d’APL 2024"], (2023, "2023")),
        ("Feuil1", ["Indicateur d’accessibilité", "Millésime : 2023", "Sources : 2021 et 2022"], (2023, "2023")),
        ("COM", ["Emploi en 2022", "Géographie au 01/01/2025"], (2022, "2022")),
        ("COM", ["Géographie au 01/01/2025"], None),
        ("COM", ["Mise en ligne le 26/06/2025"], None),
        ("COM", ["Emploi en 2016 et 2022"], None),
        ("2016 et 2022", ["Emploi en 2022"], None),
        ("COM", ["Emploi", "Sources : recensement 2022"], None),
        ("", [], None),
    ],
)
def test_the_place_of_a_table_says_its_year_only_when_it_says_one(
    sheet: str, above: list[str], said: tuple[int, str] | None
) -> None:
    assert said_period(sheet, above) == said
