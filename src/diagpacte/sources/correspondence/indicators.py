"""The rows of « Nouveaux indicateurs » → indicators of context; one of need is added deliberately, in configs/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.correspondence import rows
from diagpacte.sources.correspondence.rows import SheetRow
from diagpacte.sources.files.texts import normalised
from diagpacte.vocabulary import Base, Indicator, Role

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
DASH = re.compile(r"\s+[—–-]\s+")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
GRADE = "grade"  # its words are those of a factor, which this sheet cannot give
WITHOUT_BASE = "sans base"
KINDS = {"count": "count", "km": "distance", "min": "distance", "index": "index", "ratio": "index"}
NOTE = "Ajouté dans correspondance.xlsx."


def new_indicators(
    file: str, typed: Iterable[SheetRow], dictionary: Sequence[Indicator], shown: Mapping[str, str] | None = None
) -> tuple[list[Indicator], list[Fault]]:
    """The indicators that a person added to those of `dictionary`, and what keeps the others from being read.

    `shown`: the words under which units and bases are offered, « nombre » → « count ».
    """
    reader = _Reader(file, dictionary, shown or {})
    for row in typed:
        if any(row[heading] for heading in rows.INDICATORS.needed):
            reader.read(row)
    return list(reader.added.values()), reader.faults


class _Reader(rows.Told):
    def __init__(self, file: str, dictionary: Sequence[Indicator], shown: Mapping[str, str]) -> None:
        super().__init__(file)
        self.shown = {normalised(words): name for words, name in shown.items()}
        self.known = {entry.indicator: entry for entry in dictionary}
        self.labels = {normalised(text): entry for entry in dictionary for text in (entry.label, entry.label_long)}
        self.units = sorted({entry.unit for entry in dictionary} - {GRADE})
        self.bases = {str(base) or WITHOUT_BASE: base for base in Base}
        self.added: dict[str, Indicator] = {}
        self.places: dict[str, SheetRow] = {}

    def read(self, row: SheetRow) -> None:
        """Keep the indicator of a row, or say everything that is wrong with it."""
        before = len(self.faults)
        unit, base = self._unit(row), self._base(row)
        name, label = self._name(row, unit), row[rows.LABEL]
        if not label:
            self._fault(row, rows.LABEL, "libellé absent", "quelques mots, tels qu’on les lira", "remplir cette case")
        low, high = self._bound(row, rows.LOW), self._bound(row, rows.HIGH)
        if low is not None and high is not None and low >= high:
            self._fault(
                row, rows.HIGH, f"maxi {row[rows.HIGH]}, mini {row[rows.LOW]}", "un maxi plus grand", "corriger"
            )
        if len(self.faults) > before:
            return
        entry = Indicator(
            indicator=name,
            published_codes=(),
            label=label,
            label_long=label,
            role=Role.CONTEXT,
            unit=unit,
            base=base,
            polarity="",
            low=low,
            high=high,
            kind=KINDS.get(unit, "rate"),
            source=row[rows.SOURCE],
            theme_factor="",
            note=NOTE,
        )
        self._keep(row, entry)

    def _keep(self, row: SheetRow, entry: Indicator) -> None:
        """`entry`, unless the dictionary, or another row, already has its name or its label."""
        known = self.known.get(entry.indicator)
        if known:
            self._already_known(row, entry, known)
            return
        named = self.labels.setdefault(normalised(entry.label), entry)
        if named.indicator != entry.indicator:
            found = f"le libellé « {entry.label} » est déjà celui de {named.indicator}"
            self._fault(
                row, rows.LABEL, found, "un libellé à lui seul", "choisir cet indicateur, ou préciser le libellé"
            )
            return
        other = self.added.get(entry.indicator)
        if other and other != entry:
            first = self.places[entry.indicator]
            cells = (first.cell(rows.NAME), row.cell(rows.NAME))
            found, remedy = f"« {entry.indicator} » défini deux fois, autrement", "n’en garder qu’une ligne"
            self.faults.append(
                Fault(self.file, row.sheet, " et ".join(cells), found, "", remedy, kind=FaultKind.DOUBLE, cells=cells)
            )
            return
        self.added[entry.indicator] = entry
        self.places.setdefault(entry.indicator, row)

    def _already_known(self, row: SheetRow, entry: Indicator, known: Indicator) -> None:
        same = (known.unit, known.base) == (entry.unit, entry.base)
        found = f"« {entry.indicator} » est déjà au dictionnaire"
        found += "" if same else f", avec l’unité {known.unit} et la base {known.base or WITHOUT_BASE}"
        remedy = "effacer cette ligne" if same else "effacer cette ligne, ou donner un autre identifiant"
        severity = Severity.INFORMATION if same else Severity.BLOCKING
        self._fault(row, rows.NAME, found, "un identifiant nouveau", remedy, severity=severity)

    def _name(self, row: SheetRow, unit: str) -> str:
        """snake_case, its unit last."""
        name = row[rows.NAME]
        if not name:
            self._fault(row, rows.NAME, "identifiant absent", "par exemple bus_stops_count", "remplir cette case")
        elif not SNAKE_CASE.fullmatch(name):
            expected = "des minuscules sans accent, des chiffres et « _ », par exemple bus_stops_count"
            self._fault(row, rows.NAME, f"identifiant « {name} »", expected, "le récrire ainsi")
        elif unit and not name.endswith(f"_{unit}"):
            found = f"identifiant « {name} » sans son unité"
            self._fault(row, rows.NAME, found, f"« {name}_{unit} »", "ajouter l’unité à la fin", kind=FaultKind.UNIT)
        return name

    def _name_of(self, text: str) -> str:
        """« count » for « nombre — count », « nombre » or « count »."""
        last = normalised(DASH.split(text)[-1])
        return self.shown.get(last, last)

    def _unit(self, row: SheetRow) -> str:
        unit = self._name_of(row[rows.UNIT])
        if unit not in self.units:
            found = f"unité « {row[rows.UNIT]} »" if row[rows.UNIT] else "unité absente"
            expected = f"l’une de la liste : {', '.join(self.units)}"
            self._fault(row, rows.UNIT, found, expected, "choisir dans la liste déroulante", kind=FaultKind.UNIT)
            return ""
        return unit

    def _base(self, row: SheetRow) -> Base:
        """Whom the figure is about; said, even when it is about nobody."""
        words = self._name_of(row[rows.BASE])
        base = self.bases.get(words, self.bases.get(words.replace(" ", "_")))
        if base is None:
            found = f"base « {row[rows.BASE]} »" if row[rows.BASE] else "base absente"
            expected = f"l’une de la liste : {', '.join(self.bases)}"
            self._fault(row, rows.BASE, found, expected, "choisir dans la liste déroulante", kind=FaultKind.UNIT)
            return Base.NONE
        return base

    def _bound(self, row: SheetRow, heading: str) -> float | None:
        text = re.sub(r"\s", "", row[heading]).replace("−", "-")
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            self._fault(row, heading, f"« {row[heading]} »", "un nombre, ou rien", "corriger cette case")
            return None
        return float(text.replace(",", "."))
