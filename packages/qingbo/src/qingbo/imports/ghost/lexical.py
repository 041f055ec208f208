"""Texts of Ghost's editor since 5.0 (Lexical) as pieces of HTML and Markdown. Pure functions."""

import json
from html import escape
from typing import Any

from qingbo.imports.ghost.cards import Piece, left_out, piece_of

DEEPEST = 40
"""Maximum nesting of nodes."""

_BITS = ((1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"), (128, "mark"))
"""Lexical's text formats, by their bit."""
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def pieces_of(text: str) -> tuple[list[Piece], list[str]]:
    """Return the pieces of a text, and the names of cards that are unknown or that readers do not see.

    Raises:
        ValueError: if it is not a document of Lexical.
    """
    root = json.loads(text).get("root")
    if not isinstance(root, dict):
        raise ValueError("no root")
    pieces: list[Piece] = []
    unknown: dict[str, None] = {}
    for node in root.get("children") or []:
        name = str(node.get("type", ""))
        if (block := _block(node)) is not None:
            pieces.append(Piece(block))
        elif (piece := piece_of(name, node)) is not None:
            pieces.append(piece)
            unknown |= {name: None} if left_out(name) else {}
        else:
            unknown[name] = None
    return pieces, list(unknown)


def _block(node: dict[str, Any], depth: int = 0) -> str | None:
    """Return the HTML of a block of text, or None if the node is a card."""
    match str(node.get("type", "")).removeprefix("extended-"):
        case "paragraph":
            return f"<p>{_inside(node, depth)}</p>"
        case "heading":
            tag = node.get("tag") if node.get("tag") in _HEADINGS else "h2"
            return f"<{tag}>{_inside(node, depth)}</{tag}>"
        case "quote" | "aside":
            return f"<blockquote><p>{_inside(node, depth)}</p></blockquote>"
        case "list":
            return _list(node, depth)
    return None


def _list(node: dict[str, Any], depth: int) -> str:
    tag = "ol" if node.get("listType") == "number" else "ul"
    items: list[str] = []
    for item in node.get("children") or []:
        children = item.get("children") or []
        inside = _inside(item, depth)
        if children and all(child.get("type") == "list" for child in children) and items:
            items[-1] += inside  # Lexical nests a list in an item of its own, after the item that it belongs to
        else:
            items.append(inside)
    start = f' start="{node["start"]}"' if tag == "ol" and isinstance(node.get("start"), int) else ""
    return f"<{tag}{start}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _inside(node: dict[str, Any], depth: int) -> str:
    if depth >= DEEPEST:
        return ""
    return "".join(_inline(child, depth + 1) for child in node.get("children") or [])


def _inline(node: dict[str, Any], depth: int) -> str:
    match str(node.get("type", "")).removeprefix("extended-"):
        case "text" | "tk":
            return _styled(escape(str(node.get("text", "")), quote=False), node.get("format"))
        case "linebreak":
            return "<br>"
        case "link" | "autolink" | "at-link":
            return f'<a href="{escape(str(node.get("url") or ""))}">{_inside(node, depth)}</a>'
        case "tab":
            return " "
    return _block(node, depth) or _inside(node, depth)


def _styled(text: str, bits: Any) -> str:
    for bit, tag in _BITS:
        if isinstance(bits, int) and bits & bit:
            text = f"<{tag}>{text}</{tag}>"
    return text
