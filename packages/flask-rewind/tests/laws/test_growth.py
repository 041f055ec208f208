"""The number of rows that a move reads grows at most linearly with the rows: every join on rows uses an index."""

from collections.abc import Callable
from sqlite3 import SQLITE_LIMIT_COLUMN

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.registry import describe
from histories import History, executed, in_batch
from rows_read import RowsRead, insert_numbered

MakeApp = Callable[..., Flask]

TENFOLD = 20
"""If an index finds every row, ten times the rows cost about ten times as much; without one, a hundred times."""
FEW = 24
"""The limit of columns on SQLite for tests with a full table."""

KEYS = {"number": "id INTEGER PRIMARY KEY", "text": "id VARCHAR(30) NOT NULL PRIMARY KEY"}
KEYS["two"] = "id INTEGER NOT NULL, kind VARCHAR(9) DEFAULT 'a' NOT NULL, PRIMARY KEY (id, kind)"
ADD = 'op.add_column("post", sa.Column("slug", sa.String(60)))'
FILL = executed("UPDATE post SET slug = lower(title)")
DROP = 'op.drop_column("post", "slug")'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


def created(key: str, *columns: str, table: str = "post") -> str:
    key, _, constraint = key.partition(", PRIMARY KEY")
    parts = [key, "title VARCHAR(60)", *columns, *([f"PRIMARY KEY{constraint}"] if constraint else [])]
    return executed(f"CREATE TABLE {table} ({', '.join(parts)})")


def rebuilt(key: str, *columns: str) -> str:
    moved = executed("INSERT INTO new (id, title) SELECT id, title FROM post", "DROP TABLE post")
    return "\n".join([created(key, *columns, table="new"), moved, 'op.rename_table("new", "post")'])


def reads(blog: History, most: int, *targets: str) -> tuple[int, int]:
    """Return how many rows a move to the targets reads if ``post`` has a tenth of `most` rows, and if it has all."""
    read, found = RowsRead(blog.engine), []
    for rows in (most // 10, most):
        blog.run("DELETE FROM post")
        insert_numbered(blog.engine, rows, "post (id, title, slug)", "n, 'Title', 'mine'")
        read.taken()
        for target in targets:
            flask_rewind.checkout(revision=target)
        found.append(read.taken())
        assert blog.rows("SELECT count(*) FROM post WHERE slug = 'mine'") == [(rows,)]
    return found[0], found[1]


def grow_with_the_rows(found: tuple[int, int]) -> bool:
    few, many = found
    return 0 < few < many <= TENFOLD * few


@pytest.mark.parametrize(
    ("key", "most"),
    [
        ("number", 10_000),
        pytest.param("number", 100_000, marks=pytest.mark.slow),
        pytest.param("text", 10_000, marks=pytest.mark.slow),
        pytest.param("two", 10_000, marks=pytest.mark.slow),
    ],
)
def test_a_column_that_its_script_fills_again(blog: History, key: str, most: int) -> None:
    blog.revision(created(KEYS[key]), 'op.drop_table("post")')
    blog.revision(f"{ADD}\n{FILL}", DROP)
    flask_rewind.upgrade()
    assert grow_with_the_rows(reads(blog, most, "1", "2"))


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_a_column_hidden_in_a_table_that_was_rebuilt_since(blog: History, key: str) -> None:
    blog.revision(created(KEYS[key], "slug VARCHAR(60)"), 'op.drop_table("post")')
    blog.revision(DROP, ADD)
    blog.revision(*[rebuilt(KEYS[key])] * 2)
    flask_rewind.upgrade(revision="1")
    assert grow_with_the_rows(reads(blog, 10_000, "3", "1"))


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.on("sqlite")  # a full table of MariaDB is too wide to be quick
def test_a_column_that_makes_way_for_another(blog: History, key: str) -> None:
    sa.event.listen(blog.engine, "connect", lambda driver, _: driver.setlimit(SQLITE_LIMIT_COLUMN, FEW))
    others = [f"c{number} INTEGER" for number in range(FEW - 3 - KEYS[key].count("kind V"))]
    made = created(KEYS[key], "slug VARCHAR(60)", *others)
    blog.revision(made, 'op.drop_table("post")')
    blog.revision(f'{DROP}\nop.add_column("post", sa.Column("c", sa.Integer))', f'op.drop_column("post", "c")\n{ADD}')
    blog.revision(*[rebuilt(KEYS[key], *others, "c INTEGER")] * 2)
    flask_rewind.upgrade(revision="1")
    assert grow_with_the_rows(reads(blog, 10_000, "2", "1", "3", "1"))


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_another_type(blog: History, key: str) -> None:
    blog.revision(created(KEYS[key], "slug VARCHAR(60)", "n VARCHAR(9)"), 'op.drop_table("post")')
    using = 'existing_type=sa.{}, type_=sa.{}, postgresql_using="n::{}"'
    blog.revision(
        in_batch(f'alter_column("n", {using.format("String(9)", "Integer()", "integer")})'),
        in_batch(f'alter_column("n", {using.format("Integer()", "String(9)", "varchar")})'),
    )
    flask_rewind.upgrade(revision="1")
    assert grow_with_the_rows(reads(blog, 10_000, "2", "1"))


@pytest.mark.on("mariadb")
def test_a_schema_is_read_without_looking_into_other_databases(blog: History) -> None:
    asked: list[str] = []
    with blog.engine.connect() as connection:
        sa.event.listen(
            connection, "before_cursor_execute", lambda _conn, _cursor, statement, *_: asked.append(statement)
        )
        describe(connection)
    plans = [row[-1] for each in asked if "information_schema" in each for row in blog.rows(f"EXPLAIN {each}")]
    assert plans
    assert not [plan for plan in plans if "all databases" in plan]
