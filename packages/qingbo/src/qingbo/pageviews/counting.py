"""Counts views in memory and writes them once a minute, so that a reader causes no write.

`gather_view` → `Gathering`, in the memory of this process → `writing.write` in one transaction, once a minute and when
the process ends. A process that is killed loses at most the views of its last minute.
"""

import logging
import os
import threading
from collections.abc import Mapping
from datetime import date
from multiprocessing.util import Finalize

from flask import Flask, current_app

from qingbo.database import writing
from qingbo.extensions import db
from qingbo.pageviews.days import oldest_open_day, today
from qingbo.pageviews.readers import View, reader_key
from qingbo.pageviews.writing import delete_marks, write

log = logging.getLogger(__name__)

WRITE_SECONDS = 60
MOST_VIEWS = 20_000
"""Maximum number of unwritten views in a process, about 8 MB. Further views in that minute are not counted."""

_EXTENSION = "qingbo_views"


class Gathering:
    """The views that a process has not written yet. A forked process begins with none."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._at_end: Finalize | None = None
        self._is_full = False
        self._cleared: date | None = None
        self._begin()

    def add(self, view: View, host: str) -> None:
        """Add a view; of several by one reader, the first stays."""
        self._leave_to_parent()
        with self._lock:
            if len(self._waiting) < MOST_VIEWS:
                self._waiting.setdefault(view, host)
            elif not self._is_full:
                self._is_full = True
                log.warning("More than %s views wait to be written; the others are not counted.", MOST_VIEWS)

    @property
    def waiting(self) -> int:
        """The number of views that are not written yet."""
        return len(self._waiting)

    def write(self) -> None:
        """Write the waiting views in one transaction, and delete the salts and marks of past days.

        If that fails, the views are written with the next ones.
        """
        self._leave_to_parent()
        with self._writing, self._app.app_context():
            oldest = oldest_open_day()  # first, because it asks the database, which may not answer
            views = self._taken()
            if not views and oldest == self._cleared:
                return
            try:
                with writing(), db.engine.begin() as connection:
                    write(connection, views, oldest)
                    delete_marks(connection, oldest)
            except BaseException:
                self._put_back(views)
                raise
            self._cleared = oldest

    def serve(self) -> None:
        """Write every minute in a thread of this process, and when the process ends."""
        threading.Thread(target=self._write_for_ever, name="views", daemon=True).start()
        # Unlike `atexit` functions, this is also called in granian's forked workers.
        self._at_end = Finalize(None, self.stop, exitpriority=0)

    def stop(self) -> None:
        """Write a last time."""
        self._stopping.set()
        if self._at_end is not None:
            self._at_end.cancel()
        self._try_to_write()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock, self._writing, self._stopping = threading.Lock(), threading.Lock(), threading.Event()
        self._waiting: dict[View, str] = {}

    def _leave_to_parent(self) -> None:
        """Start again in a forked process: the parent writes the waiting views, and threads are not forked."""
        if self._process != os.getpid():
            self._begin()
            if self._at_end is not None:
                self.serve()

    def _taken(self) -> Mapping[View, str]:
        with self._lock:
            taken, self._waiting, self._is_full = self._waiting, {}, False
        return taken

    def _put_back(self, views: Mapping[View, str]) -> None:
        for view, host in views.items():
            self.add(view, host)

    def _write_for_ever(self) -> None:
        self._try_to_write()  # there may be marks of past days
        while not self._stopping.wait(WRITE_SECONDS):
            self._try_to_write()

    def _try_to_write(self) -> None:
        try:
            self.write()
        except Exception:
            log.exception("Views are not written; it is tried again in a minute.")


def prepare_counting(app: Flask) -> None:
    """Create the app's store of unwritten views."""
    app.extensions[_EXTENSION] = Gathering(app)


def count_in_background(app: Flask) -> None:
    """Start to write views in a thread of this process."""
    gathering_of(app).serve()


def gathering_of(app: Flask) -> Gathering:
    """Return the unwritten views of this process."""
    found: Gathering = app.extensions[_EXTENSION]
    return found


def gather_view(post_id: int, address: str, agent: str, host: str) -> None:
    """Count a reader of a post at the next write."""
    gathering_of(current_app).add(View(today(), post_id, reader_key(address, agent)), host)
