"""Rules of the offer: which published category answers which theme."""

from __future__ import annotations

from pydantic import Field

from diagpacte.vocabulary import Entry


class ThematicRow(Entry):
    """A row of thematics.csv: (source or `*` or `!source`, key) → theme."""

    theme: str
    source: str
    key_kind: str = Field(pattern="^(thematique|reseau|type|)$")
    key: str
    publics: tuple[str, ...]
    confidence: str = Field(pattern="^(bonne|moyenne|faible|exclure|)$")
    why: str


class Thematic(Entry):
    """A leaf of the official v1 vocabulary (thematic_labels.csv)."""

    thematique: str
    label: str
    category: str
    category_label: str


class Network(Entry):
    """A value of reseaux_porteurs and who answers for it (networks.csv)."""

    reseau: str
    label: str
    responsable: str


class OfferSource(Entry):
    """A source of offers (offer_sources.csv)."""

    source: str
    label: str
    label_short: str
    producer: str
    licence: str
