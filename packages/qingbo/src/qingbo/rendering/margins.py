"""The margin of a long text on a wide page: its table of contents and footnotes, made from sanitized HTML."""

import re
from collections.abc import Sequence
from html import escape, unescape

from qingbo.rendering.nested_lists import nested_lists

FEWEST_HEADINGS = 3
LONG = 1_500
"""Minimum length in characters of a text with a table of contents in the margin."""

_PLACE = re.compile(
    r'<(/?)blockquote>|<div class="heading">\n<h([1-6]) id="([^"]*+)">(.*?)</h\2>|<div class="(contents)">', re.DOTALL
)
_TAG = re.compile(r"<[^>]*+>")
_NOTE = re.compile(
    r'<li id="fn(\d+)" class="footnote-item"><p>((?:(?!</p>).)*+)</p>\n</li>', re.DOTALL
)  # one paragraph, so it can be inside the line that refers to it
_BACK = re.compile(r'\s*<a href="#fnref[^"]*" class="footnote-backref"[^>]*>[^<]*</a>')
_REFERENCE = re.compile(r'<sup class="footnote-ref"><a href="#fn(\d+)" id="fnref\1"[^>]*>[^<]*</a></sup>')
_ID = re.compile(r' id="[^"]*"')


def headings_of(html: str) -> list[tuple[int, str, str]]:
    """Return level, id and text of the headings of a long text; none if it has a table of contents itself.

    Args:
        html: from `rendering.markdown`. Headings in quotes are left out.
    """
    found: list[tuple[int, str, str]] = []
    depth = 0
    for place in _PLACE.finditer(html):
        if place[5]:
            return []
        if place[3] is None:
            depth += -1 if place[1] else 1
        elif not depth and (words := unescape(_TAG.sub("", place[4])).strip()):
            found.append((int(place[2]), place[3], words))
    return found if len(found) >= FEWEST_HEADINGS and len(_TAG.sub("", html)) >= LONG else []


def contents_list(headings: Sequence[tuple[int, str, str]]) -> str:
    """Return the headings of the two highest levels as nested lists of links."""
    highest = min(level for level, _name, _words in headings)
    shown = [
        (level, f'<a href="#{name}">{escape(words)}</a>') for level, name, words in headings if level <= highest + 1
    ]
    return nested_lists(shown).replace("\n", "")


def with_sidenotes(html: str) -> str:
    """Return HTML with each footnote also in the line that refers to it, if every footnote is one paragraph."""
    notes = {number: _ID.sub("", _BACK.sub("", words)) for number, words in _NOTE.findall(html)}
    if not notes or len(notes) != html.count(' class="footnote-item"'):
        return html
    text, section, rest = html.partition('<section class="footnotes">')

    def beside(found: re.Match[str]) -> str:
        note = notes.pop(found[1], "")
        return f'{found[0]}<span class="sidenote"><sup>{found[1]}</sup> {note}</span>' if note else found[0]

    return _REFERENCE.sub(beside, text) + section + rest
