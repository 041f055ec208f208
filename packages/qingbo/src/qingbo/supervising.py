"""The processes of `qingbo serve`: granian's main process, and the workers that answer requests.

Each worker has a listening socket of its own, between which Linux deals out connections. The main process holds them
open, so what waits in the queue of a socket is not lost when the worker at its end is replaced.
"""

import gc
import logging
import multiprocessing
import os
import signal
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
from qingbo.draining import REPLACED, STOPPING, drain_on_signals
from qingbo.errors import SetupError
from qingbo.extensions import db
from qingbo.home import DataFolder
from qingbo.measuring import clear_measures
from qingbo.parent import PARENT_VARIABLE
from qingbo.serving import Address, require_own_schema

log = logging.getLogger(__name__)

THREADS = 16
"""Requests answered at the same time. Most wait for the network or the database, not for a core; and readers whose
forms come slowly should not keep the others out. Each may hold two connections of the pool."""

BACKLOG = 1024
"""Connections that a worker has open, and as many that wait for it."""

STOP_SECONDS = 5
"""How long a stop waits for requests under way; one whose sender is silent would hold it for ever."""

DRAIN_SECONDS = 2
"""How long a worker that was replaced tells clients to open another connection, before it closes idle ones."""
RETIRE_SECONDS = 60
"""How long it may finish requests under way, such as uploads."""

MOST_WORKERS = 4
"""By default: each takes about 100 MB, and on SQLite they write one at a time."""


def usual_workers() -> int:
    """Return how many workers there are unless somebody says otherwise: one for each core of this process, up to 4."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def serve(app: Flask, address: Address, workers: int, drain_seconds: int = 0) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP reads the settings again.

    Args:
        app: the blog.
        address: where to listen.
        workers: how many processes answer.
        drain_seconds: how long they go on after the signal.
    """
    folder: DataFolder = app.extensions["qingbo_home"]
    os.environ[HOME_VARIABLE] = str(folder.path)  # the workers make the app anew
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    with app.app_context():
        db.engine.dispose()
    clear_measures(folder)
    supervisor = Supervisor(
        "qingbo.wsgi:app",  # shown by ps
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
    for number in (REPLACED, STOPPING):
        signal.signal(number, signal.SIG_IGN)  # for workers that still start: either would kill them
    supervisor.serve()


def load(listening: int, ready: Connection, is_reload: bool) -> Flask:
    """Make the app of a worker, in the worker, and say to the main process that it is there.

    Args:
        listening: the number of the socket where it will accept connections.
        ready: takes the number of this process.
        is_reload: whether another worker goes on if this one cannot serve.
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
    """Granian's main process, with listening sockets that outlive the workers, and a SIGHUP that loses nothing.

    Granian's own workers open their sockets themselves: one that ends takes the connections with it that wait for it.
    And at SIGHUP it ends them after a few seconds, whether or not the new ones could start.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ready, self._say_ready = multiprocessing.Pipe(duplex=False)
        self._is_reloading = False
        self._retired: list[WorkerProcess] = []
        self.drain_seconds = 0

    def _init_shared_socket(self) -> None:
        spec = SocketSpec(self.bind_addr, self.bind_port, self.backlog)
        # Elsewhere than on Linux the newest socket of an address would get all connections.
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
        """Put a new worker in the place of each, as soon as it is ready; keep the old ones where it does not start."""
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        self._is_reloading = True
        try:
            for idx in range(self.workers):
                if not self._replace(idx, spawn_target, target_loader):
                    break
        finally:
            self._is_reloading = False
        if self.interrupt_signal or self.reload_signal or self.interrupt_children:  # it came meanwhile
            self.main_loop_interrupt.set()

    def _replace(self, idx: int, spawn_target: Any, target_loader: Any) -> bool:
        new = self._spawn_worker(idx, spawn_target, target_loader)
        new.interrupt_by_parent = True  # granian would put another one in the place of one that fails
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
        """Wait until a worker can serve; return False where it ended instead, or all are to end."""
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
            self.main_loop_interrupt.wait(self.drain_seconds)  # or until somebody asks once more
        self.wrks.extend(each for each in self._retired if each.is_alive())
        super()._stop_workers()  # type: ignore[no-untyped-call]


def _end(process: WorkerProcess) -> None:
    """Have a worker finish what it has begun."""
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
