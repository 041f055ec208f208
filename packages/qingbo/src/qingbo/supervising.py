"""The processes of `qingbo serve`: granian's main process, and the workers that answer requests.

Each worker has its own listening socket, and Linux distributes connections among them. The main process keeps them
open, so that connections in a socket's queue are not lost when its worker is replaced.
"""

import gc
import logging
import multiprocessing
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketSpec  # type: ignore[attr-defined]
from granian.server.mp import MPServer, WorkerProcess

from qingbo import worker
from qingbo.config import HOME_VARIABLE
from qingbo.draining import REPLACED, STOPPING, drain_on_signals, hold_signals
from qingbo.errors import SetupError
from qingbo.extensions import db
from qingbo.home import DataFolder
from qingbo.measuring import clear_measures
from qingbo.parent import PARENT_VARIABLE
from qingbo.serving import Address, require_own_schema

log = logging.getLogger(__name__)

THREADS = 16
"""Requests answered at the same time. Most wait for the network or the database, not for a core, and slow clients
should not block others. Each may use two connections of the pool."""

BACKLOG = 1024
"""Open connections per worker, and as many in the queue."""

STOP_SECONDS = 5
"""How long a stop waits for running requests; without a limit, a silent client could block it forever."""

DRAIN_SECONDS = 2
"""How long a replaced worker tells clients to open another connection, before it closes idle ones."""
RETIRE_SECONDS = 60
"""How long a replaced worker may finish running requests, such as uploads."""

MOST_WORKERS = 4
"""The default is at most this, because each takes about 100 MB, and on SQLite they write one at a time."""


def usual_workers() -> int:
    """Return the default number of workers: one per core of this process, up to 4."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def serve(app: Flask, address: Address, workers: int, drain_seconds: int = 0) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP reloads the settings.

    Args:
        app: the blog.
        address: where to listen.
        workers: how many processes answer.
        drain_seconds: how long they go on after the signal.
    """
    folder: DataFolder = app.extensions["qingbo_home"]
    os.environ[HOME_VARIABLE] = str(folder.path)  # for the workers, which create the app again
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    with app.app_context():
        db.engine.dispose()
    clear_measures(folder)
    supervisor = Supervisor(
        "qingbo.wsgi:app",  # ps shows it
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    supervisor.drain_seconds = drain_seconds
    hold_signals()  # by default, either would kill a worker that starts
    supervisor.serve()


def load(listening: int, ready: Connection, is_reload: bool) -> Flask:
    """Create the app of a worker, inside the worker, and tell the main process that it is ready.

    Args:
        listening: file descriptor of the socket where it will accept connections.
        ready: gets the id of this process.
        is_reload: whether an old worker goes on if this one cannot serve.
    """
    gc.disable()  # as in `wsgi`
    try:
        app = worker.start(require_own_schema if is_reload else None)
    except SetupError as error:
        log.error("%s", error)
        sys.exit(1)
    gc.freeze()
    gc.enable()
    drain_on_signals(app, listening)
    ready.send(os.getpid())
    return app


class Supervisor(MPServer):
    """Granian's main process, with listening sockets that outlive the workers, and a SIGHUP that loses no requests.

    Granian's workers open their sockets themselves, so a worker that ends drops the connections in its queue. And at
    SIGHUP, Granian ends old workers after a few seconds, even if the new ones could not start.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ready, self._say_ready = multiprocessing.Pipe(duplex=False)
        self._is_reloading = False
        self._retired: list[WorkerProcess] = []
        self.drain_seconds = 0

    def _init_shared_socket(self) -> None:
        spec = SocketSpec(self.bind_addr, self.bind_port, self.backlog)
        # On other systems than Linux, the newest socket of an address would get all connections.
        holders = [spec.build() for _ in range(self.workers if sys.platform == "linux" else 1)]
        self._listening = [(holder, _inheritable(holder.get_fd())) for holder in holders]
        self._ssp = None

    def _drop_shared_socket(self) -> None:
        for _holder, listening in self._listening:
            listening.close()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:  # type: ignore[override]
        holder, listening = self._listening[idx % len(self._listening)]
        self._shd, self._sso = holder, listening  # type: ignore[assignment]
        loader = partial(load, holder.get_fd(), self._say_ready, self._is_reloading)
        return super()._spawn_worker(idx, target, loader)

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        """Replace each worker as soon as its new one is ready; keep the old ones if a new one does not start."""
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        self._is_reloading = True
        try:
            for idx in range(self.workers):
                if not self._replace(idx, spawn_target, target_loader):
                    break
        finally:
            self._is_reloading = False
        if self.interrupt_signal or self.reload_signal or self.interrupt_children:  # a signal came meanwhile
            self.main_loop_interrupt.set()

    def _replace(self, idx: int, spawn_target: Any, target_loader: Any) -> bool:
        new = self._spawn_worker(idx, spawn_target, target_loader)
        new.interrupt_by_parent = True  # otherwise granian would restart it if it fails
        new.start()
        if not self._is_ready(new):
            if not self.interrupt_signal:
                log.error(
                    "The settings were not reloaded: no worker starts with them. The old ones still hold: "
                    "correct qingbo.toml and send SIGHUP again."
                )
            self._retire(new)
            return False
        old, self.wrks[idx] = self.wrks[idx], new
        new.interrupt_by_parent = False
        self._retire(old)
        return True

    def _is_ready(self, process: WorkerProcess) -> bool:
        """Wait until a worker can serve; return False if it ended, or the server is stopping."""
        while not self.interrupt_signal:
            found = wait([self._ready, process.inner.sentinel], timeout=0.2)
            if self._ready in found:
                if self._ready.recv() == process.inner.pid:
                    return True
            elif found:
                return False
        return False

    def _retire(self, process: WorkerProcess) -> None:
        process.interrupt_by_parent = True
        self._retired = [*(each for each in self._retired if each.is_alive()), process]
        threading.Thread(target=_end, args=[process], name="retire", daemon=True).start()

    def _stop_workers(self) -> None:
        if self.drain_seconds and self.interrupt_signal:
            self.main_loop_interrupt.clear()
            for each in self.wrks:
                _send(each, STOPPING)
            self.main_loop_interrupt.wait(self.drain_seconds)  # a second signal ends the wait
        self.wrks.extend(each for each in self._retired if each.is_alive())
        super()._stop_workers()  # type: ignore[no-untyped-call]


def _end(process: WorkerProcess) -> None:
    """Let a worker finish its running requests, and end it."""
    _send(process, REPLACED)
    time.sleep(DRAIN_SECONDS)
    process.terminate()
    process.join(RETIRE_SECONDS)
    if process.is_alive():
        process.kill()


def _send(process: WorkerProcess, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.inner.pid, number)


def _inheritable(file: int) -> socket.socket:
    listening = socket.socket(fileno=file)
    listening.set_inheritable(True)
    return listening
