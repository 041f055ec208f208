"""What the database knows about pages that posts link to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text
from qingbo.media.models import Media

TITLE_LENGTH = 300
DESCRIPTION_LENGTH = 500
SITE_NAME_LENGTH = 100
REASON_LENGTH = 300


class LinkCard(Base):
    """A page that posts link to, with its title and text as of the last fetch."""

    __tablename__ = "link_cards"
    __table_args__ = (Index("ix_link_cards_next_try_at_id", "next_try_at", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address: Mapped[str] = mapped_column(long_text())
    address_digest: Mapped[str] = mapped_column(key_type(64), unique=True)
    """SHA-256 of the address in hexadecimal digits, because addresses are too long for an index."""
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH), default="")
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LENGTH), default="")
    site_name: Mapped[str] = mapped_column(String(SITE_NAME_LENGTH), default="")
    picture_id: Mapped[int | None] = mapped_column(Id, ForeignKey("media.id", ondelete="SET NULL"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """When a post last caused a fetch of the page."""
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """Tries since the last successful fetch."""
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=now)
    """None if nothing is to be fetched."""
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    """Why it could not be fetched."""

    picture: Mapped[Media | None] = relationship(lazy="raise")
