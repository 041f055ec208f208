"""Sanitizing HTML with allow lists: everything that is not listed is removed."""

import re
from collections.abc import Set
from urllib.parse import unquote

import nh3

from qingbo.rendering.characters import without_controls
from qingbo.rendering.elements import ANCHOR, ATTRIBUTES, COMMENT, INLINE, OURS, POST
from qingbo.rendering.formulas import Formulas
from qingbo.rendering.raw_html import MORE

_CODE_CLASS = re.compile(r"language-[\w+#.-]+|[a-z][a-z0-9]{0,2}")
_CLASSES = {"footnotes", "footnotes-list", "footnote-item", "footnote-ref", "footnote-backref", "contains-task-list"}
_CLASSES |= {"task-list-item", "task-list-item-checkbox", "plain", "formula", "card-link", "code", "heading", "anchor"}
_CLASSES |= {"contents", "alert", "alert-title", "formula-error"}
_CLASSES |= {f"alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")}
_FOOTNOTE_ID = re.compile(r"fn(ref)?\d+(:\d+)?")


_ENTITIES = {"&amp;": "\x04", "&lt;": "\x05", "&gt;": "\x06", "&quot;": "\x07"}
"""The sanitizer takes microseconds per entity, so they are replaced with control characters while it runs."""


def clean_post(html: str, anchors: Set[str], formulas: Formulas) -> tuple[str, str]:
    """Return the HTML of a post without scripts, frames, or elements that imitate the site.

    The second value is the part before ``<!--more-->``, in which elements may be open; empty without this mark.

    Args:
        html: of the post.
        anchors: the ids that its author chose; links to them get the same prefix.
        formulas: of the post; they are inserted after sanitizing.
    """

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("a", "href") and value.startswith("#"):
            wish = unquote(_shown(value[1:]))
            found = next((name for name in (wish, wish.lower()) if name in anchors), None)
            return f"#{ANCHOR}{found}" if found else value
        return _filter(tag, attribute, value)

    cleaned = nh3.clean(
        _hidden(html),
        tags=POST,
        attributes={tag: ATTRIBUTES.get(tag, set()) | OURS.get(tag, set()) for tag in ATTRIBUTES.keys() | OURS.keys()},
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    whole = formulas.put_into(_shown(cleaned))
    beginning, mark, _ = whole.partition(MORE)
    return without_controls(whole), without_controls(beginning) if mark else ""


def clean_comment(html: str, formulas: Formulas) -> str:
    """Return the HTML of a comment; its links are nofollow, so they are useless for spam."""
    return _clean_short(html, formulas, COMMENT, "noopener nofollow ugc")


def clean_line(html: str, formulas: Formulas) -> str:
    """Return the HTML of a short text by an administrator: paragraphs and inline elements."""
    return _clean_short(html, formulas, INLINE | {"p"}, "noopener")


def _clean_short(html: str, formulas: Formulas, tags: Set[str], rel: str) -> str:
    allowed = {"a": {"href"}, "code": {"class"}, "p": {"class", "tabindex"}, "span": {"class"}, "ol": {"start"}}
    cleaned = nh3.clean(
        _hidden(html),
        tags=set(tags),
        attributes={tag: names for tag, names in allowed.items() if tag in tags},
        attribute_filter=_filter,
        url_schemes={"http", "https", "mailto"},
        link_rel=rel,
    )
    return without_controls(formulas.put_into(_shown(cleaned)))


def _hidden(html: str) -> str:
    for entity, character in _ENTITIES.items():
        html = html.replace(entity, character)
    return html


def _shown(html: str) -> str:
    for entity, character in _ENTITIES.items():
        html = html.replace(character, entity)
    return html


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        kept = [name for name in value.split() if _is_known_class(tag, name)]
        return " ".join(kept) or None
    if attribute in {"id", "name"}:
        return value if value.startswith(ANCHOR) or _FOOTNOTE_ID.fullmatch(value) else None
    if (tag, attribute) == ("input", "type"):
        return value if value == "checkbox" else None
    return value


def _is_known_class(tag: str, name: str) -> bool:
    return name in _CLASSES or (tag in {"code", "span"} and _CODE_CLASS.fullmatch(name) is not None)
