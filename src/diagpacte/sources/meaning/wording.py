"""Headings in words: the same heading whatever its year, its unit and its line breaks; the year a place says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagpacte.sources.files.texts import normalised
from diagpacte.sources.meaning.variables import PERCENT_UNITS

YEAR = re.compile(r"(?<!\d)(?:19[6-9]|20)\d{2}(?!\d)")
LINE_BREAK = re.compile(r"_x000[da]_", re.IGNORECASE)  # how some exports write a line break in a cell
UNIT_WORDS = {  # unit as headings write it → units of the dictionary that it may be
    r"%|pourcentages?": (*PERCENT_UNITS, "places_per_100"),
    r"nombre|effectifs?|unites?": ("count",),
    r"euros?(?: par an| annuels)?|€": ("eur_year", "eur_m2"),
    r"km|kilometres?": ("km",),
    r"minutes?|min": ("min",),
}
# « (en %) », « (%) », « , en % », « en % »; « en nombre » only set apart, for « en nombre » may be part of a sentence
UNIT = re.compile(
    rf"\(\s*(?:en )?(?P<inside>{'|'.join(UNIT_WORDS)})\s*\)|(?:, en |\ben (?=%))(?P<after>{'|'.join(UNIT_WORDS)})(?!\w)"
)
NATURE = re.compile(r"\(valeurs? (?:simulee|estimee|provisoire|definitive)s?\)")
# « 2022 », « en 2022 », « entre 2016 et 2022 », « au 31/12/2022 », « fin décembre 2022 », « 2016-2022 »
MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
DATED = re.compile(
    rf"(?:\b(?:en|au|fin|annees?|millesime|entre|de)\s+)*(?:\b\d{{1,2}}(?:er)?(?:/\d{{1,2}}/|\s(?:{MONTHS})\s)|\b(?:{MONTHS})\s)?"
    rf"{YEAR.pattern}(?:\s?(?:[-–/]|et|a)\s?{YEAR.pattern})?(?:-(?:\d{{2}}|t[1-4]))?(?!\w)"
)
EMPTIED = re.compile(r"\(\s*[,;:-]*\s*\)")
LOOSE_ENDS = " ,;:-–."
# What a title or a note says of other things than the year of the figures.
OTHER_YEARS = re.compile(r"geographi|mise en ligne|actualis|publi|telecharg|perimetre|decoupage")
# The same in a heading, with the year: « (géographie 2024) », « euros constants 2023 », « mise à jour 2024 ».
ASIDE = re.compile(
    r"(?<![a-z])(?:geo(?:graphi\w*)?|cog|perimetres?|decoupages?|limites|mis\w* a jour|mise en ligne|maj|publi\w*|actualis\w*"
    rf"|telecharg\w*|euros? constants?|euros? de|aux prix de|base)(?![a-z])[^.;()]{{0,40}}?{YEAR.pattern}"
)
# Words just before the year of the figures: « en 2021 », « données 2021 », « au 31/12/2021 », « Filosofi 2021 ».
SOURCES = "filosofi|recensement|rp|apl|lovac|rpls|fideli|flores|bpe|sne"
DATES = re.compile(
    rf"(?<![a-z])(?:(?:en|donnees?|annees?|millesimes?|{SOURCES})\s*:?\s*(?:de |en )?"
    rf"|(?:au|fin)\s(?:\d{{1,2}}/\d{{1,2}}/|(?:\d{{1,2}}(?:er)?\s)?(?:(?:{MONTHS})\s)?)){YEAR.pattern}"
)
# What a sheet holds, or when it was made: « EPCI_geo2024 » says nothing of its figures.
NO_DATE = re.compile(
    r"(?<![a-z])(?:geo\w*?|cog|epci|ept|com|communes?|dep|departements?|reg|regions?|maj|versions?|v|mis\w*|publi\w*|pacte|panorama"
    r"|diagnostic|feuil\w*?|sheet|onglet|tab\w*?|export|extrait|extraction)(?![a-z])"
)
MULTIPLE = re.compile(
    r"(?<!\w)(?:en )?(?:centaines|milliers?|millions?|milliards?)(?!\w)|(?<!\w)k ?(?:€|euros?|eur)(?!\w)|(?<!\w)md? ?€"
)
MULTIPLE_ASIDE = re.compile(rf"\(\s*(?:{MULTIPLE.pattern})[^()]*\)|, en (?:milliers|millions)(?!\w).*$")
FACTORS = {
    r"centaine": 100, r"millier|(?<!\w)k": 1_000, r"million|(?<!\w)m ?€": 1_000_000, r"milliard|(?<!\w)md": 1_000_000_000,
}  # fmt: skip
RATE = re.compile(r"(?<!\w)(?:pour|p\.) ?(?:1|10|100)? ?(?:000|mille)(?!\w)|‰")
MONTHLY = re.compile(r"(?:/|(?<!\w)(?:par|chaque)) ?mois(?!\w)|(?<!\w)mensuel\w*")
MILLESIME = re.compile(r"\bmillesimes?\b|\bannee des donnees\b|\bdate de reference\b")


def bare(text: str) -> str:
    """A heading as it is looked for: without case nor accents, its year, its unit, its nature put aside."""
    plain = normalised(LINE_BREAK.sub(" ", text))
    for aside in (UNIT, MULTIPLE_ASIDE, NATURE, DATED, EMPTIED):
        plain = aside.sub(" ", plain)
    return " ".join(re.sub(r"\s+([,;:])", r"\1", plain).split()).strip(LOOSE_ENDS)


def years_in(text: str) -> list[str]:
    """The years of a text, in their order, each once."""
    return list(dict.fromkeys(YEAR.findall(text)))


def data_years(*texts: str) -> list[str]:
    """The years of the figures that headings say, each once: not that of a geography, of prices, of a publication."""
    return years_in(" ; ".join(ASIDE.sub(" ", normalised(text)) for text in texts if text))


def only_dates(text: str) -> bool:
    """« 2020 », « 2015-2020 », « (2020) »: a year, and nothing that it dates."""
    return bool(YEAR.search(text)) and not bare(text)


def multiple(text: str, unit: str) -> str:
    """The words by which `text` says that numbers are no plain `unit` of the dictionary: « en milliers »; « » else."""
    shapes = [MULTIPLE, *([] if unit == "per_mille" else [RATE]), *([MONTHLY] if unit == "eur_year" else [])]
    plain = normalised(text)
    return next((found[0].strip() for shape in shapes if (found := shape.search(plain))), "")


def factor_said(words: str) -> int:
    """By what « en milliers », « k€ » or « millions » say that numbers are to be multiplied; 0 for other words."""
    return next((factor for pattern, factor in FACTORS.items() if re.search(pattern, normalised(words))), 0)


def said_units(text: str) -> tuple[str, ...]:
    """The units of the dictionary that a heading allows by the unit it writes; all of them, (), when it writes none."""
    found = UNIT.search(normalised(text))
    if found is None:
        return ()
    word = found["inside"] or found["after"]
    return next(units for pattern, units in UNIT_WORDS.items() if re.fullmatch(pattern, word))


def said_period(sheet: str, above: Sequence[str]) -> tuple[int, str] | None:
    """Year and period of the figures as the place of a table says them; None unless a single year is said.

    The name of the sheet comes first, then a line « Millésime : 2023 » above the table, then its title, whose
    year counts only where it dates figures: that of « Pacte des solidarités 2024 » is not theirs.
    """
    stated = [text for text in above if MILLESIME.search(normalised(text))]
    title = [text for text in above[:1] if not OTHER_YEARS.search(normalised(text))]
    named = [] if NO_DATE.search(normalised(YEAR.sub(" ", sheet)).replace("_", " ")) and not _dating(sheet) else [sheet]
    for years in (_each(named), _each(stated), _each(title) if any(map(_dating, title)) else []):
        if len(years) == 1:
            return int(years[0]), years[0]
        if years:
            return None
    return None


def _each(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(year for text in texts for year in data_years(text)))


def _dating(text: str) -> bool:
    """Whether `text` writes a year as that of figures."""
    return bool(DATES.search(normalised(text).replace("_", " ")))
