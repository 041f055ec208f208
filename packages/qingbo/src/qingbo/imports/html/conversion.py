"""Converts the HTML of a post to the text of one: Markdown where a reader sees the same, else HTML."""

import re
from dataclasses import dataclass, field
from itertools import islice

from qingbo.imports.html.cleaning import blocks_of, cleaned, lost_elements, with_links
from qingbo.imports.html.reading import reading_of
from qingbo.rendering.markdown import rendered_post
from qingbo.rendering.pasting import TooMuch, markdown_of

MORE = "<!--more-->"
LONGEST = 1_000_000
"""Maximum characters of the HTML of one post."""
MOST_BLOCKS = 3_000
"""How many blocks of a text are converted one by one; of a text with more, all stay HTML."""

_MORE = re.compile(r"(?:<p>\s*)?<!--\s*more\b[^>]*?-->(?:\s*</p>)?", re.IGNORECASE)
_LINK_WITHIN = re.compile(r"""<a\b[^<>]*\bhref\s*=\s*["']?#""", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n(?=[ \t]*\n)")
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


@dataclass(slots=True)
class Converted:
    """The text of a post."""

    text: str
    """Markdown, which may contain HTML."""
    doubts: list[str] = field(default_factory=list)
    """What was lost, or may look different."""


def converted(html: str) -> Converted:
    """Return the text of a post for its HTML."""
    if len(html) > LONGEST:
        return Converted("", [f"its text has more than {LONGEST} characters"])
    doubts = []
    if lost := lost_elements(html):
        doubts.append(f"{', '.join(lost)} cannot be in a post and was left out")
    with_ids = _LINK_WITHIN.search(html) is not None
    parts = [_part(part, with_ids, doubts) for part in _MORE.split(html)]
    return Converted(f"\n\n{MORE}\n\n".join(parts).strip("\n"), list(dict.fromkeys(doubts)))


def _part(html: str, with_ids: bool, doubts: list[str]) -> str:
    clean = with_links(cleaned(html))
    wanted = reading_of(clean, with_ids=with_ids)
    if (text := _markdown(clean, wanted, with_ids)) is not None:
        return text
    blocks = list(islice(blocks_of(clean), MOST_BLOCKS + 1))
    text = "\n\n".join(_written(block, with_ids) for block in blocks) if len(blocks) <= MOST_BLOCKS else ""
    if text and _shown(text, with_ids) == wanted:
        return text
    text = as_html_block(f"<div>{clean}</div>")
    if _shown(text, with_ids) != wanted:
        doubts.append("its text may look different here; compare it")
    return text


def _written(block: str, with_ids: bool) -> str:
    text = _markdown(block, reading_of(block, with_ids=with_ids), with_ids)
    return as_html_block(block) if text is None else text


def _markdown(clean: str, wanted: list[object], with_ids: bool) -> str | None:
    """Return Markdown that shows what the HTML shows, or None."""
    try:
        text = markdown_of(clean)
    except TooMuch:
        return None
    return text if _shown(text, with_ids) == wanted else None


def _shown(text: str, with_ids: bool) -> list[object]:
    return reading_of(rendered_post(text).html, with_ids=with_ids)


def as_html_block(html: str) -> str:
    """Return HTML in a form that Markdown does not interpret: without blank lines."""
    pieces = _PRE.split(html)
    for number, piece in enumerate(pieces):
        is_code = number % 2 == 1
        pieces[number] = _BLANK_LINE.sub("&#10;" if is_code else "", piece)
    return "".join(pieces).strip()
