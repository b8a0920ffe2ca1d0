"""THE CONTRACT: what every table holds, declared as a row model and checked by column.

A table that is filled declares every column; one that only later work fills declares its key and
its purpose, and writing it fails. The row model documents; the check is columnar.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, NewType, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel, Field

from diagpacte.errors import ContractError
from diagpacte.vocabulary import (
    VALUED,
    Availability,
    Base,
    GapClass,
    Nature,
    NeedRule,
    Placement,
    ZoneKind,
)

SCHEMA_VERSION = 1

ZONE = r"^(FRA|FRM|(EPCI|EPT):\d{9}|COM:(\d{5}|2[AB]\d{3})|DEP:(\d{2}|2[AB]|97\d)|REG:\d{2}|CTCD:(20R|69D|69M|6AE)|HORS:(\d{2}|2[AB]|97\d|FRM))$"
COMMUNE = r"^(\d{5}|2[AB]\d{3})$"


class Row(BaseModel, frozen=True, extra="forbid"):
    """One row; a field's description is French (it is printed), its unit is in `unit`."""


def col(description: str, unit: str = "", **rules: Any) -> Any:
    """A column: its French description, its unit, its bounds (`ge`, `le`) or `pattern`."""
    return Field(description=description, json_schema_extra={"unit": unit}, **rules)


class Commune(Row):
    code: str = col("Code commune", pattern=COMMUNE)
    geo_vintage: int = col("Géographie au 1er janvier", ge=2019, le=2026)
    name: str = col("Nom de la commune")
    department: str = col("Département")
    region: str = col("Région")
    epci: str | None = col("EPCI (SIREN) ; vide pour les îles hors EPCI")
    ept: str | None = col("EPT de la Métropole du Grand Paris (2023 et après)")
    population: int | None = col("Population municipale", "habitants", ge=0)
    population_year: int | None = col("Année de la population")
    lon: float | None = col("Longitude du point de la commune", "degrés WGS84")
    lat: float | None = col("Latitude du point de la commune", "degrés WGS84")


