"""Every stored value of the real panoramas, compared with its cell by a hand the product does not use.

That hand is zipfile and ElementTree for workbooks, the csv module for text files.
"""

import csv
import re
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from diagpacte.errors import FaultKind, Severity
from diagpacte.sources.indicators import IndicatorReading
from workbook_builders import ALL_EPT, made, panorama, plain, read, values, write_xlsx

REASONS = {"s": "secret", "nd": "not_available", "so": "not_applicable"}
GRADES = {"Non fragile": 0, "Fragile": 1, "Très fragile": 2}
# Data sheet → its row of codes, its first data row; columns A to C are keys in all of them.
DATA_SHEETS = {
    "Profils_EPCI": (6, 7),
    "Facteurs_EPCI": (7, 8),
    "Fragilite_EPCI": (6, 7),
    "References": (6, 7),
}
SAMPLE_NAMES = {
    "TP6021": ("poverty_rate_pct", 2021, "personnes"),
    "TP6019": ("poverty_rate_pct", 2019, "personnes"),
    "P23_POP": ("population_count", 2023, "personnes"),
    "P1_MEN21": ("profile_1_households_pct", 2021, "menages"),
    "P1_PERS21": ("profile_1_persons_pct", 2021, "personnes"),
    "EVEMP1622": ("employment_growth_pct_year", 2022, "emplois"),
    "TXMORTA1318": ("mortality_rate_per_mille", 2018, "personnes"),
    "SUPBAC2_22": ("above_bac2_graduates_pct", 2022, "personnes"),
    "PARTFS10_24": ("beyond_10km_france_services_pct", 2024, "personnes"),
    "FRAG_SERVICES": ("grade_services", 2024, ""),
}

Cells = dict[tuple[int, str], str]


