"""Quirks of layout (where the table stands, what surrounds it, how its codes are headed), from the file to the table."""

from pathlib import Path

import pytest

from diagpacte.store import read
from quirk_builders import BANNER, BLOCKING, CHECK, CODES, INFORMATION, LABELS, File, Quirks, table
from workbook_builders import Rows

quirk = Quirks()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("presentation")


# --- Q1, Q2: where the header stands ------------------------------------------------------------


def banner_of(height: int) -> Rows:
    """`height` rows above the header: what is said, blank rows, and remarks, as producers write them."""
    said = [row for row in BANNER if "Géographie" in str(row[0])][:height]
    return [*said, *([f"Remarque {place} : le secret statistique s’applique sous 11 ménages."] if place % 3 else []
                     for place in range(1, height + 1 - len(said)))]  # fmt: skip


for header in (1, 5, 6, 8, 9, 16):

    @quirk(f"Q1 labels on row {header}, codes below")
    def header_on_a_row(file: File, a: str, b: str, header: int = header) -> None:
        file.xlsx([*banner_of(header - 1), LABELS, CODES, [a, "CC Une", 12.5], [b, "CC Deux", "s"]])
        if header == 1:
            file.declares(2025)
        file.gives(**{f"C{header + 2}": (a, "TP6021", 12.5), f"C{header + 3}": (b, "TP6021", "secret")})


@quirk("Q1 a csv whose codes stand on row 9")
def csv_header_on_row_9(file: File, a: str, b: str) -> None:
    file.csv([*banner_of(8), CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8.0]])
    file.gives(C10=(a, "TP6021", 12.5), C11=(b, "TP6021", 8))


