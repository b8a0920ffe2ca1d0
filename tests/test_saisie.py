"""saisie.xlsx under the hands of people: what they type keeps its row, whatever they do to the sheet."""

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from diagpacte.settings import load_settings
from saisie_builders import ASIDE, DISPOSITIFS, REGISTERS, THEMES, Desk, Grid, wanted


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_first_workbook_has_a_row_for_each_thing_the_tool_knows_and_nothing_typed(desk: Desk) -> None:
    assert [row["thème"] for row in desk.sheet(THEMES).rows()] == ["Thème A", "Thème B", "Thème C"]
    assert [row["schéma ou source"] for row in desk.sheet(REGISTERS).rows()] == ["Schéma Pdi", "Schéma Sdsf"]
    assert desk.values() == []


def test_a_second_passage_writes_nothing(desk: Desk) -> None:
    assert desk.pass_().data is None


def test_the_same_passage_makes_the_same_bytes() -> None:
    assert Desk().data == Desk().data


def test_what_is_typed_is_an_entry_with_its_cell_and_the_workbook_only_notes_it(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "Besoin fort\nà Vienne")
    shown = desk.sheet(THEMES).rows()
    outcome = desk.pass_()
    assert not outcome.urgent, "an open workbook is no reason to stop"
    assert desk.sheet(THEMES).rows() == shown
    assert desk.pass_().data is None
    entry = desk.entry("themes", "38|B", "motif")
    assert (entry["value"], entry["state"], entry["sheet"], entry["row"], entry["column"], entry["label"]) == (
        "Besoin fort\nà Vienne", "en_place", THEMES, 6, "E", "Thème B",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("é « œ » ’", "é « œ » ’"),
        ("un\r\ndeux", "un\ndeux"),
        ("un_x000D_\ndeux", "un\ndeux"),
        ("une ligne_x000D_", "une ligne\n"),
        (12.5, "12,5"),
        (3.0, "3"),
        (True, "oui"),
        ("=non une formule", "=non une formule"),
        ("  ", None),
    ],
)
def test_a_text_is_read_as_it_was_typed(desk: Desk, typed: object, read: str | None) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", typed)
        if isinstance(typed, str) and typed.startswith("="):
            grid = edit.grid(THEMES)
            grid.sheet.cell(grid.row_of("Thème A"), grid.column("motif")).data_type = "s"
    desk.pass_()
    assert [value for *_, value, _ in desk.values()] == ([read] if read else [])


