"""What happens to the bytes of a file, and to the archive that a workbook is."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from random import Random

from fuzzing.values import BAD_STARTS, DOCTYPE, INTRUDERS

Parts = dict[str, bytes]
ENTRY = b"PK\x01\x02"  # of the table of contents
LIES = (10, 16, 20, 24, 42)  # in an entry: the method, the checksum, two sizes, the place


def change_bytes(random: Random, data: bytes) -> tuple[bytes, str]:
    """Bits flipped, bytes lost, doubled or cut off, wherever they stand."""
    way = random.choice(("retournés", "retournés", "coupés", "ôtés", "doublés", "zéros", "ajoutés", "devant"))
    start, size = random.randrange(len(data) + 1), random.choice((1, 1, 2, 10, 100, 1000))
    changes = {
        "coupés": data[:start],
        "ôtés": data[:start] + data[start + size :],
        "doublés": data[: start + size] + data[start:],
        "zéros": data[:start] + bytes(min(size, len(data) - start)) + data[start + size :],
        "ajoutés": data + random.randbytes(size),
        "devant": random.choice((*BAD_STARTS, random.randbytes(size))) + data,
    }
    return changes.get(way) if way in changes else _flipped(random, data), f"octets {way} en {start}"


def _flipped(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 30)) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def change_archive(random: Random, data: bytes) -> tuple[bytes, str]:
    """Members lost, renamed, moved, added; an archive that lies, is encrypted, or is inside another."""
    parts = unzipped(data)
    if not parts:
        return change_bytes(random, data)
    name = random.choice(list(parts))
    way = random.choice(
        ("membres", "membres", "nom", "doublé", "mensonge", "emboîté", "note", "sans compression", "chiffré")
    )
    if way == "membres":
        parts, way = _other_members(random, parts, name)
    elif way == "nom":
        new = random.choice(_bad_names(name))
        parts = {new if one == name else one: content for one, content in parts.items()}
    elif way == "emboîté":
        parts = {random.choice(("dedans.xlsx", "dedans.zip", "a/b/dedans.xlsx")): data}
    made = zipped(
        parts,
        stored=way == "sans compression",
        note=b"note" if way == "note" else b"",
        again=name if way == "doublé" else "",
    )
    if way == "mensonge":
        made = _lying(random, made)
    elif way == "chiffré":
        place = made.rfind(ENTRY) + 8
        made = made[:place] + bytes([made[place] | 1]) + made[place + 1 :]
    return made, f"archive : {way} {name}"


def _other_members(random: Random, parts: Parts, name: str) -> tuple[Parts, str]:
    other, way = random.choice(list(parts)), random.choice(("ôté", "échangé", "vidé", "ordre", "intrus"))
    if way == "ordre":
        return dict(random.sample(list(parts.items()), len(parts))), way
    if way == "intrus":
        contents = (b"", b"<x/>", b"CODGEO;TP6021\r\n01004;12", DOCTYPE.encode() + b"<x>&b;</x>", random.randbytes(50))
        return {**parts, random.choice(INTRUDERS): random.choice(contents)}, way
    if way == "ôté":
        return {one: content for one, content in parts.items() if one != name}, way
    return {**parts, name: b""} if way == "vidé" else {**parts, name: parts[other], other: parts[name]}, way


def _bad_names(name: str) -> tuple[str, ...]:
    back = name.replace("/", "\\")
    return (
        name.upper(),
        name.lower(),
        f"../{name}",
        f"/{name}",
        f"{name}\x00",
        back,
        "xl/x.xml",
        f"{name}x",
        f"C:{name}",
    )


def _lying(random: Random, data: bytes) -> bytes:
    """Something in the table of contents that is not so."""
    places = [found.start() for found in re.finditer(re.escape(ENTRY), data)]
    at = random.choice(places) + random.choice(LIES)
    return data[:at] + random.choice((b"\0\0", b"\xff\xff", b"\x01\0", random.randbytes(2))) + data[at + 2 :]


def unzipped(data: bytes) -> Parts:
    """The parts of an archive; none when it is none, or no longer one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # changed before, in any way
        return {}


def zipped(parts: Parts, *, stored: bool = False, note: bytes = b"", again: str = "") -> bytes:
    """`parts` as an archive, `again` twice in it; without dates, so that a seed always gives the same bytes."""
    stream, method = io.BytesIO(), zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")  # « Duplicate name »
        archive.comment = note
        for name in (*parts, again) if again else parts:
            archive.writestr(zipfile.ZipInfo(name), parts[name], method)
    return stream.getvalue()
