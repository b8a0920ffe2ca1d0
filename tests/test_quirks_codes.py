"""Quirks of codes (which place a row is about, however its code was typed), from the file to the table."""

from pathlib import Path

import pytest

from quirk_builders import BANNER, BLOCKING, CHECK, CODES, INFORMATION, SAID, File, Quirks
from workbook_builders import ALL_EPT, Rows

quirk = Quirks()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("codes")


def spaced(code: str, space: str) -> str:
    """« 200 054 781 »."""
    return space.join((code[:3], code[3:6], code[6:]))


# --- Q8, Q9, Q10: communes and départements -----------------------------------------------------


@quirk("Q8 communes that lost their zero, as number, decimal and text", zones=0)
def lost_zeros(file: File) -> None:
    file.xlsx([
        *BANNER, ["CODGEO", "LIBGEO", "TP6021"],
        [1004, "Ambérieu-en-Bugey", 17], [1053.0, "Bourg-en-Bresse", 21], ["1033", "Valserhône", 14],
        ["01283", "Oyonnax", 25], ["1173.0", "Gex", "s"], [38185, "Grenoble", 19], [" 26362 ", "Valence", 18],
    ])  # fmt: skip
    for row, (code, value) in enumerate([("01004", 17), ("01053", 21), ("01033", 14), ("01283", 25), ("01173", "secret"), ("38185", 19), ("26362", 18)], start=6):  # fmt: skip
        file.gives(**{f"C{row}": (f"COM:{code}", "TP6021", value)})


@quirk("Q8 departements that lost their zero", zones=0)
def lost_zeros_of_departements(file: File) -> None:
    file.xlsx([*BANNER, ["CODGEO", "TP6021"], [1, 10.8], [2.0, 18.3], ["3", 15.7], ["2A", 18.1], [69, 14.5], [974, 36.1]])  # fmt: skip
    for row, (code, value) in enumerate([("01", 10.8), ("02", 18.3), ("03", 15.7), ("2A", 18.1), ("69", 14.5), ("974", 36.1)], start=6):  # fmt: skip
        file.gives(**{f"B{row}": (f"DEP:{code}", "TP6021", value)})


@quirk("Q8 a short number among EPCI is no commune", zones=1)
def short_code_among_epci(file: File, a: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], [1004, "Ambérieu-en-Bugey", 17]])
    file.says(BLOCKING, "A7", "code illisible « 1004 »")


@quirk("Q9 Corsica in every case", zones=0)
def corsica(file: File) -> None:
    file.csv([SAID, ["CODGEO", "MED21"], ["2A004", 21000], ["2b033", 19500], [" 2A041", "s"], ["2B096", "nd"]])
    file.gives(B3=("COM:2A004", "MED21", 21000), B4=("COM:2B033", "MED21", 19500))
    file.gives(B5=("COM:2A041", "MED21", "secret"), B6=("COM:2B096", "MED21", "not_available"))


@quirk("Q9 Corsica as it was numbered before 1976 is no commune", zones=0)
def old_corsica(file: File) -> None:
    file.csv([SAID, ["CODGEO", "MED21"], ["20004", 21000], ["38151", 19500]])
    file.says(BLOCKING, "ligne 3", "le code 20004 n’existe pas (niveau COM, géographie 2025)")


@quirk("Q9 collectivities that are no departement have their own level", zones=0)
def collectivities(file: File) -> None:
    file.csv([SAID, ["CODGEO", "GI21"], ["20R", 0.29], ["69D", 0.28], ["69M", 0.31], ["2A", 0.3], ["26", 0.27]])
    file.gives(B3=("CTCD:20R", "GI21", 0.29), B4=("CTCD:69D", "GI21", 0.28), B5=("CTCD:69M", "GI21", 0.31))
    file.gives(B6=("DEP:2A", "GI21", 0.3), B7=("DEP:26", "GI21", 0.27))


@quirk("Q10 overseas", zones=0)
def overseas(file: File) -> None:
    file.csv([SAID, ["CODGEO", "MED21"], ["97411", 18000], ["97101", "s"], ["97302", 15000], ["97608", "nd"]])
    file.gives(B3=("COM:97411", "MED21", 18000), B4=("COM:97101", "MED21", "secret"))
    file.gives(B5=("COM:97302", "MED21", 15000), B6=("COM:97608", "MED21", "not_available"))


# --- Q11, Q12, Q13: SIREN -----------------------------------------------------------------------


