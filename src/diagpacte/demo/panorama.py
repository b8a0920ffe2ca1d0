"""A simulated regional panorama in the INSEE layout, as the bytes of a workbook.

Everything in it is invented under the constraints of public orders of magnitude, says so on every
sheet, and is read by the product like any other file: banner rows, merged super-header, secrets,
gaps, a code typed as a number, a column of French text numbers, the hors-EPCI row.
"""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import xlsxwriter

from diagpacte.demo.values import COUNTS, FACTORS, HIGH, PROFILE_LABELS, SECRET_HOUSEHOLDS, masked_shares, simulate

GRADES = ("Non fragile", "Fragile", "Très fragile")
SIMULATED = "valeurs simulées"
BANNER = (
    "Panorama territorial de la pauvreté - {title}",
    "Démonstration diagpacte - VALEURS SIMULÉES, qui ne décrivent aucun territoire réel",
    "Mise en ligne le 15/09/2025       Géographie au 01/01/{vintage}",
    "diagpacte       Source(s) : simulation, dans la présentation des fichiers de l'Insee",
)
FOOTER = (
    "Champ : EPCI de la région ; valeurs simulées.",
    "Note : s = secret statistique (primaire ou secondaire) ; nd = donnée non disponible ; so = sans objet.",
    "Source : simulation diagpacte, sans valeur statistique.",
)


def simulated_panorama(zones: pd.DataFrame, region: str, region_name: str, vintage: int) -> bytes:
    """The workbook for the EPCI of a région.

    `zones` has one row per EPCI: code, name, department, population (> 0).
    """
    zones = zones.sort_values("code", ignore_index=True)
    values = simulate(zones)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": "Panorama simulé", "created": pd.Timestamp("2025-09-15").to_pydatetime()})
        writer = _Writer(book, vintage)
        writer.summary(region_name)
        writer.table("Profils_EPCI", "Profils de ménages pauvres", *_profile_columns(values))
        writer.table("Facteurs_EPCI", "Facteurs potentiellement aggravants", *_factor_columns(values), themes=True)
        writer.table("Fragilite_EPCI", "Degrés de fragilité par thème", *_grade_columns(values))
        writer.table("References", "Valeurs de référence", *_reference_columns(values, region, region_name))
        writer.variables(region_name)
        writer.documentation()
    return buffer.getvalue()


Columns = tuple[list[str], list[str], list[str], list[list[object]]]


def _keys(values: pd.DataFrame) -> tuple[list[object], list[object], list[object]]:
    codes: list[object] = list(values["code"])
    codes[0] = int(str(codes[0]))  # as a workbook that went through a spreadsheet has it
    return [*codes, "ZZZZZZZZZ"], [*values["name"], "Sans objet (communes hors EPCI)"], [*values["department"], "ZZ"]


def _profile_columns(values: pd.DataFrame) -> Columns:
    codes, names, departments = _keys(values)
    labels = [f"{label} ({SIMULATED})" for _, label, _, _ in COUNTS] + _profile_labels()
    columns = [[*values[code].tolist(), "so"] for code, *_ in COUNTS]
    columns += [[*column, "so"] for column in masked_shares(values).values()]
    header = ["CODGEO", "LIBGEO", "DEP", *(code for code, *_ in COUNTS), *masked_shares(values)]
    first = ["Code géographique", "Libellé géographique", "Département siège"]
    return header, [*first, *labels], [""] * len(header), [codes, names, departments, *columns]


def _profile_labels() -> list[str]:
    households = [f"Part de ménages pauvres {label} ({SIMULATED})" for label in PROFILE_LABELS]
    persons = [f"Part de personnes pauvres dans un ménage : {label} ({SIMULATED})" for label in PROFILE_LABELS]
    return households + persons


def _factor_columns(values: pd.DataFrame) -> Columns:
    codes, names, departments = _keys(values)
    header = ["CODGEO", "LIBGEO", "DEP", "P23_POP", *(factor.code for factor in FACTORS)]
    labels = ["Code géographique", "Libellé géographique", "Département siège", f"Population municipale ({SIMULATED})"]
    columns: list[list[object]] = [[*values["P23_POP"].tolist(), "nd"]]
    for factor in FACTORS:
        column: list[object] = list(values[factor.code])
        if factor.code == "DPEFG24":  # a column of text numbers, as French tables are pasted
            column = [f"{value:.1f}".replace(".", ",") for value in values[factor.code]]
        if factor.code == "APLMG21":
            column[::9] = ["nd"] * len(column[::9])
        columns.append([*column, "nd"])
    themes = ["", "", "", "", *(factor.theme for factor in FACTORS)]
    return (
        header,
        [*labels, *(f"{factor.label} ({SIMULATED})" for factor in FACTORS)],
        themes,
        [codes, names, departments, *columns],
    )


def _grade_columns(values: pd.DataFrame) -> Columns:
    codes, names, departments = _keys(values)
    graded = [factor for factor in FACTORS if factor.grade]
    columns: list[list[object]] = []
    for factor in graded:
        worse = 1 if factor.polarity == HIGH else -1
        steps = worse * (values[factor.code].to_numpy() - factor.mean) / factor.spread
        degrees = np.digitize(steps, [0.5, 1.0])
        columns.append([*(GRADES[degree] for degree in degrees), "so"])
    header = ["CODGEO", "LIBGEO", "DEP", *(f"FRAG_{factor.grade}" for factor in graded)]
    labels = ["Code géographique", "Libellé géographique", "Département siège", *(f.theme for f in graded)]
    return header, labels, [""] * len(header), [codes, names, departments, *columns]


