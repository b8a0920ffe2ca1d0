"""A small twin of the long files of the new portal of Insee. Every figure is invented."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from diagpacte.sources.indicators import IndicatorReading
from workbook_builders import Rows, read

EPCI, COMMUNE = "200000172", "01004"
COLUMNS = (
    "FILOSOFI_MEASURE", "GEO", "GEO_OBJECT", "UNIT_MEASURE", "CONF_STATUS", "OBS_STATUS", "UNIT_MULT", "TIME_PERIOD", "OBS_VALUE",
)  # fmt: skip
USUAL = {
    "FILOSOFI_MEASURE": "PR_MD60",
    "GEO": EPCI,
    "GEO_OBJECT": "EPCI",
    "UNIT_MEASURE": "PT",
    "CONF_STATUS": "F",
    "OBS_STATUS": "A",
    "UNIT_MULT": "0",
    "TIME_PERIOD": "2023",
    "OBS_VALUE": "12.5",
}


def line(**said: str) -> dict[str, str]:
    """The poverty rate of an EPCI, with what the test says otherwise."""
    return {**USUAL, **said}


def long_file(folder: Path, *lines: Mapping[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    """The lines as the portal writes them: `;`, quotes, BOM. Columns beside the usual ones come after them."""
    path = folder / "DS_FILOSOFI_CC_2023_data.csv"
    extra = dict.fromkeys(name for one in lines for name in one if name not in columns)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        names = [*columns, *extra]
        writer.writerow(names)
        writer.writerows([one.get(name, "") for name in names] for one in lines)
    return path


def read_lines(folder: Path, *lines: Mapping[str, str], **declared: int) -> IndicatorReading:
    return read(long_file(folder, *lines), **({"geo_vintage": 2025} | declared))


def as_sheet(*lines: Mapping[str, str]) -> Rows:
    """The same as the rows of a worksheet."""
    names = list(dict.fromkeys(name for one in lines for name in one))
    return [list(names), *([one.get(name, "") for name in names] for one in lines)]
