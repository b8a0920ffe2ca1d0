"""Two people, two copies: what each wrote is found in the workbook they bring together."""

import pytest

from diagpacte.sources.saisie.merging import _newer
from saisie_builders import ASIDE, DISPOSITIFS, REGISTERS, THEMES, Desk


def pair(**typed: str) -> tuple[Desk, Desk]:
    """My desk and a colleague's, whose file is a copy of mine; `typed`: motif of each theme before the copy."""
    mine = Desk()
    with mine.edit() as edit:
        for theme, text in typed.items():
            edit.type(THEMES, f"Thème {theme}", "motif", text)
        edit.add(DISPOSITIFS, dispositif="Mob’Isère")
    mine.pass_()
    return mine, mine.copied()


def put(desk: Desk, theme: str, text: str | None, heading: str = "motif") -> None:
    with desk.edit() as edit:
        edit.type(THEMES, f"Thème {theme}", heading, text)


def motif(desk: Desk, theme: str) -> str:
    return next(row for row in desk.sheet(THEMES).rows() if row["thème"] == f"Thème {theme}").get("motif", "")


def test_what_only_a_colleague_typed_comes_in() -> None:
    mine, theirs = pair(A="de A")
    put(theirs, "B", "de B, par elle")
    assert theirs.data is not None
    mine.pass_(theirs.data)
    assert (motif(mine, "A"), motif(mine, "B")) == ("de A", "de B, par elle")
    assert mine.sheet(ASIDE).rows() == []


def test_what_only_i_changed_stays() -> None:
    mine, theirs = pair(A="de A")
    put(mine, "A", "de A, revu")
    mine.pass_(theirs.data)
    assert motif(mine, "A") == "de A, revu"
    assert mine.sheet(ASIDE).rows() == []


@pytest.mark.parametrize("they_ran_the_tool", [False, True])
def test_two_texts_for_a_cell_are_both_kept_and_listed(they_ran_the_tool: bool) -> None:
    mine, theirs = pair(A="de A")
    put(mine, "A", "de A, moi")
    put(theirs, "A", "de A, elle")
    if they_ran_the_tool:
        with theirs.edit() as edit:
            edit.add(DISPOSITIFS, dispositif="Autre")
        theirs.pass_()
    mine.pass_(theirs.data, "claire.xlsx")
    assert motif(mine, "A") == "de A, moi"
    entry = mine.entry("themes", "38|A", "motif")
    assert (entry["state"], list(entry["others"])) == ("a_departager", ["claire.xlsx : de A, elle"])
    (row,) = [row for row in mine.sheet(ASIDE).rows() if row["colonne"] == "motif"]
    assert (row["texte qui attend"], row["texte en place"], row["ligne"]) == ("de A, elle", "de A, moi", "Thème A")
    assert row["pourquoi"] == "un autre texte est en place (claire.xlsx)"
    assert mine.pass_(theirs.data, "claire.xlsx").data is None, "the same file twice changes nothing"


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        ("reprendre", "de A, elle"),
        ("garder l’autre", "de A, moi"),
        ("garder l'autre", "de A, moi"),
        ("garder les deux", "de A, moi\nde A, elle"),
        ("abandonner", "de A, moi"),
    ],
)
def test_a_decision_settles_and_is_not_asked_again(decision: str, text: str) -> None:
    mine, theirs = pair(A="de A")
    put(mine, "A", "de A, moi")
    put(theirs, "A", "de A, elle")
    mine.pass_(theirs.data)
    with mine.edit() as edit:
        edit.type(ASIDE, "de A, elle", "décision", decision)
    mine.pass_()
    assert motif(mine, "A") == text
    assert mine.sheet(ASIDE).rows() == []
    mine.pass_(theirs.data)
    assert motif(mine, "A") == text
    assert mine.sheet(ASIDE).rows() == [], "the same copy does not bring the question back"
    theirs.pass_(mine.data)
    assert motif(theirs, "A") == text, "nor does what was settled for the colleague"
    assert theirs.sheet(ASIDE).rows() == []


def test_a_colleague_who_ran_the_tool_on_her_copy_is_not_taken_for_unchanged() -> None:
    mine, theirs = pair(A="de A")
    put(theirs, "A", "de A, elle")
    with theirs.edit() as edit:
        edit.add(DISPOSITIFS, dispositif="Autre")
    theirs.pass_()  # writes « de A, elle » as what was last written
    mine.pass_(theirs.data)
    assert motif(mine, "A") == "de A, elle"
    assert {row["dispositif"] for row in mine.sheet(DISPOSITIFS).rows()} == {"Mob’Isère", "Autre"}


def test_rows_that_both_typed_are_one_and_others_are_added() -> None:
    mine, theirs = pair()
    for desk, own in ((mine, "Le mien"), (theirs, "Le sien")):
        with desk.edit() as edit:
            edit.add(DISPOSITIFS, dispositif="Aux deux", porteur_principal="Caf")
            edit.add(DISPOSITIFS, dispositif=own)
            edit.add(REGISTERS, **{"schéma ou source": f"Enquête, {own}"})
    mine.pass_(theirs.data)
    assert sorted(row["dispositif"] for row in mine.sheet(DISPOSITIFS).rows()) == [
        "Aux deux", "Le mien", "Le sien", "Mob’Isère",
    ]  # fmt: skip
    assert len(mine.sheet(REGISTERS).rows()) == 4


