"""The packaged reference: communes and EPCI of each 1 January, passages, contours, for all of France.

Tables are read once a process and handed out as views: what one caller changes, no other sees.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from diagpacte.errors import ConfigurationError, Fault, SourceError
from diagpacte.tables import TABLES, Communes, Passage
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE

FOLDER = files("diagpacte.sources").joinpath("reference_data")


def communes(*vintages: int) -> Communes:
    """Every commune of each 1 January asked for, with its point; no EPT before 2023.

    Raises ConfigurationError for a vintage that is not packaged.
    """
    return Communes(pd.concat([_communes(vintage) for vintage in vintages], ignore_index=True))


def commune_names() -> pd.DataFrame:
    """Every name of each commune over the packaged vintages, once each: code, name."""
    return _table("communes")[["code", "name"]].drop_duplicates()


def intercommunalities(vintage: int) -> pd.DataFrame:
    """EPCI of that 1 January, and EPT from 2023 on: code, geo_vintage, kind, name, nature."""
    return _table("intercommunalities", vintage).copy(deep=False)


def departments() -> pd.DataFrame:
    """Départements, then the collectivités 20R, 69D, 69M, 6AE: code, name, region, in_place, of_place."""
    columns = ["code", "name", "region", "in_place", "of_place"]
    return pd.concat([_table(name)[columns] for name in ("departments", "collectivities")], ignore_index=True)


def regions() -> pd.DataFrame:
    """Régions: code, name, in_place, of_place."""
    return _table("regions").copy(deep=False)


def postcodes() -> pd.DataFrame:
    """Postcodes of the communes of today: code, postcode."""
    return _table("postcodes").copy(deep=False)


def arrondissements() -> pd.DataFrame:
    """Municipal arrondissements of Paris, Lyon and Marseille: code, parent (their commune), name, population…"""
    return _table("arrondissements").copy(deep=False)


def contours() -> pd.Series[Any]:
    """Shape of each commune of the last vintage (EPSG:4326, one clean coverage), indexed by code."""
    return _contours().copy(deep=False)


def passage() -> Passage:
    """What became of communes from each 1 January to the next; unlisted codes are unchanged."""
    return Passage(TABLES["passage"].frame(_table("passage")))


def approximate_zones(vintage: int) -> pd.DataFrame:
    """EPCI of that vintage whose ground cannot be cut exactly in the communes of today: code…"""
    return _table("approximate_zones", vintage).copy(deep=False)


@lru_cache(maxsize=LAST_VINTAGE - FIRST_VINTAGE + 1)
def _communes(vintage: int) -> pd.DataFrame:
    points = _table("points")[["code", "lon", "lat"]]
    return TABLES["communes"].frame(_table("communes", vintage).merge(points, on="code", how="left"))


@lru_cache(maxsize=1)
def _contours() -> pd.Series[Any]:
    import shapely  # noqa: PLC0415  (reading tables, the common case, has no use for it)

    table = _table("contours")
    return pd.Series(shapely.from_wkb(table["geometry"].to_numpy()), index=table["code"], dtype="object")


@lru_cache(maxsize=32)
def _table(name: str, vintage: int | None = None) -> pd.DataFrame:
    """`<name>.parquet`, of one vintage when asked. SourceError when the package is damaged."""
    if vintage is not None and not FIRST_VINTAGE <= vintage <= LAST_VINTAGE:
        raise ConfigurationError(
            Fault(
                "diagpacte.toml",
                found=f"[geography] vintage = {vintage} : géographie non fournie",
                expected=f"une année de {FIRST_VINTAGE} à {LAST_VINTAGE}",
                remedy="choisir l’une de ces années",
            )
        )
    rows = None if vintage is None else [("geo_vintage", "==", vintage)]
    try:
        with as_file(FOLDER.joinpath(f"{name}.parquet")) as path:
            table: pd.DataFrame = pq.read_table(path, filters=rows).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise SourceError(
            Fault(
                f"{name}.parquet",
                found=f"référentiel géographique absent ou illisible ({type(error).__name__})",
                remedy="réinstaller diagpacte",
            )
        ) from error
    return table
