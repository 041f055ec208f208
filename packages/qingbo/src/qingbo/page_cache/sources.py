"""Where this process learns what changed: of an SQLite file at once, of a server by asking now and then."""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy import Engine, select

from qingbo.page_cache.changes import EVERYTHING, NEWEST, PublicChange, commits
from qingbo.page_cache.wal_index import Header, header_of

POLL_SECONDS = 0.4
"""How long what was read is believed where nothing tells of a change: less than half a second with the reading."""

Changes = list[tuple[int, int]]


class Source(Protocol):
    """Says whether there may be changes, and which."""

    def state(self) -> object:
        """Return a value that is another one after something may have changed."""

    def read_after(self, number: int) -> Changes:
        """Return subjects with the numbers of their newest changes, of those above a number.

        Those of `NEWEST` and `EVERYTHING` are always among them.
        """

    def close(self) -> None:
        """Let go of the database."""


class SqliteFile:
    """SQLite says by itself whether another connection has committed: this one writes nothing, so all others are."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._header: Header | None = None
        self.is_mapped = False
        """Whether to look at the memory that connections share, where that can be (see `header_of`)."""

    def state(self) -> object:
        """Return what every commit makes another value of."""
        if self._header is not None:
            return self._header.raw
        with self._lock:
            connection = self._opened()
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            if self.is_mapped and connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                self._header = header_of(self._path)
            return version

    def read_after(self, number: int) -> Changes:
        """Return the changes after a number."""
        statement = "SELECT subject, number FROM public_changes WHERE number > ? OR subject IN (?, ?)"
        with self._lock:
            return self._opened().execute(statement, (number, NEWEST, EVERYTHING)).fetchall()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._header = None
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        return self._connection


class Polled:
    """Asked now and then: commits of this process are known at once, those of others when the time is over."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked = -POLL_SECONDS

    def state(self) -> tuple[float, int]:
        """Return when it was asked last, and how often this process has committed."""
        moment = time.monotonic()
        if not 0 <= moment - self._asked < POLL_SECONDS:
            self._asked = moment
        return self._asked, commits.count

    def read_after(self, number: int) -> Changes:
        """Return the changes after a number."""
        wanted = (PublicChange.number > number) | PublicChange.subject.in_([NEWEST, EVERYTHING])
        with self._engine.connect() as connection:
            rows = connection.execute(select(PublicChange.subject, PublicChange.number).where(wanted)).all()
        return [(row.subject, row.number) for row in rows]

    def close(self) -> None:
        """Nothing is open between two questions."""