def test_rows_sorted_whole_keep_their_texts(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", "de A")
        edit.type(THEMES, "Thème C", "motif", "de C")
    desk.pass_()
    before = desk.values()
    with desk.edit() as edit:
        edit.order(THEMES, [2, 0, 1])
    assert desk.pass_().data is None
    assert sorted(desk.values()) == sorted(before)
    assert desk.told() == []


def test_rows_sorted_without_their_hidden_columns_are_found_by_their_label_and_it_is_told(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", "de A")
        edit.type(THEMES, "Thème C", "motif", "de C")
    desk.pass_()
    with desk.edit() as edit:
        edit.order(THEMES, [2, 0, 1], whole=False)
    assert desk.pass_().data is not None
    assert desk.entry("themes", "38|A", "motif")["value"] == "de A"
    assert desk.entry("themes", "38|C", "motif")["value"] == "de C"
    assert sum("retrouvée par son libellé" in told for told in desk.told()) == 3
    assert desk.pass_().data is None
    assert desk.told() == []


def test_a_column_sorted_alone_is_told(desk: Desk) -> None:
    with desk.edit() as edit:
        for one in "ABC":
            edit.type(THEMES, f"Thème {one}", "motif", f"de {one}")
        edit.add(DISPOSITIFS, dispositif="Mob’Isère")
    desk.pass_()
    with desk.edit() as edit:
        edit.order(THEMES, [2, 0, 1], only="motif")
    desk.pass_()
    assert any("3 textes ont changé de ligne entre eux" in told for told in desk.told())


def test_columns_moved_or_renamed_are_still_known(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", "de A")
        edit.swap_columns(THEMES, 3, 5)
        grid = edit.grid(THEMES)
        grid.sheet.cell(grid.header, grid.column("motif")).value = "Motif retenu en séance"
        edit.book[THEMES].title = "Mes thèmes"
    desk.pass_()
    assert desk.values() == [("themes", "38|A", "motif", "de A", "en_place")]


def test_a_row_that_a_person_adds_gets_a_key_from_what_it_holds(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.add(DISPOSITIFS, dispositif="Mob’Isère", porteur_principal="Département")
    other = Desk()
    with other.edit() as edit:
        edit.add(DISPOSITIFS, dispositif="Autre chose")
        edit.add(DISPOSITIFS, dispositif="Mob’Isère", porteur_principal="Département")
    assert desk.pass_().data is not None
    other.pass_()
    keys, others = ({value: key for _, key, name, value, _ in one.values() if name == "nom"} for one in (desk, other))
    assert keys["Mob’Isère"] == others["Mob’Isère"] != others["Autre chose"]
    key = keys["Mob’Isère"]
    with desk.edit() as edit:
        edit.type(DISPOSITIFS, "Mob’Isère", "dispositif", "Mob’Isère, 2e saison")
    desk.pass_()
    assert desk.entry("dispositifs", key, "nom")["value"] == "Mob’Isère, 2e saison"


def test_a_copied_row_becomes_a_new_one(desk: Desk) -> None:
    with desk.edit() as edit:
        row = edit.add(DISPOSITIFS, dispositif="Mob’Isère", porteur_principal="Département")
    desk.pass_()
    (key,) = {key for _, key, *_ in desk.values()}
    with desk.edit() as edit:
        edit.duplicate(DISPOSITIFS, row)
        edit.type(DISPOSITIFS, row + 1, "porteur principal", "Métropole")
    desk.pass_()
    assert desk.entry("dispositifs", key, "porteur")["value"] == "Département"
    assert sorted(value for *_, name, value, _ in desk.values() if name == "porteur") == ["Département", "Métropole"]


def test_a_copied_row_of_the_tool_is_a_persons_row(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", "de A")
        edit.duplicate(THEMES, edit.grid(THEMES).row_of("Thème A"))
    desk.pass_()
    assert sorted(value for *_, value, _ in desk.values()) == ["Thème A", "de A", "de A"]
    assert desk.pass_().data is None


def test_a_cell_emptied_is_empty_and_its_text_can_be_taken_back(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", "de A")
    desk.pass_()
    with desk.edit() as edit:
        edit.type(THEMES, "Thème A", "motif", None)
    desk.pass_()
    entry = desk.entry("themes", "38|A", "motif")
    assert (entry["value"], entry["state"], list(entry["others"])) == (
        "",
        "en_place",
        ["la cellule a été vidée : de A"],
    )
    assert desk.sheet(ASIDE).rows()[0]["texte qui attend"] == "de A"
    with desk.edit() as edit:
        edit.type(ASIDE, "de A", "décision", "reprendre")
    desk.pass_()
    assert desk.entry("themes", "38|A", "motif")["value"] == "de A"
    assert desk.sheet(THEMES).rows()[0]["motif"] == "de A"
    assert desk.sheet(ASIDE).rows() == []


def test_a_row_that_the_tool_wants_no_more_leaves_its_texts_as_orphans_and_takes_them_back_with_it(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
    desk.pass_()
    desk.rows = wanted("AC")
    desk.pass_()
    assert [row["thème"] for row in desk.sheet(THEMES).rows()] == ["Thème A", "Thème C"]
    entry = desk.entry("themes", "38|B", "motif")
    assert (entry["value"], entry["state"], entry["row"], entry["label"]) == ("de B", "orpheline", 0, "Thème B")
    desk.known = type(desk.known)()  # data/processed is gone: the workbook itself remembers
    desk.pass_()
    assert desk.entry("themes", "38|B", "motif")["value"] == "de B"
    desk.rows = wanted("ABC")
    desk.pass_()
    assert desk.values() == [("themes", "38|B", "motif", "de B", "en_place")]
    assert desk.sheet(ASIDE).rows() == []


def test_an_orphan_goes_where_somebody_says(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
        edit.type(THEMES, "Thème C", "motif", "de C")
    desk.pass_()
    desk.rows = wanted("AC")
    desk.pass_()
    with desk.edit() as edit:
        edit.type(ASIDE, "de B", "décision", "reprendre")
    desk.pass_()
    assert any("écrire dans « ligne où le mettre »" in told for told in desk.told())
    with desk.edit() as edit:
        edit.type(ASIDE, "de B", "ligne où le mettre", "thème c")
    desk.pass_()
    assert desk.values() == [("themes", "38|C", "motif", "de C\nde B", "en_place")]


def test_a_row_deleted_by_hand_comes_back_empty_when_the_tool_wants_it_and_its_texts_wait(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
        edit.add(DISPOSITIFS, dispositif="Mob’Isère", porteur_principal="Département")
    desk.pass_()
    with desk.edit() as edit:
        edit.delete(THEMES, "Thème B")
        edit.delete(DISPOSITIFS, "Mob’Isère")
    desk.pass_()
    assert sorted(row["thème"] for row in desk.sheet(THEMES).rows()) == ["Thème A", "Thème B", "Thème C"]
    assert {(value, state) for *_, value, state in desk.values()} == {
        ("de B", "orpheline"), ("Mob’Isère", "orpheline"), ("Département", "orpheline"),
    }  # fmt: skip
    with desk.edit() as edit:
        for text in ("Mob’Isère", "Département"):
            edit.type(ASIDE, edit.grid(ASIDE).row_of(text), "décision", "reprendre")
            edit.type(ASIDE, edit.grid(ASIDE).row_of("de B"), "décision", "abandonner")
    desk.pass_()
    assert desk.sheet(DISPOSITIFS).rows() == [{"dispositif": "Mob’Isère", "porteur principal": "Département"}]
    assert {state for *_, state in desk.values()} == {"en_place"}


def test_a_text_that_waits_and_is_deleted_from_its_sheet_is_written_there_again(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
    desk.pass_()
    desk.rows = wanted("AC")
    desk.pass_()
    with desk.edit() as edit:
        edit.delete(ASIDE, "de B")
    desk.pass_()
    assert [row["texte qui attend"] for row in desk.sheet(ASIDE).rows()] == ["de B"]


def test_a_decision_that_means_nothing_is_told_and_nothing_moves(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
    desk.pass_()
    desk.rows = wanted("AC")
    desk.pass_()
    with desk.edit() as edit:
        edit.type(ASIDE, "de B", "décision", "peut-être")
    assert not desk.pass_().urgent
    assert any("décision « peut-être » inconnue" in told for told in desk.told())
    assert desk.sheet(ASIDE).rows()[0]["décision"] == "peut-être"


def test_what_people_added_to_the_workbook_survives_its_rewriting(desk: Desk) -> None:
    with desk.edit() as edit:
        page, grid = edit.book[THEMES], edit.grid(THEMES)
        cell = page.cell(grid.row_of("Thème A"), grid.column("motif"))
        cell.value, cell.fill = "de A", PatternFill("solid", fgColor="FF00FF")
        cell.comment = Comment("vu avec la Caf", "cm")
        page.cell(grid.header, page.max_column + 1).value = "Réf. interne"
        page.cell(grid.row_of("Thème B"), page.max_column).value = "B-12"
        page.auto_filter.add_filter_column(2, ["Thème A"])
        page.column_dimensions["E"].width = 77
        notes = edit.book.create_sheet("Mes notes")
        notes["B2"], notes["C3"] = "à moi", "=1+1"
        edit.book.move_sheet("Mes notes", -4)
    desk.rows = wanted("ABCD")
    assert desk.pass_().data is not None
    book = openpyxl.load_workbook(io.BytesIO(desk.data or b""))
    page, grid = book[THEMES], Grid(book[THEMES])
    cell = page.cell(grid.row_of("Thème A"), grid.column("motif"))
    assert (cell.value, cell.fill.fgColor.rgb, cell.comment.text) == ("de A", "00FF00FF", "vu avec la Caf")
    assert page.column_dimensions["E"].width == 77
    assert page.auto_filter.filterColumn[0].filters.filter == ["Thème A"]
    assert (book["Mes notes"]["B2"].value, book["Mes notes"]["C3"].value) == ("à moi", "=1+1")
    assert book.sheetnames.index("Mes notes") == 2
    assert desk.outcome is not None
    assert desk.outcome.foreign == ("Mes notes",)
    assert desk.entry("themes", "38|B", "autre_ref_interne")["value"] == "B-12"


def test_a_formula_keeps_its_result_through_a_rewriting_and_one_without_result_keeps_the_last_text_known(
    desk: Desk,
) -> None:
    with desk.edit() as edit:
        edit.add(DISPOSITIFS, dispositif="Mob’Isère", montant=12)
    desk.pass_()
    with desk.edit() as edit:
        edit.type(DISPOSITIFS, "Mob’Isère", "montant", "=6*2+1")
    desk.rows = wanted("ABCD")
    desk.pass_()
    (key,) = {key for table, key, *_ in desk.values() if table == "dispositifs"}
    assert desk.entry("dispositifs", key, "montant")["value"] == "12"
    assert any("formule sans résultat enregistré" in told for told in desk.told())
    assert desk.sheet(DISPOSITIFS).rows()[0]["montant"] == "=6*2+1"


def test_an_error_in_a_cell_is_told_and_is_no_text(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.add(DISPOSITIFS, dispositif="Mob’Isère", porteur_principal="#REF!")
    desk.pass_()
    assert [value for *_, value, _ in desk.values()] == ["Mob’Isère"]
    assert any("ou en erreur" in told for told in desk.told())
    assert desk.sheet(DISPOSITIFS).rows()[0]["porteur principal"] == "#REF!"


def test_a_workbook_deleted_is_made_again_with_all_that_was_typed(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
        edit.add(DISPOSITIFS, dispositif="Mob’Isère")
    desk.pass_()
    before = desk.values()
    desk.data = None
    desk.pass_()
    assert desk.values() == before


def test_hidden_keys_wiped_out_are_found_again_by_the_labels(desk: Desk) -> None:
    with desk.edit() as edit:
        edit.type(THEMES, "Thème B", "motif", "de B")
    desk.pass_()
    with desk.edit() as edit:
        grid = edit.grid(THEMES)
        for row in grid.filled():
            grid.sheet.cell(row, 1).value = grid.sheet.cell(row, 2).value = None
    desk.pass_()
    assert desk.values() == [("themes", "38|B", "motif", "de B", "en_place")]
    assert len(desk.sheet(THEMES).rows()) == 3


def test_every_field_of_the_delivered_dictionary_keeps_its_own_column(tmp_path: Path) -> None:
    fields = load_settings(tmp_path).saisie
    lists = {f"{one.subject}.{one.field}": one.choices for one in fields}
    desk = Desk(forms=fields, lists=lists, rows=[])
    typed = {(one.subject, one.field): f"« {one.field} » de {one.subject}" for one in fields}
    with desk.edit() as edit:
        for one in fields:
            grid = edit.grid(one.sheet)
            grid.sheet.cell(grid.header + 1, grid.code_column(one.field)).value = typed[one.subject, one.field]
    desk.pass_()
    assert {(table, name): value for table, _, name, value, _ in desk.values()} == typed
    assert desk.pass_().data is None
