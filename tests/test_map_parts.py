"""The parts of a map by themselves: panels, offers, ground, text and labels."""

import re
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import map_builders as make
from diagpacte.deliverables import french, maps, style
from diagpacte.deliverables.map_access import access_panel
from diagpacte.deliverables.map_access import class_labels as access_labels
from diagpacte.deliverables.map_labels import box_of, breaks
from diagpacte.deliverables.map_names import place_names
from diagpacte.deliverables.map_need import class_labels, need_panel
from diagpacte.deliverables.map_text import Style, balanced, width, wrap
from map_cases import LONG, ZONES, draw, every_kind, figure_of, title

# --- Classes, missing values, zero


def test_equal_values_share_a_fill_and_legends_count_every_zone() -> None:
    published = every_kind()
    ground = maps.prepare_ground(published, 2154)
    need = need_panel(published, make.territory(), make.theme(), make.context(), ground.zones)
    assert len({need.fills[code] for code in ZONES[9:]}) == 1
    access = access_panel(published, make.territory(), make.theme(), make.context(), ground.zones)
    for panel in (need, access):
        counts = [
            int(found) for entry in (*panel.classes, *panel.missing) for found in re.findall(r"\((\d+)\)$", entry.text)
        ]
        assert sum(counts) == len(ZONES)


def test_each_missing_kind_has_its_mark_its_word_and_its_entry() -> None:
    published = every_kind()
    zones = maps.prepare_ground(published, 2154).zones
    panel = need_panel(published, make.territory(), make.theme(), make.context(), zones)
    marks = [panel.fills[code].pattern for code in ZONES[:5]]
    assert None not in marks
    assert len(set(marks)) == 5
    assert [panel.values[code] for code in ZONES[:5]] == ["secret", "n.\u00a0d.", "non couvert", "n.\u00a0s.", "–"]
    assert len(panel.missing) == 5
    assert panel.fills[ZONES[5]].colour == style.TRUE_ZERO
    assert panel.values[ZONES[5]] == "0\u00a0%"
    assert panel.values[ZONES[6]] == "12,3\u00a0%\u00a0(e)"
    assert panel.values[ZONES[7]] == "17,0\u00a0%\u00a0(i)"
    assert [entry.text for entry in panel.classes][-2:] == [
        "plus de 0 et moins de 8\u00a0% (1)",
        "0\u00a0: valeur mesurée (1)",
    ]


def test_unlisted_unmeasured_and_uncovered_borders_are_three_things() -> None:
    published = every_kind()
    panel = access_panel(
        published, make.territory(), make.theme(), make.context(), maps.prepare_ground(published, 2154).zones
    )
    assert [panel.values[code] for code in ZONES[:3]] == ["non recensé", "≤\u00a012,0\u00a0km", "non mesuré"]
    assert len({panel.fills[code].pattern for code in ZONES[:3]}) == 3


def test_no_printed_value_contradicts_its_class() -> None:
    published = make.damier(
        needs=[make.need(code, 7.96 + i / 100, int(7.96 + i / 100 >= 8)) for i, code in enumerate(ZONES)]
    )
    panel = need_panel(
        published, make.territory(), make.theme(), make.context(), maps.prepare_ground(published, 2154).zones
    )
    assert panel.values[ZONES[0]] == "7,96\u00a0%"
    assert panel.values[ZONES[4]] == "8,0\u00a0%"


@given(st.floats(0, 40), st.lists(st.sampled_from([5.0, 8.2, 10.0, 12.5, 16.0, 20.0]), min_size=1, max_size=4))
def test_a_value_is_written_on_its_own_side_of_every_bound(value: float, bounds: list[float]) -> None:
    places = french.faithful_decimals(value, bounds, above=[10.0])
    written = float(french.round_half_up(value, places))
    if places < 5:
        assert all((written >= bound) == (value >= bound) for bound in bounds)
        assert (written > 10) == (value > 10)


