"""From one vintage to the next: nobody lost, the known cases right, the independent copy explained."""

import pandas as pd
import pytest

from reference_data_frames import VINTAGES, communes_of, import_tools, table

import_tools()
from geography_passage import approximate_zones, commune_events, links_between, passage, sources_of  # noqa: E402

STEPS = list(VINTAGES)[:-1]


def step(vintage: int) -> pd.DataFrame:
    """The whole passage from `vintage` to the next, identity pairs included."""
    rows = table("passage").query("vintage_from == @vintage")
    same = communes_of(vintage).index.difference(rows["code_from"])
    return pd.concat([rows, pd.DataFrame({"code_from": same, "code_to": same, "ratio": 1.0})])


def pairs(vintage: int, code: str) -> dict[str, str]:
    rows = table("passage").query("vintage_from == @vintage and code_from == @code")
    return dict(zip(rows["code_to"], rows["kind"], strict=True))


@pytest.mark.parametrize("vintage", STEPS)
def test_every_commune_reaches_the_next_vintage_whole(vintage):
    whole = step(vintage)
    assert set(whole["code_to"]) == set(communes_of(vintage + 1).index)
    shares = whole.groupby("code_from")["ratio"].sum()
    assert shares.to_numpy() == pytest.approx(1, abs=1e-12)
    assert (whole["ratio"] > 0).all()


@pytest.mark.parametrize(
    ("vintage", "code", "becomes"),
    [
        (2019, "14712", {"14666": "scission", "14712": "scission"}),
        (2020, "27676", {"27058": "changement de code"}),
        (2022, "27058", {"27676": "changement de code"}),
        (2023, "60054", {"60054": "scission", "60694": "scission"}),
        (2023, "85084", {"85084": "scission", "85165": "scission", "85212": "scission"}),
        (2024, "15141", dict.fromkeys(("15031", "15035", "15047", "15141", "15171"), "scission")),
        (2024, "12076", {"12218": "changement de code"}),
        (2024, "14011", {"14581": "changement de code"}),
        (2024, "49069", {"49126": "changement de code"}),
        (2024, "69159", {"69114": "changement de code"}),
        (2024, "93059", {"93066": "fusion"}),
        (2024, "93066", {"93066": "fusion"}),
        (2020, "59192", {}),
    ],
)
def test_a_known_case_is_followed(vintage, code, becomes):
    assert pairs(vintage, code) == becomes


def test_a_commune_may_leave_its_epci_and_come_back():
    epci = [communes_of(vintage).loc["59192", "epci"] for vintage in VINTAGES]
    changed = [code for code, before in zip(epci, [None, *epci], strict=False) if code != before]
    assert changed == ["200042190", "245901152", "200042190"]


def test_codes_gone_and_come_back_stand_in_the_right_vintages():
    assert [("27676" in communes_of(v).index, "27058" in communes_of(v).index) for v in VINTAGES] == [
        (v not in (2021, 2022), v in (2021, 2022)) for v in VINTAGES
    ]


def test_a_split_shares_the_people_counted_after_it():
    """Essarts-en-Bocage, L'Oie, Sainte-Florence: populations of 2022 published in the communes of 2024."""
    after = communes_of(2024)["population"]
    total = after["85084"] + after["85165"] + after["85212"]
    rows = table("passage").query("code_from == '85084'").set_index("code_to")
    assert rows.loc["85165", "ratio"] == pytest.approx(after["85165"] / total)
    assert set(rows["ratio_source"]) == {"population municipale 2022 des communes au 1er janvier 2024"}


@pytest.mark.parametrize("vintage", STEPS)
def test_populations_follow_the_passage(vintage):
    """A population of the wrong geography shows as a jump between a commune and those it comes from."""
    whole = step(vintage).query("kind.notna()") if vintage != 2025 else step(vintage)
    carried = whole["ratio"] * whole["code_from"].map(communes_of(vintage)["population"])
    expected = carried.groupby(whole["code_to"].to_numpy()).sum()
    found = communes_of(vintage + 1)["population"].reindex(expected.index)
    big = expected > 1_000
    assert (found[big] / expected[big]).between(0.85, 1.2).all()


def test_the_epci_without_an_exact_contour_are_the_known_six_then_four():
    zones = table("approximate_zones")
    assert zones.groupby("geo_vintage")["code"].nunique().to_dict() == dict.fromkeys(range(2019, 2024), 6) | {2024: 4}
    mixed = zones.groupby("mixed_commune")["geo_vintage"].max().to_dict()
    assert mixed == {"08439": 2024, "19248": 2024, "49160": 2023}
    assert set(zones["kind"]) == {"EPCI"}


@pytest.mark.long
def test_no_commune_of_today_mixes_two_departments():
    events, today = table("movements"), communes_of(2026)["department"]
    for vintage in VINTAGES:
        departments = communes_of(vintage)["department"]
        links = links_between(events, departments.index, vintage, 2026)
        for code, sources in sources_of(links).items():
            assert {departments[source] for source in sources} == {today[code]}


