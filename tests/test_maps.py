"""What a page owes its reader: true titles, named zones, visible points, its sources, the same bytes."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image

import map_builders as make
import map_real
from diagpacte.deliverables import french, maps, style
from diagpacte.deliverables.map_text import Style, font_path, known
from map_cases import CASES, ZONES, draw, every_kind, figure_of, one_zone, title

HERE = Path(__file__).parent


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
    assert "Sources : Insee, recensement, 2022 (réel) ; France Travail, août 2024 (simulé)." in words
    assert "Géographie : EPCI au 01/01/2025, IGN Admin Express. Traitement : diagpacte." in words
    assert "à vol d’oiseau" in words
    assert "Une offre non recensée peut exister." in words
    assert "portée retenue pour ce thème : 10 km (norme de travail, à valider)" in words


def test_a_theme_with_nothing_has_no_map() -> None:
    empty = make.damier(needs=[], access=[], offers=[])
    assert not maps.has_map(empty, make.theme())
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(empty)


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


@pytest.mark.long
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


# --- Real places


REAL = [("59", "A2.eloignes_emploi"), ("59", "A2.freins_illettrisme"), ("92", "A2.eloignes_emploi"), ("48", "A3.isolement_pa"),
        ("20R", "A2.eloignes_emploi"), ("29", "A2.eloignes_emploi"), ("974", "A3.accueil_proximite"), ("69M", "A2.eloignes_emploi"),
        ("6AE", "A3.accueil_proximite"), ("75", "A2.eloignes_emploi")]  # fmt: skip


@pytest.mark.long
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
