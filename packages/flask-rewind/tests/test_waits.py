"""A move waits for locks that other sessions hold only briefly each time, says who holds them, and gives up in time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History, everything, executed

MakeApp = Callable[..., Flask]
ON_SERVERS = pytest.mark.on("mariadb", "postgresql")

POST = """
op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(40)),
    sa.Column("note", sa.String(20)))
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))"""
DROP, ADD = 'op.drop_column("post", "note")', 'op.add_column("post", sa.Column("note", sa.String(20)))'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(POST, "pass")
    flask_rewind.upgrade()
    made.run("INSERT INTO post VALUES (1, 'one', 'a'), (2, 'two', 'b')")
    made.run("INSERT INTO author VALUES (1, 'Ann')")
    return made


class Heard(logging.Filter):
    """Does something when a move says that it waits. No handler: env.py's logging settings take those away."""

    def __init__(self, then: Callable[[], Any] = lambda: None) -> None:
        super().__init__()
        self.then = then
        self.said: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if "aiting for" in record.getMessage():
            self.said.append(record.getMessage())
            self.then()
        return True

    def __enter__(self) -> "Heard":
        logging.getLogger("alembic.runtime.migration").addFilter(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        logging.getLogger("alembic.runtime.migration").removeFilter(self)


class Session:
    """Another session, with a transaction open."""

    def __init__(self, connection: sa.Connection, number: int) -> None:
        self.connection = connection
        self.number = number

    def run(self, statement: str) -> None:
        self.connection.exec_driver_sql(statement)

    def end(self) -> None:
        self.connection.rollback()


@contextmanager
def another(blog: History, *statements: str) -> Iterator[Session]:
    asked = {"mysql": "SELECT CONNECTION_ID()", "postgresql": "SELECT pg_backend_pid()"}
    with blog.engine.connect() as connection:
        number = connection.scalar(sa.text(asked.get(blog.engine.dialect.name, "SELECT 0")))
        session = Session(connection, number or 0)
        connection.rollback()
        for statement in statements:
            session.run(statement)
        yield session


@ON_SERVERS
def test_a_move_names_who_is_in_its_way_and_goes_on_when_that_session_ends(blog: History) -> None:
    blog.revision(DROP, ADD)
    with another(blog, "SELECT id FROM post") as reader, Heard(reader.end) as heard:
        flask_rewind.upgrade()
    assert len(heard.said) == 1
    print(heard.said)
    assert "Waiting for a lock on post" in heard.said[0]
    assert f"session {reader.number} of root from " in heard.said[0]
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("post")][:2] == ["id", "title"]


@ON_SERVERS
def test_a_budget_that_ends_takes_the_crossing_back(blog: History) -> None:
    blog.revision(f'op.rename_table("author", "writer")\n{DROP}', f'{ADD}\nop.rename_table("writer", "author")')
    before = everything(blog.engine)
    with another(blog, "SELECT id FROM post") as reader, pytest.raises(flask_rewind.Blocked) as error:
        flask_rewind.upgrade(budget=0)
    print(error.value.format_message())
    assert f"session {reader.number} of root from " in error.value.message
    assert "Nothing of this revision was kept." in error.value.hint
    assert everything(blog.engine) == before
