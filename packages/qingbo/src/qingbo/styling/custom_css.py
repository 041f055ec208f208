"""Checks CSS from others: it must not load anything from other sites, nor run anything.

The check works on tokens instead of text, so that escapes, comments and letter case make no difference. The CSS that is
sent is serialized from these tokens.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any

import tinycss2

LONGEST = 20_000
"""Maximum characters of custom CSS."""
LONGEST_THEME = 100_000
DEEPEST = 10
"""Maximum nesting of blocks, and again of functions and brackets in a value."""

_RULES = {"import", "charset", "namespace"}
_PROPERTIES = {"-moz-binding", "behavior", "-ms-behavior"}
_ACTIVE = {"expression", "progid"}
_QUOTED = {"url", "src"}
_PICTURES = {"image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade"}
"""Functions whose strings are addresses."""
_IN_PICTURES = _QUOTED | _PICTURES
_IN_PICTURES |= {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "calc"}
"""Functions allowed inside them. Others, such as var(), could produce an address that the check cannot see."""
_BLOCKS = {"{} block", "() block", "[] block"}

_OWN = re.compile(r"/(?:media|static)/[\w%.~!$'()*+,;=:@/&-]+(?:\?[\w%.=&-]*)?")
_UP = re.compile(r"(?:\.|%2e){2}", re.IGNORECASE)
_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,].*", re.IGNORECASE | re.DOTALL)
_END = re.compile(r"</style", re.IGNORECASE)


Node = Any
"""A node of tinycss2; each type has different attributes."""


class Reason(StrEnum):
    """Why CSS was refused."""

    LENGTH = "length"
    SYNTAX = "syntax"
    RULE = "rule"
    ADDRESS = "address"
    VARIABLE = "variable"
    ACTIVE = "active"
    DEPTH = "depth"


_WORDS = {
    Reason.LENGTH: "at most {what} characters are allowed",
    Reason.SYNTAX: "this is not valid CSS ({what})",
    Reason.RULE: "{what} is not allowed",
    Reason.ADDRESS: "{what} is not an address of this site; use /media/…, /static/… or data:image/…",
    Reason.VARIABLE: "{what} is not allowed where an address stands; write the address out",
    Reason.ACTIVE: "{what} is not allowed",
    Reason.DEPTH: "more than {what} blocks are nested",
}


class CssRefused(ValueError):
    """CSS that is not sent, with the first bad line."""

    def __init__(self, line: int, reason: Reason, what: object) -> None:
        shown = str(what)
        self.line = line
        self.reason = reason
        self.what = shown if len(shown) <= 60 else f"{shown[:60]}…"
        super().__init__(f"line {line}: {_WORDS[reason].format(what=self.what)}")


@lru_cache(maxsize=32)
def checked_css(text: str, longest: int = LONGEST) -> str:
    """Return CSS in the form that is sent.

    Raises:
        CssRefused: if it would load something from another site, could run something, or is not valid CSS.
    """
    if len(text) > longest:
        raise CssRefused(text.count("\n", 0, longest) + 1, Reason.LENGTH, longest)
    if found := _END.search(text):
        raise CssRefused(text.count("\n", 0, found.start()) + 1, Reason.ACTIVE, found[0])
    written = _serialised(text)
    if _END.search(written):
        raise CssRefused(1, Reason.ACTIVE, "</style")
    if _serialised(written) != written:
        raise CssRefused(1, Reason.SYNTAX, "it cannot be read in one way only")
    return written.strip()


def _serialised(text: str) -> str:
    nodes = tinycss2.parse_component_value_list(text.removeprefix("\ufeff"), skip_comments=True)
    _check(nodes)
    _check_grammar(tinycss2.parse_stylesheet(nodes, skip_whitespace=True))
    return str(tinycss2.serialize(nodes))


def _check(nodes: Iterable[Node], blocks: int = 0, brackets: int = 0, function: str = "") -> None:
    """Refuse forbidden tokens, also inside blocks and functions.

    Args:
        nodes: of one block or function.
        blocks: how many `{}` contain them.
        brackets: how many functions and brackets contain them within the innermost `{}`.
        function: the function around them whose strings are addresses, or an empty string.
    """
    for node in nodes:
        if node.type == "error":
            raise CssRefused(node.source_line, Reason.SYNTAX, node.message)
        _check_name(node)
        _check_address(node, function)
        inside = _content(node)
        if inside is None:
            continue
        deeper = (blocks + 1, 0) if node.type == "{} block" else (blocks, brackets + 1)
        if max(deeper) > DEEPEST:
            raise CssRefused(node.source_line, Reason.DEPTH, DEEPEST)
        _check(inside, *deeper, _addressed(node, function))


def _content(node: Node) -> list[Node] | None:
    if node.type in _BLOCKS:
        return list(node.content)
    return list(node.arguments) if node.type == "function" else None


def _addressed(node: Node, function: str) -> str:
    """Return the function that makes the strings inside a node addresses, or an empty string."""
    if node.type == "{} block":
        return ""
    if node.type == "function" and node.lower_name == "type":  # a MIME type, in image-set()
        return ""
    return node.lower_name if node.type == "function" and node.lower_name in _QUOTED | _PICTURES else function


def _check_name(node: Node) -> None:
    if node.type == "at-keyword" and node.lower_value in _RULES:
        raise CssRefused(node.source_line, Reason.RULE, f"@{node.lower_value}")
    name = node.lower_value if node.type == "ident" else node.lower_name if node.type == "function" else ""
    if name in _ACTIVE or name in _PROPERTIES:
        raise CssRefused(node.source_line, Reason.ACTIVE, name)


def _check_address(node: Node, function: str) -> None:
    if node.type == "url" or (node.type == "string" and function):
        if not is_own_address(node.value):
            raise CssRefused(node.source_line, Reason.ADDRESS, node.value)
    elif node.type == "function":
        name = node.lower_name
        if function and not (name in _IN_PICTURES or name == "type" or name.endswith("-gradient")):
            raise CssRefused(node.source_line, Reason.VARIABLE, f"{name}()")
        said = [each.type for each in node.arguments if each.type != "whitespace"]
        if name in _QUOTED and said != ["string"]:
            raise CssRefused(node.source_line, Reason.VARIABLE, f"{name}()")


def is_own_address(address: str) -> bool:
    """Return whether an address in CSS is a file of this site, or contains a picture itself."""
    return _DATA.fullmatch(address) is not None or (
        _OWN.fullmatch(address) is not None and _UP.search(address) is None and "//" not in address
    )


def _check_grammar(nodes: Iterable[Node]) -> None:
    for node in nodes:
        if node.type == "error":
            raise CssRefused(node.source_line, Reason.SYNTAX, node.message)
        if node.type in {"qualified-rule", "at-rule"} and node.content is not None:
            _check_grammar(tinycss2.parse_blocks_contents(node.content, skip_whitespace=True))
