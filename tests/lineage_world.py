"""A small world taken whole through the real way: a panorama, an older table, services, structures, one département.

The files are bytes that a test changes in one place; the geography is the packaged one, made once.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from openpyxl import load_workbook

from diagpacte.crossing.access import distances, project
from diagpacte.demo.offers import simulated_offers
from diagpacte.demo.panorama import simulated_panorama
from diagpacte.settings import Settings, load_settings
from diagpacte.sources import reference
from diagpacte.tables import TABLES
from diagpacte.tables.walk import Walk, walk
from diagpacte.vocabulary import Territory
from diagpacte.workflow import add, crossing, ingestion, init
from diagpacte.workflow.ingestion import _read_everything
from diagpacte.workflow.job import MANIFEST, Job
from diagpacte.workflow.places import resolve
from diagpacte.workflow.tracing import Shelf, stocked

TERRITORY, VINTAGE, EPSG = "47", 2025, 2154
OLD_VINTAGE = 2021
PANORAMA, OLDER = "panorama.xlsx", "menages_2021.xlsx"
SERVICES, STRUCTURES, OTHERS = "services.json", "structures.json", "autres_structures.json"
SHEETS = {"Profils_EPCI": 4, "Facteurs_EPCI": 4, "Fragilite_EPCI": 3, "References": 4}  # first column of values
SETTINGS = """
[need]
national_zones = 40
[crossing]
ring_km = 25
"""
NO_BOUNDS = ("aged_75_or_over_pct",)  # their bounds are computed from the panorama


def panorama() -> bytes:
    """Sixty EPCI of the région, those of the département among them."""
    communes = reference.communes(VINTAGE)
    near = communes[communes["region"].eq("75") & communes["epci"].notna()]
    zones = near.groupby("epci").agg(department=("department", "last"), population=("population", "sum")).reset_index()
    ours = zones["epci"].isin(communes.loc[communes["department"].eq(TERRITORY), "epci"])
    zones = pd.concat([zones[ours], zones[~ours].head(60 - int(ours.sum()))]).rename(columns={"epci": "code"})
    names = reference.intercommunalities(VINTAGE).set_index("code")["name"]
    return simulated_panorama(zones.assign(name=zones["code"].map(names)), "75", "Nouvelle-Aquitaine", VINTAGE)


def older() -> bytes:
    """Counts of the EPCI of 2021 of the département: two of them are one in 2025."""
    communes = reference.communes(OLD_VINTAGE)
    ours = communes[communes["department"].eq(TERRITORY) & communes["epci"].notna()]
    codes = sorted(ours["epci"].unique())
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Figure")
        sheet.write_string(0, 0, "Ménages fiscaux, Géographie au 01/01/2021")
        sheet.write_row(2, 0, ["CODGEO", "LIBGEO", "NBMENFISC19"])
        for row, code in enumerate(codes, start=3):
            sheet.write_row(row, 0, [code, f"EPCI {code}", 4_000 + 37 * row])
    return buffer.getvalue()


def offers() -> dict[str, bytes]:
    """Services and structures around the département, and a second list that brings some structures again."""
    communes = reference.communes(VINTAGE)
    points = project(communes, EPSG)
    ours = communes["department"].eq(TERRITORY).to_numpy()
    around = communes[(distances(points, points[ours]) <= 30_000) & communes["population"].gt(1_500).to_numpy(bool)]
    postcode = reference.postcodes().drop_duplicates("code").set_index("code")["postcode"]
    around = around.assign(postcode=around["code"].map(postcode), population=around["population"] // 4)
    leaves = tuple(dict.fromkeys(row.key for row in _settings().thematics if row.key_kind == "thematique"))
    services, structures = simulated_offers(around[around["postcode"].notna()], leaves[:30], TERRITORY)
    again = json.loads(structures)[:6]
    for rank, structure in enumerate(again):
        source, networks = [("cd47", ["mission-locale"]), (structure["source"], structure["reseaux_porteurs"])][
            rank % 2
        ]
        structure |= {"source": source, "id": f"{source}--autre-{rank}", "reseaux_porteurs": networks}
    return {SERVICES: services, STRUCTURES: structures, OTHERS: json.dumps(again).encode()}


def _settings() -> Settings:
    return load_settings(Path(__file__).parent / "no-workspace-here")


def files() -> dict[str, bytes]:
    """Every file received."""
    return {PANORAMA: panorama(), OLDER: older(), **offers()}


def fill(folder: Path, received: Mapping[str, bytes], restricted: tuple[str, ...] = ()) -> None:
    """A workspace that received these files, some of them not public."""
    init(folder, TERRITORY, "2026-01-01")
    settings = folder / "configs" / "diagpacte.toml"
    settings.write_text(settings.read_text("utf-8") + SETTINGS, "utf-8")
    aside = folder.parent / "received"
    aside.mkdir()
    for name, data in received.items():
        (aside / name).write_bytes(data)
    if received:
        add(folder, [aside / name for name in received], nature="simulée", producer="essai", licence="aucune")
    manifest = folder / "data" / "raw" / MANIFEST
    for name in restricted:
        text = manifest.read_text("utf-8")
        entry = text.index(f'["{name}"]')
        place = text.index("\nnature = ", entry)
        manifest.write_text(f'{text[:place]}\ndiffusion = "restreinte"{text[place:]}', "utf-8")


@dataclass(frozen=True)
class World:
    """The tables of the département from some files, and what is declared of them."""

    frames: Mapping[str, pd.DataFrame]
    shelf: Shelf

    def walk(self, table: str, column: str, row: int) -> Walk:
        return walk(self.shelf.lineage, self.shelf.tables, table, column, np.array([row], dtype=np.intp))


class Maker:
    """A workspace where files are changed one at a time."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.folder = folder
        self.files = files()
        fill(folder, self.files)
        job = Job.open(folder)
        bounds = tuple(row for row in job.settings.breaks if row.indicator not in NO_BOUNDS)
        self.job = replace(job, settings=job.settings.model_copy(update={"breaks": bounds}))
        self.territory: Territory = resolve(self.job.settings.geography, TERRITORY)
        self.manifest = (folder / "data" / "raw" / MANIFEST).read_text("utf-8")
        made = crossing.places(self.job, self.territory)  # no cell of a received file changes them
        monkeypatch.setattr(crossing, "places", lambda *_: dict(made))
        self.changed = ""
        self._keep(monkeypatch, "read_files", self._indicators_changed)
        self._keep(monkeypatch, "of_one_geography", self._indicators_changed)
        self._keep(monkeypatch, "_read_offers", lambda: self.changed not in (PANORAMA, OLDER))

    def _indicators_changed(self) -> bool:
        return self.changed in ("", PANORAMA, OLDER)

    def _keep(self, monkeypatch: Any, name: str, again: Callable[[], bool]) -> None:
        """Read again only the files of the kind that changed."""
        read, kept = getattr(ingestion, name), {}

        def once(*given: Any) -> Any:
            if not self.changed:
                kept["base"] = read(*given)
            return read(*given) if self.changed and again() else kept["base"]

        monkeypatch.setattr(ingestion, name, once)

    def world(self, name: str = "", data: bytes = b"") -> World:
        """The world of these files, `name` holding `data` in place of its own content."""
        self.changed, raw = name, self.folder / "data" / "raw"
        manifest = self.manifest
        for file, content in self.files.items():
            now = data if file == name else content
            if (raw / file).read_bytes() != now:
                (raw / file).write_bytes(now)
            manifest = manifest.replace(sha(content), sha(now))
        (raw / MANIFEST).write_text(manifest, "utf-8")
        frames, _ = _read_everything(self.job)
        frames |= self._crossed(frames)
        makers: dict[str, Callable[[Any], pd.DataFrame]] = {
            table: lambda _, frame=frame: frame
            for table, frame in frames.items()  # type: ignore[misc]
        }
        return World(frames, stocked(self.job, self.territory, makers))

    def _crossed(self, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        job = _InMemory(self.job.space, self.job.settings, frames=frames)
        return crossing._cross(job, self.territory)


@dataclass(frozen=True)
class _InMemory(Job):
    """A job whose tables have just been read, and lie on no disk."""

    frames: Mapping[str, pd.DataFrame] | None = None

    def read(self, *names: str, territory: Territory | None = None) -> dict[str, Any]:  # noqa: ARG002
        assert self.frames is not None
        return {name: TABLES[name].frame(self.frames[name]) for name in names}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def correct(folder: Path, data: bytes, sheet: str, cell: str, new: str) -> None:
    """A line of corrections.csv for a cell of a workbook received."""
    old = load_workbook(io.BytesIO(data))[sheet][cell].value
    line = f"{sha(data)[:12]};{sheet}!{cell};valeur;{str(old).replace('.', ',')};{new};erreur de frappe;02/01/2026"
    heading = "empreinte_source;cle;champ;ancien;nouveau;motif;date"
    (folder / "data" / "saisies" / "corrections.csv").write_text(f"{heading}\n{line}\n", "utf-8-sig")


def with_cell(data: bytes, sheet: str, cell: str, value: Any) -> bytes:
    """A workbook with one cell changed."""
    book = load_workbook(io.BytesIO(data))
    book[sheet][cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_record(data: bytes, row: int, **changes: Any) -> bytes:
    """A list of records with fields of one changed; rows count from 1."""
    records = json.loads(data)
    records[row - 1] |= changes
    return json.dumps(records).encode()
