"""How many posts each month has, kept beside them: the archive reads a row for each month instead of every post.

The months are those of UTC, so that no setting changes them; a page corrects for the hours that its own zone is ahead
or behind. Posts with a date are counted, those to come too: what is stored depends on no clock.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    delete,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from qingbo.clock import now
from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, key_type
from qingbo.posts.models import Post


class ArchiveMonth(Base):
    """How many posts have a date in a month."""

    __tablename__ = "archive_months"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    month: Mapped[str] = mapped_column(key_type(7), primary_key=True)
    """Of UTC, as 2026-11."""
    posts: Mapped[int] = mapped_column(Integer)


def count_by_year(session: Session, borders: Sequence[datetime]) -> list[int]:
    """Return how many public posts there are from each border to the next: the beginnings of years in some zone."""
    if not borders:
        return []
    years = [border.replace(tzinfo=UTC) for border in borders]
    rows = select(ArchiveMonth.month, ArchiveMonth.posts)
    rows = rows.where(ArchiveMonth.month >= _month(years[0]), ArchiveMonth.month < _month(years[-1]))
    stored: Counter[int] = Counter()
    for month, posts in session.execute(rows):
        stored[int(month[:4])] += posts
    moment, count = now(), len(borders)
    shifted = [_between(*pair) for pair in zip(years, borders, strict=True)]
    counted = session.execute(select(*shifted, *(_to_come(*pair, moment) for pair in pairwise(borders)))).one()
    return [
        stored[year.year] - first + last - later
        for year, (first, last), later in zip(years, pairwise(counted[:count]), counted[count:], strict=False)
    ]


def are_months_right(session: Session) -> bool:
    """Return whether the stored counts are those of the posts."""
    return _counted(session) == _stored(session)


def recount_months(session: Session) -> None:
    """Count the posts of all months again; the caller commits."""
    session.execute(delete(ArchiveMonth))
    if counted := _counted(session):
        session.execute(insert(ArchiveMonth), [{"month": each, "posts": count} for each, count in counted.items()])


def _counted(session: Session) -> dict[str, int]:
    month = _month_of(session.get_bind().dialect.name)
    rows = session.execute(select(month, func.count()).where(Post.published_at.is_not(None)).group_by(month))
    return {row[0]: row[1] for row in rows}


def _stored(session: Session) -> dict[str, int]:
    rows = session.execute(select(ArchiveMonth.month, ArchiveMonth.posts).where(ArchiveMonth.posts != 0))
    return {row.month: row.posts for row in rows}


def _month_of(dialect: str) -> ColumnElement[str]:
    """Return the month of a post in UTC, as each engine writes it."""
    date = type_coerce(Post.published_at, String)
    if dialect == "postgresql":
        return func.to_char(func.timezone("UTC", date), "YYYY-MM")
    return func.substr(date, 1, 7) if dialect == "sqlite" else func.date_format(date, "%Y-%m")


def _between(start: datetime, end: datetime) -> Any:
    """Return how many posts have a date between two moments: less than none where the second is earlier."""
    dated = (Post.published_at >= min(start, end), Post.published_at < max(start, end))
    count = select(func.count()).where(*dated).scalar_subquery()
    return count if start <= end else 0 - count


def _to_come(start: datetime, end: datetime, moment: datetime) -> Any:
    """Return how many posts between two moments are still to come."""
    if end <= moment:
        return literal(0)
    dated = (Post.published_at >= start, Post.published_at > moment, Post.published_at < end)
    return select(func.count()).where(*dated).scalar_subquery()


@event.listens_for(Session, "before_flush")
def _count_changes(session: Session, context: Any, instances: Any) -> None:
    """Count what is about to be written, in the order of months: two who publish at once wait for each other."""
    changes: Counter[str] = Counter()
    for post in {*session.new, *session.dirty, *session.deleted}:
        if isinstance(post, Post):
            before, after = _dates(session, post)
            for date, step in ((before, -1), (after, 1)):
                if date is not None:
                    changes[_month(date)] += step
    for month, step in sorted(changes.items()):
        if step:
            _add(session, month, step)


def _dates(session: Session, post: Post) -> tuple[datetime | None, datetime | None]:
    """Return the date that a post has in the database and the one that it is about to have; none where it stays."""
    if post in session.new:
        return None, post.published_at
    history = inspect(post).attrs.published_at.history
    if post in session.deleted:
        return (history.deleted[0] if history.deleted else post.published_at), None
    return (history.deleted[0] if history.deleted else None), (history.added[0] if history.added else None)


def _add(session: Session, month: str, step: int) -> None:
    connection = session.connection()
    add = update(ArchiveMonth).where(ArchiveMonth.month == month).values(posts=ArchiveMonth.posts + step)
    if connection.execute(add).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(ArchiveMonth).values(month=month, posts=step))
    except IntegrityError:  # another process was quicker
        connection.execute(add)


def _month(date: datetime) -> str:
    utc = date.astimezone(UTC)
    return f"{utc.year:04}-{utc.month:02}"
