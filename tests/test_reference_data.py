"""The packaged communes, EPCI, EPT and names: complete, dated, and equal to independent copies."""

import hashlib
import json
import re

import pandas as pd
import pytest

from reference_data_frames import FOLDER, VINTAGES, communes_of, table

COMMUNES = (34_970, 34_968, 34_965, 34_955, 34_945, 34_935, 34_875, 34_875)
EPCI = (1_259, 1_255, 1_254, 1_255, 1_255, 1_255, 1_255, 1_253)
ISLANDS = {"22016", "29083", "29155", "85113"}
OVERSEAS_COLLECTIVITIES = ("975", "977", "978", "98")


@pytest.mark.parametrize(("vintage", "communes", "epci"), list(zip(VINTAGES, COMMUNES, EPCI, strict=True)))
def test_each_1_january_has_its_communes_and_its_epci(vintage, communes, epci):
    found = communes_of(vintage)
    named = table("intercommunalities").query("kind == 'EPCI' and geo_vintage == @vintage")
    assert (len(found), found["epci"].nunique()) == (communes, epci)
    assert set(named["code"]) == set(found["epci"].dropna())
    assert set(found.index[found["epci"].isna()]) == ISLANDS
    assert found.index.is_unique


def test_the_101_departments_are_there_and_no_overseas_collectivity():
    communes = table("communes")
    assert not communes["code"].str.startswith(OVERSEAS_COLLECTIVITIES).any()
    for _, rows in communes.groupby("geo_vintage"):
        assert set(rows["department"]) == set(table("departments")["code"])
    assert len(table("departments")) == 101
    assert len(table("regions")) == 18
    assert set(communes["region"]) == set(table("regions")["code"])
    one = communes[["department", "region"]].drop_duplicates()
    assert one["department"].is_unique  # a département never changed région


@pytest.mark.parametrize(("vintage", "members"), [(2023, 130), (2024, 130), (2025, 129), (2026, 129)])
def test_the_eleven_ept_hold_the_metropole_without_paris(vintage, members):
    found = communes_of(vintage)
    inside = found[found["epci"] == "200054781"]
    assert found["ept"].notna().sum() == members
    assert found["ept"].nunique() == 11
    assert set(inside.index[inside["ept"].isna()]) == {"75056"}
    assert set(found["ept"].dropna()) == set(
        table("intercommunalities").query("kind == 'EPT' and geo_vintage == @vintage")["code"]
    )


def test_no_ept_is_claimed_before_2023():
    assert table("communes").query("geo_vintage < 2023")["ept"].isna().all()


def test_legal_natures_are_one_closed_list():
    zones = table("intercommunalities")
    assert set(zones["nature"]) == {"CC", "CA", "CU", "ME", "METLYON", "EPT"}
    assert (zones.loc[zones["code"] == "200046977", "nature"] == "METLYON").all()
    assert (zones[zones["nature"] == "ME"].groupby("geo_vintage").size() == 21).all()
    today = zones.loc[zones["geo_vintage"] == 2026, "name"]
    assert not today.str.contains("Communauté (?:de communes|d'agg|urb)").any()


@pytest.mark.parametrize(
    ("vintage", "year", "published"),
    [(2021, 2019, 66_988_403), (2022, 2020, 67_162_154), (2023, 2020, 67_162_154), (2024, 2022, 67_760_573)],
)
def test_populations_add_up_to_the_total_insee_published_for_their_year(vintage, year, published):
    """France without Mayotte, population municipale."""
    found = communes_of(vintage)
    found = found[found["department"] != "976"]
    assert set(found["population_year"]) == {year}
    assert found["population"].sum() == published


def test_every_commune_has_a_population_and_its_year():
    communes = table("communes")
    assert communes[["population", "population_year"]].notna().all(axis=None)
    empty = communes.loc[communes["population"] == 0, "code"].unique()
    assert set(empty) == {"55039", "55050", "55139", "55189", "55239", "55307"}  # died for France
    assert set(communes.loc[communes["department"] == "976", "population_year"]) == {2017}


def test_the_metropole_of_lyon_and_the_rhone_share_69():
    rhone = communes_of(2024).query("department == '69'")
    assert (rhone["epci"] == "200046977").sum() == 58
    assert (rhone["epci"] != "200046977").sum() == 208


def test_arrondissements_lead_to_paris_lyon_and_marseille():
    arrondissements = table("arrondissements")
    assert arrondissements["parent"].value_counts().to_dict() == {"75056": 20, "13055": 16, "69123": 9}
    parents = communes_of(2026)["population"]
    totals = arrondissements.groupby("parent")["population"].sum()
    assert totals.to_dict() == parents.reindex(totals.index).to_dict()
    assert not set(arrondissements["code"]) & set(table("communes")["code"])


def test_every_commune_has_a_postcode_of_five_digits():
    postcodes = table("postcodes")
    assert set(postcodes["code"]) == set(communes_of(2026).index)
    assert postcodes["postcode"].str.fullmatch(r"\d{5}").all()
    assert postcodes.loc[postcodes["code"] == "59350", "postcode"].tolist() == [
        "59000",
        "59160",
        "59260",
        "59777",
        "59800",
    ]


