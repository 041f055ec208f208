"""A crossing whose statement did not get a lock is taken back and begun anew: each try finds what the first found."""

import threading
from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History, everything, executed
from lock_holders import Heard, Session, another_session

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
DROP, ADD = 'op.drop_column("post", "note")', 'op.add_column("post", sa.Column("note", sa.String(20)))'
NOTHING = "pass"
RENAMING = executed("UPDATE author SET name = CONCAT(name, '!') WHERE id = 2")
TITLING = executed("UPDATE post SET title = CONCAT(title, '.')")
LOCKING = "SELECT * FROM author WHERE id = 2 FOR UPDATE"


def columns(blog: History) -> list[str]:
    found = [each["name"] for each in sa.inspect(blog.engine).get_columns("post")]
    return [name for name in found if not name.startswith("_attic_")]


def crossings(blog: History) -> list[str]:
    """Return the states of the crossings of revision 2, in order."""
    return [state for (state,) in blog.rows("SELECT state FROM rewind_crossings WHERE revision = '2' ORDER BY id")]


@pytest.mark.on("mariadb", "postgresql")
def test_a_row_that_another_session_has_changed_is_waited_for(blog: History, engine_name: str) -> None:
    blog.revision(f"{DROP}\n{TITLING}\n{RENAMING}", ADD)
    with another_session(blog.engine.url, LOCKING) as writer:

        def look() -> None:
            if "author" not in heard.said[-1]:  # MariaDB's statistics of a table are locked for a moment
                return
            assert columns(blog) == ["id", "title", "note"]
            assert blog.rows("SELECT title FROM post ORDER BY id") == [("one",), ("two",)]
            writer.end()

        with Heard(look) as heard:
            assert len(flask_rewind.upgrade().crossings) == 1
    (said,) = [each for each in heard.said if "author" in each]
    assert "Waiting for a lock on author, " in said
    assert f"held by session {writer.number} of root" in said
    assert columns(blog) == ["id", "title"]
    assert blog.rows("SELECT title FROM post ORDER BY id") == [("one.",), ("two.",)]
    assert blog.rows("SELECT name FROM author ORDER BY id") == [("Ann",), ("Bob!",)]
    assert crossings(blog) == (["taken back", "done"] if engine_name == "mariadb" else ["done"])
    flask_rewind.downgrade()
    assert blog.rows("SELECT note FROM post ORDER BY id") == [("a",), ("b",)]


@pytest.mark.on("mariadb", "postgresql")
def test_a_crossing_that_changes_rows_alone_is_begun_anew(blog: History) -> None:
    blog.revision(f"{executed('DELETE FROM author WHERE id = 1')}\n{RENAMING}", NOTHING)
    with another_session(blog.engine.url, LOCKING) as writer:

        def look() -> None:
            with another_session(blog.engine.url) as other:
                other.run_at_once("SELECT * FROM author WHERE id = 1 FOR UPDATE")
            writer.end()

        with Heard(look) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert blog.rows("SELECT name FROM author") == [("Bob!",)]
    moves = flask_rewind.log()
    assert [(each.outcome, [one.state for one in each.crossings]) for each in moves[:1]] == [("done", ["done"])]


BY_ORM = """
from sqlalchemy.orm import Session, registry
class Author:
    pass
author = sa.Table("author", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
registry().map_imperatively(Author, author)
with Session(op.get_bind()) as session:
    session.get(Author, 1).name = "Ann!"
    session.flush()
    session.get(Author, 2).name = "Bob!"
    session.commit()
"""


@pytest.mark.on("mariadb", "postgresql")
def test_objects_that_could_not_be_written_are_written_in_the_next_try(blog: History) -> None:
    blog.revision(f"{DROP}\n{BY_ORM}", NOTHING)
    with another_session(blog.engine.url, LOCKING) as writer:

        def look() -> None:
            assert columns(blog) == ["id", "title", "note"]
            writer.end()

        with Heard(look) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert columns(blog) == ["id", "title"]
    assert blog.rows("SELECT name FROM author ORDER BY id") == [("Ann!",), ("Bob!",)]
    assert [(each.outcome, each.after) for each in flask_rewind.log()[:1]] == [("done", ("2",))]
    assert crossings(blog)[-1] == "done"
    flask_rewind.upgrade()


