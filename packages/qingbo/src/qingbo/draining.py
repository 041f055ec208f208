"""A worker that is about to end: it asks its clients to go elsewhere, and says so to load balancers."""

import os
import signal
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REPLACED = signal.SIGUSR1
"""Says to a worker that another one has taken its place: it takes no new connections."""
STOPPING = signal.SIGUSR2
"""Says to a worker that all are about to end: it goes on for a while."""


class _State:
    is_closing = False
    is_stopping = False


def is_stopping() -> bool:
    """Return whether no worker will be there in a while: whoever deals out requests should look for another machine."""
    return _State.is_stopping


def drain_on_signals(app: Flask, listening: int) -> None:
    """Drain when one of the signals comes; called in the main thread.

    Args:
        app: what the server calls.
        listening: the number of the socket where the server accepts connections.
    """
    nobodys = socket.create_server(("127.0.0.1", 0))
    nobodys.setblocking(False)

    def leave(_number: int, _frame: Any) -> None:
        # Granian goes on accepting until it is told to end; then it would cut off whoever has just connected. So the
        # socket that it listens on becomes one that nobody knows. The main process holds the other open.
        os.dup2(nobodys.fileno(), listening, inheritable=False)
        close()

    def stop(_number: int, _frame: Any) -> None:
        _State.is_stopping = True
        close()

    def close() -> None:
        if not _State.is_closing:
            _State.is_closing = True
            app.wsgi_app = closing(app.wsgi_app)  # type: ignore[assignment, method-assign, unused-ignore]

    signal.signal(REPLACED, leave)
    signal.signal(STOPPING, stop)


def closing(wsgi_app: "WSGIApplication") -> "WSGIApplication":
    """Return an app whose answers say that the connection ends with them."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, error) if error else start_response(status, headers)

        return wsgi_app(environ, start)

    return answer
