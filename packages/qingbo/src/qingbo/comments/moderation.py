"""Saying something, and taking it away. Flushes; the caller commits."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from qingbo.accounts.models import NAME_LENGTH
from qingbo.accounts.names import clean
from qingbo.accounts.queries import user_named
from qingbo.clock import now
from qingbo.comments.models import TEXT_LENGTH, Comment
from qingbo.errors import InputRefused
from qingbo.posts.models import Post
from qingbo.rendering.characters import on_one_line, without_controls


def add_comment(session: Session, post: Post, user: Any, text: str, guest_name: str = "") -> Comment:
    """Add a comment, an account's or a guest's.

    Raises:
        InputRefused: for a text or a guest's name that cannot be taken.
    """
    # Looked at before it is cleaned too, which takes its time: line ends alone cannot halve a text.
    text = without_controls(text).strip() if len(text) <= 2 * TEXT_LENGTH else text
    if len(text) > TEXT_LENGTH:
        raise InputRefused(
            _("The comment has %(count)s characters; at most %(most)s fit.", count=len(text), most=TEXT_LENGTH)
        )
    if not on_one_line(text):
        raise InputRefused(_("A comment needs a text."))
    comment = Comment(post_id=post.id, text=text)
    if user.is_authenticated:
        comment.author_id = user.id
    else:
        comment.guest_name = _checked_name(session, guest_name)
    session.add(comment)
    session.flush()
    return comment


def hide_comment(comment: Comment) -> None:
    """Let only those who moderate, and who wrote it, read it."""
    comment.hidden_at = comment.hidden_at or now()


def show_comment(comment: Comment) -> None:
    """Let everybody read it again."""
    comment.hidden_at = None


def delete_comment(session: Session, comment: Comment) -> None:
    """Delete it for good."""
    session.delete(comment)
    session.flush()


def _checked_name(session: Session, name: str) -> str:
    name = clean(on_one_line(name)) if len(name) <= 4 * NAME_LENGTH else name
    if not name:
        raise InputRefused(_("Please give a name."))
    if len(name) > NAME_LENGTH:
        raise InputRefused(
            _("The name has %(count)s characters; at most %(most)s fit.", count=len(name), most=NAME_LENGTH)
        )
    if user_named(session, name):
        raise InputRefused(_("That is the name of an account. Sign in, or take another one."))
    return name
