"""Which release of Qingbo moved the schema to which revision. It is read if the schema is newer than the code."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, insert, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type
from qingbo.version import __version__


class Release(Base):
    """One crossing of a revision. Never change this table's columns: older releases read it."""

    __tablename__ = "releases"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    revision: Mapped[str] = mapped_column(key_type(32))
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def record_release(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    """Record a crossing inside its transaction. Alembic calls it after each one."""
    if ctx.connection is not None and inspect(ctx.connection).has_table(Release.__tablename__):
        revision = step.up_revision_id if step.is_upgrade else ",".join(sorted(heads)) or "base"
        row = {"version": __version__, "revision": (revision or "")[:32], "moved_at": now()}
        ctx.connection.execute(insert(Release), row)


def writer_of(connection: Connection, revision: str) -> str | None:
    """Return the release of Qingbo that moved the schema to a revision, or None if it is not recorded."""
    if not inspect(connection).has_table(Release.__tablename__):
        return None
    newest_first = select(Release.version).where(Release.revision == revision).order_by(Release.id.desc())
    return connection.scalar(newest_first.limit(1))
