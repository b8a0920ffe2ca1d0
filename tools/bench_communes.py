"""The workbook of every commune that the bench reads."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import xlsxwriter

from diagpacte.settings import load_settings
from diagpacte.sources.reference import communes

COLUMNS = 60
YEAR = "21"


def write_communes(path: Path) -> int:
    """A workbook of every commune of 2025 × 60 indicators of the dictionary; the number of its values."""
    with tempfile.TemporaryDirectory() as folder:
        indicators = load_settings(Path(folder)).indicators
    codes = [
        (stem.replace("{yy}", YEAR), one)
        for one in indicators
        for stem in one.published_codes[:1]
        if stem.endswith("{yy}") and one.unit in ("pct", "count", "eur")
    ][:COLUMNS]
    chance, places = random.Random(0), communes(2025)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("COM")
        sheet.write_string(0, 0, "Géographie au 01/01/2025")
        sheet.write_row(4, 0, ["CODGEO", "LIBGEO", *(code for code, _ in codes)])
        for row, (code, name) in enumerate(zip(places["code"], places["name"], strict=True), start=5):
            sheet.write_string(row, 0, code)
            sheet.write_string(row, 1, name)
            for column, (_, one) in enumerate(codes, start=2):
                value = chance.randint(100, 900) if one.unit == "count" else chance.randint(20, 600) / 10
                sheet.write_number(row, column, value if one.unit != "eur" else 20_000 + 10 * value)
    return len(places) * len(codes)
