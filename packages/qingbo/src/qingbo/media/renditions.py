"""The smaller pictures made of a picture, in the background: until they are there, the original is shown."""

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
"""How long one who makes smaller pictures keeps the others from it, unless renewed. One that takes longer may be made
twice, which harms nothing: they are stored by their content."""
MOST_AVIF_PIXELS = 2_000_000
"""AVIF takes many times as long to write as WebP."""

EXTENSIONS = {"image/avif": ".avif", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Rendition:
    """A smaller picture."""

    width: int
    mimetype: str

    @property
    def extension(self) -> str:
        """The end of its names."""
        return EXTENSIONS[self.mimetype]

    @property
    def name(self) -> str:
        """What it is called in addresses; no file that people upload has a name with a tilde."""
        return f"~{self.width}{self.extension}"

    def address(self, media: Media) -> str:
        """Return its address, if it is one of this file."""
        return f"{PREFIX}{media.handle}/{self.name}"

    def stored_name(self, media: Media) -> str:
        """Return what it is called in the storage, if it is one of this file."""
        return file_name(media.digest, f".{self.width}{self.extension}")


def wanted_renditions(media: Media) -> Iterator[Rendition]:
    """Yield what is to be made of a file: nothing of what moves, and nothing larger than it is."""
    if media.kind != Kind.PICTURE or media.is_animated or not media.width or not media.height:
        return
    has_avif = media.width * media.height <= MOST_AVIF_PIXELS and _can_write_avif()
    for mimetype in EXTENSIONS:
        if mimetype != "image/avif" or has_avif:
            yield from (Rendition(width, mimetype) for width in WIDTHS if width < media.width)


def renditions_of(media: Media) -> list[Rendition]:
    """Return the smaller pictures that are there, by kind and width."""
    widths: dict[str, list[int]] = json.loads(media.renditions) if media.renditions else {}
    return [Rendition(width, mimetype) for mimetype, each in widths.items() for width in each]


def small_address(media: Media) -> str:
    """Return the address of the smallest picture there is of a file, else of the file."""
    made = [each for each in renditions_of(media) if each.mimetype == "image/webp"]
    small = min(made, key=lambda each: each.width, default=None)
    return small.address(media) if small else address_of(media)


def make_renditions(storage: Storage, media: Media, before_each: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Make what is missing of a file and return what its row has to say then.

    Args:
        storage: of the files.
        media: the file.
        before_each: called before a smaller picture is made, which takes seconds.

    Raises:
        FileNotFoundError: where the storage does not have the file.
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
    """Make what is missing of a file, and commit; return False where another process is making it.

    Args:
        session: without an open transaction; none is open while pictures are made.
        storage: of the files.
        number: of the file; it may be gone, or finished.
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
        if again is not None:  # else it was deleted meanwhile; the sweep deletes what was made of it
            for name, value in made.items():
                setattr(again, name, value)
            again.claimed_until = None
        session.commit()
    return True


class _Claim:
    """The right to make what is missing of a file. Who is killed has lost it after `CLAIM`."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._until = now()

    def take(self) -> bool:
        """Take it, unless somebody has it."""
        free = or_(Media.claimed_until.is_(None), Media.claimed_until <= now())
        wanted = select(Media.id).where(Media.id == self._number, Media.finished_at.is_(None), free)
        with writing(), db.engine.begin() as connection:
            if connection.execute(wanted.with_for_update(skip_locked=True)).first() is None:
                return False
            self._set(connection, now() + CLAIM)
        return True

    def renew(self) -> None:
        """Keep it for longer, where half of the time is over."""
        if now() + CLAIM / 2 > self._until:
            with writing(), db.engine.begin() as connection:
                self._set(connection, now() + CLAIM)

    def give_back(self) -> None:
        """Let others try."""
        with writing(), db.engine.begin() as connection:
            self._set(connection, None)

    def _set(self, connection: Connection, until: datetime | None) -> None:
        connection.execute(update(Media).where(Media.id == self._number).values(claimed_until=until))
        self._until = until or now()


def _can_write_avif() -> bool:
    from PIL import features

    return bool(features.check("avif"))
