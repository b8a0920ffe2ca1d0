"""The workbook: every cell says what its table says, and nothing it cannot."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from openpyxl.cell.cell import Cell

import sheet_builders as build
from diagpacte.deliverables import sheet_content as content
from diagpacte.tables import figure_id
from diagpacte.vocabulary import VALUED, Availability, GapClass, Nature
from sheet_builders import ReadSheet, Row

NBSP = "\u00a0"
THEME, UNEMPLOYMENT = "A2.eloignes_emploi", "unemployment_rate_pct"
WORDS = {
    "secret", f"n.{NBSP}d.", f"n.{NBSP}s.", "sans objet", "non couvert", "non mesuré", "non recensé", "sans classe",
    "non renseigné", "sans rang", "sans degré", "contexte seulement", "inconnue", "non livrée", "absent des fichiers",
    "non précisé", "bord non couvert", "à renseigner",
}  # fmt: skip
UNMISTAKABLE = {"secret", f"n.{NBSP}d.", f"n.{NBSP}s.", "sans objet", "non couvert", "non mesuré"}


def themes_by_id() -> dict[str, str]:
    return {theme.theme: theme.label for theme in build.themes()}


def labels_by_indicator() -> dict[str, str]:
    return {entry.indicator: entry.label for entry in build.settings().indicators}


def at(sheet: ReadSheet, **wanted: str) -> dict[str, Cell]:
    """The only row whose cells under these headings hold these texts."""
    found = [
        row for row in sheet.rows if all(row[name.replace("_", " ")].value == text for name, text in wanted.items())
    ]
    assert len(found) == 1, wanted
    return found[0]


def starting(row: dict[str, Cell], start: str) -> Cell:
    (name,) = [name for name in row if name.startswith(start)]
    return row[name]


def says(cell: Cell, value: float | None, word: str) -> None:
    """A number when there is a value, the word as text when there is none."""
    if value is None:
        assert (cell.value, cell.data_type) == (word, "s")
    else:
        assert cell.data_type == "n"
        assert cell.value == pytest.approx(value, abs=1e-12)


def test_every_detailed_need_says_its_value_or_why_there_is_none() -> None:
    tables, _, sheets = build.full()
    sheet, labels = sheets["Besoins détaillés"], themes_by_id()
    expected = [need for need in tables["needs"] if need["indicator"]]
    assert len(sheet.rows) == len(expected) > 100
    for need in expected:
        row = at(sheet, Code=need["zone_code"][5:], Thème=labels[need["theme"]])
        says(row["Valeur"], need["value"], "secret")
        says(row["Référence du territoire"], 14.9, "")
        says(row["Référence France métro."], 11.3, "")
        assert row["Disponibilité"].value == ("Observée" if need["value"] is not None else "Secret statistique")
        assert row["Classe"].value == (need["class_label"] or "secret")
        assert row["Besoin fort"].value == {True: "oui", False: "non", None: "sans classe"}[need["strong"]]
        assert row["Nature"].value == "réel"
        assert row["Période"].value == "2022"
        says(row["Rang"], need["rank"], "sans rang")
        says(row["Personnes concernées"], None, f"n.{NBSP}d.")
        key = (need["zone_code"], need["theme"], 0)
        assert row["identifiant"].value == figure_id("needs", key, "value")


def test_the_wide_sheet_has_a_value_and_a_class_for_each_measured_theme() -> None:
    tables, _, sheets = build.full()
    sheet, labels = sheets["Besoins"], themes_by_id()
    measured = {need["theme"] for need in tables["needs"] if need["indicator"]}
    assert len(sheet.headings) == 5 + 2 * len(measured) + 2
    for zone in tables["zones"]:
        row = at(sheet, Code=zone["code"])
        says(row["Population"], zone["population"], "")
        for need in (need for need in tables["needs"] if need["zone_code"] == zone["zone_code"] and need["indicator"]):
            values = [cell for name, cell in row.items() if name.startswith(f"{labels[need['theme']]}{NBSP}: ")]
            says(values[0], need["value"], "secret")
            assert values[1].value == (need["class_label"] or "secret")


def test_every_row_of_coverage_says_its_distance_its_gap_and_each_source_apart() -> None:
    tables, _, sheets = build.full()
    labels, sheet = themes_by_id(), sheets["Couverture"]
    shown = {line.source: line.label_short for line in build.settings().offer_sources}
    counts = {
        (row["zone_code"], row["theme"], row["offer_source"]): row["structures"] for row in tables["coverage_sources"]
    }
    assert len(sheet.rows) == len(tables["coverage"])
    for cover in tables["coverage"]:
        row = at(sheet, Code=cover["zone_code"][5:], Thème=labels[cover["theme"]])
        nothing = "non recensé"
        says(row["Distance moyenne (km)"], cover["nearest_km"], nothing)
        says(row["Distance plancher (km)"], cover["nearest_lower_km"], nothing)
        says(row["Population au-delà de la portée (%)"], cover["beyond_reach_pct"], nothing)
        says(row["Portée (km)"], 10.0, "")
        assert row["Écart"].value == cover["gap_class"].value
        assert row["Accès faible"].value == {True: "oui", False: "non", None: nothing}[cover["access_weak"]]
        words = ["moins de 5 km", "de 5 à moins de 10 km", "de 10 à moins de 20 km", "20 km ou plus"]
        index = cover["access_class"]
        assert str(row["Classe de distance"].value).replace(NBSP, " ") == (nothing if index is None else words[index])
        for source in build.SOURCES:
            says(
                row[f"Structures{NBSP}: {shown[source]}"],
                counts.get((cover["zone_code"], cover["theme"], source)),
                "non recensé",
            )


def test_counts_stand_by_source_and_a_true_zero_stays_zero() -> None:
    tables, _, sheets = build.full()
    labels, sheet = themes_by_id(), sheets["Décomptes"]
    shown = {line.source: line.label_short for line in build.settings().offer_sources}
    assert len(sheet.rows) == len(tables["coverage_sources"])
    for count in tables["coverage_sources"]:
        names = {
            "Code": count["zone_code"][5:],
            "Thème": labels[count["theme"]],
            "Source": shown[count["offer_source"]],
        }
        row = at(sheet, **names)
        says(row["Structures"], count["structures"], "")
        says(row["Services"], count["services"], "")
        says(row["Structures pour 10\u00a0000 habitants"], count["offers_per_10000_inhabitants"], "")
    assert 0 in {row["Structures"].value for row in sheet.rows}


def coverage_of_one(theme: str = THEME, **changes: Any) -> tuple[dict[str, Cell], dict[str, ReadSheet]]:
    """The row of a theme that one source lists, in the first of two zones, its count there withdrawn."""
    tables = build.department(zones=2)
    code = build.epci(0)
    rows = [row for row in tables["coverage"] if (row["zone_code"], row["theme"]) != (code, theme)]
    tables["coverage"] = [*rows, build.coverage(code, theme, 9.0) | changes]
    gone = (code, theme, build.SOURCES[0])
    tables["coverage_sources"] = [
        row for row in tables["coverage_sources"] if (row["zone_code"], row["theme"], row["offer_source"]) != gone
    ]
    sheets = build.opened(build.workbook(tables))
    return at(sheets["Couverture"], Code=code[5:], Thème=themes_by_id()[theme]), sheets


def test_a_source_that_does_not_cover_a_zone_has_no_zero_there() -> None:
    row, _ = coverage_of_one()
    says(row[f"Structures{NBSP}: France services"], None, "non couvert")
    row, _ = coverage_of_one(offer_sources=["mediation-numerique"])
    says(row[f"Structures{NBSP}: France services"], None, "non recensé")


def test_a_distance_that_a_neighbour_could_bring_back_within_reach_decides_nothing() -> None:
    row, _ = coverage_of_one(nearest_km=12.0, nearest_lower_km=4.0, gap_class=GapClass.EDGE_NOT_COVERED)
    says(row["Distance moyenne (km)"], 12.0, "")
    says(row["Distance plancher (km)"], 4.0, "")
    for heading in ("Écart", "Classe de distance", "Accès faible"):
        assert row[heading].value == "bord non couvert"


@pytest.mark.parametrize(
    ("km", "shown"),
    [(4.96, "#,##0.00"), (5.0, "#,##0.0"), (10.0, "#,##0.0"), (10.004, "#,##0.000"), (0.02, '"< 0,1"')],
)
def test_a_distance_never_contradicts_its_class_once_printed(km: float, shown: str) -> None:
    row, _ = coverage_of_one(nearest_km=km, nearest_lower_km=km)
    assert (row["Distance moyenne (km)"].value, row["Distance moyenne (km)"].number_format) == (km, shown)


def test_a_sum_over_sources_is_nowhere() -> None:
    tables = build.department(zones=3)
    for place, count in enumerate(tables["coverage_sources"]):
        count["structures"] = (1_009, 10_007, 100_003)[place % 3]
        count["structures_inside"] = count["services"] = count["points"] = 1
    numbers = {
        cell.value
        for sheet in build.opened(build.workbook(tables)).values()
        for row in sheet.rows
        for cell in row.values()
    }
    assert {1_009, 10_007, 100_003} <= numbers
    assert not {11_016, 101_012, 110_010, 111_019} & numbers


def test_offers_of_the_territory_are_listed_with_codes_as_text_and_no_personal_datum() -> None:
    tables = build.department(zones=2)
    tables["members"].append(build.member(build.epci(0), "62001", inside=False))
    tables["zones"][1]["geometry_inside"] = shapely.to_wkb(shapely.box(3.0, 50.0, 3.1, 50.1))
    tables["offers"] += [
        build.offer("dehors", THEME, "62001"),
        build.offer("ring", THEME, "80001"),
        build.offer("nulle-part", THEME, None, placement="non_localise", lon=None, lat=None),
        build.offer("au-point", THEME, None, lon=3.05, lat=50.05),
        build.offer("au-large", THEME, None, lon=2.05, lat=50.05),
        build.offer("brute", THEME, "59001", responsable="inconnu", updated_on=None, networks=[], zones_declared=3),
    ]
    made = build.workbook(tables)
    sheet = build.opened(made)["Offres"]
    listed = [offer for offer in tables["offers"] if offer["commune_code"] in ("59001", "59002")]
    listed.append(next(offer for offer in tables["offers"] if offer["structure_id"] == "au-point"))
    assert {row["Identifiant de la structure"].value for row in sheet.rows} == {o["structure_id"] for o in listed}
    assert len(sheet.rows) == len(listed)
    row = at(sheet, Structure="Structure brute")
    assert (row["Code commune"].value, row["Code commune"].data_type) == ("59001", "s")
    assert row["Mise à jour"].value == "non renseigné"
    assert row["Réseaux porteurs"].value == "non renseigné"
    assert row["Responsable"].value == "Responsable non renseigné"
    assert row["Codes d’éligibilité déclarés"].value == 3
    row = at(sheet, Structure="Structure au-point")
    assert (row["Zone"].value, row["Code commune"].value) == (tables["zones"][1]["name"], "non renseigné")
    day = at(sheet, Structure="Structure france-services--0", Thème=themes_by_id()["A3.non_recours"])["Mise à jour"]
    assert (str(day.value), day.number_format) == ("2024-08-05 00:00:00", "dd/mm/yyyy")
    assert "Non localisées" in dict(build.first_sheet(made))
    assert b"12 rue" not in b"".join(build.parts(made).values())


def test_profiles_keep_households_and_persons_apart_and_a_secret_is_a_word() -> None:
    tables, _, sheets = build.full()
    sheet = sheets["Profils"]
    shares = [name for name in sheet.headings if "(%)" in name]
    assert sum(name.startswith("Ménages pauvres") for name in shares) == 6
    assert sum(name.startswith("Personnes pauvres") for name in shares) == 6
    assert all(name.endswith("(simulé)") for name in shares)
    known = {entry.indicator: entry for entry in build.settings().indicators}
    for seen in (row for row in tables["observations"] if row["indicator"].startswith("profile_")):
        row = at(sheet, Code=seen["zone_code"][5:])
        label = known[seen["indicator"]].label.replace(" :", f"{NBSP}:")
        says(starting(row, f"{label} (%)"), seen["value"], "secret")
        assert row["Nature"].value == "simulé"


def test_factors_give_the_grade_and_the_indicator_behind_it() -> None:
    tables, _, sheets = build.full()
    sheet = sheets["Facteurs"]
    for rank, zone in enumerate(tables["zones"]):
        row = at(sheet, Code=zone["code"], Facteur="Insertion professionnelle et marché du travail")
        assert row["Degré"].value == ("Non fragile", "Fragile", "Très fragile")[rank % 3]
        assert row["Indicateur derrière le degré"].value == labels_by_indicator()[UNEMPLOYMENT]
        says(row["Valeur"], 5.0 + rank, "")
        assert row["Nature"].value == "dérivé"
        row = at(sheet, Code=zone["code"], Facteur="Énergie")
        assert row["Degré"].value == "sans degré"


def test_every_column_and_every_indicator_is_in_the_dictionary() -> None:
    tables, _, sheets = build.full()
    told = {(row["Feuille"].value, row["Colonne"].value) for row in sheets["Dictionnaire"].rows}
    for name, sheet in sheets.items():
        assert {(name, heading) for heading in sheet.headings} <= told
    known = labels_by_indicator()
    assert {("Indicateurs", known[row["indicator"]]) for row in tables["observations"]} <= told
    unemployment = at(sheets["Dictionnaire"], Feuille="Indicateurs", Colonne=labels_by_indicator()[UNEMPLOYMENT])
    assert [unemployment[name].value for name in ("Unité", "Base", "Millésime", "Rôle")] == [
        "%",
        "personnes",
        "2022",
        "besoin",
    ]


def test_sources_and_quality_account_for_the_files() -> None:
    tables, _, sheets = build.full()
    for source in tables["sources"]:
        row = at(sheets["Sources"], Fichier=source["file"])
        assert row["Empreinte SHA-256"].value == source["sha256"]
        says(row["Lignes lues"], source["rows"], "")
        assert str(row["Mise en ligne"].value) == "2024-09-01 00:00:00"
    assert [(row["Gravité"].value, row["Nombre"].value) for row in sheets["Qualité"].rows] == [
        ("bloquant", 1),
        ("à vérifier", 2),
    ]
    secrets = sum(row["availability"] == "secret" for row in tables["observations"])
    counted = [row["Secret statistique"].value for row in sheets["Disponibilité"].rows]
    assert sum(counted) == secrets > 0  # type: ignore[arg-type]
    observed = [row["Observée"].value for row in sheets["Disponibilité"].rows]
    assert sum(observed) + secrets == len(tables["observations"])  # type: ignore[arg-type]


def test_every_theme_says_what_measures_it_or_why_nothing_does() -> None:
    _, _, sheets = build.full()
    sheet, measured = sheets["Thèmes"], build.leading()
    assert [row["Code du thème"].value for row in sheet.rows] == [theme.theme for theme in build.themes()]
    known = labels_by_indicator()
    for row in sheet.rows:
        theme = str(row["Code du thème"].value)
        assert row["Question de l’annexe 1"].value == next(t.question for t in build.themes() if t.theme == theme)
        if theme in measured:
            assert row["Indicateur de besoin"].value == known[measured[theme]]
            assert row["Carte"].value == f"cartes/{theme}.png"
            assert (
                sum(int(str(row[f"Zones {kind}"].value)) for kind in ("avec une valeur", "sous secret", "sans valeur"))
                == 17
            )
        else:
            assert row["Mesure du besoin"].value in ("non mesuré", "contexte seulement")
            assert row["Zones avec une valeur"].value == "sans objet"
            assert row["Pourquoi pas de carte"].value == "besoin non mesuré et offre non recensée"


def nothing_known() -> dict[str, list[Row]]:
    """An overseas département without a row in any file."""
    code = build.epci(0)
    return {
        "zones": [build.zone(code, "CA Réunie")],
        "members": [build.member(code, "59001")],
        "needs": [build.unmeasured(code, theme.theme) for theme in build.themes()],
        "coverage": [build.coverage(code, theme.theme, None) for theme in build.themes()],
    }


@pytest.mark.parametrize(
    "tables",
    [build.department(zones=2, all_secret=True), build.department(zones=1), nothing_known()],
    ids=["secrets", "one zone", "nothing known"],
)
def test_no_cell_is_blank_and_what_is_missing_is_a_word_in_grey(tables: dict[str, list[Row]]) -> None:
    for name, sheet in build.opened(build.workbook(tables)).items():
        for row in sheet.rows:
            for heading, cell in row.items():
                assert str(cell.value or "").strip() or cell.value == 0, (name, heading)
                if cell.font.color.rgb == "FF595959":
                    assert (cell.value in WORDS, cell.data_type) == (True, "s"), (name, heading, cell.value)
                else:
                    assert cell.value not in UNMISTAKABLE, (name, heading)


def test_a_territory_of_secrets_has_no_number_of_need_at_all() -> None:
    sheets = build.opened(build.workbook(build.department(zones=3, all_secret=True)))
    for row in sheets["Besoins détaillés"].rows:
        assert (row["Valeur"].value, row["Classe"].value) == ("secret", "secret")
    for row in sheets["Besoins"].rows:
        cells = [cell for name, cell in row.items() if f"{NBSP}:" in name]
        assert {cell.value for cell in cells} == {"secret"}
        assert {cell.data_type for cell in cells} == {"s"}
    for row in sheets["Profils"].rows:
        assert {cell.value for name, cell in row.items() if "(%)" in name} == {"secret"}


def test_a_territory_without_any_row_says_so_and_invents_nothing() -> None:
    made = build.workbook(nothing_known(), maps={}, not_delivered={"cartes": "aucun thème mesuré ni recensé"})
    sheets = build.opened(made)
    assert sheets["Besoins détaillés"].rows == []
    assert "Aucun thème n’est mesuré" in sheets["Besoins détaillés"].notes[-1]
    assert sheets["Offres"].notes[-1] == "Aucune offre recensée."
    assert "Profils" not in sheets
    assert {row["Mesure du besoin"].value for row in sheets["Thèmes"].rows} <= {"non mesuré", "contexte seulement"}
    assert {row["Écart"].value for row in sheets["Couverture"].rows} == {"non recensé"}
    assert dict(build.first_sheet(made))["Demandé"] == f"Tous les thèmes du département{NBSP}: aucune carte livrée."


def case_of_one(**changes: Any) -> ReadSheet:
    shown = tuple(theme for theme in build.themes() if theme.theme == THEME)
    tables = build.department(zones=1, themes_shown=shown)
    tables["needs"] = [build.need(build.epci(0), THEME, UNEMPLOYMENT, 12.0) | changes]
    return build.opened(build.workbook(tables, themes=shown, thematics=()))["Besoins détaillés"]


@pytest.mark.parametrize(
    ("changes", "value", "number_format"),
    [
        ({"value": 0.0}, 0.0, "#,##0.0"),
        ({"value": 0.03}, 0.03, '"< 0,1"'),
        ({"value": 11.98}, 11.98, "#,##0.00"),  # in the class « de 8 à moins de 12 % »
        ({"availability": "estimated"}, 12.0, '#,##0.0" (e)"'),
        ({"availability": "imputed"}, 12.0, '#,##0.0" (i)"'),
        ({"value": 21_340.0, "unit": "eur_year"}, 21_340.0, "#,##0"),
    ],
    ids=["zero", "nearly zero", "near a bound", "estimated", "imputed", "money"],
)
def test_a_value_keeps_its_number_and_shows_its_mark(changes: Row, value: float, number_format: str) -> None:
    cell = case_of_one(**changes).rows[0]["Valeur"]
    assert (cell.value, cell.number_format, cell.data_type) == (value, number_format, "n")


@pytest.mark.parametrize("availability", [kind for kind in Availability if kind not in VALUED])
def test_each_kind_of_absence_keeps_its_word(availability: Availability) -> None:
    nothing = {"value": None, "class_rule": "aucune", "class_index": None, "rank": None, "ranked": None, "strong": None}
    row = case_of_one(availability=availability, class_label="", class_count=None, **nothing).rows[0]
    words = {
        "secret": "secret",
        "not_significant": f"n.{NBSP}s.",
        "not_applicable": "sans objet",
        "not_covered": "non couvert",
    }
    assert row["Valeur"].value == row["Classe"].value == words.get(availability, f"n.{NBSP}d.")


def test_a_censored_value_shows_its_bound_as_text() -> None:
    cell = content.figure(5.0, "count", Availability.CENSORED, ends=(None, 5.0))
    assert (cell.value, cell.look.kind) == (f"≤{NBSP}5", content.Kind.TEXT)


def test_a_rank_sorts_as_a_number_and_reads_over_how_many() -> None:
    rank = case_of_one().rows[0]["Rang"]
    assert (rank.value, rank.number_format) == (3, '0" / 17"')
    assert case_of_one(rank=3.5).rows[0]["Rang"].number_format == '0.0" / 17"'


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, f"bornes nationales 8{NBSP}; 12{NBSP}; 16 (1{NBSP}243{NBSP}zones)"),
        ({"class_rule": "grade_panorama"}, "degré de fragilité du panorama"),
        ({"class_rule": "rang_seul", "class_index": None}, "rang seul, sans classe"),
    ],
    ids=["bounds", "grade", "rank"],
)
def test_the_rule_of_a_class_is_in_words(changes: Row, rule: str) -> None:
    assert case_of_one(**changes).rows[0]["Règle de la classe"].value == rule


def test_simulated_values_say_so_in_heading_cell_banner_and_nature() -> None:
    tables = build.department(zones=2)
    for need in tables["needs"]:
        if need["theme"] == THEME:
            need["nature"] = Nature.SIMULATED
    made = build.workbook(tables)
    sheets = build.opened(made)
    value, rule = [name for name in sheets["Besoins"].headings if name.startswith(themes_by_id()[THEME])]
    assert value.endswith("(simulé)")
    assert rule.endswith("(simulé)")
    for row in sheets["Besoins"].rows:
        assert row["Nature"].value == "simulé"
        assert row[value].font.i
        assert not starting(row, "Familles monoparentales éloignées de l’emploi\u00a0: classe").font.i
    assert "Valeur (en partie simulé)" in sheets["Besoins détaillés"].headings
    assert sheets["Besoins"].notes[0].startswith("VALEURS SIMULÉES")
    assert not sheets["Couverture"].notes[0].startswith("VALEURS SIMULÉES")
    for row in tables["coverage"]:
        row["nature"] = Nature.SIMULATED  # by their need alone
    crossed = build.opened(build.workbook(tables))["Couverture"]
    assert "Écart (simulé)" in crossed.headings
    assert "Distance moyenne (km)" in crossed.headings
    assert ("VALEURS SIMULÉES (besoin)", "") in build.first_sheet(made)


def test_offers_simulated_mark_their_own_column_only() -> None:
    tables = build.department(zones=2)
    for offer in tables["offers"]:
        if offer["offer_source"] == "mediation-numerique":
            offer["nature"] = Nature.SIMULATED
    tables["observations"] = [row for row in tables["observations"] if row["nature"] != "simulated"]
    made = build.workbook(tables)
    sheet = build.opened(made)["Couverture"]
    headings = [name for name in sheet.headings if name.startswith("Structures")]
    assert [name.endswith("(simulé)") for name in headings] == [False, False, True]
    assert "Distance moyenne (km) (en partie simulé)" in sheet.headings
    assert "Écart" in sheet.headings  # its own rows are not simulated here
    assert ("VALEURS SIMULÉES (offre)", "") in build.first_sheet(made)


def test_a_nature_that_nobody_declared_is_never_shown_as_real() -> None:
    tables = build.department(zones=1)
    for row in (*tables["offers"], tables["sources"][1]):
        row["nature"] = Nature.UNDECLARED
    made = build.workbook(tables)
    sheets = build.opened(made)
    for name in ("Offres", "Décomptes"):
        assert {row["Nature"].value for row in sheets[name].rows} == {"à renseigner"}
    assert dict(build.first_sheet(made))["Nature à renseigner"] == f"services.json{NBSP}: jamais pris pour réel."


def test_the_first_sheet_tells_what_is_special_or_missing() -> None:
    tables = build.department(zones=3)
    tables["zones"][0] |= {"share_inside": 0.452, "population_inside": 4_520}
    tables["zones"][1] |= {"contour_approximate": True}
    tables["zones"].append(build.zone("HORS:29", f"Hors EPCI{NBSP}: Île-de-Bréhat"))
    tables["members"].append(build.member("HORS:29", "29083"))
    tables["raw_offers"] += [
        build.raw_offer(f"x{i}", counted=False, excluded_because="même réseau dans un autre fichier") for i in range(51)
    ]
    same = "même carte que « Accompagnement vers l’emploi »"
    told = build.workbook(
        tables, not_delivered={"A2.monoparentales": same, "A4.fsl_energie": same}, diffusion="travail"
    )
    lines = build.first_sheet(told)
    text = "\n".join(f"{label} = {words}" for label, words in lines).replace(NBSP, " ")
    assert "À cheval = CA Maubeuge Val de Sambre : 45,2 % de sa population dans le territoire" in text
    assert "Contour approché = CC Pévèle-Carembault : " in text
    assert "Hors EPCI = Hors EPCI : Île-de-Bréhat : comptée à part" in text
    assert "Hors des décomptes = services.json : 51 lignes laissées hors des décomptes (même réseau" in text
    assert "Hors des décomptes = services.json : 1 ligne laissée hors des décomptes (source déjà chargée)" in text
    both = f"{themes_by_id()['A2.monoparentales']} ; {themes_by_id()['A4.fsl_energie']}"
    assert f"Non livré = {both} – même carte que « Accompagnement vers l’emploi »." in text
    assert "Sources non additionnées = France services, France Travail et Médiation numérique : chacune" in text
    assert "Diagnostic arrêté au 15 janvier 2025." in text
    assert ("Document de travail", "") in lines
    assert "Une offre non recensée peut exister." in text
