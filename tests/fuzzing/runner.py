"""Many seeds, in processes that may hang or die without harm: each seed is told, whatever becomes of it."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO

from fuzz_workbooks import Outcome, run_case

CHUNK = 250  # seeds of a process, which starts in a second
SECONDS = 120  # without an answer, a seed hangs
WORKER = (sys.executable, "-m", "fuzzing.runner")
TESTS = Path(__file__).parents[1]


def run_seeds(seeds: range, jobs: int = 1, worker: Sequence[str] = WORKER) -> Iterator[Outcome]:
    """What became of each of `seeds`, in their order, `jobs` processes at a time; `worker` is what they run."""
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    with ThreadPoolExecutor(jobs) as pool:
        for outcomes in pool.map(partial(_run_chunk, worker), chunks):
            yield from outcomes


def _run_chunk(worker: Sequence[str], seeds: range) -> list[Outcome]:
    """A process per chunk, and another from the next seed on when it dies of one."""
    done: list[Outcome] = []
    while len(done) < len(seeds):
        left = seeds[len(done) :]
        with tempfile.TemporaryFile() as errors:
            words = [*worker, str(left.start), str(left.stop)]
            answer = subprocess.run(words, stdout=subprocess.PIPE, stderr=errors, check=False, cwd=TESTS)
            errors.seek(0)
            last_words = errors.read().decode("utf-8", "replace")
        told = [Outcome(**json.loads(line)) for line in answer.stdout.splitlines() if line.endswith(b"}")]
        done += told
        if len(told) < len(left):
            kind = "arrêt" if "Timeout" in last_words else "mort du processus"
            done.append(Outcome(left[len(told)], kind, [f"{kind}, sortie {answer.returncode} : {last_words[-2000:]}"]))
    return done


def _answer(seeds: range) -> None:
    """In the other process: a line of JSON per seed."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    alarm = os.fdopen(os.dup(2), "w", encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        for seed in seeds:
            faulthandler.dump_traceback_later(SECONDS, exit=True, file=alarm)
            outcome = run_case(seed, Path(folder))
            faulthandler.cancel_dump_traceback_later()
            outcome.failures += [f"imprimé : {text[:300]}" for text in _printed(printed)]
            answers.write(json.dumps(vars(outcome)) + "\n")
            answers.flush()


def _printed(file: IO[bytes]) -> list[str]:
    """What libraries wrote for nobody since the last seed."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with contextlib.suppress(OSError):
        file.seek(0)
        text = file.read().decode("utf-8", "replace")
        file.seek(0)
        file.truncate()
        return [text] if text.strip() else []
    return []


if __name__ == "__main__":
    _answer(range(int(sys.argv[1]), int(sys.argv[2])))
