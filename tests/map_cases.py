"""Pages drawn from small territories: the usual one and its worst cases."""

from dataclasses import replace
from functools import cache

import shapely
from matplotlib.figure import Figure

import map_builders as make
from diagpacte.deliverables import maps, style
from diagpacte.tables import Published

ZONES = [zone["zone_code"] for zone in make.grid()[0]]
LONG = "Communauté de communes des Hautes Terres et Vallées de l’Oule Méridionale"
MISSING = ("secret", "not_available", "not_covered", "not_significant", "not_applicable")


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


def title(figure: Figure) -> str:
    return " ".join(t.get_text() for t in make.texts(figure) if t.get_fontsize() == style.TITLE).replace("\u00a0", " ")
