"""The common shortcodes of Hexo, Jekyll, Hugo and Zola, and the themes' notes. Pure functions."""

import re
from collections.abc import Callable

from qingbo.imports.shortcodes.arguments import Arguments
from qingbo.imports.shortcodes.pieces import alert, code_block, gist, link, picture, quote, video

Resolve = Callable[[str], str | None]
"""Returns the address of the post of a file, by its name or path; None if there is no such file."""

_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp)(?:[?#]|$)|^https?:|^/", re.IGNORECASE)


PICTURES = {"img", "image", "figure", "fancybox", "include"}
LINKS = {"link", "post_url", "post_path", "ref", "relref", "post_link", "asset_link"}
VIDEOS = {"youtube", "vimeo", "bilibili"}
CODE = {"codeblock", "code", "highlight"}
QUOTES = {"blockquote", "quote", "pullquote", "cq", "centerquote"}
NOTES = {"note", "notice", "admonition", "callout", "alert", "tip", "warning", "info", "danger"}
AS_THEY_ARE = {"raw", "verbatim", "rawhtml", "figure", "center", "cb"}


def converted_single(name: str, rest: str, resolve: Resolve) -> str | None:
    """Return the Markdown of a shortcode without content, or None if it is unknown or has bad arguments."""
    name, arguments = name.lower(), Arguments.read(rest)
    if name in LINKS:
        return _linked(name, rest, arguments, resolve)
    if name in PICTURES:
        return _pictured(name, arguments)
    return _embedded(name, arguments) or None


def converted_pair(name: str, rest: str, inside: str) -> str | None:
    """Return the Markdown of a shortcode and its content, or None if it is unknown."""
    name, arguments = name.lower(), Arguments.read(rest)
    if name in CODE:
        return _code(name, arguments, inside)
    if name in QUOTES:
        return quote(inside, _source(arguments.words, arguments))
    if name in NOTES:
        return _note(name, arguments, inside)
    if name in AS_THEY_ARE:
        return inside
    return {"comment": "", "mermaid": code_block(inside, "mermaid")}.get(name)


def _embedded(name: str, arguments: Arguments) -> str:
    """Return the address of a thing of another site, or an empty string."""
    words = arguments.words
    if name in VIDEOS:
        return video(name, arguments.get("id", "bvid", "aid", position=0))
    if name == "gist":
        return gist([*words, *arguments.named.values()])
    if name in {"tweet", "twitter", "x"}:
        number = arguments.get("id", position=len(words) - 1 if words else None)
        user = arguments.get("user") or (words[0] if len(words) > 1 else "i")
        return f"https://twitter.com/{user}/status/{number}" if number.isdecimal() else ""
    source = arguments.get("src", "url", position=0) if name == "iframe" else ""
    return source if source.startswith(("http://", "https://")) else ""


def _note(name: str, arguments: Arguments, inside: str) -> str:
    has_kind = name not in {"tip", "warning", "info", "danger"}
    kind = (arguments.get("type", position=0) if has_kind else "") or name
    words = arguments.words[1 if has_kind else 0 :]
    return alert(kind, inside, arguments.get("title") or " ".join(word for word in words if word not in _STYLES))


_STYLES = {"no-icon", "icon", "flat", "simple", "modern", "true", "false", "disabled"}


def _code(name: str, arguments: Arguments, inside: str) -> str:
    language = arguments.get("lang", "language")
    words = [word for word in arguments.words if not word.startswith(("http://", "https://"))]
    if name == "highlight" or not language:
        first = words[0] if words else ""
        is_language = name == "highlight" or (re.fullmatch(r"[\w+#-]{1,20}", first) and len(words) == 1)
        return code_block(inside, first if is_language else "", "" if is_language else " ".join(words))
    return code_block(inside, language, " ".join(words))


def _source(words: list[str], arguments: Arguments) -> str:
    address = next((word for word in words if word.startswith(("http://", "https://"))), "")
    said = " ".join(word for word in words if word != address) or arguments.get("author")
    return link(said, address) if said and address else said


def _linked(name: str, rest: str, arguments: Arguments, resolve: Resolve) -> str | None:
    """Return a link to another file, or the address of one; Hexo's ``link`` has a text and an address."""
    words = arguments.words
    address = next((word for word in words if word.startswith(("http://", "https://"))), "")
    if name == "link" and address:
        return link(" ".join(words[: words.index(address)]) or address, address)
    if name == "asset_link":
        return link(" ".join(words[1:]) or words[0], words[0]) if words else None
    target = arguments.get("path", position=0) or rest.strip().strip("\"'")
    found = resolve(target) if target else None
    if name != "post_link" or found is None:
        return found
    return link(" ".join(word for word in words[1:] if word not in {"true", "false"}) or target, found)


def _pictured(name: str, arguments: Arguments) -> str | None:
    if name == "include":  # Jekyll: {% include figure.html src="a.png" alt="b" %}
        kind = arguments.get(position=0).lower()
        if kind == "video":  # Minimal Mistakes: {% include video id="…" provider="youtube" %}
            return video(arguments.get("provider") or "youtube", arguments.get("id")) or None
        if "youtube" in kind:
            return video("youtube", arguments.get("id", "video_id")) or None
        if not re.search(r"figure|image|img|picture", kind):
            return None
    source, alt, title = _parts_of_picture(arguments)
    if not source:
        return None
    shown, target = picture(source, alt or title, title), arguments.get("link", "href")
    return f"[{shown}]({target})" if target and name == "figure" else shown


def _parts_of_picture(arguments: Arguments) -> tuple[str, str, str]:
    """Return the address, description and title, which are named, or words in this order: address, sizes, title."""
    alt, title = arguments.get("alt"), arguments.get("caption", "title", "description")
    if source := arguments.get("src", "image_path", "url", "path", "file"):
        return source, alt, title
    words = arguments.words
    place = next((number for number, word in enumerate(words) if _PICTURE.search(word)), None)
    if place is None:
        return "", "", ""
    rest = [word for word in words[place + 1 :] if not re.fullmatch(r"\d+(%|px)?", word)]
    return words[place], alt or "".join(rest[1:2]), title or "".join(rest[:1])
