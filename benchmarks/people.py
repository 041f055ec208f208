"""Simulated writers, each with a separate connection, cookies and loopback address.

The blog limits how often one address or account may send a form, and these writers must respect that.
"""

import re
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Refused(Exception):
    """The blog refused a form."""


@dataclass
class Person:
    """Somebody with a browser."""

    url: str
    number: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _connection: HTTPConnection | None = None

    def sign_in(self, name: str, password: str) -> float:
        """Sign in, and return the milliseconds that it took."""
        self.open_page("/login")
        taken = self._send("/login", {"name": name, "password": password, "csrf_token": self.token})
        if "qingbo_device" not in self.cookies:
            raise Refused(f"{name} is not signed in")
        return taken

    def open_page(self, path: str) -> str:
        """Return a page, and remember the token of its forms."""
        _status, body = self._ask("GET", path)
        page = body.decode()
        if found := _TOKEN.search(page):
            self.token = found[1]
        return page

    def comment(self, path: str, text: str) -> float:
        """Comment on a post, and return the milliseconds that it took."""
        return self._send(path, {"text": text, "csrf_token": self.token})

    def publish(self, title: str, text: str, tags: str) -> float:
        """Publish a post, and return the milliseconds that it took."""
        fields = {"title": title, "text": text, "tags": tags, "action": "publish", "csrf_token": self.token}
        return self._send("/posts/new", fields)

    def _send(self, path: str, fields: dict[str, str]) -> float:
        body = urlencode(fields)
        begun = time.perf_counter()
        status, answer = self._ask("POST", path, body)
        taken = (time.perf_counter() - begun) * 1000
        if status != 303:
            raise Refused(f"{path} answered {status}: {answer[:200]!r}")
        return taken

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        if self._connection is None:
            place = urlsplit(self.url)
            # Each from a different address: all of 127.0.0.0/8 is this machine.
            here = (f"127.0.{1 + self.number // 250}.{1 + self.number % 250}", 0)
            self._connection = HTTPConnection(place.hostname or "", place.port, timeout=60, source_address=here)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        for said in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(said).items():
                self.cookies[name] = morsel.value
        return answer.status, read

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