def test_a_cell_that_a_colleague_emptied_is_emptied_and_its_text_waits() -> None:
    mine, theirs = pair(A="de A")
    put(theirs, "A", None)
    mine.pass_(theirs.data)
    assert motif(mine, "A") == ""
    assert [row["texte qui attend"] for row in mine.sheet(ASIDE).rows()] == ["de A"]


def test_a_row_that_i_deleted_does_not_come_back_but_what_she_wrote_in_it_waits() -> None:
    mine, theirs = pair()
    with theirs.edit() as edit:
        edit.type(DISPOSITIFS, "Mob’Isère", "porteur principal", "Région")
    with mine.edit() as edit:
        edit.delete(DISPOSITIFS, "Mob’Isère")
    mine.pass_(theirs.data)
    assert mine.sheet(DISPOSITIFS).rows() == []
    assert sorted(row["texte qui attend"] for row in mine.sheet(ASIDE).rows()) == ["Mob’Isère", "Région"]


def test_a_text_that_waits_at_a_colleagues_waits_here_too() -> None:
    mine, theirs = pair()
    with theirs.edit() as edit:
        edit.add(DISPOSITIFS, dispositif="Un essai")
    theirs.pass_()
    with theirs.edit() as edit:
        edit.delete(DISPOSITIFS, "Un essai")
    theirs.pass_()
    mine.pass_(theirs.data)
    assert [row["texte qui attend"] for row in mine.sheet(ASIDE).rows()] == ["Un essai"]


def test_a_column_that_a_colleague_added_comes_with_its_heading() -> None:
    mine, theirs = pair()
    with theirs.edit() as edit:
        page, grid = edit.book[THEMES], edit.grid(THEMES)
        right = page.max_column + 1
        page.cell(grid.header, right).value = "Réf. interne"
        page.cell(grid.row_of("Thème B"), right).value = "B-12"
        edit.book.create_sheet("Ses notes")["A1"] = "à elle"
    mine.pass_(theirs.data, "claire.xlsx")
    assert mine.sheet(THEMES).rows()[1] == {"thème": "Thème B", "Réf. interne": "B-12"}
    assert any("claire.xlsx, feuille « Ses notes »" in told for told in mine.told())
    assert mine.pass_(theirs.data, "claire.xlsx").data is None


def test_what_a_colleague_wrote_is_never_a_formula_here() -> None:
    mine, theirs = pair()
    with theirs.edit() as edit:
        grid = edit.grid(THEMES)
        cell = grid.sheet.cell(grid.row_of("Thème B"), grid.column("motif"))
        cell.value = '=HYPERLINK("http://exemple.fr")'
        cell.data_type = "s"
    mine.pass_(theirs.data)
    grid = mine.sheet(THEMES)
    cell = grid.sheet.cell(grid.row_of("Thème B"), grid.column("motif"))
    assert (cell.value, cell.data_type, cell.quotePrefix) == ('=HYPERLINK("http://exemple.fr")', "s", True)


def test_merging_either_way_keeps_the_same_texts() -> None:
    mine, theirs = pair(A="de A", B="de B", C="de C")
    put(mine, "A", "de A, moi")
    put(theirs, "A", "de A, elle")
    put(mine, "B", None)
    put(theirs, "C", "de C, elle")
    put(theirs, "B", "oui", "retenu")
    before = mine.data, theirs.data
    mine.pass_(before[1])
    theirs.pass_(before[0])

    def all_texts(desk: Desk) -> set[str]:
        assert desk.outcome is not None
        others = {other.partition(" : ")[2] for row in desk.outcome.table["others"] for other in row}
        return {value for *_, value, _ in desk.values() if value} | others

    assert all_texts(mine) | {"de B"} == all_texts(theirs) | {"de B"}
    assert {"de A, moi", "de A, elle", "de C, elle", "oui"} <= all_texts(mine)


@pytest.mark.parametrize(
    ("ours", "theirs", "newer"),
    [
        (("",), ("b",), True),
        (("a",), ("",), False),
        (("a",), ("a", "b"), True),
        (("a", "b"), ("a",), False),
        (("a", "b"), ("a", "c"), None),
        (("a", ""), ("a",), False),  # emptied after the copy
        (("a",), ("a", ""), True),
        (("a", ""), ("b",), True),
        (("a", "b"), ("a", "b", "a"), True),  # came back to the first text
        (("b", "a"), ("a", "b"), None),
    ],
)
def test_of_two_cells_the_one_whose_history_knows_the_other_is_the_newer(
    ours: tuple[str, ...], theirs: tuple[str, ...], newer: bool | None
) -> None:
    assert _newer(ours, theirs) is newer
    assert _newer(theirs, ours) is (None if newer is None else not newer)
