"""The packaged geography as tables, each read once, and the tools that built it."""

import sys
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

import diagpacte

FOLDER = Path(diagpacte.__file__).parent / "sources" / "reference_data"
TOOLS = Path(__file__).parents[1] / "tools"
VINTAGES = range(2019, 2027)


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(FOLDER / f"{name}.parquet")


@cache
def contours() -> gpd.GeoSeries:
    shapes = gpd.read_parquet(FOLDER / "contours.parquet").set_index("code").geometry
    return shapes.set_crs(4326, allow_override=True)  # GeoParquet's default, CRS84, is the same in this axis order


def communes_of(vintage: int) -> pd.DataFrame:
    communes = table("communes")
    return communes[communes["geo_vintage"] == vintage].set_index("code")


def import_tools() -> None:
    """Let `import geography_…` find the build script's modules."""
    if str(TOOLS) not in sys.path:
        sys.path.insert(0, str(TOOLS))
