"""Every file of the shared panoramas taken through `init`, `add`, `ingest`: one table of what must come of each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from diagpacte.errors import Severity
from quirk_builders import File, Outcome, outcomes
from workbook_builders import plain


class Expected(NamedTuple):
    """A file and what it gives; nothing when `refused` says why, in the words of the first blocking fault."""

    file: str
    values: int = 0  # cells read, those that gave way to another file or were summed in a merged zone too
    levels: str = ""  # of the zones, in the order of the alphabet
    faults: str = ""  # how many, by severity and kind
    refused: str = ""
    geography: int | None = None  # what a person declares, when the file does not say it


ARA = "panorama_pauvrete_ARA_2021"
ARA_LEVELS = "DEP EPCI FRM REG"
UNKNOWN = "10 à vérifier (colonnes)"  # NBUC, the deciles that the dictionary does not name, S80/S20
MOVED = "1 à vérifier (divers)"  # zones whose ground changed since: named, not brought to 2025
FILES = (
    # Distances to a France services of 50 to 175 km, and the house price of Paris: both deserve a look.
    Expected("panorama_pauvrete_reel_2021.xlsx", 79_006, "COM DEP EPCI EPT FRM HORS REG", "1 à vérifier (cohérence)"),
    Expected(f"{ARA}.xlsx", 10_862, ARA_LEVELS),
    Expected(f"{ARA}_entete_ligne8.xlsx", 10_862, ARA_LEVELS, "1 à vérifier (tableau)"),  # « diffusion restreinte »
    Expected(f"{ARA}_pourcentages_0_1.xlsx", 10_862, ARA_LEVELS),
    Expected(f"{ARA}_codes_numeriques.xlsx", 10_862, ARA_LEVELS),
    Expected(f"{ARA}_sans_ligne_codes.xlsx", 10_862, ARA_LEVELS),
    Expected(f"{ARA}_styles_casses.xlsx", 10_862, ARA_LEVELS),
    Expected(f"{ARA}_profils.csv", 3_096, "EPCI", geography=2025),
    Expected(f"{ARA}_facteurs.csv", 5_676, "EPCI", geography=2025),
    Expected("panorama_pauvrete_IDF_2021_ept.xlsx", 4_227, "COM DEP EPCI EPT FRM REG"),
    Expected("panorama_pauvrete_IDF_2021_mgp.xlsx", 3_578, "DEP EPCI FRM REG", "1 à vérifier (cohérence)"),
    Expected(
        "insee_publies/FILO2019_DISP_Pauvres_COM.xlsx", 19_100, "COM",
        "11 information (codes de zones), 129 à vérifier (colonnes), 1 à vérifier (divers)",
    ),
    Expected("insee_publies/FILO2018_DISP_EPCI.csv", 23_636, "EPCI", f"{UNKNOWN}, {MOVED}", geography=2019),
    Expected("insee_publies/FILO2019_DISP_EPCI.csv", 23_560, "EPCI", f"{UNKNOWN}, {MOVED}", geography=2020),
    Expected("insee_publies/FILO2018_DISP_DEP.csv", 1_862, "DEP", UNKNOWN, geography=2019),
    Expected("insee_publies/FILO2019_DISP_DEP.csv", 1_862, "DEP", UNKNOWN, geography=2020),
    Expected("insee_publies/TCRD_021.xlsx", refused="aucun indicateur connu"),
    Expected("insee_publies/POP_FILOSOFI_AGE.csv", refused="« Géographie » donne des noms de territoires, et aucune colonne leurs codes"),
    Expected("insee_publies/REVN_2019.csv", refused="quartiers prioritaires de la ville (QPV)"),
    Expected("insee_publies/IPRO_2022.csv", refused="quartiers prioritaires de la ville (QPV)"),
)  # fmt: skip
# What is said of a file because of the others: they are here together as nobody would put them.
BETWEEN_FILES = ("diffèrent de celles de", "valeur déjà donnée par un autre millésime")


@pytest.fixture(scope="module")
def found(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """The outcome of each file: those that give values together in one workspace, the others in another."""
    known: dict[str, Outcome] = {}
    for refused in (False, True):
        folder = tmp_path_factory.mktemp("panoramas")
        group = [one for one in FILES if bool(one.refused) is refused]
        files = []
        for one in group:
            path = shared_data / "panorama" / one.file
            file = File(folder, path.name)
            file.path, file.geography = path, one.geography
            files.append(file)
        known |= dict(zip([one.file for one in group], outcomes(folder, files, apart=False), strict=True))
    return known


def test_the_table_names_every_file(shared_data: Path) -> None:
    folder = shared_data / "panorama"
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {one.file for one in FILES} == present


@pytest.mark.parametrize("expected", FILES, ids=lambda one: one.file)
def test_a_file_gives_what_the_table_says(found: dict[str, Outcome], expected: Expected) -> None:
    outcome = found[expected.file]
    levels = " ".join(sorted({zone.partition(":")[0] for zone in outcome.observations["zone_code"]}))
    told = [fault for fault in outcome.faults if not plain(fault.found).startswith("à renseigner")]
    own = [fault for fault in told if not any(words in plain(fault.found) for words in BETWEEN_FILES)]
    counts = Counter(f"{fault.severity} ({fault.kind})" for fault in own if fault.severity is not Severity.BLOCKING)
    refused = expected.refused if any(expected.refused in plain(fault.found) for fault in told) else str(told[:1])
    said = {
        "values": len(outcome.observations[["sheet", "row", "column"]].drop_duplicates()),
        "levels": levels,
        "faults": ", ".join(f"{count} {what}" for what, count in sorted(counts.items())),
        "refused": refused if outcome.error else "",
    }
    assert said == {name: value for name, value in expected._asdict().items() if name in said}


def test_a_file_that_gives_nothing_stops_the_workspace_and_says_it_once(found: dict[str, Outcome]) -> None:
    for one in FILES:
        blocking = [fault for fault in found[one.file].faults if fault.severity is Severity.BLOCKING]
        assert len(blocking) == bool(one.refused), one.file
