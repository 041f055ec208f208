"""A worker that is being replaced: it takes no new connections, and asks those it has to go elsewhere."""

import os
import signal
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SIGNAL = signal.SIGUSR1
"""Says to a worker that another one has taken its place."""


class _State:
    is_draining = False


def is_draining() -> bool:
    """Return whether this process is about to end."""
    return _State.is_draining


def drain_on_signal(app: Flask, listening: int) -> None:
    """Drain when the signal comes; called in the main thread.

    Args:
        app: what the server calls.
        listening: the number of the socket where the server accepts connections.
    """
    nobodys = socket.create_server(("127.0.0.1", 0))
    nobodys.setblocking(False)

    def drain(_number: int, _frame: Any) -> None:
        if _State.is_draining:
            return
        _State.is_draining = True
        # Granian goes on accepting until it is told to end; then it would cut off whoever has just connected. So the
        # socket that it listens on becomes one that nobody knows. The main process holds the other open.
        os.dup2(nobodys.fileno(), listening, inheritable=False)
        app.wsgi_app = closing(app.wsgi_app)  # type: ignore[assignment, method-assign, unused-ignore]

    signal.signal(SIGNAL, drain)


def closing(wsgi_app: "WSGIApplication") -> "WSGIApplication":
    """Return an app whose answers say that the connection ends with them."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, error) if error else start_response(status, headers)

        return wsgi_app(environ, start)

    return answer
