"""Reads of comments."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.comments.models import EDITABLE_FOR, Comment, State, Subscription
from qingbo.posts.models import Post
from qingbo.posts.queries import can_edit, visible_posts

PAGE = 100
QUEUE_PAGE = 50

_thread = func.coalesce(Comment.parent_id, Comment.id)
"""The number of the first comment of a thread; it keeps a comment and its replies together."""

Place = tuple[int, int]
"""The position of a comment on its post: the numbers of its thread and of the comment."""


def comments_on(
    session: Session, post: Post, user: Any, own: Iterable[int] = (), after: Place | None = None
) -> tuple[list[Comment], Place | None]:
    """Return a page of the comments on a post, thread by thread, and where the next page begins.

    Args:
        session: to read with.
        post: whose comments.
        user: who reads; hidden comments are left out accordingly.
        own: numbers of the comments that this guest has just written.
        after: where the page begins.
    """
    statement = select(Comment).where(Comment.post_id == post.id, _readable(post, user, own))
    if after:
        thread, number = after
        statement = statement.where(or_(_thread > thread, and_(_thread == thread, Comment.id > number)))
    statement = statement.options(joinedload(Comment.author)).order_by(_thread, Comment.id).limit(PAGE + 1)
    found = list(session.scalars(statement))
    return found[:PAGE], place_of(found[PAGE - 1]) if len(found) > PAGE else None


def place_of(comment: Comment) -> Place:
    """Return the position of a comment on its post."""
    return comment.thread_id, comment.id


def page_with(session: Session, comment: Comment) -> Place | None:
    """Return after which comment the page begins that has a new comment as its last; None for the first page."""
    thread, number = place_of(comment)
    before = or_(_thread < thread, and_(_thread == thread, Comment.id < number))
    others = select(_thread, Comment.id).where(Comment.post_id == comment.post_id, before)
    row = session.execute(others.order_by(_thread.desc(), Comment.id.desc()).offset(PAGE - 1).limit(1)).first()
    return (row[0], row[1]) if row else None


def parent_on(session: Session, post: Post, user: Any, number: int) -> Comment | None:
    """Return the comment to reply to, if `user` can read it."""
    readable = or_(_readable(post, user, ()), Comment.state == State.DELETED)
    statement = select(Comment).where(Comment.id == number, Comment.post_id == post.id, readable)
    return session.scalar(statement.options(joinedload(Comment.author)))


def moderated_comment(session: Session, number: int, user: Any) -> Comment | None:
    """Return a comment with its post if `user` moderates it: the post's author, an editor or an administrator."""
    statement = select(Comment).join(Comment.post).where(Comment.id == number, moderated_by(user))
    return session.scalar(statement.options(contains_eager(Comment.post), joinedload(Comment.author)))


def own_comment(session: Session, number: int, user: Any, own: Iterable[int]) -> Comment | None:
    """Return a comment with its post if this account wrote it, or this guest wrote it just now."""
    mine = Comment.author_id == user.id if user.is_authenticated else Comment.id.in_(_still_new(own))
    statement = select(Comment).join(Comment.post).where(Comment.id == number, mine, visible_posts(user))
    statement = statement.where(Comment.state != State.DELETED)
    if not user.is_authenticated:
        statement = statement.where(Comment.author_id.is_(None), Comment.created_at > now() - EDITABLE_FOR)
    return session.scalar(statement.options(contains_eager(Comment.post), joinedload(Comment.author)))


def moderated_by(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` moderates a comment; the query has to join its post."""
    if not user.is_authenticated or not user.is_author:
        return Comment.id.is_(None)
    if user.is_editor:
        return Comment.id.is_not(None)
    own: ColumnElement[bool] = Post.author_id == user.id
    return own


def queue(
    session: Session, user: Any, state: State | None, before: int | None = None, found: Sequence[int] | None = None
) -> Sequence[Comment]:
    """Return a page of the comments that `user` moderates, the newest first, and one more.

    Args:
        session: to read with.
        user: who moderates.
        state: the state of the comments; None for all except deleted ones.
        before: only comments with a smaller number.
        found: only these numbers, from a search.
    """
    of_state = Comment.state == state if state else Comment.state != State.DELETED
    statement = select(Comment).join(Comment.post).where(of_state, moderated_by(user))
    if found is not None:
        statement = statement.where(Comment.id.in_(found))
    if before:
        statement = statement.where(Comment.id < before)
    statement = statement.options(contains_eager(Comment.post), joinedload(Comment.author))
    return session.scalars(statement.order_by(Comment.id.desc()).limit(QUEUE_PAGE + 1)).all()


def moderated_comments(session: Session, user: Any, numbers: Iterable[int]) -> list[Comment]:
    """Return those of some comments that `user` moderates, with their posts."""
    statement = select(Comment).join(Comment.post).where(Comment.id.in_(list(numbers)), moderated_by(user))
    return list(session.scalars(statement.options(contains_eager(Comment.post), joinedload(Comment.author))))


def count_waiting(session: Session, user: Any, most: int = 100) -> int:
    """Return how many comments wait for approval by `user`, at most `most`."""
    waiting = select(Comment.id).join(Comment.post).where(Comment.state == State.HELD, moderated_by(user)).limit(most)
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def is_known_guest(session: Session, email: str, name: str) -> bool:
    """Return whether a comment with this address and name is approved."""
    wanted = (Comment.guest_email == email, Comment.guest_name == name, Comment.state == State.SHOWN)
    return bool(session.scalar(select(exists(select(Comment.id).where(*wanted)))))


def has_replies(session: Session, comment: Comment) -> bool:
    """Return whether a comment has replies."""
    return bool(session.scalar(select(exists(select(Comment.id).where(Comment.parent_id == comment.id)))))


def subscriptions_to(session: Session, thread_id: int) -> Sequence[Subscription]:
    """Return a thread's subscriptions: of confirmed accounts, and of guests with a visible comment in the thread."""
    of_accounts = select(User.email).where(User.confirmed_at.is_not(None))
    in_thread = or_(Comment.id == thread_id, Comment.parent_id == thread_id)
    of_guests = select(Comment.guest_email).where(in_thread, Comment.state == State.SHOWN)
    known = or_(Subscription.email.in_(of_accounts), Subscription.email.in_(of_guests))
    return session.scalars(select(Subscription).where(Subscription.thread_id == thread_id, known)).all()


def subscription_of(session: Session, token: str) -> Subscription | None:
    """Return the subscription that a link in a mail belongs to."""
    return session.scalar(select(Subscription).where(Subscription.token == token))


def _readable(post: Post, user: Any, own: Iterable[int]) -> ColumnElement[bool]:
    if can_edit(post, user):
        return Comment.state.not_in([State.SPAM])
    shown = or_(Comment.hidden_at.is_(None), Comment.state == State.DELETED)
    if user.is_authenticated:
        return or_(shown, Comment.author_id == user.id)
    return or_(shown, Comment.id.in_(numbers)) if (numbers := _still_new(own)) else shown


def _still_new(own: Iterable[int]) -> list[int]:
    return list(own)[-20:]
