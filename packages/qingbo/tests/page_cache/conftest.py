"""A second process of a blog, as far as stored pages know."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from blogs import Blog
from flask import Flask
from qingbo.app import create_app
from qingbo.extensions import db
from qingbo.page_cache.freshness import POLL_SECONDS, Freshness, Polled


@pytest.fixture
def other_process(blog: Blog) -> Iterator[Flask]:
    """The app of the same blog in another process: what is committed here is not counted there."""
    yield from _process_of(blog)


@pytest.fixture
def process_without_pages(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Another process, which stores no pages: it makes each anew, out of its fragments."""
    monkeypatch.setenv("QINGBO_PAGE_CACHE_MEGABYTES", "0")
    yield from _process_of(blog)


def _process_of(blog: Blog) -> Iterator[Flask]:
    app = create_app(blog.home)
    freshness: Freshness = app.extensions["qingbo_fragments"].freshness
    source: Any = freshness._source
    is_time = source.has_news
    if isinstance(source, Polled):
        source.has_news = lambda: not 0 <= time.monotonic() - source._looked < POLL_SECONDS and is_time()
    yield app
    freshness.close()
    with app.app_context():
        db.engine.dispose()