@quirk("Q1 the banner names the level EPCI in a cell of its own")
def banner_with_the_name_of_a_code(file: File, a: str, b: str) -> None:
    level: Rows = [["EPCI"], ["Niveau", "EPCI"], BANNER[2]]
    file.xlsx([*level, LABELS, CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.gives(C6=(a, "TP6021", 12.5), C7=(b, "TP6021", 8))


@quirk("Q2 codes alone")
def codes_alone(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.gives(C6=(a, "TP6021", 12.5), C7=(b, "TP6021", 8))


@quirk("Q2 labels alone, the year in the label")
def labels_alone(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, [*LABELS[:2], "Taux de pauvreté en 2021"], [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.gives(C6=(a, "Taux de pauvreté en 2021", 12.5), C7=(b, "Taux de pauvreté en 2021", 8))


@quirk("Q2 labels alone, the year beside the label of the dictionary")
def labels_with_a_year(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, [*LABELS[:2], "Taux de pauvreté (2021)"], [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.gives(C6=(a, "Taux de pauvreté (2021)", 12.5), C7=(b, "Taux de pauvreté (2021)", 8))


@quirk("Q2 codes above their labels")
def codes_above_labels(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, CODES, LABELS, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))


@quirk("Q2 a heading with line breaks and no-break spaces")
def headings_on_several_lines(file: File, a: str, b: str) -> None:
    labels = ["Code\ngéographique", "Libellé\u00a0géographique ", "Taux  de\npauvreté\u00a0 (2021)"]
    file.xlsx([*BANNER, labels, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    heading = "Taux de pauvreté (2021)"
    file.gives(C6=(a, heading, 12.5), C7=(b, heading, 8))


# --- Q3, Q4: units below, themes above ----------------------------------------------------------

APL = "Accessibilité potentielle localisée : consultations accessibles par an et par habitant standardisé, 2023 "


@quirk("Q3 units under long labels that end with a space")
def units_row(file: File, a: str, b: str) -> None:
    notes: Rows = [[f"Note {place}."] for place in range(1, 8)]
    heading: Rows = [["Code géographique ", "EPCI ", APL, "Population standardisée "]]
    units: Rows = [["", "", "En nombre de consultations par an et par habitant standardisé", "En nombre d’habitants"]]
    data: Rows = [[a, "CC Une", 2.4, 11000], [b, "CC Deux", "nd", 9000]]
    file.xlsx({"APL 2023": [BANNER[2], *notes, *heading, *units, *data, ["Total", "", 2.9, 20000]]})
    file.gives(C11=(a, APL.strip(), 2.4), C12=(b, APL.strip(), "not_available"))
    file.says(CHECK, "D9", "colonne inconnue")
    file.says(INFORMATION, "A13", "« Total »")


@quirk("Q3 units and the source of each column, between codes and data")
def two_rows_under_the_codes(file: File, a: str, b: str) -> None:
    under: Rows = [["", "", "%"], ["", "", "Filosofi"]]
    file.xlsx(table(*under, [a, "CC Une", 12.5], [b, "CC Deux", 8]))
    file.gives(C9=(a, "TP6021", 12.5), C10=(b, "TP6021", 8))


@quirk("Q4 a year merged over columns with the same sub-headings")
def years_over_the_same_headings(file: File, a: str, b: str) -> None:
    rows: Rows = [
        BANNER[2],
        ["", "", "2019", "", "2021", ""],
        ["Code géographique", "Libellé géographique", *2 * ["Taux de pauvreté", "Ménages pauvres"]],
        [a, "CC Une", 12.5, 600, 13.1, 640],
        [b, "CC Deux", 8, 300, 7.5, "s"],
    ]
    file.xlsx(rows, merged={"Feuil1": {"C2:D2": "2019", "E2:F2": "2021"}})
    rate, poor = "Taux de pauvreté", "Ménages pauvres"
    file.gives(C4=(a, rate, 12.5), D4=(a, poor, 600), E4=(a, rate, 13.1), F4=(a, poor, 640))
    file.gives(C5=(b, rate, 8), D5=(b, poor, 300), E5=(b, rate, 7.5), F5=(b, poor, "secret"))


@quirk("Q4 themes merged over columns with the same sub-headings are told with each")
def themes_over_the_same_headings(file: File, a: str, b: str) -> None:
    rows: Rows = [
        *BANNER,
        ["", "", "", "", "Emploi", ""],
        [
            "Code géographique",
            "Libellé géographique",
            "Part (%)",
            "Rang",
            "Part (%)",
            "Rang",
            "Taux de pauvreté (2021)",
        ],
        [a, "CC Une", 12.5, 600, 13.1, 640, 20.1],
        [b, "CC Deux", 8, 300, 7.5, "s", 9],
    ]
    file.xlsx(rows, merged={"Feuil1": {"C5:D5": "Logement", "E5:F5": "Emploi"}})
    file.gives(G7=(a, "Taux de pauvreté (2021)", 20.1), G8=(b, "Taux de pauvreté (2021)", 9))
    for cell, heading in (("C6", "Part (%)"), ("D6", "Rang")):
        file.says(CHECK, cell, f"« {heading} » (sous « Logement »)")
    for cell, heading in (("E6", "Part (%)"), ("F6", "Rang")):
        file.says(CHECK, cell, f"« {heading} » (sous « Emploi »)")


# --- Q5, Q6: what stands under the data ---------------------------------------------------------

FOOTERS: Rows = [
    [],
    ["Champ : 12 345 ménages fiscaux ordinaires, hors communautés ; France métropolitaine, 2021."],
    ["Lecture : en 2021, 12,5 % des personnes de la CC Une sont sous le seuil."],
    ["(1) 60 % du niveau de vie médian, soit 1 158 euros par mois."],
    ["2021 : première année du nouveau dispositif."],
    ["", "s : secret statistique (moins de 11 ménages)"],
    ["Source : Insee-DGFiP-Cnaf-Cnav-CCMSA, Filosofi 2021.", "", ""],
]


@quirk("Q5 footers with numbers, a blank row between, in another column")
def footers(file: File, a: str, b: str) -> None:
    file.xlsx(table([a, "CC Une", 12.5], [b, "CC Deux", 8], *FOOTERS))
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))


def test_footers_are_kept_with_the_source(folder: Path) -> None:
    outcome = quirk.outcome("Q5 footers with numbers, a blank row between, in another column", folder)
    sources = read(folder / "espace" / "data" / "processed" / "sources.parquet").set_index("source_id")
    said = sources.loc[outcome.file.path.name, "note"].splitlines()
    assert said == [" ".join(str(cell) for cell in row if cell) for row in FOOTERS if row]


@quirk("Q5 summary lines under the data are no zone")
def summary_lines(file: File, a: str, b: str) -> None:
    file.xlsx(table([a, "CC Une", 12.5], [b, "CC Deux", 8], ["Moyenne", "", 10.3], ["Médiane", "", 10], ["Ensemble", "", 11]))  # fmt: skip
    file.gives(C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))
    for cell, word in (("A9", "Moyenne"), ("A10", "Médiane"), ("A11", "Ensemble")):
        file.says(INFORMATION, cell, f"« {word} »")


@quirk("Q6 totals and reference lines in a sheet of EPCI", zones=1)
def totals(file: File, a: str) -> None:
    total: Rows = [
        ["Total", "", 14],
        ["France", "", 14.9],
        ["FE", "France entière", 15.1],
        ["FM", "France métropolitaine", 14.5],
        ["84", "Auvergne-Rhône-Alpes", 13.3],
        ["01", "Ain", 10.8],
        ["38", "Isère", 11.8],
    ]
    file.xlsx(table([a, "CC Une", 12.5], *total))
    file.gives(C7=(a, "TP6021", 12.5), C10=("FRA", "TP6021", 15.1), C11=("FRM", "TP6021", 14.5))
    file.gives(C14=("DEP:38", "TP6021", 11.8))
    file.says(CHECK, "A12", "« 84 » est un département et une région")
    file.says(CHECK, "A13", "« 01 » est un département et une région")
    file.says(INFORMATION, "A8", "« Total »")
    file.says(INFORMATION, "A9", "« France »")


# --- Q7: which sheet ----------------------------------------------------------------------------


@quirk("Q7 sheets without data, whatever they speak of")
def other_sheets(file: File, a: str, b: str) -> None:
    file.xlsx({
        "Sommaire": [*BANNER, [], ["EPCI", "Profils de ménages pauvres"], ["References", "Niveaux de référence"]],
        "Documentation": [*BANNER, [], ["CODGEO", "code du département et de la commune"], ["TP6021", "voir la page 12"]],
        "Seuils": [["Année", "Seuil à 60 %"], [2019, 1102], [2021, 1158]],
        "Métadonnées": [["variable", "libellé"], ["CODGEO", "Code géographique"], ["2021", "année"]],
        "Vide": [],
        "Feuil7": table([a, "CC Une", 12.5], [b, "CC Deux", 8]),
    })  # fmt: skip
    file.gives("Feuil7", C7=(a, "TP6021", 12.5), C8=(b, "TP6021", 8))


# --- Q24: the geography of the codes ------------------------------------------------------------


@quirk("Q24 no geography said: it is asked")
def geography_absent(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER[:2], CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.says(BLOCKING, "", "géographie non dite : de quelle année sont les codes des zones ?")


@quirk("Q24 no geography said, declared in sources.toml")
def geography_declared(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER[:2], CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.declares(2025)
    file.gives(C4=(a, "TP6021", 12.5), C5=(b, "TP6021", 8))


@quirk("Q24 two geographies above one table are refused")
def two_geographies(file: File, a: str, b: str) -> None:
    file.xlsx([*BANNER, ["Géographie au 01/01/2023"], CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8]])
    file.says(BLOCKING, "", "deux géographies : 2023 et 2025")


@quirk("Q24 each sheet has its own geography", zones=2)
def geography_by_sheet(file: File, a: str, b: str) -> None:
    old: Rows = [["Géographie au 1er janvier 2024"], CODES, [a, "CC Une", 12.5]]
    file.xlsx({"EPCI 2024": old, "EPCI 2025": table([b, "CC Deux", 8])})
    file.gives("EPCI 2024", C3=(a, "TP6021", 12.5))
    file.gives("EPCI 2025", C7=(b, "TP6021", 8))


for place, words in enumerate(
    (
        "Géographie au 01/01/2025",
        "géographie au 1er janvier 2025",
        "GEOGRAPHIE AU 01/01/2025",
        "Données 2021 en géographie au 1er janvier 2025, EPCI",
        "Découpage géographique au 1er janvier 2025",
        "Périmètre des EPCI au 01/01/2025",
        "Limites territoriales en vigueur au 1er janvier 2025",
        "Code officiel géographique au 01/01/2025",
        "COG 2025",
    )
):

    @quirk(f"Q24 the geography in other words, {place}", zones=1)
    def geography_in_words(file: File, a: str, words: str = words) -> None:
        file.xlsx([["Titre"], [words], CODES, [a, "CC Une", 12.5]])
        file.gives(C4=(a, "TP6021", 12.5))


@quirk("Q24 the geography stands under the table")
def geography_in_a_footer(file: File, a: str, b: str) -> None:
    file.xlsx([["Titre"], CODES, [a, "CC Une", 12.5], [b, "CC Deux", 8], ["Champ : géographie au 01/01/2025."]])
    file.gives(C3=(a, "TP6021", 12.5), C4=(b, "TP6021", 8))


# --- Q25: how the codes are headed --------------------------------------------------------------

ALIASES = (
    "CODGEO", "codgeo", "CODEGEO", "CODE_GEO", "GEO", "EPCI", "epci", "SIREN", "siren", "SIREN_EPCI",
    "Code géographique", "CODE GEOGRAPHIQUE", "Code EPCI", "Code", "siren epci", "N° SIREN",
    "Code SIREN de l’EPCI",
)  # fmt: skip
UNHEARD_OF = (
    "code_epci", "Code SIREN", "Numéro SIREN", "Identifiant EPCI", "epci_2025",
)  # fmt: skip


@quirk("Q25 codes under every alias, a sheet each", zones=len(ALIASES) + len(UNHEARD_OF))
def code_headings(file: File, *zones: str) -> None:
    aliases = dict(zip((*ALIASES, *UNHEARD_OF), zones, strict=True))
    file.xlsx({
        f"Feuil{place}": [BANNER[2], [alias, *CODES[1:]], [zone, "CC Une", 12.5]]
        for place, (alias, zone) in enumerate(aliases.items())
    })  # fmt: skip
    for place, (alias, zone) in enumerate(aliases.items()):
        file.gives(f"Feuil{place}", C3=(zone, "TP6021", 12.5))
        if alias in UNHEARD_OF:
            file.says(INFORMATION, "A2", f"{alias}")


@quirk("Q25 an alias alone in a text file")
def code_heading_in_text(file: File, a: str, b: str) -> None:
    file.csv([["Géographie au 01/01/2025", "", ""], ["n° siren", "Nom", "TP6021"], [a, "Une", 12.5], [b, "Deux", 8.0]])
    file.gives(C3=(a, "TP6021", 12.5), C4=(b, "TP6021", 8))


@quirk("Q25 communes under Code INSEE", zones=0)
def insee_heading(file: File) -> None:
    file.csv([["Géographie au 01/01/2025", ""], ["Code INSEE", "TP6021"], ["38185", 19.5], ["01004", 17.0]])
    file.gives(B3=("COM:38185", "TP6021", 19.5), B4=("COM:01004", "TP6021", 17))


@pytest.mark.parametrize("name", quirk.cases)
def test_quirk(name: str, folder: Path) -> None:
    outcome = quirk.outcome(name, folder)
    assert outcome.found() == outcome.file.wanted()
