"""What this process knows of the changes of the database, and whether a page was made after the last that it shows."""

import sqlite3
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from qingbo.page_cache.changes import EVERYTHING, NEWEST, NOTHING
from qingbo.page_cache.sources import POLL_SECONDS, Polled, Source, SqliteFile

MOST_SUBJECTS = 10_000
"""Posts whose changes are remembered; above it all pages are made anew."""

UNKNOWN = -1
HIGHEST = 2**63 - 1
"""No change has a higher number."""

Stamp = tuple[int, int]
"""An era and the number of the newest change in it; another era begins where changes may have been missed."""
Files = Callable[[], object]
"""Returns a value that is another one after a file changed that pages go by."""


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
        self._seen: object = None
        """The state of the source when it was read last, before that."""
        self._known_since = 0
        self._era = 0
        self.stamp: Stamp = (0, UNKNOWN)
        """What is known now, to be kept with a page before it is made."""

    def look(self, *, anew: bool = False) -> bool:
        """Ask for changes, if some may be there; return False where the database does not answer.

        Args:
            anew: ask even where it was asked a moment ago.
        """
        try:
            if anew or not self._is_seen(self._source.state()):
                with self._lock:
                    state = self._source.state()
                    if anew or not self._is_seen(state):
                        self._read(state)
        except (sqlite3.Error, SQLAlchemyError):  # the app meets the same, and says it
            self._seen, self._number = None, UNKNOWN
            return False
        return True

    def watch_closely(self) -> None:
        """Look at the database's shared memory instead of asking for changes; for a process that serves one blog."""
        if isinstance(self._source, SqliteFile):
            self._source.is_mapped = True

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
            self._seen, self._number = None, UNKNOWN

    def _is_seen(self, state: object) -> bool:
        """Return whether nothing may have changed; of files it is asked now and then: nobody changes them often."""
        return state == self._seen and 0 <= time.monotonic() - self._files_looked < POLL_SECONDS

    def _read(self, state: object) -> None:
        """Take what changed. The state is older than what is read: what comes meanwhile is read again."""
        self._files_looked = time.monotonic()
        before, self._state_of_files = self._state_of_files, self._files()
        if before != self._state_of_files:
            self._number = UNKNOWN
        # Of what was before this process knew anything, the newest number is enough: there is a row a post.
        known = self._number if self._number != UNKNOWN else HIGHEST
        self._take(dict(self._source.read_after(known)))
        self._seen = state

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


def freshness_of(engine: Engine, files: Files) -> Freshness:
    """Return what asks for changes: of the database, in the way that its engine has, and of files."""
    source = SqliteFile(str(engine.url.database)) if engine.dialect.name == "sqlite" else Polled(engine)
    return Freshness(source, files)