@quirk("Q11 every kind of SIREN", zones=0)
def sirens(file: File) -> None:
    codes = ["200040715", "243800604", "246700488", "249740077", "200067106"]
    file.csv([SAID, ["CODGEO", "TXCHOM22"], *([code, 10.5] for code in codes)])
    file.gives(**{f"B{row}": (code, "TXCHOM22", 10.5) for row, code in enumerate(codes, start=3)})


@quirk("Q12 SIREN as number, decimal, text, with spaces", zones=6)
def siren_shapes(file: File, *codes: str) -> None:
    a, b, c, d, e, f = codes
    written = [int(a), float(b), f"{c}.0", spaced(d, " "), spaced(e, "\u202f"), f"\u00a0{spaced(f, chr(160))} "]
    file.xlsx([*BANNER, CODES, *([code, "CC", 12.5] for code in written)])
    file.gives(**{f"C{row}": (code, "TP6021", 12.5) for row, code in enumerate(codes, start=6)})


@quirk("Q12 a table of the DGCL: header on row 1, siren as a number, codes of its members as text", zones=2)
def dgcl(file: File, a: str, b: str) -> None:
    head: list[object] = ["dept", "siren", "raison_sociale", "nature_juridique", "mode_financ", "TP6021"]
    file.xlsx([head, ["38", int(a), "CC Une", "CC", "FPU", 12.5], ["26", int(b), "CA Deux", "CA", "FPU", 8]])
    file.declares(2025)
    file.gives(F2=(a, "TP6021", 12.5), F3=(b, "TP6021", 8))
    for cell, heading in (("C1", "raison_sociale"), ("D1", "nature_juridique"), ("E1", "mode_financ")):
        file.says(CHECK, cell, f"colonne inconnue : « {heading} »")


@quirk("Q12 words typed before a SIREN", zones=4)
def worded_sirens(file: File, *codes: str) -> None:
    a, b, c, d = codes
    written = [f"'{a}", f"N°{b}", f"EPCI {c}", f"n° SIREN : {d}"]
    file.xlsx([*BANNER, CODES, *([code, "CC", 12.5] for code in written)])
    file.gives(**{f"C{row}": (code, "TP6021", 12.5) for row, code in enumerate(codes, start=6)})


@quirk("Q12 words typed before nine digits that are no SIREN", zones=1)
def worded_nothing(file: File, a: str) -> None:
    wrong = a[:-1] + str((int(a[-1]) + 1) % 10)  # its key no longer fits
    file.xlsx(
        [*BANNER, CODES, [a, "CC Une", 12.5], [f"EPCI {wrong}", "CC Deux", 8], [f"EPCI {a} et {a}", "CC Trois", 9]]
    )
    for row, code in ((7, f"EPCI {wrong}"), (8, f"EPCI {a} et {a}")):
        file.says(BLOCKING, f"A{row}", f"code illisible « {code} »")


for over in ("SIREN", "EPCI", "Code EPCI", "Code géographique"):

    @quirk(f"Q11 « {over} » above medians of five digits is no column of codes")
    def word_over_euros(file: File, a: str, b: str, over: str = over) -> None:
        head: Rows = [["Code", "Nom", over, "Pauvreté"], ["CODGEO", "LIBGEO", "MED21", "TP6021"]]
        file.xlsx([*BANNER, *head, [a, "CC Une", 26980, 12.5], [b, "CC Deux", 21340, 8]])
        file.gives(C7=(a, "MED21", 26980), D7=(a, "TP6021", 12.5), C8=(b, "MED21", 21340), D8=(b, "TP6021", 8))


@quirk("Q11 « SIREN » above medians, beside codes that nothing heads", zones=3)
def word_over_euros_alone(file: File, *zones: str) -> None:
    head: Rows = [["Identifiant", "Nom", "SIREN", "Pauvreté"], ["", "", "MED21", "TP6021"]]
    file.xlsx([*BANNER, *head, *([zone, "CC", 26980 - place, 12.5] for place, zone in enumerate(zones))])
    for place, zone in enumerate(zones):
        file.gives(**{f"C{7 + place}": (zone, "MED21", 26980 - place), f"D{7 + place}": (zone, "TP6021", 12.5)})
    file.says(INFORMATION, "A6", "d’après son contenu")


# In scientific notation, SIRET, eight and ten digits, a decimal, a label.
NO_CODES = ("2,00055E+13", "2.00040715E+08", "20004071500010", 20004071500027, "20004071", "2000407150", 200040715.5, "CC Le Grésivaudan")  # fmt: skip


@quirk("Q13 codes that are not guessed", zones=1)
def no_codes(file: File, a: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], *([code, "CC Deux", 8] for code in NO_CODES)])
    for row, code in enumerate(NO_CODES, start=7):
        file.says(BLOCKING, f"A{row}", f"code illisible « {code} »")


