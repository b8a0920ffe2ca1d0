"""A workspace taken through the whole way by the command line, once a test session."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

OTHER_PLACE = {"TZ": "Pacific/Noumea", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "77"}


def diagpacte(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "diagpacte.cli", *map(str, words)],
        capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def must(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    done = diagpacte(*words, **environment)
    assert done.returncode == 0, done.stderr
    return done


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder but the lock, by its SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".diagpacte.lock"
    }


def real_files(shared: Path) -> list[Path]:
    """The national panorama, the services and structures of August 2024, the France services list."""
    offers = shared / "offers"
    return [
        shared / "panorama" / "panorama_pauvrete_reel_2021.xlsx",
        offers / "services-inclusion-2024-08.parquet",
        offers / "structures-inclusion-2024-08.parquet",
        offers / "france_services" / "liste-fs-20240801.csv",
    ]
