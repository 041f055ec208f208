"""A proxy before a database server that cuts its client off at a statement: before the server has it, or after."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_AT_ONCE = 2**16


class CuttingProxy:
    """Passes everything on in both directions, until a statement comes that it is told to wait for.

    Args:
        host: where the server is.
        port: its port there.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._statement: re.Pattern[bytes] | None = None
        self._on = b""
        self._number: int | None = None
        self.seen = 0
        """How many such statements have come."""
        self._is_passed_on = False
        self.has_cut = threading.Event()

    def cut_at(
        self, statement: re.Pattern[bytes], on: bytes, number: int | None, *, is_passed_on: bool = False
    ) -> None:
        """Cut the client off at a statement.

        Args:
            statement: what it looks like.
            on: only connections count that have sent this before.
            number: of the statement, from 0; without one, statements are only counted.
            is_passed_on: whether the server gets it.
        """
        self._on = on
        self.seen, self._number, self._is_passed_on = 0, number, is_passed_on
        self.has_cut.clear()
        self._statement = statement

    def let_be(self) -> None:
        """Pass everything on again."""
        self._statement = None

    @contextmanager
    def running(self) -> Iterator["CuttingProxy"]:
        """Take connections until the block ends."""
        threading.Thread(target=self._take_connections, daemon=True).start()
        try:
            yield self
        finally:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()

    def _take_connections(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        is_right_one = False
        with suppress(OSError):
            while data := client.recv(_AT_ONCE):
                is_right_one |= self._on in data
                if is_right_one and self._is_meant(data):
                    self._cut(client, server, data)
                    return
                server.sendall(data)
        _end(server)

    def _is_meant(self, data: bytes) -> bool:
        if self._statement is None or not self._statement.search(data):
            return False
        self.seen += 1
        return self._number == self.seen - 1

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self.has_cut.set()
        _end(client)  # what the server answers does not reach it any more
        if self._is_passed_on:
            server.sendall(data)
            _end(server, socket.SHUT_WR)  # it may be waiting for more than this
        else:
            _end(server)

    def _pass_on(self, server: socket.socket, client: socket.socket) -> None:
        with server, client:
            with suppress(OSError):
                while data := server.recv(_AT_ONCE):
                    client.sendall(data)
            _end(client)
            _end(server)


def _end(connection: socket.socket, direction: int = socket.SHUT_RDWR) -> None:
    """End a connection, or one direction of it, although a thread is waiting for it."""
    with suppress(OSError):
        connection.shutdown(direction)
