"""What thematics.csv, networks.csv and offer_sources.csv promise of the offer."""

import csv
from pathlib import Path

import pytest
from data_inclusion.schema.v1 import Categorie, Public, ReseauPorteur, Thematique

from dictionaries import NBSP, by_key, column, rows

# Leaves of the national schema that answer no question of annexe 1.
OUTSIDE_THE_NOTE = {
    "creer-une-entreprise--definir-son-projet-de-creation-dentreprise",
    "creer-une-entreprise--developper-son-entreprise",
    "creer-une-entreprise--structurer-son-projet-de-creation-dentreprise",
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete",
    "difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte",
    "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination",
    "difficultes-financieres--acquerir-une-autonomie-budgetaire",
    "difficultes-financieres--ameliorer-sa-gestion-budgetaire",
    "difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere",
    "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere",
    "difficultes-financieres--situation-dendettement-surendettement",
    "equipement-et-alimentation--electromenager",
    "equipement-et-alimentation--habillement",
    "famille--prise-en-charge-personne-dependante",
    "famille--soutien-aidants",
    "famille--surmonter-conflits-separation-violence",
    "logement-hebergement--acheter-un-logement",
    "remobilisation--benevolat-action-citoyenne",
    "remobilisation--bien-etre-confiance-en-soi",
    "sante--constituer-un-dossier-mdph-invalidite",
    "souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger",
    "souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger",
    "souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france",
    "trouver-un-emploi--maintien-dans-lemploi",
}


def test_every_theme_has_its_line_of_offer() -> None:
    assert column("thematics", "theme") == column("themes", "theme")
    for theme in column("themes", "theme"):
        mine = [row for row in rows("thematics") if row["theme"] == theme]
        mapped = [row for row in mine if row["confidence"] not in ("", "exclure")]
        assert bool(mapped) != any(not row["key"] for row in mine), theme
        assert all(row["why"] for row in mine)


def test_a_line_of_offer_cites_what_exists() -> None:
    sources = column("offer_sources", "source") | {"*"}
    leaves = {str(leaf.value) for leaf in Thematique}
    networks = {str(network.value) for network in ReseauPorteur}
    publics = {str(public.value) for public in Public}
    for row in rows("thematics"):
        if not row["key"]:
            assert (row["source"], row["key_kind"], row["publics"], row["confidence"]) == ("", "", "", "")
            continue
        assert row["source"].removeprefix("!") in sources, row
        assert row["key"] in {"thematique": leaves, "reseau": networks}[row["key_kind"]], row
        assert set(filter(None, row["publics"].split("|"))) <= publics
        assert row["confidence"] in ("bonne", "moyenne", "faible", "exclure")


def test_a_refusal_is_never_contradicted() -> None:
    """No line grants what another refuses for the same theme, source and key."""

    def reaches(source: str, target: str) -> bool:
        if target == "*":
            return True
        return source in ("*", target) or (source.startswith("!") and source != f"!{target}")

    lines = [row for row in rows("thematics") if row["key"]]
    for refusal in (row for row in lines if row["confidence"] == "exclure"):
        against = [
            row
            for row in lines
            if row["confidence"] != "exclure"
            and (row["theme"], row["key_kind"], row["key"]) == (refusal["theme"], refusal["key_kind"], refusal["key"])
            and reaches(row["source"], refusal["source"])
        ]
        assert against == []


def test_digital_help_is_neither_a_job_service_nor_health_care() -> None:
    digital = {
        (row["theme"], row["key"].split("--")[0])
        for row in rows("thematics")
        if row["source"] in ("*", "mediation-numerique")
        and row["key_kind"] == "thematique"
        and row["confidence"] != "exclure"
    }
    refused = {"sante", "preparer-sa-candidature", "trouver-un-emploi", "choisir-un-metier", "se-former"}
    assert {pair for pair in digital if pair[1] in refused} == set()


def test_every_thematic_of_the_schema_is_mapped_or_known_to_be_outside_the_note() -> None:
    mapped = {
        row["key"] for row in rows("thematics") if row["key_kind"] == "thematique" and row["confidence"] != "exclure"
    }
    assert {str(leaf.value) for leaf in Thematique} - mapped == OUTSIDE_THE_NOTE


def test_thematics_wear_their_official_labels() -> None:
    categories = {str(category.value): category.label for category in Categorie}
    expected = {
        (str(leaf.value), leaf.label, category, categories[category])
        for leaf in Thematique
        for category in (str(leaf.value).split("--")[0],)
    }
    assert {tuple(row.values()) for row in rows("thematic_labels")} == expected
    assert len(expected) == 69


def test_networks_wear_their_official_labels_and_one_responsable() -> None:
    expected = {str(network.value): network.label.replace("ᵉ", "e") for network in ReseauPorteur}
    assert {row["reseau"]: row["label"].replace(NBSP, " ") for row in rows("networks")} == expected
    assert len(expected) == 108
    responsables = {
        "etat_operateur", "departement", "metropole", "epci", "commune_ccas", "securite_sociale", "association", "inconnu",
    }  # fmt: skip
    assert column("networks", "responsable") <= responsables
    ours = by_key("networks")
    known = {"caf": "securite_sociale", "ccas-cias": "commune_ccas", "maisons-des-solidarites": "departement",
             "france-travail": "etat_operateur", "emmaus": "association"}  # fmt: skip
    assert {network: ours[network]["responsable"] for network in known} == known


@pytest.mark.parametrize("name", ["2024-08", "2023-10-23_v0_59"])
def test_every_source_of_the_real_offers_has_its_label(shared_data: Path, name: str) -> None:
    found: set[str] = set()
    for kind in ("structures", "services"):
        with (shared_data / "offers" / f"{kind}-inclusion-{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            found |= {row["source"] for row in csv.DictReader(file)}
    assert found
    assert found <= column("offer_sources", "source")


def test_sources_are_named_for_a_reader() -> None:
    ours = by_key("offer_sources")
    assert ours["mediation-numerique"]["label_short"] == "Médiation numérique"
    assert ours["france-services"]["label"] == "France services"
    for row in ours.values():
        assert row["producer"]
        assert row["licence"] in ("Licence Ouverte 2.0", "à renseigner")
        assert len(row["label_short"]) <= 40