@quirk("Q13 a mistyped digit: a SIREN that does not exist", zones=1)
def mistyped(file: File, a: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], ["200040751", "Grenoble-Alpes-Métropole", 8]])
    file.says(BLOCKING, "ligne 7", "le code 200040751 n’existe pas (niveau EPCI, géographie 2025)")


# --- Q14, Q15, Q16: hors EPCI, EPT, Grand Paris -------------------------------------------------


@quirk("Q14 communes outside any EPCI, together", zones=1)
def outside_together(file: File, a: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], ["ZZZZZZZZZ", "Sans objet", "s"]])
    file.gives(C6=(a, "TP6021", 12.5), C7=("HORS:FRM", "TP6021", "secret"))


@quirk("Q14 communes outside any EPCI, by departement", zones=1)
def outside_by_department(file: File, a: str) -> None:
    head: list[object] = ["CODGEO", "LIBGEO", "DEP", "TP6021"]
    rows: Rows = [["ZZZZZZZZZ", "Île-de-Bréhat", "22", 9.5], ["zzzzzzzzz", "Ouessant, Sein", "29", 11]]
    file.xlsx([*BANNER, head, [a, "CC Une", "38", 12.5], *rows, ["ZZZZZZZZZ", "Île-d’Yeu", 85, "nd"]])
    file.gives(D6=(a, "TP6021", 12.5), D7=("HORS:22", "TP6021", 9.5))
    file.gives(D8=("HORS:29", "TP6021", 11), D9=("HORS:85", "TP6021", "not_available"))


@quirk("Q15 communes whose EPT is sans objet", zones=0)
def no_ept(file: File) -> None:
    head: list[object] = ["CODGEO", "LIBGEO", "EPCI", "EPT", "DEP", "TP6022"]
    communes: Rows = [
        ["38185", "Grenoble", "200040715", "ZZZZZZZZZ", "38", 19.5],
        ["92002", "Antony", "200054781", "200057966", "92", 9.1],
        ["29155", "Ouessant", "ZZZZZZZZZ", "ZZZZZZZZZ", "29", "s"],
        ["38151", "Échirolles", "200040715", "ZZZZZZZZZ", "38", 24],
    ]
    file.xlsx([*BANNER, head, *communes])
    file.gives(F6=("COM:38185", "TP6022", 19.5), F7=("COM:92002", "TP6022", 9.1))
    file.gives(F8=("COM:29155", "TP6022", "secret"), F9=("COM:38151", "TP6022", 24))


@quirk("Q16 the Grand Paris on one row", zones=1)
def grand_paris(file: File, a: str) -> None:
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], ["200054781", "Métropole du Grand Paris", 17.7]])
    file.gives(C6=(a, "TP6021", 12.5), C7=("200054781", "TP6021", 17.7))


@quirk("Q16 the Grand Paris as eleven EPT and Paris", zones=1)
def grand_paris_in_parts(file: File, a: str) -> None:
    parts: Rows = [[int(code) if place % 2 else code, "EPT", 17] for place, code in enumerate(sorted(ALL_EPT))]
    file.xlsx([*BANNER, CODES, [a, "CC Une", 12.5], *parts, ["75056", "Paris", 15.6]])
    file.gives(C6=(a, "TP6021", 12.5), C18=("COM:75056", "TP6021", 15.6))
    file.gives(**{f"C{row}": (f"EPT:{code}", "TP6021", 17) for row, code in enumerate(sorted(ALL_EPT), start=7)})


# --- a code in two columns, and levels that are not handled -------------------------------------


@quirk("a code in two columns: departement and commune", zones=0)
def code_in_two_columns(file: File) -> None:
    banner: Rows = [["Populations légales"], [*SAID], *([f"Remarque {place}"] for place in range(4)), []]
    head: list[object] = ["Code région", "Nom de la région", "Code département", "Code arrondissement", "Code canton", "Code commune", "Nom de la commune", "P22_POP"]  # fmt: skip
    rows: Rows = [
        ["84", "ARA", "01", "2", "08", "001", "L' Abergement-Clémenciat", 832],
        ["84", "ARA", "1", "1", "01", "4", "Ambérieu-en-Bugey", 15554],
        ["94", "Corse", "2A", "1", "01", "004", "Ajaccio", 73822],
        ["04", "La Réunion", "974", "1", "01", "11", "Saint-Denis", 154765],
    ]
    file.xlsx([*banner, head, *rows])
    for row, (code, value) in enumerate([("01001", 832), ("01004", 15554), ("2A004", 73822), ("97411", 154765)], start=9):  # fmt: skip
        file.gives(**{f"H{row}": (f"COM:{code}", "P22_POP", value)})
    unread = {"B8": "Nom de la région", "D8": "Code arrondissement", "E8": "Code canton", "G8": "Nom de la commune"}
    for cell, heading in unread.items():
        file.says(CHECK, cell, f"colonne inconnue : « {heading} »")


