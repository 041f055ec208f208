"""Converts rich text from the clipboard to Markdown.

`clipboards` simplifies other programs' HTML, the sanitizer cleans it, `blocks` reads it, `runs` and `reading_back`
write the text, and `writer` writes the blocks around it.
"""

import nh3

from qingbo.rendering.characters import without_controls
from qingbo.rendering.pasting.blocks import blocks_of
from qingbo.rendering.pasting.clipboards import ATTRIBUTES, TAGS, simplified
from qingbo.rendering.pasting.nodes import tree_of
from qingbo.rendering.pasting.writer import Writer, container

LONGEST = 2_000_000
"""Maximum characters of the HTML, and of the resulting Markdown."""

MOST_ELEMENTS = 120_000
"""Maximum number of elements, at about 50 µs each."""


class TooMuch(Exception):
    """The text is too long, or has too many elements, to be pasted with its formatting."""


def markdown_of(html: str) -> str:
    """Return rich text as Markdown, as a writer of this blog would type it.

    Raises:
        TooMuch: if it is too long, or has too many elements.
    """
    _refuse_longer(html)
    simple = simplified(without_controls(html))
    if simple.count("<") > 2 * MOST_ELEMENTS:
        raise TooMuch
    cleaned = nh3.clean(
        simple,
        tags=TAGS,
        clean_content_tags=set(),
        attributes=ATTRIBUTES,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )
    blocks = blocks_of(tree_of(cleaned))
    text = Writer().convert_soup(container("div", blocks)).strip("\n")
    _refuse_longer(text)
    return text


def _refuse_longer(text: str) -> None:
    if len(text) > LONGEST:
        raise TooMuch
