"""What a person said in correspondance.xlsx → Choices, and indicators that the dictionary does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import fuzz, process

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.correspondence import rows
from diagpacte.sources.correspondence.indicators import new_indicators
from diagpacte.sources.correspondence.marks import said_marks
from diagpacte.sources.correspondence.rows import SheetRow, read_filled
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.meaning.choices import ANY_YEAR, Choice, Choices, Meaning
from diagpacte.sources.meaning.typed_units import NAMES, TYPED, fits
from diagpacte.sources.rules import MissingMark, ReadingLimits
from diagpacte.vocabulary import Factor, Indicator

FIRST_YEAR, LAST_YEAR = 1960, 2100
NEAREST, NEAR_ENOUGH = 3, 60  # suggestions for a word that is none, and their least likeness (0-100)
LABELLED = re.compile(r"(?P<label>.*)\s[—–-]\s+(?P<name>\S+)\s*", re.DOTALL)
WHOLE_YEAR = re.compile(r"(\d{4})(?:[.,]0+)?")
YES, NO = frozenset({"oui", "o", "x", "vrai"}), frozenset({"non", "n", "faux"})
TO_CHECK = "a verifier"  # begins the confidence of a proposition whose unit is not known
ONLY_ONE = (Meaning.CODE, Meaning.LEVEL)  # roles that one column of a sheet can have


@dataclass(frozen=True)
class Correspondence:
    """What correspondance.xlsx says; with a blocking fault, something in it could not be obeyed."""

    choices: Choices = field(default_factory=Choices)
    new_indicators: tuple[Indicator, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_correspondence(
    path: Path,
    indicators: Sequence[Indicator],
    limits: ReadingLimits,
    shown: Mapping[str, str] | None = None,
    *,
    marks: Sequence[MissingMark] = (),
    factors: Sequence[Factor] = (),
) -> Correspondence:
    """Every answer of `path`, and every fault; `indicators`, `marks` and `factors` are those of the dictionaries.

    `shown`: the French words of units and bases, « nombre » → « count ».
    A proposition is obeyed only when « garder » says yes, and, where it is to check, when its unit is said too.
    Raises SourceError when `path` is no readable workbook.
    """
    filled = read_filled(path, limits)
    added, faults = new_indicators(path.name, filled.indicators, indicators, shown)
    said = said_marks(path.name, filled.marks, marks, factors)
    answers = _Answers(path.name, Names([*indicators, *added]), shown or {})
    given = [answer for row in filled.columns if (answer := answers.of(row))]
    geographies = answers.geographies(filled.files)
    answers.tell_contradictions(given)
    columns = tuple(dict.fromkeys(answer.choice for answer in given if answer.choice))
    told = (*filled.faults, *faults, *answers.faults, *said.faults)
    return Correspondence(Choices(columns, geographies, said.absences, said.degrees), tuple(added), told)


class Names:
    """What may stand in « retenir comme »: a word of Meaning, or an indicator by its name or its label."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.indicators = {entry.indicator: entry for entry in indicators}
        self.words = {normalised(word): str(word) for word in Meaning}
        self.labels: dict[str, set[str]] = {}
        for entry in self.indicators.values():
            for label in (entry.label, entry.label_long):
                self.labels.setdefault(normalised(label), set()).add(entry.indicator)

    def find(self, text: str) -> str | None:
        """The word or the name in « Taux de pauvreté — poverty_rate_pct », « poverty_rate_pct », « Taux de pauvreté ».

        None when there is none, when a label is that of several, or when label and name disagree.
        """
        plain = normalised(text)
        if plain in self.words:
            return self.words[plain]
        if plain in self.indicators:
            return plain
        named = self.labels.get(plain, set())
        if named:
            return next(iter(named)) if len(named) == 1 else None
        parts = LABELLED.fullmatch(text)
        name = normalised(parts["name"]) if parts else ""
        if parts is None or name not in self.indicators:
            return None
        return name if name in self.labels.get(normalised(parts["label"]), {name}) else None

    def nearest(self, text: str) -> list[str]:
        """What looks most like `text`, as the drop-down list writes it."""
        shown = {**self.words}
        for entry in self.indicators.values():
            for key in (entry.indicator, normalised(entry.label)):
                shown[key] = f"{entry.label} — {entry.indicator}"
        found = process.extract(
            normalised(text), shown.keys(), scorer=fuzz.WRatio, limit=2 * NEAREST, score_cutoff=NEAR_ENOUGH
        )
        return list(dict.fromkeys(shown[key] for key, _, _ in found))[:NEAREST]


