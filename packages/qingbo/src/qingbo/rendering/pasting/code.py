"""Code blocks in sanitized HTML."""

import re

from qingbo.rendering.pasting.nodes import Node

_INLINE = {"span", "a"}
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_SPACE = re.compile("[\xa0\u2002-\u200a\u202f]")


def language_of(tag: Node) -> str:
    """Return the language of a code block, or an empty string."""
    around = [tag, *tag.descendants()]
    if tag.parent is not None and tag.parent.name == "div":
        around.append(tag.parent)
    names = (name for each in around for name in each.classes if name.startswith("language-"))
    return next((name.removeprefix("language-") for name in names), "")


def code_of(tag: Node) -> str:
    """Return the lines of a code block."""
    parts: list[str] = []
    _collect(tag, parts)
    text = _SPACE.sub(" ", _INVISIBLE.sub("", "".join(parts)))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _collect(tag: Node, parts: list[str]) -> None:
    for child in tag.children:
        if not isinstance(child, Node):
            parts.append(child)
        elif child.name == "br":
            parts.append("\n")
        else:
            is_line = child.name not in _INLINE or "line" in child.classes
            if is_line:
                _end_line(parts)
            _collect(child, parts)
            if is_line:
                _end_line(parts)


def _end_line(parts: list[str]) -> None:
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")
