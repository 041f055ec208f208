"""Pages that all processes and machines of a blog share through Redis. Each process asks its own store first.

A page from Redis is served only if this process knows of no visible change after the page's number. If Redis is down,
slow or full, the app makes the pages.

A database that was restored from a backup counts the same numbers again. So pages belong to a history, and a new
history begins when a process finds a number in Redis that the database has not reached.
"""

import hashlib
import hmac
import json
import logging
import math
import secrets
import socket
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from qingbo.config import Settings
from qingbo.home import DataFolder
from qingbo.page_cache.fragments import LONGEST_SECONDS
from qingbo.page_cache.freshness import Freshness
from qingbo.page_cache.packing import LARGEST, Packed, pack, unpack
from qingbo.page_cache.pages import Page
from qingbo.page_cache.requests import Key
from qingbo.version import __version__

log = logging.getLogger(__name__)

CONNECT_SECONDS, ANSWER_SECONDS = 0.3, 0.2
"""Maximum waits for Redis; making a page takes less time."""
PAUSE_SECONDS = 10
"""How long Redis is not asked after a failure."""
TOLD_SECONDS = 600
"""While Redis keeps failing, only the first failure is logged; another one only after this time without failures."""
FAILURES = (RedisError, OSError, ValueError)
"""Errors of Redis and of the connection, and of a value that is not the expected number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer of Redis: a page, if it has a valid one, and the values needed to store another."""

    page: Page | None = None
    history: str = ""
    """Empty if Redis did not answer; then nothing is stored."""
    highest: int = 0


class SharedPages:
    """The pages of one blog on a Redis server. Thread-safe.

    There is a fixed number of places, and a page's name determines its place. So requests for many addresses take no
    more memory. If two pages have the same place, the newer one stays.
    """

    def __init__(self, url: str, database: str, key: bytes, build: str, most_bytes: int) -> None:
        """Store the parameters; no connection is opened yet.

        Args:
            url: of the server.
            database: identifies the database, among other databases and blogs on the server.
            key: signs the pages.
            build: differs between releases and settings that make different pages for the same address.
            most_bytes: limit for all pages.
        """
        pool = ConnectionPool.from_url(
            url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self._redis = Redis(connection_pool=pool)
        self._key = key
        self._build = build
        self._places = max(1, most_bytes // LARGEST)
        self._prefix = f"qingbo-pages-{{{database}}}"  # a cluster stores keys with the same {…} part together
        self._history = f"{self._prefix}:history"
        self._highest = f"{self._prefix}:highest"
        self._lock = threading.Lock()
        self._paused_until = -math.inf
        self._told_at = -math.inf

    def find(self, key: Key, freshness: Freshness) -> Asked:
        """Return the page of a key if another process has made it since the last visible change."""
        if time.monotonic() < self._paused_until:
            return Asked()
        name = self._name(key, freshness)
        try:
            history, highest, data = self._read(self._history, self._highest, self._place(name))
            packed = unpack(data, self._key, name) if data else None
            asked = Asked(None, history.decode() if history else self._begin(), int(highest or 0))
            reached = max(asked.highest, packed.number if packed and packed.history == asked.history else 0)
            if reached > freshness.stamp[1]:
                if not freshness.look(anew=True):
                    return Asked()
                if reached > freshness.stamp[1]:
                    return Asked(None, self._begin(is_anew=True))
        except FAILURES as error:
            self._pause(error)
            return Asked()
        if packed is None or packed.history != asked.history:
            return asked
        era = freshness.stamp[0]
        if time.time() >= packed.page.until or not freshness.holds_number(packed.page.subject, packed.number):
            return asked
        packed.page.stamp = (era, packed.number)
        return replace(asked, page=packed.page)

    def keep(self, key: Key, page: Page, asked: Asked, freshness: Freshness) -> None:
        """Store a page for the other processes.

        Args:
            key: of the page.
            page: with the stamp that this process had before it was made.
            asked: the answer of Redis from before that.
            freshness: for the state of the files that the page depends on.
        """
        seconds = min(LONGEST_SECONDS, math.floor(page.until - time.time()))
        if not asked.history or seconds < 1:
            return
        name, number = self._name(key, freshness), page.stamp[1]
        data = pack(Packed(name, asked.history, page), self._key)
        if data is None:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.set(self._place(name), data, ex=seconds)
                pipeline.expire(self._history, LONGEST_SECONDS)
                pipeline.set(self._highest, max(number, asked.highest), ex=LONGEST_SECONDS)
                pipeline.execute()
        except FAILURES as error:
            self._pause(error)

    def close(self) -> None:
        """Close the connections; the next request opens others."""
        self._redis.connection_pool.disconnect()

    def _read(self, *names: str) -> list[bytes | None]:
        found: Any = self._redis.mget(names)
        return list(found)

    def _begin(self, *, is_anew: bool = False) -> str:
        """Begin a history, unless another process has, and return it; `is_anew` replaces the current one."""
        with self._redis.pipeline(transaction=True) as pipeline:
            if is_anew:
                pipeline.delete(self._highest)
            pipeline.set(self._history, secrets.token_hex(8), ex=LONGEST_SECONDS, nx=not is_anew)
            pipeline.get(self._history)
            found: bytes = pipeline.execute()[-1]
        return found.decode()

    def _name(self, key: Key, freshness: Freshness) -> str:
        said = json.dumps([self._build, repr(freshness.state_of_files), *key])
        return hashlib.sha256(said.encode()).hexdigest()

    def _place(self, name: str) -> str:
        return f"{self._prefix}:{int(name[:16], 16) % self._places}"

    def _pause(self, error: Exception) -> None:
        moment = time.monotonic()
        with self._lock:
            self._paused_until = moment + PAUSE_SECONDS
            is_told, self._told_at = moment < self._told_at + TOLD_SECONDS, moment
        if not is_told:
            log.warning("Redis (redis_url) shares no pages: %s. Each process makes its own meanwhile.", error)


def shared_pages(folder: DataFolder, settings: Settings, url: str) -> SharedPages:
    """Return the shared pages of the blog in a data folder, on the Redis server at an address."""
    secret = folder.secret_key().encode()
    return SharedPages(
        url,
        _database_of(folder, settings, secret),
        hmac.digest(secret, b"shared pages", "sha256"),
        _build_of(settings),
        settings.page_cache_megabytes * 1024**2,
    )


def _database_of(folder: DataFolder, settings: Settings, secret: bytes) -> str:
    """Return a text that identifies the database: a copy of a data folder, made for a test, has the same key."""
    address = settings.database_url or str(folder.database)
    if not settings.database_url or settings.database_url.startswith("sqlite"):
        address = f"{socket.gethostname()} {folder.path} {address}"
    return hmac.digest(secret, f"pages of {address}".encode(), "sha256").hex()[:16]


def _build_of(settings: Settings) -> str:
    """Return a digest of code and settings: during an update, two releases run at the same time."""
    digest = hashlib.sha256(f"{__version__}\n{settings.model_dump_json()}".encode())
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix in {".py", ".html", ".mo", ".css", ".js"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()
