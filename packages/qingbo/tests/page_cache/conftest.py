"""An app that acts as a second process of a blog, as far as the page cache can tell."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from blogs import Blog
from flask import Flask
from qingbo.app import create_app
from qingbo.extensions import db
from qingbo.page_cache.freshness import Freshness
from qingbo.page_cache.sources import Polled

Start = Callable[..., Flask]


@pytest.fixture
def start_process(blog: Blog) -> Iterator[Start]:
    """Makes the app of the same blog in another process: what is committed here is not counted there."""
    apps: list[Flask] = []

    def start(**settings: str) -> Flask:
        with pytest.MonkeyPatch.context() as environment:
            for name, value in settings.items():
                environment.setenv(f"QINGBO_{name.upper()}", value)
            app = create_app(blog.home)
        apps.append(app)
        source: Any = freshness_of(app)._source
        state = source.state
        if isinstance(source, Polled):
            source.state = lambda: state()[0]
        return app

    yield start
    for app in apps:
        freshness_of(app).close()
        if layer := app.extensions.get("qingbo_page_cache"):
            layer.close()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def other_process(start_process: Start) -> Flask:
    """Another process of the blog."""
    return start_process()


@pytest.fixture
def process_without_pages(start_process: Start) -> Flask:
    """Another process, which stores no pages: it makes each anew, out of its fragments."""
    return start_process(page_cache_megabytes="0")


def freshness_of(app: Flask) -> Freshness:
    """Return what a process knows of changes."""
    found: Freshness = app.extensions["qingbo_fragments"].freshness
    return found
