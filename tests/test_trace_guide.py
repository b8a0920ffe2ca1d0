"""docs/trace.md: its example is what the demonstration says, its table the JSON that is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from diagpacte.workflow import add, init, table, trace
from diagpacte.workflow.demonstration import AS_OF, FILES, LICENCE, PRODUCER, TERRITORY, simulated_files
from diagpacte.workflow.job import Job

GUIDE = Path(__file__).parents[1] / "docs" / "trace.md"


def example() -> tuple[str, str]:
    """The id of the example, and the answer that the guide prints."""
    text = GUIDE.read_text("utf-8")
    found = re.search(r'    diagpacte -C demonstration trace "([^"]+)"\n', text)
    assert found
    block = re.search(r"La réponse\u00a0?\s?:\n\n((?:    .*\n|\n)+)", text[found.end() :])
    assert block
    return found[1], "\n".join(line.removeprefix("    ") for line in block[1].rstrip("\n").split("\n"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration without its maps, which no trace reads."""
    folder, received = tmp_path_factory.mktemp("guide") / "demonstration", tmp_path_factory.mktemp("reçus")
    init(folder, TERRITORY, AS_OF)
    for name, data in zip(FILES, simulated_files(Job.open(folder)), strict=True):
        (received / name).write_bytes(data)
    add(folder, [received / name for name in FILES], nature="simulée", producer=PRODUCER, licence=LICENCE)
    table(folder)
    return folder


@pytest.mark.long
def test_the_example_of_the_guide_is_what_the_demonstration_says(demo: Path) -> None:
    figure, answer = example()
    assert trace(demo, figure).text.replace("\u00a0", " ") == answer.replace("\u00a0", " ")


@pytest.mark.long
def test_every_field_of_the_json_is_in_the_guide(demo: Path) -> None:
    figure, _ = example()
    told = json.loads(trace(demo, figure, "json").text)
    listed = set(
        re.findall(r"`(?:traces\[\]\.)?\.?([a-z0-9_]+)(?:\[\])?`", GUIDE.read_text("utf-8").partition("| champ |")[2])
    )
    (one,) = told["traces"]
    fields = {*told, *one, *one["steps"][0], *one["places"][0], *one["places"][0]["cells"][0]}
    assert fields <= listed
