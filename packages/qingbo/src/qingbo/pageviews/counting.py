"""Counting views: gathered in memory, written once a minute, so that a reader costs no write.

`gather_view` → `Gathering`, in the memory of this process → `writing.write` in one transaction, once a minute and when
the process ends. A process that is killed loses the views of its last minute at most.
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
"""That wait in a process: about 8 MB. More than that in a minute are not counted."""

_EXTENSION = "qingbo_views"


class Gathering:
    """The views that a process has not written yet. A process that is forked begins with none."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._at_end: Finalize | None = None
        self._is_full = False
        self._cleared: date | None = None
        self._begin()

    def add(self, view: View, host: str) -> None:
        """Take a view; of several by one reader the first."""
        self._leave_to_parent()
        with self._lock:
            if len(self._waiting) < MOST_VIEWS:
                self._waiting.setdefault(view, host)
            elif not self._is_full:
                self._is_full = True
                log.warning("More than %s views wait to be written; the others are not counted.", MOST_VIEWS)

    @property
    def waiting(self) -> int:
        """How many views are not written yet."""
        return len(self._waiting)

    def write(self) -> None:
        """Write what waits in one transaction, and delete what told the readers of other days apart.

        What cannot be written is tried again with the next.
        """
        self._leave_to_parent()
        with self._writing, self._app.app_context():
            oldest = oldest_open_day()  # before the views are taken: the database may not answer
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
        """Write every minute in a thread of this process, and when it ends."""
        threading.Thread(target=self._write_for_ever, name="views", daemon=True).start()
        # Unlike what `atexit` has, this is called in the forked workers of granian too.
        self._at_end = Finalize(None, self.stop, exitpriority=0)

    def stop(self) -> None:
        """Write for the last time."""
        self._stopping.set()
        if self._at_end is not None:
            self._at_end.cancel()
        self._try_to_write()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock, self._writing, self._stopping = threading.Lock(), threading.Lock(), threading.Event()
        self._waiting: dict[View, str] = {}

    def _leave_to_parent(self) -> None:
        """Begin anew in a forked process: what waited is its parent's to write, and threads are not forked."""
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
        self._try_to_write()  # marks of an earlier day may be there
        while not self._stopping.wait(WRITE_SECONDS):
            self._try_to_write()

    def _try_to_write(self) -> None:
        try:
            self.write()
        except Exception:
            log.exception("Views are not written; it is tried again in a minute.")


def prepare_counting(app: Flask) -> None:
    """Give the app its memory of views."""
    app.extensions[_EXTENSION] = Gathering(app)


def count_in_background(app: Flask) -> None:
    """Begin to write views, in a thread of this process."""
    gathering_of(app).serve()


def gathering_of(app: Flask) -> Gathering:
    """Return the views that wait in this process."""
    found: Gathering = app.extensions[_EXTENSION]
    return found


def gather_view(post_id: int, address: str, agent: str, host: str) -> None:
    """Count a reader of a post with the next writing."""
    gathering_of(current_app).add(View(today(), post_id, reader_key(address, agent)), host)
