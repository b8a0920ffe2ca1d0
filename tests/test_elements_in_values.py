"""An element inside a value or a text, where one engine reads on and another stops: refused, with its place."""

from pathlib import Path

import pytest

from diagpacte.errors import SourceError
from diagpacte.sources.files.workbook import read_workbook
from diagpacte.sources.rules import ReadingLimits
from hostile_builders import Parts, row, xlsx, zipped
from workbook_builders import plain

REMEDY = "l’ouvrir dans Excel ou LibreOffice, l’enregistrer sous un autre nom, et donner la copie"


def cells(folder: Path, parts: Parts) -> list[list[object]]:
    sheet = read_workbook(zipped(folder / "a.xlsx", parts), ReadingLimits()).sheets[0]
    return [[None if cell == "" else cell for cell in line] for line in sheet.cells.tolist()]


def refusal(folder: Path, parts: Parts) -> str:
    with pytest.raises(SourceError) as caught:
        cells(folder, parts)
    assert caught.value.exit_code == 4
    assert caught.value.faults[0].remedy == REMEDY
    return plain(caught.value.faults[0].found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<t><x/>2A004</t>", "x"),
        ("<t>2A004<x>5</x></t>", "x"),
        ("<t><t>2A004</t></t>", "t"),
        ("<r><t>2A<b/>004</t></r>", "b"),
        ('<t><y:x xmlns:y="u"/>2A004</t>', "x"),
        ("<t>a<r><t>2A004</t></r></t>", "r"),
    ],
)
def test_in_a_shared_text(tmp_path: Path, text: str, name: str) -> None:
    found = refusal(tmp_path, xlsx(row('<c t="s"><v>0</v></c>'), texts=f"<si>{text}</si>"))
    assert f"« xl/sharedStrings.xml » : une balise « {name} » dans un texte partagé" in found


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('<c r="B1"><v><x/>5</v></c>', "x"),
        ('<c r="B1"><v>5<extLst/></v></c>', "extLst"),
        ('<c r="B1"><v>5<t>6</t></v></c>', "t"),
        ('<c r="B1"><v><b/>5</v></c>', "b"),
        ('<c r="B1" t="str"><f>A1</f><v>a<x/>b</v></c>', "x"),
        ('<c r="B1" t="inlineStr"><is><t><x/>a</t></is></c>', "x"),
        ('<c r="B1" t="inlineStr"><is><t>a<b/></t></is></c>', "b"),
        ('<c r="B1" t="inlineStr"><is><t><t>a</t></t></is></c>', "t"),
        ('<c r="B1" t="inlineStr"><is><r><t>a<r><t>b</t></r></t></r></is></c>', "r"),
    ],
)
def test_in_a_cell(tmp_path: Path, cell: str, name: str) -> None:
    assert f"cellule B1 : une balise « {name} » dans sa valeur" in refusal(tmp_path, xlsx(row(cell)))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>5</v><extLst><ext uri='u'/></extLst></c>", 5),
        ("<c><f>A2</f><v>5</v></c>", 5),
        ('<c t="inlineStr"><is><r><rPr><b/><sz val="9"/></rPr><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c t="inlineStr"><is><t>a</t><phoneticPr fontId="1"/></is></c>', "a"),
        ('<c t="inlineStr"><is><t/></is></c><c><v>1</v></c>', None),
    ],
)
def test_beside_a_value_it_harms_nothing(tmp_path: Path, cell: str, value: object) -> None:
    assert cells(tmp_path, xlsx(row(cell)))[0][0] == value


def test_below_the_rows_names_are_those_of_other_things(tmp_path: Path) -> None:
    after = "<extLst><ext><t>1<x/></t></ext></extLst>"
    assert cells(tmp_path, xlsx(row("<c><v>5</v><extLst/></c>"), after=after)) == [[5]]
