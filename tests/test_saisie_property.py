"""Whatever people do to the workbook, in whatever order: everything typed is found again, beside its own label."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagpacte.sources.saisie.lines import Wanted
from diagpacte.sources.saisie.settling import DECISIONS
from saisie_builders import ASIDE, DISPOSITIFS, REGISTERS, THEMES, Desk, Edit, wanted

TOKEN = re.compile(r"\bt\d+\b")
SHEETS = st.sampled_from([THEMES, DISPOSITIFS, REGISTERS])
COLUMNS = {
    THEMES: ("retenu", "motif"), DISPOSITIFS: ("dispositif", "porteur principal"), REGISTERS: ("schéma ou source", "ce qu’il dit"),
}  # fmt: skip
NUMBER = st.integers(0, 1_000)


def tokens(texts: set[str]) -> set[str]:
    return {token for text in texts for token in TOKEN.findall(text)}


class Person:
    """A desk, the texts that it owes to somebody, and those replaced or settled since."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.owed: set[str] = set()
        self.replaced: set[str] = set()
        self.settled: set[str] = set()
        self.emptied: set[str] = set()  # since the last passage: a text typed there replaces them

    def passes(self, other: "Person | None" = None) -> None:
        here = tokens(self.desk.texts())
        self.emptied = set()
        self.owed = (self.owed - self.replaced) | here
        if other is not None:
            there = tokens(other.desk.texts())
            self.replaced |= other.replaced
            self.settled |= other.settled
            self.owed = (self.owed | there) - self.replaced
        self.owed -= self.settled
        self.desk.pass_(other.desk.data if other else None)
        after = tokens(self.desk.texts())
        assert self.owed <= after, f"lost: {sorted(self.owed - after)}"
        assert self.desk.outcome is not None
        told = {value for *_, value, _ in self.desk.values()}
        told |= {text for row in self.desk.outcome.table["others"] for text in row}
        assert self.owed <= tokens(told), f"not in Entries: {sorted(self.owed - tokens(told))}"


class World:
    """Two people with a copy each, some texts already in; each round somebody edits, then the tool passes."""

    def __init__(self) -> None:
        self.count = 0
        self.labels: dict[str, str] = {}
        mine = Person(Desk())
        self.people = [mine]
        for row in range(3):
            self.types(mine, THEMES, row, 1, new=False)
            self.types(mine, DISPOSITIFS, row, 0, new=True)
            self.types(mine, DISPOSITIFS, row, 1, new=False)
        self.types(mine, REGISTERS, 0, 0, new=True)
        self.types(mine, REGISTERS, 0, 1, new=False)
        mine.passes()
        theirs = Person(mine.desk.copied())
        theirs.passes()
        self.people.append(theirs)

    def at(self, person: Person, sheet: str, row: int) -> tuple[Edit, int]:
        edit = person.desk.edit()
        filled = edit.grid(sheet).filled()
        return edit, filled[row % len(filled)] if filled else edit.grid(sheet).free()

    def types(self, person: Person, sheet: str, row: int, column: int, *, new: bool) -> None:
        edit, number = self.at(person, sheet, row)
        grid = edit.grid(sheet)
        number = grid.free() if new else number
        heading = COLUMNS[sheet][column % 2]
        if grid.visible(number).get(heading, "").startswith("Schéma"):
            heading = "ce qu’il dit"  # the cell of the tool is locked
        with edit:
            cell = grid.sheet.cell(number, grid.column(heading))
            person.replaced |= tokens({str(cell.value)}) if cell.value else person.emptied if not new else set()
            self.count += 1
            token = f"t{self.count}"
            self.labels[token] = grid.visible(number).get("thème", "")
            cell.value = f"{token} été\n« là »"

    def both_type(self, _: Person, sheet: str, row: int, column: int) -> None:
        for person in self.people:
            self.types(person, sheet, row, column, new=False)

    def empties(self, person: Person, sheet: str, row: int, column: int) -> None:
        edit, number = self.at(person, sheet, row)
        grid, heading = edit.grid(sheet), COLUMNS[sheet][column % 2]
        if not grid.visible(number).get(heading, "").startswith("Schéma"):
            with edit:
                cell = grid.sheet.cell(number, grid.column(heading))
                person.emptied |= tokens({str(cell.value)})
                cell.value = None

    def deletes(self, person: Person, sheet: str, row: int) -> None:
        edit, number = self.at(person, sheet, row)
        with edit:
            edit.delete(sheet, number)

    def inserts(self, person: Person, sheet: str, row: int) -> None:
        edit, number = self.at(person, sheet, row)
        with edit:
            edit.grid(sheet).sheet.insert_rows(number)

    def copies(self, person: Person, sheet: str, row: int) -> None:
        edit, number = self.at(person, sheet, row)
        with edit:
            edit.duplicate(sheet, number)

    def sorts(self, person: Person, sheet: str, order: list[int], *, whole: bool) -> None:
        edit = person.desk.edit()
        rows = range(len(edit.grid(sheet).filled()))
        with edit:
            edit.order(sheet, sorted(rows, key=lambda row: (order[row % len(order)], row)), whole=whole)

    def moves_columns(self, person: Person, sheet: str, one: int, other: int) -> None:
        with person.desk.edit() as edit:
            width = edit.book[sheet].max_column
            edit.swap_columns(sheet, one % width + 1, other % width + 1)

    def decides(self, person: Person, row: int, decision: str) -> None:
        edit, number = self.at(person, ASIDE, row)
        told = edit.grid(ASIDE).visible(number)
        if "texte qui attend" in told:
            with edit:
                edit.type(ASIDE, number, "décision", decision)
            if decision in ("garder l’autre", "abandonner"):
                person.settled |= tokens({told["texte qui attend"]})
            elif decision == "reprendre" and told["pourquoi"].startswith("un autre"):
                person.settled |= tokens({told.get("texte en place", "")})

    def passes(self, person: Person, other: Person | None) -> None:
        person.passes(other)
        self.beside_their_labels(person)
        before = person.desk.data
        person.passes(other)
        assert person.desk.data == before, "the same passage again has nothing to write"

    def beside_their_labels(self, person: Person) -> None:
        for row in person.desk.sheet(THEMES).rows():
            for heading in ("retenu", "motif"):
                for token in tokens({row.get(heading, "")}):
                    assert row.get("thème", "") == self.labels[token], f"{token} went to {row}"


