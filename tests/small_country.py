"""A France of squares, small enough to answer by hand: each commune is 0.1° wide."""

from typing import Any

import pandas as pd
import shapely

from diagpacte.geography.territory import Lookup
from diagpacte.tables import TABLES, Communes, Passage

# code, name, EPCI, EPT, population, column, row
COUNTRY = """
59001 Amont      200000001 -         600 0 0
59002 Aval       200000001 -         400 1 0
59003 Bourg      200000002 -         300 2 0
62001 Coteau     200000002 -         100 3 0
62002 Dune       200000003 -         500 4 0
62003 Écluse     200000003 -           0 4 1
29001 Ferme      200000004 -         200 0 3
29002 Île-Haute  -         -          30 1 4
29003 Île-Basse  -         -          20 3 4
75056 Paris      200054781 -        2000 7 1
92001 Hauteur    200054781 200057990  90 6 1
94001 Jetée      200054781 200058014  80 7 0
91001 Kermesse   200054781 200058014  10 8 0
91002 Lande      200000005 -          70 9 0
69001 Lyon       200046977 -         900 7 4
69002 Monts      200000006 -         100 8 4
2A001 Nez        200000007 -          40 9 6
2B001 Ouest      200000008 -          50 9 7
67001 Plaine     200000009 -         110 9 2
68001 Quai       200000010 -         120 9 3
97401 Rempart    200000011 -         130 0 9
"""

EPCI_NAMES = {
    "200000001": "CA de l'Amont",
    "200000002": "CC du Coeur d'Artois (CCCA)",
    "200000003": "CC Les Dunes",
    "200000004": "Brest Métropole",
    "200046977": "Métropole de Lyon",
    "200054781": "Métropole du Grand Paris",
}
EPT_NAMES = {"200057990": "Boucle Nord de Seine", "200058014": "Grand-Orly Seine Bièvre"}

# code, name, « dans … », « de … »
DEPARTMENTS = """
29 Finistère; dans le Finistère; du Finistère
59 Nord; dans le Nord; du Nord
62 Pas-de-Calais; dans le Pas-de-Calais; du Pas-de-Calais
67 Bas-Rhin; dans le Bas-Rhin; du Bas-Rhin
68 Haut-Rhin; dans le Haut-Rhin; du Haut-Rhin
69 Rhône; dans le Rhône; du Rhône
75 Paris; à Paris; de Paris
91 Essonne; dans l’Essonne; de l’Essonne
92 Hauts-de-Seine; dans les Hauts-de-Seine; des Hauts-de-Seine
94 Val-de-Marne; dans le Val-de-Marne; du Val-de-Marne
2A Corse-du-Sud; en Corse-du-Sud; de la Corse-du-Sud
2B Haute-Corse; en Haute-Corse; de la Haute-Corse
974 La Réunion; à La Réunion; de La Réunion
69D Rhône; dans le Rhône; du Rhône
69M Métropole de Lyon; dans la métropole de Lyon; de la métropole de Lyon
20R Corse; en Corse; de la Corse
6AE Alsace; en Alsace; de l’Alsace
"""


def _rows(text: str) -> list[list[str | None]]:
    return [[None if cell == "-" else cell for cell in line.split()] for line in text.strip().splitlines()]


def make_communes(text: str = COUNTRY, vintage: int = 2025) -> Communes:
    """Communes of `text`; the département is read in the code, the point is the square's centre."""
    frame = pd.DataFrame(_rows(text), columns=["code", "name", "epci", "ept", "population", "x", "y"])
    department = frame["code"].str[:2].where(~frame["code"].str.startswith("97"), frame["code"].str[:3])
    rows = pd.DataFrame(
        {
            "code": frame["code"],
            "geo_vintage": vintage,
            "name": frame["name"],
            "department": department,
            "region": "00",
            "epci": frame["epci"],
            "ept": frame["ept"],
            "population": pd.to_numeric(frame["population"]).astype("Int64"),
            "population_year": vintage - 2,
            "lon": 3.05 + frame["x"].astype(float) / 10,
            "lat": 50.05 + frame["y"].astype(float) / 10,
        }
    )
    return Communes(TABLES["communes"].frame(rows))


def make_contours(communes: Communes) -> "pd.Series[Any]":
    """A square around each commune's point, by code."""
    x, y = communes["lon"].to_numpy(), communes["lat"].to_numpy()
    edges = [(value + side).round(6) for side in (-0.05, 0.05) for value in (x, y)]
    return pd.Series(shapely.box(*edges), index=communes["code"])


def make_intercommunalities(communes: Communes) -> pd.DataFrame:
    kinds = {"EPCI": EPCI_NAMES, "EPT": EPT_NAMES}
    rows = [
        {"code": code, "kind": kind, "name": names.get(code, f"CC numéro {code[-1]}")}
        for kind, names in kinds.items()
        for code in sorted(communes[kind.lower()].dropna().unique())
    ]
    return pd.DataFrame(rows, columns=["code", "kind", "name"], dtype="str")


def make_departments() -> pd.DataFrame:
    rows = []
    for line in DEPARTMENTS.strip().splitlines():
        named, in_place, of_place = line.split("; ")
        code, _, name = named.partition(" ")
        rows.append({"code": code, "name": name, "in_place": in_place, "of_place": of_place})
    return pd.DataFrame(rows)


def make_lookup(communes: Communes | None = None) -> Lookup:
    communes = make_communes() if communes is None else communes
    postcodes = pd.DataFrame({"postcode": ["59800", "62100"], "code": ["59001", "62001"]})
    return Lookup(communes, make_intercommunalities(communes), make_departments(), postcodes)


def make_passage(*rows: tuple[str, int, str, str, float]) -> Passage:
    """Rows of (code_from, vintage_from, code_to, kind, ratio), to the year after."""
    frame = [
        {
            "code_from": code_from,
            "vintage_from": vintage,
            "code_to": code_to,
            "vintage_to": vintage + 1,
            "kind": kind,
            "ratio": ratio,
            "ratio_source": "test",
        }
        for code_from, vintage, code_to, kind, ratio in rows
    ]
    return Passage(TABLES["passage"].frame(frame))
