"""Hard breaks for the line breaks of a blog that shows them, such as Hexo's. Pure functions."""

from markdown_it import MarkdownIt


def with_hard_breaks(text: str) -> str:
    """Return a text in which each line break within a paragraph is a hard break: two spaces before it.

    The number of lines stays.
    """
    lines = text.split("\n")
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        if token.type != "inline" or token.map is None or "\n" not in token.content:
            continue
        breaks = [each.type for each in token.children or () if each.type in {"softbreak", "hardbreak"}]
        first, last = token.map
        if len(breaks) != last - first - 1:  # a line break within code, a tag or a link stays as it is
            continue
        for number, kind in enumerate(breaks, first):
            if kind == "softbreak":
                lines[number] = f"{lines[number].rstrip()}  "
    return "\n".join(lines)
