"""The quality page: what the diagnosis stands on and lacks, readable by all, safe whatever the files say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import sheet_builders as build
from diagpacte.deliverables.quality_page import MOST_FAULTS, quality_page
from sheet_builders import Row

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e&amp;\"'"


class Reading(HTMLParser):
    """The page as a machine reads it: tags with their attributes, tables cell by cell, all the words."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.words: list[str] = []
        self._into = ""
        self._caption = ""
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._into = tag if tag in ("caption", "th", "td", "style") else self._into
        if tag == "caption":
            self._caption = ""
        elif tag == "tr":
            self.tables.setdefault(self._caption, []).append([])
        elif tag in ("th", "td"):
            self.tables[self._caption][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._into = "" if tag == self._into else self._into

    def handle_data(self, data: str) -> None:
        if self._into == "style":
            return
        self.words.append(data)
        if self._into == "caption":
            self._caption += data
        elif self._into in ("th", "td"):
            self.tables[self._caption][-1][-1] += data

    def table(self, start: str) -> list[list[str]]:
        (found,) = [rows for caption, rows in self.tables.items() if caption.startswith(start)]
        return found


def page(tables: dict[str, list[Row]] | None = None, diffusion: str = "comite", **changes: Any) -> bytes:
    rows = build.department() if tables is None else tables
    return quality_page(build.published(diffusion, **rows), build.territory(), build.context(**changes), {})


def test_the_page_says_its_sources_with_their_nature_licence_and_hash() -> None:
    tables = build.department()
    tables["sources"] = [
        build.source("a.xlsx", nature="simulated", sha256="0123456789ab" + "c" * 52),
        build.source("b.xlsx"),
    ]
    heading, *rows = Reading(page(tables)).table("Fichiers reçus")
    assert heading == [
        "Fichier", "Titre", "Contenu", "Producteur", "Millésime", "Licence", "Nature", "Lignes lues", "Empreinte SHA-256",
    ]  # fmt: skip
    assert [row[0] for row in rows] == ["a.xlsx", "b.xlsx"]
    assert [row[6] for row in rows] == ["simulé", "réel"]
    assert rows[0][-1] == "0123456789ab"
    assert rows[0][7] == "1\u00a0255"


def test_availability_is_counted_in_words_and_only_of_what_there_is() -> None:
    heading, *rows = Reading(page()).table("Nombre de zones")
    assert heading[3:] == ["Observée", "Secret statistique"]
    by_name = {row[0]: [int(count) for count in row[3:]] for row in rows}
    assert by_name["Taux de chômage des 15-64\u00a0ans"] == [17, 0]
    secret = [counts for counts in by_name.values() if counts[1]]
    assert secret
    assert all(sum(counts) == 17 for counts in by_name.values())


def test_every_count_of_a_table_bears_the_id_of_a_figure() -> None:
    reading = Reading(page())
    figures = [str(attributes["data-figure"]) for tag, attributes in reading.tags if attributes.get("data-figure")]
    assert {one.partition("/")[0] for one in figures} == {
        "sources", "source_coverage", "availability_counts", "fault_groups",
    }  # fmt: skip
    assert "availability_counts/unemployment_rate_pct|personnes|2022/observed" in figures


def test_what_was_asked_and_is_not_delivered_is_there_with_its_reason_once() -> None:
    asked = build.context()
    heading, *rows = Reading(page()).table("Demandé et non livré")
    assert heading == ["Quoi", "Pourquoi"]
    (row,) = rows
    assert row[1] == "besoin non mesuré et offre non recensée"
    assert len(row[0].split(" ; ".replace(" ;", "\u00a0;"))) == len(asked.not_delivered)
    words = " ".join(Reading(page(not_delivered={}, maps={})).words)
    assert "Tout ce qui était demandé est livré." in words


def test_a_correction_is_told_with_its_cell() -> None:
    tables = build.department()
    tables["faults"] = [build.fault(severity="information", kind="corrections", cell="F12", found="« 8,9 » lu « 9,8 »")]
    _, row = Reading(page(tables)).table("Cellules corrigées")
    assert row[1:4] == ["Facteurs_EPCI", "F12", "« 8,9 » lu « 9,8 »"]
    assert "Aucune cellule n’a été corrigée." in " ".join(Reading(page()).words)


def test_faults_stand_by_severity_and_the_longest_list_says_where_the_rest_is() -> None:
    tables = build.department()
    tables["faults"] = [build.fault(cell=f"D{n}", remedy=f"vérifier {n}") for n in range(MOST_FAULTS + 40)]
    tables["faults"] += [build.fault(severity="information", remedy=f"rien {n}") for n in range(3)]
    reading = Reading(page(tables))
    assert reading.table("Nombre de remarques")[1:] == [["bloquant", "0"], ["à vérifier", "240"], ["information", "3"]]
    assert len(reading.table("Remarques à vérifier")) == 1 + MOST_FAULTS
    assert "43\u00a0autres lignes" in " ".join(reading.words)


def test_simulated_values_are_said_at_the_head_and_only_then() -> None:
    real = build.department()
    for row in real["observations"]:
        row["nature"] = "real"
    assert "VALEURS SIMULÉES" in " ".join(Reading(page()).words)
    assert "VALEURS SIMULÉES" not in " ".join(Reading(page(real)).words)


@pytest.mark.parametrize(("diffusion", "stamp"), [("travail", "travail"), ("comite", "comité"), ("public", "publique")])
def test_the_page_is_stamped_with_its_audience(diffusion: str, stamp: str) -> None:
    found = re.search(r'class="stamp">([^<]+)<', page(diffusion=diffusion).decode())
    assert found
    assert stamp in found[1].lower()


def test_text_from_outside_is_never_markup() -> None:
    tables = build.department(zones=2)
    tables["sources"] = [build.source(HOSTILE, title=HOSTILE, producer=HOSTILE, licence=HOSTILE, vintage=HOSTILE)]
    tables["faults"] = [build.fault(file=HOSTILE, sheet=HOSTILE, found=HOSTILE, expected=HOSTILE, remedy=HOSTILE)]
    tables["zones"][0] |= {"name": HOSTILE, "share_inside": 0.5}
    tables["source_coverage"] = [build.claim(HOSTILE, claim=HOSTILE)]
    made = page(tables, not_delivered={HOSTILE: HOSTILE})
    reading = Reading(made)
    assert {tag for tag, _ in reading.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "p", "span", "h1", "nav", "ul", "li", "a", "main",
        "section", "h2", "div", "table", "caption", "thead", "tr", "th", "tbody", "td",
    }  # fmt: skip
    assert not any(name.startswith("on") for _, attributes in reading.tags for name in attributes)
    assert "\u202e" not in made.decode()
    assert "alert(1)" in " ".join(reading.words)


def test_the_page_asks_for_nothing_and_says_its_language() -> None:
    made = page().decode()
    reading = Reading(made.encode())
    assert ("html", {"lang": "fr"}) in reading.tags
    policy = [attributes["content"] for tag, attributes in reading.tags if attributes.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert not re.search(r"https?://|url\(|@import|<script|<link", made)
    assert not {"script", "link", "img", "iframe", "form"} & {tag for tag, _ in reading.tags}


def test_every_table_has_a_caption_and_headings_that_say_what_they_head() -> None:
    reading = Reading(page())
    tags = [tag for tag, _ in reading.tags]
    assert tags.count("table") == tags.count("caption") == len(reading.tables) > 5
    scopes = [attributes.get("scope") for tag, attributes in reading.tags if tag == "th"]
    assert set(scopes) == {"col", "row"}
    anchors = {attributes["id"] for tag, attributes in reading.tags if tag == "h2"}
    links = {str(attributes["href"]).removeprefix("#") for tag, attributes in reading.tags if tag == "a"}
    assert links == anchors


def test_the_words_follow_french_typography() -> None:
    tables = build.department()
    tables["faults"] = []  # they quote the files, as these are written
    for words in Reading(page(tables)).words:
        assert not re.search(r"(?<![\u00a0(])[:;!?%»](?=\s|$)", words.replace("(%)", "")), words
        assert not re.search(r"[a-z]'[a-z]", words), words


def test_the_same_tables_make_the_same_page(tmp_path: Path) -> None:
    assert page() == page()


def test_empty_tables_make_a_page_that_says_so() -> None:
    tables = build.department(zones=1)
    for name in ("sources", "source_coverage", "faults", "observations", "offers", "raw_offers", "coverage_sources"):
        tables[name] = []
    words = " ".join(Reading(page(tables)).words)
    for sentence in ("Aucun fichier reçu.", "Aucune valeur lue.", "Aucune remarque à vérifier."):
        assert sentence in words
