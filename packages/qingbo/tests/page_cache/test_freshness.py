"""Pages show a change at once in the process that made it, and within half a second in others."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from awaiting import awaited
from blogs import Blog, at_another_time
from flask import Flask
from qingbo.clock import now
from qingbo.comments.models import Comment
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.page_cache.changes import PublicChange, public_write
from qingbo.page_cache.layer import PageLayer
from qingbo.page_cache.sources import Polled, SqliteFile
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post

pytestmark = pytest.mark.sqlite_first


def layer(blog: Blog) -> PageLayer:
    found: PageLayer = blog.app.extensions["qingbo_page_cache"]
    return found


def number(blog: Blog, subject: int) -> int:
    session().rollback()
    return session().scalar(sa.select(PublicChange.number).where(PublicChange.subject == subject)) or 0


def test_every_change_is_on_the_next_page(blog: Blog) -> None:
    guest = blog.visitor()
    assert "First" not in guest.read("/")
    post = blog.post("First", tags=["tea"])
    assert "First" in guest.read("/")
    editor = blog.visitor("root", "administrator")
    with writing():
        session().get_one(Post, post.id).title = "Changed"
        session().commit()
    assert "Changed" in guest.read("/")
    blog.change_settings(title="A new name", comment_hold="none")
    assert "A new name" in guest.read("/archive")
    assert "Hello there" not in guest.read(f"/posts/{post.slug}")
    blog.comment(f"/posts/{post.slug}", "Hello there.")
    assert "Hello there" in guest.read(f"/posts/{post.slug}")
    with writing():
        session().execute(sa.delete(Comment))
        session().commit()
    assert "Hello there" not in guest.read(f"/posts/{post.slug}")
    editor.send("/studio/tags/1", page="/studio/tags/1", name="Coffee", description="")
    with writing():
        delete_post(session(), session().get_one(Post, post.id))
        session().commit()
    assert "Changed" not in guest.read("/")
    assert guest.get(f"/posts/{post.slug}").status_code == 404


def test_a_comment_leaves_the_pages_of_other_posts_and_the_lists(blog: Blog) -> None:
    blog.change_settings(comment_hold="none")
    one, other = blog.post("One"), blog.post("Other")
    everything = number(blog, 0)
    blog.comment(f"/posts/{one.slug}")
    assert number(blog, 0) == everything
    assert number(blog, one.id) == number(blog, -1) > everything
    assert number(blog, other.id) == 0


def test_what_nobody_sees_changes_nothing(blog: Blog) -> None:
    blog.post("One")
    blog.user("ann", email="ann@example.com")
    before = number(blog, -1)
    blog.visitor("ann")  # signs in
    with writing():
        blog.user("ann").language = "zh"
        session().commit()
        session().rollback()
    assert number(blog, -1) == before


def test_what_is_taken_back_changes_nothing(blog: Blog) -> None:
    blog.post("One")
    before = number(blog, -1)
    with writing():
        session().execute(sa.update(Post).values(title="Two"))
        session().rollback()
        session().commit()
    assert number(blog, -1) == before


def test_numbers_are_in_the_order_of_commits(blog: Blog) -> None:
    """Of two transactions at once the first to be committed has the lower number: no reader misses the other."""
    blog.post("One")
    seen: list[int] = []

    def write() -> None:
        with blog.app.app_context(), writing():
            for _turn in range(20):
                session().execute(sa.update(Post).values(excerpt=str(time.monotonic())))
                session().commit()
                seen.append(number(blog, -1))

    before = number(blog, -1)
    threads = [threading.Thread(target=write) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert number(blog, -1) == number(blog, 0) == before + 80


def test_a_change_of_a_theme_is_seen_soon(blog: Blog) -> None:
    theme = blog.home / "themes/ink.css"
    theme.parent.mkdir()
    theme.write_text("a { color: black }")
    blog.change_settings(theme="ink")
    before = blog.visitor().read("/")
    theme.write_text("a { color: navy }")
    awaited(lambda: blog.visitor().read("/") != before)


def test_a_change_outside_the_sessions_is_seen_at_once(blog: Blog) -> None:
    blog.post("One")
    guest = blog.visitor()
    assert "One" in guest.read("/")
    session().rollback()
    with writing(), public_write(db.engine) as connection:
        connection.execute(sa.update(Post).values(title="Two"))
    assert "Two" in guest.read("/")


def test_time_alone_changes_a_page(blog: Blog) -> None:
    blog.post("Later", published_at=now() + timedelta(hours=1))
    blog.post("Now", slug="now")
    blog.change_settings(comment_hold="none")
    blog.comment("/posts/now")
    guest = blog.visitor()
    with time_machine.travel(now() + timedelta(seconds=1), tick=False):
        assert "just now" in guest.read("/posts/now")
        assert "Later" not in guest.read("/")
    for words, seconds in (("1 minute ago", 61), ("2 minutes ago", 121), ("1 hour ago", 3601), ("1 day ago", 86_401)):
        with time_machine.travel(now() + timedelta(seconds=seconds), tick=False):
            assert words in guest.read("/posts/now")
    with at_another_time(minutes=59):
        assert "Later" not in guest.read("/")
    with at_another_time(minutes=61):
        assert "Later" in guest.read("/")


def test_another_process_sees_a_change_soon(blog: Blog, other_process: Flask) -> None:
    def page() -> str:
        return other_process.test_client().get("/").text

    assert "One" not in page()
    blog.post("One")
    if blog.engine_name != "sqlite":
        awaited(lambda: "One" in page())
    assert "One" in page()


def test_a_database_that_was_put_back_shows_its_own_pages(blog: Blog) -> None:
    for title in ("One", "Two", "Three"):
        blog.post(title)
        blog.visitor().read("/")
    with writing():
        session().execute(sa.delete(PublicChange))
        session().execute(sa.update(Post).where(Post.title == "Three").values(title="Four"))
        session().commit()
    page = blog.visitor().read("/")
    assert "Four" in page
    assert "Three" not in page
    blog.post("Five")
    assert "Five" in blog.visitor().read("/")


def test_each_engine_is_asked_in_its_way(blog: Blog) -> None:
    kind = SqliteFile if blog.engine_name == "sqlite" else Polled
    assert isinstance(layer(blog).freshness._source, kind)
