"""Views of posts, from memory to the counts, on every engine."""

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from awaiting import awaited
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.pageviews import counting
from qingbo.pageviews.counting import Gathering, gathering_of
from qingbo.pageviews.days import today
from qingbo.pageviews.models import (
    OTHER,
    SITE,
    AuthorReferrer,
    AuthorViews,
    PostMonth,
    PostReferrer,
    PostViews,
    ViewMark,
    ViewSalt,
)
from qingbo.pageviews.readers import View
from qingbo.pageviews.writing import MOST_HOSTS
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post
from time_machine import travel

pytestmark = pytest.mark.sqlite_first


def rows(*columns: Any) -> list[tuple[Any, ...]]:
    session().rollback()
    return [tuple(row) for row in session().execute(sa.select(*columns).order_by(*columns))]


def views(post: Post | int) -> int:
    number = post if isinstance(post, int) else post.id
    found = session().scalar(sa.select(sa.func.sum(PostViews.views)).where(PostViews.post_id == number))
    return int(found or 0)


def test_a_reader_counts_once_a_post_and_day(blog: Any, read: Any, write: Any) -> None:
    first, second = blog.post("One").id, blog.post("Two").id
    author = blog.user("author").id
    for _ in range(2):
        assert read(first).status_code == 204
        read(first, address="10.0.0.2")
        read(second)
        write()
    assert [views(first), views(second)] == [2, 1]
    assert rows(AuthorViews.author_id, AuthorViews.views) == [(SITE, 3), (author, 3)]
    assert rows(PostMonth.post_id, PostMonth.author_id, PostMonth.views) == [(first, author, 2), (second, author, 1)]
    day = session().scalar(sa.select(PostViews.day))
    assert rows(PostMonth.month)[0][0] == day.replace(day=1)


def test_the_next_day_a_reader_counts_again_and_nothing_tells_who_it_was(blog: Any, read: Any, write: Any) -> None:
    number = blog.post(published_at=now() - timedelta(days=9)).id
    midnight = (now() + timedelta(days=1)).replace(hour=16, minute=0, second=0)  # in Shanghai
    with travel(midnight - timedelta(seconds=30), tick=False):
        read(number)
        write()
        (first,) = rows(ViewSalt.day, ViewSalt.salt)
    with travel(midnight + timedelta(seconds=20), tick=False):
        read(number)
        write()
        assert [day for day, _salt in rows(ViewSalt.day, ViewSalt.salt)] == [first[0], first[0] + timedelta(days=1)]
    with travel(midnight + timedelta(minutes=6), tick=False):
        write()
        (second,) = rows(ViewSalt.day, ViewSalt.salt)
        assert second[0] == first[0] + timedelta(days=1)
        assert second[1] != first[1]
        assert len(second[1]) == 64
        assert rows(ViewMark.day) == [(second[0],)]
    assert rows(PostViews.day, PostViews.views) == [(first[0], 1), (second[0], 1)]


def test_views_of_a_day_whose_salt_is_gone_are_not_counted_twice(blog: Any, write: Any) -> None:
    number = blog.post().id
    gathering_of(blog.app).add(View(date(2020, 1, 1), number, b"reader"), "")
    write()
    assert views(number) == 0
    assert rows(ViewSalt.day) == []


def test_two_processes_count_a_reader_once(blog: Any, read: Any) -> None:
    number = blog.post().id
    processes = [Gathering(blog.app), Gathering(blog.app)]
    for process in processes:
        blog.app.extensions["qingbo_views"] = process
        read(number)
    for process in processes:
        process.write()
    assert views(number) == 1


