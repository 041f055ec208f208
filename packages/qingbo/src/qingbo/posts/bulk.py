"""Bulk actions of the studio: each post is changed as by its form. Flushes; the caller commits."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.accounts.names import key_of
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, Outline, update_post
from qingbo.posts.queries import editable_posts
from qingbo.posts.states import State, shown_state, state_of


def slugs_of(session: Session, user: Any, numbers: Sequence[int]) -> list[str]:
    """Return the slugs of those posts that `user` may change, the oldest first."""
    statement = select(Post.slug).where(Post.id.in_(numbers), editable_posts(user))
    return list(session.scalars(statement.order_by(Post.id)))


def publish_post(session: Session, post: Post, writer_id: int) -> bool:
    """Publish a draft or a scheduled post, with the date it had before or now. Return whether it was not public yet.

    Raises:
        InputRefused: if it cannot be published, or it is unlisted or private.
    """
    state = shown_state(post)
    if state in {State.UNLISTED, State.PRIVATE}:
        raise InputRefused(_("This post isn’t public. Change its visibility in the editor."))
    if state == State.PUBLISHED:
        return False
    before = post.first_published_at
    date = before if before and before <= now() and state == State.DRAFT else now()
    _change(session, post, writer_id, published_at=date)
    return True


def unpublish_post(session: Session, post: Post, writer_id: int) -> bool:
    """Make a post a draft. Return whether it was not one yet.

    Raises:
        InputRefused: if it cannot be saved as it is.
    """
    if state_of(post) == State.DRAFT:
        return False
    _change(session, post, writer_id, published_at=None)
    return True


def add_tags(session: Session, post: Post, writer_id: int, tags: Sequence[str]) -> bool:
    """Add tags to a post. Return whether one was missing.

    Raises:
        InputRefused: if it would have too many.
    """
    kept = [tag.name for tag in post.tags]
    missing = [tag for tag in tags if key_of(tag) not in set(map(key_of, kept))]
    if missing:
        _change(session, post, writer_id, tags=[*kept, *missing])
    return bool(missing)


def _change(session: Session, post: Post, writer_id: int, **changes: Any) -> None:
    """Save a post with some changes. Its text stays, so nothing is rendered."""
    parts: dict[str, Any] = {
        "title": post.title,
        "text": post.text,
        "tags": [tag.name for tag in post.tags],
        "published_at": post.date,
        "language": post.language or "",
        "outline": Outline(post.excerpt),
    }
    update_post(session, post, Draft(**parts | changes), writer_id=writer_id)
