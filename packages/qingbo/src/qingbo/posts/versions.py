"""The versions of a post, and detecting that a form began with an older one. Flushes; the caller commits."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, defer, joinedload

from qingbo.clock import now
from qingbo.errors import ChangedMeanwhile
from qingbo.posts.contents import Content
from qingbo.posts.models import Post, PostVersion
from qingbo.posts.thinning import versions_to_drop

AUTOMATIC = timedelta(minutes=5)
"""How often unsaved text becomes a version automatically."""
VERSIONS_PER_PAGE = 50


def version_of(post: Post) -> str:
    """Return the digest of a post's current content; the post was read with its tags."""
    return Content.of(post).digest


def refuse_older(post: Post, based_on: str | None, wanted: str = "") -> None:
    """Raise `ChangedMeanwhile` if the post is neither the version that the person saw nor the wanted one.

    The post's row has to be locked. A request without a version does not come from a form of this blog.
    """
    if based_on and version_of(post) not in {based_on, wanted}:
        raise ChangedMeanwhile


def record_save(session: Session, post: Post, writer_id: int | None) -> None:
    """Store the current content of a post (read with its tags) as a version, unless its newest save is the same."""
    content = Content.of(post)
    newest = session.scalar(_newest(post).where(PostVersion.is_saved).with_only_columns(PostVersion.digest))
    if newest != content.digest:
        typed = session.scalar(_newest(post).where(PostVersion.writer_id == writer_id))
        if typed is not None and typed.digest == content.digest and not typed.is_saved:
            session.delete(typed)  # what was typed and then saved is listed only once
        _keep(session, post, content, writer_id, made_at=post.updated_at, is_saved=True)
        _thin(session, post)


def record_typing(session: Session, post: Post, content: Content, writer_id: int) -> None:
    """Store what somebody has typed so far as a version, unless they have one from the last five minutes."""
    newest = session.scalar(_newest(post).where(PostVersion.writer_id == writer_id))
    if newest is None or (newest.made_at <= now() - AUTOMATIC and newest.digest != content.digest):
        _keep(session, post, content, writer_id, made_at=now(), is_saved=False)


def _thin(session: Session, post: Post) -> None:
    made = session.execute(select(PostVersion.id, PostVersion.made_at).where(PostVersion.post_id == post.id))
    if dropped := versions_to_drop([(row.id, row.made_at) for row in made], now()):
        session.execute(delete(PostVersion).where(PostVersion.id.in_(dropped)))


def _newest(post: Post) -> Select[Any]:
    return select(PostVersion).where(PostVersion.post_id == post.id).order_by(PostVersion.id.desc()).limit(1)


def _keep(
    session: Session, post: Post, content: Content, writer_id: int | None, *, made_at: datetime, is_saved: bool
) -> None:
    version = PostVersion(post_id=post.id, writer_id=writer_id, made_at=made_at, is_saved=is_saved)
    version.digest, version.content = content.digest, str(content)
    session.add(version)
    session.flush()


def versions_of(session: Session, post: Post, before: int) -> list[PostVersion]:
    """Return a page of a post's versions, with writers, the newest first, and one more; `before` is a number or 0."""
    statement = select(PostVersion).where(PostVersion.post_id == post.id)
    if before:
        statement = statement.where(PostVersion.id < before)
    statement = statement.options(joinedload(PostVersion.writer), defer(PostVersion.content))
    return list(session.scalars(statement.order_by(PostVersion.id.desc()).limit(VERSIONS_PER_PAGE + 1)))


def version_numbered(session: Session, post: Post, number: int) -> PostVersion | None:
    """Return a version of a post with its writer."""
    if number.bit_length() > 63:
        return None
    statement = select(PostVersion).where(PostVersion.post_id == post.id, PostVersion.id == number)
    return session.scalar(statement.options(joinedload(PostVersion.writer)))


def version_with(session: Session, post: Post, digest: str) -> Content | None:
    """Return the content of the version with a digest, or None."""
    found = session.scalar(
        select(PostVersion.content)
        .where(PostVersion.post_id == post.id, PostVersion.digest == digest)
        .order_by(PostVersion.id.desc())
        .limit(1)
    )
    return Content.read(found) if found else None