def test_processes_that_write_at_once_lose_nothing(blog: Any) -> None:
    number = blog.post().id
    day = today()
    session().rollback()
    processes = [Gathering(blog.app) for _ in range(4)]
    for process in processes:
        for each in range(60):
            process.add(View(day, number, bytes([each % 40])), f"{each}.example")
    problems: list[Exception] = []

    def work(process: Gathering) -> None:
        for _attempt in range(6):  # the salt of a day is made once: who comes second tries again a minute later
            try:
                return process.write()
            except sa.exc.DBAPIError as error:
                last = error
        problems.append(last)
        return None

    threads = [threading.Thread(target=work, args=[process]) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert views(number) == 40


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_view_writes_nothing_and_a_minute_costs_one_transaction(blog: Any, read: Any, write: Any) -> None:
    numbers = [blog.post(f"Post {each}").id for each in range(3)]
    begun: list[str] = []

    def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("BEGIN IMMEDIATE"):
            begun.append(statement)

    session().rollback()
    sa.event.listen(db.engine, "before_cursor_execute", see)
    try:
        for number in numbers * 20:
            read(number)
        assert begun == []
        write()
        assert len(begun) == 1
        write()
        assert len(begun) == 1
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", see)


def test_referrers_are_counted_by_host(blog: Any, read: Any, write: Any) -> None:
    number = blog.post().id
    author = blog.user("author").id
    for place, referrer in enumerate(
        ["https://www.zhihu.com", "https://zhihu.com/question/1", "http://localhost/", "", "https://v2ex.com"]
    ):
        read(number, address=f"10.0.0.{place}", referrer=referrer)
    write()
    assert rows(PostReferrer.host, PostReferrer.views) == [("v2ex.com", 1), ("zhihu.com", 2)]
    read(number, address="10.0.0.9", referrer="https://zhihu.com")
    write()
    columns = (AuthorReferrer.author_id, AuthorReferrer.host, AuthorReferrer.views)
    assert rows(*columns) == [
        (SITE, "v2ex.com", 1), (SITE, "zhihu.com", 3), (author, "v2ex.com", 1), (author, "zhihu.com", 3),
    ]  # fmt: skip


def test_the_hosts_of_a_day_are_bounded(blog: Any, write: Any) -> None:
    number, day = blog.post().id, today()
    gathering = gathering_of(blog.app)
    for _time in range(2):
        for each in range(MOST_HOSTS + 10):
            gathering.add(View(day, number, f"{_time} {each}".encode()), f"site-{each}.example")
        write()
    named = dict(rows(PostReferrer.host, PostReferrer.views))
    assert len(named) == MOST_HOSTS + 1
    assert named.pop(OTHER) == 20
    assert set(named.values()) == {2}
    assert sum(count for who, count in rows(AuthorReferrer.author_id, AuthorReferrer.views) if who == SITE) == 120


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_memory_is_bounded(
    blog: Any, write: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(counting, "MOST_VIEWS", 5)
    number = blog.post().id
    for each in range(9):
        gathering_of(blog.app).add(View(today(), number, bytes([each])), "")
    assert caplog.text.count("are not counted") == 1
    write()
    assert views(number) == 5


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_views_that_cannot_be_written_wait_for_the_next_minute(
    blog: Any, read: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = blog.post().id
    read(number)

    def locked(*args: Any) -> None:
        raise sa.exc.OperationalError("BEGIN", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(counting, "write", locked)
        with pytest.raises(sa.exc.OperationalError):
            write()
    assert views(number) == 0
    write()
    assert views(number) == 1


def test_a_post_that_is_deleted_meanwhile_takes_its_views_with_it(blog: Any, read: Any, write: Any) -> None:
    stays, goes = blog.post("Stays").id, blog.post("Goes").id
    for number in (stays, goes):
        read(number, referrer="https://a.example")
    write()
    read(stays, address="10.0.0.2")
    read(goes, address="10.0.0.2")
    with writing():
        session().rollback()
        delete_post(session(), session().get(Post, goes))
        session().commit()
    write()
    assert rows(PostViews.post_id, PostViews.views) == [(stays, 2)]
    assert rows(PostReferrer.post_id) == rows(PostMonth.post_id) == [(stays,)]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_forked_process_leaves_what_waits_to_its_parent(
    blog: Any, read: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = blog.post().id
    read(number)
    with monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: -1)
        gathering_of(blog.app).write()
    assert views(number) == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_served_blog_writes_by_itself_and_when_it_stops(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "WRITE_SECONDS", 0.01)
    number, gathering = blog.post().id, gathering_of(blog.app)
    session().rollback()
    gathering.serve()
    gathering.add(View(today(), number, b"first"), "")

    def written() -> int:
        session().rollback()
        return views(number)

    assert awaited(written) == 1
    gathering.add(View(today(), number, b"second"), "")
    gathering.stop()
    session().rollback()
    assert views(number) == 2


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_salt_of_yesterday_is_not_left_in_the_file(blog: Any, read: Any, write: Any) -> None:
    file = blog.home / "qingbo.db"
    read(blog.post().id)
    write()
    (salt,) = rows(ViewSalt.salt)[0]
    assert salt.encode() in stored(file)
    with travel(now() + timedelta(days=1)):
        write()
    assert salt.encode() not in stored(file)


def stored(file: Path) -> bytes:
    session().close()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    return file.read_bytes()
