"""Every table of the contract, filled or to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from diagpacte.tables.contract import Rule, Table
from diagpacte.tables.crossed import CommuneAccessRow, CoverageRow, CoverageSourceRow, Need, VariantRow
from diagpacte.tables.decided import EntryRow, MaskRow
from diagpacte.tables.offer import Offer, RawOffer
from diagpacte.tables.places import Commune, GroundShape, Member, PassageRow, Zone
from diagpacte.tables.received import FaultRow, HeadingRow, Observation, ObservationCellRow, Source, SourceCoverageRow
from diagpacte.vocabulary import VALUED


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
        Table("entries", "ce qui a été saisi", ("table", "key", "field"), EntryRow),
        Table("masks", "valeurs retenues par le contrôle de diffusion", ("table", "key", "column"), MaskRow),
        Table("changes", "évolution T0 → T0+3", ("zone_code", "indicator")),
    )
}
