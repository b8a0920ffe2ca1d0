"""The desk of the quirks: each makes one file and says all that must come of it, through `ingest`.

The files of a test module share one workspace. What stops it (refused by `add`, or a blocking fault) is set
aside with its faults and the others are read again, so that each quirk has its own outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pytest

from diagpacte.errors import DiagpacteError, Fault, FaultKind, Severity
from diagpacte.sources.reference import intercommunalities
from diagpacte.store import read
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.scaffold import add, init
from diagpacte.workspace import Workspace
from other_formats import write_ods, write_xls
from workbook_builders import Rows, plain, write_csv, write_xlsx

GEOGRAPHY = 2025
BANNER: Rows = [
    ["Panorama de la pauvreté - Fichier d’épreuve"],
    ["Établissements publics de coopération intercommunale"],
    ["Mise en ligne le 15/09/2025       Géographie au 01/01/2025"],
    ["@Insee       Source(s) : Insee, invention"],
]
LABELS: list[object] = ["Code géographique", "Libellé géographique", "Taux de pauvreté"]
CODES: list[object] = ["CODGEO", "LIBGEO", "TP6021"]
KEYS: list[object] = CODES[:2]
SAID: list[object] = ["Géographie au 01/01/2025"]  # first line of a text file
# What files say of themselves, and figures that do not hold together, have their own tests.
ELSEWHERE = (FaultKind.ORIGIN, FaultKind.COHERENCE)
Given = tuple[str, str, float | str]  # zone, published code, value or reason of its absence
Said = tuple[Severity, str, str]  # severity, cell, words of what was found

CHECK, BLOCKING, INFORMATION = Severity.CHECK, Severity.BLOCKING, Severity.INFORMATION


def table(*rows: list[object]) -> Rows:
    """Labels on row 5, codes on row 6, data from row 7 on: the layout of Insee."""
    return [*BANNER, LABELS, CODES, *rows]


@dataclass
class File:
    """What a quirk writes, and what must come of it."""

    folder: Path
    stem: str
    path: Path = field(init=False)
    given: dict[str, Given] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    flagged: dict[str, str] = field(default_factory=dict)
    geography: int | None = None

    def xlsx(self, sheets: Rows | Mapping[str, Rows], **options: Any) -> Path:
        sheets = {"Feuil1": sheets} if isinstance(sheets, list) else dict(sheets)
        self.path = write_xlsx(self.folder / f"{self.stem}.xlsx", sheets, **{"merged": {}, **options})
        return self.path

    def csv(self, rows: Rows, **options: Any) -> None:
        self.path = write_csv(self.folder / f"{self.stem}.csv", rows, **options)

    def ods(self, rows: Rows) -> None:
        self.path = write_ods(self.folder / f"{self.stem}.ods", rows)

    def xls(self, rows: Rows) -> None:
        self.path = write_xls(self.folder / f"{self.stem}.xls", rows)

    def declares(self, geography: int) -> None:
        """What a person writes in sources.toml."""
        self.geography = geography

    def gives(self, sheet: str = "", **cells: Given) -> None:
        """Every value that must reach the table, by cell; a bare SIREN is an EPCI."""
        for cell, (zone, code, value) in cells.items():
            place = f"EPCI:{zone}" if zone.isdigit() else zone
            self.given[f"{sheet}!{cell}" if sheet else cell] = (place, code, value)

    def says(self, severity: Severity, cell: str, words: str) -> None:
        """One fault; every fault must be announced."""
        self.said.append((severity, cell, words))

    def flags(self, **cells: str) -> None:
        """The mentions kept beside values."""
        self.flagged.update(cells)

    def wanted(self) -> list[str]:
        """A line per value and fault announced."""
        values = [_line(cell, *given, self.flagged.get(cell, "")) for cell, given in self.given.items()]
        return sorted([*values, *(_told(*one) for one in self.said)])


def column(file: File, zones: tuple[str, ...], code: str, cells: dict[object, float | str], **options: Any) -> None:
    """A table of one indicator: what is typed → what it is."""
    file.xlsx([*BANNER, [*KEYS, code], *([zone, "CC", cell] for zone, cell in zip(zones, cells, strict=True))], **options)  # fmt: skip
    for row, (zone, value) in enumerate(zip(zones, cells.values(), strict=True), start=6):
        file.gives(**{f"C{row}": (zone, code, value)})


class Write(Protocol):
    """Writes a file of zones that no other quirk uses: two values for one key would be another quirk."""

    __name__: str

    def __call__(self, file: File, *zones: str) -> None: ...


@dataclass(frozen=True)
class Quirk:
    """One test: its name, how its file is written, and how many EPCI it needs."""

    name: str
    write: Write
    zones: int


@dataclass(frozen=True)
class Outcome:
    """What `ingest` made of one file: rows of the table, or the error that it raised."""

    file: File
    observations: pd.DataFrame
    faults: Sequence[Fault]
    error: type[DiagpacteError] | None = None

    def found(self) -> list[str]:
        """A line per value, flag and fault, as `File.wanted` announces them."""
        table, named = self.observations, any("!" in cell for cell in self.file.given)
        known = table["value"].where(table["value"].notna(), table["availability"])
        rows = zip(table["sheet"], table["column"], table["row"], table["zone_code"], table["published_code"], known, table["flag"], strict=True)  # fmt: skip
        values = [
            _line((f"{sheet}!" if named else "") + f"{column}{row}", zone, code, value, flag)
            for sheet, column, row, zone, code, value, flag in rows
        ]
        return sorted([*values, *self.said()])

    def said(self) -> list[str]:
        """The faults about tables and values, each in the words that announced it if they are found in it."""
        left, lines = list(self.file.said), []
        for fault in self.faults:
            if fault.kind not in ELSEWHERE and not fault.found.startswith("à renseigner"):
                words = plain(fault.found)
                one = next((one for one in left if one[:2] == (fault.severity, fault.cell) and one[2] in words), None)
                if one:
                    left.remove(one)
                lines.append(_told(*(one or (fault.severity, fault.cell, words))))
        return lines


def _line(cell: str, zone: str, code: str, value: object, flag: str) -> str:
    return f"{cell} : {zone} {code} = {value if isinstance(value, str) else float(str(value))!r} {flag}".strip()


def _told(severity: Severity, cell: str, words: str) -> str:
    return f"{severity.value}, {cell} : {words}"


class Quirks:
    """The quirks of one test module, and their outcomes, found once."""

    def __init__(self) -> None:
        self.all: list[Quirk] = []
        self.cases: list[Any] = []
        self.outcomes: dict[str, Outcome] = {}

    def __call__(self, name: str, zones: int = 2, xfail: str = "") -> Callable[[Write], Write]:
        """Declare a quirk; `xfail` says what the reader still lacks."""

        def declare(write: Write) -> Write:
            self.all.append(Quirk(name, write, zones))
            marks = [pytest.mark.xfail(strict=True, reason=xfail)] if xfail else []
            self.cases.append(pytest.param(name, id=name, marks=marks))
            return write

        return declare

    def outcome(self, name: str, folder: Path) -> Outcome:
        """What `ingest` made of the file of one quirk; all are read at the first question, in `folder`."""
        if not self.outcomes:
            names = [quirk.name for quirk in self.all]
            files = list(self._written(folder))
            assert len(set(names)) == len(names)
            self.outcomes = dict(zip(names, outcomes(folder, files), strict=True))
        return self.outcomes[name]

    def _written(self, folder: Path) -> Iterator[File]:
        pool = epci_codes()
        for number, quirk in enumerate(self.all, start=1):
            file = File(folder, f"epreuve_{number:03}")
            quirk.write(file, *islice(pool, quirk.zones))
            yield file


def epci_codes() -> Iterator[str]:
    """Every EPCI of 2025 but the Grand Paris, those born since 2013 and the older ones in turn."""
    known = intercommunalities(GEOGRAPHY)
    codes = known.loc[known["kind"].eq("EPCI") & known["code"].ne("200054781"), "code"].sort_values()
    young, old = codes[codes.str.startswith("200")], codes[~codes.str.startswith("200")]
    for pair in zip(young, old, strict=False):
        yield from pair


def outcomes(folder: Path, files: Sequence[File], *, apart: bool = True) -> list[Outcome]:
    """Outcomes of `files`, in order: those that stop the workspace are set aside, then the others read again.

    `apart`: no figure is given by two of them, nor lost on the way to one geography; else all that was read counts.
    """
    space = Workspace(folder / "espace")
    init(space.root, "38", "2026-01-01")
    refused: dict[str, Outcome] = {}

    def step(read_all: Callable[[], object]) -> bool:
        """Whether nothing stopped it; else whose fault it was is noted."""
        try:
            read_all()
        except DiagpacteError as error:
            blamed = [file for file in left() if any(fault.file == file.path.name for fault in error.faults)]
            if not blamed:
                raise
            for file in blamed:
                faults = [fault for fault in error.faults if fault.file == file.path.name]
                refused[file.stem] = Outcome(file, pd.DataFrame(columns=COLUMNS), faults, type(error))
            return False
        return True

    def left() -> list[File]:
        return [file for file in files if file.stem not in refused]

    said = {"producer": "Insee", "licence": "LO 2.0", "vintage": "2021"}
    while not step(lambda: add(space.root, [file.path for file in left()], **said)):
        pass
    _declare_geographies(space, left())
    while left() and not step(lambda: ingest(space.root)):
        assert not (space.processed / "observations.parquet").exists()
        _take_away(space, [file for file in files if file.stem in refused])
    tables = _tables(space) if left() else ()
    return [refused.get(file.stem) or _accepted(file, *tables, apart=apart) for file in files]


def _take_away(space: Workspace, files: Sequence[File]) -> None:
    """What a person does with files that cannot be read: out of data/raw, and out of sources.toml."""
    manifest = space.raw / "sources.toml"
    head, *tables = manifest.read_text(encoding="utf-8").split("\n[")
    names = {f'"{file.path.name}"]' for file in files}
    kept = [table for table in tables if table.partition("\n")[0] not in names]
    manifest.write_text("\n[".join([head, *kept]), encoding="utf-8")
    for file in files:
        (space.raw / file.path.name).unlink(missing_ok=True)


COLUMNS = ["sheet", "column", "row", "zone_code", "published_code", "value", "availability", "flag"]


def _tables(space: Workspace) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The observations; those that gave way to others, with the cells of sums and doubles; the faults."""
    names = ("observations", "observations_superseded", "observation_cells", "faults")
    table, aside, cells, faults = (read(space.processed / f"{name}.parquet") for name in names)
    return table, pd.concat([frame for frame in (aside, cells) if len(frame)] or [aside]), faults


