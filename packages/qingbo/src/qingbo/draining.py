"""Draining a worker before it stops: it closes its connections, and `/healthz/ready` tells load balancers."""

import os
import signal
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REPLACED = signal.SIGUSR1
"""Signal to a worker: another one has replaced it, so it accepts no new connections."""
STOPPING = signal.SIGUSR2
"""Signal to a worker: all workers will stop. It goes on answering for a while."""
SIGNALS = {REPLACED, STOPPING}


class _State:
    is_closing = False
    is_stopping = False


def is_stopping() -> bool:
    """Return whether all workers are about to stop, so that a load balancer should use another machine."""
    return _State.is_stopping


def hold_signals() -> None:
    """Let both signals wait, in this process and in those that it starts, until `drain_on_signals` takes them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def drain_on_signals(app: Flask, listening: int) -> None:
    """Take both signals, also those sent since `hold_signals`.

    A thread waits for them. A handler would run in the main thread, which may miss a signal that comes just before it
    starts to wait.

    Args:
        app: the WSGI app that the server calls.
        listening: file descriptor of the socket on which the server accepts connections.
    """
    nobodys = socket.create_server(("127.0.0.1", 0))
    nobodys.setblocking(False)

    def take() -> None:
        while True:
            number = signal.sigwait(SIGNALS)
            if number == REPLACED:
                # Granian accepts connections until it is told to stop, and then would cut off the newest ones. So its
                # listening socket is replaced by one that no client knows. The main process keeps the real one open.
                os.dup2(nobodys.fileno(), listening, inheritable=False)
            _State.is_closing = True
            if number == STOPPING:
                _State.is_stopping = True

    app.wsgi_app = closing(app.wsgi_app)  # type: ignore[assignment, method-assign, unused-ignore]
    threading.Thread(target=take, name="drain", daemon=True).start()


def closing(wsgi_app: "WSGIApplication") -> "WSGIApplication":
    """Return an app whose responses close their connection as soon as this process has got one of the signals."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            if _State.is_closing:
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, error) if error else start_response(status, headers)

        return wsgi_app(environ, start)

    return answer
