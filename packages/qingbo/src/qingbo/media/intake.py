"""Uploads: checks, cleans and stores a file, and adds its row. Flushes; the caller commits."""

import hashlib
import re
from io import BytesIO
from pathlib import PurePath
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.background import enqueue
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.media.addresses import LEAST_DIGITS, file_name
from qingbo.media.formats import EXTENSIONS, Format, recognised
from qingbo.media.models import NAME_LENGTH, Kind, Media
from qingbo.media.pictures import Cleaned, is_clean, write_cleaned
from qingbo.media.storage import CHUNK, Storage
from qingbo.rendering.characters import on_one_line, without_controls

MOST_PICTURE_BYTES = 30 * 1024 * 1024
TASK = "make_renditions"

_NOT_IN_NAMES = re.compile(r"[\s/\\?#%<>\"'`~|:*()\[\]{}^&]+")


def take_in(
    session: Session,
    storage: Storage,
    file: IO[bytes],
    name: str,
    uploader_id: int | None,
    *,
    most_bytes: int,
    names_may_lie: bool = False,
    keeps_clean: bool = False,
) -> Media:
    """Store a file and return its row; the same content is stored once.

    Args:
        session: to write with. Slow work is done before its first use.
        storage: where the file is stored, before its row is written.
        file: readable and seekable.
        name: the uploaded file's name.
        uploader_id: the account that owns it.
        most_bytes: maximum size; for pictures `MOST_PICTURE_BYTES` at most.
        names_may_lie: accept a file whose name has the extension of another format.
        keeps_clean: store a picture without metadata byte by byte, because a blog has encoded it already. Otherwise
            WebP and AVIF would lose quality, and the address would change.

    Raises:
        InputRefused: if the file is refused; nothing of it is stored.
    """
    shown = _shown(name)
    size = file.seek(0, 2)
    _check_size(size, most_bytes, shown)
    found = recognised(file, shown, names_may_lie=names_may_lie)
    if found.kind is Kind.PICTURE:
        _check_size(size, min(MOST_PICTURE_BYTES, most_bytes), shown)
    content, cleaned = _content(file, found, shown)
    if keeps_clean and cleaned and is_clean(file, found):
        content = file
    digest = _digest_of(content)
    size = content.seek(0, 2)
    storage.put(file_name(digest, found.extension), content)
    if known := _known(session, digest):
        return known
    media = Media(digest=digest, handle=_free_handle(session, digest), name=_kept_name(shown, found), size=size)
    media.kind, media.mimetype, media.uploader_id = found.kind.value, found.mimetype, uploader_id
    if cleaned:
        media.width, media.height, media.is_animated = cleaned.width, cleaned.height, cleaned.is_animated
    else:
        media.finished_at = now()
    try:
        with session.begin_nested():
            session.add(media)
    except IntegrityError:  # the same file was uploaded twice at the same moment
        return session.scalars(select(Media).where(Media.digest == digest)).one()
    if cleaned:
        enqueue(session, TASK, media.id)
    return media


def _content(file: IO[bytes], found: Format, name: str) -> tuple[IO[bytes], Cleaned | None]:
    """Return the content to store; a picture is encoded again."""
    if found.kind is not Kind.PICTURE:
        return file, None
    content = BytesIO()
    return content, write_cleaned(file, found, content, name)


def _digest_of(content: IO[bytes]) -> str:
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _check_size(size: int, most: int, name: str) -> None:
    if size > most:
        raise InputRefused(
            _("“%(name)s” is %(size)s MB. The limit is %(most)s MB.", name=name, size=_mb(size), most=_mb(most))
        )


def _mb(size: int) -> str:
    return f"{size / 1024**2:.3g}"


def _known(session: Session, digest: str) -> Media | None:
    return session.scalar(select(Media).where(Media.digest == digest))


def _free_handle(session: Session, digest: str) -> str:
    """Return the shortest beginning of a digest, from `LEAST_DIGITS` on, that no other file uses."""
    for digits in range(LEAST_DIGITS, len(digest)):
        if session.scalar(select(Media.id).where(Media.handle == digest[:digits])) is None:
            return digest[:digits]
    return digest


def _shown(name: str) -> str:
    return on_one_line(without_controls(PurePath(name.replace("\\", "/")).name))[:NAME_LENGTH] or "file"


def _kept_name(name: str, found: Format) -> str:
    """Return a name for an address: one word, with the extension of the actual format."""
    stem = PurePath(name).stem if PurePath(name).suffix.lower() in EXTENSIONS else name
    word = (
        _NOT_IN_NAMES.sub("-", stem).strip("-. ")[: NAME_LENGTH - len(found.extension)].rstrip("-. ")
        or found.kind.value
    )
    return f"{word}{found.extension}"
