"""Fetching from a real server that only the test's connector can reach."""

import gzip
import itertools
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import pytest
from qingbo.fetching.connecting import connect, resolve
from qingbo.fetching.errors import Failed, NotFetched, Refused
from qingbo.fetching.fetcher import MOST_BYTES, Fetcher
from web_server import PUBLIC, WebServer, page, redirect, web_server

HELLO = b"<title>Hello</title>"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as server:
        server.answers["a.example/"] = page(HELLO)
        yield server


def refusal(fetcher: Fetcher, address: str) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        fetcher.fetch(address)
    return caught.value


def test_a_page_comes_with_its_type_and_its_charset(server: WebServer) -> None:
    fetched = server.fetcher().fetch("http://a.example")
    assert (fetched.address, fetched.content_type, fetched.charset) == ("http://a.example/", "text/html", "utf-8")
    assert fetched.body == HELLO
    assert server.connected == [(PUBLIC, 80)]


def test_what_is_sent_says_who_asks_and_nothing_else(server: WebServer) -> None:
    server.answers["a.example/x?y=%C3%BC"] = page(HELLO, "Set-Cookie: seen=1")
    server.answers["a.example/"] = redirect("/x?y=ü")
    server.fetcher().fetch("http://a.example/")
    for head in server.requests:
        names = {line.partition(":")[0] for line in head.strip().split("\r\n")[1:]}
        assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        assert "User-Agent: Qingbo/" in head
        assert "Accept-Encoding: gzip, identity\r\n" in head


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_three_redirects_are_followed(server: WebServer, count: int) -> None:
    for number in range(count):
        server.answers[f"a.example/{number}"] = redirect(f"/{number + 1}")
    server.answers[f"a.example/{count}"] = page(HELLO)
    assert server.fetcher().fetch("http://a.example/0").address == f"http://a.example/{count}"


def test_a_fourth_is_not(server: WebServer) -> None:
    server.answers["a.example/"] = redirect("http://a.example/")
    assert isinstance(refusal(server.fetcher(), "http://a.example"), Refused)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a.example", "file:///etc/passwd", "gopher://a.example", "javascript:alert(1)", "//a.example",
        "a.example", "", "http://", "http://a.example:22", "http://a.example:8080", "http://a.example:443", "https://a.example:80",
        "http://a.example:99999", "http://ann@a.example", "http://ann:secret@a.example", "http://@a.example",
        "http://a..example", "http://-a.example", "http://a b.example", "http://a.example/\r\nHost: b",
        "http://a.example/\x00", "http://[::1", "http://[fe80::1%25eth0]/", "http://a_b\\c", "http://" + "a" * 64,
        "http://a.example/" + "x" * 2000, "http://%31%32%37.0.0.1", "http://a.example\u2028",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_never_asked(server: WebServer, address: str) -> None:
    assert isinstance(refusal(server.fetcher(), address), Refused)
    assert server.resolved == []
    if ":" in address[:-3] and address.isascii() and address.isprintable():
        server.answers["a.example/"] = redirect(address)
        assert isinstance(refusal(server.fetcher(), "http://a.example"), Refused)
        assert server.resolved == ["a.example"]


LOOPBACK = (
    "localhost", "127.0.0.1", "127.1", "127.0.1", "0x7f000001", "0x7f.1", "2130706433", "017700000001", "0", "0.0.0.0",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[::127.0.0.1]", "１２７.0.0.1", "127。0。0。1",
    "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "192.168.1.1", "10.0.0.1", "[fe80::1]",
)  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_and_its_network_are_not_asked_however_they_are_spelled(server: WebServer, host: str) -> None:
    """Resolved by the system, as in a blog; a connection would reach a server that answers."""
    fetcher = server.fetcher(resolver=resolve)
    server.answers[f"{host}/"] = page(HELLO)
    assert isinstance(refusal(fetcher, f"http://{host}/"), NotFetched)
    server.answers["a.example/"] = redirect(f"http://{host}/")
    assert isinstance(refusal(server.fetcher(resolver=lambda name, port: (
        [PUBLIC] if name == "a.example" else resolve(name, port))), "http://a.example"), NotFetched)  # fmt: skip
    assert server.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "[::1]"])
def test_the_fetcher_of_a_blog_does_not_reach_a_server_on_this_machine(server: WebServer, host: str) -> None:
    assert isinstance(refusal(Fetcher(), f"http://{host}/"), Refused)
    assert server.requests == []


