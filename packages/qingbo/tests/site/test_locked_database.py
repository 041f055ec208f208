"""A database that does not answer signs nobody out, and no setting is lost."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo import database
from qingbo.extensions import db, session
from qingbo.posts.models import Post

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def lock(blog: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], sqlite3.Connection]]:
    """Return a function that locks the file as another program does: for writers, or for readers too."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)  # what is under test is not how long they wait
    with closing(sqlite3.connect(blog.home / "qingbo.db", isolation_level=None)) as other:

        def take(locking_mode: str = "NORMAL") -> sqlite3.Connection:
            session().close()
            db.engine.dispose()
            blog.app.extensions["qingbo_page_cache"].close()
            other.execute(f"PRAGMA locking_mode = {locking_mode}")
            other.execute("BEGIN EXCLUSIVE")
            if locking_mode == "EXCLUSIVE":
                other.execute("CREATE TABLE held (id INTEGER)")
            return other

        yield take
        db.engine.dispose()


def test_a_form_sent_while_the_database_is_locked_is_refused_and_its_sender_stays(blog: Any, lock: Any) -> None:
    ann = blog.visitor("ann")
    fields = {"title": "Title", "text": "Hours of work", "csrf_token": _token(ann)}
    other = lock()
    answer = ann.post("/posts/new", data=fields, headers=ann.headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "responding. Please try again" in answer.text
    assert "Hours of work" in answer.text
    assert "Set-Cookie" not in answer.headers
    other.execute("ROLLBACK")
    assert ann.post("/posts/new", data=fields, headers=ann.headers).status_code == 303
    assert session().scalar(sa.select(Post.title)) == "Title"


@pytest.mark.parametrize("path", ["/", "/account", "/studio/posts", "/reset/some-token", "/nothing", "/feed.atom"])
def test_a_page_that_the_database_does_not_answer_for_is_503(blog: Any, lock: Any, path: str) -> None:
    blog.post("Title")
    ann = blog.visitor("ann")
    other = lock("EXCLUSIVE")
    answer = ann.get(path)
    assert answer.status_code == 503
    assert "Location" not in answer.headers
    other.close()
    assert "Sign out" in ann.read("/")


def test_settings_that_cannot_be_read_are_not_those_of_the_file(blog: Any, lock: Any) -> None:
    blog.change_settings(registration="closed")
    lock("EXCLUSIVE")
    assert blog.visitor().get("/register").status_code == 503


def test_a_row_that_cannot_be_read_is_not_missing(blog: Any, lock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingbo.studio import raw_data

    def locked(*args: Any) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("database is locked"))

    root = blog.visitor("root", "administrator")
    monkeypatch.setattr(raw_data.ModelView, "get_one", locked)
    assert root.get("/studio/data/users/details/?id=1").status_code == 503


@pytest.mark.parametrize(
    "error",
    [
        sa.exc.OperationalError("SELECT 1", {}, Exception("gone")),
        sa.exc.InterfaceError("SELECT 1", {}, Exception("gone")),
        sa.exc.TimeoutError("QueuePool limit reached"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_each_way_of_not_answering_is_503(blog: Any, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def gone(*args: Any) -> None:
        raise error

    monkeypatch.setattr("qingbo.site.views.listing.published_page", gone)
    assert blog.visitor().get("/").status_code == 503


def _token(visitor: Any) -> str:
    return str(
        visitor.get("/posts/new").text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    )
