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

# WordPress writes < and > in a block's values as \\u003c and \\u003e.
_COMMENT = re.compile(
    r"<!--\s+(?P<end>/)?wp:(?P<name>[a-z][a-z0-9_-]*+(?:/[a-z][a-z0-9_-]*+)?+)\s(?P<rest>[^<>]*+)(?<=--)>"
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
        if found["name"] != "block" or not _is_empty(found) or depth >= DEEPEST_REUSE:
            return found[0]
        return with_reused(reusable.get(_ref(found["rest"]), found[0]), reusable, depth + 1)

    whole = _COMMENT.sub(content, text)
    return whole if len(whole) <= LONGEST else text


def _is_empty(found: re.Match[str]) -> bool:
    """Return whether a block consists of its comment alone."""
    return str(found["rest"]).removesuffix("--").rstrip().endswith("/")


def _ref(rest: str) -> str:
    try:
        found = json.loads(rest.removesuffix("--").rstrip().removesuffix("/"))
    except ValueError:
        return ""
    return str(found.get("ref", "")) if isinstance(found, dict) else ""


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
        if _is_empty(found):
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
