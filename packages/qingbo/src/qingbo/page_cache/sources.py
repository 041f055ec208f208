"""How this process learns about changes: from a SQLite file at once, from a server by polling."""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy import Engine, select

from qingbo.page_cache.changes import EVERYTHING, NEWEST, PublicChange, commits
from qingbo.page_cache.wal_index import Header, header_of

POLL_SECONDS = 0.4
"""How long an answer stays valid without a sign of a change; with the query, it stays below half a second."""

Changes = list[tuple[int, int]]


class Source(Protocol):
    """Tells whether there may be changes, and which."""

    def state(self) -> object:
        """Return a value that differs after a possible change."""

    def read_after(self, number: int) -> Changes:
        """Return subjects and the numbers of their newest changes, if those are above a number.

        `NEWEST` and `EVERYTHING` are always included.
        """

    def close(self) -> None:
        """Close the connection."""


class SqliteFile:
    """Detects commits of other connections with PRAGMA data_version; its own connection never writes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._header: Header | None = None
        self.is_mapped = False
        """Whether to read the memory that connections share, if possible (see `header_of`)."""

    def state(self) -> object:
        """Return a value that every commit changes."""
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
    """Polls the database: commits of this process are known at once, others after the interval."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked = -POLL_SECONDS

    def state(self) -> tuple[float, int]:
        """Return the time of the last poll, and the number of this process's commits."""
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
        """Do nothing: no connection stays open."""
