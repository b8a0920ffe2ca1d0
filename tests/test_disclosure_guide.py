"""docs/diffusion.md says what diagpacte does: its examples and its tables are recomputed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import disclosure_builders as make
from diagpacte.deliverables.style import DIFFUSION
from disclosure_builders import VINTAGE, kinds, observation, withheld

PAGE = (Path(__file__).parents[1] / "docs" / "diffusion.md").read_text(encoding="utf-8")


def table(text: str) -> list[list[str]]:
    """The rows of the first table of `text`, under its headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    end = next((place for place, line in enumerate(found[2:], 2) if set("".join(line)) <= {"-"}), len(found) + 1)
    return found[2 : end - 1]


EXAMPLES = dict(re.findall(r"### Exemple : (.+?)\n(.*?)(?=\n##)", PAGE, re.DOTALL))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_shows_what_diagpacte_shows(name: str) -> None:
    rows = table(EXAMPLES[name])
    zones = {f"EPCI:20000000{place}": row for place, row in enumerate(rows)}
    ground = {(zone, VINTAGE): frozenset(map(ord, communes.split())) for zone, (_, communes, _, _) in zones.items()}
    masks, _ = withheld([observation(zone, float(row[2])) for zone, row in zones.items()], ground)
    found = kinds(masks)
    assert [row[3] for row in rows] == [row[2] if zone not in found else "secret" for zone, row in zones.items()]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 5


def test_the_thresholds_are_those_of_the_dictionary() -> None:
    rules = make.settings().disclosure_thresholds
    said = table(PAGE.partition("## Les seuils")[2])
    assert said == [[rule.rule, str(rule.threshold), "oui" if rule.zero_told else "non", rule.status] for rule in rules]


def test_the_stamps_are_those_of_the_pages() -> None:
    said = table(PAGE.partition("## Pour qui")[2])
    assert {row[0]: row[1] for row in said} == DIFFUSION
