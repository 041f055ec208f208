"""Metadata in the head of public pages: canonical address, picture, and content.

Search engines read JSON-LD (schema.org); programs that show link previews read OpenGraph. Addresses are absolute if the
setting `address` is set. Otherwise they begin with the path, because a page must not repeat the request's Host header.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

from flask import Flask, request
from markupsafe import Markup

from qingbo.addresses import site_url
from qingbo.appearance.pictures import site_picture
from qingbo.posts.addresses import endpoint_of
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import Post
from qingbo.posts.titles import title_of
from qingbo.posts.translations import language_of_post
from qingbo.site_settings import current_settings, given_settings
from qingbo.sub_path import below

MARK, MARK_PIXELS = "mark.png", 512
"""Our logo as PNG, because link previews do not support SVG."""

LARGE = 600
"""Minimum width in pixels of a picture that is shown large above a link; smaller ones are shown beside it."""

PLACES_IN_LISTS = ("older", "newer", "before", "after")
"""Query fields that select a page of a list; all other fields do not change the content."""

_IMAGE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)\s*/?>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_NOT_OF_THE_TEXT = {"placeholder", "card-picture"}
"""Classes of pictures that are placeholders, or come from a linked page."""

_IN_DATA = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for link previews."""

    address: str
    width: int | None = None
    height: int | None = None
    alt: str = ""

    @property
    def is_large(self) -> bool:
        """Whether it is large enough to be shown wide."""
        return self.width is None or self.width >= LARGE


@dataclass(frozen=True, slots=True)
class Head:
    """The metadata of a public page."""

    title: str
    description: str
    address: str
    picture: Picture
    kind: str = "website"
    """The OpenGraph type; see ogp.me."""
    languages: Sequence[tuple[str, str]] = ()
    """Language and address of the post and its translations, if it has any."""
    data: Markup = Markup("")  # noqa: RUF009 - it is immutable
    """JSON-LD, or empty."""


def prepare_head(app: Flask, asset: Callable[[str], str]) -> None:
    """Add functions for the metadata of pages to templates.

    Args:
        app: whose templates they are.
        asset: returns the address of a static file.
    """

    def logo() -> Picture:
        found = site_picture(current_settings().logo)
        if found:
            return Picture(_whole(found.address), found.width, found.height)
        return Picture(_whole(asset(MARK)), MARK_PIXELS, MARK_PIXELS)

    def head_of_home() -> Head:
        """Return the metadata of the home page."""
        settings, address = current_settings(), _address_of_list({})
        cover = site_picture(settings.cover)
        picture = Picture(_whole(cover.address), cover.width, cover.height) if cover else logo()
        return Head(settings.title, settings.description, address, picture, data=_written(_data_of_home()))

    def head_of_list(title: str, description: str | None = None, **values: Any) -> Head:
        """Return the metadata of a list of posts; `values` are parts of its address in their canonical spelling."""
        return Head(title, description or "", _address_of_list(values), logo())

    def head_of_post(post: Post, cover: str, html: str, translations: Sequence[tuple[str, Any]] = ()) -> Head:
        """Return the metadata of a post or page. `html` is as the page shows it; see `public_translations`."""
        address = site_url(endpoint_of(post), slug=post.slug)
        picture = _first_picture(cover + html, address) or logo()
        data = _written(_data_of_post(post, address, picture)) if post.date else Markup("")
        kind = "website" if post.kind == PAGE else "article"
        languages = _languages(post, address, translations)
        return Head(title_of(post), post.excerpt, address, picture, kind, languages, data)

    for each in (head_of_home, head_of_list, head_of_post):
        app.add_template_global(each, each.__name__)


def _address_of_list(values: dict[str, Any]) -> str:
    place = {name: request.args[name] for name in PLACES_IN_LISTS if request.args.get(name)}
    return site_url(str(request.endpoint), **(request.view_args or {}) | values | place)


def _languages(post: Post, address: str, translations: Sequence[tuple[str, Any]]) -> list[tuple[str, str]]:
    own = language_of_post(post)
    if not (own and translations):
        return []
    others = [(language, site_url(endpoint_of(row), slug=row.slug)) for language, row in translations]
    return [(own, address), *others]


def _first_picture(html: str, page: str) -> Picture | None:
    """Return the first picture of a text, or None."""
    for found in _IMAGE.finditer(html):
        said = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
        address = said.get("src", "")
        if not address.startswith("data:") and _NOT_OF_THE_TEXT.isdisjoint(said.get("class", "").split()):
            return Picture(
                _joined(page, address), _number(said.get("width")), _number(said.get("height")), said.get("alt", "")
            )
    return None


def _data_of_home() -> list[dict[str, Any]]:
    settings = current_settings()
    address = site_url("site.show_home")
    said = {"name": settings.title, "url": address, "inLanguage": settings.language}
    if settings.description:
        said["description"] = settings.description
    return [{"@type": "WebSite", **said}, {"@type": "Blog", **said}]


def _data_of_post(post: Post, address: str, picture: Picture) -> dict[str, Any]:
    settings, home = current_settings(), site_url("site.show_home")
    author = site_url("site.show_user", name=post.author.name_key)
    said: dict[str, Any] = {
        "@type": "WebPage" if post.kind == PAGE else "BlogPosting",
        "headline": title_of(post),
        "url": address,
        "datePublished": post.date.isoformat(timespec="seconds") if post.date else None,
        "dateModified": max(post.updated_at, post.date or post.updated_at).isoformat(timespec="seconds"),
        "inLanguage": language_of_post(post),
        "image": picture.address,
        "keywords": [tag.name for tag in post.tags],
        "author": {"@type": "Person", "name": post.author.shown_name, "url": author},
        "publisher": {"@type": "Organization", "name": settings.title, "url": home},
    }
    return {name: value for name, value in said.items() if value}


def _written(data: dict[str, Any] | list[dict[str, Any]]) -> Markup:
    """Return JSON-LD, escaped for a script element."""
    said = {"@context": "https://schema.org"} | (data if isinstance(data, dict) else {"@graph": data})
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":")).translate(_IN_DATA)
    return Markup(written)  # noqa: S704 - it contains no <


def _whole(path: str) -> str:
    settings = given_settings()
    return f"{settings.origin}{below(settings.path, path)}"


def _joined(page: str, address: str) -> str:
    try:
        return urljoin(page, below(given_settings().path, address))
    except ValueError:  # not an address, such as http://[
        return page


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
