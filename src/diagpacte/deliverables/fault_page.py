"""What was found in received files, told to a person: what each file is, its faults grouped, what to do next."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from diagpacte.deliverables.fault_report import FileReport, NotRead, Written, counts_of, is_blocked
from diagpacte.deliverables.fault_words import cell_count, expected_and_nearest, place, rectangles, worst_first
from diagpacte.deliverables.french import capital, counted, plural
from diagpacte.deliverables.sheet_content import CONTROL, clean
from diagpacte.errors import Fault, FaultKind, Severity

STEP = "  "
NARROWEST, WIDEST = 72, 100  # characters of a line that is easily read
PLACE_WIDTH, CELLS_INDENT = 18, 10  # characters of the column of cells; a longer list has its own lines
NAME_WIDTH = 46
COUNT_WIDTHS = (10, 12, 13)


def as_text(reports: Sequence[FileReport], width: int) -> str:
    """Every fault of every file for a person, in lines of about `width` characters, never too short nor too long."""
    page = _Page(max(NARROWEST, min(width, WIDEST)))
    for report in reports:
        page.file(report)
    page.total(reports)
    return "\n".join(page.lines)


class _Page:
    """The lines of a report, as they are written."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []

    def say(self, text: str, depth: int = 0, first: str = "", *, whole: bool = False) -> None:
        """A text wrapped under `depth` steps; `first` begins it and the rest hangs behind. An endless one is cut."""
        start = STEP * depth + first
        wrapped = textwrap.wrap(
            _printable(text, whole=whole),
            self.width,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.lines += wrapped or [start.rstrip()]

    def file(self, report: FileReport) -> None:
        self.say(report.path.name)
        self.lines.append("─" * self.width)
        self.say(_read_words(report), 1)
        faults = worst_first(report.faults)
        for (severity, kind), group in groupby(faults, lambda fault: (fault.severity, fault.kind)):
            self.lines.append("")
            self.group(severity, kind, list(group))
        self.unread(report)
        if report.written:
            self.lines.append("")
            self.say(_written_words(report.written), 1)
        self.lines.append("")
        self.lines.append("")

    def group(self, severity: Severity, kind: FaultKind, faults: Sequence[Fault]) -> None:
        """Faults of one severity and kind, those that call for the same remedy together."""
        many = f" ({len(faults)})" if len(faults) > 1 else ""
        self.say(f"{severity.upper()} · {kind}{many}", 1)
        heading = ""  # the sheet last named
        for (remedy, expected), alike in _by_remedy(faults):
            for ones in _by_finding(alike):
                if len(ones) > 1:
                    self.repeated(ones)
                    heading = ""
                    continue
                if ones[0].sheet not in ("", heading):
                    self.say(f"feuille « {ones[0].sheet} »", 2)
                heading = ones[0].sheet
                self.fault(ones[0], alone=not expected)
            depth = 3 if heading and len({fault.sheet for fault in alike}) == 1 else 2
            if expected:
                self.say(f"attendu : {expected}", depth)
            if remedy:
                self.say(remedy, depth, "→ ")

    def repeated(self, faults: Sequence[Fault]) -> None:
        """The same found in several places: said once, then each place."""
        self.say(faults[0].found, 2)
        _, nearest = expected_and_nearest(faults[0])
        if nearest:
            self.say(nearest, 2)
        for fault in faults:
            self.say(" · ".join(filter(None, (fault.sheet, place(fault)))), 3, whole=True)

    def fault(self, fault: Fault, *, alone: bool) -> None:
        """The place and what was found; what was expected too when no other fault shares it."""
        depth = 3 if fault.sheet else 2
        where = _printable(place(fault))
        inside = " " * PLACE_WIDTH if where else ""
        if len(where) < PLACE_WIDTH:
            self.say(fault.found, depth, where.ljust(len(inside)))
        elif len(where) < self.width // 2:
            self.say(where, depth)
            self.say(fault.found, depth, inside)
        else:
            inside = ""
            self.say(fault.found, depth)
            count = cell_count(rectangles(fault.cells))
            cells = f"{counted(count, 'cellule')} : {place(fault)}" if count else where
            self.say(cells, depth + 1, whole=True)
        expected, nearest = expected_and_nearest(fault)
        if expected and alone:
            self.say(f"attendu : {expected}", depth, inside)
        if nearest:
            self.say(nearest, depth, inside)

    def unread(self, report: FileReport) -> None:
        """What the file holds that was not read, and why; what is a fault too is only counted."""
        told, others = _told_as_faults(report)
        if not others:
            return
        self.lines.append("")
        self.say("Non lu", 1)
        reasons: dict[str, list[str]] = {}
        for one in others:
            where = " · ".join(filter(None, (_printable(one.sheet), _printable(one.place))))
            reasons.setdefault(_printable(one.reason), []).append(where)
        for reason, places in reasons.items():
            self.say(f"{', '.join(filter(None, places))} : {reason}" if any(places) else reason, 2, whole=True)
        if told:
            self.say(f"{counted(told, 'autre emplacement', 'autres emplacements')}, {plural(told, 'dit')} ci-dessus", 2)

    def total(self, reports: Sequence[FileReport]) -> None:
        self.lines += ["BILAN", "═" * self.width]
        name_width = min(NAME_WIDTH, self.width - sum(COUNT_WIDTHS))
        self.row("", [str(severity) for severity in Severity], name_width)
        for report in reports:
            self.row(report.path.name, [str(count) for count in counts_of(report.faults).values()], name_width)
        if len(reports) > 1:
            everything = counts_of(fault for report in reports for fault in report.faults)
            self.row(counted(len(reports), "fichier"), [str(count) for count in everything.values()], name_width)
        self.lines.append("")
        for step in _next_steps(reports):
            self.say(step, 0, "→ ")

    def row(self, name: str, counts: Sequence[str], name_width: int) -> None:
        cells = [text.rjust(width) for text, width in zip(counts, COUNT_WIDTHS, strict=True)]
        self.lines.append(_middle_cut(_printable(name), name_width).ljust(name_width) + "".join(cells))


def _by_remedy(faults: Sequence[Fault]) -> Iterator[tuple[tuple[str, str], list[Fault]]]:
    """Faults of one remedy, with what all of them expect when several expect the same."""
    remedies: dict[str, list[Fault]] = {}
    for fault in faults:
        remedies.setdefault(fault.remedy, []).append(fault)
    for remedy, alike in remedies.items():
        expected = {words for words, _ in map(expected_and_nearest, alike) if words}
        yield (remedy, expected.pop() if len(expected) == 1 else ""), alike


def _by_finding(faults: Sequence[Fault]) -> Iterator[list[Fault]]:
    """Faults that say the same of different places, together."""
    found: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        found.setdefault((fault.found, fault.expected), []).append(fault)
    yield from found.values()


def _told_as_faults(report: FileReport) -> tuple[int, list[NotRead]]:
    """How many places that were not read are faults too, and all the others."""
    places = {(fault.sheet, fault.cell, fault.found) for fault in report.faults}
    columns = {
        (fault.sheet, f"colonne {re.sub('[0-9].*', '', cell)}")
        for fault in report.faults
        if fault.kind is FaultKind.COLUMN
        for cell in fault.cells
    }
    others = [
        one
        for one in report.skipped
        if (one.sheet, one.place) not in columns and (one.sheet, one.place, one.reason) not in places
    ]
    return len(report.skipped) - len(others), others


def _read_words(report: FileReport) -> str:
    """« Panorama… : 172 zones × 63 indicateurs, 10 862 cellules lues, dont 340 sans valeur ; 3 intitulés non lus »."""
    read = report.read
    parts = []
    if "cells" in read:
        if read["cells"]:
            parts.append(f"{counted(read['zones'], 'zone')} × {counted(read['indicators'], 'indicateur')}")
            without = f", dont {counted(read['without_value'], 'sans valeur', 'sans valeur')}"
            parts.append(f"{counted(read['cells'], 'cellule lue', 'cellules lues')}{without}")
        else:
            parts.append("aucune valeur lue")
        unread = counted(read["unread_headings"], "intitulé non lu", "intitulés non lus")
        parts.append(unread if read["unread_headings"] else "tous les intitulés sont lus")
    elif "records" in read:
        parts.append(f"{counted(read['records'], 'ligne lue', 'lignes lues')}, pour {counted(read['offers'], 'offre')}")
    said = f"{capital(report.label)} : {' ; '.join(parts)}" if parts else capital(report.label)
    return said if report.faults else f"{said}. Aucune faute"


def _written_words(written: Written) -> str:
    if written.path is None:
        return f"Rien n’est écrit : {written.why}."
    if written.is_copy:
        return f"Copie annotée : {written.path}"
    return f"Relevé : {written.path} (pas de copie annotée : {written.why})"


def _next_steps(reports: Sequence[FileReport]) -> Iterator[str]:
    if is_blocked(reports):
        yield "corriger ce qui est bloquant, ou le demander au producteur du fichier, puis relancer cette commande"
    elif any(report.faults for report in reports):
        yield "rien de bloquant : relire ce qui est à vérifier, puis « diagpacte add FICHIER... »"
    else:
        yield "aucune faute : « diagpacte add FICHIER... »"
    if any(report.faults and report.written is None for report in reports):
        yield "« --annotate DOSSIER » écrit ces fautes dans une copie de chaque classeur, cellule par cellule"


def _printable(text: str, *, whole: bool = False) -> str:
    """Text from a file without what could drive a terminal, cut unless `whole`; signs kept with their words."""
    return re.sub(r"(?<=«) | (?=[»:;?!%×])", "\u00a0", CONTROL.sub(" ", text) if whole else clean(text))


def _middle_cut(text: str, width: int) -> str:
    """`text`, its middle replaced by « … » when it is too long: the end of a name tells as much as its beginning."""
    room = width - 2
    return text if len(text) <= room else f"{text[: room // 2]}…{text[-(room - room // 2 - 1) :]}"
