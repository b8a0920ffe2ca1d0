"""From files to deliverables: what is shown to whom, and what an attacker reads in all of outputs/."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from scipy.optimize import linprog

from diagpacte import workflow
from diagpacte.errors import UsageError
from disclosure_workspace import FACTORS, INDICATORS, NEEDS, by_zone, communes, counts_file, epci_of, people, workspace
from journey import real_files

DEPARTMENTS = ("44", "49")
# Of 44 and 49, the only one to straddle the limit of 49; of 44 alone; of 49, and a territory of its own.
STRADDLING, ALONE, ANGERS = "244400552", "244400503", "244900015"
THRESHOLD = 5  # of the Caf
RSA, PPA = "Foyers au RSA", "Foyers à la prime d’activité"


@dataclass(frozen=True)
class Made:
    """A workspace, what its files said by zone, and what was said when the second territory came."""

    root: Path
    said: dict[str, int]  # « EPCI:200040624 » → foyers at the RSA
    first: dict[str, int | str]  # what the workbook of 44 showed when it was alone
    notes: tuple[str, ...]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("disclosure")
    counts = people(STRADDLING, "44", ALONE)
    epci, departments = by_zone(counts, "epci", DEPARTMENTS), by_zone(counts, "department", DEPARTMENTS)
    departments = {code: departments[code] for code in DEPARTMENTS}
    files = [
        counts_file(folder / "caf_epci.csv", "numepci", {code: (rsa, 2 * rsa + 1000) for code, rsa in epci.items()}),
        counts_file(folder / "caf_dep.csv", "numdep", {code: (rsa, 9 * rsa) for code, rsa in departments.items()}),
    ]
    root = workspace(folder / "espace", files, territory="44")
    workflow.table(root, "44")
    first = shown(root / "outputs")
    notes = workflow.table(root, "49").notes
    workflow.table(root, ANGERS)
    workflow.map_themes(root, "49")
    said = {f"EPCI:{code}": rsa for code, rsa in epci.items()} | {f"DEP:{code}": n for code, n in departments.items()}
    return Made(root, said, first, notes)


# --- reading what is delivered, and nothing else ---------------------------------------------------------------------


def rows(path: Path, sheet: str) -> Iterator[dict[str, object]]:
    """The rows of a sheet, by heading."""
    lines = load_workbook(path)[sheet].iter_rows(values_only=True)
    headings = next(line for line in lines if line[0] == "Code")
    for line in lines:
        yield dict(zip(map(str, headings), line, strict=True))


def shown(outputs: Path, indicator: str = RSA) -> dict[str, int | str]:
    """Zone → what the workbooks say of it, once over all the territories: a number, or the word in its place."""
    found: dict[str, int | str] = {}
    for path in sorted(outputs.rglob("tableaux/*.xlsx")):
        territory = path.parts[-3].partition("-")[0]
        for row in rows(path, "Besoins détaillés"):
            if row["Indicateur"] == indicator:
                found[f"EPCI:{row['Code']}"] = next(row[name] for name in row if name.startswith("Valeur"))  # type: ignore[assignment]
                if len(territory) == len("59"):
                    found[f"DEP:{territory}"] = row["Référence du territoire"]  # type: ignore[assignment]
        for row in rows(path, "Facteurs"):
            if row["Indicateur derrière le degré"] == indicator:
                found[f"EPCI:{row['Code']}"] = next(row[name] for name in row if name.startswith("Valeur"))  # type: ignore[assignment]
    return found


def ground(zone: str) -> set[str]:
    """The communes of an EPCI or of a département."""
    kind, _, code = zone.partition(":")
    table = communes()
    return set(table.loc[table["epci" if kind == "EPCI" else "department"].eq(code), "code"])


def interval(told: dict[str, int | str], target: set[str]) -> tuple[float, float]:
    """The least and the most that live in `target`, by what the numbers of `told` say."""
    numbers = {zone: float(value) for zone, value in told.items() if isinstance(value, int | float)}
    pieces = pd.DataFrame({zone: communes()["code"].isin(ground(zone)) for zone in numbers})
    pieces["target"] = communes()["code"].isin(target)
    pieces = pieces[pieces.any(axis=1)].drop_duplicates()
    held = pieces[list(numbers)].to_numpy(dtype=float).T
    aim = pieces["target"].to_numpy(dtype=float)
    ends = []
    for sign in (1, -1):
        result = linprog(sign * aim, A_eq=held, b_eq=list(numbers.values()), method="highs-ipm")
        assert result.status in (0, 3), "the figures shown disagree"
        ends.append(np.inf if result.status == 3 else sign * result.fun)
    return ends[0], ends[1]


def texts(outputs: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of everything under outputs/: parts of workbooks, drawings with their comments, accounts."""
    for path in sorted(outputs.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    part = archive.read(name).decode("utf-8")
                    # The number of a shared text is no number of a cell; the texts are a part of their own.
                    yield f"{path.name}/{name}", re.sub(r'<c [^>]*t="s"[^>]*><v>\d+</v></c>', "", part)
        elif path.suffix in (".svg", ".json", ".html", ".csv"):
            yield path.name, path.read_text(encoding="utf-8")


def quoted(value: int, outputs: Path) -> list[str]:
    """The files that write `value` as a number, however it is spaced; what is drawn by a path is no number."""
    digits = rf"{value:,}".replace(",", r"[\s\u00a0\u202f]?")
    pattern = re.compile(rf"(?<![\w.,#])(?:{digits})(?![\w.%])")
    return [name for name, text in texts(outputs) if pattern.search(words(text) if name.endswith(".svg") else text)]


def words(svg: str) -> str:
    """What a drawing says in words: its comments, texts and names."""
    found = re.findall(r"<!--(.*?)-->|<text[^>]*>(.*?)</text>|id=\"([^\"]*)\"", svg, re.DOTALL)
    return "\n".join(" ".join(one) for one in found)


# --- the attacker ----------------------------------------------------------------------------------------------------


def test_the_workbooks_show_the_counts_that_may_be(made: Made) -> None:
    told = shown(made.root / "outputs")
    numbers = {zone: value for zone, value in told.items() if isinstance(value, int)}
    assert len(numbers) > len(told) / 2
    assert numbers == {zone: made.said[zone] for zone in numbers}


def test_each_count_withheld_could_be_many_others_for_who_reads_all_the_territories(made: Made) -> None:
    told = shown(made.root / "outputs")
    gone = {zone for zone, value in told.items() if not isinstance(value, int)}
    assert f"EPCI:{ALONE}" in gone  # 3 foyers
    assert len(gone) > 1
    for zone in gone:
        assert told[zone] in ("secret", "n.\u00a0d."), zone
        low, high = interval(told, ground(zone))
        assert low <= made.said[zone] <= high
        assert high - low >= THRESHOLD, zone


def test_neither_part_of_a_straddling_epci_is_told(made: Made) -> None:
    told, whole = shown(made.root / "outputs"), ground(f"EPCI:{STRADDLING}")
    for department in DEPARTMENTS:
        low, high = interval(told, whole & ground(f"DEP:{department}"))
        assert high >= THRESHOLD
        assert high - low >= THRESHOLD or low >= THRESHOLD


def test_a_territory_crossed_later_rewrites_what_it_would_give_away(made: Made) -> None:
    """44 alone did not tell how many of the straddling EPCI live there, 2; the total of 49, less its EPCI, would."""
    part = ground(f"EPCI:{STRADDLING}") & ground("DEP:44")
    low, high = interval(made.first, part)
    assert high - low >= THRESHOLD
    everything: dict[str, int | str] = {**made.said, f"EPCI:{ALONE}": "secret"}
    assert interval(everything, part) == pytest.approx((2, 2))
    assert isinstance(made.first[f"EPCI:{STRADDLING}"], int)
    assert shown(made.root / "outputs" / "44-loire-atlantique")[f"EPCI:{STRADDLING}"] == "secret"
    assert any("Loire-Atlantique" in note and "récrits" in note for note in made.notes)


def test_no_value_withheld_is_written_anywhere_in_outputs(made: Made) -> None:
    outputs = made.root / "outputs"
    told = shown(outputs)
    large = [made.said[zone] for zone, value in told.items() if not isinstance(value, int) and made.said[zone] > 99]
    assert large
    for value in large:
        assert not quoted(value, outputs)
    witness = next(value for zone, value in told.items() if isinstance(value, int) and zone.startswith("EPCI"))
    assert quoted(int(witness), outputs)  # what is shown is found: the search is not blind


def test_what_is_up_to_date_stays_so_and_is_found_without_reading_a_table(made: Made) -> None:
    before = {path: path.read_bytes() for path in sorted((made.root / "outputs").rglob("*")) if path.is_file()}
    assert workflow.table(made.root, "49").paths == ()
    assert workflow.map_themes(made.root, "49").paths == ()
    assert {path: path.read_bytes() for path in before} == before


# --- for whom ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same workspace, its workbook of 49 made public after its maps were made for the committee."""
    root = tmp_path_factory.mktemp("public") / "espace"
    shutil.copytree(made.root, root)
    (root / "outputs" / "49-maine-et-loire" / "a-moi.txt").write_text("à garder", encoding="utf-8")
    workflow.table(root, "49", diffusion="public")
    return root


def test_trace_tells_no_small_count_not_even_of_a_zone_that_no_deliverable_shows(made: Made, tmp_path: Path) -> None:
    masked = {key.split("|")[0] for key in pd.read_parquet(made.root / "data/processed/masks.parquet")["key"]}
    root = shutil.copytree(made.root, tmp_path / "sans44")
    for folder in [*root.glob("outputs/44-*"), *root.glob("data/processed/44-*")]:
        shutil.rmtree(folder)
    observations = pd.read_parquet(root / "data/processed/observations.parquet")
    ours = observations[observations["indicator"].eq("rsa_units_count")].set_index("zone_code", drop=False)
    assert masked
    for zone in sorted({*masked, f"EPCI:{ALONE}", "DEP:44"}):
        row = ours.loc[zone]
        key = "|".join(str(row[part]) for part in ("zone_code", "indicator", "year", "base", "geo_vintage"))
        for form in ("text", "json"):
            told = workflow.trace(root, f"observations/{key}/value", form=form).text
            assert f"« {row['published_text']} »" not in told
            assert f'"{row["published_text"]}"' not in told
            assert not re.search(r"primaire|sous le seuil", told)


def test_a_public_version_holds_no_value_of_a_source_that_is_not(made: Made, public: Path) -> None:
    home = public / "outputs" / "49-maine-et-loire"
    detailed = load_workbook(home / "tableaux" / "diagnostic.xlsx")["Besoins détaillés"]
    assert not [
        value for row in detailed.iter_rows(values_only=True) for value in row if isinstance(value, int | float)
    ]
    for zone, value in made.said.items():
        if ground(zone) & ground("DEP:49"):
            assert not quoted(value, home), zone


def test_a_public_version_says_what_it_leaves_out_and_why(public: Path) -> None:
    home = public / "outputs" / "49-maine-et-loire"
    first = load_workbook(home / "tableaux" / "diagnostic.xlsx")["Lisez-moi"].iter_rows(values_only=True)
    told = " ".join(str(cell) for row in first for cell in row if cell)
    assert "Diffusion publique" in told
    assert "caf_epci.csv" in told
    assert "source non publique" in told
    missing = json.loads((home / "run.json").read_text(encoding="utf-8"))["steps"]["table"]["not_delivered"]
    assert {one["what"] for one in missing} >= {"Fichier caf_dep.csv", "Fichier caf_epci.csv"}


def test_nothing_made_for_a_wider_audience_stays_in_the_folder_but_what_a_person_put_there(public: Path) -> None:
    home = public / "outputs" / "49-maine-et-loire"
    assert not list((home / "cartes").glob("*")) if (home / "cartes").exists() else True
    assert (home / "a-moi.txt").read_text(encoding="utf-8") == "à garder"
    assert json.loads((home / "run.json").read_text(encoding="utf-8"))["diffusion"] == "public"


@pytest.mark.parametrize(
    ("diffusion", "stamp"),
    [("travail", "Document de travail"), ("comite", "comité de suivi"), ("public", "Diffusion publique")],
)
def test_every_sheet_is_stamped_for_its_audience(made: Made, tmp_path: Path, diffusion: str, stamp: str) -> None:
    root = tmp_path / "espace"
    shutil.copytree(made.root, root)
    workflow.table(root, ANGERS, diffusion=diffusion)
    [path] = (root / "outputs").glob(f"{ANGERS}-*/tableaux/diagnostic.xlsx")
    book = load_workbook(path)
    assert stamp in str(book["Lisez-moi"]["A2"].value)
    assert all(stamp in str(sheet.oddHeader.left.text) for sheet in book)


def test_a_word_that_is_no_audience_is_refused_before_anything(made: Made) -> None:
    with pytest.raises(UsageError, match="travail, comite, public"):
        workflow.table(made.root, "49", diffusion="tous")


# --- real files, and the demonstration -----------------------------------------------------------------------------------


@pytest.mark.long
def test_the_nord_and_its_metropole_tell_nothing_together(shared_data: Path, tmp_path: Path) -> None:
    """The real panorama and offers, and a restricted table of the Caf whose figures are invented."""
    straddling, alone, lille = "245900758", "200041960", "200093201"
    counts = people(straddling, "59", "")
    epci, nord = by_zone(counts, "epci", ("59",)), by_zone(counts, "department", ("59",))["59"]
    bonus = {code: 4 if code == alone else 2 * rsa + 1000 for code, rsa in epci.items()}
    root = tmp_path / "espace"
    workflow.init(root, "59", "2025-06-01")
    for name, text in (("indicators", INDICATORS), ("needs", NEEDS), ("factors", FACTORS)):
        (root / "configs" / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    workflow.add(root, real_files(shared_data), licence="Licence Ouverte 2.0")
    whole = sum(value for code, value in bonus.items() if code != straddling) + bonus[straddling] // 2
    mine = [
        counts_file(tmp_path / "caf_epci.csv", "numepci", {code: (epci[code], bonus[code]) for code in epci}),
        counts_file(tmp_path / "caf_dep.csv", "numdep", {"59": (nord, whole)}),
    ]
    workflow.add(root, mine, nature="simulée", producer="Caf du Nord (invention)")
    listing = root / "data" / "raw" / "sources.toml"
    text = listing.read_text(encoding="utf-8").replace('geographie = "à renseigner"', "geographie = 2025")
    text = re.sub(r'(\["caf_\w+\.csv"\]\n)', r'\1diffusion = "restreinte"\n', text)
    listing.write_text(text, encoding="utf-8")
    workflow.run(root, ("59", lille))

    outputs = root / "outputs"
    said = {RSA: {f"EPCI:{code}": n for code, n in epci.items()} | {"DEP:59": nord}}
    said[PPA] = {f"EPCI:{code}": n for code, n in bonus.items()}
    for indicator, values in said.items():
        told = shown(outputs, indicator)
        told = {zone: value for zone, value in told.items() if zone in values}
        assert {zone.partition(":")[2] for zone in told} >= set(epci_of("59"))
        gone = {zone for zone, value in told.items() if not isinstance(value, int)}
        assert gone
        for zone in gone:
            low, high = interval(told, ground(zone))
            assert high - low >= THRESHOLD, zone
            if values[zone] > 999:
                assert not quoted(values[zone], outputs), zone
    assert shown(outputs, PPA)[f"EPCI:{alone}"] == "secret"
    part = interval(shown(outputs), ground(f"EPCI:{straddling}") & ground("DEP:59"))
    assert part[1] >= THRESHOLD

    workflow.run(root, ("59", lille), diffusion="public")
    for values in said.values():
        for zone, value in values.items():
            assert value < 1_000 or not quoted(value, outputs), zone


@pytest.mark.long
def test_the_demonstration_withholds_nothing_and_is_as_full_for_the_public(tmp_path: Path) -> None:
    workflow.demo(tmp_path / "demo")
    [path] = (tmp_path / "demo" / "outputs").glob("*/tableaux/diagnostic.xlsx")
    committee = list(rows(path, "Besoins"))
    assert pd.read_parquet(tmp_path / "demo" / "data" / "processed" / "masks.parquet").empty
    workflow.run(tmp_path / "demo", diffusion="public")
    assert list(rows(path, "Besoins")) == committee
    assert "Diffusion publique" in str(load_workbook(path)["Lisez-moi"]["A2"].value)