@pytest.mark.on("mariadb", "postgresql")
def test_objects_of_the_first_revision_that_could_not_be_written(make_app: MakeApp, database_url: str) -> None:
    blog = History(make_app(database_url))
    blog.run("CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    blog.run("INSERT INTO author VALUES (1, 'Ann'), (2, 'Bob')")
    blog.revision(BY_ORM, NOTHING)
    with another_session(blog.engine.url, LOCKING) as writer, Heard(writer.end) as heard:
        flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert blog.rows("SELECT version_num FROM alembic_version") == [("1",)]
    assert [[each.state for each in move.crossings] for move in flask_rewind.log()] == [["done"]]


@pytest.mark.on("mariadb")
def test_a_statement_that_follows_ddl_waits_by_itself(blog: History) -> None:
    blog.revision(f"{DROP}\n{RENAMING}", ADD)
    with another_session(blog.engine.url, LOCKING) as writer, Heard(writer.end) as heard:
        flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert blog.rows("SELECT name FROM author ORDER BY id") == [("Ann",), ("Bob!",)]
    assert crossings(blog) == ["done"]


@pytest.mark.on("mariadb")
def test_rows_that_are_changed_permanently_let_the_statement_wait_by_itself(blog: History) -> None:
    first = executed("UPDATE author SET name = CONCAT(name, '?') WHERE id = 1")
    blog.revision(f"{first}\n{DROP}\n{RENAMING}", NOTHING)
    with another_session(blog.engine.url, LOCKING) as writer:

        def look() -> None:
            assert columns(blog) == ["id", "title"]
            writer.end()

        with Heard(look) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert blog.rows("SELECT name FROM author ORDER BY id") == [("Ann?",), ("Bob!",)]
    assert crossings(blog) == ["done"]


@pytest.mark.on("mariadb")
def test_rows_that_are_changed_permanently_are_named_when_the_budget_ends(blog: History) -> None:
    first = "UPDATE author SET name = CONCAT(name, '?') WHERE id = 1"
    blog.revision(f"{executed(first)}\n{DROP}\n{RENAMING}", NOTHING)
    with another_session(blog.engine.url, LOCKING), pytest.raises(flask_rewind.Blocked) as error:
        flask_rewind.upgrade(budget=0)
    assert f"had been committed, and the rows stay as they left them:\n  {first}\n" in error.value.hint
    assert error.value.hint.startswith("Wait until that session has ended, or end it (KILL ")
    assert columns(blog) == ["id", "title", "note"]
    flask_rewind.upgrade()
    assert columns(blog) == ["id", "title"]
    assert blog.rows("SELECT name FROM author ORDER BY id") == [("Ann?",), ("Bob!",)]


class Crossing:
    """Another session that waits for what the move has, while the move is about to wait for what that session has."""

    def __init__(self, blog: History, session: Session) -> None:
        self._thread = threading.Thread(target=session.run, args=("UPDATE post SET title = 'theirs' WHERE id = 1",))
        self._session = session
        self.started = 0
        sa.event.listen(blog.engine, "after_cursor_execute", self._see)

    def _see(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("UPDATE post SET title = 'ours'") and not self.started:
            self.started += 1
            self._thread.start()

    def keep(self) -> None:
        self._thread.join()
        self._session.keep()


@pytest.mark.on("mariadb", "postgresql")
def test_a_deadlock_is_given_way_to_and_the_crossing_begun_anew(blog: History, engine_name: str) -> None:
    blog.revision(f"{executed(*(f'''UPDATE {each}''' for each in OURS))}", NOTHING)
    with another_session(blog.engine.url) as other:
        # The server is to end the move's transaction and not this one.
        if engine_name == "postgresql":
            other.run("SET SESSION deadlock_timeout = '1min'")
        else:
            other.run("SET SESSION innodb_lock_wait_timeout = 100")
            other.run("INSERT INTO author (id, name) SELECT seq, 'new' FROM seq_10_to_500")
        other.run("UPDATE author SET name = 'theirs' WHERE id = 2")
        deadlock = Crossing(blog, other)
        with Heard(deadlock.keep) as heard:
            flask_rewind.upgrade()
    assert deadlock.started == len(heard.said) == 1
    assert blog.rows("SELECT title FROM post WHERE id = 1") == [("ours",)]
    assert blog.rows("SELECT name FROM author WHERE id = 2") == [("theirs!",)]
    assert [(each.outcome, [one.state for one in each.crossings]) for each in flask_rewind.log()[:1]] == [
        ("done", ["done"])
    ]


OURS = ("post SET title = 'ours' WHERE id = 1", "author SET name = CONCAT(name, '!') WHERE id = 2")


@pytest.mark.on("mariadb")
def test_the_way_back_is_waited_for_though_the_budget_is_at_its_end(blog: History) -> None:
    drop = 'op.drop_column("author", "name")'
    blog.revision(f"{drop}\n{DROP}", NOTHING)
    before = everything(blog.engine)
    with another_session(blog.engine.url, "SELECT 1 FROM post") as one, another_session(blog.engine.url) as other:

        def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if statement.startswith("ALTER TABLE `post`"):
                other.run("SELECT 1 FROM author")

        sa.event.listen(blog.engine, "before_cursor_execute", see)
        with Heard(other.end) as heard, pytest.raises(flask_rewind.Blocked, match="a lock on post"):
            flask_rewind.upgrade(budget=0)
        one.end()
    assert len(heard.said) == 1
    assert heard.said[0].startswith("Waiting for a lock on author")
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None
