"""Whatever people do to the workbook, in whatever order: everything typed is found again, beside its own label."""

import re

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

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

    def passes(self, other: "Person | None" = None) -> None:
        here = tokens(self.desk.texts())
        self.owed = (self.owed - self.replaced) | here
        if other is not None:
            there = tokens(other.desk.texts())
            self.replaced |= other.replaced
            self.owed = (self.owed | there) - self.replaced
        self.desk.pass_(other.desk.data if other else None)
        after = tokens(self.desk.texts())
        assert self.owed <= after, f"lost: {sorted(self.owed - after)}"
        assert self.desk.outcome is not None
        told = {value for *_, value, _ in self.desk.values()}
        told |= {text for row in self.desk.outcome.table["others"] for text in row}
        assert self.owed <= tokens(told), f"not in Entries: {sorted(self.owed - tokens(told))}"


class TwoPeople(RuleBasedStateMachine):
    """They type, sort, delete, copy; the tool passes, its rows come and go; their copies are brought together."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.labels: dict[str, str] = {}
        self.people = [Person(Desk())]

    def person(self, number: int) -> Person:
        return self.people[number % len(self.people)]

    def at(self, who: int, sheet: str, row: int) -> tuple[Person, Edit, int]:
        person = self.person(who)
        edit = person.desk.edit()
        filled = edit.grid(sheet).filled()
        return person, edit, filled[row % len(filled)] if filled else edit.grid(sheet).free()

    @rule(who=NUMBER, sheet=SHEETS, row=NUMBER, column=NUMBER, new=st.booleans())
    def types(self, who: int, sheet: str, row: int, column: int, new: bool) -> None:
        person, edit, number = self.at(who, sheet, row)
        grid = edit.grid(sheet)
        number = grid.free() if new else number
        heading = COLUMNS[sheet][column % 2]
        if heading == "schéma ou source" and grid.visible(number).get(heading, "").startswith("Schéma"):
            heading = "ce qu’il dit"  # the cell of the tool is locked
        with edit:
            cell = grid.sheet.cell(number, grid.column(heading))
            person.replaced |= tokens({str(cell.value)}) if cell.value else set()
            self.count += 1
            token = f"t{self.count}"
            self.labels[token] = grid.visible(number).get("thème", "")
            cell.value = f"{token} été\n« là »"

    @rule(who=NUMBER, sheet=SHEETS, row=NUMBER, column=NUMBER)
    def empties(self, who: int, sheet: str, row: int, column: int) -> None:
        _, edit, number = self.at(who, sheet, row)
        with edit:
            grid = edit.grid(sheet)
            if not (
                sheet == REGISTERS and column % 2 == 0 and "Schéma" in grid.visible(number).get(COLUMNS[sheet][0], "")
            ):
                grid.sheet.cell(number, grid.column(COLUMNS[sheet][column % 2])).value = None

    @rule(who=NUMBER, sheet=SHEETS, row=NUMBER)
    def deletes_a_row(self, who: int, sheet: str, row: int) -> None:
        _, edit, number = self.at(who, sheet, row)
        with edit:
            edit.delete(sheet, number)

    @rule(who=NUMBER, sheet=SHEETS, row=NUMBER)
    def inserts_a_row(self, who: int, sheet: str, row: int) -> None:
        _, edit, number = self.at(who, sheet, row)
        with edit:
            edit.grid(sheet).sheet.insert_rows(number)

    @rule(who=NUMBER, sheet=SHEETS, row=NUMBER)
    def copies_a_row(self, who: int, sheet: str, row: int) -> None:
        _, edit, number = self.at(who, sheet, row)
        with edit:
            edit.duplicate(sheet, number)

    @rule(who=NUMBER, sheet=SHEETS, order=st.randoms(use_true_random=False), whole=st.booleans())
    def sorts(self, who: int, sheet: str, order: object, whole: bool) -> None:
        edit = self.person(who).desk.edit()
        places = list(range(len(edit.grid(sheet).filled())))
        order.shuffle(places)  # type: ignore[attr-defined]
        with edit:
            edit.order(sheet, places, whole=whole)

    @rule(who=NUMBER, sheet=SHEETS, one=st.integers(1, 5), other=st.integers(1, 5))
    def moves_columns(self, who: int, sheet: str, one: int, other: int) -> None:
        with self.person(who).desk.edit() as edit:
            width = edit.book[sheet].max_column
            edit.swap_columns(sheet, min(one, width), min(other, width))

    @rule(who=NUMBER, themes=st.sets(st.sampled_from("ABCD")), registers=st.sets(st.sampled_from(["Pdi", "Sdsf"])))
    def the_tool_wants_other_rows(self, who: int, themes: set[str], registers: set[str]) -> None:
        self.person(who).desk.rows = wanted(sorted(themes), sorted(registers))

    @rule(
        who=NUMBER,
        row=NUMBER,
        decision=st.sampled_from(["reprendre", "garder l’autre", "garder les deux", "abandonner"]),
    )
    def decides(self, who: int, row: int, decision: str) -> None:
        person, edit, number = self.at(who, ASIDE, row)
        grid = edit.grid(ASIDE)
        told = grid.visible(number)
        if "texte qui attend" in told:
            with edit:
                edit.type(ASIDE, number, "décision", decision)
            if decision in ("garder l’autre", "abandonner"):
                person.replaced |= tokens({told["texte qui attend"]})
            elif decision == "reprendre" and told["pourquoi"].startswith("un autre"):
                person.replaced |= tokens({told.get("texte en place", "")})

    @rule(who=NUMBER)
    def passes(self, who: int) -> None:
        person = self.person(who)
        person.passes()
        self.beside_their_labels(person)
        before = person.desk.data
        person.passes()
        assert person.desk.data == before, "a second passage has nothing to write"

    @precondition(lambda self: len(self.people) == 1)
    @rule()
    def gives_a_copy(self) -> None:
        mine = self.people[0]
        theirs = Person(mine.desk.copied())
        theirs.desk.rows, theirs.replaced = mine.desk.rows, set(mine.replaced)
        self.people.append(theirs)

    @precondition(lambda self: len(self.people) == 2)
    @rule(who=NUMBER)
    def merges(self, who: int) -> None:
        mine, theirs = self.person(who), self.person(who + 1)
        mine.passes(theirs)
        self.beside_their_labels(mine)
        before = mine.desk.data
        mine.passes(theirs)
        assert mine.desk.data == before, "the same copy twice changes nothing"

    def beside_their_labels(self, person: Person) -> None:
        for row in person.desk.sheet(THEMES).rows():
            for heading in ("retenu", "motif"):
                for token in tokens({row.get(heading, "")}):
                    assert row.get("thème", "") == self.labels[token], f"{token} went to {row}"


def test_everything_typed_is_found_again_after_a_few_edits() -> None:
    run_state_machine_as_test(
        TwoPeople,
        settings=settings(max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True),
    )  # fmt: skip


@pytest.mark.long
def test_everything_typed_is_found_again_after_many_edits() -> None:
    run_state_machine_as_test(
        TwoPeople,
        settings=settings(max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)),
    )  # fmt: skip