def test_class_labels_hold_the_lower_bound_and_leave_the_upper_one() -> None:
    assert class_labels(make.context()) == [
        "moins de 8\u00a0%",
        "de 8 à moins de 12\u00a0%",
        "de 12 à moins de 16\u00a0%",
        "16\u00a0% ou plus",
    ]
    low = make.context(indicator=make.indicator(polarity="low_worse"), need_bounds=(66.0, 62.0, 58.0))
    assert class_labels(low) == [
        "66\u00a0% ou plus",
        "de 62 à moins de 66\u00a0%",
        "de 58 à moins de 62\u00a0%",
        "moins de 58\u00a0%",
    ]
    assert access_labels(make.context())[0] == "moins de 5\u00a0km"
    assert access_labels(make.context())[-1] == "20\u00a0km ou plus"


def test_a_zone_hardly_inside_is_drawn_but_never_counted() -> None:
    zones, ground = make.grid()
    published = make.damier(zones=[*zones[:-1], zones[-1] | {"share_inside": 0.004}], ground=ground)
    figure = draw(published)
    assert "sur 11" in title(figure)
    assert "Non compté : Marches (moins de 1 % de sa population dans le département)." in make.said(figure)
    assert "Partie de l’EPCI hors du département" in make.said(figure)


def test_islands_without_epci_are_drawn_but_never_counted() -> None:
    zones, ground = make.grid()
    islands = zones[0] | {"zone_code": "HORS:29", "kind": "HORS", "code": "29", "short_name": "Ouessant"}
    needs = [
        make.need("HORS:29", None, None, availability="not_covered"),
        *(make.need(code, 13.0, 2) for code in ZONES[1:]),
    ]
    figure = draw(make.damier(zones=[islands, *zones[1:]], ground=ground, needs=needs, access=[], offers=[]))
    assert "les 11 EPCI ont" in title(figure)
    assert "Hors EPCI, non compté : Ouessant." in make.said(figure)
    assert "Non couvert par la source" in [text.get_text() for text in make.texts(figure)]


# --- Offers


def test_symbols_say_how_many_structures_and_merge_those_of_one_place() -> None:
    here = (make.WEST + 0.05, make.SOUTH + 0.05)
    offers = [make.offer(f"o{i}", *here) for i in range(3)]
    offers += [make.offer("o9", make.WEST + 0.15, make.SOUTH + 0.05, offer_source="france-services")]
    offers += [make.offer("sans lieu", None, None, placement="non_localise", commune_code="77000")]
    published = make.damier(offers=offers)
    panel = access_panel(
        published, make.territory(), make.theme(), make.context(), maps.prepare_ground(published, 2154).zones
    )
    assert [(group.label, group.structures) for group in panel.points] == [
        ("France Travail (4)", (3,)),
        ("France services (1)", (1,)),
    ]
    words = make.said(draw(published))
    assert "les sources se recoupent : leurs nombres ne s’additionnent pas" in words
    assert "1 structure sans lieu connu, non dessinée" in words


def test_one_source_of_several_bodies_is_told_by_body() -> None:
    offers = [make.offer(f"o{i}", make.WEST + 0.05 + i / 10, make.SOUTH + 0.05, responsable=body)
              for i, body in enumerate(("association", "departement", "association"))]  # fmt: skip
    words = make.said(draw(make.damier(needs=[], offers=offers)))
    assert "France Travail, par responsable" in words
    assert "Associations (2)" in words
    assert "Département (1)" in words


def test_a_source_that_lists_nothing_near_is_no_part_of_the_map() -> None:
    far = make.offer("loin", 7.0, 44.0, offer_source="ailleurs", commune_code=None, nature="simulated")
    near = make.offer("ici", make.WEST + 0.05, make.SOUTH + 0.05, nature="real")
    words = make.said(draw(make.damier(offers=[near, far])))
    assert "ailleurs" not in words
    assert "VALEURS SIMULÉES" not in words


