"""The walls of the house: who may import whom, who may touch files, what is never called."""

import ast
from pathlib import Path

import pytest

from diagpacte.tables import Published

SOURCE = Path(__file__).parents[1] / "src" / "diagpacte"
ROOMS = (
    "sources",
    "geography",
    "needs",
    "offers",
    "crossing",
    "tracks",
    "comparison",
    "disclosure",
    "deliverables",
    "demo",
)
FLOORS = {
    "errors": 0, "vocabulary": 1, "algebra": 2, "tables": 3, "store": 4, **dict.fromkeys(ROOMS, 5),
    "settings": 6, "workspace": 6, "workflow": 7, "cli": 8, "__init__": -1, "__main__": 9,
}  # fmt: skip
STOREYS = (
    "files",
    "layout",
    "meaning",
    "long",
    "coherence",
    "correspondence",
)  # the packages of sources, from the ground
HEAVY = {
    "pandas",
    "numpy",
    "geopandas",
    "shapely",
    "scipy",
    "matplotlib",
    "pyarrow",
    "openpyxl",
    "xlsxwriter",
    "pyproj",
}
MAY_TOUCH_FILES = {"sources", "store", "deliverables", "workspace", "settings", "workflow"}
FILE_CALLS = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "unlink",
    "mkdir",
    "replace_file",
    "rename",
}
POSIX_ONLY = {
    "fork", "kill", "killpg", "getuid", "geteuid", "chown", "mkfifo", "symlink_to", "setrlimit", "pwd", "grp", "fcntl", "resource",
}  # fmt: skip
CLOCKS = {"now", "today", "utcnow", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}

MODULES = sorted(path for path in SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def module_name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def imports(path: Path, *, top_level: bool = False) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: list[str] = []
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def own_rooms(path: Path) -> set[str]:
    parts = [name.split(".") for name in imports(path) if name.split(".")[0] == "diagpacte"]
    return {part[1] if len(part) > 1 and part[1] in FLOORS else "__init__" for part in parts}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_run_downward_and_rooms_never_meet(path: Path) -> None:
    here = room_of(path)
    for other in own_rooms(path) - {here}:
        if here in ("settings", "workspace") and other in ROOMS:
            rules = [name for name in imports(path) if name.startswith(f"diagpacte.{other}")]
            assert all(name.rpartition(".")[0].endswith("rules") for name in rules), f"{here} imports {rules}"
        assert FLOORS[other] < FLOORS[here], f"{module_name(path)} ({here}) imports {other}"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name in STOREYS], ids=module_name)
def test_inside_sources_what_knows_less_never_imports_what_knows_more(path: Path) -> None:
    above = STOREYS[STOREYS.index(path.parent.name) + 1 :]
    assert not {name.split(".")[2] for name in imports(path) if name.startswith("diagpacte.sources.")} & set(above)


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in MODULES
        if p.stem.endswith("rules") or p.stem in ("settings", "workspace", "vocabulary", "errors", "cli")
    ],
    ids=module_name,
)
def test_what_every_command_loads_imports_nothing_heavy(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & HEAVY


def test_workflow_loads_heavy_libraries_only_when_there_is_work() -> None:
    workflow = [p for p in MODULES if room_of(p) == "workflow"]
    for path in workflow:
        loaded = imports(path, top_level=True)
        assert not {name.split(".")[0] for name in loaded} & HEAVY
        rooms = {name.split(".")[1] for name in loaded if name.startswith("diagpacte.")} & set(ROOMS)
        assert not rooms, f"{module_name(path)} imports {rooms} at start"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_clock_and_no_posix_only_call(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    called |= {name.split(".")[0] for name in imports(path)}
    allowed = {"today"} if module_name(path) == "cli.py" else set()  # `init` proposes the day it is run
    assert not called & (CLOCKS | POSIX_ONLY) - allowed


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) not in MAY_TOUCH_FILES], ids=module_name)
def test_only_the_doors_touch_files(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert not calls & FILE_CALLS


def test_only_the_disclosure_gate_makes_published_tables() -> None:
    makers = {
        module_name(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == Published.__name__
    }
    assert makers == {"disclosure/gate.py"}


def test_every_room_but_those_to_come_has_its_rules_or_needs_none() -> None:
    with_rules = {path.parent.name for path in MODULES if path.stem == "rules"}
    assert with_rules >= {"sources", "geography", "needs", "offers", "crossing", "deliverables"}
