"""Renditions: smaller versions of a picture, made in the background. Until they exist, the original is shown."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.orm import Session

from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db
from qingbo.media.addresses import PREFIX, address_of, file_name
from qingbo.media.models import Kind, Media
from qingbo.media.pictures import placeholder_of, rendition_of
from qingbo.media.storage import Storage

WIDTHS = (480, 960, 1600)
CLAIM = timedelta(seconds=15)
"""How long a process that makes renditions reserves the picture, unless it renews. After that, another may make
them again, which is harmless: they are stored by content."""
MOST_AVIF_PIXELS = 2_000_000
"""AVIF takes many times as long to encode as WebP."""

EXTENSIONS = {"image/avif": ".avif", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Rendition:
    """A smaller version of a picture."""

    width: int
    mimetype: str

    @property
    def extension(self) -> str:
        """The extension of its name."""
        return EXTENSIONS[self.mimetype]

    @property
    def name(self) -> str:
        """Its name in addresses; names of uploaded files contain no tilde."""
        return f"~{self.width}{self.extension}"

    def address(self, media: Media) -> str:
        """Return its address as a rendition of a file."""
        return f"{PREFIX}{media.handle}/{self.name}"

    def stored_name(self, media: Media) -> str:
        """Return its name in the storage as a rendition of a file."""
        return file_name(media.digest, f".{self.width}{self.extension}")


def wanted_renditions(media: Media) -> Iterator[Rendition]:
    """Yield the renditions that a file should have: none of animations, and none larger than the picture."""
    if media.kind != Kind.PICTURE or media.is_animated or not media.width or not media.height:
        return
    has_avif = media.width * media.height <= MOST_AVIF_PIXELS and _can_write_avif()
    for mimetype in EXTENSIONS:
        if mimetype != "image/avif" or has_avif:
            yield from (Rendition(width, mimetype) for width in WIDTHS if width < media.width)


def renditions_of(media: Media) -> list[Rendition]:
    """Return the existing renditions, by type and width."""
    widths: dict[str, list[int]] = json.loads(media.renditions) if media.renditions else {}
    return [Rendition(width, mimetype) for mimetype, each in widths.items() for width in each]


def small_address(media: Media) -> str:
    """Return the address of the smallest WebP rendition, or of the file itself if there is none."""
    made = [each for each in renditions_of(media) if each.mimetype == "image/webp"]
    small = min(made, key=lambda each: each.width, default=None)
    return small.address(media) if small else address_of(media)


def make_renditions(storage: Storage, media: Media, before_each: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Make the missing renditions of a file and return the new values of its row.

    Args:
        storage: of the files.
        media: the file.
        before_each: called before each rendition, which takes seconds.

    Raises:
        FileNotFoundError: if the storage does not have the file.
    """
    made: dict[str, list[int]] = {}
    placeholder = None
    if media.kind == Kind.PICTURE:
        source = BytesIO(b"".join(storage.read(file_name(media.digest, media.extension))))
        placeholder = placeholder_of(source)
        for rendition in wanted_renditions(media):
            name = rendition.stored_name(media)
            if storage.size(name) is None:
                before_each()
                storage.put(name, rendition_of(source, rendition.width, rendition.mimetype))
            made.setdefault(rendition.mimetype, []).append(rendition.width)
    return {"renditions": json.dumps(made), "placeholder": placeholder, "finished_at": now()}


def finish(session: Session, storage: Storage, number: int) -> bool:
    """Make the missing renditions of a file and commit; return False if another process is making them.

    Args:
        session: without an open transaction; none is open while pictures are encoded.
        storage: of the files.
        number: of the file; it may be deleted or finished by now.
    """
    media = session.get(Media, number)
    if media is None or media.finished_at is not None:
        session.rollback()
        return True
    session.expunge(media)
    session.rollback()
    claim = _Claim(number)
    if not claim.take():
        return False
    try:
        made = make_renditions(storage, media, claim.renew)
    except BaseException:
        claim.give_back()
        raise
    with writing():
        again = session.get(Media, number)
        if again is not None:  # otherwise it was deleted meanwhile; the sweep deletes its renditions
            for name, value in made.items():
                setattr(again, name, value)
            again.claimed_until = None
        session.commit()
    return True


class _Claim:
    """The reservation of a file whose renditions are made. It expires after `CLAIM` if the process is killed."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._until = now()

    def take(self) -> bool:
        """Reserve the file, unless it is reserved; return whether that worked."""
        free = or_(Media.claimed_until.is_(None), Media.claimed_until <= now())
        wanted = select(Media.id).where(Media.id == self._number, Media.finished_at.is_(None), free)
        with writing(), db.engine.begin() as connection:
            if connection.execute(wanted.with_for_update(skip_locked=True)).first() is None:
                return False
            self._set(connection, now() + CLAIM)
        return True

    def renew(self) -> None:
        """Extend the reservation if half of its time is over."""
        if now() + CLAIM / 2 > self._until:
            with writing(), db.engine.begin() as connection:
                self._set(connection, now() + CLAIM)

    def give_back(self) -> None:
        """Release the reservation."""
        with writing(), db.engine.begin() as connection:
            self._set(connection, None)

    def _set(self, connection: Connection, until: datetime | None) -> None:
        connection.execute(update(Media).where(Media.id == self._number).values(claimed_until=until))
        self._until = until or now()


def _can_write_avif() -> bool:
    from PIL import features

    return bool(features.check("avif"))
