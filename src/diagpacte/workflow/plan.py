"""Which themes get a map, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagpacte.workspace import Missing

if TYPE_CHECKING:
    from diagpacte.tables import Published
    from diagpacte.vocabulary import Theme


def plan_maps(published: Published, themes: Sequence[Theme]) -> tuple[list[Theme], list[Missing]]:
    """(themes to draw, themes not drawn with the reason): one map for what would be the same map twice."""
    from diagpacte.deliverables.maps import has_map, signature

    drawn: dict[str, Theme] = {}
    missing: list[Missing] = []
    coverage = published["coverage"]
    for theme in themes:
        if not has_map(published, theme):
            reasons = coverage.loc[coverage["theme"].eq(theme.theme), "gap_reason"]
            missing.append(Missing(what=theme.theme, why=str(reasons.iloc[0])))
            continue
        twin = drawn.setdefault(signature(published, theme), theme)
        if twin is not theme:
            missing.append(Missing(what=theme.theme, why=f"même carte que {twin.theme} : mêmes valeurs, mêmes offres"))
    return list(drawn.values()), missing