def test_offers_beyond_the_border_are_discs_apart() -> None:
    words = make.said(draw(make.damier(offers=[
        make.offer("dedans", make.WEST + 0.05, make.SOUTH + 0.05),
        make.offer("dehors", make.WEST - 0.03, make.SOUTH + 0.05, commune_code=None),
    ])))  # fmt: skip
    assert "France Travail (1)" in words
    assert "hors du département" in words


# --- Ground, text and labels by themselves


def test_the_simplified_ground_has_no_gap_and_no_overlap() -> None:
    ground = maps.prepare_ground(make.damier(), 2154)
    frame = ground.frame(136, 122, 122)
    assert shapely.coverage_is_valid(frame.inside)
    assert shapely.area(frame.inside).sum() == pytest.approx(shapely.area(frame.outline))
    west, south, east, north = shapely.bounds(frame.outline)
    assert 0 < west < east < 136
    assert 0 < south < north < 122


def test_all_frames_of_a_territory_keep_its_scale() -> None:
    ground = maps.prepare_ground(make.damier(), 2154)
    assert ground.frame(136, 124, 122).scale == ground.frame(136, 127, 122).scale


def test_labels_stand_in_their_zones() -> None:
    published = make.damier()
    frame = maps.prepare_ground(published, 2154).frame(136, 122, 122)
    panel = need_panel(published, make.territory(), make.theme(), make.context(), frame.zones)
    names = place_names(frame, panel, [])
    for code, shape in zip(frame.zones["zone_code"], frame.inside, strict=True):
        box = shapely.box(*box_of(names.zones.placed[code]))
        assert shapely.area(shapely.intersection(shape, box)) >= 0.66 * shapely.area(box)


def test_a_name_that_fits_nowhere_is_numbered_and_listed() -> None:
    figure = figure_of("sixty-three zones")
    words = make.said(figure)
    numbered = sorted(set(map(int, re.findall(r"n° (\d+)", words))))
    assert numbered == list(range(1, len(numbered) + 1))
    assert len(numbered) > 5
    assert all(f"n° {number} {LONG}" in words for number in numbered)
    assert make.clashes(figure) == []


NAME = st.lists(
    st.sampled_from(["Pays", "de", "la", "Vallée", "Saint-Omer", "–", "d’Azur", "et", "Communauté"]),
    min_size=1,
    max_size=8,
).map(" ".join)


@given(NAME)
@settings(max_examples=60)
def test_breaking_a_name_loses_no_letter(name: str) -> None:
    for way in breaks(name):
        assert re.sub(r"\s", "", "".join(way)) == re.sub(r"\s", "", name)
    assert [len(way) for way in breaks(name)] == list(range(1, len(breaks(name)) + 1))


@given(st.lists(st.text("abcdéœ", min_size=1, max_size=9), min_size=1, max_size=30).map(" ".join), st.floats(10, 80))
@settings(max_examples=60)
def test_wrapped_lines_hold_the_text_and_fit_the_room(text: str, room: float) -> None:
    face = Style("regular", 7)
    for lines in (wrap(text, face, room), balanced(text, face, room)):
        assert " ".join(lines) == text
        assert all(width(line, face) <= room or " " not in line for line in lines)
    assert len(balanced(text, face, room)) == len(wrap(text, face, room))


def test_widths_are_those_of_the_renderer() -> None:
    figure = draw(make.damier())
    boxes = dict(make.text_boxes(figure))
    for text in make.texts(figure):
        face = Path(text.get_fontproperties().get_file()).stem.removeprefix("FiraSansCondensed-").lower()
        left, _, right, _ = boxes[text.get_text()]
        if len([t for t in make.texts(figure) if t.get_text() == text.get_text()]) == 1:
            assert width(text.get_text(), Style(face, text.get_fontsize())) == pytest.approx(right - left, abs=0.3)