def stored(path: Path) -> dict[str, Cells]:
    """Sheet → (row, column letters) → the text stored, numbers as they are written in the XML."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        shared = [
            "".join(text.text or "" for text in item.iterfind(".//m:t", space))
            for item in ET.fromstring(archive.read("xl/sharedStrings.xml")).iterfind("m:si", space)
        ]
        names = [s.attrib["name"] for s in ET.fromstring(archive.read("xl/workbook.xml")).iterfind(".//m:sheet", space)]
        found: dict[str, Cells] = {}
        for number, name in enumerate(names, start=1):
            cells: Cells = {}
            for cell in ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).iterfind(".//m:c", space):
                value = cell.find("m:v", space)
                if value is not None and value.text:
                    letters = cell.attrib["r"].rstrip("0123456789")
                    text = shared[int(value.text)] if cell.get("t") == "s" else value.text
                    cells[int(cell.attrib["r"][len(letters) :]), letters] = text
            found[name] = cells
    return found


def zone(level: str, code: str) -> str:
    if level:
        return "FRM" if level == "FRANCE" else f"{level}:{code}"
    if code == "ZZZZZZZZZ":
        return "HORS:FRM"
    return f"COM:{code}" if len(code) == 5 else f"{'EPT' if code in ALL_EPT else 'EPCI'}:{code}"


def expected(path: Path) -> dict[tuple[str, int, str], tuple[str, str, float | str]]:
    """Every data cell of every data sheet → its zone, its published code, its value or its reason."""
    found: dict[tuple[str, int, str], tuple[str, str, float | str]] = {}
    for name, cells in stored(path).items():
        if name not in DATA_SHEETS:
            continue
        codes_row, first = DATA_SHEETS[name]
        codes = {column: text for (row, column), text in cells.items() if row == codes_row}
        for (row, column), text in cells.items():
            if row < first or column in {"A", "B", "C"} or (row, "B") not in cells:  # notes stand alone in column A
                continue
            level = cells[row, "A"] if name == "References" else ""
            place = zone(level, cells[row, "B" if level else "A"])
            if text in REASONS:
                value: float | str = REASONS[text]
            else:
                value = GRADES[text] if text in GRADES else float(text)
            found[name, row, column] = (place, codes[column], value)
    return found


def observed(reading: IndicatorReading) -> dict[tuple[str, int, str], tuple[str, str, float | str]]:
    table = reading.observations
    known = table["value"].where(table["value"].notna(), table["availability"])
    keys = zip(table["sheet"], table["row"], table["column"], strict=True)
    return dict(zip(keys, zip(table["zone_code"], table["published_code"], known, strict=True), strict=True))


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "panorama"


@cache
def reading_of(path: Path) -> IndicatorReading:
    return read(path)


def test_every_stored_value_of_the_national_panorama_is_an_observation_and_conversely(folder: Path) -> None:
    path = folder / "panorama_pauvrete_reel_2021.xlsx"
    wanted = expected(path)
    reading = reading_of(path)
    assert observed(reading) == wanted
    assert len(reading.observations) == len(wanted) == 79_006
    assert reading.faults == []


def test_the_synthetic_twin_is_read_cell_by_cell_too(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "panorama.xlsx", panorama())
    assert observed(read(path)) == expected(path)


def test_each_published_code_has_one_name_one_year_one_base(folder: Path) -> None:
    table = reading_of(folder / "panorama_pauvrete_reel_2021.xlsx").observations
    named = table[["published_code", "indicator", "year", "base"]].drop_duplicates()
    assert len(named) == named["published_code"].nunique() == 59
    found = {code: tuple(rest) for code, *rest in named.itertuples(index=False)}
    assert {code: found[code] for code in SAMPLE_NAMES} == SAMPLE_NAMES


def test_natures_are_those_of_the_variables_sheet(folder: Path) -> None:
    path = folder / "panorama_pauvrete_reel_2021.xlsx"
    cells = stored(path)["Variables"]
    words = {
        "réelle": "real", "réelle (agrégée des Iris)": "derived", "dérivée": "derived", "estimée": "estimated",
        "simulée": "simulated", "absente": "undeclared",
    }  # fmt: skip
    said = {
        cells[row, "A"]: words.get(cells[row, "J"], "")
        for row, column in cells
        if column == "A" and (row, "J") in cells and row > 6
    }
    table = reading_of(path).observations
    found = {(str(code), str(nature)) for code, nature in zip(table["published_code"], table["nature"], strict=True)}
    assert found == {(code, said[code]) for code, _ in found}
    estimated = table["nature"].eq("estimated") & table["value"].notna()
    assert table.loc[estimated, "availability"].eq("estimated").all()


def test_notes_under_the_tables_are_kept_once(folder: Path) -> None:
    path = folder / "panorama_pauvrete_reel_2021.xlsx"
    cells = stored(path)["Profils_EPCI"]
    last = max(row for row, _ in cells)
    assert reading_of(path).source.note.splitlines() == [cells[row, "A"] for row in range(last - 2, last + 1)]


@pytest.mark.parametrize("variant", ["entete_ligne8", "pourcentages_0_1", "codes_numeriques", "styles_casses"])
def test_every_variant_of_a_region_is_the_same_panorama(folder: Path, variant: str) -> None:
    base = values(reading_of(folder / "panorama_pauvrete_ARA_2021.xlsx"))
    reading = reading_of(folder / f"panorama_pauvrete_ARA_2021_{variant}.xlsx")
    assert values(reading) == base
    assert [fault for fault in reading.faults if fault.severity is Severity.BLOCKING] == []


def test_the_variant_without_codes_differs_only_where_it_was_made_to(folder: Path) -> None:
    base = values(reading_of(folder / "panorama_pauvrete_ARA_2021.xlsx"))
    found = values(reading_of(folder / "panorama_pauvrete_ARA_2021_sans_ligne_codes.xlsx"))
    assert found.keys() == base.keys()
    assert {key[0] for key in base if base[key] != found[key]} == {"EPCI:200040798"}


@pytest.mark.parametrize("part", ["profils", "facteurs"])
def test_text_files_give_the_numbers_they_write(folder: Path, part: str) -> None:
    path = folder / f"panorama_pauvrete_ARA_2021_{part}.csv"
    with path.open(encoding="latin-1", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    table = read(path, geo_vintage=2025).observations
    found = dict(zip(zip(table["row"], table["published_code"], strict=True), table["value"], strict=True))
    reasons = dict(zip(zip(table["row"], table["published_code"], strict=True), table["availability"], strict=True))
    for number, line in enumerate(lines[1:], start=2):
        for code, text in list(zip(lines[0], line, strict=True))[3:]:
            if text in REASONS:
                assert reasons[number, code] == REASONS[text]
            else:
                assert found[number, code] == float(re.sub("[\u00a0 ]", "", text).replace(",", "."))
    assert len(table) == sum(len(line) - 3 for line in lines[1:])


@pytest.mark.parametrize("file", ["IDF_2021_ept", "IDF_2021_mgp", "ARA_2021"])
def test_regional_workbooks_are_read_cell_by_cell(folder: Path, file: str) -> None:
    path = folder / f"panorama_pauvrete_{file}.xlsx"
    assert observed(reading_of(path)) == expected(path)


def test_grand_paris_is_eleven_ept_and_paris_or_one_epci(folder: Path) -> None:
    split = set(reading_of(folder / "panorama_pauvrete_IDF_2021_ept.xlsx").observations["zone_code"])
    whole = set(reading_of(folder / "panorama_pauvrete_IDF_2021_mgp.xlsx").observations["zone_code"])
    assert split - whole == {f"EPT:{code}" for code in ALL_EPT} | {"COM:75056"}
    assert whole - split == {"EPCI:200054781"}


# File → observations, levels, and what the reader says when there is none.
PUBLISHED = [
    ("FILO2018_DISP_DEP.csv", 1_862, {"DEP"}, ""),
    ("FILO2019_DISP_DEP.csv", 1_862, {"DEP"}, ""),
    ("FILO2018_DISP_EPCI.csv", 23_636, {"EPCI"}, ""),
    ("FILO2019_DISP_EPCI.csv", 23_560, {"EPCI"}, ""),
    ("FILO2019_DISP_Pauvres_COM.xlsx", 19_100, {"COM"}, ""),
    ("TCRD_021.xlsx", 0, set(), "aucune valeur lue (DEP : aucun indicateur connu ; REG : aucun indicateur connu)"),
    ("POP_FILOSOFI_AGE.csv", 0, set(), "« Géographie » donne des noms de territoires, et aucune colonne leurs codes"),
    (
        "REVN_2019.csv",
        0,
        set(),
        "aucune valeur lue (pas de code de zone sous « CODGEO » (« Ensemble ») : quartiers prioritaires",
    ),
    (
        "IPRO_2022.csv",
        0,
        set(),
        "aucune valeur lue (pas de code de zone sous « CODGEO » (« QP001001 ») : quartiers prioritaires",
    ),
]


@pytest.mark.parametrize(("file", "count", "levels", "said"), PUBLISHED, ids=[line[0] for line in PUBLISHED])
def test_files_as_insee_publishes_them_give_values_or_say_why_not(
    folder: Path, file: str, count: int, levels: set[str], said: str
) -> None:
    reading = read(folder / "insee_publies" / file, geo_vintage=None if file.endswith("xlsx") else 2020)
    table = reading.observations
    assert (len(table), {zone.split(":")[0] for zone in table["zone_code"]}) == (count, levels)
    blocking = [plain(fault.found) for fault in reading.faults if fault.severity is Severity.BLOCKING]
    assert [text.startswith(said) for text in blocking] == ([True] if said else [])


def test_every_unmatched_heading_of_a_genuine_file_is_listed(folder: Path) -> None:
    reading = read(folder / "insee_publies" / "FILO2019_DISP_Pauvres_COM.xlsx")
    told = {
        (fault.sheet, re.findall("« (.*?) ", plain(fault.found))[0])
        for fault in reading.faults
        if fault.kind is FaultKind.COLUMN
    }
    assert ("ENSEMBLE", "TP4019") in told
    assert ("TRAGERF_1", "AGE1TP60Q219") in told
    rates = reading.observations.query("sheet == 'TRAGERF_1'")
    assert set(rates["indicator"]) == {"poverty_rate_age_under_30_pct"}


def test_a_file_without_values_says_why_wherever_it_is_read(tmp_path: Path) -> None:
    def empty(sheets: dict[str, list[list[object]]]) -> None:
        for name in [*sheets]:
            if name != "Documentation":
                del sheets[name]

    reading = made(tmp_path, empty)
    assert [plain(fault.found) for fault in reading.faults] == [
        "aucune valeur lue (Documentation : pas de tableau : aucun en-tête de codes de zones)"
    ]
    assert reading.source.geo_vintage == 2025
