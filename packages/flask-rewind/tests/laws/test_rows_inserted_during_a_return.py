"""Rows that others insert at the very moment when a column returns get no silent value."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import Refused
from histories import History
from lock_holders import another_session
from under_load.faults import Fault, fault_of

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb", "postgresql")]

MakeApp = Callable[..., Flask]
POST = """
op.create_table("post", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(20), nullable=False), mysql_charset="utf8mb4")"""
DROP = 'op.drop_column("post", "title")'
BACK = 'op.add_column("post", sa.Column("title", sa.String(20), nullable=False))'
NO_WAIT = {
    "mysql": "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
    "postgresql": "SET lock_timeout = '1ms'",
}
FILL = {"post.title": "'filled'"}


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url))
    made.revision(POST, "pass")
    flask_rewind.upgrade()
    made.run("INSERT INTO post VALUES (1, 'one')")
    return made


def hidden(blog: History) -> None:
    blog.revision(DROP, BACK)
    flask_rewind.upgrade()


def titles(blog: History, table: str = "post") -> dict[int, str | None]:
    return dict(blog.rows(f"SELECT id, title FROM {table}"))


@contextmanager
def inserting(blog: History, row: int, table: str = "post") -> Iterator[list[str]]:
    """Insert a row from another session just before the column returns; it does not wait for a lock.

    Gives the statements before which that was done.
    """
    seen: list[str] = []

    def insert(*arguments: Any) -> None:
        statement = arguments[2]
        if not seen and any(f"{word} _attic_1 " in statement for word in ("CHANGE", "RENAME")):
            seen.append(statement)
            with another_session(blog.engine.url, NO_WAIT[blog.engine.dialect.name]) as other:
                try:
                    other.run(f"INSERT INTO {table} (id) VALUES ({row})")
                except sa.exc.OperationalError as error:
                    assert fault_of(error) is Fault.AGAIN  # noqa: PT017 - otherwise it is inserted
                else:
                    other.keep()

    event = (blog.engine, "before_cursor_execute", insert)
    sa.event.listen(*event)
    try:
        yield seen
    finally:
        sa.event.remove(*event)


@pytest.mark.parametrize("earlier", [(), (3, 4)], ids=["first", "after others"])
def test_it_is_filled_or_not_inserted(blog: History, engine_name: str, earlier: tuple[int, ...]) -> None:
    hidden(blog)
    for row in earlier:
        blog.run(f"INSERT INTO post (id) VALUES ({row})")
    with inserting(blog, 2) as seen:
        flask_rewind.downgrade(fill=FILL)
    assert len(seen) == 1
    late = {2: "filled"} if engine_name == "mariadb" else {}
    assert titles(blog) == {1: "one"} | late | dict.fromkeys(earlier, "filled")


def test_without_a_value_the_move_is_refused_or_it_is_not_inserted(blog: History, engine_name: str) -> None:
    hidden(blog)
    with inserting(blog, 2) as seen:
        if engine_name == "mariadb":
            with pytest.raises(Refused, match="1 rows were inserted while it was hidden"):
                flask_rewind.downgrade()
            assert flask_rewind.status()[0].current == ("2",)
            blog.run("INSERT INTO post (id) VALUES (3)")
            flask_rewind.downgrade(fill=FILL)
        else:
            flask_rewind.downgrade()
    assert len(seen) == 1
    assert titles(blog) == {1: "one"} | ({2: "filled", 3: "filled"} if engine_name == "mariadb" else {})


def test_it_is_null_where_the_column_may_be(blog: History) -> None:
    blog.revision('op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))', "pass")
    path = blog.revision(BACK.replace("post", "note"), DROP.replace("post", "note"))
    flask_rewind.upgrade()
    blog.run("INSERT INTO note VALUES (1, 'one')")
    flask_rewind.downgrade()
    path.write_text(path.read_text().replace(", nullable=False", ""))
    with inserting(blog, 2, table="note") as seen:
        flask_rewind.upgrade()
    assert len(seen) == 1
    assert titles(blog, "note") == {1: "one", 2: None}
