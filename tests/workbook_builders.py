"""A small panorama in the INSEE layout, right in every point; a test changes one thing and writes it.

Every figure is invented. Zones: an EPCI, an EPT, Paris, and the communes hors EPCI.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from diagpacte.errors import Fault, Severity
from diagpacte.settings import default_configs, load_settings
from diagpacte.sources.indicators import IndicatorReading, IndicatorRules, read_indicators
from diagpacte.sources.long.rules import LongRules
from diagpacte.sources.rules import IndicatorLayout, ReadingLimits

Rows = list[list[object]]
Sheets = dict[str, Rows]
Columns = Mapping[str, tuple[str, list[object]]]

EPCI, EPT, PARIS, OUTSIDE = "200000172", "200057966", "75056", "ZZZZZZZZZ"
ALL_EPT = frozenset({
    "200057867", "200057875", "200057941", "200057966", "200057974", "200057982",
    "200057990", "200058006", "200058014", "200058097", "200058790",
})  # fmt: skip
NOTES: Rows = [
    ["Champ : ménages fiscaux ordinaires."],
    ["Note : s = secret statistique."],
    ["Source : Insee, invention."],
]
SHARED = ["Code géographique", "Libellé géographique", "Département siège"]
KEYS = ["CODGEO", "LIBGEO", "DEP"]
ZONES: Rows = [
    [EPCI, "CC Une", "74"],
    [EPT, "Deux", "92"],
    [PARIS, "Paris", "75"],
    [OUTSIDE, "Sans objet", "ZZ"],
]
PROFILES: Columns = {
    "NBMENFISC19": ("Ménages fiscaux", [11223, 173000, 1037197, "nd"]),
    "MED21": ("Médiane du niveau de vie", [26980, 31000, 29730, "nd"]),
    "TP6021": ("Taux de pauvreté", [8.9, 12.1, 15.6, "nd"]),
    "NBPERSPAUV21": ("Personnes pauvres (valeurs estimées)", [2409, 40000, 319245, "so"]),
    "P1_MEN21": ("Part de ménages pauvres retraités (valeurs simulées)", ["s", 19.5, 19, "so"]),
}
FACTORS: Columns = {
    "P23_POP": ("Population municipale", [28561, 400000, 2103778, 6435]),
    "TXCHOM22": ("Taux de chômage (recensement) des 15-64 ans", [8.65, 9.4, 10.55, "nd"]),
    "EVEMP1622": ("Évolution annuelle de l'emploi 2016-2022", [0.41, -0.2, 0.93, "nd"]),
    "SUPBAC2_22": ("Part de diplômés au-delà de bac+2", [18.96, 45, 57.59, "nd"]),
    "APLMG21": ("Accessibilité aux médecins", ["nd", "nd", "nd", "nd"]),
}
GRADES: Columns = {
    "FRAG_EMPLOI": ("Insertion professionnelle", ["Non fragile", "Fragile", "Très fragile", "so"]),
    "NB_TF": ("Nombre de thèmes très fragiles", [0, 1, 2, "so"]),
}
REFERENCES: Rows = [
    ["DEP", "84", "Vaucluse", 250000, 20000, 19.5],
    ["REG", "84", "Auvergne-Rhône-Alpes", 3434965, 23800, 13.3],
    ["FRANCE", "F", "France métropolitaine", 27937964, 23080, 14.9],
]
VARIABLES: Rows = [
    ["NBMENFISC19", "Ménages fiscaux", "nombre", "2019", "ménages", "", "réelle"],
    ["MED21", "Médiane du niveau de vie", "euros par an", "2021", "personnes", "bas = défavorable", "réelle"],
    ["TP6021", "Taux de pauvreté", "%", "2021", "personnes", "haut = défavorable", "réelle"],
    ["NBPERSPAUV21", "Personnes pauvres (valeurs estimées)", "nombre", "2021", "personnes", "", "estimée"],
    ["P1_MEN21", "Part de ménages pauvres retraités (valeurs simulées)", "%", "2021", "ménages", "", "simulée"],
    ["P23_POP", "Population municipale", "habitants", "2023", "personnes", "", "réelle"],
    ["TXCHOM22", "Taux de chômage (recensement) des 15-64 ans", "%", "2022", "personnes", "", "réelle"],
    ["EVEMP1622", "Évolution annuelle de l'emploi 2016-2022", "% par an", "2016-2022", "emplois", "", "réelle"],
    ["SUPBAC2_22", "Part de diplômés au-delà de bac+2", "%", "2022", "personnes", "", "réelle (agrégée des Iris)"],
    ["APLMG21", "Accessibilité aux médecins", "consultations/an/hab.", "2021", "personnes", "", "absente"],
    [
        "FRAG_EMPLOI",
        "Insertion professionnelle",
        "Non fragile / Fragile / Très fragile",
        "2022-2024",
        "",
        "",
        "dérivée",
    ],
    ["NB_TF", "Nombre de thèmes très fragiles", "nombre", "2022-2024", "", "", "dérivée"],
]


def banner(title: str) -> Rows:
    return [
        [f"Panorama de la pauvreté - {title}"],
        ["France métropolitaine"],
        ["Mise en ligne le 15/09/2025       Géographie au 01/01/2025"],
        ["@Insee       Source(s) : Insee, Filosofi 2021"],
    ]


def panorama() -> Sheets:
    """The five kinds of sheet, and the two that hold no value of a zone."""
    return {
        "Sommaire": [*banner("Sommaire"), [], ["Profils_EPCI", "Profils"]],
        "Profils_EPCI": _table("Profils", PROFILES),
        "Facteurs_EPCI": [
            *banner("Facteurs"),
            ["", "", "", "", "", "", "Formation", "Soins"],
            *_table("", FACTORS)[4:],
        ],
        "Fragilite_EPCI": _table("Fragilité", GRADES),
        "References": [
            *banner("Références"),
            ["Niveau géographique", *SHARED[:2], *(PROFILES[code][0] for code in ("NBMENFISC19", "MED21", "TP6021"))],
            ["GEO_NIV", *KEYS[:2], "NBMENFISC19", "MED21", "TP6021"],
            *([*row] for row in REFERENCES),
            *NOTES,
        ],
        "Variables": [
            *banner("Variables"),
            [],
            ["VAR_ID", "VAR_LIB", "UNITE", "MILLESIME", "BASE", "POLARITE", "NATURE"],
            *([*line] for line in VARIABLES),
        ],
        "Documentation": [*banner("Documentation"), [], ["Les codes sont ceux du code officiel géographique."]],
    }


def _table(title: str, columns: Columns) -> Rows:
    return [
        *banner(title),
        [*SHARED, *(label for label, _ in columns.values())],
        [*KEYS, *columns],
        *([*zone, *(values[place] for _, values in columns.values())] for place, zone in enumerate(ZONES)),
        *NOTES,
    ]


MERGED = {"Facteurs_EPCI": {"E5:F5": "Emploi"}}  # the theme super-header


def write_xlsx(
    path: Path,
    sheets: Sheets,
    *,
    merged: Mapping[str, Mapping[str, str]] | None = None,
    formats: Mapping[tuple[str, int], str] | None = None,
    after: Callable[[xlsxwriter.Workbook], object] = lambda _: None,
) -> Path:
    """`sheets` as a workbook. `merged`: ranges of a sheet with their text; `formats`: number format of a column.

    A text « =NA()→#N/A » is a formula with its stored result. `after` may change the sheets further.
    """
    merged = MERGED if merged is None else merged
    with xlsxwriter.Workbook(path, {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    if isinstance(value, str) and value.startswith("="):
                        formula, _, result = value.partition("→")
                        sheet.write_formula(row, column, formula, None, result)
                    elif value not in ("", None):
                        sheet.write(row, column, value, _format(book, formats, name, column + 1))
            for area, text in merged.get(name, {}).items():
                sheet.merge_range(area, text)
        after(book)
    return path


def _format(
    book: xlsxwriter.Workbook, formats: Mapping[tuple[str, int], str] | None, sheet: str, column: int
) -> xlsxwriter.format.Format | None:
    code = (formats or {}).get((sheet, column))
    return book.add_format({"num_format": code}) if code else None


def edit_part(path: Path, part: str, edit: Callable[[bytes], bytes]) -> Path:
    """`path` with one part of its archive changed."""
    copy = path.with_suffix(".edit")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, edit(data) if name == part else data)
    shutil.move(copy, path)
    return path


def write_csv(path: Path, rows: Rows, *, separator: str = ";", encoding: str = "cp1252") -> Path:
    """`rows` as French Excel writes them: decimal comma, CRLF."""
    lines = [
        separator.join(str(cell).replace(".", ",") if isinstance(cell, float) else str(cell) for cell in row)
        for row in rows
    ]
    path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return path


def read(path: Path, **declared: Any) -> IndicatorReading:
    """The file read with the default rules."""
    return read_indicators(path, "panorama", rules(), **declared)


def made(folder: Path, change: Callable[[Sheets], object] = lambda _: None, **options: Any) -> IndicatorReading:
    """What is read of a panorama in which `change` changed one thing."""
    declared = {name: options.pop(name) for name in ("geo_vintage", "nature") if name in options}
    sheets = panorama()
    change(sheets)
    return read(write_xlsx(folder / "panorama.xlsx", sheets, **options), **declared)


def cell(reading: IndicatorReading, zone: str, code: str, sheet: str = "") -> Any:
    """The one observation of a zone and a published code."""
    found = reading.observations
    found = found[(found["zone_code"] == zone) & (found["published_code"] == code)]
    found = found[found["sheet"] == sheet] if sheet else found
    assert len(found) == 1
    return found.iloc[0]


def values(reading: IndicatorReading) -> dict[tuple[str, str, int], float | str]:
    """Zone, indicator and year → value, or why there is none."""
    table = reading.observations
    known = table["value"].where(table["value"].notna(), table["availability"])
    keys = zip(table["zone_code"], table["indicator"], table["year"], strict=True)
    return dict(zip(keys, known, strict=True))


def faults(reading: IndicatorReading, severity: Severity = Severity.BLOCKING) -> list[Fault]:
    return [fault for fault in reading.faults if fault.severity is severity]


def plain(text: str) -> str:
    """`text` with plain spaces: assertions say words, not typography."""
    return text.replace("\u00a0", " ")


@cache
def rules() -> IndicatorRules:
    """The rules of the defaults, and the eleven EPT."""
    settings = load_settings(default_configs().parent / "no-workspace")
    return IndicatorRules(
        layout=IndicatorLayout(**settings.layouts["panorama_insee"]),
        long=LongRules(**settings.layouts["indicators_long"]),
        indicators=settings.indicators,
        factors=settings.factors,
        marks=settings.missing_marks,
        limits=ReadingLimits(),
        ept_codes=ALL_EPT,
    )
