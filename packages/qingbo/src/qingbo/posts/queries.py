"""Reads of posts and tags: every page asks here, and for whole pages at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from qingbo.accounts.names import key_of
from qingbo.clock import now
from qingbo.database import begins_with
from qingbo.pagination import Cursor, Page
from qingbo.posts.addresses import path_of
from qingbo.posts.models import TAG_LENGTH, Post, PostTag, Redirect, Tag
from qingbo.posts.states import State, in_state, kept, readable

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
"""The columns with the date and the number of a post by which a list is ordered: of the index that it reads."""
_IN_POSTS: Order = (_POST.published_at, _POST.id)
_IN_TAGS: Order = (_ON_POST.published_at, _ON_POST.post_id)


class Located(NamedTuple):
    """A post as its address is read."""

    id: int
    slug: str
    kind: str


class TagAt(NamedTuple):
    """A tag as its page shows it."""

    id: int
    name: str
    slug: str
    description: str


class Listed(NamedTuple):
    """A post as a list reads it: what it shows of the post may be kept."""

    id: int
    kind: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Archive:
    """The span of time in which posts were published."""

    oldest: datetime
    newest: datetime


def visible_posts(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` may read a post at its address: what everybody may, and what they may change."""
    return or_(readable(), editable_posts(user)) if user.is_authenticated else readable()


