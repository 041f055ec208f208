"""The headings of a text. Pure functions."""

import re

_FENCE = re.compile(r" {0,3}(```|~~~)")
_CLOSE = re.compile(r" {0,3}#{2,6}[^#\s]")


def first_heading(body: str) -> tuple[str, str] | None:
    """Return the heading at the beginning of a text, and the rest, or None."""
    first, _, rest = body.lstrip().partition("\n")
    first = first.strip()
    if re.match(r"#[ \t]+\S", first):
        title = first[1:].strip()
        bare = title.rstrip("#")
        return (bare.rstrip() if bare != bare.rstrip() else title), rest
    line, _, below = rest.partition("\n")
    if first and line.startswith("=") and not line.rstrip().strip("="):
        return first, below
    return None


def lines_without_space(body: str) -> list[tuple[int, str]]:
    """Return lines outside code that begin with ``##`` without a space: text in CommonMark, a heading elsewhere.

    Each with its number, counted from 0.
    """
    found, is_code = [], False
    for number, line in enumerate(body.split("\n")):
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code and _CLOSE.match(line):
            found.append((number, line.strip()))
    return found