@quirk("districts of the politique de la ville are said not handled", zones=0)
def qpv(file: File) -> None:
    file.csv([SAID, ["CODGEO", "LIBGEO", "TP6021"], ["QP001001", "Grande Reyssouze", "40,9"], ["QP001003", "Croix Blanche", "38"]])  # fmt: skip
    file.says(BLOCKING, "", "quartiers prioritaires de la ville (QPV)")


@quirk("Iris are said not handled, once", zones=0)
def iris(file: File) -> None:
    file.csv([SAID, ["CODGEO", "LIBGEO", "TP6021"], ["381850101", "Grenoble", "12"], ["210540101", "Beaune", "8"], ["240370102", "Bergerac", "9"]])  # fmt: skip
    file.says(BLOCKING, "", "Iris")


@quirk(
    "Iris under their own heading are said not handled",
    zones=0,
)
def iris_heading(file: File) -> None:
    file.csv([SAID, ["Code IRIS", "LIBGEO", "TP6021"], ["381850101", "Grenoble", "12"], ["381850102", "Grenoble", "8"]])
    file.says(BLOCKING, "", "Iris")


@quirk("cantons are said not handled", zones=0)
def cantons(file: File) -> None:
    file.csv([SAID, ["CODGEO", "LIBGEO", "TP6021"], ["0101", "Ambérieu-en-Bugey", "12"], ["0102", "Attignat", "8"], ["1001", "Aix-Villemaur-Pâlis", "9"]])  # fmt: skip
    file.says(BLOCKING, "A3, A4, A5", "codes de quatre chiffres : cantons, niveau qui n’est pas lu")


@quirk(
    "cantons under their own heading are said not handled",
    zones=0,
)
def cantons_heading(file: File) -> None:
    file.csv([SAID, ["Code canton", "Canton", "TP6021"], ["3801", "Bièvre", "12"], ["3802", "Bourgoin-Jallieu", "8"]])
    file.says(BLOCKING, "", "cantons")


# --- Q26, Q39: labels ---------------------------------------------------------------------------


@quirk("Q26 one label written in many ways is one label", zones=1)
def label_variants(file: File, a: str) -> None:
    labels = ["CC de l’Abergement-Clémenciat", "Communauté de communes de l'Abergement Clemenciat ", "CC de L' Abergement - Clémenciat"]  # fmt: skip
    heads = ["TP6021", "MED21", "TXCHOM22"]
    file.xlsx({f"Feuil{place}": [*BANNER, ["CODGEO", "LIBGEO", head], [a, label, 20000 if head == "MED21" else 12.5]]
               for place, (head, label) in enumerate(zip(heads, labels, strict=True))})  # fmt: skip
    file.gives("Feuil0", C6=(a, "TP6021", 12.5))
    file.gives("Feuil1", C6=(a, "MED21", 20000))
    file.gives("Feuil2", C6=(a, "TXCHOM22", 12.5))


@quirk("Q26 two names for one code in two sheets are told", zones=0)
def two_names(file: File) -> None:
    file.xlsx({
        "Profils": [*BANNER, CODES, ["200018166", "CC Le Grésivaudan", 12.5], ["243800984", "CA du Pays Voironnais", 9]],
        "Facteurs": [*BANNER, ["CODGEO", "LIBGEO", "TXCHOM22"], ["200018166", "CC Le Grésivaudan", 8], ["243800984", "CC du Trièves", 7]],
    })  # fmt: skip
    file.gives("Profils", C6=("200018166", "TP6021", 12.5), C7=("243800984", "TP6021", 9))
    file.gives("Facteurs", C6=("200018166", "TXCHOM22", 8), C7=("243800984", "TXCHOM22", 7))
    file.says(CHECK, "B7", "CC du Trièves")


@quirk("Q26 labels sorted apart from their codes are told", zones=0)
def labels_sorted_apart(file: File) -> None:
    rows: Rows = [["243800604", "CC Cœur de Chartreuse", 12.5], ["200040111", "CA Porte de l’Isère (CAPI)", 8]]
    file.xlsx([*BANNER, CODES, *rows])
    file.gives(C6=("243800604", "TP6021", 12.5), C7=("200040111", "TP6021", 8))
    file.says(CHECK, "B6, B7", "CC Cœur de Chartreuse")


