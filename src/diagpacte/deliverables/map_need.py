"""The panel of needs: degrees of the panorama, national classes, or values alone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from diagpacte.deliverables.french import (
    MISSING_LONG,
    NBSP,
    bound,
    capital,
    elided,
    enumerate_words,
    quantity,
    shortest,
    value_text,
    with_unit,
)
from diagpacte.deliverables.map_panels import (
    FEW_ZONES,
    Fill,
    Panel,
    Row,
    Swatch,
    is_simulated,
    missing_fill,
    missing_swatch,
    noun,
    subject,
    theme_rows,
)
from diagpacte.deliverables.rules import MapContext
from diagpacte.deliverables.style import NEED, PLAIN, TRUE_ZERO
from diagpacte.tables import Published
from diagpacte.vocabulary import VALUED, Availability, Indicator, NeedRule, Territory, Theme

GRADES = ("Non fragile", "Fragile", "Très fragile")
WHOLE = "Part des "
HAVE, COUNT, BE = ("n’a", "a", "ont"), ("ne compte", "compte", "comptent"), ("n’est", "est", "sont")


def has_need(published: Published, theme: Theme) -> bool:
    """True when the theme has an indicator with a value, or a secret, in some zone."""
    needs = published["needs"]
    needs = needs[needs["theme"].eq(theme.theme) & needs["variant"].eq(0) & needs["indicator"].notna()]
    return bool(needs["availability"].isin([*VALUED, Availability.SECRET]).any())


def need_panel(
    published: Published, territory: Territory, theme: Theme, context: MapContext, zones: pd.DataFrame
) -> Panel:
    """The need of each zone. `zones` are those of the ground: zone_code, short_name, counted.

    Raises ValueError when the context lacks the indicator of the dictionary, or the bounds of national classes.
    """
    if context.indicator is None:
        raise ValueError(f"no indicator given for {theme.theme}")
    entry = context.indicator
    needs = theme_rows(published, "needs", theme, zones)
    needs["availability"] = needs["availability"].fillna(Availability.NOT_AVAILABLE)
    needs = needs.assign(name=zones["short_name"].to_numpy(), counted=zones["counted"].to_numpy())
    known = needs[needs["availability"].isin(VALUED)]
    rule = _rule(known)
    if rule is NeedRule.NATIONAL_BOUNDS and not context.need_bounds:
        raise ValueError(f"no bounds given for {theme.theme}")
    records = needs.reset_index().to_dict("records")
    fills = {row["zone_code"]: _fill(row) for row in records}
    period = next((str(p) for p in needs["period"].dropna()), "")
    title = ", ".join(filter(None, (_unit_phrase(entry), period)))
    counted = needs[needs["counted"]]
    compared = _references(needs, entry, territory)
    bounds = context.need_bounds if rule is NeedRule.NATIONAL_BOUNDS else ()
    values = {
        row["zone_code"]: value_text(
            row["value"], entry.unit, row["availability"], (row["lower"], row["upper"]), bounds
        )
        for row in records
    }
    return Panel(
        word="BESOIN",
        heading=entry.label,
        legend_title=capital(title),
        fills=fills,
        values=values,
        rows=_rows(needs, fills, values, entry),
        classes=_classes(counted[counted["availability"].isin(VALUED)], rule, entry, context),
        missing=_missing(needs),
        references=_class_words(needs, context)
        if len(needs) == 1
        else tuple(f"{name}{NBSP}: {text}" for name, _, text in compared),
        compared=_with_zone(needs, values, compared) if len(needs) == 1 else (),
        statements=_statements(counted, rule, entry, context, territory),
        reading=_reading(rule, context, entry, len(needs)),
        simulated=is_simulated(needs["nature"]),
        values_written=len(zones) <= FEW_ZONES or rule in (NeedRule.RANK_ONLY, NeedRule.NONE),
        figures=(f"needs/{{}}|{theme.theme}|0/class_label", f"needs/{{}}|{theme.theme}|0/value"),
    )


def _rule(known: pd.DataFrame) -> NeedRule:
    """The rule of the classes drawn: a zone left out of the degrees or bounds has its rank only."""
    found = set(known["class_rule"])
    return next((rule for rule in NeedRule if rule in found), NeedRule.NONE)


def _fill(row: Mapping[Hashable, Any]) -> Fill:
    if row["availability"] not in VALUED:
        return missing_fill(Availability(row["availability"]))
    if row["value"] == 0:
        return Fill(TRUE_ZERO)
    if pd.isna(row["class_index"]):
        return Fill(PLAIN)
    return Fill(NEED[int(row["class_count"])][int(row["class_index"])])


def _unit_phrase(entry: Indicator) -> str:
    words = with_unit("", entry.unit).strip(NBSP)
    return f"en {words}" if words else "indice" if entry.unit in ("index", "ratio") else "nombre"


def class_labels(context: MapContext, *, zero: bool = False) -> list[str]:
    """Words of the national classes, least unfavourable first; bounds are in, uppers out."""
    entry, bounds = context.indicator, context.need_bounds
    assert entry is not None  # noqa: S101 — checked by need_panel
    said = [with_unit(shortest(bound), entry.unit) for bound in bounds]
    bare = [shortest(bound) for bound in bounds]
    if entry.polarity == "low_worse":
        between = [f"de {bare[i + 1]} à moins de {said[i]}" for i in range(len(bounds) - 1)]
        return [f"{said[0]} ou plus", *between, f"moins de {said[-1]}"]
    between = [f"de {bare[i]} à moins de {said[i + 1]}" for i in range(len(bounds) - 1)]
    first = f"plus de 0 et moins de {said[0]}" if zero else f"moins de {said[0]}"
    return [first, *between, f"{said[-1]} ou plus"]


def _classes(known: pd.DataFrame, rule: NeedRule, entry: Indicator, context: MapContext) -> tuple[Swatch, ...]:
    """Classes worst first, those of no zone too; then values without class, then the true zero, apart."""
    zeros, valued = known[known["value"].eq(0)], known[~known["value"].eq(0)]
    count = int(valued["class_count"].max()) if valued["class_count"].notna().any() else 0
    national = rule is NeedRule.NATIONAL_BOUNDS
    words = class_labels(context, zero=len(zeros) > 0) if national else []
    classes = []
    for index in reversed(range(count)):
        drawn = valued[valued["class_index"].eq(index)]
        label = words[index] if national else _grade_label(drawn, index, entry)
        classes.append(Swatch(Fill(NEED[count][index]), f"{label} ({len(drawn)})"))
    bare = int(valued["class_index"].isna().sum())
    if bare:
        classes.append(Swatch(Fill(PLAIN), f"Valeur écrite, sans classe ({bare})"))
    if len(zeros):
        classes.append(Swatch(Fill(TRUE_ZERO), f"0{NBSP}: valeur mesurée ({len(zeros)})"))
    return tuple(classes)


def _missing(needs: pd.DataFrame) -> tuple[Swatch, ...]:
    """The kinds of missing values that are present, each with its number of zones."""
    kinds = [kind for kind in MISSING_LONG if needs["availability"].eq(kind).any()]
    words = {MISSING_LONG[kind]: kind for kind in kinds}  # an empty cell is not available
    said = needs["availability"].map(MISSING_LONG)
    return tuple(
        missing_swatch(missing_fill(kind), word, int((said.eq(word) & needs["counted"]).sum()))
        for word, kind in words.items()
    )


def _grade_label(drawn: pd.DataFrame, index: int, entry: Indicator) -> str:
    """« Très fragile : de 12,4 à 22,3 % », the least and greatest values drawn."""
    label = next((label for label in drawn["class_label"] if label), GRADES[index])
    if drawn.empty:
        return str(label)
    low, high = drawn["value"].min(), drawn["value"].max()
    if low == high:
        return f"{label}{NBSP}: {quantity(low, entry.unit)}"
    bare = quantity(low, entry.unit).removesuffix(with_unit("", entry.unit))
    return f"{label}{NBSP}: de {bare} à {quantity(high, entry.unit)}"


def _rows(needs: pd.DataFrame, fills: dict[str, Fill], values: dict[str, str], entry: Indicator) -> tuple[Row, ...]:
    """Zones worst first; those without a value after, by name."""
    known = needs["value"].where(needs["availability"].isin(VALUED))
    sizes = (known.abs() / known.abs().max()).fillna(0)
    worst_first = known * (1 if entry.polarity == "low_worse" else -1)
    ordered = needs.assign(key=worst_first, size=sizes).sort_values(["key", "name"], na_position="last")
    return tuple(
        Row(str(code), name, values[str(code)], fills[str(code)], size)
        for code, name, size in ordered[["name", "size"]].itertuples(name=None)
    )


def _references(needs: pd.DataFrame, entry: Indicator, territory: Territory) -> tuple[tuple[str, float, str], ...]:
    """Published values of the territory and of France, in words too; what is not published is left out."""
    named = (("reference_territory", territory.name), ("reference_france", "France métropolitaine"))
    known = [(name, float(needs[column].dropna().iloc[0])) for column, name in named if needs[column].notna().any()]
    return tuple((name, value, quantity(value, entry.unit)) for name, value in known)


def _with_zone(
    needs: pd.DataFrame, values: dict[str, str], compared: tuple[tuple[str, float, str], ...]
) -> tuple[tuple[str, float, str], ...]:
    """A single zone before its references; the territory is left out when it is that zone."""
    row = needs.iloc[0]
    if pd.isna(row["value"]):
        return compared
    mine = (str(row["name"]), float(row["value"]), values[str(needs.index[0])])
    return (mine, *[reference for reference in compared if reference[1:] != mine[1:]])


def _statements(
    needs: pd.DataFrame, rule: NeedRule, entry: Indicator, context: MapContext, territory: Territory
) -> tuple[str, ...]:
    known = needs[needs["availability"].isin(VALUED)]
    label = bound(entry.label[:1].lower() + entry.label[1:])
    if known.empty:
        return (f"aucun {noun(territory, 2)} n’a de valeur publiable ({label})", f"aucune valeur publiable ({label})")
    if len(needs) == 1:
        return _one_zone(known.iloc[0], label, entry)
    if rule is NeedRule.PANORAMA_GRADE:
        return _grades(known, len(needs), label, territory)
    if rule is NeedRule.NATIONAL_BOUNDS:
        return _national(known, len(needs), label, entry, context, territory)
    worst = known.sort_values("value", ascending=entry.polarity == "low_worse")
    ends = [f"{quantity(row['value'], entry.unit)} ({row['name']})" for _, row in worst.iloc[[-1, 0]].iterrows()]
    return (
        f"{label}{NBSP}: de {ends[0]} à {ends[1]}",
        f"{label}{NBSP}: de {quantity(known['value'].min(), entry.unit)} à {quantity(known['value'].max(), entry.unit)}",
    )


def _one_zone(row: pd.Series[float], label: str, entry: Indicator) -> tuple[str, ...]:
    here = f"{label}{NBSP}: {quantity(row['value'], entry.unit)}"
    if pd.isna(row["reference_france"]):
        return (here,)
    return (f"{here} (France{NBSP}métropolitaine{NBSP}:{NBSP}{quantity(row['reference_france'], entry.unit)})", here)


def _grades(known: pd.DataFrame, total: int, label: str, territory: Territory) -> tuple[str, ...]:
    fragile, very = int(known["class_index"].ge(1).sum()), int(known["class_index"].ge(2).sum())
    ending = "s" if fragile > 1 else ""
    if very in (fragile, 0):
        words = f"fragile{ending}" if very == 0 else f"très fragile{ending}"
    else:
        words = f"fragile{ending} ou très fragile{ending}"
    short = f"{subject(fragile, len(known), total, territory, BE)} {words}"
    more = f", dont {'un' if very == 1 else very} très fragile{'s' if very > 1 else ''}" if 0 < very < fragile else ""
    return (f"{short} ({label}){more}", f"{short}{more}", short)


def _national(
    known: pd.DataFrame, total: int, label: str, entry: Indicator, context: MapContext, territory: Territory
) -> tuple[str, ...]:
    count = int(known["class_index"].ge(context.strong_from_class).sum())
    limit = with_unit(shortest(context.need_bounds[context.strong_from_class - 1]), entry.unit)
    low = entry.polarity == "low_worse"
    if label.startswith("taux"):
        more = f"un {label} {f'inférieur à{NBSP}{limit}' if low else f'd’au{NBSP}moins{NBSP}{limit}'}"
        return (f"{subject(count, len(known), total, territory, HAVE)} {more}",)
    shares = [label] if entry.kind == "share" and ":" not in label else []
    if entry.label_long.startswith(WHOLE):
        shares.append(entry.label_long.removeprefix(WHOLE))
    ways: list[str] = []
    if shares:
        start = f"{subject(count, len(known), total, territory, COUNT)} {'moins de' if low else f'au{NBSP}moins'}{NBSP}{limit}"
        ways += [f"{start} {elided('de', share)}" for share in shares]
    more = f"à{NBSP}{f'moins de{NBSP}' if low else ''}{limit}{'' if low else ' ou plus'}"
    short = f"{subject(count, len(known), total, territory, BE)} {more}"
    parts = [label, *label.split(f"{NBSP}: ")[1:]]  # « ménages pauvres : … », then its end
    return (*ways, *(f"{short} ({part})" for part in parts), short)


def _class_words(needs: pd.DataFrame, context: MapContext) -> tuple[str, ...]:
    """The class of a single zone, in words."""
    row = needs.iloc[0]
    if pd.isna(row["class_index"]):
        return ()
    if row["class_rule"] == NeedRule.PANORAMA_GRADE:
        return (f"Degré du panorama{NBSP}: {row['class_label'].lower()}",)
    return (f"Classe nationale{NBSP}: {class_labels(context)[int(row['class_index'])]}",) if context.need_bounds else ()


def _reading(rule: NeedRule, context: MapContext, entry: Indicator, zones: int) -> tuple[str, ...]:
    if rule is NeedRule.PANORAMA_GRADE:
        return ("degrés de fragilité du panorama, avec les valeurs extrêmes de chaque degré",) if zones > 1 else ()
    if rule is NeedRule.NATIONAL_BOUNDS:
        bounds = enumerate_words([shortest(bound) for bound in context.need_bounds])
        note = f"{NBSP}: {context.need_bounds_note}" if context.need_bounds_note else ""
        return (f"bornes de classes nationales ({with_unit(bounds, entry.unit)}{note})",)
    return ("valeurs sans classe, faute de degré ou de borne nationale",) if rule is NeedRule.RANK_ONLY else ()
