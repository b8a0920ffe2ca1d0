"""What the dictionaries of configs/ promise: files, themes, needs, factors, profiles, marks."""

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from diagpacte.vocabulary import Availability
from dictionaries import CONFIGS, KEYS, NBSP, by_key, column, number, rows

COLUMNS = {
    "coherence_checks": "check;kind;parts;whole;low;high;same_year;label;note",
    "precision": "indicator;levels;rounded_to;floor;ceiling;lowest;highest;reason;reference;status",
    "indicators": "indicator;published_codes;label;label_long;role;unit;base;polarity;low;high;kind;source;theme_factor;note",
    "profiles": "profile;label;label_short;definition;indicator_households;indicator_persons;reference_households_pct;source",
    "factors": "factor;label;grade_indicator;graded_on;core;grade_labels;grade_aliases;note",
    "themes": "theme;list;axis;order;label;question;target_population;reach_km;reach_source;offer_noun;need_phrase",
    "needs": "theme;indicator;weight;role;confidence;grade_factor;why",
    "thematics": "theme;source;key_kind;key;publics;confidence;why",
    "thematic_labels": "thematique;label;category;category_label",
    "networks": "reseau;label;responsable",
    "offer_sources": "source;label;label_short;producer;licence",
    "references": "reference;axis;label;measure;imposed_indicators;source",
    "missing_marks": "mark;availability;label",
}
PRINTED = {
    "label", "label_long", "label_short", "note", "definition", "target_population", "reach_source", "offer_noun",
    "need_phrase", "why", "category_label", "grade_labels", "source",
}  # fmt: skip
NOT_PROSE = {("thematics", "source"), ("offer_sources", "source")}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_dictionary_is_written_as_french_excel_reads_it(name: str) -> None:
    raw = (CONFIGS / f"{name}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert raw.endswith(b"\r\n")
    text = raw.decode("utf-8-sig")
    assert text.splitlines()[0] == COLUMNS[name]
    text.encode("cp1252")  # « CSV (séparateur : point-virgule) » saves in this code page


@pytest.mark.parametrize("name", COLUMNS)
def test_excel_would_change_no_cell(name: str) -> None:
    changed = re.compile(
        r"^[=+@]|^-.|^0\d|^\d+[eE]\d+$|^\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?$|^\d{12,}$|^(vrai|faux|true|false)$|^#", re.I
    )
    for row in rows(name):
        for field, value in row.items():
            if field in ("low", "high") and re.fullmatch(r"-?\d+(,\d+)?", value):
                continue
            assert not changed.search(value), (name, field, value)
            assert value == value.strip(), (name, field, value)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_key_stands_once(name: str) -> None:
    keys = Counter(tuple(row[part] for part in KEYS[name]) for row in rows(name))
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("name", COLUMNS)
def test_printed_words_follow_french_typography(name: str) -> None:
    for row in rows(name):
        for field in PRINTED & row.keys():
            if (name, field) in NOT_PROSE:
                continue
            text = row[field]
            assert "'" not in text, text
            assert not re.search(r"(?<![\u00a0\d])[:;!?%»](?=\s|$)", text), text
            assert not re.search(r"[ ][:;!?%»]|«(?!\u00a0)|  |\.\.\.", text), text


def test_the_whole_of_annexe_1_is_there() -> None:
    assert Counter(row["list"] for row in rows("themes")) == {"departement": 24, "metropole": 14, "outre_mer": 7}
    axes = Counter((row["list"], row["axis"]) for row in rows("themes") if row["list"] != "outre_mer")
    assert axes == {
        ("departement", "1"): 6, ("departement", "2"): 8, ("departement", "3"): 6, ("departement", "4"): 4,
        ("metropole", "1"): 5, ("metropole", "2"): 2, ("metropole", "3"): 4, ("metropole", "4"): 3,
    }  # fmt: skip
    assert column("themes", "axis") == {"1", "2", "3", "4"}


def test_themes_are_numbered_in_the_order_of_the_note() -> None:
    for name in ("departement", "metropole", "outre_mer"):
        orders = [int(row["order"]) for row in rows("themes") if row["list"] == name]
        assert orders == list(range(1, len(orders) + 1))


def test_a_theme_and_its_axis_agree() -> None:
    for row in rows("themes"):
        letter = {"departement": "A", "metropole": "M", "outre_mer": "O"}[row["list"]]
        prefix = letter if letter == "O" else letter + row["axis"]
        assert re.fullmatch(rf"{prefix}\.[a-z0-9_]+", row["theme"])


def test_a_label_is_short_and_none_is_twice_in_a_list() -> None:
    labels = Counter((row["list"], row["label"]) for row in rows("themes"))
    assert max(labels.values()) == 1
    assert max(len(label) for _, label in labels) <= 45
    for row in rows("themes"):
        assert "offre d’emploi" not in row["label"] + row["offer_noun"] + row["need_phrase"]
        assert row["offer_noun"]
        assert row["need_phrase"]
        assert row["target_population"]


def test_no_question_has_changed_by_a_letter() -> None:
    text = "\n".join(f"{row['theme']}|{row['question']}" for row in rows("themes"))
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "024d9f366f87e224cc38b1c3bba1226031d7d328b9591e36cdd2f547437b542a"
    )


def test_every_question_is_in_the_framing_note(shared_data: Path) -> None:
    note = shared_data.parent / "document_de_cadrage.txt"
    if not note.is_file():
        pytest.skip("the framing note is not beside the real files")
    text = " ".join(note.read_text(encoding="utf-8").split())
    for row in rows("themes"):
        question = " ".join(row["question"].split())
        stem, colon, bullet = question.rpartition(" : ")
        split = bool(colon) and f"{stem} :" in text and f"- {bullet}" in text
        assert question in text or split, row["theme"]


