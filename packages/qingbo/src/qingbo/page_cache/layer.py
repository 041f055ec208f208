"""The layer before Flask: serves stored pages, and stores pages that the app allows to be stored."""

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qingbo.page_cache.freshness import Freshness, Stamp
from qingbo.page_cache.marking import MARK, Mark
from qingbo.page_cache.pages import Headers, Page, body_for
from qingbo.page_cache.requests import Key, Requests
from qingbo.page_cache.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from qingbo.page_cache.shared import Asked, SharedPages

LONGEST_WAIT = 10
"""How many seconds a request waits for another request that makes the same page."""
VARIES_BY = {"accept-language", "cookie", "sec-fetch-dest"}
"""What a stored page may vary by. The layer takes all of them into account."""
PRIVATE = ("private", "no-store")
NOT_SHARED = "no-cache"
"""Every cache has to ask whether the page is unchanged."""
SET_BY_LAYER = {"content-length", "vary", "etag", "last-modified"}


class PageLayer:
    """A WSGI app that wraps another one. Thread-safe."""

    def __init__(
        self,
        wsgi_app: "WSGIApplication",
        requests: Requests,
        freshness: Freshness,
        store: Store,
        cache_control: str,
        shared: "SharedPages | None" = None,
    ) -> None:
        self._wsgi_app = wsgi_app
        self._shared = shared
        self._requests = requests
        self._cache_control = cache_control
        self.freshness = freshness
        self.store = store
        self._lock = threading.Lock()
        self.hits = self.misses = 0
        self._being_made: dict[Key, threading.Event] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve a stored page, or pass the request on."""
        key = self._requests.key_of(environ)
        if key is None or not self.freshness.look():
            return self._wsgi_app(environ, start_response)
        page = self._stored(key)
        if page is None:
            return self._made(key, environ, start_response)
        self.hits += 1
        return self._sent(key, page, environ, start_response)

    def close(self) -> None:
        """Drop all pages in this process, and close the connections."""
        self.store.clear()
        self.freshness.close()
        if self._shared is not None:
            self._shared.close()

    def _stored(self, key: Key) -> Page | None:
        page = self.store.get(key)
        if page is None:
            return None
        if time.time() < page.until and self.freshness.holds(page.subject, page.stamp):
            return page
        self.store.drop(key, page)
        return None

    def _sent(
        self, key: Key, page: Page, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if page.is_read_by_programs and environ.get("HTTP_SEC_FETCH_DEST") == "document":
            return self._wsgi_app(environ, start_response)
        body, is_new = body_for(page, environ)
        if is_new:
            self.store.put(key, page)
        return page.send(body, environ, start_response)

    def _made(self, key: Key, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Make a page, unless another process has. Other requests with the same key wait for the first one."""
        with self._lock:
            waited_for = self._being_made.get(key)
            if waited_for is None:
                self._being_made[key] = threading.Event()
        if waited_for is None:
            try:
                asked = self._shared.find(key, self.freshness) if self._shared is not None else None
                if asked is not None and asked.page is not None:
                    self.store.put(key, asked.page)
                    self.hits += 1
                    return self._sent(key, asked.page, environ, start_response)
                return self._asked(key, asked, environ, start_response)
            finally:
                with self._lock:
                    self._being_made.pop(key).set()
        waited_for.wait(LONGEST_WAIT)
        self.misses += 1
        page = self._stored(key) if self.freshness.look() else None
        if page is None:
            return self._wsgi_app(environ, start_response)
        return self._sent(key, page, environ, start_response)

    def _asked(
        self, key: Key, shared: "Asked | None", environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        self.misses += 1
        stamp = self.freshness.stamp
        said: list[Any] = []

        def start(status: str, headers: Headers, error: Any = None) -> Any:
            said[:] = [status, headers]
            return start_response(status, headers, error) if error else None

        is_head = environ["REQUEST_METHOD"] == "HEAD"
        # Use the query of the key: tracking fields from other sites must not be on the page or in the cache.
        asked = {**environ, "QUERY_STRING": key[2], "REQUEST_METHOD": "GET"}
        answer = self._wsgi_app(asked, start)
        mark: Mark | None = asked.pop(MARK, None)
        status, headers = said
        page = self._page(status, headers, mark, stamp, answer) if mark else None
        if page is None:
            start_response(status, headers)
            return _without_body(answer) if is_head else answer
        self.store.put(key, page)
        if self._shared is not None and shared is not None:
            self._shared.keep(key, page, shared, self.freshness)
        return self._sent(key, page, environ, start_response)

    def _page(self, status: str, headers: Headers, mark: Mark, stamp: Stamp, answer: Iterable[bytes]) -> Page | None:
        """Return the page to store, or None if it may not be stored."""
        named = {name.lower(): value for name, value in headers}
        varies = {name.strip().lower() for name in named.get("vary", "").split(",") if name.strip()}
        is_private = "set-cookie" in named or any(word in named.get("cache-control", "") for word in PRIVATE)
        if is_private or not varies <= VARIES_BY or status != "200 OK":
            return None
        kept = [(name, value) for name, value in headers if name.lower() not in SET_BY_LAYER]
        if "max-age" not in named.get("cache-control", ""):  # otherwise the app has decided
            kept = [each for each in kept if each[0].lower() != "cache-control"]
            kept.append(("Cache-Control", self._cache_control))
        kept.append(("Vary", ", ".join(filter(None, [named.get("vary"), "Accept-Encoding"]))))
        return Page(
            kept, _joined(answer), mark.subject, stamp, mark.until,
            is_read_by_programs="sec-fetch-dest" in varies, modified=named.get("last-modified", ""),
        )  # fmt: skip


def cache_control_for(seconds: int) -> str:
    """Return Cache-Control for stored pages: shared caches may keep them for some seconds, not at all if 0.

    Browsers always ask again (RFC 9111, 5.2.2.10 and RFC 5861).
    """
    return f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds}" if seconds else NOT_SHARED


def _joined(answer: Iterable[bytes]) -> bytes:
    try:
        return b"".join(answer)
    finally:
        _close(answer)


def _without_body(answer: Iterable[bytes]) -> Iterable[bytes]:
    _close(answer)
    return []


def _close(answer: Iterable[bytes]) -> None:
    if close := getattr(answer, "close", None):
        close()
