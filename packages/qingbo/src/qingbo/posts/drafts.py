"""Unsaved text in writers' forms, and who has a post open. Flushes; the caller commits."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.posts.models import Post, PostDraft, PostOpening
from qingbo.posts.queries import lock_post

OPEN_FOR = timedelta(minutes=2)
"""How long a form counts as open after its last sign of life."""
LONGEST_NAME = 40
_WRITTEN = ("kind", "title", "text", "source", "link", "pictures", "cover", "cover_alt", "tags", "excerpt")
MOST_DRAFTS = 200
"""Maximum per writer, of drafts of posts that are not saved yet."""


def new_name() -> str:
    """Return a name for a draft, or for a page with the form."""
    return secrets.token_urlsafe(12)


def new_opening(draft: PostDraft | None) -> str:
    """Return the mark of a page with the form. It contains a digest of the draft with which it begins."""
    return f"{new_name()}.{_digest(fields_of(draft)) if draft else ''}"


def name_for(post: Post) -> str:
    """Return the name of a post's drafts."""
    return f"post-{post.id}"


def name_without_post(name: str) -> str:
    """Return the new name of a draft whose post was deleted."""
    return f"was-{name}" if name.startswith("post-") else name


def draft_named(session: Session, writer_id: int, name: str) -> PostDraft | None:
    """Return a writer's draft by its name."""
    return session.scalar(select(PostDraft).where(PostDraft.writer_id == writer_id, PostDraft.name == name))


def drafts_of_new_posts(session: Session, writer_id: int, size: int) -> Sequence[PostDraft]:
    """Return a writer's drafts of posts that are not saved yet, or were deleted, the newest first."""
    statement = select(PostDraft).where(PostDraft.writer_id == writer_id, PostDraft.post_id.is_(None))
    return session.scalars(statement.order_by(PostDraft.saved_at.desc(), PostDraft.id.desc()).limit(size)).all()


def posts_with_drafts(session: Session, writer_id: int, posts: Sequence[Post]) -> set[int]:
    """Return the numbers of those posts of which a writer has a draft."""
    numbers = [post.id for post in posts]
    statement = select(PostDraft.post_id).where(PostDraft.writer_id == writer_id, PostDraft.post_id.in_(numbers))
    return {number for number in session.scalars(statement) if number is not None}


def fields_of(draft: PostDraft) -> dict[str, str]:
    """Return the saved fields of the form."""
    fields: dict[str, str] = json.loads(draft.content)
    return fields


def with_fields(found: Sequence[PostDraft]) -> list[tuple[PostDraft, dict[str, str]]]:
    """Return drafts with their fields, for a list of them."""
    return [(draft, fields_of(draft)) for draft in found]


def save_draft(session: Session, writer_id: int, name: str, post: Post | None, fields: Mapping[str, str]) -> PostDraft:
    """Save what is in the form.

    A draft that another tab saved is not overwritten: it is renamed and keeps its text.

    Raises:
        InputRefused: if the name is invalid, or the writer has too many drafts of new posts.
    """
    if not name or len(name) > LONGEST_NAME or not name.isascii():
        raise InputRefused(_("This page can’t save your text. Copy it and open a new editor."))
    if post is not None:  # one at a time: MariaDB reports a deadlock if two transactions insert the same row
        lock_post(session, post.id)
    draft = draft_named(session, writer_id, name)
    if draft is not None and _is_of_another_tab(draft, fields):
        draft.name, draft.post_id = new_name(), None
        session.flush()
        draft = None
    if draft is None:
        try:
            with session.begin_nested():
                draft = _added(session, writer_id, name, post)
        except IntegrityError:  # another tab has inserted it
            return save_draft(session, writer_id, name, post, fields)
    draft.post_id = post.id if post else None
    draft.content, draft.saved_at = json.dumps(dict(fields), ensure_ascii=False), now()
    session.flush()
    return draft


def forget_draft(session: Session, writer_id: int, fields: Mapping[str, str]) -> None:
    """Delete the draft of a form that was saved or discarded, unless another tab has changed it since."""
    draft = draft_named(session, writer_id, fields.get("draft", ""))
    if draft is not None and not _is_of_another_tab(draft, fields):
        session.delete(draft)
        session.flush()


def others_with(session: Session, post: Post, writer_id: int) -> Sequence[User]:
    """Return the other writers who have a post open."""
    statement = select(User).join(PostOpening, PostOpening.user_id == User.id).where(PostOpening.post_id == post.id)
    statement = statement.where(PostOpening.seen_at > now() - OPEN_FOR, User.id != writer_id)
    return session.scalars(statement.order_by(User.name_key)).all()


def note_opening(session: Session, post: Post, writer_id: int) -> None:
    """Record that a writer has a post open now."""
    mine = (PostOpening.post_id == post.id) & (PostOpening.user_id == writer_id)
    session.execute(delete(PostOpening).where(PostOpening.post_id == post.id, PostOpening.seen_at < now() - OPEN_FOR))
    if session.execute(update(PostOpening).where(mine).values(seen_at=now())).rowcount:  # type: ignore[attr-defined]
        return
    try:
        with session.begin_nested():
            session.add(PostOpening(post_id=post.id, user_id=writer_id, seen_at=now()))
    except IntegrityError:  # another tab has inserted it
        return


def note_closing(session: Session, post: Post, writer_id: int) -> None:
    """Record that a writer has saved a post and left the form."""
    session.execute(delete(PostOpening).where(PostOpening.post_id == post.id, PostOpening.user_id == writer_id))


def _is_of_another_tab(draft: PostDraft, fields: Mapping[str, str]) -> bool:
    kept, opened = fields_of(draft), fields.get("opened", "")
    if kept.get("opened") == opened or all(kept.get(name, "") == fields.get(name, "") for name in _WRITTEN):
        return False
    return opened.partition(".")[2] != _digest(kept)


def _digest(fields: Mapping[str, str]) -> str:
    written = json.dumps([fields.get(name, "") for name in _WRITTEN])
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def _added(session: Session, writer_id: int, name: str, post: Post | None) -> PostDraft:
    own = select(func.count()).where(PostDraft.writer_id == writer_id, PostDraft.post_id.is_(None))
    if post is None and (session.scalar(own) or 0) >= MOST_DRAFTS:
        raise InputRefused(_("You have too many unfinished posts. Save or discard some of them."))
    draft = PostDraft(writer_id=writer_id, name=name, content="{}", saved_at=now())
    session.add(draft)
    session.flush()
    return draft
