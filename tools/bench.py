"""Speed and memory, one line a figure, as ratios against a named baseline measured in the same run.

BENCH name=… ours_s=… baseline_s=… ratio=… peak_mb=…   (ratio = baseline / ours; medians of the runs)

Each measure is a whole process, ours and the baseline in turn. Real files are used where they are
(DIAGPACTE_SHARED_DATA, or ../shared/data); a figure whose file is absent says so.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_communes import write_communes
from diagpacte.cli import app

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("DIAGPACTE_SHARED_DATA", ROOT.parent / "shared" / "data"))
PANORAMA = SHARED / "panorama" / "panorama_pauvrete_reel_2021.xlsx"
RUNS = 5
FEWEST_VALUES = 70_000

EMPTY_APP = """
import typer
app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
def nothing(): pass
for name in {names!r}: app.command(name)(nothing)
app()
"""
# VmHWM starts anew at exec, where ru_maxrss keeps what the parent weighed.
PEAK = "import re, sys; print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024, file=sys.stderr)"


def _run(code: str, *arguments: str) -> tuple[float, int]:
    """Seconds and peak MB of one Python process running `code`."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", f"import atexit\n@atexit.register\ndef peak():\n    {PEAK}\n{code}", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    return seconds, int(done.stderr.split()[-1])


def _pair(name: str, ours: tuple[str, ...], baseline: tuple[str, ...]) -> None:
    """Print the figure `name`: ours and the baseline in turn, after one warm-up of each."""
    _run(*ours)
    _run(*baseline)
    pairs = [(_run(*ours), _run(*baseline)) for _ in range(RUNS)]
    ours_s = statistics.median(one[0] for one, _ in pairs)
    baseline_s = statistics.median(other[0] for _, other in pairs)
    ratio = statistics.median(other[0] / one[0] for one, other in pairs)
    peak = max(one[1] for one, _ in pairs)
    print(
        f"BENCH name={name} ours_s={ours_s:.3f} baseline_s={baseline_s:.3f} ratio={ratio:.2f} peak_mb={peak}",
        flush=True,
    )


def help_screen() -> None:
    names = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    _pair(
        "help_vs_empty_typer_app",
        ("from diagpacte.cli import main\nmain()", "--help"),
        (EMPTY_APP.format(names=names), "--help"),
    )


def national_panorama() -> None:
    if not PANORAMA.is_file():
        print("BENCH name=national_panorama skipped: real file absent")
        return
    _reading("national_panorama_vs_pandas_openpyxl_read_only", PANORAMA, FEWEST_VALUES)


def every_commune() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "communes.xlsx"
        values = write_communes(path)
        _reading("35000_communes_x_60_vs_pandas_openpyxl_read_only", path, values)


def _reading(name: str, path: Path, fewest_values: int) -> None:
    """What `ingest` does with a workbook of indicators, against pandas that only reads it."""
    ours = (
        "import sys\nsys.path.insert(0, 'tools')\nfrom bench_reading import read\nread(sys.argv[1], int(sys.argv[2]))"
    )
    baseline = "import sys, pandas\npandas.read_excel(sys.argv[1], sheet_name=None, header=None, engine='openpyxl')"
    _pair(name, (ours, str(path), str(fewest_values)), (baseline, str(path)))


FIGURES: tuple[Callable[[], None], ...] = (help_screen, national_panorama, every_commune)


def main() -> None:
    for figure in FIGURES:
        figure()


if __name__ == "__main__":
    main()