def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing(server: WebServer) -> None:
    server.hosts["a.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert server.fetcher().fetch("http://a.example").body == HELLO
    assert (server.resolved, server.connected) == (["a.example"], [(PUBLIC, 80)])
    server.hosts["a.example"] = [[PUBLIC], ["127.0.0.1"]]
    server.answers["a.example/again"] = redirect("/")
    assert isinstance(refusal(server.fetcher(), "http://a.example/again"), Refused)
    assert server.connected[1:] == [(PUBLIC, 80)]


@pytest.mark.parametrize("numbers", [[PUBLIC, "127.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::ffff:10.0.0.1"]])
def test_one_address_that_is_not_public_is_enough(server: WebServer, numbers: list[str]) -> None:
    server.hosts["a.example"] = [numbers]
    assert isinstance(refusal(server.fetcher(), "http://a.example"), Refused)
    assert server.connected == []


def test_the_next_address_is_tried_where_one_does_not_answer(server: WebServer) -> None:
    server.hosts["a.example"] = [["2606:2800::1", PUBLIC]]

    def only_ipv4(number: str, port: int, seconds: float) -> object:
        if ":" in number:
            raise OSError("unreachable")
        return server.connect(number, port, seconds)

    assert server.fetcher(connector=only_ipv4).fetch("http://a.example").body == HELLO


def endless(head: str, piece: bytes) -> Iterator[bytes]:
    return itertools.chain([head.encode()], itertools.repeat(piece))


HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        endless(f"{HEAD}\r\n", b"x" * 10_000),
        endless(f"{HEAD}Content-Length: 999999999999\r\n\r\n", b"x" * 10_000),
        endless(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
        endless(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
        endless("HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        endless("HTTP/1.1 200 OK\r\nX: ", b"y" * 10_000),
        pytest.param(endless("", b"HTTP/1.1 100 Continue\r\n\r\n"), marks=pytest.mark.slow),  # until the time is over
        endless("", b"x" * 10_000),
        endless(f"{HEAD}Content-Encoding: gzip\r\n\r\n", gzip.compress(b"x" * 100_000)),
        page(b"x" * (MOST_BYTES + 1)),
        page(gzip.compress(b"\0" * 50_000_000), "Content-Encoding: gzip"),
        page(zlib.compress(b"\0" * 50_000_000), "Content-Encoding: deflate"),
        page(gzip.compress(gzip.compress(b"\0" * 50_000_000)), "Content-Encoding: gzip, gzip"),
        page(gzip.compress(HELLO)[:-9], "Content-Encoding: gzip"),
        page(b"no gzip", "Content-Encoding: gzip"),
        page(HELLO, "Content-Encoding: br"),
        page(HELLO, content_type="application/pdf"),
        page(HELLO, content_type="text/htmlx"),
        page(HELLO, content_type=""),
        page(HELLO, status="404 Not Found"),
        page(HELLO, status="500 Oh"),
        page(HELLO, status="206 Partial Content"),
        page(HELLO, status="302 Found"),
        redirect("http://[::1"),
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
)  # fmt: skip
def test_what_is_endless_swollen_or_no_page_is_given_up(server: WebServer, answer: bytes) -> None:
    server.answers["a.example/"] = answer
    refusal(server.fetcher(), "http://a.example")


@pytest.mark.parametrize("length", [MOST_BYTES, 0])
@pytest.mark.parametrize("coding", ["", "gzip", "x-gzip", "deflate", "raw deflate", "identity"])
def test_a_page_of_1_mb_is_taken(server: WebServer, coding: str, length: int) -> None:
    body = bytes(length)
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(body), "x-gzip": gzip.compress(body), "deflate": zlib.compress(body),
        "raw deflate": raw.compress(body) + raw.flush(),
    }.get(coding, body)  # fmt: skip
    headers = [f"Content-Encoding: {coding.split()[-1]}"] if coding else []
    server.answers["a.example/"] = page(packed, *headers)
    assert server.fetcher().fetch("http://a.example").body == body


class Clock:
    """Time that passes when it is looked at."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Dripping(socket.socket):
    """A connection that gives a byte at a time."""

    def recv(self, size: int, flags: int = 0) -> bytes:
        return super().recv(min(size, 1), flags)


@pytest.mark.parametrize("path", ["body", "headers", "redirect"])
def test_slow_bodies_headers_and_redirects_share_one_limit_of_time(server: WebServer, path: str) -> None:
    """Each byte comes at once; the clock says that it took a tenth of a second."""
    server.answers["a.example/body"] = page(b"x" * 1000)
    server.answers["a.example/headers"] = page(b"", "X: " + "y" * 1000)
    server.answers["a.example/redirect"] = [b"HTTP/1.1 302 Found\r\nLocation: /redirect\r\n\r\n"]
    clock = Clock(0.1 if path != "redirect" else 0.05)

    def drip(number: str, port: int, seconds: float) -> socket.socket:
        return Dripping(fileno=server.connect(number, port, 10).detach())

    fetcher = server.fetcher(connector=drip, clock=clock, seconds=5.0)
    assert str(refusal(fetcher, f"http://a.example/{path}")) == "The answer took too long."
    assert clock.now < 6
    assert 1 < len(server.requests) < 4 if path == "redirect" else len(server.requests) == 1


class Held:
    """Servers and resolvers that never come to an end, until the test does."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def pieces(self, *first: bytes) -> Iterator[bytes]:
        yield from first
        self.ended.wait()


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.ended.set()


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX", f"{HEAD}\r\nx".encode()])
def test_a_server_that_falls_silent_is_left(server: WebServer, held: Held, first: bytes) -> None:
    server.answers["a.example/"] = held.pieces(first)
    error = refusal(server.fetcher(seconds=0.2), "http://a.example")
    assert (type(error), str(error)) == (Failed, "The answer took too long.")


def test_a_resolver_that_falls_silent_is_left(server: WebServer, held: Held) -> None:
    def never(host: str, port: int) -> list[str]:
        held.ended.wait()
        return [PUBLIC]

    assert str(refusal(server.fetcher(resolver=never, seconds=0.1), "http://a.example")) == "The answer took too long."


def test_a_server_that_drips_for_ever_is_left(server: WebServer, held: Held) -> None:
    def drip() -> Iterator[bytes]:
        yield f"{HEAD}\r\n".encode()
        while not held.ended.is_set():
            time.sleep(0.01)
            yield b"x"

    server.answers["a.example/"] = drip
    assert str(refusal(server.fetcher(seconds=0.3), "http://a.example")) == "The answer took too long."


def test_nobody_there_is_said_so(server: WebServer) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert str(refusal(server.fetcher(resolver=nobody), "http://a.example")) == "a.example has no address."
    assert str(refusal(server.fetcher(resolver=lambda *_: []), "http://a.example")) == "a.example has no address."

    def refuse(number: str, port: int, seconds: float) -> object:
        return connect("127.0.0.1", 1, seconds)

    assert str(refusal(server.fetcher(connector=refuse), "http://a.example")) == "a.example cannot be reached."
