"""The dictionaries of configs/ for their tests, read with the csv of the standard library only.

Grammar of a published code (indicators.csv, `published_codes`, separated by `|`): the code as the
file prints it, its vintage replaced by
    {yy}          a year in two digits            TP60{yy}           TP6021       → 2021
    {yy1}{yy2}    first and last year of a period EVEMP{yy1}{yy2}    EVEMP1622    → 2022, « 2016-2022 »
A code without a token carries no vintage (FRAG_EMPLOI). One with a space is a heading in words (« Nombre foyers RSA »),
looked for whatever year, unit and typography a file gives it. Two digits from 60 on are of the last century.
"""

import csv
import io
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl

CONFIGS = Path(__file__).parents[1] / "configs"
NBSP = "\u00a0"

KEYS = {
    "coherence_checks": ("check",),
    "precision": ("indicator", "levels"),
    "indicators": ("indicator",), "profiles": ("profile",), "factors": ("factor",), "themes": ("theme",),
    "needs": ("theme", "indicator"), "thematics": ("theme", "source", "key_kind", "key"),
    "thematic_labels": ("thematique",), "networks": ("reseau",), "offer_sources": ("source",),
    "references": ("reference",), "missing_marks": ("mark",),
}  # fmt: skip


class Vintage(NamedTuple):
    indicator: str
    year: int | None
    period: str


def rows(name: str) -> list[dict[str, str]]:
    text = (CONFIGS / f"{name}.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def number(text: str) -> float:
    return float(text.replace(NBSP, "").replace(",", "."))


def column(name: str, field: str) -> set[str]:
    return {row[field] for row in rows(name) if row[field]}


def by_key(name: str) -> dict[str, dict[str, str]]:
    (key,) = KEYS[name]
    return {row[key]: row for row in rows(name)}


def layout(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIGS / "layouts" / f"{name}.toml").read_text(encoding="utf-8"))


def groups(pattern: str, text: str) -> dict[str, str]:
    """The named groups of the first match, whatever its case; fails when there is none."""
    match = re.search(pattern, text, re.IGNORECASE)
    assert match, (pattern, text)
    return match.groupdict()


def century(digits: str) -> int:
    return int(digits) + (1900 if int(digits) >= 60 else 2000)


def stem_pattern(stem: str) -> re.Pattern[str]:
    parts = re.split(r"\{(yy[12]?)\}", stem)
    return re.compile("".join(f"(?P<{part}>[0-9]{{2}})" if i % 2 else re.escape(part) for i, part in enumerate(parts)))


STEMS = [(stem, row["indicator"]) for row in rows("indicators") for stem in row["published_codes"].split("|") if stem]


def resolve(code: str) -> list[Vintage]:
    """Every reading the stems allow of a published code."""
    found = []
    for stem, indicator in STEMS:
        if match := stem_pattern(stem).fullmatch(code):
            groups = {name: century(digits) for name, digits in match.groupdict().items()}
            first, last = groups.get("yy1"), groups.get("yy2", groups.get("yy"))
            period = f"{first}-{last}" if first else "" if last is None else str(last)
            found.append(Vintage(indicator, last, period))
    return found


def variables(path: Path) -> dict[str, dict[str, str]]:
    """The Variables sheet: code → its columns."""
    book = openpyxl.load_workbook(path, read_only=True)
    lines = [[str(cell or "") for cell in line] for line in book["Variables"].iter_rows(values_only=True)]
    book.close()
    start = next(i for i, line in enumerate(lines) if line[0] == "VAR_ID")
    return {line[0]: dict(zip(lines[start], line, strict=True)) for line in lines[start + 1 :] if line[0]}
