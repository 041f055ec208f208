"""How many posts each year has, kept beside them: the archive reads a row for each year instead of every post.

The years are those of UTC, so that no setting changes them; a page corrects for the hours that its own zone is ahead
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
from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base
from qingbo.posts.models import Post


class ArchiveYear(Base):
    """How many posts have a date in a year."""

    __tablename__ = "archive_years"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """Of UTC."""
    posts: Mapped[int] = mapped_column(Integer)


def count_by_year(session: Session, borders: Sequence[datetime]) -> list[int]:
    """Return how many public posts there are from each border to the next: the beginnings of years in some zone."""
    if not borders:
        return []
    years = [border.replace(tzinfo=UTC) for border in borders]
    rows = select(ArchiveYear.year, ArchiveYear.posts)
    rows = rows.where(ArchiveYear.year.between(years[0].year, years[-1].year))
    stored = Counter({row.year: row.posts for row in session.execute(rows)})
    moment, count = now(), len(borders)
    shifted = [_between(*pair) for pair in zip(years, borders, strict=True)]
    counted = session.execute(select(*shifted, *(_to_come(*pair, moment) for pair in pairwise(borders)))).one()
    return [
        stored[year.year] - first + last - later
        for year, (first, last), later in zip(years, pairwise(counted[:count]), counted[count:], strict=False)
    ]


def are_years_right(session: Session) -> bool:
    """Return whether the stored counts are those of the posts."""
    return _counted(session) == _stored(session)


def recount_years(session: Session) -> None:
    """Count the posts of all years again; the caller commits."""
    session.execute(delete(ArchiveYear))
    if counted := _counted(session):
        session.execute(insert(ArchiveYear), [{"year": each, "posts": count} for each, count in counted.items()])


def _counted(session: Session) -> dict[int, int]:
    year = _year_of(session.get_bind().dialect.name)
    rows = session.execute(select(year, func.count()).where(Post.published_at.is_not(None)).group_by(year))
    return {int(row[0]): row[1] for row in rows}


def _stored(session: Session) -> dict[int, int]:
    rows = session.execute(select(ArchiveYear.year, ArchiveYear.posts).where(ArchiveYear.posts != 0))
    return {row.year: row.posts for row in rows}


def _year_of(dialect: str) -> ColumnElement[Any]:
    """Return the year of a post in UTC, as each engine writes it."""
    date = type_coerce(Post.published_at, String)
    if dialect == "postgresql":
        return func.to_char(func.timezone("UTC", date), "YYYY")
    return func.substr(date, 1, 4) if dialect == "sqlite" else func.date_format(date, "%Y")


def _between(start: datetime, end: datetime) -> Any:
    """Return how many posts have a date between two moments: less than none where the second is earlier."""
    dated = (Post.published_at >= min(start, end), Post.published_at < max(start, end))
    count = select(func.count()).where(*dated).scalar_subquery()
    return count if start <= end else 0 - count


def _to_come(start: datetime, end: datetime, moment: datetime) -> Any:
    """Return how many posts between two moments are still to come."""
    if end <= moment:
        return literal(0)
    # One lower bound: of two, an engine may choose the one that has it read all posts of the year.
    begin = Post.published_at >= start if start > moment else Post.published_at > moment
    return select(func.count()).where(begin, Post.published_at < end).scalar_subquery()


@event.listens_for(Session, "before_flush")
def _count_changes(session: Session, context: Any, instances: Any) -> None:
    """Count what is about to be written, in the order of years: two who publish at once wait for each other."""
    changes: Counter[int] = Counter()
    for post in {*session.new, *session.dirty, *session.deleted}:
        if isinstance(post, Post):
            before, after = _dates(session, post)
            for date, step in ((before, -1), (after, 1)):
                if date is not None:
                    changes[date.astimezone(UTC).year] += step
    for year, step in sorted(changes.items()):
        if step:
            _add(session, year, step)


def _dates(session: Session, post: Post) -> tuple[datetime | None, datetime | None]:
    """Return the date that a post has in the database and the one that it is about to have; none where it stays."""
    if post in session.new:
        return None, post.published_at
    history = inspect(post).attrs.published_at.history
    if post in session.deleted:
        return (history.deleted[0] if history.deleted else post.published_at), None
    return (history.deleted[0] if history.deleted else None), (history.added[0] if history.added else None)


def _add(session: Session, year: int, step: int) -> None:
    connection = session.connection()
    add = update(ArchiveYear).where(ArchiveYear.year == year).values(posts=ArchiveYear.posts + step)
    if connection.execute(add).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(ArchiveYear).values(year=year, posts=step))
    except IntegrityError:  # another process was quicker
        connection.execute(add)
