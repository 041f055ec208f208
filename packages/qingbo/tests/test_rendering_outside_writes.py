"""Rendering is slow, so it never happens inside a transaction that writes."""

import sqlite3
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from qingbo.comments.models import Comment, State
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import DateFrom, Options
from qingbo.rendering import parsing
from qingbo.site_settings import current_settings

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def renderings(blog: Any, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Collects, for every text that is rendered, whether another connection could write at that moment."""
    could_write: list[bool] = []
    render = parsing.nested

    def watched(html: str) -> tuple[str, bool]:
        other = sqlite3.connect(blog.app.extensions["qingbo_home"].database, timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            could_write.append(True)
        except sqlite3.OperationalError:
            could_write.append(False)
        finally:
            other.close()
        return render(html)

    monkeypatch.setattr(parsing, "nested", watched)
    return could_write


def assert_nobody_waited(renderings: list[bool], at_least: int = 1) -> None:
    assert len(renderings) >= at_least
    assert all(renderings)


@pytest.mark.parametrize("action", ["preview", "draft", "publish"])
def test_a_new_post(blog: Any, renderings: list[bool], action: str) -> None:
    author = blog.visitor("ann")
    answer = author.send("/posts/new", title="t", text="*x*", tags="a, b", action=action)
    assert answer.status_code == (200 if action == "preview" else 303)
    assert_nobody_waited(renderings)


@pytest.mark.parametrize("action", ["preview", "draft", "publish"])
def test_a_post_that_is_changed(blog: Any, renderings: list[bool], action: str) -> None:
    author = blog.visitor("author")
    slug = blog.post("Title", "old").slug
    renderings.clear()
    answer = author.send(f"/posts/{slug}/edit", title="t", text="*new*", tags="", action=action)
    assert answer.status_code == (200 if action == "preview" else 303)
    assert_nobody_waited(renderings)


def test_who_may_not_change_a_post_has_nothing_rendered(blog: Any, renderings: list[bool]) -> None:
    slug = blog.post("Title", "old").slug
    visitor = blog.visitor("ben")
    renderings.clear()
    for action in ("publish", "preview"):
        sent = visitor.send(f"/posts/{slug}/edit", "/posts/new", title="t", text="x", tags="", action=action)
        assert sent.status_code == 404
    assert not renderings


def test_a_text_that_is_too_long_is_not_rendered(blog: Any, renderings: list[bool]) -> None:
    author = blog.visitor("ann")
    for action in ("preview", "publish"):
        answer = author.send("/posts/new", title="t", text="x" * 500_001, tags="", action=action)
        assert "500,001" in answer.text or "500001" in answer.text
    assert not renderings


@pytest.mark.parametrize("text", ["*x*", ""])
def test_a_comment_that_is_shown_once_more(blog: Any, renderings: list[bool], text: str) -> None:
    slug = blog.post("Title", "**post**").slug
    renderings.clear()
    guest = blog.visitor()  # who never read the page, so that the post was not rendered before
    answer = guest.post(f"/posts/{slug}", data={"name": "guest", "text": text}, headers=guest.headers)
    assert answer.status_code == (200 if text else 422)
    assert_nobody_waited(renderings)


def test_the_first_readers(blog: Any, renderings: list[bool]) -> None:
    post = blog.post("Title", "**post**")
    with writing():
        session().add(Comment(post_id=post.id, guest_name="g", text="*c*", state=State.HELD))
        session().add(Comment(post_id=post.id, guest_name="g", text="*d*"))
        session().commit()
    moderator = blog.visitor("root", role="administrator")
    renderings.clear()
    for page in (f"/posts/{post.slug}", "/feed.atom", "/", "/studio/comments"):
        assert moderator.get(page).status_code == 200
    assert_nobody_waited(renderings, 2)


def test_an_import(blog: Any, renderings: list[bool], tmp_path: Path) -> None:
    author = blog.user("author")
    for text in ("*one*", "*two*"):
        for name in "ab":
            (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{text}")
        with writing():
            session().rollback()
            zone, options = ZoneInfo(current_settings().timezone), Options(date_from=DateFrom.NOW)
            report = import_folder(session(), list_files(tmp_path), author, zone, options)
        assert report.is_complete
    assert_nobody_waited(renderings, 4)
