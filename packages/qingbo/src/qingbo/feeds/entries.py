"""What a feed says of a post: an id that never changes, whole addresses, and when it changed last."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from flask import url_for
from markupsafe import Markup

from qingbo.addresses import absolute_url
from qingbo.posts.first_use import FirstUse
from qingbo.posts.kinds import ARTICLE, Parts
from qingbo.posts.models import Post
from qingbo.rendering.absolute import with_absolute_addresses
from qingbo.rendering.languages import language_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a feed."""

    post: Post
    id: str
    address: str
    language: str
    updated_at: datetime
    """Not before it was published: a scheduled post was written earlier (RFC 4287, 4.2.15)."""
    html: str


def entry_of(post: Post, html: str, first_use: FirstUse) -> Entry:
    """Return the entry of a public post, with its HTML as pages show it."""
    address = absolute_url("site.show_post", slug=post.slug)
    return Entry(
        post,
        _id_of_post(post, first_use),
        address,
        post.language or language_of(post.title + post.excerpt),
        max(post.updated_at, post.published_at or post.updated_at),
        with_absolute_addresses(html, address),
    )


def cover_of(post: Post) -> str:
    """Return the picture above an article as HTML, empty for none."""
    parts = Parts.read(post.parts)
    if post.kind != ARTICLE or not parts.cover:
        return ""
    return str(Markup('<p><img src="{}" alt="{}"></p>').format(parts.cover, parts.cover_alt))


def id_of_feed(first_use: FirstUse) -> str:
    """Return the id of the feed of all posts."""
    return first_use.address + url_for("site.show_home") if first_use.address else f"urn:uuid:{first_use.site_id}"


def _id_of_post(post: Post, first_use: FirstUse) -> str:
    # Feeds had the address of the post in its id before, and readers know these posts by it.
    if first_use.address and post.id <= first_use.last_post:
        return first_use.address + url_for("site.show_post", slug=post.slug)
    return f"urn:uuid:{uuid5(UUID(first_use.site_id), f'post {post.id}')}"
