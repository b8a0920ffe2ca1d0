"""Small tables in the very shape in which their producers publish them; every figure is invented.

Names of columns, order, banners, units and marks are those of the exports of data.caf.fr (« toutes prestations »),
of the APL workbooks of the Drees, of the communal file of the Dares, of the census bases and of the « statistiques
locales » of Insee. Places: communes, EPCI and départements overseas, Grenoble, an EPT, Paris by arrondissement.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

Cell = str | float | None
Lines = Sequence[Sequence[Cell]]

# --- data.caf.fr: the date stands in the rows; counts rounded to 5; small ones, and people placed nowhere, blank ------

CAF_COMMUNES = (
    "Date référence", "Numéro commune", "Nom commune", "Nombre foyers NDUR", "Nombre personnes NDUR",
    "Montant total NDUR", "Nombre foyers RSA", "Nombre personnes RSA", "Nombre foyers PPA", "Nombre foyers NDURAL",
)  # fmt: skip
CAF_COMMUNE_ROWS: Lines = (
    ("2023-12", "97120", "POINTE A PITRE", 4815, 10190, 3120400, 1890, 3745, 1035, 2310),
    ("2023-12", "97302", "CAYENNE", 11620, 35255, 7804300, 4405, 12080, 1790, 3720),
    ("2023-12", "97356", "CAMOPI", 60, 290, 40100, 20, None, None, 0),
    ("2023-12", "97611", "MAMOUDZOU", 6005, 27310, 2207000, 1085, 4260, 645, 410),
    ("2023-12", "97209", "FORT DE FRANCE", 18425, 34915, 9930600, 6710, 11240, 4880, 8115),
    ("2023-12", "38185", "GRENOBLE", 41350, 74620, 20417700, 5995, 10430, 10485, 27400),
    ("2023-12", "75101", "PARIS 1", 1705, 2960, 701500, 190, 285, 345, 610),
    ("2024-12", "97120", "POINTE A PITRE", 4760, 10015, 3158200, 1835, 3590, 1050, 2285),
    ("2024-12", "97302", "CAYENNE", 11935, 36010, 8120900, 4390, 11975, 1865, 3810),
    ("2024-12", "97356", "CAMOPI", 65, 310, 44200, 20, 95, None, 0),
    ("2024-12", "97611", "MAMOUDZOU", 6310, 28745, 2391800, 1120, 4415, 700, 455),
    ("2024-12", "97209", "FORT DE FRANCE", 18190, 34180, 10011300, 6545, 10890, 4935, 8040),
    ("2024-12", "38185", "GRENOBLE", 41225, 74015, 20802100, 5940, 10255, 10620, 27190),
    ("2024-12", "75101", "PARIS 1", 1690, 2905, 706800, 185, 275, 350, 600),
    ("2024-12", "", "", 60390, 98120, 21044300, 33605, 41870, 15055, 9120),
)


def caf_communes(path: Path) -> Path:
    """« Toutes prestations, communal », labels as headings."""
    return _csv(path, [CAF_COMMUNES, *CAF_COMMUNE_ROWS])


CAF_EPCI = ("dtreffre", "numepci", "nomepci", "indfoy_ndur", "indnbp_ndur", "indfoy_rsa", "indfoy_ppa", "indfoy_aah")
CAF_EPCI_ROWS: Lines = (
    ("2024-12", "200018653", "CA CAP EXCELLENCE", 17930, 41285, 6420, 4115, 1710),
    ("2024-12", "249730045", "CA DU CENTRE LITTORAL", 23815, 70640, 7305, 4220, 1120),
    ("2024-12", "200050532", "CC DE PETITE TERRE", 2190, 9875, 395, 310, None),
    ("2024-12", "249740119", "CA INTERCOMMUNALE DU NORD DE LA REUNION CINOR", 52610, 118905, 20345, 13190, 3460),
    ("2024-12", "200040715", "GRENOBLE-ALPES-METROPOLE", 91515, 186040, 11720, 25365, 9105),
)


def caf_epci(path: Path) -> Path:
    """The same by EPCI, technical names as headings, a single date."""
    return _csv(path, [CAF_EPCI, *CAF_EPCI_ROWS])


CAF_DEPARTMENTS = (
    "Date référence", "Numéro département", "Nom département", "Numéro région", "Nombre foyers RSA", "Nombre foyers ASF",
)  # fmt: skip
CAF_DEPARTMENT_ROWS: Lines = (
    ("2024-11", "971", "Guadeloupe", "01", 38120, 17260),
    ("2024-11", "973", "Guyane", "03", 21805, 14930),
    ("2024-12", "971", "Guadeloupe", "01", 37945, 17305),
    ("2024-12", "973", "Guyane", "03", 21940, 15010),
    ("2024-12", "976", "Mayotte", "06", 6180, 0),
    ("2024-12", "38", "Isère", "84", 17450, 16980),
    ("2024-12", "99", "Résidence à l'étranger", "XX", 1205, 310),
    ("2024-12", "XX", "Non localisé", "XX", 5640, 1880),
)


def caf_departments(path: Path) -> Path:
    """Départements, month by month, exact counts."""
    return _csv(path, [CAF_DEPARTMENTS, *CAF_DEPARTMENT_ROWS])


CAF_RSA_TYPES: Lines = (
    ("Date référence", "Numéro commune", "Nom commune", "Type RSA", "Nombre foyers RSA", "Nombre personnes RSA"),
    ("2024-12", "97302", "CAYENNE", "RSA non majoré", 3710, 9120),
    ("2024-12", "97302", "CAYENNE", "RSA majoré", 680, 2855),
    ("2024-12", "97611", "MAMOUDZOU", "RSA non majoré", 1015, 3980),
    ("2024-12", "97611", "MAMOUDZOU", "RSA majoré", 105, 435),
)


def caf_rsa_types(path: Path) -> Path:
    """RSA by type: two rows a commune, none of them the total."""
    return _csv(path, CAF_RSA_TYPES)


CHILDCARE: Lines = (
    ("annee", "numepci", "nomepci", "numdep", "nomdep", "txcouv_eaje_epci", "txcouv_epci"),
    (2022, "249730045", "CA DU CENTRE LITTORAL", "973", "GUYANE", 11.2, 18.4),
    (2023, "249730045", "CA DU CENTRE LITTORAL", "973", "GUYANE", 11.9, 19.1),
    (2023, "200018653", "CA CAP EXCELLENCE", "971", "GUADELOUPE", 41.0, 62.5),
)


def childcare_epci(path: Path) -> Path:
    """Places for 100 children under three, by EPCI: two years in the rows, decimal comma."""
    return _csv(path, CHILDCARE)


# --- Drees: nine rows before the data, long headings, units under them, the year in the name of the sheet -----------

APL_HEADINGS = (
    "Code commune INSEE", "Commune", "APL aux médecins généralistes ", "APL aux médecins généralistes\nde 65 ans et moins ",
    "APL aux médecins généralistes de 62 ans et moins", "APL aux médecins généralistes de 60 ans et moins",
    "Population standardisée {population} pour la médecine générale", "Population totale {population}",
)  # fmt: skip
APL_UNIT = "En nombre de consultations/visites accessibles par an par habitant standardisé"
APL_UNITS = (None, None, *[APL_UNIT] * 4, "En nombre d'habitants standardisés", "En nombre d'habitants")
APL_ROWS: dict[int, Lines] = {
    2022: (
        ("97302", "Cayenne", 2.114, 1.902, 1.655, 1.501, 56120.5, 63956),
        ("97411", "Saint-Denis", 4.401, 3.87, 3.412, 3.1, 141877.25, 153001),
    ),
    2023: (
        ("38185", "Grenoble", 3.902, 3.415, 3.02, 2.76, 158890.1, 158198),
        ("75101", "Paris 1er Arrondissement", 5.2, 3.9, 3.4, 3.1, 15230, 15919),
        ("97120", "Pointe-à-Pitre", 4.018, 3.22, 2.655, 2.401, 14890.3, 14511),
        ("97302", "Cayenne", 2.032, 1.84, 1.598, 1.447, 57001.4, 65268),
        ("97356", "Camopi", 0, 0, 0, 0, 1502.6, 1798),
        ("97411", "Saint-Denis", 4.355, 3.801, 3.36, 3.048, 142300.75, 154765),
        ("Total", None, 3.9, 3.3, 2.9, 2.6, 67000000, 67500000),
    ),
}


def drees_apl(path: Path) -> Path:
    """The workbook on general practitioners: « Lisez-moi », then a sheet a year. Mayotte is not in it."""
    with xlsxwriter.Workbook(path) as book:
        notes = book.add_worksheet("Lisez-moi")
        notes.write_column(0, 0, ["Accessibilité potentielle localisée (APL)", "Drees", "Mise à jour : juillet 2025"])
        for year, rows in APL_ROWS.items():
            _sheet(book, f"APL {year}", [*_apl_banner(year), *_apl_header(year - 2), *rows, *APL_NOTES])
    return path


def _apl_banner(year: int) -> Lines:
    return [
        (f"Indicateur d'accessibilité potentielle localisée (APL) {year} aux médecins généralistes",),
        (),
        (f"Millésime : {year}",),
        ("Sources : SNIIR-AM, CNAM ; EGB ; CNAM ; populations par commune, Insee ; distancier METRIC, Insee.",),
        ("Champ : France hors Mayotte.",),
        ("Géographie au 01/01/2023",),
        (),
        (),
    ]


def _apl_header(population: int) -> Lines:
    return [tuple(heading.format(population=population) for heading in APL_HEADINGS), APL_UNITS]


APL_NOTES: Lines = [
    (),
    ("Lecture : à Cayenne, l'APL est de 2,0 consultations par an par habitant standardisé.",),
    ("Source : Drees.",),
]

# --- Dares: one row per commune, date, sex and age; only the row « Total, Total » is the commune --------------------

JOB_SEEKERS = (
    "Date", "Code région", "Région", "Code département", "Département", "Code commune", "Commune", "Type de données",
    "Catégorie", "Sexe", "Tranche d'âge", "Nombre de demandeurs d'emploi",
)  # fmt: skip
JOB_SEEKER_COUNTS: dict[tuple[str, str], dict[tuple[str, str], int]] = {
    ("2023-T4", "97302"): {("Total", "Total"): 7445, ("Hommes", "Total"): 3210, ("Femmes", "Total"): 4235},
    ("2024-T4", "97302"): {
        ("Total", "Total"): 7520, ("Total", "Moins de 25 ans"): 1015, ("Total", "De 25 à 49 ans"): 4890,
        ("Total", "50 ans et plus"): 1620, ("Hommes", "Total"): 3240, ("Femmes", "Total"): 4280,
    },
    ("2024-T4", "97611"): {("Total", "Total"): 9130, ("Hommes", "Total"): 3890, ("Femmes", "Total"): 5245},
    ("2024-T4", "38185"): {("Total", "Total"): 14395, ("Hommes", "Total"): 7610, ("Femmes", "Total"): 6785},
}  # fmt: skip
PLACES = {
    "97302": ("03", "Guyane", "973", "Guyane", "97302", "Cayenne"),
    "97611": ("06", "Mayotte", "976", "Mayotte", "97611", "Mamoudzou"),
    "38185": ("84", "Auvergne-Rhône-Alpes", "38", "Isère", "38185", "Grenoble"),
}


def dares_job_seekers(path: Path) -> Path:
    """Job seekers by commune (categories A, B and C, unadjusted), rounded to 5."""
    rows: list[Sequence[Cell]] = [
        (date, *PLACES[commune], "Brutes", "ABC", sex, age, count)
        for (date, commune), counts in JOB_SEEKER_COUNTS.items()
        for (sex, age), count in counts.items()
    ]
    total = (
        "2024-T4",
        "",
        "",
        "",
        "",
        "Total",
        "Total France métropolitaine",
        "Brutes",
        "ABC",
        "Total",
        "Total",
        5100000,
    )
    return _csv(path, [JOB_SEEKERS, *rows, total])


# --- Insee, census: banner, labels, codes; two censuses, two kinds of processing in one sheet -----------------------

CENSUS_COLUMNS: dict[str, tuple[str, tuple[Cell, ...]]] = {
    "P22_POP1564": ("Pop 15-64 ans en 2022 (princ)", (8120.4, 41205.9, 46890.25, 108400, 812)),
    "P22_ACT1564": ("Actifs 15-64 ans en 2022 (princ)", (5530.75, 28810.1, 20415.5, 75215.3, 401.2)),
    "P22_CHOM1564": ("Chômeurs 15-64 ans en 2022 (princ)", (1690.2, 5980.4, 6611.75, 9870, 155)),
    "C22_ACT1564": ("Actifs 15-64 ans en 2022 (compl)", (5525.1, 28840.6, 20390, 75180, 398.5)),
    "C22_MEN": ("Ménages en 2022 (compl)", (6910.3, 23055.8, 17330.2, 86930, 300)),
    "C22_MENFAMMONO": ("Mén fam princ Famille mono en 2022 (compl)", (1480.9, 4230.4, 3005.7, 8120, 62)),
    "P22_RP": ("Rés princ en 2022 (princ)", (6911, 23050, 17325, 86925, 301)),
    "P22_RP_VOIT1P": ("Ménages au moins une voiture en 2022 (princ)", (3120.5, 14870.3, 7460.1, 55310, 4)),
    "P22_NSCOL15P_DIPLMIN": ("Non scol 15P sans diplôme ou CEP en 2022", (3010, 12030.5, 18802.3, 13940, 640)),
    "P16_POP1564": ("Pop 15-64 ans en 2016 (princ)", (9330.1, 38760.2, None, 109310, 705)),
    "P16_CHOM1564": ("Chômeurs 15-64 ans en 2016 (princ)", (2105.6, 6200.3, None, 10455, 120)),
}
CENSUS_PLACES = (
    ("97120", "Pointe-à-Pitre"), ("97302", "Cayenne"), ("97611", "Mamoudzou"), ("38185", "Grenoble"), ("97356", "Camopi"),
)  # fmt: skip


def census(path: Path) -> Path:
    """A census base by commune; Mayotte has no figure of 2016."""
    banner: list[Sequence[Cell]] = [
        ("Recensement de la population - Emploi, ménages, logement",),
        ("Communes",),
        ("Mise en ligne le 26/06/2025       Géographie au 01/01/2025",),
        ("©Insee       Source(s) : Insee, Recensements de la population 2016 et 2022, géographie au 01/01/2025",),
    ]
    labels = ("Code géographique", "Libellé géographique", *(label for label, _ in CENSUS_COLUMNS.values()))
    codes = ("CODGEO", "LIBGEO", *CENSUS_COLUMNS)
    rows = [(*place, *(cells[row] for _, cells in CENSUS_COLUMNS.values())) for row, place in enumerate(CENSUS_PLACES)]
    with xlsxwriter.Workbook(path) as book:
        _sheet(book, "COM", [*banner, labels, codes, *rows])
        variables = [("VAR_ID", "VAR_LIB"), *((code, label) for code, (label, _) in CENSUS_COLUMNS.items())]
        _sheet(book, "Variables", [*banner, (), *variables])
    return path


# --- Insee, « statistiques locales »: rates, published for the départements overseas too -----------------------------

LOCAL_HEADINGS = (
    "Code", "Libellé", "Taux de chômage des 15 à 64 ans 2022", "Taux d’emploi des 15 à 64 ans 2022",
    "Taux de pauvreté 2021", "Part des familles monoparentales 2022", "Part des pers. âgées de 75 ans ou + 2022",
    "Part des non ou peu diplômés dans la pop. non scolarisée de 15 ans ou + 2022", "Population municipale 2022",
)  # fmt: skip
NO_RESULT, WITHHELD = "N/A - résultat non disponible", "N/A - secret statistique"
LOCAL_EPCI: Lines = (
    ("200018653", "CA CAP Excellence", 25.1, 50.3, NO_RESULT, 41.6, 8.9, 30.2, 100520),
    ("200041507", "CA La Riviéra du Levant", 22.4, 53.6, NO_RESULT, 39.2, 7.6, 28.8, 66010),
    ("200044691", "CA du Nord Grande Terre", 27.9, 45.2, NO_RESULT, 40.1, 10.2, 36.3, 56120),
    ("249710047", "CC de Marie-Galante", 27.2, 44.8, NO_RESULT, 37.7, 14.1, 40.5, 10480),
    ("249710062", "CA du Nord Basse-Terre", 23.8, 50.9, NO_RESULT, 40.9, 8.8, 32.7, 76890),
    ("249710070", "CA Grand Sud Caraïbe", 21.7, 53.9, NO_RESULT, 38.4, 10.1, 29.7, 78510),
    ("200027548", "CC des Savanes", 19.6, 48.1, NO_RESULT, 35.4, 2.4, 33.9, 30110),
    ("249730037", "CC de l'Ouest Guyanais", 36.8, 24.9, NO_RESULT, 41.1, 1.3, 60.2, 98450),
    ("249730045", "CA du Centre Littoral", 20.7, 51.1, NO_RESULT, 38.0, 2.6, 31.4, 151720),
    ("249730052", "CC de l'Est Guyanais", 33.5, 27.4, NO_RESULT, WITHHELD, 1.9, 52.7, 7130),
    ("200050532", "CC de Petite-Terre", 22.9, 37.6, NO_RESULT, 26.0, 1.1, 51.8, 32410),
    ("200059871", "CC du Centre-Ouest", 37.4, 25.2, NO_RESULT, 24.3, 1.4, 69.9, 51870),
    ("200060457", "CA de Dembeni / Mamoudzou", 28.6, 31.7, NO_RESULT, 26.8, 0.8, 61.3, 92740),
    ("200060465", "CA du Grand Nord de Mayotte", 41.2, 22.6, NO_RESULT, 27.5, 1.7, 71.4, 52960),
    ("200060473", "CC du Sud", 38.0, 24.4, NO_RESULT, 25.9, 1.6, 70.8, 41220),
    ("249740119", "CA Intercommunale du Nord de la Réunion (CINOR)", 27.0, 51.8, 33.0, 33.8, 6.1, 27.9, 210950),
    ("249720061", "CA du Centre de la Martinique", 19.8, 55.0, 26.0, 41.5, 11.9, 24.6, 147880),
    ("200040715", "Grenoble-Alpes-Métropole", 11.6, 64.9, 15.0, 16.2, 9.3, 17.8, 451100),
    ("200057867", "Plaine Commune (EPT)", 18.2, 58.7, 36.0, 24.4, 4.6, 31.7, 452010),
)


LOCAL_DEPARTMENTS: Lines = (
    ("971", "Guadeloupe", 24.2, 51.0, NO_RESULT, 40.1, 9.4, 31.0, 384320),
    ("973", "Guyane", 27.4, 41.3, NO_RESULT, 38.9, 2.1, 44.6, 288090),
    ("976", "Mayotte", 34.1, 27.8, NO_RESULT, 26.2, 1.2, 65.7, 271200),
    ("38", "Isère", 9.7, 67.4, 11.0, 14.3, 9.0, 18.2, 1287000),
)


def local_statistics(path: Path, rows: Lines = LOCAL_EPCI) -> Path:
    """An export of « statistiques locales » by EPCI: two lines of title, marks of absence in words."""
    title: list[Sequence[Cell]] = [("Statistiques locales - Insee - géographie au 01/01/2025",), ()]
    return _csv(path, [*title, LOCAL_HEADINGS, *rows])


# --- ANCT: a list of places, so that needs meet an offer ---------------------------------------------------------------

FRANCE_SERVICES: Lines = (
    ("id_fs", "lib_fs", "adresse", "insee_com", "code_postal", "lib_com", "latitude", "longitude", "format_fs"),
    ("9001", "France services de Pointe-à-Pitre", "Rue un", "97120", "97110", "Pointe-à-Pitre", "16.2411", "-61.5331", "Fixe"),
    ("9002", "France services de Basse-Terre", "Rue deux", "97105", "97100", "Basse-Terre", "15.9958", "-61.7292", "Fixe"),
    ("9003", "France services de Cayenne", "Rue trois", "97302", "97300", "Cayenne", "4.9372", "-52.3260", "Fixe"),
    ("9004", "France services de Mamoudzou", "Rue quatre", "97611", "97600", "Mamoudzou", "-12.7806", "45.2278", "Fixe"),
)  # fmt: skip


def france_services(path: Path) -> Path:
    """The list of France services, commas and decimal points as the ANCT writes them."""
    lines = [",".join(f'"{cell}"' for cell in line) for line in FRANCE_SERVICES]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def _csv(path: Path, lines: Lines) -> Path:
    """`lines` as the portals export them: `;`, UTF-8 with BOM, decimal comma, CRLF."""
    texts = [";".join(_text(cell) for cell in line) for line in lines]
    path.write_bytes("\r\n".join([*texts, ""]).encode("utf-8-sig"))
    return path


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return str(cell).replace(".", ",")
    return "" if cell is None else str(cell)


def _sheet(book: xlsxwriter.Workbook, name: str, lines: Lines) -> None:
    sheet = book.add_worksheet(name)
    for row, line in enumerate(lines):
        for column, cell in enumerate(line):
            if cell is not None:
                sheet.write(row, column, cell)
