"""The outbox."""

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text


class OutgoingMail(Base):
    """A mail that is not sent yet. Sent mails are deleted, because they may contain a link that opens an account."""

    __tablename__ = "outgoing_mails"
    __table_args__ = (Index("ix_outgoing_mails_due_at_id", "due_at", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    recipient: Mapped[str] = mapped_column(key_type(255))
    subject: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(long_text())
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))
    """The address that ends such mails with one click (RFC 8058)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """When to try next. A process that tries moves it ahead, so that no other does at the same time."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    """The last error."""
