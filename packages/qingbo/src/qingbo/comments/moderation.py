"""Adding, changing and deleting comments. Flushes; the caller commits."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from qingbo.accounts.forms import email_key
from qingbo.accounts.models import NAME_LENGTH, User
from qingbo.accounts.names import clean
from qingbo.accounts.queries import is_name_of_another
from qingbo.clock import now
from qingbo.comments import holding
from qingbo.comments.models import TEXT_LENGTH, Comment, State
from qingbo.comments.queries import has_replies, is_known_guest, parent_on
from qingbo.comments.search_index import index_comment
from qingbo.errors import InputRefused
from qingbo.posts.models import Post
from qingbo.rendering.characters import on_one_line, without_controls
from qingbo.site_settings import current_settings


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of a comment that come from its writer."""

    text: str
    guest_name: str = ""
    guest_email: str = ""
    parent_id: int | None = None
    trapped: bool = False
    """Whether the hidden field was filled in."""


def add_comment(session: Session, post: Post, user: Any, words: Words) -> Comment:
    """Add a comment by an account or a guest.

    Raises:
        InputRefused: if the text, or a guest's name or address, is invalid, or guests may not comment.
    """
    words = checked(session, user, words)
    comment = Comment(post_id=post.id, text=words.text, parent_id=_parent_id(session, post, user, words.parent_id))
    comment.author = session.get_one(User, user.id) if user.is_authenticated else None
    if comment.author is None:
        comment.guest_name, comment.guest_email = words.guest_name, words.guest_email or None
        put_into(comment, _state_of(session, words))
    session.add(comment)
    index_comment(session, comment)
    return comment


def checked(session: Session, user: Any, words: Words) -> Words:
    """Return the input, validated and cleaned.

    Raises:
        InputRefused: if a part is invalid, or guests may not comment.
    """
    text = checked_text(words.text)
    if user.is_authenticated:
        return Words(text, parent_id=words.parent_id)
    if not current_settings().guest_comments:
        raise InputRefused(_("Sign in to comment."))
    name = _checked_name(session, words.guest_name)
    email = email_key(words.guest_email) if words.guest_email.strip() else ""
    if email is None:
        raise InputRefused(_("Enter a valid email address."))
    return Words(text, name, email, words.parent_id, words.trapped)


def checked_text(text: str) -> str:
    """Return a text as it is stored.

    Raises:
        InputRefused: if it is empty or too long.
    """
    # Cleaning takes time, so much longer texts are not cleaned. Twice, because line ends may be two characters each.
    text = without_controls(text).strip() if len(text) <= 2 * TEXT_LENGTH else text
    if len(text) > TEXT_LENGTH:
        raise InputRefused(
            _("Comments can have up to %(most)s characters (yours has %(count)s).", count=len(text), most=TEXT_LENGTH)
        )
    if not on_one_line(text):
        raise InputRefused(_("Comments can’t be empty."))
    return text


def edit_comment(session: Session, comment: Comment, text: str) -> None:
    """Change a comment's text. A guest's comment is checked again, because it may contain new links.

    Raises:
        InputRefused: if the text is invalid.
    """
    comment.text = checked_text(text)
    comment.edited_at = now()
    if comment.author_id is None and comment.state == State.SHOWN:
        words = Words(comment.text, comment.guest_name or "", comment.guest_email or "")
        put_into(comment, _state_of(session, words))
    index_comment(session, comment)


def move_comments(session: Session, comments: list[Comment], state: State) -> list[Comment]:
    """Set the state of comments, and return those that have become visible."""
    appeared = [comment for comment in comments if state == State.SHOWN and comment.state != State.SHOWN]
    for comment in comments:
        if comment.state != State.DELETED:
            put_into(comment, state)
    session.flush()
    return appeared


def delete_comment(session: Session, comment: Comment) -> None:
    """Delete a comment permanently. If it has replies, keep its row without the text."""
    if comment.parent_id is None and has_replies(session, comment):
        comment.text, comment.guest_email = "", None
        put_into(comment, State.DELETED)
        index_comment(session, comment)
    else:
        session.delete(comment)
        session.flush()


def put_into(comment: Comment, state: State) -> None:
    """Set the state of a comment, and since when it is hidden."""
    comment.state = state
    comment.hidden_at = None if state == State.SHOWN else comment.hidden_at or now()


def _state_of(session: Session, words: Words) -> State:
    known = bool(words.guest_email) and is_known_guest(session, words.guest_email, words.guest_name)
    settings = current_settings()
    return holding.state_of_guests(words.text, words.guest_name, settings, known=known, trapped=words.trapped)


def _parent_id(session: Session, post: Post, user: Any, parent_id: int | None) -> int | None:
    """Return the comment under which a reply is shown: a reply to a reply is shown beside that reply."""
    if parent_id is None:
        return None
    parent = parent_on(session, post, user, parent_id)
    if parent is None:
        raise InputRefused(_("The comment you are replying to no longer exists. Your text is below."))
    return parent.thread_id


def _checked_name(session: Session, name: str) -> str:
    name = clean(on_one_line(name)) if len(name) <= 4 * NAME_LENGTH else name
    if not name:
        raise InputRefused(_("Enter your name."))
    if len(name) > NAME_LENGTH:
        raise InputRefused(
            _("Names can have up to %(most)s characters (yours has %(count)s).", count=len(name), most=NAME_LENGTH)
        )
    if is_name_of_another(session, name):
        raise InputRefused(_("This name belongs to a registered user. Sign in or choose another name."))
    return name
