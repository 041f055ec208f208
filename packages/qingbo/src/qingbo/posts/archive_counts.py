"""Stored numbers of posts per year, so that the archive reads one row per year instead of every post.

Years begin in the blog's time zone; the rows name the zone that they were counted for. All posts with a date are
counted, including scheduled ones, so that stored numbers do not depend on the clock.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    delete,
    event,
    func,
    insert,
    inspect,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from qingbo.clock import now
from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, key_type
from qingbo.posts.models import Post
from qingbo.site_settings import saved_settings

ALL = 0
"""The year of a marker row: it exists if all years are counted."""
FIRST, LAST = 2, 9998
"""Years whose ends are valid dates in every zone."""
AT_ONCE = 100
"""How many counts are in one statement; engines allow some thousands."""
INSTANT = timedelta(microseconds=1)


class ArchiveYear(Base):
    """The number of posts with a date in a year."""

    __tablename__ = "archive_years"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    zone: Mapped[str] = mapped_column(key_type(64))
    """The time zone in which the year begins."""
    posts: Mapped[int] = mapped_column(Integer)


def count_by_year(session: Session, zone: ZoneInfo, years: Sequence[int]) -> dict[int, int]:
    """Return the number of public posts in each of some consecutive years.

    If no counts are stored for the zone, all posts are counted.
    """
    if not years:
        return {}
    moment = now()
    stored = _stored(session, zone, years[0], years[-1])
    if stored is None:
        stored = _counted(session, zone)
    unfinished = [year for year in years if year >= moment.astimezone(zone).year]
    spans = [(max(moment, _start(year, zone) - INSTANT), _start(year + 1, zone)) for year in unfinished]
    to_come = dict(zip(unfinished, _counts(session, spans), strict=True))
    return {year: stored.get(year, 0) - to_come.get(year, 0) for year in years}


def are_years_right(session: Session) -> bool:
    """Return whether the stored counts are right."""
    zone = _own_zone()
    return _stored(session, zone, FIRST - 1, LAST + 1) == _counted(session, zone)


def recount_years(session: Session) -> None:
    """Count the posts of all years again; the caller commits."""
    zone = _own_zone()
    session.execute(delete(ArchiveYear))
    counted = {ALL: 0} | _counted(session, zone)
    rows = [{"year": year, "zone": zone.key, "posts": posts} for year, posts in counted.items()]
    session.execute(insert(ArchiveYear), rows)


def _own_zone() -> ZoneInfo:
    return ZoneInfo(saved_settings().timezone)


def _start(year: int, zone: ZoneInfo) -> datetime:
    return datetime(year, 1, 1, tzinfo=zone)


def _stored(session: Session, zone: ZoneInfo, first: int, last: int) -> dict[int, int] | None:
    """Return the stored counts other than 0, or None if there are none for the zone."""
    rows = select(ArchiveYear.year, ArchiveYear.posts).where(ArchiveYear.zone == zone.key)
    rows = rows.where(or_(ArchiveYear.year == ALL, ArchiveYear.year.between(first, last)))
    found = {row.year: row.posts for row in session.execute(rows)}
    return {year: posts for year, posts in found.items() if posts and year != ALL} if ALL in found else None


def _counted(session: Session, zone: ZoneInfo) -> dict[int, int]:
    """Count all posts by UTC year, and correct for posts between the beginnings of the year in UTC and in the zone."""
    year = _year_of(session.get_bind().dialect.name)
    rows = session.execute(select(year, func.count()).where(Post.published_at.is_not(None)).group_by(year))
    of_utc = {int(row[0]): row[1] for row in rows}
    years = sorted({each + step for each in of_utc for step in (-1, 0, 1, 2) if FIRST <= each + step <= LAST})
    moved = _moved(session, zone, years)
    found = {each: of_utc.get(each, 0) - moved.get(each, 0) + moved.get(each + 1, 0) for each in {*of_utc, *years}}
    return {each: posts for each, posts in found.items() if posts}


def _moved(session: Session, zone: ZoneInfo, years: Sequence[int]) -> Mapping[int, int]:
    """Return how many posts are between a year's beginnings in UTC and in the zone; negative if UTC is later."""
    pairs = [(datetime(year, 1, 1, tzinfo=UTC), _start(year, zone)) for year in years]
    counts = _counts(session, [(min(pair) - INSTANT, max(pair)) for pair in pairs])
    return {
        year: count if of_utc < of_zone else -count
        for year, count, (of_utc, of_zone) in zip(years, counts, pairs, strict=True)
    }


def _counts(session: Session, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """Return for each span how many posts have a date after its first time and before its second."""
    found: list[int] = []
    for first in range(0, len(spans), AT_ONCE):
        counts = (
            select(func.count()).where(Post.published_at > after, Post.published_at < end).scalar_subquery()
            for after, end in spans[first : first + AT_ONCE]
        )
        found += session.execute(select(*counts)).one()
    return found


def _year_of(dialect: str) -> ColumnElement[Any]:
    """Return the expression for the UTC year of a post on an engine."""
    date = type_coerce(Post.published_at, String)
    if dialect == "postgresql":
        return func.to_char(func.timezone("UTC", date), "YYYY")
    return func.substr(date, 1, 4) if dialect == "sqlite" else func.date_format(date, "%Y")


@event.listens_for(Session, "before_flush")
def _count_changes(session: Session, context: Any, instances: Any) -> None:
    """Count the changes that are about to be flushed, in the order of years, so that transactions do not deadlock."""
    dates: list[tuple[datetime, int]] = []
    for post in {*session.new, *session.dirty, *session.deleted}:
        if isinstance(post, Post):
            before, after = _dates(session, post)
            dates += [(date, step) for date, step in ((before, -1), (after, 1)) if date is not None]
    if dates:
        _add_all(session.connection(), _own_zone(), dates)


def _dates(session: Session, post: Post) -> tuple[datetime | None, datetime | None]:
    """Return the date of a post in the database and its new one; both None if it does not change."""
    if post in session.new:
        return None, post.published_at
    history = inspect(post).attrs.published_at.history
    if post in session.deleted:
        return (history.deleted[0] if history.deleted else post.published_at), None
    return (history.deleted[0] if history.deleted else None), (history.added[0] if history.added else None)


def _add_all(connection: Connection, zone: ZoneInfo, dates: Sequence[tuple[datetime, int]]) -> None:
    changes: Counter[int] = Counter()
    for date, step in dates:
        changes[date.astimezone(zone).year] += step
    if _is_counted(connection, zone):
        for year, step in sorted(changes.items()):
            if step:
                _add(connection, zone, year, step)


def _is_counted(connection: Connection, zone: ZoneInfo) -> bool:
    """Return whether the counts are for this zone. In a database without posts, create the marker row."""
    counted_in = connection.execute(select(ArchiveYear.zone).where(ArchiveYear.year == ALL)).scalar()
    if counted_in is None and connection.execute(select(Post.id).limit(1)).first() is None:
        _add(connection, zone, ALL, 0)
        return True
    return counted_in == zone.key


def _add(connection: Connection, zone: ZoneInfo, year: int, step: int) -> None:
    add = update(ArchiveYear).where(ArchiveYear.year == year).values(posts=ArchiveYear.posts + step)
    if connection.execute(add).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(ArchiveYear).values(year=year, zone=zone.key, posts=step))
    except IntegrityError:  # another process has inserted it
        connection.execute(add)
