"""Names for headings, as GitHub makes them: a table of contents can jump to them."""

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qingbo.rendering.elements import ANCHOR

_DROPPED = re.compile(r"[^\w\- ]")


def name_headings(state: StateCore) -> None:
    """Give each heading an id made of its text; the second of the same text gets -1."""
    counts: dict[str, int] = {}
    anchors: set[str] = state.env["anchors"]
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if heading.type == "heading_open" and (slug := _slug(inline)):
            name = slug
            while name in anchors:
                counts[slug] = counts.get(slug, 0) + 1
                name = f"{slug}-{counts[slug]}"
            anchors.add(name)
            heading.attrSet("id", ANCHOR + name)


def _slug(inline: Token) -> str:
    text = "".join(token.content for token in inline.children or () if token.type in {"text", "code_inline", "image"})
    return _DROPPED.sub("", text.strip().lower()).replace(" ", "-")
