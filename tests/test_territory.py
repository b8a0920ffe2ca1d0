"""A territory is known by its code, and its zones by their communes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagpacte.errors import ConfigurationError, TerritoryError, VintageError
from diagpacte.geography.territory import resolve, slug
from diagpacte.geography.zones import short_name, zones
from diagpacte.tables import Communes, Members, Zones
from diagpacte.vocabulary import Territory
from small_country import COUNTRY, make_communes, make_intercommunalities, make_lookup

LOOKUP = make_lookup()


def territory(code: str, communes: Communes | None = None) -> Territory:
    return resolve(code, make_lookup(communes))


def zones_of(code: str, communes: Communes | None = None) -> tuple[Zones, Members]:
    communes = make_communes() if communes is None else communes
    return zones(territory(code, communes), communes, make_intercommunalities(communes))


def column(frame: pd.DataFrame, name: str) -> dict[str, object]:
    return frame.set_index("zone_code")[name].to_dict()


@pytest.mark.parametrize(
    ("asked", "code", "kind", "departments", "lists", "noun"),
    [
        ("59", "59", "departement", ("59",), ("departement",), "EPCI"),
        ("2A", "2A", "departement", ("2A",), ("departement",), "EPCI"),
        ("974", "974", "departement", ("974",), ("outre_mer",), "EPCI"),
        ("75", "75", "departement", ("75",), ("departement",), "commune"),
        ("92", "92", "departement", ("92",), ("departement",), "EPT"),
        ("91", "91", "departement", ("91",), ("departement",), "EPCI et EPT"),
        ("29", "29", "departement", ("29",), ("departement",), "EPCI"),
        ("69D", "69D", "collectivite", ("69",), ("departement",), "EPCI"),
        ("69M", "69M", "metropole", ("69",), ("departement", "metropole"), "EPCI"),
        ("200046977", "69M", "metropole", ("69",), ("departement", "metropole"), "EPCI"),
        ("20R", "20R", "collectivite", ("2A", "2B"), ("departement",), "EPCI"),
        ("6AE", "6AE", "collectivite", ("67", "68"), ("departement",), "EPCI"),
        ("200000002", "200000002", "metropole", ("59", "62"), ("metropole",), "EPCI"),
        ("2a", "2A", "departement", ("2A",), ("departement",), "EPCI"),
        ("69m", "69M", "metropole", ("69",), ("departement", "metropole"), "EPCI"),
        (" 200 000 002", "200000002", "metropole", ("59", "62"), ("metropole",), "EPCI"),
    ],
)
def test_a_code_names_one_territory(
    asked: str, code: str, kind: str, departments: tuple[str, ...], lists: tuple[str, ...], noun: str
) -> None:
    found = territory(asked)
    assert (found.code, found.kind, found.departments, found.theme_lists, found.zone_noun) == (
        code, kind, departments, lists, noun,
    )  # fmt: skip


def test_a_lost_zero_is_restored() -> None:
    communes = make_communes("01001 Ville 200000001 - 10 0 0")
    lookup = make_lookup(communes)
    lookup.departments.loc[0, ["code", "name"]] = ["01", "Ain"]
    assert resolve("1", lookup).code == "01"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("59", ("Nord", "dans le Nord", "du Nord", "59-nord")),
        ("69D", ("Rhône", "dans le Rhône", "du Rhône", "69D-rhone")),
        (
            "200000001",
            ("CA de l’Amont", "dans la CA de l’Amont", "de la CA de l’Amont", "200000001-ca-de-l-amont"),
        ),
        (
            "200000004",
            (
                "Brest Métropole",
                "sur le territoire de Brest Métropole",
                "de Brest Métropole",
                "200000004-brest-metropole",
            ),
        ),
    ],
)
def test_a_territory_is_named_as_sentences_need_it(code: str, words: tuple[str, ...]) -> None:
    found = territory(code)
    assert (found.name, found.in_place, found.of_place, found.folder) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Eurométropole de Strasbourg", ("dans l’Eurométropole de Strasbourg", "de l’Eurométropole de Strasbourg")),
        ("Métropole Nice Côte d'Azur", ("dans la Métropole Nice Côte d’Azur", "de la Métropole Nice Côte d’Azur")),
        (
            "Agglomération du Grand Longwy",
            ("dans l’Agglomération du Grand Longwy", "de l’Agglomération du Grand Longwy"),
        ),
        ("Orléans Métropole", ("sur le territoire d’Orléans Métropole", "d’Orléans Métropole")),
    ],
)
def test_the_article_of_a_metropole_follows_its_name(name: str, words: tuple[str, ...]) -> None:
    lookup = make_lookup()
    lookup.intercommunalities.loc[lookup.intercommunalities["code"].eq("200000001"), "name"] = name
    found = resolve("200000001", lookup)
    assert (found.in_place, found.of_place) == words


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("69", r"2 territoires.*69D \(Rhône\) ou 69M \(Métropole de Lyon\)"),
        ("20", r"3 territoires.*20R \(Corse\) ou 2A \(Corse-du-Sud\) ou 2B"),
        ("200054781", r"Grand Paris.*demander 75 \(Paris\) ou 92 .* ou 94"),
        ("200058014", r"Grand-Orly Seine Bièvre est un EPT.*demander 91 \(Essonne\) ou 94"),
        ("978", r"hors champ.*974 \(La Réunion\)"),
        ("987", r"hors champ"),
        ("Nord", r"aucun territoire de ce code au 1er janvier 2025.*essayer 59 \(Nord\)\.$"),
        ("finistere", r"essayer 29 \(Finistère\)\.$"),
        ("Corse", r"essayer 20R \(Corse\)"),
        ("59800", r"essayer 59 \(Nord\) ou 200000001 \(CA de l’Amont\)\.$"),
        ("62001", r"essayer 62 \(Pas-de-Calais\) ou 200000002"),
        ("amont", r"essayer 59 \(Nord\) ou 200000001"),
        ("Lyon", r"essayer 69M \(Métropole de Lyon\)\.$"),
        ("département 59", r"essayer 59 \(Nord\)\.$"),
        ("200000012", r"essayer 200000001 .*200000002"),
        ("2C", r"essayer .*2A \(Corse-du-Sud\)"),
        ("972R", r"essayer 92 "),
        ("xyzzy", r"chercher le code sur insee\.fr"),
    ],
)
def test_what_is_no_territory_is_refused_with_what_to_ask(asked: str, says: str) -> None:
    with pytest.raises(TerritoryError) as refused:
        territory(asked)
    (fault,) = refused.value.faults
    assert fault.file == f"territoire « {asked} »"
    assert pd.Series([str(fault)]).str.contains(says).all(), str(fault)


def answer(asked: str) -> str:
    try:
        return resolve(asked, LOOKUP).code
    except TerritoryError as refused:
        return refused.faults[0].remedy


@settings(deadline=None)
@given(st.text(max_size=12) | st.from_regex(r"[0-9]{1,9}[A-Z]?", fullmatch=True))
def test_whatever_is_typed_gets_a_territory_or_a_word_of_help(asked: str) -> None:
    found = answer(asked)
    assert found in LOOKUP.names or found.startswith(("demander ", "essayer ", "chercher "))


@pytest.mark.parametrize("text", ["Côtes-d’Armor", "CC Cœur de Lozère", "L'Île—d’Yeu ", "../../etc"])
def test_a_slug_is_safe_in_a_path(text: str) -> None:
    assert pd.Series([slug(text)]).str.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*").all()


def test_zones_are_the_epci_that_the_territory_touches_whole() -> None:
    found, members = zones_of("59")
    assert column(found, "communes") == {"EPCI:200000001": 2, "EPCI:200000002": 2}
    assert column(found, "population") == {"EPCI:200000001": 1_000, "EPCI:200000002": 400}
    assert column(found, "population_inside") == {"EPCI:200000001": 1_000, "EPCI:200000002": 300}
    assert column(found, "share_inside") == {"EPCI:200000001": 1.0, "EPCI:200000002": 0.75}
    assert column(found, "departments") == {"EPCI:200000001": ["59"], "EPCI:200000002": ["59", "62"]}
    assert dict(zip(members["commune_code"], members["inside"], strict=True)) == {
        "59001": True, "59002": True, "59003": True, "62001": False,
    }  # fmt: skip


def test_the_same_epci_has_its_two_parts_in_its_two_departements() -> None:
    shares = [column(zones_of(code)[0], "share_inside")["EPCI:200000002"] for code in ("59", "62")]
    assert shares == [0.75, 0.25]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("92", {"EPT:200057990": 1.0}),
        ("94", {"EPT:200058014": 80 / 90}),
        ("91", {"EPCI:200000005": 1.0, "EPT:200058014": 10 / 90}),
        ("75", {"COM:75056": 1.0}),
        ("69D", {"EPCI:200000006": 1.0}),
        ("69M", {"EPCI:200046977": 1.0}),
        ("200000002", {"EPCI:200000002": 1.0}),
        ("20R", {"EPCI:200000007": 1.0, "EPCI:200000008": 1.0}),
        ("6AE", {"EPCI:200000009": 1.0, "EPCI:200000010": 1.0}),
        ("29", {"EPCI:200000004": 1.0, "HORS:29": 1.0}),
        ("974", {"EPCI:200000011": 1.0}),
    ],
)
def test_special_territories_have_their_own_zones(code: str, expected: dict[str, float]) -> None:
    assert column(zones_of(code)[0], "share_inside") == pytest.approx(expected)


def test_islands_hors_epci_are_one_zone_under_their_names() -> None:
    found, members = zones_of("29")
    islands = found.set_index("zone_code").loc["HORS:29"]
    assert (islands["name"], islands["short_name"]) == (
        "Hors EPCI\u00a0: Île-Haute, Île-Basse",
        "Île-Haute, Île-Basse",
    )
    assert (islands["kind"], islands["code"], islands["population"]) == ("HORS", "29", 50)
    assert members.loc[members["zone_code"].eq("HORS:29"), "commune_code"].tolist() == ["29002", "29003"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("CC du Pays de Craon", "Pays de Craon"),
        ("CA d'Hénin-Carvin", "Hénin-Carvin"),
        ("CC de l'Île de Ré", "Île de Ré"),
        ("CC de la Haute Somme (Combles - Péronne - Roisel)", "Haute Somme"),
        ("CA CIVIS (Communauté Intercommunale des Villes Solidaires)", "CIVIS"),
        ("CC Coeur d'Ostrevent", "Cœur d’Ostrevent"),
        ("CC Cœur d’Ostrevent", "Cœur d’Ostrevent"),
        ("CC des Villes Soeurs", "Villes Sœurs"),
        ("CU Le Creusot Montceau-les-Mines", "Le Creusot Montceau-les-Mines"),
        ("CC le Dourdannais en Hurepoix (CCDH)", "Le Dourdannais en Hurepoix"),
        ("Communauté de communes du Pays de Craon", "Pays de Craon"),
        ("Communauté d'agglomération de La Rochelle", "La Rochelle"),
        ("Communauté urbaine d’Arras", "Arras"),
        ("CC Communauté de communes des Hauts-Tolosans", "Hauts-Tolosans"),
        ("Métropole Européenne de Lille", "Métropole Européenne de Lille"),
        ("CALI", "CALI"),
        ("CA ECLA  (Espace Communautaire Lons Agglomération)", "ECLA"),
        ("CC Desvres-Samer", "Desvres-Samer"),
    ],
)
def test_a_short_name_drops_the_kind_of_epci_and_nothing_else(name: str, short: str) -> None:
    assert short_name(name) == short


def test_an_unknown_population_is_missing_never_zero() -> None:
    communes = make_communes()
    communes.loc[communes["code"].eq("59003"), "population"] = pd.NA
    found, _ = zones_of("59", communes)
    straddling = found.set_index("zone_code").loc["EPCI:200000002"]
    assert pd.isna(straddling["population"])
    assert pd.isna(straddling["population_inside"])


def test_a_zone_where_nobody_is_counted_has_the_share_of_its_communes() -> None:
    communes = make_communes("59001 A 200000001 - 0 0 0\n62001 B 200000001 - 0 1 0\n62002 C 200000001 - 0 2 0")
    assert column(zones_of("62", communes)[0], "share_inside") == pytest.approx({"EPCI:200000001": 2 / 3})


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["59", "62"]), st.sampled_from(["200000001", "200000002", "-"]), st.integers(0, 9)),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_the_memberships_nobody_is_lost_nor_counted_twice(rows: list[tuple[str, str, int]]) -> None:
    lines = [f"{code}{n:03} N{n} {epci} - {people} {n} 0" for n, (code, epci, people) in enumerate(rows)]
    communes = make_communes("\n".join(lines))
    inside = []
    for code in sorted(communes["department"].unique()):
        found, members = zones_of(code, communes)
        inside += members.loc[members["inside"], "commune_code"].tolist()
        assert found["population_inside"].sum() == sum(people for of, _, people in rows if of == code)
        assert found["communes"].sum() == len(members)
    assert sorted(inside) == sorted(communes["code"])


def test_ept_before_their_first_packaged_year_are_refused_with_the_reason() -> None:
    communes = make_communes(COUNTRY.replace("200057990", "-").replace("200058014", "-"), vintage=2022)
    with pytest.raises(ConfigurationError, match=r"EPT.*2022.*à partir de 2023"):
        territory("92", communes)
    assert territory("75", communes).zone_noun == "commune"
    assert territory("59", communes).geo_vintage == 2022


def test_communes_of_another_vintage_than_the_territory_are_refused() -> None:
    later = make_communes(vintage=2026)
    with pytest.raises(VintageError, match="autre millésime que 2025"):
        zones(territory("59"), later, make_intercommunalities(later))


def test_rows_in_another_order_give_the_same_zones() -> None:
    communes = make_communes()
    shuffled = Communes(communes.sample(frac=1, random_state=3))
    for one, other in zip(zones_of("62", communes), zones_of("62", shuffled), strict=True):
        pd.testing.assert_frame_equal(one, other)
