"""What stands in real and in hostile files and should not: cells, codes, headings, names, pieces of XML."""

from __future__ import annotations

import datetime as dt

NUMBERS: tuple[object, ...] = (
    0, -0.0, 1, -14.8, 12.5, 0.125, 1e300, 1e-300, 12.499999999, 123456789012345678, 2.5e15, 100, 101, 5, 95, True, False,
    dt.date(2023, 1, 1), dt.date(1900, 1, 1), dt.date(2021, 2, 28), None, "=B7/C7→", "=1+1→2", "=NA()→#N/A", "=1/0→#DIV/0!",
    '=""→', "=A1→s", "=A1→12,5", "=TRUE()→TRUE",
)  # fmt: skip
TEXTS: tuple[str, ...] = (
    "1e400", "-1e400", "-0", "1e5", "1E-5", "12,5 (p)", "12,5 e", "12.5r", "12,5 (x)", "< 5", "<5", "≤ 5 %", "> 95", "1-4", "1 à 4", "4-1",
    "moins de 5", "5 ou plus", "1 234,5", "1\u00a0234,5", "1\u202f234", "1\u2009234", "12 34", "1 2345", "1,234", "1.234", "1.234.567", "0x1F",
    "0b11", "1_000", "١٢", "１２", "１２,５", "½", "²", "12½", "Ⅻ", "12,5 %", "12,5%", "%", "12 % (p)", "−14,8", "– 3", "—", "-", "+5", "++5",
    "--5", "5-", "(5)", "5€", "12,5,5", "12..5", ",5", "5,", ".", ",", "'12", "''12", "s", "S", "ns", "nd", "so", "c", "///", "...", "…", "n.d.", "N/A",
    "NA", "NaN", "nan", "inf", "-inf", "Infinity", "None", "null", "#N/A", "#REF!", "#DIV/0 !", "Err:502", "VRAI", "FAUX", "TRUE", "01/2023",
    "01/01/2023", "2023-01-01", "12h30", " ", "\u00a0", "\u200b", "\u200f12,5", "\u202e12,5\u202c", "12,5\u200b", "\ufeff12,5", "12\t5", "12\n5", "é",
    "e\u0301", "😀", "12😀", "\ufffd", "\x07bip", "_x0041_", "_x0031_2", "_x000D_12", "_x001B_[31m", "=1+1", "=CMD()", "+1+1", "@SUM(A1)", "{}", "{0}", "%s",
    "%(a)d", "\\", "'; DROP TABLE", "<b>12</b>", "&amp;", "&#49;", "12&nbsp;5", "Très fragile", "TF", "2", "fragile ", "Non  fragile", "beaucoup", "21 660 €",
    "12 km", "12 hab.", "12 pts", "12 (1)", "12,5*", "12¹", "12,5 (p) (1)", "12 € (p)", "1 234 euros par an",
    "1" * 40, "9" * 400, "x" * 3000,
)  # fmt: skip
CODES: tuple[object, ...] = (
    "84", 84, "F", "FM", "ZZZZZZZZZ", "zzzzzzzzz", "ZZZZZ", "XX", "99", "2a004", "2b 033", "20R", "69M", "6AE", "97411", 97411, "9741", "971", "976", "1004",
    1004, 1004.0, "1004.0", "01004 ", "\u00a001004", "200 000 172", "200\u00a0000\u00a0172", 200000172, 200000172.0, "200000172.0", "200000172,0", 200000172.5,
    "200000173", "2,00055E+13", 2.00055e13, "20000017200012", "20000017", "2000001720", "٢٠٠٠٠٠١٧٢", "２０００００１７２", "0٠1004", "2Ａ004", "75101", "69381",
    "13055", "QP038001", "381850101", "IRIS 1", "Total", "Ensemble", "France", "", None, "'01004", "'200000172", "01004*", "FR01004", "W123456789", "CODGEO",
    "-1004", 1e300, -1, 0, True, dt.date(2023, 1, 1), "#N/A", "=A7→01004", "=A7→", "200000172\u200b", "\u200e200000172", "²00000172", "1e8",
    "02A004", "2A4", "20004",
)  # fmt: skip
HEADINGS: tuple[object, ...] = (
    "TP6021", "tp6021", " TP6021 ", "TP6020", "TP60", "TP602021", "TP5021", "MED21", "MED1721", "NBMENFISC20", "P1_MEN21", "P1_PERS21", "CODGEO", "LIBGEO", "EPCI", "SIREN",
    "Code géographique", "Taux de pauvreté 2021", "TAUX DE PAUVRETE (2021)", "Taux de pauvreté (en %) 2021", "Taux de pauvreté", "Médiane du niveau de vie 2021",
    "Taux\nde pauvreté\n2021", "GEO_NIV", "DEP", "an", "Année", "date", "sexe", 2021, 2021.0, None, "", "INCONNU21", "TP60٢١", "TP60２１", "TP60²¹", "T\u200bP6021", "ＴＰ６０２１",
    "TXCHOM22", "APLMG21", "FRAG_EMPLOI", "NB_TF", "VAR_ID", "UNITE", "=A1→TP6021", True, dt.date(2021, 1, 1), "x" * 300, "é" * 40, "TP6099", "TP6000", "\u202eTP6021",
)  # fmt: skip
NAMES = (
    "Feuil1", "DEP", "REG", "Variables", "2019", "2021", "APL 2023", "é", "😀", "A B  C", " a", "a'b", "x" * 31, "Sommaire", "NaN", "0", "=1", "\u202eab",
    "a\u00a0b", "EPCI", "History2",
)  # fmt: skip

