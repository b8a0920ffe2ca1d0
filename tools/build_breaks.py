"""Build configs/breaks.csv: national cut-points of the indicators of need, from a national panorama.

python tools/build_breaks.py PANORAMA.xlsx

The workbook is in the INSEE layout: a row of codes starting with CODGEO, a sheet « Variables ». It is read
the short way, without the product's reader: text is no number, whatever it stands for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from diagpacte.needs.bounds import PARIS, national_bounds
from diagpacte.needs.rules import NationalBounds, NeedRules
from diagpacte.settings import default_configs, load_settings
from diagpacte.tables import Observations
from diagpacte.vocabulary import Indicator, Role, ZoneKind

HEADER = "indicator;year;bound_1;bound_2;bound_3;exact_1;exact_2;exact_3;zones;moved_pct;nature;source_sha256;source"
GEOGRAPHY = re.compile(r"Géographie au (\d\d/\d\d/\d{4})")


def main(panorama: Path) -> None:
    configs = default_configs()
    settings = load_settings(configs.parent)
    target = configs / "breaks.csv"
    target.write_bytes(to_csv(breaks(panorama, settings.indicators, settings.need)))
    print(target)


def breaks(panorama: Path, indicators: Sequence[Indicator], rules: NeedRules) -> list[NationalBounds]:
    """Bounds of every indicator of role besoin found in the workbook, by indicator and year."""
    sha256 = hashlib.sha256(panorama.read_bytes()).hexdigest()
    sheets = pd.read_excel(panorama, sheet_name=None, header=None, dtype=object, engine="openpyxl")
    variables = _table(sheets["Variables"], "VAR_ID").set_index("VAR_ID")
    found = []
    for name, sheet in sheets.items():
        geography = GEOGRAPHY.search(" ".join(sheet.iloc[:, 0].dropna().astype(str)))
        table = _table(sheet, "CODGEO")
        if geography is None or table.empty or "GEO_NIV" in table:
            continue
        for indicator, code, year in _columns(table, indicators):
            told = variables.loc[code]
            source = f"{told['SOURCE']} ; EPCI, EPT et Paris, géographie au {geography[1]}, classeur {panorama.name}"
            rows = _observations(table, code, indicator, year, name, _nature(str(told["NATURE"])))
            bounds = national_bounds(rows, indicator, year, rules, sha256, source)
            found += [bounds] if bounds else []
    return sorted(found, key=lambda row: (row.indicator, row.year))


def to_csv(rows: Sequence[NationalBounds]) -> bytes:
    """As French Excel saves it: BOM, semicolons, decimal commas, CRLF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER.split(";"))
    for row in rows:
        numbers = [*row.bounds, *row.exact]
        writer.writerow(
            [row.indicator, row.year, *map(_decimal, numbers), row.zones, _decimal(round(row.moved_pct, 2)),
             row.nature.value, row.source_sha256, row.source]
        )  # fmt: skip
    return stream.getvalue().encode("utf-8-sig")


def _table(sheet: pd.DataFrame, first_code: str) -> pd.DataFrame:
    """Rows under the row of codes; empty when the sheet has none."""
    starts = sheet.index[sheet.isin([first_code]).any(axis=1)]
    if starts.empty:
        return pd.DataFrame()
    table = sheet.loc[starts[0] + 1 :].copy()
    table.columns = sheet.loc[starts[0]].tolist()
    return table


def _columns(table: pd.DataFrame, indicators: Sequence[Indicator]) -> Iterator[tuple[Indicator, str, int]]:
    """Columns that hold an indicator of need, with the year their code ends with."""
    for indicator in indicators:
        if indicator.role is not Role.NEED or indicator.unit == "grade":
            continue
        for stem in indicator.published_codes:
            pattern = re.compile(re.escape(stem).replace(r"\{yy\}", r"(\d\d)"))
            for code in map(str, table.columns):
                match = pattern.fullmatch(code)
                if match:
                    yield indicator, code, 2000 + int(match[1])


def _observations(
    table: pd.DataFrame, code: str, indicator: Indicator, year: int, sheet: str, nature: str
) -> Observations:
    """The column as the few columns of Observations that bounds look at; « s », « nd » are missing."""
    codes = table["CODGEO"].astype("str")
    rows = pd.DataFrame(
        {"zone_code": f"{ZoneKind.EPCI}:" + codes, "value": pd.to_numeric(table[code], errors="coerce")}
    )
    rows = rows[codes.str.fullmatch(r"\d{9}") | codes.eq("75056")].replace(f"{ZoneKind.EPCI}:75056", PARIS)
    told = {"indicator": indicator.indicator, "base": indicator.base.value, "year": year, "nature": nature}
    return Observations(rows.assign(**told, source_id="panorama", sheet=sheet, geo_vintage=0))


def _nature(told: str) -> str:
    """Our word for the workbook's, from the default layout."""
    layout = tomllib.loads((default_configs() / "layouts" / "panorama_insee.toml").read_text(encoding="utf-8"))
    return str(layout["variables_nature"][told])


def _decimal(value: float) -> str:
    return f"{value:.10g}".replace(".", ",")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