# --- Q28: duplicates ----------------------------------------------------------------------------


@quirk("Q28 an EPCI on two departements, said twice with the same values", zones=1)
def straddling_equal(file: File, a: str) -> None:
    head: list[object] = ["CODGEO", "LIBGEO", "DEP", "TP6021", "MED21"]
    file.xlsx([*BANNER, head, [a, "CC Une", "38", 12.5, "s"], [a, "CC Une", "73", 12.5, "s"]])
    file.gives(D6=(a, "TP6021", 12.5), E6=(a, "MED21", "secret"))
    file.says(INFORMATION, "D6, E6", "2 valeurs données deux fois, identiques")


@quirk("Q28 an EPCI on two departements, with the values of its parts: they are not read, the others are", zones=2)
def straddling_parts(file: File, a: str, b: str) -> None:
    head: list[object] = ["CODGEO", "LIBGEO", "DEP", "TP6021", "MED21"]
    file.xlsx([*BANNER, head, [a, "CC Une", "38", 12.5, 21000], [a, "CC Une", "73", 9.8, "s"], [b, "CC Deux", "38", 8, "s"]])  # fmt: skip
    file.gives(D8=(b, "TP6021", 8), E8=(b, "MED21", "secret"))
    file.says(CHECK, "D6, E6, D7 et 1 autre", f"donné par département : parts d’EPCI, non lues : {a}")


@quirk("Q28 EPCI on two departements, their parts and then the whole", zones=5)
def straddling_parts_and_whole(file: File, *zones: str) -> None:
    a, b, *others = zones
    head: list[object] = ["Nom département", "Code département", "SIREN EPCI", "Nom EPCI", "NBMENPAUV21"]
    file.xlsx([
        *BANNER, head, ["Isère", 38, a, "CC Une", 500], ["Savoie", 73, a, "CC Une", 200], [None, None, a, "CC Une", 700],
        ["Drôme", 26, b, "CC Deux", 500], ["Ensemble", "Ensemble", b, "CC Deux", 900], ["Isère", 38, b, "CC Deux", 400],
        *(["Isère", 38, other, "CC", 300] for other in others),
    ])  # fmt: skip
    file.gives(E8=(a, "NBMENPAUV21", 700), E10=(b, "NBMENPAUV21", 900))
    file.gives(**{f"E{row}": (other, "NBMENPAUV21", 300) for row, other in enumerate(others, start=12)})
    file.says(CHECK, "E6, E7, E9 et 1 autre", f"donné par département : parts d’EPCI, non lues : {a}, {b}")


@quirk("Q28 an EPCI said twice in one departement is no part", zones=1)
def twice_in_one_department(file: File, a: str) -> None:
    head: list[object] = ["CODGEO", "LIBGEO", "DEP", "TP6021"]
    file.xlsx([*BANNER, head, [a, "CC Une", "38", 12.5], [a, "CC Une", "38", 9.8]])
    file.says(BLOCKING, "D6", f"« 12,5 » pour TP6021 de EPCI:{a}, mais « 9,8 » en D7")


@quirk("Q28 a secret here, a number there: never silently the number", zones=1)
def secret_and_number(file: File, a: str) -> None:
    file.xlsx({"Un": [*BANNER, CODES, [a, "CC Une", "s"]], "Deux": [*BANNER, CODES, [a, "CC Une", 12.5]]})
    file.says(BLOCKING, "C6", "« s » pour TP6021")


@quirk("Q28 the same indicator twice in a row, with two values", zones=1)
def indicator_twice(file: File, a: str) -> None:
    file.xlsx([*BANNER, [*CODES, "TP6021"], [a, "CC Une", 12.5, 12.6]])
    file.says(BLOCKING, "C6", f"« 12,5 » pour TP6021 de EPCI:{a}, mais « 12,6 » en D6")


@quirk("Q28 code and label name the same indicator, with two values", zones=1)
def indicator_under_two_names(file: File, a: str) -> None:
    file.xlsx([*BANNER, [*CODES, "Taux de pauvreté (2021)", "MED21"], [a, "CC Une", 12.5, 12.6, 21000]])
    file.gives(E6=(a, "MED21", 21000))
    for cell in ("C5", "D5"):
        file.says(CHECK, cell, "une autre colonne de ce tableau a le même indicateur et la même année, avec d’autres valeurs")  # fmt: skip


@pytest.mark.parametrize("name", quirk.cases)
def test_quirk(name: str, folder: Path) -> None:
    outcome = quirk.outcome(name, folder)
    assert outcome.found() == outcome.file.wanted()