@pytest.mark.parametrize(
    ("code", "in_place", "of_place"),
    [
        ("59", "dans le Nord", "du Nord"),
        ("38", "en Isère", "de l’Isère"),
        ("21", "en Côte-d’Or", "de la Côte-d’Or"),
        ("28", "en Eure-et-Loir", "d’Eure-et-Loir"),
        ("75", "à Paris", "de Paris"),
        ("974", "à La Réunion", "de La Réunion"),
        ("92", "dans les Hauts-de-Seine", "des Hauts-de-Seine"),
    ],
)
def test_a_department_is_said_as_people_say_it(code, in_place, of_place):
    said = table("departments").set_index("code").loc[code]
    assert (said["in_place"], said["of_place"]) == (in_place, of_place)


@pytest.mark.parametrize("name", ["departments", "regions", "collectivities"])
def test_a_place_is_said_with_its_own_name(name):
    for row in table(name).itertuples():
        place = row.name.replace("'", "’").replace("Métropole", "métropole")
        assert row.in_place.endswith(place)
        assert row.of_place.endswith(place)
        assert re.match(r"(dans (le|la|les) |dans l’|en |à )", row.in_place)
        assert re.match(r"(de |du |des |d’|de la |de l’)", row.of_place)


def test_the_packaged_files_are_light_and_are_those_the_provenance_describes():
    record = json.loads((FOLDER / "provenance.json").read_text(encoding="utf-8"))
    files = {path.name: path for path in FOLDER.glob("*.parquet")}
    assert set(record["outputs"]) == set(files)
    for name, path in files.items():
        described = record["outputs"][name]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == described["sha256"]
        assert len(table(path.stem)) == described["rows"]
        assert described["licence"] == "Licence Ouverte 2.0"
        assert described["producers"]
        assert described["vintage"]
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 15_000_000


def test_the_provenance_holds_no_path_and_no_clock():
    text = (FOLDER / "provenance.json").read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|work|Users)/|[A-Z]:\\\\|\d{2}:\d{2}:\d{2}", text)


# ---- held against independent copies


@pytest.mark.parametrize("vintage", VINTAGES)
def test_membership_is_that_of_the_independent_copy(shared_data, vintage):
    """For 2026 that copy repeats the EPCI of 2025: it differs by the two mergers and the communes that moved."""
    other = pd.read_parquet(shared_data / "cog" / "communes_epci_2017_2026.parquet")
    other = other[(other["annee"] == vintage) & ~other["CODGEO"].str.startswith(OVERSEAS_COLLECTIVITIES)]
    theirs = other.set_index("CODGEO")["EPCI"].sort_index()
    ours = communes_of(vintage)["epci"].fillna("ZZZZZZZZZ").sort_index()
    assert list(ours.index) == list(theirs.index)
    differing = ours[ours != theirs]
    if vintage != 2026:
        assert differing.empty
        return
    repeated = communes_of(2025)["epci"].fillna("ZZZZZZZZZ").reindex(theirs.index)
    assert repeated.equals(theirs.rename("epci"))
    assert len(differing) == 45
    assert {"994579670", "992367730"} <= set(differing)


def test_the_epci_of_2026_differ_from_2025_by_two_mergers():
    """The same without the copy: four EPCI became two."""
    before, after = set(communes_of(2025)["epci"].dropna()), set(communes_of(2026)["epci"].dropna())
    assert before - after == {"241200658", "241200765", "245701222", "245701362"}
    assert after - before == {"992367730", "994579670"}


def test_membership_of_2023_is_that_of_dgcl_and_of_the_insee_workbook(shared_data):
    dgcl = pd.read_excel(shared_data / "cog" / "epcicom2023.xlsx", engine="calamine", dtype=str)
    insee = pd.read_excel(
        shared_data / "cog" / "Intercommunalite_Metropole_au_01-01-2023.xlsx",
        engine="calamine",
        dtype=str,
        sheet_name="Composition_communale",
        header=5,
    )
    ours = communes_of(2023)["epci"].sort_index()
    assert dgcl.set_index("insee")["siren"].sort_index().to_dict() == ours.dropna().to_dict()
    assert insee.set_index("CODGEO")["EPCI"].sort_index().to_dict() == ours.fillna("ZZZZZZZZZ").to_dict()
    populations = dgcl.set_index("insee")["pmun_2023"].astype(int)
    assert populations.to_dict() == communes_of(2023).loc[ours.notna(), "population"].to_dict()


def test_ept_of_2023_are_those_of_the_insee_workbook(shared_data):
    insee = pd.read_excel(
        shared_data / "cog" / "ept.xlsx", engine="calamine", dtype=str, sheet_name="Composition_communale", header=5
    )
    assert insee.set_index("CODGEO")["EPT"].to_dict() == communes_of(2023)["ept"].dropna().to_dict()


def test_populations_of_2025_are_those_of_the_independent_copy(shared_data):
    other = pd.read_csv(shared_data / "geo" / "communes_2025_points.csv", dtype={"code": str})
    theirs = other.set_index("code")["population"]
    ours = communes_of(2025)["population"].reindex(theirs.index)
    assert (ours == theirs).all()
