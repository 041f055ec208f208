"""Finds media that a killed process left unfinished, and stored files without a row."""

from pathlib import PurePath

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.background import background_of
from qingbo.extensions import db
from qingbo.media.intake import TASK
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.media.queries import unfinished
from qingbo.media.storage import FolderStorage, Storage

PAGE = 500
LEFT_ALONE_SECONDS = 24 * 3600
"""Younger files may belong to an upload that is not committed yet."""


def sweep_media(app: Flask) -> None:
    """Queue unfinished media, and delete files without a row."""
    with app.app_context():
        storage = current_storage()
        if isinstance(storage, FolderStorage):
            storage.clear_incoming(LEFT_ALONE_SECONDS)
        for number in all_unfinished(db.session()):
            background_of(app).put(TASK, number)
        delete_orphans(db.session(), storage, LEFT_ALONE_SECONDS)


def all_unfinished(session: Session) -> list[int]:
    """Return the numbers of all files with missing renditions."""
    found: list[int] = []
    while page := unfinished(session, found[-1] if found else 0, PAGE):
        found += page
    session.rollback()
    return found


def delete_orphans(session: Session, storage: Storage, older_than: float) -> int:
    """Delete the files without a row, and return how many there were."""
    deleted = 0
    page: list[str] = []
    for name in storage.names(older_than):
        page.append(name)
        if len(page) == PAGE:
            deleted += _delete_unknown(session, storage, page, older_than)
            page = []
    return deleted + _delete_unknown(session, storage, page, older_than)


def _delete_unknown(session: Session, storage: Storage, names: list[str], older_than: float) -> int:
    by_digest: dict[str, list[str]] = {}
    for name in names:
        by_digest.setdefault(PurePath(name).name.partition(".")[0], []).append(name)
    known = set(session.scalars(select(Media.digest).where(Media.digest.in_(by_digest))))
    session.rollback()
    unknown = [name for digest, each in by_digest.items() if digest not in known for name in each]
    for name in unknown:
        storage.delete(name, older_than)
    return len(unknown)
