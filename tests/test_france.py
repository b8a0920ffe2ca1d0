"""The whole of France through the packaged reference: counts, memberships and contours of every vintage."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
import shapely

from diagpacte.errors import ConfigurationError, SourceError
from diagpacte.geography.contours import commune_shapes, dissolve, ground, with_contours
from diagpacte.geography.passage import carry, links, to_vintage
from diagpacte.geography.territory import Lookup, resolve
from diagpacte.geography.zones import zone_codes, zones
from diagpacte.sources import reference
from diagpacte.tables import TABLES, Members, Observations, Zones
from diagpacte.vocabulary import FIRST_VINTAGE, LAST_VINTAGE, department_of

VINTAGES = range(FIRST_VINTAGE, LAST_VINTAGE + 1)
YEARS = list(VINTAGES)[:-1]
COLLECTIVITIES = ("69M", "69D", "20R", "6AE")


def lookup(vintage: int = 2025) -> Lookup:
    return Lookup(
        reference.communes(vintage),
        reference.intercommunalities(vintage),
        reference.departments(),
        reference.postcodes(),
    )


def zones_of(code: str, tables: Lookup) -> tuple[Zones, Members]:
    return zones(resolve(code, tables), tables.communes, tables.intercommunalities)


def contours_of(code: str, vintage: int = 2025) -> Zones:
    tables = lookup(vintage)
    shapes = commune_shapes(tables.communes, reference.contours(), reference.passage())
    return with_contours(*zones_of(code, tables), shapes, reference.approximate_zones(vintage))


@pytest.fixture(scope="module")
def departements() -> dict[str, tuple[Zones, Members]]:
    """Zones and members of every département of 2025 but 69, and of 69D and 69M in its place."""
    tables = lookup()
    codes = sorted({*tables.communes["department"].unique()} - {"69"} | {"69D", "69M"})
    return {code: zones_of(code, tables) for code in codes}


def test_each_territory_holds_each_of_its_communes_once(departements: dict[str, tuple[Zones, Members]]) -> None:
    communes = reference.communes(2025)
    assert len(departements) == 102
    held = pd.concat([members[members["inside"]] for _, members in departements.values()])
    assert sorted(held["commune_code"]) == sorted(communes["code"])
    for code, (_, members) in departements.items():
        assert not members["commune_code"].duplicated().any(), code


def test_the_populations_inside_add_up_to_france(departements: dict[str, tuple[Zones, Members]]) -> None:
    inside = sum(int(found["population_inside"].sum()) for found, _ in departements.values())
    assert inside == int(reference.communes(2025)["population"].sum())


def test_no_zone_is_lost_and_its_parts_make_it_whole(departements: dict[str, tuple[Zones, Members]]) -> None:
    together = pd.concat([found for found, _ in departements.values()])
    parts = together.groupby("zone_code")
    assert {*together["zone_code"]} == {*zone_codes(reference.communes(2025))}
    assert parts["share_inside"].sum().to_numpy() == pytest.approx(1)
    assert (parts["population_inside"].sum() == parts["population"].first()).all()
    assert (parts["population"].min() == parts["population"].max()).all()


def test_short_names_tell_the_zones_of_a_territory_apart(departements: dict[str, tuple[Zones, Members]]) -> None:
    for code, (found, _) in departements.items():
        assert not found["short_name"].duplicated().any(), code
        assert not found["short_name"].str.contains(r"^C[ACU] |'|  |[Cc]oeur|\(").any(), code


@pytest.mark.parametrize(
    ("code", "count", "communes", "straddling"),
    [
        ("59", 17, 647, {"EPCI:245900758": 23_325 / 40_306}),
        ("92", 4, 36, {"EPT:200057990": 355_313 / 461_443}),
        ("93", 4, 39, {}),
        ("75", 1, 1, {}),
        ("69M", 1, 58, {}),
        ("48", 11, 152, {"EPCI:200069128": 5_334 / 5_810, "EPCI:241200567": 126 / 29_583}),
        ("13", 4, 119, {"EPCI:200054807": 1_913_650 / 1_939_077}),
        ("974", 5, 24, {}),
        ("976", 5, 17, {}),
    ],
)
def test_known_territories_have_their_known_zones(
    code: str, count: int, communes: int, straddling: dict[str, float]
) -> None:
    found, members = zones_of(code, lookup())
    assert len(found) == count
    assert int(members["inside"].sum()) == communes
    shares = found.set_index("zone_code")["share_inside"]
    assert shares[shares.lt(1)].to_dict() == pytest.approx(straddling)


def test_collectivites_are_the_communes_of_their_departements() -> None:
    tables = lookup()
    held = {
        code: {*zones_of(code, tables)[1].query("inside")["commune_code"]}
        for code in (*COLLECTIVITIES, "2A", "2B", "67", "68")
    }
    assert held["20R"] == held["2A"] | held["2B"]
    assert held["6AE"] == held["67"] | held["68"]
    assert (len(held["2A"]), len(held["2B"]), len(held["69D"])) == (124, 236, 208)
    assert not held["69D"] & held["69M"]
    assert held["69D"] | held["69M"] == {*tables.communes.query("department == '69'")["code"]}


def test_aix_marseille_straddles_three_departements() -> None:
    found = zones_of("13", lookup())[0].set_index("zone_code")
    assert found.loc["EPCI:200054807", "departments"] == ["13", "83", "84"]


def test_brehat_is_a_zone_of_the_cotes_d_armor() -> None:
    found = zones_of("22", lookup())[0].set_index("zone_code")
    assert found.loc["HORS:22", "short_name"] == "Île-de-Bréhat"


def test_the_straddling_epci_are_those_of_another_source(
    departements: dict[str, tuple[Zones, Members]], shared_data: Path
) -> None:
    ours = {
        code
        for found, _ in departements.values()
        for kind, code, of in zip(found["kind"], found["code"], found["departments"], strict=True)
        if kind == "EPCI" and len(of) > 1
    }
    cog = pd.read_parquet(shared_data / "cog" / "communes_epci_2017_2026.parquet")
    cog = cog[cog["annee"].eq(2025) & cog["EPCI"].ne("ZZZZZZZZZ") & cog["EPCI"].ne("200054781")]
    spread = cog.groupby("EPCI")["CODGEO"].agg(lambda codes: len({department_of(code) for code in codes}))
    assert ours == {*spread[spread.gt(1)].index}
    assert len(ours) == 88  # 89 with the Grand Paris


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_zone_of_every_vintage_has_a_valid_contour_without_overlap(vintage: int) -> None:
    communes, contours = reference.communes(vintage), reference.contours()
    shapes = commune_shapes(communes, contours, reference.passage())
    zone = pd.Series(zone_codes(communes).to_numpy(), communes["code"])
    found = dissolve(shapes["shape"].to_numpy(), zone[shapes["home"]].to_numpy())
    assert {*found} == {*zone}
    geometries = pd.Series(found).to_numpy()
    assert shapely.is_valid(geometries).all()
    assert not shapely.is_empty(geometries).any()
    assert len(shapes) == len(contours)
    assert shapely.area(geometries).sum() == pytest.approx(shapely.area(contours.to_numpy()).sum(), rel=1e-12)


@pytest.mark.parametrize("code", ["59", "92", "13", "22", "2A", "973", "69D", "200093201"])
def test_the_zones_of_a_territory_leave_no_gap_between_them(code: str) -> None:
    found = contours_of(code)
    inside = shapely.from_wkb(found["geometry_inside"].to_numpy())
    outline = shapely.union_all(inside)
    assert shapely.area(outline) == pytest.approx(shapely.area(inside).sum(), rel=1e-12)
    whole = shapely.from_wkb(found["geometry"].to_numpy())
    assert (shapely.area(whole) >= shapely.area(inside) * (1 - 1e-12)).all()


@pytest.mark.parametrize(("vintage", "count"), [(2019, 6), (2023, 6), (2024, 4), (2025, 0), (2026, 0)])
def test_contours_that_cannot_be_exact_are_those_of_communes_that_mix_two_epci(vintage: int, count: int) -> None:
    communes = reference.communes(vintage)
    origin = links(communes, LAST_VINTAGE, reference.passage())
    origin["epci"] = origin["code_from"].map(communes.set_index("code")["epci"])
    mixed = origin.groupby("code_to")["epci"].nunique()
    epci = {*origin.loc[origin["code_to"].isin(mixed[mixed.gt(1)].index), "epci"]}
    assert {*reference.approximate_zones(vintage)["code"]} == epci
    assert len(epci) == count


def test_the_marked_zones_say_so() -> None:
    found = contours_of("08", 2023)
    marked = {*found.loc[found["contour_approximate"], "code"]}
    assert marked
    assert marked == {*reference.approximate_zones(2023)["code"]} & {*found["code"]}


@pytest.mark.parametrize("code", ["59", "974", "69D", "200093201", "75"])
def test_the_ground_of_a_territory_surrounds_it(code: str) -> None:
    tables = lookup()
    territory = resolve(code, tables)
    shapes = commune_shapes(tables.communes, reference.contours(), reference.passage())
    found = with_contours(*zones_of(code, tables), shapes, reference.approximate_zones(2025))
    under = ground(territory, found, tables.communes, tables.intercommunalities, tables.departments, shapes)
    outline = shapely.from_wkb(under.loc[under["kind"].eq("territoire"), "geometry"].iloc[0])
    around = shapely.from_wkb(under.loc[under["kind"].eq("departement"), "geometry"].to_numpy())
    assert shapely.is_valid(shapely.from_wkb(under["geometry"].to_numpy())).all()
    assert shapely.area(shapely.intersection(around, outline)).sum() < 1e-9
    assert len(around) > 0 or code == "974"


@pytest.mark.parametrize("vintage", YEARS)
def test_no_inhabitant_is_lost_from_one_year_to_the_next(vintage: int) -> None:
    before, after = reference.communes(vintage), reference.communes(vintage + 1)
    population = before.set_index("code")["population"]
    carried, faults = carry(population, before, after, reference.passage())
    assert faults == []
    assert carried.sum() == population.sum()
    assert {*carried.index} == {*after["code"]}


def test_no_commune_has_changed_departement_so_that_departements_always_convert() -> None:
    chain = links(reference.communes(FIRST_VINTAGE), LAST_VINTAGE, reference.passage())
    assert (chain["code_from"].map(department_of) == chain["code_to"].map(department_of)).all()


def every_epci(vintage: int) -> Observations:
    codes = sorted(reference.communes(vintage)["epci"].dropna().unique())
    frame = pd.DataFrame({"zone_code": ["EPCI:" + code for code in codes], "row": range(1, len(codes) + 1)})
    fixed = {
        "indicator": "unemployment_rate_pct", "year": 2022, "base": "personnes", "geo_vintage": vintage, "value": 1.0,
        "lower": None, "upper": None, "availability": "observed", "nature": "real", "flag": "", "published_code": "X",
        "published_text": "1", "period": "2022", "source_id": "panorama", "sheet": "F", "column": "E",
    }  # fmt: skip
    return Observations(TABLES["observations"].frame(frame.assign(**fixed)))


def relabelled(vintage: int, target: int) -> dict[str, str]:
    asked = every_epci(vintage)
    country = reference.communes(vintage, target)
    found, _ = to_vintage(asked, target, country, reference.passage())
    origin = asked.set_index("row")["zone_code"]
    return {
        origin[row].split(":")[1]: zone.split(":")[1]
        for row, zone in zip(found["row"], found["zone_code"], strict=True)
    }


def test_epci_convert_as_another_passage_table_says(shared_data: Path) -> None:
    cog = pd.read_parquet(shared_data / "cog" / "communes_epci_2017_2026.parquet")
    passages = pd.read_csv(shared_data / "cog" / "passages_communes_2013_2024.csv", dtype=str)
    members = {
        year: dict(cog.loc[cog["annee"].eq(year), ["CODGEO", "EPCI"]].itertuples(index=False)) for year in (2021, 2024)
    }
    become: dict[str, set[str]] = {code: {code} for code in members[2021]}
    for year in (2021, 2022, 2023):
        step = defaultdict(set)
        for row in passages[passages["annee_de"].eq(str(year))].itertuples():
            step[row.cod_avant].add(row.cod_apres)
        become = {code: set().union(*(step.get(now, {now}) for now in nows)) for code, nows in become.items()}
    meet = {(members[2021][code], members[2024][now]) for code, nows in become.items() for now in nows}
    expected = {
        early: late
        for early, late in meet
        if sum(one == early for one, _ in meet) == 1 == sum(other == late for _, other in meet)
    }
    expected.pop("ZZZZZZZZZ", None)
    assert relabelled(2021, 2024) == expected


@pytest.mark.parametrize(("vintage", "target"), [(2019, 2025), (2025, 2021)])
def test_a_zone_converts_exactly_when_its_contour_is_the_same(vintage: int, target: int) -> None:
    drawn = {}
    for year in (vintage, target):
        communes = reference.communes(year)
        shapes = commune_shapes(communes, reference.contours(), reference.passage())
        epci = communes.set_index("code")["epci"].fillna("")[shapes["home"]]
        drawn[year] = {k: {*rows.index} for k, rows in shapes.set_axis(shapes.index).groupby(epci.to_numpy())}
    approximate = {code for year in (vintage, target) for code in reference.approximate_zones(year)["code"]}
    same = relabelled(vintage, target)
    for code, ground_before in drawn[vintage].items():
        if code and code not in approximate:
            twin = next((other for other, now in drawn[target].items() if now == ground_before), None)
            assert same.get(code) == twin, code


@pytest.mark.parametrize("vintage", [2018, 2027])
def test_a_vintage_that_is_not_packaged_is_a_setting_to_change(vintage: int) -> None:
    with pytest.raises(ConfigurationError, match="de 2019 à 2026"):
        reference.communes(vintage)


def test_a_damaged_package_says_to_install_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    reference._table.cache_clear()
    (tmp_path / "regions.parquet").write_bytes(b"PAR1")
    for read in (reference.regions, reference.postcodes):
        with pytest.raises(SourceError, match="réinstaller diagpacte"):
            read()


def test_what_a_reader_changes_is_not_seen_by_the_next() -> None:
    first = reference.departments()
    first["name"] = "?"
    assert "Isère" in {*reference.departments()["name"]}
    epci = reference.intercommunalities(2025)
    epci["name"] = "?"
    assert "?" not in {*reference.intercommunalities(2025)["name"]}


def test_ept_before_2023_are_refused_and_paris_is_not() -> None:
    with pytest.raises(ConfigurationError, match="EPT"):
        resolve("92", lookup(2022))
    assert resolve("75", lookup(2022)).zone_noun == "commune"


@pytest.mark.parametrize(("asked", "near"), [("isere", "38 (Isère)"), ("38000", "38 (Isère)"), ("Lille", "59 (Nord)")])
def test_a_name_or_a_postcode_leads_to_its_code(asked: str, near: str) -> None:
    with pytest.raises(Exception, match="essayer") as refused:
        resolve(asked, lookup())
    assert near in str(refused.value)


def test_the_names_in_sentences_are_those_of_usage() -> None:
    found = {code: resolve(code, lookup()).in_place for code in ("59", "38", "92", "20R", "69M", "974")}
    assert found == {
        "59": "dans le Nord",
        "38": "en Isère",
        "92": "dans les Hauts-de-Seine",
        "20R": "en Corse",
        "69M": "dans la métropole de Lyon",
        "974": "à La Réunion",
    }
