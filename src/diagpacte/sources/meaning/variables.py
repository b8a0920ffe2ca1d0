"""The sheet in which a workbook describes its own columns, and where it contradicts the dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.sources.files.cell_names import cell_name
from diagpacte.sources.files.texts import normalised
from diagpacte.sources.files.workbook import Sheet
from diagpacte.sources.layout.headers import HEADER_ROWS
from diagpacte.sources.rules import IndicatorLayout
from diagpacte.vocabulary import Base, Indicator

FRACTION = "fraction"  # stated unit of a share from 0 to 1
PERCENT_UNITS = ("pct", "pct_year")
NAMES = {"unit": "unité", "base": "base", "polarity": "polarité", "nature": "nature", "period": "millésime"}


@dataclass(frozen=True)
class Variable:
    """What the workbook says of one of its columns; texts as printed, « » where it is silent."""

    row: int
    code: str
    label: str
    unit: str
    period: str
    base: str
    polarity: str
    nature: str


@dataclass(frozen=True)
class Variables:
    """Every line of that sheet, by code; empty when the workbook has none."""

    sheet: str = ""
    columns: Mapping[str, int] = field(default_factory=dict)  # field of Variable → its column
    lines: Mapping[str, Variable] = field(default_factory=dict)


def read_variables(sheets: Sequence[Sheet], layout: IndicatorLayout) -> Variables:
    """The first sheet with the headings of code and label that `layout` names."""
    wanted = {name: normalised(str(heading)) for name, heading in layout.variables}
    for sheet in sheets:
        for row in range(1, min(HEADER_ROWS, sheet.cells.shape[0]) + 1):
            texts = [normalised(sheet.text(row, column)) for column in range(1, sheet.cells.shape[1] + 1)]
            if wanted["code"] in texts and wanted["label"] in texts:
                columns = {name: texts.index(heading) + 1 for name, heading in wanted.items() if heading in texts}
                return Variables(sheet.name, columns, _lines(sheet, row, columns))
    return Variables()


def _lines(sheet: Sheet, header: int, columns: Mapping[str, int]) -> dict[str, Variable]:
    found = {}
    fields = ("code", "label", "unit", "period", "base", "polarity", "nature")
    for row in range(header + 1, sheet.cells.shape[0] + 1):
        texts = {name: sheet.text(row, columns[name]) if name in columns else "" for name in fields}
        if texts["code"]:
            found[texts["code"].upper()] = Variable(row=row, **texts)
    return found


def contradictions(
    file: str, variables: Variables, layout: IndicatorLayout, read: Mapping[str, tuple[Indicator, int]]
) -> Iterator[Fault]:
    """Where the workbook describes a column otherwise than its code or the dictionary.

    `read`: published code → its indicator and its year.
    """
    known: Mapping[str, Mapping[str, str]] = {
        "unit": layout.variables_unit,
        "base": {word: str(base) for word, base in layout.variables_base.items()},
        "polarity": layout.variables_polarity,
        "nature": dict.fromkeys((*layout.variables_nature, *layout.variables_absent), ""),
    }
    words = {name: {normalised(word): value for word, value in values.items()} for name, values in known.items()}
    for code, (indicator, year) in read.items():
        variable = variables.lines.get(code.upper())
        if variable is None:
            continue
        if variable.period and str(year) not in variable.period:
            yield _fault(file, variables, variable, "period", variable.period, str(year))
        ours = {"unit": indicator.unit, "base": str(indicator.base), "polarity": indicator.polarity, "nature": ""}
        for name, expected in ours.items():
            text = getattr(variable, name)
            stated = words[name].get(normalised(text))
            if text and not _agree(stated, expected):
                yield _fault(file, variables, variable, name, text, expected)


def _agree(stated: str | None, expected: str) -> bool:
    """Polarity and base of ours may be blank: the dictionary then says nothing to contradict."""
    return stated is not None and (
        stated == expected or not expected or (stated == FRACTION and expected in PERCENT_UNITS)
    )


def _fault(file: str, variables: Variables, variable: Variable, name: str, text: str, expected: str) -> Fault:
    mixed = name == "base" and {expected, normalised(text)} == {str(Base.HOUSEHOLDS), str(Base.PERSONS)}
    cell = cell_name(variable.row, variables.columns[name])
    return Fault(
        file,
        variables.sheet,
        cell,
        found=f"{variable.code} : {NAMES[name]} « {text} »",
        expected=f"« {expected} », d’après le code et le dictionnaire"
        if expected
        else "un mot connu de la présentation",
        remedy="vérifier la colonne ; corriger la feuille, ou configs/indicators.csv et configs/layouts",
        severity=Severity.BLOCKING if mixed else Severity.CHECK,
        kind=FaultKind.UNIT,
        cells=(cell,),
    )
