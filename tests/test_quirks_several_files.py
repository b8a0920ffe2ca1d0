"""Quirks of several files of one workspace: regional files, an EPCI across two regions, an EPCI renamed."""

from pathlib import Path

from diagpacte.store import read
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.scaffold import add, init
from quirk_builders import BANNER, CHECK, CODES, SAID
from workbook_builders import plain, write_csv, write_xlsx

ISERE, STRADDLING, VAUCLUSE = "200040715", "200040681", "248400251"  # Enclave des Papes: ARA and PACA


def ingested(folder: Path, *paths: Path) -> tuple[dict[tuple[str, str], float], list[str]]:
    """Zone and code → value, and what is to check, of files that were added together."""
    init(folder / "w", "38", "2026-01-01")
    add(folder / "w", list(paths), producer="Insee", licence="LO 2.0", vintage="2021")
    ingest(folder / "w")
    table, faults = (read(folder / f"w/data/processed/{name}.parquet") for name in ("observations", "faults"))
    values = dict(zip(zip(table["zone_code"], table["published_code"], strict=True), table["value"], strict=True))
    return values, [plain(text) for text in faults.loc[faults["severity"].eq(CHECK), "found"]]


def region(folder: Path, name: str, *rows: list[object]) -> Path:
    return write_xlsx(folder / f"{name}.xlsx", {"EPCI": [*BANNER, CODES, *rows]}, merged={})


def test_q36_one_file_by_region_is_one_table_and_a_straddling_epci_counts_once(tmp_path: Path) -> None:
    ara = region(tmp_path, "ARA", [ISERE, "Grenoble", 14], [STRADDLING, "CC", 11])
    paca = region(tmp_path, "PACA", [STRADDLING, "CC", 11], [VAUCLUSE, "CA", 17])
    values, said = ingested(tmp_path, ara, paca)
    assert values == {(f"EPCI:{ISERE}", "TP6021"): 14, (f"EPCI:{STRADDLING}", "TP6021"): 11, (f"EPCI:{VAUCLUSE}", "TP6021"): 17}  # fmt: skip
    assert said == []


def test_q36_a_straddling_epci_with_two_values_is_told(tmp_path: Path) -> None:
    ara = region(tmp_path, "ARA", [ISERE, "Grenoble", 14], [STRADDLING, "CC", 11])
    paca = region(tmp_path, "PACA", [STRADDLING, "CC", 12.4])
    values, said = ingested(tmp_path, ara, paca)
    assert values[f"EPCI:{STRADDLING}", "TP6021"] == 12.4
    (told,) = said
    assert "PACA.xlsx, dont EPCI!C7" in told


def test_q39_a_renamed_epci_keeps_its_siren(tmp_path: Path) -> None:
    before = write_csv(tmp_path / "2024.csv", [["Géographie au 01/01/2024"], CODES, [ISERE, "Métro de Grenoble", 14]])
    head = ["CODGEO", "LIBGEO", "TP6022"]
    after = write_csv(tmp_path / "2025.csv", [SAID, head, [ISERE, "Grenoble-Alpes-Métropole", 14.5]])
    values, said = ingested(tmp_path, before, after)
    assert values == {(f"EPCI:{ISERE}", "TP6021"): 14, (f"EPCI:{ISERE}", "TP6022"): 14.5}
    assert [text for text in said if not text.startswith("à renseigner")] == []
