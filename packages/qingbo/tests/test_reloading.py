"""SIGHUP to `qingbo serve`: new settings apply, and no reader or writer notices the change."""

import http.client
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from awaiting import awaited
from served_blog import ServedBlog, serve

pytestmark = pytest.mark.slow

SECONDS = 30
_titles = count(1)
PATHS = ("/", "/login", "/healthz", "/static/js/seen.js")
"""A stored page, one that is made anew, and others."""


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def served(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[ServedBlog, int]]:
    home: Path = tmp_path_factory.mktemp("reloading") / "blog"
    with serve(home, "--demo", "--workers", str(request.param)) as blog:
        yield blog, request.param


@pytest.fixture
def blog(served: tuple[ServedBlog, int]) -> ServedBlog:
    """The blog, with no worker left that an earlier test replaced."""
    blog, workers = served
    wait(blog, lambda: len(blog.workers) == workers)
    return blog


def reload(blog: ServedBlog, settings: str) -> None:
    blog.home.joinpath("qingbo.toml").write_text(settings)
    blog.process.send_signal(signal.SIGHUP)


def wait(blog: ServedBlog, until: Callable[[], bool]) -> None:
    awaited(until, said=lambda: blog.output)


def rename(blog: ServedBlog) -> None:
    """Give the blog a title that it never had, and wait until it shows."""
    title = f"Title {next(_titles)}"
    reload(blog, f'title = "{title}"\n')
    wait(blog, lambda: shows(blog, title))


def shows(blog: ServedBlog, title: str) -> bool:
    """Return whether every worker has a title, as far as many connections show it."""
    return all(f"<title>{title}" in _read(blog.url) for _ in range(12))


def _read(url: str) -> str:
    with urlopen(url, timeout=SECONDS) as page:
        return str(page.read().decode())


class Reader(threading.Thread):
    """Asks for pages without a pause, on one connection or on a new one each time."""

    def __init__(self, blog: ServedBlog, keeps_connection: bool) -> None:
        super().__init__(daemon=True)
        self.netloc = urlsplit(blog.url).netloc
        self.keeps_connection = keeps_connection
        self.answers = 0
        self.failed: list[str] = []
        self.is_over = False

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.netloc, timeout=SECONDS)
        while not self.is_over:
            path = PATHS[self.answers % len(PATHS)]
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed.append(f"{path}: {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{path}: {error!r}")
                connection.close()
            self.answers += 1
            if not self.keeps_connection:
                connection.close()
        connection.close()


@contextmanager
def readers(blog: ServedBlog) -> Iterator[None]:
    threads = [Reader(blog, number % 2 == 0) for number in range(12)]
    for thread in threads:
        thread.start()
    yield
    wait(blog, lambda: min(thread.answers for thread in threads) > len(PATHS))
    for thread in threads:
        thread.is_over = True
    for thread in threads:
        thread.join(SECONDS)
    assert [failure for thread in threads for failure in thread.failed] == []


def test_new_settings_hold_and_no_request_is_refused_or_broken(blog: ServedBlog) -> None:
    with readers(blog):
        for _ in range(2):
            before = blog.workers
            rename(blog)
            wait(blog, lambda before=before: not set(before) & set(blog.workers))  # they have ended, not been cut off
            assert len(blog.workers) == len(before)
    assert "Traceback" not in blog.output


def test_what_is_on_its_way_arrives(blog: ServedBlog) -> None:
    parts = urlsplit(blog.url)
    before = blog.workers
    with socket.create_connection((parts.hostname, parts.port), timeout=SECONDS) as slow:
        slow.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n")
        slow.sendall(b"Content-Length: 27\r\n\r\nname=ann&")
        rename(blog)
        wait(blog, lambda: len(set(blog.workers) & set(before)) <= 1)
        wait(blog, lambda: len(set(blog.workers) - set(before)) == len(before))
        slow.sendall(b"password=wrong12345")
        answer = slow.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 400"), "without a token, as ever"
    wait(blog, lambda: not set(before) & set(blog.workers))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('titel = "Wrong"\n', "titel ({home}/qingbo.toml) is no setting. Did you mean title?"),
        ('database_url = "sqlite:///empty.db"\n', "The database is at base; this version needs"),
        ('database_url = "postgresql://127.0.0.1:9/none"\n', "does not answer"),
    ],
)
def test_settings_that_cannot_hold_change_nothing(blog: ServedBlog, settings: str, said: str) -> None:
    before, printed = blog.workers, len(blog.output)
    with readers(blog):
        reload(blog, settings)
        wait(blog, lambda: "The settings were not reloaded" in blog.output[printed:])
    assert said.format(home=blog.home) in blog.output
    assert "Traceback" not in blog.output
    wait(blog, lambda: blog.workers == before)
    rename(blog)


def test_a_reload_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    with serve(tmp_path / "blog", "--workers", "2") as blog:
        before = blog.workers
        reload(blog, 'title = "Late"\n')
        wait(blog, lambda: blog.workers != before)
        blog.process.terminate()
        assert blog.process.wait(timeout=SECONDS) == 0  # half of what a worker that is replaced may take to end
        assert "Traceback" not in blog.output