# --- pieces of XML -----------------------------------------------------------------------------

BAD_NUMBERS = (
    "", "0", "-1", "1", "2", "7", "999999", "4294967296", "1e9", "1e400", "-0", "0x1F", "12,5", "١٢", "nan", "inf", " 1", "1.0", "9" * 400,
)  # fmt: skip
BAD_PLACES = (
    "", "A0", "A1", "B7", "C7", "a7", "$B$7", "B7:C9", "XFD1048576", "XFE1", "ZZZZ9", "A1048577", "7B", "B", "7", "É7", "B 7", "B07", "R7C2", "A1:XFD1048576",
)  # fmt: skip
BAD_KINDS = ("", "s", "n", "b", "e", "d", "str", "inlineStr", "x", "S")
BAD_TEXTS = (
    *BAD_NUMBERS, "s", "nd", "12.5", "&amp;", "&#0;", "&#x1F;", "&nbsp;", "&lol;", "<v>1</v>", "<", "&", "]]>", "é", "\u202e12", "😀", "true", "2023-01-01", "2023-01-01T00:00:00",
    "#N/A", "#REF!", "_x0031_", "\n12\n", " 12.5 ", "+12", "12e", "1 2", "x" * 5000,
)  # fmt: skip
INSERTS = (
    "<!-- -->", "<!-- 9 -->", "<?php 1 ?>", "<![CDATA[9]]>", "<![CDATA[]]>", "&amp;", "&#57;", "<x/>", "<v>9</v>", '<c r="B7"><v>9</v></c>', '<row r="7"><c r="B7"><v>9</v></c></row>',
    "<f>1+1</f>", "<is><t>9</t></is>", "\ufeff", "\x00", "<", ">", "</v>", "</row>", "</sheetData>", "<sheetData>", "<t>9</t>", '<t xml:space="preserve"> 9 </t>', "<r><t>9</t></r>",
    "<rPh sb=\"0\" eb=\"1\"><t>9</t></rPh>", '<mergeCells count="1"><mergeCell ref="B7:C9"/></mergeCells>', '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"/>',
    '<dimension ref="A1:XFD1048576"/>', '<extLst><ext uri="x"/></extLst>', '<sheet name="Autre" sheetId="99" r:id="rId1"/>', "<si><t>9</t></si>", '<xf numFmtId="9"/>',
    '<numFmt numFmtId="164" formatCode="0%"/>', '<cols><col min="1" max="16384" hidden="1"/></cols>', '<headerFooter><oddFooter>&amp;L9</oddFooter></headerFooter>',
)  # fmt: skip
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "9"><!ENTITY b "&a;&a;">]>'
CELLS = (  # what follows « <c r="B7" »
    ' t="inlineStr"><is><t>12,5</t></is>', ' t="inlineStr"><is><r><t>12</t></r><r><t>,5</t></r></is>', ' t="inlineStr"><is><t>1<!-- -->2</t></is>',
    ' t="str"><f>A1</f><v>12,5</v>', ' t="str"><v>s</v>', ' t="str"><f>A1</f><v></v>', ' t="e"><v>#REF!</v>', ' t="e"><v></v>', ' t="b"><v>1</v>',
    ' t="b"><v>VRAI</v>', ' t="d"><v>2023-01-01</v>', "><f>A1*2</f>", "><f>A1*2</f><v>24.5</v>", "><f>A1*2</f><v/>", "><v>1<!-- -->2</v>",
    "><v><![CDATA[12.5]]></v>", "><v>12<x>5</x></v>", "><v> 12.5 </v>", "><v>1e400</v>", "><v>-0</v>", "><v>12,5</v>", "><v></v>", "><v/>",
    ' t="s"><v>0</v>', ' t="s"><v>-1</v>', ' t="s"><v>99999</v>', ' t="s"><v>1.0</v>', ' t="s"><v></v>', "><v>1</v><v>2</v>", ' t="n"><is><t>12</t></is>',
    ' t="inlineStr"><v>12</v>', '><f t="shared" si="0">A1</f><v>3</v>', '><f t="array" ref="A1:B9">A1</f><v>4</v>', '><f t="shared" si="7"/>',
    ' vm="1"><v>5</v>', ' cm="1"><v>6</v>',
)  # fmt: skip
BAD_STARTS = (b"\0", b"\n", b"\xef\xbb\xbf", b"PK", b"\xff\xfe", b"sep=;\r\n", b"%PDF", b"<?xml ?>")  # of a file
DECLARATIONS = ("", '<?xml version="1.1"?>', '<?xml version="1.0" encoding="x-rien"?>', '\n<?xml version="1.0"?>')
INTRUDERS = (  # members that an archive should not hold
    "xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "word/document.xml", "mimetype", "autre.csv", "note.txt", "dedans.zip", "xl/workbook.bin",
    "docs/", "content.xml",
)  # fmt: skip