class Zone(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    geo_vintage: int = col("Géographie au 1er janvier")
    kind: ZoneKind = col("Niveau de la zone")
    code: str = col("Code sans le niveau")
    name: str = col("Nom publié")
    short_name: str = col("Nom court, sans CC, CA, CU")
    departments: list[str] = col("Départements que la zone touche")
    communes: int = col("Nombre de communes", ge=1)
    population: int | None = col("Population municipale de la zone entière", "habitants")
    population_inside: int | None = col("Population de sa partie dans le territoire", "habitants")
    population_year: int | None = col("Année de la population")
    share_inside: float = col("Part de la population dans le territoire", "part 0-1", ge=0, le=1)
    contour_approximate: bool = col("Contour approché (composition passée non reconstituable)")
    geometry: bytes = col("Contour entier, WKB EPSG:4326")
    geometry_inside: bytes = col("Contour de la partie dans le territoire, WKB EPSG:4326")


class Member(Row):
    zone_code: str = col("Zone", pattern=ZONE)
    commune_code: str = col("Commune", pattern=COMMUNE)
    geo_vintage: int = col("Géographie au 1er janvier")
    name: str = col("Nom de la commune")
    department: str = col("Département")
    inside: bool = col("La commune est dans le territoire")
    population: int | None = col("Population municipale", "habitants", ge=0)
    lon: float = col("Longitude du point de la commune", "degrés WGS84")
    lat: float = col("Latitude du point de la commune", "degrés WGS84")


class GroundShape(Row):
    kind: str = col("territoire, departement ou epci", pattern="^(territoire|departement|epci)$")
    code: str = col("Code")
    name: str = col("Nom")
    geometry: bytes = col("Contour, WKB EPSG:4326")


class PassageRow(Row):
    code_from: str = col("Commune avant", pattern=COMMUNE)
    vintage_from: int = col("Millésime avant")
    code_to: str = col("Commune après", pattern=COMMUNE)
    vintage_to: int = col("Millésime après")
    kind: str = col("fusion, scission, changement de code ou identité")
    ratio: float = col("Part de la population de la commune avant", "part 0-1", gt=0, le=1)
    ratio_source: str = col("D’où vient la part")


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
    confidence: int | None = col("Ressemblance de la proposition", "0 à 100", ge=0, le=100)
    meaning: str = col("Ce qu’une personne en a dit : indicateur, rôle de la colonne, ou rien")
    year: int | None = col("Année des données, dite par une personne")
    unit: str = col("Unité, dite par une personne : « pct », « fraction » ou rien")


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


class FaultRow(Row):
    severity: str = col("bloquant, à vérifier ou information")
    kind: str = col("Ce dont il s’agit : codes de zones, colonnes, valeurs…")
    file: str = col("Fichier")
    sheet: str = col("Feuille")
    cell: str = col("Cellule")
    found: str = col("Trouvé")
    expected: str = col("Attendu")
    remedy: str = col("Que faire")


Communes = NewType("Communes", pd.DataFrame)
Zones = NewType("Zones", pd.DataFrame)
Members = NewType("Members", pd.DataFrame)
Ground = NewType("Ground", pd.DataFrame)
Passage = NewType("Passage", pd.DataFrame)
Sources = NewType("Sources", pd.DataFrame)
ObservationCells = NewType("ObservationCells", pd.DataFrame)
Headings = NewType("Headings", pd.DataFrame)
SourceCoverage = NewType("SourceCoverage", pd.DataFrame)
Observations = NewType("Observations", pd.DataFrame)
Needs = NewType("Needs", pd.DataFrame)
RawOffers = NewType("RawOffers", pd.DataFrame)
Offers = NewType("Offers", pd.DataFrame)
CommuneAccess = NewType("CommuneAccess", pd.DataFrame)
Coverage = NewType("Coverage", pd.DataFrame)
CoverageSources = NewType("CoverageSources", pd.DataFrame)
Variants = NewType("Variants", pd.DataFrame)
Faults = NewType("Faults", pd.DataFrame)


@dataclass(frozen=True)
class Column:
    """How a column is stored and checked."""

    kind: type
    nullable: bool
    description: str
    unit: str
    low: float | None = None
    high: float | None = None
    above: float | None = None
    pattern: str | None = None

    @property
    def dtype(self) -> str:
        if self.kind is int:
            return "Int64" if self.nullable else "int64"
        if self.kind is bool:
            return "boolean" if self.nullable else "bool"
        if self.kind is float:
            return "float64"
        return "str" if issubclass(self.kind, str) else "object"


def _column(info: Any) -> Column:
    annotation, nullable = info.annotation, False
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(kind for kind in get_args(annotation) if kind is not type(None))
        nullable = True
    rules: dict[str, Any] = {}
    for rule in info.metadata:
        for ours, theirs in (("low", "ge"), ("high", "le"), ("above", "gt"), ("pattern", "pattern")):
            if getattr(rule, theirs, None) is not None:
                rules[ours] = getattr(rule, theirs)
    return Column(
        kind=get_origin(annotation) or annotation,
        nullable=nullable,
        description=info.description or "",
        unit=(info.json_schema_extra or {}).get("unit", ""),
        **rules,
    )


Rule = tuple[str, Callable[[pd.DataFrame], "pd.Series[bool]"]]


@dataclass(frozen=True)
class Table:
    """A table's name, purpose and key; `row` is None as long as nothing fills it."""

    name: str
    purpose: str
    key: tuple[str, ...]
    row: type[Row] | None = None
    rules: tuple[Rule, ...] = ()
    geometry: tuple[str, ...] = field(default=())

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        if self.row is None:
            raise ContractError(f"la table {self.name} n’est remplie par aucune étape")
        return {name: _column(info) for name, info in self.row.model_fields.items()}

    def frame(self, rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """`rows` with exactly the declared columns, in order, with their types, then checked.

        Raises ContractError when a column is missing or unknown, or when the check fails.
        """
        if isinstance(rows, pd.DataFrame):
            frame = rows
        else:
            frame = pd.DataFrame(list(rows), columns=None if rows else list(self.columns))
        if set(frame.columns) != set(self.columns):
            missing, unknown = set(self.columns) - set(frame.columns), set(frame.columns) - set(self.columns)
            raise ContractError(f"{self.name} : colonnes absentes {sorted(missing)}, inconnues {sorted(unknown)}")
        typed = {name: frame[name].astype(column.dtype) for name, column in self.columns.items()}  # type: ignore[call-overload]
        return self.check(pd.DataFrame(typed).reset_index(drop=True))

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` itself when it keeps the contract; else ContractError with every breach."""
        breaches = [breach for name, column in self.columns.items() for breach in _breaches(frame[name], column)]
        if self.key and frame.duplicated(list(self.key)).any():
            example = frame.loc[frame.duplicated(list(self.key)), list(self.key)].iloc[0].tolist()
            breaches.append(f"clé {self.key} répétée, par exemple {example}")
        breaches += [text for text, holds in self.rules if not bool(holds(frame).all())]
        if breaches:
            raise ContractError(f"{self.name} : " + " ; ".join(breaches))
        return frame


def _breaches(values: pd.Series[Any], column: Column) -> list[str]:
    name, found = values.name, values.dropna()
    breaches = []
    if not column.nullable and len(found) < len(values):
        breaches.append(f"{name} : {len(values) - len(found)} valeurs manquantes")
    if issubclass(column.kind, StrEnum):
        unknown = set(found.unique()) - {str(item) for item in column.kind}
        if unknown:
            breaches.append(f"{name} : valeurs hors liste {sorted(unknown)}")
    if column.pattern is not None:
        distinct = pd.Series(found.unique(), dtype="str")
        wrong = distinct[~distinct.str.match(column.pattern)]
        if len(wrong):
            breaches.append(f"{name} : « {wrong.iloc[0]} » ne suit pas {column.pattern}")
    outside = pd.Series(False, index=found.index)
    if column.low is not None:
        outside |= found < column.low
    if column.high is not None:
        outside |= found > column.high
    if column.above is not None:
        outside |= found <= column.above
    if outside.any():
        breaches.append(f"{name} : {found[outside].iloc[0]} hors bornes")
    return breaches


def _valued(value: str, availability: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    """A value stands exactly where its availability says there is one."""
    valued = [str(item) for item in VALUED]

    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        return frame[value].notna() == frame[availability].isin(valued)

    return holds


def _value_rule(value: str, availability: str) -> Rule:
    return (f"{value} présent sans être disponible, ou l’inverse ({availability})", _valued(value, availability))


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table("communes", "communes de chaque millésime", ("code", "geo_vintage"), Commune),
        Table(
            "zones",
            "zones d’un territoire",
            ("zone_code", "geo_vintage"),
            Zone,
            geometry=("geometry", "geometry_inside"),
        ),
        Table("members", "communes de chaque zone", ("zone_code", "commune_code"), Member),
        Table("ground", "fond de carte", ("kind", "code"), GroundShape, geometry=("geometry",)),
        Table(
            "passage", "passages entre millésimes", ("code_from", "vintage_from", "code_to", "vintage_to"), PassageRow
        ),
        Table("sources", "fichiers reçus", ("source_id",), Source),
        Table(
            "source_coverage",
            "ce que chaque source recense",
            ("source_id", "offer_source", "department"),
            SourceCoverageRow,
        ),
        Table(
            "observations",
            "valeurs lues, avec leur cellule",
            ("zone_code", "indicator", "year", "base", "geo_vintage"),
            Observation,
            rules=(_value_rule("value", "availability"),),
        ),
        Table(
            "observations_superseded",
            "valeurs écartées par ordre des sources",
            ("source_id", "sheet", "row", "column"),
            Observation,
        ),
        Table(
            "observation_cells",
            "toutes les cellules des valeurs qui en ont plusieurs",
            ("zone_code", "indicator", "year", "base", "geo_vintage", "source_id", "sheet", "row", "column"),
            ObservationCellRow,
        ),
        Table(
            "headings",
            "colonnes sans indicateur connu, et ce qu’on en a dit",
            ("source_id", "sheet", "cell"),
            HeadingRow,
        ),
        Table(
            "needs",
            "besoin par zone et thème",
            ("zone_code", "theme", "variant"),
            Need,
            rules=(
                _value_rule("value", "availability"),
                _value_rule("people", "people_availability"),
                _value_rule("score", "score_availability"),
            ),
        ),
        Table("raw_offers", "offre telle que publiée", ("offer_id",), RawOffer),
        Table("offers", "structure × thème", ("structure_id", "theme"), Offer),
        Table(
            "commune_access",
            "distance par commune et thème",
            ("commune_code", "theme"),
            CommuneAccessRow,
            rules=(_value_rule("nearest_km", "availability"), _value_rule("fca", "fca_availability")),
        ),
        Table(
            "coverage",
            "croisement par zone et thème",
            ("zone_code", "theme", "variant"),
            CoverageRow,
            rules=(
                _value_rule("located", "located_availability"),
                _value_rule("declared", "declared_availability"),
                _value_rule("remote", "remote_availability"),
                _value_rule("nearest_km", "nearest_availability"),
                _value_rule("fca", "fca_availability"),
            ),
        ),
        Table("coverage_sources", "décompte par source", ("zone_code", "theme", "offer_source"), CoverageSourceRow),
        Table("variants", "variantes de calcul", ("variant",), VariantRow),
        Table("faults", "tout ce qui a été relevé", (), FaultRow),
        Table("profiles", "profils de pauvreté par zone", ("zone_code", "profile")),
        Table("merges", "doublons réunis", ("source_id_a", "source_id_b")),
        Table("dispositifs", "tableau synthétique des dispositifs", ("dispositif_id",)),
        Table("coordination", "coordination par thème", ("theme",)),
        Table("registers", "schémas et autres sources", ("register_id",)),
        Table("tracks", "pistes de contractualisation", ("track_id",)),
        Table("actions", "fiches actions", ("action_id",)),
        Table("decisions", "décisions du comité de suivi", ("decision_id",)),
        Table("entries", "ce qui a été saisi", ("table", "key", "field")),
        Table("masks", "valeurs retenues par le contrôle de diffusion", ("table", "key", "column")),
        Table("changes", "évolution T0 → T0+3", ("zone_code", "indicator")),
    )
}


def figure_id(table: str, key: Sequence[object], column: str) -> str:
    """The id of one figure: `table/key parts joined by |/column`."""
    return f"{table}/{'|'.join(str(part) for part in key)}/{column}"


@dataclass(frozen=True)
class Published:
    """Tables that disclosure control has let through: the only thing a deliverable accepts.

    Built by `disclosure.publish` alone.
    """

    tables: Mapping[str, pd.DataFrame]
    diffusion: str

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]
