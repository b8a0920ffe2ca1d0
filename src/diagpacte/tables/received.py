"""What was received: files, values with their cell, columns nobody knows, faults."""

from __future__ import annotations

from datetime import date

from diagpacte.tables.contract import ZONE, Row, col
from diagpacte.vocabulary import Availability, Base, Nature


class Source(Row):
    source_id: str = col("Identifiant de la source")
    file: str = col("Fichier de data/raw")
    title: str = col("Titre lu dans le fichier")
    kind: str = col("panorama, offre_services, offre_structures ou offre_liste")
    producer: str = col("Producteur ; « à renseigner » quand on l’ignore")
    licence: str = col("Licence ; « à renseigner » quand on l’ignore")
    vintage: str = col("Millésime, tel qu’imprimé")
    geo_vintage: int | None = col("Géographie au 1er janvier")
    published_on: date | None = col("Date de mise en ligne")
    nature: Nature = col("Nature de la source")
    diffusion: str = col(
        "publique, restreinte ou à renseigner : jamais tenue pour publique quand on l’ignore",
        pattern="^(publique|restreinte|à renseigner)$",
    )
    sha256: str = col("Empreinte SHA-256", pattern="^[0-9a-f]{64}$")
    size: int = col("Taille", "octets", ge=0)
    rows: int = col("Lignes lues", ge=0)
    note: str = col("Remarques du producteur reprises en bas de tableau")


class SourceCoverageRow(Row):
    source_id: str = col("Fichier de l’offre")
    offer_source: str = col("Source déclarée dans le fichier")
    department: str = col("Département")
    structures: int = col("Structures recensées", ge=0)
    services: int = col("Services recensés", ge=0)
    updated_from: date | None = col("Plus ancienne mise à jour")
    updated_to: date | None = col("Plus récente mise à jour")
    claim: str = col("Ce que la source dit couvrir ; « non déclaré » quand elle ne dit rien")


class Observation(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    indicator: str = col("Indicateur (nom canonique)")
    year: int = col("Dernière année de la période", ge=1960, le=2100)
    base: Base = col("Base : ménages, personnes…")
    geo_vintage: int = col("Géographie au 1er janvier")
    value: float | None = col("Valeur, dans l’unité de l’indicateur ; degré 0, 1, 2 pour une fragilité")
    lower: float | None = col("Borne basse quand la valeur est censurée ou arrondie")
    upper: float | None = col("Borne haute")
    availability: Availability = col("Disponibilité de la valeur")
    nature: Nature = col("Nature de la valeur")
    flag: str = col("Mention imprimée dans la cellule : « (p) », « e »…")
    published_code: str = col("Code de la colonne du fichier")
    published_text: str = col("Texte de la cellule, tel quel")
    period: str = col("Période telle qu’imprimée")
    source_id: str = col("Source")
    sheet: str = col("Feuille")
    row: int = col("Ligne dans la feuille (1 = première)", ge=1)
    column: str = col("Colonne dans la feuille (lettres)", pattern="^[A-Z]{1,3}$")


class ObservationCellRow(Row):
    zone_code: str = col("Zone de la valeur", pattern=ZONE)
    indicator: str = col("Indicateur (nom canonique)")
    year: int = col("Dernière année de la période", ge=1960, le=2100)
    base: Base = col("Base : ménages, personnes…")
    geo_vintage: int = col("Géographie de la valeur")
    source_id: str = col("Source de la cellule")
    sheet: str = col("Feuille")
    row: int = col("Ligne dans la feuille (1 = première)", ge=1)
    column: str = col("Colonne dans la feuille (lettres)", pattern="^[A-Z]{1,3}$")
    published_zone: str = col("Zone de la cellule, telle que publiée", pattern=ZONE)
    published_vintage: int = col("Géographie de la cellule")
    published_text: str = col("Texte de la cellule, tel quel")


class HeadingRow(Row):
    source_id: str = col("Fichier")
    sheet: str = col("Feuille")
    column: str = col("Colonne dans la feuille (lettres)", pattern="^[A-Z]{1,3}$")
    cell: str = col("Cellule de l’intitulé")
    heading: str = col("Intitulé : code, puis libellé")
    theme: str = col("Intitulé fusionné au-dessus")
    sample_1: str = col("Première valeur")
    sample_2: str = col("Deuxième valeur")
    sample_3: str = col("Troisième valeur")
    reason: str = col("Pourquoi la colonne n’est pas lue ; vide quand une correspondance la fait lire")
    proposed: str | None = col("Indicateur proposé, nom canonique ; vide quand rien ne ressemble")
    confidence: int | None = col(
        "Ressemblance de la proposition ; vide quand son unité est à vérifier", "0 à 100", ge=0, le=100
    )
    meaning: str = col("Ce qu’une personne en a dit : indicateur, rôle de la colonne, ou rien")
    year: int | None = col("Année des données, dite par une personne")
    unit: str = col("Unité, dite par une personne : un nom de typed_units, ou rien")


class FaultRow(Row):
    severity: str = col("bloquant, à vérifier ou information")
    kind: str = col("Ce dont il s’agit : codes de zones, colonnes, valeurs…")
    file: str = col("Fichier")
    sheet: str = col("Feuille")
    cell: str = col("Cellule")
    found: str = col("Trouvé")
    expected: str = col("Attendu")
    remedy: str = col("Que faire")
