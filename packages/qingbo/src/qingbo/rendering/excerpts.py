"""Titles and beginnings, as plain text."""

import html
import re

from qingbo.rendering.characters import join_lines

LENGTH = 200
_BLOCK_END = re.compile(r"</(p|h[1-6]|li|tr|td|th|blockquote|pre|div|dd|dt|figcaption)>|<hr\s*/?>", re.IGNORECASE)
_TAG = re.compile(r'<(?:[^>"]|"[^"]*+")*+>')
_LINE_END = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)
_NOT_PROSE = re.compile(
    "|".join(
        [
            *(rf"<{tag}\b.*?</{tag}>" for tag in ("pre", "table", "h1", "h2", "h3", "h4", "h5", "h6")),
            r"<sup class=\"footnote-ref\".*?</sup>",
            r"<section class=\"footnotes\".*",
        ]
    ),
    re.DOTALL,
)


def excerpt_of(rendered: str, length: int = LENGTH) -> str:
    """Return the beginning of clean HTML as one line of at most `length` characters."""
    without_code = _NOT_PROSE.sub(" ", rendered)
    broken = _LINE_END.sub("\n", _BLOCK_END.sub(" ", without_code))
    line = " ".join(join_lines(html.unescape(_TAG.sub("", broken))).split())
    return line if len(line) <= length else f"{_cut(line, length - 1)}…"


def _cut(line: str, length: int) -> str:
    # Between words of Latin script; Chinese can be cut anywhere.
    cut = line[:length]
    space = cut.rfind(" ")
    if space > length * 0.8 and line[length : length + 1].isascii():
        cut = cut[:space]
    return cut.rstrip()
