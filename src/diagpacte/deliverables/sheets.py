"""The workbook `tableaux/diagnostic.xlsx`: every sheet from published tables, as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagpacte.deliverables import french
from diagpacte.deliverables.sheet_content import Column, Row, Sheet, clean, records
from diagpacte.deliverables.sheet_context import SheetContext, View
from diagpacte.deliverables.sheet_format import Page, write_workbook
from diagpacte.deliverables.sheet_needs import detail_sheet, themes_sheet, wide_sheet
from diagpacte.deliverables.sheet_offers import counts_sheet, coverage_sheet, matches_sheet, offers_sheet
from diagpacte.deliverables.sheet_profiles import factors_sheet, profiles_sheet
from diagpacte.deliverables.sheet_readme import readme
from diagpacte.deliverables.sheet_references import (
    availability_sheet,
    claims_sheet,
    dictionary_sheet,
    quality_sheet,
    sources_sheet,
)
from diagpacte.tables import Published
from diagpacte.vocabulary import Nature, Territory

SOURCE_LINE = 170  # characters of a footer
SIMULATED = french.typography("VALEURS SIMULÉES : italique sur fond mauve")

__all__ = ["SheetContext", "diagnostic_workbook"]


def diagnostic_workbook(published: Published, territory: Territory, context: SheetContext) -> bytes:
    """The workbook of `territory`, the same bytes for the same tables and context.

    `published` holds zones, members, needs, coverage, coverage_sources, offers, raw_offers, observations,
    sources, source_coverage and faults. No formula, no link but those of the contents, no blank data cell.
    """
    view = View(published, territory, context)
    told = [
        themes_sheet(view),
        wide_sheet(view),
        detail_sheet(view),
        coverage_sheet(view),
        counts_sheet(view),
        offers_sheet(view),
        *profiles_sheet(view),
        *factors_sheet(view),
    ]
    told = [_finished(sheet) for sheet in told]
    accounts = [
        matches_sheet(view),
        sources_sheet(view),
        claims_sheet(view),
        quality_sheet(view),
        availability_sheet(view),
    ]
    accounts = [_finished(sheet) for sheet in accounts]
    sheets = [*told, _finished(dictionary_sheet(view, [*told, *accounts])), *accounts]
    first = readme(view, sheets)
    page = Page(first.title, french.typography(source_line(view)), first.stamp, context.as_of)
    return write_workbook(first, sheets, page)


def _finished(sheet: Sheet) -> Sheet:
    """The sheet with distinct headings, French typography, and its banner when it holds simulated values."""
    columns = distinct([_typeset(column) for column in sheet.columns])
    simulated = any(cell.look.simulated for row in sheet.rows for cell in row)
    return replace(
        sheet,
        columns=columns,
        title=french.typography(clean(sheet.title)),
        notes=[french.typography(clean(note)) for note in sheet.notes],
        banner=SIMULATED if simulated else "",
    )


def _typeset(column: Column) -> Column:
    return replace(
        column,
        heading=french.typography(clean(column.heading)),
        definition=french.typography(clean(column.definition)),
        unit=french.typography(clean(column.unit)),
    )


def distinct(columns: Sequence[Column]) -> list[Column]:
    """The columns with no two headings alike, whatever their case: « … (2) » marks the second."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        count = seen[column.heading.casefold()] = seen.get(column.heading.casefold(), 0) + 1
        named.append(column if count == 1 else replace(column, heading=f"{column.heading} ({count})"))
    return named


def source_line(view: View) -> str:
    """« Sources : Insee, 2022 (réel) ; … », shorter where a line cannot hold it, else where to find them."""
    rows = records(view.table("sources").sort_values(["kind", "producer", "vintage"]))
    for form in ("{producer}, {vintage} ({label})", "{producer}, {vintage}", "{producer}"):
        named = dict.fromkeys(form.format(**_source_words(row)) for row in rows)
        line = f"Sources : {' ; '.join(named)}"
        if named and len(line) <= SOURCE_LINE:
            return line
    return "Sources : voir la feuille « Sources »"


def _source_words(row: Row) -> dict[str, str]:
    words = {name: clean(row[name]) for name in ("producer", "vintage")}
    return words | {"label": Nature(row["nature"]).label}
