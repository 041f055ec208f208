"""The audit log."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type

SUBJECT_LENGTH = 255


class AuditEvent(Base):
    """One action. Rows are only added, never changed."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_at_id", "at", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    actor_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    actor_name: Mapped[str] = mapped_column(String(64), default="")
    """The name at that time; empty if the person is unknown."""
    action: Mapped[str] = mapped_column(key_type(64))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), default="")
    """What the action was done to; for a failed sign-in, the name that was typed."""
    address: Mapped[str] = mapped_column(key_type(64), default="")
    """The client's IP address, or "command line"."""
