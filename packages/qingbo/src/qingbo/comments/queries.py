"""Reads of comments."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from qingbo.comments.models import Comment
from qingbo.posts.models import Post

PAGE = 100


def comments_on(session: Session, post: Post, user: Any, after: int = 0) -> tuple[list[Comment], int | None]:
    """Return a page of the comments on a post that `user` may read, the oldest first, and where the next begins."""
    statement = select(Comment).where(Comment.post_id == post.id, Comment.id > after, _readable(post, user))
    found = list(session.scalars(statement.options(joinedload(Comment.author)).order_by(Comment.id).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def page_with(session: Session, comment: Comment) -> int | None:
    """Return after which comment the page begins that ends with a new one; None for the first page."""
    others = select(Comment.id).where(Comment.post_id == comment.post_id, Comment.id < comment.id)
    return session.scalar(others.order_by(Comment.id.desc()).offset(PAGE - 1).limit(1))


def moderated_comment(session: Session, number: int, user: Any) -> Comment | None:
    """Return a comment with its post, where `user` may hide or delete it: the post's author, and administrators."""
    statement = select(Comment).join(Comment.post).where(Comment.id == number)
    if not user.is_administrator:
        statement = statement.where(Post.author_id == user.id)
    return session.scalar(statement.options(joinedload(Comment.post)))


def moderates(post: Post, user: Any) -> bool:
    """Return whether `user` may hide and delete the comments on a post."""
    return bool(user.is_authenticated and (user.is_administrator or user.id == post.author_id))


def _readable(post: Post, user: Any) -> ColumnElement[bool]:
    if moderates(post, user):
        return Comment.id.is_not(None)
    shown = Comment.hidden_at.is_(None)
    return or_(shown, Comment.author_id == user.id) if user.is_authenticated else shown
