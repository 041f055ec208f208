"""Texts of Ghost's editor before 5.0 (Mobiledoc 0.3) as pieces of HTML and Markdown. Pure functions.

The format: https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md
"""

import json
from html import escape
from typing import Any

from qingbo.imports.ghost.cards import Piece, left_out, piece_of

_TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "aside"}
_STYLES = {"a", "b", "code", "em", "i", "s", "strong", "sub", "sup", "u", "del", "mark"}
_TEXT, _ATOM = 0, 1
_MARKUP_SECTION, _IMAGE_SECTION, _LIST_SECTION, _CARD_SECTION = 1, 2, 3, 10


def pieces_of(text: str) -> tuple[list[Piece], list[str]]:
    """Return the pieces of a text, and the names of cards that are unknown or that readers do not see.

    Raises:
        ValueError: if it is not a document of Mobiledoc.
    """
    document = json.loads(text)
    try:
        return _Reader(document).read()
    except (AttributeError, IndexError, KeyError, TypeError):
        raise ValueError("no Mobiledoc") from None


class _Reader:
    """Reads one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._sections = document["sections"]
        self._markups = document.get("markups") or []
        self._cards = document.get("cards") or []
        self._atoms = document.get("atoms") or []
        self._pieces: list[Piece] = []
        self._unknown: dict[str, None] = {}

    def read(self) -> tuple[list[Piece], list[str]]:
        for kind, *rest in self._sections:
            if kind == _MARKUP_SECTION:
                tag = rest[0] if rest[0] in _TAGS else "p"
                self._pieces.append(Piece(_element("blockquote" if tag == "aside" else tag, self._text(rest[1]))))
            elif kind == _IMAGE_SECTION:
                self._pieces.append(Piece(f'<p><img src="{escape(rest[0])}" alt=""></p>'))
            elif kind == _LIST_SECTION:
                items = "".join(_element("li", self._text(markers)) for markers in rest[1])
                self._pieces.append(Piece(_element("ol" if rest[0] == "ol" else "ul", items)))
            elif kind == _CARD_SECTION:
                self._card(*self._cards[rest[0]][:2])
            else:
                self._unknown[f"section {kind}"] = None
        return self._pieces, list(self._unknown)

    def _card(self, name: str, values: dict[str, Any] | None = None) -> None:
        piece = piece_of(name, values or {})
        if piece is not None:
            self._pieces.append(piece)
        if piece is None or left_out(name):
            self._unknown[name] = None

    def _text(self, markers: list[Any]) -> str:
        html: list[str] = []
        open_tags: list[str] = []
        for kind, opened, closed, value in markers:
            for number in opened:
                tag, *attributes = self._markups[number]
                html.append(_opening(tag, attributes[0] if attributes else []))
                open_tags.append(tag if tag in _STYLES else "span")
            html.append(escape(value, quote=False) if kind == _TEXT else self._atom(value))
            html += [f"</{open_tags.pop()}>" for _ in range(closed)]
        html += [f"</{tag}>" for tag in reversed(open_tags)]
        return "".join(html)

    def _atom(self, number: int) -> str:
        name, text, *_ = self._atoms[number]
        return "<br>" if name == "soft-return" else escape(str(text), quote=False)


def _opening(tag: str, attributes: list[str]) -> str:
    if tag not in _STYLES:
        return "<span>"
    values = dict(zip(attributes[::2], attributes[1::2], strict=False))
    href = f' href="{escape(values["href"])}"' if tag == "a" and values.get("href") else ""
    return f"<{tag}{href}>"


def _element(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>"
