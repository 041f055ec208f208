"""A list of posts as readers see it: each kind as what it is, grouped by day or month.

A page of a list costs the same few queries whatever is in it: the texts of short posts, their HTML, media, cards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qingbo.cards.decorating import decorated as with_cards
from qingbo.media.decorating import decorated as with_media
from qingbo.posts.kinds import ARTICLE, LINK, NOTE, PHOTOS, QUOTE, Parts, markdown_of, with_link_as_card
from qingbo.posts.models import Post
from qingbo.posts.typography import is_typographic
from qingbo.renderings import html_of_posts

LONGEST_WHOLE = 2_000
"""Characters of a note, quote or link that a list shows whole; of a longer one it shows the excerpt."""
SHOTS = 6
"""Pictures of photos that a list shows."""
BY_DAY = timedelta(days=14)
"""A page that spans more time is grouped by month."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a list."""

    post: Post
    html: str = ""
    """The whole text, where it is short and the kind has no title of its own; else empty."""
    pictures: list[str] = field(default_factory=list)
    """The cover of an article; the first of photos. HTML."""
    more: int = 0
    """How many pictures are not shown."""


@dataclass(frozen=True, slots=True)
class Period:
    """The entries of a day or a month."""

    start: datetime
    """In the time zone of the blog."""
    is_month: bool
    entries: list[Entry]


def entries_of(session: Session, posts: Sequence[Post]) -> list[Entry]:
    """Return the entries of posts, in their order."""
    texts = _short_texts(session, [post for post in posts if post.kind in {NOTE, QUOTE, LINK}])
    typographic = {texts[post.id] for post in posts if post.id in texts and is_typographic(post.language)}
    html = html_of_posts(session, texts.values(), typographic)
    whole = {
        post.id: with_link_as_card(post.kind, html[texts[post.id]])
        for post in posts
        # Two texts of one page may have the same ids: of headings, of footnotes.
        if post.id in texts and ' id="' not in html[texts[post.id]]
    }
    pictures = {post.id: _pictures_of(post) for post in posts}
    shown = iter(with_media(session, [*whole.values(), *(each for some in pictures.values() for each in some[:SHOTS])]))
    whole = dict(zip(whole, with_cards(session, [next(shown) for _each in whole], _("Play")), strict=True))
    return [
        Entry(
            post,
            whole.get(post.id, ""),
            [next(shown) for _each in pictures[post.id][:SHOTS]],
            max(0, len(pictures[post.id]) - SHOTS),
        )
        for post in posts
    ]


def periods_of(entries: Iterable[Entry], zone: ZoneInfo) -> list[Period]:
    """Return entries by day, or by month where they span more than two weeks."""
    entries = list(entries)
    dates = [date for entry in entries if (date := entry.post.date)]
    is_month = bool(dates) and max(dates) - min(dates) > BY_DAY

    def start(entry: Entry) -> datetime:
        at = (entry.post.date or entry.post.created_at).astimezone(zone)
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return day.replace(day=1) if is_month else day

    return [Period(at, is_month, list(some)) for at, some in groupby(entries, start)]


def _short_texts(session: Session, posts: Sequence[Post]) -> dict[int, str]:
    """Return the Markdown of those posts that are short, by their numbers."""
    if not posts:
        return {}
    statement = select(Post.id, Post.text).where(Post.id.in_([post.id for post in posts]))
    rows = session.execute(statement.where(func.char_length(Post.text) <= LONGEST_WHOLE))
    texts: dict[int, str] = {row.id: row.text for row in rows}
    return {
        post.id: markdown_of(post.kind, texts[post.id], Parts.read(post.parts)) for post in posts if post.id in texts
    }


def _pictures_of(post: Post) -> list[str]:
    parts = Parts.read(post.parts)
    if post.kind == ARTICLE and parts.cover:
        return [_image(parts.cover, parts.cover_alt)]
    return [_image(*each) for each in parts.listed_pictures()] if post.kind == PHOTOS else []


def _image(address: str, description: str) -> str:
    return f'<img src="{escape(address)}" alt="{escape(description)}">'
