"""Fetching one page by http or https from the public internet, limited in time, size and redirects."""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import httpcore

from qingbo.fetching.connecting import Connector, Limits, PublicBackend, Resolver, connect, resolve
from qingbo.fetching.decoding import ACCEPTED, Body
from qingbo.fetching.errors import Failed, Refused
from qingbo.fetching.targets import Target, next_target, read_target
from qingbo.version import __version__

SECONDS = 5.0
"""For the whole fetch: names, connections, TLS, headers, bodies, redirects."""
MOST_BYTES = 1024 * 1024
"""Limit of a body, unpacked."""
MOST_REDIRECTS = 3
MOST_HEADER_BYTES = 100 * 1024
"""Per answer; httpcore accepts no more."""

AGENT = f"Qingbo/{__version__} (link preview)"
PAGES = ("text/html", "application/xhtml+xml")

_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {401, 402, 403, 404, 405, 410, 451}


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer from an address."""

    address: str
    """The final address, after redirects."""
    content_type: str
    """In lower case, without parameters."""
    charset: str
    """From the header; empty if it names none."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches pages that people link to. The defaults are for production; tests use a local server.

    Args:
        resolver: returns the numeric addresses of a host. All of them have to be public.
        connector: connects to one of them.
        tls: which certificates are trusted; by default those of certifi.
        seconds: for a whole fetch.
        most_bytes: limit of a body, unpacked.
        clock: measures the seconds.
    """

    resolver: Resolver = resolve
    connector: Connector = connect
    tls: ssl.SSLContext | None = None
    seconds: float = SECONDS
    most_bytes: int = MOST_BYTES
    clock: Callable[[], float] = time.monotonic

    def fetch(self, address: str, kinds: Sequence[str] = PAGES) -> Fetched:
        """Fetch an address, if its content type is one of `kinds` (``image/`` means all pictures).

        No cookies and no Referer are sent, and the bodies of redirects are not read.

        Raises:
            Refused: if the address or its answer is never allowed.
            Failed: if there is no usable answer now.
        """
        target = read_target(address)
        wire = self.most_bytes + (MOST_REDIRECTS + 1) * MOST_HEADER_BYTES
        limits = Limits(self.seconds, wire, self.clock)
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(target, limits, kinds)
            if isinstance(answer, Fetched):
                return answer
            target = next_target(target, answer)
        raise Refused(f"It sends on more than {MOST_REDIRECTS} times.")

    def _ask(self, target: Target, limits: Limits, kinds: Sequence[str]) -> Fetched | str:
        """Return the answer of one server, or the address to which it redirects."""
        backend = PublicBackend(self.resolver, self.connector, limits)
        with httpcore.ConnectionPool(
            ssl_context=self.tls or _trusted(), max_keepalive_connections=0, network_backend=backend
        ) as pool:
            try:
                with pool.stream("GET", _url(target), headers=_headers(target, kinds)) as response:
                    return self._read(target, response, kinds)
            except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
                raise Failed("The answer is no HTTP.") from None
            except (httpcore.NetworkError, httpcore.TimeoutException):
                raise Failed("The connection broke off.") from None

    def _read(self, target: Target, response: httpcore.Response, kinds: Sequence[str]) -> Fetched | str:
        headers = _read_headers(response)
        if response.status in _REDIRECTS and (location := headers.get("location")):
            return location
        if response.status != 200:
            raise (Refused if response.status in _GONE else Failed)(f"The answer is {response.status}.")
        content_type, _, parameters = headers.get("content-type", "").partition(";")
        content_type = content_type.strip().lower()
        if not any(content_type == kind or (kind.endswith("/") and content_type.startswith(kind)) for kind in kinds):
            raise Refused(f"The answer is {content_type[:80] or 'of no type'}.")
        body = Body(headers.get("content-encoding", ""), self.most_bytes)
        for piece in response.iter_stream():
            body.add(piece)
        return Fetched(str(target), content_type, _charset(parameters), body.finished())


@cache
def _trusted() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


def _url(target: Target) -> httpcore.URL:
    return httpcore.URL(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
    )


def _headers(target: Target, kinds: Sequence[str]) -> Mapping[str | bytes, str | bytes]:
    return {
        "Host": target.authority,
        "User-Agent": AGENT,
        "Accept": ", ".join(f"{kind}*" if kind.endswith("/") else kind for kind in kinds),
        "Accept-Encoding": ACCEPTED,
        "Connection": "close",
    }


def _read_headers(response: httpcore.Response) -> dict[str, str]:
    """Return the headers with names in lower case; of repeated headers, the last one."""
    return {name.decode("latin-1").lower(): _text(value).strip() for name, value in response.headers}


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")[:40]
    return ""
