"""The HTML of the quality page, and the shape of what it prints: one file, no script, no request, printed on A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_WORD = 18  # letters that a column always has room for


@dataclass(frozen=True)
class Item:
    """A cell of the page; `figure` is the id of what it counts, `look` n (a number), none or simulated."""

    text: str
    figure: str = ""
    title: str = ""
    look: str = ""

    @property
    def classes(self) -> str:
        """Only a word too long for any column may be cut: « bloquant » is not."""
        endless = max(map(len, self.text.split()), default=0) > LONGEST_WORD
        return " ".join(filter(None, (self.look, "long" if endless else "")))


@dataclass(frozen=True)
class Grid:
    """A table: its caption, headings and rows; the first cell of a row heads it."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Item]]
    empty: str


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str
    lines: Sequence[str]
    tables: Sequence[Grid]


@dataclass(frozen=True)
class Page:
    title: str
    stamp: str
    banner: str
    lines: Sequence[str]
    sections: Sequence[Section]


STYLE = """
@page { size: A4 landscape; margin: 12mm; }
body { font: 15px/1.45 "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 76rem; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 1.6em; margin: .6rem 0 .2rem; }
h2 { font-size: 1.2em; margin: 2rem 0 .4rem; border-bottom: 2px solid #1f3a5f; padding-bottom: .2rem; }
p { max-width: 62rem; margin: .4rem 0; }
.stamp, .banner { display: inline-block; border: 1px solid #1a1a1a; padding: .1rem .6rem; font-weight: 600; margin: 0 .4rem .3rem 0; }
.banner { background: #1a1a1a; color: #fff; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0 1rem; width: 100%; font-size: .87em; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid #9a9a9a; padding: .25rem .45rem; text-align: left; vertical-align: top; }
.long { overflow-wrap: anywhere; }
thead th { background: #1f3a5f; color: #fff; }
tbody th { font-weight: 600; background: #f6f4f0; }
td.n { text-align: right; white-space: nowrap; }
td.none { color: #4d4d4d; }
.simulated { background: #efe6f5; font-style: italic; }
code { font-family: Consolas, "Liberation Mono", monospace; font-size: .92em; overflow-wrap: anywhere; }
nav ul { padding-left: 1.2rem; columns: 2; max-width: 50rem; }
a { color: #0b4f8a; }
@media print {
  body { max-width: none; padding: 0; font-size: 11px; }
  nav { display: none; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  tbody tr:first-child { break-before: avoid; }
  h2, caption { break-after: avoid; }
  .scroll { overflow: visible; }
}
"""

# A cell is text, or a figure: a number with its id, so that a reader can trace it.
PAGE = """{% macro cell(one, first=false) -%}
{% if first %}<th scope="row"{% if one.classes %} class="{{ one.classes }}"{% endif %}>{{ one.text }}</th>
{%- else %}<td{% if one.classes %} class="{{ one.classes }}"{% endif %}{% if one.figure %} data-figure="{{ one.figure }}"{% endif %}
{%- if one.title %} title="{{ one.title }}"{% endif %}>{{ one.text }}</td>{% endif %}
{%- endmacro -%}
<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ page.title }}</title>
<style>{{ style }}</style>
</head>
<body>
<header>
<p><span class="stamp">{{ page.stamp }}</span>{% if page.banner %}<span class="banner">{{ page.banner }}</span>{% endif %}</p>
<h1>{{ page.title }}</h1>
{% for line in page.lines %}<p>{{ line }}</p>
{% endfor %}</header>
<nav aria-label="Sommaire"><ul>
{% for section in page.sections %}<li><a href="#{{ section.anchor }}">{{ section.title }}</a></li>
{% endfor %}</ul></nav>
<main>
{% for section in page.sections %}<section aria-labelledby="{{ section.anchor }}">
<h2 id="{{ section.anchor }}">{{ section.title }}</h2>
{% for line in section.lines %}<p>{{ line }}</p>
{% endfor %}{% for table in section.tables %}{% if table.rows %}<div class="scroll"><table>
<caption>{{ table.caption }}</caption>
<thead><tr>{% for heading in table.headings %}<th scope="col">{{ heading }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}<tr>{% for one in row %}{{ cell(one, loop.first) }}{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
{% else %}<p>{{ table.empty }}</p>
{% endif %}{% endfor %}</section>
{% endfor %}</main>
</body>
</html>
"""
