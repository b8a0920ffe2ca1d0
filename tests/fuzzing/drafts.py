"""Small files of indicators, right in every point, before they are written."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import long_builders
from fuzzing.archives import unzipped, zipped
from quirk_builders import write_ods, write_xls
from workbook_builders import MERGED, NOTES, Rows, Sheets, banner, panorama, write_xlsx

EPCI = ["200000172", "200000438", "200000545", "200000628", "200000800", "200000925", "200000933", "200000974"]
COMMUNES: list[object] = ["01004", 1053, "2A004", "2B033", "38185", "69123", "97411", "97209", "13055", "59350"]


@dataclass
class Draft:
    """A file before it is written: `kind` is its suffix, « zip » an archive of an .xlsx; CSV have one sheet, « »."""

    base: str
    kind: str
    sheets: Sheets
    merged: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: dict[tuple[str, int], str] = field(default_factory=dict)
    hidden_rows: list[tuple[str, int]] = field(default_factory=list)  # from 0
    hidden_columns: list[tuple[str, int]] = field(default_factory=list)
    encoding: str = "cp1252"
    separator: str = ";"

    def write(self, folder: Path) -> Path:
        """The file, in `folder`."""
        path = folder / f"épreuve.{self.kind}"
        rows = next(iter(self.sheets.values()))
        if self.kind == "csv":
            path.write_bytes(csv_text(rows, self.separator).encode(self.encoding, errors="replace"))
        elif self.kind == "ods":
            write_ods(path, [[_xml(cell) for cell in row] for row in rows])
            path.write_bytes(zipped(unzipped(path.read_bytes())))  # without the time of day
        elif self.kind == "xls":
            write_xls(path, rows)
        else:
            write_xlsx(path, self.sheets, merged=self.merged, formats=self.formats, after=self._dress)
            if self.kind == "zip":
                path.write_bytes(zipped({"lisez-moi.txt": b"Note", f"{self.base}.xlsx": path.read_bytes()}))
        return path

    def keep_known_sheets(self) -> None:
        """Forget how a sheet that is no longer there was dressed."""
        self.formats = {key: code for key, code in self.formats.items() if key[0] in self.sheets}
        self.merged = {name: areas for name, areas in self.merged.items() if name in self.sheets}
        self.hidden_rows = [one for one in self.hidden_rows if one[0] in self.sheets]
        self.hidden_columns = [one for one in self.hidden_columns if one[0] in self.sheets]

    def _dress(self, book: Any) -> None:
        """Dates as dates, and what is hidden; no trace of the time of day."""
        book.set_properties({"created": _midnight(dt.date(2025, 9, 15))})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in self.sheets.items():
            dates = [
                (row, column, cell)
                for row, cells in enumerate(rows)
                for column, cell in enumerate(cells)
                if isinstance(cell, dt.date)
            ]
            for row, column, cell in dates:
                book.get_worksheet_by_name(name).write_datetime(row, column, _midnight(cell), day)
        for name, row in self.hidden_rows:
            book.get_worksheet_by_name(name).set_row(row, None, None, {"hidden": True})
        for name, column in self.hidden_columns:
            book.get_worksheet_by_name(name).set_column(column, column, None, None, {"hidden": True})


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def csv_text(rows: Rows, separator: str) -> str:
    """`rows` as French Excel writes them."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    writer.writerows([[csv_cell(cell) for cell in row] for row in rows])
    return stream.getvalue()


def csv_cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


def _xml(cell: object) -> object:
    if isinstance(cell, str):
        return cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return str(cell) if isinstance(cell, bool | dt.date) else cell


# --- right files --------------------------------------------------------------------------------


def _wide(codes: list[object], heading: str = "CODGEO") -> Rows:
    labels = ["Code géographique", "Libellé géographique", "Taux de pauvreté", "Médiane", "Ménages fiscaux"]
    names = [heading, "LIBGEO", "TP6021", "MED21", "NBMENFISC21"]
    rows: Rows = [[code, f"Zone {n}", 8.5 + n, 21000 + 10 * n, 1200 + n] for n, code in enumerate(codes)]
    rows[1][2], rows[2][3], rows[3][4] = "s", "nd", "1 234"
    return [*banner("Zones"), [*labels], [*names], *rows, *([*note] for note in NOTES)]


def _turned() -> Rows:
    return [
        ["Tableau de bord"],
        ["Géographie au 01/01/2025"],
        ["CODGEO", *EPCI],
        ["TP6021", *(8.5 + n for n in range(8))],
        ["MED21", *(21000 + 10 * n for n in range(7)), "s"],
        ["NBMENFISC21", *(1200 + n for n in range(8))],
    ]


def _dated() -> Rows:
    lines: Rows = [[code, f"Zone {n}", year, 7.5 + n, 8 + n] for year in (2020, 2021) for n, code in enumerate(EPCI)]
    return [["Géographie au 01/01/2025"], [], ["codgeo", "libgeo", "an", "txchom", "tp60"], *lines]


def _long() -> Rows:
    lines = [
        long_builders.line(GEO=code, FILOSOFI_MEASURE=measure, UNIT_MEASURE=unit, OBS_VALUE=str(value + n))
        for n, code in enumerate(EPCI)
        for measure, unit, value in (("PR_MD60", "PT", 12.5), ("MED_SL", "EUR_YR", 21000))
    ]
    lines.append(long_builders.line(GEO="01004", GEO_OBJECT="COM", CONF_STATUS="C", OBS_VALUE=""))
    lines.append(long_builders.line(GEO="38", GEO_OBJECT="DEP"))
    return long_builders.as_sheet(*lines)


def _departments() -> Rows:
    codes = ["01", 2, "2A", "38", "69", "974", "84"]
    rows: Rows = [["DEP", code, f"Zone {n}", 10.5 + n, 20000 + n] for n, code in enumerate(codes)]
    return [*banner("Départements"), ["GEO_NIV", "CODGEO", "LIBGEO", "TP6021", "MED21"], *rows]


BASES: tuple[tuple[int, Callable[[], Draft]], ...] = (  # weight, file
    (30, lambda: Draft("panorama", "xlsx", panorama(), {name: {**areas} for name, areas in MERGED.items()})),
    (14, lambda: Draft("communes", "xlsx", {"COM": _wide(COMMUNES)})),
    (8, lambda: Draft("epci", "xlsx", {"EPCI": _wide([*EPCI], "SIREN")})),
    (6, lambda: Draft("départements", "xlsx", {"DEP": _departments()})),
    (8, lambda: Draft("années", "xlsx", {"Tableau": _dated()})),
    (8, lambda: Draft("transposé", "xlsx", {"Tableau": _turned()})),
    (5, lambda: Draft("long", "xlsx", {"Données": _long()})),
    (5, lambda: Draft("communes", "csv", {"": _wide(COMMUNES)})),
    (3, lambda: Draft("années", "csv", {"": _dated()})),
    (3, lambda: Draft("transposé", "csv", {"": _turned()})),
    (5, lambda: Draft("long", "csv", {"": _long()}, encoding="utf-8-sig")),
    (3, lambda: Draft("archive", "zip", {"EPCI": _wide([*EPCI])})),
    (1, lambda: Draft("epci", "ods", {"Feuille": _wide([*EPCI])})),
    (1, lambda: Draft("epci", "xls", {"Feuille": _wide([*EPCI])})),
)


def draft(random: Random) -> Draft:
    """One of the right files."""
    return random.choices([make for _, make in BASES], [weight for weight, _ in BASES])[0]()
