"""A second process of a blog, as far as stored pages know."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from blogs import Blog
from flask import Flask
from qingbo.app import create_app
from qingbo.extensions import db
from qingbo.page_cache.freshness import POLL_SECONDS, Polled
from qingbo.page_cache.layer import PageLayer


@pytest.fixture
def other_process(blog: Blog) -> Iterator[Flask]:
    """The app of the same blog in another process: what is committed here is not counted there."""
    app = create_app(blog.home)
    layer: PageLayer = app.extensions["qingbo_page_cache"]
    source: Any = layer.freshness._source
    is_time = source.has_news
    if isinstance(source, Polled):
        source.has_news = lambda: not 0 <= time.monotonic() - source._looked < POLL_SECONDS and is_time()
    yield app
    layer.close()
    with app.app_context():
        db.engine.dispose()
