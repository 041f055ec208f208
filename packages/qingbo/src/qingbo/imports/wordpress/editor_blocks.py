"""Texts of WordPress's block editor (Gutenberg): HTML with comments around each block. Pure functions."""

import json
import re
from collections.abc import Callable, Mapping
from html import escape

MARK = "<!-- wp:"
DEEPEST_REUSE = 4
"""How many reusable blocks may contain each other."""
LONGEST = 2_000_000
"""Maximum characters of a text with its reusable blocks."""

_COMMENT = re.compile(
    r"<!--\s+(?P<end>/)?wp:(?P<name>[a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)\s+(?P<values>\{.*?\}\s+)?(?P<empty>/)?-->",
    re.DOTALL,
)
_EMBED = re.compile(r'<div class="wp-block-embed__wrapper">\s*(https?://[^\s<]+)\s*</div>')
_NEXT_PAGE = re.compile(r"<!--nextpage-->")
_SILENT = {"more", "nextpage", "separator", "spacer", "block"}


def is_of_blocks(text: str) -> bool:
    """Return whether a text was written with the block editor."""
    return MARK in text


def with_reused(text: str, reusable: Mapping[str, str], depth: int = 0) -> str:
    """Return a text with the content of the reusable blocks that it refers to."""

    def content(found: re.Match[str]) -> str:
        if found["name"] != "block" or not found["empty"] or depth >= DEEPEST_REUSE:
            return found[0]
        return with_reused(reusable.get(_ref(found["values"]), found[0]), reusable, depth + 1)

    whole = _COMMENT.sub(content, text)
    return whole if len(whole) <= LONGEST else text


def _ref(values: str | None) -> str:
    try:
        found = json.loads(values or "{}")
    except ValueError:
        return ""
    return str(found.get("ref", ""))


def html_of_blocks(text: str, classic: Callable[[str], str]) -> tuple[str, list[str]]:
    """Return a text as HTML without the comments, and the names of blocks that have no HTML of their own.

    Args:
        text: of the post.
        classic: makes HTML of the text between blocks, which the classic editor wrote.
    """
    depth, start = 0, 0
    html: list[str] = []
    dynamic: dict[str, None] = {}
    for found in _COMMENT.finditer(text):
        between = text[start : found.start()]
        html.append(classic(between) if depth == 0 and between.strip() else between)
        start = found.end()
        if found["empty"]:
            if found["name"].removeprefix("core/") not in _SILENT:
                dynamic[found["name"]] = None
            elif found["name"] == "block":
                dynamic["block (reusable, not in the file)"] = None
        else:
            depth = max(0, depth - 1) if found["end"] else depth + 1
    rest = text[start:]
    html.append(classic(rest) if rest.strip() else rest)
    whole = _NEXT_PAGE.sub("", "".join(html))
    return _EMBED.sub(lambda found: _paragraph(found[1]), whole), list(dynamic)


def _paragraph(address: str) -> str:
    shown = escape(address.replace("&amp;", "&"))
    return f'<p><a href="{shown}">{shown}</a></p>'