def test_passage_is_that_of_the_independent_copy(shared_data):
    """Same pairs of communes; shares of splits differ, and why is known.

    14712: that copy uses populations of another year (under 0.001 of difference). 60054 and 85084: it had no
    population of the new communes yet and shares equally.
    """
    other = pd.read_csv(
        shared_data / "cog" / "passages_communes_2013_2024.csv", dtype={"cod_avant": str, "cod_apres": str}
    )
    theirs = other[other["annee_de"] >= 2019].set_index(["annee_de", "cod_avant", "cod_apres"])
    ours = table("passage").query("vintage_to <= 2024").set_index(["vintage_from", "code_from", "code_to"])
    assert set(ours.index) == set(theirs.index)
    kinds = {"f": "fusion", "d": "scission", "c": "changement de code"}
    assert theirs["type"].map(kinds).reindex(ours.index).tolist() == ours["kind"].tolist()
    gap = (ours["ratio"] - theirs["ratio"].reindex(ours.index)).abs()
    differing = {code for _, code, _ in gap[gap > 1e-9].index}
    assert differing == {"14712", "60054", "85084"}
    assert gap.xs("14712", level="code_from").max() < 0.001
    equal = theirs["ratio"].xs("85084", level="cod_avant")
    assert equal.to_numpy() == pytest.approx(1 / 3)


# ---- the rules on events small enough to follow by hand


def make_events(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["DATE_EFF", "MOD", "COM_AV", "COM_AP"])


def make_communes(**populations: dict[str, int]) -> pd.DataFrame:
    """Communes of 2019 (`before`), unchanged each year until `after` holds in 2026."""
    rows = []
    for year in VINTAGES:
        held = populations["after"] if year > 2019 else populations["before"]
        rows += [(code, year, people, 2019, f"E{code[0]}", None) for code, people in held.items()]
    return pd.DataFrame(rows, columns=["code", "geo_vintage", "population", "population_year", "epci", "ept"])


def test_events_of_one_year_are_followed_one_after_the_other():
    events = make_events(
        ("2019-03-01", "32", "A1", "A2"), ("2019-03-01", "32", "A2", "A2"), ("2019-06-01", "50", "A2", "A9")
    )
    links = links_between(events, ["A1", "A2", "B1"], 2019, 2020)
    assert links == {"A1": {"A9"}, "A2": {"A9"}, "B1": {"B1"}}


def test_an_event_of_the_first_of_january_belongs_to_the_year_it_closes():
    events = make_events(("2020-01-01", "50", "A1", "A2"))
    assert links_between(events, ["A1"], 2019, 2020) == {"A1": {"A2"}}
    assert links_between(events, ["A1"], 2020, 2021) == {"A1": {"A1"}}


def test_a_code_that_comes_back_is_not_lost():
    events = make_events(("2021-01-01", "50", "A1", "A2"), ("2023-01-01", "50", "A2", "A1"))
    assert links_between(events, ["A1"], 2020, 2022) == {"A1": {"A2"}}
    assert links_between(events, ["A1"], 2020, 2026) == {"A1": {"A1"}}


def test_a_change_of_name_moves_nobody():
    events = make_events(("2020-01-01", "10", "A1", "A1"))
    assert passage(events, make_communes(before={"A1": 10}, after={"A1": 10})).empty


def test_passage_says_merger_split_and_change_of_code():
    events = make_events(
        ("2019-05-01", "32", "A1", "A2"),
        ("2019-05-01", "32", "A2", "A2"),
        ("2020-01-01", "21", "B1", "B1"),
        ("2020-01-01", "21", "B1", "B2"),
        ("2020-01-01", "50", "C1", "C2"),
    )
    communes = make_communes(
        before={"A1": 1, "A2": 2, "B1": 40, "C1": 5, "D1": 6}, after={"A2": 3, "B1": 30, "B2": 10, "C2": 5, "D1": 6}
    )
    found = passage(events, communes).set_index(["code_from", "code_to"])
    assert found["kind"].to_dict() == {
        ("A1", "A2"): "fusion",
        ("A2", "A2"): "fusion",
        ("B1", "B1"): "scission",
        ("B1", "B2"): "scission",
        ("C1", "C2"): "changement de code",
    }
    assert found["ratio"].tolist() == [1, 1, 0.75, 0.25, 1]


def test_two_past_epci_in_one_commune_of_today_are_approximate():
    events = make_events(("2020-01-01", "32", "A1", "B1"), ("2020-01-01", "32", "B1", "B1"))
    communes = make_communes(before={"A1": 1, "B1": 2, "C1": 3}, after={"B1": 3, "C1": 3})
    found = approximate_zones(events, communes)
    assert found.to_dict("list") == {
        "kind": ["EPCI", "EPCI"],
        "code": ["EA", "EB"],
        "geo_vintage": [2019, 2019],
        "mixed_commune": ["B1", "B1"],
    }


def test_only_events_between_communes_after_2019_are_kept():
    columns = ["MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP"]
    rows = [
        ("32", "2020-01-01", "COM", "A1", "COM", "A2"),
        ("32", "2020-01-01", "COM", "A1", "COMD", "A1"),
        ("32", "2019-01-01", "COM", "B1", "COM", "B2"),
    ]
    assert commune_events(pd.DataFrame(rows, columns=columns))["COM_AV"].tolist() == ["A1"]
