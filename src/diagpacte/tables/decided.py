"""What people type, and what disclosure control withholds."""

from __future__ import annotations

from diagpacte.tables.contract import Row, col


class EntryRow(Row):
    table: str = col("Sujet : themes, dispositifs, corrections…", pattern="^[a-z_]+$")
    key: str = col("Clé stable de la ligne dans son sujet")
    field: str = col("Champ", pattern="^[a-z0-9_]+$")
    value: str = col("Texte saisi, tel quel")
    others: list[str] = col("Autres textes du même champ, à départager : « auteur ou fichier : texte »")
    state: str = col("en_place, orpheline ou a_departager", pattern="^(en_place|orpheline|a_departager)$")
    reason: str = col("Pourquoi la saisie n’est pas en place")
    label: str = col("La ligne telle que la personne la voyait")
    file: str = col("Classeur de saisie")
    sheet: str = col("Feuille")
    row: int = col("Ligne dans la feuille (1 = première) ; 0 quand elle n’y est plus", ge=0)
    column: str = col("Colonne (lettres)", pattern="^[A-Z]{0,3}$")
    base: str = col("Empreinte du texte lors de la dernière écriture du classeur, 12 caractères ou rien")


class MaskRow(Row):
    table: str = col("Table de la valeur retenue")
    key: str = col("Clé de la ligne, parties séparées par |")
    column: str = col("Colonne")
    kind: str = col("primaire ou complementaire", pattern="^(primaire|complementaire)$")
    threshold: int = col("Seuil de la source", "unités", ge=1)
    rule: str = col("Règle appliquée et sa source")
    reason: str = col("Pourquoi, en français, sans la valeur")
