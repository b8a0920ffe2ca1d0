"""Whole files or none, a person's file left alone, nothing redone without a reason."""

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from diagpacte import workspace as module
from diagpacte.errors import DeliverableError, LockError
from diagpacte.workspace import StepRecord, Workspace, atomic_write, file_hash, step_key

ABOUT = {"territory": "59", "as_of": "2026-01-01"}


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def deliver(space: Workspace, step: str = "table", key: str = "k", **texts: str) -> list[Path]:
    files = {space.outputs / "59-nord" / name.replace("__", "."): text.encode() for name, text in texts.items()}
    return space.deliver(space.outputs / "59-nord", step, StepRecord(key=key), files, ABOUT)


def read(space: Workspace, name: str) -> str:
    return (space.outputs / "59-nord" / name).read_text(encoding="utf-8")


def hold_open(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that Excel holds; here only that refusal is acted."""
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == name:
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_delivery_writes_its_files_and_explains_them(space: Workspace) -> None:
    deliver(space, diagnostic__xlsx="a", carte__png="b")
    record = space.record(space.outputs / "59-nord")
    assert record.steps["table"].outputs == {
        "outputs/59-nord/carte.png": file_hash(space.outputs / "59-nord" / "carte.png"),
        "outputs/59-nord/diagnostic.xlsx": file_hash(space.outputs / "59-nord" / "diagnostic.xlsx"),
    }
    assert space.up_to_date(space.outputs / "59-nord", "table", "k")
    assert not space.up_to_date(space.outputs / "59-nord", "table", "another key")


def test_a_run_record_holds_neither_clock_nor_absolute_path(space: Workspace) -> None:
    deliver(space, diagnostic__xlsx="a")
    first = (space.outputs / "59-nord" / "run.json").read_text(encoding="utf-8")
    assert str(space.root) not in first
    deliver(space, diagnostic__xlsx="a")
    assert (space.outputs / "59-nord" / "run.json").read_text(encoding="utf-8") == first


def test_a_workbook_held_open_in_excel_is_said_and_all_others_are_whole(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(space, diagnostic__xlsx="old", carte__png="old")
    hold_open("diagnostic.xlsx", monkeypatch)
    with pytest.raises(DeliverableError) as caught:
        deliver(space, key="k2", diagnostic__xlsx="new", carte__png="new")
    assert caught.value.exit_code == 5
    assert "fermez diagnostic.xlsx dans Excel" in str(caught.value)
    assert (read(space, "diagnostic.xlsx"), read(space, "carte.png")) == ("old", "new")
    assert [path.name for path in space.root.rglob("*") if path.name.startswith(".diagpacte-tmp")] == []
    assert not space.up_to_date(space.outputs / "59-nord", "table", "k2")


def test_once_closed_in_excel_the_workbook_is_written_again(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(space, diagnostic__xlsx="old")
    hold_open("diagnostic.xlsx", monkeypatch)
    with pytest.raises(DeliverableError):
        deliver(space, key="k2", diagnostic__xlsx="new")
    monkeypatch.undo()
    deliver(space, key="k2", diagnostic__xlsx="new")
    assert read(space, "diagnostic.xlsx") == "new"


def test_a_file_that_the_record_does_not_explain_is_a_persons(space: Workspace) -> None:
    deliver(space, diagnostic__xlsx="ours", carte__png="ours")
    atomic_write(space.outputs / "59-nord" / "diagnostic.xlsx", b"edited by hand")
    with pytest.raises(DeliverableError, match="renommer ou le déplacer"):
        deliver(space, key="k2", diagnostic__xlsx="new", carte__png="new")
    assert (read(space, "diagnostic.xlsx"), read(space, "carte.png")) == ("edited by hand", "new")
    with pytest.raises(DeliverableError):
        deliver(space, key="k3", diagnostic__xlsx="newer")
    assert read(space, "diagnostic.xlsx") == "edited by hand"


def test_tables_are_made_again_when_a_person_threw_the_outputs_away(space: Workspace) -> None:
    home, table = space.outputs / "59-nord", space.processed / "59-nord" / "needs.parquet"
    space.deliver(home, "cross", StepRecord(key="k"), {table: b"first"}, ABOUT)
    shutil.rmtree(space.outputs)
    space.deliver(home, "cross", StepRecord(key="k2"), {table: b"second"}, ABOUT)
    assert table.read_bytes() == b"second"


def test_after_an_interruption_what_was_announced_is_ours(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    write = atomic_write

    def die_at_the_record(path: Path, data: bytes) -> None:
        if path.name == "run.json":
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(module, "atomic_write", die_at_the_record)
    with pytest.raises(KeyboardInterrupt):
        deliver(space, diagnostic__xlsx="first")
    monkeypatch.undo()
    deliver(space, diagnostic__xlsx="second")
    assert read(space, "diagnostic.xlsx") == "second"


def test_an_output_that_is_no_longer_made_goes_unless_a_person_changed_it(space: Workspace) -> None:
    deliver(space, step="map", a__png="1", b__png="1", c__png="1")
    atomic_write(space.outputs / "59-nord" / "c.png", b"touched")
    deliver(space, step="map", key="k2", a__png="1")
    assert sorted(path.name for path in (space.outputs / "59-nord").glob("*.png")) == ["a.png", "c.png"]


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.csv"
    atomic_write(path, b"whole")
    hold_open("table.csv", monkeypatch)
    with pytest.raises(PermissionError):
        atomic_write(path, b"half")
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_an_edited_output_is_made_again(space: Workspace) -> None:
    deliver(space, diagnostic__xlsx="a")
    (space.outputs / "59-nord" / "diagnostic.xlsx").unlink()
    assert not space.up_to_date(space.outputs / "59-nord", "table", "k")


def _try_lock(root: str, answer: "multiprocessing.Queue[str]") -> None:
    try:
        with Workspace(Path(root)).lock():
            answer.put("held")
    except LockError as error:
        answer.put(str(error.exit_code))


def _die_with_the_lock(root: str) -> None:
    with Workspace(Path(root)).lock():
        os._exit(9)


def test_two_runs_at_once_the_second_is_told(space: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[str] = context.Queue()
    with space.lock():
        process = context.Process(target=_try_lock, args=(str(space.root), answer))
        process.start()
        assert answer.get(timeout=60) == "5"
        process.join()
    with space.lock():
        pass


def test_the_lock_of_a_dead_process_holds_nobody(space: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_die_with_the_lock, args=(str(space.root),))
    process.start()
    process.join()
    assert process.exitcode == 9
    with space.lock():
        pass


def test_a_step_key_follows_each_ingredient_and_nothing_else() -> None:
    key = step_key("map", {"a": "1"}, "rules", territory="59")
    assert key == step_key("map", {"a": "1"}, "rules", territory="59")
    others = [
        step_key("table", {"a": "1"}, "rules", territory="59"),
        step_key("map", {"a": "2"}, "rules", territory="59"),
        step_key("map", {"a": "1"}, "other rules", territory="59"),
        step_key("map", {"a": "1"}, "rules", territory="62"),
    ]
    assert len({key, *others}) == 5


def test_a_corrupt_record_is_no_record(space: Workspace) -> None:
    home = space.outputs / "59-nord"
    atomic_write(home / "run.json", b"{not json")
    assert space.record(home).steps == {}
