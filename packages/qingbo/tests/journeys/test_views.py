"""Views of posts: counted with a real browser, and written when the server stops."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from served_blog import ServedBlog, kill, serve, stop

pytestmark = pytest.mark.slow

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FIRST, SECOND = "/posts/a-blog-that-fits-in-a-folder", "/posts/hao-de-luo-kuan-yao-yong-shou-xie"
THIRD = "/posts/three-small-rules-for-writing-online"

HIDDEN = "Object.defineProperty(document, 'visibilityState', { get: () => globalThis.seen ?? 'hidden' })"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedBlog]:
    with serve(tmp_path / "blog", "--demo", environment={"QINGBO_TRUSTED_PROXIES": "1"}) as blog:
        yield blog


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens windows of readers, each at an address and with a browser of its own."""
    contexts: list[BrowserContext] = []

    def open_window(address: str = "10.0.0.1", agent: str = AGENT, **options: Any) -> Page:
        headers = {"X-Forwarded-For": address}
        contexts.append(browser.new_context(extra_http_headers=headers, user_agent=agent, **options))
        return contexts[-1].new_page()

    yield open_window
    for context in contexts:
        context.close()


def read(page: Page, url: str) -> None:
    """Open a post and wait until its view was announced."""
    with page.expect_response("**/views") as announced:
        page.goto(url)
    assert announced.value.status == 204


def counted(home: Path) -> dict[str, int]:
    with closing(sqlite3.connect(home / "qingbo.db")) as database:
        statement = "SELECT '/posts/' || slug, sum(views) FROM post_views JOIN posts ON posts.id = post_id GROUP BY 1"
        return dict(database.execute(statement).fetchall())


def test_readers_count_and_nobody_else_does(served: ServedBlog, window: Callable[..., Page]) -> None:
    reader = window()
    read(reader, served.url + FIRST)
    read(reader, served.url + FIRST)
    assert reader.context.cookies() == []
    read(window("10.0.0.2"), served.url + FIRST)
    window(java_script_enabled=False).goto(served.url + FIRST)
    read(window("10.0.0.3", agent="Mozilla/5.0 (compatible; Googlebot/2.1)"), served.url + FIRST)
    read_from_cache(window("10.0.0.4"), served.url + SECOND)
    open_in_background(window("10.0.0.5"), served.url + THIRD)
    assert stop(served) == 0
    assert counted(served.home) == {FIRST: 2, SECOND: 1, THIRD: 1}


def read_from_cache(page: Page, url: str) -> None:
    """Read a post that a cache in front of the blog had stored, perhaps for somebody else."""
    stored = page.request.get(url).text()
    page.route(url, lambda route: route.fulfill(body=stored, content_type="text/html; charset=utf-8"))
    read(page, url)


def open_in_background(page: Page, url: str) -> None:
    """Open a post where nobody sees it, and look at it later."""
    announced: list[str] = []
    page.on("request", lambda request: announced.append(request.url) if request.url.endswith("/views") else None)
    page.add_init_script(HIDDEN)
    page.goto(url)
    page.wait_for_load_state("load")
    page.evaluate("path => fetch(path).then(answer => answer.text())", FIRST)  # as browsers fetch pages in advance
    assert announced == []
    with page.expect_response("**/views"):
        page.evaluate("() => { globalThis.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange')); }")
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    assert len(announced) == 1


def test_a_killed_server_loses_the_views_of_its_last_minute_and_nothing_more(
    served: ServedBlog, window: Callable[..., Page]
) -> None:
    read(window(), served.url + FIRST)
    kill(served)
    assert counted(served.home) == {}
    with serve(served.home, environment={"QINGBO_TRUSTED_PROXIES": "1"}) as again:
        read(window(), again.url + FIRST)
        stop(again)
    assert counted(served.home) == {FIRST: 1}
