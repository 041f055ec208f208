"""Parts that many public pages share, kept in memory: pieces of HTML, and values such as the settings.

A fragment is used where a stored page may be used: for readers without identifying cookies, until something that it
shows changes.
"""

import sys
import threading
import time
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import LRUCache
from flask import request

from qingbo.page_cache.changes import EVERYTHING
from qingbo.page_cache.freshness import Freshness, Stamp
from qingbo.page_cache.marking import changes_at_second, changing_apart

if TYPE_CHECKING:
    from qingbo.page_cache.requests import Requests

MOST_BYTES = 8 * 1024**2
"""Of all fragments of a process: the frames of two languages, and some thousand list entries."""
BYTES_BESIDE = 500
"""Overhead of a fragment: its key, and its entries in two dicts."""
BYTES_OF_OTHERS = 2_000
"""The assumed size of a value without text."""
LONGEST_SECONDS = 3600
"""After this time everything is made again, here and in Redis: a limit for cases that nobody thought of."""

Value = TypeVar("Value")
NextMoment = Callable[[], datetime | None]


@dataclass(frozen=True, slots=True)
class _Fragment:
    value: Any
    subject: int
    stamp: Stamp
    until: float
    """When it expires, in seconds since 1970."""

    @property
    def size(self) -> int:
        return BYTES_BESIDE + _size_of(self.value)


class Fragments:
    """The fragments of one process, limited in bytes. Thread-safe."""

    def __init__(self, requests: "Requests", freshness: Freshness, next_scheduled: NextMoment) -> None:
        self._requests = requests
        self.freshness = freshness
        self.appearing = Appearing(next_scheduled)
        self._lock = threading.Lock()
        self._fragments: LRUCache[Hashable, _Fragment] = LRUCache(MOST_BYTES, getsizeof=lambda fragment: fragment.size)

    def begin_request(self) -> None:
        """Let this request use fragments, if it may.

        Call this before the first read: on SQLite, a transaction sees the state at its beginning, and a fragment must
        not be older than the change that it is stored with.
        """
        key = self._requests.key_of(request.environ)
        if key is not None and self.freshness.look():
            _using.set(_Using(self, self.freshness.stamp, key[-1]))

    def get(self, key: Hashable) -> _Fragment | None:
        """Return a fragment if it is still valid."""
        with self._lock:
            fragment = self._fragments.get(key)
        if fragment and time.time() < fragment.until and self.freshness.holds(fragment.subject, fragment.stamp):
            return fragment
        return None

    def put(self, key: Hashable, fragment: _Fragment) -> None:
        """Store a fragment."""
        with self._lock:
            if fragment.size <= self._fragments.maxsize:
                self._fragments[key] = fragment

    def clear(self) -> None:
        """Delete all fragments."""
        with self._lock:
            self._fragments.clear()


class Appearing:
    """When the next scheduled post appears; the database is asked once after each change."""

    def __init__(self, next_scheduled: NextMoment) -> None:
        self._next_scheduled = next_scheduled
        self._known: tuple[Stamp, float] | None = None

    def before(self, stamp: Stamp) -> float:
        """Return that time in seconds since 1970, at most an hour from now."""
        known, moment = self._known, time.time()
        if known is None or known[0] != stamp or known[1] <= moment:
            appears = self._next_scheduled()
            known = self._known = (stamp, appears.timestamp() if appears else float("inf"))
        return min(moment + LONGEST_SECONDS, known[1])


def _size_of(value: Any) -> int:
    """Return roughly how many bytes a value takes. Only texts matter, alone or in a dataclass, tuple or list."""
    if isinstance(value, str):
        return sys.getsizeof(value)
    if is_dataclass(value):
        value = [getattr(value, each.name) for each in fields(value)]
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, (tuple, list)) else []
    return BYTES_OF_OTHERS + sum(sys.getsizeof(each) for each in texts)


def keep(key: Hashable, make: Callable[[], Value], subject: int = EVERYTHING) -> Value:
    """Return the result of `make`, from an earlier request if it is still valid for this one.

    Args:
        key: identifies the fragment, and contains everything that it depends on except the database and the time.
        make: makes it; its result is the same for every reader without identifying cookies.
        subject: the number of the post whose comments it shows; by default, any change makes it again.
    """
    using = _using.get()
    if using is None:
        return make()
    if fragment := using.fragments.get(key):
        changes_at_second(fragment.until)
        value: Value = fragment.value
        return value
    with changing_apart(using.fragments.appearing.before(using.stamp)) as changing:
        value = make()
    using.fragments.put(key, _Fragment(value, subject, using.stamp, changing.until))
    return value


def uses_fragments() -> bool:
    """Return whether this request uses fragments: it has no identifying cookie."""
    return _using.get() is not None


def asked_language() -> str | None:
    """Return the requested language, empty for the blog's default; None if the request uses no fragments."""
    using = _using.get()
    return using.language if using else None


def keep_nothing() -> None:
    """Use no fragments in the rest of this request."""
    _using.set(None)


@dataclass(frozen=True, slots=True)
class _Using:
    """What a request needs for its fragments."""

    fragments: Fragments
    stamp: Stamp
    """The newest change that was known before the request read anything."""
    language: str
    """The requested language, empty for the blog's default."""


_using: ContextVar[_Using | None] = ContextVar("using", default=None)
