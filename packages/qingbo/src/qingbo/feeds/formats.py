"""The formats of feeds: each writes a feed as a document."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import current_app, url_for

from qingbo.addresses import absolute_url
from qingbo.feeds.entries import Entry
from qingbo.feeds.scopes import Scope
from qingbo.rendering.characters import valid_in_xml

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of the last change of a feed without entries."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The data of a feed, for every format."""

    scope: Scope
    id: str
    language: str
    entries: Sequence[Entry]
    is_whole: bool
    format_name: str

    @property
    def address(self) -> str:
        """The address of this feed in this format."""
        return absolute_url("feeds.show_feed", format_name=self.format_name, **self.scope.place)

    @property
    def page(self) -> str:
        """The address of the page with the same posts."""
        endpoint, values = self.scope.page
        return absolute_url(endpoint, **values)

    @property
    def updated_at(self) -> datetime:
        """The time of the last change of an entry."""
        return max((entry.updated_at for entry in self.entries), default=NEVER)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of feeds."""

    label: str
    mimetype: str
    write: Callable[[Feed], str]


def _atom(feed: Feed) -> str:
    return _xml("feeds/atom.xml", feed)


def _rss(feed: Feed) -> str:
    return _xml("feeds/rss.xml", feed)


def _xml(template: str, feed: Feed) -> str:
    # Not Flask's `render_template`: its context processors depend on the reader, and a feed is the same for all.
    made = current_app.jinja_env.get_template(template).render(feed=feed, mail_date=format_datetime)
    return valid_in_xml(made)


def _json(feed: Feed) -> str:
    """Write JSON Feed 1.1 (jsonfeed.org)."""
    said = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.scope.title,
        "description": feed.scope.description,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "language": feed.language,
        "items": [_json_item(entry, is_whole=feed.is_whole) for entry in feed.entries],
    }
    return json.dumps(_without_empty(said) | {"items": said["items"]}, ensure_ascii=False)


def _json_item(entry: Entry, *, is_whole: bool) -> dict[str, Any]:
    post = entry.post
    content = {"content_html": entry.html} if is_whole and entry.html else {"content_text": entry.summary}
    said: dict[str, Any] = {
        "id": entry.id,
        "url": entry.address,
        "title": post.title,
        "summary": post.excerpt,
        "image": entry.picture,
        "date_published": (post.published_at or post.updated_at).isoformat(timespec="seconds"),
        "date_modified": entry.updated_at.isoformat(timespec="seconds"),
        "authors": [_json_author(entry)],
        "tags": [tag.name for tag in post.tags],
        "language": entry.language,
        "attachments": [
            {"url": each.address, "mime_type": each.mimetype, "size_in_bytes": each.size}
            for each in entry.enclosures
            if each.is_playable
        ],
    }
    return _without_empty(said) | content


def _json_author(entry: Entry) -> dict[str, str]:
    author = entry.post.author
    said = {"name": author.shown_name, "url": entry.author_address}
    if author.avatar:
        said["avatar"] = absolute_url("accounts.show_avatar", digest=author.avatar)
    return said


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


ATOM, RSS, JSON = "atom", "rss", "json"
FORMATS = {
    ATOM: Format("Atom", "application/atom+xml", _atom),
    RSS: Format("RSS", "application/rss+xml", _rss),
    JSON: Format("JSON Feed", "application/feed+json", _json),
}
"""The formats, by the suffix of their addresses."""


def feed_addresses(**place: Any) -> list[tuple[str, str, str]]:
    """Return label, media type and address of a feed in each format, for links in pages."""
    return [
        (each.label, each.mimetype, url_for("feeds.show_feed", format_name=name, **place))
        for name, each in FORMATS.items()
    ]
