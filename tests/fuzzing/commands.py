"""A file taken through the commands as a person types them: what is printed, the exit code, the table."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from diagpacte import cli
from diagpacte.store import read as read_table
from fuzzing.messages import QUOTED, english_in
from workbook_builders import read

Judge = Callable[[pd.DataFrame], Iterable[str]]
PRINTED = re.compile(r"Traceback|Warning|Error\b|<frozen|File \"")
MADE = ("--territory", "38", "--as-of", "2026-01-01")
SAID = ("--producteur", "Insee", "--licence", "LO 2.0", "--millesime", "2021", "--nature", "réelle")
ALLOWED = {"init": (0,), "add": (0, 4), "ingest": (0, 1, 4), "validate": (0, 1)}
HELD = ["sheet", "row", "column", "zone_code", "indicator", "year", "value", "availability", "published_text"]


def through_commands(path: Path, ending: str, judge: Judge, folder: Path) -> tuple[str, list[str]]:
    """(last step and its exit code, what is wrong) of `add` then `ingest` of `path`.

    `ending` is what reading it alone gave; `judge` compares values with their cells.
    """
    space = folder / "espace"
    shutil.rmtree(space, ignore_errors=True)
    wrong: list[str] = []
    for step, words in (
        ("init", ("init", str(space), *MADE)),
        ("add", ("-C", str(space), "add", str(path), *SAID)),
        ("ingest", ("-C", str(space), "ingest")),
    ):
        code, output, errors = command(*words)
        wrong += [f"{step} : {why}" for why in _badly_said(step, code, output + errors)]
        if code == 0 and (step, ending) in (("add", "erreur 4"), ("ingest", "erreur 1")):
            wrong.append(f"{step} : sortie 0, {ending} à la lecture")
        if code:
            return f"{step} {code}", wrong
    observations = read_table(space / "data" / "processed" / "observations.parquet")
    if not len(observations):
        wrong.append("ingest : sortie 0 sans aucune valeur")
    return "ingest 0", wrong + [f"ingest : {why}" for why in judge(observations)]


def annotated(path: Path, ending: str, folder: Path, geography: int) -> Iterator[str]:
    """What is wrong in `validate` of `path`, its faults as JSON, and the annotated copy when there is one."""
    copies = folder / "copies"
    shutil.rmtree(copies, ignore_errors=True)
    code, output, errors = command("validate", str(path), "--annotate", str(copies), "--format", "json")
    yield from (f"validate : {why}" for why in _badly_said("validate", code, errors))
    if code not in ALLOWED["validate"]:
        return
    told = json.loads(output)
    if told["exit_code"] != code or (ending != "tableau" and not code):
        yield f"validate : sortie {code}, {told['exit_code']} dans le JSON, {ending} à la lecture"
    copy: dict[str, Any] = told["files"][0]["annotated"] or {}
    if copy.get("copy"):
        same = [read(one, geo_vintage=geography).observations[HELD] for one in (path, Path(copy["path"]))]
        if not same[0].equals(same[1]):
            yield "validate : la copie annotée ne donne pas la même table"


def command(*words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of one command, in this process."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        patch.object(sys, "argv", ["diagpacte", *words]),
        patch.object(sys, "stdout", output),
        patch.object(sys, "stderr", errors),
    ):
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
    texts = []
    for stream in (output, errors):
        stream.flush()
        stream.seek(0)
        texts.append(stream.read())
    return code, *texts


def _badly_said(step: str, code: int, text: str) -> Iterator[str]:
    found = PRINTED.search(QUOTED.sub("", text))
    if found:
        yield f"« {found[0]} » imprimé : {text[-1000:]!r}"
    if code and english_in(text):
        yield f"anglais « {english_in(text)} » : {text[:1000]!r}"
    if code not in ALLOWED[step]:
        yield f"sortie {code} : {text[-500:]!r}"
    if code and step != "validate" and not text.strip():
        yield f"sortie {code} sans un mot"
