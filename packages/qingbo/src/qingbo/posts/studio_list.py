"""The studio's list of posts: its filters, and a page of it. Bulk actions are in `bulk`.

Posts are listed by their date; those without a date by their last change. No index contains both, so a page is merged
from a few runs. Each is read in the order of an index, and reads no more rows than the page has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.pagination import Cursor, Page
from qingbo.posts.finding import newest_numbers
from qingbo.posts.kinds import PAGE
from qingbo.posts.listing import beyond, in_order
from qingbo.posts.models import PRIVATE, PUBLIC, UNLISTED, Post, PostTag, Tag
from qingbo.posts.queries import binned_posts, editable_posts
from qingbo.posts.states import State
from qingbo.search.terms import Query

MOST_PAGES = 500
"""How many standalone pages the list shows."""


MOST_FOUND = 500
"""How many posts a search in the studio finds, the newest first."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list; they are combined with AND."""

    state: State | None = None
    """None means all posts that are not in the bin."""
    kind: str = ""
    author: User | None = None
    tag: Tag | None = None
    search: str = ""
    """Words in the title, the text or the tags."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Posts that are listed by the same column."""

    when: Any
    conditions: Sequence[ColumnElement[bool]]
    index_begins: Sequence[Any] = ()
    """Leading index columns that are NULL in the whole run. PostgreSQL uses its order only if ORDER BY has them."""


def studio_page(session: Session, user: Any, filters: Filters, cursor: Cursor, size: int) -> Page[Post]:
    """Return a page of the posts that `user` may change, the newest first, with authors and tags."""
    found = _numbers_found(session, user, filters) if filters.search else None
    if found == []:
        return Page([], None, None)
    are_listed = filters.kind == PAGE or (filters.state == State.PUBLISHED and not filters.kind)
    pages = _numbers_of_pages(session, user) if are_listed else []
    places = [
        place
        for run in _runs(user, filters, pages)
        for place in _places_in(session, run, filters, found, cursor, size + 1)
    ]
    places.sort(reverse=not cursor.towards_newer)
    page = Page.cut(places[: size + 1], size, cursor, key=lambda place: place)
    posts = _posts_numbered(session, [number for _when, number in page.items])
    return Page(posts, page.older, page.newer)


def _runs(user: Any, filters: Filters, pages: Sequence[int]) -> list[_Run]:
    state = filters.state
    if state == State.BINNED:
        return [_Run(Post.binned_at, [binned_posts(user)])]
    mine, hidden = editable_posts(user), and_(Post.published_at.is_(None), Post.binned_at.is_(None))
    public = _Run(Post.published_at, [mine])
    # Pages are selected by number. The function keeps SQLite from choosing an index on visibility for its order.
    hidden_pages: list[ColumnElement[bool]] = [Post.id.in_(pages), Post.binned_at.is_(None)]
    visibility_of_pages: Any = func.lower(Post.visibility)
    conditions: list[ColumnElement[bool]] = [mine, hidden]
    column: Any = Post.visibility
    if filters.kind == PAGE:
        conditions, column = hidden_pages, visibility_of_pages
    unlisted, private, taken_back = (
        _Run(Post.dated_at, [*conditions, column == visibility]) for visibility in (UNLISTED, PRIVATE, PUBLIC)
    )
    undated = _Run(Post.updated_at, [mine, hidden, Post.dated_at.is_(None)], [Post.published_at, Post.dated_at])
    match state:
        case None:
            return [public, unlisted, private, taken_back, undated]
        case State.DRAFT:
            return [taken_back, undated]
        case State.SCHEDULED:
            return [_Run(run.when, [*run.conditions, run.when > now()]) for run in (public, unlisted, private)]
    # A public page is stored as unlisted, but shown as published; see `states`.
    public_pages = _Run(Post.dated_at, [*hidden_pages, visibility_of_pages == UNLISTED])
    unlisted_posts = _Run(Post.dated_at, [*unlisted.conditions, Post.kind != PAGE])
    runs = {State.PUBLISHED: [public, public_pages], State.UNLISTED: [unlisted_posts], State.PRIVATE: [private]}[state]
    return [replace(run, conditions=[*run.conditions, run.when <= now()]) for run in runs]


def _places_in(
    session: Session, run: _Run, filters: Filters, found: Sequence[int] | None, cursor: Cursor, most: int
) -> list[tuple[datetime, int]]:
    """Return the first places of a run after the cursor, as (date, number); only those in `found`, if given."""
    when, number = run.when, Post.id
    if filters.tag and when is Post.published_at:  # the tag's index contains this date, too
        when, number = PostTag.published_at, PostTag.post_id
    statement = select(when, number).where(when.is_not(None), *run.conditions)
    if filters.tag:
        statement = statement.join_from(Post, PostTag, PostTag.post_id == Post.id)
        statement = statement.where(PostTag.tag_id == filters.tag.id)
    if filters.kind:
        statement = statement.where(Post.kind == filters.kind)
    if filters.author:
        statement = statement.where(Post.author_id == filters.author.id)
    if found is not None:
        statement = statement.where(Post.id.in_(found))
    if cursor.at:
        statement = statement.where(beyond(when, number, cursor))
    columns = [*run.index_begins, when, number]
    order = [column.asc() if cursor.towards_newer else column.desc() for column in columns]
    return [(row[0], row[1]) for row in session.execute(statement.order_by(*order).limit(most))]


def _numbers_of_pages(session: Session, user: Any) -> Sequence[int]:
    """Return the numbers of the newest pages that `user` may change; there are few."""
    statement = select(Post.id).where(Post.kind == PAGE, Post.published_at.is_(None), editable_posts(user))
    return session.scalars(statement.order_by(Post.id.desc()).limit(MOST_PAGES)).all()


def _numbers_found(session: Session, user: Any, filters: Filters) -> list[int]:
    """Return the numbers of the newest posts that contain the words and that `user` may change."""
    condition = binned_posts(user) if filters.state == State.BINNED else editable_posts(user)
    return newest_numbers(session, Query.read(filters.search), user, condition, MOST_FOUND)


def _posts_numbered(session: Session, numbers: Sequence[int]) -> list[Post]:
    """Return posts in the order of these numbers, without those that were deleted meanwhile."""
    statement = select(Post).options(joinedload(Post.author), selectinload(Post.tags))
    return in_order(session, statement.options(defer(Post.text), defer(Post.parts)), numbers)
