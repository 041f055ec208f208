"""The smaller pictures made of a picture, in the background: until they are there, the original is shown."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from sqlalchemy.orm import Session

from qingbo.clock import now
from qingbo.database import writing
from qingbo.media.addresses import PREFIX, address_of, file_name
from qingbo.media.models import Kind, Media
from qingbo.media.pictures import placeholder_of, rendition_of
from qingbo.media.storage import Storage

WIDTHS = (480, 960, 1600)
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


def make_renditions(storage: Storage, media: Media) -> dict[str, Any]:
    """Make what is missing of a file and return what its row has to say then; nothing is written to the database.

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
                storage.put(name, rendition_of(source, rendition.width, rendition.mimetype))
            made.setdefault(rendition.mimetype, []).append(rendition.width)
    return {"renditions": json.dumps(made), "placeholder": placeholder, "finished_at": now()}


def finish(session: Session, storage: Storage, number: int) -> None:
    """Make what is missing of a file, and commit.

    Args:
        session: without an open transaction; none is open while pictures are made.
        storage: of the files.
        number: of the file; it may be gone, or finished.
    """
    media = session.get(Media, number)
    if media is None or media.finished_at is not None:
        session.rollback()
        return
    session.expunge(media)
    session.rollback()
    made = make_renditions(storage, media)
    with writing():
        again = session.get(Media, number)
        if again is not None:  # else it was deleted meanwhile; the sweep deletes what was made of it
            for name, value in made.items():
                setattr(again, name, value)
        session.commit()


def _can_write_avif() -> bool:
    from PIL import features

    return bool(features.check("avif"))
