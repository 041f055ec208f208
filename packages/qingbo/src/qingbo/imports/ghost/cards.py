"""Ghost's cards, such as pictures, code and bookmarks, as pieces of a text. Pure functions."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, NamedTuple

Values = Mapping[str, Any]

_LANGUAGE = re.compile(r"[\w+#.-]+")
_SILENT = {"paywall", "tk"}
"""Cards that readers do not see."""
_HIDDEN = {"email", "email-cta", "signup"}
"""Cards for mails and for members."""


class Piece(NamedTuple):
    """A part of a text."""

    text: str
    is_markdown: bool = False
    """Whether it is Markdown; otherwise it is HTML."""


def piece_of(name: str, values: Values) -> Piece | None:
    """Return what a card shows, or None if the card is unknown."""
    name = name.removeprefix("card-")
    if name == "markdown":
        return Piece(_text(values, "markdown"), is_markdown=True)
    if name in _SILENT | _HIDDEN:
        return Piece("")
    if name in {"hr", "horizontalrule"}:
        return Piece("<hr>")
    maker = _MAKERS.get(name)
    return Piece(maker(values)) if maker else None


def left_out(name: str) -> bool:
    """Return whether a card has words that only mails or members show."""
    return name.removeprefix("card-") in _HIDDEN


def _image(values: Values) -> str:
    picture = f'<img src="{_attribute(values, "src")}" alt="{_attribute(values, "alt")}">'
    if _text(values, "href"):
        picture = f'<a href="{_attribute(values, "href")}">{picture}</a>'
    return _figure(picture, values)


def _gallery(values: Values) -> str:
    pictures = [_image({**each, "caption": ""}) for each in values.get("images") or []]
    caption = _text(values, "caption")
    return "\n".join([*pictures, *([f"<p>{caption}</p>"] if caption else [])])


def _figure(html: str, values: Values) -> str:
    caption = _text(values, "caption")
    return f"<figure>{html}<figcaption>{caption}</figcaption></figure>" if caption else f"<p>{html}</p>"


def _code(values: Values) -> str:
    language = _text(values, "language")
    written = f' class="language-{language}"' if _LANGUAGE.fullmatch(language) else ""
    code = f"<pre><code{written}>{escape(_text(values, 'code'), quote=False)}</code></pre>"
    caption = _text(values, "caption")
    return code + (f"<p>{caption}</p>" if caption else "")


def _page(values: Values) -> str:
    metadata = values.get("metadata")
    address = _text(values, "url") or (_text(metadata, "url") if isinstance(metadata, Mapping) else "")
    caption = _text(values, "caption")
    link = _link(address, address) if address else _text(values, "html")
    return link + (f"<p>{caption}</p>" if caption else "")


def _callout(values: Values) -> str:
    emoji = _text(values, "calloutEmoji") or _text(values, "emoji")
    return f"<blockquote><p>{escape(emoji)} {_text(values, 'calloutText')}</p></blockquote>"


def _toggle(values: Values) -> str:
    heading, content = _text(values, "heading"), _text(values, "content")
    return f"<details><summary>{heading}</summary>{content}</details>"


def _button(values: Values) -> str:
    return _link(_text(values, "buttonUrl") or _text(values, "url"), _text(values, "buttonText"))


def _file(values: Values) -> str:
    title = _text(values, "fileTitle") or _text(values, "fileName") or _text(values, "src")
    words = escape(_text(values, "fileCaption"))
    return _link(_text(values, "src"), title) + (f"<p>{words}</p>" if words else "")


def _player(tag: str, values: Values) -> str:
    title = escape(_text(values, "title"))
    words = f"<p>{title}</p>" if title and tag == "audio" else ""
    return words + _figure(f'<{tag} controls src="{_attribute(values, "src")}"></{tag}>', values)


def _header(values: Values) -> str:
    parts = [f"<h2>{_text(values, 'header') or _text(values, 'heading')}</h2>"]
    if words := _text(values, "subheader") or _text(values, "subheading"):
        parts.append(f"<p>{words}</p>")
    if _text(values, "buttonUrl"):
        parts.append(_button(values))
    return "\n".join(parts)


def _product(values: Values) -> str:
    picture = _image({"src": values.get("productImageSrc")}) if values.get("productImageSrc") else ""
    title, words = _text(values, "productTitle"), _text(values, "productDescription")
    button = _link(_text(values, "productUrl"), _text(values, "productButton")) if values.get("productUrl") else ""
    return f"{picture}<h4>{title}</h4><p>{words}</p>{button}"


def _call(values: Values) -> str:
    return f"<div>{_text(values, 'textValue')}</div>" + (_button(values) if _text(values, "buttonUrl") else "")


_MAKERS: dict[str, Callable[[Values], str]] = {
    "audio": lambda values: _player("audio", values),
    "bookmark": _page,
    "button": _button,
    "call-to-action": _call,
    "callout": _callout,
    "code": _code,
    "codeblock": _code,
    "embed": _page,
    "file": _file,
    "gallery": _gallery,
    "header": _header,
    "html": lambda values: _text(values, "html"),
    "image": _image,
    "product": _product,
    "toggle": _toggle,
    "transistor": _page,
    "video": lambda values: _player("video", values),
}


def _link(address: str, words: str) -> str:
    return f'<p><a href="{escape(address)}">{escape(words)}</a></p>'


def _text(values: Values, key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _attribute(values: Values, key: str) -> str:
    return escape(_text(values, key))
