"""The gate: every table that holds or quotes a value withheld loses it, and nothing else changes."""

from typing import Any

import pandas as pd
import pytest

import disclosure_builders as make
import map_builders as maps
from diagpacte.disclosure.gate import publish, readable_tables
from diagpacte.tables import TABLES, Masks, Published, figure_id
from diagpacte.vocabulary import Base
from disclosure_builders import RESTRICTED, observation, source

A, B, C, NORD = "EPCI:200000001", "EPCI:200000002", "EPCI:200000003", "DEP:59"
LOCAL = "ailleurs.csv"
REFERENCES = {"reference_territory": NORD, "reference_france": "FRM"}


def masks(*zones: str) -> Masks:
    rows = [
        {
            "table": "observations", "key": make.key(zone), "column": "value", "kind": "primaire", "threshold": 5,
            "rule": "r", "reason": "effectif sous le seuil",
        }
        for zone in zones
    ]  # fmt: skip
    return Masks(TABLES["masks"].frame(rows))


def need(zone: str, value: float, rank: float, **changes: Any) -> dict[str, Any]:
    row = observation(zone, value)
    key = [row[part] for part in TABLES["observations"].key]
    told = {
        "indicator": make.INDICATOR, "unit": "count", "base": Base.RECIPIENTS, "year": make.YEAR, "rank": rank,
        "ranked": 3, "class_count": 4, "class_label": "fort", "people": value, "people_availability": "observed",
        "observation": figure_id("observations", key, "value"), "source_id": RESTRICTED,
        "reference_territory": 4_217.0, "reference_france": None,
    }  # fmt: skip
    return maps.need(zone, value, 2, **told | changes)


def fault(found: str, file: str = RESTRICTED, kind: str = "valeurs", **changes: str) -> dict[str, str]:
    rest = {"severity": "à vérifier", "sheet": "", "cell": "D2", "expected": "", "remedy": "vérifier"}
    return {"file": file, "kind": kind, "found": found} | rest | changes