def test_a_reach_says_where_it_comes_from() -> None:
    for row in rows("themes"):
        assert number(row["reach_km"]) in (5, 10, 20)  # the bounds of the access classes
        assert row["reach_source"].startswith(f"norme de travail, à valider{NBSP}: ")


def test_every_theme_has_its_line_of_need() -> None:
    themes = column("themes", "theme")
    assert column("needs", "theme") == themes
    for theme in themes:
        mine = [row for row in rows("needs") if row["theme"] == theme]
        leading = [row for row in mine if row["role"] == "besoin"]
        assert len(leading) <= 1
        if any(not row["indicator"] for row in mine):
            assert len(mine) == 1


def test_a_line_of_need_holds_together() -> None:
    ours = by_key("indicators")
    for row in rows("needs"):
        assert row["why"]
        if not row["indicator"]:
            assert (row["weight"], row["role"], row["confidence"], row["grade_factor"]) == ("0", "", "", "")
            assert re.match(f"(non mesuré|sans objet){NBSP}: ", row["why"])
        elif row["role"] == "besoin":
            assert row["weight"] == "1"
            assert row["confidence"] in ("forte", "moyenne", "simulee")
            assert ours[row["indicator"]]["role"] == "besoin"
        else:
            assert (row["role"], row["weight"]) == ("contexte", "0")
            assert row["confidence"] in ("moyenne", "faible")


def test_no_indicator_of_offer_is_a_need() -> None:
    offers = {row["indicator"] for row in rows("indicators") if row["role"] == "offre"}
    assert column("needs", "indicator") & offers == set()


def test_a_weak_proxy_is_context() -> None:
    assert {row["role"] for row in rows("needs") if row["confidence"] == "faible"} == {"contexte"}


def test_the_grade_of_the_panorama_classes_a_need_only_when_it_speaks_of_the_same_indicator() -> None:
    graded = {row["graded_on"]: row["factor"] for row in rows("factors") if row["grade_indicator"] and row["graded_on"]}
    for row in rows("needs"):
        expected = graded.get(row["indicator"], "") if row["role"] == "besoin" else ""
        assert row["grade_factor"] == expected, (row["theme"], row["indicator"])


def test_the_seven_factors_of_the_panorama_and_three_more() -> None:
    core = [row["factor"] for row in rows("factors") if row["core"] == "oui"]
    assert core == ["emploi", "formation", "famille", "logement", "mobilite", "soins", "services"]
    assert [row["factor"] for row in rows("factors") if row["core"] == "non"] == [
        "energie",
        "petite_enfance",
        "numerique",
    ]
    ours = by_key("indicators")
    for row in rows("factors"):
        assert row["graded_on"] in ours or not row["graded_on"]
        if row["grade_indicator"]:
            assert ours[row["grade_indicator"]]["unit"] == "grade"
            assert ours[row["grade_indicator"]]["theme_factor"] == row["factor"]
            labels = row["grade_labels"].split("|")
            assert labels == ["Non fragile", "Fragile", "Très fragile"]
            aliases = dict(alias.split("=") for alias in row["grade_aliases"].split("|"))
            assert [aliases[mark] for mark in ("0", "1", "2", "NF", "F", "TF")] == labels * 2


def test_a_grade_takes_the_role_of_the_indicator_behind_it() -> None:
    ours = by_key("indicators")
    roles = {
        row["factor"]: (ours[row["grade_indicator"]]["role"], ours[row["graded_on"]]["role"])
        for row in rows("factors")
        if row["grade_indicator"] and row["graded_on"]
    }
    assert all(grade == behind for grade, behind in roles.values())
    assert roles["services"] == ("offre", "offre")


def test_a_theme_factor_is_a_factor() -> None:
    assert column("indicators", "theme_factor") == column("factors", "factor") - {"numerique"}


def test_the_six_profiles_and_their_national_shares() -> None:
    ours = by_key("indicators")
    assert [(row["profile"], row["reference_households_pct"]) for row in rows("profiles")] == [
        ("P1", "27"), ("P2", "18"), ("P3", "11"), ("P4", "10"), ("P5", "17"), ("P6", "17"),
    ]  # fmt: skip
    for row in rows("profiles"):
        assert ours[row["indicator_households"]]["base"] == "menages"
        assert ours[row["indicator_persons"]]["base"] == "personnes"
        assert "1968" in row["source"]


def test_a_mark_of_absence_never_means_a_number() -> None:
    marks = {row["mark"].casefold(): row["availability"] for row in rows("missing_marks")}
    assert len(marks) == len(rows("missing_marks"))
    valued = {Availability.OBSERVED, Availability.ESTIMATED, Availability.IMPUTED, Availability.CENSORED}
    assert set(marks.values()) <= {availability.value for availability in Availability} - {
        kind.value for kind in valued
    }
    assert not any(re.search(r"^[\d,. ]*\d", mark) for mark in marks)


def test_the_marks_of_the_trade_keep_their_reasons_apart() -> None:
    marks = {row["mark"]: row["availability"] for row in rows("missing_marks")}
    expected = {
        "s": "secret", "c": "secret", "ns": "not_significant", "nd": "not_available", "n.d.": "not_available",
        "...": "not_available", "…": "not_available", "N/A": "not_available", "-": "not_available",
        "so": "not_applicable", "///": "not_applicable", "": "empty",
    }  # fmt: skip
    assert {mark: marks[mark] for mark in expected} == expected


def test_the_national_list_of_references_is_not_invented() -> None:
    assert rows("references") == []
