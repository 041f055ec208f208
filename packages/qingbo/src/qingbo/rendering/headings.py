"""Headings: ids from their text as on GitHub, links to themselves, and a table of contents."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import quote

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qingbo.rendering.budget import budget_of
from qingbo.rendering.elements import ANCHOR
from qingbo.rendering.formulas import FORMULA
from qingbo.rendering.languages import language_of
from qingbo.rendering.nested_lists import nested_lists

CONTENTS = "contents"
"""Type of the token of a table of contents."""

_DROPPED = re.compile(r"[^\w\- ]")
_PLACE = {"[toc]", "[[toc]]"}
_LONGEST_NAME = 100
_IN_CONTENTS = {"text", "text_special", "code_inline", FORMULA, "softbreak"} | {
    f"{name}_{end}" for name in ("em", "strong", "s", "mark") for end in ("open", "close")
}


def name_headings(state: StateCore) -> None:
    """Give each heading an id from its text; the second one with the same text gets the suffix -1."""
    counts: dict[str, int] = {}
    budget = budget_of(state.env)
    anchors: set[str] = state.env["anchors"]
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if heading.type == "heading_open" and (slug := _slug(inline)) and budget.may_spend(4):
            name = slug
            while name in anchors:
                counts[slug] = counts.get(slug, 0) + 1
                name = f"{slug}-{counts[slug]}"
            anchors.add(name)
            heading.attrSet("id", ANCHOR + name)
            heading.meta = {"name": name, "text": _text(inline)}


def _slug(inline: Token) -> str:
    return _DROPPED.sub("", _text(inline).strip().lower()).replace(" ", "-")


def _text(inline: Token) -> str:
    kinds = {"text", "code_inline", "image", FORMULA}
    return "".join(token.content for token in inline.children or () if token.type in kinds)


def link_to(heading: Token) -> str:
    """Return a link to a heading without text: pages show a sign on hover and focus."""
    text = heading.meta["text"].strip()
    text = text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"
    name = f"“{text}”的链接" if language_of(text) == "zh-Hans" else f"Link to “{text}”"
    return f'<a class="anchor" href="#{quote(heading.meta["name"])}" aria-label="{escape(name)}"></a>'


def place_contents(state: StateCore) -> None:
    """Replace the first paragraph ``[TOC]`` with a table of contents; without headings it stays text."""
    tokens = state.tokens
    for place, token in enumerate(tokens):
        if token.type == "inline" and token.level == 1 and token.content.strip().lower() in _PLACE:
            if tokens[place - 1].type == "paragraph_open" and _is_text(token) and (entries := list(_entries(state))):
                contents = Token(CONTENTS, "div", 0, block=True, meta={"entries": entries}, map=token.map)
                state.tokens[place - 1 : place + 2] = [contents]
            return


def _is_text(inline: Token) -> bool:
    return all(token.type in {"text", "softbreak"} for token in inline.children or ())


def _entries(state: StateCore) -> Iterator[tuple[int, str, list[Token]]]:
    """Yield level, name and inline tokens of each top-level heading."""
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if heading.type == "heading_open" and heading.level == 0 and heading.meta:
            words = [token for token in inline.children or () if token.type in _IN_CONTENTS]
            if not budget_of(state.env).may_spend(len(words) + 2):
                return
            yield int(heading.tag[1]), heading.meta["name"], words


def contents_of(entries: Sequence[tuple[int, str, str]]) -> str:
    """Return nested lists of links to headings, from their levels, names and HTML."""
    links = [(level, f'<a href="#{quote(name)}">{words}</a>') for level, name, words in entries]
    return f'<div class="contents">\n{nested_lists(links)}</div>\n'
