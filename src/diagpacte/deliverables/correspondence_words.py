"""What correspondance.xlsx tells the person who fills it."""

from __future__ import annotations

from collections.abc import Sequence

Line = tuple[str, str]  # a label and a text; a heading has no text

GUIDE: Sequence[Line] = (
    ("En trois étapes", ""),
    (
        "1. Répondre",
        (
            "Feuille « Colonnes » : une ligne par colonne que diagpacte n’a pas reconnue. Si la proposition est juste, "
            "écrire oui dans « garder ». Sinon, choisir dans « retenir comme ». Une ligne sans réponse n’est pas lue."
        ),
    ),
    (
        "2. Dater",
        (
            "Feuille « Fichiers » : dire de quelle année sont les codes des zones, quand la case est orange. "
            "Feuille « Colonnes » : donner l’année des données quand l’intitulé ne la dit pas."
        ),
    ),
    (
        "3. Relancer",
        (
            "Enregistrer ce classeur au format .xlsx, le fermer, puis lancer « diagpacte ingest ». "
            "Une réponse qui ne peut pas être suivie est signalée avec sa cellule."
        ),
    ),
    ("Les cases à remplir (jaunes)", ""),
    (
        "retenir comme",
        (
            "L’indicateur de la colonne, ou ce qu’elle est d’autre : code de la zone, libellé de la zone, niveau "
            "géographique, département, ne pas lire. La liste déroulante est celle de la feuille « Dictionnaire » ; un "
            "identifiant ou un libellé exact, tapé à la main, convient aussi."
        ),
    ),
    (
        "année",
        "L’année des données, en quatre chiffres. Inutile quand l’intitulé la dit. Elle ne vaut que pour ce fichier.",
    ),
    (
        "unité",
        (
            "Ce que sont les nombres de la colonne, quand le fichier ne le dit pas, ou dit deux choses. « % (0 à 100) » si "
            "12,5 veut dire 12,5 %, « part (0 à 1) » si c’est 0,125. « milliers », « millions », « k€ » : les nombres sont "
            "multipliés. « degrés de 0 à 2 » si 0 est le moins fragile, « degrés de 1 à 3 » si c’est 1."
        ),
    ),
    (
        "garder",
        (
            "oui : lire la colonne, comme « retenir comme » le dit, ou comme proposé si cette case est vide. "
            "non : ne pas la lire, et ne plus poser la question. Vide : la question reste ouverte. Sur une proposition "
            "« à vérifier », oui ne suffit pas : donner aussi l’unité."
        ),
    ),
    (
        "veut dire",
        (
            "Feuille « Marques », présente quand des textes tiennent la place de valeurs : pourquoi il n’y a pas de valeur, "
            "ou quel degré de fragilité c’est. Une marque connue (« s », « nd »…) convient aussi. "
            "La réponse vaut pour toutes les feuilles du fichier. Sans réponse, « diagpacte ingest » s’arrête."
        ),
    ),
    ("Les autres colonnes (grises)", ""),
    ("fichier, feuille, cellule", "Où se trouve l’intitulé. Ne pas modifier : la réponse est rattachée à ces mots."),
    ("intitulé, sous", "L’intitulé de la colonne (code, puis libellé) et le titre fusionné au-dessus, s’il y en a un."),
    ("exemple 1, 2, 3", "Les premières valeurs de la colonne, telles qu’elles sont écrites."),
    (
        "proposition, confiance",
        (
            "L’indicateur dont le nom ressemble le plus, et sa ressemblance de 0 à 100. Une proposition n’est jamais suivie "
            "sans réponse. « déjà dit » : c’est la réponse donnée pour un autre millésime, et elle est suivie. « à vérifier » : "
            "les mots sont ceux de l’indicateur, mais rien ne dit que les nombres sont dans son unité."
        ),
    ),
    ("pourquoi", "Pourquoi la colonne n’a pas été lue."),
    ("Ce qui se passe ensuite", ""),
    (
        "Au millésime suivant",
        (
            "Une réponse vaut pour le même fichier des années suivantes, années de l’intitulé mises à part. Les lignes des "
            "fichiers retirés restent en bas de la feuille pour cela : ne pas les effacer."
        ),
    ),
    (
        "Ce que vous avez écrit",
        (
            "diagpacte complète ce classeur sans rien effacer de ce qui a été saisi, colonnes et feuilles ajoutées comprises "
            "(leurs couleurs, non). On peut trier, filtrer, élargir. Le fermer dans Excel avant de lancer une commande."
        ),
    ),
    (
        "Une feuille sans ligne",
        (
            "Sa colonne des codes n’a pas été reconnue : ajouter une ligne (fichier, feuille, intitulé de cette colonne, "
            "« retenir comme » : code de la zone). Ses autres colonnes viendront au passage suivant."
        ),
    ),
    (
        "Un indicateur qui manque",
        (
            "L’ajouter dans la feuille « Nouveaux indicateurs » : il apparaît aussitôt à la fin de la liste déroulante. Il est "
            "toujours de rôle « contexte » ; un indicateur de besoin s’ajoute dans configs/indicators.csv."
        ),
    ),
    ("Les nouveaux indicateurs", ""),
    ("identifiant", "Des minuscules sans accent et « _ », l’unité à la fin : bus_stops_count."),
    ("base", "Qui l’on compte : ménages et personnes ne se mélangent jamais. « sans base » quand il n’y en a pas."),
    ("mini, maxi", "Les valeurs possibles ; une valeur hors de ces bornes est signalée. Vide : pas de borne."),
)

MEANINGS = {
    "code de la zone": "La colonne des codes (commune, EPCI, département…) : une par feuille",
    "libellé de la zone": "Le nom de la zone ; jamais employé pour rapprocher deux tableaux",
    "niveau géographique": "La colonne qui dit de quel niveau est chaque ligne : COM, EPCI, DEP…",
    "département": "Le département de la zone",
    "ne pas lire": "La colonne est laissée de côté, et la question n’est plus posée",
}

IN_UNITS = {  # unit of a proposition that is to be checked
    "pct": "en\u00a0%",
    "pct_year": "en\u00a0% par an",
    "per_mille": "en\u00a0‰",
    "count": "en nombre",
    "eur_year": "en euros par an",
    "eur_m2": "en euros par m²",
    "index": "un indice",
    "ratio": "un rapport",
    "grade": "en degrés",
}

UNIT_WORDS = {
    "pct": "pourcentage, de 0 à 100",
    "pct_year": "pourcentage par an",
    "per_mille": "pour mille",
    "count": "nombre",
    "eur_year": "euros par an",
    "eur_m2": "euros par m²",
    "index": "indice",
    "ratio": "rapport",
    "km": "kilomètres",
    "min": "minutes",
    "grade": "degré de fragilité",
    "places_per_100": "places pour 100 enfants",
    "consultations_year": "consultations par an et par habitant",
}
