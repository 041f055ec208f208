"""A move behind an open transaction: it says who is in its way, lets others pass, and goes on or is taken back."""

from contextlib import ExitStack
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from histories import History, everything
from lock_holders import Heard, another_session

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb", "postgresql")]

DROP, ADD = 'op.drop_column("post", "note")', 'op.add_column("post", sa.Column("note", sa.String(20)))'
DROP_NAME, ADD_NAME = 'op.drop_column("author", "name")', 'op.add_column("author", sa.Column("name", sa.String(20)))'


def columns(blog: History, table: str) -> list[str]:
    found = [each["name"] for each in sa.inspect(blog.engine).get_columns(table)]
    return [name for name in found if not name.startswith("_attic_")]


def test_it_names_who_is_in_its_way_and_goes_on_when_that_session_ends(blog: History) -> None:
    blog.revision(DROP, ADD)
    with another_session(blog.engine.url, "SELECT id FROM post") as reader, Heard(reader.end) as heard:
        assert len(flask_rewind.upgrade().crossings) == 1
    assert len(heard.said) == 1
    assert heard.said[0].startswith("Waiting for a lock on post, ")
    assert f"held by session {reader.number} of root from " in heard.said[0]
    assert columns(blog, "post") == ["id", "title"]
    flask_rewind.downgrade()
    assert blog.rows("SELECT note FROM post") == [("a",), ("b",)]


def test_others_get_their_locks_between_two_tries(blog: History) -> None:
    blog.revision(DROP, ADD)
    with another_session(blog.engine.url, "SELECT id FROM post") as reader, another_session(blog.engine.url) as other:

        def read() -> None:
            assert other.run_at_once("SELECT count(*) FROM post") == [(2,)]
            other.run_at_once("UPDATE post SET title = 'new' WHERE id = 1")
            reader.end()

        with Heard(read) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1


def test_what_a_crossing_has_locked_before_is_free_between_two_tries(blog: History, engine_name: str) -> None:
    blog.revision(f"{DROP_NAME}\n{DROP}", f"{ADD}\n{ADD_NAME}")
    locking = {"postgresql": "LOCK TABLE author IN ACCESS EXCLUSIVE MODE NOWAIT", "mariadb": "TRUNCATE author"}
    with another_session(blog.engine.url, "SELECT id FROM post") as reader, another_session(blog.engine.url) as other:

        def lock() -> None:
            other.run_at_once(locking[engine_name])
            reader.end()

        with Heard(lock) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert columns(blog, "author") == ["id"]


def everywhere(blog: History) -> Any:
    return everything(blog.engine), flask_rewind.attic(), [each.unfinished for each in flask_rewind.status()]


def test_a_budget_that_ends_takes_the_crossing_back(blog: History, engine_name: str) -> None:
    blog.revision(f"{DROP_NAME}\n{DROP}", f"{ADD}\n{ADD_NAME}")
    before = everywhere(blog)
    with another_session(blog.engine.url, "SELECT id FROM post") as reader, Heard() as heard:
        with pytest.raises(flask_rewind.Blocked) as error:
            flask_rewind.upgrade(budget=0)
        assert heard.said == []
        assert everywhere(blog) == before
    said, hint = error.value.message, error.value.hint
    assert said.startswith("Revision 2 (step) failed going up: in ")
    assert " s it did not get a lock on post, " in said
    assert f"held by session {reader.number} of root from " in said
    assert "\n  at ALTER TABLE " in said
    assert hint.startswith("Nothing of this revision was kept. Wait until that session has ended, or end it (")
    assert f"{reader.number}" in hint
    last = flask_rewind.log()[0]
    assert (last.outcome, last.error) == ("failed", said)
    assert [each.state for each in last.crossings] == (["taken back"] if engine_name == "mariadb" else [])
    flask_rewind.upgrade(budget=0)
    assert (columns(blog, "post"), columns(blog, "author")) == (["id", "title"], ["id"])


def test_a_budget_that_ends_after_several_tries_says_how_long_it_tried(blog: History) -> None:
    blog.revision(DROP, ADD)
    blocked = pytest.raises(flask_rewind.Blocked, match="failed going up: in 1 s it did not get a lock on post, ")
    with another_session(blog.engine.url, "SELECT id FROM post"), Heard() as heard, blocked:
        flask_rewind.upgrade(budget=1)
    assert len(heard.said) == 1


def test_the_statement_that_ends_a_session_ends_it(blog: History) -> None:
    blog.revision(DROP, ADD)
    with another_session(blog.engine.url, "SELECT id FROM post") as reader:
        with pytest.raises(flask_rewind.Blocked) as error:
            flask_rewind.upgrade(budget=0)
        ending = error.value.hint.partition("end it (")[2].partition(");")[0]
        with another_session(blog.engine.url) as other:
            other.run(ending)
        flask_rewind.upgrade(budget=20)
        with pytest.raises(sa.exc.DBAPIError):
            reader.run("SELECT 1")


def test_several_sessions_are_named_the_oldest_first(blog: History) -> None:
    blog.revision(DROP, ADD)
    url, read = blog.engine.url, "SELECT id FROM post"
    with ExitStack() as stack:
        first, second, _ = (stack.enter_context(another_session(url, *each)) for each in ([read], [read], []))
        error = stack.enter_context(pytest.raises(flask_rewind.Blocked))
        flask_rewind.upgrade(budget=0)
    said = error.value.message
    assert said.count("session ") == 2
    assert said.index(f"session {first.number} of") < said.index(f"session {second.number} of")


@pytest.mark.parametrize("way", ["by the app", "by the command"])
def test_the_budget_is_a_setting_and_an_option(blog: History, way: str) -> None:
    blog.revision(DROP, ADD)
    arguments = ["db", "upgrade"]
    if way == "by the app":
        state = blog.app.extensions["migrate"]
        state.settings = type(state.settings)(budget=0)
    else:
        arguments += ["--budget", "0s"]
    with another_session(blog.engine.url, "SELECT id FROM post"), Heard() as heard:
        result = blog.app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1, result.output
    assert "it did not get a lock on post, " in result.output
    assert "Nothing of this revision was kept. Wait until that session has ended" in result.output
    assert heard.said == []
