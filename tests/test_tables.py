"""The contract refuses what it must, and says what was wrong."""

import pandas as pd
import pytest

from diagpacte import store
from diagpacte.errors import ContractError, SourceError
from diagpacte.tables import TABLES, figure_id

OBSERVATION = {
    "zone_code": "EPCI:200040715", "indicator": "unemployment_rate_pct", "year": 2022, "base": "personnes", "geo_vintage": 2025,
    "value": 12.5, "lower": None, "upper": None, "availability": "observed", "nature": "real", "flag": "",
    "published_code": "TXCHOM22", "published_text": "12,5", "period": "2022", "source_id": "p", "sheet": "F", "row": 8, "column": "E",
}  # fmt: skip


def observation(**changes: object) -> dict[str, object]:
    return {**OBSERVATION, **changes}


def observations(*rows: dict[str, object]) -> pd.DataFrame:
    return TABLES["observations"].frame(list(rows))


def test_a_table_keeps_its_columns_in_order_and_its_types() -> None:
    frame = observations(observation())
    assert list(frame.columns) == list(TABLES["observations"].columns)
    assert frame.dtypes["row"] == "int64"
    assert frame.dtypes["value"] == "float64"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"availability": "secret"}, "value présent sans être disponible", id="a secret with a number"),
        pytest.param({"value": None}, "value présent sans être disponible", id="observed without a number"),
        pytest.param({"availability": "absent"}, "hors liste", id="an availability that is not in the closed list"),
        pytest.param({"zone_code": "84"}, "ne suit pas", id="a bare code is two places"),
        pytest.param({"zone_code": None}, "valeurs manquantes", id="no zone"),
        pytest.param({"row": 0}, "hors bornes", id="rows are counted from one"),
    ],
)
def test_a_broken_row_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        observations(observation(**change))


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(ContractError, match="répétée"):
        observations(observation(), observation(row=9))


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(ContractError, match="inconnues"):
        observations(observation(remarque="x"))


def test_a_table_that_nothing_fills_cannot_be_written() -> None:
    with pytest.raises(ContractError, match="n’est remplie par aucune étape"):
        store.to_bytes("tracks", pd.DataFrame())


def test_what_is_written_is_read_back_the_same(tmp_path) -> None:  # type: ignore[no-untyped-def]
    frame = observations(observation(), observation(zone_code="COM:75056", value=None, availability="secret"))
    path = tmp_path / "observations.parquet"
    path.write_bytes(store.to_bytes("observations", frame))
    pd.testing.assert_frame_equal(store.read(path), frame)


def test_the_same_table_gives_the_same_bytes() -> None:
    assert store.to_bytes("observations", observations(observation())) == store.to_bytes(
        "observations", observations(observation())
    )


@pytest.mark.parametrize("content", [b"", b"PK not parquet", b"PAR1"], ids=["empty", "foreign", "truncated"])
def test_a_table_that_cannot_be_read_says_what_to_do(tmp_path, content: bytes) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "observations.parquet"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="relancer « diagpacte ingest »"):
        store.read(path)


def test_a_table_of_another_schema_version_is_refused(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "observations.parquet"
    monkeypatch.setattr(store, "SCHEMA_VERSION", 99)
    path.write_bytes(store.to_bytes("observations", observations(observation())))
    monkeypatch.undo()
    with pytest.raises(SourceError, match="version 99, attendu 1"):
        store.read(path)


def test_every_table_has_a_purpose_and_every_filled_one_describes_its_columns() -> None:
    for table in TABLES.values():
        assert table.purpose
        assert table.row is None or all(column.description for column in table.columns.values())


def test_a_figure_is_named_by_its_table_key_and_column() -> None:
    assert figure_id("coverage", ("EPCI:200040715", "A2.eloignes_emploi", 0), "nearest_km") == (
        "coverage/EPCI:200040715|A2.eloignes_emploi|0/nearest_km"
    )
