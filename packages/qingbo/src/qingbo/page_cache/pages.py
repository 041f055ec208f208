"""A stored page: its headers, and its body in each requested encoding."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from qingbo.page_cache.encodings import COMPRESSORS, IDENTITY, encoding_for
from qingbo.page_cache.freshness import Stamp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STEADY_SECONDS = 2
"""Pages older than this send Last-Modified. It has whole seconds, and another process may show an older page for half a
second, so two pages from the same second could be confused."""

KEPT_IN_304 = {"Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Last-Modified", "Vary"}
"""RFC 9110, 15.4.5. Browsers keep other headers, such as Content-Security-Policy, from the stored answer."""

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Body:
    """The body in one encoding, with the headers of the 200 and of the 304 answer."""

    data: bytes
    etag: str
    headers: Headers
    unchanged: Headers
    modified: str = ""


@dataclass(slots=True)
class Page:
    """An answer that is the same for everybody."""

    headers: Headers
    identity: bytes
    subject: int
    stamp: Stamp
    until: float
    """When it expires, in seconds since 1970."""
    is_read_by_programs: bool
    """Whether people who open the address in a browser get another answer (`Sec-Fetch-Dest`)."""
    modified: str = ""
    """Last-Modified from the app; if empty, it is the time when the page was made."""
    made_at: float = field(default_factory=time.time)
    bodies: dict[str, Body] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The approximate size in bytes."""
        return 2_000 + len(self.identity) + sum(len(body.data) + 2_000 for body in self.bodies.values())

    def add_body(self, encoding: str) -> Body:
        """Encode the body and store it."""
        data = COMPRESSORS[encoding](self.identity)
        etag = f'"{hashlib.sha256(self.identity).hexdigest()[:24]}-{encoding}"'
        headers = [*self.headers, ("ETag", etag)]
        if self.modified:
            headers.append(("Last-Modified", self.modified))
        unchanged = [each for each in headers if each[0] in KEPT_IN_304]
        headers.append(("Content-Length", str(len(data))))
        if encoding != IDENTITY:
            headers.append(("Content-Encoding", encoding))
        body = Body(data, etag, headers, unchanged, self.modified)
        self.bodies = self.bodies | {encoding: body}
        return body

    def send(self, body: Body, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request with the page, or with 304 if the browser has it."""
        if not body.modified and time.time() - self.made_at > STEADY_SECONDS:
            body.modified = formatdate(int(self.made_at), usegmt=True)
            body.headers = [*body.headers, ("Last-Modified", body.modified)]
            body.unchanged = [*body.unchanged, ("Last-Modified", body.modified)]
        if self._is_known(body, environ):
            start_response("304 Not Modified", body.unchanged)
            return []
        start_response("200 OK", body.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body.data]

    def _is_known(self, body: Body, environ: "WSGIEnvironment") -> bool:
        if known := environ.get("HTTP_IF_NONE_MATCH"):
            return body.etag in known or known.strip() == "*"
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        return bool(since) and since == body.modified


def body_for(page: Page, environ: "WSGIEnvironment") -> tuple[Body, bool]:
    """Return the body for a request, and whether it was encoded just now."""
    encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
    body = page.bodies.get(encoding)
    return (body, False) if body else (page.add_body(encoding), True)
