"""Background jobs, run by Huey: the queue is in the data folder, or in Redis if the settings name one.

A job is a name and a row number, and the row contains the work. The queue may lose a job or run it twice. The sweep
queues whatever still waits in the database; see `tasks`.
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
    """The queue of one app. It is opened at its first use, because most commands never use it."""

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
        """Put a job into the queue after a delay. If this process ends before, the sweep queues it."""
        timer = threading.Timer(seconds, self.put, [name, number])
        timer.daemon = True
        timer.start()

    def work(self, jobs: Mapping[str, Job], sweep: Sweep) -> None:
        """Start to run jobs in a thread of this process, one at a time. Sweep now and every hour.

        Of several processes on a machine, only one sweeps.
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
        """Empty the queue."""
        self._open().flush()

    def work_off(self, jobs: Mapping[str, Job]) -> None:
        """Run the queued jobs, and return when the queue is empty."""
        self._jobs = jobs
        huey = self._open()
        while (task := huey.dequeue()) is not None:
            huey.execute(task)

    def close(self) -> None:
        """Close the queue if it was opened."""
        if self._huey is not None:
            self._huey.storage.close()

    def _sweep(self, sweep: Sweep, since: float) -> None:
        """Sweep, unless a process on this machine has started a sweep after `since`."""
        try:
            with locked(self._folder.sweep_lock) as file:
                if not since < float(file.read() or 0) <= time.time():  # a time in the future: the clock was set back
                    file.seek(0)
                    file.write(f"{time.time():.6f}")
                    file.flush()
                    sweep(self._app)
        except Exception:
            log.exception("What waits could not be looked through; it is tried again within the hour.")

    def _open(self) -> "Huey":
        with self._opening:
            if self._huey is None:
                from qingbo.queues import open_queue  # imported late: Huey loads the drivers of Redis and PostgreSQL

                self._huey = open_queue(self._folder, self._redis_url)
                self._run = self._huey.task(name="run")(self._do)
            return self._huey

    def _do(self, name: str, number: int) -> None:
        if (job := self._jobs.get(name)) is None:
            log.warning("No job is called %s; another version of Qingbo may have put it into the queue.", name)
            return
        job(self._app, number)


def prepare_background(app: Flask, folder: DataFolder, settings: Settings) -> None:
    """Create the app's queue.

    Raises:
        BadSettings: if the settings name a Redis server, but the package for it is not installed.
    """
    if settings.redis_url:
        require_package("redis_url", "redis")
    app.extensions[_EXTENSION] = Background(app, folder, settings)


def background_of(app: Flask) -> Background:
    """Return the queue of an app."""
    found: Background = app.extensions[_EXTENSION]
    return found


def enqueue(session: Session, name: str, number: int) -> None:
    """Put a job into the queue when the session commits; drop it if the session rolls back."""
    session.info.setdefault(_WAITING, []).append((name, number))


@event.listens_for(Session, "after_commit")
def _put_waiting(session: Session) -> None:
    for name, number in session.info.pop(_WAITING, []):
        try:
            background_of(current_app).put(name, number)
        except Exception:
            # The work is in the database, so the sweep finds it.
            log.warning("The job %s %s is not in the queue; the sweep will do it.", name, number, exc_info=True)


@event.listens_for(Session, "after_rollback")
def _forget_waiting(session: Session) -> None:
    session.info.pop(_WAITING, None)
