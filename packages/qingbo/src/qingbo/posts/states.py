"""The state of a post, computed from its dates and flags, for a loaded post and as a query condition."""

from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_

from qingbo.clock import now
from qingbo.database import UtcDateTime
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import PRIVATE, PUBLIC, UNLISTED, Post


class State(StrEnum):
    """The state of a post for its readers."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    UNLISTED = "unlisted"
    """Everybody with the address may read it; no list shows it."""
    PRIVATE = "private"
    """Only those who may edit it may read it."""
    BINNED = "binned"


def state_of(post: Post, moment: datetime | None = None) -> State:
    """Return the state of a post, now or at another time."""
    moment = moment or now()
    if post.published_at is not None:
        return State.SCHEDULED if post.published_at > moment else State.PUBLISHED
    if post.binned_at is not None:
        return State.BINNED
    if post.dated_at is None or post.visibility == PUBLIC:
        return State.DRAFT
    if post.dated_at > moment:
        return State.SCHEDULED
    return State.UNLISTED if post.visibility == UNLISTED else State.PRIVATE


def shown_state(post: Post) -> State:
    """Return the state as the interface shows it: a public page is published."""
    state = state_of(post)
    return State.PUBLISHED if state == State.UNLISTED and post.kind == PAGE else state


def stored_visibility(kind: str, visibility: str) -> str:
    """Return the visibility to store for the one that a person chose."""
    return UNLISTED if kind == PAGE and visibility == PUBLIC else visibility


def shown_visibility(kind: str, visibility: str) -> str:
    """Return the visibility to show for the stored one."""
    return PUBLIC if kind == PAGE and visibility == UNLISTED else visibility


@cache
def in_state(state: State) -> ColumnElement[bool]:
    """Return the condition that a post is in a state when the query runs; `state_of` is the same for a loaded post.

    Each condition is built once, because building it takes longer than running the query in the database.
    """
    moment: BindParameter[datetime] = bindparam(None, callable_=now, type_=UtcDateTime())
    hidden = and_(Post.published_at.is_(None), Post.binned_at.is_(None))
    dated = and_(hidden, Post.visibility != PUBLIC, Post.dated_at.is_not(None))
    match state:
        case State.PUBLISHED:
            return Post.published_at <= moment
        case State.SCHEDULED:
            return or_(Post.published_at > moment, and_(dated, Post.dated_at > moment))
        case State.UNLISTED:
            return and_(dated, Post.visibility == UNLISTED, Post.dated_at <= moment)
        case State.PRIVATE:
            return and_(dated, Post.visibility == PRIVATE, Post.dated_at <= moment)
        case State.DRAFT:
            return and_(hidden, or_(Post.visibility == PUBLIC, Post.dated_at.is_(None)))
        case State.BINNED:
            return and_(Post.published_at.is_(None), Post.binned_at.is_not(None))


def kept() -> ColumnElement[bool]:
    """Return the condition that a post is not in the bin."""
    return or_(Post.binned_at.is_(None), Post.published_at.is_not(None))


@cache
def readable() -> ColumnElement[bool]:
    """Return the condition that everybody with the address may read a post."""
    return or_(in_state(State.PUBLISHED), in_state(State.UNLISTED))
