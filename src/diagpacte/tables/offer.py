"""The social offer: as published, then by structure and theme."""

from __future__ import annotations

from datetime import date

from diagpacte.tables.contract import COMMUNE, Row, col
from diagpacte.vocabulary import Nature, Placement


class RawOffer(Row):
    offer_id: str = col("Identifiant unique de la ligne lue")
    source_id: str = col("Fichier de l’offre")
    offer_source: str = col("Source déclarée dans le fichier")
    record: str = col("service ou structure", pattern="^(service|structure)$")
    structure_id: str = col("Structure (préfixée par sa source)")
    service_id: str | None = col("Service (préfixé par sa source)")
    name: str = col("Nom de la structure")
    service_name: str | None = col("Nom du service")
    service_type: str | None = col("Type de service")
    thematics: list[str] = col("Thématiques publiées (schéma v1)")
    networks: list[str] = col("Réseaux porteurs")
    publics: list[str] = col("Publics")
    commune_code: str | None = col("Code commune publié")
    commune_name: str | None = col("Commune publiée")
    postcode: str | None = col("Code postal publié")
    address: str | None = col("Adresse publiée")
    lon: float | None = col("Longitude publiée", "degrés WGS84")
    lat: float | None = col("Latitude publiée", "degrés WGS84")
    siret: str | None = col("SIRET publié")
    eligibility_zones: list[str] = col("Zone d’éligibilité déclarée ; vide = inconnue")
    in_person: bool = col("Accueil en présentiel déclaré (ou rien de déclaré)")
    remote: bool = col("Accueil à distance déclaré")
    updated_on: date | None = col("Dernière mise à jour publiée")
    nature: Nature = col("Nature")
    counted: bool = col("Entre dans les décomptes")
    excluded_because: str = col("Pourquoi la ligne n’y entre pas")
    row: int = col("Ligne dans le fichier", ge=1)


class Offer(Row):
    structure_id: str = col("Structure")
    theme: str = col("Thème de l’annexe 1")
    source_id: str = col("Fichier de l’offre")
    offer_source: str = col("Source déclarée dans le fichier")
    name: str = col("Nom de la structure")
    services: int = col("Services de la structure pour ce thème", ge=1)
    networks: list[str] = col("Réseaux porteurs")
    responsable: str = col("Responsable de l’offre")
    dispositif_id: str | None = col("Dispositif auquel elle est rattachée")
    placement: Placement = col("Comment le point est connu")
    commune_code: str | None = col("Commune", pattern=COMMUNE)
    lon: float | None = col("Longitude", "degrés WGS84")
    lat: float | None = col("Latitude", "degrés WGS84")
    remote_only: bool = col("À distance seulement")
    zones_declared: int = col("Codes de la zone d’éligibilité ; 0 = inconnue", ge=0)
    updated_on: date | None = col("Dernière mise à jour publiée")
    confidence: str = col("Confiance dans le rattachement au thème")
    nature: Nature = col("Nature")
