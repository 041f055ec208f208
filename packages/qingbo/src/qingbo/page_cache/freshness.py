"""What this process knows of the changes of the database, and whether a page was made after the last that it shows."""

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from qingbo.page_cache.changes import EVERYTHING, NEWEST, NOTHING, PublicChange, commits

POLL_SECONDS = 0.4
"""How long what was read is believed where nothing tells of a change: less than half a second with the reading."""
MOST_SUBJECTS = 10_000
"""Posts whose changes are remembered; above it all pages are made anew."""

UNKNOWN = -1
HIGHEST = 2**63 - 1
"""No change has a higher number."""

Stamp = tuple[int, int]
"""An era and the number of the newest change in it; another era begins where changes may have been missed."""
Changes = list[tuple[int, int]]
Files = Callable[[], object]
"""Returns a value that is another one after a file changed that pages go by."""


class Source(Protocol):
    """Says whether there may be changes, and which."""

    def has_news(self) -> bool:
        """Return whether something may have changed since the last question."""

    def read_after(self, number: int) -> Changes:
        """Return subjects with the numbers of their newest changes, of those above a number.

        Those of `NEWEST` and `EVERYTHING` are always among them.
        """

    def hurry(self) -> None:
        """Say at the next question that there is news."""

    def close(self) -> None:
        """Let go of the database."""


class Freshness:
    """The newest changes by what they are about. Threads share it."""

    def __init__(self, source: Source, files: Files = tuple) -> None:
        self._source = source
        self._files = files
        self._state_of_files: object = ()
        self._files_looked = -POLL_SECONDS
        self._lock = threading.Lock()
        self._of_posts: dict[int, int] = {}
        self._of_everything = 0
        self._number = UNKNOWN
        self._known_since = 0
        self._era = 0
        self.stamp: Stamp = (0, UNKNOWN)
        """What is known now, to be kept with a page before it is made."""

    def look(self, *, anew: bool = False) -> bool:
        """Ask for changes, if some may be there; return False where the database does not answer.

        Args:
            anew: ask even where it was asked a moment ago.
        """
        with self._lock:
            try:
                if anew:
                    self._source.hurry()
                if self._have_files_changed():
                    self._number = UNKNOWN
                if self._source.has_news() or self._number == UNKNOWN:
                    # Of what was before this process knew anything, the newest number is enough: there is a row a post.
                    known = self._number if self._number != UNKNOWN else HIGHEST
                    self._take(dict(self._source.read_after(known)))
            except (sqlite3.Error, SQLAlchemyError):  # the app meets the same, and says it
                self._number = UNKNOWN
                return False
        return True

    def holds(self, subject: int, stamp: Stamp) -> bool:
        """Return whether nothing that a page shows changed after it was stamped."""
        era, number = stamp
        if subject == NOTHING:
            return True
        return era == self._era and self._of_everything <= number and self._of_posts.get(subject, 0) <= number

    def holds_number(self, subject: int, number: int) -> bool:
        """Return whether nothing that a page shows changed after this number; the page may be another process's.

        Of a post, every change is thought to have been when this process began to follow them.
        """
        if subject == NOTHING:
            return True
        of_post = 0 if subject == EVERYTHING else self._of_posts.get(subject, self._known_since)
        return max(self._of_everything, of_post) <= number <= self.stamp[1]

    @property
    def state_of_files(self) -> object:
        """What the last look found of the files that pages go by."""
        return self._state_of_files

    def close(self) -> None:
        """Let go of the database; the next look opens it again."""
        with self._lock:
            self._source.close()
            self._number = UNKNOWN

    def _have_files_changed(self) -> bool:
        """Ask now and then: most blogs have no files of their own, and nobody changes them often."""
        moment = time.monotonic()
        if 0 <= moment - self._files_looked < POLL_SECONDS:
            return False
        self._files_looked = moment
        before, self._state_of_files = self._state_of_files, self._files()
        return before != self._state_of_files

    def _take(self, found: dict[int, int]) -> None:
        newest, of_everything = found.pop(NEWEST, 0), found.pop(EVERYTHING, 0)
        if self._number == UNKNOWN or newest < self._number or len(self._of_posts) > MOST_SUBJECTS:
            # What was between is not known, or the database is an older one that was put back.
            self._era += 1
            self._of_posts.clear()
            self._of_everything = of_everything
            self._known_since = newest
        else:
            self._of_everything = max(self._of_everything, of_everything)
            self._of_posts.update(found)
        self._number = newest
        self.stamp = (self._era, newest)


class SqliteFile:
    """SQLite says by itself whether another connection has committed: this one writes nothing, so all others are."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = UNKNOWN

    def has_news(self) -> bool:
        """Return whether anybody committed since the last question."""
        version: int = self._opened().execute("PRAGMA data_version").fetchone()[0]
        is_new, self._version = version != self._version, version
        return is_new

    def read_after(self, number: int) -> Changes:
        """Return the changes after a number."""
        statement = "SELECT subject, number FROM public_changes WHERE number > ? OR subject IN (?, ?)"
        return self._opened().execute(statement, (number, NEWEST, EVERYTHING)).fetchall()

    def hurry(self) -> None:
        """Read at the next question."""
        self._version = UNKNOWN

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._version = UNKNOWN
        return self._connection


class Polled:
    """Reads now and then: commits of this process are known at once, those of others when the time is over."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked = -POLL_SECONDS
        self._seen = UNKNOWN

    def has_news(self) -> bool:
        """Return whether it is time to read."""
        moment, count = time.monotonic(), commits.count
        if count == self._seen and 0 <= moment - self._looked < POLL_SECONDS:
            return False
        self._looked, self._seen = moment, count
        return True

    def read_after(self, number: int) -> Changes:
        """Return the changes after a number."""
        wanted = (PublicChange.number > number) | PublicChange.subject.in_([NEWEST, EVERYTHING])
        with self._engine.connect() as connection:
            rows = connection.execute(select(PublicChange.subject, PublicChange.number).where(wanted)).all()
        return [(row.subject, row.number) for row in rows]

    def hurry(self) -> None:
        """Read at the next question."""
        self._seen = UNKNOWN

    def close(self) -> None:
        """Nothing is open between two questions."""
        self.hurry()


def freshness_of(engine: Engine, files: Files) -> Freshness:
    """Return what asks for changes: of the database, in the way that its engine has, and of files."""
    source = SqliteFile(str(engine.url.database)) if engine.dialect.name == "sqlite" else Polled(engine)
    return Freshness(source, files)