EDITS = st.one_of(
    st.builds(lambda *a: lambda w, p: w.types(p, *a[:3], new=a[3]), SHEETS, NUMBER, NUMBER, st.booleans()),
    st.builds(lambda *a: lambda w, p: w.both_type(p, *a), SHEETS, NUMBER, NUMBER),
    st.builds(lambda *a: lambda w, p: w.empties(p, *a), SHEETS, NUMBER, NUMBER),
    st.builds(lambda *a: lambda w, p: w.deletes(p, *a), SHEETS, NUMBER),
    st.builds(lambda *a: lambda w, p: w.inserts(p, *a), SHEETS, NUMBER),
    st.builds(lambda *a: lambda w, p: w.copies(p, *a), SHEETS, NUMBER),
    st.builds(
        lambda *a: lambda w, p: w.sorts(p, *a[:2], whole=a[2]),
        SHEETS, st.lists(st.integers(0, 3), min_size=1, max_size=5), st.booleans(),
    ),
    st.builds(lambda *a: lambda w, p: w.moves_columns(p, *a), SHEETS, NUMBER, NUMBER),
    st.builds(lambda *a: lambda w, p: w.decides(p, *a), NUMBER, st.sampled_from(list(DECISIONS))),
)  # fmt: skip
WANTED = st.one_of(
    st.none(),
    st.builds(wanted, st.sampled_from(["ABC", "AB", "BCD", "A"]), st.sampled_from([("Pdi",), ("Pdi", "Sdsf")])),
)
ROUNDS = st.lists(
    st.tuples(st.booleans(), st.lists(EDITS, min_size=1, max_size=4), WANTED, st.booleans()), min_size=1, max_size=5
)


def check(rounds: list[tuple[bool, list[Callable[[World, Person], None]], list[Wanted] | None, bool]]) -> None:
    world = World()
    for who, edits, rows, merge in rounds:
        person, other = world.people[::-1] if who else world.people
        for edit in edits:
            edit(world, person)
        person.desk.rows = person.desk.rows if rows is None else rows
        world.passes(person, other if merge else None)


PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(PATIENT, max_examples=5, derandomize=True)
@given(ROUNDS)
def test_everything_typed_is_found_again_after_a_few_edits(rounds: list) -> None:  # type: ignore[type-arg]
    check(rounds)


@pytest.mark.long
@settings(PATIENT, max_examples=120)
@given(ROUNDS)
def test_everything_typed_is_found_again_after_many_edits(rounds: list) -> None:  # type: ignore[type-arg]
    check(rounds)
