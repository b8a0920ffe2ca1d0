"""What a territory code names, and the nearest codes when it names nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from rapidfuzz import fuzz

from diagpacte.errors import ConfigurationError, Fault, TerritoryError
from diagpacte.geography.rules import GeographyRules
from diagpacte.geography.zones import FIRST_EPT_VINTAGE, LYON, belongs, departments_of, typographic, zone_codes
from diagpacte.tables import Communes
from diagpacte.vocabulary import Territory, TerritoryCode, ZoneKind, code_text, siren, zone_code

COLLECTIVITIES = ("20R", "6AE", "69D")  # 69M is one too, and a métropole
OVERSEAS = ("971", "972", "973", "974", "976")
OUT_OF_FIELD = re.compile(r"^(975|977|978|98\d)$")
TWO_THINGS = {"69": ("69D", "69M"), "20": ("20R", "2A", "2B")}
GRAND_PARIS, ITS_DEPARTMENTS = "200054781", ("75", "92", "93", "94")
VOWEL = re.compile(r"^[aeiouyœ]")
ALIKE, SOMEWHAT_ALIKE = 80, 50  # rapidfuzz scores, 0-100
LONG_ENOUGH = 4  # letters: two or three are found in too many names


@dataclass(frozen=True)
class Lookup:
    """The tables where a code is looked up, all of one vintage."""

    communes: Communes
    intercommunalities: pd.DataFrame  # code, kind (EPCI or EPT), name
    departments: pd.DataFrame  # départements and collectivités: code, name, in_place, of_place
    postcodes: pd.DataFrame  # code (commune), postcode

    @property
    def vintage(self) -> int:
        return int(self.communes["geo_vintage"].iloc[0])

    @cached_property
    def names(self) -> dict[str, str]:
        """Name of every territory that can be asked, départements and collectivités first."""
        known = {*self.communes["department"].unique(), *COLLECTIVITIES, "69M"} - {*TWO_THINGS}
        departments = self.departments[self.departments["code"].isin(known)]
        epci = self.intercommunalities[self.intercommunalities["kind"].eq(ZoneKind.EPCI)]
        epci = epci[~epci["code"].isin([GRAND_PARIS, LYON])]
        names = pd.concat([departments[["code", "name"]], epci[["code", "name"]]])
        return {code: typographic(name) for code, name in names.itertuples(index=False)}


def resolve(asked: str, lookup: Lookup, rules: GeographyRules | None = None) -> Territory:
    """The territory that `asked` names: a département, 69D, 69M, 20R, 6AE, or an EPCI by its SIREN.

    A lost zero, a lower case or spaces are mended; 200046977 is 69M. Raises TerritoryError for what is two
    things, an EPT, the Grand Paris, a collectivité out of the field, or an unknown code (naming the nearest);
    ConfigurationError where its zones cannot be known at this vintage.
    """
    code = code_text(asked, 2)
    code = "69M" if code == LYON else code
    if code not in lookup.names:
        raise TerritoryError(_refusal(asked, code, lookup))
    inside = lookup.communes[belongs(code, lookup.communes)]
    placed = inside.assign(zone_code=zone_codes(Communes(inside), rules))
    _check_split(code, placed, rules)
    name, in_place, of_place = _words(code, lookup)
    return Territory(
        code=TerritoryCode(code),
        kind=_kind(code),
        name=name,
        in_place=in_place,
        of_place=of_place,
        slug=slug(name),
        departments=tuple(sorted(inside["department"].unique())),
        geo_vintage=lookup.vintage,
        theme_lists=_theme_lists(code),
        zone_noun=_zone_noun(placed["zone_code"]),
    )


def _check_split(code: str, placed: pd.DataFrame, rules: GeographyRules | None = None) -> None:
    """Refuse a territory that touches an EPCI kept apart whose parts are unknown (ConfigurationError)."""
    for epci in (rules or GeographyRules()).zones_apart:
        if placed["zone_code"].eq(zone_code(ZoneKind.EPCI, epci)).any():
            vintage = placed["geo_vintage"].iloc[0]
            raise ConfigurationError(
                Fault(
                    "diagpacte.toml",
                    found=f"le territoire {code} se lit par EPT, or aucune composition d’EPT n’est fournie pour l’EPCI "
                    f"{epci} au 1er janvier {vintage} (sources ouvertes à partir de {FIRST_EPT_VINTAGE})",
                    expected=f"[geography] vintage = {FIRST_EPT_VINTAGE} ou après",
                    remedy="changer de millésime, ou de territoire",
                )
            )


def slug(name: str) -> str:
    """« Côtes-d’Armor » → « cotes-d-armor »."""
    return re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")


def folded(text: str) -> str:
    """Lower case, no accent, « œ » in two letters."""
    text = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def _kind(code: str) -> str:
    if code in COLLECTIVITIES:
        return "collectivite"
    return "metropole" if code == "69M" or siren(code) else "departement"


def _theme_lists(code: str) -> tuple[str, ...]:
    if code in OVERSEAS:
        return ("outre_mer",)
    if code == "69M":
        return ("departement", "metropole")
    return ("metropole",) if siren(code) else ("departement",)


def _zone_noun(zones: pd.Series[str]) -> str:
    """« EPCI », « EPT », « EPCI et EPT »; Paris is a commune. Islands hors EPCI are no level of their own."""
    kinds = {*zones.str.partition(":")[0]}
    return " et ".join(kind.value for kind in (ZoneKind.EPCI, ZoneKind.EPT) if kind in kinds) or "commune"


def _words(code: str, lookup: Lookup) -> tuple[str, str, str]:
    """Name, « dans … », « de … »: published for départements, made from the name for an EPCI."""
    name = lookup.names[code]
    for row in lookup.departments[lookup.departments["code"].eq(code)].itertuples():
        return name, str(row.in_place), str(row.of_place)
    if name.startswith(("Eurométropole", "Agglomération")):
        return name, f"dans l’{name}", f"de l’{name}"
    if name.startswith(("CC ", "CA ", "CU ", "Communauté", "Métropole")):
        return name, f"dans la {name}", f"de la {name}"
    of_place = f"d’{name}" if VOWEL.match(folded(name)) else f"de {name}"
    return name, f"sur le territoire {of_place}", of_place


def _refusal(asked: str, code: str, lookup: Lookup) -> Fault:
    """Why `code` is no territory, and what to ask instead."""
    epts = lookup.intercommunalities[lookup.intercommunalities["kind"].eq(ZoneKind.EPT)].set_index("code")["name"]
    expected, verb, choices = "", "demander", TWO_THINGS.get(code, ())
    if code in TWO_THINGS:
        found = f"ce code désigne {len(choices)} territoires"
    elif OUT_OF_FIELD.match(code):
        found, choices = "cette collectivité d’outre-mer est hors champ", OVERSEAS
    elif code == GRAND_PARIS:
        found, choices = "le Grand Paris se lit par département : Paris, et les EPT", ITS_DEPARTMENTS
    elif code in epts:
        found = f"{epts[code]} est un EPT, zone d’un territoire"
        choices = tuple(sorted(lookup.communes.loc[lookup.communes["ept"].eq(code), "department"].unique()))
    else:
        found = f"aucun territoire de ce code au 1er janvier {lookup.vintage}"
        expected = "un département (38, 2A, 974), 69D, 69M, 20R, 6AE, ou le SIREN d’un EPCI"
        verb, choices = "essayer", tuple(_nearest(asked, lookup))
    listed = " ou ".join(f"{choice} ({lookup.names[choice]})" for choice in choices if choice in lookup.names)
    remedy = f"{verb} {listed}" if listed else "chercher le code sur insee.fr"
    return Fault(f"territoire « {asked} »", found=found, expected=expected, remedy=remedy)


def _nearest(asked: str, lookup: Lookup) -> Iterable[str]:
    """Codes nearest to `asked`: of that name, where that postcode or commune is, else those that look alike."""
    text, names = folded(asked.strip()), lookup.names
    there = _communes_named(code_text(asked, 5), text, lookup)
    words = {word.upper() for word in re.findall(r"\w+", asked)}
    named = [code for code, name in names.items() if folded(name) == text or code in words]
    exact = [*named, *departments_of(there).unique(), *there["epci"].dropna().unique()]
    if exact:
        return dict.fromkeys(code for code in exact if code in names)
    by_name = {code: fuzz.WRatio(text, folded(name)) for code, name in names.items() if len(text) >= LONG_ENOUGH}
    scores = {code: max(fuzz.ratio(text, code.casefold()), by_name.get(code, 0)) for code in names}
    nearest = sorted(names, key=lambda code: -scores[code])[:4]
    alike = [code for code in nearest if scores[code] >= ALIKE]
    return alike or [code for code in nearest if scores[code] >= SOMEWHAT_ALIKE]


def _communes_named(code: str, name: str, lookup: Lookup) -> Communes:
    """Communes of that code, postcode or (folded) name."""
    communes, postcodes = lookup.communes, lookup.postcodes
    codes = [code, *postcodes.loc[postcodes["postcode"].eq(code), "code"]]
    return Communes(communes[communes["code"].isin(codes) | communes["name"].map(folded).eq(name)])
