"""Work that no page waits for, carried by Huey: in the data folder, or by Redis where the settings name one.

A job is a name and the number of a row, and the row says what is to be done: the queue may lose a job, or carry it
twice. What waits in the database is put into the queue again by the sweep; see `tasks`.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from qingbo.config import Settings, require_package
from qingbo.home import DataFolder
from qingbo.serve_lock import locked

if TYPE_CHECKING:
    from huey import Huey

log = logging.getLogger(__name__)

Job = Callable[[Flask, int], None]
Sweep = Callable[[Flask], None]

HALF_AN_HOUR = 1800
_WAITING = "qingbo_jobs"
_EXTENSION = "qingbo_background"


class Background:
    """The queue of one app, opened when it is used first: most commands never do."""

    def __init__(self, app: Flask, folder: DataFolder, settings: Settings) -> None:
        self._app = app
        self._folder = folder
        self._redis_url = settings.redis_url
        self._opening = threading.Lock()
        self._huey: Huey | None = None
        self._run: Any = None
        self._jobs: Mapping[str, Job] = {}

    def put(self, name: str, number: int) -> None:
        """Put a job into the queue."""
        self._open()
        self._run(name, number)

    def put_later(self, name: str, number: int, seconds: float) -> None:
        """Put a job into the queue in a while; where this process ends before, the sweep does."""
        timer = threading.Timer(seconds, self.put, [name, number])
        timer.daemon = True
        timer.start()

    def work(self, jobs: Mapping[str, Job], sweep: Sweep) -> None:
        """Begin to do jobs in a thread of this process, one at a time, and sweep now and every hour.

        Of several processes on a machine, one sweeps for all of them.
        """
        from qingbo.queues import consume

        self._jobs = jobs
        threading.Thread(target=self._sweep, args=[sweep, time.time()], name="sweep", daemon=True).start()
        consume(self._open(), hourly=lambda: self._sweep(sweep, time.time() - HALF_AN_HOUR))

    @property
    def waiting(self) -> int:
        """How many jobs are in the queue."""
        return int(self._open().pending_count())

    def clear(self) -> None:
        """Forget what is in the queue."""
        self._open().flush()

    def work_off(self, jobs: Mapping[str, Job]) -> None:
        """Do what is in the queue, and return when it is empty."""
        self._jobs = jobs
        huey = self._open()
        while (task := huey.dequeue()) is not None:
            huey.execute(task)

    def close(self) -> None:
        """Close the queue if it was opened."""
        if self._huey is not None:
            self._huey.storage.close()

    def _sweep(self, sweep: Sweep, since: float) -> None:
        """Sweep, unless a process of this machine has begun to since a moment."""
        try:
            with locked(self._folder.sweep_lock) as file:
                if not since < float(file.read() or 0) <= time.time():  # later than now: the clock was put back
                    file.seek(0)
                    file.write(f"{time.time():.6f}")
                    file.flush()
                    sweep(self._app)
        except Exception:
            log.exception("What waits could not be looked through; it is tried again within the hour.")

    def _open(self) -> "Huey":
        with self._opening:
            if self._huey is None:
                from qingbo.queues import open_queue  # Huey brings in the drivers of Redis and PostgreSQL

                self._huey = open_queue(self._folder, self._redis_url)
                self._run = self._huey.task(name="run")(self._do)
            return self._huey

    def _do(self, name: str, number: int) -> None:
        if (job := self._jobs.get(name)) is None:
            log.warning("No job is called %s; another version of Qingbo may have put it into the queue.", name)
            return
        job(self._app, number)


def prepare_background(app: Flask, folder: DataFolder, settings: Settings) -> None:
    """Give the app its queue.

    Raises:
        BadSettings: where the settings name a Redis server, and the package for it is not installed.
    """
    if settings.redis_url:
        require_package("redis_url", "redis")
    app.extensions[_EXTENSION] = Background(app, folder, settings)


def background_of(app: Flask) -> Background:
    """Return the queue of an app."""
    found: Background = app.extensions[_EXTENSION]
    return found


def enqueue(session: Session, name: str, number: int) -> None:
    """Put a job into the queue when the session commits; nothing where it rolls back."""
    session.info.setdefault(_WAITING, []).append((name, number))


@event.listens_for(Session, "after_commit")
def _put_waiting(session: Session) -> None:
    for name, number in session.info.pop(_WAITING, []):
        try:
            background_of(current_app).put(name, number)
        except Exception:
            # What was to be done is in the database, and the sweep finds it.
            log.warning("The job %s %s is not in the queue; the sweep will do it.", name, number, exc_info=True)


@event.listens_for(Session, "after_rollback")
def _forget_waiting(session: Session) -> None:
    session.info.pop(_WAITING, None)
