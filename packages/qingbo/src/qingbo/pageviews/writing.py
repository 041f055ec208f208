"""Adds gathered views to the counts in one transaction. It runs once a minute in each process.

Processes take turns by locking the salts. The process that holds them sees all marks that others have written, so a
reader is counted once, whichever processes answer.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from qingbo.database import add_numbers
from qingbo.pageviews.models import (
    OTHER,
    SITE,
    AuthorReferrer,
    AuthorViews,
    PostMonth,
    PostReferrer,
    PostViews,
    ViewMark,
    ViewSalt,
)
from qingbo.pageviews.readers import View, mark_of
from qingbo.posts.models import Post

MOST_HOSTS = 50
"""How many hosts are named for a post, an author or the blog on one day; the others are counted together."""

AT_ONCE = 500
"""How many values a condition has at most."""

Place = tuple[int, date, str]
"""The number of a post or an author, the day, the host."""


def write(connection: Connection, views: Mapping[View, str], oldest: date) -> None:
    """Count the readers who have no mark yet. Views of days before `oldest` are dropped, because their salt is gone."""
    days = sorted({view.day for view in views if view.day >= oldest})
    salts = _locked_salts(connection, days)
    authors = _authors(connection, {view.post_id for view in views})
    counted: Counter[Place] = Counter()
    for day in days:
        marked = {
            mark_of(salts[day], view.post_id, view.reader): (view.post_id, host)
            for view, host in views.items()
            if view.day == day and view.post_id in authors
        }
        for post_id, host in _first_seen(connection, day, marked):
            counted[post_id, day, host] += 1
    if counted:
        _add(connection, counted, authors)


def delete_marks(connection: Connection, oldest: date) -> None:
    """Delete salts and marks of days before `oldest` permanently."""
    if connection.dialect.name == "sqlite":  # by default it leaves deleted bytes in the file until they are reused
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    for table in (ViewSalt, ViewMark):
        connection.execute(delete(table).where(table.day < oldest))


def _locked_salts(connection: Connection, days: Sequence[date]) -> dict[date, str]:
    rows = connection.execute(select(ViewSalt.day, ViewSalt.salt).order_by(ViewSalt.day).with_for_update())
    salts = {row.day: row.salt for row in rows}
    new = {day: secrets.token_hex(32) for day in days if day not in salts}
    if new:
        connection.execute(insert(ViewSalt), [{"day": day, "salt": salt} for day, salt in new.items()])
    return salts | new


def _authors(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in _parts(numbers):
        rows = connection.execute(select(Post.id, Post.author_id).where(Post.id.in_(some)))
        found |= {row.id: row.author_id for row in rows}
    return found


def _first_seen(connection: Connection, day: date, marked: Mapping[str, tuple[int, str]]) -> Iterable[tuple[int, str]]:
    """Add the missing marks, and return the post and host of each reader who had none."""
    known: set[str] = set()
    for some in _parts(marked):
        statement = select(ViewMark.digest).where(ViewMark.day == day, ViewMark.digest.in_(some))
        known |= set(connection.scalars(statement))
    new = sorted(marked.keys() - known)
    for some in _parts(new):
        connection.execute(insert(ViewMark), [{"day": day, "digest": digest} for digest in some])
    return [marked[digest] for digest in new]


def _add(connection: Connection, counted: Counter[Place], authors: Mapping[int, int]) -> None:
    posts: Counter[tuple[int, date]] = Counter()
    months: Counter[tuple[int, date]] = Counter()
    owners: Counter[tuple[int, date]] = Counter()
    post_hosts: Counter[Place] = Counter()
    owner_hosts: Counter[Place] = Counter()
    for (post, day, host), views in counted.items():
        posts[post, day] += views
        months[post, day.replace(day=1)] += views
        for owner in (SITE, authors[post]):
            owners[owner, day] += views
            owner_hosts[owner, day, host] += views
        post_hosts[post, day, host] += views
    add_numbers(connection, [PostViews(post_id=post, day=day, views=n) for (post, day), n in posts.items()], "views")
    add_numbers(
        connection,
        [PostMonth(post_id=post, month=day, author_id=authors[post], views=n) for (post, day), n in months.items()],
        "views",
    )
    add_numbers(connection, [AuthorViews(author_id=who, day=day, views=n) for (who, day), n in owners.items()], "views")
    hosts = _bounded(connection, post_hosts, PostReferrer, PostReferrer.post_id)
    rows = [PostReferrer(post_id=post, day=day, host=host, views=n) for (post, day, host), n in hosts.items()]
    add_numbers(connection, rows, "views")
    hosts = _bounded(connection, owner_hosts, AuthorReferrer, AuthorReferrer.author_id)
    named = [AuthorReferrer(author_id=who, day=day, host=host, views=n) for (who, day, host), n in hosts.items()]
    add_numbers(connection, named, "views")


def _bounded(connection: Connection, counted: Counter[Place], table: Any, owner: Any) -> Counter[Place]:
    """Return the counts of hosts, with those above the limit added up; more frequent hosts are named first."""
    named: defaultdict[tuple[int, date], set[str]] = defaultdict(set)
    days = {day for _number, day, _host in counted}
    for some in _parts({number for number, _day, host in counted if host}):
        statement = select(owner, table.day, table.host).where(owner.in_(some), table.day.in_(days))
        for number, day, host in connection.execute(statement):
            named[number, day].add(host)
    bounded: Counter[Place] = Counter()
    for (number, day, host), views in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
        if not host:
            continue
        hosts = named[number, day]
        if host not in hosts and len(hosts - {OTHER}) >= MOST_HOSTS:
            bounded[number, day, OTHER] += views
        else:
            hosts.add(host)
            bounded[number, day, host] += views
    return bounded


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    whole = list(values)
    return (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))
