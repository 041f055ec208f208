"""Reads of media."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from qingbo.media.addresses import handle_in
from qingbo.media.models import Kind, Media, MediaUse

PAGE = 60
MOST_HANDLES = 500


def media_with(session: Session, handle: str) -> Media | None:
    """Return the file with a handle."""
    return session.scalar(select(Media).where(Media.handle == handle))


def picture_at(session: Session, address: str) -> Media | None:
    """Return the uploaded picture at an address, or None."""
    handle = handle_in(address)
    media = media_with(session, handle) if handle else None
    return media if media is not None and media.kind == Kind.PICTURE else None


def media_by_handle(session: Session, handles: Iterable[str]) -> dict[str, Media]:
    """Return the files with some handles, in one query."""
    wanted = sorted(handles)[:MOST_HANDLES]
    if not wanted:
        return {}
    return {media.handle: media for media in session.scalars(select(Media).where(Media.handle.in_(wanted)))}


def manageable(user: Any) -> ColumnElement[bool]:
    """Return the condition that `user` may change a file: its uploader, editors and administrators may."""
    if not user.is_authenticated or not user.is_author:
        return Media.id.is_(None)
    return Media.id.is_not(None) if user.is_editor else Media.uploader_id == user.id


def listed_media(session: Session, user: Any, *, words: str, kind: str, before: int) -> list[Media]:
    """Return a page of files, the newest first, and one more.

    Args:
        session: to read with.
        user: who looks; authors see only their own files.
        words: text in the name or description; empty for all.
        kind: see `Kind`; empty for all.
        before: the number of the last file of the previous page, 0 for the first page.
    """
    statement = select(Media).where(manageable(user))
    if words:
        columns = (Media.name, Media.alt)
        statement = statement.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    if kind in set(Kind):
        statement = statement.where(Media.kind == kind)
    if before:
        statement = statement.where(Media.id < before)
    statement = statement.options(joinedload(Media.uploader)).order_by(Media.id.desc()).limit(PAGE + 1)
    return list(session.scalars(statement))


def unfinished(session: Session, after: int, size: int) -> list[int]:
    """Return the numbers of files with missing renditions, in order."""
    statement = select(Media.id).where(Media.finished_at.is_(None), Media.id > after)
    return list(session.scalars(statement.order_by(Media.id).limit(size)))


def uses_of(session: Session, media: Iterable[Media]) -> dict[int, list[int]]:
    """Return for each file the numbers of the posts that show it, in one query."""
    numbers = [each.id for each in media]
    found: dict[int, list[int]] = {number: [] for number in numbers}
    if numbers:
        statement = select(MediaUse.media_id, MediaUse.post_id).where(MediaUse.media_id.in_(numbers))
        for row in session.execute(statement.order_by(MediaUse.post_id)):
            found[row.media_id].append(row.post_id)
    return found