def _reference_columns(values: pd.DataFrame, region: str, region_name: str) -> Columns:
    """Départements and région as population-weighted means of the simulated rates; France as given."""
    groups = [("DEP", str(code), f"Département {code}", part) for code, part in values.groupby("department")]
    groups.append(("REG", region, region_name, values))
    rates = [factor.code for factor in FACTORS]
    rows: list[list[object]] = [
        [level, code, name, *(round(float(np.average(part[rate], weights=part["population"])), 2) for rate in rates)]
        for level, code, name, part in groups
    ]
    rows.append(["FRANCE", "F", "France métropolitaine", *(factor.mean for factor in FACTORS)])
    header = ["GEO_NIV", "CODGEO", "LIBGEO", *rates]
    labels = [
        "Niveau géographique",
        "Code géographique",
        "Libellé géographique",
        *(f"{f.label} ({SIMULATED})" for f in FACTORS),
    ]
    return header, labels, [""] * len(header), [list(column) for column in zip(*rows, strict=True)]


class _Writer:
    """Sheets in the INSEE layout: four banner rows, then labels, codes, data, footers."""

    def __init__(self, book: xlsxwriter.Workbook, vintage: int) -> None:
        self.book, self.vintage = book, vintage
        self.bold = book.add_format({"bold": True})
        self.centre = book.add_format({"bold": True, "align": "center"})

    def sheet(self, name: str, title: str) -> xlsxwriter.worksheet.Worksheet:
        sheet = self.book.add_worksheet(name)
        for row, text in enumerate(BANNER):
            sheet.write_string(row, 0, text.format(title=title, vintage=self.vintage))
        return sheet

    def table(
        self,
        name: str,
        title: str,
        header: list[str],
        labels: list[str],
        over: list[str],
        columns: list[list[object]],
        *,
        themes: bool = False,
    ) -> None:
        sheet, row = self.sheet(name, title), 4
        if themes:
            self._super_header(sheet, row, over)
            row += 1
        sheet.write_row(row, 0, labels, self.bold)
        sheet.write_row(row + 1, 0, header)
        for at, column in enumerate(columns):
            sheet.write_column(row + 2, at, column)
        for at, text in enumerate(FOOTER):
            sheet.write_string(row + 2 + len(columns[0]) + at, 0, text)

    def _super_header(self, sheet: xlsxwriter.worksheet.Worksheet, row: int, over: list[str]) -> None:
        start = 0
        for at in range(1, len(over) + 1):
            if at < len(over) and over[at] == over[start]:
                continue
            if over[start] and at - start > 1:
                sheet.merge_range(row, start, row, at - 1, over[start], self.centre)
            elif over[start]:
                sheet.write_string(row, start, over[start], self.centre)
            start = at

    def summary(self, region_name: str) -> None:
        sheet = self.sheet("Sommaire", region_name)
        lines = ["Profils_EPCI", "Facteurs_EPCI", "Fragilite_EPCI", "References", "Variables", "Documentation"]
        sheet.write_column(5, 0, lines)

    def variables(self, region_name: str) -> None:
        sheet = self.sheet("Variables", f"Variables ({region_name})")
        heading = [
            "VAR_ID",
            "VAR_LIB",
            "VAR_LIB_LONG",
            "SOURCE",
            "UNITE",
            "MILLESIME",
            "BASE",
            "THEME",
            "POLARITE",
            "NATURE",
        ]
        sheet.write_row(5, 0, heading, self.bold)
        rows = [(code, label, label, unit, base, "", "20" + code[-2:]) for code, label, unit, base in COUNTS]
        for base, column in (("ménages", "MEN"), ("personnes", "PERS")):
            rows += [
                (f"P{p}_{column}21", text, text, "%", base, "", "2021") for p, text in enumerate(PROFILE_LABELS, 1)
            ]
        rows.append(("P23_POP", "Population municipale", "Population municipale", "habitants", "personnes", "", "2023"))
        rows += [(f.code, f.label, f.label, f.unit, f.base, f.polarity, "20" + f.code[-2:]) for f in FACTORS]
        rows += [
            (f"FRAG_{f.grade}", f.theme, f.theme, "Non fragile / Fragile / Très fragile", "", "", "2022")
            for f in FACTORS
            if f.grade
        ]
        for at, (code, label, long, unit, base, polarity, year) in enumerate(rows, start=6):
            sheet.write_row(at, 0, [code, label, long, "simulation", unit, year, base, "", polarity, "simulée"])

    def documentation(self) -> None:
        sheet = self.sheet("Documentation", "Documentation")
        lines = [
            "Toutes les valeurs de ce classeur sont SIMULÉES. Elles ne décrivent aucun territoire réel.",
            "Profils : parts tirées autour des parts nationales des ménages (27 / 18 / 11 / 10 / 17 / 17, Insee Première n° 1968).",
            f"Secret : une part de moins de {SECRET_HOUSEHOLDS} ménages pauvres est remplacée par s, avec une seconde si elle est seule.",
            "Fragilité : écart défavorable à la valeur France d'un demi-écart type (fragile) ou d'un écart type (très fragile).",
        ]
        sheet.write_column(5, 0, lines)
