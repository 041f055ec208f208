"""Reads of series and their posts, limited by `MOST_POSTS` and `MOST_SERIES`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, load_only

from qingbo.clock import now
from qingbo.posts.addresses import path_of_series
from qingbo.posts.models import Post, Series
from qingbo.posts.queries import address_now

MOST_POSTS = 500
"""Maximum per series."""
MOST_SERIES = 500
SERIES_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a post in its series."""

    series: Series
    parts: Sequence[Any]
    """The public posts, as rows of (id, title, slug, excerpt, kind, language, published_at)."""
    number: int
    """The position of the post among them, 0 if it is not public."""

    @property
    def previous(self) -> Any:
        """The part before this one."""
        return self.parts[self.number - 2] if self.number > 1 else None

    @property
    def following(self) -> Any:
        """The part after this one."""
        return self.parts[self.number] if 0 < self.number < len(self.parts) else None


def editable_series(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` may change a series: editors all, authors those with only their own posts."""
    if not user.is_authenticated or not user.is_author:
        return Series.id.is_(None)
    if user.is_editor:
        return Series.id.is_not(None)
    own = exists().where(Post.series_id == Series.id, Post.author_id == user.id)
    others = exists().where(Post.series_id == Series.id, Post.author_id != user.id)
    return and_(own, ~others)


def find_series(session: Session, number: int, user: Any) -> Series | None:
    """Return a series by number, if `user` may change it."""
    if number.bit_length() > 63:
        return None
    return session.scalar(select(Series).where(Series.id == number, editable_series(user)))


def series_at(session: Session, slug: str) -> Series | None:
    """Return the series that has or had a slug."""
    if found := session.scalar(select(Series).where(Series.slug == slug)):
        return found
    now_at = address_now(session, slug, path_of_series)
    return session.scalar(select(Series).where(Series.slug == now_at)) if now_at != slug else None


def titles_of_series(session: Session, user: Any) -> Sequence[str]:
    """Return the titles of the series that `user` may change, for autocompletion."""
    statement = select(Series.title).where(editable_series(user)).order_by(Series.id.desc())
    return session.scalars(statement.limit(MOST_SERIES)).all()


def public_parts(session: Session, series_id: int) -> Sequence[Any]:
    """Return (id, title, slug, excerpt, kind, language, published_at) of the public posts, in their order."""
    columns = (Post.id, Post.title, Post.slug, Post.excerpt, Post.kind, Post.language, Post.published_at)
    statement = select(*columns).where(Post.series_id == series_id, Post.published_at <= now())
    return session.execute(statement.order_by(Post.series_position, Post.id).limit(MOST_POSTS)).all()


def place_in_series(session: Session, post: Post) -> Place | None:
    """Return the position of a post in its series (which was read with it), or None if it has none."""
    if post.series is None:
        return None
    parts = public_parts(session, post.series.id)
    number = next((n for n, part in enumerate(parts, start=1) if part.id == post.id), 0)
    return Place(post.series, parts, number) if parts else None


def parts_of(session: Session, series: Series) -> Sequence[Post]:
    """Return all posts of a series in their order, without their texts."""
    columns = (Post.id, Post.title, Post.slug, Post.excerpt, Post.kind, Post.language, Post.series_position)
    dates = (Post.published_at, Post.dated_at, Post.binned_at, Post.visibility, Post.updated_at)
    statement = select(Post).where(Post.series_id == series.id).order_by(Post.series_position, Post.id)
    return session.scalars(statement.options(load_only(*columns, *dates)).limit(MOST_POSTS)).all()


def public_series(session: Session, before: int) -> list[tuple[Series, int]]:
    """Return a page of the series with public posts, and one more, each with its number of them; the newest first."""
    public = exists().where(Post.series_id == Series.id, Post.published_at <= now())
    return _counted(session, select(Series).where(public), before, Post.published_at <= now())


def listed_series(session: Session, user: Any, before: int) -> list[tuple[Series, int]]:
    """Return a page of the series that `user` may change, and one more, each with its number of posts."""
    return _counted(session, select(Series).where(editable_series(user)), before, Post.id.is_not(None))


def _counted(session: Session, statement: Any, before: int, counted: ColumnElement[bool]) -> list[tuple[Series, int]]:
    if before:
        statement = statement.where(Series.id < before)
    found = session.scalars(statement.order_by(Series.id.desc()).limit(SERIES_PER_PAGE + 1)).all()
    numbers = [series.id for series in found]
    counts = select(Post.series_id, func.count()).where(Post.series_id.in_(numbers), counted).group_by(Post.series_id)
    by_number = {row[0]: row[1] for row in session.execute(counts)} if numbers else {}
    return [(series, by_number.get(series.id, 0)) for series in found]
