"""What the process apart does: read a workbook, send its rows. It loads nothing but the engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import python_calamine

Row = Sequence[Any]
BLOCK = 2_000  # rows sent at a time
DAMAGED, ENCRYPTED, END = "damaged", "encrypted", "end"


def send_all(path: Path, pipe: Connection) -> None:
    """In the other process: send the rows of every worksheet, each followed by END."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno() if sys.__stderr__ else 2)  # a panic is not news
    with suppress(OSError):  # nobody listens any more
        try:
            book = python_calamine.CalamineWorkbook.from_path(path)
            for about in book.sheets_metadata:
                if about.typ is python_calamine.SheetTypeEnum.WorkSheet:
                    _send(rows_from_a1(book.get_sheet_by_name(about.name)), pipe)
        except python_calamine.PasswordError:
            pipe.send(ENCRYPTED)
        except OSError:
            raise
        except BaseException:  # a Rust panic derives from it
            pipe.send(DAMAGED)


def rows_from_a1(sheet: python_calamine.CalamineSheet) -> Iterable[Row]:
    """The rows of a sheet from A1 on: the engine leaves out the blank columns on the left."""
    left = sheet.start[1] if sheet.start else 0
    rows: Iterable[Row] = sheet.iter_rows()
    return ([*[None] * left, *row] for row in rows) if left else rows


def _send(rows: Iterable[Row], pipe: Connection) -> None:
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if len(block) == BLOCK:
            pipe.send(block)
            block = []
    pipe.send(block)
    pipe.send(END)