def _accepted(file: File, table: pd.DataFrame, aside: pd.DataFrame, faults: pd.DataFrame, *, apart: bool) -> Outcome:
    name = file.path.name
    if apart:
        key = ["zone_code", "indicator", "year"]
        pairs = aside[aside["source_id"].eq(name)].merge(table, on=key, suffixes=("", "_kept"))
        assert pairs["source_id_kept"].eq(name).all(), "two quirks give the same figure"
        aside = aside.head(0)
    everything = pd.concat([table, aside]) if len(aside) else table
    found = [
        Fault(row["file"], row["sheet"], row["cell"], row["found"], row["expected"], row["remedy"],
              Severity(row["severity"]), FaultKind(row["kind"]))
        for row in faults[faults["file"].eq(name)].to_dict("records")
    ]  # fmt: skip
    return Outcome(file, everything[everything["source_id"].eq(name)], found)


def _declare_geographies(space: Workspace, files: Sequence[File]) -> None:
    manifest = space.raw / "sources.toml"
    head, *tables = manifest.read_text(encoding="utf-8").split("\n[")
    declared = {f'"{file.path.name}"]': file.geography for file in files if file.geography}
    for place, table in enumerate(tables):
        year = declared.get(table.partition("\n")[0])
        if year:
            tables[place] = table.replace('geographie = "à renseigner"', f"geographie = {year}")
    manifest.write_text("\n[".join([head, *tables]), encoding="utf-8")
