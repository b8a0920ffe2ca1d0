"""A small workspace on the packaged geography: counts of the Caf that nobody said public, and two territories."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from diagpacte import workflow
from diagpacte.sources import reference

THEME = "A2.eloignes_emploi"
VINTAGE = 2025
INDICATORS = """indicator;published_codes;label;label_long;role;unit;base;polarity;low;high;kind;source;theme_factor;note
rsa_units_count;INDFOY_RSA;Foyers au RSA;Foyers allocataires du RSA;besoin;count;foyers;high_worse;0;40000000;count;Cnaf, fichiers des allocataires;;
activity_bonus_units_count;INDFOY_PPA;Foyers à la prime d’activité;Foyers allocataires de la prime d’activité;contexte;count;foyers;high_worse;0;40000000;count;Cnaf, fichiers des allocataires;;
"""
NEEDS = """theme;indicator;weight;role;confidence;grade_factor;why
A2.eloignes_emploi;rsa_units_count;9;besoin;forte;;Des foyers, non des personnes.
"""
FACTORS = """factor;label;grade_indicator;graded_on;core;grade_labels;grade_aliases;note
ppa;Prime d’activité;;activity_bonus_units_count;non;;;
"""


@cache
def communes() -> pd.DataFrame:
    """Code, epci and department of every commune of 1 January 2025."""
    return pd.DataFrame(reference.communes(VINTAGE)[["code", "epci", "department"]])


def epci_of(department: str) -> list[str]:
    """The EPCI that touch a département."""
    table = communes()
    return sorted(table.loc[table["department"].eq(department), "epci"].dropna().unique())


@cache
def people(straddling: str, elsewhere: str, alone: str) -> pd.Series:
    """Foyers at the RSA by commune: invented, but 2 in the part of EPCI `straddling` in département `elsewhere`, and 3
    in the whole of EPCI `alone`.
    """
    table = communes()
    counts = pd.Series([440 + place * 7919 % 2111 for place in range(len(table))], index=table["code"])
    counts[table.loc[table["epci"].eq(straddling), "code"].tolist()] = 1159
    for rows, total in (
        (table["epci"].eq(straddling) & table["department"].eq(elsewhere), 2),
        (table["epci"].eq(alone), 3),
    ):
        codes = table.loc[rows, "code"].tolist()
        counts[codes] = 0
        counts[codes[:1]] = total
    return counts


def by_zone(counts: pd.Series, level: str, departments: tuple[str, ...]) -> dict[str, int]:
    """Counts of the EPCI that touch `departments` (level « epci »), or of these départements."""
    table = communes()
    touched = table.loc[table["department"].isin(departments), level].dropna().unique()
    rows = table[table[level].isin(touched)]
    sums = rows["code"].map(counts).groupby(rows[level]).sum()
    return {str(code): int(value) for code, value in sums.items()}


def counts_file(path: Path, heading: str, values: Mapping[str, tuple[int, int]]) -> Path:
    """An export of the Caf: foyers at the RSA and at the prime d’activité, December 2024."""
    lines = [f"dtreffre;{heading};indfoy_rsa;indfoy_ppa"]
    lines += [f"2024-12;{code};{rsa};{ppa}" for code, (rsa, ppa) in values.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def workspace(root: Path, files: list[Path], *, licence: str = "", territory: str, theme: str = THEME) -> Path:
    """A workspace that holds `files` and shows one theme, whose need is a count."""
    workflow.init(root, territory, "2025-06-01")
    configs = root / "configs"
    (configs / "indicators.csv").write_text(INDICATORS, encoding="utf-8-sig")
    (configs / "needs.csv").write_text(NEEDS, encoding="utf-8-sig")
    (configs / "factors.csv").write_text(FACTORS, encoding="utf-8-sig")
    settings = configs / "diagpacte.toml"
    settings.write_text(f'show = ["{theme}"]\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    workflow.add(root, files, nature="simulée", producer="Caf du Nord (invention)", licence=licence, vintage="2024")
    listing = root / "data" / "raw" / "sources.toml"
    text = listing.read_text(encoding="utf-8")
    listing.write_text(text.replace('geographie = "à renseigner"', "geographie = 2025"), encoding="utf-8")
    return root
