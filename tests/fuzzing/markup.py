"""What happens to the XML of a workbook: elements, attributes, texts, cells, insertions, namespaces, encodings."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from fuzzing.archives import change_archive, unzipped, zipped
from fuzzing.values import BAD_KINDS, BAD_NUMBERS, BAD_PLACES, BAD_TEXTS, CELLS, DECLARATIONS, DOCTYPE, INSERTS

TOKEN = re.compile(r"<[^<>]*>|[^<>]+")
ATTRIBUTE = re.compile(r'([\w:.-]+)="([^"]*)"')
CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)>(.*?)</c>')
READ_PARTS = re.compile(r"worksheets/sheet|sharedStrings|workbook\.xml$|styles|content\.xml")
ATTRIBUTES = ("r", "r", "s", "t", "t", "ref", "name", "r:id", "state", "numFmtId", "formatCode", "", "", "min", "count")
BAD_NAMES = ("", "é", "x" * 40, "x" * 400, "a/b", "&#10;", "EPCI", " ")
BAD_VALUES = {"r": BAD_PLACES, "ref": BAD_PLACES, "t": BAD_KINDS, "s": BAD_NUMBERS, "name": BAD_NAMES}
ANY_VALUE = (*BAD_NUMBERS, *BAD_PLACES, "veryHidden", "rId1", "rId99", "External", "0%")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NOTHING = "rien"


def change_xml(random: Random, data: bytes) -> tuple[bytes, str]:
    """One to three changes in one part, and now and then its encoding."""
    parts = unzipped(data)
    names = [name for name in parts if name.endswith((".xml", ".rels"))]
    if not names:
        return change_archive(random, data)
    read = [name for name in names if READ_PARTS.search(name)]
    name = random.choice(read if read and random.random() < 0.85 else names)
    text, said = parts[name].decode("utf-8", "replace"), []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        change = random.choices([change for _, change in CHANGES], [weight for weight, _ in CHANGES])[0]
        text, told = change(random, text)
        said.append(told)
    parts[name] = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.06:
        parts[name], told = _encoded(random, text)
        said.append(told)
    return zipped(parts), f"XML {name} : {', '.join(said)}"


def _elements(random: Random, text: str) -> tuple[str, str]:
    """One element dropped, doubled, moved, nested in itself, never closed, closed twice or renamed."""
    tokens = TOKEN.findall(text)
    opens = [place for place, token in enumerate(tokens) if _opens(token)]
    if not opens:
        return text, NOTHING
    wanted = random.choice(("", "row", "c ", "c ", "v", "sheet", "si", "xf"))
    start = random.choice([place for place in opens if tokens[place][1:].startswith(wanted)] or opens)
    end = _end(tokens, start)
    way = random.choice(("ôter", "doubler", "déplacer", "emboîter", "ouvrir", "fermer", "préfixe"))
    before, one, after = tokens[:start], tokens[start : end + 1], tokens[end + 1 :]
    if way == "déplacer":
        rest = before + after
        place = random.randrange(max(0, start - 40), min(len(rest), start + 40) + 1)
        before, after = rest[:place], rest[place:]
    changed = {
        "ôter": [],
        "doubler": one * 2,
        "emboîter": one[:1] + one * random.choice((1, 1, 3, 2000)) + one[1:],
        "ouvrir": one[:-1],
        "fermer": one + one[-1:],
        "préfixe": [f"<x:{one[0][1:]}", *one[1:]],
    }.get(way, one)
    return "".join(before + changed + after), f"{way} {one[0]:.40}"


def _opens(token: str) -> bool:
    return token.startswith("<") and token[1:2] not in "/?!"


def _end(tokens: list[str], start: int) -> int:
    """The place of the tag that closes the one at `start`."""
    depth = 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        depth += (_opens(token) and not token.endswith("/>")) - token.startswith("</")
        if depth <= 0:
            return place
    return len(tokens) - 1


def _attributes(random: Random, text: str) -> tuple[str, str]:
    wanted = random.choice(ATTRIBUTES)
    found = [one for one in ATTRIBUTE.finditer(text) if wanted in ("", one[1])] or list(ATTRIBUTE.finditer(text))
    if not found:
        return text, NOTHING
    one = random.choice(found)
    value = random.choice(BAD_VALUES.get(one[1], ANY_VALUE))
    way = random.choice(("changer", "changer", "changer", "ôter", "doubler"))
    new = {"changer": f'{one[1]}="{value}"', "ôter": "", "doubler": f"{one[0]} {one[0]}"}[way]
    return text[: one.start()] + new + text[one.end() :], f"{way} {one[0]:.30} {value if way == 'changer' else '':.20}"


def _texts(random: Random, text: str) -> tuple[str, str]:
    tokens = TOKEN.findall(text)
    places = [place for place, token in enumerate(tokens) if not token.startswith("<") and token.strip()]
    if not places:
        return text, NOTHING
    place, value = random.choice(places), random.choice(BAD_TEXTS)
    old, tokens[place] = tokens[place], value
    return "".join(tokens), f"texte {old:.20} → {value:.20}"


def _insertions(random: Random, text: str) -> tuple[str, str]:
    """Something between two tags, or in the middle of a text."""
    tokens, value = TOKEN.findall(text), random.choice(INSERTS)
    place = random.randrange(len(tokens) + 1)
    if random.random() < 0.4 and place < len(tokens) and not tokens[place].startswith("<"):
        cut = random.randrange(len(tokens[place]) + 1)
        tokens[place] = tokens[place][:cut] + value + tokens[place][cut:]
    else:
        tokens.insert(place, value)
    return "".join(tokens), f"insérer {value:.40}"


def _cells(random: Random, text: str) -> tuple[str, str]:
    """A cell of another type: text in line, error, date, boolean, formula with its result or without."""
    cells = list(CELL.finditer(text))
    if not cells:
        return _texts(random, text)
    one, inside = random.choice(cells), random.choice(CELLS)
    new = f'<c r="{one[1]}"{inside}</c>'
    return text[: one.start()] + new + text[one.end() :], f"cellule {one[1]} = {inside:.40}"


def _namespaces(random: Random, text: str) -> tuple[str, str]:
    way = random.choice(("préfixer", "préfixer", "strict", "sans espace", "autre", "doctype", "déclaration"))
    if way == "préfixer":
        prefixed = re.sub(r"<(/?)(?=[A-Za-z])(?!\w+:)", r"<\1x:", text)
        return prefixed.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"'), way
    if way == "déclaration":
        return re.sub(r"<\?xml.*?\?>", random.choice(DECLARATIONS), text, count=1), way
    changes = {
        "strict": text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        "sans espace": text.replace(f' xmlns="{MAIN}"', ""),
        "autre": text.replace(MAIN, "urn:autre"),
        "doctype": text.replace("?>", f"?>{DOCTYPE}", 1),
    }
    return changes[way], way


CHANGES: tuple[tuple[int, Callable[[Random, str], tuple[str, str]]], ...] = (  # weight, change
    (6, _elements),
    (6, _attributes),
    (4, _texts),
    (4, _insertions),
    (6, _cells),
    (2, _namespaces),
)


def _encoded(random: Random, text: str) -> tuple[bytes, str]:
    encoding = random.choice(("utf-16", "utf-16-le", "latin-1", "cp1252", "utf-8-sig", "utf-7", "utf-32"))
    declared = random.choice((encoding, encoding, "UTF-8", "iso-8859-1"))
    text = re.sub(r'encoding="[^"]*"', f'encoding="{declared}"', text, count=1)
    errors = "xmlcharrefreplace" if encoding in ("latin-1", "cp1252") else "replace"
    return text.encode(encoding, errors), f"{encoding} dit {declared}"
