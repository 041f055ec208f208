"""What HTML may stay: a list of what is known to be harmless, everything else goes."""

import re

import nh3

from qingbo.rendering.characters import without_controls

_INLINE = {
    "a",
    "abbr",
    "b",
    "br",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "kbd",
    "mark",
    "q",
    "s",
    "small",
    "strong",
    "sub",
    "sup",
}
_BLOCKS = {"blockquote", "hr", "li", "ol", "p", "pre", "ul", "span"}
_POST_ONLY = {
    "audio", "caption", "details", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
    "img", "input", "rp", "rt", "ruby", "section", "source", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "video", "wbr",
}  # fmt: skip

_ATTRIBUTES = {
    "*": {"lang", "title"},
    "a": {"href", "id", "class"},
    "abbr": {"title"},
    "audio": {"src", "controls"},
    "code": {"class"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "input": {"type", "checked", "disabled", "class"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "section": {"class"},
    "source": {"src", "type"},
    "span": {"class"},
    "sup": {"class"},
    "td": {"align"},
    "th": {"align"},
    "ul": {"class"},
    "video": {"src", "controls", "width", "height", "poster"},
}

_CODE_CLASS = re.compile(r"language-[\w+#.-]+|[a-z][a-z0-9]{0,2}")
_CLASSES = {"footnotes", "footnotes-list", "footnote-item", "footnote-ref", "footnote-backref", "contains-task-list"}
_CLASSES |= {"task-list-item", "task-list-item-checkbox"}
_FOOTNOTE_ID = re.compile(r"fn(ref)?\d+(:\d+)?")


def clean_post(html: str) -> str:
    """Return the HTML of a post without anything that could act, load a frame or look like the site's own."""
    cleaned = nh3.clean(
        html,
        tags=_INLINE | _BLOCKS | _POST_ONLY,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return without_controls(cleaned)


def clean_comment(html: str) -> str:
    """Return the HTML of a comment; its links are worth nothing to those who sell links."""
    cleaned = nh3.clean(
        html,
        tags=_INLINE | _BLOCKS,
        attributes={"a": {"href"}, "code": {"class"}, "span": {"class"}, "ol": {"start"}},
        attribute_filter=_filter,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow ugc",
    )
    return without_controls(cleaned)


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        kept = [name for name in value.split() if _is_known_class(tag, name)]
        return " ".join(kept) or None
    if attribute == "id":
        return value if _FOOTNOTE_ID.fullmatch(value) else None
    if (tag, attribute) == ("input", "type"):
        return value if value == "checkbox" else None
    return value


def _is_known_class(tag: str, name: str) -> bool:
    return name in _CLASSES or (tag in {"code", "span"} and _CODE_CLASS.fullmatch(name) is not None)
