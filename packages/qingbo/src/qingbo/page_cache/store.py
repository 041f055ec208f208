"""Pages in memory, limited in bytes. Requests for many pages, once each, do not evict pages that are used again."""

import threading

from cachetools import LRUCache

from qingbo.page_cache.pages import Page
from qingbo.page_cache.requests import Key

TRIED = 0.2
"""The share of the memory for pages that were requested once."""


class Store:
    """A segmented LRU cache (Karedla, Love and Wherry, 1994). Thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._lock = threading.Lock()
        tried = int(most_bytes * TRIED)
        self._tried: LRUCache[Key, Page] = LRUCache(tried, getsizeof=lambda page: page.size)
        self._kept: LRUCache[Key, Page] = LRUCache(most_bytes - tried, getsizeof=lambda page: page.size)

    def get(self, key: Key) -> Page | None:
        """Return a page. After its second request it moves to the larger part."""
        with self._lock:
            page = self._kept.get(key)
            if page is None and (page := self._tried.pop(key, None)) is not None:
                self._put_into(self._kept, key, page)
            return page

    def put(self, key: Key, page: Page) -> None:
        """Store a page in place of the one with its key, or update its size."""
        with self._lock:
            self._put_into(self._kept if key in self._kept else self._tried, key, page)

    def drop(self, key: Key, page: Page) -> None:
        """Remove a page that is no longer valid."""
        with self._lock:
            for part in (self._kept, self._tried):
                if part.get(key) is page:
                    del part[key]

    def clear(self) -> None:
        """Remove all pages."""
        with self._lock:
            self._tried.clear()
            self._kept.clear()

    @property
    def size(self) -> int:
        """The size of all pages in bytes."""
        return int(self._tried.currsize + self._kept.currsize)

    def _put_into(self, part: "LRUCache[Key, Page]", key: Key, page: Page) -> None:
        if page.size <= part.maxsize:
            part[key] = page
        else:
            part.pop(key, None)
