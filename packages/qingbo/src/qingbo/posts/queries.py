"""Reads of posts and tags."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from qingbo.accounts.names import key_of
from qingbo.clock import now
from qingbo.database import begins_with
from qingbo.posts.addresses import path_of
from qingbo.posts.models import TAG_LENGTH, Post, Redirect, Tag
from qingbo.posts.states import State, in_state, kept, readable


class Located(NamedTuple):
    """The columns that are read to find a post by its address."""

    id: int
    slug: str
    kind: str


class TagAt(NamedTuple):
    """The columns of a tag that its page needs."""

    id: int
    name: str
    slug: str
    description: str


@dataclass(frozen=True, slots=True)
class Archive:
    """The period in which posts were published."""

    oldest: datetime
    newest: datetime


def visible_posts(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` may read a post: it is public or unlisted, or `user` may edit it."""
    return or_(readable(), editable_posts(user)) if user.is_authenticated else readable()


def editable_posts(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` may change a post: authors their own, editors and administrators all.

    Posts in the bin are excluded, because they have to be restored first.
    """
    return and_(_in_charge_of(user), kept())


def binned_posts(user: Any) -> ColumnElement[bool]:
    """Return the condition that a post is in the bin and `user` may restore it."""
    return and_(_in_charge_of(user), in_state(State.BINNED))


def _in_charge_of(user: Any) -> ColumnElement[bool]:
    if not user.is_authenticated or not user.is_author:
        return Post.id.is_(None)
    return Post.id.is_not(None) if user.is_editor else Post.author_id == user.id


def can_edit(post: Post, user: Any) -> bool:
    """Return whether `user` may change a loaded post; see `editable_posts`."""
    if not user.is_authenticated:
        return False
    return bool(user.is_editor or (user.is_author and user.id == post.author_id))


def find_post(session: Session, post: int | str, condition: ColumnElement[bool]) -> Post | None:
    """Return the post with a number or slug, with author, series and tags, if it meets the condition."""
    if isinstance(post, int) and post.bit_length() > 63:
        return None
    statement = select(Post).where(_is_named(post), condition)
    with_all = (joinedload(Post.author), joinedload(Post.series), selectinload(Post.tags))
    return session.scalar(statement.options(*with_all))


def locate(session: Session, slug: str, condition: ColumnElement[bool]) -> Located | None:
    """Return the post that has or had a slug, if it meets the condition."""
    statement = _locating(condition)
    found = session.execute(statement, {"slug": slug}).first()
    if found is None and (now_at := address_now(session, slug)) != slug:
        found = session.execute(statement, {"slug": now_at}).first()
    return Located(*found) if found else None


@lru_cache(maxsize=8)
def _locating(condition: ColumnElement[bool]) -> Select[Any]:
    """Return the statement, built once per condition; guests all have the same one."""
    columns: Sequence[Any] = (Post.id, Post.slug, Post.kind)
    return select(*columns).where(Post.slug == bindparam("slug"), condition)


def address_now(session: Session, slug: str, path: Callable[[str], str] = path_of) -> str:
    """Return the current slug for an old one, or the same slug; `path` says of what."""
    target = redirect_from(session, path(slug))
    return target.removeprefix(path("")) if target else slug


def lock_post(session: Session, post: int | str) -> None:
    """Lock the row of a post, by slug or number, until the transaction ends; other changes of it wait.

    Read the post only after that. On SQLite it locks nothing, because only one transaction writes at a time.
    """
    session.execute(select(Post.id).where(_is_named(post)).with_for_update(key_share=True))


def _is_named(post: int | str) -> ColumnElement[bool]:
    return Post.slug == post if isinstance(post, str) else Post.id == post


def has_several_authors(session: Session) -> bool:
    """Return whether more than one person has public posts."""
    last = session.scalar(_last_author())
    return last is not None and session.scalar(_last_author().where(Post.author_id < last)) is not None


def _last_author() -> Select[Any]:
    """Select the highest number of an author with public posts.

    Drafts have no date. On SQLite and MariaDB they are the first entries of their author in the index, which is read
    from its end, so they are not read. On PostgreSQL they are the last: their entries are read, but not their rows.
    """
    newest_first = (Post.author_id.desc(), Post.published_at.desc())
    return select(Post.author_id).where(Post.published_at <= now()).order_by(*newest_first).limit(1)


def tag_at(session: Session, slug: str) -> TagAt | None:
    """Return the tag with a slug."""
    found = session.execute(select(Tag.id, Tag.name, Tag.slug, Tag.description).where(Tag.slug == slug)).first()
    return TagAt(*found) if found else None


def tag_named(session: Session, name: str) -> Tag | None:
    """Return the tag with a name, in any spelling."""
    return session.scalar(select(Tag).where(Tag.name_key == key_of(name)))


def tag_numbered(session: Session, number: int) -> Tag | None:
    """Return the tag with a number."""
    return session.get(Tag, number) if number.bit_length() <= 63 else None


def tags_page(session: Session, begin: str, behind: Tag | None, size: int) -> Sequence[Tag]:
    """Return tags whose names begin with a text, by name, optionally only those after a tag."""
    statement = select(Tag)
    if key := key_of(begin):
        statement = statement.where(begins_with(Tag.name_key, key))
    if behind is not None:
        statement = statement.where(Tag.name_key > behind.name_key)
    return session.scalars(statement.order_by(Tag.name_key).limit(size)).all()


def tags_beginning(session: Session, begin: str, size: int) -> list[str]:
    """Return the names of tags that begin with a text, those with the most posts first."""
    key = key_of(begin[:TAG_LENGTH])
    if not key:
        return []
    statement = select(Tag.name).where(begins_with(Tag.name_key, key))
    return list(session.scalars(statement.order_by(Tag.post_count.desc(), Tag.id).limit(size)))


def next_scheduled(session: Session) -> datetime | None:
    """Return the date of the next scheduled post."""
    return session.scalar(select(func.min(Post.published_at)).where(Post.published_at > now()))


def archive(session: Session) -> Archive | None:
    """Return the dates of the oldest and the newest public post, or None if there is no post."""
    ends = []
    for order in (Post.published_at.asc(), Post.published_at.desc()):
        statement = select(Post.published_at).where(Post.published_at <= now())
        ends.append(session.scalar(statement.order_by(order).limit(1)))
    oldest, newest = ends
    return Archive(oldest, newest) if oldest and newest else None


def counts_between(session: Session, borders: Sequence[datetime]) -> list[int]:
    """Return how many public posts there are between consecutive borders, in one query that reads an index."""
    counts = [
        select(func.count()).where(Post.published_at >= start, Post.published_at < end, Post.published_at <= now())
        for start, end in pairwise(borders)
    ]
    return list(session.execute(select(*(count.scalar_subquery() for count in counts))).one()) if counts else []


def redirect_from(session: Session, path: str) -> str | None:
    """Return the address that replaced a path."""
    return session.scalar(select(Redirect.target).where(Redirect.path == path))
