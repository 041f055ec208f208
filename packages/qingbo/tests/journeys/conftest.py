"""The browser that all journeys of a worker share, and their shared blogs."""

from collections.abc import Iterator

import pytest
from chromium import MISSING, chromium, program
from composing import Writers, add_accounts
from every_page import LivedIn, lived_in
from playwright.sync_api import Browser
from served_blog import serve


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if program() is None:
        pytest.fail(MISSING, pytrace=False)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def _writers(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Writers]:
    with serve(tmp_path_factory.mktemp("writers") / "blog") as blog:
        add_accounts(blog.home)
        yield Writers(blog, browser)


@pytest.fixture
def writers(_writers: Writers) -> Iterator[Writers]:
    """Writers of one blog; their windows close after the test, in which no script may have failed."""
    yield _writers
    _writers.close()


@pytest.fixture(scope="session")
def lived_in_blog(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[LivedIn]:
    """A blog in which there is something to see on every page; looking changes nothing that another test sees."""
    with lived_in(tmp_path_factory.mktemp("lived-in") / "blog", browser) as blog:
        yield blog
