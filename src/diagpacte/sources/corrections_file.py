"""corrections.csv as a person types it in Excel: every line understood, or refused with all that is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from diagpacte.errors import Fault
from diagpacte.sources.corrections import NAMED, Corrected, Correction, refused
from diagpacte.sources.files.cell_names import column_number
from diagpacte.sources.files.sniffing import read_text_table
from diagpacte.sources.files.texts import normalised

COLUMNS = ("empreinte_source", "cle", "champ", "ancien", "nouveau", "motif", "date")
DIGEST = re.compile(r"[0-9a-f]{12,64}")
CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})|(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})")


def read_corrections(path: Path) -> tuple[list[Correction], list[Fault]]:
    """Every line of corrections.csv (`;`, as French Excel saves it) that can be understood, and why others cannot.

    No file, no corrections. Lines are counted as Excel counts them. Raises SourceError for what is no text.
    """
    if not path.is_file():
        return [], []
    lines = read_text_table(path)
    header = [normalised(text) for text in lines[0]] if lines else []
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        found = f"colonnes absentes : {', '.join(missing)}"
        return [], [refused(1, found, ";".join(COLUMNS), "remettre la ligne d’intitulés")]
    places = [header.index(name) for name in COLUMNS]
    corrections: list[Correction] = []
    faults: list[Fault] = []
    for line, texts in enumerate(lines[1:], start=2):
        if any(text.strip() for text in texts):
            values = [texts[place].strip() if place < len(texts) else "" for place in places]
            understood = _Line(line, dict(zip(COLUMNS, values, strict=True))).correction()
            if isinstance(understood, Correction):
                corrections.append(understood)
            else:
                faults += understood
    return corrections, faults


def typed_corrections(
    lines: Mapping[int, Mapping[str, str]], file: str, sheet: str
) -> tuple[list[Correction], list[Fault]]:
    """The same, of rows typed in the sheet of a workbook: row → texts by column of corrections.csv."""
    corrections: list[Correction] = []
    faults: list[Fault] = []
    for number, texts in sorted(lines.items()):
        understood = _Line(number, {name: texts.get(name, "").strip() for name in COLUMNS}).correction()
        if isinstance(understood, Correction):
            corrections.append(replace(understood, file=file, typed_in=sheet))
        else:
            faults += [replace(fault, file=file, sheet=sheet) for fault in understood]
    return corrections, faults


class _Line:
    """One line, judged as a whole: all its faults at once."""

    def __init__(self, number: int, texts: Mapping[str, str]) -> None:
        self.number, self.texts = number, texts
        self.faults: list[Fault] = []

    def correction(self) -> Correction | list[Fault]:
        texts = self.texts
        source, (sheet, row, column) = self._source(), self._key()
        field, day = self._field(), self._day()
        if not texts["nouveau"]:
            self._fault("nouveau est vide", "un nombre, ou une marque d’absence (s, nd…)", "écrire la valeur juste")
        elif texts["nouveau"] == texts["ancien"]:
            self._fault("ancien et nouveau sont identiques", "deux textes différents", "retirer cette ligne")
        if not texts["motif"]:
            self._fault("motif est vide", "pourquoi, et d’après qui ou quoi", "écrire le motif")
        if self.faults:
            return self.faults
        return Correction(
            self.number, source, sheet, row, column, field, texts["ancien"], texts["nouveau"], texts["motif"], day
        )

    def _source(self) -> str:
        text = re.sub(r"\s", "", self.texts["empreinte_source"]).lower()
        if not DIGEST.fullmatch(text):
            remedy = "la copier de la ligne sha256 du fichier, dans data/raw/sources.toml, la colonne au format Texte"
            self._fault(f"empreinte_source « {self.texts['empreinte_source']} »", "12 à 64 caractères de 0 à f", remedy)
        return text

    def _key(self) -> tuple[str, int, int]:
        sheet, _, cell = self.texts["cle"].rpartition("!")
        if len(sheet) > 1 and sheet[0] == sheet[-1] == "'":
            sheet = sheet[1:-1].replace("''", "'")
        found = CELL.fullmatch(cell.strip().upper())
        if found is None:
            remedy = "reprendre la feuille et la cellule de qualite.csv, une cellule par ligne"
            self._fault(f"cle « {self.texts['cle']} »", "feuille!cellule, par exemple Profils_EPCI!F12", remedy)
            return sheet, 0, 0
        return sheet.strip(), int(found[2]), column_number(found[1])

    def _field(self) -> Corrected:
        words = {normalised(field): field for field in Corrected}
        field = words.get(normalised(self.texts["champ"] or Corrected.VALUE))
        if field is None:
            self._fault(f"champ « {self.texts['champ']} »", ", ".join(Corrected), "choisir l’un de ces mots")
        return field or Corrected.OTHER

    def _day(self) -> date:
        found = DAY.fullmatch(self.texts["date"])
        try:
            if found is not None:
                parts = [
                    int(found[name] or found[short]) for name, short in (("year", "y"), ("month", "m"), ("day", "d"))
                ]
                return date(*parts)
        except ValueError:
            pass  # 31/02/2026
        found_text = f"date « {self.texts['date']} »" if self.texts["date"] else "date est vide"
        self._fault(found_text, "31/01/2026 ou 2026-01-31", "écrire le jour de la correction")
        return date.min

    def _fault(self, found: str, expected: str, remedy: str) -> None:
        self.faults.append(refused(self.number, found, expected, remedy))


def by_source(
    corrections: Iterable[Correction], digests: Mapping[str, str]
) -> tuple[dict[str, list[Correction]], list[Fault]]:
    """The corrections of each source (`digests`: source_id → SHA-256), one per cell.

    Blocking: a digest of no source, or of several different ones; one cell corrected in two ways.
    """
    of: dict[str, dict[tuple[str, int, int], Correction]] = {}
    faults = []
    for correction in corrections:
        sources = [source for source, digest in digests.items() if digest.startswith(correction.source)]
        if len({digests[source] for source in sources}) != 1:
            faults.append(_no_source(correction, sources, digests))
            continue
        for source in sources:
            key = (normalised(correction.sheet), correction.row, correction.column)
            first = of.setdefault(source, {}).setdefault(key, correction)
            if (first.old, first.new, first.field) != (correction.old, correction.new, correction.field):
                where = "" if first.file == correction.file else f" de {first.file}"
                found = f"{correction.key} : « {correction.new} », mais « {first.new} » ligne {first.line}{where}"
                faults.append(correction.refused(found, "une seule correction par cellule", "garder la bonne"))
    return {source: list(found.values()) for source, found in of.items()}, faults


def _no_source(correction: Correction, sources: Sequence[str], digests: Mapping[str, str]) -> Fault:
    if sources:
        found = (
            f"l’empreinte « {correction.source} » est celle de {len(sources)} fichiers : {', '.join(sources[:NAMED])}"
        )
        return correction.refused(found, "un seul fichier", "écrire l’empreinte en entier")
    known = [f"{source} ({digest[:12]})" for source, digest in sorted(digests.items())]
    rest = f" et {len(known) - NAMED} autres" if len(known) > NAMED else ""
    return correction.refused(
        f"l’empreinte « {correction.source} » n’est celle d’aucun fichier d’indicateurs reçu",
        f"{', '.join(known[:NAMED])}{rest}" if known else "un fichier de data/raw",
        "si le fichier a été remplacé, vérifier que l’erreur y est encore, puis écrire sa nouvelle empreinte",
    )
