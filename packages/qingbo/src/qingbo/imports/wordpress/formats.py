"""WordPress's post formats as kinds of posts. Pure functions."""

import re
from dataclasses import replace
from html import unescape

from qingbo.imports.html.conversion import converted
from qingbo.imports.systems.items import Body
from qingbo.posts.kinds import ALT_LENGTH, LINK, MOST_PICTURES, NOTE, PHOTOS, QUOTE, SOURCE_LENGTH, Parts, is_address

LONGEST_QUOTE = 20_000
"""Maximum characters of the HTML of a quote."""

_QUOTE = re.compile(
    r"\s*<blockquote\b[^>]*>(?P<text>(?:(?!</?blockquote\b).)*?)(?:<cite\b[^>]*>(?P<cite>.*?)</cite>\s*)?"
    r"(?P<rest>(?:</p>\s*)?)</blockquote>\s*(?:<p>\s*(?:—|--|–)?\s*(?P<below>[^<>]{1,200}|<cite\b.*?</cite>)</p>\s*)?",
    re.DOTALL,
)
_IMAGE = r"!\[(?:[^\[\]\\]|\\.)*\]\((?:<[^<>\n]*>|[^()\s]+)\)"
_IMAGES = re.compile(rf"\s*(?:(?:\[{_IMAGE}\]\([^()\s]*\)|{_IMAGE})\s*\\?\s*)+")
_ONE = re.compile(r"!\[(?P<alt>(?:[^\[\]\\]|\\.)*)\]\((?:<(?P<pointed>[^<>\n]*)>|(?P<plain>[^()\s]+))\)")
_FIGURE = re.compile(
    r'\s*<figure\b[^>]*>\s*(?:<p>\s*)?(?:<a\b[^>]*>)?\s*<img\b(?P<values>[^>]*)>\s*(?:</a>)?\s*(?:</p>\s*)?'
    r"<figcaption>(?P<words>[^<>]*)</figcaption>\s*</figure>\s*"
)  # fmt: skip
_SOURCE = re.compile(r'\bsrc="([^"]+)"')
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(r"\[(?:[^\[\]\\]|\\.)*\]\(<?(?P<target>https?://[^\s<>()]+)>?\)|(?P<bare>https?://[^\s<>()]+)")


def as_kind(post_format: str, html: str, body: Body) -> Body:
    """Return the body of a post in a format: of the kind that shows it, or an article if none does.

    Args:
        post_format: such as ``quote``; empty is the standard.
        html: the post as HTML.
        body: the same as an article.
    """
    match post_format:
        case "aside" | "status":
            return replace(body, kind=NOTE)
        case "quote":
            return _quote(html) or replace(body, doubts=[*body.doubts, _doubt("quote", "quoted text")])
        case "link":
            return _link(body) or replace(body, doubts=[*body.doubts, _doubt("link", "link")])
        case "image" | "gallery":
            return _photos(body) or replace(body, doubts=[*body.doubts, _doubt(post_format, "picture of its own")])
    return body


def _doubt(post_format: str, lacking: str) -> str:
    return f"it has the format “{post_format}”, but no {lacking}; it became an article"


def _quote(html: str) -> Body | None:
    found = _QUOTE.fullmatch(html) if len(html) <= LONGEST_QUOTE else None
    if found is None:
        return None
    inner = converted(found["text"] + (found["rest"] or ""))
    below = found["cite"] or found["below"] or ""
    source = " ".join(converted(re.sub(r"</?cite\b[^>]*>", "", below)).text.split()) if below else ""
    if not inner.text.strip() or len(source) > SOURCE_LENGTH:
        return None
    return Body(inner.text, QUOTE, Parts(source=source), inner.doubts)


def _link(body: Body) -> Body | None:
    found = _LINK.search(body.text)
    address = unescape(found["target"] or found["bare"]) if found else ""
    if found is None or not is_address(address):
        return None
    rest = "" if found.span() == (0, len(body.text.strip())) else body.text
    return Body(rest, LINK, Parts(link=address), body.doubts)


def _photos(body: Body) -> Body | None:
    pictures: list[tuple[str, str]] = []
    text: list[str] = []
    for paragraph in body.text.split("\n\n"):
        if _IMAGES.fullmatch(paragraph):
            pictures += [
                (found["pointed"] or found["plain"], _ESCAPE.sub(r"\1", found["alt"]))
                for found in _ONE.finditer(paragraph)
            ]
        elif (figure := _FIGURE.fullmatch(paragraph)) and (source := _SOURCE.search(figure["values"])):
            pictures.append((unescape(source[1]), " ".join(unescape(figure["words"]).split())))
        else:
            text.append(paragraph)
    if not 0 < len(pictures) <= MOST_PICTURES or not all(is_address(address) for address, _ in pictures):
        return None
    if any(len(words) > ALT_LENGTH for _, words in pictures):
        return None
    lines = "\n".join(f"{address} {words}".strip() for address, words in pictures)
    return Body("\n\n".join(text), PHOTOS, Parts(pictures=lines), body.doubts)
