"""The text of sanitized HTML, with its styles."""

import re
from dataclasses import dataclass

from qingbo.rendering.pasting.code import code_of
from qingbo.rendering.pasting.nodes import Node
from qingbo.rendering.pasting.runs import SOFT, Run

INLINE = {"span", "a", "br", "img"}

_OFF = {"nb": "b", "ni": "i"}
_STYLES = {"b", "i", "s", "code", "kbd", "sub", "sup", "mark"}
_SPACES = re.compile(r"[ \t\f\r\xa0\u2002-\u200a\u202f\u205f\u3164]+")
_SOURCE_BREAK = re.compile(r" ?\n[ \n]*")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2028\u2029\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True)
class Context:
    """What an element passes to its content."""

    styles: frozenset[str] = frozenset()
    link: str = ""
    breaks: bool = False
    """Whether line breaks in the text are kept."""

    def inside(self, tag: Node) -> "Context":
        """Return the context inside an element."""
        names = tag.classes
        off = {style for name, style in _OFF.items() if name in names}
        breaks = (self.breaks or "breaks" in names) and "flows" not in names
        link = _link(tag) if tag.name == "a" else self.link
        return Context((self.styles - off) | (_STYLES & names), link, breaks)


def text_run(text: str, context: Context) -> Run:
    """Return text with white space as it is shown."""
    shown = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return Run(shown if context.breaks else _SOURCE_BREAK.sub(SOFT, shown), context.styles, context.link)


def atom_run(tag: Node, context: Context) -> Run:
    """Return the run of a line break or a picture."""
    if tag.name == "br":
        return Run("\n", context.styles, context.link)
    alt = " ".join(_INVISIBLE.sub("", tag.attributes.get("alt", "")).split())
    return Run(alt, context.styles - {"code"}, context.link, _absolute(tag.attributes.get("src", "")))


def runs_in(tag: Node, context: Context) -> list[Run]:
    """Return all text in an element, with line breaks between its blocks."""
    runs: list[Run] = []
    _collect(tag, context, runs)
    return runs


def _collect(tag: Node, context: Context, runs: list[Run]) -> None:
    for child in tag.children:
        if not isinstance(child, Node):
            runs.append(text_run(child, context))
        elif child.name in {"br", "img"}:
            runs.append(atom_run(child, context))
        elif child.name == "pre":
            lines = (line.strip() for line in code_of(child).split("\n"))
            runs += [part for line in lines if line for part in (Run("\n"), Run(line, frozenset({"code"})))]
            runs.append(Run("\n"))
        elif child.name in INLINE:
            if not child.classes & {"marker", "done", "todo"}:
                _collect(child, context.inside(child), runs)
        else:
            runs.append(Run("\n"))
            _collect(child, context.inside(child), runs)
            runs.append(Run("\n"))


def _link(tag: Node) -> str:
    address = tag.attributes.get("href", "").strip()
    return "" if address.startswith("#") else _absolute(address)


def _absolute(address: str) -> str:
    return f"https:{address}" if address.startswith("//") else address