def editable_posts(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` may change a post: authors their own, editors and administrators all.

    A post in the bin is taken out before it is changed.
    """
    return and_(_in_charge_of(user), kept())


def binned_posts(user: Any) -> ColumnElement[bool]:
    """Return the condition that a post is in the bin, and `user` may take it out."""
    return and_(_in_charge_of(user), in_state(State.BINNED))


def _in_charge_of(user: Any) -> ColumnElement[bool]:
    if not user.is_authenticated or not user.is_author:
        return Post.id.is_(None)
    return Post.id.is_not(None) if user.is_editor else Post.author_id == user.id


def can_edit(post: Post, user: Any) -> bool:
    """Return whether `user` may change a post that was read; see `editable_posts`."""
    if not user.is_authenticated:
        return False
    return bool(user.is_editor or (user.is_author and user.id == post.author_id))


def find_post(session: Session, post: int | str, condition: ColumnElement[bool]) -> Post | None:
    """Return the post of a number or an address, with author, series and tags, where the condition allows it."""
    if isinstance(post, int) and post.bit_length() > 63:
        return None
    statement = select(Post).where(_is_named(post), condition)
    with_all = (joinedload(Post.author), joinedload(Post.series), selectinload(Post.tags))
    return session.scalar(statement.options(*with_all))


def locate(session: Session, slug: str, condition: ColumnElement[bool]) -> Located | None:
    """Return which post is at an address, or was before, where the condition allows it."""
    statement = _locating(condition)
    found = session.execute(statement, {"slug": slug}).first()
    if found is None and (now_at := address_now(session, slug)) != slug:
        found = session.execute(statement, {"slug": now_at}).first()
    return Located(*found) if found else None


@lru_cache(maxsize=8)
def _locating(condition: ColumnElement[bool]) -> Select[Any]:
    """Return the statement, built once for the condition of all guests."""
    return select(_POST.id, _POST.slug, _POST.kind).where(_POST.slug == bindparam("slug"), condition)


def address_now(session: Session, slug: str, path: Callable[[str], str] = path_of) -> str:
    """Return the slug that took the place of an old one, else the same: of a post, or of what `path` says."""
    target = redirect_from(session, path(slug))
    return target.removeprefix(path("")) if target else slug


def lock_post(session: Session, post: int | str) -> None:
    """Lock the row of a post, by its address or number, until this transaction ends; another change of it waits.

    Read the post after that. SQLite locks no rows: there only one transaction writes at a time.
    """
    session.execute(select(Post.id).where(_is_named(post)).with_for_update(key_share=True))


def _is_named(post: int | str) -> ColumnElement[bool]:
    return Post.slug == post if isinstance(post, str) else Post.id == post


def published_page(session: Session, cursor: Cursor, size: int, without: Sequence[int] = ()) -> Page[Listed]:
    """Return a page of all public posts, the newest first, without those of some numbers, shown elsewhere."""
    values: dict[str, Any] = {"without": list(without)} if without else {}
    return _page(session, _LISTED_WITHOUT if without else _LISTED, _IN_POSTS, cursor, size, values)


def pinned_posts(session: Session) -> list[Listed]:
    """Return the public posts that stand above the others, the last pinned first."""
    statement = _LISTED.where(_POST.pinned_at.is_not(None), _POST.published_at <= now())
    found = session.execute(statement.order_by(_POST.pinned_at.desc()).limit(MOST_PINNED))
    return [Listed(*row) for row in found]


def posts_of(session: Session, author: int, cursor: Cursor, size: int) -> Page[Listed]:
    """Return a page of the public posts of an author."""
    return _page(session, _LISTED_BY, _IN_POSTS, cursor, size, {"author": author})


def posts_tagged(session: Session, tag: int, cursor: Cursor, size: int) -> Page[Listed]:
    """Return a page of the public posts with a tag."""
    return _page(session, _LISTED_TAGGED, _IN_TAGS, cursor, size, {"tag": tag})


def posts_numbered(session: Session, numbers: Iterable[int]) -> Sequence[Post]:
    """Return posts with author and tags, without their texts, in the order of their numbers here."""
    numbers = list(numbers)
    statement = select(Post).where(Post.id.in_(numbers))
    statement = statement.options(joinedload(Post.author), selectinload(Post.tags), defer(Post.text))
    found = {post.id: post for post in session.scalars(statement)}
    return [found[number] for number in numbers if number in found]


def has_several_authors(session: Session) -> bool:
    """Return whether more than one person has public posts."""
    first, last = (
        select(Post.author_id).where(Post.published_at <= now()).order_by(order).limit(1).scalar_subquery()
        for order in (Post.author_id.asc(), Post.author_id.desc())
    )
    return bool(session.scalar(select(first != last)))


def neighbours(session: Session, post: Post) -> tuple[Post | None, Post | None]:
    """Return the public posts before and after a public one, without author, tags and text."""
    if post.published_at is None:
        return None, None
    found = []
    for towards_newer in (False, True):
        place = Cursor(post.published_at, post.id, towards_newer)
        statement, values = _cut(_WITHOUT_TEXT, _IN_POSTS, place, 0)
        found.append(session.scalar(statement, values))
    return found[0], found[1]


def tag_at(session: Session, slug: str) -> TagAt | None:
    """Return the tag of an address."""
    found = session.execute(select(Tag.id, Tag.name, Tag.slug, Tag.description).where(Tag.slug == slug)).first()
    return TagAt(*found) if found else None


def tag_named(session: Session, name: str) -> Tag | None:
    """Return the tag of a name, however it is written."""
    return session.scalar(select(Tag).where(Tag.name_key == key_of(name)))


def tag_numbered(session: Session, number: int) -> Tag | None:
    """Return the tag of a number."""
    return session.get(Tag, number) if number.bit_length() <= 63 else None


def tags_page(session: Session, begin: str, behind: Tag | None, size: int) -> Sequence[Tag]:
    """Return tags that begin so, by name, those behind a tag where one is given."""
    statement = select(Tag)
    if key := key_of(begin):
        statement = statement.where(begins_with(Tag.name_key, key))
    if behind is not None:
        statement = statement.where(Tag.name_key > behind.name_key)
    return session.scalars(statement.order_by(Tag.name_key).limit(size)).all()


def tags_beginning(session: Session, begin: str, size: int) -> list[str]:
    """Return the names of tags that begin so, those with the most posts first."""
    key = key_of(begin[:TAG_LENGTH])
    if not key:
        return []
    statement = select(Tag.name).where(begins_with(Tag.name_key, key))
    return list(session.scalars(statement.order_by(Tag.post_count.desc(), Tag.id).limit(size)))


def next_scheduled(session: Session) -> datetime | None:
    """Return when the next post appears by itself."""
    return session.scalar(select(func.min(Post.published_at)).where(Post.published_at > now()))


def archive(session: Session) -> Archive | None:
    """Return from when to when posts were published, None without a post."""
    ends = []
    for order in (Post.published_at.asc(), Post.published_at.desc()):
        statement = select(Post.published_at).where(Post.published_at <= now())
        ends.append(session.scalar(statement.order_by(order).limit(1)))
    oldest, newest = ends
    return Archive(oldest, newest) if oldest and newest else None


def counts_between(session: Session, borders: Sequence[datetime]) -> list[int]:
    """Return how many public posts there are from each border to the next, in one query that reads an index."""
    counts = [
        select(func.count()).where(Post.published_at >= start, Post.published_at < end, Post.published_at <= now())
        for start, end in pairwise(borders)
    ]
    return list(session.execute(select(*(count.scalar_subquery() for count in counts))).one()) if counts else []


def titles_between(session: Session, start: datetime, end: datetime, cursor: Cursor, size: int) -> Page[Any]:
    """Return a page of (title, slug, language, excerpt, kind, published_at, id) of the public posts of a time."""
    statement, values = _cut(_TITLES, _IN_POSTS, cursor, size)
    found = session.execute(statement, values | {"start": start, "end": end}).all()
    return Page.cut(list(found), size, cursor, key=lambda row: (row.published_at, row.id))


def redirect_from(session: Session, path: str) -> str | None:
    """Return the address that took the place of a path."""
    return session.scalar(select(Redirect.target).where(Redirect.path == path))


def _page(
    session: Session, statement: Select[Any], order: Order, cursor: Cursor, size: int, values: dict[str, Any]
) -> Page[Listed]:
    cut, place = _cut(statement, order, cursor, size)
    found = session.execute(cut, values | place)
    return Page.cut([Listed(*row) for row in found], size, cursor, key=lambda post: (post.published_at, post.id))


def _cut(statement: Select[Any], order: Order, cursor: Cursor, size: int) -> tuple[Select[Any], dict[str, Any]]:
    """Return a statement that is narrowed to one page by key, and its values.

    It reads one row more: whether there is another page needs no count.
    """
    moment = now()
    # One upper bound at most: of two, SQLite takes the first, and would read all posts from now to the cursor.
    is_bounded = cursor.at is None or cursor.towards_newer or cursor.at > moment
    cut = _cut_statement(statement, order, is_bounded, cursor.at is not None, cursor.towards_newer)
    place = {"at": cursor.at, "last": cursor.number} if cursor.at else {}
    return cut, place | {"size": size + 1} | ({"moment": moment} if is_bounded else {})


@lru_cache(maxsize=64)
def _cut_statement(
    statement: Select[Any], order: Order, is_bounded: bool, has_cursor: bool, towards_newer: bool
) -> Select[Any]:
    """Return the statement, built once: SQLAlchemy takes longer for that than the database for its answer."""
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
    # The OR form: MariaDB reads the whole index for the row-value form (44,250 rows against 10). PostgreSQL reads the
    # index from its end for an OR alone, so the bound stands beside it.
    if towards_newer:
        return and_(when >= at, or_(when > at, and_(when == at, number > last)))
    return and_(when <= at, or_(when < at, and_(when == at, number < last)))
