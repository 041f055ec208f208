"""The outbox."""

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text


class OutgoingMail(Base):
    """A mail that was not sent yet. One that was sent is deleted: it may hold a link that opens an account."""

    __tablename__ = "outgoing_mails"
    __table_args__ = (Index("ix_outgoing_mails_due_at_id", "due_at", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    recipient: Mapped[str] = mapped_column(key_type(255))
    subject: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(long_text())
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))
    """Where one click ends such mails (RFC 8058)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """When it is tried next; moved ahead by whoever tries, so that nobody else does at the same time."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    """What the server said last."""
