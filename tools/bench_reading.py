"""The reading of one workbook of indicators, in a process of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from diagpacte.settings import load_settings
from diagpacte.sources.indicators import read_indicators
from diagpacte.workflow.indicator_tables import indicator_rules


def read(path: str, fewest_values: int) -> None:
    """Read, check, keep provenance: what `ingest` does with one workbook."""
    with tempfile.TemporaryDirectory() as folder:
        rules = indicator_rules(load_settings(Path(folder)))
    reading = read_indicators(Path(path), Path(path).name, rules)
    if len(reading.observations) < fewest_values:
        sys.exit(f"{len(reading.observations)} values read, {fewest_values} expected")
