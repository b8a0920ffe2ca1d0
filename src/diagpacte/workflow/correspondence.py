"""correspondance.xlsx in a workspace: what people typed is harvested before every write, and never lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagpacte.errors import raise_blocking
from diagpacte.workflow.indicator_tables import all_headings
from diagpacte.workspace import atomic_write

if TYPE_CHECKING:
    from pathlib import Path

    from diagpacte.deliverables.correspondence import AskedFile, AskedText, Cells, Content
    from diagpacte.sources.correspondence.answers import Correspondence
    from diagpacte.sources.correspondence.rows import Filled, SheetRow
    from diagpacte.sources.indicators import IndicatorReading
    from diagpacte.sources.manifest import ManifestEntry
    from diagpacte.tables import Headings
    from diagpacte.workflow.job import Job

CORRESPONDENCE = "correspondance.xlsx"


@dataclass(frozen=True)
class _Sheet:
    """A sheet of questions. A row is known by `key`; `about` is the heading under which one that is settled says so.

    `key`, `about` and `shown` come from the files; everything else in a row was typed by someone.
    """

    key: tuple[str, ...]
    about: str
    shown: tuple[str, ...]
    answers: tuple[str, ...]  # one of them filled, the row asks nothing more

    def typed(self, cells: Cells) -> Cells:
        """What somebody wrote in a row."""
        ours = {*self.key, self.about, *self.shown}
        return {heading: text for heading, text in cells.items() if heading not in ours}


COLUMNS = _Sheet(
    ("fichier", "feuille", "intitulé", "sous"),
    "pourquoi",
    ("cellule", "exemple 1", "exemple 2", "exemple 3", "proposition", "confiance"),
    ("retenir comme", "garder"),
)
FILES = _Sheet(("fichier",), "contenu reconnu", ("dite par le fichier",), ("géographie au 1er janvier",))
MARKS = _Sheet(("fichier", "texte"), "première cellule", ("nombre de cellules",), ("veut dire",))


def correspondence_path(job: Job) -> Path:
    return job.space.saisies / CORRESPONDENCE


def read_answers(job: Job) -> Correspondence:
    """What people said of columns, texts and files; nothing when there is no such workbook.

    Raises SourceError when it cannot be read.
    """
    from diagpacte.sources.correspondence.answers import Correspondence, read_correspondence

    path = correspondence_path(job)
    if not path.is_file():
        return Correspondence()
    from diagpacte.deliverables.correspondence import shown_words

    settings = job.settings
    return read_correspondence(
        path,
        settings.indicators,
        settings.reading,
        shown_words(),
        marks=settings.missing_marks,
        factors=settings.factors,
    )


def ask(job: Job, read: Sequence[tuple[ManifestEntry, IndicatorReading]], files: Collection[str]) -> Path | None:
    """The workbook, when the files read put questions in it that were not there; it is brought up to date anyway.

    `files` are all those of data/raw. A workbook that is open elsewhere and would ask nothing new is left as it is.
    Raises as `updated` does, and OSError when new questions cannot be written.
    """
    from diagpacte.deliverables.correspondence import AskedFile, AskedText

    asked = [AskedFile(entry.file, entry.title, reading.source.geo_vintage) for entry, reading in read]
    if not asked:
        return None
    texts = [
        AskedText(entry.file, one.text, one.count, one.cell) for entry, reading in read for one in reading.unknown_texts
    ]
    headings = all_headings([reading for _, reading in read])
    update = _update(job, headings, asked, {*files} - {one.file for one in asked}, texts)
    if update is None:
        return None
    content, asks = update
    try:
        atomic_write(correspondence_path(job), content)
    except OSError:
        if asks:
            raise
    return correspondence_path(job) if asks else None


def updated(
    job: Job,
    headings: Headings,
    files: Sequence[AskedFile],
    others: Collection[str] = (),
    texts: Sequence[AskedText] = (),
) -> bytes | None:
    """The workbook brought up to date; None when there is nothing to ask, or when it already says it all.

    `headings` and `texts` are all those of `files`; `others` are files of data/raw that were not looked at this time:
    their rows stay as they are. Raises SourceError when the workbook there cannot be read, DataError when a
    sheet or a column of it is gone: what is not understood is not written over.
    """
    update = _update(job, headings, files, others, texts)
    return update[0] if update else None


def _update(
    job: Job,
    headings: Headings,
    files: Sequence[AskedFile],
    others: Collection[str],
    texts: Sequence[AskedText],
) -> tuple[bytes, bool] | None:
    """What `updated` says, and whether a question is asked that was not there."""
    from diagpacte.deliverables import correspondence as written
    from diagpacte.sources.correspondence.indicators import new_indicators
    from diagpacte.sources.correspondence.rows import Filled, read_filled
    from diagpacte.sources.meaning.choices import Meaning

    settings, path = job.settings, correspondence_path(job)
    there = path.is_file()
    if not there and not texts and not _asks(headings, files):
        return None
    before = read_filled(path, settings.reading) if there else Filled()
    raise_blocking(before.faults)
    added, _ = new_indicators(path.name, before.indicators, settings.indicators, written.shown_words())
    looked = {one.file for one in files}
    asked = written.asked_columns(headings, [*settings.indicators, *added])
    content = written.Content(
        columns=_merged(before.columns, asked, COLUMNS, written.FOUND_OUT, (looked, others)),
        files=_merged(before.files, written.asked_files(files), FILES, written.FOUND_OUT, (looked, others)),
        indicators=[row.cells for row in before.indicators],
        foreign=before.foreign,
        marks=_merged(before.marks, written.asked_marks(texts), MARKS, written.ANSWERED, (looked, others)),
    )
    words = [str(word) for word in Meaning]
    if there and _same(before, content, job, words):
        return None
    degrees = [*dict.fromkeys(label for factor in settings.factors for label in factor.grade_labels)]
    data = written.correspondence_bytes(content, settings.indicators, words, settings.as_of, degrees)
    asked_before = _questions(*([row.cells for row in rows] for rows in (before.columns, before.files, before.marks)))
    return data, bool(_questions(content.columns, content.files, content.marks) - asked_before)


def _questions(columns: Iterable[Cells], files: Iterable[Cells], marks: Iterable[Cells]) -> set[tuple[str, ...]]:
    """The rows of the three sheets that wait for an answer, each as its sheet and what it asks about."""
    from diagpacte.deliverables.correspondence import NOT_STATED, SETTLED

    asking = (
        (COLUMNS, (row for row in columns if row.get("pourquoi") and row["pourquoi"] not in SETTLED)),
        (FILES, (row for row in files if row.get("dite par le fichier") == NOT_STATED)),
        (MARKS, marks),
    )
    return {
        (sheet.about, *_identity(cells, sheet.key))
        for sheet, found in asking
        for cells in found
        if not any(cells.get(answer) for answer in sheet.answers)
    }


def _asks(headings: Headings, files: Iterable[AskedFile]) -> bool:
    return bool((headings["reason"] != "").any()) or any(one.geo_vintage is None for one in files)


def _merged(
    before: Sequence[SheetRow],
    asked: Sequence[Cells],
    sheet: _Sheet,
    settled_as: str,
    files: tuple[Collection[str], Collection[str]],
) -> list[Cells]:
    """The rows asked, each with what was typed for it; then those of files not looked at; then those settled.

    `settled_as` is what is said of those; `files` are those looked at, and the others. A row that is no longer
    asked, and in which nobody typed, goes.
    """
    from diagpacte.deliverables.correspondence import GONE

    waiting: dict[tuple[str, ...], list[Cells]] = {}
    for row in before:
        waiting.setdefault(_identity(row.cells, sheet.key), []).append(row.cells)
    rows = [_carried(cells, _taken(cells, waiting.get(_identity(cells, sheet.key), [])), sheet) for cells in asked]
    rest = [cells for group in waiting.values() for cells in group]
    looked, others = files
    kept = [cells for cells in rest if cells.get("fichier") in others]
    settled = [
        {**cells, sheet.about: settled_as if cells.get("fichier") in looked else GONE}
        for cells in rest
        if cells.get("fichier") not in others and sheet.typed(cells)
    ]
    found = [*rows, *kept, *sorted(settled, key=lambda cells: cells[sheet.about] == GONE)]
    added = dict.fromkeys(before[0].columns if before else (), "")  # a column that someone added may still be blank
    return [{**added, **cells} for cells in found[:1]] + found[1:]


def _identity(cells: Cells, key: Sequence[str]) -> tuple[str, ...]:
    from diagpacte.sources.files.texts import normalised

    return tuple(normalised(cells.get(heading, "")) for heading in key)


def _taken(cells: Cells, same: list[Cells]) -> Cells:
    """The row that says the same column, taken out of those of the `same` words: by its cell when there are several."""
    if not same:
        return {}
    place = next((n for n, row in enumerate(same) if row.get("cellule") == cells.get("cellule")), 0)
    return same.pop(place)


def _carried(cells: Cells, before: Cells, sheet: _Sheet) -> Cells:
    """`cells` with what was typed in the row `before`, and the proposition that an answer was given to."""
    from diagpacte.deliverables.correspondence import SETTLED

    typed = sheet.typed(before)
    if typed:
        seen = ("proposition", "confiance")
        cells = {**cells, **{heading: before.get(heading, "") for heading in seen}}
    why = before.get("pourquoi", "")
    reason = {"pourquoi": why} if not cells.get("pourquoi") and why not in SETTLED else {}
    return {heading: text for heading, text in {**cells, **typed, **reason}.items() if text}


def _same(before: Filled, content: Content, job: Job, words: Sequence[str]) -> bool:
    """Whether the workbook there, sorted or widened as it may be, already says `content`.

    Why a column was asked changes once it is answered: that alone is no reason to write over an open file.
    """
    from diagpacte.deliverables.correspondence import SETTLED, dictionary_rows

    def said(rows: Iterable[Mapping[str, str]]) -> list[list[tuple[str, str]]]:
        return sorted(
            sorted(
                (heading, " ".join(text.split()))
                for heading, text in cells.items()
                if text and (heading != "pourquoi" or text in SETTLED)
            )
            for cells in rows
        )

    return (
        said(row.cells for row in before.columns) == said(content.columns)
        and said(row.cells for row in before.files) == said(content.files)
        and said(row.cells for row in before.marks) == said(content.marks)
        and said({"choix": row["choix"]} for row in before.dictionary if row["rôle"])
        == said({"choix": row["choix"]} for row in dictionary_rows(job.settings.indicators, words))
    )
