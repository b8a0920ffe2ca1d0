"""A small saisie.xlsx, and the hands of a person on it: what Excel lets anyone do to a workbook."""

import datetime as dt
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from diagpacte.sources.rules import ReadingLimits
from diagpacte.sources.saisie.entries import Known, known
from diagpacte.sources.saisie.lines import Forms, Wanted
from diagpacte.sources.saisie.settling import DECISIONS, FIELDS, SETTLING
from diagpacte.vocabulary import EntryField
from diagpacte.workflow.saisie_passage import Asked, Outcome, passage

AS_OF = dt.date(2026, 1, 1)
THEMES, DISPOSITIFS, REGISTERS, ASIDE = "Thèmes", "Dispositifs", "Schémas", "À régler"
YES_NO = ("oui", "non")


def field(
    subject: str, sheet: str, name: str, heading: str, kind: str = "texte", *, tool: bool = False, names: bool = False
) -> EntryField:
    return EntryField(
        subject=subject, sheet=sheet, field=name, heading=heading, help=f"Aide de {heading}.", kind=kind,
        choices=YES_NO if kind == "oui_non" else (), owner="outil" if tool else "personne", names_row=names, width=20,
    )  # fmt: skip


SMALL = (
    field("themes", THEMES, "theme", "thème", tool=True, names=True),
    field("themes", THEMES, "retenu", "retenu", "oui_non"),
    field("themes", THEMES, "motif", "motif", "long"),
    field("dispositifs", DISPOSITIFS, "nom", "dispositif", names=True),
    field("dispositifs", DISPOSITIFS, "porteur", "porteur principal"),
    field("dispositifs", DISPOSITIFS, "montant", "montant", "nombre"),
    field("dispositifs", DISPOSITIFS, "jour", "date", "date"),
    field("registres", REGISTERS, "registre", "schéma ou source", tool=True, names=True),
    field("registres", REGISTERS, "contenu", "ce qu’il dit", "long"),
)  # fmt: skip


def wanted(themes: Sequence[str] = ("A", "B", "C"), registers: Sequence[str] = ("Pdi", "Sdsf")) -> list[Wanted]:
    """Rows « Thème A »… of key « 38|A »."""
    return [Wanted("themes", f"38|{one}", {"theme": f"Thème {one}"}) for one in themes] + [
        Wanted("registres", f"38|{one}", {"registre": f"Schéma {one}"}) for one in registers
    ]


def asked(
    rows: Sequence[Wanted] | None = None,
    forms: Sequence[EntryField] = SMALL,
    lists: Mapping[str, Sequence[str]] | None = None,
) -> Asked:
    words = {f"{SETTLING}.decision": DECISIONS, **({"themes.retenu": YES_NO} if lists is None else lists)}
    return Asked(Forms((*forms, *FIELDS)), wanted() if rows is None else rows, words, ReadingLimits(), AS_OF)


