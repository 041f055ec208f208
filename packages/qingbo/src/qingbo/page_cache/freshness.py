"""What this process knows about changes of the database, to decide whether a stored page is still valid."""

import sqlite3
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from qingbo.page_cache.changes import EVERYTHING, NEWEST, NOTHING
from qingbo.page_cache.sources import POLL_SECONDS, Polled, Source, SqliteFile

MOST_SUBJECTS = 10_000
"""How many posts' changes are remembered. If there are more, all pages are made again."""

UNKNOWN = -1
HIGHEST = 2**63 - 1
"""Greater than the number of any change."""

Stamp = tuple[int, int]
"""An era, and the number of its newest change. A new era begins if changes may have been missed."""
Files = Callable[[], object]
"""Returns a value that differs after a change of a file that pages depend on."""


class Freshness:
    """The newest change of each subject. Thread-safe."""

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
        """The source's state from just before it was last read."""
        self._known_since = 0
        self._era = 0
        self.stamp: Stamp = (0, UNKNOWN)
        """What is known now. Store it with a page, as it was before the page was made."""

    def look(self, *, anew: bool = False) -> bool:
        """Read changes if there may be new ones; return False if the database does not answer.

        Args:
            anew: read even if nothing seems to have changed.
        """
        try:
            if anew or not self._is_seen(self._source.state()):
                with self._lock:
                    state = self._source.state()
                    if anew or not self._is_seen(state):
                        self._read(state)
        except (sqlite3.Error, SQLAlchemyError):  # the app gets the same error and reports it
            self._seen, self._number = None, UNKNOWN
            return False
        return True

    def watch_closely(self) -> None:
        """Read the database's shared memory to detect changes; for a process that serves one blog."""
        if isinstance(self._source, SqliteFile):
            self._source.is_mapped = True

    def holds(self, subject: int, stamp: Stamp) -> bool:
        """Return whether nothing that a page shows has changed since its stamp."""
        era, number = stamp
        if subject == NOTHING:
            return True
        return era == self._era and self._of_everything <= number and self._of_posts.get(subject, 0) <= number

    def holds_number(self, subject: int, number: int) -> bool:
        """Return whether nothing that a page shows has changed since a number; another process may have made the page.

        Changes of a post from before this process followed them count as having happened when it began to.
        """
        if subject == NOTHING:
            return True
        of_post = 0 if subject == EVERYTHING else self._of_posts.get(subject, self._known_since)
        return max(self._of_everything, of_post) <= number <= self.stamp[1]

    @property
    def state_of_files(self) -> object:
        """The state of the files that pages depend on, as of the last look."""
        return self._state_of_files

    def close(self) -> None:
        """Close the connection to the database; the next look opens it again."""
        with self._lock:
            self._source.close()
            self._seen, self._number = None, UNKNOWN

    def _is_seen(self, state: object) -> bool:
        """Return whether nothing can have changed. Files change rarely, so they are checked only now and then."""
        return state == self._seen and 0 <= time.monotonic() - self._files_looked < POLL_SECONDS

    def _read(self, state: object) -> None:
        """Read changes. `state` was taken before, so changes that come meanwhile are read again."""
        self._files_looked = time.monotonic()
        before, self._state_of_files = self._state_of_files, self._files()
        if before != self._state_of_files:
            self._number = UNKNOWN
        # At the beginning, the newest number is enough: there may be a row per post.
        known = self._number if self._number != UNKNOWN else HIGHEST
        self._take(dict(self._source.read_after(known)))
        self._seen = state

    def _take(self, found: dict[int, int]) -> None:
        newest, of_everything = found.pop(NEWEST, 0), found.pop(EVERYTHING, 0)
        if self._number == UNKNOWN or newest < self._number or len(self._of_posts) > MOST_SUBJECTS:
            # The changes in between are unknown, or an older database was restored.
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
    """Return a `Freshness` for a database, with the source that fits its engine, and for files."""
    source = SqliteFile(str(engine.url.database)) if engine.dialect.name == "sqlite" else Polled(engine)
    return Freshness(source, files)
