"""Workbooks that the engine reads whole (.xls, .xlsb, .ods): in a process of their own, which may die without harm.

Each format has its pre-scan, which gives the extent before anything is allocated. What neither the
pre-scan nor the engine tells: formulas without a stored result, and the number formats but for the
percentages of .ods; a percentage of .xls or .xlsb is the number it stores, 0.125.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from diagpacte.sources.files.apart_reader import DAMAGED, ENCRYPTED, END, Row, send_all
from diagpacte.sources.files.refusals import SAVE_AGAIN, RefusedError, damaged, encrypted
from diagpacte.sources.files.sheet_facts import SheetFacts


def read_apart(path: Path, sheets: Iterable[SheetFacts], seconds: int) -> Generator[Iterator[Row], None, None]:
    """The rows of each of `sheets`, which are those of the file in its order; each to be read before the next.

    Raises RefusedError when the engine refuses the file, dies of it, or says nothing for `seconds`.
    """
    here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=send_all, args=(path, there), daemon=True)
    process.start()
    there.close()
    try:
        for facts in sheets:
            yield _received(here, facts, seconds)
    finally:
        here.close()
        process.terminate()
        process.join()


def _received(pipe: Connection, facts: SheetFacts, seconds: int) -> Iterator[Row]:
    while True:
        try:
            if not pipe.poll(seconds):
                raise _too_long(facts, seconds)
            message = pipe.recv()
        except (EOFError, OSError) as error:  # the other process is dead
            raise damaged("contenu que rien ne sait lire", facts.name, SAVE_AGAIN) from error
        if message == ENCRYPTED:
            raise encrypted()
        if message == DAMAGED:
            raise damaged("contenu que rien ne sait lire", facts.name, SAVE_AGAIN)
        if message == END:
            return
        yield from message


def _too_long(facts: SheetFacts, seconds: int) -> RefusedError:
    found = f"lecture interrompue après {seconds} secondes"
    return RefusedError(found, "un classeur lu en quelques secondes", SAVE_AGAIN, facts.name)
