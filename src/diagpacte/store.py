"""Tables on disk: Parquet with the schema version in its metadata, checked on both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from diagpacte.errors import Fault, SourceError
from diagpacte.tables import SCHEMA_VERSION, TABLES, Column, Table

SCHEMA_KEY = b"diagpacte_schema"


def to_bytes(name: str, frame: pd.DataFrame) -> bytes:
    """`frame` as the bytes of `<name>.parquet`; raises ContractError when it breaks the contract."""
    table = TABLES[name]
    frame = table.frame(frame)
    schema = pa.schema([pa.field(column, _arrow_type(spec)) for column, spec in table.columns.items()])
    metadata = {SCHEMA_KEY: str(SCHEMA_VERSION).encode()}
    if table.geometry:
        metadata[b"geo"] = json.dumps(_geo_metadata(table)).encode()
    data = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(metadata)
    sink = pa.BufferOutputStream()
    pq.write_table(data, sink, compression="zstd")
    return bytes(sink.getvalue())


def read(path: Path) -> pd.DataFrame:
    """The table kept in `path`, checked; SourceError when it is absent, foreign or of another version."""
    table = TABLES[path.stem]
    try:
        data = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(_unreadable(path, f"table illisible ({error})")) from error
    version = (data.schema.metadata or {}).get(SCHEMA_KEY, b"absente").decode()
    if version != str(SCHEMA_VERSION):
        raise SourceError(_unreadable(path, f"schéma de version {version}, attendu {SCHEMA_VERSION}"))
    return table.frame(data.to_pandas())


def _unreadable(path: Path, found: str) -> Fault:
    return Fault(file=path.name, found=found, remedy="supprimer ce fichier et relancer « diagpacte ingest »")


def _arrow_type(column: Column) -> pa.DataType:
    kinds: dict[type, Any] = {
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        bytes: pa.binary(),
        list: pa.list_(pa.string()),
    }
    if column.kind in kinds:
        kind: pa.DataType = kinds[column.kind]
        return kind
    return pa.string() if issubclass(column.kind, str) else pa.date32()


def _geo_metadata(table: Table) -> dict[str, Any]:
    """GeoParquet 1.0, so that QGIS and geopandas open the file; no `crs` means WGS84 there."""
    columns = {name: {"encoding": "WKB", "geometry_types": []} for name in table.geometry}
    return {"version": "1.0.0", "primary_column": table.geometry[0], "columns": columns}
