"""What a map owes its reader: true titles, named zones, visible points, missing values told apart, same bytes."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

import map_builders as make
import map_real
from diagpacte.deliverables import french, maps, style
from diagpacte.deliverables.map_access import access_panel
from diagpacte.deliverables.map_access import class_labels as access_labels
from diagpacte.deliverables.map_labels import box_of, breaks
from diagpacte.deliverables.map_names import place_names
from diagpacte.deliverables.map_need import class_labels, need_panel
from diagpacte.deliverables.map_text import Style, balanced, font_path, known, width, wrap
from diagpacte.tables import Published

ZONES = [zone["zone_code"] for zone in make.grid()[0]]
LONG = "Communauté de communes des Hautes Terres et Vallées de l’Oule Méridionale"
MISSING = ("secret", "not_available", "not_covered", "not_significant", "not_applicable")
HERE = Path(__file__).parent


def draw(published: Published, **changes: object) -> Figure:
    parts = {"territory": make.territory(), "theme": make.theme(), "context": make.context()} | changes
    return maps.theme_map(published, **parts)  # type: ignore[arg-type]


def every_kind() -> Published:
    """Each missing kind, a true zero, an estimate, an imputation and a border that nobody covers."""
    needs = [make.need(code, None, None, availability=kind) for code, kind in zip(ZONES, MISSING, strict=False)]
    needs += [make.need(ZONES[5], 0.0, 0), make.need(ZONES[6], 12.34, 2, availability="estimated"),
              make.need(ZONES[7], 17.0, 3, availability="imputed"), make.need(ZONES[8], 7.96, 0)]  # fmt: skip
    needs += [make.need(code, 16.0, 3) for code in ZONES[9:]]
    access = [
        make.coverage(ZONES[0], None, None),
        make.coverage(ZONES[1], 12.0, 2, nearest_lower_km=4.0),
        make.coverage(ZONES[2], None, None, nearest_availability="not_available"),
        *(make.coverage(code, 3.0, 0) for code in ZONES[3:]),
    ]
    return make.damier(needs=needs, access=access)


def one_zone() -> Published:
    zones, ground = make.grid(1, 1)
    shape = shapely.from_wkb(zones[0]["geometry_inside"])
    zone = make.zone(ZONES[0], "Métropole du Damier", shape)
    return make.damier(
        needs=[make.need(ZONES[0], 9.0, 1)], access=[make.coverage(ZONES[0], 0.8, 0)], zones=[zone], ground=ground
    )


def long_names() -> Published:
    zones, ground = make.grid()
    return make.damier(zones=[zone | {"short_name": f"{LONG} {i}"} for i, zone in enumerate(zones)], ground=ground)


def crowd() -> Published:
    """Sixty-three small zones, each of a name too long for it."""
    zones, ground = make.grid(9, 7)
    zones = [zone | {"short_name": f"{LONG} {i}"} for i, zone in enumerate(zones)]
    needs = [make.need(zone["zone_code"], 9.0, 1) for zone in zones]
    return make.damier(needs=needs, access=[], offers=[], zones=zones, ground=ground)


CASES = {
    "two panels": make.damier,
    "every kind": every_kind,
    "need alone": lambda: make.damier(access=[], offers=[]),
    "offer alone": lambda: make.damier(needs=[]),
    "one zone": one_zone,
    "nothing but secrets": lambda: make.damier(needs=[make.need(code, None, None) for code in ZONES]),
    "rank only": lambda: make.damier(needs=[make.need(c, 5.0 + i, None, class_rule="rang_seul") for i, c in enumerate(ZONES)]),
    "names of 70 letters": long_names,
    "sixty-three zones": crowd,
    "names of 70 letters, offer alone": lambda: replace(long_names(), tables=dict(long_names().tables) | {"needs": make.published()["needs"]}),
}  # fmt: skip


@cache
def figure_of(case: str) -> Figure:
    return draw(CASES[case]())


@pytest.mark.parametrize("case", CASES)
def test_no_text_meets_another_or_leaves_the_page(case: str) -> None:
    assert make.clashes(figure_of(case)) == []


@pytest.mark.parametrize("case", CASES)
def test_no_name_hides_an_offer(case: str) -> None:
    assert make.hidden_points(figure_of(case)) == []


@pytest.mark.parametrize("case", [case for case in CASES if case != "one zone"])
def test_every_zone_is_named_on_the_map_or_listed(case: str) -> None:
    published = CASES[case]()
    words = make.said(draw(published)).replace(" ", "")
    for name in published["zones"]["short_name"]:
        pieces = [piece for piece in re.split(r"[ \-]", french.typography(name)) if piece]
        assert all(piece in words for piece in pieces), name


@pytest.mark.parametrize("case", CASES)
def test_every_letter_is_in_the_first_font(case: str) -> None:
    for text in make.texts(figure_of(case)):
        face = Path(text.get_fontproperties().get_file()).stem.removeprefix("FiraSansCondensed-").lower()
        assert known(text.get_text(), face), text.get_text()


@pytest.mark.parametrize("case", CASES)
def test_every_word_is_french(case: str) -> None:
    english = r"\b(the|and|of|no|data|not|map|need|access|offer|secret_|nan|none|observed|unknown|theme|source_id)\b"
    words = make.said(figure_of(case))
    assert re.findall(english, words, re.IGNORECASE) == []
    assert re.findall(r"\S[:;!?%](?=\s|$)|[a-z]'[a-z]|\d\.\d", words) == []


def test_a_letter_the_font_lacks_is_set_in_the_second_one() -> None:
    assert Style("regular", 7).properties("Ǻ ✚").get_file().endswith("DejaVuSans.ttf")
    assert Style("regular", 7).properties("Œuvre ≤ 3 −").get_file() == str(font_path("regular"))


# --- What is said


def title(figure: Figure) -> str:
    return " ".join(t.get_text() for t in make.texts(figure) if t.get_fontsize() == style.TITLE).replace("\u00a0", " ")


def test_the_title_counts_the_table_that_is_drawn() -> None:
    assert title(draw(make.damier())) == (
        "Dans le Damier, 6 EPCI sur 12 ont un taux de chômage des 15-64 ans d’au moins 12 % ; "
        "l’offre d’accompagnement vers l’emploi est à plus de 10 km en moyenne dans 6 EPCI sur 12"
    )


def test_the_title_counts_only_what_is_measured() -> None:
    figure = draw(every_kind())
    assert "5 EPCI sur les 7 mesurés ont un taux de chômage" in title(figure)
    assert "à 10 km ou moins en moyenne dans les 9 EPCI mesurés" in title(figure)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([5.0] * 12, "aucun EPCI n’a un taux de chômage des 15-64 ans d’au moins 12 %"),
        ([13.0] + [5.0] * 11, "un EPCI sur 12 a un taux de chômage des 15-64 ans d’au moins 12 %"),
        ([13.0] * 12, "les 12 EPCI ont un taux de chômage des 15-64 ans d’au moins 12 %"),
    ],
    ids=["none", "one", "all"],
)
def test_the_title_agrees_with_its_count(values: list[float], words: str) -> None:
    needs = [
        make.need(code, value, int(value > 8) + int(value > 12)) for code, value in zip(ZONES, values, strict=True)
    ]
    assert words in title(draw(make.damier(needs=needs, access=[], offers=[])))


def test_grades_are_counted_in_words_with_the_values_drawn() -> None:
    grades = (
        [(7.5, 0, "Non fragile")] * 5
        + [(13.4, 1, "Fragile"), (14.1, 1, "Fragile")]
        + [(16.0 + i, 2, "Très fragile") for i in range(5)]
    )
    needs = [
        make.need(code, value, index, class_rule="grade_panorama", class_count=3, class_label=label, strong=index > 0)
        for code, (value, index, label) in zip(ZONES, grades, strict=True)
    ]  # fmt: skip
    figure = draw(make.damier(needs=needs, access=[], offers=[]))
    assert (
        "7 EPCI sur 12 sont fragiles ou très fragiles (taux de chômage des 15-64 ans), dont 5 très fragiles"
        in title(figure)
    )
    words = make.said(figure)
    for entry in ("Très fragile : de 16,0 à 20,0 % (5)", "Fragile : de 13,4 à 14,1 % (2)", "Non fragile : 7,5 % (5)"):
        assert entry in words


def test_a_single_zone_is_told_in_words_and_never_coloured() -> None:
    figure = draw(one_zone(), territory=make.territory(kind="metropole"))
    words = make.said(figure)
    assert "taux de chômage des 15-64 ans : 9,0 % (France métropolitaine : 11,3 %)" in title(figure)
    assert "Classe nationale : de 8 à moins de 12 %" in words
    assert "0,8 km" in words
    ramps = {colour.lower() for ramp in (*style.NEED.values(), *style.ACCESS.values()) for colour in ramp}
    on_the_map = {facecolour(patch) for patch in figure.axes[0].patches if patch.get_zorder() < 6}
    assert not on_the_map & ramps


def facecolour(patch: object) -> str:
    rgba = patch.get_facecolor()  # type: ignore[attr-defined]
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in rgba[:3])


@pytest.mark.parametrize(
    ("need_nature", "offer_nature", "tag"),
    [
        ("simulated", "simulated", "VALEURS SIMULÉES"),
        ("simulated", "real", "VALEURS SIMULÉES (besoin)"),
        ("real", "simulated", "VALEURS SIMULÉES (offre)"),
        ("real", "real", ""),
    ],
)
def test_simulated_values_are_stamped_with_their_side(need_nature: str, offer_nature: str, tag: str) -> None:
    needs = [make.need(code, 9.0, 1, nature=need_nature) for code in ZONES]
    offers = [make.offer("o1", make.WEST + 0.05, make.SOUTH + 0.05, nature=offer_nature)]
    lines = [t.get_text() for t in make.texts(draw(make.damier(needs=needs, offers=offers)))]
    assert [line for line in lines if line.startswith("VALEURS")] == ([tag] if tag else [])


@pytest.mark.parametrize("diffusion", style.DIFFUSION)
def test_every_page_says_who_may_see_it(diffusion: str) -> None:
    lines = [t.get_text() for t in make.texts(draw(make.damier(diffusion=diffusion)))]
    assert style.DIFFUSION[diffusion] in lines


def test_a_page_names_its_sources_vintages_and_geography() -> None:
    words = make.said(draw(make.damier()))
    assert "Sources : Insee, recensement 2022 (réel) ; France Travail, août 2024 (simulé)." in words
    assert "Géographie : EPCI au 01/01/2025, IGN Admin Express. Traitement : diagpacte." in words
    assert "à vol d’oiseau" in words
    assert "Une offre non recensée peut exister." in words
    assert "portée retenue pour ce thème : 10 km (norme de travail, à valider)" in words


def test_a_theme_with_nothing_has_no_map() -> None:
    empty = make.damier(needs=[], access=[], offers=[])
    assert not maps.has_map(empty, make.theme())
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(empty)


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
    needs = [make.need(code, 13.0, 2) for code in ["HORS:29", *ZONES[1:]]]
    figure = draw(make.damier(zones=[islands, *zones[1:]], ground=ground, needs=needs, access=[], offers=[]))
    assert "les 11 EPCI ont" in title(figure)
    assert "Hors EPCI, non compté : Ouessant." in make.said(figure)


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


# --- Signature and bytes


def test_two_themes_that_draw_the_same_have_one_signature() -> None:
    first = make.damier()
    twin = {name: frame.assign(theme="A4.autre") if "theme" in frame else frame for name, frame in first.tables.items()}
    second = replace(first, tables=twin)
    assert maps.signature(first, make.theme()) == maps.signature(second, make.theme(theme="A4.autre"))
    moved = replace(first, tables=dict(first.tables) | {"coverage": first["coverage"].assign(nearest_km=3.0)})
    assert maps.signature(first, make.theme()) != maps.signature(moved, make.theme())


def test_row_order_is_indifferent() -> None:
    first = make.damier()
    shuffled = replace(
        first, tables={name: frame.iloc[::-1].reset_index(drop=True) for name, frame in first.tables.items()}
    )
    assert maps.to_svg(draw(first)) == maps.to_svg(draw(shuffled))
    assert maps.signature(first, make.theme()) == maps.signature(shuffled, make.theme())


BYTES = """
import hashlib, sys
sys.path.insert(0, {folder!r})
import map_builders as make
from diagpacte.deliverables import maps
figure = maps.theme_map(make.damier(), make.territory(), make.theme(), make.context())
print(hashlib.sha256(maps.to_png(figure)).hexdigest(), hashlib.sha256(maps.to_svg(figure)).hexdigest())
"""


def test_two_processes_in_two_time_zones_and_locales_write_the_same_bytes(tmp_path: Path) -> None:
    style_file = tmp_path / "matplotlibrc"
    style_file.write_text(
        "font.size: 30\nlines.linewidth: 9\ntext.hinting: none\nsavefig.dpi: 55\nsvg.hashsalt: autre\n"
    )
    machines: list[dict[str, str]] = [
        {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "Indian/Reunion", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "77", "MATPLOTLIBRC": str(style_file)},
    ]
    script = BYTES.format(folder=str(HERE))
    running = [
        subprocess.Popen([sys.executable, "-c", script], env=os.environ | machine, stdout=subprocess.PIPE, text=True)
        for machine in machines
    ]
    outputs = [process.communicate()[0] for process in running]
    figure = draw(make.damier())
    mine = " ".join(hashlib.sha256(data).hexdigest() for data in (maps.to_png(figure), maps.to_svg(figure)))
    assert [output.strip() for output in outputs] == [mine, mine]


def test_a_png_is_printed_at_300_dots_an_inch_on_a4() -> None:
    image = Image.open(BytesIO(maps.to_png(draw(make.damier()))))
    assert image.mode == "RGB"
    assert image.size == (3507, 2480)
    assert [round(float(dots)) for dots in image.info["dpi"]] == [300, 300]


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


# --- Real places


REAL = [("59", "A2.eloignes_emploi"), ("59", "A2.freins_illettrisme"), ("92", "A2.eloignes_emploi"), ("48", "A3.isolement_pa"),
        ("20R", "A2.eloignes_emploi"), ("29", "A2.eloignes_emploi"), ("974", "A3.accueil_proximite"), ("69M", "A2.eloignes_emploi"),
        ("6AE", "A3.accueil_proximite"), ("75", "A2.eloignes_emploi")]  # fmt: skip


@pytest.mark.parametrize(("code", "theme"), REAL)
def test_real_places_are_drawn_whole(shared_data: Path, code: str, theme: str) -> None:
    published, territory, entry, context = map_real.real(shared_data, code, theme)
    figure = maps.theme_map(published, territory, entry, context)
    assert make.clashes(figure) == []
    assert make.hidden_points(figure) == []
    words = re.sub(r"\s", "", make.said(figure))
    if len(published["zones"]) > 1:
        for name in published["zones"]["short_name"]:
            assert all(piece in words for piece in re.split(r"[ \-]", french.typography(name)) if piece), name


def test_the_ground_of_a_real_place_keeps_its_area(shared_data: Path) -> None:
    published, _, _, context = map_real.real(shared_data, "59", "A2.eloignes_emploi")
    ground = maps.prepare_ground(published, context.epsg)
    frame = ground.frame(213, 154, 154)
    exact = shapely.area(ground.inside) / frame.scale**2
    assert np.abs(shapely.area(frame.inside) / exact - 1).max() < 0.01
    assert [a >= b for a, b in pairwise(sorted(exact, reverse=True))] == [True] * (len(exact) - 1)