@dataclass(frozen=True)
class _Answer:
    """A row of « Colonnes » and what it says; `choice` is None when it says nothing."""

    row: SheetRow
    choice: Choice | None

    @property
    def heading(self) -> tuple[str, ...]:
        return tuple(normalised(self.row[name]) for name in (rows.FILE, rows.SHEET, rows.HEADING, rows.THEME))


class _Answers(rows.Told):
    """Reads the typed cells, gathering what cannot be obeyed."""

    def __init__(self, file: str, names: Names, shown: Mapping[str, str]) -> None:
        super().__init__(file)
        self.names = names
        self.words = {name: words for words, name in shown.items()}  # « count » → « nombre »

    def of(self, row: SheetRow) -> _Answer | None:
        """What a row says; None when its faults say why it cannot be obeyed."""
        before = len(self.faults)
        meaning, year, unit = self._meaning(row), self._year(row, rows.YEAR), self._unit(row)
        if len(self.faults) > before:
            return None
        if meaning is None:
            given = next((name for name in (rows.YEAR, rows.UNIT) if row[name]), None)
            if given:
                found = f"« {given} » est remplie, mais rien ne dit ce que la colonne contient"
                self._fault(row, given, found, "« retenir comme », ou « garder » : oui", "compléter la ligne")
            return _Answer(row, None)
        if not row[rows.FILE] or not row[rows.HEADING]:
            missing = rows.HEADING if row[rows.FILE] else rows.FILE
            self._fault(row, missing, f"réponse sans « {missing} »", "la colonne dont il s’agit", "compléter la ligne")
            return None
        self._check(row, meaning, year, unit)
        place = (row[rows.FILE], row[rows.SHEET], row[rows.HEADING], row[rows.THEME])
        return _Answer(row, Choice(*place, meaning, year, unit))

    def _meaning(self, row: SheetRow) -> str | None:
        """The name or word retained; None when nothing is said, or when a fault says why."""
        keep = self._keep(row)
        if row[rows.MEANING]:
            meaning = self._named(row, rows.MEANING)
            if meaning and keep is False and meaning != Meaning.UNREAD:
                found = f"« garder » dit non, « retenir comme » dit « {row[rows.MEANING]} »"
                self._fault(row, rows.KEEP, found, "une seule réponse", "écrire oui, ou vider l’une des deux cases")
            return meaning
        if keep is False:
            return str(Meaning.UNREAD)
        if keep is None:
            return None
        if not row[rows.PROPOSAL]:
            found, expected = "« garder » dit oui, mais rien n’est proposé", "« retenir comme » rempli"
            self._fault(row, rows.KEEP, found, expected, "choisir dans la liste de « retenir comme »")
            return None
        if normalised(row[rows.CONFIDENCE]).startswith(TO_CHECK) and not row[rows.UNIT]:
            found = f"« garder » dit oui à une proposition « {row[rows.CONFIDENCE]} »"
            expected = "« unité » : ce que sont les nombres de la colonne"
            remedy = "choisir l’unité, ou choisir un autre indicateur dans « retenir comme »"
            self._fault(row, rows.UNIT, found, expected, remedy, kind=FaultKind.UNIT)
            return None
        return self._named(row, rows.PROPOSAL)

    def _named(self, row: SheetRow, heading: str) -> str | None:
        meaning = self.names.find(row[heading])
        if meaning is None:
            near = self.names.nearest(row[heading])
            meant = f" ; vouliez-vous dire {' ou '.join(f'« {name} »' for name in near)} ?" if near else ""
            found = f"« {row[heading]} » : ni un indicateur du dictionnaire, ni un mot de la liste"
            self._fault(row, heading, found, f"un choix de la liste{meant}", "choisir dans la liste déroulante")
        return meaning

    def _keep(self, row: SheetRow) -> bool | None:
        word = normalised(row[rows.KEEP])
        if word and word not in YES | NO:
            self._fault(
                row, rows.KEEP, f"« {row[rows.KEEP]} »", "oui, non, ou rien", "choisir dans la liste déroulante"
            )
        return True if word in YES else False if word in NO else None

    def _unit(self, row: SheetRow) -> str:
        text = normalised(row[rows.UNIT])
        if text and text not in NAMES:
            expected = f"{', '.join(f'« {unit.shown} »' for unit in TYPED.values())}, ou rien"
            found, remedy = f"unité « {row[rows.UNIT]} »", "choisir dans la liste déroulante"
            self._fault(row, rows.UNIT, found, expected, remedy, kind=FaultKind.UNIT)
        return NAMES.get(text, "")

    def _year(self, row: SheetRow, heading: str) -> int | None:
        text = row[heading]
        found = WHOLE_YEAR.fullmatch(text)
        year = int(found[1]) if found else None
        if text and (year is None or not FIRST_YEAR <= year <= LAST_YEAR):
            expected = f"une année entière, de {FIRST_YEAR} à {LAST_YEAR}, ou rien"
            self._fault(row, heading, f"« {text} » n’est pas une année", expected, "écrire par exemple 2023")
        return year

    def _check(self, row: SheetRow, meaning: str, year: int | None, unit: str) -> None:
        """Where the typed cells contradict the indicator or the heading."""
        indicator = self.names.indicators.get(meaning)
        if indicator and not fits(unit, indicator.unit):
            allowed = [f"« {one.shown} »" for one in TYPED.values() if indicator.unit in one.of]
            found = f"« {row[rows.UNIT]} » pour « {indicator.label} », dont l’unité est « {self.words.get(indicator.unit, indicator.unit)} »"
            expected, remedy = ", ".join([*allowed, "ou rien"]), "vider cette case, ou choisir un autre indicateur"
            self._fault(row, rows.UNIT, found, expected, remedy, kind=FaultKind.UNIT)
        said = {int(text) for text in ANY_YEAR.findall(row[rows.HEADING])}
        if year and said and year not in said:
            found = f"année {year}, mais l’intitulé dit {' et '.join(str(one) for one in sorted(said))}"
            self._fault(row, rows.YEAR, found, "une seule année", "vérifier", severity=Severity.CHECK)

    def geographies(self, files: Iterable[SheetRow]) -> dict[str, int]:
        """File → the 1 January a person said its codes belong to."""
        found: dict[str, int] = {}
        places: dict[str, SheetRow] = {}
        for row in files:
            year = self._year(row, rows.GEOGRAPHY)
            if year is None:
                continue
            if not row[rows.FILE]:
                found_text = f"géographie {year} sans nom de fichier"
                self._fault(row, rows.FILE, found_text, "un fichier de data/raw", "compléter, ou effacer la ligne")
                continue
            other = places.setdefault(normalised(row[rows.FILE]), row)
            if other is not row and found[other[rows.FILE]] != year:
                said = f"deux géographies pour « {row[rows.FILE]} » : {found[other[rows.FILE]]} et {year}"
                self._tell_places([other, row], rows.GEOGRAPHY, said, "une seule", "garder la bonne")
            found.setdefault(other[rows.FILE], year)
        return found

    def tell_contradictions(self, answers: Sequence[_Answer]) -> None:
        """Two answers for one heading, two columns of codes for one sheet."""
        groups: dict[tuple[str, ...], list[_Answer]] = {}
        for answer in answers:
            groups.setdefault(answer.heading, []).append(answer)
        for group in groups.values():
            said = {(one.choice.meaning, one.choice.year, one.choice.unit) if one.choice else None for one in group}
            if len(said) > 1:
                found = f"réponses différentes pour le même intitulé « {group[0].row[rows.HEADING]} »"
                remedy = (
                    "répondre de même ; si ce sont deux colonnes du même nom, les dire toutes « ne pas lire », "
                    "ou les distinguer dans le fichier reçu"
                )
                self._tell_places([one.row for one in group], rows.MEANING, found, "une seule réponse", remedy)
        for role in ONLY_ONE:
            sheets: dict[tuple[str, ...], dict[tuple[str, ...], SheetRow]] = {}
            for answer in answers:
                if answer.choice and answer.choice.meaning == role:
                    sheets.setdefault(answer.heading[:2], {}).setdefault(answer.heading, answer.row)
            for columns in sheets.values():
                if len(columns) > 1:
                    found = f"plusieurs colonnes d’une même feuille dites « {role} »"
                    self._tell_places([*columns.values()], rows.MEANING, found, "une seule", "garder la bonne")

    def _tell_places(self, places: Sequence[SheetRow], heading: str, found: str, expected: str, remedy: str) -> None:
        cells = [row.cell(heading) for row in places]
        shown = f"{', '.join(cells[:-1])} et {cells[-1]}"
        sheet = places[0].sheet
        self.faults.append(
            Fault(self.file, sheet, shown, found, expected, remedy, kind=FaultKind.COLUMN, cells=tuple(cells))
        )
