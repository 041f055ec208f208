"""Nested lists from items with levels."""

from collections.abc import Iterable


def nested_lists(items: Iterable[tuple[int, str]]) -> str:
    """Return (level, HTML) items as nested lists."""
    out: list[str] = []
    levels: list[int] = []
    for level, html in items:
        while len(levels) > 1 and level < levels[-1] and level <= levels[-2]:
            levels.pop()
            out.append("</li>\n</ul>\n")
        if levels and level <= levels[-1]:
            levels[-1] = min(level, levels[-1])
            out.append("</li>\n")
        else:
            levels.append(level)
            out.append("<ul>\n")
        out.append(f"<li>{html}")
    out.append("</li>\n</ul>\n" * len(levels))
    return "".join(out)
