"""Markdown of systems that show each line break, such as Typecho, as Markdown of this blog. Pure functions."""

from itertools import pairwise

from qingbo.rendering.parsing import parsed_post

HARD_BREAK = "  "
"""At the end of a line (CommonMark 6.7)."""


def with_hard_breaks(text: str) -> str:
    """Return Markdown whose paragraphs keep their line breaks; code, tables, headings and HTML are unchanged."""
    lines = text.split("\n")
    tokens = parsed_post(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and inline.map:
            first, after = inline.map
            for number in range(first, after - 1):
                line = lines[number].rstrip()
                lines[number] = line if not line or line.endswith("\\") else line + HARD_BREAK
    return "\n".join(lines)
