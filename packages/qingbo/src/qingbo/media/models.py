"""Uploaded files, and which posts use them."""

from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, UNNUMBERED_TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text

NAME_LENGTH = 120
ALT_LENGTH = 500


class Kind(StrEnum):
    """How a browser handles a file."""

    PICTURE = "picture"
    AUDIO = "audio"
    VIDEO = "video"
    DOWNLOAD = "download"


class Media(Base):
    """A file. The same content is stored once."""

    __tablename__ = "media"
    __table_args__ = (
        Index("ix_media_uploader_id_id", "uploader_id", "id"),
        # For the sweep: unfinished files are a short range of the index.
        Index("ix_media_finished_at_id", "finished_at", "id"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(key_type(64), unique=True)
    """SHA-256 of the file as it is stored, in hexadecimal digits."""
    handle: Mapped[str] = mapped_column(key_type(64), unique=True)
    """The beginning of the digest, as used in the address, with enough digits to be unique."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """The name of the uploaded file, with the extension of its actual format."""
    kind: Mapped[str] = mapped_column(key_type(10))
    mimetype: Mapped[str] = mapped_column(key_type(40))
    size: Mapped[int] = mapped_column(BigInteger)
    """In bytes."""
    width: Mapped[int | None] = mapped_column(Integer)
    """Of pictures, in pixels."""
    height: Mapped[int | None] = mapped_column(Integer)
    is_animated: Mapped[bool] = mapped_column(default=False)
    alt: Mapped[str] = mapped_column(String(ALT_LENGTH), default="")
    """Alternative text of a picture, used if a post gives none."""
    renditions: Mapped[str | None] = mapped_column(long_text())
    """The renditions, smaller pictures made of this one, as JSON: the widths by format."""
    placeholder: Mapped[str | None] = mapped_column(key_type(1000))
    """A tiny blurred picture, as base64 of a WebP file."""
    uploader_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When all renditions existed; None while some are missing."""
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when a process that makes renditions has reserved the file."""

    uploader: Mapped[User | None] = relationship(lazy="raise")

    @property
    def extension(self) -> str:
        """The extension of its name, with the dot."""
        return PurePath(self.name).suffix


class MediaUse(Base):
    """A post that shows a file. Written together with the post."""

    __tablename__ = "media_uses"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[int] = mapped_column(Id, ForeignKey("media.id", ondelete="CASCADE"), primary_key=True, index=True)
