"""Reads of lists of public posts: keyset pagination in the order of an index. Statements are built once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from qingbo.clock import now
from qingbo.pagination import Cursor, Page
from qingbo.posts.models import Post, PostTag

MOST_PINNED = 10

_POST, _ON_POST = Post.__table__.c, PostTag.__table__.c
_LISTED = select(_POST.id, _POST.kind, _POST.published_at)
_TITLES = select(
    _POST.title, _POST.slug, _POST.language, _POST.excerpt, _POST.kind, _POST.published_at, _POST.id
).where(_POST.published_at >= bindparam("start"), _POST.published_at < bindparam("end"))
_WITHOUT_TEXT = select(Post).options(defer(Post.text))
_LISTED_WITHOUT = _LISTED.where(_POST.id.not_in(bindparam("without", expanding=True)))
_LISTED_BY = _LISTED.where(_POST.author_id == bindparam("author"))
_LISTED_TAGGED = _LISTED.join_from(Post.__table__, PostTag.__table__).where(_ON_POST.tag_id == bindparam("tag"))

Order = tuple[Any, Any]
"""The columns with date and number by which a list is ordered, in the index that it uses."""
_IN_POSTS: Order = (_POST.published_at, _POST.id)
_IN_TAGS: Order = (_ON_POST.published_at, _ON_POST.post_id)


class Listed(NamedTuple):
    """The columns of a post that a list reads; its rendered entry may be cached."""

    id: int
    kind: str
    published_at: datetime


def published_page(session: Session, cursor: Cursor, size: int, without: Sequence[int] = ()) -> Page[Listed]:
    """Return a page of all public posts, the newest first, except those that are shown elsewhere (`without`)."""
    values: dict[str, Any] = {"without": list(without)} if without else {}
    return _page(session, _LISTED_WITHOUT if without else _LISTED, _IN_POSTS, cursor, size, values)


def pinned_posts(session: Session) -> list[Listed]:
    """Return the public posts that are pinned to the top, the last pinned first."""
    statement = _LISTED.where(_POST.pinned_at.is_not(None), _POST.published_at <= now())
    found = session.execute(statement.order_by(_POST.pinned_at.desc()).limit(MOST_PINNED))
    return [Listed(*row) for row in found]


def posts_of(session: Session, author: int, cursor: Cursor, size: int) -> Page[Listed]:
    """Return a page of the public posts of an author."""
    return _page(session, _LISTED_BY, _IN_POSTS, cursor, size, {"author": author})


def posts_tagged(session: Session, tag: int, cursor: Cursor, size: int) -> Page[Listed]:
    """Return a page of the public posts with a tag."""
    return _page(session, _LISTED_TAGGED, _IN_TAGS, cursor, size, {"tag": tag})


def titles_between(session: Session, start: datetime, end: datetime, cursor: Cursor, size: int) -> Page[Any]:
    """Return a page of (title, slug, language, excerpt, kind, published_at, id) of public posts in a period."""
    statement, values = _cut(_TITLES, _IN_POSTS, cursor, size)
    found = session.execute(statement, values | {"start": start, "end": end}).all()
    return Page.cut(list(found), size, cursor, key=lambda row: (row.published_at, row.id))


def neighbours(session: Session, post: Post) -> tuple[Post | None, Post | None]:
    """Return the public posts before and after a public post, without author, tags and text."""
    if post.published_at is None:
        return None, None
    found = []
    for towards_newer in (False, True):
        place = Cursor(post.published_at, post.id, towards_newer)
        statement, values = _cut(_WITHOUT_TEXT, _IN_POSTS, place, 0)
        found.append(session.scalar(statement, values))
    return found[0], found[1]


def posts_numbered(session: Session, numbers: Iterable[int]) -> Sequence[Post]:
    """Return posts with author and tags, without their texts, in the order of the given numbers."""
    statement = _WITHOUT_TEXT.options(joinedload(Post.author), selectinload(Post.tags))
    return in_order(session, statement, list(numbers))


def in_order(session: Session, statement: Select[Any], numbers: Sequence[int]) -> list[Post]:
    """Return the posts of a statement with these numbers, in the order of the numbers."""
    found = {post.id: post for post in session.scalars(statement.where(Post.id.in_(numbers)))}
    return [found[number] for number in numbers if number in found]


def _page(
    session: Session, statement: Select[Any], order: Order, cursor: Cursor, size: int, values: dict[str, Any]
) -> Page[Listed]:
    cut, place = _cut(statement, order, cursor, size)
    found = session.execute(cut, values | place)
    return Page.cut([Listed(*row) for row in found], size, cursor, key=lambda post: (post.published_at, post.id))


def _cut(statement: Select[Any], order: Order, cursor: Cursor, size: int) -> tuple[Select[Any], dict[str, Any]]:
    """Return a statement limited to one page, and its values.

    It reads one more row, so that no count is needed to know whether there is another page.
    """
    moment = now()
    # At most one upper bound: SQLite uses the first of two, and would read all posts between now and the cursor.
    is_bounded = cursor.at is None or cursor.towards_newer or cursor.at > moment
    cut = _cut_statement(statement, order, is_bounded, cursor.at is not None, cursor.towards_newer)
    place = {"at": cursor.at, "last": cursor.number} if cursor.at else {}
    return cut, place | {"size": size + 1} | ({"moment": moment} if is_bounded else {})


@lru_cache(maxsize=64)
def _cut_statement(
    statement: Select[Any], order: Order, is_bounded: bool, has_cursor: bool, towards_newer: bool
) -> Select[Any]:
    """Return the statement, built once: building it takes longer than running it in the database."""
    when, number = order
    if is_bounded:
        statement = statement.where(when <= bindparam("moment"))
    if has_cursor:
        statement = statement.where(_beyond(when, number, bindparam("at"), bindparam("last"), towards_newer))
    by = (when.asc(), number.asc()) if towards_newer else (when.desc(), number.desc())
    return statement.order_by(*by).limit(bindparam("size", type_=Integer))


def beyond(when: Any, number: Any, cursor: Cursor) -> ColumnElement[bool]:
    """Return the condition that a row comes after the cursor, in its direction."""
    return _beyond(when, number, cursor.at, cursor.number, cursor.towards_newer)


def _beyond(when: Any, number: Any, at: Any, last: Any, towards_newer: bool) -> ColumnElement[bool]:
    # OR instead of a row comparison, for which MariaDB reads the whole index (44,250 rows instead of 10). For an OR
    # alone PostgreSQL reads the index from its end, so the bound is added.
    if towards_newer:
        return and_(when >= at, or_(when > at, and_(when == at, number > last)))
    return and_(when <= at, or_(when < at, and_(when == at, number < last)))
