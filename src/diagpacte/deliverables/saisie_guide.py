"""The sheet « Lisez-moi » of saisie.xlsx: in ten lines, what to do and what happens to what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.styles import Alignment, Font, Protection

from diagpacte.deliverables import french
from diagpacte.deliverables.saisie_texts import put
from diagpacte.deliverables.sheet_format import INDENT, LINE, PADDING, lines_of

Line = tuple[str, str]
WIDTHS = (26, 112)

GUIDE: Sequence[Line] = (
    ("À quoi il sert", "Un seul endroit où saisir ce que les fichiers ne disent pas : une feuille par sujet, une aide sur chaque intitulé."),
    ("Cases jaunes", "À remplir. Une case laissée vide n’est jamais un « non » ni un zéro."),
    ("Cases grises", "Remplies par diagpacte, verrouillées. Sous elles, des lignes vides attendent ce qu’il ne connaît pas."),
    ("Ensuite", "Enregistrer en .xlsx, fermer, lancer « diagpacte saisie » ou « diagpacte run »."),
    ("Rien n’est écrasé", "diagpacte ajoute des lignes et n’écrit jamais dans une case remplie. Il garde l’ancien classeur dans data/saisies/anciennes avant chaque écriture."),
    ("Rien ne se perd", "Un texte dont la ligne a disparu, ou la case a été vidée, passe dans la feuille « À régler » : y choisir une décision."),
    ("À deux", "Chacun remplit sa copie ; « diagpacte saisie --merge COPIE » les réunit. Deux textes différents pour la même case : les deux sont gardés, dans « À régler »."),
    ("Trier, filtrer", "Toujours par les flèches des intitulés, qui trient la ligne entière. Excel refuse de trier des cases verrouillées : Révision, Ôter la protection (sans mot de passe)."),
    ("Permis", "Ajouter des colonnes, des feuilles, des notes, des couleurs ; déplacer ou élargir des colonnes. Images, graphiques et macros ne survivent pas : les mettre dans un autre classeur."),
    ("Interdit", "Jamais de nom de personne : l’organisme et la fonction. Ne pas effacer les colonnes masquées ni la ligne masquée : c’est par elles que chaque texte garde sa place."),
)  # fmt: skip


def write_guide(sheet: Any, title: str, lines: Sequence[Line], *, fresh: bool) -> None:
    """Write the lines; `fresh`: with their looks."""
    put(sheet.cell(1, 1), title)
    for row, (label, text) in enumerate(lines, start=2):
        for column, words in enumerate((label, text), start=1):
            put(sheet.cell(row, column), french.typography(words))
    if not fresh:
        return
    sheet.cell(1, 1).font = Font(name="Calibri", size=14, bold=True)
    for letter, width in zip("AB", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for row, (_, text) in enumerate(lines, start=2):
        sheet.row_dimensions[row].height = LINE * lines_of(text, WIDTHS[1] - INDENT) + PADDING + 4
        for cell in sheet[row]:
            cell.font = Font(name="Calibri", size=10, bold=cell.column == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.protection = Protection(locked=True)
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
