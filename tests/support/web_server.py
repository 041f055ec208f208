"""A web server for tests: it sends the given answers byte by byte, and records the requests."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from qingbo.fetching.fetcher import Fetcher

Answer = bytes | Iterable[bytes] | Callable[[], Iterable[bytes]]
PUBLIC = "93.184.215.14"
"""What every name leads to, for the fetcher; the connector brings it to this server."""


def page(body: bytes, *headers: str, status: str = "200 OK", content_type: str = "text/html; charset=utf-8") -> bytes:
    """Return an answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return an answer that sends on."""
    return page(b"", f"Location: {location}", status=status)


@dataclass
class WebServer:
    """What is asked and what is answered, by host and path: ``example.com/page``."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    """Heads as they came."""
    connected: list[tuple[str, int]] = field(default_factory=list)
    """Which numbers the fetcher wanted to speak to."""
    resolved: list[str] = field(default_factory=list)
    port: int = 0
    hosts: dict[str, list[list[str]]] = field(default_factory=dict)
    """What a name leads to, one time after another; the last stays."""

    def resolve(self, host: str, port: int) -> list[str]:
        """Be the resolver of a fetcher."""
        self.resolved.append(host)
        turns = self.hosts.get(host, [[PUBLIC]])
        return turns.pop(0) if len(turns) > 1 else turns[0]

    def connect(self, number: str, port: int, seconds: float) -> socket.socket:
        """Be the connector of a fetcher: whatever the number, it comes here."""
        self.connected.append((number, port))
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def fetcher(self, **options: object) -> Fetcher:
        """Return a fetcher that reaches this server alone."""
        return Fetcher(**({"resolver": self.resolve, "connector": self.connect} | options))  # type: ignore[arg-type]

    def answer(self, connection: socket.socket) -> None:
        """Answer one request."""
        with contextlib.suppress(OSError), connection:
            head = self._head(connection)
            self.requests.append(head)
            path = head.split(" ")[1] if " " in head else ""
            host = next((line[6:] for line in head.split("\r\n") if line.startswith("Host: ")), "")
            answer = self.answers.get(host + path, page(b"nothing", status="404 Not Found"))
            pieces = answer() if callable(answer) else [answer] if isinstance(answer, bytes) else answer
            for piece in pieces:
                connection.sendall(piece)

    def _head(self, connection: socket.socket) -> str:
        got = b""
        while not got.endswith(b"\r\n\r\n") and (piece := connection.recv(65536)):
            got += piece
        return got.decode("latin-1")


@contextlib.contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Answer for the block, on a free port of this machine."""
    server = WebServer()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port = listening.getsockname()[1]
        ended = threading.Event()
        thread = threading.Thread(target=_accept, args=[server, listening, tls, ended], daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port)).close()
            thread.join(timeout=10)


def _accept(server: WebServer, listening: socket.socket, tls: ssl.SSLContext | None, ended: threading.Event) -> None:
    while True:
        connection, _ = listening.accept()
        if ended.is_set():
            connection.close()
            return
        threading.Thread(target=_serve, args=[server, connection, tls], daemon=True).start()


def _serve(server: WebServer, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        server.answer(tls.wrap_socket(connection, server_side=True) if tls else connection)
    except OSError:
        connection.close()
