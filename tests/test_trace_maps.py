"""The maps carry ids: each zone that of its class, each value written that of the value."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

import map_builders as make
from diagpacte.deliverables import maps
from diagpacte.deliverables.french import value_text
from map_cases import CASES, draw


@pytest.mark.parametrize("case", ["every kind", "offer alone", "one zone"])
def test_every_zone_of_a_drawing_bears_the_id_of_its_class_once(case: str) -> None:
    published = CASES[case]()
    root = fromstring(maps.to_svg(draw(published)))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    theme = make.theme().theme
    zones = set(published["zones"]["zone_code"])
    shown = [
        {one for one in ids if one.startswith(f"{table}/") and one.endswith(f"|{theme}|0/{column}")}
        for table, column in (("needs", "class_label"), ("coverage", "access_class"))
    ]
    for found in filter(None, shown):
        assert {one.split("/")[1].split("|")[0] for one in found} == zones
    assert len(zones) == 1 or any(shown)


def test_a_value_written_on_the_map_bears_the_id_of_that_value() -> None:
    published = CASES["rank only"]()
    needs = {row["zone_code"]: row for row in published["needs"].to_dict("records")}
    written = {str(text.get_gid()): text.get_text() for text in make.texts(draw(published))}
    values = {figure: text for figure, text in written.items() if figure.startswith("needs/")}
    assert values
    for figure, text in values.items():
        row = needs[figure.split("/")[1].split("|")[0]]
        assert figure.endswith("/value")
        assert text == value_text(row["value"], "pct", row["availability"], (row["lower"], row["upper"]))
