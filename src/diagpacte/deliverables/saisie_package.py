"""The file around the sheets: fixed dates, results of formulas kept, and what a rewriting would lose."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.utils.datetime import to_excel

EPOCH = (1980, 1, 1, 0, 0, 0)
SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
FORMULA = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)>(<f[^>]*(?:/>|>.*?</f>))<v\s*/></c>', re.DOTALL)
MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms)")
LOST = {  # parts that the library that rewrites the workbook leaves out or simplifies
    "xl/media/": "images",
    "xl/charts/": "graphiques",
    "xl/chartEx": "graphiques",
    "xl/diagrams/": "schémas SmartArt",
    "xl/threadedComments/": "fils de discussion (les notes, elles, restent)",
    "xl/vbaProject": "macros",
    "xl/slicers/": "segments",
    "xl/timelines/": "chronologies",
    "xl/embeddings/": "objets incorporés",
    "xl/ctrlProps/": "boutons et cases à cocher",
    "xl/activeX/": "contrôles ActiveX",
    "xl/ink/": "annotations manuscrites",
}
SHAPES = re.compile(rb"<xdr:(?:sp|cxnSp|grpSp)[ >]")


def losses(data: bytes) -> list[str]:
    """What rewriting this workbook would lose, in French."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        lost = [words for start, words in LOST.items() if any(name.startswith(start) for name in names)]
        drawings = [name for name in names if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
        if any(SHAPES.search(archive.read(name)) for name in drawings):
            lost.append("formes et zones de texte")
    return list(dict.fromkeys(lost))


def stored_results(data: bytes, written: Any) -> dict[str, dict[str, object]]:
    """The stored result of every formula of `written`, which is `data` opened: by sheet and cell."""
    formulas = {
        sheet.title: [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        for sheet in written.worksheets
    }
    if not any(formulas.values()):
        return {}
    shown = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return {title: {cell: shown[title][cell].value for cell in cells} for title, cells in formulas.items()}


def finished(data: bytes, results: Sequence[Mapping[str, object]], as_of: date) -> bytes:
    """The archive with `as_of` as its only date and the `results` of its formulas, sheet by sheet."""
    stamp = f"{as_of.isoformat()}T00:00:00Z".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                content = MOMENT.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            elif (found := SHEET.fullmatch(info.filename)) and results[int(found[1]) - 1]:
                content = _with_results(content.decode("utf-8"), results[int(found[1]) - 1]).encode("utf-8")
            entry = zipfile.ZipInfo(info.filename, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, info.external_attr
            target.writestr(entry, content)
    return out.getvalue()


def _with_results(sheet: str, results: Mapping[str, object]) -> str:
    def filled(found: Any) -> str:
        place, attributes, formula = found.groups()
        kind, text = _result(results.get(place))
        if text is None:
            return str(found[0])
        return f'<c r="{place}"{attributes}{kind}>{formula}<v>{escape(text)}</v></c>'

    return FORMULA.sub(filled, sheet)


def _result(value: object) -> tuple[str, str | None]:
    """The attribute of the kind of a result, and the result as the format writes it."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ' t="b"', str(int(value))
    if isinstance(value, int | float):
        return "", repr(value)
    if isinstance(value, date | datetime):
        return "", repr(to_excel(value))  # type: ignore[no-untyped-call]
    text = str(value)
    return (' t="e"' if re.fullmatch(r"#[A-Z0-9/]+[!?]?", text) else ' t="str"'), text
