"""Thousands of mutated files, each read to a table or to an error in French: `make fuzz`.

Seeds are fixed. `python tools/fuzz.py --seed 1234` replays one alone, says what was done to the file and
keeps it; `--first` and `--count` choose others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fuzz_workbooks import make_case, run_case
from fuzzing.runner import run_seeds

SHOWN = 3  # failures of one seed
MOST_FAILURES = 100  # seeds whose failures are told; the others are only named


def replay(seed: int) -> int:
    """One seed: what was done to the file, where it is kept, and all that came of it."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{seed}-"))
    case, outcome = make_case(seed, folder), run_case(seed, folder)
    print(f"{case.path}\n  " + "\n  ".join(case.mutations))
    print(f"→ {outcome.ending}")
    print("\n".join(f"! {failure}" for failure in outcome.failures))
    return bool(outcome.failures)


def campaign(seeds: range, jobs: int) -> int:
    """All the seeds: the failures as they come, then how the others ended."""
    endings: Counter[str] = Counter()
    judged, failed = 0, []
    for number, outcome in enumerate(run_seeds(seeds, jobs), start=1):
        endings[outcome.ending] += 1
        if outcome.commands:
            endings[f"(dont par les commandes : {outcome.commands})"] += 1
        judged += outcome.judged
        if outcome.failures:
            failed.append(outcome.seed)
        if outcome.failures and len(failed) <= MOST_FAILURES:
            print("\n".join(f"graine {outcome.seed} : {failure}" for failure in outcome.failures[:SHOWN]), flush=True)
        if number % 1000 == 0:
            print(f"… {number} sur {len(seeds)}", flush=True)
    width = max(map(len, endings), default=0)
    print("\n".join(f"{ending:<{width}}  {count:>6}" for ending, count in sorted(endings.items())))
    print(f"{judged} tableaux comparés avec openpyxl ; {len(failed)} échecs {failed or ''}")
    return bool(failed)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seed", type=int, help="replay this one alone")
    words.add_argument("--first", type=int, default=0)
    words.add_argument("--count", type=int, default=10_000)
    words.add_argument("--jobs", type=int, default=2)
    said = words.parse_args()
    if said.seed is not None:
        return replay(said.seed)
    return campaign(range(said.first, said.first + said.count), said.jobs)


if __name__ == "__main__":
    sys.exit(main())
