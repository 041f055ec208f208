"""Limits on attempts, such as passwords and codes, with counts that all processes of the blog share.

The counts are in Redis if the settings name one, else in the database; also while Redis does not answer. Limits that
only protect the server from load use `extensions.limiter` instead.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from limits import RateLimitItem, parse_many
from sqlalchemy import Connection, Integer, case, delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from qingbo.clock import now
from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, UtcDateTime, key_type, upsert, writing
from qingbo.extensions import db, pause_writing
from qingbo.shared_limits import Unreachable, counts_in_redis

TRIES = 3
"""How often a transaction is tried if the database reports a deadlock."""
MOST_REMEMBERED = 10_000

_EXTENSION = "qingbo_attempts"


class AttemptCount(Base):
    """The number of attempts since the first one in a time window."""

    __tablename__ = "attempt_counts"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    digest: Mapped[str] = mapped_column(key_type(64), primary_key=True)
    """HMAC of the limit and its key, so that the table contains no names or addresses."""
    tries: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When the window ends and the count starts again."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of attempts that are allowed for a key."""

    allowed: str
    """In the syntax of `limits`: "5 per minute; 20 per hour"."""
    key: tuple[str, ...]

    @property
    def windows(self) -> dict[str, RateLimitItem]:
        """The time windows, by the digests of their counts."""
        secret = str(current_app.secret_key).encode()
        texts = {item.key_for(*self.key): item for item in _items(self.allowed)}
        return {hmac.digest(secret, text.encode(), hashlib.sha256).hex(): item for text, item in texts.items()}


def may_try(*limits: Limit) -> bool:
    """Count an attempt for each limit in order, up to the first that is exceeded; return whether none was.

    The count is stored even if the request fails later; the request must not have written anything yet.
    """
    windows = [limit.windows for limit in limits]
    used_up = _used_up(current_app)
    moment = now()
    if any(used_up.get(digest, moment) > moment for each in windows for digest in each):
        return False  # so a flood of attempts writes nothing
    try:
        return all(_is_within_in_redis(each) for each in windows)
    except Unreachable:
        pause_writing()
        return _counted(windows)


def may_send(session: Session, limit: Limit) -> bool:
    """Count something in the session's transaction, such as a mail that it writes; return whether it is allowed."""
    try:
        return _is_within_in_redis(limit.windows)
    except Unreachable:
        return _is_within(session.connection(), limit.windows)


def forget_old_attempts(app: Flask) -> None:
    """Delete the counts of windows that have ended."""
    with app.app_context(), writing(), db.engine.begin() as connection:
        connection.execute(delete(AttemptCount).where(AttemptCount.ends_at <= now()))


def _counted(windows: Sequence[dict[str, RateLimitItem]]) -> bool:
    for remaining in reversed(range(TRIES)):
        try:
            with writing(), db.engine.begin() as connection:
                return all(_is_within(connection, each) for each in windows)
        except OperationalError:
            if not remaining:
                raise
    raise AssertionError("returned or raised")


def _is_within_in_redis(windows: dict[str, RateLimitItem]) -> bool:
    counts = counts_in_redis(current_app)
    tries = {digest: counts.add(digest, item.get_expiry()) for digest, item in windows.items()}
    return all(tries[digest] <= item.amount for digest, item in windows.items())


def _is_within(connection: Connection, windows: dict[str, RateLimitItem]) -> bool:
    connection.execute(_adding(connection.dialect.name, windows))
    wanted = select(AttemptCount.digest, AttemptCount.tries, AttemptCount.ends_at)
    rows = connection.execute(wanted.where(AttemptCount.digest.in_(windows))).all()
    beyond = {row.digest: row.ends_at for row in rows if row.tries > windows[row.digest].amount}
    _remember(beyond)
    return not beyond


def _adding(dialect_name: str, windows: dict[str, RateLimitItem]) -> Any:
    """Return the statement that adds one to each count, or starts it again if its window has ended."""
    moment = now()
    table: Any = AttemptCount.__table__
    rows = [
        {"digest": digest, "tries": 1, "ends_at": moment + timedelta(seconds=windows[digest].get_expiry())}
        for digest in sorted(windows)
    ]
    is_over = table.c.ends_at <= moment

    def changes(new: Any) -> dict[str, Any]:
        return {  # tries first: MariaDB assigns in this order, and `is_over` needs the old ends_at
            "tries": case((is_over, 1), else_=table.c.tries + 1),
            "ends_at": case((is_over, new.ends_at), else_=table.c.ends_at),
        }

    return upsert(dialect_name, table, rows, changes)


def _remember(beyond: dict[str, datetime]) -> None:
    used_up = _used_up(current_app)
    if len(used_up) >= MOST_REMEMBERED:
        used_up.clear()
    used_up.update(beyond)


def _used_up(app: Flask) -> dict[str, datetime]:
    """Return the counts that this process knows to be exceeded, and when their windows end."""
    remembered: dict[str, datetime] = app.extensions.setdefault(_EXTENSION, {})
    return remembered


@lru_cache
def _items(allowed: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(allowed))
