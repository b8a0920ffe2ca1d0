"""What is computed of a territory: needs, access, coverage."""

from __future__ import annotations

from diagpacte.tables.contract import COMMUNE, ZONE, Row, col
from diagpacte.vocabulary import Availability, Base, GapClass, Nature, NeedRule


class Need(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    theme: str = col("Thème de l’annexe 1")
    variant: int = col("Variante (0 = référence)", ge=0)
    indicator: str | None = col("Indicateur de besoin ; vide si le thème n’en a pas")
    confidence: str = col("Confiance dans l’indicateur pour ce thème")
    year: int | None = col("Année")
    period: str = col("Période telle qu’imprimée")
    base: Base = col("Base de l’indicateur")
    value: float | None = col("Valeur de l’indicateur, dans son unité")
    lower: float | None = col("Borne basse d’une valeur censurée")
    upper: float | None = col("Borne haute d’une valeur censurée")
    unit: str = col("Unité de l’indicateur")
    availability: Availability = col("Disponibilité de la valeur")
    nature: Nature = col("Nature de la valeur")
    class_rule: NeedRule = col("Règle qui a donné la classe")
    class_index: int | None = col("Classe : 0 la moins défavorable", ge=0)
    class_count: int | None = col("Nombre de classes")
    class_label: str = col("Classe en mots")
    strong: bool | None = col("Besoin fort ; vide quand il n’y a pas de classe")
    rank: float | None = col("Rang parmi les zones mesurées du territoire, 1 = la plus défavorable")
    ranked: int | None = col("Nombre de zones classées")
    reference_territory: float | None = col("Valeur publiée du territoire (département ou région)")
    reference_france: float | None = col("Valeur publiée pour la France métropolitaine")
    people: float | None = col("Personnes concernées, dans la base de l’indicateur")
    people_availability: Availability = col("Disponibilité des personnes concernées")
    score: float | None = col("Score composite (étape à venir)")
    score_availability: Availability = col("Disponibilité du score")
    observation: str = col("Identifiant de l’observation d’où vient la valeur")
    source_id: str = col("Source")
    reason: str = col("Pourquoi il n’y a pas de valeur ou de classe")


class CommuneAccessRow(Row):
    commune_code: str = col("Commune", pattern=COMMUNE)
    theme: str = col("Thème de l’annexe 1")
    zone_code: str = col("Zone", pattern=ZONE)
    population: int | None = col("Population municipale", "habitants")
    inside: bool = col("La commune est dans le territoire")
    nearest_km: float | None = col("Distance à vol d’oiseau à l’offre recensée la plus proche", "km", ge=0)
    nearest_lower_km: float | None = col(
        "Distance la plus courte possible si un département voisin non couvert avait une offre", "km", ge=0
    )
    nearest_structure: str | None = col("Structure la plus proche")
    availability: Availability = col("Disponibilité de la distance")
    fca: float | None = col("Accessibilité potentielle (étape à venir)")
    fca_availability: Availability = col("Disponibilité de l’accessibilité potentielle")


class CoverageRow(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    theme: str = col("Thème de l’annexe 1")
    variant: int = col("Variante (0 = référence)", ge=0)
    offer_sources: list[str] = col("Sources qui recensent ce thème dans le territoire ou à 30 km")
    located: int | None = col("Structures situées dans la zone, quand une seule source les recense", "structures")
    located_inside: int | None = col("Dont dans le territoire", "structures")
    services: int | None = col("Services de ces structures", "services")
    located_availability: Availability = col("Disponibilité du décompte ; plusieurs sources ne s’additionnent pas")
    declared: int | None = col("Structures qui déclarent couvrir la zone (étape à venir)")
    declared_availability: Availability = col("Disponibilité des zones déclarées")
    remote: int | None = col("Structures à distance (étape à venir)")
    remote_availability: Availability = col("Disponibilité des offres à distance")
    offers_per_10000_inhabitants: float | None = col(
        "Structures pour 10 000 habitants, quand une seule source les recense", "pour 10 000 habitants"
    )
    reach_km: float = col("Portée du thème", "km", gt=0)
    nearest_km: float | None = col(
        "Distance à vol d’oiseau à l’offre la plus proche, moyenne des communes pondérée par la population", "km", ge=0
    )
    nearest_lower_km: float | None = col("La même, si les voisins non couverts avaient une offre à leur bord", "km")
    nearest_availability: Availability = col("Disponibilité de la distance")
    beyond_reach_pct: float | None = col("Part de la population au-delà de la portée", "%", ge=0, le=100)
    fca: float | None = col("Accessibilité potentielle (étape à venir)")
    fca_availability: Availability = col("Disponibilité de l’accessibilité potentielle")
    access_class: int | None = col("Classe de distance : 0 la plus proche", ge=0)
    access_weak: bool | None = col("Accès faible : distance moyenne au-delà de la portée")
    gap_class: GapClass = col("Classe d’écart entre besoin et accès")
    gap_reason: str = col("Pourquoi cette classe")
    nature: Nature = col("Nature du croisement : la pire de ses entrées")


class CoverageSourceRow(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    theme: str = col("Thème de l’annexe 1")
    offer_source: str = col("Source de l’offre")
    structures: int = col("Structures situées dans la zone", "structures", ge=0)
    structures_inside: int = col("Dont dans le territoire", "structures", ge=0)
    services: int = col("Services de ces structures", "services", ge=0)
    points: int = col("Points distincts", "points", ge=0)
    not_located: int = col("Structures sans coordonnées, comptées à la commune", "structures", ge=0)
    offers_per_10000_inhabitants: float | None = col("Structures pour 10 000 habitants", "pour 10 000 habitants")


class VariantRow(Row):
    variant: int = col("Variante (0 = référence)", ge=0)
    label: str = col("Nom")
    parameters: str = col("Paramètres changés, en JSON")
