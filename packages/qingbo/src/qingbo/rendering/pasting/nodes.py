"""The sanitizer's output as a tree. All elements in it are closed, so one regular expression can parse it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z0-9]+)(?P<attributes>(?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_VOID = {"br", "hr", "img"}


@dataclass(slots=True, eq=False)
class Node:
    """An element."""

    name: str
    parent: "Node | None" = None
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        """The classes that `clipboards` gave it."""
        return set(self.attributes.get("class", "").split())

    @property
    def elements(self) -> "list[Node]":
        """The direct child elements."""
        return [child for child in self.children if isinstance(child, Node)]

    def descendants(self) -> "Iterator[Node]":
        """Yield all elements inside, in document order."""
        for child in self.elements:
            yield child
            yield from child.descendants()

    def text(self) -> str:
        """Return all text inside."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


def tree_of(html: str) -> Node:
    """Parse the sanitizer's output."""
    root = node = Node("div")
    done = 0
    for found in _TAG.finditer(html):
        if text := html[done : found.start()]:
            node.children.append(unescape(text))
        done = found.end()
        if found["end"]:
            node = node.parent or root
            continue
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found["attributes"])}
        child = Node(found["name"], node, attributes)
        node.children.append(child)
        node = node if child.name in _VOID else child
    if text := html[done:]:
        node.children.append(unescape(text))
    return root