class Desk:
    """One person's workbook, and what the tool remembers of it; `pass_` is « diagpacte saisie »."""

    def __init__(
        self,
        data: bytes | None = None,
        rows: Sequence[Wanted] | None = None,
        forms: Sequence[EntryField] = SMALL,
        lists: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.data = data
        self.forms, self.lists = forms, lists
        self.known = Known()
        self.rows = rows
        self.outcome: Outcome | None = None
        self.old: list[bytes] = []
        if data is None:
            self.pass_()

    def pass_(self, copy: "bytes | None" = None, name: str = "copie.xlsx") -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            path, other = Path(folder) / "saisie.xlsx", Path(folder) / name
            if self.data is not None:
                path.write_bytes(self.data)
            if copy is not None:
                other.write_bytes(copy)
            self.outcome = passage(
                path, self.known, asked(self.rows, self.forms, self.lists), other if copy is not None else None
            )
        if self.outcome.data is not None:
            self.old.append(self.data or b"")
            self.data = self.outcome.data
        self.known = known(self.outcome.table)
        return self.outcome

    def copied(self) -> "Desk":
        """The file given to a colleague, who has nothing else."""
        return Desk(self.data, self.rows)

    def edit(self) -> "Edit":
        assert self.data is not None
        return Edit(self)

    def sheet(self, name: str) -> "Grid":
        assert self.data is not None
        return Grid(openpyxl.load_workbook(io.BytesIO(self.data))[name])

    def texts(self) -> set[str]:
        """Every text in the cells of the workbook, visible sheets only, below the headings."""
        assert self.data is not None
        book = openpyxl.load_workbook(io.BytesIO(self.data))
        return {text for sheet in book if sheet.title not in ("Listes", "Lisez-moi") for text in Grid(sheet).texts()}

    def entry(self, table: str, key: str, name: str) -> Mapping[str, object]:
        assert self.outcome is not None
        frame = self.outcome.table
        found = frame[frame["table"].eq(table) & frame["key"].eq(key) & frame["field"].eq(name)]
        assert len(found) == 1, found
        return found.iloc[0].to_dict()

    def values(self) -> list[tuple[str, str, str, str, str]]:
        """Entries: table, key, field, value, state."""
        assert self.outcome is not None
        return [
            tuple(row) for row in self.outcome.table[["table", "key", "field", "value", "state"]].to_numpy().tolist()
        ]  # type: ignore[misc]

    def told(self) -> list[str]:
        assert self.outcome is not None
        return [str(fault) for fault in self.outcome.faults]


class Grid:
    """A sheet by its headings."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.header = (
            next(row for row in range(1, 21) if any(str(cell.value or "").startswith("cle|") for cell in sheet[row]))
            + 1
        )

    def column(self, heading: str) -> int:
        return next(
            cell.column for cell in self.sheet[self.header] if cell.value in (heading, heading.replace("_", " "))
        )

    def code_column(self, code: str) -> int:
        return next(cell.column for cell in self.sheet[self.header - 1] if cell.value == code)

    def filled(self) -> list[int]:
        """The rows where something visible stands."""
        return [row for row in range(self.header + 1, self.sheet.max_row + 1) if any(self.visible(row).values())]

    def visible(self, row: int) -> dict[str, str]:
        return {
            str(self.sheet.cell(self.header, column).value): str(self.sheet.cell(row, column).value)
            for column in range(1, self.sheet.max_column + 1)
            if self.sheet.cell(row, column).value is not None
            and self.sheet.cell(self.header, column).value not in ("clé", "suivi")
        }

    def texts(self) -> set[str]:
        return {text for row in self.filled() for text in self.visible(row).values()}

    def rows(self) -> list[dict[str, str]]:
        return [self.visible(row) for row in self.filled()]

    def row_of(self, text: str) -> int:
        return next(row for row in self.filled() if text in self.visible(row).values())

    def free(self) -> int:
        return max([self.header, *self.filled()]) + 1


class Edit:
    """The workbook open on a person's screen; saved when left."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        assert desk.data is not None
        self.book = openpyxl.load_workbook(io.BytesIO(desk.data))

    def __enter__(self) -> "Edit":
        return self

    def __exit__(self, *_: object) -> None:
        buffer = io.BytesIO()
        self.book.save(buffer)
        self.desk.data = buffer.getvalue()

    def grid(self, sheet: str) -> Grid:
        return Grid(self.book[sheet])

    def type(self, sheet: str, row: int | str, heading: str, text: object) -> None:
        """`row`: its number, or a text that stands in it."""
        grid = self.grid(sheet)
        number = grid.row_of(row) if isinstance(row, str) else row
        grid.sheet.cell(number, grid.column(heading)).value = text  # type: ignore[assignment]

    def add(self, sheet: str, **texts: object) -> int:
        """A row at the end; headings as keywords."""
        grid = self.grid(sheet)
        row = grid.free()
        for heading, text in texts.items():
            grid.sheet.cell(row, grid.column(heading)).value = text  # type: ignore[assignment]
        return row

    def delete(self, sheet: str, row: int | str) -> None:
        grid = self.grid(sheet)
        grid.sheet.delete_rows(grid.row_of(row) if isinstance(row, str) else row)

    def duplicate(self, sheet: str, row: int) -> None:
        """Copied whole, hidden cells too, below all others."""
        grid = self.grid(sheet)
        free = grid.free()
        for column in range(1, grid.sheet.max_column + 1):
            grid.sheet.cell(free, column).value = grid.sheet.cell(row, column).value  # type: ignore[assignment]

    def order(self, sheet: str, order: Sequence[int], *, whole: bool = True, only: str = "") -> None:
        """The filled rows in another `order`; not `whole`: without the hidden columns; `only`: one column alone."""
        grid = self.grid(sheet)
        rows, page = grid.filled(), grid.sheet
        columns = [
            column
            for column in range(1, page.max_column + 1)
            if (not only or page.cell(grid.header, column).value == only)
            and (whole or page.cell(grid.header, column).value not in ("clé", "suivi"))
        ]
        before = [[page.cell(row, column).value for column in columns] for row in rows]
        for row, place in zip(rows, order, strict=True):
            for column, value in zip(columns, before[place], strict=True):
                page.cell(row, column).value = value  # type: ignore[assignment]

    def swap_columns(self, sheet: str, one: int, other: int) -> None:
        page = self.book[sheet]
        for row in range(3, page.max_row + 1):
            first, second = page.cell(row, one), page.cell(row, other)
            first.value, second.value = second.value, first.value  # type: ignore[assignment]
