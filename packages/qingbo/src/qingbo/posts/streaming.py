"""A list of posts as readers see it: each kind in its own form, grouped by day or month.

A page of a list makes the same few queries whatever it contains: posts, the texts of short ones, their HTML, media,
cards. The template caches the HTML of each entry, so most pages make none of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qingbo.cards.decorating import decorated as with_cards
from qingbo.media.decorating import decorated as with_media
from qingbo.posts.kinds import ARTICLE, LINK, NOTE, PHOTOS, QUOTE, Parts, markdown_of, with_link_as_card
from qingbo.posts.listing import Listed, posts_numbered
from qingbo.posts.models import Post
from qingbo.posts.typography import is_typographic
from qingbo.renderings import html_of_posts

LONGEST_WHOLE = 2_000
"""Maximum characters of a note, quote or link that a list shows completely; otherwise it shows the excerpt."""
SHOTS = 6
"""How many pictures of a photo post a list shows."""
BY_DAY = timedelta(days=14)
"""Pages that span more time are grouped by month."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a list."""

    post: Post
    html: str = ""
    """The whole text, if it is short and the kind usually has no title; else empty."""
    pictures: list[str] = field(default_factory=list)
    """The cover of an article, or the first pictures of a photo post, as HTML."""
    more: int = 0
    """How many pictures are not shown."""


@dataclass(frozen=True, slots=True)
class Period:
    """The entries of a day or a month."""

    start: datetime
    """In the time zone of the blog."""
    is_month: bool
    posts: list[Listed]


class Stream:
    """The posts on a page of a list."""

    def __init__(self, session: Session, posts: Sequence[Listed], grouped: Sequence[Listed], zone: ZoneInfo) -> None:
        self._session = session
        self._grouped = grouped
        self._zone = zone
        self.numbers = tuple(post.id for post in posts)
        self.first = self.numbers[0] if posts else None
        """The number of the topmost post."""

    @cached_property
    def periods(self) -> list[Period]:
        """The posts except those shown separately at the top."""
        return _periods_of(self._grouped, self._zone)

    @cached_property
    def entries(self) -> dict[int, Entry]:
        """By the numbers of the posts. When the template misses one in its cache, all are read."""
        return {entry.post.id: entry for entry in entries_of(self._session, self.numbers)}


def entries_of(session: Session, numbers: Sequence[int]) -> list[Entry]:
    """Return the entries of the posts with these numbers, in their order, without deleted ones."""
    posts = posts_numbered(session, numbers)
    texts = _short_texts(session, [post for post in posts if post.kind in {NOTE, QUOTE, LINK}])
    typographic = {texts[post.id] for post in posts if post.id in texts and is_typographic(post.language)}
    html = html_of_posts(session, texts.values(), typographic)
    whole = {
        post.id: with_link_as_card(post.kind, html[texts[post.id]])
        for post in posts
        # Texts with ids (of headings, footnotes) are left out: two texts on one page could have the same ids.
        if post.id in texts and ' id="' not in html[texts[post.id]]
    }
    pictures = {post.id: _pictures_of(post) for post in posts}
    pieces = {post.id: [whole.get(post.id, ""), *pictures[post.id][:SHOTS]] for post in posts}
    # Only the topmost post is loaded eagerly; the cached HTML of a post is the same at all other places.
    eager = len(pieces[posts[0].id]) if posts else 0
    shown = iter(with_media(session, [each for some in pieces.values() for each in some], eager=eager))
    made = {number: [next(shown) for _each in some] for number, some in pieces.items()}
    texts_shown = with_cards(session, [text for text, *_pictures in made.values()], _("Play"))
    return [
        Entry(post, text, made[post.id][1:], max(0, len(pictures[post.id]) - SHOTS))
        for post, text in zip(posts, texts_shown, strict=True)
    ]


def _periods_of(posts: Sequence[Listed], zone: ZoneInfo) -> list[Period]:
    """Group posts by day, or by month if they span more than two weeks."""
    dates = [post.published_at for post in posts]
    is_month = bool(dates) and max(dates) - min(dates) > BY_DAY

    def start(post: Listed) -> datetime:
        at = post.published_at.astimezone(zone)
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return day.replace(day=1) if is_month else day

    return [Period(at, is_month, list(some)) for at, some in groupby(posts, start)]


def _short_texts(session: Session, posts: Sequence[Post]) -> dict[int, str]:
    """Return the Markdown of the short posts, by their numbers."""
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
