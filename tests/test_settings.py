"""Settings: defaults found wherever diagpacte is, a workspace's own rows win, every fault said at once."""

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from diagpacte import settings as module
from diagpacte.errors import ConfigurationError
from diagpacte.settings import DICTIONARIES, default_configs, load_settings

ROOT = Path(__file__).parents[1]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "diagpacte.toml").write_text('territory = "59"\nas_of = 2025-12-01\n', encoding="utf-8")
    return tmp_path


def rows_of(name: str) -> list[dict[str, str]]:
    text = (default_configs() / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def write(workspace: Path, name: str, rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> None:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    (workspace / "configs" / f"{name}.csv").write_bytes(stream.getvalue().encode(encoding, errors="replace"))


def test_the_defaults_load_and_every_dictionary_is_filled(workspace: Path) -> None:
    settings = load_settings(workspace)
    assert (settings.territory, settings.as_of.isoformat()) == ("59", "2025-12-01")
    assert all(getattr(settings, name) for name in DICTIONARIES)


def test_a_section_of_the_workspace_changes_only_what_it_writes(workspace: Path) -> None:
    with (workspace / "configs" / "diagpacte.toml").open("a", encoding="utf-8") as stream:
        stream.write("[crossing]\nring_km = 15\n")
    settings = load_settings(workspace)
    assert settings.crossing.ring_km == 15
    assert settings.crossing.access_bounds_km == (5, 10, 20)


def test_a_row_of_the_workspace_wins_over_the_default_of_the_same_key(workspace: Path) -> None:
    row = {**rows_of("themes")[0], "reach_km": "7,5"}
    write(workspace, "themes", [row])
    themes = {theme.theme: theme for theme in load_settings(workspace).themes}
    assert themes[row["theme"]].reach_km == 7.5
    assert len(themes) == len(rows_of("themes"))


def test_a_dictionary_saved_by_french_excel_reads_the_same(workspace: Path) -> None:
    before = load_settings(workspace).themes
    write(workspace, "themes", rows_of("themes"), encoding="cp1252")
    assert [theme.theme for theme in load_settings(workspace).themes] == [theme.theme for theme in before]
    assert load_settings(workspace).themes[0].label == before[0].label


def test_the_digest_follows_every_rule(workspace: Path) -> None:
    before = load_settings(workspace).digest
    assert load_settings(workspace).digest == before
    write(workspace, "themes", [{**rows_of("themes")[0], "label": "Autre libellé"}])
    assert load_settings(workspace).digest != before


def test_an_indicator_of_offer_never_enters_a_need(workspace: Path) -> None:
    offer = next(row["indicator"] for row in rows_of("indicators") if row["role"] == "offre")
    need = next(row for row in rows_of("needs") if row["indicator"])
    write(workspace, "needs", [{**need, "indicator": offer}])
    with pytest.raises(ConfigurationError, match="indicateur d’offre, sert de besoin"):
        load_settings(workspace)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            'territory = "59"\nas_of = 2025-12-01\ncouleur = 3\n',
            "réglage inconnu « couleur »",
            id="an unknown setting",
        ),
        pytest.param(
            'territory = "59"\nas_of = "hier"\n',
            "« as_of » vaut « hier » ; attendu : une date",
            id="a date that is none",
        ),
        pytest.param("territory = 01\n", "TOML illisible", id="a code without quotes"),
        pytest.param(
            "[crossing]\nring_km = -1\n",
            "crossing.ring_km » vaut « -1 » ; attendu : plus de 0",
            id="a negative distance",
        ),
    ],
)
def test_a_wrong_setting_is_named(workspace: Path, text: str, message: str) -> None:
    (workspace / "configs" / "diagpacte.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_settings(workspace)
    assert caught.value.exit_code == 3


def test_every_fault_of_a_dictionary_is_said_at_once_with_its_line(workspace: Path) -> None:
    first, second, *_ = rows_of("themes")
    write(workspace, "themes", [{**first, "axis": "9"}, {**second, "reach_km": "loin"}])
    with pytest.raises(ConfigurationError) as caught:
        load_settings(workspace)
    assert [fault.cell for fault in caught.value.faults] == ["ligne 2", "ligne 3"]
    assert [fault.expected for fault in caught.value.faults] == ["4 ou moins", "un nombre"]


def test_a_dictionary_without_its_columns_says_which(workspace: Path) -> None:
    (workspace / "configs" / "themes.csv").write_text("theme,label\nA,b\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="colonnes absentes : theme"):
        load_settings(workspace)


def test_a_code_that_no_dictionary_knows_is_said(workspace: Path) -> None:
    need = next(row for row in rows_of("needs") if row["indicator"])
    write(workspace, "needs", [{**need, "theme": "A9.inconnu", "indicator": "nope_pct"}])
    with pytest.raises(ConfigurationError) as caught:
        load_settings(workspace)
    assert {fault.found for fault in caught.value.faults} >= {
        "thème inconnu « A9.inconnu »",
        "indicateur inconnu « nope_pct »",
    }


def test_the_checkout_and_the_wheel_hold_the_same_configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's configs are the checkout's: built by the packaging tool itself, then compared byte for byte."""
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("not a checkout")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        packaged = {
            name.removeprefix("diagpacte/configs/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("diagpacte/configs/")
        }
        archive.extractall(tmp_path / "installed")
    tree = {
        path.relative_to(ROOT / "configs").as_posix(): path.read_bytes()
        for path in (ROOT / "configs").rglob("*")
        if path.is_file()
    }
    assert packaged == tree
    monkeypatch.setattr(module, "__file__", str(tmp_path / "installed" / "diagpacte" / "settings.py"))
    assert default_configs() == tmp_path / "installed" / "diagpacte" / "configs"
