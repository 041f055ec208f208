"""Pages shared through Redis: as fresh as without it, signed, limited in size, and never required."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import Blog, at_another_time
from flask import Flask
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from qingbo.page_cache import shared
from qingbo.page_cache.changes import NEWEST, PublicChange
from qingbo.page_cache.layer import PageLayer
from qingbo.page_cache.packing import LARGEST
from qingbo.posts.models import Post
from redis import Redis
from redis_server import redis_url  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]

Start = Callable[[], "Process"]


class Process:
    """A process of the blog, and how often its app was asked."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.layer: PageLayer = app.extensions["qingbo_page_cache"]
        self.asked = 0
        inner = self.layer._wsgi_app

        def wsgi_app(environ: Any, start_response: Any) -> Any:
            self.asked += 1
            return inner(environ, start_response)

        self.layer._wsgi_app = wsgi_app

    def read(self, path: str = "/", **headers: str) -> str:
        """Return a page as a stranger gets it."""
        answer = self.app.test_client().get(path, headers={name.replace("_", "-"): headers[name] for name in headers})
        assert answer.status_code == 200
        return answer.text

    def forget(self) -> None:
        """Let go of what the process keeps itself, as one does that just started."""
        self.layer.store.clear()


@pytest.fixture
def server(redis_url: str) -> Iterator[Redis]:  # noqa: F811
    """An empty Redis server."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client
        client.config_set("maxmemory", 0)


@pytest.fixture
def start(start_process: Any, server: Redis, redis_url: str) -> Start:  # noqa: F811
    """Starts a process of the blog that shares its pages."""
    address = {"address": "http://localhost"}  # without one, feeds are not stored
    return lambda **settings: Process(start_process(redis_url=redis_url, **(address | settings)))


def title(title: str) -> None:
    with writing():
        session().execute(sa.update(Post).values(title=title))
        session().commit()


def written(*statements: Any) -> None:
    """Write as another program does: no number is raised."""
    session().rollback()
    with writing(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def catch_up(*processes: Process) -> None:
    """Let processes know what was committed, as half a second does."""
    for process in processes:
        process.layer.freshness.look(anew=True)


def test_a_page_that_one_process_made_is_given_out_by_the_others(blog: Blog, start: Start) -> None:
    blog.post("One", slug="one")
    first, second = start(), start()
    for path in ("/", "/posts/one", "/feed.atom"):
        page = first.read(path)
        assert second.read(path) == page
        assert start().read(path) == page
    assert (first.asked, second.asked) == (3, 0)
    one, other = (
        each.app.test_client().get("/", headers={"Accept-Encoding": "br", "Accept-Language": "en"})
        for each in (first, second)
    )
    assert one.headers == other.headers
    assert one.data == other.data


def test_after_a_change_no_process_believes_what_was_there(blog: Blog, start: Start) -> None:
    blog.post("One", slug="one")
    first, second = start(), start()
    assert "One" in first.read()
    title("Two")
    catch_up(second)
    assert "Two" in second.read()
    catch_up(first)
    assert "Two" in first.read()
    assert (first.asked, second.asked) == (1, 1)
    assert "Two" in start().read()


def test_who_lags_takes_the_newer_page(blog: Blog, start: Start) -> None:
    """A process that has not heard of the change finds a page in Redis that was made after it."""
    blog.post("One", slug="one")
    first, second = start(), start()
    second.read("/archive")
    title("Two")
    catch_up(first)
    first.read()
    assert "Two" in second.read()
    assert second.asked == 1


def test_a_comment_leaves_shared_pages_of_others(blog: Blog, start: Start) -> None:
    blog.change_settings(comment_hold="none")
    one, other = blog.post("One", slug="one"), blog.post("Other", slug="other")
    first, second = start(), start()
    for path in ("/", "/posts/one", "/posts/other"):
        second.read("/tags")
        first.read(path)
    asked = second.asked
    blog.comment(f"/posts/{one.slug}", "Hello there.")
    catch_up(first, second)
    assert "Other" in second.read(f"/posts/{other.slug}")
    assert "One" in second.read("/")
    assert second.asked == asked
    assert "Hello there" in second.read(f"/posts/{one.slug}")
    third = start()
    third.read("/")
    assert third.asked == 0
    third.read(f"/posts/{other.slug}")
    assert third.asked == 1, "it cannot know when somebody commented there"


def test_time_alone_changes_a_shared_page(blog: Blog, start: Start) -> None:
    blog.post("Now", slug="now")
    blog.change_settings(comment_hold="none")
    blog.comment("/posts/now")
    first, second = start(), start()
    first.read("/posts/now")
    with at_another_time(minutes=3):
        assert "3 minutes ago" in second.read("/posts/now", Accept_Language="en")


def test_pages_of_other_settings_and_other_blogs_are_not_taken(
    blog: Blog, start: Any, start_process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.post("One")
    start().read()
    other = start(title="Another title")
    assert "Another title" in other.read()
    assert other.asked == 1
    monkeypatch.setattr(shared, "__version__", "0.0.1")
    older = start()
    older.read()
    assert older.asked == 1
    monkeypatch.setattr(DataFolder, "secret_key", lambda _folder: "x" * 64)
    stranger = start()
    stranger.read()
    assert stranger.asked == 1


def test_a_copy_of_a_blog_has_pages_of_its_own(blog: Blog, start: Start, server: Redis, tmp_path: Path) -> None:
    blog.post("One")
    start().read()
    folder, settings = DataFolder(blog.home), start().app.extensions["qingbo_settings"]
    elsewhere = [
        shared.shared_pages(folder, settings.model_copy(update={"database_url": url}), "redis://127.0.0.1:9")
        for url in ("postgresql+psycopg://db/one", "postgresql+psycopg://db/two", "sqlite:////one.db")
    ]
    copied = DataFolder(tmp_path)
    (tmp_path / "secret_key").write_text(folder.secret_key())
    if blog.engine_name == "sqlite":
        elsewhere.append(shared.shared_pages(copied, settings, "redis://127.0.0.1:9"))
    prefixes = {each._prefix for each in elsewhere}
    assert len(prefixes) == len(elsewhere)
    assert not any(key.startswith(each.encode()) for each in prefixes for key in server.scan_iter())


def test_what_somebody_else_wrote_is_not_believed(blog: Blog, start: Start, server: Redis) -> None:
    blog.post("One")
    process = start()
    process.read()
    for key in server.keys():  # noqa: SIM118 - a server, not a dict
        data = server.get(key)
        for changed in (data[:-1] + bytes([data[-1] ^ 1]), b"", b"x", data[:32], b"\xff" * 50):
            server.set(key, changed, ex=60)
            process.forget()
            process.layer._shared._paused_until = 0.0
            assert "One" in process.read()
        server.delete(key)
    process.forget()
    assert "One" in process.read()


def test_what_is_kept_is_data_and_expires(blog: Blog, start: Start, server: Redis) -> None:
    blog.post("One", slug="one")
    process = start()
    for path in ("/", "/posts/one", "/tags", "/archive", "/feed.atom"):
        process.read(path)
    keys = server.keys()
    assert len(keys) == 7
    for key in keys:
        assert key.startswith(b"qingbo-pages-{")
        assert 0 < server.ttl(key) <= 3600
    said = [json.loads(data[32:].partition(b"\n")[0]) for key in keys if len(data := server.get(key)) > 32]
    assert {each["subject"] for each in said} >= {0}


def test_many_addresses_take_no_more_places(blog: Blog, start: Any, server: Redis) -> None:
    process = start(page_cache_megabytes="1")
    places = 1024**2 // LARGEST
    for number in range(2 * places):
        process.read(f"/?older=zzzzzzzzzz-{number}")
    assert len(server.keys()) <= places + 2
    blog.post("Long", " ".join(f"word{number}-{number * 7919 % 10_007}" for number in range(20_000)), slug="long")
    catch_up(process)
    process.read("/posts/long")
    assert all(server.strlen(key) <= LARGEST for key in server.scan_iter())


def test_a_person_who_opens_a_shared_feed_gets_a_page(blog: Blog, start: Start) -> None:
    blog.post("One")
    first, second = start(), start()
    feed = first.read("/feed.atom")
    assert "<html" in second.read("/feed.atom", Sec_Fetch_Dest="document")
    assert second.read("/feed.atom") == feed


def test_a_database_that_was_put_back_gets_no_page_of_the_other_history(blog: Blog, start: Start) -> None:
    """Its numbers count up to those of the pages again, and pass them."""
    blog.post("Old", slug="old")
    before = session().execute(sa.select(PublicChange.subject, PublicChange.number)).all()
    title("Lost")
    for path in ("/", "/users/author", "/posts/old"):
        assert "Lost" in start().read(path)
    written(
        sa.update(Post).values(title="Old"),
        sa.delete(PublicChange),
        *(sa.insert(PublicChange).values(row._asdict()) for row in before),
    )
    process = start()
    assert "Old" in process.read()
    # Comments on a post that nobody reads: the pages of all others stay true.
    written(sa.update(PublicChange).where(PublicChange.subject == NEWEST).values(number=PublicChange.number + 5))
    for path in ("/", "/users/author", "/posts/old"):
        assert "Old" in start().read(path)


def test_without_redis_pages_come_from_the_app(
    blog: Blog, start_process: Any, caplog: pytest.LogCaptureFixture
) -> None:
    blog.post("One")
    process = Process(start_process(redis_url="redis://127.0.0.1:9/0"))
    for path in ("/", "/tags", "/archive", "/"):
        assert process.read(path)
    assert process.asked == 3
    assert len([record for record in caplog.records if "shares no pages" in record.message]) == 1


def test_a_redis_that_never_answers_is_asked_once(blog: Blog, start_process: Any) -> None:
    blog.post("One")
    connected: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=_accept, args=(listening, connected), daemon=True)
        thread.start()
        process = Process(start_process(redis_url=f"redis://127.0.0.1:{listening.getsockname()[1]}/0"))
        for path in ("/", "/tags", "/archive", "/series", "/feeds"):
            assert process.read(path)
    for each in connected:
        each.close()
    assert len(connected) == 1


def test_a_full_redis_stops_nothing(blog: Blog, start: Start, server: Redis, caplog: pytest.LogCaptureFixture) -> None:
    blog.post("One")
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)
    process = start()
    for path in ("/", "/tags", "/archive"):
        assert process.read(path)
    assert len([record for record in caplog.records if "shares no pages" in record.message]) == 1


def test_pages_are_shared_again_after_a_pause(
    blog: Blog, start: Start, server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.post("One")
    process = start()
    server.config_set("maxmemory", 1)
    process.read("/")
    server.config_set("maxmemory", 0)
    assert server.keys() == []
    assert process.layer._shared is not None
    process.layer._shared._paused_until = 0.0
    process.read("/tags")
    assert len(server.keys()) == 3


def _accept(listening: socket.socket, connected: list[socket.socket]) -> None:
    while True:
        try:
            connected.append(listening.accept()[0])
        except OSError:
            return
