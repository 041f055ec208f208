"""Fragments are used only for readers without identifying cookies; they are limited in size, and never stale."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sample_media as samples
import time_machine
from blogs import Blog
from flask import Flask
from media_uploads import take
from qingbo.clock import now
from qingbo.extensions import db, session
from qingbo.media.addresses import address_of
from qingbo.page_cache import fragments as page_fragments
from qingbo.page_cache.changes import EVERYTHING
from qingbo.page_cache.fragments import Fragments, keep
from sqlalchemy import event
from werkzeug.test import TestResponse

pytestmark = pytest.mark.sqlite_first

PATHS = ("/", "/posts/tea", "/about", "/tags/tea", "/users/author", "/feed.atom", "/feed.json", "/archive", "/series")


@pytest.fixture
def app(blog: Blog, process_without_pages: Flask) -> Iterator[Flask]:
    """A process that makes each page out of fragments, of a blog with something on every page."""
    blog.post("Tea", "About *tea*. 茶", slug="tea", tags=["tea"], series="Learning")
    blog.post("", "A note of tea.", kind="note", tags=["tea"])
    blog.post("About", "Us.", kind="page", slug="about", author=blog.user("root", "administrator"))
    blog.change_settings(comment_hold="none")
    blog.comment("/posts/tea", "The first comment.")
    session().close()
    return process_without_pages


def get(app: Flask, path: str, **headers: str) -> TestResponse:
    return app.test_client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def statements(app: Flask, call: Callable[[], Any]) -> list[str]:
    """Return what a call reads of the blog."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT") and "public_changes" not in statement and "min(posts" not in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    try:
        call()
    finally:
        event.remove(engine, "before_cursor_execute", see)
    return seen


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_parts_is_the_page_without_any(app: Flask, path: str) -> None:
    with time_machine.travel(now(), tick=False):
        fragments: Fragments = app.extensions["qingbo_fragments"]
        first, again = get(app, path), get(app, path)
        fragments.clear()
        anew = get(app, path)
    assert first.status_code == 200
    assert first.data == again.data == anew.data
    assert dict(first.headers) == dict(again.headers) == dict(anew.headers)


@pytest.mark.parametrize(("path", "most"), [("/", 1), ("/posts/tea", 1), ("/tags/tea", 1), ("/users/author", 1)])
def test_a_page_whose_parts_are_kept_asks_only_which_posts_it_has(app: Flask, path: str, most: int) -> None:
    get(app, path)
    assert len(statements(app, lambda: get(app, path))) == most


def test_media_that_are_kept_ask_for_nothing(blog: Blog, app: Flask) -> None:
    film = take(blog, samples.MP4, "film.mp4")
    path = address_of(film)
    assert get(app, path).status_code == 404
    blog.post("Film", f"![film]({path})")
    session().close()
    if blog.engine_name != "sqlite":
        app.extensions["qingbo_fragments"].freshness.close()  # as if half a second were over
    assert get(app, path).status_code == 200
    answers: list[TestResponse] = []
    assert statements(app, lambda: answers.append(get(app, path, Range="bytes=2-5"))) == []
    (answer,) = answers
    assert (answer.status_code, answer.data) == (206, samples.MP4[2:6])


def test_the_short_way_says_the_same_headers_as_the_long_one(app: Flask) -> None:
    for path in PATHS:
        short = get(app, path)
        # A field that no page knows of is not on the short way.
        long = get(app, f"{path}?unknown=1")
        assert sorted(short.headers.keys()) == sorted(long.headers.keys()), path
        differing = {name for name, value in short.headers if long.headers[name] != value}
        # The session is looked at on the long way; a feed is the same whoever asks.
        assert differing <= {"ETag", "Content-Length"} | ({"Vary"} if "feed" in path else set()), path


def test_a_comment_makes_those_of_its_post_anew_and_nothing_else(blog: Blog, app: Flask) -> None:
    get(app, "/posts/tea")
    blog.comment("/posts/tea", "The second comment.")
    if blog.engine_name != "sqlite":
        app.extensions["qingbo_fragments"].freshness.close()  # as if half a second were over
        get(app, "/posts/tea")
    asked = statements(app, lambda: get(app, "/posts/tea"))
    assert "The second comment." in get(app, "/posts/tea").text
    if blog.engine_name == "sqlite":
        assert any("FROM comments" in each for each in asked)
        assert not any("FROM site_settings" in each for each in asked)


def test_who_is_signed_in_gets_no_part_and_leaves_none(blog: Blog, app: Flask) -> None:
    fragments: Fragments = app.extensions["qingbo_fragments"]
    client = app.test_client()
    client.get("/login")
    for name, value in ((each.key, each.value) for each in blog.visitor("ann").client._cookies.values()):  # type: ignore[union-attr]
        client.set_cookie(name, value)
    page = client.get("/").text
    assert "Sign out" in page or "退出" in page
    assert len(fragments._fragments) == 0
    assert "Sign out" not in get(app, "/").text
    assert "Sign in" in get(app, "/", Accept_Language="en").text


def test_each_host_gets_feeds_with_its_own_addresses(app: Flask) -> None:
    for host in ("one.example.com", "two.example.com:8080", "one.example.com"):
        for path in ("/feed.atom", "/feed.rss", "/feed.json"):
            answer = get(app, path, Host=host)
            assert f"http://{host}/posts/tea" in answer.text
            assert ".invalid" not in answer.text
            assert answer.headers["Cache-Control"] == "private, no-store"


def test_time_alone_makes_parts_anew(blog: Blog, app: Flask) -> None:
    soon = now() + timedelta(hours=2)
    blog.post("Later", "Not yet.", published_at=soon)
    session().close()
    with time_machine.travel(now() + timedelta(minutes=1), tick=False) as clock:
        assert "Later" not in get(app, "/").text
        assert "1 minute ago" in get(app, "/", Accept_Language="en").text
        clock.shift(timedelta(minutes=1))
        assert "2 minutes ago" in get(app, "/", Accept_Language="en").text
        clock.move_to(soon + timedelta(seconds=1))
        assert "Later" in get(app, "/").text


def test_parts_are_bounded_in_bytes(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_fragments, "MOST_BYTES", 100_000)
    fragments = Fragments(
        blog.app.extensions["qingbo_fragments"]._requests, blog.app.extensions["qingbo_fragments"].freshness, now
    )  # type: ignore[arg-type]
    for number in range(200):
        fragments.put(number, page_fragments._Fragment("x" * 5_000, EVERYTHING, (1, 1), float("inf")))
    assert 0 < fragments._fragments.currsize <= 100_000
    fragments.put("large", page_fragments._Fragment(("title", "x" * 200_000), EVERYTHING, (1, 1), float("inf")))
    assert "large" not in fragments._fragments


def test_nothing_is_kept_outside_a_request_for_a_public_page(blog: Blog) -> None:
    made: list[int] = []
    for _time in range(2):
        keep("something", lambda: made.append(1))
    assert made == [1, 1]