def tables(**changes: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    values = ((A, 3.0, 3.0), (B, 97.0, 2.0), (C, 400.0, 1.0))
    rows: dict[str, list[dict[str, Any]]] = {
        "observations": [observation(zone, value) for zone, value, _ in values] + [observation(NORD, 4_217.0)],
        "needs": [need(*one) for one in values],
        "coverage": [maps.coverage(zone, 3.0, 0, gap_class="besoin fort, accès suffisant") for zone, _, _ in values],
        "faults": [],
        "sources": [source(RESTRICTED), source(LOCAL, diffusion="publique")],
    }
    return {name: TABLES[name].frame(given) for name, given in (rows | changes).items()}


def row(published: Published, table: str, zone: str) -> dict[str, Any]:
    frame = published[table]
    return dict(frame[frame["zone_code"].eq(zone)].to_dict("records")[0])


def test_without_masks_every_table_goes_through_as_it_is() -> None:
    given = tables()
    published = publish(given, "comite", masks())
    for name, frame in given.items():
        pd.testing.assert_frame_equal(published[name], frame)


def test_a_masked_observation_is_a_secret_without_number_nor_text() -> None:
    published = publish(tables(), "comite", masks(A), REFERENCES)
    gone, kept = row(published, "observations", A), row(published, "observations", B)
    assert (gone["availability"], gone["published_text"]) == ("secret", "")
    assert all(pd.isna(gone[side]) for side in ("value", "lower", "upper"))
    assert (kept["value"], kept["published_text"]) == (97.0, "97")


def test_a_need_that_reads_it_has_no_value_class_rank_nor_people_and_says_why_without_the_value() -> None:
    gone = row(publish(tables(), "comite", masks(A), REFERENCES), "needs", A)
    assert (gone["availability"], gone["people_availability"]) == ("secret", "secret")
    assert all(pd.isna(gone[name]) for name in ("value", "class_index", "strong", "rank", "ranked", "people"))
    assert (gone["class_label"], gone["class_rule"]) == ("", "aucune")
    assert "retenue" in gone["reason"]
    assert "3" not in gone["reason"]


def test_the_place_of_a_masked_value_among_the_ranks_is_not_told() -> None:
    published = publish(tables(), "comite", masks(B), REFERENCES)
    assert [(row(published, "needs", zone)["rank"], row(published, "needs", zone)["ranked"]) for zone in (C, A)] == [
        (1.0, 2),
        (2.0, 2),
    ]


def test_a_gap_that_stood_on_it_is_not_measured() -> None:
    published = publish(tables(), "comite", masks(A), REFERENCES)
    assert row(published, "coverage", A)["gap_class"] == "non mesuré"
    assert row(published, "coverage", B)["gap_class"] == "besoin fort, accès suffisant"


def test_a_masked_departement_is_not_quoted_as_a_reference() -> None:
    published = publish(tables(), "comite", masks(NORD), REFERENCES)
    assert published["needs"]["reference_territory"].isna().all()
    assert publish(tables(), "comite", masks(A), REFERENCES)["needs"]["reference_territory"].notna().all()


def told(*faults: dict[str, str], masked: tuple[str, ...] = (), rows: list[dict[str, Any]] | None = None) -> list[str]:
    """What the faults say once through the gate."""
    given = tables(faults=list(faults), **({"observations": rows} if rows else {}))
    published = publish(given, "comite", masks(*masked), REFERENCES, [make.INDICATOR])
    return [str(text) for text in published["faults"]["found"]]


def numbers(texts: list[str]) -> list[bool]:
    return [any(letter.isdigit() for letter in text) for text in texts]


def test_faults_about_counts_that_are_not_public_quote_no_number_even_of_zones_that_nothing_shows() -> None:
    given = [
        fault("DEP 62 : somme des EPCI 497, ligne publiée 500", kind="cohérence"),
        fault("valeur 3 isolée", cell="D2, D14 et 4 autres"),
        fault("valeur 3 isolée", cell=""),  # nobody knows which column
        fault("3 ici, 4 dans caf_confidentiel.csv", file=LOCAL, kind="doubles"),
        fault("somme des EPCI 497, ligne publiée 500", file=LOCAL, kind="cohérence", cell=""),
    ]
    assert numbers(told(*given)) == [False] * 5


def test_faults_that_quote_no_such_count_keep_their_words() -> None:
    rate = observation(A, 12.5, indicator="poverty_rate_pct", base="personnes", column="E")
    public = observation(B, 14.0, indicator="poverty_rate_pct", base="personnes", source_id=LOCAL, column="F")
    given = [
        fault("taux de 12,5 isolé", cell="E7"),
        fault("colonne 3 sans intitulé", kind="colonnes"),
        fault("valeur 12 hors bornes", file=LOCAL, cell="F3"),
        fault("taux : 14 ici, 13 au-dessus", file=LOCAL, kind="cohérence", cell="F3"),
    ]
    assert told(*given, rows=[observation(A, 3.0), rate, public]) == [one["found"] for one in given]


def test_the_cells_of_a_masked_sum_lose_their_text() -> None:
    key = {part: observation(A, 3.0)[part] for part in TABLES["observations"].key}
    place = {"source_id": RESTRICTED, "sheet": "", "column": "D", "published_vintage": 2023}
    rows = [
        key | place | {"row": line, "published_zone": zone, "published_text": text}
        for line, zone, text in ((2, "EPCI:200000008", "1"), (3, "EPCI:200000009", "2"))
    ]
    given = tables() | {"observation_cells": TABLES["observation_cells"].frame(rows)}
    assert publish(given, "comite", masks(A))["observation_cells"]["published_text"].tolist() == ["", ""]
    assert publish(given, "comite", masks(B))["observation_cells"]["published_text"].tolist() == ["1", "2"]


def test_the_parts_of_a_masked_sum_are_withheld_with_it() -> None:
    key = {part: observation(A, 3.0)[part] for part in TABLES["observations"].key}
    place = {"source_id": RESTRICTED, "sheet": "", "row": 9, "column": "D"}
    cell = key | place | {"published_zone": "EPCI:200000008", "published_vintage": 2023, "published_text": "1"}
    part = observation("EPCI:200000008", 1.0, geo_vintage=2023, row=9)
    given = tables() | {
        "observation_cells": TABLES["observation_cells"].frame([cell]),
        "observations_superseded": TABLES["observations_superseded"].frame([part, part | {"row": 10}]),
    }
    kept = publish(given, "comite", masks(A))["observations_superseded"]
    assert kept["availability"].tolist() == ["secret", "observed"]


def test_passing_the_gate_twice_is_passing_it_once() -> None:
    once = publish(tables(faults=[fault("3 hors bornes")]), "comite", masks(A, NORD), REFERENCES)
    twice = publish(once.tables, "comite", masks(A, NORD), REFERENCES)
    for name in once.tables:
        pd.testing.assert_frame_equal(twice[name], once[name])


@pytest.mark.parametrize("diffusion", ["travail", "comite"])
def test_sources_that_are_not_public_are_shown_to_those_who_may_see_them(diffusion: str) -> None:
    assert row(publish(tables(), diffusion, masks()), "needs", B)["value"] == 97.0


def test_a_public_version_leaves_out_all_that_a_source_that_is_not_public_says() -> None:
    published = publish(tables(faults=[fault("97 hors bornes")]), "public", masks(A), REFERENCES)
    assert published["observations"].empty
    assert set(published["needs"]["availability"]) == {"not_available"}
    assert published["needs"]["reason"].str.contains("source non publique").all()
    assert published["faults"].empty
    assert published["sources"]["source_id"].tolist() == [LOCAL]
    assert list(published.left_out) == [RESTRICTED]


def test_an_unknown_source_is_never_public() -> None:
    given = tables(sources=[source(RESTRICTED, diffusion="à renseigner"), source(LOCAL, diffusion="publique")])
    assert publish(given, "public")["observations"].empty
    assert readable_tables(given, "public")["observations"].empty
    assert readable_tables(given, "comite")["observations"]["value"].notna().all()


def test_offers_of_a_source_that_is_not_public_are_left_out_of_a_public_version_only() -> None:
    offers = [maps.offer("ici", 3.0, 50.0, source_id=RESTRICTED), maps.offer("là", 3.0, 50.0, source_id=LOCAL)]
    given = tables() | {"offers": TABLES["offers"].frame(offers)}
    assert publish(given, "public")["offers"]["structure_id"].tolist() == ["là"]
    assert len(publish(given, "comite", masks(A))["offers"]) == 2
