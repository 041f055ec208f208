"""Connections to public addresses only, limited in time and bytes."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpcore

from qingbo.fetching.errors import Failed, Refused
from qingbo.fetching.public import is_public

T = TypeVar("T")

Resolver = Callable[[str, int], list[str]]
"""Returns the numeric addresses of a host. It may raise `OSError`, and may take any time."""

Connector = Callable[[str, int, float], socket.socket]
"""Connects to a numeric address within a number of seconds. It may raise `OSError`."""

MOST_ADDRESSES = 4
"""How many addresses of a host are tried, one after another."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def connect(number: str, port: int, seconds: float) -> socket.socket:
    """Connect to a numeric address."""
    return socket.create_connection((number, port), timeout=seconds)


@dataclass(slots=True)
class Limits:
    """The remaining time and bytes of one fetch, including its redirects."""

    seconds: float
    bytes: int
    clock: Callable[[], float] = time.monotonic
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def left(self) -> float:
        """Return the remaining seconds.

        Raises:
            Failed: if none remain.
        """
        left = self._end - self.clock()
        if left <= 0:
            raise _too_slow()
        return left

    def take(self, count: int) -> None:
        """Count bytes that were received.

        Raises:
            Refused: if the limit is exceeded.
        """
        self.bytes -= count
        if self.bytes < 0:
            raise Refused("The answer is too long.")


class PublicBackend(httpcore.NetworkBackend):
    """Network backend for httpcore: resolves a name once, checks the addresses, and connects to one of them.

    A name that resolves differently a moment later has no effect, because it is not resolved again (DNS rebinding).
    """

    def __init__(self, resolver: Resolver, connector: Connector, limits: Limits) -> None:
        self._resolver = resolver
        self._connector = connector
        self._limits = limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a host, if all its addresses are public."""
        numbers = self._numbers(host, port)
        for count, number in enumerate(numbers):
            try:
                connected = self._connector(number, port, self._limits.left() / (len(numbers) - count))
            except OSError:
                continue
            return _Stream(connected, self._limits)
        self._limits.left()
        raise Failed(f"{host} cannot be reached.")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: web addresses never refer to a Unix socket."""
        raise Refused("Only http and https are asked.")

    def _numbers(self, host: str, port: int) -> list[str]:
        numbers = self._resolved(host, port)
        if not numbers:
            raise Failed(f"{host} has no address.")
        # One private address is enough to refuse: such a host is malicious, or not on the internet.
        if not all(map(is_public, numbers)):
            raise Refused(f"{host} is not an address of the public internet.")
        return numbers[:MOST_ADDRESSES]

    def _resolved(self, host: str, port: int) -> list[str]:
        """Resolve a name in a separate thread, which may be abandoned: getaddrinfo has no timeout."""
        answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=self._limits.left())
        except queue.Empty:
            raise _too_slow() from None
        if isinstance(answer, Exception):
            raise Failed(f"{host} has no address.")
        return answer


class _Stream(httpcore.NetworkStream):
    """A connection that fails when the time or the bytes are used up."""

    def __init__(self, connected: socket.socket, limits: Limits) -> None:
        self._socket = connected
        self._limits = limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._within_time(lambda: self._socket.recv(max_bytes))
        self._limits.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._within_time(lambda: self._socket.sendall(buffer))

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            wrapped = self._within_time(lambda: ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except BaseException:
            self.close()
            raise
        return _Stream(wrapped, self._limits)

    def _within_time(self, act: Callable[[], T]) -> T:
        self._socket.settimeout(self._limits.left())
        try:
            return act()
        except TimeoutError:
            raise _too_slow() from None
        except ssl.SSLError as error:
            raise Failed(f"The connection is not safe: {error.reason or error}.") from None
        except OSError:
            raise Failed("The connection broke off.") from None


def _too_slow() -> Failed:
    return Failed("The answer took too long.")
