"""Reads of the counts. Each reads a limited number of rows, however many posts there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from qingbo.pageviews.models import OTHER, SITE, AuthorReferrer, AuthorViews, PostMonth, PostReferrer, PostViews
from qingbo.pageviews.periods import Period, first_of_month
from qingbo.posts.models import Post
from qingbo.posts.queries import editable_posts
from qingbo.posts.states import readable

TOP_POSTS = 10
TOP_HOSTS = 20
CANDIDATES = 100
"""The top posts of a period are chosen from the top posts of each of its months, as many per month as this. A post
outside of all of them could be in the top ten only by a small margin."""

Counts = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Hosts:
    """The sites that readers came from."""

    top: Sequence[tuple[str, int]]
    """(host, views), the most frequent first."""
    others: int
    """The number of readers from other hosts."""

    @property
    def total(self) -> int:
        """The number of readers from any host."""
        return self.others + sum(views for _host, views in self.top)


def counted_post(session: Session, number: int) -> Post | None:
    """Return the id and author of a post that everybody with its address may read, or None."""
    if number.bit_length() > 63:
        return None
    statement = select(Post).where(Post.id == number, readable())
    return session.scalar(statement.options(load_only(Post.id, Post.author_id)))


def owner_of(user: Any) -> int:
    """Return whose counts a person sees: editors those of the blog, authors their own."""
    return SITE if user.is_editor else int(user.id)


def views_of_owner(session: Session, owner: int, period: Period) -> dict[date, int]:
    """Return the views of an author or the blog by day, without days that have none."""
    return _by_day(session, AuthorViews, AuthorViews.author_id == owner, period)


def views_of_post(session: Session, post: Post, period: Period) -> dict[date, int]:
    """Return the views of a post by day, without days that have none."""
    return _by_day(session, PostViews, PostViews.post_id == post.id, period)


def total_of_post(session: Session, post: Post) -> int:
    """Return the number of all views of a post."""
    return int(session.scalar(select(func.sum(PostMonth.views)).where(PostMonth.post_id == post.id)) or 0)


def hosts_of_owner(session: Session, owner: int, period: Period) -> Hosts:
    """Return the hosts from which readers of an author or the blog came."""
    return _by_host(session, AuthorReferrer, AuthorReferrer.author_id == owner, period)


def hosts_of_post(session: Session, post: Post, period: Period) -> Hosts:
    """Return the hosts from which readers of a post came."""
    return _by_host(session, PostReferrer, PostReferrer.post_id == post.id, period)


def top_posts(session: Session, user: Any, period: Period) -> Counts:
    """Return (post, views) of the most viewed posts that `user` may change, without their texts."""
    candidates = _candidates(session, owner_of(user), period)
    if not candidates:
        return []
    table, since = (PostMonth, PostMonth.month) if period.is_by_month else (PostViews, PostViews.day)
    views = func.sum(table.views)
    counted = (
        select(table.post_id, views.label("views"))
        .where(table.post_id.in_(candidates), since >= period.start, since <= period.end)
        .group_by(table.post_id)
        .subquery()
    )
    statement = select(Post, counted.c.views).join(counted, counted.c.post_id == Post.id)
    statement = statement.where(Post.id.in_(candidates), editable_posts(user))
    columns = load_only(
        Post.id, Post.title, Post.slug, Post.kind, Post.excerpt, Post.language, Post.parts, Post.published_at
    )
    most_first = (counted.c.views.desc(), Post.id.desc())
    return session.execute(statement.options(columns).order_by(*most_first).limit(TOP_POSTS)).all()


def _candidates(session: Session, owner: int, period: Period) -> set[int]:
    found: set[int] = set()
    for month in sorted({first_of_month(day) for day in period.starts}):
        statement = select(PostMonth.post_id).where(PostMonth.month == month)
        if owner != SITE:
            statement = statement.where(PostMonth.author_id == owner)
        found |= set(session.scalars(statement.order_by(PostMonth.views.desc()).limit(CANDIDATES)))
    return found


def _by_day(session: Session, table: Any, owner: Any, period: Period) -> dict[date, int]:
    statement = select(table.day, table.views).where(owner, table.day >= period.start, table.day <= period.end)
    return {row.day: row.views for row in session.execute(statement)}


def _by_host(session: Session, table: Any, owner: Any, period: Period) -> Hosts:
    found = (owner, table.day >= period.start, table.day <= period.end)
    views = func.sum(table.views).label("views")
    by_host = select(table.host, views).where(*found, table.host != OTHER).group_by(table.host)
    top = session.execute(by_host.order_by(views.desc(), table.host).limit(TOP_HOSTS)).all()
    total = int(session.scalar(select(func.sum(table.views)).where(*found)) or 0)
    return Hosts([(host, int(count)) for host, count in top], total - sum(int(count) for _host, count in top))
