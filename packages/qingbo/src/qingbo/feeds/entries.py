"""Posts as feed entries: an id that never changes, absolute addresses, and the time of the last change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urljoin
from uuid import UUID, uuid5

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from qingbo.addresses import absolute_url
from qingbo.feeds.queries import enclosed_media
from qingbo.feeds.scopes import Scope
from qingbo.media.addresses import address_of as media_address
from qingbo.media.addresses import handle_in
from qingbo.media.decorating import decorated
from qingbo.media.models import Kind, Media
from qingbo.posts.first_use import FirstUse
from qingbo.posts.kinds import ARTICLE, PHOTOS, Parts
from qingbo.posts.models import Post
from qingbo.posts.titles import title_of
from qingbo.posts.typography import typographic_texts
from qingbo.rendering.absolute import with_absolute_addresses
from qingbo.rendering.languages import language_of
from qingbo.renderings import html_of_posts
from qingbo.site_settings import given_settings
from qingbo.sub_path import below, html_below


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file attached to a post."""

    address: str
    mimetype: str = ""
    """Empty if it is unknown, for files on other sites."""
    size: int | None = None
    """In bytes."""

    @property
    def is_playable(self) -> bool:
        """Whether it is audio or video."""
        return self.mimetype.startswith(("audio/", "video/"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a feed."""

    post: Post
    id: str
    address: str
    author_address: str
    language: str
    updated_at: datetime
    """Not before the publication: a scheduled post is written earlier (RFC 4287, 4.2.15)."""
    summary: str
    """Plain text, never empty."""
    html: str
    """The whole post, empty in feeds of excerpts."""
    picture: str
    """The address of its cover, or of its first photo, or empty."""
    enclosures: list[Enclosure]
    """Audio and video first, then the cover."""

    @property
    def summary_html(self) -> str:
        """The summary as HTML."""
        return escape(self.summary, quote=False)


def entries_of(session: Session, posts: Sequence[Post], first_use: FirstUse, *, is_whole: bool) -> list[Entry]:
    """Return the entries of public posts, in their order."""
    htmls = _whole_htmls(session, posts) if is_whole else [""] * len(posts)
    covers = {post.id: _cover_of(post) for post in posts}
    handles = {handle for cover in covers.values() if (handle := handle_in(cover))}
    media = enclosed_media(session, posts, handles)
    return [
        _entry_of(post, html, first_use, covers[post.id], media[post.id])
        for post, html in zip(posts, htmls, strict=True)
    ]


def id_of_feed(scope: Scope, first_use: FirstUse) -> str:
    """Return the id of a feed."""
    if scope.key:
        return _id_named(first_use, scope.key)
    return first_use.address + _path("site.show_home") if first_use.address else f"urn:uuid:{first_use.site_id}"


def _whole_htmls(session: Session, posts: Sequence[Post]) -> list[str]:
    texts = [post.markdown for post in posts]
    made = html_of_posts(session, texts, typographic_texts(posts))
    return decorated(
        session, [_cover_html(post) + made[text] for post, text in zip(posts, texts, strict=True)], is_plain=True
    )


def _entry_of(post: Post, html: str, first_use: FirstUse, cover: str, media: Sequence[Media]) -> Entry:
    address = absolute_url("site.show_post", slug=post.slug)
    parts = Parts.read(post.parts)
    first_photo = next((each for each, _alt in parts.listed_pictures()), "") if post.kind == PHOTOS else ""
    picture = cover or first_photo
    return Entry(
        post,
        _id_of_post(post, first_use),
        address,
        absolute_url("site.show_user", name=post.author.name_key),
        post.language or language_of(post.title + post.excerpt),
        max(post.updated_at, post.published_at or post.updated_at),
        post.excerpt or title_of(post),
        with_absolute_addresses(html_below(given_settings().path, html), address),
        _joined(address, picture) if picture else "",
        list(_enclosures(address, cover, media)),
    )


def _enclosures(page: str, cover: str, media: Sequence[Media]) -> list[Enclosure]:
    known = [Enclosure(_joined(page, media_address(each)), each.mimetype, each.size) for each in media]
    playable = [each for each in known if each.is_playable]
    if not cover:
        return playable
    own = handle_in(cover)
    pictures = [each for each, row in zip(known, media, strict=True) if row.handle == own and row.kind == Kind.PICTURE]
    return [*playable, *(pictures or [Enclosure(_joined(page, cover))])]


def _cover_of(post: Post) -> str:
    return Parts.read(post.parts).cover if post.kind == ARTICLE else ""


def _cover_html(post: Post) -> str:
    """Return the HTML of the picture above an article, or an empty string."""
    parts = Parts.read(post.parts)
    if post.kind != ARTICLE or not parts.cover:
        return ""
    return str(Markup('<p><img src="{}" alt="{}"></p>').format(parts.cover, parts.cover_alt))


def _id_of_post(post: Post, first_use: FirstUse) -> str:
    # In older releases the id of a post was its address, and feed readers know these posts by it.
    if first_use.address and post.id <= first_use.last_post:
        return first_use.address + _path("site.show_post", slug=post.slug)
    return _id_named(first_use, f"post {post.id}")


def _joined(page: str, address: str) -> str:
    return urljoin(page, below(given_settings().path, address))


def _path(endpoint: str, **values: Any) -> str:
    """Return the address of a page without the path of the blog, so that ids stay when the blog moves to a path."""
    return url_for(endpoint, **values).removeprefix(given_settings().path)


def _id_named(first_use: FirstUse, name: str) -> str:
    return f"urn:uuid:{uuid5(UUID(first_use.site_id), name)}"
